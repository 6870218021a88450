#include "geo/lattice.h"

/** Quotient rounded to the nearest whole number, halves up; den > 0. */
static int64_t divide_rounded(wg_int128 num, wg_int128 den) {
    const wg_int128 twice = 2 * num + den;
    wg_int128 quotient = twice / (2 * den);
    if (twice % (2 * den) < 0) {
        quotient--;
    }
    return (int64_t)quotient;
}

static bool boxes_apart(wg_ipt a, wg_ipt b, wg_ipt c, wg_ipt d) {
    return (a.x > b.x ? a.x : b.x) < (c.x < d.x ? c.x : d.x) || (c.x > d.x ? c.x : d.x) < (a.x < b.x ? a.x : b.x) ||
           (a.y > b.y ? a.y : b.y) < (c.y < d.y ? c.y : d.y) || (c.y > d.y ? c.y : d.y) < (a.y < b.y ? a.y : b.y);
}

/** Same pair of segments, same order of operands: the rounded point does not depend on who asks. */
static void canonical(wg_ipt *a, wg_ipt *b) {
    if (wg_ipt_compare(*a, *b) > 0) {
        const wg_ipt swap = *a;
        *a = *b;
        *b = swap;
    }
}

bool wg_segments_cross(wg_ipt a, wg_ipt b, wg_ipt c, wg_ipt d, wg_ipt *at) {
    if (boxes_apart(a, b, c, d)) {
        return false;
    }
    const int c_side = wg_turn(a, b, c);
    const int d_side = wg_turn(a, b, d);
    if (c_side * d_side >= 0 || wg_turn(c, d, a) * wg_turn(c, d, b) >= 0) {
        return false;
    }
    canonical(&a, &b);
    canonical(&c, &d);
    if (wg_ipt_compare(a, c) > 0 || (wg_ipt_equal(a, c) && wg_ipt_compare(b, d) > 0)) {
        const wg_ipt e = a, f = b;
        a = c;
        b = d;
        c = e;
        d = f;
    }
    wg_int128 den = (wg_int128)(b.x - a.x) * (d.y - c.y) - (wg_int128)(b.y - a.y) * (d.x - c.x);
    wg_int128 num = (wg_int128)(c.x - a.x) * (d.y - c.y) - (wg_int128)(c.y - a.y) * (d.x - c.x);
    if (den < 0) {
        den = -den;
        num = -num;
    }
    /* 0 < num / den < 1. Both have at most 83 bits and a side at most 41: scale down only where the product would not
     * fit, which needs segments of more than 4 000 km on a 1 mm grid; the point then moves by less than the grid. */
    int64_t dx = b.x - a.x, dy = b.y - a.y;
    while (den > ((wg_int128)1 << 84)) {
        den >>= 1;
        num >>= 1;
    }
    *at = (wg_ipt){a.x + divide_rounded(num * dx, den), a.y + divide_rounded(num * dy, den)};
    return true;
}

static bool on_box(wg_ipt a, wg_ipt b, wg_ipt p) {
    return p.x >= (a.x < b.x ? a.x : b.x) && p.x <= (a.x > b.x ? a.x : b.x) && p.y >= (a.y < b.y ? a.y : b.y) &&
           p.y <= (a.y > b.y ? a.y : b.y);
}

bool wg_segments_touch(wg_ipt a, wg_ipt b, wg_ipt c, wg_ipt d) {
    if (boxes_apart(a, b, c, d)) {
        return false;
    }
    const int c_side = wg_turn(a, b, c), d_side = wg_turn(a, b, d);
    const int a_side = wg_turn(c, d, a), b_side = wg_turn(c, d, b);
    if (c_side * d_side < 0 && a_side * b_side < 0) {
        return true;
    }
    return (c_side == 0 && on_box(a, b, c)) || (d_side == 0 && on_box(a, b, d)) || (a_side == 0 && on_box(c, d, a)) ||
           (b_side == 0 && on_box(c, d, b));
}

bool wg_segment_hits_pixel(wg_ipt a, wg_ipt b, wg_ipt centre) {
    if (a.x > b.x) {
        const wg_ipt swap = a;
        a = b;
        b = swap;
    }
    const int64_t low_y = a.y < b.y ? a.y : b.y;
    const int64_t high_y = a.y < b.y ? b.y : a.y;
    /* The ends are grid points: comparing with the centre is comparing with the half-open square. */
    if (centre.x < a.x || centre.x > b.x || centre.y < low_y || centre.y > high_y) {
        return false;
    }
    if (a.x == b.x || a.y == b.y) {
        return true;
    }
    /* Twice the offset of the centre from the line, and how far the corners lie from the centre's value. The square is
     * open at the top and on the right, so of its corners only the lower left one belongs to it. */
    const wg_int128 dx = b.x - a.x, dy = b.y - a.y;
    const wg_int128 middle = 2 * wg_cross(a, b, centre);
    if (dy > 0) {
        return middle + dx + dy > 0 && middle - dx - dy < 0;
    }
    return middle + dx - dy > 0 && middle - dx + dy <= 0;
}

wg_ipt wg_segment_nearest(wg_ipt a, wg_ipt b, wg_ipt p, double *distance) {
    const double dx = (double)(b.x - a.x), dy = (double)(b.y - a.y);
    const double px = (double)(p.x - a.x), py = (double)(p.y - a.y);
    const double length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? (px * dx + py * dy) / length2 : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    *distance = hypot(px - t * dx, py - t * dy);
    return (wg_ipt){a.x + llrint(t * dx), a.y + llrint(t * dy)};
}
