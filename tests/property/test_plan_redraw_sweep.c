/*
 * The sample's cells of today at every stability: a table in which more stability never moves more, at the same cells
 * out of limits, and in which what is kept is paid for with quality.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "files.h"
#include "sample.h"

static void a_sweep_shows_what_stability_costs(void **state) {
    scratch *s = *state;
    const wg_limit limit = {"households", LOW, NAN, HIGH};
    wg_partition_options options = options_of(&limit, NULL);
    wg_result *result = NULL;
    options.cells = &present;
    options.n_cells = 1;
    options.stability_to = 1;
    options.stability_step = 0.25;
    options.effort = 1;
    assert_int_equal(WG_OK, wg_redraw(s->ctx, &options, &result));
    json_t *json = json_loads(wg_result_json(result), 0, NULL);
    const json_t *rows = json_object_get(json, "sweep");
    assert_int_equal(5, json_array_size(rows));
    double moved[5], score[5];
    for (size_t i = 0; i < 5; i++) {
        const json_t *row = json_array_get(rows, i);
        moved[i] = json_number_value(json_object_get(row, "moved"));
        score[i] = json_number_value(json_object_get(row, "score"));
        assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, 0), "out")),
                         json_integer_value(json_object_get(row, "out")));
        assert_true(i == 0 || moved[i] <= moved[i - 1] + 1e-6);
    }
    assert_true(moved[4] < 0.6 * moved[0] && score[3] > score[0]);
    json_decref(json);
    wg_result_free(result);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sweep_shows_what_stability_costs, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
