/**
 * Communities, groups and the cells of today out of street blocks: the lightest part grows first, then blocks move
 * between parts where that evens them out or lets a boundary follow a greater road. What people do by hand, more or
 * less.
 */
#include "citygen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/** Neighbours of each block: borders in both directions. */
typedef struct links {
    uint32_t *first; /**< n_blocks + 1 */
    uint32_t *border;
} links;

typedef struct job {
    const town_map *t;
    links links;
    const uint32_t *members;
    uint32_t n, k;
    const double *weight;
    uint32_t *label; /**< by block; NONE: not yet, NONE - 1: no member */
    double *sum;     /**< weight of each part */
    vec *middle;     /**< of each part: its first block */
    double target, even;
    uint32_t *queue, *seen, stamp;
} job;

#define OUTSIDE (NONE - 1)

static const double run_cost[] = {1,   0.30, 0.5,  1,   1.5,
                                  0.4, 1.6,  0.15, 0.2, 2.2};                /**< of a boundary along that class */
static const double grow_cost[] = {1, 1.7, 1.25, 1, 1, 2.6, 0.5, 6, 1, 0.4}; /**< of growing across it */

static links links_make(const town_map *t) {
    links l = {need(wg_calloc((size_t)t->n_blocks + 2, sizeof(uint32_t))),
               need(wg_malloc((size_t)t->n_borders * 2, sizeof(uint32_t)))};
    for (uint32_t i = 0; i < t->n_borders; i++) {
        l.first[t->borders[i].a + 2]++;
        l.first[t->borders[i].b + 2]++;
    }
    for (uint32_t i = 2; i < t->n_blocks + 2; i++) {
        l.first[i] += l.first[i - 1];
    }
    for (uint32_t i = 0; i < t->n_borders; i++) {
        l.border[l.first[t->borders[i].a + 1]++] = i;
        l.border[l.first[t->borders[i].b + 1]++] = i;
    }
    return l;
}

static uint32_t other_side(const job *j, uint32_t border, uint32_t block) {
    return j->t->borders[border].a == block ? j->t->borders[border].b : j->t->borders[border].a;
}

/** First blocks of the parts: apart from each other, likelier where there is weight (k-means++, Arthur & Vassilvitskii
 * 2007). */
static void choose_seeds(job *j, wg_random *random) {
    double *odds = need(wg_malloc(j->n, sizeof *odds));
    double *near = need(wg_malloc(j->n, sizeof *near));
    for (uint32_t i = 0; i < j->n; i++) {
        near[i] = 1e12;
    }
    for (uint32_t part = 0; part < j->k; part++) {
        double sum = 0;
        for (uint32_t i = 0; i < j->n; i++) {
            const bool taken = j->label[j->members[i]] != NONE;
            odds[i] = taken ? 0 : (j->weight[j->members[i]] + 1e-9) * near[i];
            sum += odds[i];
        }
        double pick = random_between(random, 0, sum);
        uint32_t chosen = NONE;
        for (uint32_t i = 0; i < j->n; i++) {
            if (odds[i] > 0) {
                chosen = i;
                pick -= odds[i];
                if (pick <= 0) {
                    break;
                }
            }
        }
        if (chosen == NONE) {
            break;
        }
        const uint32_t block = j->members[chosen];
        j->label[block] = part;
        j->sum[part] = j->weight[block];
        j->middle[part] = j->t->blocks[block].centre;
        for (uint32_t i = 0; i < j->n; i++) {
            const vec off = vec_sub(j->t->blocks[j->members[i]].centre, j->middle[part]);
            near[i] = fmin(near[i], vec_dot(off, off));
        }
    }
    free(odds);
    free(near);
}

/** The cheapest free block beside a part; NONE where it is shut in. */
static uint32_t best_growth(const job *j, uint32_t part) {
    double best = HUGE_VAL;
    uint32_t found = NONE;
    for (uint32_t i = 0; i < j->n; i++) {
        const uint32_t block = j->members[i];
        if (j->label[block] != part) {
            continue;
        }
        for (uint32_t e = j->links.first[block]; e < j->links.first[block + 1]; e++) {
            const block_border *b = &j->t->borders[j->links.border[e]];
            const uint32_t next = other_side(j, j->links.border[e], block);
            if (j->label[next] != NONE) {
                continue;
            }
            const double far = vec_distance(j->t->blocks[next].centre, j->middle[part]);
            const double cost = (far + 30) * grow_cost[b->class] / (1 + b->length / 300);
            if (cost < best || (cost == best && next < found)) {
                best = cost;
                found = next;
            }
        }
    }
    return found;
}

static void grow(job *j) {
    bool *shut = need(wg_calloc(j->k, sizeof *shut));
    for (;;) {
        uint32_t part = NONE;
        for (uint32_t p = 0; p < j->k; p++) {
            if (!shut[p] && (part == NONE || j->sum[p] < j->sum[part])) {
                part = p;
            }
        }
        if (part == NONE) {
            break;
        }
        const uint32_t block = best_growth(j, part);
        if (block == NONE) {
            shut[part] = true;
            continue;
        }
        j->label[block] = part;
        j->sum[part] += j->weight[block];
    }
    for (uint32_t i = 0; i < j->n; i++) { /* cut off from all parts: to the nearest */
        const uint32_t block = j->members[i];
        if (j->label[block] == NONE) {
            uint32_t nearest = 0;
            for (uint32_t p = 1; p < j->k; p++) {
                if (vec_distance(j->middle[p], j->t->blocks[block].centre) <
                    vec_distance(j->middle[nearest], j->t->blocks[block].centre)) {
                    nearest = p;
                }
            }
            j->label[block] = nearest;
            j->sum[nearest] += j->weight[block];
        }
    }
    free(shut);
}

/** Would the part stay in one piece without the block? Also false where it would be empty. */
static bool can_leave(job *j, uint32_t block) {
    const uint32_t part = j->label[block];
    uint32_t size = 0, start = NONE, n = 0;
    for (uint32_t i = 0; i < j->n; i++) {
        size += j->label[j->members[i]] == part;
    }
    for (uint32_t e = j->links.first[block]; e < j->links.first[block + 1] && start == NONE; e++) {
        const uint32_t next = other_side(j, j->links.border[e], block);
        start = j->label[next] == part ? next : NONE;
    }
    if (start == NONE) {
        return false;
    }
    j->stamp++;
    j->seen[block] = j->seen[start] = j->stamp;
    j->queue[n++] = start;
    for (uint32_t head = 0; head < n; head++) {
        for (uint32_t e = j->links.first[j->queue[head]]; e < j->links.first[j->queue[head] + 1]; e++) {
            const uint32_t next = other_side(j, j->links.border[e], j->queue[head]);
            if (j->label[next] == part && j->seen[next] != j->stamp) {
                j->seen[next] = j->stamp;
                j->queue[n++] = next;
            }
        }
    }
    return n + 1 == size;
}

/** Boundary cost of a block's sides if it belonged to `part`. */
static double sides_cost(const job *j, uint32_t block, uint32_t part) {
    double cost = 0;
    for (uint32_t e = j->links.first[block]; e < j->links.first[block + 1]; e++) {
        const block_border *b = &j->t->borders[j->links.border[e]];
        const uint32_t next = other_side(j, j->links.border[e], block);
        if (j->label[next] != part && j->label[next] != OUTSIDE) {
            cost += b->length * run_cost[b->class];
        }
    }
    return cost;
}

static double uneven(const job *j, double sum) {
    const double off = (sum - j->target) / j->target;
    return off * off;
}

static void improve(job *j) {
    for (int round = 0; round < 8; round++) {
        bool moved = false;
        for (uint32_t i = 0; i < j->n; i++) {
            const uint32_t block = j->members[i], from = j->label[block];
            double best = -1e-9;
            uint32_t to = NONE;
            for (uint32_t e = j->links.first[block]; e < j->links.first[block + 1]; e++) {
                const uint32_t part = j->label[other_side(j, j->links.border[e], block)];
                if (part == from || part == OUTSIDE) {
                    continue;
                }
                const double w = j->weight[block];
                const double balance = uneven(j, j->sum[from] - w) + uneven(j, j->sum[part] + w) -
                                       uneven(j, j->sum[from]) - uneven(j, j->sum[part]);
                const double sides = (sides_cost(j, block, part) - sides_cost(j, block, from)) / 1000;
                if (balance * j->even + sides < best) {
                    best = balance * j->even + sides;
                    to = part;
                }
            }
            if (to != NONE && can_leave(j, block)) {
                j->sum[from] -= j->weight[block];
                j->sum[to] += j->weight[block];
                j->label[block] = to;
                moved = true;
            }
        }
        if (!moved) {
            break;
        }
    }
}

/** What `improve` makes less: how uneven the parts are, and what their boundaries cost, in kilometres of lane. */
static double cost_of(const job *j) {
    double cost = 0;
    for (uint32_t part = 0; part < j->k; part++) {
        cost += j->even * uneven(j, j->sum[part]);
    }
    for (uint32_t i = 0; i < j->n; i++) { /* each boundary is met from both sides */
        cost += sides_cost(j, j->members[i], j->label[j->members[i]]) / 2000;
    }
    return cost;
}

double zones_partition(const town_map *t, const uint32_t *members, uint32_t n, const double *weight, uint32_t k,
                       wg_random *random, double even, uint32_t *label) {
    job j = {.t = t,
             .links = links_make(t),
             .members = members,
             .n = n,
             .k = k,
             .weight = weight,
             .label = label,
             .even = even};
    j.sum = need(wg_calloc(k, sizeof *j.sum));
    j.middle = need(wg_calloc(k, sizeof *j.middle));
    j.queue = need(wg_malloc(t->n_blocks, sizeof *j.queue));
    j.seen = need(wg_calloc(t->n_blocks, sizeof *j.seen));
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        label[i] = OUTSIDE;
    }
    for (uint32_t i = 0; i < n; i++) {
        label[members[i]] = NONE;
        j.target += weight[members[i]] / k;
    }
    j.target = fmax(j.target, 1e-9);
    choose_seeds(&j, random);
    grow(&j);
    improve(&j);
    const double cost = cost_of(&j);
    free(j.links.first);
    free(j.links.border);
    free(j.sum);
    free(j.middle);
    free(j.queue);
    free(j.seen);
    return cost;
}
