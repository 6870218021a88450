/* Every allocation of a report's figures fails once: from rows to areas, layers, and what is hidden. */
#include "fault.h"

#include <stdio.h>

#include "report/passing.h"
#include "report/suppress.h"
#include "report_city.h"

static report_city city;
static wg_report_config config;

static int make(void **state) {
    (void)state;
    city_make(&city, 5, 2, 3, 14, 24);
    wg_report_config_init(&config);
    config.veto[config.n_vetoes++] = (wg_veto){"dispute", NULL, 1};
    config.deadline[config.n_deadlines++] = (wg_deadline){.hours = 5.0};
    return wg_calendar_prepare(NULL, &config.calendar) == WG_OK ? 0 : 1;
}

static int drop(void **state) {
    (void)state;
    city_free(&city);
    wg_report_config_release(&config);
    return 0;
}

/** Rows of the city's incidents, each in its cell. */
static wg_status read_incidents(wg_context *ctx, const wg_report_tree *tree, const wg_time_zone *zone,
                                wg_incidents *incidents) {
    const wg_layer *rows = city.incidents;
    wg_incident_columns columns;
    memset(&columns, 0xff, sizeof columns);
    columns.category = wg_layer_column(rows, "category");
    columns.status = wg_layer_column(rows, "status");
    columns.opened = wg_layer_column(rows, "opened");
    columns.due = wg_layer_column(rows, "due");
    columns.closed = wg_layer_column(rows, "closed");
    uint32_t *place = wg_malloc(rows->n, sizeof *place);
    if (place == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < rows->n; row++) {
        place[row] = wg_report_place(
            tree, wg_report_cell(tree, wg_layer_text(rows, row, wg_layer_column(rows, "cell"))), WG_UNASSIGNED);
    }
    const wg_status status = wg_incidents_add(ctx, incidents, rows, &columns, place, zone);
    wg_incidents_set_deadlines(incidents, &config, zone);
    free(place);
    return status;
}

static wg_status write_layers(wg_context *ctx, const wg_report_model *report) {
    wg_status status = WG_OK;
    for (uint32_t l = 0; l < report->input->tree->n_levels && status == WG_OK; l++) {
        wg_layer *layer = NULL;
        status = wg_report_coverage(ctx, report, l, &layer);
        wg_layer_free(layer);
        layer = NULL;
        status = status == WG_OK ? wg_report_workload(ctx, report, l, &layer) : status;
        wg_layer_free(layer);
    }
    return status;
}

static wg_status whole_report(wg_context *ctx, void *user) {
    const bool hide = *(const bool *)user;
    wg_status status = WG_OK;
    wg_report_tree tree = {0};
    wg_time_zone zone = {.n = 0};
    wg_incidents incidents = {0};
    wg_report_model report = {.end = WG_NO_TIME};
    double classes[2 * 64] = {3, 1, 0, 12, 2, 40};
    const wg_span always = {WG_NO_TIME, WG_NO_TIME};
    WG_TRY(wg_time_zone_open(ctx, "Asia/Shanghai", &zone));
    WG_TRY(wg_report_tree_build(ctx, city.cells, city.communities, city.levels, &tree));
    WG_TRY(read_incidents(ctx, &tree, &zone, &incidents));
    const wg_report_input input = {.cells = city.cells,
                                   .communities = city.communities,
                                   .levels = city.levels,
                                   .buildings = city.buildings,
                                   .shares = city.shares,
                                   .workers = city.workers,
                                   .service = {.facilities = city.buildings, .within_m = 30.0},
                                   .classes = classes,
                                   .n_classes = 2,
                                   .incidents = &incidents,
                                   .tree = &tree,
                                   .config = &config,
                                   .zone = &zone,
                                   .span = always,
                                   .before = always,
                                   .year = always,
                                   .add_workers = 2};
    WG_TRY(wg_report_build(ctx, &input, &report));
    WG_TRY(hide ? wg_report_suppress(ctx, &report, 5) : WG_OK);
    WG_TRY(write_layers(ctx, &report));
done:
    wg_report_model_release(&report);
    wg_incidents_release(&incidents);
    wg_report_tree_release(&tree);
    wg_time_zone_release(&zone);
    return status;
}

static void every_figure(void **state) {
    (void)state;
    bool hide = false;
    assert_true(fault_each(whole_report, &hide) > 50);
}

static void every_hidden_figure(void **state) {
    (void)state;
    bool hide = true;
    assert_true(fault_each(whole_report, &hide) > 200);
}

static void passed(uint32_t building, void *user) {
    *(uint32_t *)user += 1 + building * 0;
}

static wg_status along_a_track(wg_context *ctx, void *user) {
    (void)user;
    wg_status status = WG_OK;
    wg_passing *passing = NULL;
    uint32_t n = 0;
    const double from[] = {0, 0};
    const double to[] = {200, 300};
    WG_TRY(wg_passing_new(ctx, city.buildings, 60.0, &passing));
    WG_TRY(wg_passing_along(ctx, passing, from, to, passed, &n));
    assert_true(n > 0);
done:
    wg_passing_free(passing);
    return status;
}

static void tracks(void **state) {
    (void)state;
    assert_true(fault_each(along_a_track, NULL) > 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_figure, make, drop),
        cmocka_unit_test_setup_teardown(every_hidden_figure, make, drop),
        cmocka_unit_test_setup_teardown(tracks, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
