/** Columns of UTF-8 text on a terminal, without a locale. */
#ifndef CLI_WIDTH_H
#define CLI_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/** Decode one character. @return its bytes (1 for a broken one, which counts as one column) */
size_t cli_utf8_next(const char *text, uint32_t *code);
/** 2 for East Asian wide characters, 0 for combining marks, else 1. */
size_t cli_char_columns(uint32_t code);
size_t cli_columns(const char *text);
/** Bytes of the longest beginning of `text` that fits into `columns`. */
size_t cli_fit(const char *text, size_t columns);

#endif
