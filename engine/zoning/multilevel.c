/**
 * Multilevel search (Karypis and Kumar 1998): units are paired along their most expensive lines until few are left, the
 * small problem is annealed, and the plan is annealed again, ever cooler, on every finer level.
 */
#include <math.h>
#include <string.h>

#include "zoning/levels.h"

/** May u and v be one unit on the next level? Nothing that the search must be able to tell apart is mixed. */
static bool may_pair(const wg_instance *in, const uint32_t *label, uint32_t u, uint32_t v) {
    return (label == NULL || label[u] == label[v]) && (in->locked == NULL || (!in->locked[u] && !in->locked[v])) &&
           (in->home == NULL || in->home[u] == in->home[v]) && (in->group == NULL || in->group[u] == in->group[v]) &&
           (in->apart == NULL || (in->apart[u] == WG_UNASSIGNED && in->apart[v] == WG_UNASSIGNED));
}

/**
 * The free neighbour with which v shares most of both outlines (Holtgrewe, Sanders and Schulz 2010, expansion*2), for
 * their size; WG_UNASSIGNED: none fits.
 */
static uint32_t partner(const wg_instance *in, const uint32_t *label, const uint32_t *map, const double *load,
                        const double *outline, double most, uint32_t v) {
    uint32_t best = WG_UNASSIGNED;
    double best_rating = 0;
    for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
        const uint32_t w = in->to[h];
        if (map[w] != WG_UNASSIGNED || load[v] + load[w] > most || !may_pair(in, label, v, w)) {
            continue;
        }
        const double line = wg_line_price(in, h) + 1e-9;
        const double rating = line * line / (outline[v] * outline[w] * (0.2 + (load[v] + load[w]) / most));
        if (rating > best_rating) {
            best_rating = rating;
            best = w;
        }
    }
    return best;
}

wg_status wg_coarsen(wg_search *search, const wg_instance *in, const uint32_t *label, double most, uint32_t *map,
                     wg_instance **coarse) {
    wg_status status = WG_OK;
    uint32_t count = 0;
    double *load = wg_malloc(in->n, sizeof *load), *outline = wg_malloc(in->n, sizeof *outline);
    uint32_t *order = wg_malloc(in->n, sizeof *order);
    if (load == NULL || outline == NULL || order == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        load[v] = wg_load(in, in->value + (size_t)v * in->n_limits, 1);
        outline[v] = 1e-9;
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            outline[v] += wg_line_price(in, h);
        }
        map[v] = WG_UNASSIGNED;
        const uint32_t at = wg_random_below(&search->random, v + 1); /* a shuffle from the inside out */
        order[v] = order[at];
        order[at] = v;
    }
    for (uint32_t i = 0; i < in->n; i++) {
        const uint32_t v = order[i];
        if (map[v] == WG_UNASSIGNED) {
            const uint32_t w = partner(in, label, map, load, outline, most, v);
            map[v] = count;
            if (w != WG_UNASSIGNED) {
                map[w] = count;
            }
            count++;
        }
    }
    memset(order, 0xff, count * sizeof *order); /* numbered anew by the lowest unit: then map[v] <= v */
    for (uint32_t v = 0, next = 0; v < in->n; v++) {
        if (order[map[v]] == WG_UNASSIGNED) {
            order[map[v]] = next++;
        }
        map[v] = order[map[v]];
    }
    WG_TRY(wg_instance_contract(search->ctx, in, map, count, coarse));
done:
    free(load);
    free(outline);
    free(order);
    return status;
}

/* ------------------------------------------------------------------ levels */

enum {
    COARSE_UNITS = 300,  /**< the coarsest level has about as many units, or more where */
    COARSE_PER_CELL = 24 /**< units a cell on the coarsest level */
};

void wg_levels_release(wg_levels *l) {
    for (uint32_t i = 0; i < WG_LEVELS_MAX; i++) {
        wg_instance_free(l->made[i]);
        free(l->map[i]);
    }
}

wg_status wg_levels_make(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *label, wg_levels *l) {
    wg_status status = WG_OK;
    const double most = 1.0 / k / 8;
    uint32_t *own = label != NULL ? wg_malloc(in->n, sizeof *own) : NULL;
    *l = (wg_levels){.fine = {in}};
    if (label != NULL && own == NULL) {
        return wg_fail_memory(search->ctx);
    }
    if (own != NULL) {
        memcpy(own, label, in->n * sizeof *own);
    }
    for (const wg_instance *fine = in;
         l->n < WG_LEVELS_MAX && fine->n > COARSE_PER_CELL * k && fine->n > COARSE_UNITS;) {
        uint32_t *map = l->map[l->n] = wg_malloc(fine->n, sizeof *map);
        if (map == NULL) {
            status = wg_fail_memory(search->ctx);
            goto done;
        }
        WG_TRY(wg_coarsen(search, fine, own, most, map, &l->made[l->n]));
        const uint32_t before = fine->n;
        for (uint32_t v = 0; own != NULL && v < before; v++) {
            own[map[v]] = own[v]; /* map[v] <= v by numbering: in place */
        }
        fine = l->made[l->n];
        l->fine[++l->n] = fine;
        if (fine->n > before * 0.95) {
            break;
        }
    }
done:
    free(own);
    return status;
}

void wg_levels_bring_down(const wg_levels *l, uint32_t i, uint32_t *label) {
    for (uint32_t v = l->fine[i]->n; v-- > 0;) {
        label[v] = label[l->map[i][v]]; /* from the back: map[v] <= v */
    }
}
