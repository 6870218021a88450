/** How strong a dividing line a road, a river or a railway is. */
#ifndef WG_MODEL_BARRIER_H
#define WG_MODEL_BARRIER_H

#include <stdint.h>

/**
 * Ranks, from what divides a town to what hardly divides a yard. A line of rank WG_RANK_STREET or better always bounds
 * a block; a weaker one divides only where a block is too heavy.
 */
enum {
    WG_RANK_MAJOR = 1,     /**< motorway, trunk road, railway, river; 高速公路, 快速路, 铁路, 江 */
    WG_RANK_PRIMARY = 2,   /**< 主干路, canal */
    WG_RANK_SECONDARY = 3, /**< 次干路, light rail */
    WG_RANK_TERTIARY = 4,
    WG_RANK_MINOR = 5,   /**< unclassified road, 支路, stream */
    WG_RANK_STREET = 6,  /**< residential street, 街坊路, wall */
    WG_RANK_SERVICE = 7, /**< service road, alley, 巷; ditch */
    WG_RANK_TRACK = 8,   /**< track, 机耕路 */
    WG_RANK_PATH = 9     /**< footway, steps, 人行道 */
};

/**
 * Rank of a barrier by its kind (OSM key: highway, waterway, railway, barrier …) and class (its value; or a Chinese
 * road grade, water or railway name in either of them). Case and surrounding blanks do not matter; `_link` roads rank
 * as their road.
 *
 * @param kind, class_name  may be NULL
 * @return 1..9; WG_RANK_MINOR where neither is known: a line that a planner gives is meant to divide
 */
uint8_t wg_barrier_rank(const char *kind, const char *class_name);

#endif
