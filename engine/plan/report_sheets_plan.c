/* Sheets about the plan itself: cells, limits, coverage, gaps and overlaps, retired codes. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "plan/report_sheet.h"

static const char *text_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    return index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
}

static double number_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    if (index == UINT32_MAX || wg_layer_is_null(layer, row, index) || wg_layer_column_type(layer, index) == WG_TEXT) {
        return NAN;
    }
    return wg_layer_column_type(layer, index) == WG_INTEGER ? (double)wg_layer_integer(layer, row, index)
                                                            : wg_layer_real(layer, row, index);
}

static const char *status_text(const wg_report_job *job, const char *status) {
    if (status == NULL) {
        return NULL;
    }
    static const struct {
        const char *code, *en, *zh;
    } words[] = {{"ok", "within limits", "达标"},
                 {"under", "below a limit", "低于下限"},
                 {"over", "above a limit", "超过上限"},
                 {"mixed", "below and above limits", "有低有高"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].code, status) == 0) {
            return wg_report_say(job, words[i].en, words[i].zh);
        }
    }
    return status;
}

static const char *kind_text(const wg_report_job *job, const char *kind) {
    static const struct {
        const char *code, *en, *zh;
    } words[] = {{"basic", "basic", "基础网格"}, {"dedicated", "dedicated", "专属网格"}, {"micro", "micro", "微网格"}};
    for (size_t i = 0; kind != NULL && i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].code, kind) == 0) {
            return wg_report_say(job, words[i].en, words[i].zh);
        }
    }
    return kind;
}

/* ------------------------------------------------------------------ cells */

static wg_status sheet_cells(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {
        {"Code", "网格编码", WG_TEXT, 0, false},       {"Name", "网格名称", WG_TEXT, 0, false},
        {"Community", "所属社区", WG_TEXT, 0, false},  {"Kind", "网格类型", WG_TEXT, 0, false},
        {"Households", "户数", WG_REAL, 0, false},     {"People", "人口", WG_REAL, 0, false},
        {"Registered", "户籍人口", WG_REAL, 0, false}, {"Floating", "流动人口", WG_REAL, 0, false},
        {"Buildings", "楼栋数", WG_INTEGER, 0, false}, {"Area (ha)", "面积(公顷)", WG_REAL, 2, false},
        {"Compactness", "紧凑度", WG_REAL, 3, false},  {"Limits", "达标情况", WG_TEXT, 0, false},
        {"Reason", "说明", WG_TEXT, 0, false}};
    static const char *const sums[] = {"households", "population", "registered", "floating", "buildings", "area_m2"};
    wg_sheet_pen pen;
    double total[6] = {0};
    wg_sheet_begin(&pen, ctx, job, "cells", "Cells", "网格基本情况表", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (size_t row = 0; row < job->cells->n; row++) {
        const char *code = text_of(job->cells, row, "community");
        const uint32_t community = wg_report_community(&job->tree, code);
        const char *name = community == WG_UNASSIGNED ? NULL : text_of(job->communities, community, "name");
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, text_of(job->cells, row, "code"));
        wg_sheet_text(&pen, text_of(job->cells, row, "name"));
        wg_sheet_text(&pen, name != NULL ? name : code);
        wg_sheet_text(&pen, kind_text(job, text_of(job->cells, row, "kind")));
        for (uint32_t i = 0; i < 6; i++) {
            const double value = number_of(job->cells, row, sums[i]) / (i == 5 ? 10000.0 : 1.0);
            total[i] += isnan(value) ? 0.0 : value;
            wg_sheet_number(&pen, value);
        }
        wg_sheet_number(&pen, number_of(job->cells, row, "compact"));
        wg_sheet_text(&pen, status_text(job, text_of(job->cells, row, "status")));
        wg_sheet_text(&pen, text_of(job->cells, row, "reason_txt"));
    }
    wg_sheet_row(&pen, true);
    wg_sheet_text(&pen, wg_report_say(job, "Total", "合计"));
    wg_sheet_text(&pen, NULL);
    wg_sheet_text(&pen, NULL);
    wg_sheet_text(&pen, NULL);
    /* Sums of people from the model: where single figures are hidden the total is not. */
    const uint32_t whole = job->tree.n_areas - 1;
    const wg_figure people[] = {WG_FIG_HH_IN, WG_FIG_POP_IN, WG_FIG_REGISTERED, WG_FIG_FLOATING};
    for (uint32_t i = 0; i < 6; i++) {
        wg_sheet_number(&pen, i < 4 ? job->model.area[people[i]][whole] : total[i]);
    }
    return wg_sheet_end(&pen);
}

/* ------------------------------------------------------------------ limits */

static const char *limit_title(const wg_report_job *job, const char *field) {
    return strcmp(field, "households") == 0   ? wg_report_say(job, "households", "户数")
           : strcmp(field, "population") == 0 ? wg_report_say(job, "people", "人口")
           : strcmp(field, "area") == 0       ? wg_report_say(job, "area (m²)", "面积(平方米)")
                                              : field;
}

static double json_number_or_nan(const json_t *item, const char *key) {
    const json_t *value = json_object_get(item, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/** A cell's value for a limit's field; NAN where the plan does not keep it. */
static double limit_value(const wg_report_job *job, size_t row, const char *field) {
    return number_of(job->cells, row, strcmp(field, "area") == 0 ? "area_m2" : field);
}

static void limit_row(wg_sheet_pen *pen, const wg_report_job *job, size_t row, const char *field, const json_t *limit) {
    const double value = limit_value(job, row, field);
    const double least = json_number_or_nan(limit, "min");
    const double most = json_number_or_nan(limit, "max");
    const bool dedicated =
        text_of(job->cells, row, "kind") != NULL && strcmp(text_of(job->cells, row, "kind"), "dedicated") == 0;
    const char *verdict = dedicated || isnan(value) ? NULL : value < least ? "under" : value > most ? "over" : "ok";
    wg_sheet_row(pen, false);
    wg_sheet_text(pen, text_of(job->cells, row, "code"));
    wg_sheet_text(pen, text_of(job->cells, row, "name"));
    wg_sheet_text(pen, limit_title(job, field));
    wg_sheet_number(pen, value);
    wg_sheet_number(pen, least);
    wg_sheet_number(pen, json_number_or_nan(limit, "target"));
    wg_sheet_number(pen, most);
    wg_sheet_text(pen, dedicated ? wg_report_say(job, "dedicated cell: no limits", "专属网格不设阈值")
                                 : status_text(job, verdict));
    wg_sheet_text(pen, verdict == NULL || strcmp(verdict, "ok") == 0 ? NULL : text_of(job->cells, row, "reason_txt"));
}

static wg_status sheet_limits(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {
        {"Code", "网格编码", WG_TEXT, 0, false},     {"Name", "网格名称", WG_TEXT, 0, false},
        {"Limit on", "阈值指标", WG_TEXT, 0, false}, {"Value", "实际值", WG_REAL, 0, false},
        {"Minimum", "下限", WG_REAL, 0, false},      {"Target", "目标", WG_REAL, 0, false},
        {"Maximum", "上限", WG_REAL, 0, false},      {"Result", "结果", WG_TEXT, 0, false},
        {"Reason", "原因", WG_TEXT, 0, false}};
    const char *text = job->runs->n == 0 ? NULL : text_of(job->runs, job->runs->n - 1, "limits");
    json_t *limits = text == NULL ? NULL : json_loads(text, 0, NULL);
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "limits", "Limits", "阈值达标表",
                   limits == NULL ? "The plan records no limits." : NULL, limits == NULL ? "方案未记录阈值。" : NULL,
                   fields, sizeof fields / sizeof *fields);
    for (size_t row = 0; row < job->cells->n; row++) {
        for (size_t i = 0; i < json_array_size(limits); i++) {
            const json_t *limit = json_array_get(limits, i);
            const char *field = json_string_value(json_object_get(limit, "field"));
            if (field != NULL && strcmp(field, "count") != 0) {
                limit_row(&pen, job, row, field, limit);
            }
        }
    }
    json_decref(limits);
    return wg_sheet_end(&pen);
}

/* ------------------------------------------------------------------ coverage */

static void coverage_row(wg_sheet_pen *pen, const wg_report_job *job, uint32_t level, uint32_t area) {
    double *const *f = job->model.area;
    const double whole = f[WG_FIG_AREA][area];
    const double covered = whole - f[WG_FIG_GAP][area] - f[WG_FIG_OVERLAP][area];
    wg_sheet_row(pen, area + 1 == job->tree.n_areas);
    wg_sheet_text(pen, wg_report_level_title(job, job->tree.level_name[level]));
    wg_sheet_text(pen, job->tree.code[area]);
    wg_sheet_text(pen, wg_report_area_name(job, area));
    wg_sheet_number(pen, whole / 10000.0);
    wg_sheet_number(pen, f[WG_FIG_GAP][area]);
    wg_sheet_number(pen, f[WG_FIG_OVERLAP][area]);
    wg_sheet_number(pen, whole > 0.0 ? 100.0 * covered / whole : NAN);
    for (uint32_t i = WG_FIG_BLD; i <= WG_FIG_POP_IN; i++) {
        wg_sheet_number(pen, f[i][area]);
    }
    wg_sheet_number(pen, f[WG_FIG_HH][area] > 0.0 ? 100.0 * f[WG_FIG_HH_IN][area] / f[WG_FIG_HH][area] : NAN);
    wg_sheet_number(pen, f[WG_FIG_CELLS][area]);
    wg_sheet_number(pen, f[WG_FIG_CELLS_OK][area]);
    wg_sheet_number(pen, f[WG_FIG_CELLS][area] > 0.0 ? 100.0 * f[WG_FIG_CELLS_OK][area] / f[WG_FIG_CELLS][area] : NAN);
}

static wg_status sheet_coverage(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Level", "层级", WG_TEXT, 0, false},
                                            {"Code", "编码", WG_TEXT, 0, false},
                                            {"Name", "名称", WG_TEXT, 0, false},
                                            {"Area (ha)", "面积(公顷)", WG_REAL, 2, false},
                                            {"Gaps (m²)", "空白(平方米)", WG_REAL, 1, false},
                                            {"Overlaps (m²)", "重叠(平方米)", WG_REAL, 1, false},
                                            {"Area covered", "面积覆盖率", WG_REAL, 2, true},
                                            {"Buildings", "楼栋数", WG_INTEGER, 0, false},
                                            {"Buildings covered", "覆盖楼栋", WG_INTEGER, 0, false},
                                            {"Households", "户数", WG_REAL, 0, false},
                                            {"Households covered", "覆盖户数", WG_REAL, 0, false},
                                            {"People", "人口", WG_REAL, 0, false},
                                            {"People covered", "覆盖人口", WG_REAL, 0, false},
                                            {"Household coverage", "户覆盖率", WG_REAL, 2, true},
                                            {"Cells", "网格数", WG_INTEGER, 0, false},
                                            {"Within limits", "达标网格", WG_INTEGER, 0, false},
                                            {"Compliance", "达标率", WG_REAL, 1, true}};
    wg_sheet_pen pen;
    wg_sheet_begin(
        &pen, ctx, job, "coverage", "Coverage", "覆盖情况表",
        "Area covered: land inside exactly one cell. Buildings outside all communities count in the total only.",
        "面积覆盖率指恰好位于一个网格内的面积；位于所有社区之外的楼栋只计入合计。", fields,
        sizeof fields / sizeof *fields);
    for (uint32_t l = 1; l < job->tree.n_levels; l++) {
        for (uint32_t area = job->tree.level_first[l]; area < job->tree.level_first[l + 1]; area++) {
            coverage_row(&pen, job, l, area);
        }
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_territory(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Kind", "类型", WG_TEXT, 0, false},
                                            {"Community", "社区编码", WG_TEXT, 0, false},
                                            {"Cell", "网格", WG_TEXT, 0, false},
                                            {"Other cell", "另一网格", WG_TEXT, 0, false},
                                            {"Area (m²)", "面积(平方米)", WG_REAL, 1, false},
                                            {"Buildings", "楼栋数", WG_INTEGER, 0, false},
                                            {"Households", "户数", WG_REAL, 0, false},
                                            {"People", "人口", WG_REAL, 0, false}};
    const wg_layer *layers[] = {job->territory.gaps, job->territory.overlaps};
    if (layers[0]->n + layers[1]->n == 0) {
        return WG_OK;
    }
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "territory", "Gaps and overlaps", "空白与重叠", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (uint32_t i = 0; i < 2; i++) {
        for (size_t row = 0; row < layers[i]->n; row++) {
            wg_sheet_row(&pen, false);
            wg_sheet_text(&pen, i == 0 ? wg_report_say(job, "gap", "空白") : wg_report_say(job, "overlap", "重叠"));
            wg_sheet_text(&pen, text_of(layers[i], row, "community"));
            wg_sheet_text(&pen, i == 0 ? NULL : text_of(layers[i], row, "a"));
            wg_sheet_text(&pen, i == 0 ? NULL : text_of(layers[i], row, "b"));
            wg_sheet_number(&pen, number_of(layers[i], row, "area_m2"));
            wg_sheet_number(&pen, number_of(layers[i], row, "bld"));
            wg_sheet_number(&pen, number_of(layers[i], row, "hh"));
            wg_sheet_number(&pen, number_of(layers[i], row, "pop"));
        }
    }
    return wg_sheet_end(&pen);
}

wg_status wg_report_sheets_plan(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    WG_TRY(sheet_cells(ctx, job));
    WG_TRY(sheet_limits(ctx, job));
    WG_TRY(sheet_coverage(ctx, job));
    WG_TRY(sheet_territory(ctx, job));
done:
    return status;
}
