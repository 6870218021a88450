/**
 * Exact sign of the orientation determinant of three points (Shewchuk 1997, "Adaptive precision floating-point
 * arithmetic and fast robust geometric predicates"). Right for all finite coordinates whose products neither overflow
 * nor underflow (magnitudes between 1e-140 and 1e150, or zero). Needs round-to-nearest and no fused multiply-add.
 */
#ifndef WG_LOCATE_EXACT_H
#define WG_LOCATE_EXACT_H

#include <math.h>

/** The slow way, taken where the floating-point result is in doubt: -1, 0 or 1. */
int wg_orient_exact(double ax, double ay, double bx, double by, double px, double py);

/** @return 1 where p lies left of the line from a to b, -1 where right of it, 0 exactly on it */
static inline int wg_orient(double ax, double ay, double bx, double by, double px, double py) {
    /* (3 + 16 eps) eps with eps = 2^-53: Shewchuk's bound for the plain determinant. */
    const double bound = 3.3306690738754716e-16;
    const double left = (ax - px) * (by - py);
    const double right = (ay - py) * (bx - px);
    const double det = left - right;
    const double doubt = bound * (fabs(left) + fabs(right));
    if (det > doubt) {
        return 1;
    }
    if (-det > doubt) {
        return -1;
    }
    return wg_orient_exact(ax, ay, bx, by, px, py);
}

#endif
