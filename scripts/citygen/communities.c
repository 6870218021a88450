/** The town's communities with their groups, their codes, names and totals. */
#include "citygen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/** A block all of whose neighbours, also over a corner, are of its own community; with its neighbours, or alone. */
static bool is_inner(const town_map *t, uint32_t block) {
    const uint32_t community = t->blocks[block].community;
    const path *ring = &t->blocks[block].shape.rings[0];
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        if (t->blocks[i].community == community) {
            continue;
        }
        for (uint32_t r = 0; r < t->blocks[i].shape.n; r++) {
            const path *other = &t->blocks[i].shape.rings[r];
            for (uint32_t k = 0; k < other->n; k++) {
                for (uint32_t m = 0; m < ring->n; m++) {
                    if (other->at[k].x == ring->at[m].x && other->at[k].y == ring->at[m].y) {
                        return false;
                    }
                }
            }
        }
    }
    for (uint32_t m = 0; m < ring->n; m++) { /* nor at the town's own outline */
        uint32_t segment;
        vec foot;
        if (path_nearest(&t->outline, ring->at[m], &segment, &foot) < 1) {
            return false;
        }
    }
    return true;
}

/** The inner block with most households among communities that `refuse` does not name; NONE for none. */
static uint32_t inner_block(const town_map *t, uint32_t least, uint32_t most, uint32_t refuse) {
    uint32_t best = NONE;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        const street_block *b = &t->blocks[i];
        if (b->community != refuse && b->households >= least && b->households <= most && b->land != LAND_WATER &&
            (best == NONE || b->households > t->blocks[best].households) && is_inner(t, i)) {
            best = i;
        }
    }
    return best;
}

/** The community nearest to a block that does not hold it. */
static uint32_t nearest_other(const town_map *t, uint32_t block) {
    double best = HUGE_VAL;
    uint32_t found = NONE;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        const double off = vec_distance(t->blocks[i].centre, t->blocks[block].centre);
        if (t->blocks[i].community != t->blocks[block].community && off < best) {
            best = off;
            found = t->blocks[i].community;
        }
    }
    return found;
}

/** One community within another (a hole), and one with a piece of land in the midst of its neighbour (an exclave). */
static void odd_lands(town_map *t) {
    const uint32_t hole = inner_block(t, 60, 700, NONE);
    if (hole == NONE) {
        return;
    }
    t->blocks[hole].community = t->n_communities++;
    const uint32_t exclave = inner_block(t, 20, 150, t->blocks[hole].community);
    if (exclave != NONE) {
        t->blocks[exclave].community = nearest_other(t, exclave);
    }
}

static void total_communities(town_map *t) {
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        town_zone *z = &t->communities[t->blocks[i].community];
        z->households += t->blocks[i].households;
        z->n_blocks++;
    }
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        town_zone *z = &t->communities[t->blocks[t->buildings[i].block].community];
        z->registered += (uint32_t)t->buildings[i].registered;
        z->floating += (uint32_t)t->buildings[i].floating;
    }
}

static void name_communities(town_map *t) {
    double *size = need(wg_calloc(t->n_communities, sizeof *size));
    double *urban = need(wg_calloc(t->n_communities, sizeof *urban));
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        size[t->blocks[i].community] += t->blocks[i].size;
        urban[t->blocks[i].community] += t->blocks[i].size * t->blocks[i].urban;
    }
    uint32_t next[2] = {1, 201}; /* residents' committees from 001, villagers' from 201, as in the national codes */
    char street[10];
    code_town(t->where, t->number, street);
    for (uint32_t i = 0; i < t->n_communities; i++) {
        town_zone *z = &t->communities[i];
        z->village = t->n_communities > 1 && urban[i] / size[i] < 0.21;
        snprintf(z->code, sizeof z->code, "%s%03u", street, next[z->village]++ % 1000);
        name_community(t, i, z->village, z->name, sizeof z->name);
    }
    free(size);
    free(urban);
}

static bool groups_meet(const town_map *t, uint32_t a, uint32_t b) {
    for (uint32_t i = 0; i < t->n_borders; i++) {
        const uint32_t p = t->communities[t->blocks[t->borders[i].a].community].group;
        const uint32_t q = t->communities[t->blocks[t->borders[i].b].community].group;
        if ((p == a && q == b) || (p == b && q == a)) {
            return true;
        }
    }
    return false;
}

/** Groups (片组): the smallest joins its smallest neighbour until there are as few as asked for. */
static void make_groups(town_map *t) {
    uint32_t n = t->n_communities;
    uint32_t *weight = need(wg_calloc(n, sizeof *weight));
    for (uint32_t i = 0; i < n; i++) {
        t->communities[i].group = i;
        weight[i] = t->communities[i].households + 1;
    }
    for (uint32_t left = n; left > t->target_groups; left--) {
        uint32_t small = NONE, partner = NONE;
        for (uint32_t i = 0; i < n; i++) {
            small = weight[i] > 0 && (small == NONE || weight[i] < weight[small]) ? i : small;
        }
        for (uint32_t i = 0; i < n; i++) {
            if (i != small && weight[i] > 0 && (partner == NONE || weight[i] < weight[partner]) &&
                groups_meet(t, small, i)) {
                partner = i;
            }
        }
        if (partner == NONE) {
            break;
        }
        weight[partner] += weight[small];
        weight[small] = 0;
        for (uint32_t i = 0; i < n; i++) {
            t->communities[i].group = t->communities[i].group == small ? partner : t->communities[i].group;
        }
    }
    uint32_t *number = need(wg_malloc(n, sizeof *number));
    for (uint32_t i = 0; i < n; i++) {
        number[i] = weight[i] > 0 ? t->n_groups++ : 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        t->communities[i].group = number[t->communities[i].group];
    }
    free(number);
    free(weight);
}

void zones_make(town_map *t) {
    wg_random random = town_random(t, "communities");
    uint32_t *members = need(wg_malloc(t->n_blocks, sizeof *members));
    uint32_t *label = need(wg_malloc(t->n_blocks, sizeof *label));
    double *weight = need(wg_calloc(t->n_blocks, sizeof *weight));
    double households = 1, size = 0;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        members[i] = i;
        households += t->blocks[i].households;
        size += t->blocks[i].size;
    }
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        weight[i] = 0.90 * t->blocks[i].households / households + 0.10 * t->blocks[i].size / size;
    }
    const bool odd = t->target_communities >= 8;
    t->n_communities = odd ? t->target_communities - 1 : t->target_communities;
    if (t->n_communities > t->n_blocks) {
        t->n_communities = t->n_blocks;
    }
    zones_partition(t, members, t->n_blocks, weight, t->n_communities, &random, 1.2, label);
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        t->blocks[i].community = label[i];
    }
    if (odd) {
        odd_lands(t);
    }
    t->communities = need(wg_calloc(t->n_communities, sizeof *t->communities));
    total_communities(t);
    name_communities(t);
    make_groups(t);
    cells_make(t);
    free(members);
    free(label);
    free(weight);
}

area *zone_shape(const town_map *t, uint32_t zone, bool cell, uint32_t *n) {
    const street_block *blocks = cell ? t->pieces : t->blocks;
    const uint32_t n_blocks = cell ? t->n_pieces : t->n_blocks;
    const area **shapes = need(wg_malloc(n_blocks, sizeof *shapes));
    uint32_t count = 0;
    for (uint32_t i = 0; i < n_blocks; i++) {
        if ((cell ? blocks[i].cell : blocks[i].community) == zone) {
            shapes[count++] = &blocks[i].shape;
        }
    }
    area *whole = shape_union(t, shapes, count, n);
    free(shapes);
    return whole;
}
