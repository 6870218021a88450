/**
 * The locator against GEOS STRtree + prepared polygons in the same run: 2 000 cells of 60 to 120 vertices, clustered
 * points. Usage: bench_locate_core [POINTS (2000000)] [rounds (5)]. Answers of both are compared point by point.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../support/locate_cells.h"
#include "locate/locate.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct timing {
    double build, find;
} timing;

static timing run(wg_context *ctx, const wg_layer *cells, const double *xy, size_t n, uint32_t *cell, int rounds,
                  size_t *bytes) {
    timing best = {1e9, 1e9};
    for (int r = 0; r < rounds; r++) {
        wg_locator *locator;
        const double start = now();
        if (wg_locator_new(ctx, cells, &locator) != WG_OK) {
            (void)fprintf(stderr, "%s\n", wg_context_error(ctx));
            exit(1);
        }
        const double built = now();
        if (wg_locator_find(ctx, locator, xy, n, cell) != WG_OK) {
            exit(1);
        }
        const double done = now();
        best.build = fmin(best.build, built - start);
        best.find = fmin(best.find, done - built);
        *bytes = wg_locator_bytes(locator);
        wg_locator_free(locator);
    }
    return best;
}

int main(int argc, char **argv) {
    const size_t n = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 2000000;
    const int rounds = argc > 2 ? atoi(argv[2]) : 5;
    const wavy w = {.nx = 50, .ny = 40, .pieces = 22, .x0 = 500000, .y0 = 4400000, .size = 450, .wave = 1.2};
    wg_context *ctx = wg_context_new();
    wg_layer *cells = NULL;
    double *xy = wg_malloc(2 * n, sizeof *xy);
    uint32_t *cell = wg_malloc(n, sizeof *cell);
    if (ctx == NULL || xy == NULL || cell == NULL || wavy_layer(ctx, &w, &cells) != WG_OK) {
        return 1;
    }
    wavy_points(&w, 1, 60, n, xy);
    size_t bytes;
    wg_context_set_threads(ctx, 1);
    const timing one = run(ctx, cells, xy, n, cell, rounds, &bytes);
    wg_context_set_threads(ctx, 2);
    const timing two = run(ctx, cells, xy, n, cell, rounds, &bytes);
    const double start = now();
    geos_oracle oracle;
    geos_oracle_init(&oracle, cells);
    size_t different = 0, inside = 0;
    for (size_t p = 0; p < n; p++) {
        const uint32_t expected = geos_oracle_find(&oracle, xy[2 * p], xy[2 * p + 1], NULL);
        different += cell[p] != expected ? 1 : 0;
        inside += expected != WG_UNASSIGNED ? 1 : 0;
    }
    const double geos = now() - start;
    geos_oracle_release(&oracle);
    printf("points %zu cells %zu inside %zu different from GEOS %zu\n", n, wg_layer_rows(cells), inside, different);
    printf("wangge 1 thread: index %.4f s, find %.4f s (%.1f ns a point), together %.4f s, index memory %.1f MB\n",
           one.build, one.find, one.find / (double)n * 1e9, one.build + one.find, (double)bytes / 1e6);
    printf("wangge 2 threads: index %.4f s, find %.4f s; together %.2f times one thread\n", two.build, two.find,
           (one.build + one.find) / (two.build + two.find));
    printf(
        "GEOS STRtree + prepared: %.3f s, %.1f times wangge's one thread with its index, %.1f times its find alone\n",
        geos, geos / (one.build + one.find), geos / one.find);
    wg_layer_free(cells);
    free(xy);
    free(cell);
    wg_context_free(ctx);
    return different == 0 ? 0 : 1;
}
