/* Every allocation of reading, joining, matching and writing fails once: a clean status, no leak, no half-written file.
 */
#include "fault.h"

#include "files.h"
#include "io/checksum.h"
#include "io/fields.h"
#include "io/read.h"
#include "io/write.h"
#include "io/yaml.h"
#include "model/wkb.h"

typedef struct fixture {
    char csv[300], joined[700], yaml[300], out[300];
} fixture;

static wg_status read_gbk_with_points(wg_context *ctx, void *user) {
    const fixture *f = user;
    const wg_input input = {.source = f->csv};
    wg_layer *layer = NULL;
    const wg_status status = wg_read(ctx, &input, "buildings", &layer);
    if (status == WG_OK) {
        assert_int_equal(layer->n, 3);
        assert_string_equal(wg_layer_text(layer, 1, 3), "幸福路");
    }
    wg_layer_free(layer);
    return status;
}

static wg_status read_joined(wg_context *ctx, void *user) {
    const fixture *f = user;
    const wg_input input = {.source = f->joined};
    wg_layer *layer = NULL;
    const wg_status status = wg_read(ctx, &input, "buildings", &layer);
    if (status == WG_OK) {
        assert_string_equal(wg_layer_text(layer, 1, wg_layer_column(layer, "households")), "85");
    }
    wg_layer_free(layer);
    return status;
}

static wg_status match_fields(wg_context *ctx, void *user) {
    (void)user;
    wg_layer *layer = NULL;
    wg_fields fields;
    wg_exceptions exceptions = {0};
    double *values = NULL;
    wg_status status = WG_OK;
    WG_TRY(wg_layer_new(ctx, "b", NULL, &layer));
    WG_TRY(wg_layer_add_column(ctx, layer, "户数", WG_TEXT, NULL));
    WG_TRY(wg_layer_add_row(ctx, layer, NULL, 0, NULL));
    WG_TRY(wg_layer_set_text(ctx, layer, 0, 0, "三户五"));
    WG_TRY(wg_fields_match(ctx, layer, "buildings", NULL, 0, NULL, 0, NULL, &fields));
    WG_TRY(wg_fields_numbers(ctx, layer, 0, true, &exceptions, NULL, &values));
    assert_int_equal(exceptions.n, 1);
done:
    free(values);
    wg_exceptions_release(&exceptions);
    wg_layer_free(layer);
    return status;
}

static wg_status write_geojson(wg_context *ctx, void *user) {
    const fixture *f = user;
    wg_layer *layer = NULL;
    wg_buffer point = {0};
    wg_status status = WG_OK;
    const wg_write_options options = {.overwrite = true};
    WG_TRY(wg_layer_new(ctx, "p", "EPSG:4326", &layer));
    WG_TRY(wg_layer_add_column(ctx, layer, "name", WG_TEXT, NULL));
    wg_wkb_put_point(&point, 1, 2);
    WG_TRY(point.failed ? wg_fail_memory(ctx) : wg_layer_add_row(ctx, layer, point.data, point.length, NULL));
    WG_TRY(wg_layer_set_text(ctx, layer, 0, 0, "楼"));
    WG_TRY(wg_write(ctx, layer, f->out, &options));
done:
    wg_buffer_release(&point);
    wg_layer_free(layer);
    return status;
}

static wg_status read_yaml(wg_context *ctx, void *user) {
    const fixture *f = user;
    wg_yaml yaml;
    const wg_status status = wg_yaml_read(ctx, f->yaml, &yaml);
    if (status == WG_OK) {
        assert_string_equal(wg_yaml_get(yaml.root, "a")->text, "1");
        wg_yaml_release(&yaml);
    }
    return status;
}

static wg_status names_of_sources(wg_context *ctx, void *user) {
    const fixture *f = user;
    char hex[WG_CHECKSUM_BYTES];
    uint64_t bytes = 0;
    char *label = wg_source_label("PG:dbname=city password=x"), *public = wg_source_public("PG:dbname=city password=x");
    const bool failed = label == NULL || public == NULL;
    free(label);
    free(public);
    return failed ? wg_fail_memory(ctx) : wg_checksum_source(ctx, f->csv, hex, &bytes);
}

static void each(void **state, wg_status (*body)(wg_context *, void *)) {
    scratch *s = *state;
    fixture f;
    /* 编号,lon,lat,地址 with 幸福路 in the second row, GBK */
    static const char gbk[] =
        "\xB1\xE0\xBA\xC5,lon,lat,\xB5\xD8\xD6\xB7\n1,1,1,a\n2,2,2,\xD0\xD2\xB8\xA3\xC2\xB7\n3,3,,b\n";
    (void)snprintf(f.csv, sizeof f.csv, "%s", scratch_bytes(s, "b.csv", gbk, sizeof gbk - 1));
    (void)snprintf(f.joined, sizeof f.joined, "%s|join=%s", f.csv,
                   scratch_text(s, "t.csv", "id,households\n1,80\n2,85\n9,1\n"));
    (void)snprintf(f.yaml, sizeof f.yaml, "%s", scratch_text(s, "p.yaml", "a: 1\nb: [x, {c: d}]\n"));
    (void)snprintf(f.out, sizeof f.out, "%s", scratch_path(s, "o.geojson"));
    assert_int_equal(body(s->ctx, &f), WG_OK); /* whatever GDAL sets up once is not this test's */
    fault_each(body, &f);
    assert_true(scratch_count(s->dir) <= 4); /* no work directory is left */
}

#define EACH(name)                                                                                                     \
    static void every_allocation_of_##name(void **state) {                                                             \
        each(state, name);                                                                                             \
    }
EACH(read_gbk_with_points)
EACH(read_joined)
EACH(match_fields)
EACH(write_geojson)
EACH(read_yaml)
EACH(names_of_sources)

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(every_allocation_of_##name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(read_gbk_with_points), SCRATCH_TEST(read_joined), SCRATCH_TEST(match_fields),
        SCRATCH_TEST(write_geojson),        SCRATCH_TEST(read_yaml),   SCRATCH_TEST(names_of_sources)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
