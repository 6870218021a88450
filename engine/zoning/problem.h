/** The inside of wg_problem, and the steps from it to instances and back. Private to zoning. */
#ifndef WG_ZONING_PROBLEM_H
#define WG_ZONING_PROBLEM_H

#include "zoning/instance.h"

typedef struct wg_attribute {
    char *name;     /**< the limit's field; owned */
    double *values; /**< n */
    wg_limit limit; /**< field points to name */
    double soft;
} wg_attribute;

struct wg_problem {
    uint32_t n;
    wg_graph *graph;
    wg_attribute *attributes;
    size_t n_attributes, attributes_capacity;
    double *area, *outer, *x, *y;      /**< n each, or NULL together */
    double *line_cost;                 /**< an edge, or NULL: by rank */
    uint32_t *group, *apart, *present; /**< n or NULL */
    bool *locked;                      /**< n or NULL */
    uint8_t *role;                     /**< n or NULL */
    uint32_t *anchor;                  /**< n or NULL */
    double *anchor_m;                  /**< n or NULL */
    bool *closed;                      /**< n_closed or NULL, by present label */
    uint32_t n_closed;
};

/** What takes part in the search, and how raw units map to it. */
typedef struct wg_prepared {
    wg_instance *base; /**< every unit that takes part, contracted; several components */
    uint32_t *unit;    /**< n: raw unit to unit of base; WG_UNASSIGNED: late or closed */
    uint32_t *part;    /**< base->n: component of base */
    uint32_t n_parts;
    bool *attached; /**< n: raw unit of an exclave that was attached */
    bool *whole;    /**< base->n: contracted from several raw units because of a compound or an exclave */
} wg_prepared;

wg_status wg_prepare(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                     const wg_zoning_weights *weights, bool keep_compounds, wg_prepared *out);
void wg_prepared_release(wg_prepared *prepared);

/** Allowed numbers of cells for totals; low > high where no number is allowed. `breaks` (may be NULL): the limit of
 * each end. */
typedef struct wg_count_range {
    uint32_t low, high;
    uint32_t low_limit, high_limit; /**< which limit sets the end; WG_UNASSIGNED: none */
} wg_count_range;
wg_count_range wg_count_allowed(const wg_zi_limit *limits, const double *totals, uint32_t n_limits);
/** Least unavoidable relative excess of k even cells. */
double wg_count_excess(const wg_zi_limit *limits, const double *totals, uint32_t n_limits, uint32_t k);
/** How far the mean of k cells is from the targets; without targets: fewest with maxima, most with only minima. */
double wg_count_distance(const wg_zi_limit *limits, const double *totals, uint32_t n_limits, uint32_t k);
/** A limit with open ends infinite and the midpoint as its default target. */
wg_zi_limit wg_limit_resolve(const wg_limit *limit, double soft);

/** One component's share of the cells. */
typedef struct wg_part_count {
    const double *totals;
    uint32_t n_units, k;
    wg_count_range range;
} wg_part_count;
/**
 * Choose the number of cells and distribute it.
 * @return WG_EINFEASIBLE where count_max (or a fixed count) is below the number of parts or count_min above that of
 * units
 */
wg_status wg_count_parts(wg_context *ctx, const wg_zi_limit *limits, uint32_t n_limits, uint32_t count_min,
                         uint32_t count_max, wg_part_count *parts, uint32_t n_parts);

/** What the search found, before it is written down. */
typedef struct wg_found {
    wg_prepared prepared;
    wg_part_count *parts; /**< prepared.n_parts */
    double *totals;       /**< n_parts * n_limits, behind parts */
    bool *proven;         /**< n_parts */
    uint32_t *label;      /**< base->n: cells of all parts, numbered through */
    uint32_t *origin;     /**< n_cells: present label, WG_UNASSIGNED: new */
    uint32_t *part_of;    /**< n_cells */
    uint32_t n_cells;
    wg_zi_key key;
    double bound;
    bool all_proven;
} wg_found;
void wg_found_release(wg_found *found);
/** Prepare and search. */
wg_status wg_find_plan(wg_search *search, const wg_problem *problem, const wg_zoning_options *options,
                       const wg_zoning_weights *weights, bool keep_compounds, wg_found *found);

/** Labels of raw units, cells, sums and terms from what was found. */
wg_status wg_write_solution(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                            const wg_found *found, wg_solution *solution);
/** Reasons of cells and certificates of the problem. */
wg_status wg_explain(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                     const wg_found *found, wg_solution *solution);
wg_status wg_write_json(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                        wg_solution *solution);

#endif
