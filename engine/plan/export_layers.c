/* Layers of a plan on their way out: another CRS, rounded coordinates, still valid, still seamless. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "geo/overlay.h"
#include "model/wkb.h"
#include "plan/export.h"
#include "render/qgis_style.h"

/**
 * Edges stay this straight on the ground. Vertices of a plan are at least 1 mm from lines that they are not on; a tenth
 * of it keeps them on their side.
 */
static const double STRAIGHT_M = 1e-4;

enum { LEAST_DECIMALS = 9, MOST_DECIMALS = 12 };

static void round_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    const double *scale = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        xy[0] = round(xy[0] * *scale) / *scale;
        xy[1] = round(xy[1] * *scale) / *scale;
        wg_wkb_set(pairs, i, xy);
    }
}

static void round_layer(wg_layer *layer, int decimals) {
    double scale = pow(10, decimals);
    for (size_t row = 0; row < layer->n; row++) {
        const size_t bytes = layer->wkb_offset[row + 1] - layer->wkb_offset[row];
        if (bytes > 0) {
            (void)wg_wkb_visit(layer->wkb + layer->wkb_offset[row], bytes, round_run, &scale);
        }
    }
}

/** The time of a run is the only thing that two runs do not share; exports of both have the same bytes. */
static wg_status fix_times(wg_context *ctx, wg_layer *layer) {
    char date[40];
    const uint32_t when = strcmp(layer->name, "runs") == 0 ? wg_layer_column(layer, "when") : UINT32_MAX;
    const bool stated = getenv("SOURCE_DATE_EPOCH") != NULL;
    wg_status status = WG_OK;
    wg_file_date(date, sizeof date);
    for (size_t row = 0; when != UINT32_MAX && row < layer->n && status == WG_OK; row++) {
        if (stated) {
            status = wg_layer_set_text(ctx, layer, row, when, date);
        } else {
            wg_layer_set_null(layer, row, when);
        }
    }
    return status;
}

wg_status wg_export_layer(wg_context *ctx, wg_export_job *job, const char *name, const char *crs, int decimals,
                          wg_layer **layer) {
    wg_layer *made = NULL;
    wg_status status = WG_OK;
    WG_TRY(wg_store_get(ctx, job->store, name, &made));
    if (strcmp(crs, wg_store_crs(job->store)) != 0) {
        WG_TRY(wg_crs_transform_dense(ctx, made, crs, STRAIGHT_M));
    }
    if (decimals > 0) {
        round_layer(made, decimals);
    }
    WG_TRY(fix_times(ctx, made));
    *layer = made;
    made = NULL;
done:
    wg_layer_free(made);
    return status;
}

/** Row of the first polygon that is valid in `before` and not in `after`, or SIZE_MAX. */
static wg_status find_spoiled(wg_context *ctx, const wg_layer *before, const wg_layer *after, size_t *row,
                              wg_overlay_cell *how) {
    const size_t n = wg_layer_rows(after);
    wg_overlay_cell *now = wg_calloc(n, sizeof *now);
    wg_overlay_cell *then = wg_calloc(n, sizeof *then);
    wg_status status = WG_OK;
    *row = SIZE_MAX;
    if (now == NULL || then == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_overlay_validate(ctx, after, now));
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        any = any || !now[i].valid;
    }
    if (any) {
        WG_TRY(wg_overlay_validate(ctx, before, then));
        for (size_t i = 0; i < n && *row == SIZE_MAX; i++) {
            if (!now[i].valid && then[i].valid) {
                *row = i;
                *how = now[i];
            }
        }
    }
done:
    free(now);
    free(then);
    return status;
}

static bool has_polygons(const wg_layer *layer) {
    for (size_t row = 0; row < wg_layer_rows(layer); row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        const uint32_t type = wg_wkb_type(wkb, bytes);
        if (type == WG_WKB_POLYGON || type == WG_WKB_MULTIPOLYGON) {
            return true;
        }
    }
    return false;
}

wg_status wg_export_validate(wg_context *ctx, wg_export_job *job, const wg_layer *layer) {
    wg_layer *before = NULL;
    wg_overlay_cell how;
    size_t row = SIZE_MAX;
    wg_status status = WG_OK;
    if (!has_polygons(layer)) {
        return WG_OK;
    }
    WG_TRY(wg_store_get(ctx, job->store, wg_layer_name(layer), &before));
    WG_TRY(find_spoiled(ctx, before, layer, &row, &how));
    if (row != SIZE_MAX) {
        status = wg_layer_fail(ctx, before, row, WG_EDATA, "is no longer valid in %s: %s (choose another CRS)",
                               wg_layer_crs(layer), how.reason);
    }
done:
    wg_layer_free(before);
    return status;
}

/* ------------------------------------------------------------------ decimals */

/** Cells against communities, as the pairing of edges tells. */
static wg_status is_exact(wg_context *ctx, const wg_layer *cells, const wg_layer *communities, bool *exact) {
    size_t unpaired = 0;
    const wg_status status = wg_overlay_unpaired(ctx, cells, communities, &unpaired);
    *exact = status == WG_OK && unpaired == 0;
    return status;
}

/** Are all polygon layers of the export valid and, where the plan is, seamless with these decimals? */
static wg_status try_decimals(wg_context *ctx, wg_export_job *job, int decimals, bool *good) {
    wg_layer *cells = NULL;
    wg_layer *communities = NULL;
    wg_layer *layer = NULL;
    wg_layer *before = NULL;
    wg_overlay_cell how;
    wg_status status = WG_OK;
    *good = true;
    for (size_t i = 0; i < job->n_names && *good; i++) {
        size_t row = SIZE_MAX;
        if (!job->wanted[i]) {
            continue;
        }
        WG_TRY(wg_store_get(ctx, job->store, job->names[i], &before));
        if (has_polygons(before)) {
            WG_TRY(wg_export_layer(ctx, job, job->names[i], job->degrees, decimals, &layer));
            WG_TRY(find_spoiled(ctx, before, layer, &row, &how));
            *good = row == SIZE_MAX;
            wg_layer **keep = strcmp(job->names[i], "cells") == 0         ? &cells
                              : strcmp(job->names[i], "communities") == 0 ? &communities
                                                                          : NULL;
            if (keep != NULL) {
                *keep = layer;
                layer = NULL;
            }
        }
        wg_layer_free(layer);
        wg_layer_free(before);
        layer = before = NULL;
    }
    if (*good && job->exact && cells != NULL && communities != NULL) {
        WG_TRY(is_exact(ctx, cells, communities, good));
    }
done:
    wg_layer_free(cells);
    wg_layer_free(communities);
    wg_layer_free(layer);
    wg_layer_free(before);
    return status;
}

/** Is the plan itself exact, and does the other CRS leave it so? */
static wg_status settle_exact(wg_context *ctx, wg_export_job *job) {
    wg_layer *cells = NULL;
    wg_layer *communities = NULL;
    wg_status status = WG_OK;
    if (!wg_store_has(job->store, "cells") || !wg_store_has(job->store, "communities")) {
        return WG_OK;
    }
    WG_TRY(wg_store_get(ctx, job->store, "cells", &cells));
    WG_TRY(wg_store_get(ctx, job->store, "communities", &communities));
    WG_TRY(is_exact(ctx, cells, communities, &job->exact));
    if (!job->exact) {
        wg_log(ctx, WG_LOG_WARNING,
               "%s: cells do not cover the communities exactly (see wangge check); exported as they are",
               job->options->plan);
    } else if (strcmp(job->crs, wg_store_crs(job->store)) != 0) {
        bool still = false;
        wg_layer_free(cells);
        wg_layer_free(communities);
        cells = communities = NULL;
        WG_TRY(wg_export_layer(ctx, job, "cells", job->crs, 0, &cells));
        WG_TRY(wg_export_layer(ctx, job, "communities", job->crs, 0, &communities));
        WG_TRY(is_exact(ctx, cells, communities, &still));
        if (!still) {
            status = wg_fail(ctx, WG_EDATA, "cells would no longer meet in %s (choose another CRS)", job->crs);
        }
    }
done:
    wg_layer_free(cells);
    wg_layer_free(communities);
    return status;
}

wg_status wg_export_settle(wg_context *ctx, wg_export_job *job) {
    bool good = false;
    wg_status status = settle_exact(ctx, job);
    if (status != WG_OK || (job->formats & WG_EXPORT_GEOJSON) == 0) {
        return status;
    }
    for (job->decimals = LEAST_DECIMALS; job->decimals <= MOST_DECIMALS; job->decimals++) {
        WG_TRY(try_decimals(ctx, job, job->decimals, &good));
        if (good) {
            return WG_OK;
        }
    }
    status =
        wg_fail(ctx, WG_EDATA, "%s: some polygons are not valid in degrees even with %d decimals (see wangge check)",
                job->options->plan, MOST_DECIMALS);
done:
    return status;
}

/* ------------------------------------------------------------------ one geometry type a layer */

wg_status wg_export_split(wg_context *ctx, const wg_layer *layer, wg_export_piece pieces[3]) {
    static const char *const suffix[] = {"_point", "_line", "_polygon"};
    const size_t n = wg_layer_rows(layer);
    bool *keep = wg_calloc(3 * n, sizeof *keep);
    size_t count[3] = {0};
    wg_status status = WG_OK;
    if (keep == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_geometry most = wg_qgis_geometry(layer);
    for (size_t row = 0; row < n; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        const uint32_t type = wg_wkb_type(wkb, bytes);
        const bool drawn = type >= WG_WKB_POINT && type <= WG_WKB_MULTIPOLYGON;
        const size_t family = drawn ? (type - 1) % 3 : most == WG_GEOMETRY_NONE ? 0 : (size_t)most - 1;
        keep[family * n + row] = true;
        count[family]++;
    }
    const bool several = (count[0] > 0) + (count[1] > 0) + (count[2] > 0) > 1;
    for (size_t family = 0; family < 3; family++) {
        pieces[family] =
            (wg_export_piece){.geometry = most == WG_GEOMETRY_NONE ? WG_GEOMETRY_NONE : (wg_geometry)(family + 1)};
        if (count[family] == 0 && !(n == 0 && family == 0)) {
            continue;
        }
        WG_TRY(wg_layer_copy(ctx, layer, keep + family * n, &pieces[family].layer));
        if (several) {
            wg_buffer name = {0};
            wg_buffer_printf(&name, "%s%s", wg_layer_name(layer), suffix[family]);
            free(pieces[family].layer->name);
            pieces[family].layer->name = wg_buffer_steal(&name);
            status = pieces[family].layer->name != NULL ? WG_OK : wg_fail_memory(ctx);
            if (status != WG_OK) {
                goto done;
            }
        }
    }
done:
    free(keep);
    return status;
}
