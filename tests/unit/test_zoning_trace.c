/*
 * The trace of a search, replayed: every milestone is a plan, what it says of the plan is so, and the last one is the
 * result. The plans are judged on the squares of the random map and by counting, not by the solver's own sums.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "random_map.h"
#include "zoning/zoning.h"

enum { UNITS = 60, CELLS = 5, SIDE_M = 20 /* of the squares that random_map_make draws */ };

typedef struct replay {
    random_map map;
    wg_limit limit;
    wg_solution *solution;
    char *text;           /**< the trace */
    uint32_t cell[UNITS]; /**< as replayed so far */
    uint32_t k, out;
    double score;
    char event[16];
    double compact, cut, terms; /**< of the row: a term of plans, one of cuts, all of them */
} replay;

static char *whole_file(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(0, fseek(file, 0, SEEK_END));
    const long bytes = ftell(file);
    rewind(file);
    char *text = calloc((size_t)bytes + 1, 1);
    assert_int_equal(1, fread(text, (size_t)bytes, 1, file));
    (void)fclose(file);
    return text;
}

static void solve(scratch *s, replay *r, wg_objective objective, uint64_t seed) {
    wg_random random;
    wg_problem *problem = NULL;
    double total = 0;
    wg_random_seed(&random, seed, "trace");
    r->map = random_map_make(&random, UNITS, 5);
    for (uint32_t v = 0; v < UNITS; v++) {
        total += r->map.weight[v];
    }
    r->limit = (wg_limit){"weight", 0.9 * total / CELLS, NAN, 1.1 * total / CELLS};
    assert_int_equal(WG_OK, wg_problem_new(s->ctx, UNITS, r->map.edges, r->map.n_edges, &problem));
    assert_int_equal(WG_OK, wg_problem_add_attribute(s->ctx, problem, r->map.weight, &r->limit, 0));
    assert_int_equal(WG_OK, wg_problem_set_shape(s->ctx, problem, r->map.area, r->map.outer, r->map.x, r->map.y));
    wg_zoning_weights weights;
    wg_zoning_weights_init(&weights);
    weights.neck_m = 0; /* every edge connects */
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.objective = objective;
    options.solve.count_min = options.solve.count_max = CELLS;
    options.solve.seed = seed;
    options.solve.effort = 2;
    options.weights = &weights;
    options.solve.trace = scratch_path(s, "trace.csv");
    assert_int_equal(WG_OK, wg_zoning_solve(s->ctx, problem, &options, &r->solution));
    r->text = whole_file(options.solve.trace);
    memset(r->cell, 0xff, sizeof r->cell);
    wg_problem_free(problem);
}

static void replay_release(replay *r) {
    random_map_free(&r->map);
    wg_solution_free(r->solution);
    free(r->text);
}

/** "name=score name=score" */
static void read_terms(replay *r, char *terms) {
    r->terms = r->cut = r->compact = 0;
    for (char *rest = NULL, *term = strtok_r(terms, " ", &rest); term != NULL; term = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(term, '=');
        assert_non_null(value);
        *value++ = 0;
        const double score = strtod(value, NULL);
        r->terms += score;
        r->cut = strcmp(term, "cut_edges") == 0 ? score : r->cut;
        r->compact = strcmp(term, "compact") == 0 ? score : r->compact;
    }
}

/** "unit:cell unit:cell" */
static void read_moves(replay *r, char *moves) {
    for (char *rest = NULL, *move = strtok_r(moves, " ", &rest); move != NULL; move = strtok_r(NULL, " ", &rest)) {
        char *cell = NULL;
        const unsigned long unit = strtoul(move, &cell, 10);
        assert_true(unit < UNITS && *cell == ':');
        r->cell[unit] = (uint32_t)strtoul(cell + 1, NULL, 10);
    }
}

/** Take in the row at *at. @return false behind the last */
static bool next_row(replay *r, char **at) {
    char *line = strsep(at, "\n"), *field[9];
    if (line == NULL || *line == 0) {
        return false;
    }
    for (int i = 0; i < 9; i++) {
        field[i] = strsep(&line, ",");
        assert_non_null(field[i]);
    }
    assert_null(line);
    (void)snprintf(r->event, sizeof r->event, "%s", field[1]);
    r->k = (uint32_t)strtoul(field[3], NULL, 10);
    r->out = (uint32_t)strtoul(field[4], NULL, 10);
    r->score = strtod(field[6], NULL);
    read_terms(r, field[7]);
    read_moves(r, field[8]);
    return true;
}

/** Cells out of limits, an empty one being out too, and each in one piece: counted here. */
static void check_plan(const replay *r) {
    double sum[CELLS] = {0};
    uint32_t set[UNITS], pieces = 0, out = 0;
    for (uint32_t v = 0; v < UNITS; v++) {
        assert_true(r->cell[v] < CELLS);
        sum[r->cell[v]] += r->map.weight[v];
        set[v] = v;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t e = 0; e < r->map.n_edges; e++) {
            const uint32_t u = r->map.edges[e].u, v = r->map.edges[e].v;
            if (r->cell[u] == r->cell[v] && set[u] != set[v]) {
                set[u] = set[v] = set[u] < set[v] ? set[u] : set[v];
                changed = true;
            }
        }
    }
    for (uint32_t v = 0; v < UNITS; v++) {
        pieces += set[v] == v;
    }
    for (uint32_t c = 0; c < CELLS; c++) {
        out += sum[c] < r->limit.min || sum[c] > r->limit.max;
    }
    assert_int_equal(CELLS, r->k);
    assert_int_equal(CELLS, pieces);
    assert_int_equal(out, r->out);
}

static double cut_edges(const replay *r) {
    double cut = 0;
    for (size_t e = 0; e < r->map.n_edges; e++) {
        cut += r->cell[r->map.edges[e].u] != r->cell[r->map.edges[e].v];
    }
    return cut;
}

/** Outline over that of a circle of the same area, less 1, squared, for all cells: counted by squares. */
static double roundness(const replay *r) {
    const random_map *map = &r->map;
    double outline[CELLS] = {0}, area[CELLS] = {0}, sum = 0;
    for (uint32_t at = 0; at < map->rows * map->columns; at++) {
        const uint32_t row = at / map->columns, column = at % map->columns, c = r->cell[map->unit[at]];
        area[c] += SIDE_M * SIDE_M;
        outline[c] += SIDE_M * (row == 0 || r->cell[map->unit[at - map->columns]] != c);
        outline[c] += SIDE_M * (row + 1 == map->rows || r->cell[map->unit[at + map->columns]] != c);
        outline[c] += SIDE_M * (column == 0 || r->cell[map->unit[at - 1]] != c);
        outline[c] += SIDE_M * (column + 1 == map->columns || r->cell[map->unit[at + 1]] != c);
    }
    for (uint32_t c = 0; c < CELLS; c++) {
        sum += pow(fmax(0, outline[c] / sqrt(4 * 3.14159265358979323846 * area[c]) - 1), 2);
    }
    return sum;
}

static void check_last(const replay *r) {
    assert_string_equal("end", r->event);
    for (uint32_t v = 0; v < UNITS; v++) {
        assert_int_equal(r->solution->label[v], r->cell[v]);
    }
    assert_true(fabs(r->score - r->solution->score) < 1e-6);
}

static void milestones_of_cuts_can_be_replayed(void **state) {
    scratch *s = *state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        replay r = {0};
        solve(s, &r, WG_OBJECTIVE_CUT, seed);
        char *at = r.text;
        uint32_t rows = 0;
        (void)strsep(&at, "\n");
        for (; next_row(&r, &at); rows++) {
            check_plan(&r);
            assert_true(fabs(cut_edges(&r) - r.score) < 1e-9);
            assert_true(fabs(r.cut - r.score) < 1e-9);
        }
        assert_true(rows > 5);
        check_last(&r);
        replay_release(&r);
    }
}

static void milestones_of_plans_can_be_replayed(void **state) {
    scratch *s = *state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        replay r = {0};
        wg_zoning_weights weights;
        wg_zoning_weights_init(&weights);
        solve(s, &r, WG_OBJECTIVE_PLAN, seed);
        char *at = r.text;
        uint32_t rows = 0;
        (void)strsep(&at, "\n");
        for (; next_row(&r, &at); rows++) {
            check_plan(&r);
            assert_true(fabs(weights.compact * roundness(&r) - r.compact) < 1e-5 * (1 + r.compact));
            assert_true(fabs(r.terms - r.score) < 1e-5 * (1 + r.score));
        }
        assert_true(rows > 5);
        check_last(&r);
        replay_release(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(milestones_of_cuts_can_be_replayed, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(milestones_of_plans_can_be_replayed, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
