#include "plan/unit_graph.h"

#include <math.h>
#include <string.h>

#include "geo/overlay.h"
#include "model/wkb.h"

void wg_unit_graph_release(wg_unit_graph *graph) {
    free(graph->id);
    free(graph->by_id);
    free(graph->first);
    free(graph->to);
    free(graph->length_m);
    free(graph->rank);
    free(graph->links);
    free(graph->surface);
    free(graph->land);
    *graph = (wg_unit_graph){0};
}

/* ------------------------------------------------------------------ ids */

typedef struct named {
    const char *id;
    uint32_t unit;
} named;

static int compare_named(const void *left, const void *right) {
    const named *a = left;
    const named *b = right;
    const int by = strcmp(a->id, b->id);
    return by != 0 ? by : a->unit < b->unit ? -1 : a->unit > b->unit;
}

static wg_status sort_ids(wg_context *ctx, wg_unit_graph *graph, const wg_layer *units) {
    const uint32_t column = wg_layer_column(units, "id");
    named *sorted = wg_malloc(graph->n, sizeof *sorted);
    if (sorted == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < graph->n; i++) {
        const char *id = column == UINT32_MAX ? NULL : wg_layer_text(units, i, column);
        graph->id[i] = id == NULL ? "" : id;
        sorted[i] = (named){.id = graph->id[i], .unit = i};
    }
    qsort(sorted, graph->n, sizeof *sorted, compare_named);
    for (uint32_t i = 0; i < graph->n; i++) {
        graph->by_id[i] = sorted[i].unit;
    }
    free(sorted);
    return WG_OK;
}

uint32_t wg_unit_graph_find(const wg_unit_graph *graph, const char *id) {
    uint32_t low = 0;
    uint32_t high = graph->n;
    while (id != NULL && low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int by = strcmp(graph->id[graph->by_id[middle]], id);
        if (by == 0) {
            return graph->by_id[middle];
        }
        low = by < 0 ? middle + 1 : low;
        high = by < 0 ? high : middle;
    }
    return WG_UNASSIGNED;
}

/* ------------------------------------------------------------------ surfaces */

/** Units of land whose middle lies on a barrier polygon. */
static wg_status find_surfaces(wg_context *ctx, const wg_layer *units, const wg_layer *barriers, bool *surface) {
    wg_layer *middles = NULL;
    wg_overlay_cell *shapes = NULL;
    wg_overlay_cut *cuts = NULL;
    wg_buffer point = {0};
    wg_status status = WG_OK;
    const size_t n = wg_layer_rows(units);
    const uint32_t kind = wg_layer_column(units, "kind");
    if (barriers == NULL || kind == UINT32_MAX) {
        return WG_OK;
    }
    shapes = wg_calloc(n, sizeof *shapes);
    cuts = wg_calloc(n, sizeof *cuts);
    if (shapes == NULL || cuts == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_overlay_validate(ctx, units, shapes));
    WG_TRY(wg_layer_new(ctx, "middles", NULL, &middles));
    for (size_t i = 0; i < n; i++) {
        const char *text = wg_layer_text(units, i, kind);
        const bool land = text != NULL && strcmp(text, "land") == 0 && isfinite(shapes[i].x);
        wg_buffer_clear(&point);
        wg_wkb_put_point(&point, shapes[i].x, shapes[i].y);
        WG_TRY(wg_layer_add_row(ctx, middles, land ? point.data : NULL, land ? point.length : 0, NULL));
    }
    WG_TRY(wg_overlay_cuts(ctx, middles, barriers, 0, cuts));
    for (size_t i = 0; i < n; i++) {
        surface[i] = cuts[i].n_cells > 0;
    }
done:
    free(shapes);
    free(cuts);
    wg_buffer_release(&point);
    wg_layer_free(middles);
    return status;
}

/* ------------------------------------------------------------------ edges */

typedef struct end_pair {
    uint32_t u, v; /**< WG_UNASSIGNED: an end that no unit has */
} end_pair;

static double real_of(const wg_layer *layer, size_t row, uint32_t column) {
    return column == UINT32_MAX || wg_layer_is_null(layer, row, column) ? 0 : wg_layer_real(layer, row, column);
}

static void add_half(wg_unit_graph *graph, uint32_t *fill, uint32_t from, uint32_t to, const wg_layer *edges,
                     size_t row) {
    const uint32_t at = fill[from]++;
    const uint32_t hard = wg_layer_column(edges, "hard");
    const uint32_t rank = wg_layer_column(edges, "rank");
    const bool blocked = hard != UINT32_MAX && wg_layer_integer(edges, row, hard) != 0;
    graph->to[at] = to;
    graph->length_m[at] = real_of(edges, row, wg_layer_column(edges, "shared_m"));
    graph->rank[at] = rank == UINT32_MAX ? 0 : (uint8_t)wg_layer_integer(edges, row, rank);
    graph->links[at] = !blocked && !graph->surface[from] && !graph->surface[to];
}

static wg_status fill_edges(wg_context *ctx, wg_unit_graph *graph, const wg_layer *edges) {
    const size_t n_edges = wg_layer_rows(edges);
    const uint32_t u = wg_layer_column(edges, "u");
    const uint32_t v = wg_layer_column(edges, "v");
    end_pair *ends = wg_malloc(n_edges, sizeof *ends);
    uint32_t *fill = wg_malloc(graph->n, sizeof *fill);
    wg_status status = WG_OK;
    if (ends == NULL || fill == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t e = 0; e < n_edges; e++) {
        ends[e] = (end_pair){wg_unit_graph_find(graph, wg_layer_text(edges, e, u)),
                             wg_unit_graph_find(graph, wg_layer_text(edges, e, v))};
        if (ends[e].u != WG_UNASSIGNED && ends[e].v != WG_UNASSIGNED) {
            graph->first[ends[e].u + 1]++;
            graph->first[ends[e].v + 1]++;
        }
    }
    for (uint32_t i = 0; i < graph->n; i++) {
        graph->first[i + 1] += graph->first[i];
        fill[i] = graph->first[i];
    }
    const size_t halves = graph->first[graph->n];
    graph->to = wg_malloc(halves, sizeof *graph->to);
    graph->length_m = wg_malloc(halves, sizeof *graph->length_m);
    graph->rank = wg_malloc(halves, sizeof *graph->rank);
    graph->links = wg_malloc(halves, sizeof *graph->links);
    if (graph->to == NULL || graph->length_m == NULL || graph->rank == NULL || graph->links == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t e = 0; e < n_edges; e++) {
        if (ends[e].u != WG_UNASSIGNED && ends[e].v != WG_UNASSIGNED) {
            add_half(graph, fill, ends[e].u, ends[e].v, edges, e);
            add_half(graph, fill, ends[e].v, ends[e].u, edges, e);
        }
    }
done:
    free(ends);
    free(fill);
    return status;
}

static wg_status find_land(wg_context *ctx, wg_unit_graph *graph) {
    uint32_t *stack = wg_malloc(graph->n, sizeof *stack);
    if (stack == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < graph->n; i++) {
        graph->land[i] = WG_UNASSIGNED;
    }
    for (uint32_t start = 0; start < graph->n; start++) {
        uint32_t depth = 0;
        if (graph->land[start] != WG_UNASSIGNED) {
            continue;
        }
        graph->land[start] = start;
        stack[depth++] = start;
        while (depth > 0) {
            const uint32_t v = stack[--depth];
            for (uint32_t k = graph->first[v]; k < graph->first[v + 1]; k++) {
                if (graph->links[k] && graph->land[graph->to[k]] == WG_UNASSIGNED) {
                    graph->land[graph->to[k]] = start;
                    stack[depth++] = graph->to[k];
                }
            }
        }
    }
    free(stack);
    return WG_OK;
}

wg_status wg_unit_graph_build(wg_context *ctx, const wg_layer *units, const wg_layer *edges, const wg_layer *barriers,
                              wg_unit_graph *graph) {
    wg_status status = WG_OK;
    *graph = (wg_unit_graph){.n = (uint32_t)wg_layer_rows(units)};
    graph->id = wg_calloc(graph->n, sizeof(const char *));
    graph->by_id = wg_calloc(graph->n, sizeof *graph->by_id);
    graph->first = wg_calloc((size_t)graph->n + 1, sizeof *graph->first);
    graph->surface = wg_calloc(graph->n, sizeof *graph->surface);
    graph->land = wg_calloc(graph->n, sizeof *graph->land);
    if (graph->id == NULL || graph->by_id == NULL || graph->first == NULL || graph->surface == NULL ||
        graph->land == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(sort_ids(ctx, graph, units));
    WG_TRY(find_surfaces(ctx, units, barriers, graph->surface));
    WG_TRY(fill_edges(ctx, graph, edges));
    WG_TRY(find_land(ctx, graph));
done:
    if (status != WG_OK) {
        wg_unit_graph_release(graph);
    }
    return status;
}

/* ------------------------------------------------------------------ pieces */

static int compare_u32(const void *left, const void *right) {
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/** Place of a unit among the sorted members, or WG_UNASSIGNED. */
static uint32_t place_of(const uint32_t *sorted, uint32_t n, uint32_t unit) {
    const uint32_t *found = bsearch(&unit, sorted, n, sizeof *sorted, compare_u32);
    return found == NULL ? WG_UNASSIGNED : (uint32_t)(found - sorted);
}

wg_status wg_unit_graph_pieces(wg_context *ctx, const wg_unit_graph *graph, const uint32_t *members, uint32_t n_members,
                               uint32_t *piece, wg_unit_pieces *result) {
    uint32_t *work = wg_malloc(4 * (size_t)n_members, sizeof *work);
    if (work == NULL) {
        return wg_fail_memory(ctx);
    }
    uint32_t *sorted = work, *number = work + n_members, *stack = work + 2 * (size_t)n_members;
    uint32_t *lands = work + 3 * (size_t)n_members;
    *result = (wg_unit_pieces){0};
    if (n_members > 0) {
        memcpy(sorted, members, n_members * sizeof *sorted);
        qsort(sorted, n_members, sizeof *sorted, compare_u32);
    }
    for (uint32_t i = 0; i < n_members; i++) {
        number[i] = WG_UNASSIGNED;
    }
    for (uint32_t start = 0; start < n_members; start++) {
        uint32_t depth = 0;
        if (number[start] != WG_UNASSIGNED || graph->surface[sorted[start]]) {
            continue;
        }
        lands[result->pieces] = graph->land[sorted[start]];
        number[start] = result->pieces;
        stack[depth++] = start;
        while (depth > 0) {
            const uint32_t v = sorted[stack[--depth]];
            for (uint32_t k = graph->first[v]; k < graph->first[v + 1]; k++) {
                const uint32_t at = graph->links[k] ? place_of(sorted, n_members, graph->to[k]) : WG_UNASSIGNED;
                if (at != WG_UNASSIGNED && number[at] == WG_UNASSIGNED) {
                    number[at] = result->pieces;
                    stack[depth++] = at;
                }
            }
        }
        result->pieces++;
    }
    for (uint32_t i = 0; piece != NULL && i < n_members; i++) {
        piece[i] = number[place_of(sorted, n_members, members[i])];
    }
    qsort(lands, result->pieces, sizeof *lands, compare_u32);
    for (uint32_t i = 0; i < result->pieces; i++) {
        result->components += i == 0 || lands[i] != lands[i - 1];
    }
    free(work);
    return WG_OK;
}
