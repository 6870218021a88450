/*
 * From rings to edges: a line that two cells share becomes one edge with a cell on either side. Runs of cells are
 * collected on all threads, each sorted into strips by the lower end's height, where equal lines meet again; then each
 * strip is paired on its own, from the first run to the last. Runs and strips are the same for any number of threads,
 * so the order of the edges is too; edges of one strip lie together in memory, as they are looked for later.
 */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "core/random.h"
#include "locate/internal.h"
#include "model/wkb.h"

enum { RUNS = 64, STRIPS = 64, EDGES_A_STRIP = 512 };

/** The edges of some consecutive cells. */
typedef struct edge_run {
    cell_edge *edges;
    size_t n, capacity;
    double bounds[4];
    bool broken_rings;
    uint32_t *order; /**< edges by strip, else as collected */
    uint32_t first[STRIPS + 1];
} edge_run;

/** The edges of one strip, paired. */
typedef struct edge_strip {
    cell_edge *edges;
    size_t n, at; /**< `at`: place of the first among all */
} edge_strip;

typedef struct edge_job {
    const wg_layer *cells;
    wg_locator *locator;
    uint32_t n_runs, n_strips;
    edge_run runs[RUNS];
    edge_strip strips[STRIPS];
} edge_job;

typedef struct collector {
    edge_run *run;
    uint32_t cell;
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

static void add_edge(edge_run *run, const double from[2], const double to[2], bool cell_on_left, uint32_t cell) {
    const bool up = from[1] < to[1] || (from[1] == to[1] && from[0] < to[0]);
    const double *a = up ? from : to, *b = up ? to : from;
    cell_edge *edge = &run->edges[run->n++];
    *edge = (cell_edge){.ax = a[0], .ay = a[1], .bx = b[0], .by = b[1], .left = WG_UNASSIGNED, .right = WG_UNASSIGNED};
    if (up == cell_on_left) {
        edge->left = cell;
    } else {
        edge->right = cell;
    }
    run->bounds[0] = smaller(run->bounds[0], smaller(a[0], b[0]));
    run->bounds[1] = smaller(run->bounds[1], a[1]);
    run->bounds[2] = larger(run->bounds[2], larger(a[0], b[0]));
    run->bounds[3] = larger(run->bounds[3], b[1]);
}

static void collect_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    collector *own = user;
    (void)part;
    if (type != WG_WKB_POLYGON || n < 3 || own->failed) {
        return;
    }
    edge_run *run = own->run;
    if (!ring_is_finite(pairs, n)) {
        run->broken_rings = true;
        return;
    }
    if (!WG_RESERVE(run->edges, run->capacity, run->n + n)) {
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
            add_edge(run, from, to, on_left, own->cell);
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

/* ---- runs of cells ---- */

static size_t run_first(const edge_job *job, uint32_t run) {
    return job->cells->n * run / job->n_runs;
}

static wg_status collect_run(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    edge_job *job = user;
    edge_run *run = &job->runs[index];
    collector own = {.run = run};
    const size_t end = run_first(job, (uint32_t)index + 1);
    for (size_t row = run_first(job, (uint32_t)index); row < end; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(job->cells, row, &bytes);
        own.cell = (uint32_t)row;
        uint8_t *unchanged = (uint8_t *)(uintptr_t)wkb; /* the visitor only reads */
        if (wkb != NULL && wg_wkb_visit(unchanged, bytes, collect_ring, &own) != WG_OK) {
            return wg_layer_fail(ctx, job->cells, row, WG_EDATA,
                                 "the geometry is damaged (repair or leave out the feature)");
        }
        if (own.failed || run->n >= OFFSET_MASK) {
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

static void look_at_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)ring;
    bool *broken = user;
    *broken = *broken || (type == WG_WKB_POLYGON && n >= 3 && !ring_is_finite(pairs, n));
}

/* In the order of the rows, whichever thread met them. */
static void warn_of_rings(wg_context *ctx, const edge_job *job) {
    for (uint32_t r = 0; r < job->n_runs; r++) {
        for (size_t row = run_first(job, r); job->runs[r].broken_rings && row < run_first(job, r + 1); row++) {
            size_t bytes;
            uint8_t *unchanged = (uint8_t *)(uintptr_t)wg_layer_wkb(job->cells, row, &bytes);
            bool broken = false;
            (void)wg_wkb_visit(unchanged, bytes, look_at_ring, &broken);
            if (broken) {
                wg_log(ctx, WG_LOG_WARNING,
                       "%s: feature %lld: a ring has coordinates that are not numbers; it is left out",
                       wg_layer_source(job->cells), (long long)job->cells->fid[row]);
            }
        }
    }
}

static void find_bounds(edge_job *job) {
    double *b = job->locator->bounds;
    b[0] = b[1] = INFINITY;
    b[2] = b[3] = -INFINITY;
    for (uint32_t r = 0; r < job->n_runs; r++) {
        const double *own = job->runs[r].bounds;
        b[0] = smaller(b[0], own[0]);
        b[1] = smaller(b[1], own[1]);
        b[2] = larger(b[2], own[2]);
        b[3] = larger(b[3], own[3]);
    }
}

/* ---- strips ---- */

static uint32_t strip_of(const edge_job *job, const cell_edge *edge) {
    const double *b = job->locator->bounds, height = b[3] - b[1];
    const double strip = height > 0 ? (edge->ay - b[1]) / height * job->n_strips : 0;
    return strip < job->n_strips ? (uint32_t)strip : job->n_strips - 1;
}

static wg_status sort_run(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    edge_job *job = user;
    edge_run *run = &job->runs[index];
    run->order = wg_malloc(run->n, sizeof *run->order);
    uint8_t *strip = wg_malloc(run->n, sizeof *strip);
    if (run->order == NULL || strip == NULL) {
        free(strip);
        return wg_fail_memory(ctx);
    }
    uint32_t next[STRIPS + 1] = {0};
    for (size_t i = 0; i < run->n; i++) {
        strip[i] = (uint8_t)strip_of(job, &run->edges[i]);
        next[strip[i] + 1]++;
    }
    for (uint32_t s = 1; s <= job->n_strips; s++) {
        next[s] += next[s - 1];
    }
    memcpy(run->first, next, sizeof next);
    for (size_t i = 0; i < run->n; i++) {
        run->order[next[strip[i]]++] = (uint32_t)i;
    }
    free(strip);
    return WG_OK;
}

/* Open addressing over the edges kept so far. A line that more than two sides use keeps several edges, each found by
 * probing on. */
static void pair_edge(edge_strip *strip, uint32_t *table, size_t slots, const cell_edge *edge) {
    size_t at = (size_t)edge_hash(edge) & (slots - 1);
    for (; table[at] != UINT32_MAX; at = (at + 1) & (slots - 1)) {
        cell_edge *other = &strip->edges[table[at]];
        if (same_line(other, edge) && join(other, edge)) {
            return;
        }
    }
    table[at] = (uint32_t)strip->n;
    strip->edges[strip->n++] = *edge;
}

static wg_status pair_strip(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    edge_job *job = user;
    edge_strip *strip = &job->strips[index];
    size_t all = 0, slots = 16;
    for (uint32_t r = 0; r < job->n_runs; r++) {
        all += job->runs[r].first[index + 1] - job->runs[r].first[index];
    }
    while (slots < all * 2) {
        slots *= 2;
    }
    uint32_t *table = wg_malloc(slots, sizeof *table);
    strip->edges = wg_malloc(all, sizeof *strip->edges);
    if (table == NULL || strip->edges == NULL) {
        free(table);
        return wg_fail_memory(ctx);
    }
    memset(table, 0xff, slots * sizeof *table);
    for (uint32_t r = 0; r < job->n_runs; r++) {
        const edge_run *run = &job->runs[r];
        for (uint32_t k = run->first[index]; k < run->first[index + 1]; k++) {
            pair_edge(strip, table, slots, &run->edges[run->order[k]]);
        }
    }
    free(table);
    return WG_OK;
}

static wg_status copy_strip(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)ctx;
    (void)worker;
    const edge_job *job = user;
    const edge_strip *strip = &job->strips[index];
    memcpy(job->locator->edges + strip->at, strip->edges, strip->n * sizeof *strip->edges);
    return WG_OK;
}

/* ---- all ---- */

static wg_status collect(wg_context *ctx, edge_job *job) {
    size_t n = 0;
    job->n_runs = job->cells->n < RUNS ? (uint32_t)job->cells->n : RUNS;
    for (uint32_t r = 0; r < job->n_runs; r++) {
        job->runs[r] = (edge_run){.bounds = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    }
    wg_status status = wg_parallel(ctx, job->n_runs, NULL, collect_run, job);
    for (uint32_t r = 0; r < job->n_runs; r++) {
        n += job->runs[r].n;
    }
    if (status == WG_OK) {
        warn_of_rings(ctx, job);
    }
    if (status == WG_OK && n >= OFFSET_MASK) {
        status = wg_fail_memory(ctx);
    } else if (status == WG_OK && n == 0) {
        status =
            wg_fail(ctx, WG_EDATA, "%s: no polygon in the layer (cells must be polygons)", wg_layer_source(job->cells));
    }
    find_bounds(job);
    job->n_strips = n / EDGES_A_STRIP < STRIPS ? (uint32_t)(n / EDGES_A_STRIP) + 1 : STRIPS;
    return status;
}

wg_status wg_locator_edges(wg_context *ctx, const wg_layer *cells, wg_locator *locator) {
    wg_status status = WG_OK;
    if (cells->n >= OFFSET_MASK) {
        return wg_fail(ctx, WG_EINVAL, "%s: too many cells", wg_layer_source(cells));
    }
    edge_job *job = wg_calloc(1, sizeof *job);
    if (job == NULL) {
        return wg_fail_memory(ctx);
    }
    job->cells = cells;
    job->locator = locator;
    locator->n_cells = (uint32_t)cells->n;
    WG_TRY(collect(ctx, job));
    WG_TRY(wg_parallel(ctx, job->n_runs, NULL, sort_run, job));
    WG_TRY(wg_parallel(ctx, job->n_strips, NULL, pair_strip, job));
    size_t n = 0;
    for (uint32_t s = 0; s < job->n_strips; s++) {
        job->strips[s].at = n;
        n += job->strips[s].n;
    }
    locator->edges = wg_malloc(n, sizeof *locator->edges);
    if (locator->edges == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    locator->n_edges = n;
    WG_TRY(wg_parallel(ctx, job->n_strips, NULL, copy_strip, job));
done:
    for (uint32_t r = 0; r < RUNS; r++) {
        free(job->runs[r].edges);
        free(job->runs[r].order);
    }
    for (uint32_t s = 0; s < STRIPS; s++) {
        free(job->strips[s].edges);
    }
    free(job);
    return status;
}
