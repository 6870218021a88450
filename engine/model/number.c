#include "model/number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/number_glyphs.h"
#include "model/text.h"

/* ---------------------------------------------------------------- characters */

static uint32_t plain_character(uint32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) {
        c -= 0xFEE0;
    }
    switch (c) {
    case 0x00A0: /* no-break, thin, narrow no-break, figure, ideographic spaces; byte order mark */
    case 0x2009:
    case 0x202F:
    case 0x2007:
    case 0x3000:
    case 0xFEFF:
    case '\t':
    case '\n':
    case '\r':
        return ' ';
    case 0x2212:
        return '-';
    case 0x3001: /* 、 as a separator is not a thousands comma */
        return 0x3001;
    case 0x2018:
    case 0x2019:
        return '\'';
    default:
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
}

bool wg_glyphs_load(const char *text, wg_glyphs *glyphs) {
    *glyphs = (wg_glyphs){0};
    const size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t c = 0;
        at += wg_utf8_next(text + at, length - at, &c);
        c = plain_character(c);
        if (c == ' ' && glyphs->n == 0) {
            continue;
        }
        if (glyphs->n == WG_GLYPHS) {
            return false;
        }
        glyphs->c[glyphs->n++] = c;
    }
    while (glyphs->n > 0 && glyphs->c[glyphs->n - 1] == ' ') {
        glyphs->n--;
    }
    return true;
}

/** Whether `text` (UTF-8) stands at `at`. @param[out] length  in characters */
static bool stands_at(const wg_glyphs *glyphs, size_t at, const char *text, size_t *length) {
    const size_t bytes = strlen(text);
    size_t count = 0;
    for (size_t i = 0; i < bytes; count++) {
        uint32_t c = 0;
        i += wg_utf8_next(text + i, bytes - i, &c);
        if (at + count >= glyphs->n || glyphs->c[at + count] != c) {
            return false;
        }
    }
    *length = count;
    return true;
}

bool wg_glyphs_are(const wg_glyphs *glyphs, const char *text) {
    size_t length = 0;
    return stands_at(glyphs, 0, text, &length) && length == glyphs->n;
}

bool wg_glyphs_eat_front(wg_glyphs *glyphs, const char *const *words) {
    size_t length = 0;
    for (; *words != NULL; words++) {
        if (stands_at(glyphs, 0, *words, &length) && length > 0) {
            while (length < glyphs->n && glyphs->c[length] == ' ') {
                length++;
            }
            memmove(glyphs->c, glyphs->c + length, (glyphs->n - length) * sizeof glyphs->c[0]);
            glyphs->n -= length;
            return true;
        }
    }
    return false;
}

const char *wg_glyphs_eat_back(wg_glyphs *glyphs, const char *const *words) {
    size_t length = 0;
    for (; *words != NULL; words++) {
        const size_t count = wg_utf8_count(*words);
        if (count <= glyphs->n && stands_at(glyphs, glyphs->n - count, *words, &length)) {
            glyphs->n -= count;
            while (glyphs->n > 0 && glyphs->c[glyphs->n - 1] == ' ') {
                glyphs->n--;
            }
            return *words;
        }
    }
    return NULL;
}

bool wg_glyphs_missing(const wg_glyphs *glyphs) {
    static const char *const words[] = {"-",    "--",   "—",       "——",     "/",    "\\",   "无",     "没有",   "不详",
                                        "未知", "暂无", "空",      "缺",     "缺失", "null", "na",     "n/a",    "none",
                                        "nan",  "nil",  "unknown", "?",      "*",    "**",   "…",      "......", "--",
                                        "#n/a", "<na>", "<null>",  "(null)", "待定", "未填", "未统计", "未登记", NULL};
    if (glyphs->n == 0) {
        return true;
    }
    for (size_t i = 0; words[i] != NULL; i++) {
        if (wg_glyphs_are(glyphs, words[i])) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- digits */

static bool is_digit(uint32_t c) {
    return c >= '0' && c <= '9';
}

/** "123.5e2", already plain: correctly rounded, whatever the locale. */
static double to_double(const char *plain) {
    uint64_t mantissa = 0;
    int digits = 0, scale = 0;
    const char *at = plain;
    bool fraction = false, simple = true;
    for (; *at != '\0' && simple; at++) {
        if (*at == '.') {
            fraction = true;
        } else if (is_digit((uint32_t)*at)) {
            mantissa = mantissa * 10 + (uint64_t)(*at - '0');
            digits += mantissa > 0 ? 1 : 0;
            scale += fraction ? 1 : 0;
            simple = digits <= 15;
        } else {
            simple = false;
        }
    }
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (simple && scale <= 22) { /* both exact, so the quotient is rounded once (Clinger 1990) */
        return (double)mantissa / power[scale];
    }
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return NAN;
    }
    const double value = strtod_l(plain, NULL, c_locale);
    freelocale(c_locale);
    return value;
}

/** Length of a run of digits at `at`. */
static size_t digit_run(const wg_glyphs *g, size_t at) {
    size_t n = 0;
    while (at + n < g->n && is_digit(g->c[at + n])) {
        n++;
    }
    return n;
}

/** Groups of three after a first run of 1..3 digits; appends all digits. @return false where a group is not of three */
static bool groups(const wg_glyphs *g, size_t *at, uint32_t separator, char *plain, size_t *n) {
    while (*at < g->n && g->c[*at] == separator) {
        if (digit_run(g, *at + 1) != 3) {
            return false;
        }
        for (size_t i = 1; i <= 3; i++) {
            plain[(*n)++] = (char)g->c[*at + i];
        }
        *at += 4;
    }
    return true;
}

static bool is_group_separator(uint32_t c) {
    return c == ',' || c == ' ' || c == '\'';
}

/** How often a character occurs. */
static size_t occurrences(const wg_glyphs *g, uint32_t c) {
    size_t count = 0;
    for (size_t i = 0; i < g->n; i++) {
        count += g->c[i] == c ? 1 : 0;
    }
    return count;
}

bool wg_glyphs_decimal(const wg_glyphs *g, double *value) {
    char plain[WG_GLYPHS + 2];
    size_t n = 0, at = 0;
    const bool negative = g->n > 0 && g->c[0] == '-';
    if (g->n > 0 && (g->c[0] == '-' || g->c[0] == '+')) {
        at++;
    }
    const size_t first = digit_run(g, at);
    for (size_t i = 0; i < first; i++) {
        plain[n++] = (char)g->c[at + i];
    }
    at += first;
    uint32_t point = '.';
    if (at < g->n && is_group_separator(g->c[at])) {
        if (first == 0 || first > 3 || !groups(g, &at, g->c[at], plain, &n)) {
            return false;
        }
    } else if (at < g->n && g->c[at] == '.' && (occurrences(g, '.') > 1 || occurrences(g, ',') == 1)) {
        if (first == 0 || first > 3 || !groups(g, &at, '.', plain, &n)) { /* 1.785.000 or 1.785,5 */
            return false;
        }
        point = ',';
    }
    if (at < g->n && g->c[at] == point) {
        const size_t run = digit_run(g, at + 1);
        plain[n++] = '.';
        for (size_t i = 1; i <= run; i++) {
            plain[n++] = (char)g->c[at + i];
        }
        at += run + 1;
        if (n == 1) {
            return false;
        }
    }
    if (n > 0 && at + 1 < g->n && g->c[at] == 'e') {
        plain[n++] = 'e';
        at++;
        if (g->c[at] == '-' || g->c[at] == '+') {
            plain[n++] = (char)g->c[at++];
        }
        const size_t run = digit_run(g, at);
        if (run == 0 || run > 3) {
            return false;
        }
        for (size_t i = 0; i < run; i++) {
            plain[n++] = (char)g->c[at++];
        }
    }
    if (n == 0 || at != g->n) {
        return false;
    }
    plain[n] = '\0';
    *value = negative ? -to_double(plain) : to_double(plain);
    return isfinite(*value);
}

/* ---------------------------------------------------------------- Chinese numerals */

static int numeral_digit(uint32_t c) {
    static const struct {
        uint32_t c;
        int digit;
    } digits[] = {{0x3007, 0}, {0x96F6, 0}, {0x4E00, 1}, {0x4E8C, 2}, {0x4E24, 2}, {0x4E09, 3}, {0x56DB, 4},
                  {0x4E94, 5}, {0x516D, 6}, {0x4E03, 7}, {0x516B, 8}, {0x4E5D, 9}, {0x58F9, 1}, {0x8D30, 2},
                  {0x53C1, 3}, {0x8086, 4}, {0x4F0D, 5}, {0x9646, 6}, {0x67D2, 7}, {0x634C, 8}, {0x7396, 9}};
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
        if (digits[i].c == c) {
            return digits[i].digit;
        }
    }
    return -1;
}

static uint64_t numeral_unit(uint32_t c) {
    switch (c) {
    case 0x5341: /* 十 拾 百 佰 千 仟 万 萬 亿 億 */
    case 0x62FE:
        return 10;
    case 0x767E:
    case 0x4F70:
        return 100;
    case 0x5343:
    case 0x4EDF:
        return 1000;
    case 0x4E07:
    case 0x842C:
        return 10000;
    case 0x4EBF:
    case 0x5104:
        return 100000000;
    default:
        return 0;
    }
}

bool wg_glyphs_numeral(const uint32_t *c, size_t n, double *value) {
    uint64_t total = 0, section = 0, digit = 0, last_unit = 0;
    bool have_digit = false, positional = n > 1;
    double plain = 0.0;
    for (size_t i = 0; i < n; i++) {
        const int d = numeral_digit(c[i]);
        positional = positional && d >= 0;
        plain = plain * 10.0 + (d >= 0 ? d : 0);
    }
    if (positional && n <= 15) { /* 二〇二六 */
        *value = plain;
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        const int d = numeral_digit(c[i]);
        const uint64_t unit = numeral_unit(c[i]);
        if (d >= 0) {
            if (have_digit && digit != 0) {
                return false;
            }
            digit = (uint64_t)d;
            have_digit = true;
        } else if (unit >= 10000 && total + section + digit == 0) {
            return false;
        } else if (unit >= 10000) {
            total = (total + section + digit) * unit;
            section = digit = 0;
            have_digit = false;
            last_unit = unit;
        } else if (unit > 0) {
            section += (have_digit && digit > 0 ? digit : 1) * unit; /* 十五 is fifteen */
            digit = 0;
            have_digit = false;
            last_unit = unit;
        } else {
            return false;
        }
        if (total > UINT64_C(1000000000000000)) {
            return false;
        }
    }
    /* 三百二 is 320: a last digit right after a unit counts in tenths of it */
    const bool short_form = have_digit && n >= 2 && last_unit >= 100 && numeral_unit(c[n - 2]) == last_unit;
    *value = (double)(total + section + (short_form ? digit * last_unit / 10 : digit));
    return n > 0;
}

/* ---------------------------------------------------------------- numbers */

static const char *const about_front[] = {"大约", "约为",  "约",      "大概",   "近",  "将近", "~",
                                          "≈",    "about", "approx.", "approx", "ca.", "ca",   NULL};
static const char *const about_back[] = {"左右", "上下", "余", "多", "来", "+", NULL};
static const char *const counted[] = {"人", "户", "口", "层", "个", "栋",   "幢", "间",
                                      "套", "名", "位", "座", "室", "单元", "f",  NULL};
static const char *const multiplier[] = {"万", "萬", "千", "百", "亿", NULL};

static double multiplier_value(const char *word) {
    uint32_t c = 0;
    (void)wg_utf8_next(word, strlen(word), &c);
    return (double)numeral_unit(c);
}

/** A number without unit words; a Chinese multiplier may follow digits (1.2万). */
static bool number_itself(wg_glyphs *g, double *value) {
    if (wg_glyphs_decimal(g, value)) {
        return true;
    }
    if (wg_glyphs_numeral(g->c, g->n, value)) {
        return true;
    }
    const char *word = wg_glyphs_eat_back(g, multiplier);
    if (word == NULL || !wg_glyphs_decimal(g, value)) {
        return false;
    }
    *value = round(*value * multiplier_value(word) * 1e6) / 1e6; /* 1.1万 is 11000, not 11000.000000000002 */
    return true;
}

static wg_number_kind parse_counted(wg_glyphs *g, const char *const *units, double *value) {
    if (wg_glyphs_missing(g)) {
        return WG_NUMBER_MISSING;
    }
    bool about = wg_glyphs_eat_front(g, about_front);
    about = wg_glyphs_eat_back(g, about_back) != NULL || about;
    if (units != NULL && wg_glyphs_eat_back(g, units) != NULL) {
        about = wg_glyphs_eat_back(g, about_back) != NULL || about; /* 300多户 */
    }
    if (!number_itself(g, value)) {
        return WG_NUMBER_BAD;
    }
    return about ? WG_NUMBER_ABOUT : WG_NUMBER_EXACT;
}

wg_number_kind wg_number_parse(const char *text, double *value) {
    wg_glyphs glyphs;
    if (text == NULL) {
        return WG_NUMBER_MISSING;
    }
    return wg_glyphs_load(text, &glyphs) ? parse_counted(&glyphs, counted, value) : WG_NUMBER_BAD;
}

wg_number_kind wg_area_parse(const char *text, double *area_m2) {
    static const struct {
        const char *const words[7];
        double m2;
    } units[] = {{{"km2", "km²", "km^2", "平方公里", "平方千米", "㎢", NULL}, 1e6},
                 {{"ha", "公顷", NULL}, 1e4},
                 {{"亩", NULL}, 2000.0 / 3.0},
                 {{"m2", "m²", "平方米", "平米", "㎡", "平", NULL}, 1.0}};
    wg_glyphs glyphs;
    if (text == NULL) {
        return WG_NUMBER_MISSING;
    }
    if (!wg_glyphs_load(text, &glyphs)) {
        return WG_NUMBER_BAD;
    }
    double factor = 1.0;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (wg_glyphs_eat_back(&glyphs, units[i].words) != NULL) {
            factor = units[i].m2;
            if (glyphs.n == 0) {
                return WG_NUMBER_BAD; /* a unit alone */
            }
            break;
        }
    }
    const wg_number_kind kind = parse_counted(&glyphs, NULL, area_m2);
    *area_m2 = kind == WG_NUMBER_EXACT || kind == WG_NUMBER_ABOUT ? *area_m2 * factor : *area_m2;
    return kind;
}
