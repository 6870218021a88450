/* Prepared transformations: offset system -> WGS 84 -> PROJ -> offset system, whichever of the three are needed. */
#include <math.h>
#include <string.h>

#include "crs/crs_internal.h"

typedef void (*wg_step)(double lonlat[2]);

struct wg_crs_op {
    PJ_CONTEXT *proj;
    PJ *pj;         /**< NULL: nothing to do for PROJ */
    wg_step before; /**< offset system to WGS 84; NULL: none */
    wg_step after;  /**< WGS 84 to offset system; NULL: none */
};

static wg_step inverse_step(const char *canonical) {
    return strcmp(canonical, "gcj02") == 0  ? wg_wgs84_from_gcj02
           : strcmp(canonical, "bd09") == 0 ? wg_wgs84_from_bd09
                                            : NULL;
}

static wg_step forward_step(const char *canonical) {
    return strcmp(canonical, "gcj02") == 0  ? wg_gcj02_from_wgs84
           : strcmp(canonical, "bd09") == 0 ? wg_bd09_from_wgs84
                                            : NULL;
}

static wg_status prepare(wg_context *ctx, wg_crs_op *op, const char *from, const char *to) {
    PJ *source = wg_proj_crs(op->proj, from);
    PJ *target = wg_proj_crs(op->proj, to);
    wg_status status = WG_OK;
    if (source == NULL || target == NULL) {
        status =
            wg_fail(ctx, WG_EINVAL, "CRS \"%.200s\" is not understood (write EPSG:4326, EPSG:4490, gcj02, bd09, WKT …)",
                    source == NULL ? from : to);
        goto done;
    }
    if (proj_is_equivalent_to_with_ctx(op->proj, source, target, PJ_COMP_EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS) != 0) {
        goto done;
    }
    PJ *made = proj_create_crs_to_crs_from_pj(op->proj, source, target, NULL, NULL);
    op->pj = made == NULL ? NULL : proj_normalize_for_visualization(op->proj, made);
    proj_destroy(made);
    if (op->pj == NULL) {
        status = wg_fail(ctx, WG_EINVAL, "no transformation leads from %.200s to %.200s (is one of them a local CRS?)",
                         proj_get_name(source), proj_get_name(target));
    }
done:
    proj_destroy(source);
    proj_destroy(target);
    return status;
}

wg_status wg_crs_op_new(wg_context *ctx, const char *from, const char *to, wg_crs_op **op) {
    char text_from[32], text_to[32];
    const char *source = wg_crs_canonical(from, text_from), *target = wg_crs_canonical(to, text_to);
    wg_crs_op *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    if (strcmp(source, target) != 0) {
        made->proj = wg_proj_context();
        made->before = inverse_step(source);
        made->after = forward_step(target);
        const wg_status status = made->proj == NULL ? wg_fail_memory(ctx)
                                                    : prepare(ctx, made, made->before != NULL ? WG_CRS_WGS84 : source,
                                                              made->after != NULL ? WG_CRS_WGS84 : target);
        if (status != WG_OK) {
            wg_crs_op_free(made);
            return status;
        }
    }
    *op = made;
    return WG_OK;
}

void wg_crs_op_free(wg_crs_op *op) {
    if (op != NULL) {
        proj_destroy(op->pj);
        proj_context_destroy(op->proj);
        free(op);
    }
}

bool wg_crs_op_is_identity(const wg_crs_op *op) {
    return op->pj == NULL && op->before == NULL && op->after == NULL;
}

static void each(wg_step step, double *xy, size_t n) {
    for (size_t i = 0; step != NULL && i < n; i++) {
        step(xy + 2 * i);
    }
}

size_t wg_crs_op_points(wg_crs_op *op, double *xy, size_t n) {
    size_t lost = 0;
    if (n == 0 || wg_crs_op_is_identity(op)) {
        return 0;
    }
    each(op->before, xy, n);
    if (op->pj != NULL) {
        (void)proj_errno_reset(op->pj);
        (void)proj_trans_generic(op->pj, PJ_FWD, xy, 2 * sizeof *xy, n, xy + 1, 2 * sizeof *xy, n, NULL, 0, 0, NULL, 0,
                                 0);
    }
    each(op->after, xy, n);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(xy[2 * i]) || !isfinite(xy[2 * i + 1])) {
            xy[2 * i] = xy[2 * i + 1] = NAN;
            lost++;
        }
    }
    return lost;
}

wg_status wg_crs_points(wg_context *ctx, const char *from, const char *to, double *xy, size_t n) {
    wg_crs_op *op = NULL;
    const wg_status status = wg_crs_op_new(ctx, from, to, &op);
    if (status == WG_OK) {
        (void)wg_crs_op_points(op, xy, n);
        wg_crs_op_free(op);
    }
    return status;
}
