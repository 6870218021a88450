/*
 * A thread of its own reads the next batch while the caller works on the last one. Of an Arrow stream it takes only the
 * array, which the caller's thread makes a batch of: GDAL's part is the longer one and should not wait.
 */
#include <pthread.h>
#include <string.h>

#include "io/reader.h"

/** What is handed over. */
struct item {
    wg_layer *batch;
    struct ArrowArray array; /**< of an Arrow stream */
};

struct wg_ahead {
    pthread_t thread;
    bool running;
    wg_reader *reader;
    wg_context ctx;       /**< of the thread */
    pthread_mutex_t lock; /**< guards all below */
    pthread_cond_t changed;
    bool full;        /**< the next is read and not yet taken */
    struct item next; /**< all zero where not full */
    bool ended, stop;
    wg_status status;
};

static wg_status read_item(wg_context *ctx, wg_reader *reader, struct item *item) {
    *item = (struct item){0};
    const bool stream = reader->arrow && reader->fgb == NULL;
    return stream ? wg_reader_pull(ctx, reader, &item->array) : wg_reader_batch(ctx, reader, &item->batch);
}

static bool has_rows(const struct item *item) {
    return item->batch != NULL || item->array.release != NULL;
}

static void item_release(struct item *item) {
    wg_layer_free(item->batch);
    if (item->array.release != NULL) {
        item->array.release(&item->array);
    }
    *item = (struct item){0};
}

static void *read_on(void *argument) {
    struct wg_ahead *own = argument;
    bool more = true;
    while (more) {
        struct item item;
        const wg_status status = read_item(&own->ctx, own->reader, &item);
        pthread_mutex_lock(&own->lock);
        while (own->full && !own->stop) {
            pthread_cond_wait(&own->changed, &own->lock);
        }
        more = status == WG_OK && has_rows(&item) && !own->stop;
        if (more) {
            own->next = item;
            own->full = true;
        } else {
            item_release(&item);
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
    while (!own->full && !own->ended) {
        pthread_cond_wait(&own->changed, &own->lock);
    }
    struct item item = own->next;
    const wg_status status = own->full ? WG_OK : own->status;
    own->next = (struct item){0};
    own->full = false;
    pthread_cond_broadcast(&own->changed);
    pthread_mutex_unlock(&own->lock);
    if (status != WG_OK) {
        return wg_fail(ctx, status, "%s", own->ctx.error);
    }
    *batch = item.batch;
    return item.array.release == NULL ? WG_OK : wg_reader_take(ctx, reader, &item.array, batch);
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
    item_release(&own->next);
    pthread_cond_destroy(&own->changed);
    pthread_mutex_destroy(&own->lock);
    free(own);
    reader->reading = NULL;
}
