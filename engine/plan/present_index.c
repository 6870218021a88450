#include "plan/present_index.h"

#include <math.h>
#include <string.h>

#include "model/wkb.h"

enum { SQUARES_MAX = 1 << 22 };

typedef struct piece {
    double a[2], b[2];
    uint32_t owner;
} piece;

/** One entry a square that a segment's box meets. */
typedef struct entry {
    uint32_t piece, next; /**< next: entry + 1; 0 ends the list */
} entry;

struct wg_line_index {
    double x, y, square;
    uint32_t columns, rows;
    uint32_t *head; /**< entry + 1 */
    piece *pieces;
    size_t n_pieces, piece_capacity;
    entry *entries;
    size_t n_entries, entry_capacity;
};

wg_status wg_line_index_new(wg_context *ctx, const double bounds[4], size_t expected, wg_line_index **index) {
    wg_line_index *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    const double width = fmax(bounds[2] - bounds[0], 1), height = fmax(bounds[3] - bounds[1], 1);
    const double squares = fmin(fmax((double)expected, 16), SQUARES_MAX);
    made->x = bounds[0];
    made->y = bounds[1];
    made->square = sqrt(width * height / squares);
    made->square = fmax(made->square, fmax(width, height) / SQUARES_MAX * 4);
    made->columns = (uint32_t)(width / made->square) + 1;
    made->rows = (uint32_t)(height / made->square) + 1;
    made->head = wg_calloc((size_t)made->columns * made->rows, sizeof *made->head);
    if (made->head == NULL) {
        wg_line_index_free(made);
        return wg_fail_memory(ctx);
    }
    *index = made;
    return WG_OK;
}

void wg_line_index_free(wg_line_index *index) {
    if (index != NULL) {
        free(index->head);
        free(index->pieces);
        free(index->entries);
        free(index);
    }
}

/** Squares outside the bounds are those at the edge. */
static uint32_t square_of(double value, double from, double size, uint32_t n) {
    const double at = floor((value - from) / size);
    return at < 0 ? 0 : at >= n ? n - 1 : (uint32_t)at;
}

wg_status wg_line_index_add(wg_context *ctx, wg_line_index *index, const double a[2], const double b[2],
                            uint32_t owner) {
    if (!WG_RESERVE(index->pieces, index->piece_capacity, index->n_pieces + 1)) {
        return wg_fail_memory(ctx);
    }
    index->pieces[index->n_pieces++] = (piece){{a[0], a[1]}, {b[0], b[1]}, owner};
    const uint32_t left = square_of(fmin(a[0], b[0]), index->x, index->square, index->columns);
    const uint32_t right = square_of(fmax(a[0], b[0]), index->x, index->square, index->columns);
    const uint32_t low = square_of(fmin(a[1], b[1]), index->y, index->square, index->rows);
    const uint32_t high = square_of(fmax(a[1], b[1]), index->y, index->square, index->rows);
    for (uint32_t row = low; row <= high; row++) {
        for (uint32_t column = left; column <= right; column++) {
            uint32_t *head = &index->head[(size_t)row * index->columns + column];
            if (!WG_RESERVE(index->entries, index->entry_capacity, index->n_entries + 1)) {
                return wg_fail_memory(ctx);
            }
            index->entries[index->n_entries++] = (entry){(uint32_t)(index->n_pieces - 1), *head};
            *head = (uint32_t)index->n_entries;
        }
    }
    return WG_OK;
}

typedef struct adding {
    wg_context *ctx;
    wg_line_index *index;
    uint32_t owner;
    wg_status status;
} adding;

static void add_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part, (void)ring;
    adding *to = user;
    for (uint32_t i = 1; i < n && to->status == WG_OK && type != WG_WKB_POINT; i++) {
        double a[2], b[2];
        wg_wkb_get(pairs, i - 1, a);
        wg_wkb_get(pairs, i, b);
        to->status = wg_line_index_add(to->ctx, to->index, a, b, to->owner);
    }
}

wg_status wg_line_index_add_layer(wg_context *ctx, wg_line_index *index, const wg_layer *layer, uint32_t owner) {
    adding to = {.ctx = ctx, .index = index, .owner = owner};
    for (size_t row = 0; layer != NULL && row < layer->n && to.status == WG_OK; row++) {
        size_t bytes = 0;
        void *wkb = (void *)wg_layer_wkb(layer, row, &bytes);
        to.owner = owner == WG_UNASSIGNED ? (uint32_t)row : owner;
        if (bytes > 0) {
            (void)wg_wkb_visit(wkb, bytes, add_run, &to);
        }
    }
    return to.status;
}

static double distance_to(const piece *p, const double at[2], double point[2]) {
    const double dx = p->b[0] - p->a[0], dy = p->b[1] - p->a[1], length = dx * dx + dy * dy;
    const double t = length > 0 ? ((at[0] - p->a[0]) * dx + (at[1] - p->a[1]) * dy) / length : 0;
    const double where = t < 0 ? 0 : t > 1 ? 1 : t;
    point[0] = where >= 1 ? p->b[0] : p->a[0] + where * dx;
    point[1] = where >= 1 ? p->b[1] : p->a[1] + where * dy;
    return hypot(at[0] - point[0], at[1] - point[1]);
}

double wg_line_index_nearest(const wg_line_index *index, const double at[2], double reach, uint32_t except,
                             double point[2]) {
    const uint32_t left = square_of(at[0] - reach, index->x, index->square, index->columns);
    const uint32_t right = square_of(at[0] + reach, index->x, index->square, index->columns);
    const uint32_t low = square_of(at[1] - reach, index->y, index->square, index->rows);
    const uint32_t high = square_of(at[1] + reach, index->y, index->square, index->rows);
    double best = INFINITY;
    uint32_t first = UINT32_MAX;
    for (uint32_t row = low; row <= high; row++) {
        for (uint32_t column = left; column <= right; column++) {
            for (uint32_t e = index->head[(size_t)row * index->columns + column]; e != 0;
                 e = index->entries[e - 1].next) {
                const uint32_t number = index->entries[e - 1].piece;
                double found[2];
                if (index->pieces[number].owner == except) {
                    continue;
                }
                const double distance = distance_to(&index->pieces[number], at, found);
                if (distance <= reach && (distance < best || (distance <= best && number < first))) {
                    best = distance;
                    first = number;
                    point[0] = found[0];
                    point[1] = found[1];
                }
            }
        }
    }
    return best;
}
