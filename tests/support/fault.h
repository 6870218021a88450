/**
 * Every allocation fails once. Link with --wrap for malloc, calloc, realloc and free (tests/CMakeLists.txt does);
 * include in one file of the program.
 *
 *     static wg_status copy_a_layer(wg_context *ctx, void *user) {...}
 *     fault_each(copy_a_layer, &fixture);
 *
 * The body runs with the first allocation failing, then the second …, until it gets by without a failure. Each time it
 * must end with WG_ENOMEM, or with WG_OK where it can do without that memory, say so in the context, and leave nothing
 * behind.
 */
#ifndef WG_TESTS_FAULT_H
#define WG_TESTS_FAULT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wangge.h"

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void __real_free(void *block);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void __wrap_free(void *block);

enum { FAULT_MOST_LIVE = 1 << 16 };

static struct {
    pthread_mutex_t lock;
    bool armed, fired;
    size_t countdown; /**< 0: no failure is due */
    size_t live;
    void *blocks[FAULT_MOST_LIVE]; /**< open addressing; blocks that were made while armed */
} fault = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define FAULT_GONE ((void *)&fault)

static size_t fault_slot(const void *block) {
    return (size_t)(((uintptr_t)block >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 40) % FAULT_MOST_LIVE;
}

static void *fault_remember(void *block) {
    if (block != NULL && fault.live + 1 < FAULT_MOST_LIVE) {
        size_t at = fault_slot(block);
        while (fault.blocks[at] != NULL && fault.blocks[at] != FAULT_GONE) {
            at = (at + 1) % FAULT_MOST_LIVE;
        }
        fault.blocks[at] = block;
        fault.live++;
    }
    return block;
}

static void fault_forget(const void *block) {
    size_t at = fault_slot(block);
    for (size_t tries = 0; fault.blocks[at] != NULL && tries < FAULT_MOST_LIVE; tries++) {
        if (fault.blocks[at] == block) {
            fault.blocks[at] = FAULT_GONE;
            fault.live--;
            return;
        }
        at = (at + 1) % FAULT_MOST_LIVE;
    }
}

static bool fault_due(void) {
    const bool due = fault.countdown == 1;
    fault.countdown -= fault.countdown > 0 ? 1 : 0;
    fault.fired = fault.fired || due;
    return due;
}

void *__wrap_malloc(size_t bytes) {
    pthread_mutex_lock(&fault.lock);
    void *block = fault.armed && fault_due() ? NULL : __real_malloc(bytes);
    block = fault.armed ? fault_remember(block) : block;
    pthread_mutex_unlock(&fault.lock);
    return block;
}

void *__wrap_calloc(size_t count, size_t bytes) {
    pthread_mutex_lock(&fault.lock);
    void *block = fault.armed && fault_due() ? NULL : __real_calloc(count, bytes);
    block = fault.armed ? fault_remember(block) : block;
    pthread_mutex_unlock(&fault.lock);
    return block;
}

void *__wrap_realloc(void *block, size_t bytes) {
    pthread_mutex_lock(&fault.lock);
    void *moved = NULL;
    if (!(fault.armed && fault_due())) {
        if (fault.armed && block != NULL) {
            fault_forget(block);
        }
        moved = __real_realloc(block, bytes);
        moved = fault.armed ? fault_remember(moved) : moved;
    }
    pthread_mutex_unlock(&fault.lock);
    return moved;
}

void __wrap_free(void *block) {
    if (block != NULL) {
        pthread_mutex_lock(&fault.lock);
        if (fault.armed) {
            fault_forget(block);
        }
        __real_free(block);
        pthread_mutex_unlock(&fault.lock);
    }
}

/** Fail the n-th allocation from here; 0: none. Counting of blocks starts anew. */
static inline void fault_arm(size_t n) {
    memset(fault.blocks, 0, sizeof fault.blocks);
    fault.live = 0;
    fault.fired = false;
    fault.countdown = n;
    fault.armed = true;
}

/** @return whether the failure happened */
static inline bool fault_disarm(void) {
    fault.armed = false;
    return fault.fired;
}

typedef wg_status (*fault_body)(wg_context *ctx, void *user);

/** @return how many allocations the body makes when none fails */
static inline size_t fault_each(fault_body body, void *user) {
    for (size_t n = 1;; n++) {
        wg_context *ctx = wg_context_new();
        assert_non_null(ctx);
        fault_arm(n);
        const wg_status status = body(ctx, user);
        const bool fired = fault_disarm();
        if (fault.live != 0) {
            fail_msg("allocation %zu fails: %zu blocks are left behind", n, fault.live);
        }
        if (!fired) {
            assert_int_equal(status, WG_OK);
            wg_context_free(ctx);
            return n - 1;
        }
        if (status != WG_OK && status != WG_ENOMEM) {
            fail_msg("allocation %zu fails: status is %d: %s", n, (int)status, wg_context_error(ctx));
        }
        if (status == WG_ENOMEM) {
            assert_string_equal(wg_context_error(ctx), "out of memory");
        }
        wg_context_free(ctx);
    }
}

#endif
