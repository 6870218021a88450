/* A packed tree over the edges in Hilbert order: nearest edge, edges in a window. */
#include <math.h>
#include <string.h>

#include "locate/internal.h"

typedef struct keyed_edge {
    uint32_t key, edge;
} keyed_edge;

/* Place along the Hilbert curve through a 2^16 × 2^16 grid (rotation by the quadrant, from the highest bit down). */
static uint32_t hilbert(uint32_t x, uint32_t y) {
    uint32_t d = 0;
    for (uint32_t s = 1u << 15; s > 0; s >>= 1) {
        const uint32_t rx = (x & s) != 0 ? 1 : 0, ry = (y & s) != 0 ? 1 : 0;
        d += s * s * ((3 * rx) ^ ry);
        if (ry == 0) {
            if (rx == 1) {
                x = 0xffff - (x & 0xffff);
                y = 0xffff - (y & 0xffff);
            }
            const uint32_t t = x;
            x = y;
            y = t;
        }
    }
    return d;
}

/* Four passes of 8 bits; stable, so edges of one key stay in their order. */
static void radix_sort(keyed_edge *items, keyed_edge *other, size_t n) {
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        size_t at[257] = {0};
        for (size_t i = 0; i < n; i++) {
            at[((items[i].key >> shift) & 0xff) + 1]++;
        }
        for (int d = 1; d < 257; d++) {
            at[d] += at[d - 1];
        }
        for (size_t i = 0; i < n; i++) {
            other[at[(items[i].key >> shift) & 0xff]++] = items[i];
        }
        keyed_edge *swap = items;
        items = other;
        other = swap;
    }
}

static tree_box edge_box(const cell_edge *e) {
    return (tree_box){fmin(e->ax, e->bx), e->ay, fmax(e->ax, e->bx), e->by};
}

static void widen(tree_box *box, const tree_box *by) {
    box->x0 = fmin(box->x0, by->x0);
    box->y0 = fmin(box->y0, by->y0);
    box->x1 = fmax(box->x1, by->x1);
    box->y1 = fmax(box->y1, by->y1);
}

static void fill_boxes(const wg_locator *locator, edge_tree *tree) {
    const tree_box nothing = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    size_t below = locator->n_edges;
    for (uint32_t level = 0; level < tree->n_levels; level++) {
        const size_t first = tree->level_at[level], n = tree->level_at[level + 1] - first;
        for (size_t b = 0; b < n; b++) {
            tree_box box = nothing;
            for (size_t k = b * TREE_FAN; k < (b + 1) * TREE_FAN && k < below; k++) {
                const tree_box one =
                    level == 0 ? edge_box(&locator->edges[tree->order[k]]) : tree->boxes[tree->level_at[level - 1] + k];
                widen(&box, &one);
            }
            tree->boxes[first + b] = box;
        }
        below = n;
    }
}

wg_status wg_locator_tree(wg_context *ctx, wg_locator *locator) {
    wg_status status = WG_OK;
    edge_tree *tree = &locator->tree;
    const size_t n = locator->n_edges;
    const double *b = locator->bounds;
    keyed_edge *keyed = wg_malloc(n, sizeof *keyed), *other = wg_malloc(n, sizeof *other);
    tree->order = wg_malloc(n, sizeof *tree->order);
    for (size_t at = 0, left = n; left > 1 || tree->n_levels == 0;) {
        left = (left + TREE_FAN - 1) / TREE_FAN;
        at += left;
        tree->level_at[++tree->n_levels] = at;
    }
    tree->boxes = wg_malloc(tree->level_at[tree->n_levels], sizeof *tree->boxes);
    if (keyed == NULL || other == NULL || tree->order == NULL || tree->boxes == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    const double per_x = b[2] > b[0] ? 65535 / (b[2] - b[0]) : 0, per_y = b[3] > b[1] ? 65535 / (b[3] - b[1]) : 0;
    for (size_t i = 0; i < n; i++) {
        const cell_edge *e = &locator->edges[i];
        const double x = ((e->ax - b[0]) + (e->bx - b[0])) / 2 * per_x,
                     y = ((e->ay - b[1]) + (e->by - b[1])) / 2 * per_y;
        keyed[i] = (keyed_edge){hilbert((uint32_t)fmin(x, 65535), (uint32_t)fmin(y, 65535)), (uint32_t)i};
    }
    radix_sort(keyed, other, n);
    for (size_t i = 0; i < n; i++) {
        tree->order[i] = keyed[i].edge;
    }
    fill_boxes(locator, tree);
    locator->has_tree = true;
done:
    free(keyed);
    free(other);
    return status;
}

void wg_locator_tree_release(edge_tree *tree) {
    free(tree->order);
    free(tree->boxes);
}

/* ---- window ---- */

static bool boxes_touch(const tree_box *a, const tree_box *b) {
    return a->x0 <= b->x1 && b->x0 <= a->x1 && a->y0 <= b->y1 && b->y0 <= a->y1;
}

static bool window_in(const wg_locator *locator, const tree_box *window, uint32_t level, size_t box, edge_list *list) {
    const edge_tree *tree = &locator->tree;
    if (!boxes_touch(window, &tree->boxes[tree->level_at[level] + box])) {
        return true;
    }
    const size_t below = level == 0 ? locator->n_edges : tree->level_at[level] - tree->level_at[level - 1];
    for (size_t k = box * TREE_FAN; k < (box + 1) * TREE_FAN && k < below; k++) {
        if (level > 0) {
            if (!window_in(locator, window, level - 1, k, list)) {
                return false;
            }
            continue;
        }
        const tree_box one = edge_box(&locator->edges[tree->order[k]]);
        if (boxes_touch(window, &one)) {
            if (!WG_RESERVE(list->items, list->capacity, list->n + 1)) {
                return false;
            }
            list->items[list->n++] = tree->order[k];
        }
    }
    return true;
}

bool wg_locator_window(const wg_locator *locator, const tree_box *window, edge_list *list) {
    return window_in(locator, window, locator->tree.n_levels - 1, 0, list);
}

/* ---- nearest ---- */

typedef struct nearest_state {
    const wg_locator *locator;
    double x, y;
    double best; /**< squared distance; cells at it are compared by row */
    uint32_t cell;
} nearest_state;

static double box_distance2(const tree_box *box, double x, double y) {
    const double dx = fmax(fmax(box->x0 - x, 0), x - box->x1), dy = fmax(fmax(box->y0 - y, 0), y - box->y1);
    return dx * dx + dy * dy;
}

/* The end points give the same number for every edge that meets there, so ties at a vertex are exact. */
static double edge_distance2(const cell_edge *e, double x, double y) {
    const double dx = e->bx - e->ax, dy = e->by - e->ay, px = x - e->ax, py = y - e->ay;
    const double along = px * dx + py * dy, length2 = dx * dx + dy * dy;
    if (along <= 0) {
        return px * px + py * py;
    }
    if (along >= length2) {
        const double qx = x - e->bx, qy = y - e->by;
        return qx * qx + qy * qy;
    }
    const double cross = px * dy - py * dx;
    return cross * cross / length2;
}

static void nearest_edge(nearest_state *own, const cell_edge *e) {
    const double d2 = edge_distance2(e, own->x, own->y);
    const uint32_t cell = e->left < e->right ? e->left : e->right;
    if (d2 < own->best || (d2 == own->best && cell < own->cell)) {
        own->best = d2;
        own->cell = cell;
    }
}

static void nearest_in(nearest_state *own, uint32_t level, size_t box) {
    const edge_tree *tree = &own->locator->tree;
    const size_t below = level == 0 ? own->locator->n_edges : tree->level_at[level] - tree->level_at[level - 1];
    const size_t first = box * TREE_FAN, end = first + TREE_FAN < below ? first + TREE_FAN : below;
    if (level == 0) {
        for (size_t k = first; k < end; k++) {
            nearest_edge(own, &own->locator->edges[tree->order[k]]);
        }
        return;
    }
    struct {
        double d2;
        size_t box;
    } near[TREE_FAN], swap;
    size_t n = 0;
    for (size_t k = first; k < end; k++, n++) {
        near[n].d2 = box_distance2(&tree->boxes[tree->level_at[level - 1] + k], own->x, own->y);
        near[n].box = k;
        for (size_t i = n; i > 0 && near[i].d2 < near[i - 1].d2; i--) {
            swap = near[i];
            near[i] = near[i - 1];
            near[i - 1] = swap;
        }
    }
    for (size_t i = 0; i < n; i++) {
        /* A little farther than the best is still looked at: rounding must not hide a tie. */
        if (near[i].d2 <= own->best * (1 + 1e-12)) {
            nearest_in(own, level - 1, near[i].box);
        }
    }
}

uint32_t wg_locator_nearest(const wg_locator *locator, double x, double y, double within, double *distance) {
    uint32_t cell;
    double unused;
    double *found = distance == NULL ? &unused : distance;
    *found = NAN;
    if (!isfinite(x) || !isfinite(y)) {
        return WG_UNASSIGNED;
    }
    const size_t around = wg_locator_all(locator, x, y, &cell, 1);
    if (around > 0) {
        *found = around == WG_LOCATOR_NO_MEMORY ? -1 : 0;
        return around == WG_LOCATOR_NO_MEMORY ? WG_UNASSIGNED : cell;
    }
    nearest_state own = {.locator = locator, .x = x, .y = y, .best = within * within, .cell = WG_UNASSIGNED};
    nearest_in(&own, locator->tree.n_levels - 1, 0);
    if (own.cell != WG_UNASSIGNED) {
        *found = sqrt(own.best);
    }
    return own.cell;
}
