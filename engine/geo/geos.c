#include "geo/geos.h"

#include <geos_c.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

struct wg_geos {
    GEOSContextHandle_t handle;
    GEOSWKBReader *reader;
    GEOSWKBWriter *writer;
    char message[256];
};

static void keep_message(const char *message, void *user) {
    wg_geos *geos = user;
    snprintf(geos->message, sizeof geos->message, "%s", message);
}

static void drop_message(const char *message, void *user) {
    (void)message;
    (void)user;
}

static wg_status failed(wg_context *ctx, const wg_geos *geos) {
    return wg_fail(ctx, WG_EDATA, "geometry cannot be repaired: %s",
                   geos->message[0] != '\0' ? geos->message : "unknown reason");
}

wg_status wg_geos_open(wg_context *ctx, wg_geos **out) {
    wg_geos *geos = wg_calloc(1, sizeof *geos);
    if (geos == NULL) {
        return wg_fail_memory(ctx);
    }
    geos->handle = GEOS_init_r();
    if (geos->handle == NULL) {
        free(geos);
        return wg_fail_memory(ctx);
    }
    GEOSContext_setErrorMessageHandler_r(geos->handle, keep_message, geos);
    GEOSContext_setNoticeMessageHandler_r(geos->handle, drop_message, NULL);
    geos->reader = GEOSWKBReader_create_r(geos->handle);
    geos->writer = GEOSWKBWriter_create_r(geos->handle);
    if (geos->reader == NULL || geos->writer == NULL) {
        wg_geos_close(geos);
        return wg_fail_memory(ctx);
    }
    GEOSWKBWriter_setByteOrder_r(geos->handle, geos->writer, GEOS_WKB_NDR);
    *out = geos;
    return WG_OK;
}

void wg_geos_close(wg_geos *geos) {
    if (geos == NULL) {
        return;
    }
    if (geos->reader != NULL) {
        GEOSWKBReader_destroy_r(geos->handle, geos->reader);
    }
    if (geos->writer != NULL) {
        GEOSWKBWriter_destroy_r(geos->handle, geos->writer);
    }
    GEOS_finish_r(geos->handle);
    free(geos);
}

static wg_status read_wkb(wg_context *ctx, wg_geos *geos, const void *wkb, size_t bytes, GEOSGeometry **geometry) {
    geos->message[0] = '\0';
    *geometry = GEOSWKBReader_read_r(geos->handle, geos->reader, wkb, bytes);
    return *geometry != NULL ? WG_OK : failed(ctx, geos);
}

wg_status wg_geos_is_valid(wg_context *ctx, wg_geos *geos, const void *wkb, size_t bytes, bool *valid,
                           wg_invalidity *why) {
    GEOSGeometry *geometry = NULL, *place = NULL;
    char *reason = NULL;
    *why = (wg_invalidity){"cannot be read as a polygon", NAN, NAN};
    *valid = false;
    /* Rings that are not closed or too short are refused by the reader: not an error here, just not valid. */
    geometry = GEOSWKBReader_read_r(geos->handle, geos->reader, wkb, bytes);
    if (geometry == NULL) {
        return WG_OK;
    }
    const char result = GEOSisValidDetail_r(geos->handle, geometry, 0, &reason, &place);
    *valid = result == 1;
    if (result == 0 && reason != NULL) {
        snprintf(why->reason, sizeof why->reason, "%s", reason);
    }
    if (result == 0 && place != NULL) {
        (void)GEOSGeomGetX_r(geos->handle, place, &why->x);
        (void)GEOSGeomGetY_r(geos->handle, place, &why->y);
    }
    GEOSFree_r(geos->handle, reason);
    GEOSGeom_destroy_r(geos->handle, place);
    GEOSGeom_destroy_r(geos->handle, geometry);
    return result == 2 ? failed(ctx, geos) : WG_OK;
}

wg_status wg_geos_repair(wg_context *ctx, wg_geos *geos, const void *wkb, size_t bytes, wg_buffer *out) {
    GEOSGeometry *geometry = NULL, *repaired = NULL;
    GEOSMakeValidParams *params = NULL;
    unsigned char *result = NULL;
    size_t length = 0;
    wg_status status = WG_OK;
    WG_TRY(read_wkb(ctx, geos, wkb, bytes, &geometry));
    params = GEOSMakeValidParams_create_r(geos->handle);
    if (params == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    GEOSMakeValidParams_setMethod_r(geos->handle, params, GEOS_MAKE_VALID_STRUCTURE);
    GEOSMakeValidParams_setKeepCollapsed_r(geos->handle, params, 0);
    repaired = GEOSMakeValidWithParams_r(geos->handle, geometry, params);
    if (repaired == NULL) {
        WG_TRY(failed(ctx, geos));
    }
    result = GEOSWKBWriter_write_r(geos->handle, geos->writer, repaired, &length);
    if (result == NULL) {
        WG_TRY(failed(ctx, geos));
    }
    wg_buffer_append(out, result, length);
    if (out->failed) {
        WG_TRY(wg_fail_memory(ctx));
    }
done:
    GEOSFree_r(geos->handle, result);
    if (params != NULL) {
        GEOSMakeValidParams_destroy_r(geos->handle, params);
    }
    GEOSGeom_destroy_r(geos->handle, repaired);
    GEOSGeom_destroy_r(geos->handle, geometry);
    return status;
}

wg_status wg_geos_width(wg_context *ctx, wg_geos *geos, const void *wkb, size_t bytes, double tolerance_m,
                        double *width) {
    GEOSGeometry *geometry = NULL, *radius = NULL;
    wg_status status = WG_OK;
    WG_TRY(read_wkb(ctx, geos, wkb, bytes, &geometry));
    radius = GEOSMaximumInscribedCircle_r(geos->handle, geometry, tolerance_m);
    double length = 0;
    if (radius == NULL || GEOSLength_r(geos->handle, radius, &length) != 1) {
        WG_TRY(failed(ctx, geos));
    }
    *width = 2 * length;
done:
    GEOSGeom_destroy_r(geos->handle, radius);
    GEOSGeom_destroy_r(geos->handle, geometry);
    return status;
}
