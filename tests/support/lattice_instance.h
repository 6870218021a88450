/** A lattice of units as an instance of the search: one limit, every cut edge costs 1. */
#ifndef WG_TESTS_LATTICE_INSTANCE_H
#define WG_TESTS_LATTICE_INSTANCE_H

#include "zoning/chains.h"
#include "zoning/prepare.h"

static inline wg_status lattice_instance(wg_context *ctx, uint32_t rows, uint32_t columns, uint32_t k,
                                         wg_instance **out) {
    wg_status status = WG_OK;
    const uint32_t n = rows * columns, m = rows * (columns - 1) + columns * (rows - 1);
    const double mean = (double)n / k;
    const wg_limit limit = {"weight", 0.9 * mean, NAN, 1.1 * mean};
    wg_zi_limit resolved = wg_limit_resolve(&limit, 0);
    double price = 0;
    const wg_instance like = {.n_limits = 1, .limit = &resolved, .objective = WG_OBJECTIVE_CUT, .cost = &price};
    WG_TRY(wg_instance_alloc(ctx, &like, n, m, out)); /* freed by the caller, also after an error */
    wg_instance *in = *out;
    const uint32_t across = rows * (columns - 1); /* edges to the right come first, then those down */
    uint32_t half = 0;
    for (uint32_t v = 0; v < n; v++) {
        const uint32_t r = v / columns, c = v % columns;
        in->start[v] = half;
        const struct {
            bool is;
            uint32_t to, edge;
        } side[4] = {{r > 0, v - columns, across + v - columns},
                     {c > 0, v - 1, r * (columns - 1) + c - 1},
                     {c + 1 < columns, v + 1, r * (columns - 1) + c},
                     {r + 1 < rows, v + columns, across + v}};
        for (uint32_t i = 0; i < 4; i++) {
            if (side[i].is) {
                in->to[half] = side[i].to;
                in->edge[half] = side[i].edge;
                in->cost[half++] = 1;
            }
        }
        in->link_end[v] = half;
        in->value[v] = 1;
    }
    in->start[n] = half;
    WG_TRY(wg_instance_finish(ctx, in));
done:
    return status;
}

#endif
