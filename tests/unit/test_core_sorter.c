#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/memory.h"
#include "core/random.h"
#include "core/sorter.h"

typedef struct pair {
    uint64_t key;
    uint32_t number;
} pair;

static int compare(const void *left, const void *right) {
    const pair *a = left, *b = right;
    return a->key != b->key ? (a->key < b->key ? -1 : 1) : a->number < b->number ? -1 : a->number > b->number;
}

/* As many records, in order, each exactly once: what qsort() of all of them gives. */
static void sorts(size_t n, size_t run) {
    wg_context *ctx = wg_context_new();
    wg_sorter *sorter = NULL;
    wg_random random;
    pair *all = wg_calloc(n, sizeof *all);
    assert_non_null(all);
    wg_random_seed(&random, n + run, "sorter");
    assert_int_equal(wg_sorter_new(ctx, sizeof *all, run, compare, NULL, &sorter), WG_OK);
    for (size_t i = 0; i < n; i++) {
        all[i].key = wg_random_below(&random, (uint32_t)(n / 2 + 1)); /* keys repeat */
        all[i].number = (uint32_t)i;
        assert_int_equal(wg_sorter_add(ctx, sorter, &all[i]), WG_OK);
    }
    assert_int_equal(wg_sorter_count(sorter), n);
    qsort(all, n, sizeof *all, compare);
    assert_int_equal(wg_sorter_finish(ctx, sorter), WG_OK);
    const void *record;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(wg_sorter_next(ctx, sorter, &record), WG_OK);
        assert_non_null(record);
        assert_int_equal(((const pair *)record)->key, all[i].key);
        assert_int_equal(((const pair *)record)->number, all[i].number);
    }
    for (int again = 0; again < 2; again++) {
        assert_int_equal(wg_sorter_next(ctx, sorter, &record), WG_OK);
        assert_null(record);
    }
    wg_sorter_free(sorter);
    wg_context_free(ctx);
    free(all);
}

static void in_memory_and_through_a_file(void **state) {
    (void)state;
    sorts(0, 10);
    sorts(1, 1);
    sorts(10, 10);
    sorts(11, 10);
    sorts(5000, 1);     /* every run a record */
    sorts(100000, 999); /* 101 runs, the last not full */
    sorts(100000, 30000);
    sorts(100000, 100000);
}

static void a_directory_that_is_not_there_is_an_error(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_sorter *sorter = NULL;
    const pair record = {1, 1};
    assert_int_equal(wg_sorter_new(ctx, sizeof record, 1, compare, "/no/such/place", &sorter), WG_OK);
    assert_int_equal(wg_sorter_add(ctx, sorter, &record), WG_OK);
    assert_int_equal(wg_sorter_add(ctx, sorter, &record), WG_EIO);
    assert_string_equal(wg_context_error(ctx),
                        "/no/such/place: a temporary file for sorting: No such file or directory");
    wg_sorter_free(sorter);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory_and_through_a_file),
        cmocka_unit_test(a_directory_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
