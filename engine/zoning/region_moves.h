/** What the moves that redraw whole cells share: a region taken from the plan, changed, judged, given back. Private. */
#ifndef WG_ZONING_REGION_MOVES_H
#define WG_ZONING_REGION_MOVES_H

#include "zoning/instance.h"

enum { WG_SCAN_UNITS = 512 /**< up to here a cell is found by a look at all labels, which is faster than a search */ };

/**
 * Add the units of cell c to the list by a search from its border: those with mark[v] == stamp are in it already, and
 * those that come are marked. @return how long the list is then. O(cut edges + edges of the cell)
 */
uint32_t wg_region_search(const wg_state *state, uint32_t c, uint32_t *unit, uint32_t n, uint32_t *mark,
                          uint32_t stamp);
/** Add the units of cell c to the region; @return false where it has a locked one, or none */
bool wg_region_take(const wg_state *state, wg_tree *tree, uint32_t c);
/** The region's units and labels, to go back to: tree->region, tree->before. */
void wg_region_remember(const wg_state *state, wg_tree *tree);
void wg_region_take_back(wg_state *state, const wg_tree *tree, uint32_t n);

/** Move v to cell c where it is not there yet. */
static inline void wg_state_put(wg_state *state, uint32_t v, uint32_t c) {
    if (state->label[v] != c) {
        wg_state_move(state, v, c);
    }
}

/** What annealing compares: the score, and what breaks hard limits or keeps apart units together, at its weight. */
static inline double wg_state_energy(const wg_state *state, double penalty) {
    return state->key.score + penalty * (state->key.excess + state->key.conflicts);
}

#endif
