#include "pack.h"

#include <math.h>

/** Does a ring stand clear of the block's buildings so far? By edges, since footprints may be turned. */
static bool clear_of_others(const town_map *t, const vec *ring, uint32_t n, uint32_t first) {
    vec low = ring[0], high = ring[0];
    for (uint32_t i = 1; i < n; i++) {
        low = (vec){fmin(low.x, ring[i].x), fmin(low.y, ring[i].y)};
        high = (vec){fmax(high.x, ring[i].x), fmax(high.y, ring[i].y)};
    }
    for (uint32_t k = first; k < t->n_buildings; k++) {
        const vec *other = t->corners + t->buildings[k].first;
        const uint32_t m = t->buildings[k].n;
        if (fabs(other[0].x - ring[0].x) > 250 || fabs(other[0].y - ring[0].y) > 250) {
            continue;
        }
        const area self = {.rings = &(path){.at = (vec *)ring, .n = n}, .n = 1};
        const area there = {.rings = &(path){.at = (vec *)other, .n = m}, .n = 1};
        if (area_contains(&self, other[0]) || area_contains(&there, ring[0])) {
            return false;
        }
        for (uint32_t i = 0; i < m; i++) {
            const vec a = other[i], b = other[(i + 1) % m];
            if (fmax(a.x, b.x) < low.x || fmin(a.x, b.x) > high.x || fmax(a.y, b.y) < low.y ||
                fmin(a.y, b.y) > high.y) {
                continue;
            }
            for (uint32_t j = 0; j < n; j++) {
                double at;
                if (segments_cross(a, b, ring[j], ring[(j + 1) % n], &at)) {
                    return false;
                }
            }
        }
    }
    return true;
}

/** Corners of a form in its own frame, x along and y across, counter-clockwise; their number. */
static uint32_t outline_of(enum form form, double l, double d, wg_random *random, vec out[16]) {
    const double x = l / 2, y = d / 2;
    const bool flip = random_chance(random, 0.5);
    uint32_t n = 0;
    switch (form) {
    case FORM_ELL: {
        const double cx = x * random_between(random, -0.1, 0.35), cy = y * random_between(random, -0.2, 0.3);
        const vec ring[] = {{-x, -y}, {x, -y}, {x, cy}, {cx, cy}, {cx, y}, {-x, y}};
        for (; n < 6; n++) {
            out[n] = ring[n];
        }
        break;
    }
    case FORM_NOTCHED: { /* a point tower with its four flats standing out */
        const double nx = x * 0.36, ny = y * 0.62;
        const vec ring[] = {{-x, -y}, {-nx, -y}, {-nx, -ny}, {nx, -ny}, {nx, -y}, {x, -y},
                            {x, y},   {nx, y},   {nx, ny},   {-nx, ny}, {-nx, y}, {-x, y}};
        for (; n < 12; n++) {
            out[n] = ring[n];
        }
        break;
    }
    case FORM_COURT: { /* three wings around a yard */
        const double w = fmin(x, y) * 0.5;
        const vec ring[] = {{-x, -y},        {x, -y},          {x, y},      {x - w, y},
                            {x - w, -y + w}, {-x + w, -y + w}, {-x + w, y}, {-x, y}};
        for (; n < 8; n++) {
            out[n] = ring[n];
        }
        break;
    }
    case FORM_SLAB:
    case FORM_POINT: {
        const vec ring[] = {{-x, -y}, {x, -y}, {x, y}, {-x, y}};
        for (; n < 4; n++) {
            out[n] = ring[n];
        }
        break;
    }
    }
    if (flip) {
        for (uint32_t i = 0; i < n; i++) {
            out[i].x = -out[i].x;
        }
        for (uint32_t i = 0; i < n / 2; i++) {
            const vec swap = out[i];
            out[i] = out[n - 1 - i];
            out[n - 1 - i] = swap;
        }
    }
    return n;
}

int pack_floors(wg_random *random, const int range[2]) {
    return range[0] + (int)wg_random_below(random, (uint32_t)(range[1] - range[0] + 1));
}

/** Does a road that ends within the block, or anything else on the map, run through the ring? */
static bool on_a_line(const town_map *t, const vec *ring, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        double at;
        if (grid_hit(&t->lines, ring[i], ring[(i + 1) % n], NULL, NULL, &at) != NULL) {
            return true;
        }
    }
    return grid_nearest(&t->lines, ring[0], 5, NULL, NULL, NULL) != NULL;
}

bool pack_one(town_map *t, wg_random *random, const area *land, uint32_t block, vec centre, vec axis, double length,
              double depth, enum form form, enum use use, int floors) {
    vec ring[16];
    const uint32_t n = outline_of(form, length, depth, random, ring);
    for (uint32_t i = 0; i < n; i++) {
        ring[i] = vec_place(centre, axis, ring[i].x, ring[i].y);
    }
    if (!area_holds(land, ring, n) || on_a_line(t, ring, n) ||
        !clear_of_others(t, ring, n, t->blocks[block].first_building)) {
        return false;
    }
    town_add_building(t, ring, n, block, use, floors);
    return true;
}

static double drawn(wg_random *random, const double range[2]) {
    return random_between(random, range[0], range[1]);
}

static uint32_t fill_run(town_map *t, wg_random *random, const area *land, uint32_t block, vec origin, vec axis,
                         double from, double to, double depth, const row_rule *rule, uint32_t most) {
    uint32_t built = 0;
    double at = from + random_between(random, 0, 0.4) * rule->gap[1];
    while (built < most) {
        double length = drawn(random, rule->length);
        if (at + length > to && to - at >= rule->length[0]) {
            length = to - at;
        }
        if (at + length > to) {
            break;
        }
        const vec centre =
            vec_place(origin, axis, at + length / 2, depth / 2 + random_between(random, -1, 1) * rule->shift);
        const double turn = random_between(random, -1, 1) * rule->wobble;
        const vec turned = vec_place((vec){0, 0}, axis, cos(turn), sin(turn));
        const enum form form = random_chance(random, rule->other) ? rule->other_form : rule->form;
        const double deep = depth * random_between(random, 0.9, 1);
        const bool fits =
            !random_chance(random, rule->skip) && pack_one(t, random, land, block, centre, turned, length, deep, form,
                                                           rule->use, pack_floors(random, rule->floors));
        built += fits;
        at += fits ? length + drawn(random, rule->gap) : fmax(2, length * 0.3);
    }
    return built;
}

uint32_t pack_rows(town_map *t, wg_random *random, const area *land, uint32_t block, double angle, const row_rule *rule,
                   uint32_t most) {
    const vec axis = vec_of_angle(angle);
    double low = HUGE_VAL, high = -HUGE_VAL;
    const vec origin = land->rings[0].at[0];
    for (uint32_t i = 0; i < land->rings[0].n; i++) {
        const double across = vec_cross(axis, vec_sub(land->rings[0].at[i], origin));
        low = fmin(low, across);
        high = fmax(high, across);
    }
    uint32_t built = 0, row = 0;
    for (double across = low + 0.5; across < high && built < most; row++) {
        const double depth = drawn(random, rule->depth);
        const vec base = vec_place(origin, axis, 0, across);
        double middle[64];
        const uint32_t n = area_scan(land, vec_place(base, axis, 0, depth / 2), axis, middle, 64);
        for (uint32_t i = 0; i < n && built < most; i += 2) {
            built += fill_run(t, random, land, block, base, axis, middle[i], middle[i + 1], depth, rule, most - built);
        }
        across += depth + ((row + 1) % rule->pair == 0 ? drawn(random, rule->lane) : 0.4 + 2 * rule->shift);
    }
    return built;
}

uint32_t pack_edge(town_map *t, wg_random *random, const area *land, uint32_t block, const row_rule *rule,
                   uint32_t most) {
    uint32_t built = 0;
    const path *ring = &land->rings[0];
    for (uint32_t i = 0; i < ring->n && built < most; i++) {
        const vec a = ring->at[i], b = ring->at[(i + 1) % ring->n];
        const double length = vec_distance(a, b);
        if (length < rule->length[0] + 2) {
            continue;
        }
        const vec axis = vec_unit(vec_sub(b, a)); /* the ring runs counter-clockwise: the land is to its left */
        built += fill_run(t, random, land, block, vec_place(a, axis, 0, 0.3), axis, 0.3, length - 0.3,
                          drawn(random, rule->depth), rule, most - built);
    }
    return built;
}
