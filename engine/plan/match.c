#include "plan/match.h"

#include <math.h>

#include "core/memory.h"

/** Rows `n` <= columns `m`; arrays are 1-based, 0 is the artificial column that starts each augmentation. */
typedef struct matching {
    uint32_t n, m;
    const double *weight;
    bool transposed;
    double *u, *v, *slack;
    uint32_t *row_of, *before;
    bool *seen;
} matching;

static double cost(const matching *match, uint32_t i, uint32_t j) {
    const size_t at = match->transposed ? (size_t)(j - 1) * match->n + (i - 1) : (size_t)(i - 1) * match->m + (j - 1);
    return -match->weight[at];
}

/** Find the shortest augmenting path from row `i` and flip it. */
static void augment(matching *match, uint32_t i) {
    uint32_t j0 = 0;
    match->row_of[0] = i;
    for (uint32_t j = 0; j <= match->m; j++) {
        match->slack[j] = INFINITY;
        match->seen[j] = false;
    }
    do {
        match->seen[j0] = true;
        const uint32_t i0 = match->row_of[j0];
        double delta = INFINITY;
        uint32_t j1 = 0;
        for (uint32_t j = 1; j <= match->m; j++) {
            if (match->seen[j]) {
                continue;
            }
            const double reduced = cost(match, i0, j) - match->u[i0] - match->v[j];
            if (reduced < match->slack[j]) {
                match->slack[j] = reduced;
                match->before[j] = j0;
            }
            if (match->slack[j] < delta) {
                delta = match->slack[j];
                j1 = j;
            }
        }
        for (uint32_t j = 0; j <= match->m; j++) {
            if (match->seen[j]) {
                match->u[match->row_of[j]] += delta;
                match->v[j] -= delta;
            } else {
                match->slack[j] -= delta;
            }
        }
        j0 = j1;
    } while (match->row_of[j0] != 0);
    do {
        const uint32_t j1 = match->before[j0];
        match->row_of[j0] = match->row_of[j1];
        j0 = j1;
    } while (j0 != 0);
}

wg_status wg_match(wg_context *ctx, uint32_t n_rows, uint32_t n_columns, const double *weight, uint32_t *column) {
    wg_status status = WG_OK;
    const bool transposed = n_rows > n_columns;
    matching match = {.n = transposed ? n_columns : n_rows,
                      .m = transposed ? n_rows : n_columns,
                      .weight = weight,
                      .transposed = transposed};
    match.u = wg_calloc((size_t)match.n + 1, sizeof(double));
    match.v = wg_calloc((size_t)match.m + 1, sizeof(double));
    match.slack = wg_calloc((size_t)match.m + 1, sizeof(double));
    match.row_of = wg_calloc((size_t)match.m + 1, sizeof(uint32_t));
    match.before = wg_calloc((size_t)match.m + 1, sizeof(uint32_t));
    match.seen = wg_calloc((size_t)match.m + 1, sizeof(bool));
    if (match.u == NULL || match.v == NULL || match.slack == NULL || match.row_of == NULL || match.before == NULL ||
        match.seen == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 1; i <= match.n; i++) {
        augment(&match, i);
    }
    for (uint32_t r = 0; r < n_rows; r++) {
        column[r] = WG_UNASSIGNED;
    }
    for (uint32_t j = 1; j <= match.m; j++) {
        const uint32_t i = match.row_of[j];
        if (i != 0 && cost(&match, i, j) < 0) {
            column[transposed ? j - 1 : i - 1] = transposed ? i - 1 : j - 1;
        }
    }
done:
    free(match.u);
    free(match.v);
    free(match.slack);
    free(match.row_of);
    free(match.before);
    free(match.seen);
    return status;
}
