/** Joining blocks of land: what is too small, what belongs together, what is divided only where there is need. */
#ifndef WG_GEO_MERGE_H
#define WG_GEO_MERGE_H

#include "core/status.h"
#include "geo/plane.h"

/** A block's line along another block, by rank of the barrier there (0: none). */
typedef struct wg_contact {
    uint32_t other;
    double length[10]; /**< grid steps, lines that may be crossed */
    double hard;       /**< length of lines that may not */
} wg_contact;

typedef struct wg_plot {
    double area, perimeter; /**< grid steps squared, grid steps */
    uint32_t n_buildings;
    uint32_t compound, dedicated, surface, given; /**< WG_NONE: none */
    bool strip; /**< narrow land without buildings along a compound: stays by itself */
    wg_ipt at;  /**< somewhere on its outline */
    wg_contact *contact;
    size_t n_contacts, capacity;
} wg_plot;

/** Plots and what they sum to; joined plots are found through `parent`. */
typedef struct wg_plots {
    wg_plot *plot;
    uint32_t n;
    uint32_t *parent;
    double *weight; /**< n * n_weights */
    uint32_t n_weights;
    uint32_t *mark;   /**< n, scratch: all WG_NONE between calls */
    uint32_t *merged; /**< slivers that were merged, in order */
    size_t n_merged, merged_capacity;
} wg_plots;

typedef struct wg_merge_rules {
    double sliver_area, sliver_width; /**< grid units; width only counts where nobody lives */
    const double *heavy;              /**< n_weights; NAN: any weight is fine */
    const double *compound_heavy;     /**< n_weights */
    const bool *compound_open;        /**< a compound: not made whole whatever it weighs; NULL: none */
    double strip_width;               /**< narrower land along a compound is a strip; 0: none is */
    double area_cap;                  /**< largest piece that light blocks are joined to; INFINITY: none */
} wg_merge_rules;

wg_status wg_plots_init(wg_context *ctx, wg_plots *plots, uint32_t n, uint32_t n_weights);
void wg_plots_release(wg_plots *plots);
/** Add a stretch of common line. */
wg_status wg_plots_touch(wg_context *ctx, wg_plots *plots, uint32_t a, uint32_t b, double length, uint8_t rank,
                         bool hard);
/** Join only what is too small or too narrow. */
wg_status wg_plots_merge_slivers(wg_context *ctx, wg_plots *plots, const wg_merge_rules *rules);
/** Join what the rules ask for. O(n log n) for plots with few neighbours. */
wg_status wg_plots_merge(wg_context *ctx, wg_plots *plots, const wg_merge_rules *rules);

#endif
