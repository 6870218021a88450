/**
 * Branch and bound over contiguous plans of small instances. Units are labelled one after the other, each next to those
 * before it; cells are sets of 64 bits. A branch ends where a cell can no longer become connected, or where what is
 * already certain (cells out of limits, excess, lines cut, finished cells) is no better than the best plan known.
 */
#include <math.h>
#include <string.h>

#include "zoning/instance.h"

typedef uint64_t unit_set;

/** One cell of a partial plan. */
typedef struct part_cell {
    unit_set units;
    bool closed;          /**< no free unit can join any more */
    double score, excess; /**< certain so far */
} part_cell;

/** What is certain at one depth of the search. */
typedef struct level {
    part_cell cell[WG_EXACT_UNITS];
    uint32_t opened;
    double cut; /**< lines cut between units that have labels */
} level;

typedef struct branching {
    wg_search *search;
    const wg_instance *in;
    uint32_t k, order[WG_EXACT_UNITS];
    unit_set adjacent[WG_EXACT_UNITS];
    level *levels; /**< n + 1 */
    uint64_t nodes, budget;
    double margin; /**< by how much a score must be better: nearly 1 where all prices are whole numbers */
    uint32_t *label, current[WG_EXACT_UNITS];
    wg_zi_key *best;
    double *sum; /**< n_limits scratch */
} branching;

static uint32_t lowest(unit_set set) {
    return (uint32_t)__builtin_ctzll(set);
}

/** Units of `inside` that are connected with `from` (part of it). */
static unit_set flood(const branching *b, unit_set from, unit_set inside) {
    unit_set seen = from & inside, edge = seen;
    while (edge != 0) {
        unit_set next = 0;
        for (unit_set rest = edge; rest != 0; rest &= rest - 1) {
            next |= b->adjacent[lowest(rest)];
        }
        edge = next & inside & ~seen;
        seen |= edge;
    }
    return seen;
}

static void sum_units(const branching *b, unit_set units, double *sum) {
    const uint32_t limits = b->in->n_limits;
    memset(sum, 0, limits * sizeof *sum);
    for (unit_set rest = units; rest != 0; rest &= rest - 1) {
        for (uint32_t a = 0; a < limits; a++) {
            sum[a] += b->in->value[(size_t)lowest(rest) * limits + a];
        }
    }
}

/** Shape of a set of units as a cell. */
static wg_zi_shape shape_of(const branching *b, unit_set units) {
    const wg_instance *in = b->in;
    wg_zi_shape shape = {0};
    for (unit_set rest = units; rest != 0; rest &= rest - 1) {
        const uint32_t v = lowest(rest);
        const wg_zi_shape *own = &in->shape[v];
        shape.mass += own->mass;
        shape.mx += own->mx;
        shape.my += own->my;
        shape.mm += own->mm;
        shape.perimeter += own->perimeter;
        shape.street += own->street;
        shape.major += own->major;
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            if ((units >> in->to[h] & 1) != 0) {
                shape.perimeter -= in->line[h].length;
                shape.street -= in->line[h].street;
                shape.major += in->line[h].major / 2;
            }
        }
    }
    return shape;
}

/** Excess that no further unit can take away: over a maximum now, or under a minimum with all that could still join. */
static double certain_excess(branching *b, const part_cell *cell, unit_set reach) {
    const wg_instance *in = b->in;
    double excess = 0;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        const wg_zi_limit *limit = &in->limit[a];
        double now = 0, most = 0;
        for (unit_set rest = reach; rest != 0; rest &= rest - 1) {
            const uint32_t v = lowest(rest);
            const double value = in->value[(size_t)v * in->n_limits + a];
            most += value;
            now += (cell->units >> v & 1) != 0 ? value : 0;
        }
        if (limit->soft > 0) {
            continue;
        }
        if (now > limit->max * (1 + 1e-12)) {
            excess += (now - limit->max) * limit->per_max;
        } else if (most < limit->min * (1 - 1e-12)) {
            excess += (limit->min - most) * limit->per_min;
        }
    }
    return excess;
}

/** Score that is certain: all of it for a closed cell, what cannot shrink for an open one. */
static double certain_score(branching *b, const part_cell *cell) {
    const wg_instance *in = b->in;
    if (cell->closed || in->objective == WG_OBJECTIVE_INERTIA) {
        wg_zi_shape shape = {0};
        if (in->shape != NULL) {
            shape = shape_of(b, cell->units);
        }
        sum_units(b, cell->units, b->sum);
        return cell->closed || in->n_limits == 0 ? wg_cell_score(in, in->shape != NULL ? &shape : NULL, b->sum) : 0;
    }
    return 0;
}

/** Certain things of one cell after a change nearby. @return false where it can no longer be connected */
static bool refresh(branching *b, level *now, uint32_t c, unit_set free_units) {
    part_cell *cell = &now->cell[c];
    if (cell->closed) {
        return true;
    }
    const unit_set reach = flood(b, cell->units & (~cell->units + 1), cell->units | free_units);
    if ((cell->units & ~reach) != 0) {
        return false;
    }
    cell->closed = reach == cell->units;
    cell->excess = certain_excess(b, cell, reach);
    cell->score = certain_score(b, cell);
    return true;
}

/** Lines that free units will cut whatever they do: all to labelled neighbours but those to one cell. */
static double future_cut(const branching *b, unit_set free_units) {
    const wg_instance *in = b->in;
    double cut = 0;
    for (unit_set rest = free_units; in->cost != NULL && rest != 0; rest &= rest - 1) {
        const uint32_t v = lowest(rest);
        double to_cell[WG_EXACT_UNITS], all = 0, most = 0;
        uint32_t used[WG_EXACT_UNITS], n_used = 0;
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            if ((free_units >> in->to[h] & 1) != 0) {
                continue;
            }
            const uint32_t c = b->current[in->to[h]];
            uint32_t i = 0;
            while (i < n_used && used[i] != c) {
                i++;
            }
            if (i == n_used) {
                used[n_used++] = c;
                to_cell[i] = 0;
            }
            to_cell[i] += in->cost[h];
            all += in->cost[h];
            most = to_cell[i] > most ? to_cell[i] : most;
        }
        cut += all - most;
    }
    return cut;
}

/** Can the free units still fill the cells? Where not, one more cell will be out. */
static bool fits(branching *b, const level *now, unit_set free_units) {
    const wg_instance *in = b->in;
    const double unopened = b->k - now->opened;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        const wg_zi_limit *limit = &in->limit[a];
        double left = 0, room = unopened > 0 ? unopened * limit->max : 0;
        double need = unopened > 0 && isfinite(limit->min) ? unopened * limit->min : 0;
        if (limit->soft > 0) {
            continue;
        }
        for (unit_set rest = free_units; rest != 0; rest &= rest - 1) {
            left += in->value[(size_t)lowest(rest) * in->n_limits + a];
        }
        for (uint32_t c = 0; c < now->opened; c++) {
            sum_units(b, now->cell[c].units, b->sum);
            room += now->cell[c].closed ? 0 : fmax(0, limit->max - b->sum[a]);
            need += isfinite(limit->min) ? fmax(0, limit->min - b->sum[a]) : 0;
        }
        if (left > room * (1 + 1e-12) || left < need * (1 - 1e-12)) {
            return false;
        }
    }
    return true;
}

/** Is what is certain already no better than the best plan? */
static bool hopeless(branching *b, const level *now, unit_set free_units) {
    wg_zi_key bound = {.score = now->cut};
    for (uint32_t c = 0; c < now->opened; c++) {
        bound.out += now->cell[c].excess > 0;
        bound.excess += now->cell[c].excess;
        bound.score += now->cell[c].score;
    }
    if (bound.out > b->best->out || (bound.out == b->best->out && bound.excess > b->best->excess + 1e-9)) {
        return true;
    }
    if (bound.out < b->best->out && bound.out == 0 && b->best->out == 1 && !fits(b, now, free_units)) {
        bound.out = 1;
    } else if (b->best->out == 0 && !fits(b, now, free_units)) {
        return true;
    }
    if (bound.out < b->best->out || bound.excess < b->best->excess - 1e-9) {
        return false;
    }
    bound.score += future_cut(b, free_units);
    return bound.score > b->best->score - b->margin;
}

static void keep(branching *b, const level *now) {
    wg_zi_key key = {.score = now->cut};
    for (uint32_t c = 0; c < now->opened; c++) {
        key.out += now->cell[c].excess > 0;
        key.excess += now->cell[c].excess;
        key.score += now->cell[c].score;
    }
    if (now->opened == b->k && wg_key_better(&key, b->best)) {
        *b->best = key;
        memcpy(b->label, b->current, b->in->n * sizeof *b->label);
    }
}

/** Put unit v into cell c of the next level. @return false where that branch is dead */
static bool place(branching *b, const level *now, level *next, uint32_t v, uint32_t c, unit_set free_units) {
    const wg_instance *in = b->in;
    memcpy(next->cell, now->cell, now->opened * sizeof *now->cell);
    next->opened = now->opened;
    next->cut = now->cut;
    if (c == now->opened) {
        next->opened++;
        next->cell[c] = (part_cell){0};
    }
    next->cell[c].units |= (unit_set)1 << v;
    b->current[v] = c;
    for (uint32_t h = in->start[v]; in->cost != NULL && h < in->start[v + 1]; h++) {
        if ((free_units >> in->to[h] & 1) == 0 && in->to[h] != v && b->current[in->to[h]] != c) {
            next->cut += in->cost[h];
        }
    }
    for (uint32_t d = 0; d < next->opened; d++) {
        if (!refresh(b, next, d, free_units)) {
            return false;
        }
    }
    return true;
}

static bool branch(branching *b, uint32_t depth, unit_set free_units) {
    const level *now = &b->levels[depth];
    if (++b->nodes > b->budget) {
        return false;
    }
    if (free_units == 0) {
        keep(b, now);
        return true;
    }
    const uint32_t v = b->order[depth], left = b->in->n - depth;
    free_units &= ~((unit_set)1 << v);
    for (uint32_t c = 0; c <= now->opened && c < b->k; c++) {
        const uint32_t still = b->k - now->opened - (c == now->opened ? 1 : 0);
        if (still > left - 1 || (c < now->opened && now->cell[c].closed)) {
            continue; /* every cell still needs a unit; a closed cell takes none */
        }
        level *next = &b->levels[depth + 1];
        if (place(b, now, next, v, c, free_units) && !hopeless(b, next, free_units) &&
            !branch(b, depth + 1, free_units)) {
            return false;
        }
    }
    return true;
}

/** Next comes the unit with the most neighbours that have been: prices of lines become certain early. */
static void order_units(branching *b) {
    const uint32_t n = b->in->n;
    unit_set done = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t best = WG_UNASSIGNED;
        int best_rank = 0;
        for (uint32_t v = 0; v < n; v++) {
            if ((done >> v & 1) != 0) {
                continue;
            }
            const int joined = __builtin_popcountll(b->adjacent[v] & done);
            const int rank = 64 * joined - __builtin_popcountll(b->adjacent[v] & ~done);
            if (best == WG_UNASSIGNED || rank > best_rank) {
                best_rank = rank;
                best = v;
            }
        }
        b->order[i] = best;
        done |= (unit_set)1 << best;
    }
}

static double score_margin(const wg_instance *in) {
    bool whole = in->cost != NULL && in->shape == NULL;
    for (uint32_t h = 0; whole && h < 2 * in->m; h++) {
        whole = in->cost[h] >= 0 && floor(in->cost[h]) == in->cost[h];
    }
    for (uint32_t a = 0; a < in->n_limits; a++) {
        whole = whole && in->limit[a].soft <= 0;
    }
    return whole ? 1 - 1e-6 : 1e-9;
}

wg_status wg_exact(wg_search *search, const wg_instance *in, uint32_t k, uint64_t budget, uint32_t *label,
                   wg_zi_key *key, bool *finished) {
    wg_status status = WG_OK;
    *finished = false;
    if (in->n > WG_EXACT_UNITS || in->home != NULL || in->group != NULL || in->apart != NULL) {
        return WG_OK;
    }
    branching *b = wg_calloc(1, sizeof *b);
    if (b == NULL) {
        return wg_fail_memory(search->ctx);
    }
    *b = (branching){.search = search, .in = in, .k = k, .budget = budget, .label = label, .best = key};
    b->levels = wg_calloc((size_t)in->n + 1, sizeof *b->levels);
    b->sum = wg_calloc(in->n_limits, sizeof *b->sum);
    if (b->levels == NULL || b->sum == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
            b->adjacent[v] |= (unit_set)1 << in->to[h];
        }
    }
    b->margin = score_margin(in);
    order_units(b);
    const unit_set all = in->n == 64 ? ~(unit_set)0 : ((unit_set)1 << in->n) - 1;
    *finished = branch(b, 0, all);
    search->steps += b->nodes;
    wg_search_trace(search, *finished ? "proven" : "unproven", in, k, label);
done:
    free(b->levels);
    free(b->sum);
    free(b);
    return status;
}
