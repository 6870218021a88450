/*
 * From CSV to CSV: every thread takes a piece of the file, decides and writes it, in the order of the file. What is
 * held in memory is a piece a thread, whatever the number of rows. Source fields are copied as they stand.
 */
#include "plan/assign_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "io/fields.h"
#include "io/output.h"
#include "io/write.h"

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
    WG_TRY(wg_csv_write_at(ctx, file, out.data, out.length, 0));
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
        if (wg_csv_coordinate(shared, &record, fields, xy) == WG_WHY_NOTHING) {
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
    WG_TRY(wg_csv_run(ctx, shared));
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

/* The same into any other format, through sinks. */
static wg_status run_sinks(wg_context *ctx, csv_job *shared) {
    const wg_assign_options *options = shared->job->options;
    wg_status status = WG_OK;
    uint32_t *all = NULL;
    WG_TRY(wg_csv_schema(ctx, shared, &shared->schema));
    if (shared->keep == NULL) {
        all = wg_malloc(shared->info->n_fields, sizeof *all);
        for (uint32_t f = 0; all != NULL && f < shared->info->n_fields; f++) {
            all[f] = f;
        }
        if (all == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
    }
    const bool placed = shared->x != UINT32_MAX;
    const wg_assign_sink_options sink = {.job = shared->job,
                                         .schema = shared->schema,
                                         .keep = shared->keep == NULL ? all : shared->keep,
                                         .n_keep = shared->keep == NULL ? shared->info->n_fields : shared->n_keep,
                                         .geometry = placed ? "point" : "none",
                                         .table_coordinates = placed};
    WG_TRY(wg_assign_sink_open(ctx, &sink, options->output, false, &shared->sink));
    if (options->rejects != NULL) {
        WG_TRY(wg_assign_sink_open(ctx, &sink, options->rejects, true, &shared->reject_sink));
    }
    WG_TRY(wg_csv_run(ctx, shared));
    wg_assign_sink *ready = shared->reject_sink;
    shared->reject_sink = NULL;
    if (ready != NULL) {
        WG_TRY(wg_assign_sink_commit(ctx, ready));
    }
    ready = shared->sink;
    shared->sink = NULL;
    WG_TRY(wg_assign_sink_commit(ctx, ready));
    wg_assign_counts_add(&shared->job->counts, &shared->counts);
    tell_format(ctx, shared);
done:
    wg_assign_sink_abort(shared->sink);
    wg_assign_sink_abort(shared->reject_sink);
    wg_layer_free(shared->schema);
    free(all);
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
    return options->features.layer == NULL && is_csv(options->features.source);
}

/* CSV that stays CSV is copied as it stands. */
static bool stays_csv(const wg_assign_options *options) {
    return is_csv(options->output) && (options->rejects == NULL || is_csv(options->rejects)) && options->to_crs == NULL;
}

wg_status wg_assign_csv(wg_context *ctx, wg_assign_job *job, bool *done) {
    wg_status status = WG_OK;
    const wg_assign_options *options = job->options;
    csv_job shared = {.job = job, .parent = ctx, .output = -1, .rejects = -1, .want_rejects = options->rejects != NULL};
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
    WG_TRY(stays_csv(options) ? run(ctx, &shared) : run_sinks(ctx, &shared));
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
