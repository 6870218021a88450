/** Buildings by the use of each block, from the specials outward, until the town has as many as were asked for. */
#include "pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { LOTS = 4096 };

typedef struct builder {
    town_map *t;
    wg_random random;
} builder;

uint32_t town_add_building(town_map *t, const vec *ring, uint32_t n, uint32_t block, enum use use, int floors) {
    if (!WG_RESERVE(t->buildings, t->buildings_capacity, (size_t)t->n_buildings + 1) ||
        !WG_RESERVE(t->corners, t->corners_capacity, (size_t)t->n_corners + n)) {
        need(NULL);
    }
    t->buildings[t->n_buildings] = (building){.first = t->n_corners,
                                              .n = n,
                                              .block = block,
                                              .compound = NONE,
                                              .floors = (int16_t)floors,
                                              .use = (uint8_t)use};
    memcpy(t->corners + t->n_corners, ring, n * sizeof *ring);
    t->n_corners += n;
    return t->n_buildings++;
}

vec building_middle(const town_map *t, const building *b) {
    vec middle = {0, 0};
    for (uint32_t i = 0; i < b->n; i++) {
        middle = vec_add(middle, vec_scale(t->corners[b->first + i], 1.0 / b->n));
    }
    return middle;
}

uint32_t town_add_compound(town_map *t, area shape, uint32_t block) {
    if (!WG_RESERVE(t->compounds, t->compounds_capacity, (size_t)t->n_compounds + 1)) {
        need(NULL);
    }
    t->compounds[t->n_compounds] = (compound){.shape = shape, .block = block, .name = t->n_compounds};
    return t->n_compounds++;
}

static const row_rule slab_rule = {{34, 62},  {11, 13.5}, {7, 14},   {17, 24},        0.03,   0.01, 0.6,
                                   FORM_SLAB, 0,          FORM_SLAB, USE_RESIDENTIAL, {5, 8}, 1};
static const row_rule old_slab_rule = {{28, 52},  {9.5, 11.5}, {5, 9},   {11, 16},        0.04,   0.02, 0.8,
                                       FORM_SLAB, 0.06,        FORM_ELL, USE_RESIDENTIAL, {3, 7}, 1};
static const row_rule tower_rule = {{27, 33},     {22, 26}, {22, 38},   {30, 44},        0.10,     0.02, 4,
                                    FORM_NOTCHED, 0.12,     FORM_POINT, USE_RESIDENTIAL, {17, 33}, 1};
static const row_rule long_tower_rule = {{44, 72},  {15, 18}, {16, 28},     {36, 50},        0.06,     0.02, 3,
                                         FORM_SLAB, 0.1,      FORM_NOTCHED, USE_RESIDENTIAL, {11, 27}, 1};
static const row_rule villa_rule = {{13, 18}, {11, 14}, {6, 12},    {14, 19},        0.08,   0.10, 1.5,
                                    FORM_ELL, 0.3,      FORM_POINT, USE_RESIDENTIAL, {2, 3}, 1};
static const row_rule old_town_rule = {{6, 13},    {8, 14}, {0.3, 2.2}, {2.6, 4.5},      0.07,   0.05, 0.5,
                                       FORM_POINT, 0.18,    FORM_ELL,   USE_RESIDENTIAL, {1, 3}, 2};
static const row_rule handshake_rule = {{8.5, 13},  {9.5, 13}, {0.8, 1.8}, {2.2, 3.6},      0.05,   0.02, 0.4,
                                        FORM_POINT, 0.05,      FORM_ELL,   USE_RESIDENTIAL, {3, 7}, 2};
static const row_rule village_rule = {{9, 14},    {9, 13}, {2, 8},   {4, 9},          0.16,   0.14, 1.6,
                                      FORM_POINT, 0.22,    FORM_ELL, USE_RESIDENTIAL, {1, 4}, 2};
static const row_rule shop_rule = {{11, 34},  {11, 16}, {0.5, 5}, {12, 20},       0.06,   0.01, 0.5,
                                   FORM_SLAB, 0.1,      FORM_ELL, USE_COMMERCIAL, {2, 6}, 1};
static const row_rule front_rule = {{18, 46},  {10, 13}, {3, 14},   {12, 20},       0.18,   0.0, 0.3,
                                    FORM_SLAB, 0,        FORM_SLAB, USE_COMMERCIAL, {1, 3}, 1};
static const row_rule office_rule = {{32, 52},   {26, 40}, {16, 30}, {24, 36},   0.10,    0.02, 3,
                                     FORM_POINT, 0.35,     FORM_ELL, USE_OFFICE, {8, 36}, 1};
static const row_rule factory_rule = {{48, 112}, {24, 46}, {10, 18}, {12, 20},       0.08,   0.0, 0.5,
                                      FORM_SLAB, 0.12,     FORM_ELL, USE_INDUSTRIAL, {1, 5}, 1};
static const row_rule dormitory_rule = {{36, 54},  {12, 15}, {8, 12},   {14, 18},      0,      0.0, 0.3,
                                        FORM_SLAB, 0,        FORM_SLAB, USE_DORMITORY, {5, 7}, 1};
static const row_rule school_rule = {{44, 78},  {13, 40}, {14, 30},   {24, 50},   0.25,   0.0, 2,
                                     FORM_SLAB, 0.45,     FORM_COURT, USE_SCHOOL, {3, 6}, 1};
static const row_rule hospital_rule = {{40, 80},  {18, 40}, {12, 22},   {16, 26},     0.12,    0.0, 2,
                                       FORM_SLAB, 0.4,      FORM_COURT, USE_HOSPITAL, {4, 16}, 1};
static const row_rule market_rule = {{52, 96},  {16, 22}, {4, 7},    {6, 9},     0.02,   0.0, 0.2,
                                     FORM_SLAB, 0,        FORM_SLAB, USE_MARKET, {1, 3}, 1};

/** Rows of dwellings face south where the block lets them: the town's own direction counts for little. */
static double sunny(builder *b, double angle) {
    while (angle > M_PI_4) {
        angle -= M_PI_2;
    }
    while (angle < -M_PI_4) {
        angle += M_PI_2;
    }
    return fmin(fmax(angle, -0.42), 0.42) + random_between(&b->random, -0.03, 0.03);
}

/** Cut land along its middle until each piece is at most `most_m2`; the cuts become lanes of the town. */
static void split_lots(builder *b, const area *land, double most_m2, double lane_m, uint32_t name, int depth,
                       area *lots, uint32_t *n) {
    const double size = area_size(land);
    if (size <= most_m2 * random_between(&b->random, 0.75, 1.3) || depth == 0 || *n + 2 >= LOTS) {
        lots[(*n)++] = (area){.rings = need(wg_calloc(land->n, sizeof(path))), .n = land->n};
        for (uint32_t i = 0; i < land->n; i++) {
            lots[*n - 1].rings[i] = path_copy(&land->rings[i]);
        }
        return;
    }
    vec low, high;
    area_bounds(land, &low, &high);
    const vec off = random_in(&b->random, (vec){-0.08, -0.08}, (vec){0.08, 0.08});
    const vec middle = vec_add(area_centroid(land), (vec){off.x * (high.x - low.x), off.y * (high.y - low.y)});
    const double angle = area_angle(land) + M_PI_2 + random_between(&b->random, -0.14, 0.14);
    double places[64];
    const vec axis = vec_of_angle(angle);
    const uint32_t crossings = area_scan(land, middle, axis, places, 64);
    for (uint32_t i = 0; i < crossings; i += 2) {
        path lane = {0};
        const double extra = depth >= 5 ? 6 : lane_m / 2;
        path_push(&lane, vec_place(middle, axis, places[i] - extra, 0));
        path_push(&lane,
                  vec_place(middle, axis, (places[i] + places[i + 1]) / 2, random_between(&b->random, -1.2, 1.2)));
        path_push(&lane, vec_place(middle, axis, places[i + 1] + extra, 0));
        town_add_road(b->t, lane, LINE_LANE, name);
    }
    uint32_t parts;
    area *halves = shape_split(b->t, land, middle, angle, &parts);
    for (uint32_t i = 0; i < parts; i++) {
        uint32_t pieces;
        area *inner = shape_inset(b->t, &halves[i], lane_m / 2, &pieces);
        for (uint32_t k = 0; k < pieces; k++) {
            split_lots(b, &inner[k], most_m2, lane_m, name, depth - 1, lots, n);
        }
        areas_free(inner, pieces);
    }
    areas_free(halves, parts);
}

static void build_lots(builder *b, uint32_t block, const area *land, double most_m2, double lane_m,
                       const row_rule *rule, uint32_t most) {
    area *lots = need(wg_calloc(LOTS, sizeof *lots));
    uint32_t n = 0;
    split_lots(b, land, most_m2, lane_m, b->t->blocks[block].road, 7, lots, &n);
    for (uint32_t i = 0; i < n && most > 0; i++) {
        const double angle = area_angle(&lots[i]) + random_between(&b->random, -0.05, 0.05);
        most -= pack_rows(b->t, &b->random, &lots[i], block, angle, rule, most);
    }
    areas_free(lots, n);
}

/** Turn the buildings since `first` into a compound within the wall. */
static void close_compound(builder *b, uint32_t block, const area *wall, uint32_t first) {
    town_map *t = b->t;
    if (t->n_buildings - first < 3) {
        return;
    }
    area copy = {.rings = need(wg_calloc(wall->n, sizeof(path))), .n = wall->n};
    for (uint32_t i = 0; i < wall->n; i++) {
        copy.rings[i] = path_copy(&wall->rings[i]);
    }
    const uint32_t number = town_add_compound(t, copy, block);
    for (uint32_t i = first; i < t->n_buildings; i++) {
        t->buildings[i].compound = number;
    }
}

static const row_rule *estate_rule(builder *b, const street_block *bl) {
    if (bl->land == LAND_TOWERS) {
        return random_chance(&b->random, 0.55) ? &tower_rule : &long_tower_rule;
    }
    return random_chance(&b->random, 0.5) ? &slab_rule : &old_slab_rule;
}

static void build_estate(builder *b, uint32_t number, uint32_t most) {
    town_map *t = b->t;
    uint32_t n;
    area *land = shape_inset(t, &t->blocks[number].shape, 14 + t->blocks[number].margin, &n);
    area *lots = need(wg_calloc(LOTS, sizeof *lots));
    uint32_t n_lots = 0;
    for (uint32_t i = 0; i < n; i++) {
        split_lots(b, &land[i], t->target_buildings < HAMLET_BUILDINGS ? 1e6 : 52000, 9, t->blocks[number].road, 3,
                   lots, &n_lots);
    }
    const uint32_t full = t->n_buildings + most;
    for (uint32_t i = 0; i < n_lots && t->n_buildings < full; i++) {
        const row_rule *rule = estate_rule(b, &t->blocks[number]);
        if (random_chance(&b->random, 0.45)) { /* shops outside the wall, along the street */
            const uint32_t shops = 1 + wg_random_below(&b->random, 5), left = full - t->n_buildings;
            pack_edge(t, &b->random, &lots[i], number, &front_rule, shops < left ? shops : left);
        }
        uint32_t inner_n;
        area *inner = shape_inset(t, &lots[i], 5, &inner_n);
        const uint32_t first = t->n_buildings;
        for (uint32_t k = 0; k < inner_n && t->n_buildings < full; k++) {
            pack_rows(t, &b->random, &inner[k], number, sunny(b, t->blocks[number].angle), rule, full - t->n_buildings);
        }
        close_compound(b, number, &lots[i], first);
        areas_free(inner, inner_n);
    }
    areas_free(land, n);
    areas_free(lots, n_lots);
}

/** A village stands in a corner of its large block: the part of it within reach of a point beside the road. */
static void build_village(builder *b, uint32_t number, uint32_t most) {
    town_map *t = b->t;
    const street_block *bl = &t->blocks[number];
    const vec shore = bl->shape.rings[0].at[wg_random_below(&b->random, bl->shape.rings[0].n)];
    const double reach = random_between(&b->random, 95, 190);
    const vec middle = vec_add(shore, vec_scale(vec_unit(vec_sub(bl->centre, shore)), 0.8 * reach));
    area ring = {.rings = need(wg_calloc(1, sizeof(path))), .n = 1};
    for (int i = 0; i < 14; i++) {
        const double r = reach * random_between(&b->random, 0.72, 1.3);
        path_push(&ring.rings[0], vec_add(middle, vec_scale(vec_of_angle(i * M_PI / 7), r)));
    }
    uint32_t n, n_inner;
    area *parts = shape_clip(t, &bl->shape, &ring, &n);
    for (uint32_t i = 0; i < n; i++) {
        area *inner = shape_inset(t, &parts[i], 9, &n_inner);
        for (uint32_t k = 0; k < n_inner && most > 0; k++) {
            const uint32_t before = t->n_buildings;
            build_lots(b, number, &inner[k], 4200, 4, &village_rule, most);
            most -= t->n_buildings - before;
        }
        areas_free(inner, n_inner);
    }
    areas_free(parts, n);
    area_free(&ring);
}

static void build_plain(builder *b, uint32_t number, double setback, const row_rule *rule, uint32_t most, bool wall) {
    town_map *t = b->t;
    uint32_t n;
    area *land = shape_inset(t, &t->blocks[number].shape, setback + t->blocks[number].margin, &n);
    const uint32_t first = t->n_buildings;
    for (uint32_t i = 0; i < n && t->n_buildings - first < most; i++) {
        const uint32_t start = t->n_buildings;
        pack_rows(t, &b->random, &land[i], number, area_angle(&land[i]), rule, most - (t->n_buildings - first));
        if (wall) {
            close_compound(b, number, &land[i], start);
        }
    }
    areas_free(land, n);
}

static void build_shops(builder *b, uint32_t number, uint32_t most) {
    town_map *t = b->t;
    uint32_t n;
    area *land = shape_inset(t, &t->blocks[number].shape, 11 + t->blocks[number].margin, &n);
    const uint32_t first = t->n_buildings;
    for (uint32_t i = 0; i < n && t->n_buildings - first < most; i++) {
        pack_edge(t, &b->random, &land[i], number, &shop_rule, most - (t->n_buildings - first));
        uint32_t n_inner;
        area *inner = shape_inset(t, &land[i], 22, &n_inner);
        for (uint32_t k = 0; k < n_inner && t->n_buildings - first < most; k++) {
            pack_rows(t, &b->random, &inner[k], number, sunny(b, t->blocks[number].angle), &old_slab_rule,
                      most - (t->n_buildings - first));
        }
        areas_free(inner, n_inner);
    }
    areas_free(land, n);
}

/** Halve land across its longer side until it is about the wanted size. Takes over `land`. */
static area *cut_down(builder *b, area *land, uint32_t *n, double wanted) {
    while (*n > 0 && area_size(&land[0]) > 1.4 * wanted) {
        uint32_t parts;
        area *halves = shape_split(b->t, &land[0], area_centroid(&land[0]), area_angle(&land[0]) + M_PI_2, &parts);
        areas_free(land, *n);
        land = halves;
        *n = parts;
    }
    return land;
}

static void build_dense(builder *b, uint32_t number, double lot, double lane, const row_rule *rule, uint32_t most) {
    town_map *t = b->t;
    const street_block *bl = &t->blocks[number];
    if (most == 0) {
        return;
    }
    uint32_t n;
    area *land = shape_inset(t, &bl->shape, 8 + bl->margin, &n);
    land = cut_down(b, land, &n, most * 190.0); /* m² with the lanes: none are laid where no house will stand */
    for (uint32_t i = 0; i < n && most > 0; i++) {
        const uint32_t before = t->n_buildings;
        build_lots(b, number, &land[i], lot, lane, rule, most);
        most -= t->n_buildings - before;
    }
    areas_free(land, n);
}

static void build_factory(builder *b, uint32_t number, uint32_t most) {
    town_map *t = b->t;
    const uint32_t first = t->n_buildings;
    uint32_t n;
    area *land = shape_inset(t, &t->blocks[number].shape, 16 + t->blocks[number].margin, &n);
    for (uint32_t i = 0; i < n; i++) {
        if (random_chance(&b->random, 0.6)) {
            const uint32_t homes = 1 + wg_random_below(&b->random, 3), left = most - (t->n_buildings - first);
            pack_edge(t, &b->random, &land[i], number, &dormitory_rule, homes < left ? homes : left);
        }
    }
    areas_free(land, n);
    build_plain(b, number, 18, &factory_rule, most - (t->n_buildings - first), false);
}

static void build_block(builder *b, uint32_t number, uint32_t most) {
    town_map *t = b->t;
    t->blocks[number].first_building = t->n_buildings;
    switch (t->blocks[number].land) {
    case LAND_TOWERS:
    case LAND_SLABS:
        build_estate(b, number, most);
        break;
    case LAND_VILLAS:
        build_plain(b, number, 16, &villa_rule, most, true);
        break;
    case LAND_OLD_TOWN:
        build_dense(b, number, t->target_buildings < HAMLET_BUILDINGS ? 11000 : 5200, 3.5, &old_town_rule, most);
        break;
    case LAND_URBAN_VILLAGE:
        build_dense(b, number, 7000, 4.5, &handshake_rule, most < 330 ? most : 330);
        break;
    case LAND_VILLAGE:
        build_village(b, number, most < 140 ? most : 140);
        break;
    case LAND_SHOPS:
        build_shops(b, number, most);
        break;
    case LAND_OFFICES:
        build_plain(b, number, 18, &office_rule, most, false);
        break;
    case LAND_FACTORY:
        build_factory(b, number, most);
        break;
    case LAND_SCHOOL:
        build_plain(b, number, 14, &school_rule, most < 6 ? most : 6, false);
        break;
    case LAND_HOSPITAL:
        build_plain(b, number, 14, &hospital_rule, most < 9 ? most : 9, false);
        break;
    case LAND_CAMPUS:
        build_plain(b, number, 24, &school_rule, most < 60 ? most : 60, false);
        break;
    case LAND_MARKET:
        build_plain(b, number, 14, &market_rule, most < 40 ? most : 40, false);
        break;
    case LAND_PARK:
    case LAND_OPEN:
    case LAND_WATER:
        break;
    }
    t->blocks[number].n_buildings = t->n_buildings - t->blocks[number].first_building;
}

typedef struct turn {
    double order;
    uint32_t block;
} turn;

static int compare_turn(const void *first, const void *second) {
    const turn *a = first, *b = second;
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    return (a->block > b->block) - (a->block < b->block);
}

/** Lanes are numbered on the road that their block lies on: 一巷, 二巷 … */
static void number_lanes(town_map *t) {
    uint32_t *count = need(wg_calloc(t->n_roads, sizeof *count));
    for (uint32_t i = 0; i < t->n_roads; i++) {
        town_road *r = &t->roads[i];
        if (r->class == LINE_LANE && r->name != NONE) {
            r->name = r->name * 1024 + (++count[r->name] & 1023);
        }
    }
    free(count);
}

/** Numbers in compounds, and house numbers by the way along the road: odd on its left, even on its right. */
static void number_buildings(town_map *t) {
    uint32_t last = NONE, number = 0, house = 0;
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        building *b = &t->buildings[i];
        number = b->compound == last ? number + 1 : 1;
        const uint32_t road = t->blocks[b->block].road;
        if (road != NONE && (b->compound == NONE || number == 1)) {
            const path *line = &t->roads[road].line;
            const vec p = t->corners[b->first];
            uint32_t segment = 0;
            vec foot;
            path_nearest(line, p, &segment, &foot);
            double along = vec_distance(line->at[segment], foot);
            for (uint32_t k = 0; k < segment; k++) {
                along += vec_distance(line->at[k], line->at[k + 1]);
            }
            const bool left = vec_cross(vec_sub(line->at[segment + 1], line->at[segment]), vec_sub(p, foot)) > 0;
            house = 1 + 2 * (uint32_t)(along / 11) + (left ? 0 : 1);
        }
        b->number = number;
        b->house = road == NONE ? 0 : house;
        last = b->compound;
        if (b->compound == NONE) {
            number = 0;
        }
    }
}

/** Where the planned land did not hold all buildings: new quarters on open land, the nearest to town first; then
 * anywhere. */
static void build_outskirts(builder *b, const turn *turns) {
    static const enum land kinds[] = {LAND_SLABS,   LAND_URBAN_VILLAGE, LAND_TOWERS,
                                      LAND_FACTORY, LAND_SLABS,         LAND_VILLAS};
    static const double least[] = {12000, 3000}, most[] = {260000, 4e6};
    town_map *t = b->t;
    for (uint32_t i = 0; i < 2 * t->n_blocks && t->n_buildings < t->target_buildings; i++) {
        const uint32_t number = turns[i % t->n_blocks].block, round = i / t->n_blocks;
        street_block *bl = &t->blocks[number];
        if (bl->land == LAND_OPEN && bl->size > least[round] && bl->size < most[round]) {
            bl->land =
                round > 0 ? LAND_URBAN_VILLAGE : kinds[wg_random_below(&b->random, sizeof kinds / sizeof *kinds)];
            build_block(b, number, t->target_buildings - t->n_buildings);
        }
    }
}

/** Blocks in the order of building: what is special first, then from the centres outward, not too evenly. */
static turn *order_of_building(builder *b) {
    const town_map *t = b->t;
    turn *turns = need(wg_malloc(t->n_blocks, sizeof *turns));
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        const enum land land = t->blocks[i].land;
        const bool special = land >= LAND_SCHOOL || land == LAND_VILLAGE || land == LAND_URBAN_VILLAGE ||
                             land == LAND_OLD_TOWN || land == LAND_VILLAS || land == LAND_FACTORY;
        const bool first = special || (t->target_buildings < HAMLET_BUILDINGS && land == LAND_SLABS);
        turns[i] = (turn){(first ? 0 : 1) + 1 - t->blocks[i].urban + random_between(&b->random, 0, 0.3), i};
    }
    qsort(turns, t->n_blocks, sizeof *turns, compare_turn);
    return turns;
}

void buildings_make(town_map *t) {
    builder b = {.t = t, .random = town_random(t, "buildings")};
    turn *turns = order_of_building(&b);
    /* a hamlet is not filled by its first block */
    const uint32_t cap =
        t->target_buildings < HAMLET_BUILDINGS ? 4 + 2 * t->target_buildings / t->n_blocks : UINT32_MAX;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        const uint32_t left = t->target_buildings > t->n_buildings ? t->target_buildings - t->n_buildings : 0;
        street_block *bl = &t->blocks[turns[i].block];
        if (left == 0 && bl->land != LAND_PARK && bl->land != LAND_WATER) {
            bl->land = LAND_OPEN;
        }
        build_block(&b, turns[i].block, left < cap ? left : cap);
    }
    build_outskirts(&b, turns);
    free(turns);
    number_lanes(t);
    number_buildings(t);
}
