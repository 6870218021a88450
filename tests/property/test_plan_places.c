/*
 * Whole places, checked with GEOS alone: the sample and, where it is, the real one. Nothing of the engine's own
 * geometry is used to judge its plan, only the WKB that it wrote.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <geos_c.h>

#include "model/layer.h"
#include "store/store.h"

typedef struct place {
    wg_layer *cells, *communities, *buildings, *units;
    char path[64];
} place;

static void keep_quiet(const char *message, void *user) {
    (void)message, (void)user;
}

static GEOSContextHandle_t geos_new(void) {
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSContext_setNoticeMessageHandler_r(geos, keep_quiet, NULL);
    return geos;
}

static GEOSGeometry **geometries(GEOSContextHandle_t geos, const wg_layer *layer) {
    GEOSGeometry **made = calloc(layer->n + 1, sizeof *made);
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        made[row] = wkb == NULL ? NULL : GEOSGeomFromWKB_buf_r(geos, wkb, bytes);
    }
    return made;
}

static void geometries_free(GEOSContextHandle_t geos, GEOSGeometry **of, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (of[i] != NULL) {
            GEOSGeom_destroy_r(geos, of[i]);
        }
    }
    free(of);
}

static const char *text_at(const wg_layer *layer, size_t row, const char *column) {
    const char *text = wg_layer_text(layer, row, wg_layer_column(layer, column));
    return text == NULL ? "" : text;
}

static double real_at(const wg_layer *layer, size_t row, const char *column) {
    return wg_layer_real(layer, row, wg_layer_column(layer, column));
}

static size_t row_of(const wg_layer *layer, const char *column, const char *text) {
    for (size_t row = 0; row < layer->n; row++) {
        if (strcmp(text_at(layer, row, column), text) == 0) {
            return row;
        }
    }
    return layer->n;
}

static double area_of(GEOSContextHandle_t geos, const GEOSGeometry *of) {
    double area = 0;
    assert_int_equal(1, GEOSArea_r(geos, of, &area));
    return area;
}

/** Rows tile their community: areas balance, interiors are disjoint. */
static void assert_tiles(const wg_layer *rows, const wg_layer *communities) {
    GEOSContextHandle_t geos = geos_new();
    GEOSGeometry **shape = geometries(geos, rows), **land = geometries(geos, communities);
    for (size_t c = 0; c < communities->n; c++) {
        const char *code = text_at(communities, c, "code");
        double sum = 0;
        for (size_t a = 0; a < rows->n; a++) {
            if (strcmp(text_at(rows, a, "community"), code) != 0) {
                continue;
            }
            sum += area_of(geos, shape[a]);
            assert_int_equal(1, GEOSisValid_r(geos, shape[a]));
            for (size_t b = a + 1; b < rows->n; b++) {
                if (GEOSIntersects_r(geos, shape[a], shape[b]) == 1) {
                    /* DE-9IM: interiors must not meet */
                    const char relates = GEOSRelatePattern_r(geos, shape[a], shape[b], "T********");
                    if (relates != 0) {
                        fail_msg("%s: %s and %s overlap", code, text_at(rows, a, "code"), text_at(rows, b, "code"));
                    }
                }
            }
        }
        const double area = area_of(geos, land[c]);
        if (fabs(area - sum) > 1e-9 * area) {
            fail_msg("%s: area %.6f, its rows %.6f", code, area, sum);
        }
    }
    geometries_free(geos, shape, rows->n);
    geometries_free(geos, land, communities->n);
    GEOS_finish_r(geos);
}

typedef struct side {
    double p[4];
    uint32_t row;
} side;

static int compare_sides(const void *a, const void *b) {
    const double *p = ((const side *)a)->p, *q = ((const side *)b)->p;
    for (int i = 0; i < 4; i++) {
        if (p[i] != q[i]) {
            return p[i] < q[i] ? -1 : 1;
        }
    }
    return 0;
}

static size_t add_ring(GEOSContextHandle_t geos, const GEOSGeometry *ring, uint32_t row, side *sides, size_t n) {
    const GEOSCoordSequence *seq = GEOSGeom_getCoordSeq_r(geos, ring);
    unsigned size = 0;
    GEOSCoordSeq_getSize_r(geos, seq, &size);
    for (unsigned i = 1; i < size; i++) {
        double a[2], b[2];
        GEOSCoordSeq_getXY_r(geos, seq, i - 1, &a[0], &a[1]);
        GEOSCoordSeq_getXY_r(geos, seq, i, &b[0], &b[1]);
        const int turned = a[0] > b[0] || (a[0] == b[0] && a[1] > b[1]);
        sides[n++] = turned ? (side){{b[0], b[1], a[0], a[1]}, row} : (side){{a[0], a[1], b[0], b[1]}, row};
    }
    return n;
}

static size_t add_polygons(GEOSContextHandle_t geos, const GEOSGeometry *shape, uint32_t row, side *sides, size_t n) {
    for (int g = 0; g < GEOSGetNumGeometries_r(geos, shape); g++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(geos, shape, g);
        n = add_ring(geos, GEOSGetExteriorRing_r(geos, part), row, sides, n);
        for (int h = 0; h < GEOSGetNumInteriorRings_r(geos, part); h++) {
            n = add_ring(geos, GEOSGetInteriorRingN_r(geos, part, h), row, sides, n);
        }
    }
    return n;
}

/** Every side of a row is a side of exactly one other row, or of the outside alone: no vertex is missing on either
 * side. */
static void assert_shared_vertices(const wg_layer *rows, double outer_m) {
    GEOSContextHandle_t geos = geos_new();
    GEOSGeometry **shape = geometries(geos, rows);
    size_t capacity = 0, n = 0;
    for (size_t row = 0; row < rows->n; row++) {
        capacity += (size_t)GEOSGetNumCoordinates_r(geos, shape[row]);
    }
    side *sides = calloc(capacity + 1, sizeof *sides);
    for (size_t row = 0; row < rows->n; row++) {
        n = add_polygons(geos, shape[row], (uint32_t)row, sides, n);
    }
    qsort(sides, n, sizeof *sides, compare_sides);
    double single = 0;
    for (size_t i = 0; i < n;) {
        size_t same = 1;
        while (i + same < n && compare_sides(&sides[i], &sides[i + same]) == 0) {
            same++;
        }
        assert_true(same <= 2);
        single += same == 1 ? hypot(sides[i].p[2] - sides[i].p[0], sides[i].p[3] - sides[i].p[1]) : 0;
        i += same;
    }
    /* What is not shared is the outline of the whole place: if a vertex were missing, its sides would add up to more.
     */
    if (fabs(single - outer_m) > 1e-6 * outer_m) {
        fail_msg("%.3f m of sides have no partner, the outline has %.3f m", single, outer_m);
    }
    free(sides);
    geometries_free(geos, shape, rows->n);
    GEOS_finish_r(geos);
}

static double outline_of(const wg_layer *communities) {
    GEOSContextHandle_t geos = geos_new();
    GEOSGeometry **land = geometries(geos, communities);
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, land, (unsigned)communities->n);
    GEOSGeometry *whole = GEOSUnaryUnion_r(geos, all);
    double length = 0;
    GEOSLength_r(geos, whole, &length);
    GEOSGeom_destroy_r(geos, whole);
    GEOSGeom_destroy_r(geos, all);
    free(land);
    GEOS_finish_r(geos);
    return length;
}

/** A building that lies inside one community lies in one cell: nothing of it is outside its cell, to 2 mm of its
 * outline. */
static size_t count_cut(const place *of) {
    GEOSContextHandle_t geos = geos_new();
    GEOSGeometry **house = geometries(geos, of->buildings), **cell = geometries(geos, of->cells);
    GEOSGeometry **land = geometries(geos, of->communities);
    const GEOSPreparedGeometry **ready = calloc(of->cells->n + 1, sizeof *ready);
    for (size_t c = 0; c < of->cells->n; c++) {
        ready[c] = GEOSPrepare_r(geos, cell[c]);
    }
    size_t cut = 0;
    for (size_t row = 0; row < of->buildings->n; row++) {
        const size_t own = row_of(of->cells, "code", text_at(of->buildings, row, "cell"));
        const size_t home = row_of(of->communities, "code", text_at(of->buildings, row, "community"));
        if (own == of->cells->n || home == of->communities->n || house[row] == NULL ||
            strcmp(text_at(of->buildings, row, "how"), "inside") != 0 ||
            GEOSPreparedContains_r(geos, ready[own], house[row]) == 1 || GEOSisValid_r(geos, house[row]) != 1 ||
            GEOSContains_r(geos, land[home], house[row]) != 1) {
            continue;
        }
        GEOSGeometry *rest = GEOSDifference_r(geos, house[row], cell[own]);
        double length = 0;
        GEOSLength_r(geos, house[row], &length);
        if (area_of(geos, rest) > 0.002 * length) {
            print_message("building %s is cut by cell %s\n", text_at(of->buildings, row, "id"),
                          text_at(of->cells, own, "code"));
            cut++;
        }
        GEOSGeom_destroy_r(geos, rest);
    }
    for (size_t c = 0; c < of->cells->n; c++) {
        GEOSPreparedGeom_destroy_r(geos, ready[c]);
    }
    free(ready);
    geometries_free(geos, house, of->buildings->n);
    geometries_free(geos, cell, of->cells->n);
    geometries_free(geos, land, of->communities->n);
    GEOS_finish_r(geos);
    return cut;
}

static double sum_where(const wg_layer *layer, const char *column, const char *has) {
    double sum = 0;
    for (size_t row = 0; row < layer->n; row++) {
        const double value = real_at(layer, row, column);
        sum += isnan(value) || (has != NULL && text_at(layer, row, has)[0] == '\0') ? 0 : value;
    }
    return sum;
}

static place plan_of(const char *name, wg_partition_options *options) {
    place of = {0};
    wg_context *ctx = wg_context_new();
    wg_result *result = NULL;
    wg_store *store = NULL;
    (void)snprintf(of.path, sizeof of.path, "/tmp/wangge-%s-%d.sqlite", name, (int)getpid());
    options->output = of.path;
    options->overwrite = true;
    const wg_status status = wg_partition(ctx, options, &result);
    if (status != WG_OK) {
        fail_msg("%s: %s", name, wg_context_error(ctx));
    }
    print_message("%s:\n%s", name, wg_result_text(result));
    assert_int_equal(WG_OK, wg_store_open(ctx, of.path, WG_STORE_READ, &store));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "cells", &of.cells));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "communities", &of.communities));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "buildings", &of.buildings));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "units", &of.units));
    wg_store_free(store);
    wg_result_free(result);
    wg_context_free(ctx);
    return of;
}

static void place_release(place *of) {
    wg_layer_free(of->cells);
    wg_layer_free(of->communities);
    wg_layer_free(of->buildings);
    wg_layer_free(of->units);
    (void)unlink(of->path);
}

static void assert_good(const place *of) {
    assert_tiles(of->cells, of->communities);
    const double outline = outline_of(of->communities);
    assert_shared_vertices(of->communities, outline);
    assert_shared_vertices(of->cells, outline);
    assert_shared_vertices(of->units, outline);
    assert_int_equal(0, count_cut(of));
    assert_true(fabs(sum_where(of->cells, "households", NULL) - sum_where(of->buildings, "households", "cell")) < 1e-6);
    assert_true(fabs(sum_where(of->cells, "population", NULL) - sum_where(of->buildings, "population", "cell")) < 1e-6);
    for (size_t row = 0; row < of->cells->n; row++) {
        if (strcmp(text_at(of->cells, row, "status"), "ok") != 0) {
            assert_true(strlen(text_at(of->cells, row, "reason_txt")) > 10);
        }
    }
}

#define SAMPLE WG_SOURCE_DIR "/datasets/sample/"
#define REAL WG_SOURCE_DIR "/../shared/real/liechtenstein/"

static void the_sample(void **state) {
    (void)state;
    const wg_input barriers[] = {
        {.source = SAMPLE "roads.gpkg"}, {.source = SAMPLE "railway.gpkg"}, {.source = SAMPLE "river.gpkg"}};
    const wg_limit limit = {"households", 150, NAN, 300};
    wg_partition_options options = WG_PARTITION_OPTIONS_INIT;
    options.communities.source = SAMPLE "communities.gpkg";
    options.buildings.source = SAMPLE "buildings.gpkg";
    options.compounds.source = SAMPLE "compounds.gpkg";
    options.dedicated.source = SAMPLE "dedicated.gpkg";
    options.barriers = barriers;
    options.n_barriers = 3;
    options.limits = &limit;
    options.n_limits = 1;
    place of = plan_of("sample", &options);
    assert_int_equal(27, of.communities->n);
    assert_good(&of);
    place_release(&of);
}

static void the_real_place(void **state) {
    (void)state;
    if (access(REAL "communities.geojson", R_OK) != 0) {
        print_message("skipped: %s is not there\n", REAL);
        skip();
    }
    const wg_input barrier = {.source = REAL "barriers.gpkg"};
    const wg_limit limit = {"households", 150, NAN, 300};
    wg_partition_options options = WG_PARTITION_OPTIONS_INIT;
    options.communities.source = REAL "communities.geojson";
    options.buildings.source = REAL "buildings.gpkg";
    options.barriers = &barrier;
    options.n_barriers = 1;
    options.limits = &limit;
    options.n_limits = 1;
    place of = plan_of("liechtenstein", &options);
    assert_int_equal(11, of.communities->n);
    assert_good(&of);
    for (size_t row = 0; row < of.cells->n; row++) { /* the exclaves with too few households were attached */
        assert_string_equal("ok", text_at(of.cells, row, "status"));
    }
    place_release(&of);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_sample), cmocka_unit_test(the_real_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
