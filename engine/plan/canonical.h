/** The same land, the same rows in the same order, whatever format it came in. Internal to engine/plan. */
#ifndef WG_PLAN_CANONICAL_H
#define WG_PLAN_CANONICAL_H

#include "model/layer.h"

/**
 * Give a layer in metres an order and a direction that do not come from its file: rows by the text of `key`
 * (UINT32_MAX: none), then by where they lie to the millimetre, then as they were; outer rings counterclockwise, holes
 * clockwise. Shapefiles turn rings, spatially indexed formats reorder rows. O(n log n)
 */
wg_status wg_plan_canonical(wg_context *ctx, wg_layer *layer, uint32_t key);

#endif
