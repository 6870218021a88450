/**
 * How polygon layers lie on each other: gaps and overlaps, shares of one layer in another, pieces of a cell that do not
 * hang together. For any polygons, dirty ones and ones drawn elsewhere too. All inputs are in one projected CRS; areas
 * are m². Parallel over wg_context_threads; results do not depend on the number of threads.
 */
#ifndef WG_GEO_OVERLAY_H
#define WG_GEO_OVERLAY_H

#include "model/layer.h"

/** A polygon by itself. */
typedef struct wg_overlay_cell {
    bool valid;
    char reason[96]; /**< why it is not, as GEOS says; "" */
    double x, y;     /**< where it is not valid, else a point inside; NAN without geometry */
    uint32_t parts;  /**< polygons (of the repaired geometry); 0: no polygon at all */
    double area_m2, perim_m;
    double compact; /**< Polsby–Popper of the largest part, 0–1 */
} wg_overlay_cell;

typedef enum wg_face_kind {
    WG_FACE_GAP = 0, /**< in the reference, in no cell */
    WG_FACE_OVERLAP, /**< in two cells or more */
    WG_FACE_OUTSIDE  /**< in one cell, outside the reference */
} wg_face_kind;

/** A connected piece of land that is not in exactly one cell. */
typedef struct wg_overlay_face {
    wg_face_kind kind;
    uint32_t cell, other; /**< the lowest rows of the cells that cover it, or WG_UNASSIGNED */
    uint32_t n_cells;     /**< how many cover it */
    uint32_t reference;   /**< row of the reference that it is in (the lowest), or WG_UNASSIGNED */
    double area_m2;
    double width_m; /**< diameter of the largest circle inside */
    double x, y;    /**< a point inside */
} wg_overlay_face;

typedef struct wg_overlay {
    uint32_t n_cells;
    wg_overlay_cell *cells;
    size_t n_faces;
    wg_overlay_face *faces; /**< by kind, then reference, cell, other, then position */
    wg_layer *shapes;       /**< geometry of each face, same rows */
    /**
     * Every edge of the cells is met by a neighbour's in the other direction, or by the reference's in the same: with
     * valid polygons that proves, exactly and whatever their size, that cells cover the reference once and share all
     * vertices.
     */
    bool exact;
    size_t
        unpaired; /**< edges that are not met; more than 0 with no face: vertices that one side has and the other not */
    double reference_m2, cells_m2;
    double gap_m2, overlap_m2, outside_m2; /**< land of each kind, once however many cells cover it */
} wg_overlay;

/**
 * Compare cells with what they should cover.
 *
 * @param reference    communities; NULL: the cells' own union (a gap is then land that cells enclose)
 * @param tolerance_m  faces thinner than this are left out; 0: none are
 * Time: validity O(E log E) a cell in parallel; O(E) pairing; only edges that are left over are noded.
 */
wg_status wg_overlay_build(wg_context *ctx, const wg_layer *cells, const wg_layer *reference, double tolerance_m,
                           wg_overlay **overlay);
void wg_overlay_free(wg_overlay *overlay);

/** Only the polygons themselves. @param[out] cells  caller's array, one a row */
wg_status wg_overlay_validate(wg_context *ctx, const wg_layer *layer, wg_overlay_cell *cells);

/**
 * Only the pairing of edges: works in any CRS and unit. @param[out] unpaired  edges that are not met; 0 proves, where
 * all polygons are valid, that cells cover the reference exactly once. O(E)
 */
wg_status wg_overlay_unpaired(wg_context *ctx, const wg_layer *cells, const wg_layer *reference, size_t *unpaired);

/** A row of `a` and a row of `b` that share land. */
typedef struct wg_overlay_pair {
    uint32_t a, b;
    double area_m2;
} wg_overlay_pair;

typedef struct wg_overlay_pairs_result {
    size_t n;
    wg_overlay_pair *pairs; /**< by a, then b */
    wg_layer *shapes;       /**< common land, same rows; NULL where it was not asked for */
} wg_overlay_pairs_result;

/**
 * All pairs that share more than `min_area_m2` (0: any area). Invalid polygons are repaired before. A pair whose row in
 * `a` lies inside the row in `b` is found without computing an intersection.
 */
wg_status wg_overlay_pairs(wg_context *ctx, const wg_layer *a, const wg_layer *b, double min_area_m2, bool shapes,
                           wg_overlay_pairs_result *result);
void wg_overlay_pairs_release(wg_overlay_pairs_result *result);

/** How a building lies on the cells. */
typedef struct wg_overlay_cut {
    uint32_t first;   /**< cell with the largest share (the lowest row on a tie), or WG_UNASSIGNED: outside all */
    uint32_t n_cells; /**< cells with a share that counts */
    double share;     /**< of `first`, 0–1 of the footprint; points: 1 or 0 */
} wg_overlay_cut;

/**
 * Which buildings are cut by cell boundaries. A share counts where it is wider than `tolerance_m` (at least 2 mm: plans
 * lie on a grid of 1 mm, buildings do not).
 * @param[out] cuts  caller's array, one a row of `buildings` (polygons or points)
 */
wg_status wg_overlay_cuts(wg_context *ctx, const wg_layer *buildings, const wg_layer *cells, double tolerance_m,
                          wg_overlay_cut *cuts);

/** Lines and surfaces that do not connect. */
typedef struct wg_overlay_barriers {
    const wg_layer *layer; /**< lines and polygons, or NULL */
    const bool *hard;      /**< a row: a line that is never crossed; polygons never connect their banks, hard or not */
} wg_overlay_barriers;

typedef struct wg_overlay_links {
    uint32_t pieces;     /**< pieces of the cell, wider than the tolerance, that hang together over edges */
    uint32_t components; /**< different components of its community that these lie in */
    bool crossed;        /**< two pieces touch along a hard barrier or across a barrier polygon */
    double x, y;         /**< in a piece that should hang together with another one but does not; NAN */
} wg_overlay_links;

/**
 * Is each cell connected over edges, within a component of its community? A component is a part of the community that
 * hard barriers and barrier polygons leave connected. A cell is connected where pieces == components.
 *
 * @param community     a cell: row of `communities`, or WG_UNASSIGNED (the union of all cells without one is theirs)
 * @param tolerance_m   pieces thinner than this do not count (barriers as drawn and boundaries led around a building
 * differ)
 * @param[out] links    caller's array, one a cell
 */
wg_status wg_overlay_connect(wg_context *ctx, const wg_layer *cells, const uint32_t *community,
                             const wg_layer *communities, const wg_overlay_barriers *barriers, double tolerance_m,
                             wg_overlay_links *links);

#endif
