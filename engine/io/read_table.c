/* Tables: coordinates in columns, and the header row of a spreadsheet. */
#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "io/reader.h"
#include "model/number.h"
#include "model/wkb.h"

enum { HEADER_SEARCH_ROWS = 20, DEGREE_SAMPLE_ROWS = 1000 };

/* ---------------------------------------------------------------- coordinates */

static uint32_t column_for(const wg_layer *schema, wg_role role) {
    uint32_t found = UINT32_MAX;
    int best = 0;
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        int score = 0;
        if (wg_role_of(schema->columns[c].name, &score) == role && score > best) {
            best = score;
            found = c;
        }
    }
    return found;
}

static wg_status named_column(wg_context *ctx, const wg_layer *schema, const char *name, wg_role role,
                              uint32_t *column) {
    *column = name == NULL ? column_for(schema, role) : wg_layer_column(schema, name);
    if (name != NULL && *column == UINT32_MAX) {
        return wg_fail(ctx, WG_ENOTFOUND, "%s: no field named %s", wg_layer_source(schema), name);
    }
    return WG_OK;
}

/** Whether a column's name speaks of degrees (经度, lon, lng, longitude), not of x. */
static bool speaks_of_degrees(const char *name) {
    static const char *const parts[] = {"lon", "lng", "经", "jd", NULL};
    char folded[256];
    bool found = false;
    (void)wg_text_fold_into(name, folded, sizeof folded);
    for (size_t i = 0; parts[i] != NULL && !found; i++) {
        found = strstr(folded, parts[i]) != NULL;
    }
    return found;
}

/** Whether all sampled coordinates are possible degrees; 180 for both, since exchanged ones are told later. */
static wg_status sample_is_degrees(wg_context *ctx, wg_reader *reader, bool *degrees) {
    const size_t batch_rows = reader->batch_rows;
    wg_layer *sample = NULL;
    reader->batch_rows = DEGREE_SAMPLE_ROWS;
    OGR_L_ResetReading(reader->ogr);
    const wg_status status = wg_reader_next(ctx, reader, &sample);
    *degrees = status == WG_OK && sample != NULL;
    for (size_t row = 0; *degrees && row < sample->n; row++) {
        double b[4];
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(sample, row, &bytes);
        *degrees = wkb == NULL || !wg_wkb_bounds(wkb, bytes, b) ||
                   (b[0] >= -180.0 && b[2] <= 180.0 && b[1] >= -180.0 && b[3] <= 180.0);
    }
    wg_layer_free(sample);
    reader->batch_rows = batch_rows;
    reader->ended = false;
    return status;
}

static wg_status keep_name(wg_context *ctx, const wg_layer *schema, uint32_t column, char **name) {
    if (column == UINT32_MAX) {
        return WG_OK;
    }
    *name = wg_strdup(schema->columns[column].name);
    return *name == NULL ? wg_fail_memory(ctx) : WG_OK;
}

wg_status wg_reader_coordinates(wg_context *ctx, wg_reader *reader, const wg_read_options *options) {
    const wg_layer *schema = reader->schema;
    wg_status status = WG_OK;
    WG_TRY(named_column(ctx, schema, options->x_field, WG_ROLE_X, &reader->x));
    WG_TRY(named_column(ctx, schema, options->y_field, WG_ROLE_Y, &reader->y));
    reader->wkt = column_for(schema, WG_ROLE_WKT);
    if (reader->x == UINT32_MAX || reader->y == UINT32_MAX) {
        reader->x = reader->y = UINT32_MAX;
    } else {
        reader->wkt = UINT32_MAX;
    }
    WG_TRY(keep_name(ctx, schema, reader->x, &reader->x_field));
    WG_TRY(keep_name(ctx, schema, reader->y, &reader->y_field));
    WG_TRY(keep_name(ctx, schema, reader->wkt, &reader->wkt_field));
    if (reader->x != UINT32_MAX) {
        reader->info.geometry = "point";
        bool degrees = false;
        if (reader->crs == NULL && speaks_of_degrees(reader->x_field)) {
            WG_TRY(sample_is_degrees(ctx, reader, &degrees));
        }
        if (degrees) {
            reader->crs = wg_strdup("EPSG:4326");
            reader->info.crs_known = WG_KNOWN_DETECTED;
            status = reader->crs == NULL ? wg_fail_memory(ctx) : WG_OK;
        }
    } else if (reader->wkt != UINT32_MAX) {
        reader->info.geometry = "mixed";
    }
done:
    return status;
}

static bool coordinate(const wg_layer *batch, size_t row, uint32_t column, double *value) {
    if (wg_layer_is_null(batch, row, column)) {
        return false;
    }
    if (batch->columns[column].type != WG_TEXT) {
        *value = wg_layer_real(batch, row, column);
        return isfinite(*value);
    }
    const char *text = wg_layer_text(batch, row, column);
    char *end = NULL;
    *value = CPLStrtod(text, &end); /* most are plain numbers; the rest as people type them */
    if (end != text && *end == '\0' && strspn(text, "0123456789.+-eE") == strlen(text)) {
        return isfinite(*value);
    }
    return wg_number_parse(text, value) == WG_NUMBER_EXACT;
}

static wg_status put_wkt(wg_context *ctx, const wg_reader *reader, const char *text, wg_layer *batch, size_t row) {
    char *at = (char *)(uintptr_t)text; /* read only, whatever the prototype says */
    OGRGeometryH geometry = NULL;
    wg_status status = WG_OK;
    if (OGR_G_CreateFromWkt(&at, NULL, &geometry) == OGRERR_NONE) {
        status = wg_reader_geometry(ctx, reader, geometry, batch, row);
    }
    OGR_G_DestroyGeometry(geometry);
    return status; /* unreadable WKT: a row without geometry, which whoever needs one lists */
}

wg_status wg_reader_point(wg_context *ctx, const wg_reader *reader, wg_layer *batch, size_t row) {
    if (reader->wkt != UINT32_MAX) {
        const char *text = wg_layer_text(batch, row, reader->wkt);
        return text == NULL ? WG_OK : put_wkt(ctx, reader, text, batch, row);
    }
    double x = NAN, y = NAN;
    if (!coordinate(batch, row, reader->x, &x) || !coordinate(batch, row, reader->y, &y)) {
        return WG_OK;
    }
    wg_buffer out = {.data = (char *)batch->wkb, .length = batch->wkb_length, .capacity = batch->wkb_capacity};
    wg_wkb_put_point(&out, x, y);
    batch->wkb = (uint8_t *)out.data;
    batch->wkb_capacity = out.capacity;
    if (out.failed) {
        return wg_fail_memory(ctx);
    }
    batch->wkb_length = out.length;
    batch->wkb_offset[batch->n] = out.length;
    return WG_OK;
}

/* ---------------------------------------------------------------- spreadsheets */

/** How much a row looks like a header: known words count ten, other filled cells one. */
static int header_score(OGRFeatureH feature, int fields) {
    int score = 0;
    for (int i = 0; i < fields; i++) {
        if (!OGR_F_IsFieldSetAndNotNull(feature, i)) {
            continue;
        }
        const char *text = OGR_F_GetFieldAsString(feature, i);
        double value = 0.0;
        if (text[0] != '\0' && wg_number_parse(text, &value) == WG_NUMBER_BAD) {
            score += wg_role_of(text, NULL) != WG_N_ROLES ? 10 : 1;
        }
    }
    return score;
}

static wg_status header_columns(wg_context *ctx, wg_reader *reader, OGRFeatureH header, int fields) {
    wg_buffer name = {0};
    wg_status status = WG_OK;
    reader->field_of = wg_calloc((size_t)fields, sizeof *reader->field_of);
    if (reader->field_of == NULL) {
        return wg_fail_memory(ctx);
    }
    for (int i = 0; i < fields; i++) {
        wg_buffer_clear(&name);
        const char *text =
            header != NULL && OGR_F_IsFieldSetAndNotNull(header, i) ? OGR_F_GetFieldAsString(header, i) : "";
        wg_buffer_text(&name, text);
        if (name.length == 0) {
            wg_buffer_printf(&name, "field_%d", i + 1);
        }
        const size_t length = name.length;
        for (int copy = 2; !name.failed && wg_layer_column(reader->schema, name.data) != UINT32_MAX; copy++) {
            name.length = length;
            wg_buffer_printf(&name, "_%d", copy);
        }
        uint32_t column = 0;
        WG_TRY(name.failed ? wg_fail_memory(ctx)
                           : wg_layer_add_column(ctx, reader->schema, name.data, WG_TEXT, &column));
        reader->field_of[column] = i;
    }
done:
    wg_buffer_release(&name);
    return status;
}

wg_status wg_reader_sheet(wg_context *ctx, wg_reader *reader) {
    const int fields = OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(reader->ogr));
    OGRFeatureH header = NULL;
    int best = 0;
    OGR_L_ResetReading(reader->ogr);
    for (int n = 0; n < HEADER_SEARCH_ROWS; n++) {
        OGRFeatureH feature = OGR_L_GetNextFeature(reader->ogr);
        if (feature == NULL) {
            break;
        }
        const int score = header_score(feature, fields);
        if (score > best) {
            best = score;
            OGR_F_Destroy(header);
            header = feature;
            reader->skip_rows = (int64_t)OGR_F_GetFID(feature);
        } else {
            OGR_F_Destroy(feature);
        }
    }
    const wg_status status = header_columns(ctx, reader, header, fields);
    OGR_F_Destroy(header);
    OGR_L_ResetReading(reader->ogr);
    return status;
}
