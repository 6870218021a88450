/** What each block is used for: the special places first, then the town from its centres outward. */
#include "citygen.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

enum { NOISE_AGE = 60, NOISE_WEALTH, NOISE_WORK, NOISE_HILL };

typedef struct wish {
    enum land land;
    uint32_t count;           /**< in a town of TOWN_AREA_M2 */
    double least_ha, most_ha; /**< size of the block */
    double urban;             /**< liked best */
    double apart;             /**< metres between two of them */
} wish;

static const wish wishes[] = {
    {LAND_CAMPUS, 1, 9, 40, 0.42, 3000},       {LAND_MARKET, 1, 2.2, 7, 0.62, 2500},
    {LAND_HOSPITAL, 1, 2, 7, 0.75, 2500},      {LAND_PARK, 4, 3, 25, 0.6, 900},
    {LAND_SCHOOL, 13, 1.4, 5, 0.65, 550},      {LAND_VILLAS, 7, 4, 16, 0.33, 700},
    {LAND_URBAN_VILLAGE, 7, 3, 12, 0.45, 900}, {LAND_VILLAGE, 9, 12, 400, 0.05, 900},
};

static bool far_from_like(const town_map *t, enum land land, vec p, double apart) {
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        if (t->blocks[i].land == land && vec_distance(t->blocks[i].centre, p) < apart) {
            return false;
        }
    }
    return true;
}

/** Narrow blocks hold nothing that has a shape of its own. */
static double roundness(const street_block *b) {
    const double round_trip = path_length(&b->shape.rings[0]);
    return 4 * M_PI * b->size / (round_trip * round_trip);
}

static void grant(town_map *t, const wish *w, double scale, wg_random *random) {
    const uint32_t count = (uint32_t)lround(w->count * scale);
    for (uint32_t k = 0; k < count; k++) {
        double best = HUGE_VAL;
        street_block *found = NULL;
        for (uint32_t i = 0; i < t->n_blocks; i++) {
            street_block *b = &t->blocks[i];
            const double ha = b->size / 1e4;
            if (b->land != LAND_OPEN || ha < w->least_ha || ha > w->most_ha || roundness(b) < 0.3) {
                continue;
            }
            const double off = fabs(b->urban - w->urban) + random_between(random, 0, 0.25);
            if (off < best && far_from_like(t, w->land, b->centre, w->apart)) {
                best = off;
                found = b;
            }
        }
        if (found != NULL) {
            found->land = w->land;
        }
    }
}

/** The old town: the blocks around one crossing near the main centre. */
static void grant_old_town(town_map *t, double scale) {
    const vec from = t->flow.centre[0].at;
    const double reach = 430 * sqrt(scale);
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        street_block *b = &t->blocks[i];
        const vec p = vec_add(from, (vec){0.16 * t->flow.centre[0].reach, -0.1 * t->flow.centre[0].reach});
        if (b->land == LAND_OPEN && vec_distance(b->centre, p) < reach && b->size > 3000) {
            b->land = LAND_OLD_TOWN;
        }
    }
}

static enum land ordinary(const town_map *t, const street_block *b, wg_random *random) {
    const city_plan *where = t->where;
    const double age = noise(where, NOISE_AGE, b->centre, 900) + random_between(random, -0.16, 0.16);
    const double work = noise(where, NOISE_WORK, b->centre, 1300) + random_between(random, -0.08, 0.08);
    const double hill = noise(where, NOISE_HILL, b->centre, 1700);
    if (b->urban < 0.13 || b->size > 130000 || roundness(b) < 0.13 || (hill > 0.74 && b->urban < 0.42)) {
        return LAND_OPEN;
    }
    if (b->urban > 0.72 && work > 0.56) {
        return LAND_OFFICES;
    }
    if (b->urban < 0.5 && work > 0.6) {
        return LAND_FACTORY;
    }
    if (b->size < 9000 || roundness(b) < 0.22 || (b->urban > 0.6 && work < 0.24)) {
        return LAND_SHOPS;
    }
    return age > 0.52 ? LAND_SLABS : LAND_TOWERS;
}

/** A hamlet of a few blocks has one of each: the largest is the compound. */
static void land_of_hamlet(town_map *t) {
    static const enum land turn[] = {LAND_SLABS,    LAND_OLD_TOWN, LAND_SHOPS, LAND_PARK,
                                     LAND_OLD_TOWN, LAND_SCHOOL,   LAND_SHOPS};
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        uint32_t rank = 0;
        for (uint32_t k = 0; k < t->n_blocks; k++) {
            rank += t->blocks[k].size > t->blocks[i].size;
        }
        t->blocks[i].land = rank < sizeof turn / sizeof *turn ? turn[rank] : LAND_OPEN;
    }
}

void land_make(town_map *t) {
    wg_random random = town_random(t, "land");
    if (t->target_buildings < HAMLET_BUILDINGS) {
        land_of_hamlet(t);
        return;
    }
    const double scale = fmin(1, area_size(&t->shape) / TOWN_AREA_M2);
    grant_old_town(t, scale);
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
        grant(t, &wishes[i], scale, &random);
    }
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        street_block *b = &t->blocks[i];
        if (b->land == LAND_OPEN && b->size > 1500) {
            b->land = ordinary(t, b, &random);
        }
    }
}
