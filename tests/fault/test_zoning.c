/* Every allocation of a whole solve fails once: with and without shapes, groups and present labels; a small proof. */
#include "fault.h"

#include <math.h>

#include "zoning/zoning.h"

typedef struct lattice {
    uint32_t rows, columns, count;
    bool plain; /**< cut edges only; otherwise the plan objective with shapes, groups, present labels */
} lattice;

static size_t lattice_edges(const lattice *own, wg_edge *edges) {
    size_t m = 0;
    for (uint32_t r = 0; r < own->rows; r++) {
        for (uint32_t c = 0; c < own->columns; c++) {
            const uint32_t v = r * own->columns + c;
            if (c + 1 < own->columns) {
                edges[m++] = (wg_edge){.u = v, .v = v + 1, .length = 10, .rank = (uint8_t)(c % 3)};
            }
            if (r + 1 < own->rows) {
                edges[m++] = (wg_edge){.u = v, .v = v + own->columns, .length = 10};
            }
        }
    }
    return m;
}

static wg_status describe(wg_context *ctx, const lattice *own, wg_problem *problem, uint32_t n) {
    double area[64], outer[64], x[64], y[64];
    uint32_t group[64], present[64];
    wg_status status = WG_OK;
    for (uint32_t v = 0; v < n; v++) {
        area[v] = 100;
        x[v] = 10.0 * (v % own->columns);
        y[v] = 10.0 * (v / own->columns);
        outer[v] = 5;
        group[v] = v < 2 ? 0 : WG_UNASSIGNED;
        present[v] = v % own->columns < own->columns / 2 ? 0 : 1;
    }
    WG_TRY(wg_problem_set_shape(ctx, problem, area, outer, x, y));
    WG_TRY(wg_problem_set_groups(ctx, problem, group));
    WG_TRY(wg_problem_set_present(ctx, problem, present, NULL));
done:
    return status;
}

static wg_status solve(wg_context *ctx, void *user) {
    const lattice *own = user;
    const uint32_t n = own->rows * own->columns;
    wg_edge edges[128];
    double people[64];
    wg_problem *problem = NULL;
    wg_solution *solution = NULL;
    wg_status status = WG_OK;
    for (uint32_t v = 0; v < n; v++) {
        people[v] = 10 + v % 3;
    }
    const double mean = 11.0 * n / own->count;
    const wg_limit limit = {.field = "population", .min = floor(0.7 * mean), .target = NAN, .max = ceil(1.3 * mean)};
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.count_min = options.solve.count_max = own->count;
    options.solve.effort = 1;
    options.solve.objective = own->plain ? WG_OBJECTIVE_CUT : WG_OBJECTIVE_PLAN;
    WG_TRY(wg_problem_new(ctx, n, edges, lattice_edges(own, edges), &problem));
    WG_TRY(wg_problem_add_attribute(ctx, problem, people, &limit, 0));
    if (!own->plain) {
        WG_TRY(describe(ctx, own, problem, n));
    }
    WG_TRY(wg_zoning_solve(ctx, problem, &options, &solution));
    assert_int_equal(wg_solution_cells(solution), own->count);
    assert_non_null(wg_solution_json(solution));
done:
    wg_solution_free(solution);
    wg_problem_free(problem);
    return status;
}

static void a_small_proof_survives(void **state) {
    (void)state;
    lattice own = {.rows = 3, .columns = 4, .count = 2, .plain = true};
    assert_true(fault_each(solve, &own) > 20);
}

static void a_plan_survives(void **state) {
    (void)state;
    lattice own = {.rows = 6, .columns = 8, .count = 4};
    assert_true(fault_each(solve, &own) > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_proof_survives),
        cmocka_unit_test(a_plan_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
