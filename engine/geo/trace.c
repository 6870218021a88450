#include <string.h>

#include "geo/plane.h"

void wg_plane_release(wg_plane *plane) {
    free(plane->point);
    free(plane->end);
    free(plane->tag_first);
    free(plane->tag);
    free(plane->next);
    free(plane->face);
    free(plane->area);
    *plane = (wg_plane){0};
}

wg_status wg_lists_of(wg_context *ctx, const uint32_t *key, size_t n, size_t n_keys, wg_lists *lists) {
    lists->first = wg_calloc(n_keys + 1, sizeof *lists->first);
    lists->item = wg_malloc(n, sizeof *lists->item);
    if (lists->first == NULL || lists->item == NULL) {
        wg_lists_release(lists);
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        if (key[i] != WG_NONE) {
            lists->first[key[i] + 1]++;
        }
    }
    for (size_t k = 0; k < n_keys; k++) {
        lists->first[k + 1] += lists->first[k];
    }
    for (size_t i = 0; i < n; i++) {
        if (key[i] != WG_NONE) {
            lists->item[lists->first[key[i]]++] = (uint32_t)i;
        }
    }
    memmove(lists->first + 1, lists->first, n_keys * sizeof *lists->first);
    lists->first[0] = 0;
    return WG_OK;
}

void wg_lists_release(wg_lists *lists) {
    free(lists->first);
    free(lists->item);
    *lists = (wg_lists){0};
}

static void forget_faces(wg_plane *plane) {
    free(plane->next);
    free(plane->face);
    free(plane->area);
    plane->next = plane->face = NULL;
    plane->area = NULL;
    plane->n_faces = 0;
}

wg_status wg_plane_filter(wg_context *ctx, wg_plane *plane, const bool *keep) {
    uint32_t *tag_first = wg_malloc((size_t)plane->n_edges + 1, sizeof *tag_first);
    if (tag_first == NULL) {
        return wg_fail_memory(ctx);
    }
    forget_faces(plane);
    uint32_t kept = 0, tags = 0;
    tag_first[0] = 0;
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        if (!keep[e]) {
            continue;
        }
        plane->end[2 * kept] = plane->end[2 * e];
        plane->end[2 * kept + 1] = plane->end[2 * e + 1];
        for (uint32_t t = plane->tag_first[e]; t < plane->tag_first[e + 1]; t++) {
            plane->tag[tags++] = plane->tag[t];
        }
        tag_first[++kept] = tags;
    }
    free(plane->tag_first);
    plane->tag_first = tag_first;
    plane->n_edges = kept;
    return WG_OK;
}

static wg_status half_edges_by_origin(wg_context *ctx, const wg_plane *plane, wg_lists *lists) {
    return wg_lists_of(ctx, plane->end, (size_t)plane->n_edges * 2, plane->n_points, lists);
}

wg_status wg_plane_trim(wg_context *ctx, const wg_plane *plane, bool *keep) {
    wg_lists out = {0};
    wg_status status = WG_OK;
    uint32_t *degree = wg_calloc(plane->n_points, sizeof *degree);
    if (degree == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(half_edges_by_origin(ctx, plane, &out));
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        degree[plane->end[h]] += keep[h / 2];
    }
    for (uint32_t p = 0; p < plane->n_points; p++) {
        uint32_t at = p;
        while (degree[at] == 1) {
            uint32_t i = out.first[at];
            while (!keep[out.item[i] / 2]) {
                i++;
            }
            keep[out.item[i] / 2] = false;
            degree[at] = 0;
            at = plane->end[out.item[i] ^ 1];
            degree[at]--;
        }
    }
done:
    free(degree);
    wg_lists_release(&out);
    return status;
}

/** Upper half-plane (with the positive x axis) first. */
static int half_of(int64_t dx, int64_t dy) {
    return dy < 0 || (dy == 0 && dx < 0);
}

/** Whether direction a comes before b, counter-clockwise from the positive x axis. */
static bool before(wg_ipt origin, wg_ipt a, wg_ipt b) {
    const int half_a = half_of(a.x - origin.x, a.y - origin.y);
    const int half_b = half_of(b.x - origin.x, b.y - origin.y);
    return half_a != half_b ? half_a < half_b : wg_turn(origin, a, b) > 0;
}

/** Sort the half-edges that leave each point counter-clockwise, and link: the next one is clockwise of the way back. */
static void link_half_edges(wg_plane *plane, wg_lists *out) {
    for (uint32_t p = 0; p < plane->n_points; p++) {
        uint32_t *fan = out->item + out->first[p];
        const uint32_t n = out->first[p + 1] - out->first[p];
        for (uint32_t i = 1; i < n; i++) {
            const uint32_t h = fan[i];
            uint32_t at = i;
            while (at > 0 && before(plane->point[p], plane->point[plane->end[h ^ 1]],
                                    plane->point[plane->end[fan[at - 1] ^ 1]])) {
                fan[at] = fan[at - 1];
                at--;
            }
            fan[at] = h;
        }
        for (uint32_t i = 0; i < n; i++) {
            plane->next[fan[i] ^ 1] = fan[i > 0 ? i - 1 : n - 1];
        }
    }
}

/** Number the cycles; `twice_area` gets one entry each (positive: the outer boundary of a bounded face). */
static uint32_t number_cycles(const wg_plane *plane, uint32_t *cycle, wg_int128 *twice_area) {
    uint32_t n = 0;
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        cycle[h] = WG_NONE;
    }
    for (uint32_t start = 0; start < 2 * plane->n_edges; start++) {
        if (cycle[start] != WG_NONE) {
            continue;
        }
        const wg_ipt base = plane->point[plane->end[start]];
        wg_int128 sum = 0;
        uint32_t h = start;
        do {
            sum += wg_cross(base, plane->point[plane->end[h]], plane->point[plane->end[h ^ 1]]);
            cycle[h] = n;
            h = plane->next[h];
        } while (h != start);
        twice_area[n++] = sum;
    }
    return n;
}

/** Whether edge e of the plane passes below or through (p.x + a hair, p.y). */
static bool passes_below(const wg_plane *plane, uint32_t e, wg_ipt p, wg_ipt *left, wg_ipt *right) {
    const wg_ipt a = plane->point[plane->end[2 * e]], b = plane->point[plane->end[2 * e + 1]];
    if (a.x == b.x) {
        return false;
    }
    *left = a.x < b.x ? a : b;
    *right = a.x < b.x ? b : a;
    return left->x <= p.x && p.x < right->x && wg_turn(*left, *right, p) > 0;
}

/**
 * Whether edge ab is above edge cd where both lie over the same x. Neither is vertical, they run from left to right and
 * do not cross: where the later one starts decides.
 */
static bool above(wg_ipt a, wg_ipt b, wg_ipt c, wg_ipt d) {
    if (a.x > c.x || (a.x == c.x && a.y != c.y)) {
        return wg_turn(c, d, a) > 0;
    }
    const int side = wg_turn(a, b, c);
    return side != 0 ? side < 0 : wg_turn(a, b, d) < 0;
}

typedef struct edge_index {
    const wg_plane *plane;
    wg_segment *segments;
    wg_bins bins;
} edge_index;

/** Half-edge that has the point just right of p on its left side and is the nearest below it, not of cycle `own`'s
 * component. */
static uint32_t half_edge_below(const edge_index *index, wg_ipt p, const uint32_t *component, uint32_t own) {
    const wg_plane *plane = index->plane;
    const wg_bins *bins = &index->bins;
    const uint32_t column = wg_bins_column(bins, p.x);
    uint32_t found = WG_NONE;
    wg_ipt best_left = {0, 0}, best_right = {0, 0};
    for (uint32_t row = wg_bins_row(bins, p.y) + 1; row-- > 0;) {
        const size_t bin = (size_t)row * bins->nx + column;
        for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
            const uint32_t e = bins->item[i];
            wg_ipt left, right;
            if (component[plane->end[2 * e]] == own || !passes_below(plane, e, p, &left, &right)) {
                continue;
            }
            if (found == WG_NONE || above(left, right, best_left, best_right)) {
                found = e;
                best_left = left;
                best_right = right;
            }
        }
        /* What passes p.x above the bottom of this row is in this bin: lower rows cannot have anything higher. */
        const wg_ipt bottom = {p.x, bins->box.low.y + (int64_t)row * bins->side};
        if (found != WG_NONE && wg_turn(best_left, best_right, bottom) <= 0) {
            break;
        }
    }
    if (found == WG_NONE) {
        return WG_NONE;
    }
    return plane->point[plane->end[2 * found]].x < plane->point[plane->end[2 * found + 1]].x ? 2 * found
                                                                                             : 2 * found + 1;
}

/** Connected pieces of the line work: component[p] is the lowest point of p's piece. */
static void connect_points(const wg_plane *plane, uint32_t *component) {
    for (uint32_t p = 0; p < plane->n_points; p++) {
        component[p] = p;
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        wg_sets_join(component, plane->end[2 * e], plane->end[2 * e + 1]);
    }
    for (uint32_t p = 0; p < plane->n_points; p++) {
        component[p] = wg_sets_find(component, p);
    }
}

/**
 * For every cycle that is not an outer boundary: the cycle of the face that its piece of line work lies in (`within`),
 * or WG_NONE for the unbounded face.
 */
static wg_status nest_cycles(wg_context *ctx, const wg_plane *plane, const uint32_t *cycle, uint32_t n_cycles,
                             const wg_int128 *twice_area, uint32_t *within) {
    edge_index index = {.plane = plane};
    wg_status status = WG_OK;
    uint32_t *component = wg_malloc(plane->n_points, sizeof *component);
    uint32_t *leftmost = wg_malloc(n_cycles, sizeof *leftmost);
    uint32_t islands = 0;
    if (component == NULL || leftmost == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t c = 0; c < n_cycles; c++) {
        within[c] = WG_NONE;
        leftmost[c] = WG_NONE;
        islands += twice_area[c] <= 0;
    }
    if (islands < 2) {
        goto done;
    }
    connect_points(plane, component);
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        uint32_t *best = &leftmost[cycle[h]];
        if (*best == WG_NONE || wg_ipt_compare(plane->point[plane->end[h]], plane->point[*best]) < 0) {
            *best = plane->end[h];
        }
    }
    index.segments = wg_malloc(plane->n_edges, sizeof *index.segments);
    if (index.segments == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        index.segments[e] = (wg_segment){plane->point[plane->end[2 * e]], plane->point[plane->end[2 * e + 1]], e};
    }
    WG_TRY(wg_bins_of_segments(ctx, index.segments, plane->n_edges, 2.0, &index.bins));
    for (uint32_t c = 0; c < n_cycles; c++) {
        if (twice_area[c] <= 0) {
            const uint32_t below =
                half_edge_below(&index, plane->point[leftmost[c]], component, component[leftmost[c]]);
            within[c] = below != WG_NONE ? cycle[below] : WG_NONE;
        }
    }
done:
    wg_bins_release(&index.bins);
    free(index.segments);
    free(component);
    free(leftmost);
    return status;
}

/** Faces from cycles: outer boundaries in order, holes join the face that they lie in. */
static uint32_t number_faces(uint32_t n_cycles, const wg_int128 *twice_area, const uint32_t *within,
                             uint32_t *face_of) {
    uint32_t n = 1;
    for (uint32_t c = 0; c < n_cycles; c++) {
        face_of[c] = twice_area[c] > 0 ? n++ : WG_NONE;
    }
    for (uint32_t c = 0; c < n_cycles; c++) {
        uint32_t at = c;
        while (at != WG_NONE && twice_area[at] <= 0) {
            at = within[at];
        }
        face_of[c] = at != WG_NONE ? face_of[at] : 0;
    }
    return n;
}

wg_status wg_plane_trace(wg_context *ctx, wg_plane *plane) {
    const size_t n = (size_t)plane->n_edges * 2;
    wg_lists out = {0};
    wg_status status = WG_OK;
    forget_faces(plane);
    plane->next = wg_malloc(n, sizeof *plane->next);
    plane->face = wg_malloc(n, sizeof *plane->face);
    wg_int128 *twice_area = wg_malloc(n, sizeof *twice_area);
    uint32_t *within = NULL, *face_of = NULL;
    if (plane->next == NULL || plane->face == NULL || twice_area == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(half_edges_by_origin(ctx, plane, &out));
    link_half_edges(plane, &out);
    const uint32_t n_cycles = number_cycles(plane, plane->face, twice_area);
    within = wg_malloc(n_cycles, sizeof *within);
    face_of = wg_malloc(n_cycles, sizeof *face_of);
    if (within == NULL || face_of == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(nest_cycles(ctx, plane, plane->face, n_cycles, twice_area, within));
    plane->n_faces = number_faces(n_cycles, twice_area, within, face_of);
    plane->area = wg_calloc(plane->n_faces, sizeof *plane->area);
    if (plane->area == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t c = 0; c < n_cycles; c++) {
        plane->area[face_of[c]] += (double)twice_area[c] / 2;
    }
    plane->area[0] = 0;
    for (size_t h = 0; h < n; h++) {
        plane->face[h] = face_of[plane->face[h]];
    }
done:
    free(twice_area);
    free(within);
    free(face_of);
    wg_lists_release(&out);
    return status;
}

wg_status wg_plane_walk(wg_context *ctx, const wg_plane *plane, wg_plane_step_fn step, void *user) {
    wg_lists around = {0};
    wg_status status = WG_OK;
    uint32_t *cursor = wg_malloc(plane->n_faces, sizeof *cursor);
    uint32_t *entry = wg_malloc(plane->n_faces, sizeof *entry); /* half-edge of the new face that was crossed */
    bool *seen = wg_calloc(plane->n_faces, sizeof *seen);
    if (cursor == NULL || entry == NULL || seen == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(wg_lists_of(ctx, plane->face, (size_t)plane->n_edges * 2, plane->n_faces, &around));
    memcpy(cursor, around.first, plane->n_faces * sizeof *cursor);
    uint32_t at = 0;
    seen[0] = true;
    entry[0] = WG_NONE;
    step(0, WG_NONE, false, user);
    for (;;) {
        if (cursor[at] < around.first[at + 1]) {
            const uint32_t twin = around.item[cursor[at]++] ^ 1;
            const uint32_t other = plane->face[twin];
            if (!seen[other]) {
                seen[other] = true;
                entry[other] = twin;
                at = other;
                step(at, twin / 2, false, user);
            }
            continue;
        }
        step(at, entry[at] == WG_NONE ? WG_NONE : entry[at] / 2, true, user);
        if (entry[at] == WG_NONE) {
            break;
        }
        at = plane->face[entry[at] ^ 1];
    }
done:
    free(cursor);
    free(entry);
    free(seen);
    wg_lists_release(&around);
    return status;
}
