/** Re-split of two or three cells, merge and split: proposals that are applied, judged, and taken back. */
#include <math.h>
#include <string.h>

#include "zoning/region_moves.h"

/** A unit of cell c that is at its border; WG_UNASSIGNED: none. O(cut edges). */
static uint32_t unit_at_border(const wg_state *state, uint32_t c) {
    const wg_instance *in = state->in;
    for (uint32_t i = 0; i < state->n_cut; i++) {
        const size_t e = state->cut[i];
        const uint32_t u = in->ends[2 * e], v = in->ends[2 * e + 1];
        if (state->label[u] == c || state->label[v] == c) {
            return state->label[u] == c ? u : v;
        }
    }
    return WG_UNASSIGNED;
}

uint32_t wg_region_search(const wg_state *state, uint32_t c, uint32_t *unit, uint32_t n, uint32_t *mark,
                          uint32_t stamp) {
    const wg_instance *in = state->in;
    const uint32_t from = unit_at_border(state, c);
    uint32_t i = n;
    if (from != WG_UNASSIGNED) {
        mark[from] = stamp;
        unit[n++] = from;
    }
    for (; i < n; i++) {
        const uint32_t v = unit[i];
        for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
            const uint32_t w = in->to[h];
            if (state->label[w] == c && mark[w] != stamp) {
                mark[w] = stamp;
                unit[n++] = w;
            }
        }
    }
    return n;
}

bool wg_region_take(const wg_state *state, wg_tree *tree, uint32_t c) {
    const wg_instance *in = state->in;
    const uint32_t before = tree->n_unit;
    if (in->n > WG_SCAN_UNITS) {
        tree->n_unit = wg_region_search(state, c, tree->unit, before, tree->mark, tree->stamp);
        for (uint32_t i = before; i < tree->n_unit; i++) {
            tree->place[tree->unit[i]] = i;
        }
    }
    for (uint32_t v = 0; in->n <= WG_SCAN_UNITS && v < in->n; v++) {
        if (state->label[v] == c) {
            wg_tree_add(tree, v);
        }
    }
    for (uint32_t i = before; in->locked != NULL && i < tree->n_unit; i++) {
        if (in->locked[tree->unit[i]]) {
            return false;
        }
    }
    return tree->n_unit > before;
}

void wg_region_remember(const wg_state *state, wg_tree *tree) {
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        tree->region[i] = tree->unit[i];
        tree->before[i] = state->label[tree->unit[i]];
    }
}

void wg_region_take_back(wg_state *state, const wg_tree *tree, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        wg_state_put(state, tree->region[i], tree->before[i]);
    }
}

/** Give side 0 and 1 of the last cut the labels a and b, the way round that changes fewer units. */
static void label_sides(wg_state *state, const wg_tree *tree, uint32_t a, uint32_t b) {
    uint32_t straight = 0, crossed = 0;
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        const uint32_t v = tree->unit[i], c = state->label[v];
        straight += (c == a && tree->side[v] == 0) || (c == b && tree->side[v] == 1);
        crossed += (c == a && tree->side[v] == 1) || (c == b && tree->side[v] == 0);
    }
    const bool cross = crossed > straight;
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        const uint32_t v = tree->unit[i];
        wg_state_put(state, v, (tree->side[v] == 0) != cross ? a : b);
    }
}

/** Of three cells: after the first cut the part with two shares is cut again. */
static void label_three(wg_search *search, wg_state *state, wg_tree *tree, const uint32_t cell[3], double penalty) {
    const uint32_t shares[2] = {1, 1};
    uint32_t kept = 0, n = tree->n_unit;
    for (uint32_t i = 0; i < n; i++) { /* side 1 is the part of two: it moves to the front and becomes the region */
        const uint32_t v = tree->unit[i];
        if (tree->side[v] == 0) {
            wg_state_put(state, v, cell[0]);
        } else {
            tree->find[kept++] = v;
        }
    }
    wg_tree_clear(tree);
    for (uint32_t i = 0; i < kept; i++) {
        wg_tree_add(tree, tree->find[i]);
    }
    if (wg_tree_cut(search, tree, shares, penalty)) {
        for (uint32_t i = 0; i < kept; i++) {
            const uint32_t v = tree->unit[i];
            wg_state_put(state, v, tree->side[v] == 0 ? cell[1] : cell[2]);
        }
    } else { /* a single unit cannot be two cells: the proposal is void, and empties a cell, which the caller sees */
        for (uint32_t i = 0; i < kept; i++) {
            wg_state_put(state, tree->unit[i], cell[1]);
        }
    }
}

static bool none_empty(const wg_state *state, const uint32_t cell[3]) {
    for (int i = 0; i < 3; i++) {
        if (cell[i] != WG_UNASSIGNED && state->count[cell[i]] == 0) {
            return false;
        }
    }
    return true;
}

/** Judge what was done to the region (units and labels in `tree->redo`), and undo it where it is not accepted. */
static bool judge(wg_search *search, wg_state *state, wg_tree *tree, const uint32_t cell[3], uint32_t n, double before,
                  double temperature, double penalty) {
    if (none_empty(state, cell) && wg_accept(search, wg_state_energy(state, penalty) - before, temperature)) {
        return true;
    }
    wg_region_take_back(state, tree, n);
    return false;
}

bool wg_tree_resplit(wg_search *search, wg_state *state, wg_tree *tree, const uint32_t cell[3], double temperature,
                     double penalty) {
    const bool three = cell[2] != WG_UNASSIGNED;
    const uint32_t shares[2] = {1, three ? 2 : 1};
    wg_tree_clear(tree);
    for (int i = 0; i < (three ? 3 : 2); i++) {
        if (!wg_region_take(state, tree, cell[i])) {
            return false;
        }
    }
    wg_region_remember(state, tree);
    const uint32_t n = tree->n_unit;
    const double before = wg_state_energy(state, penalty);
    if (!wg_tree_cut(search, tree, shares, penalty)) {
        return false;
    }
    if (three) {
        label_three(search, state, tree, cell, penalty);
    } else {
        label_sides(state, tree, cell[0], cell[1]);
    }
    return judge(search, state, tree, cell, n, before, temperature, penalty);
}

bool wg_tree_merge_split(wg_search *search, wg_state *state, wg_tree *tree, uint32_t a, uint32_t b, uint32_t c,
                         double temperature, double penalty) {
    const uint32_t cell[3] = {a, b, c}, shares[2] = {1, 1};
    const double before = wg_state_energy(state, penalty);
    wg_tree_clear(tree);
    if (!wg_region_take(state, tree, b)) {
        return false;
    }
    const uint32_t n_b = tree->n_unit;
    if (!wg_region_take(state, tree, c)) {
        return false;
    }
    const uint32_t n = tree->n_unit;
    wg_region_remember(state, tree);
    wg_tree_clear(tree);
    for (uint32_t i = n_b; i < n; i++) {
        wg_tree_add(tree, tree->region[i]);
    }
    if (!wg_tree_cut(search, tree, shares, penalty)) {
        return false;
    }
    for (uint32_t i = 0; i < n_b; i++) {
        wg_state_put(state, tree->region[i], a);
    }
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        wg_state_put(state, tree->unit[i], tree->side[tree->unit[i]] == 0 ? c : b);
    }
    return judge(search, state, tree, cell, n, before, temperature, penalty);
}
