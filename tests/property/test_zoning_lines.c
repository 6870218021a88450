/**
 * Redraws along lines against what they promise: labels outside the region stay, cells stay connected, a redraw that is
 * not kept leaves the plan as it was, one that is kept at temperature 0 is no worse, and the price that is told before
 * a unit moves is the one that it has afterwards. With sets of units as bits, and without.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_map.h"
#include "zoning/lines.h"
#include "zoning/problem.h"

/** A prepared problem of a random map. */
typedef struct sample {
    random_map map;
    wg_problem *problem;
    wg_prepared prepared;
} sample;

static void sample_make(wg_context *ctx, uint32_t number, uint32_t n, wg_objective objective, bool areas, uint32_t k,
                        sample *s) {
    wg_random random;
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    wg_zoning_weights weights;
    double total = 0;
    *s = (sample){0};
    wg_random_seed(&random, number, "lines");
    s->map = random_map_make(&random, n, 8);
    for (uint32_t v = 0; v < n; v++) {
        total += s->map.weight[v];
    }
    const wg_limit limit = {"households", 0.9 * total / k, total / k, 1.1 * total / k};
    wg_zoning_weights_init(&weights);
    options.solve.objective = objective;
    assert_int_equal(WG_OK, wg_problem_new(ctx, n, s->map.edges, s->map.n_edges, &s->problem));
    assert_int_equal(WG_OK, wg_problem_add_attribute(ctx, s->problem, s->map.weight, &limit, 0));
    if (areas) {
        assert_int_equal(WG_OK, wg_problem_set_shape(ctx, s->problem, s->map.area, s->map.outer, s->map.x, s->map.y));
    }
    assert_int_equal(WG_OK, wg_prepare(ctx, s->problem, &options, &weights, true, &s->prepared));
    assert_int_equal(WG_OK, wg_instance_measure_hops(ctx, s->prepared.base));
}

static void sample_free(sample *s) {
    wg_prepared_release(&s->prepared);
    wg_problem_free(s->problem);
    random_map_free(&s->map);
}

/** Up to `want` cells that lie together, from a random cut edge on. */
static uint32_t draw_cells(wg_random *random, const wg_state *plan, uint32_t want, uint32_t *cell) {
    uint32_t n = 0;
    for (uint32_t tries = 0; tries < 400 && n < want; tries++) {
        const size_t e = plan->cut[wg_random_below(random, plan->n_cut)];
        const uint32_t a = plan->label[plan->in->ends[2 * e]], b = plan->label[plan->in->ends[2 * e + 1]];
        bool has_a = n == 0, has_b = false;
        for (uint32_t i = 0; i < n; i++) {
            has_a = has_a || cell[i] == a;
            has_b = has_b || cell[i] == b;
        }
        if (n == 0) {
            cell[n++] = a;
        }
        if (has_a != has_b) {
            cell[n++] = has_a ? b : a;
        }
    }
    return n;
}

static uint32_t root_of(uint32_t *find, uint32_t v) {
    while (find[v] != v) {
        v = find[v];
    }
    return v;
}

static void assert_connected(const wg_state *plan) {
    const wg_instance *in = plan->in;
    uint32_t *find = malloc(in->n * sizeof *find), pieces = in->n;
    for (uint32_t v = 0; v < in->n; v++) {
        find[v] = v;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
            const uint32_t a = root_of(find, v), b = root_of(find, in->to[h]);
            if (plan->label[v] == plan->label[in->to[h]] && a != b) {
                find[a] = b;
                pieces--;
            }
        }
    }
    free(find);
    assert_int_equal(plan->k, pieces);
}

/** One redraw and everything that it promises. @return whether it was kept */
static bool redraw_one(wg_context *ctx, wg_search *search, wg_state *plan, wg_lines *lines, double promise) {
    const uint32_t n_units = plan->in->n;
    uint32_t cell[WG_LINE_CELLS], *before = malloc(n_units * sizeof *before);
    const wg_line_rule rule = {.temperature = 0, .penalty = 20, .promise = promise};
    const uint32_t n = draw_cells(&search->random, plan, 2 + wg_random_below(&search->random, WG_LINE_CELLS - 1), cell);
    const double energy = plan->key.score + rule.penalty * plan->key.excess;
    memcpy(before, plan->label, n_units * sizeof *before);
    assert_true(n >= 2);
    const bool kept = wg_line_resplit(search, plan, lines, cell, n, &rule);
    for (uint32_t v = 0; v < n_units; v++) {
        bool inside = false;
        for (uint32_t i = 0; i < n; i++) {
            inside = inside || before[v] == cell[i];
        }
        assert_true(plan->label[v] == before[v] || (kept && inside));
        assert_int_equal(WG_UNASSIGNED, lines->part[v]);
    }
    assert_true(!kept || plan->key.score + rule.penalty * plan->key.excess <= energy + 1e-7 * (1 + fabs(energy)));
    assert_true(wg_state_verify(ctx, plan));
    assert_connected(plan);
    free(before);
    return kept;
}

/** What the same units are worth in random sides, told with masks, without, and by making them cells. */
static void price_one(wg_search *search, wg_instance *in, wg_state *plan, wg_lines *lines) {
    const double penalty = 20;
    const uint32_t n_units = in->n;
    wg_mask *near = in->near;
    uint32_t cell[WG_LINE_CELLS], filled = 0, *label = malloc(n_units * sizeof *label);
    uint32_t *before = malloc(n_units * sizeof *before);
    const uint32_t n = draw_cells(&search->random, plan, 2 + wg_random_below(&search->random, WG_LINE_CELLS - 1), cell);
    memcpy(label, plan->label, n_units * sizeof *label);
    memcpy(before, plan->label, n_units * sizeof *before);
    lines->n = 0;
    for (uint32_t v = 0; v < n_units; v++) {
        for (uint32_t i = 0; i < n; i++) {
            if (plan->label[v] == cell[i]) {
                lines->unit[lines->n++] = v;
                lines->part[v] = wg_random_below(&search->random, n);
                label[v] = cell[lines->part[v]];
                filled |= 1U << lines->part[v];
            }
        }
    }
    const double told = wg_lines_change(plan, lines, cell, n, penalty);
    in->near = NULL;
    const double plainly = wg_lines_change(plan, lines, cell, n, penalty);
    in->near = near;
    assert_true(fabs(told - plainly) <= 1e-9 * (1 + fabs(told)));
    if (filled == (1U << n) - 1) {
        const double energy = plan->key.score + penalty * plan->key.excess;
        wg_state_set(plan, label);
        assert_true(fabs(plan->key.score + penalty * plan->key.excess - energy - told) <= 1e-9 * (1 + fabs(energy)));
        wg_state_set(plan, before);
    }
    for (uint32_t i = 0; i < lines->n; i++) {
        lines->part[lines->unit[i]] = WG_UNASSIGNED;
    }
    free(label);
    free(before);
}

static void redraw_many(wg_context *ctx, uint32_t number, uint32_t n, wg_objective objective, bool areas, bool masks) {
    sample s;
    wg_state plan;
    wg_lines lines;
    const uint32_t k = n / 15;
    uint32_t kept = 0, *label = malloc(n * sizeof *label);
    wg_search search = {.ctx = ctx, .effort = 5, .deadline = INFINITY};
    wg_random_seed(&search.random, number, "redraw");
    sample_make(ctx, number, n, objective, areas, k, &s);
    wg_instance *in = s.prepared.base;
    assert_true(wg_has_lines(in));
    assert_true((in->near != NULL) == (in->n <= WG_MASK_UNITS));
    if (!masks) {
        free(in->near);
        in->near = NULL;
    }
    assert_int_equal(WG_OK, wg_state_init(ctx, &plan, in, k));
    assert_int_equal(WG_OK, wg_lines_init(ctx, &lines, in, k));
    assert_int_equal(WG_OK, wg_start_grow(&search, in, k, label));
    wg_state_set(&plan, label);
    for (uint32_t i = 0; i < 60; i++) {
        assert_false(redraw_one(ctx, &search, &plan, &lines, -INFINITY));
        kept += redraw_one(ctx, &search, &plan, &lines, INFINITY);
        price_one(&search, in, &plan, &lines);
    }
    assert_true(kept > 0);
    wg_lines_release(&lines);
    wg_state_release(&plan);
    free(label);
    sample_free(&s);
}

static void a_redraw_keeps_its_promises(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    for (uint32_t i = 0; i < 12; i++) {
        const uint32_t n = 60 + 30 * (i / 2);
        const bool masks = i % 2 == 0;
        redraw_many(ctx, i, n, WG_OBJECTIVE_CUT, false, masks);
        redraw_many(ctx, i, n, WG_OBJECTIVE_LENGTH, false, masks);
        redraw_many(ctx, i, n, WG_OBJECTIVE_PLAN, false, masks);
        redraw_many(ctx, i, n, WG_OBJECTIVE_PLAN, true, masks);
        redraw_many(ctx, i, n, WG_OBJECTIVE_INERTIA, true, masks);
    }
    redraw_many(ctx, 99, 700, WG_OBJECTIVE_PLAN, true, true); /* regions by search, not by a look at all labels */
    wg_context_free(ctx);
}

/** Against Floyd and Warshall. */
static void hops_are_the_fewest_steps(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    for (uint32_t i = 0; i < 8; i++) {
        sample s;
        sample_make(ctx, i, 5 + 20 * i, WG_OBJECTIVE_CUT, false, 2, &s);
        const wg_instance *in = s.prepared.base;
        const uint32_t n = in->n;
        uint32_t *steps = malloc((size_t)n * n * sizeof *steps);
        for (uint32_t v = 0; v < n; v++) {
            for (uint32_t w = 0; w < n; w++) {
                steps[v * n + w] = v == w ? 0 : 10000;
            }
            for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
                steps[v * n + in->to[h]] = 1;
            }
        }
        for (uint32_t m = 0; m < n; m++) {
            for (uint32_t vw = 0; vw < n * n; vw++) {
                const uint32_t over = steps[vw / n * n + m] + steps[m * n + vw % n];
                steps[vw] = over < steps[vw] ? over : steps[vw];
            }
        }
        for (uint32_t vw = 0; vw < n * n; vw++) {
            assert_int_equal(steps[vw], in->hops[vw]);
        }
        free(steps);
        sample_free(&s);
    }
    wg_context_free(ctx);
}

/** Where shapes tell where units lie, and where many cells are wanted, nothing is measured. */
static void hops_are_for_those_that_need_them(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    sample s;
    sample_make(ctx, 1, 80, WG_OBJECTIVE_PLAN, true, 5, &s);
    assert_null(s.prepared.base->hops);
    assert_true(wg_has_lines(s.prepared.base));
    sample_free(&s);
    sample_make(ctx, 1, 80, WG_OBJECTIVE_MAXP, false, 5, &s);
    assert_null(s.prepared.base->hops);
    assert_false(wg_has_lines(s.prepared.base));
    sample_free(&s);
    sample_make(ctx, 1, WG_HOPS_UNITS + 1, WG_OBJECTIVE_CUT, false, 5, &s);
    assert_null(s.prepared.base->hops);
    assert_false(wg_has_lines(s.prepared.base));
    sample_free(&s);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_redraw_keeps_its_promises),
        cmocka_unit_test(hops_are_the_fewest_steps),
        cmocka_unit_test(hops_are_for_those_that_need_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
