/**
 * Lines that end inside a block (footpaths, service roads, dead ends): tessellation lines between two buildings follow
 * them where they pass, and buildings on either side of them belong together less.
 */
#ifndef WG_GEO_GUIDE_H
#define WG_GEO_GUIDE_H

#include "geo/tiles.h"

/**
 * Find where lines pass between two different footprints of a triangulated block.
 * @param lines  with the tags of their barriers
 * @param bins   of the lines
 * @param width  grid steps: how far the tessellation may leave the line
 * @return WG_OK or WG_ENOMEM; O(edges of the triangulation + crossings). Without any crossing tiling->guide stays NULL
 */
wg_status wg_tiling_guide(wg_tiling *tiling, const wg_segments *lines, const wg_bins *bins, double width);

#endif
