/* Dates as people and programs write them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/number.h"
#include "model/number_glyphs.h"

/* ---------------------------------------------------------------- the calendar */

/* Days from civil and back: H. Hinnant, "chrono-compatible low-level date algorithms": years from March, eras of 400
 * years. */
int64_t wg_date_days(const wg_date *date) {
    const int64_t y = date->month <= 2 ? date->year - 1 : date->year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (date->month + (date->month > 2 ? -3 : 9)) + 2) / 5 + date->day - 1;
    const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void wg_date_from_days(int64_t days, wg_date *date) {
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t day_of_era = z - era * 146097;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *date = (wg_date){0};
    date->day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    date->month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    date->year = (int)(year_of_era + era * 400 + (date->month <= 2 ? 1 : 0));
}

static bool exists(const wg_date *date) {
    if (date->month < 1 || date->month > 12 || date->day < 1 || date->day > 31 || date->year < 1 || date->year > 9999) {
        return false;
    }
    wg_date back;
    wg_date_from_days(wg_date_days(date), &back);
    const bool time = date->hour >= 0 && date->hour <= 23 && date->minute >= 0 && date->minute <= 59 &&
                      date->second >= 0.0 && date->second < 61.0;
    return back.month == date->month && back.day == date->day && time;
}

double wg_date_seconds(const wg_date *date, int zone_minutes) {
    const int zone = date->has_zone ? date->zone_minutes : zone_minutes;
    return (double)wg_date_days(date) * 86400.0 + date->hour * 3600.0 + (date->minute - zone) * 60.0 + date->second;
}

bool wg_date_from_serial(double serial, wg_date *date) {
    /* 1900-03-01 is day 61: before it spreadsheets count a 29 February 1900 that never was */
    if (!(serial >= 61.0 && serial < 2958466.0)) {
        return false;
    }
    const double whole = floor(serial);
    const double seconds = round((serial - whole) * 86400.0 * 1000.0) / 1000.0;
    const int64_t carry = seconds >= 86400.0 ? 1 : 0;
    wg_date_from_days((int64_t)whole - 25569 + carry, date);
    if (serial > whole && carry == 0) {
        date->has_time = true;
        date->hour = (int)(seconds / 3600.0);
        date->minute = (int)((seconds - date->hour * 3600.0) / 60.0);
        date->second = seconds - date->hour * 3600.0 - date->minute * 60.0;
    }
    return true;
}

void wg_date_format(const wg_date *date, char *text, size_t bytes) {
    int n = snprintf(text, bytes, "%04d-%02d-%02d", date->year, date->month, date->day);
    if (date->has_time && n > 0 && (size_t)n < bytes) {
        const bool whole = date->second == floor(date->second);
        n += whole
                 ? snprintf(text + n, bytes - (size_t)n, "T%02d:%02d:%02d", date->hour, date->minute, (int)date->second)
                 : snprintf(text + n, bytes - (size_t)n, "T%02d:%02d:%06.3f", date->hour, date->minute, date->second);
    }
    if (date->has_time && date->has_zone && (size_t)n < bytes) {
        const int minutes = date->zone_minutes < 0 ? -date->zone_minutes : date->zone_minutes;
        if (minutes == 0) {
            (void)snprintf(text + n, bytes - (size_t)n, "Z");
        } else {
            (void)snprintf(text + n, bytes - (size_t)n, "%c%02d:%02d", date->zone_minutes < 0 ? '-' : '+', minutes / 60,
                           minutes % 60);
        }
    }
}

/* ---------------------------------------------------------------- reading */

/** Reads glyphs from the left. */
typedef struct wg_scan {
    const wg_glyphs *g;
    size_t at;
} wg_scan;

static uint32_t peek(const wg_scan *s) {
    return s->at < s->g->n ? s->g->c[s->at] : 0;
}

static bool is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

static bool take(wg_scan *s, uint32_t c) {
    const bool there = peek(s) == c;
    s->at += there ? 1 : 0;
    return there;
}

static void spaces(wg_scan *s) {
    while (take(s, ' ')) {
    }
}

/** 1..max digits. @return their number, 0 for none */
static size_t number(wg_scan *s, size_t max, int *value) {
    size_t n = 0;
    *value = 0;
    while (n < max && is_digit(peek(s))) {
        *value = *value * 10 + (int)(s->g->c[s->at++] - '0');
        n++;
    }
    return n;
}

/** A year, month or day in Chinese numerals up to `until`: 二〇二〇年二月二十日. */
static bool numeral_until(wg_scan *s, uint32_t until, int *value) {
    size_t end = s->at;
    while (end < s->g->n && s->g->c[end] != until) {
        end++;
    }
    double number_value = 0.0;
    if (end == s->g->n || end == s->at || !wg_glyphs_numeral(s->g->c + s->at, end - s->at, &number_value) ||
        number_value > 9999.0) {
        return false;
    }
    *value = (int)number_value;
    s->at = end + 1;
    return true;
}

enum {
    NIAN = 0x5E74,
    YUE = 0x6708,
    RI = 0x65E5,
    HAO = 0x53F7,
    SHI = 0x65F6,
    DIAN = 0x70B9,
    FEN = 0x5206,
    MIAO = 0x79D2
};

static bool chinese_part(wg_scan *s, uint32_t until, int *value) {
    spaces(s);
    const size_t start = s->at;
    if (number(s, 4, value) > 0) {
        spaces(s);
        if (take(s, until)) {
            return true;
        }
    }
    s->at = start;
    return numeral_until(s, until, value);
}

static bool chinese_date(wg_scan *s, wg_date *date) {
    if (!chinese_part(s, NIAN, &date->year) || !chinese_part(s, YUE, &date->month)) {
        return false;
    }
    if (date->year < 100) {
        return false; /* 20年: of which century? */
    }
    return chinese_part(s, RI, &date->day) || chinese_part(s, HAO, &date->day);
}

/** 2020-02-20 with -, / or . ; 20/2/2020; 2/20/2020. */
static wg_date_kind separated_date(wg_scan *s, wg_date *date) {
    int a = 0, b = 0, c = 0;
    const size_t na = number(s, 4, &a);
    const uint32_t separator = peek(s);
    if (na == 0 || (separator != '-' && separator != '/' && separator != '.')) {
        return WG_DATE_BAD;
    }
    s->at++;
    const size_t nb = number(s, 2, &b);
    if (nb == 0 || !take(s, separator)) {
        return WG_DATE_BAD;
    }
    const size_t nc = number(s, 4, &c);
    if (na == 4 && nc >= 1 && nc <= 2) {
        date->year = a;
        date->month = b;
        date->day = c;
        return WG_DATE_GOOD;
    }
    if (na > 2 || nc != 4) {
        return WG_DATE_BAD;
    }
    date->year = c;
    if (a <= 12 && b <= 12 && a != b) {
        return WG_DATE_AMBIGUOUS;
    }
    date->day = a > 12 ? a : b;
    date->month = a > 12 ? b : a;
    return WG_DATE_GOOD;
}

static bool compact_date(wg_scan *s, wg_date *date) {
    wg_scan trial = *s;
    if (number(&trial, 4, &date->year) != 4 || number(&trial, 2, &date->month) != 2 ||
        number(&trial, 2, &date->day) != 2) {
        return false;
    }
    *s = trial;
    return true;
}

/** 上午 -> 0, 下午 and 晚上 -> 12, none -> -1. */
static int day_half(wg_scan *s) {
    spaces(s);
    if (s->at + 1 >= s->g->n) {
        return -1;
    }
    const uint32_t a = s->g->c[s->at], b = s->g->c[s->at + 1];
    int half = -1;
    if ((a == 0x4E0A || a == 0x51CC) && (b == 0x5348 || b == 0x6668)) { /* 上午 凌晨 */
        half = 0;
    } else if ((a == 0x4E0B && b == 0x5348) || (a == 0x665A && b == 0x4E0A)) { /* 下午 晚上 */
        half = 12;
    } else if (a == 'a' && b == 'm') {
        half = 0;
    } else if (a == 'p' && b == 'm') {
        half = 12;
    }
    s->at += half >= 0 ? 2 : 0;
    spaces(s);
    return half;
}

static bool zone(wg_scan *s, wg_date *date) {
    spaces(s);
    if (take(s, 'z')) {
        date->has_zone = true;
        return true;
    }
    const uint32_t sign = peek(s);
    if (sign != '+' && sign != '-') {
        return true;
    }
    s->at++;
    int hours = 0, minutes = 0;
    if (number(s, 2, &hours) == 0) {
        return false;
    }
    (void)take(s, ':');
    (void)number(s, 2, &minutes);
    date->has_zone = true;
    date->zone_minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    return hours <= 14 && minutes < 60;
}

static bool seconds(wg_scan *s, wg_date *date) {
    int whole = 0;
    if (number(s, 2, &whole) == 0) {
        return false;
    }
    date->second = whole;
    if (take(s, '.') || take(s, ',')) {
        double scale = 0.1;
        while (is_digit(peek(s))) {
            date->second += scale * (double)(s->g->c[s->at++] - '0');
            scale /= 10.0;
        }
        date->second = round(date->second * 1000.0) / 1000.0;
    }
    return true;
}

/** 14:30[:05], 14时30分[5秒], 下午2点30分, 2:30:00 pm; nothing at all is fine. */
static bool time_of_day(wg_scan *s, wg_date *date) {
    (void)take(s, 't');
    int half = day_half(s);
    if (s->at == s->g->n) {
        return half < 0;
    }
    date->has_time = true;
    if (number(s, 2, &date->hour) == 0) {
        return false;
    }
    const bool chinese = take(s, SHI) || take(s, DIAN);
    if (chinese ? peek(s) != 0 && number(s, 2, &date->minute) == 0
                : !take(s, ':') || number(s, 2, &date->minute) == 0) {
        return false;
    }
    if (chinese && peek(s) != 0 && !take(s, FEN)) {
        return false;
    }
    if (!chinese && take(s, ':') && !seconds(s, date)) {
        return false;
    }
    if (chinese && peek(s) != 0 && (!seconds(s, date) || !take(s, MIAO))) {
        return false;
    }
    half = half < 0 ? day_half(s) : half;
    if (half >= 0 && date->hour > 12) {
        half = -1; /* 下午14:30 */
    }
    if (half >= 0) {
        date->hour = date->hour % 12 + half;
    }
    return zone(s, date) && s->at == s->g->n;
}

static bool serial_number(const wg_glyphs *g, wg_date *date) {
    double value = 0.0;
    for (size_t i = 0; i < g->n; i++) {
        if (!is_digit(g->c[i]) && g->c[i] != '.') {
            return false;
        }
    }
    return wg_glyphs_decimal(g, &value) && value < 100000.0 && wg_date_from_serial(value, date);
}

wg_date_kind wg_date_parse(const char *text, bool serial, wg_date *date) {
    wg_glyphs glyphs;
    *date = (wg_date){0};
    if (text == NULL) {
        return WG_DATE_MISSING;
    }
    if (!wg_glyphs_load(text, &glyphs)) {
        return WG_DATE_BAD;
    }
    if (wg_glyphs_missing(&glyphs)) {
        return WG_DATE_MISSING;
    }
    if (serial && serial_number(&glyphs, date)) {
        return WG_DATE_GOOD;
    }
    wg_scan scan = {.g = &glyphs};
    wg_date_kind kind = compact_date(&scan, date) ? WG_DATE_GOOD : WG_DATE_BAD;
    if (kind == WG_DATE_BAD) {
        kind = chinese_date(&scan, date) ? WG_DATE_GOOD : WG_DATE_BAD;
    }
    if (kind == WG_DATE_BAD) {
        scan.at = 0;
        kind = separated_date(&scan, date);
    }
    if (kind != WG_DATE_GOOD) {
        return kind;
    }
    return time_of_day(&scan, date) && exists(date) ? WG_DATE_GOOD : WG_DATE_BAD;
}
