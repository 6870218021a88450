/** Characters of a number or date, made plain; private to the readers of numbers, dates and limits. */
#ifndef WG_MODEL_NUMBER_GLYPHS_H
#define WG_MODEL_NUMBER_GLYPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WG_GLYPHS = 64 };

typedef struct wg_glyphs {
    uint32_t c[WG_GLYPHS]; /**< half-width, lower case, all spaces alike, none at the ends */
    size_t n;
} wg_glyphs;

bool wg_glyphs_load(const char *text, wg_glyphs *glyphs); /**< false where it is longer than a number can be */
bool wg_glyphs_are(const wg_glyphs *glyphs, const char *text);
bool wg_glyphs_missing(const wg_glyphs *glyphs);
/** Remove one of the words (NULL-terminated list, longest first) and the spaces behind or before it. */
bool wg_glyphs_eat_front(wg_glyphs *glyphs, const char *const *words);
const char *wg_glyphs_eat_back(wg_glyphs *glyphs, const char *const *words);
/** All of the glyphs as a decimal number with optional thousands groups. */
bool wg_glyphs_decimal(const wg_glyphs *glyphs, double *value);
/** `n` characters as a Chinese numeral (三百二十, 二〇二六). */
bool wg_glyphs_numeral(const uint32_t *c, size_t n, double *value);

#endif
