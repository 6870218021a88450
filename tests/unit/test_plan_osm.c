/* OpenStreetMap as a partition's inputs: what is taken, what is left, where households come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "files.h"
#include "plan/osm.h"

/** Nodes 1..4 are a square of about 100 m × 111 m at 47 N, 5..8 one of 20 m × 20 m in it, 9 a point. */
static const char head[] = "<osm version=\"0.6\">"
                           "<node id=\"1\" version=\"1\" lat=\"47.000\" lon=\"9.5000\"/><node id=\"2\" version=\"1\" "
                           "lat=\"47.000\" lon=\"9.5013\"/>"
                           "<node id=\"3\" version=\"1\" lat=\"47.001\" lon=\"9.5013\"/><node id=\"4\" version=\"1\" "
                           "lat=\"47.001\" lon=\"9.5000\"/>"
                           "<node id=\"5\" version=\"1\" lat=\"47.0002\" lon=\"9.50020\"/><node id=\"6\" version=\"1\" "
                           "lat=\"47.0002\" lon=\"9.50046\"/>"
                           "<node id=\"7\" version=\"1\" lat=\"47.00038\" lon=\"9.50046\"/><node id=\"8\" "
                           "version=\"1\" lat=\"47.00038\" lon=\"9.50020\"/>"
                           "<node id=\"9\" version=\"1\" lat=\"47.0005\" lon=\"9.50100\"/>";
static const char frame[] = "<nd ref=\"1\"/><nd ref=\"2\"/><nd ref=\"3\"/><nd ref=\"4\"/><nd ref=\"1\"/>";
static const char house[] = "<nd ref=\"5\"/><nd ref=\"6\"/><nd ref=\"7\"/><nd ref=\"8\"/><nd ref=\"5\"/>";
static const char road[] = "<nd ref=\"1\"/><nd ref=\"9\"/>";

static void way(wg_buffer *out, int id, const char *nodes, const char *tags) {
    wg_buffer_printf(out, "<way id=\"%d\" version=\"1\">%s%s</way>", id, nodes, tags);
}

#define TAG(k, v) "<tag k=\"" k "\" v=\"" v "\"/>"

static const char *extract(scratch *s) {
    wg_buffer out = {0};
    wg_buffer_text(&out, head);
    way(&out, 10, frame, "");
    way(&out, 20, house, TAG("building", "house"));
    way(&out, 21, house,
        TAG("building", "apartments") TAG("building:levels", "6") TAG("addr:street", "长江\\路 &quot;1&quot;")
            TAG("addr:housenumber", "3"));
    way(&out, 22, house, TAG("building", "yes") TAG("building:flats", "17"));
    way(&out, 23, house, TAG("building", "garage"));
    way(&out, 24, house, TAG("building", "no"));
    way(&out, 25, house, TAG("building", "yes") TAG("shop", "bakery"));
    way(&out, 30, road, TAG("highway", "residential") TAG("name", "小巷"));
    way(&out, 31, road, TAG("highway", "proposed"));
    way(&out, 32, road, TAG("railway", "rail") TAG("tunnel", "yes"));
    way(&out, 33, road, TAG("waterway", "river"));
    way(&out, 34, road, TAG("power", "line"));
    way(&out, 40, house, TAG("natural", "water") TAG("water", "pond"));
    way(&out, 50, frame, TAG("landuse", "residential") TAG("name", "幸福小区"));
    way(&out, 51, frame, TAG("landuse", "residential"));
    wg_buffer_text(&out, "<relation id=\"77\" version=\"1\"><member type=\"way\" ref=\"10\" role=\"outer\"/>" TAG(
                             "type", "boundary") TAG("boundary", "administrative") TAG("admin_level", "8")
                             TAG("name", "甲") TAG("population", "1 234") "</relation></osm>");
    const char *path = scratch_bytes(s, "e.osm", out.data, out.length);
    wg_buffer_release(&out);
    return path;
}

static const char *text(const wg_layer *layer, size_t row, const char *column) {
    const char *found = wg_layer_text(layer, row, wg_layer_column(layer, column));
    return found == NULL ? "NULL" : found;
}

static size_t row_of(const wg_layer *layer, const char *id) {
    for (size_t row = 0; row < layer->n; row++) {
        if (strcmp(text(layer, row, "id"), id) == 0) {
            return row;
        }
    }
    fail_msg("no %s", id);
    return 0;
}

static void building_is(const wg_osm *osm, const char *id, int64_t households, const char *from) {
    const size_t row = row_of(osm->buildings, id);
    assert_int_equal(wg_layer_integer(osm->buildings, row, wg_layer_column(osm->buildings, "households")), households);
    assert_string_equal(text(osm->buildings, row, "hh_from"), from);
}

static void an_extract_gives_the_inputs(void **state) {
    scratch *s = *state;
    wg_osm osm;
    if (wg_osm_read(s->ctx, extract(s), 0, &osm) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    assert_int_equal(osm.communities->n, 1);
    assert_string_equal(text(osm.communities, 0, "code"), "77");
    assert_string_equal(text(osm.communities, 0, "name"), "甲");
    assert_int_equal(wg_layer_integer(osm.communities, 0, 2), 1234);
    assert_string_equal(osm.communities->source, "e.osm: communities");
    assert_int_equal(osm.buildings->n, 5);
    building_is(&osm, "w20", 4, "estimate");  /* 395 m² × 2 storeys / 220 */
    building_is(&osm, "w21", 24, "estimate"); /* 395 m² × 6 storeys / 100 */
    building_is(&osm, "w22", 17, "flats");
    building_is(&osm, "w23", 0, "none");
    building_is(&osm, "w25", 0, "none"); /* a shop */
    assert_string_equal(text(osm.buildings, row_of(osm.buildings, "w21"), "address"), "长江\\路 \"1\" 3");
    assert_int_equal(osm.flats, 1);
    assert_int_equal(osm.estimated, 2);
    assert_int_equal(osm.barriers->n, 3);
    assert_string_equal(text(osm.barriers, row_of(osm.barriers, "w30"), "class"), "residential");
    assert_string_equal(text(osm.barriers, row_of(osm.barriers, "w33"), "kind"), "waterway");
    assert_string_equal(text(osm.barriers, row_of(osm.barriers, "w40"), "class"), "pond");
    assert_int_equal(osm.compounds->n, 1);
    assert_string_equal(text(osm.compounds, 0, "name"), "幸福小区");
    wg_osm_release(&osm);
}

/** Two squares beside each other as relations 77 and 78, with these tags. */
static const char *two_boundaries(scratch *s, const char *first, const char *second) {
    static const char boundary[] =
        TAG("type", "boundary") TAG("boundary", "administrative") TAG("admin_level", "8") "</relation>";
    wg_buffer out = {0};
    wg_buffer_text(&out, head);
    way(&out, 10, frame, "");
    way(&out, 20, house, "");
    wg_buffer_printf(&out, "<relation id=\"77\" version=\"1\"><member type=\"way\" ref=\"10\" role=\"outer\"/>%s%s",
                     first, boundary);
    wg_buffer_printf(&out,
                     "<relation id=\"78\" version=\"1\"><member type=\"way\" ref=\"20\" role=\"outer\"/>%s%s</osm>",
                     second, boundary);
    const char *path = scratch_bytes(s, "two.osm", out.data, out.length);
    wg_buffer_release(&out);
    return path;
}

static void codes_are(scratch *s, const char *path, const char *first, const char *second) {
    wg_osm osm;
    if (wg_osm_read(s->ctx, path, 0, &osm) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    assert_int_equal(osm.communities->n, 2);
    assert_string_equal(text(osm.communities, 0, "code"), first);
    assert_string_equal(text(osm.communities, 1, "code"), second);
    wg_osm_release(&osm);
}

static void official_codes_are_taken_where_they_tell_all_apart(void **state) {
    scratch *s = *state;
    codes_are(s, two_boundaries(s, TAG("ref", "440106001001"), TAG("ref", "440106001002")), "440106001001",
              "440106001002");
    codes_are(s, two_boundaries(s, TAG("ref", "1"), TAG("ref", "1")), "77", "78");
    codes_are(s, two_boundaries(s, TAG("ref", "1"), ""), "77", "78");
}

static void a_missing_level_lists_the_others(void **state) {
    scratch *s = *state;
    wg_osm osm;
    const char *path = extract(s);
    char message[400];
    assert_int_equal(wg_osm_read(s->ctx, path, 10, &osm), WG_EDATA);
    (void)snprintf(message, sizeof message,
                   "%s: no complete boundary of admin_level 10 (levels there: 8 (1); use --level)", path);
    assert_string_equal(wg_context_error(s->ctx), message);
}

static void given_inputs_stay(void **state) {
    scratch *s = *state;
    wg_osm osm;
    wg_osm_inputs filled;
    wg_partition_options options = {.osm = extract(s), .buildings = {.source = "mine.gpkg"}};
    assert_int_equal(wg_osm_fill(s->ctx, &options, &osm, &filled), WG_OK);
    assert_string_equal(filled.options.buildings.source, "mine.gpkg");
    assert_ptr_equal(filled.options.communities.layer, osm.communities);
    assert_int_equal(filled.options.n_barriers, 1);
    assert_string_equal(filled.options.attribution, "© OpenStreetMap contributors, ODbL 1.0");
    assert_string_equal(s->log, ""); /* the estimates are not used, so nothing is said of them */
    wg_osm_release(&osm);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {SCRATCH_TEST(an_extract_gives_the_inputs),
                                       SCRATCH_TEST(official_codes_are_taken_where_they_tell_all_apart),
                                       SCRATCH_TEST(a_missing_level_lists_the_others), SCRATCH_TEST(given_inputs_stay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
