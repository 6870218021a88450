#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "geo/overlay_set.h"
#include "model/wkb.h"

enum { ROWS_A_TASK = 32 };

/* ------------------------------------------------------------------ pairs */

typedef struct pair_list {
    wg_overlay_pair *items;
    size_t n, capacity;
    wg_buffer wkb;
    size_t *end;
    size_t end_capacity;
} pair_list;

typedef struct pairing {
    overlay_set a, b;
    overlay_kit *kits;
    overlay_view *a_views, *b_views;
    double min_area;
    bool shapes;
    pair_list *lists;
} pairing;

static wg_status add_pair(wg_context *ctx, const pairing *own, overlay_kit *kit, pair_list *list, uint32_t a,
                          uint32_t b, const GEOSGeometry *common) {
    const double area = overlay_area(kit, common);
    if (!(area > own->min_area) || overlay_is_thin(kit, common, OVERLAY_NOISE_M)) {
        return WG_OK;
    }
    if (!WG_RESERVE(list->items, list->capacity, list->n + 1) ||
        !WG_RESERVE(list->end, list->end_capacity, list->n + 1)) {
        return wg_fail_memory(ctx);
    }
    if (own->shapes) {
        const wg_status status = overlay_put(ctx, kit, common, &list->wkb);
        if (status != WG_OK) {
            return status;
        }
    }
    list->end[list->n] = list->wkb.length;
    list->items[list->n++] = (wg_overlay_pair){.a = a, .b = b, .area_m2 = area};
    return WG_OK;
}

static wg_status pair_rows(wg_context *ctx, pairing *own, uint32_t worker, uint32_t a, uint32_t b, pair_list *list) {
    overlay_kit *kit = &own->kits[worker];
    const GEOSGeometry *shape_a = overlay_view_geometry(&own->a_views[worker], a);
    const GEOSGeometry *shape_b = overlay_view_geometry(&own->b_views[worker], b);
    const GEOSPreparedGeometry *prepared = overlay_view_prepared(&own->b_views[worker], b);
    if (shape_a == NULL || shape_b == NULL || prepared == NULL) {
        return wg_fail_memory(ctx);
    }
    if (GEOSPreparedIntersects_r(kit->handle, prepared, shape_a) != 1) {
        return WG_OK;
    }
    if (GEOSPreparedCovers_r(kit->handle, prepared, shape_a) == 1) {
        return add_pair(ctx, own, kit, list, a, b, shape_a);
    }
    GEOSGeometry *common = GEOSIntersection_r(kit->handle, shape_a, shape_b);
    if (common == NULL) {
        return overlay_fail(ctx, kit, wg_layer_source(own->a.layer));
    }
    common = overlay_polygonal(kit, common);
    const wg_status status = common == NULL ? wg_fail_memory(ctx) : add_pair(ctx, own, kit, list, a, b, common);
    GEOSGeom_destroy_r(kit->handle, common);
    return status;
}

static wg_status pair_task(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    pairing *own = user;
    overlay_view *view = &own->b_views[worker];
    wg_status status = WG_OK;
    const size_t end = (index + 1) * ROWS_A_TASK;
    for (uint32_t a = (uint32_t)(index * ROWS_A_TASK); a < own->a.n && a < end && status == WG_OK; a++) {
        if (isnan(own->a.box[a][0])) {
            continue;
        }
        overlay_view_query(view, own->a.box[a]);
        for (uint32_t i = 0; i < view->n_found && status == WG_OK; i++) {
            status = pair_rows(ctx, own, worker, a, view->found[i], &own->lists[index]);
        }
    }
    return status;
}

static wg_status gather_pairs(wg_context *ctx, const pairing *own, size_t n_lists, wg_overlay_pairs_result *result) {
    size_t total = 0;
    wg_status status = WG_OK;
    for (size_t i = 0; i < n_lists; i++) {
        total += own->lists[i].n;
    }
    result->pairs = wg_malloc(total, sizeof *result->pairs);
    if (result->pairs == NULL) {
        return wg_fail_memory(ctx);
    }
    if (own->shapes) {
        WG_TRY(wg_layer_new(ctx, "pairs", wg_layer_crs(own->a.layer), &result->shapes));
    }
    for (size_t i = 0; i < n_lists; i++) {
        size_t begin = 0;
        for (size_t k = 0; k < own->lists[i].n; k++) {
            result->pairs[result->n++] = own->lists[i].items[k];
            if (own->shapes) {
                const size_t end = own->lists[i].end[k];
                WG_TRY(wg_layer_add_row(ctx, result->shapes, own->lists[i].wkb.data + begin, end - begin, NULL));
                begin = end;
            }
        }
    }
done:
    return status;
}

wg_status wg_overlay_pairs(wg_context *ctx, const wg_layer *a, const wg_layer *b, double min_area_m2, bool shapes,
                           wg_overlay_pairs_result *result) {
    const uint32_t threads = wg_context_threads(ctx);
    pairing own = {.min_area = min_area_m2 > 0 ? min_area_m2 : 0, .shapes = shapes};
    size_t n_lists = 0;
    wg_status status = WG_OK;
    *result = (wg_overlay_pairs_result){0};
    WG_TRY(overlay_set_build(ctx, a, &own.a, NULL));
    WG_TRY(overlay_set_build(ctx, b, &own.b, NULL));
    n_lists = (own.a.n + ROWS_A_TASK - 1) / ROWS_A_TASK;
    own.lists = wg_calloc(n_lists, sizeof *own.lists);
    if (own.lists == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(overlay_kits_open(ctx, threads, &own.kits));
    WG_TRY(overlay_views_open(ctx, &own.a, own.kits, threads, &own.a_views));
    WG_TRY(overlay_views_open(ctx, &own.b, own.kits, threads, &own.b_views));
    WG_TRY(wg_parallel(ctx, n_lists, NULL, pair_task, &own));
    WG_TRY(gather_pairs(ctx, &own, n_lists, result));
done:
    overlay_views_close(own.a_views, threads);
    overlay_views_close(own.b_views, threads);
    overlay_kits_close(own.kits, threads);
    for (size_t i = 0; own.lists != NULL && i < n_lists; i++) {
        free(own.lists[i].items);
        free(own.lists[i].end);
        wg_buffer_release(&own.lists[i].wkb);
    }
    free(own.lists);
    overlay_set_release(&own.a);
    overlay_set_release(&own.b);
    if (status != WG_OK) {
        wg_overlay_pairs_release(result);
    }
    return status;
}

void wg_overlay_pairs_release(wg_overlay_pairs_result *result) {
    free(result->pairs);
    wg_layer_free(result->shapes);
    *result = (wg_overlay_pairs_result){0};
}

/* ------------------------------------------------------------------ buildings */

/** Plans lie on a grid of 1 mm, buildings do not: a wall on a boundary may be off by that much. */
static const double SNAPPING_M = 0.002;

typedef struct cutting {
    const wg_layer *buildings;
    overlay_set cells;
    overlay_kit *kits;
    overlay_view *views;
    double tolerance;
    wg_overlay_cut *cuts;
} cutting;

/** Footprint as GEOS has it; invalid ones made valid. NULL with no message: none or unreadable. */
static GEOSGeometry *read_building(overlay_kit *kit, const void *wkb, size_t bytes) {
    GEOSGeometry *shape = GEOSWKBReader_read_r(kit->handle, kit->reader, wkb, bytes);
    if (shape != NULL && GEOSisValid_r(kit->handle, shape) == 0) {
        GEOSGeometry *valid = GEOSMakeValid_r(kit->handle, shape);
        GEOSGeom_destroy_r(kit->handle, shape);
        shape = valid == NULL ? NULL : overlay_polygonal(kit, valid);
    }
    return shape;
}

static void take_share(wg_overlay_cut *cut, uint32_t cell, double share, bool counts) {
    if (share > cut->share) {
        cut->share = share;
        cut->first = cell;
    }
    cut->n_cells += counts ? 1 : 0;
}

static wg_status cut_building(wg_context *ctx, const cutting *own, uint32_t worker, size_t row) {
    overlay_kit *kit = &own->kits[worker];
    overlay_view *view = &own->views[worker];
    wg_overlay_cut *cut = &own->cuts[row];
    double box[4];
    size_t bytes;
    const void *wkb = wg_layer_wkb(own->buildings, row, &bytes);
    wg_status status = WG_OK;
    *cut = (wg_overlay_cut){.first = WG_UNASSIGNED};
    if (bytes == 0 || !wg_wkb_bounds(wkb, bytes, box)) {
        return WG_OK;
    }
    GEOSGeometry *shape = read_building(kit, wkb, bytes);
    if (shape == NULL) {
        return WG_OK;
    }
    const double area = overlay_area(kit, shape);
    overlay_view_query(view, box);
    for (uint32_t i = 0; i < view->n_found; i++) {
        const uint32_t cell = view->found[i];
        const GEOSPreparedGeometry *prepared = overlay_view_prepared(view, cell);
        if (prepared == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        if (GEOSPreparedIntersects_r(kit->handle, prepared, shape) != 1) {
            continue;
        }
        if (!(area > 0) || GEOSPreparedCovers_r(kit->handle, prepared, shape) == 1) {
            *cut = (wg_overlay_cut){.first = cell, .n_cells = 1, .share = 1};
            break;
        }
        GEOSGeometry *common = GEOSIntersection_r(kit->handle, shape, overlay_view_geometry(view, cell));
        const double share = overlay_area(kit, common);
        const bool counts = share > 0 && !overlay_is_thin(kit, common, own->tolerance);
        GEOSGeom_destroy_r(kit->handle, common);
        take_share(cut, cell, share / area, counts);
    }
done:
    GEOSGeom_destroy_r(kit->handle, shape);
    return status;
}

static wg_status cut_task(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    const cutting *own = user;
    const size_t n = wg_layer_rows(own->buildings);
    wg_status status = WG_OK;
    for (size_t row = index * ROWS_A_TASK; row < n && row < (index + 1) * ROWS_A_TASK && status == WG_OK; row++) {
        status = cut_building(ctx, own, worker, row);
    }
    return status;
}

wg_status wg_overlay_cuts(wg_context *ctx, const wg_layer *buildings, const wg_layer *cells, double tolerance_m,
                          wg_overlay_cut *cuts) {
    const uint32_t threads = wg_context_threads(ctx);
    cutting own = {.buildings = buildings, .tolerance = fmax(tolerance_m, SNAPPING_M), .cuts = cuts};
    wg_status status = WG_OK;
    WG_TRY(overlay_set_build(ctx, cells, &own.cells, NULL));
    WG_TRY(overlay_kits_open(ctx, threads, &own.kits));
    WG_TRY(overlay_views_open(ctx, &own.cells, own.kits, threads, &own.views));
    WG_TRY(wg_parallel(ctx, (wg_layer_rows(buildings) + ROWS_A_TASK - 1) / ROWS_A_TASK, NULL, cut_task, &own));
done:
    overlay_views_close(own.views, threads);
    overlay_kits_close(own.kits, threads);
    overlay_set_release(&own.cells);
    return status;
}
