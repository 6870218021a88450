/* Building the grid: see locate.h for what it holds and internal.h for how. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "locate/internal.h"

enum {
    SQUARES_PER_EDGE = 24,  /* about 95 of 100 points then fall into a square without lines */
    SQUARES_MAX = 12 << 20, /* 48 MiB */
    CHILD_ENTRIES = 24,     /* a square with more is divided */
    CHILD_DEPTH = 6,
    CHILD_SIDE_MAX = 32
};

/* ---- the frame ---- */

/* Columns and rows for about `squares` squares, fewer where long edges would pass too many of them. */
static void choose_size(grid_frame *frame, double width, double height, double squares, double sum_dx, double sum_dy,
                        double n_edges) {
    for (int round = 0; round < 40; round++) {
        const double nx = fmin(fmax(ceil(sqrt(squares * width / height)), 1), squares);
        const double ny = fmin(fmax(ceil(squares / nx), 1), squares);
        frame->nx = (uint32_t)nx;
        frame->ny = (uint32_t)ny;
        const double passed = n_edges + sum_dx * nx / width + sum_dy * ny / height;
        if (passed <= 12 * n_edges + 4 * sqrt(squares) * sqrt(n_edges) || squares < 64) {
            break;
        }
        squares /= 2;
    }
    frame->w = width / frame->nx;
    frame->h = height / frame->ny;
    frame->per_w = 1 / frame->w;
    frame->per_h = 1 / frame->h;
}

static void top_frame(wg_locator *locator) {
    const double *b = locator->bounds;
    const double reach = fmax(fmax(fabs(b[0]), fabs(b[2])), fmax(fabs(b[1]), fabs(b[3])));
    /* A column number is (x - x0) * per_w: at most some four roundings of numbers not larger than 2 reach. */
    locator->pad = 32 * DBL_EPSILON * fmax(reach, DBL_MIN / DBL_EPSILON);
    const double margin = 16 * locator->pad;
    double sum_dx = 0, sum_dy = 0;
    for (size_t i = 0; i < locator->n_edges; i++) {
        sum_dx += fabs(locator->edges[i].bx - locator->edges[i].ax);
        sum_dy += locator->edges[i].by - locator->edges[i].ay;
    }
    grid_frame *frame = &locator->frame;
    frame->x0 = b[0] - margin;
    frame->y0 = b[1] - margin;
    const double squares = fmin(fmax((double)locator->n_edges * SQUARES_PER_EDGE, 4096), SQUARES_MAX);
    choose_size(frame, b[2] + margin - frame->x0, b[3] + margin - frame->y0, squares, sum_dx, sum_dy,
                (double)locator->n_edges);
}

static inline int64_t clamp_index(double value, uint32_t n) {
    return value < 0 ? 0 : value >= (double)n ? (int64_t)n - 1 : (int64_t)value;
}

/* ---- one row of squares ---- */

/** What one task builds with: scratch for the longest row. */
typedef struct builder {
    const wg_locator *locator;
    grid_band *band;
    int depth;
} builder;

/** Columns that an edge may pass; none where `to` is before `from`. */
typedef struct column_span {
    int32_t from, to;
} column_span;

typedef struct row_scratch {
    uint32_t *first;  /**< nx + 1 */
    edge_list placed; /**< edges by column */
    edge_list kept;
    column_span *spans; /**< of the edges given */
    size_t spans_capacity;
} row_scratch;

static void row_scratch_release(row_scratch *scratch) {
    free(scratch->first);
    free(scratch->placed.items);
    free(scratch->kept.items);
    free(scratch->spans);
}

/* Columns that an edge may pass within [low, high], widened by more than any rounding. @return false: none */
static bool columns_of(const cell_edge *e, const grid_frame *frame, double pad, double low, double high, int64_t *from,
                       int64_t *to) {
    if (e->by < low || e->ay > high) {
        return false;
    }
    double x_low = e->ax, x_high = e->bx;
    const double dy = e->by - e->ay;
    if (e->ay < low) {
        x_low = e->ax + (low - e->ay) / dy * (e->bx - e->ax);
    }
    if (e->by > high) {
        x_high = e->ax + (high - e->ay) / dy * (e->bx - e->ax);
    }
    const double left = smaller(x_low, x_high) - 3 * pad - frame->x0;
    const double right = larger(x_low, x_high) + 3 * pad - frame->x0;
    if (right < 0 || left * frame->per_w >= (double)frame->nx + 1) {
        return false;
    }
    *from = clamp_index(left * frame->per_w, frame->nx);
    *to = clamp_index(right * frame->per_w, frame->nx);
    return true;
}

static bool place_edges(const builder *own, const grid_frame *frame, uint32_t j, const uint32_t *edges, size_t n_edges,
                        row_scratch *scratch) {
    const double pad = own->locator->pad;
    const double low = frame_bottom(frame, j, pad) - 2 * pad;
    const double high = frame->y0 + (double)(j + 1) * frame->h + 2 * pad;
    if (!WG_RESERVE(scratch->spans, scratch->spans_capacity, n_edges)) {
        return false;
    }
    memset(scratch->first, 0, ((size_t)frame->nx + 2) * sizeof *scratch->first);
    for (size_t k = 0; k < n_edges; k++) {
        column_span *span = &scratch->spans[k];
        int64_t from = 0, to = -1;
        (void)columns_of(&own->locator->edges[edges[k]], frame, pad, low, high, &from, &to);
        *span = (column_span){(int32_t)from, (int32_t)to};
        for (int64_t i = from; i <= to; i++) {
            scratch->first[i + 2]++;
        }
    }
    for (uint32_t i = 2; i <= frame->nx + 1; i++) {
        scratch->first[i] += scratch->first[i - 1];
    }
    scratch->placed.n = scratch->first[frame->nx + 1];
    if (!WG_RESERVE(scratch->placed.items, scratch->placed.capacity, scratch->placed.n)) {
        return false;
    }
    for (size_t k = 0; k < n_edges; k++) {
        for (int64_t i = scratch->spans[k].from; i <= scratch->spans[k].to; i++) {
            scratch->placed.items[scratch->first[i + 1]++] = edges[k];
        }
    }
    return true;
}

static bool pool_reserve(grid_band *band, size_t more) {
    return band->n_pool + more < OFFSET_MASK && WG_RESERVE(band->pool, band->pool_capacity, band->n_pool + more);
}

/* Code of a face. Several cells go to the pool. */
static bool face_code(grid_band *band, const cell_set *face, uint32_t *code) {
    if (face->n < 2) {
        *code = face->n == 0 ? 0 : face->items[0] + 1;
        return true;
    }
    if (!pool_reserve(band, face->n + 1)) {
        return false;
    }
    *code = SET_BIT | (uint32_t)band->n_pool;
    band->pool[band->n_pool++] = (uint32_t)face->n;
    for (size_t i = 0; i < face->n; i++) {
        band->pool[band->n_pool++] = face->items[i];
    }
    return true;
}

/** The left side of a square, from corner to top. */
typedef struct square_side {
    double x, bottom, top;
} square_side;

typedef enum side_kind { SIDE_AWAY, SIDE_RIGHT, SIDE_CROSSING } side_kind;

/* An edge wholly left of the side at all heights of the square passes no way from the corner to a point of it. */
static side_kind side_of(const cell_edge *e, const square_side *side) {
    if (e->ax < side->x && e->bx < side->x) {
        return SIDE_AWAY;
    }
    if (!edge_spans_x(e, side->x)) {
        return SIDE_RIGHT;
    }
    const bool above_bottom = edge_above_corner(e, side->x, side->bottom);
    if (above_bottom != edge_above_corner(e, side->x, side->top)) {
        return SIDE_CROSSING;
    }
    /* Over the square's heights the edge stays on one side of x: on the right where it rises to the right and is below,
     * … */
    const bool rises_right = e->bx > e->ax;
    if (e->ay == e->by) {
        return SIDE_AWAY; /* level, above or below the side, so above or below the square */
    }
    return rises_right != above_bottom ? SIDE_RIGHT : SIDE_AWAY;
}

static wg_status build_child(wg_context *ctx, const builder *own, const square_side *side, double right,
                             const edge_list *edges, const cell_set *face, uint32_t *child);

/* Make the record of a square that lines pass; without any line that matters it is a plain square. */
static wg_status build_square(wg_context *ctx, const builder *own, const square_side *side, double right,
                              const uint32_t *edges, size_t n_edges, const cell_set *face, uint32_t face_number,
                              edge_list *kept, uint32_t *square) {
    kept->n = 0;
    if (!WG_RESERVE(kept->items, kept->capacity, n_edges)) {
        return wg_fail_memory(ctx);
    }
    for (size_t k = 0; k < n_edges; k++) {
        const side_kind kind = side_of(&own->locator->edges[edges[k]], side);
        if (kind != SIDE_AWAY) {
            kept->items[kept->n++] = edges[k] << 1 | (kind == SIDE_CROSSING ? 1 : 0);
        }
    }
    *square = face_number;
    if (kept->n == 0) {
        return WG_OK;
    }
    grid_band *band = own->band;
    uint32_t child = 0;
    const double smallest = 64 * own->locator->pad;
    const bool divide = kept->n > CHILD_ENTRIES && own->depth < CHILD_DEPTH && right - side->x > smallest &&
                        side->top - side->bottom > smallest;
    if (divide) {
        for (size_t k = 0; k < kept->n; k++) {
            kept->items[k] >>= 1;
        }
        const wg_status status = build_child(ctx, own, side, right, kept, face, &child);
        if (status != WG_OK) {
            return status;
        }
    }
    if (!pool_reserve(band, kept->n + 2)) {
        return wg_fail_memory(ctx);
    }
    *square = RECORD_BIT | (uint32_t)band->n_pool;
    band->pool[band->n_pool++] = face_number;
    band->pool[band->n_pool++] = divide ? CHILD_BIT | child : (uint32_t)kept->n;
    if (!divide) {
        memcpy(band->pool + band->n_pool, kept->items, kept->n * sizeof *kept->items);
        band->n_pool += kept->n;
    }
    return WG_OK;
}

/* Walk along the bottom of a row: each edge crossed on the way from one corner to the next changes the face. */
static bool cross_bottom(const wg_locator *locator, const uint32_t *edges, size_t n_edges, double left, double right,
                         double y, cell_set *face, bool *changed) {
    *changed = false;
    for (size_t k = 0; k < n_edges; k++) {
        const cell_edge *e = &locator->edges[edges[k]];
        if (edge_spans_y(e, y) && edge_right_of_corner(e, left, y) && !edge_right_of_corner(e, right, y)) {
            if (!cell_set_toggle(face, e->left) || !cell_set_toggle(face, e->right)) {
                return false;
            }
            *changed = true;
        }
    }
    return true;
}

/**
 * Codes of the squares of row j.
 * @param face  of the row's first corner; changed on the way
 * @param squares  nx codes; an offset into the band's pool where `in_pool` (the pool moves as it grows)
 */
static wg_status build_row(wg_context *ctx, const builder *own, const grid_frame *frame, uint32_t j,
                           const uint32_t *edges, size_t n_edges, cell_set *face, row_scratch *scratch,
                           uint32_t *squares, size_t in_pool) {
    const double pad = own->locator->pad;
    if (!place_edges(own, frame, j, edges, n_edges, scratch)) {
        return wg_fail_memory(ctx);
    }
    const double bottom = frame_bottom(frame, j, pad), top = frame->y0 + (double)(j + 1) * frame->h + pad;
    uint32_t number = 0;
    if (!face_code(own->band, face, &number)) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < frame->nx; i++) {
        if (squares != NULL) { /* most squares are passed by no line */
            for (; i < frame->nx && scratch->first[i + 1] == scratch->first[i]; i++) {
                squares[i] = number;
            }
            if (i == frame->nx) {
                break;
            }
        }
        const uint32_t at = scratch->first[i], n = scratch->first[i + 1] - at;
        uint32_t square = number;
        if (n > 0) {
            const square_side side = {.x = frame_left(frame, i, pad), .bottom = bottom, .top = top};
            const uint32_t *here = scratch->placed.items + at;
            const double right = frame->x0 + (double)(i + 1) * frame->w;
            bool changed;
            const wg_status status =
                build_square(ctx, own, &side, right + pad, here, n, face, number, &scratch->kept, &square);
            if (status != WG_OK) {
                return status;
            }
            if (!cross_bottom(own->locator, here, n, side.x, frame_left(frame, i + 1, pad), bottom, face, &changed) ||
                (changed && !face_code(own->band, face, &number))) {
                return wg_fail_memory(ctx);
            }
        }
        if (squares != NULL) {
            squares[i] = square;
        } else {
            own->band->pool[in_pool + i] = square;
        }
    }
    return WG_OK;
}

/* ---- grids within a square ---- */

static bool cross_side(const wg_locator *locator, const edge_list *edges, double x, double from, double to,
                       cell_set *face) {
    for (size_t k = 0; k < edges->n; k++) {
        const cell_edge *e = &locator->edges[edges->items[k]];
        if (edge_spans_x(e, x) && edge_above_corner(e, x, from) && !edge_above_corner(e, x, to) &&
            (!cell_set_toggle(face, e->left) || !cell_set_toggle(face, e->right))) {
            return false;
        }
    }
    return true;
}

static void child_frame(const wg_locator *locator, const square_side *side, double right, const edge_list *edges,
                        grid_frame *frame) {
    double sum_dx = 0, sum_dy = 0;
    for (size_t k = 0; k < edges->n; k++) {
        const cell_edge *e = &locator->edges[edges->items[k]];
        sum_dx += fmin(fabs(e->bx - e->ax), right - side->x);
        sum_dy += fmin(e->by - e->ay, side->top - side->bottom);
    }
    *frame = (grid_frame){.x0 = side->x, .y0 = side->bottom};
    const double squares = fmin((double)edges->n * 4, (double)CHILD_SIDE_MAX * CHILD_SIDE_MAX);
    choose_size(frame, right - side->x, side->top - side->bottom, squares, sum_dx, sum_dy, (double)edges->n);
}

static wg_status build_child(wg_context *ctx, const builder *own, const square_side *side, double right,
                             const edge_list *edges, const cell_set *face, uint32_t *child) {
    wg_status status = WG_OK;
    const wg_locator *locator = own->locator;
    grid_band *band = own->band;
    const builder below = {.locator = locator, .band = band, .depth = own->depth + 1};
    row_scratch scratch = {0};
    cell_set start, walk;
    cell_set_init(&start);
    cell_set_init(&walk);
    grid_child made;
    child_frame(locator, side, right, edges, &made.frame);
    const size_t squares = (size_t)made.frame.nx * made.frame.ny;
    scratch.first = wg_malloc((size_t)made.frame.nx + 2, sizeof *scratch.first);
    if (scratch.first == NULL || !pool_reserve(band, squares)) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    made.squares = (uint32_t)band->n_pool;
    band->n_pool += squares;
    for (size_t i = 0; i < face->n; i++) {
        if (!cell_set_toggle(&start, face->items[i])) {
            status = wg_fail_memory(ctx);
            goto done;
        }
    }
    double at = side->bottom;
    for (uint32_t j = 0; j < made.frame.ny; j++) {
        const double bottom = frame_bottom(&made.frame, j, locator->pad);
        bool kept = cross_side(locator, edges, side->x, at, bottom, &start);
        at = bottom;
        walk.n = 0;
        for (size_t i = 0; kept && i < start.n; i++) {
            kept = cell_set_toggle(&walk, start.items[i]);
        }
        if (!kept) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        WG_TRY(build_row(ctx, &below, &made.frame, j, edges->items, edges->n, &walk, &scratch, NULL,
                         made.squares + (size_t)j * made.frame.nx));
    }
    if (!WG_RESERVE(band->children, band->children_capacity, band->n_children + 1)) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    *child = (uint32_t)band->n_children;
    band->children[band->n_children++] = made;
done:
    cell_set_release(&start);
    cell_set_release(&walk);
    row_scratch_release(&scratch);
    return status;
}

/* ---- the top grid, a band of rows a task ---- */

typedef struct band_job {
    wg_locator *locator;
    size_t *first; /**< first[band] .. first[band + 1] of `by_band`: edges that may touch its rows */
    uint32_t *by_band;
} band_job;

/* Rows that an edge may touch, widened by more than any rounding. */
static void rows_of(const wg_locator *locator, const cell_edge *e, uint32_t *from, uint32_t *to) {
    const grid_frame *frame = &locator->frame;
    *from = (uint32_t)clamp_index((e->ay - 4 * locator->pad - frame->y0) * frame->per_h, frame->ny);
    *to = (uint32_t)clamp_index((e->by + 4 * locator->pad - frame->y0) * frame->per_h, frame->ny);
}

static wg_status bucket_bands(wg_context *ctx, band_job *job) {
    const wg_locator *locator = job->locator;
    const uint32_t bands = locator->n_bands;
    job->first = wg_calloc((size_t)bands + 2, sizeof *job->first);
    if (job->first == NULL) {
        return wg_fail_memory(ctx);
    }
    uint32_t from, to;
    for (size_t i = 0; i < locator->n_edges; i++) {
        rows_of(locator, &locator->edges[i], &from, &to);
        for (uint32_t b = from >> BAND_SHIFT; b <= to >> BAND_SHIFT; b++) {
            job->first[b + 2]++;
        }
    }
    for (uint32_t b = 2; b <= bands + 1; b++) {
        job->first[b] += job->first[b - 1];
    }
    job->by_band = wg_malloc(job->first[bands + 1], sizeof *job->by_band);
    if (job->by_band == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < locator->n_edges; i++) {
        rows_of(locator, &locator->edges[i], &from, &to);
        for (uint32_t b = from >> BAND_SHIFT; b <= to >> BAND_SHIFT; b++) {
            job->by_band[job->first[b + 1]++] = (uint32_t)i;
        }
    }
    return WG_OK;
}

/** The edges of each row of a band. */
typedef struct band_rows {
    size_t first[BAND_ROWS + 2]; /**< first[row] .. first[row + 1] of `edges`, rows counted from the band's first */
    uint32_t *edges;
} band_rows;

static bool bucket_rows(const band_job *job, size_t band, uint32_t first_row, uint32_t end_row, band_rows *rows) {
    const wg_locator *locator = job->locator;
    const size_t begin = job->first[band], end = job->first[band + 1];
    uint32_t from, to;
    memset(rows->first, 0, sizeof rows->first);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = begin; k < end; k++) {
            const uint32_t edge = job->by_band[k];
            rows_of(locator, &locator->edges[edge], &from, &to);
            from = from < first_row ? first_row : from;
            to = to >= end_row ? end_row - 1 : to;
            for (uint32_t j = from; j <= to; j++) {
                if (pass == 0) {
                    rows->first[j - first_row + 2]++;
                } else {
                    rows->edges[rows->first[j - first_row + 1]++] = edge;
                }
            }
        }
        for (uint32_t j = 2; pass == 0 && j < BAND_ROWS + 2; j++) {
            rows->first[j] += rows->first[j - 1];
        }
        if (pass == 0) {
            rows->edges = wg_malloc(rows->first[BAND_ROWS + 1], sizeof *rows->edges);
            if (rows->edges == NULL) {
                return false;
            }
        }
    }
    return true;
}

static void trim(grid_band *band) {
    if (band->n_pool < band->pool_capacity) {
        uint32_t *shorter = wg_realloc(band->pool, band->n_pool, sizeof *shorter);
        if (shorter != NULL) { /* keeping the larger block is no error */
            band->pool = shorter;
            band->pool_capacity = band->n_pool;
        }
    }
}

static wg_status build_band(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    const band_job *job = user;
    wg_locator *locator = job->locator;
    const grid_frame *frame = &locator->frame;
    const builder own = {.locator = locator, .band = &locator->bands[index], .depth = 0};
    row_scratch scratch = {.first = wg_malloc((size_t)frame->nx + 2, sizeof *scratch.first)};
    cell_set face;
    band_rows rows = {0};
    cell_set_init(&face);
    wg_status status = WG_OK;
    const uint32_t first = (uint32_t)index << BAND_SHIFT;
    const uint32_t end = frame->ny - first < BAND_ROWS ? frame->ny : first + BAND_ROWS;
    if (scratch.first == NULL || !bucket_rows(job, index, first, end, &rows)) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t j = first; j < end; j++) {
        const size_t at = rows.first[j - first], n = rows.first[j - first + 1] - at;
        face.n = 0; /* left of everything */
        WG_TRY(build_row(ctx, &own, frame, j, rows.edges + at, n, &face, &scratch,
                         locator->squares + (size_t)j * frame->nx, 0));
    }
    trim(own.band);
done:
    cell_set_release(&face);
    free(rows.edges);
    row_scratch_release(&scratch);
    return status;
}

wg_status wg_locator_grid(wg_context *ctx, wg_locator *locator) {
    top_frame(locator);
    const grid_frame *frame = &locator->frame;
    band_job job = {.locator = locator};
    wg_status status = WG_OK;
    locator->n_bands = (frame->ny + BAND_ROWS - 1) >> BAND_SHIFT;
    locator->bands = wg_calloc(locator->n_bands, sizeof *locator->bands);
    locator->squares = wg_malloc((size_t)frame->nx * frame->ny, sizeof *locator->squares);
    if (locator->bands == NULL || locator->squares == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(bucket_bands(ctx, &job));
    WG_TRY(wg_parallel(ctx, locator->n_bands, NULL, build_band, &job));
done:
    free(job.first);
    free(job.by_band);
    return status;
}
