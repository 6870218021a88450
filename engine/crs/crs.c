#include "crs/crs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "crs/crs_internal.h"

const char *wg_crs_canonical(const char *crs, char text[32]) {
    static const struct {
        const char *spelling, *meaning;
    } known[] = {{"gcj02", "gcj02"},         {"gcj-02", "gcj02"},
                 {"amap", "gcj02"},          {"bd09", "bd09"},
                 {"bd-09", "bd09"},          {"bd09ll", "bd09"},
                 {"baidu", "bd09"},          {"wgs84", "EPSG:4326"},
                 {"wgs-84", "EPSG:4326"},    {"wgs 84", "EPSG:4326"},
                 {"ogc:crs84", "EPSG:4326"}, {"crs84", "EPSG:4326"},
                 {"cgcs2000", "EPSG:4490"},  {"urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcasecmp(crs, known[i].spelling) == 0) {
            return known[i].meaning;
        }
    }
    const size_t n = strspn(crs, "0123456789");
    if (n >= 4 && n <= 6 && crs[n] == '\0') {
        (void)snprintf(text, 32, "EPSG:%s", crs);
        return text;
    }
    return crs;
}

bool wg_crs_is_offset(const char *canonical) {
    return strcmp(canonical, "gcj02") == 0 || strcmp(canonical, "bd09") == 0;
}

PJ_CONTEXT *wg_proj_context(void) {
    PJ_CONTEXT *proj = proj_context_create();
    if (proj != NULL) {
        (void)proj_log_level(proj, PJ_LOG_NONE);
        (void)proj_context_set_enable_network(proj, 0);
    }
    return proj;
}

/** Replace `crs` by a part of it. */
static PJ *reduced(PJ *crs, PJ *part) {
    if (part == NULL) {
        return crs;
    }
    proj_destroy(crs);
    return part;
}

PJ *wg_proj_crs(PJ_CONTEXT *proj, const char *canonical) {
    PJ *crs = proj_create(proj, canonical);
    if (crs == NULL || !proj_is_crs(crs)) {
        proj_destroy(crs);
        return NULL;
    }
    if (proj_get_type(crs) == PJ_TYPE_COMPOUND_CRS) {
        crs = reduced(crs, proj_crs_get_sub_crs(proj, crs, 0));
    }
    return crs;
}

/* ---------------------------------------------------------------- description */

static void area_of_use(PJ_CONTEXT *proj, const PJ *crs, wg_crs_info *info) {
    const char *name = NULL;
    double west = 0, south = 0, east = 0, north = 0;
    if (proj_get_area_of_use(proj, crs, &west, &south, &east, &north, &name) && west > -1000.0) {
        info->west = west;
        info->south = south;
        info->east = east;
        info->north = north;
    }
}

static void conversion_parameters(PJ_CONTEXT *proj, const PJ *crs, wg_crs_info *info) {
    PJ *conversion = proj_crs_get_coordoperation(proj, crs);
    if (conversion == NULL) {
        return;
    }
    const int n = proj_coordoperation_get_param_count(proj, conversion);
    for (int i = 0; i < n; i++) {
        const char *name = NULL;
        double value = 0.0, factor = 1.0;
        if (!proj_coordoperation_get_param(proj, conversion, i, &name, NULL, NULL, &value, NULL, &factor, NULL, NULL,
                                           NULL, NULL)) {
            continue;
        }
        if (strcmp(name, "False easting") == 0) {
            info->false_easting = value;
        } else if (strcmp(name, "Longitude of natural origin") == 0) {
            info->central_meridian = value * factor * 180.0 / M_PI;
        }
    }
    proj_destroy(conversion);
    if (info->false_easting >= 13e6 && info->false_easting < 46e6) {
        info->zone = (uint32_t)(info->false_easting / 1e6);
    }
}

static void axis_unit(PJ_CONTEXT *proj, const PJ *crs, wg_crs_info *info) {
    PJ *system = proj_crs_get_coordinate_system(proj, crs);
    double factor = 1.0;
    if (system != NULL && proj_cs_get_axis_info(proj, system, 0, NULL, NULL, NULL, &factor, NULL, NULL, NULL)) {
        info->metre = factor;
    }
    proj_destroy(system);
}

static wg_crs_kind kind_of(PJ_CONTEXT *proj, PJ **crs) {
    if (proj_get_type(*crs) == PJ_TYPE_BOUND_CRS) { /* a CRS with a transformation attached: look at the CRS */
        PJ *source = proj_get_source_crs(proj, *crs);
        *crs = reduced(*crs, source);
    }
    switch (proj_get_type(*crs)) {
    case PJ_TYPE_GEOGRAPHIC_2D_CRS:
    case PJ_TYPE_GEOGRAPHIC_3D_CRS:
        return WG_CRS_GEOGRAPHIC;
    case PJ_TYPE_PROJECTED_CRS:
        return WG_CRS_PROJECTED;
    case PJ_TYPE_ENGINEERING_CRS:
        return WG_CRS_LOCAL;
    default:
        return WG_CRS_UNKNOWN;
    }
}

static void describe_offset(const char *canonical, wg_crs_info *info) {
    const bool gcj = strcmp(canonical, "gcj02") == 0;
    info->kind = gcj ? WG_CRS_GCJ02 : WG_CRS_BD09;
    (void)snprintf(info->name, sizeof info->name, "%s", gcj ? "GCJ-02 (offset WGS 84)" : "BD-09 (offset GCJ-02)");
    info->west = 72.004;
    info->east = 137.8347;
    info->south = 0.8293;
    info->north = 55.8271;
}

static wg_status not_understood(wg_context *ctx, const char *crs) {
    return wg_fail(ctx, WG_EINVAL, "CRS \"%.200s\" is not understood (write EPSG:4326, EPSG:4490, gcj02, bd09, WKT …)",
                   crs);
}

wg_status wg_crs_describe(wg_context *ctx, const char *crs, wg_crs_info *info) {
    char text[32];
    const char *canonical = wg_crs_canonical(crs, text);
    *info = (wg_crs_info){.metre = 1.0,
                          .west = NAN,
                          .south = NAN,
                          .east = NAN,
                          .north = NAN,
                          .false_easting = NAN,
                          .central_meridian = NAN};
    if (wg_crs_is_offset(canonical)) {
        describe_offset(canonical, info);
        return WG_OK;
    }
    PJ_CONTEXT *proj = wg_proj_context();
    PJ *pj = proj == NULL ? NULL : wg_proj_crs(proj, canonical);
    if (pj == NULL) {
        proj_context_destroy(proj);
        return proj == NULL ? wg_fail_memory(ctx) : not_understood(ctx, crs);
    }
    info->kind = kind_of(proj, &pj);
    (void)snprintf(info->name, sizeof info->name, "%s", proj_get_name(pj));
    const char *authority = proj_get_id_auth_name(pj, 0), *code = proj_get_id_code(pj, 0);
    if (authority != NULL && code != NULL) {
        (void)snprintf(info->id, sizeof info->id, "%s:%s", authority, code);
    }
    area_of_use(proj, pj, info);
    if (info->kind == WG_CRS_PROJECTED) {
        axis_unit(proj, pj, info);
        conversion_parameters(proj, pj, info);
    }
    proj_destroy(pj);
    proj_context_destroy(proj);
    return WG_OK;
}

bool wg_crs_same(wg_context *ctx, const char *a, const char *b) {
    (void)ctx;
    char text_a[32], text_b[32];
    if (a == NULL || b == NULL) {
        return false;
    }
    const char *one = wg_crs_canonical(a, text_a), *two = wg_crs_canonical(b, text_b);
    if (strcmp(one, two) == 0) {
        return true;
    }
    if (wg_crs_is_offset(one) || wg_crs_is_offset(two)) {
        return false;
    }
    PJ_CONTEXT *proj = wg_proj_context();
    PJ *first = proj == NULL ? NULL : wg_proj_crs(proj, one);
    PJ *second = first == NULL ? NULL : wg_proj_crs(proj, two);
    const bool same = second != NULL && proj_is_equivalent_to_with_ctx(
                                            proj, first, second, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS) != 0;
    proj_destroy(first);
    proj_destroy(second);
    proj_context_destroy(proj);
    return same;
}

wg_status wg_crs_wkt(wg_context *ctx, const char *crs, const char *form, char **wkt) {
    char text[32];
    const char *canonical = wg_crs_canonical(crs, text);
    if (wg_crs_is_offset(canonical)) {
        return wg_fail(ctx, WG_EINVAL, "%s has no WKT: no standard knows it", canonical);
    }
    const PJ_WKT_TYPE type = strcmp(form, "WKT1_ESRI") == 0   ? PJ_WKT1_ESRI
                             : strcmp(form, "WKT1_GDAL") == 0 ? PJ_WKT1_GDAL
                                                              : PJ_WKT2_2019;
    PJ_CONTEXT *proj = wg_proj_context();
    PJ *pj = proj == NULL ? NULL : wg_proj_crs(proj, canonical);
    const char *made = pj == NULL ? NULL : proj_as_wkt(proj, pj, type, NULL);
    *wkt = wg_strdup(made);
    proj_destroy(pj);
    proj_context_destroy(proj);
    if (*wkt != NULL) {
        return WG_OK;
    }
    return proj == NULL ? wg_fail_memory(ctx) : not_understood(ctx, crs);
}
