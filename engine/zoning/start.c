/** Constructions: growth, recursive bisection along trees, power diagrams, the present plan; and repair of any labels.
 */
#include <math.h>
#include <string.h>

#include "zoning/instance.h"

double wg_load(const wg_instance *in, const double *sum, uint32_t units) {
    double load = 0;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        if (in->total[a] > 0 && sum[a] / in->total[a] > load) {
            load = sum[a] / in->total[a];
        }
    }
    return load + 1e-6 * units / in->n; /* land without weight is spread too */
}

/* ------------------------------------------------------------------ growth of what is not yet given out */

/** Binary heap of cells by load, lightest on top; ties by number, so that the order is fixed. */
typedef struct growth {
    wg_search *search;
    const wg_instance *in;
    uint32_t k, *label;
    double *sum, *load;
    uint32_t *units, *heap, n_heap;
    uint32_t **front; /**< units next to each cell, with duplicates and stale ones */
    size_t *n_front, *front_capacity;
} growth;

static bool lighter(const growth *g, uint32_t a, uint32_t b) {
    return g->load[a] < g->load[b] || (g->load[a] <= g->load[b] && a < b);
}

static void sift_down(growth *g, uint32_t at) {
    for (;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < g->n_heap; child++) {
            least = lighter(g, g->heap[child], g->heap[least]) ? child : least;
        }
        if (least == at) {
            return;
        }
        const uint32_t cell = g->heap[at];
        g->heap[at] = g->heap[least];
        g->heap[least] = cell;
        at = least;
    }
}

static void growth_release(growth *g) {
    for (uint32_t c = 0; g->front != NULL && c < g->k; c++) {
        free(g->front[c]);
    }
    free(g->sum);
    free(g->load);
    free(g->units);
    free(g->heap);
    free(g->front);
    free(g->n_front);
    free(g->front_capacity);
}

static bool growth_init(growth *g) {
    g->sum = wg_calloc((size_t)g->k * g->in->n_limits, sizeof *g->sum);
    g->load = wg_calloc(g->k, sizeof *g->load);
    g->units = wg_calloc(g->k, sizeof *g->units);
    g->heap = wg_calloc(g->k, sizeof *g->heap);
    g->front = wg_calloc(g->k, sizeof *g->front);
    g->n_front = wg_calloc(g->k, sizeof *g->n_front);
    g->front_capacity = wg_calloc(g->k, sizeof *g->front_capacity);
    return g->sum != NULL && g->load != NULL && g->units != NULL && g->heap != NULL && g->front != NULL &&
           g->n_front != NULL && g->front_capacity != NULL;
}

/** Count unit v into its cell and put its free neighbours on the cell's front. @return false: no memory */
static bool take_in(growth *g, uint32_t v) {
    const wg_instance *in = g->in;
    const uint32_t c = g->label[v];
    g->units[c]++;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        g->sum[(size_t)c * in->n_limits + a] += in->value[(size_t)v * in->n_limits + a];
    }
    g->load[c] = wg_load(in, g->sum + (size_t)c * in->n_limits, g->units[c]);
    for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
        if (g->label[in->to[h]] == WG_UNASSIGNED) {
            if (!WG_RESERVE(g->front[c], g->front_capacity[c], g->n_front[c] + 1)) {
                return false;
            }
            g->front[c][g->n_front[c]++] = in->to[h];
        }
    }
    return true;
}

/** Price of a free unit for a cell: the line that would stay cut less the line that would vanish. */
static double attachment(const growth *g, uint32_t v, uint32_t c) {
    const wg_instance *in = g->in;
    double price = 0;
    for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
        price -= g->label[in->to[h]] == c ? wg_line_price(in, h) : 0;
    }
    return price;
}

/** Of a few random free units on the front of c the one that joins best; WG_UNASSIGNED where the front is used up. */
static uint32_t pick(growth *g, uint32_t c) {
    enum { TRIES = 6 };
    uint32_t best = WG_UNASSIGNED;
    double best_price = INFINITY;
    for (int tries = 0; tries < TRIES && g->n_front[c] > 0; tries++) {
        const uint32_t at = wg_random_below(&g->search->random, (uint32_t)g->n_front[c]);
        const uint32_t v = g->front[c][at];
        if (g->label[v] != WG_UNASSIGNED) {
            g->front[c][at] = g->front[c][--g->n_front[c]];
            tries--;
            continue;
        }
        const double price = attachment(g, v, c);
        if (price < best_price) {
            best_price = price;
            best = v;
        }
    }
    return best;
}

/** Give out every unit without a label: always to the lightest cell that still has a free neighbour. */
static wg_status grow_all(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    wg_status status = WG_OK;
    growth g = {.search = search, .in = in, .k = k, .label = label};
    if (!growth_init(&g)) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        if (label[v] != WG_UNASSIGNED && !take_in(&g, v)) {
            status = wg_fail_memory(search->ctx);
            goto done;
        }
    }
    for (uint32_t c = 0; c < k; c++) {
        g.heap[g.n_heap++] = c;
    }
    for (uint32_t i = g.n_heap; i-- > 0;) {
        sift_down(&g, i);
    }
    while (g.n_heap > 0) {
        const uint32_t c = g.heap[0], v = pick(&g, c);
        if (v == WG_UNASSIGNED) {
            g.heap[0] = g.heap[--g.n_heap];
        } else {
            label[v] = c;
            if (!take_in(&g, v)) {
                status = wg_fail_memory(search->ctx);
                goto done;
            }
        }
        sift_down(&g, 0);
    }
done:
    growth_release(&g);
    return status;
}

/* ------------------------------------------------------------------ repair */

/** Keep the heaviest piece of every cell (and every piece with a lock); the rest becomes free. */
static wg_status keep_main_pieces(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    uint32_t *piece = wg_malloc(in->n, 2 * sizeof *piece);
    double *best = wg_malloc(k, sizeof *best);
    uint32_t *main_piece = wg_malloc(k, sizeof *main_piece);
    uint8_t *keep = wg_calloc((size_t)in->n + 1, sizeof *keep);
    if (piece == NULL || best == NULL || main_piece == NULL || keep == NULL) {
        free(piece);
        free(best);
        free(main_piece);
        free(keep);
        return wg_fail_memory(search->ctx);
    }
    uint32_t *stack = piece + in->n, count = 0;
    memset(piece, 0xff, in->n * sizeof *piece);
    memset(main_piece, 0xff, k * sizeof *main_piece);
    for (uint32_t root = 0; root < in->n; root++) {
        if (piece[root] != WG_UNASSIGNED || label[root] == WG_UNASSIGNED) {
            continue;
        }
        uint32_t top = 0, units = 0;
        double weight = 0;
        stack[top++] = root;
        piece[root] = count;
        while (top > 0) {
            const uint32_t v = stack[--top];
            units++;
            weight += wg_load(in, in->value + (size_t)v * in->n_limits, 1);
            keep[count] |= in->locked != NULL && in->locked[v];
            for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
                if (piece[in->to[h]] == WG_UNASSIGNED && label[in->to[h]] == label[root]) {
                    piece[in->to[h]] = count;
                    stack[top++] = in->to[h];
                }
            }
        }
        const uint32_t c = label[root];
        if (main_piece[c] == WG_UNASSIGNED || weight > best[c]) {
            best[c] = weight;
            main_piece[c] = count;
        }
        count++;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        if (label[v] != WG_UNASSIGNED && piece[v] != main_piece[label[v]] && !keep[piece[v]]) {
            label[v] = WG_UNASSIGNED;
        }
    }
    free(piece);
    free(best);
    free(main_piece);
    free(keep);
    return WG_OK;
}

/** What the filling of empty cells works with. */
typedef struct filling {
    wg_search *search;
    const wg_instance *in;
    uint32_t k, *label;
    wg_tree tree;
    wg_contiguity contiguity;
    double *load;
    uint32_t *units;
    bool *stuck; /**< cells that cannot give a unit */
} filling;

static void filling_release(filling *f) {
    wg_tree_release(&f->tree);
    wg_contiguity_release(&f->contiguity);
    free(f->load);
    free(f->units);
    free(f->stuck);
}

static void weigh_cells(filling *f) {
    memset(f->load, 0, f->k * sizeof *f->load);
    memset(f->units, 0, f->k * sizeof *f->units);
    for (uint32_t v = 0; v < f->in->n; v++) {
        f->load[f->label[v]] += wg_load(f->in, f->in->value + (size_t)v * f->in->n_limits, 1);
        f->units[f->label[v]]++;
    }
}

static wg_status filling_init(filling *f) {
    wg_status status = WG_OK;
    f->load = wg_calloc(f->k, sizeof *f->load);
    f->units = wg_calloc(f->k, sizeof *f->units);
    f->stuck = wg_calloc(f->k, sizeof *f->stuck);
    if (f->load == NULL || f->units == NULL || f->stuck == NULL) {
        return wg_fail_memory(f->search->ctx);
    }
    WG_TRY(wg_tree_init(f->search->ctx, &f->tree, f->in));
    WG_TRY(wg_contiguity_init(f->search->ctx, &f->contiguity, f->in->n));
    weigh_cells(f);
done:
    return status;
}

/** A cell with locked units gives one that it does not need to hold together, or, where it is torn anyway, any. */
static bool give_one(filling *f, uint32_t c, uint32_t fresh) {
    const wg_instance *in = f->in;
    uint32_t chosen = WG_UNASSIGNED;
    for (uint32_t v = 0; v < in->n; v++) {
        if (f->label[v] == c && !in->locked[v]) {
            chosen = v;
            if (wg_contiguity_without(&f->contiguity, in->start, in->link_end, in->to, f->label, v)) {
                break;
            }
        }
    }
    if (chosen == WG_UNASSIGNED) {
        return false;
    }
    f->label[chosen] = fresh;
    return true;
}

/** Split cell c in two, the new part getting label `fresh`. @return false where it cannot be split */
static bool split_off(filling *f, uint32_t c, uint32_t fresh) {
    const wg_instance *in = f->in;
    const uint32_t shares[2] = {1, 1};
    wg_tree_clear(&f->tree);
    for (uint32_t v = 0; v < in->n; v++) {
        if (f->label[v] != c) {
            continue;
        }
        if (in->locked != NULL && in->locked[v]) {
            return give_one(f, c, fresh);
        }
        wg_tree_add(&f->tree, v);
    }
    if (!wg_tree_cut(f->search, &f->tree, shares, 1)) {
        return false;
    }
    for (uint32_t i = 0; i < f->tree.n_unit; i++) {
        const uint32_t v = f->tree.unit[i];
        f->label[v] = f->tree.side[v] == 1 ? fresh : c;
    }
    return true;
}

/** Cells without a unit are split off the heaviest cell that can be split. */
static wg_status fill_empty(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    filling f = {.search = search, .in = in, .k = k, .label = label};
    const wg_status status = filling_init(&f);
    for (uint32_t fresh = 0; status == WG_OK && fresh < k; fresh++) {
        while (f.units[fresh] == 0) {
            uint32_t heaviest = WG_UNASSIGNED;
            for (uint32_t c = 0; c < k; c++) {
                if (f.units[c] > 1 && !f.stuck[c] && (heaviest == WG_UNASSIGNED || f.load[c] > f.load[heaviest])) {
                    heaviest = c;
                }
            }
            if (heaviest == WG_UNASSIGNED) {
                filling_release(&f);
                return wg_fail(search->ctx, WG_EINFEASIBLE, "locked units leave too few for %u cells", k);
            }
            if (split_off(&f, heaviest, fresh)) {
                weigh_cells(&f);
            } else {
                f.stuck[heaviest] = true;
            }
        }
    }
    filling_release(&f);
    return status;
}

wg_status wg_start_repair(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    wg_status status = WG_OK;
    WG_TRY(keep_main_pieces(search, in, k, label));
    bool any = false;
    for (uint32_t v = 0; v < in->n; v++) {
        any = any || label[v] != WG_UNASSIGNED;
    }
    if (!any) {
        label[0] = 0;
    }
    WG_TRY(grow_all(search, in, k, label));
    WG_TRY(fill_empty(search, in, k, label));
done:
    return status;
}

/* ------------------------------------------------------------------ starts */

/** Units that a lock or the present plan holds are given, everything else is free. */
static void take_locked(const wg_instance *in, uint32_t k, uint32_t *label) {
    for (uint32_t v = 0; v < in->n; v++) {
        const bool held = in->locked != NULL && in->locked[v] && in->home[v] < k;
        label[v] = held ? in->home[v] : WG_UNASSIGNED;
    }
}

/** Distances in steps from all seeds so far; the next seed is drawn from the far ones, so that seeds spread out. */
static void spread_seeds(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label, uint32_t *distance,
                         uint32_t *queue) {
    uint32_t *used = queue; /* marks cells that have a unit already; overwritten by searches later */
    memset(used, 0, in->n * sizeof *used);
    for (uint32_t v = 0; v < in->n; v++) {
        distance[v] = UINT32_MAX;
        if (label[v] != WG_UNASSIGNED) {
            used[label[v]] = 1;
        }
    }
    uint32_t missing = 0;
    uint32_t *cells = wg_malloc(k, sizeof *cells);
    if (cells == NULL) {
        return; /* repair makes the missing cells another way */
    }
    for (uint32_t c = 0; c < k; c++) {
        if (!used[c]) {
            cells[missing++] = c;
        }
    }
    for (uint32_t i = 0; i < missing; i++) {
        uint32_t seed = WG_UNASSIGNED;
        for (int tries = 0; tries < 4; tries++) {
            const uint32_t v = wg_random_below(&search->random, in->n);
            if (label[v] == WG_UNASSIGNED && (seed == WG_UNASSIGNED || distance[v] > distance[seed])) {
                seed = v;
            }
        }
        if (seed == WG_UNASSIGNED) {
            continue;
        }
        label[seed] = cells[i];
        uint32_t head = 0, tail = 0;
        distance[seed] = 0;
        queue[tail++] = seed;
        while (head < tail) {
            const uint32_t v = queue[head++];
            for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
                const uint32_t w = in->to[h];
                if (distance[w] > distance[v] + 1) {
                    distance[w] = distance[v] + 1;
                    queue[tail++] = w;
                }
            }
        }
    }
    free(cells);
}

wg_status wg_start_grow(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    uint32_t *scratch = wg_malloc(in->n, 2 * sizeof *scratch);
    if (scratch == NULL) {
        return wg_fail_memory(search->ctx);
    }
    take_locked(in, k, label);
    spread_seeds(search, in, k, label, scratch, scratch + in->n);
    free(scratch);
    return wg_start_repair(search, in, k, label);
}

wg_status wg_start_present(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    for (uint32_t v = 0; v < in->n; v++) {
        label[v] = in->home[v] < k ? in->home[v] : WG_UNASSIGNED;
    }
    return wg_start_repair(search, in, k, label);
}

/** One region that is to become cells first .. first + k - 1. */
typedef struct region {
    uint32_t first, k;
} region;

/** Cut regions in two until each is one cell; of a few trees the cheapest cut is taken. */
wg_status wg_start_bisect(wg_search *search, const wg_instance *in, uint32_t k, uint32_t *label) {
    wg_status status = WG_OK;
    wg_tree tree = {0};
    size_t top = 0;
    region *stack = wg_malloc((size_t)k + 1, sizeof *stack);
    if (stack == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    WG_TRY(wg_tree_init(search->ctx, &tree, in));
    memset(label, 0, in->n * sizeof *label);
    stack[top++] = (region){0, k};
    while (top > 0) {
        const region now = stack[--top];
        if (now.k == 1) {
            continue;
        }
        const uint32_t shares[2] = {now.k / 2, now.k - now.k / 2};
        wg_tree_clear(&tree);
        for (uint32_t v = 0; v < in->n; v++) {
            if (label[v] == now.first) {
                wg_tree_add(&tree, v);
            }
        }
        if (!wg_tree_cut(search, &tree, shares, 1e6)) {
            continue;
        }
        for (uint32_t i = 0; i < tree.n_unit; i++) {
            const uint32_t v = tree.unit[i];
            label[v] = tree.side[v] == 0 ? now.first : now.first + shares[0];
        }
        stack[top++] = (region){now.first, shares[0]};
        stack[top++] = (region){now.first + shares[0], shares[1]};
    }
    for (uint32_t v = 0; in->locked != NULL && v < in->n; v++) {
        label[v] = in->locked[v] && in->home[v] < k ? in->home[v] : label[v];
    }
    WG_TRY(wg_start_repair(search, in, k, label));
done:
    wg_tree_release(&tree);
    free(stack);
    return status;
}
