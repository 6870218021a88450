/** The solver's entrance: options, the search, and what is handed back. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoning/trace.h"

static wg_status check_options(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options) {
    const wg_solve_options *o = &options->solve;
    if (o->effort > 10) {
        return wg_fail(ctx, WG_EINVAL, "effort %u is not among 1..10", o->effort);
    }
    if (o->count_max > 0 && o->count_min > o->count_max) {
        return wg_fail(ctx, WG_EINVAL, "at least %u and at most %u cells: no number is both", o->count_min,
                       o->count_max);
    }
    if (!(o->stability >= 0 && o->stability <= 1)) {
        return wg_fail(ctx, WG_EINVAL, "stability %g is not between 0 and 1", o->stability);
    }
    if (!(o->time_s >= 0)) {
        return wg_fail(ctx, WG_EINVAL, "the time cap is negative or not a number");
    }
    if ((unsigned)o->objective > WG_OBJECTIVE_MAXP || (unsigned)options->exclaves > WG_EXCLAVES_SEPARATE) {
        return wg_fail(ctx, WG_EINVAL, "unknown objective or treatment of exclaves");
    }
    if (o->objective == WG_OBJECTIVE_INERTIA && problem->x == NULL) {
        return wg_fail(ctx, WG_EINVAL, "the objective inertia needs x and y of every unit");
    }
    if (o->objective == WG_OBJECTIVE_MAXP) {
        bool floor = false;
        for (size_t a = 0; a < problem->n_attributes; a++) {
            floor = floor || (problem->attributes[a].soft <= 0 && problem->attributes[a].limit.min > 0);
        }
        for (uint32_t v = 0; problem->locked != NULL && v < problem->n; v++) {
            if (problem->locked[v]) {
                return wg_fail(ctx, WG_EINVAL, "the objective maxp makes cells anew: unit %u cannot be locked", v);
            }
        }
        if (!floor) {
            return wg_fail(ctx, WG_EINVAL, "the objective maxp needs a minimum (a floor) on an attribute");
        }
    }
    return WG_OK;
}

void wg_solution_free(wg_solution *solution) {
    if (solution != NULL) {
        free(solution->label);
        free(solution->cells);
        free(solution->sum);
        free(solution->attached);
        free(solution->certificates);
        free(solution->json);
        free(solution);
    }
}

/** Compounds kept whole may cost a limit, which comes first: then they may be divided, if that helps. */
static wg_status find_best(wg_search *search, const wg_problem *problem, const wg_zoning_options *options,
                           const wg_zoning_weights *weights, wg_found *found) {
    wg_status status = WG_OK;
    wg_found divided = {0};
    WG_TRY(wg_find_plan(search, problem, options, weights, true, found));
    if (problem->group == NULL || wg_key_keeps(&found->key) || search->capped) {
        return WG_OK;
    }
    WG_TRY(wg_find_plan(search, problem, options, weights, false, &divided));
    if (divided.key.conflicts < found->key.conflicts ||
        (divided.key.conflicts == found->key.conflicts &&
         (divided.key.out < found->key.out ||
          (divided.key.out == found->key.out && divided.key.excess < found->key.excess - 1e-9)))) {
        const wg_found whole = *found;
        *found = divided;
        divided = whole;
    }
done:
    wg_found_release(&divided);
    return status;
}

static wg_status write_trace(wg_context *ctx, const char *path, const wg_buffer *trace) {
    if (trace->failed) {
        return wg_fail_memory(ctx);
    }
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be written", path);
    }
    const bool written = trace->length == 0 || fwrite(trace->data, trace->length, 1, file) == 1;
    if (fclose(file) != 0 || !written) {
        return wg_fail(ctx, WG_EIO, "%s: writing failed", path);
    }
    return WG_OK;
}

wg_status wg_zoning_solve(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                          wg_solution **solution) {
    wg_clear_error(ctx);
    wg_status status = WG_OK;
    const wg_solve_options *o = &options->solve;
    wg_found found = {0};
    wg_solution *made = NULL;
    wg_trace trace = {0};
    wg_zoning_weights weights;
    *solution = NULL;
    wg_zoning_weights_init(&weights);
    if (options->weights != NULL) {
        weights = *options->weights;
    }
    WG_TRY(check_options(ctx, problem, options));
    const double begun = wg_zoning_clock();
    wg_search search = {.ctx = ctx, .effort = o->effort > 0 ? o->effort : 5, .deadline = INFINITY};
    search.deadline = o->time_s > 0 ? begun + o->time_s : INFINITY;
    wg_random_seed(&search.random, o->seed, o->stream);
    if (o->trace != NULL) {
        WG_TRY(wg_trace_init(ctx, &trace, problem->n));
        search.trace = &trace;
    }
    WG_TRY(find_best(&search, problem, options, &weights, &found));
    made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_write_solution(ctx, problem, options, &found, made));
    made->steps = search.steps;
    made->capped = search.capped;
    WG_TRY(wg_explain(ctx, problem, options, &found, made));
    made->seconds = wg_zoning_clock() - begun;
    WG_TRY(wg_write_json(ctx, problem, options, made));
    if (o->trace != NULL) {
        wg_trace_end(&search, made);
        WG_TRY(write_trace(ctx, o->trace, &trace.text));
    }
    *solution = made;
    made = NULL;
done:
    wg_found_release(&found);
    wg_trace_release(&trace);
    wg_solution_free(made);
    return status;
}

wg_status wg_problem_solve(wg_context *ctx, const wg_problem *problem, const wg_solve_options *options,
                           wg_solution **solution) {
    wg_zoning_options inner = WG_ZONING_OPTIONS_INIT;
    inner.solve = *options;
    return wg_zoning_solve(ctx, problem, &inner, solution);
}

const uint32_t *wg_solution_labels(const wg_solution *solution) {
    return solution->label;
}

uint32_t wg_solution_cells(const wg_solution *solution) {
    return solution->n_cells;
}

uint32_t wg_solution_out_of_limits(const wg_solution *solution) {
    return solution->out;
}

bool wg_solution_proven(const wg_solution *solution) {
    return solution->proven;
}

const char *wg_solution_json(const wg_solution *solution) {
    return solution->json;
}
