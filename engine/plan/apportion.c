#include "plan/apportion.h"

#include <math.h>

#include "core/memory.h"

typedef struct wg_remainder {
    double rest;
    size_t index;
} wg_remainder;

static int larger_first(const void *a, const void *b) {
    const wg_remainder *x = a, *y = b;
    if (x->rest != y->rest) {
        return x->rest > y->rest ? -1 : 1;
    }
    return x->index < y->index ? -1 : x->index > y->index ? 1 : 0;
}

wg_status wg_apportion(wg_context *ctx, int64_t total, const double *weight, size_t n, int64_t *share) {
    double sum = 0.0;
    size_t positive = 0;
    wg_remainder *remainders = wg_malloc(n, sizeof *remainders);
    if (remainders == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        sum += weight[i];
    }
    int64_t given = 0;
    for (size_t i = 0; i < n; i++) {
        const double quota = sum > 0.0 ? (double)total * (weight[i] / sum) : 0.0;
        share[i] = (int64_t)floor(quota);
        given += share[i];
        if (weight[i] > 0.0) {
            remainders[positive++] = (wg_remainder){quota - (double)share[i], i};
        }
    }
    qsort(remainders, positive, sizeof *remainders, larger_first);
    for (size_t k = 0; given < total && positive > 0; k = (k + 1) % positive) {
        share[remainders[k].index]++;
        given++;
    }
    /* rounding in the sum can only overshoot by a unit or so: the smallest remainders give it back */
    for (size_t k = positive; given > total && positive > 0;) {
        k = k == 0 ? positive - 1 : k - 1;
        if (share[remainders[k].index] > 0) {
            share[remainders[k].index]--;
            given--;
        }
    }
    free(remainders);
    return WG_OK;
}
