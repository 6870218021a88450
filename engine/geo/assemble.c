#include <string.h>

#include "geo/work.h"

/** Keep only the boundaries of pieces, and number the units in the order of their first line. */
static wg_status keep_boundaries(wg_work *w, uint32_t *unit_piece, uint32_t *n_units, uint32_t **unit) {
    wg_plane *plane = &w->plane;
    wg_status status = WG_OK;
    bool *keep = wg_malloc(plane->n_edges, sizeof *keep);
    uint32_t *side = wg_malloc((size_t)plane->n_edges * 2, sizeof *side);
    uint32_t *number = wg_malloc(w->n_pieces, sizeof *number);
    uint32_t n = 0;
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
    *unit = wg_malloc(plane->n_faces, sizeof **unit);
    if (*unit == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    memset(*unit, 0xff, plane->n_faces * sizeof **unit);
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        const uint32_t piece = side[h];
        if (piece == WG_NONE) {
            continue;
        }
        if (number[piece] == WG_NONE) {
            unit_piece[*n_units] = piece;
            number[piece] = (*n_units)++;
        }
        (*unit)[plane->face[h]] = number[piece];
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        uint32_t *at = &w->building_piece[b];
        *at = *at != WG_NONE ? number[*at] : WG_NONE;
    }
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
    const bool enough = atoms->kind && atoms->compound && atoms->dedicated && atoms->block && atoms->area_m2 &&
                        atoms->outer_m && atoms->x && atoms->y && atoms->barrier_surface && atoms->building_unit;
    return enough ? WG_OK : wg_fail_memory(ctx);
}

/** What the units are, from the blocks that they are pieces of. */
static void describe_units(const wg_work *w, const uint32_t *unit_piece, wg_atoms *atoms) {
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

/** Count and list the buildings whose outline became a boundary because a line would have cut them. */
static wg_status list_led_around(wg_work *w, wg_atoms *atoms) {
    const wg_plane *plane = &w->plane;
    wg_status status = WG_OK;
    bool *seen = wg_calloc(w->n_buildings, sizeof *seen);
    if (seen == NULL) {
        return wg_fail_memory(w->ctx);
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        bool line = false;
        uint32_t footprint = WG_NONE;
        for (uint32_t t = plane->tag_first[e]; t < plane->tag_first[e + 1]; t++) {
            const uint32_t kind = wg_line_kind(plane->tag[t]);
            const bool around = kind == WG_LINE_AROUND || kind == WG_LINE_FOOTPRINT;
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
        const uint32_t main = w->main_footprint[b];
        const bool torn = main != WG_NONE && w->torn != NULL && w->torn[w->footprint[main].cluster];
        atoms->led_around++;
        WG_TRY(wg_exceptions_add(
            w->ctx, w->exceptions, "buildings", wg_row_name(w->city->buildings, row, w->city->building_id, name),
            "line_led_around", w->city->placement->x[row], w->city->placement->y[row],
            "check the line and the footprint", "a line passes through the building; the boundary was led around it%s",
            torn ? ", which leaves the land beyond it in two parts" : ""));
    }
done:
    free(seen);
    return status;
}

/** What is known of each line, so that the tags are not needed any more. */
static wg_status describe_lines(wg_work *w, struct wg_atoms_map *map) {
    const wg_plane *plane = &w->plane;
    map->rank = wg_malloc(plane->n_edges, sizeof *map->rank);
    map->hard = wg_malloc(plane->n_edges, sizeof *map->hard);
    map->border = wg_malloc(plane->n_edges, sizeof *map->border);
    if (map->rank == NULL || map->hard == NULL || map->border == NULL) {
        return wg_fail_memory(w->ctx);
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        wg_work_rank(w, e, &map->rank[e], &map->hard[e]);
        map->border[e] = WG_NONE;
        for (uint32_t t = plane->tag_first[e]; t < plane->tag_first[e + 1]; t++) {
            if (wg_line_kind(plane->tag[t]) == WG_LINE_REFERENCE) {
                map->border[e] = wg_line_number(plane->tag[t]);
            }
        }
    }
    return WG_OK;
}

wg_status wg_work_assemble(wg_work *w, wg_atoms *atoms) {
    wg_status status = WG_OK;
    uint32_t n_units = 0;
    const char *crs = wg_layer_crs(w->city->reference->layer);
    struct wg_atoms_map *map = atoms->map = wg_calloc(1, sizeof *map);
    uint32_t *unit_piece = wg_malloc(w->n_pieces, sizeof *unit_piece);
    if (map == NULL || unit_piece == NULL || (crs != NULL && (map->crs = wg_strdup(crs)) == NULL)) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    map->lattice = w->index->lattice;
    WG_TRY(keep_boundaries(w, unit_piece, &n_units, &map->unit));
    WG_TRY(allocate(w->ctx, atoms, n_units, w->n_buildings));
    describe_units(w, unit_piece, atoms);
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        atoms->building_unit[b] = w->building_piece[b] != WG_NONE ? w->building_piece[b] : WG_UNASSIGNED;
    }
    WG_TRY(list_led_around(w, atoms));
    WG_TRY(describe_lines(w, map));
    map->plane = w->plane;
    w->plane = (wg_plane){0};
    WG_TRY(wg_work_bridge(w, atoms, map));
    WG_TRY(wg_atoms_draw(w->ctx, atoms));
done:
    free(unit_piece);
    return status;
}
