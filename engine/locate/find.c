/* Points to cells, and the life of a locator. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "locate/internal.h"

enum { BLOCK = 512, PART_POINTS = 1 << 16, PREFETCHED = 4 };

/* ---- life ---- */

wg_status wg_locator_build(wg_context *ctx, const wg_layer *cells, const wg_locator_options *options,
                           wg_locator **locator) {
    wg_status status = WG_OK;
    *locator = NULL;
    wg_locator *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_locator_edges(ctx, cells, made));
    WG_TRY(wg_locator_grid(ctx, made));
    if (options != NULL && options->tree) {
        WG_TRY(wg_locator_tree(ctx, made));
    }
    *locator = made;
    made = NULL;
done:
    wg_locator_free(made);
    return status;
}

wg_status wg_locator_new(wg_context *ctx, const wg_layer *cells, wg_locator **locator) {
    wg_clear_error(ctx);
    return wg_locator_build(ctx, cells, NULL, locator);
}

void wg_locator_free(wg_locator *locator) {
    if (locator == NULL) {
        return;
    }
    for (uint32_t b = 0; locator->bands != NULL && b < locator->n_bands; b++) {
        free(locator->bands[b].pool);
        free(locator->bands[b].children);
    }
    wg_locator_tree_release(&locator->tree);
    free(locator->bands);
    free(locator->squares);
    free(locator->edges);
    free(locator);
}

uint32_t wg_locator_cells(const wg_locator *locator) {
    return locator->n_cells;
}

size_t wg_locator_bytes(const wg_locator *locator) {
    size_t bytes = sizeof *locator + locator->n_edges * sizeof *locator->edges +
                   locator->n_bands * sizeof *locator->bands +
                   (size_t)locator->frame.nx * locator->frame.ny * sizeof *locator->squares;
    for (uint32_t b = 0; b < locator->n_bands; b++) {
        bytes += locator->bands[b].pool_capacity * sizeof(uint32_t) +
                 locator->bands[b].children_capacity * sizeof(grid_child);
    }
    if (locator->has_tree) {
        bytes +=
            locator->n_edges * sizeof(uint32_t) + locator->tree.level_at[locator->tree.n_levels] * sizeof(tree_box);
    }
    return bytes;
}

void wg_locator_bounds(const wg_locator *locator, double bounds[4]) {
    memcpy(bounds, locator->bounds, sizeof locator->bounds);
}

/* ---- one point ---- */

/** Cells of a point: those whose rings go round it, and those whose boundary it lies on. */
typedef struct point_cells {
    cell_set around, touched;
} point_cells;

static void point_cells_init(point_cells *cells) {
    cell_set_init(&cells->around);
    cell_set_init(&cells->touched);
}

static void point_cells_release(point_cells *cells) {
    cell_set_release(&cells->around);
    cell_set_release(&cells->touched);
}

static bool set_has(const cell_set *set, uint32_t cell) {
    for (size_t i = 0; i < set->n; i++) {
        if (set->items[i] == cell) {
            return true;
        }
    }
    return false;
}

static bool touch(point_cells *cells, const cell_edge *e) {
    return (set_has(&cells->touched, e->left) || cell_set_toggle(&cells->touched, e->left)) &&
           (set_has(&cells->touched, e->right) || cell_set_toggle(&cells->touched, e->right));
}

/** Corner of a square, from which the way to a point is walked. */
typedef struct corner {
    double x, y;
} corner;

/*
 * Does the edge change the face on the way from the corner up its side to the point's height and then across to the
 * point?
 * @param[out] on  the point lies on the edge (the answer then means nothing)
 */
static inline bool passes(const cell_edge *e, bool crosses_side, const corner *at, double x, double y, bool *on) {
    bool across = false;
    *on = false;
    if (e->ay <= y && y <= e->by) {
        if (e->ay == e->by) {
            *on = e->ax <= x && x <= e->bx;
        } else if (y == e->by) {
            *on = x == e->bx;
        } else {
            const int side = wg_orient(e->ax, e->ay, e->bx, e->by, x, y);
            *on = side == 0;
            across = (side > 0) != (!crosses_side || edge_right_of_corner(e, at->x, y));
        }
    }
    if (crosses_side && edge_spans_x(e, at->x)) {
        across ^= edge_above_corner(e, at->x, at->y) != edge_above_corner(e, at->x, y);
    }
    return across;
}

static bool add_face(const grid_band *band, uint32_t code, cell_set *set) {
    if ((code & SET_BIT) == 0) {
        return code == 0 || cell_set_toggle(set, code - 1);
    }
    const uint32_t *items = band->pool + (code & OFFSET_MASK);
    for (uint32_t i = 0; i < items[0]; i++) {
        if (!cell_set_toggle(set, items[i + 1])) {
            return false;
        }
    }
    return true;
}

static inline uint32_t column_of(const grid_frame *frame, double x) {
    const double i = (x - frame->x0) * frame->per_w;
    return i <= 0 ? 0 : i >= frame->nx ? frame->nx - 1 : (uint32_t)i;
}

static inline uint32_t row_of(const grid_frame *frame, double y) {
    const double j = (y - frame->y0) * frame->per_h;
    return j <= 0 ? 0 : j >= frame->ny ? frame->ny - 1 : (uint32_t)j;
}

/* Fill `cells` for a point of square (i, j) of the top grid. @return false: no memory */
static bool resolve(const wg_locator *locator, uint32_t i, uint32_t j, double x, double y, point_cells *cells) {
    const grid_band *band = &locator->bands[j >> BAND_SHIFT];
    const grid_frame *frame = &locator->frame;
    uint32_t square = locator->squares[(size_t)j * frame->nx + i];
    while ((square & RECORD_BIT) != 0 && (band->pool[(square & OFFSET_MASK) + 1] & CHILD_BIT) != 0) {
        const grid_child *child = &band->children[band->pool[(square & OFFSET_MASK) + 1] & ~CHILD_BIT];
        frame = &child->frame;
        i = column_of(frame, x);
        j = row_of(frame, y);
        square = band->pool[child->squares + (size_t)j * frame->nx + i];
    }
    if ((square & RECORD_BIT) == 0) {
        return add_face(band, square, &cells->around);
    }
    const uint32_t *record = band->pool + (square & OFFSET_MASK);
    const corner at = {frame_left(frame, i, locator->pad), frame_bottom(frame, j, locator->pad)};
    if (!add_face(band, record[0], &cells->around)) {
        return false;
    }
    for (uint32_t k = 0; k < record[1]; k++) {
        const cell_edge *e = &locator->edges[record[k + 2] >> 1];
        bool on;
        const bool passed = passes(e, (record[k + 2] & 1) != 0, &at, x, y, &on);
        if (on) {
            if (!touch(cells, e)) {
                return false;
            }
        } else if (passed &&
                   (!cell_set_toggle(&cells->around, e->left) || !cell_set_toggle(&cells->around, e->right))) {
            return false;
        }
    }
    return true;
}

/* Square of a point. @return false outside the grid, and for NaN */
static inline bool square_of(const grid_frame *frame, double x, double y, uint32_t *i, uint32_t *j) {
    const double fi = (x - frame->x0) * frame->per_w, fj = (y - frame->y0) * frame->per_h;
    if (!(fi >= 0 && fj >= 0 && fi < frame->nx && fj < frame->ny)) {
        return false;
    }
    *i = (uint32_t)fi;
    *j = (uint32_t)fj;
    return true;
}

static uint32_t lowest(const point_cells *cells, wg_found *found) {
    size_t inside = 0;
    uint32_t best = WG_UNASSIGNED;
    for (size_t k = 0; k < cells->around.n; k++) {
        if (!set_has(&cells->touched, cells->around.items[k])) {
            inside++;
            best = cells->around.items[k] < best ? cells->around.items[k] : best;
        }
    }
    if (cells->touched.n > 0 && cells->touched.items[0] < best) {
        best = cells->touched.items[0];
    }
    *found = inside > 1              ? WG_FOUND_OVERLAP
             : cells->touched.n > 0  ? WG_FOUND_EDGE
             : best == WG_UNASSIGNED ? WG_FOUND_NONE
                                     : WG_FOUND_INSIDE;
    return best;
}

size_t wg_locator_all(const wg_locator *locator, double x, double y, uint32_t *cells, size_t capacity) {
    uint32_t i, j;
    size_t n = 0;
    point_cells own;
    if (!square_of(&locator->frame, x, y, &i, &j)) {
        return 0;
    }
    point_cells_init(&own);
    if (!resolve(locator, i, j, x, y, &own)) {
        n = WG_LOCATOR_NO_MEMORY;
    } else {
        size_t a = 0, t = 0;
        while (a < own.around.n || t < own.touched.n) { /* merge; a cell in both is one */
            const uint32_t around = a < own.around.n ? own.around.items[a] : WG_UNASSIGNED;
            const uint32_t touched = t < own.touched.n ? own.touched.items[t] : WG_UNASSIGNED;
            const uint32_t next = around < touched ? around : touched;
            a += around == next ? 1 : 0;
            t += touched == next ? 1 : 0;
            if (n < capacity) {
                cells[n] = next;
            }
            n++;
        }
    }
    point_cells_release(&own);
    return n;
}

bool wg_locator_interior(const wg_locator *locator, double x, double y, cell_set *set) {
    uint32_t i, j;
    point_cells own;
    bool kept = true;
    set->n = 0;
    if (!square_of(&locator->frame, x, y, &i, &j)) {
        return true;
    }
    point_cells_init(&own);
    kept = resolve(locator, i, j, x, y, &own);
    for (size_t k = 0; kept && k < own.around.n; k++) {
        kept = cell_set_toggle(set, own.around.items[k]);
    }
    point_cells_release(&own);
    return kept;
}

/* ---- many points ---- */

/** A point of a block whose square does not answer by itself. */
typedef struct pending_point {
    uint32_t index, square;
} pending_point;

static bool resolve_block(const wg_locator *locator, const double *xy, const pending_point *pending, size_t n,
                          uint32_t *cell, uint8_t *found) {
    const uint32_t nx = locator->frame.nx;
    bool kept = true;
    point_cells own;
    point_cells_init(&own);
    for (size_t k = 0; k < n; k++) { /* ask for the edges of all before looking at the first */
        const uint32_t code = locator->squares[pending[k].square];
        const uint32_t *record = locator->bands[(pending[k].square / nx) >> BAND_SHIFT].pool + (code & OFFSET_MASK);
        if ((code & RECORD_BIT) != 0 && (record[1] & CHILD_BIT) == 0) {
            const uint32_t m = record[1] < PREFETCHED ? record[1] : PREFETCHED;
            for (uint32_t i = 0; i < m; i++) {
                __builtin_prefetch(&locator->edges[record[i + 2] >> 1]);
            }
        }
    }
    for (size_t k = 0; kept && k < n; k++) {
        const uint32_t p = pending[k].index, square = pending[k].square;
        wg_found how;
        own.around.n = own.touched.n = 0;
        kept = resolve(locator, square % nx, square / nx, xy[2 * p], xy[2 * p + 1], &own);
        cell[p] = lowest(&own, &how);
        if (found != NULL) {
            found[p] = (uint8_t)how;
        }
    }
    point_cells_release(&own);
    return kept;
}

/* First the numbers of the squares, asking for their cache lines; then the squares; then the few that need a look at
 * edges. */
static bool find_block(const wg_locator *locator, const double *xy, size_t n, uint32_t *cell, uint8_t *found) {
    const grid_frame frame = locator->frame;
    uint32_t square[BLOCK];
    pending_point pending[BLOCK];
    size_t n_pending = 0;
    for (size_t k = 0; k < n; k++) {
        uint32_t i, j;
        square[k] = UINT32_MAX;
        if (square_of(&frame, xy[2 * k], xy[2 * k + 1], &i, &j)) {
            square[k] = j * frame.nx + i;
            __builtin_prefetch(&locator->squares[square[k]]);
        }
    }
    for (size_t k = 0; k < n; k++) {
        const uint32_t code = square[k] == UINT32_MAX ? 0 : locator->squares[square[k]];
        if (code < SET_BIT) {
            cell[k] = code - 1; /* 0 becomes WG_UNASSIGNED */
            if (found != NULL) {
                found[k] = code == 0 ? WG_FOUND_NONE : WG_FOUND_INSIDE;
            }
        } else {
            pending[n_pending++] = (pending_point){(uint32_t)k, square[k]};
            __builtin_prefetch(&locator->bands[(square[k] / frame.nx) >> BAND_SHIFT].pool[code & OFFSET_MASK]);
        }
    }
    return n_pending == 0 || resolve_block(locator, xy, pending, n_pending, cell, found);
}

typedef struct find_job {
    const wg_locator *locator;
    const double *xy;
    size_t n;
    uint32_t *cell;
    uint8_t *found;
} find_job;

static wg_status find_part(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    const find_job *job = user;
    const size_t first = index * PART_POINTS;
    const size_t end = job->n - first < PART_POINTS ? job->n : first + PART_POINTS;
    for (size_t at = first; at < end; at += BLOCK) {
        const size_t n = end - at < BLOCK ? end - at : BLOCK;
        if (!find_block(job->locator, job->xy + 2 * at, n, job->cell + at,
                        job->found == NULL ? NULL : job->found + at)) {
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

wg_status wg_locator_find_how(wg_context *ctx, const wg_locator *locator, const double *xy, size_t n_points,
                              uint32_t *cell, uint8_t *found) {
    find_job job = {.locator = locator, .xy = xy, .n = n_points, .cell = cell, .found = found};
    if (n_points <= PART_POINTS) {
        return n_points == 0 ? WG_OK : find_part(ctx, 0, 0, &job);
    }
    return wg_parallel(ctx, (n_points + PART_POINTS - 1) / PART_POINTS, NULL, find_part, &job);
}

wg_status wg_locator_find(wg_context *ctx, const wg_locator *locator, const double *xy, size_t n_points,
                          uint32_t *cell) {
    wg_clear_error(ctx);
    return wg_locator_find_how(ctx, locator, xy, n_points, cell, NULL);
}
