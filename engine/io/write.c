#include "io/write.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "io/format.h"
#include "io/source.h"
#include "io/writer.h"
#include "model/wkb.h"

enum { FLUSH_BYTES = 1 << 20, DEGREE_DECIMALS = 9, METRE_DECIMALS = 4, MOST_DECIMALS = 13 };

/* ---------------------------------------------------------------- formats */

static const struct {
    const char *name, *extension;
    wg_format format;
} formats[] = {{"geojson", ".geojson", WG_FORMAT_GEOJSON},
               {"json", ".json", WG_FORMAT_GEOJSON},
               {"shp", ".shp", WG_FORMAT_SHAPEFILE},
               {"shapefile", ".shp", WG_FORMAT_SHAPEFILE},
               {"gpkg", ".gpkg", WG_FORMAT_GEOPACKAGE},
               {"geopackage", ".gpkg", WG_FORMAT_GEOPACKAGE},
               {"fgb", ".fgb", WG_FORMAT_FLATGEOBUF},
               {"flatgeobuf", ".fgb", WG_FORMAT_FLATGEOBUF},
               {"csv", ".csv", WG_FORMAT_CSV}};

wg_format wg_format_parse(const char *name_or_path) {
    if (strncasecmp(name_or_path, "PG:", 3) == 0) {
        return WG_FORMAT_POSTGIS;
    }
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcasecmp(name_or_path, formats[i].name) == 0 || wg_has_extension(name_or_path, formats[i].extension)) {
            return formats[i].format;
        }
    }
    const char *dot = strrchr(name_or_path, '.');
    return dot != NULL && strchr(dot, '/') == NULL && dot[1] != '\0' ? WG_FORMAT_OTHER : WG_FORMAT_AUTO;
}

const char *wg_format_extension(wg_format format) {
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (formats[i].format == format) {
            return formats[i].extension;
        }
    }
    return "";
}

void wg_file_date(char *text, size_t bytes) {
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    const long long seconds = epoch == NULL ? 0 : strtoll(epoch, &end, 10);
    struct tm parts;
    const time_t when = (time_t)seconds;
    if (epoch == NULL || end == epoch || *end != '\0' || gmtime_r(&when, &parts) == NULL ||
        strftime(text, bytes, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        (void)snprintf(text, bytes, "2000-01-01T00:00:00Z");
    }
}

/* ---------------------------------------------------------------- text files */

wg_status wg_writer_open_file(wg_context *ctx, wg_writer *writer) {
    writer->file = fopen(wg_output_path(writer->output), "we");
    return writer->file != NULL ? WG_OK
                                : wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, strerror(errno));
}

/** The part of the buffer that ends with a whole line, so that no character is cut by encoding. */
static wg_status encode_buffer(wg_context *ctx, wg_writer *writer, const wg_buffer **bytes) {
    *bytes = &writer->buffer;
    if (writer->encoding == WG_ENCODING_UTF8) {
        return WG_OK;
    }
    wg_buffer_clear(&writer->encoded);
    writer->unencodable +=
        wg_text_encode(writer->encoding, writer->buffer.data, writer->buffer.length, &writer->encoded);
    *bytes = &writer->encoded;
    return writer->encoded.failed ? wg_fail_memory(ctx) : WG_OK;
}

wg_status wg_writer_flush(wg_context *ctx, wg_writer *writer, bool all) {
    if (writer->buffer.failed) {
        return wg_fail_memory(ctx);
    }
    if (writer->buffer.length == 0 || (!all && writer->buffer.length < FLUSH_BYTES)) {
        return WG_OK;
    }
    if (wg_cancelled(ctx)) {
        return wg_fail(ctx, WG_ECANCELLED, "interrupted");
    }
    const wg_buffer *bytes = NULL;
    const wg_status status = encode_buffer(ctx, writer, &bytes);
    if (status != WG_OK) {
        return status;
    }
    if (fwrite(bytes->data, 1, bytes->length, writer->file) != bytes->length) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, strerror(errno));
    }
    wg_buffer_clear(&writer->buffer);
    return WG_OK;
}

wg_status wg_writer_close_file(wg_context *ctx, wg_writer *writer) {
    wg_status status = wg_writer_flush(ctx, writer, true);
    FILE *file = writer->file;
    writer->file = NULL;
    if (file != NULL && fclose(file) != 0 && status == WG_OK) {
        status = wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, strerror(errno));
    }
    if (status == WG_OK && writer->unencodable > 0) {
        wg_log(ctx, WG_LOG_WARNING, "%s: %llu characters do not exist in %s and became \"?\"", writer->label,
               (unsigned long long)writer->unencodable, wg_encoding_name(writer->encoding));
    }
    return status;
}

/* ---------------------------------------------------------------- life of a writer */

static const wg_backend *backend_of(wg_format format) {
    switch (format) {
    case WG_FORMAT_GEOJSON:
        return &wg_json_backend;
    case WG_FORMAT_CSV:
        return &wg_csv_backend;
    case WG_FORMAT_GEOPACKAGE:
        return &wg_gpkg_backend;
    default:
        return &wg_ogr_backend;
    }
}

static void writer_free(wg_writer *writer) {
    if (writer->backend != NULL) {
        writer->backend->release(writer);
    }
    if (writer->file != NULL) {
        (void)fclose(writer->file);
    }
    wg_buffer_release(&writer->buffer);
    wg_buffer_release(&writer->encoded);
    wg_buffer_release(&writer->whole);
    wg_layer_free(writer->schema);
    free(writer->target);
    free(writer->label);
    free(writer->layer_name);
    free(writer->geometry_type);
    free(writer->text_bytes);
    free(writer);
}

static wg_status prepare(wg_context *ctx, wg_writer *writer) {
    if (writer->target == NULL || writer->label == NULL) {
        return wg_fail_memory(ctx);
    }
    if (writer->format == WG_FORMAT_AUTO) {
        writer->format = wg_format_parse(writer->target);
    }
    if (writer->format == WG_FORMAT_AUTO) {
        return wg_fail(ctx, WG_EINVAL,
                       "%s: the format is not known from the name (use .geojson, .shp, .gpkg, .fgb or .csv)",
                       writer->label);
    }
    if (writer->options.encoding != NULL && !wg_encoding_parse(writer->options.encoding, &writer->encoding)) {
        return wg_fail(ctx, WG_EINVAL, "encoding \"%s\" is not known (UTF-8, GB18030, GBK, BIG5, CP1252)",
                       writer->options.encoding);
    }
    if (writer->format != WG_FORMAT_POSTGIS) {
        const wg_output_kind kind = writer->format == WG_FORMAT_SHAPEFILE ? WG_OUTPUT_SHAPEFILE : WG_OUTPUT_FILE;
        const wg_status status = wg_output_begin(ctx, writer->target, kind, writer->options.overwrite, &writer->output);
        if (status != WG_OK) {
            return status;
        }
    }
    writer->backend = backend_of(writer->format);
    return WG_OK;
}

wg_status wg_writer_open(wg_context *ctx, const char *path, const wg_write_options *options, wg_writer **writer) {
    if (path == NULL || path[0] == '\0') {
        return wg_fail(ctx, WG_EINVAL, "no output was named (use -o)");
    }
    wg_writer *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->options = options == NULL ? (wg_write_options)WG_WRITE_OPTIONS_INIT : *options;
    made->format = made->options.format;
    made->target = wg_strdup(path);
    made->label = wg_source_public(path);
    const wg_status status = prepare(ctx, made);
    if (status != WG_OK) {
        wg_writer_abort(made);
        return status;
    }
    *writer = made;
    return WG_OK;
}

static bool is_degrees(const char *crs) {
    OGRSpatialReferenceH srs = wg_srs_from_text(crs);
    const bool degrees = srs == NULL ? crs != NULL : OSRIsGeographic(srs) != 0; /* gcj02, bd09 have none */
    OSRDestroySpatialReference(srs);
    return degrees;
}

/** Name inside the file: as asked, else the layer's; a Shapefile's is its file's. */
static wg_status name_layer(wg_context *ctx, wg_writer *writer, const wg_layer *schema) {
    free(writer->layer_name);
    writer->layer_name = wg_strdup(writer->options.layer_name != NULL ? writer->options.layer_name : schema->name);
    return writer->layer_name == NULL ? wg_fail_memory(ctx) : WG_OK;
}

static bool takes_several(wg_format format) {
    return format == WG_FORMAT_GEOPACKAGE || format == WG_FORMAT_POSTGIS || format == WG_FORMAT_OTHER;
}

wg_status wg_writer_layer(wg_context *ctx, wg_writer *writer, const wg_layer *schema, const char *geometry_type) {
    const bool none[1] = {false};
    if (writer->n_layers > 0 && !takes_several(writer->format)) {
        return wg_fail(ctx, WG_EINVAL, "%s: this format holds one layer (use .gpkg for several)", writer->label);
    }
    if (writer->n_layers > 0) {
        wg_gdal_catch(ctx, &writer->errors);
        const wg_status settled = writer->backend->settle(ctx, writer);
        wg_gdal_release();
        if (settled != WG_OK) {
            return settled;
        }
    }
    wg_layer_free(writer->schema);
    writer->schema = NULL;
    wg_layer *empty = NULL; /* a copy of the columns alone: `schema` may have rows */
    wg_status status = WG_OK;
    bool *keep = schema->n == 0 ? NULL : wg_calloc(schema->n, sizeof *keep);
    if (schema->n > 0 && keep == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_layer_copy(ctx, schema, keep == NULL ? none : keep, &empty));
    writer->schema = empty;
    WG_TRY(name_layer(ctx, writer, schema));
    writer->decimals = writer->options.decimals > 0 ? writer->options.decimals
                       : is_degrees(schema->crs)    ? DEGREE_DECIMALS
                                                    : METRE_DECIMALS;
    writer->rows_written = 0;
    wg_gdal_catch(ctx, &writer->errors);
    status = writer->backend->layer(ctx, writer, schema, geometry_type);
    wg_gdal_release();
    writer->n_layers++;
done:
    free(keep);
    return status;
}

wg_status wg_writer_rows(wg_context *ctx, wg_writer *writer, const wg_layer *rows) {
    if (writer->schema == NULL || rows->n_columns != writer->schema->n_columns) {
        return wg_fail(ctx, WG_EINTERNAL, "%s: rows that do not fit the layer's columns", writer->label);
    }
    wg_gdal_catch(ctx, &writer->errors);
    const wg_status status = writer->backend->rows(ctx, writer, rows);
    wg_gdal_release();
    return status;
}

wg_status wg_writer_commit(wg_context *ctx, wg_writer *writer) {
    wg_gdal_catch(ctx, &writer->errors);
    wg_status status = writer->n_layers == 0 ? wg_fail(ctx, WG_EINTERNAL, "%s: no layer was written", writer->label)
                                             : writer->backend->finish(ctx, writer);
    wg_gdal_release();
    wg_output *output = writer->output;
    writer->output = NULL;
    if (output != NULL && status == WG_OK) {
        status = wg_output_commit(ctx, output);
    } else {
        wg_output_abort(output);
    }
    writer_free(writer);
    return status;
}

void wg_writer_abort(wg_writer *writer) {
    if (writer != NULL) {
        wg_output *output = writer->output;
        wg_gdal_errors errors;
        wg_gdal_catch(NULL, &errors);
        writer_free(writer);
        wg_gdal_release();
        wg_output_abort(output);
    }
}

const uint8_t *wg_writer_wkb(wg_writer *writer, const wg_layer *rows, size_t row, size_t *bytes) {
    const uint8_t *wkb = wg_layer_wkb(rows, row, bytes);
    const wg_heights *heights = wg_layer_heights(rows, row);
    if (wkb == NULL || heights == NULL) {
        return wkb;
    }
    wg_buffer_clear(&writer->whole);
    wg_wkb_put_with_heights(&writer->whole, wkb, *bytes, heights->z, heights->m, heights->value);
    *bytes = writer->whole.length;
    return (const uint8_t *)writer->whole.data;
}

/* ---------------------------------------------------------------- whole layers */

const char *wg_rows_geometry_type(const wg_layer *rows) {
    static const char *const single[] = {"none", "point", "line", "polygon"};
    static const char *const multi[] = {"none", "multipoint", "multiline", "multipolygon"};
    bool any_multi = false;
    uint32_t family = 0;
    for (size_t row = 0; row < rows->n; row++) {
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(rows, row, &bytes);
        const uint32_t type = wkb == NULL ? 0 : wg_wkb_type(wkb, bytes);
        const uint32_t base = type > 3 ? type - 3 : type;
        if (type == 0) {
            continue;
        }
        if (type == WG_WKB_COLLECTION || (family != 0 && base != family)) {
            return "mixed";
        }
        family = base;
        any_multi = any_multi || type > 3;
    }
    return any_multi ? multi[family] : single[family];
}

typedef struct wg_rounding {
    int decimals;
} wg_rounding;

static void round_pairs(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type;
    (void)part;
    (void)ring;
    const wg_rounding *rounding = user;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        xy[0] = wg_round_fixed(xy[0], rounding->decimals);
        xy[1] = wg_round_fixed(xy[1], rounding->decimals);
        wg_wkb_set(pairs, i, xy);
    }
}

static bool is_valid(const uint8_t *wkb, size_t bytes) {
    OGRGeometryH geometry = NULL;
    const bool valid = OGR_G_CreateFromWkbEx(wkb, NULL, &geometry, bytes) == OGRERR_NONE && OGR_G_IsValid(geometry);
    OGR_G_DestroyGeometry(geometry);
    return valid;
}

/** Whether rounding spoils a polygon that is valid. */
static bool spoils(const wg_layer *layer, size_t row, int decimals, wg_buffer *copy) {
    size_t bytes = 0;
    const uint8_t *wkb = wg_layer_wkb(layer, row, &bytes);
    const uint32_t type = wkb == NULL ? 0 : wg_wkb_type(wkb, bytes);
    if (type != WG_WKB_POLYGON && type != WG_WKB_MULTIPOLYGON) {
        return false;
    }
    wg_rounding rounding = {decimals};
    wg_buffer_clear(copy);
    wg_buffer_append(copy, wkb, bytes);
    if (copy->failed || wg_wkb_visit(copy->data, bytes, round_pairs, &rounding) != WG_OK) {
        return false;
    }
    return !is_valid((const uint8_t *)copy->data, bytes) && is_valid(wkb, bytes);
}

/**
 * The fewest decimals, from the default up, that leave every valid polygon valid: one number for the layer, so that
 * common vertices stay common.
 */
static int safe_decimals(wg_context *ctx, const wg_layer *layer, int decimals) {
    wg_buffer copy = {0};
    wg_gdal_errors errors;
    wg_gdal_catch(ctx, &errors);
    for (size_t row = 0; row < layer->n && decimals < MOST_DECIMALS; row++) {
        while (decimals < MOST_DECIMALS && spoils(layer, row, decimals, &copy)) {
            decimals++;
            row = 0; /* more decimals may spoil what fewer did not */
        }
    }
    wg_gdal_release();
    wg_buffer_release(&copy);
    return decimals;
}

static wg_status measure_texts(wg_context *ctx, wg_writer *writer, const wg_layer *layer) {
    writer->text_bytes = wg_calloc(layer->n_columns, sizeof *writer->text_bytes);
    if (writer->text_bytes == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        for (size_t row = 0; layer->columns[c].type == WG_TEXT && row < layer->n; row++) {
            const char *text = wg_layer_text(layer, row, c);
            const size_t length = text == NULL ? 0 : strlen(text);
            writer->text_bytes[c] = length > writer->text_bytes[c] ? length : writer->text_bytes[c];
        }
    }
    return WG_OK;
}

wg_status wg_write(wg_context *ctx, const wg_layer *layer, const char *path, const wg_write_options *options) {
    wg_writer *writer = NULL;
    wg_status status = wg_writer_open(ctx, path, options, &writer);
    if (status != WG_OK) {
        return status;
    }
    WG_TRY(measure_texts(ctx, writer, layer));
    WG_TRY(wg_writer_layer(ctx, writer, layer, wg_rows_geometry_type(layer)));
    if (writer->options.decimals == 0 && (writer->format == WG_FORMAT_GEOJSON || writer->format == WG_FORMAT_CSV)) {
        writer->decimals = safe_decimals(ctx, layer, writer->decimals);
    }
    WG_TRY(wg_writer_rows(ctx, writer, layer));
    return wg_writer_commit(ctx, writer);
done:
    wg_writer_abort(writer);
    return status;
}
