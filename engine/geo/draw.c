#include <string.h>

#include "geo/map.h"
#include "geo/shape.h"
#include "model/wkb.h"

/** What is being drawn: the map with its polygons and the stretches of line between units. */
typedef struct drawing {
    wg_context *ctx;
    wg_atoms *atoms;
    const struct wg_atoms_map *map;
    wg_regions regions;
    wg_lists of_unit; /**< regions of each unit */
    struct stretch {
        uint32_t u, v, first, n; /**< half-edges of u's ring, u < v */
    } * stretch;
    size_t n_stretches, stretch_capacity;
    uint32_t *half;
    size_t n_half, half_capacity;
} drawing;

static void drawing_release(drawing *d) {
    wg_regions_release(&d->regions);
    wg_lists_release(&d->of_unit);
    free(d->stretch);
    free(d->half);
}

/** Inner point of a unit's largest part. */
static wg_status place_unit(drawing *d, uint32_t unit) {
    const wg_regions *regions = &d->regions;
    const wg_plane *plane = &d->map->plane;
    wg_atoms *atoms = d->atoms;
    wg_shape shape = {0};
    uint32_t best = d->of_unit.item[d->of_unit.first[unit]];
    for (uint32_t i = d->of_unit.first[unit]; i < d->of_unit.first[unit + 1]; i++) {
        best = regions->area[d->of_unit.item[i]] > regions->area[best] ? d->of_unit.item[i] : best;
    }
    bool enough = true;
    for (uint32_t ring = regions->ring_first[best]; ring < regions->ring_first[best + 1] && enough; ring++) {
        const uint32_t from = regions->half_first[ring], n = regions->half_first[ring + 1] - from;
        enough = WG_RESERVE(shape.point, shape.point_capacity, shape.n_points + n) &&
                 WG_RESERVE(shape.run, shape.run_capacity, shape.n_runs + 1);
        if (enough) {
            shape.run[shape.n_runs++] =
                (wg_run){shape.n_points, n, 0, WG_WKB_POLYGON, ring > regions->ring_first[best]};
            for (uint32_t i = 0; i < n; i++) {
                shape.point[shape.n_points++] = plane->point[plane->end[regions->half[from + i]]];
            }
        }
    }
    enough = enough && wg_shape_inner_point(&shape, &atoms->x[unit], &atoms->y[unit]);
    wg_shape_release(&shape);
    atoms->x[unit] *= d->map->lattice.step;
    atoms->y[unit] *= d->map->lattice.step;
    return enough ? WG_OK : wg_fail_memory(d->ctx);
}

static wg_status measure_units(drawing *d) {
    const double step = d->map->lattice.step;
    const wg_plane *plane = &d->map->plane;
    wg_atoms *atoms = d->atoms;
    wg_status status = WG_OK;
    memset(atoms->area_m2, 0, atoms->n_units * sizeof *atoms->area_m2);
    memset(atoms->outer_m, 0, atoms->n_units * sizeof *atoms->outer_m);
    for (uint32_t r = 0; r < d->regions.n; r++) {
        atoms->area_m2[d->regions.label[r]] += d->regions.area[r] * step * step;
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t left = d->map->unit[plane->face[2 * e]], right = d->map->unit[plane->face[2 * e + 1]];
        if ((left == WG_NONE) != (right == WG_NONE)) {
            atoms->outer_m[left == WG_NONE ? right : left] += wg_plane_length(plane, e) * step;
        }
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        if (d->of_unit.first[u] == d->of_unit.first[u + 1]) {
            return wg_fail(d->ctx, WG_EINTERNAL, "a unit vanished on the grid");
        }
        WG_TRY(place_unit(d, u));
    }
done:
    return status;
}

static int compare_stretches(const void *a, const void *b) {
    const struct stretch *x = a, *y = b;
    if (x->u != y->u) {
        return x->u < y->u ? -1 : 1;
    }
    if (x->v != y->v) {
        return x->v < y->v ? -1 : 1;
    }
    return (x->first > y->first) - (x->first < y->first);
}

/** Stretches of one ring; it is turned so that it begins where the neighbour changes. */
static bool cut_ring(drawing *d, const uint32_t *half, uint32_t n) {
    const wg_plane *plane = &d->map->plane;
    const uint32_t *unit = d->map->unit;
    const uint32_t u = unit[plane->face[half[0]]];
    uint32_t start = 0;
    while (start < n && unit[plane->face[half[start] ^ 1]] == unit[plane->face[half[(start + n - 1) % n] ^ 1]]) {
        start++;
    }
    start = start < n ? start : 0;
    struct stretch *open = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t h = half[(start + i) % n], v = unit[plane->face[h ^ 1]];
        if (v == WG_NONE || v <= u) {
            open = NULL;
            continue;
        }
        if (open == NULL || open->v != v) {
            if (!WG_RESERVE(d->stretch, d->stretch_capacity, d->n_stretches + 1)) {
                return false;
            }
            open = &d->stretch[d->n_stretches++];
            *open = (struct stretch){u, v, (uint32_t)d->n_half, 0};
        }
        if (!WG_RESERVE(d->half, d->half_capacity, d->n_half + 1)) {
            return false;
        }
        d->half[d->n_half++] = h;
        open->n++;
    }
    return true;
}

static wg_status collect_stretches(drawing *d) {
    const wg_regions *regions = &d->regions;
    for (uint32_t ring = 0; ring < regions->n_rings; ring++) {
        const uint32_t from = regions->half_first[ring];
        if (!cut_ring(d, regions->half + from, regions->half_first[ring + 1] - from)) {
            return wg_fail_memory(d->ctx);
        }
    }
    if (d->n_stretches > 1) {
        qsort(d->stretch, d->n_stretches, sizeof *d->stretch, compare_stretches);
    }
    return WG_OK;
}

/** One edge of the graph from stretches [first, end): its length by rank. */
static wg_edge weigh_edge(const drawing *d, size_t first, size_t end, double *street_m) {
    double by_rank[10] = {0}, hard = 0, total = 0;
    for (size_t s = first; s < end; s++) {
        for (uint32_t i = 0; i < d->stretch[s].n; i++) {
            const uint32_t e = d->half[d->stretch[s].first + i] / 2;
            const double length = wg_plane_length(&d->map->plane, e) * d->map->lattice.step;
            by_rank[d->map->rank[e]] += length;
            hard += d->map->hard[e] ? length : 0;
            total += length;
        }
    }
    *street_m = total - by_rank[0];
    wg_edge edge = {d->stretch[first].u, d->stretch[first].v, total, 0, hard > total * (1 - 1e-9)};
    double sum = 0;
    for (uint8_t r = 1; r < 10 && edge.rank == 0; r++) {
        sum += by_rank[r];
        edge.rank = sum > 0 && sum >= total / 2 ? r : 0;
    }
    return edge;
}

/** The line of stretches [first, end). */
static void put_line(const drawing *d, size_t first, size_t end, wg_buffer *wkb) {
    if (end - first > 1) {
        wg_wkb_put_header(wkb, WG_WKB_MULTILINESTRING, (uint32_t)(end - first));
    }
    for (size_t s = first; s < end; s++) {
        wg_wkb_put_header(wkb, WG_WKB_LINESTRING, d->stretch[s].n + 1);
        (void)wg_woven_put(wkb, d->half + d->stretch[s].first, d->stretch[s].n, false, &d->map->plane, d->map->lattice,
                           NULL);
    }
}

static void put_span(const struct wg_atoms_map *map, uint32_t bridge, wg_buffer *wkb) {
    wg_wkb_put_header(wkb, WG_WKB_LINESTRING, 2);
    for (int i = 0; i < 2; i++) {
        const wg_ipt p = map->span[bridge][i];
        const double xy[2] = {wg_lattice_metres(map->lattice, p.x), wg_lattice_metres(map->lattice, p.y)};
        wg_wkb_put_pairs(wkb, xy, 1);
    }
}

/** Replace `layer` by one of n rows with geometries at `offset` (n + 1) of `wkb`. Takes both. */
static wg_status make_layer(wg_context *ctx, const char *name, const char *crs, size_t n, wg_buffer *wkb,
                            size_t *offset, wg_layer **layer) {
    wg_layer *made = NULL;
    wg_status status = WG_OK;
    const size_t length = wkb->length;
    uint8_t *bytes = NULL;
    offset[n] = length;
    WG_TRY(wg_layer_new(ctx, name, crs, &made));
    for (size_t row = 0; row < n; row++) {
        WG_TRY(wg_layer_add_row(ctx, made, NULL, 0, NULL));
    }
    bytes = (uint8_t *)wg_buffer_steal(wkb);
    if (bytes == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    wg_layer_take_wkb(made, bytes, length, offset);
    offset = NULL;
    wg_layer_free(*layer);
    *layer = made;
    made = NULL;
done:
    free(offset);
    wg_buffer_release(wkb);
    wg_layer_free(made);
    return status;
}

static wg_status draw_units(drawing *d) {
    wg_buffer wkb = {0};
    size_t *offset = wg_malloc((size_t)d->atoms->n_units + 1, sizeof *offset);
    if (offset == NULL) {
        return wg_fail_memory(d->ctx);
    }
    for (uint32_t u = 0; u < d->atoms->n_units; u++) {
        const uint32_t first = d->of_unit.first[u];
        offset[u] = wkb.length;
        wg_regions_put_parts(&wkb, &d->regions, d->of_unit.item + first, d->of_unit.first[u + 1] - first,
                             &d->map->plane, d->map->lattice, NULL);
    }
    return make_layer(d->ctx, "units", d->map->crs, d->atoms->n_units, &wkb, offset, &d->atoms->units);
}

static bool pair_before(uint32_t u, uint32_t v, const wg_edge *bridge) {
    return u < bridge->u || (u == bridge->u && v < bridge->v);
}

/** Edges and their lines: common lines and bridges, merged in the order of pairs. A bridge makes a common line soft. */
static wg_status draw_edges(drawing *d) {
    wg_atoms *atoms = d->atoms;
    const struct wg_atoms_map *map = d->map;
    wg_buffer wkb = {0};
    const size_t most = d->n_stretches + map->n_bridges;
    wg_edge *edges = wg_malloc(most, sizeof *edges);
    double *street = wg_malloc(most, sizeof *street);
    size_t *offset = wg_malloc(most + 1, sizeof *offset);
    if (edges == NULL || street == NULL || offset == NULL) {
        free(edges);
        free(street);
        free(offset);
        return wg_fail_memory(d->ctx);
    }
    uint32_t n = 0, b = 0;
    for (size_t s = 0; s < d->n_stretches || b < map->n_bridges; n++) {
        offset[n] = wkb.length;
        if (s == d->n_stretches ||
            (b < map->n_bridges && !pair_before(d->stretch[s].u, d->stretch[s].v, &map->bridge[b]) &&
             (d->stretch[s].u != map->bridge[b].u || d->stretch[s].v != map->bridge[b].v))) {
            edges[n] = map->bridge[b];
            street[n] = 0;
            put_span(map, b++, &wkb);
            continue;
        }
        size_t end = s + 1;
        while (end < d->n_stretches && d->stretch[end].u == d->stretch[s].u && d->stretch[end].v == d->stretch[s].v) {
            end++;
        }
        edges[n] = weigh_edge(d, s, end, &street[n]);
        put_line(d, s, end, &wkb);
        if (b < map->n_bridges && map->bridge[b].u == d->stretch[s].u && map->bridge[b].v == d->stretch[s].v) {
            edges[n].hard = false;
            b++;
        }
        s = end;
    }
    free(atoms->edges);
    free(atoms->edge_street_m);
    atoms->edges = edges;
    atoms->edge_street_m = street;
    atoms->n_edges = n;
    return make_layer(d->ctx, "edges", map->crs, n, &wkb, offset, &atoms->edge_lines);
}

wg_status wg_atoms_draw(wg_context *ctx, wg_atoms *atoms) {
    drawing d = {.ctx = ctx, .atoms = atoms, .map = atoms->map};
    wg_status status = WG_OK;
    WG_TRY(wg_regions_of(ctx, &d.map->plane, d.map->unit, &d.regions));
    WG_TRY(wg_lists_of(ctx, d.regions.label, d.regions.n, atoms->n_units, &d.of_unit));
    WG_TRY(measure_units(&d));
    WG_TRY(collect_stretches(&d));
    WG_TRY(draw_units(&d));
    WG_TRY(draw_edges(&d));
done:
    drawing_release(&d);
    return status;
}
