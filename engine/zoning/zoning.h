/**
 * Zone design: units with attributes and a graph in, labels out. No GIS, no files, no clock (save the optional cap).
 *
 * This is the engine's own interface, richer than the public wg_problem_* and wg_solution_* of wangge.h, which are the
 * same objects. One problem is one community (or one abstract instance); a problem may be solved from several threads
 * at once.
 *
 *     wg_problem_new(ctx, n, edges, m, &p);
 *     wg_problem_add_attribute(ctx, p, households, &limit, 0);
 *     wg_problem_set_shape(ctx, p, area, outer, x, y);
 *     wg_zoning_options o = WG_ZONING_OPTIONS_INIT;         objective plan, derived number of cells, exclaves attached
 *     o.solve.stream = community_code;
 *     wg_zoning_solve(ctx, p, &o, &s);
 *     s->label[v], s->cells[c].reason, s->term[i] …
 *     wg_solution_free(s); wg_problem_free(p);
 */
#ifndef WG_ZONING_ZONING_H
#define WG_ZONING_ZONING_H

#include "core/memory.h"
#include "core/status.h"

/* ------------------------------------------------------------------ weights */

/**
 * What a good plan is worth. The weights multiply terms that are sums over cells of numbers around 0..1, so that plans
 * of different size and scale weigh the same; 0 turns a term off. All of them can be set by name from YAML.
 */
typedef struct wg_zoning_weights {
    double whole;    /**< "whole": a compound (group) in one cell more than needed */
    double streets;  /**< "streets": share of a cell's outline that runs inside blocks, weighted by rank_cost */
    double crossing; /**< "crossing": length of major barriers (rank <= major_rank) inside a cell, over its outline */
    double compact;  /**< "compact": outline over that of a circle of the same area, less 1 (PP^-1/2 - 1), squared:
                          the worst shapes weigh most */
    double spread;   /**< "spread": radius of gyration over that of a circle, less 1: tongues and L-shapes */
    double even;     /**< "even": squared relative distance from the target, a hard attribute */
    double
        change; /**< "change": share of households (units' first attribute, else area) that leave their present cell */
    double
        rank_cost[10]; /**< "rank0" … "rank9": cost of a metre of inner boundary along a barrier of that rank, 0..1 */
    double major_rank; /**< "major_rank": a barrier of rank 1..major_rank should not be crossed inside a cell */
    double neck_m;     /**< "neck_m": units that share less than this do not hold a cell together */
} wg_zoning_weights;

/** Fill in the documented defaults. */
void wg_zoning_weights_init(wg_zoning_weights *weights);
/** Set one weight by its name. @return WG_ENOTFOUND (unknown name; the message lists them) or WG_EINVAL (negative, not
 * finite) */
wg_status wg_zoning_weights_set(wg_context *ctx, wg_zoning_weights *weights, const char *name, double value);
/** @return name of weight `index` (0, 1 …), NULL behind the last; @param[out] help  one line, may be NULL */
const char *wg_zoning_weights_name(uint32_t index, const char **help);

/* ------------------------------------------------------------------ problem (beyond wangge.h) */

/** How a unit takes part. */
typedef enum wg_unit_role {
    WG_UNIT_ORDINARY = 0,
    WG_UNIT_LATE, /**< land that connects nothing (a river's surface): left out of the search, given out last by longest
                     shared edge */
    WG_UNIT_NARROW /**< too thin to hold a cell together (thinner than weights.neck_m): always with a wider neighbour,
                      connects nothing else */
} wg_unit_role;

/**
 * What a metre of boundary along each edge costs, in place of the weights' rank_cost: for lines that are worth keeping
 * for other reasons than their rank.
 * @param cost  an edge as given to wg_problem_new, 0..1; copied
 */
wg_status wg_problem_set_line_costs(wg_context *ctx, wg_problem *problem, const double *cost);

/** @param role  array of n_units of wg_unit_role, copied */
wg_status wg_problem_set_roles(wg_context *ctx, wg_problem *problem, const uint8_t *role);

/**
 * Where a component that is too small for the limits is to be attached: for unit v of such a component its nearest unit
 * outside and the distance (m). Without it the solver takes the nearest representative points.
 *
 * @param unit  n_units, WG_UNASSIGNED where none; @param distance  n_units
 */
wg_status wg_problem_set_anchors(wg_context *ctx, wg_problem *problem, const uint32_t *unit, const double *distance);

/**
 * Present cells that stay exactly as they are: all their units keep the label and no other unit joins.
 * @param closed  array of n_labels; label l of wg_problem_set_present is closed where closed[l]
 */
wg_status wg_problem_set_closed(wg_context *ctx, wg_problem *problem, const bool *closed, uint32_t n_labels);

/* ------------------------------------------------------------------ solve */

typedef struct wg_zoning_options {
    wg_solve_options solve;           /**< as in wangge.h */
    wg_exclaves exclaves;             /**< components too small for the limits */
    const wg_zoning_weights *weights; /**< NULL: defaults */
    const char *const *unit_name;     /**< what sentences call the units; NULL: their numbers */
} wg_zoning_options;
#define WG_ZONING_OPTIONS_INIT                                                                                         \
    { {0}, WG_EXCLAVES_ATTACH, NULL, NULL }

/** Why a cell is out of limits, or what else is to be said about it. The codes are stable. */
typedef enum wg_reason_code {
    WG_REASON_NONE = 0,
    WG_REASON_UNIT_OVER,        /**< "unit_over": one unit alone is over the maximum */
    WG_REASON_COMPOUND_OVER,    /**< "compound_over": units locked together are over the maximum */
    WG_REASON_ISLAND_UNDER,     /**< "island_under": its component has less than the minimum in all */
    WG_REASON_TOTAL_UNDER,      /**< "total_under": the community has less than the minimum in all */
    WG_REASON_COUNT_IMPOSSIBLE, /**< "count_impossible": the number of cells asked for cannot meet the limit on average
                                 */
    WG_REASON_INDIVISIBLE,      /**< "indivisible": no number of cells divides the component's total within the limit */
    WG_REASON_LIMITS_CONFLICT,  /**< "limits_conflict": two limits contradict each other for these units */
    WG_REASON_LOCKED,           /**< "locked": units locked to this cell leave it out of limits */
    WG_REASON_ENCLOSED,         /**< "enclosed": its units cannot be exchanged: what surrounds it is over or locked */
    WG_REASON_PROVEN,           /**< "proven": every plan was examined, none is better */
    WG_REASON_NOT_FOUND, /**< "not_found": the search found nothing better; another number of cells or effort may */
    WG_REASON_ATTACHED,  /**< "attached": not out of limits; a part of it is an exclave that was attached */
    WG_REASON_SEPARATE   /**< "separate": an exclave that stays a cell, as asked for */
} wg_reason_code;

typedef struct wg_reason {
    wg_reason_code code;
    uint32_t attribute, other; /**< which limits it is about; WG_UNASSIGNED: none */
    uint32_t unit;             /**< the unit it is about; WG_UNASSIGNED: none */
    bool over;                 /**< over a maximum (else under a minimum) */
    double value, limit;       /**< the figure and the limit that it breaks */
} wg_reason;

/** @return the stable code as text ("unit_over"); "" for none */
const char *wg_reason_name(wg_reason_code code);
/** One sentence for a person. @param field  name of the attribute in that language, as it is to appear */
void wg_reason_sentence(const wg_reason *reason, const char *field, const char *other_field, wg_lang lang,
                        wg_buffer *out);

typedef struct wg_zone_cell {
    uint32_t units;                  /**< number of units */
    uint32_t origin;                 /**< present label that it continues, WG_UNASSIGNED: new */
    uint32_t component;              /**< connected component of its main part */
    bool out;                        /**< out of a hard limit */
    double excess;                   /**< relative excess, summed over hard attributes */
    double area, perimeter, compact; /**< of the main part; compact = Polsby-Popper, NaN without shapes */
    wg_reason reason;
} wg_zone_cell;

/** One term of the objective. `value` is what a person reads, `score` = weight times the sum that the search minimised.
 */
typedef struct wg_zone_term {
    const char
        *name; /**< static: cut_edges, cut_length, inertia, whole, streets, crossing, compact, spread, even, change */
    double value, weight, score;
} wg_zone_term;

/** Something known before the search. */
typedef enum wg_certificate_code {
    WG_CERT_COUNT_RANGE = 0,  /**< "count_range": the numbers of cells that the limits allow: low..high */
    WG_CERT_COUNT_IMPOSSIBLE, /**< "count_impossible": the number asked for (value) is not among low..high */
    WG_CERT_UNIT_OVER,        /**< "unit_over": unit, value > limit */
    WG_CERT_COMPONENT_UNDER,  /**< "component_under": component (unit is its lowest), value < limit */
    WG_CERT_INDIVISIBLE,      /**< "indivisible": component (unit is its lowest), value */
    WG_CERT_LIMITS_CONFLICT,  /**< "limits_conflict": attribute and other cannot both hold */
    WG_CERT_NO_PLAN           /**< "no_plan": proven that no plan meets all limits */
} wg_certificate_code;

typedef struct wg_certificate {
    wg_certificate_code code;
    uint32_t attribute, other, unit;
    double value, limit, low, high;
} wg_certificate;

const char *wg_certificate_name(wg_certificate_code code);
/** A sentence. @param unit  what to call the unit that it is about; NULL: its number */
void wg_certificate_sentence(const wg_certificate *certificate, const char *unit, const char *field,
                             const char *other_field, wg_lang lang, wg_buffer *out);

enum { WG_ZONE_TERMS = 12 };

struct wg_solution {
    uint32_t n, n_cells, n_attributes;
    uint32_t *label;     /**< n: 0 .. n_cells - 1 */
    wg_zone_cell *cells; /**< n_cells */
    double *sum;         /**< n_cells * n_attributes: sums of the attributes */
    bool *attached;      /**< n: unit of an exclave that was attached to its cell */
    wg_zone_term term[WG_ZONE_TERMS];
    uint32_t n_terms;
    double score;  /**< weighted score that was minimised */
    uint32_t out;  /**< cells out of hard limits */
    double excess; /**< total relative excess */
    double bound;  /**< lower bound of score (upper bound of cells for max-p); NaN: none */
    bool proven;   /**< optimal: by enumeration, or a bound that is met */
    wg_certificate *certificates;
    size_t n_certificates;
    uint64_t steps; /**< counted moves */
    double seconds; /**< clock time of the solve: for information, never part of a plan */
    bool capped;    /**< time_s ended the search: the result depends on the machine */
    char *json;     /**< wg_solution_json */
};

/**
 * What change costs beside quality: nothing at stability 0, as much at 0.5, all but everything at 1. Cubed, because
 * plans begin to hold only at some hundred times the weight: so equal steps of stability give like steps of change.
 */
double wg_zoning_price_of_change(double stability);

wg_status wg_zoning_solve(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                          wg_solution **solution);

/**
 * The number of cells that the rule of the limits gives for totals: of the numbers that the limits allow, the one whose
 * mean is nearest to the target, fewer on a tie; with only maxima the fewest, with only minima the most.
 *
 * @param totals  n_limits sums; @param count_min, count_max  0 = open
 * @param[out] count  at least 1; where no number is allowed, the one with the least unavoidable relative excess
 * @return true where an allowed number exists
 */
bool wg_zoning_count(const wg_limit *limits, const double *totals, uint32_t n_limits, uint32_t count_min,
                     uint32_t count_max, uint32_t *count);

#endif
