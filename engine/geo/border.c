#include "geo/border.h"

#include <string.h>

#include "model/wkb.h"

void wg_reference_free(wg_reference *reference) {
    if (reference == NULL) {
        return;
    }
    wg_woven_release(&reference->woven, reference->plane.n_edges);
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

wg_status wg_reference_write(wg_context *ctx, wg_reference *reference, wg_layer *const *outline) {
    const size_t n = reference->layer->n;
    wg_buffer out = {0};
    size_t *offset = wg_malloc(n + 1, sizeof *offset);
    if (offset == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < n; row++) {
        offset[row] = out.length;
        if (outline != NULL && outline[row] != NULL) {
            size_t bytes;
            const void *wkb = wg_layer_wkb(outline[row], 0, &bytes);
            wg_buffer_append(&out, wkb, bytes);
            continue;
        }
        const uint32_t first = reference->regions_of.first[row];
        wg_regions_put_parts(&out, &reference->regions, reference->regions_of.item + first,
                             reference->regions_of.first[row + 1] - first, &reference->plane, reference->lattice,
                             &reference->woven);
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
