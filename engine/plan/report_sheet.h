/** Build the sheets of a report row by row. */
#ifndef WG_PLAN_REPORT_SHEET_H
#define WG_PLAN_REPORT_SHEET_H

#include "plan/report_job.h"

/** A column of a sheet: titles, type, decimals; percent values are 0..100. */
typedef struct wg_sheet_field {
    const char *en, *zh;
    wg_type type;
    uint32_t decimals;
    bool percent;
} wg_sheet_field;

/** After a failure every call does nothing; `status` tells. */
typedef struct wg_sheet_pen {
    wg_context *ctx;
    wg_report_job *job;
    size_t sheet; /**< index in job->sheets */
    size_t row;
    uint32_t next; /**< column that is written next */
    bool *strong;  /**< grown with the rows, handed over by wg_sheet_end */
    size_t strong_capacity;
    wg_status status;
} wg_sheet_pen;

/** Start a sheet. Titles must live as long as the job (literals). */
void wg_sheet_begin(wg_sheet_pen *pen, wg_context *ctx, wg_report_job *job, const char *id, const char *en,
                    const char *zh, const char *note_en, const char *note_zh, const wg_sheet_field *fields,
                    uint32_t n_fields);
void wg_sheet_row(wg_sheet_pen *pen, bool strong);
/* Values from left to right; unknown (NULL, NAN) stays empty. */
void wg_sheet_text(wg_sheet_pen *pen, const char *value);
void wg_sheet_number(wg_sheet_pen *pen, double value);
/** Finish. @return the first failure; the sheet belongs to the job in any case */
wg_status wg_sheet_end(wg_sheet_pen *pen);

/** The area that sheets name last: "all" as people read it. */
const char *wg_report_area_name(const wg_report_job *job, uint32_t area);
const char *wg_report_level_title(const wg_report_job *job, const char *level);

/* Groups of sheets. */
wg_status wg_report_sheets_plan(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_people(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_roles(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_service(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_classes(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_changes(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_incidents(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_where(wg_context *ctx, wg_report_job *job);
wg_status wg_report_sheets_quality(wg_context *ctx, wg_report_job *job);

#endif
