/* The working CRS, from where the communities are. */
#include <math.h>
#include <stdio.h>

#include "crs/crs_internal.h"
#include "model/wkb.h"

/** Area-weighted centroid in WGS 84 degrees; of points and lines, the mean. */
static bool layer_centroid(const wg_layer *layer, double lonlat[2]) {
    double weight = 0.0, sum[2] = {0.0, 0.0}, plain[2] = {0.0, 0.0};
    size_t n = 0;
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        double c[2], area = 0.0, length = 0.0;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        if (wkb == NULL || !wg_wkb_centroid(wkb, bytes, c)) {
            continue;
        }
        wg_wkb_measure(wkb, bytes, &area, &length);
        weight += area;
        sum[0] += area * c[0];
        sum[1] += area * c[1];
        plain[0] += c[0];
        plain[1] += c[1];
        n++;
    }
    if (n == 0) {
        return false;
    }
    lonlat[0] = weight > 0.0 ? sum[0] / weight : plain[0] / (double)n;
    lonlat[1] = weight > 0.0 ? sum[1] / weight : plain[1] / (double)n;
    return isfinite(lonlat[0]) && isfinite(lonlat[1]);
}

static wg_status from_override(wg_context *ctx, const char *override, char **crs) {
    wg_crs_info info;
    const wg_status status = wg_crs_describe(ctx, override, &info);
    if (status != WG_OK) {
        return status;
    }
    if (info.kind != WG_CRS_PROJECTED || info.metre != 1.0) {
        return wg_fail(
            ctx, WG_EINVAL,
            "--crs %.80s: the working CRS must be projected, in metres (leave it out for the UTM zone of the place)",
            override);
    }
    char text[32];
    *crs = wg_strdup(info.id[0] != '\0' ? info.id : wg_crs_canonical(override, text));
    return *crs == NULL ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status from_place(wg_context *ctx, const wg_layer *communities, const double c[2], wg_datum datum,
                            char **crs) {
    char text[32];
    if (datum == WG_DATUM_CGCS2000) {
        const int zone = (int)lround(c[0] / 3.0);
        if (zone < 25 || zone > 45 || c[1] < 0.0) {
            return wg_fail(ctx, WG_EDATA,
                           "%s: lies at %.2f, %.2f, outside the CGCS2000 zones (leave out --datum cgcs2000)",
                           wg_layer_source(communities), c[0], c[1]);
        }
        (void)snprintf(text, sizeof text, "EPSG:%d", 4534 + zone - 25);
    } else {
        if (fabs(c[1]) > 84.0 || fabs(c[0]) > 180.0) {
            return wg_fail(ctx, WG_EDATA,
                           "%s: lies at %.2f, %.2f, where there is no UTM zone (is the CRS right? else give --crs)",
                           wg_layer_source(communities), c[0], c[1]);
        }
        int zone = (int)floor((c[0] + 180.0) / 6.0) + 1;
        zone = zone > 60 ? 60 : zone;
        (void)snprintf(text, sizeof text, "EPSG:%d", (c[1] >= 0.0 ? 32600 : 32700) + zone);
    }
    *crs = wg_strdup(text);
    return *crs == NULL ? wg_fail_memory(ctx) : WG_OK;
}

wg_status wg_crs_working(wg_context *ctx, const wg_layer *communities, wg_datum datum, const char *override,
                         char **crs) {
    if (override != NULL) {
        return from_override(ctx, override, crs);
    }
    wg_layer *copy = NULL;
    double c[2];
    wg_status status = wg_layer_copy(ctx, communities, NULL, &copy);
    if (status != WG_OK) {
        return status;
    }
    WG_TRY(wg_crs_transform(ctx, copy, WG_CRS_WGS84));
    if (!layer_centroid(copy, c)) {
        status = wg_fail(ctx, WG_EDATA, "%s: no feature has a geometry", wg_layer_source(communities));
        goto done;
    }
    status = from_place(ctx, communities, c, datum, crs);
done:
    wg_layer_free(copy);
    return status;
}
