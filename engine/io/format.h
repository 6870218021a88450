/** Numbers as text, the same in every locale; private to this module. */
#ifndef WG_IO_FORMAT_H
#define WG_IO_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum { WG_NUMBER_BYTES = 32 };

/** Shortest form that reads back as the same number; integers without a point. @return length */
size_t wg_format_real(double value, char text[WG_NUMBER_BYTES]);
size_t wg_format_integer(int64_t value, char text[WG_NUMBER_BYTES]);
/**
 * Rounded half away from zero to `decimals` (0..15), trailing zeros left out: a function of the value alone.
 * @return length, 0 for what is not finite
 */
size_t wg_format_fixed(double value, int decimals, char text[WG_NUMBER_BYTES]);
/** The value that wg_format_fixed writes. */
double wg_round_fixed(double value, int decimals);

#endif
