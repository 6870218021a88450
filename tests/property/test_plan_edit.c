/*
 * Random hand edits on random plans: whatever is accepted leaves a sound plan (asked of GEOS alone, and of the engine's
 * own check), totals stay, and taking everything back gives the content that was there.
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
#include "plan/row.h"
#include "shapes.h"
#include "soundness.h"
#include "store/store.h"

enum { WIDE = 10, HIGH = 6, UNITS = WIDE * HIGH, HALF = WIDE / 2 };

/** A lattice of units with moved corners; the western half is community W, the eastern one E. */
typedef struct town {
    double corner[HIGH + 1][WIDE + 1][2];
    uint32_t label[UNITS];
    uint32_t n_cells;
    bool hard[UNITS][2]; /**< the edge to the east, to the north */
} town;

static wg_context *ctx;
static char path[] = "/tmp/wangge-edit-XXXXXX";

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    wg_context_set_threads(ctx, 2);
    const int file = mkstemp(path);
    return ctx == NULL || file < 0 || close(file) != 0;
}

static int teardown(void **state) {
    (void)state;
    (void)unlink(path);
    wg_context_free(ctx);
    return 0;
}

static void must(wg_status status) {
    if (status != WG_OK) {
        fail_msg("%s: %s", wg_status_text(status), wg_context_error(ctx));
    }
}

static const char *community_of(uint32_t unit) {
    return unit % WIDE < HALF ? "W" : "E";
}

static void unit_id(uint32_t unit, char text[16]) {
    (void)snprintf(text, 16, "%s-%u", community_of(unit), unit);
}

static void cell_code(const town *t, uint32_t cell, char text[16]) {
    uint32_t first = 0;
    while (t->label[first] != cell) {
        first++;
    }
    (void)snprintf(text, 16, "%s%03u", community_of(first), cell + 1);
}

/** Grow cells from random units over edges that are not hard, inside communities; what is left over is a cell by
 * itself. */
static void make_town(town *t, wg_random *random) {
    for (int y = 0; y <= HIGH; y++) {
        for (int x = 0; x <= WIDE; x++) {
            const bool fixed = x == 0 || y == 0 || x == WIDE || y == HIGH;
            for (int k = 0; k < 2; k++) {
                const double jitter = fixed ? 0 : round(20000 * (wg_random_unit(random) - 0.5)) / 1000;
                t->corner[y][x][k] = (k == 0 ? 500000 + 50 * x : 4000000 + 50 * y) + jitter;
            }
        }
    }
    for (uint32_t v = 0; v < UNITS; v++) {
        t->label[v] = WG_UNASSIGNED;
        t->hard[v][0] = wg_random_below(random, 12) == 0;
        t->hard[v][1] = wg_random_below(random, 12) == 0;
    }
    t->n_cells = 0;
    for (uint32_t v = 0; v < UNITS; v++) {
        if (t->label[v] != WG_UNASSIGNED) {
            continue;
        }
        const uint32_t wanted = 2 + wg_random_below(random, 9);
        uint32_t member[UNITS], n = 1;
        member[0] = v;
        t->label[v] = t->n_cells;
        for (uint32_t i = 0; i < n && n < wanted; i++) {
            const uint32_t u = member[i];
            const bool east = u % WIDE + 1 < WIDE && u % WIDE + 1 != HALF && !t->hard[u][0];
            const bool north = u + WIDE < UNITS && !t->hard[u][1];
            if (east && t->label[u + 1] == WG_UNASSIGNED) {
                t->label[member[n++] = u + 1] = t->n_cells;
            }
            if (north && t->label[u + WIDE] == WG_UNASSIGNED && n < wanted) {
                t->label[member[n++] = u + WIDE] = t->n_cells;
            }
        }
        t->n_cells++;
    }
}

static void square(const town *t, uint32_t unit, wg_buffer *wkb) {
    static const uint32_t at[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    const uint32_t x = unit % WIDE, y = unit / WIDE, count = 5;
    double xy[10];
    for (size_t i = 0; i < 5; i++) {
        memcpy(xy + 2 * i, t->corner[y + at[i][1]][x + at[i][0]], 2 * sizeof(double));
    }
    wg_buffer_clear(wkb);
    shape_polygon(wkb, xy, &count, 1);
}

/** Union of the units that `chosen` marks, by GEOS. */
static void union_of(const town *t, const bool chosen[UNITS], wg_buffer *wkb) {
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry *parts[UNITS];
    unsigned int n = 0;
    for (uint32_t v = 0; v < UNITS; v++) {
        if (chosen[v]) {
            square(t, v, wkb);
            parts[n++] = GEOSGeomFromWKB_buf_r(geos, (const unsigned char *)wkb->data, wkb->length);
        }
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, parts, n);
    GEOSGeometry *united = GEOSUnaryUnion_r(geos, all);
    size_t bytes = 0;
    unsigned char *raw = GEOSGeomToWKB_buf_r(geos, united, &bytes);
    wg_buffer_clear(wkb);
    wg_buffer_append(wkb, raw, bytes);
    GEOSFree_r(geos, raw);
    GEOSGeom_destroy_r(geos, united);
    GEOSGeom_destroy_r(geos, all);
    GEOS_finish_r(geos);
}

static wg_layer *begin(const char *name, wg_row *at) {
    wg_layer *layer = NULL;
    must(wg_contract_new_layer(ctx, name, NULL, &layer));
    *at = (wg_row){.ctx = ctx, .layer = layer};
    return layer;
}

static void finish(wg_store *store, wg_row *at) {
    must(at->status);
    must(wg_store_put(ctx, store, at->layer, false));
    wg_layer_free(at->layer);
}

static double households_of(uint32_t unit) {
    return unit % 7 == 0 ? 0 : 10 + unit % 5;
}

static void put_units(const town *t, wg_store *store) {
    wg_buffer wkb = {0};
    wg_row at;
    (void)begin("units", &at);
    for (uint32_t v = 0; v < UNITS; v++) {
        char id[16], code[16];
        double area, length;
        unit_id(v, id);
        cell_code(t, t->label[v], code);
        square(t, v, &wkb);
        wg_wkb_measure(wkb.data, wkb.length, &area, &length);
        wg_row_begin(&at, wkb.data, wkb.length);
        wg_row_text(&at, "id", id);
        wg_row_text(&at, "community", community_of(v));
        wg_row_text(&at, "cell", code);
        wg_row_text(&at, "kind", "block");
        wg_row_real(&at, "households", households_of(v));
        wg_row_real(&at, "population", 2 * households_of(v));
        wg_row_real(&at, "area_m2", area);
    }
    finish(store, &at);
    (void)begin("edges", &at);
    for (uint32_t v = 0; v < UNITS; v++) {
        for (int k = 0; k < 2; k++) {
            const bool there = k == 0 ? v % WIDE + 1 < WIDE && v % WIDE + 1 != HALF : v + WIDE < UNITS;
            char u_id[16], v_id[16];
            if (there) {
                unit_id(v, u_id);
                unit_id(k == 0 ? v + 1 : v + WIDE, v_id);
                wg_row_begin(&at, NULL, 0);
                wg_row_text(&at, "u", u_id);
                wg_row_text(&at, "v", v_id);
                wg_row_real(&at, "shared_m", 50);
                wg_row_integer(&at, "hard", t->hard[v][k]);
            }
        }
    }
    finish(store, &at);
    wg_buffer_release(&wkb);
}

static void put_cells(const town *t, wg_store *store) {
    wg_buffer wkb = {0};
    wg_row at;
    (void)begin("cells", &at);
    for (uint32_t c = 0; c < t->n_cells; c++) {
        bool chosen[UNITS];
        char code[16];
        double households = 0;
        uint32_t buildings = 0;
        for (uint32_t v = 0; v < UNITS; v++) {
            chosen[v] = t->label[v] == c;
            households += chosen[v] ? households_of(v) : 0;
            buildings += chosen[v] && households_of(v) > 0;
        }
        cell_code(t, c, code);
        union_of(t, chosen, &wkb);
        wg_row_begin(&at, wkb.data, wkb.length);
        wg_row_text(&at, "code", code);
        wg_row_text(&at, "name", code);
        wg_row_text(&at, "community", code[0] == 'W' ? "W" : "E");
        wg_row_text(&at, "kind", "basic");
        wg_row_real(&at, "households", households);
        wg_row_real(&at, "population", 2 * households);
        wg_row_integer(&at, "buildings", buildings);
    }
    finish(store, &at);
    (void)begin("communities", &at);
    for (int half = 0; half < 2; half++) {
        bool chosen[UNITS];
        for (uint32_t v = 0; v < UNITS; v++) {
            chosen[v] = (v % WIDE < HALF) == (half == 0);
        }
        union_of(t, chosen, &wkb);
        wg_row_begin(&at, wkb.data, wkb.length);
        wg_row_text(&at, "code", half == 0 ? "W" : "E");
    }
    finish(store, &at);
    wg_buffer_release(&wkb);
}

/** A building in the middle of every unit that has households, a worker a cell, an incident a unit. */
static void put_rest(const town *t, wg_store *store) {
    wg_buffer wkb = {0};
    wg_row buildings, incidents, workers, runs;
    (void)begin("buildings", &buildings);
    (void)begin("incidents", &incidents);
    (void)begin("workers", &workers);
    (void)begin("runs", &runs);
    for (uint32_t v = 0; v < UNITS; v++) {
        char id[16], code[16];
        double middle[2];
        unit_id(v, id);
        cell_code(t, t->label[v], code);
        square(t, v, &wkb);
        assert_true(wg_wkb_centroid(wkb.data, wkb.length, middle));
        if (households_of(v) > 0) {
            wg_buffer_clear(&wkb);
            shape_box(&wkb, middle[0] - 5, middle[1] - 5, middle[0] + 5, middle[1] + 5);
            wg_row_begin(&buildings, wkb.data, wkb.length);
            wg_row_text(&buildings, "id", id);
            wg_row_text(&buildings, "community", community_of(v));
            wg_row_text(&buildings, "cell", code);
            wg_row_text(&buildings, "how", "inside");
            wg_row_real(&buildings, "households", households_of(v));
            wg_row_real(&buildings, "population", 2 * households_of(v));
        }
        wg_buffer_clear(&wkb);
        wg_wkb_put_point(&wkb, middle[0] + 1, middle[1] + 2);
        wg_row_begin(&incidents, wkb.data, wkb.length);
        wg_row_text(&incidents, "id", id);
        wg_row_text(&incidents, "cell", code);
        wg_row_begin(&workers, NULL, 0);
        wg_row_text(&workers, "id", id);
        wg_row_text(&workers, "cell", code);
    }
    wg_row_begin(&runs, NULL, 0);
    wg_row_text(&runs, "limits", "[{\"field\":\"households\",\"min\":20,\"target\":null,\"max\":90}]");
    finish(store, &buildings);
    finish(store, &incidents);
    finish(store, &workers);
    finish(store, &runs);
    wg_buffer_release(&wkb);
}

static void write_plan(const town *t) {
    const wg_store_srs srs = {.name = "EPSG:32650"};
    wg_store *store = NULL;
    (void)unlink(path);
    must(wg_store_create(ctx, path, &srs, &store));
    must(wg_store_begin(ctx, store));
    put_units(t, store);
    put_cells(t, store);
    put_rest(t, store);
    must(wg_store_commit(ctx, store));
    must(wg_store_close(ctx, store));
}

/* ------------------------------------------------------------------ judging */

static void hash_of(char hex[WG_STORE_HASH_BYTES]) {
    wg_store *store = NULL;
    must(wg_store_open(ctx, path, WG_STORE_READ, &store));
    must(wg_store_hash(ctx, store, hex));
    must(wg_store_close(ctx, store));
}

static int64_t count_of(wg_store *store, const char *sql) {
    wg_layer *answer = NULL;
    must(wg_store_sql(ctx, store, sql, NULL, 0, &answer));
    const int64_t count = wg_layer_integer(answer, 0, 0);
    wg_layer_free(answer);
    return count;
}

/** Everything that must hold after any edit, each asked in its own way. */
static void expect_sound(void) {
    wg_store *store = NULL;
    wg_layer *cells = NULL;
    wg_layer *communities = NULL;
    must(wg_store_open(ctx, path, WG_STORE_READ, &store));
    must(wg_store_get(ctx, store, "cells", &cells));
    must(wg_store_get(ctx, store, "communities", &communities));
    const soundness found = soundness_of(cells, communities);
    assert_true(soundness_holds(&found));
    /* A unit's cell, a building's cell and an incident's cell are where they lie; by SpatiaLite. */
    assert_int_equal(0, count_of(store, "SELECT count(*) FROM buildings b JOIN cells c ON c.code = b.cell WHERE "
                                        "NOT ST_Within(b.geom, c.geom)"));
    assert_int_equal(0, count_of(store, "SELECT count(*) FROM incidents i LEFT JOIN cells c ON c.code = i.cell WHERE "
                                        "c.code IS NULL OR NOT ST_Within(i.geom, c.geom)"));
    assert_int_equal(0, count_of(store, "SELECT count(*) FROM workers WHERE cell NOT IN (SELECT code FROM cells)"));
    assert_int_equal(0, count_of(store, "SELECT count(*) FROM cells c WHERE abs(households - (SELECT total(households) "
                                        "FROM buildings WHERE cell = c.code)) > 1e-6"));
    assert_int_equal(0, count_of(store, "SELECT count(*) FROM cells c WHERE buildings <> (SELECT count(*) FROM "
                                        "buildings WHERE cell = c.code)"));
    if (wg_store_has(store, "retired")) {
        assert_int_equal(0, count_of(store, "SELECT count(*) FROM cells WHERE code IN (SELECT code FROM retired)"));
    }
    assert_int_equal(1, count_of(store, "SELECT rtreecheck('idx_cells_geom') = 'ok'"));
    wg_layer_free(cells);
    wg_layer_free(communities);
    must(wg_store_close(ctx, store));
    const wg_limit open_limit = {"households", NAN, NAN, INFINITY};
    const wg_check_options options = {.cells.source = path, .limits = &open_limit, .n_limits = 1};
    wg_result *result = NULL;
    must(wg_check(ctx, &options, &result));
    if (wg_result_findings(result) > 0) {
        fail_msg("%s", wg_result_text(result));
    }
    wg_result_free(result);
}

/** A random edit by what the plan holds now; many are refused. */
static wg_status random_edit(wg_random *random, bool *undone) {
    wg_store *store = NULL;
    wg_layer *cells = NULL;
    wg_layer *units = NULL;
    wg_result *result = NULL;
    must(wg_store_open(ctx, path, WG_STORE_READ, &store));
    must(wg_store_get(ctx, store, "cells", &cells));
    must(wg_store_get(ctx, store, "units", &units));
    must(wg_store_close(ctx, store));
    const uint32_t code = wg_layer_column(cells, "code");
    const uint32_t n = (uint32_t)wg_layer_rows(cells);
    const char *a = wg_layer_text(cells, wg_random_below(random, n), code);
    const char *b = wg_layer_text(cells, wg_random_below(random, n), code);
    const char *unit = wg_layer_text(units, wg_random_below(random, UNITS), wg_layer_column(units, "id"));
    wg_edit edits[2] = {{WG_EDIT_MOVE, unit, a}, {WG_EDIT_RENAME, b, "二"}};
    const uint32_t pick = wg_random_below(random, 10);
    if (pick >= 6) {
        edits[0] = pick == 6   ? (wg_edit){WG_EDIT_MERGE, a, b}
                   : pick == 7 ? (wg_edit){WG_EDIT_SPLIT, a, NULL}
                   : pick == 8 ? (wg_edit){WG_EDIT_RENAME, a, "一"}
                               : (wg_edit){WG_EDIT_UNDO, NULL, NULL};
    }
    const uint32_t n_edits = pick < 2 ? 2 : 1;
    const wg_edit_options options = {.plan = path, .edits = edits, .n_edits = n_edits};
    *undone = pick == 9;
    const wg_status status = wg_edit_plan(ctx, &options, &result);
    assert_true((status == WG_OK) == (result != NULL));
    wg_result_free(result);
    wg_layer_free(cells);
    wg_layer_free(units);
    return status;
}

static void edits_leave_a_sound_plan_and_can_be_taken_back(void **state) {
    (void)state;
    const char *wanted = getenv("WANGGE_EDIT_ROUNDS");
    const int rounds = wanted != NULL ? atoi(wanted) : 2;
    wg_random random;
    uint32_t done = 0, refused = 0;
    wg_random_seed(&random, 3, "edits");
    for (int round = 0; round < rounds; round++) {
        town t;
        char history[40][WG_STORE_HASH_BYTES];
        size_t depth = 0;
        make_town(&t, &random);
        write_plan(&t);
        expect_sound();
        hash_of(history[0]);
        for (int step = 0; step < 30; step++) {
            bool undone;
            char now[WG_STORE_HASH_BYTES];
            const wg_status status = random_edit(&random, &undone);
            hash_of(now);
            if (status != WG_OK) {
                assert_true(status == WG_EINVAL || status == WG_ENOTFOUND);
                assert_string_equal(history[depth], now); /* a refusal changes nothing */
                assert_true(strlen(wg_context_error(ctx)) > 0);
                refused++;
                continue;
            }
            expect_sound();
            done++;
            if (undone) {
                assert_true(depth > 0);
                assert_string_equal(history[--depth], now);
            } else {
                memcpy(history[++depth], now, sizeof now);
            }
        }
        while (depth > 0) {
            const wg_edit undo = {WG_EDIT_UNDO, NULL, NULL};
            const wg_edit_options options = {.plan = path, .edits = &undo, .n_edits = 1};
            wg_result *result = NULL;
            char now[WG_STORE_HASH_BYTES];
            must(wg_edit_plan(ctx, &options, &result));
            wg_result_free(result);
            hash_of(now);
            assert_string_equal(history[--depth], now);
        }
        expect_sound();
    }
    assert_true(done >= (uint32_t)rounds * 5 && refused >= (uint32_t)rounds);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_leave_a_sound_plan_and_can_be_taken_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
