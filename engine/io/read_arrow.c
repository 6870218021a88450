/*
 * Batches through OGR's Arrow stream: columns as arrays instead of a feature object a row. Used where GDAL 3.6 has it
 * natively (GeoPackage, FlatGeobuf) and every field is of a plain type. GDAL 3.6.2 loses the geometries of a GeoPackage
 * stream without any attribute: such layers are read feature by feature, and the FID is never left out.
 */
#include <math.h>
#include <ogr_recordbatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "io/reader.h"
#include "model/wkb.h"

struct wg_arrow {
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    int64_t *column_of; /**< of each child: column of the layer, or one of those below */
};

enum { CHILD_UNUSED = -1, CHILD_FID = -2, CHILD_GEOMETRY = -3 };

static bool plain_type(OGRFieldDefnH field) {
    switch (OGR_Fld_GetType(field)) {
    case OFTInteger:
    case OFTInteger64:
    case OFTReal:
    case OFTString:
        return OGR_Fld_GetSubType(field) == OFSTNone || OGR_Fld_GetSubType(field) == OFSTBoolean ||
               OGR_Fld_GetSubType(field) == OFSTInt16;
    default:
        return false;
    }
}

bool wg_arrow_usable(const wg_reader *reader) {
    const char *driver = reader->info.driver;
    if ((strcmp(driver, "GPKG") != 0 && strcmp(driver, "FlatGeobuf") != 0) || reader->from_sql ||
        reader->schema->n_columns == 0) {
        return false;
    }
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->ogr);
    for (int i = 0; i < OGR_FD_GetFieldCount(definition); i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        if (!plain_type(field) || strcasecmp(OGR_Fld_GetNameRef(field), "OGC_FID") == 0) {
            return false;
        }
    }
    return OGR_FD_GetGeomFieldCount(definition) <= 1;
}

/* ---------------------------------------------------------------- the stream */

void wg_arrow_close(wg_reader *reader) {
    struct wg_arrow *arrow = reader->stream;
    if (arrow != NULL) {
        if (arrow->schema.release != NULL) {
            arrow->schema.release(&arrow->schema);
        }
        if (arrow->stream.release != NULL) {
            arrow->stream.release(&arrow->stream);
        }
        free(arrow->column_of);
        free(arrow);
        reader->stream = NULL;
    }
}

/** Formats that a column of the type may come in. */
static bool format_fits(const char *format, wg_type type) {
    switch (type) {
    case WG_INTEGER:
        return strcmp(format, "i") == 0 || strcmp(format, "l") == 0 || strcmp(format, "s") == 0 ||
               strcmp(format, "b") == 0;
    case WG_REAL:
        return strcmp(format, "g") == 0 || strcmp(format, "f") == 0;
    case WG_TEXT:
    default:
        return strcmp(format, "u") == 0;
    }
}

static wg_status map_children(wg_context *ctx, const wg_reader *reader, struct wg_arrow *arrow) {
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->ogr);
    const int64_t n = arrow->schema.n_children;
    arrow->column_of = wg_calloc((size_t)n, sizeof *arrow->column_of);
    if (arrow->column_of == NULL) {
        return wg_fail_memory(ctx);
    }
    for (int64_t i = 0; i < n; i++) {
        const struct ArrowSchema *child = arrow->schema.children[i];
        const int field = OGR_FD_GetFieldIndex(definition, child->name);
        arrow->column_of[i] = i == 0 && field < 0 && strcmp(child->format, "l") == 0 ? CHILD_FID
                              : i == n - 1 && strcmp(child->format, "z") == 0        ? CHILD_GEOMETRY
                                                                                     : CHILD_UNUSED;
        for (uint32_t c = 0; c < reader->schema->n_columns && field >= 0; c++) {
            if (reader->field_of[c] == field) {
                if (!format_fits(child->format, reader->schema->columns[c].type)) {
                    return wg_fail(ctx, WG_EINTERNAL, "%s: field %s comes as Arrow type %s",
                                   wg_layer_source(reader->schema), child->name, child->format);
                }
                arrow->column_of[i] = c;
            }
        }
    }
    return WG_OK;
}

static wg_status open_stream(wg_context *ctx, wg_reader *reader) {
    char batch[48];
    (void)snprintf(batch, sizeof batch, "MAX_FEATURES_IN_BATCH=%zu",
                   reader->batch_rows < WG_BATCH_ROWS ? reader->batch_rows : (size_t)WG_BATCH_ROWS);
    char *options[] = {batch, NULL};
    struct wg_arrow *arrow = wg_calloc(1, sizeof *arrow);
    if (arrow == NULL) {
        return wg_fail_memory(ctx);
    }
    reader->stream = arrow;
    OGR_L_ResetReading(reader->ogr);
    if (!OGR_L_GetArrowStream(reader->ogr, &arrow->stream, options) ||
        arrow->stream.get_schema(&arrow->stream, &arrow->schema) != 0) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", wg_layer_source(reader->schema), reader->errors.message);
    }
    return map_children(ctx, reader, arrow);
}

/* ---------------------------------------------------------------- values */

static bool is_null(const struct ArrowArray *array, int64_t i) {
    const uint8_t *valid = array->n_buffers > 0 ? array->buffers[0] : NULL;
    const int64_t at = i + array->offset;
    return valid != NULL && (valid[at / 8] & (1u << (at % 8))) == 0;
}

static int64_t integer_at(const struct ArrowArray *array, const char *format, int64_t at) {
    switch (format[0]) {
    case 'i':
        return ((const int32_t *)array->buffers[1])[at];
    case 's':
        return ((const int16_t *)array->buffers[1])[at];
    case 'b':
        return (((const uint8_t *)array->buffers[1])[at / 8] >> (at % 8)) & 1;
    case 'l':
    default:
        return ((const int64_t *)array->buffers[1])[at];
    }
}

/** Text that is not UTF-8, on its own. */
static wg_status decode_text(wg_context *ctx, wg_reader *reader, wg_layer *batch, const char *bytes, size_t length,
                             const char **copy) {
    wg_buffer_clear(&reader->scratch);
    wg_reader_decode(reader, bytes, length, &reader->scratch);
    *copy = reader->scratch.failed ? NULL : wg_arena_strdup(&batch->text, reader->scratch.data, reader->scratch.length);
    return *copy == NULL ? wg_fail_memory(ctx) : WG_OK;
}

/** Whether all texts of a column are UTF-8: the bytes as a whole are, and no text begins within a character. */
static bool texts_valid(const char *bytes, const int32_t *offset, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        if (offset[i] < offset[i + 1] && ((uint8_t)bytes[offset[i]] & 0xC0) == 0x80) {
            return false;
        }
    }
    return wg_utf8_valid(bytes + offset[0], (size_t)(offset[n] - offset[0]));
}

enum { SHORT_TEXT = 16 };

/** A text column: one block of memory for all of it, each text with its NUL. */
static wg_status take_texts(wg_context *ctx, wg_reader *reader, const struct ArrowArray *array, wg_layer *batch,
                            size_t first, wg_column *to) {
    const int32_t *offset = (const int32_t *)array->buffers[1] + array->offset;
    const char *bytes = array->buffers[2];
    const size_t total = (size_t)(offset[array->length] - offset[0]), n = (size_t)array->length;
    const bool valid = texts_valid(bytes, offset, array->length);
    char *out = wg_arena_alloc(&batch->text, total + n + SHORT_TEXT);
    if (out == NULL) {
        return wg_fail_memory(ctx);
    }
    for (int64_t i = 0; i < array->length; i++) {
        const size_t row = first + (size_t)i, length = (size_t)(offset[i + 1] - offset[i]);
        const char *text = bytes + offset[i];
        if (is_null(array, i)) {
            continue;
        }
        to->null[row] = 0;
        to->value.text[row] = out;
        if (!valid && !wg_utf8_valid(text, length)) {
            const wg_status status = decode_text(ctx, reader, batch, text, length, &to->value.text[row]);
            if (status != WG_OK) {
                return status;
            }
            continue;
        }
        if (length <= SHORT_TEXT && offset[i] <= offset[array->length] - SHORT_TEXT) {
            memcpy(out, text, SHORT_TEXT); /* a fixed length is one instruction; what is too much is overwritten */
        } else {
            memcpy(out, text, length);
        }
        out[length] = '\0';
        out += length + 1;
    }
    return WG_OK;
}

/** One column of a batch, rows from `first` on. */
static wg_status take_column(wg_context *ctx, wg_reader *reader, const struct ArrowArray *array, const char *format,
                             wg_layer *batch, size_t first, uint32_t column) {
    wg_column *to = &batch->columns[column];
    if (to->type == WG_TEXT) {
        return take_texts(ctx, reader, array, batch, first, to);
    }
    for (int64_t i = 0; i < array->length; i++) {
        const size_t row = first + (size_t)i;
        const int64_t at = i + array->offset;
        if (is_null(array, i)) {
            continue;
        }
        if (to->type == WG_INTEGER) {
            to->value.integer[row] = integer_at(array, format, at);
            to->null[row] = 0;
        } else {
            const double value = format[0] == 'g' ? ((const double *)array->buffers[1])[at]
                                                  : (double)((const float *)array->buffers[1])[at];
            to->value.real[row] = value;
            to->null[row] = (uint8_t)(isnan(value) ? 1 : 0);
        }
    }
    return WG_OK;
}

static void pass_over(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)pairs, (void)n, (void)type, (void)part, (void)ring, (void)user;
}

/**
 * Two-dimensional little-endian points, lines and polygons are taken as they are; whatever else goes through OGR. What
 * claims more points than it has is none of them. O(rings).
 */
static bool is_plain_wkb(const uint8_t *wkb, size_t bytes) {
    double xy[2];
    uint32_t count = 0;
    const uint32_t type = bytes >= 9 && wkb[0] == 1 ? wg_wkb_type(wkb, bytes) : 0;
    uint32_t raw = 0;
    if (type < WG_WKB_POINT || type > WG_WKB_MULTIPOLYGON) {
        return false;
    }
    memcpy(&raw, wkb + 1, sizeof raw);
    memcpy(&count, wkb + 5, sizeof count);
    if (raw != type || (type != WG_WKB_POINT && count == 0)) {
        return false;
    }
    if (type == WG_WKB_POINT) {
        wg_wkb_get(wkb + 5, 0, xy);
        return bytes == 21 && !isnan(xy[0]);
    }
    return wg_wkb_visit((void *)(uintptr_t)wkb, bytes, pass_over, NULL) == WG_OK; /* which writes nothing */
}

/** Through OGR: curves, three dimensions, empty ones. */
static wg_status take_other(wg_context *ctx, const wg_reader *reader, const uint8_t *wkb, size_t bytes, wg_layer *batch,
                            size_t row) {
    OGRGeometryH geometry = NULL;
    wg_status status = WG_OK;
    if (OGR_G_CreateFromWkb(wkb, NULL, &geometry, (int)bytes) == OGRERR_NONE) {
        status = wg_reader_geometry(ctx, reader, geometry, batch, row);
    }
    OGR_G_DestroyGeometry(geometry);
    return status;
}

/** Geometries of the rows from `first` on, which are the last ones. */
static wg_status take_geometries(wg_context *ctx, const wg_reader *reader, const struct ArrowArray *array, size_t first,
                                 wg_layer *batch) {
    const int32_t *offset = (const int32_t *)array->buffers[1] + array->offset;
    const size_t total = (size_t)(offset[array->length] - offset[0]);
    wg_status status = WG_OK;
    if (!WG_RESERVE(batch->wkb, batch->wkb_capacity, batch->wkb_length + total)) {
        return wg_fail_memory(ctx);
    }
    for (int64_t i = 0; i < array->length; i++) {
        const uint8_t *wkb = (const uint8_t *)array->buffers[2] + offset[i];
        const size_t bytes = (size_t)(offset[i + 1] - offset[i]);
        if (is_null(array, i) || bytes == 0) {
            /* none */
        } else if (is_plain_wkb(wkb, bytes)) {
            if (!WG_RESERVE(batch->wkb, batch->wkb_capacity, batch->wkb_length + bytes)) {
                return wg_fail_memory(ctx); /* others before it grew on the way */
            }
            memcpy(batch->wkb + batch->wkb_length, wkb, bytes);
            batch->wkb_length += bytes;
        } else {
            WG_TRY(take_other(ctx, reader, wkb, bytes, batch, first + (size_t)i));
        }
        batch->wkb_offset[first + (size_t)i + 1] = batch->wkb_length;
    }
done:
    return status;
}

static const struct ArrowArray *child_of(const struct wg_arrow *arrow, const struct ArrowArray *array, int64_t kind) {
    for (int64_t i = 0; i < array->n_children; i++) {
        if (arrow->column_of[i] == kind) {
            return array->children[i];
        }
    }
    return NULL;
}

wg_status wg_arrow_take(wg_context *ctx, wg_reader *reader, const struct ArrowArray *array, wg_layer *batch) {
    const struct wg_arrow *arrow = reader->stream;
    const struct ArrowArray *fid = child_of(arrow, array, CHILD_FID),
                            *geometry = child_of(arrow, array, CHILD_GEOMETRY);
    size_t first = 0;
    wg_status status = WG_OK;
    WG_TRY(wg_layer_add_rows(ctx, batch, (size_t)array->length, &first));
    for (int64_t i = 0; fid != NULL && i < array->length; i++) {
        if (!is_null(fid, i)) {
            batch->fid[first + (size_t)i] = ((const int64_t *)fid->buffers[1])[i + fid->offset];
        }
    }
    if (geometry != NULL && !reader->no_geometry) {
        WG_TRY(take_geometries(ctx, reader, geometry, first, batch));
    }
    for (int64_t i = 0; i < array->n_children; i++) {
        if (arrow->column_of[i] >= 0) {
            WG_TRY(take_column(ctx, reader, array->children[i], arrow->schema.children[i]->format, batch, first,
                               (uint32_t)arrow->column_of[i]));
        }
    }
done:
    return status;
}

wg_status wg_arrow_pull(wg_context *ctx, wg_reader *reader, struct ArrowArray *array) {
    const wg_status status = reader->stream == NULL ? open_stream(ctx, reader) : WG_OK;
    if (status != WG_OK) {
        return status;
    }
    if (wg_cancelled(ctx)) {
        return wg_fail(ctx, WG_ECANCELLED, "interrupted");
    }
    struct ArrowArrayStream *stream = &reader->stream->stream;
    reader->errors.failed = false;
    if (stream->get_next(stream, array) != 0 || (array->release == NULL && reader->errors.failed)) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", wg_layer_source(reader->schema), reader->errors.message);
    }
    return WG_OK;
}

wg_status wg_arrow_next(wg_context *ctx, wg_reader *reader, wg_layer *batch, bool *more) {
    wg_status status = WG_OK;
    *more = true;
    while (status == WG_OK && *more && (batch->n == 0 || reader->batch_rows == SIZE_MAX)) {
        struct ArrowArray array = {0};
        status = wg_arrow_pull(ctx, reader, &array);
        *more = array.release != NULL;
        if (status == WG_OK && *more) {
            status = wg_arrow_take(ctx, reader, &array, batch);
        }
        if (*more) {
            array.release(&array);
        }
    }
    return status;
}
