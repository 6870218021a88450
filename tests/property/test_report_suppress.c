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

enum { MOST = 200 };

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
        for (size_t i = rule->first; i < rule->first + rule->n; i++) {
            if (hidden[rules->parts[i]]) {
                matrix[r][column_of[rules->parts[i]]] += 1.0;
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
        assert_int_equal(wg_suppress(NULL, figures, 1, n, &rules, 5.0, hidden), WG_OK);
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

static void the_sum_of_what_is_hidden_is_not_small(void **state) {
    (void)state;
    /* Two ones under a visible total would be told as one and one by their sum of two. */
    const double values[] = {1, 1, 30, 40, 72};
    const uint32_t parts[] = {0, 1, 2, 3};
    const double *figures[] = {values};
    bool hidden[5] = {false};
    wg_sum_rules rules = {.n = 0};
    assert_int_equal(wg_sum_rules_add(NULL, &rules, 4, parts, 4), WG_OK);
    assert_int_equal(wg_suppress(NULL, figures, 1, 5, &rules, 5.0, hidden), WG_OK);
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
    assert_int_equal(wg_suppress(NULL, figures, 1, 4, &rules, 5.0, hidden), WG_OK);
    for (int i = 0; i < 4; i++) {
        assert_false(hidden[i]);
    }
    wg_sum_rules_release(&rules);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_trees),
        cmocka_unit_test(the_sum_of_what_is_hidden_is_not_small),
        cmocka_unit_test(nothing_small_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
