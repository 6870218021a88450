#include "locate/clip.h"

#include <geos_c.h>

struct wg_clipper {
    GEOSContextHandle_t geos;
    const wg_layer *cells;
    GEOSGeometry *feature;
    int dimension;
};

wg_status wg_clipper_new(wg_context *ctx, const wg_layer *cells, wg_clipper **clipper) {
    wg_clipper *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->cells = cells;
    made->geos = GEOS_init_r();
    if (made->geos == NULL) {
        free(made);
        return wg_fail_memory(ctx);
    }
    GEOS_setWKBByteOrder_r(made->geos, GEOS_WKB_NDR);
    *clipper = made;
    return WG_OK;
}

void wg_clipper_free(wg_clipper *clipper) {
    if (clipper != NULL) {
        GEOSGeom_destroy_r(clipper->geos, clipper->feature);
        GEOS_finish_r(clipper->geos);
        free(clipper);
    }
}

/* Polygons are made valid: the even-odd inside that they are measured by. */
static GEOSGeometry *read_valid(GEOSContextHandle_t geos, const void *wkb, size_t bytes) {
    GEOSGeometry *geometry = GEOSGeomFromWKB_buf_r(geos, wkb, bytes);
    if (geometry != NULL && GEOSisValid_r(geos, geometry) != 1) {
        GEOSGeometry *valid = GEOSMakeValid_r(geos, geometry);
        GEOSGeom_destroy_r(geos, geometry);
        geometry = valid;
    }
    return geometry;
}

wg_status wg_clipper_feature(wg_context *ctx, wg_clipper *clipper, const void *wkb, size_t bytes) {
    GEOSGeom_destroy_r(clipper->geos, clipper->feature);
    clipper->feature = read_valid(clipper->geos, wkb, bytes);
    if (clipper->feature == NULL) {
        return wg_fail(ctx, WG_EDATA, "a geometry cannot be cut (a ring is open or has too few points)");
    }
    clipper->dimension = GEOSGeom_getDimensions_r(clipper->geos, clipper->feature);
    return WG_OK;
}

static uint32_t multi_type(int dimension) {
    return dimension == 2 ? GEOS_MULTIPOLYGON : dimension == 1 ? GEOS_MULTILINESTRING : GEOS_MULTIPOINT;
}

/* Of a collection, what has the feature's own dimension: a polygon that touches a cell along a line has no piece there.
 */
static GEOSGeometry *same_dimension(const wg_clipper *clipper, GEOSGeometry *piece) {
    GEOSContextHandle_t geos = clipper->geos;
    if (piece == NULL || GEOSGeomTypeId_r(geos, piece) != GEOS_GEOMETRYCOLLECTION) {
        return piece;
    }
    const int n = GEOSGetNumGeometries_r(geos, piece);
    GEOSGeometry **kept = wg_malloc((size_t)(n > 0 ? n : 1), sizeof(GEOSGeometry *));
    unsigned int n_kept = 0;
    for (int i = 0; kept != NULL && i < n; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(geos, piece, i);
        const int m =
            GEOSGeom_getDimensions_r(geos, part) == clipper->dimension ? GEOSGetNumGeometries_r(geos, part) : 0;
        if (m == 1) {
            kept[n_kept++] = GEOSGeom_clone_r(geos, GEOSGetGeometryN_r(geos, part, 0));
        }
    }
    GEOSGeometry *all =
        kept == NULL ? NULL : GEOSGeom_createCollection_r(geos, (int)multi_type(clipper->dimension), kept, n_kept);
    free(kept);
    GEOSGeom_destroy_r(geos, piece);
    return all;
}

static wg_status put(wg_context *ctx, const wg_clipper *clipper, GEOSGeometry *piece, wg_buffer *out) {
    GEOSContextHandle_t geos = clipper->geos;
    GEOSGeometry *kept = same_dimension(clipper, piece);
    if (kept == NULL) {
        return wg_fail(ctx, WG_EDATA, "a geometry cannot be cut");
    }
    wg_status status = WG_OK;
    if (GEOSisEmpty_r(geos, kept) != 1 && GEOSGeom_getDimensions_r(geos, kept) == clipper->dimension) {
        size_t bytes;
        unsigned char *wkb = GEOSGeomToWKB_buf_r(geos, kept, &bytes);
        if (wkb != NULL) {
            wg_buffer_append(out, wkb, bytes);
        }
        status = wkb == NULL || out->failed ? wg_fail_memory(ctx) : WG_OK;
        GEOSFree_r(geos, wkb);
    }
    GEOSGeom_destroy_r(geos, kept);
    return status;
}

wg_status wg_clipper_inside(wg_context *ctx, wg_clipper *clipper, uint32_t cell, wg_buffer *out) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(clipper->cells, cell, &bytes);
    GEOSGeometry *area = wkb == NULL ? NULL : read_valid(clipper->geos, wkb, bytes);
    if (area == NULL) {
        return wg_layer_fail(ctx, clipper->cells, cell, WG_EDATA, "GEOS cannot read the polygon");
    }
    GEOSGeometry *piece = GEOSIntersection_r(clipper->geos, clipper->feature, area);
    GEOSGeom_destroy_r(clipper->geos, area);
    return put(ctx, clipper, piece, out);
}

wg_status wg_clipper_outside(wg_context *ctx, wg_clipper *clipper, const uint32_t *cells, size_t n, wg_buffer *out) {
    GEOSContextHandle_t geos = clipper->geos;
    GEOSGeometry *rest = GEOSGeom_clone_r(geos, clipper->feature);
    for (size_t i = 0; i < n && rest != NULL; i++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(clipper->cells, cells[i], &bytes);
        GEOSGeometry *area = wkb == NULL ? NULL : read_valid(geos, wkb, bytes);
        GEOSGeometry *less = area == NULL ? NULL : GEOSDifference_r(geos, rest, area);
        GEOSGeom_destroy_r(geos, rest);
        GEOSGeom_destroy_r(geos, area);
        rest = less;
    }
    return put(ctx, clipper, rest, out);
}
