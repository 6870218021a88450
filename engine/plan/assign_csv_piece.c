/* One piece of a CSV file: its rows scanned, and written again with their cells. */
#include "plan/assign_csv.h"

#include <math.h>
#include <string.h>

/* ---- reading a piece ---- */

static bool reserve_rows(csv_worker *own, size_t n) {
    if (n <= own->capacity) {
        return true;
    }
    const size_t grown = own->capacity < 4096 ? 4096 : own->capacity * 2;
    csv_row *rows = wg_realloc(own->rows, grown, sizeof *rows);
    own->rows = rows == NULL ? own->rows : rows;
    double *xy = wg_realloc(own->xy, grown * 2, sizeof *xy);
    own->xy = xy == NULL ? own->xy : xy;
    wg_answer *answers = wg_realloc(own->answers, grown, sizeof *answers);
    own->answers = answers == NULL ? own->answers : answers;
    const char **key = wg_realloc(own->key, grown, sizeof *key);
    own->key = key == NULL ? own->key : key;
    size_t *key_length = wg_realloc(own->key_length, grown, sizeof *key_length);
    own->key_length = key_length == NULL ? own->key_length : key_length;
    if (rows == NULL || xy == NULL || answers == NULL || key == NULL || key_length == NULL) {
        return false;
    }
    own->capacity = grown;
    return true;
}

/* Fields beyond the header's that hold nothing (delimiters that a spreadsheet left at the ends of lines) are none. */
static bool surplus_is_empty(const csv_job *shared, const wg_csv_record *record, const wg_csv_field *fields) {
    const wg_csv_field *last = &fields[shared->info->n_fields - 1];
    for (const char *at = last->text + last->length; at < record->text + record->length; at++) {
        if (*at != shared->info->delimiter) {
            return false;
        }
    }
    return true;
}

static bool is_blank(const wg_csv_field *field) {
    for (uint32_t i = 0; i < field->length; i++) {
        if (field->text[i] != ' ' && field->text[i] != '"') {
            return false;
        }
    }
    return true;
}

wg_why wg_csv_coordinate(const csv_job *shared, const wg_csv_record *record, const wg_csv_field *fields, double xy[2]) {
    static const wg_csv_field nothing = {"", 0};
    const bool comma = shared->info->delimiter != ',';
    xy[0] = xy[1] = NAN;
    if (record->open_quote ||
        (record->n_fields > shared->info->n_fields && !surplus_is_empty(shared, record, fields))) {
        return WG_WHY_UNREADABLE;
    }
    const wg_csv_field *x = shared->x < record->n_fields ? &fields[shared->x] : &nothing;
    const wg_csv_field *y = shared->y < record->n_fields ? &fields[shared->y] : &nothing;
    const bool x_read = wg_csv_number(x, comma, &xy[0]), y_read = wg_csv_number(y, comma, &xy[1]);
    if (x_read && y_read) {
        return isfinite(xy[0]) && isfinite(xy[1]) ? WG_WHY_NOTHING : WG_WHY_BAD_COORDINATE;
    }
    return is_blank(x) || is_blank(y) ? WG_WHY_NO_COORDINATE : WG_WHY_BAD_COORDINATE;
}

/* Where keys are quoted their values are built in a buffer, which may move: offsets first, pointers at the end. */
static void take_key(csv_worker *own, const wg_csv_record *record, size_t row) {
    const csv_job *shared = own->shared;
    const size_t at = own->keys.length;
    if (shared->key < record->n_fields && shared->key < shared->info->n_fields) {
        wg_csv_unquote(&own->fields[shared->key], &own->keys);
    }
    own->key_length[row] = own->keys.length - at;
}

wg_status wg_csv_piece_scan(wg_context *ctx, csv_worker *own) {
    const csv_job *shared = own->shared;
    const char *at = own->piece.text, *end = at + own->piece.length;
    uint64_t line = own->piece.first_line;
    wg_csv_record record;
    own->n = 0;
    wg_buffer_clear(&own->keys);
    while (wg_csv_scan(shared->info->delimiter, shared->info->newline, &at, end, own->fields, shared->info->n_fields,
                       &record)) {
        if (!reserve_rows(own, own->n + 1)) {
            return wg_fail_memory(ctx);
        }
        const size_t row = own->n++;
        own->rows[row] = (csv_row){.text = record.text,
                                   .length = (uint32_t)record.length,
                                   .n_fields = record.n_fields,
                                   .line = line,
                                   .open_quote = record.open_quote};
        own->answers[row].why = (uint8_t)wg_csv_coordinate(shared, &record, own->fields, own->xy + 2 * row);
        line += record.lines;
        if (shared->key != UINT32_MAX) {
            take_key(own, &record, row);
        }
    }
    const char *key = own->keys.data;
    for (size_t row = 0; shared->key != UINT32_MAX && row < own->n; row++) {
        own->key[row] = key;
        key += own->key_length[row];
    }
    return own->keys.failed ? wg_fail_memory(ctx) : WG_OK;
}

/* ---- writing a piece ---- */

/* Source fields one by one: where some are left out, or the record is not well-formed and must become so. */
static void put_fields(csv_worker *own, const csv_row *row, wg_buffer *out) {
    const csv_job *shared = own->shared;
    const wg_csv_info *info = shared->info;
    wg_csv_record record;
    const char *at = row->text;
    (void)wg_csv_scan(info->delimiter, info->newline, &at, row->text + row->length, own->fields, info->n_fields,
                      &record);
    const uint32_t n = shared->keep == NULL ? info->n_fields : shared->n_keep;
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t f = shared->keep == NULL ? k : shared->keep[k];
        if (k > 0) {
            wg_buffer_append(out, &info->delimiter, 1);
        }
        if (f >= record.n_fields) {
            continue;
        }
        if (row->open_quote) {
            wg_buffer_clear(&own->scratch);
            wg_csv_unquote(&own->fields[f], &own->scratch);
            wg_csv_quote(info->delimiter, own->scratch.data == NULL ? "" : own->scratch.data, own->scratch.length, out);
        } else {
            wg_buffer_append(out, own->fields[f].text, own->fields[f].length);
        }
    }
}

static void put_source(csv_worker *own, const csv_row *row, wg_buffer *out) {
    const csv_job *shared = own->shared;
    const uint32_t n_fields = shared->info->n_fields;
    if (shared->keep != NULL || row->open_quote || row->n_fields > n_fields) {
        put_fields(own, row, out);
        return;
    }
    wg_buffer_append(out, row->text, row->length);
    for (uint32_t f = row->n_fields; f < n_fields; f++) {
        wg_buffer_append(out, &shared->info->delimiter, 1);
    }
}

void wg_csv_unreadable(const csv_job *shared, const csv_row *row, wg_buffer *out) {
    wg_buffer_printf(
        out, row->open_quote ? "line %llu: a quote is not closed" : "line %llu: %u fields where the header has %u",
        (unsigned long long)row->line, row->n_fields, shared->info->n_fields);
}

static void put_reason(csv_worker *own, const csv_row *row, const wg_answer *answer, wg_buffer *out) {
    wg_buffer *text = &own->scratch;
    wg_buffer_clear(text);
    wg_assign_reason(&own->shared->job->cells, answer, text);
    if (answer->why == WG_WHY_UNREADABLE) {
        wg_buffer_text(text, ": ");
        wg_csv_unreadable(own->shared, row, text);
    }
    if (text->length > 0) {
        wg_csv_quote(own->shared->info->delimiter, text->data, text->length, out);
    }
}

static void put_row(csv_worker *own, const csv_row *row, const wg_answer *answer) {
    const csv_job *shared = own->shared;
    const char delimiter = shared->info->delimiter;
    wg_buffer *out = &own->out;
    const uint32_t cell = answer->cell == WG_UNASSIGNED ? shared->job->cells.n : answer->cell;
    put_source(own, row, out);
    wg_buffer_append(out, shared->cell_text[cell], shared->cell_length[cell]);
    const char *how = wg_how_text((wg_how)answer->how);
    wg_buffer_append(out, how, strlen(how));
    const char share[3] = {delimiter, answer->cell == WG_UNASSIGNED ? '0' : '1', delimiter}; /* a point has no parts */
    wg_buffer_append(out, share, sizeof share);
    if (answer->why != WG_WHY_NOTHING) {
        put_reason(own, row, answer, out);
    }
    wg_buffer_text(out, shared->line_end);
}

static void put_reject(csv_worker *own, const csv_row *row, const wg_answer *answer) {
    const wg_assign_cells *cells = &own->shared->job->cells;
    const char delimiter = own->shared->info->delimiter;
    wg_buffer *out = &own->rejects;
    put_source(own, row, out);
    wg_buffer_append(out, &delimiter, 1);
    put_reason(own, row, answer, out);
    wg_buffer_append(out, &delimiter, 1);
    if (answer->near != WG_UNASSIGNED) {
        wg_csv_quote(delimiter, cells->code[answer->near], strlen(cells->code[answer->near]), out);
    }
    wg_buffer_append(out, &delimiter, 1);
    if (answer->near != WG_UNASSIGNED && isfinite(answer->metres)) {
        wg_buffer_printf(out, "%.2f", answer->metres);
    }
    wg_buffer_text(out, own->shared->line_end);
}

wg_status wg_csv_piece_format(wg_context *ctx, csv_worker *own) {
    wg_buffer_clear(&own->out);
    wg_buffer_clear(&own->rejects);
    own->counts = (wg_assign_counts){0};
    for (size_t row = 0; row < own->n; row++) {
        const wg_answer *answer = &own->answers[row];
        wg_assign_count(&own->counts, answer);
        put_row(own, &own->rows[row], answer);
        if (answer->how == WG_HOW_NONE && own->shared->rejects >= 0) {
            put_reject(own, &own->rows[row], answer);
        }
    }
    own->counts.rows = own->n;
    return own->out.failed || own->rejects.failed || own->scratch.failed ? wg_fail_memory(ctx) : WG_OK;
}
