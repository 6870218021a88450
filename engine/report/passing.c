#include "report/passing.h"

#include <math.h>
#include <string.h>

#include "model/wkb.h"

enum { BUCKETS_MOST = 4000 }; /* along one side */

struct wg_passing {
    const wg_layer *buildings;
    double reach, size, x0, y0;
    uint32_t columns, lines;
    uint32_t *start, *item; /**< rows of buildings by bucket; a building is in every bucket that its box touches */
    double *box;            /**< four a building; NAN without geometry */
    uint32_t *seen, stamp;  /**< a building: the last query that looked at it */
    uint32_t *found;
    size_t n_found, found_capacity;
};

/** Range of buckets that a box touches. */
typedef struct range {
    uint32_t c0, c1, l0, l1;
} range;

static uint32_t clamp(double value, uint32_t n) {
    return value <= 0.0 ? 0 : value >= n - 1.0 ? n - 1 : (uint32_t)value;
}

static range range_of(const wg_passing *p, double x0, double y0, double x1, double y1) {
    return (range){clamp((x0 - p->x0) / p->size, p->columns), clamp((x1 - p->x0) / p->size, p->columns),
                   clamp((y0 - p->y0) / p->size, p->lines), clamp((y1 - p->y0) / p->size, p->lines)};
}

static wg_status measure(wg_context *ctx, wg_passing *p) {
    double all[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    const size_t n = p->buildings->n;
    p->box = wg_malloc(4 * n, sizeof *p->box);
    p->seen = wg_calloc(n, sizeof *p->seen);
    if (p->box == NULL || p->seen == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < n; row++) {
        size_t bytes;
        double *box = &p->box[4 * row];
        const void *wkb = wg_layer_wkb(p->buildings, row, &bytes);
        if (wkb == NULL || !wg_wkb_bounds(wkb, bytes, box)) {
            box[0] = NAN;
            continue;
        }
        all[0] = fmin(all[0], box[0]);
        all[1] = fmin(all[1], box[1]);
        all[2] = fmax(all[2], box[2]);
        all[3] = fmax(all[3], box[3]);
    }
    const bool any = all[0] <= all[2];
    const double extent = any ? fmax(all[2] - all[0], all[3] - all[1]) : 1.0;
    p->size = fmax(fmax(50.0, 2.0 * p->reach), extent / BUCKETS_MOST);
    p->x0 = any ? all[0] : 0.0;
    p->y0 = any ? all[1] : 0.0;
    p->columns = any ? (uint32_t)((all[2] - all[0]) / p->size) + 1 : 1;
    p->lines = any ? (uint32_t)((all[3] - all[1]) / p->size) + 1 : 1;
    return WG_OK;
}

/** Two passes: count, then put down. */
static wg_status fill(wg_context *ctx, wg_passing *p) {
    const size_t buckets = (size_t)p->columns * p->lines;
    uint32_t *next = NULL;
    p->start = wg_calloc(buckets + 1, sizeof *p->start);
    if (p->start == NULL) {
        return wg_fail_memory(ctx);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t row = 0; row < p->buildings->n; row++) {
            const double *box = &p->box[4 * row];
            if (isnan(box[0])) {
                continue;
            }
            const range r = range_of(p, box[0], box[1], box[2], box[3]);
            for (uint32_t line = r.l0; line <= r.l1; line++) {
                for (uint32_t column = r.c0; column <= r.c1; column++) {
                    const size_t bucket = (size_t)line * p->columns + column;
                    if (pass == 0) {
                        p->start[bucket + 1]++;
                    } else {
                        p->item[next[bucket]++] = (uint32_t)row;
                    }
                }
            }
        }
        if (pass == 0) {
            for (size_t i = 0; i < buckets; i++) {
                p->start[i + 1] += p->start[i];
            }
            p->item = wg_malloc(p->start[buckets], sizeof *p->item);
            next = wg_malloc(buckets, sizeof *next);
            if (p->item == NULL || next == NULL) {
                free(next);
                return wg_fail_memory(ctx);
            }
            memcpy(next, p->start, buckets * sizeof *next);
        }
    }
    free(next);
    return WG_OK;
}

wg_status wg_passing_new(wg_context *ctx, const wg_layer *buildings, double reach_m, wg_passing **passing) {
    wg_status status = WG_OK;
    *passing = NULL;
    wg_passing *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->buildings = buildings;
    made->reach = reach_m;
    WG_TRY(measure(ctx, made));
    WG_TRY(fill(ctx, made));
    *passing = made;
    return WG_OK;
done:
    wg_passing_free(made);
    return status;
}

void wg_passing_free(wg_passing *passing) {
    if (passing != NULL) {
        free(passing->start);
        free(passing->item);
        free(passing->box);
        free(passing->seen);
        free(passing->found);
        free(passing);
    }
}

/* ------------------------------------------------------------------ distances */

static double point_to_segment(const double p[2], const double a[2], const double b[2]) {
    const double dx = b[0] - a[0];
    const double dy = b[1] - a[1];
    const double squared = dx * dx + dy * dy;
    const double at = squared > 0.0 ? fmin(1.0, fmax(0.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / squared)) : 0.0;
    return hypot(a[0] + at * dx - p[0], a[1] + at * dy - p[1]);
}

static double side_of(const double a[2], const double b[2], const double p[2]) {
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

static double between_segments(const double a[2], const double b[2], const double c[2], const double d[2]) {
    if (side_of(a, b, c) * side_of(a, b, d) < 0.0 && side_of(c, d, a) * side_of(c, d, b) < 0.0) {
        return 0.0;
    }
    return fmin(fmin(point_to_segment(a, c, d), point_to_segment(b, c, d)),
                fmin(point_to_segment(c, a, b), point_to_segment(d, a, b)));
}

typedef struct probe {
    const double *from, *to;
    double least;
    bool inside;
} probe;

static void measure_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)ring;
    probe *p = user;
    double a[2];
    double b[2];
    for (uint32_t i = 0; i < n; i++) {
        wg_wkb_get(pairs, i, b);
        if (i == 0 && n == 1) {
            p->least = fmin(p->least, point_to_segment(b, p->from, p->to));
        } else if (i > 0) {
            p->least = fmin(p->least, between_segments(p->from, p->to, a, b));
            if (type == WG_WKB_POLYGON && (a[1] > p->from[1]) != (b[1] > p->from[1]) &&
                p->from[0] < a[0] + (p->from[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1])) {
                p->inside = !p->inside;
            }
        }
        memcpy(a, b, sizeof a);
    }
}

static int by_row(const void *a, const void *b) {
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static wg_status look_at(wg_context *ctx, wg_passing *p, uint32_t row, const double from[2], const double to[2]) {
    size_t bytes;
    const double *box = &p->box[4 * (size_t)row];
    const void *wkb = wg_layer_wkb(p->buildings, row, &bytes);
    if (fmin(from[0], to[0]) > box[2] + p->reach || fmax(from[0], to[0]) < box[0] - p->reach ||
        fmin(from[1], to[1]) > box[3] + p->reach || fmax(from[1], to[1]) < box[1] - p->reach) {
        return WG_OK;
    }
    probe found = {from, to, INFINITY, false};
    /* The visitor may write, but this one does not. */
    (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, measure_run, &found);
    if (!found.inside && found.least > p->reach) {
        return WG_OK;
    }
    if (!WG_RESERVE(p->found, p->found_capacity, p->n_found + 1)) {
        return wg_fail_memory(ctx);
    }
    p->found[p->n_found++] = row;
    return WG_OK;
}

wg_status wg_passing_along(wg_context *ctx, wg_passing *p, const double from[2], const double to[2],
                           wg_passed_fn passed, void *user) {
    const range r = range_of(p, fmin(from[0], to[0]) - p->reach, fmin(from[1], to[1]) - p->reach,
                             fmax(from[0], to[0]) + p->reach, fmax(from[1], to[1]) + p->reach);
    p->stamp++;
    p->n_found = 0;
    for (uint32_t line = r.l0; line <= r.l1; line++) {
        for (uint32_t column = r.c0; column <= r.c1; column++) {
            const size_t bucket = (size_t)line * p->columns + column;
            for (uint32_t i = p->start[bucket]; i < p->start[bucket + 1]; i++) {
                const uint32_t row = p->item[i];
                if (p->seen[row] == p->stamp) {
                    continue;
                }
                p->seen[row] = p->stamp;
                const wg_status status = look_at(ctx, p, row, from, to);
                if (status != WG_OK) {
                    return status;
                }
            }
        }
    }
    qsort(p->found, p->n_found, sizeof *p->found, by_row);
    for (size_t i = 0; i < p->n_found; i++) {
        passed(p->found[i], user);
    }
    return WG_OK;
}
