/* One OGR feature to one row. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/reader.h"
#include "model/number.h"
#include "model/wkb.h"

void wg_reader_decode(const wg_reader *reader, const char *bytes, size_t length, wg_buffer *out) {
    if (reader->raw_text) {
        if (reader->info.encoding != WG_ENCODING_UTF8 || wg_utf8_valid(bytes, length)) {
            (void)wg_text_decode(reader->info.encoding, bytes, length, out);
            return;
        }
    } else if (wg_utf8_valid(bytes, length)) {
        wg_buffer_append(out, bytes, length);
        return;
    }
    /* a value that breaks the rule of its file: judged alone */
    wg_detector detector = {0};
    wg_detector_add(&detector, bytes, length, reader->may_be_cut);
    (void)wg_text_decode(wg_detector_result(&detector, NULL), bytes, length, out);
}

static wg_status set_text(wg_context *ctx, wg_reader *reader, wg_layer *batch, size_t row, uint32_t column,
                          const char *raw) {
    const size_t length = strlen(raw);
    if (length == 0 && (reader->raw_text || wg_driver_is_sheet(reader->info.driver))) {
        return WG_OK; /* an empty field of a table is unknown */
    }
    if (wg_utf8_valid(raw, length) && (!reader->raw_text || reader->info.encoding == WG_ENCODING_UTF8)) {
        return wg_layer_set_text(ctx, batch, row, column, raw);
    }
    wg_buffer_clear(&reader->scratch);
    wg_reader_decode(reader, raw, length, &reader->scratch);
    return reader->scratch.failed ? wg_fail_memory(ctx)
                                  : wg_layer_set_text(ctx, batch, row, column, reader->scratch.data);
}

/** ISO 8601 of a date or time field. OGR's zone: 100 is UTC, each step a quarter of an hour, 0 unknown, 1 local. */
static wg_status set_date(wg_context *ctx, OGRFeatureH feature, int field, bool with_time, wg_layer *batch, size_t row,
                          uint32_t column) {
    int zone = 0;
    float second = 0.0F;
    wg_date date = {0};
    char text[40];
    if (!OGR_F_GetFieldAsDateTimeEx(feature, field, &date.year, &date.month, &date.day, &date.hour, &date.minute,
                                    &second, &zone)) {
        return WG_OK;
    }
    date.second = round((double)second * 1000.0) / 1000.0;
    date.has_time = with_time;
    date.has_zone = with_time && zone > 1;
    date.zone_minutes = date.has_zone ? (zone - 100) * 15 : 0;
    wg_date_format(&date, text, sizeof text);
    return wg_layer_set_text(ctx, batch, row, column, text);
}

static wg_status set_value(wg_context *ctx, wg_reader *reader, OGRFeatureH feature, int field, wg_layer *batch,
                           size_t row, uint32_t column) {
    switch (OGR_Fld_GetType(OGR_F_GetFieldDefnRef(feature, field))) {
    case OFTInteger:
    case OFTInteger64:
        return wg_layer_set_integer(ctx, batch, row, column, OGR_F_GetFieldAsInteger64(feature, field));
    case OFTReal: {
        const double value = OGR_F_GetFieldAsDouble(feature, field);
        return isnan(value) ? WG_OK : wg_layer_set_real(ctx, batch, row, column, value);
    }
    case OFTDate:
        return set_date(ctx, feature, field, false, batch, row, column);
    case OFTDateTime:
        return set_date(ctx, feature, field, true, batch, row, column);
    default:
        return set_text(ctx, reader, batch, row, column, OGR_F_GetFieldAsString(feature, field));
    }
}

static wg_status append_wkb(wg_context *ctx, OGRGeometryH flat, wg_layer *batch, size_t row) {
    const size_t bytes = OGR_G_WkbSizeEx(flat);
    if (!WG_RESERVE(batch->wkb, batch->wkb_capacity, batch->wkb_length + bytes)) {
        return wg_fail_memory(ctx);
    }
    if (OGR_G_ExportToIsoWkb(flat, wkbNDR, batch->wkb + batch->wkb_length) != OGRERR_NONE) {
        return wg_fail(ctx, WG_EINTERNAL, "%s: a geometry cannot be written as WKB", wg_layer_source(batch));
    }
    batch->wkb_length += bytes;
    batch->wkb_offset[row + 1] = batch->wkb_length;
    return WG_OK;
}

/** The Z and M of a geometry that append_wkb took without them. */
static wg_status append_heights(wg_context *ctx, OGRGeometryH geometry, wg_layer *batch, size_t row) {
    const size_t bytes = OGR_G_WkbSizeEx(geometry);
    wg_status status = WG_OK;
    wg_buffer flat = {0}, heights = {0};
    bool z = false, m = false;
    uint8_t *wkb = wg_malloc(bytes, 1);
    if (wkb == NULL) {
        return wg_fail_memory(ctx);
    }
    if (OGR_G_ExportToIsoWkb(geometry, wkbNDR, wkb) == OGRERR_NONE) {
        WG_TRY(wg_wkb_normalise_heights(ctx, wkb, bytes, &flat, &heights, &z, &m));
    }
    if (z || m) {
        const size_t each = ((z ? 1u : 0u) + (m ? 1u : 0u)) * sizeof(double);
        WG_TRY(wg_layer_set_heights(ctx, batch, row, z, m, (const double *)(const void *)heights.data,
                                    heights.length / each));
    }
done:
    wg_buffer_release(&flat);
    wg_buffer_release(&heights);
    free(wkb);
    return status;
}

wg_status wg_reader_geometry(wg_context *ctx, const wg_reader *reader, OGRGeometryH geometry, wg_layer *batch,
                             size_t row) {
    if (geometry == NULL || OGR_G_IsEmpty(geometry)) {
        return WG_OK;
    }
    const OGRwkbGeometryType type = OGR_G_GetGeometryType(geometry);
    const OGRwkbGeometryType flat = wkbFlatten(type);
    if (type == flat && flat >= wkbPoint && flat <= wkbMultiPolygon) {
        return append_wkb(ctx, geometry, batch, row);
    }
    const bool surface = flat == wkbPolyhedralSurface || flat == wkbTIN || flat == wkbTriangle;
    OGRGeometryH copy =
        surface ? OGR_G_ForceToMultiPolygon(OGR_G_Clone(geometry)) : OGR_G_GetLinearGeometry(geometry, 0.0, NULL);
    if (copy == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_status status =
        reader->heights && (OGR_G_Is3D(copy) || OGR_G_IsMeasured(copy)) ? append_heights(ctx, copy, batch, row) : WG_OK;
    if (status == WG_OK) {
        OGR_G_FlattenTo2D(copy);
        status = append_wkb(ctx, copy, batch, row);
    }
    OGR_G_DestroyGeometry(copy);
    return status;
}

wg_status wg_reader_feature(wg_context *ctx, wg_reader *reader, OGRFeatureH feature, wg_layer *batch) {
    const int64_t fid = (int64_t)OGR_F_GetFID(feature);
    if (reader->skip_rows > 0 && fid <= reader->skip_rows) {
        return WG_OK; /* a spreadsheet's rows count from 1 */
    }
    size_t row = 0;
    wg_status status = wg_layer_add_row(ctx, batch, NULL, 0, &row);
    if (status != WG_OK) {
        return status;
    }
    batch->fid[row] = fid;
    for (uint32_t c = 0; c < batch->n_columns && status == WG_OK; c++) {
        const int field = reader->field_of[c];
        if (field >= 0 && OGR_F_IsFieldSetAndNotNull(feature, field)) {
            status = set_value(ctx, reader, feature, field, batch, row, c);
        }
    }
    if (status == WG_OK && !reader->no_geometry) {
        const bool table = reader->x != UINT32_MAX || reader->wkt != UINT32_MAX;
        status = table ? wg_reader_point(ctx, reader, batch, row)
                       : wg_reader_geometry(ctx, reader, OGR_F_GetGeometryRef(feature), batch, row);
    }
    return status;
}
