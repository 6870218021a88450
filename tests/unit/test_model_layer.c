/* Layers: columns, rows, values, geometry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "model/layer.h"
#include "shapes.h"

/** name (text), floors (integer), area (real); three rows, the second without geometry and values. */
static wg_layer *three_buildings(wg_context *ctx) {
    wg_layer *layer = NULL;
    uint32_t name, floors, area;
    wg_buffer shape = {0};
    assert_int_equal(wg_layer_new(ctx, "buildings", "EPSG:4490", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(ctx, layer, "name", WG_TEXT, &name), WG_OK);
    assert_int_equal(wg_layer_add_column(ctx, layer, "floors", WG_INTEGER, &floors), WG_OK);
    shape_box(&shape, 0, 0, 10, 20);
    shape_row(layer, &shape);
    shape_row(layer, &shape);
    shape_box(&shape, 5, 5, 6, 6);
    shape_row(layer, &shape);
    assert_int_equal(wg_layer_add_column(ctx, layer, "area", WG_REAL, &area), WG_OK); /* after the rows */
    assert_int_equal(wg_layer_set_text(ctx, layer, 0, name, "东里一号楼"), WG_OK);
    assert_int_equal(wg_layer_set_integer(ctx, layer, 0, floors, 6), WG_OK);
    assert_int_equal(wg_layer_set_real(ctx, layer, 0, area, 200.5), WG_OK);
    assert_int_equal(wg_layer_set_integer(ctx, layer, 2, floors, -1), WG_OK);
    wg_buffer_release(&shape);
    return layer;
}

static void values_come_back(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = three_buildings(ctx);
    assert_int_equal(wg_layer_rows(layer), 3);
    assert_int_equal(wg_layer_columns(layer), 3);
    assert_string_equal(wg_layer_name(layer), "buildings");
    assert_string_equal(wg_layer_crs(layer), "EPSG:4490");
    assert_int_equal(wg_layer_column(layer, "floors"), 1);
    assert_int_equal(wg_layer_column(layer, "Floors"), UINT32_MAX);
    assert_string_equal(wg_layer_column_name(layer, 2), "area");
    assert_null(wg_layer_column_name(layer, 3));
    assert_int_equal(wg_layer_column_type(layer, 2), WG_REAL);
    assert_string_equal(wg_layer_text(layer, 0, 0), "东里一号楼");
    assert_int_equal(wg_layer_integer(layer, 0, 1), 6);
    assert_true(wg_layer_real(layer, 0, 1) == 6.0);       /* an integer as a real */
    assert_int_equal(wg_layer_integer(layer, 0, 2), 201); /* a real as an integer: rounded */
    wg_layer_free(layer);
    wg_context_free(ctx);
}

static void what_is_unknown_says_so(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = three_buildings(ctx);
    size_t bytes = 99;
    assert_true(wg_layer_is_null(layer, 1, 0));
    assert_true(wg_layer_is_null(layer, 1, 1));
    assert_true(wg_layer_is_null(layer, 1, 2)); /* column that was added after the row */
    assert_true(wg_layer_is_null(layer, 3, 0)); /* past the end */
    assert_true(wg_layer_is_null(layer, 0, 3));
    assert_null(wg_layer_text(layer, 1, 0));
    assert_null(wg_layer_text(layer, 0, 1)); /* not text */
    assert_int_equal(wg_layer_integer(layer, 1, 1), 0);
    assert_int_equal(wg_layer_integer(layer, 0, 0), 0); /* text */
    assert_true(isnan(wg_layer_real(layer, 1, 2)));
    assert_true(isnan(wg_layer_real(layer, 0, 0)));
    assert_null(wg_layer_wkb(layer, 1, &bytes));
    assert_int_equal(bytes, 0);
    assert_null(wg_layer_wkb(layer, 17, &bytes));
    assert_int_equal(wg_layer_set_text(ctx, layer, 0, 0, NULL), WG_OK);
    assert_true(wg_layer_is_null(layer, 0, 0));
    wg_layer_set_null(layer, 0, 2);
    assert_true(isnan(wg_layer_real(layer, 0, 2)));
    wg_layer_free(layer);
    wg_context_free(ctx);
}

static void wrong_cells_and_types_are_refused(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = three_buildings(ctx);
    assert_int_equal(wg_layer_set_text(ctx, layer, 0, 1, "six"), WG_EINVAL);
    assert_string_equal(wg_context_error(ctx), "buildings: column floors is of another type");
    assert_int_equal(wg_layer_set_real(ctx, layer, 0, 0, 1.0), WG_EINVAL);
    assert_int_equal(wg_layer_set_integer(ctx, layer, 3, 1, 1), WG_EINVAL);
    assert_int_equal(wg_layer_set_integer(ctx, layer, 0, 3, 1), WG_EINVAL);
    wg_layer_free(layer);
    wg_layer_free(NULL);
    wg_context_free(ctx);
}

static void huge_and_broken_reals_do_not_overflow_an_integer(void **state) {
    (void)state;
    wg_layer *layer = NULL;
    const double hard[] = {1e300, -1e300, INFINITY, NAN, 9.3e18};
    assert_int_equal(wg_layer_new(NULL, "t", NULL, &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "v", WG_REAL, NULL), WG_OK);
    for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++) {
        size_t row;
        assert_int_equal(wg_layer_add_row(NULL, layer, NULL, 0, &row), WG_OK);
        assert_int_equal(wg_layer_set_real(NULL, layer, row, 0, hard[i]), WG_OK);
        assert_int_equal(wg_layer_integer(layer, row, 0), 0);
    }
    wg_layer_free(layer);
}

static void a_broken_geometry_adds_no_row(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = three_buildings(ctx);
    const uint8_t torn[] = {1, 3, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 1, 2, 3};
    size_t before, after;
    const void *last = wg_layer_wkb(layer, 2, &before);
    assert_non_null(last);
    assert_int_equal(wg_layer_add_row(ctx, layer, torn, sizeof torn, NULL), WG_EDATA);
    assert_int_equal(wg_layer_rows(layer), 3);
    assert_non_null(wg_layer_wkb(layer, 2, &after));
    assert_int_equal(before, after);
    wg_layer_free(layer);
    wg_context_free(ctx);
}

static void a_copy_keeps_what_is_marked(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = three_buildings(ctx), *copy = NULL;
    const bool keep[] = {false, true, true};
    assert_int_equal(wg_layer_set_source(ctx, layer, "map.gpkg: buildings"), WG_OK);
    assert_int_equal(wg_layer_copy(ctx, layer, keep, &copy), WG_OK);
    assert_int_equal(wg_layer_rows(copy), 2);
    assert_int_equal(wg_layer_integer(copy, 1, 1), -1);
    assert_true(wg_layer_is_null(copy, 0, 0));
    assert_int_equal(copy->fid[1], 2); /* messages still name the source's feature */
    assert_string_equal(wg_layer_source(copy), "map.gpkg: buildings");
    size_t bytes, same;
    const void *a = wg_layer_wkb(layer, 2, &bytes), *b = wg_layer_wkb(copy, 1, &same);
    assert_int_equal(bytes, same);
    assert_memory_equal(a, b, bytes);
    wg_layer_free(copy);
    wg_layer_free(layer);
    wg_context_free(ctx);
}

static void messages_name_the_feature(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = three_buildings(ctx);
    layer->fid[1] = 17;
    assert_int_equal(wg_layer_fail(ctx, layer, 1, WG_EDATA, "households is %d", -4), WG_EDATA);
    assert_string_equal(wg_context_error(ctx), "buildings: feature 17: households is -4");
    wg_layer_free(layer);
    wg_context_free(ctx);
}

static void geometries_can_be_replaced_and_rows_added_after(void **state) {
    (void)state;
    wg_layer *layer = NULL;
    wg_buffer shape = {0};
    assert_int_equal(wg_layer_new(NULL, "t", NULL, &layer), WG_OK);
    for (int i = 0; i < 5; i++) {
        shape_box(&shape, i, 0, i + 1, 1);
        shape_row(layer, &shape);
    }
    wg_wkb_put_point(&shape, 1, 2);
    const size_t point = shape.length;
    size_t *offset = wg_calloc(6, sizeof *offset);
    for (size_t i = 1; i < 6; i++) {
        offset[i] = i >= 3 ? point : 0; /* only row 2 has one */
    }
    wg_layer_take_wkb(layer, (uint8_t *)wg_buffer_steal(&shape), point, offset);
    for (int i = 0; i < 40; i++) {
        shape_box(&shape, i, 0, i + 1, 1);
        shape_row(layer, &shape);
    }
    size_t bytes;
    assert_null(wg_layer_wkb(layer, 1, &bytes));
    assert_int_equal(wg_wkb_type(wg_layer_wkb(layer, 2, &bytes), point), WG_WKB_POINT);
    assert_null(wg_layer_wkb(layer, 3, &bytes));
    assert_int_equal(wg_wkb_type(wg_layer_wkb(layer, 44, &bytes), 93), WG_WKB_POLYGON);
    wg_buffer_release(&shape);
    wg_layer_free(layer);
}

static void many_rows_keep_their_values(void **state) {
    (void)state;
    wg_layer *layer = NULL;
    uint32_t id, text;
    assert_int_equal(wg_layer_new(NULL, "t", NULL, &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "id", WG_INTEGER, &id), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "text", WG_TEXT, &text), WG_OK);
    for (int i = 0; i < 20000; i++) {
        char word[16];
        size_t row;
        (void)snprintf(word, sizeof word, "楼%d", i);
        assert_int_equal(wg_layer_add_row(NULL, layer, NULL, 0, &row), WG_OK);
        assert_int_equal(wg_layer_set_integer(NULL, layer, row, id, i * 3), WG_OK);
        assert_int_equal(wg_layer_set_text(NULL, layer, row, text, word), WG_OK);
    }
    for (int i = 0; i < 20000; i += 777) {
        char word[16];
        (void)snprintf(word, sizeof word, "楼%d", i);
        assert_int_equal(wg_layer_integer(layer, (size_t)i, id), i * 3);
        assert_string_equal(wg_layer_text(layer, (size_t)i, text), word);
    }
    wg_layer_free(layer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(what_is_unknown_says_so),
        cmocka_unit_test(wrong_cells_and_types_are_refused),
        cmocka_unit_test(huge_and_broken_reals_do_not_overflow_an_integer),
        cmocka_unit_test(a_broken_geometry_adds_no_row),
        cmocka_unit_test(a_copy_keeps_what_is_marked),
        cmocka_unit_test(messages_name_the_feature),
        cmocka_unit_test(geometries_can_be_replaced_and_rows_added_after),
        cmocka_unit_test(many_rows_keep_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
