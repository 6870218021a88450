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

static const double PENALTY = 0.3; /**< of the first weight of limits: low, so that the search begins free */

/** Found by several chains, and by a fair part of them: another is unlikely. */
static bool settled(const wg_search *search, uint32_t hits, uint32_t chains) {
    const uint32_t enough = 2 + search->effort / 3;
    return hits >= enough && hits * 3 >= chains;
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

/* ------------------------------------------------------------------ several plans */

enum { POOL = 6 };

/** Good plans of different chains, best first not needed: slots are replaced where a better one comes. */
typedef struct pool {
    uint32_t *label[POOL];
    wg_zi_key key[POOL];
    uint32_t n;
} pool;

static void pool_release(pool *plans) {
    for (uint32_t i = 0; i < POOL; i++) {
        free(plans->label[i]);
    }
}

/** Put a plan in; a full pool loses its worst. @return false: no memory */
static bool pool_add(pool *plans, const uint32_t *label, uint32_t n, const wg_zi_key *key) {
    uint32_t slot = 0;
    if (plans->n < POOL) {
        slot = plans->n;
        plans->label[slot] = wg_malloc(n, sizeof *label);
        if (plans->label[slot] == NULL) {
            return false;
        }
        plans->n++;
    } else {
        for (uint32_t i = 1; i < POOL; i++) {
            slot = wg_key_better(&plans->key[slot], &plans->key[i]) ? i : slot;
        }
        if (wg_key_better(&plans->key[slot], key)) {
            return true;
        }
    }
    memcpy(plans->label[slot], label, n * sizeof *label);
    plans->key[slot] = *key;
    return true;
}

/** Number the connected pieces on which two plans agree. */
static uint32_t common_pieces(const wg_instance *in, const uint32_t *a, const uint32_t *b, uint32_t *map,
                              uint32_t *stack) {
    uint32_t count = 0;
    memset(map, 0xff, in->n * sizeof *map);
    for (uint32_t root = 0; root < in->n; root++) {
        if (map[root] != WG_UNASSIGNED) {
            continue;
        }
        uint32_t top = 0;
        map[root] = count;
        stack[top++] = root;
        while (top > 0) {
            const uint32_t v = stack[--top];
            for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
                const uint32_t w = in->to[h];
                if (map[w] == WG_UNASSIGNED && a[w] == a[v] && b[w] == b[v]) {
                    map[w] = count;
                    stack[top++] = w;
                }
            }
        }
        count++;
    }
    return count;
}

/**
 * Combine two plans (Sanders and Schulz 2012): what both keep together becomes one unit; on that small instance the
 * search begins at the first plan, so that the result is no worse. `label` and `key` hold the first plan, then the
 * result.
 */
static wg_status combine(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *other, uint32_t *label,
                         wg_zi_key *key) {
    wg_status status = WG_OK;
    wg_instance *small = NULL;
    uint32_t *scratch = wg_malloc(in->n, 3 * sizeof *scratch);
    if (scratch == NULL) {
        return wg_fail_memory(search->ctx);
    }
    uint32_t *map = scratch, *coarse = scratch + in->n, *stack = scratch + 2 * (size_t)in->n;
    const uint32_t count = common_pieces(in, label, other, map, stack);
    if (count <= k || count == in->n) {
        goto done;
    }
    WG_TRY(wg_instance_contract(search->ctx, in, map, count, &small));
    for (uint32_t v = 0; v < in->n; v++) {
        coarse[map[v]] = label[v];
    }
    const wg_anneal_plan plan = {.steps = 500 + 60 * (uint64_t)count, .hot = 1, .cold = 0.2, .penalty = PENALTY};
    WG_TRY(improve(search, small, k, &plan, coarse, key));
    for (uint32_t v = 0; v < in->n; v++) {
        label[v] = coarse[map[v]];
    }
done:
    wg_instance_free(small);
    free(scratch);
    return status;
}

/* ------------------------------------------------------------------ chains */

/** How many average units fit between the ends of the tightest limit: below one, most plans that one meets are out. */
static double tightness(const wg_instance *in) {
    double least = INFINITY;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        const wg_zi_limit *limit = &in->limit[a];
        if (limit->soft <= 0 && isfinite(limit->min) && isfinite(limit->max) && in->total[a] > 0) {
            least = fmin(least, (limit->max - limit->min) * in->n / in->total[a]);
        }
    }
    return least;
}

/**
 * Steps of a chain, and of all of them. Community-sized problems come by the ten thousand, and a few chains agree on
 * them; the steep rise brings larger problems, and those with tight limits, to where most of them are solved (see
 * decisions).
 */
static void chain_budget(const wg_search *search, const wg_instance *in, uint32_t k, uint64_t *one, uint64_t *all) {
    const double n = in->n, f = effort_factor(search);
    if (in->objective == WG_OBJECTIVE_PLAN) {
        *one = (uint64_t)fmax(1500, 40 * n * sqrt(k));
        *all = (uint64_t)(fmax(5e3, 800 * n) * f);
        return;
    }
    const double hard = tightness(in) < 0.75 ? 1 : fmin(1, pow(n / 250, 5));
    *one = (uint64_t)fmax(1500, 40 * n * sqrt(k));
    *all = (uint64_t)((250 * n + 3e6 * hard + (n > 250 ? 3000 * (n - 250) : 0)) * f);
}

/**
 * Independent chains, each a little longer than the last; each result is combined with one of the best so far. Ends
 * when the steps are spent, or when the best plan was found so often that another is unlikely.
 */
static wg_status run_chains(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *start,
                            wg_outcome *out) {
    wg_status status = WG_OK;
    uint64_t steps, budget;
    pool plans = {.n = 0};
    chain_budget(search, in, k, &steps, &budget);
    const uint64_t end = search->steps + budget;
    uint32_t hits = 0;
    uint32_t *label = wg_malloc(in->n, sizeof *label);
    if (label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    for (uint32_t chain = 0; chain < CHAINS_MAX && !search->capped; chain++) {
        const uint64_t left = search->steps < end ? end - search->steps : 0;
        if (chain > 0 && (left < steps / 2 || settled(search, hits, chain))) {
            break;
        }
        const wg_anneal_plan plan = {
            .steps = steps < left || chain == 0 ? steps : left, .hot = 1, .cold = 0.2, .penalty = PENALTY};
        wg_zi_key key;
        if (start != NULL && chain == 0) {
            memcpy(label, start, in->n * sizeof *label);
        } else {
            WG_TRY(construct(search, in, k, chain, label));
        }
        WG_TRY(improve(search, in, k, &plan, label, &key));
        const wg_zi_key own = key;
        if (plans.n > 0 && (search->moves_off & WG_COMBINE) == 0) {
            WG_TRY(combine(search, in, k, plans.label[wg_random_below(&search->random, plans.n)], label, &key));
        }
        if (!pool_add(&plans, label, in->n, &key)) {
            status = wg_fail_memory(search->ctx);
            goto done;
        }
        if (wg_key_better(&key, &out->key)) {
            out->key = key;
            memcpy(out->label, label, in->n * sizeof *label);
            hits = 0;
            wg_search_trace(search, "chain", &key, k);
        }
        hits += same_key(&own, &out->key) || same_key(&key, &out->key);
        steps += steps / 16;
    }
done:
    pool_release(&plans);
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
            .steps = (uint64_t)(600 * (double)fine->n * effort_factor(search)), .hot = 0.5, .cold = 0.12, .penalty = 1};
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
