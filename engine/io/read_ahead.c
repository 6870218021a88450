/* A thread of its own reads the next batch while the caller works on the last one. */
#include <pthread.h>
#include <string.h>

#include "io/reader.h"

struct wg_ahead {
    pthread_t thread;
    bool running;
    wg_reader *reader;
    wg_context ctx;       /**< of the thread */
    pthread_mutex_t lock; /**< guards all below */
    pthread_cond_t changed;
    wg_layer *batch; /**< read and not yet taken */
    bool ended, stop;
    wg_status status;
};

static void *read_on(void *argument) {
    struct wg_ahead *own = argument;
    bool more = true;
    while (more) {
        wg_layer *batch = NULL;
        const wg_status status = wg_reader_batch(&own->ctx, own->reader, &batch);
        pthread_mutex_lock(&own->lock);
        while (own->batch != NULL && !own->stop) {
            pthread_cond_wait(&own->changed, &own->lock);
        }
        more = status == WG_OK && batch != NULL && !own->stop;
        if (more) {
            own->batch = batch;
        } else {
            wg_layer_free(batch);
            own->status = status;
            own->ended = true;
        }
        pthread_cond_broadcast(&own->changed);
        pthread_mutex_unlock(&own->lock);
    }
    return NULL;
}

static wg_status start(wg_context *ctx, wg_reader *reader) {
    struct wg_ahead *own = wg_calloc(1, sizeof *own);
    if (own == NULL) {
        return wg_fail_memory(ctx);
    }
    own->reader = reader;
    wg_context_child(&own->ctx, ctx);
    pthread_mutex_init(&own->lock, NULL);
    pthread_cond_init(&own->changed, NULL);
    own->running = pthread_create(&own->thread, NULL, read_on, own) == 0; /* else batches are read when asked for */
    reader->reading = own;
    return WG_OK;
}

wg_status wg_ahead_next(wg_context *ctx, wg_reader *reader, wg_layer **batch) {
    *batch = NULL;
    if (reader->reading == NULL) {
        const wg_status status = start(ctx, reader);
        if (status != WG_OK) {
            return status;
        }
    }
    struct wg_ahead *own = reader->reading;
    if (!own->running) {
        return wg_reader_batch(ctx, reader, batch);
    }
    pthread_mutex_lock(&own->lock);
    while (own->batch == NULL && !own->ended) {
        pthread_cond_wait(&own->changed, &own->lock);
    }
    *batch = own->batch;
    own->batch = NULL;
    const wg_status status = *batch == NULL ? own->status : WG_OK;
    pthread_cond_broadcast(&own->changed);
    pthread_mutex_unlock(&own->lock);
    return status == WG_OK ? WG_OK : wg_fail(ctx, status, "%s", own->ctx.error);
}

void wg_ahead_stop(wg_reader *reader) {
    struct wg_ahead *own = reader->reading;
    if (own == NULL) {
        return;
    }
    if (own->running) {
        pthread_mutex_lock(&own->lock);
        own->stop = true;
        pthread_cond_broadcast(&own->changed);
        pthread_mutex_unlock(&own->lock);
        (void)pthread_join(own->thread, NULL);
    }
    wg_layer_free(own->batch);
    pthread_cond_destroy(&own->changed);
    pthread_mutex_destroy(&own->lock);
    free(own);
    reader->reading = NULL;
}
