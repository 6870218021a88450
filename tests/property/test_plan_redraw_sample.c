/*
 * The sample's cells of today, redrawn for 150 to 300 households: sound (judged by GEOS), no more cells out of limits
 * than a plan from nothing, and less than a third of the households that change cell. Both plans are compared with
 * today's cells in the same way, by the pairing of old and new cells under which most households stay.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "files.h"
#include "model/layer.h"
#include "sample.h"
#include "soundness.h"
#include "store/store.h"

typedef struct outcome {
    size_t out;
    double moved;
} outcome;

/** Cells out of limits, and households that are in another cell than the one that continues theirs. */
static outcome judge(scratch *s, const char *plan) {
    outcome found = {0};
    wg_store *store = NULL;
    wg_layer *cells = NULL, *communities = NULL;
    wg_result *result = NULL;
    assert_int_equal(WG_OK, wg_store_open(s->ctx, plan, WG_STORE_READ, &store));
    assert_int_equal(WG_OK, wg_store_get(s->ctx, store, "cells", &cells));
    assert_int_equal(WG_OK, wg_store_get(s->ctx, store, "communities", &communities));
    const soundness sound = soundness_of(cells, communities);
    assert_true(soundness_holds(&sound));
    for (size_t row = 0; row < cells->n; row++) {
        const char *status = wg_layer_text(cells, row, wg_layer_column(cells, "status"));
        found.out += strcmp(status, "ok") != 0;
    }
    const wg_input both[] = {present, {.source = plan}};
    wg_compare_options compare = WG_COMPARE_OPTIONS_INIT;
    compare.cells = both;
    compare.n_cells = 2;
    compare.buildings.source = SAMPLE "buildings.gpkg";
    compare.output = scratch_path(s, "changes");
    compare.overwrite = true;
    assert_int_equal(WG_OK, wg_compare(s->ctx, &compare, &result));
    json_t *json = json_loads(wg_result_json(result), 0, NULL);
    found.moved =
        json_number_value(json_object_get(json_array_get(json_object_get(json, "pairs"), 0), "moved_households"));
    json_decref(json);
    wg_result_free(result);
    wg_layer_free(cells);
    wg_layer_free(communities);
    wg_store_free(store);
    return found;
}

static outcome plan(scratch *s, wg_status (*job)(wg_context *, const wg_partition_options *, wg_result **),
                    const wg_partition_options *options) {
    wg_result *result = NULL;
    if (job(s->ctx, options, &result) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    wg_result_free(result);
    return judge(s, options->output);
}

/**
 * What has to move whatever one does: of every cell of today its households over the maximum, save where one building
 * alone exceeds it (that cell stays out of limits in any plan).
 */
static double least_that_must_move(scratch *s) {
    wg_store *store = NULL;
    wg_layer *crosswalk = NULL, *buildings = NULL;
    double least = 0;
    assert_int_equal(WG_OK, wg_store_open(s->ctx, scratch_path(s, "stable.sqlite"), WG_STORE_READ, &store));
    assert_int_equal(WG_OK, wg_store_get(s->ctx, store, "crosswalk", &crosswalk));
    assert_int_equal(WG_OK, wg_store_get(s->ctx, store, "buildings", &buildings));
    double tower = 0; /* room for a building over the maximum: its cell may hold as much */
    for (size_t row = 0; row < buildings->n; row++) {
        const double households = wg_layer_real(buildings, row, wg_layer_column(buildings, "households"));
        tower += households > HIGH ? households - HIGH : 0;
    }
    const uint32_t old = wg_layer_column(crosswalk, "old"), value = wg_layer_column(crosswalk, "households");
    for (size_t row = 0; row < crosswalk->n;) { /* rows of a cell follow each other */
        const char *code = wg_layer_text(crosswalk, row, old);
        double sum = 0;
        size_t end = row;
        for (; end < crosswalk->n && code != NULL && wg_layer_text(crosswalk, end, old) != NULL &&
               strcmp(wg_layer_text(crosswalk, end, old), code) == 0;
             end++) {
            sum += wg_layer_real(crosswalk, end, value);
        }
        least += fmax(0, sum - HIGH);
        row = end > row ? end : row + 1;
    }
    wg_layer_free(crosswalk);
    wg_layer_free(buildings);
    wg_store_free(store);
    return fmax(0, least - tower);
}

static void a_redraw_moves_fewer_households_than_a_plan_from_nothing(void **state) {
    scratch *s = *state;
    const wg_limit limit = {"households", LOW, NAN, HIGH};
    wg_partition_options options = options_of(&limit, scratch_path(s, "nothing.sqlite"));
    const outcome nothing = plan(s, wg_partition, &options);
    options.cells = &present;
    options.n_cells = 1;
    options.output = scratch_path(s, "usual.sqlite");
    const outcome usual = plan(s, wg_redraw, &options);
    char stable[256];
    (void)snprintf(stable, sizeof stable, "%s/stable.sqlite", s->dir);
    options.output = stable;
    options.stability = 1;
    const outcome most = plan(s, wg_redraw, &options);
    const double least = least_that_must_move(s);
    print_message("from nothing: %zu out, %.0f moved; redrawn: %zu out, %.0f moved; "
                  "stability 1: %zu out, %.0f moved (%.0f have to)\n",
                  nothing.out, nothing.moved, usual.out, usual.moved, most.out, most.moved, least);
    assert_true(most.out <= nothing.out);
    assert_true(usual.out <= nothing.out);
    assert_true(usual.moved < nothing.moved / 3);
    assert_true(most.out == usual.out && most.moved <= usual.moved);
    assert_true(least <= fmin(usual.moved, most.moved)); /* the bound is one, and no idle one */
    assert_true(least > 0.4 * fmin(usual.moved, most.moved));
}

/** A plan of the sample as today's cells: as it is where limits are met, out of limits or not. */
static void a_plan_comes_back_as_it_was(void **state) {
    scratch *s = *state;
    const wg_limit limit = {"households", LOW, NAN, HIGH};
    char first[256];
    (void)snprintf(first, sizeof first, "%s/first.sqlite", s->dir);
    wg_partition_options options = options_of(&limit, first);
    options.effort = 2; /* any plan will do */
    wg_result *result = NULL;
    assert_int_equal(WG_OK, wg_partition(s->ctx, &options, &result));
    wg_result_free(result);
    const wg_input own = {.source = first};
    options.cells = &own;
    options.n_cells = 1;
    options.stability = 1;
    options.output = scratch_path(s, "again.sqlite");
    assert_int_equal(WG_OK, wg_redraw(s->ctx, &options, &result));
    wg_result_free(result);
    wg_layer *cells[2] = {0};
    const char *paths[2] = {first, options.output};
    for (int i = 0; i < 2; i++) {
        wg_store *store = NULL;
        assert_int_equal(WG_OK, wg_store_open(s->ctx, paths[i], WG_STORE_READ, &store));
        assert_int_equal(WG_OK, wg_store_get(s->ctx, store, "cells", &cells[i]));
        wg_store_free(store);
    }
    size_t same = 0;
    const uint32_t community = wg_layer_column(cells[0], "community"), status = wg_layer_column(cells[0], "status");
    for (size_t row = 0; row < cells[0]->n; row++) {
        bool met = true; /* in communities that meet their limits, every byte */
        for (size_t other = 0; other < cells[0]->n; other++) {
            met = met &&
                  (strcmp(wg_layer_text(cells[0], row, community), wg_layer_text(cells[0], other, community)) != 0 ||
                   strcmp(wg_layer_text(cells[0], other, status), "ok") == 0);
        }
        for (size_t again = 0; again < cells[1]->n && met; again++) {
            if (strcmp(wg_layer_text(cells[0], row, 0), wg_layer_text(cells[1], again, 0)) == 0) {
                size_t bytes[2];
                const void *a = wg_layer_wkb(cells[0], row, &bytes[0]), *b = wg_layer_wkb(cells[1], again, &bytes[1]);
                assert_int_equal(bytes[0], bytes[1]);
                assert_memory_equal(a, b, bytes[0]);
                same++;
            }
        }
    }
    assert_true(same > 100);
    wg_layer_free(cells[0]);
    wg_layer_free(cells[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_redraw_moves_fewer_households_than_a_plan_from_nothing, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_plan_comes_back_as_it_was, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
