#include "geo/overlay.h"

#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "geo/overlay_set.h"
#include "model/wkb.h"

/** Faces found by one task, put together in the order of tasks. */
typedef struct face_list {
    wg_overlay_face *items;
    size_t n, capacity;
    wg_buffer wkb;
    size_t *end; /**< end of each face's WKB */
    size_t end_capacity;
} face_list;

typedef struct builder {
    overlay_set cells, reference;
    bool has_reference;
    uint32_t threads;
    overlay_kit *kits;
    overlay_view *cell_views, *reference_views;
    double min_width;
    double *leftover; /**< 4 a left-over edge */
    size_t n_leftover;
    wg_layer *faces;    /**< polygonized left-over edges; as WKB, since GEOS objects may not be shared by threads */
    int8_t *difference; /**< a face: cells minus references on it (sign) */
    double (*face_box)[4];
    bool *suspect;    /**< a cell: it meets a face that is covered too often */
    face_list *lists; /**< a task */
} builder;

static void release_list(face_list *list) {
    free(list->items);
    free(list->end);
    wg_buffer_release(&list->wkb);
}

/* ------------------------------------------------------------------ adding faces */

static wg_status add_polygon(wg_context *ctx, const builder *own, uint32_t worker, face_list *list,
                             const GEOSGeometry *polygon, wg_overlay_face face) {
    overlay_kit *kit = &own->kits[worker];
    overlay_view *references = own->has_reference ? &own->reference_views[worker] : NULL;
    overlay_cover cover = {0};
    overlay_cover reference = {.first = WG_UNASSIGNED};
    double xy[2] = {NAN, NAN};
    if (overlay_is_thin(kit, polygon, own->min_width)) {
        return WG_OK;
    }
    (void)overlay_probe(&own->cell_views[worker], references, polygon, xy, &cover, &reference);
    face.area_m2 = overlay_area(kit, polygon);
    face.width_m = overlay_width(kit, polygon);
    face.x = xy[0];
    face.y = xy[1];
    if (face.kind == WG_FACE_OVERLAP) {
        face.n_cells = cover.count < 2 ? 2 : cover.count;
    }
    if (face.kind != WG_FACE_OUTSIDE && face.reference == WG_UNASSIGNED) {
        face.reference = reference.first;
    }
    if (!WG_RESERVE(list->items, list->capacity, list->n + 1) ||
        !WG_RESERVE(list->end, list->end_capacity, list->n + 1)) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = overlay_put(ctx, kit, polygon, &list->wkb);
    if (status == WG_OK) {
        list->end[list->n] = list->wkb.length;
        list->items[list->n++] = face;
    }
    return status;
}

/** Add each polygon of a geometry as a face of its own; takes the geometry. */
static wg_status add_polygons(wg_context *ctx, const builder *own, uint32_t worker, face_list *list,
                              GEOSGeometry *geometry, wg_overlay_face face) {
    overlay_kit *kit = &own->kits[worker];
    if (geometry == NULL) {
        return overlay_fail(ctx, kit, wg_layer_source(own->cells.layer));
    }
    geometry = overlay_polygonal(kit, geometry);
    if (geometry == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_status status = WG_OK;
    const int n = GEOSGetNumGeometries_r(kit->handle, geometry);
    for (int i = 0; i < n && status == WG_OK; i++) {
        status = add_polygon(ctx, own, worker, list, GEOSGetGeometryN_r(kit->handle, geometry, i), face);
    }
    GEOSGeom_destroy_r(kit->handle, geometry);
    return status;
}

/* ------------------------------------------------------------------ where the sums differ */

static GEOSGeometry *leftover_lines(overlay_kit *kit, const double *xy, size_t n) {
    GEOSGeometry **lines = wg_malloc(n, sizeof *lines);
    GEOSGeometry *all = NULL;
    size_t made = 0;
    for (; lines != NULL && made < n; made++) {
        GEOSCoordSequence *ends = GEOSCoordSeq_copyFromBuffer_r(kit->handle, xy + 4 * made, 2, 0, 0);
        lines[made] = ends == NULL ? NULL : GEOSGeom_createLineString_r(kit->handle, ends);
        if (lines[made] == NULL) {
            break;
        }
    }
    if (lines != NULL && made == n) {
        all = GEOSGeom_createCollection_r(kit->handle, GEOS_MULTILINESTRING, lines, (unsigned int)n);
    } else {
        for (size_t i = 0; i < made; i++) {
            GEOSGeom_destroy_r(kit->handle, lines[i]);
        }
    }
    free(lines);
    return all;
}

/** Node the left-over edges and take the faces between them. */
static wg_status polygonize_leftover(wg_context *ctx, builder *own) {
    overlay_kit *kit = &own->kits[0];
    wg_buffer wkb = {0};
    wg_status status = WG_OK;
    GEOSGeometry *lines = leftover_lines(kit, own->leftover, own->n_leftover);
    GEOSGeometry *noded = lines == NULL ? NULL : GEOSUnaryUnion_r(kit->handle, lines);
    const GEOSGeometry *const input[] = {noded};
    GEOSGeometry *faces = noded == NULL ? NULL : GEOSPolygonize_r(kit->handle, input, 1);
    if (faces == NULL) {
        status = overlay_fail(ctx, kit, wg_layer_source(own->cells.layer));
        goto done;
    }
    WG_TRY(wg_layer_new(ctx, "faces", NULL, &own->faces));
    const int n = GEOSGetNumGeometries_r(kit->handle, faces);
    for (int i = 0; i < n; i++) {
        wg_buffer_clear(&wkb);
        WG_TRY(overlay_put(ctx, kit, GEOSGetGeometryN_r(kit->handle, faces, i), &wkb));
        WG_TRY(wg_layer_add_row(ctx, own->faces, wkb.data, wkb.length, NULL));
    }
done:
    wg_buffer_release(&wkb);
    GEOSGeom_destroy_r(kit->handle, lines);
    GEOSGeom_destroy_r(kit->handle, noded);
    GEOSGeom_destroy_r(kit->handle, faces);
    return status;
}

static GEOSGeometry *read_face(const builder *own, uint32_t worker, size_t index) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(own->faces, index, &bytes);
    return GEOSWKBReader_read_r(own->kits[worker].handle, own->kits[worker].reader, wkb, bytes);
}

static bool box_of(overlay_kit *kit, const GEOSGeometry *geometry, double box[4]) {
    return GEOSGeom_getXMin_r(kit->handle, geometry, &box[0]) == 1 &&
           GEOSGeom_getYMin_r(kit->handle, geometry, &box[1]) == 1 &&
           GEOSGeom_getXMax_r(kit->handle, geometry, &box[2]) == 1 &&
           GEOSGeom_getYMax_r(kit->handle, geometry, &box[3]) == 1;
}

/** Between left-over edges the number of cells minus the number of references is the same everywhere: one point tells
 * it. */
static wg_status judge_face(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    builder *own = user;
    overlay_kit *kit = &own->kits[worker];
    overlay_view *references = own->has_reference ? &own->reference_views[worker] : NULL;
    overlay_cover cover, reference;
    double xy[2];
    GEOSGeometry *face = read_face(own, worker, index);
    if (face == NULL) {
        return wg_fail_memory(ctx);
    }
    for (int k = 0; k < 4; k++) {
        own->face_box[index][k] = NAN;
    }
    if (!overlay_is_thin(kit, face, OVERLAY_NOISE_M) && box_of(kit, face, own->face_box[index]) &&
        overlay_probe(&own->cell_views[worker], references, face, xy, &cover, &reference)) {
        const uint32_t wanted = own->has_reference ? reference.count : 1;
        own->difference[index] = (int8_t)(cover.count < wanted ? -1 : cover.count > wanted);
    }
    GEOSGeom_destroy_r(kit->handle, face);
    return WG_OK;
}

/** Divide a gap where it lies in several references. */
static wg_status divide_gap(wg_context *ctx, const builder *own, uint32_t worker, face_list *list,
                            const GEOSGeometry *face, const double box[4], wg_overlay_face gap) {
    overlay_kit *kit = &own->kits[worker];
    overlay_view *view = &own->reference_views[worker];
    const double area = overlay_area(kit, face);
    wg_status status = WG_OK;
    overlay_view_query(view, box);
    const uint32_t n = view->n_found;
    uint32_t *rows = wg_malloc(n, sizeof *rows); /* adding a face asks the view again */
    if (rows == NULL) {
        return wg_fail_memory(ctx);
    }
    memcpy(rows, view->found, n * sizeof *rows);
    for (uint32_t i = 0; i < n && status == WG_OK; i++) {
        const GEOSGeometry *reference = overlay_view_geometry(view, rows[i]);
        if (reference == NULL) {
            status = wg_fail_memory(ctx);
            break;
        }
        gap.reference = rows[i];
        GEOSGeometry *common = GEOSIntersection_r(kit->handle, face, reference);
        if (common != NULL && overlay_area(kit, common) > area * (1 - 1e-9)) {
            GEOSGeom_destroy_r(kit->handle, common);
            status = add_polygon(ctx, own, worker, list, face, gap);
            break;
        }
        status = add_polygons(ctx, own, worker, list, common, gap);
    }
    free(rows);
    return status;
}

static wg_status list_gap(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    const builder *own = user;
    const wg_overlay_face gap = {
        .kind = WG_FACE_GAP, .cell = WG_UNASSIGNED, .other = WG_UNASSIGNED, .reference = WG_UNASSIGNED};
    if (own->difference[index] >= 0) {
        return WG_OK;
    }
    GEOSGeometry *face = read_face(own, worker, index);
    if (face == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = own->has_reference
                                 ? divide_gap(ctx, own, worker, &own->lists[index], face, own->face_box[index], gap)
                                 : add_polygon(ctx, own, worker, &own->lists[index], face, gap);
    GEOSGeom_destroy_r(own->kits[worker].handle, face);
    return status;
}

/* ------------------------------------------------------------------ cells that are covered too often */

static void mark_suspects(builder *own, size_t n_faces) {
    overlay_view *view = &own->cell_views[0];
    for (size_t i = 0; i < n_faces; i++) {
        if (own->difference[i] > 0) {
            overlay_view_query(view, own->face_box[i]);
            for (uint32_t k = 0; k < view->n_found; k++) {
                own->suspect[view->found[k]] = true;
            }
        }
    }
}

/** Land that a cell shares with cells of later rows. */
static wg_status list_overlaps(wg_context *ctx, const builder *own, uint32_t row, uint32_t worker, face_list *list) {
    overlay_kit *kit = &own->kits[worker];
    overlay_view *view = &own->cell_views[worker];
    uint32_t *others = NULL;
    uint32_t n = 0;
    wg_status status = WG_OK;
    overlay_view_query(view, own->cells.box[row]);
    others = wg_malloc(view->n_found, sizeof *others);
    const GEOSPreparedGeometry *prepared = overlay_view_prepared(view, row);
    if (others == NULL || prepared == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 0; i < view->n_found; i++) {
        if (view->found[i] > row && own->suspect[view->found[i]]) {
            others[n++] = view->found[i];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const GEOSGeometry *other = overlay_view_geometry(view, others[i]);
        if (other == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        if (GEOSPreparedIntersects_r(kit->handle, prepared, other) == 1) {
            const wg_overlay_face face = {
                .kind = WG_FACE_OVERLAP, .cell = row, .other = others[i], .reference = WG_UNASSIGNED};
            GEOSGeometry *common = GEOSIntersection_r(kit->handle, overlay_view_geometry(view, row), other);
            WG_TRY(add_polygons(ctx, own, worker, list, common, face));
        }
    }
done:
    free(others);
    return status;
}

/** What of a cell lies in no reference. */
static wg_status list_outside(wg_context *ctx, const builder *own, uint32_t row, uint32_t worker, face_list *list) {
    overlay_kit *kit = &own->kits[worker];
    overlay_view *view = &own->reference_views[worker];
    const GEOSGeometry *cell = overlay_view_geometry(&own->cell_views[worker], row);
    const wg_overlay_face face = {
        .kind = WG_FACE_OUTSIDE, .cell = row, .other = WG_UNASSIGNED, .n_cells = 1, .reference = WG_UNASSIGNED};
    if (cell == NULL) {
        return wg_fail_memory(ctx);
    }
    overlay_view_query(view, own->cells.box[row]);
    for (uint32_t i = 0; i < view->n_found; i++) {
        const GEOSPreparedGeometry *prepared = overlay_view_prepared(view, view->found[i]);
        if (prepared != NULL && GEOSPreparedCovers_r(kit->handle, prepared, cell) == 1) {
            return WG_OK;
        }
    }
    GEOSGeometry *rest = GEOSGeom_clone_r(kit->handle, cell);
    for (uint32_t i = 0; i < view->n_found && rest != NULL; i++) {
        const GEOSGeometry *reference = overlay_view_geometry(view, view->found[i]);
        GEOSGeometry *less = reference == NULL ? NULL : GEOSDifference_r(kit->handle, rest, reference);
        GEOSGeom_destroy_r(kit->handle, rest);
        rest = less;
    }
    return add_polygons(ctx, own, worker, list, rest, face);
}

static wg_status list_suspect(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    const builder *own = user;
    const uint32_t row = (uint32_t)index;
    wg_status status = WG_OK;
    if (own->suspect[row]) {
        status = list_overlaps(ctx, own, row, worker, &own->lists[index]);
        if (status == WG_OK && own->has_reference) {
            status = list_outside(ctx, own, row, worker, &own->lists[index]);
        }
    }
    return status;
}

/* ------------------------------------------------------------------ gathering */

typedef struct face_ref {
    const wg_overlay_face *face;
    const uint8_t *wkb;
    size_t bytes;
} face_ref;

static int compare_u32(uint32_t a, uint32_t b) {
    return a < b ? -1 : a > b;
}

static int compare_faces(const void *left, const void *right) {
    const wg_overlay_face *a = ((const face_ref *)left)->face;
    const wg_overlay_face *b = ((const face_ref *)right)->face;
    const int by[] = {compare_u32(a->kind, b->kind), compare_u32(a->reference, b->reference),
                      compare_u32(a->cell, b->cell), compare_u32(a->other, b->other)};
    for (int i = 0; i < 4; i++) {
        if (by[i] != 0) {
            return by[i];
        }
    }
    return a->x != b->x ? (a->x < b->x ? -1 : 1) : a->y < b->y ? -1 : a->y > b->y;
}

/** Append the lists to the result and empty them. */
static wg_status take_lists(wg_context *ctx, builder *own, size_t n_lists, wg_overlay *overlay) {
    wg_status status = WG_OK;
    size_t total = overlay->n_faces;
    for (size_t i = 0; i < n_lists; i++) {
        total += own->lists[i].n;
    }
    wg_overlay_face *faces = wg_realloc(overlay->faces, total, sizeof *faces);
    if (faces == NULL) {
        return wg_fail_memory(ctx);
    }
    overlay->faces = faces;
    for (size_t i = 0; i < n_lists; i++) {
        face_list *list = &own->lists[i];
        size_t begin = 0;
        for (size_t k = 0; k < list->n; k++) {
            WG_TRY(wg_layer_add_row(ctx, overlay->shapes, list->wkb.data + begin, list->end[k] - begin, NULL));
            begin = list->end[k];
            overlay->faces[overlay->n_faces++] = list->items[k];
        }
        release_list(list);
        *list = (face_list){0};
    }
done:
    return status;
}

/** Put the faces into the order that the header promises. */
static wg_status sort_faces(wg_context *ctx, wg_overlay *overlay) {
    const size_t n = overlay->n_faces;
    wg_layer *shapes = NULL;
    wg_status status = WG_OK;
    face_ref *order = wg_malloc(n, sizeof *order);
    wg_overlay_face *faces = wg_malloc(n, sizeof *faces);
    if (order == NULL || faces == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        order[i].face = &overlay->faces[i];
        order[i].wkb = wg_layer_wkb(overlay->shapes, i, &order[i].bytes);
    }
    qsort(order, n, sizeof *order, compare_faces);
    WG_TRY(wg_layer_new(ctx, overlay->shapes->name, overlay->shapes->crs, &shapes));
    for (size_t i = 0; i < n; i++) {
        faces[i] = *order[i].face;
        WG_TRY(wg_layer_add_row(ctx, shapes, order[i].wkb, order[i].bytes, NULL));
    }
    free(overlay->faces);
    overlay->faces = faces;
    faces = NULL;
    wg_layer_free(overlay->shapes);
    overlay->shapes = shapes;
    shapes = NULL;
done:
    free(order);
    free(faces);
    wg_layer_free(shapes);
    return status;
}

/** Area of all faces of a kind. Those of different cells may lie on each other; land is counted once: as their union.
 */
static wg_status sum_faces(wg_context *ctx, overlay_kit *kit, const wg_overlay *overlay, wg_face_kind kind,
                           double *sum) {
    GEOSGeometry **parts = wg_malloc(overlay->n_faces, sizeof(GEOSGeometry *));
    unsigned int made = 0;
    *sum = 0;
    for (size_t i = 0; parts != NULL && i < overlay->n_faces; i++) {
        if (overlay->faces[i].kind == kind) {
            size_t bytes;
            const void *wkb = wg_layer_wkb(overlay->shapes, i, &bytes);
            *sum += overlay->faces[i].area_m2;
            parts[made] = GEOSWKBReader_read_r(kit->handle, kit->reader, wkb, bytes);
            made += parts[made] != NULL;
        }
    }
    GEOSGeometry *all =
        parts == NULL ? NULL : GEOSGeom_createCollection_r(kit->handle, GEOS_GEOMETRYCOLLECTION, parts, made);
    GEOSGeometry *united = all != NULL && made > 1 ? GEOSUnaryUnion_r(kit->handle, all) : NULL;
    if (united != NULL) {
        *sum = overlay_area(kit, united);
    }
    const bool failed = all == NULL || (made > 1 && united == NULL);
    GEOSGeom_destroy_r(kit->handle, united);
    GEOSGeom_destroy_r(kit->handle, all);
    free(parts);
    return failed ? overlay_fail(ctx, kit, "adding up gaps and overlaps") : WG_OK;
}

static void sum_areas(const builder *own, wg_overlay *overlay) {
    for (uint32_t i = 0; i < overlay->n_cells; i++) {
        overlay->cells_m2 += overlay->cells[i].area_m2;
    }
    for (uint32_t i = 0; own->has_reference && i < own->reference.n; i++) {
        size_t bytes;
        double area, length;
        const void *wkb = overlay_set_wkb(&own->reference, i, &bytes);
        if (bytes > 0) {
            wg_wkb_measure(wkb, bytes, &area, &length);
            overlay->reference_m2 += area;
        }
    }
}

/** List what is wrong where edges are left over. */
static wg_status list_faces(wg_context *ctx, builder *own, wg_overlay *overlay) {
    wg_status status = polygonize_leftover(ctx, own);
    if (status != WG_OK) {
        return status;
    }
    const size_t n = wg_layer_rows(own->faces);
    const size_t tasks = n > overlay->n_cells ? n : overlay->n_cells;
    own->difference = wg_calloc(n, sizeof *own->difference);
    own->face_box = wg_calloc(n, sizeof *own->face_box);
    own->suspect = wg_calloc(overlay->n_cells, sizeof *own->suspect);
    own->lists = wg_calloc(tasks, sizeof *own->lists);
    if (own->difference == NULL || own->face_box == NULL || own->suspect == NULL || own->lists == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_parallel(ctx, n, NULL, judge_face, own));
    WG_TRY(wg_parallel(ctx, n, NULL, list_gap, own));
    WG_TRY(take_lists(ctx, own, n, overlay));
    mark_suspects(own, n);
    WG_TRY(wg_parallel(ctx, overlay->n_cells, NULL, list_suspect, own));
    WG_TRY(take_lists(ctx, own, overlay->n_cells, overlay));
    WG_TRY(sort_faces(ctx, overlay));
    WG_TRY(sum_faces(ctx, &own->kits[0], overlay, WG_FACE_GAP, &overlay->gap_m2));
    WG_TRY(sum_faces(ctx, &own->kits[0], overlay, WG_FACE_OVERLAP, &overlay->overlap_m2));
    WG_TRY(sum_faces(ctx, &own->kits[0], overlay, WG_FACE_OUTSIDE, &overlay->outside_m2));
done:
    for (size_t i = 0; own->lists != NULL && i < tasks; i++) {
        release_list(&own->lists[i]);
    }
    return status;
}

static void release_builder(builder *own) {
    wg_layer_free(own->faces);
    overlay_views_close(own->cell_views, own->threads);
    overlay_views_close(own->reference_views, own->threads);
    overlay_kits_close(own->kits, own->threads);
    overlay_set_release(&own->cells);
    overlay_set_release(&own->reference);
    free(own->leftover);
    free(own->difference);
    free(own->face_box);
    free(own->suspect);
    free(own->lists);
}

static bool all_valid(const wg_overlay *overlay) {
    for (uint32_t i = 0; i < overlay->n_cells; i++) {
        if (!overlay->cells[i].valid) {
            return false;
        }
    }
    return true;
}

wg_status wg_overlay_build(wg_context *ctx, const wg_layer *cells, const wg_layer *reference, double tolerance_m,
                           wg_overlay **overlay) {
    builder own = {.has_reference = reference != NULL, .threads = wg_context_threads(ctx)};
    wg_overlay *made = wg_calloc(1, sizeof *made);
    wg_status status = WG_OK;
    *overlay = NULL;
    if (made == NULL || (made->cells = wg_calloc(wg_layer_rows(cells), sizeof *made->cells)) == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    own.min_width = tolerance_m > OVERLAY_NOISE_M ? tolerance_m : OVERLAY_NOISE_M;
    WG_TRY(wg_layer_new(ctx, "faces", wg_layer_crs(cells), &made->shapes));
    WG_TRY(overlay_set_build(ctx, cells, &own.cells, made->cells));
    made->n_cells = own.cells.n;
    if (own.has_reference) {
        WG_TRY(overlay_set_build(ctx, reference, &own.reference, NULL));
    }
    WG_TRY(
        overlay_leftover(ctx, &own.cells, own.has_reference ? &own.reference : NULL, &own.leftover, &own.n_leftover));
    if (own.n_leftover > 0) {
        WG_TRY(overlay_kits_open(ctx, own.threads, &own.kits));
        WG_TRY(overlay_views_open(ctx, &own.cells, own.kits, own.threads, &own.cell_views));
        if (own.has_reference) {
            WG_TRY(overlay_views_open(ctx, &own.reference, own.kits, own.threads, &own.reference_views));
        }
        WG_TRY(list_faces(ctx, &own, made));
    }
    made->unpaired = own.has_reference ? own.n_leftover : 0;
    made->exact = all_valid(made) && (own.has_reference ? own.n_leftover == 0 : made->n_faces == 0);
    sum_areas(&own, made);
    *overlay = made;
    made = NULL;
done:
    release_builder(&own);
    wg_overlay_free(made);
    return status;
}

void wg_overlay_free(wg_overlay *overlay) {
    if (overlay != NULL) {
        free(overlay->cells);
        free(overlay->faces);
        wg_layer_free(overlay->shapes);
        free(overlay);
    }
}

wg_status wg_overlay_validate(wg_context *ctx, const wg_layer *layer, wg_overlay_cell *cells) {
    overlay_set set = {0};
    const wg_status status = overlay_set_build(ctx, layer, &set, cells);
    overlay_set_release(&set);
    return status;
}

wg_status wg_overlay_unpaired(wg_context *ctx, const wg_layer *cells, const wg_layer *reference, size_t *unpaired) {
    overlay_set own = {0};
    overlay_set other = {0};
    double *leftover = NULL;
    wg_status status = WG_OK;
    WG_TRY(overlay_set_build(ctx, cells, &own, NULL));
    WG_TRY(overlay_set_build(ctx, reference, &other, NULL));
    WG_TRY(overlay_leftover(ctx, &own, &other, &leftover, unpaired));
done:
    free(leftover);
    overlay_set_release(&own);
    overlay_set_release(&other);
    return status;
}
