/** Plans from nothing and plans made better: what the searches on one level and on many share. Private to zoning. */
#ifndef WG_ZONING_CHAINS_H
#define WG_ZONING_CHAINS_H

#include <math.h>

#include "zoning/instance.h"

#define WG_WORST_KEY ((wg_zi_key){UINT32_MAX, UINT32_MAX, INFINITY, INFINITY}) /**< every plan is better */

enum { WG_LARGE_RARER = 2 /**< steps between re-splits of large instances, over those of small ones: they are dear */ };

/** Effort 5 is 1; each step up or down is a factor of 1.8. */
double wg_effort_factor(const wg_search *search);

/** Does less than about one average unit fit between the ends of the tightest limit? Most plans that one meets are out
 * then, and most moves leave what is allowed. */
bool wg_is_narrow(const wg_instance *in);

/** Construction number `which` of those that the instance offers. */
wg_status wg_construct(wg_search *search, const wg_instance *in, uint32_t k, uint32_t which, uint32_t *label);

/** What `label` is worth, computed from nothing. O(n + m). */
wg_status wg_judge(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *label, wg_zi_key *key);

/** Anneal from `label`; the better plan of before and after is in `label` and `key`. */
wg_status wg_improve(wg_search *search, const wg_instance *in, uint32_t k, const wg_anneal_plan *plan, uint32_t *label,
                     wg_zi_key *key);

/**
 * Combine two plans (Sanders and Schulz 2012): what both keep together becomes one unit; on that small instance the
 * search begins at the first plan, so that the result is no worse. `label` and `key` hold the first plan, then the
 * result.
 */
wg_status wg_combine(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *other, uint32_t *label,
                     wg_zi_key *key);

/**
 * Chains, each a little longer than the last. They end when the steps are spent, or when the best plan was found from
 * nothing so often that another is unlikely.
 *
 * @param start  where the first begins; NULL: a construction
 */
wg_status wg_run_chains(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *start, wg_outcome *out);

/** Large instances: plans found on contracted units and brought down level by level. */
wg_status wg_run_levels(wg_search *search, const wg_instance *in, uint32_t k, wg_outcome *out);

/**
 * Draw a few neighbouring cells anew as a problem of their own, from what they are or from nothing. `label` and `key`
 * hold the plan, and then one that is no worse. For three cells and more, without present ones.
 *
 * @param steps  of annealing, a unit of the region. O(n + m) beside them
 */
wg_status wg_redraw_region(wg_search *search, const wg_instance *in, uint32_t k, double steps, uint32_t *label,
                           wg_zi_key *key);

#endif
