/* The pairing of old and new cells against all permutations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/random.h"
#include "plan/match.h"

static double best_of(const double *weight, uint32_t rows, uint32_t columns, uint32_t row, uint32_t used) {
    if (row == rows) {
        return 0;
    }
    double best = best_of(weight, rows, columns, row + 1, used); /* the row stays alone */
    for (uint32_t c = 0; c < columns; c++) {
        if ((used & (1u << c)) == 0) {
            const double with = weight[row * columns + c] + best_of(weight, rows, columns, row + 1, used | 1u << c);
            best = with > best ? with : best;
        }
    }
    return best;
}

static void pairs_a_split_with_its_larger_part(void **state) {
    (void)state;
    /* old cells as columns: A was divided into rows 0 (100) and 1 (60), B is row 2 as it was */
    const double weight[] = {100, 0, 60, 0, 0, 80};
    uint32_t column[3];
    assert_int_equal(WG_OK, wg_match(NULL, 3, 2, weight, column));
    assert_int_equal(0, column[0]);
    assert_int_equal(WG_UNASSIGNED, column[1]);
    assert_int_equal(1, column[2]);
}

static void is_never_worse_than_any_other_pairing(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 7, "match");
    for (int round = 0; round < 2000; round++) {
        const uint32_t rows = 1 + wg_random_below(&random, 6), columns = 1 + wg_random_below(&random, 6);
        double weight[36], sum = 0;
        uint32_t column[6], used = 0;
        for (uint32_t i = 0; i < rows * columns; i++) {
            weight[i] = wg_random_below(&random, 3) == 0 ? 0 : wg_random_below(&random, 100);
        }
        assert_int_equal(WG_OK, wg_match(NULL, rows, columns, weight, column));
        for (uint32_t r = 0; r < rows; r++) {
            if (column[r] != WG_UNASSIGNED) {
                assert_true(column[r] < columns);
                assert_int_equal(0, used & (1u << column[r]));
                used |= 1u << column[r];
                sum += weight[r * columns + column[r]];
            }
        }
        assert_true(sum > best_of(weight, rows, columns, 0, 0) - 1e-9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pairs_a_split_with_its_larger_part),
                                       cmocka_unit_test(is_never_worse_than_any_other_pairing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
