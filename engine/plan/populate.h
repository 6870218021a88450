/** The inside of wg_populate: buildings and what they weigh, zones and what they hold. Internal to engine/plan. */
#ifndef WG_PLAN_POPULATE_H
#define WG_PLAN_POPULATE_H

#include "io/fields.h"
#include "io/raster.h"
#include "model/exceptions.h"

enum { WG_FIGURES = 4 }; /**< households, population, registered, floating, in this order */
extern const wg_role wg_figure_role[WG_FIGURES];

/** Where a building's figures come from. */
typedef enum wg_figure_from {
    WG_FROM_NONE = 0, /**< outside all zones */
    WG_FROM_GIVEN,    /**< the building's own */
    WG_FROM_ZONE,
    WG_FROM_RASTER,
    WG_FROM_EXCLUDED, /**< nobody lives there */
    WG_FROM_FALLBACK  /**< the zone has nobody's dwelling: spread over all of its buildings */
} wg_figure_from;

typedef struct wg_spread {
    const wg_populate_options *options;
    wg_layer *source;            /**< as read */
    wg_layer *metric;            /**< the same rows in metres */
    char *crs;                   /**< of `metric` */
    wg_fields fields;            /**< of the buildings */
    double *xy;                  /**< a point a building; NAN without geometry */
    double *weight;              /**< lived-in floor area, m² */
    double *floor_area;          /**< all floor area, m² */
    uint32_t *zone;              /**< row of the zones, or WG_UNASSIGNED */
    double *known[WG_FIGURES];   /**< NAN: not known; NULL: no field */
    int64_t *figure[WG_FIGURES]; /**< the result; -1: unknown. NULL: this figure is not made */
    uint8_t *from;               /**< wg_figure_from */
    double people_per_household;
    wg_exceptions exceptions;
    uint64_t unmet; /**< totals that the buildings do not add up to */
    uint64_t zones, fallback_zones, outside, excluded;
    double total[WG_FIGURES], placed[WG_FIGURES];
    uint64_t compared;               /**< buildings whose own figure the model was compared with */
    double compare_abs, compare_sum; /**< of households, else population: Σ |model − own|, Σ own */
    char *totals_label;
} wg_spread;

wg_status wg_populate_read(wg_context *ctx, wg_spread *p);
void wg_populate_release(wg_spread *p);
/** Spread the totals of polygons or of a table by community. */
wg_status wg_populate_zones(wg_context *ctx, wg_spread *p);
/** Spread the counts of a raster. */
wg_status wg_populate_raster(wg_context *ctx, wg_spread *p);
wg_status wg_populate_write(wg_context *ctx, const wg_spread *p, const char *const *zone_name);

/**
 * Spread a figure's total over `n` buildings by weight: their own figures stay and are taken from the total first.
 * @param rows  indexes of the buildings
 */
wg_status wg_populate_spread(wg_context *ctx, wg_spread *p, int figure, double total, const size_t *rows, size_t n,
                             const char *zone_name);
/** Make room for a figure, all unknown. */
wg_status wg_populate_make(wg_context *ctx, wg_spread *p, int figure);

#endif
