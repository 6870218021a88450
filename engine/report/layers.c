/* Figures of areas as the contract's layers. */
#include <math.h>
#include <stdio.h>

#include "model/contract.h"
#include "report/report.h"

/** A layer being filled; after a failure nothing more happens. */
typedef struct filler {
    wg_context *ctx;
    wg_layer *layer;
    size_t row;
    wg_status status;
} filler;

static void put_text(filler *at, const char *column, const char *value) {
    if (at->status == WG_OK && value != NULL) {
        at->status = wg_layer_set_text(at->ctx, at->layer, at->row, wg_layer_column(at->layer, column), value);
    }
}

/** NaN stays null. Millionths at most: sums of fractions leave dust that nobody wants to read. */
static void put(filler *at, const char *column, double value) {
    if (at->status != WG_OK || !isfinite(value)) {
        return;
    }
    const uint32_t index = wg_layer_column(at->layer, column);
    value = fabs(value) < 1e9 ? round(value * 1e6) / 1e6 : value;
    at->status = wg_layer_column_type(at->layer, index) == WG_INTEGER
                     ? wg_layer_set_integer(at->ctx, at->layer, at->row, index, (int64_t)llround(value))
                     : wg_layer_set_real(at->ctx, at->layer, at->row, index, value);
}

static double percent(double part, double whole) {
    return whole > 0.0 ? 100.0 * part / whole : NAN;
}

static double per(double amount, double people) {
    return people > 0.0 ? amount / people : NAN;
}

static wg_status start_layer(wg_context *ctx, const wg_report_model *report, const char *name, uint32_t level,
                             filler *at) {
    char full[80];
    if (level == 0) {
        snprintf(full, sizeof full, "%s", name);
    } else {
        snprintf(full, sizeof full, "%s_%s", name, report->input->tree->level_name[level]);
    }
    *at = (filler){.ctx = ctx};
    return wg_contract_new_layer(ctx, full, wg_layer_crs(report->input->cells), &at->layer);
}

static void start_row(filler *at, const wg_report_model *report, uint32_t area, uint32_t level) {
    size_t bytes;
    const void *wkb = wg_report_geometry(report->input->tree, area, &bytes);
    if (at->status == WG_OK) {
        at->status = wg_layer_add_row(at->ctx, at->layer, wkb, bytes, &at->row);
    }
    put_text(at, "code", report->input->tree->code[area]);
    put_text(at, "level", report->input->tree->level_name[level]);
}

/** Overlap of one cell with others; the figure of places counts an overlap once, for its community. */
static double cell_overlap(const wg_report_model *report, uint32_t cell) {
    const wg_layer *overlaps = report->input->overlaps;
    double sum = 0.0;
    if (overlaps == NULL) {
        return 0.0;
    }
    const uint32_t a = wg_layer_column(overlaps, "a");
    const uint32_t b = wg_layer_column(overlaps, "b");
    const uint32_t area = wg_layer_column(overlaps, "area_m2");
    for (size_t row = 0; row < overlaps->n; row++) {
        if (wg_report_cell(report->input->tree, wg_layer_text(overlaps, row, a)) == cell ||
            wg_report_cell(report->input->tree, wg_layer_text(overlaps, row, b)) == cell) {
            sum += wg_layer_real(overlaps, row, area);
        }
    }
    return sum;
}

static void put_coverage(filler *at, const wg_report_model *report, uint32_t area, uint32_t level) {
    double *const *f = report->area;
    const double whole = f[WG_FIG_AREA][area];
    const double overlap = level == 0 ? cell_overlap(report, area) : f[WG_FIG_OVERLAP][area];
    put(at, "area_m2", whole);
    put(at, "gap_m2", f[WG_FIG_GAP][area]);
    put(at, "overlap_m2", overlap);
    put(at, "cover_pct", percent(fmax(0.0, whole - f[WG_FIG_GAP][area] - overlap), whole));
    put(at, "bld", f[WG_FIG_BLD][area]);
    put(at, "bld_in", f[WG_FIG_BLD_IN][area]);
    put(at, "hh", f[WG_FIG_HH][area]);
    put(at, "hh_in", f[WG_FIG_HH_IN][area]);
    put(at, "pop", f[WG_FIG_POP][area]);
    put(at, "pop_in", f[WG_FIG_POP_IN][area]);
    put(at, "cells", f[WG_FIG_CELLS][area]);
    put(at, "cells_ok", f[WG_FIG_CELLS_OK][area]);
    put(at, "ok_pct", percent(f[WG_FIG_CELLS_OK][area], f[WG_FIG_CELLS][area]));
    put(at, "roles_miss", report->has_workers ? f[WG_FIG_ROLES_MISS][area] : NAN);
    put(at, "svc_hh", report->has_service ? f[WG_FIG_SVC_HH][area] : NAN);
    put(at, "svc_pct", report->has_service ? percent(f[WG_FIG_SVC_HH][area], f[WG_FIG_HH][area]) : NAN);
    put(at, "visit_bld", report->has_visits ? f[WG_FIG_VISIT_BLD][area] : NAN);
    put(at, "visit_pct", report->has_visits ? percent(f[WG_FIG_VISIT_BLD][area], f[WG_FIG_BLD][area]) : NAN);
    put(at, "fresh_days", report->areas[area].fresh_days);
}

wg_status wg_report_coverage(wg_context *ctx, const wg_report_model *report, uint32_t level, wg_layer **layer) {
    const uint32_t *first = report->input->tree->level_first;
    filler at;
    wg_status status = start_layer(ctx, report, "coverage", level, &at);
    for (uint32_t area = first[level]; status == WG_OK && area < first[level + 1]; area++) {
        start_row(&at, report, area, level);
        put_coverage(&at, report, area, level);
        status = at.status;
    }
    if (status != WG_OK) {
        wg_layer_free(at.layer);
        at.layer = NULL;
    }
    *layer = at.layer;
    return status;
}

const char *wg_report_grade_text(int grade, wg_lang lang) {
    static const char *const names[2][WG_GRADES] = {{"excellent", "good", "basic", "failing"},
                                                    {"优秀", "良好", "合格", "不合格"}};
    return grade < 0 || grade >= WG_GRADES ? NULL : names[lang == WG_LANG_ZH ? 1 : 0][grade];
}

static void put_workload(filler *at, const wg_report_model *report, uint32_t area) {
    double *const *f = report->area;
    const wg_report_area *figures = &report->areas[area];
    const double fte = report->has_workers ? f[WG_FIG_FTE][area] : NAN;
    put(at, "bld", f[WG_FIG_BLD][area]);
    put(at, "hh", f[WG_FIG_HH][area]);
    put(at, "pop", f[WG_FIG_POP][area]);
    put(at, "workers", figures->workers);
    put(at, "fte", fte);
    put(at, "hh_fte", per(f[WG_FIG_HH][area], fte));
    put(at, "pop_fte", per(f[WG_FIG_POP][area], fte));
    if (report->has_incidents) {
        put(at, "inc", f[WG_FIG_INC][area]);
        put(at, "inc_open", f[WG_FIG_INC_OPEN][area]);
        put(at, "inc_closed", f[WG_FIG_INC_CLOSED][area]);
        put(at, "inc_late", f[WG_FIG_INC_LATE][area]);
        put(at, "handle_pct", 100.0 * figures->rate[WG_RATE_HANDLE]);
        put(at, "close_pct", 100.0 * figures->rate[WG_RATE_CLOSE]);
        put(at, "ontime_pct", 100.0 * figures->rate[WG_RATE_ONTIME]);
        put(at, "rework_pct", 100.0 * figures->rate[WG_RATE_REWORK]);
        put(at, "days_med", figures->days_median);
        put(at, "days_p90", figures->days_p90);
    }
    put(at, "load", f[WG_FIG_LOAD][area]);
    put(at, "load_idx", figures->load_index);
    put(at, "rank", figures->rank > 0 ? (double)figures->rank : NAN);
    put_text(at, "grade", wg_report_grade_text(figures->grade, report->input->lang));
    put(at, "org", report->has_organisations ? f[WG_FIG_ORG][area] : NAN);
    put(at, "special", report->input->n_classes > 0 ? f[WG_FIG_SPECIAL][area] : NAN);
}

wg_status wg_report_workload(wg_context *ctx, const wg_report_model *report, uint32_t level, wg_layer **layer) {
    const uint32_t *first = report->input->tree->level_first;
    filler at;
    wg_status status = start_layer(ctx, report, "workload", level, &at);
    for (uint32_t area = first[level]; status == WG_OK && area < first[level + 1]; area++) {
        start_row(&at, report, area, level);
        put_workload(&at, report, area);
        status = at.status;
    }
    if (status != WG_OK) {
        wg_layer_free(at.layer);
        at.layer = NULL;
    }
    *layer = at.layer;
    return status;
}
