/** Faces with the same label, joined: polygons whose rings are half-edges of the plane. */
#ifndef WG_GEO_REGIONS_H
#define WG_GEO_REGIONS_H

#include "core/memory.h"
#include "geo/plane.h"

/** Connected regions (over edges, not corners); each is one polygon, its outer ring first, counter-clockwise. */
typedef struct wg_regions {
    uint32_t n, n_rings;
    uint32_t *of_face;    /**< region of each face, or WG_NONE */
    uint32_t *label;      /**< a region */
    double *area;         /**< a region, grid steps squared */
    uint32_t *ring_first; /**< n + 1 */
    uint32_t *half_first; /**< n_rings + 1 */
    uint32_t *half;       /**< half-edges of the rings; a ring's points are their origins */
} wg_regions;

/**
 * @param label  a face; WG_NONE: in no region. Face 0 must be WG_NONE
 * @return WG_OK or WG_ENOMEM; O(E). Rings are simple; rings of a region touch each other in points at most
 */
wg_status wg_regions_of(wg_context *ctx, const wg_plane *plane, const uint32_t *label, wg_regions *regions);
void wg_regions_release(wg_regions *regions);

/** Points that were put on edges later, from end[2e] to end[2e + 1]. */
typedef struct wg_woven {
    wg_ipt **point; /**< an edge; NULL: none */
    uint32_t *n;    /**< an edge */
} wg_woven;

void wg_woven_release(wg_woven *woven, uint32_t n_edges);

/**
 * Append the points of half-edges as xy pairs: origin and woven points of each, and the last end (the first origin with
 * `close`). @return number of points
 */
uint32_t wg_woven_put(wg_buffer *out, const uint32_t *half, uint32_t n, bool close, const wg_plane *plane,
                      wg_lattice lattice, const wg_woven *woven);

/** Append region r as a WKB polygon. @param woven  NULL: none */
void wg_regions_put(wg_buffer *out, const wg_regions *regions, uint32_t region, const wg_plane *plane,
                    wg_lattice lattice, const wg_woven *woven);

/** Append several regions as one polygon or multipolygon, the largest first. `list` is reordered. */
void wg_regions_put_parts(wg_buffer *out, const wg_regions *regions, uint32_t *list, uint32_t n, const wg_plane *plane,
                          wg_lattice lattice, const wg_woven *woven);

#endif
