/* Suppression against linear algebra: from what is shown, no hidden value can be computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/random.h"
#include "report/suppress.h"

enum { MOST = 260 };

/** Is unknown `which` determined by the sums? Gauss–Jordan on the hidden variables: a row with a single entry
 * determines it. */
static size_t determined(const wg_sum_rules *rules, const bool *hidden, size_t n) {
    static double matrix[3 * MOST][MOST];
    size_t column_of[MOST];
    size_t columns = 0;
    for (size_t i = 0; i < n; i++) {
        column_of[i] = hidden[i] ? columns++ : SIZE_MAX;
    }
    for (size_t r = 0; r < rules->n; r++) {
        memset(matrix[r], 0, sizeof matrix[r]);
        const wg_sum_rule *rule = &rules->rules[r];
        if (rule->whole != WG_UNASSIGNED && hidden[rule->whole]) {
            matrix[r][column_of[rule->whole]] -= 1.0;
        }
        /* A part with a sign is taken off. */
        for (size_t i = rule->first; i < rule->first + rule->n; i++) {
            const uint32_t part = rules->parts[i] & ~WG_SUM_MINUS;
            if (hidden[part]) {
                matrix[r][column_of[part]] += part == rules->parts[i] ? 1.0 : -1.0;
            }
        }
    }
    size_t pivot_row = 0;
    for (size_t c = 0; c < columns && pivot_row < rules->n; c++) {
        size_t best = pivot_row;
        for (size_t r = pivot_row; r < rules->n; r++) {
            best = fabs(matrix[r][c]) > fabs(matrix[best][c]) ? r : best;
        }
        if (fabs(matrix[best][c]) < 1e-9) {
            continue;
        }
        for (size_t k = 0; k < columns; k++) {
            const double swap = matrix[best][k];
            matrix[best][k] = matrix[pivot_row][k];
            matrix[pivot_row][k] = swap;
        }
        for (size_t r = 0; r < rules->n; r++) {
            const double factor = r == pivot_row ? 0.0 : matrix[r][c] / matrix[pivot_row][c];
            for (size_t k = 0; factor != 0.0 && k < columns; k++) {
                matrix[r][k] -= factor * matrix[pivot_row][k];
            }
        }
        pivot_row++;
    }
    size_t found = 0;
    for (size_t r = 0; r < pivot_row; r++) {
        size_t entries = 0;
        for (size_t k = 0; k < columns; k++) {
            entries += fabs(matrix[r][k]) > 1e-9 ? 1 : 0;
        }
        found += entries == 1 ? 1 : 0;
    }
    return found;
}

static void random_trees(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 11, "suppress");
    size_t hidden_ever = 0;
    for (int round = 0; round < 400; round++) {
        /* Cells, communities, streets, all; values small enough that many are hidden. */
        const uint32_t cells = 3 + wg_random_below(&random, 60);
        const uint32_t communities = 1 + wg_random_below(&random, 12);
        const uint32_t streets = 1 + wg_random_below(&random, 4);
        const uint32_t n = cells + communities + streets + 1;
        double values[MOST] = {0};
        uint32_t parent[MOST];
        bool hidden[MOST] = {false};
        wg_sum_rules rules = {.n = 0};
        const uint32_t high = 1 + wg_random_below(&random, 40);
        for (uint32_t i = 0; i < n - 1; i++) {
            parent[i] = i < cells                 ? cells + wg_random_below(&random, communities)
                        : i < cells + communities ? cells + communities + wg_random_below(&random, streets)
                                                  : n - 1;
        }
        for (uint32_t i = 0; i < cells; i++) {
            values[i] = wg_random_below(&random, high);
        }
        for (uint32_t i = 0; i < n - 1; i++) {
            values[parent[i]] += values[i];
        }
        for (uint32_t whole = cells; whole < n; whole++) {
            uint32_t parts[MOST];
            size_t count = 0;
            for (uint32_t i = 0; i < n - 1; i++) {
                if (parent[i] == whole) {
                    parts[count++] = i;
                }
            }
            if (count > 0) {
                assert_int_equal(wg_sum_rules_add(NULL, &rules, whole, parts, count), WG_OK);
            }
        }
        const double *figures[] = {values};
        const wg_suppression what = {figures, 1, n, n, 5.0};
        assert_int_equal(wg_suppress(NULL, &what, &rules, hidden), WG_OK);
        for (uint32_t i = 0; i < n; i++) {
            hidden_ever += hidden[i] ? 1 : 0;
            assert_true(!(values[i] > 0.0 && values[i] < 5.0) || hidden[i]);
        }
        /* A parent with one only child has the child's value: both hidden or both shown, never determined. */
        if (determined(&rules, hidden, n) != 0) {
            fail_msg("round %d: a hidden value can be computed", round);
        }
        wg_sum_rules_release(&rules);
    }
    assert_true(hidden_ever > 1000); /* else the test says nothing */
}

/** Hide, and see that what is small is hidden and nothing hidden can be computed. @return how many are hidden */
static size_t hide_and_try(const double *values, size_t n, const wg_sum_rules *rules, double least, int round) {
    bool hidden[MOST] = {false};
    const double *figures[] = {values};
    const wg_suppression what = {figures, 1, n, n, least};
    size_t count = 0;
    assert_int_equal(wg_suppress(NULL, &what, rules, hidden), WG_OK);
    for (size_t i = 0; i < n; i++) {
        count += hidden[i] ? 1 : 0;
        assert_true(!(values[i] > 0.0 && values[i] < least) || hidden[i]);
    }
    if (determined(rules, hidden, n) != 0) {
        fail_msg("round %d: a hidden value can be computed", round);
    }
    return count;
}

/** Parts of one partition of the cells: the cells whose key is `k`. */
static void add_class(wg_sum_rules *rules, const uint32_t *key, uint32_t cells, uint32_t k, uint32_t whole,
                      const double *values, double *sum) {
    uint32_t parts[MOST];
    size_t n = 0;
    *sum = 0.0;
    for (uint32_t i = 0; i < cells; i++) {
        if (key[i] == k) {
            parts[n++] = i;
            *sum += values[i];
        }
    }
    if (n > 0) {
        assert_int_equal(wg_sum_rules_add(NULL, rules, whole, parts, n), WG_OK);
    }
}

static void trees_that_cross(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 12, "cross");
    size_t hidden = 0;
    size_t shown = 0;
    for (int round = 0; round < 400; round++) {
        /* Every cell is in a community and in a group; groups lie across communities. Both add up to the whole. */
        const uint32_t cells = 4 + wg_random_below(&random, 120);
        const uint32_t communities = 1 + wg_random_below(&random, 10);
        const uint32_t groups = 1 + wg_random_below(&random, 10);
        const uint32_t n = cells + communities + groups + 1;
        const uint32_t high = 2 + wg_random_below(&random, 60);
        uint32_t key[2][MOST];
        uint32_t parts[MOST];
        double values[MOST] = {0};
        wg_sum_rules rules = {.n = 0};
        for (uint32_t i = 0; i < cells; i++) {
            key[0][i] = wg_random_below(&random, communities);
            key[1][i] = wg_random_below(&random, groups);
            values[i] = wg_random_below(&random, high);
            values[n - 1] += values[i];
        }
        for (uint32_t k = 0; k < communities + groups; k++) {
            const bool group = k >= communities;
            parts[k] = cells + k;
            add_class(&rules, key[group ? 1 : 0], cells, group ? k - communities : k, cells + k, values,
                      &values[cells + k]);
        }
        assert_int_equal(wg_sum_rules_add(NULL, &rules, n - 1, parts, communities), WG_OK);
        assert_int_equal(wg_sum_rules_add(NULL, &rules, n - 1, parts + communities, groups), WG_OK);
        const size_t count = hide_and_try(values, n, &rules, 5.0, round);
        hidden += count;
        shown += n - count;
        wg_sum_rules_release(&rules);
    }
    assert_true(hidden > 1000 && shown > 1000); /* hiding everything would be easy */
}

/** Two triangles of hidden cells with a bridge between them: every sum has two hidden parts, and still tells one. */
static void a_bridge_between_two_cycles(void **state) {
    (void)state;
    /* Rows and columns of a table 4 by 4; a dot is shown.
     *   1 1 . .
     *   1 1 1 .      the third of the second row is the bridge
     *   . . 1 1
     *   . . 1 1  */
    double values[16 + 8] = {2, 3, 90, 90, 3, 2, 4, 90, 90, 90, 2, 3, 90, 90, 3, 2};
    uint32_t parts[4];
    wg_sum_rules rules = {.n = 0};
    for (uint32_t line = 0; line < 8; line++) {
        for (uint32_t k = 0; k < 4; k++) {
            parts[k] = line < 4 ? 4 * line + k : 4 * k + line - 4;
            values[16 + line] += values[parts[k]];
        }
        assert_int_equal(wg_sum_rules_add(NULL, &rules, 16 + line, parts, 4), WG_OK);
    }
    bool naive[24] = {false};
    for (uint32_t i = 0; i < 16; i++) {
        naive[i] = values[i] < 5.0;
    }
    assert_true(determined(&rules, naive, 24) > 0); /* what sums one by one do not see */
    bool found[24];
    assert_int_equal(wg_sum_rules_found(NULL, &rules, naive, 24, found), WG_OK);
    for (uint32_t i = 0; i < 24; i++) {
        assert_int_equal(found[i], i == 6);
    }
    (void)hide_and_try(values, 24, &rules, 5.0, 0);
    wg_sum_rules_release(&rules);
}

/** A stock is that of before, with what came and without what went. */
static void chains_of_stocks(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 13, "chain");
    size_t hidden = 0;
    for (int round = 0; round < 300; round++) {
        const uint32_t periods = 2 + wg_random_below(&random, 40);
        const uint32_t high = 3 + wg_random_below(&random, 80);
        double values[MOST] = {0};
        uint32_t came[MOST];
        wg_sum_rules rules = {.n = 0};
        double stock = 0.0;
        for (uint32_t i = 0; i < periods; i++) {
            const uint32_t links[] = {3 * i, (3 * i + 1) | WG_SUM_MINUS, 3 * i - 1};
            values[3 * i] = wg_random_below(&random, high);
            values[3 * i + 1] = wg_random_below(&random, (uint32_t)(stock + values[3 * i]) + 1);
            stock += values[3 * i] - values[3 * i + 1];
            values[3 * i + 2] = stock;
            came[i] = 3 * i;
            assert_int_equal(wg_sum_rules_add(NULL, &rules, 3 * i + 2, links, i > 0 ? 3 : 2), WG_OK);
        }
        assert_int_equal(wg_sum_rules_add(NULL, &rules, WG_UNASSIGNED, came, periods), WG_OK);
        bool mask[MOST] = {false};
        const double *figures[] = {values};
        const wg_suppression what = {figures, 1, 3 * periods, 3 * periods, 5.0};
        assert_int_equal(wg_suppress(NULL, &what, &rules, mask), WG_OK);
        bool all = true;
        for (uint32_t i = 0; i < 3 * periods; i++) {
            hidden += mask[i] ? 1 : 0;
            all = all && mask[i];
        }
        /* Where all is hidden a total that everybody knows may still tell one: then there is nothing left to hide. */
        if (!all && determined(&rules, mask, 3 * periods) != 0) {
            fail_msg("round %d: a hidden value can be computed", round);
        }
        wg_sum_rules_release(&rules);
    }
    assert_true(hidden > 1000);
}

static void the_sum_of_what_is_hidden_is_not_small(void **state) {
    (void)state;
    /* Two ones under a visible total would be told as one and one by their sum of two. */
    const double values[] = {1, 1, 30, 40, 72};
    const uint32_t parts[] = {0, 1, 2, 3};
    const double *figures[] = {values};
    bool hidden[5] = {false};
    wg_sum_rules rules = {.n = 0};
    assert_int_equal(wg_sum_rules_add(NULL, &rules, 4, parts, 4), WG_OK);
    const wg_suppression what = {figures, 1, 5, 5, 5.0};
    assert_int_equal(wg_suppress(NULL, &what, &rules, hidden), WG_OK);
    const bool expected[] = {true, true, true, false, false};
    assert_memory_equal(hidden, expected, sizeof expected);
    wg_sum_rules_release(&rules);
}

static void nothing_small_hides_nothing(void **state) {
    (void)state;
    const double values[] = {0, 5, 6, 11};
    const uint32_t parts[] = {0, 1, 2};
    const double *figures[] = {values};
    bool hidden[4] = {false};
    wg_sum_rules rules = {.n = 0};
    assert_int_equal(wg_sum_rules_add(NULL, &rules, 3, parts, 3), WG_OK);
    const wg_suppression what = {figures, 1, 4, 4, 5.0};
    assert_int_equal(wg_suppress(NULL, &what, &rules, hidden), WG_OK);
    for (int i = 0; i < 4; i++) {
        assert_false(hidden[i]);
    }
    wg_sum_rules_release(&rules);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_trees),
        cmocka_unit_test(trees_that_cross),
        cmocka_unit_test(a_bridge_between_two_cycles),
        cmocka_unit_test(chains_of_stocks),
        cmocka_unit_test(the_sum_of_what_is_hidden_is_not_small),
        cmocka_unit_test(nothing_small_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
