/** Status codes and the context, shared by every module; the types are the public ones. */
#ifndef WG_CORE_STATUS_H
#define WG_CORE_STATUS_H

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wangge.h"

#if defined(__GNUC__)
#define WG_PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))
#define WG_UNUSED __attribute__((unused))
#else
#define WG_PRINTF(format_at, first_at)
#define WG_UNUSED
#endif

enum { WG_ERROR_BYTES = 2048 };

/** One context a thread. Children of wg_parallel share the parent's callbacks and cancel flag. */
struct wg_context {
    wg_log_fn log;
    void *log_user;
    pthread_mutex_t *log_lock; /**< one line at a time: points to own_log_lock, or to the parent's */
    pthread_mutex_t own_log_lock;
    wg_progress_fn progress;
    void *progress_user;
    wg_log_level log_level;
    uint64_t rows_done;  /**< of the stage that reports progress */
    uint32_t threads;    /**< 0 = all cores */
    atomic_bool *cancel; /**< points to own_cancel, or to the parent's */
    atomic_bool own_cancel;
    char error[WG_ERROR_BYTES]; /**< first message since the last success; UTF-8 */
};

/**
 * Set the context's error message and return `status`, so that a function can say
 * `return wg_fail(ctx, WG_EDATA, "...")`. The first message stays: a second call keeps it.
 * `ctx` may be NULL (only the status is kept).
 */
wg_status wg_fail(wg_context *ctx, wg_status status, const char *format, ...) WG_PRINTF(3, 4);

/** "out of memory" as an error of the context. */
wg_status wg_fail_memory(wg_context *ctx);

/** Forget the error message (start of a new public call). */
void wg_clear_error(wg_context *ctx);

/** Log one line (no newline at the end) at `level`. Does nothing where `ctx` or its callback is NULL. */
void wg_log(wg_context *ctx, wg_log_level level, const char *format, ...) WG_PRINTF(3, 4);

/** Report progress, 0..1, of a named stage. @return WG_OK, or WG_ECANCELLED with the message set. */
wg_status wg_progress(wg_context *ctx, double fraction, const char *stage);

/** wg_progress that also says how many rows are done (wg_context_rows_done), for a rate. */
wg_status wg_progress_rows(wg_context *ctx, double fraction, const char *stage, uint64_t rows);

/** @return true once the run was cancelled; cheap enough for inner loops. */
bool wg_cancelled(const wg_context *ctx);

/** Set up a child that shares callbacks and the cancel flag, has its own error text and reports no progress. */
void wg_context_child(wg_context *child, const wg_context *parent);

/** Number of threads that `ctx` asks for, at least 1 (0 in the context means the number of online cores). */
uint32_t wg_context_threads(const wg_context *ctx);

#define WG_TRY(expression)                                                                                             \
    do {                                                                                                               \
        status = (expression);                                                                                         \
        if (status != WG_OK) {                                                                                         \
            goto done;                                                                                                 \
        }                                                                                                              \
    } while (0)

#endif
