/*
 * One large problem: by default 200 000 units that become 1000 cells, loads within 1 % of even.
 *
 *     bench_zoning_large [UNITS [CELLS [EFFORT [GRAPH]]]]     GRAPH: also written as a METIS graph file, for gpmetis
 */
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>

#include "../support/random_map.h"
#include "zoning/zoning.h"

static int by_unit(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : x[1] < y[1] ? -1 : x[1] > y[1];
}

static void write_metis(const random_map *map, const char *path) {
    uint32_t *ends = malloc(map->n_edges * 4 * sizeof *ends);
    FILE *file = fopen(path, "w");
    if (ends == NULL || file == NULL) {
        return;
    }
    for (size_t e = 0; e < map->n_edges; e++) {
        ends[4 * e] = ends[4 * e + 3] = map->edges[e].u;
        ends[4 * e + 1] = ends[4 * e + 2] = map->edges[e].v;
    }
    qsort(ends, 2 * map->n_edges, 2 * sizeof *ends, by_unit);
    (void)fprintf(file, "%u %zu 010\n", map->n, map->n_edges);
    size_t at = 0;
    for (uint32_t v = 0; v < map->n; v++) {
        (void)fprintf(file, "%.0f", map->weight[v]);
        for (; at < 2 * map->n_edges && ends[2 * at] == v; at++) {
            (void)fprintf(file, " %u", ends[2 * at + 1] + 1);
        }
        (void)fputc('\n', file);
    }
    (void)fclose(file);
    free(ends);
}

int main(int argc, char **argv) {
    const uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1]) : 200000, k = argc > 2 ? (uint32_t)atoi(argv[2]) : 1000;
    wg_random random;
    wg_random_seed(&random, 1, "large");
    random_map map = random_map_make(&random, n, 9);
    if (argc > 4) {
        write_metis(&map, argv[4]);
    }
    double total = 0, largest = 0;
    for (uint32_t v = 0; v < n; v++) {
        total += map.weight[v];
    }
    struct rusage before, after;
    (void)getrusage(RUSAGE_SELF, &before);
    const double mean = total / k;
    const wg_limit limit = {"weight", 0.9 * mean, mean, 1.01 * mean};
    wg_context *ctx = wg_context_new();
    wg_problem *problem = NULL;
    wg_solution *solution = NULL;
    const wg_solve_options options = {.objective = WG_OBJECTIVE_CUT,
                                      .count_min = k,
                                      .count_max = k,
                                      .effort = argc > 3 ? (uint32_t)atoi(argv[3]) : 5};
    if (wg_problem_new(ctx, n, map.edges, map.n_edges, &problem) != WG_OK ||
        wg_problem_add_attribute(ctx, problem, map.weight, &limit, 0) != WG_OK ||
        wg_problem_solve(ctx, problem, &options, &solution) != WG_OK) {
        (void)fprintf(stderr, "%s\n", wg_context_error(ctx));
        return 1;
    }
    (void)getrusage(RUSAGE_SELF, &after);
    for (uint32_t c = 0; c < k; c++) {
        largest = fmax(largest, solution->sum[c] / mean);
    }
    printf("{\"units\": %u, \"edges\": %zu, \"cells\": %u, \"cut\": %.0f, \"largest_load\": %.4f, \"out\": %u, "
           "\"seconds\": %.2f, \"steps\": %llu, \"solver_mb\": %.1f}\n",
           n, map.n_edges, k, solution->score, largest, solution->out, solution->seconds,
           (unsigned long long)solution->steps, (double)(after.ru_maxrss - before.ru_maxrss) / 1024);
    wg_solution_free(solution);
    wg_problem_free(problem);
    wg_context_free(ctx);
    random_map_free(&map);
    return 0;
}
