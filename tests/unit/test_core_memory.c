/* Allocation, growing arrays, byte buffers, arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/memory.h"

/* AddressSanitizer reads this: a size that cannot be had is NULL, as without it. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "allocator_may_return_null=1";
}

static void sizes_that_overflow_are_refused(void **state) {
    (void)state;
    assert_null(wg_malloc(SIZE_MAX / 2, 3));
    assert_null(wg_calloc(SIZE_MAX / 2, 3));
    void *block = wg_malloc(4, 4);
    assert_non_null(block);
    assert_null(wg_realloc(block, SIZE_MAX, 2));
    free(block);
}

static void nothing_is_something(void **state) {
    (void)state;
    void *a = wg_malloc(0, 8), *b = wg_calloc(0, 0);
    assert_non_null(a);
    assert_non_null(b);
    a = wg_realloc(a, 0, 8);
    assert_non_null(a);
    free(a);
    free(b);
}

static void strings_are_copied(void **state) {
    (void)state;
    assert_null(wg_strdup(NULL));
    char *whole = wg_strdup("网格"), *part = wg_strndup("网格", 3);
    assert_string_equal(whole, "网格");
    assert_string_equal(part, "网");
    free(whole);
    free(part);
}

static void an_array_grows_and_keeps_its_items(void **state) {
    (void)state;
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        assert_true(WG_RESERVE(items, capacity, i + 1));
        items[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(items[i], i);
    }
    assert_true(capacity >= 1000 && capacity < 2048);
    assert_false(WG_RESERVE(items, capacity, SIZE_MAX / 2)); /* the old array stays */
    assert_int_equal(items[999], 999);
    free(items);
}

static void a_buffer_collects_text_and_bytes(void **state) {
    (void)state;
    wg_buffer buffer = {0};
    wg_buffer_text(&buffer, "cells: ");
    wg_buffer_printf(&buffer, "%d of %s", 12, "网格");
    wg_buffer_append(&buffer, "\0x", 2);
    assert_int_equal(buffer.length, strlen("cells: 12 of 网格") + 2);
    assert_string_equal(buffer.data, "cells: 12 of 网格");
    wg_buffer_clear(&buffer);
    assert_int_equal(buffer.length, 0);
    assert_string_equal(buffer.data, "");
    for (int i = 0; i < 5000; i++) {
        wg_buffer_printf(&buffer, "%d,", i % 10);
    }
    assert_int_equal(buffer.length, 10000);
    wg_buffer_release(&buffer);
    assert_null(buffer.data);
}

static void an_empty_buffer_is_stolen_as_an_empty_string(void **state) {
    (void)state;
    wg_buffer buffer = {0};
    char *text = wg_buffer_steal(&buffer);
    assert_string_equal(text, "");
    assert_null(buffer.data);
    free(text);
}

static void a_failed_buffer_stays_failed_and_gives_nothing(void **state) {
    (void)state;
    wg_buffer buffer = {0};
    wg_buffer_text(&buffer, "before");
    wg_buffer_append(&buffer, "", SIZE_MAX - 3);
    assert_true(buffer.failed);
    wg_buffer_text(&buffer, "after");
    assert_true(buffer.failed);
    assert_null(wg_buffer_steal(&buffer));
    assert_false(buffer.failed); /* stolen: empty and usable again */
}

static void an_arena_aligns_and_keeps_addresses(void **state) {
    (void)state;
    wg_arena arena = {0};
    char *first = wg_arena_strdup(&arena, "first", 5);
    for (size_t i = 1; i < 3000; i++) {
        unsigned char *block = wg_arena_alloc(&arena, i % 97);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 16, 0);
        memset(block, 0xab, i % 97);
    }
    unsigned char *large = wg_arena_alloc(&arena, 1 << 20); /* larger than a block of the arena */
    assert_non_null(large);
    memset(large, 1, 1 << 20);
    assert_string_equal(first, "first");
    assert_null(wg_arena_alloc(&arena, SIZE_MAX));
    assert_null(wg_arena_alloc(&arena, SIZE_MAX - 20)); /* rounding up must not wrap around */
    wg_arena_release(&arena);
    assert_null(arena.head);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(nothing_is_something),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(an_array_grows_and_keeps_its_items),
        cmocka_unit_test(a_buffer_collects_text_and_bytes),
        cmocka_unit_test(an_empty_buffer_is_stolen_as_an_empty_string),
        cmocka_unit_test(a_failed_buffer_stays_failed_and_gives_nothing),
        cmocka_unit_test(an_arena_aligns_and_keeps_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
