/*
 * From CSV to CSV: every thread takes a piece of the file, decides and writes it, in the order of the file. What is
 * held in memory is a piece a thread, whatever the number of rows. Source fields are copied as they stand.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/csv_fast.h"
#include "io/fields.h"
#include "io/output.h"
#include "io/write.h"
#include "plan/assign.h"

/** What all threads know. */
typedef struct csv_job {
    wg_assign_job *job;
    const wg_context *parent;
    wg_csv *csv;
    const wg_csv_info *info;
    uint32_t x, y, key; /**< columns; UINT32_MAX: none */
    uint32_t *keep;     /**< source columns that are written, in their order; NULL: all, as they stand */
    uint32_t n_keep;
    const char *line_end;
    char **cell_text; /**< ",code,community…" of each cell; at the end that of no cell */
    uint32_t *cell_length;
    int output, rejects; /**< files; rejects -1: none */

    pthread_mutex_t read_lock;
    wg_csv_piece first; /**< read ahead to learn the CRS */
    bool first_waits;
    uint64_t next_piece;

    pthread_mutex_t write_lock; /**< guards all below */
    pthread_cond_t written;
    uint64_t next_to_write;
    off_t output_at, rejects_at;
    wg_assign_counts counts;
    size_t replaced;
    bool failed;
    wg_status status;
    char error[WG_ERROR_BYTES];
} csv_job;

/** A row of a piece between reading and writing. */
typedef struct csv_row {
    const char *text;
    uint32_t length, n_fields;
    uint64_t line;
    bool open_quote;
} csv_row;

/** What one thread works with. */
typedef struct csv_worker {
    csv_job *shared;
    wg_context *report_to; /**< the caller's context on its own thread; NULL on others */
    wg_csv_piece piece;
    wg_assign_rules rules;
    csv_row *rows;
    double *xy;
    wg_answer *answers;
    const char **key;
    size_t *key_length;
    wg_buffer keys; /**< unquoted keys of a piece */
    size_t n, capacity;
    wg_csv_field *fields; /**< of one record */
    wg_buffer out, rejects, scratch;
    wg_assign_counts counts;
} csv_worker;

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

static wg_why read_coordinate(const csv_job *shared, const wg_csv_record *record, const wg_csv_field *fields,
                              double xy[2]) {
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

static wg_status scan_piece(wg_context *ctx, csv_worker *own) {
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
        own->answers[row].why = (uint8_t)read_coordinate(shared, &record, own->fields, own->xy + 2 * row);
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

static void put_reason(csv_worker *own, const csv_row *row, const wg_answer *answer, wg_buffer *out) {
    wg_buffer *text = &own->scratch;
    wg_buffer_clear(text);
    wg_assign_reason(&own->shared->job->cells, answer, text);
    if (answer->why == WG_WHY_UNREADABLE) {
        const uint32_t n = own->shared->info->n_fields;
        wg_buffer_printf(text,
                         row->open_quote ? ": line %llu: a quote is not closed"
                                         : ": line %llu: %u fields where the header has %u",
                         (unsigned long long)row->line, row->n_fields, n);
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

static wg_status format_piece(wg_context *ctx, csv_worker *own) {
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

static wg_status write_at(wg_context *ctx, int file, const char *data, size_t length, off_t at) {
    while (length > 0) {
        const ssize_t put = pwrite(file, data, length, at);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return wg_fail(ctx, WG_EIO, "cannot write the output: %s", put == 0 ? "no space" : strerror(errno));
        }
        data += put;
        length -= (size_t)put;
        at += put;
    }
    return WG_OK;
}

/* ---- threads ---- */

static void fail_all(csv_job *shared, wg_context *ctx, wg_status status) {
    pthread_mutex_lock(&shared->write_lock);
    if (!shared->failed) {
        shared->failed = true;
        shared->status = status;
        memcpy(shared->error, ctx->error, sizeof shared->error);
    }
    pthread_cond_broadcast(&shared->written);
    pthread_mutex_unlock(&shared->write_lock);
}

/* @param[out] number  of the piece, from 0  @return false at the end, or after a failure */
static bool take_piece(wg_context *ctx, csv_worker *own, uint64_t *number) {
    csv_job *shared = own->shared;
    wg_status status = WG_OK;
    pthread_mutex_lock(&shared->read_lock);
    if (shared->first_waits) {
        const wg_csv_piece swap = own->piece;
        own->piece = shared->first;
        shared->first = swap;
        shared->first_waits = false;
    } else if (wg_cancelled(ctx)) {
        status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
    } else {
        status = wg_csv_next(ctx, shared->csv, &own->piece);
    }
    *number = shared->next_piece;
    const bool some = status == WG_OK && own->piece.raw.length > 0;
    shared->next_piece += some ? 1 : 0;
    pthread_mutex_unlock(&shared->read_lock);
    if (status != WG_OK) {
        fail_all(shared, ctx, status);
    }
    return some;
}

/* Wait for the turn, take a place in the files, and write outside the lock. */
static bool put_piece(wg_context *ctx, csv_worker *own, uint64_t number) {
    csv_job *shared = own->shared;
    pthread_mutex_lock(&shared->write_lock);
    while (!shared->failed && shared->next_to_write != number) {
        pthread_cond_wait(&shared->written, &shared->write_lock);
    }
    if (shared->failed) {
        pthread_mutex_unlock(&shared->write_lock);
        return false;
    }
    const off_t output_at = shared->output_at, rejects_at = shared->rejects_at;
    shared->output_at += (off_t)own->out.length;
    shared->rejects_at += (off_t)own->rejects.length;
    wg_assign_counts_add(&shared->counts, &own->counts);
    shared->replaced += own->piece.replaced;
    shared->next_to_write++;
    pthread_cond_broadcast(&shared->written);
    pthread_mutex_unlock(&shared->write_lock);
    wg_status status = write_at(ctx, shared->output, own->out.data, own->out.length, output_at);
    if (status == WG_OK && shared->rejects >= 0) {
        status = write_at(ctx, shared->rejects, own->rejects.data, own->rejects.length, rejects_at);
    }
    if (status == WG_OK && own->report_to != NULL && shared->info->bytes > 0) {
        status = wg_progress(own->report_to, (double)own->piece.at / (double)shared->info->bytes, "assigning rows");
    }
    if (status != WG_OK) {
        fail_all(shared, own->report_to != NULL && status == WG_ECANCELLED ? own->report_to : ctx, status);
    }
    return status == WG_OK;
}

static void *work(void *argument) {
    csv_worker *own = argument;
    csv_job *shared = own->shared;
    wg_context ctx;
    uint64_t number;
    wg_context_child(&ctx, shared->parent);
    wg_status status = WG_OK;
    while (take_piece(&ctx, own, &number)) {
        status = wg_csv_decode(&ctx, &own->piece);
        if (status == WG_OK) {
            status = scan_piece(&ctx, own);
        }
        if (status == WG_OK) {
            status = wg_assign_points(&ctx, &own->rules, own->xy, own->n, shared->key == UINT32_MAX ? NULL : own->key,
                                      own->key_length, own->answers);
        }
        if (status == WG_OK) {
            status = format_piece(&ctx, own);
        }
        if (status != WG_OK) {
            fail_all(shared, &ctx, status);
            break;
        }
        if (!put_piece(&ctx, own, number)) {
            break;
        }
    }
    return NULL;
}

/* ---- setting up ---- */

static uint32_t column_named(const wg_csv_info *info, const char *name) {
    for (uint32_t f = 0; f < info->n_fields; f++) {
        if (strcmp(info->field[f], name) == 0) {
            return f;
        }
    }
    for (uint32_t f = 0; f < info->n_fields; f++) {
        if (strcasecmp(info->field[f], name) == 0) {
            return f;
        }
    }
    return UINT32_MAX;
}

static uint32_t column_of_role(const wg_csv_info *info, wg_role role) {
    uint32_t best = UINT32_MAX;
    int best_score = 0;
    for (uint32_t f = 0; f < info->n_fields; f++) {
        int score = 0;
        if (wg_role_of(info->field[f], &score) == role && score > best_score) {
            best_score = score;
            best = f;
        }
    }
    return best;
}

static void list_fields(const wg_csv_info *info, wg_buffer *out) {
    for (uint32_t f = 0; f < info->n_fields && f < 40; f++) {
        wg_buffer_printf(out, "%s%s", f == 0 ? "" : ", ", info->field[f]);
    }
}

static wg_status find_column(wg_context *ctx, const csv_job *shared, const char *name, wg_role role, uint32_t *column) {
    *column = name != NULL         ? column_named(shared->info, name)
              : role == WG_N_ROLES ? UINT32_MAX
                                   : column_of_role(shared->info, role);
    if (name == NULL || *column != UINT32_MAX) {
        return WG_OK;
    }
    wg_buffer fields = {0};
    list_fields(shared->info, &fields);
    const wg_status status =
        wg_fail(ctx, WG_ENOTFOUND, "%s: no field named %s (fields: %s)", shared->job->options->features.source, name,
                fields.data == NULL ? "" : fields.data);
    wg_buffer_release(&fields);
    return status;
}

/* @param[out] suits  false: coordinates are WKT, which is the other way's work */
static wg_status find_columns(wg_context *ctx, csv_job *shared, bool *suits) {
    const wg_assign_options *options = shared->job->options;
    wg_status status = WG_OK;
    WG_TRY(find_column(ctx, shared, wg_assign_stated_field(shared->job, options->x_field, "x"), WG_ROLE_X, &shared->x));
    WG_TRY(find_column(ctx, shared, wg_assign_stated_field(shared->job, options->y_field, "y"), WG_ROLE_Y, &shared->y));
    WG_TRY(find_column(ctx, shared, options->key_field, WG_N_ROLES, &shared->key));
    const bool placed = shared->x != UINT32_MAX && shared->y != UINT32_MAX;
    *suits = placed || column_of_role(shared->info, WG_ROLE_WKT) == UINT32_MAX;
    if (!placed && *suits && options->key_field == NULL) {
        wg_buffer fields = {0};
        list_fields(shared->info, &fields);
        status = wg_fail(ctx, WG_EDATA, "%s: no coordinates (name their fields with --x and --y; fields: %s)",
                         options->features.source, fields.data == NULL ? "" : fields.data);
        wg_buffer_release(&fields);
    }
    if (!placed) {
        shared->x = shared->y = UINT32_MAX;
    }
done:
    return status;
}

static wg_status find_kept(wg_context *ctx, csv_job *shared) {
    const wg_assign_options *options = shared->job->options;
    wg_status status = WG_OK;
    if (options->n_keep == 0) {
        return WG_OK;
    }
    shared->keep = wg_malloc(options->n_keep, sizeof *shared->keep);
    if (shared->keep == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t k = 0; k < options->n_keep; k++) {
        WG_TRY(find_column(ctx, shared, options->keep[k], WG_N_ROLES, &shared->keep[k]));
    }
    shared->n_keep = options->n_keep;
done:
    return status;
}

/* What stands behind the source fields for each cell: its code and levels. */
static wg_status make_cell_text(wg_context *ctx, csv_job *shared) {
    const wg_assign_cells *cells = &shared->job->cells;
    const char delimiter = shared->info->delimiter;
    shared->cell_text = wg_calloc((size_t)cells->n + 1, sizeof *shared->cell_text);
    shared->cell_length = wg_calloc((size_t)cells->n + 1, sizeof *shared->cell_length);
    if (shared->cell_text == NULL || shared->cell_length == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i <= cells->n; i++) {
        wg_buffer text = {0};
        const bool some = i < cells->n;
        const char *values[] = {some ? cells->code[i] : "", some ? cells->community[i] : "",
                                some ? cells->group[i] : "", some ? cells->street[i] : ""};
        const bool wanted[] = {true, true, cells->has_group, cells->has_street};
        for (int v = 0; v < 4; v++) {
            if (wanted[v]) {
                wg_buffer_append(&text, &delimiter, 1);
                wg_csv_quote(delimiter, values[v], strlen(values[v]), &text);
            }
        }
        wg_buffer_append(&text, &delimiter, 1);
        shared->cell_length[i] = (uint32_t)text.length;
        shared->cell_text[i] = wg_buffer_steal(&text);
        if (shared->cell_text[i] == NULL) {
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

static wg_status put_header(wg_context *ctx, csv_job *shared, const char *const *own, uint32_t n_own, int file,
                            off_t *at) {
    const wg_csv_info *info = shared->info;
    wg_status status = WG_OK;
    wg_buffer out = {0}, name = {0};
    if (info->bom) {
        wg_buffer_text(&out, "\xef\xbb\xbf"); /* who wrote a mark needs one to read the answer */
    }
    const uint32_t n = shared->keep == NULL ? info->n_fields : shared->n_keep;
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t f = shared->keep == NULL ? k : shared->keep[k];
        wg_buffer_clear(&name);
        wg_assign_source_name((const char *const *)info->field, info->n_fields, f, &name);
        wg_csv_quote(info->delimiter, name.data == NULL ? "" : name.data, name.length, &out);
        wg_buffer_append(&out, &info->delimiter, 1);
    }
    for (uint32_t k = 0; k < n_own; k++) {
        wg_buffer_text(&out, own[k]);
        wg_buffer_append(&out, k + 1 < n_own ? &info->delimiter : shared->line_end,
                         k + 1 < n_own ? 1 : strlen(shared->line_end));
    }
    if (out.failed || name.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(write_at(ctx, file, out.data, out.length, 0));
    *at = (off_t)out.length;
done:
    wg_buffer_release(&out);
    wg_buffer_release(&name);
    return status;
}

/* The extent of the first piece's coordinates tells degrees from metres. */
static wg_status look_ahead(wg_context *ctx, csv_job *shared) {
    wg_status status = WG_OK;
    double bounds[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    wg_csv_field *fields = wg_calloc(shared->info->n_fields, sizeof *fields);
    wg_csv_record record;
    if (fields == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_csv_next(ctx, shared->csv, &shared->first));
    shared->first_waits = true;
    WG_TRY(wg_csv_decode(ctx, &shared->first));
    const char *at = shared->first.text, *end = at + shared->first.length;
    while (shared->x != UINT32_MAX && wg_csv_scan(shared->info->delimiter, shared->info->newline, &at, end, fields,
                                                  shared->info->n_fields, &record)) {
        double xy[2];
        if (read_coordinate(shared, &record, fields, xy) == WG_WHY_NOTHING) {
            bounds[0] = fmin(bounds[0], xy[0]);
            bounds[1] = fmin(bounds[1], xy[1]);
            bounds[2] = fmax(bounds[2], xy[0]);
            bounds[3] = fmax(bounds[3], xy[1]);
        }
    }
    WG_TRY(
        wg_assign_guess_crs(ctx, shared->job, shared->x == UINT32_MAX ? "" : shared->info->field[shared->x], bounds));
done:
    free(fields);
    return status;
}

static void worker_release(csv_worker *own) {
    wg_csv_piece_release(&own->piece);
    wg_assign_rules_release(&own->rules);
    free(own->rows);
    free(own->xy);
    free(own->answers);
    free(own->key);
    free(own->key_length);
    free(own->fields);
    wg_buffer_release(&own->keys);
    wg_buffer_release(&own->out);
    wg_buffer_release(&own->rejects);
    wg_buffer_release(&own->scratch);
}

static wg_status run_workers(wg_context *ctx, csv_job *shared) {
    wg_status status = WG_OK;
    const uint32_t n = wg_context_threads(ctx);
    const wg_assign_job *job = shared->job;
    csv_worker *workers = wg_calloc(n, sizeof *workers);
    pthread_t *threads = wg_calloc(n, sizeof *threads);
    uint32_t started = 1;
    if (workers == NULL || threads == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t t = 0; t < n; t++) {
        workers[t].shared = shared;
        workers[t].report_to = t == 0 ? ctx : NULL;
        workers[t].fields = wg_calloc(shared->info->n_fields, sizeof *workers[t].fields);
        if (workers[t].fields == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        WG_TRY(wg_assign_rules_init(ctx, job->options, &job->cells, job->keys, job->features_crs, shared->rejects >= 0,
                                    &workers[t].rules));
    }
    while (started < n && pthread_create(&threads[started], NULL, work, &workers[started]) == 0) {
        started++; /* fewer threads do the same work */
    }
    (void)work(&workers[0]);
    for (uint32_t t = 1; t < started; t++) {
        (void)pthread_join(threads[t], NULL);
    }
    if (shared->failed) {
        status = wg_fail(ctx, shared->status, "%s", shared->error);
    }
done:
    for (uint32_t t = 0; workers != NULL && t < n; t++) {
        worker_release(&workers[t]);
    }
    free(workers);
    free(threads);
    return status;
}

static wg_status open_output(wg_context *ctx, const char *path, bool overwrite, wg_output **output, int *file) {
    const wg_status status = wg_output_begin(ctx, path, WG_OUTPUT_FILE, overwrite, output);
    if (status != WG_OK) {
        return status;
    }
    *file = open(wg_output_path(*output), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return *file >= 0 ? WG_OK : wg_fail(ctx, WG_EIO, "%s: %s", path, strerror(errno));
}

static wg_status close_file(wg_context *ctx, int *file, const char *path) {
    const int closed = *file < 0 ? 0 : close(*file);
    *file = -1;
    return closed == 0 ? WG_OK : wg_fail(ctx, WG_EIO, "%s: %s", path, strerror(errno));
}

static void tell_format(wg_context *ctx, const csv_job *shared) {
    const wg_csv_info *info = shared->info;
    if (shared->replaced > 0) {
        wg_log(ctx, WG_LOG_WARNING,
               "%s: %zu characters are not well-formed %s; U+FFFD stands for them (state --encoding-of features=…)",
               shared->job->options->features.source, shared->replaced, wg_encoding_name(info->encoding));
    }
    wg_buffer_printf(&shared->job->understood, "features: CSV, %s (%s), delimiter %s", wg_encoding_name(info->encoding),
                     wg_known_text(info->encoding_known),
                     info->delimiter == '\t'  ? "tab"
                     : info->delimiter == ',' ? "comma"
                     : info->delimiter == ';' ? "semicolon"
                                              : "bar");
    if (shared->x != UINT32_MAX) {
        wg_buffer_printf(&shared->job->understood, ", x = %s, y = %s", info->field[shared->x], info->field[shared->y]);
    }
    wg_buffer_text(&shared->job->understood, "\n");
}

static wg_status run(wg_context *ctx, csv_job *shared) {
    const wg_assign_options *options = shared->job->options;
    static const char *const reject_fields[] = {"reason", "nearest", "dist_m"};
    const char *own[WG_ASSIGN_FIELDS];
    wg_output *output = NULL, *rejects = NULL;
    wg_status status = WG_OK;
    WG_TRY(open_output(ctx, options->output, options->overwrite, &output, &shared->output));
    if (options->rejects != NULL) {
        WG_TRY(open_output(ctx, options->rejects, options->overwrite, &rejects, &shared->rejects));
        WG_TRY(put_header(ctx, shared, reject_fields, 3, shared->rejects, &shared->rejects_at));
    }
    WG_TRY(
        put_header(ctx, shared, own, wg_assign_fields(&shared->job->cells, own), shared->output, &shared->output_at));
    WG_TRY(make_cell_text(ctx, shared));
    WG_TRY(run_workers(ctx, shared));
    WG_TRY(close_file(ctx, &shared->output, options->output));
    WG_TRY(close_file(ctx, &shared->rejects, options->rejects));
    if (rejects != NULL) {
        wg_output *ready = rejects;
        rejects = NULL;
        WG_TRY(wg_output_commit(ctx, ready));
    }
    wg_output *ready = output;
    output = NULL;
    WG_TRY(wg_output_commit(ctx, ready));
    wg_assign_counts_add(&shared->job->counts, &shared->counts);
    tell_format(ctx, shared);
done:
    (void)close_file(NULL, &shared->output, "");
    (void)close_file(NULL, &shared->rejects, "");
    wg_output_abort(output);
    wg_output_abort(rejects);
    return status;
}

static bool has_extension(const char *path, const char *extension) {
    const size_t n = path == NULL ? 0 : strlen(path), m = strlen(extension);
    return n > m && strcasecmp(path + n - m, extension) == 0;
}

static bool is_csv(const char *path) {
    return path != NULL && strchr(path, '|') == NULL && strncmp(path, "/vsi", 4) != 0 &&
           (has_extension(path, ".csv") || has_extension(path, ".tsv"));
}

bool wg_assign_csv_suits(const wg_assign_options *options) {
    return options->features.layer == NULL && is_csv(options->features.source) && is_csv(options->output) &&
           (options->rejects == NULL || is_csv(options->rejects)) && options->to_crs == NULL;
}

wg_status wg_assign_csv(wg_context *ctx, wg_assign_job *job, bool *done) {
    wg_status status = WG_OK;
    const wg_assign_options *options = job->options;
    csv_job shared = {.job = job, .parent = ctx, .output = -1, .rejects = -1};
    bool suits = false;
    pthread_mutex_init(&shared.read_lock, NULL);
    pthread_mutex_init(&shared.write_lock, NULL);
    pthread_cond_init(&shared.written, NULL);
    *done = false;
    WG_TRY(wg_csv_open(ctx, options->features.source, options->features.encoding, &shared.csv));
    shared.info = wg_csv_info_of(shared.csv);
    shared.line_end = shared.info->crlf ? "\r\n" : "\n";
    WG_TRY(find_columns(ctx, &shared, &suits));
    if (!suits) {
        goto done;
    }
    *done = true;
    WG_TRY(wg_fields_check(ctx, options->fields, options->n_fields, job->field_used));
    WG_TRY(find_kept(ctx, &shared));
    WG_TRY(look_ahead(ctx, &shared));
    WG_TRY(run(ctx, &shared));
done:
    for (uint32_t i = 0; shared.cell_text != NULL && i <= job->cells.n; i++) {
        free(shared.cell_text[i]);
    }
    free(shared.cell_text);
    free(shared.cell_length);
    free(shared.keep);
    wg_csv_piece_release(&shared.first);
    wg_csv_close(shared.csv);
    pthread_mutex_destroy(&shared.read_lock);
    pthread_mutex_destroy(&shared.write_lock);
    pthread_cond_destroy(&shared.written);
    return status;
}
