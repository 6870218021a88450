/** The planar map behind a community's units: only their boundaries. */
#ifndef WG_GEO_MAP_H
#define WG_GEO_MAP_H

#include "geo/atoms.h"
#include "geo/regions.h"

struct wg_atoms_map {
    wg_lattice lattice;
    wg_plane plane;
    uint32_t *unit;    /**< a face; WG_NONE outside */
    wg_regions regions; /**< labels are units */
    wg_lists of_unit;  /**< regions of each unit */
    uint32_t *border;  /**< an edge: the edge of the reference that it lies on, or WG_NONE */
    wg_woven woven;
};

void wg_atoms_map_free(struct wg_atoms_map *map);

/** Write units and common lines again, after points were woven in. */
wg_status wg_atoms_write(wg_context *ctx, wg_atoms *atoms);

#endif
