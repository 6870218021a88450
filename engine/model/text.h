/** Text: UTF-8, the encodings that Chinese files come in, and the forms in which names and addresses are compared. */
#ifndef WG_MODEL_TEXT_H
#define WG_MODEL_TEXT_H

#include "core/memory.h"
#include "core/status.h"

typedef enum wg_encoding {
    WG_ENCODING_UTF8 = 0,
    WG_ENCODING_GB18030, /**< a superset of GBK, GB 2312 and code page 936 */
    WG_ENCODING_BIG5,
    WG_ENCODING_LATIN1, /**< Windows-1252 with Latin-1's controls; decodes any bytes */
    WG_ENCODING_UTF16LE,
    WG_ENCODING_UTF16BE
} wg_encoding;

/** Name that a .cpg file carries ("UTF-8", "GB18030", "GBK" reads as GB18030 …). */
const char *wg_encoding_name(wg_encoding encoding);
/** From a name as people and files write it ("utf8", "CP936", "936", "gbk", "65001"). @return false for an unknown one
 */
bool wg_encoding_parse(const char *name, wg_encoding *encoding);

/** @return whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates) */
bool wg_utf8_valid(const char *text, size_t length);
/** Decode one character. @return its length in bytes, 0 at the end, and U+FFFD with length 1 for a malformed byte */
size_t wg_utf8_next(const char *text, size_t length, uint32_t *character);
/** Append one character. */
void wg_utf8_put(wg_buffer *out, uint32_t character);
/** @return the largest length <= `limit` that does not cut a character of the NUL-terminated text */
size_t wg_utf8_cut(const char *text, size_t limit);
/** Number of characters. */
size_t wg_utf8_count(const char *text);

/** Evidence for an encoding, gathered over many short texts. All zero is a new one. */
typedef struct wg_detector {
    uint64_t texts, high_texts;          /**< texts seen; with a byte above 0x7F */
    uint64_t utf8_bad, gb_bad, big5_bad; /**< texts that are malformed in it, apart from a cut last character */
    double gb_score, big5_score, utf8_score, latin1_score; /**< sums of log-likelihoods */
} wg_detector;

/** Add one text. `may_be_cut`: a fixed-width field that may end within a character. O(length) */
void wg_detector_add(wg_detector *detector, const char *bytes, size_t length, bool may_be_cut);
/** Best encoding; ASCII alone is UTF-8. @param[out] confidence  0..1, may be NULL */
wg_encoding wg_detector_result(const wg_detector *detector, double *confidence);

/**
 * Append `bytes` as UTF-8. An incomplete character at the end is dropped, malformed bytes become U+FFFD.
 * @return number of replacements; the buffer's `failed` tells of memory
 */
size_t wg_text_decode(wg_encoding encoding, const char *bytes, size_t length, wg_buffer *out);
/** Append UTF-8 text in `encoding`; what it cannot hold becomes "?". @return number of such characters */
size_t wg_text_encode(wg_encoding encoding, const char *text, size_t length, wg_buffer *out);

/**
 * The form in which names are compared: full-width characters made half-width, ASCII letters lower case, spaces (any
 * Unicode space), "_" and "-" left out. Appended to `out`.
 */
void wg_text_fold(const char *text, wg_buffer *out);
/** The same into `room` bytes, cut at a character where it is longer: for names, which are short. @return its length */
size_t wg_text_fold_into(const char *text, char *out, size_t room);
/** A folded copy (free with free()); NULL when memory is out. */
char *wg_text_folded(const char *text);
/**
 * Key of an address: folded; 幢, 栋, 座, 号楼, # and "building" become one mark; 单元 / 门 and 室 / 房 one each;
 * Chinese numerals before them digits; leading zeros dropped. "幸福路 12号 ３栋" and "幸福路12号3#" have the same key.
 */
char *wg_text_address_key(const char *text);
/** Key of a code: folded, and of digits only without a trailing ".0" (numbers that passed through a spreadsheet). */
char *wg_text_code_key(const char *text);

#endif
