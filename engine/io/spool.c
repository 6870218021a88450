#include "io/spool.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/scratch.h"

#define UNWRITTEN "do not fit into memory cannot be kept there"

struct wg_spool {
    int file;
    uint64_t end;         /**< guarded by lock */
    pthread_mutex_t lock; /**< places are given out one after the other; bytes are written side by side */
    char *directory;
};

static wg_status spool_fail(wg_context *ctx, const wg_spool *spool, const char *what) {
    return wg_fail(ctx, WG_EIO, "%s: rows that %s: %s", spool->directory, what,
                   errno == ENODATA ? "they are cut off" : strerror(errno));
}

wg_status wg_spool_open(wg_context *ctx, const char *beside, wg_spool **spool) {
    const char *slash = strrchr(beside, '/');
    wg_spool *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->directory =
        slash == NULL ? wg_strdup(".") : wg_strndup(beside, slash == beside ? 1 : (size_t)(slash - beside));
    if (made->directory == NULL) {
        free(made);
        return wg_fail_memory(ctx);
    }
    made->file = wg_scratch_open(made->directory);
    if (made->file < 0) {
        const wg_status status = spool_fail(ctx, made, UNWRITTEN);
        free(made->directory);
        free(made);
        return status;
    }
    (void)pthread_mutex_init(&made->lock, NULL);
    *spool = made;
    return WG_OK;
}

void wg_spool_close(wg_spool *spool) {
    if (spool != NULL) {
        (void)close(spool->file);
        (void)pthread_mutex_destroy(&spool->lock);
        free(spool->directory);
        free(spool);
    }
}

wg_status wg_spool_put(wg_context *ctx, wg_spool *spool, const void *bytes, size_t length, uint64_t *at) {
    pthread_mutex_lock(&spool->lock);
    const uint64_t start = spool->end;
    spool->end += length;
    pthread_mutex_unlock(&spool->lock);
    *at = start;
    return wg_scratch_write(spool->file, bytes, length, start) ? WG_OK : spool_fail(ctx, spool, UNWRITTEN);
}

wg_status wg_spool_get(wg_context *ctx, wg_spool *spool, uint64_t at, void *bytes, size_t length) {
    return wg_scratch_read(spool->file, bytes, length, at) ? WG_OK
                                                           : spool_fail(ctx, spool, "were kept there cannot be read");
}

uint64_t wg_spool_bytes(wg_spool *spool) {
    pthread_mutex_lock(&spool->lock);
    const uint64_t bytes = spool->end;
    pthread_mutex_unlock(&spool->lock);
    return bytes;
}

/* ---------------------------------------------------------------- rows */

enum { MOST_BUFFERED = 32 << 20, LEAST_BLOCK = 2048, MOST_BLOCK = 1 << 18 };

typedef struct piece {
    uint64_t at;
    size_t length;
} piece;

typedef struct group {
    wg_buffer waiting;
    piece *pieces;
    size_t n_pieces, capacity;
    size_t rows, bytes;
} group;

struct wg_rows {
    wg_spool *spool;
    wg_layer *like; /**< without rows */
    group *groups;
    size_t n_groups, block;
};

wg_status wg_rows_new(wg_context *ctx, wg_spool *spool, const wg_layer *like, size_t n_groups, wg_rows **rows) {
    wg_rows *made = wg_calloc(1, sizeof *made);
    wg_status status = WG_OK;
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->spool = spool;
    made->groups = wg_calloc(n_groups, sizeof *made->groups);
    made->n_groups = made->groups == NULL ? 0 : n_groups;
    made->block = n_groups == 0 ? MOST_BLOCK : MOST_BUFFERED / n_groups;
    made->block = made->block < LEAST_BLOCK ? LEAST_BLOCK : made->block > MOST_BLOCK ? MOST_BLOCK : made->block;
    status = made->groups == NULL ? wg_fail_memory(ctx) : wg_layer_new_like(ctx, like, &made->like);
    if (status != WG_OK) {
        wg_rows_free(made);
        return status;
    }
    *rows = made;
    return WG_OK;
}

void wg_rows_free(wg_rows *rows) {
    if (rows == NULL) {
        return;
    }
    for (size_t g = 0; g < rows->n_groups; g++) {
        wg_buffer_release(&rows->groups[g].waiting);
        free(rows->groups[g].pieces);
    }
    free(rows->groups);
    wg_layer_free(rows->like);
    free(rows);
}

size_t wg_rows_count(const wg_rows *rows, size_t at) {
    return rows->groups[at].rows;
}

size_t wg_rows_bytes(const wg_rows *rows, size_t at) {
    return rows->groups[at].bytes;
}

static wg_status flush(wg_context *ctx, wg_rows *rows, group *to) {
    piece made = {.length = to->waiting.length};
    if (made.length == 0) {
        return WG_OK;
    }
    if (!WG_RESERVE(to->pieces, to->capacity, to->n_pieces + 1)) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = wg_spool_put(ctx, rows->spool, to->waiting.data, made.length, &made.at);
    if (status == WG_OK) {
        to->pieces[to->n_pieces++] = made;
        wg_buffer_release(&to->waiting);
    }
    return status;
}

/** What stands in front of a row's bytes. */
typedef struct head {
    uint64_t number;
    int64_t fid;
    uint32_t bytes; /**< of the whole row, this included */
    uint32_t wkb;
} head;

/** A value as text, as it is kept: NULL is a length that no text has. */
static const uint32_t no_text = UINT32_MAX;

static void put_value(const wg_layer *layer, size_t row, uint32_t c, wg_buffer *out) {
    const wg_column *column = &layer->columns[c];
    if (column->type == WG_TEXT) {
        const char *text = column->null[row] ? NULL : column->value.text[row];
        const uint32_t length = text == NULL ? no_text : (uint32_t)strlen(text);
        wg_buffer_append(out, &length, sizeof length);
        wg_buffer_append(out, text, text == NULL ? 0 : length);
        return;
    }
    wg_buffer_append(out, &column->null[row], 1);
    if (!column->null[row] && column->type == WG_INTEGER) {
        wg_buffer_append(out, &column->value.integer[row], sizeof(int64_t));
    } else if (!column->null[row]) {
        wg_buffer_append(out, &column->value.real[row], sizeof(double));
    }
}

wg_status wg_rows_add(wg_context *ctx, wg_rows *rows, const wg_layer *layer, size_t row, uint64_t number, int64_t fid,
                      size_t at) {
    group *to = &rows->groups[at];
    const size_t start = to->waiting.length;
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    head front = {.number = number, .fid = fid, .wkb = (uint32_t)bytes};
    wg_buffer_append(&to->waiting, &front, sizeof front);
    wg_buffer_append(&to->waiting, wkb, bytes);
    for (uint32_t c = 0; c < rows->like->n_columns; c++) {
        put_value(layer, row, c, &to->waiting);
    }
    if (to->waiting.failed) {
        return wg_fail_memory(ctx);
    }
    front.bytes = (uint32_t)(to->waiting.length - start);
    memcpy(to->waiting.data + start, &front, sizeof front);
    to->rows++;
    to->bytes += front.bytes;
    return to->waiting.length >= rows->block ? flush(ctx, rows, to) : WG_OK;
}

/** A row's place in the bytes that were read. */
typedef struct found {
    uint64_t number;
    const char *at;
} found;

static int compare_found(const void *a, const void *b) {
    const uint64_t x = ((const found *)a)->number, y = ((const found *)b)->number;
    return x < y ? -1 : x > y ? 1 : 0;
}

/** All bytes of a range of groups, and where its rows are, sorted by number. */
static wg_status gather(wg_context *ctx, wg_rows *rows, size_t first, size_t end, char **bytes, found **list,
                        size_t *n) {
    size_t length = 0, count = 0, at = 0;
    for (size_t g = first; g < end; g++) {
        length += rows->groups[g].bytes;
        count += rows->groups[g].rows;
    }
    *bytes = wg_malloc(length, 1);
    *list = wg_malloc(count, sizeof **list);
    *n = 0;
    if (*bytes == NULL || *list == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t g = first; g < end; g++) {
        const group *from = &rows->groups[g];
        for (size_t p = 0; p < from->n_pieces; p++) {
            const wg_status status =
                wg_spool_get(ctx, rows->spool, from->pieces[p].at, *bytes + at, from->pieces[p].length);
            if (status != WG_OK) {
                return status;
            }
            at += from->pieces[p].length;
        }
        if (from->waiting.length > 0) {
            memcpy(*bytes + at, from->waiting.data, from->waiting.length);
            at += from->waiting.length;
        }
    }
    for (size_t place = 0; place < length;) {
        head front;
        memcpy(&front, *bytes + place, sizeof front);
        (*list)[(*n)++] = (found){front.number, *bytes + place};
        place += front.bytes;
    }
    if (*n > 1) {
        qsort(*list, *n, sizeof **list, compare_found);
    }
    return WG_OK;
}

static wg_status take_value(wg_context *ctx, wg_layer *layer, size_t row, uint32_t c, const char **at) {
    const wg_type type = layer->columns[c].type;
    wg_status status = WG_OK;
    if (type == WG_TEXT) {
        uint32_t length;
        memcpy(&length, *at, sizeof length);
        *at += sizeof length;
        if (length != no_text) {
            const char *text = wg_arena_strdup(&layer->text, *at, length);
            layer->columns[c].value.text[row] = text;
            layer->columns[c].null[row] = 0;
            status = text == NULL ? wg_fail_memory(ctx) : WG_OK;
            *at += length;
        }
        return status;
    }
    const bool known = *(*at)++ == 0;
    if (known && type == WG_INTEGER) {
        int64_t value;
        memcpy(&value, *at, sizeof value);
        status = wg_layer_set_integer(ctx, layer, row, c, value);
        *at += sizeof value;
    } else if (known) {
        double value;
        memcpy(&value, *at, sizeof value);
        status = wg_layer_set_real(ctx, layer, row, c, value);
        *at += sizeof value;
    }
    return status;
}

static wg_status take_row(wg_context *ctx, const char *at, wg_layer *layer) {
    head front;
    size_t row = 0;
    memcpy(&front, at, sizeof front);
    at += sizeof front;
    wg_status status = wg_layer_add_row(ctx, layer, front.wkb == 0 ? NULL : at, front.wkb, &row);
    at += front.wkb;
    for (uint32_t c = 0; c < layer->n_columns && status == WG_OK; c++) {
        status = take_value(ctx, layer, row, c, &at);
    }
    if (status == WG_OK) {
        layer->fid[row] = front.fid;
    }
    return status;
}

wg_status wg_rows_load(wg_context *ctx, wg_rows *rows, size_t first, size_t end, wg_layer **layer, uint64_t **numbers) {
    wg_status status = WG_OK;
    wg_layer *made = NULL;
    char *bytes = NULL;
    found *list = NULL;
    uint64_t *number = NULL;
    size_t n = 0;
    WG_TRY(wg_layer_copy(ctx, rows->like, NULL, &made));
    WG_TRY(gather(ctx, rows, first, end, &bytes, &list, &n));
    number = wg_malloc(n, sizeof *number);
    if (number == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || list[i].number != list[i - 1].number) {
            number[made->n] = list[i].number;
            WG_TRY(take_row(ctx, list[i].at, made));
        }
    }
    *layer = made;
    made = NULL;
    if (numbers != NULL) {
        *numbers = number;
        number = NULL;
    }
done:
    wg_layer_free(made);
    free(bytes);
    free(list);
    free(number);
    return status;
}
