#include "citygen.h"

#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"

wg_random town_random(const town_map *t, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "town %u %s", t->number, what);
    wg_random random;
    wg_random_seed(&random, t->where->options->seed, name);
    return random;
}

/** Share of a total that falls to town `i` of `n`, so that the shares add up. */
static uint32_t part_of(uint32_t total, uint32_t i, uint32_t n) {
    return (uint32_t)((uint64_t)total * (i + 1) / n - (uint64_t)total * i / n);
}

void town_make(town_map *t, const city_plan *where, uint32_t number) {
    const options *choice = where->options;
    *t = (town_map){.where = where, .number = number};
    t->geos = need(GEOS_init_r());
    t->target_buildings = part_of(choice->buildings, number, where->towns);
    t->target_communities = part_of(choice->communities, number, where->towns);
    const double share = (double)t->target_buildings / TOWN_BUILDINGS;
    t->share = share * (t->target_buildings < HAMLET_BUILDINGS ? 3 : 1);
    t->target_cells = (uint32_t)fmax(1, round(TOWN_CELLS * t->share));
    t->target_groups = (uint32_t)fmax(1, round(TOWN_GROUPS * (double)t->target_communities / TOWN_COMMUNITIES));
    t->outline = town_outline(where, number, &t->outline_edge);
    t->shape = (area){.rings = &t->outline, .n = 1};
    area_bounds(&t->shape, &t->low, &t->high);
    t->river = town_river(where, number);
    t->railway = town_railway(where, number);
    field_make(t);
    streets_make(t);
    blocks_make(t);
    land_make(t);
    buildings_make(t);
    streets_roundabout(t);
    people_make(t);
    zones_make(t);
    if (!choice->clean) {
        dirt_make(t);
    }
}

void town_release(town_map *t) {
    for (uint32_t i = 0; i < t->n_roads; i++) {
        path_free(&t->roads[i].line);
    }
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        area_free(&t->blocks[i].shape);
    }
    for (uint32_t i = 0; i < t->n_pieces; i++) {
        area_free(&t->pieces[i].shape);
    }
    for (uint32_t i = 0; i < t->n_compounds; i++) {
        area_free(&t->compounds[i].shape);
    }
    path_free(&t->outline);
    path_free(&t->river);
    path_free(&t->railway);
    grid_release(&t->lines);
    free(t->outline_edge);
    free(t->roads);
    free(t->blocks);
    free(t->pieces);
    free(t->borders);
    free(t->buildings);
    free(t->corners);
    free(t->compounds);
    free(t->communities);
    free(t->cells);
    GEOS_finish_r(t->geos);
    *t = (town_map){0};
}
