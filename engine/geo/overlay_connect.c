#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "geo/overlay_set.h"
#include "model/wkb.h"

/*
 * A community's land without barrier polygons, divided along hard lines, falls into components. A cell, divided in the
 * same way, falls into pieces. Pieces in one component should be one piece; pieces in different components cannot be.
 */
typedef struct connecting {
    overlay_set cells, communities;
    const uint32_t *community; /**< a cell */
    uint32_t n_groups;         /**< communities, and one more for cells without one */
    uint32_t *first, *member;  /**< cells of each group */
    const wg_overlay_barriers *barriers;
    overlay_set surfaces;  /**< rows of the barriers layer that are polygons */
    double (*line_box)[4]; /**< a row of the barriers layer; NAN: no hard line */
    overlay_kit *kits;
    overlay_view *cell_views, *community_views, *surface_views;
    double tolerance;
    wg_overlay_links *links;
} connecting;

/* ------------------------------------------------------------------ dividing */

/** Barrier polygons that meet a box, as one collection to subtract one by one. Takes and returns `shape`. */
static GEOSGeometry *without_surfaces(const connecting *own, uint32_t worker, GEOSGeometry *shape,
                                      const double box[4]) {
    overlay_kit *kit = &own->kits[worker];
    if (own->surfaces.n == 0) {
        return shape;
    }
    overlay_view *view = &own->surface_views[worker];
    overlay_view_query(view, box);
    for (uint32_t i = 0; i < view->n_found && shape != NULL; i++) {
        const GEOSPreparedGeometry *prepared = overlay_view_prepared(view, view->found[i]);
        if (prepared != NULL && GEOSPreparedIntersects_r(kit->handle, prepared, shape) == 1) {
            GEOSGeometry *less = GEOSDifference_r(kit->handle, shape, overlay_view_geometry(view, view->found[i]));
            GEOSGeom_destroy_r(kit->handle, shape);
            shape = less == NULL ? NULL : overlay_polygonal(kit, less);
        }
    }
    return shape;
}

/** Hard lines that meet a box, with the boundary of `shape`, as one collection; NULL and `*any` false where there are
 * none. */
static GEOSGeometry *hard_lines(const connecting *own, overlay_kit *kit, const GEOSGeometry *shape, const double box[4],
                                bool *any) {
    GEOSGeometry **lines = NULL;
    size_t capacity = 0;
    unsigned int n = 0;
    bool failed = false;
    const wg_layer *layer = own->barriers->layer;
    for (size_t row = 0; layer != NULL && row < wg_layer_rows(layer) && !failed; row++) {
        const double *at = own->line_box[row];
        if (!(at[0] <= box[2] && box[0] <= at[2] && at[1] <= box[3] && box[1] <= at[3])) {
            continue;
        }
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        GEOSGeometry *line = GEOSWKBReader_read_r(kit->handle, kit->reader, wkb, bytes);
        failed = line == NULL || !WG_RESERVE(lines, capacity, (size_t)n + 2);
        if (!failed) {
            lines[n++] = line;
        }
    }
    *any = n > 0 && !failed;
    GEOSGeometry *all = NULL;
    GEOSGeometry *boundary = *any ? GEOSBoundary_r(kit->handle, shape) : NULL;
    if (boundary != NULL) {
        lines[n++] = boundary;
        all = GEOSGeom_createCollection_r(kit->handle, GEOS_GEOMETRYCOLLECTION, lines, n);
    } else {
        for (unsigned int i = 0; i < n; i++) {
            GEOSGeom_destroy_r(kit->handle, lines[i]);
        }
    }
    free(lines);
    return all;
}

/** Faces between hard lines that lie in `shape`, as a collection of polygons. Takes `shape`. */
static GEOSGeometry *divide(const connecting *own, uint32_t worker, GEOSGeometry *shape, const double box[4]) {
    overlay_kit *kit = &own->kits[worker];
    bool any = false;
    GEOSGeometry *lines = shape == NULL ? NULL : hard_lines(own, kit, shape, box, &any);
    if (!any) {
        return shape;
    }
    GEOSGeometry *noded = lines == NULL ? NULL : GEOSUnaryUnion_r(kit->handle, lines);
    const GEOSGeometry *const input[] = {noded};
    GEOSGeometry *faces = noded == NULL ? NULL : GEOSPolygonize_r(kit->handle, input, 1);
    const GEOSPreparedGeometry *prepared = GEOSPrepare_r(kit->handle, shape);
    GEOSGeometry **kept = NULL;
    GEOSGeometry *result = NULL;
    unsigned int n = 0;
    const int all = faces == NULL ? 0 : GEOSGetNumGeometries_r(kit->handle, faces);
    kept = wg_calloc((size_t)all, sizeof(GEOSGeometry *));
    for (int i = 0; kept != NULL && prepared != NULL && i < all; i++) {
        const GEOSGeometry *face = GEOSGetGeometryN_r(kit->handle, faces, i);
        GEOSGeometry *point = GEOSPointOnSurface_r(kit->handle, face);
        if (point != NULL && GEOSPreparedContains_r(kit->handle, prepared, point) == 1) {
            kept[n] = GEOSGeom_clone_r(kit->handle, face);
            n += kept[n] != NULL;
        }
        GEOSGeom_destroy_r(kit->handle, point);
    }
    if (kept != NULL && faces != NULL) {
        result = GEOSGeom_createCollection_r(kit->handle, GEOS_GEOMETRYCOLLECTION, kept, n);
    }
    free(kept);
    GEOSPreparedGeom_destroy_r(kit->handle, prepared);
    GEOSGeom_destroy_r(kit->handle, faces);
    GEOSGeom_destroy_r(kit->handle, noded);
    GEOSGeom_destroy_r(kit->handle, lines);
    GEOSGeom_destroy_r(kit->handle, shape);
    return result;
}

static GEOSGeometry *pieces_of(const connecting *own, uint32_t worker, const GEOSGeometry *shape, const double box[4]) {
    GEOSGeometry *copy = shape == NULL ? NULL : GEOSGeom_clone_r(own->kits[worker].handle, shape);
    return divide(own, worker, without_surfaces(own, worker, copy, box), box);
}

/* ------------------------------------------------------------------ counting */

/** Land of cells without a community: their union. */
static GEOSGeometry *union_of_members(const connecting *own, uint32_t worker, uint32_t group, double box[4]) {
    overlay_kit *kit = &own->kits[worker];
    const uint32_t begin = own->first[group];
    const uint32_t end = own->first[group + 1];
    GEOSGeometry **parts = wg_calloc(end - begin, sizeof(GEOSGeometry *));
    unsigned int n = 0;
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (uint32_t i = begin; parts != NULL && i < end; i++) {
        const uint32_t cell = own->member[i];
        const GEOSGeometry *shape = overlay_view_geometry(&own->cell_views[worker], cell);
        if (shape != NULL) {
            parts[n] = GEOSGeom_clone_r(kit->handle, shape);
            n += parts[n] != NULL;
            for (int k = 0; k < 2; k++) {
                box[k] = fmin(box[k], own->cells.box[cell][k]);
                box[k + 2] = fmax(box[k + 2], own->cells.box[cell][k + 2]);
            }
        }
    }
    GEOSGeometry *all =
        parts == NULL ? NULL : GEOSGeom_createCollection_r(kit->handle, GEOS_GEOMETRYCOLLECTION, parts, n);
    free(parts);
    GEOSGeometry *united = all == NULL ? NULL : GEOSUnaryUnion_r(kit->handle, all);
    GEOSGeom_destroy_r(kit->handle, all);
    return united == NULL ? NULL : overlay_polygonal(kit, united);
}

/** Component that holds a point, or `n` where none does. */
static int component_at(overlay_kit *kit, const GEOSPreparedGeometry *const *components, int n, const double xy[2]) {
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(kit->handle, xy[0], xy[1]);
    int found = n;
    for (int c = 0; c < n && point != NULL && found == n; c++) {
        found = GEOSPreparedContains_r(kit->handle, components[c], point) == 1 ? c : n;
    }
    GEOSGeom_destroy_r(kit->handle, point);
    return found;
}

static wg_status link_cell(wg_context *ctx, const connecting *own, uint32_t worker, uint32_t cell,
                           const GEOSPreparedGeometry *const *components, int n_components) {
    overlay_kit *kit = &own->kits[worker];
    wg_overlay_links *links = &own->links[cell];
    *links = (wg_overlay_links){.x = NAN, .y = NAN};
    if (isnan(own->cells.box[cell][0])) {
        return WG_OK;
    }
    const GEOSGeometry *shape = overlay_view_geometry(&own->cell_views[worker], cell);
    GEOSGeometry *pieces = pieces_of(own, worker, shape, own->cells.box[cell]);
    bool *seen = wg_calloc((size_t)n_components + 1, sizeof *seen);
    wg_status status = WG_OK;
    if (pieces == NULL || seen == NULL) {
        status = pieces == NULL ? overlay_fail(ctx, kit, wg_layer_source(own->cells.layer)) : wg_fail_memory(ctx);
        goto done;
    }
    const int n = GEOSGetNumGeometries_r(kit->handle, pieces);
    for (int i = 0; i < n; i++) {
        const GEOSGeometry *piece = GEOSGetGeometryN_r(kit->handle, pieces, i);
        double xy[2];
        if (overlay_is_thin(kit, piece, own->tolerance) || !overlay_inner_point(kit, piece, xy)) {
            continue;
        }
        const int component = component_at(kit, components, n_components, xy);
        links->pieces++;
        if (seen[component] && isnan(links->x)) {
            links->x = xy[0];
            links->y = xy[1];
        }
        links->components += seen[component] ? 0 : 1;
        seen[component] = true;
    }
    const int parts = GEOSGetNumGeometries_r(kit->handle, shape);
    links->crossed = links->pieces > links->components && links->pieces > (uint32_t)(parts > 0 ? parts : 0);
done:
    free(seen);
    GEOSGeom_destroy_r(kit->handle, pieces);
    return status;
}

static wg_status link_group(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    const connecting *own = user;
    overlay_kit *kit = &own->kits[worker];
    const uint32_t group = (uint32_t)index;
    const bool known = group < own->communities.n && !isnan(own->communities.box[group][0]);
    const GEOSPreparedGeometry **components = NULL;
    GEOSGeometry *land = NULL;
    wg_status status = WG_OK;
    int n = 0;
    if (own->first[group] == own->first[group + 1]) {
        return WG_OK;
    }
    if (known) {
        const GEOSGeometry *shape = overlay_view_geometry(&own->community_views[worker], group);
        land = pieces_of(own, worker, shape, own->communities.box[group]);
    } else {
        double box[4];
        GEOSGeometry *united = union_of_members(own, worker, group, box);
        land = united == NULL ? NULL : divide(own, worker, without_surfaces(own, worker, united, box), box);
    }
    if (land == NULL) {
        return overlay_fail(ctx, kit, wg_layer_source(own->cells.layer));
    }
    const int wanted = GEOSGetNumGeometries_r(kit->handle, land);
    components = wg_calloc((size_t)wanted, sizeof(const GEOSPreparedGeometry *));
    for (; components != NULL && n < wanted; n++) {
        components[n] = GEOSPrepare_r(kit->handle, GEOSGetGeometryN_r(kit->handle, land, n));
        if (components[n] == NULL) {
            break;
        }
    }
    if (components == NULL || n < wanted) {
        status = wg_fail_memory(ctx);
    }
    for (uint32_t i = own->first[group]; i < own->first[group + 1] && status == WG_OK; i++) {
        status = link_cell(ctx, own, worker, own->member[i], components, n);
    }
    for (int i = 0; i < n; i++) {
        GEOSPreparedGeom_destroy_r(kit->handle, components[i]);
    }
    free(components);
    GEOSGeom_destroy_r(kit->handle, land);
    return status;
}

/* ------------------------------------------------------------------ preparing */

static uint32_t group_of(const connecting *own, uint32_t cell) {
    const uint32_t community = own->community != NULL ? own->community[cell] : WG_UNASSIGNED;
    return community < own->communities.n ? community : own->communities.n;
}

static wg_status group_cells(wg_context *ctx, connecting *own) {
    own->n_groups = own->communities.n + 1;
    own->first = wg_calloc((size_t)own->n_groups + 2, sizeof *own->first);
    own->member = wg_malloc(own->cells.n, sizeof *own->member);
    if (own->first == NULL || own->member == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t cell = 0; cell < own->cells.n; cell++) {
        own->first[group_of(own, cell) + 2]++;
    }
    for (uint32_t group = 0; group < own->n_groups; group++) {
        own->first[group + 2] += own->first[group + 1];
    }
    for (uint32_t cell = 0; cell < own->cells.n; cell++) {
        own->member[own->first[group_of(own, cell) + 1]++] = cell;
    }
    return WG_OK;
}

static wg_status prepare_barriers(wg_context *ctx, connecting *own) {
    const wg_layer *layer = own->barriers != NULL ? own->barriers->layer : NULL;
    if (layer == NULL) {
        return WG_OK;
    }
    own->line_box = wg_malloc(wg_layer_rows(layer), sizeof *own->line_box);
    if (own->line_box == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < wg_layer_rows(layer); row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        const uint32_t type = wg_wkb_type(wkb, bytes);
        const bool line = type == WG_WKB_LINESTRING || type == WG_WKB_MULTILINESTRING;
        own->line_box[row][0] = own->line_box[row][1] = own->line_box[row][2] = own->line_box[row][3] = NAN;
        if (line && own->barriers->hard != NULL && own->barriers->hard[row]) {
            (void)wg_wkb_bounds(wkb, bytes, own->line_box[row]);
        }
    }
    return overlay_set_build(ctx, layer, &own->surfaces, NULL);
}

wg_status wg_overlay_connect(wg_context *ctx, const wg_layer *cells, const uint32_t *community,
                             const wg_layer *communities, const wg_overlay_barriers *barriers, double tolerance_m,
                             wg_overlay_links *links) {
    static const wg_overlay_barriers none = {0};
    const uint32_t threads = wg_context_threads(ctx);
    connecting own = {.community = community,
                      .barriers = barriers != NULL ? barriers : &none,
                      .tolerance = fmax(tolerance_m, OVERLAY_NOISE_M),
                      .links = links};
    wg_status status = WG_OK;
    WG_TRY(overlay_set_build(ctx, cells, &own.cells, NULL));
    if (communities != NULL) {
        WG_TRY(overlay_set_build(ctx, communities, &own.communities, NULL));
    }
    WG_TRY(prepare_barriers(ctx, &own));
    WG_TRY(group_cells(ctx, &own));
    WG_TRY(overlay_kits_open(ctx, threads, &own.kits));
    WG_TRY(overlay_views_open(ctx, &own.cells, own.kits, threads, &own.cell_views));
    WG_TRY(overlay_views_open(ctx, &own.communities, own.kits, threads, &own.community_views));
    WG_TRY(overlay_views_open(ctx, &own.surfaces, own.kits, threads, &own.surface_views));
    WG_TRY(wg_parallel(ctx, own.n_groups, NULL, link_group, &own));
done:
    overlay_views_close(own.cell_views, threads);
    overlay_views_close(own.community_views, threads);
    overlay_views_close(own.surface_views, threads);
    overlay_kits_close(own.kits, threads);
    overlay_set_release(&own.cells);
    overlay_set_release(&own.communities);
    overlay_set_release(&own.surfaces);
    free(own.first);
    free(own.member);
    free(own.line_box);
    return status;
}
