/** The inside of a reference: the planar map of community lines, and who lies on which side of each. */
#ifndef WG_GEO_BORDER_H
#define WG_GEO_BORDER_H

#include "geo/finder.h"
#include "geo/plane.h"
#include "geo/reference.h"
#include "geo/regions.h"

struct wg_reference {
    wg_layer *layer;
    wg_lattice lattice;
    wg_plane plane;        /**< community lines only */
    uint32_t *owner;       /**< community on the left of each half-edge, or WG_NONE */
    wg_regions regions;    /**< parts of communities; labels are rows */
    wg_finder finder;      /**< over the plane */
    wg_lists of_community; /**< edges by community, twice where both sides are its own */
    wg_lists regions_of;   /**< regions by community */
    wg_box *box;           /**< a community */
    wg_woven woven;        /**< points that atoms put on the lines */
};

/** Community at a point. A point on a line belongs to its right side (east, then the upper end). Expected O(1). */
uint32_t wg_reference_find(const wg_reference *reference, wg_ipt p);

/**
 * Write the polygons of all communities into the layer, from regions and woven points.
 * @param outline  a layer a community whose row 0 is its polygon already, or NULL (each, or all)
 */
wg_status wg_reference_write(wg_context *ctx, wg_reference *reference, wg_layer *const *outline);

/**
 * Everything that follows from `layer`, `lattice`, `plane` (lines, no faces yet) and `owner`: parts, indexes, polygons.
 * @return WG_EDATA where a community has no land
 */
wg_status wg_reference_trace(wg_context *ctx, wg_reference *reference);

/** Text that names a row: column `id` where there is one, else the feature number. @return `buffer`, or the text itself
 */
const char *wg_row_name(const wg_layer *layer, size_t row, uint32_t id, char buffer[32]);

#endif
