/* What redraw makes of cells that were drawn by hand: gaps between them, and locks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "model/layer.h"
#include "model/wkb.h"
#include "store/store.h"

#define CRS "EPSG:32649"

/**
 *     +------+---+            left and right are cells of today, the block between them is in none. It shares 100 m
 *     |      |   +----------+ with the left cell and 60 m with the right one.
 *     | left |gap|  right   |
 *     +------+---+----------+
 *     0     100 160        300
 */
static const double LEFT[][2] = {{0, 0}, {100, 0}, {100, 100}, {0, 100}, {0, 0}};
static const double RIGHT[][2] = {{160, 0}, {300, 0}, {300, 60}, {160, 60}, {160, 0}};
static const double ALL[][2] = {{0, 0}, {300, 0}, {300, 60}, {160, 60}, {160, 100}, {0, 100}, {0, 0}};
static const double STREETS[][2][2] = {{{100, 0}, {100, 100}}, {{160, 0}, {160, 60}}};

static wg_layer *new_layer(wg_context *ctx, const char *name, const char *column) {
    wg_layer *layer = NULL;
    assert_int_equal(WG_OK, wg_layer_new(ctx, name, CRS, &layer));
    assert_int_equal(WG_OK, wg_layer_add_column(ctx, layer, column, WG_TEXT, NULL));
    return layer;
}

static size_t add_row(wg_context *ctx, wg_layer *layer, bool polygon, const double (*points)[2], uint32_t n,
                      const char *text) {
    wg_buffer wkb = {0};
    size_t row = 0;
    wg_wkb_put_header(&wkb, polygon ? WG_WKB_POLYGON : WG_WKB_LINESTRING, polygon ? 1 : n);
    if (polygon) {
        wg_wkb_put_u32(&wkb, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        const double at[2] = {500000 + points[i][0], 2500000 + points[i][1]};
        wg_wkb_put_pairs(&wkb, at, 1);
    }
    assert_int_equal(WG_OK, wg_layer_add_row(ctx, layer, wkb.data, wkb.length, &row));
    assert_int_equal(WG_OK, wg_layer_set_text(ctx, layer, row, 0, text));
    wg_buffer_release(&wkb);
    return row;
}

typedef struct town {
    wg_layer *communities, *buildings, *streets, *cells;
} town;

static town town_make(wg_context *ctx) {
    town t = {new_layer(ctx, "communities", "code"), new_layer(ctx, "buildings", "id"),
              new_layer(ctx, "streets", "class"), new_layer(ctx, "cells", "code")};
    (void)add_row(ctx, t.communities, true, ALL, 7, "440106001001");
    (void)add_row(ctx, t.cells, true, LEFT, 5, "440106001001001");
    (void)add_row(ctx, t.cells, true, RIGHT, 5, "440106001001002");
    (void)add_row(ctx, t.streets, false, STREETS[0], 2, "residential");
    (void)add_row(ctx, t.streets, false, STREETS[1], 2, "residential");
    assert_int_equal(WG_OK, wg_layer_add_column(ctx, t.buildings, "households", WG_INTEGER, NULL));
    const double at[3] = {40, 120, 220};
    const char *const id[3] = {"in left", "in the gap", "in right"};
    for (int i = 0; i < 3; i++) {
        const double house[5][2] = {{at[i], 20}, {at[i] + 15, 20}, {at[i] + 15, 35}, {at[i], 35}, {at[i], 20}};
        const size_t row = add_row(ctx, t.buildings, true, house, 5, id[i]);
        assert_int_equal(WG_OK, wg_layer_set_integer(ctx, t.buildings, row, 1, 20));
    }
    return t;
}

static void town_release(town *t) {
    wg_layer_free(t->communities);
    wg_layer_free(t->buildings);
    wg_layer_free(t->streets);
    wg_layer_free(t->cells);
}

/** Redraw with `lock` (NULL: none); the code of the cell in which the building ends. */
static char *cell_after(scratch *s, const town *t, const char *lock, const char *building) {
    const wg_input cells = {.layer = t->cells}, streets = {.layer = t->streets};
    const wg_limit limit = {"households", 10, NAN, 50};
    wg_partition_options options = WG_PARTITION_OPTIONS_INIT;
    options.communities.layer = t->communities;
    options.buildings.layer = t->buildings;
    options.barriers = &streets;
    options.n_barriers = 1;
    options.limits = &limit;
    options.n_limits = 1;
    options.crs = CRS;
    options.overwrite = true;
    options.output = scratch_path(s, "now.sqlite");
    options.cells = &cells;
    options.n_cells = 1;
    options.lock = &lock;
    options.n_lock = lock != NULL;
    options.stability = 1;
    wg_result *result = NULL;
    if (wg_redraw(s->ctx, &options, &result) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    wg_result_free(result);
    wg_store *store = NULL;
    wg_layer *buildings = NULL;
    assert_int_equal(WG_OK, wg_store_open(s->ctx, options.output, WG_STORE_READ, &store));
    assert_int_equal(WG_OK, wg_store_get(s->ctx, store, "buildings", &buildings));
    wg_store_free(store);
    char *cell = NULL;
    for (size_t row = 0; row < buildings->n; row++) {
        if (strcmp(wg_layer_text(buildings, row, wg_layer_column(buildings, "id")), building) == 0) {
            cell = strdup(wg_layer_text(buildings, row, wg_layer_column(buildings, "cell")));
        }
    }
    wg_layer_free(buildings);
    assert_non_null(cell);
    return cell;
}

static void expect_cell(scratch *s, const town *t, const char *lock, const char *building, const char *cell) {
    char *found = cell_after(s, t, lock, building);
    assert_string_equal(cell, found);
    free(found);
}

static void a_gap_goes_with_the_longest_line(void **state) {
    scratch *s = *state;
    town t = town_make(s->ctx);
    expect_cell(s, &t, NULL, "in the gap", "440106001001001");
    town_release(&t);
}

static void a_locked_cell_takes_no_gap(void **state) {
    scratch *s = *state;
    town t = town_make(s->ctx);
    expect_cell(s, &t, "440106001001001", "in left", "440106001001001");
    expect_cell(s, &t, "440106001001001", "in the gap", "440106001001002");
    expect_cell(s, &t, "440106001001002", "in the gap", "440106001001001");
    town_release(&t);
}

/** The gap's block belongs to no cell even where the locked one reaches a metre over the street. */
static void a_locked_cell_takes_no_gap_that_it_reaches_into(void **state) {
    scratch *s = *state;
    town t = town_make(s->ctx);
    static const double WIDER[][2] = {{0, 0}, {101, 0}, {101, 100}, {0, 100}, {0, 0}};
    wg_layer_free(t.cells);
    t.cells = new_layer(s->ctx, "cells", "code");
    (void)add_row(s->ctx, t.cells, true, WIDER, 5, "440106001001001");
    (void)add_row(s->ctx, t.cells, true, RIGHT, 5, "440106001001002");
    expect_cell(s, &t, NULL, "in the gap", "440106001001001");
    expect_cell(s, &t, "440106001001001", "in the gap", "440106001001002");
    expect_cell(s, &t, "440106001001001", "in left", "440106001001001");
    town_release(&t);
}

/** The right cell was drawn six metres over the line of the next community, into a house there: it is no cell of it. */
static void a_line_drawn_over_the_community_makes_no_cell_there(void **state) {
    scratch *s = *state;
    town t = town_make(s->ctx);
    static const double NEXT[][2] = {{300, 0}, {420, 0}, {420, 60}, {300, 60}, {300, 0}};
    static const double OVER[][2] = {{160, 0}, {306, 0}, {306, 60}, {160, 60}, {160, 0}};
    static const double REST[][2] = {{306, 0}, {420, 0}, {420, 60}, {306, 60}, {306, 0}};
    static const double STREET[][2] = {{360, 0}, {360, 60}};
    static const double HOUSE[2][5][2] = {{{301, 20}, {308, 20}, {308, 35}, {301, 35}, {301, 20}},
                                          {{380, 20}, {395, 20}, {395, 35}, {380, 35}, {380, 20}}};
    (void)add_row(s->ctx, t.communities, true, NEXT, 5, "440106001002");
    (void)add_row(s->ctx, t.streets, false, STREET, 2, "residential");
    for (int i = 0; i < 2; i++) {
        const size_t row = add_row(s->ctx, t.buildings, true, HOUSE[i], 5, i == 0 ? "at the line" : "beyond");
        assert_int_equal(WG_OK, wg_layer_set_integer(s->ctx, t.buildings, row, 1, 20));
    }
    wg_layer_free(t.cells);
    t.cells = new_layer(s->ctx, "cells", "code");
    (void)add_row(s->ctx, t.cells, true, LEFT, 5, "440106001001001");
    (void)add_row(s->ctx, t.cells, true, OVER, 5, "440106001001002");
    (void)add_row(s->ctx, t.cells, true, REST, 5, "440106001002001");
    expect_cell(s, &t, NULL, "at the line", "440106001002001");
    expect_cell(s, &t, NULL, "beyond", "440106001002001");
    expect_cell(s, &t, NULL, "in right", "440106001001002");
    town_release(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_gap_goes_with_the_longest_line, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_locked_cell_takes_no_gap, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_locked_cell_takes_no_gap_that_it_reaches_into, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_line_drawn_over_the_community_makes_no_cell_there, scratch_setup,
                                        scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
