/**
 * The locator against GEOS STRtree + prepared polygons in the same run: 2 000 cells of 60 to 120 vertices, clustered
 * points. Usage: bench_locate_core [POINTS (2000000)] [rounds (5)]. Answers of both are compared point by point.
 *
 * Shared machines give two threads anything between one core and two, and change from one tenth of a second to the
 * next. So rounds on one and on two threads alternate, three of each a round of GEOS, the best of each counts, and a
 * loop of additions in registers says in the same rounds what the machine itself gives.
 */
#include <pthread.h>
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
    double build, find, both;
} timing;

static const timing never = {1e9, 1e9, 1e9};

/** One round: build the index, find all points. Keeps the least of each and of their sum. */
static void run(wg_context *ctx, const wg_layer *cells, const double *xy, size_t n, uint32_t *cell, timing *best,
                size_t *bytes) {
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
    best->build = fmin(best->build, built - start);
    best->find = fmin(best->find, done - built);
    best->both = fmin(best->both, done - start);
    *bytes = wg_locator_bytes(locator);
    wg_locator_free(locator);
}

static void *additions(void *sum) {
    uint64_t x = 1;
    for (int i = 0; i < 40000000; i++) {
        x += x >> 3;
        __asm__ volatile("" : "+r"(x)); /* done one by one */
    }
    *(uint64_t *)sum = x;
    return NULL;
}

/** Seconds of the same work on one thread, or on each of two at once. */
static double additions_on(int threads) {
    uint64_t sum[2];
    pthread_t other;
    const double start = now();
    const bool started = threads > 1 && pthread_create(&other, NULL, additions, &sum[1]) == 0;
    (void)additions(&sum[0]);
    if (started) {
        (void)pthread_join(other, NULL);
    }
    return now() - start;
}

/** @return seconds; counts points with another answer, and those in a cell */
static double run_geos(const wg_layer *cells, const double *xy, size_t n, const uint32_t *cell, size_t *different,
                       size_t *inside) {
    const double start = now();
    geos_oracle oracle;
    geos_oracle_init(&oracle, cells);
    *different = *inside = 0;
    for (size_t p = 0; p < n; p++) {
        const uint32_t expected = geos_oracle_find(&oracle, xy[2 * p], xy[2 * p + 1], NULL);
        *different += cell[p] != expected ? 1 : 0;
        *inside += expected != WG_UNASSIGNED ? 1 : 0;
    }
    const double took = now() - start;
    geos_oracle_release(&oracle);
    return took;
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
    timing one = never, two = never;
    double machine_one = 1e9, machine_two = 1e9, geos = 1e9;
    size_t bytes = 0, different = 0, inside = 0;
    for (int r = 0; r < 3 * rounds; r++) {
        wg_context_set_threads(ctx, 1);
        run(ctx, cells, xy, n, cell, &one, &bytes);
        wg_context_set_threads(ctx, 2);
        run(ctx, cells, xy, n, cell, &two, &bytes);
        machine_one = fmin(machine_one, additions_on(1));
        machine_two = fmin(machine_two, additions_on(2));
        if (r % 3 == 0) {
            geos = fmin(geos, run_geos(cells, xy, n, cell, &different, &inside));
        }
    }
    printf("points %zu cells %zu inside %zu different from GEOS %zu\n", n, wg_layer_rows(cells), inside, different);
    printf("wangge 1 thread: index %.4f s, find %.4f s (%.1f ns a point), together %.4f s, index memory %.1f MB\n",
           one.build, one.find, one.find / (double)n * 1e9, one.both, (double)bytes / 1e6);
    printf(
        "wangge 2 threads: index %.4f s, find %.4f s, together %.4f s: %.2f times one thread (additions alone: %.2f)\n",
        two.build, two.find, two.both, one.both / two.both, 2 * machine_one / machine_two);
    printf(
        "GEOS STRtree + prepared: %.3f s, %.1f times wangge's one thread with its index, %.1f times its find alone\n",
        geos, geos / one.both, geos / one.find);
    wg_layer_free(cells);
    free(xy);
    free(cell);
    wg_context_free(ctx);
    return different == 0 ? 0 : 1;
}
