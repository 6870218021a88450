/*
 * Is one layer shifted against another as GCJ-02 and BD-09 are? The layer's points are moved by each possible shift and
 * counted: inside the reference's polygons, or on the reference's lines (buildings do not stand on roads). A shift that
 * explains clearly more than none is told.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs_internal.h"
#include "model/wkb.h"

enum { LEAST_POINTS = 30 };
static const double on_line_degrees = 4.0 / 111320.0; /* a building's middle this near to a road's line stands on it */
static const double gain_inside = 0.10, gain_lines = 0.04;

/** Segments of the reference in WGS 84 degrees; polygon rows are told apart for the even-odd rule. */
typedef struct wg_segments {
    double *xy; /**< x0 y0 x1 y1 */
    size_t n, capacity;
    bool failed, polygons;
} wg_segments;

static void add_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)ring;
    wg_segments *s = user;
    if (type == WG_WKB_POINT || n < 2 || s->failed || !WG_RESERVE(s->xy, s->capacity, 4 * (s->n + n))) {
        s->failed = s->failed || (type != WG_WKB_POINT && n >= 2);
        return;
    }
    s->polygons = s->polygons || type == WG_WKB_POLYGON;
    for (uint32_t i = 1; i < n; i++) {
        wg_wkb_get(pairs, i - 1, s->xy + 4 * s->n);
        wg_wkb_get(pairs, i, s->xy + 4 * s->n + 2);
        s->n++;
    }
}

static bool on_segment(const double p[2], const double s[4], double scale) {
    const double dx = (s[2] - s[0]) * scale, dy = s[3] - s[1];
    const double px = (p[0] - s[0]) * scale, py = p[1] - s[1];
    const double length2 = dx * dx + dy * dy;
    double t = length2 > 0.0 ? (px * dx + py * dy) / length2 : 0.0;
    t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
    const double ex = px - t * dx, ey = py - t * dy;
    return ex * ex + ey * ey < on_line_degrees * on_line_degrees;
}

/** Share of the points inside an odd number of rings, or off all lines. */
static double fitness(const wg_segments *s, const double *xy, size_t n) {
    size_t good = 0;
    for (size_t i = 0; i < n; i++) {
        const double *p = xy + 2 * i;
        const double scale = cos(p[1] * M_PI / 180.0);
        bool inside = false, on_line = false;
        for (size_t k = 0; k < s->n; k++) {
            const double *g = s->xy + 4 * k;
            if (s->polygons) {
                const bool crosses = (g[1] > p[1]) != (g[3] > p[1]);
                inside = crosses && p[0] < g[0] + (p[1] - g[1]) / (g[3] - g[1]) * (g[2] - g[0]) ? !inside : inside;
            } else if (!on_line) {
                on_line = on_segment(p, g, scale);
            }
        }
        good += (s->polygons ? inside : !on_line) ? 1 : 0;
    }
    return (double)good / (double)n;
}

/** What the layer would be if its coordinates were read wrongly. */
static const struct {
    const char *code, *crs, *sentence;
    void (*correct)(double lonlat[2]);
} hypotheses[] = {{"offset_gcj02", "gcj02", "its coordinates are GCJ-02", wg_wgs84_from_gcj02},
                  {"offset_bd09", "bd09", "its coordinates are BD-09", wg_wgs84_from_bd09},
                  {"offset_reference_gcj02", "", "the other layer's coordinates are GCJ-02", wg_gcj02_from_wgs84},
                  {"offset_reference_bd09", "", "the other layer's coordinates are BD-09", wg_bd09_from_wgs84}};
enum { N_HYPOTHESES = sizeof hypotheses / sizeof hypotheses[0] };

static double shifted_fitness(const wg_segments *s, const double *xy, size_t n, size_t h, double *moved) {
    memcpy(moved, xy, 2 * n * sizeof *moved);
    for (size_t i = 0; i < n; i++) {
        hypotheses[h].correct(moved + 2 * i);
    }
    return fitness(s, moved, n);
}

static bool in_china(const double *xy, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (xy[2 * i] < 73.0 || xy[2 * i] > 136.0 || xy[2 * i + 1] < 3.0 || xy[2 * i + 1] > 54.0) {
            return false;
        }
    }
    return n >= LEAST_POINTS;
}

static void describe(wg_doubt *doubt, size_t best, const wg_segments *s, double now, double then, const double *xy,
                     const char *role, const wg_layer *reference) {
    double moved[2] = {xy[0], xy[1]};
    hypotheses[best].correct(moved);
    const double dx = (moved[0] - xy[0]) * 111320.0 * cos(xy[1] * M_PI / 180.0), dy = (moved[1] - xy[1]) * 111320.0;
    *doubt = (wg_doubt){0};
    (void)snprintf(doubt->code, sizeof doubt->code, "%s", hypotheses[best].code);
    (void)snprintf(doubt->suggested, sizeof doubt->suggested, "%s", hypotheses[best].crs);
    (void)snprintf(doubt->detail, sizeof doubt->detail, "%.0f %% lie %s %.80s; %.0f %% would if %s (a shift of %.0f m)",
                   100.0 * now, s->polygons ? "inside" : "off the lines of", wg_layer_source(reference), 100.0 * then,
                   hypotheses[best].sentence, hypot(dx, dy));
    if (doubt->suggested[0] != '\0') {
        (void)snprintf(doubt->advice, sizeof doubt->advice, "state --crs-of %s=%s", role, doubt->suggested);
    } else {
        (void)snprintf(doubt->advice, sizeof doubt->advice,
                       "state the CRS of the other layer (gcj02 or bd09) with --crs-of");
    }
}

static void judge(const wg_segments *s, const double *xy, size_t n, const char *role, const wg_layer *reference,
                  wg_doubt *doubt, uint32_t *found) {
    double moved[2 * WG_CRS_SAMPLES];
    const double now = fitness(s, xy, n);
    const double gain = s->polygons ? gain_inside : gain_lines;
    double best_fitness = now;
    size_t best = N_HYPOTHESES;
    for (size_t h = 0; h < N_HYPOTHESES && now + gain <= 1.0; h++) { /* where all is well, nothing can be better */
        const double fit = shifted_fitness(s, xy, n, h, moved);
        if (fit > best_fitness + 1e-9) {
            best_fitness = fit;
            best = h;
        }
    }
    if (best < N_HYPOTHESES && best_fitness - now >= gain) {
        describe(doubt, best, s, now, best_fitness, xy, role, reference);
        *found = 1;
    }
}

wg_status wg_crs_seen_offset(wg_context *ctx, const wg_crs_seen *seen, const char *crs, const wg_layer *reference,
                             const char *role, wg_doubt *doubt, uint32_t *n) {
    double xy[2 * WG_CRS_SAMPLES];
    wg_segments segments = {0};
    wg_layer *copy = NULL;
    *n = 0;
    if (crs == NULL || reference->crs == NULL) {
        return WG_OK; /* told by wg_crs_doubts */
    }
    const size_t points = seen->n_samples;
    memcpy(xy, seen->sample, 2 * points * sizeof *xy);
    wg_status status = wg_crs_points(ctx, crs, WG_CRS_WGS84, xy, points);
    if (status != WG_OK || !in_china(xy, points)) {
        return status;
    }
    WG_TRY(wg_layer_copy(ctx, reference, NULL, &copy));
    WG_TRY(wg_crs_transform(ctx, copy, WG_CRS_WGS84));
    for (size_t row = 0; row < copy->n; row++) {
        const size_t bytes = copy->wkb_offset[row + 1] - copy->wkb_offset[row];
        if (bytes > 0) {
            (void)wg_wkb_visit(copy->wkb + copy->wkb_offset[row], bytes, add_run, &segments);
        }
    }
    if (segments.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    if (segments.n > 0) {
        judge(&segments, xy, points, role == NULL ? "NAME" : role, reference, doubt, n);
    }
done:
    wg_layer_free(copy);
    free(segments.xy);
    return status;
}

wg_status wg_crs_offset_doubt(wg_context *ctx, const wg_layer *layer, const wg_layer *reference, const char *role,
                              wg_doubt *doubt, uint32_t *n) {
    wg_crs_seen seen = {0};
    wg_crs_see(&seen, layer);
    return wg_crs_seen_offset(ctx, &seen, layer->crs, reference, role, doubt, n);
}
