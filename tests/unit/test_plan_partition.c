/* Small places, drawn: what partition must do with pockets, rivers, holes, exclaves, towers, missing figures. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "drawing.h"
#include "store/store.h"

/** Everything that a test looks at afterwards. */
typedef struct outcome {
    wg_context *ctx;
    wg_status status;
    wg_result *result;
    wg_layer *cells, *buildings, *communities, *exceptions, *shares;
    char path[64];
} outcome;

static void release(outcome *out) {
    wg_layer_free(out->cells);
    wg_layer_free(out->buildings);
    wg_layer_free(out->communities);
    wg_layer_free(out->exceptions);
    wg_layer_free(out->shares);
    wg_result_free(out->result);
    wg_context_free(out->ctx);
    (void)unlink(out->path);
}

static outcome partition(wg_partition_options *options) {
    static int number = 0;
    outcome out = {.ctx = wg_context_new()};
    wg_store *store = NULL;
    (void)snprintf(out.path, sizeof out.path, "/tmp/wangge-test-%d-%d.sqlite", (int)getpid(), number++);
    options->output = out.path;
    out.status = wg_partition(out.ctx, options, &out.result);
    if (out.status != WG_OK) {
        print_message("%s\n", wg_context_error(out.ctx));
        return out;
    }
    assert_int_equal(WG_OK, wg_store_open(out.ctx, out.path, WG_STORE_READ, &store));
    assert_int_equal(WG_OK, wg_store_get(out.ctx, store, "cells", &out.cells));
    assert_int_equal(WG_OK, wg_store_get(out.ctx, store, "buildings", &out.buildings));
    assert_int_equal(WG_OK, wg_store_get(out.ctx, store, "communities", &out.communities));
    assert_int_equal(WG_OK, wg_store_get(out.ctx, store, "exceptions", &out.exceptions));
    assert_int_equal(WG_OK, wg_store_get(out.ctx, store, "shares", &out.shares));
    wg_store_free(store);
    return out;
}

static const char *text_at(const wg_layer *layer, size_t row, const char *column) {
    const char *text = wg_layer_text(layer, row, wg_layer_column(layer, column));
    return text == NULL ? "" : text;
}

static double real_at(const wg_layer *layer, size_t row, const char *column) {
    return wg_layer_real(layer, row, wg_layer_column(layer, column));
}

/** Cell of the building drawn at row r, column c. */
static const char *cell_at(const outcome *out, int r, int c) {
    char id[32];
    (void)snprintf(id, sizeof id, "%d-%d", r, c);
    for (size_t row = 0; row < out->buildings->n; row++) {
        if (strcmp(text_at(out->buildings, row, "id"), id) == 0) {
            return text_at(out->buildings, row, "cell");
        }
    }
    fail_msg("no building %s", id);
    return "";
}

static double sum_of(const wg_layer *layer, const char *column) {
    double sum = 0;
    for (size_t row = 0; row < layer->n; row++) {
        const double value = real_at(layer, row, column);
        sum += isnan(value) ? 0 : value;
    }
    return sum;
}

/** Areas of cells and communities agree, and no cell is out of limits unless expected. */
static void assert_sound(const outcome *out, size_t expected_out) {
    size_t bad = 0;
    for (size_t row = 0; row < out->cells->n; row++) {
        bad += strcmp(text_at(out->cells, row, "status"), "ok") != 0 ? 1 : 0;
    }
    assert_int_equal(expected_out, bad);
    const double area = sum_of(out->communities, "area_m2");
    assert_true(fabs(area - sum_of(out->cells, "area_m2")) <= 1e-9 * area);
}

static wg_partition_options with(wg_layer *communities, wg_layer *buildings, const wg_limit *limit) {
    wg_partition_options options = WG_PARTITION_OPTIONS_INIT;
    options.communities.layer = communities;
    options.buildings.layer = buildings;
    options.limits = limit;
    options.n_limits = 1;
    options.crs = DRAWING_CRS;
    return options;
}

static void two_equal_halves(void **state) {
    (void)state;
    const char *map = "AAAA\n"
                      "AAAA\n";
    const char *homes = "5555\n"
                        "5555\n";
    const wg_limit limit = {"households", 150, NAN, 250};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 20);
    wg_partition_options options = with(communities, buildings, &limit);
    outcome out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_int_equal(2, out.cells->n);
    assert_sound(&out, 0);
    assert_true(sum_of(out.cells, "households") == 400);
    assert_true(sum_of(out.cells, "population") == 1200);
    for (size_t row = 0; row < out.cells->n; row++) {
        assert_true(real_at(out.cells, row, "households") == 200); /* eight equal buildings: four each */
    }
    release(&out);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

static void a_street_is_the_boundary(void **state) {
    (void)state;
    const char *map = "AAAAA\n"
                      "AAAAA\n";
    const char *homes = "55555\n"
                        "55555\n";
    const wg_limit limit = {"households", 200, NAN, 300};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 20);
    wg_layer *barriers = drawing_barriers();
    drawing_line(barriers, map, 100, 2, 0, 2, 2, "highway", "primary");
    const wg_input barrier = {.layer = barriers};
    wg_partition_options options = with(communities, buildings, &limit);
    options.barriers = &barrier;
    options.n_barriers = 1;
    outcome out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_int_equal(2, out.cells->n);
    assert_sound(&out, 0);
    assert_string_equal(cell_at(&out, 1, 1), cell_at(&out, 2, 2)); /* west of the street: 4 buildings, 200 households */
    assert_string_equal(cell_at(&out, 1, 3), cell_at(&out, 2, 5));
    assert_string_not_equal(cell_at(&out, 1, 2), cell_at(&out, 1, 3));
    release(&out);
    wg_layer_free(communities);
    wg_layer_free(buildings);
    wg_layer_free(barriers);
}

/** A pocket of 20 households behind a railway joins the nearest cell, or stays with a reason. */
static void a_pocket_behind_a_hard_barrier(void **state) {
    (void)state;
    const char *map = "AAAAA\n"
                      "AAAAA\n";
    const char *homes = "55551\n"
                        "55551\n";
    const wg_limit limit = {"households", 150, NAN, 250};
    const char *const hard[] = {"rail"};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 20);
    wg_layer *barriers = drawing_barriers();
    drawing_line(barriers, map, 100, 4, 0, 4, 2, "railway", "rail");
    const wg_input barrier = {.layer = barriers};
    wg_partition_options options = with(communities, buildings, &limit);
    options.barriers = &barrier;
    options.n_barriers = 1;
    options.hard_classes = hard;
    options.n_hard_classes = 1;
    outcome out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_int_equal(2, out.cells->n);
    assert_sound(&out, 0);
    assert_string_equal(cell_at(&out, 1, 5), cell_at(&out, 2, 5));
    release(&out);

    options.exclaves = WG_EXCLAVES_SEPARATE;
    out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_int_equal(3, out.cells->n);
    assert_sound(&out, 1);
    for (size_t row = 0; row < out.cells->n; row++) {
        if (strcmp(text_at(out.cells, row, "status"), "ok") != 0) {
            assert_string_equal("under", text_at(out.cells, row, "status"));
            assert_string_not_equal("", text_at(out.cells, row, "reason_txt"));
            assert_true(real_at(out.cells, row, "households") == 20);
        }
    }
    assert_string_not_equal(cell_at(&out, 1, 4), cell_at(&out, 1, 5));
    release(&out);
    wg_layer_free(communities);
    wg_layer_free(buildings);
    wg_layer_free(barriers);
}

/** A river given as a polygon never connects its banks. */
static void a_river_given_as_a_polygon(void **state) {
    (void)state;
    const char *map = "AAAAA\n"
                      "AAAAA\n";
    const char *water = "..A..\n"
                        "..A..\n";
    const char *homes = "55.55\n"
                        "55.55\n";
    const wg_limit limit = {"households", 150, NAN, 250};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 20);
    wg_layer *river = drawing_polygons("river", water, 100);
    const wg_input barrier = {.layer = river};
    wg_partition_options options = with(communities, buildings, &limit);
    options.barriers = &barrier;
    options.n_barriers = 1;
    outcome out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_int_equal(2, out.cells->n);
    assert_sound(&out, 0);
    assert_string_equal(cell_at(&out, 1, 1), cell_at(&out, 2, 2));
    assert_string_equal(cell_at(&out, 1, 4), cell_at(&out, 2, 5));
    assert_string_not_equal(cell_at(&out, 1, 2), cell_at(&out, 1, 4));
    release(&out);
    wg_layer_free(communities);
    wg_layer_free(buildings);
    wg_layer_free(river);
}

/** B lies in a hole of A; A's exclave C-shaped land inside B belongs to A. */
static void a_hole_and_an_exclave_in_it(void **state) {
    (void)state;
    const char *map = "AAAAAAA\n"
                      "ABBBBBA\n"
                      "ABBABBA\n"
                      "ABBBBBA\n"
                      "AAAAAAA\n";
    const char *homes = "3333333\n"
                        "3333333\n"
                        "3331333\n"
                        "3333333\n"
                        "3333333\n";
    const wg_limit limit = {"households", 150, NAN, 300};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 20);
    wg_partition_options options = with(communities, buildings, &limit);
    outcome out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_sound(&out, 0);
    assert_true(sum_of(out.cells, "households") == 34 * 30 + 10);
    /* The exclave joined a cell of its own community, which has two parts. */
    const char *exclave = cell_at(&out, 3, 4);
    assert_int_equal('A', exclave[0]);
    for (size_t row = 0; row < out.cells->n; row++) {
        if (strcmp(text_at(out.cells, row, "code"), exclave) == 0) {
            assert_int_equal(2, (int)real_at(out.cells, row, "parts"));
        } else {
            assert_int_equal(1, (int)real_at(out.cells, row, "parts"));
        }
    }
    release(&out);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

/** A tower over the maximum is shared by two cells when its stairs are known, and explained when they are not. */
static void a_tower_over_the_maximum(void **state) {
    (void)state;
    const char *map = "AAA\n";
    const char *homes = "898\n";
    const wg_limit limit = {"households", 30, NAN, 80};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 60);
    wg_partition_options options = with(communities, buildings, &limit);
    outcome out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_sound(&out, 1);
    for (size_t row = 0; row < out.cells->n; row++) {
        if (strcmp(text_at(out.cells, row, "status"), "over") == 0) {
            assert_string_equal("unit_over", text_at(out.cells, row, "reason"));
            assert_non_null(strstr(text_at(out.cells, row, "reason_txt"), "1-2")); /* the building is named */
        }
    }
    release(&out);

    uint32_t column = 0;
    assert_int_equal(WG_OK, wg_layer_add_column(NULL, buildings, "stairs", WG_INTEGER, &column));
    assert_int_equal(WG_OK, wg_layer_set_integer(NULL, buildings, 1, column, 3));
    out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_sound(&out, 0);
    assert_true(sum_of(out.cells, "households") == 250);
    assert_true(out.shares->n >= 2);
    assert_true(sum_of(out.shares, "households") == 90);
    assert_true(fabs(sum_of(out.shares, "share") - 1) < 1e-12);
    for (size_t row = 0; row < out.buildings->n; row++) {
        assert_string_equal(row == 1 ? "split" : "inside", text_at(out.buildings, row, "how"));
    }
    release(&out);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

/** Unknown figures count 0 and are listed; buildings outside are in no cell. */
static void unknown_figures_and_buildings_outside(void **state) {
    (void)state;
    const char *map = "AAA.\n";
    const char *homes = "5559\n";
    const wg_limit limit = {"households", 50, NAN, 150};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 20);
    wg_layer_set_null(buildings, 1, 1);
    wg_partition_options options = with(communities, buildings, &limit);
    outcome out = partition(&options);
    assert_int_equal(WG_OK, out.status);
    assert_sound(&out, 0);
    assert_true(sum_of(out.cells, "households") == 100);
    assert_string_equal("", cell_at(&out, 1, 4));
    size_t missing = 0;
    for (size_t row = 0; row < out.exceptions->n; row++) {
        missing += strcmp("missing_value", text_at(out.exceptions, row, "problem")) == 0 &&
                           strcmp("1-2", text_at(out.exceptions, row, "feature")) == 0
                       ? 1
                       : 0;
    }
    assert_int_equal(1, missing);
    release(&out);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

/** The same content from one thread and from two. */
static void the_same_hash_from_two_threads(void **state) {
    (void)state;
    const char *map = "AAAABBBB\n"
                      "AAAABBBB\n";
    const char *homes = "55551234\n"
                        "55555678\n";
    const wg_limit limit = {"households", 100, NAN, 200};
    wg_layer *communities = drawing_polygons("communities", map, 100), *buildings = drawing_buildings(homes, 100, 20);
    char hash[2][WG_STORE_HASH_BYTES];
    for (uint32_t threads = 1; threads <= 2; threads++) {
        wg_context *ctx = wg_context_new();
        wg_result *result = NULL;
        wg_store *store = NULL;
        char path[64];
        (void)snprintf(path, sizeof path, "/tmp/wangge-hash-%d.sqlite", (int)getpid());
        wg_partition_options options = with(communities, buildings, &limit);
        options.output = path;
        options.overwrite = true;
        wg_context_set_threads(ctx, threads);
        assert_int_equal(WG_OK, wg_partition(ctx, &options, &result));
        assert_int_equal(WG_OK, wg_store_open(ctx, path, WG_STORE_READ, &store));
        assert_int_equal(WG_OK, wg_store_hash(ctx, store, hash[threads - 1]));
        wg_store_free(store);
        wg_result_free(result);
        wg_context_free(ctx);
        (void)unlink(path);
    }
    assert_string_equal(hash[0], hash[1]);
    wg_layer_free(communities);
    wg_layer_free(buildings);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_equal_halves),
        cmocka_unit_test(a_street_is_the_boundary),
        cmocka_unit_test(a_pocket_behind_a_hard_barrier),
        cmocka_unit_test(a_river_given_as_a_polygon),
        cmocka_unit_test(a_hole_and_an_exclave_in_it),
        cmocka_unit_test(a_tower_over_the_maximum),
        cmocka_unit_test(unknown_figures_and_buildings_outside),
        cmocka_unit_test(the_same_hash_from_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
