/** The planar map behind a community's units: only their boundaries, and what is known of each line. */
#ifndef WG_GEO_MAP_H
#define WG_GEO_MAP_H

#include "geo/atoms.h"
#include "geo/regions.h"

struct wg_atoms_map {
    wg_lattice lattice;
    char *crs; /**< of the layers that are written; NULL: unknown */
    wg_plane plane;
    uint32_t *unit;    /**< a face; WG_NONE outside */
    uint8_t *rank;     /**< an edge: best barrier rank, 0: none */
    bool *hard;        /**< an edge */
    uint32_t *border;  /**< an edge: the edge of the reference that it lies on, or WG_NONE */
    wg_edge *bridge;   /**< pairs that are connected without a common line, sorted */
    wg_ipt (*span)[2]; /**< the ends of each bridge */
    uint32_t n_bridges;
};

void wg_atoms_map_free(struct wg_atoms_map *map);

/** Everything in `atoms` that follows from its map: units, areas, points, edges, lines. Replaces what is there. */
wg_status wg_atoms_draw(wg_context *ctx, wg_atoms *atoms);

/**
 * Labels of a new planar map whose edges carry (kind and) numbers of an old one's edges: the walk over the new faces
 * crosses the old lines. Lines that fell together on the grid are crossed one by one.
 *
 * @param kind   only tags of this kind (upper four bits) count
 * @param label  caller's array of to->n_faces
 */
wg_status wg_carry_labels(wg_context *ctx, const wg_plane *from, const uint32_t *from_label, const wg_plane *to,
                          uint32_t kind, uint32_t *label);

#endif
