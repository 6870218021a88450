/* Sheets about the data: how full fields are, what was not matched, what was checked. */
#include <math.h>
#include <string.h>

#include "model/contract.h"
#include "model/number.h"
#include "plan/report_sheet.h"

/** What people call an input or a layer of the plan. */
static const char *layer_title(const wg_report_job *job, const char *name) {
    static const struct {
        const char *name, *zh;
    } inputs[] = {{"visits", "走访"}, {"facilities", "服务设施"}, {"ledger", "台账"}, {"organisations", "单位"}};
    const wg_contract_table *table = wg_contract_layer(name);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        if (strcmp(inputs[i].name, name) == 0) {
            return wg_report_say(job, name, inputs[i].zh);
        }
    }
    return table == NULL ? name : wg_report_say(job, name, table->zh);
}

/** Day number of a date as it stands; INT64_MIN for none. */
static int64_t day_of(const char *text) {
    wg_date date;
    return text[0] != '\0' && wg_date_parse(text, false, &date) == WG_DATE_GOOD ? wg_date_days(&date) : INT64_MIN;
}

/** The day that ages are counted to: the end of what is reported, else the newest date of all. */
static int64_t today_of(const wg_report_job *job) {
    int64_t newest = INT64_MIN;
    if (job->model.end != WG_NO_TIME) {
        const int64_t last = job->model.end - 1;
        const int64_t local = job->has_zone ? last + wg_time_zone_offset(&job->zone, last) : last;
        return local >= 0 ? local / 86400 : -((-local + 86399) / 86400);
    }
    for (size_t i = 0; i < job->n_filled; i++) {
        const int64_t day = day_of(job->filled[i].newest);
        newest = day > newest ? day : newest;
    }
    return newest;
}

static void put_day(wg_sheet_pen *pen, int64_t day) {
    wg_date date;
    char text[40];
    if (day == INT64_MIN) {
        wg_sheet_text(pen, NULL);
        return;
    }
    wg_date_from_days(day, &date);
    wg_date_format(&date, text, sizeof text);
    wg_sheet_text(pen, text);
}

/** How full every field of every layer is, and from when to when its dates are. */
static wg_status sheet_filled(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {
        {"Layer", "图层", WG_TEXT, 0, false},       {"Field", "字段", WG_TEXT, 0, false},
        {"Rows", "记录数", WG_INTEGER, 0, false},   {"Filled", "已填", WG_INTEGER, 0, false},
        {"Filled (%)", "完整率", WG_REAL, 1, true}, {"Oldest", "最早日期", WG_TEXT, 0, false},
        {"Newest", "最新日期", WG_TEXT, 0, false},  {"Age (days)", "时效(天)", WG_INTEGER, 0, false}};
    const int64_t today = today_of(job);
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "completeness", "Completeness and freshness", "数据完整性与时效",
                   "Age: days from the newest date of the field to the end of what is reported; negative where it lies "
                   "later.",
                   "时效：字段中最新日期距报告期末的天数；晚于期末者为负。", fields, sizeof fields / sizeof *fields);
    for (size_t i = 0; i < job->n_filled; i++) {
        const wg_report_filled *item = &job->filled[i];
        const int64_t newest = day_of(item->newest);
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, layer_title(job, item->layer));
        wg_sheet_text(&pen, item->field);
        wg_sheet_number(&pen, (double)item->rows);
        wg_sheet_number(&pen, item->hidden ? NAN : (double)item->filled);
        wg_sheet_number(&pen,
                        item->rows > 0 && !item->hidden ? 100.0 * (double)item->filled / (double)item->rows : NAN);
        put_day(&pen, day_of(item->oldest));
        put_day(&pen, newest);
        wg_sheet_number(&pen, newest == INT64_MIN || today == INT64_MIN ? NAN : (double)(today - newest));
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
        wg_sheet_text(&pen, layer_title(job, job->rejects[i].input));
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
