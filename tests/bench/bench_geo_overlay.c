/*
 * Checking a cell layer: bench_geo_overlay [SIDE]. SIDE² cells with 100 vertices each, whole and with every hundredth
 * cell shifted by 1 m, against the plain way with GEOS (union of all cells, difference from the reference).
 */
#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "geo/overlay.h"
#include "model/wkb.h"

enum { PIECES = 25 };

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** A winding line between lattice corners; both neighbours compute the same numbers. */
static void corner(double x, double y, double xy[2]) {
    xy[0] = 500000 + 100 * x + 6 * sin(1.7 * x + 0.9 * y);
    xy[1] = 4000000 + 100 * y + 6 * sin(0.8 * x + 1.9 * y);
}

static void add_cell(wg_layer *layer, int x, int y, double shift) {
    static const int side[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    wg_buffer wkb = {0};
    int at[2] = {x * PIECES, y * PIECES};
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(&wkb, 4 * PIECES + 1);
    for (int s = 0; s < 4; s++) {
        for (int k = 0; k < PIECES + (s == 3 ? 1 : 0); k++) {
            double xy[2];
            corner((double)(at[0] + k * side[s][0]) / PIECES, (double)(at[1] + k * side[s][1]) / PIECES, xy);
            xy[0] += shift;
            wg_wkb_put_pairs(&wkb, xy, 1);
        }
        at[0] += PIECES * side[s][0];
        at[1] += PIECES * side[s][1];
    }
    (void)wg_layer_add_row(NULL, layer, wkb.data, wkb.length, NULL);
    wg_buffer_release(&wkb);
}

static wg_layer *cells_of(int side, bool damaged) {
    wg_layer *layer = NULL;
    if (wg_layer_new(NULL, "cells", NULL, &layer) != WG_OK) {
        exit(1);
    }
    for (int i = 0; i < side * side; i++) {
        add_cell(layer, i % side, i / side, damaged && i % 100 == 50 ? 1 : 0);
    }
    return layer;
}

static wg_layer *outline_of(int side) {
    wg_layer *layer = NULL;
    wg_buffer wkb = {0};
    static const int step[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    int at[2] = {0, 0};
    if (wg_layer_new(NULL, "communities", NULL, &layer) != WG_OK) {
        exit(1);
    }
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(&wkb, (uint32_t)(4 * PIECES * side + 1));
    for (int s = 0; s < 4; s++) {
        for (int k = 0; k < PIECES * side + (s == 3 ? 1 : 0); k++) {
            double xy[2];
            corner((double)(at[0] + k * step[s][0]) / PIECES, (double)(at[1] + k * step[s][1]) / PIECES, xy);
            wg_wkb_put_pairs(&wkb, xy, 1);
        }
        at[0] += PIECES * side * step[s][0];
        at[1] += PIECES * side * step[s][1];
    }
    (void)wg_layer_add_row(NULL, layer, wkb.data, wkb.length, NULL);
    wg_buffer_release(&wkb);
    return layer;
}

static double plain_way(const wg_layer *cells, const wg_layer *reference) {
    GEOSContextHandle_t geos = GEOS_init_r();
    const unsigned int n = (unsigned int)wg_layer_rows(cells);
    GEOSGeometry **rows = calloc(n, sizeof(GEOSGeometry *));
    size_t bytes;
    const double start = now();
    for (unsigned int i = 0; rows != NULL && i < n; i++) {
        const unsigned char *wkb = wg_layer_wkb(cells, i, &bytes);
        rows[i] = GEOSGeomFromWKB_buf_r(geos, wkb, bytes);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, rows, n);
    GEOSGeometry *cover = GEOSUnaryUnion_r(geos, all);
    const unsigned char *wkb = wg_layer_wkb(reference, 0, &bytes);
    GEOSGeometry *land = GEOSGeomFromWKB_buf_r(geos, wkb, bytes);
    GEOSGeometry *gap = GEOSDifference_r(geos, land, cover);
    const double seconds = now() - start;
    GEOSGeom_destroy_r(geos, all);
    GEOSGeom_destroy_r(geos, cover);
    GEOSGeom_destroy_r(geos, land);
    GEOSGeom_destroy_r(geos, gap);
    free(rows);
    GEOS_finish_r(geos);
    return seconds;
}

int main(int argc, char **argv) {
    const int side = argc > 1 ? atoi(argv[1]) : 45;
    wg_context *ctx = wg_context_new();
    wg_layer *reference = outline_of(side);
    for (int damaged = 0; damaged < 2; damaged++) {
        wg_layer *cells = cells_of(side, damaged == 1);
        for (uint32_t threads = 1; threads <= 2; threads++) {
            wg_overlay *overlay = NULL;
            wg_context_set_threads(ctx, threads);
            const double start = now();
            if (wg_overlay_build(ctx, cells, reference, 0, &overlay) != WG_OK) {
                (void)fprintf(stderr, "bench_geo_overlay: %s\n", wg_context_error(ctx));
                return 1;
            }
            (void)printf("%zu cells, %s, %u threads: %.3f s (%zu faces, exact: %s)\n", wg_layer_rows(cells),
                         damaged ? "damaged" : "whole", threads, now() - start, overlay->n_faces,
                         overlay->exact ? "yes" : "no");
            wg_overlay_free(overlay);
        }
        (void)printf("GEOS union and difference, gaps only: %.3f s\n", plain_way(cells, reference));
        wg_layer_free(cells);
    }
    wg_layer_free(reference);
    wg_context_free(ctx);
    return 0;
}
