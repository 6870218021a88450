/* From rings to edges: a line that two cells share becomes one edge with a cell on either side. */
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "locate/internal.h"
#include "model/wkb.h"

typedef struct collector {
    wg_context *ctx;
    wg_locator *locator;
    uint32_t cell;
    size_t capacity;
    size_t broken_rings;
    bool failed;
} collector;

bool wg_cell_set_grow(cell_set *set) {
    uint32_t *grown = wg_malloc(set->capacity * 2, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    memcpy(grown, set->items, set->n * sizeof *grown);
    cell_set_release(set);
    set->items = grown;
    set->capacity *= 2;
    return true;
}

static bool ring_is_finite(const uint8_t *pairs, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        if (!isfinite(xy[0]) || !isfinite(xy[1])) {
            return false;
        }
    }
    return true;
}

/* Twice the signed area, about the first vertex so that large coordinates cost no digits. */
static double ring_area2(const uint8_t *pairs, uint32_t n) {
    double first[2], last[2], next[2], area = 0;
    wg_wkb_get(pairs, 0, first);
    wg_wkb_get(pairs, 1, last);
    for (uint32_t i = 2; i < n; i++) {
        wg_wkb_get(pairs, i, next);
        area += (last[0] - first[0]) * (next[1] - first[1]) - (next[0] - first[0]) * (last[1] - first[1]);
        memcpy(last, next, sizeof last);
    }
    return area;
}

static void add_edge(wg_locator *locator, const double from[2], const double to[2], bool cell_on_left, uint32_t cell) {
    const bool up = from[1] < to[1] || (from[1] == to[1] && from[0] < to[0]);
    const double *a = up ? from : to, *b = up ? to : from;
    cell_edge *edge = &locator->edges[locator->n_edges++];
    *edge = (cell_edge){.ax = a[0], .ay = a[1], .bx = b[0], .by = b[1], .left = WG_UNASSIGNED, .right = WG_UNASSIGNED};
    if (up == cell_on_left) {
        edge->left = cell;
    } else {
        edge->right = cell;
    }
}

static void collect_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    collector *own = user;
    (void)part;
    if (type != WG_WKB_POLYGON || n < 3 || own->failed) {
        return;
    }
    if (!ring_is_finite(pairs, n)) {
        own->broken_rings++;
        return;
    }
    wg_locator *locator = own->locator;
    if (!WG_RESERVE(locator->edges, own->capacity, locator->n_edges + n)) {
        own->failed = true;
        return;
    }
    /* Going round counterclockwise, the inside is on the left; a hole's surroundings are on its other side. */
    const bool on_left = (ring_area2(pairs, n) >= 0) == (ring == 0);
    double from[2], to[2];
    wg_wkb_get(pairs, n - 1, from);
    for (uint32_t i = 0; i < n; i++) { /* the first piece closes an open ring and has no length in a closed one */
        wg_wkb_get(pairs, i, to);
        if (from[0] != to[0] || from[1] != to[1]) {
            add_edge(locator, from, to, on_left, own->cell);
        }
        memcpy(from, to, sizeof from);
    }
}

static uint64_t edge_hash(const cell_edge *edge) {
    uint64_t bits[4];
    memcpy(bits, edge, sizeof bits);
    uint64_t h = bits[0] * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ (h >> 29) ^ bits[1]) * UINT64_C(0xbf58476d1ce4e5b9);
    h = (h ^ (h >> 31) ^ bits[2]) * UINT64_C(0x94d049bb133111eb);
    h = (h ^ (h >> 30) ^ bits[3]) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 32);
}

static bool same_line(const cell_edge *a, const cell_edge *b) {
    return a->ax == b->ax && a->ay == b->ay && a->bx == b->bx && a->by == b->by;
}

/* Two edges on the same line become one where each has only one side and they are different sides. */
static bool join(cell_edge *kept, const cell_edge *other) {
    if (kept->left == WG_UNASSIGNED && other->right == WG_UNASSIGNED) {
        kept->left = other->left;
        return true;
    }
    if (kept->right == WG_UNASSIGNED && other->left == WG_UNASSIGNED) {
        kept->right = other->right;
        return true;
    }
    return false;
}

/* Open addressing over the edges kept so far. A line that more than two sides use keeps several edges, each found by
 * probing on. */
static wg_status pair_edges(wg_context *ctx, wg_locator *locator) {
    size_t slots = 16;
    while (slots < locator->n_edges * 2) {
        slots *= 2;
    }
    uint32_t *table = wg_malloc(slots, sizeof *table);
    if (table == NULL) {
        return wg_fail_memory(ctx);
    }
    memset(table, 0xff, slots * sizeof *table);
    size_t kept = 0;
    for (size_t i = 0; i < locator->n_edges; i++) {
        const cell_edge edge = locator->edges[i];
        size_t at = (size_t)edge_hash(&edge) & (slots - 1);
        bool joined = false;
        for (; !joined && table[at] != UINT32_MAX; at = (at + 1) & (slots - 1)) {
            cell_edge *other = &locator->edges[table[at]];
            joined = same_line(other, &edge) && join(other, &edge);
        }
        if (!joined) {
            table[at] = (uint32_t)kept;
            locator->edges[kept++] = edge;
        }
    }
    free(table);
    locator->n_edges = kept;
    return WG_OK;
}

static void find_bounds(wg_locator *locator) {
    double *b = locator->bounds;
    b[0] = b[1] = INFINITY;
    b[2] = b[3] = -INFINITY;
    for (size_t i = 0; i < locator->n_edges; i++) {
        const cell_edge *e = &locator->edges[i];
        b[0] = fmin(b[0], fmin(e->ax, e->bx));
        b[1] = fmin(b[1], e->ay);
        b[2] = fmax(b[2], fmax(e->ax, e->bx));
        b[3] = fmax(b[3], e->by);
    }
}

wg_status wg_locator_edges(wg_context *ctx, const wg_layer *cells, wg_locator *locator) {
    collector own = {.ctx = ctx, .locator = locator};
    if (cells->n >= OFFSET_MASK) {
        return wg_fail(ctx, WG_EINVAL, "%s: too many cells", wg_layer_source(cells));
    }
    locator->n_cells = (uint32_t)cells->n;
    for (size_t row = 0; row < cells->n; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(cells, row, &bytes);
        own.cell = (uint32_t)row;
        own.broken_rings = 0;
        if (wkb == NULL) {
            continue;
        }
        uint8_t *unchanged = (uint8_t *)(uintptr_t)wkb; /* the visitor only reads */
        if (wg_wkb_visit(unchanged, bytes, collect_ring, &own) != WG_OK) {
            return wg_layer_fail(ctx, cells, row, WG_EDATA,
                                 "the geometry is damaged (repair or leave out the feature)");
        }
        if (own.failed || locator->n_edges >= OFFSET_MASK) {
            return wg_fail_memory(ctx);
        }
        if (own.broken_rings > 0) {
            wg_log(ctx, WG_LOG_WARNING, "%s: feature %lld: a ring has coordinates that are not numbers; it is left out",
                   wg_layer_source(cells), (long long)cells->fid[row]);
        }
    }
    if (locator->n_edges == 0) {
        return wg_fail(ctx, WG_EDATA, "%s: no polygon in the layer (cells must be polygons)", wg_layer_source(cells));
    }
    const wg_status status = pair_edges(ctx, locator);
    if (status == WG_OK) {
        find_bounds(locator);
    }
    return status;
}
