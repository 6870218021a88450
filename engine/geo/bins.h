/** A uniform grid of bins over segments: what lies near a segment, a box or a point. */
#ifndef WG_GEO_BINS_H
#define WG_GEO_BINS_H

#include <stddef.h>

#include "core/memory.h"
#include "core/status.h"
#include "geo/lattice.h"

/** A piece of line, and what it belongs to. */
typedef struct wg_segment {
    wg_ipt a, b;
    uint32_t tag;
} wg_segment;

typedef struct wg_box {
    wg_ipt low, high; /**< inclusive; low.x > high.x: empty */
} wg_box;

#define WG_BOX_EMPTY ((wg_box){{INT64_MAX, INT64_MAX}, {INT64_MIN, INT64_MIN}})

static inline void wg_box_add(wg_box *box, wg_ipt p) {
    box->low.x = p.x < box->low.x ? p.x : box->low.x;
    box->low.y = p.y < box->low.y ? p.y : box->low.y;
    box->high.x = p.x > box->high.x ? p.x : box->high.x;
    box->high.y = p.y > box->high.y ? p.y : box->high.y;
}

static inline bool wg_box_meets(wg_box a, wg_box b) {
    return a.low.x <= b.high.x && b.low.x <= a.high.x && a.low.y <= b.high.y && b.low.y <= a.high.y;
}

static inline bool wg_box_empty(wg_box box) {
    return box.low.x > box.high.x;
}

static inline wg_box wg_box_grown(wg_box box, int64_t by) {
    return (wg_box){{box.low.x - by, box.low.y - by}, {box.high.x + by, box.high.y + by}};
}

static inline wg_box wg_segment_box(wg_ipt a, wg_ipt b) {
    return (wg_box){{a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y}, {a.x > b.x ? a.x : b.x, a.y > b.y ? a.y : b.y}};
}

typedef struct wg_bins {
    wg_box box;
    int64_t side; /**< of a square bin, grid steps */
    uint32_t nx, ny;
    uint32_t *first; /**< nx * ny + 1 */
    uint32_t *item;  /**< numbers, ascending in each bin */
} wg_bins;

/** Lay bins over `box`, about `wanted` of them, empty yet (first and item are NULL). */
void wg_bins_layout(wg_bins *bins, wg_box box, size_t wanted);
/** Bins of segments 0..n-1: a segment is in every bin that it passes within one grid step. O(n) for short segments. */
wg_status wg_bins_of_segments(wg_context *ctx, const wg_segment *segments, size_t n, double per_bin, wg_bins *bins);
/** Bins of boxes; empty boxes are in none. */
wg_status wg_bins_of_boxes(wg_context *ctx, const wg_box *boxes, size_t n, double per_bin, wg_bins *bins);
void wg_bins_release(wg_bins *bins);

static inline uint32_t wg_bins_column(const wg_bins *bins, int64_t x) {
    if (x <= bins->box.low.x) {
        return 0;
    }
    const int64_t column = (x - bins->box.low.x) / bins->side;
    return column >= bins->nx ? bins->nx - 1 : (uint32_t)column;
}

static inline uint32_t wg_bins_row(const wg_bins *bins, int64_t y) {
    if (y <= bins->box.low.y) {
        return 0;
    }
    const int64_t row = (y - bins->box.low.y) / bins->side;
    return row >= bins->ny ? bins->ny - 1 : (uint32_t)row;
}

/** Range of bins that a box covers. */
typedef struct wg_bin_range {
    uint32_t x0, x1, y0, y1; /**< inclusive */
} wg_bin_range;

static inline wg_bin_range wg_bins_range(const wg_bins *bins, wg_box box) {
    return (wg_bin_range){wg_bins_column(bins, box.low.x), wg_bins_column(bins, box.high.x),
                          wg_bins_row(bins, box.low.y), wg_bins_row(bins, box.high.y)};
}

/** Columns x0..x1 of bins that segment ab passes within one grid step, in row `row` of its range. */
void wg_bins_row_span(const wg_bins *bins, wg_ipt a, wg_ipt b, uint32_t row, uint32_t *x0, uint32_t *x1);

/** Rows of bins that segment ab passes within one grid step. */
static inline wg_bin_range wg_bins_segment_range(const wg_bins *bins, wg_ipt a, wg_ipt b) {
    return wg_bins_range(bins, wg_box_grown(wg_segment_box(a, b), 1));
}

#endif
