/* Cases with one answer: deadlines met to the second, workers in two cells, grades, shared towers, empty spans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "report/report.h"
#include "report_city.h"

static const wg_span always = {WG_NO_TIME, WG_NO_TIME};

static void the_deadline_itself_is_in_time(void **state) {
    (void)state;
    const wg_incident to_the_second = {.opened = 0, .due = 100, .closed = 100, .handled = WG_NO_TIME};
    const wg_incident a_second_late = {.opened = 0, .due = 100, .closed = 101, .handled = WG_NO_TIME};
    const wg_incident waiting = {.opened = 0, .due = 100, .closed = WG_NO_TIME, .handled = WG_NO_TIME};
    assert_int_equal(wg_incident_set(&to_the_second, always, 1000) & (WG_IS_ON_TIME | WG_IS_LATE), WG_IS_ON_TIME);
    assert_int_equal(wg_incident_set(&a_second_late, always, 1000) & (WG_IS_ON_TIME | WG_IS_LATE), WG_IS_LATE);
    assert_int_equal(wg_incident_set(&waiting, always, 100) & (WG_IS_LATE | WG_IS_WAITING), 0);
    assert_int_equal(wg_incident_set(&waiting, always, 101) & (WG_IS_LATE | WG_IS_WAITING), WG_IS_LATE | WG_IS_WAITING);
}

static void a_span_has_its_start_and_not_its_end(void **state) {
    (void)state;
    const wg_span span = {100, 200};
    const wg_incident item = {.opened = 100, .due = WG_NO_TIME, .closed = 200, .handled = WG_NO_TIME};
    const wg_incident next = {.opened = 200, .due = WG_NO_TIME, .closed = WG_NO_TIME, .handled = WG_NO_TIME};
    assert_true(wg_incident_set(&item, span, 200) & WG_IS_OPENED);
    assert_false(wg_incident_set(&item, span, 200) & WG_IS_CLOSED); /* closed after the span: open at its end */
    assert_false(wg_incident_set(&next, span, 200) & WG_IS_OPENED);
}

static void a_status_alone_closes_without_a_time(void **state) {
    (void)state;
    const wg_incident item = {
        .opened = 0, .due = 50, .closed = WG_NO_TIME, .handled = WG_NO_TIME, .facts = WG_INCIDENT_CLOSED};
    const uint32_t set = wg_incident_set(&item, always, 1000);
    assert_true(set & WG_IS_CLOSED);
    assert_false(set & (WG_IS_TIMED | WG_IS_ON_TIME | WG_IS_LATE)); /* nobody knows whether in time */
}

/** A plan of four cells in one community, nothing else. */
typedef struct small {
    report_city city;
    wg_report_tree tree;
    wg_report_config config;
    wg_incidents incidents;
    wg_report_input input;
    wg_report_model report;
} small;

static void start(small *s) {
    *s = (small){0};
    s->city =
        (report_city){city_layer("cells"),  city_layer("communities"), city_layer("levels"),   city_layer("buildings"),
                      city_layer("shares"), city_layer("workers"),     city_layer("incidents")};
    city_land(&s->city, 1, 4);
    wg_report_config_init(&s->config);
    assert_int_equal(wg_report_tree_build(NULL, s->city.cells, s->city.communities, NULL, &s->tree), WG_OK);
    s->input = (wg_report_input){.cells = s->city.cells,
                                 .communities = s->city.communities,
                                 .buildings = s->city.buildings,
                                 .shares = s->city.shares,
                                 .workers = s->city.workers,
                                 .tree = &s->tree,
                                 .config = &s->config,
                                 .span = always,
                                 .before = always,
                                 .year = always};
}

static void finish(small *s) {
    wg_report_model_release(&s->report);
    wg_incidents_release(&s->incidents);
    wg_report_config_release(&s->config);
    wg_report_tree_release(&s->tree);
    city_free(&s->city);
}

static void add_worker(small *s, const char *id, const char *cell, double fte) {
    size_t row;
    assert_int_equal(wg_layer_add_row(NULL, s->city.workers, NULL, 0, &row), WG_OK);
    city_text(s->city.workers, row, "id", id);
    city_text(s->city.workers, row, "cell", cell);
    if (!isnan(fte)) {
        city_number(s->city.workers, row, "fte", fte);
    }
}

static void one_person_in_two_cells(void **state) {
    (void)state;
    small s;
    start(&s);
    add_worker(&s, "a", "C0001;C0002", NAN); /* one person, half in each */
    add_worker(&s, "b", "C0001", 0.8);       /* the rest of b's time is in the third cell */
    add_worker(&s, "b", "C0003", NAN);
    add_worker(&s, "c", "C0002|C0003", 1.0); /* a stated time is divided too */
    assert_int_equal(wg_report_build(NULL, &s.input, &s.report), WG_OK);
    const double fte[] = {0.5 + 0.8, 0.5 + 0.5, 0.2 + 0.5, 0.0};
    const double people[] = {2, 2, 2, 0};
    for (uint32_t cell = 0; cell < 4; cell++) {
        assert_true(fabs(s.report.area[WG_FIG_FTE][cell] - fte[cell]) < 1e-12);
        assert_true(s.report.areas[cell].workers == people[cell]);
    }
    const uint32_t whole = s.tree.n_areas - 1;
    assert_true(s.report.areas[whole].workers == 3.0);
    assert_true(fabs(s.report.area[WG_FIG_FTE][whole] - 3.0) < 1e-12);
    assert_true(s.report.area[WG_FIG_ROLES_MISS][whole] == 1.0); /* nobody in the fourth cell */
    finish(&s);
}

static void a_tower_is_shared(void **state) {
    (void)state;
    small s;
    start(&s);
    const size_t tower = shape_box_row(s.city.buildings, 10, 10, 20, 20);
    city_text(s.city.buildings, tower, "id", "T");
    city_text(s.city.buildings, tower, "community", "C0");
    city_text(s.city.buildings, tower, "cell", "C0001");
    city_number(s.city.buildings, tower, "households", 100);
    for (int i = 0; i < 2; i++) {
        size_t row;
        assert_int_equal(wg_layer_add_row(NULL, s.city.shares, NULL, 0, &row), WG_OK);
        city_text(s.city.shares, row, "building", "T");
        city_text(s.city.shares, row, "cell", i == 0 ? "C0001" : "C0002");
        city_number(s.city.shares, row, "households", i == 0 ? 60 : 40);
    }
    assert_int_equal(wg_report_build(NULL, &s.input, &s.report), WG_OK);
    assert_true(s.report.area[WG_FIG_HH][0] == 60.0 && s.report.area[WG_FIG_HH][1] == 40.0);
    assert_true(s.report.area[WG_FIG_BLD][0] == 1.0 &&
                s.report.area[WG_FIG_BLD][1] == 0.0); /* one building, counted once */
    assert_true(s.report.area[WG_FIG_HH][s.tree.n_areas - 1] == 100.0);
    finish(&s);
}

/** Ten incidents of a cell, `good` of them handled: score = 30 good/10 of 30 where nothing else counts. */
static void add_incidents(small *s, uint32_t cell, int good) {
    for (int i = 0; i < 10; i++) {
        assert_true(WG_RESERVE(s->incidents.items, s->incidents.capacity, s->incidents.n + 1));
        s->incidents.items[s->incidents.n++] = (wg_incident){.opened = 10,
                                                             .due = WG_NO_TIME,
                                                             .closed = WG_NO_TIME,
                                                             .handled = i < good ? 20 : WG_NO_TIME,
                                                             .weight = 1.0,
                                                             .place = cell};
    }
}

static void grades_have_their_cut_offs(void **state) {
    (void)state;
    small s;
    start(&s);
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        s.config.score[r].weight = r == WG_RATE_HANDLE ? 100.0 : 0.0;
    }
    uint16_t number;
    assert_int_equal(wg_words_number(NULL, &s.incidents.categories, "", &number), WG_OK);
    const int good[] = {9, 8, 6, 5};
    for (uint32_t cell = 0; cell < 4; cell++) {
        add_incidents(&s, cell, good[cell]);
    }
    s.input.incidents = &s.incidents;
    assert_int_equal(wg_report_build(NULL, &s.input, &s.report), WG_OK);
    for (int cell = 0; cell < 4; cell++) { /* 90, 80, 60 reach excellent, good, basic; 50 fails */
        assert_int_equal(s.report.areas[cell].grade, cell);
        assert_int_equal(s.report.areas[cell].rank, cell + 1);
    }
    assert_string_equal(wg_report_grade_text(0, WG_LANG_ZH), "优秀");
    assert_null(wg_report_grade_text(-1, WG_LANG_EN));
    finish(&s);
}

static void an_empty_span_has_no_rates(void **state) {
    (void)state;
    small s;
    start(&s);
    add_incidents(&s, 0, 3);
    s.input.incidents = &s.incidents;
    s.input.span = (wg_span){1000, 2000};
    assert_int_equal(wg_report_build(NULL, &s.input, &s.report), WG_OK);
    assert_true(s.report.area[WG_FIG_INC][0] == 0.0);
    assert_true(s.report.area[WG_FIG_BACKLOG][0] == 10.0); /* what was opened before is still open */
    assert_true(isnan(s.report.areas[0].rate[WG_RATE_CLOSE]) && isnan(s.report.areas[0].score) &&
                isnan(s.report.areas[0].days_median));
    assert_int_equal(s.report.areas[0].grade, -1);
    assert_int_equal(s.report.areas[0].rank, 0);
    finish(&s);
}

static void denominators_are_data(void **state) {
    (void)state;
    small s;
    start(&s);
    add_incidents(&s, 0, 4);
    s.config.rate[WG_RATE_HANDLE] = (wg_rate_rule){WG_IS_OPENED, WG_IS_HANDLED}; /* the other way round: 4 of 4 */
    s.input.incidents = &s.incidents;
    assert_int_equal(wg_report_build(NULL, &s.input, &s.report), WG_OK);
    assert_true(s.report.areas[0].rate[WG_RATE_HANDLE] == 1.0);
    assert_int_equal(wg_report_set("due_in"), WG_IS_DUE_IN);
    assert_int_equal(wg_report_set("no such"), 0);
    finish(&s);
}

static void a_code_given_twice_is_refused(void **state) {
    (void)state;
    small s;
    wg_report_tree tree;
    start(&s);
    city_text(s.city.cells, 1, "code", "C0001");
    assert_int_equal(wg_report_tree_build(NULL, s.city.cells, s.city.communities, NULL, &tree), WG_EDATA);
    finish(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_deadline_itself_is_in_time),
        cmocka_unit_test(a_span_has_its_start_and_not_its_end),
        cmocka_unit_test(a_status_alone_closes_without_a_time),
        cmocka_unit_test(one_person_in_two_cells),
        cmocka_unit_test(a_tower_is_shared),
        cmocka_unit_test(grades_have_their_cut_offs),
        cmocka_unit_test(an_empty_span_has_no_rates),
        cmocka_unit_test(denominators_are_data),
        cmocka_unit_test(a_code_given_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
