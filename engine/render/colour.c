#include "render/colour.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "model/layer.h"
#include "model/wkb.h"

static double channel(wg_rgba colour, uint32_t shift) {
    return (double)((colour >> shift) & 0xffu);
}

static wg_rgba mix(wg_rgba a, wg_rgba b, double share) {
    wg_rgba mixed = 0;
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        const double value = channel(a, shift) * (1.0 - share) + channel(b, shift) * share;
        mixed |= (wg_rgba)lround(value) << shift;
    }
    return mixed;
}

/** Colour at 0..1 of a ramp given by evenly spaced stops. */
static wg_rgba ramp(const wg_rgba *stops, uint32_t n_stops, double at) {
    const double place = at * (double)(n_stops - 1);
    const uint32_t low = place >= (double)(n_stops - 1) ? n_stops - 2 : (uint32_t)place;
    return mix(stops[low], stops[low + 1], place - (double)low);
}

wg_rgba wg_palette_pastel(uint32_t index) {
    static const wg_rgba pastel[WG_PALETTE_PASTELS] = {0xf8dcccffu, 0xcfe1f3ffu, 0xf7f1cdffu, 0xc4e6d9ffu,
                                                       0xf9dde4ffu, 0xe3eab9ffu, 0xdcd6efffu};
    return pastel[index % WG_PALETTE_PASTELS];
}

wg_rgba wg_palette_sequential(uint32_t index, uint32_t steps) {
    static const wg_rgba stops[] = {0xf4f1d6ffu, 0xb9dcc0ffu, 0x6fbcb9ffu, 0x4593bcffu, 0x3467a6ffu, 0x2b4382ffu};
    return ramp(stops, sizeof stops / sizeof *stops, steps < 2 ? 0.4 : (double)index / (double)(steps - 1));
}

wg_rgba wg_palette_diverging(uint32_t index, uint32_t steps) {
    static const wg_rgba stops[] = {0x2166acffu, 0x92c5deffu, 0xf7f7f2ffu, 0xf4b183ffu, 0xc2570cffu};
    return ramp(stops, sizeof stops / sizeof *stops, steps < 2 ? 0.5 : (double)index / (double)(steps - 1));
}

wg_rgba wg_palette_strong(uint32_t index) {
    static const wg_rgba strong[] = {0x0072b2ffu, 0xe69f00ffu, 0x009e73ffu, 0xcc79a7ffu,
                                     0x56b4e9ffu, 0xd55e00ffu, 0x8a8f98ffu};
    return strong[index % (sizeof strong / sizeof *strong)];
}

/* ------------------------------------------------------------------ neighbours */

typedef struct trace {
    uint64_t bucket;
    uint32_t row;
} trace;

typedef struct traces {
    trace *items;
    size_t n, capacity;
    double step, x0, y0;
    uint32_t row;
    bool failed;
} traces;

static void put_trace(traces *out, double x, double y) {
    if (!WG_RESERVE(out->items, out->capacity, out->n + 2)) {
        out->failed = true;
        return;
    }
    /* Two grids, half a square apart: lines nearer than half a square share a square of one of them. */
    for (uint32_t shifted = 0; shifted < 2; shifted++) {
        const double offset = shifted * 0.5;
        const uint64_t column = (uint64_t)((x - out->x0) / out->step + offset + 1.0);
        const uint64_t line = (uint64_t)((y - out->y0) / out->step + offset + 1.0);
        out->items[out->n++] = (trace){(column << 32) | (line << 1) | shifted, out->row};
    }
}

static void trace_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type;
    (void)part;
    (void)ring;
    traces *out = user;
    double from[2] = {0, 0};
    double to[2];
    for (uint32_t i = 0; i < n && !out->failed; i++) {
        wg_wkb_get(pairs, i, to);
        const double length = i == 0 ? 0.0 : hypot(to[0] - from[0], to[1] - from[1]);
        const uint32_t pieces = 1 + (uint32_t)(length / out->step);
        for (uint32_t k = 1; k <= pieces; k++) {
            const double at = (double)k / (double)pieces;
            put_trace(out, i == 0 ? to[0] : from[0] + at * (to[0] - from[0]),
                      i == 0 ? to[1] : from[1] + at * (to[1] - from[1]));
        }
        memcpy(from, to, sizeof from);
    }
}

static int by_bucket(const void *a, const void *b) {
    const trace *left = a;
    const trace *right = b;
    if (left->bucket != right->bucket) {
        return left->bucket < right->bucket ? -1 : 1;
    }
    return left->row == right->row ? 0 : left->row < right->row ? -1 : 1;
}

static int by_number(const void *a, const void *b) {
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;
    return left == right ? 0 : left < right ? -1 : 1;
}

typedef struct pairs {
    uint64_t *items; /**< (row << 32) | other row, both directions, sorted, without doubles */
    size_t n, capacity;
} pairs;

static wg_status collect_traces(wg_context *ctx, const wg_layer *polygons, traces *out) {
    double all[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (size_t row = 0; row < polygons->n; row++) {
        double bounds[4];
        size_t bytes;
        const void *wkb = wg_layer_wkb(polygons, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, bounds)) {
            all[0] = fmin(all[0], bounds[0]);
            all[1] = fmin(all[1], bounds[1]);
            all[2] = fmax(all[2], bounds[2]);
            all[3] = fmax(all[3], bounds[3]);
        }
    }
    if (!(all[2] > all[0]) && !(all[3] > all[1])) {
        return WG_OK;
    }
    out->x0 = all[0];
    out->y0 = all[1];
    out->step = fmax(all[2] - all[0], all[3] - all[1]) / 600.0;
    for (size_t row = 0; row < polygons->n; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(polygons, row, &bytes);
        out->row = (uint32_t)row;
        /* The visitor may write, but this one does not. */
        if (wkb != NULL && wg_wkb_visit((void *)(uintptr_t)wkb, bytes, trace_ring, out) != WG_OK) {
            return wg_layer_fail(ctx, polygons, row, WG_EDATA, "malformed geometry");
        }
    }
    return out->failed ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status pair_up(wg_context *ctx, traces *seen, pairs *out) {
    qsort(seen->items, seen->n, sizeof *seen->items, by_bucket);
    for (size_t first = 0; first < seen->n;) {
        size_t last = first;
        while (last < seen->n && seen->items[last].bucket == seen->items[first].bucket) {
            last++;
        }
        for (size_t i = first; i < last; i++) {
            if (i > first && seen->items[i].row == seen->items[i - 1].row) {
                continue;
            }
            for (size_t k = i + 1; k < last; k++) {
                if (seen->items[k].row == seen->items[k - 1].row) {
                    continue;
                }
                if (!WG_RESERVE(out->items, out->capacity, out->n + 2)) {
                    return wg_fail_memory(ctx);
                }
                out->items[out->n++] = ((uint64_t)seen->items[i].row << 32) | seen->items[k].row;
                out->items[out->n++] = ((uint64_t)seen->items[k].row << 32) | seen->items[i].row;
            }
        }
        first = last;
    }
    if (out->n > 1) { /* qsort takes no NULL */
        qsort(out->items, out->n, sizeof *out->items, by_number);
    }
    size_t kept = 0;
    for (size_t i = 0; i < out->n; i++) {
        if (i == 0 || out->items[i] != out->items[kept - 1]) {
            out->items[kept++] = out->items[i];
        }
    }
    out->n = kept;
    return WG_OK;
}

static uint32_t bits(uint32_t mask) {
    uint32_t count = 0;
    for (; mask != 0; mask &= mask - 1) {
        count++;
    }
    return count;
}

/** The colour that fewest coloured neighbours have; among equals the one used least so far. */
static uint32_t choose(const pairs *neighbours, size_t first, size_t last, const uint32_t *colour, const size_t *used) {
    size_t near[WG_PALETTE_PASTELS] = {0};
    for (size_t i = first; i < last; i++) {
        const uint32_t other = colour[neighbours->items[i] & UINT32_MAX];
        if (other != WG_UNASSIGNED) {
            near[other]++;
        }
    }
    uint32_t best = 0;
    for (uint32_t c = 1; c < WG_PALETTE_PASTELS; c++) {
        if (near[c] < near[best] || (near[c] == near[best] && used[c] < used[best])) {
            best = c;
        }
    }
    return best;
}

static wg_status colour_rows(wg_context *ctx, size_t n, const pairs *neighbours, uint32_t *colour) {
    wg_status status = WG_OK;
    size_t used[WG_PALETTE_PASTELS] = {0};
    size_t *first = wg_calloc(n + 1, sizeof *first);
    uint32_t *seen = wg_calloc(n, sizeof *seen);
    if (first == NULL || seen == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t i = 0; i < neighbours->n; i++) {
        first[(neighbours->items[i] >> 32) + 1]++;
    }
    for (size_t row = 0; row < n; row++) {
        first[row + 1] += first[row];
        colour[row] = WG_UNASSIGNED;
    }
    for (size_t step = 0; step < n; step++) {
        size_t pick = SIZE_MAX;
        for (size_t row = 0; row < n; row++) {
            if (colour[row] != WG_UNASSIGNED) {
                continue;
            }
            const uint32_t had = pick == SIZE_MAX ? 0 : bits(seen[pick]);
            const uint32_t has = bits(seen[row]);
            if (pick == SIZE_MAX || has > had ||
                (has == had && first[row + 1] - first[row] > first[pick + 1] - first[pick])) {
                pick = row;
            }
        }
        colour[pick] = choose(neighbours, first[pick], first[pick + 1], colour, used);
        used[colour[pick]]++;
        for (size_t i = first[pick]; i < first[pick + 1]; i++) {
            seen[neighbours->items[i] & UINT32_MAX] |= 1u << colour[pick];
        }
    }
done:
    free(first);
    free(seen);
    return status;
}

enum { BRELAZ_MOST = 20000 }; /* above it the quadratic choice of the next polygon would show */

wg_status wg_palette_neighbours(wg_context *ctx, const wg_layer *polygons, uint32_t *colour) {
    wg_status status = WG_OK;
    traces seen = {0};
    pairs neighbours = {0};
    if (polygons->n > BRELAZ_MOST) {
        for (size_t row = 0; row < polygons->n; row++) {
            colour[row] = (uint32_t)(wg_hash_u64(row) % WG_PALETTE_PASTELS);
        }
        return WG_OK;
    }
    WG_TRY(collect_traces(ctx, polygons, &seen));
    WG_TRY(pair_up(ctx, &seen, &neighbours));
    WG_TRY(colour_rows(ctx, polygons->n, &neighbours, colour));
done:
    free(seen.items);
    free(neighbours.items);
    return status;
}

/* ------------------------------------------------------------------ classes */

static int by_value(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

/** `value` rounded up to two significant digits. */
static double round_up(double value) {
    if (value == 0.0) {
        return 0.0;
    }
    const double unit = pow(10.0, floor(log10(fabs(value))) - 1.0);
    return ceil(value / unit - 1e-9) * unit;
}

uint32_t wg_classes_quantile(const double *values, size_t n, uint32_t steps, double *upper) {
    double *sorted = wg_malloc(n, sizeof *sorted);
    if (sorted == NULL) {
        return 0;
    }
    size_t known = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(values[i])) {
            sorted[known++] = values[i];
        }
    }
    qsort(sorted, known, sizeof *sorted, by_value);
    uint32_t classes = 0;
    for (uint32_t step = 1; step <= steps && known > 0; step++) {
        const size_t last = known * step / steps;
        const double exact = sorted[last > 0 ? last - 1 : 0];
        const double end = step == steps ? sorted[known - 1] : fmin(round_up(exact), sorted[known - 1]);
        if (classes == 0 || end > upper[classes - 1]) {
            upper[classes++] = end;
        }
    }
    free(sorted);
    return classes;
}

uint32_t wg_class_of(double value, const double *upper, uint32_t n_classes) {
    if (isnan(value)) {
        return WG_UNASSIGNED;
    }
    for (uint32_t i = 0; i < n_classes; i++) {
        if (value <= upper[i]) {
            return i;
        }
    }
    return n_classes == 0 ? WG_UNASSIGNED : n_classes - 1;
}
