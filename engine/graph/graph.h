/** The unit graph: compressed adjacency, components, articulation units, contiguity. Depends on core only. */
#ifndef WG_GRAPH_GRAPH_H
#define WG_GRAPH_GRAPH_H

#include "core/status.h"

/**
 * Undirected graph of units in compressed sparse rows. Every edge appears twice, as a half-edge at each end.
 *
 * The half-edges of unit v are start[v] .. start[v + 1] - 1; those that connect come first, up to link_end[v] - 1, and
 * the hard ones (a boundary that never connects) after them. Within each run neighbours ascend. Finished graphs are
 * immutable.
 */
typedef struct wg_graph {
    uint32_t n;         /**< units */
    uint32_t m;         /**< edges, hard ones included */
    uint32_t *start;    /**< n + 1 */
    uint32_t *link_end; /**< n */
    uint32_t *to;       /**< 2 m: the neighbour */
    uint32_t *edge;     /**< 2 m: index of the edge in the order given */
    double *length;     /**< m: metres of shared line */
    uint8_t *rank;      /**< m: barrier rank along the edge, 0 none … 9 lowest */
    uint8_t *hard;      /**< m: 1 where the edge never connects */
} wg_graph;

/**
 * Build a graph. Edges given twice (in either direction) are an error, as are loops and units out of range.
 *
 * @param edges  caller's array, copied; lengths >= 0 and finite
 * @return WG_OK, WG_EINVAL or WG_ENOMEM; O(n + m) time and memory (counting sort)
 */
wg_status wg_graph_new(wg_context *ctx, uint32_t n, const wg_edge *edges, size_t m, wg_graph **graph);
void wg_graph_free(wg_graph *graph);

/**
 * Number the connected components (over connecting edges) in the order of their lowest unit.
 *
 * @param[out] component  caller's array of n
 * @param[out] count      number of components
 * @return WG_OK or WG_ENOMEM; O(n + m)
 */
wg_status wg_graph_components(wg_context *ctx, const wg_graph *graph, uint32_t *component, uint32_t *count);

/**
 * Mark the units whose removal disconnects their component (Hopcroft and Tarjan 1973, without recursion).
 *
 * @param label  where not NULL, the graph is taken within equal labels only
 * @param[out] articulation  caller's array of n
 * @return WG_OK or WG_ENOMEM; O(n + m)
 */
wg_status wg_graph_articulation(wg_context *ctx, const wg_graph *graph, const uint32_t *label, bool *articulation);

/**
 * Count the connected pieces of every cell.
 *
 * @param label        label[v] < n_cells, or WG_UNASSIGNED, for each unit v
 * @param[out] pieces  caller's array of n_cells; 1 = contiguous, 0 = empty
 * @return WG_OK, WG_EINVAL (unknown label) or WG_ENOMEM; O(V + E) time, O(V) scratch
 */
wg_status wg_graph_pieces(wg_context *ctx, const wg_graph *graph, const uint32_t *label, uint32_t n_cells,
                          uint32_t *pieces);

/** Scratch of the contiguity test: reused from call to call, so that a test costs no memory clearing. */
typedef struct wg_contiguity {
    uint32_t *mark;  /**< n: stamp of the search that saw the unit */
    uint32_t *group; /**< n: which neighbour's search saw it */
    uint32_t *next;  /**< n: queue links */
    uint32_t n, stamp;
} wg_contiguity;

wg_status wg_contiguity_init(wg_context *ctx, wg_contiguity *scratch, uint32_t n);
void wg_contiguity_release(wg_contiguity *scratch);

/**
 * Would the cell of unit v stay connected without v?
 *
 * First a local test: v's neighbours in the cell that reach each other without leaving v's neighbourhood (constant for
 * bounded degree, and the answer for most moves). Else a search from every group of them at once, one unit each in
 * turn, which ends as soon as all have met (connected) or one is exhausted (not connected): O(smaller side).
 *
 * @return true also where v is alone in its cell
 */
bool wg_contiguity_without(wg_contiguity *scratch, const uint32_t *start, const uint32_t *link_end, const uint32_t *to,
                           const uint32_t *label, uint32_t v);

#endif
