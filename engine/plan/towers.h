/** Towers heavier than a maximum: divided by their stairs (单元) into rows of their own, which may go to different
 * cells. */
#ifndef WG_PLAN_TOWERS_H
#define WG_PLAN_TOWERS_H

#include "plan/city.h"

/**
 * Replace each building that alone exceeds a maximum, and whose stairs are known, by one point a stair. Stairs come
 * from the stairs input (points inside the footprint, with their own figures or an equal share) or from a count on the
 * building (points along the footprint's long axis). Figures are divided by largest remainder: their sum stays the
 * building's.
 *
 * Sets city->buildings, city->parent, and lengthens figures and measures; without such a tower nothing changes.
 * @param stairs_column  column of city->source with the number of stairs, or UINT32_MAX
 */
wg_status wg_plan_divide_towers(wg_context *ctx, wg_plan_city *city, uint32_t stairs_column);

/** The stairs input, where there is one, into city->stairs, once. wg_plan_divide_towers does so itself. */
wg_status wg_plan_read_stairs(wg_context *ctx, wg_plan_city *city);

#endif
