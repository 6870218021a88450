/*
 * GCJ-02 and BD-09: WGS 84 degrees moved by a smooth, published-by-others formula; inverses by fixed-point iteration.
 * The formulas are those of the widely used open implementations (eviltransform and its kin); the offset is within
 * 1e-6° of what map services return.
 */
#include <math.h>

#include "crs/crs.h"

static const double krasovsky_a = 6378245.0, krasovsky_e2 = 0.00669342162296594323;
enum { MAX_ROUNDS = 40 };
static const double enough_degrees = 1e-13;

static bool outside_china(const double p[2]) {
    return !(p[0] >= 72.004 && p[0] <= 137.8347 && p[1] >= 0.8293 && p[1] <= 55.8271);
}

static double wave(double value, double period_a, double weight_a, double period_b, double weight_b, double period_c,
                   double weight_c) {
    return (weight_a * sin(value * period_a) + weight_b * sin(value * period_b) + weight_c * sin(value * period_c)) *
           2.0 / 3.0;
}

static void gcj_offset(const double p[2], double offset[2]) {
    const double x = p[0] - 105.0, y = p[1] - 35.0;
    const double common = wave(x, 6.0 * M_PI, 20.0, 2.0 * M_PI, 20.0, 0.0, 0.0);
    const double root = sqrt(fabs(x));
    const double north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common +
                         wave(y, M_PI, 20.0, M_PI / 3.0, 40.0, 0.0, 0.0) +
                         wave(y, M_PI / 12.0, 160.0, M_PI / 30.0, 320.0, 0.0, 0.0);
    const double east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common +
                        wave(x, M_PI, 20.0, M_PI / 3.0, 40.0, 0.0, 0.0) +
                        wave(x, M_PI / 12.0, 150.0, M_PI / 30.0, 300.0, 0.0, 0.0);
    const double latitude = p[1] * M_PI / 180.0;
    const double s = sin(latitude);
    const double magic = 1.0 - krasovsky_e2 * s * s;
    const double root_magic = sqrt(magic);
    offset[1] = north * 180.0 / ((krasovsky_a * (1.0 - krasovsky_e2)) / (magic * root_magic) * M_PI);
    offset[0] = east * 180.0 / (krasovsky_a / root_magic * cos(latitude) * M_PI);
}

void wg_gcj02_from_wgs84(double p[2]) {
    if (!outside_china(p)) {
        double offset[2];
        gcj_offset(p, offset);
        p[0] += offset[0];
        p[1] += offset[1];
    }
}

static void bd_from_gcj(double p[2]) {
    const double step = M_PI * 3000.0 / 180.0;
    const double z = sqrt(p[0] * p[0] + p[1] * p[1]) + 0.00002 * sin(p[1] * step);
    const double angle = atan2(p[1], p[0]) + 0.000003 * cos(p[0] * step);
    p[0] = z * cos(angle) + 0.0065;
    p[1] = z * sin(angle) + 0.006;
}

void wg_bd09_from_wgs84(double p[2]) {
    if (!outside_china(p)) {
        wg_gcj02_from_wgs84(p);
        bd_from_gcj(p);
    }
}

/** Find w with forward(w) = p; the offset changes by far less than 1 a degree, so each round gains two digits or more.
 */
static void invert(void (*forward)(double[2]), double p[2]) {
    double w[2] = {p[0], p[1]};
    for (int round = 0; round < MAX_ROUNDS; round++) {
        double image[2] = {w[0], w[1]};
        forward(image);
        const double dx = p[0] - image[0], dy = p[1] - image[1];
        w[0] += dx;
        w[1] += dy;
        if (!(fabs(dx) > enough_degrees || fabs(dy) > enough_degrees)) {
            break;
        }
    }
    p[0] = w[0];
    p[1] = w[1];
}

void wg_wgs84_from_gcj02(double p[2]) {
    if (!outside_china(p)) {
        invert(wg_gcj02_from_wgs84, p);
    }
}

void wg_wgs84_from_bd09(double p[2]) {
    if (!outside_china(p)) {
        invert(wg_bd09_from_wgs84, p);
    }
}
