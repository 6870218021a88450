#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "core/random.h"
#include "store_plan.h"

static void expect_same_values(const wg_layer *a, const wg_layer *b) {
    assert_int_equal(wg_layer_columns(a), wg_layer_columns(b));
    assert_int_equal(wg_layer_rows(a), wg_layer_rows(b));
    for (uint32_t c = 0; c < wg_layer_columns(a); c++) {
        assert_string_equal(wg_layer_column_name(a, c), wg_layer_column_name(b, c));
        assert_int_equal(wg_layer_column_type(a, c), wg_layer_column_type(b, c));
    }
    for (size_t row = 0; row < wg_layer_rows(a); row++) {
        for (uint32_t c = 0; c < wg_layer_columns(a); c++) {
            assert_int_equal(wg_layer_is_null(a, row, c), wg_layer_is_null(b, row, c));
            if (!wg_layer_is_null(a, row, c) && wg_layer_column_type(a, c) == WG_TEXT) {
                assert_string_equal(wg_layer_text(a, row, c), wg_layer_text(b, row, c));
            } else if (!wg_layer_is_null(a, row, c)) {
                assert_true(wg_layer_integer(a, row, c) == wg_layer_integer(b, row, c));
                assert_true(wg_layer_real(a, row, c) == wg_layer_real(b, row, c));
            }
        }
    }
}

static void expect_same_geometry(const wg_layer *a, const wg_layer *b) {
    for (size_t row = 0; row < wg_layer_rows(a); row++) {
        size_t bytes_a, bytes_b;
        const void *wkb_a = wg_layer_wkb(a, row, &bytes_a);
        const void *wkb_b = wg_layer_wkb(b, row, &bytes_b);
        assert_int_equal(bytes_a, bytes_b);
        if (bytes_a > 0) {
            assert_memory_equal(wkb_a, wkb_b, bytes_a);
        }
    }
}

static void a_layer_comes_back_bit_for_bit(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *put = boxes("cells", 1000, 0);
    wg_layer *got = NULL;
    must(wg_store_put(ctx, store, put, false));
    must(wg_store_close(ctx, store));
    must(wg_store_open(ctx, plan, WG_STORE_READ, &store));
    assert_string_equal("EPSG:4526", wg_store_crs(store));
    assert_int_equal(1000, wg_store_rows(store, "cells"));
    must(wg_store_get(ctx, store, "cells", &got));
    expect_same_values(put, got);
    expect_same_geometry(put, got);
    assert_string_equal("EPSG:4526", wg_layer_crs(got));
    assert_string_equal("plan.sqlite: cells", wg_layer_source(got));
    wg_layer_free(put);
    wg_layer_free(got);
    must(wg_store_close(ctx, store));
}

/** Row counts by SpatiaLite itself through the index, for windows over the layer. */
static int64_t query(wg_store *store, const char *sql) {
    wg_layer *answer = NULL;
    must(wg_store_sql(ctx, store, sql, NULL, 0, &answer));
    assert_int_equal(1, wg_layer_rows(answer));
    const int64_t value = wg_layer_column_type(answer, 0) == WG_INTEGER ? wg_layer_integer(answer, 0, 0) : -1;
    wg_layer_free(answer);
    return value;
}

static void expect_index_agrees(wg_store *store, const char *table) {
    char sql[512];
    wg_random random;
    wg_random_seed(&random, 7, table);
    (void)snprintf(sql, sizeof sql, "SELECT rtreecheck('idx_%s_geom') = 'ok'", table);
    assert_int_equal(1, query(store, sql));
    for (int k = 0; k < 50; k++) {
        const double x = 38500000.0 + 3100 * wg_random_unit(&random) - 50;
        const double y = 4400000.0 + 400 * wg_random_unit(&random) - 50;
        const double size = 100 * wg_random_unit(&random);
        (void)snprintf(sql, sizeof sql,
                       "SELECT (SELECT count(*) FROM %s WHERE MbrIntersects(geom, BuildMbr(%f, %f, %f, %f))) - "
                       "(SELECT count(*) FROM %s WHERE MbrIntersects(geom, BuildMbr(%f, %f, %f, %f)) AND fid IN "
                       "(SELECT rowid FROM SpatialIndex WHERE f_table_name = '%s' AND search_frame = "
                       "BuildMbr(%f, %f, %f, %f)))",
                       table, x, y, x + size, y + size, table, x, y, x + size, y + size, table, x, y, x + size,
                       y + size);
        assert_int_equal(0, query(store, sql));
    }
}

static void the_packed_index_is_a_sound_rtree(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 51, 52, 2601, 2602, 9000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        (void)unlink(plan);
        wg_store *store = create();
        wg_layer *layer = boxes("cells", sizes[i], 0);
        must(wg_store_put(ctx, store, layer, false));
        expect_index_agrees(store, "cells");
        wg_layer_free(layer);
        must(wg_store_close(ctx, store));
    }
}

static void appended_rows_come_behind_and_are_indexed(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *first = boxes("cells", 400, 0);
    wg_layer *second = boxes("cells", 300, 400);
    wg_layer *all = boxes("cells", 700, 0);
    wg_layer *got = NULL;
    must(wg_store_put(ctx, store, first, true));
    must(wg_store_close(ctx, store));
    must(wg_store_open(ctx, plan, WG_STORE_WRITE, &store));
    must(wg_store_put(ctx, store, second, true));
    must(wg_store_get(ctx, store, "cells", &got));
    expect_same_values(all, got);
    expect_same_geometry(all, got);
    expect_index_agrees(store, "cells");
    wg_layer_free(first);
    wg_layer_free(second);
    wg_layer_free(all);
    wg_layer_free(got);
    must(wg_store_close(ctx, store));
}

/** Codes of the boxes from .. from + n - 1, as values to remove by. */
static uint64_t remove_codes(wg_store *store, size_t from, size_t n) {
    char(*text)[16] = wg_calloc(n, sizeof *text);
    const char **code = wg_calloc(n, sizeof *code);
    uint64_t removed = 0;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(text[i], sizeof text[i], "c%03zu", from + i);
        code[i] = text[i];
    }
    must(wg_store_remove(ctx, store, "cells", "code", code, n, &removed));
    free(text);
    free(code);
    return removed;
}

/* Rows that are replaced leave neither their boxes nor their numbers in the index, whether they were there before the
 * transaction or came in it. */
static void removed_rows_leave_the_index(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *first = boxes("cells", 700, 0);
    wg_layer *second = boxes("cells", 500, 600);
    must(wg_store_put(ctx, store, first, true));
    must(wg_store_begin(ctx, store));
    assert_int_equal(100, remove_codes(store, 600, 100)); /* the last rows: their numbers would be free */
    must(wg_store_put(ctx, store, second, true));
    assert_int_equal(60, remove_codes(store, 1040, 70)); /* of this transaction's rows */
    assert_int_equal(0, remove_codes(store, 1040, 70));
    must(wg_store_put(ctx, store, first, true));
    assert_int_equal(1400, remove_codes(store, 0, 700)); /* each is there twice */
    must(wg_store_commit(ctx, store));
    expect_index_agrees(store, "cells");
    assert_int_equal(340, wg_store_rows(store, "cells"));
    assert_int_equal(340, query(store, "SELECT count(*) FROM idx_cells_geom"));
    assert_int_equal(1,
                     query(store, "SELECT row_count = 340 AND extent_min_y > 4400020 FROM geometry_columns_statistics "
                                  "WHERE f_table_name = 'cells'"));
    wg_layer_free(first);
    wg_layer_free(second);
    must(wg_store_close(ctx, store));
}

static void appending_adds_columns_and_refuses_other_types(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *layer = boxes("incidents", 2, 0);
    wg_layer *more = NULL;
    wg_layer *got = NULL;
    uint32_t column;
    must(wg_store_put(ctx, store, layer, true));
    must(wg_layer_new(ctx, "incidents", NULL, &more));
    must(wg_layer_add_column(ctx, more, "街道", WG_TEXT, &column));
    must(wg_layer_add_column(ctx, more, "area_m2", WG_INTEGER, NULL));
    must(wg_layer_add_row(ctx, more, NULL, 0, NULL));
    must(wg_layer_set_text(ctx, more, 0, column, "南街"));
    must(wg_layer_set_integer(ctx, more, 0, 1, 5));
    must(wg_store_put(ctx, store, more, true));
    must(wg_store_get(ctx, store, "incidents", &got));
    assert_int_equal(3, wg_layer_rows(got));
    assert_string_equal("南街", wg_layer_text(got, 2, wg_layer_column(got, "街道")));
    assert_true(wg_layer_real(got, 2, wg_layer_column(got, "area_m2")) == 5.0);
    assert_true(wg_layer_is_null(got, 0, wg_layer_column(got, "街道")));
    wg_layer_free(more);
    must(wg_layer_new(ctx, "incidents", NULL, &more));
    must(wg_layer_add_column(ctx, more, "BUILDINGS", WG_TEXT, NULL));
    assert_int_equal(WG_EDATA, wg_store_put(ctx, store, more, true));
    assert_non_null(strstr(wg_context_error(ctx), "field buildings is INTEGER in the plan and TEXT in the rows"));
    assert_int_equal(3, wg_store_rows(store, "incidents"));
    wg_layer_free(more);
    wg_layer_free(layer);
    wg_layer_free(got);
    must(wg_store_close(ctx, store));
}

static void names_that_clash_get_a_number(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *layer = NULL;
    wg_layer *got = NULL;
    must(wg_layer_new(ctx, "odd \"table\"", NULL, &layer));
    const char *const names[] = {"fid", "GEOM", "name", "NAME", "say \"hi\"", "select"};
    for (size_t i = 0; i < 6; i++) {
        must(wg_layer_add_column(ctx, layer, names[i], WG_TEXT, NULL));
    }
    must(wg_layer_add_row(ctx, layer, NULL, 0, NULL));
    must(wg_layer_set_text(ctx, layer, 0, 0, "7"));
    must(wg_store_put(ctx, store, layer, false));
    must(wg_store_put(ctx, store, layer, true));
    must(wg_store_get(ctx, store, "odd \"table\"", &got));
    const char *const expected[] = {"fid_2", "GEOM_2", "name", "NAME_2", "say \"hi\"", "select"};
    assert_int_equal(6, wg_layer_columns(got));
    assert_int_equal(2, wg_layer_rows(got));
    for (uint32_t c = 0; c < 6; c++) {
        assert_string_equal(expected[c], wg_layer_column_name(got, c));
    }
    assert_string_equal("7", wg_layer_text(got, 1, 0));
    wg_layer_free(layer);
    wg_layer_free(got);
    must(wg_store_close(ctx, store));
}

static void mixed_and_missing_geometries_are_kept(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *layer = NULL;
    wg_layer *got = NULL;
    wg_buffer shape = {0};
    must(wg_layer_new(ctx, "barriers", NULL, &layer));
    shape_row(layer, &shape);
    wg_wkb_put_point(&shape, 1, 2);
    shape_row(layer, &shape);
    const double line[] = {0, 0, 5, 5};
    wg_wkb_put_header(&shape, WG_WKB_LINESTRING, 2);
    wg_wkb_put_pairs(&shape, line, 2);
    shape_row(layer, &shape);
    wg_wkb_put_header(&shape, WG_WKB_MULTIPOLYGON, 2);
    shape_box(&shape, 0, 0, 1, 1);
    shape_box(&shape, 2, 0, 3, 1);
    shape_row(layer, &shape);
    must(wg_store_put(ctx, store, layer, false));
    must(wg_store_get(ctx, store, "barriers", &got));
    expect_same_geometry(layer, got);
    assert_int_equal(1, query(store, "SELECT count(*) FROM geometry_columns WHERE geometry_type = 0"));
    wg_layer_free(layer);
    wg_layer_free(got);
    wg_buffer_release(&shape);
    must(wg_store_close(ctx, store));
}

static void a_geometry_that_does_not_fit_is_refused_and_nothing_changes(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *cells = boxes("cells", 3, 0);
    wg_layer *points = NULL;
    wg_buffer shape = {0};
    must(wg_store_put(ctx, store, cells, false));
    must(wg_layer_new(ctx, "cells", NULL, &points));
    wg_wkb_put_point(&shape, 1, 2);
    shape_row(points, &shape);
    assert_int_equal(WG_EDATA, wg_store_put(ctx, store, points, true));
    assert_string_equal("cells: feature 0: its geometry does not fit into a layer of MULTIPOLYGON",
                        wg_context_error(ctx));
    wg_clear_error(ctx);
    assert_int_equal(WG_EDATA, wg_store_put(ctx, store, points, false));
    assert_int_equal(3, wg_store_rows(store, "cells"));
    expect_index_agrees(store, "cells");
    wg_layer_free(cells);
    wg_layer_free(points);
    wg_buffer_release(&shape);
    must(wg_store_close(ctx, store));
}

static void another_crs_is_refused(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *cells = boxes("cells", 1, 0);
    must(wg_layer_set_crs(ctx, cells, "EPSG:4326"));
    assert_int_equal(WG_EINVAL, wg_store_put(ctx, store, cells, false));
    assert_string_equal("cells: the layer's CRS is EPSG:4326, the plan's is EPSG:4526 (transform it before)",
                        wg_context_error(ctx));
    wg_layer_free(cells);
    must(wg_store_close(ctx, store));
}

static void queries_give_layers_and_cannot_write(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *cells = boxes("cells", 10, 0);
    wg_layer *answer = NULL;
    must(wg_store_put(ctx, store, cells, false));
    const wg_store_value values[] = {{.type = WG_TEXT, .text = "c00%"}, {.type = WG_INTEGER, .integer = 3}};
    must(wg_store_sql(ctx, store,
                      "SELECT code, fid * 0.5 AS half, geom, ST_Area(geom) AS a FROM cells WHERE code LIKE ? "
                      "AND fid > ? ORDER BY code DESC",
                      values, 2, &answer));
    assert_int_equal(7, wg_layer_rows(answer));
    assert_int_equal(3, wg_layer_columns(answer));
    assert_string_equal("c009", wg_layer_text(answer, 0, 0));
    assert_true(wg_layer_real(answer, 0, 1) == 5.0);
    assert_true(fabs(wg_layer_real(answer, 0, 2) - 100.0) < 1e-3);
    size_t bytes;
    assert_non_null(wg_layer_wkb(answer, 0, &bytes));
    wg_layer_free(answer);
    assert_int_equal(WG_EINVAL, wg_store_sql(ctx, store, "DELETE FROM cells", NULL, 0, &answer));
    assert_int_equal(WG_EINVAL, wg_store_sql(ctx, store, "SELECT ?", NULL, 0, &answer));
    wg_clear_error(ctx);
    assert_int_equal(WG_EIO, wg_store_sql(ctx, store, "SELECT x FROM nowhere", NULL, 0, &answer));
    assert_non_null(strstr(wg_context_error(ctx), "plan.sqlite: reading a query: no such table: nowhere"));
    wg_layer_free(cells);
    must(wg_store_close(ctx, store));
}

static void layers_are_listed_in_the_order_of_the_contract(void **state) {
    (void)state;
    wg_store *store = create();
    const char *const names[] = {"workload_street", "zebra", "units", "coverage_cell", "apple", "cells", "coverage"};
    for (size_t i = 0; i < 7; i++) {
        wg_layer *layer = boxes(names[i], 1, 0);
        must(wg_store_put(ctx, store, layer, false));
        wg_layer_free(layer);
    }
    char **list = NULL;
    size_t n = 0;
    must(wg_store_layers(ctx, store, &list, &n));
    const char *const expected[] = {"cells", "units", "coverage", "coverage_cell", "workload_street", "apple", "zebra"};
    assert_int_equal(7, n);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(expected[i], list[i]);
    }
    free(list);
    must(wg_store_drop(ctx, store, "cells"));
    assert_false(wg_store_has(store, "cells"));
    assert_int_equal(0,
                     query(store, "SELECT count(*) FROM sqlite_master WHERE name LIKE '%\\_cells\\_geom%' ESCAPE '\\' "
                                  "AND name NOT LIKE '%coverage%'"));
    wg_layer *empty = NULL;
    must(wg_store_get_or_empty(ctx, store, "cells", &empty));
    assert_int_equal(0, wg_layer_rows(empty));
    wg_layer_free(empty);
    assert_int_equal(WG_ENOTFOUND, wg_store_get(ctx, store, "cells", &empty));
    must(wg_store_close(ctx, store));
}

static void transactions_roll_back(void **state) {
    (void)state;
    wg_store *store = create();
    wg_layer *cells = boxes("cells", 5, 0);
    wg_layer *more = boxes("cells", 5, 5);
    must(wg_store_put(ctx, store, cells, false));
    must(wg_store_close(ctx, store));
    must(wg_store_open(ctx, plan, WG_STORE_WRITE, &store));
    must(wg_store_begin(ctx, store));
    must(wg_store_put(ctx, store, more, true));
    assert_int_equal(10, wg_store_rows(store, "cells"));
    wg_store_rollback(store);
    assert_int_equal(5, wg_store_rows(store, "cells"));
    expect_index_agrees(store, "cells");
    must(wg_store_begin(ctx, store));
    must(wg_store_put(ctx, store, more, true));
    wg_store_free(store); /* never committed */
    must(wg_store_open(ctx, plan, WG_STORE_READ, &store));
    assert_int_equal(5, wg_store_rows(store, "cells"));
    assert_int_equal(WG_EINVAL, wg_store_put(ctx, store, more, true));
    wg_layer_free(cells);
    wg_layer_free(more);
    must(wg_store_close(ctx, store));
}

static void write_file(const char *text) {
    FILE *file = fopen(plan, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(0, fclose(file));
}

static void expect_open_fails(wg_status expected, const char *message) {
    wg_store *store = NULL;
    char text[256];
    (void)snprintf(text, sizeof text, "%s: %s", plan, message);
    wg_clear_error(ctx);
    assert_int_equal(expected, wg_store_open(ctx, plan, WG_STORE_READ, &store));
    assert_string_equal(text, wg_context_error(ctx));
    assert_null(store);
}

static void what_is_not_a_plan_is_refused(void **state) {
    (void)state;
    expect_open_fails(WG_EIO, "No such file or directory");
    assert_false(wg_store_is_plan(plan));
    write_file("");
    expect_open_fails(WG_EIO, "is not a SQLite file (a plan is made by wangge partition)");
    write_file(
        "{\"type\": \"FeatureCollection\", \"features\": [], \"padding\": \"................................\"}");
    expect_open_fails(WG_EIO, "is not a SQLite file (a plan is made by wangge partition)");
    (void)unlink(plan);
    sqlite3 *db = NULL;
    assert_int_equal(SQLITE_OK, sqlite3_open(plan, &db));
    assert_int_equal(SQLITE_OK, sqlite3_exec(db, "CREATE TABLE t(x)", NULL, NULL, NULL));
    assert_int_equal(SQLITE_OK, sqlite3_close(db));
    expect_open_fails(WG_EDATA, "is a database, but not a plan (a plan is made by wangge partition)");
    (void)unlink(plan);
    wg_store *store = create();
    assert_int_equal(SQLITE_OK, sqlite3_exec(wg_store_sqlite(store), "PRAGMA user_version = 9", NULL, NULL, NULL));
    must(wg_store_close(ctx, store));
    assert_true(wg_store_is_plan(plan));
    expect_open_fails(WG_EDATA, "was made by a newer version of wangge (schema 9, this one knows 1)");
    assert_int_equal(WG_EEXISTS, wg_store_create(ctx, plan, &zone38, &store));
}

static void a_crs_without_code_is_stored_by_its_text(void **state) {
    (void)state;
    static const char wkt[] =
        "PROJCS[\"Local\",GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563]],"
        "PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],"
        "PARAMETER[\"latitude_of_origin\",0],PARAMETER[\"central_meridian\",9.5],PARAMETER[\"scale_factor\",1],"
        "PARAMETER[\"false_easting\",0],PARAMETER[\"false_northing\",0],UNIT[\"metre\",1]]";
    const char *name = "+proj=tmerc +lon_0=9.5 +datum=WGS84 +type=crs";
    const wg_store_srs srs = {.name = name, .wkt = wkt};
    wg_store *store = NULL;
    must(wg_store_create(ctx, plan, &srs, &store));
    wg_layer *cells = boxes("cells", 2, 0);
    must(wg_layer_set_crs(ctx, cells, name));
    must(wg_store_put(ctx, store, cells, false));
    must(wg_store_close(ctx, store));
    must(wg_store_open(ctx, plan, WG_STORE_READ, &store));
    assert_string_equal(name, wg_store_crs(store));
    wg_layer_free(cells);
    must(wg_store_close(ctx, store));
    (void)unlink(plan);
    const wg_store_srs unknown = {.name = name};
    assert_int_equal(WG_EINVAL, wg_store_create(ctx, plan, &unknown, &store));
    assert_int_equal(-1, access(plan, F_OK));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_layer_comes_back_bit_for_bit),
        STORE_TEST(the_packed_index_is_a_sound_rtree),
        STORE_TEST(appended_rows_come_behind_and_are_indexed),
        STORE_TEST(removed_rows_leave_the_index),
        STORE_TEST(appending_adds_columns_and_refuses_other_types),
        STORE_TEST(names_that_clash_get_a_number),
        STORE_TEST(mixed_and_missing_geometries_are_kept),
        STORE_TEST(a_geometry_that_does_not_fit_is_refused_and_nothing_changes),
        STORE_TEST(another_crs_is_refused),
        STORE_TEST(queries_give_layers_and_cannot_write),
        STORE_TEST(layers_are_listed_in_the_order_of_the_contract),
        STORE_TEST(transactions_roll_back),
        STORE_TEST(what_is_not_a_plan_is_refused),
        STORE_TEST(a_crs_without_code_is_stored_by_its_text),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
