/* Random coverages, whole and damaged: the overlay says the same as GEOS alone, and the same on one and two threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/random.h"
#include "geo/overlay.h"
#include "shapes.h"
#include "soundness.h"

enum { SIDE = 7, LABELS = 9 };

/** A lattice of squares with moved corners, each square with a label: neighbours share corners exactly. */
typedef struct town {
    double corner[SIDE + 1][SIDE + 1][2];
    uint32_t label[SIDE][SIDE];
} town;

static wg_context *ctx[2];

static int setup(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        ctx[i] = wg_context_new();
        if (ctx[i] == NULL) {
            return 1;
        }
        wg_context_set_threads(ctx[i], i + 1);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx[0]);
    wg_context_free(ctx[1]);
    return 0;
}

static void make_town(town *t, wg_random *random) {
    for (int y = 0; y <= SIDE; y++) {
        for (int x = 0; x <= SIDE; x++) {
            const bool rim = x == 0 || y == 0 || x == SIDE || y == SIDE;
            const double jitter = rim ? 0 : 6;
            t->corner[y][x][0] = 500000 + round(1000 * (20 * x + jitter * (wg_random_unit(random) - 0.5))) / 1000;
            t->corner[y][x][1] = 4000000 + round(1000 * (20 * y + jitter * (wg_random_unit(random) - 0.5))) / 1000;
        }
    }
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            const uint32_t fresh = wg_random_below(random, LABELS);
            const uint32_t west = x > 0 ? t->label[y][x - 1] : fresh;
            const uint32_t south = y > 0 ? t->label[y - 1][x] : fresh;
            const uint32_t pick = wg_random_below(random, 5);
            t->label[y][x] = pick < 2 ? west : pick < 4 ? south : fresh;
        }
    }
}

static GEOSGeometry *square_of(GEOSContextHandle_t geos, const town *t, int x, int y) {
    wg_buffer wkb = {0};
    const int at[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    double xy[10];
    const uint32_t count = 5;
    for (int i = 0; i < 5; i++) {
        memcpy(xy + 2 * (size_t)i, t->corner[y + at[i][1]][x + at[i][0]], 2 * sizeof(double));
    }
    shape_polygon(&wkb, xy, &count, 1);
    GEOSGeometry *square = GEOSGeomFromWKB_buf_r(geos, (const unsigned char *)wkb.data, wkb.length);
    wg_buffer_release(&wkb);
    return square;
}

/** One row a label that occurs (all squares where `label` is LABELS). */
static void add_label(GEOSContextHandle_t geos, const town *t, uint32_t label, wg_layer *layer) {
    GEOSGeometry *parts[SIDE * SIDE];
    unsigned int n = 0;
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            if (label == LABELS || t->label[y][x] == label) {
                parts[n++] = square_of(geos, t, x, y);
            }
        }
    }
    if (n == 0) {
        return;
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, parts, n);
    GEOSGeometry *united = GEOSUnaryUnion_r(geos, all);
    size_t bytes = 0;
    unsigned char *wkb = GEOSGeomToWKB_buf_r(geos, united, &bytes);
    assert_int_equal(WG_OK, wg_layer_add_row(NULL, layer, wkb, bytes, NULL));
    GEOSFree_r(geos, wkb);
    GEOSGeom_destroy_r(geos, united);
    GEOSGeom_destroy_r(geos, all);
}

static void make_layers(const town *t, wg_layer **cells, wg_layer **reference) {
    GEOSContextHandle_t geos = GEOS_init_r();
    assert_int_equal(WG_OK, wg_layer_new(NULL, "cells", NULL, cells));
    assert_int_equal(WG_OK, wg_layer_new(NULL, "communities", NULL, reference));
    for (uint32_t label = 0; label < LABELS; label++) {
        add_label(geos, t, label, *cells);
    }
    add_label(geos, t, LABELS, *reference);
    GEOS_finish_r(geos);
}

/** Which vertex of a row to move, and by how much. */
typedef struct nudge {
    uint32_t vertex, seen;
    double from[2], by[2];
    bool found;
} nudge;

static void find_vertex(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    nudge *own = user;
    (void)type;
    (void)part;
    (void)ring;
    if (!own->found && own->vertex < own->seen + n) {
        wg_wkb_get(pairs, own->vertex - own->seen, own->from);
        own->found = true;
    }
    own->seen += n;
}

static void move_vertex(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    const nudge *own = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        if (xy[0] == own->from[0] && xy[1] == own->from[1]) {
            const double moved[2] = {xy[0] + own->by[0], xy[1] + own->by[1]};
            wg_wkb_set(pairs, i, moved);
        }
    }
}

/** A damaged copy: a row dropped, doubled, or with one corner moved by up to 4 m (then lines no longer meet). */
static wg_layer *damage(const wg_layer *cells, wg_random *random) {
    wg_layer *copy = NULL;
    const uint32_t kind = wg_random_below(random, 3);
    const size_t victim = wg_random_below(random, (uint32_t)wg_layer_rows(cells));
    assert_int_equal(WG_OK, wg_layer_new(NULL, "cells", NULL, &copy));
    for (size_t row = 0; row < wg_layer_rows(cells); row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(cells, row, &bytes);
        uint8_t *own = malloc(bytes);
        memcpy(own, wkb, bytes);
        if (row == victim && kind == 2) {
            nudge move = {.vertex = wg_random_below(random, 8),
                          .by = {8 * wg_random_unit(random) - 4, 8 * wg_random_unit(random) - 4}};
            assert_int_equal(WG_OK, wg_wkb_visit(own, bytes, find_vertex, &move));
            assert_int_equal(WG_OK, wg_wkb_visit(own, bytes, move_vertex, &move));
        }
        if (row != victim || kind != 0) {
            assert_int_equal(WG_OK, wg_layer_add_row(NULL, copy, own, bytes, NULL));
        }
        if (row == victim && kind == 1) {
            assert_int_equal(WG_OK, wg_layer_add_row(NULL, copy, own, bytes, NULL));
        }
        free(own);
    }
    return copy;
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-6 + 1e-9 * fabs(b);
}

static double sum_of_pairs(const wg_overlay *overlay) {
    double sum = 0;
    for (size_t i = 0; i < overlay->n_faces; i++) {
        sum += overlay->faces[i].kind == WG_FACE_OVERLAP ? overlay->faces[i].area_m2 : 0;
    }
    return sum;
}

static void expect_same(const wg_overlay *a, const wg_overlay *b) {
    assert_int_equal(a->n_faces, b->n_faces);
    assert_int_equal(a->exact, b->exact);
    assert_int_equal(a->unpaired, b->unpaired);
    for (size_t i = 0; i < a->n_faces; i++) {
        size_t bytes_a, bytes_b;
        const void *wkb_a = wg_layer_wkb(a->shapes, i, &bytes_a);
        const void *wkb_b = wg_layer_wkb(b->shapes, i, &bytes_b);
        assert_int_equal(a->faces[i].kind, b->faces[i].kind);
        assert_int_equal(a->faces[i].cell, b->faces[i].cell);
        assert_int_equal(a->faces[i].other, b->faces[i].other);
        assert_int_equal(bytes_a, bytes_b);
        assert_memory_equal(wkb_a, wkb_b, bytes_a);
    }
}

/** Compare with GEOS alone; invalid cells (a corner moved too far) are left to the unit tests. */
static void expect_agrees(const wg_layer *cells, const wg_layer *reference, bool whole) {
    const soundness truth = soundness_of(cells, reference);
    wg_overlay *overlay[2] = {NULL, NULL};
    if (truth.invalid > 0) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (wg_overlay_build(ctx[i], cells, reference, 0, &overlay[i]) != WG_OK) {
            fail_msg("%s", wg_context_error(ctx[i]));
        }
    }
    const bool agrees = near(overlay[0]->gap_m2, truth.gap_m2) && near(overlay[0]->outside_m2, truth.outside_m2) &&
                        near(sum_of_pairs(overlay[0]), truth.overlap_m2);
    if (!agrees) {
        fail_msg("gap %.9f, GEOS %.9f; outside %.9f, %.9f; overlap %.9f, %.9f", overlay[0]->gap_m2, truth.gap_m2,
                 overlay[0]->outside_m2, truth.outside_m2, sum_of_pairs(overlay[0]), truth.overlap_m2);
    }
    if (whole) {
        assert_true(overlay[0]->exact);
        assert_true(soundness_holds(&truth));
    }
    if (overlay[0]->exact) {
        assert_true(soundness_holds(&truth));
    }
    expect_same(overlay[0], overlay[1]);
    wg_overlay_free(overlay[0]);
    wg_overlay_free(overlay[1]);
}

static void overlays_agree_with_geos(void **state) {
    (void)state;
    const char *wanted = getenv("WANGGE_OVERLAY_ROUNDS");
    const int rounds = wanted != NULL ? atoi(wanted) : 60;
    wg_random random;
    wg_random_seed(&random, 1, "overlay");
    for (int round = 0; round < rounds; round++) {
        town t;
        wg_layer *cells, *reference;
        make_town(&t, &random);
        make_layers(&t, &cells, &reference);
        expect_agrees(cells, reference, true);
        wg_layer *once = damage(cells, &random);
        expect_agrees(once, reference, false);
        wg_layer *twice = damage(once, &random);
        expect_agrees(twice, reference, false);
        wg_layer_free(cells);
        wg_layer_free(reference);
        wg_layer_free(once);
        wg_layer_free(twice);
    }
}

static void pairs_agree_with_geos(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 2, "pairs");
    GEOSContextHandle_t geos = GEOS_init_r();
    for (int round = 0; round < 25; round++) {
        town a_town, b_town;
        wg_layer *a, *b, *all_a, *all_b;
        size_t n_a, n_b, next = 0;
        make_town(&a_town, &random);
        make_town(&b_town, &random);
        make_layers(&a_town, &a, &all_a);
        make_layers(&b_town, &b, &all_b);
        wg_overlay_pairs_result result;
        assert_int_equal(WG_OK, wg_overlay_pairs(ctx[1], a, b, 1e-6, false, &result));
        GEOSGeometry **rows_a = soundness_rows(geos, a, &n_a);
        GEOSGeometry **rows_b = soundness_rows(geos, b, &n_b);
        for (size_t i = 0; i < n_a; i++) {
            for (size_t k = 0; k < n_b; k++) {
                const double area = soundness_area_of(geos, GEOSIntersection_r(geos, rows_a[i], rows_b[k]));
                if (area > 1e-6) {
                    assert_true(next < result.n);
                    assert_int_equal(i, result.pairs[next].a);
                    assert_int_equal(k, result.pairs[next].b);
                    assert_true(near(result.pairs[next].area_m2, area));
                    next++;
                }
            }
        }
        assert_int_equal(next, result.n);
        for (size_t i = 0; i < n_a; i++) {
            GEOSGeom_destroy_r(geos, rows_a[i]);
        }
        for (size_t k = 0; k < n_b; k++) {
            GEOSGeom_destroy_r(geos, rows_b[k]);
        }
        free(rows_a);
        free(rows_b);
        wg_overlay_pairs_release(&result);
        wg_layer *const layers[] = {a, b, all_a, all_b};
        for (size_t i = 0; i < 4; i++) {
            wg_layer_free(layers[i]);
        }
    }
    GEOS_finish_r(geos);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlays_agree_with_geos),
        cmocka_unit_test(pairs_agree_with_geos),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
