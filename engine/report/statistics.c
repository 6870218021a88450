#include "report/statistics.h"

#include <math.h>
#include <string.h>

#include "model/layer.h"
#include "model/wkb.h"

static int by_value(const void *a, const void *b) {
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

void wg_sort_doubles(double *values, size_t n) {
    qsort(values, n, sizeof *values, by_value);
}

/** A sorted copy without NaN. */
static double *sorted_known(const double *values, size_t n, size_t *known) {
    double *copy = wg_malloc(n, sizeof *copy);
    *known = 0;
    for (size_t i = 0; copy != NULL && i < n; i++) {
        if (!isnan(values[i])) {
            copy[(*known)++] = values[i];
        }
    }
    if (copy != NULL) {
        wg_sort_doubles(copy, *known);
    }
    return copy;
}

wg_status wg_evenness_of(wg_context *ctx, const double *values, size_t n, wg_evenness *evenness) {
    *evenness = (wg_evenness){.mean = NAN, .min = NAN, .max = NAN, .cv = NAN, .gini = NAN, .ratio = NAN};
    double *sorted = sorted_known(values, n, &evenness->n);
    if (sorted == NULL) {
        return wg_fail_memory(ctx);
    }
    const size_t known = evenness->n;
    if (known > 0) {
        double weighted = 0.0;
        for (size_t i = 0; i < known; i++) {
            evenness->sum += sorted[i];
            weighted += (double)(i + 1) * sorted[i];
        }
        const double mean = evenness->sum / (double)known;
        double squares = 0.0;
        for (size_t i = 0; i < known; i++) {
            squares += (sorted[i] - mean) * (sorted[i] - mean);
        }
        evenness->mean = mean;
        evenness->min = sorted[0];
        evenness->max = sorted[known - 1];
        evenness->cv = mean > 0.0 ? sqrt(squares / (double)known) / mean : NAN;
        if (evenness->sum > 0.0 && sorted[0] >= 0.0) {
            evenness->gini = 2.0 * weighted / ((double)known * evenness->sum) - (double)(known + 1) / (double)known;
        }
        evenness->ratio = sorted[0] > 0.0 ? sorted[known - 1] / sorted[0] : NAN;
    }
    free(sorted);
    return WG_OK;
}

double wg_quantile_sorted(const double *sorted, size_t n, double q) {
    if (n == 0) {
        return NAN;
    }
    const double place = q * (double)(n - 1);
    const size_t low = (size_t)place;
    const double part = place - (double)low;
    return low + 1 < n ? sorted[low] + part * (sorted[low + 1] - sorted[low]) : sorted[n - 1];
}

/* ------------------------------------------------------------------ ranks */

typedef struct ranked {
    double value;
    size_t index;
} ranked;

static int by_rank(const void *a, const void *b) {
    const ranked *left = a;
    const ranked *right = b;
    if (left->value != right->value) {
        return left->value < right->value ? -1 : 1;
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

wg_status wg_ranks(wg_context *ctx, const double *values, size_t n, bool descending, uint32_t *rank) {
    ranked *order = wg_malloc(n, sizeof *order);
    if (order == NULL) {
        return wg_fail_memory(ctx);
    }
    size_t known = 0;
    for (size_t i = 0; i < n; i++) {
        rank[i] = 0;
        if (!isnan(values[i])) {
            order[known++] = (ranked){descending ? -values[i] : values[i], i};
        }
    }
    qsort(order, known, sizeof *order, by_rank);
    for (size_t i = 0; i < known; i++) {
        const bool tie = i > 0 && order[i].value == order[i - 1].value;
        rank[order[i].index] = tie ? rank[order[i - 1].index] : (uint32_t)(i + 1);
    }
    free(order);
    return WG_OK;
}

/* ------------------------------------------------------------------ neighbours */

/** An edge of a ring in millimetres, the lower end first. */
typedef struct side {
    int64_t x0, y0, x1, y1;
    uint32_t cell;
} side;

typedef struct sides {
    side *items;
    size_t n, capacity;
    uint32_t cell;
    bool failed;
} sides;

static void put_sides(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type;
    (void)part;
    (void)ring;
    sides *out = user;
    if (out->failed || !WG_RESERVE(out->items, out->capacity, out->n + n)) {
        out->failed = true;
        return;
    }
    int64_t last[2] = {0, 0};
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        const int64_t now[2] = {(int64_t)llround(xy[0] * 1000.0), (int64_t)llround(xy[1] * 1000.0)};
        const bool swap = now[0] < last[0] || (now[0] == last[0] && now[1] < last[1]);
        if (i > 0 && (now[0] != last[0] || now[1] != last[1])) {
            out->items[out->n++] = swap ? (side){now[0], now[1], last[0], last[1], out->cell}
                                        : (side){last[0], last[1], now[0], now[1], out->cell};
        }
        memcpy(last, now, sizeof last);
    }
}

static int compare_i64(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

static int same_side(const side *a, const side *b) {
    const int x0 = compare_i64(a->x0, b->x0);
    const int y0 = compare_i64(a->y0, b->y0);
    const int x1 = compare_i64(a->x1, b->x1);
    return x0 != 0 ? x0 : y0 != 0 ? y0 : x1 != 0 ? x1 : compare_i64(a->y1, b->y1);
}

static int by_side(const void *a, const void *b) {
    const int order = same_side(a, b);
    const uint32_t left = ((const side *)a)->cell;
    const uint32_t right = ((const side *)b)->cell;
    return order != 0 ? order : left < right ? -1 : left > right;
}

static int by_pair(const void *a, const void *b) {
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/** Both directions of every pair of cells on one side, as (cell << 32) | other. */
static bool pair_cells(const sides *all, uint64_t **pairs, size_t *n_pairs) {
    size_t capacity = 0;
    for (size_t first = 0; first < all->n;) {
        size_t last = first + 1;
        while (last < all->n && same_side(&all->items[first], &all->items[last]) == 0) {
            last++;
        }
        for (size_t i = first; i < last; i++) {
            for (size_t k = first; k < last; k++) {
                if (all->items[i].cell == all->items[k].cell) {
                    continue;
                }
                if (!WG_RESERVE(*pairs, capacity, *n_pairs + 1)) {
                    return false;
                }
                (*pairs)[(*n_pairs)++] = ((uint64_t)all->items[i].cell << 32) | all->items[k].cell;
            }
        }
        first = last;
    }
    return true;
}

wg_status wg_neighbours_of(wg_context *ctx, const wg_layer *cells, wg_neighbours *neighbours) {
    wg_status status = WG_OK;
    sides all = {0};
    uint64_t *pairs = NULL;
    size_t n_pairs = 0;
    *neighbours = (wg_neighbours){.n = (uint32_t)cells->n};
    for (size_t row = 0; row < cells->n; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(cells, row, &bytes);
        all.cell = (uint32_t)row;
        /* The visitor may write, but this one does not. */
        if (wkb != NULL && wg_wkb_visit((void *)(uintptr_t)wkb, bytes, put_sides, &all) != WG_OK) {
            WG_TRY(wg_layer_fail(ctx, cells, row, WG_EDATA, "malformed geometry"));
        }
    }
    if (!all.failed && all.n > 1) { /* qsort takes no NULL */
        qsort(all.items, all.n, sizeof *all.items, by_side);
    }
    neighbours->start = wg_calloc(cells->n + 1, sizeof *neighbours->start);
    if (all.failed || neighbours->start == NULL || !pair_cells(&all, &pairs, &n_pairs)) {
        WG_TRY(wg_fail_memory(ctx));
    }
    if (n_pairs > 1) {
        qsort(pairs, n_pairs, sizeof *pairs, by_pair);
    }
    neighbours->to = wg_malloc(n_pairs, sizeof *neighbours->to);
    if (neighbours->to == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    uint32_t kept = 0;
    for (size_t i = 0; i < n_pairs; i++) {
        if (i == 0 || pairs[i] != pairs[i - 1]) {
            neighbours->to[kept++] = (uint32_t)(pairs[i] & UINT32_MAX);
            neighbours->start[(pairs[i] >> 32) + 1]++;
        }
    }
    for (size_t i = 0; i < cells->n; i++) {
        neighbours->start[i + 1] += neighbours->start[i];
    }
done:
    free(all.items);
    free(pairs);
    if (status != WG_OK) {
        wg_neighbours_release(neighbours);
    }
    return status;
}

void wg_neighbours_release(wg_neighbours *neighbours) {
    free(neighbours->start);
    free(neighbours->to);
    *neighbours = (wg_neighbours){0};
}

/* ------------------------------------------------------------------ hot spots */

wg_status wg_hot_spots(wg_context *ctx, const double *values, const wg_neighbours *neighbours, double *z) {
    (void)ctx;
    double sum = 0.0;
    double squares = 0.0;
    double n = 0.0;
    for (uint32_t i = 0; i < neighbours->n; i++) {
        z[i] = NAN;
        if (!isnan(values[i])) {
            sum += values[i];
            n += 1.0;
        }
    }
    const double mean = n > 0.0 ? sum / n : 0.0;
    for (uint32_t i = 0; i < neighbours->n; i++) {
        squares += isnan(values[i]) ? 0.0 : (values[i] - mean) * (values[i] - mean);
    }
    const double deviation = n > 0.0 ? sqrt(squares / n) : 0.0;
    if (n < 3.0 || !(deviation > 1e-12 * fabs(mean))) {
        return WG_OK;
    }
    for (uint32_t i = 0; i < neighbours->n; i++) {
        if (isnan(values[i])) {
            continue;
        }
        double local = values[i];
        double weight = 1.0;
        for (uint32_t k = neighbours->start[i]; k < neighbours->start[i + 1]; k++) {
            const double other = values[neighbours->to[k]];
            if (!isnan(other)) {
                local += other;
                weight += 1.0;
            }
        }
        const double spread = (n * weight - weight * weight) / (n - 1.0);
        if (spread > 0.0) {
            z[i] = (local - mean * weight) / (deviation * sqrt(spread));
        }
    }
    return WG_OK;
}

double wg_p_of_z(double z) {
    return isnan(z) ? NAN : erfc(fabs(z) / sqrt(2.0));
}

wg_status wg_false_discovery(wg_context *ctx, const double *p, size_t n, double q, bool *significant) {
    size_t known;
    double *sorted = sorted_known(p, n, &known);
    if (sorted == NULL) {
        return wg_fail_memory(ctx);
    }
    double limit = -1.0;
    for (size_t i = 0; i < known; i++) {
        if (sorted[i] <= q * (double)(i + 1) / (double)known) {
            limit = sorted[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        significant[i] = p[i] <= limit;
    }
    free(sorted);
    return WG_OK;
}

/* ------------------------------------------------------------------ workers */

/** The cell that needs a worker more: a binary heap's order. */
static bool needs_more(const double *load, const double *fte, const uint32_t *added, uint32_t a, uint32_t b) {
    const double fte_a = fte[a] + added[a];
    const double fte_b = fte[b] + added[b];
    const bool alone_a = fte_a <= 0.0 && load[a] > 0.0;
    const bool alone_b = fte_b <= 0.0 && load[b] > 0.0;
    if (alone_a != alone_b) {
        return alone_a;
    }
    const double need_a = alone_a || fte_a <= 0.0 ? load[a] : load[a] / fte_a;
    const double need_b = alone_b || fte_b <= 0.0 ? load[b] : load[b] / fte_b;
    return need_a != need_b ? need_a > need_b : a < b;
}

static void sift_down(uint32_t *heap, size_t n, size_t at, const double *load, const double *fte,
                      const uint32_t *added) {
    for (;;) {
        size_t best = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++) {
            if (needs_more(load, fte, added, heap[child], heap[best])) {
                best = child;
            }
        }
        if (best == at) {
            return;
        }
        const uint32_t swap = heap[at];
        heap[at] = heap[best];
        heap[best] = swap;
        at = best;
    }
}

wg_status wg_place_workers(wg_context *ctx, const double *load, const double *fte, size_t n, uint32_t more,
                           uint32_t *added) {
    uint32_t *heap = wg_malloc(n, sizeof *heap);
    if (heap == NULL) {
        return wg_fail_memory(ctx);
    }
    size_t known = 0;
    for (size_t i = 0; i < n; i++) {
        added[i] = 0;
        if (load[i] > 0.0) {
            heap[known++] = (uint32_t)i;
        }
    }
    for (size_t i = known / 2; i-- > 0;) {
        sift_down(heap, known, i, load, fte, added);
    }
    for (uint32_t i = 0; i < more && known > 0; i++) {
        added[heap[0]]++;
        sift_down(heap, known, 0, load, fte, added);
    }
    free(heap);
    return WG_OK;
}
