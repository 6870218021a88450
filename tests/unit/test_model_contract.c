#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/contract.h"

static void names_fit_every_format(void **state) {
    (void)state;
    size_t n;
    const wg_contract_table *tables = wg_contract_tables(&n);
    for (size_t t = 0; t < n; t++) {
        for (uint32_t f = 0; f < tables[t].n_fields; f++) {
            const wg_contract_field *field = &tables[t].fields[f];
            assert_in_range(strlen(field->name), 1, WG_FIELD_NAME_MAX);
            assert_int_equal(strlen(field->name), strspn(field->name, "abcdefghijklmnopqrstuvwxyz0123456789_"));
            assert_true(strlen(field->en) > 0 && strlen(field->zh) > 0);
            assert_ptr_equal(field, wg_contract_field_of(&tables[t], field->name)); /* no name twice */
        }
        assert_ptr_equal(&tables[t], wg_contract_layer(tables[t].name));
    }
}

/* The design's list, word for word (units, runs and workload have two fields more, and `retired` is new): a field that
 * is renamed by mistake breaks every other tool. */
static void fields_are_those_of_the_design(void **state) {
    (void)state;
    static const char *const expected[][2] = {
        {"communities", "code name cells households population area_m2 status reason"},
        {"levels", "code parent level name"},
        {"barriers", "id kind class rank hard"},
        {"units", "id community cell kind households population area_m2 registered floating"},
        {"edges", "u v shared_m rank hard"},
        {"cells", "code name community grp kind households population registered floating buildings area_m2 perim_m "
                  "compact parts status reason reason_txt"},
        {"buildings", "id community cell households population how"},
        {"shares", "building cell share households population"},
        {"incidents", "id category status opened due closed cell community how share reason"},
        {"workers", "id role fte cell"},
        {"exceptions", "layer feature problem detail advice"},
        {"runs", "when version command inputs limits seed crs grid origin score attrib"},
        {"coverage", "code level area_m2 gap_m2 overlap_m2 cover_pct bld bld_in hh hh_in pop pop_in cells cells_ok "
                     "ok_pct roles_miss svc_hh svc_pct visit_bld visit_pct fresh_days"},
        {"workload", "code level bld hh pop workers fte hh_fte pop_fte inc inc_open inc_closed inc_late handle_pct "
                     "close_pct ontime_pct rework_pct days_med days_p90 load load_idx rank grade org special"},
        {"retired", "code name community successor reason"}};
    size_t n;
    (void)wg_contract_tables(&n);
    assert_int_equal(n, sizeof expected / sizeof expected[0]);
    for (size_t t = 0; t < n; t++) {
        wg_layer *layer = NULL;
        assert_int_equal(WG_OK, wg_contract_new_layer(NULL, expected[t][0], "EPSG:32650", &layer));
        wg_buffer names = {0};
        for (uint32_t c = 0; c < wg_layer_columns(layer); c++) {
            wg_buffer_printf(&names, "%s%s", c > 0 ? " " : "", wg_layer_column_name(layer, c));
        }
        assert_string_equal(expected[t][1], names.data);
        assert_string_equal("EPSG:32650", wg_layer_crs(layer));
        wg_buffer_release(&names);
        wg_layer_free(layer);
    }
}

static void levels_have_layers_of_their_own(void **state) {
    (void)state;
    assert_ptr_equal(wg_contract_layer("coverage"), wg_contract_layer("coverage_street"));
    assert_ptr_equal(wg_contract_layer("workload"), wg_contract_layer("workload_cell"));
    assert_null(wg_contract_layer("coverage_"));
    assert_null(wg_contract_layer("coveragestreet"));
    assert_null(wg_contract_layer("cells_street"));
    assert_null(wg_contract_layer("cell"));
    assert_null(wg_contract_layer(""));
    wg_layer *layer = NULL;
    assert_int_equal(WG_OK, wg_contract_new_layer(NULL, "coverage_street", NULL, &layer));
    assert_string_equal("coverage_street", wg_layer_name(layer));
    assert_null(wg_layer_crs(layer));
    wg_layer_free(layer);
}

static void unknown_layers_are_refused(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_layer *layer = NULL;
    assert_int_equal(WG_EINVAL, wg_contract_new_layer(ctx, "roads", NULL, &layer));
    assert_string_equal("roads: a plan has no layer of this name", wg_context_error(ctx));
    assert_null(layer);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_fit_every_format),
        cmocka_unit_test(fields_are_those_of_the_design),
        cmocka_unit_test(levels_have_layers_of_their_own),
        cmocka_unit_test(unknown_layers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
