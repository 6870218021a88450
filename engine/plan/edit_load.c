/* A plan in memory for hand edits. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "plan/edit.h"

static const char *keep(wg_edit_job *job, const char *text) {
    return wg_arena_strdup(&job->text, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

wg_status wg_edit_add_cell(wg_context *ctx, wg_edit_job *job, const wg_edit_cell *cell, uint32_t *number) {
    if (!WG_RESERVE(job->cell, job->cells_capacity, job->n_cells + 1)) {
        return wg_fail_memory(ctx);
    }
    wg_edit_cell made = *cell;
    made.code = keep(job, cell->code);
    made.name = keep(job, cell->name);
    made.community = keep(job, cell->community);
    made.group = keep(job, cell->group);
    made.kind = keep(job, cell->kind);
    if (made.code == NULL || made.name == NULL || made.community == NULL || made.group == NULL || made.kind == NULL) {
        return wg_fail_memory(ctx);
    }
    *number = (uint32_t)job->n_cells;
    job->cell[job->n_cells++] = made;
    return WG_OK;
}

static const char *text_at(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    return index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
}

/** Cells sorted by code, to give units their numbers. */
typedef struct coded {
    const char *code;
    uint32_t cell;
} coded;

static int compare_coded(const void *left, const void *right) {
    return strcmp(((const coded *)left)->code, ((const coded *)right)->code);
}

static wg_status label_units(wg_context *ctx, wg_edit_job *job) {
    const uint32_t n = job->graph.n;
    wg_status status = WG_OK;
    coded *sorted = wg_malloc(job->n_cells, sizeof *sorted);
    job->label = wg_malloc(n, sizeof *job->label);
    job->origin = wg_malloc(n, sizeof *job->origin);
    if (sorted == NULL || job->label == NULL || job->origin == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < job->n_cells; i++) {
        sorted[i] = (coded){.code = job->cell[i].code, .cell = (uint32_t)i};
    }
    qsort(sorted, job->n_cells, sizeof *sorted, compare_coded);
    for (uint32_t v = 0; v < n; v++) {
        const coded key = {.code = text_at(job->units, v, "cell")};
        const coded *found =
            key.code == NULL ? NULL : bsearch(&key, sorted, job->n_cells, sizeof *sorted, compare_coded);
        if (found == NULL) {
            status = wg_fail(ctx, WG_EDATA, "%s: unit %s is in no cell of the plan (see wangge check)",
                             job->options->plan, job->graph.id[v]);
            goto done;
        }
        job->label[v] = job->origin[v] = found->cell;
    }
done:
    free(sorted);
    return status;
}

static void take_number(const json_t *entry, const char *key, double *value) {
    const json_t *number = json_object_get(entry, key);
    *value = json_is_number(number) ? json_number_value(number) : NAN;
}

/** Limits of the last run that names some. */
static wg_status load_limits(wg_context *ctx, wg_edit_job *job) {
    wg_layer *runs = NULL;
    json_t *list = NULL;
    wg_status status = WG_OK;
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "runs", &runs));
    for (size_t row = wg_layer_rows(runs); row > 0 && list == NULL; row--) {
        const char *text = text_at(runs, row - 1, "limits");
        list = text == NULL ? NULL : json_loads(text, 0, NULL);
    }
    job->limits = wg_calloc(json_array_size(list), sizeof *job->limits);
    if (job->limits == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    size_t index;
    json_t *entry;
    json_array_foreach(list, index, entry) {
        wg_limit limit = {.field = keep(job, json_string_value(json_object_get(entry, "field")))};
        take_number(entry, "min", &limit.min);
        take_number(entry, "target", &limit.target);
        take_number(entry, "max", &limit.max);
        if (limit.field != NULL && strcmp(limit.field, "count") != 0) {
            job->limits[job->n_limits++] = limit;
        }
    }
done:
    json_decref(list);
    wg_layer_free(runs);
    return status;
}

static wg_status load_figures(wg_context *ctx, wg_edit_job *job);

wg_status wg_edit_load(wg_context *ctx, wg_edit_job *job) {
    wg_status status = WG_OK;
    if (!wg_store_has(job->store, "units") || !wg_store_has(job->store, "edges")) {
        return wg_fail(ctx, WG_EDATA, "%s: the plan has no units to edit (make it again with wangge partition)",
                       job->options->plan);
    }
    WG_TRY(wg_store_get(ctx, job->store, "cells", &job->cells));
    WG_TRY(wg_store_get(ctx, job->store, "units", &job->units));
    WG_TRY(wg_store_get(ctx, job->store, "edges", &job->edges));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "barriers", &job->barriers));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "retired", &job->retired));
    WG_TRY(wg_unit_graph_build(ctx, job->units, job->edges, job->barriers, &job->graph));
    for (size_t row = 0; row < wg_layer_rows(job->cells); row++) {
        const wg_edit_cell cell = {.code = text_at(job->cells, row, "code"),
                                   .name = text_at(job->cells, row, "name"),
                                   .community = text_at(job->cells, row, "community"),
                                   .group = text_at(job->cells, row, "grp"),
                                   .kind = text_at(job->cells, row, "kind"),
                                   .fid = job->cells->fid[row],
                                   .alive = true,
                                   .successor = WG_UNASSIGNED};
        uint32_t number;
        WG_TRY(wg_edit_add_cell(ctx, job, &cell, &number));
    }
    WG_TRY(label_units(ctx, job));
    WG_TRY(load_figures(ctx, job));
    WG_TRY(load_limits(ctx, job));
done:
    return status;
}

/* ------------------------------------------------------------------ asking */

wg_status wg_edit_find_cell(wg_context *ctx, const wg_edit_job *job, const char *code, uint32_t *cell) {
    for (size_t i = 0; i < job->n_cells; i++) {
        if (strcmp(job->cell[i].code, code) == 0 && job->cell[i].alive) {
            *cell = (uint32_t)i;
            return WG_OK;
        }
    }
    return wg_fail(ctx, WG_ENOTFOUND, "%s: there is no cell %s", job->options->plan, code);
}

uint32_t wg_edit_members(const wg_edit_job *job, uint32_t cell, uint32_t *members) {
    uint32_t n = 0;
    for (uint32_t v = 0; v < job->graph.n; v++) {
        if (job->label[v] == cell) {
            members[n++] = v;
        }
    }
    return n;
}

static double known(const wg_layer *layer, size_t row, uint32_t column) {
    const double value = column == UINT32_MAX ? NAN : wg_layer_real(layer, row, column);
    return isfinite(value) ? value : 0;
}

static void add_figures(wg_edit_figures *sum, const wg_edit_figures *more) {
    sum->households += more->households;
    sum->population += more->population;
    sum->registered += more->registered;
    sum->floating += more->floating;
    sum->area_m2 += more->area_m2;
    sum->units += more->units;
}

static wg_status load_figures(wg_context *ctx, wg_edit_job *job) {
    const wg_layer *units = job->units;
    const uint32_t households = wg_layer_column(units, "households");
    const uint32_t population = wg_layer_column(units, "population");
    const uint32_t registered = wg_layer_column(units, "registered");
    const uint32_t floating = wg_layer_column(units, "floating");
    const uint32_t area = wg_layer_column(units, "area_m2");
    job->figures = wg_calloc(job->graph.n, sizeof *job->figures);
    if (job->figures == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t v = 0; v < job->graph.n; v++) {
        job->figures[v] = (wg_edit_figures){.households = known(units, v, households),
                                            .population = known(units, v, population),
                                            .registered = known(units, v, registered),
                                            .floating = known(units, v, floating),
                                            .area_m2 = known(units, v, area),
                                            .units = 1};
        add_figures(&job->cell[job->label[v]].before, &job->figures[v]);
    }
    return WG_OK;
}

void wg_edit_sum(const wg_edit_job *job, uint32_t cell, wg_edit_figures *figures) {
    *figures = (wg_edit_figures){0};
    for (uint32_t v = 0; v < job->graph.n; v++) {
        if (job->label[v] == cell) {
            add_figures(figures, &job->figures[v]);
        }
    }
}

double wg_edit_figure(const wg_edit_figures *figures, const char *field) {
    return strcmp(field, "households") == 0   ? figures->households
           : strcmp(field, "population") == 0 ? figures->population
           : strcmp(field, "registered") == 0 ? figures->registered
           : strcmp(field, "floating") == 0   ? figures->floating
           : strcmp(field, "area") == 0       ? figures->area_m2
                                              : NAN;
}

const char *wg_edit_status(const wg_edit_job *job, const wg_edit_figures *figures, wg_buffer *why) {
    bool under = false;
    bool over = false;
    for (uint32_t i = 0; i < job->n_limits; i++) {
        const wg_limit *limit = &job->limits[i];
        const double value = wg_edit_figure(figures, limit->field);
        const bool above = value > limit->max + 1e-9 * fabs(limit->max);
        const bool below = limit->min > value + 1e-9 * fabs(value);
        if (why != NULL && (above || below)) {
            wg_buffer_printf(why, "%s%s %.10g %s %.10g", why->length > 0 ? ", " : "", limit->field, value,
                             above ? ">" : "<", above ? limit->max : limit->min);
        }
        over = over || above;
        under = under || below;
    }
    return under && over ? "mixed" : under ? "under" : over ? "over" : "ok";
}
