/*
 * Vertices of today's cells in the lines that they lie on. A plan's outline has a vertex wherever a line of the atoms
 * met it, rounded to the grid; the street or community line beneath is straight between its own. Given the same
 * vertices, both are one line to the noding, and an unchanged cell comes back with the outline that it had.
 */
#include <math.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/present.h"

typedef struct vertex {
    double x, y;
} vertex;

typedef struct vertices {
    vertex *items;
    size_t n, capacity;
    bool failed;
} vertices;

static int compare_vertices(const void *a, const void *b) {
    const vertex *p = a, *q = b;
    if (p->x < q->x || p->x > q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return p->y < q->y ? -1 : p->y > q->y;
}

static void gather(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type, (void)part, (void)ring;
    vertices *to = user;
    if (!WG_RESERVE(to->items, to->capacity, to->n + n)) {
        to->failed = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        double at[2];
        wg_wkb_get(pairs, i, at);
        to->items[to->n++] = (vertex){at[0], at[1]};
    }
}

static wg_status gather_layer(wg_context *ctx, const wg_layer *layer, vertices *to) {
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        void *wkb = (void *)wg_layer_wkb(layer, row, &bytes);
        if (bytes > 0) {
            (void)wg_wkb_visit(wkb, bytes, gather, to);
        }
    }
    if (to->failed) {
        return wg_fail_memory(ctx);
    }
    if (to->n > 1) {
        qsort(to->items, to->n, sizeof *to->items, compare_vertices);
    }
    size_t kept = 0;
    for (size_t i = 0; i < to->n; i++) {
        if (kept == 0 || compare_vertices(&to->items[kept - 1], &to->items[i]) != 0) {
            to->items[kept++] = to->items[i];
        }
    }
    to->n = kept;
    return WG_OK;
}

/** A vertex on a segment, `along` it (0..1). */
typedef struct hit {
    double along;
    vertex at;
} hit;

static int compare_hits(const void *a, const void *b) {
    const hit *p = a, *q = b;
    if (p->along < q->along || p->along > q->along) {
        return p->along < q->along ? -1 : 1;
    }
    return compare_vertices(&p->at, &q->at);
}

typedef struct weaving {
    const vertices *from;
    double tolerance;
    hit *hits;
    size_t n_hits, capacity;
    wg_buffer out;
    bool failed;
} weaving;

static void consider(weaving *w, const double a[2], const double b[2], const vertex *v) {
    const double dx = b[0] - a[0], dy = b[1] - a[1], length = hypot(dx, dy);
    const double along = ((v->x - a[0]) * dx + (v->y - a[1]) * dy) / length;
    const double off = fabs((v->x - a[0]) * dy - (v->y - a[1]) * dx) / length;
    if (!(off <= w->tolerance) || !(along > w->tolerance) || !(along < length - w->tolerance)) {
        return;
    }
    if (!WG_RESERVE(w->hits, w->capacity, w->n_hits + 1)) {
        w->failed = true;
        return;
    }
    w->hits[w->n_hits++] = (hit){along, *v};
}

/** Vertices on the segment, in order. O(vertices within its extent in x) */
static void find_hits(weaving *w, const double a[2], const double b[2]) {
    const double left = fmin(a[0], b[0]) - w->tolerance, right = fmax(a[0], b[0]) + w->tolerance;
    const double below = fmin(a[1], b[1]) - w->tolerance, above = fmax(a[1], b[1]) + w->tolerance;
    size_t low = 0, high = w->from->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (w->from->items[middle].x < left) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    w->n_hits = 0;
    for (; low < w->from->n && w->from->items[low].x <= right; low++) {
        const vertex *v = &w->from->items[low];
        if (v->y >= below && v->y <= above) {
            consider(w, a, b, v);
        }
    }
    if (w->n_hits > 1) {
        qsort(w->hits, w->n_hits, sizeof *w->hits, compare_hits);
    }
}

static uint32_t read_u32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/** One run of n pairs, its count first. */
static void weave_run(weaving *w, const uint8_t *pairs, uint32_t n) {
    const size_t count_at = w->out.length;
    uint32_t count = n;
    double a[2], b[2];
    wg_wkb_put_u32(&w->out, n);
    for (uint32_t i = 0; i < n; i++) {
        wg_wkb_get(pairs, i, b);
        if (i > 0) {
            find_hits(w, a, b);
            for (size_t h = 0; h < w->n_hits; h++) {
                const double at[2] = {w->hits[h].at.x, w->hits[h].at.y};
                wg_wkb_put_pairs(&w->out, at, 1);
                count++;
            }
        }
        wg_wkb_put_pairs(&w->out, b, 1);
        memcpy(a, b, sizeof a);
    }
    if (!w->out.failed) {
        memcpy(w->out.data + count_at, &count, sizeof count);
    }
}

/** Copy a geometry (2D, little-endian, as layers hold it) with the vertices put in. @return bytes read */
static size_t weave_geometry(weaving *w, const uint8_t *wkb) {
    const uint32_t type = read_u32(wkb + 1);
    size_t at = 5;
    wg_buffer_append(&w->out, wkb, 5);
    if (type == WG_WKB_POINT) {
        wg_buffer_append(&w->out, wkb + at, 16);
        return at + 16;
    }
    const uint32_t n = read_u32(wkb + at);
    at += 4;
    if (type == WG_WKB_LINESTRING) {
        weave_run(w, wkb + at, n);
        return at + (size_t)n * 16;
    }
    wg_wkb_put_u32(&w->out, n);
    for (uint32_t i = 0; i < n; i++) {
        if (type == WG_WKB_POLYGON) {
            const uint32_t pairs = read_u32(wkb + at);
            weave_run(w, wkb + at + 4, pairs);
            at += 4 + (size_t)pairs * 16;
        } else {
            at += weave_geometry(w, wkb + at);
        }
    }
    return at;
}

static wg_status weave_layer(wg_context *ctx, weaving *w, wg_layer *layer) {
    size_t *offset = NULL;
    if (layer == NULL || layer->n == 0 || w->from->n == 0) {
        return WG_OK;
    }
    offset = wg_malloc(layer->n + 1, sizeof *offset);
    if (offset == NULL) {
        return wg_fail_memory(ctx);
    }
    w->out = (wg_buffer){0};
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        const uint8_t *wkb = wg_layer_wkb(layer, row, &bytes);
        offset[row] = w->out.length;
        if (bytes > 0) {
            (void)weave_geometry(w, wkb);
        }
    }
    offset[layer->n] = w->out.length;
    if (w->failed || w->out.failed) {
        free(offset);
        wg_buffer_release(&w->out);
        return wg_fail_memory(ctx);
    }
    const size_t length = w->out.length;
    wg_layer_take_wkb(layer, (uint8_t *)wg_buffer_steal(&w->out), length, offset);
    return WG_OK;
}

wg_status wg_network_weave(wg_context *ctx, const wg_layer *network, double tolerance_m, wg_layer *const *layers,
                           size_t n) {
    wg_status status = WG_OK;
    vertices from = {0};
    weaving w = {.from = &from, .tolerance = tolerance_m};
    WG_TRY(gather_layer(ctx, network, &from));
    for (size_t i = 0; i < n; i++) {
        WG_TRY(weave_layer(ctx, &w, layers[i]));
    }
done:
    free(from.items);
    free(w.hits);
    return status;
}

wg_status wg_plan_weave_communities(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    wg_layer *cells = NULL;
    for (uint32_t i = 0; i < city->options->n_cells; i++) {
        WG_TRY(wg_read(ctx, &city->options->cells[i], "cells", &cells));
        WG_TRY(wg_crs_transform(ctx, cells, city->crs));
        WG_TRY(wg_network_weave(ctx, cells, city->grid_m, &city->communities, 1));
        wg_layer_free(cells);
        cells = NULL;
    }
done:
    wg_layer_free(cells);
    return status;
}
