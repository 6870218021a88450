/*
 * What of today's cells is open to the search, attempt by attempt.
 *
 * Below stability 1 everything is open and one attempt is made. At 1 the cells that break a limit and their neighbours
 * are open, and the next ring only while limits are not met. Where that moves households, and more than must, a scout
 * goes without a fence at the default stability: a search that may also pay for shape finds its way round corners that
 * one which pays for nothing but change does not. Its plan counts if it keeps more limits or moves fewer households,
 * and if every cell that it changes is bound by the changes to one that broke a limit; where some are not, they are
 * shut and the scout goes again. So stability 1 never moves more than the default does.
 */
#include <math.h>
#include <string.h>

#include "plan/present.h"

/** How often a scout may go, with more shut of what nothing asked to change. */
enum { SCOUTS = 3 };

static void label_sums(const wg_revision *revision, const wg_atoms *atoms, const wg_present_district *own,
                       double *sum) {
    const wg_plan_city *city = &revision->city;
    const uint32_t m = city->n_measures;
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        for (uint32_t k = 0; k < m && own->unit[u] != WG_UNASSIGNED; k++) {
            sum[(size_t)own->unit[u] * m + k] += city->measures[k].is_area ? atoms->area_m2[u] : 0;
        }
    }
    for (size_t b = 0; b < atoms->n_buildings; b++) {
        const size_t row = city->placement.order[city->placement.first[atoms->community] + b];
        const uint32_t unit = atoms->building_unit[b];
        for (uint32_t k = 0; k < m && unit != WG_UNASSIGNED && own->unit[unit] != WG_UNASSIGNED; k++) {
            sum[(size_t)own->unit[unit] * m + k] += city->measures[k].is_area ? 0 : city->measures[k].value[row];
        }
    }
}

static bool breaks_limits(const wg_plan_city *city, const double *sum) {
    for (uint32_t k = 0; k < city->n_measures; k++) {
        const wg_limit *limit = &city->measures[k].limit;
        if (sum[k] > limit->max * (1 + 1e-9) || sum[k] * (1 + 1e-9) < limit->min) {
            return true;
        }
    }
    return false;
}

/**
 * People who leave their cell in any plan that meets the limits: what is over a maximum has to go; what is below a
 * minimum fills up or is given up, and where both happen the same people may do.
 */
static double least_moved(const wg_plan_city *city, const double *sum, uint32_t n_labels) {
    const double *people = city->figures.has_households   ? city->figures.households
                           : city->figures.has_population ? city->figures.population
                                                          : NULL;
    double least = 0;
    for (uint32_t k = 0; k < city->n_measures; k++) {
        const wg_limit *limit = &city->measures[k].limit;
        double over = 0, under = 0;
        for (uint32_t l = 0; l < n_labels && people != NULL && city->measures[k].value == people; l++) {
            const double has = sum[(size_t)l * city->n_measures + k];
            over += has > limit->max ? has - limit->max : 0;
            under += has < limit->min ? fmin(has, limit->min - has) : 0;
        }
        least = fmax(least, fmax(over, under));
    }
    return least;
}

wg_status wg_revision_find_rings(wg_context *ctx, const wg_revision *revision, const wg_atoms *atoms,
                                 wg_present_district *own) {
    const wg_plan_city *city = &revision->city;
    double *sum = wg_calloc((size_t)own->n_labels * city->n_measures, sizeof *sum);
    own->ring = wg_malloc(own->n_labels, sizeof *own->ring);
    if (sum == NULL || own->ring == NULL) {
        free(sum);
        return wg_fail_memory(ctx);
    }
    label_sums(revision, atoms, own, sum);
    own->least = least_moved(city, sum, own->n_labels);
    for (uint32_t l = 0; l < own->n_labels; l++) {
        own->ring[l] = breaks_limits(city, sum + (size_t)l * city->n_measures) ? 0 : WG_UNASSIGNED;
    }
    free(sum);
    bool grown = true;
    for (uint32_t step = 0; grown; step++) {
        grown = false;
        for (uint32_t e = 0; e < atoms->n_edges; e++) {
            const uint32_t a = own->unit[atoms->edges[e].u], b = own->unit[atoms->edges[e].v];
            if (a == WG_UNASSIGNED || b == WG_UNASSIGNED || (own->ring[a] == step) == (own->ring[b] == step)) {
                continue;
            }
            const uint32_t from = own->ring[a] == step ? a : b, to = from == a ? b : a;
            if (own->ring[to] == WG_UNASSIGNED && !own->locked[from]) {
                own->ring[to] = step + 1;
                grown = true;
            }
        }
    }
    return WG_OK;
}

/** How much of a line's cost is that networks have no line there; the rest is what its rank costs. */
static const double network_share = 0.6;

/** With several networks a boundary is cheap where many of them, by weight, have a line. */
static wg_status set_line_costs(wg_context *ctx, const wg_revision *revision, const wg_atoms *atoms,
                                wg_present *present) {
    const wg_present_district *own = &revision->districts[atoms->community];
    double all = 0;
    present->line_cost = wg_calloc(atoms->n_edges, sizeof *present->line_cost);
    if (present->line_cost == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < revision->n_networks; i++) {
        all += revision->networks[i].weight;
    }
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        const wg_edge *edge = &atoms->edges[e];
        double without = 0;
        for (uint32_t i = 0; i < revision->n_networks; i++) {
            const uint32_t *row = i == 0 ? own->unit : own->others + (size_t)(i - 1) * atoms->n_units;
            without += row[edge->u] == row[edge->v] ? revision->networks[i].weight : 0;
        }
        const double by_rank = fmin(1, fmax(0, revision->city.weights.rank_cost[edge->rank]));
        present->line_cost[e] = (1 - network_share) * by_rank + network_share * without / all;
    }
    return WG_OK;
}

double wg_revision_stability(const wg_revision *revision, double stability) {
    double all = 0;
    for (uint32_t i = 0; i < revision->n_networks; i++) {
        all += revision->networks[i].weight;
    }
    if (revision->n_networks < 2 || stability >= 1) {
        return stability;
    }
    const double price = cbrt(revision->networks[0].weight / all) * stability / (1 - stability);
    return price / (1 + price); /* wg_zoning_price_of_change is (s / (1 - s))^3 */
}

static wg_status give_present(wg_context *ctx, const wg_plan_city *city, const wg_atoms *atoms, uint32_t attempt,
                              wg_present *present, void *user) {
    (void)city;
    (void)attempt; /* `weigh` has noted what is open now */
    const wg_revision *revision = user;
    const wg_present_district *own = &revision->districts[atoms->community];
    if (own->free || own->n_labels == 0) {
        return WG_OK;
    }
    present->label = wg_calloc(atoms->n_units, sizeof *present->label);
    present->closed = wg_calloc(own->n_labels, sizeof *present->closed);
    if (present->label == NULL || present->closed == NULL) {
        return wg_fail_memory(ctx);
    }
    memcpy(present->label, own->unit, atoms->n_units * sizeof *present->label);
    for (uint32_t l = 0; l < own->n_labels; l++) {
        const bool shut = own->shut != NULL ? own->shut[l] : own->fenced && own->ring[l] > own->reach;
        present->closed[l] = own->locked[l] || shut;
    }
    present->stability = wg_revision_stability(revision, own->shut != NULL ? WG_REDRAW_STABILITY : present->stability);
    present->n_labels = own->n_labels;
    return revision->n_networks > 1 ? set_line_costs(ctx, revision, atoms, present) : WG_OK;
}

/** Root of a label's set of cells that the changes bind together. */
static uint32_t root_of(uint32_t *find, uint32_t l) {
    while (find[l] != l) {
        l = find[l] = find[find[l]];
    }
    return l;
}

wg_status wg_revision_find_needless(wg_context *ctx, const wg_present_district *own, const wg_district *solved,
                                    bool *free_of, bool *allowed) {
    const uint32_t n_labels = own->n_labels, n_units = solved->atoms->n_units;
    uint32_t *find = wg_malloc(n_labels, sizeof *find), *first = wg_malloc(solved->n_cells, sizeof *first);
    uint32_t *cell = wg_malloc(n_labels, sizeof *cell);
    bool *changed = wg_calloc(n_labels, sizeof *changed), *needless = wg_calloc(n_labels, sizeof *needless);
    const bool made = needless != NULL && find != NULL && first != NULL && cell != NULL && changed != NULL;
    for (uint32_t l = 0; l < n_labels && made; l++) {
        find[l] = l;
        cell[l] = WG_UNASSIGNED;
        needless[l] = true;
    }
    for (uint32_t c = 0; c < solved->n_cells && made; c++) {
        first[c] = WG_UNASSIGNED;
    }
    for (uint32_t u = 0; u < n_units && made; u++) {
        const uint32_t l = own->unit[u], c = solved->label[u];
        const bool late = solved->atoms->barrier_surface != NULL && solved->atoms->barrier_surface[u];
        if (l == WG_UNASSIGNED || late || c >= solved->n_ordinary) { /* not the search's to give */
            continue;
        }
        first[c] = first[c] == WG_UNASSIGNED ? l : first[c];
        cell[l] = cell[l] == WG_UNASSIGNED ? c : cell[l];
        const uint32_t a = root_of(find, l), b = root_of(find, first[c]);
        changed[l] = changed[l] || cell[l] != c || first[c] != l;
        changed[first[c]] = changed[first[c]] || first[c] != l;
        find[a > b ? a : b] = a > b ? b : a;
    }
    *allowed = true;
    for (uint32_t l = 0; l < n_labels && made; l++) {
        needless[root_of(find, l)] &= own->ring[l] != 0;
    }
    for (uint32_t l = 0; l < n_labels && made; l++) {
        needless[l] = needless[root_of(find, l)];
        *allowed = *allowed && !(changed[l] && needless[l]);
        if (free_of != NULL) {
            free_of[l] = needless[l];
        }
    }
    free(find);
    free(first);
    free(cell);
    free(changed);
    free(needless);
    return made ? WG_OK : wg_fail_memory(ctx);
}

/** Limits first, then the households that move. */
static bool is_less(const wg_district *a, double moved_a, const wg_district *b, double moved_b) {
    if (a->out != b->out) {
        return a->out < b->out;
    }
    if (fabs(a->excess - b->excess) > 1e-9) {
        return a->excess < b->excess;
    }
    return moved_a < moved_b - 1e-9;
}

/** Is there a cell within reach of one that breaks a limit, and not open yet? */
static bool is_more_in_reach(const wg_present_district *own) {
    bool more = false;
    for (uint32_t l = 0; l < own->n_labels; l++) {
        more = more || (!own->locked[l] && own->ring[l] != WG_UNASSIGNED && own->ring[l] > own->reach);
    }
    return more;
}

/** What is open to the next attempt. @param out  the best plan so far has cells out of limits */
static bool plan_next(wg_present_district *own, bool out, bool allowed, bool *free_of) {
    const double least = out ? 0 : own->least;
    if (own->shut == NULL && out && is_more_in_reach(own)) {
        own->reach++;
        return true;
    }
    const bool first = own->shut == NULL;
    if (first ? own->moved < least + 1e-3 : allowed || own->scouts >= SCOUTS) {
        return false;
    }
    for (uint32_t l = 0; l < own->n_labels && first; l++) {
        free_of[l] = own->ring[l] == WG_UNASSIGNED;
    }
    free(own->shut);
    own->shut = free_of;
    own->scouts++;
    return true;
}

static wg_status weigh(wg_context *ctx, const wg_district *solved, const wg_district *best, bool *better, bool *more,
                       void *user) {
    wg_status status = WG_OK;
    const wg_revision *revision = user;
    wg_present_district *own = &revision->districts[solved->community];
    bool *free_of = NULL, allowed = true;
    uint32_t *label = NULL;
    double moved = 0, total = 0;
    *better = best == NULL;
    *more = false;
    if (!own->fenced) {
        return WG_OK;
    }
    label = wg_calloc(solved->n_cells, sizeof *label);
    free_of = wg_calloc(own->n_labels, sizeof *free_of);
    if (label == NULL || free_of == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_revision_pair(ctx, revision, solved, label, &moved, &total));
    WG_TRY(wg_revision_find_needless(ctx, own, solved, free_of, &allowed));
    *better = best == NULL || (allowed && is_less(solved, moved, best, own->moved));
    own->moved = *better ? moved : own->moved;
    *more = plan_next(own, (*better ? solved : best)->out > 0, allowed, free_of);
    free_of = *more && own->shut == free_of ? NULL : free_of;
done:
    free(label);
    free(free_of);
    return status;
}

wg_redrawing wg_revision_redrawing(wg_revision *revision) {
    return (wg_redrawing){.present = give_present, .weigh = weigh, .user = revision};
}
