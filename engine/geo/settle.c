#include "geo/settle.h"

#include <string.h>

#include "model/wkb.h"

/** Area of one cluster under one label. */
typedef struct claim {
    uint32_t cluster, label, face; /**< face: the first one */
    double area;
} claim;

static int compare_claims(const void *a, const void *b) {
    const claim *x = a, *y = b;
    if (x->cluster != y->cluster) {
        return x->cluster < y->cluster ? -1 : 1;
    }
    if (x->label != y->label) {
        return x->label < y->label ? -1 : 1;
    }
    return (x->face > y->face) - (x->face < y->face);
}

/** Faces inside footprints, summed by cluster and label; sorted by cluster. */
static wg_status collect_claims(const wg_work *w, const wg_over *over, const uint32_t *label, claim **claims,
                                size_t *n) {
    size_t capacity = 0;
    *claims = NULL;
    *n = 0;
    for (uint32_t f = 0; f < w->plane.n_faces; f++) {
        if (over[f].footprint == WG_NONE || !over[f].inside || label[f] == WG_NONE) {
            continue;
        }
        if (!WG_RESERVE(*claims, capacity, *n + 1)) {
            return wg_fail_memory(w->ctx);
        }
        (*claims)[(*n)++] = (claim){w->footprint[over[f].footprint].cluster, label[f], f, w->plane.area[f]};
    }
    if (*n > 1) {
        qsort(*claims, *n, sizeof **claims, compare_claims);
    }
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        claim *last = kept > 0 ? &(*claims)[kept - 1] : NULL;
        if (last != NULL && last->cluster == (*claims)[i].cluster && last->label == (*claims)[i].label) {
            last->area += (*claims)[i].area;
        } else {
            (*claims)[kept++] = (*claims)[i];
        }
    }
    *n = kept;
    return WG_OK;
}

/** Connected parts of each label that are no slivers: a face's root in `parent`, counts in `parts` by label. */
static void count_parts(const wg_work *w, const uint32_t *label, uint32_t *parent, double *area, uint32_t *parts) {
    const wg_plane *plane = &w->plane;
    const double sliver = w->index->options.sliver_m2 * w->per_m * w->per_m;
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        parent[f] = f;
        area[f] = 0;
        parts[f] = 0;
    }
    for (uint32_t e = 0; e < plane->n_edges; e++) {
        const uint32_t left = plane->face[2 * e], right = plane->face[2 * e + 1];
        if (label[left] == label[right] && label[left] != WG_NONE) {
            wg_sets_join(parent, left, right);
        }
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        area[wg_sets_find(parent, f)] += plane->area[f];
    }
    for (uint32_t f = 0; f < plane->n_faces; f++) {
        parts[label[f] != WG_NONE ? label[f] : 0] += label[f] != WG_NONE && parent[f] == f && area[f] > sliver;
    }
}

/** Note the clusters whose ground, given to one side, leaves the other side in more parts than before. */
static wg_status note_torn(wg_work *w, const uint32_t *before, const uint32_t *after, const uint32_t *winner,
                           const claim *claims, size_t n) {
    wg_status status = WG_OK;
    const uint32_t n_faces = w->plane.n_faces;
    uint32_t *parent = wg_malloc(n_faces, sizeof *parent);
    double *area = wg_malloc(n_faces, sizeof *area);
    uint32_t *whole = wg_malloc(n_faces, sizeof *whole), *torn = wg_malloc(n_faces, sizeof *torn);
    if (w->torn == NULL) {
        w->torn = wg_calloc(w->n_footprints, sizeof *w->torn);
    }
    if (parent == NULL || area == NULL || whole == NULL || torn == NULL || w->torn == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    count_parts(w, before, parent, area, whole);
    count_parts(w, after, parent, area, torn);
    for (size_t i = 0; i < n; i++) {
        const uint32_t label = claims[i].label;
        w->torn[claims[i].cluster] |= winner[claims[i].cluster] != label && torn[label] > whole[label];
    }
done:
    free(parent);
    free(area);
    free(whole);
    free(torn);
    return status;
}

wg_status wg_work_lead_around(wg_work *w, const wg_over *over, uint32_t *label) {
    claim *claims = NULL;
    size_t n;
    uint32_t *winner = wg_malloc(w->n_footprints, sizeof *winner); /* a cluster */
    double *best = wg_calloc(w->n_footprints, sizeof *best);
    uint32_t *before = wg_malloc(w->plane.n_faces, sizeof *before);
    bool lost = false;
    wg_status status = WG_OK;
    if (winner == NULL || best == NULL || before == NULL) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    memset(winner, 0xff, w->n_footprints * sizeof *winner);
    memcpy(before, label, w->plane.n_faces * sizeof *before);
    WG_TRY(collect_claims(w, over, label, &claims, &n));
    for (size_t i = 0; i < n; i++) {
        const double area = claims[i].area * (over[claims[i].label].surface != WG_NONE ? 1e-6 : 1);
        if (winner[claims[i].cluster] == WG_NONE || area > best[claims[i].cluster]) {
            best[claims[i].cluster] = area;
            winner[claims[i].cluster] = claims[i].label;
        }
    }
    for (uint32_t f = 0; f < w->plane.n_faces; f++) {
        if (over[f].footprint != WG_NONE && over[f].inside && label[f] != WG_NONE) {
            label[f] = winner[w->footprint[over[f].footprint].cluster];
            lost |= label[f] != before[f];
        }
    }
    if (lost) {
        WG_TRY(note_torn(w, before, label, winner, claims, n));
    }
done:
    free(before);
    free(claims);
    free(winner);
    free(best);
    return status;
}

static uint32_t piece_at(const wg_work *w, const wg_finder *finder, const uint32_t *of_face, wg_ipt p) {
    const uint32_t half = wg_finder_find(finder, p);
    return half != WG_NONE ? of_face[w->plane.face[half]] : WG_NONE;
}

/** The piece whose boundary is nearest to p: for a building on the very edge of the community. */
static uint32_t nearest_piece(const wg_work *w, const uint32_t *of_face, wg_ipt p) {
    const wg_plane *plane = &w->plane;
    uint32_t best = WG_NONE;
    double least = INFINITY;
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        double distance;
        if (of_face[plane->face[h]] == WG_NONE) {
            continue;
        }
        (void)wg_segment_nearest(plane->point[plane->end[h]], plane->point[plane->end[h ^ 1]], p, &distance);
        if (distance < least) {
            least = distance;
            best = of_face[plane->face[h]];
        }
    }
    return best;
}

wg_status wg_work_house(wg_work *w, const uint32_t *of_face, uint32_t *of_building) {
    const wg_placement *placement = w->city->placement;
    wg_finder finder = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_finder_init(w->ctx, &w->plane, &finder));
    for (uint32_t b = 0; b < w->n_buildings; b++) {
        const size_t row = w->row[b];
        wg_ipt inner;
        of_building[b] = WG_NONE;
        if (w->main_footprint[b] == WG_NONE ||
            !wg_lattice_point(w->index->lattice, placement->x[row], placement->y[row], &inner)) {
            continue;
        }
        of_building[b] = piece_at(w, &finder, of_face, inner);
        if (of_building[b] == WG_NONE) {
            of_building[b] = nearest_piece(w, of_face, inner);
        }
    }
done:
    wg_finder_release(&finder);
    return status;
}
