#include <string.h>

#include "core/parallel.h"
#include "core/random.h"
#include "geo/border.h"
#include "geo/reference.h"
#include "geo/shape.h"
#include "model/wkb.h"

enum { ROWS_A_TASK = 2048 };

/** Tag of a footprint's ring; other tags are numbers of community lines. */
#define FOOTPRINT (WG_NONE - 1)

typedef struct placer {
    const wg_reference *reference;
    const wg_layer *buildings;
    uint32_t id_column;
    wg_placement *placement;
    uint64_t *hash;       /**< of the footprint; 0 for none */
    wg_exceptions *found; /**< one list a task */
} placer;

/** What one task needs for itself. */
typedef struct scratch {
    wg_shape shape, part;
    uint32_t *near;
    size_t n_near, near_capacity;
    wg_segment *segment;
    size_t n_segments, segment_capacity;
} scratch;

static void scratch_release(scratch *s) {
    wg_shape_release(&s->shape);
    wg_shape_release(&s->part);
    free(s->near);
    free(s->segment);
}

/** The same for every order and starting vertex of the same points. Never 0. */
static uint64_t hash_shape(const wg_shape *shape) {
    uint64_t sum = shape->n_points;
    for (size_t i = 0; i < shape->n_points; i++) {
        sum += wg_hash_u64(wg_hash_u64((uint64_t)shape->point[i].x) ^ (uint64_t)shape->point[i].y);
    }
    return sum != 0 ? sum : 1;
}

static int compare_numbers(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/** Community lines whose boxes meet `box`, each once, ascending. */
static wg_status lines_near(wg_context *ctx, const wg_reference *reference, wg_box box, scratch *s) {
    s->n_near = 0;
    const wg_bins *bins = &reference->finder.bins;
    if (!wg_box_meets(box, bins->box)) {
        return WG_OK;
    }
    const wg_bin_range range = wg_bins_range(bins, box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * bins->nx + range.x0; bin <= (size_t)y * bins->nx + range.x1; bin++) {
            for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
                const wg_segment *line = &reference->finder.segment[bins->item[i]];
                if (!wg_box_meets(box, wg_segment_box(line->a, line->b))) {
                    continue;
                }
                if (!WG_RESERVE(s->near, s->near_capacity, s->n_near + 1)) {
                    return wg_fail_memory(ctx);
                }
                s->near[s->n_near++] = bins->item[i];
            }
        }
    }
    if (s->n_near > 1) {
        qsort(s->near, s->n_near, sizeof *s->near, compare_numbers);
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->n_near; i++) {
        if (kept == 0 || s->near[kept - 1] != s->near[i]) {
            s->near[kept++] = s->near[i];
        }
    }
    s->n_near = kept;
    return WG_OK;
}

/** Whether a community line passes through the inside of the footprint, or touches its outline. */
static bool is_crossed(const wg_reference *reference, const scratch *s) {
    for (size_t i = 0; i < s->n_near; i++) {
        const wg_segment *line = &reference->finder.segment[s->near[i]];
        if (wg_shape_contains(&s->shape, line->a) >= 0) {
            return true;
        }
        for (size_t r = 0; r < s->shape.n_runs; r++) {
            const wg_ipt *point = s->shape.point + s->shape.run[r].first;
            const uint32_t n = s->shape.run[r].n;
            for (uint32_t k = 0; k < n; k++) {
                if (wg_segments_touch(line->a, line->b, point[k], point[k + 1 < n ? k + 1 : 0])) {
                    return true;
                }
            }
        }
    }
    return false;
}

static wg_status add_segment(wg_context *ctx, scratch *s, wg_ipt a, wg_ipt b, uint32_t tag) {
    if (!WG_RESERVE(s->segment, s->segment_capacity, s->n_segments + 1)) {
        return wg_fail_memory(ctx);
    }
    s->segment[s->n_segments++] = (wg_segment){a, b, tag};
    return WG_OK;
}

/** Parts of one footprint by community. */
typedef struct parting {
    const wg_plane *plane;
    bool inside_now;
    bool *inside;    /**< a face: part of the footprint */
    uint32_t *owner; /**< a face */
} parting;

static void step_split(uint32_t face, uint32_t edge, bool back, void *user) {
    parting *s = user;
    for (uint32_t t = edge != WG_NONE ? s->plane->tag_first[edge] : 0;
         edge != WG_NONE && t < s->plane->tag_first[edge + 1]; t++) {
        s->inside_now ^= s->plane->tag[t] == FOOTPRINT;
    }
    if (!back) {
        s->inside[face] = s->inside_now;
    }
}

/** Owners of the faces: from a community line on their boundary; `whole` where a face has none. */
static void own_faces(const wg_reference *reference, const wg_plane *plane, uint32_t whole, uint32_t *owner) {
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        owner[f] = whole;
    }
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        for (uint32_t t = plane->tag_first[h / 2]; t < plane->tag_first[h / 2 + 1]; t++) {
            if (plane->tag[t] == FOOTPRINT) {
                continue;
            }
            /* The line runs upwards; rounding keeps that, except that an edge may become level. */
            const uint32_t upward = reference->finder.segment[plane->tag[t]].tag;
            const wg_ipt from = plane->point[plane->end[h]], to = plane->point[plane->end[h ^ 1]];
            const wg_segment line = reference->finder.segment[plane->tag[t]];
            const double along = (double)(to.x - from.x) * (double)(line.b.x - line.a.x) +
                                 (double)(to.y - from.y) * (double)(line.b.y - line.a.y);
            owner[plane->face[h]] = reference->owner[along > 0 ? upward : upward ^ 1];
        }
    }
}

typedef struct placed_part {
    uint32_t community;
    double share;   /**< of the footprint's area, in that community */
    double outside; /**< in no community */
    double x, y;    /**< inside that part, grid steps; NAN: not found */
} placed_part;

/** Sum the parts by owner and find the largest one of the winner. */
static wg_status judge_parts(wg_context *ctx, const parting *split, const wg_plane *plane, scratch *s,
                             placed_part *verdict) {
    wg_regions regions = {0};
    wg_status status = WG_OK;
    double total = 0, best_area = 0;
    uint32_t *label = wg_malloc(plane->n_faces, sizeof *label);
    if (label == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        label[f] = split->inside[f] && f != 0 ? split->owner[f] : WG_NONE;
        total += split->inside[f] ? plane->area[f] : 0;
    }
    WG_TRY(wg_regions_of(ctx, plane, label, &regions));
    *verdict = (placed_part){WG_NONE, 0, 1, NAN, NAN};
    for (uint32_t r = 0; r < regions.n; r++) {
        double area = 0;
        for (uint32_t q = 0; q < regions.n; q++) {
            area += regions.label[q] == regions.label[r] ? regions.area[q] : 0;
        }
        verdict->outside -= regions.area[r] / total;
        if (area > best_area || (!(area < best_area) && regions.label[r] < verdict->community)) {
            best_area = area;
            verdict->community = regions.label[r];
        }
    }
    verdict->share = total > 0 ? best_area / total : 0;
    double largest = 0;
    for (uint32_t r = 0; r < regions.n; r++) {
        if (regions.label[r] == verdict->community && regions.area[r] > largest) {
            wg_buffer wkb = {0};
            wg_regions_put(&wkb, &regions, r, plane, (wg_lattice){1, 1}, NULL);
            wg_shape_clear(&s->part);
            status = wkb.failed ? wg_fail_memory(ctx)
                                : wg_shape_read(ctx, (wg_lattice){1, 1}, wkb.data, wkb.length, &s->part);
            wg_buffer_release(&wkb);
            if (status != WG_OK) {
                goto done;
            }
            if (!wg_shape_inner_point(&s->part, &verdict->x, &verdict->y)) {
                WG_TRY(wg_fail_memory(ctx));
            }
            largest = regions.area[r];
        }
    }
done:
    free(label);
    wg_regions_release(&regions);
    return status;
}

/** Divide the footprint along the community lines near it. */
static wg_status split_footprint(wg_context *ctx, const wg_reference *reference, scratch *s, placed_part *verdict) {
    wg_plane plane = {0};
    parting split = {.plane = &plane};
    wg_status status = WG_OK;
    s->n_segments = 0;
    for (size_t r = 0; r < s->shape.n_runs; r++) {
        const wg_ipt *point = s->shape.point + s->shape.run[r].first;
        const uint32_t n = s->shape.run[r].n;
        for (uint32_t k = 0; k < n; k++) {
            WG_TRY(add_segment(ctx, s, point[k], point[k + 1 < n ? k + 1 : 0], FOOTPRINT));
        }
    }
    for (size_t i = 0; i < s->n_near; i++) {
        const wg_segment *line = &reference->finder.segment[s->near[i]];
        WG_TRY(add_segment(ctx, s, line->a, line->b, s->near[i]));
    }
    WG_TRY(wg_plane_node(ctx, s->segment, s->n_segments, &plane));
    WG_TRY(wg_plane_trace(ctx, &plane));
    split.inside = wg_calloc(plane.n_faces, sizeof *split.inside);
    split.owner = wg_malloc(plane.n_faces, sizeof *split.owner);
    if (split.inside == NULL || split.owner == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(wg_plane_walk(ctx, &plane, step_split, &split));
    own_faces(reference, &plane, wg_reference_find(reference, s->shape.point[0]), split.owner);
    WG_TRY(judge_parts(ctx, &split, &plane, s, verdict));
done:
    free(split.inside);
    free(split.owner);
    wg_plane_release(&plane);
    return status;
}

/** A footprint that meets a community line. Less than a ten-thousandth (or 0.01 m²) beyond it is not a crossing. */
static wg_status place_across(wg_context *ctx, placer *p, size_t row, scratch *s, wg_exceptions *found) {
    wg_placement *out = p->placement;
    const double step = p->reference->lattice.step;
    placed_part verdict;
    char name[32];
    wg_status status = split_footprint(ctx, p->reference, s, &verdict);
    if (status != WG_OK) {
        return status;
    }
    const double area = out->footprint_m2[row];
    if (verdict.community == WG_NONE || verdict.outside >= 0.5) {
        return WG_OK;
    }
    out->community[row] = verdict.community;
    const bool whole = verdict.share >= 0.9999 || (1 - verdict.share) * area < 0.01;
    out->placed[row] = whole ? WG_PLACED_INSIDE : WG_PLACED_SHARE;
    if (whole) {
        return WG_OK;
    }
    if (isfinite(verdict.x)) {
        out->x[row] = verdict.x * step;
        out->y[row] = verdict.y * step;
    }
    return wg_exceptions_add(ctx, found, "buildings", wg_row_name(p->buildings, row, p->id_column, name),
                             "building_across_line", out->x[row], out->y[row],
                             "check the community line and the footprint",
                             "crosses a community line; counted once, where %.0f %% of it lies", 100 * verdict.share);
}

static wg_status place_shape(wg_context *ctx, placer *p, size_t row, scratch *s, wg_exceptions *found) {
    wg_placement *out = p->placement;
    char name[32];
    wg_status status = WG_OK;
    const wg_box box = wg_shape_box(&s->shape);
    if (s->shape.run[0].kind == WG_WKB_POLYGON) {
        if (!wg_shape_is_simple(&s->shape)) {
            WG_TRY(
                wg_exceptions_add(ctx, found, "buildings", wg_row_name(p->buildings, row, p->id_column, name),
                                  "invalid_geometry", out->x[row], out->y[row], "correct the footprint",
                                  "the footprint crosses itself; what an odd number of its lines surrounds was taken"));
        }
        WG_TRY(lines_near(ctx, p->reference, box, s));
        if (s->n_near > 0 && is_crossed(p->reference, s)) {
            status = place_across(ctx, p, row, s, found);
            goto done;
        }
    }
    out->community[row] = wg_reference_find(p->reference, s->shape.point[0]);
    out->placed[row] = out->community[row] != WG_NONE ? WG_PLACED_INSIDE : WG_PLACED_NONE;
done:
    return status;
}

static wg_status place_row(wg_context *ctx, placer *p, size_t row, scratch *s, wg_exceptions *found) {
    wg_placement *out = p->placement;
    const double step = p->reference->lattice.step;
    char name[32];
    size_t bytes;
    const void *wkb = wg_layer_wkb(p->buildings, row, &bytes);
    out->community[row] = WG_UNASSIGNED;
    out->placed[row] = WG_PLACED_NONE;
    out->x[row] = out->y[row] = NAN;
    wg_shape_clear(&s->shape);
    wg_status status = wg_shape_read(ctx, p->reference->lattice, wkb, bytes, &s->shape);
    if (status == WG_EDATA) {
        char message[256];
        strncpy(message, wg_context_error(ctx), sizeof message - 1);
        message[sizeof message - 1] = '\0';
        wg_clear_error(ctx);
        return wg_exceptions_add(ctx, found, "buildings", wg_row_name(p->buildings, row, p->id_column, name),
                                 "bad_geometry", NAN, NAN, "correct or delete it", "%s; the building is not counted",
                                 message);
    }
    if (status != WG_OK) {
        return status;
    }
    if (s->shape.n_runs == 0) {
        return wg_exceptions_add(ctx, found, "buildings", wg_row_name(p->buildings, row, p->id_column, name),
                                 "no_geometry", NAN, NAN, "draw it or give it a point",
                                 "has no geometry on the grid; the building is not counted");
    }
    if (!wg_shape_inner_point(&s->shape, &out->x[row], &out->y[row])) {
        return wg_fail_memory(ctx);
    }
    out->x[row] *= step;
    out->y[row] *= step;
    out->footprint_m2[row] = wg_shape_area(&s->shape) * step * step;
    p->hash[row] = hash_shape(&s->shape);
    status = place_shape(ctx, p, row, s, found);
    if (status == WG_OK && out->community[row] == WG_UNASSIGNED) {
        status = wg_exceptions_add(ctx, found, "buildings", wg_row_name(p->buildings, row, p->id_column, name),
                                   "building_outside", out->x[row], out->y[row], "",
                                   "lies outside all communities, or mostly so");
    }
    return status;
}

static wg_status place_rows(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    placer *p = user;
    scratch s = {0};
    wg_status status = WG_OK;
    const size_t end = (index + 1) * ROWS_A_TASK < p->buildings->n ? (index + 1) * ROWS_A_TASK : p->buildings->n;
    for (size_t row = index * ROWS_A_TASK; row < end && status == WG_OK; row++) {
        status = place_row(ctx, p, row, &s, &p->found[index]);
    }
    scratch_release(&s);
    return status;
}

static bool same_value(const wg_layer *layer, size_t a, size_t b, uint32_t c) {
    const bool null_a = wg_layer_is_null(layer, a, c), null_b = wg_layer_is_null(layer, b, c);
    if (null_a || null_b) {
        return null_a == null_b;
    }
    return wg_layer_column_type(layer, c) == WG_INTEGER
               ? wg_layer_integer(layer, a, c) == wg_layer_integer(layer, b, c)
               : !(fabs(wg_layer_real(layer, a, c) - wg_layer_real(layer, b, c)) > 0);
}

static bool same_figures(const placer *p, size_t a, size_t b) {
    for (uint32_t c = 0; c < p->buildings->n_columns; c++) {
        if (c != p->id_column && wg_layer_column_type(p->buildings, c) != WG_TEXT &&
            !same_value(p->buildings, a, b, c)) {
            return false;
        }
    }
    return true;
}

static int compare_points(const void *a, const void *b) {
    return wg_ipt_compare(*(const wg_ipt *)a, *(const wg_ipt *)b);
}

static wg_status same_footprint(wg_context *ctx, const placer *p, size_t a, size_t b, scratch *s, bool *same) {
    size_t bytes;
    wg_status status = WG_OK;
    wg_shape_clear(&s->shape);
    wg_shape_clear(&s->part);
    const void *wkb = wg_layer_wkb(p->buildings, a, &bytes);
    WG_TRY(wg_shape_read(ctx, p->reference->lattice, wkb, bytes, &s->shape));
    wkb = wg_layer_wkb(p->buildings, b, &bytes);
    WG_TRY(wg_shape_read(ctx, p->reference->lattice, wkb, bytes, &s->part));
    *same = s->shape.n_points == s->part.n_points;
    if (*same) {
        qsort(s->shape.point, s->shape.n_points, sizeof *s->shape.point, compare_points);
        qsort(s->part.point, s->part.n_points, sizeof *s->part.point, compare_points);
        for (size_t i = 0; i < s->shape.n_points && *same; i++) {
            *same = wg_ipt_equal(s->shape.point[i], s->part.point[i]);
        }
    }
done:
    return status;
}

typedef struct hashed {
    uint64_t hash;
    size_t row;
} hashed;

static int compare_hashed(const void *a, const void *b) {
    const hashed *x = a, *y = b;
    return x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) : (x->row > y->row) - (x->row < y->row);
}

/** `row` has the hash of the earlier row `kept`. Points on one spot are several buildings of one address, not one
 * twice. */
static wg_status judge_duplicate(wg_context *ctx, placer *p, size_t kept, size_t row, scratch *s,
                                 wg_exceptions *exceptions) {
    wg_placement *out = p->placement;
    char name[32], other[32];
    bool same;
    wg_status status = same_footprint(ctx, p, kept, row, s, &same);
    if (status != WG_OK || !same || s->shape.run[0].kind == WG_WKB_POINT) {
        return status;
    }
    const char *id = wg_row_name(p->buildings, row, p->id_column, name);
    const char *of = wg_row_name(p->buildings, kept, p->id_column, other);
    if (!same_figures(p, kept, row)) {
        return wg_exceptions_add(ctx, exceptions, "buildings", id, "same_footprint", out->x[row], out->y[row],
                                 "delete one of them if they are the same building",
                                 "has the footprint of building %s but other figures; both are counted", of);
    }
    out->placed[row] = WG_PLACED_DUPLICATE;
    out->community[row] = WG_UNASSIGNED;
    return wg_exceptions_add(ctx, exceptions, "buildings", id, "duplicate_building", out->x[row], out->y[row],
                             "delete it", "is building %s again, with the same footprint and figures; counted once",
                             of);
}

static wg_status find_duplicates(wg_context *ctx, placer *p, wg_exceptions *exceptions) {
    const size_t n = p->buildings->n;
    scratch s = {0};
    wg_status status = WG_OK;
    size_t n_hashed = 0;
    hashed *list = wg_malloc(n, sizeof *list);
    if (list == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < n; row++) {
        if (p->hash[row] != 0 && p->placement->community[row] != WG_UNASSIGNED) {
            list[n_hashed++] = (hashed){p->hash[row], row};
        }
    }
    qsort(list, n_hashed, sizeof *list, compare_hashed);
    for (size_t i = 1, kept = 0; i < n_hashed; i++) {
        if (list[i].hash != list[kept].hash) {
            kept = i;
        } else {
            WG_TRY(judge_duplicate(ctx, p, list[kept].row, list[i].row, &s, exceptions));
        }
    }
done:
    free(list);
    scratch_release(&s);
    return status;
}

/** Rows by community; those without one at the end. */
static void order_rows(const placer *p, size_t n_communities) {
    wg_placement *out = p->placement;
    const size_t n = p->buildings->n;
    for (size_t row = 0; row < n; row++) {
        if (out->community[row] != WG_UNASSIGNED) {
            out->first[out->community[row] + 1]++;
        }
    }
    for (size_t c = 0; c < n_communities; c++) {
        out->first[c + 1] += out->first[c];
    }
    size_t rest = out->first[n_communities];
    for (size_t row = 0; row < n; row++) {
        const uint32_t c = out->community[row];
        out->order[c != WG_UNASSIGNED ? out->first[c]++ : rest++] = row;
    }
    memmove(out->first + 1, out->first, n_communities * sizeof *out->first);
    out->first[0] = 0;
}

static wg_status allocate(wg_context *ctx, placer *p, size_t n_communities, size_t n_tasks) {
    wg_placement *out = p->placement;
    const size_t n = p->buildings->n;
    *out = (wg_placement){.n = n};
    out->community = wg_calloc(n, sizeof *out->community);
    out->placed = wg_calloc(n, sizeof *out->placed);
    out->x = wg_calloc(n, sizeof *out->x);
    out->y = wg_calloc(n, sizeof *out->y);
    out->footprint_m2 = wg_calloc(n, sizeof *out->footprint_m2);
    out->order = wg_calloc(n, sizeof *out->order);
    out->first = wg_calloc(n_communities + 1, sizeof *out->first);
    p->hash = wg_calloc(n, sizeof *p->hash);
    p->found = wg_calloc(n_tasks, sizeof *p->found);
    const bool enough = out->community && out->placed && out->x && out->y && out->footprint_m2 && out->order &&
                        out->first && p->hash && p->found;
    return enough ? WG_OK : wg_fail_memory(ctx);
}

/** @param exceptions  NULL: nothing is listed, and doubles stay where they lie */
static wg_status place(wg_context *ctx, const wg_reference *reference, const wg_layer *buildings, uint32_t id_column,
                       wg_exceptions *exceptions, wg_placement *placement) {
    placer p = {reference, buildings, id_column, placement, NULL, NULL};
    const size_t n_tasks = (buildings->n + ROWS_A_TASK - 1) / ROWS_A_TASK;
    wg_status status = WG_OK;
    WG_TRY(allocate(ctx, &p, reference->layer->n, n_tasks));
    WG_TRY(wg_parallel(ctx, n_tasks, "buildings", place_rows, &p));
    for (size_t t = 0; t < n_tasks && exceptions != NULL; t++) {
        WG_TRY(wg_exceptions_merge(ctx, exceptions, &p.found[t]));
    }
    WG_TRY(exceptions == NULL ? WG_OK : find_duplicates(ctx, &p, exceptions));
    order_rows(&p, reference->layer->n);
done:
    for (size_t t = 0; p.found != NULL && t < n_tasks; t++) {
        wg_exceptions_release(&p.found[t]);
    }
    free(p.found);
    free(p.hash);
    if (status != WG_OK) {
        wg_placement_release(placement);
    }
    return status;
}

wg_status wg_buildings_place(wg_context *ctx, const wg_reference *reference, const wg_layer *buildings,
                             uint32_t id_column, wg_exceptions *exceptions, wg_placement *placement) {
    return place(ctx, reference, buildings, id_column, exceptions, placement);
}

wg_status wg_buildings_locate(wg_context *ctx, const wg_reference *reference, const wg_layer *buildings,
                              wg_placement *placement) {
    return place(ctx, reference, buildings, UINT32_MAX, NULL, placement);
}

void wg_placement_release(wg_placement *placement) {
    free(placement->community);
    free(placement->placed);
    free(placement->x);
    free(placement->y);
    free(placement->footprint_m2);
    free(placement->order);
    free(placement->first);
    *placement = (wg_placement){0};
}
