/* A caller who has set a locale with decimal commas: numbers are read and written as in any other. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "io/format.h"
#include "io/read.h"
#include "io/write.h"
#include "io/yaml.h"
#include "model/number.h"
#include "model/wkb.h"

/** Make a locale of the test's own and switch to it. @return false where the machine cannot make one */
static bool comma_locale(scratch *s) {
    char command[512];
    (void)snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", s->dir);
    if (system(command) != 0 || setenv("LOCPATH", s->dir, 1) != 0 || setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        return false;
    }
    return strcmp(localeconv()->decimal_point, ",") == 0;
}

static void value_is(const wg_layer *layer, size_t row, const char *column, double expected) {
    const uint32_t c = wg_layer_column(layer, column);
    double value = NAN;
    const char *text = wg_layer_text(layer, row, c);
    if (text != NULL) {
        assert_int_equal(wg_number_parse(text, &value), WG_NUMBER_EXACT);
    } else {
        value = wg_layer_real(layer, row, c);
    }
    assert_true(value == expected);
}

static void a_layer_comes_back(scratch *s, const char *name) {
    wg_layer *layer = NULL, *got = NULL;
    wg_buffer point = {0};
    wg_write_options options = WG_WRITE_OPTIONS_INIT;
    double xy[2] = {0, 0};
    size_t bytes = 0;
    const char *path = scratch_path(s, name);
    assert_int_equal(wg_layer_new(s->ctx, "places", "EPSG:4326", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "share", WG_REAL, NULL), WG_OK);
    wg_wkb_put_point(&point, 113.25, 23.125);
    assert_int_equal(wg_layer_add_row(s->ctx, layer, point.data, point.length, NULL), WG_OK);
    assert_int_equal(wg_layer_set_real(s->ctx, layer, 0, 0, 1234.5), WG_OK);
    if (wg_write(s->ctx, layer, path, &options) != WG_OK) {
        fail_msg("%s: %s", name, wg_context_error(s->ctx));
    }
    const wg_input input = {.source = path};
    if (wg_read(s->ctx, &input, NULL, &got) != WG_OK) {
        fail_msg("%s: %s", name, wg_context_error(s->ctx));
    }
    value_is(got, 0, "share", 1234.5);
    const void *wkb = wg_layer_wkb(got, 0, &bytes);
    assert_true(wg_wkb_centroid(wkb, bytes, xy));
    assert_true(xy[0] == 113.25 && xy[1] == 23.125);
    wg_buffer_release(&point);
    wg_layer_free(layer);
    wg_layer_free(got);
}

static void commas_change_nothing(void **state) {
    scratch *s = *state;
    char text[32];
    double value = 0;
    if (!comma_locale(s)) {
        skip();
    }
    assert_int_equal(wg_number_parse("1.5", &value), WG_NUMBER_EXACT);
    assert_true(value == 1.5);
    assert_int_equal(wg_number_parse("1,785", &value), WG_NUMBER_EXACT);
    assert_true(value == 1785);
    (void)wg_format_real(0.25, text);
    assert_string_equal(text, "0.25");
    wg_buffer printed = {0};
    wg_buffer_printf(&printed, "%g %.2f", 0.5, 1.25);
    assert_string_equal(printed.data, "0.5 1.25");
    wg_buffer_release(&printed);
    assert_string_equal(localeconv()->decimal_point, ","); /* the caller's locale is as it was */
    wg_limit limit;
    assert_int_equal(wg_limit_parse(s->ctx, "area", "0.5ha:1.5km2", &limit), WG_OK);
    assert_true(limit.min == 5000 && limit.max == 1500000);
    static const char *const names[] = {"a.geojson", "a.csv", "a.gpkg", "a.fgb", "a.shp"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        a_layer_comes_back(s, names[i]);
    }
    wg_yaml yaml = {0};
    assert_int_equal(wg_yaml_read(s->ctx, scratch_bytes(s, "w.yaml", "shape: 0.5\n", 11), &yaml), WG_OK);
    assert_int_equal(wg_yaml_number(s->ctx, yaml.root->item[0], "shape", &value), WG_OK);
    assert_true(value == 0.5);
    wg_yaml_release(&yaml);
    (void)setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commas_change_nothing, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
