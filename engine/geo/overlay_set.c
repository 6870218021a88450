#include "geo/overlay_set.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "model/wkb.h"

/* ------------------------------------------------------------------ GEOS of one thread */

static void keep_message(const char *message, void *user) {
    overlay_kit *kit = user;
    (void)snprintf(kit->message, sizeof kit->message, "%s", message);
}

static void drop_message(const char *message, void *user) {
    (void)message;
    (void)user;
}

static bool open_kit(overlay_kit *kit) {
    kit->handle = GEOS_init_r();
    if (kit->handle == NULL) {
        return false;
    }
    GEOSContext_setErrorMessageHandler_r(kit->handle, keep_message, kit);
    GEOSContext_setNoticeMessageHandler_r(kit->handle, drop_message, NULL);
    kit->reader = GEOSWKBReader_create_r(kit->handle);
    kit->writer = GEOSWKBWriter_create_r(kit->handle);
    if (kit->reader == NULL || kit->writer == NULL) {
        return false;
    }
    GEOSWKBWriter_setByteOrder_r(kit->handle, kit->writer, GEOS_WKB_NDR);
    return true;
}

wg_status overlay_kits_open(wg_context *ctx, uint32_t n, overlay_kit **kits) {
    *kits = wg_calloc(n, sizeof **kits);
    if (*kits == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!open_kit(&(*kits)[i])) {
            overlay_kits_close(*kits, n);
            *kits = NULL;
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

void overlay_kits_close(overlay_kit *kits, uint32_t n) {
    for (uint32_t i = 0; kits != NULL && i < n; i++) {
        if (kits[i].reader != NULL) {
            GEOSWKBReader_destroy_r(kits[i].handle, kits[i].reader);
        }
        if (kits[i].writer != NULL) {
            GEOSWKBWriter_destroy_r(kits[i].handle, kits[i].writer);
        }
        if (kits[i].handle != NULL) {
            GEOS_finish_r(kits[i].handle);
        }
    }
    free(kits);
}

wg_status overlay_fail(wg_context *ctx, const overlay_kit *kit, const char *what) {
    /* Without a message it was an allocation, of ours or of GEOS. */
    if (kit->message[0] == '\0' || strstr(kit->message, "bad_alloc") != NULL) {
        return wg_fail_memory(ctx);
    }
    return wg_fail(ctx, WG_EDATA, "%s: %s", what, kit->message);
}

wg_status overlay_put(wg_context *ctx, overlay_kit *kit, const GEOSGeometry *geometry, wg_buffer *out) {
    size_t bytes = 0;
    unsigned char *wkb = GEOSWKBWriter_write_r(kit->handle, kit->writer, geometry, &bytes);
    if (wkb == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_buffer_append(out, wkb, bytes);
    GEOSFree_r(kit->handle, wkb);
    return out->failed ? wg_fail_memory(ctx) : WG_OK;
}

GEOSGeometry *overlay_polygonal(overlay_kit *kit, GEOSGeometry *geometry) {
    GEOSContextHandle_t handle = kit->handle;
    const int type = geometry == NULL ? GEOS_POLYGON : GEOSGeomTypeId_r(handle, geometry);
    if (type == GEOS_POLYGON || type == GEOS_MULTIPOLYGON) {
        return geometry;
    }
    const int n = GEOSGetNumGeometries_r(handle, geometry);
    GEOSGeometry **parts = NULL;
    unsigned int kept = 0;
    size_t capacity = 0;
    bool failed = false;
    for (int i = 0; i < n && type == GEOS_GEOMETRYCOLLECTION; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(handle, geometry, i);
        const int own = GEOSGeomTypeId_r(handle, part);
        const int inner = own == GEOS_MULTIPOLYGON ? GEOSGetNumGeometries_r(handle, part) : own == GEOS_POLYGON ? 1 : 0;
        for (int k = 0; k < inner && !failed; k++) {
            GEOSGeometry *copy = GEOSGeom_clone_r(handle, GEOSGetGeometryN_r(handle, part, k));
            failed = copy == NULL || !WG_RESERVE(parts, capacity, (size_t)kept + 1);
            if (!failed) {
                parts[kept++] = copy;
            } else if (copy != NULL) {
                GEOSGeom_destroy_r(handle, copy);
            }
        }
    }
    GEOSGeom_destroy_r(handle, geometry);
    GEOSGeometry *result = NULL;
    if (failed) {
        for (unsigned int i = 0; i < kept; i++) {
            GEOSGeom_destroy_r(handle, parts[i]);
        }
    } else {
        result = GEOSGeom_createCollection_r(handle, GEOS_MULTIPOLYGON, parts, kept);
    }
    free(parts);
    return result;
}

double overlay_area(overlay_kit *kit, const GEOSGeometry *geometry) {
    double area = 0;
    return geometry != NULL && GEOSArea_r(kit->handle, geometry, &area) == 1 ? area : 0;
}

double overlay_width(overlay_kit *kit, const GEOSGeometry *geometry) {
    double box[4] = {0};
    GEOSContextHandle_t handle = kit->handle;
    if (GEOSGeom_getXMin_r(handle, geometry, &box[0]) != 1 || GEOSGeom_getYMin_r(handle, geometry, &box[1]) != 1 ||
        GEOSGeom_getXMax_r(handle, geometry, &box[2]) != 1 || GEOSGeom_getYMax_r(handle, geometry, &box[3]) != 1) {
        return 0;
    }
    const double reach = fmax(box[2] - box[0], box[3] - box[1]);
    GEOSGeometry *radius = GEOSMaximumInscribedCircle_r(handle, geometry, fmax(reach * 1e-3, 1e-7));
    double length = 0;
    if (radius != NULL) {
        (void)GEOSLength_r(handle, radius, &length);
        GEOSGeom_destroy_r(handle, radius);
    }
    return 2 * length;
}

bool overlay_is_thin(overlay_kit *kit, const GEOSGeometry *geometry, double width_m) {
    const int n = geometry == NULL ? 0 : GEOSGetNumGeometries_r(kit->handle, geometry);
    for (int i = 0; i < n; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(kit->handle, geometry, i);
        const double area = overlay_area(kit, part);
        double length = 0;
        (void)GEOSLength_r(kit->handle, part, &length);
        /*
         * A circle of that width needs its area; and every point is within the largest circle's radius of the boundary,
         * so that radius is about A / P at least (taken with a margin, since holes have longer parallels). Else it is
         * measured.
         */
        const bool too_small = 4 * area < 3.14159 * width_m * width_m;
        const bool wide = length > 0 && area / length > 4 * width_m;
        if (wide || (!too_small && overlay_width(kit, part) >= width_m)) {
            return false;
        }
    }
    return true;
}

bool overlay_inner_point(overlay_kit *kit, const GEOSGeometry *geometry, double xy[2]) {
    GEOSGeometry *point = GEOSPointOnSurface_r(kit->handle, geometry);
    const bool found = point != NULL && GEOSisEmpty_r(kit->handle, point) == 0 &&
                       GEOSGeomGetX_r(kit->handle, point, &xy[0]) == 1 &&
                       GEOSGeomGetY_r(kit->handle, point, &xy[1]) == 1;
    if (point != NULL) {
        GEOSGeom_destroy_r(kit->handle, point);
    }
    return found;
}

/* ------------------------------------------------------------------ polygons of a layer */

enum { ROWS_A_TASK = 64 };

typedef struct survey {
    const wg_layer *layer;
    overlay_set *set;
    wg_overlay_cell *cells; /**< may be NULL */
    overlay_kit *kits;
} survey;

/** Polsby–Popper of the largest part, from WKB of a polygon or multipolygon. */
static void measure(const void *wkb, size_t bytes, wg_overlay_cell *cell) {
    const uint8_t *at = wkb;
    wg_wkb_measure(wkb, bytes, &cell->area_m2, &cell->perim_m);
    if (wg_wkb_type(wkb, bytes) == WG_WKB_POLYGON) {
        cell->parts = 1;
        cell->compact = 4 * 3.14159265358979323846 * cell->area_m2 / (cell->perim_m * cell->perim_m);
        return;
    }
    uint32_t parts;
    memcpy(&parts, at + 5, sizeof parts);
    cell->parts = parts;
    double largest = -1;
    size_t offset = 9;
    for (uint32_t i = 0; i < parts; i++) {
        size_t end = offset + 9;
        uint32_t rings;
        memcpy(&rings, at + offset + 5, sizeof rings);
        for (uint32_t r = 0; r < rings; r++) {
            uint32_t count;
            memcpy(&count, at + end, sizeof count);
            end += 4 + 16 * (size_t)count;
        }
        double area, length;
        wg_wkb_measure(at + offset, end - offset, &area, &length);
        if (area > largest) {
            largest = area;
            cell->compact = 4 * 3.14159265358979323846 * area / (length * length);
        }
        offset = end;
    }
}

static void note_invalid(overlay_kit *kit, wg_overlay_cell *cell, char *reason, GEOSGeometry *where) {
    GEOSContextHandle_t handle = kit->handle;
    cell->valid = false;
    (void)snprintf(cell->reason, sizeof cell->reason, "%.90s", reason != NULL ? reason : kit->message);
    if (where != NULL && GEOSGeomTypeId_r(handle, where) == GEOS_POINT && GEOSisEmpty_r(handle, where) == 0) {
        (void)GEOSGeomGetX_r(handle, where, &cell->x);
        (void)GEOSGeomGetY_r(handle, where, &cell->y);
    }
}

static GEOSGeometry *make_valid(overlay_kit *kit, const GEOSGeometry *geometry) {
    GEOSMakeValidParams *params = GEOSMakeValidParams_create_r(kit->handle);
    if (params == NULL) {
        return NULL;
    }
    (void)GEOSMakeValidParams_setMethod_r(kit->handle, params, GEOS_MAKE_VALID_STRUCTURE);
    (void)GEOSMakeValidParams_setKeepCollapsed_r(kit->handle, params, 0);
    GEOSGeometry *made = GEOSMakeValidWithParams_r(kit->handle, geometry, params);
    GEOSMakeValidParams_destroy_r(kit->handle, params);
    return overlay_polygonal(kit, made);
}

/** WKB that GEOS cannot even read (a ring that does not close): say so; the row then has no polygon. */
static wg_status survey_row(wg_context *ctx, const survey *own, overlay_kit *kit, uint32_t row) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(own->layer, row, &bytes);
    const uint32_t type = wg_wkb_type(wkb, bytes);
    wg_overlay_cell local;
    wg_overlay_cell *cell = own->cells != NULL ? &own->cells[row] : &local;
    *cell = (wg_overlay_cell){.valid = true, .x = NAN, .y = NAN};
    for (int i = 0; i < 4; i++) {
        own->set->box[row][i] = NAN;
    }
    if (type != WG_WKB_POLYGON && type != WG_WKB_MULTIPOLYGON) {
        return WG_OK;
    }
    kit->message[0] = '\0';
    GEOSGeometry *geometry = GEOSWKBReader_read_r(kit->handle, kit->reader, wkb, bytes);
    if (geometry == NULL) {
        note_invalid(kit, cell, NULL, NULL);
        return WG_OK;
    }
    char *reason = NULL;
    GEOSGeometry *where = NULL;
    wg_status status = WG_OK;
    if (GEOSisValidDetail_r(kit->handle, geometry, 0, &reason, &where) != 1) {
        note_invalid(kit, cell, reason, where);
        GEOSGeometry *sound = make_valid(kit, geometry);
        GEOSGeom_destroy_r(kit->handle, geometry);
        geometry = sound;
        if (geometry == NULL) {
            status = overlay_fail(ctx, kit, wg_layer_source(own->layer));
            goto done;
        }
        WG_TRY(overlay_put(ctx, kit, geometry, &own->set->repaired[row]));
        wkb = own->set->repaired[row].data;
        bytes = own->set->repaired[row].length;
    }
    if (wg_wkb_bounds(wkb, bytes, own->set->box[row])) {
        double xy[2];
        measure(wkb, bytes, cell);
        if (cell->valid && own->cells != NULL && overlay_inner_point(kit, geometry, xy)) {
            cell->x = xy[0];
            cell->y = xy[1];
        }
    }
done:
    GEOSFree_r(kit->handle, reason);
    GEOSGeom_destroy_r(kit->handle, where);
    GEOSGeom_destroy_r(kit->handle, geometry);
    return status;
}

static wg_status survey_rows(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    const survey *own = user;
    wg_status status = WG_OK;
    const uint32_t begin = (uint32_t)index * ROWS_A_TASK;
    const uint32_t end = begin + ROWS_A_TASK < own->set->n ? begin + ROWS_A_TASK : own->set->n;
    for (uint32_t row = begin; row < end && status == WG_OK; row++) {
        status = survey_row(ctx, own, &own->kits[worker], row);
    }
    return status;
}

/* ------------------------------------------------------------------ bins */

/** Columns and rows of bins that a box meets: x0, y0, x1, y1, inclusive. */
static void bin_range(const overlay_set *set, const double box[4], uint32_t range[4]) {
    for (int k = 0; k < 4; k++) {
        const int axis = k & 1;
        const double at = (box[k] - set->low[axis]) / set->side[axis];
        const uint32_t count = axis == 0 ? set->nx : set->ny;
        range[k] = !(at > 0) ? 0 : at >= (double)count ? count - 1 : (uint32_t)at;
    }
}

static void lay_bins(overlay_set *set) {
    double high[2] = {-INFINITY, -INFINITY};
    set->low[0] = set->low[1] = INFINITY;
    for (uint32_t row = 0; row < set->n; row++) {
        for (int axis = 0; axis < 2 && !isnan(set->box[row][0]); axis++) {
            set->low[axis] = fmin(set->low[axis], set->box[row][axis]);
            high[axis] = fmax(high[axis], set->box[row][axis + 2]);
        }
    }
    if (!(set->low[0] <= high[0])) {
        set->low[0] = set->low[1] = high[0] = high[1] = 0;
    }
    const uint32_t across = (uint32_t)fmin(1024, ceil(sqrt((double)set->n + 1)));
    set->nx = set->ny = across;
    for (int axis = 0; axis < 2; axis++) {
        set->side[axis] = high[axis] > set->low[axis] ? (high[axis] - set->low[axis]) / across : 1;
    }
}

static wg_status fill_bins(wg_context *ctx, overlay_set *set) {
    lay_bins(set);
    const size_t bins = (size_t)set->nx * set->ny;
    set->first = wg_calloc(bins + 2, sizeof *set->first);
    if (set->first == NULL) {
        return wg_fail_memory(ctx);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t row = 0; row < set->n; row++) {
            uint32_t range[4];
            if (isnan(set->box[row][0])) {
                continue;
            }
            bin_range(set, set->box[row], range);
            for (uint32_t y = range[1]; y <= range[3]; y++) {
                for (uint32_t x = range[0]; x <= range[2]; x++) {
                    const size_t bin = (size_t)y * set->nx + x;
                    if (pass == 0) {
                        set->first[bin + 2]++;
                    } else {
                        set->item[set->first[bin + 1]++] = row;
                    }
                }
            }
        }
        if (pass == 0) {
            for (size_t bin = 0; bin < bins; bin++) {
                set->first[bin + 2] += set->first[bin + 1];
            }
            set->item = wg_malloc(set->first[bins + 1], sizeof *set->item);
            if (set->item == NULL) {
                return wg_fail_memory(ctx);
            }
        }
    }
    return WG_OK;
}

wg_status overlay_set_build(wg_context *ctx, const wg_layer *layer, overlay_set *set, wg_overlay_cell *cells) {
    const uint32_t threads = wg_context_threads(ctx);
    survey own = {.layer = layer, .set = set, .cells = cells};
    wg_status status = WG_OK;
    if (wg_layer_rows(layer) >= UINT32_MAX) {
        return wg_fail(ctx, WG_EDATA, "%s: too many rows", wg_layer_source(layer));
    }
    *set = (overlay_set){.n = (uint32_t)wg_layer_rows(layer), .layer = layer};
    set->repaired = wg_calloc(set->n, sizeof *set->repaired);
    set->box = wg_calloc(set->n, sizeof *set->box);
    if (set->repaired == NULL || set->box == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(overlay_kits_open(ctx, threads, &own.kits));
    WG_TRY(wg_parallel(ctx, (set->n + ROWS_A_TASK - 1) / ROWS_A_TASK, NULL, survey_rows, &own));
    WG_TRY(fill_bins(ctx, set));
done:
    overlay_kits_close(own.kits, threads);
    if (status != WG_OK) {
        overlay_set_release(set);
    }
    return status;
}

void overlay_set_release(overlay_set *set) {
    for (uint32_t row = 0; set->repaired != NULL && row < set->n; row++) {
        wg_buffer_release(&set->repaired[row]);
    }
    free(set->repaired);
    free(set->box);
    free(set->first);
    free(set->item);
    *set = (overlay_set){0};
}

const void *overlay_set_wkb(const overlay_set *set, uint32_t row, size_t *bytes) {
    *bytes = 0;
    if (isnan(set->box[row][0])) {
        return NULL;
    }
    if (set->repaired[row].length > 0) {
        *bytes = set->repaired[row].length;
        return set->repaired[row].data;
    }
    return wg_layer_wkb(set->layer, row, bytes);
}

/* ------------------------------------------------------------------ views */

wg_status overlay_views_open(wg_context *ctx, const overlay_set *set, overlay_kit *kits, uint32_t n,
                             overlay_view **views) {
    *views = wg_calloc(n, sizeof **views);
    if (*views == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        overlay_view *view = &(*views)[i];
        *view = (overlay_view){.kit = &kits[i], .set = set};
        view->geometry = wg_calloc(set->n, sizeof *view->geometry);
        view->prepared = wg_calloc(set->n, sizeof *view->prepared);
        view->seen = wg_calloc(set->n, sizeof *view->seen);
        view->found = wg_calloc(set->n, sizeof *view->found);
        if (view->geometry == NULL || view->prepared == NULL || view->seen == NULL || view->found == NULL) {
            overlay_views_close(*views, n);
            *views = NULL;
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

void overlay_views_close(overlay_view *views, uint32_t n) {
    for (uint32_t i = 0; views != NULL && i < n; i++) {
        overlay_view *view = &views[i];
        for (uint32_t row = 0; view->set != NULL && row < view->set->n; row++) {
            if (view->prepared != NULL && view->prepared[row] != NULL) {
                GEOSPreparedGeom_destroy_r(view->kit->handle, view->prepared[row]);
            }
            if (view->geometry != NULL && view->geometry[row] != NULL) {
                GEOSGeom_destroy_r(view->kit->handle, view->geometry[row]);
            }
        }
        free(view->geometry);
        free(view->prepared);
        free(view->seen);
        free(view->found);
    }
    free(views);
}

const GEOSGeometry *overlay_view_geometry(overlay_view *view, uint32_t row) {
    if (view->geometry[row] == NULL) {
        size_t bytes;
        const void *wkb = overlay_set_wkb(view->set, row, &bytes);
        if (bytes > 0) {
            view->geometry[row] = GEOSWKBReader_read_r(view->kit->handle, view->kit->reader, wkb, bytes);
        }
    }
    return view->geometry[row];
}

const GEOSPreparedGeometry *overlay_view_prepared(overlay_view *view, uint32_t row) {
    if (view->prepared[row] == NULL && overlay_view_geometry(view, row) != NULL) {
        view->prepared[row] = GEOSPrepare_r(view->kit->handle, view->geometry[row]);
    }
    return view->prepared[row];
}

static int compare_u32(const void *left, const void *right) {
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

void overlay_view_query(overlay_view *view, const double box[4]) {
    const overlay_set *set = view->set;
    uint32_t range[4];
    view->n_found = 0;
    if (set->n == 0) {
        return;
    }
    if (++view->stamp == 0) {
        memset(view->seen, 0, set->n * sizeof *view->seen);
        view->stamp = 1;
    }
    bin_range(set, box, range);
    for (uint32_t y = range[1]; y <= range[3]; y++) {
        for (uint32_t x = range[0]; x <= range[2]; x++) {
            const size_t bin = (size_t)y * set->nx + x;
            for (uint32_t k = set->first[bin]; k < set->first[bin + 1]; k++) {
                const uint32_t row = set->item[k];
                const double *own = set->box[row];
                if (view->seen[row] != view->stamp && own[0] <= box[2] && box[0] <= own[2] && own[1] <= box[3] &&
                    box[1] <= own[3]) {
                    view->seen[row] = view->stamp;
                    view->found[view->n_found++] = row;
                }
            }
        }
    }
    qsort(view->found, view->n_found, sizeof *view->found, compare_u32);
}

overlay_cover overlay_view_cover(overlay_view *view, const double xy[2]) {
    const double box[4] = {xy[0], xy[1], xy[0], xy[1]};
    overlay_cover cover = {.first = WG_UNASSIGNED};
    overlay_view_query(view, box);
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(view->kit->handle, xy[0], xy[1]);
    for (uint32_t i = 0; point != NULL && i < view->n_found; i++) {
        const GEOSPreparedGeometry *prepared = overlay_view_prepared(view, view->found[i]);
        if (prepared == NULL || GEOSPreparedIntersects_r(view->kit->handle, prepared, point) != 1) {
            continue;
        }
        if (GEOSPreparedContains_r(view->kit->handle, prepared, point) == 1) {
            cover.first = cover.count == 0 ? view->found[i] : cover.first;
            cover.count++;
        } else {
            cover.on_line = true;
        }
    }
    GEOSGeom_destroy_r(view->kit->handle, point);
    return cover;
}

/** A point inside, on the horizontal line at `fraction` of the height, off the middle of its longest stretch. */
static bool point_at_height(overlay_kit *kit, const GEOSGeometry *polygon, double fraction, double xy[2]) {
    GEOSContextHandle_t handle = kit->handle;
    double low_x, high_x, low_y, high_y;
    if (GEOSGeom_getXMin_r(handle, polygon, &low_x) != 1 || GEOSGeom_getXMax_r(handle, polygon, &high_x) != 1 ||
        GEOSGeom_getYMin_r(handle, polygon, &low_y) != 1 || GEOSGeom_getYMax_r(handle, polygon, &high_y) != 1) {
        return false;
    }
    const double y = low_y + fraction * (high_y - low_y);
    const double ends[4] = {low_x - 1, y, high_x + 1, y};
    GEOSCoordSequence *sequence = GEOSCoordSeq_copyFromBuffer_r(handle, ends, 2, 0, 0);
    GEOSGeometry *line = sequence == NULL ? NULL : GEOSGeom_createLineString_r(handle, sequence);
    GEOSGeometry *inside = line == NULL ? NULL : GEOSIntersection_r(handle, polygon, line);
    double longest = 0;
    const int n = inside == NULL ? 0 : GEOSGetNumGeometries_r(handle, inside);
    for (int i = 0; i < n; i++) {
        double from, to;
        const GEOSGeometry *stretch = GEOSGetGeometryN_r(handle, inside, i);
        if (GEOSGeom_getXMin_r(handle, stretch, &from) == 1 && GEOSGeom_getXMax_r(handle, stretch, &to) == 1 &&
            to - from > longest) {
            longest = to - from;
            xy[0] = from + 0.4142135623730951 * longest;
            xy[1] = y;
        }
    }
    GEOSGeom_destroy_r(handle, inside);
    GEOSGeom_destroy_r(handle, line);
    return longest > 0;
}

bool overlay_probe(overlay_view *view, overlay_view *other, const GEOSGeometry *polygon, double xy[2],
                   overlay_cover *cover, overlay_cover *other_cover) {
    /* Boundaries often run through the middle of a face, so the heights tried are odd ones. */
    static const double heights[] = {0.3819660112501051, 0.6180339887498949, 0.2360679774997897,
                                     0.7320508075688772, 0.1415926535897932, 0.8541019662496845};
    bool found = overlay_inner_point(view->kit, polygon, xy);
    for (size_t i = 0; i <= sizeof heights / sizeof heights[0]; i++) {
        if (found) {
            *cover = overlay_view_cover(view, xy);
            *other_cover = other != NULL ? overlay_view_cover(other, xy) : (overlay_cover){.first = WG_UNASSIGNED};
            if (!cover->on_line && !other_cover->on_line) {
                return true;
            }
        }
        if (i < sizeof heights / sizeof heights[0]) {
            found = point_at_height(view->kit, polygon, heights[i], xy);
        }
    }
    return false;
}
