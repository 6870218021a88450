/* Is a cell layer a clean coverage? Invalid cells, overlaps and gaps, each with the cells' names. */
#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "locate/internal.h"
#include "model/wkb.h"

enum { CELLS_A_TASK = 64 };

/** Two cells and the area that lies in both. */
typedef struct overlap_pair {
    uint32_t a, b;
    double area;
} overlap_pair;

/** What one task found. */
typedef struct task_findings {
    overlap_pair *pairs;
    size_t n_pairs, pairs_capacity;
} task_findings;

typedef struct check_job {
    const wg_locator *locator;
    const wg_layer *cells;
    double tolerance_area;
    bool *loose;  /**< a cell: some edge of it is not shared with exactly one neighbour */
    char **fault; /**< a cell: why it is not valid; NULL: it is */
    task_findings *tasks;
} check_job;

static void mark_loose(const wg_locator *locator, bool *loose) {
    for (size_t i = 0; i < locator->n_edges; i++) {
        const cell_edge *e = &locator->edges[i];
        if (e->left == WG_UNASSIGNED || e->right == WG_UNASSIGNED || e->left == e->right) {
            const uint32_t cell = e->left == WG_UNASSIGNED ? e->right : e->left;
            loose[cell] = true;
        }
    }
}

/* ---- invalid cells and overlaps, in parallel ---- */

static wg_status check_valid(wg_context *ctx, GEOSContextHandle_t geos, check_job *job, uint32_t cell) {
    size_t bytes;
    const unsigned char *wkb = wg_layer_wkb(job->cells, cell, &bytes);
    if (wkb == NULL) {
        return WG_OK;
    }
    GEOSGeometry *polygon = GEOSGeomFromWKB_buf_r(geos, wkb, bytes);
    if (polygon == NULL) {
        job->fault[cell] = wg_strdup("a ring is open or has fewer than four points");
        return job->fault[cell] == NULL ? wg_fail_memory(ctx) : WG_OK;
    }
    wg_status status = WG_OK;
    if (GEOSisValid_r(geos, polygon) != 1) {
        char *reason = GEOSisValidReason_r(geos, polygon);
        job->fault[cell] = wg_strdup(reason == NULL ? "not valid" : reason);
        status = job->fault[cell] == NULL ? wg_fail_memory(ctx) : WG_OK;
        GEOSFree_r(geos, reason);
    }
    GEOSGeom_destroy_r(geos, polygon);
    return status;
}

static wg_status check_overlap(wg_context *ctx, const check_job *job, uint32_t cell, wg_shares *shares,
                               task_findings *found) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(job->cells, cell, &bytes);
    if (wkb == NULL || !job->loose[cell]) {
        return WG_OK;
    }
    const wg_status status = wg_locator_shares(ctx, job->locator, wkb, bytes, shares);
    if (status != WG_OK) {
        return status;
    }
    for (size_t i = 0; i < shares->n; i++) {
        const wg_share *share = &shares->items[i];
        if (share->cell == WG_UNASSIGNED || share->cell == cell || share->measure <= job->tolerance_area ||
            share->share < 1e-12) {
            continue;
        }
        if (!WG_RESERVE(found->pairs, found->pairs_capacity, found->n_pairs + 1)) {
            return wg_fail_memory(ctx);
        }
        found->pairs[found->n_pairs++] = (overlap_pair){.a = cell < share->cell ? cell : share->cell,
                                                        .b = cell < share->cell ? share->cell : cell,
                                                        .area = share->measure};
    }
    return WG_OK;
}

static wg_status check_task(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    check_job *job = user;
    wg_status status = WG_OK;
    wg_shares shares = {0};
    GEOSContextHandle_t geos = GEOS_init_r();
    const uint32_t first = (uint32_t)(index * CELLS_A_TASK);
    for (uint32_t cell = first; cell < job->locator->n_cells && cell < first + CELLS_A_TASK; cell++) {
        WG_TRY(check_valid(ctx, geos, job, cell));
        WG_TRY(check_overlap(ctx, job, cell, &shares, &job->tasks[index]));
    }
done:
    GEOS_finish_r(geos);
    wg_shares_release(&shares);
    return status;
}

/* ---- gaps ---- */

/*
 * Land in no cell is bounded by edges with a cell on one side only. Noded and polygonized, those edges make faces, each
 * wholly in no cell or wholly in some: a face without a cell is a gap.
 */
static GEOSGeometry *loose_lines(const wg_locator *locator, GEOSContextHandle_t geos) {
    GEOSGeometry **lines = wg_malloc(locator->n_edges, sizeof(GEOSGeometry *));
    uint32_t n = 0;
    if (lines == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < locator->n_edges; i++) {
        const cell_edge *e = &locator->edges[i];
        if (e->left != WG_UNASSIGNED && e->right != WG_UNASSIGNED) {
            continue;
        }
        const double xy[4] = {e->ax, e->ay, e->bx, e->by};
        GEOSCoordSequence *points = GEOSCoordSeq_copyFromBuffer_r(geos, xy, 2, 0, 0);
        lines[n] = points == NULL ? NULL : GEOSGeom_createLineString_r(geos, points);
        n += lines[n] != NULL ? 1 : 0;
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_MULTILINESTRING, lines, n);
    free(lines);
    return all;
}

static wg_status take_gap(wg_context *ctx, const check_job *job, GEOSContextHandle_t geos, const GEOSGeometry *face,
                          wg_coverage_check *check) {
    double x = 0, y = 0, area = 0;
    uint32_t unused;
    GEOSGeometry *point = GEOSPointOnSurface_r(geos, face);
    const bool placed = point != NULL && GEOSGeomGetX_r(geos, point, &x) == 1 && GEOSGeomGetY_r(geos, point, &y) == 1;
    GEOSGeom_destroy_r(geos, point);
    const size_t around = placed ? wg_locator_all(job->locator, x, y, &unused, 1) : 0;
    if (around == WG_LOCATOR_NO_MEMORY) {
        return wg_fail_memory(ctx);
    }
    if (!placed || around > 0 || GEOSArea_r(geos, face, &area) != 1 || area <= job->tolerance_area) {
        return WG_OK;
    }
    if (check->gap_polygons == NULL) {
        const wg_status status = wg_layer_new(ctx, "gaps", job->cells->crs, &check->gap_polygons);
        if (status != WG_OK) {
            return status;
        }
    }
    size_t bytes;
    unsigned char *wkb = GEOSGeomToWKB_buf_r(geos, face, &bytes);
    if (wkb == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = wg_layer_add_row(ctx, check->gap_polygons, wkb, bytes, NULL);
    GEOSFree_r(geos, wkb);
    check->gaps++;
    check->gap_area += area;
    return status;
}

static wg_status find_gaps(wg_context *ctx, const check_job *job, wg_coverage_check *check) {
    wg_status status = WG_OK;
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOS_setWKBByteOrder_r(geos, GEOS_WKB_NDR);
    GEOSGeometry *lines = loose_lines(job->locator, geos), *noded = NULL, *faces = NULL;
    if (lines != NULL) {
        noded = GEOSUnaryUnion_r(geos, lines);
    }
    if (noded != NULL) {
        const GEOSGeometry *const parts[] = {noded};
        faces = GEOSPolygonize_r(geos, parts, 1);
    }
    if (faces == NULL) {
        status =
            wg_fail(ctx, WG_EINTERNAL, "%s: the lines of the cells could not be noded", wg_layer_source(job->cells));
        goto done;
    }
    const int n = GEOSGetNumGeometries_r(geos, faces);
    for (int i = 0; i < n; i++) {
        WG_TRY(take_gap(ctx, job, geos, GEOSGetGeometryN_r(geos, faces, i), check));
    }
done:
    GEOSGeom_destroy_r(geos, lines);
    GEOSGeom_destroy_r(geos, noded);
    GEOSGeom_destroy_r(geos, faces);
    GEOS_finish_r(geos);
    return status;
}

/* ---- telling ---- */

static const char *name_of(const wg_layer *cells, uint32_t code, uint32_t row, char text[32]) {
    const char *name = code == UINT32_MAX ? NULL : wg_layer_text(cells, row, code);
    if (name == NULL) {
        (void)snprintf(text, 32, "%lld", (long long)cells->fid[row]);
        name = text;
    }
    return name;
}

static void middle_of(const wg_layer *layer, size_t row, double xy[2]) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    if (wkb == NULL || !wg_wkb_centroid(wkb, bytes, xy)) {
        xy[0] = xy[1] = NAN;
    }
}

static int compare_pairs(const void *a, const void *b) {
    const overlap_pair *p = a, *q = b;
    if (p->a != q->a) {
        return p->a < q->a ? -1 : 1;
    }
    if (p->b != q->b) {
        return p->b < q->b ? -1 : 1;
    }
    return p->area > q->area ? -1 : p->area < q->area ? 1 : 0; /* seen from both cells; the larger figure stands */
}

static wg_status tell_overlaps(wg_context *ctx, const check_job *job, size_t n_tasks, uint32_t code,
                               wg_exceptions *exceptions, wg_coverage_check *check) {
    wg_status status = WG_OK;
    overlap_pair *pairs = NULL;
    size_t n = 0, capacity = 0;
    for (size_t t = 0; t < n_tasks; t++) {
        const task_findings *found = &job->tasks[t];
        if (!WG_RESERVE(pairs, capacity, n + found->n_pairs)) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        if (found->n_pairs > 0) {
            memcpy(pairs + n, found->pairs, found->n_pairs * sizeof *pairs);
            n += found->n_pairs;
        }
    }
    if (n > 0) {
        qsort(pairs, n, sizeof *pairs, compare_pairs);
    }
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && pairs[i].a == pairs[i - 1].a && pairs[i].b == pairs[i - 1].b) {
            continue;
        }
        char text[2][32];
        double xy[2];
        const char *a = name_of(job->cells, code, pairs[i].a, text[0]),
                   *b = name_of(job->cells, code, pairs[i].b, text[1]);
        middle_of(job->cells, pairs[i].a, xy);
        check->overlaps++;
        check->overlap_area += pairs[i].area;
        WG_TRY(wg_exceptions_add(ctx, exceptions, "cells", a, "cell_overlap", xy[0], xy[1],
                                 "draw the line between them once", "cells %s and %s overlap by %.9g (square units)", a,
                                 b, pairs[i].area));
    }
done:
    free(pairs);
    return status;
}

static wg_status tell(wg_context *ctx, const check_job *job, size_t n_tasks, uint32_t code, wg_exceptions *exceptions,
                      wg_coverage_check *check) {
    wg_status status = WG_OK;
    char text[32];
    double xy[2];
    for (uint32_t cell = 0; cell < job->locator->n_cells; cell++) {
        if (job->fault[cell] != NULL) {
            const char *name = name_of(job->cells, code, cell, text);
            middle_of(job->cells, cell, xy);
            check->invalid++;
            WG_TRY(wg_exceptions_add(ctx, exceptions, "cells", name, "invalid_geometry", xy[0], xy[1],
                                     "repair the polygon; inside is taken as even-odd", "cell %s is not valid: %s",
                                     name, job->fault[cell]));
        }
    }
    WG_TRY(tell_overlaps(ctx, job, n_tasks, code, exceptions, check));
    for (size_t row = 0; check->gap_polygons != NULL && row < check->gap_polygons->n; row++) {
        double area = 0, unused, metres;
        size_t bytes;
        const void *wkb = wg_layer_wkb(check->gap_polygons, row, &bytes);
        wg_wkb_measure(wkb, bytes, &area, &unused);
        middle_of(check->gap_polygons, row, xy);
        const uint32_t beside = wg_locator_nearest(job->locator, xy[0], xy[1], INFINITY, &metres);
        if (metres < 0) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        const char *name = beside == WG_UNASSIGNED ? "" : name_of(job->cells, code, beside, text);
        WG_TRY(wg_exceptions_add(ctx, exceptions, "cells", name, "cell_gap", xy[0], xy[1],
                                 "give the land to a cell, or state that it belongs to none",
                                 "a gap of %.9g (square units) beside cell %s", area, name));
    }
done:
    return status;
}

wg_status wg_locator_check(wg_context *ctx, const wg_locator *locator, const wg_layer *cells, uint32_t code,
                           double tolerance_area, wg_exceptions *exceptions, wg_coverage_check *check) {
    wg_status status = WG_OK;
    const size_t n = locator->n_cells, n_tasks = (n + CELLS_A_TASK - 1) / CELLS_A_TASK;
    check_job job = {.locator = locator, .cells = cells, .tolerance_area = tolerance_area};
    *check = (wg_coverage_check){0};
    job.loose = wg_calloc(n, sizeof *job.loose);
    job.fault = wg_calloc(n, sizeof *job.fault);
    job.tasks = wg_calloc(n_tasks, sizeof *job.tasks);
    if (job.loose == NULL || job.fault == NULL || job.tasks == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    mark_loose(locator, job.loose);
    WG_TRY(wg_parallel(ctx, n_tasks, NULL, check_task, &job));
    WG_TRY(find_gaps(ctx, &job, check));
    WG_TRY(tell(ctx, &job, n_tasks, code, exceptions, check));
done:
    for (size_t t = 0; job.tasks != NULL && t < n_tasks; t++) {
        free(job.tasks[t].pairs);
    }
    for (size_t i = 0; job.fault != NULL && i < n; i++) {
        free(job.fault[i]);
    }
    free(job.loose);
    free(job.fault);
    free(job.tasks);
    if (status != WG_OK) {
        wg_coverage_check_release(check);
    }
    return status;
}

void wg_coverage_check_release(wg_coverage_check *check) {
    wg_layer_free(check->gap_polygons);
    check->gap_polygons = NULL;
}
