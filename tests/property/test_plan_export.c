/*
 * Exports are as sound as the plan: random towns with long straight edges, far from and across the middle of their
 * zone, are exported in degrees and in other projections, read back, and judged by GEOS alone.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/random.h"
#include "io/read.h"
#include "plan/row.h"
#include "shapes.h"
#include "soundness.h"
#include "store/store.h"

enum { SIDE = 4 };

static wg_context *ctx;
static char directory[] = "/tmp/wangge-export-XXXXXX";

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL || mkdtemp(directory) == NULL || chdir(directory) != 0;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return chdir("/") != 0 || system(command) != 0; /* NOLINT: the test's own directory */
}

static void must(wg_status status) {
    if (status != WG_OK) {
        fail_msg("%s: %s", wg_status_text(status), wg_context_error(ctx));
    }
}

/** Corners on the grid of 1 mm, moved by up to a third of a step. */
static void make_corners(double corner[SIDE + 1][SIDE + 1][2], double x0, double y0, double step, wg_random *random) {
    for (int y = 0; y <= SIDE; y++) {
        for (int x = 0; x <= SIDE; x++) {
            corner[y][x][0] = round(1000 * (x0 + step * (x + 0.6 * (wg_random_unit(random) - 0.5)))) / 1000;
            corner[y][x][1] = round(1000 * (y0 + step * (y + 0.6 * (wg_random_unit(random) - 0.5)))) / 1000;
        }
    }
}

static void put_squares(wg_row *at, double corner[SIDE + 1][SIDE + 1][2]) {
    wg_buffer wkb = {0};
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            static const int around[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
            const uint32_t count = 5;
            double xy[10];
            char code[16];
            for (size_t i = 0; i < 5; i++) {
                memcpy(xy + 2 * i, corner[y + around[i][1]][x + around[i][0]], 2 * sizeof(double));
            }
            wg_buffer_clear(&wkb);
            shape_polygon(&wkb, xy, &count, 1);
            (void)snprintf(code, sizeof code, "c%02d", y * SIDE + x);
            wg_row_begin(at, wkb.data, wkb.length);
            wg_row_text(at, "code", code);
            wg_row_text(at, "name", "第一网格");
        }
    }
    wg_buffer_release(&wkb);
}

/** The outline of all squares, with all their vertices. */
static void put_outline(wg_row *at, double corner[SIDE + 1][SIDE + 1][2]) {
    wg_buffer wkb = {0};
    double xy[2 * (4 * SIDE + 1)];
    size_t n = 0;
    for (int i = 0; i < SIDE; i++, n++) {
        memcpy(xy + 2 * n, corner[0][i], 2 * sizeof(double));
    }
    for (int i = 0; i < SIDE; i++, n++) {
        memcpy(xy + 2 * n, corner[i][SIDE], 2 * sizeof(double));
    }
    for (int i = SIDE; i > 0; i--, n++) {
        memcpy(xy + 2 * n, corner[SIDE][i], 2 * sizeof(double));
    }
    for (int i = SIDE; i >= 0; i--, n++) {
        memcpy(xy + 2 * n, corner[i][0], 2 * sizeof(double));
    }
    const uint32_t count = (uint32_t)n;
    shape_polygon(&wkb, xy, &count, 1);
    wg_row_begin(at, wkb.data, wkb.length);
    wg_row_text(at, "code", "c");
    wg_buffer_release(&wkb);
}

static void write_plan(double x0, double y0, double step, wg_random *random) {
    const wg_store_srs srs = {.name = "EPSG:32650"};
    double corner[SIDE + 1][SIDE + 1][2];
    wg_store *store = NULL;
    wg_layer *layer = NULL;
    make_corners(corner, x0, y0, step, random);
    (void)unlink("plan.sqlite");
    must(wg_store_create(ctx, "plan.sqlite", &srs, &store));
    for (int k = 0; k < 2; k++) {
        must(wg_contract_new_layer(ctx, k == 0 ? "cells" : "communities", NULL, &layer));
        wg_row at = {.ctx = ctx, .layer = layer};
        if (k == 0) {
            put_squares(&at, corner);
        } else {
            put_outline(&at, corner);
        }
        must(at.status);
        must(wg_store_put(ctx, store, layer, false));
        wg_layer_free(layer);
    }
    must(wg_store_close(ctx, store));
}

static void expect_sound(const char *cells_file, const char *communities_file) {
    wg_layer *cells = NULL;
    wg_layer *communities = NULL;
    must(wg_read_source(ctx, cells_file, NULL, NULL, false, &cells));
    must(wg_read_source(ctx, communities_file, NULL, NULL, false, &communities));
    assert_int_equal(SIDE * SIDE, wg_layer_rows(cells));
    assert_string_equal("第一网格", wg_layer_text(cells, 0, wg_layer_column(cells, "name")));
    const soundness found = soundness_of(cells, communities);
    assert_true(soundness_holds(&found));
    wg_layer_free(cells);
    wg_layer_free(communities);
}

static void exports_are_as_sound_as_the_plan(void **state) {
    (void)state;
    static const struct {
        double x, y, step;
        const char *to;
    } places[] = {{450000, 4400000, 40, NULL},         {495000, 20000, 2500, NULL},
                  {780000, 5900000, 900, "EPSG:3857"}, {300000, 3000000, 15000, "EPSG:4526"},
                  {499990, 4400000, 0.5, "EPSG:4490"}, {420000, 2600000, 3000, "gcj02"},
                  {600000, 3500000, 150, "bd09"}};
    static const char *const formats[] = {"geojson", "shp", "gpkg", "fgb"};
    wg_random random;
    wg_random_seed(&random, 5, "export");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const bool offset = places[i].to != NULL && strncmp(places[i].to, "EPSG", 4) != 0;
        wg_result *result = NULL;
        write_plan(places[i].x, places[i].y, places[i].step, &random);
        const wg_export_options options = {.plan = "plan.sqlite",
                                           .formats = formats,
                                           .n_formats = offset ? 1 : 4,
                                           .to_crs = places[i].to,
                                           .output = "out",
                                           .overwrite = true};
        must(wg_export(ctx, &options, &result));
        assert_non_null(strstr(wg_result_json(result), "\"exact\": true"));
        wg_result_free(result);
        expect_sound("out/cells.geojson", "out/communities.geojson");
        if (!offset) {
            expect_sound("out/cells.shp", "out/communities.shp");
            expect_sound("out/cells.fgb", "out/communities.fgb");
            expect_sound("out/plan.gpkg|layername=cells", "out/plan.gpkg|layername=communities");
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(exports_are_as_sound_as_the_plan)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
