/* Are cells connected over edges? By the plan's own graph where there is one, else by geometry. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/wkb.h"
#include "plan/check.h"

/** Pieces narrower than this do not count: barriers as drawn and boundaries led around a building differ. */
static const double LED_AROUND_M = 2.0;

static wg_status report(wg_context *ctx, wg_check_job *job, uint32_t cell, uint32_t pieces, uint32_t components,
                        double x, double y) {
    char name[24];
    const char *code = job->code[cell];
    if (code[0] == '\0') {
        (void)snprintf(name, sizeof name, "#%lld", (long long)job->cells->fid[cell]);
        code = name;
    }
    const wg_finding finding = {
        .code = "not_connected", .layer = "cells", .feature = code, .detail = "", .value = pieces, .x = x, .y = y};
    return wg_check_found(ctx, job, &finding,
                          job->zh ? "分成 %u 块，所在地块只需 %u 块" : "is in %u pieces, where %u would do", pieces,
                          components);
}

/* ------------------------------------------------------------------ by geometry */

static wg_status by_geometry(wg_context *ctx, wg_check_job *job) {
    wg_status status = WG_OK;
    const wg_overlay_barriers barriers = {.layer = job->barriers, .hard = job->hard};
    wg_overlay_links *links = wg_calloc(job->n, sizeof *links);
    if (links == NULL) {
        return wg_fail_memory(ctx);
    }
    const double tolerance =
        job->barriers == NULL ? job->options->tolerance_m : fmax(job->options->tolerance_m, LED_AROUND_M);
    WG_TRY(wg_overlay_connect(ctx, job->cells, job->community, job->communities, &barriers, tolerance, links));
    for (uint32_t i = 0; i < job->n; i++) {
        if (links[i].pieces > links[i].components) {
            WG_TRY(report(ctx, job, i, links[i].pieces, links[i].components, links[i].x, links[i].y));
        }
    }
done:
    free(links);
    return status;
}

/* ------------------------------------------------------------------ by the graph */

typedef struct unit_graph {
    uint32_t n;
    const char **cell; /**< a row */
    bool *surface;     /**< a row: on a barrier polygon, which never connects its banks */
    uint32_t *in_cell; /**< union-find over edges inside cells */
    uint32_t *in_land; /**< union-find over all edges that connect */
} unit_graph;

static uint32_t find_root(uint32_t *parent, uint32_t v) {
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

static void join(uint32_t *parent, uint32_t a, uint32_t b) {
    const uint32_t root_a = find_root(parent, a);
    const uint32_t root_b = find_root(parent, b);
    if (root_a < root_b) {
        parent[root_b] = root_a;
    } else {
        parent[root_a] = root_b;
    }
}

typedef struct named_row {
    const char *id;
    uint32_t row;
} named_row;

static int compare_named(const void *left, const void *right) {
    return strcmp(((const named_row *)left)->id, ((const named_row *)right)->id);
}

static uint32_t find_unit(const named_row *sorted, uint32_t n, const char *id) {
    const named_row key = {.id = id};
    const named_row *found = id == NULL ? NULL : bsearch(&key, sorted, n, sizeof *sorted, compare_named);
    return found == NULL ? WG_UNASSIGNED : found->row;
}

/** Units whose middle lies on a barrier polygon. */
static wg_status find_surfaces(wg_context *ctx, const wg_check_job *job, bool *surface) {
    wg_layer *middles = NULL;
    wg_overlay *units = NULL;
    wg_overlay_cut *cuts = NULL;
    wg_buffer point = {0};
    wg_status status = WG_OK;
    const size_t n = wg_layer_rows(job->units);
    if (job->barriers == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_overlay_build(ctx, job->units, NULL, 0, &units));
    WG_TRY(wg_layer_new(ctx, "middles", NULL, &middles));
    for (size_t i = 0; i < n; i++) {
        wg_buffer_clear(&point);
        wg_wkb_put_point(&point, units->cells[i].x, units->cells[i].y);
        WG_TRY(wg_layer_add_row(ctx, middles, isnan(units->cells[i].x) ? NULL : point.data, point.length, NULL));
    }
    cuts = wg_calloc(n, sizeof *cuts);
    if (cuts == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_overlay_cuts(ctx, middles, job->barriers, 0, cuts));
    const uint32_t kind = wg_layer_column(job->units, "kind");
    for (size_t i = 0; i < n; i++) {
        const char *text = kind == UINT32_MAX ? NULL : wg_layer_text(job->units, i, kind);
        surface[i] = cuts[i].n_cells > 0 && text != NULL && strcmp(text, "land") == 0;
    }
done:
    free(cuts);
    wg_buffer_release(&point);
    wg_layer_free(middles);
    wg_overlay_free(units);
    return status;
}

static void join_edges(const wg_check_job *job, const named_row *sorted, unit_graph *graph) {
    const uint32_t u = wg_layer_column(job->edges, "u");
    const uint32_t v = wg_layer_column(job->edges, "v");
    const uint32_t hard = wg_layer_column(job->edges, "hard");
    for (size_t e = 0; e < wg_layer_rows(job->edges); e++) {
        const uint32_t a = find_unit(sorted, graph->n, wg_layer_text(job->edges, e, u));
        const uint32_t b = find_unit(sorted, graph->n, wg_layer_text(job->edges, e, v));
        const bool blocked = hard != UINT32_MAX && wg_layer_integer(job->edges, e, hard) != 0;
        if (a == WG_UNASSIGNED || b == WG_UNASSIGNED || blocked || graph->surface[a] || graph->surface[b]) {
            continue;
        }
        join(graph->in_land, a, b);
        if (strcmp(graph->cell[a], graph->cell[b]) == 0) {
            join(graph->in_cell, a, b);
        }
    }
}

/** Distinct roots among the units of each cell; units sorted by cell. */
static int compare_u32(const void *left, const void *right) {
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static uint32_t distinct(uint32_t *values, uint32_t n) {
    uint32_t count = 0;
    qsort(values, n, sizeof *values, compare_u32);
    for (uint32_t i = 0; i < n; i++) {
        count += i == 0 || values[i] != values[i - 1];
    }
    return count;
}

static wg_status report_pieces(wg_context *ctx, wg_check_job *job, unit_graph *graph) {
    wg_status status = WG_OK;
    named_row *by_cell = wg_malloc(graph->n, sizeof *by_cell);
    named_row *cells = wg_malloc(job->n, sizeof *cells);
    uint32_t *roots = wg_malloc(graph->n, sizeof *roots);
    uint32_t *lands = wg_malloc(graph->n, sizeof *lands);
    if (by_cell == NULL || cells == NULL || roots == NULL || lands == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 0; i < graph->n; i++) {
        by_cell[i] = (named_row){.id = graph->cell[i], .row = i};
    }
    for (uint32_t i = 0; i < job->n; i++) {
        cells[i] = (named_row){.id = job->code[i], .row = i};
    }
    qsort(by_cell, graph->n, sizeof *by_cell, compare_named);
    qsort(cells, job->n, sizeof *cells, compare_named);
    for (uint32_t begin = 0, end; begin < graph->n; begin = end) {
        uint32_t n = 0;
        for (end = begin; end < graph->n && strcmp(by_cell[end].id, by_cell[begin].id) == 0; end++) {
            if (!graph->surface[by_cell[end].row]) {
                roots[n] = find_root(graph->in_cell, by_cell[end].row);
                lands[n++] = find_root(graph->in_land, by_cell[end].row);
            }
        }
        const uint32_t cell = find_unit(cells, job->n, by_cell[begin].id);
        const uint32_t pieces = distinct(roots, n);
        const uint32_t components = distinct(lands, n);
        if (cell != WG_UNASSIGNED && pieces > components) {
            WG_TRY(report(ctx, job, cell, pieces, components, NAN, NAN));
        }
    }
done:
    free(by_cell);
    free(cells);
    free(roots);
    free(lands);
    return status;
}

static wg_status by_graph(wg_context *ctx, wg_check_job *job) {
    unit_graph graph = {.n = (uint32_t)wg_layer_rows(job->units)};
    wg_status status = WG_OK;
    const uint32_t id = wg_layer_column(job->units, "id");
    const uint32_t cell = wg_layer_column(job->units, "cell");
    named_row *sorted = wg_malloc(graph.n, sizeof *sorted);
    graph.cell = wg_calloc(graph.n, sizeof(const char *));
    graph.surface = wg_calloc(graph.n, sizeof *graph.surface);
    graph.in_cell = wg_malloc(graph.n, sizeof *graph.in_cell);
    graph.in_land = wg_malloc(graph.n, sizeof *graph.in_land);
    if (sorted == NULL || graph.cell == NULL || graph.surface == NULL || graph.in_cell == NULL ||
        graph.in_land == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 0; i < graph.n; i++) {
        sorted[i] = (named_row){.id = wg_check_text(job, job->units, i, id), .row = i};
        graph.cell[i] = wg_check_text(job, job->units, i, cell);
        graph.in_cell[i] = graph.in_land[i] = i;
    }
    qsort(sorted, graph.n, sizeof *sorted, compare_named);
    WG_TRY(find_surfaces(ctx, job, graph.surface));
    join_edges(job, sorted, &graph);
    WG_TRY(report_pieces(ctx, job, &graph));
done:
    free(sorted);
    free(graph.cell);
    free(graph.surface);
    free(graph.in_cell);
    free(graph.in_land);
    return status;
}

wg_status wg_check_connected(wg_context *ctx, wg_check_job *job) {
    const bool given = job->options->barriers.source != NULL || job->options->barriers.layer != NULL;
    if (job->units != NULL && job->edges != NULL && !given) {
        return by_graph(ctx, job);
    }
    return by_geometry(ctx, job);
}
