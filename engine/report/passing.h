/** Which buildings a track passes: distance from lines to footprints, by a grid of buckets. */
#ifndef WG_REPORT_PASSING_H
#define WG_REPORT_PASSING_H

#include "model/layer.h"

typedef struct wg_passing wg_passing;

/**
 * @param buildings  polygons, points or lines in metres; borrowed as long as the index lives
 * @param reach_m    a building counts as passed at this distance from its footprint or less; above 0
 */
wg_status wg_passing_new(wg_context *ctx, const wg_layer *buildings, double reach_m, wg_passing **passing);
void wg_passing_free(wg_passing *passing);

/** Called for each building passed, in ascending order of rows. */
typedef void (*wg_passed_fn)(uint32_t building, void *user);
/** Buildings along the way from `from` to `to` (equal: at a point). O(buildings near it * their vertices) */
wg_status wg_passing_along(wg_context *ctx, wg_passing *passing, const double from[2], const double to[2],
                           wg_passed_fn passed, void *user);

#endif
