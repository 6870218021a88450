/* Reading CSV files in pieces of whole records. */
#include "io/csv_fast.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct wg_csv {
    int file;
    char *label; /**< for messages */
    wg_csv_info info;
    wg_buffer header;
    wg_buffer carry; /**< read, but not handed out yet; UTF-8 where the file is UTF-16 */
    wg_buffer wide;  /**< UTF-16 bytes that are no whole character yet */
    uint64_t read, line;
    bool ended, decided;
};

void wg_csv_close(wg_csv *csv) {
    if (csv == NULL) {
        return;
    }
    if (csv->file >= 0) {
        (void)close(csv->file);
    }
    for (uint32_t i = 0; csv->info.field != NULL && i < csv->info.n_fields; i++) {
        free(csv->info.field[i]);
    }
    free(csv->info.field);
    free(csv->label);
    wg_buffer_release(&csv->header);
    wg_buffer_release(&csv->carry);
    wg_buffer_release(&csv->wide);
    free(csv);
}

const wg_csv_info *wg_csv_info_of(const wg_csv *csv) {
    return &csv->info;
}

void wg_csv_piece_release(wg_csv_piece *piece) {
    wg_buffer_release(&piece->raw);
    wg_buffer_release(&piece->decoded);
    *piece = (wg_csv_piece){0};
}

/* ---- bytes ---- */

static bool is_wide(wg_encoding encoding) {
    return encoding == WG_ENCODING_UTF16LE || encoding == WG_ENCODING_UTF16BE;
}

/* Move whole characters from `wide` to `carry`; a first half of a pair waits for its second. */
static void narrow(wg_csv *csv) {
    size_t length = csv->wide.length & ~(size_t)1;
    if (length >= 2) {
        const size_t high = csv->info.encoding == WG_ENCODING_UTF16LE ? length - 1 : length - 2;
        length -= ((uint8_t)csv->wide.data[high] & 0xfc) == 0xd8 && !csv->ended ? 2 : 0;
    }
    (void)wg_text_decode(csv->info.encoding, csv->wide.data, length, &csv->carry);
    memmove(csv->wide.data, csv->wide.data + length, csv->wide.length - length);
    csv->wide.length -= length;
}

/* Read up to `want` more bytes behind what is there. */
static wg_status fill(wg_context *ctx, wg_csv *csv, wg_buffer *to, size_t want) {
    while (want > 0 && !csv->ended) {
        if (!WG_RESERVE(to->data, to->capacity, to->length + want + 1)) {
            return wg_fail_memory(ctx);
        }
        const ssize_t got = read(csv->file, to->data + to->length, want);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return wg_fail(ctx, WG_EIO, "%s: cannot read: %s", csv->label, strerror(errno));
        }
        csv->ended = got == 0;
        to->length += (size_t)got;
        to->data[to->length] = '\0';
        csv->read += (uint64_t)got;
        want -= (size_t)got;
    }
    return WG_OK;
}

static wg_status read_more(wg_context *ctx, wg_csv *csv, wg_buffer *to, size_t want) {
    if (!is_wide(csv->info.encoding)) {
        return fill(ctx, csv, to, want);
    }
    const wg_status status = fill(ctx, csv, &csv->wide, want);
    if (status != WG_OK) {
        return status;
    }
    narrow(csv);
    wg_buffer_append(to, csv->carry.data, csv->carry.length);
    wg_buffer_clear(&csv->carry);
    return to->failed || csv->carry.failed ? wg_fail_memory(ctx) : WG_OK;
}

/* ---- what the file is ---- */

static bool has_high_bytes(const char *text, size_t length) {
    uint64_t any = 0;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, text + i, sizeof word);
        any |= word;
    }
    for (; i < length; i++) {
        any |= (uint64_t)(uint8_t)text[i];
    }
    return (any & UINT64_C(0x8080808080808080)) != 0;
}

/* From lines that are whole: the last one of a sample may be cut. */
static wg_encoding detect(const char *text, size_t length) {
    wg_detector detector = {0};
    const char *at = text, *end = text + length;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        wg_detector_add(&detector, at, (size_t)(stop - at), stop == end);
        at = stop + (stop < end ? 1 : 0);
    }
    return wg_detector_result(&detector, NULL);
}

static void decide_encoding(wg_csv *csv, const char *text, size_t length) {
    if (!csv->decided && has_high_bytes(text, length)) {
        csv->info.encoding = detect(text, length);
        csv->info.encoding_known = WG_KNOWN_DETECTED;
        csv->decided = true;
    }
}

/* UTF-16 without a mark: every second byte of the header is zero. */
static bool looks_wide(const char *text, size_t length, wg_encoding *encoding) {
    if (length < 8 || (length > 0 && text[0] == '\0' && text[1] == '\0')) {
        return false;
    }
    const bool even = text[0] == '\0' && text[2] == '\0' && text[4] == '\0',
               odd = text[1] == '\0' && text[3] == '\0' && text[5] == '\0';
    *encoding = even ? WG_ENCODING_UTF16BE : WG_ENCODING_UTF16LE;
    return even != odd;
}

static wg_status find_encoding(wg_context *ctx, wg_csv *csv, const char *stated, wg_buffer *sample, size_t *mark) {
    static const char utf8_mark[] = {'\xef', '\xbb', '\xbf'}, le[] = {'\xff', '\xfe'}, be[] = {'\xfe', '\xff'};
    wg_csv_info *info = &csv->info;
    *mark = 0;
    info->encoding = WG_ENCODING_UTF8;
    if (stated != NULL) {
        if (!wg_encoding_parse(stated, &info->encoding)) {
            return wg_fail(ctx, WG_EINVAL, "%s: unknown encoding %s (known: UTF-8, GB18030, Big5, Latin-1, UTF-16)",
                           csv->label, stated);
        }
        info->encoding_known = WG_KNOWN_STATED;
        csv->decided = true;
    }
    if (sample->length >= 3 && memcmp(sample->data, utf8_mark, 3) == 0) {
        *mark = 3;
        info->bom = true;
        info->encoding = WG_ENCODING_UTF8;
    } else if (sample->length >= 2 && (memcmp(sample->data, le, 2) == 0 || memcmp(sample->data, be, 2) == 0)) {
        *mark = 2;
        info->encoding = memcmp(sample->data, le, 2) == 0 ? WG_ENCODING_UTF16LE : WG_ENCODING_UTF16BE;
    } else {
        wg_encoding wide;
        if (!csv->decided && looks_wide(sample->data, sample->length, &wide)) {
            info->encoding = wide;
            info->encoding_known = WG_KNOWN_DETECTED;
            csv->decided = true;
        }
        return WG_OK;
    }
    info->encoding_known = WG_KNOWN_FILE;
    csv->decided = true;
    return WG_OK;
}

static void find_newline(wg_csv *csv) {
    const char *text = csv->carry.data;
    const char *line_feed = memchr(text, '\n', csv->carry.length), *carriage = memchr(text, '\r', csv->carry.length);
    csv->info.newline = line_feed == NULL && carriage != NULL ? '\r' : '\n';
    csv->info.crlf = line_feed != NULL && line_feed > text && line_feed[-1] == '\r';
}

static void find_delimiter(wg_csv *csv) {
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t best = 0;
    csv->info.delimiter = ',';
    for (size_t c = 0; c < sizeof candidates; c++) {
        size_t n = 0;
        bool quoted = false;
        for (size_t i = 0; i < csv->carry.length && (quoted || csv->carry.data[i] != csv->info.newline); i++) {
            quoted ^= csv->carry.data[i] == '"';
            n += !quoted && csv->carry.data[i] == candidates[c] ? 1 : 0;
        }
        if (n > best) {
            best = n;
            csv->info.delimiter = candidates[c];
        }
    }
}

static char *trimmed(const char *text, size_t length) {
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        length--;
    }
    return wg_strndup(text, length);
}

static wg_status read_header(wg_context *ctx, wg_csv *csv) {
    wg_status status = WG_OK;
    wg_csv_info *info = &csv->info;
    wg_csv_record record;
    wg_csv_field *fields = NULL;
    wg_buffer name = {0};
    const char *at = csv->carry.data, *end = at + csv->carry.length;
    if (!wg_csv_scan(info->delimiter, info->newline, &at, end, NULL, 0, &record)) {
        return wg_fail(ctx, WG_EDATA, "%s: the file is empty (its first line must name the fields)", csv->label);
    }
    csv->line = 1 + record.lines;
    if (is_wide(info->encoding) || info->encoding == WG_ENCODING_UTF8) {
        wg_buffer_append(&csv->header, record.text, record.length);
    } else {
        (void)wg_text_decode(info->encoding, record.text, record.length, &csv->header);
    }
    const size_t behind = (size_t)(at - csv->carry.data);
    fields = wg_calloc(record.n_fields, sizeof *fields);
    info->field = wg_calloc(record.n_fields, sizeof *info->field);
    if (csv->header.failed || fields == NULL || info->field == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    const char *header = csv->header.data;
    const uint32_t capacity = record.n_fields;
    (void)wg_csv_scan(info->delimiter, info->newline, &header, header + csv->header.length, fields, capacity, &record);
    info->n_fields = record.n_fields < capacity ? record.n_fields : capacity;
    for (uint32_t i = 0; i < info->n_fields; i++) {
        wg_buffer_clear(&name);
        wg_csv_unquote(&fields[i], &name);
        info->field[i] = name.failed ? NULL : trimmed(name.data == NULL ? "" : name.data, name.length);
        if (info->field[i] == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
    }
    info->header = csv->header.data;
    info->header_length = csv->header.length;
    memmove(csv->carry.data, csv->carry.data + behind, csv->carry.length - behind);
    csv->carry.length -= behind;
done:
    free(fields);
    wg_buffer_release(&name);
    return status;
}

static wg_status open_file(wg_context *ctx, wg_csv *csv, const char *path) {
    struct stat about;
    csv->file = open(path, O_RDONLY | O_CLOEXEC);
    if (csv->file < 0 || fstat(csv->file, &about) != 0) {
        return wg_fail(ctx, WG_EIO, "%s: %s", csv->label, strerror(errno));
    }
    csv->info.bytes = S_ISREG(about.st_mode) ? (uint64_t)about.st_size : 0;
    (void)posix_fadvise(csv->file, 0, 0, POSIX_FADV_SEQUENTIAL);
    return WG_OK;
}

wg_status wg_csv_open(wg_context *ctx, const char *path, const char *encoding, wg_csv **csv) {
    wg_status status = WG_OK;
    size_t mark = 0;
    wg_csv *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->file = -1;
    made->label = wg_source_label(path);
    if (made->label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(open_file(ctx, made, path));
    WG_TRY(fill(ctx, made, &made->carry, WG_CSV_PIECE_BYTES));
    WG_TRY(find_encoding(ctx, made, encoding, &made->carry, &mark));
    if (made->carry.length > 0) {
        memmove(made->carry.data, made->carry.data + mark, made->carry.length - mark);
        made->carry.length -= mark;
        made->carry.data[made->carry.length] = '\0';
    }
    if (is_wide(made->info.encoding)) {
        made->wide = made->carry;
        made->carry = (wg_buffer){0};
        narrow(made);
    }
    decide_encoding(made, made->carry.data, made->carry.length);
    if (made->carry.failed || made->carry.data == NULL) {
        status =
            made->carry.failed
                ? wg_fail_memory(ctx)
                : wg_fail(ctx, WG_EDATA, "%s: the file is empty (its first line must name the fields)", made->label);
        goto done;
    }
    find_newline(made);
    find_delimiter(made);
    WG_TRY(read_header(ctx, made));
    *csv = made;
    made = NULL;
done:
    wg_csv_close(made);
    return status;
}

/* ---- pieces ---- */

static size_t count_lines(const char *text, size_t length, char newline) {
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        n += text[i] == newline ? 1 : 0;
    }
    return n;
}

/* Length of the whole records at the beginning; 0 where there is none. */
static size_t whole_records(const wg_csv *csv, const char *text, size_t length) {
    const char *end = text + length;
    if (memchr(text, '"', length) == NULL) {
        const char *last = memrchr(text, csv->info.newline, length);
        return last == NULL ? 0 : (size_t)(last + 1 - text);
    }
    const char *at = text;
    size_t whole = 0;
    wg_csv_record record;
    while (wg_csv_scan(csv->info.delimiter, csv->info.newline, &at, end, NULL, 0, &record)) {
        if (record.open_quote || at[-1] != csv->info.newline) {
            break; /* may go on behind what was read */
        }
        whole = (size_t)(at - text);
    }
    return whole;
}

wg_status wg_csv_next(wg_context *ctx, wg_csv *csv, wg_csv_piece *piece) {
    wg_status status = WG_OK;
    wg_buffer_clear(&piece->raw);
    wg_buffer_append(&piece->raw, csv->carry.data, csv->carry.length);
    wg_buffer_clear(&csv->carry);
    size_t whole = 0, target = WG_CSV_PIECE_BYTES;
    for (;;) {
        if (piece->raw.failed) {
            return wg_fail_memory(ctx);
        }
        if (piece->raw.length < target) {
            WG_TRY(read_more(ctx, csv, &piece->raw, target - piece->raw.length));
        }
        whole = csv->ended ? piece->raw.length : whole_records(csv, piece->raw.data, piece->raw.length);
        if (whole > 0 || csv->ended) {
            break;
        }
        if (target >= WG_CSV_RECORD_MAX) {
            /* An unclosed quote is cut at its line by the scan; without any line this is no table. */
            const char *last = memrchr(piece->raw.data, csv->info.newline, piece->raw.length);
            if (last == NULL) {
                return wg_fail(ctx, WG_EDATA, "%s: line %llu is longer than 16 MB (not a CSV file?)", csv->label,
                               (unsigned long long)csv->line);
            }
            whole = (size_t)(last + 1 - piece->raw.data);
            break;
        }
        target *= 2;
    }
    wg_buffer_append(&csv->carry, piece->raw.data + whole, piece->raw.length - whole);
    piece->raw.length = whole;
    piece->at_end = csv->ended && csv->carry.length == 0;
    decide_encoding(csv, piece->raw.data, whole);
    piece->encoding = is_wide(csv->info.encoding) ? WG_ENCODING_UTF8 : csv->info.encoding;
    piece->first_line = csv->line;
    piece->at = csv->read;
    csv->line += count_lines(piece->raw.data, whole, csv->info.newline);
    if (csv->carry.failed) {
        status = wg_fail_memory(ctx);
    }
done:
    return status;
}

wg_status wg_csv_decode(wg_context *ctx, wg_csv_piece *piece) {
    piece->text = piece->raw.data == NULL ? "" : piece->raw.data;
    piece->length = piece->raw.length;
    piece->replaced = 0;
    if (!has_high_bytes(piece->text, piece->length) ||
        (piece->encoding == WG_ENCODING_UTF8 && wg_utf8_valid(piece->text, piece->length))) {
        return WG_OK;
    }
    wg_buffer_clear(&piece->decoded);
    piece->replaced = wg_text_decode(piece->encoding, piece->raw.data, piece->raw.length, &piece->decoded);
    piece->text = piece->decoded.data;
    piece->length = piece->decoded.length;
    return piece->decoded.failed ? wg_fail_memory(ctx) : WG_OK;
}
