/** Scratch shared by the steps of a preparation (prepare.c, contract.c). Private to zoning. */
#ifndef WG_ZONING_PREPARE_H
#define WG_ZONING_PREPARE_H

#include "zoning/problem.h"

typedef struct wg_preparing {
    wg_context *ctx;
    const wg_problem *problem;
    const wg_zoning_options *options;
    const wg_zoning_weights *weights;
    uint32_t n;          /**< active units */
    uint32_t *raw;       /**< n: their raw numbers */
    uint32_t *active;    /**< problem->n: number among the active, WG_UNASSIGNED: late or closed */
    uint8_t *weak;       /**< graph->m: edges that do not hold a cell together */
    uint32_t *find;      /**< n: union-find of what is contracted */
    uint32_t *component; /**< n: connected component over all connecting edges */
    uint32_t n_components;
    wg_instance *raw_instance;
} wg_preparing;

/** Union-find by units or components: the lower number is the root, so that the order of calls does not matter. */
uint32_t wg_find_root(uint32_t *find, uint32_t v);
void wg_find_unite(uint32_t *find, uint32_t a, uint32_t b);
bool wg_unit_role_is(const wg_problem *problem, uint32_t v, wg_unit_role role);

/** Contract narrow units, compounds (where `keep_compounds`) and exclaves; attached[v] marks raw units of exclaves. */
wg_status wg_contract_all(wg_preparing *p, bool keep_compounds, bool *attached);
/** Number the distinct values densely in ascending order; those of one unit only, and WG_UNASSIGNED, become
 * WG_UNASSIGNED. */
wg_status wg_dense_numbers(wg_context *ctx, uint32_t *number, uint32_t n, uint32_t *count);

#endif
