/** Street blocks: the faces between roads, river, railway and the town's outline, and which of them meet. */
#include "citygen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

typedef struct side {
    vec a, b;
    uint32_t block;
} side;

static int compare_vec(vec a, vec b) {
    if (a.x != b.x) {
        return a.x < b.x ? -1 : 1;
    }
    return a.y < b.y ? -1 : a.y > b.y;
}

static int compare_side(const void *first, const void *second) {
    const side *a = first, *b = second;
    const int start = compare_vec(a->a, b->a);
    const int end = start != 0 ? start : compare_vec(a->b, b->b);
    return end != 0 ? end : (a->block > b->block) - (a->block < b->block);
}

static int compare_border(const void *first, const void *second) {
    const block_border *a = first, *b = second;
    if (a->a != b->a) {
        return a->a < b->a ? -1 : 1;
    }
    if (a->b != b->b) {
        return a->b < b->b ? -1 : 1;
    }
    return (int)a->class - (int)b->class;
}

static side *collect_sides(const town_map *t, size_t *n) {
    size_t total = 0;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        for (uint32_t r = 0; r < t->blocks[i].shape.n; r++) {
            total += t->blocks[i].shape.rings[r].n;
        }
    }
    side *sides = need(wg_malloc(total, sizeof *sides));
    *n = 0;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        for (uint32_t r = 0; r < t->blocks[i].shape.n; r++) {
            const path *ring = &t->blocks[i].shape.rings[r];
            for (uint32_t k = 0; k < ring->n; k++) {
                const vec a = ring->at[k], b = ring->at[(k + 1) % ring->n];
                const bool forward = compare_vec(a, b) < 0;
                sides[(*n)++] = (side){forward ? a : b, forward ? b : a, i};
            }
        }
    }
    qsort(sides, *n, sizeof *sides, compare_side);
    return sides;
}

static void index_lines(const town_map *t, grid *g) {
    grid_init(g, t->low, t->high, 80);
    for (uint32_t i = 0; i < t->n_roads; i++) {
        for (uint32_t k = 0; k + 1 < t->roads[i].line.n; k++) {
            grid_add_segment(g, t->roads[i].line.at[k], t->roads[i].line.at[k + 1], i, (uint32_t)t->roads[i].class);
        }
    }
    const struct {
        const path *line;
        enum line_class class;
    } others[] = {{&t->railway, LINE_RAIL}, {&t->river, LINE_RIVER}};
    for (size_t o = 0; o < 2; o++) {
        for (uint32_t k = 0; k + 1 < others[o].line->n; k++) {
            grid_add_segment(g, others[o].line->at[k], others[o].line->at[k + 1], NONE, (uint32_t)others[o].class);
        }
    }
}

void blocks_meet(town_map *t, enum line_class inside) {
    size_t n_sides;
    side *sides = collect_sides(t, &n_sides);
    block_border *found = need(wg_malloc(n_sides / 2 + 1, sizeof *found));
    uint32_t n = 0;
    for (size_t i = 0; i + 1 < n_sides; i++) {
        if (compare_vec(sides[i].a, sides[i + 1].a) == 0 && compare_vec(sides[i].b, sides[i + 1].b) == 0) {
            const grid_entry *on =
                grid_nearest(&t->lines, vec_lerp(sides[i].a, sides[i].b, 0.5), 0.7, NULL, NULL, NULL);
            found[n++] = (block_border){sides[i].block, sides[i + 1].block, vec_distance(sides[i].a, sides[i].b),
                                        on == NULL ? inside : (enum line_class)on->index};
        }
    }
    free(sides);
    qsort(found, n, sizeof *found, compare_border);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n;) {
        block_border whole = found[i];
        double most = 0, length = 0;
        while (i < n && found[i].a == whole.a && found[i].b == whole.b) {
            double of_class = 0;
            const enum line_class class = found[i].class;
            for (; i < n && found[i].a == whole.a && found[i].b == whole.b && found[i].class == class; i++) {
                of_class += found[i].length;
            }
            length += of_class;
            if (of_class > most) {
                most = of_class;
                whole.class = class;
            }
        }
        whole.length = length;
        found[kept++] = whole;
    }
    t->borders = found;
    t->n_borders = kept;
}

/** The road that most of the block's outline runs along: its addresses are numbered on it. Also the room of wide roads.
 */
static uint32_t main_road(const town_map *t, street_block *b) {
    uint32_t best = NONE;
    double most = 0;
    const path *ring = &b->shape.rings[0];
    uint32_t run = NONE;
    double length = 0;
    for (uint32_t k = 0; k < ring->n; k++) {
        const vec a = ring->at[k], c = ring->at[(k + 1) % ring->n];
        const grid_entry *on = grid_nearest(&t->lines, vec_lerp(a, c, 0.5), 0.7, NULL, NULL, NULL);
        const uint32_t number = on == NULL || on->line == NONE ? NONE : on->line;
        length = number == run ? length + vec_distance(a, c) : vec_distance(a, c);
        run = number;
        if (run != NONE && t->roads[run].class == LINE_TRUNK) {
            b->margin = fmax(b->margin, t->roads[run].dual ? 9 : 4);
        }
        if (run != NONE && t->roads[run].name != NONE && length > most) {
            most = length;
            best = run;
        }
    }
    return best;
}

void town_banks(const town_map *t, path banks[2]) {
    for (int s = 0; s < 2; s++) {
        banks[s] = (path){0};
        for (uint32_t i = 0; i + 1 < t->river.n; i++) {
            const vec along = vec_unit(vec_sub(t->river.at[i + 1], t->river.at[i]));
            path_push(&banks[s], vec_place(t->river.at[i], along, 0,
                                           (s == 0 ? 0.5 : -0.5) * river_width(t->where, t->river.at[i])));
        }
        path_smooth(&banks[s], 1);
        path_simplify(&banks[s], 0.6);
    }
}

area town_water(const town_map *t) {
    area water = {0};
    if (t->river.n == 0) {
        return water;
    }
    path banks[2];
    town_banks(t, banks);
    path_reverse(&banks[0]);
    path_append(&banks[1], &banks[0], false);
    path_free(&banks[0]);
    water.n = 1;
    water.rings = need(wg_calloc(1, sizeof *water.rings));
    water.rings[0] = banks[1];
    return water;
}

void blocks_make(town_map *t) {
    path *lines = need(wg_calloc((size_t)t->n_roads + 5, sizeof *lines));
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_roads; i++) {
        lines[n++] = t->roads[i].line;
    }
    path outline = path_copy(&t->outline), banks[2];
    path_push(&outline, outline.at[0]);
    town_banks(t, banks);
    lines[n++] = outline;
    lines[n++] = banks[0];
    lines[n++] = banks[1];
    lines[n++] = t->river;
    lines[n++] = t->railway;
    uint32_t n_faces;
    area *faces = shape_polygonize(t, lines, n, &n_faces);
    free(lines);
    path_free(&outline);
    path_free(&banks[0]);
    path_free(&banks[1]);
    area water = town_water(t);
    t->blocks = need(wg_calloc((size_t)n_faces + 1, sizeof *t->blocks));
    for (uint32_t i = 0; i < n_faces; i++) {
        const vec middle = area_inside(&faces[i]);
        if (!area_contains(&t->shape, middle)) {
            area_free(&faces[i]);
            continue;
        }
        street_block *b = &t->blocks[t->n_blocks++];
        *b = (street_block){
            .shape = faces[i], .centre = middle, .size = area_size(&faces[i]), .compound = NONE, .road = NONE};
        b->urban = field_urban(t, middle);
        b->angle = area_angle(&b->shape);
        b->land = water.n > 0 && area_contains(&water, middle) ? LAND_WATER : LAND_OPEN;
    }
    free(faces);
    area_free(&water);
    index_lines(t, &t->lines);
    blocks_meet(t, LINE_BANK);
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        t->blocks[i].road = main_road(t, &t->blocks[i]);
    }
}
