#include "geo/shape.h"

#include <string.h>

#include "model/wkb.h"

void wg_shape_clear(wg_shape *shape) {
    shape->n_points = 0;
    shape->n_runs = 0;
}

void wg_shape_release(wg_shape *shape) {
    free(shape->point);
    free(shape->run);
    *shape = (wg_shape){0};
}

typedef struct reader {
    wg_context *ctx;
    wg_lattice lattice;
    const uint8_t *at, *end;
    wg_shape *shape;
    uint32_t part;
} reader;

static wg_status malformed(const reader *r) {
    return wg_fail(r->ctx, WG_EDATA, "malformed geometry");
}

static bool take_u32(reader *r, uint32_t *value) {
    if ((size_t)(r->end - r->at) < sizeof *value) {
        return false;
    }
    memcpy(value, r->at, sizeof *value);
    r->at += sizeof *value;
    return true;
}

static wg_status read_run(reader *r, uint32_t n, uint32_t kind, bool hole) {
    wg_shape *shape = r->shape;
    if ((size_t)(r->end - r->at) / 16 < n) {
        return malformed(r);
    }
    if (!WG_RESERVE(shape->point, shape->point_capacity, shape->n_points + n) ||
        !WG_RESERVE(shape->run, shape->run_capacity, shape->n_runs + 1)) {
        return wg_fail_memory(r->ctx);
    }
    wg_ipt *point = shape->point + shape->n_points;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        memcpy(xy, r->at + 16 * (size_t)i, sizeof xy);
        if (kind == WG_WKB_POINT && isnan(xy[0]) && isnan(xy[1])) {
            continue; /* the empty point */
        }
        if (!wg_lattice_point(r->lattice, xy[0], xy[1], &point[kept])) {
            return wg_fail(r->ctx, WG_EDATA, "coordinate %.10g, %.10g is not a place on this map", xy[0], xy[1]);
        }
        if (kept == 0 || !wg_ipt_equal(point[kept], point[kept - 1])) {
            kept++;
        }
    }
    r->at += 16 * (size_t)n;
    if (kind == WG_WKB_POLYGON) {
        while (kept > 1 && wg_ipt_equal(point[kept - 1], point[0])) {
            kept--;
        }
    }
    if (kept >= (kind == WG_WKB_POINT ? 1u : kind == WG_WKB_LINESTRING ? 2u : 3u)) {
        shape->run[shape->n_runs++] = (wg_run){shape->n_points, kept, r->part, (uint8_t)kind, hole};
        shape->n_points += kept;
    }
    return WG_OK;
}

static wg_status read_geometry(reader *r, uint32_t depth) {
    uint32_t type, count = 1;
    if (r->at == r->end || *r->at != 1 || depth > 32) {
        return malformed(r);
    }
    r->at++;
    if (!take_u32(r, &type) || type < WG_WKB_POINT || type > WG_WKB_COLLECTION ||
        (type != WG_WKB_POINT && !take_u32(r, &count))) {
        return malformed(r);
    }
    wg_status status = WG_OK;
    if (type == WG_WKB_POINT || type == WG_WKB_LINESTRING) {
        status = read_run(r, count, type, false);
        r->part++;
    } else if (type == WG_WKB_POLYGON) {
        for (uint32_t ring = 0; ring < count && status == WG_OK; ring++) {
            uint32_t n;
            status = take_u32(r, &n) ? read_run(r, n, type, ring > 0) : malformed(r);
        }
        r->part++;
    } else {
        for (uint32_t i = 0; i < count && status == WG_OK; i++) {
            status = read_geometry(r, depth + 1);
        }
    }
    return status;
}

wg_status wg_shape_read(wg_context *ctx, wg_lattice lattice, const void *wkb, size_t bytes, wg_shape *shape) {
    if (bytes == 0) {
        return WG_OK;
    }
    const uint8_t *start = wkb;
    reader r = {ctx, lattice, start, start + bytes, shape, 0};
    return read_geometry(&r, 0);
}

wg_box wg_shape_box(const wg_shape *shape) {
    wg_box box = WG_BOX_EMPTY;
    for (size_t i = 0; i < shape->n_points; i++) {
        wg_box_add(&box, shape->point[i]);
    }
    return box;
}

wg_int128 wg_ring_twice_area(const wg_ipt *point, uint32_t n) {
    wg_int128 sum = 0;
    for (uint32_t i = 1; i + 1 < n; i++) {
        sum += wg_cross(point[0], point[i], point[i + 1]);
    }
    return sum;
}

double wg_shape_area(const wg_shape *shape) {
    double area = 0;
    for (size_t i = 0; i < shape->n_runs; i++) {
        if (shape->run[i].kind == WG_WKB_POLYGON) {
            const double ring =
                fabs((double)wg_ring_twice_area(shape->point + shape->run[i].first, shape->run[i].n)) / 2;
            area += shape->run[i].hole ? -ring : ring;
        }
    }
    return area > 0 ? area : 0;
}

int wg_shape_contains(const wg_shape *shape, wg_ipt p) {
    bool inside = false;
    for (size_t r = 0; r < shape->n_runs; r++) {
        const wg_ipt *point = shape->point + shape->run[r].first;
        const uint32_t n = shape->run[r].n;
        if (shape->run[r].kind != WG_WKB_POLYGON) {
            continue;
        }
        wg_ipt a = point[n - 1];
        for (uint32_t i = 0; i < n; i++) {
            const wg_ipt b = point[i];
            if ((a.y > p.y) != (b.y > p.y)) {
                const int side = a.y < b.y ? wg_turn(a, b, p) : wg_turn(b, a, p);
                if (side == 0) {
                    return 0;
                }
                inside ^= side > 0;
            } else if (p.y == a.y && p.y == b.y && (p.x - a.x) * (p.x - b.x) <= 0) {
                return 0;
            } else if (wg_ipt_equal(p, b)) {
                return 0;
            }
            a = b;
        }
    }
    return inside ? 1 : -1;
}

/** A height near the middle that no vertex lies on. */
static double scan_height(const wg_shape *shape) {
    const wg_box box = wg_shape_box(shape);
    const double middle = ((double)box.low.y + (double)box.high.y) / 2;
    double below = (double)box.low.y, above = (double)box.high.y;
    for (size_t i = 0; i < shape->n_points; i++) {
        const double y = (double)shape->point[i].y;
        if (y <= middle && y > below) {
            below = y;
        }
        if (y > middle && y < above) {
            above = y;
        }
    }
    return (below + above) / 2;
}

static int compare_doubles(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool wg_shape_inner_point(const wg_shape *shape, double *x, double *y) {
    if (shape->n_points == 0) {
        return false;
    }
    *x = (double)shape->point[0].x;
    *y = (double)shape->point[0].y;
    if (shape->run[0].kind != WG_WKB_POLYGON) {
        return true;
    }
    double *cut = wg_malloc(shape->n_points, sizeof *cut);
    if (cut == NULL) {
        return false;
    }
    const double height = scan_height(shape);
    size_t n = 0;
    for (size_t r = 0; r < shape->n_runs; r++) {
        const wg_ipt *point = shape->point + shape->run[r].first;
        const uint32_t n_ring = shape->run[r].n;
        for (uint32_t i = 0; shape->run[r].kind == WG_WKB_POLYGON && i < n_ring; i++) {
            const wg_ipt a = point[i], b = point[i + 1 < n_ring ? i + 1 : 0];
            if (((double)a.y > height) != ((double)b.y > height)) {
                cut[n++] = (double)a.x + (height - (double)a.y) * (double)(b.x - a.x) / (double)(b.y - a.y);
            }
        }
    }
    qsort(cut, n, sizeof *cut, compare_doubles);
    double widest = -1;
    for (size_t i = 0; i + 1 < n; i += 2) {
        if (cut[i + 1] - cut[i] > widest) {
            widest = cut[i + 1] - cut[i];
            *x = (cut[i] + cut[i + 1]) / 2;
            *y = height;
        }
    }
    free(cut);
    return true;
}

/** Edges i of run r and j of run s (numbers within the runs): may they be so? */
static bool edges_fit(const wg_shape *shape, const wg_run *r, uint32_t i, const wg_run *s, uint32_t j) {
    const wg_ipt a = shape->point[r->first + i], b = shape->point[r->first + (i + 1 < r->n ? i + 1 : 0)];
    const wg_ipt c = shape->point[s->first + j], d = shape->point[s->first + (j + 1 < s->n ? j + 1 : 0)];
    if (!wg_segments_touch(a, b, c, d)) {
        return true;
    }
    if (r != s) {
        /* Rings may touch in a point, not cross or run together. */
        const int side_c = wg_turn(a, b, c), side_d = wg_turn(a, b, d);
        return !(side_c * side_d < 0 && wg_turn(c, d, a) * wg_turn(c, d, b) < 0) && !(side_c == 0 && side_d == 0);
    }
    if (i + 1 == j || (i == 0 && j + 1 == r->n)) {
        /* Neighbours share one end; folded back on each other they are a spike. */
        const wg_ipt shared = i + 1 == j ? b : a;
        const wg_ipt before = i + 1 == j ? a : b, after = i + 1 == j ? d : c;
        return wg_turn(before, shared, after) != 0 ||
               (double)(before.x - shared.x) * (double)(after.x - shared.x) +
                       (double)(before.y - shared.y) * (double)(after.y - shared.y) <
                   0;
    }
    return false;
}

enum { FEW_POINTS = 40 }; /* below this all pairs are faster than bins */

/** All pairs of edges. O(n * n). */
static bool pairs_fit(const wg_shape *shape) {
    for (size_t p = 0; p < shape->n_runs; p++) {
        const wg_run *r = &shape->run[p];
        for (size_t q = p; q < shape->n_runs; q++) {
            const wg_run *s = &shape->run[q];
            for (uint32_t i = 0; i < r->n; i++) {
                for (uint32_t j = p == q ? i + 1 : 0; j < s->n; j++) {
                    if (!edges_fit(shape, r, i, s, j)) {
                        return false;
                    }
                }
            }
        }
    }
    return true;
}

/** Pairs of edges that share a bin; `run_of` tells the run of an edge, its tag the number within the run. */
static bool binned_fit(const wg_shape *shape, const wg_segment *edge, const uint32_t *run_of, const wg_bins *bins) {
    for (size_t bin = 0; bin < (size_t)bins->nx * bins->ny; bin++) {
        for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
            for (uint32_t j = i + 1; j < bins->first[bin + 1]; j++) {
                const uint32_t a = bins->item[i], b = bins->item[j];
                if (!edges_fit(shape, &shape->run[run_of[a]], edge[a].tag, &shape->run[run_of[b]], edge[b].tag)) {
                    return false;
                }
            }
        }
    }
    return true;
}

bool wg_shape_is_simple(const wg_shape *shape) {
    size_t n = 0;
    for (size_t r = 0; r < shape->n_runs; r++) {
        n += shape->run[r].n;
    }
    wg_segment *edge = n > FEW_POINTS ? wg_malloc(n, sizeof *edge) : NULL;
    uint32_t *run_of = n > FEW_POINTS ? wg_malloc(n, sizeof *run_of) : NULL;
    wg_bins bins = {0};
    bool simple;
    size_t at = 0;
    for (size_t r = 0; edge != NULL && run_of != NULL && r < shape->n_runs; r++) {
        const wg_ipt *point = shape->point + shape->run[r].first;
        for (uint32_t i = 0; i < shape->run[r].n; i++) {
            run_of[at] = (uint32_t)r;
            edge[at++] = (wg_segment){point[i], point[i + 1 < shape->run[r].n ? i + 1 : 0], i};
        }
    }
    /* Without memory for the bins the plain way still has the answer. */
    if (at > 0 && wg_bins_of_segments(NULL, edge, n, 1.0, &bins) == WG_OK) {
        simple = binned_fit(shape, edge, run_of, &bins);
    } else {
        simple = pairs_fit(shape);
    }
    wg_bins_release(&bins);
    free(edge);
    free(run_of);
    return simple;
}
