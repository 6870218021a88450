#include "width.h"

size_t cli_utf8_next(const char *text, uint32_t *code) {
    const unsigned char *byte = (const unsigned char *)text;
    const size_t length = byte[0] < 0x80 ? 1 : byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : byte[0] >= 0xc0 ? 2 : 0;
    if (length < 2) {
        *code = length == 1 ? byte[0] : 0xfffd;
        return 1;
    }
    uint32_t value = byte[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80) {
            *code = 0xfffd;
            return 1;
        }
        value = (value << 6) | (byte[i] & 0x3fu);
    }
    *code = value;
    return length;
}

size_t cli_char_columns(uint32_t code) {
    if (code >= 0x0300 && code <= 0x036f) {
        return 0;
    }
    const int wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                     (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                     (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                     (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1f64f) ||
                     (code >= 0x20000 && code <= 0x3fffd);
    return wide ? 2 : 1;
}

size_t cli_columns(const char *text) {
    size_t columns = 0;
    while (*text != '\0') {
        uint32_t code;
        text += cli_utf8_next(text, &code);
        columns += cli_char_columns(code);
    }
    return columns;
}

size_t cli_fit(const char *text, size_t columns) {
    size_t bytes = 0, used = 0;
    while (text[bytes] != '\0') {
        uint32_t code;
        const size_t length = cli_utf8_next(text + bytes, &code);
        used += cli_char_columns(code);
        if (used > columns) {
            break;
        }
        bytes += length;
    }
    return bytes;
}
