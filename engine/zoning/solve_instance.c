/** One connected instance and a number of cells: starts, chains of annealing, proof. */
#include <math.h>
#include <string.h>

#include "zoning/chains.h"

enum {
    FLAT_UNITS = 1200,     /**< up to here the search works on the units themselves */
    CHEAP_UNITS = 100,     /**< up to here a search that found no plan within limits goes on whatever the prices are */
    WIDE_UNITS = 250,      /**< above: ten long chains rather than many short ones, and re-splits are dear */
    FEW_STEPS = 100000,    /**< of all chains: below, two starts compete at once, not four */
    LONG_BUDGET = 1000000, /**< of all chains: problems that deceive */
    VARIED_LEAST = 4,      /**< good plans before chains begin at them */
    FEW_LONGER = 8,        /**< times as long as else a small search goes on that has no plan within limits */
    COMBINE_STEPS = 60,    /**< a unit of what two plans do not share */
    COMBINE_LINES = 20,    /**< the same where cells are redrawn along lines */
    CHAINS_MAX = 400
};

double wg_effort_factor(const wg_search *search) {
    return pow(1.8, (double)search->effort - 5);
}

static const double WARM = 0.05, FROZEN = 0.005; /**< temperatures where today's cells count: repairs, not new plans */
static const double REDRAW_STEPS = 100;          /**< a unit of a few cells that are redrawn */
static const double NARROW = 0.75;               /**< average units between the ends of a limit */
static const double NARROW_LONGER = 1.4;         /**< times the steps that other problems take */
static const double FROM_GOOD = 0.4;             /**< temperature of chains that begin at a good plan */
static const double FEW_CHAINS = 15e3;           /**< steps of the fewest chains that agree on a small problem */
static const double PENALTY = 0.3; /**< of the first weight of limits: low, so that the search begins free */

bool wg_is_narrow(const wg_instance *in) {
    double least = INFINITY;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        const wg_zi_limit *limit = &in->limit[a];
        if (limit->soft <= 0 && isfinite(limit->min) && isfinite(limit->max) && in->total[a] > 0) {
            least = fmin(least, (limit->max - limit->min) * in->n / in->total[a]);
        }
    }
    return least < NARROW;
}

/** What an average unit pays for leaving its present cell; 0: nothing holds it there. */
static double mean_stay(const wg_instance *in) {
    double sum = 0;
    for (uint32_t v = 0; v < in->n && in->home != NULL; v++) {
        sum += in->stay[v];
    }
    return sum / in->n;
}

/** Areas and outlines alone make the price of a plan: no count of cuts, no households that stay where they are. */
static bool is_smooth(const wg_instance *in) {
    return in->has_area && in->home == NULL;
}

/** A chain's temperatures, in mean changes of score: prices that jump want it hotter than smooth ones, and redraws
 * along lines cooler than those along trees; every other chain from today's cells (`again`) only repairs them. */
static wg_anneal_plan chain_plan(const wg_instance *in, uint64_t steps, bool again, bool deceives) {
    const bool smooth = is_smooth(in), today = mean_stay(in) > 0, lines = wg_has_lines(in) && !deceives;
    return (wg_anneal_plan){.steps = steps,
                            .hot = today && again ? WARM
                                   : smooth       ? (again ? 0.15 : 0.3)
                                                  : (lines ? 0.3 : 0.6),
                            .cold = today    ? FROZEN
                                    : smooth ? 0.07
                                             : (lines ? 0.1 : 0.2),
                            .penalty = PENALTY,
                            .mixed = deceives && !smooth,
                            .narrow = wg_is_narrow(in),
                            .rarer = in->shape == NULL && in->n > WIDE_UNITS ? WG_LARGE_RARER : 1};
}

/** Found by several chains, and by a fair part of them: another is unlikely. Long budgets are for problems that
 * deceive. */
static bool settled(const wg_search *search, uint64_t budget, uint32_t hits, uint32_t chains) {
    const bool long_one = budget > LONG_BUDGET;
    const uint32_t enough = (long_one ? 7 : 2) + search->effort / 3;
    return hits >= enough && hits * (long_one ? 2 : 3) >= chains;
}

static bool same_key(const wg_zi_key *a, const wg_zi_key *b) {
    return !wg_key_better(a, b) && !wg_key_better(b, a);
}

wg_status wg_construct(wg_search *search, const wg_instance *in, uint32_t k, uint32_t which, uint32_t *label) {
    const bool points = wg_has_points(in);
    const char *event = "grow";
    wg_status (*start)(wg_search *, const wg_instance *, uint32_t, uint32_t *) = wg_start_grow;
    if (in->home != NULL && (which == 0 || mean_stay(in) > 1)) {
        event = "present";
        start = wg_start_present;
    } else if (points && which % 2 == 0 && (search->moves_off & WG_START_POWER) == 0) {
        event = "power";
        start = wg_start_power;
    } else if (which % 4 == 3 && (search->moves_off & WG_START_BISECT) == 0) {
        event = "bisect";
        start = wg_start_bisect;
    }
    const wg_status status = start(search, in, k, label);
    if (status == WG_OK) {
        wg_search_trace(search, event, in, k, label);
    }
    return status;
}

wg_status wg_judge(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *label, wg_zi_key *key) {
    wg_state state;
    const wg_status status = wg_state_init(search->ctx, &state, in, k);
    if (status == WG_OK) {
        wg_state_set(&state, label);
        *key = state.key;
        wg_state_release(&state);
    }
    return status;
}

wg_status wg_improve(wg_search *search, const wg_instance *in, uint32_t k, const wg_anneal_plan *plan, uint32_t *label,
                     wg_zi_key *key) {
    wg_state state;
    wg_status status = wg_state_init(search->ctx, &state, in, k);
    if (status == WG_OK) {
        const wg_anneal_plan none = {.steps = 0}; /* time is over: what `label` is worth is still told */
        wg_state_set(&state, label);
        status = wg_anneal(search, &state, search->capped ? &none : plan, label, key);
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

/** Number the connected pieces on which two plans agree; within a present cell, so that what leaves it stays known. */
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
                if (map[w] == WG_UNASSIGNED && a[w] == a[v] && b[w] == b[v] &&
                    (in->home == NULL || in->home[w] == in->home[v])) {
                    map[w] = count;
                    stack[top++] = w;
                }
            }
        }
        count++;
    }
    return count;
}

/** As wg_combine; `like` tells the temperatures. */
static wg_status combine(wg_search *search, const wg_instance *in, uint32_t k, const wg_anneal_plan *like,
                         const uint32_t *other, uint32_t *label, wg_zi_key *key) {
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
    if (in->hops != NULL) {
        WG_TRY(wg_instance_measure_hops(search->ctx, small));
    }
    wg_anneal_plan plan = *like;
    plan.steps = 500 + (wg_has_lines(small) && !like->mixed ? COMBINE_LINES : COMBINE_STEPS) * (uint64_t)count;
    wg_zi_key better;
    WG_TRY(wg_improve(search, small, k, &plan, coarse, &better));
    uint32_t *fine = stack;
    for (uint32_t v = 0; v < in->n; v++) {
        fine[v] = coarse[map[v]];
    }
    if (in->home != NULL) { /* a coarse unit has one home, its members may have several: what it said was a guess */
        WG_TRY(wg_judge(search, in, k, fine, &better));
    }
    if (!wg_key_better(key, &better)) {
        memcpy(label, fine, in->n * sizeof *label);
        *key = better;
    }
done:
    wg_instance_free(small);
    free(scratch);
    return status;
}

wg_status wg_combine(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *other, uint32_t *label,
                     wg_zi_key *key) {
    const wg_anneal_plan plan = chain_plan(in, 0, false, true);
    return combine(search, in, k, &plan, other, label, key);
}

/* ------------------------------------------------------------------ chains */

/**
 * Steps of a chain, and of all of them. Community-sized problems come by the ten thousand, and a few chains agree on
 * them; the steep rise brings larger problems, and those with tight limits, to where most of them are solved (see
 * decisions).
 */
static void chain_budget(const wg_search *search, const wg_instance *in, uint32_t k, uint64_t *one, uint64_t *all) {
    const double n = in->n, f = wg_effort_factor(search);
    *one = (uint64_t)fmax(1000, 25 * n * sqrt(k));
    if (mean_stay(in) > 0) {
        *one = (uint64_t)fmax(1000, 40 * n * sqrt(k));
        *all = (uint64_t)(fmax(5e3, 1600 * n) * f);
        return;
    }
    if (in->has_area) {
        *all = (uint64_t)(fmax(12e3, n * (230 + fmin(2100, 8.4 * fmax(0, n - 100)))) * f);
        return;
    }
    const bool tight = wg_is_narrow(in);
    const double hard = tight ? NARROW_LONGER * fmin(1.5, fmax(0.8, k / 5.0)) : fmin(1, pow(n / 250, 5));
    *all = (uint64_t)((300 * n + 3e6 * hard + (n > WIDE_UNITS ? 2e6 + 1500 * (n - WIDE_UNITS) : 0)) * f);
    if (wg_has_lines(in) && !tight) { /* redraws along lines do the work of several, once a few chains are made */
        const double share = in->shape != NULL ? 0.33 : 0.4; /* the dearer step */
        *all = (uint64_t)fmax(share * (double)*all, fmin((double)*all, FEW_CHAINS * f));
        *one = (uint64_t)(32 * n * sqrt(k));
    }
    *one = n > WIDE_UNITS ? *all / 10 : (uint64_t)fmin((double)*one, fmax(1000, (double)*all / 3));
}

/** A search by chains, as far as it has come. */
typedef struct chains {
    wg_search *search;
    const wg_instance *in;
    uint32_t k;
    bool deceives; /**< long budgets are for problems that do */
    bool narrow;   /**< so do limits narrower than a unit: chains stay short, and begin at good plans too */
    uint64_t begun, budget, steps; /**< of the search when it began; of all chains; of the next chain */
    uint32_t made, fresh, hits;    /**< chains; those from nothing; how many of these ended at the best plan */
    pool plans;
    uint32_t *label;
} chains;

static uint64_t steps_left(const chains *c) {
    const uint64_t spent = c->search->steps - c->begun;
    return spent < c->budget ? c->budget - spent : 0;
}

/**
 * Smooth prices have many optima near each other: after the first third of the steps every other chain begins, cooler,
 * at the best plan.
 */
static bool goes_on(const chains *c) {
    return is_smooth(c->in) && c->made % 2 == 1 && 10 * steps_left(c) < 7 * c->budget;
}

/** Under narrow limits every other chain begins at one of the good plans, not hot enough to lose all of it. */
static bool varies(const chains *c, const uint32_t *start) {
    return start == NULL && c->narrow && c->made % 2 == 1 && c->plans.n >= VARIED_LEAST;
}

enum { RIVALS_MAX = 4 };

/** Better ones first; equal ones in the order they were made. */
static void sort_rivals(const wg_zi_key *key, uint32_t *order, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        const uint32_t r = order[i];
        uint32_t j = i;
        for (; j > 0 && wg_key_better(&key[r], &key[order[j - 1]]); j--) {
            order[j] = order[j - 1];
        }
        order[j] = r;
    }
}

/**
 * Where a chain ends depends on its start more than on its luck, and shows early: short chains from several starts, of
 * which after each round the better half goes on, cooler and twice as long (Jamieson and Talwalkar 2016).
 */
static wg_status compete(chains *c, uint64_t steps, uint32_t *label, wg_zi_key *key) {
    wg_status status = WG_OK;
    const size_t n = c->in->n;
    const uint32_t rivals = c->budget < FEW_STEPS ? 2 : RIVALS_MAX, rounds = rivals == 2 ? 2 : 3;
    uint32_t order[RIVALS_MAX], left = rivals;
    wg_zi_key keys[RIVALS_MAX];
    const wg_anneal_plan all = chain_plan(c->in, steps, false, c->deceives);
    uint32_t *labels = wg_malloc(rivals * n, sizeof *labels);
    if (labels == NULL) {
        return wg_fail_memory(c->search->ctx);
    }
    for (uint32_t r = 0; r < rivals; r++) {
        order[r] = r;
        WG_TRY(wg_construct(c->search, c->in, c->k, c->fresh + 2 * r, labels + r * n));
    }
    for (uint32_t round = 0; round<rounds; round++, left = left> 1 ? left / 2 : 1) {
        const wg_anneal_plan plan = {.steps = steps / rounds / left,
                                     .hot = all.hot * pow(all.cold / all.hot, (double)round / rounds),
                                     .cold = all.hot * pow(all.cold / all.hot, (double)(round + 1) / rounds),
                                     .penalty = all.penalty};
        for (uint32_t i = 0; i < left; i++) {
            WG_TRY(wg_improve(c->search, c->in, c->k, &plan, labels + order[i] * n, &keys[order[i]]));
        }
        sort_rivals(keys, order, left);
    }
    memcpy(label, labels + order[0] * n, n * sizeof *label);
    *key = keys[order[0]];
done:
    free(labels);
    return status;
}

/** One chain from `start` (NULL: from a construction, or from the best plan), combined with one of the best so far. */
static wg_status run_chain(chains *c, const uint32_t *start, wg_outcome *out) {
    wg_status status = WG_OK;
    const uint64_t left = steps_left(c);
    const bool again = start == NULL && goes_on(c);
    const bool warm = again || (mean_stay(c->in) > 0 && c->made % 2 == 0);
    const bool varied = varies(c, start);
    wg_anneal_plan plan = chain_plan(c->in, c->steps < left || c->made == 0 ? c->steps : left, warm, c->deceives);
    wg_zi_key key;
    if (varied) {
        start = c->plans.label[wg_random_below(&c->search->random, c->plans.n)];
        plan.hot = FROM_GOOD;
    }
    if (!again && start == NULL && (is_smooth(c->in) || (wg_has_lines(c->in) && !c->deceives))) {
        WG_TRY(compete(c, plan.steps, c->label, &key));
    } else {
        if (again || start != NULL) {
            memcpy(c->label, again ? out->label : start, c->in->n * sizeof *c->label);
        } else {
            WG_TRY(wg_construct(c->search, c->in, c->k, c->fresh, c->label));
        }
        WG_TRY(wg_improve(c->search, c->in, c->k, &plan, c->label, &key));
    }
    const wg_zi_key own = key;
    if (c->plans.n > 0 && (c->search->moves_off & WG_COMBINE) == 0) {
        const uint32_t other = wg_random_below(&c->search->random, c->plans.n);
        const wg_anneal_plan like = chain_plan(c->in, 0, false, c->deceives);
        WG_TRY(combine(c->search, c->in, c->k, &like, c->plans.label[other], c->label, &key));
    }
    if (!pool_add(&c->plans, c->label, c->in->n, &key)) {
        return wg_fail_memory(c->search->ctx);
    }
    if (wg_key_better(&key, &out->key)) {
        out->key = key;
        memcpy(out->label, c->label, c->in->n * sizeof *c->label);
        c->hits = 0;
        wg_search_trace(c->search, "chain", c->in, c->k, c->label);
    }
    c->made++;
    c->fresh += !again && !varied;
    c->hits += !again && !varied && same_key(&own, &out->key);
    c->steps += c->steps / (c->narrow ? 40 : 16);
done:
    return status;
}

/** The best plan again and again, a few cells at a time: half as many steps as a chain has, a sixth of a long one. */
static wg_status redraw_best(chains *c, wg_outcome *out) {
    wg_status status = WG_OK;
    const uint64_t end = c->search->steps + c->steps / (c->in->n > WIDE_UNITS ? 6 : 2);
    const wg_zi_key before = out->key;
    for (uint64_t last = 0; c->search->steps < end && c->search->steps > last && !c->search->capped;) {
        last = c->search->steps;
        WG_TRY(wg_redraw_region(c->search, c->in, c->k, REDRAW_STEPS, out->label, &out->key));
    }
    if (wg_key_better(&out->key, &before)) {
        c->hits = 0;
        wg_search_trace(c->search, "region", c->in, c->k, out->label);
        if (!pool_add(&c->plans, out->label, c->in->n, &out->key)) {
            return wg_fail_memory(c->search->ctx);
        }
    }
done:
    return status;
}

/** Is another chain unlikely to find more? A small search does not rest on plans that break limits. */
static bool ended(const chains *c, const wg_outcome *out) {
    return settled(c->search, c->budget, c->hits, c->fresh) && (wg_key_keeps(&out->key) || c->budget > LONG_BUDGET);
}

wg_status wg_run_chains(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *start, wg_outcome *out) {
    wg_status status = WG_OK;
    chains c = {.search = search, .in = in, .k = k, .begun = search->steps};
    chain_budget(search, in, k, &c.steps, &c.budget);
    const uint64_t budget = c.budget;
    const bool deceives = budget > LONG_BUDGET && in->shape == NULL && in->home == NULL;
    c.deceives = budget > LONG_BUDGET && !is_smooth(in);
    c.narrow = deceives && wg_is_narrow(in) && in->n <= WIDE_UNITS;
    c.label = wg_malloc(in->n, sizeof *c.label);
    if (c.label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    while (c.made < CHAINS_MAX && !search->capped &&
           (c.made == 0 || (steps_left(&c) >= c.steps / 2 && !ended(&c, out)))) {
        WG_TRY(run_chain(&c, c.made == 0 ? start : NULL, out));
        if (deceives && k > 2) {
            WG_TRY(redraw_best(&c, out));
        }
        const bool may_go_on = deceives || (wg_has_lines(in) && (!is_smooth(in) || in->n <= CHEAP_UNITS));
        const uint64_t most = c.narrow ? budget + budget / 2 : budget > LONG_BUDGET ? 2 * budget : FEW_LONGER * budget;
        if (may_go_on && steps_left(&c) < c.steps / 2 && !wg_key_keeps(&out->key) && c.budget < most) {
            c.budget += c.narrow ? budget / 2 : budget; /* no plan within limits yet */
        }
    }
done:
    pool_release(&c.plans);
    free(c.label);
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
    out->key = WG_WORST_KEY;
    out->bound = NAN;
    out->proven = false;
    if (k > in->n) {
        return wg_fail(search->ctx, WG_EINFEASIBLE, "%u cells cannot be made of %u units", k, in->n);
    }
    if (k == 1 || (k == in->n && in->home == NULL)) {
        return trivial(search, in, k, out);
    }
    if (in->n > FLAT_UNITS && start == NULL && (search->moves_off & WG_MULTILEVEL) == 0) {
        WG_TRY(wg_run_levels(search, in, k, out));
    } else {
        WG_TRY(wg_run_chains(search, in, k, start, out));
    }
    if (in->n <= WG_EXACT_UNITS) {
        WG_TRY(
            wg_exact(search, in, k, (uint64_t)(2e5 * wg_effort_factor(search)), out->label, &out->key, &out->proven));
        out->bound = out->proven ? out->key.score : NAN;
    }
done:
    return status;
}
