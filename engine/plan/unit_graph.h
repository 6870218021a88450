/** The unit graph of a finished plan, from its `units` and `edges` layers: what hangs together. */
#ifndef WG_PLAN_UNIT_GRAPH_H
#define WG_PLAN_UNIT_GRAPH_H

#include "model/layer.h"

typedef struct wg_unit_graph {
    uint32_t n;
    const char **id; /**< a unit; borrowed from the units layer */
    uint32_t *by_id; /**< units sorted by id */
    uint32_t *first; /**< n + 1; neighbours of unit v are to[first[v]] .. to[first[v + 1]] */
    uint32_t *to;
    double *length_m; /**< of the common line */
    uint8_t *rank;
    bool *links;    /**< false: a hard barrier, or the surface of a barrier polygon, lies between them */
    bool *surface;  /**< a unit: on a barrier polygon, which never connects its banks */
    uint32_t *land; /**< a unit: the lowest unit of its component over edges that link */
} wg_unit_graph;

/** @param barriers  the plan's, for surfaces; may be NULL. The layers must outlive the graph. O((U + E) log U) */
wg_status wg_unit_graph_build(wg_context *ctx, const wg_layer *units, const wg_layer *edges, const wg_layer *barriers,
                              wg_unit_graph *graph);
void wg_unit_graph_release(wg_unit_graph *graph);

/** @return the unit of this id, or WG_UNASSIGNED */
uint32_t wg_unit_graph_find(const wg_unit_graph *graph, const char *id);

/** A cell's pieces over edges that link; surfaces count for none. */
typedef struct wg_unit_pieces {
    uint32_t pieces;
    uint32_t components; /**< different components that they lie in: no arrangement has fewer pieces */
} wg_unit_pieces;

/**
 * @param members  the cell's units, n_members of them
 * @param[out] piece  a member: number of its piece, WG_UNASSIGNED for surfaces; caller's array, or NULL
 * O(size of the cell)
 */
wg_status wg_unit_graph_pieces(wg_context *ctx, const wg_unit_graph *graph, const uint32_t *members, uint32_t n_members,
                               uint32_t *piece, wg_unit_pieces *result);

#endif
