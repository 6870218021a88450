/* Evenness, ranks, hot spots, false discovery, placing workers: worked examples and naive second ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "report/statistics.h"
#include "shapes.h"

static void near_to(double found, double expected) {
    if (!(fabs(found - expected) <= 1e-12 * fmax(1.0, fabs(expected)))) {
        fail_msg("%.17g, expected %.17g", found, expected);
    }
}

static void evenness_of_a_small_table(void **state) {
    (void)state;
    const double values[] = {4, 1, NAN, 1, 2};
    wg_evenness e;
    assert_int_equal(wg_evenness_of(NULL, values, 5, &e), WG_OK);
    assert_int_equal(e.n, 4);
    near_to(e.sum, 8);
    near_to(e.mean, 2);
    near_to(e.cv, sqrt(6.0 / 4.0) / 2.0);
    near_to(e.ratio, 4);
    /* Mean absolute difference of all pairs over twice the mean: (6 differences, each twice) / (16 * 2 * 2). */
    near_to(e.gini, 2.0 * (0 + 1 + 3 + 1 + 3 + 2) / (16.0 * 4.0));
}

static void evenness_without_meaning(void **state) {
    (void)state;
    const double none[] = {NAN};
    const double zeros[] = {0, 0};
    const double negative[] = {-1, 3};
    wg_evenness e;
    assert_int_equal(wg_evenness_of(NULL, none, 1, &e), WG_OK);
    assert_true(e.n == 0 && isnan(e.mean) && isnan(e.gini));
    assert_int_equal(wg_evenness_of(NULL, zeros, 2, &e), WG_OK);
    assert_true(isnan(e.cv) && isnan(e.gini) && isnan(e.ratio));
    assert_int_equal(wg_evenness_of(NULL, negative, 2, &e), WG_OK);
    assert_true(isnan(e.gini));
}

static void gini_by_all_pairs(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 1, "gini");
    for (int round = 0; round < 200; round++) {
        double values[40];
        const size_t n = 1 + wg_random_below(&random, 40);
        double sum = 0.0;
        double pairs = 0.0;
        for (size_t i = 0; i < n; i++) {
            values[i] = wg_random_below(&random, 50);
            sum += values[i];
        }
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < n; k++) {
                pairs += fabs(values[i] - values[k]);
            }
        }
        wg_evenness e;
        assert_int_equal(wg_evenness_of(NULL, values, n, &e), WG_OK);
        if (sum > 0.0) {
            assert_true(fabs(e.gini - pairs / (2.0 * (double)n * sum)) < 1e-12);
        }
    }
}

static void quantiles(void **state) {
    (void)state;
    const double sorted[] = {1, 2, 4, 8};
    near_to(wg_quantile_sorted(sorted, 4, 0.5), 3);
    near_to(wg_quantile_sorted(sorted, 4, 0.9), 4 + 0.7 * 4); /* numpy.quantile([1,2,4,8], .9) = 6.8 */
    near_to(wg_quantile_sorted(sorted, 4, 1.0), 8);
    near_to(wg_quantile_sorted(sorted, 1, 0.9), 1);
    assert_true(isnan(wg_quantile_sorted(sorted, 0, 0.5)));
}

static void ranks_with_ties(void **state) {
    (void)state;
    const double score[] = {90, 95, NAN, 90, 60};
    uint32_t rank[5];
    assert_int_equal(wg_ranks(NULL, score, 5, true, rank), WG_OK);
    const uint32_t down[] = {2, 1, 0, 2, 4};
    assert_memory_equal(rank, down, sizeof down);
    assert_int_equal(wg_ranks(NULL, score, 5, false, rank), WG_OK);
    const uint32_t up[] = {2, 4, 0, 2, 1};
    assert_memory_equal(rank, up, sizeof up);
}

/* 5 x 5 cells; two of them touch in a corner only, which is no boundary. */
static wg_layer *lattice(uint32_t side) {
    wg_layer *cells;
    assert_int_equal(wg_layer_new(NULL, "cells", NULL, &cells), WG_OK);
    for (uint32_t i = 0; i < side * side; i++) {
        shape_box_row(cells, i % side * 10.0, i / side * 10.0, i % side * 10.0 + 10.0, i / side * 10.0 + 10.0);
    }
    return cells;
}

static void neighbours_share_a_side(void **state) {
    (void)state;
    wg_layer *cells = lattice(3);
    wg_neighbours n;
    assert_int_equal(wg_neighbours_of(NULL, cells, &n), WG_OK);
    assert_int_equal(n.start[9], 24);
    const uint32_t middle[] = {1, 3, 5, 7};
    assert_int_equal(n.start[5] - n.start[4], 4);
    assert_memory_equal(n.to + n.start[4], middle, sizeof middle);
    const uint32_t corner[] = {1, 3};
    assert_memory_equal(n.to + n.start[0], corner, sizeof corner);
    wg_neighbours_release(&n);
    wg_layer_free(cells);
}

/* Gi* straight from the formula, with a full matrix of weights. */
static double naive_gi(const double *x, uint32_t n, const bool *w, uint32_t i) {
    double sum = 0.0, squares = 0.0, local = 0.0, weights = 0.0;
    for (uint32_t k = 0; k < n; k++) {
        sum += x[k];
        squares += x[k] * x[k];
        local += w[i * n + k] ? x[k] : 0.0;
        weights += w[i * n + k] ? 1.0 : 0.0;
    }
    const double mean = sum / n;
    const double s = sqrt(squares / n - mean * mean);
    return (local - mean * weights) / (s * sqrt((n * weights - weights * weights) / (n - 1.0)));
}

static void hot_spots_by_the_formula(void **state) {
    (void)state;
    enum { SIDE = 5, N = SIDE * SIDE };
    wg_layer *cells = lattice(SIDE);
    wg_neighbours n;
    assert_int_equal(wg_neighbours_of(NULL, cells, &n), WG_OK);
    bool w[N * N] = {false};
    double x[N], z[N];
    for (uint32_t i = 0; i < N; i++) {
        x[i] = i == 12 || i == 11 || i == 13 || i == 7 ? 30.0 : (double)(i * 7 % 5);
        for (uint32_t k = 0; k < N; k++) {
            const int dx = abs((int)(i % SIDE) - (int)(k % SIDE));
            const int dy = abs((int)(i / SIDE) - (int)(k / SIDE));
            w[i * N + k] = dx + dy <= 1;
        }
    }
    assert_int_equal(wg_hot_spots(NULL, x, &n, z), WG_OK);
    for (uint32_t i = 0; i < N; i++) {
        assert_true(fabs(z[i] - naive_gi(x, N, w, i)) < 1e-9);
    }
    assert_true(z[12] > 3.0);
    for (uint32_t i = 0; i < N; i++) {
        x[i] = 5.0;
    }
    assert_int_equal(wg_hot_spots(NULL, x, &n, z), WG_OK);
    assert_true(isnan(z[0])); /* nothing stands out of a constant */
    wg_neighbours_release(&n);
    wg_layer_free(cells);
}

static void p_values(void **state) {
    (void)state;
    assert_true(fabs(wg_p_of_z(1.959963984540054) - 0.05) < 1e-12);
    assert_true(wg_p_of_z(-3.0) == wg_p_of_z(3.0));
    assert_true(isnan(wg_p_of_z(NAN)));
}

/* Example of Benjamini and Hochberg (1995), section 3: 15 p-values, 4 rejected at q = 0.05. */
static void false_discovery_example(void **state) {
    (void)state;
    const double p[] = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
    bool significant[15];
    assert_int_equal(wg_false_discovery(NULL, p, 15, 0.05, significant), WG_OK);
    for (size_t i = 0; i < 15; i++) {
        assert_int_equal(significant[i], i < 4);
    }
}

/* The least possible highest load per worker, by trying every way to place the workers. */
static double best_of_all(const double *load, double *fte, uint32_t n, uint32_t more) {
    if (more == 0) {
        double worst = 0.0;
        for (uint32_t i = 0; i < n; i++) {
            worst = fmax(worst, fte[i] > 0.0 ? load[i] / fte[i] : load[i] > 0.0 ? INFINITY : 0.0);
        }
        return worst;
    }
    double best = INFINITY;
    for (uint32_t i = 0; i < n; i++) {
        fte[i] += 1.0;
        best = fmin(best, best_of_all(load, fte, n, more - 1));
        fte[i] -= 1.0;
    }
    return best;
}

static void workers_go_where_they_help_most(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 3, "workers");
    for (int round = 0; round < 300; round++) {
        enum { N = 4 };
        double load[N], fte[N], after[N];
        uint32_t added[N];
        const uint32_t more = wg_random_below(&random, 5);
        for (uint32_t i = 0; i < N; i++) {
            load[i] = wg_random_below(&random, 100);
            fte[i] = wg_random_below(&random, 4) * 0.5;
        }
        assert_int_equal(wg_place_workers(NULL, load, fte, N, more, added), WG_OK);
        for (uint32_t i = 0; i < N; i++) {
            after[i] = fte[i] + added[i];
        }
        const double reached = best_of_all(load, after, N, 0);
        const double best = best_of_all(load, fte, N, more);
        assert_true(reached == best || fabs(reached - best) < 1e-9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evenness_of_a_small_table), cmocka_unit_test(evenness_without_meaning),
        cmocka_unit_test(gini_by_all_pairs),         cmocka_unit_test(quantiles),
        cmocka_unit_test(ranks_with_ties),           cmocka_unit_test(neighbours_share_a_side),
        cmocka_unit_test(hot_spots_by_the_formula),  cmocka_unit_test(p_values),
        cmocka_unit_test(false_discovery_example),   cmocka_unit_test(workers_go_where_they_help_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
