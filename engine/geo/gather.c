#include <string.h>

#include "geo/work.h"
#include "model/wkb.h"

static wg_status add_line(wg_work *w, wg_ipt a, wg_ipt b, uint32_t tag) {
    return wg_segments_add(&w->lines, a, b, tag) ? WG_OK : wg_fail_memory(w->ctx);
}

static wg_status gather_reference(wg_work *w) {
    const wg_reference *reference = w->city->reference;
    const wg_plane *plane = &reference->plane;
    wg_status status = WG_OK;
    for (uint32_t i = reference->of_community.first[w->community]; i < reference->of_community.first[w->community + 1];
         i++) {
        const uint32_t e = reference->of_community.item[i];
        WG_TRY(add_line(w, plane->point[plane->end[2 * e]], plane->point[plane->end[2 * e + 1]],
                        wg_line_tag(WG_LINE_REFERENCE, e)));
    }
done:
    return status;
}

/** Which of the barrier lines' segments have an end of a line. */
typedef struct loose_ends {
    size_t first, n; /**< in the work's lines */
    uint8_t *flag;
} loose_ends;

static wg_status gather_barrier_lines(wg_work *w, wg_box box, loose_ends *loose) {
    const wg_carpet *carpet = &w->index->barriers;
    uint32_t *list = NULL;
    size_t n;
    wg_status status = WG_OK;
    WG_TRY(wg_carpet_query(w->ctx, carpet, true, box, &list, &n));
    *loose = (loose_ends){w->lines.n, n, wg_malloc(n, sizeof *loose->flag)};
    if (loose->flag == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    for (size_t i = 0; i < n; i++) {
        const wg_segment s = carpet->segment[list[i]];
        loose->flag[i] = carpet->loose[list[i]];
        WG_TRY(add_line(w, s.a, s.b, wg_line_tag(WG_LINE_BARRIER, s.tag)));
    }
done:
    free(list);
    return status;
}

/** List a polygon whose rings cross themselves, in the community where it begins. */
static wg_status list_repair(wg_work *w, const wg_carpet *carpet, uint32_t row, const char *layer) {
    if (carpet->simple[row] || carpet->first_run[row] == carpet->first_run[row + 1]) {
        return WG_OK;
    }
    const wg_ipt p = carpet->shape.point[carpet->shape.run[carpet->first_run[row]].first];
    if (wg_reference_find(w->city->reference, p) != w->community) {
        return WG_OK;
    }
    char name[32];
    return wg_exceptions_add(w->ctx, w->exceptions, layer,
                             wg_row_name(carpet->layer, row, wg_layer_column(carpet->layer, "id"), name),
                             "invalid_geometry", (double)p.x / w->per_m, (double)p.y / w->per_m, "correct the polygon",
                             "the polygon crosses itself; what an odd number of its lines surrounds was taken");
}

/** Which of the four half-planes beyond the sides of the box p lies in, as bits. */
static unsigned beyond(wg_box box, wg_ipt p) {
    return (p.x < box.low.x ? 1u : 0) | (p.x > box.high.x ? 2u : 0) | (p.y < box.low.y ? 4u : 0) |
           (p.y > box.high.y ? 8u : 0);
}

/**
 * One ring. What runs far from the community is cut short: points that all lie beyond one side of the box are passed
 * over by a straight line, which stays beyond it too. So a river as long as the city costs a community its own reach.
 */
static wg_status gather_ring(wg_work *w, const wg_ipt *point, uint32_t n, wg_box box, uint32_t tag) {
    wg_status status = WG_OK;
    for (uint32_t from = 0, to; from < n; from = to) {
        unsigned side = beyond(box, point[from]);
        for (to = from; to < n && (side &= beyond(box, point[to + 1 < n ? to + 1 : 0])) != 0; to++) {
        }
        to += to == from;
        WG_TRY(add_line(w, point[from], point[to < n ? to : 0], tag));
    }
done:
    return status;
}

/** Rings of all rows near the community. */
static wg_status gather_rings(wg_work *w, const wg_carpet *carpet, uint32_t kind, const char *name, wg_box box) {
    uint32_t *list = NULL;
    size_t n;
    wg_status status = WG_OK;
    WG_TRY(wg_carpet_query(w->ctx, carpet, false, box, &list, &n));
    for (size_t i = 0; i < n; i++) {
        WG_TRY(list_repair(w, carpet, list[i], name));
        for (size_t r = carpet->first_run[list[i]]; r < carpet->first_run[list[i] + 1]; r++) {
            const wg_run run = carpet->shape.run[r];
            if (run.kind == WG_WKB_POLYGON) {
                WG_TRY(gather_ring(w, carpet->shape.point + run.first, run.n, box, wg_line_tag(kind, list[i])));
            }
        }
    }
done:
    free(list);
    return status;
}

/** The nearest point of another line than `own` within `reach` of p. */
typedef struct nearest {
    double distance;
    wg_ipt at;
    bool connected; /**< p lies on another line already */
} nearest;

static nearest look_around(const wg_work *w, const wg_bins *bins, wg_ipt p, size_t own, double reach) {
    nearest found = {INFINITY, p, false};
    const wg_box box = wg_box_grown((wg_box){p, p}, (int64_t)reach);
    const wg_bin_range range = wg_bins_range(bins, box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * bins->nx + range.x0; bin <= (size_t)y * bins->nx + range.x1; bin++) {
            for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
                const wg_segment s = w->lines.item[bins->item[i]];
                double distance;
                if (bins->item[i] == own || !wg_box_meets(box, wg_segment_box(s.a, s.b))) {
                    continue;
                }
                if (wg_segment_hits_pixel(s.a, s.b, p)) {
                    found.connected = true;
                    return found;
                }
                /* The line's own neighbouring segment is no target. */
                const wg_segment o = w->lines.item[own];
                if (s.tag == o.tag && (wg_ipt_equal(s.a, o.b) || wg_ipt_equal(s.b, o.a))) {
                    continue;
                }
                const wg_ipt at = wg_segment_nearest(s.a, s.b, p, &distance);
                if (distance <= reach && distance < found.distance) {
                    found.distance = distance;
                    found.at = at;
                }
            }
        }
    }
    return found;
}

/** Lead the loose ends of barrier lines to what they nearly meet. */
static wg_status extend_ends(wg_work *w, const loose_ends *loose) {
    const wg_carpet *carpet = &w->index->barriers;
    const double reach = w->index->options.snap_m * w->per_m;
    wg_bins bins = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_bins_of_segments(w->ctx, w->lines.item, w->lines.n, 2.0, &bins));
    for (size_t i = 0; i < loose->n; i++) {
        const wg_segment s = w->lines.item[loose->first + i];
        const uint32_t row = wg_line_number(s.tag);
        for (int side = 0; side < 2; side++) {
            const wg_ipt p = side == 0 ? s.a : s.b;
            if ((loose->flag[i] >> side & 1) == 0) {
                continue;
            }
            const nearest found = look_around(w, &bins, p, loose->first + i, reach);
            if (found.connected || !(found.distance <= reach)) {
                continue;
            }
            WG_TRY(add_line(w, p, found.at, s.tag));
            if (wg_reference_find(w->city->reference, p) == w->community) {
                char name[32];
                WG_TRY(wg_exceptions_add(
                    w->ctx, w->exceptions, "barriers",
                    wg_row_name(carpet->layer, row, wg_layer_column(carpet->layer, "id"), name), "line_extended",
                    (double)p.x / w->per_m, (double)p.y / w->per_m, "join the lines in the map",
                    "its end was led %.2f m further, to the next line", found.distance / w->per_m));
            }
        }
    }
done:
    wg_bins_release(&bins);
    return status;
}

/** Split a building's geometry into footprints: polygons and points (lines are taken by their vertices). */
static wg_status add_footprints(wg_work *w, uint32_t building, size_t first_run, size_t *capacity) {
    for (size_t r = first_run; r < w->shape.n_runs;) {
        size_t end = r + 1;
        while (end < w->shape.n_runs && w->shape.run[end].part == w->shape.run[r].part) {
            end++;
        }
        if (!WG_RESERVE(w->footprint, *capacity, w->n_footprints + 1u)) {
            return wg_fail_memory(w->ctx);
        }
        const wg_shape part = {w->shape.point, w->shape.n_points, 0, w->shape.run + r, end - r, 0};
        wg_footprint *f = &w->footprint[w->n_footprints];
        *f = (wg_footprint){building, (uint32_t)r,  (uint32_t)(end - r), w->n_footprints,
                            false,    WG_BOX_EMPTY, wg_shape_area(&part)};
        for (size_t i = r; i < end; i++) {
            for (uint32_t k = 0; k < w->shape.run[i].n; k++) {
                wg_box_add(&f->box, w->shape.point[w->shape.run[i].first + k]);
            }
        }
        const uint32_t best = w->main_footprint[building];
        if (best == WG_NONE || f->area > w->footprint[best].area) {
            w->main_footprint[building] = w->n_footprints;
        }
        w->n_footprints++;
        r = end;
    }
    return WG_OK;
}

static wg_status read_footprints(wg_work *w) {
    const wg_placement *placement = w->city->placement;
    size_t capacity = 0;
    wg_status status = WG_OK;
    w->row = placement->order + placement->first[w->community];
    w->n_buildings = (uint32_t)(placement->first[w->community + 1] - placement->first[w->community]);
    w->main_footprint = wg_malloc(w->n_buildings, sizeof *w->main_footprint);
    if (w->main_footprint == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(w->city->buildings, w->row[b], &bytes);
        const size_t first_run = w->shape.n_runs;
        w->main_footprint[b] = WG_NONE;
        WG_TRY(wg_shape_read(w->ctx, w->index->lattice, wkb, bytes, &w->shape));
        WG_TRY(add_footprints(w, b, first_run, &capacity));
    }
done:
    return status;
}

static wg_shape shape_of(const wg_work *w, const wg_footprint *f) {
    return (wg_shape){w->shape.point, w->shape.n_points, 0, w->shape.run + f->first_run, f->n_runs, 0};
}

static double ring_distance(const wg_shape *shape, wg_ipt p) {
    double best = INFINITY;
    for (size_t r = 0; r < shape->n_runs; r++) {
        const wg_ipt *point = shape->point + shape->run[r].first;
        const uint32_t n = shape->run[r].n;
        for (uint32_t k = 0; k < n; k++) {
            double distance;
            wg_segment_nearest(point[k], point[k + 1 < n ? k + 1 : 0], p, &distance);
            best = distance < best ? distance : best;
        }
    }
    return best;
}

/** Whether p lies deeper than `depth` inside the shape. */
static bool is_deep(const wg_shape *shape, wg_ipt p, double depth) {
    return wg_shape_contains(shape, p) > 0 && ring_distance(shape, p) > depth;
}

static bool some_vertex_deep(const wg_shape *a, const wg_shape *b, wg_box box_b, double depth) {
    for (size_t r = 0; r < a->n_runs; r++) {
        for (uint32_t k = 0; k < a->run[r].n; k++) {
            const wg_ipt p = a->point[a->run[r].first + k];
            if (p.x >= box_b.low.x && p.x <= box_b.high.x && p.y >= box_b.low.y && p.y <= box_b.high.y &&
                is_deep(b, p, depth)) {
                return true;
            }
        }
    }
    return false;
}

/** Whether two edges cross with all four ends farther than `depth` from the other one. */
static bool cross_deeply(const wg_shape *a, const wg_shape *b, double depth) {
    for (size_t r = 0; r < a->n_runs; r++) {
        for (uint32_t i = 0; i < a->run[r].n; i++) {
            const wg_ipt p = a->point[a->run[r].first + i],
                         q = a->point[a->run[r].first + (i + 1 < a->run[r].n ? i + 1 : 0)];
            for (size_t s = 0; s < b->n_runs; s++) {
                for (uint32_t j = 0; j < b->run[s].n; j++) {
                    const wg_ipt c = b->point[b->run[s].first + j],
                                 d = b->point[b->run[s].first + (j + 1 < b->run[s].n ? j + 1 : 0)];
                    wg_ipt at;
                    double dp, dq, dc, dd;
                    if (!wg_segments_cross(p, q, c, d, &at)) {
                        continue;
                    }
                    wg_segment_nearest(c, d, p, &dp);
                    wg_segment_nearest(c, d, q, &dq);
                    wg_segment_nearest(p, q, c, &dc);
                    wg_segment_nearest(p, q, d, &dd);
                    if (dp > depth && dq > depth && dc > depth && dd > depth) {
                        return true;
                    }
                }
            }
        }
    }
    return false;
}

/** Footprints that only touch, or overlap by a survey's error, are neighbours; deeper overlap makes them one cluster.
 */
static bool overlap(const wg_work *w, const wg_footprint *f, const wg_footprint *g) {
    const wg_shape a = shape_of(w, f), b = shape_of(w, g);
    const double depth = 0.02 * w->per_m;
    const bool point_a = a.run[0].kind != WG_WKB_POLYGON, point_b = b.run[0].kind != WG_WKB_POLYGON;
    if (point_a && point_b) {
        return wg_ipt_equal(a.point[a.run[0].first], b.point[b.run[0].first]);
    }
    if (point_a || point_b) {
        return point_a ? wg_shape_contains(&b, a.point[a.run[0].first]) >= 0
                       : wg_shape_contains(&a, b.point[b.run[0].first]) >= 0;
    }
    if (some_vertex_deep(&a, &b, g->box, depth) || some_vertex_deep(&b, &a, f->box, depth) ||
        cross_deeply(&a, &b, depth)) {
        return true;
    }
    /* The same outline, or one with more vertices on the same lines: no vertex is inside, the middle is. */
    double x, y;
    return wg_shape_inner_point(&a, &x, &y) && is_deep(&b, (wg_ipt){llrint(x), llrint(y)}, depth);
}

static wg_status cluster_footprints(wg_work *w) {
    wg_bins bins = {0};
    wg_status status = WG_OK;
    uint32_t *parent = wg_malloc(w->n_footprints, sizeof *parent);
    wg_box *box = wg_malloc(w->n_footprints, sizeof *box);
    if (parent == NULL || box == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    for (uint32_t i = 0; i < w->n_footprints; i++) {
        parent[i] = i;
        box[i] = w->footprint[i].box;
    }
    WG_TRY(wg_bins_of_boxes(w->ctx, box, w->n_footprints, 1.0, &bins));
    for (size_t bin = 0; bin < (size_t)bins.nx * bins.ny; bin++) {
        for (uint32_t i = bins.first[bin]; i < bins.first[bin + 1]; i++) {
            for (uint32_t j = i + 1; j < bins.first[bin + 1]; j++) {
                const uint32_t f = bins.item[i], g = bins.item[j];
                if (wg_box_meets(box[f], box[g]) && wg_sets_find(parent, f) != wg_sets_find(parent, g) &&
                    overlap(w, &w->footprint[f], &w->footprint[g])) {
                    wg_sets_join(parent, f, g);
                }
            }
        }
    }
    for (uint32_t i = 0; i < w->n_footprints; i++) {
        w->footprint[i].cluster = wg_sets_find(parent, i);
    }
done:
    free(parent);
    free(box);
    wg_bins_release(&bins);
    return status;
}

/** Whether a line touches the outline of a footprint or begins inside. */
static bool touches(const wg_work *w, const wg_footprint *f, const wg_bins *bins, const wg_segments *lines) {
    const wg_shape shape = shape_of(w, f);
    const wg_bin_range range = wg_bins_range(bins, f->box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * bins->nx + range.x0; bin <= (size_t)y * bins->nx + range.x1; bin++) {
            for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
                const wg_segment s = lines->item[bins->item[i]];
                if (!wg_box_meets(f->box, wg_segment_box(s.a, s.b))) {
                    continue;
                }
                for (size_t r = 0; r < shape.n_runs; r++) {
                    const wg_ipt *point = shape.point + shape.run[r].first;
                    const uint32_t n = shape.run[r].n;
                    for (uint32_t k = 0; k < n; k++) {
                        if (wg_segments_touch(s.a, s.b, point[k], point[k + 1 < n ? k + 1 : 0])) {
                            return true;
                        }
                    }
                }
                if (wg_shape_contains(&shape, s.a) >= 0) {
                    return true;
                }
            }
        }
    }
    return false;
}

wg_status wg_work_cross(wg_work *w, const wg_segments *lines, wg_segments *out) {
    wg_bins bins = {0};
    wg_status status = WG_OK;
    bool *crossed = wg_calloc(w->n_footprints, sizeof *crossed); /* a cluster */
    if (crossed == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    WG_TRY(wg_bins_of_segments(w->ctx, lines->item, lines->n, 1.0, &bins));
    for (uint32_t i = 0; i < w->n_footprints; i++) {
        const wg_footprint *f = &w->footprint[i];
        if (!f->crossed && !crossed[f->cluster] && w->shape.run[f->first_run].kind == WG_WKB_POLYGON &&
            wg_box_meets(f->box, bins.box)) {
            crossed[f->cluster] = touches(w, f, &bins, lines);
        }
    }
    for (uint32_t i = 0; i < w->n_footprints; i++) {
        wg_footprint *f = &w->footprint[i];
        if (f->crossed || !crossed[f->cluster]) {
            continue;
        }
        f->crossed = true;
        for (uint32_t r = f->first_run; r < f->first_run + f->n_runs; r++) {
            const wg_run run = w->shape.run[r];
            for (uint32_t k = 0; run.kind == WG_WKB_POLYGON && k < run.n; k++) {
                if (!wg_segments_add(out, w->shape.point[run.first + k],
                                     w->shape.point[run.first + (k + 1 < run.n ? k + 1 : 0)],
                                     wg_line_tag(WG_LINE_FOOTPRINT, i))) {
                    WG_TRY(wg_fail_memory(w->ctx));
                }
            }
        }
    }
done:
    free(crossed);
    wg_bins_release(&bins);
    return status;
}

wg_status wg_work_gather(wg_work *w) {
    wg_segments rings = {0};
    loose_ends loose = {0};
    wg_status status = WG_OK;
    w->per_m = 1 / w->index->lattice.step;
    w->box = w->city->reference->box[w->community];
    const wg_box box = wg_box_grown(w->box, (int64_t)(w->index->options.snap_m * w->per_m) + 1);
    WG_TRY(gather_reference(w));
    if (w->index->given.layer != NULL) {
        WG_TRY(gather_rings(w, &w->index->given, WG_LINE_GIVEN, "units", box));
    }
    WG_TRY(gather_barrier_lines(w, box, &loose));
    WG_TRY(gather_rings(w, &w->index->barriers, WG_LINE_SURFACE, "barriers", box));
    WG_TRY(gather_rings(w, &w->index->compounds, WG_LINE_COMPOUND, "compounds", box));
    WG_TRY(gather_rings(w, &w->index->dedicated, WG_LINE_DEDICATED, "dedicated", box));
    WG_TRY(extend_ends(w, &loose));
    WG_TRY(read_footprints(w));
    WG_TRY(cluster_footprints(w));
    WG_TRY(wg_work_cross(w, &w->lines, &rings));
    for (size_t i = 0; i < rings.n; i++) {
        WG_TRY(add_line(w, rings.item[i].a, rings.item[i].b, rings.item[i].tag));
    }
done:
    free(loose.flag);
    free(rings.item);
    return status;
}

void wg_work_release(wg_work *w) {
    free(w->lines.item);
    wg_shape_release(&w->shape);
    free(w->footprint);
    free(w->main_footprint);
    free(w->torn);
    wg_plane_release(&w->plane);
    free(w->over);
    free(w->block);
    free(w->building_block);
    free(w->block_weight);
    free(w->block_over);
    free(w->heavy);
    free(w->strip);
    free(w->compound_divided);
    free(w->dead_ends.item);
    free(w->piece);
    free(w->piece_block);
    free(w->building_piece);
}
