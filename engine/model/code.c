#include "model/code.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int wg_code_capacity(wg_code_scheme scheme) {
    return scheme == WG_CODE_CJT349 ? 99 : 999;
}

static size_t sequence_digits(wg_code_scheme scheme) {
    return scheme == WG_CODE_CJT349 ? 2 : 3;
}

static bool all_digits(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return true;
}

int wg_code_sequence(wg_code_scheme scheme, const char *community, const char *code) {
    const size_t digits = sequence_digits(scheme);
    const size_t length = strlen(code);
    const size_t stem = strlen(community);
    if (length < digits || !all_digits(code + length - digits, digits)) {
        return -1;
    }
    /* A 12-digit community sits behind the object class of a 20-digit code. */
    const size_t skip = scheme == WG_CODE_CJT349 && stem == 12 && length == 20 ? 6 : 0;
    if (length != skip + stem + digits || strncmp(code + skip, community, stem) != 0) {
        return -1;
    }
    int sequence = 0;
    for (size_t i = length - digits; i < length; i++) {
        sequence = 10 * sequence + (code[i] - '0');
    }
    return sequence;
}

/** What stands before the sequence number. */
static wg_status code_stem(wg_context *ctx, const wg_code_request *request, wg_buffer *stem) {
    const char *community = request->community;
    const size_t length = strlen(community);
    if (length == 0) {
        return wg_fail(ctx, WG_EDATA, "a community has no code (fill the field or name it with --field code=NAME)");
    }
    if (request->scheme == WG_CODE_CJT349) {
        const char *object = request->object != NULL ? request->object : WG_CODE_CJT349_OBJECT;
        const bool fits = (length == 12 || length == 18) && all_digits(community, length);
        if (!fits) {
            return wg_fail(
                ctx, WG_EDATA,
                "community code \"%s\" does not fit CJ/T 349 (it needs 12 digits: county, street, community; "
                "or 18 with the object class in front)",
                community);
        }
        if (length == 12 && (strlen(object) != 6 || !all_digits(object, 6))) {
            return wg_fail(ctx, WG_EINVAL, "object class \"%s\" does not have 6 digits", object);
        }
        if (length == 12) {
            wg_buffer_text(stem, object);
        }
    }
    wg_buffer_text(stem, community);
    return stem->failed ? wg_fail_memory(ctx) : WG_OK;
}

/** Sequence numbers that may not be given out, and the highest of them. */
typedef struct used_numbers {
    bool taken[1000];
    int highest; /**< 0: none */
} used_numbers;

static void mark_used(used_numbers *used, int sequence) {
    if (sequence >= 0) {
        used->taken[sequence] = true;
        used->highest = sequence > used->highest ? sequence : used->highest;
    }
}

/** Is this kept code given to an earlier cell, or among the retired? For codes that are not of the scheme's form. */
static bool repeats(const wg_code_request *request, uint32_t cell) {
    const char *code = request->kept[cell];
    for (uint32_t i = 0; i < cell; i++) {
        if (request->kept[i] != NULL && strcmp(request->kept[i], code) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < request->n_retired; i++) {
        if (strcmp(request->retired[i], code) == 0) {
            return true;
        }
    }
    return false;
}

static wg_status collect_used(wg_context *ctx, const wg_code_request *request, used_numbers *used) {
    for (size_t i = 0; i < request->n_retired; i++) {
        mark_used(used, wg_code_sequence(request->scheme, request->community, request->retired[i]));
    }
    for (uint32_t i = 0; request->kept != NULL && i < request->n; i++) {
        const char *kept = request->kept[i];
        if (kept == NULL) {
            continue;
        }
        const int sequence = wg_code_sequence(request->scheme, request->community, kept);
        if (sequence >= 0 ? used->taken[sequence] : repeats(request, i)) {
            return wg_fail(ctx, WG_EDATA,
                           "code %s is given to two cells, or was retired (every cell needs a code of its own)", kept);
        }
        mark_used(used, sequence);
    }
    return WG_OK;
}

typedef struct place {
    int64_t x_mm, y_mm;
    uint32_t cell;
} place;

static int compare_places(const void *left, const void *right) {
    const place *a = left;
    const place *b = right;
    if (a->x_mm != b->x_mm) {
        return a->x_mm < b->x_mm ? -1 : 1;
    }
    if (a->y_mm != b->y_mm) {
        return a->y_mm > b->y_mm ? -1 : 1;
    }
    return a->cell < b->cell ? -1 : a->cell > b->cell;
}

static int64_t millimetres(double metres) {
    const double scaled = metres * 1000.0;
    return isfinite(scaled) && fabs(scaled) < 9e18 ? llround(scaled) : INT64_MAX;
}

/** New cells from west to east, then north to south. @return NULL when memory is out */
static place *order_new(const wg_code_request *request, uint32_t *n_new) {
    place *order = wg_malloc(request->n, sizeof *order);
    *n_new = 0;
    for (uint32_t i = 0; order != NULL && i < request->n; i++) {
        if (request->kept == NULL || request->kept[i] == NULL) {
            order[(*n_new)++] =
                (place){.x_mm = millimetres(request->x[i]), .y_mm = millimetres(request->y[i]), .cell = i};
        }
    }
    if (order != NULL) {
        qsort(order, *n_new, sizeof *order, compare_places);
    }
    return order;
}

/** Next free number: behind the highest ever used, then the gaps. 0 where all are used. */
static int next_number(used_numbers *used, int capacity) {
    int number = used->highest + 1;
    if (number > capacity) {
        for (number = 1; number <= capacity && used->taken[number]; number++) {
        }
    }
    if (number > capacity) {
        return 0;
    }
    mark_used(used, number);
    return number;
}

static char **allocate_codes(const wg_code_request *request, size_t stem_length) {
    const size_t width = stem_length + 4;
    size_t bytes = request->n * (sizeof(char *) + width);
    for (uint32_t i = 0; request->kept != NULL && i < request->n; i++) {
        bytes += request->kept[i] != NULL ? strlen(request->kept[i]) + 1 : 0;
    }
    return wg_calloc(bytes, 1);
}

wg_status wg_codes_assign(wg_context *ctx, const wg_code_request *request, char ***codes) {
    *codes = NULL;
    wg_buffer stem = {0};
    used_numbers used = {0};
    char **made = NULL;
    place *order = NULL;
    uint32_t n_new = 0;
    wg_status status = WG_OK;
    WG_TRY(code_stem(ctx, request, &stem));
    WG_TRY(collect_used(ctx, request, &used));
    made = allocate_codes(request, stem.length);
    order = order_new(request, &n_new);
    if (made == NULL || order == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    char *next = (char *)(made + request->n);
    for (uint32_t i = 0; request->kept != NULL && i < request->n; i++) {
        if (request->kept[i] != NULL) {
            const size_t bytes = strlen(request->kept[i]) + 1;
            made[i] = memcpy(next, request->kept[i], bytes);
            next += bytes;
        }
    }
    const int capacity = wg_code_capacity(request->scheme);
    const int digits = (int)sequence_digits(request->scheme);
    const bool undivided =
        request->scheme == WG_CODE_CJT349 && request->n == 1 && n_new == 1 && request->n_retired == 0;
    for (uint32_t k = 0; k < n_new; k++) {
        const int number = undivided ? 0 : next_number(&used, capacity);
        if (number == 0 && !undivided) {
            status =
                wg_fail(ctx, WG_EDATA,
                        "community %s: %u cells do not fit into %d codes, retired ones included (fewer, larger cells, "
                        "or another code scheme)",
                        request->community, request->n, capacity);
            goto done;
        }
        made[order[k].cell] = next;
        next += sprintf(next, "%s%0*d", stem.data, digits, number) + 1;
    }
    *codes = made;
    made = NULL;
done:
    free(order);
    free(made);
    wg_buffer_release(&stem);
    return status;
}

/* ------------------------------------------------------------------ names */

static void append_below_10000(wg_buffer *out, uint32_t value, bool leading) {
    static const char *const digit[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    static const char *const place_name[] = {"千", "百", "十", ""};
    static const uint32_t place_value[] = {1000, 100, 10, 1};
    bool started = !leading;
    bool zero = false;
    for (int p = 0; p < 4; p++) {
        const uint32_t d = value / place_value[p] % 10;
        if (d == 0) {
            zero = started;
            continue;
        }
        if (zero) {
            wg_buffer_text(out, digit[0]);
        }
        /* 10..19 at the start of a number drop the one: 十二, but 一百一十二. */
        if (!(d == 1 && p == 2 && !started)) {
            wg_buffer_text(out, digit[d]);
        }
        wg_buffer_text(out, place_name[p]);
        started = true;
        zero = false;
    }
}

void wg_chinese_numeral(uint32_t value, char out[WG_NUMERAL_BYTES]) {
    wg_buffer text = {0};
    if (value == 0 || value > 99999999) {
        wg_buffer_printf(&text, value == 0 ? "零" : "%u", value);
    } else {
        const uint32_t high = value / 10000;
        if (high > 0) {
            append_below_10000(&text, high, true);
            wg_buffer_text(&text, "万");
        }
        if (value % 10000 > 0) {
            append_below_10000(&text, value % 10000, high == 0);
        }
    }
    (void)snprintf(out, WG_NUMERAL_BYTES, "%s", text.failed || text.data == NULL ? "" : text.data);
    wg_buffer_release(&text);
}

static bool is_placeholder(const char *at, const char *name) {
    return strncmp(at, name, strlen(name)) == 0;
}

/** Append one placeholder or escaped brace at `*at` and step over it. @return false where it is unknown */
static bool expand(wg_buffer *out, const char **at, const wg_name_parts *parts) {
    char numeral[WG_NUMERAL_BYTES];
    if (is_placeholder(*at, "{{") || is_placeholder(*at, "}}")) {
        wg_buffer_append(out, *at, 1);
        *at += 2;
    } else if (is_placeholder(*at, "{n}")) {
        wg_buffer_printf(out, "%u", parts->number);
        *at += 3;
    } else if (is_placeholder(*at, "{zh}")) {
        wg_chinese_numeral(parts->number, numeral);
        wg_buffer_text(out, numeral);
        *at += 4;
    } else if (is_placeholder(*at, "{community}")) {
        wg_buffer_text(out, parts->community != NULL ? parts->community : "");
        *at += 11;
    } else if (is_placeholder(*at, "{code}")) {
        wg_buffer_text(out, parts->code != NULL ? parts->code : "");
        *at += 6;
    } else {
        return false;
    }
    return true;
}

wg_status wg_cell_name(wg_context *ctx, const char *template_text, wg_lang lang, const wg_name_parts *parts,
                       char **name) {
    *name = NULL;
    const char *at = template_text;
    if (at == NULL) {
        at = lang == WG_LANG_ZH ? "第{zh}网格" : "Cell {n}";
    }
    wg_buffer out = {0};
    while (*at != '\0') {
        const size_t plain = strcspn(at, "{}");
        wg_buffer_append(&out, at, plain);
        at += plain;
        if (*at != '\0' && !expand(&out, &at, parts)) {
            wg_buffer_release(&out);
            return wg_fail(
                ctx, WG_EINVAL,
                "name template \"%s\": unknown placeholder at \"%s\" (known: {n}, {zh}, {community}, {code})",
                template_text, at);
        }
    }
    *name = wg_buffer_steal(&out);
    return *name != NULL ? WG_OK : wg_fail_memory(ctx);
}

wg_status wg_name_template_check(wg_context *ctx, const char *template_text) {
    char *name = NULL;
    const wg_name_parts parts = {.number = 1, .community = "", .code = ""};
    const wg_status status = wg_cell_name(ctx, template_text, WG_LANG_EN, &parts, &name);
    free(name);
    return status;
}
