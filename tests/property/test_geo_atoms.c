/* Thousands of random dirty cities: units tile the reference exactly, buildings stay whole, nothing depends on threads.
 */
#include <geos_c.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "geo_city.h"

static wg_context *ctx[2];
static GEOSContextHandle_t geos;
static GEOSWKBReader *reader;

static void silent(const char *message, void *user) {
    (void)message;
    (void)user;
}

static int setup(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        ctx[i] = wg_context_new();
        wg_context_set_threads(ctx[i], i + 1);
    }
    geos = GEOS_init_r();
    GEOSContext_setErrorMessageHandler_r(geos, silent, NULL);
    GEOSContext_setNoticeMessageHandler_r(geos, silent, NULL);
    reader = GEOSWKBReader_create_r(geos);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    GEOSWKBReader_destroy_r(geos, reader);
    GEOS_finish_r(geos);
    wg_context_free(ctx[0]);
    wg_context_free(ctx[1]);
    return 0;
}

static GEOSGeometry *read_row(const wg_layer *layer, size_t row) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    return GEOSWKBReader_read_r(geos, reader, wkb, bytes);
}

static void check_valid(const GEOSGeometry *geometry, const char *what, size_t number) {
    char *reason = GEOSisValidReason_r(geos, geometry);
    if (GEOSisValid_r(geos, geometry) != 1) {
        fail_msg("%s %zu: %s", what, number, reason);
    }
    GEOSFree_r(geos, reason);
}

/** Directed segments of polygons, as they are written. */
typedef struct step {
    double from[2], to[2];
} step;

typedef struct steps {
    step *item;
    size_t n, capacity;
} steps;

static void visit_steps(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    steps *list = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i + 1 < n; i++) {
        geo_must(WG_RESERVE(list->item, list->capacity, list->n + 1), "memory");
        wg_wkb_get(pairs, i, list->item[list->n].from);
        wg_wkb_get(pairs, i + 1, list->item[list->n++].to);
    }
}

static void add_steps(const wg_layer *layer, size_t row, steps *list) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    void *copy = malloc(bytes);
    memcpy(copy, wkb, bytes);
    assert_int_equal(wg_wkb_visit(copy, bytes, visit_steps, list), WG_OK);
    free(copy);
}

/** Order in which a step and its reverse stand together. */
static int compare_steps(const void *a, const void *b) {
    const step *x = a, *y = b;
    const bool turn_x = memcmp(x->from, x->to, sizeof x->from) > 0, turn_y = memcmp(y->from, y->to, sizeof y->from) > 0;
    const double *xs = turn_x ? x->to : x->from, *xe = turn_x ? x->from : x->to;
    const double *ys = turn_y ? y->to : y->from, *ye = turn_y ? y->from : y->to;
    int order = memcmp(xs, ys, sizeof x->from);
    order = order != 0 ? order : memcmp(xe, ye, sizeof x->from);
    return order != 0 ? order : turn_x - turn_y;
}

/** Take out pairs of a step and its reverse. Every step may occur once: a second one is an overlap. */
static void cancel(steps *list) {
    qsort(list->item, list->n, sizeof *list->item, compare_steps);
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (kept > 0) {
            const step *a = &list->item[kept - 1], *b = &list->item[i];
            assert_true(memcmp(a, b, sizeof *a) != 0);
            if (memcmp(a->from, b->to, sizeof a->from) == 0 && memcmp(a->to, b->from, sizeof a->to) == 0) {
                kept--;
                continue;
            }
        }
        list->item[kept++] = list->item[i];
    }
    list->n = kept;
}

static void measure_row(const wg_layer *layer, size_t row, double *area, double *length) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    wg_wkb_measure(wkb, bytes, area, length);
}

/** Units of one community: valid, and their steps cancel to the reference polygon's. */
static void check_tiling(const geo_city *g, size_t c) {
    const wg_atoms *atoms = g->atoms[c];
    const wg_layer *reference = wg_reference_layer(g->reference);
    steps units = {0}, outline = {0};
    double sum = 0, whole, length;
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        double area;
        GEOSGeometry *unit = read_row(atoms->units, u);
        assert_non_null(unit);
        check_valid(unit, "unit", u);
        measure_row(atoms->units, u, &area, &length);
        assert_true(area > 0);
        assert_true(fabs(area - atoms->area_m2[u]) <= 1e-6 * area + 1e-9);
        GEOSGeometry *point = GEOSGeom_createPointFromXY_r(geos, atoms->x[u], atoms->y[u]);
        assert_true(GEOSDistance_r(geos, unit, point, &length) == 1 && length < 2 * g->reference_options.grid_m);
        GEOSGeom_destroy_r(geos, point);
        GEOSGeom_destroy_r(geos, unit);
        sum += area;
        add_steps(atoms->units, u, &units);
    }
    measure_row(reference, c, &whole, &length);
    if (!(fabs(sum - whole) <= 1e-9 * whole)) {
        fail_msg("community %zu: units %.9f, reference %.9f", c, sum, whole);
    }
    add_steps(reference, c, &outline);
    cancel(&units);
    cancel(&outline);
    assert_int_equal(units.n, outline.n);
    assert_memory_equal(units.item, outline.item, units.n * sizeof *units.item);
    free(units.item);
    free(outline.item);
}

/** Reference polygons: valid, together without overlap. */
static void check_reference(const geo_city *g) {
    const wg_layer *reference = wg_reference_layer(g->reference);
    GEOSGeometry **part = malloc(reference->n * sizeof(GEOSGeometry *));
    double sum = 0, joined;
    steps all = {0};
    for (size_t c = 0; c < reference->n; c++) {
        double area;
        part[c] = read_row(reference, c);
        check_valid(part[c], "reference", c);
        assert_int_equal(GEOSArea_r(geos, part[c], &area), 1);
        sum += area;
        add_steps(reference, c, &all);
    }
    cancel(&all);
    GEOSGeometry *collection = GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, part, (unsigned)reference->n);
    GEOSGeometry *whole = GEOSUnaryUnion_r(geos, collection);
    assert_non_null(whole);
    assert_int_equal(GEOSArea_r(geos, whole, &joined), 1);
    if (!(fabs(joined - sum) <= 1e-9 * sum)) {
        fail_msg("communities %.9f, their union %.9f", sum, joined);
    }
    GEOSGeom_destroy_r(geos, whole);
    GEOSGeom_destroy_r(geos, collection);
    free(part);
    free(all.item);
}

/** Every building inside one community is in one unit, whole but for the depth that touching footprints may overlap. */
static void check_buildings(const geo_city *g, size_t c) {
    const wg_atoms *atoms = g->atoms[c];
    for (size_t i = 0; i < atoms->n_buildings; i++) {
        const size_t row = g->placement.order[g->placement.first[c] + i];
        const uint32_t u = atoms->building_unit[i];
        assert_true(u < atoms->n_units);
        GEOSGeometry *building = read_row(g->buildings, row), *unit = read_row(atoms->units, u);
        const int parts = GEOSGetNumGeometries_r(geos, building);
        if (g->placement.placed[row] == WG_PLACED_INSIDE && parts == 1 && GEOSisValid_r(geos, building) == 1) {
            const double slack = 0.025 + 2.5 * g->reference_options.grid_m;
            GEOSGeometry *grown = GEOSBuffer_r(geos, unit, slack, 4);
            if (GEOSCovers_r(geos, grown, building) != 1) {
                /* What lies across a community line (less than 0.01 m2, else it is not "inside") cannot be in the unit.
                 */
                GEOSGeometry *rest = GEOSDifference_r(geos, building, grown);
                GEOSGeometry *reference = read_row(wg_reference_layer(g->reference), c);
                GEOSGeometry *cut = GEOSIntersection_r(geos, rest, reference);
                double area = 0;
                GEOSArea_r(geos, cut, &area);
                if (area > 0) {
                    fail_msg("community %zu, building %zu is cut: %g m2 outside its unit", c, row, area);
                }
                GEOSGeom_destroy_r(geos, rest);
                GEOSGeom_destroy_r(geos, reference);
                GEOSGeom_destroy_r(geos, cut);
            }
            GEOSGeom_destroy_r(geos, grown);
        }
        GEOSGeom_destroy_r(geos, building);
        GEOSGeom_destroy_r(geos, unit);
    }
}

/** Edges: sorted pairs, once each; the line is as long as said and lies on both units. */
static void check_edges(const geo_city *g, size_t c) {
    const wg_atoms *atoms = g->atoms[c];
    double *around = calloc(atoms->n_units, sizeof *around);
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        const wg_edge *edge = &atoms->edges[e];
        double area, length;
        assert_true(edge->u < edge->v && edge->v < atoms->n_units && edge->length > 0);
        assert_true(e == 0 || edge[-1].u < edge->u || (edge[-1].u == edge->u && edge[-1].v < edge->v));
        measure_row(atoms->edge_lines, e, &area, &length);
        assert_true(fabs(length - edge->length) <= 1e-6 * length + 1e-9);
        assert_true(atoms->edge_street_m[e] <= edge->length + 1e-9);
        around[edge->u] += length;
        around[edge->v] += length;
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        double area, length;
        measure_row(atoms->units, u, &area, &length);
        assert_true(fabs(around[u] + atoms->outer_m[u] - length) <= 1e-6 * length);
    }
    free(around);
}

/** Random cells, dissolved: valid, as large as their units. */
static void check_dissolve(geo_city *g, size_t c) {
    const wg_atoms *atoms = g->atoms[c];
    const uint32_t n_cells = 1 + wg_random_below(&g->random, 5);
    uint32_t *label = malloc(atoms->n_units * sizeof *label);
    double *area = calloc(n_cells, sizeof *area);
    wg_layer *cells = NULL;
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        label[u] = wg_random_below(&g->random, n_cells);
        area[label[u]] += atoms->area_m2[u];
    }
    assert_int_equal(wg_atoms_dissolve(ctx[0], atoms, label, n_cells, &cells), WG_OK);
    assert_int_equal(cells->n, n_cells);
    for (uint32_t k = 0; k < n_cells; k++) {
        if (!(area[k] > 0)) {
            continue;
        }
        double own;
        GEOSGeometry *cell = read_row(cells, k);
        check_valid(cell, "cell", k);
        assert_int_equal(GEOSArea_r(geos, cell, &own), 1);
        assert_true(fabs(own - area[k]) <= 1e-9 * area[k] + 1e-9);
        GEOSGeom_destroy_r(geos, cell);
    }
    wg_layer_free(cells);
    free(label);
    free(area);
}

static uint64_t hash_city(const geo_city *g) {
    uint64_t hash = WG_HASH_START;
    for (size_t c = 0; c < g->communities->n; c++) {
        const wg_atoms *a = g->atoms[c];
        hash = wg_hash_bytes(hash, a->units->wkb, a->units->wkb_length);
        hash = wg_hash_bytes(hash, a->edge_lines->wkb, a->edge_lines->wkb_length);
        hash = wg_hash_bytes(hash, a->kind, a->n_units);
        hash = wg_hash_bytes(hash, a->building_unit, a->n_buildings * sizeof *a->building_unit);
        for (size_t i = 0; i < a->exceptions.n; i++) {
            hash = wg_hash_bytes(hash, a->exceptions.items[i].detail, strlen(a->exceptions.items[i].detail));
        }
    }
    const wg_layer *reference = wg_reference_layer(g->reference);
    return wg_hash_bytes(hash, reference->wkb, reference->wkb_length);
}

static uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void test_dirty_cities(void **state) {
    (void)state;
    const uint64_t first = number_from("WG_GEO_SEED", 1), n = number_from("WG_GEO_CITIES", 150);
    for (uint64_t seed = first; seed < first + n; seed++) {
        geo_city g;
        geo_city_make(&g, seed);
        if (getenv("WG_GEO_VERBOSE") != NULL) {
            print_message("city %llu\n", (unsigned long long)seed);
        }
        const wg_status status = geo_city_build(ctx[0], &g);
        if (status != WG_OK) {
            fail_msg("city %llu: %s", (unsigned long long)seed, wg_context_error(ctx[0]));
        }
        check_reference(&g);
        for (size_t c = 0; c < g.communities->n; c++) {
            check_tiling(&g, c);
            check_buildings(&g, c);
            check_edges(&g, c);
            check_dissolve(&g, c);
        }
        const uint64_t hash = hash_city(&g);
        geo_city_clear(&g);
        assert_int_equal(geo_city_build(ctx[1], &g), WG_OK);
        assert_true(hash == hash_city(&g));
        geo_city_free(&g);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dirty_cities)};
    return cmocka_run_group_tests_name("geo atoms", tests, setup, teardown);
}
