/* Every allocation of the locator fails once. */
#include "fault.h"

#include <math.h>
#include <stdio.h>

#include "locate/locate.h"
#include "model/wkb.h"

static wg_layer *cells;

static void add_box(wg_context *ctx, double x0, double y0, double x1, double y1) {
    const double xy[10] = {x0, y0, x1, y0, x1, y1, x0, y1, x0, y0};
    wg_buffer wkb = {0};
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(&wkb, 5);
    wg_wkb_put_pairs(&wkb, xy, 5);
    assert_int_equal(wg_layer_add_row(ctx, cells, wkb.data, wkb.length, NULL), WG_OK);
    wg_buffer_release(&wkb);
}

/* Twenty neighbours, forty boxes one inside the other (faces of many cells, grids in squares). */
static int make_cells(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    assert_int_equal(wg_layer_new(ctx, "cells", NULL, &cells), WG_OK);
    for (int i = 0; i < 20; i++) {
        add_box(ctx, i, 0, i + 1, 1);
    }
    for (int i = 0; i < 40; i++) {
        add_box(ctx, 5 + i * 1e-4, 5 + i * 1e-4, 6 - i * 1e-4, 6 - i * 1e-4);
    }
    wg_context_free(ctx);
    return 0;
}

static int free_cells(void **state) {
    (void)state;
    wg_layer_free(cells);
    return 0;
}

static wg_status build_and_find(wg_context *ctx, void *user) {
    (void)user;
    const wg_locator_options tree = {.tree = true};
    const double xy[6] = {0.5, 0.5, 5.5, 5.5, 5.00205, 5.5};
    uint32_t cell[3];
    uint8_t found[3];
    wg_locator *locator = NULL;
    wg_status status = WG_OK;
    wg_context_set_threads(ctx, 2);
    WG_TRY(wg_locator_build(ctx, cells, &tree, &locator));
    WG_TRY(wg_locator_find_how(ctx, locator, xy, 3, cell, found));
    assert_int_equal(cell[0], 0);
    assert_int_equal(cell[1], 20);
    assert_int_equal(found[1], WG_FOUND_OVERLAP);
    assert_int_equal(wg_locator_nearest(locator, -3, 0.5, INFINITY, NULL), 0);
done:
    wg_locator_free(locator);
    return status;
}

static wg_status measure(wg_context *ctx, void *user) {
    const wg_locator *locator = user;
    wg_shares shares = {0};
    wg_status status = WG_OK;
    for (size_t row = 0; row < 60 && status == WG_OK; row += 7) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(cells, row, &bytes);
        status = wg_locator_shares(ctx, locator, wkb, bytes, &shares);
    }
    wg_shares_release(&shares);
    return status;
}

/* Memory that is out is not "in no cell": forty boxes have this point, more than fit without an allocation. */
static wg_status ask_of_many(wg_context *ctx, void *user) {
    const wg_locator *locator = user;
    uint32_t all[64];
    double distance = NAN;
    const size_t n = wg_locator_all(locator, 5.5, 5.5, all, 64);
    if (n == WG_LOCATOR_NO_MEMORY) {
        return wg_fail_memory(ctx);
    }
    assert_int_equal(n, 40);
    const uint32_t cell = wg_locator_nearest(locator, 5.5, 5.5, 1, &distance);
    if (distance < 0) {
        assert_int_equal(cell, WG_UNASSIGNED);
        return wg_fail_memory(ctx);
    }
    assert_int_equal(cell, 20);
    assert_true(distance == 0);
    return WG_OK;
}

static void asking_survives(void **state) {
    (void)state;
    const wg_locator_options tree = {.tree = true};
    wg_context *ctx = wg_context_new();
    wg_locator *locator = NULL;
    assert_int_equal(wg_locator_build(ctx, cells, &tree, &locator), WG_OK);
    assert_true(fault_each(ask_of_many, locator) >= 2);
    wg_locator_free(locator);
    wg_context_free(ctx);
}

static void building_survives(void **state) {
    (void)state;
    assert_true(fault_each(build_and_find, NULL) > 10);
}

static void measuring_survives(void **state) {
    (void)state;
    const wg_locator_options tree = {.tree = true};
    wg_context *ctx = wg_context_new();
    wg_locator *locator = NULL;
    assert_int_equal(wg_locator_build(ctx, cells, &tree, &locator), WG_OK);
    assert_true(fault_each(measure, locator) > 5);
    wg_locator_free(locator);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(building_survives, make_cells, free_cells),
        cmocka_unit_test_setup_teardown(asking_survives, make_cells, free_cells),
        cmocka_unit_test_setup_teardown(measuring_survives, make_cells, free_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
