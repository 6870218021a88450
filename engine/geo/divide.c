#include <string.h>

#include "geo/merge.h"
#include "geo/settle.h"
#include "geo/work.h"

/** The new planar map, and what is known of its faces from the old one. */
typedef struct divider {
    wg_work *w;
    const wg_plane *old;
    wg_plane plane;
    uint32_t *block;    /**< a new face */
    wg_over *over;      /**< a new face */
    uint32_t *covering; /**< footprints over the present face of the walk, sorted */
    size_t n_covering, capacity;
    bool failed;
} divider;

/** The old lines that still divide, the tiles, and the rings of footprints that tiles touch. */
static wg_status collect_lines(divider *d, const wg_segments *tiles, wg_segments *lines) {
    wg_work *w = d->w;
    wg_segments rings = {0};
    wg_status status = WG_OK;
    for (uint32_t e = 0; e < d->old->n_edges; e++) {
        if (w->block[d->old->face[2 * e]] != w->block[d->old->face[2 * e + 1]] &&
            !wg_segments_add(lines, d->old->point[d->old->end[2 * e]], d->old->point[d->old->end[2 * e + 1]],
                             wg_line_tag(WG_LINE_EDGE, e))) {
            WG_TRY(wg_fail_memory(w->ctx));
        }
    }
    for (uint32_t i = 0; i < w->n_footprints; i++) {
        w->footprint[i].crossed = false;
    }
    WG_TRY(wg_work_cross(w, tiles, &rings));
    for (size_t i = 0; i < tiles->n + rings.n; i++) {
        const wg_segment s = i < tiles->n ? tiles->item[i] : rings.item[i - tiles->n];
        if (!wg_segments_add(lines, s.a, s.b, s.tag)) {
            WG_TRY(wg_fail_memory(w->ctx));
        }
    }
done:
    free(rings.item);
    return status;
}

static void toggle(divider *d, uint32_t footprint) {
    size_t at = 0;
    while (at < d->n_covering && d->covering[at] < footprint) {
        at++;
    }
    if (at < d->n_covering && d->covering[at] == footprint) {
        memmove(d->covering + at, d->covering + at + 1, (d->n_covering - at - 1) * sizeof *d->covering);
        d->n_covering--;
        return;
    }
    if (!WG_RESERVE(d->covering, d->capacity, d->n_covering + 1)) {
        d->failed = true;
        return;
    }
    memmove(d->covering + at + 1, d->covering + at, (d->n_covering - at) * sizeof *d->covering);
    d->covering[at] = footprint;
    d->n_covering++;
}

static void step_face(uint32_t face, uint32_t edge, bool back, void *user) {
    divider *d = user;
    for (uint32_t t = edge != WG_NONE ? d->plane.tag_first[edge] : 0;
         edge != WG_NONE && t < d->plane.tag_first[edge + 1]; t++) {
        if (wg_line_kind(d->plane.tag[t]) == WG_LINE_FOOTPRINT) {
            toggle(d, wg_line_number(d->plane.tag[t]));
        }
    }
    if (back) {
        return;
    }
    const uint32_t footprint = d->n_covering > 0 ? d->covering[0] : WG_NONE;
    d->over[face] = (wg_over){d->block[face] != WG_NONE, WG_NONE, WG_NONE, WG_NONE, WG_NONE, footprint};
}

static wg_status make_plane(divider *d, const wg_segments *lines) {
    wg_status status = WG_OK;
    bool *keep = NULL;
    WG_TRY(wg_plane_node(d->w->ctx, lines->item, lines->n, &d->plane));
    keep = wg_malloc(d->plane.n_edges, sizeof *keep);
    if (keep == NULL) {
        WG_TRY(wg_fail_memory(d->w->ctx));
    }
    memset(keep, true, d->plane.n_edges * sizeof *keep);
    WG_TRY(wg_plane_trim(d->w->ctx, &d->plane, keep));
    WG_TRY(wg_plane_filter(d->w->ctx, &d->plane, keep));
    WG_TRY(wg_plane_trace(d->w->ctx, &d->plane));
    d->block = wg_malloc(d->plane.n_faces, sizeof *d->block);
    d->over = wg_malloc(d->plane.n_faces, sizeof *d->over);
    if (d->block == NULL || d->over == NULL) {
        WG_TRY(wg_fail_memory(d->w->ctx));
    }
    WG_TRY(wg_carry_labels(d->w->ctx, d->old, d->w->block, &d->plane, WG_LINE_EDGE, d->block));
    WG_TRY(wg_plane_walk(d->w->ctx, &d->plane, step_face, d));
    if (d->failed) {
        WG_TRY(wg_fail_memory(d->w->ctx));
    }
done:
    free(keep);
    return status;
}

/** Whether the edge divides its block: a tessellation line of that very block. Elsewhere such a line means nothing. */
static bool divides(const wg_plane *plane, uint32_t edge, uint32_t block) {
    for (uint32_t t = plane->tag_first[edge]; t < plane->tag_first[edge + 1]; t++) {
        if (plane->tag[t] == wg_line_tag(WG_LINE_TILE, block)) {
            return true;
        }
    }
    return false;
}

static void join_faces(const divider *d, uint32_t *label) {
    for (uint32_t f = 0; f < d->plane.n_faces; f++) {
        label[f] = f;
    }
    for (uint32_t e = 0; e < d->plane.n_edges; e++) {
        const uint32_t left = d->plane.face[2 * e], right = d->plane.face[2 * e + 1];
        if (d->block[left] == d->block[right] && d->block[left] != WG_NONE && !divides(&d->plane, e, d->block[left])) {
            wg_sets_join(label, left, right);
        }
    }
    for (uint32_t f = 0; f < d->plane.n_faces; f++) {
        label[f] = d->block[f] != WG_NONE ? wg_sets_find(label, f) : WG_NONE;
    }
}

/** Area of the largest piece of each block. */
static double *largest_pieces(const divider *d, const wg_regions *regions) {
    double *largest = wg_calloc(d->w->n_blocks, sizeof *largest);
    for (uint32_t r = 0; largest != NULL && r < regions->n; r++) {
        double *own = &largest[d->block[regions->label[r]]];
        *own = regions->area[r] > *own ? regions->area[r] : *own;
    }
    return largest;
}

/**
 * Pieces of one block that hold no building, and slivers, join a neighbour of their block. A crumb that noding again
 * has cut off its block joins whatever it lies beside: alone it could vanish when lines move by a grid step.
 */
static wg_status join_pieces(divider *d, const wg_regions *regions, wg_plots *plots) {
    wg_work *w = d->w;
    wg_status status = WG_OK;
    const double sliver = w->index->options.sliver_m2 * w->per_m * w->per_m;
    double *largest = largest_pieces(d, regions);
    if (largest == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    for (uint32_t r = 0; r < regions->n; r++) {
        const uint32_t block = d->block[regions->label[r]];
        wg_plot *plot = &plots->plot[r];
        plot->area = regions->area[r];
        plot->compound = block;
        plot->dedicated = plot->surface = WG_NONE;
        const bool crumb = plot->area < sliver && (w->strip[block] || plot->area < largest[block]);
        plot->given = w->heavy[block] || crumb ? WG_NONE : block;
    }
    for (uint32_t e = 0; e < d->plane.n_edges; e++) {
        const uint32_t a = regions->of_face[d->plane.face[2 * e]], b = regions->of_face[d->plane.face[2 * e + 1]];
        if (a == b) {
            continue;
        }
        if (a == WG_NONE || b == WG_NONE) {
            plots->plot[a == WG_NONE ? b : a].perimeter += wg_plane_length(&d->plane, e);
        } else {
            WG_TRY(wg_plots_touch(w->ctx, plots, a, b, wg_plane_length(&d->plane, e), 0, false));
        }
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        if (w->building_piece[b] != WG_NONE) {
            plots->plot[w->building_piece[b]].n_buildings++;
        }
    }
    const wg_merge_rules rules = {.sliver_area = sliver, .sliver_width = INFINITY}; /* any piece without a building */
    WG_TRY(wg_plots_merge_slivers(w->ctx, plots, &rules));
done:
    free(largest);
    return status;
}

static wg_status number_pieces(divider *d, const wg_regions *regions, wg_plots *plots) {
    wg_work *w = d->w;
    wg_status status = WG_OK;
    uint32_t *number = wg_malloc(plots->n, sizeof *number);
    double *largest = wg_calloc(plots->n, sizeof *largest); /* a piece: of its parts */
    w->piece = wg_malloc(d->plane.n_faces, sizeof *w->piece);
    w->piece_block = wg_malloc(plots->n, sizeof *w->piece_block);
    if (number == NULL || largest == NULL || w->piece == NULL || w->piece_block == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    for (uint32_t r = 0; r < plots->n; r++) {
        if (wg_sets_find(plots->parent, r) == r) {
            number[r] = w->n_pieces++;
        }
    }
    for (uint32_t r = 0; r < plots->n; r++) { /* a piece is of the block that most of it is of */
        const uint32_t piece = number[wg_sets_find(plots->parent, r)];
        if (regions->area[r] > largest[piece]) {
            largest[piece] = regions->area[r];
            w->piece_block[piece] = d->block[regions->label[r]];
        }
    }
    for (uint32_t f = 0; f < d->plane.n_faces; f++) {
        const uint32_t r = regions->of_face[f];
        w->piece[f] = r != WG_NONE ? number[wg_sets_find(plots->parent, r)] : WG_NONE;
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        uint32_t *at = &w->building_piece[b];
        *at = *at != WG_NONE ? number[wg_sets_find(plots->parent, *at)] : WG_NONE;
    }
done:
    free(number);
    free(largest);
    return status;
}

/** Give the edges of the new map the tags of the lines they come from. */
static wg_status inherit_tags(divider *d) {
    wg_plane *plane = &d->plane;
    uint32_t *tag = NULL;
    size_t n = 0, capacity = 0;
    uint32_t from = 0;
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t to = plane->tag_first[e + 1];
        const size_t start = n;
        for (uint32_t t = from; t < to; t++) {
            const bool old = wg_line_kind(plane->tag[t]) == WG_LINE_EDGE;
            const uint32_t edge = wg_line_number(plane->tag[t]);
            const uint32_t first = old ? d->old->tag_first[edge] : t, end = old ? d->old->tag_first[edge + 1] : t + 1;
            const uint32_t *source = old ? d->old->tag : plane->tag;
            if (!WG_RESERVE(tag, capacity, n + (end - first))) {
                free(tag);
                return wg_fail_memory(d->w->ctx);
            }
            for (uint32_t i = first; i < end; i++) {
                const bool ring = wg_line_kind(source[i]) == WG_LINE_FOOTPRINT;
                tag[n++] = ring ? wg_line_tag(WG_LINE_AROUND, wg_line_number(source[i])) : source[i];
            }
        }
        from = to;
        plane->tag_first[e] = (uint32_t)start;
    }
    plane->tag_first[plane->n_edges] = (uint32_t)n;
    free(plane->tag);
    plane->tag = tag;
    return WG_OK;
}

wg_status wg_work_divide(wg_work *w, const wg_segments *tiles) {
    wg_plane old = w->plane;
    divider d = {.w = w, .old = &old};
    wg_segments lines = {0};
    wg_regions regions = {0};
    wg_plots plots = {0};
    wg_status status = WG_OK;
    uint32_t *label = NULL;
    w->plane = (wg_plane){0};
    WG_TRY(collect_lines(&d, tiles, &lines));
    WG_TRY(make_plane(&d, &lines));
    label = wg_malloc(d.plane.n_faces, sizeof *label);
    w->building_piece = wg_malloc(w->n_buildings, sizeof *w->building_piece);
    if (label == NULL || w->building_piece == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    w->plane = d.plane; /* what follows reads the faces through the work */
    join_faces(&d, label);
    WG_TRY(wg_work_lead_around(w, d.over, label));
    WG_TRY(wg_regions_of(w->ctx, &d.plane, label, &regions));
    WG_TRY(wg_plots_init(w->ctx, &plots, regions.n, 0));
    WG_TRY(wg_work_house(w, regions.of_face, w->building_piece));
    WG_TRY(join_pieces(&d, &regions, &plots));
    WG_TRY(number_pieces(&d, &regions, &plots));
    WG_TRY(inherit_tags(&d));
    w->plane = d.plane;
done:
    if (w->plane.point == NULL) {
        wg_plane_release(&d.plane);
    }
    wg_plane_release(&old);
    free(d.block);
    free(d.over);
    free(d.covering);
    free(lines.item);
    free(label);
    wg_regions_release(&regions);
    wg_plots_release(&plots);
    return status;
}
