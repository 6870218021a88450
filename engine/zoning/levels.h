/** Levels of contracted units, and plans that compete on them. Private to zoning. */
#ifndef WG_ZONING_LEVELS_H
#define WG_ZONING_LEVELS_H

#include "zoning/instance.h"

enum {
    WG_LEVELS_MAX = 24,
    WG_BEST_PLANS = 8 /**< that are kept to be mixed */
};

/** Instances from fine to coarse: level 0 is what is to be solved. */
typedef struct wg_levels {
    const wg_instance *fine[WG_LEVELS_MAX + 1];
    wg_instance *made[WG_LEVELS_MAX]; /**< fine[i + 1], owned */
    uint32_t *map[WG_LEVELS_MAX];     /**< units of fine[i] to those of fine[i + 1] */
    uint32_t n;                       /**< coarser levels */
} wg_levels;

/**
 * Coarsen until few units a cell are left. O(n + m). Free with wg_levels_release, also after an error.
 *
 * @param label  of level 0: no coarse unit has two of them; NULL: free
 */
wg_status wg_levels_make(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *label, wg_levels *l);
void wg_levels_release(wg_levels *l);

/** Labels of level i + 1 become labels of level i, in place. */
void wg_levels_bring_down(const wg_levels *l, uint32_t i, uint32_t *label);

/** A plan and what it is worth. */
typedef struct wg_contestant {
    uint32_t *label; /**< room for the finest level, owned */
    wg_zi_key key;
} wg_contestant;

/** The best plans so far, best first. */
typedef struct wg_best {
    wg_contestant plan[WG_BEST_PLANS];
    uint32_t n;
} wg_best;

void wg_best_release(wg_best *best);
/** Take the plan where it is among the best; its labels are taken over then, and NULL after. */
void wg_best_take(wg_best *best, wg_contestant *plan);

/**
 * Many short plans on the coarsest level, fewer and fewer on the finer ones; the last go into `best`. Once `best` has
 * enough of them (`mix`), the levels are made within the pieces that all of its plans keep together.
 *
 * @param budget       steps
 * @param[out] enough  false: the steps do not suffice for a contest, or nothing can be contracted; then nothing is done
 */
wg_status wg_hold_contest(wg_search *search, const wg_instance *in, uint32_t k, bool mix, double budget, wg_best *best,
                          bool *enough);

#endif
