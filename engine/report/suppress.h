/** Small counts are hidden, and so much else that nobody finds them by subtraction. */
#ifndef WG_REPORT_SUPPRESS_H
#define WG_REPORT_SUPPRESS_H

#include "report/report.h"

/** A part that is taken off instead of added; or-ed to its item. */
#define WG_SUM_MINUS (UINT32_C(1) << 31)

/** The values at `parts` add up to the value at `whole`. */
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
/**
 * Every way in which the areas of one level add up to those of a level above, also where levels cross: an area that
 * lies in several areas above is a part of none, and an area that has cells outside its parts is no sum of them. What
 * the parts leave of a whole is an item of its own, the rule's last part.
 *
 * @param first         item of area 0; the others follow
 * @param[in,out] next  number of the next free item: each rest takes one
 */
wg_status wg_sum_rules_of_tree(wg_context *ctx, const wg_report_tree *tree, uint32_t first, uint32_t *next,
                               wg_sum_rules *rules);
/** Fill in the values of the rests: items from `first_rest` on that are the last part of a rule. */
void wg_sum_rules_rests(const wg_sum_rules *rules, uint32_t first_rest, double *values);

/** What is shown and hidden together. */
typedef struct wg_suppression {
    const double *const *values; /**< n_figures arrays of n; NaN is nothing */
    size_t n_figures, n;
    size_t n_free; /**< items from here on are no published figures: they are protected, but cannot be hidden */
    double least;
} wg_suppression;

/**
 * Mark what to hide: each value above 0 and below `least`, and complements until no hidden value follows from those
 * that are shown. Complements are the smallest values first. In every sum that has a hidden member at least two are
 * hidden and, where its whole is seen, the hidden parts together reach `least`; then wg_sum_rules_found looks for
 * values that all sums together still give away, and further complements go.
 *
 * @param[in,out] hidden  n; what is marked already stays
 */
wg_status wg_suppress(wg_context *ctx, const wg_suppression *what, const wg_sum_rules *rules, bool *hidden);

/**
 * Which hidden values all sums together determine. A value is determined where every change of the hidden values that
 * leaves all sums as they are leaves it as it is: one random such change, a projection onto the null space of the sums
 * by conjugate gradients (Hestenes and Stiefel 1952), is looked at. A value that the change leaves within rounding is
 * taken for determined.
 *
 * @param[out] found  n: hidden and determined. O(parts of sums with hidden members * iterations)
 */
wg_status wg_sum_rules_found(wg_context *ctx, const wg_sum_rules *rules, const bool *hidden, size_t n, bool *found);

/** Hide small counts of special classes in `classes` of the model. @param[out] mask  areas whose total goes too */
wg_status wg_report_suppress_classes(wg_context *ctx, const wg_report_model *report, double least, bool *mask);

/**
 * Hide small counts of people, households, incidents and organisations in a finished report, with everything that is
 * computed from them: hidden figures become NaN in `area` and, for cells, in `place`. Hot spots are computed anew from
 * what is shown.
 */
wg_status wg_report_suppress(wg_context *ctx, wg_report_model *report, uint32_t least);

#endif
