/* WKB: normalising every dialect, walking, measuring. Byte sequences are made here, not by the code under test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/wkb.h"

/** A writer of any dialect: byte order, EWKB or ISO dimensions. */
typedef struct maker {
    uint8_t bytes[4096];
    size_t n;
    bool big, ewkb, z, m, srid;
} maker;

static void put(maker *to, const void *value, size_t size) {
    const uint8_t *from = value; /* little-endian host, as the engine's targets are */
    for (size_t i = 0; i < size; i++) {
        to->bytes[to->n++] = from[to->big ? size - 1 - i : i];
    }
}

static void put_u32(maker *to, uint32_t value) {
    put(to, &value, sizeof value);
}

static void put_head(maker *to, uint32_t type) {
    to->bytes[to->n++] = to->big ? 0 : 1;
    uint32_t code = type;
    if (to->ewkb) {
        code |= (to->z ? 0x80000000u : 0u) | (to->m ? 0x40000000u : 0u) | (to->srid ? 0x20000000u : 0u);
    } else {
        code += (to->z ? 1000u : 0u) + (to->m ? 2000u : 0u);
    }
    put_u32(to, code);
    if (to->ewkb && to->srid) {
        put_u32(to, 4490);
    }
}

static void put_pair(maker *to, double x, double y) {
    const double z = 77, m = 88;
    put(to, &x, 8);
    put(to, &y, 8);
    if (to->z) {
        put(to, &z, 8);
    }
    if (to->m) {
        put(to, &m, 8);
    }
}

/** A unit square with a hole, at (x, y). */
static void put_square(maker *to, double x, double y) {
    put_head(to, WG_WKB_POLYGON);
    put_u32(to, 2);
    for (int ring = 0; ring < 2; ring++) {
        const double from = ring == 0 ? 0 : 0.25, till = ring == 0 ? 1 : 0.5;
        put_u32(to, 5);
        put_pair(to, x + from, y + from);
        put_pair(to, x + till, y + from);
        put_pair(to, x + till, y + till);
        put_pair(to, x + from, y + till);
        put_pair(to, x + from, y + from);
    }
}

static void put_collection(maker *to) {
    put_head(to, WG_WKB_COLLECTION);
    put_u32(to, 4);
    put_square(to, 0, 0);
    put_head(to, WG_WKB_POINT);
    put_pair(to, 3, 4);
    put_head(to, WG_WKB_LINESTRING);
    put_u32(to, 2);
    put_pair(to, 0, 0);
    put_pair(to, 3, 4);
    put_head(to, WG_WKB_MULTIPOLYGON);
    put_u32(to, 2);
    put_square(to, 10, 0);
    put_square(to, 20, 0);
}

static void every_dialect_gives_the_same_bytes(void **state) {
    (void)state;
    maker plain = {0};
    put_collection(&plain);
    for (int dialect = 0; dialect < 32; dialect++) {
        maker from = {.big = (dialect & 1) != 0,
                      .ewkb = (dialect & 2) != 0,
                      .z = (dialect & 4) != 0,
                      .m = (dialect & 8) != 0,
                      .srid = (dialect & 16) != 0};
        put_collection(&from);
        wg_buffer out = {0};
        assert_int_equal(wg_wkb_normalise(NULL, from.bytes, from.n, &out), WG_OK);
        assert_int_equal(out.length, plain.n);
        assert_memory_equal(out.data, plain.bytes, plain.n);
        wg_buffer_release(&out);
    }
}

/* Z and M are put aside, and come back to where they were: as ISO WKB, little-endian. */
static void heights_come_back(void **state) {
    (void)state;
    for (int dialect = 0; dialect < 16; dialect++) {
        maker from = {.big = (dialect & 1) != 0, .ewkb = (dialect & 2) != 0, .z = (dialect & 4) != 0};
        from.m = (dialect & 8) != 0;
        maker iso = {.z = from.z, .m = from.m}, flat = {0};
        put_collection(&from);
        put_collection(&iso);
        put_collection(&flat);
        wg_buffer two = {0}, heights = {0}, back = {0};
        bool z = !from.z, m = !from.m;
        assert_int_equal(wg_wkb_normalise_heights(NULL, from.bytes, from.n, &two, &heights, &z, &m), WG_OK);
        assert_int_equal(z, from.z);
        assert_int_equal(m, from.m);
        assert_int_equal(two.length, flat.n);
        assert_memory_equal(two.data, flat.bytes, flat.n);
        wg_wkb_put_with_heights(&back, two.data, two.length, z, m, (const double *)(const void *)heights.data);
        assert_int_equal(back.length, iso.n);
        assert_memory_equal(back.data, iso.bytes, iso.n);
        wg_buffer_release(&two);
        wg_buffer_release(&heights);
        wg_buffer_release(&back);
    }
}

/* Parts with a Z beside parts without: nothing is kept rather than something put where it was not. */
static void parts_that_differ_keep_no_heights(void **state) {
    (void)state;
    maker mixed = {0};
    put_head(&mixed, WG_WKB_COLLECTION);
    put_u32(&mixed, 2);
    for (int part = 0; part < 2; part++) {
        mixed.z = part == 0;
        put_head(&mixed, WG_WKB_POINT);
        put_pair(&mixed, 1, 2);
    }
    wg_buffer two = {0}, heights = {0};
    bool z = true, m = true;
    assert_int_equal(wg_wkb_normalise_heights(NULL, mixed.bytes, mixed.n, &two, &heights, &z, &m), WG_OK);
    assert_false(z);
    assert_false(m);
    assert_int_equal(heights.length, 0);
    wg_buffer_release(&two);
    wg_buffer_release(&heights);
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    maker from = {0};
    put_collection(&from);
    for (size_t n = 0; n < from.n; n++) {
        uint8_t *exact = malloc(n + (n == 0)); /* so that a sanitiser sees a read past the end */
        memcpy(exact, from.bytes, n);
        wg_buffer out = {0};
        assert_int_equal(wg_wkb_normalise(NULL, exact, n, &out), WG_EDATA);
        wg_buffer_release(&out);
        double bounds[4];
        assert_false(wg_wkb_bounds(exact, n, bounds));
        free(exact);
    }
}

static void types_that_are_no_geometry_are_refused(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    const uint32_t types[] = {0, 8, 10, 17, 4001, 0x10000001};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        maker from = {0};
        put_head(&from, types[i]);
        put_u32(&from, 0);
        wg_buffer out = {0};
        assert_int_equal(wg_wkb_normalise(ctx, from.bytes, from.n, &out), WG_EDATA);
        assert_int_equal(wg_wkb_type(from.bytes, from.n), 0);
        wg_buffer_release(&out);
    }
    assert_non_null(strstr(wg_context_error(ctx), "WKB"));
    wg_context_free(ctx);
}

static void nesting_without_end_is_refused(void **state) {
    (void)state;
    maker from = {0};
    for (int depth = 0; depth < 300; depth++) {
        put_head(&from, WG_WKB_COLLECTION);
        put_u32(&from, 1);
    }
    put_head(&from, WG_WKB_POINT);
    put_pair(&from, 1, 2);
    wg_buffer out = {0};
    assert_int_equal(wg_wkb_normalise(NULL, from.bytes, from.n, &out), WG_EDATA);
    wg_buffer_release(&out);
}

typedef struct seen {
    char text[256];
    size_t n;
} seen;

static void note(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    seen *own = user;
    double xy[2] = {0, 0};
    if (n > 0) {
        wg_wkb_get(pairs, 0, xy);
    }
    const int used = snprintf(own->text + own->n, sizeof own->text - own->n, "t%u p%u r%u n%u (%g %g); ", type, part,
                              ring, n, xy[0], xy[1]);
    own->n += (size_t)used;
}

static void the_walk_numbers_parts_and_rings(void **state) {
    (void)state;
    maker from = {0};
    seen own = {0};
    put_collection(&from);
    assert_int_equal(wg_wkb_visit(from.bytes, from.n, note, &own), WG_OK);
    assert_string_equal(own.text,
                        "t3 p0 r0 n5 (0 0); t3 p0 r1 n5 (0.25 0.25); t1 p1 r0 n1 (3 4); t2 p2 r0 n2 (0 0); "
                        "t3 p3 r0 n5 (10 0); t3 p3 r1 n5 (10.25 0.25); t3 p4 r0 n5 (20 0); t3 p4 r1 n5 (20.25 0.25); ");
}

static void shift(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type, (void)part, (void)ring, (void)user;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        xy[0] += 100;
        wg_wkb_set(pairs, i, xy);
    }
}

static void the_walk_can_write(void **state) {
    (void)state;
    maker from = {0};
    double bounds[4];
    put_square(&from, 0, 0);
    assert_int_equal(wg_wkb_visit(from.bytes, from.n, shift, NULL), WG_OK);
    assert_true(wg_wkb_bounds(from.bytes, from.n, bounds));
    assert_true(bounds[0] == 100 && bounds[1] == 0 && bounds[2] == 101 && bounds[3] == 1);
}

static void a_square_with_a_hole_is_measured(void **state) {
    (void)state;
    maker from = {0};
    double area, length, xy[2];
    put_square(&from, 0, 0);
    wg_wkb_measure(from.bytes, from.n, &area, &length);
    assert_true(fabs(area - (1 - 0.0625)) < 1e-15);
    assert_true(fabs(length - 5) < 1e-15);
    assert_true(wg_wkb_centroid(from.bytes, from.n, xy));
    const double expected = (0.5 - 0.0625 * 0.375) / (1 - 0.0625);
    assert_true(fabs(xy[0] - expected) < 1e-15 && fabs(xy[1] - expected) < 1e-15);
}

static void far_coordinates_keep_the_digits(void **state) {
    (void)state;
    maker from = {0};
    double area, length, xy[2];
    put_square(&from, 39500000, 4400000); /* CGCS2000 zone 39 with its prefix */
    wg_wkb_measure(from.bytes, from.n, &area, &length);
    assert_true(fabs(area - (1 - 0.0625)) < 1e-12);
    assert_true(wg_wkb_centroid(from.bytes, from.n, xy));
    assert_true(fabs(xy[0] - 39500000.508333333) < 1e-7);
}

static void lines_and_points_have_centroids_too(void **state) {
    (void)state;
    maker line = {0}, points = {0};
    double xy[2], area, length;
    put_head(&line, WG_WKB_LINESTRING);
    put_u32(&line, 3);
    put_pair(&line, 0, 0);
    put_pair(&line, 8, 0);
    put_pair(&line, 8, 2);
    assert_true(wg_wkb_centroid(line.bytes, line.n, xy));
    assert_true(fabs(xy[0] - (8 * 4 + 2 * 8) / 10.0) < 1e-15 && fabs(xy[1] - 0.2) < 1e-15);
    wg_wkb_measure(line.bytes, line.n, &area, &length);
    assert_true(area == 0 && length == 10);
    put_head(&points, WG_WKB_MULTIPOINT);
    put_u32(&points, 2);
    put_head(&points, WG_WKB_POINT);
    put_pair(&points, 1, 1);
    put_head(&points, WG_WKB_POINT);
    put_pair(&points, 3, 5);
    assert_true(wg_wkb_centroid(points.bytes, points.n, xy));
    assert_true(xy[0] == 2 && xy[1] == 3);
}

static void what_is_empty_has_no_bounds(void **state) {
    (void)state;
    maker empty = {0}, nan_point = {0};
    double bounds[4], xy[2];
    put_head(&empty, WG_WKB_MULTIPOLYGON);
    put_u32(&empty, 0);
    assert_false(wg_wkb_bounds(empty.bytes, empty.n, bounds));
    assert_true(isnan(bounds[0]));
    assert_false(wg_wkb_centroid(empty.bytes, empty.n, xy));
    put_head(&nan_point, WG_WKB_POINT);
    put_pair(&nan_point, NAN, NAN);
    assert_false(wg_wkb_bounds(nan_point.bytes, nan_point.n, bounds));
    assert_false(wg_wkb_centroid(nan_point.bytes, nan_point.n, xy));
    assert_false(wg_wkb_bounds(NULL, 0, bounds));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heights_come_back),
        cmocka_unit_test(parts_that_differ_keep_no_heights),
        cmocka_unit_test(every_dialect_gives_the_same_bytes),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(types_that_are_no_geometry_are_refused),
        cmocka_unit_test(nesting_without_end_is_refused),
        cmocka_unit_test(the_walk_numbers_parts_and_rings),
        cmocka_unit_test(the_walk_can_write),
        cmocka_unit_test(a_square_with_a_hole_is_measured),
        cmocka_unit_test(far_coordinates_keep_the_digits),
        cmocka_unit_test(lines_and_points_have_centroids_too),
        cmocka_unit_test(what_is_empty_has_no_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
