/**
 * A planar map on the precision grid: segments noded by snap rounding, faces traced over half-edges.
 *
 * Snap rounding (Hobby 1999; Guibas & Marimont 1998): every end and every rounded crossing is a hot pixel, every
 * segment is led through the centres of the hot pixels that it passes. The result has no crossing and no near miss, a
 * segment moves by less than one grid step, and no vertex changes the side of a segment.
 *
 * Half-edge 2e runs from end[2e] to end[2e + 1], half-edge 2e + 1 back; a face lies to the left of its half-edges.
 */
#ifndef WG_GEO_PLANE_H
#define WG_GEO_PLANE_H

#include "geo/bins.h"

#define WG_NONE UINT32_MAX

typedef struct wg_plane {
    uint32_t n_points, n_edges;
    wg_ipt *point;
    uint32_t *end;       /**< 2 an edge */
    uint32_t *tag_first; /**< n_edges + 1 */
    uint32_t *tag;       /**< tags of the segments that an edge comes from, one for each of them */
    /* after wg_plane_trace */
    uint32_t n_faces; /**< face 0 is the unbounded one */
    uint32_t *next;   /**< next half-edge around the face */
    uint32_t *face;   /**< a half-edge */
    double *area;     /**< a face, in grid steps squared; 0 for face 0 */
} wg_plane;

/**
 * Node the segments. Edges are numbered in the order of the segments, so that the result is a function of the input
 * alone.
 * @return WG_EDATA for too many segments, WG_ENOMEM; O(n + k) expected for evenly spread segments with k crossings
 */
wg_status wg_plane_node(wg_context *ctx, const wg_segment *segments, size_t n, wg_plane *plane);

/** Take out all edges that `keep` does not mark; faces must be traced again. */
wg_status wg_plane_filter(wg_context *ctx, wg_plane *plane, const bool *keep);

/** Clear keep[e] of every edge that hangs by one end on what `keep` marks, again and again. */
wg_status wg_plane_trim(wg_context *ctx, const wg_plane *plane, bool *keep);

/** Find the faces. Islands inside a face are part of its boundary. O(E log degree). */
wg_status wg_plane_trace(wg_context *ctx, wg_plane *plane);
void wg_plane_release(wg_plane *plane);

/**
 * Walk from face to neighbouring face over all of them, along a spanning tree: `step` is called with the edge that is
 * crossed on the way into `face`, and again with `back` on the way out. Crossing a closed line an odd number of times
 * tells inside from outside. Face 0 is entered first, with edge WG_NONE.
 */
typedef void (*wg_plane_step_fn)(uint32_t face, uint32_t edge, bool back, void *user);
wg_status wg_plane_walk(wg_context *ctx, const wg_plane *plane, wg_plane_step_fn step, void *user);

/** Half-edges by face: those of face f are item[first[f] .. first[f + 1]], ascending. */
typedef struct wg_lists {
    uint32_t *first, *item;
} wg_lists;
/** Group items 0..n-1 by key[i] < n_keys (WG_NONE: in no group). */
wg_status wg_lists_of(wg_context *ctx, const uint32_t *key, size_t n, size_t n_keys, wg_lists *lists);
void wg_lists_release(wg_lists *lists);

/** Disjoint sets with path halving; the lower number becomes the root, so that results do not depend on the order. */
static inline uint32_t wg_sets_find(uint32_t *parent, uint32_t i) {
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static inline uint32_t wg_sets_join(uint32_t *parent, uint32_t i, uint32_t j) {
    i = wg_sets_find(parent, i);
    j = wg_sets_find(parent, j);
    if (i > j) {
        const uint32_t swap = i;
        i = j;
        j = swap;
    }
    parent[j] = i;
    return i;
}

static inline double wg_plane_length(const wg_plane *plane, uint32_t edge) {
    const wg_ipt a = plane->point[plane->end[2 * edge]], b = plane->point[plane->end[2 * edge + 1]];
    return hypot((double)(b.x - a.x), (double)(b.y - a.y));
}

#endif
