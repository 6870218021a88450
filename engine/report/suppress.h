/** Small counts are hidden, and so much else that nobody finds them by subtraction. */
#ifndef WG_REPORT_SUPPRESS_H
#define WG_REPORT_SUPPRESS_H

#include "report/report.h"

/** The values at `parts` (and perhaps something known) add up to the value at `whole`. */
typedef struct wg_sum_rule {
    uint32_t whole;  /**< WG_UNASSIGNED: a total that everybody knows */
    size_t first, n; /**< parts: items first .. first + n - 1 of the list of parts */
} wg_sum_rule;

typedef struct wg_sum_rules {
    wg_sum_rule *rules;
    size_t n, capacity;
    uint32_t *parts;
    size_t n_parts, parts_capacity;
} wg_sum_rules;

wg_status wg_sum_rules_add(wg_context *ctx, wg_sum_rules *rules, uint32_t whole, const uint32_t *parts, size_t n);
void wg_sum_rules_release(wg_sum_rules *rules);
/** Every way in which the areas of one level add up to those of a level above. */
wg_status wg_sum_rules_of_tree(wg_context *ctx, const wg_report_tree *tree, wg_sum_rules *rules);

/**
 * Mark what to hide: each value above 0 and below `least`, and complements until in every sum that has a hidden member
 * at least two are hidden and, where its whole is seen, the hidden parts together reach `least`. Complements are the
 * smallest values first. Where sums form a tree no hidden value can then be derived (each lies on a path of hidden
 * values from one end of the tree to another).
 *
 * @param values  n_figures arrays of n that are shown or hidden together; NaN is nothing
 * @param[in,out] hidden  n; what is marked already stays
 */
wg_status wg_suppress(wg_context *ctx, const double *const *values, size_t n_figures, size_t n,
                      const wg_sum_rules *rules, double least, bool *hidden);

/**
 * Hide small counts of people, households, incidents and organisations in a finished report, with everything that is
 * computed from them: hidden figures become NaN in `area` and, for cells, in `place`.
 */
wg_status wg_report_suppress(wg_context *ctx, wg_report_model *report, uint32_t least);

#endif
