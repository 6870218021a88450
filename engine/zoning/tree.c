/**
 * Moves that redraw whole cells along random spanning trees: re-split of two or three cells, merge and split.
 *
 * Cutting one edge of a spanning tree of a region leaves two connected parts, so no contiguity test is needed (DeFord,
 * Duchin and Solomon 2021). All cuts of a tree are priced at once: sums of subtrees give the loads, and the lines that
 * a cut crosses are the subtree sums of "every line at both ends, twice taken off at the lowest common ancestor".
 */
#include <math.h>
#include <string.h>

#include "zoning/instance.h"

wg_status wg_tree_init(wg_context *ctx, wg_tree *tree, const wg_instance *in) {
    const size_t n = in->n;
    *tree = (wg_tree){.in = in};
    tree->unit = wg_malloc(n, sizeof *tree->unit);
    tree->mark = wg_calloc(n, sizeof *tree->mark);
    tree->place = wg_malloc(n, sizeof *tree->place);
    tree->edge = wg_malloc(in->m, sizeof *tree->edge);
    tree->find = wg_malloc(n, sizeof *tree->find);
    tree->row = wg_malloc(n + 1, sizeof *tree->row);
    tree->row_to = wg_malloc(2 * n, sizeof *tree->row_to);
    tree->parent = wg_malloc(n, sizeof *tree->parent);
    tree->below = wg_malloc(n * in->n_limits, sizeof *tree->below);
    tree->across = wg_malloc(n, sizeof *tree->across);
    tree->side = wg_malloc(n, sizeof *tree->side);
    tree->region = wg_malloc(n, sizeof *tree->region);
    tree->before = wg_malloc(n, sizeof *tree->before);
    if (tree->unit == NULL || tree->mark == NULL || tree->place == NULL || tree->edge == NULL || tree->find == NULL ||
        tree->row == NULL || tree->row_to == NULL || tree->parent == NULL || tree->below == NULL ||
        tree->across == NULL || tree->side == NULL || tree->region == NULL || tree->before == NULL) {
        wg_tree_release(tree);
        return wg_fail_memory(ctx);
    }
    return WG_OK;
}

void wg_tree_release(wg_tree *tree) {
    free(tree->unit);
    free(tree->mark);
    free(tree->place);
    free(tree->edge);
    free(tree->find);
    free(tree->row);
    free(tree->row_to);
    free(tree->parent);
    free(tree->below);
    free(tree->across);
    free(tree->side);
    free(tree->region);
    free(tree->before);
    *tree = (wg_tree){0};
}

void wg_tree_clear(wg_tree *tree) {
    if (++tree->stamp == 0) {
        memset(tree->mark, 0, tree->in->n * sizeof *tree->mark);
        tree->stamp = 1;
    }
    tree->n_unit = 0;
}

void wg_tree_add(wg_tree *tree, uint32_t v) {
    tree->mark[v] = tree->stamp;
    tree->place[v] = tree->n_unit;
    tree->unit[tree->n_unit++] = v;
}

/**
 * The region's connecting edges, then its hard ones. Where the objective knows streets, edges inside blocks come before
 * those along streets more often than not, so that the tree takes them and its cuts lie on streets. @return how many
 * come first
 */
static uint32_t gather_edges(wg_search *search, wg_tree *tree) {
    const wg_instance *in = tree->in;
    uint32_t first = 0, count = 0, hard = in->m;
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        const uint32_t v = tree->unit[i];
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            const uint32_t w = in->to[h];
            if (w < v || tree->mark[w] != tree->stamp) {
                continue;
            }
            const wg_tree_edge edge = {i, tree->place[w], wg_line_price(in, h)};
            if (h >= in->link_end[v]) {
                tree->edge[--hard] = edge;
                continue;
            }
            tree->edge[count++] = edge;
            if (in->line != NULL && in->line[h].street * 2 > in->line[h].length &&
                (wg_random_next(&search->random) & 3) != 0) {
                tree->edge[count - 1] = tree->edge[first];
                tree->edge[first++] = edge;
            }
        }
    }
    tree->n_link = count;
    tree->n_edge = count;
    while (hard < in->m) {
        const wg_tree_edge edge = tree->edge[hard++];
        tree->edge[tree->n_edge++] = edge;
    }
    return first;
}

static uint32_t root_of(uint32_t *find, uint32_t v) {
    while (find[v] != v) {
        find[v] = find[find[v]];
        v = find[v];
    }
    return v;
}

/** Take edges from..end - 1 in random order into the forest; those taken are swapped to the front. */
static uint32_t take_shuffled(wg_search *search, wg_tree *tree, uint32_t from, uint32_t end, uint32_t taken) {
    for (uint32_t i = from; i < end && taken + 1 < tree->n_unit; i++) {
        const uint32_t j = i + wg_random_below(&search->random, end - i);
        const wg_tree_edge edge = tree->edge[j];
        tree->edge[j] = tree->edge[i];
        tree->edge[i] = edge;
        const uint32_t a = root_of(tree->find, edge.u), b = root_of(tree->find, edge.v);
        if (a != b) {
            tree->find[a] = b;
            tree->edge[i] = tree->edge[taken];
            tree->edge[taken++] = edge;
        }
    }
    return taken;
}

/** A random spanning tree by Kruskal's rule on a shuffled list. @return number of tree edges, which are the first ones
 */
static uint32_t span(wg_search *search, wg_tree *tree) {
    const uint32_t first = gather_edges(search, tree);
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        tree->find[i] = i;
    }
    const uint32_t taken = take_shuffled(search, tree, 0, first, 0);
    return take_shuffled(search, tree, first, tree->n_link, taken);
}

/** Tree adjacency by place. */
static void link_rows(wg_tree *tree, uint32_t taken) {
    memset(tree->row, 0, ((size_t)tree->n_unit + 1) * sizeof *tree->row);
    for (uint32_t i = 0; i < taken; i++) {
        tree->row[tree->edge[i].u]++;
        tree->row[tree->edge[i].v]++;
    }
    for (uint32_t i = 0, at = 0; i <= tree->n_unit; i++) {
        at += tree->row[i];
        tree->row[i] = at; /* ends, which the filling moves back to starts */
    }
    for (uint32_t i = 0; i < taken; i++) {
        tree->row_to[--tree->row[tree->edge[i].u]] = tree->edge[i].v;
        tree->row_to[--tree->row[tree->edge[i].v]] = tree->edge[i].u;
    }
}

/**
 * Number the places breadth first from place 0 (in `find`) and give each its parent's number: parents come before
 * children, so that of two nodes the one with the larger number is never above the other.
 */
static void number_nodes(wg_tree *tree) {
    uint32_t *order = tree->side, done = 1; /* `side` is free until the cut is known */
    order[0] = 0;
    tree->find[0] = 0;
    tree->parent[0] = WG_UNASSIGNED;
    for (uint32_t i = 0; i < done; i++) {
        const uint32_t p = order[i], up = i == 0 ? WG_UNASSIGNED : order[tree->parent[i]];
        for (uint32_t j = tree->row[p]; j < tree->row[p + 1]; j++) {
            if (tree->row_to[j] != up) {
                tree->find[tree->row_to[j]] = done;
                tree->parent[done] = i;
                order[done++] = tree->row_to[j];
            }
        }
    }
    uint32_t *units = tree->row_to; /* done with: 2 n long */
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        units[i] = tree->unit[order[i]];
    }
    memcpy(tree->unit, units, tree->n_unit * sizeof *units);
}

/**
 * Divide the tree into paths, each node going on with its largest child (Sleator and Tarjan 1983): head[i] is where the
 * path of i begins. From any node few paths lead up to the root.
 */
static const uint32_t *find_heads(wg_tree *tree) {
    const uint32_t n = tree->n_unit;
    uint32_t *head = tree->row, *size = tree->row_to, *heavy = tree->row_to + n; /* all done with */
    for (uint32_t i = 0; i < n; i++) {
        size[i] = 1;
        heavy[i] = WG_UNASSIGNED;
    }
    for (uint32_t i = n; i-- > 1;) {
        const uint32_t up = tree->parent[i];
        size[up] += size[i];
        heavy[up] = heavy[up] == WG_UNASSIGNED || size[i] > size[heavy[up]] ? i : heavy[up];
    }
    head[0] = 0;
    for (uint32_t i = 1; i < n; i++) {
        head[i] = heavy[tree->parent[i]] == i ? head[tree->parent[i]] : i;
    }
    return head;
}

/** Of heads of two paths the one with the larger number is not above the other: from there up. */
static uint32_t lowest_common(const wg_tree *tree, const uint32_t *head, uint32_t i, uint32_t j) {
    while (head[i] != head[j]) {
        if (head[i] > head[j]) {
            i = tree->parent[head[i]];
        } else {
            j = tree->parent[head[j]];
        }
    }
    return i < j ? i : j;
}

/** Sums of subtrees and the price of cutting each off, by number of the node. */
static void sum_subtrees(wg_tree *tree) {
    const wg_instance *in = tree->in;
    const uint32_t limits = in->n_limits;
    for (uint32_t i = 0; i < tree->n_unit; i++) {
        tree->across[i] = 0;
        for (uint32_t a = 0; a < limits; a++) {
            tree->below[(size_t)i * limits + a] = in->value[(size_t)tree->unit[i] * limits + a];
        }
    }
    const uint32_t *head = find_heads(tree);
    for (uint32_t e = 0; e < tree->n_edge; e++) {
        const uint32_t i = tree->find[tree->edge[e].u], j = tree->find[tree->edge[e].v];
        const double price = tree->edge[e].price;
        tree->across[i] += price;
        tree->across[j] += price;
        tree->across[lowest_common(tree, head, i, j)] -= 2 * price;
    }
    for (uint32_t i = tree->n_unit; i-- > 1;) {
        const uint32_t up = tree->parent[i];
        tree->across[up] += tree->across[i];
        for (uint32_t a = 0; a < limits; a++) {
            tree->below[(size_t)up * limits + a] += tree->below[(size_t)i * limits + a];
        }
    }
}

/** Relative excess of a side that is to become `share` cells. */
static double side_excess(const wg_instance *in, double sum, uint32_t a, uint32_t share) {
    const wg_zi_limit *limit = &in->limit[a];
    const double each = share == 1 ? sum : sum / share;
    double excess = each > limit->max ? (each - limit->max) * limit->per_max : 0;
    excess += each < limit->min ? (limit->min - each) * limit->per_min : 0;
    return excess * share;
}

static double cut_price(const wg_tree *tree, uint32_t at, const uint32_t shares[2], double penalty) {
    const wg_instance *in = tree->in;
    const uint32_t limits = in->n_limits, all_shares = shares[0] + shares[1];
    double price = tree->across[at];
    for (uint32_t a = 0; a < limits; a++) {
        const double part = tree->below[(size_t)at * limits + a], all = tree->below[a];
        price += penalty * (side_excess(in, part, a, shares[1]) + side_excess(in, all - part, a, shares[0]));
        if (all_shares > 2 && all > 0) { /* for further cuts an even share is the safe one */
            price += penalty * fabs(part / all - (double)shares[1] / all_shares);
        }
    }
    return price;
}

bool wg_tree_cut(wg_search *search, wg_tree *tree, const uint32_t shares[2], double penalty) {
    if (tree->n_unit < 2) {
        return false;
    }
    const uint32_t taken = span(search, tree);
    if (taken + 1 < tree->n_unit) {
        return false; /* not connected: never cut */
    }
    link_rows(tree, taken);
    number_nodes(tree);
    sum_subtrees(tree);
    uint32_t best = WG_UNASSIGNED;
    bool best_swapped = false;
    double best_price = INFINITY;
    const uint32_t swapped[2] = {shares[1], shares[0]};
    for (uint32_t i = 1; i < tree->n_unit; i++) {
        for (int s = 0; s < (shares[0] == shares[1] ? 1 : 2); s++) {
            const double price = cut_price(tree, i, s == 0 ? shares : swapped, penalty);
            if (price < best_price) {
                best_price = price;
                best = i;
                best_swapped = s == 1;
            }
        }
    }
    const uint32_t in_subtree = best_swapped ? 0 : 1;
    tree->side[tree->unit[0]] = 1 - in_subtree;
    for (uint32_t i = 1; i < tree->n_unit; i++) {
        tree->side[tree->unit[i]] = i == best ? in_subtree : tree->side[tree->unit[tree->parent[i]]];
    }
    return true;
}
