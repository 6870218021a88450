#include "geo/regions.h"

#include <string.h>

#include "model/wkb.h"

void wg_regions_release(wg_regions *regions) {
    free(regions->of_face);
    free(regions->label);
    free(regions->area);
    free(regions->ring_first);
    free(regions->half_first);
    free(regions->half);
    *regions = (wg_regions){0};
}

/** Number the connected regions in the order of their first faces. */
static wg_status connect_faces(wg_context *ctx, const wg_plane *plane, const uint32_t *label, wg_regions *regions) {
    uint32_t *of_face = regions->of_face = wg_malloc(plane->n_faces, sizeof *of_face);
    if (of_face == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        of_face[f] = f;
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t left = plane->face[2 * e], right = plane->face[2 * e + 1];
        if (left != right && label[left] == label[right] && label[left] != WG_NONE) {
            wg_sets_join(of_face, left, right);
        }
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        of_face[f] = wg_sets_find(of_face, f); /* the root is the lowest face: it was visited before */
    }
    uint32_t *number = wg_malloc(plane->n_faces, sizeof *number);
    regions->label = wg_malloc(plane->n_faces, sizeof *regions->label);
    if (number == NULL || regions->label == NULL) {
        free(number);
        return wg_fail_memory(ctx);
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        if (label[f] == WG_NONE) {
            number[f] = WG_NONE;
        } else if (of_face[f] == f) {
            number[f] = regions->n;
            regions->label[regions->n++] = label[f];
        } else {
            number[f] = number[of_face[f]];
        }
    }
    free(of_face);
    regions->of_face = number;
    regions->area = wg_calloc(regions->n, sizeof *regions->area);
    if (regions->area == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        if (number[f] != WG_NONE) {
            regions->area[number[f]] += plane->area[f];
        }
    }
    return WG_OK;
}

/** Rings as they are found: half-edges one after the other. */
typedef struct ring_list {
    uint32_t *half;
    size_t n_half, half_capacity;
    uint32_t *first, *region;
    size_t n, first_capacity, region_capacity;
} ring_list;

static bool is_border(const wg_plane *plane, const uint32_t *of_face, uint32_t h) {
    return of_face[plane->face[h]] != WG_NONE && of_face[plane->face[h]] != of_face[plane->face[h ^ 1]];
}

/** Emit stack[from .. n) as one ring. */
static bool emit_ring(ring_list *rings, const uint32_t *stack, size_t from, size_t n, uint32_t region) {
    if (!WG_RESERVE(rings->half, rings->half_capacity, rings->n_half + (n - from)) ||
        !WG_RESERVE(rings->first, rings->first_capacity, rings->n + 1) ||
        !WG_RESERVE(rings->region, rings->region_capacity, rings->n + 1)) {
        return false;
    }
    rings->first[rings->n] = (uint32_t)rings->n_half;
    rings->region[rings->n++] = region;
    for (size_t i = from; i < n; i++) {
        rings->half[rings->n_half++] = stack[i];
    }
    return true;
}

typedef struct tracer {
    const wg_plane *plane;
    const uint32_t *of_face;
    bool *done;         /**< a half-edge */
    uint32_t *position; /**< a point: 1 + where it is on the stack */
    uint32_t *stack;
    size_t capacity;
    ring_list rings;
} tracer;

/** Follow one border; where it comes back to a point it has passed, the loop becomes a ring of its own. */
static bool trace_border(tracer *t, uint32_t start) {
    const wg_plane *plane = t->plane;
    const uint32_t region = t->of_face[plane->face[start]];
    size_t n = 0;
    uint32_t h = start;
    do {
        const uint32_t origin = plane->end[h];
        const uint32_t at = t->position[origin];
        if (at != 0) {
            if (!emit_ring(&t->rings, t->stack, at - 1, n, region)) {
                return false;
            }
            for (size_t i = at - 1; i < n; i++) {
                t->position[plane->end[t->stack[i]]] = 0;
            }
            n = at - 1;
        }
        if (!WG_RESERVE(t->stack, t->capacity, n + 1)) {
            return false;
        }
        t->stack[n++] = h;
        t->position[origin] = (uint32_t)n;
        t->done[h] = true;
        h = plane->next[h];
        while (t->of_face[plane->face[h ^ 1]] == region) {
            h = plane->next[h ^ 1];
        }
    } while (h != start);
    for (size_t i = 0; i < n; i++) {
        t->position[plane->end[t->stack[i]]] = 0;
    }
    return emit_ring(&t->rings, t->stack, 0, n, region);
}

static bool is_outer(const wg_plane *plane, const uint32_t *half, size_t n) {
    wg_int128 sum = 0;
    const wg_ipt base = plane->point[plane->end[half[0]]];
    for (size_t i = 0; i < n; i++) {
        sum += wg_cross(base, plane->point[plane->end[half[i]]], plane->point[plane->end[half[i] ^ 1]]);
    }
    return sum > 0;
}

/** Order the rings by region, outer ring first. */
static wg_status order_rings(wg_context *ctx, const wg_plane *plane, ring_list *rings, wg_regions *regions) {
    wg_lists by_region = {0};
    wg_status status = WG_OK;
    regions->n_rings = (uint32_t)rings->n;
    regions->half_first = wg_malloc(rings->n + 1, sizeof *regions->half_first);
    regions->half = wg_malloc(rings->n_half, sizeof *regions->half);
    if (regions->half_first == NULL || regions->half == NULL ||
        !WG_RESERVE(rings->first, rings->first_capacity, rings->n + 1)) {
        WG_TRY(wg_fail_memory(ctx));
    }
    rings->first[rings->n] = (uint32_t)rings->n_half;
    WG_TRY(wg_lists_of(ctx, rings->region, rings->n, regions->n, &by_region));
    uint32_t at = 0, ring = 0;
    for (uint32_t r = 0; r < regions->n; r++) {
        uint32_t *list = by_region.item + by_region.first[r];
        const uint32_t n = by_region.first[r + 1] - by_region.first[r];
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t first = rings->first[list[i]];
            if (is_outer(plane, rings->half + first, rings->first[list[i] + 1] - first)) {
                const uint32_t swap = list[0];
                list[0] = list[i];
                list[i] = swap;
                break;
            }
        }
        for (uint32_t i = 0; i < n; i++) {
            regions->half_first[ring++] = at;
            for (uint32_t k = rings->first[list[i]]; k < rings->first[list[i] + 1]; k++) {
                regions->half[at++] = rings->half[k];
            }
        }
    }
    regions->half_first[ring] = at;
    regions->ring_first = by_region.first;
    by_region.first = NULL;
done:
    wg_lists_release(&by_region);
    return status;
}

wg_status wg_regions_of(wg_context *ctx, const wg_plane *plane, const uint32_t *label, wg_regions *regions) {
    tracer t = {.plane = plane};
    wg_status status = WG_OK;
    *regions = (wg_regions){0};
    WG_TRY(connect_faces(ctx, plane, label, regions));
    t.of_face = regions->of_face;
    t.done = wg_calloc((size_t)plane->n_edges * 2, sizeof *t.done);
    t.position = wg_calloc(plane->n_points, sizeof *t.position);
    if (t.done == NULL || t.position == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        if (!t.done[h] && is_border(plane, regions->of_face, h) && !trace_border(&t, h)) {
            WG_TRY(wg_fail_memory(ctx));
        }
    }
    WG_TRY(order_rings(ctx, plane, &t.rings, regions));
done:
    free(t.done);
    free(t.position);
    free(t.stack);
    free(t.rings.half);
    free(t.rings.first);
    free(t.rings.region);
    if (status != WG_OK) {
        wg_regions_release(regions);
    }
    return status;
}

void wg_woven_release(wg_woven *woven, uint32_t n_edges) {
    for (uint32_t e = 0; woven->point != NULL && e < n_edges; e++) {
        free(woven->point[e]);
    }
    free(woven->point);
    free(woven->n);
    *woven = (wg_woven){0};
}

static void put_point(wg_buffer *out, wg_ipt p, wg_lattice lattice) {
    const double xy[2] = {wg_lattice_metres(lattice, p.x), wg_lattice_metres(lattice, p.y)};
    wg_wkb_put_pairs(out, xy, 1);
}

uint32_t wg_woven_put(wg_buffer *out, const uint32_t *half, uint32_t n, bool close, const wg_plane *plane,
                      wg_lattice lattice, const wg_woven *woven) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t h = half[i], extra = woven != NULL && woven->n != NULL ? woven->n[h / 2] : 0;
        put_point(out, plane->point[plane->end[h]], lattice);
        for (uint32_t k = 0; k < extra; k++) {
            put_point(out, woven->point[h / 2][h % 2 == 0 ? k : extra - 1 - k], lattice);
        }
        count += 1 + extra;
    }
    if (n > 0) {
        put_point(out, plane->point[plane->end[close ? half[0] : half[n - 1] ^ 1]], lattice);
        count++;
    }
    return count;
}

void wg_regions_put(wg_buffer *out, const wg_regions *regions, uint32_t region, const wg_plane *plane,
                    wg_lattice lattice, const wg_woven *woven) {
    const uint32_t first = regions->ring_first[region], end = regions->ring_first[region + 1];
    wg_wkb_put_header(out, WG_WKB_POLYGON, end - first);
    for (uint32_t ring = first; ring < end; ring++) {
        const uint32_t from = regions->half_first[ring], to = regions->half_first[ring + 1];
        const size_t count_at = out->length;
        wg_wkb_put_u32(out, 0);
        const uint32_t count = wg_woven_put(out, regions->half + from, to - from, true, plane, lattice, woven);
        if (!out->failed) {
            memcpy(out->data + count_at, &count, sizeof count);
        }
    }
}

void wg_regions_put_parts(wg_buffer *out, const wg_regions *regions, uint32_t *list, uint32_t n, const wg_plane *plane,
                          wg_lattice lattice, const wg_woven *woven) {
    for (uint32_t i = 1; i < n; i++) {
        const uint32_t region = list[i];
        uint32_t at = i;
        for (; at > 0 && regions->area[list[at - 1]] < regions->area[region]; at--) {
            list[at] = list[at - 1];
        }
        list[at] = region;
    }
    if (n > 1) {
        wg_wkb_put_header(out, WG_WKB_MULTIPOLYGON, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        wg_regions_put(out, regions, list[i], plane, lattice, woven);
    }
}
