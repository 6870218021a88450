/* The parallel middle of partition and redraw: atoms, weaving, zone design, dissolving, a community at a time. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "model/wkb.h"
#include "plan/city.h"

void wg_district_free(wg_district *district) {
    if (district == NULL) {
        return;
    }
    wg_layer_free(district->cells);
    free(district->label);
    free(district->attached);
    free(district->info);
    free(district->households);
    free(district->population);
    free(district->registered);
    free(district->floating);
    free(district->area);
    free(district->measure);
    free(district->buildings);
    free(district->dedicated);
    free(district->order);
    for (uint32_t c = 0; c < district->n_cells; c++) {
        if (district->code != NULL) {
            free(district->code[c]);
        }
        if (district->name != NULL) {
            free(district->name[c]);
        }
        if (district->group != NULL) {
            free(district->group[c]);
        }
        if (district->reason_building != NULL) {
            free(district->reason_building[c]);
        }
    }
    free(district->reason_building);
    free(district->code);
    free(district->name);
    free(district->group);
    free(district->certificates);
    free(district);
}

typedef struct solve_state {
    wg_plan_city *city;
    wg_district **districts;
    wg_atoms **atoms;
    const wg_redrawing *redrawing; /**< NULL: from nothing */
    uint32_t attempt;
} solve_state;

/** The ordinary units of a community as a problem of their own; dedicated ones are cells already. */
typedef struct subset {
    uint32_t n;
    uint32_t *unit;   /**< n: unit of the atoms */
    uint32_t *number; /**< atoms' units: number in the subset, or WG_UNASSIGNED */
} subset;

static void subset_release(subset *part) {
    free(part->unit);
    free(part->number);
}

static wg_status subset_init(wg_context *ctx, const wg_atoms *atoms, subset *part) {
    part->unit = wg_calloc(atoms->n_units, sizeof *part->unit);
    part->number = wg_calloc(atoms->n_units, sizeof *part->number);
    if (part->unit == NULL || part->number == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        const bool ordinary = atoms->dedicated == NULL || atoms->dedicated[u] == WG_UNASSIGNED;
        part->number[u] = ordinary ? part->n : WG_UNASSIGNED;
        if (ordinary) {
            part->unit[part->n++] = u;
        }
    }
    return WG_OK;
}

/** Sum of a measure over a unit's buildings, or its area, for all units of the subset. */
static void measure_units(const wg_plan_city *city, const wg_atoms *atoms, const subset *part,
                          const wg_measure *measure, double *value) {
    for (uint32_t i = 0; i < part->n; i++) {
        value[i] = measure->is_area ? atoms->area_m2[part->unit[i]] : 0;
    }
    if (measure->is_area) {
        return;
    }
    const size_t first = city->placement.first[atoms->community];
    for (size_t b = 0; b < atoms->n_buildings; b++) {
        const uint32_t unit = atoms->building_unit[b];
        const size_t row = city->placement.order[first + b];
        if (unit != WG_UNASSIGNED && part->number[unit] != WG_UNASSIGNED) {
            value[part->number[unit]] += measure->value[row];
        }
    }
}

static wg_status add_shape(wg_context *ctx, wg_problem *problem, const wg_atoms *atoms, const subset *part) {
    wg_status status = WG_OK;
    double *area = wg_calloc(part->n, sizeof *area);
    double *outer = wg_calloc(part->n, sizeof *outer);
    double *x = wg_calloc(part->n, sizeof *x);
    double *y = wg_calloc(part->n, sizeof *y);
    uint32_t *group = wg_calloc(part->n, sizeof *group);
    uint8_t *role = wg_calloc(part->n, sizeof *role);
    if (area == NULL || outer == NULL || x == NULL || y == NULL || group == NULL || role == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 0; i < part->n; i++) {
        const uint32_t u = part->unit[i];
        area[i] = atoms->area_m2[u];
        outer[i] = atoms->outer_m[u];
        x[i] = atoms->x[u];
        y[i] = atoms->y[u];
        group[i] = atoms->compound == NULL ? WG_UNASSIGNED : atoms->compound[u];
        role[i] = atoms->barrier_surface != NULL && atoms->barrier_surface[u] ? WG_UNIT_LATE : WG_UNIT_ORDINARY;
    }
    /* A line shared with a dedicated cell is an outer boundary for what is left. */
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        const uint32_t u = part->number[atoms->edges[e].u], v = part->number[atoms->edges[e].v];
        if (u == WG_UNASSIGNED && v != WG_UNASSIGNED) {
            outer[v] += atoms->edges[e].length;
        } else if (v == WG_UNASSIGNED && u != WG_UNASSIGNED) {
            outer[u] += atoms->edges[e].length;
        }
    }
    WG_TRY(wg_problem_set_shape(ctx, problem, area, outer, x, y));
    WG_TRY(wg_problem_set_groups(ctx, problem, group));
    WG_TRY(wg_problem_set_roles(ctx, problem, role));
done:
    free(area);
    free(outer);
    free(x);
    free(y);
    free(group);
    free(role);
    return status;
}

static wg_status make_problem(wg_context *ctx, const wg_plan_city *city, const wg_atoms *atoms, const subset *part,
                              wg_problem **made) {
    wg_status status = WG_OK;
    wg_problem *problem = NULL;
    wg_edge *edges = wg_calloc(atoms->n_edges, sizeof *edges);
    double *value = wg_calloc(part->n, sizeof *value);
    size_t n_edges = 0;
    if (edges == NULL || value == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        wg_edge edge = atoms->edges[e];
        edge.u = part->number[edge.u];
        edge.v = part->number[edge.v];
        if (edge.u != WG_UNASSIGNED && edge.v != WG_UNASSIGNED) {
            edges[n_edges++] = edge;
        }
    }
    WG_TRY(wg_problem_new(ctx, part->n, edges, n_edges, &problem));
    for (uint32_t m = 0; m < city->n_measures; m++) {
        measure_units(city, atoms, part, &city->measures[m], value);
        WG_TRY(wg_problem_add_attribute(ctx, problem, value, &city->measures[m].limit, 0));
    }
    WG_TRY(add_shape(ctx, problem, atoms, part));
    *made = problem;
    problem = NULL;
done:
    wg_problem_free(problem);
    free(edges);
    free(value);
    return status;
}

static void present_release(wg_present *present) {
    free(present->label);
    free(present->locked);
    free(present->closed);
    free(present->line_cost);
    *present = (wg_present){0};
}

/** Present labels, numbered by the atoms' units, told to the problem, which knows the subset. */
static wg_status add_present(wg_context *ctx, const solve_state *state, const wg_atoms *atoms, const subset *part,
                             wg_problem *problem, double *stability) {
    wg_status status = WG_OK;
    const wg_redrawing *redrawing = state->redrawing;
    wg_present present = {.stability = *stability};
    if (redrawing == NULL) {
        return WG_OK;
    }
    WG_TRY(redrawing->present(ctx, state->city, atoms, state->attempt, &present, redrawing->user));
    *stability = present.stability;
    if (present.label == NULL) {
        goto done;
    }
    for (uint32_t i = 0; i < part->n; i++) { /* unit[i] >= i: compaction in place */
        present.label[i] = present.label[part->unit[i]];
        if (present.locked != NULL) {
            present.locked[i] = present.locked[part->unit[i]];
        }
    }
    WG_TRY(wg_problem_set_present(ctx, problem, present.label, present.locked));
    if (present.closed != NULL) {
        WG_TRY(wg_problem_set_closed(ctx, problem, present.closed, present.n_labels));
    }
    if (present.line_cost != NULL) {
        uint32_t n = 0;
        for (uint32_t e = 0; e < atoms->n_edges; e++) { /* those of the subset, in the order of make_problem */
            if (part->number[atoms->edges[e].u] != WG_UNASSIGNED && part->number[atoms->edges[e].v] != WG_UNASSIGNED) {
                present.line_cost[n++] = present.line_cost[e];
            }
        }
        WG_TRY(wg_problem_set_line_costs(ctx, problem, present.line_cost));
    }
done:
    present_release(&present);
    return status;
}

static wg_status allocate_cells(wg_context *ctx, uint32_t n_measures, wg_district *district) {
    const size_t n = district->n_cells;
    district->measure = wg_calloc(n * n_measures, sizeof(double));
    district->households = wg_calloc(n, sizeof(double));
    district->population = wg_calloc(n, sizeof(double));
    district->registered = wg_calloc(n, sizeof(double));
    district->floating = wg_calloc(n, sizeof(double));
    district->area = wg_calloc(n, sizeof(double));
    district->buildings = wg_calloc(n, sizeof(uint32_t));
    district->dedicated = wg_malloc(n, sizeof(uint32_t));
    district->order = wg_calloc(n, sizeof(uint32_t));
    district->code = wg_calloc(n, sizeof(char *));
    district->name = wg_calloc(n, sizeof(char *));
    district->group = wg_calloc(n, sizeof(char *));
    district->reason_building = wg_calloc(n, sizeof(char *));
    if (district->measure == NULL || district->households == NULL || district->population == NULL ||
        district->registered == NULL || district->floating == NULL || district->area == NULL ||
        district->buildings == NULL || district->dedicated == NULL || district->order == NULL ||
        district->code == NULL || district->name == NULL || district->group == NULL ||
        district->reason_building == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t c = 0; c < n; c++) {
        district->dedicated[c] = WG_UNASSIGNED;
    }
    return WG_OK;
}

/** The building that breaks a maximum on its own, where the reason's unit has one: the heaviest of them. */
static wg_status explain_cells(wg_context *ctx, const wg_plan_city *city, const subset *part, wg_district *district) {
    const wg_atoms *atoms = district->atoms;
    for (uint32_t c = 0; c < district->n_ordinary; c++) {
        const wg_reason *reason = &district->info[c].reason;
        if (reason->unit == WG_UNASSIGNED || reason->attribute >= city->n_measures ||
            city->measures[reason->attribute].is_area) {
            continue;
        }
        const double *value = city->measures[reason->attribute].value;
        const size_t first = city->placement.first[atoms->community];
        double heaviest = city->measures[reason->attribute].limit.max; /* NAN: no building is over it */
        size_t found = SIZE_MAX;
        for (size_t b = 0; b < atoms->n_buildings; b++) {
            const size_t row = city->placement.order[first + b];
            if (atoms->building_unit[b] == part->unit[reason->unit] && value[row] > heaviest) {
                heaviest = value[row];
                found = row;
            }
        }
        if (found != SIZE_MAX) {
            char id[32];
            district->reason_building[c] = wg_strdup(wg_plan_building_id(city, found, id));
            if (district->reason_building[c] == NULL) {
                return wg_fail_memory(ctx);
            }
        }
    }
    return WG_OK;
}

/** Areas and lines of every cell, by its woven units. */
static void sum_land(const wg_plan_city *city, wg_district *district) {
    const wg_atoms *atoms = district->atoms;
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        district->area[district->label[u]] += atoms->area_m2[u];
    }
    for (uint32_t c = 0; c < district->n_cells; c++) {
        for (uint32_t m = 0; m < city->n_measures; m++) {
            if (city->measures[m].is_area) {
                district->measure[(size_t)c * city->n_measures + m] = district->area[c];
            }
        }
    }
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        if (district->label[atoms->edges[e].u] != district->label[atoms->edges[e].v]) {
            district->inner_m += atoms->edges[e].length;
            district->street_m += atoms->edge_street_m[e];
        }
    }
    district->led_around = atoms->led_around;
}

/** Figures of every cell, by its buildings. */
static void sum_buildings(const wg_plan_city *city, wg_district *district) {
    const wg_atoms *atoms = district->atoms;
    const size_t first = city->placement.first[atoms->community];
    for (size_t b = 0; b < atoms->n_buildings; b++) {
        if (atoms->building_unit[b] == WG_UNASSIGNED) {
            continue;
        }
        const uint32_t cell = district->label[atoms->building_unit[b]];
        const size_t row = city->placement.order[first + b];
        district->households[cell] += city->figures.households[row];
        district->population[cell] += city->figures.population[row];
        district->registered[cell] += city->figures.registered[row];
        district->floating[cell] += city->figures.floating[row];
        for (uint32_t m = 0; m < city->n_measures; m++) {
            if (!city->measures[m].is_area) {
                district->measure[(size_t)cell * city->n_measures + m] += city->measures[m].value[row];
            }
        }
        const bool counted =
            city->parent == NULL || b == 0 || city->parent[row] != city->parent[city->placement.order[first + b - 1]] ||
            atoms->building_unit[b - 1] == WG_UNASSIGNED || district->label[atoms->building_unit[b - 1]] != cell;
        district->buildings[cell] += counted ? 1 : 0; /* a tower's stairs are rows in a run: it counts once a cell */
    }
}

static wg_status take_solution(wg_context *ctx, const wg_plan_city *city, const subset *part,
                               const wg_solution *solution, wg_district *district) {
    wg_status status = WG_OK;
    const wg_atoms *atoms = district->atoms;
    district->n_ordinary = solution == NULL ? 0 : solution->n_cells;
    district->n_cells = district->n_ordinary + (atoms->n_units - part->n);
    district->label = wg_calloc(atoms->n_units, sizeof *district->label);
    district->attached = wg_calloc(atoms->n_units, sizeof *district->attached);
    district->info = wg_calloc(district->n_ordinary, sizeof *district->info);
    if (district->label == NULL || district->attached == NULL || district->info == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(allocate_cells(ctx, city->n_measures, district));
    uint32_t next = district->n_ordinary;
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        if (part->number[u] == WG_UNASSIGNED) {
            district->dedicated[next] = atoms->dedicated[u];
            district->label[u] = next++;
        } else {
            district->label[u] = solution->label[part->number[u]];
            district->attached[u] = solution->attached != NULL && solution->attached[part->number[u]];
        }
    }
    if (solution == NULL) {
        return WG_OK;
    }
    memcpy(district->info, solution->cells, district->n_ordinary * sizeof *district->info);
    district->score = solution->score;
    district->out = solution->out;
    district->excess = solution->excess;
    district->proven = solution->proven;
    district->capped = solution->capped;
    memcpy(district->term, solution->term, sizeof district->term);
    district->n_terms = solution->n_terms;
    district->certificates = wg_calloc(solution->n_certificates, sizeof *district->certificates);
    if (district->certificates == NULL) {
        return wg_fail_memory(ctx);
    }
    memcpy(district->certificates, solution->certificates, solution->n_certificates * sizeof *district->certificates);
    district->n_certificates = solution->n_certificates;
    status = explain_cells(ctx, city, part, district);
done:
    return status;
}

static wg_status solve_subset(wg_context *ctx, const solve_state *state, const wg_atoms *atoms, const subset *part,
                              wg_solution **solution) {
    wg_status status = WG_OK;
    const wg_plan_city *city = state->city;
    wg_problem *problem = NULL;
    char number[32];
    if (part->n == 0) {
        return WG_OK;
    }
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.stability = city->options->stability;
    WG_TRY(make_problem(ctx, city, atoms, part, &problem));
    WG_TRY(add_present(ctx, state, atoms, part, problem, &options.solve.stability));
    options.solve.objective = WG_OBJECTIVE_PLAN;
    options.solve.count_min = city->options->count_min;
    options.solve.count_max = city->options->count_max;
    options.solve.seed = city->options->seed;
    options.solve.stream = wg_plan_community_code(city, atoms->community, number);
    options.solve.effort = city->options->effort;
    options.solve.time_s = city->options->time_s;
    options.exclaves = city->options->exclaves;
    options.weights = &city->weights;
    WG_TRY(wg_zoning_solve(ctx, problem, &options, solution));
done:
    wg_problem_free(problem);
    return status;
}

static wg_status make_district(wg_context *ctx, const solve_state *state, const wg_atoms *atoms, wg_district **made) {
    wg_status status = WG_OK;
    subset part = {0};
    wg_solution *solution = NULL;
    wg_district *district = wg_calloc(1, sizeof *district);
    if (district == NULL) {
        return wg_fail_memory(ctx);
    }
    district->atoms = atoms;
    district->community = atoms->community;
    WG_TRY(subset_init(ctx, atoms, &part));
    WG_TRY(solve_subset(ctx, state, atoms, &part, &solution));
    WG_TRY(take_solution(ctx, state->city, &part, solution, district));
    *made = district;
    district = NULL;
done:
    wg_district_free(district);
    subset_release(&part);
    wg_solution_free(solution);
    return status;
}

static bool has_compounds(const wg_atoms *atoms) {
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        if (atoms->kind[u] == WG_UNIT_COMPOUND) {
            return true;
        }
    }
    return false;
}

static bool is_better(const wg_district *district, const wg_district *than) {
    return district->out < than->out || (district->out == than->out && district->excess < than->excess - 1e-9);
}

/** Limits come before whole compounds: where they are not met, compounds may be divided, as few as needed. */
static wg_status divide_compounds(wg_context *ctx, const solve_state *state, wg_atoms **atoms, wg_district **district) {
    wg_status status = WG_OK;
    wg_atoms *other = NULL;
    wg_district *solved = NULL;
    WG_TRY(wg_plan_community_atoms(ctx, state->city, (*atoms)->community, true, &other));
    WG_TRY(make_district(ctx, state, other, &solved));
    if (is_better(solved, *district)) {
        wg_atoms *old = *atoms;
        wg_district *before = *district;
        *atoms = other;
        *district = solved;
        other = old;
        solved = before;
    }
done:
    wg_district_free(solved);
    wg_atoms_free(other);
    return status;
}

/** From today's cells: attempts for as long as they are wanted, of which the best is kept. */
static wg_status redraw_one(wg_context *ctx, const solve_state *state, const wg_atoms *atoms, wg_district **best) {
    wg_status status = WG_OK;
    solve_state next = *state;
    const wg_redrawing *redrawing = state->redrawing;
    bool more = true;
    while (status == WG_OK && more) {
        wg_district *solved = NULL;
        bool better = false;
        more = false;
        status = make_district(ctx, &next, atoms, &solved);
        if (status == WG_OK) {
            status = redrawing->weigh(ctx, solved, *best, &better, &more, redrawing->user);
        }
        if (status == WG_OK && better) {
            wg_district *worse = *best;
            *best = solved;
            solved = worse;
        }
        wg_district_free(solved);
        next.attempt++;
    }
    return status;
}

static wg_status solve_one(wg_context *ctx, const solve_state *state, wg_atoms **atoms, wg_district **district) {
    if (state->redrawing != NULL) {
        return redraw_one(ctx, state, *atoms, district);
    }
    wg_status status = make_district(ctx, state, *atoms, district);
    if (status == WG_OK && (*district)->out > 0 && has_compounds(*atoms)) {
        status = divide_compounds(ctx, state, atoms, district);
    }
    return status;
}

static wg_status solve_community(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    const solve_state *state = user;
    return solve_one(ctx, state, &state->atoms[index], &state->districts[index]);
}

wg_status wg_plan_solve_community(wg_context *ctx, wg_plan_city *city, wg_atoms **atoms, wg_district **district) {
    const solve_state state = {.city = city};
    const wg_status status = solve_one(ctx, &state, atoms, district);
    if (status == WG_OK) {
        sum_buildings(city, *district);
    }
    return status;
}

void wg_plan_districts_free(wg_district **districts, size_t n) {
    for (size_t c = 0; c < n && districts != NULL; c++) {
        wg_district_free(districts[c]);
    }
    free(districts);
}

wg_status wg_plan_zone(wg_context *ctx, wg_plan_city *city, wg_atoms **atoms, const wg_redrawing *redrawing,
                       wg_district ***districts) {
    wg_status status = WG_OK;
    const size_t n = city->communities->n;
    wg_district **made = wg_calloc(n, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    solve_state state = {.city = city, .districts = made, .atoms = atoms, .redrawing = redrawing};
    WG_TRY(wg_parallel(ctx, n, "cells", solve_community, &state));
    *districts = made;
    made = NULL;
done:
    wg_plan_districts_free(made, n);
    return status;
}

wg_status wg_plan_outline_community(wg_context *ctx, const wg_plan_city *city, wg_district *district) {
    sum_land(city, district);
    return wg_atoms_dissolve(ctx, district->atoms, district->label, district->n_cells, &district->cells);
}

static wg_status finish_community(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    const solve_state *state = user;
    wg_district *district = state->districts[index];
    sum_buildings(state->city, district);
    return wg_plan_outline_community(ctx, state->city, district);
}

wg_status wg_plan_finish(wg_context *ctx, wg_plan_city *city, wg_atoms **atoms, wg_district **districts) {
    wg_status status = WG_OK;
    const size_t n = city->communities->n;
    for (size_t c = 0; c < n; c++) {
        WG_TRY(wg_exceptions_merge(ctx, &city->exceptions, &atoms[c]->exceptions));
    }
    WG_TRY(wg_atoms_weave(ctx, city->reference, atoms));
    solve_state state = {.city = city, .districts = districts, .atoms = atoms};
    WG_TRY(wg_parallel(ctx, n, "outlines", finish_community, &state));
done:
    return status;
}
