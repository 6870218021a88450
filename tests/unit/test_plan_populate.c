/* Populate: totals met exactly, uses, known figures, tables, rasters; what it says of what does not add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "files.h"
#include "io/read.h"
#include "io/write.h"
#include "plan/apportion.h"
#include "plan/residence.h"
#include "shapes.h"

static void shares_sum_and_stay_near(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 7, "apportion");
    for (int turn = 0; turn < 2000; turn++) {
        double weight[40], sum = 0.0;
        int64_t share[40], total = wg_random_below(&random, 5000), given = 0;
        const size_t n = 1 + wg_random_below(&random, 40);
        for (size_t i = 0; i < n; i++) {
            weight[i] = wg_random_below(&random, 4) == 0
                            ? 0.0
                            : wg_random_unit(&random) * pow(10.0, wg_random_below(&random, 8));
            sum += weight[i];
        }
        if (!(sum > 0.0)) {
            continue;
        }
        assert_int_equal(wg_apportion(NULL, total, weight, n, share), WG_OK);
        for (size_t i = 0; i < n; i++) {
            const double quota = (double)total * weight[i] / sum;
            assert_true(share[i] >= 0 && fabs((double)share[i] - quota) < 1.0 + 1e-9);
            assert_true(weight[i] > 0.0 || share[i] == 0);
            given += share[i];
        }
        assert_int_equal(given, total);
    }
}

static void ties_go_to_the_first(void **state) {
    (void)state;
    const double weight[] = {1, 1, 1};
    int64_t share[3];
    assert_int_equal(wg_apportion(NULL, 5, weight, 3, share), WG_OK);
    assert_int_equal(share[0], 2);
    assert_int_equal(share[1], 2);
    assert_int_equal(share[2], 1);
}

static void uses(void **state) {
    (void)state;
    assert_true(wg_residence_share(NULL) == 1.0);
    assert_true(wg_residence_share("住宅") == 1.0);
    assert_true(wg_residence_share("商业") == 0.0);
    assert_true(wg_residence_share("商住两用") == 0.6);
    assert_true(wg_residence_share("非住宅") == 0.0);
    assert_true(wg_residence_share("Garage") == 0.0);
    assert_true(wg_residence_share("apartments") == 1.0);
    assert_true(wg_residence_share("ＳＣＨＯＯＬ") == 0.0);
    assert_true(wg_residence_floors(6, NAN, 1) == 6);
    assert_true(wg_residence_floors(NAN, 19, 1) == 6);
    assert_true(wg_residence_floors(NAN, NAN, 1) == 1);
}

/**
 * Two zones of 1 km in UTM 50; west: a tower of 100 m² × 6, a house of 100 m² × 2, a shop; east: a shop alone; far
 * away: a house. The tower weighs three times the house.
 */
static const wg_layer *buildings(wg_layer **owned, bool with_known) {
    wg_layer *layer = NULL;
    uint32_t use = 0, floors = 0, known = 0, community = 0;
    assert_int_equal(wg_layer_new(NULL, "buildings", "EPSG:32650", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "用途", WG_TEXT, &use), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "层数", WG_INTEGER, &floors), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "所属社区", WG_TEXT, &community), WG_OK);
    if (with_known) {
        assert_int_equal(wg_layer_add_column(NULL, layer, "户数", WG_TEXT, &known), WG_OK);
    }
    static const struct {
        double x;
        const char *use, *community;
        int floors;
    } rows[] = {{100, "住宅", "东风", 6},
                {200, "住宅", "东 风", 2},
                {300, "商业", "东风", 4},
                {1500, "商业", "红旗", 1},
                {9000, "住宅", NULL, 2}};
    for (size_t i = 0; i < 5; i++) {
        const size_t row = shape_box_row(layer, 500000 + rows[i].x, 4400100, 500010 + rows[i].x, 4400110);
        assert_int_equal(wg_layer_set_text(NULL, layer, row, use, rows[i].use), WG_OK);
        assert_int_equal(wg_layer_set_integer(NULL, layer, row, floors, rows[i].floors), WG_OK);
        assert_int_equal(wg_layer_set_text(NULL, layer, row, community, rows[i].community), WG_OK);
    }
    if (with_known) {
        assert_int_equal(wg_layer_set_text(NULL, layer, 0, known, "约60"), WG_OK);
    }
    *owned = layer;
    return layer;
}

static const wg_layer *zones(wg_layer **owned) {
    wg_layer *layer = NULL;
    uint32_t code = 0, households = 0, registered = 0, floating = 0;
    assert_int_equal(wg_layer_new(NULL, "zones", "EPSG:32650", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "编码", WG_TEXT, &code), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "户数", WG_INTEGER, &households), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "户籍人口", WG_INTEGER, &registered), WG_OK);
    assert_int_equal(wg_layer_add_column(NULL, layer, "流动人口", WG_INTEGER, &floating), WG_OK);
    for (int i = 0; i < 2; i++) {
        const size_t row = shape_box_row(layer, 500000 + i * 1000, 4400000, 501000 + i * 1000, 4401000);
        assert_int_equal(wg_layer_set_text(NULL, layer, row, code, i == 0 ? "001" : "002"), WG_OK);
        assert_int_equal(wg_layer_set_integer(NULL, layer, row, households, i == 0 ? 102 : 5), WG_OK);
        assert_int_equal(wg_layer_set_integer(NULL, layer, row, registered, i == 0 ? 201 : 9), WG_OK);
        assert_int_equal(wg_layer_set_integer(NULL, layer, row, floating, i == 0 ? 100 : 1), WG_OK);
    }
    *owned = layer;
    return layer;
}

static wg_layer *run(scratch *s, const wg_populate_options *options, uint64_t findings, wg_result **result) {
    if (wg_populate(s->ctx, options, result) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    assert_int_equal(wg_result_findings(*result), findings);
    const wg_input input = {.source = options->output};
    wg_layer *layer = NULL;
    assert_int_equal(wg_read(s->ctx, &input, NULL, &layer), WG_OK);
    return layer;
}

static void row_is(const wg_layer *layer, size_t row, const char *column, int64_t expected) {
    const uint32_t c = wg_layer_column(layer, column);
    assert_true(c != UINT32_MAX);
    if (wg_layer_is_null(layer, row, c) ? expected != -1 : wg_layer_integer(layer, row, c) != expected) {
        fail_msg("%s of row %zu: %lld, expected %lld", column, row, (long long)wg_layer_integer(layer, row, c),
                 (long long)expected);
    }
}

static void from_is(const wg_layer *layer, size_t row, const char *expected) {
    assert_string_equal(wg_layer_text(layer, row, wg_layer_column(layer, "fig_from")), expected);
}

static void zones_are_met_exactly(void **state) {
    scratch *s = *state;
    wg_layer *b = NULL, *z = NULL;
    wg_result *result = NULL;
    const wg_populate_options options = {.buildings = {.layer = buildings(&b, false)},
                                         .totals = {.layer = zones(&z)},
                                         .output = scratch_path(s, "out.gpkg")};
    wg_layer *out = run(s, &options, 0, &result);
    static const int64_t expected[5][4] = {
        {77, 226, 151, 75}, {25, 75, 50, 25}, {0, 0, 0, 0}, {5, 10, 9, 1}, {-1, -1, -1, -1}};
    static const char *const names[] = {"households", "population", "registered", "floating"};
    static const char *const from[] = {"zone:001", "zone:001", "excluded", "fallback:002", "none"};
    for (size_t row = 0; row < 5; row++) {
        for (int f = 0; f < 4; f++) {
            row_is(out, row, names[f], expected[row][f]);
        }
        from_is(out, row, from[row]);
    }
    assert_non_null(strstr(wg_result_text(result), "households: total 107, on buildings 107\n"));
    wg_layer_free(out);
    wg_result_free(result);
    wg_layer_free(b);
    wg_layer_free(z);
}

static void known_figures_stay(void **state) {
    scratch *s = *state;
    wg_layer *b = NULL, *z = NULL;
    wg_result *result = NULL;
    const wg_populate_options options = {.buildings = {.layer = buildings(&b, true)},
                                         .totals = {.layer = zones(&z)},
                                         .output = scratch_path(s, "out.gpkg")};
    wg_layer *out = run(s, &options, 0, &result);
    row_is(out, 0, "households", 60);
    row_is(out, 1, "households", 42);
    from_is(out, 0, "given");
    assert_int_equal(wg_layer_column(out, "户数"), UINT32_MAX);
    assert_non_null(strstr(wg_result_text(result),
                           "compared with the own figures of 1 buildings: the model is off by 28 % of their sum\n"));
    wg_layer_free(out);
    wg_result_free(result);
    wg_layer_free(b);
    wg_layer_free(z);
}

static void a_table_joins_by_community(void **state) {
    scratch *s = *state;
    wg_layer *b = NULL;
    wg_result *result = NULL;
    const char *table = scratch_text(s, "t.csv", "社区名称,人口\n东风,1 001\n红旗,5\n新村,12\n");
    const wg_populate_options options = {.buildings = {.layer = buildings(&b, false)},
                                         .totals = {.source = table},
                                         .output = scratch_path(s, "out.gpkg"),
                                         .people_per_household = 2.5};
    wg_layer *out =
        run(s, &options, 2, &result); /* 新村 has no building: its people and its households are not placed */
    row_is(out, 0, "population", 751);
    row_is(out, 1, "population", 250);
    row_is(out, 0, "households", 300);
    row_is(out, 1, "households", 100);
    row_is(out, 3, "population", 5);
    assert_non_null(strstr(wg_result_text(result), "no_building: t.csv: t: 新村: population 12, its buildings have 0 "
                                                   "(add its buildings, or take its figures out of the totals)\n"));
    wg_layer_free(out);
    wg_result_free(result);
    wg_layer_free(b);
}

static void contradictions_are_findings(void **state) {
    scratch *s = *state;
    wg_layer *b = NULL;
    wg_result *result = NULL;
    const char *table =
        scratch_text(s, "t.csv", "社区名称,户数,人口,户籍人口,流动人口\n东风,40,100,60,30\n红旗,5,2,1,1\n");
    const wg_populate_options options = {.buildings = {.layer = buildings(&b, true)},
                                         .totals = {.source = table},
                                         .output = scratch_path(s, "out.gpkg")};
    wg_layer *out = run(s, &options, 2, &result); /* 60 known households against 40; 100 people against 60 + 30 */
    assert_non_null(strstr(wg_result_text(result), "total_below_buildings"));
    assert_non_null(strstr(wg_result_text(result), "population_disagrees: t.csv: t: 东风: population 100 is not "
                                                   "registered 60 + floating 30 (correct one of the three)\n"));
    row_is(out, 1, "households", 0);
    wg_layer_free(out);
    wg_result_free(result);
    wg_layer_free(b);
}

/** An ESRI ASCII grid of 2 × 1 pixels of 1 km: 300.4 people in the west, 100 in an east without dwellings. */
static void a_raster_is_spread(void **state) {
    scratch *s = *state;
    wg_layer *b = NULL;
    wg_result *result = NULL;
    (void)scratch_text(
        s, "r.prj",
        "PROJCS[\"UTM50\",GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS "
        "84\",6378137,298.257223563]],PRIMEM[\"Greenwich\",0],"
        "UNIT[\"degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],"
        "PARAMETER[\"central_meridian\",117],PARAMETER[\"scale_factor\",0.9996],PARAMETER[\"false_easting\",500000],"
        "PARAMETER[\"false_northing\",0],UNIT[\"metre\",1]]");
    const char *raster = scratch_text(
        s, "r.asc",
        "ncols 2\nnrows 1\nxllcorner 500000\nyllcorner 4400000\ncellsize 1000\nNODATA_value -9999\n300.4 100\n");
    const wg_populate_options options = {.buildings = {.layer = buildings(&b, false)},
                                         .totals = {.source = raster},
                                         .output = scratch_path(s, "out.gpkg"),
                                         .people_per_household = 2};
    wg_layer *out = run(s, &options, 0, &result);
    row_is(out, 0, "population",
           300); /* three quarters of 400.4: the east's people have moved to the nearest dwellings */
    row_is(out, 1, "population", 100);
    row_is(out, 0, "households", 150);
    row_is(out, 2, "population", 0);
    from_is(out, 0, "raster");
    from_is(out, 2, "excluded");
    wg_layer_free(out);
    wg_result_free(result);
    wg_layer_free(b);
}

static void bad_input_is_told(void **state) {
    scratch *s = *state;
    wg_layer *b = NULL, *z = NULL;
    wg_result *result = NULL;
    wg_populate_options options = {
        .buildings = {.layer = buildings(&b, false)}, .totals = {.layer = zones(&z)}, .output = "x"};
    assert_int_equal(wg_populate(s->ctx, &options, &result), WG_EINVAL);
    assert_string_equal(wg_context_error(s->ctx),
                        "x: the output's format is not known (use .gpkg, .geojson, .shp, .fgb or .csv)");
    options.output = scratch_path(s, "o.gpkg");
    options.totals = (wg_input){.source = scratch_text(s, "n.csv", "社区,备注\n东风,a\n")};
    assert_int_equal(wg_populate(s->ctx, &options, &result), WG_EDATA);
    assert_string_equal(
        wg_context_error(s->ctx),
        "n.csv: n: no field for population (name it with --field population=FIELD; fields: 社区, 备注)");
    options.totals = (wg_input){.source = scratch_text(s, "m.csv", "社区,户数\n东风,-4\n")};
    assert_int_equal(wg_populate(s->ctx, &options, &result), WG_EDATA);
    assert_string_equal(
        wg_context_error(s->ctx),
        "m.csv: m: feature 1: field 户数: -4 is negative (correct it, or clear it where it is unknown)");
    assert_null(result);
    wg_layer_free(b);
    wg_layer_free(z);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_sum_and_stay_near),
        cmocka_unit_test(ties_go_to_the_first),
        cmocka_unit_test(uses),
        SCRATCH_TEST(zones_are_met_exactly),
        SCRATCH_TEST(known_figures_stay),
        SCRATCH_TEST(a_table_joins_by_community),
        SCRATCH_TEST(contradictions_are_findings),
        SCRATCH_TEST(a_raster_is_spread),
        SCRATCH_TEST(bad_input_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
