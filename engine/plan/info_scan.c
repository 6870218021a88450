/* One pass over a layer in batches: counts, extent, values, geometry problems. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/number.h"
#include "model/wkb.h"
#include "plan/info.h"

static bool is_number_role(wg_role role) {
    switch (role) {
    case WG_ROLE_HOUSEHOLDS:
    case WG_ROLE_POPULATION:
    case WG_ROLE_REGISTERED:
    case WG_ROLE_FLOATING:
    case WG_ROLE_FLOORS:
    case WG_ROLE_HEIGHT:
    case WG_ROLE_AREA:
    case WG_ROLE_STAIRS:
    case WG_ROLE_COUNT:
    case WG_ROLE_FTE:
        return true;
    default:
        return false;
    }
}

/* ---------------------------------------------------------------- values */

static bool keep_sample(wg_info_column *column, const char *text) {
    for (int i = 0; i < WG_INFO_SAMPLES; i++) {
        if (column->sample[i] == NULL) {
            column->sample[i] = wg_strndup(text, wg_utf8_cut(text, 40));
            return column->sample[i] != NULL;
        }
        if (strncmp(column->sample[i], text, 40) == 0) {
            return true;
        }
    }
    return true;
}

static void count_number(wg_info_column *column, double value) {
    column->numbers++;
    column->sum += value;
    column->negative += value < 0.0 ? 1 : 0;
    column->min = isnan(column->min) || value < column->min ? value : column->min;
    column->max = isnan(column->max) || value > column->max ? value : column->max;
}

static bool scan_value(const wg_layer *batch, size_t row, uint32_t c, wg_info_column *column) {
    char buffer[32];
    const char *text = wg_fields_text(batch, row, c, buffer);
    double value = 0.0;
    if (text == NULL) {
        column->missing++;
        return true;
    }
    switch (wg_number_parse(text, &value)) {
    case WG_NUMBER_MISSING:
        column->missing++;
        return true;
    case WG_NUMBER_BAD:
        column->texts++;
        column->unreadable += is_number_role(column->role) ? 1 : 0;
        break;
    case WG_NUMBER_ABOUT:
        column->about++;
        count_number(column, value);
        break;
    case WG_NUMBER_EXACT:
    default:
        count_number(column, value);
        break;
    }
    return keep_sample(column, text);
}

/* ---------------------------------------------------------------- geometry */

static void add_problem(wg_info_layer *info, const char *kind, int64_t feature) {
    uint32_t i = 0;
    while (i < info->n_problems && strcmp(info->problems[i].kind, kind) != 0) {
        i++;
    }
    if (i == info->n_problems && i + 1 >= WG_INFO_PROBLEMS) {
        kind = "other";
        i = WG_INFO_PROBLEMS - 1;
    }
    if (i >= info->n_problems) {
        info->n_problems = i + 1;
        (void)snprintf(info->problems[i].kind, sizeof info->problems[i].kind, "%s", kind);
        info->problems[i].first = feature;
    }
    info->problems[i].count++;
}

static void count_type(wg_info_layer *info, uint32_t type) {
    switch (type) {
    case WG_WKB_POINT:
    case WG_WKB_MULTIPOINT:
        info->points++;
        break;
    case WG_WKB_LINESTRING:
    case WG_WKB_MULTILINESTRING:
        info->lines++;
        break;
    case WG_WKB_POLYGON:
    case WG_WKB_MULTIPOLYGON:
        info->polygons++;
        break;
    default:
        info->others++;
        break;
    }
}

static wg_status scan_geometry(wg_context *ctx, wg_geos *geos, const wg_layer *batch, size_t row, wg_info_layer *info) {
    size_t bytes = 0;
    double b[4];
    const void *wkb = wg_layer_wkb(batch, row, &bytes);
    if (wkb == NULL) {
        if (strcmp(info->source.geometry, "none") != 0) {
            add_problem(info, "without geometry", batch->fid[row]);
        }
        return WG_OK;
    }
    info->with_geometry++;
    const uint32_t type = wg_wkb_type(wkb, bytes);
    count_type(info, type);
    if (!wg_wkb_bounds(wkb, bytes, b) || !isfinite(b[0] + b[1] + b[2] + b[3])) {
        add_problem(info, "coordinates that are no numbers", batch->fid[row]);
        return WG_OK;
    }
    for (int k = 0; k < 2; k++) {
        info->bounds[k] = b[k] < info->bounds[k] ? b[k] : info->bounds[k];
        info->bounds[k + 2] = b[k + 2] > info->bounds[k + 2] ? b[k + 2] : info->bounds[k + 2];
    }
    if (type == WG_WKB_POLYGON || type == WG_WKB_MULTIPOLYGON) {
        bool valid = true;
        wg_invalidity why;
        const wg_status status = wg_geos_is_valid(ctx, geos, wkb, bytes, &valid, &why);
        if (status != WG_OK) {
            return status;
        }
        if (!valid) {
            add_problem(info, why.reason, batch->fid[row]);
        }
    }
    return WG_OK;
}

/* ---------------------------------------------------------------- the pass */

static wg_status make_columns(wg_context *ctx, const wg_layer *schema, wg_info_layer *info) {
    wg_fields fields;
    info->columns = wg_calloc(schema->n_columns, sizeof *info->columns);
    if (info->columns == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = wg_fields_match(ctx, schema, NULL, NULL, 0, NULL, 0, NULL, &fields);
    for (uint32_t c = 0; c < schema->n_columns && status == WG_OK; c++) {
        wg_info_column *column = &info->columns[info->n_columns++];
        *column = (wg_info_column){.type = schema->columns[c].type, .role = WG_N_ROLES, .min = NAN, .max = NAN};
        column->name = wg_strdup(schema->columns[c].name);
        if (column->name == NULL) {
            return wg_fail_memory(ctx);
        }
        for (uint32_t r = 0; r < WG_N_ROLES; r++) {
            column->role = fields.column[r] == c ? (wg_role)r : column->role;
        }
        const bool names =
            column->role == WG_ROLE_ID || column->role == WG_ROLE_CODE || column->role == WG_ROLE_BUILDING;
        column->is_figure = is_number_role(column->role) || (column->type != WG_TEXT && !names);
    }
    return status;
}

static wg_status scan_batch(wg_context *ctx, wg_geos *geos, const wg_layer *batch, wg_info_layer *info) {
    for (size_t row = 0; row < batch->n; row++) {
        const wg_status status = scan_geometry(ctx, geos, batch, row, info);
        if (status != WG_OK) {
            return status;
        }
        for (uint32_t c = 0; c < batch->n_columns; c++) {
            if (!scan_value(batch, row, c, &info->columns[c])) {
                return wg_fail_memory(ctx);
            }
        }
        info->rows++;
        if (row % 4096 == 0 && wg_cancelled(ctx)) {
            return wg_fail(ctx, WG_ECANCELLED, "interrupted");
        }
    }
    return WG_OK;
}

static wg_status scan_rows(wg_context *ctx, wg_info_layer *info) {
    wg_geos *geos = NULL;
    wg_layer *batch = NULL;
    wg_status status = wg_geos_open(ctx, &geos);
    while (status == WG_OK) {
        WG_TRY(wg_reader_next(ctx, info->reader, &batch));
        if (batch == NULL) {
            break;
        }
        WG_TRY(scan_batch(ctx, geos, batch, info));
        if (info->kept == NULL) {
            info->kept = batch;
        } else {
            wg_layer_free(batch);
        }
        batch = NULL;
    }
done:
    wg_layer_free(batch);
    wg_geos_close(geos);
    return status;
}

/* ---------------------------------------------------------------- doubts about values */

void wg_info_doubt(wg_info_layer *info, const wg_doubt *doubt) {
    if (info->n_doubts < WG_INFO_DOUBTS) {
        info->doubts[info->n_doubts++] = *doubt;
    }
}

/** Known for part of the rows only: figures of cells would be far too low. */
static void doubt_missing(wg_info_layer *info, const wg_info_column *column) {
    const bool people = column->role == WG_ROLE_HOUSEHOLDS || column->role == WG_ROLE_POPULATION;
    const uint64_t known = info->rows - column->missing;
    if (!people || info->rows == 0 || 2 * known >= info->rows) {
        return;
    }
    wg_doubt doubt = {.code = "sparse_figures"};
    (void)snprintf(doubt.detail, sizeof doubt.detail, "field %.60s is known for %llu of %llu features (%.0f %%)",
                   column->name, (unsigned long long)known, (unsigned long long)info->rows,
                   100.0 * (double)known / (double)info->rows);
    (void)snprintf(doubt.advice, sizeof doubt.advice, "wangge populate fills it from totals where they are known");
    wg_info_doubt(info, &doubt);
}

static void doubt_number(wg_info_layer *info, const wg_info_column *column, const char *code, uint64_t count,
                         const char *what, const char *advice) {
    if (count == 0) {
        return;
    }
    wg_doubt doubt = {0};
    (void)snprintf(doubt.code, sizeof doubt.code, "%s", code);
    (void)snprintf(doubt.detail, sizeof doubt.detail, "field %.60s: %llu %s", column->name, (unsigned long long)count,
                   what);
    (void)snprintf(doubt.advice, sizeof doubt.advice, "%s", advice);
    wg_info_doubt(info, &doubt);
}

static void doubt_values(wg_info_layer *info) {
    for (uint32_t c = 0; c < info->n_columns; c++) {
        const wg_info_column *column = &info->columns[c];
        if (!is_number_role(column->role)) {
            continue;
        }
        doubt_missing(info, column);
        doubt_number(info, column, "unreadable_number", column->unreadable, "values are not numbers",
                     "correct them; they count as unknown");
        doubt_number(info, column, "negative_number", column->negative, "values are negative",
                     "correct them; no job accepts them");
        doubt_number(info, column, "about_number", column->about, "values are only about (约, 左右)",
                     "they are taken as written");
    }
    for (uint32_t i = 0; i < info->n_problems; i++) {
        wg_doubt doubt = {.code = "geometry"};
        (void)snprintf(doubt.detail, sizeof doubt.detail, "%llu features: %s (first: feature %lld)",
                       (unsigned long long)info->problems[i].count, info->problems[i].kind,
                       (long long)info->problems[i].first);
        (void)snprintf(doubt.advice, sizeof doubt.advice, "%s",
                       strcmp(info->problems[i].kind, "without geometry") == 0 ? "they are listed and left out"
                                                                               : "partition repairs and lists them");
        wg_info_doubt(info, &doubt);
    }
}

wg_status wg_info_scan(wg_context *ctx, const wg_input *input, const char *layer_name, const char *input_name,
                       wg_info_layer *info) {
    wg_buffer source = {0};
    wg_read_options options = {.crs = input->crs, .encoding = input->encoding, .batch_rows = WG_INFO_KEPT_ROWS};
    wg_status status = WG_OK;
    *info = (wg_info_layer){.bounds = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    wg_buffer_text(&source, input->source);
    if (layer_name != NULL) {
        wg_buffer_printf(&source, "|layername=%s", layer_name);
    }
    info->input_name = wg_strdup(input_name);
    if (source.failed || info->input_name == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_reader_open(ctx, source.data, NULL, &options, &info->reader));
    info->source = *wg_reader_source(info->reader);
    info->label = wg_strdup(wg_layer_source(wg_reader_schema(info->reader)));
    if (info->label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    if (info->source.crs != NULL) {
        WG_TRY(wg_crs_describe(ctx, info->source.crs, &info->crs));
    }
    WG_TRY(make_columns(ctx, wg_reader_schema(info->reader), info));
    WG_TRY(scan_rows(ctx, info));
    if (info->kept != NULL) {
        WG_TRY(wg_crs_doubts(ctx, info->kept, input_name, info->doubts, &info->n_doubts));
    }
    doubt_values(info);
done:
    wg_buffer_release(&source);
    return status;
}

void wg_info_layer_release(wg_info_layer *info) {
    for (uint32_t c = 0; c < info->n_columns; c++) {
        free(info->columns[c].name);
        for (int i = 0; i < WG_INFO_SAMPLES; i++) {
            free(info->columns[c].sample[i]);
        }
    }
    free(info->columns);
    free(info->label);
    free(info->input_name);
    wg_reader_close(info->reader);
    wg_layer_free(info->kept);
    *info = (wg_info_layer){0};
}
