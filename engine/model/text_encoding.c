/* Decoding and encoding through the C library's iconv, with replacement instead of failure. */
#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "model/text.h"

static const struct {
    const char *name;
    wg_encoding encoding;
} known_names[] = {{"utf8", WG_ENCODING_UTF8},           {"cp65001", WG_ENCODING_UTF8},
                   {"65001", WG_ENCODING_UTF8},          {"unicode11utf8", WG_ENCODING_UTF8},
                   {"gb18030", WG_ENCODING_GB18030},     {"gb180302000", WG_ENCODING_GB18030},
                   {"gb180302022", WG_ENCODING_GB18030}, {"54936", WG_ENCODING_GB18030},
                   {"gbk", WG_ENCODING_GB18030},         {"gb2312", WG_ENCODING_GB18030},
                   {"gb231280", WG_ENCODING_GB18030},    {"euccn", WG_ENCODING_GB18030},
                   {"hzgb", WG_ENCODING_GB18030},        {"cp936", WG_ENCODING_GB18030},
                   {"936", WG_ENCODING_GB18030},         {"ms936", WG_ENCODING_GB18030},
                   {"windows936", WG_ENCODING_GB18030},  {"oem936", WG_ENCODING_GB18030},
                   {"ansi936", WG_ENCODING_GB18030},     {"big5", WG_ENCODING_BIG5},
                   {"cp950", WG_ENCODING_BIG5},          {"950", WG_ENCODING_BIG5},
                   {"ms950", WG_ENCODING_BIG5},          {"big5hkscs", WG_ENCODING_BIG5},
                   {"iso88591", WG_ENCODING_LATIN1},     {"88591", WG_ENCODING_LATIN1},
                   {"latin1", WG_ENCODING_LATIN1},       {"cp1252", WG_ENCODING_LATIN1},
                   {"1252", WG_ENCODING_LATIN1},         {"windows1252", WG_ENCODING_LATIN1},
                   {"ansi1252", WG_ENCODING_LATIN1},     {"utf16le", WG_ENCODING_UTF16LE},
                   {"utf16", WG_ENCODING_UTF16LE},       {"ucs2", WG_ENCODING_UTF16LE},
                   {"utf16be", WG_ENCODING_UTF16BE},     {"ascii", WG_ENCODING_UTF8},
                   {"usascii", WG_ENCODING_UTF8}};

const char *wg_encoding_name(wg_encoding encoding) {
    static const char *const names[] = {"UTF-8", "GB18030", "BIG5", "CP1252", "UTF-16LE", "UTF-16BE"};
    return (size_t)encoding < sizeof names / sizeof names[0] ? names[encoding] : "UTF-8";
}

bool wg_encoding_parse(const char *name, wg_encoding *encoding) {
    char plain[32];
    size_t n = 0;
    for (const char *at = name; *at != '\0'; at++) {
        const char c = *at;
        const bool digit = c >= '0' && c <= '9';
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (digit || letter) {
            if (n + 1 == sizeof plain) {
                return false;
            }
            plain[n++] = (char)(letter ? c | 0x20 : c);
        }
    }
    plain[n] = '\0';
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++) {
        if (strcmp(plain, known_names[i].name) == 0) {
            *encoding = known_names[i].encoding;
            return true;
        }
    }
    return false;
}

/** Copy UTF-8, mending malformed bytes; an incomplete character at the end is dropped. */
static size_t decode_utf8(const char *bytes, size_t length, wg_buffer *out) {
    if (wg_utf8_valid(bytes, length)) {
        wg_buffer_append(out, bytes, length);
        return 0;
    }
    size_t bad = 0;
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        const size_t step = wg_utf8_next(bytes + at, length - at, &character);
        if (step == 1 && (uint8_t)bytes[at] >= 0x80) {
            const uint8_t lead = (uint8_t)bytes[at];
            const size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
            size_t tail = 1;
            while (at + tail < length && ((uint8_t)bytes[at + tail] & 0xC0) == 0x80) {
                tail++;
            }
            if (lead >= 0xC2 && lead <= 0xF4 && at + tail == length && tail < need) {
                break;
            }
            wg_utf8_put(out, 0xFFFD);
            bad++;
        } else {
            wg_buffer_append(out, bytes + at, step);
        }
        at += step;
    }
    return bad;
}

/** One piece through iconv; `bad_mark` stands for each byte or character that it refuses. */
static size_t convert(iconv_t converter, const char *bytes, size_t length, bool drop_cut, const char *bad_mark,
                      bool utf8_in, wg_buffer *out) {
    char chunk[1024];
    char *in = (char *)(uintptr_t)bytes; /* iconv's prototype lacks const */
    size_t left = length;
    size_t bad = 0;
    while (left > 0) {
        char *to = chunk;
        size_t room = sizeof chunk;
        const size_t done = iconv(converter, &in, &left, &to, &room);
        const int problem = errno;
        wg_buffer_append(out, chunk, (size_t)(to - chunk));
        if (done != (size_t)-1 || problem == E2BIG) {
            continue;
        }
        if (problem == EINVAL && drop_cut) {
            break;
        }
        uint32_t character = 0;
        size_t step = utf8_in ? wg_utf8_next(in, left, &character) : 1;
        step = step > left ? left : step;
        in += step;
        left -= step;
        wg_buffer_text(out, bad_mark);
        bad++;
        (void)iconv(converter, NULL, NULL, NULL, NULL);
    }
    return bad;
}

size_t wg_text_decode(wg_encoding encoding, const char *bytes, size_t length, wg_buffer *out) {
    wg_buffer_append(out, "", 0);
    if (encoding == WG_ENCODING_UTF8) {
        return decode_utf8(bytes, length, out);
    }
    bool ascii = encoding != WG_ENCODING_UTF16LE && encoding != WG_ENCODING_UTF16BE;
    for (size_t i = 0; ascii && i < length; i++) {
        ascii = (uint8_t)bytes[i] < 0x80;
    }
    if (ascii) {
        wg_buffer_append(out, bytes, length);
        return 0;
    }
    iconv_t converter = iconv_open("UTF-8", wg_encoding_name(encoding));
    if (converter == (iconv_t)-1) {
        return decode_utf8(bytes, length, out);
    }
    const size_t bad = convert(converter, bytes, length, true, "\xEF\xBF\xBD", false, out);
    (void)iconv_close(converter);
    return bad;
}

size_t wg_text_encode(wg_encoding encoding, const char *text, size_t length, wg_buffer *out) {
    wg_buffer_append(out, "", 0);
    if (encoding == WG_ENCODING_UTF8) {
        wg_buffer_append(out, text, length);
        return 0;
    }
    iconv_t converter = iconv_open(wg_encoding_name(encoding), "UTF-8");
    if (converter == (iconv_t)-1) {
        wg_buffer_append(out, text, length);
        return 0;
    }
    const size_t bad = convert(converter, text, length, false, "?", true, out);
    (void)iconv_close(converter);
    return bad;
}
