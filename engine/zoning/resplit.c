/** Re-split of two or three cells, merge and split: proposals that are applied, judged, and taken back. */
#include <math.h>
#include <string.h>

#include "zoning/instance.h"

static const double TWO_PI = 6.283185307179586;

/** Units of cell c that no lock holds, reached from one of them; @return false where the cell has a locked unit. */
static bool collect(const wg_state *state, wg_tree *tree, uint32_t c, uint32_t from) {
    const wg_instance *in = state->in;
    if (in->locked != NULL && in->locked[from]) {
        return false;
    }
    uint32_t i = tree->n_unit;
    wg_tree_add(tree, from);
    for (; i < tree->n_unit; i++) {
        const uint32_t v = tree->unit[i];
        for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
            const uint32_t w = in->to[h];
            if (state->label[w] == c && tree->mark[w] != tree->stamp) {
                if (in->locked != NULL && in->locked[w]) {
                    return false;
                }
                wg_tree_add(tree, w);
            }
        }
    }
    return true;
}

/** A unit of cell `c` next to cell `near`, found from the cut edges. */
static uint32_t unit_at_border(const wg_state *state, uint32_t c, uint32_t near) {
    const wg_instance *in = state->in;
    for (uint32_t i = 0; i < state->n_cut; i++) {
        const size_t e = state->cut[i];
        const uint32_t u = in->ends[2 * e], v = in->ends[2 * e + 1];
        if (state->label[u] == c && (near == WG_UNASSIGNED || state->label[v] == near)) {
            return u;
        }
        if (state->label[v] == c && (near == WG_UNASSIGNED || state->label[u] == near)) {
            return v;
        }
    }
    return WG_UNASSIGNED;
}

static double energy(const wg_state *state, double penalty) {
    return state->key.score + penalty * (state->key.excess + state->key.conflicts);
}

/** The label that keeps most units of a side, so that a redraw moves few of them. */
static void put(wg_state *state, uint32_t v, uint32_t c) {
    if (state->label[v] != c) {
        wg_state_move(state, v, c);
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
        put(state, v, (tree->side[v] == 0) != cross ? a : b);
    }
}

/** Of three cells: after the first cut the part with two shares is cut again. */
static void label_three(wg_search *search, wg_state *state, wg_tree *tree, const uint32_t cell[3], double penalty) {
    const uint32_t shares[2] = {1, 1};
    uint32_t kept = 0, n = tree->n_unit;
    for (uint32_t i = 0; i < n; i++) { /* side 1 is the part of two: it moves to the front and becomes the region */
        const uint32_t v = tree->unit[i];
        if (tree->side[v] == 0) {
            put(state, v, cell[0]);
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
            put(state, v, tree->side[v] == 0 ? cell[1] : cell[2]);
        }
    } else { /* a single unit cannot be two cells: the proposal is void, and empties a cell, which the caller sees */
        for (uint32_t i = 0; i < kept; i++) {
            put(state, tree->unit[i], cell[1]);
        }
    }
}

/** Remember the region's labels, in the order of `units`. */
static void take_back(wg_state *state, const uint32_t *units, const uint32_t *before, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        put(state, units[i], before[i]);
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
    if (none_empty(state, cell) && wg_accept(search, energy(state, penalty) - before, temperature)) {
        return true;
    }
    take_back(state, tree->region, tree->before, n);
    return false;
}

static void remember(const wg_state *state, wg_tree *tree) {
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        tree->region[i] = tree->unit[i];
        tree->before[i] = state->label[tree->unit[i]];
    }
}

bool wg_tree_resplit(wg_search *search, wg_state *state, wg_tree *tree, const uint32_t cell[3], double temperature,
                     double penalty) {
    const bool three = cell[2] != WG_UNASSIGNED;
    const uint32_t shares[2] = {1, three ? 2 : 1};
    wg_tree_clear(tree);
    for (int i = 0; i < (three ? 3 : 2); i++) {
        const uint32_t from = unit_at_border(state, cell[i], i == 0 ? cell[1] : WG_UNASSIGNED);
        if (from == WG_UNASSIGNED || !collect(state, tree, cell[i], from)) {
            return false;
        }
    }
    remember(state, tree);
    const uint32_t n = tree->n_unit;
    const double before = energy(state, penalty);
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
    const double before = energy(state, penalty);
    wg_tree_clear(tree);
    const uint32_t from_b = unit_at_border(state, b, a), from_c = unit_at_border(state, c, WG_UNASSIGNED);
    if (from_b == WG_UNASSIGNED || from_c == WG_UNASSIGNED || !collect(state, tree, b, from_b)) {
        return false;
    }
    const uint32_t n_b = tree->n_unit;
    if (!collect(state, tree, c, from_c)) {
        return false;
    }
    const uint32_t n = tree->n_unit;
    remember(state, tree);
    wg_tree_clear(tree);
    for (uint32_t i = n_b; i < n; i++) {
        wg_tree_add(tree, tree->region[i]);
    }
    if (!wg_tree_cut(search, tree, shares, penalty)) {
        return false;
    }
    for (uint32_t i = 0; i < n_b; i++) {
        put(state, tree->region[i], a);
    }
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        put(state, tree->unit[i], tree->side[tree->unit[i]] == 0 ? c : b);
    }
    return judge(search, state, tree, cell, n, before, temperature, penalty);
}

/** Swap units i and j of the region, and what is known of them. */
static void swap_units(wg_tree *tree, uint32_t i, uint32_t j) {
    const uint32_t unit = tree->unit[i];
    const double along = tree->along[i];
    tree->unit[i] = tree->unit[j];
    tree->along[i] = tree->along[j];
    tree->unit[j] = unit;
    tree->along[j] = along;
}

/**
 * Order the region's units so far that the first ones along (dx, dy) have `share` of the load (selection by halves, as
 * Hoare 1961, with weights). @return how many come first: at least one, and not all
 */
static uint32_t select_along(wg_tree *tree, double dx, double dy, double share) {
    uint32_t from = 0, to = tree->n_unit;
    double want = 0;
    for (uint32_t i = 0; i < to; i++) {
        const uint32_t v = tree->unit[i];
        tree->along[i] = dx * tree->x[v] + dy * tree->y[v];
        want += share * tree->load[v];
    }
    while (to - from > 1) {
        swap_units(tree, from + (to - from) / 2, to - 1);
        const double pivot = tree->along[to - 1];
        double load = 0;
        uint32_t at = from;
        for (uint32_t i = from; i < to - 1; i++) {
            if (tree->along[i] < pivot) {
                load += tree->load[tree->unit[i]];
                swap_units(tree, i, at++);
            }
        }
        swap_units(tree, at, to - 1); /* the pivot is in its place */
        const double own = tree->load[tree->unit[at]];
        if (load >= want) {
            to = at;
        } else if (load + own >= want) { /* the border runs through the pivot */
            from = want - load > own / 2 ? at + 1 : at;
            to = from;
        } else {
            want -= load + own;
            from = at + 1;
        }
    }
    if (to - from == 1 && tree->load[tree->unit[from]] < 2 * want) {
        from++;
    }
    return from == 0 ? 1 : from == tree->n_unit ? from - 1 : from;
}

/** Take the pieces of a side that hang apart from its largest one off it. @return how many units those are */
static uint32_t drop_pieces(wg_tree *tree, uint32_t side, uint32_t *piece) {
    const wg_instance *in = tree->in;
    uint32_t *queue = tree->find; /* free while no tree is drawn */
    uint32_t pieces = 0, largest = 0, size = 0, all = 0, seen = 0;
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        piece[i] = WG_UNASSIGNED;
        all += tree->side[tree->unit[i]] == side;
    }
    for (uint32_t i = 0; i < tree->n_unit && seen < all; i++) {
        const uint32_t root = tree->unit[i];
        if (tree->side[root] != side || piece[tree->place[root]] != WG_UNASSIGNED) {
            continue;
        }
        uint32_t tail = 0;
        piece[tree->place[root]] = pieces;
        queue[tail++] = root;
        for (uint32_t head = 0; head < tail; head++) {
            const uint32_t v = queue[head];
            for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
                const uint32_t w = in->to[h];
                if (tree->mark[w] == tree->stamp && tree->side[w] == side && piece[tree->place[w]] == WG_UNASSIGNED) {
                    piece[tree->place[w]] = pieces;
                    queue[tail++] = w;
                }
            }
        }
        seen += tail;
        if (tail > size) {
            size = tail;
            largest = pieces;
        }
        pieces++;
    }
    for (uint32_t i = 0; size < all && i < tree->n_unit; i++) {
        const uint32_t v = tree->unit[i];
        if (tree->side[v] == side && piece[tree->place[v]] != largest) {
            tree->side[v] = WG_UNASSIGNED;
        }
    }
    return all - size;
}

/** Of every side the largest piece stays; the others join a side that they touch. The region is connected. */
static void mend_sides(wg_tree *tree, uint32_t sides) {
    const wg_instance *in = tree->in;
    uint32_t left = 0;
    for (uint32_t s = 0; s < sides; s++) {
        left += drop_pieces(tree, s, tree->parent);
    }
    while (left > 0) {
        for (uint32_t i = 0; i < tree->n_unit; i++) {
            const uint32_t v = tree->unit[i];
            for (uint32_t h = in->start[v]; h < in->link_end[v] && tree->side[v] == WG_UNASSIGNED; h++) {
                const uint32_t w = in->to[h];
                if (tree->mark[w] == tree->stamp && tree->side[w] != WG_UNASSIGNED) {
                    tree->side[v] = tree->side[w];
                    left--;
                }
            }
        }
    }
}

/**
 * Divide side `first` of the remembered region into `count` sides of even load by lines in random directions. The
 * region in hand is then a part of it.
 */
static void divide_side(wg_search *search, wg_tree *tree, uint32_t n, uint32_t first, uint32_t count) {
    if (count == 1) {
        return;
    }
    wg_tree_clear(tree);
    for (uint32_t i = 0; i < n; i++) {
        if (tree->side[tree->region[i]] == first) {
            wg_tree_add(tree, tree->region[i]);
        }
    }
    if (tree->n_unit < 2) {
        return;
    }
    const double angle = TWO_PI * wg_random_unit(&search->random);
    const uint32_t less = count / 2;
    const uint32_t before = select_along(tree, cos(angle), sin(angle), (double)less / count);
    for (uint32_t i = before; i < tree->n_unit; i++) {
        tree->side[tree->unit[i]] = first + less;
    }
    divide_side(search, tree, n, first, less);
    divide_side(search, tree, n, first + less, count - less);
}

/** Energy of the sides as cells: what the division promises before a unit is moved. */
static double side_energy(const wg_state *state, const wg_tree *tree, uint32_t sides, double penalty) {
    const wg_instance *in = state->in;
    wg_zi_shape shape[WG_LINE_CELLS] = {{0}};
    double *sum = tree->below;
    memset(sum, 0, (size_t)sides * in->n_limits * sizeof *sum);
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        const uint32_t v = tree->unit[i], side = tree->side[v];
        const wg_zi_shape *from = &in->shape[v];
        wg_zi_shape *to = &shape[side];
        for (uint32_t a = 0; a < in->n_limits; a++) {
            sum[side * in->n_limits + a] += in->value[(size_t)v * in->n_limits + a];
        }
        wg_shape_add(to, from);
        wg_zi_line inner = {0};
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            const uint32_t w = in->to[h];
            const double inside = (tree->mark[w] == tree->stamp) & (tree->side[w] == side);
            inner.length += inside * in->line[h].length;
            inner.street += inside * in->line[h].street;
            inner.major += inside * in->line[h].major;
        }
        to->perimeter -= inner.length;
        to->street -= inner.street;
        to->major += inner.major / 2;
    }
    double energy = 0;
    for (uint32_t s = 0; s < sides; s++) {
        energy +=
            wg_cell_score(in, &shape[s], sum + s * in->n_limits) + penalty * wg_cell_excess(in, sum + s * in->n_limits);
    }
    return energy;
}

/** Give the sides the cells' labels so that few units change theirs: the cell with most units of a side names it. */
static void name_sides(wg_state *state, const wg_tree *tree, const uint32_t *cell, uint32_t sides) {
    uint32_t shared[WG_LINE_CELLS][WG_LINE_CELLS] = {{0}}, name[WG_LINE_CELLS];
    bool taken[WG_LINE_CELLS] = {false};
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        const uint32_t v = tree->unit[i], c = state->label[v];
        uint32_t number = 0;
        while (cell[number] != c) {
            number++;
        }
        shared[tree->side[v]][number]++;
    }
    for (uint32_t i = 0; i < sides; i++) {
        name[i] = WG_UNASSIGNED;
    }
    for (uint32_t round = 0; round < sides; round++) {
        uint32_t side = WG_UNASSIGNED, to = 0;
        for (uint32_t s = 0; s < sides; s++) {
            for (uint32_t c = 0; c < sides && name[s] == WG_UNASSIGNED; c++) {
                if (!taken[c] && (side == WG_UNASSIGNED || shared[s][c] > shared[side][to])) {
                    side = s;
                    to = c;
                }
            }
        }
        name[side] = to;
        taken[to] = true;
    }
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        put(state, tree->unit[i], cell[name[tree->side[tree->unit[i]]]]);
    }
}

/** The best move of v to one of the cells, where it is better than none. */
static bool improve_unit(wg_state *state, uint32_t v, const uint32_t *cell, uint32_t sides, double penalty) {
    const wg_instance *in = state->in;
    uint32_t seen = 0, target = WG_UNASSIGNED; /* bits of the cells that v touches */
    for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
        const uint32_t c = state->label[in->to[h]];
        for (uint32_t i = 0; i < sides; i++) {
            seen |= (uint32_t)(cell[i] == c) << i;
        }
    }
    wg_zi_delta from, to;
    double best = -1e-9;
    bool told = false;
    for (uint32_t i = 0; i < sides; i++) {
        if ((seen >> i & 1) == 0 || cell[i] == state->label[v]) {
            continue;
        }
        if (!told) {
            wg_state_leave(state, v, &from);
            told = true;
        }
        wg_state_join(state, v, cell[i], &to);
        const double change = from.score + to.score + penalty * (from.excess + to.excess);
        if (change < best) {
            best = change;
            target = cell[i];
        }
    }
    if (target == WG_UNASSIGNED || !wg_state_may_leave(state, v)) {
        return false;
    }
    wg_state_move(state, v, target);
    return true;
}

/** Moves between the cells of the region that are better, until a round finds none. */
static void descend_region(wg_state *state, const wg_tree *tree, uint32_t n, const uint32_t *cell, uint32_t sides,
                           double penalty) {
    uint32_t since = 0;
    for (uint32_t i = 0, steps = 0; since < n && steps < 8 * n; i = i + 1 < n ? i + 1 : 0, steps++) {
        since++;
        if (improve_unit(state, tree->region[i], cell, sides, penalty)) {
            since = 0;
        }
    }
}

/** The remembered units again as the region in hand. */
static void take_region(wg_tree *tree, uint32_t n) {
    wg_tree_clear(tree);
    for (uint32_t i = 0; i < n; i++) {
        wg_tree_add(tree, tree->region[i]);
    }
}

bool wg_line_resplit(wg_search *search, wg_state *state, wg_tree *tree, const uint32_t *cell, uint32_t n,
                     const wg_line_rule *rule) {
    double now = 0;
    wg_tree_clear(tree);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t from = unit_at_border(state, cell[i], i == 0 ? cell[1] : WG_UNASSIGNED);
        if (from == WG_UNASSIGNED || !collect(state, tree, cell[i], from)) {
            return false;
        }
        now += state->cell[cell[i]] + rule->penalty * state->excess[cell[i]];
    }
    const uint32_t units = tree->n_unit;
    remember(state, tree);
    for (uint32_t i = 0; i < units; i++) {
        tree->side[tree->unit[i]] = 0;
    }
    divide_side(search, tree, units, 0, n);
    take_region(tree, units);
    if (side_energy(state, tree, n, rule->penalty) - now > rule->promise) {
        return false;
    }
    mend_sides(tree, n);
    const double before = energy(state, rule->penalty);
    name_sides(state, tree, cell, n);
    bool whole = true;
    for (uint32_t i = 0; i < n; i++) {
        whole = whole && state->count[cell[i]] > 0;
    }
    if (whole) {
        descend_region(state, tree, units, cell, n, rule->penalty);
        if (wg_accept(search, energy(state, rule->penalty) - before, rule->temperature)) {
            return true;
        }
    }
    take_back(state, tree->region, tree->before, units);
    return false;
}
