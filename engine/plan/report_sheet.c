#include "plan/report_sheet.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void wg_sheet_begin(wg_sheet_pen *pen, wg_context *ctx, wg_report_job *job, const char *id, const char *en,
                    const char *zh, const char *note_en, const char *note_zh, const wg_sheet_field *fields,
                    uint32_t n_fields) {
    const bool chinese = job->options->lang == WG_LANG_ZH;
    *pen = (wg_sheet_pen){.ctx = ctx, .job = job, .sheet = job->n_sheets};
    if (!WG_RESERVE(job->sheets, job->sheets_capacity, job->n_sheets + 1)) {
        pen->status = wg_fail_memory(ctx);
        return;
    }
    wg_report_sheet *made = &job->sheets[job->n_sheets++];
    *made = (wg_report_sheet){.columns = wg_calloc(n_fields, sizeof *made->columns)};
    made->sheet = (wg_sheet){
        .id = id, .name = chinese ? zh : en, .title = chinese ? zh : en, .note = chinese ? note_zh : note_en};
    pen->status = made->columns == NULL ? wg_fail_memory(ctx) : wg_layer_new(ctx, id, NULL, &made->rows);
    for (uint32_t i = 0; i < n_fields && pen->status == WG_OK; i++) {
        char name[16];
        snprintf(name, sizeof name, "c%u", i);
        made->columns[i] = (wg_sheet_column){.column = i,
                                             .title = chinese ? fields[i].zh : fields[i].en,
                                             .decimals = fields[i].decimals,
                                             .percent = fields[i].percent};
        pen->status = wg_layer_add_column(ctx, made->rows, name, fields[i].type, NULL);
    }
    made->sheet.rows = made->rows;
    made->sheet.columns = made->columns;
    made->sheet.n_columns = n_fields;
}

static wg_layer *rows_of(const wg_sheet_pen *pen) {
    return pen->job->sheets[pen->sheet].rows;
}

void wg_sheet_row(wg_sheet_pen *pen, bool strong) {
    if (pen->status != WG_OK) {
        return;
    }
    pen->status = wg_layer_add_row(pen->ctx, rows_of(pen), NULL, 0, &pen->row);
    if (pen->status == WG_OK && !WG_RESERVE(pen->strong, pen->strong_capacity, pen->row + 1)) {
        pen->status = wg_fail_memory(pen->ctx);
    }
    if (pen->status == WG_OK) {
        pen->strong[pen->row] = strong;
    }
    pen->next = 0;
}

void wg_sheet_text(wg_sheet_pen *pen, const char *value) {
    const uint32_t column = pen->next++;
    if (pen->status == WG_OK && value != NULL) {
        pen->status = wg_layer_set_text(pen->ctx, rows_of(pen), pen->row, column, value);
    }
}

void wg_sheet_number(wg_sheet_pen *pen, double value) {
    const uint32_t column = pen->next++;
    if (pen->status == WG_OK && isfinite(value)) {
        pen->status = wg_layer_column_type(rows_of(pen), column) == WG_INTEGER
                          ? wg_layer_set_integer(pen->ctx, rows_of(pen), pen->row, column, (int64_t)llround(value))
                          : wg_layer_set_real(pen->ctx, rows_of(pen), pen->row, column, value);
    }
}

wg_status wg_sheet_end(wg_sheet_pen *pen) {
    if (pen->sheet < pen->job->n_sheets) {
        wg_report_sheet *made = &pen->job->sheets[pen->sheet];
        made->strong = pen->strong;
        made->sheet.strong = pen->strong;
    } else {
        free(pen->strong);
    }
    pen->strong = NULL;
    return pen->status;
}

const char *wg_report_area_name(const wg_report_job *job, uint32_t area) {
    return area + 1 == job->tree.n_areas ? wg_report_say(job, "Total", "合计") : job->tree.name[area];
}

const char *wg_report_level_title(const wg_report_job *job, const char *level) {
    static const struct {
        const char *name, *en, *zh;
    } titles[] = {{"cell", "Cell", "网格"},           {"group", "Group", "片组"},
                  {"community", "Community", "社区"}, {"street", "Street", "街道"},
                  {"district", "District", "区县"},   {"city", "City", "市"},
                  {"micro", "Micro cell", "微网格"},  {"all", "All", "全部"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        if (strcmp(titles[i].name, level) == 0) {
            return wg_report_say(job, titles[i].en, titles[i].zh);
        }
    }
    return level;
}

/** Move the first `n` sheets, which were made while reading, to the end. */
static void rotate_sheets(wg_report_job *job, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const wg_report_sheet first = job->sheets[0];
        memmove(job->sheets, job->sheets + 1, (job->n_sheets - 1) * sizeof first);
        job->sheets[job->n_sheets - 1] = first;
    }
}

wg_status wg_report_make_sheets(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    const size_t early = job->n_sheets;
    WG_TRY(wg_report_sheets_plan(ctx, job));
    WG_TRY(wg_report_sheets_changes(ctx, job));
    WG_TRY(wg_report_sheets_people(ctx, job));
    WG_TRY(wg_report_sheets_roles(ctx, job));
    WG_TRY(wg_report_sheets_service(ctx, job));
    WG_TRY(wg_report_sheets_classes(ctx, job));
    WG_TRY(wg_report_sheets_incidents(ctx, job));
    WG_TRY(wg_report_sheets_where(ctx, job));
    rotate_sheets(job, early);
    WG_TRY(wg_report_sheets_quality(ctx, job));
done:
    return status;
}
