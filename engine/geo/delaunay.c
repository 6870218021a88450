#include "geo/delaunay.h"

#include <stdlib.h>
#include <string.h>

void wg_delaunay_release(wg_delaunay *d) {
    free(d->x);
    free(d->y);
    free(d->org);
    free(d->next);
    free(d->prev);
    *d = (wg_delaunay){0};
}

/** Differences have at most 26 bits, products 52, their difference 53: exact in a double. */
static inline double turn(const wg_delaunay *d, uint32_t a, uint32_t b, uint32_t c) {
    return (d->x[b] - d->x[a]) * (d->y[c] - d->y[a]) - (d->y[b] - d->y[a]) * (d->x[c] - d->x[a]);
}

static bool in_circle_exact(const double v[6], double lift_a, double lift_b, double lift_c) {
    const wg_int128 bc = (wg_int128)((int64_t)v[2] * (int64_t)v[5] - (int64_t)v[3] * (int64_t)v[4]);
    const wg_int128 ca = (wg_int128)((int64_t)v[4] * (int64_t)v[1] - (int64_t)v[5] * (int64_t)v[0]);
    const wg_int128 ab = (wg_int128)((int64_t)v[0] * (int64_t)v[3] - (int64_t)v[1] * (int64_t)v[2]);
    return (int64_t)lift_a * bc + (int64_t)lift_b * ca + (int64_t)lift_c * ab > 0;
}

/** Whether p lies inside the circle through a, b, c (counter-clockwise). Lifts and minors are exact, their products are
 * not. */
static inline bool in_circle(const wg_delaunay *d, uint32_t a, uint32_t b, uint32_t c, uint32_t p) {
    const double v[6] = {d->x[a] - d->x[p], d->y[a] - d->y[p], d->x[b] - d->x[p],
                         d->y[b] - d->y[p], d->x[c] - d->x[p], d->y[c] - d->y[p]};
    const double lift_a = v[0] * v[0] + v[1] * v[1], lift_b = v[2] * v[2] + v[3] * v[3],
                 lift_c = v[4] * v[4] + v[5] * v[5];
    const double ta = lift_a * (v[2] * v[5] - v[3] * v[4]);
    const double tb = lift_b * (v[4] * v[1] - v[5] * v[0]);
    const double tc = lift_c * (v[0] * v[3] - v[1] * v[2]);
    const double sum = ta + tb + tc;
    const double bound = 6e-16 * (fabs(ta) + fabs(tb) + fabs(tc));
    if (sum > bound) {
        return true;
    }
    if (sum < -bound) {
        return false;
    }
    return in_circle_exact(v, lift_a, lift_b, lift_c);
}

static inline uint32_t destination(const wg_delaunay *d, uint32_t e) {
    return d->org[e ^ 1];
}

static uint32_t make_edge(wg_delaunay *d, uint32_t from, uint32_t to) {
    uint32_t e = d->free_edge;
    if (e != WG_SITE_NONE) {
        d->free_edge = d->next[e];
    } else {
        e = d->n_half;
        d->n_half += 2;
    }
    d->org[e] = from;
    d->org[e ^ 1] = to;
    d->next[e] = d->prev[e] = e;
    d->next[e ^ 1] = d->prev[e ^ 1] = e ^ 1;
    return e;
}

/** Join or separate the rings of half-edges around two origins. */
static inline void splice(wg_delaunay *d, uint32_t a, uint32_t b) {
    const uint32_t after_a = d->next[a], after_b = d->next[b];
    d->next[a] = after_b;
    d->next[b] = after_a;
    d->prev[after_b] = a;
    d->prev[after_a] = b;
}

static void delete_edge(wg_delaunay *d, uint32_t e) {
    splice(d, e, d->prev[e]);
    splice(d, e ^ 1, d->prev[e ^ 1]);
    e &= ~1u;
    d->org[e] = d->org[e ^ 1] = WG_SITE_NONE;
    d->next[e] = d->free_edge;
    d->free_edge = e;
}

/** A new edge from the end of a to the start of b, so that all three have the same face to the left. */
static uint32_t connect(wg_delaunay *d, uint32_t a, uint32_t b) {
    const uint32_t e = make_edge(d, destination(d, a), d->org[b]);
    splice(d, e, wg_delaunay_left(d, a));
    splice(d, e ^ 1, b);
    return e;
}

/** Half-edges of a triangulation's hull: out of the leftmost site counter-clockwise, out of the rightmost one
 * clockwise. */
typedef struct hull {
    uint32_t left, right;
} hull;

static hull triangulate_few(wg_delaunay *d, uint32_t first, uint32_t n) {
    const uint32_t a = make_edge(d, first, first + 1);
    if (n == 2) {
        return (hull){a, a ^ 1};
    }
    const uint32_t b = make_edge(d, first + 1, first + 2);
    splice(d, a ^ 1, b);
    const double side = turn(d, first, first + 1, first + 2);
    if (side > 0) {
        (void)connect(d, b, a);
        return (hull){a, b ^ 1};
    }
    if (side < 0) {
        const uint32_t c = connect(d, b, a);
        return (hull){c ^ 1, c};
    }
    return (hull){a, b ^ 1};
}

/** Merge two neighbouring triangulations from their lower common tangent upwards. */
static hull merge(wg_delaunay *d, hull left, hull right) {
    uint32_t ldi = left.right, rdi = right.left, ldo = left.left, rdo = right.right;
    for (;;) {
        if (turn(d, d->org[ldi], destination(d, ldi), d->org[rdi]) > 0) {
            ldi = wg_delaunay_left(d, ldi);
        } else if (turn(d, d->org[rdi], destination(d, rdi), d->org[ldi]) < 0) {
            rdi = d->next[rdi ^ 1];
        } else {
            break;
        }
    }
    uint32_t base = connect(d, rdi ^ 1, ldi);
    if (d->org[ldi] == d->org[ldo]) {
        ldo = base ^ 1;
    }
    if (d->org[rdi] == d->org[rdo]) {
        rdo = base;
    }
    for (;;) {
        const uint32_t base_from = d->org[base], base_to = destination(d, base);
        uint32_t l = d->next[base ^ 1];
        const bool l_valid = turn(d, destination(d, l), base_to, base_from) > 0;
        if (l_valid) {
            while (in_circle(d, base_to, base_from, destination(d, l), destination(d, d->next[l]))) {
                const uint32_t t = d->next[l];
                delete_edge(d, l);
                l = t;
            }
        }
        uint32_t r = d->prev[base];
        const bool r_valid = turn(d, destination(d, r), base_to, base_from) > 0;
        if (r_valid) {
            while (in_circle(d, base_to, base_from, destination(d, r), destination(d, d->prev[r]))) {
                const uint32_t t = d->prev[r];
                delete_edge(d, r);
                r = t;
            }
        }
        if (!l_valid && !r_valid) {
            break;
        }
        if (!l_valid || (r_valid && in_circle(d, destination(d, l), d->org[l], d->org[r], destination(d, r)))) {
            base = connect(d, r, base ^ 1);
        } else {
            base = connect(d, base ^ 1, l ^ 1);
        }
    }
    return (hull){ldo, rdo};
}

static hull triangulate(wg_delaunay *d, uint32_t first, uint32_t n) {
    if (n <= 3) {
        return triangulate_few(d, first, n);
    }
    const uint32_t half = n / 2;
    const hull left = triangulate(d, first, half);
    return merge(d, left, triangulate(d, first + half, n - half));
}

bool wg_delaunay_is_triangle(const wg_delaunay *d, uint32_t e) {
    const uint32_t f = wg_delaunay_left(d, e), g = wg_delaunay_left(d, f);
    return wg_delaunay_left(d, g) == e && turn(d, d->org[e], d->org[f], d->org[g]) > 0;
}

static int compare_sites(const void *a, const void *b) {
    const wg_site *s = a, *t = b;
    const int places = wg_ipt_compare(s->at, t->at);
    return places != 0 ? places : (s->label > t->label) - (s->label < t->label);
}

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/** Sort by x (radix), then groups of equal x by y and label. @return false without memory */
static bool sort_sites(wg_site *sites, size_t n, int64_t low_x, int64_t width) {
    wg_site *other = malloc(n * sizeof *other);
    if (other == NULL) {
        return false;
    }
    wg_site *from = sites, *to = other;
    for (int shift = 0; shift == 0 || (width >> shift) > 0; shift += DIGIT_BITS) {
        size_t count[DIGITS + 1] = {0};
        for (size_t i = 0; i < n; i++) {
            count[(((from[i].at.x - low_x) >> shift) & (DIGITS - 1)) + 1]++;
        }
        for (int k = 0; k < DIGITS; k++) {
            count[k + 1] += count[k];
        }
        for (size_t i = 0; i < n; i++) {
            to[count[((from[i].at.x - low_x) >> shift) & (DIGITS - 1)]++] = from[i];
        }
        wg_site *swap = from;
        from = to;
        to = swap;
    }
    if (from != sites) {
        memcpy(sites, from, n * sizeof *sites);
    }
    free(other);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && sites[end].at.x == sites[i].at.x) {
            end++;
        }
        if (end - i > 1) {
            qsort(sites + i, end - i, sizeof *sites, compare_sites);
        }
        i = end;
    }
    return true;
}

/** Power of two of the grid that is coarse enough for exact predicates in doubles. */
static int coarseness(wg_box box) {
    int shift = 0;
    while (((box.high.x - box.low.x) >> shift) >= (1 << 25) || ((box.high.y - box.low.y) >> shift) >= (1 << 25)) {
        shift++;
    }
    return shift;
}

/** Coordinates relative to the middle, in units of 1 << shift. @return number of different sites */
static uint32_t place_sites(wg_delaunay *d, wg_site *sites, size_t n, wg_box box, int shift) {
    const wg_ipt middle = {box.low.x + (box.high.x - box.low.x) / 2, box.low.y + (box.high.y - box.low.y) / 2};
    uint32_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && wg_ipt_equal(sites[i].at, sites[kept - 1].at)) {
            continue;
        }
        sites[kept] = sites[i];
        d->x[kept] = floor((double)(sites[i].at.x - middle.x) / (double)(INT64_C(1) << shift));
        d->y[kept] = floor((double)(sites[i].at.y - middle.y) / (double)(INT64_C(1) << shift));
        kept++;
    }
    return kept;
}

wg_status wg_delaunay_build(wg_context *ctx, wg_site *sites, size_t n, wg_delaunay *d) {
    *d = (wg_delaunay){.free_edge = WG_SITE_NONE};
    if (n >= UINT32_MAX / 8) {
        return wg_fail(ctx, WG_EDATA, "too many points in one block (use a larger spacing)");
    }
    wg_box box = WG_BOX_EMPTY;
    for (size_t i = 0; i < n; i++) {
        wg_box_add(&box, sites[i].at);
    }
    const int shift = n > 0 ? coarseness(box) : 0;
    for (size_t i = 0; shift > 0 && i < n; i++) {
        const int64_t unit = INT64_C(1) << shift;
        sites[i].at = (wg_ipt){(sites[i].at.x >> shift) * unit, (sites[i].at.y >> shift) * unit};
    }
    d->x = wg_malloc(n, sizeof *d->x);
    d->y = wg_malloc(n, sizeof *d->y);
    d->org = wg_malloc(6 * n + 8, sizeof *d->org);
    d->next = wg_malloc(6 * n + 8, sizeof *d->next);
    d->prev = wg_malloc(6 * n + 8, sizeof *d->prev);
    if (d->x == NULL || d->y == NULL || d->org == NULL || d->next == NULL || d->prev == NULL ||
        (n > 1 && !sort_sites(sites, n, box.low.x, box.high.x - box.low.x))) {
        wg_delaunay_release(d);
        return wg_fail_memory(ctx);
    }
    d->n = n > 0 ? place_sites(d, sites, n, box, shift) : 0;
    if (d->n >= 2) {
        (void)triangulate(d, 0, d->n);
    }
    return WG_OK;
}
