#include <string.h>

#include "core/parallel.h"
#include "geo/border.h"
#include "geo/map.h"
#include "geo/shelf.h"
#include "geo/work.h"

/* A community line is a segment of the reference. Atoms of either side put points on it: rounded crossings, hot pixels
 * that it passes. Each side has bent its copy by less than half a grid step towards its own points. The woven line
 * passes the points of both, in the order along the segment; that is snap rounding of the segment with all hot pixels,
 * so that no vertex of either side changes the side of the line. Lines of one side that pass the pixel of a new point
 * are led through it: the map is noded again. */

typedef struct weaver {
    wg_reference *reference;
    const wg_shelf *shelf;
    wg_layer **outline; /**< a community: one row, the union of its units; NULL without units */
} weaver;

/** Order of p and q along the segment from a to b; by side where they are level, so that different points always
 * differ. */
static int compare_along(wg_ipt a, wg_ipt b, wg_ipt p, wg_ipt q) {
    const wg_int128 dx = b.x - a.x, dy = b.y - a.y;
    const wg_int128 along = (p.x - q.x) * dx + (p.y - q.y) * dy;
    const wg_int128 aside = along != 0 ? along : (p.y - q.y) * dx - (p.x - q.x) * dy;
    return (aside > 0) - (aside < 0);
}

/** Insert p into the points of reference edge e, sorted along it. */
static bool add_point(wg_woven *woven, const wg_plane *plane, uint32_t e, wg_ipt p, bool *changed) {
    const wg_ipt from = plane->point[plane->end[2 * e]], to = plane->point[plane->end[2 * e + 1]];
    if (wg_ipt_equal(p, from) || wg_ipt_equal(p, to)) {
        return true;
    }
    uint32_t at = woven->n[e];
    while (at > 0 && compare_along(from, to, woven->point[e][at - 1], p) > 0) {
        at--;
    }
    if (at > 0 && wg_ipt_equal(woven->point[e][at - 1], p)) {
        return true;
    }
    /* Capacity grows by powers of two: a full array is one whose count is a power of two. */
    const uint32_t n = woven->n[e];
    if ((n & (n - 1)) == 0) {
        wg_ipt *grown = wg_realloc(woven->point[e], n == 0 ? 1 : 2 * (size_t)n, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        woven->point[e] = grown;
    }
    memmove(woven->point[e] + at + 1, woven->point[e] + at, (n - at) * sizeof *woven->point[e]);
    woven->point[e][at] = p;
    *changed = true;
    woven->n[e] = n + 1;
    return true;
}

/** Put p on the line that it was made on, and on every other one that passes its pixel. */
static bool put_point(wg_reference *reference, uint32_t own, wg_ipt p, bool *changed) {
    const wg_bins *bins = &reference->finder.bins;
    const size_t bin = (size_t)wg_bins_row(bins, p.y) * bins->nx + wg_bins_column(bins, p.x);
    for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
        const uint32_t e = bins->item[i];
        const wg_segment *line = &reference->finder.segment[e];
        if ((e == own || wg_segment_hits_pixel(line->a, line->b, p)) &&
            !add_point(&reference->woven, &reference->plane, e, p, changed)) {
            return false;
        }
    }
    return add_point(&reference->woven, &reference->plane, own, p, changed);
}

/** Points that one community's atoms have put on its lines. @param[out] changed  set where some are new */
static wg_status put_points(wg_context *ctx, weaver *w, const struct wg_atoms_map *map, bool *changed) {
    for (uint32_t h = 0; h < 2 * map->plane.n_edges; h++) {
        if (map->border[h / 2] != WG_NONE &&
            !put_point(w->reference, map->border[h / 2], map->plane.point[map->plane.end[h]], changed)) {
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

static wg_status gather_points(wg_context *ctx, weaver *w, bool *changed) {
    const wg_shelf *shelf = w->shelf;
    *changed = false;
    for (size_t c = 0; c < w->reference->layer->n; c++) {
        wg_atoms *atoms = NULL;
        wg_status status = shelf->take(ctx, c, &atoms, shelf->user);
        if (status == WG_OK && atoms != NULL && atoms->map != NULL) {
            status = put_points(ctx, w, atoms->map, changed);
        }
        const wg_status back = shelf->put(ctx, c, atoms, false, shelf->user);
        if (status != WG_OK || back != WG_OK) {
            return status != WG_OK ? status : back;
        }
    }
    return WG_OK;
}

/** The lines of a community's map, those on community lines cut at all woven points between their ends. */
static wg_status cut_lines(wg_context *ctx, const weaver *w, const struct wg_atoms_map *map, wg_segments *lines,
                           bool *changed) {
    const wg_woven *woven = &w->reference->woven;
    const wg_plane *lines_of = &w->reference->plane;
    for (uint32_t e = 0; e < map->plane.n_edges; e++) {
        wg_ipt a = map->plane.point[map->plane.end[2 * e]], b = map->plane.point[map->plane.end[2 * e + 1]];
        const uint32_t tag = wg_line_tag(WG_LINE_EDGE, e), border = map->border[e];
        bool enough = true;
        if (border != WG_NONE && woven->n[border] > 0) {
            const wg_ipt from = lines_of->point[lines_of->end[2 * border]];
            const wg_ipt to = lines_of->point[lines_of->end[2 * border + 1]];
            if (compare_along(from, to, a, b) > 0) {
                const wg_ipt swap = a;
                a = b;
                b = swap;
            }
            for (uint32_t i = 0; i < woven->n[border] && enough; i++) {
                const wg_ipt p = woven->point[border][i];
                if (compare_along(from, to, p, a) > 0 && compare_along(from, to, p, b) < 0) {
                    enough = wg_segments_add(lines, a, p, tag);
                    a = p;
                    *changed = true;
                }
            }
        }
        if (!enough || !wg_segments_add(lines, a, b, tag)) {
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

/** What is known of the old lines, for the new ones. */
static wg_status inherit_lines(wg_context *ctx, const struct wg_atoms_map *map, const wg_plane *plane,
                               struct wg_atoms_map *to) {
    to->rank = wg_calloc(plane->n_edges, sizeof *to->rank);
    to->hard = wg_calloc(plane->n_edges, sizeof *to->hard);
    to->border = wg_malloc(plane->n_edges, sizeof *to->border);
    if (to->rank == NULL || to->hard == NULL || to->border == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        to->border[e] = WG_NONE;
        for (uint32_t t = plane->tag_first[e]; t < plane->tag_first[e + 1]; t++) {
            const uint32_t old = wg_line_number(plane->tag[t]);
            const uint8_t rank = map->rank[old];
            to->rank[e] = rank != 0 && (to->rank[e] == 0 || rank < to->rank[e]) ? rank : to->rank[e];
            to->hard[e] |= map->hard[old];
            to->border[e] = map->border[old] != WG_NONE ? map->border[old] : to->border[e];
        }
    }
    return WG_OK;
}

/** Node the cut lines, and draw the units from them. `made` holds the old map afterwards. */
static wg_status draw_again(wg_context *ctx, wg_atoms *atoms, const wg_segments *lines, struct wg_atoms_map *made) {
    struct wg_atoms_map *map = atoms->map;
    wg_status status = WG_OK;
    WG_TRY(wg_plane_node(ctx, lines->item, lines->n, &made->plane));
    WG_TRY(wg_plane_trace(ctx, &made->plane));
    made->unit = wg_malloc(made->plane.n_faces, sizeof *made->unit);
    if (made->unit == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(wg_carry_labels(ctx, &map->plane, map->unit, &made->plane, WG_LINE_EDGE, made->unit));
    WG_TRY(inherit_lines(ctx, map, &made->plane, made));
    const struct wg_atoms_map old = *map;
    map->plane = made->plane;
    map->unit = made->unit;
    map->rank = made->rank;
    map->hard = made->hard;
    map->border = made->border;
    *made = (struct wg_atoms_map){
        .plane = old.plane, .unit = old.unit, .rank = old.rank, .hard = old.hard, .border = old.border};
    WG_TRY(wg_atoms_draw(ctx, atoms));
done:
    return status;
}

static wg_status weave_atoms(wg_context *ctx, const weaver *w, wg_atoms *atoms, bool *changed) {
    wg_segments lines = {0};
    struct wg_atoms_map made = {0};
    wg_status status = WG_OK;
    WG_TRY(cut_lines(ctx, w, atoms->map, &lines, changed));
    if (*changed) {
        WG_TRY(draw_again(ctx, atoms, &lines, &made));
    }
done:
    free(lines.item);
    wg_plane_release(&made.plane);
    free(made.unit);
    free(made.rank);
    free(made.hard);
    free(made.border);
    return status;
}

static wg_status weave_one(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    const weaver *w = user;
    wg_atoms *atoms = NULL;
    bool changed = false;
    (void)worker;
    wg_status status = w->shelf->take(ctx, index, &atoms, w->shelf->user);
    if (status == WG_OK && atoms != NULL && atoms->n_units > 0) {
        status = weave_atoms(ctx, w, atoms, &changed);
    }
    const wg_status back = w->shelf->put(ctx, index, atoms, changed && status == WG_OK, w->shelf->user);
    return status != WG_OK ? status : back;
}

/** The community's polygon, as its units have it. */
static wg_status outline_one(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    weaver *w = user;
    wg_atoms *atoms = NULL;
    (void)worker;
    wg_status status = w->shelf->take(ctx, index, &atoms, w->shelf->user);
    if (status == WG_OK && atoms != NULL && atoms->n_units > 0) {
        uint32_t *one = wg_calloc(atoms->n_units, sizeof *one);
        status = one == NULL ? wg_fail_memory(ctx) : wg_atoms_dissolve(ctx, atoms, one, 1, &w->outline[index]);
        free(one);
    }
    const wg_status back = w->shelf->put(ctx, index, atoms, false, w->shelf->user);
    return status != WG_OK ? status : back;
}

enum { MOST_ROUNDS = 8 };

wg_status wg_atoms_weave_shelf(wg_context *ctx, wg_reference *reference, const wg_shelf *shelf) {
    const size_t n = reference->layer->n;
    weaver w = {.reference = reference, .shelf = shelf, .outline = wg_calloc(n, sizeof *w.outline)};
    wg_status status = WG_OK;
    if (w.outline == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    /* Noding again may move a line by a grid step and give it a point that the other side has not: until none is new.
     */
    bool changed = true;
    for (int round = 0; round < MOST_ROUNDS && changed; round++) {
        WG_TRY(gather_points(ctx, &w, &changed));
        if (changed) {
            WG_TRY(wg_parallel(ctx, n, NULL, weave_one, &w));
        }
    }
    WG_TRY(wg_parallel(ctx, n, NULL, outline_one, &w));
    WG_TRY(wg_reference_write(ctx, reference, w.outline));
done:
    for (size_t c = 0; w.outline != NULL && c < n; c++) {
        wg_layer_free(w.outline[c]);
    }
    free(w.outline);
    return status;
}

/* A shelf in memory. */
static wg_status take_from_array(wg_context *ctx, size_t community, wg_atoms **atoms, void *user) {
    (void)ctx;
    *atoms = ((wg_atoms *const *)user)[community];
    return WG_OK;
}

static wg_status leave_in_array(wg_context *ctx, size_t community, wg_atoms *atoms, bool changed, void *user) {
    (void)ctx, (void)community, (void)atoms, (void)changed, (void)user;
    return WG_OK;
}

wg_status wg_atoms_weave(wg_context *ctx, wg_reference *reference, wg_atoms *const *atoms) {
    const wg_shelf shelf = {take_from_array, leave_in_array, (void *)atoms};
    return wg_atoms_weave_shelf(ctx, reference, &shelf);
}
