/** Weeks, months, quarters and years of a report, on the clock of its time zone. */
#ifndef WG_PLAN_REPORT_PERIODS_H
#define WG_PLAN_REPORT_PERIODS_H

#include "plan/report_job.h"

typedef struct wg_period {
    wg_span span;
    char label[16];      /**< 2026, 2026-Q1, 2026-01, 2026-W05 (ISO weeks) */
    double inc;          /**< opened in it */
    double before, year; /**< in the period before, and a year earlier; NAN: not in the data's time */
    double closed_in;    /**< closed in it, whenever opened */
    double backlog;      /**< open at its end */
    double numerator[WG_N_RATES], denominator[WG_N_RATES];
} wg_period;

typedef struct wg_periods {
    wg_period *items;
    size_t n;
} wg_periods;

enum { WG_PERIODS_MOST = 2000 };

/**
 * Count incidents by period: of the options' period (without one: months), over the span, or where it is open over the
 * data's own time. @param[out] periods  caller frees items; n is 0 without any dated incident. O(incidents * log
 * periods)
 */
wg_status wg_report_periods(wg_context *ctx, const wg_report_job *job, wg_periods *periods);

#endif
