/**
 * Areas that a report is about: cells, and whatever lies above them (groups, communities, streets, districts, any other
 * tree), and the whole. Figures are gathered by place and summed up to areas; a place is a cell, a community's land
 * outside every cell, or nowhere.
 */
#ifndef WG_REPORT_TREE_H
#define WG_REPORT_TREE_H

#include "core/memory.h"
#include "model/layer.h"

enum { WG_REPORT_LEVELS = 16 };

typedef struct wg_report_tree {
    uint32_t n_cells, n_communities;
    uint32_t n_areas;  /**< cells first, level by level, the whole last */
    uint32_t n_levels; /**< 0 is "cell", the last one "all" */
    const char *level_name[WG_REPORT_LEVELS];
    uint32_t level_first[WG_REPORT_LEVELS + 1]; /**< areas of a level: level_first[l] .. level_first[l + 1] - 1 */
    const char **code, **name;                  /**< n_areas; "" where there is none */
    uint32_t *parent;                           /**< n_areas: the area above, or WG_UNASSIGNED */
    uint32_t *geometry_row;                     /**< n_areas: row of the layer that has its polygon, or WG_UNASSIGNED */
    uint32_t n_places;                          /**< n_cells + n_communities + 1 */
    uint32_t *up;                               /**< n_places * n_levels: area at a level, or WG_UNASSIGNED */
    uint32_t *cell_order, *community_order;     /**< rows by code, for look-ups */
    const wg_layer *cells, *communities, *levels; /**< borrowed */
    wg_arena text;
} wg_report_tree;

/**
 * @param cells        layer with code, name, community, grp
 * @param communities  layer with code, name
 * @param levels       layer with code, parent, level, name; may be NULL or empty
 * @return WG_EDATA for a cell code that occurs twice, or a loop of parents
 */
wg_status wg_report_tree_build(wg_context *ctx, const wg_layer *cells, const wg_layer *communities,
                               const wg_layer *levels, wg_report_tree *tree);
void wg_report_tree_release(wg_report_tree *tree);

/** Row of a cell or community by its code, or WG_UNASSIGNED; NULL and "" are in none. O(log n) */
uint32_t wg_report_cell(const wg_report_tree *tree, const char *code);
uint32_t wg_report_community(const wg_report_tree *tree, const char *code);
/** Place of something with this cell (row or WG_UNASSIGNED) and community (row or WG_UNASSIGNED). */
uint32_t wg_report_place(const wg_report_tree *tree, uint32_t cell, uint32_t community);

/** Sum `values` (n_places) up to `sums` (n_areas). */
void wg_report_sum(const wg_report_tree *tree, const double *values, double *sums);

/** The polygon of an area; NULL where it has none. */
const void *wg_report_geometry(const wg_report_tree *tree, uint32_t area, size_t *bytes);
/** Level of an area. */
uint32_t wg_report_level(const wg_report_tree *tree, uint32_t area);

#endif
