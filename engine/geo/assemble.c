#include <string.h>

#include "geo/work.h"
#include "model/wkb.h"

/** Keep only the boundaries of pieces, and number the units. */
static wg_status make_map(wg_work *w, struct wg_atoms_map *map, uint32_t *unit_piece) {
    wg_plane *plane = &w->plane;
    wg_status status = WG_OK;
    bool *keep = wg_malloc(plane->n_edges, sizeof *keep);
    uint32_t *side = wg_malloc((size_t)plane->n_edges * 2, sizeof *side);
    uint32_t *number = wg_malloc(w->n_pieces, sizeof *number);
    uint32_t n = 0, n_units = 0;
    if (keep == NULL || side == NULL || number == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    memset(number, 0xff, w->n_pieces * sizeof *number);
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t left = w->piece[plane->face[2 * e]], right = w->piece[plane->face[2 * e + 1]];
        keep[e] = left != right;
        if (keep[e]) {
            side[n++] = left;
            side[n++] = right;
        }
    }
    WG_TRY(wg_plane_filter(w->ctx, plane, keep));
    WG_TRY(wg_plane_trace(w->ctx, plane));
    map->unit = wg_malloc(plane->n_faces, sizeof *map->unit);
    if (map->unit == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    memset(map->unit, 0xff, plane->n_faces * sizeof *map->unit);
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        const uint32_t piece = side[h];
        if (piece == WG_NONE) {
            continue;
        }
        if (number[piece] == WG_NONE) {
            unit_piece[n_units] = piece;
            number[piece] = n_units++;
        }
        map->unit[plane->face[h]] = number[piece];
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        uint32_t *at = &w->building_piece[b];
        *at = *at != WG_NONE ? number[*at] : WG_NONE;
    }
    WG_TRY(wg_regions_of(w->ctx, plane, map->unit, &map->regions));
    WG_TRY(wg_lists_of(w->ctx, map->regions.label, map->regions.n, n_units, &map->of_unit));
done:
    free(keep);
    free(side);
    free(number);
    return status;
}

static wg_status allocate(wg_context *ctx, wg_atoms *atoms, uint32_t n, uint32_t n_buildings) {
    atoms->n_units = n;
    atoms->n_buildings = n_buildings;
    atoms->kind = wg_calloc(n, sizeof *atoms->kind);
    atoms->compound = wg_calloc(n, sizeof *atoms->compound);
    atoms->dedicated = wg_calloc(n, sizeof *atoms->dedicated);
    atoms->block = wg_calloc(n, sizeof *atoms->block);
    atoms->area_m2 = wg_calloc(n, sizeof *atoms->area_m2);
    atoms->outer_m = wg_calloc(n, sizeof *atoms->outer_m);
    atoms->x = wg_calloc(n, sizeof *atoms->x);
    atoms->y = wg_calloc(n, sizeof *atoms->y);
    atoms->barrier_surface = wg_calloc(n, sizeof *atoms->barrier_surface);
    atoms->building_unit = wg_calloc(n_buildings, sizeof *atoms->building_unit);
    const bool enough = atoms->kind && atoms->compound && atoms->dedicated && atoms->block && atoms->area_m2 && atoms->outer_m &&
                        atoms->x && atoms->y && atoms->barrier_surface && atoms->building_unit;
    return enough ? WG_OK : wg_fail_memory(ctx);
}

/** Inner point of a unit's largest part. */
static wg_status place_unit(wg_context *ctx, const struct wg_atoms_map *map, uint32_t unit, wg_atoms *atoms) {
    const wg_regions *regions = &map->regions;
    wg_shape shape = {0};
    uint32_t best = map->of_unit.item[map->of_unit.first[unit]];
    for (uint32_t i = map->of_unit.first[unit]; i < map->of_unit.first[unit + 1]; i++) {
        best = regions->area[map->of_unit.item[i]] > regions->area[best] ? map->of_unit.item[i] : best;
    }
    bool enough = true;
    for (uint32_t ring = regions->ring_first[best]; ring < regions->ring_first[best + 1] && enough; ring++) {
        const uint32_t from = regions->half_first[ring], n = regions->half_first[ring + 1] - from;
        enough = WG_RESERVE(shape.point, shape.point_capacity, shape.n_points + n) &&
                 WG_RESERVE(shape.run, shape.run_capacity, shape.n_runs + 1);
        if (enough) {
            shape.run[shape.n_runs++] = (wg_run){shape.n_points, n, 0, WG_WKB_POLYGON, ring > regions->ring_first[best]};
            for (uint32_t i = 0; i < n; i++) {
                shape.point[shape.n_points++] = map->plane.point[map->plane.end[regions->half[from + i]]];
            }
        }
    }
    enough = enough && wg_shape_inner_point(&shape, &atoms->x[unit], &atoms->y[unit]);
    wg_shape_release(&shape);
    atoms->x[unit] *= map->lattice.step;
    atoms->y[unit] *= map->lattice.step;
    return enough ? WG_OK : wg_fail_memory(ctx);
}

/** Compounds that stayed in one piece. */
static void mark_compounds(const wg_work *w, const uint32_t *unit_piece, wg_atoms *atoms) {
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        const uint32_t block = w->piece_block[unit_piece[u]];
        const wg_over *over = &w->block_over[block];
        atoms->compound[u] = over->compound != WG_NONE ? over->compound : WG_UNASSIGNED;
        atoms->dedicated[u] = over->dedicated != WG_NONE ? over->dedicated : WG_UNASSIGNED;
        atoms->block[u] = block;
        const bool built = over->footprint != WG_NONE;
        if (over->given != WG_NONE) {
            atoms->kind[u] = WG_UNIT_GIVEN;
        } else if (over->compound != WG_NONE && over->surface == WG_NONE) {
            atoms->kind[u] = w->compound_divided[block] ? WG_UNIT_TILE : WG_UNIT_COMPOUND;
        } else if (!built) {
            atoms->kind[u] = WG_UNIT_LAND;
            atoms->barrier_surface[u] = over->surface != WG_NONE;
        } else {
            atoms->kind[u] = w->heavy[block] ? WG_UNIT_TILE : WG_UNIT_BLOCK;
        }
    }
}

/** A stretch of line between two units: half-edges of the lower one's ring. */
typedef struct stretch {
    uint32_t u, v, first, n;
} stretch;

static int compare_stretches(const void *a, const void *b) {
    const stretch *x = a, *y = b;
    if (x->u != y->u) {
        return x->u < y->u ? -1 : 1;
    }
    if (x->v != y->v) {
        return x->v < y->v ? -1 : 1;
    }
    return (x->first > y->first) - (x->first < y->first);
}

typedef struct stretch_list {
    stretch *item;
    size_t n, capacity;
    uint32_t *half;
    size_t n_half, half_capacity;
} stretch_list;

/** Stretches of one ring; it is turned so that it begins where the neighbour changes. */
static bool cut_ring(const struct wg_atoms_map *map, const uint32_t *half, uint32_t n, stretch_list *list) {
    const wg_plane *plane = &map->plane;
    const uint32_t u = map->unit[plane->face[half[0]]];
    uint32_t start = 0;
    while (start < n && map->unit[plane->face[half[start] ^ 1]] == map->unit[plane->face[half[(start + n - 1) % n] ^ 1]]) {
        start++;
    }
    start = start < n ? start : 0;
    stretch *open = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t h = half[(start + i) % n], v = map->unit[plane->face[h ^ 1]];
        if (v == WG_NONE || v <= u) {
            open = NULL;
            continue;
        }
        if (open == NULL || open->v != v) {
            if (!WG_RESERVE(list->item, list->capacity, list->n + 1)) {
                return false;
            }
            open = &list->item[list->n++];
            *open = (stretch){u, v, (uint32_t)list->n_half, 0};
        }
        if (!WG_RESERVE(list->half, list->half_capacity, list->n_half + 1)) {
            return false;
        }
        list->half[list->n_half++] = h;
        open->n++;
    }
    return true;
}

static wg_status collect_stretches(wg_context *ctx, const struct wg_atoms_map *map, stretch_list *list) {
    const wg_regions *regions = &map->regions;
    for (uint32_t ring = 0; ring < regions->n_rings; ring++) {
        const uint32_t from = regions->half_first[ring];
        if (!cut_ring(map, regions->half + from, regions->half_first[ring + 1] - from, list)) {
            return wg_fail_memory(ctx);
        }
    }
    if (list->n > 1) {
        qsort(list->item, list->n, sizeof *list->item, compare_stretches);
    }
    return WG_OK;
}

/** One edge of the graph: its length by rank. */
static wg_edge weigh_edge(const wg_work *w, const struct wg_atoms_map *map, const stretch_list *list, size_t first, size_t end,
                          double *street_m) {
    double soft[10] = {0}, hard = 0, total = 0;
    for (size_t s = first; s < end; s++) {
        for (uint32_t i = 0; i < list->item[s].n; i++) {
            const uint32_t e = list->half[list->item[s].first + i] / 2;
            uint8_t rank;
            bool is_hard;
            wg_work_rank(w, e, &rank, &is_hard);
            const double length = wg_plane_length(&map->plane, e) / w->per_m;
            soft[rank] += length;
            hard += is_hard ? length : 0;
            total += length;
        }
    }
    *street_m = total - soft[0];
    wg_edge edge = {list->item[first].u, list->item[first].v, total, 0, hard > total * (1 - 1e-9)};
    double sum = 0;
    for (uint8_t r = 1; r < 10 && edge.rank == 0; r++) {
        sum += soft[r];
        edge.rank = sum > 0 && sum >= total / 2 ? r : 0;
    }
    return edge;
}

static wg_status make_edges(wg_work *w, const struct wg_atoms_map *map, const stretch_list *list, wg_atoms *atoms) {
    atoms->edges = wg_malloc(list->n, sizeof *atoms->edges);
    atoms->edge_street_m = wg_malloc(list->n, sizeof *atoms->edge_street_m);
    if (atoms->edges == NULL || atoms->edge_street_m == NULL) {
        return wg_fail_memory(w->ctx);
    }
    for (size_t s = 0; s < list->n;) {
        size_t end = s + 1;
        while (end < list->n && list->item[end].u == list->item[s].u && list->item[end].v == list->item[s].v) {
            end++;
        }
        atoms->edges[atoms->n_edges] = weigh_edge(w, map, list, s, end, &atoms->edge_street_m[atoms->n_edges]);
        atoms->n_edges++;
        s = end;
    }
    return WG_OK;
}

/** Replace a layer's geometries by those in `wkb`, rows at `offset`. Takes both. */
static wg_status fill_layer(wg_context *ctx, wg_layer **layer, const char *name, const char *crs, size_t n, wg_buffer *wkb,
                            size_t *offset) {
    wg_status status = WG_OK;
    if (wkb->failed) {
        WG_TRY(wg_fail_memory(ctx));
    }
    if (*layer == NULL) {
        WG_TRY(wg_layer_new(ctx, name, crs, layer));
        for (size_t row = 0; row < n; row++) {
            WG_TRY(wg_layer_add_row(ctx, *layer, NULL, 0, NULL));
        }
    }
    offset[n] = wkb->length;
    const size_t length = wkb->length;
    uint8_t *bytes = (uint8_t *)wg_buffer_steal(wkb);
    if (bytes == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    wg_layer_take_wkb(*layer, bytes, length, offset);
    offset = NULL;
done:
    free(offset);
    wg_buffer_release(wkb);
    return status;
}

static wg_status write_units(wg_context *ctx, const char *crs, wg_atoms *atoms) {
    struct wg_atoms_map *map = atoms->map;
    wg_buffer wkb = {0};
    size_t *offset = wg_malloc((size_t)atoms->n_units + 1, sizeof *offset);
    if (offset == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        offset[u] = wkb.length;
        const uint32_t first = map->of_unit.first[u];
        wg_regions_put_parts(&wkb, &map->regions, map->of_unit.item + first, map->of_unit.first[u + 1] - first, &map->plane,
                             map->lattice, &map->woven);
    }
    return fill_layer(ctx, &atoms->units, "units", crs, atoms->n_units, &wkb, offset);
}

/** The common line of each pair of units; bridges (edges without stretches) keep their own. */
static wg_status write_edges(wg_context *ctx, const char *crs, const stretch_list *list, wg_atoms *atoms) {
    struct wg_atoms_map *map = atoms->map;
    wg_buffer wkb = {0};
    size_t at = 0;
    size_t *offset = wg_malloc((size_t)atoms->n_edges + 1, sizeof *offset);
    if (offset == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        offset[e] = wkb.length;
        size_t end = at;
        while (end < list->n && list->item[end].u == atoms->edges[e].u && list->item[end].v == atoms->edges[e].v) {
            end++;
        }
        if (end == at) {
            size_t bytes;
            const void *own = wg_layer_wkb(atoms->edge_lines, e, &bytes);
            wg_buffer_append(&wkb, own, bytes);
            continue;
        }
        if (end - at > 1) {
            wg_wkb_put_header(&wkb, WG_WKB_MULTILINESTRING, (uint32_t)(end - at));
        }
        for (; at < end; at++) {
            const size_t header = wkb.length;
            wg_wkb_put_header(&wkb, WG_WKB_LINESTRING, 0);
            const uint32_t count = wg_woven_put(&wkb, list->half + list->item[at].first, list->item[at].n, false, &map->plane,
                                                map->lattice, &map->woven);
            if (!wkb.failed) {
                memcpy(wkb.data + header + 5, &count, sizeof count);
            }
        }
    }
    return fill_layer(ctx, &atoms->edge_lines, "edges", crs, atoms->n_edges, &wkb, offset);
}

wg_status wg_atoms_write(wg_context *ctx, wg_atoms *atoms) {
    stretch_list list = {0};
    wg_status status = WG_OK;
    const char *crs = wg_layer_crs(atoms->units);
    WG_TRY(collect_stretches(ctx, atoms->map, &list));
    WG_TRY(write_units(ctx, crs, atoms));
    WG_TRY(write_edges(ctx, crs, &list, atoms));
done:
    free(list.item);
    free(list.half);
    return status;
}

/** Count and list the buildings whose outline became a boundary because a line would have cut them. */
static wg_status list_led_around(wg_work *w, const wg_plane *plane, wg_atoms *atoms) {
    wg_status status = WG_OK;
    bool *seen = wg_calloc(w->n_buildings, sizeof *seen);
    if (seen == NULL) {
        return wg_fail_memory(w->ctx);
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        bool line = false;
        uint32_t footprint = WG_NONE;
        for (uint32_t t = plane->tag_first[e]; t < plane->tag_first[e + 1]; t++) {
            const bool around = wg_line_kind(plane->tag[t]) == WG_LINE_AROUND;
            line |= !around;
            footprint = around ? wg_line_number(plane->tag[t]) : footprint;
        }
        if (!line && footprint != WG_NONE) {
            seen[w->footprint[footprint].building] = true;
        }
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        if (!seen[b]) {
            continue;
        }
        char name[32];
        const size_t row = w->row[b];
        atoms->led_around++;
        WG_TRY(wg_exceptions_add(w->ctx, w->exceptions, "buildings",
                                 wg_row_name(w->city->buildings, row, w->city->building_id, name), "line_led_around",
                                 w->city->placement->x[row], w->city->placement->y[row], "check the line and the footprint",
                                 "a line passes through the building; the boundary was led around it"));
    }
done:
    free(seen);
    return status;
}

static wg_status find_borders(wg_work *w, struct wg_atoms_map *map) {
    map->border = wg_malloc(map->plane.n_edges, sizeof *map->border);
    map->woven.point = wg_calloc(map->plane.n_edges, sizeof *map->woven.point);
    map->woven.n = wg_calloc(map->plane.n_edges, sizeof *map->woven.n);
    if (map->border == NULL || map->woven.point == NULL || map->woven.n == NULL) {
        return wg_fail_memory(w->ctx);
    }
    for (uint32_t e = 0; e < map->plane.n_edges; e++) {
        map->border[e] = WG_NONE;
        for (uint32_t t = map->plane.tag_first[e]; t < map->plane.tag_first[e + 1]; t++) {
            if (wg_line_kind(map->plane.tag[t]) == WG_LINE_REFERENCE) {
                map->border[e] = wg_line_number(map->plane.tag[t]);
            }
        }
    }
    return WG_OK;
}

wg_status wg_work_assemble(wg_work *w, wg_atoms *atoms) {
    stretch_list list = {0};
    wg_status status = WG_OK;
    struct wg_atoms_map *map = atoms->map = wg_calloc(1, sizeof *map);
    uint32_t *unit_piece = wg_malloc(w->n_pieces, sizeof *unit_piece);
    if (map == NULL || unit_piece == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    map->lattice = w->index->lattice;
    WG_TRY(make_map(w, map, unit_piece));
    map->plane = w->plane; /* shared until the end: ranks are read through the work */
    uint32_t n_units = 0;
    for (uint32_t r = 0; r < map->regions.n; r++) {
        n_units = map->regions.label[r] >= n_units ? map->regions.label[r] + 1 : n_units;
    }
    WG_TRY(allocate(w->ctx, atoms, n_units, w->n_buildings));
    mark_compounds(w, unit_piece, atoms);
    const double step = map->lattice.step;
    for (uint32_t r = 0; r < map->regions.n; r++) {
        atoms->area_m2[map->regions.label[r]] += map->regions.area[r] * step * step;
    }
    for (uint32_t e = 0; e < map->plane.n_edges; e++) {
        const uint32_t left = map->unit[map->plane.face[2 * e]], right = map->unit[map->plane.face[2 * e + 1]];
        if (left == WG_NONE || right == WG_NONE) {
            atoms->outer_m[left == WG_NONE ? right : left] += wg_plane_length(&map->plane, e) * step;
        }
    }
    for (uint32_t u = 0; u < n_units; u++) {
        WG_TRY(place_unit(w->ctx, map, u, atoms));
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        atoms->building_unit[b] = w->building_piece[b] != WG_NONE ? w->building_piece[b] : WG_UNASSIGNED;
    }
    WG_TRY(list_led_around(w, &map->plane, atoms));
    WG_TRY(find_borders(w, map));
    WG_TRY(collect_stretches(w->ctx, map, &list));
    WG_TRY(make_edges(w, map, &list, atoms));
    const char *crs = wg_layer_crs(w->city->reference->layer);
    WG_TRY(write_units(w->ctx, crs, atoms));
    WG_TRY(write_edges(w->ctx, crs, &list, atoms));
done:
    if (map != NULL && map->plane.point != NULL) {
        w->plane = (wg_plane){0};
    }
    free(unit_piece);
    free(list.item);
    free(list.half);
    return status;
}
