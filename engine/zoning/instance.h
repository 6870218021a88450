/**
 * What the search works on: one connected problem in flat arrays, and the state of a plan on it. Private to zoning.
 *
 * A raw problem becomes an instance by leaving out what does not take part and contracting what stays together; coarser
 * instances of the multilevel search are contractions of finer ones, so that one set of moves serves all levels.
 */
#ifndef WG_ZONING_INSTANCE_H
#define WG_ZONING_INSTANCE_H

#include "core/memory.h"
#include "core/random.h"
#include "core/status.h"
#include "graph/graph.h"
#include "graph/mask.h"
#include "zoning/zoning.h"

/** A limit as the search uses it: open ends are infinite. */
typedef struct wg_zi_limit {
    double min, max, target; /**< target NaN: none */
    double per_min, per_max; /**< 1 / min, 1 / max: relative excess without a division */
    double per_target;       /**< 1 / target; 0: none */
    double soft;             /**< 0: hard */
} wg_zi_limit;

/** What a boundary line between two units counts for. */
typedef struct wg_zi_line {
    double length; /**< metres */
    double street; /**< metres times rank_cost: 0 on streets, the length inside blocks */
    double major;  /**< metres along a major barrier */
} wg_zi_line;

/** Sums over units that describe a unit's or a cell's shape. Second moments are about the instance's origin. */
typedef struct wg_zi_shape {
    double mass, mx, my, mm; /**< area (plan) or weight (inertia), its first moments and second polar moment */
    double perimeter;        /**< unit: outer line plus all edges; cell: its outline */
    double street;           /**< unit: sum over its edges; cell: that of its outline */
    double major;            /**< inside it */
} wg_zi_shape;

static inline void wg_shape_add(wg_zi_shape *to, const wg_zi_shape *from) {
    to->mass += from->mass;
    to->mx += from->mx;
    to->my += from->my;
    to->mm += from->mm;
    to->perimeter += from->perimeter;
    to->street += from->street;
    to->major += from->major;
}

typedef struct wg_instance {
    uint32_t n, m, n_limits;
    uint32_t *start, *link_end, *to, *edge; /**< as wg_graph; n + 1, n, 2 m, 2 m */
    uint32_t *ends;                         /**< 2 m: the two units of each edge */
    double *cost;                           /**< 2 m, by half-edge: price of cutting it; NULL: shapes tell */
    wg_zi_line *line;                       /**< 2 m, by half-edge; NULL with shape */
    double *value;                          /**< n * n_limits */
    wg_zi_shape *shape;                     /**< n; NULL where the objective needs none */
    uint32_t *home;                         /**< n: present label, WG_UNASSIGNED: none; NULL: no present plan */
    double *stay;                           /**< n: score of leaving the present cell; NULL with home */
    uint8_t *locked;                        /**< n; NULL: none */
    uint32_t *group, *apart; /**< n: compounds that could not be contracted; units kept apart; NULL: none */
    uint32_t n_groups, n_aparts;
    uint32_t *members, *member_start; /**< units of each apart number, for the conflict test */
    wg_zi_limit *limit;               /**< n_limits, hard and soft */
    double *total;                    /**< n_limits: sums over all units */
    wg_mask *near;                    /**< n: neighbours along connecting edges; NULL over WG_MASK_UNITS */
    wg_mask *beside;                  /**< n: those along all edges; NULL with near */
    uint8_t *hops; /**< n * n: steps from unit to unit, 254 at most; NULL: not measured (wg_instance_measure_hops) */
    wg_objective objective;
    bool has_area; /**< shapes carry areas and lengths: compactness can be told */
    wg_zoning_weights weights;
    double inside_share; /**< of every outline the same share runs inside blocks, and no major barrier; NaN: not so */
    double per_outline;  /**< plan without areas: 1 / the outline that scores 1 */
    bool uniform;        /**< every cut costs 1 */
    bool simple;         /**< one hard limit and prices of cuts are all there is: the short way through a move */
} wg_instance;

void wg_instance_free(wg_instance *in);
/** Arrays for n units and m edges; `like` gives objective, limits and which optional arrays exist. */
wg_status wg_instance_alloc(wg_context *ctx, const wg_instance *like, uint32_t n, uint32_t m, wg_instance **out);
/** Merge the units with equal map[v] < n_coarse into one; parallel edges add up, inner ones vanish. O(n + m). */
wg_status wg_instance_contract(wg_context *ctx, const wg_instance *in, const uint32_t *map, uint32_t n_coarse,
                               wg_instance **out);
/** The part of the instance where part[v] == which; unit[i] receives the old number of new unit i. */
wg_status wg_instance_extract(wg_context *ctx, const wg_instance *in, const uint32_t *part, uint32_t which,
                              uint32_t *unit, wg_instance **out);
enum { WG_HOPS_UNITS = 250 /**< up to here cells of units without areas are redrawn along lines */ };
/**
 * Steps between all units along connecting edges, for an instance of at most WG_HOPS_UNITS units that needs them:
 * shapes do not tell where its units lie, today's cells do not hold them, and it does not want as many cells as can be
 * (max-p, whose cells have no room for lines). Does nothing for others. O(n (n + m)); n * n bytes.
 */
wg_status wg_instance_measure_hops(wg_context *ctx, wg_instance *in);
/** Totals and the index of apart units; called when the arrays are filled. */
wg_status wg_instance_finish(wg_context *ctx, wg_instance *in);

/** A rough price of cutting half-edge h, for constructions: the objective's own, or metres, those inside blocks more.
 */
static inline double wg_line_price(const wg_instance *in, uint32_t h) {
    return (in->cost != NULL ? in->cost[h] : 0) + (in->line != NULL ? in->line[h].length + 3 * in->line[h].street : 0);
}

/** Do shapes tell where units lie? */
static inline bool wg_has_points(const wg_instance *in) {
    return in->shape != NULL && (in->has_area || in->objective == WG_OBJECTIVE_INERTIA);
}

/** Can cells be divided anew along lines? Not where today's cells hold their units: lines know nothing of them. */
static inline bool wg_has_lines(const wg_instance *in) {
    return in->home == NULL && (in->hops != NULL || wg_has_points(in));
}

/* ------------------------------------------------------------------ state */

/** What a plan is worth, in the order of comparison. */
typedef struct wg_zi_key {
    uint32_t conflicts; /**< pairs of units that should be apart */
    uint32_t out;       /**< cells out of hard limits */
    double excess;      /**< total relative excess over hard limits */
    double score;
} wg_zi_key;

/** Does a plan keep every hard limit, and apart what should be? */
static inline bool wg_key_keeps(const wg_zi_key *key) {
    return key->out == 0 && key->conflicts == 0;
}

/** @return true where a is better than b by more than rounding */
bool wg_key_better(const wg_zi_key *a, const wg_zi_key *b);

typedef struct wg_zi_delta {
    double score, excess; /**< excess includes conflicts, each as 1 */
    int32_t out;
} wg_zi_delta;

typedef struct wg_state {
    const wg_instance *in;
    uint32_t k;
    uint32_t *label;    /**< n */
    uint32_t *count;    /**< k: units */
    wg_mask *units;     /**< k: which; NULL where the instance has no masks */
    double *sum;        /**< k * n_limits */
    double *excess;     /**< k: relative excess over hard limits */
    double *cell;       /**< k: score of the cell's own terms */
    wg_zi_shape *shape; /**< k; NULL where the instance has none */
    uint32_t *splits;   /**< n_groups * k: units of the group in the cell */
    wg_zi_key key;
    uint32_t *cut, *cut_at,
        n_cut; /**< connecting edges that are cut; where each edge is in that list, WG_UNASSIGNED: not cut */
    uint32_t *journal, n_journal; /**< units moved since the last wg_state_copy; n_journal > n: too many to tell */
    uint64_t *moved, clock;       /**< k: number of the last move that touched the cell; number of the last move */
    wg_zi_line
        *contact; /**< n * k: lines between the unit and the cell; NULL without lines, or where that is too much */
    double *tie;  /**< n * k: price of cutting the unit off the cell; NULL without prices, or where it is too much */
    wg_contiguity contiguity;
} wg_state;

wg_status wg_state_init(wg_context *ctx, wg_state *state, const wg_instance *in, uint32_t k);
void wg_state_release(wg_state *state);
/** Take labels (all < k, every cell has a unit) and compute everything from them. O(n + m). */
void wg_state_set(wg_state *state, const uint32_t *label);
/** What moving unit v to cell b would change. O(degree). */
void wg_state_delta(const wg_state *state, uint32_t v, uint32_t b, wg_zi_delta *delta);
/** Its two parts, each of which holds until its cell changes: v leaves its cell, v joins cell b. O(degree). */
void wg_state_leave(const wg_state *state, uint32_t v, wg_zi_delta *delta);
void wg_state_join(const wg_state *state, uint32_t v, uint32_t b, wg_zi_delta *delta);
/** Price of the lines between unit v and the other units of cell c. The instance has prices. */
static inline double wg_state_tie(const wg_state *state, uint32_t v, uint32_t c) {
    const wg_instance *in = state->in;
    if (state->tie != NULL) {
        return state->tie[(size_t)v * state->k + c];
    }
    double price = 0;
    for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
        price += (state->label[in->to[h]] == c) * in->cost[h];
    }
    return price;
}

/** Move it. O(degree). */
void wg_state_move(wg_state *state, uint32_t v, uint32_t b);
/** Bring `labels`, which wg_state_copy or the caller made equal before, up to date. O(moves since), at most O(n). */
void wg_state_copy(wg_state *state, uint32_t *labels);
/** May v leave its cell: not locked, not the last, not a joint of it? */
bool wg_state_may_leave(wg_state *state, uint32_t v);
/** Compare the running sums with a full recomputation (debug builds and tests). */
bool wg_state_verify(wg_context *ctx, const wg_state *state);
/** Score of a cell's own terms. */
double wg_cell_score(const wg_instance *in, const wg_zi_shape *shape, const double *sum);
/** Relative excess of sums over hard limits. */
double wg_cell_excess(const wg_instance *in, const double *sum);

/* ------------------------------------------------------------------ search */

/** Shared by the steps of one solve: budget, random stream, trace, interruption. */
typedef struct wg_search {
    wg_context *ctx;
    wg_random random;
    uint64_t steps;  /**< counted so far */
    uint32_t effort; /**< 1..10 */
    double deadline; /**< monotonic seconds; INFINITY: none */
    bool capped;
    struct wg_trace *trace; /**< milestones; NULL: none */
    const char *stage;
    uint32_t moves_off; /**< bit set of wg_zi_move: for measuring what each is worth */
} wg_search;

/** Accept a change of energy at a temperature? Uses one random number. */
bool wg_accept(wg_search *search, double change, double temperature);

enum wg_zi_move {
    WG_MOVE_SWAP = 1,
    WG_MOVE_TREE = 2,
    WG_MOVE_TREE3 = 4,
    WG_MOVE_MERGE = 8,
    WG_START_GROW = 16,
    WG_START_BISECT = 32,
    WG_START_POWER = 64,
    WG_MULTILEVEL = 128,
    WG_COMBINE = 256,
    WG_MOVE_LINE = 512,
    WG_REDRAWS = WG_MOVE_TREE | WG_MOVE_TREE3 | WG_MOVE_MERGE
};

/** Monotonic seconds; only for the cap and for information. */
double wg_zoning_clock(void);
/** @return WG_ECANCELLED once interrupted; sets search->capped when the time is over (the caller then stops with WG_OK)
 */
wg_status wg_search_poll(wg_search *search);
/** Write a milestone, where there is a trace and `in` is what it follows. O(n + m) then. */
void wg_search_trace(wg_search *search, const char *event, const wg_instance *in, uint32_t k, const uint32_t *label);

/** How an annealing run goes. */
typedef struct wg_anneal_plan {
    uint64_t steps;
    double hot, cold; /**< temperatures, in units of the mean change of score of a move */
    double penalty; /**< weight of excess at the start, in the same units for one unit's worth of excess; 0: default */
    uint32_t rarer; /**< times as many steps between re-splits; 0: 1 */
    bool mixed;     /**< of units without areas redraw cells along trees as often as along lines */
    bool narrow;    /**< the limits are narrower than a unit (wg_is_narrow) */
    bool stop_when_good; /**< end at the first plan without a cell out of limits */
} wg_anneal_plan;

/**
 * Simulated annealing from the state's labels: boundary moves, swaps, tree re-splits; the weight of the limits rises
 * while they are broken and falls while they are kept. `best` (n labels) and `best_key` receive the best plan seen,
 * which may be the one it started from. The state ends somewhere.
 */
wg_status wg_anneal(wg_search *search, wg_state *state, const wg_anneal_plan *plan, uint32_t *best,
                    wg_zi_key *best_key);
/** Only improving moves, until none is left or the steps are spent. */
wg_status wg_descend(wg_search *search, wg_state *state, uint64_t steps);

/** An edge inside the region in hand, between places in it. */
typedef struct wg_tree_edge {
    uint32_t u, v;
    double price;
} wg_tree_edge;

/** Scratch of the moves that redraw whole cells along spanning trees. */
typedef struct wg_tree {
    const wg_instance *in;
    uint32_t *unit, n_unit;    /**< the region in hand; after a cut in the order of a traversal of its tree */
    uint32_t *mark, stamp;     /**< by unit: in the region */
    uint32_t *place;           /**< by unit: where it is in the region */
    wg_tree_edge *edge;        /**< m: edges inside the region; those of the tree come first */
    uint32_t n_edge, n_link;   /**< the first n_link of them connect */
    uint32_t *find;            /**< by place: union-find, later the order of traversal */
    uint32_t *row, *row_to;    /**< tree adjacency by place: n + 1, 2 n */
    uint32_t *parent;          /**< by place in the order of traversal: the parent's, which is smaller */
    double *below;             /**< n * n_limits: sums of subtrees */
    double *across;            /**< n: price of cutting the subtree off */
    uint32_t *side;            /**< by unit: the part that it fell to, 0 or 1 */
    uint32_t *region, *before; /**< n: units and labels to go back to */
} wg_tree;
wg_status wg_tree_init(wg_context *ctx, wg_tree *tree, const wg_instance *in);
void wg_tree_release(wg_tree *tree);
/** Begin a region; then add its units. */
void wg_tree_clear(wg_tree *tree);
void wg_tree_add(wg_tree *tree, uint32_t v);
/**
 * Draw a random spanning tree of the region (connected) and cut it once: side[v] = 0 or 1 for its units.
 * The cut is the one with the least price of lines plus `penalty` times the relative excess of both sides, whose limits
 * are taken for shares[0] and shares[1] cells. @return false where the region has fewer than two units
 */
bool wg_tree_cut(wg_search *search, wg_tree *tree, const uint32_t shares[2], double penalty);
/** Redraw cells a and b (and c, where it is not WG_UNASSIGNED) along a random tree; kept by the rule of annealing. */
bool wg_tree_resplit(wg_search *search, wg_state *state, wg_tree *tree, const uint32_t cell[3], double temperature,
                     double penalty);
/** Merge b into a and split c, which then has labels c and b; kept by the rule of annealing. */
bool wg_tree_merge_split(wg_search *search, wg_state *state, wg_tree *tree, uint32_t a, uint32_t b, uint32_t c,
                         double temperature, double penalty);

/** Constructions: fill label with k connected cells, none empty. The instance is connected and k <= n. */
wg_status wg_start_grow(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label);
wg_status wg_start_bisect(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label);
wg_status wg_start_power(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label);
wg_status wg_start_present(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label);
/**
 * Make any labels (or WG_UNASSIGNED) a plan: of each cell the heaviest piece stays (a locked one always), missing cells
 * are split off the heaviest, and what is left over joins the lightest neighbour, lightest cells first.
 */
wg_status wg_start_repair(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label);
/** Load of a sum: the largest share that it takes of an even cell, over all limits (units where there are none). */
double wg_load(const wg_instance *in, const double *sum, uint32_t units);

/**
 * Pair units into a coarser instance, none heavier than `most` (as wg_load); map[v] <= v is the coarse unit.
 * @param label  pairs stay within equal labels; NULL: free
 */
wg_status wg_coarsen(wg_search *search, const wg_instance *in, const uint32_t *label, double most, uint32_t *map,
                     wg_instance **coarse);

/** Solve one connected instance for a given number of cells. */
typedef struct wg_outcome {
    uint32_t *label; /**< n */
    uint32_t k;
    wg_zi_key key;
    double bound; /**< lower bound of the score; NaN: none */
    bool proven;
} wg_outcome;
wg_status wg_solve_instance(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *start,
                            wg_outcome *out);
wg_status wg_solve_maxp(wg_search *search, const wg_instance *in, uint32_t count_min, uint32_t count_max,
                        wg_outcome *out);

enum { WG_EXACT_UNITS = 40 };
/**
 * Branch and bound over all contiguous plans with k cells (n <= WG_EXACT_UNITS, no locks, no groups).
 * @param label, key  in: the best plan known; out: the best there is, where finished
 * @param budget  nodes; @param[out] finished  the search was complete: the plan is optimal
 */
wg_status wg_exact(wg_search *search, const wg_instance *in, uint32_t k, uint64_t budget, uint32_t *label,
                   wg_zi_key *key, bool *finished);

#endif
