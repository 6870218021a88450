/**
 * Largest shares: the sweep against GEOS the fast way (a tree, prepared "contains properly" first, else the area of the
 * intersection), for polygons of several sizes among 2 000 cells of 88 vertices. Usage: bench_locate_shares [POLYGONS
 * (20000)]. Areas of both are compared.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../support/locate_cells.h"
#include "locate/locate.h"

enum { CORNERS = 12 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/** A polygon of twelve corners about (x, y). */
static void star(double x, double y, double size, wg_random *random, wg_buffer *wkb) {
    double xy[2 * (CORNERS + 1)];
    for (int i = 0; i < CORNERS; i++) {
        const double r = size * (0.6 + 0.4 * wg_random_unit(random)), angle = 6.283185307179586 * i / CORNERS;
        xy[2 * i] = x + r * cos(angle);
        xy[2 * i + 1] = y + r * sin(angle);
    }
    xy[2 * CORNERS] = xy[0];
    xy[2 * CORNERS + 1] = xy[1];
    wg_buffer_clear(wkb);
    wg_wkb_put_header(wkb, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(wkb, CORNERS + 1);
    wg_wkb_put_pairs(wkb, xy, CORNERS + 1);
}

/** The largest share by GEOS. */
typedef struct overlay {
    geos_oracle *oracle;
    const GEOSGeometry *polygon;
    double area, best;
} overlay;

static void overlay_hit(void *item, void *user) {
    overlay *own = user;
    const size_t row = *(size_t *)item;
    GEOSContextHandle_t geos = own->oracle->geos;
    double area = 0;
    if (GEOSPreparedContainsProperly_r(geos, own->oracle->prepared[row], own->polygon) == 1) {
        own->best = own->area;
        return;
    }
    GEOSGeometry *common = GEOSIntersection_r(geos, own->oracle->cell[row], own->polygon);
    if (common != NULL && GEOSArea_r(geos, common, &area) == 1 && area > own->best) {
        own->best = area;
    }
    GEOSGeom_destroy_r(geos, common);
}

static double by_geos(geos_oracle *oracle, const wg_layer *polygons, double *best) {
    const double start = now();
    for (size_t row = 0; row < wg_layer_rows(polygons); row++) {
        size_t bytes;
        const unsigned char *wkb = wg_layer_wkb(polygons, row, &bytes);
        GEOSGeometry *polygon = GEOSGeomFromWKB_buf_r(oracle->geos, wkb, bytes);
        overlay own = {.oracle = oracle, .polygon = polygon};
        (void)GEOSArea_r(oracle->geos, polygon, &own.area);
        GEOSSTRtree_query_r(oracle->geos, oracle->tree, polygon, overlay_hit, &own);
        GEOSGeom_destroy_r(oracle->geos, polygon);
        best[row] = own.best;
    }
    return now() - start;
}

static double by_sweep(wg_context *ctx, const wg_locator *locator, const wg_layer *polygons, double *best) {
    wg_shares shares = {0};
    const double start = now();
    for (size_t row = 0; row < wg_layer_rows(polygons); row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(polygons, row, &bytes);
        if (wg_locator_shares(ctx, locator, wkb, bytes, &shares) != WG_OK) {
            exit(1);
        }
        best[row] = shares.n > 0 && shares.items[0].cell != WG_UNASSIGNED ? shares.items[0].measure : 0;
    }
    wg_shares_release(&shares);
    return now() - start;
}

static void compare(wg_context *ctx, const wavy *w, const wg_locator *locator, geos_oracle *oracle, size_t n,
                    double size) {
    wg_layer *polygons = NULL;
    wg_buffer wkb = {0};
    wg_random random;
    double *sweep = wg_calloc(n, sizeof *sweep), *geos = wg_calloc(n, sizeof *geos);
    wg_random_seed(&random, 7, "stars");
    if (sweep == NULL || geos == NULL || wg_layer_new(ctx, "stars", NULL, &polygons) != WG_OK) {
        exit(1);
    }
    for (size_t i = 0; i < n; i++) {
        star(w->x0 + w->nx * w->size * wg_random_unit(&random), w->y0 + w->ny * w->size * wg_random_unit(&random), size,
             &random, &wkb);
        if (wkb.failed || wg_layer_add_row(ctx, polygons, wkb.data, wkb.length, NULL) != WG_OK) {
            exit(1);
        }
    }
    double fast = 1e9, slow = 1e9, worst = 0;
    for (int round = 0; round < 3; round++) {
        fast = fmin(fast, by_sweep(ctx, locator, polygons, sweep));
        slow = fmin(slow, by_geos(oracle, polygons, geos));
    }
    for (size_t i = 0; i < n; i++) {
        worst = fmax(worst, fabs(sweep[i] - geos[i]) / (size * size));
    }
    printf("radius %5.0f m: sweep %6.2f us a polygon, GEOS %7.2f us, %.1f times; areas differ by at most %.1e\n", size,
           fast / (double)n * 1e6, slow / (double)n * 1e6, slow / fast, worst);
    wg_buffer_release(&wkb);
    wg_layer_free(polygons);
    free(sweep);
    free(geos);
}

int main(int argc, char **argv) {
    const size_t n = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 20000;
    const wavy w = {.nx = 50,
                    .ny = 40,
                    .pieces = 22,
                    .x0 = 500000,
                    .y0 = 4400000,
                    .size = 450,
                    .wave = 0.8}; /* all valid: GEOS needs that */
    const wg_locator_options tree = {.tree = true};
    static const double sizes[] = {10, 50, 200, 1000};
    wg_context *ctx = wg_context_new();
    wg_layer *cells = NULL;
    wg_locator *locator = NULL;
    if (ctx == NULL || wavy_layer(ctx, &w, &cells) != WG_OK || wg_locator_build(ctx, cells, &tree, &locator) != WG_OK) {
        return 1;
    }
    geos_oracle oracle;
    geos_oracle_init(&oracle, cells);
    printf("%zu polygons of %d corners, %zu cells, one thread\n", n, CORNERS, wg_layer_rows(cells));
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        compare(ctx, &w, locator, &oracle, n, sizes[i]);
    }
    geos_oracle_release(&oracle);
    wg_locator_free(locator);
    wg_layer_free(cells);
    wg_context_free(ctx);
    return 0;
}
