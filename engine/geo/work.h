/**
 * Making the atoms of one community: what the steps hand to each other.
 *
 *   gather      lines near the community, ends led to what they nearly meet; footprints and which lines cross them
 *   blocks      planar map, faces to blocks, footprints to the block with most of them, blocks merged by rank and need
 *   tessellate  lines between the buildings of heavy blocks
 *   assemble    units, graph, representative points, geometry
 */
#ifndef WG_GEO_WORK_H
#define WG_GEO_WORK_H

#include "geo/city.h"
#include "geo/finder.h"
#include "geo/map.h"
#include "geo/regions.h"

/** Land along a compound that is wider than this on average is a field or a park, not the edge of the compound (m). */
#define WG_STRIP_WIDTH 40.0

/** What a line is, in the upper bits of its tag; below it a row, an edge or a footprint. */
enum {
    WG_LINE_REFERENCE = 0, /**< edge of the reference */
    WG_LINE_BARRIER,       /**< row of the barriers, a line */
    WG_LINE_SURFACE,       /**< row of the barriers, a ring */
    WG_LINE_COMPOUND,
    WG_LINE_DEDICATED,
    WG_LINE_GIVEN,
    WG_LINE_FOOTPRINT, /**< number of a footprint in the work */
    WG_LINE_TILE,      /**< block that a tessellation line divides */
    WG_LINE_AROUND,    /**< footprint whose outline bounds a block: a line was led around it */
    WG_LINE_EDGE       /**< edge of an earlier planar map */
};

static inline uint32_t wg_line_tag(uint32_t kind, uint32_t number) {
    return kind << 28 | number;
}

static inline uint32_t wg_line_kind(uint32_t tag) {
    return tag >> 28;
}

static inline uint32_t wg_line_number(uint32_t tag) {
    return tag & ((1u << 28) - 1);
}

/** Growing array of segments. */
typedef struct wg_segments {
    wg_segment *item;
    size_t n, capacity;
} wg_segments;

static inline bool wg_segments_add(wg_segments *list, wg_ipt a, wg_ipt b, uint32_t tag) {
    if (wg_ipt_equal(a, b)) {
        return true;
    }
    if (!WG_RESERVE(list->item, list->capacity, list->n + 1)) {
        return false;
    }
    list->item[list->n++] = (wg_segment){a, b, tag};
    return true;
}

/** A connected part of a building: a polygon, or a point. */
typedef struct wg_footprint {
    uint32_t building;          /**< number in the community: row order[first[c] + building] */
    uint32_t first_run, n_runs; /**< in the work's shape */
    uint32_t cluster;           /**< footprints that overlap have the same; it is the lowest one's number */
    bool crossed;               /**< some line touches a footprint of its cluster: its rings are in the planar map */
    wg_box box;
    double area; /**< grid steps squared */
} wg_footprint;

/** What lies over a face: lowest number of each kind, or WG_NONE. */
typedef struct wg_over {
    bool inside; /**< the community */
    uint32_t compound, dedicated, surface, given, footprint;
} wg_over;

typedef struct wg_work {
    wg_context *ctx;
    const wg_city *city;
    const wg_city_index *index;
    uint32_t community;
    wg_exceptions *exceptions;
    double per_m; /**< grid steps a metre */
    wg_box box;   /**< of the community */

    wg_segments lines;
    uint32_t n_buildings;
    const size_t *row; /**< of each building */
    wg_shape shape;    /**< all footprints */
    wg_footprint *footprint;
    uint32_t n_footprints;
    uint32_t *main_footprint; /**< a building: its largest one, WG_NONE without any */
    bool *torn;               /**< a cluster: a line led around it leaves land in two parts; NULL: none does */

    wg_plane plane;
    wg_over *over;   /**< a face */
    uint32_t *block; /**< a face: block before tessellation; WG_NONE outside */
    uint32_t n_blocks;
    uint32_t *building_block;
    double *block_weight;   /**< n_blocks * n_weights */
    wg_over *block_over;    /**< a block; footprint: WG_NONE without building */
    bool *heavy;            /**< a block: to be divided */
    bool *strip;            /**< a block: narrow land without buildings around compounds, divided by their sides */
    bool *compound_divided; /**< a block: it is a piece of a compound that is too heavy to be one unit, or open */
    wg_segments dead_ends;  /**< trimmed lines: streets that end in a block */

    /* after wg_work_divide, which also replaces the planar map by one of what is left */
    uint32_t *piece; /**< a face; WG_NONE outside */
    uint32_t n_pieces;
    uint32_t *piece_block;
    uint32_t *building_piece;
} wg_work;

wg_status wg_work_gather(wg_work *work);
/** Rings of every cluster that `lines` touch and that is not crossed yet, appended to `out`; footprints are marked. */
wg_status wg_work_cross(wg_work *work, const wg_segments *lines, wg_segments *out);
wg_status wg_work_blocks(wg_work *work);
/** Lines that divide the heavy blocks, tagged with the block. */
wg_status wg_work_tessellate(wg_work *work, wg_segments *tiles);
/** Faces of work->plane: what lies over each. */
wg_status wg_work_cover(wg_work *work, wg_over **over);
/** Divide the blocks by `tiles`, and give every footprint to one piece. */
wg_status wg_work_divide(wg_work *work, const wg_segments *tiles);
wg_status wg_work_assemble(wg_work *work, wg_atoms *atoms);
/** Connections of units that share no line that may be crossed: bridges and narrow gaps. */
wg_status wg_work_bridge(wg_work *work, const wg_atoms *atoms, struct wg_atoms_map *map);
/** Rank (1..9) and hardness of an edge by its tags; rank 0: no barrier. */
void wg_work_rank(const wg_work *work, uint32_t edge, uint8_t *rank, bool *hard);
void wg_work_release(wg_work *work);

#endif
