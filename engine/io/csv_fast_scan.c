/* Scanning CSV text: records, fields, numbers. */
#include <float.h>
#include <math.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "io/csv_fast.h"
#include "model/number.h"

/* ---- records ---- */

/** Where a scan is: bit masks of the next 16 bytes that are a delimiter, an end of line or a quote. */
typedef struct scanner {
    const char *base, *end; /**< of the masked bytes; of the piece */
    uint32_t mask;
#if defined(__SSE2__)
    __m128i delimiter, newline, quote;
#else
    char delimiter, newline;
#endif
} scanner;

static void scanner_init(scanner *own, char delimiter, char newline, const char *at, const char *end) {
    own->base = at;
    own->end = end;
    own->mask = 0;
#if defined(__SSE2__)
    own->delimiter = _mm_set1_epi8(delimiter);
    own->newline = _mm_set1_epi8(newline);
    own->quote = _mm_set1_epi8('"');
#else
    own->delimiter = delimiter;
    own->newline = newline;
#endif
}

#if defined(__SSE2__)
static inline uint32_t special_bytes(const scanner *own, const char *at) {
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    const __m128i hit =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, own->delimiter), _mm_cmpeq_epi8(bytes, own->newline)),
                     _mm_cmpeq_epi8(bytes, own->quote));
    return (uint32_t)_mm_movemask_epi8(hit);
}
#else
static inline uint32_t special_bytes(const scanner *own, const char *at) {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        mask |= at[i] == own->delimiter || at[i] == own->newline || at[i] == '"' ? 1u << i : 0u;
    }
    return mask;
}
#endif

/* The last bytes of a piece, which 16 bytes at a time would read beyond. */
static uint32_t special_tail(const scanner *own) {
    char bytes[16] = {0};
    const size_t left = (size_t)(own->end - own->base);
    memcpy(bytes, own->base, left);
    return special_bytes(own, bytes) & ((1u << left) - 1);
}

/* The next special byte at or behind the scanner's place; `end` where there is none. */
static inline const char *next_special(scanner *own) {
    while (own->mask == 0) {
        if (own->end - own->base <= 16) {
            return own->end;
        }
        own->base += 16;
        own->mask = own->end - own->base >= 16 ? special_bytes(own, own->base) : special_tail(own);
    }
    const char *at = own->base + __builtin_ctz(own->mask);
    own->mask &= own->mask - 1;
    return at;
}

static inline void place_scanner(scanner *own, const char *at) {
    own->base = at;
    own->mask = own->end - at >= 16 ? special_bytes(own, at) : special_tail(own);
}

/* Behind the closing quote of the quoted field that begins at `open`; NULL where it never closes. */
static const char *close_quote(const char *open, const char *end, char newline, uint32_t *lines) {
    const char *at = open + 1;
    for (;;) {
        const char *quote = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
        if (quote == NULL) {
            return NULL;
        }
        for (const char *line = at; (line = memchr(line, newline, (size_t)(quote - line))) != NULL; line++) {
            (*lines)++;
        }
        if (quote + 1 < end && quote[1] == '"') {
            at = quote + 2;
            continue;
        }
        return quote + 1;
    }
}

static inline void take_field(wg_csv_field *fields, uint32_t capacity, wg_csv_record *record, const char *from,
                              const char *to) {
    if (record->n_fields < capacity) {
        fields[record->n_fields] = (wg_csv_field){from, (uint32_t)(to - from)};
    }
    record->n_fields++;
}

static const char *end_of_line(const char *from, const char *end, char newline) {
    const char *found = from < end ? memchr(from, newline, (size_t)(end - from)) : NULL;
    return found == NULL ? end : found;
}

static bool scan_record(char delimiter, char newline, const char **at, const char *end, wg_csv_field *fields,
                        uint32_t capacity, wg_csv_record *record) {
    scanner own;
    const char *start = *at, *field = start;
    *record = (wg_csv_record){.text = start, .lines = 1};
    scanner_init(&own, delimiter, newline, start, end);
    place_scanner(&own, start);
    for (;;) {
        const char *found = next_special(&own);
        if (found < end && *found == '"') {
            if (found != field) {
                continue; /* inside an unquoted field a quote is a character */
            }
            const char *behind = close_quote(found, end, newline, &record->lines);
            if (behind == NULL) {
                record->open_quote = true;
                record->lines = 1;
                found = end_of_line(found, end, newline);
            } else {
                place_scanner(&own, behind);
                continue;
            }
        }
        if (found < end && *found == delimiter) {
            take_field(fields, capacity, record, field, found);
            field = found + 1;
            continue;
        }
        const char *stop = found > start && newline == '\n' && found[-1] == '\r' ? found - 1 : found;
        take_field(fields, capacity, record, field, stop < field ? field : stop);
        record->length = (size_t)(stop - start);
        *at = found < end ? found + 1 : end;
        return true;
    }
}

bool wg_csv_scan(char delimiter, char newline, const char **at, const char *end, wg_csv_field *fields,
                 uint32_t capacity, wg_csv_record *record) {
    uint32_t empty = 0;
    while (*at < end && (**at == newline || (newline == '\n' && **at == '\r' && *at + 1 < end && (*at)[1] == '\n'))) {
        *at += **at == newline ? 1 : 2;
        empty++;
    }
    if (*at >= end) {
        return false;
    }
    const bool found = scan_record(delimiter, newline, at, end, fields, capacity, record);
    record->lines += empty;
    return found;
}

/* ---- values ---- */

void wg_csv_unquote(const wg_csv_field *field, wg_buffer *out) {
    const char *at = field->text, *end = at + field->length;
    if (at == end || *at != '"') {
        wg_buffer_append(out, at, field->length);
        return;
    }
    at++;
    while (at < end) {
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL) {
            wg_buffer_append(out, at, (size_t)(end - at));
            return;
        }
        wg_buffer_append(out, at, (size_t)(quote - at));
        if (quote + 1 < end && quote[1] == '"') {
            wg_buffer_append(out, quote, 1);
            at = quote + 2;
            continue;
        }
        wg_buffer_append(out, quote + 1,
                         (size_t)(end - quote - 1)); /* text behind the closing quote belongs to the value */
        return;
    }
}

void wg_csv_quote(char delimiter, const char *value, size_t length, wg_buffer *out) {
    bool plain = true;
    for (size_t i = 0; i < length && plain; i++) {
        plain = value[i] != delimiter && value[i] != '"' && value[i] != '\n' && value[i] != '\r';
    }
    if (plain) {
        wg_buffer_append(out, value, length);
        return;
    }
    wg_buffer_append(out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        wg_buffer_append(out, &value[i], 1);
        if (value[i] == '"') {
            wg_buffer_append(out, "\"", 1);
        }
    }
    wg_buffer_append(out, "\"", 1);
}

/* ---- numbers ---- */

static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};

/*
 * digits / 10^behind, correctly rounded, or false where this cheap way cannot tell. Up to 2^53 both are exact doubles
 * and one division rounds correctly (Clinger 1990). Beyond, the extended format's quotient is rounded a second time,
 * which is right unless the quotient lies next to the middle between two doubles.
 */
static bool divide(uint64_t digits, int behind, double *value) {
    if (digits <= UINT64_C(1) << 53) {
        *value = (double)digits / POWERS[behind];
        return true;
    }
#if LDBL_MANT_DIG >= 64
    const long double quotient = (long double)digits / (long double)POWERS[behind];
    *value = (double)quotient;
    const double up = nextafter(*value, INFINITY);
    const long double half = ((long double)up - (long double)*value) / 2;
    const long double rest = quotient > *value ? quotient - *value : *value - quotient;
    const long double off = rest > half ? rest - half : half - rest;
    return off > quotient * 0x1p-61L;
#else
    return false;
#endif
}

/* Digits, a point, digits. */
static bool plain_number(const char *at, const char *end, char point, double *value) {
    uint64_t digits = 0;
    int n = 0, behind = 0;
    const bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+') ? 1 : 0;
    if (end - at > 20) {
        return false;
    }
    for (; at < end && *at >= '0' && *at <= '9'; at++, n++) {
        digits = digits * 10 + (uint64_t)(*at - '0');
    }
    if (at < end && *at == point) {
        for (at++; at < end && *at >= '0' && *at <= '9'; at++, n++, behind++) {
            digits = digits * 10 + (uint64_t)(*at - '0');
        }
    }
    if (at != end || n == 0 || n > 19 || !divide(digits, behind, value)) {
        return false;
    }
    *value = negative ? -*value : *value;
    return true;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t';
}

bool wg_csv_number(const wg_csv_field *field, bool comma, double *value) {
    const char *at = field->text, *end = at + field->length;
    *value = NAN;
    while (at < end && (is_space(*at) || *at == '"')) {
        at++;
    }
    while (end > at && (is_space(end[-1]) || end[-1] == '"')) {
        end--;
    }
    if (at == end) {
        return false;
    }
    if (plain_number(at, end, '.', value) || (comma && plain_number(at, end, ',', value))) {
        return true;
    }
    wg_buffer text = {0};
    wg_buffer_append(&text, at, (size_t)(end - at));
    const bool read = !text.failed && wg_number_parse(text.data, value) == WG_NUMBER_EXACT;
    wg_buffer_release(&text);
    *value = read ? *value : NAN;
    return read;
}
