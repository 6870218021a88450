/** Inside of the locator, shared by the files of engine/locate. */
#ifndef WG_LOCATE_INTERNAL_H
#define WG_LOCATE_INTERNAL_H

#include "core/status.h"
#include "locate/exact.h"
#include "locate/locate.h"

/* fmin and fmax know NaN, which costs a call. */
static inline double smaller(double a, double b) {
    return a < b ? a : b;
}

static inline double larger(double a, double b) {
    return a > b ? a : b;
}

/** A straight piece of cell boundary, from the lower end a to the upper end b (by y, then x). */
typedef struct cell_edge {
    double ax, ay, bx, by;
    uint32_t left, right; /**< cells on its sides, by the turning direction of their rings; WG_UNASSIGNED: none */
} cell_edge;

/*
 * Codes of squares and faces, 32 bits:
 *   0                    no cell
 *   1 .. n_cells         that cell, plus one
 *   SET_BIT | offset     several cells: pool[offset] of them, ascending, behind it
 *   RECORD_BIT | offset  lines pass the square: see below (squares only)
 * A record in the pool is: code of the face at the square's corner, number of entries, entries. An entry is an edge
 * times two, plus one where the edge also crosses the square's left side, so that the way along that side must be
 * looked at. CHILD_BIT in the number of entries marks a grid of its own: the rest of the number is its index among the
 * band's children.
 */
#define SET_BIT UINT32_C(0x40000000)
#define RECORD_BIT UINT32_C(0x80000000)
#define CHILD_BIT UINT32_C(0x80000000)
#define OFFSET_MASK UINT32_C(0x3fffffff)

/** Where the squares of a grid lie. */
typedef struct grid_frame {
    double x0, y0, w, h; /**< lower left corner; size of a square */
    double per_w, per_h; /**< 1 / w, 1 / h */
    uint32_t nx, ny;
} grid_frame;

typedef struct grid_child {
    grid_frame frame;
    uint32_t squares; /**< offset in the pool of nx × ny codes */
} grid_child;

/** BAND_ROWS rows of the top grid, built by one task, with what their records refer to. */
typedef struct grid_band {
    uint32_t *pool;
    size_t n_pool, pool_capacity;
    grid_child *children;
    size_t n_children, children_capacity;
} grid_band;

enum { BAND_SHIFT = 5, BAND_ROWS = 1 << BAND_SHIFT, TREE_FAN = 8 };

typedef struct tree_box {
    double x0, y0, x1, y1;
} tree_box;

/** Packed tree over the edges in Hilbert order; level 0 are boxes of TREE_FAN edges each. */
typedef struct edge_tree {
    uint32_t *order;     /**< n_edges edge numbers */
    tree_box *boxes;     /**< all levels, the lowest first */
    size_t level_at[16]; /**< first box of each level, and one past the last */
    uint32_t n_levels;
} edge_tree;

struct wg_locator {
    uint32_t n_cells;
    cell_edge *edges;
    size_t n_edges;
    double bounds[4];
    double pad; /**< more than any rounding error in the number of a point's column or row */
    grid_frame frame;
    uint32_t *squares;
    grid_band *bands;
    uint32_t n_bands;
    bool has_tree;
    edge_tree tree;
};

/**
 * Edges of all rings, a line that two cells share once. Sets edges, n_edges, n_cells, bounds.
 */
wg_status wg_locator_edges(wg_context *ctx, const wg_layer *cells, wg_locator *locator);
/** Grid over locator->edges. */
wg_status wg_locator_grid(wg_context *ctx, wg_locator *locator);
/** Tree over locator->edges. */
wg_status wg_locator_tree(wg_context *ctx, wg_locator *locator);
void wg_locator_tree_release(edge_tree *tree);

/** A growing list of edge numbers. */
typedef struct edge_list {
    uint32_t *items;
    size_t n, capacity;
} edge_list;
/** Append the edges whose box touches `window`. @return false: no memory */
bool wg_locator_window(const wg_locator *locator, const tree_box *window, edge_list *list);

/** x of the line on whose right the points of column `i` lie; the way to a square's corner runs along it. */
static inline double frame_left(const grid_frame *frame, uint32_t i, double pad) {
    return i == 0 ? frame->x0 : frame->x0 + (double)i * frame->w - pad;
}

static inline double frame_bottom(const grid_frame *frame, uint32_t j, double pad) {
    return j == 0 ? frame->y0 : frame->y0 + (double)j * frame->h - pad;
}

/*
 * Sides of an edge, with ties decided as if a corner q lay a little to the left of where it is, and every height a much
 * smaller little above: no vertex then lies on the way from corner to point.
 */

/** The edge passes the height y. */
static inline bool edge_spans_y(const cell_edge *e, double y) {
    return (e->ay <= y) != (e->by <= y);
}

/** The edge, which spans y, passes right of the corner (x, y). */
static inline bool edge_right_of_corner(const cell_edge *e, double x, double y) {
    return wg_orient(e->ax, e->ay, e->bx, e->by, x, y) >= 0;
}

static inline bool edge_spans_x(const cell_edge *e, double x) {
    return (e->ax < x) != (e->bx < x);
}

/** The edge, which spans x, passes above (x, y). */
static inline bool edge_above_corner(const cell_edge *e, double x, double y) {
    const int side = wg_orient(e->ax, e->ay, e->bx, e->by, x, y);
    return e->bx > e->ax ? side < 0 : side >= 0;
}

/** A small set of cells, ascending; on the stack, on the heap where it outgrows `local`. */
typedef struct cell_set {
    uint32_t *items;
    size_t n, capacity;
    uint32_t local[32];
} cell_set;

static inline void cell_set_init(cell_set *set) {
    set->items = set->local;
    set->n = 0;
    set->capacity = sizeof set->local / sizeof set->local[0];
}

static inline void cell_set_release(cell_set *set) {
    if (set->items != set->local) {
        free(set->items);
    }
}

/** @return false: no memory */
bool wg_cell_set_grow(cell_set *set);

/** Put `cell` in where it is not, take it out where it is. WG_UNASSIGNED is ignored. @return false: no memory */
static inline bool cell_set_toggle(cell_set *set, uint32_t cell) {
    if (cell == WG_UNASSIGNED) {
        return true;
    }
    size_t at = set->n;
    while (at > 0 && set->items[at - 1] >= cell) {
        at--;
    }
    if (at < set->n && set->items[at] == cell) {
        for (size_t i = at + 1; i < set->n; i++) {
            set->items[i - 1] = set->items[i];
        }
        set->n--;
        return true;
    }
    if (set->n == set->capacity && !wg_cell_set_grow(set)) {
        return false;
    }
    for (size_t i = set->n; i > at; i--) {
        set->items[i] = set->items[i - 1];
    }
    set->items[at] = cell;
    set->n++;
    return true;
}

/** Visit the interior cells of a point for the slabs: the set at (x, y), boundary not looked at. @return false: no
 * memory */
bool wg_locator_interior(const wg_locator *locator, double x, double y, cell_set *set);

#endif
