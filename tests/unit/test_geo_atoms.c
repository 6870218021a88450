/* Small towns, each a drawing: what becomes of streets, rivers, compounds and houses. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "geo/shape.h"
#include "geo_city.h"

static wg_context *ctx;

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

/** A town of one community, 0,0 to 300,200; nothing in it yet. */
static void begin(geo_city *g) {
    *g = (geo_city){0};
    g->communities = geo_layer("communities");
    g->buildings = geo_layer("buildings");
    g->barriers = geo_layer("barriers");
    assert_int_equal(wg_layer_add_column(NULL, g->communities, "code", WG_TEXT, NULL), WG_OK);
    (void)shape_box_row(g->communities, 0, 0, 300, 200);
    g->rank = calloc(64, sizeof *g->rank);
    g->hard = calloc(64, sizeof *g->hard);
    g->weight = calloc(256, sizeof *g->weight);
    g->heavy[0] = g->compound_heavy[0] = (double)NAN;
    g->weights[0] = g->weight;
}

static void street(geo_city *g, uint8_t rank, double ax, double ay, double bx, double by) {
    const double xy[4] = {ax, ay, bx, by};
    geo_line_row(g->barriers, xy, 2);
    g->rank[g->barriers->n - 1] = rank;
}

static size_t house(geo_city *g, double weight, double x, double y) {
    const size_t row = shape_box_row(g->buildings, x, y, x + 10, y + 10);
    g->weight[row] = weight;
    return row;
}

static const wg_atoms *build(geo_city *g) {
    if (geo_city_build(ctx, g) != WG_OK) {
        fail_msg("%s", wg_context_error(ctx));
    }
    double sum = 0;
    for (uint32_t u = 0; u < g->atoms[0]->n_units; u++) {
        sum += g->atoms[0]->area_m2[u];
    }
    double area, length;
    size_t bytes;
    const void *wkb = wg_layer_wkb(wg_reference_layer(g->reference), 0, &bytes);
    wg_wkb_measure(wkb, bytes, &area, &length);
    assert_true(fabs(sum - area) < 1e-6);
    return g->atoms[0];
}

/** Number of the unit at a place: the one whose polygon holds it. */
static uint32_t unit_at(const wg_atoms *atoms, double x, double y) {
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(atoms->units, u, &bytes);
        wg_shape shape = {0};
        assert_int_equal(wg_shape_read(NULL, wg_lattice_of(0.001), wkb, bytes, &shape), WG_OK);
        const bool inside = wg_shape_contains(&shape, (wg_ipt){llrint(1000 * x), llrint(1000 * y)}) > 0;
        wg_shape_release(&shape);
        if (inside) {
            return u;
        }
    }
    fail_msg("no unit at %g, %g", x, y);
    return 0;
}

static const wg_edge *edge_between(const wg_atoms *atoms, uint32_t u, uint32_t v) {
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        if (atoms->edges[e].u == (u < v ? u : v) && atoms->edges[e].v == (u < v ? v : u)) {
            return &atoms->edges[e];
        }
    }
    return NULL;
}

static size_t listed(const wg_atoms *atoms, const char *problem) {
    return wg_exceptions_count(&atoms->exceptions, problem);
}

/* +--+--+
 * |  |  |   two streets that cross: four blocks */
static void test_crossing_streets(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 3, 100, -20, 100, 220);
    street(&g, 6, -20, 100, 320, 100);
    (void)house(&g, 1, 20, 20);
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 4);
    assert_int_equal(a->n_edges, 4);
    const uint32_t sw = unit_at(a, 50, 50), se = unit_at(a, 200, 50), nw = unit_at(a, 50, 150);
    assert_int_equal(a->kind[sw], WG_UNIT_BLOCK);
    assert_int_equal(a->kind[se], WG_UNIT_LAND);
    assert_int_equal(a->building_unit[0], sw);
    assert_int_equal(edge_between(a, sw, se)->rank, 3);
    assert_int_equal(edge_between(a, sw, nw)->rank, 6);
    assert_true(fabs(edge_between(a, sw, nw)->length - 100) < 1e-9);
    assert_true(fabs(a->outer_m[sw] - 200) < 1e-9);
    assert_null(edge_between(a, se, nw)); /* they touch in a corner only */
    geo_city_free(&g);
}

/* A dead end bounds nothing; an end 1 m before the next street is led to it; 5 m before, it is a dead end. */
static void test_ends(void **state) {
    (void)state;
    for (int k = 0; k < 3; k++) {
        geo_city g;
        begin(&g);
        const double end[] = {100, 199, 195};
        street(&g, 6, 100, 0, 100, end[k]);
        const wg_atoms *a = build(&g);
        assert_int_equal(a->n_units, k == 1 ? 2 : 1);
        assert_int_equal(listed(a, "line_extended"), k == 1);
        assert_int_equal(listed(a, "dangling_line"), k != 1);
        geo_city_free(&g);
    }
}

/* =====  the strip between two carriageways joins a side */
static void test_dual_carriageway(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 2, -20, 100, 320, 100);
    street(&g, 2, -20, 108, 320, 108);
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 2);
    assert_int_equal(listed(a, "sliver_merged"), 1);
    assert_int_equal(a->edges[0].rank, 2);
    geo_city_free(&g);
}

/* A street through a house: the line goes around it, on the side with less of it. */
static void test_led_around(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 6, -20, 103, 320, 103); /* 3 m of the house are below, 7 m above */
    (void)house(&g, 1, 100, 100);
    (void)house(&g, 1, 200, 103); /* stands along the street: nothing to lead around */
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 2);
    const uint32_t south = unit_at(a, 50, 50), north = unit_at(a, 50, 150);
    assert_int_equal(a->building_unit[0], north);
    assert_int_equal(unit_at(a, 105, 101), north);
    assert_int_equal(unit_at(a, 105, 99), south);
    assert_int_equal(a->led_around, 1);
    assert_int_equal(listed(a, "line_led_around"), 1);
    assert_true(fabs(edge_between(a, south, north)->length - 306) < 1e-9);
    geo_city_free(&g);
}

/* ####  The street passes through a house that fills the block from side to side: what it loses is in two parts, and
 * the exception says so. */
static void test_torn(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 6, -20, 100, 320, 100);
    street(&g, 6, -20, 130, 320, 130);
    const size_t row = shape_box_row(g.buildings, 140, 50, 160, 130); /* most of it south, its end through the lane */
    g.weight[row] = 1;
    const wg_atoms *a = build(&g);
    assert_int_equal(listed(a, "line_led_around"), 1);
    assert_int_equal(a->building_unit[0], unit_at(a, 150, 106));
    assert_int_not_equal(unit_at(a, 50, 106), unit_at(a, 250, 106));
    size_t at = 0;
    while (strcmp(a->exceptions.items[at].problem, "line_led_around") != 0) {
        at++;
    }
    assert_non_null(strstr(a->exceptions.items[at].detail, "leaves the land beyond it in two parts"));
    geo_city_free(&g);
}

/* Two houses that overlap are one: the street between their middles goes around both. */
static void test_cluster(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 6, -20, 109, 320, 109);
    (void)house(&g, 1, 100, 100);
    (void)house(&g, 1, 105, 108);
    const wg_atoms *a = build(&g);
    assert_int_equal(a->building_unit[0], a->building_unit[1]);
    geo_city_free(&g);
}

/* A hard line has an edge that may not be crossed, and a pocket behind it is its own component. */
static void test_hard_line(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 1, 200, -20, 200, 220);
    g.hard[0] = true;
    street(&g, 6, 100, -20, 100, 220);
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 3);
    assert_true(edge_between(a, unit_at(a, 150, 50), unit_at(a, 250, 50))->hard);
    assert_false(edge_between(a, unit_at(a, 150, 50), unit_at(a, 50, 50))->hard);
    geo_city_free(&g);
}

/* A bridge over the hard line connects what it touches; over a river it connects the banks. */
static void test_bridges(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 1, 200, -20, 200, 220);
    g.hard[0] = true;
    (void)shape_box_row(g.barriers, 90, -20, 110, 220);
    g.rank[1] = 1;
    g.bridges = geo_layer("bridges");
    const double over_line[] = {190, 100, 210, 100}, over_river[] = {85, 50, 115, 50};
    geo_line_row(g.bridges, over_line, 2);
    geo_line_row(g.bridges, over_river, 2);
    const wg_atoms *a = build(&g);
    const uint32_t west = unit_at(a, 50, 50), river = unit_at(a, 100, 50), middle = unit_at(a, 150, 50),
                   east = unit_at(a, 250, 50);
    assert_int_equal(a->n_units, 4);
    assert_int_equal(a->kind[river], WG_UNIT_LAND);
    assert_true(a->barrier_surface[river]);
    assert_false(edge_between(a, middle, east)->hard);
    assert_non_null(edge_between(a, west, middle));
    assert_true(edge_between(a, west, middle)->length == 0);
    assert_int_equal(a->edge_lines->n, a->n_edges);
    geo_city_free(&g);
}

/* Without a bridge the banks of a river's surface are not neighbours. */
static void test_river(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    (void)shape_box_row(g.barriers, 90, -20, 110, 220);
    g.rank[0] = 1;
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 3);
    assert_null(edge_between(a, unit_at(a, 50, 50), unit_at(a, 150, 50)));
    assert_int_equal(edge_between(a, unit_at(a, 50, 50), unit_at(a, 100, 50))->rank, 1);
    geo_city_free(&g);
}

/* A compound is one unit, whatever lanes are inside; too heavy, it is divided, and its pieces know it. */
static void test_compound(void **state) {
    (void)state;
    for (int heavy = 0; heavy < 2; heavy++) {
        geo_city g;
        begin(&g);
        g.compounds = geo_layer("compounds");
        (void)shape_box_row(g.compounds, 50, 50, 150, 150);
        street(&g, 6, 100, -20, 100, 220);
        for (int k = 0; k < 6; k++) {
            (void)house(&g, 10, 60 + 26 * (k % 3), 70 + 40 * (k / 3));
        }
        g.heavy[0] = 25;
        g.compound_heavy[0] = heavy ? 50 : 100;
        const wg_atoms *a = build(&g);
        uint32_t inside = 0;
        for (uint32_t u = 0; u < a->n_units; u++) {
            inside += a->compound[u] == 0;
            assert_true(a->compound[u] == WG_UNASSIGNED || a->kind[u] == (heavy ? WG_UNIT_TILE : WG_UNIT_COMPOUND));
        }
        assert_true(heavy ? inside >= 3 : inside == 1);
        for (size_t b = 0; b < a->n_buildings; b++) {
            assert_int_equal(a->compound[a->building_unit[b]], 0);
        }
        geo_city_free(&g);
    }
}

/* A dedicated polygon is one unit of its own. */
static void test_dedicated(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    g.dedicated = geo_layer("dedicated");
    (void)shape_box_row(g.dedicated, 80, 50, 150, 150);
    street(&g, 6, 100, -20, 100, 220);
    (void)house(&g, 500, 110, 70);
    g.heavy[0] = 25;
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 3);
    assert_int_equal(a->dedicated[unit_at(a, 90, 100)], 0);
    assert_int_equal(unit_at(a, 90, 100), unit_at(a, 140, 60));
    assert_int_equal(a->building_unit[0], unit_at(a, 90, 100));
    geo_city_free(&g);
}

/* A heavy block is divided between its houses; a light one and one without a limit are not. */
static void test_tessellation(void **state) {
    (void)state;
    const double heavy[] = {30, 1000, (double)NAN};
    for (int k = 0; k < 3; k++) {
        geo_city g;
        begin(&g);
        for (int h = 0; h < 12; h++) {
            (void)house(&g, 10, 20 + 45 * (h % 6), 40 + 80 * (h / 6));
        }
        g.heavy[0] = heavy[k];
        const wg_atoms *a = build(&g);
        assert_true(k == 0 ? a->n_units >= 6 : a->n_units == 1);
        for (uint32_t u = 0; u < a->n_units; u++) {
            double weight = 0;
            for (size_t b = 0; b < a->n_buildings; b++) {
                weight += a->building_unit[b] == u ? 10 : 0;
            }
            assert_true(k != 0 || (weight > 0 && weight <= 15 && a->kind[u] == WG_UNIT_TILE));
            assert_int_equal(a->block[u], a->block[0]);
        }
        assert_int_equal(a->led_around, 0);
        geo_city_free(&g);
    }
}

/* Points have tiles too, also several on one spot. */
static void test_points(void **state) {
    (void)state;
    geo_city g;
    wg_buffer out = {0};
    begin(&g);
    for (int k = 0; k < 8; k++) {
        wg_wkb_put_point(&out, 40 + 30 * (k / 2), 100 + (k / 2 % 2) * 50);
        g.weight[shape_row(g.buildings, &out)] = 10;
    }
    wg_buffer_release(&out);
    g.heavy[0] = 40;
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 4);
    for (size_t b = 0; b < 8; b += 2) {
        assert_int_equal(a->building_unit[b], a->building_unit[b + 1]);
        assert_true(b == 0 || a->building_unit[b] != a->building_unit[b - 1]);
    }
    geo_city_free(&g);
}

/* A footpath divides a heavy block before anything else does; light blocks on its two sides are one. */
static void test_footpath_by_need(void **state) {
    (void)state;
    for (int heavy = 0; heavy < 2; heavy++) {
        geo_city g;
        begin(&g);
        street(&g, 9, 150, -20, 150, 220);
        for (int k = 0; k < 4; k++) {
            (void)house(&g, 10, 50 + 60 * k, 100);
        }
        g.heavy[0] = heavy ? 25 : 120;
        const wg_atoms *a = build(&g);
        assert_int_equal(a->n_units, heavy ? 2 : 1);
        if (heavy) {
            assert_true(fabs(a->edge_street_m[0] - a->edges[0].length) < 1e-9);
            assert_int_equal(a->edges[0].rank, 9);
        }
        geo_city_free(&g);
    }
}

/* A path that ends inside a heavy block divides nothing alone; the line between the houses on its two sides follows it,
 * off the middle (102.5), and has its rank. */
static void test_dead_end_path(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 8, 0, 109, 270, 107);
    for (int k = 0; k < 4; k++) {
        (void)house(&g, 10, 40 + 65 * k, 80);
        (void)house(&g, 10, 40 + 65 * k, 115);
    }
    g.heavy[0] = 70; /* a tile may weigh 35: three houses */
    const wg_atoms *a = build(&g);
    assert_int_equal(listed(a, "dangling_line"), 1);
    double followed = 0;
    for (uint32_t e = 0; e < a->n_edges; e++)
        fprintf(stderr, "edge %u %u %g rank %d\n", a->edges[e].u, a->edges[e].v, a->edges[e].length, a->edges[e].rank);
    for (int k = 0; k < 8; k++)
        fprintf(stderr, "b%d u%u\n", k, a->building_unit[k]);
    for (uint32_t e = 0; e < a->n_edges; e++) {
        followed += a->edges[e].rank == 8 ? a->edges[e].length : 0;
    }
    assert_true(followed > 200 && followed < 302);
    for (int k = 0; k < 8; k += 2) { /* opposite houses are in different units, and so is the ground beside the path */
        assert_int_not_equal(a->building_unit[k], a->building_unit[k + 1]);
        const double x = 45 + 32.5 * k, y = 109 - 2 * x / 270;
        assert_int_equal(unit_at(a, x, y - 0.4), a->building_unit[k]);
        assert_int_equal(unit_at(a, x, y + 0.4), a->building_unit[k + 1]);
    }
    geo_city_free(&g);
}

/* A hole that belongs to nobody, and a part apart: two pieces of land, connected only where the gap may be bridged. */
static void test_exclave(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        geo_city g;
        begin(&g);
        wg_buffer out = {0};
        const double ring[] = {0, 0, 100, 0, 100, 100, 0, 100}, hole[] = {40, 40, 40, 60, 60, 60, 60, 40},
                     part[] = {108, 20, 160, 20, 160, 80, 108, 80};
        wg_wkb_put_header(&out, WG_WKB_MULTIPOLYGON, 2);
        wg_wkb_put_header(&out, WG_WKB_POLYGON, 2);
        geo_ring(&out, ring, 4);
        geo_ring(&out, hole, 4);
        wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
        geo_ring(&out, part, 4);
        wg_layer_free(g.communities);
        g.communities = geo_layer("communities");
        assert_int_equal(wg_layer_add_column(NULL, g.communities, "code", WG_TEXT, NULL), WG_OK);
        (void)shape_row(g.communities, &out);
        wg_buffer_release(&out);
        g.options.bridge_gap_m = k == 0 ? 5 : 10;
        const wg_atoms *a = build(&g);
        assert_int_equal(a->n_units, 2);
        assert_int_equal(a->n_edges, k);
        assert_true(fabs(a->area_m2[unit_at(a, 10, 10)] - 9600) < 1e-9);
        geo_city_free(&g);
    }
}

/* Given polygons are the units: clipped, those in parts stay one, what they leave open becomes a unit of its own. */
static void test_given_units(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    g.given = geo_layer("given");
    (void)shape_box_row(g.given, -50, -50, 100, 250);
    (void)shape_box_row(g.given, 100, -50, 200, 250);
    street(&g, 4, 100, -20, 100, 220);
    street(&g, 9, -20, 100, 320, 100);
    (void)house(&g, 99, 95, 20); /* half on each side: across the line of two given units */
    g.heavy[0] = 10;
    const wg_atoms *a = build(&g);
    assert_int_equal(a->kind[unit_at(a, 50, 50)], WG_UNIT_GIVEN);
    assert_int_equal(unit_at(a, 50, 50), unit_at(a, 50, 150));
    assert_int_equal(unit_at(a, 150, 50), unit_at(a, 150, 150));
    assert_int_equal(a->kind[unit_at(a, 250, 50)], WG_UNIT_LAND);
    assert_int_equal(edge_between(a, unit_at(a, 50, 150), unit_at(a, 150, 150))->rank, 4);
    assert_int_equal(a->led_around, 1);
    geo_city_free(&g);
}

/* Two communities: a street that ends at their line on one side gives the other side its vertex. */
static void test_weaving(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    (void)shape_box_row(g.communities, 300, 0, 600, 200);
    street(&g, 5, 100, 70.0005, 300, 70.0005);
    street(&g, 5, 100, 70.0005, 100, -10);
    const wg_atoms *a = build(&g);
    assert_int_equal(a->n_units, 2);
    size_t bytes;
    wg_shape shape = {0};
    const void *wkb = wg_layer_wkb(g.atoms[1]->units, 0, &bytes);
    assert_int_equal(wg_shape_read(NULL, wg_lattice_of(0.001), wkb, bytes, &shape), WG_OK);
    assert_int_equal(shape.n_points, 5);
    wg_shape_clear(&shape);
    wkb = wg_layer_wkb(wg_reference_layer(g.reference), 1, &bytes);
    assert_int_equal(wg_shape_read(NULL, wg_lattice_of(0.001), wkb, bytes, &shape), WG_OK);
    assert_int_equal(shape.n_points, 5);
    wg_shape_release(&shape);
    geo_city_free(&g);
}

/* Units of a checkerboard of four, dissolved: a pair of opposite corners is a multipolygon, the largest part first. */
static void test_dissolve(void **state) {
    (void)state;
    geo_city g;
    begin(&g);
    street(&g, 5, 100, -20, 100, 220);
    street(&g, 5, -20, 120, 320, 120);
    const wg_atoms *a = build(&g);
    uint32_t label[4];
    label[unit_at(a, 50, 50)] = label[unit_at(a, 200, 150)] = 0;
    label[unit_at(a, 200, 50)] = label[unit_at(a, 50, 150)] = 2;
    wg_layer *cells;
    assert_int_equal(wg_atoms_dissolve(ctx, a, label, 3, &cells), WG_OK);
    size_t bytes;
    const void *wkb = wg_layer_wkb(cells, 0, &bytes);
    assert_int_equal(wg_wkb_type(wkb, bytes), WG_WKB_MULTIPOLYGON);
    wg_shape shape = {0};
    assert_int_equal(wg_shape_read(NULL, wg_lattice_of(0.001), wkb, bytes, &shape), WG_OK);
    assert_true(wg_ring_twice_area(shape.point, shape.run[0].n) == (wg_int128)2 * 200000 * 80000);
    (void)wg_layer_wkb(cells, 1, &bytes);
    assert_int_equal(bytes, 0); /* a cell without units */
    label[0] = 3;
    wg_layer *refused = NULL;
    assert_int_equal(wg_atoms_dissolve(ctx, a, label, 3, &refused), WG_EINVAL);
    wg_clear_error(ctx);
    wg_shape_release(&shape);
    wg_layer_free(cells);
    geo_city_free(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crossing_streets),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_dual_carriageway),
        cmocka_unit_test(test_led_around),
        cmocka_unit_test(test_cluster),
        cmocka_unit_test(test_hard_line),
        cmocka_unit_test(test_bridges),
        cmocka_unit_test(test_river),
        cmocka_unit_test(test_compound),
        cmocka_unit_test(test_dedicated),
        cmocka_unit_test(test_tessellation),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_footpath_by_need),
        cmocka_unit_test(test_dead_end_path),
        cmocka_unit_test(test_torn),
        cmocka_unit_test(test_exclave),
        cmocka_unit_test(test_given_units),
        cmocka_unit_test(test_weaving),
        cmocka_unit_test(test_dissolve),
    };
    return cmocka_run_group_tests_name("geo atoms", tests, setup, teardown);
}
