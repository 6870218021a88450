/* The locator against GEOS and against brute force, on coverages clean and dirty. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "locate/exact.h"
#include "locate/locate.h"
#include "locate_cells.h"

/* ---- exact orientation ---- */

__extension__ typedef __int128 int128;

static int128 wide(int64_t a, int64_t b) {
    return (int128)a * b;
}

/* Whole numbers times a power of two are exact in both; near-collinear triples make every stage work. */
static void orientation_is_exact(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 7, "orient");
    for (int i = 0; i < 500000; i++) {
        const int64_t base = i % 2 == 0 ? 0 : INT64_C(1) << 43;
        int64_t v[6];
        for (int k = 0; k < 6; k++) {
            v[k] = base + wg_random_below(&random, i % 3 == 0 ? 16 : 1u << 30);
        }
        if (i % 4 == 0) { /* c on the line from a to b, or one off */
            const int64_t t = wg_random_below(&random, 5);
            v[4] = v[0] + t * (v[2] - v[0]);
            v[5] = v[1] + t * (v[3] - v[1]) + (int64_t)wg_random_below(&random, 3) - 1;
        }
        const int128 det = wide(v[0] - v[4], v[3] - v[5]) - wide(v[1] - v[5], v[2] - v[4]);
        const int expected = det > 0 ? 1 : det < 0 ? -1 : 0;
        const double scale = i % 5 == 0 ? 1e-3 : 0x1p-20;
        if (scale != 1e-3) {
            assert_int_equal(wg_orient((double)v[0] * scale, (double)v[1] * scale, (double)v[2] * scale,
                                       (double)v[3] * scale, (double)v[4] * scale, (double)v[5] * scale),
                             expected);
        }
    }
}

/* Tiny differences beside large numbers: the determinant only shows when multiplied out without rounding. */
static void orientation_sees_the_last_bit(void **state) {
    (void)state;
    const double u = 0x1p-52;
    assert_int_equal(wg_orient(0.5, 0.5, 12, 12, 0.5 + u, 0.5 + u), 0);
    assert_int_equal(wg_orient(0.5, 0.5, 12, 12, 0.5 + u, 0.5 + 2 * u), 1);
    assert_int_equal(wg_orient(0.5, 0.5, 12, 12, 0.5 + 2 * u, 0.5 + u), -1);
    assert_int_equal(wg_orient(1e7, 1e7, 1e7 + 1e-6, 1e7 + 1e-6, 3, 3),
                     wg_orient(1e7 + 1e-6, 1e7 + 1e-6, 3, 3, 1e7, 1e7));
    assert_int_equal(wg_orient(0, 0, 1e-30, 1, 1e-31, 0.1), wg_orient(1e-30, 1, 1e-31, 0.1, 0, 0));
}

/* ---- layers ---- */

static wg_context *ctx;

static void put_ring(wg_buffer *wkb, const double *xy, uint32_t n) {
    wg_wkb_put_u32(wkb, n + 1);
    wg_wkb_put_pairs(wkb, xy, n);
    wg_wkb_put_pairs(wkb, xy, 1);
}

static void add_polygon(wg_layer *layer, const double *xy, uint32_t n) {
    wg_buffer wkb = {0};
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
    put_ring(&wkb, xy, n);
    assert_int_equal(wg_layer_add_row(ctx, layer, wkb.data, wkb.length, NULL), WG_OK);
    wg_buffer_release(&wkb);
}

static wg_layer *new_layer(void) {
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(ctx, "cells", NULL, &layer), WG_OK);
    return layer;
}

/** Where coordinates lie and how fine they are. */
typedef struct place {
    double x0, y0, size, step;
} place;

static double on_grid(const place *p, double origin, double value) {
    return p->step > 0 ? origin + round(value / p->step) * p->step : origin + value;
}

static void random_point(const place *p, wg_random *random, double xy[2]) {
    xy[0] = on_grid(p, p->x0, p->size * wg_random_unit(random));
    xy[1] = on_grid(p, p->y0, p->size * wg_random_unit(random));
}

/* Stars, needles, bow-ties, rings with holes, several parts; overlapping as they fall. */
static wg_layer *dirty_layer(const place *p, wg_random *random, uint32_t n) {
    wg_layer *layer = new_layer();
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t kind = wg_random_below(random, 5);
        double xy[32], hole[8];
        if (kind < 2) {
            const uint32_t corners = kind == 0 ? 3 : 3 + wg_random_below(random, 8);
            for (uint32_t k = 0; k < corners; k++) {
                random_point(p, random, xy + 2 * k); /* often invalid: crossing itself */
            }
            add_polygon(layer, xy, corners);
            continue;
        }
        if (kind == 2) { /* a needle */
            random_point(p, random, xy);
            random_point(p, random, xy + 2);
            xy[4] = xy[2] + (p->step > 0 ? p->step : 1e-9 * p->size);
            xy[5] = xy[3];
            add_polygon(layer, xy, 3);
            continue;
        }
        wg_buffer wkb = {0};
        double a[2], b[2];
        random_point(p, random, a);
        random_point(p, random, b);
        const double box[8] = {a[0], a[1], b[0], a[1], b[0], b[1], a[0], b[1]};
        const double shell[6] = {a[0], a[1], b[0], a[1], b[0], b[1]};
        for (int k = 0; k < 3; k++) { /* within the shell's box: GEOS looks at nothing else */
            random_point(p, random, hole + 2 * k);
            hole[2 * k] = fmin(fmax(hole[2 * k], fmin(a[0], b[0])), fmax(a[0], b[0]));
            hole[2 * k + 1] = fmin(fmax(hole[2 * k + 1], fmin(a[1], b[1])), fmax(a[1], b[1]));
        }
        const bool point_hole = hole[0] == hole[2] && hole[0] == hole[4] && hole[1] == hole[3] && hole[1] == hole[5];
        if (kind == 3 && point_hole) { /* to GEOS a ring without length still is a boundary */
            add_polygon(layer, box, 4);
            continue;
        }
        if (kind == 3) { /* a triangle as hole, which may stick out */
            wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 2);
            put_ring(&wkb, shell, 3);
            put_ring(&wkb, hole, 3);
        } else { /* two parts, which may overlap */
            wg_wkb_put_header(&wkb, WG_WKB_MULTIPOLYGON, 2);
            wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
            put_ring(&wkb, box, 4);
            wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
            put_ring(&wkb, hole, 3);
        }
        assert_int_equal(wg_layer_add_row(ctx, layer, wkb.data, wkb.length, NULL), WG_OK);
        wg_buffer_release(&wkb);
    }
    return layer;
}

/* Squares that share vertices, some of them with a fan of triangles about the middle: vertices of five cells and more.
 */
static wg_layer *fan_layer(const place *p, uint32_t side) {
    wg_layer *layer = new_layer();
    const double s = p->size / side;
    for (uint32_t j = 0; j < side; j++) {
        for (uint32_t i = 0; i < side; i++) {
            const double x = p->x0 + i * s, y = p->y0 + j * s,
                         c[4][2] = {{x, y}, {x + s, y}, {x + s, y + s}, {x, y + s}};
            if ((i + j) % 3 != 0) {
                add_polygon(layer, &c[0][0], 4);
                continue;
            }
            for (int k = 0; k < 4; k++) {
                const double t[6] = {c[k][0], c[k][1], c[(k + 1) % 4][0], c[(k + 1) % 4][1], x + s / 2, y + s / 2};
                add_polygon(layer, t, 3);
            }
        }
    }
    return layer;
}

/* ---- comparing ---- */

typedef struct corner_walk {
    double *xy;
    size_t n, capacity;
} corner_walk;

static void collect(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    corner_walk *walk = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i + 1 < n; i++) {
        double a[2], b[2];
        assert_true(WG_RESERVE(walk->xy, walk->capacity, 2 * (walk->n + 4)));
        wg_wkb_get(pairs, i, a);
        wg_wkb_get(pairs, i + 1, b);
        const double near[8] = {
            a[0], a[1], (a[0] + b[0]) / 2, (a[1] + b[1]) / 2, a[0] == 0 ? 1e-20 : nextafter(a[0], b[0]), a[1],
            b[0], a[1]};
        memcpy(walk->xy + 2 * walk->n, near, sizeof near);
        walk->n += 4;
    }
}

/* Points anywhere, and those that are hardest: vertices, middles of edges, an ulp beside, level with vertices. */
static corner_walk hard_points(const wg_layer *layer, const place *p, wg_random *random, size_t more) {
    corner_walk walk = {0};
    for (size_t row = 0; row < wg_layer_rows(layer); row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        assert_int_equal(wg_wkb_visit((uint8_t *)(uintptr_t)wkb, bytes, collect, &walk), WG_OK);
    }
    assert_true(WG_RESERVE(walk.xy, walk.capacity, 2 * (walk.n + more)));
    for (size_t i = 0; i < more; i++) {
        random_point(p, random, walk.xy + 2 * walk.n++);
    }
    return walk;
}

/** Even-odd over all rings of one cell, edge by edge. */
typedef struct parity_walk {
    double x, y;
    bool odd, on;
} parity_walk;

static void cross(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    parity_walk *walk = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i + 1 < n; i++) {
        double a[2], b[2];
        wg_wkb_get(pairs, i, a);
        wg_wkb_get(pairs, i + 1, b);
        const int side = wg_orient(a[0], a[1], b[0], b[1], walk->x, walk->y);
        const bool within = fmin(a[0], b[0]) <= walk->x && walk->x <= fmax(a[0], b[0]) && fmin(a[1], b[1]) <= walk->y &&
                            walk->y <= fmax(a[1], b[1]);
        walk->on = walk->on || (side == 0 && within);
        if ((a[1] > walk->y) != (b[1] > walk->y)) {
            walk->odd ^= (side > 0) == (b[1] > a[1]);
        }
    }
}

static size_t brute_force(const wg_layer *layer, double x, double y, uint32_t *lowest) {
    size_t n = 0;
    *lowest = WG_UNASSIGNED;
    for (size_t row = wg_layer_rows(layer); row-- > 0;) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        parity_walk walk = {.x = x, .y = y};
        assert_int_equal(wg_wkb_visit((uint8_t *)(uintptr_t)wkb, bytes, cross, &walk), WG_OK);
        if (walk.on || walk.odd) {
            *lowest = (uint32_t)row;
            n++;
        }
    }
    return n;
}

static void compare(const wg_layer *layer, const double *xy, size_t n) {
    wg_locator *locator = NULL;
    geos_oracle oracle;
    uint32_t *cell = malloc(n * sizeof *cell);
    uint8_t *found = malloc(n);
    assert_non_null(cell);
    assert_non_null(found);
    assert_int_equal(wg_locator_build(ctx, layer, NULL, &locator), WG_OK);
    assert_int_equal(wg_locator_find_how(ctx, locator, xy, n, cell, found), WG_OK);
    geos_oracle_init(&oracle, layer);
    for (size_t i = 0; i < n; i++) {
        geos_hits hits;
        uint32_t all[64];
        const uint32_t expected = geos_oracle_find(&oracle, xy[2 * i], xy[2 * i + 1], &hits);
        const size_t count = wg_locator_all(locator, xy[2 * i], xy[2 * i + 1], all, 64);
        uint32_t brute;
        if (wg_layer_rows(layer) < 500) {
            assert_int_equal(count, brute_force(layer, xy[2 * i], xy[2 * i + 1], &brute));
            assert_int_equal(cell[i], brute);
        }
        if (cell[i] != expected || count != hits.n) {
            print_error("at %.17g %.17g: %u of %zu cells, GEOS says %u of %zu\n", xy[2 * i], xy[2 * i + 1], cell[i],
                        count, expected, hits.n);
        }
        assert_int_equal(cell[i], expected);
        assert_int_equal(count, hits.n);
        assert_int_equal(found[i] == WG_FOUND_NONE, hits.n == 0);
        if (hits.n == 1 && found[i] != WG_FOUND_EDGE) {
            assert_int_equal(found[i], WG_FOUND_INSIDE);
        }
        if (hits.n > 1) {
            assert_true(found[i] == WG_FOUND_EDGE || found[i] == WG_FOUND_OVERLAP);
        }
    }
    geos_oracle_release(&oracle);
    wg_locator_free(locator);
    free(cell);
    free(found);
}

static const place places[] = {{0, 0, 1, 0},          /* doubles of all magnitudes below 1 */
                               {0, 0, 12, 1},         /* a dozen whole numbers: everything touches and coincides */
                               {1e7, 4e6, 100, 1e-6}, /* 1e7 m with detail of 1e-6 m */
                               {-180, -90, 360, 0},
                               {500000, 4400000, 64, 0.5}};

static void dirty_layers(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 1, "dirty");
    for (size_t round = 0; round < 120; round++) {
        const place *p = &places[round % (sizeof places / sizeof places[0])];
        wg_layer *layer = dirty_layer(p, &random, 1 + wg_random_below(&random, 40));
        corner_walk walk = hard_points(layer, p, &random, 500);
        compare(layer, walk.xy, walk.n);
        free(walk.xy);
        wg_layer_free(layer);
    }
}

static void shared_vertices(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 2, "fan");
    static const place fans[] = {{0, 0, 12, 1}, {1e7, 1e7, 3, 1e-6}, {0.1, 0.2, 0.7, 0}};
    for (size_t f = 0; f < sizeof fans / sizeof fans[0]; f++) {
        wg_layer *layer = fan_layer(&fans[f], 12);
        corner_walk walk = hard_points(layer, &fans[f], &random, 20000);
        compare(layer, walk.xy, walk.n);
        free(walk.xy);
        wg_layer_free(layer);
    }
}

/* One dense corner in a wide layer: squares become grids, several levels deep. */
static void uneven_density(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 3, "uneven");
    wg_layer *layer = new_layer();
    const double field[8] = {0, 0, 1e6, 0, 1e6, 1e6, 0, 1e6};
    add_polygon(layer, field, 4);
    double xy[2 * 400];
    for (uint32_t k = 0; k < 400; k++) { /* a flower of 400 edges, two metres across */
        const double angle = 6.283185307179586 * k / 400, r = k % 2 == 0 ? 1 : 0.2;
        xy[2 * k] = 123456 + r * cos(angle);
        xy[2 * k + 1] = 654321 + r * sin(angle);
    }
    add_polygon(layer, xy, 400);
    for (uint32_t k = 0; k < 300; k++) { /* and a fan of triangles that all meet in its middle */
        const double a = 6.283185307179586 * k / 300, b = 6.283185307179586 * (k + 1) / 300;
        const double t[6] = {
            123456, 654321, 123456 + 50 * cos(a), 654321 + 50 * sin(a), 123456 + 50 * cos(b), 654321 + 50 * sin(b)};
        add_polygon(layer, t, 3);
    }
    const place near = {123450, 654315, 12, 0}, core = {123455.9, 654320.9, 0.2, 0};
    corner_walk walk = hard_points(layer, &near, &random, 8000);
    compare(layer, walk.xy, walk.n);
    free(walk.xy);
    walk = hard_points(layer, &core, &random, 8000);
    compare(layer, walk.xy, walk.n);
    free(walk.xy);
    wg_layer_free(layer);
}

/* Clustered points in 2 000 cells; WANGGE_LOCATE_POINTS=10000000 is the run that the documentation tells of. */
static void many_points(void **state) {
    (void)state;
    const char *asked = getenv("WANGGE_LOCATE_POINTS");
    const size_t n = asked == NULL ? 100000 : (size_t)strtoull(asked, NULL, 10);
    const wavy w = {.nx = 50, .ny = 40, .pieces = 22, .x0 = 500000, .y0 = 4400000, .size = 450, .wave = 0.8};
    wg_layer *cells = NULL;
    double *xy = wg_malloc(2 * n, sizeof *xy);
    assert_non_null(xy);
    assert_int_equal(wavy_layer(ctx, &w, &cells), WG_OK);
    wavy_points(&w, 11, 60, n, xy);
    compare(cells, xy, n);
    free(xy);
    wg_layer_free(cells);
}

static void one_thread_or_three(void **state) {
    (void)state;
    const wavy w = {.nx = 9, .ny = 7, .pieces = 9, .x0 = 0, .y0 = 0, .size = 100, .wave = 0.8};
    const size_t n = 300000;
    wg_layer *cells = NULL;
    double *xy = wg_malloc(2 * n, sizeof *xy);
    uint32_t *cell[2] = {wg_malloc(n, sizeof(uint32_t)), wg_malloc(n, sizeof(uint32_t))};
    assert_int_equal(wavy_layer(ctx, &w, &cells), WG_OK);
    wavy_points(&w, 5, 20, n, xy);
    for (uint32_t run = 0; run < 2; run++) {
        wg_locator *locator = NULL;
        wg_context_set_threads(ctx, run == 0 ? 1 : 3);
        assert_int_equal(wg_locator_new(ctx, cells, &locator), WG_OK);
        assert_int_equal(wg_locator_find(ctx, locator, xy, n, cell[run]), WG_OK);
        wg_locator_free(locator);
    }
    wg_context_set_threads(ctx, 0);
    assert_memory_equal(cell[0], cell[1], n * sizeof(uint32_t));
    free(cell[0]);
    free(cell[1]);
    free(xy);
    wg_layer_free(cells);
}

/** A caller with a context of its own, as a program's threads have. */
typedef struct caller {
    const wg_locator *locator;
    const double *xy;
    size_t n;
    uint32_t *cell;
    wg_status status;
} caller;

static void *call(void *argument) {
    caller *own = argument;
    wg_context *mine = wg_context_new();
    wg_context_set_threads(mine, 2);
    own->status = wg_locator_find(mine, own->locator, own->xy, own->n, own->cell);
    wg_context_free(mine);
    return NULL;
}

static void several_callers_read_one_locator(void **state) {
    (void)state;
    enum { CALLERS = 4, POINTS = 150000 };
    const wavy w = {.nx = 30, .ny = 20, .pieces = 9, .x0 = 0, .y0 = 0, .size = 100, .wave = 0.8};
    wg_layer *cells = NULL;
    wg_locator *locator = NULL;
    double *xy = wg_malloc(2 * POINTS, sizeof *xy);
    caller callers[CALLERS];
    pthread_t threads[CALLERS];
    assert_int_equal(wavy_layer(ctx, &w, &cells), WG_OK);
    wavy_points(&w, 6, 20, POINTS, xy);
    assert_int_equal(wg_locator_new(ctx, cells, &locator), WG_OK);
    for (int c = 0; c < CALLERS; c++) {
        callers[c] = (caller){.locator = locator, .xy = xy, .n = POINTS, .cell = wg_malloc(POINTS, sizeof(uint32_t))};
        assert_int_equal(pthread_create(&threads[c], NULL, call, &callers[c]), 0);
    }
    geos_oracle oracle;
    geos_oracle_init(&oracle, cells);
    for (int c = 0; c < CALLERS; c++) {
        assert_int_equal(pthread_join(threads[c], NULL), 0);
        assert_int_equal(callers[c].status, WG_OK);
        assert_memory_equal(callers[c].cell, callers[0].cell, POINTS * sizeof(uint32_t));
    }
    for (size_t p = 0; p < POINTS; p++) {
        assert_int_equal(callers[0].cell[p], geos_oracle_find(&oracle, xy[2 * p], xy[2 * p + 1], NULL));
    }
    geos_oracle_release(&oracle);
    for (int c = 0; c < CALLERS; c++) {
        free(callers[c].cell);
    }
    wg_locator_free(locator);
    wg_layer_free(cells);
    free(xy);
}

static void keep_line(wg_log_level level, const char *message, void *user) {
    (void)level;
    char *log = user;
    strncat(log, message, 2000 - strlen(log));
    strncat(log, "\n", 2000 - strlen(log));
}

/* Whichever thread meets them: in the order of the rows, and the rings beside them still count. */
static void broken_rings_are_named_in_order(void **state) {
    (void)state;
    char log[2048] = "";
    wg_layer *layer = new_layer();
    for (int i = 0; i < 300; i++) {
        const double broken = i == 150 ? (double)INFINITY : i == 3 || i == 299 ? (double)NAN : i + 1.0;
        add_polygon(layer, (const double[]){i, 0, broken, 0, i + 1, 1, i, 1}, 4);
    }
    const double xy[] = {150.5, 0.5, 151.5, 0.5, 299.5, 0.5, 298.5, 0.5};
    uint32_t cell[4];
    wg_locator *locator = NULL;
    wg_context_set_log(ctx, WG_LOG_WARNING, keep_line, log);
    wg_context_set_threads(ctx, 3);
    assert_int_equal(wg_locator_new(ctx, layer, &locator), WG_OK);
    wg_context_set_threads(ctx, 0);
    wg_context_set_log(ctx, WG_LOG_WARNING, NULL, NULL);
    assert_string_equal(log, "cells: feature 3: a ring has coordinates that are not numbers; it is left out\n"
                             "cells: feature 150: a ring has coordinates that are not numbers; it is left out\n"
                             "cells: feature 299: a ring has coordinates that are not numbers; it is left out\n");
    assert_int_equal(wg_locator_find(ctx, locator, xy, 4, cell), WG_OK);
    assert_int_equal(cell[0], WG_UNASSIGNED);
    assert_int_equal(cell[1], 151);
    assert_int_equal(cell[2], WG_UNASSIGNED);
    assert_int_equal(cell[3], 298);
    wg_locator_free(locator);
    wg_layer_free(layer);
}

/* ---- nearest ---- */

static double segment_distance(const double a[2], const double b[2], double x, double y) {
    const double dx = b[0] - a[0], dy = b[1] - a[1], length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / length2 : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

typedef struct distance_walk {
    double x, y, best;
} distance_walk;

static void measure(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    distance_walk *walk = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i + 1 < n; i++) {
        double a[2], b[2];
        wg_wkb_get(pairs, i, a);
        wg_wkb_get(pairs, i + 1, b);
        walk->best = fmin(walk->best, segment_distance(a, b, walk->x, walk->y));
    }
}

static void nearest_is_nearest(void **state) {
    (void)state;
    wg_random random;
    wg_random_seed(&random, 4, "nearest");
    const wg_locator_options tree = {.tree = true};
    for (size_t round = 0; round < 30; round++) {
        const place *p = &places[round % 5], around = {p->x0 - p->size, p->y0 - p->size, 3 * p->size, p->step};
        wg_layer *layer = round % 2 == 0 ? dirty_layer(p, &random, 12) : fan_layer(p, 4);
        wg_locator *locator = NULL;
        assert_int_equal(wg_locator_build(ctx, layer, &tree, &locator), WG_OK);
        for (int i = 0; i < 200; i++) {
            double xy[2], distance, best = INFINITY;
            uint32_t expected = WG_UNASSIGNED, lowest;
            random_point(&around, &random, xy);
            const uint32_t cell = wg_locator_nearest(locator, xy[0], xy[1], INFINITY, &distance);
            if (wg_locator_all(locator, xy[0], xy[1], &lowest, 1) > 0) {
                assert_int_equal(cell, lowest);
                assert_true(distance == 0);
                continue;
            }
            for (size_t row = 0; row < wg_layer_rows(layer); row++) {
                size_t bytes;
                const void *wkb = wg_layer_wkb(layer, row, &bytes);
                distance_walk walk = {xy[0], xy[1], INFINITY};
                assert_int_equal(wg_wkb_visit((uint8_t *)(uintptr_t)wkb, bytes, measure, &walk), WG_OK);
                if (walk.best < best * (1 - 1e-9)) { /* of two at the same distance the lower row */
                    expected = (uint32_t)row;
                    best = walk.best;
                }
            }
            assert_true(fabs(distance - best) <= 1e-9 * p->size + 1e-9 * best);
            if (p->step == 1) {
                assert_int_equal(cell, expected); /* whole numbers: what is nearly a tie is one */
            }
            assert_int_equal(wg_locator_nearest(locator, xy[0], xy[1], best * 0.99, NULL), WG_UNASSIGNED);
            assert_int_equal(wg_locator_nearest(locator, xy[0], xy[1], best * 1.01, NULL), cell);
        }
        wg_locator_free(locator);
        wg_layer_free(layer);
    }
}

static int set_up(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL ? -1 : 0;
}

static int tear_down(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orientation_is_exact),
        cmocka_unit_test(orientation_sees_the_last_bit),
        cmocka_unit_test(dirty_layers),
        cmocka_unit_test(shared_vertices),
        cmocka_unit_test(uneven_density),
        cmocka_unit_test(many_points),
        cmocka_unit_test(one_thread_or_three),
        cmocka_unit_test(nearest_is_nearest),
        cmocka_unit_test(several_callers_read_one_locator),
        cmocka_unit_test(broken_rings_are_named_in_order),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
