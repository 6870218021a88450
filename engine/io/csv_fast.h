/**
 * CSV as fast as memory: a file is read in pieces of whole records, which threads then scan on their own.
 *
 * Understood: RFC 4180 with quoted delimiters, quotes and line breaks; comma, semicolon, tab or bar; LF, CRLF or CR; a
 * byte order mark; UTF-8, GB18030 (GBK), Big5, Latin-1 and UTF-16, stated or detected. A quote inside an unquoted field
 * is a character. Text comes out as UTF-8; malformed bytes become U+FFFD.
 */
#ifndef WG_IO_CSV_FAST_H
#define WG_IO_CSV_FAST_H

#include "core/memory.h"
#include "core/status.h"
#include "io/read.h"
#include "model/text.h"

typedef struct wg_csv wg_csv;

/** What a file turned out to be. */
typedef struct wg_csv_info {
    char delimiter;
    char newline; /**< '\n', or '\r' in files of old Macs */
    bool crlf;    /**< the header ends in CRLF */
    bool bom;
    wg_encoding encoding; /**< may change from UTF-8 until the first piece with other than ASCII was read */
    wg_known encoding_known;
    uint32_t n_fields;
    char **field;       /**< names, UTF-8, unquoted, trimmed */
    const char *header; /**< the header record as it stands, UTF-8, without its end */
    size_t header_length;
    uint64_t bytes; /**< size of the file; 0 where it is not known (a pipe) */
} wg_csv_info;

/**
 * @param encoding  stated; NULL: detected
 * @return WG_EIO; WG_EDATA for an empty file
 */
wg_status wg_csv_open(wg_context *ctx, const char *path, const char *encoding, wg_csv **csv);
const wg_csv_info *wg_csv_info_of(const wg_csv *csv);
void wg_csv_close(wg_csv *csv);

/** Whole records. Zero is a new one; buffers are reused. */
typedef struct wg_csv_piece {
    wg_buffer raw;     /**< as in the file, without the end of the last record where the file has none */
    wg_buffer decoded; /**< UTF-8, where the file is not */
    const char *text;  /**< what is scanned: one of the two */
    size_t length;
    uint64_t first_line; /**< line of the file that the piece begins on, from 1; the header is on line 1 */
    uint64_t at;         /**< bytes of the file read so far */
    wg_encoding encoding;
    size_t replaced; /**< malformed characters */
    bool at_end;     /**< nothing follows */
} wg_csv_piece;

enum { WG_CSV_PIECE_BYTES = 1 << 20, WG_CSV_RECORD_MAX = 16 << 20 };

/** Read on; one thread at a time. `piece->raw` is filled; length 0 at the end. */
wg_status wg_csv_next(wg_context *ctx, wg_csv *csv, wg_csv_piece *piece);
/** Decode what was read; any thread. */
wg_status wg_csv_decode(wg_context *ctx, wg_csv_piece *piece);
void wg_csv_piece_release(wg_csv_piece *piece);

/** A field as it stands, quotes and all. */
typedef struct wg_csv_field {
    const char *text;
    uint32_t length;
} wg_csv_field;

/** A record. */
typedef struct wg_csv_record {
    const char *text; /**< as it stands, without its end */
    size_t length;
    uint32_t n_fields; /**< may be more than were kept */
    uint32_t lines;    /**< ends of lines in it, its own included */
    bool open_quote;   /**< a quoted field never ends: the record was cut at the end of its line */
} wg_csv_record;

/**
 * The next record of a piece; empty lines are passed over.
 * @param[in,out] at   where it begins; set behind it
 * @param[out] fields  caller's array of `capacity`
 * @return false at the end of the piece. O(length), 16 bytes at a time
 */
bool wg_csv_scan(char delimiter, char newline, const char **at, const char *end, wg_csv_field *fields,
                 uint32_t capacity, wg_csv_record *record);

/** The field's value: quotes taken off and doubled ones made one. Appended to `out`. */
void wg_csv_unquote(const wg_csv_field *field, wg_buffer *out);

/** Append a value, in quotes where it holds the delimiter, a quote or an end of line. */
void wg_csv_quote(char delimiter, const char *value, size_t length, wg_buffer *out);

/**
 * The field as a number: spaces and quotes off, point as decimal sign; with `comma` a single comma too. What is no
 * plain number is tried as people type numbers (model/number.h). Correctly rounded.
 * @return false where it is none, or empty (then *value is NAN)
 */
bool wg_csv_number(const wg_csv_field *field, bool comma, double *value);

#endif
