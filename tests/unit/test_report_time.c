/* Time zones and working time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/number.h"
#include "report/calendar.h"

static int64_t at(const char *text) {
    wg_date date;
    assert_int_equal(wg_date_parse(text, false, &date), WG_DATE_GOOD);
    return (int64_t)wg_date_seconds(&date, 0);
}

static int64_t day(const char *text) {
    return at(text) / 86400;
}

/** The moment of a local time in a zone, as UTC text would have it. */
static void local_is(const wg_time_zone *zone, const char *local, const char *utc) {
    if (wg_time_zone_utc(zone, at(local)) != at(utc)) {
        fail_msg("%s in %s: %lld, expected %s", local, zone->name, (long long)wg_time_zone_utc(zone, at(local)), utc);
    }
}

static void zones(void **state) {
    (void)state;
    wg_time_zone zone;
    assert_int_equal(wg_time_zone_open(NULL, "Asia/Shanghai", &zone), WG_OK);
    local_is(&zone, "2025-10-01T08:00:00", "2025-10-01T00:00:00Z");
    local_is(&zone, "1988-07-01T09:00:00", "1988-07-01T00:00:00Z"); /* summer time of 1986 to 1991 */
    wg_time_zone_release(&zone);
    assert_int_equal(wg_time_zone_open(NULL, "Europe/Zurich", &zone), WG_OK);
    local_is(&zone, "2025-01-15T12:00:00", "2025-01-15T11:00:00Z");
    local_is(&zone, "2025-07-15T12:00:00", "2025-07-15T10:00:00Z");
    local_is(&zone, "2025-03-30T02:30:00", "2025-03-30T01:30:00Z"); /* in the gap: as if it were still winter */
    local_is(&zone, "2025-10-26T02:30:00", "2025-10-26T00:30:00Z"); /* twice: the earlier one */
    assert_int_equal(wg_time_zone_offset(&zone, at("2025-10-26T01:30:00Z")), 3600);
    wg_time_zone_release(&zone);
}

static void fixed_offsets(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int32_t offset;
    } names[] = {{"UTC", 0}, {"+08:00", 28800}, {"UTC+8", 28800}, {"-0330", -12600}, {"GMT-5", -18000}, {"Z", 0}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wg_time_zone zone;
        assert_int_equal(wg_time_zone_open(NULL, names[i].name, &zone), WG_OK);
        assert_int_equal(wg_time_zone_offset(&zone, 0), names[i].offset);
        wg_time_zone_release(&zone);
    }
}

static void zones_that_are_none(void **state) {
    (void)state;
    static const char *const names[] = {"Mars/Olympus", "../../etc/passwd", "/etc/localtime", "",
                                        "+25:00",       "UTC+8:99",         "Asia/Shanghai\n"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        wg_time_zone zone;
        if (names[i][0] == '\0') {
            continue; /* the empty name is UTC's other name */
        }
        assert_int_not_equal(wg_time_zone_open(NULL, names[i], &zone), WG_OK);
    }
}

/* The week of the National Day 2025: holidays 1 to 8 October, 28 September and 11 October are worked. */
static void fill(wg_calendar *calendar) {
    *calendar = (wg_calendar){.shift = {{510, 720}, {840, 1050}}, .n_shifts = 2}; /* 08:30-12:00, 14:00-17:30 */
    calendar->special = wg_calloc(10, sizeof *calendar->special);
    assert_non_null(calendar->special);
    for (int64_t i = 0; i < 8; i++) {
        calendar->special[calendar->n_special++] = (wg_special_day){day("2025-10-01") + i, false};
    }
    calendar->special[calendar->n_special++] = (wg_special_day){day("2025-10-11"), true};
    calendar->special[calendar->n_special++] = (wg_special_day){day("2025-09-28"), true};
    assert_int_equal(wg_calendar_prepare(NULL, calendar), WG_OK);
}

static void working_days(void **state) {
    (void)state;
    wg_calendar calendar;
    fill(&calendar);
    assert_true(wg_calendar_works(&calendar, day("2025-09-30")));  /* Tuesday */
    assert_false(wg_calendar_works(&calendar, day("2025-10-01"))); /* holiday */
    assert_true(wg_calendar_works(&calendar, day("2025-10-09")));  /* Thursday */
    assert_true(wg_calendar_works(&calendar, day("2025-10-11")));  /* a worked Saturday */
    assert_false(wg_calendar_works(&calendar, day("2025-10-12"))); /* Sunday */
    assert_true(wg_calendar_works(&calendar, day("1969-12-31")));  /* a Wednesday before 1970 */
    assert_false(wg_calendar_works(&calendar, day("1969-12-28"))); /* a Sunday */
    wg_calendar_release(&calendar);
}

static void deadlines(void **state) {
    (void)state;
    wg_calendar calendar;
    wg_time_zone zone;
    fill(&calendar);
    assert_int_equal(wg_time_zone_open(NULL, "Asia/Shanghai", &zone), WG_OK);
    /* Tuesday 30 September 16:30, four working hours: one today, three on the 9th (08:30-11:30). */
    assert_int_equal(wg_calendar_add_hours(&calendar, &zone, at("2025-09-30T16:30:00+08:00"), 4.0),
                     at("2025-10-09T11:30:00+08:00"));
    /* Lunch does not count. */
    assert_int_equal(wg_calendar_add_hours(&calendar, &zone, at("2025-09-29T11:30:00+08:00"), 1.0),
                     at("2025-09-29T14:30:00+08:00"));
    /* Opened at night: counts from the morning. */
    assert_int_equal(wg_calendar_add_hours(&calendar, &zone, at("2025-09-29T03:00:00+08:00"), 0.5),
                     at("2025-09-29T09:00:00+08:00"));
    /* Three working days after Tuesday 30 September: 9, 10, 11 October. */
    assert_int_equal(wg_calendar_add_days(&calendar, &zone, at("2025-09-30T10:00:00+08:00"), 3),
                     at("2025-10-11T17:30:00+08:00"));
    /* On the same day; on a holiday: the end of the next working day. */
    assert_int_equal(wg_calendar_add_days(&calendar, &zone, at("2025-09-30T10:00:00+08:00"), 0),
                     at("2025-09-30T17:30:00+08:00"));
    assert_int_equal(wg_calendar_add_days(&calendar, &zone, at("2025-10-03T10:00:00+08:00"), 0),
                     at("2025-10-09T17:30:00+08:00"));
    wg_time_zone_release(&zone);
    wg_calendar_release(&calendar);
}

/** Working hours minute by minute. */
static double naive_hours(const wg_calendar *calendar, const wg_time_zone *zone, int64_t from, int64_t to) {
    double minutes = 0.0;
    for (int64_t t = from; t < to; t += 60) {
        const int64_t local = t + wg_time_zone_offset(zone, t);
        const int64_t minute = local / 60 % 1440;
        for (uint32_t i = 0; i < calendar->n_shifts; i++) {
            minutes += wg_calendar_works(calendar, local / 86400) && minute >= calendar->shift[i].from &&
                               minute < calendar->shift[i].to
                           ? 1.0
                           : 0.0;
        }
    }
    return minutes / 60.0;
}

static void hours_minute_by_minute(void **state) {
    (void)state;
    wg_calendar calendar;
    wg_time_zone zone;
    fill(&calendar);
    assert_int_equal(wg_time_zone_open(NULL, "Asia/Shanghai", &zone), WG_OK);
    const int64_t start = at("2025-09-27T00:00:00+08:00");
    for (int64_t a = 0; a < 40; a++) {
        for (int64_t b = a; b < 40; b += 3) {
            const int64_t from = start + a * 7 * 3600 + a * 60;
            const int64_t to = start + b * 11 * 3600 + b * 120;
            if (to < from) {
                continue;
            }
            const double hours = wg_calendar_hours(&calendar, &zone, from, to);
            assert_true(hours - naive_hours(&calendar, &zone, from, to) < 1e-9 &&
                        naive_hours(&calendar, &zone, from, to) - hours < 1e-9);
            /* Adding the hours leads to a moment with just as many working hours behind it. */
            const int64_t there = wg_calendar_add_hours(&calendar, &zone, from, hours);
            assert_true(wg_calendar_hours(&calendar, &zone, from, there) - hours < 1e-9);
        }
    }
    wg_time_zone_release(&zone);
    wg_calendar_release(&calendar);
}

static void calendars_that_are_wrong(void **state) {
    (void)state;
    wg_calendar overlap = {.shift = {{540, 720}, {700, 1000}}, .n_shifts = 2};
    assert_int_equal(wg_calendar_prepare(NULL, &overlap), WG_EINVAL);
    wg_special_day days[] = {{5, false}, {5, true}};
    wg_calendar twice = {.special = days, .n_special = 2};
    assert_int_equal(wg_calendar_prepare(NULL, &twice), WG_EINVAL);
    wg_calendar defaults = {0};
    assert_int_equal(wg_calendar_prepare(NULL, &defaults), WG_OK);
    assert_true(defaults.n_shifts == 2 && defaults.weekday[0] && defaults.weekday[4] && !defaults.weekday[5]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones),
        cmocka_unit_test(fixed_offsets),
        cmocka_unit_test(zones_that_are_none),
        cmocka_unit_test(working_days),
        cmocka_unit_test(deadlines),
        cmocka_unit_test(hours_minute_by_minute),
        cmocka_unit_test(calendars_that_are_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
