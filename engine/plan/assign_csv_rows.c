/* From CSV to any other format: the decided rows of a piece become a layer on the thread that decided them, and go to
 * the sink in the order of the file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/read.h"
#include "model/wkb.h"
#include "plan/assign_csv.h"

/* ---- columns ---- */

/* A name that the schema does not have yet. */
static wg_status unique_name(wg_context *ctx, const wg_layer *schema, const char *name, uint32_t field,
                             wg_buffer *out) {
    wg_buffer_clear(out);
    if (name[0] == '\0') {
        wg_buffer_printf(out, "field_%u", field + 1);
    } else {
        wg_buffer_text(out, name);
    }
    const size_t length = out->length;
    for (int copy = 2; !out->failed && wg_layer_column(schema, out->data) != UINT32_MAX; copy++) {
        out->length = length;
        wg_buffer_printf(out, "_%d", copy);
    }
    return out->failed ? wg_fail_memory(ctx) : WG_OK;
}

/* "events" of "/data/events.csv". */
static char *stem_of(const char *path) {
    const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1, *dot = strrchr(base, '.');
    return dot == NULL || dot == base ? wg_strdup(base) : wg_strndup(base, (size_t)(dot - base));
}

wg_status wg_csv_schema(wg_context *ctx, const csv_job *shared, wg_layer **schema) {
    const char *path = shared->job->options->features.source;
    wg_status status = WG_OK;
    wg_layer *made = NULL;
    wg_buffer name = {0};
    char *stem = stem_of(path), *label = wg_source_label(path);
    if (stem == NULL || label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_layer_new(ctx, stem, shared->job->features_crs, &made));
    WG_TRY(wg_layer_set_source(ctx, made, label));
    for (uint32_t f = 0; f < shared->info->n_fields; f++) {
        WG_TRY(unique_name(ctx, made, shared->info->field[f], f, &name));
        WG_TRY(wg_layer_add_column(ctx, made, name.data, WG_TEXT, NULL));
    }
    *schema = made;
    made = NULL;
done:
    wg_layer_free(made);
    wg_buffer_release(&name);
    free(stem);
    free(label);
    return status;
}

/* ---- rows ---- */

/* The values of one record, each with its NUL, at *out; an empty one is unknown. */
static wg_status take_values(wg_context *ctx, csv_worker *own, size_t row, char **out) {
    const csv_job *shared = own->shared;
    const csv_row *from = &own->rows[row];
    wg_csv_record record;
    const char *at = from->text;
    (void)wg_csv_scan(shared->info->delimiter, shared->info->newline, &at, from->text + from->length, own->fields,
                      shared->info->n_fields, &record);
    const uint32_t n = record.n_fields < shared->info->n_fields ? record.n_fields : shared->info->n_fields;
    for (uint32_t f = 0; f < n; f++) {
        const wg_csv_field *field = &own->fields[f];
        const char *text = field->text;
        size_t length = field->length;
        if (length > 0 && text[0] == '"') {
            wg_buffer_clear(&own->scratch);
            wg_csv_unquote(field, &own->scratch);
            text = own->scratch.data;
            length = own->scratch.length;
        }
        if (length > 0) {
            memcpy(*out, text, length);
            (*out)[length] = '\0';
            own->layer->columns[f].value.text[row] = *out;
            own->layer->columns[f].null[row] = 0;
            *out += length + 1;
        }
    }
    return own->scratch.failed ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status take_points(wg_context *ctx, csv_worker *own) {
    wg_layer *layer = own->layer;
    wg_buffer wkb = {0};
    for (size_t row = 0; row < own->n; row++) {
        const double *xy = own->xy + 2 * row;
        if (isfinite(xy[0]) && isfinite(xy[1])) {
            wg_wkb_put_point(&wkb, xy[0], xy[1]);
        }
        layer->wkb_offset[row + 1] = wkb.length;
    }
    if (wkb.failed) {
        wg_buffer_release(&wkb);
        return wg_fail_memory(ctx);
    }
    layer->wkb = (uint8_t *)wkb.data;
    layer->wkb_length = wkb.length;
    layer->wkb_capacity = wkb.capacity;
    return WG_OK;
}

/* What is said of rows that could not be read; the others have nothing. */
static wg_status take_details(wg_context *ctx, csv_worker *own) {
    own->details = wg_calloc(own->n, sizeof *own->details);
    if (own->details == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < own->n; row++) {
        if (own->answers[row].why == WG_WHY_UNREADABLE) {
            wg_buffer_clear(&own->scratch);
            wg_csv_unreadable(own->shared, &own->rows[row], &own->scratch);
            own->details[row] =
                own->scratch.failed ? NULL : wg_arena_strdup(&own->layer->text, own->scratch.data, own->scratch.length);
            if (own->details[row] == NULL) {
                return wg_fail_memory(ctx);
            }
        }
    }
    return WG_OK;
}

wg_status wg_csv_piece_layer(wg_context *ctx, csv_worker *own) {
    const csv_job *shared = own->shared;
    const bool none[1] = {false};
    size_t first = 0;
    wg_status status = WG_OK;
    free(own->details);
    own->details = NULL;
    own->counts = (wg_assign_counts){0};
    WG_TRY(wg_layer_copy(ctx, shared->schema, none, &own->layer));
    WG_TRY(wg_layer_add_rows(ctx, own->layer, own->n, &first));
    char *text = wg_arena_alloc(&own->layer->text, own->piece.length + own->n * shared->info->n_fields + 1);
    if (text == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < own->n; row++) {
        own->layer->fid[row] = (int64_t)own->rows[row].line;
        WG_TRY(take_values(ctx, own, row, &text));
        wg_assign_count(&own->counts, &own->answers[row]);
    }
    WG_TRY(take_points(ctx, own));
    WG_TRY(take_details(ctx, own));
done:
    return status;
}

wg_status wg_csv_piece_send(wg_context *ctx, csv_worker *own) {
    csv_job *shared = own->shared;
    const wg_assign_cells *cells = &shared->job->cells;
    wg_status status = WG_OK;
    if (shared->reject_sink != NULL) {
        WG_TRY(wg_assign_sink_rejects(ctx, shared->reject_sink, cells, own->layer, own->answers, own->details));
    }
    WG_TRY(
        wg_assign_sink_rows(ctx, shared->sink, cells, &own->layer, own->answers, own->details, NULL, 0, &own->counts));
done:
    return status;
}
