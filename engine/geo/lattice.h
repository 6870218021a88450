/**
 * The precision grid and exact arithmetic on it. Everything in this module that decides topology works on grid points
 * (64-bit integers); coordinates become floating-point metres again only when a result is written.
 */
#ifndef WG_GEO_LATTICE_H
#define WG_GEO_LATTICE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/** Grid coordinates are below this in absolute value, so that no product in this module leaves 128 bits. */
#define WG_LATTICE_LIMIT (INT64_C(1) << 40)

typedef struct wg_ipt {
    int64_t x, y;
} wg_ipt;

__extension__ typedef __int128 wg_int128;

/** The grid: a point (x, y) on it is x * step metres, computed so that a decimal step gives the nearest decimal number.
 */
typedef struct wg_lattice {
    double step;    /**< metres */
    double inverse; /**< 1 / step where that is a whole number, else 0 */
} wg_lattice;

static inline wg_lattice wg_lattice_of(double step_m) {
    const double inverse = rint(1.0 / step_m);
    const bool whole = inverse >= 1.0 && fabs(inverse * step_m - 1.0) < 1e-9;
    return (wg_lattice){step_m, whole ? inverse : 0.0};
}

static inline double wg_lattice_metres(wg_lattice lattice, int64_t value) {
    return lattice.inverse > 0 ? (double)value / lattice.inverse : (double)value * lattice.step;
}

/** @return false for what is not finite or too far away */
static inline bool wg_lattice_point(wg_lattice lattice, double x, double y, wg_ipt *point) {
    const double gx = lattice.inverse > 0 ? x * lattice.inverse : x / lattice.step;
    const double gy = lattice.inverse > 0 ? y * lattice.inverse : y / lattice.step;
    const double limit = (double)WG_LATTICE_LIMIT;
    if (!(gx > -limit && gx < limit && gy > -limit && gy < limit)) {
        return false;
    }
    *point = (wg_ipt){llrint(gx), llrint(gy)};
    return true;
}

static inline bool wg_ipt_equal(wg_ipt a, wg_ipt b) {
    return a.x == b.x && a.y == b.y;
}

/** By x, then y. */
static inline int wg_ipt_compare(wg_ipt a, wg_ipt b) {
    return a.x != b.x ? (a.x < b.x ? -1 : 1) : a.y != b.y ? (a.y < b.y ? -1 : 1) : 0;
}

static inline wg_int128 wg_cross(wg_ipt a, wg_ipt b, wg_ipt c) {
    return (wg_int128)(b.x - a.x) * (c.y - a.y) - (wg_int128)(b.y - a.y) * (c.x - a.x);
}

/** Sign of the turn a, b, c: 1 left, -1 right, 0 straight. Exact. */
static inline int wg_turn(wg_ipt a, wg_ipt b, wg_ipt c) {
    const wg_int128 cross = wg_cross(a, b, c);
    return (cross > 0) - (cross < 0);
}

/**
 * The point where segments ab and cd cross, rounded to the grid.
 * @return false unless the segments cross in a point that is inside both
 */
bool wg_segments_cross(wg_ipt a, wg_ipt b, wg_ipt c, wg_ipt d, wg_ipt *at);

/** Whether segments ab and cd have any point in common, ends included. */
bool wg_segments_touch(wg_ipt a, wg_ipt b, wg_ipt c, wg_ipt d);

/** Whether segment ab passes the pixel of `centre`, the half-open unit square around it (snap rounding, Hobby 1999). */
bool wg_segment_hits_pixel(wg_ipt a, wg_ipt b, wg_ipt centre);

/** Point of segment ab that is nearest to p, rounded to the grid, and its distance (grid steps) before rounding. */
wg_ipt wg_segment_nearest(wg_ipt a, wg_ipt b, wg_ipt p, double *distance);

#endif
