/** What real files have wrong with them: doubled, shifted and incomplete buildings, outlines drawn by hand. */
#include "citygen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { NOISE_HAND_X = 90, NOISE_HAND_Y, NOISE_HAND_WHERE };

static void shift(town_map *t, const building *b, vec by) {
    for (uint32_t i = 0; i < b->n; i++) {
        t->corners[b->first + i] = vec_add(t->corners[b->first + i], by);
    }
}

static void double_one(town_map *t, uint32_t which, wg_random *random) {
    vec ring[16];
    const building old = t->buildings[which];
    if (old.n > 16) {
        return;
    }
    memcpy(ring, t->corners + old.first, old.n * sizeof *ring);
    const uint32_t number = town_add_building(t, ring, old.n, old.block, (enum use)old.use, old.floors);
    building *copy = &t->buildings[number];
    const uint32_t first = copy->first;
    *copy = old;
    copy->first = first;
    copy->copied = true;
    copy->stairs = 0;
    if (random_chance(random, 0.5)) { /* drawn a second time, without figures */
        copy->households = copy->registered = copy->floating = -1;
        shift(t, copy, random_in(random, (vec){-0.9, -0.9}, (vec){0.9, 0.9}));
    }
}

/** Move a building near a line between two communities halfway over it. @return whether it was */
static bool straddle(town_map *t, uint32_t which) {
    const building *b = &t->buildings[which];
    const street_block *bl = &t->blocks[b->block];
    vec middle = {0, 0}, foot;
    uint32_t segment = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        middle = vec_add(middle, vec_scale(t->corners[b->first + i], 1.0 / b->n));
    }
    path ring = path_copy(&bl->shape.rings[0]);
    path_push(&ring, ring.at[0]);
    const double off = path_nearest(&ring, middle, &segment, &foot);
    path_free(&ring);
    if (off > 45 || off < 1) {
        return false;
    }
    const vec outward = vec_scale(vec_sub(foot, middle), 1 / off), beyond = vec_add(foot, vec_scale(outward, 6));
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        if (t->blocks[i].community != bl->community && area_contains(&t->blocks[i].shape, beyond)) {
            shift(t, b, vec_scale(outward, off - 1.5));
            return true;
        }
    }
    return false;
}

void dirt_make(town_map *t) {
    wg_random random = town_random(t, "dirt");
    const uint32_t n = t->n_buildings;
    if (n == 0) {
        return;
    }
    const uint32_t few = 1 + n / 750;
    for (uint32_t i = 0; i < few; i++) {
        double_one(t, wg_random_below(&random, n), &random);
    }
    for (uint32_t i = 0; i < few; i++) { /* overlaps its neighbour */
        const uint32_t k = wg_random_below(&random, n - 1);
        const vec way = vec_sub(t->corners[t->buildings[k + 1].first], t->corners[t->buildings[k].first]);
        if (vec_length(way) < 60) {
            shift(t, &t->buildings[k], vec_scale(vec_unit(way), random_between(&random, 2, 6)));
        }
    }
    uint32_t crossing = 0;
    for (uint32_t tries = 0; tries < 60 * few && crossing < few + 2; tries++) {
        crossing += straddle(t, wg_random_below(&random, n));
    }
    for (uint32_t i = 0; i < n; i++) {
        building *b = &t->buildings[i];
        if (random_chance(&random, 0.012)) {
            b->floors = -1;
        }
        if (random_chance(&random, 0.005)) {
            b->households = -1;
        }
        if (random_chance(&random, 0.004)) {
            b->registered = b->floating = -1;
        }
        if (random_chance(&random, 0.008)) {
            b->use = USE_UNKNOWN;
        }
    }
}

/** A cell: fewer corners, and a few metres off where nobody looked closely, another way for every cell. */
static void draw_by_hand(const town_map *t, path *ring, uint32_t zone) {
    path line = path_copy(ring);
    path_push(&line, line.at[0]);
    path_simplify(&line, 2.5);
    line.n--;
    if (line.n < 4) {
        path_free(&line);
        return;
    }
    for (uint32_t i = 0; i < line.n; i++) {
        const vec p = line.at[i];
        const double care = noise(t->where, NOISE_HAND_WHERE, p, 420);
        const double reach = care < 0.52 ? 0 : (care - 0.52) * 24;
        const uint32_t own = NOISE_HAND_X + 8 * (zone + 1);
        line.at[i].x += reach * (noise(t->where, own, p, 35) - 0.5);
        line.at[i].y += reach * (noise(t->where, own + 1, p, 35) - 0.5);
    }
    path_free(ring);
    *ring = line;
}

/** A community: less than a metre off along one stretch, so that it leaves a gap there and an overlap at the ends. */
static void shift_stretch(path *ring, uint32_t zone) {
    const vec middle = ring->at[(zone * 37 + ring->n / 3) % ring->n];
    for (uint32_t i = 0; i < ring->n; i++) {
        const double off = vec_distance(ring->at[i], middle);
        if (off < 300) {
            ring->at[i] = vec_add(ring->at[i], vec_scale((vec){0.66, 0.48}, 0.9 * (1 - off / 300)));
        }
    }
}

void dirt_outline(const town_map *t, area *shapes, uint32_t n, uint32_t zone, bool cell) {
    if (!cell && zone % 9 != 4) {
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t r = 0; r < shapes[i].n; r++) {
            path kept = path_copy(&shapes[i].rings[r]);
            if (cell) {
                draw_by_hand(t, &shapes[i].rings[r], zone);
            } else if (i == 0 && r == 0) {
                shift_stretch(&shapes[i].rings[r], zone);
            }
            if (!shape_valid(t, shapes, n)) {
                path_free(&shapes[i].rings[r]);
                shapes[i].rings[r] = kept;
            } else {
                path_free(&kept);
            }
        }
    }
}
