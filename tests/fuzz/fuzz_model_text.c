/* Any bytes as text: every decoder gives well-formed UTF-8, keys are stable, dates that are read can be written and
 * read. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "fuzz.h"
#include "model/number.h"
#include "model/text.h"

static void check_decoding(const uint8_t *data, size_t size) {
    for (int encoding = WG_ENCODING_UTF8; encoding <= WG_ENCODING_UTF16BE; encoding++) {
        wg_buffer out = {0};
        (void)wg_text_decode((wg_encoding)encoding, (const char *)data, size, &out);
        if (!out.failed && out.length > 0 && !wg_utf8_valid(out.data, out.length)) {
            abort();
        }
        wg_buffer_release(&out);
    }
}

/** A key of a key is itself: otherwise two spellings would match only in one order. */
static void check_key(char *(*key)(const char *), const char *text) {
    char *once = key(text), *twice = once != NULL ? key(once) : NULL;
    if (once != NULL && twice != NULL && key == wg_text_folded && strcmp(once, twice) != 0) {
        abort();
    }
    free(once);
    free(twice);
}

static void check_date(const char *text) {
    wg_date date, again;
    char iso[64];
    if (wg_date_parse(text, true, &date) == WG_DATE_GOOD) {
        wg_date_format(&date, iso, sizeof iso);
        if (date.year >= 1000 &&
            (wg_date_parse(iso, false, &again) != WG_DATE_GOOD || wg_date_days(&date) != wg_date_days(&again))) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wg_detector detector = {0};
    check_decoding(data, size);
    wg_detector_add(&detector, (const char *)data, size, true);
    (void)wg_detector_result(&detector, NULL);
    wg_buffer utf8 = {0};
    (void)wg_text_decode(WG_ENCODING_UTF8, (const char *)data, size, &utf8);
    char *text = wg_buffer_steal(&utf8);
    if (text != NULL) {
        check_key(wg_text_folded, text);
        check_key(wg_text_address_key, text);
        check_key(wg_text_code_key, text);
        check_date(text);
        if (wg_utf8_cut(text, 7) > 7) {
            abort();
        }
    }
    free(text);
    return 0;
}
