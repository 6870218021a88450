/* From any layer to any layer: batches of rows are read, decided on all threads and written, so that memory does not
 * grow. */
#include <math.h>
#include <string.h>

#include "core/parallel.h"
#include "io/fields.h"
#include "io/read.h"
#include "io/write.h"
#include "model/wkb.h"
#include "plan/assign.h"
#include "plan/assign_sink.h"

enum { ROWS_A_TASK = 4096, BATCH_ROWS = 4 * ROWS_A_TASK };

/** One run. */
typedef struct layers_job {
    wg_assign_job *job;
    wg_reader *reader;       /**< NULL: the features are a layer in memory */
    const wg_layer *schema;  /**< of the source */
    const wg_source *source; /**< NULL with a layer in memory */
    uint32_t key;
    uint32_t *keep; /**< source columns that are written */
    uint32_t n_keep;
    bool rejects;
    uint32_t n_workers;
    wg_assign_rules *rules; /**< one a worker */
    wg_assign_sink *sink, *reject_sink;
    uint64_t rows_read;
} layers_job;

/** One batch between reading and writing. */
typedef struct batch_work {
    layers_job *run;
    wg_layer *batch;
    wg_answer *answers;
    wg_assign_parts *parts; /**< a task's split features */
} batch_work;

/* ---- deciding ---- */

/* Points are gathered and asked together. */
typedef struct point_run {
    double xy[2 * ROWS_A_TASK];
    size_t row[ROWS_A_TASK];
    const char *key[ROWS_A_TASK];
    size_t key_length[ROWS_A_TASK];
    wg_answer answers[ROWS_A_TASK];
    char number[ROWS_A_TASK][32];
    size_t n;
} point_run;

static bool is_point(const uint8_t *wkb, size_t bytes) {
    return bytes == 21 && wg_wkb_type(wkb, bytes) == WG_WKB_POINT;
}

static void take_point(const batch_work *work, size_t row, const uint8_t *wkb, point_run *run) {
    double *xy = run->xy + 2 * run->n;
    xy[0] = xy[1] = NAN;
    if (wkb != NULL) {
        wg_wkb_get(wkb + 5, 0, xy);
    }
    const uint32_t key = work->run->key;
    const char *text = key == UINT32_MAX ? NULL : wg_fields_text(work->batch, row, key, run->number[run->n]);
    run->row[run->n] = row;
    run->key[run->n] = text;
    run->key_length[run->n] = text == NULL ? 0 : strlen(text);
    run->answers[run->n].why = WG_WHY_NOTHING;
    run->n++;
}

static wg_status finish_points(wg_context *ctx, const batch_work *work, wg_assign_rules *rules, point_run *run) {
    const bool keys = work->run->key != UINT32_MAX;
    const wg_status status =
        wg_assign_points(ctx, rules, run->xy, run->n, keys ? run->key : NULL, run->key_length, run->answers);
    for (size_t i = 0; status == WG_OK && i < run->n; i++) {
        work->answers[run->row[i]] = run->answers[i];
    }
    return status;
}

static wg_status decide_shape(wg_context *ctx, const batch_work *work, wg_assign_rules *rules, size_t row,
                              const uint8_t *wkb, size_t bytes, size_t task) {
    const uint32_t key = work->run->key;
    char number[32];
    const char *text = key == UINT32_MAX ? NULL : wg_fields_text(work->batch, row, key, number);
    wg_answer *answer = &work->answers[row];
    const wg_status status = wg_assign_shape(ctx, rules, wkb, bytes, text, text == NULL ? 0 : strlen(text), answer);
    if (status == WG_EDATA) {
        wg_clear_error(ctx);
        answer->why = WG_WHY_UNREADABLE;
        return WG_OK;
    }
    if (status != WG_OK || !rules->options->split || answer->how != WG_HOW_SPLIT) {
        return status;
    }
    return wg_assign_parts_add(ctx, &work->parts[task], rules, row, wkb, bytes);
}

static wg_status decide_rows(wg_context *ctx, size_t task, uint32_t worker, void *user) {
    const batch_work *work = user;
    wg_assign_rules *rules = &work->run->rules[worker];
    wg_status status = WG_OK;
    point_run *run = wg_malloc(1, sizeof *run);
    if (run == NULL) {
        return wg_fail_memory(ctx);
    }
    run->n = 0;
    const size_t first = task * ROWS_A_TASK;
    const size_t end = work->batch->n - first < ROWS_A_TASK ? work->batch->n : first + ROWS_A_TASK;
    for (size_t row = first; row < end; row++) {
        size_t bytes = 0;
        const uint8_t *wkb = wg_layer_wkb(work->batch, row, &bytes);
        if (wkb == NULL || is_point(wkb, bytes)) {
            take_point(work, row, wkb, run);
        } else {
            WG_TRY(decide_shape(ctx, work, rules, row, wkb, bytes, task));
        }
    }
    WG_TRY(finish_points(ctx, work, rules, run));
done:
    free(run);
    return status;
}

/* ---- writing ---- */

/* Takes the batch over. */
static wg_status process_batch(wg_context *ctx, layers_job *run, wg_layer *batch) {
    wg_status status = WG_OK;
    const size_t n_tasks = (batch->n + ROWS_A_TASK - 1) / ROWS_A_TASK;
    batch_work work = {.run = run, .batch = batch};
    work.answers = wg_malloc(batch->n, sizeof *work.answers);
    work.parts = wg_calloc(n_tasks, sizeof *work.parts);
    if (work.answers == NULL || work.parts == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_parallel(ctx, n_tasks, NULL, decide_rows, &work));
    for (size_t row = 0; row < batch->n; row++) {
        wg_assign_count(&run->job->counts, &work.answers[row]);
    }
    if (run->reject_sink != NULL) {
        WG_TRY(wg_assign_sink_rejects(ctx, run->reject_sink, &run->job->cells, batch, work.answers, NULL));
    }
    WG_TRY(wg_assign_sink_rows(ctx, run->sink, &run->job->cells, &work.batch, work.answers, NULL, work.parts, n_tasks,
                               &run->job->counts));
done:
    for (size_t t = 0; work.parts != NULL && t < n_tasks; t++) {
        wg_assign_parts_release(&work.parts[t]);
    }
    free(work.parts);
    free(work.answers);
    wg_layer_free(work.batch);
    return status;
}

/* ---- setting up ---- */

static void widen(const wg_layer *batch, double bounds[4]) {
    for (size_t row = 0; row < batch->n; row++) {
        size_t bytes;
        double own[4];
        const void *wkb = wg_layer_wkb(batch, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, own)) {
            wg_bounds_widen(bounds, own);
        }
    }
}

static wg_status find_crs(wg_context *ctx, layers_job *run, const wg_layer *first) {
    wg_assign_job *job = run->job;
    double bounds[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    if (run->schema->crs != NULL) {
        job->features_crs = wg_strdup(run->schema->crs);
        job->crs_how = run->source == NULL ? "file" : wg_known_text(run->source->crs_known);
        return job->features_crs == NULL ? wg_fail_memory(ctx) : WG_OK;
    }
    if (first != NULL) {
        widen(first, bounds);
    }
    return wg_assign_guess_crs(ctx, job,
                               run->source != NULL && run->source->x_field != NULL ? run->source->x_field : "", bounds);
}

static wg_status open_source(wg_context *ctx, layers_job *run) {
    const wg_assign_options *options = run->job->options;
    if (options->features.layer != NULL) {
        run->schema = options->features.layer;
        return WG_OK;
    }
    const wg_read_options read = {.crs = options->features.crs,
                                  .encoding = options->features.encoding,
                                  .x_field = wg_assign_stated_field(run->job, options->x_field, "x"),
                                  .y_field = wg_assign_stated_field(run->job, options->y_field, "y"),
                                  .heights = true,
                                  .batch_rows = BATCH_ROWS,
                                  .ahead = true};
    const wg_status status = wg_reader_open(ctx, options->features.source, "features", &read, &run->reader);
    if (status == WG_OK) {
        run->schema = wg_reader_schema(run->reader);
        run->source = wg_reader_source(run->reader);
        if (run->source->x_field != NULL) {
            wg_buffer_printf(&run->job->understood, "features: x = %s, y = %s\n", run->source->x_field,
                             run->source->y_field);
        }
    }
    return status;
}

static wg_status find_columns(wg_context *ctx, layers_job *run) {
    const wg_assign_options *options = run->job->options;
    run->key = UINT32_MAX;
    if (options->key_field != NULL) {
        run->key = wg_layer_column(run->schema, options->key_field);
        if (run->key == UINT32_MAX) {
            return wg_fail(ctx, WG_ENOTFOUND, "%s: no field named %s", wg_layer_source(run->schema),
                           options->key_field);
        }
    }
    run->n_keep = options->n_keep > 0 ? options->n_keep : wg_layer_columns(run->schema);
    run->keep = wg_malloc(run->n_keep, sizeof *run->keep);
    if (run->keep == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t k = 0; k < run->n_keep; k++) {
        run->keep[k] = options->n_keep == 0 ? k : wg_layer_column(run->schema, options->keep[k]);
        if (run->keep[k] == UINT32_MAX) {
            return wg_fail(ctx, WG_ENOTFOUND, "%s: no field named %s", wg_layer_source(run->schema), options->keep[k]);
        }
    }
    return WG_OK;
}

static wg_status open_rules(wg_context *ctx, layers_job *run) {
    run->n_workers = wg_context_threads(ctx);
    run->rules = wg_calloc(run->n_workers, sizeof *run->rules);
    wg_status status = run->rules == NULL ? wg_fail_memory(ctx) : WG_OK;
    for (uint32_t w = 0; status == WG_OK && w < run->n_workers; w++) {
        status = wg_assign_rules_init(ctx, run->job->options, &run->job->cells, run->job->keys, run->job->features_crs,
                                      run->rejects, &run->rules[w]);
    }
    return status;
}

static wg_status open_sinks(wg_context *ctx, layers_job *run) {
    const wg_assign_options *options = run->job->options;
    const wg_assign_sink_options sink = {.job = run->job,
                                         .schema = run->schema,
                                         .keep = run->keep,
                                         .n_keep = run->n_keep,
                                         .geometry = run->source == NULL ? NULL : run->source->geometry,
                                         .table_coordinates = run->source != NULL && run->source->x_field != NULL};
    wg_status status = WG_OK;
    WG_TRY(wg_assign_sink_open(ctx, &sink, options->output, false, &run->sink));
    if (options->rejects != NULL) {
        WG_TRY(wg_assign_sink_open(ctx, &sink, options->rejects, true, &run->reject_sink));
    }
done:
    return status;
}

static wg_status next_batch(wg_context *ctx, layers_job *run, bool first, wg_layer **batch) {
    *batch = NULL;
    if (run->reader != NULL) {
        return wg_reader_next(ctx, run->reader, batch);
    }
    return first ? wg_layer_copy(ctx, run->job->options->features.layer, NULL, batch) : WG_OK;
}

static wg_status report(wg_context *ctx, const layers_job *run) {
    const int64_t rows = run->source == NULL ? -1 : run->source->rows;
    const double fraction = rows > 0 ? fmin((double)run->rows_read / (double)rows, 1) : 0;
    return wg_progress_rows(ctx, fraction, "assigning rows", run->rows_read);
}

static wg_status run_batches(wg_context *ctx, layers_job *run, wg_layer *batch) {
    wg_status status = WG_OK;
    while (batch != NULL) {
        wg_layer *taken = batch;
        batch = NULL;
        run->rows_read += taken->n;
        WG_TRY(process_batch(ctx, run, taken));
        WG_TRY(report(ctx, run));
        WG_TRY(next_batch(ctx, run, false, &batch));
    }
done:
    wg_layer_free(batch);
    return status;
}

wg_status wg_assign_layers(wg_context *ctx, wg_assign_job *job) {
    wg_status status = WG_OK;
    layers_job run = {.job = job, .rejects = job->options->rejects != NULL};
    wg_layer *first = NULL;
    WG_TRY(open_source(ctx, &run));
    WG_TRY(wg_fields_check(ctx, job->options->fields, job->options->n_fields, job->field_used));
    WG_TRY(find_columns(ctx, &run));
    WG_TRY(next_batch(ctx, &run, true, &first));
    WG_TRY(find_crs(ctx, &run, first));
    WG_TRY(open_rules(ctx, &run));
    WG_TRY(open_sinks(ctx, &run));
    wg_layer *batch = first;
    first = NULL;
    WG_TRY(run_batches(ctx, &run, batch));
    wg_assign_sink *sink = run.reject_sink;
    run.reject_sink = NULL;
    if (sink != NULL) {
        WG_TRY(wg_assign_sink_commit(ctx, sink));
    }
    sink = run.sink;
    run.sink = NULL;
    WG_TRY(wg_assign_sink_commit(ctx, sink));
done:
    wg_layer_free(first);
    wg_assign_sink_abort(run.sink);
    wg_assign_sink_abort(run.reject_sink);
    for (uint32_t w = 0; run.rules != NULL && w < run.n_workers; w++) {
        wg_bounds_widen(job->off, run.rules[w].off);
        wg_assign_rules_release(&run.rules[w]);
    }
    free(run.rules);
    free(run.keep);
    wg_reader_close(run.reader);
    return status;
}
