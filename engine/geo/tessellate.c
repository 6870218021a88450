#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/guide.h"
#include "model/wkb.h"

/* A tile may weigh half of what makes a block heavy, and grows until it weighs a quarter: 5 to 30 tiles and blocks make
 * a cell. Lines keep a fifth of the gap between two footprints free on either side. */
static const double TILE_MOST = 0.5, TILE_LEAST = 0.25, CLEARANCE = 0.2;
/* Sites on the boundary only say where a line may end. */
static const double BOUNDARY_SPACING = 3;
/* Tessellation lines stay this near to a path that they follow (m). */
static const double PATH_WIDTH = 0.3;

/** Footprints of the heavy blocks, and the lines around these. */
typedef struct blockwork {
    wg_lists footprints; /**< by block */
    wg_lists edges;      /**< half-edges by block on their left, boundaries only */
    uint32_t *label;     /**< a cluster, within the block at hand */
    wg_bins dead_ends;   /**< of the lines that end in some block */
} blockwork;

/** Side of a compound that a strip runs along: the compound's block, and the direction of the wall in eighths of a
 * turn. */
static uint32_t side_of(const wg_work *w, uint32_t h) {
    const uint32_t other = w->block[w->plane.face[h ^ 1]];
    if (other == WG_NONE || w->block_over[other].compound == WG_NONE) {
        return WG_NONE;
    }
    const wg_ipt a = w->plane.point[w->plane.end[h]], b = w->plane.point[w->plane.end[h ^ 1]];
    const double turn = atan2((double)(b.y - a.y), (double)(b.x - a.x)) / (2 * 3.14159265358979323846);
    return other * 8 + ((uint32_t)floor(8 * turn + 8.5) & 7);
}

static wg_status add_boundary(const wg_work *w, const blockwork *b, uint32_t block, double spacing, wg_tiling *t) {
    for (uint32_t i = b->edges.first[block]; i < b->edges.first[block + 1]; i++) {
        const uint32_t h = b->edges.item[i];
        const wg_ipt from = w->plane.point[w->plane.end[h]], to = w->plane.point[w->plane.end[h ^ 1]];
        const size_t first = t->n_sites;
        if (w->strip[block] && side_of(w, h) != WG_NONE) {
            continue; /* the wall of a compound is a site of its own */
        }
        const wg_status status = wg_tiling_add_line(t, from, to, BOUNDARY_SPACING * spacing, t->n_labels);
        if (status != WG_OK) {
            return status;
        }
        /* Only sites whose pixel the line passes can be ends of lines that are noded with it. */
        size_t kept = first;
        for (size_t s = first; s < t->n_sites; s++) {
            if (wg_segment_hits_pixel(from, to, t->site[s].at)) {
                t->site[kept++] = t->site[s];
            }
        }
        t->n_sites = kept;
    }
    return WG_OK;
}

static wg_status add_footprint(const wg_work *w, const wg_footprint *f, double spacing, uint32_t label, wg_tiling *t) {
    wg_status status = WG_OK;
    for (uint32_t r = f->first_run; r < f->first_run + f->n_runs; r++) {
        const wg_run run = w->shape.run[r];
        const wg_ipt *point = w->shape.point + run.first;
        if (run.hole) {
            continue;
        }
        for (uint32_t k = 0; k < run.n; k++) {
            const wg_ipt to = run.kind == WG_WKB_POLYGON ? point[k + 1 < run.n ? k + 1 : 0] : point[k];
            WG_TRY(wg_tiling_add_line(t, point[k], to, spacing, label));
        }
    }
done:
    return status;
}

/** Labels 0.. for the clusters of a block, in order. @return their number */
static uint32_t label_clusters(const wg_work *w, blockwork *b, uint32_t block) {
    uint32_t n = 0;
    for (uint32_t i = b->footprints.first[block]; i < b->footprints.first[block + 1]; i++) {
        b->label[w->footprint[b->footprints.item[i]].cluster] = WG_NONE;
    }
    for (uint32_t i = b->footprints.first[block]; i < b->footprints.first[block + 1]; i++) {
        uint32_t *label = &b->label[w->footprint[b->footprints.item[i]].cluster];
        *label = *label == WG_NONE ? n++ : *label;
    }
    return n;
}

static wg_status sum_weights(const wg_work *w, const blockwork *b, uint32_t block, uint32_t n_labels, double **weight) {
    const uint32_t n_weights = w->city->n_weights;
    *weight = wg_calloc((size_t)n_labels * n_weights, sizeof **weight);
    if (*weight == NULL) {
        return wg_fail_memory(w->ctx);
    }
    for (uint32_t i = b->footprints.first[block]; i < b->footprints.first[block + 1]; i++) {
        const uint32_t number = b->footprints.item[i], building = w->footprint[number].building;
        for (uint32_t k = 0; k < n_weights && w->main_footprint[building] == number; k++) {
            const double own = w->city->weight[k][w->row[building]];
            (*weight)[(size_t)b->label[w->footprint[number].cluster] * n_weights + k] += own > 0 ? own : 0;
        }
    }
    return WG_OK;
}

static wg_status divide_block(wg_work *w, blockwork *b, uint32_t block, wg_segments *tiles) {
    const double spacing = w->index->options.spacing_m * w->per_m;
    wg_tiling t = {.ctx = w->ctx, .n_labels = label_clusters(w, b, block)};
    double *weight = NULL;
    wg_status status = WG_OK;
    if (t.n_labels < 2) {
        return WG_OK;
    }
    WG_TRY(sum_weights(w, b, block, t.n_labels, &weight));
    for (uint32_t i = b->footprints.first[block]; i < b->footprints.first[block + 1]; i++) {
        const wg_footprint *f = &w->footprint[b->footprints.item[i]];
        WG_TRY(add_footprint(w, f, spacing, b->label[f->cluster], &t));
    }
    WG_TRY(add_boundary(w, b, block, spacing, &t));
    WG_TRY(wg_tiling_triangulate(&t));
    if (w->dead_ends.n > 0) {
        WG_TRY(wg_tiling_guide(&t, &w->dead_ends, &b->dead_ends, PATH_WIDTH * w->per_m));
    }
    WG_TRY(wg_tiling_survey(&t));
    WG_TRY(wg_tiling_group(&t, weight, w->city->n_weights, w->city->heavy, TILE_MOST, TILE_LEAST));
    WG_TRY(wg_tiling_lines(&t, CLEARANCE, wg_line_tag(WG_LINE_TILE, block), tiles));
done:
    free(weight);
    wg_tiling_release(&t);
    return status;
}

/* ---- strips: what is left of a block between the walls of its compounds and the streets ---- */

/* A site every so many spacings: walls are straight. */
static const double STRIP_SPACING = 2;

/** Mark the blocks that are strips: no building, nothing else over them, narrow, along some compound. */
static wg_status mark_strips(wg_work *w) {
    const wg_plane *plane = &w->plane;
    wg_status status = WG_OK;
    double *area = wg_calloc(w->n_blocks, sizeof *area);
    double *outline = wg_calloc(w->n_blocks, sizeof *outline);
    bool *beside = wg_calloc(w->n_blocks, sizeof *beside);
    w->strip = wg_calloc(w->n_blocks, sizeof *w->strip);
    if (area == NULL || outline == NULL || beside == NULL || w->strip == NULL) {
        status = wg_fail_memory(w->ctx);
        goto done;
    }
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        const uint32_t block = w->block[plane->face[h]];
        const wg_ipt a = plane->point[plane->end[h]], b = plane->point[plane->end[h ^ 1]];
        if (block == WG_NONE || w->block[plane->face[h ^ 1]] == block) {
            continue;
        }
        const wg_ipt o = w->box.low;
        area[block] += 0.5 * ((double)(a.x - o.x) * (double)(b.y - o.y) - (double)(b.x - o.x) * (double)(a.y - o.y));
        outline[block] += wg_plane_length(plane, h / 2);
        beside[block] |= side_of(w, h) != WG_NONE;
    }
    for (uint32_t b = 0; b < w->n_blocks; b++) {
        const wg_over *over = &w->block_over[b];
        w->strip[b] = beside[b] && over->footprint == WG_NONE && over->compound == WG_NONE &&
                      over->dedicated == WG_NONE && over->surface == WG_NONE && over->given == WG_NONE &&
                      2 * area[b] < WG_STRIP_WIDTH * w->per_m * outline[b];
    }
done:
    free(area);
    free(outline);
    free(beside);
    return status;
}

static int compare_sides(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/**
 * Divide a strip into one piece a side of each compound: whoever goes from a part of a compound to the street does not
 * pass land that belongs with another part.
 */
static wg_status divide_strip(wg_work *w, const blockwork *b, uint32_t block, wg_segments *tiles) {
    const uint32_t first = b->edges.first[block], n = b->edges.first[block + 1] - first;
    wg_tiling t = {.ctx = w->ctx};
    wg_status status = WG_OK;
    uint32_t *sides = wg_malloc(n, sizeof *sides);
    if (sides == NULL) {
        return wg_fail_memory(w->ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        sides[i] = side_of(w, b->edges.item[first + i]);
    }
    qsort(sides, n, sizeof *sides, compare_sides);
    for (uint32_t i = 0; i < n; i++) {
        if (sides[i] != WG_NONE && (t.n_labels == 0 || sides[t.n_labels - 1] != sides[i])) {
            sides[t.n_labels++] = sides[i];
        }
    }
    if (t.n_labels < 2) {
        goto done;
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t h = b->edges.item[first + i], side = side_of(w, h);
        const uint32_t *found = side == WG_NONE ? NULL : bsearch(&side, sides, t.n_labels, sizeof side, compare_sides);
        if (found != NULL) {
            WG_TRY(wg_tiling_add_line(&t, w->plane.point[w->plane.end[h]], w->plane.point[w->plane.end[h ^ 1]],
                                      STRIP_SPACING * w->per_m, (uint32_t)(found - sides)));
        }
    }
    WG_TRY(add_boundary(w, b, block, w->per_m, &t));
    WG_TRY(wg_tiling_triangulate(&t));
    WG_TRY(wg_tiling_lines(&t, CLEARANCE, wg_line_tag(WG_LINE_TILE, block), tiles));
done:
    free(sides);
    wg_tiling_release(&t);
    return status;
}

static wg_status list_blockwork(wg_work *w, blockwork *b) {
    const wg_plane *plane = &w->plane;
    wg_status status = WG_OK;
    const size_t n_half = (size_t)plane->n_edges * 2;
    uint32_t *key = wg_malloc(n_half > w->n_footprints ? n_half : w->n_footprints, sizeof *key);
    b->label = wg_malloc(w->n_footprints, sizeof *b->label);
    if (key == NULL || b->label == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    for (uint32_t i = 0; i < w->n_footprints; i++) {
        const uint32_t block = w->building_block[w->footprint[i].building];
        key[i] = block != WG_NONE && w->heavy[block] ? block : WG_NONE;
    }
    WG_TRY(wg_lists_of(w->ctx, key, w->n_footprints, w->n_blocks, &b->footprints));
    for (uint32_t h = 0; h < n_half; h++) {
        const uint32_t block = w->block[plane->face[h]];
        key[h] = block != WG_NONE && (w->heavy[block] || w->strip[block]) && w->block[plane->face[h ^ 1]] != block
                     ? block
                     : WG_NONE;
    }
    WG_TRY(wg_lists_of(w->ctx, key, n_half, w->n_blocks, &b->edges));
done:
    free(key);
    return status;
}

wg_status wg_work_tessellate(wg_work *w, wg_segments *tiles) {
    blockwork b = {0};
    wg_status status = WG_OK;
    WG_TRY(mark_strips(w));
    WG_TRY(list_blockwork(w, &b));
    WG_TRY(wg_bins_of_segments(w->ctx, w->dead_ends.item, w->dead_ends.n, 1.0, &b.dead_ends));
    for (uint32_t block = 0; block < w->n_blocks; block++) {
        if (w->heavy[block]) {
            WG_TRY(divide_block(w, &b, block, tiles));
        } else if (w->strip[block]) {
            WG_TRY(divide_strip(w, &b, block, tiles));
        }
    }
done:
    wg_lists_release(&b.footprints);
    wg_lists_release(&b.edges);
    wg_bins_release(&b.dead_ends);
    free(b.label);
    return status;
}
