/* GeoPackages: what OGR and SQLite's own check say of the tables and the packed index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "core/random.h"
#include "files.h"
#include "io/read.h"
#include "io/write.h"
#include "shapes.h"

enum { ROWS = 4000 };

/** First column of the first row of a query. */
static int64_t number(const char *path, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

/** Points and boxes; every seventh row without geometry. */
static wg_layer *scattered(const char *crs, bool points) {
    wg_layer *layer = NULL;
    wg_random random;
    wg_random_seed(&random, points ? 1 : 2, "gpkg");
    assert_int_equal(wg_layer_new(NULL, "it's \"here\"", crs, &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "fid", WG_INTEGER, NULL), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "GEOM", WG_TEXT, NULL), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "名 \"称\"", WG_REAL, NULL), WG_OK);
    for (size_t i = 0; i < ROWS; i++) {
        wg_buffer shape = {0};
        const double x = 1000 * wg_random_unit(&random), y = 1000 * wg_random_unit(&random);
        if (i % 7 != 0 && points) {
            wg_wkb_put_point(&shape, x, y);
        } else if (i % 7 != 0) {
            shape_box(&shape, x, y, x + 3, y + 5);
        }
        const size_t row = shape_row(layer, &shape);
        wg_buffer_release(&shape);
        assert_int_equal(wg_layer_set_integer(NULL, layer, row, 0, (int64_t)i * 3), WG_OK);
        if (i % 5 != 0) {
            assert_int_equal(wg_layer_set_text(NULL, layer, row, 1, i % 2 == 0 ? "" : "字"), WG_OK);
            assert_int_equal(wg_layer_set_real(NULL, layer, row, 2, i % 3 == 0 ? INFINITY : (double)i / 3), WG_OK);
        }
    }
    return layer;
}

static size_t touching(const wg_layer *layer, const double window[4]) {
    size_t n = 0;
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        double b[4];
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        n += wkb != NULL && wg_wkb_bounds(wkb, bytes, b) && b[0] <= window[2] && b[2] >= window[0] &&
                     b[1] <= window[3] && b[3] >= window[1]
                 ? 1
                 : 0;
    }
    return n;
}

static void bounds_of(const wg_layer *layer, double around[4]) {
    around[0] = around[1] = INFINITY;
    around[2] = around[3] = -INFINITY;
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        double b[4];
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, b)) {
            for (int k = 0; k < 2; k++) {
                around[k] = fmin(around[k], b[k]);
                around[k + 2] = fmax(around[k + 2], b[k + 2]);
            }
        }
    }
}

static void windows_agree(scratch *s, const char *path, const wg_layer *layer) {
    wg_random random;
    wg_random_seed(&random, 3, "windows");
    for (int k = 0; k < 20; k++) {
        double b[4] = {1000 * wg_random_unit(&random), 1000 * wg_random_unit(&random)};
        b[2] = b[0] + 100 * wg_random_unit(&random);
        b[3] = b[1] + 100 * wg_random_unit(&random);
        const wg_read_options options = {.bounds = b};
        wg_layer *found = NULL;
        assert_int_equal(wg_read_source(s->ctx, path, NULL, &options, true, &found), WG_OK);
        assert_int_equal(found->n, touching(layer, b));
        wg_layer_free(found);
    }
}

static void rows_and_index(void **state) {
    scratch *s = *state;
    for (int points = 0; points < 2; points++) {
        wg_layer *layer = scattered("EPSG:32650", points == 1), *back = NULL;
        const char *path = scratch_path(s, points == 1 ? "p.gpkg" : "b.gpkg");
        assert_int_equal(wg_write(s->ctx, layer, path, NULL), WG_OK);
        assert_int_equal(number(path, "SELECT rtreecheck('rtree_it''s \"here\"_geometry') = 'ok'"), 1);
        assert_int_equal(number(path, "SELECT count(*) FROM \"rtree_it's \"\"here\"\"_geometry\""),
                         ROWS - (ROWS + 6) / 7);
        assert_int_equal(number(path, "SELECT feature_count FROM gpkg_ogr_contents"), ROWS);
        double around[4];
        bounds_of(layer, around);
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "SELECT min_x = %.17g AND min_y = %.17g AND max_x = %.17g AND max_y = %.17g FROM gpkg_contents",
                       around[0], around[1], around[2], around[3]);
        assert_int_equal(number(path, sql), 1);
        windows_agree(s, path, layer);
        const wg_input input = {.source = path};
        assert_int_equal(wg_read(s->ctx, &input, NULL, &back), WG_OK);
        assert_int_equal(back->n, ROWS);
        assert_memory_equal(back->wkb, layer->wkb, layer->wkb_length);
        assert_memory_equal(back->wkb_offset, layer->wkb_offset, (ROWS + 1) * sizeof *back->wkb_offset);
        assert_string_equal(wg_layer_crs(back), "EPSG:32650");
        for (size_t row = 0; row < ROWS; row++) {
            assert_int_equal(wg_layer_integer(back, row, 0), wg_layer_integer(layer, row, 0));
            assert_int_equal(back->columns[1].null[row], layer->columns[1].null[row]);
            assert_int_equal(wg_layer_is_null(back, row, 2), row % 5 == 0 || row % 3 == 0);
            if (!wg_layer_is_null(back, row, 2)) {
                assert_true(wg_layer_real(back, row, 2) == wg_layer_real(layer, row, 2));
            }
        }
        wg_layer_free(back);
        wg_layer_free(layer);
    }
}

static void a_stream_of_polygons_is_a_layer_of_multipolygons(void **state) {
    scratch *s = *state;
    wg_layer *layer = scattered("EPSG:32650", false), *back = NULL;
    wg_writer *writer = NULL;
    assert_int_equal(wg_writer_open(s->ctx, scratch_path(s, "m.gpkg"), NULL, &writer), WG_OK);
    assert_int_equal(wg_writer_layer(s->ctx, writer, layer, "polygon"), WG_OK);
    assert_int_equal(wg_writer_rows(s->ctx, writer, layer), WG_OK);
    assert_int_equal(wg_writer_rows(s->ctx, writer, layer), WG_OK);
    assert_int_equal(wg_writer_commit(s->ctx, writer), WG_OK);
    const char *path = scratch_path(s, "m.gpkg");
    assert_int_equal(number(path, "SELECT geometry_type_name = 'MULTIPOLYGON' FROM gpkg_geometry_columns"), 1);
    const wg_input input = {.source = path};
    assert_int_equal(wg_read(s->ctx, &input, NULL, &back), WG_OK);
    assert_int_equal(back->n, 2 * ROWS);
    for (size_t row = 0; row < ROWS; row++) {
        size_t bytes = 0, own = 0;
        const uint8_t *wkb = wg_layer_wkb(back, row + ROWS, &bytes), *was = wg_layer_wkb(layer, row, &own);
        assert_int_equal(bytes, was == NULL ? 0 : own + 9);
        if (was != NULL) {
            assert_int_equal(wg_wkb_type(wkb, bytes), WG_WKB_MULTIPOLYGON);
            assert_memory_equal(wkb + 9, was, own);
        }
    }
    wg_layer_free(back);
    wg_layer_free(layer);
}

static void the_same_layer_gives_the_same_bytes(void **state) {
    scratch *s = *state;
    wg_layer *layer = scattered("EPSG:4326", true);
    size_t first_length = 0, second_length = 0;
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "1.gpkg"), NULL), WG_OK);
    assert_int_equal(wg_write(s->ctx, layer, scratch_path(s, "2.gpkg"), NULL), WG_OK);
    char *first = scratch_read(scratch_path(s, "1.gpkg"), &first_length);
    char *second = scratch_read(scratch_path(s, "2.gpkg"), &second_length);
    assert_int_equal(first_length, second_length);
    assert_memory_equal(first, second, first_length);
    assert_int_equal(scratch_count(s->dir), 2); /* no journal, no work directory */
    free(first);
    free(second);
    wg_layer_free(layer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_and_index, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_stream_of_polygons_is_a_layer_of_multipolygons, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(the_same_layer_gives_the_same_bytes, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
