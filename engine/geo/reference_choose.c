/* A reference of some communities of another one. */
#include <string.h>

#include "geo/border.h"

/** The lines that a chosen community lies on, and whose sides they are. */
static wg_status take_lines(wg_context *ctx, const wg_reference *from, const bool *chosen, wg_reference *to) {
    const wg_plane *all = &from->plane;
    wg_plane *plane = &to->plane;
    wg_status status = WG_OK;
    const size_t n_tags = all->tag_first[all->n_edges];
    bool *keep = wg_malloc(all->n_edges, sizeof *keep);
    uint32_t *number = wg_malloc(from->layer->n, sizeof *number), n = 0, sides = 0;
    plane->point = wg_malloc(all->n_points, sizeof *plane->point);
    plane->end = wg_malloc((size_t)all->n_edges * 2, sizeof *plane->end);
    plane->tag_first = wg_malloc((size_t)all->n_edges + 1, sizeof *plane->tag_first);
    plane->tag = wg_malloc(n_tags, sizeof *plane->tag);
    to->owner = wg_malloc((size_t)all->n_edges * 2, sizeof *to->owner);
    if (keep == NULL || number == NULL || plane->point == NULL || plane->end == NULL || plane->tag_first == NULL ||
        plane->tag == NULL || to->owner == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t row = 0; row < from->layer->n; row++) {
        number[row] = chosen[row] ? n++ : WG_NONE;
    }
    plane->n_points = all->n_points;
    plane->n_edges = all->n_edges;
    memcpy(plane->point, all->point, all->n_points * sizeof *plane->point);
    memcpy(plane->end, all->end, (size_t)all->n_edges * 2 * sizeof *plane->end);
    memcpy(plane->tag_first, all->tag_first, ((size_t)all->n_edges + 1) * sizeof *plane->tag_first);
    memcpy(plane->tag, all->tag, n_tags * sizeof *plane->tag);
    for (uint32_t e = 0; e < all->n_edges; e++) {
        const uint32_t *side = &from->owner[(size_t)2 * e];
        const uint32_t left = side[0] == WG_NONE ? WG_NONE : number[side[0]],
                       right = side[1] == WG_NONE ? WG_NONE : number[side[1]];
        keep[e] = left != WG_NONE || right != WG_NONE;
        if (keep[e]) {
            to->owner[sides++] = left;
            to->owner[sides++] = right;
        }
    }
    status = wg_plane_filter(ctx, plane, keep);
done:
    free(keep);
    free(number);
    return status;
}

wg_status wg_reference_choose(wg_context *ctx, const wg_reference *from, const bool *keep, wg_reference **reference) {
    wg_status status = WG_OK;
    wg_reference *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->lattice = from->lattice;
    WG_TRY(wg_layer_copy(ctx, from->layer, keep, &made->layer));
    WG_TRY(take_lines(ctx, from, keep, made));
    WG_TRY(wg_reference_trace(ctx, made));
    *reference = made;
    made = NULL;
done:
    wg_reference_free(made);
    return status;
}
