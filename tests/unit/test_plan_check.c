#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "drawing.h"
#include "shapes.h"
#include "store/store.h"

static wg_context *ctx;

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    wg_context_set_threads(ctx, 2);
    return ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

static void must(wg_status status) {
    if (status != WG_OK) {
        fail_msg("%s: %s", wg_status_text(status), wg_context_error(ctx));
    }
}

/** Codes and features of all findings, "code:feature" separated by blanks, in the order found. */
static char *findings_of(const wg_check_options *options) {
    wg_result *result = NULL;
    wg_buffer text = {0};
    must(wg_check(ctx, options, &result));
    json_t *json = json_loads(wg_result_json(result), 0, NULL);
    assert_non_null(json);
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(json, "list"), index, entry) {
        wg_buffer_printf(&text, "%s%s:%s", index > 0 ? " " : "", json_string_value(json_object_get(entry, "code")),
                         json_string_value(json_object_get(entry, "feature")));
    }
    assert_int_equal(wg_result_findings(result), json_array_size(json_object_get(json, "list")));
    json_decref(json);
    wg_result_free(result);
    return wg_buffer_steal(&text);
}

static void expect_findings(const wg_check_options *options, const char *expected) {
    char *found = findings_of(options);
    assert_string_equal(expected, found);
    free(found);
}

static void a_sound_layer_has_no_findings(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AAB\nACB\nCCB", 100);
    wg_layer *communities = drawing_polygons("communities", "EEE\nEEE\nEEE", 100);
    wg_layer *buildings = drawing_buildings("111\n111\n111", 100, 20);
    const wg_limit limits[] = {{"households", 30, NAN, 30}, {"area", NAN, NAN, 30000}};
    const wg_check_options options = {.cells.layer = cells,
                                      .communities.layer = communities,
                                      .buildings.layer = buildings,
                                      .limits = limits,
                                      .n_limits = 2,
                                      .count_min = 3,
                                      .count_max = 3};
    expect_findings(&options, "");
    wg_layer_free(cells);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

static void gaps_overlaps_and_codes_are_found(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AAB\nA.B\nCCB", 100);
    wg_layer *communities = drawing_polygons("communities", "EEE\nEEE\nEEE", 100);
    const size_t row = shape_box_row(cells, DRAWING_X, DRAWING_Y, DRAWING_X + 50, DRAWING_Y + 50);
    must(wg_layer_set_text(ctx, cells, row, 0, "A"));
    (void)shape_box_row(cells, DRAWING_X + 300, DRAWING_Y, DRAWING_X + 350, DRAWING_Y + 50);
    const wg_check_options options = {.cells.layer = cells, .communities.layer = communities};
    expect_findings(&options, "missing_code:#4 duplicate_code:A gap:E overlap:C outside:#4");
    wg_layer_free(cells);
    wg_layer_free(communities);
}

static void limits_and_counts_are_found(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AAB\nAAB\nCCB", 100);
    wg_layer *communities = drawing_polygons("communities", "EEF\nEEF\nEEF", 100);
    wg_layer *buildings = drawing_buildings("119\n111\n111", 100, 20);
    const wg_limit limits[] = {{"households", 30, NAN, 60}, {"population", NAN, NAN, 300}};
    const wg_check_options options = {.cells.layer = cells,
                                      .communities.layer = communities,
                                      .buildings.layer = buildings,
                                      .limits = limits,
                                      .n_limits = 2,
                                      .count_min = 2,
                                      .count_max = 4};
    expect_findings(&options, "limit:B limit:C limit:B count:F");
    wg_layer_free(cells);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

static void cut_and_uncovered_buildings_are_found(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AB.\nAB.", 100);
    wg_layer *communities = drawing_polygons("communities", "EEE\nEEE", 100);
    wg_layer *buildings = NULL;
    const double x = DRAWING_X, y = DRAWING_Y;
    must(wg_layer_new(ctx, "buildings", DRAWING_CRS, &buildings));
    shape_box_row(buildings, x + 90, y + 10, x + 110, y + 30);  /* across A and B */
    shape_box_row(buildings, x + 240, y + 10, x + 260, y + 30); /* in the gap */
    shape_box_row(buildings, x - 10, y + 10, x + 10, y + 30);   /* across the community line: nobody's fault */
    shape_box_row(buildings, x + 10, y + 10, x + 30, y + 30);
    const wg_check_options options = {
        .cells.layer = cells, .communities.layer = communities, .buildings.layer = buildings};
    expect_findings(&options, "gap:E building_cut:#0 building_outside:#1");
    wg_layer_free(cells);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

static void corners_and_hard_barriers_disconnect(void **state) {
    (void)state;
    static const char *const land = "ABB\nBAB\nBBB";
    wg_layer *cells = drawing_polygons("cells", land, 100);
    wg_layer *communities = drawing_polygons("communities", "EEE\nEEE\nEEE", 100);
    wg_check_options options = {.cells.layer = cells, .communities.layer = communities};
    expect_findings(&options, "not_connected:A");
    wg_layer *barriers = drawing_barriers();
    must(wg_layer_add_column(ctx, barriers, "hard", WG_INTEGER, NULL));
    drawing_line(barriers, land, 100, 1, 2, 1, 4, "railway", "rail"); /* B bends around its end: one piece still */
    must(wg_layer_set_integer(ctx, barriers, 0, wg_layer_column(barriers, "hard"), 1));
    options.barriers.layer = barriers;
    expect_findings(&options, "not_connected:A not_connected:B");
    wg_layer_free(cells);
    wg_layer_free(communities);
    wg_layer_free(barriers);
}

static void exclaves_are_no_fault(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AA.A\nBB..", 100);
    wg_layer *communities = drawing_polygons("communities", "EE.E\nEE..", 100);
    const wg_check_options options = {.cells.layer = cells, .communities.layer = communities};
    expect_findings(&options, "");
    wg_layer_free(cells);
    wg_layer_free(communities);
}

static void degrees_are_measured_in_metres(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    must(wg_layer_new(ctx, "cells", "EPSG:4326", &cells));
    must(wg_layer_add_column(ctx, cells, "code", WG_TEXT, NULL));
    shape_box_row(cells, 117.00, 40.00, 117.01, 40.01);
    shape_box_row(cells, 117.01, 40.00, 117.02, 40.01);
    must(wg_layer_set_text(ctx, cells, 0, 0, "1"));
    must(wg_layer_set_text(ctx, cells, 1, 0, "2"));
    const wg_limit limit = {"area", NAN, NAN, 900000};
    const wg_check_options options = {.cells.layer = cells, .limits = &limit, .n_limits = 1};
    wg_result *result = NULL;
    must(wg_check(ctx, &options, &result));
    json_t *json = json_loads(wg_result_json(result), 0, NULL);
    assert_string_equal("EPSG:32650", json_string_value(json_object_get(json, "crs")));
    assert_int_equal(2, wg_result_findings(result)); /* about 854 m x 1110 m */
    json_decref(json);
    wg_result_free(result);
    wg_layer_free(cells);
}

static void what_cannot_be_checked_is_an_error(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "A", 100);
    wg_result *result = NULL;
    const wg_limit limit = {"households", NAN, NAN, 300};
    wg_check_options options = {.cells.layer = cells, .limits = &limit, .n_limits = 1};
    assert_int_equal(WG_ENOTFOUND, wg_check(ctx, &options, &result));
    assert_string_equal("no field for households in buildings or cells (give --buildings, or name it with --field "
                        "households=FIELD)",
                        wg_context_error(ctx));
    options = (wg_check_options){.cells.layer = cells, .tolerance_m = -1};
    assert_int_equal(WG_EINVAL, wg_check(ctx, &options, &result));
    must(wg_layer_set_crs(ctx, cells, NULL));
    options = (wg_check_options){.cells.layer = cells};
    assert_int_equal(WG_EDATA, wg_check(ctx, &options, &result));
    assert_null(result);
    wg_layer_free(cells);
}

/* ------------------------------------------------------------------ plans */

static void put_text(wg_layer *layer, size_t row, const char *column, const char *value) {
    must(wg_layer_set_text(ctx, layer, row, wg_layer_column(layer, column), value));
}

/** A plan of two cells with two units each; the graph says that they hang together. */
static void write_plan(const char *path, bool connected, double households_of_a) {
    const wg_store_srs srs = {.name = DRAWING_CRS};
    wg_store *store = NULL;
    wg_layer *layer = NULL;
    must(wg_store_create(ctx, path, &srs, &store));
    must(wg_contract_new_layer(ctx, "cells", NULL, &layer));
    for (int i = 0; i < 2; i++) {
        const size_t row =
            shape_box_row(layer, DRAWING_X + 100 * i, DRAWING_Y, DRAWING_X + 100 * (i + 1), DRAWING_Y + 100);
        put_text(layer, row, "code", i == 0 ? "A" : "B");
        must(wg_layer_set_real(ctx, layer, row, wg_layer_column(layer, "households"), i == 0 ? households_of_a : 20));
    }
    must(wg_store_put(ctx, store, layer, false));
    wg_layer_free(layer);
    must(wg_contract_new_layer(ctx, "buildings", NULL, &layer));
    for (int i = 0; i < 2; i++) {
        const double x = DRAWING_X + 100 * i + 40;
        const size_t row = shape_box_row(layer, x, DRAWING_Y + 40, x + 20, DRAWING_Y + 60);
        put_text(layer, row, "cell", i == 0 ? "A" : "B");
        put_text(layer, row, "how", "inside");
        must(wg_layer_set_real(ctx, layer, row, wg_layer_column(layer, "households"), 20));
    }
    must(wg_store_put(ctx, store, layer, false));
    wg_layer_free(layer);
    must(wg_contract_new_layer(ctx, "units", NULL, &layer));
    for (int i = 0; i < 4; i++) {
        const char id[2] = {(char)('1' + i), '\0'};
        const size_t row =
            shape_box_row(layer, DRAWING_X + 50 * i, DRAWING_Y, DRAWING_X + 50 * (i + 1), DRAWING_Y + 100);
        put_text(layer, row, "id", id);
        put_text(layer, row, "cell", i < 2 ? "A" : "B");
        put_text(layer, row, "kind", "block");
    }
    must(wg_store_put(ctx, store, layer, false));
    wg_layer_free(layer);
    must(wg_contract_new_layer(ctx, "edges", NULL, &layer));
    static const char *const ends[][2] = {{"1", "2"}, {"3", "4"}, {"2", "3"}, {"1", "4"}};
    for (int i = 0; i < 4; i++) {
        size_t row;
        must(wg_layer_add_row(ctx, layer, NULL, 0, &row));
        put_text(layer, row, "u", ends[i][0]);
        put_text(layer, row, "v", ends[i][1]);
        must(wg_layer_set_integer(ctx, layer, row, wg_layer_column(layer, "hard"), i == 0 && !connected));
    }
    must(wg_store_put(ctx, store, layer, false));
    wg_layer_free(layer);
    must(wg_contract_new_layer(ctx, "runs", NULL, &layer));
    must(wg_layer_add_row(ctx, layer, NULL, 0, NULL));
    put_text(layer, 0, "limits", "[{\"field\": \"households\", \"min\": 20, \"target\": null, \"max\": 30}]");
    must(wg_store_put(ctx, store, layer, false));
    wg_layer_free(layer);
    must(wg_store_close(ctx, store));
}

static void a_plan_is_checked_by_its_own_layers(void **state) {
    (void)state;
    char path[] = "/tmp/wangge-check-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(0, close(file));
    const wg_check_options options = {.cells.source = path};
    const wg_limit limit = {"households", 21, NAN, NAN};
    (void)unlink(path);
    write_plan(path, true, 20);
    expect_findings(&options, "");
    expect_findings(&(wg_check_options){.cells.source = path, .limits = &limit, .n_limits = 1}, "limit:A limit:B");
    (void)unlink(path);
    write_plan(path, false, 20);
    expect_findings(&options, "not_connected:A");
    (void)unlink(path);
    write_plan(path, true, 21);
    expect_findings(&options, "totals_differ:A");
    (void)unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_layer_has_no_findings),        cmocka_unit_test(gaps_overlaps_and_codes_are_found),
        cmocka_unit_test(limits_and_counts_are_found),          cmocka_unit_test(cut_and_uncovered_buildings_are_found),
        cmocka_unit_test(corners_and_hard_barriers_disconnect), cmocka_unit_test(exclaves_are_no_fault),
        cmocka_unit_test(degrees_are_measured_in_metres),       cmocka_unit_test(what_cannot_be_checked_is_an_error),
        cmocka_unit_test(a_plan_is_checked_by_its_own_layers),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
