/* Field names for DBF: ten bytes that still say what they mean. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "io/fields.h"
#include "io/writer.h"

enum { NAME_BYTES = 10, SURE_SCORE = 80 };

static bool is_taken(const char *name, char (*taken)[WG_SHORT_NAME], uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (strcasecmp(name, taken[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_ascii(const char *name) {
    for (; *name != '\0'; name++) {
        if ((uint8_t)*name >= 0x80) {
            return false;
        }
    }
    return true;
}

/** Longest beginning of `name` whose bytes in `encoding` fit `room`, cut at a character. UTF-8 length in bytes. */
static size_t fitting(const char *name, wg_encoding encoding, size_t room) {
    size_t best = 0;
    const size_t length = strlen(name);
    for (size_t at = 0; at < length && at < WG_SHORT_NAME - 5;) {
        uint32_t c = 0;
        at += wg_utf8_next(name + at, length - at, &c);
        wg_buffer encoded = {0};
        (void)wg_text_encode(encoding, name, at, &encoded);
        const bool fits = !encoded.failed && encoded.length <= room;
        wg_buffer_release(&encoded);
        if (!fits) {
            break;
        }
        best = at;
    }
    return best;
}

void wg_short_name(const char *name, wg_encoding encoding, char (*taken)[WG_SHORT_NAME], uint32_t n,
                   char out[WG_SHORT_NAME]) {
    char base[WG_SHORT_NAME] = "";
    int score = 0;
    const bool short_ascii = is_ascii(name) && strlen(name) <= NAME_BYTES;
    const wg_role role = short_ascii ? WG_N_ROLES : wg_role_of(name, &score);
    if (role != WG_N_ROLES && score >= SURE_SCORE && strlen(wg_role_name(role)) <= NAME_BYTES &&
        !is_taken(wg_role_name(role), taken, n)) {
        (void)snprintf(base, sizeof base, "%s", wg_role_name(role)); /* 户籍人口 is "registered" rather than "户籍人" */
    } else {
        (void)snprintf(base, sizeof base, "%.*s", (int)fitting(name, encoding, NAME_BYTES), name);
    }
    (void)snprintf(out, WG_SHORT_NAME, "%s", base);
    for (unsigned copy = 2; is_taken(out, taken, n) || out[0] == '\0'; copy++) {
        char suffix[12];
        const int length = snprintf(suffix, sizeof suffix, "_%u", copy);
        const size_t keep = fitting(base, encoding, (size_t)(NAME_BYTES - length));
        (void)snprintf(out, WG_SHORT_NAME, "%.*s%s", (int)keep, base, suffix);
    }
}
