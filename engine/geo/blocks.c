#include <string.h>

#include "geo/merge.h"
#include "geo/settle.h"
#include "geo/work.h"

/** Whether an edge is nothing but the outline of a footprint. */
static bool only_footprint(const wg_plane *plane, uint32_t edge) {
    for (uint32_t t = plane->tag_first[edge]; t < plane->tag_first[edge + 1]; t++) {
        if (wg_line_kind(plane->tag[t]) != WG_LINE_FOOTPRINT) {
            return false;
        }
    }
    return true;
}

/** One exception a dead end that was trimmed inside the community: where it ends and how long it was. */
static wg_status list_dead_ends(wg_work *w, const bool *keep) {
    const wg_plane *plane = &w->plane;
    wg_lists out = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_lists_of(w->ctx, plane->end, (size_t)plane->n_edges * 2, plane->n_points, &out));
    for (uint32_t p = 0; p < plane->n_points; p++) {
        uint32_t at = p, from = WG_NONE;
        double length = 0;
        uint32_t tag = WG_NONE;
        if (out.first[p + 1] - out.first[p] != 1 ||
            wg_reference_find(w->city->reference, plane->point[p]) != w->community) {
            continue;
        }
        for (;;) { /* along the line until it branches or stays */
            uint32_t next = WG_NONE;
            for (uint32_t i = out.first[at]; i < out.first[at + 1]; i++) {
                next = out.item[i] / 2 != from && !keep[out.item[i] / 2] ? out.item[i] : next;
            }
            if (next == WG_NONE) {
                break;
            }
            tag = tag == WG_NONE ? plane->tag[plane->tag_first[next / 2]] : tag;
            length += wg_plane_length(plane, next / 2);
            from = next / 2;
            at = plane->end[next ^ 1];
            if (out.first[at + 1] - out.first[at] != 2) {
                break;
            }
        }
        if (tag == WG_NONE || wg_line_kind(tag) != WG_LINE_BARRIER) {
            continue;
        }
        char name[32];
        const wg_layer *layer = w->index->barriers.layer;
        WG_TRY(wg_exceptions_add(w->ctx, w->exceptions, "barriers",
                                 wg_row_name(layer, wg_line_number(tag), wg_layer_column(layer, "id"), name),
                                 "dangling_line", (double)plane->point[p].x / w->per_m,
                                 (double)plane->point[p].y / w->per_m, "",
                                 "ends inside a block; %.1f m of it bound no block", length / w->per_m));
    }
done:
    wg_lists_release(&out);
    return status;
}

static wg_status trim_dead_ends(wg_work *w) {
    wg_plane *plane = &w->plane;
    wg_status status = WG_OK;
    bool *keep = wg_malloc(plane->n_edges, sizeof *keep);
    if (keep == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    memset(keep, true, plane->n_edges * sizeof *keep);
    WG_TRY(wg_plane_trim(w->ctx, plane, keep));
    WG_TRY(list_dead_ends(w, keep));
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t tag = plane->tag[plane->tag_first[e]];
        if (!keep[e] && wg_line_kind(tag) == WG_LINE_BARRIER &&
            !wg_segments_add(&w->dead_ends, plane->point[plane->end[2 * e]], plane->point[plane->end[2 * e + 1]],
                             tag)) {
            WG_TRY(wg_fail_memory(w->ctx));
        }
    }
    WG_TRY(wg_plane_filter(w->ctx, plane, keep));
done:
    free(keep);
    return status;
}

/** Faces that only the outline of a footprint divides are one block; with given units, so are faces of one unit. */
static wg_status join_faces(wg_work *w, uint32_t *label) {
    const wg_plane *plane = &w->plane;
    uint32_t *of_given = NULL;
    const uint32_t n_given = w->index->given.n_rows;
    if (n_given > 0) {
        of_given = wg_malloc(n_given, sizeof *of_given);
        if (of_given == NULL) {
            return wg_fail_memory(w->ctx);
        }
        memset(of_given, 0xff, n_given * sizeof *of_given);
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        label[f] = f;
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        const uint32_t given = w->over[f].given;
        if (w->over[f].inside && given != WG_NONE) {
            if (of_given[given] == WG_NONE) {
                of_given[given] = f;
            }
            wg_sets_join(label, of_given[given], f);
        }
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t left = plane->face[2 * e], right = plane->face[2 * e + 1];
        if (w->over[left].inside && w->over[right].inside && only_footprint(plane, e)) {
            wg_sets_join(label, left, right);
        }
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        label[f] = w->over[f].inside ? wg_sets_find(label, f) : WG_NONE;
    }
    free(of_given);
    return WG_OK;
}

/** What the plots are: area, outline, contacts. Labels are faces, so that what lies over a plot is known. */
static wg_status survey(wg_work *w, const wg_regions *regions, wg_plots *plots) {
    const wg_plane *plane = &w->plane;
    wg_status status = WG_OK;
    for (uint32_t r = 0; r < regions->n; r++) {
        const wg_over *over = &w->over[regions->label[r]];
        plots->plot[r].area = regions->area[r];
        plots->plot[r].compound = over->compound;
        plots->plot[r].dedicated = over->dedicated;
        plots->plot[r].surface = over->surface;
        plots->plot[r].given = over->given;
        plots->plot[r].at = plane->point[plane->end[regions->half[regions->half_first[regions->ring_first[r]]]]];
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t a = regions->of_face[plane->face[2 * e]], b = regions->of_face[plane->face[2 * e + 1]];
        const double length = wg_plane_length(plane, e);
        if (a == b) {
            continue;
        }
        if (a == WG_NONE || b == WG_NONE) {
            plots->plot[a == WG_NONE ? b : a].perimeter += length;
            continue;
        }
        uint8_t rank;
        bool hard;
        wg_work_rank(w, e, &rank, &hard);
        WG_TRY(wg_plots_touch(w->ctx, plots, a, b, length, rank, hard));
    }
done:
    return status;
}

/** Buildings and their weights to plots. */
static void settle_buildings(wg_work *w, wg_plots *plots) {
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        const uint32_t r = w->building_block[b];
        if (r == WG_NONE) {
            continue;
        }
        plots->plot[r].n_buildings++;
        for (uint32_t k = 0; k < w->city->n_weights; k++) {
            const double weight = w->city->weight[k][w->row[b]];
            plots->weight[(size_t)r * plots->n_weights + k] += weight > 0 ? weight : 0;
        }
    }
    for (uint32_t r = 0; r < plots->n; r++) {
        if (plots->plot[r].n_buildings > 0) {
            plots->plot[r].surface = WG_NONE; /* somebody lives there: land like any other */
        }
    }
}

/** Largest piece that light blocks may join to: a third of the land that a piece of `heavy` weight has on average. */
static double area_cap(const wg_work *w, const wg_plots *plots) {
    double area = 0, loads = 0;
    for (uint32_t r = 0; r < plots->n; r++) {
        area += plots->plot[r].area;
    }
    for (uint32_t k = 0; k < plots->n_weights; k++) {
        double sum = 0;
        for (uint32_t r = 0; r < plots->n; r++) {
            sum += plots->weight[(size_t)r * plots->n_weights + k];
        }
        if (w->city->heavy[k] > 0 && sum / w->city->heavy[k] > loads) {
            loads = sum / w->city->heavy[k];
        }
    }
    return loads > 2 ? 0.3 * area / loads : INFINITY; /* less is one cell anyhow */
}

static wg_status list_slivers(wg_work *w, const wg_plots *plots) {
    wg_status status = WG_OK;
    for (size_t i = 0; i < plots->n_merged; i++) {
        const wg_plot *plot = &plots->plot[plots->merged[i]];
        WG_TRY(wg_exceptions_add(w->ctx, w->exceptions, "units", "", "sliver_merged", (double)plot->at.x / w->per_m,
                                 (double)plot->at.y / w->per_m, "",
                                 "a piece of land too small or too narrow to stand alone joined its neighbour"));
    }
done:
    return status;
}

static const double *limits_of(const wg_work *w, uint32_t compound) {
    return compound != WG_NONE && w->city->compound_heavy != NULL ? w->city->compound_heavy : w->city->heavy;
}

/** Which blocks are pieces of a compound that is too heavy as a whole, or open. */
static wg_status mark_divided(wg_work *w) {
    const uint32_t n = w->index->compounds.n_rows, n_weights = w->city->n_weights;
    w->compound_divided = wg_calloc(w->n_blocks, sizeof *w->compound_divided);
    double *sum = wg_calloc((size_t)n * n_weights, sizeof *sum);
    if (w->compound_divided == NULL || sum == NULL) {
        free(sum);
        return wg_fail_memory(w->ctx);
    }
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (uint32_t b = 0; b < w->n_blocks; b++) {
            const uint32_t compound = w->block_over[b].compound;
            w->compound_divided[b] |=
                compound != WG_NONE && w->city->compound_open != NULL && w->city->compound_open[compound];
            for (uint32_t k = 0; compound != WG_NONE && k < n_weights; k++) {
                double *total = &sum[(size_t)compound * n_weights + k];
                const double limit = limits_of(w, compound)[k];
                if (pass == 0) {
                    *total += w->block_weight[(size_t)b * n_weights + k];
                } else {
                    w->compound_divided[b] |= limit > 0 && *total > limit;
                }
            }
        }
    }
    free(sum);
    return WG_OK;
}

/** Which blocks to divide. A whole compound stays whole; the pieces of a divided one are blocks like others. */
static void mark_heavy(wg_work *w) {
    const uint32_t n_weights = w->city->n_weights;
    for (uint32_t b = 0; b < w->n_blocks; b++) {
        const wg_over *over = &w->block_over[b];
        const bool whole = over->compound != WG_NONE && !w->compound_divided[b];
        for (uint32_t k = 0; k < n_weights && !whole && over->dedicated == WG_NONE && over->given == WG_NONE; k++) {
            w->heavy[b] |= w->city->heavy[k] > 0 && w->block_weight[(size_t)b * n_weights + k] > w->city->heavy[k];
        }
    }
}

/** From joined plots to blocks: dense numbers, weights, and which are heavy. */
static wg_status close_blocks(wg_work *w, const wg_regions *regions, wg_plots *plots) {
    wg_status status = WG_OK;
    const uint32_t n_weights = w->city->n_weights;
    uint32_t *number = wg_malloc(plots->n, sizeof *number);
    w->block = wg_malloc(w->plane.n_faces, sizeof *w->block);
    w->block_over = wg_malloc(plots->n, sizeof *w->block_over);
    w->block_weight = wg_calloc((size_t)plots->n * n_weights, sizeof *w->block_weight);
    w->heavy = wg_calloc(plots->n, sizeof *w->heavy);
    if (number == NULL || w->block == NULL || w->block_over == NULL || w->block_weight == NULL || w->heavy == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    for (uint32_t r = 0; r < plots->n; r++) {
        if (wg_sets_find(plots->parent, r) != r) {
            continue;
        }
        const wg_plot *plot = &plots->plot[r];
        const uint32_t block = number[r] = w->n_blocks++;
        w->block_over[block] = (wg_over){true,          plot->compound, plot->dedicated,
                                         plot->surface, plot->given,    plot->n_buildings > 0 ? 0 : WG_NONE};
        for (uint32_t k = 0; k < n_weights; k++) {
            w->block_weight[(size_t)block * n_weights + k] = plots->weight[(size_t)r * n_weights + k];
        }
    }
    for (uint32_t f = 0; f < w->plane.n_faces; f++) {
        const uint32_t r = regions->of_face[f];
        w->block[f] = r != WG_NONE ? number[wg_sets_find(plots->parent, r)] : WG_NONE;
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        uint32_t *at = &w->building_block[b];
        *at = *at != WG_NONE ? number[wg_sets_find(plots->parent, *at)] : WG_NONE;
    }
    WG_TRY(mark_divided(w));
    mark_heavy(w);
done:
    free(number);
    return status;
}

static wg_status make_plots(wg_work *w, const uint32_t *label, wg_regions *regions, wg_plots *plots) {
    wg_status status = WG_OK;
    WG_TRY(wg_regions_of(w->ctx, &w->plane, label, regions));
    WG_TRY(wg_plots_init(w->ctx, plots, regions->n, w->city->n_weights));
    WG_TRY(survey(w, regions, plots));
    w->building_block = wg_malloc(w->n_buildings, sizeof *w->building_block);
    if (w->building_block == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    WG_TRY(wg_work_house(w, regions->of_face, w->building_block));
    settle_buildings(w, plots);
done:
    return status;
}

wg_status wg_work_blocks(wg_work *w) {
    wg_regions regions = {0};
    wg_plots plots = {0};
    wg_status status = WG_OK;
    uint32_t *label = NULL;
    WG_TRY(wg_plane_node(w->ctx, w->lines.item, w->lines.n, &w->plane));
    WG_TRY(trim_dead_ends(w));
    WG_TRY(wg_plane_trace(w->ctx, &w->plane));
    WG_TRY(wg_work_cover(w, &w->over));
    label = wg_malloc(w->plane.n_faces, sizeof *label);
    if (label == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    WG_TRY(join_faces(w, label));
    WG_TRY(wg_work_lead_around(w, w->over, label));
    WG_TRY(make_plots(w, label, &regions, &plots));
    const wg_merge_rules rules = {w->index->options.sliver_m2 * w->per_m * w->per_m,
                                  2 * sqrt(w->index->options.sliver_m2) * w->per_m,
                                  w->city->heavy,
                                  limits_of(w, 0),
                                  w->city->compound_open,
                                  WG_STRIP_WIDTH * w->per_m,
                                  area_cap(w, &plots)};
    WG_TRY(wg_plots_merge(w->ctx, &plots, &rules));
    WG_TRY(list_slivers(w, &plots));
    WG_TRY(close_blocks(w, &regions, &plots));
done:
    free(label);
    wg_plots_release(&plots);
    wg_regions_release(&regions);
    return status;
}
