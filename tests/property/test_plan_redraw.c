/*
 * Random small cities, cells drawn over them by an unsteady hand, random redraws. Whatever is asked for: the new plan
 * is sound (judged by GEOS alone), locked cells keep their buildings, no household is lost, codes are used once, and a
 * plan that meets its limits comes back byte for byte.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/random.h"
#include "files.h"
#include "model/layer.h"
#include "model/wkb.h"
#include "soundness.h"
#include "store/store.h"

#define CRS "EPSG:32649"
enum { WIDE = 8, HIGH = 6, NODES = (WIDE + 1) * (HIGH + 1), BLOCK_M = 90 };

typedef struct town {
    wg_layer *communities, *buildings, *roads;
    double node[NODES][2];
} town;

static const double *node_at(const town *t, int i, int j) {
    return t->node[j * (WIDE + 1) + i];
}

static void make_nodes(town *t, wg_random *random) {
    for (int j = 0; j <= HIGH; j++) {
        for (int i = 0; i <= WIDE; i++) {
            double *at = t->node[j * (WIDE + 1) + i];
            at[0] = 500000 + BLOCK_M * i + 16 * (wg_random_unit(random) - 0.5);
            at[1] = 2500000 + BLOCK_M * j + 16 * (wg_random_unit(random) - 0.5);
        }
    }
}

static size_t add_text_row(wg_context *ctx, wg_layer *layer, wg_buffer *wkb, const char *first) {
    size_t row = 0;
    assert_int_equal(WG_OK, wg_layer_add_row(ctx, layer, wkb->data, wkb->length, &row));
    assert_int_equal(WG_OK, wg_layer_set_text(ctx, layer, row, 0, first));
    wg_buffer_clear(wkb);
    return row;
}

/** Two communities: left and right of the grid line in the middle. */
static void make_communities(wg_context *ctx, town *t) {
    wg_buffer wkb = {0};
    assert_int_equal(WG_OK, wg_layer_new(ctx, "communities", CRS, &t->communities));
    assert_int_equal(WG_OK, wg_layer_add_column(ctx, t->communities, "code", WG_TEXT, NULL));
    for (int side = 0; side < 2; side++) {
        const int left = side == 0 ? 0 : WIDE / 2, right = side == 0 ? WIDE / 2 : WIDE;
        double ring[4 * (WIDE + HIGH)][2];
        uint32_t n = 0;
        for (int i = left; i < right; i++) {
            memcpy(ring[n++], node_at(t, i, 0), sizeof ring[0]);
        }
        for (int j = 0; j < HIGH; j++) {
            memcpy(ring[n++], node_at(t, right, j), sizeof ring[0]);
        }
        for (int i = right; i > left; i--) {
            memcpy(ring[n++], node_at(t, i, HIGH), sizeof ring[0]);
        }
        for (int j = HIGH; j >= 0; j--) {
            memcpy(ring[n++], node_at(t, left, j), sizeof ring[0]);
        }
        wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
        wg_wkb_put_u32(&wkb, n);
        wg_wkb_put_pairs(&wkb, ring[0], n);
        (void)add_text_row(ctx, t->communities, &wkb, side == 0 ? "440106001001" : "440106001002");
    }
    wg_buffer_release(&wkb);
}

/** Most of the grid's inner lines; some are left out, so that blocks differ. */
static void make_roads(wg_context *ctx, town *t, wg_random *random) {
    wg_buffer wkb = {0};
    assert_int_equal(WG_OK, wg_layer_new(ctx, "roads", CRS, &t->roads));
    assert_int_equal(WG_OK, wg_layer_add_column(ctx, t->roads, "class", WG_TEXT, NULL));
    for (int j = 0; j <= HIGH; j++) {
        for (int i = 0; i <= WIDE; i++) {
            for (int up = 0; up < 2; up++) {
                if ((up == 0 ? i == WIDE : j == HIGH) || wg_random_below(random, 8) == 0) {
                    continue;
                }
                wg_wkb_put_header(&wkb, WG_WKB_LINESTRING, 2);
                wg_wkb_put_pairs(&wkb, node_at(t, i, j), 1);
                wg_wkb_put_pairs(&wkb, node_at(t, i + (up == 0), j + (up == 1)), 1);
                (void)add_text_row(ctx, t->roads, &wkb, "residential");
            }
        }
    }
    wg_buffer_release(&wkb);
}

static void make_buildings(wg_context *ctx, town *t, wg_random *random) {
    wg_buffer wkb = {0};
    char id[16];
    assert_int_equal(WG_OK, wg_layer_new(ctx, "buildings", CRS, &t->buildings));
    assert_int_equal(WG_OK, wg_layer_add_column(ctx, t->buildings, "id", WG_TEXT, NULL));
    assert_int_equal(WG_OK, wg_layer_add_column(ctx, t->buildings, "households", WG_INTEGER, NULL));
    for (int block = 0; block < WIDE * HIGH; block++) {
        for (int place = 0; place < 4; place++) {
            if (wg_random_below(random, 6) == 0) {
                continue;
            }
            const double x = 500000 + BLOCK_M * (block % WIDE) + 18 + 34 * (place % 2) + 4 * wg_random_unit(random);
            const double y = 2500000 + BLOCK_M * (block / WIDE) + 18 + 34 * (place / 2) + 4 * wg_random_unit(random);
            const double w = 10 + 8 * wg_random_unit(random), h = 10 + 8 * wg_random_unit(random);
            const double ring[5][2] = {{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}};
            wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
            wg_wkb_put_u32(&wkb, 5);
            wg_wkb_put_pairs(&wkb, ring[0], 5);
            (void)snprintf(id, sizeof id, "b%d-%d", block, place);
            const size_t row = add_text_row(ctx, t->buildings, &wkb, id);
            assert_int_equal(WG_OK, wg_layer_set_integer(ctx, t->buildings, row, 1, 2 + wg_random_below(random, 24)));
        }
    }
    wg_buffer_release(&wkb);
}

static void town_make(wg_context *ctx, town *t, wg_random *random) {
    make_nodes(t, random);
    make_communities(ctx, t);
    make_roads(ctx, t, random);
    make_buildings(ctx, t, random);
}

static void town_release(town *t) {
    wg_layer_free(t->communities);
    wg_layer_free(t->buildings);
    wg_layer_free(t->roads);
}

/* ---- plans ---- */

typedef struct plan {
    wg_layer *cells, *communities, *buildings, *retired, *crosswalk, *exceptions;
} plan;

static plan plan_read(wg_context *ctx, const char *path) {
    plan p = {0};
    wg_store *store = NULL;
    assert_int_equal(WG_OK, wg_store_open(ctx, path, WG_STORE_READ, &store));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "cells", &p.cells));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "communities", &p.communities));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "buildings", &p.buildings));
    assert_int_equal(WG_OK, wg_store_get(ctx, store, "exceptions", &p.exceptions));
    assert_int_equal(WG_OK, wg_store_get_or_empty(ctx, store, "retired", &p.retired));
    (void)wg_store_get(ctx, store, "crosswalk", &p.crosswalk);
    wg_store_free(store);
    return p;
}

static void plan_release(plan *p) {
    wg_layer_free(p->cells);
    wg_layer_free(p->communities);
    wg_layer_free(p->buildings);
    wg_layer_free(p->retired);
    wg_layer_free(p->crosswalk);
    wg_layer_free(p->exceptions);
}

static const char *text_at(const wg_layer *layer, size_t row, const char *column) {
    const char *text = wg_layer_text(layer, row, wg_layer_column(layer, column));
    return text == NULL ? "" : text;
}

static double real_at(const wg_layer *layer, size_t row, const char *column) {
    const double value = wg_layer_real(layer, row, wg_layer_column(layer, column));
    return isnan(value) ? 0 : value;
}

static double sum_of(const wg_layer *layer, const char *column) {
    double sum = 0;
    for (size_t row = 0; row < layer->n; row++) {
        sum += real_at(layer, row, column);
    }
    return sum;
}

static size_t count_of(const wg_layer *layer, const char *column, const char *text) {
    size_t n = 0;
    for (size_t row = 0; row < layer->n; row++) {
        n += strcmp(text_at(layer, row, column), text) == 0;
    }
    return n;
}

static wg_partition_options options_of(const town *t, const wg_input *roads, const wg_limit *limit,
                                       const char *output) {
    wg_partition_options options = WG_PARTITION_OPTIONS_INIT;
    options.communities.layer = t->communities;
    options.buildings.layer = t->buildings;
    options.barriers = roads;
    options.n_barriers = 1;
    options.limits = limit;
    options.n_limits = 1;
    options.crs = CRS;
    options.overwrite = true;
    options.output = output;
    return options;
}

static void run(wg_context *ctx, wg_status (*job)(wg_context *, const wg_partition_options *, wg_result **),
                const wg_partition_options *options) {
    wg_result *result = NULL;
    if (job(ctx, options, &result) != WG_OK) {
        fail_msg("%s", wg_context_error(ctx));
    }
    wg_result_free(result);
}

/** Every cell again, each by itself, with a hand that is up to `off` metres unsteady and leaves out corners. */
static wg_layer *drawn_by_hand(wg_context *ctx, const wg_layer *cells, double off, wg_random *random) {
    wg_layer *drawn = NULL;
    wg_buffer wkb = {0};
    assert_int_equal(WG_OK, wg_layer_new(ctx, "drawn", CRS, &drawn));
    assert_int_equal(WG_OK, wg_layer_add_column(ctx, drawn, "code", WG_TEXT, NULL));
    for (size_t row = 0; row < cells->n; row++) {
        size_t bytes = 0;
        const uint8_t *from = wg_layer_wkb(cells, row, &bytes);
        assert_int_equal(WG_WKB_POLYGON, wg_wkb_type(from, bytes)); /* these towns have no exclaves */
        uint32_t n, kept = 0;
        memcpy(&n, from + 9, 4);
        double(*ring)[2] = calloc(n, sizeof *ring);
        for (uint32_t i = 0; i + 1 < n; i++) {
            if (n - i > 5 && wg_random_below(random, 12) == 0) {
                continue;
            }
            wg_wkb_get(from + 13, i, ring[kept]);
            ring[kept][0] += off * (2 * wg_random_unit(random) - 1);
            ring[kept++][1] += off * (2 * wg_random_unit(random) - 1);
        }
        memcpy(ring[kept++], ring[0], sizeof ring[0]);
        wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
        wg_wkb_put_u32(&wkb, kept);
        wg_wkb_put_pairs(&wkb, ring[0], kept);
        (void)add_text_row(ctx, drawn, &wkb, text_at(cells, row, "code"));
        free(ring);
    }
    wg_buffer_release(&wkb);
    return drawn;
}

/* ---- what must hold ---- */

static void assert_sound(const plan *p) {
    const soundness found = soundness_of(p->cells, p->communities);
    assert_true(soundness_holds(&found));
}

static void assert_totals(const plan *p, const town *t) {
    const double all = sum_of(t->buildings, "households");
    assert_true(fabs(sum_of(p->cells, "households") - all) < 1e-6);
    assert_true(fabs(sum_of(p->buildings, "households") - all) < 1e-6);
    for (size_t row = 0; row < p->cells->n; row++) {
        double sum = 0;
        for (size_t b = 0; b < p->buildings->n; b++) {
            sum += strcmp(text_at(p->buildings, b, "cell"), text_at(p->cells, row, "code")) == 0
                       ? real_at(p->buildings, b, "households")
                       : 0;
        }
        assert_true(fabs(sum - real_at(p->cells, row, "households")) < 1e-6);
    }
}

/** Each code once; what is retired is not in use; every old code is kept or retired. */
static void assert_codes(const plan *p, const wg_layer *old) {
    for (size_t row = 0; row < p->cells->n; row++) {
        const char *code = text_at(p->cells, row, "code");
        assert_int_equal(1, count_of(p->cells, "code", code));
        assert_int_equal(0, count_of(p->retired, "code", code));
    }
    for (size_t row = 0; row < old->n; row++) {
        const char *code = text_at(old, row, "code");
        assert_int_equal(1, count_of(p->cells, "code", code) + count_of(p->retired, "code", code));
    }
}

/** The buildings of a locked cell are those that it had: of `before`, by code. */
static void assert_locked(const plan *before, const plan *after, const char *code) {
    for (size_t row = 0; row < before->buildings->n; row++) {
        assert_string_equal(text_at(before->buildings, row, "id"), text_at(after->buildings, row, "id"));
        const bool was = strcmp(text_at(before->buildings, row, "cell"), code) == 0;
        const bool is = strcmp(text_at(after->buildings, row, "cell"), code) == 0;
        if (was != is) {
            fail_msg("building %s: lock of %s is broken", text_at(after->buildings, row, "id"), code);
        }
    }
}

/** How far a place is inside a ring of WKB, metres; negative: outside. */
static double depth_in(const uint8_t *wkb, const double at[2]) {
    uint32_t n;
    memcpy(&n, wkb + 9, 4);
    bool inside = false;
    double nearest = INFINITY;
    for (uint32_t i = 0; i + 1 < n; i++) {
        double a[2], b[2];
        wg_wkb_get(wkb + 13, i, a);
        wg_wkb_get(wkb + 13, i + 1, b);
        const double dx = b[0] - a[0], dy = b[1] - a[1];
        const double along = ((at[0] - a[0]) * dx + (at[1] - a[1]) * dy) / fmax(dx * dx + dy * dy, 1e-9);
        const double t = fmin(1, fmax(0, along));
        nearest = fmin(nearest, hypot(at[0] - a[0] - t * dx, at[1] - a[1] - t * dy));
        if ((a[1] > at[1]) != (b[1] > at[1]) && at[0] < a[0] + (at[1] - a[1]) / dy * dx) {
            inside = !inside;
        }
    }
    return inside ? nearest : -nearest;
}

/**
 * The buildings of a locked cell are those that it was drawn around. A hand that leaves out a corner draws past houses,
 * and two cells over each other: only who is clear of every line is asked, and who is in one drawn cell alone.
 */
static void assert_locked_as_drawn(const wg_layer *drawn, const plan *after, const char *code) {
    for (size_t row = 0; row < after->buildings->n; row++) {
        double box[4], clear = INFINITY;
        size_t bytes = 0, cells = 0;
        bool own = false;
        const uint8_t *wkb = wg_layer_wkb(after->buildings, row, &bytes);
        assert_true(wg_wkb_bounds(wkb, bytes, box));
        const double centre[2] = {(box[0] + box[2]) / 2, (box[1] + box[3]) / 2};
        for (size_t c = 0; c < drawn->n; c++) {
            const double depth = depth_in(wg_layer_wkb(drawn, c, &bytes), centre);
            clear = fmin(clear, fabs(depth));
            cells += depth > 0;
            own = own || (depth > 0 && strcmp(text_at(drawn, c, "code"), code) == 0);
        }
        const bool is = strcmp(text_at(after->buildings, row, "cell"), code) == 0;
        if (cells == 1 && clear > hypot(box[2] - box[0], box[3] - box[1]) / 2 + 5 && own != is) {
            fail_msg("building %s: lock of %s is broken", text_at(after->buildings, row, "id"), code);
        }
    }
}

/** What the crosswalk says that each new cell received is what it has. */
static void assert_crosswalk(const plan *p) {
    assert_non_null(p->crosswalk);
    for (size_t row = 0; row < p->cells->n; row++) {
        double sum = 0;
        for (size_t x = 0; x < p->crosswalk->n; x++) {
            sum += strcmp(text_at(p->crosswalk, x, "new"), text_at(p->cells, row, "code")) == 0
                       ? real_at(p->crosswalk, x, "households")
                       : 0;
        }
        assert_true(fabs(sum - real_at(p->cells, row, "households")) < 1e-6);
    }
}

static void assert_same_cells(const plan *a, const plan *b) {
    assert_int_equal(a->cells->n, b->cells->n);
    for (size_t row = 0; row < a->cells->n; row++) {
        size_t bytes_a = 0, bytes_b = 0;
        const void *wkb_a = wg_layer_wkb(a->cells, row, &bytes_a), *wkb_b = wg_layer_wkb(b->cells, row, &bytes_b);
        assert_string_equal(text_at(a->cells, row, "code"), text_at(b->cells, row, "code"));
        assert_string_equal(text_at(a->cells, row, "name"), text_at(b->cells, row, "name"));
        assert_int_equal(bytes_a, bytes_b);
        assert_memory_equal(wkb_a, wkb_b, bytes_a);
    }
}

/* ---- rounds ---- */

static size_t out_of_limits(const plan *p) {
    return p->cells->n - count_of(p->cells, "status", "ok");
}

static void redraw_again(scratch *s, const town *t, const plan *first, const char *old, const wg_limit *limit,
                         const wg_input *roads) {
    const wg_input cells = {.source = old};
    wg_partition_options options = options_of(t, roads, limit, scratch_path(s, "again.sqlite"));
    options.cells = &cells;
    options.n_cells = 1;
    options.stability = 1;
    run(s->ctx, wg_redraw, &options);
    plan again = plan_read(s->ctx, options.output);
    assert_sound(&again);
    if (out_of_limits(first) == 0) {
        assert_same_cells(first, &again);
        assert_int_equal(0, again.retired->n);
    }
    plan_release(&again);
}

/** Land that is in one polygon and not in the other. */
static double difference_of(const wg_layer *a, size_t row_a, const wg_layer *b, size_t row_b, double *outline) {
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry *one = soundness_read(geos, a, row_a), *other = soundness_read(geos, b, row_b);
    (void)GEOSLength_r(geos, one, outline);
    const double area = soundness_area_of(geos, GEOSSymDifference_r(geos, one, other));
    GEOSGeom_destroy_r(geos, one);
    GEOSGeom_destroy_r(geos, other);
    GEOS_finish_r(geos);
    return area;
}

/** The same cells as a layer of any other program: members stay, and lines too, where no repair is listed. */
static void redraw_plain(scratch *s, const town *t, const plan *first, const wg_limit *limit, const wg_input *roads) {
    const wg_input cells = {.layer = first->cells};
    wg_partition_options options = options_of(t, roads, limit, scratch_path(s, "plain.sqlite"));
    options.cells = &cells;
    options.n_cells = 1;
    options.stability = 1;
    run(s->ctx, wg_redraw, &options);
    plan now = plan_read(s->ctx, options.output);
    assert_sound(&now);
    for (size_t row = 0; out_of_limits(first) == 0 && row < first->cells->n; row++) {
        double outline = 0;
        const char *code = text_at(first->cells, row, "code");
        assert_locked(first, &now, code);
        for (size_t again = 0; again < now.cells->n; again++) {
            if (strcmp(text_at(now.cells, again, "code"), code) == 0) {
                const double off = difference_of(first->cells, row, now.cells, again, &outline);
                assert_true(off <= 0.001 * outline || count_of(now.exceptions, "feature", code) > 0);
            }
        }
    }
    plan_release(&now);
}

/** Cells drawn by hand, new households, random locks and stability. */
static void redraw_by_hand(scratch *s, town *t, const plan *first, const wg_limit *limit, const wg_input *roads,
                           wg_random *random) {
    wg_layer *drawn = drawn_by_hand(s->ctx, first->cells, 2.5, random);
    for (size_t row = 0; row < t->buildings->n; row++) { /* ten years later */
        if (wg_random_below(random, 4) == 0) {
            assert_int_equal(WG_OK, wg_layer_set_integer(s->ctx, t->buildings, row, 1, wg_random_below(random, 40)));
        }
    }
    const wg_input cells = {.layer = drawn};
    const char *lock[2] = {text_at(drawn, wg_random_below(random, (uint32_t)drawn->n), "code"),
                           text_at(drawn, wg_random_below(random, (uint32_t)drawn->n), "code")};
    wg_partition_options options = options_of(t, roads, limit, scratch_path(s, "redrawn.sqlite"));
    options.cells = &cells;
    options.n_cells = 1;
    options.lock = lock;
    options.n_lock = wg_random_below(random, 3);
    options.stability = wg_random_below(random, 5) / 4.0;
    run(s->ctx, wg_redraw, &options);
    plan now = plan_read(s->ctx, options.output);
    assert_sound(&now);
    assert_totals(&now, t);
    assert_codes(&now, drawn);
    assert_crosswalk(&now);
    for (uint32_t i = 0; i < options.n_lock; i++) {
        assert_locked_as_drawn(drawn, &now, lock[i]);
    }
    plan_release(&now);
    wg_layer_free(drawn);
}

/** Households that are in another cell than the one that continues theirs. */
static double moved_by(const plan *now) {
    double moved = 0;
    for (size_t row = 0; row < now->crosswalk->n; row++) {
        const char *old = text_at(now->crosswalk, row, "old"), *continues = text_at(now->crosswalk, row, "continues");
        const double households = wg_layer_real(now->crosswalk, row, wg_layer_column(now->crosswalk, "households"));
        moved += old == NULL || strcmp(continues, "yes") == 0 || isnan(households) ? 0 : households;
    }
    return moved;
}

/**
 * More stability keeps more. Stability 1 changes no cell that the limits do not ask for, by way of its neighbours;
 * where it may do what the default does it never moves more than this, and neither moves more than a plan that keeps
 * nothing.
 */
static void redraw_steps(scratch *s, const town *t, const plan *first, const wg_limit *limit, const wg_input *roads) {
    const wg_input cells = {.layer = first->cells};
    const double steps[3] = {1, 0 /* the default */, 1e-300};
    double moved[3];
    size_t out[3];
    wg_partition_options options = options_of(t, roads, limit, scratch_path(s, "step.sqlite"));
    options.cells = &cells;
    options.n_cells = 1;
    for (int i = 0; i < 3; i++) {
        options.stability = steps[i];
        run(s->ctx, wg_redraw, &options);
        plan now = plan_read(s->ctx, options.output);
        moved[i] = moved_by(&now);
        out[i] = out_of_limits(&now);
        plan_release(&now);
    }
    if (out[0] == out[1]) {
        assert_true(moved[0] <= moved[1]);
    }
    if (out[1] == out[2]) {
        assert_true(moved[1] <= moved[2]);
    }
}

/** A sweep's table: cells out of limits do not depend on the step, and each step moves no more than the one before. */
static void sweep_falls(scratch *s, const town *t, const plan *first, const wg_limit *limit, const wg_input *roads) {
    const wg_input cells = {.layer = first->cells};
    wg_partition_options options = options_of(t, roads, limit, NULL);
    wg_result *result = NULL;
    options.cells = &cells;
    options.n_cells = 1;
    options.stability_to = 1;
    options.stability_step = 0.5;
    options.effort = 1;
    assert_int_equal(WG_OK, wg_redraw(s->ctx, &options, &result));
    json_t *json = json_loads(wg_result_json(result), 0, NULL);
    const json_t *rows = json_object_get(json, "sweep");
    assert_int_equal(3, json_array_size(rows));
    for (size_t i = 1; i < 3; i++) {
        const json_t *before = json_array_get(rows, i - 1), *row = json_array_get(rows, i);
        assert_int_equal(json_integer_value(json_object_get(before, "out")),
                         json_integer_value(json_object_get(row, "out")));
        assert_true(json_number_value(json_object_get(row, "moved")) <=
                    json_number_value(json_object_get(before, "moved")) + 1e-6);
    }
    json_decref(json);
    wg_result_free(result);
}

/** Nothing but the cells that are named may change. */
static void redraw_only(scratch *s, const town *t, const plan *first, const char *old, const wg_limit *limit,
                        const wg_input *roads, wg_random *random) {
    const wg_input cells = {.source = old};
    const char *only[1] = {text_at(first->cells, wg_random_below(random, (uint32_t)first->cells->n), "code")};
    wg_partition_options options = options_of(t, roads, limit, scratch_path(s, "only.sqlite"));
    options.cells = &cells;
    options.n_cells = 1;
    options.only = only;
    options.n_only = 1;
    options.stability = 0;
    run(s->ctx, wg_redraw, &options);
    plan now = plan_read(s->ctx, options.output);
    assert_sound(&now);
    assert_totals(&now, t);
    for (size_t row = 0; row < first->cells->n; row++) {
        const char *code = text_at(first->cells, row, "code");
        if (strcmp(code, only[0]) != 0) {
            assert_locked(first, &now, code);
        }
    }
    plan_release(&now);
}

static void what_is_asked_for_holds_in_random_towns(void **state) {
    scratch *s = *state;
    wg_random random;
    wg_random_seed(&random, 11, "redraw");
    const char *more = getenv("WANGGE_TEST_ROUNDS");
    const int rounds = more == NULL ? 12 : atoi(more);
    for (int round = 0; round < rounds; round++) {
        town t = {0};
        town_make(s->ctx, &t, &random);
        const wg_input roads = {.layer = t.roads};
        const double low = 80 + wg_random_below(&random, 80);
        const wg_limit limit = {"households", low, NAN, 2 * low}, later = {"households", low, NAN, 1.8 * low};
        char old[256];
        (void)snprintf(old, sizeof old, "%s/plan.sqlite", s->dir);
        const wg_partition_options options = options_of(&t, &roads, &limit, old);
        run(s->ctx, wg_partition, &options);
        plan first = plan_read(s->ctx, old);
        assert_sound(&first);
        char source[300];
        (void)snprintf(source, sizeof source, "%s|layername=cells", old);
        redraw_again(s, &t, &first, source, &limit, &roads);
        redraw_plain(s, &t, &first, &limit, &roads);
        redraw_only(s, &t, &first, source, &later, &roads, &random);
        redraw_by_hand(s, &t, &first, &later, &roads, &random);
        if (round % 3 == 0) { /* the households are others now */
            redraw_steps(s, &t, &first, &later, &roads);
            sweep_falls(s, &t, &first, &later, &roads);
        }
        plan_release(&first);
        town_release(&t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_asked_for_holds_in_random_towns, scratch_setup, scratch_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
