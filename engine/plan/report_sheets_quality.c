/* Sheets about the data: how full fields are, what was not matched, what was checked. */
#include <math.h>

#include "plan/report_sheet.h"

static wg_status sheet_filled(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Layer", "图层", WG_TEXT, 0, false},
                                            {"Field", "字段", WG_TEXT, 0, false},
                                            {"Rows", "记录数", WG_INTEGER, 0, false},
                                            {"Filled", "已填", WG_INTEGER, 0, false},
                                            {"Filled (%)", "完整率", WG_REAL, 1, true}};
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "completeness", "Completeness", "数据完整性", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (size_t i = 0; i < job->n_filled; i++) {
        const wg_report_filled *item = &job->filled[i];
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, item->layer);
        wg_sheet_text(&pen, item->field);
        wg_sheet_number(&pen, (double)item->rows);
        wg_sheet_number(&pen, item->hidden ? NAN : (double)item->filled);
        wg_sheet_number(&pen,
                        item->rows > 0 && !item->hidden ? 100.0 * (double)item->filled / (double)item->rows : NAN);
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_rejects(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Input", "来源", WG_TEXT, 0, false},
                                            {"Feature", "编号", WG_TEXT, 0, false},
                                            {"Reason", "原因", WG_TEXT, 0, false}};
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "rejects", "Not matched", "未匹配清单",
                   job->rejects_all > job->n_rejects ? "Only the first rows are listed." : NULL,
                   job->rejects_all > job->n_rejects ? "仅列出前一部分。" : NULL, fields,
                   sizeof fields / sizeof *fields);
    for (size_t i = 0; i < job->n_rejects; i++) {
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, job->rejects[i].input);
        wg_sheet_text(&pen, job->rejects[i].feature);
        wg_sheet_text(&pen, job->rejects[i].reason);
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_checks(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"What was added up", "核对内容", WG_TEXT, 0, false},
                                            {"Expected", "应为", WG_REAL, 2, false},
                                            {"Found", "实为", WG_REAL, 2, false},
                                            {"Difference", "差", WG_REAL, 2, false},
                                            {"Result", "结果", WG_TEXT, 0, false}};
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "checks", "Reconciliation", "核对表", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (size_t i = 0; i < job->n_checks; i++) {
        const wg_report_check *check = &job->checks[i];
        wg_sheet_row(&pen, !check->good);
        wg_sheet_text(&pen, check->what);
        wg_sheet_number(&pen, check->expected);
        wg_sheet_number(&pen, check->found);
        wg_sheet_number(&pen, check->found - check->expected);
        wg_sheet_text(&pen, check->good ? wg_report_say(job, "reconciles", "一致")
                                        : wg_report_say(job, "DOES NOT RECONCILE", "不一致"));
    }
    return wg_sheet_end(&pen);
}

wg_status wg_report_sheets_quality(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    WG_TRY(sheet_filled(ctx, job));
    WG_TRY(sheet_rejects(ctx, job));
    WG_TRY(sheet_checks(ctx, job));
done:
    return status;
}
