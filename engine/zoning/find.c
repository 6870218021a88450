/** One plan: prepare, count, solve every component, number the cells through. */
#include <math.h>
#include <string.h>

#include "zoning/trace.h"

void wg_found_release(wg_found *found) {
    wg_prepared_release(&found->prepared);
    free(found->parts);
    free(found->totals);
    free(found->proven);
    free(found->label);
    free(found->origin);
    free(found->part_of);
    *found = (wg_found){0};
}

/* ------------------------------------------------------------------ present cells of a component */

typedef struct home_cell {
    uint32_t label;
    bool locked;
    double weight;
} home_cell;

static int homes_first(const void *a, const void *b) {
    const home_cell *x = a, *y = b;
    if (x->locked != y->locked) {
        return x->locked ? -1 : 1;
    }
    if (x->weight > y->weight || x->weight < y->weight) {
        return x->weight > y->weight ? -1 : 1;
    }
    return x->label < y->label ? -1 : x->label > y->label;
}

/**
 * Number the present cells of a component 0, 1, …: locked ones first, then the heaviest, so that those that go where
 * there are fewer cells than today are the lightest. home[] of the instance is renumbered. @return list to be freed,
 * NULL: no memory
 */
static home_cell *number_homes(wg_instance *in, uint32_t *count, uint32_t *n_locked) {
    uint32_t most = 0;
    for (uint32_t v = 0; v < in->n; v++) {
        most = in->home[v] != WG_UNASSIGNED && in->home[v] >= most ? in->home[v] + 1 : most;
    }
    home_cell *homes = wg_calloc(most, sizeof *homes);
    uint32_t *number = wg_malloc(most, sizeof *number);
    if (homes == NULL || number == NULL) {
        free(homes);
        free(number);
        return NULL;
    }
    for (uint32_t c = 0; c < most; c++) {
        homes[c].label = c;
        homes[c].weight = -1;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        if (in->home[v] != WG_UNASSIGNED) {
            home_cell *home = &homes[in->home[v]];
            home->weight = (home->weight < 0 ? 0 : home->weight) + in->stay[v];
            home->locked = home->locked || (in->locked != NULL && in->locked[v]);
        }
    }
    qsort(homes, most, sizeof *homes, homes_first);
    *count = *n_locked = 0;
    for (uint32_t c = 0; c < most; c++) {
        number[homes[c].label] = c;
        *count += homes[c].weight >= 0;
        *n_locked += homes[c].locked;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        in->home[v] = in->home[v] == WG_UNASSIGNED ? WG_UNASSIGNED : number[in->home[v]];
    }
    free(number);
    return homes;
}

/* ------------------------------------------------------------------ a component */

/** Tries other numbers of cells where the chosen one leaves cells out of limits and nothing fixes it. */
static wg_status try_other_counts(wg_search *search, const wg_instance *in, const wg_solve_options *options,
                                  const wg_part_count *part, uint32_t least, wg_outcome *best) {
    wg_status status = WG_OK;
    const int offsets[] = {1, -1, 2, -2};
    const int64_t chosen = best->k;
    wg_outcome other = {.label = wg_malloc(in->n, sizeof *other.label)};
    if (other.label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0] && best->key.out > 0 && !search->capped; i++) {
        const int64_t k = chosen + offsets[i];
        if (k < 1 || k < least || k > in->n || (options->count_max > 0 && k > options->count_max) ||
            k < (int64_t)options->count_min) {
            continue;
        }
        const double unavoidable = wg_count_excess(in->limit, part->totals, in->n_limits, (uint32_t)k);
        if (unavoidable >= best->key.excess && unavoidable > 0) {
            continue;
        }
        WG_TRY(wg_solve_instance(search, in, (uint32_t)k, NULL, &other));
        if (other.key.out < best->key.out ||
            (other.key.out == best->key.out && other.key.excess < best->key.excess - 1e-9)) {
            uint32_t *label = best->label;
            *best = other;
            other.label = label;
        }
    }
done:
    free(other.label);
    return status;
}

/** Score of a plan per cell, so that plans of more and fewer cells compare: quality a cell, change a present cell. */
static double score_per_cell(const wg_instance *in, const wg_outcome *outcome, uint32_t n_homes) {
    double change = 0;
    for (uint32_t v = 0; v < in->n; v++) {
        change += in->home[v] != outcome->label[v] ? in->stay[v] : 0;
    }
    return (outcome->key.score - change) / outcome->k + change / n_homes;
}

static bool better_near_today(const wg_instance *in, const wg_outcome *a, const wg_outcome *b, uint32_t n_homes) {
    if (a->key.conflicts != b->key.conflicts || a->key.out != b->key.out) {
        return a->key.conflicts < b->key.conflicts || (a->key.conflicts == b->key.conflicts && a->key.out < b->key.out);
    }
    if (fabs(a->key.excess - b->key.excess) > 1e-9) {
        return a->key.excess < b->key.excess;
    }
    return score_per_cell(in, a, n_homes) < score_per_cell(in, b, n_homes) - 1e-9;
}

/** One or two cells more or fewer than the first number may move fewer households: a cell divided, or given up. */
static wg_status try_counts_near_today(wg_search *search, const wg_instance *in, const wg_part_count *part,
                                       uint32_t least, uint32_t n_homes, wg_outcome *best) {
    wg_status status = WG_OK;
    const int offsets[] = {1, -1, 2, -2};
    const int64_t chosen = best->k;
    wg_outcome other = {.label = wg_malloc(in->n, sizeof *other.label)};
    if (other.label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0] && !search->capped; i++) {
        const int64_t k = chosen + offsets[i];
        if (k < 1 || k < least || k > in->n || k < part->range.low || k > part->range.high) {
            continue;
        }
        WG_TRY(wg_solve_instance(search, in, (uint32_t)k, NULL, &other));
        if (better_near_today(in, &other, best, n_homes)) {
            uint32_t *label = best->label;
            *best = other;
            other.label = label;
        }
    }
done:
    free(other.label);
    return status;
}

typedef struct part_result {
    wg_outcome outcome;
    home_cell *homes;
    uint32_t n_homes;
} part_result;

static wg_status solve_part(wg_search *search, wg_instance *in, const wg_zoning_options *options, wg_part_count *part,
                            uint32_t n_parts, part_result *result) {
    wg_status status = WG_OK;
    const wg_solve_options *solve = &options->solve;
    uint32_t n_locked = 0;
    result->outcome = (wg_outcome){.label = wg_malloc(in->n, sizeof *result->outcome.label)};
    if (result->outcome.label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    if (in->home != NULL && solve->objective != WG_OBJECTIVE_MAXP) {
        result->homes = number_homes(in, &result->n_homes, &n_locked);
        if (result->homes == NULL) {
            return wg_fail_memory(search->ctx);
        }
    }
    if (solve->objective == WG_OBJECTIVE_MAXP) {
        return wg_solve_maxp(search, in, n_parts == 1 ? solve->count_min : 0, n_parts == 1 ? solve->count_max : 0,
                             &result->outcome);
    }
    const bool open = solve->count_min == 0 && solve->count_max == 0;
    uint32_t k = part->k;
    const bool near_today = open && solve->stability > 0 && result->n_homes > 0 && part->range.low <= part->range.high;
    if (near_today) { /* as many as today, or the nearest number that the limits allow */
        k = result->n_homes < part->range.low    ? part->range.low
            : result->n_homes > part->range.high ? part->range.high
                                                 : result->n_homes;
        k = k > in->n ? in->n : k;
    }
    if (n_locked > 0) { /* each locked cell is one; beyond them a cell needs a unit that is free */
        uint32_t most = n_locked;
        for (uint32_t v = 0; v < in->n; v++) {
            most += !in->locked[v];
        }
        k = k < n_locked ? n_locked : k > most && open ? most : k;
    }
    WG_TRY(wg_solve_instance(search, in, k, NULL, &result->outcome));
    if (near_today) {
        WG_TRY(try_counts_near_today(search, in, part, n_locked, result->n_homes, &result->outcome));
    }
    if (n_parts == 1 && solve->count_min != solve->count_max) {
        WG_TRY(try_other_counts(search, in, solve, part, n_locked, &result->outcome));
    } else if (open) {
        WG_TRY(try_other_counts(search, in, solve, part, n_locked, &result->outcome));
    }
    part->k = result->outcome.k;
done:
    return status;
}

/** Number the part's cells behind those before it, and note what present cell each continues. */
static wg_status take_part(wg_context *ctx, wg_found *found, uint32_t which, const uint32_t *unit, uint32_t n,
                           const part_result *result) {
    const wg_outcome *outcome = &result->outcome;
    const size_t cells = (size_t)found->n_cells + outcome->k;
    uint32_t *origin = wg_realloc(found->origin, cells, sizeof *origin);
    found->origin = origin != NULL ? origin : found->origin;
    uint32_t *part_of = wg_realloc(found->part_of, cells, sizeof *part_of);
    found->part_of = part_of != NULL ? part_of : found->part_of;
    if (origin == NULL || part_of == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t c = 0; c < outcome->k; c++) {
        origin[found->n_cells + c] = c < result->n_homes ? result->homes[c].label : WG_UNASSIGNED;
        part_of[found->n_cells + c] = which;
    }
    for (uint32_t i = 0; i < n; i++) {
        found->label[unit[i]] = found->n_cells + outcome->label[i];
    }
    found->n_cells += outcome->k;
    found->proven[which] = outcome->proven;
    found->all_proven = found->all_proven && outcome->proven;
    found->key.conflicts += outcome->key.conflicts;
    found->key.out += outcome->key.out;
    found->key.excess += outcome->key.excess;
    found->key.score += outcome->key.score;
    found->bound += outcome->bound;
    return WG_OK;
}

static wg_status count_cells(wg_search *search, const wg_zoning_options *options, wg_found *found) {
    const wg_instance *base = found->prepared.base;
    const uint32_t n_parts = found->prepared.n_parts, limits = base->n_limits;
    found->parts = wg_calloc(n_parts, sizeof *found->parts);
    found->totals = wg_calloc((size_t)n_parts * limits, sizeof *found->totals);
    found->proven = wg_calloc(n_parts, sizeof *found->proven);
    found->label = wg_calloc(base->n, sizeof *found->label);
    if (found->parts == NULL || found->totals == NULL || found->proven == NULL || found->label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    for (uint32_t v = 0; v < base->n; v++) {
        wg_part_count *part = &found->parts[found->prepared.part[v]];
        part->n_units++;
        for (uint32_t a = 0; a < limits; a++) {
            found->totals[(size_t)found->prepared.part[v] * limits + a] += base->value[(size_t)v * limits + a];
        }
    }
    for (uint32_t i = 0; i < n_parts; i++) {
        found->parts[i].totals = found->totals + (size_t)i * limits;
    }
    if (options->solve.objective == WG_OBJECTIVE_MAXP) {
        for (uint32_t i = 0; i < n_parts; i++) {
            found->parts[i].range = wg_count_allowed(base->limit, found->parts[i].totals, limits);
        }
        return WG_OK;
    }
    return wg_count_parts(search->ctx, base->limit, limits, options->solve.count_min, options->solve.count_max,
                          found->parts, n_parts);
}

/** Tell the trace which raw units the part's units are. `local`: scratch of the base's units. */
static void trace_part(wg_search *search, const wg_found *found, uint32_t part, const uint32_t *unit,
                       const wg_instance *in, uint32_t *local) {
    if (search->trace == NULL) {
        return;
    }
    memset(local, 0xff, found->prepared.base->n * sizeof *local);
    for (uint32_t i = 0; i < in->n; i++) {
        local[unit[i]] = i;
    }
    search->trace->unit = found->prepared.unit;
    search->trace->local = local;
    search->trace->in = in;
    search->trace->part = part;
    search->trace->first_cell = found->n_cells;
}

wg_status wg_find_plan(wg_search *search, const wg_problem *problem, const wg_zoning_options *options,
                       const wg_zoning_weights *weights, bool keep_compounds, wg_found *found) {
    wg_status status = WG_OK;
    wg_instance *in = NULL;
    uint32_t *unit = NULL, *local = NULL;
    part_result result = {0};
    *found = (wg_found){.all_proven = true};
    WG_TRY(wg_prepare(search->ctx, problem, options, weights, keep_compounds, &found->prepared));
    const wg_prepared *prepared = &found->prepared;
    WG_TRY(count_cells(search, options, found));
    unit = wg_malloc(prepared->base->n, sizeof *unit);
    local = wg_malloc(prepared->base->n, sizeof *local);
    if (unit == NULL || local == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    for (uint32_t i = 0; i < prepared->n_parts; i++) {
        WG_TRY(wg_instance_extract(search->ctx, prepared->base, prepared->part, i, unit, &in));
        WG_TRY(wg_instance_measure_hops(search->ctx, in));
        trace_part(search, found, i, unit, in, local);
        WG_TRY(solve_part(search, in, options, &found->parts[i], prepared->n_parts, &result));
        WG_TRY(take_part(search->ctx, found, i, unit, in->n, &result));
        free(result.outcome.label);
        free(result.homes);
        result = (part_result){0};
        wg_instance_free(in);
        in = NULL;
        WG_TRY(wg_progress(search->ctx, (double)(i + 1) / prepared->n_parts, "zones"));
    }
done:
    wg_instance_free(in);
    free(unit);
    free(local);
    free(result.outcome.label);
    free(result.homes);
    if (status != WG_OK) {
        wg_found_release(found);
    }
    return status;
}
