/** Milestones of a search as CSV. Private to zoning. */
#ifndef WG_ZONING_TRACE_H
#define WG_ZONING_TRACE_H

#include "zoning/problem.h"

/**
 * Columns: step, event, component, cells, out, excess, score, terms ("name=score name=score": what the score is the sum
 * of), moved ("unit:cell unit:cell": units, by row, whose cell is another than at the milestone before). Going through
 * the rows and moving what they say gives every plan again. The events: a start (grow, bisect, power, present); a kind
 * of move that made a plan better than every one before it in its chain (move, swap, lines, resplit, resplit3, merge);
 * what ended with the best plan so far (chain, combine, contest, mix, levels, region, again, count); proven, unproven;
 * and end, with the cells as they are numbered in the result.
 */
typedef struct wg_trace {
    wg_buffer text;
    uint32_t n;                /**< raw units */
    const wg_instance *in;     /**< the part in hand: searches of coarser instances leave no trace */
    const uint32_t *unit;      /**< raw unit to unit of the base */
    const uint32_t *local;     /**< unit of the base to unit of the part, WG_UNASSIGNED: another's */
    uint32_t part, first_cell; /**< the part in hand, and how many cells were made before it */
    uint32_t *cell;            /**< n: as last written */
} wg_trace;

wg_status wg_trace_init(wg_context *ctx, wg_trace *trace, uint32_t n);
void wg_trace_release(wg_trace *trace);
/** The last row. */
void wg_trace_end(wg_search *search, const wg_solution *solution);

#endif
