/* Thresholds as people write them: MIN:MAX or MIN:TARGET:MAX, and what the damaged ones probably meant. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/number.h"

enum { LIMIT_BYTES = 160 };

/** ASCII colons for full-width ones. @return false where the text is too long for a limit */
static bool plain_colons(const char *text, char plain[LIMIT_BYTES]) {
    size_t n = 0;
    while (*text != '\0') {
        if (n + 1 >= LIMIT_BYTES) {
            return false;
        }
        if (strncmp(text, "：", 3) == 0) {
            plain[n++] = ':';
            text += 3;
        } else {
            plain[n++] = *text++;
        }
    }
    plain[n] = '\0';
    return true;
}

/** "150300" -> "150:300", "6001000" -> "600:1000": halves of a run of digits, the shorter first. */
static bool suggest_split(const char *digits, char *advice, size_t bytes) {
    const size_t n = strspn(digits, "0123456789");
    if (n < 4 || n > 12 || digits[n] != '\0') {
        return false;
    }
    const size_t left = n / 2;
    const char *right = digits + left;
    if (*digits == '0' || *right == '0' || (n % 2 == 0 && strncmp(digits, right, left) >= 0)) {
        return false;
    }
    (void)snprintf(advice, bytes, " (did you mean %.*s:%s?)", (int)left, digits, right);
    return true;
}

/** "150-300", "150~300", "150—300", "150至300" -> "150:300". */
static bool suggest_dash(const char *text, char *advice, size_t bytes) {
    static const char *const dashes[] = {"--", "——", "-", "~", "–", "—", "－", "～", "至", "到", "..", NULL};
    const size_t left = strspn(text, "0123456789");
    for (size_t i = 0; left > 0 && dashes[i] != NULL; i++) {
        const size_t length = strlen(dashes[i]);
        if (strncmp(text + left, dashes[i], length) == 0) {
            const char *right = text + left + length;
            const size_t run = strspn(right, "0123456789");
            if (run == 0) {
                return false;
            }
            (void)snprintf(advice, bytes, " (did you mean %.*s:%.*s?)", (int)left, text, (int)run, right);
            return true;
        }
    }
    return false;
}

static wg_status refuse(wg_context *ctx, const char *field, const char *text, const char *why) {
    char advice[96];
    if (!suggest_split(text, advice, sizeof advice) && !suggest_dash(text, advice, sizeof advice)) {
        (void)snprintf(advice, sizeof advice, " (write MIN:MAX or MIN:TARGET:MAX; an end may be empty)");
    }
    return wg_fail(ctx, WG_EINVAL, "limit on %s: \"%s\": %s%s", field, text, why, advice);
}

/** One end: empty is open. */
static bool parse_end(const char *text, bool area, double *value) {
    *value = NAN;
    if (text[strspn(text, " \t")] == '\0') {
        return true;
    }
    double number = NAN;
    const wg_number_kind kind = area ? wg_area_parse(text, &number) : wg_number_parse(text, &number);
    *value = number;
    return kind == WG_NUMBER_EXACT && number >= 0.0;
}

/** Cut at colons, in place. @return number of parts, at most 4 */
static size_t cut_parts(char *text, char *part[4]) {
    size_t n = 1;
    part[0] = text;
    for (char *at = text; *at != '\0'; at++) {
        if (*at == ':') {
            *at = '\0';
            if (n < 4) {
                part[n] = at + 1;
            }
            n++;
        }
    }
    return n > 4 ? 4 : n;
}

wg_status wg_limit_parse(wg_context *ctx, const char *field, const char *text, wg_limit *limit) {
    char plain[LIMIT_BYTES];
    char *part[4] = {NULL, NULL, NULL, NULL};
    if (!plain_colons(text, plain)) {
        return wg_fail(ctx, WG_EINVAL, "limit on %s: too long (write MIN:MAX or MIN:TARGET:MAX)", field);
    }
    const size_t n = cut_parts(plain, part);
    if (n != 2 && n != 3) {
        return refuse(ctx, field, text, n == 1 ? "one number is no limit" : "too many parts");
    }
    const bool area = strcmp(field, "area") == 0;
    wg_limit made = {.field = field, .min = NAN, .target = NAN, .max = NAN};
    if (!parse_end(part[0], area, &made.min) || !parse_end(part[n - 1], area, &made.max) ||
        (n == 3 && !parse_end(part[1], area, &made.target))) {
        return refuse(ctx, field, text, area ? "not an area" : "not a number, or a negative one");
    }
    if (isnan(made.min) && isnan(made.max)) {
        return refuse(ctx, field, text, "both ends are open");
    }
    if (made.min > made.max) {
        return wg_fail(ctx, WG_EINVAL, "limit on %s: \"%s\": the minimum is above the maximum (did you mean %s:%s?)",
                       field, text, part[n - 1], part[0]);
    }
    if (made.target < made.min || made.target > made.max) {
        return wg_fail(ctx, WG_EINVAL, "limit on %s: \"%s\": the target is not between minimum and maximum", field,
                       text);
    }
    *limit = made;
    return WG_OK;
}
