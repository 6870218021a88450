#include "core/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

wg_context *wg_context_new(void) {
    wg_context *ctx = calloc(1, sizeof *ctx);
    if (ctx != NULL) {
        atomic_init(&ctx->own_cancel, false);
        ctx->cancel = &ctx->own_cancel;
        pthread_mutex_init(&ctx->own_log_lock, NULL);
        ctx->log_lock = &ctx->own_log_lock;
        ctx->log_level = WG_LOG_INFO;
    }
    return ctx;
}

void wg_context_free(wg_context *ctx) {
    free(ctx);
}

void wg_context_set_log(wg_context *ctx, wg_log_level level, wg_log_fn log, void *user) {
    ctx->log = log;
    ctx->log_user = user;
    ctx->log_level = level;
}

void wg_context_set_progress(wg_context *ctx, wg_progress_fn progress, void *user) {
    ctx->progress = progress;
    ctx->progress_user = user;
}

void wg_context_set_threads(wg_context *ctx, uint32_t threads) {
    ctx->threads = threads;
}

void wg_context_cancel(wg_context *ctx) {
    atomic_store_explicit(ctx->cancel, true, memory_order_relaxed);
}

const char *wg_context_error(const wg_context *ctx) {
    return ctx->error;
}

void wg_context_child(wg_context *child, const wg_context *parent) {
    memset(child, 0, sizeof *child);
    pthread_mutex_init(&child->own_log_lock, NULL);
    child->log_lock = parent == NULL ? &child->own_log_lock : parent->log_lock;
    if (parent == NULL) {
        atomic_init(&child->own_cancel, false);
        child->cancel = &child->own_cancel;
        child->threads = 1;
        return;
    }
    child->log = parent->log;
    child->log_user = parent->log_user;
    child->log_level = parent->log_level;
    child->cancel = parent->cancel;
    child->threads = 1;
}

uint32_t wg_context_threads(const wg_context *ctx) {
    if (ctx != NULL && ctx->threads > 0) {
        return ctx->threads;
    }
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1u : (uint32_t)cores;
}

wg_status wg_fail(wg_context *ctx, wg_status status, const char *format, ...) {
    if (ctx != NULL && ctx->error[0] == '\0') {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(ctx->error, sizeof ctx->error, format, args);
        va_end(args);
    }
    return status;
}

wg_status wg_fail_memory(wg_context *ctx) {
    return wg_fail(ctx, WG_ENOMEM, "out of memory");
}

void wg_clear_error(wg_context *ctx) {
    if (ctx != NULL) {
        ctx->error[0] = '\0';
    }
}

void wg_log(wg_context *ctx, wg_log_level level, const char *format, ...) {
    if (ctx == NULL || ctx->log == NULL || level > ctx->log_level) {
        return;
    }
    char line[WG_ERROR_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    pthread_mutex_lock(ctx->log_lock);
    ctx->log(level, line, ctx->log_user);
    pthread_mutex_unlock(ctx->log_lock);
}

bool wg_cancelled(const wg_context *ctx) {
    return ctx != NULL && atomic_load_explicit(ctx->cancel, memory_order_relaxed);
}

uint64_t wg_context_rows_done(const wg_context *ctx) {
    return ctx->rows_done;
}

wg_status wg_progress(wg_context *ctx, double fraction, const char *stage) {
    return wg_progress_rows(ctx, fraction, stage, 0);
}

wg_status wg_progress_rows(wg_context *ctx, double fraction, const char *stage, uint64_t rows) {
    if (ctx == NULL) {
        return WG_OK;
    }
    ctx->rows_done = rows;
    if (ctx->progress != NULL && !ctx->progress(fraction, stage, ctx->progress_user)) {
        wg_context_cancel(ctx);
    }
    if (wg_cancelled(ctx)) {
        return wg_fail(ctx, WG_ECANCELLED, "interrupted");
    }
    return WG_OK;
}

const char *wg_status_text(wg_status status) {
    static const char *const text[] = {"done",         "out of memory",  "invalid argument", "input or output error",
                                       "invalid data", "already exists", "not found",        "no plan exists",
                                       "interrupted",  "internal error"};
    const size_t known = sizeof text / sizeof text[0];
    return (size_t)status < known ? text[status] : "unknown status";
}
