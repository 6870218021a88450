/** What holds together: narrow units and their neighbours, compounds, exclaves and what they are attached to. */
#include <math.h>
#include <string.h>

#include "zoning/prepare.h"

/** Units of equal number that are joined by edges become one, where `may` says so. */
static void contract_narrow(wg_preparing *p) {
    const wg_graph *graph = p->problem->graph;
    for (uint32_t i = 0; i < p->n && p->problem->role != NULL; i++) {
        const uint32_t v = p->raw[i];
        if (!wg_unit_role_is(p->problem, v, WG_UNIT_NARROW)) {
            continue;
        }
        uint32_t best = WG_UNASSIGNED;
        double best_length = -1;
        for (uint32_t h = graph->start[v]; h < graph->link_end[v]; h++) {
            const uint32_t w = graph->to[h];
            const double bonus = wg_unit_role_is(p->problem, w, WG_UNIT_NARROW) ? 0 : 1e9; /* wider neighbours first */
            if (p->active[w] != WG_UNASSIGNED && graph->length[graph->edge[h]] + bonus > best_length &&
                (p->problem->locked == NULL || (!p->problem->locked[v] && !p->problem->locked[w]))) {
                best_length = graph->length[graph->edge[h]] + bonus;
                best = p->active[w];
            }
        }
        if (best != WG_UNASSIGNED) {
            wg_find_unite(p->find, i, best);
        }
    }
}

static bool same_lock(const wg_preparing *p, uint32_t i, uint32_t j) {
    const wg_instance *in = p->raw_instance;
    return in->locked == NULL || (in->locked[i] == in->locked[j] && (!in->locked[i] || in->home[i] == in->home[j]));
}

/** Sum every limit over the sets of the union-find. `sums` is n * n_limits. */
static void sum_sets(wg_preparing *p, double *sums) {
    const wg_instance *in = p->raw_instance;
    memset(sums, 0, (size_t)p->n * in->n_limits * sizeof *sums);
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t root = wg_find_root(p->find, i);
        for (uint32_t a = 0; a < in->n_limits; a++) {
            sums[(size_t)root * in->n_limits + a] += in->value[(size_t)i * in->n_limits + a];
        }
    }
}

/** Connected units of a compound become one where the compound's piece fits into a cell. */
static wg_status contract_compounds(wg_preparing *p) {
    const wg_instance *in = p->raw_instance;
    const wg_graph *graph = p->problem->graph;
    wg_status status = WG_OK;
    uint32_t *trial = wg_malloc(p->n, sizeof *trial);
    double *sums = wg_malloc((size_t)p->n * in->n_limits, sizeof *sums);
    if (trial == NULL || sums == NULL) {
        status = wg_fail_memory(p->ctx);
        goto done;
    }
    memcpy(trial, p->find, p->n * sizeof *trial);
    for (uint32_t i = 0; i < p->n;
         i++) { /* over all that connects, also where it is too short to hold a cell together */
        const uint32_t v = p->raw[i];
        for (uint32_t h = graph->start[v]; h < graph->link_end[v]; h++) {
            const uint32_t j = p->active[graph->to[h]];
            if (j != WG_UNASSIGNED && in->group[i] != WG_UNASSIGNED && in->group[i] == in->group[j] &&
                same_lock(p, i, j) &&
                (in->apart == NULL || (in->apart[i] == WG_UNASSIGNED && in->apart[j] == WG_UNASSIGNED))) {
                wg_find_unite(trial, i, j);
            }
        }
    }
    uint32_t *own = p->find;
    p->find = trial;
    sum_sets(p, sums);
    p->find = own;
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t root = wg_find_root(trial, i);
        bool fits = true;
        for (uint32_t a = 0; a < in->n_limits; a++) {
            fits = fits && (in->limit[a].soft > 0 || sums[(size_t)root * in->n_limits + a] <= in->limit[a].max);
        }
        if (fits && root != i) {
            wg_find_unite(p->find, i, root);
        }
    }
done:
    free(trial);
    free(sums);
    return status;
}

/* ------------------------------------------------------------------ exclaves */

typedef struct island {
    bool small, held; /**< held: has a locked unit, never attached */
    double load;      /**< the least of its sums relative to the minima; what decides who is attached first */
} island;

static void weigh_islands(wg_preparing *p, uint32_t *island_of, uint32_t n, double *sums, island *islands) {
    const wg_instance *in = p->raw_instance;
    memset(sums, 0, (size_t)n * in->n_limits * sizeof *sums);
    memset(islands, 0, n * sizeof *islands);
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t c = wg_find_root(island_of, p->component[i]);
        for (uint32_t a = 0; a < in->n_limits; a++) {
            sums[(size_t)c * in->n_limits + a] += in->value[(size_t)i * in->n_limits + a];
        }
        islands[c].held = islands[c].held || (in->locked != NULL && in->locked[i]);
    }
    for (uint32_t c = 0; c < n; c++) {
        double any = 0;
        islands[c].load = INFINITY;
        for (uint32_t a = 0; a < in->n_limits; a++) {
            const double sum = sums[(size_t)c * in->n_limits + a];
            any += sum;
            if (in->limit[a].soft > 0 || !isfinite(in->limit[a].min)) {
                continue;
            }
            islands[c].small = islands[c].small || sum < in->limit[a].min;
            islands[c].load = fmin(islands[c].load, sum * in->limit[a].per_min);
        }
        if (in->n_limits > 0 && !(any > 0)) { /* land without anything on it is no cell of its own */
            islands[c].small = true;
            islands[c].load = 0;
        }
    }
}

/** Nearest pair of units between island c and any other: the anchors that the caller gave, else representative points.
 */
static bool nearest_pair(wg_preparing *p, uint32_t *island_of, uint32_t c, uint32_t *from, uint32_t *to) {
    const wg_problem *problem = p->problem;
    double best = INFINITY;
    for (uint32_t i = 0; i < p->n && problem->anchor != NULL; i++) {
        const uint32_t a = problem->anchor[p->raw[i]];
        if (wg_find_root(island_of, p->component[i]) == c && a != WG_UNASSIGNED && p->active[a] != WG_UNASSIGNED &&
            wg_find_root(island_of, p->component[p->active[a]]) != c && problem->anchor_m[p->raw[i]] < best) {
            best = problem->anchor_m[p->raw[i]];
            *from = i;
            *to = p->active[a];
        }
    }
    if (isfinite(best) || problem->x == NULL) {
        return isfinite(best);
    }
    for (uint32_t i = 0; i < p->n; i++) {
        for (uint32_t j = 0; wg_find_root(island_of, p->component[i]) == c && j < p->n; j++) {
            const double dx = problem->x[p->raw[i]] - problem->x[p->raw[j]];
            const double dy = problem->y[p->raw[i]] - problem->y[p->raw[j]];
            if (dx * dx + dy * dy < best && wg_find_root(island_of, p->component[j]) != c) {
                best = dx * dx + dy * dy;
                *from = i;
                *to = j;
            }
        }
    }
    return isfinite(best);
}

/** The exclave's shape does not count: compactness is that of the main part. Lines to others are outline for them
 * anyway. */
static void drop_shapes(wg_preparing *p, uint32_t *island_of, uint32_t c) {
    wg_instance *in = p->raw_instance;
    for (uint32_t i = 0; i < p->n; i++) {
        const bool own = wg_find_root(island_of, p->component[i]) == c;
        if (own) {
            in->shape[i] = (wg_zi_shape){0};
        }
        for (uint32_t h = in->start[i]; h < in->start[i + 1]; h++) {
            const bool other = wg_find_root(island_of, p->component[in->to[h]]) == c;
            if (own && other) { /* inner lines, which contraction takes off again */
                in->shape[i].perimeter += in->line[h].length;
                in->shape[i].street += in->line[h].street;
                in->line[h].major = 0;
            } else if (own != other) {
                if (!own) {
                    in->shape[i].street -= in->line[h].street;
                }
                in->line[h] = (wg_zi_line){0};
            }
        }
    }
}

/** The island that is attached next: of those too small the one with the least load; WG_UNASSIGNED: none. */
static uint32_t next_small(const island *islands, uint32_t *island_of, const bool *stays, uint32_t n) {
    uint32_t best = WG_UNASSIGNED;
    for (uint32_t c = 0; c < n; c++) {
        if (wg_find_root(island_of, c) == c && islands[c].small && !islands[c].held && !stays[c] &&
            (best == WG_UNASSIGNED || islands[c].load < islands[best].load)) {
            best = c;
        }
    }
    return best;
}

static void attach(wg_preparing *p, uint32_t *island_of, uint32_t c, uint32_t to, bool *attached) {
    const uint32_t host = wg_find_root(island_of, p->component[to]);
    if (p->raw_instance->shape != NULL && p->options->solve.objective == WG_OBJECTIVE_PLAN) {
        drop_shapes(p, island_of, c);
    }
    for (uint32_t i = 0; i < p->n; i++) {
        if (wg_find_root(island_of, p->component[i]) == c) {
            wg_find_unite(p->find, i, to);
            attached[p->raw[i]] = true;
        }
    }
    wg_find_unite(island_of, c, host);
}

/** Components that cells which stay as they are cut off from others are no exclaves: nothing is attached over these. */
static wg_status find_enclosed(wg_preparing *p, bool *enclosed) {
    const wg_graph *graph = p->problem->graph;
    if (p->problem->closed == NULL || p->problem->present == NULL) {
        return WG_OK;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t v = p->raw[i];
        for (uint32_t h = graph->start[v]; h < graph->link_end[v]; h++) {
            const uint32_t w = graph->to[h];
            if (p->active[w] == WG_UNASSIGNED && !wg_unit_role_is(p->problem, w, WG_UNIT_LATE)) {
                enclosed[p->component[i]] = true;
            }
        }
    }
    return WG_OK;
}

/** Components too small for the limits join the unit nearest to them, the smallest first. */
static wg_status attach_exclaves(wg_preparing *p, bool *attached) {
    wg_status status = WG_OK;
    const uint32_t n = p->n_components;
    uint32_t left = n;
    uint32_t *island_of = wg_malloc(n, sizeof *island_of);
    island *islands = wg_malloc(n, sizeof *islands);
    bool *stays = wg_calloc(n, sizeof *stays);
    double *sums = wg_malloc((size_t)n * p->raw_instance->n_limits, sizeof *sums);
    if (island_of == NULL || islands == NULL || stays == NULL || sums == NULL) {
        status = wg_fail_memory(p->ctx);
        goto done;
    }
    for (uint32_t c = 0; c < n; c++) {
        island_of[c] = c;
    }
    WG_TRY(find_enclosed(p, stays));
    while (left > 1) {
        weigh_islands(p, island_of, n, sums, islands);
        const uint32_t c = next_small(islands, island_of, stays, n);
        if (c == WG_UNASSIGNED) {
            break;
        }
        uint32_t from = 0, to = 0;
        if (nearest_pair(p, island_of, c, &from, &to)) {
            attach(p, island_of, c, to, attached);
            left--;
        } else {
            stays[c] = true;
        }
    }
done:
    free(island_of);
    free(islands);
    free(stays);
    free(sums);
    return status;
}

wg_status wg_contract_all(wg_preparing *p, bool keep_compounds, bool *attached) {
    wg_status status = WG_OK;
    contract_narrow(p);
    /* Where today's cells count, whole compounds are a price among others: moved whole, they move more people. */
    const bool today = p->raw_instance->home != NULL && p->options->solve.stability > 0;
    if (keep_compounds && !today && p->raw_instance->group != NULL) {
        WG_TRY(contract_compounds(p));
    }
    if (p->options->exclaves == WG_EXCLAVES_ATTACH && p->n_components > 1) {
        WG_TRY(attach_exclaves(p, attached));
    }
done:
    return status;
}

typedef struct numbered {
    uint32_t number, unit;
} numbered;

static int by_number(const void *a, const void *b) {
    const numbered *x = a, *y = b;
    if (x->number != y->number) {
        return x->number < y->number ? -1 : 1;
    }
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

wg_status wg_dense_numbers(wg_context *ctx, uint32_t *number, uint32_t n, uint32_t *count) {
    numbered *sorted = wg_malloc(n, sizeof *sorted);
    if (sorted == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = (numbered){number[i], i};
    }
    qsort(sorted, n, sizeof *sorted, by_number);
    *count = 0;
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i + 1;
        while (end < n && sorted[end].number == sorted[i].number) {
            end++;
        }
        const bool counts = sorted[i].number != WG_UNASSIGNED && end - i > 1;
        for (uint32_t j = i; j < end; j++) {
            number[sorted[j].unit] = counts ? *count : WG_UNASSIGNED;
        }
        *count += counts;
        i = end;
    }
    free(sorted);
    return WG_OK;
}
