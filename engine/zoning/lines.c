/**
 * Neighbouring cells divided anew by lines of even load. A line is straight where units have coordinates; else it is a
 * bisector: the units that are as many steps from one unit as from another. Both give round parts, which the cut of a
 * random spanning tree does not.
 */
#include "zoning/lines.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "zoning/region_moves.h"
#include "zoning/simple.h"

enum {
    FAR_TRIES = 3, /**< units drawn, of which the one farthest from the first is taken */
    STEPS = 64,    /**< steps along a straight line, in which loads are summed */
    STEPS_MOST = 2 * UINT8_MAX + 1
};

static const uint32_t LOOSE = UINT32_MAX - 1; /**< a unit that is in no side for now */
static const double TWO_PI = 6.283185307179586;

wg_status wg_lines_init(wg_context *ctx, wg_lines *lines, const wg_instance *in, uint32_t k) {
    const bool points = wg_has_points(in);
    const size_t n = in->n, sums = (size_t)WG_LINE_CELLS * in->n_limits;
    *lines = (wg_lines){.in = in};
    lines->unit = wg_malloc(n, sizeof *lines->unit);
    lines->part = wg_malloc(n, sizeof *lines->part);
    lines->before = wg_malloc(n, sizeof *lines->before);
    lines->piece = wg_malloc(n, sizeof *lines->piece);
    lines->queue = wg_malloc(n, sizeof *lines->queue);
    lines->number = wg_calloc(k, sizeof *lines->number);
    lines->load = wg_malloc(n, sizeof *lines->load);
    lines->along = wg_malloc(n > sums ? n : sums, sizeof *lines->along);
    lines->step = wg_malloc(n, sizeof *lines->step);
    lines->x = points ? wg_malloc(n, sizeof *lines->x) : NULL;
    lines->y = points ? wg_malloc(n, sizeof *lines->y) : NULL;
    if (lines->unit == NULL || lines->part == NULL || lines->before == NULL || lines->piece == NULL ||
        lines->queue == NULL || lines->number == NULL || lines->load == NULL || lines->along == NULL ||
        lines->step == NULL || (points && (lines->x == NULL || lines->y == NULL))) {
        wg_lines_release(lines);
        return wg_fail_memory(ctx);
    }
    for (uint32_t v = 0; v < in->n; v++) {
        lines->part[v] = WG_UNASSIGNED;
        lines->load[v] = wg_load(in, in->value + (size_t)v * in->n_limits, 1);
        if (points) {
            const wg_zi_shape *s = &in->shape[v];
            const double per_mass = s->mass > 0 ? 1 / s->mass : 0;
            lines->x[v] = s->mx * per_mass;
            lines->y[v] = s->my * per_mass;
        }
    }
    return WG_OK;
}

void wg_lines_release(wg_lines *lines) {
    free(lines->unit);
    free(lines->part);
    free(lines->before);
    free(lines->piece);
    free(lines->queue);
    free(lines->number);
    free(lines->load);
    free(lines->along);
    free(lines->step);
    free(lines->x);
    free(lines->y);
    *lines = (wg_lines){0};
}

/* ------------------------------------------------------------------ the region */

/** List the cells' units: bits, or labels, or a search tell them. */
static void list_units(const wg_state *state, wg_lines *lines, const uint32_t *cell, uint32_t n) {
    wg_mask region = {0};
    uint32_t count = 0;
    lines->n = 0;
    if (state->units == NULL && state->in->n > WG_SCAN_UNITS) {
        for (uint32_t i = 0; i < n; i++) {
            lines->n = wg_region_search(state, cell[i], lines->unit, lines->n, lines->part, 0);
        }
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        region = state->units != NULL ? wg_mask_or(region, state->units[cell[i]]) : region;
        count += state->count[cell[i]];
    }
    while (wg_mask_any(region)) {
        lines->unit[lines->n++] = wg_mask_pop(&region);
    }
    for (uint32_t v = 0; lines->n < count; v++) { /* no branch: where a unit lies is anybody's guess */
        lines->unit[lines->n] = v;
        lines->n += lines->number[state->label[v]] > 0;
    }
}

/** The cells' units become the region, all in side 0; @return false where one of them is locked */
static bool take_cells(const wg_state *state, wg_lines *lines, const uint32_t *cell, uint32_t n) {
    const wg_instance *in = state->in;
    for (uint32_t i = 0; i < n; i++) {
        lines->number[cell[i]] = (uint8_t)(i + 1);
    }
    list_units(state, lines, cell, n);
    bool locked = false;
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t v = lines->unit[i];
        lines->part[v] = 0;
        lines->before[v] = state->label[v];
        locked = locked || (in->locked != NULL && in->locked[v]);
    }
    return !locked;
}

static void leave_region(wg_lines *lines, const uint32_t *cell, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        lines->number[cell[i]] = 0;
    }
    for (uint32_t i = 0; i < lines->n; i++) {
        lines->part[lines->unit[i]] = WG_UNASSIGNED;
    }
}

/* ------------------------------------------------------------------ lines */

/** Steps along a line, and the loads in them. */
typedef struct ruler {
    double load[STEPS_MOST], all;
    uint32_t steps;
} ruler;

static void sum_loads(wg_lines *lines, const uint32_t *unit, uint32_t n, ruler *along) {
    memset(along->load, 0, along->steps * sizeof *along->load);
    along->all = 0;
    for (uint32_t i = 0; i < n; i++) {
        const double load = lines->load[unit[i]];
        along->load[lines->step[i]] += load;
        along->all += load;
    }
}

/** Where units lie along a line in a random direction. */
static void lay_straight(wg_search *search, wg_lines *lines, const uint32_t *unit, uint32_t n, ruler *along) {
    const double angle = TWO_PI * wg_random_unit(&search->random), dx = cos(angle), dy = sin(angle);
    double low = INFINITY, high = -INFINITY;
    for (uint32_t i = 0; i < n; i++) {
        const double at = dx * lines->x[unit[i]] + dy * lines->y[unit[i]];
        lines->along[i] = at;
        low = at < low ? at : low;
        high = at > high ? at : high;
    }
    along->steps = STEPS;
    const double scale = high > low ? STEPS * (1 - 1e-9) / (high - low) : 0;
    for (uint32_t i = 0; i < n; i++) {
        lines->step[i] = (uint16_t)((lines->along[i] - low) * scale);
    }
}

/** Where they lie between two random units far from each other: by the difference of steps. */
static void lay_between(wg_search *search, wg_lines *lines, const uint32_t *unit, uint32_t n, ruler *along) {
    const wg_instance *in = lines->in;
    const uint8_t *from = in->hops + (size_t)unit[wg_random_below(&search->random, n)] * in->n;
    uint32_t far = unit[wg_random_below(&search->random, n)];
    for (int i = 1; i < FAR_TRIES; i++) {
        const uint32_t v = unit[wg_random_below(&search->random, n)];
        far = from[v] > from[far] ? v : far;
    }
    const uint8_t *to = in->hops + (size_t)far * in->n;
    const uint32_t apart = from[far];
    along->steps = 2 * apart + 1;
    for (uint32_t i = 0; i < n; i++) {
        lines->step[i] = (uint16_t)(apart + from[unit[i]] - to[unit[i]]);
        assert(lines->step[i] < along->steps); /* the triangle inequality: the instance is connected */
    }
}

/**
 * The units that come first along the line and have `share` of the load move to the front of the list, the others go to
 * side `other`. Within the step where the line runs they come in turn, from a random one on. @return how many come
 * first: at least one, and not all
 */
static uint32_t divide_list(wg_search *search, wg_lines *lines, uint32_t *unit, uint32_t n, double share,
                            uint32_t other) {
    ruler along;
    if (lines->x != NULL) {
        lay_straight(search, lines, unit, n, &along);
    } else {
        lay_between(search, lines, unit, n, &along);
    }
    sum_loads(lines, unit, n, &along);
    const double want = share * along.all;
    double load = 0;
    uint32_t at = 0, first = 0, second = 0, within = 0, *rest = lines->queue, *tie = lines->piece;
    while (at + 1 < along.steps && load + along.load[at] < want) {
        load += along.load[at++];
    }
    for (uint32_t i = 0; i < n; i++) { /* no branch: where a unit lies is anybody's guess */
        const uint32_t v = unit[i], step = lines->step[i];
        unit[first] = v;
        rest[second] = v;
        tie[within] = v;
        first += step < at;
        second += step > at;
        within += step == at;
    }
    uint32_t turn = within > 1 ? wg_random_below(&search->random, within) : 0;
    for (uint32_t i = 0; i < within; i++, turn = turn + 1 < within ? turn + 1 : 0) {
        const uint32_t v = tie[turn];
        const bool last = i + 1 == within;
        if ((load + lines->load[v] / 2 <= want || (last && first == 0)) && !(last && second == 0)) {
            load += lines->load[v];
            unit[first++] = v;
        } else {
            rest[second++] = v;
        }
    }
    for (uint32_t i = 0; i < second; i++) {
        unit[first + i] = rest[i];
        lines->part[rest[i]] = other;
    }
    return first;
}

/** Divide n units of side `first` into `count` sides of even load, by a line and again. */
static void divide(wg_search *search, wg_lines *lines, uint32_t *unit, uint32_t n, uint32_t first, uint32_t count) {
    if (count == 1 || n < 2) {
        return;
    }
    const uint32_t less = count / 2, before = divide_list(search, lines, unit, n, (double)less / count, first + less);
    divide(search, lines, unit, before, first, less);
    divide(search, lines, unit + before, n - before, first + less, count - less);
}

/* ------------------------------------------------------------------ made cells */

/** The connected piece of a side that `root` lies in, numbered; @return how many units it has */
static uint32_t number_piece(wg_lines *lines, uint32_t root, uint32_t number) {
    const wg_instance *in = lines->in;
    uint32_t tail = 0;
    lines->piece[root] = number;
    lines->queue[tail++] = root;
    for (uint32_t head = 0; head < tail; head++) {
        const uint32_t v = lines->queue[head];
        for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
            const uint32_t w = in->to[h];
            if (lines->part[w] == lines->part[v] && lines->piece[w] == WG_UNASSIGNED) {
                lines->piece[w] = number;
                lines->queue[tail++] = w;
            }
        }
    }
    return tail;
}

/** Take pieces that hang apart from the largest of their side off it. @return how many units those are */
static uint32_t drop_pieces(wg_lines *lines, uint32_t sides) {
    uint32_t pieces = 0, largest[WG_LINE_CELLS], size[WG_LINE_CELLS] = {0}, loose = 0;
    for (uint32_t i = 0; i < lines->n; i++) {
        lines->piece[lines->unit[i]] = WG_UNASSIGNED;
    }
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t root = lines->unit[i], side = lines->part[root];
        if (lines->piece[root] != WG_UNASSIGNED) {
            continue;
        }
        const uint32_t units = number_piece(lines, root, pieces);
        if (units > size[side]) {
            size[side] = units;
            largest[side] = pieces;
        }
        pieces++;
    }
    for (uint32_t i = 0; pieces > sides && i < lines->n; i++) {
        const uint32_t v = lines->unit[i];
        if (lines->piece[v] != largest[lines->part[v]]) {
            lines->part[v] = LOOSE;
            loose++;
        }
    }
    return loose;
}

/** The same by masks. */
static uint32_t drop_masks(wg_lines *lines, uint32_t sides) {
    uint32_t loose = 0;
    for (uint32_t s = 0; s < sides; s++) {
        wg_mask largest = {0}, left = lines->side[s];
        for (uint32_t size = 0; wg_mask_any(left);) {
            const wg_mask piece = wg_mask_flood(lines->in->near, left, wg_mask_least(left), left);
            const uint32_t units = wg_mask_count(piece);
            left = wg_mask_less(left, piece);
            if (units > size) {
                size = units;
                largest = piece;
            }
        }
        for (left = wg_mask_less(lines->side[s], largest); wg_mask_any(left); loose++) {
            lines->part[wg_mask_pop(&left)] = LOOSE;
        }
    }
    return loose;
}

/** Of every side the largest piece stays; the others join a side that they touch. The region is connected. */
static void mend_sides(wg_lines *lines, uint32_t sides) {
    const wg_instance *in = lines->in;
    uint32_t loose = in->near != NULL ? drop_masks(lines, sides) : drop_pieces(lines, sides);
    while (loose > 0) {
        for (uint32_t i = 0; i < lines->n; i++) {
            const uint32_t v = lines->unit[i];
            for (uint32_t h = in->start[v]; h < in->link_end[v] && lines->part[v] == LOOSE; h++) {
                if (lines->part[in->to[h]] < LOOSE) {
                    lines->part[v] = lines->part[in->to[h]];
                    loose--;
                }
            }
        }
    }
}

/** Give the sides the cells' labels so that few units change theirs: the cell with most units of a side names it. */
static void name_sides(wg_state *state, const wg_lines *lines, const uint32_t *cell, uint32_t sides) {
    uint32_t shared[WG_LINE_CELLS][WG_LINE_CELLS] = {{0}}, name[WG_LINE_CELLS];
    bool taken[WG_LINE_CELLS] = {false};
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t v = lines->unit[i];
        shared[lines->part[v]][lines->number[state->label[v]] - 1]++;
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
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t v = lines->unit[i];
        wg_state_put(state, v, cell[name[lines->part[v]]]);
    }
}

/* ------------------------------------------------------------------ polish */

/** Bits of the cells of the region that v touches. */
static uint32_t touched_cells(const wg_state *state, const wg_lines *lines, uint32_t v, const uint32_t *cell,
                              uint32_t sides) {
    const wg_instance *in = state->in;
    uint32_t seen = 0;
    for (uint32_t i = 0; in->near != NULL && i < sides; i++) {
        seen |= (uint32_t)wg_mask_any(wg_mask_and(in->near[v], state->units[cell[i]])) << i;
    }
    if (in->near != NULL) {
        return seen;
    }
    for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
        seen |= 1U << lines->number[state->label[in->to[h]]];
    }
    return seen >> 1;
}

/** The best move of v to one of the cells, where it is better than none. */
static bool improve_unit(wg_state *state, const wg_lines *lines, uint32_t v, const uint32_t *cell, uint32_t sides,
                         double penalty) {
    const uint32_t seen = touched_cells(state, lines, v, cell, sides);
    uint32_t target = WG_UNASSIGNED;
    wg_zi_delta from = {0};
    double best = -1e-9;
    bool told = false;
    for (uint32_t i = 0; i < sides; i++) {
        wg_zi_delta to;
        if ((seen >> i & 1) == 0 || cell[i] == state->label[v]) {
            continue;
        }
        if (state->in->simple) {
            wg_simple_delta(state, v, state->label[v], cell[i], &to);
        } else {
            if (!told) {
                wg_state_leave(state, v, &from);
                told = true;
            }
            wg_state_join(state, v, cell[i], &to);
        }
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
static void descend(wg_state *state, const wg_lines *lines, const uint32_t *cell, uint32_t sides, double penalty) {
    const uint32_t n = lines->n;
    uint32_t since = 0;
    for (uint32_t i = 0, steps = 0; since < n && steps < 8 * n; i = i + 1 < n ? i + 1 : 0, steps++) {
        since++;
        if (improve_unit(state, lines, lines->unit[i], cell, sides, penalty)) {
            since = 0;
        }
    }
}

static bool none_is_empty(const wg_state *state, const uint32_t *cell, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (state->count[cell[i]] == 0) {
            return false;
        }
    }
    return true;
}

bool wg_line_resplit(wg_search *search, wg_state *state, wg_lines *lines, const uint32_t *cell, uint32_t n,
                     const wg_line_rule *rule) {
    bool kept = false, promising = take_cells(state, lines, cell, n);
    if (promising) {
        divide(search, lines, lines->unit, lines->n, 0, n);
        promising = wg_lines_change(state, lines, cell, n, rule->penalty) <= rule->promise;
    }
    if (promising) {
        const double before = wg_state_energy(state, rule->penalty);
        mend_sides(lines, n);
        name_sides(state, lines, cell, n);
        if (none_is_empty(state, cell, n)) {
            descend(state, lines, cell, n, rule->penalty);
            kept = wg_accept(search, wg_state_energy(state, rule->penalty) - before, rule->temperature);
        }
        for (uint32_t i = 0; !kept && i < lines->n; i++) {
            wg_state_put(state, lines->unit[i], lines->before[lines->unit[i]]);
        }
    }
    leave_region(lines, cell, n);
    return kept;
}
