/* The threads of the way from CSV to CSV: pieces are read in turn, decided side by side and placed in turn. */
#include "plan/assign_csv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "model/wkb.h"

wg_status wg_csv_write_at(wg_context *ctx, int file, const char *data, size_t length, off_t at) {
    while (length > 0) {
        const ssize_t put = pwrite(file, data, length, at);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return wg_fail(ctx, WG_EIO, "cannot write the output: %s", put == 0 ? "no space" : strerror(errno));
        }
        data += put;
        length -= (size_t)put;
        at += put;
    }
    return WG_OK;
}

/* ---- threads ---- */

static void fail_all(csv_job *shared, wg_context *ctx, wg_status status) {
    pthread_mutex_lock(&shared->write_lock);
    if (!shared->failed) {
        shared->failed = true;
        shared->status = status;
        memcpy(shared->error, ctx->error, sizeof shared->error);
    }
    pthread_cond_broadcast(&shared->written);
    pthread_mutex_unlock(&shared->write_lock);
}

/* @param[out] number  of the piece, from 0  @return false at the end, or after a failure */
static bool take_piece(wg_context *ctx, csv_worker *own, uint64_t *number) {
    csv_job *shared = own->shared;
    wg_status status = WG_OK;
    pthread_mutex_lock(&shared->read_lock);
    if (shared->first_waits) {
        const wg_csv_piece swap = own->piece;
        own->piece = shared->first;
        shared->first = swap;
        shared->first_waits = false;
    } else if (wg_cancelled(ctx)) {
        status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
    } else {
        status = wg_csv_next(ctx, shared->csv, &own->piece);
    }
    *number = shared->next_piece;
    const bool some = status == WG_OK && own->piece.raw.length > 0;
    shared->next_piece += some ? 1 : 0;
    pthread_mutex_unlock(&shared->read_lock);
    if (status != WG_OK) {
        fail_all(shared, ctx, status);
    }
    return some;
}

/* Wait for the turn, take a place in the files, and write outside the lock. */
static bool put_piece(wg_context *ctx, csv_worker *own, uint64_t number) {
    csv_job *shared = own->shared;
    pthread_mutex_lock(&shared->write_lock);
    while (!shared->failed && shared->next_to_write != number) {
        pthread_cond_wait(&shared->written, &shared->write_lock);
    }
    if (shared->failed) {
        pthread_mutex_unlock(&shared->write_lock);
        return false;
    }
    if (shared->sink != NULL) { /* a sink takes one batch after the other */
        wg_status sent = wg_csv_piece_send(ctx, own);
        if (sent != WG_OK) {
            pthread_mutex_unlock(&shared->write_lock);
            fail_all(shared, ctx, sent);
            return false;
        }
    }
    const off_t output_at = shared->output_at, rejects_at = shared->rejects_at;
    shared->output_at += (off_t)own->out.length;
    shared->rejects_at += (off_t)own->rejects.length;
    wg_assign_counts_add(&shared->counts, &own->counts);
    shared->replaced += own->piece.replaced;
    const uint64_t rows = shared->counts.in;
    shared->next_to_write++;
    pthread_cond_broadcast(&shared->written);
    pthread_mutex_unlock(&shared->write_lock);
    wg_status status = WG_OK;
    if (shared->output >= 0) {
        status = wg_csv_write_at(ctx, shared->output, own->out.data, own->out.length, output_at);
    }
    if (status == WG_OK && shared->rejects >= 0) {
        status = wg_csv_write_at(ctx, shared->rejects, own->rejects.data, own->rejects.length, rejects_at);
    }
    if (status == WG_OK && own->report_to != NULL && shared->info->bytes > 0) {
        status = wg_progress_rows(own->report_to, (double)own->piece.at / (double)shared->info->bytes, "assigning rows",
                                  rows);
    }
    if (status != WG_OK) {
        fail_all(shared, own->report_to != NULL && status == WG_ECANCELLED ? own->report_to : ctx, status);
    }
    return status == WG_OK;
}

static void *work(void *argument) {
    csv_worker *own = argument;
    csv_job *shared = own->shared;
    wg_context ctx;
    uint64_t number;
    wg_context_child(&ctx, shared->parent);
    wg_status status = WG_OK;
    while (take_piece(&ctx, own, &number)) {
        status = wg_csv_decode(&ctx, &own->piece);
        if (status == WG_OK) {
            status = wg_csv_piece_scan(&ctx, own);
        }
        if (status == WG_OK) {
            status = wg_assign_points(&ctx, &own->rules, own->xy, own->n, shared->key == UINT32_MAX ? NULL : own->key,
                                      own->key_length, own->answers);
        }
        if (status == WG_OK) {
            status = shared->sink != NULL ? wg_csv_piece_layer(&ctx, own) : wg_csv_piece_format(&ctx, own);
        }
        if (status != WG_OK) {
            fail_all(shared, &ctx, status);
            break;
        }
        if (!put_piece(&ctx, own, number)) {
            break;
        }
    }
    return NULL;
}

static void worker_release(csv_worker *own) {
    wg_csv_piece_release(&own->piece);
    wg_assign_rules_release(&own->rules);
    free(own->rows);
    free(own->xy);
    free(own->answers);
    free(own->key);
    free(own->key_length);
    free(own->fields);
    free(own->details);
    wg_layer_free(own->layer);
    wg_buffer_release(&own->keys);
    wg_buffer_release(&own->out);
    wg_buffer_release(&own->rejects);
    wg_buffer_release(&own->scratch);
}

wg_status wg_csv_run(wg_context *ctx, csv_job *shared) {
    wg_status status = WG_OK;
    const uint32_t n = wg_context_threads(ctx);
    wg_assign_job *job = shared->job;
    csv_worker *workers = wg_calloc(n, sizeof *workers);
    pthread_t *threads = wg_calloc(n, sizeof *threads);
    uint32_t started = 1;
    if (workers == NULL || threads == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t t = 0; t < n; t++) {
        workers[t].shared = shared;
        workers[t].report_to = t == 0 ? ctx : NULL;
        workers[t].fields = wg_calloc(shared->info->n_fields, sizeof *workers[t].fields);
        if (workers[t].fields == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        WG_TRY(wg_assign_rules_init(ctx, job->options, &job->cells, job->keys, job->features_crs, shared->want_rejects,
                                    &workers[t].rules));
    }
    WG_TRY(wg_progress(ctx, 0, "assigning rows")); /* a file of one piece may never pass the reporting thread again */
    while (started < n && pthread_create(&threads[started], NULL, work, &workers[started]) == 0) {
        started++; /* fewer threads do the same work */
    }
    (void)work(&workers[0]);
    for (uint32_t t = 1; t < started; t++) {
        (void)pthread_join(threads[t], NULL);
    }
    for (uint32_t t = 0; t < n; t++) {
        wg_bounds_widen(job->off, workers[t].rules.off);
    }
    if (shared->failed) {
        status = wg_fail(ctx, shared->status, "%s", shared->error);
    }
done:
    for (uint32_t t = 0; workers != NULL && t < n; t++) {
        worker_release(&workers[t]);
    }
    free(workers);
    free(threads);
    return status;
}
