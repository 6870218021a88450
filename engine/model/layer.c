#include "model/layer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/wkb.h"

static size_t value_size(wg_type type) {
    return type == WG_TEXT ? sizeof(const char *) : sizeof(int64_t);
}

/* The three pointers share storage; realloc through the one that the type names. */
static void **value_slot(wg_column *column) {
    switch (column->type) {
    case WG_TEXT:
        return (void **)&column->value.text;
    case WG_INTEGER:
        return (void **)&column->value.integer;
    case WG_REAL:
    default:
        return (void **)&column->value.real;
    }
}

wg_status wg_layer_new(wg_context *ctx, const char *name, const char *crs, wg_layer **layer) {
    wg_layer *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->name = wg_strdup(name == NULL ? "layer" : name);
    made->crs = wg_strdup(crs);
    made->wkb_offset = wg_calloc(1, sizeof *made->wkb_offset);
    if (made->name == NULL || (crs != NULL && made->crs == NULL) || made->wkb_offset == NULL) {
        wg_layer_free(made);
        return wg_fail_memory(ctx);
    }
    *layer = made;
    return WG_OK;
}

void wg_layer_free(wg_layer *layer) {
    if (layer == NULL) {
        return;
    }
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        free(layer->columns[c].name);
        free(layer->columns[c].null);
        free(*value_slot(&layer->columns[c]));
    }
    free(layer->columns);
    free(layer->name);
    free(layer->crs);
    free(layer->source);
    free(layer->fid);
    free(layer->wkb);
    free(layer->wkb_offset);
    free(layer->heights);
    wg_arena_release(&layer->text);
    free(layer);
}

wg_status wg_layer_set_source(wg_context *ctx, wg_layer *layer, const char *source) {
    char *copy = wg_strdup(source);
    if (source != NULL && copy == NULL) {
        return wg_fail_memory(ctx);
    }
    free(layer->source);
    layer->source = copy;
    return WG_OK;
}

const char *wg_layer_source(const wg_layer *layer) {
    return layer->source != NULL ? layer->source : layer->name;
}

wg_status wg_layer_set_crs(wg_context *ctx, wg_layer *layer, const char *crs) {
    char *copy = wg_strdup(crs);
    if (crs != NULL && copy == NULL) {
        return wg_fail_memory(ctx);
    }
    free(layer->crs);
    layer->crs = copy;
    return WG_OK;
}

static wg_status grow_column(wg_context *ctx, wg_column *column, size_t capacity) {
    uint8_t *null = wg_realloc(column->null, capacity, 1);
    if (null == NULL) {
        return wg_fail_memory(ctx);
    }
    column->null = null;
    void **slot = value_slot(column);
    void *values = wg_realloc(*slot, capacity, value_size(column->type));
    if (values == NULL) {
        return wg_fail_memory(ctx);
    }
    *slot = values;
    return WG_OK;
}

static void clear_value(wg_column *column, size_t row) {
    column->null[row] = 1;
    switch (column->type) {
    case WG_TEXT:
        column->value.text[row] = NULL;
        break;
    case WG_INTEGER:
        column->value.integer[row] = 0;
        break;
    case WG_REAL:
    default:
        column->value.real[row] = NAN;
        break;
    }
}

wg_status wg_layer_add_column(wg_context *ctx, wg_layer *layer, const char *name, wg_type type, uint32_t *column) {
    wg_status status = WG_OK;
    wg_column made = {.name = wg_strdup(name), .type = type};
    if (made.name == NULL || !WG_RESERVE(layer->columns, layer->columns_capacity, (size_t)layer->n_columns + 1)) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    if (layer->capacity > 0) {
        WG_TRY(grow_column(ctx, &made, layer->capacity));
        for (size_t row = 0; row < layer->n; row++) {
            clear_value(&made, row);
        }
    }
    if (column != NULL) {
        *column = layer->n_columns;
    }
    layer->columns[layer->n_columns++] = made;
    return WG_OK;
done:
    free(made.name);
    free(made.null);
    free(*value_slot(&made));
    return status;
}

/* Each array is grown on its own and `capacity` is raised last: a failure halfway leaves longer arrays, never shorter
 * ones. */
static wg_status grow_rows(wg_context *ctx, wg_layer *layer, size_t more) {
    if (more <= layer->capacity - layer->n) {
        return WG_OK;
    }
    const size_t doubled = layer->capacity < 16 ? 16 : layer->capacity * 2;
    const size_t capacity = doubled < layer->n + more ? layer->n + more : doubled;
    int64_t *fid = wg_realloc(layer->fid, capacity, sizeof *fid);
    if (fid == NULL) {
        return wg_fail_memory(ctx);
    }
    layer->fid = fid;
    size_t *offset = wg_realloc(layer->wkb_offset, capacity + 1, sizeof *offset);
    if (offset == NULL) {
        return wg_fail_memory(ctx);
    }
    layer->wkb_offset = offset;
    if (layer->heights != NULL) {
        const wg_heights **heights = wg_realloc(layer->heights, capacity, sizeof(const wg_heights *));
        if (heights == NULL) {
            return wg_fail_memory(ctx);
        }
        layer->heights = heights;
    }
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        const wg_status status = grow_column(ctx, &layer->columns[c], capacity);
        if (status != WG_OK) {
            return status;
        }
    }
    layer->capacity = capacity;
    return WG_OK;
}

wg_status wg_layer_add_row(wg_context *ctx, wg_layer *layer, const void *wkb, size_t wkb_bytes, size_t *row) {
    wg_status status = grow_rows(ctx, layer, 1);
    if (status != WG_OK) {
        return status;
    }
    wg_buffer normal = {.data = (char *)layer->wkb, .length = layer->wkb_length, .capacity = layer->wkb_capacity};
    if (wkb != NULL && wkb_bytes > 0) {
        status = wg_wkb_normalise(ctx, wkb, wkb_bytes, &normal);
    }
    layer->wkb = (uint8_t *)normal.data;
    layer->wkb_capacity = normal.capacity;
    if (status != WG_OK) {
        return status;
    }
    layer->wkb_length = normal.length;
    const size_t at = layer->n++;
    layer->wkb_offset[at + 1] = layer->wkb_length;
    layer->fid[at] = (int64_t)at;
    if (layer->heights != NULL) {
        layer->heights[at] = NULL;
    }
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        clear_value(&layer->columns[c], at);
    }
    if (row != NULL) {
        *row = at;
    }
    return WG_OK;
}

wg_status wg_layer_add_rows(wg_context *ctx, wg_layer *layer, size_t n, size_t *first) {
    const wg_status status = grow_rows(ctx, layer, n);
    if (status != WG_OK) {
        return status;
    }
    const size_t begin = layer->n, end = begin + n;
    for (size_t row = begin; row < end; row++) {
        layer->fid[row] = (int64_t)row;
        layer->wkb_offset[row + 1] = layer->wkb_length;
        if (layer->heights != NULL) {
            layer->heights[row] = NULL;
        }
    }
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        for (size_t row = begin; row < end; row++) {
            clear_value(&layer->columns[c], row);
        }
    }
    layer->n = end;
    *first = begin;
    return WG_OK;
}

static wg_status check_cell(wg_context *ctx, const wg_layer *layer, size_t row, uint32_t column, wg_type type) {
    if (row >= layer->n || column >= layer->n_columns) {
        return wg_fail(ctx, WG_EINVAL, "%s: row %zu, column %u: there is no such value", wg_layer_source(layer), row,
                       column);
    }
    if (layer->columns[column].type != type) {
        return wg_fail(ctx, WG_EINVAL, "%s: column %s is of another type", wg_layer_source(layer),
                       layer->columns[column].name);
    }
    return WG_OK;
}

wg_status wg_layer_set_text(wg_context *ctx, wg_layer *layer, size_t row, uint32_t column, const char *value) {
    const wg_status status = check_cell(ctx, layer, row, column, WG_TEXT);
    if (status != WG_OK) {
        return status;
    }
    if (value == NULL) {
        wg_layer_set_null(layer, row, column);
        return WG_OK;
    }
    const char *copy = wg_arena_strdup(&layer->text, value, strlen(value));
    if (copy == NULL) {
        return wg_fail_memory(ctx);
    }
    layer->columns[column].value.text[row] = copy;
    layer->columns[column].null[row] = 0;
    return WG_OK;
}

wg_status wg_layer_set_integer(wg_context *ctx, wg_layer *layer, size_t row, uint32_t column, int64_t value) {
    const wg_status status = check_cell(ctx, layer, row, column, WG_INTEGER);
    if (status == WG_OK) {
        layer->columns[column].value.integer[row] = value;
        layer->columns[column].null[row] = 0;
    }
    return status;
}

wg_status wg_layer_set_real(wg_context *ctx, wg_layer *layer, size_t row, uint32_t column, double value) {
    const wg_status status = check_cell(ctx, layer, row, column, WG_REAL);
    if (status == WG_OK) {
        layer->columns[column].value.real[row] = value;
        layer->columns[column].null[row] = 0;
    }
    return status;
}

void wg_layer_set_null(wg_layer *layer, size_t row, uint32_t column) {
    if (row < layer->n && column < layer->n_columns) {
        clear_value(&layer->columns[column], row);
    }
}

size_t wg_layer_rows(const wg_layer *layer) {
    return layer->n;
}

uint32_t wg_layer_columns(const wg_layer *layer) {
    return layer->n_columns;
}

const char *wg_layer_name(const wg_layer *layer) {
    return layer->name;
}

const char *wg_layer_crs(const wg_layer *layer) {
    return layer->crs;
}

const char *wg_layer_column_name(const wg_layer *layer, uint32_t column) {
    return column < layer->n_columns ? layer->columns[column].name : NULL;
}

wg_type wg_layer_column_type(const wg_layer *layer, uint32_t column) {
    return column < layer->n_columns ? layer->columns[column].type : WG_TEXT;
}

uint32_t wg_layer_column(const wg_layer *layer, const char *name) {
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        if (strcmp(layer->columns[c].name, name) == 0) {
            return c;
        }
    }
    return UINT32_MAX;
}

bool wg_layer_is_null(const wg_layer *layer, size_t row, uint32_t column) {
    return row >= layer->n || column >= layer->n_columns || layer->columns[column].null[row] != 0;
}

const char *wg_layer_text(const wg_layer *layer, size_t row, uint32_t column) {
    if (wg_layer_is_null(layer, row, column) || layer->columns[column].type != WG_TEXT) {
        return NULL;
    }
    return layer->columns[column].value.text[row];
}

int64_t wg_layer_integer(const wg_layer *layer, size_t row, uint32_t column) {
    if (wg_layer_is_null(layer, row, column) || layer->columns[column].type == WG_TEXT) {
        return 0;
    }
    if (layer->columns[column].type == WG_INTEGER) {
        return layer->columns[column].value.integer[row];
    }
    const double value = layer->columns[column].value.real[row];
    return fabs(value) < 9.2e18 ? (int64_t)llround(value) : 0; /* NaN fails the comparison */
}

double wg_layer_real(const wg_layer *layer, size_t row, uint32_t column) {
    if (wg_layer_is_null(layer, row, column) || layer->columns[column].type == WG_TEXT) {
        return NAN;
    }
    return layer->columns[column].type == WG_INTEGER ? (double)layer->columns[column].value.integer[row]
                                                     : layer->columns[column].value.real[row];
}

const void *wg_layer_wkb(const wg_layer *layer, size_t row, size_t *bytes) {
    *bytes = row < layer->n ? layer->wkb_offset[row + 1] - layer->wkb_offset[row] : 0;
    return *bytes > 0 ? layer->wkb + layer->wkb_offset[row] : NULL;
}

wg_status wg_layer_set_heights(wg_context *ctx, wg_layer *layer, size_t row, bool z, bool m, const double *values,
                               size_t n) {
    const size_t bytes = n * ((z ? 1u : 0u) + (m ? 1u : 0u)) * sizeof *values;
    wg_heights *made = wg_arena_alloc(&layer->text, sizeof *made + bytes);
    if (layer->heights == NULL) {
        layer->heights = wg_calloc(layer->capacity, sizeof(const wg_heights *));
    }
    if (made == NULL || layer->heights == NULL) {
        return wg_fail_memory(ctx);
    }
    made->z = z;
    made->m = m;
    made->n = n;
    if (bytes > 0) {
        memcpy(made->value, values, bytes);
    }
    layer->heights[row] = made;
    layer->has_z = layer->has_z || z;
    layer->has_m = layer->has_m || m;
    return WG_OK;
}

const wg_heights *wg_layer_heights(const wg_layer *layer, size_t row) {
    return layer->heights == NULL || row >= layer->n ? NULL : layer->heights[row];
}

void wg_layer_take_wkb(wg_layer *layer, uint8_t *wkb, size_t wkb_length, size_t *offset) {
    free(layer->wkb);
    free(layer->wkb_offset);
    free(layer->heights);
    layer->heights = NULL;
    layer->has_z = layer->has_m = false;
    layer->wkb = wkb;
    layer->wkb_length = layer->wkb_capacity = wkb_length;
    layer->wkb_offset = offset;
    /* The offsets may be shorter than the row capacity: the next added row must grow them. */
    layer->capacity = layer->n;
}

wg_status wg_layer_copy_value(wg_context *ctx, const wg_layer *from, size_t row, uint32_t column, wg_layer *to,
                              size_t to_row, uint32_t to_column) {
    if (wg_layer_is_null(from, row, column)) {
        return WG_OK;
    }
    switch (from->columns[column].type) {
    case WG_TEXT:
        return wg_layer_set_text(ctx, to, to_row, to_column, from->columns[column].value.text[row]);
    case WG_INTEGER:
        return wg_layer_set_integer(ctx, to, to_row, to_column, from->columns[column].value.integer[row]);
    case WG_REAL:
    default:
        return wg_layer_set_real(ctx, to, to_row, to_column, from->columns[column].value.real[row]);
    }
}

wg_status wg_layer_copy_row(wg_context *ctx, const wg_layer *from, size_t row, wg_layer *to) {
    size_t bytes = 0, at = 0;
    const void *wkb = wg_layer_wkb(from, row, &bytes);
    wg_status status = wg_layer_add_row(ctx, to, wkb, bytes, &at);
    for (uint32_t c = 0; c < from->n_columns && status == WG_OK; c++) {
        status = wg_layer_copy_value(ctx, from, row, c, to, at, c);
    }
    const wg_heights *heights = wg_layer_heights(from, row);
    if (status == WG_OK && heights != NULL) {
        status = wg_layer_set_heights(ctx, to, at, heights->z, heights->m, heights->value, heights->n);
    }
    if (status == WG_OK) {
        to->fid[at] = from->fid[row];
    }
    return status;
}

wg_status wg_layer_new_like(wg_context *ctx, const wg_layer *like, wg_layer **layer) {
    wg_layer *made = NULL;
    wg_status status = wg_layer_new(ctx, like->name, like->crs, &made);
    if (status != WG_OK) {
        return status;
    }
    made->has_z = like->has_z;
    made->has_m = like->has_m;
    WG_TRY(like->source == NULL ? WG_OK : wg_layer_set_source(ctx, made, like->source));
    for (uint32_t c = 0; c < like->n_columns; c++) {
        WG_TRY(wg_layer_add_column(ctx, made, like->columns[c].name, like->columns[c].type, NULL));
    }
    *layer = made;
    return WG_OK;
done:
    wg_layer_free(made);
    return status;
}

wg_status wg_layer_copy(wg_context *ctx, const wg_layer *layer, const bool *keep, wg_layer **copy) {
    wg_layer *made = NULL;
    wg_status status = wg_layer_new_like(ctx, layer, &made);
    if (status != WG_OK) {
        return status;
    }
    for (size_t row = 0; row < layer->n; row++) {
        if (keep == NULL || keep[row]) {
            WG_TRY(wg_layer_copy_row(ctx, layer, row, made));
        }
    }
    *copy = made;
    return WG_OK;
done:
    wg_layer_free(made);
    return status;
}

wg_status wg_layer_fail(wg_context *ctx, const wg_layer *layer, size_t row, wg_status status, const char *format, ...) {
    char message[WG_ERROR_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return wg_fail(ctx, status, "%s: feature %lld: %s", wg_layer_source(layer),
                   row < layer->n ? (long long)layer->fid[row] : (long long)row, message);
}
