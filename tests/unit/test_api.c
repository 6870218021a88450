/* The public functions that no module owns, through the public header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wangge.h"

static void the_version_is_the_header_s(void **state) {
    (void)state;
    assert_string_equal(wg_version(), WANGGE_VERSION);
}

static void a_layer_goes_out_and_comes_back(void **state) {
    (void)state;
    char directory[] = "/tmp/wangge-api-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/points.geojson", directory);
    wg_context *ctx = wg_context_new();
    wg_layer *layer = NULL, *back = NULL;
    uint32_t column;
    size_t row, bytes;
    uint8_t point[21] = {1, 1};
    const double xy[2] = {113.5, 34.75};
    memcpy(point + 5, xy, sizeof xy);
    assert_int_equal(wg_layer_new(ctx, "points", "EPSG:4326", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(ctx, layer, "name", WG_TEXT, &column), WG_OK);
    assert_int_equal(wg_layer_add_row(ctx, layer, point, sizeof point, &row), WG_OK);
    assert_int_equal(wg_layer_set_text(ctx, layer, row, column, "市场"), WG_OK);
    assert_int_equal(wg_layer_write(ctx, layer, path, false), WG_OK);
    assert_int_equal(wg_layer_write(ctx, layer, path, false), WG_EEXISTS);
    assert_int_equal(wg_layer_write(ctx, layer, path, true), WG_OK);
    assert_int_equal(wg_layer_read(ctx, path, &back), WG_OK);
    assert_int_equal(wg_layer_rows(back), 1);
    assert_string_equal(wg_layer_text(back, 0, wg_layer_column(back, "name")), "市场");
    assert_non_null(wg_layer_wkb(back, 0, &bytes));
    assert_int_equal(bytes, sizeof point);
    wg_layer_free(layer);
    wg_layer_free(back);
    wg_context_free(ctx);
    unlink(path);
    rmdir(directory);
}

static void mistakes_are_told(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = (wg_layer *)ctx;
    assert_int_equal(wg_layer_read(ctx, "", &layer), WG_EINVAL);
    assert_null(layer);
    assert_int_equal(wg_layer_read(ctx, "/nowhere/map.gpkg", &layer), WG_EIO);
    assert_non_null(strstr(wg_context_error(ctx), "map.gpkg"));
    assert_int_equal(wg_layer_new(ctx, "t", NULL, &layer), WG_OK);
    assert_int_equal(wg_layer_write(ctx, layer, NULL, false), WG_EINVAL);
    wg_layer_free(layer);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_the_header_s),
        cmocka_unit_test(a_layer_goes_out_and_comes_back),
        cmocka_unit_test(mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
