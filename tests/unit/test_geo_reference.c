/* Communities that overlap, gape, repeat, cross themselves; buildings on, across and outside their lines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "geo/border.h"
#include "geo/shape.h"
#include "geo_city.h"

static wg_context *ctx;

typedef struct fixture {
    wg_layer *communities, *buildings;
    wg_exceptions exceptions;
    wg_reference *reference;
    wg_reference_options options;
} fixture;

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

static void begin(fixture *f) {
    *f = (fixture){0};
    f->communities = geo_layer("map.gpkg: communities");
    f->buildings = geo_layer("buildings");
    assert_int_equal(wg_layer_add_column(NULL, f->communities, "code", WG_TEXT, NULL), WG_OK);
}

static void end(fixture *f) {
    wg_layer_free(f->communities);
    wg_layer_free(f->buildings);
    wg_exceptions_release(&f->exceptions);
    wg_reference_free(f->reference);
}

static void community(fixture *f, const char *code, double x0, double y0, double x1, double y1) {
    const size_t row = shape_box_row(f->communities, x0, y0, x1, y1);
    assert_int_equal(wg_layer_set_text(NULL, f->communities, row, 0, code), WG_OK);
}

static wg_status build(fixture *f) {
    wg_clear_error(ctx);
    return wg_reference_build(ctx, f->communities, 0, &f->options, &f->exceptions, &f->reference);
}

static double area_of(const fixture *f, size_t row) {
    double area, length;
    size_t bytes;
    const void *wkb = wg_layer_wkb(wg_reference_layer(f->reference), row, &bytes);
    wg_wkb_measure(wkb, bytes, &area, &length);
    return area;
}

static uint32_t vertices_of(const fixture *f, size_t row) {
    wg_shape shape = {0};
    size_t bytes;
    const void *wkb = wg_layer_wkb(wg_reference_layer(f->reference), row, &bytes);
    assert_int_equal(wg_shape_read(NULL, wg_lattice_of(0.001), wkb, bytes, &shape), WG_OK);
    const uint32_t n = (uint32_t)shape.n_points;
    wg_shape_release(&shape);
    return n;
}

/* +--+--+
 * |  |--|   the corner on the right is a vertex of the left one too */
static void test_shared_vertices(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    community(&f, "A", 0, 0, 100, 100);
    community(&f, "B", 100, 0, 200, 50);
    community(&f, "C", 100, 50, 200, 100);
    assert_int_equal(build(&f), WG_OK);
    assert_int_equal(vertices_of(&f, 0), 5);
    assert_int_equal(vertices_of(&f, 1), 4);
    assert_int_equal(f.exceptions.n, 0);
    assert_true(area_of(&f, 0) == 10000);
    end(&f);
}

static void test_narrow_overlap(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    community(&f, "A", 0, 0, 100.5, 100);
    community(&f, "B", 100, 0, 200, 100);
    assert_int_equal(build(&f), WG_OK);
    assert_true(area_of(&f, 0) == 10050 && area_of(&f, 1) == 9950);
    assert_int_equal(wg_exceptions_count(&f.exceptions, "community_overlap"), 1);
    assert_string_equal(f.exceptions.items[0].feature, "B");
    assert_true(fabs(f.exceptions.items[0].x - 100.25) < 0.01);
    end(&f);
}

static void test_wide_overlap(void **state) {
    (void)state;
    fixture f;
    begin(&f);
    community(&f, "A", 0, 0, 110, 100);
    community(&f, "B", 100, 0, 200, 100);
    assert_int_equal(build(&f), WG_EDATA);
    assert_non_null(strstr(wg_context_error(ctx), "community B overlaps community A by 1000 m², up to 10.0 m wide"));
    assert_non_null(strstr(wg_context_error(ctx), "feature "));
    assert_null(f.reference);
    f.options.repair = true;
    assert_int_equal(build(&f), WG_OK);
    assert_true(area_of(&f, 0) == 11000 && area_of(&f, 1) == 9000);
    end(&f);
}

/* A gap between two communities, open at both ends, is closed; a wide one is the planner's own. */
static void test_gap(void **state) {
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        fixture f;
        begin(&f);
        community(&f, "A", 0, 0, 100, 100);
        community(&f, "B", wide ? 105 : 100.4, 0, 200, 100);
        assert_int_equal(build(&f), WG_OK);
        assert_int_equal(wg_exceptions_count(&f.exceptions, "community_gap"), !wide);
        assert_true(fabs(area_of(&f, 0) + area_of(&f, 1) - (wide ? 19500 : 20000)) < 1e-9);
        end(&f);
    }
}

/** The middle one of three in a row, alone: the same polygon, with the corners that its neighbours put on its lines. */
static void test_choice(void **state) {
    (void)state;
    fixture f;
    wg_reference *one = NULL;
    begin(&f);
    community(&f, "1", 0, 0, 100, 100);
    community(&f, "2", 100, 0, 200, 150);
    community(&f, "3", 199.5, 50, 300, 100); /* overlaps 2 a little */
    assert_int_equal(build(&f), WG_OK);
    static const bool keep[] = {false, true, false};
    assert_int_equal(wg_reference_choose(ctx, f.reference, keep, &one), WG_OK);
    size_t bytes = 0, own_bytes = 0;
    const void *whole = wg_layer_wkb(wg_reference_layer(f.reference), 1, &bytes);
    const void *own = wg_layer_wkb(wg_reference_layer(one), 0, &own_bytes);
    assert_int_equal(wg_reference_layer(one)->n, 1);
    assert_string_equal(wg_layer_text(wg_reference_layer(one), 0, 0), "2");
    assert_int_equal(bytes, own_bytes);
    assert_memory_equal(whole, own, bytes);
    assert_int_equal(wg_reference_find(one, (wg_ipt){150000, 50000}), 0);
    assert_int_equal(wg_reference_find(one, (wg_ipt){50000, 50000}), WG_NONE);
    assert_int_equal(wg_reference_find(one, (wg_ipt){250000, 75000}), WG_NONE);
    wg_reference_free(one);
    end(&f);
}

/* A hole with an exclave of another community, and a hole of nobody. */
static void test_holes(void **state) {
    (void)state;
    fixture f;
    wg_buffer out = {0};
    begin(&f);
    const double ring[] = {0, 0, 100, 0, 100, 100, 0, 100}, taken[] = {20, 20, 20, 40, 40, 40, 40, 20},
                 lake[] = {60, 60, 60, 80, 80, 80, 80, 60}, part[] = {20, 20, 40, 20, 40, 40, 20, 40},
                 main[] = {100, 0, 200, 0, 200, 100, 100, 100};
    wg_wkb_put_header(&out, WG_WKB_POLYGON, 3);
    geo_ring(&out, ring, 4);
    geo_ring(&out, taken, 4);
    geo_ring(&out, lake, 4);
    (void)shape_row(f.communities, &out);
    wg_wkb_put_header(&out, WG_WKB_MULTIPOLYGON, 2);
    wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
    geo_ring(&out, part, 4);
    wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
    geo_ring(&out, main, 4);
    (void)shape_row(f.communities, &out);
    wg_buffer_release(&out);
    assert_int_equal(build(&f), WG_OK);
    assert_true(area_of(&f, 0) == 9200 && area_of(&f, 1) == 10400);
    assert_int_equal(f.exceptions.n, 0);
    const int64_t spot[][2] = {{10, 10}, {30, 30}, {70, 70}, {150, 50}, {250, 50}, {50, 150}};
    const uint32_t owner[] = {0, 1, WG_NONE, 1, WG_NONE, WG_NONE};
    for (int k = 0; k < 6; k++) {
        const wg_ipt p = {1000 * spot[k][0], 1000 * spot[k][1]};
        assert_int_equal(wg_reference_find(f.reference, p), owner[k]);
    }
    end(&f);
}

/* A polygon that crosses itself is made valid and listed. */
static void test_bow_tie(void **state) {
    (void)state;
    fixture f;
    wg_buffer out = {0};
    begin(&f);
    const double ring[] = {0, 0, 100, 100, 100, 0, 0, 100};
    wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
    geo_ring(&out, ring, 4);
    (void)shape_row(f.communities, &out);
    wg_buffer_release(&out);
    assert_int_equal(build(&f), WG_OK);
    assert_int_equal(wg_exceptions_count(&f.exceptions, "invalid_geometry"), 1);
    assert_true(f.exceptions.items[0].x == 50 && f.exceptions.items[0].y == 50);
    assert_true(area_of(&f, 0) == 5000);
    end(&f);
}

static void expect_failure(fixture *f, const char *message) {
    assert_int_equal(build(f), WG_EDATA);
    if (strstr(wg_context_error(ctx), message) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", message, wg_context_error(ctx));
    }
    end(f);
}

static void test_refused(void **state) {
    (void)state;
    fixture f;
    wg_buffer out = {0};
    begin(&f);
    expect_failure(&f, "there is no community");
    begin(&f);
    (void)shape_row(f.communities, &out);
    expect_failure(&f, "has no geometry");
    begin(&f);
    wg_wkb_put_point(&out, 1, 2);
    (void)shape_row(f.communities, &out);
    expect_failure(&f, "is not a polygon");
    begin(&f);
    community(&f, "A", 0, 0, 100, 100);
    community(&f, "thin", 200, 0, 200.0004, 100); /* nothing is left of it on the grid */
    expect_failure(&f, "has no land of its own");
    begin(&f);
    community(&f, "A", 0, 0, 100, 100);
    community(&f, "A again", 0, 0, 100, 100);
    expect_failure(&f, "community A again overlaps community A");
    begin(&f);
    community(&f, "A", 0, 0, 100, 100);
    community(&f, "A again", 0, 0, 100, 100);
    f.options.repair = true;
    expect_failure(&f, "others cover it");
    begin(&f);
    community(&f, "far", 0, 0, 1e15, 1e15);
    expect_failure(&f, "is not a place on this map");
    wg_buffer_release(&out);
}

/* Where buildings are placed: inside, across (with the share), outside, twice, without geometry, a point. */
static void test_placing(void **state) {
    (void)state;
    fixture f;
    wg_placement placed;
    wg_buffer out = {0};
    uint32_t floors;
    begin(&f);
    assert_int_equal(wg_layer_add_column(NULL, f.buildings, "floors", WG_INTEGER, &floors), WG_OK);
    community(&f, "A", 0, 0, 100, 100);
    community(&f, "B", 100, 0, 200, 100);
    (void)shape_box_row(f.buildings, 10, 10, 20, 20);   /* 0 inside A */
    (void)shape_box_row(f.buildings, 94, 40, 104, 50);  /* 1 60 % in A */
    (void)shape_box_row(f.buildings, 90, 60, 100, 70);  /* 2 touches the line */
    (void)shape_box_row(f.buildings, 194, 40, 214, 50); /* 3 mostly outside */
    (void)shape_box_row(f.buildings, 192, 60, 202, 70); /* 4 mostly inside B */
    (void)shape_box_row(f.buildings, 10, 10, 20, 20);   /* 5 is 0 again */
    (void)shape_row(f.buildings, &out);                 /* 6 no geometry */
    wg_wkb_put_point(&out, 150, 50);
    (void)shape_row(f.buildings, &out);                    /* 7 a point in B */
    (void)shape_box_row(f.buildings, 10, 10, 20, 20);      /* 8 is 0 with other figures */
    (void)shape_box_row(f.buildings, 99.995, 20, 110, 30); /* 9 a hair across: inside B */
    assert_int_equal(wg_layer_set_integer(NULL, f.buildings, 8, floors, 9), WG_OK);
    assert_int_equal(build(&f), WG_OK);
    assert_int_equal(wg_buildings_place(ctx, f.reference, f.buildings, UINT32_MAX, &f.exceptions, &placed), WG_OK);
    const uint32_t community_of[] = {0, 0, 0, WG_NONE, 1, WG_NONE, WG_NONE, 1, 0, 1};
    const uint8_t how[] = {WG_PLACED_INSIDE,    WG_PLACED_SHARE, WG_PLACED_INSIDE, WG_PLACED_NONE,   WG_PLACED_SHARE,
                           WG_PLACED_DUPLICATE, WG_PLACED_NONE,  WG_PLACED_INSIDE, WG_PLACED_INSIDE, WG_PLACED_SHARE};
    for (int b = 0; b < 10; b++) {
        assert_int_equal(placed.community[b], community_of[b]);
        assert_int_equal(placed.placed[b], how[b]);
    }
    assert_true(placed.x[1] > 94 && placed.x[1] < 100 && placed.footprint_m2[1] == 100);
    assert_true(isnan(placed.x[6]) && placed.footprint_m2[7] == 0);
    assert_int_equal(placed.first[1], 4);
    assert_int_equal(placed.first[2], 7);
    assert_int_equal(placed.order[0], 0);
    assert_int_equal(placed.order[4], 4);
    assert_int_equal(placed.order[7], 3);
    assert_int_equal(wg_exceptions_count(&f.exceptions, "building_across_line"), 3);
    assert_int_equal(wg_exceptions_count(&f.exceptions, "building_outside"), 1);
    assert_int_equal(wg_exceptions_count(&f.exceptions, "duplicate_building"), 1);
    assert_int_equal(wg_exceptions_count(&f.exceptions, "same_footprint"), 1);
    assert_int_equal(wg_exceptions_count(&f.exceptions, "no_geometry"), 1);
    wg_buffer_release(&out);
    wg_placement_release(&placed);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared_vertices), cmocka_unit_test(test_narrow_overlap),
        cmocka_unit_test(test_wide_overlap),    cmocka_unit_test(test_gap),
        cmocka_unit_test(test_choice),          cmocka_unit_test(test_holes),
        cmocka_unit_test(test_bow_tie),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_placing),
    };
    return cmocka_run_group_tests_name("geo reference", tests, setup, teardown);
}
