/** One connected instance and a number of cells: starts, chains of annealing, levels, proof. */
#include <math.h>
#include <string.h>

#include "zoning/instance.h"

enum {
    LEVELS_MAX = 24,
    FLAT_UNITS = 1200,    /**< up to here the search works on the units themselves */
    COARSE_PER_CELL = 24, /**< units a cell on the coarsest level */
    CHAINS_MAX = 400
};

static const wg_zi_key WORST = {UINT32_MAX, UINT32_MAX, INFINITY, INFINITY};

/** Effort 5 is 1; each step up or down is a factor of 1.8. */
static double effort_factor(const wg_search *search) {
    return pow(1.8, (double)search->effort - 5);
}

static bool same_key(const wg_zi_key *a, const wg_zi_key *b) {
    return !wg_key_better(a, b) && !wg_key_better(b, a);
}

/** Construction number `which` of those that the instance offers. */
static wg_status construct(wg_search *search, const wg_instance *in, uint32_t k, uint32_t which, uint32_t *label) {
    const bool points = in->shape != NULL && (in->has_area || in->objective == WG_OBJECTIVE_INERTIA);
    if (in->home != NULL && (which == 0 || in->stay[0] > 1)) {
        return wg_start_present(search, in, k, label);
    }
    if (points && which % 2 == 0 && (search->moves_off & WG_START_POWER) == 0) {
        return wg_start_power(search, in, k, label);
    }
    if (which % 4 == 3 && (search->moves_off & WG_START_BISECT) == 0) {
        return wg_start_bisect(search, in, k, label);
    }
    return wg_start_grow(search, in, k, label);
}

/** Anneal from `label`; the better plan of before and after is in `label` and `key`. */
static wg_status improve(wg_search *search, const wg_instance *in, uint32_t k, const wg_anneal_plan *plan,
                         uint32_t *label, wg_zi_key *key) {
    wg_state state;
    wg_status status = wg_state_init(search->ctx, &state, in, k);
    if (status == WG_OK) {
        wg_state_set(&state, label);
        status = wg_anneal(search, &state, plan, label, key);
        wg_state_set(&state, label); /* the running sums have gathered rounding errors */
        *key = state.key;
        wg_state_release(&state);
    }
    return status;
}

/** Steps of the first chain and of all chains. */
static void chain_budget(const wg_search *search, const wg_instance *in, uint32_t k, uint64_t *first, uint64_t *all) {
    const double n = in->n, f = effort_factor(search);
    *first = (uint64_t)fmax(2000, 40 * n * sqrt(k));
    *all = (uint64_t)fmax(2e4, (in->objective == WG_OBJECTIVE_PLAN ? 800 : 6000) * n * f);
}

/** Independent chains, each a little longer than the last, until the best plan was found several times or the steps are
 * spent. */
static wg_status run_chains(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *start,
                            wg_outcome *out) {
    wg_status status = WG_OK;
    uint64_t steps, budget;
    chain_budget(search, in, k, &steps, &budget);
    const uint64_t end = search->steps + budget;
    const uint32_t enough = 2 + search->effort / 3;
    uint32_t hits = 0;
    uint32_t *label = wg_malloc(in->n, sizeof *label);
    if (label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    for (uint32_t chain = 0; chain < CHAINS_MAX && hits < enough && !search->capped; chain++) {
        const uint64_t left = search->steps < end ? end - search->steps : 0;
        if (left < steps / 2 && chain > 0) {
            break;
        }
        const wg_anneal_plan plan = {.steps = steps < left || chain == 0 ? steps : left, .hot = 1, .cold = 0.15};
        wg_zi_key key;
        if (start != NULL && chain == 0) {
            memcpy(label, start, in->n * sizeof *label);
        } else {
            WG_TRY(construct(search, in, k, chain, label));
        }
        WG_TRY(improve(search, in, k, &plan, label, &key));
        if (wg_key_better(&key, &out->key)) {
            out->key = key;
            memcpy(out->label, label, in->n * sizeof *label);
            hits = 1;
            wg_search_trace(search, "chain", &key, k);
        } else {
            hits += same_key(&key, &out->key);
        }
        steps += steps / 4;
    }
done:
    free(label);
    return status;
}

/** Coarsen, solve the coarsest, refine back. */
static wg_status run_levels(wg_search *search, const wg_instance *in, uint32_t k, wg_outcome *out) {
    wg_status status = WG_OK;
    wg_instance *level[LEVELS_MAX] = {0};
    uint32_t *map[LEVELS_MAX] = {0}, levels = 0;
    const wg_instance *finest = in;
    wg_outcome coarse = {.key = WORST};
    const double most = 1.0 / k / 8;
    while (levels < LEVELS_MAX && finest->n > COARSE_PER_CELL * k && finest->n > 400) {
        map[levels] = wg_malloc(finest->n, sizeof *map[levels]);
        if (map[levels] == NULL) {
            status = wg_fail_memory(search->ctx);
            goto done;
        }
        WG_TRY(wg_coarsen(search, finest, most, map[levels], &level[levels]));
        levels++;
        if (level[levels - 1]->n > finest->n * 0.95) {
            break;
        }
        finest = level[levels - 1];
    }
    coarse.label = wg_malloc(in->n, sizeof *coarse.label);
    if (coarse.label == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    finest = levels > 0 ? level[levels - 1] : in;
    WG_TRY(run_chains(search, finest, k, NULL, &coarse));
    for (uint32_t l = levels; l-- > 0;) {
        const wg_instance *fine = l > 0 ? level[l - 1] : in;
        for (uint32_t v = 0; v < fine->n; v++) {
            out->label[v] = coarse.label[map[l][v]];
        }
        const wg_anneal_plan plan = {
            .steps = (uint64_t)(600 * (double)fine->n * effort_factor(search)), .hot = 0.5, .cold = 0.12};
        WG_TRY(improve(search, fine, k, &plan, out->label, &coarse.key));
        memcpy(coarse.label, out->label, fine->n * sizeof *coarse.label);
        wg_search_trace(search, "level", &coarse.key, k);
    }
    out->key = coarse.key;
    memcpy(out->label, coarse.label, in->n * sizeof *out->label);
done:
    for (uint32_t l = 0; l < LEVELS_MAX; l++) {
        wg_instance_free(level[l]);
        free(map[l]);
    }
    free(coarse.label);
    return status;
}

/** One cell, or one a unit: there is nothing to search. */
static wg_status trivial(wg_search *search, const wg_instance *in, uint32_t k, wg_outcome *out) {
    wg_state state;
    const wg_status status = wg_state_init(search->ctx, &state, in, k);
    if (status == WG_OK) {
        for (uint32_t v = 0; v < in->n; v++) {
            out->label[v] = k == 1 ? 0 : v;
        }
        wg_state_set(&state, out->label);
        out->key = state.key;
        out->bound = state.key.score;
        out->proven = true;
        wg_state_release(&state);
    }
    return status;
}

wg_status wg_solve_instance(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *start,
                            wg_outcome *out) {
    wg_status status = WG_OK;
    out->k = k;
    out->key = WORST;
    out->bound = NAN;
    out->proven = false;
    if (k > in->n) {
        return wg_fail(search->ctx, WG_EINFEASIBLE, "%u cells cannot be made of %u units", k, in->n);
    }
    if (k == 1 || (k == in->n && in->home == NULL)) {
        return trivial(search, in, k, out);
    }
    if (in->n > FLAT_UNITS && start == NULL && (search->moves_off & WG_MULTILEVEL) == 0) {
        WG_TRY(run_levels(search, in, k, out));
    } else {
        WG_TRY(run_chains(search, in, k, start, out));
    }
    if (in->n <= WG_EXACT_UNITS) {
        WG_TRY(wg_exact(search, in, k, (uint64_t)(2e5 * effort_factor(search)), out->label, &out->key, &out->proven));
        out->bound = out->proven ? out->key.score : NAN;
    }
done:
    return status;
}
