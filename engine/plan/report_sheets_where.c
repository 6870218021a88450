/* Sheets about place and balance: density and hot spots, trend, where workers are missing most, evenness. */
#include <math.h>

#include "plan/report_sheet.h"

static double change(double now, double then) {
    return then > 0.0 ? 100.0 * (now / then - 1.0) : NAN;
}

/** Whether the data reach back over a span: where they begin within it, its count is no figure to compare with. */
static bool reaches_over(const wg_report_job *job, wg_span span) {
    int64_t oldest = INT64_MAX;
    if (span.from == WG_NO_TIME) {
        return false;
    }
    for (size_t i = 0; i < job->incidents.n; i++) {
        const int64_t opened = job->incidents.items[i].opened;
        oldest = opened != WG_NO_TIME && opened < oldest ? opened : oldest;
    }
    /* The first incident need not be on the first day. */
    const int64_t slack = (span.to - span.from) / 30 > 86400 ? (span.to - span.from) / 30 : 86400;
    return oldest < span.from + slack;
}

static wg_status sheet_hot(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Code", "网格编码", WG_TEXT, 0, false},
                                            {"Name", "网格名称", WG_TEXT, 0, false},
                                            {"Incidents", "事件数", WG_REAL, 0, false},
                                            {"Per km²", "每平方公里", WG_REAL, 1, false},
                                            {"Per 1 000 households", "每千户", WG_REAL, 1, false},
                                            {"Gi* z", "Gi* z值", WG_REAL, 2, false},
                                            {"p", "p值", WG_REAL, 4, false},
                                            {"Verdict", "结论", WG_TEXT, 0, false},
                                            {"Span before", "上期", WG_REAL, 0, false},
                                            {"Change", "环比", WG_REAL, 1, true},
                                            {"Year before", "上年同期", WG_REAL, 0, false},
                                            {"Change on the year", "同比", WG_REAL, 1, true},
                                            {"Backlog", "期末积压", WG_REAL, 0, false}};
    const wg_report_model *m = &job->model;
    const bool before = reaches_over(job, job->input.before);
    const bool year = reaches_over(job, job->input.year);
    wg_sheet_pen pen;
    wg_sheet_begin(
        &pen, ctx, job, "hotspots", "Density and hot spots", "密度与热点",
        "Getis–Ord Gi* of incidents over cells that share a boundary; hot and cold under false-discovery control.",
        "对相邻网格的事件数计算 Getis–Ord Gi*；热点、冷点按错误发现率控制判定。", fields,
        sizeof fields / sizeof *fields);
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        double *const *f = m->place;
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, job->tree.code[cell]);
        wg_sheet_text(&pen, job->tree.name[cell]);
        wg_sheet_number(&pen, f[WG_FIG_INC][cell]);
        wg_sheet_number(&pen, m->density[cell]);
        wg_sheet_number(&pen, f[WG_FIG_HH][cell] > 0.0 ? 1000.0 * f[WG_FIG_INC][cell] / f[WG_FIG_HH][cell] : NAN);
        wg_sheet_number(&pen, m->z[cell]);
        wg_sheet_number(&pen, m->p[cell]);
        wg_sheet_text(&pen, !m->hot[cell]      ? NULL
                            : m->z[cell] > 0.0 ? wg_report_say(job, "hot", "热点")
                                               : wg_report_say(job, "cold", "冷点"));
        wg_sheet_number(&pen, before ? f[WG_FIG_INC_BEFORE][cell] : NAN);
        wg_sheet_number(&pen, before ? change(f[WG_FIG_INC][cell], f[WG_FIG_INC_BEFORE][cell]) : NAN);
        wg_sheet_number(&pen, year ? f[WG_FIG_INC_YEAR][cell] : NAN);
        wg_sheet_number(&pen, year ? change(f[WG_FIG_INC][cell], f[WG_FIG_INC_YEAR][cell]) : NAN);
        wg_sheet_number(&pen, f[WG_FIG_BACKLOG][cell]);
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_need(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Code", "网格编码", WG_TEXT, 0, false},
                                            {"Name", "网格名称", WG_TEXT, 0, false},
                                            {"Workload", "工作量", WG_REAL, 1, false},
                                            {"FTE", "全职当量", WG_REAL, 2, false},
                                            {"Workload a worker", "人均工作量", WG_REAL, 1, false},
                                            {"Added workers", "建议增派", WG_INTEGER, 0, false},
                                            {"Workload a worker after", "增派后人均工作量", WG_REAL, 1, false}};
    const wg_report_model *m = &job->model;
    if (job->options->add_workers == 0) {
        return WG_OK;
    }
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "need", "Where more workers help", "增派建议",
                   "Each added worker goes where the workload a worker is highest at that moment.",
                   "每次将一人派往当时人均工作量最高的网格。", fields, sizeof fields / sizeof *fields);
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        const double load = m->place[WG_FIG_LOAD][cell];
        const double fte = m->place[WG_FIG_FTE][cell];
        const double after = fte + m->added[cell];
        if (m->added[cell] == 0) {
            continue;
        }
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, job->tree.code[cell]);
        wg_sheet_text(&pen, job->tree.name[cell]);
        wg_sheet_number(&pen, load);
        wg_sheet_number(&pen, fte);
        wg_sheet_number(&pen, fte > 0.0 ? load / fte : NAN);
        wg_sheet_number(&pen, m->added[cell]);
        wg_sheet_number(&pen, after > 0.0 ? load / after : NAN);
    }
    return wg_sheet_end(&pen);
}

typedef struct measure {
    const char *en, *zh;
    wg_figure figure;
    bool per_worker;
} measure;

static wg_status even_row(wg_context *ctx, wg_report_job *job, wg_sheet_pen *pen, uint32_t level, const measure *what) {
    const uint32_t first = job->tree.level_first[level];
    const uint32_t n = job->tree.level_first[level + 1] - first;
    wg_evenness even;
    double *values = wg_malloc(n, sizeof *values);
    if (values == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        const double fte = job->model.area[WG_FIG_FTE][first + i];
        values[i] = job->model.area[what->figure][first + i];
        values[i] = !what->per_worker ? values[i] : fte > 0.0 ? values[i] / fte : NAN;
    }
    const wg_status status = wg_evenness_of(ctx, values, n, &even);
    free(values);
    if (status == WG_OK) {
        wg_sheet_row(pen, false);
        wg_sheet_text(pen, wg_report_level_title(job, job->tree.level_name[level]));
        wg_sheet_text(pen, wg_report_say(job, what->en, what->zh));
        wg_sheet_number(pen, (double)even.n);
        wg_sheet_number(pen, even.mean);
        wg_sheet_number(pen, even.min);
        wg_sheet_number(pen, even.max);
        wg_sheet_number(pen, even.ratio);
        wg_sheet_number(pen, even.cv);
        wg_sheet_number(pen, even.gini);
    }
    return status;
}

static wg_status sheet_even(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Between", "层级", WG_TEXT, 0, false},
                                            {"Of", "指标", WG_TEXT, 0, false},
                                            {"Number", "个数", WG_INTEGER, 0, false},
                                            {"Mean", "平均", WG_REAL, 2, false},
                                            {"Least", "最小", WG_REAL, 2, false},
                                            {"Most", "最大", WG_REAL, 2, false},
                                            {"Most / least", "最大/最小", WG_REAL, 2, false},
                                            {"CV", "变异系数", WG_REAL, 3, false},
                                            {"Gini", "基尼系数", WG_REAL, 3, false}};
    static const measure measures[] = {{"households", "户数", WG_FIG_HH, false},
                                       {"people", "人口", WG_FIG_POP, false},
                                       {"incidents", "事件数", WG_FIG_INC, false},
                                       {"workload", "工作量", WG_FIG_LOAD, false},
                                       {"households a worker", "人均管户数", WG_FIG_HH, true},
                                       {"workload a worker", "人均工作量", WG_FIG_LOAD, true}};
    wg_status status = WG_OK;
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "evenness", "Evenness", "均衡度", "CV and Gini are 0 where all are equal.",
                   "变异系数和基尼系数为 0 表示完全均衡。", fields, sizeof fields / sizeof *fields);
    for (uint32_t l = 0; l + 1 < job->tree.n_levels && status == WG_OK; l++) {
        for (size_t i = 0; i < sizeof measures / sizeof *measures && status == WG_OK; i++) {
            const bool alone = job->tree.level_first[l + 1] - job->tree.level_first[l] < 2; /* even with itself */
            const bool skip = alone || (measures[i].per_worker && !job->model.has_workers) ||
                              (measures[i].figure == WG_FIG_INC && !job->has_incidents);
            status = skip ? WG_OK : even_row(ctx, job, &pen, l, &measures[i]);
        }
    }
    const wg_status ended = wg_sheet_end(&pen);
    return status != WG_OK ? status : ended;
}

wg_status wg_report_sheets_where(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    if (job->has_incidents) {
        WG_TRY(sheet_hot(ctx, job));
    }
    WG_TRY(sheet_need(ctx, job));
    WG_TRY(sheet_even(ctx, job));
done:
    return status;
}
