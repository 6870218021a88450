/* Are cells connected over edges? By the plan's own graph where there is one, else by geometry. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/check.h"
#include "plan/unit_graph.h"

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

/** A unit and the cell that it names. */
typedef struct seat {
    const char *cell;
    uint32_t unit;
} seat;

static int compare_seats(const void *left, const void *right) {
    const seat *a = left;
    const seat *b = right;
    const int by = strcmp(a->cell, b->cell);
    return by != 0 ? by : a->unit < b->unit ? -1 : a->unit > b->unit;
}

static int compare_codes(const void *left, const void *right) {
    return strcmp(((const seat *)left)->cell, ((const seat *)right)->cell);
}

static wg_status judge_cells(wg_context *ctx, wg_check_job *job, const wg_unit_graph *graph, seat *seats, seat *codes,
                             uint32_t *members) {
    wg_status status = WG_OK;
    for (uint32_t begin = 0, end; begin < graph->n; begin = end) {
        wg_unit_pieces found;
        for (end = begin; end < graph->n && strcmp(seats[end].cell, seats[begin].cell) == 0; end++) {
            members[end - begin] = seats[end].unit;
        }
        const seat *cell = bsearch(&seats[begin], codes, job->n, sizeof *codes, compare_codes);
        WG_TRY(wg_unit_graph_pieces(ctx, graph, members, end - begin, NULL, &found));
        if (cell != NULL && found.pieces > found.components) {
            WG_TRY(report(ctx, job, cell->unit, found.pieces, found.components, NAN, NAN));
        }
    }
done:
    return status;
}

static wg_status by_graph(wg_context *ctx, wg_check_job *job) {
    wg_unit_graph graph = {0};
    wg_status status = WG_OK;
    const uint32_t column = wg_layer_column(job->units, "cell");
    const uint32_t n = (uint32_t)wg_layer_rows(job->units);
    seat *seats = wg_malloc(n, sizeof *seats);
    seat *codes = wg_malloc(job->n, sizeof *codes);
    uint32_t *members = wg_malloc(n, sizeof *members);
    if (seats == NULL || codes == NULL || members == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_unit_graph_build(ctx, job->units, job->edges, job->barriers, &graph));
    for (uint32_t i = 0; i < n; i++) {
        seats[i] = (seat){.cell = wg_check_text(job, job->units, i, column), .unit = i};
    }
    for (uint32_t i = 0; i < job->n; i++) {
        codes[i] = (seat){.cell = job->code[i], .unit = i};
    }
    qsort(seats, n, sizeof *seats, compare_seats);
    qsort(codes, job->n, sizeof *codes, compare_seats);
    WG_TRY(judge_cells(ctx, job, &graph, seats, codes, members));
done:
    wg_unit_graph_release(&graph);
    free(seats);
    free(codes);
    free(members);
    return status;
}

wg_status wg_check_connected(wg_context *ctx, wg_check_job *job) {
    const bool given = job->options->barriers.source != NULL || job->options->barriers.layer != NULL;
    if (job->units != NULL && job->edges != NULL && !given) {
        return by_graph(ctx, job);
    }
    return by_geometry(ctx, job);
}
