#include "model/wkb.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 16, HEADER_BYTES = 5, PAIR_BYTES = 16 };

/* ---- reading ---- */

typedef struct reader {
    const uint8_t *at, *end;
    wg_buffer *heights; /**< takes Z and M; NULL: they are left out */
    bool z, m;          /**< of the last geometry met */
    size_t vertices;
} reader;

static bool host_is_little(void) {
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static bool read_u32(reader *in, bool little, uint32_t *value) {
    if (in->end - in->at < 4) {
        return false;
    }
    const uint8_t *b = in->at;
    *value = little ? (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24
                    : (uint32_t)b[3] | (uint32_t)b[2] << 8 | (uint32_t)b[1] << 16 | (uint32_t)b[0] << 24;
    in->at += 4;
    return true;
}

static double read_f64(const uint8_t *bytes, bool little) {
    uint8_t copy[8];
    for (int i = 0; i < 8; i++) {
        copy[i] = bytes[little == host_is_little() ? i : 7 - i];
    }
    double value;
    memcpy(&value, copy, sizeof value);
    return value;
}

void wg_wkb_get(const uint8_t *pairs, uint32_t index, double xy[2]) {
    memcpy(xy, pairs + (size_t)index * PAIR_BYTES, PAIR_BYTES);
}

void wg_wkb_set(uint8_t *pairs, uint32_t index, const double xy[2]) {
    memcpy(pairs + (size_t)index * PAIR_BYTES, xy, PAIR_BYTES);
}

/* ---- writing ---- */

void wg_wkb_put_u32(wg_buffer *out, uint32_t value) {
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    wg_buffer_append(out, bytes, sizeof bytes);
}

void wg_wkb_put_header(wg_buffer *out, uint32_t type, uint32_t count) {
    const uint8_t order = 1;
    wg_buffer_append(out, &order, 1);
    wg_wkb_put_u32(out, type);
    wg_wkb_put_u32(out, count);
}

void wg_wkb_put_pairs(wg_buffer *out, const double *xy, uint32_t n) {
    wg_buffer_append(out, xy, (size_t)n * PAIR_BYTES);
}

void wg_wkb_put_point(wg_buffer *out, double x, double y) {
    const uint8_t order = 1;
    const double xy[2] = {x, y};
    wg_buffer_append(out, &order, 1);
    wg_wkb_put_u32(out, WG_WKB_POINT);
    wg_wkb_put_pairs(out, xy, 1);
}

/* ---- normalising ---- */

static bool copy_pairs(reader *in, bool little, uint32_t n, uint32_t dims, wg_buffer *out) {
    const size_t stride = (size_t)dims * 8;
    if ((size_t)(in->end - in->at) / stride < n) {
        return false;
    }
    in->vertices += n;
    if (dims == 2 && little && host_is_little()) {
        wg_buffer_append(out, in->at, (size_t)n * PAIR_BYTES);
        in->at += (size_t)n * PAIR_BYTES;
        return true;
    }
    for (uint32_t i = 0; i < n; i++, in->at += stride) {
        const double xy[2] = {read_f64(in->at, little), read_f64(in->at + 8, little)};
        wg_wkb_put_pairs(out, xy, 1);
        for (uint32_t d = 2; d < dims && in->heights != NULL; d++) {
            const double height = read_f64(in->at + (size_t)8 * d, little);
            wg_buffer_append(in->heights, &height, sizeof height);
        }
    }
    return true;
}

/* ISO adds 1000 (Z), 2000 (M), 3000 (ZM); EWKB sets the top bits and may put an SRID behind the type. */
static bool read_type(reader *in, bool little, uint32_t *base, uint32_t *dims) {
    uint32_t code;
    if (!read_u32(in, little, &code)) {
        return false;
    }
    const bool ewkb_z = (code & UINT32_C(0x80000000)) != 0, ewkb_m = (code & UINT32_C(0x40000000)) != 0;
    if ((code & UINT32_C(0x20000000)) != 0) {
        uint32_t srid;
        if (!read_u32(in, little, &srid)) {
            return false;
        }
    }
    code &= UINT32_C(0x1fffffff);
    const uint32_t iso = code / 1000;
    if (iso > 3) {
        return false;
    }
    in->z = ewkb_z || iso == 1 || iso == 3;
    in->m = ewkb_m || iso >= 2;
    *base = code % 1000;
    *dims = 2u + (in->z ? 1u : 0u) + (in->m ? 1u : 0u);
    return *base >= WG_WKB_POINT && *base <= WG_WKB_COLLECTION;
}

static bool normalise(reader *in, wg_buffer *out, int depth) {
    uint32_t base, dims, count;
    if (depth > MAX_DEPTH || in->at >= in->end || *in->at > 1) {
        return false;
    }
    const bool little = *in->at++ == 1;
    if (!read_type(in, little, &base, &dims)) {
        return false;
    }
    if (base == WG_WKB_POINT) {
        const uint8_t order = 1;
        wg_buffer_append(out, &order, 1);
        wg_wkb_put_u32(out, base);
        return copy_pairs(in, little, 1, dims, out);
    }
    if (!read_u32(in, little, &count)) {
        return false;
    }
    wg_wkb_put_header(out, base, count);
    if (base == WG_WKB_LINESTRING) {
        return copy_pairs(in, little, count, dims, out);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t n;
        if (base == WG_WKB_POLYGON) {
            if (!read_u32(in, little, &n)) {
                return false;
            }
            wg_wkb_put_u32(out, n);
            if (!copy_pairs(in, little, n, dims, out)) {
                return false;
            }
        } else if (!normalise(in, out, depth + 1)) {
            return false;
        }
        if (out->failed) {
            return false;
        }
    }
    return true;
}

wg_status wg_wkb_normalise(wg_context *ctx, const void *wkb, size_t bytes, wg_buffer *out) {
    reader in = {.at = wkb, .end = (const uint8_t *)wkb + bytes};
    const bool read = normalise(&in, out, 0);
    if (out->failed) {
        return wg_fail_memory(ctx);
    }
    return read ? WG_OK
                : wg_fail(ctx, WG_EDATA,
                          "malformed or unsupported WKB geometry (curves and surfaces must be linearised first)");
}

wg_status wg_wkb_normalise_heights(wg_context *ctx, const void *wkb, size_t bytes, wg_buffer *out, wg_buffer *heights,
                                   bool *z, bool *m) {
    reader in = {.at = wkb, .end = (const uint8_t *)wkb + bytes, .heights = heights};
    const size_t before = heights->length;
    const bool read = normalise(&in, out, 0);
    const size_t each = (in.z ? 1u : 0u) + (in.m ? 1u : 0u);
    /* parts of a collection that differ in what they have: none is kept */
    const bool alike = heights->length - before == in.vertices * each * sizeof(double);
    heights->length = alike ? heights->length : before;
    *z = alike && in.z;
    *m = alike && in.m;
    if (out->failed || heights->failed) {
        return wg_fail_memory(ctx);
    }
    return read ? WG_OK : wg_fail(ctx, WG_EDATA, "malformed or unsupported WKB geometry");
}

/** A geometry between 2D and more. */
typedef struct lifter {
    reader in;
    wg_buffer *out;
    const double *height;
    uint32_t type; /**< 1000, 2000 or 3000 */
    size_t each;   /**< heights of a vertex */
} lifter;

static void lift_pairs(lifter *own, uint32_t n) {
    for (uint32_t i = 0; i < n && (size_t)(own->in.end - own->in.at) >= PAIR_BYTES; i++) {
        wg_buffer_append(own->out, own->in.at, PAIR_BYTES);
        wg_buffer_append(own->out, own->height, own->each * sizeof(double));
        own->in.at += PAIR_BYTES;
        own->height += own->each;
    }
}

static void lift(lifter *own) {
    uint32_t type = 0, count = 0, n = 0;
    const uint8_t order = 1;
    own->in.at++;
    (void)read_u32(&own->in, true, &type);
    wg_buffer_append(own->out, &order, 1);
    wg_wkb_put_u32(own->out, type + own->type);
    if (type == WG_WKB_POINT) {
        lift_pairs(own, 1);
        return;
    }
    (void)read_u32(&own->in, true, &count);
    wg_wkb_put_u32(own->out, count);
    if (type == WG_WKB_LINESTRING) {
        lift_pairs(own, count);
        return;
    }
    for (uint32_t i = 0; i < count && own->in.at < own->in.end; i++) {
        if (type == WG_WKB_POLYGON) {
            (void)read_u32(&own->in, true, &n);
            wg_wkb_put_u32(own->out, n);
            lift_pairs(own, n);
        } else {
            lift(own);
        }
    }
}

void wg_wkb_put_with_heights(wg_buffer *out, const void *wkb, size_t bytes, bool z, bool m, const double *heights) {
    lifter own = {.in = {.at = wkb, .end = (const uint8_t *)wkb + bytes},
                  .out = out,
                  .height = heights,
                  .type = (z ? 1000u : 0u) + (m ? 2000u : 0u),
                  .each = (z ? 1u : 0u) + (m ? 1u : 0u)};
    lift(&own);
}

/* ---- walking ---- */

uint32_t wg_wkb_type(const void *wkb, size_t bytes) {
    if (wkb == NULL || bytes < HEADER_BYTES) {
        return 0;
    }
    reader in = {.at = wkb, .end = (const uint8_t *)wkb + bytes};
    const bool little = *in.at++ == 1;
    uint32_t base, dims;
    return read_type(&in, little, &base, &dims) ? base : 0;
}

typedef struct walk_state {
    reader in;
    wg_wkb_visit_fn visit;
    void *user;
    uint32_t part;
} walk_state;

static bool visit_run(walk_state *walk, uint32_t n, uint32_t type, uint32_t ring) {
    if ((size_t)(walk->in.end - walk->in.at) / PAIR_BYTES < n) {
        return false;
    }
    walk->visit((uint8_t *)walk->in.at, n, type, walk->part, ring, walk->user);
    walk->in.at += (size_t)n * PAIR_BYTES;
    return true;
}

static bool walk_geometry(walk_state *walk, int depth) {
    uint32_t type, count, n;
    if (depth > MAX_DEPTH || walk->in.end - walk->in.at < HEADER_BYTES || *walk->in.at != 1) {
        return false;
    }
    walk->in.at++;
    if (!read_u32(&walk->in, true, &type)) {
        return false;
    }
    if (type == WG_WKB_POINT) {
        const bool good = visit_run(walk, 1, type, 0);
        walk->part++;
        return good;
    }
    if (!read_u32(&walk->in, true, &count)) {
        return false;
    }
    if (type == WG_WKB_LINESTRING) {
        const bool good = visit_run(walk, count, type, 0);
        walk->part++;
        return good;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (type == WG_WKB_POLYGON) {
            if (!read_u32(&walk->in, true, &n) || !visit_run(walk, n, type, i)) {
                return false;
            }
        } else if (type < WG_WKB_MULTIPOINT || type > WG_WKB_COLLECTION || !walk_geometry(walk, depth + 1)) {
            return false;
        }
    }
    walk->part += type == WG_WKB_POLYGON ? 1 : 0;
    return true;
}

wg_status wg_wkb_visit(void *wkb, size_t bytes, wg_wkb_visit_fn visit, void *user) {
    walk_state walk = {.in = {.at = wkb, .end = (const uint8_t *)wkb + bytes}, .visit = visit, .user = user};
    if (wkb == NULL || bytes == 0) {
        return WG_OK;
    }
    return walk_geometry(&walk, 0) ? WG_OK : WG_EDATA;
}

/* ---- measures ---- */

static void widen(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type, (void)part, (void)ring;
    double *bounds = user;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        if (isnan(xy[0]) || isnan(xy[1])) {
            continue; /* POINT EMPTY */
        }
        bounds[0] = fmin(bounds[0], xy[0]);
        bounds[1] = fmin(bounds[1], xy[1]);
        bounds[2] = fmax(bounds[2], xy[0]);
        bounds[3] = fmax(bounds[3], xy[1]);
    }
}

void wg_bounds_widen(double to[4], const double by[4]) {
    for (int axis = 0; axis < 2; axis++) {
        to[axis] = fmin(to[axis], by[axis]);
        to[axis + 2] = fmax(to[axis + 2], by[axis + 2]);
    }
}

bool wg_wkb_bounds(const void *wkb, size_t bytes, double bounds[4]) {
    bounds[0] = bounds[1] = DBL_MAX;
    bounds[2] = bounds[3] = -DBL_MAX;
    /* `widen` only reads. */
    if (wg_wkb_visit((void *)wkb, bytes, widen, bounds) != WG_OK || bounds[0] > bounds[2]) {
        bounds[0] = bounds[1] = bounds[2] = bounds[3] = NAN;
        return false;
    }
    return true;
}

typedef struct measure_state {
    double area, length;               /**< of polygons, or length of lines */
    double area_x, area_y;             /**< first moments of area */
    double line, line_x, line_y;       /**< boundaries and lines */
    double points, points_x, points_y; /**< all coordinates */
} measure_state;

/* Coordinates are taken relative to the ring's first vertex, so that 1e7 m offsets do not eat the digits. */
static void measure_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    measure_state *sum = user;
    double origin[2], before[2], xy[2];
    if (n == 0) {
        return;
    }
    wg_wkb_get(pairs, 0, origin);
    if (isnan(origin[0]) || isnan(origin[1])) {
        return;
    }
    memcpy(before, origin, sizeof before);
    double twice = 0, moment_x = 0, moment_y = 0;
    for (uint32_t i = 0; i < n; i++) {
        wg_wkb_get(pairs, i, xy);
        sum->points += 1;
        sum->points_x += xy[0];
        sum->points_y += xy[1];
        if (i == 0) {
            continue;
        }
        const double length = hypot(xy[0] - before[0], xy[1] - before[1]);
        sum->line += length;
        sum->line_x += length * (xy[0] + before[0]) / 2;
        sum->line_y += length * (xy[1] + before[1]) / 2;
        if (type == WG_WKB_POLYGON) {
            const double ax = before[0] - origin[0], ay = before[1] - origin[1];
            const double bx = xy[0] - origin[0], by = xy[1] - origin[1];
            const double cross = ax * by - bx * ay;
            twice += cross;
            moment_x += (ax + bx) * cross;
            moment_y += (ay + by) * cross;
        }
        memcpy(before, xy, sizeof before);
    }
    if (type == WG_WKB_POLYGON && twice != 0) {
        const double sign = (ring == 0 ? 1.0 : -1.0) * (twice > 0 ? 1.0 : -1.0);
        const double area = sign * twice / 2;
        sum->area += area;
        sum->area_x += sign * moment_x / 6 + area * origin[0];
        sum->area_y += sign * moment_y / 6 + area * origin[1];
    }
}

void wg_wkb_measure(const void *wkb, size_t bytes, double *area, double *length) {
    measure_state sum = {0};
    (void)wg_wkb_visit((void *)wkb, bytes, measure_run, &sum);
    *area = sum.area > 0 ? sum.area : 0;
    *length = sum.line;
}

bool wg_wkb_centroid(const void *wkb, size_t bytes, double xy[2]) {
    measure_state sum = {0};
    if (wg_wkb_visit((void *)wkb, bytes, measure_run, &sum) != WG_OK || sum.points == 0) {
        return false;
    }
    if (sum.area > 0) {
        xy[0] = sum.area_x / sum.area;
        xy[1] = sum.area_y / sum.area;
    } else if (sum.line > 0) {
        xy[0] = sum.line_x / sum.line;
        xy[1] = sum.line_y / sum.line;
    } else {
        xy[0] = sum.points_x / sum.points;
        xy[1] = sum.points_y / sum.points;
    }
    return true;
}
