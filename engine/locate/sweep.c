#include "locate/sweep.h"

#include <math.h>
#include <string.h>

#include "model/wkb.h"

enum { SPLIT_DEPTH = 48 };

void wg_sweep_clear(wg_sweep *sweep) {
    sweep->n_segments = sweep->n_events = sweep->n_active = sweep->window.n = 0;
    sweep->box = (tree_box){INFINITY, INFINITY, -INFINITY, -INFINITY};
    sweep->failed = false;
}

void wg_sweep_release(wg_sweep *sweep) {
    free(sweep->segments);
    free(sweep->events);
    free(sweep->active);
    free(sweep->window.items);
}

static void add_segment(wg_sweep *sweep, const double a[2], const double b[2], uint32_t left, uint32_t right,
                        bool own) {
    if (a[1] == b[1]) {
        return; /* level: bounds no trapezoid from the side */
    }
    if (!WG_RESERVE(sweep->segments, sweep->segments_capacity, sweep->n_segments + 1)) {
        sweep->failed = true;
        return;
    }
    const bool up = a[1] < b[1];
    const double *low = up ? a : b, *high = up ? b : a;
    sweep->segments[sweep->n_segments++] = (sweep_segment){
        .x0 = low[0], .y0 = low[1], .x1 = high[0], .y1 = high[1], .left = left, .right = right, .own = own};
}

void wg_sweep_ring(wg_sweep *sweep, const uint8_t *pairs, uint32_t n) {
    double from[2], to[2];
    wg_wkb_get(pairs, n - 1, from);
    for (uint32_t i = 0; i < n; i++) {
        wg_wkb_get(pairs, i, to);
        if (!isfinite(to[0]) || !isfinite(to[1]) || !isfinite(from[0]) || !isfinite(from[1])) {
            memcpy(from, to, sizeof from);
            continue;
        }
        add_segment(sweep, from, to, WG_UNASSIGNED, WG_UNASSIGNED, true);
        sweep->box.x0 = fmin(sweep->box.x0, to[0]);
        sweep->box.x1 = fmax(sweep->box.x1, to[0]);
        sweep->box.y0 = fmin(sweep->box.y0, to[1]);
        sweep->box.y1 = fmax(sweep->box.y1, to[1]);
        memcpy(from, to, sizeof from);
    }
}

static bool add_event(wg_sweep *sweep, double y) {
    if (y < sweep->box.y0 || y > sweep->box.y1) {
        return true;
    }
    if (!WG_RESERVE(sweep->events, sweep->events_capacity, sweep->n_events + 1)) {
        return false;
    }
    sweep->events[sweep->n_events++] = y;
    return true;
}

static int compare_events(const void *a, const void *b) {
    const double p = *(const double *)a, q = *(const double *)b;
    return p < q ? -1 : p > q ? 1 : 0;
}

static int compare_starts(const void *a, const void *b) {
    const sweep_segment *p = a, *q = b;
    return p->y0 < q->y0 ? -1 : p->y0 > q->y0 ? 1 : 0;
}

/* Add the cell edges around the polygon, and all heights at which something begins or ends. */
static bool gather(const wg_locator *locator, wg_sweep *sweep, double left) {
    const tree_box window = {left, sweep->box.y0, sweep->box.x1, sweep->box.y1};
    if (!wg_locator_window(locator, &window, &sweep->window)) {
        return false;
    }
    for (size_t k = 0; k < sweep->window.n; k++) {
        const cell_edge *e = &locator->edges[sweep->window.items[k]];
        const double a[2] = {e->ax, e->ay}, b[2] = {e->bx, e->by};
        add_segment(sweep, a, b, e->left, e->right, false);
    }
    for (size_t i = 0; i < sweep->n_segments; i++) {
        if (!add_event(sweep, sweep->segments[i].y0) || !add_event(sweep, sweep->segments[i].y1)) {
            return false;
        }
    }
    if (sweep->failed) {
        return false;
    }
    qsort(sweep->events, sweep->n_events, sizeof *sweep->events, compare_events);
    qsort(sweep->segments, sweep->n_segments, sizeof *sweep->segments, compare_starts);
    return true;
}

static double x_at(const sweep_segment *s, double y) {
    if (y <= s->y0) {
        return s->x0;
    }
    if (y >= s->y1) {
        return s->x1;
    }
    return s->x0 + (y - s->y0) / (s->y1 - s->y0) * (s->x1 - s->x0);
}

/** What a slab is measured with. */
typedef struct slab_walk {
    const wg_locator *locator;
    wg_sweep *sweep;
    double left; /**< x left of the polygon, where the walk through a slab begins */
    wg_sweep_fn take;
    void *user;
    cell_set face;
} slab_walk;

/* Insertion sort: from one slab to the next the order hardly changes. */
static void order_active(wg_sweep *sweep, double from, double to) {
    sweep_active *a = sweep->active;
    for (size_t i = 0; i < sweep->n_active; i++) {
        a[i].low = x_at(&sweep->segments[a[i].segment], from);
        a[i].high = x_at(&sweep->segments[a[i].segment], to);
    }
    for (size_t i = 1; i < sweep->n_active; i++) {
        const sweep_active moved = a[i];
        size_t at = i;
        for (; at > 0 && a[at - 1].low + a[at - 1].high > moved.low + moved.high; at--) {
            a[at] = a[at - 1];
        }
        a[at] = moved;
    }
}

/* Height at which two neighbours of the slab's middle cross inside it. @return false: none do */
static bool find_crossing(const wg_sweep *sweep, double from, double to, double *height) {
    const double slack = (to - from) * 1e-9;
    for (size_t i = 1; i < sweep->n_active; i++) {
        const double low = sweep->active[i].low - sweep->active[i - 1].low;
        const double high = sweep->active[i].high - sweep->active[i - 1].high;
        if ((low < 0) != (high < 0)) {
            *height = from + (to - from) * (low / (low - high));
            if (*height > from + slack && *height < to - slack) {
                return true;
            }
        }
    }
    return false;
}

/* Walk through a slab from left to right. Which cell edges lie left of the start is decided exactly, as the face there
 * is. */
static bool measure_slab(slab_walk *walk, double from, double to) {
    const wg_sweep *sweep = walk->sweep;
    const double middle = from + (to - from) / 2;
    bool inside = false;
    double last = walk->left;
    if (!wg_locator_interior(walk->locator, walk->left, middle, &walk->face)) {
        return false;
    }
    for (size_t i = 0; i < sweep->n_active; i++) {
        const sweep_segment *s = &sweep->segments[sweep->active[i].segment];
        const double x = (sweep->active[i].low + sweep->active[i].high) / 2;
        if (!s->own && wg_orient(s->x0, s->y0, s->x1, s->y1, walk->left, middle) <= 0) {
            continue; /* passes left of the start */
        }
        if (inside) {
            walk->take(&walk->face, fmax(x - last, 0) * (to - from), walk->user);
        }
        last = x;
        if (s->own) {
            inside = !inside;
        } else if (!cell_set_toggle(&walk->face, s->left) || !cell_set_toggle(&walk->face, s->right)) {
            return false;
        }
    }
    return true;
}

static bool slab(slab_walk *walk, double from, double to, int depth) {
    double height;
    if (!(to > from)) {
        return true;
    }
    order_active(walk->sweep, from, to);
    if (depth < SPLIT_DEPTH && find_crossing(walk->sweep, from, to, &height)) {
        return slab(walk, from, height, depth + 1) && slab(walk, height, to, depth + 1);
    }
    return measure_slab(walk, from, to);
}

static bool run_slabs(slab_walk *walk) {
    wg_sweep *sweep = walk->sweep;
    size_t next = 0;
    if (!WG_RESERVE(sweep->active, sweep->active_capacity, sweep->n_segments)) {
        return false;
    }
    for (size_t k = 0; k + 1 < sweep->n_events; k++) {
        const double from = sweep->events[k], to = sweep->events[k + 1];
        if (to == from) {
            continue;
        }
        size_t kept = 0;
        for (size_t i = 0; i < sweep->n_active; i++) {
            if (sweep->segments[sweep->active[i].segment].y1 > from) {
                sweep->active[kept++] = sweep->active[i];
            }
        }
        sweep->n_active = kept;
        for (; next < sweep->n_segments && sweep->segments[next].y0 <= from; next++) {
            if (sweep->segments[next].y1 > from) {
                sweep->active[sweep->n_active++].segment = (uint32_t)next;
            }
        }
        if (!slab(walk, from, to, 0)) {
            return false;
        }
    }
    return true;
}

bool wg_sweep_run(const wg_locator *locator, wg_sweep *sweep, wg_sweep_fn take, void *user) {
    if (sweep->failed) {
        return false;
    }
    if (sweep->n_segments == 0) {
        return true;
    }
    const double left = sweep->box.x0 - (sweep->box.x1 - sweep->box.x0) * 0.0123456789;
    slab_walk walk = {.locator = locator, .sweep = sweep, .left = left, .take = take, .user = user};
    cell_set_init(&walk.face);
    const bool done = gather(locator, sweep, left) && run_slabs(&walk);
    cell_set_release(&walk.face);
    return done;
}
