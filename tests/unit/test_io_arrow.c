/* The Arrow stream gives what the features give, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

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

static wg_layer *read_all(scratch *s, const char *path, bool arrow, size_t batch_rows, bool *used) {
    const wg_read_options options = {.batch_rows = batch_rows, .ahead = batch_rows % 2 == 1};
    wg_reader *reader = NULL;
    wg_layer *all = NULL;
    assert_int_equal(wg_reader_open(s->ctx, path, NULL, &options, &reader), WG_OK);
    *used = reader->arrow;
    reader->arrow = reader->arrow && arrow;
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
                if (batch->n_columns > 0 && !wg_layer_is_null(batch, row, 1)) {
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
    static const char *const names[] = {"a.gpkg", "a.fgb"};
    for (size_t i = 0; i < 2; i++) {
        wg_layer *layer = sample(true, i == 0); /* FlatGeobuf holds no feature without geometry */
        const wg_write_options options = {.no_spatial_index = true};
        bool used = false, unused = false;
        assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, names[i]), &options), WG_OK);
        wg_layer *stream = read_all(s, scratch_path(s, names[i]), true, 700, &used);
        wg_layer *features = read_all(s, scratch_path(s, names[i]), false, 700, &unused);
        assert_true(used);
        assert_int_equal(stream->n, ROWS);
        same_layers(stream, features);
        assert_memory_equal(stream->wkb, layer->wkb, layer->wkb_length);
        wg_layer *ahead = read_all(s, scratch_path(s, names[i]), true, 701, &used);
        same_layers(ahead, features);
        wg_layer_free(stream);
        wg_layer_free(features);
        wg_layer_free(ahead);
        /* the whole layer in one piece */
        const wg_input input = {.source = scratch_path(s, names[i])};
        wg_layer *whole = NULL;
        assert_int_equal(wg_read(s->ctx, &input, NULL, &whole), WG_OK);
        assert_int_equal(whole->n, ROWS);
        assert_memory_equal(whole->wkb, layer->wkb, layer->wkb_length);
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
    wg_layer *back = read_all(s, scratch_path(s, "g.gpkg"), true, 100000, &used);
    assert_false(used);
    assert_int_equal(back->n, ROWS);
    assert_int_equal(back->wkb_length, layer->wkb_length);
    wg_layer_free(back);
    wg_layer_free(layer);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(streams_give_what_features_give), SCRATCH_TEST(reading_ahead_can_be_left),
        SCRATCH_TEST(damaged_text_is_decoded_alone), SCRATCH_TEST(flatgeobuf_says_what_it_cannot_hold),
        SCRATCH_TEST(a_geopackage_without_attributes_keeps_its_geometry)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
