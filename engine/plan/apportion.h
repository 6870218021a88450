/** Whole numbers in proportion to weights. Internal to engine/plan. */
#ifndef WG_PLAN_APPORTION_H
#define WG_PLAN_APPORTION_H

#include "core/status.h"

/**
 * Divide `total` by largest remainder (Hamilton): share[i] is within 1 of total · weight[i] / Σ weight, and all sum to
 * `total` exactly. Ties go to the lower index; a weight of 0 gets nothing. O(n log n) time, O(n) scratch.
 * @param weight  n weights >= 0, finite, at least one above 0
 * @param total   >= 0
 */
wg_status wg_apportion(wg_context *ctx, int64_t total, const double *weight, size_t n, int64_t *share);

#endif
