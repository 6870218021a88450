/* Sheets about visits: by week in all, by week and cell against the target, time on tracks. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/number.h"
#include "plan/report_visits.h"

enum { WEEKS_MOST = 60 }; /* columns of the table by cell: the newest weeks */

static int by_week(const void *a, const void *b) {
    const visit *left = a;
    const visit *right = b;
    if (left->week != right->week) {
        return left->week < right->week ? -1 : 1;
    }
    return left->building < right->building ? -1 : left->building > right->building;
}

static double households_of(const wg_layer *buildings, size_t row) {
    const uint32_t column = wg_layer_column(buildings, "households");
    return column == UINT32_MAX || wg_layer_is_null(buildings, row, column) ? 0.0
                                                                            : wg_layer_real(buildings, row, column);
}

/** Weeks in their order, the first that of visits without a time where there are any. */
typedef struct weeks {
    int64_t *monday;
    size_t n;
    uint32_t *buildings; /**< n times n_cells: visited */
    uint32_t *all;       /**< n_cells: buildings */
} weeks;

static void weeks_release(weeks *w) {
    free(w->monday);
    free(w->buildings);
    free(w->all);
}

static uint32_t cell_of(const wg_report_job *job, uint32_t building) {
    const uint32_t place = wg_report_building_place(job, building);
    return place < job->tree.n_cells ? place : WG_UNASSIGNED;
}

static wg_status count_weeks(wg_context *ctx, const visit_round *round, weeks *w) {
    const wg_report_job *job = round->job;
    const size_t n_cells = job->tree.n_cells;
    for (size_t i = 0; i < round->n; i++) {
        w->n += i == 0 || round->visits[i].week != round->visits[i - 1].week ? 1 : 0;
    }
    w->monday = wg_malloc(w->n, sizeof *w->monday);
    w->buildings = wg_calloc(w->n * n_cells, sizeof *w->buildings);
    w->all = wg_calloc(n_cells, sizeof *w->all);
    if (w->monday == NULL || w->buildings == NULL || w->all == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t row = 0; row < job->buildings->n; row++) {
        const uint32_t cell = job->building_skip[row] ? WG_UNASSIGNED : cell_of(job, row);
        if (cell != WG_UNASSIGNED) {
            w->all[cell]++;
        }
    }
    size_t week = SIZE_MAX;
    for (size_t i = 0; i < round->n; i++) {
        const visit *at = &round->visits[i];
        const bool fresh = i == 0 || at->week != at[-1].week;
        week += fresh ? 1 : 0;
        w->monday[week] = at->week;
        const uint32_t cell = job->building_skip[at->building] ? WG_UNASSIGNED : cell_of(job, at->building);
        if (cell != WG_UNASSIGNED && (fresh || at->building != at[-1].building)) {
            w->buildings[week * n_cells + cell]++;
        }
    }
    return WG_OK;
}

static double week_share(const weeks *w, const wg_report_job *job, size_t week, uint32_t cell) {
    return w->all[cell] > 0 ? 100.0 * w->buildings[week * job->tree.n_cells + cell] / w->all[cell] : NAN;
}

static size_t cells_below(const weeks *w, const wg_report_job *job, size_t week) {
    size_t below = 0;
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        below += week_share(w, job, week, cell) < job->config.visit_week_pct ? 1 : 0;
    }
    return below;
}

static void week_text(const wg_report_job *job, int64_t monday, char text[40]) {
    wg_date date;
    if (monday == INT64_MIN) {
        snprintf(text, 40, "%s", wg_report_say(job, "(no time)", "（无时间）"));
    } else {
        wg_date_from_days(monday, &date);
        wg_date_format(&date, text, 40);
    }
}

/** Households of one building are nobody's business; nor, where small counts are hidden, few ones or few that are left.
 */
static bool households_told(const wg_report_job *job, size_t buildings, double households, double all) {
    const double least = (double)job->options->suppress;
    const bool few = (households > 0.0 && households < least) || (all - households > 0.0 && all - households < least);
    return buildings != 1 && !few;
}

static void week_row(wg_sheet_pen *pen, const visit_round *round, const weeks *w, size_t week, size_t first,
                     size_t last, const double all[2]) {
    const wg_report_job *job = round->job;
    char text[40];
    size_t buildings = 0;
    double households = 0.0;
    for (size_t i = first; i < last; i++) {
        const uint32_t building = round->visits[i].building;
        const bool first_time = i == first || building != round->visits[i - 1].building;
        if (first_time && !job->building_skip[building]) {
            buildings++;
            households += households_of(job->buildings, building);
        }
    }
    const bool told = households_told(job, buildings, households, all[1]);
    const bool timed = w->monday[week] != INT64_MIN;
    week_text(job, w->monday[week], text);
    wg_sheet_row(pen, false);
    wg_sheet_text(pen, text);
    wg_sheet_number(pen, (double)buildings);
    wg_sheet_number(pen, 100.0 * (double)buildings / all[0]);
    wg_sheet_number(pen, told ? households : NAN);
    wg_sheet_number(pen, told && all[1] > 0.0 ? 100.0 * households / all[1] : NAN);
    wg_sheet_number(pen, timed ? (double)cells_below(w, job, week) : NAN);
}

static wg_status sheet_weeks(wg_context *ctx, visit_round *round, const weeks *w) {
    static const wg_sheet_field fields[] = {{"Week from", "周起始日", WG_TEXT, 0, false},
                                            {"Buildings visited", "走访楼栋数", WG_INTEGER, 0, false},
                                            {"Buildings (%)", "楼栋走访率", WG_REAL, 1, true},
                                            {"Households visited", "走访户数", WG_REAL, 0, false},
                                            {"Households (%)", "户走访率", WG_REAL, 1, true},
                                            {"Cells below the target", "未达标网格数", WG_INTEGER, 0, false}};
    wg_report_job *job = round->job;
    wg_sheet_pen pen;
    double all[2] = {0.0, 0.0}; /* buildings, their households */
    for (size_t row = 0; row < job->buildings->n; row++) {
        all[0] += job->building_skip[row] ? 0.0 : 1.0;
        all[1] += job->building_skip[row] ? 0.0 : households_of(job->buildings, row);
    }
    wg_sheet_begin(&pen, ctx, job, "visits", "Visits by week", "按周走访",
                   "Households are not told where a single building was visited.", "仅走访一栋楼时不列户数。", fields,
                   sizeof fields / sizeof *fields);
    size_t week = 0;
    for (size_t first = 0; first < round->n;) {
        size_t last = first;
        while (last < round->n && round->visits[last].week == round->visits[first].week) {
            last++;
        }
        week_row(&pen, round, w, week++, first, last, all);
        first = last;
    }
    return wg_sheet_end(&pen);
}

/** A cell a row, a week a column: share of its buildings that were visited. */
static wg_status sheet_cells(wg_context *ctx, visit_round *round, const weeks *w) {
    wg_report_job *job = round->job;
    static const wg_sheet_field head[] = {{"Code", "网格编码", WG_TEXT, 0, false},
                                          {"Name", "网格名称", WG_TEXT, 0, false},
                                          {"Buildings", "楼栋数", WG_INTEGER, 0, false},
                                          {"Weeks below the target", "未达标周数", WG_INTEGER, 0, false}};
    enum { HEAD = sizeof head / sizeof *head };
    wg_sheet_field fields[HEAD + WEEKS_MOST];
    wg_sheet_pen pen;
    const size_t from = w->n > 0 && w->monday[0] == INT64_MIN ? 1 : 0;
    const size_t first = w->n - from > WEEKS_MOST ? w->n - WEEKS_MOST : from;
    memcpy(fields, head, sizeof head);
    for (size_t week = first; week < w->n; week++) {
        char text[40];
        week_text(job, w->monday[week], text);
        const char *title = wg_arena_strdup(&job->text, text, strlen(text));
        if (title == NULL) {
            return wg_fail_memory(ctx);
        }
        fields[HEAD + week - first] = (wg_sheet_field){title, title, WG_REAL, 1, true};
    }
    wg_sheet_begin(&pen, ctx, job, "visit_weeks", "Visits by cell and week", "网格走访周报",
                   "Share of the cell's buildings visited in the week that begins on this Monday.",
                   "各周（以周一日期表示）走访楼栋占该网格楼栋的比例。", fields, (uint32_t)(HEAD + w->n - first));
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        size_t below = 0;
        for (size_t week = first; week < w->n; week++) {
            below += week_share(w, job, week, cell) < job->config.visit_week_pct ? 1 : 0;
        }
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, job->tree.code[cell]);
        wg_sheet_text(&pen, job->tree.name[cell]);
        wg_sheet_number(&pen, w->all[cell]);
        wg_sheet_number(&pen, w->all[cell] > 0 ? (double)below : NAN);
        for (size_t week = first; week < w->n; week++) {
            wg_sheet_number(&pen, week_share(w, job, week, cell));
        }
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_walkers(wg_context *ctx, visit_round *round) {
    static const wg_sheet_field fields[] = {{"Worker", "网格员", WG_TEXT, 0, false},
                                            {"Hours on tracks", "轨迹时长(小时)", WG_REAL, 2, false},
                                            {"Hours in the own cell", "本网格时长(小时)", WG_REAL, 2, false},
                                            {"In the own cell (%)", "本网格时间占比", WG_REAL, 1, true}};
    wg_sheet_pen pen;
    if (round->n_walkers == 0) {
        return WG_OK;
    }
    wg_sheet_begin(&pen, ctx, round->job, "tracks", "Time in the own cell", "轨迹时间", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (size_t i = 0; i < round->n_walkers; i++) {
        const walker *who = &round->walkers[i];
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, who->worker);
        wg_sheet_number(&pen, who->seconds / 3600.0);
        wg_sheet_number(&pen, who->own / 3600.0);
        wg_sheet_number(&pen, who->seconds > 0.0 ? 100.0 * who->own / who->seconds : NAN);
    }
    return wg_sheet_end(&pen);
}

wg_status wg_report_sheets_visits(wg_context *ctx, visit_round *round) {
    wg_status status = WG_OK;
    weeks w = {.n = 0};
    if (round->n == 0) {
        return sheet_walkers(ctx, round); /* nobody came in the span: the people's table says so cell by cell */
    }
    if (round->n > 1) { /* qsort takes no NULL */
        qsort(round->visits, round->n, sizeof *round->visits, by_week);
    }
    WG_TRY(count_weeks(ctx, round, &w));
    WG_TRY(sheet_weeks(ctx, round, &w));
    WG_TRY(sheet_cells(ctx, round, &w));
    WG_TRY(sheet_walkers(ctx, round));
done:
    weeks_release(&w);
    return status;
}
