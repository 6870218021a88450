/* Micro cells (微网格): 30 to 100 households, nested inside cells. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/contract.h"
#include "plan/nesting.h"
#include "plan/outline.h"
#include "plan/row.h"

/** One cell's units as a problem. */
typedef struct inside {
    uint32_t n;
    uint32_t *unit;   /**< n: unit of the atoms */
    uint32_t *number; /**< a unit of the atoms: number inside, or WG_UNASSIGNED */
    double *households, *population;
    uint32_t *buildings;
} inside;

static void inside_release(inside *of) {
    free(of->unit);
    free(of->number);
    free(of->households);
    free(of->population);
    free(of->buildings);
}

static wg_status inside_init(wg_context *ctx, const wg_plan_city *city, const wg_district *district, uint32_t cell,
                             inside *of) {
    const wg_atoms *atoms = district->atoms;
    of->unit = wg_calloc(atoms->n_units, sizeof *of->unit);
    of->number = wg_calloc(atoms->n_units, sizeof *of->number);
    of->households = wg_calloc(atoms->n_units, sizeof *of->households);
    of->population = wg_calloc(atoms->n_units, sizeof *of->population);
    of->buildings = wg_calloc(atoms->n_units, sizeof *of->buildings);
    if (of->unit == NULL || of->number == NULL || of->households == NULL || of->population == NULL ||
        of->buildings == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        of->number[u] = district->label[u] == cell ? of->n : WG_UNASSIGNED;
        if (district->label[u] == cell) {
            of->unit[of->n++] = u;
        }
    }
    for (size_t b = 0; b < atoms->n_buildings; b++) {
        const size_t row = city->placement.order[city->placement.first[atoms->community] + b];
        const uint32_t unit = atoms->building_unit[b];
        if (unit != WG_UNASSIGNED && of->number[unit] != WG_UNASSIGNED) {
            of->households[of->number[unit]] += city->figures.households[row];
            of->population[of->number[unit]] += city->figures.population[row];
            of->buildings[of->number[unit]]++;
        }
    }
    return WG_OK;
}

static wg_status solve_inside(wg_context *ctx, const wg_plan_city *city, const wg_district *district, uint32_t cell,
                              const inside *of, wg_solution **solution) {
    wg_status status = WG_OK;
    const wg_atoms *atoms = district->atoms;
    wg_problem *problem = NULL;
    size_t n_edges = 0;
    wg_edge *edges = wg_calloc(atoms->n_edges, sizeof *edges);
    double *shape = wg_calloc(4 * (size_t)of->n, sizeof *shape);
    uint8_t *role = wg_calloc(of->n, sizeof *role);
    if (edges == NULL || shape == NULL || role == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    double *area = shape, *outer = shape + of->n, *x = shape + 2 * of->n, *y = shape + 3 * of->n;
    for (uint32_t i = 0; i < of->n; i++) {
        const uint32_t u = of->unit[i];
        area[i] = atoms->area_m2[u];
        outer[i] = atoms->outer_m[u];
        x[i] = atoms->x[u];
        y[i] = atoms->y[u];
        role[i] = atoms->barrier_surface != NULL && atoms->barrier_surface[u] ? WG_UNIT_LATE : WG_UNIT_ORDINARY;
    }
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        wg_edge edge = atoms->edges[e];
        edge.u = of->number[edge.u];
        edge.v = of->number[edge.v];
        if (edge.u != WG_UNASSIGNED && edge.v != WG_UNASSIGNED) {
            edges[n_edges++] = edge;
        } else if (edge.u != WG_UNASSIGNED || edge.v != WG_UNASSIGNED) {
            outer[edge.u != WG_UNASSIGNED ? edge.u : edge.v] += edge.length;
        }
    }
    const wg_limit limit = {.field = "households",
                            .min = city->options->micro_min > 0 ? city->options->micro_min : NAN,
                            .target = NAN,
                            .max = city->options->micro_max > 0 ? city->options->micro_max : NAN};
    WG_TRY(wg_problem_new(ctx, of->n, edges, n_edges, &problem));
    WG_TRY(wg_problem_add_attribute(ctx, problem, of->households, &limit, 0));
    WG_TRY(wg_problem_set_shape(ctx, problem, area, outer, x, y));
    WG_TRY(wg_problem_set_roles(ctx, problem, role));
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.seed = city->options->seed;
    options.solve.stream = district->code[cell];
    options.solve.effort = city->options->effort;
    options.weights = &city->weights;
    WG_TRY(wg_zoning_solve(ctx, problem, &options, solution));
done:
    free(edges);
    free(shape);
    free(role);
    wg_problem_free(problem);
    return status;
}

static const char *micro_status(const wg_plan_city *city, double households) {
    return city->options->micro_min > 0 && households < city->options->micro_min   ? "under"
           : city->options->micro_max > 0 && households > city->options->micro_max ? "over"
                                                                                   : "ok";
}

/** Rows of one cell's micro cells, numbered as the solver does (by their lowest unit). */
static wg_status micro_rows(wg_context *ctx, const wg_plan_city *city, const wg_district *district, uint32_t cell,
                            wg_row *at) {
    wg_status status = WG_OK;
    const wg_atoms *atoms = district->atoms;
    inside of = {0};
    wg_solution *solution = NULL;
    wg_layer *polygons = NULL;
    uint32_t *label = wg_calloc(atoms->n_units, sizeof *label);
    if (label == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(inside_init(ctx, city, district, cell, &of));
    WG_TRY(solve_inside(ctx, city, district, cell, &of, &solution));
    if (solution->n_cells > 99) {
        status = wg_fail(ctx, WG_EDATA, "cell %s has %u micro cells, more than two digits can number (raise --micro)",
                         district->code[cell], solution->n_cells);
        goto done;
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) { /* all other land is one last cell, which is not written */
        label[u] = of.number[u] == WG_UNASSIGNED ? solution->n_cells : solution->label[of.number[u]];
    }
    WG_TRY(wg_atoms_dissolve(ctx, atoms, label, solution->n_cells + 1, &polygons));
    for (uint32_t m = 0; m < solution->n_cells; m++) {
        double households = 0, population = 0;
        uint32_t buildings = 0;
        size_t bytes = 0;
        char code[64], community[32];
        wg_outline outline;
        for (uint32_t i = 0; i < of.n; i++) {
            households += solution->label[i] == m ? of.households[i] : 0;
            population += solution->label[i] == m ? of.population[i] : 0;
            buildings += solution->label[i] == m ? of.buildings[i] : 0;
        }
        const void *wkb = wg_layer_wkb(polygons, m, &bytes);
        wg_outline_measure(wkb, bytes, &outline);
        (void)snprintf(code, sizeof code, "%s%02u", district->code[cell], m + 1);
        wg_row_begin(at, wkb, bytes);
        wg_row_text(at, "code", code);
        wg_row_text(at, "name", district->name[cell]);
        wg_row_text(at, "community", wg_plan_community_code(city, atoms->community, community));
        wg_row_text(at, "grp", district->code[cell]);
        wg_row_text(at, "kind", "micro");
        wg_row_real(at, "households", households);
        wg_row_real(at, "population", population);
        wg_row_integer(at, "buildings", buildings);
        wg_row_real(at, "area_m2", outline.area_m2);
        wg_row_real(at, "perim_m", outline.perimeter_m);
        wg_row_real(at, "compact", outline.compact);
        wg_row_integer(at, "parts", outline.parts);
        wg_row_text(at, "status", micro_status(city, households));
        wg_row_text(at, "reason", wg_reason_name(solution->cells[m].reason.code));
    }
    status = at->status;
done:
    inside_release(&of);
    wg_solution_free(solution);
    wg_layer_free(polygons);
    free(label);
    return status;
}

wg_status wg_plan_micro(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts, wg_layer **layer) {
    wg_status status = WG_OK;
    *layer = NULL;
    if (!(city->options->micro_min > 0) && !(city->options->micro_max > 0)) {
        return WG_OK;
    }
    const wg_contract_table *table = wg_contract_layer("cells");
    WG_TRY(wg_layer_new(ctx, "micro", city->crs, layer));
    for (uint32_t f = 0; f < table->n_fields; f++) {
        WG_TRY(wg_layer_add_column(ctx, *layer, table->fields[f].name, table->fields[f].type, NULL));
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (size_t row = 0; row < city->communities->n; row++) {
        for (uint32_t i = 0; districts[row]->atoms != NULL && i < districts[row]->n_cells; i++) {
            if (districts[row]->order[i] < districts[row]->n_ordinary) {
                WG_TRY(micro_rows(ctx, city, districts[row], districts[row]->order[i], &at));
            }
        }
    }
done:
    return status;
}
