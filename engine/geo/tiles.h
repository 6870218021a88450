/**
 * Enclosed tessellation: lines halfway between the footprints in a block, from street to street.
 *
 * The sites are points along the outlines of footprints and along the block's boundary. The lines run through the
 * middles of the Delaunay edges between different footprints (the chordal axis of the space between them, Prasad 1997),
 * which for dense points is the Voronoi diagram of the footprints. A line stays inside the triangles between the two
 * footprints, so it crosses no other line, no footprint, and ends on a site of the boundary: no clipping is needed.
 * Straightened, it still passes every Delaunay edge (gate) of its way, at a distance from both ends.
 */
#ifndef WG_GEO_TILES_H
#define WG_GEO_TILES_H

#include "geo/delaunay.h"
#include "geo/work.h"

/** Two groups of footprints that face each other. */
typedef struct wg_facing {
    uint32_t a, b;
    double length; /**< of the line between them, grid steps */
    double gap;    /**< smallest distance between their sites */
} wg_facing;

/** Where a line that ends inside the block passes a Delaunay edge between two footprints. */
typedef struct wg_guide {
    float at;     /**< share of the edge from the origin of its even half-edge */
    float free;   /**< how far a tessellation line may leave that place, as a share */
    uint32_t tag; /**< of the line; WG_NONE: no line passes */
} wg_guide;

typedef struct wg_tiling {
    wg_context *ctx;
    wg_site *site;
    size_t n_sites, capacity;
    uint32_t n_labels; /**< labels 0 .. n_labels - 1 are footprints (clusters); n_labels is the boundary */
    wg_delaunay delaunay;
    uint32_t *group;   /**< a label: after grouping, the lowest label of its group */
    wg_facing *facing; /**< pairs of labels, in the order of the triangulation */
    size_t n_facing, facing_capacity;
    uint32_t *pair; /**< hash table: number in `facing` + 1 */
    size_t pair_mask;
    double *outline; /**< a label: length of its tile's outline */
    wg_guide *guide; /**< an edge (half-edge / 2), or NULL: no line ends in this block */
} wg_tiling;

void wg_tiling_release(wg_tiling *tiling);
/** Add sites along ab, at most `spacing` grid steps apart: a and points between, not b. */
wg_status wg_tiling_add_line(wg_tiling *tiling, wg_ipt a, wg_ipt b, double spacing, uint32_t label);
/** Triangulate; every label is its own group. */
wg_status wg_tiling_triangulate(wg_tiling *tiling);
/** Find which labels face each other (needed for grouping). A common line that a guide follows counts a quarter. */
wg_status wg_tiling_survey(wg_tiling *tiling);
/**
 * Group light tiles with what they face most, while the sum of weights stays within the cap.
 * @param load  a label: its largest weight over what is heavy, 1 = heavy
 */
wg_status wg_tiling_group(wg_tiling *tiling, const double *weight, uint32_t n_weights, const double *heavy, double cap,
                          double least);
/**
 * The lines between different groups, straightened, appended to `out` with `tag`; a piece that follows a guide is
 * appended once more with the guide's tag.
 */
wg_status wg_tiling_lines(wg_tiling *tiling, double clearance, uint32_t tag, wg_segments *out);

#endif
