/** Visits while they are read, and the sheets made from them. */
#ifndef WG_PLAN_REPORT_VISITS_H
#define WG_PLAN_REPORT_VISITS_H

#include "plan/report_sheet.h"
#include "report/passing.h"

/** A building visited on a day; WG_NO_TIME: nobody says when. */
typedef struct visit {
    uint32_t building;
    int64_t week; /**< Monday's day number; INT64_MIN unknown */
} visit;

/** A worker's time on tracks. */
typedef struct walker {
    const char *worker;
    double seconds, own;
} walker;

/** The reading of one visits input. */
typedef struct visit_round {
    wg_report_job *job;
    wg_passing *passing;
    visit *visits;
    size_t n, capacity;
    walker *walkers;
    size_t n_walkers, walkers_capacity;
    wg_arena text;
    int64_t time; /**< of the row that is being read */
    bool failed;
} visit_round;

/** Visits by week, in all and by cell; time on tracks. Sorts the visits. */
wg_status wg_report_sheets_visits(wg_context *ctx, visit_round *round);

#endif
