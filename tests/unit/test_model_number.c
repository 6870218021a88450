/* Numbers, dates and limits as people type them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "model/number.h"

static void number_is(const char *text, wg_number_kind kind, double expected) {
    double value = -1234.5;
    const wg_number_kind got = wg_number_parse(text, &value);
    if (got != kind || ((kind == WG_NUMBER_EXACT || kind == WG_NUMBER_ABOUT) && value != expected)) {
        fail_msg("\"%s\": kind %d value %.17g, expected kind %d value %.17g", text == NULL ? "NULL" : text, (int)got,
                 value, (int)kind, expected);
    }
}

static void plain_numbers(void **state) {
    (void)state;
    number_is("150", WG_NUMBER_EXACT, 150);
    number_is(" 150 ", WG_NUMBER_EXACT, 150);
    number_is("-3", WG_NUMBER_EXACT, -3);
    number_is("−3", WG_NUMBER_EXACT, -3);
    number_is("+7", WG_NUMBER_EXACT, 7);
    number_is("0.1", WG_NUMBER_EXACT, 0.1);
    number_is(".5", WG_NUMBER_EXACT, 0.5);
    number_is("1e3", WG_NUMBER_EXACT, 1000);
    number_is("1.7976931348623157e308", WG_NUMBER_EXACT, 1.7976931348623157e308);
    number_is("123456789012345678", WG_NUMBER_EXACT, 123456789012345678.0);
    number_is("0.30000000000000004", WG_NUMBER_EXACT, 0.30000000000000004);
}

static void thousands(void **state) {
    (void)state;
    number_is("2 132", WG_NUMBER_EXACT, 2132);
    number_is("1,785", WG_NUMBER_EXACT, 1785);
    number_is("1'785", WG_NUMBER_EXACT, 1785);
    number_is("12,345,678.5", WG_NUMBER_EXACT, 12345678.5);
    number_is("1.785.000", WG_NUMBER_EXACT, 1785000);
    number_is("1.785,5", WG_NUMBER_EXACT, 1785.5);
    number_is("2\xC2\xA0"
              "132",
              WG_NUMBER_EXACT, 2132);
    number_is("2\xE2\x80\xAF"
              "132",
              WG_NUMBER_EXACT, 2132);
    number_is("12,5", WG_NUMBER_BAD, 0);
    number_is("1,78", WG_NUMBER_BAD, 0);
    number_is("1,7855", WG_NUMBER_BAD, 0);
    number_is("1234,567", WG_NUMBER_BAD, 0);
    number_is("1,234 567", WG_NUMBER_BAD, 0);
    number_is("21 32", WG_NUMBER_BAD, 0);
}

static void full_width_and_chinese(void **state) {
    (void)state;
    number_is("１５０", WG_NUMBER_EXACT, 150);
    number_is("１，７８５", WG_NUMBER_EXACT, 1785);
    number_is("－３", WG_NUMBER_EXACT, -3);
    number_is("１２．５", WG_NUMBER_EXACT, 12.5);
    number_is("1.2万", WG_NUMBER_EXACT, 12000);
    number_is("1.1万人", WG_NUMBER_EXACT, 11000);
    number_is("3千", WG_NUMBER_EXACT, 3000);
    number_is("85户", WG_NUMBER_EXACT, 85);
    number_is("６层", WG_NUMBER_EXACT, 6);
    number_is("6F", WG_NUMBER_EXACT, 6);
    number_is("三百二十", WG_NUMBER_EXACT, 320);
    number_is("三百二", WG_NUMBER_EXACT, 320);
    number_is("三百零二", WG_NUMBER_EXACT, 302);
    number_is("十五", WG_NUMBER_EXACT, 15);
    number_is("二十", WG_NUMBER_EXACT, 20);
    number_is("两千", WG_NUMBER_EXACT, 2000);
    number_is("一万二千三百四十五", WG_NUMBER_EXACT, 12345);
    number_is("〇", WG_NUMBER_EXACT, 0);
    number_is("万", WG_NUMBER_BAD, 0);
    number_is("三三百", WG_NUMBER_BAD, 0);
}

static void about(void **state) {
    (void)state;
    number_is("约300", WG_NUMBER_ABOUT, 300);
    number_is("约 1,300 人", WG_NUMBER_ABOUT, 1300);
    number_is("300左右", WG_NUMBER_ABOUT, 300);
    number_is("300多户", WG_NUMBER_ABOUT, 300);
    number_is("300户左右", WG_NUMBER_ABOUT, 300);
    number_is("300余", WG_NUMBER_ABOUT, 300);
    number_is("~300", WG_NUMBER_ABOUT, 300);
}

static void missing_and_bad(void **state) {
    (void)state;
    static const char *const missing[] = {"", "  ", "-", "—", "无", "不详", "N/A", "null", "NULL", "（", NULL};
    for (size_t i = 0; missing[i + 1] != NULL; i++) {
        number_is(missing[i], WG_NUMBER_MISSING, 0);
    }
    number_is(NULL, WG_NUMBER_MISSING, 0);
    number_is("150-300", WG_NUMBER_BAD, 0);
    number_is("150~300", WG_NUMBER_BAD, 0);
    number_is("3栋5户", WG_NUMBER_BAD, 0);
    number_is("300以上", WG_NUMBER_BAD, 0);
    number_is("abc", WG_NUMBER_BAD, 0);
    number_is("1e999", WG_NUMBER_BAD, 0);
    number_is("--5", WG_NUMBER_BAD, 0);
    number_is("5-", WG_NUMBER_BAD, 0);
    number_is(".", WG_NUMBER_BAD, 0);
    number_is("1.", WG_NUMBER_EXACT, 1);
    number_is("e5", WG_NUMBER_BAD, 0);
    number_is("0x10", WG_NUMBER_BAD, 0);
    number_is("inf", WG_NUMBER_BAD, 0);
    char huge[4096];
    memset(huge, '9', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    number_is(huge, WG_NUMBER_BAD, 0);
}

static void the_locale_does_not_matter(void **state) {
    (void)state;
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL && setlocale(LC_NUMERIC, "de_DE") == NULL) {
        skip();
    }
    number_is("0.30000000000000004", WG_NUMBER_EXACT, 0.30000000000000004);
    number_is("1,785", WG_NUMBER_EXACT, 1785);
    (void)setlocale(LC_NUMERIC, "C");
}

static void areas(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double m2;
    } good[] = {{"500", 500},     {"500m2", 500},         {"0.5km2", 5e5},   {"40ha", 4e5},
                {"40 公顷", 4e5}, {"1.5平方公里", 1.5e6}, {"１００㎡", 100}, {"3亩", 2000}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        double value = 0;
        assert_int_equal(wg_area_parse(good[i].text, &value), WG_NUMBER_EXACT);
        assert_true(fabs(value - good[i].m2) <= 1e-9 * good[i].m2);
    }
    double value = 0;
    assert_int_equal(wg_area_parse("km2", &value), WG_NUMBER_BAD);
    assert_int_equal(wg_area_parse("5 furlongs", &value), WG_NUMBER_BAD);
}

/* ---------------------------------------------------------------- dates */

static void date_is(const char *text, bool serial, const char *expected) {
    wg_date date;
    char out[48] = "";
    const wg_date_kind kind = wg_date_parse(text, serial, &date);
    if (kind == WG_DATE_GOOD) {
        wg_date_format(&date, out, sizeof out);
    } else {
        (void)strcpy(out, kind == WG_DATE_AMBIGUOUS ? "ambiguous" : kind == WG_DATE_MISSING ? "missing" : "bad");
    }
    if (strcmp(out, expected) != 0) {
        fail_msg("\"%s\": %s, expected %s", text, out, expected);
    }
}

static void dates(void **state) {
    (void)state;
    date_is("2020-02-20", false, "2020-02-20");
    date_is("2020/2/20", false, "2020-02-20");
    date_is("2020.2.20", false, "2020-02-20");
    date_is("20200220", false, "2020-02-20");
    date_is("2020年2月20日", false, "2020-02-20");
    date_is("2020 年 2 月 20 日", false, "2020-02-20");
    date_is("２０２０年２月２０日", false, "2020-02-20");
    date_is("二〇二〇年二月二十日", false, "2020-02-20");
    date_is("2020年2月20号", false, "2020-02-20");
    date_is("20/2/2020", false, "2020-02-20");
    date_is("2/20/2020", false, "2020-02-20");
    date_is("3/3/2020", false, "2020-03-03");
    date_is("3/4/2020", false, "ambiguous");
    date_is("2020-02-29", false, "2020-02-29");
    date_is("2019-02-29", false, "bad");
    date_is("2020-13-01", false, "bad");
    date_is("1900-02-29", false, "bad");
    date_is("2000-02-29", false, "2000-02-29");
    date_is("", false, "missing");
    date_is("不详", false, "missing");
    date_is("yesterday", false, "bad");
    date_is("2020-02", false, "bad");
    date_is("20-02-20", false, "bad");
}

static void times(void **state) {
    (void)state;
    date_is("2020-02-20 14:30", false, "2020-02-20T14:30:00");
    date_is("2020-02-20T14:30:05Z", false, "2020-02-20T14:30:05Z");
    date_is("2020-02-20T14:30:05.250+08:00", false, "2020-02-20T14:30:05.250+08:00");
    date_is("2020-02-20T14:30:05-0330", false, "2020-02-20T14:30:05-03:30");
    date_is("2020/2/20 2:30:00 PM", false, "2020-02-20T14:30:00");
    date_is("2020/2/20 12:05 AM", false, "2020-02-20T00:05:00");
    date_is("2020年2月20日14时30分", false, "2020-02-20T14:30:00");
    date_is("2020年2月20日下午2点30分", false, "2020-02-20T14:30:00");
    date_is("2020年2月20日 下午2点", false, "2020-02-20T14:00:00");
    date_is("2020年2月20日14时30分5秒", false, "2020-02-20T14:30:05");
    date_is("20200220143005", false, "bad");
    date_is("2020-02-20 24:30", false, "bad");
    date_is("2020-02-20 14:60", false, "bad");
    date_is("2020-02-20 14", false, "bad");
}

static void spreadsheet_days(void **state) {
    (void)state;
    date_is("43881", true, "2020-02-20");
    date_is("43881.5", true, "2020-02-20T12:00:00");
    date_is("43881.604166666664", true, "2020-02-20T14:30:00");
    date_is("61", true, "1900-03-01");
    date_is("60", true, "bad"); /* 29 February 1900 never was */
    date_is("43881", false, "bad");
    date_is("20200220", true, "2020-02-20"); /* too large for a day number */
    wg_date date;
    assert_true(wg_date_from_serial(43881.999999999, &date));
    assert_int_equal(date.day, 21);
}

static void days_round_trip(void **state) {
    (void)state;
    for (int64_t day = -800000; day < 3000000; day += 97) {
        wg_date date;
        wg_date_from_days(day, &date);
        assert_int_equal(wg_date_days(&date), day);
    }
    const wg_date epoch = {.year = 1970, .month = 1, .day = 1, .hour = 8, .has_time = true};
    assert_true(wg_date_seconds(&epoch, 480) == 0.0);
}

/* ---------------------------------------------------------------- limits */

static void limit_is(const char *field, const char *text, double min, double target, double max) {
    wg_context *ctx = wg_context_new();
    wg_limit limit;
    if (wg_limit_parse(ctx, field, text, &limit) != WG_OK) {
        fail_msg("%s", wg_context_error(ctx));
    }
    const double got[] = {limit.min, limit.target, limit.max}, want[] = {min, target, max};
    for (int i = 0; i < 3; i++) {
        assert_true(isnan(want[i]) ? isnan(got[i]) : got[i] == want[i]);
    }
    assert_string_equal(limit.field, field);
    wg_context_free(ctx);
}

static void limit_fails(const char *field, const char *text, const char *message) {
    wg_context *ctx = wg_context_new();
    wg_limit limit;
    assert_int_equal(wg_limit_parse(ctx, field, text, &limit), WG_EINVAL);
    assert_string_equal(wg_context_error(ctx), message);
    wg_context_free(ctx);
}

static void limits(void **state) {
    (void)state;
    limit_is("households", "150:300", 150, NAN, 300);
    limit_is("households", "150:200:300", 150, 200, 300);
    limit_is("households", ":500", NAN, NAN, 500);
    limit_is("households", "150:", 150, NAN, NAN);
    limit_is("households", ":200:300", NAN, 200, 300);
    limit_is("households", "150：300", 150, NAN, 300);
    limit_is("population", "2 000:2,500", 2000, NAN, 2500);
    limit_is("area", "0.1km2:40ha", 1e5, NAN, 4e5);
    limit_is("households", "300:300", 300, NAN, 300);
}

static void damaged_limits(void **state) {
    (void)state;
    limit_fails("households", "150300",
                "limit on households: \"150300\": one number is no limit (did you mean 150:300?)");
    limit_fails("population", "6001000",
                "limit on population: \"6001000\": one number is no limit (did you mean 600:1000?)");
    limit_fails("households", "150-300",
                "limit on households: \"150-300\": one number is no limit (did you mean 150:300?)");
    limit_fails("households", "150至300",
                "limit on households: \"150至300\": one number is no limit (did you mean 150:300?)");
    limit_fails("households", "300:150",
                "limit on households: \"300:150\": the minimum is above the maximum (did you mean 150:300?)");
    limit_fails(
        "households", "300",
        "limit on households: \"300\": one number is no limit (write MIN:MAX or MIN:TARGET:MAX; an end may be empty)");
    limit_fails(
        "households", ":",
        "limit on households: \":\": both ends are open (write MIN:MAX or MIN:TARGET:MAX; an end may be empty)");
    limit_fails("households", "150:400:300",
                "limit on households: \"150:400:300\": the target is not between minimum and maximum");
    limit_fails("households", "-5:10",
                "limit on households: \"-5:10\": not a number, or a negative one (write MIN:MAX or MIN:TARGET:MAX; an "
                "end may be empty)");
    limit_fails("households", "约150:300",
                "limit on households: \"约150:300\": not a number, or a negative one (write MIN:MAX or MIN:TARGET:MAX; "
                "an end may be empty)");
    limit_fails(
        "households", "1:2:3:4",
        "limit on households: \"1:2:3:4\": too many parts (write MIN:MAX or MIN:TARGET:MAX; an end may be empty)");
    limit_fails("area", "40furlongs:",
                "limit on area: \"40furlongs:\": not an area (write MIN:MAX or MIN:TARGET:MAX; an end may be empty)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_numbers),
        cmocka_unit_test(thousands),
        cmocka_unit_test(full_width_and_chinese),
        cmocka_unit_test(about),
        cmocka_unit_test(missing_and_bad),
        cmocka_unit_test(the_locale_does_not_matter),
        cmocka_unit_test(areas),
        cmocka_unit_test(dates),
        cmocka_unit_test(times),
        cmocka_unit_test(spreadsheet_days),
        cmocka_unit_test(days_round_trip),
        cmocka_unit_test(limits),
        cmocka_unit_test(damaged_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
