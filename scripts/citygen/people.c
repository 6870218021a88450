/** Who lives where: registered households and people, and floating people, to the town's exact totals. */
#include "citygen.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

enum { NOISE_REGISTERED = 70 };

typedef struct rest {
    double part;
    uint32_t index;
} rest;

static int compare_rest(const void *first, const void *second) {
    const rest *a = first, *b = second;
    if (a->part != b->part) {
        return a->part > b->part ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

void apportion(const double *weight, uint32_t n, uint32_t total, int32_t *out) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += weight[i];
    }
    rest *rests = need(wg_malloc(n, sizeof *rests));
    uint32_t given = 0;
    for (uint32_t i = 0; i < n; i++) {
        const double quota = sum > 0 ? weight[i] / sum * total : 0;
        out[i] = (int32_t)floor(quota);
        rests[i] = (rest){quota - floor(quota), i};
        given += (uint32_t)out[i];
    }
    qsort(rests, n, sizeof *rests, compare_rest);
    for (uint32_t i = 0; i < n && given < total && sum > 0; i++, given++) {
        out[rests[i].index]++;
    }
    free(rests);
}

typedef struct weights {
    double *households, *floating;
} weights;

static double footprint(const town_map *t, const building *b) {
    return fabs(ring_area(t->corners + b->first, b->n));
}

static void weigh_dwelling(const town_map *t, uint32_t i, double floor_m2, double registered, wg_random *random,
                           weights *w) {
    const building *b = &t->buildings[i];
    double flats = 0, rooms = 0;
    switch (t->blocks[b->block].land) {
    case LAND_TOWERS:
        flats = floor_m2 / 105;
        registered *= 0.8;
        rooms = flats * (1 - registered) * 2.3;
        break;
    case LAND_VILLAS:
        flats = 1;
        rooms = 0.5;
        break;
    case LAND_OLD_TOWN:
        flats = fmin(3, floor_m2 / 90);
        registered = fmin(1, registered + 0.2);
        rooms = floor_m2 / 75;
        break;
    case LAND_URBAN_VILLAGE:
        flats = random_between(random, 0.8, 1.6);
        registered = 0.8;
        rooms = floor_m2 / 24;
        break;
    case LAND_VILLAGE:
        flats = random_between(random, 0.8, 1.3);
        registered = 0.95;
        rooms = floor_m2 / 130;
        break;
    default:
        flats = floor_m2 / 88;
        rooms = flats * (1 - registered) * 2.5;
        break;
    }
    w->households[i] = flats * registered;
    w->floating[i] = rooms;
}

static void weigh(const town_map *t, wg_random *random, weights *w) {
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        const building *b = &t->buildings[i];
        const double floor_m2 = footprint(t, b) * b->floors;
        const double registered = fmin(0.92, 0.38 + 0.5 * noise(t->where, NOISE_REGISTERED, t->corners[b->first], 800));
        if (b->use == USE_RESIDENTIAL) {
            weigh_dwelling(t, i, floor_m2, registered, random, w);
        } else if (b->use == USE_DORMITORY) {
            w->floating[i] = floor_m2 / 14;
        } else if (b->use == USE_COMMERCIAL && b->floors >= 3) { /* flats above the shops */
            w->households[i] = floor_m2 / 420 * registered;
            w->floating[i] = floor_m2 / 120;
        }
    }
}

/** Long high slabs of several stairs; a few of them hold more households than a cell should. */
static void choose_stairs(town_map *t, wg_random *random) {
    uint32_t chosen = 0, giants = 0;
    const uint32_t most = 4 + t->target_buildings / 400;
    for (uint32_t i = 0; i < t->n_buildings && chosen < most; i++) {
        building *b = &t->buildings[i];
        if (b->use != USE_RESIDENTIAL || t->blocks[b->block].land != LAND_TOWERS || b->n != 4) {
            continue;
        }
        const vec *ring = t->corners + b->first;
        const double longest = fmax(vec_distance(ring[0], ring[1]), vec_distance(ring[1], ring[2]));
        if (longest < 56 || b->floors < 18 || !random_chance(random, 0.35)) {
            continue;
        }
        b->stairs = (uint8_t)(longest / 14);
        chosen++;
        if (giants < 2 + t->target_buildings / 9000 && longest > 62) {
            b->floors = 33;
            giants++;
        }
    }
}

static void lift_giants(const town_map *t, weights *w) {
    double sum = 0;
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        sum += w->households[i];
    }
    const double scale = sum / (TOWN_HOUSEHOLDS * t->share);
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        if (t->buildings[i].stairs > 0 && t->buildings[i].floors == 33) {
            w->households[i] = (330 + (i % 7) * 12) * scale; /* small flats to let and to own */
        }
    }
}

void people_make(town_map *t) {
    wg_random random = town_random(t, "people");
    const uint32_t n = t->n_buildings;
    const double share = t->share;
    weights w = {need(wg_calloc(n, sizeof(double))), need(wg_calloc(n, sizeof(double)))};
    int32_t *count = need(wg_calloc(n, sizeof *count));
    choose_stairs(t, &random);
    weigh(t, &random, &w);
    if (n >= 2000) {
        lift_giants(t, &w);
    }
    apportion(w.households, n, (uint32_t)lround(TOWN_HOUSEHOLDS * share), count);
    for (uint32_t i = 0; i < n; i++) {
        t->buildings[i].households = count[i];
        w.households[i] = count[i] * random_between(&random, 2.0, 3.2);
    }
    apportion(w.households, n, (uint32_t)lround(TOWN_REGISTERED * share), count);
    for (uint32_t i = 0; i < n; i++) {
        t->buildings[i].registered = count[i];
        w.floating[i] *= random_between(&random, 0.6, 1.4);
    }
    apportion(w.floating, n, (uint32_t)lround(TOWN_FLOATING * share), count);
    for (uint32_t i = 0; i < n; i++) {
        t->buildings[i].floating = count[i];
        street_block *b = &t->blocks[t->buildings[i].block];
        b->households += (uint32_t)t->buildings[i].households;
        b->people += (uint32_t)(t->buildings[i].registered + t->buildings[i].floating);
    }
    free(w.households);
    free(w.floating);
    free(count);
}
