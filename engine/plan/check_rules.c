/* The rules of wangge check: what a cell layer must be, one after the other. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/fields.h"
#include "model/wkb.h"
#include "plan/check.h"

static const wg_finding *about(wg_finding *finding, const char *code, const char *layer, const char *feature,
                               double value, double x, double y) {
    *finding =
        (wg_finding){.code = code, .layer = layer, .feature = feature, .detail = "", .value = value, .x = x, .y = y};
    return finding;
}

/** What a cell is called in a message: its code, or its row. */
static const char *cell_name(const wg_check_job *job, uint32_t cell, char text[24]) {
    if (cell == WG_UNASSIGNED) {
        return "";
    }
    if (job->code[cell][0] != '\0') {
        return job->code[cell];
    }
    (void)snprintf(text, 24, "#%lld", (long long)job->cells->fid[cell]);
    return text;
}

/* ------------------------------------------------------------------ codes */

static int compare_cells(const void *left, const void *right) {
    const char *const *a = *(const char *const *const *)left;
    const char *const *b = *(const char *const *const *)right;
    const int by = strcmp(*a, *b);
    return by != 0 ? by : a < b ? -1 : a > b;
}

static wg_status check_duplicates(wg_context *ctx, wg_check_job *job) {
    wg_finding finding;
    wg_status status = WG_OK;
    const char ***order = wg_malloc(job->n, sizeof(const char **));
    if (order == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < job->n; i++) {
        order[i] = &job->code[i];
    }
    qsort(order, job->n, sizeof(const char **), compare_cells);
    for (uint32_t i = 1; i < job->n && status == WG_OK; i++) {
        const bool same = strcmp(*order[i - 1], *order[i]) == 0;
        const bool counted = i > 1 && strcmp(*order[i - 2], *order[i]) == 0;
        if (same && !counted && (*order[i])[0] != '\0') {
            uint32_t times = 2;
            while (i + times - 1 < job->n && strcmp(*order[i + times - 1], *order[i]) == 0) {
                times++;
            }
            status = wg_check_found(ctx, job, about(&finding, "duplicate_code", "cells", *order[i], times, NAN, NAN),
                                    job->zh ? "编码重复：%u 个网格" : "%u cells have this code", times);
        }
    }
    free(order);
    return status;
}

wg_status wg_check_codes(wg_context *ctx, wg_check_job *job) {
    char name[24];
    wg_finding finding;
    wg_status status = WG_OK;
    const uint32_t stated = wg_layer_column(job->cells, "community");
    for (uint32_t i = 0; i < job->n; i++) {
        if (job->code[i][0] == '\0') {
            WG_TRY(wg_check_found(ctx, job,
                                  about(&finding, "missing_code", "cells", cell_name(job, i, name), NAN, NAN, NAN),
                                  job->zh ? "没有编码" : "has no code"));
        }
        const char *own = wg_check_text(job, job->cells, i, stated);
        const uint32_t community = job->community[i];
        const char *found = community == WG_UNASSIGNED ? "" : job->community_code[community];
        if (own[0] != '\0' && found[0] != '\0' && strcmp(own, found) != 0) {
            WG_TRY(wg_check_found(
                ctx, job, about(&finding, "wrong_community", "cells", cell_name(job, i, name), NAN, NAN, NAN),
                job->zh ? "写的是社区 %s，实际在社区 %s" : "says community %s, but lies in community %s", own, found));
        }
    }
    WG_TRY(check_duplicates(ctx, job));
done:
    return status;
}

/* ------------------------------------------------------------------ sound */

static wg_status report_cells(wg_context *ctx, wg_check_job *job) {
    char name[24];
    wg_finding finding;
    wg_status status = WG_OK;
    for (uint32_t i = 0; i < job->n; i++) {
        const wg_overlay_cell *cell = &job->overlay->cells[i];
        if (!cell->valid) {
            WG_TRY(wg_check_found(ctx, job,
                                  about(&finding, "invalid", "cells", cell_name(job, i, name), NAN, cell->x, cell->y),
                                  job->zh ? "几何无效：%s" : "its polygon is not valid: %s", cell->reason));
        } else if (cell->parts == 0) {
            WG_TRY(wg_check_found(ctx, job,
                                  about(&finding, "no_polygon", "cells", cell_name(job, i, name), NAN, NAN, NAN),
                                  job->zh ? "没有面" : "has no polygon"));
        }
    }
done:
    return status;
}

static wg_status report_face(wg_context *ctx, wg_check_job *job, const wg_overlay_face *face) {
    char first[24], second[24];
    wg_finding finding;
    const char *community = face->reference == WG_UNASSIGNED ? "" : job->community_code[face->reference];
    const char *cell = cell_name(job, face->cell, first);
    switch (face->kind) {
    case WG_FACE_GAP:
        return wg_check_found(ctx, job,
                              about(&finding, "gap", job->communities != NULL ? "communities" : "cells", community,
                                    face->area_m2, face->x, face->y),
                              job->zh ? "%.10g 平方米不属于任何网格（最宽 %.3g 米）"
                                      : "%.10g m² are in no cell (%.3g m wide)",
                              face->area_m2, face->width_m);
    case WG_FACE_OVERLAP:
        return wg_check_found(ctx, job, about(&finding, "overlap", "cells", cell, face->area_m2, face->x, face->y),
                              job->zh ? "与网格 %s 重叠 %.10g 平方米（最宽 %.3g 米）"
                                      : "shares land with cell %s: %.10g m² (%.3g m wide)",
                              cell_name(job, face->other, second), face->area_m2, face->width_m);
    case WG_FACE_OUTSIDE:
    default:
        return wg_check_found(ctx, job, about(&finding, "outside", "cells", cell, face->area_m2, face->x, face->y),
                              job->zh ? "%.10g 平方米在所有社区之外（最宽 %.3g 米）"
                                      : "%.10g m² lie outside all communities (%.3g m wide)",
                              face->area_m2, face->width_m);
    }
}

/** Areas balance to 1e-9 where no gap or overlap was left out by a tolerance. */
static wg_status check_balance(wg_context *ctx, wg_check_job *job) {
    const wg_overlay *overlay = job->overlay;
    wg_finding finding;
    const double difference = overlay->cells_m2 - overlay->reference_m2;
    if (job->communities == NULL || job->options->tolerance_m > 0 || overlay->n_faces > 0 ||
        fabs(difference) <= 1e-9 * overlay->reference_m2) {
        return WG_OK;
    }
    return wg_check_found(ctx, job, about(&finding, "area_balance", "cells", "", difference, NAN, NAN),
                          job->zh ? "网格面积之和与社区面积相差 %.10g 平方米"
                                  : "areas of cells and communities differ by %.10g m²",
                          difference);
}

wg_status wg_check_sound(wg_context *ctx, wg_check_job *job) {
    wg_finding finding;
    wg_status status = WG_OK;
    WG_TRY(wg_overlay_build(ctx, job->cells, job->communities, job->options->tolerance_m, &job->overlay));
    WG_TRY(report_cells(ctx, job));
    for (size_t i = 0; i < job->overlay->n_faces; i++) {
        WG_TRY(report_face(ctx, job, &job->overlay->faces[i]));
    }
    if (job->overlay->n_faces == 0 && job->overlay->unpaired > 0 && job->options->tolerance_m == 0) {
        WG_TRY(wg_check_found(
            ctx, job, about(&finding, "unshared_vertices", "cells", "", (double)job->overlay->unpaired, NAN, NAN),
            job->zh ? "%zu 条边的顶点与邻居或社区界不一致（无面积；用 --tolerance 忽略）"
                    : "%zu edges have vertices that the neighbour or the community line does not have "
                      "(no area; --tolerance ignores them)",
            job->overlay->unpaired));
    }
    WG_TRY(check_balance(ctx, job));
    for (uint32_t m = 0; m < job->n_measures; m++) {
        for (uint32_t i = 0; strcmp(job->measures[m].limit.field, "area") == 0 && i < job->n; i++) {
            job->measures[m].value[i] = job->overlay->cells[i].area_m2;
        }
    }
done:
    return status;
}

/* ------------------------------------------------------------------ buildings */

static const char *building_name(wg_check_job *job, size_t row, uint32_t id, char text[24]) {
    const char *own = wg_check_text(job, job->buildings, row, id);
    if (own[0] != '\0') {
        return own;
    }
    (void)snprintf(text, 24, "#%lld", (long long)job->buildings->fid[row]);
    return text;
}

/** Is the building wholly in one community, so that the promise holds for it? */
static bool promised(const wg_check_job *job, const wg_overlay_cut *in_community) {
    return job->communities == NULL || (in_community->n_cells == 1 && in_community->share > 1 - 1e-6);
}

/** Is this building one that the plan divides over cells by its stairs? Then its footprint is shared, not cut. */
static bool is_divided(const wg_check_job *job, const char *name) {
    const uint32_t column = job->shares == NULL ? UINT32_MAX : wg_layer_column(job->shares, "building");
    for (size_t row = 0; column != UINT32_MAX && row < wg_layer_rows(job->shares); row++) {
        const char *own = wg_layer_text(job->shares, row, column);
        if (own != NULL && strcmp(own, name) == 0) {
            return true;
        }
    }
    return false;
}

static wg_status judge_building(wg_context *ctx, wg_check_job *job, size_t row, const wg_overlay_cut *cut,
                                const char *name) {
    char text[24];
    wg_finding finding;
    double box[4] = {NAN, NAN, NAN, NAN};
    size_t bytes;
    const void *wkb = wg_layer_wkb(job->buildings, row, &bytes);
    (void)wg_wkb_bounds(wkb, bytes, box);
    const double x = (box[0] + box[2]) / 2;
    const double y = (box[1] + box[3]) / 2;
    if (cut->n_cells > 1 && is_divided(job, name)) {
        return WG_OK;
    }
    if (cut->n_cells > 1) {
        return wg_check_found(ctx, job, about(&finding, "building_cut", "buildings", name, cut->n_cells, x, y),
                              job->zh ? "被 %u 个网格切割（最大份额 %.1f%%，在网格 %s）"
                                      : "is cut by %u cells (largest share %.1f %%, in cell %s)",
                              cut->n_cells, 100 * cut->share, cell_name(job, cut->first, text));
    }
    if (cut->n_cells == 0 && isfinite(x)) {
        return wg_check_found(ctx, job, about(&finding, "building_outside", "buildings", name, NAN, x, y),
                              job->zh ? "不在任何网格中" : "is in no cell");
    }
    const uint32_t column = job->own_buildings ? wg_layer_column(job->buildings, "cell") : UINT32_MAX;
    const uint32_t how = job->own_buildings ? wg_layer_column(job->buildings, "how") : UINT32_MAX;
    const char *stated = wg_check_text(job, job->buildings, row, column);
    const char *rule = wg_check_text(job, job->buildings, row, how);
    if (stated[0] != '\0' && strcmp(rule, "inside") == 0 && strcmp(stated, job->code[cut->first]) != 0) {
        return wg_check_found(ctx, job, about(&finding, "building_elsewhere", "buildings", name, NAN, x, y),
                              job->zh ? "写的是网格 %s，实际在网格 %s" : "says cell %s, but lies in cell %s", stated,
                              job->code[cut->first]);
    }
    return WG_OK;
}

wg_status wg_check_buildings(wg_context *ctx, wg_check_job *job) {
    wg_status status = WG_OK;
    wg_overlay_cut *in_cells = NULL;
    wg_overlay_cut *in_communities = NULL;
    wg_fields fields;
    static const wg_role role = WG_ROLE_ID;
    if (job->buildings == NULL) {
        return WG_OK;
    }
    const size_t n = wg_layer_rows(job->buildings);
    in_cells = wg_calloc(n, sizeof *in_cells);
    in_communities = wg_calloc(n, sizeof *in_communities);
    if (in_cells == NULL || in_communities == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_fields_match(ctx, job->buildings, "buildings", &role, 1, job->options->fields, job->options->n_fields,
                           NULL, &fields));
    WG_TRY(wg_overlay_cuts(ctx, job->buildings, job->cells, job->options->tolerance_m, in_cells));
    if (job->communities != NULL) {
        WG_TRY(wg_overlay_cuts(ctx, job->buildings, job->communities, job->options->tolerance_m, in_communities));
    }
    for (size_t row = 0; row < n; row++) {
        char text[24];
        size_t bytes;
        (void)wg_layer_wkb(job->buildings, row, &bytes);
        if (bytes > 0 && promised(job, &in_communities[row])) {
            WG_TRY(judge_building(ctx, job, row, &in_cells[row],
                                  building_name(job, row, fields.column[WG_ROLE_ID], text)));
        }
    }
done:
    free(in_cells);
    free(in_communities);
    return status;
}

/* ------------------------------------------------------------------ totals and limits */

/** The cells' own figures against those summed from buildings. */
wg_status wg_check_totals(wg_context *ctx, wg_check_job *job) {
    wg_status status = WG_OK;
    char name[24];
    wg_finding finding;
    for (uint32_t m = 0; m < job->n_measures && job->own_buildings; m++) {
        const char *field = job->measures[m].limit.field;
        const uint32_t column = wg_layer_column(job->cells, field);
        for (uint32_t i = 0; column != UINT32_MAX && i < job->n; i++) {
            const double stated = wg_layer_column_type(job->cells, column) == WG_INTEGER
                                      ? (double)wg_layer_integer(job->cells, i, column)
                                      : wg_layer_real(job->cells, i, column);
            const double summed = job->measures[m].value[i];
            if (isfinite(summed) && !(fabs(stated - summed) <= 1e-6 * fmax(1, fabs(summed)))) {
                WG_TRY(wg_check_found(
                    ctx, job,
                    about(&finding, "totals_differ", "cells", cell_name(job, i, name), stated - summed, NAN, NAN),
                    job->zh ? "%s 写的是 %.10g，楼栋合计 %.10g" : "%s is given as %.10g, its buildings sum to %.10g",
                    field, stated, summed));
            }
        }
    }
done:
    return status;
}

static bool beyond(double value, double limit) {
    return value > limit + 1e-9 * fabs(limit);
}

static wg_status check_counts(wg_context *ctx, wg_check_job *job) {
    wg_status status = WG_OK;
    wg_finding finding;
    const size_t n = job->communities == NULL ? 0 : wg_layer_rows(job->communities);
    uint32_t *count = wg_calloc(n, sizeof *count);
    if (count == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < job->n; i++) {
        if (job->community[i] != WG_UNASSIGNED && !job->exempt[i]) {
            count[job->community[i]]++;
        }
    }
    for (size_t c = 0; c < n; c++) {
        const bool few = job->count_min > 0 && count[c] < job->count_min;
        const bool many = job->count_max > 0 && count[c] > job->count_max;
        if (few || many) {
            WG_TRY(wg_check_found(ctx, job,
                                  about(&finding, "count", "communities", job->community_code[c], count[c], NAN, NAN),
                                  few ? (job->zh ? "有 %u 个网格，少于 %u" : "has %u cells, fewer than %u")
                                      : (job->zh ? "有 %u 个网格，多于 %u" : "has %u cells, more than %u"),
                                  count[c], few ? job->count_min : job->count_max));
        }
    }
done:
    free(count);
    return status;
}

wg_status wg_check_limits(wg_context *ctx, wg_check_job *job) {
    wg_status status = WG_OK;
    char name[24];
    wg_finding finding;
    for (uint32_t m = 0; m < job->n_measures; m++) {
        const wg_limit *limit = &job->measures[m].limit;
        for (uint32_t i = 0; i < job->n; i++) {
            const double value = job->measures[m].value[i];
            const bool over = beyond(value, limit->max);
            if (job->exempt[i] || (!over && !beyond(limit->min, value + 1e-9 * fabs(value)))) {
                continue;
            }
            WG_TRY(
                wg_check_found(ctx, job, about(&finding, "limit", "cells", cell_name(job, i, name), value, NAN, NAN),
                               over ? (job->zh ? "%s %.10g 超过上限 %.10g" : "%s %.10g is above the maximum of %.10g")
                                    : (job->zh ? "%s %.10g 低于下限 %.10g" : "%s %.10g is below the minimum of %.10g"),
                               limit->field, value, over ? limit->max : limit->min));
        }
    }
    if (job->count_min > 0 || job->count_max > 0) {
        WG_TRY(check_counts(ctx, job));
    }
done:
    return status;
}
