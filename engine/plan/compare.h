/** Two cell layers over the same land: what became of every cell. Internal to engine/plan. */
#ifndef WG_PLAN_COMPARE_H
#define WG_PLAN_COMPARE_H

#include "geo/overlay.h"
#include "model/layer.h"
#include "plan/row.h"

/** A cell layer in the working CRS, with the figures that the buildings give it. */
typedef struct wg_compared {
    wg_layer *layer;
    char *label;                                        /**< what people call it: "plan.sqlite: cells" */
    uint32_t code, name;                                /**< columns; UINT32_MAX: none */
    double *area, *perimeter, *households, *population; /**< a row */
    uint32_t *cell_of;                                  /**< a building: row, or WG_UNASSIGNED */
} wg_compared;

typedef struct wg_compared_buildings {
    wg_layer *layer; /**< NULL: none were given */
    uint32_t id;
    double *households, *population; /**< 0 where unknown */
    bool has_households, has_population;
} wg_compared_buildings;

/** Land, households and people that an old and a new cell share. */
typedef struct wg_crosswalk {
    uint32_t a, b;
    uint32_t piece; /**< row of the pieces; WG_UNASSIGNED: a building's largest shares, no common land */
    double area, households, population;
} wg_crosswalk;

typedef enum wg_change {
    WG_CHANGE_KEPT = 0,
    WG_CHANGE_ADJUSTED,
    WG_CHANGE_SPLIT,
    WG_CHANGE_MERGED,
    WG_CHANGE_NEW,
    WG_CHANGE_RETIRED
} wg_change;
enum { WG_N_CHANGES = 6 };
const char *wg_change_name(wg_change change, wg_lang lang);

typedef struct wg_comparison {
    const wg_compared *a, *b;
    wg_crosswalk *cross; /**< by a, then b */
    size_t n_cross;
    wg_layer *pieces;    /**< common land of the pairs */
    uint32_t *partner_a; /**< an old cell: the new one that continues it, or WG_UNASSIGNED */
    uint32_t *partner_b;
    uint8_t *change_a, *change_b; /**< wg_change */
    uint32_t *main_a, *main_b;    /**< the cell of the other layer that shares most, or WG_UNASSIGNED */
    double moved_households, moved_population, moved_area, households, population; /**< moved: not in the partner */
} wg_comparison;

/** Area and perimeter of each cell, its buildings by their largest share, and what these add up to. `of` has its layer.
 */
wg_status wg_compared_measure(wg_context *ctx, const wg_compared_buildings *buildings, wg_compared *of);
void wg_compared_release(wg_compared *of);

/** Compare b with a. The arguments are borrowed as long as the comparison lives. */
wg_status wg_comparison_make(wg_context *ctx, const wg_compared *a, const wg_compared *b,
                             const wg_compared_buildings *buildings, wg_comparison *comparison);
void wg_comparison_release(wg_comparison *comparison);

/** The change ledger, the crosswalk, the letters, the moved pieces. New layers named as the files are. */
wg_status wg_comparison_ledger(wg_context *ctx, const wg_comparison *comparison, wg_lang lang, wg_layer **layer);
wg_status wg_comparison_crosswalk(wg_context *ctx, const wg_comparison *comparison, wg_layer **layer);
/**
 * Rows of a crosswalk: old, new (both texts; one NULL: what lies in no cell of the other layer, so that the rows of
 * every cell add up to it), continues, area_m2, area_pct (of the old cell), households, hh_pct, population, pop_pct.
 * @param network  text of the column "network"; NULL: there is no such column
 */
wg_status wg_comparison_put_crosswalk(const wg_comparison *comparison, const char *network, wg_row *at);
wg_status wg_comparison_letters(wg_context *ctx, const wg_comparison *comparison,
                                const wg_compared_buildings *buildings, wg_layer **layer);
wg_status wg_comparison_pieces(wg_context *ctx, const wg_comparison *comparison, wg_layer **layer);

/** Share of households (of land where there are none) whose cell of a does not lie in one cell of b. */
wg_status wg_comparison_not_nested(wg_context *ctx, const wg_comparison *comparison, double *share);
/** A table of how every cell of a lies in b: in which cell most of it is, and whether all. */
wg_status wg_nesting_new(wg_context *ctx, wg_layer **layer);
wg_status wg_comparison_nesting(wg_context *ctx, const wg_comparison *comparison, wg_layer *layer);
/** Polygons that a network leaves out or covers twice. */
wg_status wg_gaps_new(wg_context *ctx, const char *crs, wg_layer **layer);
wg_status wg_compared_gaps(wg_context *ctx, const wg_compared *of, const wg_overlay *overlay, wg_layer *layer);

/** @return code of a cell, or its feature number in `text` */
const char *wg_compared_code(const wg_compared *cells, uint32_t row, char text[32]);

#endif
