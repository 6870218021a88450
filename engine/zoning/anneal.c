/**
 * Simulated annealing over plans (Kirkpatrick, Gelatt and Vecchi 1983) with limits as an adaptive penalty: the weight
 * of the excess rises while limits are broken and falls while they are kept, so that the search walks along the border
 * of what is allowed (strategic oscillation, Glover 1986).
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "zoning/lines.h"
#include "zoning/simple.h"

enum {
    SAMPLE = 64,     /**< proposals that measure the mean change of score */
    POLL = 1 << 14,  /**< steps between looks at the clock and the cancel flag */
    SWAP_ONE_IN = 6, /**< share of refused moves that are tried as a swap */
    LINE_SWAPS = 20, /**< the same where cells are redrawn along lines, which gain more */
    SWAP_TRIES = 4,
    EXCHANGE_ONE_IN = 30, /**< the same of exchanges, which take their place under narrow limits */
    TREE_EVERY = 75,      /**< steps between re-splits at least; else as many as the two cells have units */
    LINES_TWO_IN = 4,     /**< one in so many redraws along lines is of two cells, the others are of three */
    TREE_ONE_IN = 60,     /**< where cells can be redrawn along lines, as often it is along a tree: lines gain more */
    KNOWN_MOST = 4096     /**< parts of moves that are remembered */
};

static const double LINE_EVERY = 1.4; /**< steps between redraws along lines, in units of an average cell */
static const double PROMISE = 1.8;    /**< of a redraw along lines, in mean changes of score that are not smooth */
static const double OUT_PRICE = 0.02; /**< a cell out of limits, as excess: small ones are not forgotten */

bool wg_accept(wg_search *search, double change, double temperature) {
    if (change <= 0) {
        return true;
    }
    if (temperature <= 0 || change > 40 * temperature) {
        return false;
    }
    const double u = wg_random_unit(&search->random), t = temperature;
    /* exp(x) is more than the start of its series: most are refused by that, without a division */
    return u * (t * (t + change) + change * change / 2) < t * t && u < exp(-change / t);
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

/** One part of a move, as it was told last: a unit leaves its cell, or joins another. It holds until the cell changes.
 */
typedef struct known_part {
    double score, excess;
    uint64_t made; /**< the state's clock then */
    int32_t out;
    uint32_t key; /**< v * (k + 1) for leaving, v * (k + 1) + 1 + b for joining b; the low bits are the place */
} known_part;

typedef struct annealing {
    wg_search *search;
    wg_state *state;
    wg_tree tree;
    wg_lines lines; /**< empty where no cell can be redrawn along lines */
    double temperature, penalty, penalty_min, penalty_max;
    uint64_t seen_good, seen_bad; /**< steps of this period with and without all limits kept */
    uint32_t tree_in, tree_every, swap_one_in;
    known_part *known; /**< NULL without shapes: a delta is told faster than looked up there */
    uint32_t known_mask;
    bool trees, mixed;     /**< redraws at all; those along trees as often as along lines */
    bool narrow;           /**< one hard limit, narrower than a unit, and prices of cuts */
    double promise;        /**< how much worse two cells may be when lines divide them anew, before they are polished */
    double harder, softer; /**< factors of the penalty from period to period */
    const char *kind;      /**< of the last move that was made, for the trace */
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

/** Unit v goes from a to b, and a unit of b on to another cell or back to a. */
typedef struct exchange {
    uint32_t v, a, b;
    double score;        /**< of v's move */
    double sum_a, sum_b; /**< after it */
    double excess_a;     /**< after it */
} exchange;

/** What the limits of all cells say when w goes on to c. */
static double exchange_limits(const annealing *run, const exchange *x, uint32_t w, uint32_t c) {
    const wg_state *state = run->state;
    const wg_zi_limit *limit = &state->in->limit[0];
    const double value = state->in->value[w], *before = state->excess;
    const double b = wg_limit_excess(limit, x->sum_b - value);
    const double to = wg_limit_excess(limit, (c == x->a ? x->sum_a : state->sum[c]) + value);
    double excess = b + to - before[x->a] - before[x->b];
    int out = (b > 0) + (to > 0) - (before[x->a] > 0) - (before[x->b] > 0);
    if (c != x->a) {
        excess += x->excess_a - before[c];
        out += (x->excess_a > 0) - (before[c] > 0);
    }
    return run->penalty * (excess + OUT_PRICE * out);
}

/** What is cut when w follows v's move and goes on to c. */
static double exchange_score(const wg_state *state, const exchange *x, uint32_t w, uint32_t c) {
    const wg_instance *in = state->in;
    double score = x->score + wg_cut_change(state, w, x->b, c);
    for (uint32_t h = in->start[w]; h < in->start[w + 1]; h++) { /* v is already in b */
        score += in->to[h] == x->v ? (c == x->a ? 2 : 1) * in->cost[h] : 0;
    }
    return score;
}

/**
 * v to b refused, and the limit is narrower than a unit: hardly any single move keeps it. Of the units of b at a
 * border, from a random one on, the first whose going on makes it good by the rule of annealing goes on. O(cut edges).
 */
static bool try_exchange(annealing *run, uint32_t v, uint32_t b, double score) {
    wg_state *state = run->state;
    const wg_instance *in = state->in;
    exchange x = {.v = v, .a = state->label[v], .b = b, .score = score};
    x.sum_a = state->sum[x.a] - in->value[v];
    x.sum_b = state->sum[b] + in->value[v];
    x.excess_a = wg_limit_excess(&in->limit[0], x.sum_a);
    const double most = -run->temperature * log(1 - wg_random_unit(&run->search->random));
    uint32_t at = wg_random_below(&run->search->random, state->n_cut);
    for (uint32_t i = 0; i < state->n_cut; i++, at = at + 1 < state->n_cut ? at + 1 : 0) {
        const uint32_t *ends = &in->ends[2 * (size_t)state->cut[at]], side = state->label[ends[0]] == b ? 0 : 1;
        const uint32_t w = ends[side], c = state->label[ends[1 - side]];
        if (state->label[w] != b || ends[1 - side] == v || (in->locked != NULL && in->locked[w])) {
            continue;
        }
        if (exchange_limits(run, &x, w, c) + exchange_score(state, &x, w, c) > most) {
            continue;
        }
        if (!wg_state_may_leave(state, v)) {
            return false;
        }
        wg_state_move(state, v, b);
        if (!wg_state_may_leave(state, w)) {
            wg_state_move(state, v, x.a);
            return false;
        }
        wg_state_move(state, w, c);
        run->kind = "swap";
        return true;
    }
    return false;
}

/** The part of a move that concerns cell c, remembered from the last time where it still holds. */
static inline const known_part *part_of(annealing *run, uint32_t v, uint32_t c, bool joins) {
    const wg_state *state = run->state;
    const uint32_t key = v * (state->k + 1) + (joins ? 1 + c : 0);
    known_part *known = &run->known[key & run->known_mask];
    if (known->key != key || known->made < state->moved[c]) {
        wg_zi_delta delta;
        if (joins) {
            wg_state_join(state, v, c, &delta);
        } else {
            wg_state_leave(state, v, &delta);
        }
        *known = (known_part){delta.score, delta.excess, state->clock, delta.out, key};
    }
    return known;
}

/** What moving v to b would change. */
static inline wg_zi_delta delta_of(annealing *run, uint32_t v, uint32_t b) {
    const uint32_t a = run->state->label[v];
    if (run->known == NULL) {
        wg_zi_delta delta;
        if (run->state->in->simple) {
            wg_simple_delta(run->state, v, a, b, &delta);
        } else {
            wg_state_delta(run->state, v, b, &delta);
        }
        return delta;
    }
    const known_part *part = part_of(run, v, a, false);
    const double score = part->score, excess = part->excess;
    const int32_t out = part->out;
    part = part_of(run, v, b, true); /* it may lie where the other part did */
    return (wg_zi_delta){.score = score + part->score, .excess = excess + part->excess, .out = out + part->out};
}

/** @return true where the plan changed */
static bool boundary_move(annealing *run) {
    wg_state *state = run->state;
    uint32_t v, b;
    if (!propose(run->search, state, &v, &b)) {
        return false;
    }
    const wg_zi_delta delta = delta_of(run, v, b);
    const double change = change_of(&delta, run->penalty);
    if (wg_accept(run->search, change, run->temperature)) {
        if (wg_state_may_leave(state, v)) {
            wg_state_move(state, v, b);
            run->kind = "move";
            return true;
        }
    } else if ((run->search->moves_off & WG_MOVE_SWAP) == 0 && delta.excess > 0 &&
               wg_random_next(&run->search->random) % run->swap_one_in == 0) {
        return run->narrow ? try_exchange(run, v, b, delta.score) : try_swap(run, v, b, change);
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

/** A cell next to one of `cell` that is none of them; WG_UNASSIGNED where a few tries find none. */
static uint32_t next_cell(annealing *run, const uint32_t *cell, uint32_t n) {
    const wg_state *state = run->state;
    for (int i = 0; i < 32; i++) {
        const size_t e = state->cut[wg_random_below(&run->search->random, state->n_cut)];
        const uint32_t p = state->label[state->in->ends[2 * e]], q = state->label[state->in->ends[2 * e + 1]];
        bool has_p = false, has_q = false;
        for (uint32_t c = 0; c < n; c++) {
            has_p = has_p || cell[c] == p;
            has_q = has_q || cell[c] == q;
        }
        if (has_p != has_q) {
            return has_p ? q : p;
        }
    }
    return WG_UNASSIGNED;
}

/** Two cells or three along lines; with three more is worse at first, and polished away. */
static bool line_move(annealing *run, uint32_t a, uint32_t b) {
    uint32_t cell[WG_LINE_CELLS] = {a, b}, n = 2;
    const uint32_t want = wg_random_below(&run->search->random, LINES_TWO_IN) == 0 ? 2 : WG_LINE_CELLS;
    for (; n < want && n < run->state->k; n++) {
        cell[n] = next_cell(run, cell, n);
        if (cell[n] == WG_UNASSIGNED) {
            break;
        }
    }
    const wg_line_rule rule = {
        .temperature = run->temperature, .penalty = run->penalty, .promise = run->promise * (n - 1)};
    run->kind = "lines";
    return wg_line_resplit(run->search, run->state, &run->lines, cell, n, &rule);
}

/** Is this redraw along lines? */
static bool draw_lines(annealing *run) {
    if (run->lines.in == NULL || (run->search->moves_off & WG_MOVE_LINE) != 0) {
        return false;
    }
    const uint32_t draw = wg_random_below(&run->search->random, TREE_ONE_IN);
    return run->mixed ? draw < TREE_ONE_IN / 2 : draw > 0;
}

static bool tree_move(annealing *run) {
    wg_state *state = run->state;
    wg_search *search = run->search;
    const size_t e = state->cut[wg_random_below(&search->random, state->n_cut)];
    uint32_t cell[3] = {state->label[state->in->ends[2 * e]], state->label[state->in->ends[2 * e + 1]], WG_UNASSIGNED};
    const uint32_t kind = wg_random_below(&search->random, 8);
    if (draw_lines(run)) {
        return line_move(run, cell[0], cell[1]);
    }
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
        run->penalty = fmin(run->penalty * run->harder, run->penalty_max);
    } else if (run->seen_bad == 0) {
        run->penalty = fmax(run->penalty / run->softer, run->penalty_min);
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
        const bool good = wg_key_keeps(&state->key);
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

/** Room for the parts of moves. */
static wg_status known_init(annealing *run) {
    const uint64_t parts = (uint64_t)run->state->in->n * (run->state->k + 1);
    uint32_t size = 64;
    while (size < parts && size < KNOWN_MOST) {
        size *= 2;
    }
    run->known = wg_calloc(size, sizeof *run->known); /* made 0 is before wg_state_set, which was the first */
    run->known_mask = size - 1;
    return run->known != NULL ? WG_OK : wg_fail_memory(run->search->ctx);
}

/**
 * Weights and intervals of the run. Smooth prices want a steady penalty: one that swings freezes the plan. Narrow
 * limits want one that swings fast, and not to where nothing moves any more.
 */
static void begin(annealing *run, const wg_anneal_plan *plan, double scale) {
    const wg_instance *in = run->state->in;
    const uint32_t off = run->search->moves_off, pair = 2 * in->n / run->state->k;
    const bool smooth = in->has_area && in->home == NULL, lines = run->lines.in != NULL && !plan->mixed;
    run->penalty = (plan->penalty > 0 ? plan->penalty : 1) * scale / unit_share(run->state);
    run->penalty_min = run->penalty / 100;
    run->narrow = plan->narrow && in->simple;
    run->penalty_max = run->penalty * (run->narrow ? 1e3 : 1e6);
    run->harder = smooth ? 1.03 : run->narrow ? 1.2 : lines ? 1.05 : 1.1;
    run->softer = smooth ? 1.02 : run->narrow ? 1.15 : lines ? 1.03 : 1.05;
    run->swap_one_in = run->narrow ? EXCHANGE_ONE_IN : smooth || lines ? LINE_SWAPS : SWAP_ONE_IN;
    run->promise = scale * (smooth ? 1 : PROMISE);
    run->mixed = plan->mixed;
    run->trees = (off & WG_REDRAWS) != WG_REDRAWS || (run->lines.in != NULL && (off & WG_MOVE_LINE) == 0);
    run->tree_every = pair < TREE_EVERY ? TREE_EVERY : pair;
    if (lines) {
        run->tree_every = (uint32_t)fmax(20, LINE_EVERY * in->n / run->state->k);
    }
    run->tree_every *= plan->rarer > 0 ? plan->rarer : 1;
    run->tree_in = run->tree_every;
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
    if (wg_has_lines(state->in)) {
        WG_TRY(wg_lines_init(search->ctx, &run.lines, state->in, state->k));
    }
    if (state->in->shape != NULL) {
        WG_TRY(known_init(&run));
    }
    const double scale = measure_scale(search, state);
    begin(&run, plan, scale);
    WG_TRY(walk(&run, plan, scale, best, best_key));
done:
    free(run.known);
    wg_tree_release(&run.tree);
    wg_lines_release(&run.lines);
    return status;
}
