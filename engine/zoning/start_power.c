/**
 * Centroidal power diagrams (Aurenhammer 1987; Cohen-Addad, Klein and Young 2018 for zones): units go to the centre
 * with the least squared distance less the centre's weight; light cells gain weight, heavy ones lose it; centres move
 * to their cells' centroids. Round cells of even load, though not along anything; contiguity is mended afterwards.
 */
#include <math.h>
#include <string.h>

#include "zoning/instance.h"

enum { ROUNDS = 40 };

typedef struct centre {
    double x, y, weight;
    double mass, mx, my, load; /**< sums of the round */
} centre;

static void unit_point(const wg_instance *in, uint32_t v, double *x, double *y) {
    const wg_zi_shape *s = &in->shape[v];
    *x = s->mass > 0 ? s->mx / s->mass : 0;
    *y = s->mass > 0 ? s->my / s->mass : 0;
}

/** Load of a unit as a share of an even cell. */
static double unit_load(const wg_instance *in, uint32_t v, uint32_t k) {
    return k * wg_load(in, in->value + (size_t)v * in->n_limits, 1);
}

/** k-means++-like seeds among units with weight, so that dense places get more centres. */
static void seed_centres(wg_search *search, const wg_instance *in, uint32_t k, centre *centres, double *nearest) {
    for (uint32_t v = 0; v < in->n; v++) {
        nearest[v] = -1;
    }
    for (uint32_t c = 0; c < k; c++) {
        double total = 0;
        for (uint32_t v = 0; v < in->n; v++) {
            total += unit_load(in, v, k) * (c == 0 ? 1 : nearest[v]);
        }
        double at = wg_random_unit(&search->random) * total;
        uint32_t chosen = wg_random_below(&search->random, in->n);
        for (uint32_t v = 0; v < in->n && total > 0; v++) {
            at -= unit_load(in, v, k) * (c == 0 ? 1 : nearest[v]);
            if (at <= 0) {
                chosen = v;
                break;
            }
        }
        centres[c] = (centre){0};
        unit_point(in, chosen, &centres[c].x, &centres[c].y);
        for (uint32_t v = 0; v < in->n; v++) {
            double x, y;
            unit_point(in, v, &x, &y);
            const double d = (x - centres[c].x) * (x - centres[c].x) + (y - centres[c].y) * (y - centres[c].y);
            nearest[v] = c == 0 || d < nearest[v] ? d : nearest[v];
        }
    }
}

/** One round of assignment. @return mean squared distance, the scale of the weights */
static double assign(const wg_instance *in, uint32_t k, centre *centres, uint32_t *label) {
    double squares = 0, mass = 0;
    for (uint32_t c = 0; c < k; c++) {
        centres[c].mass = centres[c].mx = centres[c].my = centres[c].load = 0;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        double x, y, best = INFINITY, best_d = 0;
        unit_point(in, v, &x, &y);
        for (uint32_t c = 0; c < k; c++) {
            const double dx = x - centres[c].x, dy = y - centres[c].y, d = dx * dx + dy * dy;
            if (d - centres[c].weight < best) {
                best = d - centres[c].weight;
                best_d = d;
                label[v] = c;
            }
        }
        const double load = unit_load(in, v, k);
        centre *own = &centres[label[v]];
        own->mass += load;
        own->mx += load * x;
        own->my += load * y;
        own->load += load;
        squares += load * best_d;
        mass += load;
    }
    return mass > 0 ? squares / mass : 0;
}

wg_status wg_start_power(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    wg_status status = WG_OK;
    centre *centres = wg_calloc(k, sizeof *centres);
    double *nearest = wg_calloc(in->n, sizeof *nearest);
    if (centres == NULL || nearest == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    seed_centres(search, in, k, centres, nearest);
    for (int round = 0; round < ROUNDS; round++) {
        const double scale = assign(in, k, centres, label);
        const double step = 0.6 * scale * (1 - (double)round / ROUNDS);
        for (uint32_t c = 0; c < k; c++) {
            if (centres[c].mass > 0) {
                centres[c].x = centres[c].mx / centres[c].mass;
                centres[c].y = centres[c].my / centres[c].mass;
            }
            centres[c].weight += step * fmax(-1, fmin(1, 1 - centres[c].load));
        }
    }
    for (uint32_t v = 0; in->locked != NULL && v < in->n; v++) {
        label[v] = in->locked[v] && in->home[v] < k ? in->home[v] : label[v];
    }
    WG_TRY(wg_start_repair(search, in, k, label));
done:
    free(centres);
    free(nearest);
    return status;
}
