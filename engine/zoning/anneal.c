/**
 * Simulated annealing over plans (Kirkpatrick, Gelatt and Vecchi 1983) with limits as an adaptive penalty: the weight
 * of the excess rises while limits are broken and falls while they are kept, so that the search walks along the border
 * of what is allowed (strategic oscillation, Glover 1986).
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "zoning/simple.h"

enum {
    SAMPLE = 256,    /**< proposals that measure the mean change of score */
    POLL = 1 << 14,  /**< steps between looks at the clock and the cancel flag */
    SWAP_ONE_IN = 6, /**< share of refused moves that are tried as a swap */
    SWAP_TRIES = 4,
    TREE_EVERY = 75, /**< steps between re-splits at least; else as many as the two cells have units */
    SMOOTH_RARER = 3 /**< times as many where areas and outlines are the price: re-splits gain less there */
};

static const double OUT_PRICE = 0.02; /**< a cell out of limits, as excess: small ones are not forgotten */

bool wg_accept(wg_search *search, double change, double temperature) {
    if (change <= 0) {
        return true;
    }
    if (temperature <= 0 || change > 40 * temperature) {
        return false;
    }
    return wg_random_unit(&search->random) < exp(-change / temperature);
}

/** A random unit at a border and the cell on the other side. */
static bool propose(wg_search *search, const wg_state *state, uint32_t *v, uint32_t *b) {
    const wg_instance *in = state->in;
    const uint64_t random = wg_random_next(&search->random);
    const size_t e = state->cut[(uint32_t)(((random >> 32) * state->n_cut) >> 32)];
    const uint32_t side = (uint32_t)random & 1;
    *v = in->ends[2 * e + side];
    *b = state->label[in->ends[2 * e + 1 - side]];
    return state->count[state->label[*v]] > 1 && (in->locked == NULL || !in->locked[*v]);
}

static double change_of(const wg_zi_delta *delta, double penalty) {
    return delta->score + penalty * (delta->excess + OUT_PRICE * delta->out);
}

/** Mean absolute change of score of a move: the natural unit of temperature. */
static double measure_scale(wg_search *search, const wg_state *state) {
    double sum = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < SAMPLE; i++) {
        uint32_t v, b;
        wg_zi_delta delta;
        if (propose(search, state, &v, &b)) {
            wg_state_delta(state, v, b, &delta);
            sum += fabs(delta.score);
            count++;
        }
    }
    return count > 0 && sum > 0 ? sum / count : 1;
}

/** Relative excess that an average unit causes in an average cell. */
static double unit_share(const wg_state *state) {
    return (double)state->k / state->in->n;
}

typedef struct annealing {
    wg_search *search;
    wg_state *state;
    wg_tree tree;
    double temperature, penalty, penalty_min, penalty_max;
    uint64_t seen_good, seen_bad; /**< steps of this period with and without all limits kept */
    uint32_t tree_in, tree_every;
    bool trees;
    const char *kind; /**< of the last move that was made, for the trace */
} annealing;

/** v to b refused: try it together with a unit of b that comes back across the same border. */
static bool try_swap(annealing *run, uint32_t v, uint32_t b, double change) {
    wg_state *state = run->state;
    wg_search *search = run->search;
    const wg_instance *in = state->in;
    const uint32_t a = state->label[v];
    uint32_t w = WG_UNASSIGNED;
    for (uint32_t i = 0; i < SWAP_TRIES && w == WG_UNASSIGNED; i++) { /* a walk of two steps from v */
        const uint32_t degree = in->link_end[v] - in->start[v];
        const uint32_t x = in->to[in->start[v] + wg_random_below(&search->random, degree)];
        const uint32_t y = in->to[in->start[x] + wg_random_below(&search->random, in->link_end[x] - in->start[x])];
        w = y != v && state->label[y] == b && (in->locked == NULL || !in->locked[y]) ? y : WG_UNASSIGNED;
    }
    if (w == WG_UNASSIGNED || !wg_state_may_leave(state, v)) {
        return false;
    }
    bool touches = false;
    for (uint32_t h = in->start[w]; h < in->link_end[w]; h++) {
        touches = touches || (state->label[in->to[h]] == a && in->to[h] != v);
    }
    if (!touches) {
        return false;
    }
    wg_state_move(state, v, b);
    wg_zi_delta back;
    wg_state_delta(state, w, a, &back);
    if (wg_accept(search, change + change_of(&back, run->penalty), run->temperature) && wg_state_may_leave(state, w)) {
        wg_state_move(state, w, a);
        run->kind = "swap";
        return true;
    }
    wg_state_move(state, v, a);
    return false;
}

/** @return true where the plan changed */
static bool boundary_move(annealing *run) {
    wg_state *state = run->state;
    uint32_t v, b;
    if (!propose(run->search, state, &v, &b)) {
        return false;
    }
    wg_zi_delta delta;
    if (state->in->simple) {
        wg_simple_delta(state, v, state->label[v], b, &delta);
    } else {
        wg_state_delta(state, v, b, &delta);
    }
    const double change = change_of(&delta, run->penalty);
    if (wg_accept(run->search, change, run->temperature)) {
        if (wg_state_may_leave(state, v)) {
            wg_state_move(state, v, b);
            run->kind = "move";
            return true;
        }
    } else if ((run->search->moves_off & WG_MOVE_SWAP) == 0 && delta.excess > 0 &&
               wg_random_next(&run->search->random) % SWAP_ONE_IN == 0) {
        return try_swap(run, v, b, change);
    }
    return false;
}

/** A cell next to a or b that is neither; WG_UNASSIGNED where a few tries find none. */
static uint32_t third_cell(annealing *run, uint32_t a, uint32_t b) {
    const wg_state *state = run->state;
    for (int i = 0; i < 32; i++) {
        const size_t e = state->cut[wg_random_below(&run->search->random, state->n_cut)];
        const uint32_t p = state->label[state->in->ends[2 * e]], q = state->label[state->in->ends[2 * e + 1]];
        if ((p == a || p == b) && q != a && q != b) {
            return q;
        }
        if ((q == a || q == b) && p != a && p != b) {
            return p;
        }
    }
    return WG_UNASSIGNED;
}

static bool tree_move(annealing *run) {
    wg_state *state = run->state;
    wg_search *search = run->search;
    const size_t e = state->cut[wg_random_below(&search->random, state->n_cut)];
    uint32_t cell[3] = {state->label[state->in->ends[2 * e]], state->label[state->in->ends[2 * e + 1]], WG_UNASSIGNED};
    const uint32_t kind = wg_random_below(&search->random, 8);
    run->kind = "resplit";
    if (kind >= 6 && state->k > 2) {
        const uint32_t third = third_cell(run, cell[0], cell[1]);
        if (third == WG_UNASSIGNED) {
            return false;
        }
        if (kind == 6 && (search->moves_off & WG_MOVE_TREE3) == 0) {
            cell[2] = third;
            run->kind = "resplit3";
        } else if (kind == 7 && (search->moves_off & WG_MOVE_MERGE) == 0) {
            const uint32_t c = wg_random_below(&search->random, state->k);
            run->kind = "merge";
            return c != cell[0] && c != cell[1] &&
                   wg_tree_merge_split(search, state, &run->tree, cell[0], cell[1], c, run->temperature, run->penalty);
        }
    }
    return (search->moves_off & WG_MOVE_TREE) == 0 &&
           wg_tree_resplit(search, state, &run->tree, cell, run->temperature, run->penalty);
}

static void adapt_penalty(annealing *run) {
    if (run->seen_good == 0) {
        run->penalty = fmin(run->penalty * 1.1, run->penalty_max);
    } else if (run->seen_bad == 0) {
        run->penalty = fmax(run->penalty / 1.05, run->penalty_min);
    }
    run->seen_good = run->seen_bad = 0;
}

static wg_status walk(annealing *run, const wg_anneal_plan *plan, double scale, uint32_t *best, wg_zi_key *best_key) {
    wg_state *state = run->state;
    wg_search *search = run->search;
    wg_status status = WG_OK;
    const uint64_t period = state->in->n < 64 ? 64 : state->in->n;
    const uint64_t cool_every = 64;
    const double cooling = pow(plan->cold / plan->hot, (double)cool_every / (double)plan->steps);
    run->temperature = plan->hot * scale;
    for (uint64_t step = 0; step < plan->steps && state->n_cut > 0; step++) {
        bool moved;
        if (run->trees && --run->tree_in == 0) {
            run->tree_in = run->tree_every;
            moved = tree_move(run);
        } else {
            moved = boundary_move(run);
        }
        const bool good = state->key.out == 0 && state->key.conflicts == 0;
        run->seen_good += good;
        run->seen_bad += !good;
        if (moved && wg_key_better(&state->key, best_key)) {
            *best_key = state->key;
            wg_state_copy(state, best);
            if (search->trace != NULL) {
                wg_search_trace(search, run->kind, state->in, state->k, best);
            }
        }
        if (good && plan->stop_when_good) {
            break;
        }
        if (step % cool_every == 0) {
            run->temperature *= cooling;
        }
        if ((step + 1) % period == 0) {
            adapt_penalty(run);
        }
        if ((step + 1) % POLL == 0) {
            assert(wg_state_verify(search->ctx, state));
            WG_TRY(wg_search_poll(search));
            if (search->capped) {
                break;
            }
        }
        search->steps++;
    }
done:
    return status;
}

wg_status wg_anneal(wg_search *search, wg_state *state, const wg_anneal_plan *plan, uint32_t *best,
                    wg_zi_key *best_key) {
    wg_status status = WG_OK;
    annealing run = {.search = search, .state = state};
    wg_state_copy(state, best);
    *best_key = state->key;
    if (state->n_cut == 0 || plan->steps == 0) {
        return WG_OK;
    }
    WG_TRY(wg_tree_init(search->ctx, &run.tree, state->in));
    const double scale = measure_scale(search, state);
    const double unit_price = scale / unit_share(state);
    run.penalty = (plan->penalty > 0 ? plan->penalty : 1) * unit_price;
    run.penalty_min = run.penalty / 100;
    run.penalty_max = run.penalty * 1e6;
    run.trees = (search->moves_off & (WG_MOVE_TREE | WG_MOVE_TREE3 | WG_MOVE_MERGE)) !=
                (WG_MOVE_TREE | WG_MOVE_TREE3 | WG_MOVE_MERGE);
    const uint32_t pair = 2 * state->in->n / state->k;
    const bool smooth = state->in->has_area && state->in->home == NULL;
    run.tree_every = run.tree_in = (pair < TREE_EVERY ? TREE_EVERY : pair) * (smooth ? SMOOTH_RARER : 1);
    run.tree_every = run.tree_in = run.tree_every * (plan->rarer > 0 ? plan->rarer : 1);
    WG_TRY(walk(&run, plan, scale, best, best_key));
done:
    wg_tree_release(&run.tree);
    return status;
}
