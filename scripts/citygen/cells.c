/**
 * The cells of today. People draw them along streets and, where a block is too large for a cell, between rows of houses
 * inside it: blocks are first cut up into pieces, and cells are made of those.
 */
#include "citygen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum {
    NOISE_OLD_CELLS = 80,
    CELL_DRAFTS = 6,
    PIECE_HOUSEHOLDS = 80, /**< a block or piece with fewer is not cut */
    PIECE_BUILDINGS = 6
};

static const double PIECE_M2 = 800; /**< no smaller piece */

/**
 * Households of the years when the cells were drawn, as a share of today's: OLD_LEAST to OLD_LEAST + OLD_SPREAD, by a
 * slow noise. With these figures 27 to 34 % of the cells of seven seeds hold less than 150 or more than 300 households
 * today (36 of the sample's 119). That is what a real revision found to do: one district took 623 cells to 673 and
 * adjusted 190 of them, 30 %.
 */
static const double OLD_LEAST = 0.7, OLD_SPREAD = 0.6;

/* ---- pieces ---- */

typedef struct cutting {
    town_map *t;
    uint32_t *order; /**< buildings, those of a piece next to each other */
    street_block *made;
    uint32_t n_made;
    size_t capacity;
    vec *fresh; /**< ends of cuts: vertices that the neighbours' rings need too */
    uint32_t n_fresh;
    size_t fresh_capacity;
} cutting;

/** Buildings in the order of their blocks. @return first of each block, and the end: n_blocks + 1, to be freed */
static uint32_t *sort_by_block(const town_map *t, uint32_t *order) {
    uint32_t *first = need(wg_calloc((size_t)t->n_blocks + 2, sizeof *first));
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        first[t->buildings[i].block + 2]++;
    }
    for (uint32_t i = 2; i < t->n_blocks + 2; i++) {
        first[i] += first[i - 1];
    }
    for (uint32_t i = 0; i < t->n_buildings; i++) {
        order[first[t->buildings[i].block + 1]++] = i;
    }
    return first;
}

/** A building along an axis. */
typedef struct shadow {
    double from, to, middle;
    uint32_t households;
} shadow;

static int compare_shadow(const void *first, const void *second) {
    const shadow *a = first, *b = second;
    return a->middle < b->middle ? -1 : a->middle > b->middle;
}

static uint32_t households_of(const building *b) {
    return b->households > 0 ? (uint32_t)b->households : 0;
}

static shadow *cast_shadows(const cutting *c, const uint32_t *order, uint32_t n, vec axis) {
    shadow *all = need(wg_malloc(n, sizeof *all));
    for (uint32_t i = 0; i < n; i++) {
        const building *b = &c->t->buildings[order[i]];
        all[i] = (shadow){HUGE_VAL, -HUGE_VAL, vec_dot(building_middle(c->t, b), axis), households_of(b)};
        for (uint32_t k = 0; k < b->n; k++) {
            const double at = vec_dot(c->t->corners[b->first + k], axis);
            all[i].from = fmin(all[i].from, at);
            all[i].to = fmax(all[i].to, at);
        }
    }
    qsort(all, n, sizeof *all, compare_shadow);
    return all;
}

/** Where to cut across the axis: near the middle of the households, through few buildings. @return false: nowhere */
static bool choose_cut(const cutting *c, const uint32_t *order, uint32_t n, uint32_t households, vec axis, double *at) {
    shadow *all = cast_shadows(c, order, n, axis);
    double best = 0.75; /* a cut that leaves a tenth on one side, or goes through three buildings, is none */
    bool found = false;
    uint32_t below = 0;
    for (uint32_t i = 0; i + 1 < n; i++) {
        below += all[i].households;
        const double place = (all[i].middle + all[i + 1].middle) / 2;
        double cost = 2 * fabs((double)below / households - 0.5);
        for (uint32_t k = 0; k < n; k++) {
            cost += all[k].from < place && place < all[k].to ? 0.25 : 0;
        }
        if (cost < best) {
            best = cost;
            *at = place;
            found = true;
        }
    }
    free(all);
    return found;
}

static void keep_piece(cutting *c, const street_block *piece) {
    if (!WG_RESERVE(c->made, c->capacity, (size_t)c->n_made + 1)) {
        need(NULL);
    }
    c->made[c->n_made++] = *piece;
}

/** Vertices of a part that its whole did not have. */
static void note_fresh(cutting *c, const area *part, const area *whole) {
    for (uint32_t i = 0; i < part->rings[0].n; i++) {
        const vec p = part->rings[0].at[i];
        bool old = false;
        for (uint32_t r = 0; r < whole->n && !old; r++) {
            for (uint32_t k = 0; k < whole->rings[r].n && !old; k++) {
                old = whole->rings[r].at[k].x == p.x && whole->rings[r].at[k].y == p.y;
            }
        }
        if (!old) {
            if (!WG_RESERVE(c->fresh, c->fresh_capacity, (size_t)c->n_fresh + 1)) {
                need(NULL);
            }
            c->fresh[c->n_fresh++] = p;
        }
    }
}

/** Bring the buildings whose middle lies in the part to the front. @return how many */
static uint32_t take_inside(const cutting *c, const area *part, uint32_t *order, uint32_t n, uint32_t *households) {
    uint32_t taken = 0;
    *households = 0;
    for (uint32_t i = 0; i < n; i++) {
        const building *b = &c->t->buildings[order[i]];
        if (area_contains(part, building_middle(c->t, b))) {
            const uint32_t swap = order[taken];
            order[taken++] = order[i];
            order[i] = swap;
            *households += households_of(b);
        }
    }
    return taken;
}

static void divide(cutting *c, street_block *whole);

/** Two parts in place of the piece. @return false, and nothing done, where it falls into others than two fair ones */
static bool cut(cutting *c, const street_block *whole, vec at, double angle) {
    uint32_t n = 0;
    area *parts = shape_split(c->t, &whole->shape, at, angle, &n);
    bool fair = n == 2;
    for (uint32_t i = 0; i < n && fair; i++) {
        fair = area_size(&parts[i]) >= PIECE_M2;
    }
    if (!fair) {
        areas_free(parts, n);
        return false;
    }
    uint32_t first = whole->first_building;
    const uint32_t end = first + whole->n_buildings;
    for (uint32_t i = 0; i < 2; i++) {
        street_block piece = *whole;
        note_fresh(c, &parts[i], &whole->shape);
        piece.shape = parts[i];
        piece.centre = area_inside(&parts[i]);
        piece.size = area_size(&parts[i]);
        piece.first_building = first;
        piece.n_buildings = take_inside(c, &parts[i], c->order + first, end - first, &piece.households);
        if (i == 1) { /* also those whose middle is on the cut, or outside the block */
            piece.n_buildings = end - first;
            piece.households = 0;
            for (uint32_t k = first; k < end; k++) {
                piece.households += households_of(&c->t->buildings[c->order[k]]);
            }
        }
        first += piece.n_buildings;
        divide(c, &piece);
    }
    free(parts);
    return true;
}

/** Cut up a piece, which is the callee's then, until no part has many households. */
static void divide(cutting *c, street_block *whole) {
    if (whole->households > PIECE_HOUSEHOLDS && whole->n_buildings >= PIECE_BUILDINGS) {
        for (int turn = 0; turn < 2; turn++) { /* across the longer side, else along it */
            const double angle = area_angle(&whole->shape) + turn * M_PI_2;
            const vec axis = vec_of_angle(angle);
            double at = 0;
            if (choose_cut(c, c->order + whole->first_building, whole->n_buildings, whole->households, axis, &at) &&
                cut(c, whole, vec_scale(axis, at), angle + M_PI_2)) {
                area_free(&whole->shape);
                return;
            }
        }
    }
    keep_piece(c, whole);
}

static int compare_x(const void *first, const void *second) {
    const vec *a = first, *b = second;
    if (a->x != b->x) {
        return a->x < b->x ? -1 : 1;
    }
    return a->y < b->y ? -1 : a->y > b->y;
}

/** Put the vertices that lie on the segment behind vertex `at` of the ring into it. @return how many */
static uint32_t insert_fresh(const cutting *c, path *ring, uint32_t at) {
    const vec a = ring->at[at], b = ring->at[(at + 1) % ring->n];
    const double left = fmin(a.x, b.x) - 1e-6, right = fmax(a.x, b.x) + 1e-6;
    uint32_t low = 0, high = c->n_fresh, n = 0;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (c->fresh[middle].x < left) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < c->n_fresh && c->fresh[low].x <= right; low++) {
        const vec p = c->fresh[low];
        vec foot;
        if (segment_distance(p, a, b, &foot) > 1e-6 || vec_distance(p, a) < 1e-6 || vec_distance(p, b) < 1e-6) {
            continue;
        }
        uint32_t before = at + 1; /* in the order along the segment */
        while (before <= at + n && vec_distance(a, ring->at[before]) < vec_distance(a, p)) {
            before++;
        }
        path_insert(ring, before, p);
        n++;
    }
    return n;
}

static void insert_into(const cutting *c, street_block *blocks, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t r = 0; r < blocks[i].shape.n; r++) {
            path *ring = &blocks[i].shape.rings[r];
            for (uint32_t k = 0; k < ring->n; k++) {
                k += insert_fresh(c, ring, k);
            }
        }
    }
}

/** Pieces, blocks and so communities get the vertices of every cut that ends on them: a common line has the same ones.
 */
static void share_vertices(cutting *c) {
    if (c->n_fresh > 1) {
        qsort(c->fresh, c->n_fresh, sizeof *c->fresh, compare_x);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < c->n_fresh; i++) {
        if (kept == 0 || compare_x(&c->fresh[kept - 1], &c->fresh[i]) != 0) {
            c->fresh[kept++] = c->fresh[i];
        }
    }
    c->n_fresh = kept;
    insert_into(c, c->made, c->n_made);
    insert_into(c, c->t->blocks, c->t->n_blocks); /* straight in metres is not straight in degrees */
}

/** Pieces of all blocks; `order` gets the buildings, those of a piece next to each other. */
static void cut_up(town_map *t, uint32_t *order) {
    cutting c = {.t = t, .order = order};
    uint32_t *first = sort_by_block(t, order);
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        street_block whole = t->blocks[i];
        whole.first_building = first[i];
        whole.n_buildings = first[i + 1] - first[i];
        whole.shape = area_copy(&t->blocks[i].shape);
        divide(&c, &whole);
    }
    free(first);
    share_vertices(&c);
    free(c.fresh);
    t->pieces = c.made;
    t->n_pieces = c.n_made;
}

/* ---- cells ---- */

/** How many cells each community has today: about by households, at least one. */
static void share_cells(const town_map *t, int32_t *cells) {
    double *weight = need(wg_calloc(t->n_communities, sizeof *weight));
    int32_t *limit = need(wg_calloc(t->n_communities, sizeof *limit));
    uint32_t most = 0;
    for (uint32_t i = 0; i < t->n_communities; i++) {
        weight[i] =
            t->communities[i].households * (0.8 + 0.4 * noise(t->where, NOISE_OLD_CELLS, (vec){i * 7.1, t->number}, 1));
    }
    for (uint32_t i = 0; i < t->n_pieces; i++) {
        limit[t->pieces[i].community]++;
    }
    for (uint32_t i = 0; i < t->n_communities; i++) {
        limit[i] = 1 + limit[i] / 2;
    }
    apportion(weight, t->n_communities, t->target_cells, cells);
    uint32_t spare = 0; /* of communities with too few pieces to be shared out */
    for (uint32_t i = 0; i < t->n_communities; i++) {
        if (cells[i] == 0) {
            for (uint32_t k = 0; k < t->n_communities; k++) {
                most = cells[k] > cells[most] ? k : most;
            }
            cells[most]--;
            cells[i] = 1;
        }
        if (cells[i] > limit[i]) {
            spare += (uint32_t)(cells[i] - limit[i]);
            cells[i] = limit[i];
        }
    }
    for (uint32_t i = 0, idle = 0; spare > 0 && idle < t->n_communities; i = (i + 1) % t->n_communities) {
        const bool room = cells[i] < limit[i] && cells[i] > 2;
        cells[i] += room;
        spare -= room;
        idle = room ? 0 : idle + 1;
    }
    free(weight);
    free(limit);
}

typedef struct westward {
    double x;
    uint32_t part;
} westward;

static int compare_west(const void *first, const void *second) {
    const westward *a = first, *b = second;
    if (a->x != b->x) {
        return a->x < b->x ? -1 : 1;
    }
    return (a->part > b->part) - (a->part < b->part);
}

/** Number the parts of a community from west to east and make them cells. */
static void add_cells(town_map *t, uint32_t community, const uint32_t *members, uint32_t n, const uint32_t *label,
                      uint32_t k) {
    westward *order = need(wg_calloc(k, sizeof *order));
    double *size = need(wg_calloc(k, sizeof *size));
    for (uint32_t i = 0; i < n; i++) {
        const street_block *b = &t->pieces[members[i]];
        order[label[members[i]]].x += b->centre.x * b->size;
        size[label[members[i]]] += b->size;
    }
    for (uint32_t p = 0; p < k; p++) {
        order[p] = (westward){size[p] > 0 ? order[p].x / size[p] : 0, p};
    }
    qsort(order, k, sizeof *order, compare_west);
    for (uint32_t rank = 0; rank < k; rank++) {
        if (size[order[rank].part] <= 0) {
            continue;
        }
        town_zone *z = &t->cells[t->n_cells];
        char number[32];
        const uint32_t sequence = rank + 1;
        snprintf(z->code, sizeof z->code, "%.12s%03u", t->communities[community].code, sequence % 1000);
        name_number(sequence, number, sizeof number);
        snprintf(z->name, sizeof z->name, "第%s网格", number);
        z->group = community;
        for (uint32_t i = 0; i < n; i++) {
            if (label[members[i]] == order[rank].part) {
                t->pieces[members[i]].cell = t->n_cells;
                z->households += t->pieces[members[i]].households;
                z->n_blocks++;
            }
        }
        t->n_cells++;
    }
    free(order);
    free(size);
}

/** Several drafts of a community's cells, of which the best is kept, as a drawing office does. */
static void draft_cells(const town_map *paper, const uint32_t *members, uint32_t n, const double *weight, uint32_t k,
                        wg_random *random, uint32_t *label) {
    uint32_t *draft = need(wg_malloc(paper->n_blocks, sizeof *draft));
    double best = INFINITY;
    for (int i = 0; i < CELL_DRAFTS; i++) {
        const double cost = zones_partition(paper, members, n, weight, k, random, 2, draft);
        if (cost < best) {
            best = cost;
            memcpy(label, draft, paper->n_blocks * sizeof *label);
        }
    }
    free(draft);
}

/** Cells of every community, even by the households of some years ago. `paper` has pieces for blocks. */
static void draw_cells(town_map *t, const town_map *paper) {
    wg_random random = town_random(t, "cells");
    int32_t *count = need(wg_calloc(t->n_communities, sizeof *count));
    double *weight = need(wg_calloc(paper->n_blocks, sizeof *weight));
    uint32_t *members = need(wg_malloc(paper->n_blocks, sizeof *members));
    uint32_t *label = need(wg_malloc(paper->n_blocks, sizeof *label));
    share_cells(t, count);
    t->cells = need(wg_calloc((size_t)t->target_cells + t->n_communities, sizeof *t->cells));
    for (uint32_t i = 0; i < paper->n_blocks; i++) {
        const street_block *b = &paper->blocks[i];
        weight[i] =
            (b->households + 0.2) * (OLD_LEAST + OLD_SPREAD * noise(t->where, NOISE_OLD_CELLS + 1, b->centre, 500)) +
            b->size / 200000;
    }
    for (uint32_t c = 0; c < t->n_communities; c++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < paper->n_blocks; i++) {
            if (paper->blocks[i].community == c) {
                members[n++] = i;
            }
        }
        draft_cells(paper, members, n, weight, (uint32_t)count[c], &random, label);
        add_cells(t, c, members, n, label, (uint32_t)count[c]);
    }
    free(count);
    free(weight);
    free(members);
    free(label);
}

void cells_make(town_map *t) {
    uint32_t *order = need(wg_malloc(t->n_buildings, sizeof *order));
    cut_up(t, order);
    town_map paper = *t; /* the same town, with pieces for blocks */
    paper.blocks = t->pieces;
    paper.n_blocks = t->n_pieces;
    blocks_meet(&paper, LINE_GAP);
    draw_cells(t, &paper);
    free(paper.borders);
    for (uint32_t i = 0; i < t->n_pieces; i++) {
        const street_block *piece = &t->pieces[i];
        for (uint32_t k = 0; k < piece->n_buildings; k++) {
            t->buildings[order[piece->first_building + k]].cell = piece->cell;
        }
    }
    free(order);
}
