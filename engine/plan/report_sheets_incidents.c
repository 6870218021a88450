/* Sheets about incidents: by category, route and severity, and by period. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/number.h"
#include "plan/report_periods.h"
#include "plan/report_sheet.h"
#include "report/suppress.h"

/** Counts of one word (category …), of one period, or of all. */
typedef struct tally {
    double inc, handled, closed, open, late, waiting, rework, numerator[WG_N_RATES], denominator[WG_N_RATES];
    double *days; /**< borrowed from one block; sorted by finish */
    size_t n_days;
} tally;

static void count(tally *at, const wg_report_job *job, const wg_incident *item, wg_span span, int64_t end) {
    const uint32_t set = wg_incident_set(item, span, end);
    const double w = item->weight;
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        const wg_rate_rule *rule = &job->config.rate[r];
        const bool below = (set & rule->denominator) == rule->denominator;
        at->denominator[r] += below ? w : 0.0;
        at->numerator[r] += below && (set & rule->numerator) == rule->numerator ? w : 0.0;
    }
    if ((set & WG_IS_OPENED) == 0) {
        return;
    }
    at->inc += w;
    at->handled += (set & WG_IS_HANDLED) != 0 ? w : 0.0;
    at->closed += (set & WG_IS_CLOSED) != 0 ? w : 0.0;
    at->open += (set & WG_IS_CLOSED) == 0 ? w : 0.0;
    at->late += (set & WG_IS_LATE) != 0 ? w : 0.0;
    at->waiting += (set & WG_IS_WAITING) != 0 ? w : 0.0;
    at->rework += (set & WG_IS_REWORKED) != 0 ? w : 0.0;
}

/** Days to close of one incident of the span; NAN where there are none. */
static double days_of(const wg_report_job *job, const wg_incident *item) {
    const uint32_t set = wg_incident_set(item, job->input.span, job->model.end);
    const uint32_t need = WG_IS_OPENED | WG_IS_CLOSED | WG_IS_VALID;
    const bool timed = item->opened != WG_NO_TIME && item->closed != WG_NO_TIME && item->closed >= item->opened;
    return (set & need) == need && timed ? (double)(item->closed - item->opened) / 86400.0 : NAN;
}

static uint16_t word_of(const wg_incident *item, uint32_t kind) {
    return kind == 0 ? item->category : kind == 1 ? item->route : item->severity;
}

static double percent(double part, double whole) {
    return whole > 0.0 ? 100.0 * part / whole : NAN;
}

/** The counts of a word that are shown or that a share of it tells. */
enum { TOLD = 7 + 3 * WG_N_RATES };

static void told_counts(const tally *at, double told[TOLD]) {
    const double seven[] = {at->inc, at->handled, at->inc - at->handled, at->closed, at->open, at->late, at->rework};
    memcpy(told, seven, sizeof seven);
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        const bool shown = r <= WG_RATE_REWORK;
        told[7 + 3 * r] = shown ? at->numerator[r] : 0.0;
        told[8 + 3 * r] = shown ? at->denominator[r] : 0.0;
        told[9 + 3 * r] = shown ? at->denominator[r] - at->numerator[r] : 0.0;
    }
}

/** Which words are hidden: small ones, and others so that the total does not tell them. */
static wg_status hide_words(wg_context *ctx, const wg_report_job *job, const tally *tallies, size_t n, bool *hidden) {
    wg_status status = WG_OK;
    wg_sum_rules rules = {.n = 0};
    double *block = wg_malloc(TOLD * n, sizeof *block);
    uint32_t *parts = wg_malloc(n, sizeof *parts);
    const double *values[TOLD];
    if (block == NULL || parts == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t w = 0; w < n; w++) {
        double told[TOLD];
        told_counts(&tallies[w], told);
        for (size_t f = 0; f < TOLD; f++) {
            block[f * n + w] = told[f];
        }
        parts[w] = (uint32_t)w;
    }
    for (size_t f = 0; f < TOLD; f++) {
        values[f] = block + f * n;
    }
    const wg_suppression what = {
        .values = values, .n_figures = TOLD, .n = n, .n_free = n, .least = (double)job->options->suppress};
    WG_TRY(wg_sum_rules_add(ctx, &rules, WG_UNASSIGNED, parts, n));
    WG_TRY(wg_suppress(ctx, &what, &rules, hidden));
done:
    wg_sum_rules_release(&rules);
    free(block);
    free(parts);
    return status;
}

/** The total is the whole's, as the other tables have it: what is hidden there is not told here. */
static bool total_hidden(const wg_report_job *job) {
    const uint32_t whole = job->tree.n_areas - 1;
    bool hidden = isnan(job->model.area[WG_FIG_INC][whole]) || isnan(job->model.area[WG_FIG_INC_CLOSED][whole]);
    for (uint32_t r = 0; r <= WG_RATE_REWORK; r++) {
        hidden = hidden || isnan(job->model.area[WG_FIG_RATE + r][whole]);
    }
    return hidden;
}

static void put_tally(wg_sheet_pen *pen, tally *at) {
    wg_sheet_number(pen, at->inc);
    wg_sheet_number(pen, at->handled);
    wg_sheet_number(pen, at->closed);
    wg_sheet_number(pen, at->open);
    wg_sheet_number(pen, at->late);
    wg_sheet_number(pen, at->rework);
    for (uint32_t r = 0; r <= WG_RATE_REWORK; r++) {
        wg_sheet_number(pen, percent(at->numerator[r], at->denominator[r]));
    }
    wg_sort_doubles(at->days, at->n_days);
    wg_sheet_number(pen, wg_quantile_sorted(at->days, at->n_days, 0.5));
    wg_sheet_number(pen, wg_quantile_sorted(at->days, at->n_days, 0.9));
}

typedef struct order {
    double inc;
    const char *word;
    size_t index;
} order;

static int by_count(const void *a, const void *b) {
    const order *left = a;
    const order *right = b;
    if (left->inc != right->inc) {
        return left->inc > right->inc ? -1 : 1;
    }
    return strcmp(left->word, right->word);
}

/** Tallies of every word of one kind. @param[out] tallies, days  caller frees both */
static wg_status tally_words(wg_context *ctx, const wg_report_job *job, uint32_t kind, size_t n_words, tally **tallies,
                             double **days) {
    const wg_incidents *all = &job->incidents;
    *tallies = wg_calloc(n_words, sizeof **tallies);
    *days = wg_malloc(all->n, sizeof **days);
    if (*tallies == NULL || *days == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < all->n; i++) {
        tally *at = &(*tallies)[word_of(&all->items[i], kind)];
        count(at, job, &all->items[i], job->input.span, job->model.end);
        at->n_days += isnan(days_of(job, &all->items[i])) ? 0 : 1;
    }
    double *next = *days;
    for (size_t w = 0; w < n_words; w++) {
        (*tallies)[w].days = next;
        next += (*tallies)[w].n_days;
        (*tallies)[w].n_days = 0;
    }
    for (size_t i = 0; i < all->n; i++) {
        const double value = days_of(job, &all->items[i]);
        tally *at = &(*tallies)[word_of(&all->items[i], kind)];
        if (!isnan(value)) {
            at->days[at->n_days++] = value;
        }
    }
    return WG_OK;
}

/** Everything together, from the tallies of one kind. */
static tally sum_tallies(const tally *tallies, size_t n, double *days) {
    tally sum = {.days = days};
    for (size_t w = 0; w < n; w++) {
        const tally *at = &tallies[w];
        sum.inc += at->inc;
        sum.handled += at->handled;
        sum.closed += at->closed;
        sum.open += at->open;
        sum.late += at->late;
        sum.rework += at->rework;
        sum.n_days += at->n_days;
        for (uint32_t r = 0; r < WG_N_RATES; r++) {
            sum.numerator[r] += at->numerator[r];
            sum.denominator[r] += at->denominator[r];
        }
    }
    return sum;
}

static wg_status put_words(wg_context *ctx, wg_report_job *job, wg_sheet_pen *pen, uint32_t kind, const char *title,
                           const wg_words *words, bool total) {
    wg_status status = WG_OK;
    tally *tallies = NULL;
    double *days = NULL;
    order *sorted = wg_malloc(words->n, sizeof *sorted);
    bool *hidden = wg_calloc(words->n, sizeof *hidden);
    if (sorted == NULL || hidden == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(tally_words(ctx, job, kind, words->n, &tallies, &days));
    if (job->options->suppress > 0) {
        WG_TRY(hide_words(ctx, job, tallies, words->n, hidden));
    }
    for (size_t w = 0; w < words->n; w++) {
        /* What is hidden stands last: its place among the others would tell its size. */
        sorted[w] = (order){hidden[w] ? -1.0 : tallies[w].inc, words->word[w], w};
    }
    qsort(sorted, words->n, sizeof *sorted, by_count);
    for (size_t i = 0; i < words->n; i++) {
        wg_sheet_row(pen, false);
        wg_sheet_text(pen, title);
        wg_sheet_text(pen, sorted[i].word[0] != '\0' ? sorted[i].word : wg_report_say(job, "(not stated)", "（未填）"));
        if (!hidden[sorted[i].index]) {
            put_tally(pen, &tallies[sorted[i].index]);
        }
    }
    if (total) {
        tally sum = sum_tallies(tallies, words->n, days);
        wg_sheet_row(pen, true);
        wg_sheet_text(pen, wg_report_say(job, "Total", "合计"));
        wg_sheet_text(pen, NULL);
        if (job->options->suppress == 0 || !total_hidden(job)) {
            put_tally(pen, &sum);
        }
    }
done:
    free(tallies);
    free(days);
    free(sorted);
    free(hidden);
    return status;
}

static wg_status sheet_incidents(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"By", "统计口径", WG_TEXT, 0, false},
                                            {"Value", "类别", WG_TEXT, 0, false},
                                            {"Incidents", "事件数", WG_REAL, 0, false},
                                            {"Handled", "已处置", WG_REAL, 0, false},
                                            {"Closed", "已结案", WG_REAL, 0, false},
                                            {"Open", "未结案", WG_REAL, 0, false},
                                            {"Overdue", "超期", WG_REAL, 0, false},
                                            {"Reworked", "返工", WG_REAL, 0, false},
                                            {"Handled (%)", "处置率", WG_REAL, 1, true},
                                            {"Closed (%)", "结案率", WG_REAL, 1, true},
                                            {"On time (%)", "按期结案率", WG_REAL, 1, true},
                                            {"Rework (%)", "返工率", WG_REAL, 1, true},
                                            {"Days to close, median", "结案天数中位数", WG_REAL, 2, false},
                                            {"Days to close, 90 %", "结案天数九成", WG_REAL, 2, false}};
    wg_status status = WG_OK;
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "incidents", "Incidents", "事件统计表",
                   "Incidents opened in the span, as they stood at its end; incidents in no cell are included.",
                   "统计时段内上报、按时段末状态计算；含未落入网格的事件。", fields, sizeof fields / sizeof *fields);
    status = put_words(ctx, job, &pen, 0, wg_report_say(job, "Category", "类别"), &job->incidents.categories, true);
    if (status == WG_OK && job->incidents.routes.n > 1) {
        status = put_words(ctx, job, &pen, 1, wg_report_say(job, "Route", "流转"), &job->incidents.routes, false);
    }
    if (status == WG_OK && job->incidents.severities.n > 1) {
        status =
            put_words(ctx, job, &pen, 2, wg_report_say(job, "Severity", "等级"), &job->incidents.severities, false);
    }
    const wg_status ended = wg_sheet_end(&pen);
    return status != WG_OK ? status : ended;
}

static wg_status sheet_periods(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {
        {"Period", "时段", WG_TEXT, 0, false},           {"Incidents", "事件数", WG_REAL, 0, false},
        {"Period before", "上期", WG_REAL, 0, false},    {"Change", "环比", WG_REAL, 1, true},
        {"Year before", "上年同期", WG_REAL, 0, false},  {"Change on the year", "同比", WG_REAL, 1, true},
        {"Closed in it", "本期结案", WG_REAL, 0, false}, {"Backlog at its end", "期末积压", WG_REAL, 0, false},
        {"Handled (%)", "处置率", WG_REAL, 1, true},     {"Closed (%)", "结案率", WG_REAL, 1, true},
        {"On time (%)", "按期结案率", WG_REAL, 1, true}, {"Rework (%)", "返工率", WG_REAL, 1, true}};
    wg_status status = WG_OK;
    wg_periods periods;
    wg_sheet_pen pen;
    status = wg_report_periods(ctx, job, &periods);
    if (status != WG_OK || periods.n == 0) {
        return status;
    }
    wg_sheet_begin(
        &pen, ctx, job, "periods", "Periods", "分期统计表",
        "Rates of a period: incidents opened in it, as they stood at its end. The last period may be incomplete.",
        "各期指标按本期上报、期末状态计算；最后一期可能不完整。", fields, sizeof fields / sizeof *fields);
    for (size_t i = 0; i < periods.n; i++) {
        const wg_period *p = &periods.items[i];
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, p->label);
        wg_sheet_number(&pen, p->inc);
        wg_sheet_number(&pen, p->before);
        wg_sheet_number(&pen, p->before > 0.0 ? 100.0 * (p->inc / p->before - 1.0) : NAN);
        wg_sheet_number(&pen, p->year);
        wg_sheet_number(&pen, p->year > 0.0 ? 100.0 * (p->inc / p->year - 1.0) : NAN);
        wg_sheet_number(&pen, p->closed_in);
        wg_sheet_number(&pen, p->backlog);
        for (uint32_t r = 0; r <= WG_RATE_REWORK; r++) {
            wg_sheet_number(&pen, percent(p->numerator[r], p->denominator[r]));
        }
    }
    free(periods.items);
    return wg_sheet_end(&pen);
}

wg_status wg_report_sheets_incidents(wg_context *ctx, wg_report_job *job) {
    if (!job->has_incidents || job->incidents.n == 0) {
        return WG_OK;
    }
    const wg_status status = sheet_incidents(ctx, job);
    return status != WG_OK ? status : sheet_periods(ctx, job);
}
