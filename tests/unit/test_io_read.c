/* Reading: sources, messages, encodings, coordinates of tables. Bytes are made here, not by the code under test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "files.h"
#include "io/read.h"
#include "model/wkb.h"

static wg_layer *read_ok(scratch *s, const char *source, const char *role) {
    const wg_input input = {.source = source};
    wg_layer *layer = NULL;
    if (wg_read(s->ctx, &input, role, &layer) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    return layer;
}

static void read_fails(scratch *s, const char *source, const char *role, wg_status status, const char *message) {
    const wg_input input = {.source = source};
    wg_layer *layer = NULL;
    wg_clear_error(s->ctx);
    assert_int_equal(wg_read(s->ctx, &input, role, &layer), status);
    /* messages name the scratch directory where they name a path: compare what follows */
    const char *text = wg_context_error(s->ctx);
    text = strncmp(text, s->dir, strlen(s->dir)) == 0 ? text + strlen(s->dir) + 1 : text;
    assert_string_equal(text, message);
}

static void text_is(const wg_layer *layer, size_t row, const char *column, const char *expected) {
    const uint32_t c = wg_layer_column(layer, column);
    if (c == UINT32_MAX) {
        fail_msg("no column %s", column);
    }
    const char *text = wg_layer_text(layer, row, c);
    if (expected == NULL ? text != NULL : text == NULL || strcmp(text, expected) != 0) {
        fail_msg("%s of row %zu: \"%s\", expected \"%s\"", column, row, text == NULL ? "NULL" : text,
                 expected == NULL ? "NULL" : expected);
    }
}

static void point_is(const wg_layer *layer, size_t row, double x, double y) {
    size_t bytes = 0;
    const uint8_t *wkb = wg_layer_wkb(layer, row, &bytes);
    assert_non_null(wkb);
    assert_int_equal(wg_wkb_type(wkb, bytes), WG_WKB_POINT);
    double xy[2];
    wg_wkb_get(wkb + 5, 0, xy);
    assert_true(xy[0] == x && xy[1] == y);
}

/* ---------------------------------------------------------------- sources */

static const char two_points[] =
    "{\"type\":\"FeatureCollection\",\"features\":["
    "{\"type\":\"Feature\",\"properties\":{\"名称\":\"甲\",\"n\":7,\"r\":0.5,\"t\":null},"
    "\"geometry\":{\"type\":\"Point\",\"coordinates\":[116.5,39.5,12]}},"
    "{\"type\":\"Feature\",\"properties\":{\"名称\":\"乙\",\"n\":null,\"r\":2},\"geometry\":null}]}";

static void geojson_is_read(void **state) {
    scratch *s = *state;
    wg_layer *layer = read_ok(s, scratch_text(s, "a.geojson", two_points), "features");
    assert_int_equal(layer->n, 2);
    assert_string_equal(layer->crs, "EPSG:4326");
    assert_string_equal(layer->source, "a.geojson: a");
    text_is(layer, 0, "名称", "甲");
    point_is(layer, 0, 116.5, 39.5);
    size_t bytes = 0;
    assert_null(wg_layer_wkb(layer, 1, &bytes));
    assert_int_equal(wg_layer_column_type(layer, wg_layer_column(layer, "n")), WG_INTEGER);
    assert_int_equal(wg_layer_integer(layer, 0, wg_layer_column(layer, "n")), 7);
    assert_true(wg_layer_is_null(layer, 1, wg_layer_column(layer, "n")));
    assert_true(wg_layer_real(layer, 1, wg_layer_column(layer, "r")) == 2.0);
    wg_layer_free(layer);
}

static void messages_say_what_to_do(void **state) {
    scratch *s = *state;
    read_fails(s, scratch_path(s, "absent.gpkg"), "cells", WG_EIO, "absent.gpkg: no such file (check the path)");
    read_fails(s, scratch_text(s, "empty.shp", ""), "cells", WG_EIO, "empty.shp: the file is empty");
    read_fails(s, scratch_text(s, "notes.doc", "hello"), "cells", WG_EIO,
               "notes.doc: not a vector data source that GDAL reads (check the format)");
    read_fails(s, scratch_text(s, "none.geojson", "{\"type\":\"FeatureCollection\",\"features\":[]}"), "cells",
               WG_EDATA, "none.geojson: none: cells: the layer has no features");
    char option[320];
    (void)snprintf(option, sizeof option, "%s|layer=x", scratch_text(s, "a.geojson", two_points));
    read_fails(s, option, "cells", WG_EINVAL, "a.geojson: |layer=x is not understood (write |layername=NAME)");
    (void)snprintf(option, sizeof option, "%s|layername=x", scratch_path(s, "a.geojson"));
    read_fails(s, option, "cells", WG_ENOTFOUND, "a.geojson: no layer named x (layers: a)");
    const wg_input nothing = {0};
    wg_layer *layer = NULL;
    wg_clear_error(s->ctx);
    assert_int_equal(wg_read(s->ctx, &nothing, "buildings", &layer), WG_EINVAL);
    assert_string_equal(wg_context_error(s->ctx), "no buildings were given");
}

static void several_layers_need_a_name(void **state) {
    scratch *s = *state;
    const char *kml = "<?xml version=\"1.0\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>"
                      "<Folder><name>cells</name><Placemark><name>p</name><Point><coordinates>1,2</coordinates></"
                      "Point></Placemark></Folder>"
                      "<Folder><name>roads</name><Placemark><name>q</name><Point><coordinates>3,4</coordinates></"
                      "Point></Placemark></Folder>"
                      "</Document></kml>";
    const char *path = scratch_text(s, "two.kml", kml);
    read_fails(s, path, "buildings", WG_EINVAL,
               "two.kml: holds several layers: say which with FILE|layername=NAME (layers: cells, roads)");
    wg_layer *layer = read_ok(s, path, "cells"); /* the layer that is called like the input */
    point_is(layer, 0, 1, 2);
    wg_layer_free(layer);
    char option[320];
    (void)snprintf(option, sizeof option, "%s|layername=roads", path);
    layer = read_ok(s, option, "cells");
    point_is(layer, 0, 3, 4);
    assert_string_equal(layer->source, "two.kml: roads");
    wg_layer_free(layer);
}

static void passwords_stay_secret(void **state) {
    (void)state;
    char *text = wg_source_public("PG:host=db user=u password=secret dbname=city");
    assert_string_equal(text, "PG:host=db user=u password=*** dbname=city");
    free(text);
    text = wg_source_public("PG:dbname=city password='se cret'|layername=a");
    assert_string_equal(text, "PG:dbname=city password=***|layername=a");
    free(text);
    text = wg_source_label("PG:host=db user=u password=secret dbname=city");
    assert_string_equal(text, "PG:city");
    free(text);
    text = wg_source_label("/a/b/c.gpkg|layername=x");
    assert_string_equal(text, "c.gpkg");
    free(text);
}

/* ---------------------------------------------------------------- CSV */

static void csv_finds_coordinates(void **state) {
    scratch *s = *state;
    static const struct {
        const char *header;
        const char *crs;
    } cases[] = {{"id,经度,纬度", "EPSG:4326"},
                 {"id,lng,lat", "EPSG:4326"},
                 {"id,LON,LAT", "EPSG:4326"},
                 {"id,longitude,latitude", "EPSG:4326"},
                 {"id,x,y", NULL},
                 {"id, Ｘ ,Ｙ", NULL},
                 {"id,X坐标,Y坐标", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "%s\n007,116.5,39.25\n8,,\n9,abc,39\n10,１１６．２５,39\n", cases[i].header);
        wg_layer *layer = read_ok(s, scratch_text(s, "p.csv", text), NULL);
        assert_int_equal(layer->n, 4);
        text_is(layer, 0, "id", "007");
        point_is(layer, 0, 116.5, 39.25);
        point_is(layer, 3, 116.25, 39);
        size_t bytes = 0;
        assert_null(wg_layer_wkb(layer, 1, &bytes));
        assert_null(wg_layer_wkb(layer, 2, &bytes));
        if (cases[i].crs == NULL) {
            assert_null(layer->crs);
        } else {
            assert_string_equal(layer->crs, cases[i].crs);
        }
        wg_layer_free(layer);
    }
}

static void csv_of_metres_is_not_called_degrees(void **state) {
    scratch *s = *state;
    wg_layer *layer = read_ok(s, scratch_text(s, "m.csv", "经度,纬度\n39448123.5,4420111\n"), NULL);
    assert_null(layer->crs);
    point_is(layer, 0, 39448123.5, 4420111);
    wg_layer_free(layer);
}

static void csv_quoting_bom_and_wkt(void **state) {
    scratch *s = *state;
    wg_layer *layer = read_ok(s,
                              scratch_text(s, "q.csv",
                                           "\xEF\xBB\xBF"
                                           "WKT,名称\n\"LINESTRING (0 0,1 1)\",\"甲,\"\"乙\"\"\n丙\"\nrubbish,丁\n"),
                              NULL);
    assert_int_equal(layer->n, 2);
    text_is(layer, 0, "名称", "甲,\"乙\"\n丙");
    size_t bytes = 0;
    const uint8_t *wkb = wg_layer_wkb(layer, 0, &bytes);
    assert_int_equal(wg_wkb_type(wkb, bytes), WG_WKB_LINESTRING);
    assert_null(wg_layer_wkb(layer, 1, &bytes));
    wg_layer_free(layer);
}

/* 编码,社区,户数 / 001,幸福社区,120 in GBK */
static const char gbk_csv[] =
    "\xB1\xE0\xC2\xEB,\xC9\xE7\xC7\xF8,\xBB\xA7\xCA\xFD\n001,\xD0\xD2\xB8\xA3\xC9\xE7\xC7\xF8,120\n";

static void csv_in_gbk_is_detected(void **state) {
    scratch *s = *state;
    wg_layer *layer = read_ok(s, scratch_bytes(s, "g.csv", gbk_csv, sizeof gbk_csv - 1), NULL);
    text_is(layer, 0, "社区", "幸福社区");
    text_is(layer, 0, "编码", "001");
    text_is(layer, 0, "户数", "120");
    wg_layer_free(layer);
    wg_reader *reader = NULL;
    assert_int_equal(wg_reader_open(s->ctx, scratch_path(s, "g.csv"), NULL, NULL, &reader), WG_OK);
    assert_int_equal(wg_reader_source(reader)->encoding, WG_ENCODING_GB18030);
    assert_int_equal(wg_reader_source(reader)->encoding_known, WG_KNOWN_DETECTED);
    wg_reader_close(reader);
    const wg_read_options wrong = {.encoding = "klingon"};
    assert_int_equal(wg_reader_open(s->ctx, scratch_path(s, "g.csv"), NULL, &wrong, &reader), WG_EINVAL);
}

/* ---------------------------------------------------------------- DBF */

/** A table of one text field of 20 bytes and one number, with these raw bytes. */
static const char *make_dbf(scratch *s, const char *name, uint8_t ldid, const char *field, const char *const *values,
                            size_t n) {
    wg_buffer out = {0};
    uint8_t header[32 + 2 * 32 + 1] = {0x03, 120, 1, 1};
    header[4] = (uint8_t)n;
    header[8] = sizeof header;
    header[10] = 1 + 20 + 6;
    header[29] = ldid;
    memcpy(header + 32, field, strlen(field) > 10 ? 10 : strlen(field));
    header[32 + 11] = 'C';
    header[32 + 16] = 20;
    memcpy(header + 64, "hh", 2);
    header[64 + 11] = 'N';
    header[64 + 16] = 6;
    header[sizeof header - 1] = 0x0D;
    wg_buffer_append(&out, header, sizeof header);
    for (size_t i = 0; i < n; i++) {
        char row[28];
        (void)memset(row, ' ', sizeof row);
        memcpy(row + 1, values[i], strlen(values[i]) > 20 ? 20 : strlen(values[i]));
        (void)snprintf(row + 21, 7, "%6zu", 100 + i);
        wg_buffer_append(&out, row, 27);
    }
    wg_buffer_append(&out, "\x1A", 1);
    const char *path = scratch_bytes(s, name, out.data, out.length);
    wg_buffer_release(&out);
    return path;
}

static void dbf_is(scratch *s, const char *path, const char *field, const char *first, wg_encoding encoding,
                   wg_known known) {
    wg_reader *reader = NULL;
    wg_layer *batch = NULL;
    assert_int_equal(wg_reader_open(s->ctx, path, NULL, NULL, &reader), WG_OK);
    assert_int_equal(wg_reader_source(reader)->encoding, encoding);
    assert_int_equal(wg_reader_source(reader)->encoding_known, known);
    assert_int_equal(wg_reader_next(s->ctx, reader, &batch), WG_OK);
    text_is(batch, 0, field, first);
    assert_int_equal(wg_layer_integer(batch, 0, wg_layer_column(batch, "hh")), 100);
    wg_layer_free(batch);
    wg_reader_close(reader);
}

static void dbf_encodings(void **state) {
    scratch *s = *state;
    const char *const gbk[] = {"\xD0\xD2\xB8\xA3\xC9\xE7\xC7\xF8"}, *const utf8[] = {"幸福社区"};
    const char *const gbk_name = "\xC9\xE7\xC7\xF8\xC3\xFB\xB3\xC6"; /* 社区名称 */
    /* by language byte */
    dbf_is(s, make_dbf(s, "a.dbf", 0x4D, gbk_name, gbk, 1), "社区名称", "幸福社区", WG_ENCODING_GB18030, WG_KNOWN_LDID);
    /* by .cpg */
    (void)scratch_text(s, "b.cpg", "GBK");
    dbf_is(s, make_dbf(s, "b.dbf", 0, gbk_name, gbk, 1), "社区名称", "幸福社区", WG_ENCODING_GB18030, WG_KNOWN_SIDECAR);
    (void)scratch_text(s, "c.cpg", "UTF-8");
    dbf_is(s, make_dbf(s, "c.dbf", 0, "社区名", utf8, 1), "社区名", "幸福社区", WG_ENCODING_UTF8, WG_KNOWN_SIDECAR);
    /* nothing said, or only "ANSI" */
    dbf_is(s, make_dbf(s, "d.dbf", 0, gbk_name, gbk, 1), "社区名称", "幸福社区", WG_ENCODING_GB18030,
           WG_KNOWN_DETECTED);
    dbf_is(s, make_dbf(s, "e.dbf", 0x57, gbk_name, gbk, 1), "社区名称", "幸福社区", WG_ENCODING_GB18030,
           WG_KNOWN_DETECTED);
    dbf_is(s, make_dbf(s, "f.dbf", 0x57, "社区名", utf8, 1), "社区名", "幸福社区", WG_ENCODING_UTF8, WG_KNOWN_DETECTED);
    /* a .cpg that lies is found out, with a warning */
    assert_string_equal(s->log, "");
    (void)scratch_text(s, "g.cpg", "UTF-8");
    dbf_is(s, make_dbf(s, "g.dbf", 0, gbk_name, gbk, 1), "社区名称", "幸福社区", WG_ENCODING_GB18030,
           WG_KNOWN_DETECTED);
    assert_string_equal(s->log, "g.dbf: g: says its text is UTF-8, but the bytes are GB18030; read as GB18030\n");
}

static void dbf_text_that_is_cut(void **state) {
    scratch *s = *state;
    const char *const utf8[] = {"幸福里社区居民委员会"}; /* 20 bytes end within the seventh character */
    dbf_is(s, make_dbf(s, "u.dbf", 0, "社区名称", utf8, 1), "社区名", "幸福里社区居", WG_ENCODING_UTF8,
           WG_KNOWN_DETECTED);
}

/* ---------------------------------------------------------------- batches */

static void batches_are_the_whole(void **state) {
    scratch *s = *state;
    wg_buffer text = {0};
    wg_buffer_text(&text, "id,x,y\n");
    for (int i = 0; i < 1000; i++) {
        wg_buffer_printf(&text, "%d,%d,%d\n", i, i, -i);
    }
    const char *path = scratch_bytes(s, "many.csv", text.data, text.length);
    wg_buffer_release(&text);
    const wg_read_options options = {.batch_rows = 300};
    wg_reader *reader = NULL;
    assert_int_equal(wg_reader_open(s->ctx, path, NULL, &options, &reader), WG_OK);
    for (int turn = 0; turn < 2; turn++) {
        size_t rows = 0;
        for (;;) {
            wg_layer *batch = NULL;
            assert_int_equal(wg_reader_next(s->ctx, reader, &batch), WG_OK);
            if (batch == NULL) {
                break;
            }
            assert_true(batch->n <= 300);
            for (size_t i = 0; i < batch->n; i++) {
                point_is(batch, i, (double)(rows + i), -(double)(rows + i));
                assert_int_equal(batch->fid[i], (int64_t)(rows + i + 1));
            }
            rows += batch->n;
            wg_layer_free(batch);
        }
        assert_int_equal(rows, 1000);
        assert_int_equal(wg_reader_rewind(s->ctx, reader), WG_OK);
    }
    wg_reader_close(reader);
    const char *wanted[] = {"ID"}, *unknown[] = {"nope"};
    const wg_read_options only = {.columns = wanted, .n_columns = 1, .no_geometry = true},
                          none = {.columns = unknown, .n_columns = 1};
    wg_layer *layer = NULL;
    assert_int_equal(wg_read_source(s->ctx, path, NULL, &only, false, &layer), WG_OK);
    assert_int_equal(layer->n_columns, 1);
    assert_int_equal(layer->wkb_length, 0);
    wg_layer_free(layer);
    assert_int_equal(wg_read_source(s->ctx, path, NULL, &none, false, &layer), WG_ENOTFOUND);
    assert_string_equal(wg_context_error(s->ctx), "many.csv: many: no field named nope");
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(geojson_is_read),
        SCRATCH_TEST(messages_say_what_to_do),
        SCRATCH_TEST(several_layers_need_a_name),
        SCRATCH_TEST(passwords_stay_secret),
        SCRATCH_TEST(csv_finds_coordinates),
        SCRATCH_TEST(csv_of_metres_is_not_called_degrees),
        SCRATCH_TEST(csv_quoting_bom_and_wkt),
        SCRATCH_TEST(csv_in_gbk_is_detected),
        SCRATCH_TEST(dbf_encodings),
        SCRATCH_TEST(dbf_text_that_is_cut),
        SCRATCH_TEST(batches_are_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
