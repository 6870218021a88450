/**
 * Random maps for tests and benchmarks: a lattice of small squares on which `n` regions grow from random seeds. Regions
 * are the units: planar, with true areas, shared lengths and outer lines, as a city's blocks are.
 */
#ifndef WG_TESTS_RANDOM_MAP_H
#define WG_TESTS_RANDOM_MAP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "wangge.h"

typedef struct random_map {
    uint32_t n, rows, columns;
    uint32_t *unit; /**< rows * columns */
    wg_edge *edges;
    size_t n_edges;
    double *weight, *area, *outer, *x, *y; /**< n each */
} random_map;

static void random_map_free(random_map *map) {
    free(map->unit);
    free(map->edges);
    free(map->weight);
    free(map->area);
    free(map->outer);
    free(map->x);
    free(map->y);
    memset(map, 0, sizeof *map);
}

/** Grow regions: squares are given to a random neighbour's region until none is left. */
static void random_map_grow(random_map *map, wg_random *random) {
    const uint32_t squares = map->rows * map->columns;
    uint32_t *front = malloc(((size_t)squares * 4 + map->n) * 2 * sizeof *front), n_front = 0;
    for (uint32_t s = 0; s < squares; s++) {
        map->unit[s] = WG_UNASSIGNED;
    }
    for (uint32_t u = 0; u < map->n; u++) {
        uint32_t s = wg_random_below(random, squares);
        while (map->unit[s] != WG_UNASSIGNED) {
            s = (s + 1) % squares;
        }
        map->unit[s] = u;
        front[2 * n_front] = s;
        front[2 * n_front++ + 1] = u;
    }
    while (n_front > 0) {
        const uint32_t at = wg_random_below(random, n_front), s = front[2 * at], u = front[2 * at + 1];
        n_front--;
        front[2 * at] = front[2 * n_front];
        front[2 * at + 1] = front[2 * n_front + 1];
        if (map->unit[s] != WG_UNASSIGNED && map->unit[s] != u) {
            continue;
        }
        map->unit[s] = u;
        const uint32_t r = s / map->columns, c = s % map->columns;
        const uint32_t next[4] = {r > 0 ? s - map->columns : WG_UNASSIGNED,
                                  r + 1 < map->rows ? s + map->columns : WG_UNASSIGNED, c > 0 ? s - 1 : WG_UNASSIGNED,
                                  c + 1 < map->columns ? s + 1 : WG_UNASSIGNED};
        for (int i = 0; i < 4; i++) {
            if (next[i] != WG_UNASSIGNED && map->unit[next[i]] == WG_UNASSIGNED) {
                front[2 * n_front] = next[i];
                front[2 * n_front++ + 1] = u;
            }
        }
    }
    free(front);
}

static int random_map_by_ends(const void *a, const void *b) {
    const wg_edge *x = a, *y = b;
    if (x->u != y->u) {
        return x->u < y->u ? -1 : 1;
    }
    return x->v < y->v ? -1 : x->v > y->v;
}

/** A square's side towards another square (or the outside, WG_UNASSIGNED). */
static void random_map_side(random_map *map, uint32_t s, uint32_t other, double metres) {
    const uint32_t u = map->unit[s];
    if (other == WG_UNASSIGNED) {
        map->outer[u] += metres;
    } else if (map->unit[other] != u && s < other) {
        const uint32_t v = map->unit[other];
        map->edges[map->n_edges++] = (wg_edge){.u = u < v ? u : v, .v = u < v ? v : u, .length = metres};
    }
}

static void random_map_measure(random_map *map, double metres) {
    const uint32_t squares = map->rows * map->columns;
    for (uint32_t s = 0; s < squares; s++) {
        const uint32_t u = map->unit[s], r = s / map->columns, c = s % map->columns;
        map->area[u] += metres * metres;
        map->x[u] += c * metres * metres * metres;
        map->y[u] += r * metres * metres * metres;
        random_map_side(map, s, r > 0 ? s - map->columns : WG_UNASSIGNED, metres);
        random_map_side(map, s, r + 1 < map->rows ? s + map->columns : WG_UNASSIGNED, metres);
        random_map_side(map, s, c > 0 ? s - 1 : WG_UNASSIGNED, metres);
        random_map_side(map, s, c + 1 < map->columns ? s + 1 : WG_UNASSIGNED, metres);
    }
    for (uint32_t u = 0; u < map->n; u++) {
        map->x[u] /= map->area[u];
        map->y[u] /= map->area[u];
    }
    qsort(map->edges, map->n_edges, sizeof *map->edges, random_map_by_ends);
    size_t kept = 0;
    for (size_t e = 0; e < map->n_edges; e++) {
        if (kept > 0 && random_map_by_ends(&map->edges[kept - 1], &map->edges[e]) == 0) {
            map->edges[kept - 1].length += map->edges[e].length;
        } else {
            map->edges[kept++] = map->edges[e];
        }
    }
    map->n_edges = kept;
}

/**
 * @param squares  lattice squares a unit, on average (at least 1)
 * Weights are 10 .. 50; ranks of edges are drawn, half of them 0.
 */
static random_map random_map_make(wg_random *random, uint32_t n, uint32_t squares) {
    random_map map = {.n = n};
    while ((uint64_t)map.rows * map.rows < (uint64_t)n * squares) {
        map.rows++;
    }
    map.columns = (n * squares + map.rows - 1) / map.rows;
    const size_t total = (size_t)map.rows * map.columns;
    map.unit = malloc(total * sizeof *map.unit);
    map.edges = malloc(4 * total * sizeof *map.edges);
    map.weight = calloc(n, sizeof(double));
    map.area = calloc(n, sizeof(double));
    map.outer = calloc(n, sizeof(double));
    map.x = calloc(n, sizeof(double));
    map.y = calloc(n, sizeof(double));
    random_map_grow(&map, random);
    random_map_measure(&map, 20);
    for (uint32_t u = 0; u < n; u++) {
        map.weight[u] = 10 + wg_random_below(random, 41);
    }
    for (size_t e = 0; e < map.n_edges; e++) {
        map.edges[e].rank = (uint8_t)(wg_random_below(random, 2) == 0 ? 0 : 1 + wg_random_below(random, 9));
    }
    return map;
}

#endif
