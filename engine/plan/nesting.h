/** Levels around cells: groups of cells (片组) above them, micro cells (微网格) inside. Internal to engine/plan. */
#ifndef WG_PLAN_NESTING_H
#define WG_PLAN_NESTING_H

#include "plan/city.h"

/** Whether cells are to be grouped, by their number or by people. */
static inline bool wg_plan_wants_groups(const wg_partition_options *options) {
    return options->groups_min > 0 || options->groups_max > 0 || options->group_people_min > 0 ||
           options->group_people_max > 0;
}

/**
 * Group neighbouring cells, across community lines but inside one street, so that each group has groups_min..groups_max
 * cells and group_people_min..group_people_max people. Sets districts[c]->group (text a cell, "01", "02" … within the
 * street, after the street's code). Without --groups a cell's group is its community's, where the communities have one.
 */
wg_status wg_plan_groups(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts);

/** Append the groups that wg_plan_groups made to the levels: code, parent (street), level "group", name, polygon. */
wg_status wg_plan_group_levels(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                               wg_layer *levels);

/**
 * Micro cells of every ordinary cell: zone design once more, on the cell's units, with micro_min..micro_max households.
 * Districts whose atoms are not in memory are left out.
 * @param[out] layer  "micro", columns as the cells layer; code = the cell's code + 2 digits; NULL without --micro
 */
wg_status wg_plan_micro(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts, wg_layer **layer);

#endif
