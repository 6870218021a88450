/** GEOS, for what is rare enough: repairing invalid polygons and measuring how wide a shape is. One handle a thread. */
#ifndef WG_GEO_GEOS_H
#define WG_GEO_GEOS_H

#include <stddef.h>
#include <stdint.h>

#include "core/memory.h"
#include "core/status.h"

typedef struct wg_geos wg_geos;

wg_status wg_geos_open(wg_context *ctx, wg_geos **geos);
void wg_geos_close(wg_geos *geos);

/** Why a geometry is not valid and where. */
typedef struct wg_invalidity {
    char reason[96];
    double x, y; /**< NAN where unknown */
} wg_invalidity;

/** @param[out] why  filled where the result is false */
wg_status wg_geos_is_valid(wg_context *ctx, wg_geos *geos, const void *wkb, size_t bytes, bool *valid,
                           wg_invalidity *why);

/** The same polygon made valid (rings first, then shells joined and holes cut out), appended to `out` as WKB. */
wg_status wg_geos_repair(wg_context *ctx, wg_geos *geos, const void *wkb, size_t bytes, wg_buffer *out);

/** Diameter of the largest circle inside a polygon, in metres. */
wg_status wg_geos_width(wg_context *ctx, wg_geos *geos, const void *wkb, size_t bytes, double tolerance_m,
                        double *width);

#endif
