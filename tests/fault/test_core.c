/* Every allocation of core fails once. */
#include "fault.h"

#include "core/memory.h"
#include "core/parallel.h"

static wg_status buffers(wg_context *ctx, void *user) {
    (void)user;
    wg_buffer buffer = {0};
    for (int i = 0; i < 200; i++) {
        wg_buffer_printf(&buffer, "line %d\n", i);
    }
    char *text = wg_buffer_steal(&buffer);
    if (text == NULL) {
        return wg_fail_memory(ctx);
    }
    free(text);
    return WG_OK;
}

static wg_status arenas(wg_context *ctx, void *user) {
    (void)user;
    wg_arena arena = {0};
    wg_status status = WG_OK;
    for (int i = 0; i < 300 && status == WG_OK; i++) {
        status = wg_arena_alloc(&arena, 1000) != NULL ? WG_OK : wg_fail_memory(ctx);
    }
    wg_arena_release(&arena);
    return status;
}

static wg_status task(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker, (void)user;
    char *block = wg_malloc(index + 1, 8);
    const wg_status status = block != NULL ? WG_OK : wg_fail_memory(ctx);
    free(block);
    return status;
}

static wg_status threads(wg_context *ctx, void *user) {
    (void)user;
    wg_context_set_threads(ctx, 2);
    return wg_parallel(ctx, 20, NULL, task, NULL);
}

static void buffers_survive(void **state) {
    (void)state;
    assert_true(fault_each(buffers, NULL) > 3);
}

static void arenas_survive(void **state) {
    (void)state;
    assert_true(fault_each(arenas, NULL) > 3);
}

static void parallel_runs_survive(void **state) {
    (void)state;
    assert_true(fault_each(threads, NULL) >= 23); /* three tables and one block a task */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_survive),
        cmocka_unit_test(arenas_survive),
        cmocka_unit_test(parallel_runs_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
