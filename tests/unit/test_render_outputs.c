/* Maps, tables and text of the page: what is written, and that it is written the same way twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "render/page.h"
#include "render/plan_map.h"
#include "report_city.h"

static char scratch[] = "/tmp/test_render_XXXXXX";

static void read_file(const char *path, wg_buffer *out) {
    FILE *file = fopen(path, "rb");
    char block[4096];
    size_t n;
    assert_non_null(file);
    while ((n = fread(block, 1, sizeof block, file)) > 0) {
        wg_buffer_append(out, block, n);
    }
    (void)fclose(file);
}

static void json_is(const char *text, const char *expected) {
    wg_buffer out = {0};
    wg_json_text(&out, text);
    assert_string_equal(out.data, expected);
    wg_buffer_release(&out);
}

static void text_cannot_leave_its_place(void **state) {
    (void)state;
    json_is("网格 \"a\"\\b", "\"网格 \\\"a\\\"\\\\b\"");
    json_is("</script><!--", "\"\\u003c/script\\u003e\\u003c!--\"");
    json_is("a\nb\x01&", "\"a\\u000ab\\u0001\\u0026\"");
    json_is("\xE2\x80\xA8", "\"\\u2028\""); /* a line separator would end a script's string */
    json_is("\xFF", "\"\xEF\xBF\xBD\"");
    json_is(NULL, "null");
    wg_buffer html = {0};
    wg_html_text(&html, "<a href=\"x\" title='y'>&");
    assert_string_equal(html.data, "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;");
    wg_buffer_release(&html);
}

/** One row of one text as CSV, without the header. */
static void csv_is(const char *text, const char *expected) {
    wg_layer *layer;
    size_t row;
    wg_buffer out = {0};
    char path[64];
    (void)snprintf(path, sizeof path, "%s/one.csv", scratch);
    assert_int_equal(wg_layer_new(NULL, "t", NULL, &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "a", WG_TEXT, NULL), WG_OK);
    assert_int_equal(wg_layer_add_row(NULL, layer, NULL, 0, &row), WG_OK);
    assert_int_equal(wg_layer_set_text(NULL, layer, row, 0, text), WG_OK);
    const wg_sheet_column column = {.title = "h"};
    const wg_sheet sheet = {.name = "t", .rows = layer, .columns = &column, .n_columns = 1};
    assert_int_equal(wg_csv_write(NULL, &sheet, path), WG_OK);
    read_file(path, &out);
    assert_memory_equal(out.data, "\xEF\xBB\xBFh\r\n", 6);
    assert_string_equal(out.data + 6, expected);
    wg_buffer_release(&out);
    wg_layer_free(layer);
}

static void csv_runs_nothing(void **state) {
    (void)state;
    csv_is("plain", "plain\r\n");
    csv_is("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"\r\n");
    csv_is("+1+2", "\"'+1+2\"\r\n");
    csv_is("@cmd", "\"'@cmd\"\r\n");
    csv_is("-5", "-5\r\n"); /* a number stays one */
    csv_is("a,b", "\"a,b\"\r\n");
    csv_is("a\nb", "\"a\nb\"\r\n");
}

static void neighbours_look_different(void **state) {
    (void)state;
    enum { SIDE = 12 };
    wg_layer *cells;
    uint32_t colour[SIDE * SIDE];
    assert_int_equal(wg_layer_new(NULL, "cells", NULL, &cells), WG_OK);
    for (int i = 0; i < SIDE * SIDE; i++) {
        shape_box_row(cells, i % SIDE * 100.0, i / SIDE * 100.0, i % SIDE * 100.0 + 100.0, i / SIDE * 100.0 + 100.0);
    }
    assert_int_equal(wg_palette_neighbours(NULL, cells, colour), WG_OK);
    for (int a = 0; a < SIDE * SIDE; a++) {
        for (int b = 0; b < a; b++) {
            const int dx = abs(a % SIDE - b % SIDE);
            const int dy = abs(a / SIDE - b / SIDE);
            assert_true(dx > 1 || dy > 1 || colour[a] != colour[b]);
        }
    }
    wg_layer_free(cells);
}

static void classes(void **state) {
    (void)state;
    const double values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 103, NAN};
    double upper[5];
    const uint32_t n = wg_classes_quantile(values, 11, 5, upper);
    assert_int_equal(n, 5);
    assert_true(upper[0] == 2 && upper[4] == 103);
    assert_int_equal(wg_class_of(2, upper, n), 0);
    assert_int_equal(wg_class_of(2.5, upper, n), 1);
    assert_int_equal(wg_class_of(NAN, upper, n), WG_UNASSIGNED);
    const double same[] = {4, 4, 4};
    assert_int_equal(wg_classes_quantile(same, 3, 5, upper), 1);
    assert_int_equal(wg_classes_quantile(values + 10, 1, 5, upper), 0);
}

static void the_same_map_twice(void **state) {
    (void)state;
    report_city city;
    city_make(&city, 5, 4, 5, 60, 0);
    const wg_plan_layers layers = {.communities = city.communities, .cells = city.cells, .buildings = city.buildings};
    const wg_plan_map_options options = {.title = "网格 <1>", .status = true, .lang = WG_LANG_ZH};
    wg_plan_map *map;
    wg_buffer first = {0};
    wg_buffer second = {0};
    assert_int_equal(wg_plan_map_new(NULL, &layers, &options, &map), WG_OK);
    assert_int_equal(wg_map_png(NULL, wg_plan_map_get(map), 60, &first), WG_OK);
    assert_int_equal(wg_map_png(NULL, wg_plan_map_get(map), 60, &second), WG_OK);
    assert_true(first.length > 2000 && memcmp(first.data, "\x89PNG", 4) == 0);
    assert_true(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
    wg_buffer_clear(&first);
    wg_buffer_clear(&second);
    char path[64];
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/map%d.pdf", scratch, i);
        assert_int_equal(wg_map_write_pdf(NULL, wg_plan_map_get(map), 1, "t", path), WG_OK);
        read_file(path, i == 0 ? &first : &second);
    }
    assert_true(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);
    wg_buffer_release(&first);
    wg_buffer_release(&second);
    wg_plan_map_free(map);
    city_free(&city);
}

static void scales_are_round_and_true(void **state) {
    (void)state;
    wg_layer *box;
    assert_int_equal(wg_layer_new(NULL, "box", NULL, &box), WG_OK);
    shape_box_row(box, 0, 0, 3000, 2000);
    const wg_map_layer layer = {.layer = box, .frame = true};
    wg_map map = {.layers = &layer, .n_layers = 1, .width_mm = 297, .height_mm = 210, .round_scale = true};
    double width;
    double height;
    assert_true(wg_map_frame(&map, &width, &height));
    const double scale = wg_map_scale(&map);
    assert_true(3120.0 / width * 1000.0 <= scale + 1e-6); /* all of it fits, with 2 % around */
    assert_true(scale == 15000.0 || scale == 20000.0 || scale == 12500.0);
    map.scale = 5000.0;
    assert_true(wg_map_scale(&map) == 5000.0);
    map.layers = NULL;
    map.n_layers = 0;
    assert_true(wg_map_scale(&map) == 0.0); /* nothing to show */
    wg_layer_free(box);
}

static void the_same_workbook_twice(void **state) {
    (void)state;
    report_city city;
    wg_buffer files[2] = {{0}, {0}};
    wg_sheet_column *columns;
    wg_sheet sheet = {.name = "a[b]:c*d?e/f\\g, a very long name of a tab", .title = "=1+1", .note = "\x01\xff"};
    char path[64];
    city_make(&city, 5, 2, 2, 10, 0);
    city_text(city.cells, 0, "name", "=HYPERLINK(\"http://x\")");
    assert_int_equal(wg_sheet_columns(NULL, city.cells, NULL, WG_LANG_ZH, &columns, &sheet.n_columns), WG_OK);
    assert_string_equal(columns[0].title, "网格编码");
    sheet.rows = city.cells;
    sheet.columns = columns;
    const wg_sheet sheets[] = {sheet, sheet};
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/book%d.xlsx", scratch, i);
        assert_int_equal(wg_xlsx_write(NULL, sheets, 2, NULL, path), WG_OK);
        read_file(path, &files[i]);
    }
    assert_true(files[0].length > 3000 && files[0].length == files[1].length);
    assert_memory_equal(files[0].data, files[1].data, files[0].length);
    wg_buffer_release(&files[0]);
    wg_buffer_release(&files[1]);
    free(columns);
    city_free(&city);
}

static int make_scratch(void **state) {
    (void)state;
    return mkdtemp(scratch) == NULL ? -1 : 0;
}

static int remove_scratch(void **state) {
    static const char *const names[] = {"one.csv", "map0.pdf", "map1.pdf", "book0.xlsx", "book1.xlsx"};
    char path[64];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", scratch, names[i]);
        (void)unlink(path);
    }
    return rmdir(scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_cannot_leave_its_place), cmocka_unit_test(csv_runs_nothing),
        cmocka_unit_test(neighbours_look_different),   cmocka_unit_test(classes),
        cmocka_unit_test(the_same_map_twice),          cmocka_unit_test(scales_are_round_and_true),
        cmocka_unit_test(the_same_workbook_twice),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
