#include "model/text.h"

#include <string.h>

size_t wg_utf8_next(const char *text, size_t length, uint32_t *character) {
    if (length == 0) {
        return 0;
    }
    const uint8_t *at = (const uint8_t *)text;
    const uint8_t lead = at[0];
    if (lead < 0x80) {
        *character = lead;
        return 1;
    }
    *character = 0xFFFD;
    const size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length < need) {
        return 1;
    }
    uint32_t value = lead & (0xFFu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 1;
        }
        value = (value << 6) | (at[i] & 0x3Fu);
    }
    const uint32_t least = need == 4 ? 0x10000 : need == 3 ? 0x800 : 0x80;
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 1;
    }
    *character = value;
    return need;
}

bool wg_utf8_valid(const char *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        uint64_t eight;
        while (at + sizeof eight <= length) { /* most text is ASCII: eight bytes at a time */
            memcpy(&eight, text + at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) != 0) {
                break;
            }
            at += sizeof eight;
        }
        if (at == length) {
            break;
        }
        uint32_t character = 0;
        const size_t step = wg_utf8_next(text + at, length - at, &character);
        if (step == 1 && (uint8_t)text[at] >= 0x80) {
            return false;
        }
        at += step;
    }
    return true;
}

static size_t encode(uint32_t character, char bytes[4]) {
    size_t length = 1;
    if (character < 0x80) {
        bytes[0] = (char)character;
    } else if (character < 0x800) {
        bytes[0] = (char)(0xC0 | (character >> 6));
        bytes[1] = (char)(0x80 | (character & 0x3F));
        length = 2;
    } else if (character < 0x10000) {
        bytes[0] = (char)(0xE0 | (character >> 12));
        bytes[1] = (char)(0x80 | ((character >> 6) & 0x3F));
        bytes[2] = (char)(0x80 | (character & 0x3F));
        length = 3;
    } else {
        bytes[0] = (char)(0xF0 | (character >> 18));
        bytes[1] = (char)(0x80 | ((character >> 12) & 0x3F));
        bytes[2] = (char)(0x80 | ((character >> 6) & 0x3F));
        bytes[3] = (char)(0x80 | (character & 0x3F));
        length = 4;
    }
    return length;
}

void wg_utf8_put(wg_buffer *out, uint32_t character) {
    char bytes[4];
    wg_buffer_append(out, bytes, encode(character, bytes));
}

size_t wg_utf8_cut(const char *text, size_t limit) {
    const size_t length = strnlen(text, limit + 1);
    if (length <= limit) {
        return length;
    }
    size_t cut = limit;
    while (cut > 0 && ((uint8_t)text[cut] & 0xC0) == 0x80) {
        cut--;
    }
    return cut;
}

size_t wg_utf8_count(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((uint8_t)*text & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

static bool is_space(uint32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200D) ||
           c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x2060 || c == 0x3000 || c == 0xFEFF;
}

/** Half-width and lower case; 0 for what names are compared without. */
static uint32_t fold_character(uint32_t c) {
    if (c >= 0xFF01 && c <= 0xFF5E) {
        c -= 0xFEE0;
    }
    if (is_space(c) || c == '_' || c == '-' || (c >= 0x2010 && c <= 0x2015)) {
        return 0;
    }
    if (c >= 'A' && c <= 'Z') {
        return c + 32;
    }
    return c;
}

void wg_text_fold(const char *text, wg_buffer *out) {
    const size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        at += wg_utf8_next(text + at, length - at, &character);
        const uint32_t folded = fold_character(character);
        if (folded != 0) {
            wg_utf8_put(out, folded);
        }
    }
}

size_t wg_text_fold_into(const char *text, char *out, size_t room) {
    const size_t length = strlen(text);
    size_t n = 0;
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        char bytes[4];
        at += wg_utf8_next(text + at, length - at, &character);
        const uint32_t folded = fold_character(character);
        const size_t step = folded == 0 ? 0 : encode(folded, bytes);
        if (n + step >= room) {
            break;
        }
        memcpy(out + n, bytes, step);
        n += step;
    }
    out[n] = '\0';
    return n;
}

char *wg_text_folded(const char *text) {
    wg_buffer out = {0};
    wg_text_fold(text, &out);
    return wg_buffer_steal(&out);
}
