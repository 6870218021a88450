/* What is connected without a common line that may be crossed: by given bridges, and across gaps narrower than asked
 * for. */
#include <string.h>

#include "geo/work.h"
#include "model/wkb.h"

/** A pair of units and where the connection runs. */
typedef struct span {
    uint32_t u, v;
    double length;
    wg_ipt end[2];
} span;

typedef struct spanner {
    wg_work *w;
    const wg_atoms *atoms;
    struct wg_atoms_map *map;
    span *item;
    size_t n, capacity;
} spanner;

static wg_status add_span(spanner *s, uint32_t u, uint32_t v, wg_ipt from, wg_ipt to) {
    if (!WG_RESERVE(s->item, s->capacity, s->n + 1)) {
        return wg_fail_memory(s->w->ctx);
    }
    const double length = hypot((double)(to.x - from.x), (double)(to.y - from.y));
    s->item[s->n++] = u < v ? (span){u, v, length, {from, to}} : (span){v, u, length, {to, from}};
    return WG_OK;
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Units along the segment, at the middles between its crossings with the map. */
static wg_status walk_segment(spanner *s, const wg_finder *finder, wg_ipt a, wg_ipt b, uint32_t *last,
                              wg_ipt *last_at) {
    const wg_plane *plane = &s->map->plane;
    double *cut = NULL;
    size_t n = 0, capacity = 0;
    wg_status status = WG_OK;
    const wg_bin_range range = wg_bins_range(&finder->bins, wg_segment_box(a, b));
    if (!WG_RESERVE(cut, capacity, 2)) {
        return wg_fail_memory(s->w->ctx);
    }
    cut[n++] = 0;
    cut[n++] = 1;
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * finder->bins.nx + range.x0; bin <= (size_t)y * finder->bins.nx + range.x1;
             bin++) {
            for (uint32_t i = finder->bins.first[bin]; i < finder->bins.first[bin + 1]; i++) {
                const wg_segment *line = &finder->segment[finder->bins.item[i]];
                const double c = (double)wg_cross(line->a, line->b, a), d = (double)wg_cross(line->a, line->b, b);
                if (!wg_segments_touch(a, b, line->a, line->b) || !(fabs(c - d) > 0)) {
                    continue;
                }
                if (!WG_RESERVE(cut, capacity, n + 1)) {
                    WG_TRY(wg_fail_memory(s->w->ctx));
                }
                cut[n++] = c / (c - d);
            }
        }
    }
    qsort(cut, n, sizeof *cut, compare_doubles);
    for (size_t i = 0; i + 1 < n; i++) {
        const double t = (cut[i] + cut[i + 1]) / 2;
        const wg_ipt at = {a.x + llrint(t * (double)(b.x - a.x)), a.y + llrint(t * (double)(b.y - a.y))};
        const uint32_t half = wg_finder_find(finder, at);
        const uint32_t unit = half != WG_NONE ? s->map->unit[plane->face[half]] : WG_NONE;
        if (unit == WG_NONE || s->atoms->barrier_surface[unit] || cut[i + 1] - cut[i] <= 0) {
            continue;
        }
        if (*last != WG_NONE && *last != unit) {
            WG_TRY(add_span(s, *last, unit, *last_at, at));
        }
        *last = unit;
        *last_at = at;
    }
done:
    free(cut);
    return status;
}

/** Every two units that a bridge passes one after the other are connected; water and foreign land between do not count.
 */
static wg_status span_bridges(spanner *s) {
    const wg_carpet *carpet = &s->w->index->bridges;
    wg_finder finder = {0};
    uint32_t *rows = NULL;
    size_t n_rows = 0;
    wg_status status = WG_OK;
    WG_TRY(wg_carpet_query(s->w->ctx, carpet, false, s->w->box, &rows, &n_rows));
    if (n_rows == 0) {
        goto done;
    }
    WG_TRY(wg_finder_init(s->w->ctx, &s->map->plane, &finder));
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t r = carpet->first_run[rows[i]]; r < carpet->first_run[rows[i] + 1]; r++) {
            const wg_run run = carpet->shape.run[r];
            uint32_t last = WG_NONE;
            wg_ipt last_at = {0, 0};
            for (uint32_t k = 0; run.kind == WG_WKB_LINESTRING && k + 1 < run.n; k++) {
                WG_TRY(walk_segment(s, &finder, carpet->shape.point[run.first + k],
                                    carpet->shape.point[run.first + k + 1], &last, &last_at));
            }
        }
    }
done:
    free(rows);
    wg_finder_release(&finder);
    return status;
}

/** Units that touch at all, over whatever line: pieces of land apart from each other are different sets. */
static void join_land(const spanner *s, uint32_t *land) {
    const wg_plane *plane = &s->map->plane;
    for (uint32_t u = 0; u < s->atoms->n_units; u++) {
        land[u] = u;
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t left = s->map->unit[plane->face[2 * e]], right = s->map->unit[plane->face[2 * e + 1]];
        if (left != WG_NONE && right != WG_NONE) {
            wg_sets_join(land, left, right);
        }
    }
}

static uint32_t solid_side(const spanner *s, uint32_t edge) {
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t unit = s->map->unit[s->map->plane.face[2 * edge + i]];
        if (unit != WG_NONE && !s->atoms->barrier_surface[unit]) {
            return unit;
        }
    }
    return WG_NONE;
}

static int compare_spans(const void *a, const void *b) {
    const span *x = a, *y = b;
    if (x->length < y->length || x->length > y->length) {
        return x->length < y->length ? -1 : 1;
    }
    if (x->u != y->u) {
        return x->u < y->u ? -1 : 1;
    }
    return (x->v > y->v) - (x->v < y->v);
}

/** Shortest connections between pieces of land, as long as they are not connected already (Kruskal). */
static wg_status span_gaps(spanner *s) {
    const double gap = s->w->index->options.bridge_gap_m * s->w->per_m;
    const wg_plane *plane = &s->map->plane;
    wg_finder finder = {0};
    spanner near = {.w = s->w, .atoms = s->atoms, .map = s->map};
    wg_status status = WG_OK;
    uint32_t *land = wg_malloc(s->atoms->n_units, sizeof *land);
    if (land == NULL) {
        return wg_fail_memory(s->w->ctx);
    }
    join_land(s, land);
    WG_TRY(wg_finder_init(s->w->ctx, plane, &finder));
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        const uint32_t u = solid_side(s, h / 2);
        const wg_ipt p = plane->point[plane->end[h]];
        const wg_box box = wg_box_grown((wg_box){p, p}, (int64_t)gap + 1);
        const wg_bin_range range = wg_bins_range(&finder.bins, box);
        for (uint32_t y = range.y0; u != WG_NONE && y <= range.y1; y++) {
            for (size_t bin = (size_t)y * finder.bins.nx + range.x0; bin <= (size_t)y * finder.bins.nx + range.x1;
                 bin++) {
                for (uint32_t i = finder.bins.first[bin]; i < finder.bins.first[bin + 1]; i++) {
                    const uint32_t e = finder.bins.item[i], v = solid_side(s, e);
                    double distance;
                    if (v == WG_NONE || wg_sets_find(land, u) == wg_sets_find(land, v)) {
                        continue;
                    }
                    const wg_ipt at = wg_segment_nearest(finder.segment[e].a, finder.segment[e].b, p, &distance);
                    if (distance <= gap) {
                        WG_TRY(add_span(&near, u, v, p, at));
                    }
                }
            }
        }
    }
    if (near.n > 1) {
        qsort(near.item, near.n, sizeof *near.item, compare_spans);
    }
    for (size_t i = 0; i < near.n; i++) {
        if (wg_sets_find(land, near.item[i].u) != wg_sets_find(land, near.item[i].v)) {
            wg_sets_join(land, near.item[i].u, near.item[i].v);
            WG_TRY(add_span(s, near.item[i].u, near.item[i].v, near.item[i].end[0], near.item[i].end[1]));
        }
    }
done:
    free(land);
    free(near.item);
    wg_finder_release(&finder);
    return status;
}

static int compare_pairs(const void *a, const void *b) {
    const span *x = a, *y = b;
    if (x->u != y->u) {
        return x->u < y->u ? -1 : 1;
    }
    return x->v != y->v ? (x->v < y->v ? -1 : 1) : compare_spans(a, b);
}

/** The shortest span of each pair, into the map. */
static wg_status keep_spans(spanner *s) {
    struct wg_atoms_map *map = s->map;
    if (s->n > 1) {
        qsort(s->item, s->n, sizeof *s->item, compare_pairs);
    }
    map->bridge = wg_malloc(s->n, sizeof *map->bridge);
    map->span = wg_malloc(s->n, sizeof *map->span);
    if (map->bridge == NULL || map->span == NULL) {
        return wg_fail_memory(s->w->ctx);
    }
    for (size_t i = 0; i < s->n; i++) {
        const span *item = &s->item[i];
        if (i > 0 && item->u == item[-1].u && item->v == item[-1].v) {
            continue;
        }
        map->bridge[map->n_bridges] = (wg_edge){.u = item->u, .v = item->v};
        map->span[map->n_bridges][0] = item->end[0];
        map->span[map->n_bridges++][1] = item->end[1];
    }
    return WG_OK;
}

wg_status wg_work_bridge(wg_work *w, const wg_atoms *atoms, struct wg_atoms_map *map) {
    spanner s = {.w = w, .atoms = atoms, .map = map};
    wg_status status = WG_OK;
    if (w->index->bridges.n_rows > 0) {
        WG_TRY(span_bridges(&s));
    }
    if (w->index->options.bridge_gap_m > 0) {
        WG_TRY(span_gaps(&s));
    }
    if (s.n > 0) {
        WG_TRY(keep_spans(&s));
    }
done:
    free(s.item);
    return status;
}
