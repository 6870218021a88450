/** Weights of the plan objective: defaults and names. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "zoning/zoning.h"

typedef struct weight_name {
    const char *name, *help;
    size_t offset;
    double standard;
} weight_name;

#define WEIGHT(field, standard, help)                                                                                  \
    { #field, help, offsetof(wg_zoning_weights, field), standard }
#define RANK(rank, standard)                                                                                           \
    {                                                                                                                  \
        "rank" #rank, "cost of a metre of inner boundary along a barrier of rank " #rank ", 0..1",                     \
            offsetof(wg_zoning_weights, rank_cost) + (rank) * sizeof(double), standard                                 \
    }

static const weight_name NAMES[] = {
    WEIGHT(whole, 2, "a compound in one cell more than needed"),
    WEIGHT(streets, 1, "share of a cell's outline that runs inside blocks"),
    WEIGHT(crossing, 0.3, "length of major barriers inside a cell, over its outline"),
    WEIGHT(compact, 3.2, "outline over that of a circle of the same area, less 1, squared"),
    WEIGHT(spread, 0.6, "radius of gyration over that of a circle of the same area, less 1: tongues and L-shapes"),
    WEIGHT(even, 5.7, "squared relative distance of a cell from the target"),
    WEIGHT(change, 1, "share of households that leave their present cell, times the number of cells"),
    RANK(0, 1),
    RANK(1, 0),
    RANK(2, 0),
    RANK(3, 0),
    RANK(4, 0),
    RANK(5, 0),
    RANK(6, 0),
    RANK(7, 0.05),
    RANK(8, 0.1),
    RANK(9, 0.2),
    WEIGHT(major_rank, 2, "a barrier of rank 1 up to this should not be crossed inside a cell"),
    WEIGHT(neck_m, 12, "units that share less than this many metres do not hold a cell together"),
};
enum { N_NAMES = sizeof NAMES / sizeof NAMES[0] };

static double *slot(wg_zoning_weights *weights, const weight_name *name) {
    return (double *)(void *)((char *)weights + name->offset);
}

void wg_zoning_weights_init(wg_zoning_weights *weights) {
    for (size_t i = 0; i < N_NAMES; i++) {
        *slot(weights, &NAMES[i]) = NAMES[i].standard;
    }
}

const char *wg_zoning_weights_name(uint32_t index, const char **help) {
    if (index >= N_NAMES) {
        return NULL;
    }
    if (help != NULL) {
        *help = NAMES[index].help;
    }
    return NAMES[index].name;
}

wg_status wg_zoning_weights_set(wg_context *ctx, wg_zoning_weights *weights, const char *name, double value) {
    wg_status status = WG_OK;
    for (size_t i = 0; i < N_NAMES; i++) {
        if (strcmp(NAMES[i].name, name) == 0) {
            if (!isfinite(value) || value < 0) {
                return wg_fail(ctx, WG_EINVAL, "weight %s: %g is negative or not finite", name, value);
            }
            *slot(weights, &NAMES[i]) = value;
            return WG_OK;
        }
    }
    wg_buffer known = {0};
    for (size_t i = 0; i < N_NAMES; i++) {
        wg_buffer_printf(&known, "%s%s", i > 0 ? ", " : "", NAMES[i].name);
    }
    status = known.failed ? wg_fail_memory(ctx)
                          : wg_fail(ctx, WG_ENOTFOUND, "there is no weight \"%s\" (known: %s)", name, known.data);
    wg_buffer_release(&known);
    return status;
}
