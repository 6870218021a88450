/* Whole layers. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "crs/crs_internal.h"
#include "model/wkb.h"

enum { CHUNK_ROWS = 8192 };

typedef struct wg_coordinates {
    double *xy;
    size_t n, capacity, at;
    bool failed;
} wg_coordinates;

static void gather(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type;
    (void)part;
    (void)ring;
    wg_coordinates *all = user;
    if (n == 0) { /* an empty ring: there may be no array yet */
        return;
    }
    if (all->failed || !WG_RESERVE(all->xy, all->capacity, 2 * (all->n + n))) {
        all->failed = true;
        return;
    }
    memcpy(all->xy + 2 * all->n, pairs, (size_t)n * 16);
    all->n += n;
}

static void scatter(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type;
    (void)part;
    (void)ring;
    wg_coordinates *all = user;
    memcpy(pairs, all->xy + 2 * all->at, (size_t)n * 16);
    all->at += n;
}

typedef struct wg_job {
    wg_layer *layer;
    const char *from, *to;
    wg_crs_op **ops; /**< one a worker, made when first needed */
    size_t *lost;    /**< a chunk: coordinates without image; NULL: such a coordinate is an error */
} wg_job;

/** The first row of the chunk that has a coordinate without image. */
static wg_status name_lost(wg_context *ctx, const wg_job *job, size_t first, size_t last) {
    for (size_t row = first; row < last; row++) {
        const uint8_t *wkb = job->layer->wkb + job->layer->wkb_offset[row];
        const size_t bytes = job->layer->wkb_offset[row + 1] - job->layer->wkb_offset[row];
        wg_coordinates own = {0};
        if (bytes > 0 && wg_wkb_visit((void *)(uintptr_t)wkb, bytes, gather, &own) == WG_OK) {
            for (size_t i = 0; i < 2 * own.n; i++) {
                if (!isfinite(own.xy[i])) {
                    free(own.xy);
                    return wg_layer_fail(ctx, job->layer, row, WG_EDATA,
                                         "a coordinate cannot be transformed from %.80s to %.80s (is the CRS right?)",
                                         job->from, job->to);
                }
            }
        }
        free(own.xy);
    }
    return WG_OK;
}

static wg_status transform_chunk(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    wg_job *job = user;
    wg_layer *layer = job->layer;
    wg_coordinates all = {0};
    const size_t first = index * CHUNK_ROWS;
    const size_t last = first + CHUNK_ROWS < layer->n ? first + CHUNK_ROWS : layer->n;
    wg_status status = WG_OK;
    if (job->ops[worker] == NULL) {
        WG_TRY(wg_crs_op_new(ctx, job->from, job->to, &job->ops[worker]));
    }
    for (size_t row = first; row < last; row++) {
        const size_t bytes = layer->wkb_offset[row + 1] - layer->wkb_offset[row];
        if (bytes > 0 && wg_wkb_visit(layer->wkb + layer->wkb_offset[row], bytes, gather, &all) != WG_OK) {
            status = wg_layer_fail(ctx, layer, row, WG_EDATA, "malformed geometry");
            goto done;
        }
    }
    if (all.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    const size_t lost = wg_crs_op_points(job->ops[worker], all.xy, all.n);
    for (size_t row = first; row < last; row++) {
        const size_t bytes = layer->wkb_offset[row + 1] - layer->wkb_offset[row];
        if (bytes > 0) {
            (void)wg_wkb_visit(layer->wkb + layer->wkb_offset[row], bytes, scatter, &all);
        }
    }
    if (job->lost != NULL) {
        job->lost[index] = lost;
    } else if (lost > 0) {
        status = name_lost(ctx, job, first, last);
    }
done:
    free(all.xy);
    return status;
}

static wg_status need_crs(wg_context *ctx, const wg_layer *layer) {
    return layer->crs != NULL
               ? WG_OK
               : wg_fail(ctx, WG_EDATA,
                         "%s: the CRS is not known (state it with --crs-of NAME=EPSG:…; wangge info has advice)",
                         wg_layer_source(layer));
}

/** @param lost  an entry a chunk of rows, or NULL: a coordinate without image is an error */
static wg_status transform(wg_context *ctx, wg_layer *layer, const char *to, size_t *lost) {
    wg_status status = need_crs(ctx, layer);
    if (status != WG_OK) {
        return status;
    }
    const uint32_t workers = wg_context_threads(ctx);
    wg_job job = {
        .layer = layer, .from = layer->crs, .to = to, .ops = wg_calloc(workers, sizeof *job.ops), .lost = lost};
    if (job.ops == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_crs_op_new(ctx, layer->crs, to, &job.ops[0]));
    if (!wg_crs_op_is_identity(job.ops[0])) {
        WG_TRY(wg_parallel(ctx, (layer->n + CHUNK_ROWS - 1) / CHUNK_ROWS, NULL, transform_chunk, &job));
    }
    char text[32];
    status = wg_layer_set_crs(ctx, layer, wg_crs_canonical(to, text));
done:
    for (uint32_t i = 0; i < workers; i++) {
        wg_crs_op_free(job.ops[i]);
    }
    free(job.ops);
    return status;
}

wg_status wg_crs_transform(wg_context *ctx, wg_layer *layer, const char *to) {
    return transform(ctx, layer, to, NULL);
}

wg_status wg_crs_transform_lossy(wg_context *ctx, wg_layer *layer, const char *to, size_t *lost) {
    const size_t chunks = (layer->n + CHUNK_ROWS - 1) / CHUNK_ROWS;
    size_t *chunk_lost = wg_calloc(chunks, sizeof *chunk_lost);
    if (chunk_lost == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = transform(ctx, layer, to, chunk_lost);
    *lost = 0;
    for (size_t i = 0; i < chunks; i++) {
        *lost += chunk_lost[i];
    }
    free(chunk_lost);
    return status;
}

/* ---------------------------------------------------------------- keeping straight edges straight */

typedef struct wg_densifier {
    wg_crs_op *op;
    double tolerance; /**< in units of the target */
    bool to_degrees;  /**< target units are degrees: compare with the scale of the place */
    wg_buffer *out;
    wg_buffer points; /**< source coordinates of the run that is being made */
} wg_densifier;

enum { MAX_DEPTH = 12 };

/** Put points between a and b (given with their images) where the image of the middle is off the middle of the images.
 */
static void divide(wg_densifier *d, const double a[2], const double image_a[2], const double b[2],
                   const double image_b[2], int depth) {
    const double middle[2] = {(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0};
    double image[2] = {middle[0], middle[1]};
    if (depth == MAX_DEPTH || wg_crs_op_points(d->op, image, 1) > 0) {
        return;
    }
    double dx = image[0] - (image_a[0] + image_b[0]) / 2.0;
    double dy = image[1] - (image_a[1] + image_b[1]) / 2.0;
    if (d->to_degrees) {
        dx *= 111320.0 * cos(image[1] * M_PI / 180.0);
        dy *= 111320.0;
    }
    if (dx * dx + dy * dy <= d->tolerance * d->tolerance) {
        return;
    }
    divide(d, a, image_a, middle, image, depth + 1);
    wg_buffer_append(&d->points, image, sizeof image);
    divide(d, middle, image, b, image_b, depth + 1);
}

static uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/** A line or ring: image of every vertex, with more between. @return bytes read */
static size_t dense_run(wg_densifier *d, const uint8_t *at, bool *lost) {
    const uint32_t n = read_u32(at);
    double a[2], image_a[2];
    wg_buffer_clear(&d->points);
    for (uint32_t i = 0; i < n; i++) {
        double b[2], image_b[2];
        wg_wkb_get(at + 4, i, b);
        memcpy(image_b, b, sizeof b);
        *lost = wg_crs_op_points(d->op, image_b, 1) > 0 || *lost;
        if (i > 0 && !*lost) {
            divide(d, a, image_a, b, image_b, 0);
        }
        wg_buffer_append(&d->points, image_b, sizeof image_b);
        memcpy(a, b, sizeof a);
        memcpy(image_a, image_b, sizeof image_a);
    }
    wg_wkb_put_u32(d->out, (uint32_t)(d->points.length / 16));
    wg_buffer_append(d->out, d->points.data == NULL ? "" : d->points.data, d->points.length);
    d->out->failed = d->out->failed || d->points.failed;
    return 4 + (size_t)n * 16;
}

/** One geometry, valid by construction of layers. @return bytes read */
static size_t dense_geometry(wg_densifier *d, const uint8_t *wkb, bool *lost) {
    const uint32_t type = read_u32(wkb + 1);
    size_t at = 5;
    wg_buffer_append(d->out, wkb, 5);
    if (type == WG_WKB_POINT) {
        double p[2];
        wg_wkb_get(wkb + 5, 0, p);
        *lost = wg_crs_op_points(d->op, p, 1) > 0 || *lost;
        wg_buffer_append(d->out, p, sizeof p);
        return at + 16;
    }
    if (type == WG_WKB_LINESTRING) {
        return at + dense_run(d, wkb + at, lost);
    }
    const uint32_t n = read_u32(wkb + at);
    wg_buffer_append(d->out, wkb + at, 4);
    at += 4;
    for (uint32_t i = 0; i < n; i++) {
        at += type == WG_WKB_POLYGON ? dense_run(d, wkb + at, lost) : dense_geometry(d, wkb + at, lost);
    }
    return at;
}

static wg_status dense_rows(wg_context *ctx, wg_layer *layer, wg_densifier *d, const char *to) {
    wg_buffer out = {0};
    size_t *offset = wg_calloc(layer->n + 1, sizeof *offset);
    wg_status status = offset == NULL ? wg_fail_memory(ctx) : WG_OK;
    d->out = &out;
    for (size_t row = 0; status == WG_OK && row < layer->n; row++) {
        bool lost = false;
        if (layer->wkb_offset[row + 1] > layer->wkb_offset[row]) {
            (void)dense_geometry(d, layer->wkb + layer->wkb_offset[row], &lost);
        }
        offset[row + 1] = out.length;
        if (lost) {
            status = wg_layer_fail(ctx, layer, row, WG_EDATA,
                                   "a coordinate cannot be transformed from %.80s to %.80s (is the CRS right?)",
                                   layer->crs, to);
        } else if (out.failed) {
            status = wg_fail_memory(ctx);
        } else if (row % 4096 == 0 && wg_cancelled(ctx)) {
            status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
        }
    }
    uint8_t *bytes = status == WG_OK ? (uint8_t *)wg_buffer_steal(&out) : NULL;
    if (status == WG_OK && bytes == NULL) {
        status = wg_fail_memory(ctx);
    }
    if (status != WG_OK) {
        wg_buffer_release(&out);
        free(offset);
        return status;
    }
    wg_layer_take_wkb(layer, bytes, offset[layer->n], offset);
    return WG_OK;
}

wg_status wg_crs_transform_dense(wg_context *ctx, wg_layer *layer, const char *to, double tolerance_m) {
    wg_status status = need_crs(ctx, layer);
    wg_crs_info info;
    wg_densifier d = {0};
    if (status != WG_OK) {
        return status;
    }
    WG_TRY(wg_crs_describe(ctx, to, &info));
    WG_TRY(wg_crs_op_new(ctx, layer->crs, to, &d.op));
    d.to_degrees = info.kind != WG_CRS_PROJECTED;
    d.tolerance = tolerance_m / info.metre;
    if (!wg_crs_op_is_identity(d.op)) {
        WG_TRY(dense_rows(ctx, layer, &d, to));
    }
    char text[32];
    status = wg_layer_set_crs(ctx, layer, wg_crs_canonical(to, text));
done:
    wg_crs_op_free(d.op);
    wg_buffer_release(&d.points);
    return status;
}
