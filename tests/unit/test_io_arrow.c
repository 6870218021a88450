/* The Arrow stream, and FlatGeobuf without OGR, give what OGR's features give, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/random.h"
#include "files.h"
#include "io/reader.h"
#include "io/write.h"
#include "shapes.h"

enum { ROWS = 5000 };

/** Boxes and, with `gaps`, rows without geometry; nulls, empty and Chinese texts. */
static wg_layer *sample(bool attributes, bool gaps) {
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(NULL, "s", "EPSG:32650", &layer), WG_OK);
    if (attributes) {
        assert_int_equal(wg_layer_add_column(NULL, layer, "名称", WG_TEXT, NULL), WG_OK);
        assert_int_equal(wg_layer_add_column(NULL, layer, "n", WG_INTEGER, NULL), WG_OK);
        assert_int_equal(wg_layer_add_column(NULL, layer, "r", WG_REAL, NULL), WG_OK);
    }
    for (size_t i = 0; i < ROWS; i++) {
        wg_buffer shape = {0};
        if (!gaps || i % 3 != 0) {
            shape_box(&shape, (double)i, 0, (double)i + 0.5, 1);
        }
        const size_t row = shape_row(layer, &shape);
        wg_buffer_release(&shape);
        char text[32];
        (void)snprintf(text, sizeof text, "第%zu", i);
        if (attributes && i % 5 != 0) {
            assert_int_equal(wg_layer_set_text(NULL, layer, row, 0, i % 7 == 0 ? "" : text), WG_OK);
            assert_int_equal(wg_layer_set_integer(NULL, layer, row, 1, (int64_t)i << 40), WG_OK);
            assert_int_equal(wg_layer_set_real(NULL, layer, row, 2, (double)i / 7.0), WG_OK);
        }
    }
    return layer;
}

typedef enum way { FEATURES, STREAM, FASTEST } way;

/** @param[out] used  whether the fastest way is the stream or better */
static wg_layer *read_all(scratch *s, const char *path, way by, size_t batch_rows, bool *used) {
    const wg_read_options options = {.batch_rows = batch_rows, .ahead = batch_rows % 2 == 1};
    wg_reader *reader = NULL;
    wg_layer *all = NULL;
    assert_int_equal(wg_reader_open(s->ctx, path, NULL, &options, &reader), WG_OK);
    *used = reader->arrow;
    reader->arrow = reader->arrow && by != FEATURES;
    if (by != FASTEST) {
        wg_fgb_close(reader);
    }
    for (int turn = 0; turn < 2; turn++) { /* the second time after a rewind */
        wg_layer_free(all);
        const bool none[1] = {false};
        assert_int_equal(wg_layer_copy(s->ctx, wg_reader_schema(reader), none, &all), WG_OK);
        for (wg_layer *batch = NULL;;) {
            assert_int_equal(wg_reader_next(s->ctx, reader, &batch), WG_OK);
            if (batch == NULL) {
                break;
            }
            assert_true(batch->n <= batch_rows);
            for (size_t row = 0; row < batch->n; row++) {
                size_t bytes = 0, at = 0;
                const void *wkb = wg_layer_wkb(batch, row, &bytes);
                assert_int_equal(wg_layer_add_row(s->ctx, all, wkb, bytes, &at), WG_OK);
                all->fid[at] = batch->fid[row];
                if (batch->n_columns > 0) {
                    assert_int_equal(wg_layer_set_text(s->ctx, all, at, 0, wg_layer_text(batch, row, 0)), WG_OK);
                }
                if (batch->n_columns > 1 && !wg_layer_is_null(batch, row, 1)) {
                    assert_int_equal(wg_layer_set_integer(s->ctx, all, at, 1, wg_layer_integer(batch, row, 1)), WG_OK);
                    assert_int_equal(wg_layer_set_real(s->ctx, all, at, 2, wg_layer_real(batch, row, 2)), WG_OK);
                }
            }
            wg_layer_free(batch);
        }
        assert_int_equal(wg_reader_rewind(s->ctx, reader), WG_OK);
    }
    wg_reader_close(reader);
    return all;
}

static void same_layers(const wg_layer *a, const wg_layer *b) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->n_columns, b->n_columns);
    assert_int_equal(a->wkb_length, b->wkb_length);
    assert_memory_equal(a->wkb, b->wkb, a->wkb_length);
    assert_memory_equal(a->wkb_offset, b->wkb_offset, (a->n + 1) * sizeof *a->wkb_offset);
    assert_memory_equal(a->fid, b->fid, a->n * sizeof *a->fid);
    for (uint32_t c = 0; c < a->n_columns; c++) {
        assert_memory_equal(a->columns[c].null, b->columns[c].null, a->n);
        for (size_t row = 0; row < a->n; row++) {
            if (a->columns[c].null[row] == 0 && a->columns[c].type == WG_TEXT) {
                assert_string_equal(wg_layer_text(a, row, c), wg_layer_text(b, row, c));
            } else if (a->columns[c].null[row] == 0) {
                assert_true(wg_layer_real(a, row, c) == wg_layer_real(b, row, c));
            }
        }
    }
}

static void streams_give_what_features_give(void **state) {
    scratch *s = *state;
    static const char *const names[] = {"a.gpkg", "a.fgb", "indexed.fgb"};
    for (size_t i = 0; i < 3; i++) {
        wg_layer *layer = sample(true, i == 0); /* FlatGeobuf holds no feature without geometry */
        const wg_write_options options = {.no_spatial_index = i < 2};
        const char *path = scratch_path(s, names[i]);
        bool used = false, unused = false;
        assert_int_equal(wg_write(s->ctx, layer, path, &options), WG_OK);
        wg_layer *features = read_all(s, path, FEATURES, 700, &unused);
        assert_int_equal(features->n, ROWS);
        for (way by = STREAM; by <= FASTEST; by++) {
            for (size_t rows = 700; rows < 702; rows++) { /* 701: with a thread that reads ahead */
                wg_layer *stream = read_all(s, path, by, rows, &used);
                assert_true(used);
                same_layers(stream, features);
                wg_layer_free(stream);
            }
        }
        if (i < 2) {
            assert_memory_equal(features->wkb, layer->wkb, layer->wkb_length);
        }
        wg_layer_free(features);
        /* the whole layer in one piece */
        const wg_input input = {.source = scratch_path(s, names[i])};
        wg_layer *whole = NULL;
        assert_int_equal(wg_read(s->ctx, &input, NULL, &whole), WG_OK);
        assert_int_equal(whole->n, ROWS);
        assert_int_equal(whole->wkb_length, layer->wkb_length);
        wg_layer_free(whole);
        wg_layer_free(layer);
    }
}

/* The thread that reads ahead ends with its reader, at any time, and says why it failed. */
static void reading_ahead_can_be_left(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample(true, true), *batch = NULL;
    const wg_read_options options = {.batch_rows = 100, .ahead = true};
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "h.gpkg"), NULL), WG_OK);
    wg_layer_free(layer);
    for (int taken = 0; taken < 4; taken++) {
        wg_reader *reader = NULL;
        assert_int_equal(wg_reader_open(s->ctx, scratch_path(s, "h.gpkg"), NULL, &options, &reader), WG_OK);
        for (int k = 0; k < taken; k++) {
            assert_int_equal(wg_reader_next(s->ctx, reader, &batch), WG_OK);
            assert_int_equal(batch->n, 100);
            wg_layer_free(batch);
        }
        wg_reader_close(reader);
    }
    wg_reader *reader = NULL;
    assert_int_equal(wg_reader_open(s->ctx, scratch_path(s, "h.gpkg"), NULL, &options, &reader), WG_OK);
    wg_context_cancel(s->ctx);
    wg_status status = WG_OK;
    for (batch = NULL; status == WG_OK; wg_layer_free(batch)) {
        status = wg_reader_next(s->ctx, reader, &batch);
        assert_true(status != WG_OK || batch != NULL); /* never just the end */
    }
    assert_int_equal(status, WG_ECANCELLED);
    assert_string_equal(wg_context_error(s->ctx), "interrupted");
    wg_reader_close(reader);
}

/* Text that is not UTF-8, and texts that only together are. */
static void damaged_text_is_decoded_alone(void **state) {
    scratch *s = *state;
    wg_layer *layer = NULL, *back = NULL;
    static const char *const texts[] = {
        "plain", "\xE5\xAD", "\x97", "\xE5\xAD\x97", "\xC4\xE3\xBA\xC3", "", "a text that is longer than sixteen bytes",
        "z"};
    assert_int_equal(wg_layer_new(NULL, "d", NULL, &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "t", WG_TEXT, NULL), WG_OK);
    for (size_t i = 0; i < 8; i++) {
        const size_t row = shape_box_row(layer, 0, 0, 1, 1);
        layer->columns[0].value.text[row] = texts[i]; /* as a damaged file has it */
        layer->columns[0].null[row] = 0;
    }
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "d.gpkg"), NULL), WG_OK);
    const wg_input input = {.source = scratch_path(s, "d.gpkg")};
    assert_int_equal(wg_read(s->ctx, &input, NULL, &back), WG_OK);
    for (size_t i = 0; i < 8; i++) {
        const char *text = wg_layer_text(back, i, 0);
        assert_true(wg_utf8_valid(text, strlen(text)));
        if (i != 1 && i != 2 && i != 4) {
            assert_string_equal(text, texts[i]);
        }
    }
    assert_string_equal(wg_layer_text(back, 4, 0), "你好"); /* GBK */
    for (size_t i = 0; i < 8; i++) {
        layer->columns[0].null[i] = 1;
    }
    wg_layer_free(layer);
    wg_layer_free(back);
}

/** One row of a geometry in WKT, two values. */
static void put_wkt_row(wg_layer *layer, const char *text, size_t number) {
    OGRGeometryH geometry = NULL;
    char *at = (char *)(uintptr_t)text;
    size_t row = 0;
    assert_int_equal(OGR_G_CreateFromWkt(&at, NULL, &geometry), OGRERR_NONE);
    const size_t bytes = (size_t)OGR_G_WkbSize(geometry);
    uint8_t *wkb = malloc(bytes);
    assert_non_null(wkb);
    assert_int_equal(OGR_G_ExportToIsoWkb(geometry, wkbNDR, wkb), OGRERR_NONE);
    assert_int_equal(wg_layer_add_row(NULL, layer, wkb, bytes, &row), WG_OK);
    assert_int_equal(wg_layer_set_text(NULL, layer, row, 0, number % 2 == 0 ? "甲" : "乙"), WG_OK);
    if (number % 3 != 0) {
        assert_int_equal(wg_layer_set_integer(NULL, layer, row, 1, -(int64_t)number), WG_OK);
        assert_int_equal(wg_layer_set_real(NULL, layer, row, 2, (double)number / 3), WG_OK);
    }
    OGR_G_DestroyGeometry(geometry);
    free(wkb);
}

static wg_layer *shapes(const char *const *wkt) {
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(NULL, "s", "EPSG:32650", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "t", WG_TEXT, NULL), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "n", WG_INTEGER, NULL), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "r", WG_REAL, NULL), WG_OK);
    for (size_t i = 0; i < 300; i++) {
        put_wkt_row(layer, wkt[i % 3], i);
    }
    return layer;
}

static const char *const kinds[][3] = {
    {"POINT(1 2)", "POINT(-1e7 1e-6)", "POINT(0 0)"},
    {"LINESTRING(0 0,1 1)", "LINESTRING(0 0,1 1,2 0)", "LINESTRING(5 5,5 6,7 7,8 8)"},
    {"POLYGON((0 0,4 0,4 4,0 0))", "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 1),(5 5,6 5,6 6,5 5))",
     "POLYGON((0 0,1 0,1 1,0 0))"},
    {"MULTIPOINT(1 2)", "MULTIPOINT(1 2,3 4)", "MULTIPOINT(1 2,3 4,5 6)"},
    {"MULTILINESTRING((0 0,1 1))", "MULTILINESTRING((0 0,1 1),(2 2,3 3,4 4))", "MULTILINESTRING((0 0,1 1,1 2))"},
    {"MULTIPOLYGON(((0 0,4 0,4 4,0 0)))",
     "MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 1)),((20 0,21 0,21 1,20 0)))",
     "MULTIPOLYGON(((0 0,4 0,4 4,0 0)),((9 9,10 9,10 10,9 9)))"}};

static void every_kind_of_geometry_of_flatgeobuf(void **state) {
    scratch *s = *state;
    const wg_write_options options = {.overwrite = true};
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        wg_layer *layer = shapes(kinds[kind]);
        bool used = false;
        assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "k.fgb"), &options), WG_OK);
        wg_reader *reader = NULL;
        assert_int_equal(wg_reader_open(s->ctx, scratch_path(s, "k.fgb"), NULL, NULL, &reader), WG_OK);
        assert_non_null(reader->fgb);
        wg_reader_close(reader);
        wg_layer *fast = read_all(s, scratch_path(s, "k.fgb"), FASTEST, 64, &used);
        wg_layer *features = read_all(s, scratch_path(s, "k.fgb"), FEATURES, 64, &used);
        assert_int_equal(fast->n, 300);
        same_layers(fast, features);
        wg_layer_free(fast);
        wg_layer_free(features);
        wg_layer_free(layer);
    }
}

/** Read a file to its end. @return rows, or -1 where it fails, with a message */
static int64_t rows_of(scratch *s, const char *path) {
    const wg_read_options options = {.batch_rows = 50};
    wg_reader *reader = NULL;
    wg_layer *batch = NULL;
    int64_t rows = 0;
    wg_clear_error(s->ctx);
    wg_status status = wg_reader_open(s->ctx, path, NULL, &options, &reader);
    while (status == WG_OK) {
        status = wg_reader_next(s->ctx, reader, &batch);
        if (batch == NULL || status != WG_OK) {
            break;
        }
        rows += (int64_t)batch->n;
        for (size_t row = 0; row < batch->n; row++) {
            const char *text = batch->n_columns > 0 ? wg_layer_text(batch, row, 0) : NULL;
            assert_true(text == NULL || wg_utf8_valid(text, strlen(text)));
        }
        wg_layer_free(batch);
        batch = NULL;
    }
    wg_reader_close(reader);
    assert_true(status == WG_OK || wg_context_error(s->ctx)[0] != '\0');
    return status == WG_OK ? rows : -1;
}

static void damaged_flatgeobuf_is_an_error_or_rows_but_no_crash(void **state) {
    scratch *s = *state;
    size_t length = 0;
    wg_random random;
    wg_random_seed(&random, 1, "damage");
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        wg_layer *layer = shapes(kinds[kind]);
        const wg_write_options options = {.overwrite = true, .no_spatial_index = kind % 2 == 0};
        assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "k.fgb"), &options), WG_OK);
        wg_layer_free(layer);
        char *whole = scratch_read(scratch_path(s, "k.fgb"), &length), *copy = malloc(length);
        assert_non_null(copy);
        assert_int_equal(rows_of(s, scratch_path(s, "k.fgb")), 300);
        /* cut: said, with the number of the feature */
        (void)scratch_bytes(s, "cut.fgb", whole, length - 1);
        assert_int_equal(rows_of(s, scratch_path(s, "cut.fgb")), -1);
        assert_non_null(strstr(wg_context_error(s->ctx), "the file is cut off in feature 299 (get it again)"));
        for (int turn = 0; turn < 60; turn++) { /* changed bytes behind the header, where features are */
            memcpy(copy, whole, length);
            for (uint32_t k = 0; k <= (uint32_t)turn % 4; k++) {
                const size_t at = length / 3 + wg_random_below(&random, (uint32_t)(length - length / 3));
                copy[at] = (char)wg_random_below(&random, 256);
            }
            (void)scratch_bytes(s, "bad.fgb", copy, length);
            assert_true(rows_of(s, scratch_path(s, "bad.fgb")) <= 300);
        }
        free(whole);
        free(copy);
    }
}

static void flatgeobuf_says_what_it_cannot_hold(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample(true, true);
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "a.fgb"), NULL), WG_OK);
    assert_non_null(strstr(
        s->log, "a.fgb: 1667 features without geometry are left out, since FlatGeobuf cannot hold them (use .gpkg)\n"));
    wg_layer_free(layer);
}

/** GDAL 3.6.2 gives no geometry at all in this case. */
static void a_geopackage_without_attributes_keeps_its_geometry(void **state) {
    scratch *s = *state;
    wg_layer *layer = sample(false, true);
    bool used = true;
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "g.gpkg"), NULL), WG_OK);
    wg_layer *back = read_all(s, scratch_path(s, "g.gpkg"), FASTEST, 100000, &used);
    assert_false(used);
    assert_int_equal(back->n, ROWS);
    assert_int_equal(back->wkb_length, layer->wkb_length);
    wg_layer_free(back);
    wg_layer_free(layer);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {SCRATCH_TEST(streams_give_what_features_give),
                                       SCRATCH_TEST(reading_ahead_can_be_left),
                                       SCRATCH_TEST(every_kind_of_geometry_of_flatgeobuf),
                                       SCRATCH_TEST(damaged_flatgeobuf_is_an_error_or_rows_but_no_crash),
                                       SCRATCH_TEST(damaged_text_is_decoded_alone),
                                       SCRATCH_TEST(flatgeobuf_says_what_it_cannot_hold),
                                       SCRATCH_TEST(a_geopackage_without_attributes_keeps_its_geometry)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
