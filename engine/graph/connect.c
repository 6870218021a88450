/** Components, pieces of cells, articulation units. */
#include <string.h>

#include "core/memory.h"
#include "graph/graph.h"

/**
 * Number the pieces of equal label (all units where `label` is NULL) in `piece`, in the order of their lowest unit.
 * Units with WG_UNASSIGNED get WG_UNASSIGNED. `stack` is scratch of n.
 */
static uint32_t number_pieces(const wg_graph *graph, const uint32_t *label, uint32_t *piece, uint32_t *stack) {
    uint32_t count = 0;
    for (uint32_t v = 0; v < graph->n; v++) {
        piece[v] = WG_UNASSIGNED;
    }
    for (uint32_t root = 0; root < graph->n; root++) {
        if (piece[root] != WG_UNASSIGNED || (label != NULL && label[root] == WG_UNASSIGNED)) {
            continue;
        }
        size_t top = 0;
        piece[root] = count;
        stack[top++] = root;
        while (top > 0) {
            const uint32_t v = stack[--top];
            for (uint32_t i = graph->start[v]; i < graph->link_end[v]; i++) {
                const uint32_t w = graph->to[i];
                if (piece[w] == WG_UNASSIGNED && (label == NULL || label[w] == label[root])) {
                    piece[w] = count;
                    stack[top++] = w;
                }
            }
        }
        count++;
    }
    return count;
}

wg_status wg_graph_components(wg_context *ctx, const wg_graph *graph, uint32_t *component, uint32_t *count) {
    uint32_t *stack = wg_malloc(graph->n, sizeof *stack);
    if (stack == NULL) {
        return wg_fail_memory(ctx);
    }
    *count = number_pieces(graph, NULL, component, stack);
    free(stack);
    return WG_OK;
}

wg_status wg_graph_pieces(wg_context *ctx, const wg_graph *graph, const uint32_t *label, uint32_t n_cells,
                          uint32_t *pieces) {
    for (uint32_t v = 0; v < graph->n; v++) {
        if (label[v] != WG_UNASSIGNED && label[v] >= n_cells) {
            return wg_fail(ctx, WG_EINVAL, "unit %u has label %u (there are %u cells)", v, label[v], n_cells);
        }
    }
    uint32_t *scratch = wg_malloc(graph->n, 2 * sizeof *scratch);
    if (scratch == NULL) {
        return wg_fail_memory(ctx);
    }
    uint32_t *piece = scratch;
    const uint32_t count = number_pieces(graph, label, piece, scratch + graph->n);
    memset(pieces, 0, n_cells * sizeof *pieces);
    uint32_t seen =
        0; /* pieces are numbered in the order of their lowest unit, so the first of each is a new maximum */
    for (uint32_t v = 0; v < graph->n && seen < count; v++) {
        if (piece[v] == seen) {
            pieces[label[v]]++;
            seen++;
        }
    }
    free(scratch);
    return WG_OK;
}

typedef struct search {
    uint32_t *order, *low, *parent, *next, *stack;
} search;

/** Depth-first search from `root`; `next[v]` is the half-edge that v looks at next. */
static void search_from(const wg_graph *graph, const uint32_t *label, search *s, uint32_t root, uint32_t *clock,
                        bool *articulation) {
    size_t top = 0;
    uint32_t root_children = 0;
    s->stack[top++] = root;
    s->order[root] = s->low[root] = ++*clock;
    s->parent[root] = WG_UNASSIGNED;
    s->next[root] = graph->start[root];
    while (top > 0) {
        const uint32_t v = s->stack[top - 1];
        if (s->next[v] < graph->link_end[v]) {
            const uint32_t w = graph->to[s->next[v]++];
            if (w == s->parent[v] || (label != NULL && label[w] != label[v])) {
                continue;
            }
            if (s->order[w] != 0) {
                s->low[v] = s->order[w] < s->low[v] ? s->order[w] : s->low[v];
                continue;
            }
            s->order[w] = s->low[w] = ++*clock;
            s->parent[w] = v;
            s->next[w] = graph->start[w];
            s->stack[top++] = w;
            root_children += v == root;
            continue;
        }
        top--;
        const uint32_t p = s->parent[v];
        if (p != WG_UNASSIGNED) {
            s->low[p] = s->low[v] < s->low[p] ? s->low[v] : s->low[p];
            articulation[p] = articulation[p] || (p != root && s->low[v] >= s->order[p]);
        }
    }
    articulation[root] = root_children > 1;
}

wg_status wg_graph_articulation(wg_context *ctx, const wg_graph *graph, const uint32_t *label, bool *articulation) {
    const size_t n = graph->n;
    uint32_t *block = wg_calloc(n, 5 * sizeof *block);
    if (block == NULL) {
        return wg_fail_memory(ctx);
    }
    search s = {block, block + n, block + 2 * n, block + 3 * n, block + 4 * n};
    uint32_t clock = 0;
    memset(articulation, 0, n * sizeof *articulation);
    for (uint32_t v = 0; v < graph->n; v++) {
        if (s.order[v] == 0) {
            search_from(graph, label, &s, v, &clock, articulation);
        }
    }
    free(block);
    return WG_OK;
}
