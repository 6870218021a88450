/* What a report is made from: the plan's layers, workers, facilities, and how full their fields are. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/report_job.h"
#include "plan/row.h"

/* ------------------------------------------------------------------ notes */

wg_status wg_report_reject_row(wg_context *ctx, wg_report_job *job, const char *input, const char *feature,
                               const char *reason) {
    job->rejects_all++;
    if (job->n_rejects >= WG_REPORT_REJECTS_MOST) {
        return WG_OK;
    }
    if (!WG_RESERVE(job->rejects, job->rejects_capacity, job->n_rejects + 1)) {
        return wg_fail_memory(ctx);
    }
    wg_report_reject *item = &job->rejects[job->n_rejects++];
    *item = (wg_report_reject){
        .input = wg_strdup(input), .feature = wg_strdup(feature), .reason = wg_strdup(reason), .count = 1};
    return item->input == NULL || item->feature == NULL || item->reason == NULL ? wg_fail_memory(ctx) : WG_OK;
}

static wg_report_filled *filled_of(wg_report_job *job, const char *layer, const char *field) {
    for (size_t i = 0; i < job->n_filled; i++) {
        if (strcmp(job->filled[i].layer, layer) == 0 && strcmp(job->filled[i].field, field) == 0) {
            return &job->filled[i];
        }
    }
    if (!WG_RESERVE(job->filled, job->filled_capacity, job->n_filled + 1)) {
        return NULL;
    }
    wg_report_filled *made = &job->filled[job->n_filled];
    *made = (wg_report_filled){.layer = wg_strdup(layer), .field = wg_strdup(field)};
    if (made->layer == NULL || made->field == NULL) {
        free(made->layer);
        free(made->field);
        return NULL;
    }
    job->n_filled++;
    return made;
}

/** Whether a text begins like 2025-01-31 or 2025/01/31: such dates are in order as texts. */
static bool looks_dated(const char *text) {
    for (int i = 0; i < 10; i++) {
        const bool separator = i == 4 || i == 7;
        if (separator ? text[i] != '-' && text[i] != '/' : text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return true;
}

/** Keep the oldest and the newest date. */
static void note_date(wg_report_filled *item, const char *text) {
    enum { MOST = sizeof item->oldest - 1 };
    if (item->newest[0] == '\0' || strncmp(text, item->newest, MOST) > 0) {
        snprintf(item->newest, sizeof item->newest, "%s", text);
    }
    if (item->oldest[0] == '\0' || strncmp(text, item->oldest, MOST) < 0) {
        snprintf(item->oldest, sizeof item->oldest, "%s", text);
    }
}

static void note_texts(wg_report_filled *item, const wg_layer *layer, uint32_t column) {
    bool dated = true; /* until the first value is none */
    for (size_t row = 0; row < layer->n; row++) {
        const char *text = wg_layer_is_null(layer, row, column) ? NULL : wg_layer_text(layer, row, column);
        if (text == NULL || text[0] == '\0') {
            continue;
        }
        item->filled++;
        dated = dated && looks_dated(text);
        if (dated) {
            note_date(item, text);
        }
    }
    if (!dated) {
        item->oldest[0] = item->newest[0] = '\0';
    }
}

wg_status wg_report_note_filled(wg_context *ctx, wg_report_job *job, const char *input, const wg_layer *layer) {
    for (uint32_t column = 0; column < wg_layer_columns(layer); column++) {
        wg_report_filled *item = filled_of(job, input, wg_layer_column_name(layer, column));
        if (item == NULL) {
            return wg_fail_memory(ctx);
        }
        item->rows += layer->n;
        if (wg_layer_column_type(layer, column) == WG_TEXT) {
            note_texts(item, layer, column);
            continue;
        }
        for (size_t row = 0; row < layer->n; row++) {
            item->filled += wg_layer_is_null(layer, row, column) ? 0 : 1;
        }
    }
    return WG_OK;
}

/* ------------------------------------------------------------------ the plan */

static const char *text_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    return index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
}

/** Buildings that the plan found to be doubles of others: they do not count again. */
static wg_status find_doubles(wg_context *ctx, wg_report_job *job) {
    job->building_skip = wg_calloc(job->buildings->n, sizeof *job->building_skip);
    if (job->building_skip == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < job->exceptions->n; i++) {
        const char *problem = text_of(job->exceptions, i, "problem");
        const char *feature = text_of(job->exceptions, i, "feature");
        if (problem == NULL || feature == NULL || strcmp(problem, "duplicate_building") != 0) {
            continue;
        }
        for (size_t row = 0; row < job->buildings->n; row++) {
            const char *id = text_of(job->buildings, row, "id");
            const char *how = text_of(job->buildings, row, "how");
            if (id != NULL && strcmp(id, feature) == 0 && how != NULL && strcmp(how, "none") == 0) {
                job->building_skip[row] = true;
            }
        }
    }
    return WG_OK;
}

wg_status wg_report_read_plan(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    WG_TRY(wg_store_open(ctx, job->options->plan, WG_STORE_READ, &job->store));
    WG_TRY(wg_store_get(ctx, job->store, "cells", &job->cells));
    WG_TRY(wg_store_get(ctx, job->store, "communities", &job->communities));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "levels", &job->levels));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "buildings", &job->buildings));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "shares", &job->shares));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "barriers", &job->barriers));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "exceptions", &job->exceptions));
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "runs", &job->runs));
    if (job->cells->n == 0) {
        WG_TRY(wg_fail(ctx, WG_EDATA, "%s: the plan has no cells", job->options->plan));
    }
    for (size_t row = 0; row < job->runs->n; row++) {
        const char *attribution = text_of(job->runs, row, "attrib");
        if (attribution != NULL) {
            free(job->attribution);
            job->attribution = wg_strdup(attribution);
        }
    }
    job->field_used = wg_calloc(job->options->n_fields, sizeof *job->field_used);
    if (job->field_used == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(find_doubles(ctx, job));
    WG_TRY(wg_report_note_filled(ctx, job, "runs", job->runs));
    WG_TRY(wg_report_note_filled(ctx, job, "communities", job->communities));
    WG_TRY(wg_report_note_filled(ctx, job, "cells", job->cells));
    WG_TRY(wg_report_note_filled(ctx, job, "buildings", job->buildings));
done:
    return status;
}

/* ------------------------------------------------------------------ places */

static wg_status ready_locators(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    if (job->locator == NULL) {
        WG_TRY(wg_locator_new(ctx, job->cells, &job->locator));
        WG_TRY(wg_locator_new(ctx, job->communities, &job->community_locator));
    }
done:
    return status;
}

/** Points (centroids) of rows whose cell is not known yet: cells first, then communities. */
static wg_status locate_rows(wg_context *ctx, wg_report_job *job, const wg_layer *layer, const size_t *rows, size_t n,
                             uint32_t *place) {
    wg_status status = WG_OK;
    double *xy = wg_malloc(2 * n, sizeof *xy);
    uint32_t *cell = wg_malloc(n, sizeof *cell);
    uint32_t *community = wg_malloc(n, sizeof *community);
    if (xy == NULL || cell == NULL || community == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(ready_locators(ctx, job));
    for (size_t i = 0; i < n; i++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, rows[i], &bytes);
        if (wkb == NULL || !wg_wkb_centroid(wkb, bytes, &xy[2 * i])) {
            xy[2 * i] = xy[2 * i + 1] = NAN;
        }
    }
    WG_TRY(wg_locator_find(ctx, job->locator, xy, n, cell));
    WG_TRY(wg_locator_find(ctx, job->community_locator, xy, n, community));
    for (size_t i = 0; i < n; i++) {
        place[rows[i]] = wg_report_place(&job->tree, cell[i], community[i]);
    }
done:
    free(xy);
    free(cell);
    free(community);
    return status;
}

wg_status wg_report_find_places(wg_context *ctx, wg_report_job *job, const wg_layer *layer, uint32_t cell,
                                uint32_t *place) {
    wg_status status = WG_OK;
    size_t n = 0;
    size_t *rows = wg_malloc(layer->n, sizeof *rows);
    if (rows == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < layer->n; row++) {
        char text[32];
        const uint32_t found =
            cell == UINT32_MAX ? WG_UNASSIGNED : wg_report_cell(&job->tree, wg_fields_text(layer, row, cell, text));
        place[row] = wg_report_place(&job->tree, found, WG_UNASSIGNED);
        if (found == WG_UNASSIGNED && layer->wkb_offset[row + 1] > layer->wkb_offset[row]) {
            rows[n++] = row;
        }
    }
    if (n > 0) {
        WG_TRY(locate_rows(ctx, job, layer, rows, n, place));
    }
done:
    free(rows);
    return status;
}

/* ------------------------------------------------------------------ workers and facilities */

/** Read one input whole and bring it to the plan's CRS where it has geometry. */
static wg_status read_input(wg_context *ctx, wg_report_job *job, const wg_input *input, const char *role,
                            wg_layer **layer) {
    wg_status status = WG_OK;
    bool geometry = false;
    WG_TRY(wg_read(ctx, input, role, layer));
    WG_TRY(wg_report_note_filled(ctx, job, role, *layer));
    geometry = (*layer)->wkb_length > 0;
    if (geometry) {
        WG_TRY(wg_crs_transform(ctx, *layer, wg_store_crs(job->store)));
    }
done:
    return status;
}

static void tell_fields(wg_report_job *job, const char *role, const wg_layer *layer, const wg_fields *fields) {
    wg_buffer_printf(&job->understood, "%s: ", role);
    wg_fields_list(layer, fields, &job->understood);
    wg_buffer_text(&job->understood, "\n");
}

static double number_of(const wg_layer *layer, size_t row, uint32_t column) {
    if (column == UINT32_MAX || wg_layer_is_null(layer, row, column)) {
        return NAN;
    }
    if (wg_layer_column_type(layer, column) == WG_TEXT) {
        char *end;
        const char *text = wg_layer_text(layer, row, column);
        const double value = strtod(text, &end);
        return end == text ? NAN : value;
    }
    return wg_layer_column_type(layer, column) == WG_INTEGER ? (double)wg_layer_integer(layer, row, column)
                                                             : wg_layer_real(layer, row, column);
}

/** Rows of any worker table as the contract's layer. */
static wg_status take_workers(wg_context *ctx, wg_report_job *job, const wg_layer *raw, const wg_fields *fields) {
    wg_status status = WG_OK;
    const uint32_t cell = fields->column[WG_ROLE_CELL];
    uint32_t *place = wg_malloc(raw->n, sizeof *place);
    if (place == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_contract_new_layer(ctx, "workers", wg_layer_crs(job->cells), &job->workers));
    WG_TRY(wg_report_find_places(ctx, job, raw, cell, place));
    wg_row at = {.ctx = ctx, .layer = job->workers};
    for (size_t row = 0; row < raw->n; row++) {
        char id[32];
        char role[32];
        char code[32];
        const char *stated = cell == UINT32_MAX ? NULL : wg_fields_text(raw, row, cell, code);
        const bool located = place[row] < job->tree.n_cells;
        const char *name =
            fields->column[WG_ROLE_ID] == UINT32_MAX ? NULL : wg_fields_text(raw, row, fields->column[WG_ROLE_ID], id);
        wg_row_begin(&at, NULL, 0);
        wg_row_text(&at, "id", name);
        wg_row_text(&at, "role",
                    fields->column[WG_ROLE_ROLE] == UINT32_MAX
                        ? NULL
                        : wg_fields_text(raw, row, fields->column[WG_ROLE_ROLE], role));
        wg_row_real(&at, "fte", number_of(raw, row, fields->column[WG_ROLE_FTE]));
        wg_row_text(&at, "cell",
                    stated != NULL && stated[0] != '\0' ? stated
                    : located                           ? job->tree.code[place[row]]
                                                        : NULL);
    }
    status = at.status;
done:
    free(place);
    return status;
}

/** List the workers whose cell the plan does not know. */
static wg_status reject_workers(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    for (size_t row = 0; row < job->workers->n && status == WG_OK; row++) {
        const char *cells = text_of(job->workers, row, "cell");
        const char *id = text_of(job->workers, row, "id");
        char *list = wg_strdup(cells == NULL ? "" : cells);
        if (list == NULL) {
            return wg_fail_memory(ctx);
        }
        char *rest = NULL;
        bool any = false;
        bool known = true;
        for (char *code = strtok_r(list, ";,| ", &rest); code != NULL; code = strtok_r(NULL, ";,| ", &rest)) {
            any = true;
            known = known && (wg_report_cell(&job->tree, code) != WG_UNASSIGNED ||
                              wg_report_community(&job->tree, code) != WG_UNASSIGNED);
        }
        free(list);
        if (!any || !known) {
            status = wg_report_reject_row(ctx, job, "workers", id == NULL ? "" : id,
                                          any ? wg_report_say(job, "the plan has no such cell", "方案中没有该网格")
                                              : wg_report_say(job, "no cell", "未填网格"));
        }
    }
    return status;
}

wg_status wg_report_read_workers(wg_context *ctx, wg_report_job *job) {
    static const wg_role roles[] = {WG_ROLE_ID, WG_ROLE_ROLE, WG_ROLE_FTE, WG_ROLE_CELL};
    wg_status status = WG_OK;
    wg_layer *raw = NULL;
    if (wg_input_given(&job->options->workers)) {
        wg_fields fields;
        WG_TRY(read_input(ctx, job, &job->options->workers, "workers", &raw));
        WG_TRY(wg_fields_match(ctx, raw, "workers", roles, 4, job->options->fields, job->options->n_fields,
                               job->field_used, &fields));
        tell_fields(job, "workers", raw, &fields);
        if (fields.column[WG_ROLE_CELL] == UINT32_MAX && raw->wkb_length == 0) {
            WG_TRY(wg_fields_need(ctx, raw, &fields, WG_ROLE_CELL));
        }
        WG_TRY(take_workers(ctx, job, raw, &fields));
        WG_TRY(reject_workers(ctx, job));
    } else if (wg_store_has(job->store, "workers")) {
        WG_TRY(wg_store_get(ctx, job->store, "workers", &job->workers));
    }
done:
    wg_layer_free(raw);
    return status;
}

wg_status wg_report_read_facilities(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    if (wg_input_given(&job->options->facilities)) {
        WG_TRY(read_input(ctx, job, &job->options->facilities, "facilities", &job->facilities));
        if (job->facilities->wkb_length == 0) {
            WG_TRY(wg_fail(ctx, WG_EDATA, "%s: facilities without coordinates", wg_layer_source(job->facilities)));
        }
    }
done:
    return status;
}
