/* Rows that people typed: one swapped coordinate does not stop the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "crs/crs.h"
#include "model/layer.h"
#include "model/wkb.h"

enum { ROWS = 5000 };

/** Points near Guangzhou; every hundredth has latitude and longitude swapped. */
static wg_layer *typed_points(void) {
    wg_layer *layer = NULL;
    wg_buffer point = {0};
    assert_int_equal(wg_layer_new(NULL, "incidents", "EPSG:4326", &layer), WG_OK);
    for (int i = 0; i < ROWS; i++) {
        const double lon = 113.2 + i * 1e-6, lat = 23.1;
        wg_buffer_clear(&point);
        if (i % 100 == 7) {
            wg_wkb_put_point(&point, lat, lon);
        } else {
            wg_wkb_put_point(&point, lon, lat);
        }
        assert_int_equal(wg_layer_add_row(NULL, layer, point.data, point.length, NULL), WG_OK);
    }
    wg_buffer_release(&point);
    return layer;
}

static void swapped_points_are_lost_and_the_others_are_not(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *strict = typed_points(), *layer = typed_points();
    size_t lost = 0;
    assert_int_equal(wg_crs_transform(ctx, strict, "EPSG:32649"), WG_EDATA);
    assert_string_equal(wg_context_error(ctx),
                        "incidents: feature 7: a coordinate cannot be transformed from EPSG:4326 to "
                        "EPSG:32649 (is the CRS right?)");
    wg_clear_error(ctx);
    assert_int_equal(wg_crs_transform_lossy(ctx, layer, "EPSG:32649", &lost), WG_OK);
    assert_int_equal(lost, ROWS / 100);
    assert_string_equal(wg_layer_crs(layer), "EPSG:32649");
    for (size_t row = 0; row < ROWS; row++) {
        size_t bytes;
        double xy[2];
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        assert_int_equal(wg_wkb_centroid(wkb, bytes, xy), row % 100 != 7);
        if (row % 100 != 7) {
            assert_true(xy[0] > 725000 && xy[0] < 726000 && xy[1] > 2556000 && xy[1] < 2557000);
        }
    }
    wg_layer_free(strict);
    wg_layer_free(layer);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(swapped_points_are_lost_and_the_others_are_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
