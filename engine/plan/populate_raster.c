/* Counts of a raster: each pixel's people go to the dwellings in it, those of an empty pixel to the nearest pixel that
 * has some. */
#include <math.h>
#include <string.h>

#include "crs/crs.h"
#include "plan/populate.h"

/** Bounds of the buildings' middles, which are in the raster's CRS. */
static bool bounds_of(const double *xy, size_t n, double b[4]) {
    b[0] = b[1] = INFINITY;
    b[2] = b[3] = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 2 && isfinite(xy[2 * i]); k++) {
            b[k] = fmin(b[k], xy[2 * i + k]);
            b[k + 2] = fmax(b[k + 2], xy[2 * i + k]);
        }
    }
    return b[0] <= b[2];
}

/** Pixel of each building in the window, SIZE_MAX outside; sums of weight a pixel. */
static void locate(const wg_spread *p, const wg_raster *raster, const double *xy, size_t *pixel, double *weight) {
    const double *t = raster->to_pixel;
    for (size_t i = 0; i < p->source->n; i++) {
        const double x = xy[2 * i], y = xy[2 * i + 1];
        const double column = floor(t[0] + t[1] * x + t[2] * y) - (double)raster->first_column;
        const double row = floor(t[3] + t[4] * x + t[5] * y) - (double)raster->first_row;
        pixel[i] = SIZE_MAX;
        if (column >= 0.0 && row >= 0.0 && column < (double)raster->window_columns &&
            row < (double)raster->window_rows) {
            pixel[i] = (size_t)row * (size_t)raster->window_columns + (size_t)column;
            weight[pixel[i]] += p->weight[i];
        }
    }
}

/**
 * Move the counts of pixels without dwellings to the nearest pixel that has some: a two-pass sweep that carries the
 * nearest dwelling pixel along (Danielsson 1980), O(pixels).
 */
static wg_status move_empty(wg_context *ctx, const wg_raster *raster, const double *weight, double *count) {
    const int64_t columns = raster->window_columns, rows = raster->window_rows;
    const size_t n = (size_t)(columns * rows);
    int64_t *nearest = wg_malloc(n, sizeof *nearest);
    if (nearest == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        nearest[i] = weight[i] > 0.0 ? (int64_t)i : -1;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t step = 0; step < (int64_t)n; step++) {
            const int64_t at = pass == 0 ? step : (int64_t)n - 1 - step;
            const int64_t column = at % columns, row = at / columns, d = pass == 0 ? -1 : 1;
            const int64_t neighbour[4][2] = {
                {column + d, row}, {column, row + d}, {column + d, row + d}, {column - d, row + d}};
            for (int k = 0; k < 4; k++) {
                const int64_t c = neighbour[k][0], r = neighbour[k][1];
                if (c < 0 || r < 0 || c >= columns || r >= rows || nearest[r * columns + c] < 0) {
                    continue;
                }
                const int64_t candidate = nearest[r * columns + c];
                const int64_t dx = candidate % columns - column, dy = candidate / columns - row;
                const int64_t now = nearest[at];
                const int64_t ox = now < 0 ? 0 : now % columns - column, oy = now < 0 ? 0 : now / columns - row;
                if (now < 0 || dx * dx + dy * dy < ox * ox + oy * oy) {
                    nearest[at] = candidate;
                }
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (!(weight[i] > 0.0) && nearest[i] >= 0 && raster->value[i] > 0.0) {
            count[nearest[i]] += raster->value[i];
        } else if (weight[i] > 0.0) {
            count[i] += raster->value[i];
        }
    }
    free(nearest);
    return WG_OK;
}

static wg_status spread_all(wg_context *ctx, wg_spread *p, int figure, double total) {
    size_t *rows = wg_calloc(p->source->n, sizeof *rows);
    if (rows == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < p->source->n; i++) {
        rows[i] = i;
    }
    wg_status status = wg_populate_make(ctx, p, figure);
    if (status == WG_OK) {
        status = wg_populate_spread(ctx, p, figure, total, rows, p->source->n, p->totals_label);
    }
    free(rows);
    return status;
}

/** People and households by the expected values, whole, so that the sums are right and known figures stay. */
static wg_status settle(wg_context *ctx, wg_spread *p, const double *expected) {
    double sum = 0.0;
    for (size_t i = 0; i < p->source->n; i++) {
        sum += expected[i];
        const double own = p->known[1] == NULL ? NAN : p->known[1][i];
        if (!isnan(own)) {
            p->compared++;
            p->compare_sum += own;
            p->compare_abs += fabs(expected[i] - own);
        }
    }
    if (!(sum > 0.0)) {
        return wg_fail(ctx, WG_EDATA, "%s: the raster counts nobody where the buildings are", p->totals_label);
    }
    memcpy(p->weight, expected, p->source->n * sizeof *expected);
    wg_status status = spread_all(ctx, p, 1, round(sum));
    if (status == WG_OK) {
        status = spread_all(ctx, p, 0, round(sum / p->people_per_household));
    }
    for (size_t i = 0; i < p->source->n; i++) {
        p->from[i] = p->from[i] == WG_FROM_ZONE ? WG_FROM_RASTER : p->from[i];
    }
    return status;
}

wg_status wg_populate_raster(wg_context *ctx, wg_spread *p) {
    const wg_input *totals = &p->options->totals;
    wg_raster raster = {0};
    const size_t n = p->source->n;
    double *xy = wg_calloc(n, 2 * sizeof *xy), *expected = wg_calloc(n, sizeof *expected), *weight = NULL,
           *count = NULL, b[4];
    size_t *pixel = wg_calloc(n, sizeof *pixel);
    wg_status status = xy == NULL || expected == NULL || pixel == NULL ? wg_fail_memory(ctx) : WG_OK;
    if (status == WG_OK) {
        WG_TRY(wg_raster_open(ctx, totals->source, &raster));
        const char *crs = totals->crs != NULL ? totals->crs : raster.crs;
        if (crs == NULL) {
            status =
                wg_fail(ctx, WG_EDATA, "%s: the CRS is not known (state it with --crs-of totals=EPSG:…)", raster.label);
            goto done;
        }
        memcpy(xy, p->xy, 2 * n * sizeof *xy);
        WG_TRY(wg_crs_points(ctx, p->crs, crs, xy, n));
        if (!bounds_of(xy, n, b)) {
            status = wg_fail(ctx, WG_EDATA, "%s: no building has a geometry", wg_layer_source(p->source));
            goto done;
        }
        wg_raster_release(&raster);
        WG_TRY(wg_raster_read(ctx, totals->source, b, &raster));
        p->totals_label = wg_strdup(raster.label);
        const size_t pixels = (size_t)(raster.window_columns * raster.window_rows);
        weight = wg_calloc(pixels, sizeof *weight);
        count = wg_calloc(pixels, sizeof *count);
        if (weight == NULL || count == NULL || p->totals_label == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        locate(p, &raster, xy, pixel, weight);
        WG_TRY(move_empty(ctx, &raster, weight, count));
        for (size_t i = 0; i < n; i++) {
            expected[i] = pixel[i] == SIZE_MAX || !(weight[pixel[i]] > 0.0)
                              ? 0.0
                              : count[pixel[i]] * p->weight[i] / weight[pixel[i]];
        }
        WG_TRY(settle(ctx, p, expected));
        status = wg_populate_write(ctx, p, NULL);
    }
done:
    wg_raster_release(&raster);
    free(xy);
    free(expected);
    free(pixel);
    free(weight);
    free(count);
    return status;
}
