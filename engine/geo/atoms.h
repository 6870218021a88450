/**
 * Atoms: the pieces of land that a cell is made of. Street blocks from noded barriers, compounds as one piece, heavy
 * blocks divided along an enclosed tessellation of their building footprints; and the graph of what touches what.
 */
#ifndef WG_GEO_ATOMS_H
#define WG_GEO_ATOMS_H

#include "geo/reference.h"

typedef enum wg_unit_kind {
    WG_UNIT_BLOCK = 0, /**< a street block */
    WG_UNIT_TILE,      /**< a piece of a divided block or compound */
    WG_UNIT_COMPOUND,
    WG_UNIT_LAND, /**< no building on it, or the surface of a barrier polygon */
    WG_UNIT_GIVEN
} wg_unit_kind;

/** Barrier lines and polygons of all sources, merged into one layer by the caller, in the working CRS. */
typedef struct wg_barriers {
    const wg_layer *layer;
    const uint8_t *rank; /**< a row: 1 (motorway, trunk, railway, river) … 9 (footpath) */
    const bool *hard;    /**< a row: no cell crosses it */
} wg_barriers;

typedef struct wg_atoms_options {
    double grid_m;       /**< 0: 0.001 */
    double snap_m;       /**< ends nearer than this to another line are extended to it; 0: 2 */
    double sliver_m2;    /**< smaller (or, relative to it, thinner) atoms are merged into a neighbour; 0: 50 */
    double spacing_m;    /**< sampling of footprints for the tessellation; 0: 1 */
    double bridge_gap_m; /**< components nearer than this are connected; 0: none */
} wg_atoms_options;

/** Everything about the city that atoms are made from; shared by all communities, read only. */
typedef struct wg_city {
    const wg_reference *reference;
    const wg_layer *buildings;
    const wg_placement *placement;
    uint32_t building_id; /**< column of `buildings` with the id, or UINT32_MAX */
    wg_barriers barriers;
    const wg_layer *compounds;   /**< polygons or NULL */
    const wg_layer *dedicated;   /**< polygons or NULL; each is one unit, kept apart from all others */
    const wg_layer *given;       /**< polygons that are the atoms (--units) or NULL */
    const wg_layer *bridges;     /**< lines that connect what they touch, or NULL */
    const double *const *weight; /**< n_weights arrays, a value a building */
    const double *heavy;         /**< n_weights: a block is divided where its sum exceeds this; NAN: never */
    uint32_t n_weights;
    wg_atoms_options options;
    const double *compound_heavy; /**< n_weights: a compound is divided where its sum exceeds this; NULL: as heavy */
    const bool *compound_open;    /**< a compound: lines that cross it divide it, whatever it weighs; NULL: none */
} wg_city;

typedef struct wg_city_index wg_city_index; /**< spatial indexes over barriers, compounds … */
wg_status wg_city_index_new(wg_context *ctx, const wg_city *city, wg_city_index **index);
void wg_city_index_free(wg_city_index *index);

/** The atoms of one community. */
typedef struct wg_atoms {
    uint32_t community;
    uint32_t n_units;
    wg_layer *units;                   /**< geometry only: POLYGON a row (MULTIPOLYGON for given units that are) */
    uint8_t *kind;                     /**< wg_unit_kind */
    uint32_t *compound;                /**< row of the compounds layer, or WG_UNASSIGNED */
    uint32_t *dedicated;               /**< row of the dedicated layer, or WG_UNASSIGNED */
    uint32_t *block;                   /**< street block that the unit is a piece of (a number within the community) */
    double *area_m2, *outer_m, *x, *y; /**< outer_m: boundary shared with no other unit; x, y: representative point */
    bool *barrier_surface;             /**< the unit is the surface of a barrier polygon: it never connects its banks */
    uint32_t n_edges;
    wg_edge *edges; /**< u < v, sorted; length in metres, best (lowest) rank that holds along half of the line, hard:
                       all of it */
    double *edge_street_m; /**< length of the edge that runs along a barrier of any rank */
    wg_layer *edge_lines;  /**< the common line, a row an edge */
    size_t n_buildings;
    uint32_t *building_unit; /**< unit of each building, aligned with placement.order[first[c] ..] */
    size_t led_around;       /**< buildings that a line had to be led around (each listed) */
    wg_exceptions exceptions;
    struct wg_atoms_map *map; /**< the planar map behind the units, for weaving and dissolving */
} wg_atoms;

/** Build one community's atoms. Thread-safe for one `index` and different communities. */
wg_status wg_atoms_build(wg_context *ctx, const wg_city *city, const wg_city_index *index, uint32_t community,
                         wg_atoms **atoms);
void wg_atoms_free(wg_atoms *atoms);

/**
 * Give both sides of every community line the vertices that atoms of either side put there, in the units and in the
 * reference polygons. Call once, after all communities' atoms and before dissolving. `atoms` has one entry a community
 * (NULL: none).
 */
wg_status wg_atoms_weave(wg_context *ctx, wg_reference *reference, wg_atoms *const *atoms);

/**
 * Union of units by label, by pairing edges: vertices of neighbours are the same.
 * @param label  n_units labels, < n_cells
 * @param[out] cells  layer of n_cells rows, POLYGON or MULTIPOLYGON, largest part first
 */
wg_status wg_atoms_dissolve(wg_context *ctx, const wg_atoms *atoms, const uint32_t *label, uint32_t n_cells,
                            wg_layer **cells);

#endif
