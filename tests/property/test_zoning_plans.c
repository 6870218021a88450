/*
 * What holds for every plan, on random problems of all kinds: islands, articulation units, stars, paths, units without
 * weight, weights over 1e9, one cell, a cell a unit, locks, compounds, present plans. Checked by functions that share
 * nothing with the solver; and the running sums of the search against full recomputation after every single move.
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

#include "core/parallel.h"
#include "random_map.h"
#include "zoning/problem.h"

typedef struct sample {
    uint32_t n;
    wg_edge *edges;
    size_t n_edges;
    random_map map; /**< kind 0 and 1 */
    double *weight;
    uint32_t *present;
    bool *locked;
    wg_limit limit;
    uint32_t k;
} sample;

static void sample_free(sample *s) {
    free(s->edges);
    free(s->weight);
    free(s->present);
    free(s->locked);
    random_map_free(&s->map);
}

/** Path, star, or tree with short cuts: no map behind it. */
static void draw_graph(wg_random *random, uint32_t kind, sample *s) {
    s->n = 2 + wg_random_below(random, 60);
    s->edges = calloc((size_t)s->n * 3, sizeof *s->edges);
    for (uint32_t v = 1; v < s->n; v++) {
        if (wg_random_below(random, 25) != 0) { /* else an island begins */
            const uint32_t u = kind == 2 ? v - 1 : kind == 3 ? 0 : wg_random_below(random, v);
            s->edges[s->n_edges++] = (wg_edge){.u = u, .v = v, .length = 1 + wg_random_below(random, 9)};
        }
    }
}

static void draw(uint32_t number, sample *s) {
    wg_random random;
    wg_random_seed(&random, number, "plans");
    memset(s, 0, sizeof *s);
    const uint32_t kind = number % 5;
    if (kind < 2) {
        s->map = random_map_make(&random, 2 + wg_random_below(&random, 120), 5);
        s->n = s->map.n;
        s->edges = calloc(s->map.n_edges + 1, sizeof *s->edges);
        for (size_t e = 0; e < s->map.n_edges; e++) {
            wg_edge edge = s->map.edges[e];
            edge.hard = kind == 1 && wg_random_below(&random, 3) == 0;
            s->edges[s->n_edges++] = edge;
        }
    } else {
        draw_graph(&random, kind, s);
    }
    s->weight = calloc(s->n, sizeof *s->weight);
    s->present = calloc(s->n, sizeof *s->present);
    s->locked = calloc(s->n, sizeof *s->locked);
    const double scale = number % 7 == 0 ? 1e9 : 1;
    double total = 0;
    for (uint32_t v = 0; v < s->n; v++) {
        s->weight[v] = wg_random_below(&random, 3) == 0 ? 0 : scale * (1 + wg_random_below(&random, 50));
        total += s->weight[v];
    }
    if (total <= 0) { /* a floor of nothing is none */
        total = s->weight[0] = scale;
    }
    const uint32_t cells = 1 + wg_random_below(&random, s->n);
    s->k = number % 11 == 0 ? 1 : number % 13 == 0 ? s->n : cells;
    s->limit = (wg_limit){"weight", 0.7 * total / s->k, NAN, 1.4 * (total + 1) / s->k};
    for (uint32_t v = 0; v < s->n; v++) {
        s->present[v] = wg_random_below(&random, 6) == 0 ? WG_UNASSIGNED : v * s->k / s->n;
        s->locked[v] = s->present[v] != WG_UNASSIGNED && wg_random_below(&random, 10) == 0;
    }
}

/** Max-p takes no locks. */
static bool has_locks(uint32_t number) {
    return number % 6 == 0 && number / 5 % 4 != 3;
}

static wg_problem *make(wg_context *ctx, const sample *s, uint32_t number) {
    wg_problem *problem = NULL;
    assert_int_equal(WG_OK, wg_problem_new(ctx, s->n, s->edges, s->n_edges, &problem));
    assert_int_equal(WG_OK, wg_problem_add_attribute(ctx, problem, s->weight, &s->limit, 0));
    if (s->map.n > 0) {
        assert_int_equal(WG_OK, wg_problem_set_shape(ctx, problem, s->map.area, s->map.outer, s->map.x, s->map.y));
    }
    if (number % 3 == 0) {
        assert_int_equal(WG_OK, wg_problem_set_present(ctx, problem, s->present, has_locks(number) ? s->locked : NULL));
    }
    return problem;
}

/** Pieces of the cell's units over connecting edges, by union; units of attached exclaves do not count. */
static uint32_t naive_pieces(const sample *s, const wg_solution *solution, uint32_t c) {
    uint32_t *set = calloc(s->n, sizeof *set), pieces = 0;
    for (uint32_t v = 0; v < s->n; v++) {
        set[v] = v;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t e = 0; e < s->n_edges; e++) {
            const uint32_t u = s->edges[e].u, v = s->edges[e].v;
            if (!s->edges[e].hard && solution->label[u] == c && solution->label[v] == c && set[u] != set[v]) {
                const uint32_t least = set[u] < set[v] ? set[u] : set[v];
                set[u] = set[v] = least;
                changed = true;
            }
        }
    }
    for (uint32_t v = 0; v < s->n; v++) {
        pieces += solution->label[v] == c && !solution->attached[v] && set[v] == v;
        if (solution->label[v] == c && solution->attached[v] && set[v] == v) {
            bool with_main = false; /* a piece counts where any of its units was not attached */
            for (uint32_t u = 0; u < s->n; u++) {
                with_main = with_main || (set[u] == v && !solution->attached[u]);
            }
            pieces += with_main;
        }
    }
    free(set);
    return pieces;
}

static void check(const sample *s, const wg_solution *solution, uint32_t number, bool locks) {
    double *sum = calloc(solution->n_cells, sizeof *sum);
    uint32_t *units = calloc(solution->n_cells, sizeof *units), out = 0;
    for (uint32_t v = 0; v < s->n; v++) {
        assert_true(solution->label[v] < solution->n_cells);
        sum[solution->label[v]] += s->weight[v];
        units[solution->label[v]]++;
        if (locks && s->locked[v]) {
            assert_int_equal(s->present[v], solution->cells[solution->label[v]].origin);
        }
    }
    for (uint32_t c = 0; c < solution->n_cells; c++) {
        assert_true(units[c] > 0);
        assert_int_equal(units[c], solution->cells[c].units);
        assert_true(fabs(sum[c] - solution->sum[c]) <= 1e-9 * sum[c]);
        const bool breaks = sum[c] > s->limit.max * (1 + 1e-12) || sum[c] < s->limit.min * (1 - 1e-12);
        assert_int_equal(breaks, solution->cells[c].out);
        assert_int_equal(breaks, solution->cells[c].out && solution->cells[c].reason.code != WG_REASON_NONE);
        out += breaks;
        if (!locks && naive_pieces(s, solution, c) != 1) { /* locked units may lie where no cell reaches */
            fail_msg("problem %u: cell %u of %u is in %u pieces", number, c, solution->n_cells,
                     naive_pieces(s, solution, c));
        }
    }
    assert_int_equal(out, solution->out);
    free(sum);
    free(units);
}

static wg_zoning_options options_for(uint32_t number) {
    static const wg_objective objectives[] = {WG_OBJECTIVE_PLAN, WG_OBJECTIVE_CUT, WG_OBJECTIVE_LENGTH,
                                              WG_OBJECTIVE_MAXP};
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.objective = objectives[number / 5 % 4];
    options.solve.seed = number;
    options.solve.effort = 1 + number % 3;
    options.solve.stability = number % 9 == 0 ? 0.5 : 0;
    options.exclaves = number % 4 == 0 ? WG_EXCLAVES_SEPARATE : WG_EXCLAVES_ATTACH;
    return options;
}

/** What was met and solved: a drawing that left a kind out would check nothing about it. */
typedef struct kinds {
    uint32_t islands, joints, paths, stars, weightless, heavy, one_cell, cell_a_unit;
} kinds;

/** Connected pieces of the graph without one unit (WG_UNASSIGNED: with all), by union. */
static uint32_t pieces_without(const sample *s, uint32_t gone) {
    uint32_t *set = calloc(s->n, sizeof *set), pieces = s->n - (gone < s->n ? 1 : 0);
    for (uint32_t v = 0; v < s->n; v++) {
        set[v] = v;
    }
    for (size_t e = 0; e < s->n_edges; e++) {
        const uint32_t from = set[s->edges[e].u], to = set[s->edges[e].v];
        if (s->edges[e].hard || s->edges[e].u == gone || s->edges[e].v == gone || from == to) {
            continue;
        }
        for (uint32_t v = 0; v < s->n; v++) {
            set[v] = set[v] == from ? to : set[v];
        }
        pieces--;
    }
    free(set);
    return pieces;
}

static void note_kinds(const sample *s, uint32_t n_cells, kinds *met) {
    const uint32_t pieces = pieces_without(s, WG_UNASSIGNED);
    bool joint = false, weightless = false, heavy = false;
    uint32_t *degree = calloc(s->n, sizeof *degree), most = 0;
    for (size_t e = 0; e < s->n_edges; e++) {
        degree[s->edges[e].u]++;
        degree[s->edges[e].v]++;
    }
    for (uint32_t v = 0; v < s->n; v++) {
        joint = joint || pieces_without(s, v) > pieces;
        weightless = weightless || s->weight[v] <= 0;
        heavy = heavy || s->weight[v] > 1e9;
        most = degree[v] > most ? degree[v] : most;
    }
    free(degree);
    const bool tree = s->map.n == 0 && pieces == 1 && s->n > 4; /* connected, with n - 1 edges */
    met->islands += pieces > 1;
    met->joints += joint;
    met->paths += tree && most == 2;
    met->stars += tree && most == s->n - 1;
    met->weightless += weightless;
    met->heavy += heavy;
    met->one_cell += s->n > 1 && n_cells == 1;
    met->cell_a_unit += s->n > 1 && n_cells == s->n;
}

static void every_plan_is_sound(void **state) {
    (void)state;
    const uint32_t problems = getenv("WANGGE_TEST_FULL") != NULL ? 4000 : 400;
    uint32_t solved = 0;
    kinds met = {0};
    wg_context *ctx = wg_context_new();
    for (uint32_t i = 0; i < problems; i++) {
        sample s;
        wg_solution *solution = NULL;
        draw(i, &s);
        wg_problem *problem = make(ctx, &s, i);
        wg_zoning_options options = options_for(i);
        if (i % 2 == 1 && options.solve.objective != WG_OBJECTIVE_MAXP) {
            options.solve.count_min = options.solve.count_max = s.k;
        }
        const wg_status status = wg_zoning_solve(ctx, problem, &options, &solution);
        if (status == WG_OK) {
            check(&s, solution, i, has_locks(i));
            assert_true(options.solve.count_min == 0 || solution->n_cells == s.k);
            note_kinds(&s, solution->n_cells, &met);
            solved++;
        } else if (status != WG_EINFEASIBLE) { /* only where a fixed number is impossible */
            fail_msg("problem %u: %s", i, wg_context_error(ctx));
        }
        assert_true(status == WG_OK || options.solve.count_min > 0);
        wg_solution_free(solution);
        wg_problem_free(problem);
        sample_free(&s);
    }
    wg_context_free(ctx);
    assert_true(solved * 10 > problems * 8);
    printf("%u plans: %u with islands, %u with joints, %u of paths, %u of stars, %u with units of no weight, %u with "
           "weights "
           "over 1e9, %u of one cell, %u of a cell a unit\n",
           solved, met.islands, met.joints, met.paths, met.stars, met.weightless, met.heavy, met.one_cell,
           met.cell_a_unit);
    assert_true(met.islands > 9 && met.joints > 9 && met.paths > 4 && met.stars > 4);
    assert_true(met.weightless > 9 && met.heavy > 9 && met.one_cell > 9 && met.cell_a_unit > 4);
}

/* ------------------------------------------------------------------ levels, contests, regions */

static void draw_large(uint32_t number, sample *s) {
    wg_random random;
    wg_random_seed(&random, number, "large plans");
    memset(s, 0, sizeof *s);
    s->map = random_map_make(&random, 1400, 5);
    s->n = s->map.n;
    s->edges = calloc(s->map.n_edges, sizeof *s->edges);
    memcpy(s->edges, s->map.edges, s->map.n_edges * sizeof *s->edges);
    s->n_edges = s->map.n_edges;
    for (size_t e = 0; e < s->n_edges; e++) {
        s->edges[e].hard = wg_random_below(&random, 40) == 0; /* some of them shut units off */
    }
    s->weight = calloc(s->n, sizeof *s->weight);
    s->present = calloc(s->n, sizeof *s->present);
    s->locked = calloc(s->n, sizeof *s->locked);
    s->k = 2 + 7 * number;
    double total = 0;
    for (uint32_t v = 0; v < s->n; v++) {
        s->weight[v] = wg_random_below(&random, 5) == 0 ? 0 : 1e9 * (1 + wg_random_below(&random, 9));
        total += s->weight[v];
        s->present[v] = v * s->k / s->n;
    }
    s->limit = (wg_limit){"weight", 0.9 * total / s->k, NAN, 1.1 * total / s->k};
}

/** Problems over the size that is searched flat, small efforts and one that holds a contest; the same again is equal.
 */
static void large_plans_are_sound(void **state) {
    (void)state;
    static const struct {
        wg_objective objective;
        uint32_t effort, number;
        double stability;
    } runs[] = {{WG_OBJECTIVE_CUT, 1, 0, 0},    {WG_OBJECTIVE_CUT, 4, 2, 0},  {WG_OBJECTIVE_LENGTH, 1, 3, 0},
                {WG_OBJECTIVE_PLAN, 1, 1, 0},   {WG_OBJECTIVE_MAXP, 1, 2, 0}, {WG_OBJECTIVE_CUT, 1, 4, 0.5},
                {WG_OBJECTIVE_PLAN, 1, 3, 0.5}, {WG_OBJECTIVE_CUT, 1, 2, 0}};
    wg_context *ctx = wg_context_new();
    for (uint32_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        sample s;
        wg_solution *solution = NULL, *again = NULL;
        draw_large(runs[i].number, &s);
        const bool today = runs[i].stability > 0;
        wg_problem *problem = make(ctx, &s, today ? 3 : 1);
        wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
        options.solve.objective = runs[i].objective;
        options.solve.effort = runs[i].effort;
        options.solve.stability = runs[i].stability;
        if (runs[i].objective != WG_OBJECTIVE_MAXP) {
            options.solve.count_min = options.solve.count_max = s.k;
        }
        assert_int_equal(WG_OK, wg_zoning_solve(ctx, problem, &options, &solution));
        check(&s, solution, i, false);
        assert_true(runs[i].objective == WG_OBJECTIVE_MAXP || solution->n_cells == s.k);
        assert_true(runs[i].objective != WG_OBJECTIVE_CUT || solution->out == 0);
        if (runs[i].effort == 1) {
            assert_int_equal(WG_OK, wg_zoning_solve(ctx, problem, &options, &again));
            assert_memory_equal(solution->label, again->label, s.n * sizeof *again->label);
        }
        wg_solution_free(solution);
        wg_solution_free(again);
        wg_problem_free(problem);
        sample_free(&s);
    }
    wg_context_free(ctx);
}

/* ------------------------------------------------------------------ one thread and two */

typedef struct batch {
    uint64_t hash[24];
} batch;

static wg_status solve_numbered(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    batch *b = user;
    sample s;
    wg_solution *solution = NULL;
    draw((uint32_t)index * 10, &s);
    wg_problem *problem = make(ctx, &s, (uint32_t)index * 10 + 1);
    const wg_zoning_options options = options_for((uint32_t)index * 10);
    const wg_status status = wg_zoning_solve(ctx, problem, &options, &solution);
    if (status == WG_OK) {
        b->hash[index] = wg_hash_bytes(WG_HASH_START, solution->label, s.n * sizeof *solution->label);
    }
    wg_solution_free(solution);
    wg_problem_free(problem);
    sample_free(&s);
    return status;
}

static void threads_make_no_difference(void **state) {
    (void)state;
    batch one = {{0}}, two = {{0}};
    wg_context *ctx = wg_context_new();
    wg_context_set_threads(ctx, 1);
    assert_int_equal(WG_OK, wg_parallel(ctx, 24, NULL, solve_numbered, &one));
    wg_context_set_threads(ctx, 2);
    assert_int_equal(WG_OK, wg_parallel(ctx, 24, NULL, solve_numbered, &two));
    assert_memory_equal(&one, &two, sizeof one);
    assert_true(one.hash[0] != one.hash[1]);
    wg_context_free(ctx);
}

/* ------------------------------------------------------------------ running sums */

static wg_instance *make_instance(wg_context *ctx, const sample *s, wg_random *random) {
    double price = 0;
    uint32_t number = 0;
    wg_zi_line line;
    wg_zi_shape shape;
    wg_zi_limit limit[2] = {wg_limit_resolve(&s->limit, 0), wg_limit_resolve(&s->limit, 2)};
    wg_instance like = {.n_limits = 2, .limit = limit, .has_area = true, .objective = WG_OBJECTIVE_PLAN};
    like.line = &line;
    like.shape = &shape;
    like.home = like.group = like.apart = &number;
    like.stay = &price;
    like.n_groups = 5;
    like.n_aparts = 7;
    wg_zoning_weights_init(&like.weights);
    wg_graph *graph = NULL;
    wg_instance *in = NULL;
    assert_int_equal(WG_OK, wg_graph_new(ctx, s->n, s->edges, s->n_edges, &graph));
    assert_int_equal(WG_OK, wg_instance_alloc(ctx, &like, s->n, graph->m, &in));
    memcpy(in->start, graph->start, (s->n + 1) * sizeof *in->start);
    memcpy(in->link_end, graph->link_end, s->n * sizeof *in->link_end);
    memcpy(in->to, graph->to, 2 * (size_t)graph->m * sizeof *in->to);
    memcpy(in->edge, graph->edge, 2 * (size_t)graph->m * sizeof *in->edge);
    for (uint32_t h = 0; h < 2 * graph->m; h++) {
        const double length = graph->length[graph->edge[h]];
        const uint8_t rank = graph->rank[graph->edge[h]];
        in->line[h] = (wg_zi_line){length, rank == 0 ? length : 0, rank == 1 ? length : 0};
    }
    for (uint32_t v = 0; v < s->n; v++) {
        const double area = s->map.area[v], x = s->map.x[v], y = s->map.y[v];
        in->value[2 * v] = in->value[2 * v + 1] = s->weight[v];
        in->shape[v] =
            (wg_zi_shape){.mass = area, .mx = area * x, .my = area * y, .mm = area * (x * x + y * y) + area * area / 6};
        in->shape[v].perimeter = s->map.outer[v];
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            in->shape[v].perimeter += in->line[h].length;
            in->shape[v].street += in->line[h].street;
        }
        in->home[v] = s->present[v];
        in->stay[v] = 0.01;
        in->group[v] = wg_random_below(random, 8) < 5 ? wg_random_below(random, 5) : WG_UNASSIGNED;
        in->apart[v] = wg_random_below(random, 4) == 0 ? wg_random_below(random, 7) : WG_UNASSIGNED;
    }
    wg_graph_free(graph);
    assert_int_equal(WG_OK, wg_instance_finish(ctx, in));
    return in;
}

/** One hard limit and prices of cuts, which has a short way of its own through a move. */
static wg_instance *make_simple(wg_context *ctx, const sample *s) {
    double price = 0;
    wg_zi_limit limit = wg_limit_resolve(&s->limit, 0);
    wg_instance like = {.n_limits = 1, .limit = &limit, .objective = WG_OBJECTIVE_LENGTH, .cost = &price};
    wg_graph *graph = NULL;
    wg_instance *in = NULL;
    assert_int_equal(WG_OK, wg_graph_new(ctx, s->n, s->edges, s->n_edges, &graph));
    assert_int_equal(WG_OK, wg_instance_alloc(ctx, &like, s->n, graph->m, &in));
    memcpy(in->start, graph->start, (s->n + 1) * sizeof *in->start);
    memcpy(in->link_end, graph->link_end, s->n * sizeof *in->link_end);
    memcpy(in->to, graph->to, 2 * (size_t)graph->m * sizeof *in->to);
    memcpy(in->edge, graph->edge, 2 * (size_t)graph->m * sizeof *in->edge);
    for (uint32_t h = 0; h < 2 * graph->m; h++) {
        in->cost[h] = graph->length[graph->edge[h]];
    }
    memcpy(in->value, s->weight, s->n * sizeof *in->value);
    wg_graph_free(graph);
    assert_int_equal(WG_OK, wg_instance_finish(ctx, in));
    assert_true(in->simple);
    return in;
}

/** Any move to any cell, connected or not: told before, done, and compared with a full recomputation. */
static void deltas_equal_recomputation(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    for (uint32_t i = 0; i < 40; i++) {
        sample s;
        wg_state plan;
        wg_random random;
        draw(i * 5, &s);
        wg_random_seed(&random, i, "deltas");
        wg_instance *in = i % 4 == 3 ? make_simple(ctx, &s) : make_instance(ctx, &s, &random);
        const uint32_t k = s.n < 2 ? 1 : 2 + wg_random_below(&random, s.n < 8 ? s.n - 1 : 7);
        assert_int_equal(WG_OK, wg_state_init(ctx, &plan, in, k));
        for (uint32_t v = 0; v < s.n; v++) {
            plan.label[v] = v < k ? v : wg_random_below(&random, k);
        }
        wg_state_set(&plan, plan.label);
        for (uint32_t step = 0; step < 150 && k > 1; step++) {
            const uint32_t v = wg_random_below(&random, s.n), b = wg_random_below(&random, k);
            if (b == plan.label[v]) {
                continue;
            }
            wg_zi_delta delta;
            const wg_zi_key before = plan.key;
            wg_state_delta(&plan, v, b, &delta);
            wg_state_move(&plan, v, b);
            assert_true(fabs(plan.key.score - before.score - delta.score) < 1e-7 * (1 + fabs(plan.key.score)));
            assert_int_equal((int32_t)plan.key.out - (int32_t)before.out, delta.out);
            assert_true(fabs(plan.key.excess + plan.key.conflicts - before.excess - before.conflicts - delta.excess) <
                        1e-7 * (1 + fabs(plan.key.excess)));
            assert_true(wg_state_verify(ctx, &plan));
        }
        wg_state_release(&plan);
        wg_instance_free(in);
        sample_free(&s);
    }
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plan_is_sound),
        cmocka_unit_test(large_plans_are_sound),
        cmocka_unit_test(threads_make_no_difference),
        cmocka_unit_test(deltas_equal_recomputation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
