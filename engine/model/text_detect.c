/*
 * Which encoding? Every text is read in each candidate and scored by the log-likelihood of its characters under a
 * coarse model of Chinese administrative text: the first level of GB 2312 (3 755 everyday characters) is likely, the
 * second level is not, characters outside it hardly. A wrong reading turns everyday characters into rare ones, so that
 * two characters mostly decide.
 */
#include <math.h>

#include "model/text.h"

/* Natural logarithms of the probability of one character of the class. */
static const double everyday = -6.5, uncommon = -10.0, rare = -13.0, symbol = -7.5, odd = -12.0, malformed = -40.0;
/* Before any byte is seen: how much less often a file is Big5 than GBK, or Western than either. */
static const double big5_prior = -3.0, latin1_prior = -6.0;

typedef struct wg_reading {
    double score;
    bool bad;
    bool cut; /**< ends within a character */
} wg_reading;

static bool ascii_letter(uint8_t byte) {
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

/** Western letters stand between letters; Chinese characters mostly do not. */
static bool beside_letter(const uint8_t *bytes, size_t length, size_t at, size_t step) {
    return (at > 0 && ascii_letter(bytes[at - 1])) || (at + step < length && ascii_letter(bytes[at + step]));
}

static double score_character(uint32_t c, bool between_letters) {
    if (c >= 0x4E00 && c <= 0x9FFF) {
        return everyday - 0.5; /* not told apart by level here: three bytes make a chance hit rare enough */
    }
    if ((c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x2010 && c <= 0x203F)) {
        return symbol;
    }
    if ((c >= 0xC0 && c <= 0x17F) && between_letters) {
        return -3.0;
    }
    if (c == 0xB7 || c == 0xB0 || c == 0xB2 || c == 0x2103 || (c >= 0x2150 && c <= 0x24FF)) {
        return odd + 2.0;
    }
    if ((c >= 0x3400 && c <= 0x4DBF) || (c >= 0xC0 && c <= 0x24F) || (c >= 0x400 && c <= 0x45F) ||
        (c >= 0x3040 && c <= 0x30FF)) {
        return odd;
    }
    return rare;
}

static wg_reading read_utf8(const uint8_t *bytes, size_t length, bool may_be_cut) {
    wg_reading reading = {0};
    for (size_t at = 0; at < length;) {
        uint32_t c = 0;
        const size_t step = wg_utf8_next((const char *)bytes + at, length - at, &c);
        if (step == 1 && bytes[at] >= 0x80) {
            size_t tail = 1;
            while (at + tail < length && (bytes[at + tail] & 0xC0) == 0x80) {
                tail++;
            }
            const size_t need = bytes[at] >= 0xF0 ? 4 : bytes[at] >= 0xE0 ? 3 : 2;
            const bool starts = bytes[at] >= 0xC2 && bytes[at] <= 0xF4;
            if (may_be_cut && starts && at + tail == length && tail < need) {
                reading.cut = true;
                break;
            }
            reading.bad = true;
            reading.score += malformed;
        } else if (step > 1) {
            reading.score += score_character(c, beside_letter(bytes, length, at, step));
        }
        at += step;
    }
    return reading;
}

static double score_gb_pair(uint8_t lead, uint8_t trail, bool between_letters) {
    const double western = between_letters ? -1.0 : 0.0;
    if (trail >= 0xA1) {
        if (lead >= 0xB0 && lead <= 0xD7) {
            return lead == 0xD7 && trail > 0xF9 ? odd : everyday + western;
        }
        if (lead >= 0xD8 && lead <= 0xF7) {
            return uncommon + western;
        }
        return lead == 0xA1 || lead == 0xA3 || lead == 0xA2 ? symbol : odd;
    }
    return rare;
}

static wg_reading read_gb18030(const uint8_t *bytes, size_t length, bool may_be_cut) {
    wg_reading reading = {0};
    for (size_t at = 0; at < length;) {
        const uint8_t lead = bytes[at];
        if (lead < 0x80) {
            at++;
            continue;
        }
        if (at + 1 == length && lead != 0x80 && lead != 0xFF && may_be_cut) {
            reading.cut = true;
            break;
        }
        const uint8_t trail = at + 1 < length ? bytes[at + 1] : 0;
        const bool two = lead >= 0x81 && lead <= 0xFE && trail >= 0x40 && trail != 0x7F && trail != 0xFF;
        const bool four = lead >= 0x81 && lead <= 0xFE && trail >= 0x30 && trail <= 0x39 && at + 3 < length &&
                          bytes[at + 2] >= 0x81 && bytes[at + 2] <= 0xFE && bytes[at + 3] >= 0x30 &&
                          bytes[at + 3] <= 0x39;
        if (two) {
            reading.score += score_gb_pair(lead, trail, beside_letter(bytes, length, at, 2));
            at += 2;
        } else if (four) {
            reading.score += rare - 1.0;
            at += 4;
        } else {
            reading.bad = true;
            reading.score += malformed;
            at++;
        }
    }
    return reading;
}

static wg_reading read_big5(const uint8_t *bytes, size_t length, bool may_be_cut) {
    wg_reading reading = {0};
    for (size_t at = 0; at < length;) {
        const uint8_t lead = bytes[at];
        if (lead < 0x80) {
            at++;
            continue;
        }
        if (at + 1 == length && lead >= 0xA1 && lead <= 0xF9 && may_be_cut) {
            reading.cut = true;
            break;
        }
        const uint8_t trail = at + 1 < length ? bytes[at + 1] : 0;
        const bool trails = (trail >= 0x40 && trail <= 0x7E) || (trail >= 0xA1 && trail <= 0xFE);
        if (lead < 0xA1 || lead > 0xF9 || !trails) {
            reading.bad = true;
            reading.score += malformed;
            at++;
            continue;
        }
        if (lead >= 0xA4 && lead <= 0xC6) {
            reading.score += everyday - 0.7;
        } else {
            reading.score += lead <= 0xA3 ? symbol - 0.5 : uncommon - 1.5;
        }
        at += 2;
    }
    return reading;
}

/** Any bytes are Latin-1; only letters between letters make it likely. */
static double read_latin1(const uint8_t *bytes, size_t length) {
    double score = 0.0;
    for (size_t at = 0; at < length; at++) {
        if (bytes[at] >= 0x80) {
            const bool letter = bytes[at] >= 0xC0 && bytes[at] != 0xD7 && bytes[at] != 0xF7;
            score += letter && beside_letter(bytes, length, at, 1) ? -4.0 : rare - 1.0;
        }
    }
    return score;
}

void wg_detector_add(wg_detector *detector, const char *bytes, size_t length, bool may_be_cut) {
    detector->texts++;
    bool high = false;
    for (size_t i = 0; i < length && !high; i++) {
        high = (uint8_t)bytes[i] >= 0x80;
    }
    if (!high) {
        return;
    }
    const uint8_t *at = (const uint8_t *)bytes;
    detector->high_texts++;
    const wg_reading utf8 = read_utf8(at, length, may_be_cut);
    const wg_reading gb = read_gb18030(at, length, may_be_cut);
    const wg_reading big5 = read_big5(at, length, may_be_cut);
    detector->utf8_bad += utf8.bad ? 1 : 0;
    detector->gb_bad += gb.bad ? 1 : 0;
    detector->big5_bad += big5.bad ? 1 : 0;
    detector->utf8_score += utf8.score;
    detector->gb_score += gb.score;
    detector->big5_score += big5.score;
    detector->latin1_score += read_latin1(at, length);
}

wg_encoding wg_detector_result(const wg_detector *detector, double *confidence) {
    const double score[] = {detector->utf8_score, detector->gb_score, detector->big5_score + big5_prior,
                            detector->latin1_score + latin1_prior};
    uint32_t best = WG_ENCODING_UTF8;
    for (uint32_t i = 1; i < sizeof score / sizeof score[0]; i++) {
        best = score[i] > score[best] ? i : best; /* UTF-8 wins a tie: ASCII alone */
    }
    double second = -INFINITY;
    for (uint32_t i = 0; i < sizeof score / sizeof score[0]; i++) {
        second = i != best && score[i] > second ? score[i] : second;
    }
    if (confidence != NULL) {
        const double margin = score[best] - second;
        *confidence = detector->high_texts == 0 ? 1.0 : margin / (margin + 2.0);
    }
    return (wg_encoding)best;
}
