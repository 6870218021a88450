/* Every allocation of layers, exceptions and results fails once. */
#include "fault.h"

#include "model/exceptions.h"
#include "model/layer.h"
#include "model/result.h"
#include "model/wkb.h"

/** @return WG_OK with rows whose values are all as set, or the first failure */
static wg_status fill(wg_context *ctx, wg_layer *layer) {
    wg_status status = WG_OK;
    uint32_t name = 0, floors = 0;
    wg_buffer point = {0};
    WG_TRY(wg_layer_add_column(ctx, layer, "name", WG_TEXT, &name));
    for (int i = 0; i < 40; i++) {
        size_t row;
        wg_buffer_clear(&point);
        wg_wkb_put_point(&point, i, i);
        if (point.failed) {
            WG_TRY(wg_fail_memory(ctx));
        }
        WG_TRY(wg_layer_add_row(ctx, layer, point.data, point.length, &row));
        WG_TRY(wg_layer_set_text(ctx, layer, row, name, "楼"));
    }
    WG_TRY(wg_layer_add_column(ctx, layer, "floors", WG_INTEGER, &floors));
    WG_TRY(wg_layer_set_integer(ctx, layer, 39, floors, 6));
    assert_int_equal(wg_layer_rows(layer), 40);
    assert_string_equal(wg_layer_text(layer, 39, name), "楼");
done:
    wg_buffer_release(&point);
    return status;
}

static wg_status layers(wg_context *ctx, void *user) {
    (void)user;
    wg_layer *layer = NULL, *copy = NULL;
    wg_status status = WG_OK;
    WG_TRY(wg_layer_new(ctx, "buildings", "EPSG:4490", &layer));
    WG_TRY(wg_layer_set_source(ctx, layer, "map.gpkg: buildings"));
    WG_TRY(fill(ctx, layer));
    WG_TRY(wg_layer_set_heights(ctx, layer, 7, true, false, &(const double){12.5}, 1));
    WG_TRY(wg_layer_copy(ctx, layer, NULL, &copy));
    assert_true(wg_layer_heights(copy, 7)->value[0] == 12.5 && wg_layer_heights(copy, 8) == NULL);
    for (int i = 0; i < 40; i++) { /* it grows behind them */
        WG_TRY(wg_layer_add_row(ctx, copy, NULL, 0, NULL));
    }
    assert_true(wg_layer_heights(copy, 7)->z && wg_layer_heights(copy, wg_layer_rows(copy) - 1) == NULL);
    WG_TRY(wg_layer_set_crs(ctx, copy, "EPSG:4549"));
done:
    wg_layer_free(copy);
    wg_layer_free(layer);
    return status;
}

static wg_status exceptions(wg_context *ctx, void *user) {
    (void)user;
    wg_exceptions list = {0}, all = {0};
    wg_status status = WG_OK;
    for (int i = 0; i < 20; i++) {
        WG_TRY(
            wg_exceptions_add(ctx, &list, "buildings", "17", "negative", 1, 2, "correct it", "households is %d", -i));
    }
    WG_TRY(wg_exceptions_merge(ctx, &all, &list));
    assert_int_equal(wg_exceptions_count(&all, "negative"), 20);
done:
    wg_exceptions_release(&list);
    wg_exceptions_release(&all);
    return status;
}

static wg_status results(wg_context *ctx, void *user) {
    (void)user;
    wg_result *result = NULL;
    const wg_status status = wg_result_new(ctx, wg_strdup("{}"), wg_strdup("done\n"), 3, &result);
    wg_result_free(result);
    return status;
}

static void layers_survive(void **state) {
    (void)state;
    assert_true(fault_each(layers, NULL) > 20);
}

static void exceptions_survive(void **state) {
    (void)state;
    assert_true(fault_each(exceptions, NULL) > 4);
}

static void results_survive(void **state) {
    (void)state;
    assert_int_equal(fault_each(results, NULL), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_survive),
        cmocka_unit_test(exceptions_survive),
        cmocka_unit_test(results_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
