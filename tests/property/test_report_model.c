/* Every figure of a report a second way: straight from the rows, area by area, without places, sums or sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "model/number.h"
#include "report/report.h"
#include "report_city.h"

/** A report of a random city with all that it needs. */
typedef struct fixture {
    report_city city;
    wg_report_tree tree;
    wg_report_config config;
    wg_time_zone zone;
    wg_incidents incidents;
    wg_report_input input;
    wg_report_model report;
} fixture;

static void build(fixture *f, uint64_t seed, bool spanned) {
    *f = (fixture){0};
    city_make(&f->city, seed, 4, 5, 120, 400);
    wg_report_config_init(&f->config);
    f->config.role[f->config.n_roles++] = (wg_role_need){"lead", 1};
    f->config.role[f->config.n_roles++] = (wg_role_need){"full", 2};
    f->config.veto[f->config.n_vetoes++] = (wg_veto){"dispute", NULL, 6};
    assert_int_equal(wg_time_zone_open(NULL, "Asia/Shanghai", &f->zone), WG_OK);
    assert_int_equal(wg_report_tree_build(NULL, f->city.cells, f->city.communities, f->city.levels, &f->tree), WG_OK);
    const wg_layer *rows = f->city.incidents;
    uint32_t *place = wg_calloc(rows->n, sizeof *place);
    wg_incident_columns columns;
    memset(&columns, 0xff, sizeof columns);
    columns.category = wg_layer_column(rows, "category");
    columns.status = wg_layer_column(rows, "status");
    columns.opened = wg_layer_column(rows, "opened");
    columns.due = wg_layer_column(rows, "due");
    columns.closed = wg_layer_column(rows, "closed");
    for (size_t row = 0; row < rows->n; row++) {
        place[row] = wg_report_place(
            &f->tree, wg_report_cell(&f->tree, wg_layer_text(rows, row, wg_layer_column(rows, "cell"))), WG_UNASSIGNED);
    }
    assert_int_equal(wg_incidents_add(NULL, &f->incidents, rows, &columns, place, &f->zone), WG_OK);
    free(place);
    f->input = (wg_report_input){.cells = f->city.cells,
                                 .communities = f->city.communities,
                                 .levels = f->city.levels,
                                 .buildings = f->city.buildings,
                                 .shares = f->city.shares,
                                 .workers = f->city.workers,
                                 .incidents = &f->incidents,
                                 .tree = &f->tree,
                                 .config = &f->config,
                                 .zone = &f->zone,
                                 .span = {WG_NO_TIME, WG_NO_TIME},
                                 .before = {WG_NO_TIME, WG_NO_TIME},
                                 .year = {WG_NO_TIME, WG_NO_TIME}};
    if (spanned) { /* March and April on the clock of Shanghai */
        f->input.span = (wg_span){1740758400, 1746028800};
        f->input.before = (wg_span){1735488000, 1740758400};
    }
    assert_int_equal(wg_report_build(NULL, &f->input, &f->report), WG_OK);
}

static void drop(fixture *f) {
    wg_report_model_release(&f->report);
    wg_incidents_release(&f->incidents);
    wg_time_zone_release(&f->zone);
    wg_report_config_release(&f->config);
    wg_report_tree_release(&f->tree);
    city_free(&f->city);
}

static const char *text(const wg_layer *layer, size_t row, const char *column) {
    const char *value = wg_layer_text(layer, row, wg_layer_column(layer, column));
    return value == NULL ? "" : value;
}

static double number(const wg_layer *layer, size_t row, const char *column) {
    const double value = wg_layer_real(layer, row, wg_layer_column(layer, column));
    return isnan(value) ? 0.0 : value;
}

/** Does an area of the tree hold this cell and community? By their names alone: C2003 is in C2, which is in S0. */
static bool holds(const fixture *f, uint32_t area, const char *cell, const char *community) {
    const char *level = f->tree.level_name[wg_report_level(&f->tree, area)];
    const char *code = f->tree.code[area];
    char own[3] = {0};
    if (strcmp(level, "all") == 0) {
        return true;
    }
    if (strcmp(level, "cell") == 0) {
        return strcmp(code, cell) == 0;
    }
    memcpy(own, cell[0] != '\0' ? cell : community, cell[0] != '\0' || community[0] != '\0' ? 2 : 0);
    if (own[0] == '\0') {
        return false;
    }
    return strcmp(level, "community") == 0 ? strcmp(code, own) == 0 : code[1] - '0' == (own[1] - '0') % 2;
}

static void same(double found, double expected, const char *what, const fixture *f, uint32_t area) {
    const bool both_unknown = isnan(found) && isnan(expected);
    if (!both_unknown && !(fabs(found - expected) <= 1e-9 * fmax(1.0, fabs(expected)))) {
        fail_msg("%s of %s: %.17g, expected %.17g", what, f->tree.code[area], found, expected);
    }
}

static void check_people(const fixture *f, uint32_t area) {
    const wg_layer *rows = f->city.buildings;
    double bld = 0, in = 0, hh = 0, hh_in = 0, pop = 0;
    for (size_t row = 0; row < rows->n; row++) {
        if (holds(f, area, text(rows, row, "cell"), text(rows, row, "community"))) {
            const bool inside = text(rows, row, "cell")[0] != '\0';
            bld += 1;
            in += inside;
            hh += number(rows, row, "households");
            hh_in += inside ? number(rows, row, "households") : 0;
            pop += number(rows, row, "population");
        }
    }
    same(f->report.area[WG_FIG_BLD][area], bld, "buildings", f, area);
    same(f->report.area[WG_FIG_BLD_IN][area], in, "buildings in cells", f, area);
    same(f->report.area[WG_FIG_HH][area], hh, "households", f, area);
    same(f->report.area[WG_FIG_HH_IN][area], hh_in, "households in cells", f, area);
    same(f->report.area[WG_FIG_POP][area], pop, "people", f, area);
}

static void check_workers(const fixture *f, uint32_t area) {
    const wg_layer *rows = f->city.workers;
    double fte = 0, people = 0, missing = 0;
    for (size_t row = 0; row < rows->n; row++) {
        if (!holds(f, area, text(rows, row, "cell"), "")) {
            continue;
        }
        fte += number(rows, row, "fte");
        bool first = true;
        for (size_t other = 0; other < row; other++) {
            first = first && !(strcmp(text(rows, other, "id"), text(rows, row, "id")) == 0 &&
                               holds(f, area, text(rows, other, "cell"), ""));
        }
        people += first;
    }
    for (uint32_t cell = 0; cell < f->tree.n_cells; cell++) {
        double lead = 0, full = 0;
        for (size_t row = 0; row < rows->n && holds(f, area, f->tree.code[cell], ""); row++) {
            const bool here = strcmp(text(rows, row, "cell"), f->tree.code[cell]) == 0;
            lead += here && strcmp(text(rows, row, "role"), "lead") == 0;
            full += here && strcmp(text(rows, row, "role"), "full") == 0;
        }
        if (holds(f, area, f->tree.code[cell], "")) {
            missing += fmax(0, 1 - lead) + fmax(0, 2 - full);
        }
    }
    same(f->report.area[WG_FIG_FTE][area], fte, "FTE", f, area);
    same(f->report.areas[area].workers, people, "workers", f, area);
    same(f->report.area[WG_FIG_ROLES_MISS][area], missing, "roles missing", f, area);
}

/** Seconds of a text on the clock of Shanghai; INT64_MIN for none. */
static int64_t moment(const char *value) {
    wg_date date;
    return wg_date_parse(value, false, &date) == WG_DATE_GOOD ? (int64_t)wg_date_seconds(&date, 480) : INT64_MIN;
}

typedef struct tally {
    double inc, open, closed, late, handled, due, due_closed, timed, on_time, dispute, before;
    double days[400];
    size_t n_days;
} tally;

static void count_row(const fixture *f, size_t row, int64_t end, tally *t) {
    const wg_layer *rows = f->city.incidents;
    const int64_t opened = moment(text(rows, row, "opened"));
    const int64_t due = moment(text(rows, row, "due"));
    const int64_t closed = moment(text(rows, row, "closed"));
    const wg_span span = f->input.span;
    const bool spanned = span.from != WG_NO_TIME;
    t->before += spanned && opened != INT64_MIN && opened >= f->input.before.from && opened < f->input.before.to;
    if (spanned && (opened == INT64_MIN || opened < span.from || opened >= span.to)) {
        return;
    }
    const bool done = closed != INT64_MIN ? closed < end : strcmp(text(rows, row, "status"), "closed") == 0;
    const bool over = due != INT64_MIN && due < end;
    t->inc += 1;
    (done ? &t->closed : &t->open)[0] += 1;
    t->handled += done || (closed == INT64_MIN && strcmp(text(rows, row, "status"), "handled") == 0);
    const bool is_due = done || over || due == INT64_MIN;
    t->due += is_due;
    t->due_closed += is_due && done;
    const bool timed = due != INT64_MIN && (!done || closed != INT64_MIN);
    const bool in_time = due != INT64_MIN && done && closed != INT64_MIN && closed <= due;
    t->timed += is_due && timed;
    t->on_time += is_due && timed && in_time;
    t->late += due != INT64_MIN && ((done && closed != INT64_MIN && closed > due) || (!done && over));
    t->dispute += strcmp(text(rows, row, "category"), "dispute") == 0;
    if (done && opened != INT64_MIN && closed != INT64_MIN && closed >= opened) {
        t->days[t->n_days++] = (double)(closed - opened) / 86400.0;
    }
}

/** The k-th smallest value by counting, and between two of them as type 7 has it. */
static double kth(const tally *t, size_t k) {
    for (size_t i = 0; i < t->n_days; i++) {
        size_t below = 0;
        size_t equal = 0;
        for (size_t j = 0; j < t->n_days; j++) {
            below += t->days[j] < t->days[i];
            equal += t->days[j] == t->days[i];
        }
        if (below <= k && k < below + equal) {
            return t->days[i];
        }
    }
    return NAN;
}

static double quantile(const tally *t, double q) {
    const double place = q * ((double)t->n_days - 1.0);
    const size_t low = (size_t)place;
    const double a = kth(t, low);
    return t->n_days == 0 ? NAN : low + 1 < t->n_days ? a + (place - (double)low) * (kth(t, low + 1) - a) : a;
}

static void check_incidents(const fixture *f, uint32_t area, int64_t end) {
    static tally t;
    t = (tally){.n_days = 0};
    for (size_t row = 0; row < f->city.incidents->n; row++) {
        if (holds(f, area, text(f->city.incidents, row, "cell"), "")) {
            count_row(f, row, end, &t);
        }
    }
    const wg_report_area *at = &f->report.areas[area];
    same(f->report.area[WG_FIG_INC][area], t.inc, "incidents", f, area);
    same(f->report.area[WG_FIG_INC_OPEN][area], t.open, "open", f, area);
    same(f->report.area[WG_FIG_INC_CLOSED][area], t.closed, "closed", f, area);
    same(f->report.area[WG_FIG_INC_LATE][area], t.late, "late", f, area);
    same(f->report.area[WG_FIG_INC_BEFORE][area], t.before, "span before", f, area);
    same(at->rate[WG_RATE_HANDLE], t.inc > 0 ? t.handled / t.inc : NAN, "handled rate", f, area);
    same(at->rate[WG_RATE_CLOSE], t.due > 0 ? t.due_closed / t.due : NAN, "closing rate", f, area);
    same(at->rate[WG_RATE_ONTIME], t.timed > 0 ? t.on_time / t.timed : NAN, "on-time rate", f, area);
    same(at->days_median, quantile(&t, 0.5), "median", f, area);
    same(at->days_p90, quantile(&t, 0.9), "90th percentile", f, area);
    assert_int_equal(at->vetoed, t.dispute >= 6);
    if (at->vetoed && at->grade >= 0) {
        assert_int_equal(at->grade, WG_GRADES - 1);
    }
}

/** 30 handled + 20 on time + 20 (1 - rework) + 20 (1 - waiting) + 10 (1 - extended), of what is known. */
static void check_score(const fixture *f, uint32_t area) {
    const wg_report_area *at = &f->report.areas[area];
    const double parts[][2] = {{30, at->rate[WG_RATE_HANDLE]},
                               {20, at->rate[WG_RATE_ONTIME]},
                               {20, 1 - at->rate[WG_RATE_REWORK]},
                               {20, 1 - at->rate[WG_RATE_WAIT]},
                               {10, 1 - at->rate[WG_RATE_EXTEND]}};
    double points = 0, weights = 0;
    for (size_t i = 0; i < 5; i++) {
        points += isnan(parts[i][1]) ? 0 : parts[i][0] * parts[i][1];
        weights += isnan(parts[i][1]) ? 0 : parts[i][0];
    }
    same(at->score, weights > 0 ? 100 * points / weights : NAN, "score", f, area);
    const double load = f->report.area[WG_FIG_HH_IN][area] + 2 * f->report.area[WG_FIG_INC][area];
    if (wg_report_level(&f->tree, area) == 0) {
        same(f->report.area[WG_FIG_LOAD][area], load, "load", f, area);
    }
}

static void check_ranks(const fixture *f) {
    for (uint32_t l = 0; l < f->tree.n_levels; l++) {
        for (uint32_t area = f->tree.level_first[l]; area < f->tree.level_first[l + 1]; area++) {
            uint32_t better = 0;
            const wg_report_area *at = &f->report.areas[area];
            for (uint32_t other = f->tree.level_first[l]; other < f->tree.level_first[l + 1]; other++) {
                const wg_report_area *it = &f->report.areas[other];
                const double own = round(at->score * 100) - (at->vetoed ? 1e6 : 0);
                better += round(it->score * 100) - (it->vetoed ? 1e6 : 0) > own;
            }
            assert_int_equal(at->rank, isnan(at->score) ? 0 : better + 1);
        }
    }
}

static void every_figure_again(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        fixture f;
        build(&f, seed, seed % 2 == 0);
        int64_t end = f.input.span.to;
        for (size_t row = 0; end == WG_NO_TIME && row < f.city.incidents->n; row++) {
            static const char *const times[] = {"opened", "closed"};
            for (int i = 0; i < 2; i++) {
                const int64_t time = moment(text(f.city.incidents, row, times[i]));
                f.report.end = time + 1 > f.report.end ? -1 : f.report.end; /* the end lies after every record */
            }
        }
        assert_true(f.report.end != -1);
        end = f.report.end;
        for (uint32_t area = 0; area < f.tree.n_areas; area++) {
            check_people(&f, area);
            check_workers(&f, area);
            check_incidents(&f, area, end);
            check_score(&f, area);
        }
        check_ranks(&f);
        drop(&f);
    }
}

/* Coverage of communities: a cell taken away leaves a gap, one laid twice an overlap. */
static void land(void **state) {
    (void)state;
    fixture f;
    build(&f, 3, false);
    wg_layer *layer;
    assert_int_equal(wg_report_coverage(NULL, &f.report, 1, &layer), WG_OK);
    assert_string_equal(wg_layer_name(layer), "coverage_community");
    assert_int_equal(layer->n, 4);
    for (size_t row = 0; row < layer->n; row++) {
        assert_true(number(layer, row, "area_m2") == 50000.0);
        assert_true(number(layer, row, "cover_pct") == 100.0);
        assert_true(number(layer, row, "cells") == 5.0);
    }
    wg_layer_free(layer);
    assert_int_equal(wg_report_workload(NULL, &f.report, f.tree.n_levels - 1, &layer), WG_OK);
    assert_int_equal(layer->n, 1);
    assert_string_equal(text(layer, 0, "code"), "ALL");
    wg_layer_free(layer);
    drop(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_figure_again), cmocka_unit_test(land)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
