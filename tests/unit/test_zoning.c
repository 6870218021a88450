#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "graph/graph.h"
#include "zoning/zoning.h"

static wg_context *ctx;

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

static void must(wg_status status) {
    if (status != WG_OK) {
        fail_msg("%s: %s", wg_status_text(status), wg_context_error(ctx));
    }
}

enum { MOST = 64 };

/** A lattice of squares of 20 m with one attribute, as a problem. `gap_after`: no edges between that row and the next.
 */
static wg_problem *lattice(uint32_t rows, uint32_t columns, const double *households, wg_limit limit,
                           uint32_t gap_after) {
    wg_edge edges[2 * MOST];
    double area[MOST], outer[MOST], x[MOST], y[MOST];
    size_t m = 0;
    const uint32_t n = rows * columns;
    for (uint32_t v = 0; v < n; v++) {
        const uint32_t r = v / columns, c = v % columns;
        area[v] = 400;
        x[v] = 20 * c + 10;
        y[v] = 20 * r + 10 + (r > gap_after ? 100 : 0);
        outer[v] = 80;
        if (c + 1 < columns) {
            edges[m++] = (wg_edge){.u = v, .v = v + 1, .length = 20, .rank = 5};
        }
        if (r + 1 < rows && r != gap_after) {
            edges[m++] = (wg_edge){.u = v, .v = v + columns, .length = 20, .rank = 5};
        }
    }
    for (size_t e = 0; e < m; e++) {
        outer[edges[e].u] -= 20;
        outer[edges[e].v] -= 20;
    }
    wg_problem *problem = NULL;
    must(wg_problem_new(ctx, n, edges, m, &problem));
    must(wg_problem_add_attribute(ctx, problem, households, &limit, 0));
    must(wg_problem_set_shape(ctx, problem, area, outer, x, y));
    return problem;
}

static const wg_limit HOUSEHOLDS = {"households", 150, NAN, 300};

static wg_solution *solve(const wg_problem *problem, const wg_zoning_options *options) {
    wg_solution *solution = NULL;
    must(wg_zoning_solve(ctx, problem, options, &solution));
    return solution;
}

static wg_zoning_options plan(void) {
    const wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    return options;
}

/* ------------------------------------------------------------------ number of cells */

static void the_number_of_cells_follows_the_rule(void **state) {
    (void)state;
    const struct {
        double min, target, max, total;
        uint32_t low, high, count;
        bool allowed;
    } cases[] = {
        {150, NAN, 300, 900, 0, 0, 4, true},                                     /* 225 exactly */
        {150, NAN, 300, 990, 0, 0, 4, true},                                     /* 247.5 is nearer than 198, … */
        {150, NAN, 300, 1010, 0, 0, 5, true},                                    /* … 202 is nearer than 252.5 */
        {0, 200, 400, 500, 0, 0, 3, true},                                       /* 166.7 is nearer than 250 */
        {100, 200, 300, 600, 0, 0, 3, true},  {0, 240, 900, 600, 0, 0, 3, true}, /* 200 is 40 off, 300 is 60 off */
        {NAN, NAN, 300, 901, 0, 0, 4, true},                                     /* only a maximum: the fewest */
        {150, NAN, NAN, 900, 0, 0, 6, true},                                     /* only a minimum: the most */
        {150, NAN, 300, 140, 0, 0, 1, false},                                    /* too few for one */
        {200, NAN, 250, 280, 0, 0, 1, false}, /* no number divides it; one cell is 12 % over, two are 30 % under each */
        {150, NAN, 300, 900, 5, 0, 5, true},  /* at least five */
        {150, NAN, 300, 900, 0, 3, 3, true},  {150, NAN, 300, 900, 10, 10, 10, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wg_limit limit = {"households", cases[i].min, cases[i].target, cases[i].max};
        uint32_t count = 0;
        const bool allowed = wg_zoning_count(&limit, &cases[i].total, 1, cases[i].low, cases[i].high, &count);
        assert_int_equal(cases[i].count, count);
        assert_int_equal(cases[i].allowed, allowed);
    }
}

static void on_a_tie_there_are_fewer_cells(void **state) {
    (void)state;
    const wg_limit limit = {"households", 100, 250, 400}; /* 600 / 2 = 300 and 600 / 3 = 200: both 50 off */
    const double total = 600;
    uint32_t count = 0;
    assert_true(wg_zoning_count(&limit, &total, 1, 0, 0, &count));
    assert_int_equal(2, count);
}

static void the_count_is_distributed_among_islands(void **state) {
    (void)state;
    double households[24];
    for (int v = 0; v < 24; v++) {
        households[v] = v < 12 ? 50 : 25; /* two islands: 600 and 300 */
    }
    wg_problem *problem = lattice(4, 6, households, HOUSEHOLDS, 1);
    const wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    uint32_t cells[2] = {0};
    for (uint32_t c = 0; c < s->n_cells; c++) {
        cells[s->cells[c].component]++;
    }
    assert_int_equal(4, s->n_cells);
    assert_int_equal(3, cells[0]);
    assert_int_equal(1, cells[1]);
    assert_int_equal(0, s->out);
    wg_solution_free(s);
    wg_problem_free(problem);
}

/* ------------------------------------------------------------------ what holds together */

static void an_exclave_joins_the_nearest_cell(void **state) {
    (void)state;
    double households[18];
    for (int v = 0; v < 18; v++) {
        households[v] = v < 12 ? 40 : 10; /* 480, and an island of 60 */
    }
    wg_problem *problem = lattice(3, 6, households, HOUSEHOLDS, 1);
    wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    assert_int_equal(2, s->n_cells);
    assert_int_equal(0, s->out);
    for (uint32_t v = 12; v < 18; v++) {
        assert_true(s->attached[v]);
        assert_int_equal(s->label[12], s->label[v]);
    }
    assert_int_equal(WG_REASON_ATTACHED, s->cells[s->label[12]].reason.code);
    assert_int_equal(WG_REASON_NONE, s->cells[1 - s->label[12]].reason.code);
    wg_solution_free(s);

    options.exclaves = WG_EXCLAVES_SEPARATE;
    s = solve(problem, &options);
    assert_int_equal(3, s->n_cells);
    assert_int_equal(1, s->out);
    assert_int_equal(WG_REASON_SEPARATE, s->cells[s->label[12]].reason.code);
    assert_false(s->attached[12]);
    wg_solution_free(s);
    wg_problem_free(problem);
}

static void anchors_decide_where_an_exclave_goes(void **state) {
    (void)state;
    double households[9];
    uint32_t anchor[9];
    double metres[9];
    for (uint32_t v = 0; v < 9; v++) {
        households[v] = v < 6 ? 100 : 1;
        anchor[v] = v < 6 ? WG_UNASSIGNED : 0; /* over the bridge to unit 0, however far */
        metres[v] = 5;
    }
    wg_problem *problem = lattice(3, 3, households, HOUSEHOLDS, 1);
    must(wg_problem_set_anchors(ctx, problem, anchor, metres));
    const wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    assert_int_equal(s->label[0], s->label[8]);
    wg_solution_free(s);
    wg_problem_free(problem);
}

static void compounds_stay_whole_where_limits_allow(void **state) {
    (void)state;
    double households[16];
    uint32_t group[16];
    for (uint32_t v = 0; v < 16; v++) {
        households[v] = 50;                                          /* 800: four cells of 200 */
        group[v] = v % 4 == 1 || v % 4 == 2 ? v / 4 : WG_UNASSIGNED; /* a pair in the middle of every row */
    }
    wg_problem *problem = lattice(4, 4, households, HOUSEHOLDS, 9);
    must(wg_problem_set_groups(ctx, problem, group));
    const wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    assert_int_equal(0, s->out);
    for (uint32_t r = 0; r < 4; r++) {
        assert_int_equal(s->label[4 * r + 1], s->label[4 * r + 2]);
    }
    wg_solution_free(s);
    for (uint32_t v = 0; v < 16; v++) {
        group[v] = 3; /* all of it is one compound of 800, over any maximum: divided, within the limits */
    }
    must(wg_problem_set_groups(ctx, problem, group));
    s = solve(problem, &options);
    assert_int_equal(0, s->out);
    assert_true(s->n_cells >= 3);
    wg_solution_free(s);
    wg_problem_free(problem);
}

static void units_kept_apart_share_no_cell(void **state) {
    (void)state;
    double households[16];
    uint32_t apart[16];
    for (uint32_t v = 0; v < 16; v++) {
        households[v] = 50;
        apart[v] = WG_UNASSIGNED;
    }
    apart[5] = apart[6] = apart[9] = apart[10] = 77; /* the four in the middle */
    wg_problem *problem = lattice(4, 4, households, HOUSEHOLDS, 9);
    must(wg_problem_set_apart(ctx, problem, apart));
    const wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    const uint32_t middle[4] = {5, 6, 9, 10};
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < i; j++) {
            assert_int_not_equal(s->label[middle[i]], s->label[middle[j]]);
        }
    }
    wg_solution_free(s);
    wg_problem_free(problem);
}

static void a_river_is_given_out_last(void **state) {
    (void)state;
    /* rows 0 and 2 are banks, row 1 is water that is one unit here: unit 3; all its lines are hard */
    const wg_edge edges[] = {{.u = 0, .v = 1, .length = 10},
                             {.u = 1, .v = 2, .length = 10},
                             {.u = 4, .v = 5, .length = 10},
                             {.u = 0, .v = 3, .length = 10, .hard = true},
                             {.u = 1, .v = 3, .length = 10, .hard = true},
                             {.u = 3, .v = 4, .length = 15, .hard = true},
                             {.u = 3, .v = 5, .length = 15, .hard = true}};
    const double households[] = {60, 60, 60, 0, 100, 100}, area[] = {1, 1, 1, 1, 1, 1}, x[] = {0, 1, 2, 1, 0, 1},
                 y[] = {0, 0, 0, 1, 2, 2};
    const uint8_t role[] = {0, 0, 0, WG_UNIT_LATE, 0, 0};
    wg_problem *problem = NULL;
    must(wg_problem_new(ctx, 6, edges, 7, &problem));
    must(wg_problem_add_attribute(ctx, problem, households, &HOUSEHOLDS, 0));
    must(wg_problem_set_shape(ctx, problem, area, area, x, y));
    must(wg_problem_set_roles(ctx, problem, role));
    const wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    assert_int_equal(2, s->n_cells);
    assert_int_not_equal(s->label[0], s->label[4]);
    assert_int_equal(s->label[4], s->label[3]); /* 30 m to the south bank's cell, 20 m to the north's */
    wg_solution_free(s);
    wg_problem_free(problem);
}

/* ------------------------------------------------------------------ present plan */

static void a_good_present_plan_stays_with_stability_one(void **state) {
    (void)state;
    double households[16];
    const uint32_t present[16] = {2, 2, 2, 2, /* an ugly plan, but within the limits */
                                  2, 0, 0, 1, /* */
                                  0, 0, 1, 1, /* */
                                  0, 0, 1, 1};
    for (uint32_t v = 0; v < 16; v++) {
        households[v] = 50;
    }
    wg_problem *problem = lattice(4, 4, households, HOUSEHOLDS, 9);
    must(wg_problem_set_present(ctx, problem, present, NULL));
    wg_zoning_options options = plan();
    options.solve.stability = 1;
    wg_solution *s = solve(problem, &options);
    assert_int_equal(3, s->n_cells);
    assert_memory_equal(present, s->label, sizeof present);
    for (uint32_t c = 0; c < 3; c++) {
        assert_int_equal(c, s->cells[c].origin);
    }
    wg_solution_free(s);
    wg_problem_free(problem);
}

static void locks_hold_and_closed_cells_let_nobody_in(void **state) {
    (void)state;
    double households[16];
    uint32_t present[16];
    bool locked[16] = {false}, closed[4] = {false};
    for (uint32_t v = 0; v < 16; v++) {
        households[v] = 50;
        present[v] = v % 4; /* columns: 200 each */
    }
    locked[0] = locked[3] = locked[15] = true;
    wg_problem *problem = lattice(4, 4, households, HOUSEHOLDS, 9);
    must(wg_problem_set_present(ctx, problem, present, locked));
    wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    assert_int_equal(0, s->cells[s->label[0]].origin);
    assert_int_equal(3, s->cells[s->label[3]].origin);
    assert_int_equal(s->label[3], s->label[15]);
    wg_solution_free(s);
    closed[1] = true;
    must(wg_problem_set_present(ctx, problem, present, NULL));
    must(wg_problem_set_closed(ctx, problem, closed, 4));
    s = solve(problem, &options);
    for (uint32_t v = 0; v < 16; v++) {
        assert_int_equal(present[v] == 1, s->cells[s->label[v]].origin == 1);
    }
    wg_solution_free(s);
    wg_problem_free(problem);
}

/* ------------------------------------------------------------------ reasons and certificates */

static bool certified(const wg_solution *s, wg_certificate_code code) {
    for (size_t i = 0; i < s->n_certificates; i++) {
        if (s->certificates[i].code == code) {
            return true;
        }
    }
    return false;
}

static void reasons_are_the_smallest_true_ones(void **state) {
    (void)state;
    const double tower[] = {50, 50, 50, 50, 400, 50, 50, 50, 50}, few[] = {10, 10, 10, 10, 10, 10, 10, 10, 10};
    const double odd[] = {60, 20, 20, 20, 20, 20, 20, 20, 10};
    const wg_zoning_options options = plan();
    const struct {
        const double *households;
        wg_limit limit;
        wg_reason_code reason;
        wg_certificate_code certificate;
        const char *words;
    } cases[] = {
        {tower,
         {"households", NAN, NAN, 300},
         WG_REASON_UNIT_OVER,
         WG_CERT_UNIT_OVER,
         "One unit alone has 400 households, over the maximum of 300."},
        {few,
         {"households", 150, NAN, 300},
         WG_REASON_TOTAL_UNDER,
         WG_CERT_COMPONENT_UNDER,
         "The whole community has 90 households, under the minimum of 150."},
        {odd,
         {"households", 120, NAN, 180},
         WG_REASON_INDIVISIBLE,
         WG_CERT_INDIVISIBLE,
         "No number of cells divides 210 households within the limits."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wg_problem *problem = lattice(3, 3, cases[i].households, cases[i].limit, 9);
        wg_solution *s = solve(problem, &options);
        wg_buffer words = {0};
        uint32_t out = 0;
        while (out < s->n_cells && !s->cells[out].out) {
            out++;
        }
        assert_true(out < s->n_cells);
        assert_int_equal(cases[i].reason, s->cells[out].reason.code);
        assert_true(certified(s, cases[i].certificate));
        wg_reason_sentence(&s->cells[out].reason, "households", "", WG_LANG_EN, &words);
        assert_string_equal(cases[i].words, words.data);
        wg_buffer_release(&words);
        wg_solution_free(s);
        wg_problem_free(problem);
    }
}

static void contradicting_limits_are_told(void **state) {
    (void)state;
    double households[9], people[9];
    for (int v = 0; v < 9; v++) {
        households[v] = 60; /* 540: two or three cells of 150 to 300 */
        people[v] = 300;    /* 2700: at least three cells of at most 1000, … */
    }
    wg_problem *problem = lattice(3, 3, households, (wg_limit){"households", 200, NAN, 300}, 9); /* … here two */
    const wg_limit few_people = {"population", NAN, NAN, 1000};
    must(wg_problem_add_attribute(ctx, problem, people, &few_people, 0));
    const wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    assert_true(s->out > 0);
    assert_true(certified(s, WG_CERT_LIMITS_CONFLICT));
    for (uint32_t c = 0; c < s->n_cells; c++) {
        if (s->cells[c].out) {
            assert_int_equal(WG_REASON_LIMITS_CONFLICT, s->cells[c].reason.code);
        }
    }
    wg_solution_free(s);
    wg_problem_free(problem);
}

static void soft_limits_cost_but_do_not_count_as_broken(void **state) {
    (void)state;
    const double households[] = {50, 50, 50, 50}, area[] = {1, 1, 5, 5};
    wg_problem *problem = lattice(2, 2, households, (wg_limit){"households", 100, NAN, 100}, 9);
    const wg_limit even_area = {"area", 6, NAN, 6};
    must(wg_problem_add_attribute(ctx, problem, area, &even_area, 100));
    wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    assert_int_equal(2, s->n_cells);
    assert_int_equal(0, s->out);
    assert_int_equal(s->label[0], s->label[2]); /* columns: 1 + 5 each */
    wg_solution_free(s);
    wg_problem_free(problem);
}

/* ------------------------------------------------------------------ options and weights */

static void wrong_input_is_refused(void **state) {
    (void)state;
    const double households[] = {50, 50, 50, 50}, bad[] = {50, -1, 50, 50};
    wg_problem *problem = lattice(2, 2, households, HOUSEHOLDS, 9);
    wg_solution *s = NULL;
    wg_solve_options options = {.effort = 11};
    assert_int_equal(WG_EINVAL, wg_problem_solve(ctx, problem, &options, &s));
    assert_null(s);
    options = (wg_solve_options){.count_min = 3, .count_max = 2};
    assert_int_equal(WG_EINVAL, wg_problem_solve(ctx, problem, &options, &s));
    options = (wg_solve_options){.count_min = 5, .count_max = 5};
    assert_int_equal(WG_EINFEASIBLE, wg_problem_solve(ctx, problem, &options, &s));
    options = (wg_solve_options){.stability = 1.5};
    assert_int_equal(WG_EINVAL, wg_problem_solve(ctx, problem, &options, &s));
    options = (wg_solve_options){.objective = WG_OBJECTIVE_MAXP, .count_min = 0};
    assert_int_equal(WG_EINVAL, wg_problem_add_attribute(ctx, problem, bad, &HOUSEHOLDS, 0));
    const wg_limit crossed = {"households", 300, NAN, 150};
    assert_int_equal(WG_EINVAL, wg_problem_add_attribute(ctx, problem, households, &crossed, 0));
    wg_problem_free(problem);
}

static void weights_are_set_by_name(void **state) {
    (void)state;
    wg_zoning_weights w;
    wg_zoning_weights_init(&w);
    uint32_t names = 0;
    while (wg_zoning_weights_name(names, NULL) != NULL) {
        must(wg_zoning_weights_set(ctx, &w, wg_zoning_weights_name(names, NULL), 0.5));
        names++;
    }
    assert_int_equal(sizeof w / sizeof(double), names); /* every field has a name */
    assert_true(w.rank_cost[9] == 0.5 && w.neck_m == 0.5);
    assert_int_equal(WG_EINVAL, wg_zoning_weights_set(ctx, &w, "even", -1));
    assert_int_equal(WG_ENOTFOUND, wg_zoning_weights_set(NULL, &w, "evenness", 1));
}

static void a_terms_sum_is_the_score(void **state) {
    (void)state;
    double households[30];
    for (int v = 0; v < 30; v++) {
        households[v] = 10 + 7 * (v % 5);
    }
    wg_problem *problem = lattice(5, 6, households, HOUSEHOLDS, 9);
    const wg_zoning_options options = plan();
    wg_solution *s = solve(problem, &options);
    double sum = 0;
    for (uint32_t i = 0; i < s->n_terms; i++) {
        sum += s->term[i].score;
    }
    assert_true(fabs(sum - s->score) < 1e-6 * (1 + fabs(sum)));
    assert_non_null(strstr(wg_solution_json(s), "\"terms\": [{\"name\": \"cut_edges\""));
    wg_solution_free(s);
    wg_problem_free(problem);
}

static bool refuse(double fraction, const char *stage, void *user) {
    (void)fraction;
    (void)stage;
    (void)user;
    return false;
}

static void progress_cancels(void **state) {
    (void)state;
    double households[60];
    for (int v = 0; v < 60; v++) {
        households[v] = 50;
    }
    wg_context *own = wg_context_new();
    wg_problem *problem = lattice(6, 10, households, HOUSEHOLDS, 9);
    wg_solution *s = NULL;
    wg_context_set_progress(own, refuse, NULL);
    const wg_solve_options options = {.effort = 1};
    assert_int_equal(WG_ECANCELLED, wg_problem_solve(own, problem, &options, &s));
    assert_null(s);
    wg_problem_free(problem);
    wg_context_free(own);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_of_cells_follows_the_rule),
        cmocka_unit_test(on_a_tie_there_are_fewer_cells),
        cmocka_unit_test(the_count_is_distributed_among_islands),
        cmocka_unit_test(an_exclave_joins_the_nearest_cell),
        cmocka_unit_test(anchors_decide_where_an_exclave_goes),
        cmocka_unit_test(compounds_stay_whole_where_limits_allow),
        cmocka_unit_test(units_kept_apart_share_no_cell),
        cmocka_unit_test(a_river_is_given_out_last),
        cmocka_unit_test(a_good_present_plan_stays_with_stability_one),
        cmocka_unit_test(locks_hold_and_closed_cells_let_nobody_in),
        cmocka_unit_test(reasons_are_the_smallest_true_ones),
        cmocka_unit_test(contradicting_limits_are_told),
        cmocka_unit_test(soft_limits_cost_but_do_not_count_as_broken),
        cmocka_unit_test(wrong_input_is_refused),
        cmocka_unit_test(weights_are_set_by_name),
        cmocka_unit_test(a_terms_sum_is_the_score),
        cmocka_unit_test(progress_cancels),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
