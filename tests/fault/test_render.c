/* Every allocation of maps, workbook, page, styles and project fails once. */
#include "fault.h"

#include <stdio.h>
#include <unistd.h>

#include "render/page.h"
#include "render/plan_map.h"
#include "render/qgis_project.h"
#include "report_city.h"

static report_city city;
static char scratch[] = "/tmp/fault_render_XXXXXX";

static int make(void **state) {
    (void)state;
    city_make(&city, 3, 1, 2, 3, 2);
    return mkdtemp(scratch) == NULL ? 1 : 0;
}

static int drop(void **state) {
    (void)state;
    static const char *const names[] = {"map.pdf", "book.xlsx", "page.html", "project.qgs", "table.csv"};
    char path[96];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", scratch, names[i]);
        (void)unlink(path);
    }
    city_free(&city);
    return rmdir(scratch);
}

static const char *path_of(const char *name, char path[96]) {
    (void)snprintf(path, 96, "%s/%s", scratch, name);
    return path;
}

static wg_plan_layers layers(void) {
    return (wg_plan_layers){.communities = city.communities, .cells = city.cells, .buildings = city.buildings};
}

static wg_status draw_png(wg_context *ctx, void *user) {
    (void)user;
    const wg_plan_layers own = layers();
    const double values[] = {1.0, 7.0};
    const wg_plan_map_options options = {.title = "a map",
                                         .fill = WG_PLAN_FILL_VALUES,
                                         .values = values,
                                         .values_title = "values",
                                         .status = true,
                                         .width_mm = 120,
                                         .height_mm = 90};
    wg_buffer png = {0};
    wg_plan_map *map = NULL;
    wg_status status = wg_plan_map_new(ctx, &own, &options, &map);
    if (status == WG_OK) {
        status = wg_map_png(ctx, wg_plan_map_get(map), 30.0, &png);
    }
    wg_plan_map_free(map);
    wg_buffer_release(&png);
    return status;
}

static wg_status draw_pdf(wg_context *ctx, void *user) {
    (void)user;
    char path[96];
    const wg_plan_layers own = layers();
    const wg_plan_map_options options = {.title = "sheet", .no_labels = true, .width_mm = 120, .height_mm = 90};
    wg_plan_map *map = NULL;
    wg_status status = wg_plan_map_new(ctx, &own, &options, &map);
    if (status == WG_OK) {
        status = wg_map_write_pdf(ctx, wg_plan_map_get(map), 1, "title", path_of("map.pdf", path));
    }
    wg_plan_map_free(map);
    return status;
}

static wg_status write_tables(wg_context *ctx, void *user) {
    (void)user;
    char path[96];
    wg_sheet_column *columns = NULL;
    uint32_t n = 0;
    wg_status status = wg_sheet_columns(ctx, city.cells, NULL, WG_LANG_ZH, &columns, &n);
    const wg_sheet sheet = {
        .name = "a:b", .title = "title", .note = "note", .rows = city.cells, .columns = columns, .n_columns = n};
    const wg_workbook_options options = {.title = "book", .lang = WG_LANG_ZH};
    if (status == WG_OK) {
        status = wg_xlsx_write(ctx, &sheet, 1, &options, path_of("book.xlsx", path));
    }
    if (status == WG_OK) {
        status = wg_csv_write(ctx, &sheet, path_of("table.csv", path));
    }
    free(columns);
    return status;
}

static wg_status write_page(wg_context *ctx, void *user) {
    char path[96];
    const double values[] = {1.0, 2.0};
    const char *const x[] = {"a", "b"};
    const wg_page_measure measure = {.title = "m", .values = values};
    const wg_page_card card = {"1", "one", 0};
    const wg_page_series series = {.name = "s", .values = values};
    const wg_page_chart chart = {.title = "c", .x = x, .n_x = 2, .series = &series, .n_series = 1};
    const wg_page page = {.title = "<page>",
                          .layers = layers(),
                          .measures = &measure,
                          .n_measures = *(const uint32_t *)user,
                          .cards = &card,
                          .n_cards = 1,
                          .charts = &chart,
                          .n_charts = 1};
    return wg_page_write(ctx, &page, path_of("page.html", path));
}

static wg_status write_project(wg_context *ctx, void *user) {
    (void)user;
    char path[96];
    const wg_qgis_layer all[] = {
        {.id = "cells", .title = "Cells", .group = "g", .source = "./x.gpkg|layername=cells", .layer = city.cells},
        {.id = "levels", .title = "Levels", .source = "./x.gpkg|layername=levels", .layer = city.levels}};
    const wg_qgis_project_options options = {.title = "p", .crs = "EPSG:4326"};
    return wg_qgis_project_write(ctx, all, 2, &options, path_of("project.qgs", path));
}

static void pictures(void **state) {
    (void)state;
    assert_true(fault_each(draw_png, NULL) > 15);
    assert_true(fault_each(draw_pdf, NULL) > 15);
}

static void tables(void **state) {
    (void)state;
    assert_true(fault_each(write_tables, NULL) > 10);
}

static void pages(void **state) {
    (void)state;
    uint32_t measures = 1;
    assert_true(fault_each(write_page, &measures) > 10);
    measures = 0; /* quiet colours */
    assert_true(fault_each(write_page, &measures) > 10);
}

static void projects(void **state) {
    (void)state;
    assert_true(fault_each(write_project, NULL) > 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pictures), cmocka_unit_test(tables), cmocka_unit_test(pages),
                                       cmocka_unit_test(projects)};
    return cmocka_run_group_tests(tests, make, drop);
}
