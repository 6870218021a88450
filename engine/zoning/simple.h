/** What the inner loop of a search with one hard limit and prices of cuts needs, inline. Private to zoning. */
#ifndef WG_ZONING_SIMPLE_H
#define WG_ZONING_SIMPLE_H

#include <math.h>

#include "zoning/instance.h"

#define WG_LIMIT_SLACK 1e-12 /**< relative: keeps sums of fractions from breaking a limit by rounding */

static inline double wg_positive(double x) {
    return x > 0 ? x : 0; /* fmax() is a call, for the sake of NaN */
}

/** Relative excess of a sum over a limit, 0 within it. Without a branch: which way it goes cannot be predicted. */
static inline double wg_limit_excess(const wg_zi_limit *limit, double sum) {
    const double above = sum - limit->max - fabs(limit->max) * WG_LIMIT_SLACK;
    const double below = limit->min - fabs(limit->min) * WG_LIMIT_SLACK - sum;
    return wg_positive(above) * limit->per_max + wg_positive(below) * limit->per_min;
}

/** What moving v from cell a to b changes of the prices of cuts. */
static inline double wg_cut_change(const wg_state *state, uint32_t v, uint32_t a, uint32_t b) {
    const wg_instance *in = state->in;
    if (state->tie != NULL) {
        const double *tie = state->tie + (size_t)v * state->k;
        return tie[a] - tie[b];
    }
    if (in->uniform) {
        int count = 0;
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            const uint32_t c = state->label[in->to[h]];
            count += (int)(c == a) - (int)(c == b);
        }
        return count;
    }
    double cost = 0;
    for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
        const uint32_t c = state->label[in->to[h]];
        cost += c == a ? in->cost[h] : c == b ? -in->cost[h] : 0;
    }
    return cost;
}

static inline void wg_simple_delta(const wg_state *state, uint32_t v, uint32_t a, uint32_t b, wg_zi_delta *delta) {
    const wg_instance *in = state->in;
    const double value = in->value[v];
    const double from = wg_limit_excess(&in->limit[0], state->sum[a] - value);
    const double to = wg_limit_excess(&in->limit[0], state->sum[b] + value);
    delta->score = wg_cut_change(state, v, a, b);
    delta->excess = from + to - state->excess[a] - state->excess[b];
    delta->out = (from > 0) + (to > 0) - (state->excess[a] > 0) - (state->excess[b] > 0);
}

#endif
