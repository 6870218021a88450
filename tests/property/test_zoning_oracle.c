/*
 * The solver against every plan there is, on random problems of up to 12 units: maps, paths, stars and trees, units
 * without weight and of more than 1e9, one cell up to one a unit. (Islands are each a problem of their own:
 * test_zoning_plans.) WANGGE_TEST_FULL=1 takes 2000 problems. The oracle shares nothing with the solver: it labels
 * units in all ways, searches pieces naively and scores from scratch.
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

#include "core/random.h"
#include "random_map.h"
#include "zoning/zoning.h"

enum { MOST = 12 };

typedef struct sample {
    random_map map;
    uint32_t k, joined[MOST]; /**< bits of neighbours */
    wg_limit limit;
    wg_objective objective;
    wg_zoning_weights weights;
} sample;

typedef struct worth {
    uint32_t out;
    double excess, score;
} worth;

static bool better(const worth *a, const worth *b) {
    if (a->out != b->out) {
        return a->out < b->out;
    }
    if (fabs(a->excess - b->excess) > 1e-9) {
        return a->excess < b->excess;
    }
    return a->score < b->score - 1e-7 * (1 + fabs(b->score));
}

static bool connected(const sample *s, uint32_t set) {
    uint32_t seen = set & (~set + 1), before = 0;
    while (seen != before) {
        before = seen;
        for (uint32_t v = 0; v < s->map.n; v++) {
            seen |= (seen >> v & 1) != 0 ? s->joined[v] & set : 0;
        }
    }
    return seen == set;
}

/** Terms of one cell of a plan, by the formulas of zoning.h. */
static double plan_cell(const sample *s, const uint32_t *label, uint32_t c, double sum) {
    const random_map *map = &s->map;
    const wg_zoning_weights *w = &s->weights;
    double area = 0, outline = 0, off_street = 0, major = 0, mx = 0, my = 0, second = 0;
    for (uint32_t v = 0; v < map->n; v++) {
        if (label[v] == c) {
            area += map->area[v];
            outline += map->outer[v];
            mx += map->area[v] * map->x[v];
            my += map->area[v] * map->y[v];
        }
    }
    for (uint32_t v = 0; v < map->n; v++) {
        if (label[v] == c) {
            const double dx = map->x[v] - mx / area, dy = map->y[v] - my / area;
            second += map->area[v] * (dx * dx + dy * dy) + map->area[v] * map->area[v] / 6;
        }
    }
    for (size_t e = 0; e < map->n_edges; e++) {
        const wg_edge *edge = &map->edges[e];
        const bool u = label[edge->u] == c, v = label[edge->v] == c;
        if (u != v) {
            outline += edge->length;
            off_street += edge->length * w->rank_cost[edge->rank];
        } else if (u && edge->rank > 0 && edge->rank <= w->major_rank) {
            major += edge->length;
        }
    }
    const double target = isnan(s->limit.target) ? (s->limit.min + s->limit.max) / 2 : s->limit.target;
    const double pi = 3.14159265358979323846, wide = sqrt(2 * pi * second) / area;
    return w->streets * off_street / outline + w->crossing * major / outline +
           w->compact * pow(fmax(0, outline / sqrt(4 * pi * area) - 1), 2) + w->spread * (wide > 1 ? wide - 1 : 0) +
           w->even * (sum / target - 1) * (sum / target - 1);
}

static double inertia_cell(const sample *s, const uint32_t *label, uint32_t c) {
    const random_map *map = &s->map;
    double weight = 0, x = 0, y = 0, sum = 0;
    for (uint32_t v = 0; v < map->n; v++) {
        weight += label[v] == c ? map->weight[v] : 0;
        x += label[v] == c ? map->weight[v] * map->x[v] : 0;
        y += label[v] == c ? map->weight[v] * map->y[v] : 0;
    }
    for (uint32_t v = 0; v < map->n; v++) {
        const double dx = map->x[v] - x / weight, dy = map->y[v] - y / weight;
        sum += label[v] == c ? map->weight[v] * (dx * dx + dy * dy) : 0;
    }
    return sum;
}

static worth judge(const sample *s, const uint32_t *label) {
    worth w = {0};
    for (uint32_t c = 0; c < s->k; c++) {
        double sum = 0;
        for (uint32_t v = 0; v < s->map.n; v++) {
            sum += label[v] == c ? s->map.weight[v] : 0;
        }
        const double over = (sum - s->limit.max) / s->limit.max, under = (s->limit.min - sum) / s->limit.min;
        w.out += over > 0 || under > 0;
        w.excess += over > 0 ? over : under > 0 ? under : 0;
        w.score += s->objective == WG_OBJECTIVE_PLAN      ? plan_cell(s, label, c, sum)
                   : s->objective == WG_OBJECTIVE_INERTIA ? inertia_cell(s, label, c)
                                                          : 0;
    }
    for (size_t e = 0; e < s->map.n_edges; e++) {
        if (label[s->map.edges[e].u] != label[s->map.edges[e].v]) {
            w.score += s->objective == WG_OBJECTIVE_CUT      ? 1
                       : s->objective == WG_OBJECTIVE_LENGTH ? s->map.edges[e].length
                                                             : 0;
        }
    }
    return w;
}

/** All labellings in which cell numbers appear in order, with k connected cells. */
static void enumerate(const sample *s, uint32_t v, uint32_t used, uint32_t *label, worth *best) {
    if (v == s->map.n) {
        uint32_t set[MOST] = {0};
        bool good = used == s->k;
        for (uint32_t u = 0; u < s->map.n; u++) {
            set[label[u]] |= 1u << u;
        }
        for (uint32_t c = 0; c < used && good; c++) {
            good = connected(s, set[c]);
        }
        if (good) {
            const worth w = judge(s, label);
            if (better(&w, best)) {
                *best = w;
            }
        }
        return;
    }
    for (uint32_t c = 0; c <= used && c < s->k; c++) {
        if (s->k - used <= s->map.n - v) {
            label[v] = c;
            enumerate(s, v + 1, c == used ? used + 1 : used, label, best);
        }
    }
}

/** Other neighbours than the map's: a path, a star or a tree, where most units are joints. */
static void draw_tree(wg_random *random, random_map *map) {
    const uint32_t kind = wg_random_below(random, 3);
    map->n_edges = 0;
    for (uint32_t v = 1; v < map->n; v++) {
        const uint32_t u = kind == 0 ? v - 1 : kind == 1 ? 0 : wg_random_below(random, v);
        map->edges[map->n_edges++] = (wg_edge){.u = u,
                                               .v = v,
                                               .length = 20.0 * (1 + wg_random_below(random, 5)),
                                               .rank = (uint8_t)wg_random_below(random, 10)};
    }
}

static void draw(uint32_t number, sample *s) {
    wg_random random;
    wg_random_seed(&random, number, "oracle");
    memset(s, 0, sizeof *s);
    s->map = random_map_make(&random, 3 + wg_random_below(&random, number % 8 == 0 ? 10 : 7), 6);
    s->k = 1 + wg_random_below(&random, s->map.n < 5 ? s->map.n : 5);
    if (number % 5 == 4) {
        draw_tree(&random, &s->map);
    }
    if (number % 50 == 7) {
        s->k = s->map.n;
    }
    const double scale = number % 7 == 3 ? 1e9 : 1;
    double total = 0;
    for (uint32_t v = 0; v < s->map.n; v++) {
        s->map.weight[v] = wg_random_below(&random, 4) == 0 ? 0 : scale * s->map.weight[v];
        total += s->map.weight[v];
    }
    const double mean = (total + 1) / s->k, slack = 0.02 + 0.6 * wg_random_unit(&random);
    s->limit = (wg_limit){"weight", mean * (1 - slack) + 1e-6, NAN, mean * (1 + slack)};
    const wg_objective objectives[] = {WG_OBJECTIVE_PLAN, WG_OBJECTIVE_CUT, WG_OBJECTIVE_LENGTH, WG_OBJECTIVE_INERTIA};
    s->objective = objectives[wg_random_below(&random, 4)];
    if (s->objective == WG_OBJECTIVE_INERTIA) {
        for (uint32_t v = 0; v < s->map.n; v++) {
            s->map.weight[v] += s->map.weight[v] > 0 ? 0 : 1;
        }
    }
    wg_zoning_weights_init(&s->weights);
    s->weights.neck_m = 0; /* the oracle's cells hold together over any edge */
    for (size_t e = 0; e < s->map.n_edges; e++) {
        s->joined[s->map.edges[e].u] |= 1u << s->map.edges[e].v;
        s->joined[s->map.edges[e].v] |= 1u << s->map.edges[e].u;
    }
}

static worth solve(wg_context *ctx, const sample *s, uint32_t effort, bool *proven) {
    wg_problem *problem = NULL;
    wg_solution *solution = NULL;
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.objective = s->objective;
    options.solve.count_min = options.solve.count_max = s->k;
    options.solve.effort = effort;
    options.weights = &s->weights;
    assert_int_equal(WG_OK, wg_problem_new(ctx, s->map.n, s->map.edges, s->map.n_edges, &problem));
    assert_int_equal(WG_OK, wg_problem_add_attribute(ctx, problem, s->map.weight, &s->limit, 0));
    assert_int_equal(WG_OK, wg_problem_set_shape(ctx, problem, s->map.area, s->map.outer, s->map.x, s->map.y));
    const wg_status status = wg_zoning_solve(ctx, problem, &options, &solution);
    if (status != WG_OK) {
        fail_msg("%s", wg_context_error(ctx));
    }
    assert_int_equal(s->k, solution->n_cells);
    for (uint32_t c = 0; c < s->k; c++) {
        uint32_t set = 0;
        for (uint32_t v = 0; v < s->map.n; v++) {
            set |= solution->label[v] == c ? 1u << v : 0;
        }
        assert_true(set != 0 && connected(s, set));
    }
    const worth own = judge(s, solution->label); /* what its labels are worth, not what it says they are */
    assert_int_equal(own.out, solution->out);
    double moment = 0; /* second moments are differences of sums of this size */
    for (uint32_t v = 0; v < s->map.n && s->objective == WG_OBJECTIVE_INERTIA; v++) {
        moment += s->map.weight[v] * (s->map.x[v] * s->map.x[v] + s->map.y[v] * s->map.y[v]);
    }
    if (!(fabs(own.score - solution->score) < 1e-6 * (1 + own.score) + 1e-12 * moment)) {
        fail_msg("objective %d: the labels are worth %.12g, not %.12g", (int)s->objective, own.score, solution->score);
    }
    *proven = solution->proven;
    wg_solution_free(solution);
    wg_problem_free(problem);
    return own;
}

/** No plan is better than that of effort 10, and hardly any than that of the default effort. */
static void no_plan_is_better(void **state) {
    (void)state;
    const uint32_t problems = getenv("WANGGE_TEST_FULL") != NULL ? 2000 : 300;
    uint32_t hard_optimal = 0, optimal = 0, proven_count = 0, infeasible = 0;
    wg_context *ctx = wg_context_new();
    assert_non_null(ctx);
    for (uint32_t i = 0; i < problems; i++) {
        sample s;
        uint32_t label[MOST];
        bool proven = false;
        worth best = {UINT32_MAX, INFINITY, INFINITY};
        draw(i, &s);
        enumerate(&s, 0, 0, label, &best);
        assert_true(best.out < UINT32_MAX);
        const worth hard = solve(ctx, &s, 10, &proven);
        if (better(&best, &hard)) {
            print_error("problem %u (%u units, %u cells, objective %d): %u %g %g, but %u %g %g is possible\n", i,
                        s.map.n, s.k, (int)s.objective, hard.out, hard.excess, hard.score, best.out, best.excess,
                        best.score);
        } else {
            hard_optimal++;
        }
        proven_count += proven;
        const worth usual = solve(ctx, &s, 5, &proven);
        if (better(&best, &usual)) {
            assert_false(proven); /* a proof that is wrong would be worse than a plan that is not the best */
        } else {
            optimal++;
        }
        infeasible += best.out > 0;
        random_map_free(&s.map);
    }
    wg_context_free(ctx);
    printf("%u problems: effort 10 optimal %.2f %%, effort 5 optimal %.2f %%\n", problems,
           100.0 * hard_optimal / problems, 100.0 * optimal / problems);
    assert_int_equal(hard_optimal, problems);
    assert_true(optimal * 100 >= problems * 99);
    assert_true(proven_count * 100 >= problems * 95);
    assert_true(infeasible * 20 > problems && infeasible * 2 < problems); /* both kinds were met */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_plan_is_better)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
