/* Writing: formats read back, exact bytes of the text formats, all or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "core/random.h"
#include "files.h"
#include "io/format.h"
#include "io/output.h"
#include "io/read.h"
#include "io/write.h"
#include "shapes.h"

static wg_layer *sample(const char *crs) {
    wg_layer *layer = NULL;
    uint32_t name = 0, households = 0, share = 0;
    assert_int_equal(wg_layer_new(NULL, "cells", crs, &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "名称", WG_TEXT, &name), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "households", WG_INTEGER, &households), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "share", WG_REAL, &share), WG_OK);
    (void)shape_box_row(layer, 116.1, 39.1, 116.2, 39.2);
    (void)shape_box_row(layer, 116.2, 39.1, 116.3, 39.2);
    assert_int_equal(wg_layer_set_text(NULL, layer, 0, name, "第一\"网格\",甲\n乙"), WG_OK);
    assert_int_equal(wg_layer_set_integer(NULL, layer, 0, households, 285), WG_OK);
    assert_int_equal(wg_layer_set_real(NULL, layer, 0, share, 0.1), WG_OK);
    assert_int_equal(wg_layer_set_text(NULL, layer, 1, name, "=HYPERLINK(1)"), WG_OK);
    return layer;
}

static void write_ok(scratch *s, const wg_layer *layer, const char *path, const wg_write_options *options) {
    wg_clear_error(s->ctx);
    if (wg_write(s->ctx, layer, path, options) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
}

static void file_is(const char *path, const char *expected) {
    char *text = scratch_read(path, NULL);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void geojson_bytes(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample("EPSG:4326");
    write_ok(s, layer, scratch_path(s, "c.geojson"), NULL);
    file_is(scratch_path(s, "c.geojson"), "{\"type\":\"FeatureCollection\",\"name\":\"cells\",\"features\":[\n"
                                          "{\"type\":\"Feature\",\"properties\":{\"名称\":\"第一\\\"网格\\\","
                                          "甲\\u000a乙\",\"households\":285,\"share\":0.1},\"geometry\":"
                                          "{\"type\":\"Polygon\",\"coordinates\":[[[116.1,39.1],[116.2,39.1],[116.2,39."
                                          "2],[116.1,39.2],[116.1,39.1]]]}},\n"
                                          "{\"type\":\"Feature\",\"properties\":{\"名称\":\"=HYPERLINK(1)\","
                                          "\"households\":null,\"share\":null},\"geometry\":"
                                          "{\"type\":\"Polygon\",\"coordinates\":[[[116.2,39.1],[116.3,39.1],[116.3,39."
                                          "2],[116.2,39.2],[116.2,39.1]]]}}\n]}\n");
    wg_layer_free(layer);
}

static void geojson_turns_rings(void **state) {
    scratch *s = *state;
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(NULL, "r", "EPSG:4326", &layer), WG_OK);
    const double xy[] = {0, 0, 0, 4, 4, 4, 4, 0, 0, 0, /* clockwise */ 1,
                         1, 2, 1, 2, 2, 1, 2, 1, 1 /* counterclockwise hole */};
    const uint32_t count[] = {5, 5};
    wg_buffer shape = {0};
    shape_polygon(&shape, xy, count, 2);
    (void)shape_row(layer, &shape);
    wg_buffer_release(&shape);
    write_ok(s, layer, scratch_path(s, "r.geojson"), NULL);
    file_is(scratch_path(s, "r.geojson"),
            "{\"type\":\"FeatureCollection\",\"name\":\"r\",\"features\":[\n{\"type\":\"Feature\",\"properties\":{},"
            "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4,0],[4,4],[0,4],[0,0]],"
            "[[1,1],[1,2],[2,2],[2,1],[1,1]]]}}\n]}\n");
    wg_layer_free(layer);
}

static void geojson_wants_degrees(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample("EPSG:32650");
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "c.geojson"), NULL), WG_EINVAL);
    assert_non_null(strstr(wg_context_error(s->ctx),
                           "c.geojson: GeoJSON is WGS 84, the layer is EPSG:32650 (transform it before)"));
    assert_int_equal(scratch_count(s->dir), 0);
    wg_layer_free(layer);
}

/** A needle of 2e-10 degrees would fold onto itself at nine decimals: the whole layer gets more. */
static void decimals_grow_until_polygons_stay_valid(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample("EPSG:4326");
    const double xy[] = {116.4, 39.1, 116.5, 39.1, 116.5, 39.1000000003, 116.4, 39.1000000003, 116.4, 39.1};
    const uint32_t count[] = {5};
    wg_buffer shape = {0};
    shape_polygon(&shape, xy, count, 1);
    (void)shape_row(layer, &shape);
    wg_buffer_release(&shape);
    write_ok(s, layer, scratch_path(s, "n.geojson"), NULL);
    char *text = scratch_read(scratch_path(s, "n.geojson"), NULL);
    assert_non_null(strstr(text, "[116.5,39.1000000003]"));
    free(text);
    wg_layer_free(layer);
}

static void csv_bytes(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample("EPSG:4326");
    const wg_write_options plain = {.csv_geometry = WG_CSV_NONE},
                           guarded = {.csv_geometry = WG_CSV_WKT, .bom = true, .guard = true},
                           gbk = {.csv_geometry = WG_CSV_NONE, .encoding = "GBK"};
    write_ok(s, layer, scratch_path(s, "a.csv"), &plain);
    file_is(scratch_path(s, "a.csv"), "名称,households,share\n\"第一\"\"网格\"\",甲\n乙\",285,0.1\n=HYPERLINK(1),,\n");
    write_ok(s, layer, scratch_path(s, "b.csv"), &guarded);
    file_is(
        scratch_path(s, "b.csv"),
        "\xEF\xBB\xBFWKT,名称,households,share\n"
        "\"POLYGON ((116.1 39.1,116.2 39.1,116.2 39.2,116.1 39.2,116.1 39.1))\",\"第一\"\"网格\"\",甲\n乙\",285,0.1\n"
        "\"POLYGON ((116.2 39.1,116.3 39.1,116.3 39.2,116.2 39.2,116.2 39.1))\",\"'=HYPERLINK(1)\",,\n");
    write_ok(s, layer, scratch_path(s, "g.csv"), &gbk);
    file_is(
        scratch_path(s, "g.csv"),
        "\xC3\xFB\xB3\xC6,households,share\n\"\xB5\xDA\xD2\xBB\"\"\xCD\xF8\xB8\xF1\"\",\xBC\xD7\n\xD2\xD2\",285,0.1\n"
        "=HYPERLINK(1),,\n");
    wg_layer_free(layer);
}

static void formats_read_back(void **state) {
    scratch *s = *state;
    static const char *const names[] = {"c.geojson", "c.shp", "c.gpkg", "c.fgb", "c.csv"};
    wg_layer *layer = sample("EPSG:4326");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        write_ok(s, layer, scratch_path(s, names[i]), NULL);
        const wg_input input = {.source = scratch_path(s, names[i])};
        wg_layer *back = NULL;
        assert_int_equal(wg_read(s->ctx, &input, "cells", &back), WG_OK);
        assert_int_equal(back->n, 2);
        if (i != 4) {
            assert_string_equal(back->crs, "EPSG:4326");
        }
        const uint32_t c = wg_layer_column(back, i == 1 ? "name" : "名称");
        const size_t row =
            i == 3 && strcmp(wg_layer_text(back, 0, c), "=HYPERLINK(1)") == 0 ? 1 : 0; /* FlatGeobuf sorts */
        assert_string_equal(wg_layer_text(back, row, c), "第一\"网格\",甲\n乙");
        double b[4];
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(back, row, &bytes);
        assert_true(wg_wkb_bounds(wkb, bytes, b));
        assert_true(b[0] == 116.1 && b[1] == 39.1 && b[2] == 116.2 && b[3] == 39.2);
        wg_layer_free(back);
    }
    wg_layer_free(layer);
}

static void same_layer_same_bytes(void **state) {
    scratch *s = *state;
    static const char *const names[] = {"c.shp", "c.dbf", "c.gpkg", "c.fgb"};
    wg_layer *layer = sample("EPSG:4326");
    const wg_write_options again = {.overwrite = true};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *written = i == 1 ? "c.shp" : names[i];
        size_t n1 = 0, n2 = 0;
        write_ok(s, layer, scratch_path(s, written), &again);
        char *one = scratch_read(scratch_path(s, names[i]), &n1);
        sleep(i == 2 ? 1 : 0); /* a clock in the file would show */
        write_ok(s, layer, scratch_path(s, written), &again);
        char *two = scratch_read(scratch_path(s, names[i]), &n2);
        assert_int_equal(n1, n2);
        assert_memory_equal(one, two, n1);
        free(one);
        free(two);
    }
    wg_layer_free(layer);
}

static void shapefile_for_old_desktops(void **state) {
    scratch *s = *state;
    wg_layer *layer = NULL;
    static const char *const columns[] = {"户籍人口", "备注说明文字", "备注说明内容", "a_long_ascii_name",
                                          "a_long_ascii_nose"};
    assert_int_equal(wg_layer_new(NULL, "x", "EPSG:4527", &layer), WG_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(wg_layer_add_column(NULL, layer, columns[i], WG_TEXT, NULL), WG_OK);
    }
    (void)shape_box_row(layer, 39400000, 4400000, 39400010, 4400010);
    char text[400];
    for (int i = 0; i < 130; i++) {
        memcpy(text + 3 * i, "网", 4);
    }
    assert_int_equal(wg_layer_set_text(NULL, layer, 0, 1, text), WG_OK);
    const wg_write_options options = {.encoding = "GB18030"};
    write_ok(s, layer, scratch_path(s, "old.shp"), &options);
    size_t n = 0;
    char *dbf = scratch_read(scratch_path(s, "old.dbf"), &n);
    assert_int_equal((uint8_t)dbf[29], 0x4D);
    assert_memory_equal(dbf + 32, "registered", 10);
    assert_memory_equal(dbf + 64, "\xB1\xB8\xD7\xA2\xCB\xB5\xC3\xF7\xCE\xC4", 10); /* 备注说明文 */
    assert_memory_equal(dbf + 96, "\xB1\xB8\xD7\xA2\xCB\xB5\xC3\xF7\xC4\xDA", 10); /* 备注说明内 */
    assert_memory_equal(dbf + 128, "a_long_asc", 10);
    assert_memory_equal(dbf + 160, "a_long_a_2", 10);
    free(dbf);
    file_is(scratch_path(s, "old.fields.csv"),
            "\xEF\xBB\xBF"
            "field,name,alias\n\"registered\",\"户籍人口\",\"\"\n\"备注说明文\",\"备注说明文字\",\"\"\n"
            "\"备注说明内\",\"备注说明内容\",\"\"\n\"a_long_asc\",\"a_long_ascii_name\",\"\"\n"
            "\"a_long_a_2\",\"a_long_ascii_nose\",\"\"\n");
    const wg_input input = {.source = scratch_path(s, "old.shp")};
    wg_layer *back = NULL;
    assert_int_equal(wg_read(s->ctx, &input, NULL, &back), WG_OK);
    assert_string_equal(back->crs, "EPSG:4527");
    const char *cut = wg_layer_text(back, 0, 1);
    assert_int_equal(strlen(cut), 127 * 3); /* 254 bytes of GB18030 */
    assert_memory_equal(cut, text, 127 * 3);
    wg_layer_free(back);
    wg_layer_free(layer);
}

static void several_layers_in_a_geopackage(void **state) {
    scratch *s = *state;
    wg_layer *cells = sample("EPSG:4326"), *empty = NULL;
    wg_writer *writer = NULL;
    assert_int_equal(wg_layer_new(NULL, "nothing", "EPSG:4326", &empty), WG_OK);
    assert_int_equal(wg_writer_open(s->ctx, scratch_path(s, "m.gpkg"), NULL, &writer), WG_OK);
    assert_int_equal(wg_writer_layer(s->ctx, writer, cells, "polygon"), WG_OK);
    assert_int_equal(wg_writer_rows(s->ctx, writer, cells), WG_OK);
    assert_int_equal(wg_writer_rows(s->ctx, writer, cells), WG_OK);
    assert_int_equal(wg_writer_layer(s->ctx, writer, empty, NULL), WG_OK);
    free(cells->name);
    cells->name = wg_strdup("more");
    assert_int_equal(wg_writer_layer(s->ctx, writer, cells, NULL), WG_OK); /* after one that stayed without a type */
    assert_true(access(scratch_path(s, "m.gpkg"), F_OK) != 0);             /* nothing is there before the end */
    assert_int_equal(wg_writer_commit(s->ctx, writer), WG_OK);
    wg_layer_names names;
    assert_int_equal(wg_list_layers(s->ctx, scratch_path(s, "m.gpkg"), &names), WG_OK);
    assert_int_equal(names.n, 3);
    assert_string_equal(names.name[0], "cells");
    assert_string_equal(names.name[1], "nothing");
    assert_string_equal(names.name[2], "more");
    wg_layer_names_release(&names);
    wg_layer *back = NULL;
    const wg_input input = {.source = scratch_path(s, "m.gpkg")};
    assert_int_equal(wg_read(s->ctx, &input, NULL, &back), WG_OK); /* the only one with features */
    assert_int_equal(back->n, 4);
    wg_layer_free(back);
    assert_int_equal(wg_writer_open(s->ctx, scratch_path(s, "m.geojson"), NULL, &writer), WG_OK);
    assert_int_equal(wg_writer_layer(s->ctx, writer, cells, "polygon"), WG_OK);
    assert_int_equal(wg_writer_layer(s->ctx, writer, empty, NULL), WG_EINVAL);
    wg_writer_abort(writer);
    assert_int_equal(scratch_count(s->dir), 1);
    wg_layer_free(cells);
    wg_layer_free(empty);
}

/* A process that died in the middle, and one that is at work: the next run of the same output tells them apart. */
static void what_killed_runs_left_is_removed(void **state) {
    scratch *s = *state;
    const char *path = scratch_path(s, "k.csv");
    int ready[2], go[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go), 0);
    for (int lives = 0; lives < 2; lives++) {
        const pid_t child = fork();
        if (child == 0) {
            wg_output *output = NULL;
            const bool begun = wg_output_begin(s->ctx, path, WG_OUTPUT_FILE, true, &output) == WG_OK;
            FILE *file = begun ? fopen(wg_output_path(output), "w") : NULL;
            (void)(write(ready[1], file == NULL ? "-" : "+", 1) == 1 && lives == 1 && read(go[0], &byte, 1));
            _exit(0);
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        assert_int_equal(byte, '+');
        if (lives == 0) {
            assert_int_equal(waitpid(child, NULL, 0), child);
            assert_int_equal(scratch_count(s->dir), 1);
        }
        wg_output *output = NULL;
        assert_int_equal(wg_output_begin(s->ctx, scratch_path(s, "other.csv"), WG_OUTPUT_FILE, true, &output), WG_OK);
        assert_int_equal(scratch_count(s->dir), 2); /* another output's run leaves it alone */
        wg_output_abort(output);
        assert_int_equal(wg_output_begin(s->ctx, path, WG_OUTPUT_FILE, true, &output), WG_OK);
        assert_int_equal(scratch_count(s->dir), lives == 0 ? 1 : 2);
        wg_output_abort(output);
        if (lives == 1) {
            assert_int_equal(write(go[1], "x", 1), 1);
            assert_int_equal(waitpid(child, NULL, 0), child);
        }
    }
}

static void existing_outputs_are_safe(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample("EPSG:4326");
    const char *path = scratch_text(s, "c.geojson", "mine");
    assert_int_equal(wg_write(s->ctx, layer, path, NULL), WG_EEXISTS);
    assert_non_null(strstr(wg_context_error(s->ctx), "c.geojson: exists (use --overwrite to replace it)"));
    file_is(scratch_path(s, "c.geojson"), "mine");
    (void)scratch_text(s, "lone.dbf", "mine"); /* a sidecar alone keeps a Shapefile away too */
    wg_clear_error(s->ctx);
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "lone.shp"), NULL), WG_EEXISTS);
    wg_clear_error(s->ctx);
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "no/such/c.gpkg"), NULL), WG_EIO);
    wg_clear_error(s->ctx);
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "c.what"), NULL), WG_EINVAL);
    assert_int_equal(scratch_count(s->dir), 2);
    wg_layer_free(layer);
}

/* ---------------------------------------------------------------- outputs */

static void put_file(const char *dir, const char *name, const char *text) {
    char path[600];
    (void)snprintf(path, sizeof path, "%.500s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void directories_are_exchanged_whole(void **state) {
    scratch *s = *state;
    wg_output *output = NULL;
    const char *target = scratch_path(s, "out");
    assert_int_equal(wg_output_begin(s->ctx, target, WG_OUTPUT_DIRECTORY, false, &output), WG_OK);
    put_file(wg_output_path(output), "a.txt", "one");
    assert_int_equal(wg_output_commit(s->ctx, output), WG_OK);
    file_is(scratch_path(s, "out/a.txt"), "one");
    assert_int_equal(wg_output_begin(s->ctx, target, WG_OUTPUT_DIRECTORY, false, &output), WG_EEXISTS);
    wg_clear_error(s->ctx);
    assert_int_equal(wg_output_begin(s->ctx, target, WG_OUTPUT_DIRECTORY, true, &output), WG_OK);
    put_file(wg_output_path(output), "b.txt", "two");
    assert_int_equal(wg_output_commit(s->ctx, output), WG_OK);
    file_is(scratch_path(s, "out/b.txt"), "two");
    assert_true(access(scratch_path(s, "out/a.txt"), F_OK) != 0);
    assert_int_equal(wg_output_begin(s->ctx, target, WG_OUTPUT_DIRECTORY, true, &output), WG_OK);
    put_file(wg_output_path(output), "c.txt", "three");
    wg_output_abort(output);
    file_is(scratch_path(s, "out/b.txt"), "two");
    assert_int_equal(scratch_count(s->dir), 1);
}

static void other_peoples_directories_stay(void **state) {
    scratch *s = *state;
    wg_output *output = NULL;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", scratch_path(s, "photos"));
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(wg_output_begin(s->ctx, path, WG_OUTPUT_DIRECTORY, false, &output), WG_OK); /* empty is fine */
    put_file(path, "holiday.jpg", "x");
    assert_int_equal(wg_output_commit(s->ctx, output), WG_EEXISTS); /* filled meanwhile */
    wg_clear_error(s->ctx);
    assert_int_equal(wg_output_begin(s->ctx, path, WG_OUTPUT_DIRECTORY, true, &output), WG_EEXISTS);
    assert_non_null(
        strstr(wg_context_error(s->ctx), "photos: holds files that wangge did not write (name another directory)"));
    assert_int_equal(scratch_count(s->dir), 1);
}

/* The quick way for few decimals writes what the C library finds. */
static void numbers_are_the_shortest_that_read_back(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 7, "numbers");
    for (int i = 0; i < 200000; i++) {
        char text[WG_NUMBER_BYTES], slow[64];
        double value = (double)wg_random_below(&random, UINT32_MAX) - 2e9;
        const int decimals = (int)wg_random_below(&random, 14);
        for (int d = 0; d < decimals; d++) {
            value /= 10;
        }
        if (i % 3 > 0) { /* as a decimal number is read; else with its last bits as they come */
            (void)snprintf(slow, sizeof slow, "%.*f", decimals, value);
            value = strtod(slow, NULL);
        }
        value = i % 7 == 0 ? value * 1e9 : value;
        if (value == floor(value)) {
            continue;
        }
        for (int digits = 15; digits <= 17; digits++) {
            (void)snprintf(slow, sizeof slow, "%.*g", digits, value);
            if (strtod(slow, NULL) == value) {
                break;
            }
        }
        const size_t length = wg_format_real(value, text);
        assert_string_equal(text, slow);
        assert_int_equal(length, strlen(slow));
    }
}

static void fixed_numbers(void **state) {
    (void)state;
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {{116.1, 9, "116.1"},    {-0.5, 0, "-1"}, {0.0000000004, 9, "0"}, {-0.0000000004, 9, "0"},
                 {123.456, 2, "123.46"}, {5, 3, "5"},     {1e20, 3, "1e+20"},     {-12.0625, 3, "-12.063"},
                 {0.05, 1, "0.1"},       {180, 9, "180"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[WG_NUMBER_BYTES];
        (void)wg_format_fixed(cases[i].value, cases[i].decimals, text);
        assert_string_equal(text, cases[i].text);
    }
    char text[WG_NUMBER_BYTES];
    (void)wg_format_real(0.1, text);
    assert_string_equal(text, "0.1");
    (void)wg_format_real(1.0 / 3.0, text);
    assert_true(strtod(text, NULL) == 1.0 / 3.0);
    assert_int_equal(wg_format_integer(INT64_MIN, text), 20);
    assert_string_equal(text, "-9223372036854775808");
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(geojson_bytes),
        SCRATCH_TEST(geojson_turns_rings),
        SCRATCH_TEST(geojson_wants_degrees),
        SCRATCH_TEST(decimals_grow_until_polygons_stay_valid),
        SCRATCH_TEST(csv_bytes),
        SCRATCH_TEST(formats_read_back),
        SCRATCH_TEST(same_layer_same_bytes),
        SCRATCH_TEST(shapefile_for_old_desktops),
        SCRATCH_TEST(several_layers_in_a_geopackage),
        SCRATCH_TEST(what_killed_runs_left_is_removed),
        SCRATCH_TEST(existing_outputs_are_safe),
        SCRATCH_TEST(directories_are_exchanged_whole),
        SCRATCH_TEST(other_peoples_directories_stay),
        cmocka_unit_test(numbers_are_the_shortest_that_read_back),
        cmocka_unit_test(fixed_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
