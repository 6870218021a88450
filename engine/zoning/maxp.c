/**
 * Max-p (Duque, Anselin and Rey 2012): the most cells with every cell at or over its floors, and under its maxima where
 * there are any. The number of cells is raised step by step; for a given number the annealing of the other objectives
 * looks for a plan without a cell out of limits, from the best plan with one cell split or from a new start.
 */
#include <math.h>
#include <string.h>

#include "zoning/instance.h"

enum { FRESH_UNITS = 800 /**< larger problems are not begun anew for one cell more */ };

typedef struct raising {
    wg_search *search;
    const wg_instance *in;
    uint64_t end;     /**< steps at which the search ends */
    wg_outcome *best; /**< the most cells without one out of limits; k 0: none yet */
    uint32_t *label;  /**< scratch */
    wg_tree tree;
} raising;

/** No plan has more cells: each is over every floor, and a unit over the floor by itself is wasted on one cell. */
static uint32_t most_cells(const wg_instance *in) {
    double most = in->n;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        const double floor_value = in->limit[a].min;
        if (in->limit[a].soft > 0 || !isfinite(floor_value) || floor_value <= 0) {
            continue;
        }
        double rest = 0, alone = 0;
        for (uint32_t v = 0; v < in->n; v++) {
            const double value = in->value[(size_t)v * in->n_limits + a];
            alone += value >= floor_value;
            rest += value >= floor_value ? 0 : value;
        }
        most = fmin(most, alone + floor(rest / floor_value * (1 + 1e-12)));
    }
    return most < 1 ? 1 : (uint32_t)most;
}

static uint64_t steps_left(const raising *r) {
    return r->search->steps < r->end ? r->end - r->search->steps : 0;
}

/** Split the cell with the greatest surplus of the best plan: a start with one cell more. @return false: none can be
 * split */
static bool split_best(raising *r) {
    const wg_instance *in = r->in;
    const uint32_t k = r->best->k, shares[2] = {1, 1};
    double *load = wg_calloc(k, sizeof *load);
    if (load == NULL) {
        return false;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        load[r->best->label[v]] += wg_load(in, in->value + (size_t)v * in->n_limits, 1);
    }
    uint32_t cell = 0;
    for (uint32_t tries = 0; tries < 3; tries++) { /* one of the heavier ones: not the same each time */
        const uint32_t c = wg_random_below(&r->search->random, k);
        cell = tries == 0 || load[c] > load[cell] ? c : cell;
    }
    free(load);
    memcpy(r->label, r->best->label, in->n * sizeof *r->label);
    wg_tree_clear(&r->tree);
    for (uint32_t v = 0; v < in->n; v++) {
        if (r->label[v] == cell) {
            wg_tree_add(&r->tree, v);
        }
    }
    if (!wg_tree_cut(r->search, &r->tree, shares, 1)) {
        return false;
    }
    for (uint32_t i = 0; i < r->tree.n_unit; i++) {
        const uint32_t v = r->tree.unit[i];
        r->label[v] = r->tree.side[v] == 1 ? k : cell;
    }
    return true;
}

/** Keep r->label where it is better than the best: more cells without one out of limits, or less out where there are
 * any. */
static void keep_better(raising *r, uint32_t k, const wg_zi_key *key) {
    const bool good = wg_key_keeps(key);
    const bool best_is_good = r->best->k > 0 && wg_key_keeps(&r->best->key);
    const bool better = best_is_good
                            ? good && (k > r->best->k || (k == r->best->k && wg_key_better(key, &r->best->key)))
                            : r->best->k == 0 || wg_key_better(key, &r->best->key);
    if (better) {
        r->best->k = k;
        r->best->key = *key;
        memcpy(r->best->label, r->label, r->in->n * sizeof *r->label);
        wg_search_trace(r->search, "count", r->in, k, r->label);
    }
}

/** Anneal r->label until no cell is out of limits. @param[out] under  where it fails: more is missing than is too much
 */
static wg_status attempt(raising *r, uint32_t k, uint64_t steps, double hot, bool *good, bool *under) {
    wg_state state;
    wg_zi_key key;
    const uint64_t left = steps_left(r);
    const wg_anneal_plan plan = {.steps = steps < left ? steps : left,
                                 .hot = hot,
                                 .cold = 0.1,
                                 .rarer = r->in->n > FRESH_UNITS ? 3 : 1, /* re-splits of its many units are dear */
                                 .stop_when_good = true};
    wg_status status = wg_state_init(r->search->ctx, &state, r->in, k);
    if (status != WG_OK) {
        return status;
    }
    wg_state_set(&state, r->label);
    WG_TRY(wg_anneal(r->search, &state, &plan, r->label, &key));
    *good = wg_key_keeps(&key);
    wg_state_set(&state, r->label);
    double missing = 0, too_much = 0;
    for (uint32_t c = 0; c < k; c++) {
        for (uint32_t a = 0; a < r->in->n_limits; a++) {
            const double sum = state.sum[(size_t)c * r->in->n_limits + a];
            missing += fmax(0, r->in->limit[a].min - sum) * r->in->limit[a].per_min;
            too_much += fmax(0, sum - r->in->limit[a].max) * r->in->limit[a].per_max;
        }
    }
    *under = missing >= too_much;
    keep_better(r, k, &key);
done:
    wg_state_release(&state);
    return status;
}

/** A failed attempt with k cells is a plan with fewer: the cells under a floor are given to their neighbours. */
static wg_status dissolve_short_cells(raising *r, uint32_t k) {
    const wg_instance *in = r->in;
    wg_state state;
    wg_status status = wg_state_init(r->search->ctx, &state, in, k);
    if (status != WG_OK) {
        return status;
    }
    uint32_t *number = wg_malloc(k, sizeof *number), kept = 0;
    if (number == NULL) {
        status = wg_fail_memory(r->search->ctx);
        goto done;
    }
    wg_state_set(&state, r->label);
    for (uint32_t c = 0; c < k; c++) {
        number[c] = state.excess[c] > 0 ? WG_UNASSIGNED : kept++;
    }
    if (kept > r->best->k || (kept > 0 && r->best->key.out > 0)) {
        for (uint32_t v = 0; v < in->n; v++) {
            r->label[v] = number[r->label[v]];
        }
        WG_TRY(wg_start_repair(r->search, in, kept, r->label));
        wg_state_release(&state);
        WG_TRY(wg_state_init(r->search->ctx, &state, in, kept));
        wg_state_set(&state, r->label);
        keep_better(r, kept, &state.key);
    }
done:
    free(number);
    wg_state_release(&state);
    return status;
}

/** Halve the range of numbers with short attempts: a first good plan not far from the most. */
static wg_status halve(raising *r, uint32_t low, uint32_t high) {
    wg_status status = WG_OK;
    while (low <= high && steps_left(r) > 0 && !r->search->capped) {
        const uint32_t k = low + (high - low) / 2;
        bool good = false, under = false;
        WG_TRY(wg_start_grow(r->search, r->in, k, r->label));
        WG_TRY(attempt(r, k, 2000 + 40 * (uint64_t)r->in->n, 0.7, &good, &under));
        if (!good && under) {
            WG_TRY(dissolve_short_cells(r, k));
            if (r->best->key.out == 0 && r->best->k >= low) {
                break; /* near enough: from here one by one */
            }
        }
        if (good || !under) {
            low = k + 1;
        } else if (k == 0 || k == low) {
            break;
        } else {
            high = k - 1;
        }
    }
done:
    return status;
}

/** One cell more, again and again; attempts at the same number grow. */
static wg_status raise_count(raising *r, uint32_t most) {
    wg_status status = WG_OK;
    const uint64_t first = 2000 + 40 * (uint64_t)r->in->n;
    uint64_t steps = first;
    for (uint32_t tries = 0; r->best->k < most && steps_left(r) > 0 && !r->search->capped; tries++) {
        const uint32_t k = r->best->k + 1;
        bool good = false, under = false;
        const bool fresh = tries % 2 == 1 && r->in->n < FRESH_UNITS;
        if (fresh || r->best->key.out > 0 || !split_best(r)) {
            WG_TRY(wg_start_grow(r->search, r->in, k, r->label));
        }
        WG_TRY(attempt(r, k, steps, fresh ? 0.7 : 0.3, &good, &under));
        if (!good && under) {
            WG_TRY(dissolve_short_cells(r, k));
        }
        if (good) {
            tries = UINT32_MAX; /* 0 after the increment */
            steps = first;
        } else {
            steps += steps / 4;
        }
    }
done:
    return status;
}

/** The number stays, the lines get shorter. */
static wg_status polish(raising *r) {
    wg_status status = WG_OK;
    wg_state state = {0};
    wg_zi_key key;
    const double n = r->in->n, steps = 2000 + 100 * fmin(n, FRESH_UNITS) + 25 * fmax(0, n - FRESH_UNITS);
    const wg_anneal_plan plan = {.steps = (uint64_t)steps, .hot = 0.6, .cold = 0.1};
    WG_TRY(wg_state_init(r->search->ctx, &state, r->in, r->best->k));
    wg_state_set(&state, r->best->label);
    WG_TRY(wg_anneal(r->search, &state, &plan, r->label, &key));
    if (wg_key_better(&key, &r->best->key)) {
        r->best->key = key;
        memcpy(r->best->label, r->label, r->in->n * sizeof *r->label);
    }
done:
    wg_state_release(&state);
    return status;
}

wg_status wg_solve_maxp(wg_search *search, const wg_instance *in, uint32_t count_min, uint32_t count_max,
                        wg_outcome *out) {
    wg_status status = WG_OK;
    const double n = in->n, more = n > FRESH_UNITS ? 700 * (n - FRESH_UNITS) : 0;
    const double budget = (450 * n + more + fmin(4e5, 3000 * n)) * pow(1.8, (double)search->effort - 5);
    raising r = {.search = search, .in = in, .best = out};
    r.end = search->steps + (uint64_t)budget;
    r.label = wg_malloc(in->n, sizeof *r.label);
    uint32_t most = most_cells(in);
    out->k = 0;
    if (r.label == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    WG_TRY(wg_tree_init(search->ctx, &r.tree, in));
    out->bound = most;
    most = count_max > 0 && count_max < most ? count_max : most;
    const uint32_t low = count_min > 0 && count_min < most ? count_min : 1;
    memset(r.label, 0, in->n * sizeof *r.label);
    WG_TRY(halve(&r, low, most));
    WG_TRY(raise_count(&r, most));
    if (out->k > 1 && !search->capped) {
        WG_TRY(polish(&r));
    }
    out->proven = out->k >= out->bound && out->key.out == 0;
done:
    wg_tree_release(&r.tree);
    free(r.label);
    return status;
}
