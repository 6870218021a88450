#include "core/parallel.h"

#include <pthread.h>
#include <string.h>

#include "core/memory.h"

typedef struct shared_state {
    wg_task_fn task;
    void *user;
    size_t count;
    const wg_context *parent;
    atomic_size_t next, finished;
    atomic_bool stop;
    pthread_mutex_t lock; /**< guards the three below */
    size_t failed_index;
    wg_status failed_status;
    char failed_error[WG_ERROR_BYTES];
} shared_state;

typedef struct worker_state {
    shared_state *shared;
    uint32_t worker;
    wg_context *report_to; /**< the caller's context, on the caller's thread only */
    const char *stage;
} worker_state;

static void keep_failure(shared_state *shared, size_t index, wg_status status, const wg_context *ctx) {
    atomic_store(&shared->stop, true);
    pthread_mutex_lock(&shared->lock);
    if (shared->failed_status == WG_OK || index < shared->failed_index) {
        shared->failed_index = index;
        shared->failed_status = status;
        memcpy(shared->failed_error, ctx->error, sizeof ctx->error);
    }
    pthread_mutex_unlock(&shared->lock);
}

static void *work(void *argument) {
    worker_state *own = argument;
    shared_state *shared = own->shared;
    wg_context ctx;
    wg_context_child(&ctx, shared->parent);
    for (;;) {
        if (atomic_load(&shared->stop)) {
            break;
        }
        const size_t index = atomic_fetch_add(&shared->next, 1);
        if (index >= shared->count) {
            break;
        }
        wg_clear_error(&ctx);
        wg_status status = wg_cancelled(&ctx) ? wg_fail(&ctx, WG_ECANCELLED, "interrupted")
                                              : shared->task(&ctx, index, own->worker, shared->user);
        if (status != WG_OK) {
            keep_failure(shared, index, status, &ctx);
            break;
        }
        const size_t finished = atomic_fetch_add(&shared->finished, 1) + 1;
        if (own->report_to != NULL && own->stage != NULL) {
            /* A refusal sets the shared cancel flag, which every worker reads before its next task. */
            (void)wg_progress(own->report_to, (double)finished / (double)shared->count, own->stage);
        }
    }
    return NULL;
}

wg_status wg_parallel(wg_context *ctx, size_t count, const char *stage, wg_task_fn task, void *user) {
    uint32_t threads = wg_context_threads(ctx);
    if (threads > count) {
        threads = count > 0 ? (uint32_t)count : 1;
    }
    shared_state *shared = wg_calloc(1, sizeof *shared);
    worker_state *workers = wg_calloc(threads, sizeof *workers);
    pthread_t *handles = wg_calloc(threads, sizeof *handles);
    wg_status status = WG_OK;
    if (shared == NULL || workers == NULL || handles == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    shared->task = task;
    shared->user = user;
    shared->count = count;
    shared->parent = ctx;
    pthread_mutex_init(&shared->lock, NULL);
    uint32_t started = 1;
    for (uint32_t t = 0; t < threads; t++) {
        workers[t] = (worker_state){.shared = shared, .worker = t, .report_to = t == 0 ? ctx : NULL, .stage = stage};
    }
    while (started < threads && pthread_create(&handles[started], NULL, work, &workers[started]) == 0) {
        started++; /* fewer threads than asked for do the same work */
    }
    work(&workers[0]);
    for (uint32_t t = 1; t < started; t++) {
        pthread_join(handles[t], NULL);
    }
    pthread_mutex_destroy(&shared->lock);
    status = shared->failed_status;
    if (status != WG_OK) {
        wg_fail(ctx, status, "%s", shared->failed_error);
    } else if (wg_cancelled(ctx)) {
        status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
    }
done:
    free(handles);
    free(workers);
    free(shared);
    return status;
}
