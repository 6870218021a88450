/**
 * Is a cell layer sound? Asked of GEOS alone, the plain way: unions, differences and all pairs. Slow, and independent
 * of the engine's own check. Needs libgeos, nothing of engine/geo.
 */
#ifndef WG_TESTS_SOUNDNESS_H
#define WG_TESTS_SOUNDNESS_H

#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/layer.h"

typedef struct soundness {
    size_t cells;   /**< rows with a polygon */
    size_t invalid; /**< cells that GEOS calls invalid */
    double cells_m2, reference_m2;
    double gap_m2;         /**< reference without cells */
    double outside_m2;     /**< cells without reference */
    double overlap_m2;     /**< summed over pairs of cells */
    size_t loose_vertices; /**< vertices of a cell that lie on another cell's line without being a vertex of it */
} soundness;

static void soundness_silent(const char *message, void *user) {
    (void)message;
    (void)user;
}

static GEOSGeometry *soundness_read(GEOSContextHandle_t geos, const wg_layer *layer, size_t row) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    if (bytes == 0) {
        return NULL;
    }
    GEOSWKBReader *reader = GEOSWKBReader_create_r(geos);
    GEOSGeometry *geometry = GEOSWKBReader_read_r(geos, reader, wkb, bytes);
    GEOSWKBReader_destroy_r(geos, reader);
    return geometry;
}

/** Rows of a layer as geometries; `*n` of them. */
static GEOSGeometry **soundness_rows(GEOSContextHandle_t geos, const wg_layer *layer, size_t *n) {
    GEOSGeometry **rows = calloc(wg_layer_rows(layer) + 1, sizeof(GEOSGeometry *));
    *n = 0;
    for (size_t row = 0; rows != NULL && row < wg_layer_rows(layer); row++) {
        rows[*n] = soundness_read(geos, layer, row);
        *n += rows[*n] != NULL;
    }
    return rows;
}

static GEOSGeometry *soundness_union(GEOSContextHandle_t geos, GEOSGeometry *const *rows, size_t n) {
    GEOSGeometry **copies = calloc(n + 1, sizeof(GEOSGeometry *));
    for (size_t i = 0; i < n; i++) {
        copies[i] = GEOSGeom_clone_r(geos, rows[i]);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, copies, (unsigned int)n);
    GEOSGeometry *united = GEOSUnaryUnion_r(geos, all);
    GEOSGeom_destroy_r(geos, all);
    free(copies);
    return united;
}

static double soundness_area_of(GEOSContextHandle_t geos, GEOSGeometry *geometry) {
    double area = NAN;
    if (geometry != NULL) {
        (void)GEOSArea_r(geos, geometry, &area);
        GEOSGeom_destroy_r(geos, geometry);
    }
    return area;
}

/** Vertices of `a` that are on the boundary of `b` but are no vertex of `b`. */
static size_t soundness_loose(GEOSContextHandle_t geos, const GEOSGeometry *a, const GEOSGeometry *b) {
    size_t loose = 0;
    GEOSGeometry *line_a = GEOSBoundary_r(geos, a);
    GEOSGeometry *line_b = GEOSBoundary_r(geos, b);
    GEOSGeometry *points_a = GEOSGeom_extractUniquePoints_r(geos, line_a);
    GEOSGeometry *points_b = GEOSGeom_extractUniquePoints_r(geos, line_b);
    GEOSGeometry *only_a = GEOSDifference_r(geos, points_a, points_b);
    for (int i = 0; i < GEOSGetNumGeometries_r(geos, only_a); i++) {
        double distance = INFINITY;
        const GEOSGeometry *point = GEOSGetGeometryN_r(geos, only_a, i);
        if (GEOSisEmpty_r(geos, point) == 0 && GEOSDistance_r(geos, point, line_b, &distance) == 1) {
            loose += distance < 1e-9;
        }
    }
    GEOSGeom_destroy_r(geos, line_a);
    GEOSGeom_destroy_r(geos, line_b);
    GEOSGeom_destroy_r(geos, points_a);
    GEOSGeom_destroy_r(geos, points_b);
    GEOSGeom_destroy_r(geos, only_a);
    return loose;
}

static void soundness_pairs(GEOSContextHandle_t geos, GEOSGeometry *const *rows, size_t n, soundness *found) {
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            if (GEOSIntersects_r(geos, rows[i], rows[j]) == 1) {
                const double area = soundness_area_of(geos, GEOSIntersection_r(geos, rows[i], rows[j]));
                found->overlap_m2 += isnan(area) ? 0 : area;
                found->loose_vertices +=
                    soundness_loose(geos, rows[i], rows[j]) + soundness_loose(geos, rows[j], rows[i]);
            }
        }
    }
}

/** @param reference  communities, or NULL: only the cells among themselves */
static inline soundness soundness_of(const wg_layer *cells, const wg_layer *reference) {
    soundness found = {0};
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSContext_setErrorMessageHandler_r(geos, soundness_silent, NULL);
    GEOSContext_setNoticeMessageHandler_r(geos, soundness_silent, NULL);
    size_t n_reference = 0;
    GEOSGeometry **rows = soundness_rows(geos, cells, &found.cells);
    GEOSGeometry **references = reference != NULL ? soundness_rows(geos, reference, &n_reference) : NULL;
    for (size_t i = 0; i < found.cells; i++) {
        double area = 0;
        found.invalid += GEOSisValid_r(geos, rows[i]) != 1;
        (void)GEOSArea_r(geos, rows[i], &area);
        found.cells_m2 += area;
    }
    soundness_pairs(geos, rows, found.cells, &found);
    if (reference != NULL) {
        GEOSGeometry *cover = soundness_union(geos, rows, found.cells);
        GEOSGeometry *wanted = soundness_union(geos, references, n_reference);
        (void)GEOSArea_r(geos, wanted, &found.reference_m2);
        found.gap_m2 = soundness_area_of(geos, GEOSDifference_r(geos, wanted, cover));
        found.outside_m2 = soundness_area_of(geos, GEOSDifference_r(geos, cover, wanted));
        GEOSGeom_destroy_r(geos, cover);
        GEOSGeom_destroy_r(geos, wanted);
    }
    for (size_t i = 0; i < found.cells; i++) {
        GEOSGeom_destroy_r(geos, rows[i]);
    }
    for (size_t i = 0; i < n_reference; i++) {
        GEOSGeom_destroy_r(geos, references[i]);
    }
    free(rows);
    free(references);
    GEOS_finish_r(geos);
    return found;
}

/** Valid, no gap, no overlap, nothing outside, areas balance to 1e-9, no loose vertex. Says what is wrong on stderr. */
static inline bool soundness_holds(const soundness *found) {
    const double allowed = 1e-9 * found->reference_m2;
    const bool sound = found->invalid == 0 && found->gap_m2 <= allowed && found->outside_m2 <= allowed &&
                       found->overlap_m2 <= allowed && found->loose_vertices == 0 &&
                       fabs(found->cells_m2 - found->reference_m2) <= allowed;
    if (!sound) {
        (void)fprintf(stderr,
                      "not sound: %zu cells, %zu invalid, gap %.9g, outside %.9g, overlap %.9g, loose vertices %zu, "
                      "areas %.9f and %.9f\n",
                      found->cells, found->invalid, found->gap_m2, found->outside_m2, found->overlap_m2,
                      found->loose_vertices, found->cells_m2, found->reference_m2);
    }
    return sound;
}

#endif
