/** Land in no cell and land in two: found by SQL in the plan. */
#ifndef WG_REPORT_TERRITORY_H
#define WG_REPORT_TERRITORY_H

#include "model/layer.h"

struct wg_store;

typedef struct wg_territory {
    wg_layer *gaps;     /**< community, area_m2, bld, hh, pop; a polygon each piece of land in no cell */
    wg_layer *overlaps; /**< community, a, b (codes), area_m2, bld, hh, pop */
} wg_territory;

/**
 * Compare communities with cells in an open plan. Pieces below `least_m2` are noise of the arithmetic and left out.
 * @param crs  of the new layers
 */
wg_status wg_territory_find(wg_context *ctx, struct wg_store *store, const char *crs, double least_m2,
                            wg_territory *territory);
/** Count what lies there: buildings whose centroid is in the piece. Fills bld, hh, pop. O(pieces * buildings near them)
 */
wg_status wg_territory_count(wg_context *ctx, wg_territory *territory, const wg_layer *buildings);
void wg_territory_release(wg_territory *territory);

#endif
