/*
 * Many community-sized problems: random maps of 100 units that become 6 cells.
 *
 *     bench_zoning_communities [PROBLEMS [EFFORT [cut|length|plan|bare|table [UNITS CELLS [FIRST]]]]]
 *
 * `bare` is the plan objective where shared lengths and ranks are known, but no areas; `table` where lengths alone are.
 * FIRST is the number of the first problem (0): others than those that something was tuned with. Prints milliseconds a
 * problem, the largest load against the target, and the mean score; quality against effort 10 is the ratio of two runs'
 * scores.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../support/random_map.h"
#include "zoning/zoning.h"

typedef struct tally {
    double milliseconds, worst_ms, score, worst_load, mean_load;
    uint32_t out, near, problems;
} tally;

static bool solve_one(wg_context *ctx, uint32_t number, uint32_t effort, const char *worth, uint32_t n, uint32_t k,
                      tally *sum) {
    wg_random random;
    wg_random_seed(&random, number, "bench");
    random_map map = random_map_make(&random, n, 16);
    double total = 0, largest = 0;
    for (size_t e = 0; strcmp(worth, "table") == 0 && e < map.n_edges; e++) {
        map.edges[e].rank = 0;
    }
    for (uint32_t u = 0; u < n; u++) {
        total += map.weight[u];
    }
    const double target = total / k;
    const wg_limit limit = {"households", 0.97 * target, target, 1.03 * target};
    wg_problem *problem = NULL;
    wg_solution *solution = NULL;
    const wg_solve_options options = {.objective = strcmp(worth, "cut") == 0      ? WG_OBJECTIVE_CUT
                                                   : strcmp(worth, "length") == 0 ? WG_OBJECTIVE_LENGTH
                                                                                  : WG_OBJECTIVE_PLAN,
                                      .count_min = k,
                                      .count_max = k,
                                      .seed = number,
                                      .effort = effort};
    bool good = wg_problem_new(ctx, n, map.edges, map.n_edges, &problem) == WG_OK &&
                wg_problem_add_attribute(ctx, problem, map.weight, &limit, 0) == WG_OK &&
                (strcmp(worth, "bare") == 0 || strcmp(worth, "table") == 0 ||
                 wg_problem_set_shape(ctx, problem, map.area, map.outer, map.x, map.y) == WG_OK);
    good = good && wg_problem_solve(ctx, problem, &options, &solution) == WG_OK;
    if (good) {
        for (uint32_t c = 0; c < solution->n_cells; c++) {
            largest = fmax(largest, fabs(solution->sum[c] / target - 1));
        }
        sum->milliseconds += 1e3 * solution->seconds;
        sum->worst_ms = fmax(sum->worst_ms, 1e3 * solution->seconds);
        sum->score += solution->score;
        sum->worst_load = fmax(sum->worst_load, largest);
        sum->mean_load += largest;
        sum->out += solution->out > 0;
        sum->near += largest <= 0.03 + 1e-9; /* a sum at the very limit */
        sum->problems++;
    }
    wg_solution_free(solution);
    wg_problem_free(problem);
    random_map_free(&map);
    return good;
}

int main(int argc, char **argv) {
    const uint32_t problems = argc > 1 ? (uint32_t)atoi(argv[1]) : 200, effort = argc > 2 ? (uint32_t)atoi(argv[2]) : 5;
    const char *worth = argc > 3 ? argv[3] : "cut";
    const uint32_t n = argc > 4 ? (uint32_t)atoi(argv[4]) : 100, k = argc > 5 ? (uint32_t)atoi(argv[5]) : 6;
    const uint32_t first = argc > 6 ? (uint32_t)atoi(argv[6]) : 0;
    wg_context *ctx = wg_context_new();
    tally sum = {0};
    for (uint32_t i = 0; ctx != NULL && i < problems; i++) {
        if (!solve_one(ctx, first + i, effort, worth, n, k, &sum)) {
            (void)fprintf(stderr, "%s\n", wg_context_error(ctx));
            wg_context_free(ctx);
            return 1;
        }
    }
    printf("{\"problems\": %u, \"units\": %u, \"cells\": %u, \"effort\": %u, \"objective\": \"%s\", \"ms\": %.3f, "
           "\"worst_ms\": %.3f, \"score\": %.4f, \"largest_off\": %.4f, \"mean_off\": %.4f, \"within_3_percent\": %u, "
           "\"out\": %u}\n",
           sum.problems, n, k, effort, worth, sum.milliseconds / sum.problems, sum.worst_ms, sum.score / sum.problems,
           sum.worst_load, sum.mean_load / sum.problems, sum.near, sum.out);
    wg_context_free(ctx);
    return 0;
}
