#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "geom.h"

void grid_init(grid *g, vec low, vec high, double side) {
    *g = (grid){.low = low, .side = side};
    g->columns = (int32_t)ceil((high.x - low.x) / side) + 1;
    g->rows = (int32_t)ceil((high.y - low.y) / side) + 1;
    const size_t squares = (size_t)g->columns * (size_t)g->rows;
    g->first = need(wg_malloc(squares, sizeof *g->first));
    memset(g->first, 0xff, squares * sizeof *g->first);
}

void grid_release(grid *g) {
    free(g->first);
    free(g->entries);
    *g = (grid){0};
}

void grid_cell(const grid *g, vec p, int32_t *column, int32_t *row) {
    *column = (int32_t)floor((p.x - g->low.x) / g->side);
    *row = (int32_t)floor((p.y - g->low.y) / g->side);
}

int32_t grid_first(const grid *g, int32_t column, int32_t row) {
    if (column < 0 || row < 0 || column >= g->columns || row >= g->rows) {
        return -1;
    }
    return g->first[(size_t)row * (size_t)g->columns + (size_t)column];
}

static void put(grid *g, int32_t column, int32_t row, grid_entry entry) {
    if (column < 0 || row < 0 || column >= g->columns || row >= g->rows) {
        return;
    }
    if (!WG_RESERVE(g->entries, g->capacity, (size_t)g->n + 1)) {
        need(NULL);
    }
    int32_t *first = &g->first[(size_t)row * (size_t)g->columns + (size_t)column];
    entry.next = *first;
    *first = (int32_t)g->n;
    g->entries[g->n++] = entry;
}

/** The squares of the segment's bounding rectangle: segments are short beside the squares, so few are too many. */
static void squares_of(const grid *g, vec a, vec b, double margin, int32_t box[4]) {
    grid_cell(g, (vec){fmin(a.x, b.x) - margin, fmin(a.y, b.y) - margin}, &box[0], &box[1]);
    grid_cell(g, (vec){fmax(a.x, b.x) + margin, fmax(a.y, b.y) + margin}, &box[2], &box[3]);
}

void grid_add_segment(grid *g, vec a, vec b, uint32_t line, uint32_t index) {
    int32_t box[4];
    squares_of(g, a, b, 0, box);
    for (int32_t row = box[1]; row <= box[3]; row++) {
        for (int32_t column = box[0]; column <= box[2]; column++) {
            put(g, column, row, (grid_entry){.a = a, .b = b, .line = line, .index = index});
        }
    }
}

void grid_add_point(grid *g, vec p, vec direction, uint32_t line, uint32_t index) {
    int32_t column, row;
    grid_cell(g, p, &column, &row);
    put(g, column, row, (grid_entry){.a = p, .b = direction, .line = line, .index = index});
}

const grid_entry *grid_hit(const grid *g, vec a, vec b, grid_skip skip, const void *user, double *t) {
    const grid_entry *found = NULL;
    double best = HUGE_VAL;
    int32_t box[4];
    squares_of(g, a, b, 0, box);
    for (int32_t row = box[1]; row <= box[3]; row++) {
        for (int32_t column = box[0]; column <= box[2]; column++) {
            for (int32_t e = grid_first(g, column, row); e >= 0; e = g->entries[e].next) {
                const grid_entry *entry = &g->entries[e];
                double at;
                if ((skip == NULL || !skip(entry, user)) && segments_cross(a, b, entry->a, entry->b, &at) &&
                    at < best) {
                    best = at;
                    found = entry;
                }
            }
        }
    }
    if (found != NULL) {
        *t = best;
    }
    return found;
}

const grid_entry *grid_nearest(const grid *g, vec p, double reach, grid_skip skip, const void *user, double *distance) {
    const grid_entry *found = NULL;
    double best = reach;
    int32_t box[4];
    squares_of(g, p, p, reach, box);
    for (int32_t row = box[1]; row <= box[3]; row++) {
        for (int32_t column = box[0]; column <= box[2]; column++) {
            for (int32_t e = grid_first(g, column, row); e >= 0; e = g->entries[e].next) {
                const grid_entry *entry = &g->entries[e];
                if (skip != NULL && skip(entry, user)) {
                    continue;
                }
                const double off = segment_distance(p, entry->a, entry->b, NULL);
                if (off < best) {
                    best = off;
                    found = entry;
                }
            }
        }
    }
    if (found != NULL && distance != NULL) {
        *distance = best;
    }
    return found;
}
