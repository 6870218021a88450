/** Neighbouring cells divided anew by lines of even load. Private to zoning. */
#ifndef WG_ZONING_LINES_H
#define WG_ZONING_LINES_H

#include "zoning/instance.h"

enum { WG_LINE_CELLS = 3 }; /**< most cells that are redrawn at once */

/** Scratch. Arrays are by unit of the instance where nothing else is said. */
typedef struct wg_lines {
    const wg_instance *in;
    uint32_t *unit, n;           /**< the region in hand */
    uint32_t *part;              /**< side of the region that it lies in; WG_UNASSIGNED: not in the region */
    uint32_t *before;            /**< label to go back to */
    uint32_t *piece, *queue;     /**< of a search for what hangs together */
    uint8_t *number;             /**< by cell: which of the region's it is, from 1; 0: none of them */
    wg_mask side[WG_LINE_CELLS]; /**< units of each side; set by wg_lines_change where the instance has masks */
    double *load;                /**< as wg_load tells it */
    double *x, *y;               /**< centre; NULL where shapes do not tell */
    double *along;               /**< by place in a part of the region: along the line */
    uint16_t *step;              /**< the same, in steps of which the first is 0 */
} wg_lines;

/** For an instance that has lines, and k cells. */
wg_status wg_lines_init(wg_context *ctx, wg_lines *lines, const wg_instance *in, uint32_t k);
void wg_lines_release(wg_lines *lines);

/**
 * What the cells' energy would change by if the region's sides were cells, limits at a weight of `penalty`. A side may
 * be in pieces here. O(edges of the region); with masks O(units + edges at the sides' borders).
 */
double wg_lines_change(const wg_state *state, wg_lines *lines, const uint32_t *cell, uint32_t n, double penalty);

/** When a redraw is kept. */
typedef struct wg_line_rule {
    double temperature, penalty;
    double promise; /**< it is given up where it is worse by more than this before it is polished */
} wg_line_rule;

/**
 * Redraw n neighbouring cells: random lines divide their load evenly, pieces that hang apart join their neighbours,
 * units cross the new borders while that is better; kept by the rule of annealing.
 */
bool wg_line_resplit(wg_search *search, wg_state *state, wg_lines *lines, const uint32_t *cell, uint32_t n,
                     const wg_line_rule *rule);

#endif
