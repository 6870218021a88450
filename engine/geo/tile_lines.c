#include <string.h>

#include "geo/tiles.h"

/** A Delaunay edge that a line passes: the site to its left and to its right, and where between them. */
typedef struct gate {
    uint32_t left, right;
    double low, at, high; /**< shares from left to right: the line passes between low and high, at best at `at` */
    uint32_t tag;         /**< of the line that it follows, or WG_NONE */
} gate;

typedef struct vec {
    double x, y;
} vec;

typedef struct liner {
    wg_tiling *t;
    double clearance; /**< share of a gate that a line keeps free on either side */
    bool *seen;       /**< an edge (half-edge / 2) */
    gate *gate;
    size_t n_gates, capacity;
    wg_segments *out;
    uint32_t tag;
    wg_ipt origin; /**< of the triangulation's coordinates */
    double unit;
} liner;

static inline uint32_t group_of(const wg_tiling *t, uint32_t site) {
    const uint32_t label = t->site[site].label;
    return label < t->n_labels ? t->group[label] : t->n_labels;
}

/** Whether half-edge e lies between two different groups of footprints. */
static inline bool is_gate(const wg_tiling *t, uint32_t e) {
    const uint32_t a = group_of(t, t->delaunay.org[e]), b = group_of(t, t->delaunay.org[e ^ 1]);
    return a != b && a != t->n_labels && b != t->n_labels;
}

/** Gates of the triangle to the left of e, e first where it is one. @return their number, 0 outside */
static int gates_of(const wg_tiling *t, uint32_t e, uint32_t gates[3], uint32_t corner[3]) {
    const wg_delaunay *d = &t->delaunay;
    int n = 0;
    if (!wg_delaunay_is_triangle(d, e)) {
        return 0;
    }
    for (int i = 0; i < 3; i++, e = wg_delaunay_left(d, e)) {
        corner[i] = d->org[e];
        if (is_gate(t, e)) {
            gates[n++] = e;
        }
    }
    return n;
}

static vec site_vec(const wg_tiling *t, uint32_t site) {
    return (vec){t->delaunay.x[site], t->delaunay.y[site]};
}

/** The gate of a line that leaves its triangle across half-edge e. */
static gate gate_across(const liner *l, uint32_t e) {
    const wg_tiling *t = l->t;
    gate g = {t->delaunay.org[e ^ 1], t->delaunay.org[e], l->clearance, 0.5, 1 - l->clearance, WG_NONE};
    if (t->guide != NULL && t->guide[e / 2].tag != WG_NONE) {
        const wg_guide guide = t->guide[e / 2];
        g.at = (e & 1) != 0 ? (double)guide.at : 1 - (double)guide.at;
        g.low = g.at - (double)guide.free;
        g.high = g.at + (double)guide.free;
        g.tag = guide.tag;
    }
    return g;
}

static vec on_gate(const liner *l, gate g, double at) {
    const vec a = site_vec(l->t, g.left), b = site_vec(l->t, g.right);
    return (vec){a.x + at * (b.x - a.x), a.y + at * (b.y - a.y)};
}

/** Where a line passes the gate if nothing leads it elsewhere: the middle, or the line that it follows. */
static vec gate_middle(const liner *l, gate g) {
    return on_gate(l, g, g.at);
}

/** Where lines meet in a triangle with one gate (on the site of the boundary) or three (in the middle). */
static vec meeting_point(const liner *l, int n_gates, const uint32_t corner[3], wg_ipt *exact) {
    const wg_tiling *t = l->t;
    vec sum = {0, 0};
    exact->x = INT64_MIN;
    for (int i = 0; i < 3; i++) {
        if (n_gates == 1 && group_of(t, corner[i]) == t->n_labels) {
            *exact = t->site[corner[i]].at;
            return site_vec(t, corner[i]);
        }
        sum.x += t->delaunay.x[corner[i]] / 3;
        sum.y += t->delaunay.y[corner[i]] / 3;
    }
    return sum;
}

static double cross(vec a, vec b) {
    return a.x * b.y - a.y * b.x;
}

static vec minus(vec a, vec b) {
    return (vec){a.x - b.x, a.y - b.y};
}

static wg_ipt on_grid(const liner *l, vec v) {
    return (wg_ipt){l->origin.x + llrint(v.x * l->unit), l->origin.y + llrint(v.y * l->unit)};
}

/** The free part of a gate, seen from `from`. */
static void free_part(const liner *l, gate g, vec from, vec *left, vec *right) {
    *left = minus(on_gate(l, g, g.low), from);
    *right = minus(on_gate(l, g, g.high), from);
}

/** How far a straight piece may go that passes gate `next` first: to where a line to follow begins or ends. */
static size_t same_course(const liner *l, size_t next) {
    const uint32_t tag = l->gate[next].tag;
    size_t last = next;
    while (last + 1 < l->n_gates && l->gate[last + 1].tag == tag) {
        last++;
    }
    return last + 1 == l->n_gates || tag == WG_NONE ? last + 1 : last;
}

/**
 * The farthest point that is seen from `from` through all gates between: the middle of a gate, or the end (n_gates).
 * The cone of sight narrows gate by gate.
 */
static size_t farthest_seen(const liner *l, vec from, size_t next, vec end) {
    vec left, right;
    size_t best = next;
    if (next >= l->n_gates) {
        return l->n_gates;
    }
    free_part(l, l->gate[next], from, &left, &right);
    const size_t last = same_course(l, next);
    for (size_t j = next + 1; j <= last; j++) {
        const vec target = minus(j < l->n_gates ? gate_middle(l, l->gate[j]) : end, from);
        if (cross(left, target) <= 0 && cross(right, target) >= 0) {
            best = j;
        }
        if (j == l->n_gates) {
            break;
        }
        vec a, b;
        free_part(l, l->gate[j], from, &a, &b);
        left = cross(left, a) < 0 ? a : left;
        right = cross(right, b) > 0 ? b : right;
        if (cross(right, left) <= 0) {
            break;
        }
    }
    return best;
}

/** The line that gates first .. last all follow, or WG_NONE. */
static uint32_t followed(const liner *l, size_t first, size_t last) {
    for (size_t i = first; i < last; i++) {
        if (l->gate[i].tag != l->gate[i + 1].tag) {
            return WG_NONE;
        }
    }
    return first <= last && last < l->n_gates ? l->gate[first].tag : WG_NONE;
}

/** Emit the line through the collected gates in as few straight pieces as the gates allow. */
static bool emit_line(const liner *l, vec from, wg_ipt exact_from, vec end, wg_ipt exact_end) {
    wg_ipt last = exact_from.x != INT64_MIN ? exact_from : on_grid(l, from);
    size_t next = 0;
    while (next <= l->n_gates) {
        const size_t target = farthest_seen(l, from, next, end);
        from = target < l->n_gates ? gate_middle(l, l->gate[target]) : end;
        const wg_ipt at = target == l->n_gates && exact_end.x != INT64_MIN ? exact_end : on_grid(l, from);
        const uint32_t along =
            l->n_gates > 0 ? followed(l, next, target < l->n_gates ? target : l->n_gates - 1) : WG_NONE;
        if (!wg_segments_add(l->out, last, at, l->tag) ||
            (along != WG_NONE && !wg_segments_add(l->out, last, at, along))) {
            return false;
        }
        last = at;
        next = target + 1;
    }
    return true;
}

/** Follow a line out of its triangle across half-edge e, to where it meets others or comes back. */
static bool follow(liner *l, uint32_t e, vec from, wg_ipt exact_from) {
    const wg_tiling *t = l->t;
    const uint32_t start = e;
    l->n_gates = 0;
    for (;;) {
        if (!WG_RESERVE(l->gate, l->capacity, l->n_gates + 1)) {
            return false;
        }
        l->gate[l->n_gates++] = gate_across(l, e);
        l->seen[e / 2] = true;
        uint32_t gates[3], corner[3];
        const int n = gates_of(t, e ^ 1, gates, corner);
        wg_ipt exact = {INT64_MIN, 0};
        if (n == 2) {
            e = gates[0] == (e ^ 1) ? gates[1] : gates[0];
            if (e == start || l->seen[e / 2]) { /* around a group, back to the beginning */
                return emit_line(l, from, exact_from, from, exact_from);
            }
            continue;
        }
        const vec end = n == 0 ? gate_middle(l, l->gate[l->n_gates - 1]) : meeting_point(l, n, corner, &exact);
        l->n_gates -= n == 0;
        return emit_line(l, from, exact_from, end, exact);
    }
}

wg_status wg_tiling_lines(wg_tiling *t, double clearance, uint32_t tag, wg_segments *out) {
    const wg_delaunay *d = &t->delaunay;
    liner l = {.t = t, .clearance = clearance, .out = out, .tag = tag, .unit = 1};
    wg_status status = WG_OK;
    if (d->n < 3) {
        return WG_OK;
    }
    l.origin = (wg_ipt){t->site[0].at.x - (int64_t)d->x[0], t->site[0].at.y - (int64_t)d->y[0]};
    for (uint32_t i = 1; i < d->n; i++) { /* a coarser triangulation has a unit of its own */
        const double dx = d->x[i] - d->x[0];
        if (dx > 0) {
            l.unit = (double)(t->site[i].at.x - t->site[0].at.x) / dx;
            break;
        }
    }
    l.unit = l.unit < 1.5 ? 1 : l.unit;
    if (l.unit > 1) {
        l.origin = (wg_ipt){t->site[0].at.x - llrint(d->x[0] * l.unit), t->site[0].at.y - llrint(d->y[0] * l.unit)};
    }
    l.seen = wg_calloc(d->n_half / 2, sizeof *l.seen);
    if (l.seen == NULL) {
        return wg_fail_memory(t->ctx);
    }
    /* Lines between meeting points first, then what runs around a group without meeting anything. */
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t h = 0; h < d->n_half; h++) {
            uint32_t gates[3], corner[3];
            if (d->org[h] == WG_SITE_NONE || l.seen[h / 2] || !is_gate(t, h)) {
                continue;
            }
            const int n = gates_of(t, h, gates, corner);
            wg_ipt exact = {INT64_MIN, 0};
            if (pass == 0 && (n == 1 || n == 3)) {
                const vec from = meeting_point(&l, n, corner, &exact);
                if (!follow(&l, h, from, exact)) {
                    WG_TRY(wg_fail_memory(t->ctx));
                }
            } else if (pass == 1 && n == 2) {
                const vec from = gate_middle(&l, gate_across(&l, h));
                if (!follow(&l, h, from, exact)) {
                    WG_TRY(wg_fail_memory(t->ctx));
                }
            }
        }
    }
done:
    free(l.seen);
    free(l.gate);
    return status;
}
