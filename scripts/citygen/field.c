/**
 * Where streets go and how dense the town is. Street directions come from a tensor field of weighted grains, as in
 * Chen, Esch, Wonka, Müller, Zhang: Interactive procedural street modeling (2008).
 */
#include "citygen.h"

#include <math.h>

enum { NOISE_TURN = 20, NOISE_TURN_FINE, NOISE_DENSITY, NOISE_DENSITY_FINE };

static vec inner_point(const town_map *t, wg_random *random, double margin) {
    for (int i = 0; i < 200; i++) {
        const vec p = random_in(random, t->low, t->high);
        uint32_t segment;
        vec foot;
        if (area_contains(&t->shape, p) && path_nearest(&t->outline, p, &segment, &foot) > margin) {
            return p;
        }
    }
    return area_centroid(&t->shape);
}

void field_make(town_map *t) {
    wg_random random = town_random(t, "field");
    street_field *f = &t->flow;
    const double side = sqrt(area_size(&t->shape));
    f->n_centres = side > 2500 ? 4 : 1;
    for (uint32_t i = 0; i < f->n_centres; i++) {
        vec p = i == 0 ? vec_lerp(area_centroid(&t->shape), inner_point(t, &random, 0.2 * side), 0.35)
                       : inner_point(t, &random, 0.12 * side);
        for (int tries = 0; i > 0 && tries < 20 && vec_distance(p, f->centre[0].at) < 0.30 * side; tries++) {
            p = inner_point(t, &random, 0.12 * side);
        }
        f->centre[i].at = p;
        f->centre[i].reach = side * (i == 0 ? 0.22 : random_between(&random, 0.07, 0.12));
        f->centre[i].weight = i == 0 ? 1 : random_between(&random, 0.6, 0.85);
    }
    if (side <= 2500) {
        f->centre[0].reach = side * 2;
    }
    const double base = random_between(&random, -0.35, 0.35);
    f->n_grains = 8;
    for (uint32_t i = 0; i < f->n_grains; i++) {
        f->grain[i].at = i < f->n_centres ? f->centre[i].at : inner_point(t, &random, 0.05 * side);
        f->grain[i].angle = base + (i == 0 ? 0 : random_between(&random, -0.62, 0.62));
        f->grain[i].reach = side * random_between(&random, 0.10, 0.24);
    }
}

/** Add a direction to the field: the sum of cos and sin of the doubled angle. */
static void add_grain(double sum[2], double angle, double weight) {
    sum[0] += weight * cos(2 * angle);
    sum[1] += weight * sin(2 * angle);
}

static void add_line(double sum[2], const path *line, vec p, double reach, double weight) {
    if (line->n < 2) {
        return;
    }
    /* the lines run along one axis with even steps, so the nearest part is found from a guess */
    const vec first = line->at[0], last = line->at[line->n - 1];
    const vec across = vec_sub(last, first);
    const double t = vec_dot(vec_sub(p, first), across) / vec_dot(across, across);
    const double guess = fmin(fmax(t, 0), 1) * (line->n - 2);
    const uint32_t middle = (uint32_t)guess;
    if (vec_distance(p, line->at[middle]) > 3 * reach + 700) {
        return; /* too far to count whichever part is the nearest */
    }
    const uint32_t from = middle > 12 ? middle - 12 : 0;
    const uint32_t to = middle + 12 < line->n - 1 ? middle + 12 : line->n - 1;
    double best = HUGE_VAL;
    vec along = {1, 0};
    for (uint32_t i = from; i < to; i++) {
        const double off = segment_distance(p, line->at[i], line->at[i + 1], NULL);
        if (off < best) {
            best = off;
            along = vec_sub(line->at[i + 1], line->at[i]);
        }
    }
    const double near = best / reach;
    if (near < 3) {
        add_grain(sum, atan2(along.y, along.x), weight * exp(-near * near));
    }
}

double field_angle(const town_map *t, vec p) {
    double sum[2] = {0, 0};
    for (uint32_t i = 0; i < t->flow.n_grains; i++) {
        const double off = vec_distance(p, t->flow.grain[i].at) / t->flow.grain[i].reach;
        add_grain(sum, t->flow.grain[i].angle, exp(-off * off) + 1e-3 / (1 + off * off));
    }
    add_line(sum, &t->river, p, 420, 1.6);
    add_line(sum, &t->railway, p, 260, 0.9);
    const double turn =
        (noise(t->where, NOISE_TURN, p, 1900) - 0.5) * 0.75 + (noise(t->where, NOISE_TURN_FINE, p, 520) - 0.5) * 0.34;
    const double wild = 1.5 - fmin(1, field_urban(t, p)); /* country roads wind more */
    return 0.5 * atan2(sum[1], sum[0]) + turn * wild;
}

double field_urban(const town_map *t, vec p) {
    double most = 0;
    for (uint32_t i = 0; i < t->flow.n_centres; i++) {
        const double off = vec_distance(p, t->flow.centre[i].at) / t->flow.centre[i].reach;
        most = fmax(most, t->flow.centre[i].weight * exp(-0.5 * off * off));
    }
    const double rough = (noise(t->where, NOISE_DENSITY, p, 1500) - 0.5) * 0.42 +
                         (noise(t->where, NOISE_DENSITY_FINE, p, 600) - 0.5) * 0.16;
    return fmin(fmax(most + rough, 0), 1);
}
