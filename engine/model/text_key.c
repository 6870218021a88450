/* Keys by which rows of different tables meet: codes and addresses as different people write them. */
#include <string.h>

#include "model/text.h"

/** A word and the mark that stands for it in a key. */
typedef struct wg_mark {
    const char *word;
    char mark;
} wg_mark;

/* Longest first where one begins another. Marks are control characters, which no address holds. */
static const wg_mark marks[] = {{"号楼", '\1'}, {"号栋", '\1'},     {"号幢", '\1'}, {"栋楼", '\1'}, {"幢", '\1'},
                                {"栋", '\1'},   {"座", '\1'},       {"#楼", '\1'},  {"#", '\1'},    {"楼栋", '\1'},
                                {"单元", '\2'}, {"号门", '\2'},     {"门", '\2'},   {"号房", '\3'}, {"室", '\3'},
                                {"房", '\3'},   {"building", '\1'}, {"bldg", '\1'}, {"unit", '\2'}, {"room", '\3'}};

static const char *const numerals[] = {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
static const char ten[] = "十";

static const wg_mark *mark_at(const char *text) {
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strncmp(text, marks[i].word, strlen(marks[i].word)) == 0) {
            return &marks[i];
        }
    }
    return NULL;
}

static int numeral_at(const char *text) {
    for (int i = 0; i < 10; i++) {
        if (strncmp(text, numerals[i], 3) == 0) {
            return i;
        }
    }
    return -1;
}

/** 十二 -> 12, 三 -> 3, 二十 -> 20 where a mark or 号 follows. @return bytes read, 0 where it is not such a number */
static size_t numeral_number(const char *text, unsigned *value) {
    size_t at = 0;
    int tens = -1, ones = -1;
    const int first = numeral_at(text);
    if (first >= 0) {
        at += 3;
    }
    if (strncmp(text + at, ten, 3) == 0) {
        tens = first < 0 ? 1 : first;
        at += 3;
        ones = numeral_at(text + at);
        at += ones >= 0 ? 3 : 0;
    } else {
        ones = first;
    }
    if (at == 0 || (mark_at(text + at) == NULL && strncmp(text + at, "号", 3) != 0)) {
        return 0;
    }
    *value = (unsigned)(tens > 0 ? tens * 10 : 0) + (unsigned)(ones > 0 ? ones : 0);
    return at;
}

/** Digits without leading zeros. @return bytes read */
static size_t digits(const char *text, wg_buffer *out) {
    const size_t n = strspn(text, "0123456789");
    size_t zeros = strspn(text, "0");
    zeros = zeros == n ? n - 1 : zeros;
    wg_buffer_append(out, text + zeros, n - zeros);
    return n;
}

/** Punctuation that people put between the parts, or not. */
static size_t punctuation_at(const char *text) {
    static const char *const signs[] = {",", "，", "、", "。", ".", ";",  "；", "·", "/", "\\",
                                        "(", ")",  "（", "）", ":", "\"", "'",  "“", "”", NULL};
    for (size_t i = 0; signs[i] != NULL; i++) {
        if (strncmp(text, signs[i], strlen(signs[i])) == 0) {
            return strlen(signs[i]);
        }
    }
    return 0;
}

/** Folded, but with a mark for a hyphen between two digits: 1-11 is not 11-1. */
static char *folded_address(const char *text) {
    wg_buffer out = {0};
    const size_t length = strlen(text);
    bool digit = false, hyphen = false;
    for (size_t at = 0; at < length;) {
        char one[5] = "";
        uint32_t c = 0;
        const size_t step = wg_utf8_next(text + at, length - at, &c);
        memcpy(one, text + at, step < sizeof one ? step : 0);
        at += step;
        if (c == '-' || c == 0xFF0D || (c >= 0x2010 && c <= 0x2015)) {
            hyphen = digit;
            continue;
        }
        char *folded = wg_text_folded(one);
        const bool now = folded != NULL && folded[0] >= '0' && folded[0] <= '9';
        if (folded != NULL && folded[0] != '\0') {
            wg_buffer_text(&out, hyphen && now ? "\4" : "");
            wg_buffer_text(&out, folded);
            digit = now;
            hyphen = false;
        }
        out.failed = out.failed || folded == NULL;
        free(folded);
    }
    return wg_buffer_steal(&out);
}

char *wg_text_address_key(const char *text) {
    char *folded = folded_address(text);
    wg_buffer out = {0};
    for (const char *at = folded; at != NULL && *at != '\0';) { /* marks of folded_address pass as they are */
        unsigned value = 0;
        const wg_mark *mark = mark_at(at);
        const size_t numeral = mark == NULL ? numeral_number(at, &value) : 0;
        const size_t sign = mark == NULL ? punctuation_at(at) : 0;
        if (mark != NULL) {
            wg_buffer_append(&out, &mark->mark, 1);
            at += strlen(mark->word);
        } else if (numeral > 0) {
            wg_buffer_printf(&out, "%u", value);
            at += numeral;
        } else if (*at >= '0' && *at <= '9') {
            at += digits(at, &out);
        } else if (sign > 0) {
            at += sign;
        } else {
            wg_buffer_append(&out, at++, 1);
        }
    }
    const bool failed = folded == NULL;
    free(folded);
    if (failed) {
        wg_buffer_release(&out);
        return NULL;
    }
    return wg_buffer_steal(&out);
}

char *wg_text_code_key(const char *text) {
    wg_buffer out = {0};
    const size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t c = 0;
        at += wg_utf8_next(text + at, length - at, &c);
        c = c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c;
        if (c > ' ' && c != 0xA0 && c != 0x3000 && c != 0xFEFF && c != '\'') {
            wg_utf8_put(&out, c >= 'A' && c <= 'Z' ? c + 32 : c);
        }
    }
    const size_t n = out.length;
    if (n > 2 && strspn(out.data, "0123456789") == n - 2 && strcmp(out.data + n - 2, ".0") == 0) {
        out.length = n - 2;
        out.data[n - 2] = '\0';
    }
    return wg_buffer_steal(&out);
}
