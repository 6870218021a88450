#include "geo/bins.h"

#include <string.h>

enum { MAX_BINS = 1 << 24 };

void wg_bins_layout(wg_bins *bins, wg_box box, size_t wanted) {
    *bins = (wg_bins){.box = box, .side = 1, .nx = 1, .ny = 1};
    if (wg_box_empty(box)) {
        bins->box = (wg_box){{0, 0}, {0, 0}};
        return;
    }
    const double width = (double)(box.high.x - box.low.x) + 1, height = (double)(box.high.y - box.low.y) + 1;
    const double count = wanted < 1 ? 1 : wanted > MAX_BINS ? (double)MAX_BINS : (double)wanted;
    /* A long thin box would ask for less than one row: the longer side alone then carries all bins. */
    const double square = sqrt(width * height / count);
    const double longest = (width > height ? width : height) / count;
    bins->side = (int64_t)ceil(square > longest ? square : longest);
    bins->nx = (uint32_t)((box.high.x - box.low.x) / bins->side) + 1;
    bins->ny = (uint32_t)((box.high.y - box.low.y) / bins->side) + 1;
}

void wg_bins_release(wg_bins *bins) {
    free(bins->first);
    free(bins->item);
    *bins = (wg_bins){0};
}

void wg_bins_row_span(const wg_bins *bins, wg_ipt a, wg_ipt b, uint32_t row, uint32_t *x0, uint32_t *x1) {
    if (a.y > b.y) {
        const wg_ipt swap = a;
        a = b;
        b = swap;
    }
    double left = (double)a.x, right = (double)b.x;
    const double slope = b.y > a.y ? (double)(b.x - a.x) / (double)(b.y - a.y) : 0;
    const int64_t bottom = bins->box.low.y + (int64_t)row * bins->side - 1;
    const int64_t top = bottom + bins->side + 2;
    if (b.y > a.y) {
        left = bottom > a.y ? (double)a.x + (double)(bottom - a.y) * slope : left;
        right = top < b.y ? (double)a.x + (double)(top - a.y) * slope : right;
    }
    if (left > right) {
        const double swap = left;
        left = right;
        right = swap;
    }
    /* 2: one step that was promised and one for rounding. */
    *x0 = wg_bins_column(bins, (int64_t)floor(left) - 2);
    *x1 = wg_bins_column(bins, (int64_t)ceil(right) + 2);
}

/** Turn counts (first[b + 1] of bin b) into starts, and make room for the items. */
static wg_status open_items(wg_context *ctx, wg_bins *bins) {
    const size_t n_bins = (size_t)bins->nx * bins->ny;
    for (size_t b = 0; b < n_bins; b++) {
        if (bins->first[b + 1] > UINT32_MAX - bins->first[b]) {
            return wg_fail(ctx, WG_EDATA, "too many line segments for one map; divide the input");
        }
        bins->first[b + 1] += bins->first[b];
    }
    bins->item = wg_malloc(bins->first[n_bins], sizeof *bins->item);
    return bins->item != NULL ? WG_OK : wg_fail_memory(ctx);
}

/** After filling, first[b] has moved to the end of bin b: move back. */
static void close_items(wg_bins *bins) {
    const size_t n_bins = (size_t)bins->nx * bins->ny;
    memmove(bins->first + 1, bins->first, n_bins * sizeof *bins->first);
    bins->first[0] = 0;
}

typedef enum bin_pass { COUNT, FILL } bin_pass;

static void put(wg_bins *bins, bin_pass pass, size_t bin, size_t number) {
    if (pass == COUNT) {
        bins->first[bin + 1]++;
    } else {
        bins->item[bins->first[bin]++] = (uint32_t)number;
    }
}

static void put_segment(wg_bins *bins, bin_pass pass, const wg_segment *segment, size_t number) {
    const wg_bin_range range = wg_bins_segment_range(bins, segment->a, segment->b);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        uint32_t x0 = range.x0, x1 = range.x1;
        if (x0 != x1 && range.y0 != range.y1) {
            wg_bins_row_span(bins, segment->a, segment->b, y, &x0, &x1);
        }
        for (uint32_t x = x0; x <= x1; x++) {
            put(bins, pass, (size_t)y * bins->nx + x, number);
        }
    }
}

wg_status wg_bins_of_segments(wg_context *ctx, const wg_segment *segments, size_t n, double per_bin, wg_bins *bins) {
    wg_box box = WG_BOX_EMPTY;
    for (size_t i = 0; i < n; i++) {
        wg_box_add(&box, segments[i].a);
        wg_box_add(&box, segments[i].b);
    }
    wg_bins_layout(bins, box, (size_t)((double)n / per_bin));
    bins->first = wg_calloc((size_t)bins->nx * bins->ny + 1, sizeof *bins->first);
    if (bins->first == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        put_segment(bins, COUNT, &segments[i], i);
    }
    wg_status status = open_items(ctx, bins);
    if (status == WG_OK) {
        for (size_t i = 0; i < n; i++) {
            put_segment(bins, FILL, &segments[i], i);
        }
        close_items(bins);
    }
    return status;
}

static void put_box(wg_bins *bins, bin_pass pass, wg_box box, size_t number) {
    if (wg_box_empty(box)) {
        return;
    }
    const wg_bin_range range = wg_bins_range(bins, box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (uint32_t x = range.x0; x <= range.x1; x++) {
            put(bins, pass, (size_t)y * bins->nx + x, number);
        }
    }
}

wg_status wg_bins_of_boxes(wg_context *ctx, const wg_box *boxes, size_t n, double per_bin, wg_bins *bins) {
    wg_box box = WG_BOX_EMPTY;
    for (size_t i = 0; i < n; i++) {
        if (!wg_box_empty(boxes[i])) {
            wg_box_add(&box, boxes[i].low);
            wg_box_add(&box, boxes[i].high);
        }
    }
    wg_bins_layout(bins, box, (size_t)((double)n / per_bin));
    bins->first = wg_calloc((size_t)bins->nx * bins->ny + 1, sizeof *bins->first);
    if (bins->first == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        put_box(bins, COUNT, boxes[i], i);
    }
    wg_status status = open_items(ctx, bins);
    if (status == WG_OK) {
        for (size_t i = 0; i < n; i++) {
            put_box(bins, FILL, boxes[i], i);
        }
        close_items(bins);
    }
    return status;
}
