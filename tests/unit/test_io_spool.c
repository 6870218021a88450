/* Rows on disk: they come back bit for bit, in order, each once, group by group. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/random.h"
#include "files.h"
#include "io/spool.h"
#include "shapes.h"

enum { ROWS = 3000, GROUPS = 40 };

/** A layer with every type of column, unknown values, rows without geometry, texts of any length. */
static wg_layer *anything(scratch *s) {
    wg_layer *layer = NULL;
    wg_random random;
    static const char letters[] = "中文地址abcdefghijklmnopqrstuvwxyz";
    wg_random_seed(&random, 3, "spool");
    assert_int_equal(wg_layer_new(s->ctx, "rows", "EPSG:32650", &layer), WG_OK);
    assert_int_equal(wg_layer_set_source(s->ctx, layer, "a.csv: rows"), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "name", WG_TEXT, NULL), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "count", WG_INTEGER, NULL), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "area", WG_REAL, NULL), WG_OK);
    for (size_t i = 0; i < ROWS; i++) {
        size_t row = 0;
        if (i % 11 == 0) {
            assert_int_equal(wg_layer_add_row(s->ctx, layer, NULL, 0, &row), WG_OK);
        } else {
            row = shape_box_row(layer, (double)i, 0.1, (double)i + 1.0 / 3.0, 9);
        }
        layer->fid[row] = (int64_t)i * 3 - 100;
        if (wg_random_below(&random, 5) != 0) {
            assert_int_equal(
                wg_layer_set_text(s->ctx, layer, row, 0, letters + 3 * wg_random_below(&random, 4) + 9 * (i % 2)),
                WG_OK);
        }
        if (wg_random_below(&random, 5) != 0) {
            assert_int_equal(wg_layer_set_integer(s->ctx, layer, row, 1, INT64_MIN + (int64_t)i), WG_OK);
        }
        if (wg_random_below(&random, 5) != 0) {
            assert_int_equal(wg_layer_set_real(s->ctx, layer, row, 2, wg_random_unit(&random)), WG_OK);
        }
    }
    assert_int_equal(wg_layer_set_text(s->ctx, layer, 0, 0, ""), WG_OK); /* an empty text is not an unknown one */
    return layer;
}

static void same_row(const wg_layer *a, size_t i, const wg_layer *b, size_t k) {
    size_t bytes_a = 0, bytes_b = 0;
    const void *wkb_a = wg_layer_wkb(a, i, &bytes_a), *wkb_b = wg_layer_wkb(b, k, &bytes_b);
    assert_int_equal(bytes_a, bytes_b);
    assert_true(bytes_a == 0 || memcmp(wkb_a, wkb_b, bytes_a) == 0);
    assert_int_equal(a->fid[i], b->fid[k]);
    for (uint32_t c = 0; c < 3; c++) {
        assert_int_equal(wg_layer_is_null(a, i, c), wg_layer_is_null(b, k, c));
    }
    const char *text = wg_layer_text(a, i, 0);
    assert_true(text == NULL || strcmp(text, wg_layer_text(b, k, 0)) == 0);
    assert_true(wg_layer_integer(a, i, 1) == wg_layer_integer(b, k, 1));
    assert_true(wg_layer_is_null(a, i, 2) || wg_layer_real(a, i, 2) == wg_layer_real(b, k, 2));
}

/** Rows are put in a shuffled order, every ninth into a second group too. */
static wg_rows *fill(scratch *s, wg_spool *spool, const wg_layer *layer) {
    wg_rows *rows = NULL;
    assert_int_equal(wg_rows_new(s->ctx, spool, layer, GROUPS, &rows), WG_OK);
    for (size_t i = 0; i < ROWS; i++) {
        const size_t row = i * 1009 % ROWS;
        assert_int_equal(wg_rows_add(s->ctx, rows, layer, row, row, layer->fid[row], row % GROUPS), WG_OK);
        if (row % 9 == 0) {
            assert_int_equal(wg_rows_add(s->ctx, rows, layer, row, row, layer->fid[row], (row + 1) % GROUPS), WG_OK);
        }
    }
    return rows;
}

static bool in_groups(size_t row, size_t first, size_t end) {
    const size_t own = row % GROUPS, second = (row + 1) % GROUPS;
    return (own >= first && own < end) || (row % 9 == 0 && second >= first && second < end);
}

static void rows_come_back_bit_for_bit(void **state) {
    scratch *s = *state;
    wg_spool *spool = NULL;
    const char *beside = scratch_path(s, "out.sqlite");
    assert_int_equal(wg_spool_open(s->ctx, beside, &spool), WG_OK);
    wg_layer *layer = anything(s);
    wg_rows *rows = fill(s, spool, layer);
    const size_t ranges[][2] = {{0, GROUPS}, {0, 1}, {7, 8}, {5, 30}, {39, 40}, {4, 4}};
    for (int again = 0; again < 2; again++) { /* they may be asked for twice */
        for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
            wg_layer *got = NULL;
            uint64_t *number = NULL;
            size_t k = 0;
            assert_int_equal(wg_rows_load(s->ctx, rows, ranges[r][0], ranges[r][1], &got, &number), WG_OK);
            assert_string_equal(wg_layer_source(got), "a.csv: rows");
            assert_string_equal(wg_layer_crs(got), "EPSG:32650");
            for (size_t row = 0; row < ROWS; row++) {
                if (in_groups(row, ranges[r][0], ranges[r][1])) {
                    assert_true(k < got->n && number[k] == row);
                    same_row(layer, row, got, k++);
                }
            }
            assert_int_equal(k, got->n);
            wg_layer_free(got);
            free(number);
        }
    }
    size_t counted = 0;
    for (size_t g = 0; g < GROUPS; g++) {
        counted += wg_rows_count(rows, g);
    }
    assert_int_equal(counted, ROWS + (ROWS + 8) / 9);
    wg_rows_free(rows);
    wg_layer_free(layer);
    wg_spool_close(spool);
}

static void a_spool_has_no_name(void **state) {
    scratch *s = *state;
    wg_spool *spool = NULL;
    char bytes[5] = "";
    uint64_t first = 0, second = 0;
    assert_int_equal(wg_spool_open(s->ctx, scratch_path(s, "out.sqlite"), &spool), WG_OK);
    assert_int_equal(rmdir(s->dir), 0); /* empty: nothing is in the directory */
    assert_int_equal(wg_spool_put(s->ctx, spool, "abcd", 4, &first), WG_OK);
    assert_int_equal(wg_spool_put(s->ctx, spool, "efgh", 4, &second), WG_OK);
    assert_int_equal(wg_spool_get(s->ctx, spool, second, bytes, 4), WG_OK);
    assert_string_equal(bytes, "efgh");
    assert_int_equal(wg_spool_bytes(spool), 8);
    assert_int_equal(wg_spool_get(s->ctx, spool, 6, bytes, 4), WG_EIO); /* beyond the end */
    wg_spool_close(spool);
    wg_clear_error(s->ctx);
    assert_int_equal(wg_spool_open(s->ctx, "/nowhere/at/all/out.sqlite", &spool), WG_EIO);
    assert_non_null(strstr(wg_context_error(s->ctx), "/nowhere/at/all"));
    assert_int_equal(mkdir(s->dir, 0700), 0);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {SCRATCH_TEST(rows_come_back_bit_for_bit), SCRATCH_TEST(a_spool_has_no_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
