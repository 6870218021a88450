#include "geo/reference.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "geo/border.h"
#include "geo/geos.h"
#include "geo/shape.h"
#include "model/wkb.h"

/** Tag of a line that only closes the open end of a gap. */
#define CONNECTOR WG_NONE

typedef struct builder {
    wg_context *ctx;
    const wg_layer *communities;
    uint32_t code;
    wg_reference_options options;
    wg_lattice lattice;
    wg_exceptions *exceptions;
    wg_geos *geos;
    wg_segment *segment;
    size_t n_segments, segment_capacity;
    wg_plane plane;
    uint32_t *first, *second; /**< a face: lowest and second lowest community that covers it, or WG_NONE */
    uint32_t *owner;          /**< a face */
} builder;

const char *wg_row_name(const wg_layer *layer, size_t row, uint32_t id, char buffer[32]) {
    if (id != UINT32_MAX && !wg_layer_is_null(layer, row, id)) {
        const char *text = wg_layer_text(layer, row, id);
        if (text != NULL) {
            return text;
        }
        if (wg_layer_column_type(layer, id) == WG_INTEGER) {
            snprintf(buffer, 32, "%" PRId64, wg_layer_integer(layer, row, id));
        } else {
            snprintf(buffer, 32, "%.15g", wg_layer_real(layer, row, id));
        }
        return buffer;
    }
    snprintf(buffer, 32, "%" PRId64, layer->fid[row]);
    return buffer;
}

static wg_status add_segment(builder *b, wg_ipt from, wg_ipt to, uint32_t tag) {
    if (!WG_RESERVE(b->segment, b->segment_capacity, b->n_segments + 1)) {
        return wg_fail_memory(b->ctx);
    }
    b->segment[b->n_segments++] = (wg_segment){from, to, tag};
    return WG_OK;
}

static wg_status add_rings(builder *b, const wg_shape *shape, uint32_t row) {
    for (size_t r = 0; r < shape->n_runs; r++) {
        const wg_run *run = &shape->run[r];
        for (uint32_t i = 0; run->kind == WG_WKB_POLYGON && i < run->n; i++) {
            const wg_status status = add_segment(b, shape->point[run->first + i],
                                                 shape->point[run->first + (i + 1 < run->n ? i + 1 : 0)], row);
            if (status != WG_OK) {
                return status;
            }
        }
    }
    return WG_OK;
}

/** Read one community, repaired where its polygon is not valid. */
static wg_status read_community(builder *b, uint32_t row, wg_shape *shape) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(b->communities, row, &bytes);
    wg_buffer repaired = {0};
    wg_invalidity why;
    char name[32];
    bool valid = true;
    wg_status status = WG_OK;
    const uint32_t type = wg_wkb_type(wkb, bytes);
    if (type == 0) {
        return wg_layer_fail(b->ctx, b->communities, row, WG_EDATA,
                             "has no geometry (draw the community or delete the row)");
    }
    if (type != WG_WKB_POLYGON && type != WG_WKB_MULTIPOLYGON && type != WG_WKB_COLLECTION) {
        return wg_layer_fail(b->ctx, b->communities, row, WG_EDATA, "is not a polygon (communities must be polygons)");
    }
    WG_TRY(wg_geos_is_valid(b->ctx, b->geos, wkb, bytes, &valid, &why));
    if (!valid) {
        WG_TRY(wg_exceptions_add(b->ctx, b->exceptions, "communities", wg_row_name(b->communities, row, b->code, name),
                                 "invalid_geometry", why.x, why.y, "correct the polygon where it crosses itself",
                                 "polygon was made valid: %s", why.reason));
        status = wg_geos_repair(b->ctx, b->geos, wkb, bytes, &repaired);
        if (status == WG_EDATA) {
            wg_clear_error(b->ctx);
            status = wg_layer_fail(b->ctx, b->communities, row, WG_EDATA,
                                   "polygon is broken beyond repair: %s (draw it again)", why.reason);
        }
        WG_TRY(status);
        wkb = repaired.data;
        bytes = repaired.length;
    }
    status = wg_shape_read(b->ctx, b->lattice, wkb, bytes, shape);
    if (status == WG_EDATA) {
        char message[WG_ERROR_BYTES / 2];
        snprintf(message, sizeof message, "%s", wg_context_error(b->ctx));
        wg_clear_error(b->ctx);
        status = wg_layer_fail(b->ctx, b->communities, row, WG_EDATA, "%s", message);
    }
done:
    wg_buffer_release(&repaired);
    return status;
}

static wg_status read_communities(builder *b) {
    wg_shape shape = {0};
    wg_status status = WG_OK;
    for (uint32_t row = 0; row < b->communities->n; row++) {
        wg_shape_clear(&shape);
        WG_TRY(read_community(b, row, &shape));
        WG_TRY(add_rings(b, &shape, row));
    }
done:
    wg_shape_release(&shape);
    return status;
}

/** State of the walk over faces: which communities cover the present one. */
typedef struct cover {
    builder *b;
    bool *inside;
    uint32_t *active; /**< sorted */
    uint32_t n_active;
} cover;

static void toggle(cover *c, uint32_t community) {
    uint32_t at = 0;
    while (at < c->n_active && c->active[at] < community) {
        at++;
    }
    if (c->inside[community]) {
        memmove(c->active + at, c->active + at + 1, (c->n_active - at - 1) * sizeof *c->active);
        c->n_active--;
    } else {
        memmove(c->active + at + 1, c->active + at, (c->n_active - at) * sizeof *c->active);
        c->active[at] = community;
        c->n_active++;
    }
    c->inside[community] = !c->inside[community];
}

static void step_cover(uint32_t face, uint32_t edge, bool back, void *user) {
    cover *c = user;
    const wg_plane *plane = &c->b->plane;
    for (uint32_t t = edge != WG_NONE ? plane->tag_first[edge] : 0; edge != WG_NONE && t < plane->tag_first[edge + 1];
         t++) {
        if (plane->tag[t] != CONNECTOR) {
            toggle(c, plane->tag[t]);
        }
    }
    if (!back) {
        c->b->first[face] = c->n_active > 0 ? c->active[0] : WG_NONE;
        c->b->second[face] = c->n_active > 1 ? c->active[1] : WG_NONE;
    }
}

/** Node and trace the segments, and find who covers each face. */
static wg_status cover_faces(builder *b) {
    cover c = {.b = b};
    wg_status status = WG_OK;
    wg_plane_release(&b->plane);
    free(b->first);
    free(b->second);
    free(b->owner);
    b->first = b->second = b->owner = NULL;
    WG_TRY(wg_plane_node(b->ctx, b->segment, b->n_segments, &b->plane));
    WG_TRY(wg_plane_trace(b->ctx, &b->plane));
    b->first = wg_malloc(b->plane.n_faces, sizeof *b->first);
    b->second = wg_malloc(b->plane.n_faces, sizeof *b->second);
    b->owner = wg_malloc(b->plane.n_faces, sizeof *b->owner);
    c.inside = wg_calloc(b->communities->n, sizeof *c.inside);
    c.active = wg_malloc(b->communities->n, sizeof *c.active);
    if (b->first == NULL || b->second == NULL || b->owner == NULL || c.inside == NULL || c.active == NULL) {
        WG_TRY(wg_fail_memory(b->ctx));
    }
    WG_TRY(wg_plane_walk(b->ctx, &b->plane, step_cover, &c));
    memcpy(b->owner, b->first, b->plane.n_faces * sizeof *b->owner);
done:
    free(c.inside);
    free(c.active);
    return status;
}

/** Width (metres) and a point of region r. */
static wg_status measure_region(builder *b, const wg_regions *regions, uint32_t r, double *width, double xy[2]) {
    wg_buffer wkb = {0};
    wg_shape shape = {0};
    wg_status status = WG_OK;
    wg_regions_put(&wkb, regions, r, &b->plane, b->lattice, NULL);
    if (wkb.failed) {
        WG_TRY(wg_fail_memory(b->ctx));
    }
    WG_TRY(wg_geos_width(b->ctx, b->geos, wkb.data, wkb.length, b->options.snap_m / 100, width));
    WG_TRY(wg_shape_read(b->ctx, b->lattice, wkb.data, wkb.length, &shape));
    if (!wg_shape_inner_point(&shape, &xy[0], &xy[1])) {
        WG_TRY(wg_fail_memory(b->ctx));
    }
    xy[0] *= b->lattice.step;
    xy[1] *= b->lattice.step;
done:
    wg_buffer_release(&wkb);
    wg_shape_release(&shape);
    return status;
}

static wg_status judge_overlap(builder *b, const wg_regions *regions, uint32_t r, uint32_t face) {
    const uint32_t lower = b->first[face], upper = b->second[face];
    const double area = regions->area[r] * b->lattice.step * b->lattice.step;
    double width, xy[2];
    char name_a[32], name_b[32];
    wg_status status = measure_region(b, regions, r, &width, xy);
    if (status != WG_OK) {
        return status;
    }
    const char *a = wg_row_name(b->communities, lower, b->code, name_a);
    const char *c = wg_row_name(b->communities, upper, b->code, name_b);
    if (width > b->options.snap_m && !b->options.repair) {
        return wg_layer_fail(b->ctx, b->communities, upper, WG_EDATA,
                             "community %s overlaps community %s by %.0f m², up to %.1f m wide, near %.1f, %.1f "
                             "(correct the polygons, or use --repair to leave the land to %s)",
                             c, a, area, width, xy[0], xy[1], a);
    }
    return wg_exceptions_add(b->ctx, b->exceptions, "communities", c, "community_overlap", xy[0], xy[1],
                             "draw both communities along the same line",
                             "overlapped community %s by %.2f m², up to %.2f m wide; the land was left to %s", a, area,
                             width, a);
}

/** Repair narrow overlaps, refuse wide ones. The lower row keeps the land: `owner` says so already. */
static wg_status settle_overlaps(builder *b) {
    wg_regions regions = {0};
    wg_status status = WG_OK;
    uint32_t *label = wg_malloc(b->plane.n_faces, sizeof *label);
    bool any = false;
    if (label == NULL) {
        return wg_fail_memory(b->ctx);
    }
    /* Faces of the same pair of communities get the same label: the first face of that pair. */
    wg_lists by_first = {0};
    WG_TRY(wg_lists_of(b->ctx, b->first, b->plane.n_faces, b->communities->n, &by_first));
    for (uint32_t f = 0; f < b->plane.n_faces; f++) {
        label[f] = WG_NONE;
        if (b->second[f] == WG_NONE) {
            continue;
        }
        any = true;
        uint32_t i = by_first.first[b->first[f]];
        while (b->second[by_first.item[i]] != b->second[f]) {
            i++;
        }
        label[f] = by_first.item[i];
    }
    if (!any) {
        goto done;
    }
    WG_TRY(wg_regions_of(b->ctx, &b->plane, label, &regions));
    for (uint32_t r = 0; r < regions.n; r++) {
        WG_TRY(judge_overlap(b, &regions, r, regions.label[r]));
    }
done:
    free(label);
    wg_lists_release(&by_first);
    wg_regions_release(&regions);
    return status;
}

/** Length of community line along region r, by neighbour: the best one and how many there are. */
static wg_status neighbours_of(builder *b, const wg_regions *regions, uint32_t r, double *length, uint32_t *best,
                               uint32_t *n) {
    uint32_t *seen = NULL;
    size_t capacity = 0;
    *best = WG_NONE;
    *n = 0;
    for (uint32_t i = regions->half_first[regions->ring_first[r]]; i < regions->half_first[regions->ring_first[r + 1]];
         i++) {
        const uint32_t h = regions->half[i], owner = b->owner[b->plane.face[h ^ 1]];
        if (owner == WG_NONE) {
            continue;
        }
        if (length[owner] == 0) {
            if (!WG_RESERVE(seen, capacity, *n + 1u)) {
                free(seen);
                return wg_fail_memory(b->ctx);
            }
            seen[(*n)++] = owner;
        }
        length[owner] += wg_plane_length(&b->plane, h / 2);
    }
    for (uint32_t i = 0; i < *n; i++) {
        const uint32_t owner = seen[i];
        if (*best == WG_NONE || length[owner] > length[*best] || (!(length[owner] < length[*best]) && owner < *best)) {
            *best = owner;
        }
    }
    for (uint32_t i = 0; i < *n; i++) {
        length[seen[i]] = 0;
    }
    free(seen);
    return WG_OK;
}

/** Give narrow gaps between communities to the neighbour with the longest common line. */
static wg_status close_gaps(builder *b) {
    wg_regions regions = {0};
    wg_status status = WG_OK;
    uint32_t *label = wg_malloc(b->plane.n_faces, sizeof *label);
    double *length = wg_calloc(b->communities->n, sizeof *length);
    uint32_t *winner = NULL;
    if (label == NULL || length == NULL) {
        WG_TRY(wg_fail_memory(b->ctx));
    }
    for (uint32_t f = 0; f < b->plane.n_faces; f++) {
        label[f] = f != 0 && b->first[f] == WG_NONE ? 0 : WG_NONE;
    }
    WG_TRY(wg_regions_of(b->ctx, &b->plane, label, &regions));
    winner = wg_malloc(regions.n, sizeof *winner);
    if (winner == NULL) {
        WG_TRY(wg_fail_memory(b->ctx));
    }
    for (uint32_t r = 0; r < regions.n; r++) {
        uint32_t n_neighbours;
        double width = 0, xy[2];
        char name[32];
        WG_TRY(neighbours_of(b, &regions, r, length, &winner[r], &n_neighbours));
        if (n_neighbours >= 2) {
            WG_TRY(measure_region(b, &regions, r, &width, xy));
        }
        if (n_neighbours < 2 || width > b->options.snap_m) {
            winner[r] = WG_NONE; /* a lake, or land of nobody: the planner's own hole */
            continue;
        }
        WG_TRY(wg_exceptions_add(b->ctx, b->exceptions, "communities",
                                 wg_row_name(b->communities, winner[r], b->code, name), "community_gap", xy[0], xy[1],
                                 "draw both communities along the same line",
                                 "a gap of %.2f m², up to %.2f m wide, between %u communities was closed",
                                 regions.area[r] * b->lattice.step * b->lattice.step, width, n_neighbours));
    }
    for (uint32_t f = 0; f < b->plane.n_faces; f++) {
        if (regions.of_face[f] != WG_NONE) {
            b->owner[f] = winner[regions.of_face[f]];
        }
    }
done:
    free(label);
    free(length);
    free(winner);
    wg_regions_release(&regions);
    return status;
}

/** Whether the ring turns by more than about 30 degrees at b. */
static bool is_corner(wg_ipt a, wg_ipt b, wg_ipt c) {
    const double ux = (double)(b.x - a.x), uy = (double)(b.y - a.y), vx = (double)(c.x - b.x), vy = (double)(c.y - b.y);
    return ux * vx + uy * vy < 0.86 * hypot(ux, uy) * hypot(vx, vy);
}

/** Join a corner to each other community whose line is nearer than the tolerance but does not touch it. */
static wg_status connect_corner(builder *b, const wg_bins *bins, wg_ipt corner, uint32_t own) {
    struct near {
        uint32_t community;
        double distance;
        wg_ipt at;
    } near[8];
    uint32_t n = 0;
    const double reach = b->options.snap_m / b->lattice.step;
    const wg_box box = wg_box_grown((wg_box){corner, corner}, (int64_t)reach);
    const wg_bin_range range = wg_bins_range(bins, box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * bins->nx + range.x0; bin <= (size_t)y * bins->nx + range.x1; bin++) {
            for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
                const wg_segment s = b->segment[bins->item[i]];
                double distance;
                if (s.tag == own || !wg_box_meets(box, wg_segment_box(s.a, s.b))) {
                    continue;
                }
                const wg_ipt at = wg_segment_nearest(s.a, s.b, corner, &distance);
                uint32_t k = 0;
                while (k < n && near[k].community != s.tag) {
                    k++;
                }
                if (distance > reach || (k == n && n == 8)) {
                    continue;
                }
                if (k == n || distance < near[k].distance) {
                    near[k] = (struct near){s.tag, distance, at};
                    n += k == n;
                }
            }
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        if (near[k].distance > 0 && !wg_ipt_equal(near[k].at, corner)) {
            const wg_status status = add_segment(b, corner, near[k].at, CONNECTOR);
            if (status != WG_OK) {
                return status;
            }
        }
    }
    return WG_OK;
}

/** Close the open ends of narrow gaps, so that they become faces. */
static wg_status connect_corners(builder *b) {
    wg_bins bins = {0};
    const size_t n_lines = b->n_segments;
    wg_status status = WG_OK;
    WG_TRY(wg_bins_of_segments(b->ctx, b->segment, n_lines, 2.0, &bins));
    for (size_t i = 0, ring = 0; i < n_lines; i++) {
        const wg_segment s = b->segment[i];
        const bool closes = wg_ipt_equal(s.b, b->segment[ring].a);
        if (is_corner(s.a, s.b, b->segment[closes ? ring : i + 1].b)) {
            WG_TRY(connect_corner(b, &bins, s.b, s.tag));
        }
        ring = closes ? i + 1 : ring;
    }
done:
    wg_bins_release(&bins);
    return status;
}

/** Keep only the lines between different owners, and say who is on each side. */
static wg_status keep_borders(builder *b, wg_reference *reference) {
    wg_plane *plane = &b->plane;
    wg_status status = WG_OK;
    bool *keep = wg_malloc(plane->n_edges, sizeof *keep);
    uint32_t *owner = reference->owner = wg_malloc((size_t)plane->n_edges * 2, sizeof *owner);
    if (keep == NULL || owner == NULL) {
        WG_TRY(wg_fail_memory(b->ctx));
    }
    uint32_t n = 0;
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t left = b->owner[plane->face[2 * e]], right = b->owner[plane->face[2 * e + 1]];
        keep[e] = left != right;
        if (keep[e]) {
            owner[n++] = left;
            owner[n++] = right;
        }
    }
    WG_TRY(wg_plane_filter(b->ctx, plane, keep));
    reference->plane = *plane;
    *plane = (wg_plane){0};
done:
    free(keep);
    return status;
}

/** The parts of each community. */
static wg_status find_regions(wg_context *ctx, wg_reference *reference) {
    wg_plane *plane = &reference->plane;
    const wg_layer *layer = reference->layer;
    wg_status status = WG_OK;
    uint32_t *label = NULL;
    WG_TRY(wg_plane_trace(ctx, plane));
    label = wg_malloc(plane->n_faces, sizeof *label);
    if (label == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    label[0] = WG_NONE;
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        label[plane->face[h]] = reference->owner[h];
    }
    WG_TRY(wg_regions_of(ctx, plane, label, &reference->regions));
    WG_TRY(wg_lists_of(ctx, reference->regions.label, reference->regions.n, layer->n, &reference->regions_of));
    for (uint32_t row = 0; row < layer->n; row++) {
        if (reference->regions_of.first[row] == reference->regions_of.first[row + 1]) {
            status = wg_layer_fail(ctx, layer, row, WG_EDATA,
                                   "has no land of its own: its polygon is empty on the grid, or others cover it "
                                   "(correct or delete it)");
            goto done;
        }
    }
done:
    free(label);
    return status;
}

/** For looking up points and communities' own lines. */
static wg_status index_borders(wg_context *ctx, wg_reference *reference) {
    const wg_plane *plane = &reference->plane;
    const size_t n_communities = reference->layer->n;
    wg_status status = WG_OK;
    uint32_t *key = wg_malloc((size_t)plane->n_edges * 2, sizeof *key);
    reference->box = wg_malloc(n_communities, sizeof *reference->box);
    reference->woven.point = wg_calloc(plane->n_edges, sizeof *reference->woven.point);
    reference->woven.n = wg_calloc(plane->n_edges, sizeof *reference->woven.n);
    if (key == NULL || reference->box == NULL || reference->woven.point == NULL || reference->woven.n == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t c = 0; c < n_communities; c++) {
        reference->box[c] = WG_BOX_EMPTY;
    }
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        key[h] = reference->owner[h];
        if (key[h] != WG_NONE) {
            wg_box_add(&reference->box[key[h]], plane->point[plane->end[h]]);
        }
    }
    WG_TRY(wg_lists_of(ctx, key, (size_t)plane->n_edges * 2, n_communities, &reference->of_community));
    for (size_t i = 0; i < reference->of_community.first[n_communities]; i++) {
        reference->of_community.item[i] /= 2;
    }
    WG_TRY(wg_finder_init(ctx, plane, &reference->finder));
done:
    free(key);
    return status;
}

wg_status wg_reference_trace(wg_context *ctx, wg_reference *reference) {
    wg_status status = WG_OK;
    WG_TRY(find_regions(ctx, reference));
    WG_TRY(index_borders(ctx, reference));
    WG_TRY(wg_reference_write(ctx, reference, NULL));
done:
    return status;
}

static wg_status settle(builder *b) {
    wg_status status = WG_OK;
    WG_TRY(read_communities(b));
    WG_TRY(connect_corners(b));
    WG_TRY(cover_faces(b));
    WG_TRY(settle_overlaps(b));
    WG_TRY(close_gaps(b));
done:
    return status;
}

wg_status wg_reference_build(wg_context *ctx, const wg_layer *communities, uint32_t code,
                             const wg_reference_options *options, wg_exceptions *exceptions, wg_reference **out) {
    builder b = {.ctx = ctx, .communities = communities, .code = code, .options = *options, .exceptions = exceptions};
    wg_reference *reference = NULL;
    wg_status status = WG_OK;
    b.options.grid_m = options->grid_m > 0 ? options->grid_m : 0.001;
    b.options.snap_m = options->snap_m > 0 ? options->snap_m : 2;
    b.lattice = wg_lattice_of(b.options.grid_m);
    if (communities->n == 0 || communities->n >= WG_NONE) {
        return wg_fail(ctx, WG_EDATA, "%s: there is no community (at least one polygon is needed)",
                       wg_layer_source(communities));
    }
    reference = wg_calloc(1, sizeof *reference);
    if (reference == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_geos_open(ctx, &b.geos));
    WG_TRY(settle(&b));
    WG_TRY(wg_layer_copy(ctx, communities, NULL, &reference->layer));
    reference->lattice = b.lattice;
    WG_TRY(keep_borders(&b, reference));
    WG_TRY(wg_reference_trace(ctx, reference));
    *out = reference;
    reference = NULL;
done:
    wg_geos_close(b.geos);
    free(b.segment);
    free(b.first);
    free(b.second);
    free(b.owner);
    wg_plane_release(&b.plane);
    wg_reference_free(reference);
    return status;
}
