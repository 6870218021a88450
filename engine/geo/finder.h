/** Which face of a planar map a point lies in. */
#ifndef WG_GEO_FINDER_H
#define WG_GEO_FINDER_H

#include "geo/plane.h"

typedef struct wg_finder {
    wg_segment *segment; /**< an edge, from its lower end (west one where level) to the other; tag: that half-edge */
    wg_bins bins;
    uint32_t
        *bin_half; /**< of a bin without edges: a half-edge whose face holds the bin, WG_NONE: the unbounded face */
} wg_finder;

/** Index the edges of a plane (faces need not be traced). O(E). */
wg_status wg_finder_init(wg_context *ctx, const wg_plane *plane, wg_finder *finder);
void wg_finder_release(wg_finder *finder);

/**
 * A half-edge whose face holds p, or WG_NONE for the unbounded face. A point on an edge belongs to the edge's east
 * side, the upper end of a line not to the line. Expected O(1).
 */
uint32_t wg_finder_find(const wg_finder *finder, wg_ipt p);

#endif
