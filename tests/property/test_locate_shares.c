/* Shares of polygons and lines against GEOS intersections; pieces; what is wrong with a coverage. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "locate/clip.h"
#include "locate/locate.h"
#include "locate_cells.h"

static wg_context *ctx;

static void put_ring(wg_buffer *wkb, const double *xy, uint32_t n) {
    wg_wkb_put_u32(wkb, n + 1);
    wg_wkb_put_pairs(wkb, xy, n);
    wg_wkb_put_pairs(wkb, xy, 1);
}

static void add_polygon(wg_layer *layer, const double *xy, uint32_t n) {
    wg_buffer wkb = {0};
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
    put_ring(&wkb, xy, n);
    assert_int_equal(wg_layer_add_row(ctx, layer, wkb.data, wkb.length, NULL), WG_OK);
    wg_buffer_release(&wkb);
}

static void add_box(wg_layer *layer, double x0, double y0, double x1, double y1) {
    const double xy[8] = {x0, y0, x1, y0, x1, y1, x0, y1};
    add_polygon(layer, xy, 4);
}

static wg_locator *indexed(const wg_layer *layer) {
    const wg_locator_options tree = {.tree = true};
    wg_locator *locator = NULL;
    assert_int_equal(wg_locator_build(ctx, layer, &tree, &locator), WG_OK);
    return locator;
}

static double share_of(const wg_shares *shares, uint32_t cell) {
    for (size_t i = 0; i < shares->n; i++) {
        if (shares->items[i].cell == cell) {
            return shares->items[i].measure;
        }
    }
    return 0;
}

/* Every share of one feature against GEOS, cell by cell, and what is left over. */
static void compare(const wg_locator *locator, geos_oracle *oracle, const void *wkb, size_t bytes, bool is_line,
                    double scale, wg_shares *shares) {
    GEOSContextHandle_t geos = oracle->geos;
    GEOSGeometry *feature = GEOSGeomFromWKB_buf_r(geos, wkb, bytes);
    double whole = 0, inside = 0;
    assert_non_null(feature);
    assert_int_equal(wg_locator_shares(ctx, locator, wkb, bytes, shares), WG_OK);
    (void)(is_line ? GEOSLength_r(geos, feature, &whole) : GEOSArea_r(geos, feature, &whole));
    assert_true(fabs(shares->measure - whole) <= 1e-9 * scale);
    for (size_t i = 0; i < oracle->n; i++) {
        GEOSGeometry *piece = GEOSIntersection_r(geos, feature, oracle->cell[i]);
        double expected = 0;
        assert_non_null(piece);
        (void)(is_line ? GEOSLength_r(geos, piece, &expected) : GEOSArea_r(geos, piece, &expected));
        inside += share_of(shares, (uint32_t)i);
        if (fabs(share_of(shares, (uint32_t)i) - expected) > 1e-8 * scale) {
            print_error("cell %zu: %.15g, GEOS %.15g\n", i, share_of(shares, (uint32_t)i), expected);
        }
        assert_true(fabs(share_of(shares, (uint32_t)i) - expected) <= 1e-8 * scale);
        GEOSGeom_destroy_r(geos, piece);
    }
    assert_true(fabs(inside + share_of(shares, WG_UNASSIGNED) - whole) <= 1e-8 * scale);
    for (size_t i = 1; i < shares->n; i++) {
        const wg_share *a = &shares->items[i - 1], *b = &shares->items[i];
        assert_true(b->cell == WG_UNASSIGNED || a->share >= b->share - 2e-9);
    }
    GEOSGeom_destroy_r(geos, feature);
}

/* A star of `corners` about a centre: simple, but of any shape. */
static void star(wg_random *random, double x, double y, double radius, uint32_t corners, double *xy) {
    for (uint32_t k = 0; k < corners; k++) {
        const double angle = 6.283185307179586 * (k + 0.8 * wg_random_unit(random)) / corners;
        const double r = radius * (0.3 + 0.7 * wg_random_unit(random));
        xy[2 * k] = x + r * cos(angle);
        xy[2 * k + 1] = y + r * sin(angle);
    }
}

static void polygons(void **state) {
    (void)state;
    const wavy w = {.nx = 8, .ny = 6, .pieces = 10, .x0 = 500000, .y0 = 4400000, .size = 100, .wave = 0.8};
    wg_layer *cells = NULL;
    wg_random random;
    wg_shares shares = {0};
    geos_oracle oracle;
    wg_random_seed(&random, 1, "stars");
    assert_int_equal(wavy_layer(ctx, &w, &cells), WG_OK);
    wg_locator *locator = indexed(cells);
    geos_oracle_init(&oracle, cells);
    for (int round = 0; round < 400; round++) {
        double xy[64], radius = round % 4 == 0 ? 300 : round % 4 == 1 ? 5 : 60;
        const uint32_t corners = 3 + wg_random_below(&random, 28);
        wg_buffer wkb = {0};
        star(&random, w.x0 + 900 * wg_random_unit(&random) - 50, w.y0 + 700 * wg_random_unit(&random) - 50, radius,
             corners, xy);
        wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
        put_ring(&wkb, xy, corners);
        compare(locator, &oracle, wkb.data, wkb.length, false, radius * radius, &shares);
        assert_int_equal(shares.dimension, 2);
        assert_false(shares.overlap);
        wg_buffer_release(&wkb);
    }
    geos_oracle_release(&oracle);
    wg_shares_release(&shares);
    wg_locator_free(locator);
    wg_layer_free(cells);
}

/* The cells themselves, and boxes whose sides lie on cell lines: everything coincides. */
static void coincident_boundaries(void **state) {
    (void)state;
    wg_shares shares = {0};
    wg_layer *cells = NULL;
    assert_int_equal(wg_layer_new(ctx, "cells", NULL, &cells), WG_OK);
    for (int j = 0; j < 4; j++) {
        for (int i = 0; i < 4; i++) {
            add_box(cells, i, j, i + 1, j + 1);
        }
    }
    wg_locator *locator = indexed(cells);
    geos_oracle oracle;
    geos_oracle_init(&oracle, cells);
    for (uint32_t row = 0; row < 16; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(cells, row, &bytes);
        compare(locator, &oracle, wkb, bytes, false, 1, &shares);
        assert_int_equal(shares.n, 1);
        assert_int_equal(shares.items[0].cell, row);
    }
    for (double shift = 0; shift < 2; shift += 0.5) {
        wg_buffer wkb = {0};
        const double xy[8] = {shift, 0, shift + 2, 0, shift + 2, 3, shift, 3};
        wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
        put_ring(&wkb, xy, 4);
        compare(locator, &oracle, wkb.data, wkb.length, false, 1, &shares);
        assert_int_equal(shares.items[0].cell, shift == 0.5   ? 1
                                               : shift == 1.5 ? 2
                                                              : (uint32_t)shift); /* of equal shares the lower row */
        wg_buffer_release(&wkb);
    }
    geos_oracle_release(&oracle);
    wg_shares_release(&shares);
    wg_locator_free(locator);
    wg_layer_free(cells);
}

static void lines(void **state) {
    (void)state;
    const wavy w = {.nx = 8, .ny = 6, .pieces = 10, .x0 = 500000, .y0 = 4400000, .size = 100, .wave = 0.8};
    wg_layer *cells = NULL;
    wg_random random;
    wg_shares shares = {0};
    geos_oracle oracle;
    wg_random_seed(&random, 2, "lines");
    assert_int_equal(wavy_layer(ctx, &w, &cells), WG_OK);
    wg_locator *locator = indexed(cells);
    geos_oracle_init(&oracle, cells);
    for (int round = 0; round < 300; round++) {
        const uint32_t n = 2 + wg_random_below(&random, 6);
        wg_buffer wkb = {0};
        wg_wkb_put_header(&wkb, WG_WKB_LINESTRING, n);
        double at[2] = {w.x0 + 800 * wg_random_unit(&random), w.y0 + 600 * wg_random_unit(&random)};
        for (uint32_t k = 0; k < n; k++) {
            wg_wkb_put_pairs(&wkb, at, 1);
            at[0] += 200 * wg_random_unit(&random) - 100;
            at[1] += 200 * wg_random_unit(&random) - 100;
        }
        compare(locator, &oracle, wkb.data, wkb.length, true, 1000, &shares);
        wg_buffer_release(&wkb);
    }
    geos_oracle_release(&oracle);
    wg_shares_release(&shares);
    wg_locator_free(locator);
    wg_layer_free(cells);
}

/*
 *   cells   | 2 | 3 |      a line along the middle, then up between 2 and 3:
 *           | 0 | 1 |      every piece lies on a shared boundary
 */
static void a_line_along_boundaries_goes_to_the_lower_rows(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    wg_shares shares = {0};
    wg_buffer wkb = {0};
    const double xy[8] = {0, 1, 1, 1, 2, 1, 2, 1};
    const double up[4] = {1, 1, 1, 2};
    assert_int_equal(wg_layer_new(ctx, "cells", NULL, &cells), WG_OK);
    add_box(cells, 0, 0, 1, 1);
    add_box(cells, 1, 0, 2, 1);
    add_box(cells, 0, 1, 1, 2);
    add_box(cells, 1, 1, 2, 2);
    wg_locator *locator = indexed(cells);
    wg_wkb_put_header(&wkb, WG_WKB_MULTILINESTRING, 2);
    wg_wkb_put_header(&wkb, WG_WKB_LINESTRING, 4);
    wg_wkb_put_pairs(&wkb, xy, 4);
    wg_wkb_put_header(&wkb, WG_WKB_LINESTRING, 2);
    wg_wkb_put_pairs(&wkb, up, 2);
    assert_int_equal(wg_locator_shares(ctx, locator, wkb.data, wkb.length, &shares), WG_OK);
    assert_int_equal(shares.n, 3);
    assert_true(share_of(&shares, 0) == 1 && share_of(&shares, 1) == 1 && share_of(&shares, 2) == 1);
    assert_true(shares.measure == 3);
    wg_buffer_release(&wkb);
    wg_shares_release(&shares);
    wg_locator_free(locator);
    wg_layer_free(cells);
}

static void what_has_no_area_is_measured_as_less(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    wg_shares shares = {0};
    wg_buffer wkb = {0};
    const double flat[4] = {0.5, 0.5, 1.25, 0.5}, still[4] = {1.5, 0.5, 1.5, 0.5};
    assert_int_equal(wg_layer_new(ctx, "cells", NULL, &cells), WG_OK);
    add_box(cells, 0, 0, 1, 1);
    add_box(cells, 1, 0, 2, 1);
    wg_locator *locator = indexed(cells);
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1); /* a polygon that is a line there and back */
    put_ring(&wkb, flat, 2);
    assert_int_equal(wg_locator_shares(ctx, locator, wkb.data, wkb.length, &shares), WG_OK);
    assert_true(fabs(shares.items[0].share - 2.0 / 3) < 1e-12);
    assert_int_equal(shares.items[0].cell, 0);
    wg_buffer_clear(&wkb);
    wg_wkb_put_header(&wkb, WG_WKB_LINESTRING, 2); /* a line that is a point */
    wg_wkb_put_pairs(&wkb, still, 2);
    assert_int_equal(wg_locator_shares(ctx, locator, wkb.data, wkb.length, &shares), WG_OK);
    assert_int_equal(shares.n, 1);
    assert_int_equal(shares.items[0].cell, 1);
    wg_buffer_clear(&wkb);
    wg_wkb_put_header(&wkb, WG_WKB_MULTIPOLYGON, 0);
    assert_int_equal(wg_locator_shares(ctx, locator, wkb.data, wkb.length, &shares), WG_OK);
    assert_int_equal(shares.n, 0);
    wg_buffer_release(&wkb);
    wg_shares_release(&shares);
    wg_locator_free(locator);
    wg_layer_free(cells);
}

/* Pieces cut out sum to the feature and lie where the shares say. */
static void pieces_sum_up(void **state) {
    (void)state;
    const wavy w = {.nx = 4, .ny = 4, .pieces = 6, .x0 = 0, .y0 = 0, .size = 100, .wave = 0.8};
    wg_layer *cells = NULL;
    wg_random random;
    wg_shares shares = {0};
    wg_clipper *clipper = NULL;
    wg_random_seed(&random, 3, "pieces");
    assert_int_equal(wavy_layer(ctx, &w, &cells), WG_OK);
    wg_locator *locator = indexed(cells);
    assert_int_equal(wg_clipper_new(ctx, cells, &clipper), WG_OK);
    for (int round = 0; round < 50; round++) {
        double xy[24], sum = 0;
        wg_buffer wkb = {0}, piece = {0};
        star(&random, 400 * wg_random_unit(&random), 400 * wg_random_unit(&random), 120, 12, xy);
        wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
        put_ring(&wkb, xy, 12);
        assert_int_equal(wg_locator_shares(ctx, locator, wkb.data, wkb.length, &shares), WG_OK);
        assert_int_equal(wg_clipper_feature(ctx, clipper, wkb.data, wkb.length), WG_OK);
        for (size_t i = 0; i < shares.n; i++) {
            uint32_t all[16];
            size_t n = 0;
            double area = 0, unused;
            wg_buffer_clear(&piece);
            if (shares.items[i].cell != WG_UNASSIGNED) {
                assert_int_equal(wg_clipper_inside(ctx, clipper, shares.items[i].cell, &piece), WG_OK);
            } else {
                for (size_t k = 0; k < i; k++) {
                    all[n++] = shares.items[k].cell;
                }
                assert_int_equal(wg_clipper_outside(ctx, clipper, all, n, &piece), WG_OK);
            }
            wg_wkb_measure(piece.data, piece.length, &area, &unused);
            assert_true(fabs(area - shares.items[i].measure) < 1e-6);
            sum += area;
        }
        assert_true(fabs(sum - shares.measure) < 1e-6);
        wg_buffer_release(&wkb);
        wg_buffer_release(&piece);
    }
    wg_clipper_free(clipper);
    wg_shares_release(&shares);
    wg_locator_free(locator);
    wg_layer_free(cells);
}

/* ---- checking ---- */

static void checked(const wg_layer *cells, size_t invalid, size_t overlaps, double overlap_area, size_t gaps,
                    double gap_area) {
    wg_locator *locator = indexed(cells);
    wg_exceptions found = {0};
    wg_coverage_check check;
    assert_int_equal(wg_locator_check(ctx, locator, cells, UINT32_MAX, 1e-9, &found, &check), WG_OK);
    assert_int_equal(check.invalid, invalid);
    assert_int_equal(check.overlaps, overlaps);
    assert_int_equal(check.gaps, gaps);
    assert_true(fabs(check.overlap_area - overlap_area) < 1e-9 + 1e-12 * overlap_area);
    assert_true(fabs(check.gap_area - gap_area) < 1e-9 + 1e-12 * gap_area);
    assert_int_equal(found.n, invalid + overlaps + gaps);
    assert_int_equal(check.gap_polygons == NULL ? 0 : wg_layer_rows(check.gap_polygons), gaps);
    wg_coverage_check_release(&check);
    wg_exceptions_release(&found);
    wg_locator_free(locator);
}

static void clean_coverages_pass(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    const wavy w = {.nx = 12, .ny = 9, .pieces = 8, .x0 = 1e6, .y0 = 3e6, .size = 100, .wave = 0.8};
    assert_int_equal(wavy_layer(ctx, &w, &cells), WG_OK);
    checked(cells, 0, 0, 0, 0, 0);
    wg_layer_free(cells);
    /* A vertex on one side only of a common line: neither gap nor overlap. */
    const double bent[10] = {2, 0, 3, 0, 3, 2, 2, 2, 2, 1};
    assert_int_equal(wg_layer_new(ctx, "cells", NULL, &cells), WG_OK);
    add_box(cells, 0, 0, 2, 2);
    add_polygon(cells, bent, 5);
    checked(cells, 0, 0, 0, 0, 0);
    wg_layer_free(cells);
}

static void dirt_is_named(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    /*  Four boxes about a hole of 1 × 1, as the sides of a picture frame. */
    assert_int_equal(wg_layer_new(ctx, "cells", NULL, &cells), WG_OK);
    add_box(cells, 0, 0, 2, 1);
    add_box(cells, 2, 0, 3, 2);
    add_box(cells, 1, 2, 3, 3);
    add_box(cells, 0, 1, 1, 3);
    checked(cells, 0, 0, 0, 1, 1);
    /*  One of them grows over the hole and half a metre into its neighbour: no gap, one overlap. */
    add_box(cells, 1, 1, 2.5, 2);
    checked(cells, 0, 1, 0.5, 0, 0);
    /*  A bow-tie far away is not valid. */
    const double tie[8] = {10, 0, 12, 2, 12, 0, 10, 2};
    add_polygon(cells, tie, 4);
    checked(cells, 1, 1, 0.5, 0, 0);
    /*  A cell drawn twice overlaps itself wholly. */
    add_box(cells, 20, 0, 21, 1);
    add_box(cells, 20, 0, 21, 1);
    checked(cells, 1, 2, 1.5, 0, 0);
    /*  And one inside another, touching nothing. */
    add_box(cells, 30, 0, 40, 10);
    add_box(cells, 32, 2, 34, 4);
    checked(cells, 1, 3, 5.5, 0, 0);
    wg_layer_free(cells);
}

static int set_up(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polygons),
        cmocka_unit_test(coincident_boundaries),
        cmocka_unit_test(lines),
        cmocka_unit_test(a_line_along_boundaries_goes_to_the_lower_rows),
        cmocka_unit_test(what_has_no_area_is_measured_as_less),
        cmocka_unit_test(pieces_sum_up),
        cmocka_unit_test(clean_coverages_pass),
        cmocka_unit_test(dirt_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
