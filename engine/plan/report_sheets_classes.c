/* Sheets about special classes of people and organisations: by area and per worker, and in all. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/report_sheet.h"

static double per(double amount, double people) {
    return people > 0.0 ? amount / people : NAN;
}

/** A title that is made at run time lives as long as the job. */
static const char *kept(wg_report_job *job, const char *text) {
    return wg_arena_strdup(&job->text, text, strlen(text));
}

static const char *per_worker_title(wg_report_job *job, const char *name) {
    wg_buffer text = {0};
    wg_buffer_printf(&text, wg_report_say(job, "%s a worker", "人均%s"), name);
    const char *title = text.failed ? NULL : kept(job, text.data);
    wg_buffer_release(&text);
    return title;
}

enum { FIRST_FIELDS = 4, ORG_FIELDS = 2 };

/** Level, code, name, FTE; organisations and their number a worker; each class, then each class a worker. */
static bool make_fields(wg_report_job *job, wg_sheet_field *fields, uint32_t *n) {
    static const wg_sheet_field first[FIRST_FIELDS] = {{"Level", "层级", WG_TEXT, 0, false},
                                                       {"Code", "编码", WG_TEXT, 0, false},
                                                       {"Name", "名称", WG_TEXT, 0, false},
                                                       {"FTE", "全职当量", WG_REAL, 2, false}};
    static const wg_sheet_field organisations[ORG_FIELDS] = {
        {"Organisations", "单位数", WG_REAL, 0, false}, {"Organisations a worker", "人均单位数", WG_REAL, 1, false}};
    const uint32_t n_classes = (uint32_t)job->class_names.n;
    memcpy(fields, first, sizeof first);
    *n = FIRST_FIELDS;
    if (job->model.has_organisations) {
        memcpy(fields + *n, organisations, sizeof organisations);
        *n += ORG_FIELDS;
    }
    for (uint32_t k = 0; k < n_classes; k++) {
        const char *name = job->class_names.word[k];
        const char *each = per_worker_title(job, name);
        if (each == NULL) {
            return false;
        }
        fields[*n + k] = (wg_sheet_field){name, name, WG_REAL, 0, false};
        fields[*n + n_classes + k] = (wg_sheet_field){each, each, WG_REAL, 1, false};
    }
    *n += 2 * n_classes;
    return true;
}

static void class_row(wg_sheet_pen *pen, const wg_report_job *job, uint32_t area) {
    const wg_report_tree *tree = &job->tree;
    const wg_report_model *m = &job->model;
    const double fte = m->has_workers ? m->area[WG_FIG_FTE][area] : NAN;
    wg_sheet_row(pen, area + 1 == tree->n_areas);
    wg_sheet_text(pen, wg_report_level_title(job, tree->level_name[wg_report_level(tree, area)]));
    wg_sheet_text(pen, tree->code[area]);
    wg_sheet_text(pen, wg_report_area_name(job, area));
    wg_sheet_number(pen, fte);
    if (m->has_organisations) {
        wg_sheet_number(pen, m->area[WG_FIG_ORG][area]);
        wg_sheet_number(pen, per(m->area[WG_FIG_ORG][area], fte));
    }
    for (uint32_t worker = 0; worker < 2; worker++) {
        for (size_t k = 0; k < job->class_names.n; k++) {
            const double people = m->classes[k * tree->n_areas + area];
            wg_sheet_number(pen, worker == 0 ? people : per(people, fte));
        }
    }
}

static wg_status sheet_classes(wg_context *ctx, wg_report_job *job) {
    wg_sheet_field fields[FIRST_FIELDS + ORG_FIELDS + 2 * WG_REPORT_CLASSES_MOST];
    wg_sheet_pen pen;
    uint32_t n;
    if (!make_fields(job, fields, &n)) {
        return wg_fail_memory(ctx);
    }
    wg_sheet_begin(&pen, ctx, job, "classes", "Special classes, organisations", "特殊人群与单位表",
                   "People of the ledger's classes and organisations, in number and per full-time worker.",
                   "台账所列各类人群和单位的数量及人均（按全职当量）。", fields, n);
    for (uint32_t area = 0; area < job->tree.n_areas; area++) {
        class_row(&pen, job, area);
    }
    return wg_sheet_end(&pen);
}

/** Every class in all. */
static wg_status sheet_ledger(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Category", "类别", WG_TEXT, 0, false},
                                            {"Number", "数量", WG_REAL, 0, false},
                                            {"Of all people (%)", "占人口比例", WG_REAL, 2, true}};
    const uint32_t whole = job->tree.n_areas - 1;
    const double people = job->model.area[WG_FIG_POP][whole];
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "ledger", "Ledger", "台账统计", NULL, NULL, fields, sizeof fields / sizeof *fields);
    for (size_t k = 0; k < job->class_names.n; k++) {
        const double number = job->model.classes[k * job->tree.n_areas + whole];
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, job->class_names.word[k]);
        wg_sheet_number(&pen, number);
        wg_sheet_number(&pen, 100.0 * per(number, people));
    }
    if (job->class_names.n > 0) {
        wg_sheet_row(&pen, true);
        wg_sheet_text(&pen, wg_report_say(job, "People of all classes", "人群合计"));
        wg_sheet_number(&pen, job->model.area[WG_FIG_SPECIAL][whole]);
        wg_sheet_number(&pen, 100.0 * per(job->model.area[WG_FIG_SPECIAL][whole], people));
    }
    if (job->model.has_organisations) {
        wg_sheet_row(&pen, true);
        wg_sheet_text(&pen, wg_report_say(job, "Organisations", "单位"));
        wg_sheet_number(&pen, job->model.area[WG_FIG_ORG][whole]);
        wg_sheet_number(&pen, NAN);
    }
    return wg_sheet_end(&pen);
}

wg_status wg_report_sheets_classes(wg_context *ctx, wg_report_job *job) {
    if (job->class_names.n == 0 && !job->model.has_organisations) {
        return WG_OK;
    }
    const wg_status status = sheet_classes(ctx, job);
    return status != WG_OK ? status : sheet_ledger(ctx, job);
}
