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

/** Append region r as the body of a WKB polygon, header included. */
void wg_regions_put(wg_buffer *out, const wg_regions *regions, uint32_t region, const wg_plane *plane,
                    wg_lattice lattice);

#endif
