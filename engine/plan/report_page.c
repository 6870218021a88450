/* The report's page: key figures, measures of the map, charts, tables. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/number.h"
#include "plan/report_periods.h"
#include "plan/report_sheet.h"

enum { MEASURES = 24, CARDS = 10, CHARTS = 6, CARD_BYTES = 48, HISTOGRAM = 12 };

/** What a page points to. */
typedef struct page_parts {
    wg_page_measure measures[MEASURES];
    double *values[MEASURES];
    uint32_t n_measures;
    uint32_t *status_of, *hot_of, *grade_of;
    const char *status_names[3], *hot_names[3], *grade_names[WG_GRADES];
    wg_rgba status_colours[3], hot_colours[3], grade_colours[WG_GRADES];
    wg_page_card cards[CARDS];
    char card_text[CARDS][CARD_BYTES];
    uint32_t n_cards;
    wg_page_chart charts[CHARTS];
    uint32_t n_charts;
    wg_periods periods;
    const char **period_names;
    double *period_values; /**< four series */
    wg_page_series period_series[4];
    char bin_text[HISTOGRAM][24];
    const char *bins[HISTOGRAM];
    double bin_counts[HISTOGRAM];
    wg_page_series bin_series;
    double lorenz[2][21];
    const char *lorenz_names[21];
    char lorenz_text[21][8];
    wg_page_series lorenz_series[2];
    wg_sheet *tables;
    wg_buffer picture;
    char title[200], subtitle[240], note[600];
} page_parts;

/* ------------------------------------------------------------------ cards */

/** 1234567 as "1 234 567". */
static void grouped(double value, char text[CARD_BYTES]) {
    char digits[32];
    if (!isfinite(value)) { /* hidden, or nothing to divide by */
        snprintf(text, CARD_BYTES, "–");
        return;
    }
    snprintf(digits, sizeof digits, "%.0f", value);
    const size_t n = strlen(digits);
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-') {
            memcpy(text + out, "\xE2\x80\xAF", 3); /* narrow no-break space */
            out += 3;
        }
        text[out++] = digits[i];
    }
    text[out] = '\0';
}

static char *new_card(page_parts *p, const char *label, int tone) {
    char *text = p->card_text[p->n_cards];
    p->cards[p->n_cards++] = (wg_page_card){.value = text, .label = label, .tone = tone};
    return text;
}

static void number_card(page_parts *p, const char *label, double value) {
    grouped(value, new_card(p, label, 0));
}

/** A share with a tone: good from `good` on, bad below `bad`. */
static void share_card(page_parts *p, const char *label, double share, double good, double bad) {
    if (isnan(share)) {
        return;
    }
    const int tone = share >= good ? 1 : share < bad ? -1 : 0;
    /* Rounded down, so that what is not whole is not shown as 100 %. */
    snprintf(new_card(p, label, tone), CARD_BYTES, "%.1f%%", share >= 1.0 ? 100.0 : floor(share * 1000.0) / 10.0);
}

static double share_of(double part, double whole) {
    return whole > 0.0 ? part / whole : NAN;
}

static void make_cards(const wg_report_job *job, page_parts *p) {
    const uint32_t whole = job->tree.n_areas - 1;
    double *const *f = job->model.area;
    const double area = f[WG_FIG_AREA][whole];
    number_card(p, wg_report_say(job, "cells", "网格"), f[WG_FIG_CELLS][whole]);
    number_card(p, wg_report_say(job, "households", "户"), f[WG_FIG_HH][whole]);
    number_card(p, wg_report_say(job, "people", "人"), f[WG_FIG_POP][whole]);
    share_card(p, wg_report_say(job, "of the land in exactly one cell", "面积覆盖率"),
               share_of(area - f[WG_FIG_GAP][whole] - f[WG_FIG_OVERLAP][whole], area), 0.999999, 0.99);
    share_card(p, wg_report_say(job, "of the households in a cell", "户覆盖率"),
               share_of(f[WG_FIG_HH_IN][whole], f[WG_FIG_HH][whole]), 0.999, 0.98);
    share_card(p, wg_report_say(job, "of the cells within limits", "网格达标率"),
               share_of(f[WG_FIG_CELLS_OK][whole], f[WG_FIG_CELLS][whole]), 0.95, 0.8);
    if (job->model.has_workers) {
        number_card(p, wg_report_say(job, "households a worker", "人均管户"),
                    share_of(f[WG_FIG_HH][whole], f[WG_FIG_FTE][whole]));
    }
    if (job->has_incidents) {
        number_card(p, wg_report_say(job, "incidents", "事件"), f[WG_FIG_INC][whole]);
        share_card(p, wg_report_say(job, "closed", "结案率"), job->model.areas[whole].rate[WG_RATE_CLOSE], 0.95, 0.8);
        share_card(p, wg_report_say(job, "closed on time", "按期结案率"), job->model.areas[whole].rate[WG_RATE_ONTIME],
                   0.9, 0.7);
    }
}

/* ------------------------------------------------------------------ measures */

static double *new_measure(const wg_report_job *job, page_parts *p, const char *title, uint32_t decimals,
                           bool percent) {
    double *values = wg_malloc(job->tree.n_cells, sizeof *values);
    if (values != NULL && p->n_measures < MEASURES) {
        p->values[p->n_measures] = values;
        p->measures[p->n_measures++] =
            (wg_page_measure){.title = title, .values = values, .decimals = decimals, .percent = percent};
        return values;
    }
    free(values);
    return NULL;
}

static void figure_measure(const wg_report_job *job, page_parts *p, wg_figure figure, double unit, const char *title) {
    double *values = new_measure(job, p, title, unit != 1.0 ? 2 : 0, false);
    for (uint32_t cell = 0; values != NULL && cell < job->tree.n_cells; cell++) {
        values[cell] = job->model.area[figure][cell] / unit;
    }
}

static void ratio_measure(const wg_report_job *job, page_parts *p, wg_figure part, wg_figure whole, double factor,
                          const char *title) {
    double *values = new_measure(job, p, title, 1, factor == 100.0);
    for (uint32_t cell = 0; values != NULL && cell < job->tree.n_cells; cell++) {
        values[cell] = factor * share_of(job->model.area[part][cell], job->model.area[whole][cell]);
    }
}

/** A field of the areas' own figures. */
static void area_measure(const wg_report_job *job, page_parts *p, size_t offset, double factor, uint32_t decimals,
                         bool percent, const char *title) {
    double *values = new_measure(job, p, title, decimals, percent);
    for (uint32_t cell = 0; values != NULL && cell < job->tree.n_cells; cell++) {
        double value;
        memcpy(&value, (const char *)&job->model.areas[cell] + offset, sizeof value);
        values[cell] = factor * value;
    }
}

static bool class_measure(const wg_report_job *job, page_parts *p, const char *title, uint32_t **class_of,
                          const char *const *names, const wg_rgba *colours, uint32_t n) {
    *class_of = wg_malloc(job->tree.n_cells, sizeof **class_of);
    if (*class_of != NULL) {
        p->measures[p->n_measures++] = (wg_page_measure){
            .title = title, .class_of = *class_of, .classes = names, .colours = colours, .n_classes = n};
    }
    return *class_of != NULL;
}

static bool status_measure(const wg_report_job *job, page_parts *p) {
    p->status_names[0] = wg_report_say(job, "within limits", "达标");
    p->status_names[1] = wg_report_say(job, "below a limit", "低于下限");
    p->status_names[2] = wg_report_say(job, "above a limit", "超过上限");
    p->status_colours[0] = 0xc4e6d9ffu;
    p->status_colours[1] = 0x77aaddffu;
    p->status_colours[2] = 0xe07b39ffu;
    if (!class_measure(job, p, wg_report_say(job, "Limits", "达标情况"), &p->status_of, p->status_names,
                       p->status_colours, 3)) {
        return false;
    }
    const uint32_t column = wg_layer_column(job->cells, "status");
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        const char *status = column == UINT32_MAX ? NULL : wg_layer_text(job->cells, cell, column);
        p->status_of[cell] = status == NULL                 ? WG_UNASSIGNED
                             : strcmp(status, "ok") == 0    ? 0
                             : strcmp(status, "under") == 0 ? 1
                                                            : 2;
    }
    return true;
}

static bool hot_measure(const wg_report_job *job, page_parts *p) {
    p->hot_names[0] = wg_report_say(job, "cold spot", "冷点");
    p->hot_names[1] = wg_report_say(job, "not significant", "不显著");
    p->hot_names[2] = wg_report_say(job, "hot spot", "热点");
    p->hot_colours[0] = 0x4393c3ffu;
    p->hot_colours[1] = 0xf1efe9ffu;
    p->hot_colours[2] = 0xd6604dffu;
    if (!class_measure(job, p, wg_report_say(job, "Hot spots", "事件热点"), &p->hot_of, p->hot_names, p->hot_colours,
                       3)) {
        return false;
    }
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        p->hot_of[cell] = !job->model.hot[cell] ? 1 : job->model.z[cell] > 0.0 ? 2 : 0;
    }
    return true;
}

static bool grade_measure(const wg_report_job *job, page_parts *p) {
    static const wg_rgba colours[WG_GRADES] = {0x1a7f5affu, 0x9fd3b8ffu, 0xf5d67bffu, 0xc2570cffu};
    memcpy(p->grade_colours, colours, sizeof colours);
    for (int g = 0; g < WG_GRADES; g++) {
        p->grade_names[g] = wg_report_grade_text(g, job->options->lang);
    }
    if (!class_measure(job, p, wg_report_say(job, "Grade", "等次"), &p->grade_of, p->grade_names, p->grade_colours,
                       WG_GRADES)) {
        return false;
    }
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        p->grade_of[cell] = job->model.areas[cell].grade < 0 ? WG_UNASSIGNED : (uint32_t)job->model.areas[cell].grade;
    }
    return true;
}

static bool make_measures(const wg_report_job *job, page_parts *p) {
    bool good = true;
    figure_measure(job, p, WG_FIG_HH, 1.0, wg_report_say(job, "Households", "户数"));
    figure_measure(job, p, WG_FIG_POP, 1.0, wg_report_say(job, "People", "人口"));
    good = status_measure(job, p);
    figure_measure(job, p, WG_FIG_BLD, 1.0, wg_report_say(job, "Buildings", "楼栋数"));
    figure_measure(job, p, WG_FIG_AREA, 10000.0, wg_report_say(job, "Area (ha)", "面积(公顷)"));
    if (job->model.has_workers) {
        ratio_measure(job, p, WG_FIG_HH, WG_FIG_FTE, 1.0, wg_report_say(job, "Households a worker", "人均管户"));
        ratio_measure(job, p, WG_FIG_POP, WG_FIG_FTE, 1.0, wg_report_say(job, "People a worker", "人均服务人口"));
        figure_measure(job, p, WG_FIG_ROLES_MISS, 1.0, wg_report_say(job, "Roles missing", "缺岗数"));
    }
    if (job->model.has_service) {
        ratio_measure(job, p, WG_FIG_SVC_HH, WG_FIG_HH, 100.0, wg_report_say(job, "Households served", "服务覆盖率"));
    }
    if (job->model.has_visits) {
        ratio_measure(job, p, WG_FIG_VISIT_BLD, WG_FIG_BLD, 100.0,
                      wg_report_say(job, "Buildings visited", "楼栋走访率"));
    }
    if (job->has_incidents) {
        const size_t rates = offsetof(wg_report_area, rate);
        figure_measure(job, p, WG_FIG_INC, 1.0, wg_report_say(job, "Incidents", "事件数"));
        ratio_measure(job, p, WG_FIG_INC, WG_FIG_HH, 1000.0,
                      wg_report_say(job, "Incidents per 1 000 households", "每千户事件"));
        figure_measure(job, p, WG_FIG_INC_OPEN, 1.0, wg_report_say(job, "Incidents open", "未结事件"));
        area_measure(job, p, rates + WG_RATE_CLOSE * sizeof(double), 100.0, 1, true,
                     wg_report_say(job, "Closed", "结案率"));
        area_measure(job, p, rates + WG_RATE_ONTIME * sizeof(double), 100.0, 1, true,
                     wg_report_say(job, "Closed on time", "按期结案率"));
        area_measure(job, p, offsetof(wg_report_area, days_median), 1.0, 1, false,
                     wg_report_say(job, "Days to close, median", "结案天数中位数"));
        area_measure(job, p, offsetof(wg_report_area, score), 1.0, 1, false, wg_report_say(job, "Score", "得分"));
        good = good && grade_measure(job, p) && hot_measure(job, p);
    }
    area_measure(job, p, offsetof(wg_report_area, load_index), 1.0, 2, false,
                 wg_report_say(job, "Workload index", "工作量指数"));
    return good;
}

/* ------------------------------------------------------------------ charts */

static void households_chart(const wg_report_job *job, page_parts *p) {
    const double *values = job->model.area[WG_FIG_HH];
    double most = 0.0;
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        most = fmax(most, values[cell]); /* hidden ones are NaN and left out */
    }
    const double rough = fmax(most / (HISTOGRAM - 1), 1.0);
    const double decade = pow(10.0, floor(log10(rough)));
    const double step = decade * (rough / decade > 5.0   ? 10.0
                                  : rough / decade > 2.0 ? 5.0
                                  : rough / decade > 1.0 ? 2.0
                                                         : 1.0);
    uint32_t n = 0;
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        if (isnan(values[cell])) {
            continue;
        }
        const uint32_t bin = (uint32_t)fmin(values[cell] / step, HISTOGRAM - 1.0);
        p->bin_counts[bin] += 1.0;
        n = bin + 1 > n ? bin + 1 : n;
    }
    for (uint32_t i = 0; i < n; i++) {
        snprintf(p->bin_text[i], sizeof p->bin_text[i], "%.0f–", i * step);
        p->bins[i] = p->bin_text[i];
    }
    p->bin_series = (wg_page_series){.name = wg_report_say(job, "cells", "网格数"), .values = p->bin_counts};
    p->charts[p->n_charts++] = (wg_page_chart){
        .title = wg_report_say(job, "Cells by households", "网格户数分布"),
        .note = wg_report_say(job, "Number of cells with so many households or more, up to the next mark.",
                              "户数区间内的网格个数。"),
        .bars = true,
        .x = p->bins,
        .n_x = n,
        .series = &p->bin_series,
        .n_series = 1};
}

/** Share of the workload borne by the least loaded cells. */
static bool lorenz_chart(const wg_report_job *job, page_parts *p) {
    double *sorted = wg_malloc(job->tree.n_cells, sizeof *sorted);
    double sum = 0.0;
    uint32_t n = 0;
    if (sorted == NULL) {
        return false;
    }
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        const double load = job->model.area[WG_FIG_LOAD][cell];
        if (!isnan(load)) {
            sorted[n++] = load;
            sum += load;
        }
    }
    wg_sort_doubles(sorted, n);
    double run = 0.0;
    uint32_t next = 0;
    for (uint32_t i = 0; i <= 20; i++) {
        const double share = i / 20.0;
        while (next < n && next + 1 <= share * n + 1e-9) {
            run += sorted[next++];
        }
        const double part = share * n - next; /* of the cell that lies across the mark */
        p->lorenz[0][i] = sum > 0.0 ? 100.0 * (run + (next < n ? part * sorted[next] : 0.0)) / sum : NAN;
        p->lorenz[1][i] = 100.0 * share;
        snprintf(p->lorenz_text[i], sizeof p->lorenz_text[i], "%u%%", 5 * i);
        p->lorenz_names[i] = p->lorenz_text[i];
    }
    free(sorted);
    p->lorenz_series[0] = (wg_page_series){.name = wg_report_say(job, "workload", "工作量"), .values = p->lorenz[0]};
    p->lorenz_series[1] = (wg_page_series){
        .name = wg_report_say(job, "perfectly even", "完全均衡"), .values = p->lorenz[1], .dashed = true};
    p->charts[p->n_charts++] =
        (wg_page_chart){.title = wg_report_say(job, "How evenly the work is spread", "工作量均衡度（洛伦兹曲线）"),
                        .note = wg_report_say(job, "Share of all work (up) in the least loaded cells (across).",
                                              "横轴为工作量由少到多的网格占比，纵轴为其工作量占比。"),
                        .x = p->lorenz_names,
                        .n_x = 21,
                        .series = p->lorenz_series,
                        .n_series = 2,
                        .decimals = 1};
    return true;
}

static bool period_chart(const wg_report_job *job, page_parts *p) {
    const size_t n = p->periods.n;
    p->period_names = wg_malloc(n, sizeof *p->period_names);
    p->period_values = wg_malloc(3 * n, sizeof *p->period_values);
    if (p->period_names == NULL || p->period_values == NULL) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        p->period_names[i] = p->periods.items[i].label;
        p->period_values[i] = p->periods.items[i].inc;
        p->period_values[n + i] = p->periods.items[i].closed_in;
        p->period_values[2 * n + i] = p->periods.items[i].backlog;
    }
    p->period_series[0] = (wg_page_series){.name = wg_report_say(job, "opened", "上报"), .values = p->period_values};
    p->period_series[1] =
        (wg_page_series){.name = wg_report_say(job, "closed", "结案"), .values = p->period_values + n};
    p->period_series[2] = (wg_page_series){
        .name = wg_report_say(job, "open at the end", "期末未结"), .values = p->period_values + 2 * n, .dashed = true};
    p->charts[p->n_charts++] = (wg_page_chart){.title = wg_report_say(job, "Incidents by period", "事件分期"),
                                               .bars = n <= 2,
                                               .x = p->period_names,
                                               .n_x = (uint32_t)n,
                                               .series = p->period_series,
                                               .n_series = 3};
    return true;
}

static wg_status make_charts(wg_context *ctx, const wg_report_job *job, page_parts *p) {
    wg_status status = WG_OK;
    if (job->has_incidents) {
        WG_TRY(wg_report_periods(ctx, job, &p->periods));
        if (p->periods.n > 0 && !period_chart(job, p)) {
            WG_TRY(wg_fail_memory(ctx));
        }
    }
    households_chart(job, p);
    if (!lorenz_chart(job, p)) {
        WG_TRY(wg_fail_memory(ctx));
    }
done:
    return status;
}

/* ------------------------------------------------------------------ words and picture */

static void moment_text(const wg_report_job *job, int64_t time, char *text, size_t size) {
    wg_date date;
    const int64_t local = job->has_zone ? time + wg_time_zone_offset(&job->zone, time) : time;
    wg_date_from_days(local >= 0 ? local / 86400 : -((-local + 86399) / 86400), &date);
    snprintf(text, size, "%04d-%02d-%02d", date.year % 10000, date.month, date.day);
}

static void make_words(const wg_report_job *job, page_parts *p) {
    char from[16] = "…";
    char to[16] = "…";
    const wg_span span = job->input.span;
    if (span.from != WG_NO_TIME) {
        moment_text(job, span.from, from, sizeof from);
    }
    if (span.to != WG_NO_TIME || job->model.end != WG_NO_TIME) {
        moment_text(job, (span.to != WG_NO_TIME ? span.to : job->model.end) - 1, to, sizeof to);
    }
    const char *slash = strrchr(job->options->plan, '/');
    snprintf(p->title, sizeof p->title, "%s",
             wg_report_say(job, "Grid cells: coverage and workload", "网格覆盖与工作量报表"));
    if (job->has_incidents) {
        snprintf(p->subtitle, sizeof p->subtitle, "%.160s · %s – %s", slash != NULL ? slash + 1 : job->options->plan,
                 from, to);
    } else {
        snprintf(p->subtitle, sizeof p->subtitle, "%.200s", slash != NULL ? slash + 1 : job->options->plan);
    }
    char hidden[200] = "";
    if (job->options->suppress > 0) {
        snprintf(hidden, sizeof hidden,
                 wg_report_say(job, " Counts below %u are hidden (empty), and others that would give them away.",
                               "小于 %u 的计数及可反推者已隐去（留空）。"),
                 job->options->suppress);
    }
    snprintf(p->note, sizeof p->note, "%.250s%s%s%s", job->attribution == NULL ? "" : job->attribution,
             job->attribution == NULL ? "" : " · ",
             wg_report_say(job,
                           "Made with wangge. Every total was reconciled with its parts and with the input: see the "
                           "table Reconciliation.",
                           "由 wangge 生成。各项合计均已与分项和输入核对，见“核对表”。"),
             hidden);
}

static wg_status draw_picture(wg_context *ctx, const wg_report_job *job, const wg_plan_layers *layers, page_parts *p) {
    wg_plan_map *map = NULL;
    const wg_plan_map_options options = {.title = p->title,
                                         .subtitle = p->subtitle,
                                         .note = job->attribution,
                                         .status = true,
                                         .lang = job->options->lang};
    wg_status status = wg_plan_map_new(ctx, layers, &options, &map);
    if (status == WG_OK) {
        status = wg_map_png(ctx, wg_plan_map_get(map), 110.0, &p->picture);
    }
    wg_plan_map_free(map);
    return status;
}

static void release_parts(page_parts *p) {
    for (uint32_t i = 0; i < p->n_measures; i++) {
        free(p->values[i]);
    }
    free(p->status_of);
    free(p->hot_of);
    free(p->grade_of);
    free(p->periods.items);
    free(p->period_names);
    free(p->period_values);
    free(p->tables);
    wg_buffer_release(&p->picture);
    free(p);
}

wg_status wg_report_write_page(wg_context *ctx, const wg_report_job *job, const char *path) {
    wg_status status = WG_OK;
    const wg_plan_layers layers = {.communities = job->communities,
                                   .cells = job->cells,
                                   .buildings = job->buildings,
                                   .barriers = job->barriers,
                                   .overlay = job->territory.gaps,
                                   .overlay_legend = wg_report_say(job, "In no cell", "无网格覆盖")};
    page_parts *p = wg_calloc(1, sizeof *p);
    if (p == NULL) {
        return wg_fail_memory(ctx);
    }
    make_words(job, p);
    make_cards(job, p);
    p->tables = wg_calloc(job->n_sheets, sizeof *p->tables);
    if (!make_measures(job, p) || p->tables == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t i = 0; i < job->n_sheets; i++) {
        p->tables[i] = job->sheets[i].sheet;
    }
    WG_TRY(make_charts(ctx, job, p));
    WG_TRY(draw_picture(ctx, job, &layers, p));
    const wg_page page = {.title = p->title,
                          .subtitle = p->subtitle,
                          .note = p->note,
                          .lang = job->options->lang,
                          .layers = layers,
                          .measures = p->measures,
                          .n_measures = p->n_measures,
                          .cards = p->cards,
                          .n_cards = p->n_cards,
                          .charts = p->charts,
                          .n_charts = p->n_charts,
                          .tables = p->tables,
                          .n_tables = (uint32_t)job->n_sheets,
                          .picture = &p->picture};
    WG_TRY(wg_page_write(ctx, &page, path));
done:
    release_parts(p);
    return status;
}
