/* What does not fit between a layer's coordinates and the CRS that it claims. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs_internal.h"
#include "model/wkb.h"

/** Every step-th row is a sample; with twice as many as wanted, every other one is dropped. */
static void take_sample(wg_crs_seen *seen, const void *wkb, size_t bytes) {
    double xy[2];
    seen->step = seen->step == 0 ? 1 : seen->step;
    if (seen->rows++ % seen->step != 0 || wkb == NULL || !wg_wkb_centroid(wkb, bytes, xy)) {
        return;
    }
    if (seen->n_samples == WG_CRS_SAMPLES) {
        for (size_t i = 0; 2 * i < seen->n_samples; i++) {
            memcpy(seen->sample + 2 * i, seen->sample + 4 * i, 2 * sizeof *seen->sample);
        }
        seen->n_samples = (seen->n_samples + 1) / 2;
        seen->step *= 2;
        if ((seen->rows - 1) % seen->step != 0) {
            return;
        }
    }
    memcpy(seen->sample + 2 * seen->n_samples++, xy, sizeof xy);
}

void wg_crs_see(wg_crs_seen *seen, const wg_layer *layer) {
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        double b[4];
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        take_sample(seen, wkb, bytes);
        if (wkb == NULL || !wg_wkb_bounds(wkb, bytes, b)) {
            continue;
        }
        if (!isfinite(b[0]) || !isfinite(b[1]) || !isfinite(b[2]) || !isfinite(b[3])) {
            seen->not_finite++;
            continue;
        }
        if (b[0] == 0.0 && b[1] == 0.0 && b[2] == 0.0 && b[3] == 0.0) {
            seen->zeros++; /* "no coordinate" as many programs write it */
            continue;
        }
        for (int k = 0; k < 2; k++) {
            seen->b[k] = seen->n == 0 || b[k] < seen->b[k] ? b[k] : seen->b[k];
            seen->b[k + 2] = seen->n == 0 || b[k + 2] > seen->b[k + 2] ? b[k + 2] : seen->b[k + 2];
        }
        seen->sum_x += (b[0] + b[2]) / 2.0;
        seen->sum_y += (b[1] + b[3]) / 2.0;
        seen->n++;
    }
}

/* ---------------------------------------------------------------- what numbers look like */

static bool within(const wg_crs_seen *e, double west, double south, double east, double north) {
    return e->b[0] >= west && e->b[1] >= south && e->b[2] <= east && e->b[3] <= north;
}

static bool looks_like_degrees(const wg_crs_seen *e) {
    return within(e, -180.0, -90.0, 180.0, 90.0);
}

/** China's degrees with x and y exchanged, or latitudes that no latitude can be. */
static bool looks_like_swapped_degrees(const wg_crs_seen *e) {
    return within(e, -90.0, -180.0, 90.0, 180.0) && (!looks_like_degrees(e) || within(e, 3.0, 73.0, 54.0, 136.0));
}

/** Number of the zone in front of an 8-digit easting, 0 for none. */
static uint32_t zone_prefix(double low, double high) {
    const uint32_t zone = low >= 13e6 && high < 46e6 ? (uint32_t)(low / 1e6) : 0;
    const bool one = zone > 0 && (uint32_t)(high / 1e6) <= zone + 1;
    const bool known = (zone >= 13 && zone <= 23) || (zone >= 25 && zone <= 45);
    return one && known ? zone : 0;
}

/** CGCS2000 / Gauss-Krüger with the zone in front: 3° zones 25..45, 6° zones 13..23. */
static int zone_epsg(uint32_t zone) {
    return zone >= 25 ? 4513 + (int)zone - 25 : 4491 + (int)zone - 13;
}

static bool is_northing(double low, double high) {
    return low >= 1.6e6 && high <= 6.1e6;
}

static bool is_short_easting(double low, double high) {
    return low >= 1e5 && high < 1e6;
}

/* ---------------------------------------------------------------- telling */

typedef struct wg_teller {
    wg_doubt *doubts;
    uint32_t *n;
    const char *role;
} wg_teller;

static void tell(wg_teller *t, const char *code, const char *suggested, const char *advice, const char *detail) {
    if (*t->n == WG_DOUBTS) {
        return;
    }
    wg_doubt *d = &t->doubts[(*t->n)++];
    *d = (wg_doubt){0};
    (void)snprintf(d->code, sizeof d->code, "%s", code);
    (void)snprintf(d->detail, sizeof d->detail, "%s", detail);
    (void)snprintf(d->suggested, sizeof d->suggested, "%s", suggested);
    if (suggested[0] != '\0') {
        (void)snprintf(d->advice, sizeof d->advice, "state --crs-of %s=%s%s%s", t->role, suggested,
                       advice[0] != '\0' ? "; " : "", advice);
    } else {
        (void)snprintf(d->advice, sizeof d->advice, "%s", advice);
    }
}

/** Best guess from the numbers alone. @return what they look like, NULL for nothing known */
static const char *guess(const wg_crs_seen *e, char suggested[32]) {
    const uint32_t zone_x = zone_prefix(e->b[0], e->b[2]), zone_y = zone_prefix(e->b[1], e->b[3]);
    suggested[0] = '\0';
    if (looks_like_swapped_degrees(e)) {
        return "degrees with latitude first";
    }
    if (looks_like_degrees(e)) {
        (void)snprintf(suggested, 32, "EPSG:4326");
        return "degrees";
    }
    if (zone_x > 0 && is_northing(e->b[1], e->b[3])) {
        (void)snprintf(suggested, 32, "EPSG:%d", zone_epsg(zone_x));
        return zone_x >= 25 ? "CGCS2000 3-degree Gauss-Kruger with the zone in front of the easting"
                            : "CGCS2000 6-degree Gauss-Kruger with the zone in front of the easting";
    }
    if (zone_y > 0 && is_northing(e->b[0], e->b[2])) {
        return "Gauss-Kruger with northing and easting exchanged";
    }
    if (is_short_easting(e->b[0], e->b[2]) && is_northing(e->b[1], e->b[3])) {
        return "Gauss-Kruger or UTM without the zone in front of the easting";
    }
    return NULL;
}

static void doubt_unknown(wg_teller *t, const wg_crs_seen *e) {
    char suggested[32], detail[320];
    const char *what = guess(e, suggested);
    (void)snprintf(detail, sizeof detail, "the CRS is not known; x %.10g to %.10g, y %.10g to %.10g%s%s", e->b[0],
                   e->b[2], e->b[1], e->b[3], what == NULL ? "" : " look like ", what == NULL ? "" : what);
    const bool degrees = strcmp(suggested, "EPSG:4326") == 0;
    tell(t, "no_crs", suggested,
         degrees             ? "EPSG:4490 for survey data, gcj02 or bd09 for points from a web map"
         : suggested[0] == 0 ? "state the CRS of this input with --crs-of"
                             : "",
         detail);
}

static void doubt_geographic(wg_teller *t, const wg_crs_seen *e, const wg_crs_info *info) {
    char suggested[32], detail[320];
    if (looks_like_swapped_degrees(e)) {
        (void)snprintf(detail, sizeof detail,
                       "x %.6g to %.6g, y %.6g to %.6g: latitude seems to stand before longitude", e->b[0], e->b[2],
                       e->b[1], e->b[3]);
        tell(t, "swapped_axes", "", "exchange the two coordinates, or name the columns with x and y", detail);
    } else if (!looks_like_degrees(e)) {
        const char *what = guess(e, suggested);
        (void)snprintf(detail, sizeof detail, "%s is in degrees, but x %.10g to %.10g, y %.10g to %.10g are not%s%s",
                       info->name, e->b[0], e->b[2], e->b[1], e->b[3], what == NULL ? "" : "; they look like ",
                       what == NULL ? "" : what);
        tell(t, "metres_in_geographic", suggested,
             suggested[0] == '\0' ? "state the CRS of this input with --crs-of" : "", detail);
    }
}

static void doubt_zone(wg_teller *t, const wg_crs_seen *e, const wg_crs_info *info) {
    char suggested[32] = "", detail[320];
    const uint32_t zone = zone_prefix(e->b[0], e->b[2]);
    if (zone > 0 && zone != info->zone && info->false_easting < 46e6) {
        (void)snprintf(suggested, sizeof suggested, "EPSG:%d", zone_epsg(zone));
        (void)snprintf(detail, sizeof detail, "eastings have 8 digits and begin with zone %u; %s %s", zone, info->name,
                       info->zone == 0 ? "has no zone in front of the easting" : "is another zone");
        tell(t, info->zone == 0 ? "zone_prefix" : "wrong_zone", suggested, "", detail);
    } else if (zone == 0 && info->zone > 0 && is_short_easting(e->b[0], e->b[2])) {
        const int epsg = info->zone >= 25 ? 4534 + (int)info->zone - 25 : 4502 + (int)info->zone - 13;
        (void)snprintf(suggested, sizeof suggested, "EPSG:%d", epsg);
        (void)snprintf(detail, sizeof detail, "eastings have 6 digits, but %s has zone %u in front of them", info->name,
                       info->zone);
        tell(t, "zone_missing", suggested, "if the zone is right", detail);
    }
}

static void doubt_projected(wg_teller *t, const wg_crs_seen *e, const wg_crs_info *info) {
    char detail[320];
    if (looks_like_degrees(e) || looks_like_swapped_degrees(e)) {
        (void)snprintf(detail, sizeof detail, "%s is in metres, but x %.6g to %.6g, y %.6g to %.6g are degrees",
                       info->name, e->b[0], e->b[2], e->b[1], e->b[3]);
        tell(t, "degrees_in_projected", looks_like_swapped_degrees(e) ? "" : "EPSG:4326",
             looks_like_swapped_degrees(e)
                 ? "state a geographic CRS with --crs-of; latitude seems to stand before longitude"
                 : "",
             detail);
        return;
    }
    const bool exchanged =
        is_northing(e->b[0], e->b[2]) && (is_short_easting(e->b[1], e->b[3]) || zone_prefix(e->b[1], e->b[3]) > 0);
    if (exchanged) {
        (void)snprintf(detail, sizeof detail,
                       "x %.10g to %.10g, y %.10g to %.10g: northing seems to stand before easting", e->b[0], e->b[2],
                       e->b[1], e->b[3]);
        tell(t, "swapped_axes", "", "exchange the two coordinates, or name the columns with x and y", detail);
        return;
    }
    doubt_zone(t, e, info);
}

/** The middle of the layer, as WGS 84 degrees, lies where the CRS is meant for, give or take two degrees. */
static wg_status doubt_area(wg_context *ctx, wg_teller *t, const wg_crs_seen *e, const char *crs,
                            const wg_crs_info *info) {
    const double slack = 2.0;
    double xy[2] = {e->sum_x / (double)e->n, e->sum_y / (double)e->n};
    char detail[320];
    if (isnan(info->west) || *t->n > 0) {
        return WG_OK; /* not known, or told already */
    }
    const wg_status status = wg_crs_points(ctx, crs, WG_CRS_WGS84, xy, 1);
    if (status != WG_OK) {
        return status;
    }
    const bool inside_x = info->west <= info->east ? xy[0] >= info->west - slack && xy[0] <= info->east + slack
                                                   : xy[0] >= info->west - slack || xy[0] <= info->east + slack;
    if (!isfinite(xy[0]) || !inside_x || xy[1] < info->south - slack || xy[1] > info->north + slack) {
        (void)snprintf(detail, sizeof detail,
                       "the layer's middle (%.4f, %.4f) lies outside the area of %s (%.1f to %.1f, %.1f to %.1f)",
                       xy[0], xy[1], info->name, info->west, info->east, info->south, info->north);
        tell(t, "outside_area", "", "check the CRS of this input and state it with --crs-of", detail);
    }
    return WG_OK;
}

wg_status wg_crs_seen_doubts(wg_context *ctx, const wg_crs_seen *seen, const char *crs, const char *role,
                             wg_doubt *doubts, uint32_t *n) {
    wg_teller t = {.doubts = doubts, .n = n, .role = role == NULL ? "NAME" : role};
    char detail[320];
    wg_crs_info info;
    wg_status status = WG_OK;
    *n = 0;
    if (seen->n > 0 && crs == NULL) {
        doubt_unknown(&t, seen);
    } else if (seen->n > 0) {
        WG_TRY(wg_crs_describe(ctx, crs, &info));
        if (info.kind == WG_CRS_PROJECTED) {
            doubt_projected(&t, seen, &info);
        } else if (info.kind != WG_CRS_LOCAL && info.kind != WG_CRS_UNKNOWN) {
            doubt_geographic(&t, seen, &info);
        }
        WG_TRY(doubt_area(ctx, &t, seen, crs, &info));
    }
    if (seen->zeros > 0) {
        (void)snprintf(detail, sizeof detail, "%zu features lie at 0, 0", seen->zeros);
        tell(&t, "zero_coordinates", "", "they have no coordinate; correct or remove them", detail);
    }
    if (seen->not_finite > 0) {
        (void)snprintf(detail, sizeof detail, "%zu features have coordinates that are no numbers", seen->not_finite);
        tell(&t, "bad_coordinates", "", "correct or remove them", detail);
    }
done:
    return status;
}

wg_status wg_crs_doubts(wg_context *ctx, const wg_layer *layer, const char *role, wg_doubt *doubts, uint32_t *n) {
    wg_crs_seen seen = {0};
    wg_crs_see(&seen, layer);
    return wg_crs_seen_doubts(ctx, &seen, layer->crs, role, doubts, n);
}
