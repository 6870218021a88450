/** Which communities a line or a surface comes near to, by their boxes. */
#ifndef WG_GEO_NEAR_H
#define WG_GEO_NEAR_H

#include "geo/reference.h"

typedef struct wg_near wg_near;

/** @param reference  borrowed until wg_near_free @param margin_m  how near */
wg_status wg_near_new(wg_context *ctx, const wg_reference *reference, double margin_m, wg_near **near);
void wg_near_free(wg_near *near);
/**
 * Communities whose box is within the margin of a segment's box, or of the box of a whole polygon: at least all those
 * whose atoms may depend on the geometry.
 * @param[out] list  ascending, each once; owned by `near` until the next call
 */
wg_status wg_near_find(wg_context *ctx, wg_near *near, const void *wkb, size_t bytes, const uint32_t **list, size_t *n);

#endif
