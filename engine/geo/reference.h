/**
 * The reference: communities in the working CRS, valid, on the precision grid, noded once, so that both sides of a
 * common line have the same vertices. Everything that a plan says of area is said of these polygons.
 */
#ifndef WG_GEO_REFERENCE_H
#define WG_GEO_REFERENCE_H

#include "model/exceptions.h"
#include "model/layer.h"

typedef struct wg_reference_options {
    double grid_m; /**< precision grid; 0: 0.001 */
    double snap_m; /**< overlaps and slivers up to this width are repaired and listed; 0: 2 */
    bool repair;   /**< repair wider overlaps too (the lower row keeps the land) instead of failing */
} wg_reference_options;

typedef struct wg_reference wg_reference;

/**
 * @param communities  polygons in the working CRS, with columns as given; borrowed during the call. Rows keep their
 * order
 * @param code         column that names a community in messages and exceptions; UINT32_MAX: feature numbers
 * @return WG_EDATA for no polygon, an overlap wider than snap_m without `repair` (both named, with width and area)
 */
wg_status wg_reference_build(wg_context *ctx, const wg_layer *communities, uint32_t code,
                             const wg_reference_options *options, wg_exceptions *exceptions, wg_reference **reference);
/**
 * The same for some of its communities: their polygons and lines, in the order that they have there, so that atoms come
 * out alike; the others' land is nobody's. @param keep  a row of `from`
 */
wg_status wg_reference_choose(wg_context *ctx, const wg_reference *from, const bool *keep, wg_reference **reference);
void wg_reference_free(wg_reference *reference);
/** The communities with their reference polygons (MULTIPOLYGON or POLYGON), all source columns; owned by the reference.
 */
const wg_layer *wg_reference_layer(const wg_reference *reference);

/** How a building found its community. */
typedef enum wg_placed {
    WG_PLACED_NONE = 0, /**< outside all communities, or without geometry */
    WG_PLACED_INSIDE,   /**< wholly inside one */
    WG_PLACED_SHARE,    /**< crosses a community line: counted once, where its largest share is (listed) */
    WG_PLACED_DUPLICATE /**< the same footprint as an earlier row with the same figures: not counted again (listed) */
} wg_placed;

typedef struct wg_placement {
    size_t n;             /**< rows of the buildings layer */
    uint32_t *community;  /**< row of the reference layer, or WG_UNASSIGNED */
    uint8_t *placed;      /**< wg_placed */
    double *x, *y;        /**< representative point, inside the footprint; NAN without geometry */
    double *footprint_m2; /**< 0 for points */
    size_t *order;        /**< rows sorted by community, then row; those without one at the end */
    size_t *first;        /**< first[c] .. first[c + 1] of `order` are community c's; n_communities + 1 entries */
} wg_placement;

/** Give every building (polygon or point, working CRS) its community. Parallel. O((B + E) log E). */
wg_status wg_buildings_place(wg_context *ctx, const wg_reference *reference, const wg_layer *buildings,
                             uint32_t id_column, wg_exceptions *exceptions, wg_placement *placement);
/** The same for rows that are not all of them: nothing is listed, and a double has the community of its footprint. */
wg_status wg_buildings_locate(wg_context *ctx, const wg_reference *reference, const wg_layer *buildings,
                              wg_placement *placement);
void wg_placement_release(wg_placement *placement);

#endif
