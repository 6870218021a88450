/*
 * What each move and each start is worth: mean score on random maps with one of them left out at a time, at equal
 * steps.
 *
 *     bench_zoning_moves [MAPS [UNITS CELLS [PERCENT]]]     limits are +- PERCENT of the mean
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../support/random_map.h"
#include "zoning/problem.h"

typedef struct without {
    const char *name;
    uint32_t off;
} without;

static const without CASES[] = {
    {"everything", 0},
    {"no swaps", WG_MOVE_SWAP},
    {"no re-split of two", WG_MOVE_TREE},
    {"no re-split of three", WG_MOVE_TREE3},
    {"no merge and split", WG_MOVE_MERGE},
    {"no tree moves", WG_REDRAWS},
    {"no redraws along lines", WG_MOVE_LINE},
    {"no combining", WG_COMBINE},
    {"no levels", WG_MULTILEVEL},
    {"no growth", WG_START_GROW},
    {"no bisection", WG_START_BISECT},
    {"no power diagrams", WG_START_POWER},
    {"boundary moves only", WG_MOVE_SWAP | WG_REDRAWS | WG_MOVE_LINE | WG_COMBINE},
};

typedef struct tally {
    double score, seconds;
    uint32_t out;
} tally;

static wg_status solve(wg_context *ctx, const wg_problem *problem, wg_objective objective, uint32_t off, uint32_t k,
                       uint64_t seed, tally *sum) {
    wg_status status = WG_OK;
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    wg_zoning_weights weights;
    wg_prepared prepared = {0};
    wg_outcome outcome = {0};
    options.solve.objective = objective;
    wg_zoning_weights_init(&weights);
    wg_search search = {.ctx = ctx, .effort = 5, .deadline = INFINITY, .moves_off = off};
    wg_random_seed(&search.random, seed, NULL);
    WG_TRY(wg_prepare(ctx, problem, &options, &weights, true, &prepared));
    WG_TRY(wg_instance_measure_hops(ctx, prepared.base));
    outcome.label = wg_malloc(prepared.base->n, sizeof *outcome.label);
    const double begun = wg_zoning_clock();
    WG_TRY(wg_solve_instance(&search, prepared.base, k, NULL, &outcome));
    sum->seconds += wg_zoning_clock() - begun;
    sum->score += outcome.key.score;
    sum->out += outcome.key.out > 0;
done:
    free(outcome.label);
    wg_prepared_release(&prepared);
    return status;
}

static wg_status solve_map(wg_context *ctx, uint32_t number, uint32_t n, uint32_t k, double percent,
                           wg_objective objective, uint32_t off, tally *sum) {
    wg_random random;
    wg_random_seed(&random, number, "moves");
    random_map map = random_map_make(&random, n, 16);
    wg_problem *problem = NULL;
    double total = 0;
    for (uint32_t u = 0; u < n; u++) {
        total += map.weight[u];
    }
    const wg_limit limit = {"weight", total / k * (1 - percent / 100), total / k, total / k * (1 + percent / 100)};
    wg_status status = wg_problem_new(ctx, n, map.edges, map.n_edges, &problem);
    if (status == WG_OK) {
        status = wg_problem_add_attribute(ctx, problem, map.weight, &limit, 0);
    }
    if (status == WG_OK) {
        status = wg_problem_set_shape(ctx, problem, map.area, map.outer, map.x, map.y);
    }
    if (status == WG_OK) {
        status = solve(ctx, problem, objective, off, k, number, sum);
    }
    wg_problem_free(problem);
    random_map_free(&map);
    return status;
}

int main(int argc, char **argv) {
    const uint32_t maps = argc > 1 ? (uint32_t)atoi(argv[1]) : 30, n = argc > 2 ? (uint32_t)atoi(argv[2]) : 100;
    const uint32_t k = argc > 3 ? (uint32_t)atoi(argv[3]) : 6;
    const double percent = argc > 4 ? atof(argv[4]) : 3;
    wg_context *ctx = wg_context_new();
    printf("%u maps of %u units, %u cells, +-%g %%\n", maps, n, k, percent);
    printf("%-22s %10s %10s %4s %10s %10s %4s\n", "", "cut", "seconds", "out", "plan", "seconds", "out");
    for (size_t c = 0; c < sizeof CASES / sizeof CASES[0]; c++) {
        tally cut = {0}, plan = {0};
        for (uint32_t i = 0; i < maps; i++) {
            if (solve_map(ctx, i, n, k, percent, WG_OBJECTIVE_CUT, CASES[c].off, &cut) != WG_OK ||
                solve_map(ctx, i, n, k, percent, WG_OBJECTIVE_PLAN, CASES[c].off, &plan) != WG_OK) {
                (void)fprintf(stderr, "%s\n", wg_context_error(ctx));
                return 1;
            }
        }
        printf("%-22s %10.3f %10.4f %4u %10.4f %10.4f %4u\n", CASES[c].name, cut.score / maps, cut.seconds / maps,
               cut.out, plan.score / maps, plan.seconds / maps, plan.out);
        (void)fflush(stdout);
    }
    wg_context_free(ctx);
    return 0;
}
