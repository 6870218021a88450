/* Independent tasks on several threads; random streams that do not depend on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/parallel.h"
#include "core/random.h"

enum { TASKS = 500, WORKERS = 8 };

typedef struct board {
    uint64_t value[TASKS];
    atomic_uint done, busy[WORKERS];
    size_t fail_at; /**< tasks from here on fail */
    wg_context *cancel;
    uint32_t threads;
} board;

static wg_status fill(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    board *own = user;
    assert_true(worker < own->threads);
    assert_int_equal(atomic_fetch_add(&own->busy[worker], 1), 0); /* one task a worker at a time */
    wg_random random;
    char name[32];
    (void)snprintf(name, sizeof name, "community %zu", index);
    wg_random_seed(&random, 7, name);
    own->value[index] = wg_random_next(&random);
    atomic_fetch_sub(&own->busy[worker], 1);
    atomic_fetch_add(&own->done, 1);
    if (own->cancel != NULL && index == 20) {
        wg_context_cancel(own->cancel);
    }
    return index >= own->fail_at ? wg_fail(ctx, WG_EDATA, "task %zu", index) : WG_OK;
}

static wg_status run(wg_context *ctx, board *own, uint32_t threads) {
    memset(own->value, 0, sizeof own->value);
    atomic_store(&own->done, 0);
    own->threads = threads;
    wg_context_set_threads(ctx, threads);
    return wg_parallel(ctx, TASKS, "tasks", fill, own);
}

static void results_do_not_depend_on_the_number_of_threads(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    board *one = calloc(1, sizeof *one), *many = calloc(1, sizeof *many);
    one->fail_at = many->fail_at = SIZE_MAX;
    assert_int_equal(run(ctx, one, 1), WG_OK);
    for (uint32_t threads = 2; threads <= WORKERS; threads++) {
        assert_int_equal(run(ctx, many, threads), WG_OK);
        assert_int_equal(atomic_load(&many->done), TASKS);
        assert_memory_equal(one->value, many->value, sizeof one->value);
    }
    free(one);
    free(many);
    wg_context_free(ctx);
}

static void the_failure_of_the_lowest_task_is_reported(void **state) {
    (void)state;
    board *own = calloc(1, sizeof *own);
    own->fail_at = 100;
    for (uint32_t threads = 1; threads <= WORKERS; threads++) {
        wg_context *ctx = wg_context_new();
        assert_int_equal(run(ctx, own, threads), WG_EDATA);
        assert_string_equal(wg_context_error(ctx), "task 100");
        assert_true(atomic_load(&own->done) <= 100 + threads); /* no new task starts */
        wg_context_free(ctx);
    }
    free(own);
}

static void cancelling_ends_the_run(void **state) {
    (void)state;
    board *own = calloc(1, sizeof *own);
    wg_context *ctx = wg_context_new();
    own->fail_at = SIZE_MAX;
    own->cancel = ctx;
    assert_int_equal(run(ctx, own, 2), WG_ECANCELLED);
    assert_true(atomic_load(&own->done) < TASKS);
    assert_string_equal(wg_context_error(ctx), "interrupted");
    wg_context_free(ctx);
    free(own);
}

static bool count_up(double fraction, const char *stage, void *user) {
    double *last = user;
    assert_string_equal(stage, "tasks");
    assert_true(fraction > 0 && fraction <= 1);
    *last = fraction > *last ? fraction : *last;
    return true;
}

static void progress_comes_from_the_calling_thread(void **state) {
    (void)state;
    board *own = calloc(1, sizeof *own);
    wg_context *ctx = wg_context_new();
    double last = 0;
    own->fail_at = SIZE_MAX;
    wg_context_set_progress(ctx, count_up, &last);
    assert_int_equal(run(ctx, own, 1), WG_OK);
    assert_true(last == 1.0);
    wg_context_free(ctx);
    free(own);
}

static void no_task_is_no_work(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    assert_int_equal(wg_parallel(ctx, 0, NULL, fill, NULL), WG_OK);
    wg_context_free(ctx);
}

static void streams_are_fixed_and_independent(void **state) {
    (void)state;
    wg_random a, b, c;
    wg_random_seed(&a, 1, "110101001001");
    wg_random_seed(&b, 1, "110101001002");
    wg_random_seed(&c, 2, "110101001001");
    const uint64_t first = wg_random_next(&a);
    assert_true(first != wg_random_next(&b));
    assert_true(first != wg_random_next(&c));
    wg_random_seed(&a, 1, "110101001001");
    assert_true(first == wg_random_next(&a));
}

static void numbers_are_in_range_and_even(void **state) {
    (void)state;
    wg_random random;
    uint32_t count[10] = {0};
    double sum = 0;
    wg_random_seed(&random, 42, NULL);
    for (int i = 0; i < 100000; i++) {
        const uint32_t digit = wg_random_below(&random, 10);
        assert_true(digit < 10);
        count[digit]++;
        const double unit = wg_random_unit(&random);
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
    }
    double chi2 = 0;
    for (int d = 0; d < 10; d++) {
        chi2 += (count[d] - 10000.0) * (count[d] - 10000.0) / 10000.0;
    }
    assert_true(chi2 < 27.9); /* 9 degrees of freedom, p = 0.001; the stream is fixed */
    assert_true(sum > 49500 && sum < 50500);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(wg_random_below(&random, 1), 0);
    }
}

static void hashes_see_every_byte_and_the_order(void **state) {
    (void)state;
    const uint64_t ab = wg_hash_bytes(wg_hash_bytes(WG_HASH_START, "a", 1), "b", 1);
    const uint64_t ba = wg_hash_bytes(wg_hash_bytes(WG_HASH_START, "b", 1), "a", 1);
    assert_true(ab != ba);
    assert_true(wg_hash_bytes(WG_HASH_START, "x\0y", 3) != wg_hash_bytes(WG_HASH_START, "x\0z", 3));
    assert_true(wg_hash_u64(1) != wg_hash_u64(2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_do_not_depend_on_the_number_of_threads),
        cmocka_unit_test(the_failure_of_the_lowest_task_is_reported),
        cmocka_unit_test(cancelling_ends_the_run),
        cmocka_unit_test(progress_comes_from_the_calling_thread),
        cmocka_unit_test(no_task_is_no_work),
        cmocka_unit_test(streams_are_fixed_and_independent),
        cmocka_unit_test(numbers_are_in_range_and_even),
        cmocka_unit_test(hashes_see_every_byte_and_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
