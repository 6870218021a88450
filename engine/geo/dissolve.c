#include <string.h>

#include "geo/map.h"

wg_status wg_atoms_dissolve(wg_context *ctx, const wg_atoms *atoms, const uint32_t *label, uint32_t n_cells,
                            wg_layer **cells) {
    const struct wg_atoms_map *map = atoms->map;
    wg_regions regions = {0};
    wg_lists parts = {0};
    wg_buffer wkb = {0};
    wg_layer *layer = NULL;
    size_t *offset = NULL;
    wg_status status = WG_OK;
    uint32_t *of_face = wg_malloc(map->plane.n_faces, sizeof *of_face);
    if (of_face == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        if (label[u] >= n_cells) {
            WG_TRY(wg_fail(ctx, WG_EINVAL, "unit %u has label %u; there are %u cells", u, label[u], n_cells));
        }
    }
    for (uint32_t f = 0; f < map->plane.n_faces; f++) {
        of_face[f] = map->unit[f] != WG_NONE ? label[map->unit[f]] : WG_NONE;
    }
    WG_TRY(wg_regions_of(ctx, &map->plane, of_face, &regions));
    WG_TRY(wg_lists_of(ctx, regions.label, regions.n, n_cells, &parts));
    WG_TRY(wg_layer_new(ctx, "cells", wg_layer_crs(atoms->units), &layer));
    offset = wg_malloc((size_t)n_cells + 1, sizeof *offset);
    if (offset == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t c = 0; c < n_cells; c++) {
        offset[c] = wkb.length;
        WG_TRY(wg_layer_add_row(ctx, layer, NULL, 0, NULL));
        if (parts.first[c + 1] > parts.first[c]) { /* a cell without units has no geometry */
            wg_regions_put_parts(&wkb, &regions, parts.item + parts.first[c], parts.first[c + 1] - parts.first[c],
                                 &map->plane, map->lattice, NULL);
        }
    }
    offset[n_cells] = wkb.length;
    const size_t length = wkb.length;
    uint8_t *bytes = (uint8_t *)wg_buffer_steal(&wkb);
    if (bytes == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    wg_layer_take_wkb(layer, bytes, length, offset);
    offset = NULL;
    *cells = layer;
    layer = NULL;
done:
    free(of_face);
    free(offset);
    wg_buffer_release(&wkb);
    wg_regions_release(&regions);
    wg_lists_release(&parts);
    wg_layer_free(layer);
    return status;
}
