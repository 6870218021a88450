#include "locate/exact.h"

/*
 * An expansion is a sum of doubles, none of which overlaps another, in order of magnitude: an exact number. Its sign is
 * the sign of its last term that is not zero.
 */

/* a + b = *sum + *error exactly (Knuth). */
static inline void two_sum(double a, double b, double *sum, double *error) {
    const double s = a + b;
    const double b_part = s - a;
    const double a_part = s - b_part;
    *sum = s;
    *error = (a - a_part) + (b - b_part);
}

/* a = *high + *low, each with at most 26 bits (Dekker, Veltkamp). */
static inline void split(double a, double *high, double *low) {
    const double c = 134217729.0 * a; /* 2^27 + 1 */
    const double big = c - a;
    *high = c - big;
    *low = a - *high;
}

/* a * b = *product + *error exactly (Dekker). */
static inline void two_product(double a, double b, double *product, double *error) {
    double ah, al, bh, bl;
    const double p = a * b;
    split(a, &ah, &al);
    split(b, &bh, &bl);
    *product = p;
    *error = al * bl - (((p - ah * bh) - al * bh) - ah * bl);
}

/* Add one double to an expansion of n terms in place; it becomes one term longer. */
static int grow(double *e, int n, double b) {
    double carry = b;
    for (int i = 0; i < n; i++) {
        double sum, error;
        two_sum(carry, e[i], &sum, &error);
        e[i] = error;
        carry = sum;
    }
    e[n] = carry;
    return n + 1;
}

static int add_product(double *e, int n, double a, double b) {
    double product, error;
    two_product(a, b, &product, &error);
    n = grow(e, n, error);
    return grow(e, n, product);
}

static int sign_of(const double *e, int n) {
    for (int i = n - 1; i >= 0; i--) {
        if (e[i] != 0) {
            return e[i] > 0 ? 1 : -1;
        }
    }
    return 0;
}

/* The error of a rounded difference: 0 where a - b is exact. */
static inline double difference_tail(double a, double b, double difference) {
    const double b_part = a - difference;
    const double a_part = difference + b_part;
    return (a - a_part) + (b_part - b);
}

int wg_orient_exact(double ax, double ay, double bx, double by, double px, double py) {
    const double acx = ax - px, acy = ay - py, bcx = bx - px, bcy = by - py;
    double e[12];
    /* Second stage: exact products of the rounded differences. On neighbouring coordinates the differences are exact.
     */
    int n = add_product(e, 0, acx, bcy);
    n = add_product(e, n, -acy, bcx);
    if (difference_tail(ax, px, acx) == 0 && difference_tail(ay, py, acy) == 0 && difference_tail(bx, px, bcx) == 0 &&
        difference_tail(by, py, bcy) == 0) {
        return sign_of(e, n);
    }
    double estimate = 0;
    for (int i = 0; i < n; i++) {
        estimate += e[i];
    }
    /* (2 + 12 eps) eps: Shewchuk's bound for this stage. */
    const double doubt = 2.2204460492503159e-16 * (fabs(acx * bcy) + fabs(acy * bcx));
    if (estimate >= doubt || -estimate >= doubt) {
        return sign_of(e, n);
    }
    /* Last stage: the determinant multiplied out over the coordinates themselves, without any rounding. */
    n = add_product(e, 0, ax, by);
    n = add_product(e, n, -ay, bx);
    n = add_product(e, n, bx, py);
    n = add_product(e, n, -by, px);
    n = add_product(e, n, px, ay);
    n = add_product(e, n, -py, ax);
    return sign_of(e, n);
}
