/** Which new cell continues which old one: the pairing under which most stays where it was. */
#ifndef WG_PLAN_MATCH_H
#define WG_PLAN_MATCH_H

#include "core/status.h"

/**
 * Assignment of rows to columns, each at most once, with the largest sum of weights (Kuhn 1955, in the shortest
 * augmenting path form with potentials). Pairs of weight 0 are not made. Ties go to the lower row and column.
 *
 * @param weight  n_rows * n_columns, >= 0 and finite
 * @param[out] column  caller's array of n_rows: its column, or WG_UNASSIGNED
 * @return WG_OK or WG_ENOMEM; O(min² · max) time
 */
wg_status wg_match(wg_context *ctx, uint32_t n_rows, uint32_t n_columns, const double *weight, uint32_t *column);

#endif
