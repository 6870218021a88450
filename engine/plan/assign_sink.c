#include "plan/assign_sink.h"

#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "io/write.h"
#include "model/wkb.h"
#include "plan/assign_append.h"
#include "store/store.h"

struct wg_assign_sink {
    wg_assign_sink_options options;
    bool rejects;
    wg_writer *writer; /**< one of both */
    wg_assign_append *append;
    bool started;
    char *crs; /**< of what is written; NULL: as the features */
    wg_assign_counts *counts;
    wg_buffer text;
};

bool wg_assign_is_plan_output(const char *path) {
    const size_t length = path == NULL ? 0 : strcspn(path, "|");
    char *file = path == NULL ? NULL : wg_strndup(path, length);
    const bool plan = file != NULL && wg_store_is_plan(file);
    free(file);
    return plan;
}

/* ---- opening ---- */

static wg_status choose_crs(wg_context *ctx, wg_assign_sink *sink, const char *path) {
    const wg_assign_job *job = sink->options.job;
    const char *wanted = job->options->to_crs;
    if (wanted == NULL && wg_format_parse(path) == WG_FORMAT_GEOJSON && job->features_crs != NULL) {
        wanted = WG_CRS_WGS84; /* RFC 7946 */
    }
    if (wanted == NULL || (job->features_crs != NULL && wg_crs_same(ctx, wanted, job->features_crs))) {
        return WG_OK;
    }
    if (job->features_crs == NULL) {
        return wg_fail(ctx, WG_EDATA,
                       "%s: the CRS of the features is unknown; --to-crs needs it (state --crs-of features=…)",
                       job->options->features.source == NULL ? "features" : job->options->features.source);
    }
    sink->crs = wg_strdup(wanted);
    return sink->crs == NULL ? wg_fail_memory(ctx) : WG_OK;
}

wg_status wg_assign_sink_open(wg_context *ctx, const wg_assign_sink_options *options, const char *path, bool rejects,
                              wg_assign_sink **sink) {
    wg_status status = WG_OK;
    const wg_assign_options *asked = options->job->options;
    wg_assign_sink *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->options = *options;
    made->rejects = rejects;
    if (!rejects && wg_assign_is_plan_output(path)) {
        WG_TRY(wg_assign_append_open(ctx, asked, path, &made->append));
        made->crs = wg_strdup(wg_assign_append_crs(made->append));
    } else {
        WG_TRY(choose_crs(ctx, made, path));
        wg_write_options write = WG_WRITE_OPTIONS_INIT;
        write.overwrite = asked->overwrite;
        write.csv_geometry = options->table_coordinates && asked->to_crs == NULL ? WG_CSV_NONE : WG_CSV_AUTO;
        write.no_spatial_index = wg_format_parse(path) == WG_FORMAT_FLATGEOBUF; /* its index would reorder the rows */
        WG_TRY(wg_writer_open(ctx, path, &write, &made->writer));
    }
    *sink = made;
    made = NULL;
done:
    wg_assign_sink_abort(made);
    return status;
}

void wg_assign_sink_abort(wg_assign_sink *sink) {
    if (sink != NULL) {
        wg_writer_abort(sink->writer);
        wg_assign_append_abort(sink->append);
        wg_buffer_release(&sink->text);
        free(sink->crs);
        free(sink);
    }
}

/* ---- rows ---- */

static wg_status set_crs(wg_context *ctx, const wg_assign_sink *sink, wg_layer *layer) {
    const char *known = sink->options.job->features_crs;
    wg_status status = WG_OK;
    if (known != NULL && (layer->crs == NULL || strcmp(layer->crs, known) != 0)) {
        WG_TRY(wg_layer_set_crs(ctx, layer, known));
    }
    if (sink->crs != NULL && layer->crs != NULL) {
        size_t lost = 0; /* a coordinate without image is the row's fault, which its reason says, not the run's */
        WG_TRY(wg_crs_transform_lossy(ctx, layer, sink->crs, &lost));
    }
done:
    return status;
}

/* Send finished rows to where they go. The first ones say what the layer is like. */
static wg_status deliver(wg_context *ctx, wg_assign_sink *sink, wg_layer *layer) {
    wg_status status = WG_OK;
    WG_TRY(set_crs(ctx, sink, layer));
    if (sink->append != NULL) {
        return wg_assign_append_rows(ctx, sink->append, layer, sink->counts);
    }
    if (!sink->started) {
        const char *geometry = sink->options.geometry;
        if (geometry != NULL && strcmp(geometry, "mixed") == 0) {
            geometry = NULL; /* a format without types says nothing of its rows */
        }
        if (sink->options.job->options->split && geometry != NULL && strcmp(geometry, "none") != 0 &&
            strcmp(geometry, "point") != 0) {
            geometry = NULL;
        }
        WG_TRY(wg_writer_layer(ctx, sink->writer, layer, geometry));
        sink->started = true;
    }
    WG_TRY(wg_writer_rows(ctx, sink->writer, layer));
done:
    return status;
}

static bool is_kept(const wg_assign_sink_options *options, uint32_t column) {
    for (uint32_t k = 0; k < options->n_keep; k++) {
        if (options->keep[k] == column) {
            return true;
        }
    }
    return false;
}

static void free_column(wg_column *column) {
    free(column->name);
    free(column->null);
    free((void *)column->value.text);
}

/* Leave the kept source columns, in the order asked for, under names that the added ones leave free. */
static wg_status arrange_columns(wg_context *ctx, wg_assign_sink *sink, wg_layer *layer) {
    const wg_assign_sink_options *options = &sink->options;
    const uint32_t n = layer->n_columns;
    const char **names = wg_calloc(n, sizeof *names);
    wg_column *kept = wg_calloc((size_t)options->n_keep + WG_ASSIGN_FIELDS, sizeof *kept);
    char **renamed = wg_calloc(options->n_keep, sizeof *renamed);
    wg_status status = names == NULL || kept == NULL || renamed == NULL ? wg_fail_memory(ctx) : WG_OK;
    for (uint32_t c = 0; status == WG_OK && c < n; c++) {
        names[c] = layer->columns[c].name;
    }
    for (uint32_t k = 0; status == WG_OK && k < options->n_keep; k++) {
        wg_buffer_clear(&sink->text);
        wg_assign_source_name(names, n, options->keep[k], &sink->text);
        renamed[k] = sink->text.failed ? NULL : wg_strdup(sink->text.data);
        status = renamed[k] == NULL ? wg_fail_memory(ctx) : WG_OK;
    }
    if (status != WG_OK) {
        for (uint32_t k = 0; renamed != NULL && k < options->n_keep; k++) {
            free(renamed[k]);
        }
        free(kept);
    } else {
        for (uint32_t k = 0; k < options->n_keep; k++) {
            kept[k] = layer->columns[options->keep[k]];
            free(kept[k].name);
            kept[k].name = renamed[k];
        }
        for (uint32_t c = 0; c < n; c++) {
            if (!is_kept(options, c)) {
                free_column(&layer->columns[c]);
            }
        }
        free(layer->columns);
        layer->columns = kept;
        layer->n_columns = options->n_keep;
        layer->columns_capacity = (size_t)options->n_keep + WG_ASSIGN_FIELDS;
    }
    free(names);
    free(renamed);
    return status;
}

/* Fill a text column without copying: the strings live as long as the cells do, longer than the batch. */
static void point_to(wg_layer *layer, uint32_t column, size_t row, const char *text) {
    layer->columns[column].value.text[row] = text;
    layer->columns[column].null[row] = text == NULL ? 1 : 0;
}

static const char *or_null(const char *text) {
    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* @return a copy of the reason in the layer's arena, NULL for none; sets sink->text.failed on lack of memory */
static const char *reason_of(wg_assign_sink *sink, const wg_assign_cells *cells, const wg_answer *answer,
                             const char *detail, wg_layer *layer) {
    if (answer->why == WG_WHY_NOTHING) {
        return NULL;
    }
    wg_buffer_clear(&sink->text);
    wg_assign_reason(cells, answer, &sink->text);
    if (detail != NULL) {
        wg_buffer_printf(&sink->text, ": %s", detail);
    }
    const char *copy = sink->text.failed ? NULL : wg_arena_strdup(&layer->text, sink->text.data, sink->text.length);
    sink->text.failed = copy == NULL;
    return copy;
}

static wg_status add_answers(wg_context *ctx, wg_assign_sink *sink, const wg_assign_cells *cells, wg_layer *layer,
                             const wg_answer *answers, const char *const *details) {
    const char *names[WG_ASSIGN_FIELDS];
    const uint32_t n = wg_assign_fields(cells, names), first = layer->n_columns;
    wg_status status = WG_OK;
    for (uint32_t k = 0; k < n; k++) {
        WG_TRY(wg_layer_add_column(ctx, layer, names[k], strcmp(names[k], "share") == 0 ? WG_REAL : WG_TEXT, NULL));
    }
    for (size_t row = 0; row < layer->n; row++) {
        const wg_answer *answer = &answers[row];
        const bool some = answer->cell != WG_UNASSIGNED;
        uint32_t column = first;
        point_to(layer, column++, row, some ? cells->code[answer->cell] : NULL);
        point_to(layer, column++, row, some ? or_null(cells->community[answer->cell]) : NULL);
        if (cells->has_group) {
            point_to(layer, column++, row, some ? or_null(cells->group[answer->cell]) : NULL);
        }
        if (cells->has_street) {
            point_to(layer, column++, row, some ? or_null(cells->street[answer->cell]) : NULL);
        }
        point_to(layer, column++, row, wg_how_text((wg_how)answer->how));
        layer->columns[column].value.real[row] = answer->share;
        layer->columns[column++].null[row] = 0;
        point_to(layer, column, row, reason_of(sink, cells, answer, details == NULL ? NULL : details[row], layer));
    }
    if (sink->text.failed) {
        status = wg_fail_memory(ctx);
    }
done:
    return status;
}

/* ---- split features ---- */

static size_t count_parts(const wg_assign_parts *parts, size_t n_parts) {
    size_t n = 0;
    for (size_t t = 0; t < n_parts; t++) {
        n += parts[t].n;
    }
    return n;
}

static wg_status copy_row(wg_context *ctx, const wg_layer *from, size_t row, const void *wkb, size_t bytes,
                          wg_layer *to) {
    size_t made;
    wg_status status = wg_layer_add_row(ctx, to, wkb, bytes, &made);
    if (status != WG_OK) {
        return status;
    }
    to->fid[made] = from->fid[row];
    for (uint32_t c = 0; c < from->n_columns; c++) {
        const wg_column *source = &from->columns[c];
        wg_column *target = &to->columns[c];
        target->null[made] = source->null[row];
        if (source->type == WG_TEXT) {
            target->value.text[made] = source->value.text[row]; /* lives in the batch, which outlives the copy */
        } else if (source->type == WG_INTEGER) {
            target->value.integer[made] = source->value.integer[row];
        } else {
            target->value.real[made] = source->value.real[row];
        }
    }
    return WG_OK;
}

/* One row a part in place of each split row. */
static wg_status expand(wg_context *ctx, const wg_layer *batch, const wg_answer *answers, const wg_assign_parts *parts,
                        size_t n_parts, wg_layer **expanded, wg_answer **expanded_answers) {
    wg_status status = WG_OK;
    wg_layer *made = NULL;
    const size_t most = batch->n + count_parts(parts, n_parts);
    wg_answer *answer = wg_malloc(most, sizeof *answer);
    if (answer == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_layer_new(ctx, batch->name, batch->crs, &made));
    WG_TRY(wg_layer_set_source(ctx, made, wg_layer_source(batch)));
    made->has_z = batch->has_z;
    made->has_m = batch->has_m;
    for (uint32_t c = 0; c < batch->n_columns; c++) {
        WG_TRY(wg_layer_add_column(ctx, made, batch->columns[c].name, batch->columns[c].type, NULL));
    }
    size_t task = 0, next = 0;
    for (size_t row = 0; row < batch->n; row++) {
        while (task < n_parts && next == parts[task].n) {
            task++;
            next = 0;
        }
        bool split = false;
        for (; task < n_parts && next < parts[task].n && parts[task].items[next].row == row; next++) {
            const wg_assign_part *part = &parts[task].items[next];
            split = true;
            answer[made->n] = (wg_answer){.cell = part->cell,
                                          .other = WG_UNASSIGNED,
                                          .near = WG_UNASSIGNED,
                                          .how = part->cell == WG_UNASSIGNED ? WG_HOW_NONE : WG_HOW_SPLIT,
                                          .why = part->cell == WG_UNASSIGNED ? WG_WHY_OUTSIDE : WG_WHY_NOTHING,
                                          .share = part->share,
                                          .metres = NAN};
            WG_TRY(copy_row(ctx, batch, row, parts[task].wkb.data + part->at, part->bytes, made));
        }
        if (!split) {
            size_t bytes;
            const void *wkb = wg_layer_wkb(batch, row, &bytes);
            answer[made->n] = answers[row];
            WG_TRY(copy_row(ctx, batch, row, wkb, bytes, made));
            const wg_heights *heights = wg_layer_heights(batch, row);
            if (heights != NULL) {
                WG_TRY(
                    wg_layer_set_heights(ctx, made, made->n - 1, heights->z, heights->m, heights->value, heights->n));
            }
        }
    }
    *expanded = made;
    *expanded_answers = answer;
    return WG_OK;
done:
    wg_layer_free(made);
    free(answer);
    return status;
}

wg_status wg_assign_sink_rows(wg_context *ctx, wg_assign_sink *sink, const wg_assign_cells *cells, wg_layer **batch,
                              const wg_answer *answers, const char *const *details, const wg_assign_parts *parts,
                              size_t n_parts, wg_assign_counts *counts) {
    wg_status status = WG_OK;
    wg_layer *expanded = NULL, *layer = *batch;
    wg_answer *expanded_answers = NULL;
    sink->counts = counts;
    if (count_parts(parts, n_parts) > 0) {
        WG_TRY(expand(ctx, *batch, answers, parts, n_parts, &expanded, &expanded_answers));
        layer = expanded;
        answers = expanded_answers;
        details = NULL; /* only points have any */
    }
    WG_TRY(arrange_columns(ctx, sink, layer));
    WG_TRY(add_answers(ctx, sink, cells, layer, answers, details));
    counts->rows += layer->n;
    WG_TRY(deliver(ctx, sink, layer));
    wg_layer_free(expanded);
    expanded = NULL;
    wg_layer_free(*batch);
    *batch = NULL;
done:
    wg_layer_free(expanded);
    free(expanded_answers);
    return status;
}

/* Write rejected rows, which are changed on the way. */
static wg_status write_rejected(wg_context *ctx, wg_assign_sink *sink, const wg_assign_cells *cells, wg_layer *rejected,
                                const wg_answer *answers, const char *const *details) {
    wg_status status = WG_OK;
    WG_TRY(arrange_columns(ctx, sink, rejected));
    const uint32_t first = rejected->n_columns;
    WG_TRY(wg_layer_add_column(ctx, rejected, "reason", WG_TEXT, NULL));
    WG_TRY(wg_layer_add_column(ctx, rejected, "nearest", WG_TEXT, NULL));
    WG_TRY(wg_layer_add_column(ctx, rejected, "dist_m", WG_REAL, NULL));
    for (size_t row = 0; row < rejected->n; row++) {
        const wg_answer *answer = &answers[row];
        const bool near = answer->near != WG_UNASSIGNED;
        point_to(rejected, first, row, reason_of(sink, cells, answer, details == NULL ? NULL : details[row], rejected));
        point_to(rejected, first + 1, row, near ? cells->code[answer->near] : NULL);
        rejected->columns[first + 2].value.real[row] = answer->metres;
        rejected->columns[first + 2].null[row] = near && isfinite(answer->metres) ? 0 : 1;
    }
    if (sink->text.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(deliver(ctx, sink, rejected));
done:
    return status;
}

wg_status wg_assign_sink_rejects(wg_context *ctx, wg_assign_sink *sink, const wg_assign_cells *cells,
                                 const wg_layer *batch, const wg_answer *answers, const char *const *details) {
    wg_status status = WG_OK;
    wg_layer *rejected = NULL;
    wg_answer *of = NULL;
    const char **detail = NULL;
    bool *keep = wg_calloc(batch->n, sizeof *keep);
    size_t n = 0;
    if (keep == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < batch->n; row++) {
        keep[row] = answers[row].how == WG_HOW_NONE;
        n += keep[row] ? 1 : 0;
    }
    if (n == 0) {
        goto done;
    }
    of = wg_malloc(n, sizeof *of);
    detail = wg_calloc(n, sizeof *detail);
    if (of == NULL || detail == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t row = 0, at = 0; row < batch->n; row++) {
        if (keep[row]) {
            detail[at] = details == NULL ? NULL : details[row];
            of[at++] = answers[row];
        }
    }
    WG_TRY(wg_layer_copy(ctx, batch, keep, &rejected));
    WG_TRY(write_rejected(ctx, sink, cells, rejected, of, detail));
done:
    wg_layer_free(rejected);
    free(keep);
    free(of);
    free(detail);
    return status;
}

/* A file without a row still has its fields. */
static wg_status write_empty(wg_context *ctx, wg_assign_sink *sink) {
    wg_status status = WG_OK;
    wg_layer *empty = NULL;
    wg_assign_counts unused = {0};
    const wg_assign_sink_options *options = &sink->options;
    WG_TRY(wg_layer_new(ctx, options->schema->name, options->schema->crs, &empty));
    empty->has_z = options->schema->has_z;
    empty->has_m = options->schema->has_m;
    for (uint32_t c = 0; c < options->schema->n_columns; c++) {
        WG_TRY(
            wg_layer_add_column(ctx, empty, options->schema->columns[c].name, options->schema->columns[c].type, NULL));
    }
    if (sink->rejects) {
        WG_TRY(write_rejected(ctx, sink, &options->job->cells, empty, NULL, NULL));
    } else {
        WG_TRY(wg_assign_sink_rows(ctx, sink, &options->job->cells, &empty, NULL, NULL, NULL, 0, &unused));
    }
done:
    wg_layer_free(empty);
    return status;
}

wg_status wg_assign_sink_commit(wg_context *ctx, wg_assign_sink *sink) {
    wg_status status = WG_OK;
    if (sink->writer != NULL && !sink->started) {
        WG_TRY(write_empty(ctx, sink));
    }
    if (sink->append != NULL) {
        wg_assign_append *append = sink->append;
        sink->append = NULL;
        WG_TRY(wg_assign_append_commit(ctx, append));
    } else {
        wg_writer *writer = sink->writer;
        sink->writer = NULL;
        WG_TRY(wg_writer_commit(ctx, writer));
    }
done:
    wg_assign_sink_abort(sink);
    return status;
}
