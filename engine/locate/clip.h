/** Pieces of lines and polygons within cells. Measuring shares needs no pieces (locate.h); this is for writing them
 * out. */
#ifndef WG_LOCATE_CLIP_H
#define WG_LOCATE_CLIP_H

#include "locate/locate.h"

/** A GEOS handle with the cells that were used last. One a thread. */
typedef struct wg_clipper wg_clipper;

/** @param cells  the layer that the locator was built from; borrowed */
wg_status wg_clipper_new(wg_context *ctx, const wg_layer *cells, wg_clipper **clipper);
void wg_clipper_free(wg_clipper *clipper);

/** Begin with a feature; an invalid one is made valid. @return WG_EDATA where GEOS cannot read it */
wg_status wg_clipper_feature(wg_context *ctx, wg_clipper *clipper, const void *wkb, size_t bytes);
/**
 * Append the piece of the feature inside a cell as WKB of the feature's dimension (nothing where there is none).
 */
wg_status wg_clipper_inside(wg_context *ctx, wg_clipper *clipper, uint32_t cell, wg_buffer *out);
/** Append what is left of the feature outside the `n` cells. */
wg_status wg_clipper_outside(wg_context *ctx, wg_clipper *clipper, const uint32_t *cells, size_t n, wg_buffer *out);

#endif
