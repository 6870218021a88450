/* Service points: the nearest facility of each building, by a grid of buckets searched in rings. */
#include <math.h>
#include <string.h>

#include "model/wkb.h"
#include "report/report.h"

/** Facilities in square buckets. */
typedef struct grid {
    double x0, y0, size;
    uint32_t columns, lines;
    uint32_t *start; /**< columns * lines + 1 */
    uint32_t *item;  /**< rows of facilities */
    double *xy;      /**< centroids; NAN without geometry */
} grid;

static uint32_t bucket_of(const grid *g, double x, double y) {
    const double column = fmin(fmax(floor((x - g->x0) / g->size), 0.0), g->columns - 1.0);
    const double line = fmin(fmax(floor((y - g->y0) / g->size), 0.0), g->lines - 1.0);
    return (uint32_t)line * g->columns + (uint32_t)column;
}

static wg_status build_grid(wg_context *ctx, const wg_layer *facilities, grid *g) {
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    g->xy = wg_malloc(2 * facilities->n, sizeof *g->xy);
    g->item = wg_malloc(facilities->n, sizeof *g->item);
    if (g->xy == NULL || g->item == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < facilities->n; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(facilities, row, &bytes);
        double *xy = &g->xy[2 * row];
        if (wkb == NULL || !wg_wkb_centroid(wkb, bytes, xy)) {
            xy[0] = xy[1] = NAN;
            continue;
        }
        box[0] = fmin(box[0], xy[0]);
        box[1] = fmin(box[1], xy[1]);
        box[2] = fmax(box[2], xy[0]);
        box[3] = fmax(box[3], xy[1]);
    }
    g->x0 = box[0];
    g->y0 = box[1];
    const double extent = box[0] <= box[2] ? fmax(fmax(box[2] - box[0], box[3] - box[1]), 1.0) : 1.0;
    const double across = fmin(fmax(sqrt((double)facilities->n), 1.0), 1000.0);
    g->size = extent / across;
    g->columns = box[0] <= box[2] ? (uint32_t)((box[2] - box[0]) / g->size) + 1 : 1;
    g->lines = box[0] <= box[2] ? (uint32_t)((box[3] - box[1]) / g->size) + 1 : 1;
    g->start = wg_calloc((size_t)g->columns * g->lines + 1, sizeof *g->start);
    if (g->start == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < facilities->n; row++) {
        if (!isnan(g->xy[2 * row])) {
            g->start[bucket_of(g, g->xy[2 * row], g->xy[2 * row + 1]) + 1]++;
        }
    }
    for (size_t i = 0; i < (size_t)g->columns * g->lines; i++) {
        g->start[i + 1] += g->start[i];
    }
    for (size_t row = facilities->n;
         row-- > 0;) { /* backwards: the starts move down to where they belong, rows ascend */
        if (!isnan(g->xy[2 * row])) {
            const uint32_t bucket = bucket_of(g, g->xy[2 * row], g->xy[2 * row + 1]);
            g->item[--g->start[bucket + 1]] = (uint32_t)row;
        }
    }
    /* Each start was moved to its bucket's first item, one slot late. */
    memmove(g->start, g->start + 1, (size_t)g->columns * g->lines * sizeof *g->start);
    uint32_t count = 0;
    for (size_t row = 0; row < facilities->n; row++) {
        count += isnan(g->xy[2 * row]) ? 0 : 1;
    }
    g->start[(size_t)g->columns * g->lines] = count;
    return WG_OK;
}

static void look_into(const grid *g, int64_t column, int64_t line, double x, double y, double *best, uint32_t *row) {
    if (column < 0 || line < 0 || column >= g->columns || line >= g->lines) {
        return;
    }
    const size_t bucket = (size_t)line * g->columns + (size_t)column;
    for (uint32_t i = g->start[bucket]; i < g->start[bucket + 1]; i++) {
        const uint32_t at = g->item[i];
        const double distance = hypot(g->xy[2 * (size_t)at] - x, g->xy[2 * (size_t)at + 1] - y);
        if (distance < *best || (distance == *best && at < *row)) {
            *best = distance;
            *row = at;
        }
    }
}

/** Rings of buckets around the point until no nearer one can follow. */
static double nearest(const grid *g, double x, double y, uint32_t *row) {
    double best = INFINITY;
    *row = WG_UNASSIGNED;
    const int64_t column = (int64_t)floor((x - g->x0) / g->size);
    const int64_t line = (int64_t)floor((y - g->y0) / g->size);
    /* Rings that cannot reach the grid are skipped. */
    const int64_t away_x = column < 0 ? -column : column >= g->columns ? column - g->columns + 1 : 0;
    const int64_t away_y = line < 0 ? -line : line >= g->lines ? line - g->lines + 1 : 0;
    const int64_t begin = away_x > away_y ? away_x : away_y;
    const int64_t end = begin + (g->columns > g->lines ? g->columns : g->lines) + 1;
    for (int64_t ring = begin; ring <= end; ring++) {
        if ((double)(ring - 1) * g->size > best) {
            break;
        }
        for (int64_t k = -ring; k <= ring; k++) {
            look_into(g, column + k, line - ring, x, y, &best, row);
            if (ring > 0) {
                look_into(g, column + k, line + ring, x, y, &best, row);
            }
            if (k > -ring && k < ring) {
                look_into(g, column - ring, line + k, x, y, &best, row);
                look_into(g, column + ring, line + k, x, y, &best, row);
            }
        }
    }
    return best;
}

wg_status wg_report_gather_service(wg_context *ctx, wg_report_model *report) {
    const wg_report_input *in = report->input;
    const wg_layer *buildings = in->buildings;
    wg_status status = WG_OK;
    grid g = {0};
    if (!report->has_service || !report->has_buildings) {
        return WG_OK;
    }
    report->svc_nearest = wg_malloc(buildings->n, sizeof *report->svc_nearest);
    report->svc_facility = wg_malloc(buildings->n, sizeof *report->svc_facility);
    if (report->svc_nearest == NULL || report->svc_facility == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(build_grid(ctx, in->service.facilities, &g));
    for (size_t row = 0; row < buildings->n; row++) {
        size_t bytes;
        double xy[2];
        const void *wkb = wg_layer_wkb(buildings, row, &bytes);
        report->svc_nearest[row] = NAN;
        report->svc_facility[row] = WG_UNASSIGNED;
        if (wkb == NULL || !wg_wkb_centroid(wkb, bytes, xy)) {
            continue;
        }
        const double distance = nearest(&g, xy[0], xy[1], &report->svc_facility[row]);
        report->svc_nearest[row] = isinf(distance) ? NAN : distance;
    }
done:
    free(g.start);
    free(g.item);
    free(g.xy);
    return status;
}
