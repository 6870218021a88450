#include "geo/atoms.h"

#include "geo/work.h"

void wg_atoms_map_free(struct wg_atoms_map *map) {
    if (map == NULL) {
        return;
    }
    free(map->crs);
    free(map->unit);
    free(map->rank);
    free(map->hard);
    free(map->border);
    free(map->bridge);
    free(map->span);
    wg_plane_release(&map->plane);
    free(map);
}

void wg_atoms_free(wg_atoms *atoms) {
    if (atoms == NULL) {
        return;
    }
    wg_layer_free(atoms->units);
    wg_layer_free(atoms->edge_lines);
    free(atoms->kind);
    free(atoms->compound);
    free(atoms->dedicated);
    free(atoms->block);
    free(atoms->area_m2);
    free(atoms->outer_m);
    free(atoms->x);
    free(atoms->y);
    free(atoms->barrier_surface);
    free(atoms->edges);
    free(atoms->edge_street_m);
    free(atoms->building_unit);
    wg_exceptions_release(&atoms->exceptions);
    wg_atoms_map_free(atoms->map);
    free(atoms);
}

wg_status wg_atoms_build(wg_context *ctx, const wg_city *city, const wg_city_index *index, uint32_t community,
                         wg_atoms **out) {
    wg_segments tiles = {0};
    wg_status status = WG_OK;
    wg_atoms *atoms = wg_calloc(1, sizeof *atoms);
    if (atoms == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_work work = {.ctx = ctx, .city = city, .index = index, .community = community, .exceptions = &atoms->exceptions};
    atoms->community = community;
    WG_TRY(wg_work_gather(&work));
    WG_TRY(wg_work_blocks(&work));
    WG_TRY(wg_work_tessellate(&work, &tiles));
    WG_TRY(wg_work_divide(&work, &tiles));
    WG_TRY(wg_work_assemble(&work, atoms));
    *out = atoms;
    atoms = NULL;
done:
    free(tiles.item);
    wg_work_release(&work);
    wg_atoms_free(atoms);
    return status;
}
