/* Sheets about work: households a worker, missing roles, service points, visits, ranking. */
#include <math.h>
#include <string.h>

#include "plan/report_sheet.h"

static double per(double amount, double people) {
    return people > 0.0 ? amount / people : NAN;
}

static wg_status sheet_workload(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Level", "层级", WG_TEXT, 0, false},
                                            {"Code", "编码", WG_TEXT, 0, false},
                                            {"Name", "名称", WG_TEXT, 0, false},
                                            {"Households", "户数", WG_REAL, 0, false},
                                            {"People", "人口", WG_REAL, 0, false},
                                            {"Registered", "户籍人口", WG_REAL, 0, false},
                                            {"Floating", "流动人口", WG_REAL, 0, false},
                                            {"Buildings", "楼栋数", WG_INTEGER, 0, false},
                                            {"Organisations", "单位数", WG_REAL, 0, false},
                                            {"Workers", "网格员数", WG_INTEGER, 0, false},
                                            {"FTE", "全职当量", WG_REAL, 2, false},
                                            {"Households a worker", "人均管户数", WG_REAL, 1, false},
                                            {"People a worker", "人均服务人口", WG_REAL, 1, false},
                                            {"Workers by benchmark", "按标准应配", WG_REAL, 1, false},
                                            {"Short of workers", "缺员", WG_REAL, 1, false},
                                            {"Workload", "工作量", WG_REAL, 1, false},
                                            {"Workload index", "工作量指数", WG_REAL, 3, false}};
    wg_sheet_pen pen;
    const wg_report_tree *tree = &job->tree;
    double *const *f = job->model.area;
    wg_sheet_begin(&pen, ctx, job, "workload", "Households a worker", "人均管户表",
                   "Workload: the weighted sum of the rules; index 1 is the average. Benchmark: people a worker by the "
                   "rules (350).",
                   "工作量为按规则加权之和，指数 1 为平均；应配人数按规则中的人均服务人口（默认 350）计算。", fields,
                   sizeof fields / sizeof *fields);
    for (uint32_t area = 0; area < tree->n_areas; area++) {
        const wg_report_area *at = &job->model.areas[area];
        const double fte = job->model.has_workers ? f[WG_FIG_FTE][area] : NAN;
        const double need = f[WG_FIG_POP][area] / job->config.people_per_worker;
        wg_sheet_row(&pen, area + 1 == tree->n_areas);
        wg_sheet_text(&pen, wg_report_level_title(job, tree->level_name[wg_report_level(tree, area)]));
        wg_sheet_text(&pen, tree->code[area]);
        wg_sheet_text(&pen, wg_report_area_name(job, area));
        wg_sheet_number(&pen, f[WG_FIG_HH][area]);
        wg_sheet_number(&pen, f[WG_FIG_POP][area]);
        wg_sheet_number(&pen, f[WG_FIG_REGISTERED][area]);
        wg_sheet_number(&pen, f[WG_FIG_FLOATING][area]);
        wg_sheet_number(&pen, f[WG_FIG_BLD][area]);
        wg_sheet_number(&pen, job->model.has_organisations ? f[WG_FIG_ORG][area] : NAN);
        wg_sheet_number(&pen, at->workers);
        wg_sheet_number(&pen, fte);
        wg_sheet_number(&pen, per(f[WG_FIG_HH][area], fte));
        wg_sheet_number(&pen, per(f[WG_FIG_POP][area], fte));
        wg_sheet_number(&pen, need);
        wg_sheet_number(&pen, isnan(fte) ? NAN : fmax(0.0, need - fte));
        wg_sheet_number(&pen, f[WG_FIG_LOAD][area]);
        wg_sheet_number(&pen, at->load_index);
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_ranking(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {
        {"Level", "层级", WG_TEXT, 0, false},      {"Rank", "排名", WG_INTEGER, 0, false},
        {"Code", "编码", WG_TEXT, 0, false},       {"Name", "名称", WG_TEXT, 0, false},
        {"Score", "得分", WG_REAL, 2, false},      {"Grade", "等次", WG_TEXT, 0, false},
        {"Veto", "一票否决", WG_TEXT, 0, false},   {"Handled", "处置率", WG_REAL, 1, true},
        {"Closed", "结案率", WG_REAL, 1, true},    {"On time", "按期结案率", WG_REAL, 1, true},
        {"Rework", "返工率", WG_REAL, 1, true},    {"Overdue and open", "超期未结率", WG_REAL, 1, true},
        {"Extended", "延期率", WG_REAL, 1, true},  {"Direct dispatch", "准确派遣率", WG_REAL, 1, true},
        {"Valid", "有效上报率", WG_REAL, 1, true}, {"Workload index", "工作量指数", WG_REAL, 3, false}};
    static const wg_rate rates[] = {WG_RATE_HANDLE, WG_RATE_CLOSE,  WG_RATE_ONTIME,   WG_RATE_REWORK,
                                    WG_RATE_WAIT,   WG_RATE_EXTEND, WG_RATE_DISPATCH, WG_RATE_VALID};
    const wg_report_tree *tree = &job->tree;
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "ranking", "Ranking", "排名表",
                   "Equal figures share a rank. Without incidents the rank is by workload, the heaviest first.",
                   "数值相同者并列；无事件数据时按工作量排名，最重者第一。", fields, sizeof fields / sizeof *fields);
    for (uint32_t l = 0; l + 1 < tree->n_levels; l++) {
        const uint32_t n = tree->level_first[l + 1] - tree->level_first[l];
        for (uint32_t place = 1; place <= n + 1; place++) {
            for (uint32_t area = tree->level_first[l]; area < tree->level_first[l + 1]; area++) {
                const wg_report_area *at = &job->model.areas[area];
                if ((place <= n && at->rank != place) || (place == n + 1 && at->rank != 0)) {
                    continue;
                }
                wg_sheet_row(&pen, false);
                wg_sheet_text(&pen, wg_report_level_title(job, tree->level_name[l]));
                wg_sheet_number(&pen, at->rank > 0 ? (double)at->rank : NAN);
                wg_sheet_text(&pen, tree->code[area]);
                wg_sheet_text(&pen, tree->name[area]);
                wg_sheet_number(&pen, at->score);
                wg_sheet_text(&pen, wg_report_grade_text(at->grade, job->options->lang));
                wg_sheet_text(&pen, at->vetoed ? wg_report_say(job, "yes", "是") : NULL);
                for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
                    wg_sheet_number(&pen, 100.0 * at->rate[rates[r]]);
                }
                wg_sheet_number(&pen, at->load_index);
            }
        }
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_coverage_people(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Level", "层级", WG_TEXT, 0, false},
                                            {"Code", "编码", WG_TEXT, 0, false},
                                            {"Name", "名称", WG_TEXT, 0, false},
                                            {"Roles missing", "缺岗数", WG_INTEGER, 0, false},
                                            {"Households", "户数", WG_REAL, 0, false},
                                            {"Households served", "服务覆盖户数", WG_REAL, 0, false},
                                            {"Served", "服务覆盖率", WG_REAL, 1, true},
                                            {"Buildings", "楼栋数", WG_INTEGER, 0, false},
                                            {"Buildings visited", "走访楼栋数", WG_INTEGER, 0, false},
                                            {"Buildings visited (%)", "楼栋走访率", WG_REAL, 1, true},
                                            {"Households visited", "走访户数", WG_REAL, 0, false},
                                            {"Households visited (%)", "户走访率", WG_REAL, 1, true},
                                            {"Below the target", "低于目标", WG_TEXT, 0, false}};
    const wg_report_model *m = &job->model;
    const wg_report_tree *tree = &job->tree;
    if (!m->has_workers && !m->has_service && !m->has_visits) {
        return WG_OK;
    }
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "people", "Roles, service, visits", "岗位服务走访表", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (uint32_t area = 0; area < tree->n_areas; area++) {
        double *const *f = m->area;
        const double visited = m->has_visits ? 100.0 * per(f[WG_FIG_VISIT_BLD][area], f[WG_FIG_BLD][area]) : NAN;
        wg_sheet_row(&pen, area + 1 == tree->n_areas);
        wg_sheet_text(&pen, wg_report_level_title(job, tree->level_name[wg_report_level(tree, area)]));
        wg_sheet_text(&pen, tree->code[area]);
        wg_sheet_text(&pen, wg_report_area_name(job, area));
        wg_sheet_number(&pen, m->has_workers ? f[WG_FIG_ROLES_MISS][area] : NAN);
        wg_sheet_number(&pen, f[WG_FIG_HH][area]);
        wg_sheet_number(&pen, m->has_service ? f[WG_FIG_SVC_HH][area] : NAN);
        wg_sheet_number(&pen, m->has_service ? 100.0 * per(f[WG_FIG_SVC_HH][area], f[WG_FIG_HH][area]) : NAN);
        wg_sheet_number(&pen, f[WG_FIG_BLD][area]);
        wg_sheet_number(&pen, m->has_visits ? f[WG_FIG_VISIT_BLD][area] : NAN);
        wg_sheet_number(&pen, visited);
        wg_sheet_number(&pen, m->has_visits ? f[WG_FIG_VISIT_HH][area] : NAN);
        wg_sheet_number(&pen, m->has_visits ? 100.0 * per(f[WG_FIG_VISIT_HH][area], f[WG_FIG_HH][area]) : NAN);
        wg_sheet_text(&pen, visited < job->config.visit_target_pct ? wg_report_say(job, "yes", "是") : NULL);
    }
    return wg_sheet_end(&pen);
}

wg_status wg_report_sheets_people(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    WG_TRY(sheet_workload(ctx, job));
    WG_TRY(sheet_ranking(ctx, job));
    WG_TRY(sheet_coverage_people(ctx, job));
done:
    return status;
}
