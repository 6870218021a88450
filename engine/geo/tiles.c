#include "geo/tiles.h"

#include <string.h>

#include "core/random.h"
#include "geo/heap.h"

void wg_tiling_release(wg_tiling *t) {
    free(t->site);
    wg_delaunay_release(&t->delaunay);
    free(t->group);
    free(t->facing);
    free(t->outline);
    free(t->pair);
    free(t->guide);
    *t = (wg_tiling){0};
}

wg_status wg_tiling_add_line(wg_tiling *t, wg_ipt a, wg_ipt b, double spacing, uint32_t label) {
    const double dx = (double)(b.x - a.x), dy = (double)(b.y - a.y);
    const double pieces = ceil(hypot(dx, dy) / spacing);
    const uint32_t n = pieces < 1 ? 1 : pieces < 1e6 ? (uint32_t)pieces : 1000000;
    if (!WG_RESERVE(t->site, t->capacity, t->n_sites + n)) {
        return wg_fail_memory(t->ctx);
    }
    t->site[t->n_sites++] = (wg_site){a, label};
    for (uint32_t i = 1; i < n; i++) {
        wg_ipt p = {a.x + llrint(dx * i / n), a.y + llrint(dy * i / n)};
        t->site[t->n_sites++] = (wg_site){p, label};
    }
    return WG_OK;
}

wg_status wg_tiling_triangulate(wg_tiling *t) {
    t->group = wg_malloc(t->n_labels + 1u, sizeof *t->group);
    t->outline = wg_calloc(t->n_labels + 1u, sizeof *t->outline);
    if (t->group == NULL || t->outline == NULL) {
        return wg_fail_memory(t->ctx);
    }
    for (uint32_t i = 0; i <= t->n_labels; i++) {
        t->group[i] = i;
    }
    return wg_delaunay_build(t->ctx, t->site, t->n_sites, &t->delaunay);
}

typedef struct spot {
    double x, y;
} spot;

static inline spot site_spot(const wg_tiling *t, uint32_t site) {
    return (spot){t->delaunay.x[site], t->delaunay.y[site]};
}

static inline spot middle(spot a, spot b) {
    return (spot){(a.x + b.x) / 2, (a.y + b.y) / 2};
}

static inline double distance(spot a, spot b) {
    return sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y));
}

/** Make room in the table of pairs, and enter them again. */
static bool grow_pairs(wg_tiling *t) {
    const size_t slots = t->pair_mask == 0 ? 64 : 2 * (t->pair_mask + 1);
    uint32_t *pair = wg_calloc(slots, sizeof *pair);
    if (pair == NULL) {
        return false;
    }
    free(t->pair);
    t->pair = pair;
    t->pair_mask = slots - 1;
    for (size_t i = 0; i < t->n_facing; i++) {
        size_t at = wg_hash_u64((uint64_t)t->facing[i].a << 32 | t->facing[i].b) & t->pair_mask;
        while (pair[at] != 0) {
            at = (at + 1) & t->pair_mask;
        }
        pair[at] = (uint32_t)i + 1;
    }
    return true;
}

/** Note that the line between labels p and q has `length` more. */
static bool add_facing(wg_tiling *t, uint32_t p, uint32_t q, double length, double gap) {
    const uint32_t low = p < q ? p : q, high = p < q ? q : p;
    t->outline[p] += length;
    t->outline[q] += length;
    if (2 * t->n_facing >= t->pair_mask && !grow_pairs(t)) {
        return false;
    }
    size_t at = wg_hash_u64((uint64_t)low << 32 | high) & t->pair_mask;
    for (; t->pair[at] != 0; at = (at + 1) & t->pair_mask) {
        wg_facing *f = &t->facing[t->pair[at] - 1];
        if (f->a == low && f->b == high) {
            f->length += length;
            f->gap = gap < f->gap ? gap : f->gap;
            return true;
        }
    }
    if (!WG_RESERVE(t->facing, t->facing_capacity, t->n_facing + 1)) {
        return false;
    }
    t->facing[t->n_facing++] = (wg_facing){low, high, length, gap};
    t->pair[at] = (uint32_t)t->n_facing;
    return true;
}

/** What a common line through one triangle counts whose gates are half-edges e and f: less along a path. */
static double weight_along(const wg_tiling *t, uint32_t e, uint32_t f) {
    static const double PATH = 0.25;
    return t->guide != NULL && t->guide[e / 2].tag != WG_NONE && t->guide[f / 2].tag != WG_NONE ? PATH : 1;
}

/** The part of the lines between labels that lies in one triangle (corners at half-edges e[0..2]). */
static bool survey_triangle(wg_tiling *t, const uint32_t e[3]) {
    const wg_delaunay *d = &t->delaunay;
    uint32_t label[3];
    spot corner[3], mid[3];
    int gates = 0, last = 0;
    for (int i = 0; i < 3; i++) {
        label[i] = t->site[d->org[e[i]]].label;
        corner[i] = site_spot(t, d->org[e[i]]);
    }
    for (int i = 0; i < 3; i++) {
        mid[i] = middle(corner[i], corner[(i + 1) % 3]);
        gates += label[i] != label[(i + 1) % 3];
        last = label[i] == label[(i + 1) % 3] ? i : last;
    }
    if (gates == 0) {
        return true;
    }
    if (gates == 2) { /* corners last and last + 1 are of one label, the third one faces them */
        const uint32_t p = label[last], q = label[(last + 2) % 3];
        return add_facing(t, p, q,
                          weight_along(t, e[(last + 1) % 3], e[(last + 2) % 3]) *
                              distance(mid[(last + 1) % 3], mid[(last + 2) % 3]),
                          fmin(distance(corner[(last + 1) % 3], corner[(last + 2) % 3]),
                               distance(corner[last], corner[(last + 2) % 3])));
    }
    const spot centre = {(corner[0].x + corner[1].x + corner[2].x) / 3, (corner[0].y + corner[1].y + corner[2].y) / 3};
    for (int i = 0; i < 3; i++) {
        if (!add_facing(t, label[i], label[(i + 1) % 3], weight_along(t, e[i], e[i]) * distance(mid[i], centre),
                        distance(corner[i], corner[(i + 1) % 3]))) {
            return false;
        }
    }
    return true;
}

/** The three half-edges of the triangle to the left of e. */
static inline void around(const wg_delaunay *d, uint32_t e, uint32_t out[3]) {
    out[0] = e;
    out[1] = wg_delaunay_left(d, e);
    out[2] = wg_delaunay_left(d, out[1]);
}

wg_status wg_tiling_survey(wg_tiling *t) {
    const wg_delaunay *d = &t->delaunay;
    for (uint32_t h = 0; h < d->n_half; h++) {
        uint32_t e[3];
        if (d->org[h] == WG_SITE_NONE) {
            continue;
        }
        around(d, h, e);
        if (h < e[1] && h < e[2] && wg_delaunay_is_triangle(d, h) && !survey_triangle(t, e)) {
            return wg_fail_memory(t->ctx);
        }
    }
    return WG_OK;
}

/** Neighbours of the groups while they grow. */
typedef struct grouper {
    wg_tiling *t;
    const double *heavy;
    double *weight; /**< n_labels * n_weights, of roots */
    uint32_t n_weights;
    wg_facing **near; /**< a label: what it faces; `a` is not used */
    size_t *n_near, *capacity;
} grouper;

static double load_of(const grouper *g, uint32_t i, uint32_t j) {
    double load = 0;
    for (uint32_t k = 0; k < g->n_weights; k++) {
        const double sum =
            g->weight[(size_t)i * g->n_weights + k] + (j != i ? g->weight[(size_t)j * g->n_weights + k] : 0);
        const double ratio = g->heavy[k] > 0 ? sum / g->heavy[k] : 0;
        load = ratio > load ? ratio : load;
    }
    return load;
}

static int compare_near(const void *a, const void *b) {
    const wg_facing *x = a, *y = b;
    return (x->b > y->b) - (x->b < y->b);
}

/** Bring the neighbours of group i up to date. */
static void tidy_near(grouper *g, uint32_t i) {
    wg_facing *near = g->near[i];
    size_t n = g->n_near[i], kept = 0;
    for (size_t c = 0; c < n; c++) {
        near[c].b = near[c].b < g->t->n_labels ? wg_sets_find(g->t->group, near[c].b) : near[c].b;
    }
    if (n > 1) {
        qsort(near, n, sizeof *near, compare_near);
    }
    for (size_t c = 0; c < n; c++) {
        if (near[c].b == i) {
            continue;
        }
        if (kept > 0 && near[kept - 1].b == near[c].b) {
            near[kept - 1].length += near[c].length;
            near[kept - 1].gap = fmin(near[kept - 1].gap, near[c].gap);
        } else {
            near[kept++] = near[c];
        }
    }
    g->n_near[i] = kept;
}

static bool add_near(grouper *g, uint32_t i, uint32_t other, double length, double gap) {
    if (!WG_RESERVE(g->near[i], g->capacity[i], g->n_near[i] + 1)) {
        return false;
    }
    g->near[i][g->n_near[i]++] = (wg_facing){i, other, length, gap};
    return true;
}

/**
 * The neighbour that makes the most compact pair: long common line compared with what is left of the two outlines;
 * footprints that nearly touch (house and garage) belong together before others.
 */
static uint32_t best_partner(const grouper *g, uint32_t i, double cap) {
    uint32_t best = WG_NONE;
    double best_score = 0;
    for (size_t c = 0; c < g->n_near[i]; c++) {
        const wg_facing *f = &g->near[i][c];
        if (f->b == g->t->n_labels || load_of(g, i, f->b) > cap) {
            continue;
        }
        const double rest = g->t->outline[i] + g->t->outline[f->b] - 2 * f->length;
        const double score = f->length / (rest + 1) / (1 + f->gap / (rest / 4 + 1));
        if (score > best_score) {
            best_score = score;
            best = f->b;
        }
    }
    return best;
}

static bool join_groups(grouper *g, uint32_t i, uint32_t j, uint32_t *root) {
    double shared = 0;
    for (size_t c = 0; c < g->n_near[i]; c++) {
        shared += g->near[i][c].b == j ? g->near[i][c].length : 0;
    }
    *root = wg_sets_join(g->t->group, i, j);
    const uint32_t gone = *root == i ? j : i;
    for (size_t c = 0; c < g->n_near[gone]; c++) {
        if (!add_near(g, *root, g->near[gone][c].b, g->near[gone][c].length, g->near[gone][c].gap)) {
            return false;
        }
    }
    for (uint32_t k = 0; k < g->n_weights; k++) {
        g->weight[(size_t)*root * g->n_weights + k] += g->weight[(size_t)gone * g->n_weights + k];
    }
    g->t->outline[*root] += g->t->outline[gone] - 2 * shared;
    g->n_near[gone] = 0;
    tidy_near(g, *root);
    return true;
}

static wg_status start_grouping(wg_tiling *t, const double *weight, grouper *g) {
    const uint32_t n = t->n_labels;
    g->weight = wg_malloc((size_t)n * g->n_weights, sizeof *g->weight);
    g->near = wg_calloc(n, sizeof *g->near);
    g->n_near = wg_calloc(n, sizeof *g->n_near);
    g->capacity = wg_calloc(n, sizeof *g->capacity);
    if (g->weight == NULL || g->near == NULL || g->n_near == NULL || g->capacity == NULL) {
        return wg_fail_memory(t->ctx);
    }
    if (g->n_weights > 0) {
        memcpy(g->weight, weight, (size_t)n * g->n_weights * sizeof *weight);
    }
    for (size_t i = 0; i < t->n_facing; i++) {
        const wg_facing *f = &t->facing[i];
        if ((f->a < n && !add_near(g, f->a, f->b, f->length, f->gap)) ||
            (f->b < n && !add_near(g, f->b, f->a, f->length, f->gap))) {
            return wg_fail_memory(t->ctx);
        }
    }
    return WG_OK;
}

wg_status wg_tiling_group(wg_tiling *t, const double *weight, uint32_t n_weights, const double *heavy, double cap,
                          double least) {
    grouper g = {.t = t, .heavy = heavy, .n_weights = n_weights};
    wg_heap heap = {0};
    wg_status status = WG_OK;
    WG_TRY(start_grouping(t, weight, &g));
    for (uint32_t i = 0; i < t->n_labels; i++) {
        if (load_of(&g, i, i) < least && !wg_heap_push(&heap, load_of(&g, i, i), i, 0)) {
            WG_TRY(wg_fail_memory(t->ctx));
        }
    }
    while (heap.n > 0) { /* the lightest group first */
        const wg_heap_item item = wg_heap_pop(&heap);
        if (t->group[item.a] != item.a || load_of(&g, item.a, item.a) > item.key) {
            continue;
        }
        tidy_near(&g, item.a);
        uint32_t partner = best_partner(&g, item.a, cap), root;
        if (partner == WG_NONE && load_of(&g, item.a, item.a) < 1e-9) {
            partner = best_partner(&g, item.a, INFINITY); /* a shed goes with some house */
        }
        if (partner == WG_NONE) {
            continue;
        }
        if (!join_groups(&g, item.a, partner, &root) ||
            (load_of(&g, root, root) < least && !wg_heap_push(&heap, load_of(&g, root, root), root, 0))) {
            WG_TRY(wg_fail_memory(t->ctx));
        }
    }
    for (uint32_t i = 0; i < t->n_labels; i++) {
        t->group[i] = wg_sets_find(t->group, i);
    }
done:
    for (uint32_t i = 0; g.near != NULL && i < t->n_labels; i++) {
        free(g.near[i]);
    }
    free(g.near);
    free(g.n_near);
    free(g.capacity);
    free(g.weight);
    free(heap.item);
    return status;
}
