#include "io/format.h"

#include <math.h>
#include <string.h>

#include "io/gdal.h"

static const double power10[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
/** Products below this are exact integers of a double, with room for the rounding. */
static const double exact_limit = 4503599627370496.0;

size_t wg_format_integer(int64_t value, char text[WG_NUMBER_BYTES]) {
    char reverse[WG_NUMBER_BYTES];
    size_t n = 0, at = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        reverse[n++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        text[at++] = '-';
    }
    while (n > 0) {
        text[at++] = reverse[--n];
    }
    text[at] = '\0';
    return at;
}

size_t wg_format_real(double value, char text[WG_NUMBER_BYTES]) {
    if (value == floor(value) && fabs(value) < 1e15) {
        return wg_format_integer((int64_t)value, text);
    }
    /* Most numbers that people write have few decimals: the first number of them that gives the value back is what the
     * C library would find, at a tenth of its time. It writes exponents below 1e-4, and 15 digits at first. */
    for (int decimals = 1; decimals < 10 && fabs(value) >= 1e-4; decimals++) {
        const double scaled = round(value * power10[decimals]);
        if (!(fabs(scaled) < 1e15)) {
            break;
        }
        if (scaled / power10[decimals] == value) {
            return wg_format_fixed(value, decimals, text);
        }
    }
    /* Whole formats: CPLsnprintf hands "%.*g" to the C library, which minds the caller's locale. */
    static const char *const formats[] = {"%.15g", "%.16g", "%.17g"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        (void)CPLsnprintf(text, WG_NUMBER_BYTES, formats[i], value);
        if (CPLAtof(text) == value) {
            break;
        }
    }
    return strlen(text);
}

double wg_round_fixed(double value, int decimals) {
    const double scaled = value * power10[decimals];
    return fabs(scaled) < exact_limit ? round(scaled) / power10[decimals] : value;
}

size_t wg_format_fixed(double value, int decimals, char text[WG_NUMBER_BYTES]) {
    if (!isfinite(value)) {
        text[0] = '\0';
        return 0;
    }
    const double scaled = round(value * power10[decimals]);
    if (fabs(scaled) >= exact_limit) {
        return wg_format_real(value, text);
    }
    uint64_t rest = (uint64_t)fabs(scaled);
    char reverse[WG_NUMBER_BYTES];
    size_t n = 0, at = 0;
    int places = decimals;
    while (places > 0 && rest % 10 == 0) {
        rest /= 10;
        places--;
    }
    for (int i = 0; i < places; i++) {
        reverse[n++] = (char)('0' + rest % 10);
        rest /= 10;
    }
    if (places > 0) {
        reverse[n++] = '.';
    }
    do {
        reverse[n++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (scaled < 0.0) {
        text[at++] = '-';
    }
    while (n > 0) {
        text[at++] = reverse[--n];
    }
    text[at] = '\0';
    return at;
}
