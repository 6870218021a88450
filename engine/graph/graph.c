#include "graph/graph.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

static wg_status check_edge(wg_context *ctx, const wg_edge *edge, size_t index, uint32_t n) {
    if (edge->u >= n || edge->v >= n) {
        return wg_fail(ctx, WG_EINVAL, "edge %zu: unit %u is out of range (there are %u units)", index,
                       edge->u >= n ? edge->u : edge->v, n);
    }
    if (edge->u == edge->v) {
        return wg_fail(ctx, WG_EINVAL, "edge %zu: unit %u is joined to itself", index, edge->u);
    }
    if (!isfinite(edge->length) || edge->length < 0) {
        return wg_fail(ctx, WG_EINVAL, "edge %zu: the length is negative or not finite", index);
    }
    if (edge->rank > 9) {
        return wg_fail(ctx, WG_EINVAL, "edge %zu: rank %u is not among 0..9", index, edge->rank);
    }
    return WG_OK;
}

static wg_status allocate(wg_context *ctx, uint32_t n, size_t m, wg_graph **out) {
    wg_graph *graph = wg_calloc(1, sizeof *graph);
    if (graph == NULL) {
        return wg_fail_memory(ctx);
    }
    graph->n = n;
    graph->m = (uint32_t)m;
    graph->start = wg_calloc((size_t)n + 2, sizeof *graph->start);
    graph->link_end = wg_calloc(n, sizeof *graph->link_end);
    graph->to = wg_malloc(2 * m, sizeof *graph->to);
    graph->edge = wg_malloc(2 * m, sizeof *graph->edge);
    graph->length = wg_malloc(m, sizeof *graph->length);
    graph->rank = wg_malloc(m, sizeof *graph->rank);
    graph->hard = wg_malloc(m, sizeof *graph->hard);
    if (graph->start == NULL || graph->link_end == NULL || graph->to == NULL || graph->edge == NULL ||
        graph->length == NULL || graph->rank == NULL || graph->hard == NULL) {
        wg_graph_free(graph);
        return wg_fail_memory(ctx);
    }
    *out = graph;
    return WG_OK;
}

/**
 * Scatter the half-edges in an order that sorts them: visiting units in ascending order and writing to the *other* end
 * fills every unit's list in ascending order of neighbour. `by_end` lists, unit by unit, the edges that touch it.
 */
static void scatter(wg_graph *graph, const wg_edge *edges, const uint32_t *by_end, uint32_t *fill, bool hard) {
    for (uint32_t v = 0; v < graph->n; v++) {
        for (uint32_t i = graph->start[v]; i < graph->start[v + 1]; i++) {
            const uint32_t e = by_end[i];
            if (edges[e].hard != hard) {
                continue;
            }
            const uint32_t other = edges[e].u == v ? edges[e].v : edges[e].u;
            graph->to[fill[other]] = v;
            graph->edge[fill[other]] = e;
            fill[other]++;
        }
    }
}

static wg_status check_doubles(wg_context *ctx, const wg_graph *graph) {
    for (uint32_t v = 0; v < graph->n; v++) {
        for (int run = 0; run < 2; run++) {
            const uint32_t from = run == 0 ? graph->start[v] : graph->link_end[v];
            const uint32_t end = run == 0 ? graph->link_end[v] : graph->start[v + 1];
            for (uint32_t i = from + 1; i < end; i++) {
                if (graph->to[i] == graph->to[i - 1]) {
                    return wg_fail(ctx, WG_EINVAL, "edge %u: units %u and %u are joined twice (add the lengths up)",
                                   graph->edge[i] > graph->edge[i - 1] ? graph->edge[i] : graph->edge[i - 1], v,
                                   graph->to[i]);
                }
            }
        }
    }
    return WG_OK;
}

wg_status wg_graph_new(wg_context *ctx, uint32_t n, const wg_edge *edges, size_t m, wg_graph **out) {
    wg_status status = WG_OK;
    wg_graph *graph = NULL;
    uint32_t *by_end = NULL, *fill = NULL;
    *out = NULL;
    if (n == UINT32_MAX || m > UINT32_MAX / 2 - 1) {
        return wg_fail(ctx, WG_EINVAL, "more than 2147483646 edges or 4294967294 units");
    }
    for (size_t e = 0; e < m; e++) {
        WG_TRY(check_edge(ctx, &edges[e], e, n));
    }
    WG_TRY(allocate(ctx, n, m, &graph));
    by_end = wg_malloc(2 * m, sizeof *by_end);
    fill = wg_malloc((size_t)n + 1, sizeof *fill);
    if (by_end == NULL || fill == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t e = 0; e < m; e++) {
        graph->length[e] = edges[e].length;
        graph->rank[e] = edges[e].rank;
        graph->hard[e] = edges[e].hard ? 1 : 0;
        graph->start[edges[e].u + 1]++;
        graph->start[edges[e].v + 1]++;
    }
    for (uint32_t v = 0; v < n; v++) {
        graph->start[v + 1] += graph->start[v];
    }
    memcpy(fill, graph->start, n * sizeof *fill);
    for (size_t e = 0; e < m; e++) {
        by_end[fill[edges[e].u]++] = (uint32_t)e;
        by_end[fill[edges[e].v]++] = (uint32_t)e;
    }
    memcpy(fill, graph->start, n * sizeof *fill);
    scatter(graph, edges, by_end, fill, false);
    memcpy(graph->link_end, fill, n * sizeof *fill);
    scatter(graph, edges, by_end, fill, true);
    WG_TRY(check_doubles(ctx, graph));
    *out = graph;
    graph = NULL;
done:
    free(by_end);
    free(fill);
    wg_graph_free(graph);
    return status;
}

void wg_graph_free(wg_graph *graph) {
    if (graph != NULL) {
        free(graph->start);
        free(graph->link_end);
        free(graph->to);
        free(graph->edge);
        free(graph->length);
        free(graph->rank);
        free(graph->hard);
        free(graph);
    }
}
