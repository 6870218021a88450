/* Axis order, offsets, zones, the working CRS. Expected values: EPSG guidance, the domain's vectors, cs2cs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "crs/crs.h"
#include "files.h"
#include "shapes.h"

static void near2(const double xy[2], double x, double y, double tolerance) {
    if (!(fabs(xy[0] - x) <= tolerance && fabs(xy[1] - y) <= tolerance)) {
        fail_msg("%.12f %.12f, expected %.12f %.12f", xy[0], xy[1], x, y);
    }
}

static void offsets_match_published_vectors(void **state) {
    (void)state;
    double gcj[2] = {120.0, 40.0};
    wg_gcj02_from_wgs84(gcj);
    near2(gcj, 120.00567568355486, 40.0013047896019, 1e-9);
    double bd[2] = {116.403988, 39.914266};
    wg_bd09_from_wgs84(bd);
    near2(bd, 116.41661560068297, 39.92196580126834, 1e-9);
}

static void offsets_invert(void **state) {
    (void)state;
    for (double x = 74.0; x < 135.0; x += 0.731) {
        for (double y = 4.0; y < 53.0; y += 0.517) {
            double gcj[2] = {x, y}, bd[2] = {x, y};
            wg_gcj02_from_wgs84(gcj);
            wg_wgs84_from_gcj02(gcj);
            near2(gcj, x, y, 1e-10);
            wg_bd09_from_wgs84(bd);
            wg_wgs84_from_bd09(bd);
            near2(bd, x, y, 1e-10);
        }
    }
}

/** The published vectors the other way, and points all over China: the inverse is far better than 1e-7 degrees. */
static void the_inverse_is_exact(void **state) {
    (void)state;
    double gcj[2] = {120.00567568355486, 40.0013047896019}, bd[2] = {116.41661560068297, 39.92196580126834};
    wg_wgs84_from_gcj02(gcj);
    near2(gcj, 120.0, 40.0, 1e-9);
    wg_wgs84_from_bd09(bd);
    near2(bd, 116.403988, 39.914266, 1e-9);
    double worst[2] = {0, 0};
    wg_random random;
    wg_random_seed(&random, 1, "china");
    for (int i = 0; i < 100000; i++) {
        const double x = 73.6 + 61.4 * wg_random_unit(&random), y = 4.0 + 49.5 * wg_random_unit(&random);
        double p[2] = {x, y}, q[2] = {x, y};
        wg_gcj02_from_wgs84(p);
        wg_wgs84_from_gcj02(p);
        worst[0] = fmax(worst[0], fmax(fabs(p[0] - x), fabs(p[1] - y)));
        wg_bd09_from_wgs84(q);
        wg_wgs84_from_bd09(q);
        worst[1] = fmax(worst[1], fmax(fabs(q[0] - x), fabs(q[1] - y)));
    }
    print_message("100000 points over China, there and back: GCJ-02 within %.1e degrees, BD-09 within %.1e\n", worst[0],
                  worst[1]);
    assert_true(worst[0] < 1e-9 && worst[1] < 1e-9);
}

static void nothing_moves_outside_china(void **state) {
    (void)state;
    double p[2] = {9.5, 47.1};
    wg_bd09_from_wgs84(p);
    near2(p, 9.5, 47.1, 0.0);
    wg_wgs84_from_gcj02(p);
    near2(p, 9.5, 47.1, 0.0);
}

/** 117 E, 40 N in every CRS that a Chinese file may be in; eastings from the series for the meridian arc and the zone's
 * offset. */
static void x_is_easting_in_every_zone(void **state) {
    scratch *s = *state;
    static const struct {
        const char *crs;
        double x, y, tolerance;
    } cases[] = {{"EPSG:4490", 117.0, 40.0, 1e-9},
                 {"EPSG:4527", 39500000.0, 4429529.030, 2.0},
                 {"EPSG:4548", 500000.0, 4429529.030, 2.0},
                 {"EPSG:4498", 20500000.0, 4429529.030, 2.0},
                 {"EPSG:4509", 500000.0, 4429529.030, 2.0},
                 {"EPSG:32650", 500000.0, 4427757.218, 2.0},
                 {"EPSG:3857", 13024380.422, 4865942.279, 0.01}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double xy[2] = {117.0, 40.0};
        assert_int_equal(wg_crs_points(s->ctx, "EPSG:4326", cases[i].crs, xy, 1), WG_OK);
        near2(xy, cases[i].x, cases[i].y, cases[i].tolerance);
        assert_int_equal(wg_crs_points(s->ctx, cases[i].crs, "wgs84", xy, 1), WG_OK);
        near2(xy, 117.0, 40.0, 1e-8);
    }
}

static void offset_systems_are_crs(void **state) {
    scratch *s = *state;
    double xy[2] = {116.403988, 39.914266};
    assert_int_equal(wg_crs_points(s->ctx, "EPSG:4326", "BD-09", xy, 1), WG_OK);
    near2(xy, 116.41661560068297, 39.92196580126834, 1e-9);
    assert_int_equal(wg_crs_points(s->ctx, "bd09", "gcj02", xy, 1), WG_OK);
    assert_int_equal(wg_crs_points(s->ctx, "gcj02", "EPSG:4527", xy, 1), WG_OK);
    double direct[2] = {116.403988, 39.914266};
    assert_int_equal(wg_crs_points(s->ctx, "EPSG:4326", "EPSG:4527", direct, 1), WG_OK);
    near2(xy, direct[0], direct[1], 1e-4);
}

static void unknown_crs_is_an_error(void **state) {
    scratch *s = *state;
    double xy[2] = {0, 0};
    assert_int_equal(wg_crs_points(s->ctx, "EPSG:999999", "EPSG:4326", xy, 1), WG_EINVAL);
    assert_string_equal(wg_context_error(s->ctx),
                        "CRS \"EPSG:999999\" is not understood (write EPSG:4326, EPSG:4490, gcj02, bd09, WKT …)");
}

static void descriptions(void **state) {
    scratch *s = *state;
    wg_crs_info info;
    assert_int_equal(wg_crs_describe(s->ctx, "EPSG:4527", &info), WG_OK);
    assert_int_equal(info.kind, WG_CRS_PROJECTED);
    assert_int_equal(info.zone, 39);
    assert_string_equal(info.id, "EPSG:4527");
    assert_true(fabs(info.central_meridian - 117.0) < 1e-9);
    assert_int_equal(wg_crs_describe(s->ctx, "EPSG:4548", &info), WG_OK);
    assert_int_equal(info.zone, 0);
    assert_int_equal(wg_crs_describe(s->ctx, "4490", &info), WG_OK);
    assert_int_equal(info.kind, WG_CRS_GEOGRAPHIC);
    assert_int_equal(wg_crs_describe(s->ctx, "GCJ-02", &info), WG_OK);
    assert_int_equal(info.kind, WG_CRS_GCJ02);
    assert_true(wg_crs_same(s->ctx, "EPSG:4326", "OGC:CRS84"));
    assert_true(wg_crs_same(s->ctx, "wgs84", "4326"));
    assert_false(wg_crs_same(s->ctx, "EPSG:4326", "EPSG:4490"));
    assert_false(wg_crs_same(s->ctx, "gcj02", "EPSG:4326"));
    char *wkt = NULL;
    assert_int_equal(wg_crs_wkt(s->ctx, "EPSG:4527", "WKT1_ESRI", &wkt), WG_OK);
    assert_int_equal(strncmp(wkt, "PROJCS[\"CGCS2000_3_Degree_GK_Zone_39\"", 37), 0);
    free(wkt);
}

static wg_layer *box_layer(const char *crs, double x0, double y0, double x1, double y1) {
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(NULL, "communities", crs, &layer), WG_OK);
    (void)shape_box_row(layer, x0, y0, x1, y1);
    return layer;
}

static void working_is(scratch *s, const char *crs, const double b[4], wg_datum datum, const char *override,
                       const char *expected) {
    wg_layer *layer = box_layer(crs, b[0], b[1], b[2], b[3]);
    char *working = NULL;
    wg_clear_error(s->ctx);
    if (wg_crs_working(s->ctx, layer, datum, override, &working) == WG_OK) {
        assert_string_equal(working, expected);
    } else {
        assert_string_equal(wg_context_error(s->ctx), expected);
    }
    free(working);
    wg_layer_free(layer);
}

static void the_working_crs_follows_the_place(void **state) {
    scratch *s = *state;
    const double beijing[] = {116.3, 39.8, 116.5, 40.0}, vaduz[] = {9.4, 47.0, 9.6, 47.2},
                 sydney[] = {151.1, -34.0, 151.3, -33.8};
    const double gk[] = {39400000.0, 4400000.0, 39410000.0, 4410000.0};
    working_is(s, "EPSG:4326", beijing, WG_DATUM_WGS84, NULL, "EPSG:32650");
    working_is(s, "gcj02", beijing, WG_DATUM_WGS84, NULL, "EPSG:32650");
    working_is(s, "EPSG:4527", gk, WG_DATUM_WGS84, NULL, "EPSG:32650");
    working_is(s, "EPSG:4326", beijing, WG_DATUM_CGCS2000, NULL, "EPSG:4548");
    working_is(s, "EPSG:4326", vaduz, WG_DATUM_WGS84, NULL, "EPSG:32632");
    working_is(s, "EPSG:4326", vaduz, WG_DATUM_WGS84, "2056", "EPSG:2056");
    working_is(s, "EPSG:4326", sydney, WG_DATUM_WGS84, NULL, "EPSG:32756");
    working_is(s, "EPSG:4326", vaduz, WG_DATUM_CGCS2000, NULL,
               "communities: lies at 9.50, 47.10, outside the CGCS2000 zones (leave out --datum cgcs2000)");
    working_is(
        s, "EPSG:4326", vaduz, WG_DATUM_WGS84, "EPSG:4326",
        "--crs EPSG:4326: the working CRS must be projected, in metres (leave it out for the UTM zone of the place)");
    working_is(s, NULL, vaduz, WG_DATUM_WGS84, NULL,
               "communities: the CRS is not known (state it with --crs-of NAME=EPSG:…; wangge info has advice)");
}

static void a_lost_coordinate_names_its_feature(void **state) {
    scratch *s = *state;
    wg_layer *layer = box_layer("EPSG:4326", 116.0, 40.0, 116.1, 40.1);
    (void)shape_box_row(layer, 116.0, 95.0, 116.1, 96.0);
    assert_int_equal(wg_crs_transform(s->ctx, layer, "EPSG:32650"), WG_EDATA);
    assert_string_equal(
        wg_context_error(s->ctx),
        "communities: feature 1: a coordinate cannot be transformed from EPSG:4326 to EPSG:32650 (is the CRS right?)");
    wg_layer_free(layer);
}

/** Two boxes that share an edge, given in opposite directions, still share every vertex after densifying. */
static void densifying_keeps_neighbours_seamless(void **state) {
    scratch *s = *state;
    wg_layer *layer = box_layer("EPSG:32650", 300000.0, 4400000.0, 340000.0, 4430000.0);
    (void)shape_box_row(layer, 340000.0, 4400000.0, 390000.0, 4430000.0);
    assert_int_equal(wg_crs_transform_dense(s->ctx, layer, "EPSG:4326", 0.001), WG_OK);
    size_t n0 = 0, n1 = 0, common = 0;
    const uint8_t *a = wg_layer_wkb(layer, 0, &n0), *b = wg_layer_wkb(layer, 1, &n1);
    const uint32_t points0 = (uint32_t)((n0 - 13) / 16), points1 = (uint32_t)((n1 - 13) / 16);
    assert_true(points0 > 100);
    for (uint32_t i = 0; i < points0; i++) {
        for (uint32_t j = 0; j < points1; j++) {
            common += memcmp(a + 13 + 16 * i, b + 13 + 16 * j, 16) == 0 ? 1 : 0;
        }
    }
    assert_true(common > 40);
    wg_crs_op *back = NULL;
    assert_int_equal(wg_crs_op_new(s->ctx, "EPSG:4326", "EPSG:32650", &back), WG_OK);
    for (uint32_t i = 1; i < points0; i++) { /* midpoints in degrees lie on the line in metres, to the millimetre */
        double p[2], q[2];
        wg_wkb_get(a + 13, i - 1, p);
        wg_wkb_get(a + 13, i, q);
        double middle[2] = {(p[0] + q[0]) / 2, (p[1] + q[1]) / 2};
        assert_int_equal(wg_crs_op_points(back, middle, 1), 0);
        const double dx = fmin(fabs(middle[0] - 300000.0), fabs(middle[0] - 340000.0));
        const double dy = fmin(fabs(middle[1] - 4400000.0), fabs(middle[1] - 4430000.0));
        assert_true(fmin(dx, dy) < 0.0011);
    }
    wg_crs_op_free(back);
    wg_layer_free(layer);
}

static void threads_do_not_change_a_bit(void **state) {
    scratch *s = *state;
    wg_layer *one = NULL, *two = NULL;
    assert_int_equal(wg_layer_new(s->ctx, "points", "EPSG:4326", &one), WG_OK);
    for (int i = 0; i < 30000; i++) {
        wg_buffer point = {0};
        wg_wkb_put_point(&point, 116.0 + i * 1e-5, 40.0 + (i % 97) * 1e-4);
        (void)shape_row(one, &point);
        wg_buffer_release(&point);
    }
    assert_int_equal(wg_layer_copy(s->ctx, one, NULL, &two), WG_OK);
    wg_context_set_threads(s->ctx, 1);
    assert_int_equal(wg_crs_transform(s->ctx, one, "EPSG:32650"), WG_OK);
    wg_context_set_threads(s->ctx, 3);
    assert_int_equal(wg_crs_transform(s->ctx, two, "EPSG:32650"), WG_OK);
    assert_memory_equal(one->wkb, two->wkb, one->wkb_length);
    assert_string_equal(one->crs, "EPSG:32650");
    wg_layer_free(one);
    wg_layer_free(two);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_match_published_vectors),
        cmocka_unit_test(offsets_invert),
        cmocka_unit_test(the_inverse_is_exact),
        cmocka_unit_test(nothing_moves_outside_china),
        SCRATCH_TEST(x_is_easting_in_every_zone),
        SCRATCH_TEST(offset_systems_are_crs),
        SCRATCH_TEST(unknown_crs_is_an_error),
        SCRATCH_TEST(descriptions),
        SCRATCH_TEST(the_working_crs_follows_the_place),
        SCRATCH_TEST(a_lost_coordinate_names_its_feature),
        SCRATCH_TEST(densifying_keeps_neighbours_seamless),
        SCRATCH_TEST(threads_do_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
