/* wangge edit: change a plan by hand, in one transaction, with a way back. */
#include "plan/edit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "model/result.h"

void wg_edit_release(wg_edit_job *job) {
    wg_layer *const layers[] = {job->cells, job->units, job->edges, job->barriers, job->retired};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        wg_layer_free(layers[i]);
    }
    wg_unit_graph_release(&job->graph);
    wg_store_free(job->store);
    free(job->cell);
    free(job->label);
    free(job->figures);
    free(job->origin);
    free(job->limits);
    wg_arena_release(&job->text);
    wg_buffer_release(&job->said);
}

static wg_status apply(wg_context *ctx, wg_edit_job *job, const wg_edit *edit) {
    switch (edit->kind) {
    case WG_EDIT_MOVE:
        return wg_edit_move(ctx, job, edit->a, edit->b);
    case WG_EDIT_MERGE:
        return wg_edit_merge(ctx, job, edit->a, edit->b);
    case WG_EDIT_SPLIT:
        return wg_edit_split(ctx, job, edit->a);
    case WG_EDIT_RENAME:
        return wg_edit_rename(ctx, job, edit->a, edit->b);
    case WG_EDIT_UNDO:
    default:
        return wg_fail(ctx, WG_EINTERNAL, "unknown edit");
    }
}

/** What the history calls the step: the edits as they were given. */
static void put_label(const wg_edit_options *options, wg_buffer *label) {
    static const char *const verbs[] = {"move", "merge", "split", "rename", "undo"};
    static const char between[] = {':', ',', '\0', ':', '\0'};
    for (uint32_t i = 0; i < options->n_edits; i++) {
        const wg_edit *edit = &options->edits[i];
        wg_buffer_printf(label, "%s%s", i > 0 ? "; " : "", verbs[edit->kind]);
        if (edit->a != NULL) {
            wg_buffer_printf(label, " %s", edit->a);
        }
        if (edit->b != NULL) {
            wg_buffer_printf(label, "%c%s", between[edit->kind], edit->b);
        }
    }
}

/* ------------------------------------------------------------------ result */

static json_t *figures_json(const wg_edit_figures *figures) {
    return json_pack("{s:I, s:f, s:f, s:f}", "units", (json_int_t)figures->units, "households", figures->households,
                     "population", figures->population, "area_m2", figures->area_m2);
}

static void add_figures(wg_edit_figures *sum, const wg_edit_figures *more) {
    sum->households += more->households;
    sum->population += more->population;
    sum->area_m2 += more->area_m2;
    sum->units += more->units;
}

static void say_figures(const wg_edit_job *job, const char *name, const wg_edit_figures *before,
                        const wg_edit_figures *after, wg_buffer *text) {
    wg_buffer_printf(text,
                     job->zh ? "  %s：%.10g → %.10g 户，%.10g → %.10g 人，%.0f → %.0f 平方米\n"
                             : "  %s: %.10g -> %.10g households, %.10g -> %.10g people, %.0f -> %.0f m²\n",
                     name, before->households, after->households, before->population, after->population,
                     before->area_m2, after->area_m2);
}

/** Totals of every cell that changed and of all of them, before and after. */
static wg_status make_result(wg_context *ctx, wg_edit_job *job, const char *hash, wg_result **result) {
    wg_buffer text = {0};
    json_t *cells = json_array();
    wg_edit_figures all_before = {0};
    wg_edit_figures all_after = {0};
    uint64_t out = 0;
    wg_buffer_text(&text, job->said.data != NULL ? job->said.data : "");
    for (size_t i = 0; i < job->n_cells; i++) {
        wg_edit_cell *cell = &job->cell[i];
        wg_edit_figures after;
        if (!cell->touched && !cell->renamed) {
            continue;
        }
        wg_edit_sum(job, (uint32_t)i, &after);
        const char *status = cell->alive ? wg_edit_status(job, &after, NULL) : "retired";
        out += cell->alive && strcmp(status, "ok") != 0 && strcmp(cell->kind, "dedicated") != 0;
        json_array_append_new(cells,
                              json_pack("{s:s, s:s, s:s, s:o, s:o}", "code", cell->code, "name", cell->name, "status",
                                        status, "before", figures_json(&cell->before), "after", figures_json(&after)));
        say_figures(job, cell->code, &cell->before, &after, &text);
        add_figures(&all_before, &cell->before);
        add_figures(&all_after, &after);
    }
    say_figures(job, job->zh ? "合计" : "together", &all_before, &all_after, &text);
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o}", "plan", job->options->plan, "hash", hash, "cells", cells,
                             "before", figures_json(&all_before), "after", figures_json(&all_after));
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_decref(json);
    return wg_result_new(ctx, dumped, wg_buffer_steal(&text), out, result);
}

/* ------------------------------------------------------------------ undo */

static wg_status undo_result(wg_context *ctx, const wg_edit_options *options, json_t *undone, const char *hash,
                             wg_result **result) {
    wg_buffer text = {0};
    size_t index;
    json_t *label;
    json_array_foreach(undone, index, label) {
        wg_buffer_printf(&text, options->lang == WG_LANG_ZH ? "已撤销：%s\n" : "taken back: %s\n",
                         json_string_value(label));
    }
    json_t *json = json_pack("{s:s, s:s, s:O}", "plan", options->plan, "hash", hash, "undone", undone);
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1));
    json_decref(json);
    return wg_result_new(ctx, dumped, wg_buffer_steal(&text), 0, result);
}

static wg_status undo(wg_context *ctx, const wg_edit_options *options, wg_result **result) {
    wg_store *store = NULL;
    json_t *undone = json_array();
    char hash[WG_STORE_HASH_BYTES];
    wg_status status = WG_OK;
    WG_TRY(wg_store_open(ctx, options->plan, WG_STORE_WRITE, &store));
    WG_TRY(wg_store_begin(ctx, store));
    for (uint32_t i = 0; i < options->n_edits; i++) {
        char *label = NULL;
        WG_TRY(wg_store_undo(ctx, store, &label));
        json_array_append_new(undone, json_string(label));
        free(label);
    }
    WG_TRY(wg_store_commit(ctx, store));
    WG_TRY(wg_store_hash(ctx, store, hash));
    status = undo_result(ctx, options, undone, hash, result);
done:
    json_decref(undone);
    wg_store_free(store);
    return status;
}

/* ------------------------------------------------------------------ the job */

static wg_status edit_plan(wg_context *ctx, wg_edit_job *job, wg_result **result) {
    const wg_edit_options *options = job->options;
    char hash[WG_STORE_HASH_BYTES];
    wg_buffer label = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_store_open(ctx, options->plan, WG_STORE_WRITE, &job->store));
    WG_TRY(wg_edit_load(ctx, job));
    for (uint32_t i = 0; i < options->n_edits; i++) {
        WG_TRY(apply(ctx, job, &options->edits[i]));
    }
    put_label(options, &label);
    if (label.failed || job->said.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_store_edit_begin(ctx, job->store, label.data));
    WG_TRY(wg_edit_write(ctx, job));
    WG_TRY(wg_store_edit_commit(ctx, job->store));
    WG_TRY(wg_store_hash(ctx, job->store, hash));
    status = make_result(ctx, job, hash, result);
done:
    if (status != WG_OK && job->store != NULL) {
        wg_store_rollback(job->store);
    }
    wg_buffer_release(&label);
    return status;
}

wg_status wg_edit_plan(wg_context *ctx, const wg_edit_options *options, wg_result **result) {
    uint32_t undos = 0;
    *result = NULL;
    wg_clear_error(ctx);
    for (uint32_t i = 0; i < options->n_edits; i++) {
        const wg_edit *edit = &options->edits[i];
        const bool pair = edit->kind == WG_EDIT_MOVE || edit->kind == WG_EDIT_MERGE || edit->kind == WG_EDIT_RENAME;
        undos += edit->kind == WG_EDIT_UNDO;
        if ((edit->kind != WG_EDIT_UNDO && edit->a == NULL) || (pair && edit->b == NULL)) {
            return wg_fail(ctx, WG_EINVAL, "edit %u does not say what to change", i + 1);
        }
    }
    if (options->n_edits == 0) {
        return wg_fail(ctx, WG_EINVAL, "there is nothing to change");
    }
    if (undos > 0) {
        return undos == options->n_edits
                   ? undo(ctx, options, result)
                   : wg_fail(ctx, WG_EINVAL,
                             "taking back cannot be combined with other edits (do one after the other)");
    }
    wg_edit_job job = {.options = options, .zh = options->lang == WG_LANG_ZH};
    const wg_status status = edit_plan(ctx, &job, result);
    wg_edit_release(&job);
    return status;
}
