/* How a feature lies in the cells: by area, by length, by count. */
#include <math.h>
#include <string.h>

#include "locate/internal.h"
#include "locate/sweep.h"
#include "model/wkb.h"

enum { SIMPLE_SQUARES = 64 };

struct wg_shares_scratch {
    wg_sweep sweep;
    double *sum;       /**< n_cells + 1: measure in each cell, in none at the end */
    uint32_t *touched; /**< those above zero */
    size_t n_sum, n_touched, touched_capacity;
    edge_list window;
    double *stops; /**< places along a segment where cells may change */
    size_t n_stops, stops_capacity;
    bool failed;
};

void wg_shares_release(wg_shares *shares) {
    if (shares->scratch != NULL) {
        wg_sweep_release(&shares->scratch->sweep);
        free(shares->scratch->sum);
        free(shares->scratch->touched);
        free(shares->scratch->window.items);
        free(shares->scratch->stops);
        free(shares->scratch);
    }
    free(shares->items);
    *shares = (wg_shares){0};
}

static bool prepare(const wg_locator *locator, wg_shares *shares) {
    if (shares->scratch == NULL) {
        shares->scratch = wg_calloc(1, sizeof *shares->scratch);
    }
    struct wg_shares_scratch *scratch = shares->scratch;
    if (scratch == NULL) {
        return false;
    }
    if (scratch->n_sum != (size_t)locator->n_cells + 1) {
        free(scratch->sum);
        scratch->n_sum = (size_t)locator->n_cells + 1;
        scratch->sum = wg_calloc(scratch->n_sum, sizeof *scratch->sum);
        if (scratch->sum == NULL) {
            scratch->n_sum = 0;
            return false;
        }
    }
    scratch->n_touched = 0;
    scratch->failed = false;
    shares->n = 0;
    shares->measure = 0;
    shares->dimension = -1;
    shares->overlap = false;
    return true;
}

static void add_measure(struct wg_shares_scratch *scratch, uint32_t cell, double measure) {
    const size_t slot = cell == WG_UNASSIGNED ? scratch->n_sum - 1 : cell;
    if (!(measure > 0)) {
        return;
    }
    if (scratch->sum[slot] == 0) {
        if (!WG_RESERVE(scratch->touched, scratch->touched_capacity, scratch->n_touched + 1)) {
            scratch->failed = true;
            return;
        }
        scratch->touched[scratch->n_touched++] = cell;
    }
    scratch->sum[slot] += measure;
}

/* Largest first; what is equal to 1e-9 of the whole in the order of rows; no cell at the end. */
static int compare_shares(const void *a, const void *b) {
    const wg_share *p = a, *q = b;
    if ((p->cell == WG_UNASSIGNED) != (q->cell == WG_UNASSIGNED)) {
        return p->cell == WG_UNASSIGNED ? 1 : -1;
    }
    const double ps = round(p->share * 1e9), qs = round(q->share * 1e9);
    if (ps != qs) {
        return ps > qs ? -1 : 1;
    }
    return p->cell < q->cell ? -1 : p->cell > q->cell ? 1 : 0;
}

static bool finish(wg_shares *shares) {
    struct wg_shares_scratch *scratch = shares->scratch;
    if (scratch->failed || !WG_RESERVE(shares->items, shares->capacity, scratch->n_touched)) {
        return false;
    }
    for (size_t i = 0; i < scratch->n_touched; i++) {
        const uint32_t cell = scratch->touched[i];
        double *sum = &scratch->sum[cell == WG_UNASSIGNED ? scratch->n_sum - 1 : cell];
        shares->items[shares->n++] =
            (wg_share){.cell = cell, .measure = *sum, .share = fmin(*sum / shares->measure, 1)};
        *sum = 0;
    }
    scratch->n_touched = 0;
    if (shares->n > 1) {
        qsort(shares->items, shares->n, sizeof *shares->items, compare_shares);
    }
    return true;
}

/* ---- polygons ---- */

/* Where all squares under a box are free of lines and of one face, that face; else UINT32_MAX - 1. */
static uint32_t face_of_box(const wg_locator *locator, const double box[4]) {
    const uint32_t mixed = UINT32_MAX - 1;
    const grid_frame *frame = &locator->frame;
    const double i0 = floor((box[0] - frame->x0) * frame->per_w - 1e-3),
                 j0 = floor((box[1] - frame->y0) * frame->per_h - 1e-3);
    const double i1 = floor((box[2] - frame->x0) * frame->per_w + 1e-3),
                 j1 = floor((box[3] - frame->y0) * frame->per_h + 1e-3);
    if (i1 < 0 || j1 < 0 || i0 >= frame->nx || j0 >= frame->ny) {
        return WG_UNASSIGNED;
    }
    if (i0 < 0 || j0 < 0 || i1 >= frame->nx || j1 >= frame->ny || (i1 - i0 + 1) * (j1 - j0 + 1) > SIMPLE_SQUARES) {
        return mixed;
    }
    const uint32_t first = locator->squares[(size_t)j0 * frame->nx + (size_t)i0];
    for (size_t j = (size_t)j0; j <= (size_t)j1; j++) {
        for (size_t i = (size_t)i0; i <= (size_t)i1; i++) {
            if (locator->squares[j * frame->nx + i] != first || first >= SET_BIT) {
                return mixed;
            }
        }
    }
    return first - 1; /* 0, no cell, becomes WG_UNASSIGNED */
}

static void take_trapezoid(const cell_set *face, double area, void *user) {
    wg_shares *shares = user;
    shares->measure += area;
    if (face->n == 0) {
        add_measure(shares->scratch, WG_UNASSIGNED, area);
    }
    for (size_t i = 0; i < face->n; i++) {
        add_measure(shares->scratch, face->items[i], area);
    }
    shares->overlap = shares->overlap || (face->n > 1 && area > 0);
}

static void collect_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    wg_sweep *sweep = user;
    (void)part;
    (void)ring;
    if (type == WG_WKB_POLYGON && n > 2) {
        wg_sweep_ring(sweep, pairs, n);
    }
}

static wg_status polygon_shares(wg_context *ctx, const wg_locator *locator, void *wkb, size_t bytes,
                                wg_shares *shares) {
    double box[4], area = 0, unused;
    wg_sweep *sweep = &shares->scratch->sweep;
    if (!wg_wkb_bounds(wkb, bytes, box)) {
        return WG_OK;
    }
    const uint32_t face = face_of_box(locator, box);
    if (face != UINT32_MAX - 1) {
        wg_wkb_measure(wkb, bytes, &area, &unused);
        shares->measure = area;
        add_measure(shares->scratch, face, area);
        return WG_OK;
    }
    wg_sweep_clear(sweep);
    if (wg_wkb_visit(wkb, bytes, collect_ring, sweep) != WG_OK) {
        return wg_fail(ctx, WG_EDATA, "a geometry is damaged");
    }
    return wg_sweep_run(locator, sweep, take_trapezoid, shares) ? WG_OK : wg_fail_memory(ctx);
}

/* ---- lines ---- */

/** One straight piece of a line; `aspect` scales x for lengths. */
typedef struct line_walk {
    const wg_locator *locator;
    wg_shares *shares;
    double aspect;
} line_walk;

static void add_stop(struct wg_shares_scratch *scratch, double t) {
    if (t > 0 && t < 1) {
        if (!WG_RESERVE(scratch->stops, scratch->stops_capacity, scratch->n_stops + 1)) {
            scratch->failed = true;
            return;
        }
        scratch->stops[scratch->n_stops++] = t;
    }
}

/* Place of a point of the line through p and q, 0 at p and 1 at q. */
static double place_on(const double p[2], const double q[2], double x, double y) {
    const double dx = q[0] - p[0], dy = q[1] - p[1];
    return fabs(dx) > fabs(dy) ? (x - p[0]) / dx : (y - p[1]) / dy;
}

static bool is_along(const cell_edge *e, const double p[2], const double q[2]) {
    return wg_orient(e->ax, e->ay, e->bx, e->by, p[0], p[1]) == 0 &&
           wg_orient(e->ax, e->ay, e->bx, e->by, q[0], q[1]) == 0;
}

static void stops_of_edge(struct wg_shares_scratch *scratch, const cell_edge *e, const double p[2], const double q[2]) {
    if (is_along(e, p, q)) {
        add_stop(scratch, place_on(p, q, e->ax, e->ay));
        add_stop(scratch, place_on(p, q, e->bx, e->by));
        return;
    }
    const int a = wg_orient(p[0], p[1], q[0], q[1], e->ax, e->ay), b = wg_orient(p[0], p[1], q[0], q[1], e->bx, e->by);
    const int s = wg_orient(e->ax, e->ay, e->bx, e->by, p[0], p[1]),
              t = wg_orient(e->ax, e->ay, e->bx, e->by, q[0], q[1]);
    if (a * b > 0 || s * t > 0) {
        return;
    }
    const double ex = e->bx - e->ax, ey = e->by - e->ay;
    const double from = ex * (p[1] - e->ay) - ey * (p[0] - e->ax), to = ex * (q[1] - e->ay) - ey * (q[0] - e->ax);
    if (from != to) {
        add_stop(scratch, from / (from - to));
    }
}

/* The lower cell of an edge that the middle of a piece runs along; WG_UNASSIGNED where it runs along none. */
static uint32_t along_edge(const line_walk *walk, const double p[2], const double q[2], double middle) {
    uint32_t best = WG_UNASSIGNED;
    const edge_list *window = &walk->shares->scratch->window;
    for (size_t k = 0; k < window->n; k++) {
        const cell_edge *e = &walk->locator->edges[window->items[k]];
        if (is_along(e, p, q)) {
            const double a = place_on(p, q, e->ax, e->ay), b = place_on(p, q, e->bx, e->by);
            if (fmin(a, b) <= middle && middle <= fmax(a, b)) {
                const uint32_t lower = e->left < e->right ? e->left : e->right;
                best = lower < best ? lower : best;
            }
        }
    }
    return best;
}

static void take_piece(const line_walk *walk, const double p[2], const double q[2], double from, double to) {
    const double middle = from + (to - from) / 2;
    const double length = (to - from) * hypot((q[0] - p[0]) * walk->aspect, q[1] - p[1]);
    wg_shares *shares = walk->shares;
    uint32_t cells[16];
    const uint32_t along = along_edge(walk, p, q, middle);
    if (along != WG_UNASSIGNED) {
        add_measure(shares->scratch, along, length);
        return;
    }
    const double x = p[0] + middle * (q[0] - p[0]), y = p[1] + middle * (q[1] - p[1]);
    size_t n = wg_locator_all(walk->locator, x, y, cells, 16);
    if (n == WG_LOCATOR_NO_MEMORY) {
        shares->scratch->failed = true;
        return;
    }
    n = n > 16 ? 16 : n;
    if (n == 0) {
        add_measure(shares->scratch, WG_UNASSIGNED, length);
    }
    for (size_t i = 0; i < n; i++) {
        add_measure(shares->scratch, cells[i], length);
    }
    shares->overlap = shares->overlap || (n > 1 && length > 0);
}

static int compare_numbers(const void *a, const void *b) {
    const double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q ? 1 : 0;
}

static void take_segment(const line_walk *walk, const double p[2], const double q[2]) {
    struct wg_shares_scratch *scratch = walk->shares->scratch;
    const tree_box window = {fmin(p[0], q[0]), fmin(p[1], q[1]), fmax(p[0], q[0]), fmax(p[1], q[1])};
    const double length = hypot((q[0] - p[0]) * walk->aspect, q[1] - p[1]);
    if (!(length > 0)) {
        return;
    }
    walk->shares->measure += length;
    scratch->window.n = scratch->n_stops = 0;
    if (!wg_locator_window(walk->locator, &window, &scratch->window)) {
        scratch->failed = true;
        return;
    }
    for (size_t k = 0; k < scratch->window.n; k++) {
        stops_of_edge(scratch, &walk->locator->edges[scratch->window.items[k]], p, q);
    }
    if (scratch->n_stops > 1) {
        qsort(scratch->stops, scratch->n_stops, sizeof *scratch->stops, compare_numbers);
    }
    double from = 0;
    for (size_t i = 0; i <= scratch->n_stops; i++) {
        const double to = i < scratch->n_stops ? scratch->stops[i] : 1;
        if (to > from) {
            take_piece(walk, p, q, from, to);
            from = to;
        }
    }
}

static void take_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    const line_walk *walk = user;
    (void)part;
    (void)ring;
    if (type == WG_WKB_POINT) {
        return;
    }
    double p[2], q[2];
    wg_wkb_get(pairs, 0, p);
    for (uint32_t i = 1; i < n; i++) {
        wg_wkb_get(pairs, i, q);
        take_segment(walk, p, q);
        memcpy(p, q, sizeof p);
    }
}

/* ---- points, and what has neither area nor length ---- */

static void take_points(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    const line_walk *walk = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        uint32_t cell;
        wg_wkb_get(pairs, i, xy);
        const size_t found = wg_locator_all(walk->locator, xy[0], xy[1], &cell, 1);
        if (found == WG_LOCATOR_NO_MEMORY) {
            walk->shares->scratch->failed = true;
            return;
        }
        add_measure(walk->shares->scratch, found > 0 ? cell : WG_UNASSIGNED, 1);
        walk->shares->measure += 1;
    }
}

static int dimension_of(uint32_t type) {
    return type == WG_WKB_POLYGON || type == WG_WKB_MULTIPOLYGON         ? 2
           : type == WG_WKB_LINESTRING || type == WG_WKB_MULTILINESTRING ? 1
           : type == WG_WKB_POINT || type == WG_WKB_MULTIPOINT           ? 0
                                                                         : -1;
}

static void highest_dimension(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    int *highest = user;
    (void)pairs;
    (void)part;
    (void)ring;
    if (n > 0 && dimension_of(type) > *highest) {
        *highest = dimension_of(type);
    }
}

wg_status wg_locator_shares(wg_context *ctx, const wg_locator *locator, const void *wkb, size_t bytes,
                            wg_shares *shares) {
    uint8_t *unchanged = (uint8_t *)(uintptr_t)wkb; /* visitors only read */
    if (!locator->has_tree) {
        return wg_fail(ctx, WG_EINTERNAL, "the locator has no tree");
    }
    if (!prepare(locator, shares)) {
        return wg_fail_memory(ctx);
    }
    int dimension = -1;
    wg_status status = wg_wkb_visit(unchanged, bytes, highest_dimension, &dimension);
    shares->dimension = dimension;
    line_walk walk = {.locator = locator, .shares = shares, .aspect = shares->aspect > 0 ? shares->aspect : 1};
    if (status == WG_OK && dimension == 2) {
        status = polygon_shares(ctx, locator, unchanged, bytes, shares);
    }
    if (status == WG_OK && dimension >= 1 && !(shares->measure > 0)) {
        status = wg_wkb_visit(unchanged, bytes, take_run, &walk);
    }
    if (status == WG_OK && dimension >= 0 && !(shares->measure > 0)) {
        status = wg_wkb_visit(unchanged, bytes, take_points, &walk);
    }
    if (!finish(shares)) {
        return wg_fail_memory(ctx);
    }
    return status == WG_EDATA ? wg_fail(ctx, WG_EDATA, "a geometry is damaged") : status;
}
