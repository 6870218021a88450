#include "geo/union.h"

#include <geos_c.h>
#include <string.h>

static void drop_message(const char *message, void *user) {
    (void)message, (void)user;
}

/** Rows of one label as one collection; polygons of a multipolygon one by one, since CoverageUnion wants polygons. */
static GEOSGeometry *collect(GEOSContextHandle_t geos, const wg_layer *layer, const uint32_t *label, uint32_t wanted,
                             size_t *n_rows) {
    GEOSGeometry **rows = wg_calloc(layer->n, sizeof *rows);
    size_t n = 0;
    for (size_t row = 0; row < layer->n && rows != NULL; row++) {
        size_t bytes = 0;
        const void *wkb = label[row] == wanted ? wg_layer_wkb(layer, row, &bytes) : NULL;
        rows[n] = wkb == NULL ? NULL : GEOSGeomFromWKB_buf_r(geos, wkb, bytes);
        n += rows[n] != NULL ? 1 : 0;
    }
    *n_rows = n;
    GEOSGeometry *all =
        rows == NULL ? NULL : GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, rows, (unsigned)n);
    free(rows);
    return all;
}

/** CoverageUnion takes shared edges out and keeps every vertex; where rows are no coverage its result is not valid. */
static GEOSGeometry *unite(GEOSContextHandle_t geos, const GEOSGeometry *all) {
    GEOSGeometry *united = GEOSCoverageUnion_r(geos, all);
    if (united == NULL || GEOSisValid_r(geos, united) != 1) {
        GEOSGeom_destroy_r(geos, united);
        united = GEOSUnaryUnion_r(geos, all);
    }
    return united;
}

wg_status wg_polygons_union(wg_context *ctx, const wg_layer *layer, const uint32_t *label, uint32_t n_labels,
                            wg_layer **united) {
    wg_status status = WG_OK;
    wg_layer *made = NULL;
    GEOSContextHandle_t geos = GEOS_init_r();
    if (geos == NULL) {
        return wg_fail_memory(ctx);
    }
    GEOSContext_setNoticeMessageHandler_r(geos, drop_message, NULL);
    GEOSContext_setErrorMessageHandler_r(geos, drop_message, NULL);
    WG_TRY(wg_layer_new(ctx, layer->name, layer->crs, &made));
    for (uint32_t l = 0; l < n_labels; l++) {
        size_t n = 0, bytes = 0;
        GEOSGeometry *all = collect(geos, layer, label, l, &n);
        GEOSGeometry *whole = all == NULL ? NULL : unite(geos, all);
        unsigned char *wkb = whole == NULL || n == 0 ? NULL : GEOSGeomToWKB_buf_r(geos, whole, &bytes);
        if (all == NULL || whole == NULL || (n > 0 && wkb == NULL)) {
            status = wg_fail(ctx, WG_EDATA, "%s: %zu polygons could not be united (make them valid)",
                             wg_layer_source(layer), n);
        } else {
            status = wg_layer_add_row(ctx, made, wkb, bytes, NULL);
        }
        GEOSFree_r(geos, wkb);
        GEOSGeom_destroy_r(geos, whole);
        GEOSGeom_destroy_r(geos, all);
        if (status != WG_OK) {
            goto done;
        }
    }
    *united = made;
    made = NULL;
done:
    wg_layer_free(made);
    GEOS_finish_r(geos);
    return status;
}
