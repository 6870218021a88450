#include "geo/border.h"

#include <string.h>

#include "model/wkb.h"

void wg_reference_free(wg_reference *reference) {
    if (reference == NULL) {
        return;
    }
    for (uint32_t e = 0; reference->woven != NULL && e < reference->plane.n_edges; e++) {
        free(reference->woven[e]);
    }
    free(reference->woven);
    free(reference->n_woven);
    free(reference->owner);
    free(reference->box);
    wg_finder_release(&reference->finder);
    wg_lists_release(&reference->of_community);
    wg_lists_release(&reference->regions_of);
    wg_regions_release(&reference->regions);
    wg_plane_release(&reference->plane);
    wg_layer_free(reference->layer);
    free(reference);
}

const wg_layer *wg_reference_layer(const wg_reference *reference) {
    return reference->layer;
}

uint32_t wg_reference_find(const wg_reference *reference, wg_ipt p) {
    const uint32_t half = wg_finder_find(&reference->finder, p);
    return half != WG_NONE ? reference->owner[half] : WG_NONE;
}

/** Append the ring of half-edges with the woven points in it. */
static void put_ring(wg_buffer *out, const wg_reference *reference, const uint32_t *half, uint32_t n) {
    const wg_plane *plane = &reference->plane;
    uint32_t count = n + 1;
    for (uint32_t i = 0; i < n; i++) {
        count += reference->n_woven[half[i] / 2];
    }
    wg_wkb_put_u32(out, count);
    for (uint32_t i = 0; i <= n; i++) {
        const uint32_t h = half[i < n ? i : 0];
        const wg_ipt p = plane->point[plane->end[h]];
        const uint32_t extra = i < n ? reference->n_woven[h / 2] : 0;
        double xy[2] = {wg_lattice_metres(reference->lattice, p.x), wg_lattice_metres(reference->lattice, p.y)};
        wg_wkb_put_pairs(out, xy, 1);
        for (uint32_t k = 0; k < extra; k++) {
            const wg_ipt q = reference->woven[h / 2][h % 2 == 0 ? k : extra - 1 - k];
            xy[0] = wg_lattice_metres(reference->lattice, q.x);
            xy[1] = wg_lattice_metres(reference->lattice, q.y);
            wg_wkb_put_pairs(out, xy, 1);
        }
    }
}

static void put_polygon(wg_buffer *out, const wg_reference *reference, uint32_t region) {
    const wg_regions *regions = &reference->regions;
    const uint32_t first = regions->ring_first[region], end = regions->ring_first[region + 1];
    wg_wkb_put_header(out, WG_WKB_POLYGON, end - first);
    for (uint32_t ring = first; ring < end; ring++) {
        put_ring(out, reference, regions->half + regions->half_first[ring],
                 regions->half_first[ring + 1] - regions->half_first[ring]);
    }
}

wg_status wg_reference_write(wg_context *ctx, wg_reference *reference) {
    const size_t n = reference->layer->n;
    wg_buffer out = {0};
    size_t *offset = wg_malloc(n + 1, sizeof *offset);
    if (offset == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < n; row++) {
        offset[row] = out.length;
        uint32_t *list = reference->regions_of.item + reference->regions_of.first[row];
        const uint32_t parts = reference->regions_of.first[row + 1] - reference->regions_of.first[row];
        for (uint32_t i = 1; i < parts; i++) { /* largest part first */
            const uint32_t region = list[i];
            uint32_t at = i;
            for (; at > 0 && reference->regions.area[list[at - 1]] < reference->regions.area[region]; at--) {
                list[at] = list[at - 1];
            }
            list[at] = region;
        }
        if (parts > 1) {
            wg_wkb_put_header(&out, WG_WKB_MULTIPOLYGON, parts);
        }
        for (uint32_t i = 0; i < parts; i++) {
            put_polygon(&out, reference, list[i]);
        }
    }
    offset[n] = out.length;
    if (out.failed) {
        free(offset);
        wg_buffer_release(&out);
        return wg_fail_memory(ctx);
    }
    const size_t length = out.length;
    wg_layer_take_wkb(reference->layer, (uint8_t *)wg_buffer_steal(&out), length, offset);
    return WG_OK;
}
