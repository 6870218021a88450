#include "plan/report_periods.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/number.h"
#include "report/suppress.h"

typedef enum unit { UNIT_WEEK, UNIT_MONTH, UNIT_QUARTER, UNIT_YEAR } unit;

static unit unit_of(const wg_report_job *job) {
    const char *name = job->options->period;
    return name == NULL || strcmp(name, "month") == 0 ? UNIT_MONTH
           : strcmp(name, "week") == 0                ? UNIT_WEEK
           : strcmp(name, "quarter") == 0             ? UNIT_QUARTER
                                                      : UNIT_YEAR;
}

static int64_t floor_days(int64_t seconds) {
    return seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
}

static int64_t utc_of_day(const wg_report_job *job, int64_t day) {
    return job->has_zone ? wg_time_zone_utc(&job->zone, day * 86400) : day * 86400;
}

static int64_t local_day(const wg_report_job *job, int64_t time) {
    return floor_days(job->has_zone ? time + wg_time_zone_offset(&job->zone, time) : time);
}

/** First day of the period that has a day. */
static int64_t first_day(unit u, int64_t day) {
    if (u == UNIT_WEEK) {
        return day - ((day + 3) % 7 + 7) % 7; /* Monday; 1970-01-01 was a Thursday */
    }
    wg_date date;
    wg_date_from_days(day, &date);
    date.day = 1;
    date.month = u == UNIT_YEAR ? 1 : u == UNIT_QUARTER ? (date.month - 1) / 3 * 3 + 1 : date.month;
    return wg_date_days(&date);
}

static int64_t next_first(unit u, int64_t first) {
    return u == UNIT_WEEK ? first + 7 : first_day(u, first + (u == UNIT_YEAR ? 370 : u == UNIT_QUARTER ? 95 : 32));
}

static void label_of(unit u, int64_t first, char label[16]) {
    wg_date date;
    wg_date_from_days(u == UNIT_WEEK ? first + 3 : first, &date); /* an ISO week belongs to the year of its Thursday */
    if (u == UNIT_WEEK) {
        const wg_date january = {.year = date.year, .month = 1, .day = 1};
        snprintf(label, 16, "%04d-W%02d", date.year % 10000, (int)((first + 3 - wg_date_days(&january)) / 7 + 1));
    } else if (u == UNIT_MONTH) {
        snprintf(label, 16, "%04d-%02d", date.year % 10000, date.month);
    } else if (u == UNIT_QUARTER) {
        snprintf(label, 16, "%04d-Q%c", date.year % 10000, "1234"[(date.month - 1) / 3 & 3]);
    } else {
        snprintf(label, 16, "%04d", date.year % 10000);
    }
}

/** Oldest and newest opening. @return false without any */
static bool dated_range(const wg_incidents *all, int64_t *oldest, int64_t *newest) {
    *oldest = INT64_MAX;
    *newest = WG_NO_TIME;
    for (size_t i = 0; i < all->n; i++) {
        const int64_t opened = all->items[i].opened;
        if (opened != WG_NO_TIME) {
            *oldest = opened < *oldest ? opened : *oldest;
            *newest = opened > *newest ? opened : *newest;
        }
    }
    return *newest != WG_NO_TIME;
}

/** Index of the period that has a moment, or SIZE_MAX. */
static size_t period_at(const wg_periods *periods, int64_t time) {
    size_t low = 0;
    size_t high = periods->n;
    if (time == WG_NO_TIME || time < periods->items[0].span.from || time >= periods->items[high - 1].span.to) {
        return SIZE_MAX;
    }
    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;
        if (periods->items[middle].span.from <= time) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void count_item(const wg_report_job *job, wg_periods *periods, const wg_incident *item, double *delta) {
    const size_t opened = period_at(periods, item->opened);
    const size_t closed = period_at(periods, item->closed);
    const double w = item->weight;
    if (opened != SIZE_MAX) {
        wg_period *p = &periods->items[opened];
        const uint32_t set = wg_incident_set(item, p->span, p->span.to);
        p->inc += w;
        for (uint32_t r = 0; r < WG_N_RATES; r++) {
            const wg_rate_rule *rule = &job->config.rate[r];
            const bool below = (set & rule->denominator) == rule->denominator;
            p->denominator[r] += below ? w : 0.0;
            p->numerator[r] += below && (set & rule->numerator) == rule->numerator ? w : 0.0;
        }
    }
    if (closed != SIZE_MAX) {
        periods->items[closed].closed_in += w;
    }
    /* The backlog rises in the period of opening and falls in that of closing; what was opened earlier is there from
     * the start. */
    const bool forever_closed = item->closed == WG_NO_TIME && (item->facts & WG_INCIDENT_CLOSED) != 0;
    const int64_t from = item->opened == WG_NO_TIME ? periods->items[0].span.from : item->opened;
    if (forever_closed || from >= periods->items[periods->n - 1].span.to) {
        return;
    }
    const size_t first = from < periods->items[0].span.from ? 0 : period_at(periods, from);
    const bool closed_before = item->closed != WG_NO_TIME && item->closed < periods->items[first].span.from;
    const bool closed_ever = item->closed != WG_NO_TIME && item->closed < periods->items[periods->n - 1].span.to;
    if (!closed_before) {
        delta[first] += w;
        delta[closed_ever ? closed : periods->n] -= w;
    }
}

static wg_status lay_periods(wg_context *ctx, const wg_report_job *job, unit u, int64_t from, int64_t last,
                             wg_periods *periods) {
    size_t capacity = 0;
    for (int64_t first = first_day(u, local_day(job, from)); utc_of_day(job, first) <= last;
         first = next_first(u, first)) {
        if (periods->n >= WG_PERIODS_MOST) {
            return wg_fail(ctx, WG_EINVAL,
                           "more than %d periods between the first and the last incident (state --from and --to)",
                           WG_PERIODS_MOST);
        }
        if (!WG_RESERVE(periods->items, capacity, periods->n + 1)) {
            return wg_fail_memory(ctx);
        }
        wg_period *p = &periods->items[periods->n++];
        *p = (wg_period){
            .span = {utc_of_day(job, first), utc_of_day(job, next_first(u, first))}, .before = NAN, .year = NAN};
        label_of(u, first, p->label);
    }
    return WG_OK;
}

/** Same period a year earlier, by its place in the list; weeks: 52 of them. */
static size_t periods_a_year(unit u) {
    return u == UNIT_WEEK ? 52 : u == UNIT_MONTH ? 12 : u == UNIT_QUARTER ? 4 : 1;
}

/* Items of the sums over periods: opened in it, closed in it, open at its end; then what is known besides. */
enum { ITEM_OPENED, ITEM_CLOSED, ITEM_BACKLOG, PERIOD_ITEMS };

/** The periods that make up a span add up to a figure that other tables show. */
static wg_status add_span(wg_context *ctx, const wg_periods *periods, wg_span span, uint32_t *parts,
                          wg_sum_rules *rules) {
    size_t n = 0;
    for (size_t i = 0; i < periods->n; i++) {
        const bool inside = (span.from == WG_NO_TIME || periods->items[i].span.from >= span.from) &&
                            (span.to == WG_NO_TIME || periods->items[i].span.to <= span.to);
        if (inside) {
            parts[n++] = (uint32_t)(PERIOD_ITEMS * i + ITEM_OPENED);
        }
    }
    return n == 0 ? WG_OK : wg_sum_rules_add(ctx, rules, WG_UNASSIGNED, parts, n);
}

/** All closed together; and each backlog is that before it, with what was opened, without what was closed. */
static wg_status add_chain(wg_context *ctx, const wg_periods *periods, uint32_t *parts, wg_sum_rules *rules) {
    const size_t n = periods->n;
    for (size_t i = 0; i < n; i++) {
        parts[i] = (uint32_t)(PERIOD_ITEMS * i + ITEM_CLOSED);
    }
    wg_status status = wg_sum_rules_add(ctx, rules, WG_UNASSIGNED, parts, n);
    for (size_t i = 0; i < n && status == WG_OK; i++) {
        const uint32_t at = (uint32_t)(PERIOD_ITEMS * i);
        const uint32_t links[] = {at + ITEM_OPENED, (at + ITEM_CLOSED) | WG_SUM_MINUS,
                                  at + ITEM_BACKLOG - PERIOD_ITEMS};
        status = wg_sum_rules_add(ctx, rules, at + ITEM_BACKLOG, links, i > 0 ? 3 : 2);
    }
    return status;
}

static wg_status add_rules(wg_context *ctx, const wg_report_job *job, const wg_periods *periods, wg_sum_rules *rules) {
    const wg_span always = {WG_NO_TIME, WG_NO_TIME};
    const wg_span spans[] = {always, job->input.span, job->input.before, job->input.year};
    wg_status status = WG_OK;
    uint32_t *parts = wg_malloc(periods->n, sizeof *parts);
    if (parts == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        WG_TRY(add_span(ctx, periods, spans[i], parts, rules));
    }
    WG_TRY(add_chain(ctx, periods, parts, rules));
done:
    free(parts);
    return status;
}

/** A rate tells the incidents that it counts, those that it is of, and those that it leaves. */
static bool rate_tells(const wg_period *p, uint32_t rate, double least) {
    const double counts[] = {p->numerator[rate], p->denominator[rate], p->denominator[rate] - p->numerator[rate]};
    for (size_t i = 0; i < 3; i++) {
        if (counts[i] > 0.0 && counts[i] < least) {
            return true;
        }
    }
    return false;
}

static void blank_period(wg_periods *periods, size_t i, size_t year, double least, const bool *hidden) {
    wg_period *p = &periods->items[i];
    const bool *own = &hidden[PERIOD_ITEMS * i];
    p->before = i > 0 && own[ITEM_OPENED - PERIOD_ITEMS] ? NAN : p->before;
    p->year = i >= year && hidden[PERIOD_ITEMS * (i - year) + ITEM_OPENED] ? NAN : p->year;
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        if (own[ITEM_OPENED] || rate_tells(p, r, least)) {
            p->denominator[r] = 0.0;
        }
    }
    p->inc = own[ITEM_OPENED] ? NAN : p->inc;
    p->closed_in = own[ITEM_CLOSED] ? NAN : p->closed_in;
    p->backlog = own[ITEM_BACKLOG] ? NAN : p->backlog;
}

/** Hide small counts of periods, and others so that neither sums nor the chain of backlogs tell them. */
static wg_status hide_periods(wg_context *ctx, const wg_report_job *job, unit u, wg_periods *periods) {
    wg_status status = WG_OK;
    const size_t n = PERIOD_ITEMS * periods->n;
    const double least = (double)job->options->suppress;
    wg_sum_rules rules = {.n = 0};
    double *counts = wg_malloc(n, sizeof *counts);
    bool *hidden = wg_calloc(n, sizeof *hidden);
    if (counts == NULL || hidden == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t i = 0; i < periods->n; i++) {
        counts[PERIOD_ITEMS * i + ITEM_OPENED] = periods->items[i].inc;
        counts[PERIOD_ITEMS * i + ITEM_CLOSED] = periods->items[i].closed_in;
        counts[PERIOD_ITEMS * i + ITEM_BACKLOG] = periods->items[i].backlog;
    }
    const double *values[] = {counts};
    const wg_suppression what = {.values = values, .n_figures = 1, .n = n, .n_free = n, .least = least};
    WG_TRY(add_rules(ctx, job, periods, &rules));
    WG_TRY(wg_suppress(ctx, &what, &rules, hidden));
    for (size_t i = periods->n; i-- > 0;) {
        blank_period(periods, i, periods_a_year(u), least, hidden);
    }
done:
    wg_sum_rules_release(&rules);
    free(counts);
    free(hidden);
    return status;
}

wg_status wg_report_periods(wg_context *ctx, const wg_report_job *job, wg_periods *periods) {
    wg_status status = WG_OK;
    const unit u = unit_of(job);
    const wg_span span = job->input.span;
    int64_t oldest;
    int64_t newest;
    double *delta = NULL;
    *periods = (wg_periods){.n = 0};
    if (!dated_range(&job->incidents, &oldest, &newest)) {
        return WG_OK;
    }
    /* Counted over all of the data's time, so that earlier periods can be compared with; then cut to the span. */
    WG_TRY(lay_periods(ctx, job, u, oldest, span.to != WG_NO_TIME ? span.to - 1 : newest, periods));
    if (periods->n == 0) {
        goto done;
    }
    delta = wg_calloc(periods->n + 1, sizeof *delta);
    if (delta == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t i = 0; i < job->incidents.n; i++) {
        count_item(job, periods, &job->incidents.items[i], delta);
    }
    double backlog = 0.0;
    size_t cut = 0;
    const size_t year = periods_a_year(u);
    for (size_t i = 0; i < periods->n; i++) {
        wg_period *p = &periods->items[i];
        backlog += delta[i];
        p->backlog = backlog;
        p->before = i > 0 ? periods->items[i - 1].inc : NAN;
        p->year = i >= year ? periods->items[i - year].inc : NAN;
        cut += span.from != WG_NO_TIME && p->span.to <= span.from ? 1 : 0;
    }
    if (job->options->suppress > 0) {
        WG_TRY(hide_periods(ctx, job, u, periods));
    }
    memmove(periods->items, periods->items + cut, (periods->n - cut) * sizeof *periods->items);
    periods->n -= cut;
done:
    free(delta);
    if (status != WG_OK) {
        free(periods->items);
        *periods = (wg_periods){.n = 0};
    }
    return status;
}
