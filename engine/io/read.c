#include "io/read.h"

#include <string.h>
#include <strings.h>

#include <sys/stat.h>

#include "io/buffered.h"
#include "io/fields.h"
#include "io/reader.h"

const char *wg_known_text(wg_known known) {
    static const char *const text[] = {"unknown", "stated", "file", "sidecar", "ldid", "format", "detected"};
    return (size_t)known < sizeof text / sizeof text[0] ? text[known] : text[0];
}

bool wg_driver_is_sheet(const char *driver) {
    return strcmp(driver, "XLSX") == 0 || strcmp(driver, "XLS") == 0 || strcmp(driver, "ODS") == 0;
}

/* ---------------------------------------------------------------- opening */

static const char *const sheet_options[] = {"OGR_XLSX_HEADERS", "OGR_XLS_HEADERS", "OGR_ODS_HEADERS", NULL};
static const char *const sheet_types[] = {"OGR_XLSX_FIELD_TYPES", "OGR_XLS_FIELD_TYPES", "OGR_ODS_FIELD_TYPES", NULL};

/** A sheet's header is found here, not by GDAL's guess; codes such as 007 stay text. */
static void set_sheet_options(bool on) {
    for (size_t i = 0; sheet_options[i] != NULL; i++) {
        CPLSetThreadLocalConfigOption(sheet_options[i], on ? "DISABLE" : NULL);
        CPLSetThreadLocalConfigOption(sheet_types[i], on ? "STRING" : NULL);
    }
}

/** A regular FlatGeobuf file, through larger blocks than stdio's. NULL where that fails: opening it plainly says why.
 */
static GDALDatasetH open_buffered(const wg_name *name) {
    struct stat info;
    wg_buffer path = {0};
    GDALDatasetH dataset = NULL;
    if (name->is_file && stat(name->path, &info) == 0 && S_ISREG(info.st_mode)) {
        wg_buffered_start();
        wg_buffer_text(&path, WG_BUFFERED_PREFIX);
        wg_buffer_text(&path, name->path);
        dataset = path.failed ? NULL : GDALOpenEx(path.data, GDAL_OF_VECTOR, NULL, NULL, NULL);
    }
    wg_buffer_release(&path);
    return dataset;
}

static wg_status open_dataset(wg_context *ctx, wg_reader *reader, const char *role) {
    static const char *const shape_options[] = {"ENCODING=", NULL}; /* the bytes as they are: see wg_reader_encoding */
    static const char *const pg_options[] = {"LIST_ALL_TABLES=NO", NULL};
    GDALDriverH driver = GDALIdentifyDriverEx(reader->name.path, GDAL_OF_VECTOR, NULL, NULL);
    const char *short_name = driver == NULL ? "" : GDALGetDriverShortName(driver);
    const char *const *options = strcmp(short_name, "ESRI Shapefile") == 0 ? shape_options
                                 : strcmp(short_name, "PostgreSQL") == 0   ? pg_options
                                                                           : NULL;
    reader->dataset = strcmp(short_name, "FlatGeobuf") == 0 ? open_buffered(&reader->name) : NULL;
    wg_status status = reader->dataset != NULL
                           ? WG_OK
                           : wg_source_open(ctx, &reader->name, options, &reader->errors, &reader->dataset);
    if (status != WG_OK) {
        return status;
    }
    reader->info.driver = GDALGetDriverShortName(GDALGetDatasetDriver(reader->dataset));
    status = wg_source_layer(ctx, &reader->name, role, reader->dataset, &reader->ogr);
    if (status == WG_OK && strcmp(reader->info.driver, "OSM") == 0) {
        /* one layer alone of an interleaved file is only read in full through SQL */
        wg_buffer sql = {0};
        wg_buffer_printf(&sql, "SELECT * FROM \"%s\"", OGR_L_GetName(reader->ogr));
        reader->layer_name = wg_strdup(OGR_L_GetName(reader->ogr));
        reader->ogr = sql.failed ? NULL : GDALDatasetExecuteSQL(reader->dataset, sql.data, NULL, NULL);
        reader->from_sql = reader->ogr != NULL;
        wg_buffer_release(&sql);
        return reader->ogr != NULL ? WG_OK : wg_fail(ctx, WG_EIO, "%s: %s", reader->name.label, reader->errors.message);
    }
    return status;
}

static bool column_wanted(const wg_read_options *options, const char *name) {
    if (options->n_columns == 0) {
        return true;
    }
    for (uint32_t i = 0; i < options->n_columns; i++) {
        if (strcasecmp(options->columns[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static wg_type column_type(OGRFieldDefnH field) {
    switch (OGR_Fld_GetType(field)) {
    case OFTInteger:
    case OFTInteger64:
        return WG_INTEGER;
    case OFTReal:
        return WG_REAL;
    default:
        return WG_TEXT;
    }
}

/** A name that the schema does not have yet. */
static wg_status unique_name(wg_context *ctx, const wg_layer *schema, int field, wg_buffer *name) {
    if (name->length == 0) {
        wg_buffer_printf(name, "field_%d", field + 1);
    }
    const size_t length = name->length;
    for (int copy = 2; !name->failed && wg_layer_column(schema, name->data) != UINT32_MAX; copy++) {
        name->length = length;
        wg_buffer_printf(name, "_%d", copy);
    }
    return name->failed ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status make_columns(wg_context *ctx, wg_reader *reader, const wg_read_options *options) {
    OGRFeatureDefnH definition = OGR_L_GetLayerDefn(reader->ogr);
    const int n = OGR_FD_GetFieldCount(definition);
    wg_buffer name = {0};
    wg_status status = WG_OK;
    reader->field_of = wg_calloc((size_t)n, sizeof *reader->field_of);
    if (reader->field_of == NULL) {
        return wg_fail_memory(ctx);
    }
    for (int i = 0; i < n; i++) {
        OGRFieldDefnH field = OGR_FD_GetFieldDefn(definition, i);
        if (OGR_Fld_GetType(field) == OFTBinary) {
            continue;
        }
        const char *raw = OGR_Fld_GetNameRef(field);
        wg_buffer_clear(&name);
        wg_reader_decode(reader, raw, strlen(raw), &name);
        WG_TRY(unique_name(ctx, reader->schema, i, &name));
        if (!column_wanted(options, name.data)) {
            continue;
        }
        uint32_t column = 0;
        WG_TRY(wg_layer_add_column(ctx, reader->schema, name.data, column_type(field), &column));
        reader->field_of[column] = i;
    }
done:
    wg_buffer_release(&name);
    return status;
}

static wg_status check_columns(wg_context *ctx, const wg_reader *reader, const wg_read_options *options) {
    for (uint32_t i = 0; i < options->n_columns; i++) {
        bool found = false;
        for (uint32_t c = 0; c < reader->schema->n_columns; c++) {
            found = found || strcasecmp(options->columns[i], reader->schema->columns[c].name) == 0;
        }
        if (!found) {
            return wg_fail(ctx, WG_ENOTFOUND, "%s: no field named %s", wg_layer_source(reader->schema),
                           options->columns[i]);
        }
    }
    return WG_OK;
}

static const char *geometry_kind(OGRwkbGeometryType type) {
    switch (wkbFlatten(type)) {
    case wkbNone:
        return "none";
    case wkbPoint:
    case wkbMultiPoint:
        return "point";
    case wkbLineString:
    case wkbMultiLineString:
    case wkbCircularString:
    case wkbCompoundCurve:
    case wkbMultiCurve:
        return "line";
    case wkbUnknown:
    case wkbGeometryCollection:
        return "mixed";
    default:
        return "polygon";
    }
}

/** Drivers that say WGS 84 because their format does. */
static bool format_fixes_crs(const char *driver) {
    static const char *const drivers[] = {"GeoJSON", "GeoJSONSeq", "KML", "LIBKML", "GPX", "OSM", "GeoRSS", NULL};
    for (size_t i = 0; drivers[i] != NULL; i++) {
        if (strcmp(driver, drivers[i]) == 0) {
            return true;
        }
    }
    return false;
}

static wg_status find_crs(wg_context *ctx, wg_reader *reader, const wg_read_options *options) {
    wg_source *info = &reader->info;
    if (options->crs != NULL) {
        reader->crs = wg_strdup(options->crs);
        info->crs_known = WG_KNOWN_STATED;
        return reader->crs == NULL ? wg_fail_memory(ctx) : WG_OK;
    }
    reader->crs = wg_srs_text(OGR_L_GetSpatialRef(reader->ogr));
    if (reader->crs != NULL) {
        info->crs_known = strcmp(info->driver, "ESRI Shapefile") == 0 ? WG_KNOWN_SIDECAR
                          : format_fixes_crs(info->driver)            ? WG_KNOWN_FORMAT
                                                                      : WG_KNOWN_FILE;
    }
    return WG_OK;
}

static wg_status label_schema(wg_context *ctx, wg_reader *reader) {
    wg_buffer text = {0};
    wg_buffer_printf(&text, "%s: %s", reader->name.label, reader->layer_name);
    const wg_status status = text.failed ? wg_fail_memory(ctx) : wg_layer_set_source(ctx, reader->schema, text.data);
    wg_buffer_release(&text);
    return status;
}

static wg_status set_filters(wg_context *ctx, wg_reader *reader, const wg_read_options *options) {
    if (options->where != NULL) {
        reader->errors.failed = false;
        if (OGR_L_SetAttributeFilter(reader->ogr, options->where) != OGRERR_NONE) {
            return wg_fail(ctx, WG_EINVAL, "%s: filter \"%s\": %s", wg_layer_source(reader->schema), options->where,
                           reader->errors.message);
        }
    }
    if (options->bounds != NULL) {
        const double *b = options->bounds;
        OGR_L_SetSpatialFilterRect(reader->ogr, b[0], b[1], b[2], b[3]);
    }
    return WG_OK;
}

static wg_status make_schema(wg_context *ctx, wg_reader *reader, const wg_read_options *options) {
    wg_status status = WG_OK;
    if (reader->layer_name == NULL) {
        const char *raw = OGR_L_GetName(reader->ogr);
        reader->layer_name = wg_utf8_valid(raw, strlen(raw)) ? wg_strdup(raw) : wg_strdup(reader->name.label);
    }
    if (reader->layer_name == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(find_crs(ctx, reader, options));
    WG_TRY(wg_layer_new(ctx, reader->layer_name, reader->crs, &reader->schema));
    WG_TRY(label_schema(ctx, reader));
    WG_TRY(wg_reader_encoding(ctx, reader, options->encoding));
    WG_TRY(wg_driver_is_sheet(reader->info.driver) ? wg_reader_sheet(ctx, reader) : make_columns(ctx, reader, options));
    WG_TRY(check_columns(ctx, reader, options));
    WG_TRY(set_filters(ctx, reader, options));
    OGRwkbGeometryType type = OGR_L_GetGeomType(reader->ogr);
    reader->info.geometry = geometry_kind(type);
    reader->schema->has_z = reader->heights && OGR_GT_HasZ(type);
    reader->schema->has_m = reader->heights && OGR_GT_HasM(type);
    if (type == wkbNone && !options->no_geometry) {
        WG_TRY(wg_reader_coordinates(ctx, reader, options));
        WG_TRY(wg_layer_set_crs(ctx, reader->schema, reader->crs));
    }
done:
    return status;
}

enum { JOIN_SAMPLE_ROWS = 2000 };

/** Attach a table: what meets is chosen by the first rows. */
static wg_status attach_join(wg_context *ctx, wg_reader *reader, const wg_join_words *words) {
    wg_layer *sample = NULL;
    wg_join *join = NULL;
    const size_t batch_rows = reader->batch_rows;
    wg_status status = wg_join_open(ctx, words, &join);
    if (status != WG_OK) {
        return status;
    }
    reader->batch_rows = JOIN_SAMPLE_ROWS;
    OGR_L_ResetReading(reader->ogr);
    status = wg_reader_batch(ctx, reader, &sample);
    reader->batch_rows = batch_rows;
    reader->ended = false;
    reader->join = join;
    if (status == WG_OK && sample != NULL) {
        WG_TRY(wg_join_choose(ctx, join, sample));
        const uint32_t own = reader->schema->n_columns;
        WG_TRY(wg_join_columns(ctx, join, reader->schema));
        const uint32_t all = reader->schema->n_columns;
        int *fields = wg_realloc(reader->field_of, all, sizeof *fields);
        if (fields == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        reader->field_of = fields;
        for (uint32_t c = own; c < all; c++) {
            fields[c] = -1;
        }
    }
done:
    wg_layer_free(sample);
    return status;
}

static void describe(wg_reader *reader) {
    wg_source *info = &reader->info;
    info->path = reader->path;
    info->layer = reader->layer_name;
    info->crs = reader->crs;
    info->x_field = reader->x_field;
    info->y_field = reader->y_field;
    info->wkt_field = reader->wkt_field;
    info->rows = reader->from_sql ? -1 : (int64_t)OGR_L_GetFeatureCount(reader->ogr, FALSE);
    if (info->rows >= reader->skip_rows) {
        info->rows -= reader->skip_rows;
    }
}

wg_status wg_reader_open(wg_context *ctx, const char *source, const char *role, const wg_read_options *options,
                         wg_reader **reader) {
    static const wg_read_options defaults = {0};
    options = options == NULL ? &defaults : options;
    wg_reader *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->x = made->y = made->wkt = UINT32_MAX;
    made->no_geometry = options->no_geometry;
    made->heights = options->heights;
    made->batch_rows = options->batch_rows > 0 ? options->batch_rows : WG_BATCH_ROWS;
    made->ahead = options->ahead;
    wg_join_words words = {0};
    char *plain = NULL;
    wg_gdal_catch(ctx, &made->errors);
    set_sheet_options(true);
    wg_status status = wg_join_words_parse(ctx, source == NULL ? "" : source, &plain, &words);
    if (status == WG_OK) {
        WG_TRY(wg_name_parse(ctx, plain, &made->name));
        WG_TRY(open_dataset(ctx, made, role));
        WG_TRY(make_schema(ctx, made, options));
        made->path = wg_source_public(plain);
        if (made->path == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        describe(made);
        if (words.table != NULL) {
            WG_TRY(attach_join(ctx, made, &words));
        }
        made->arrow = made->join == NULL && options->where == NULL && options->bounds == NULL && wg_arrow_usable(made);
        if (made->arrow) {
            wg_fgb_open(made);
        }
        OGR_L_ResetReading(made->ogr);
    }
done:
    set_sheet_options(false);
    wg_gdal_release();
    wg_join_words_release(&words);
    free(plain);
    if (status != WG_OK) {
        wg_reader_close(made);
        return status;
    }
    *reader = made;
    return WG_OK;
}

const wg_source *wg_reader_source(const wg_reader *reader) {
    return &reader->info;
}

const wg_layer *wg_reader_schema(const wg_reader *reader) {
    return reader->schema;
}

bool wg_reader_near(wg_reader *reader, const double bounds[4]) {
    if (reader->join != NULL || reader->from_sql || reader->no_geometry || OGR_L_GetGeomType(reader->ogr) == wkbNone) {
        return false;
    }
    wg_gdal_catch(NULL, &reader->errors);
    OGR_L_SetSpatialFilterRect(reader->ogr, bounds[0], bounds[1], bounds[2], bounds[3]);
    OGR_L_ResetReading(reader->ogr);
    reader->arrow = false; /* GDAL 3.6 would evaluate the filter row by row in the stream */
    wg_gdal_release();
    return true;
}

void wg_reader_close(wg_reader *reader) {
    if (reader == NULL) {
        return;
    }
    wg_ahead_stop(reader);
    wg_gdal_catch(NULL, &reader->errors);
    wg_arrow_close(reader);
    wg_fgb_close(reader);
    wg_join_free(reader->join);
    if (reader->from_sql) {
        GDALDatasetReleaseResultSet(reader->dataset, reader->ogr);
    }
    if (reader->dataset != NULL) {
        GDALClose(reader->dataset);
    }
    wg_gdal_release();
    wg_name_release(&reader->name);
    wg_layer_free(reader->schema);
    free(reader->field_of);
    free(reader->path);
    free(reader->layer_name);
    free(reader->crs);
    free(reader->x_field);
    free(reader->y_field);
    free(reader->wkt_field);
    wg_buffer_release(&reader->scratch);
    free(reader);
}

/* ---------------------------------------------------------------- reading */

static wg_status new_batch(wg_context *ctx, const wg_layer *schema, wg_layer **batch) {
    const bool none[1] = {false};
    return wg_layer_copy(ctx, schema, none, batch);
}

/** @return WG_OK with `more` false at the end */
static wg_status read_features(wg_context *ctx, wg_reader *reader, wg_layer *batch, bool *more) {
    wg_status status = WG_OK;
    OGRFeatureH feature = NULL;
    *more = true;
    while (batch->n < reader->batch_rows) {
        reader->errors.failed = false;
        feature = OGR_L_GetNextFeature(reader->ogr);
        if (feature == NULL) {
            *more = false;
            if (reader->errors.failed) {
                status = wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", wg_layer_source(reader->schema),
                                 reader->errors.message);
            }
            break;
        }
        WG_TRY(wg_reader_feature(ctx, reader, feature, batch));
        OGR_F_Destroy(feature);
        feature = NULL;
        if (batch->n % 4096 == 0 && wg_cancelled(ctx)) {
            status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
            goto done;
        }
    }
done:
    if (feature != NULL) {
        OGR_F_Destroy(feature);
    }
    return status;
}

wg_status wg_reader_take(wg_context *ctx, wg_reader *reader, struct ArrowArray *array, wg_layer **batch) {
    wg_gdal_errors errors; /* the reader's own are the other thread's */
    wg_layer *made = NULL;
    wg_gdal_catch(ctx, &errors);
    wg_status status = new_batch(ctx, reader->schema, &made);
    if (status == WG_OK) {
        status = wg_arrow_take(ctx, reader, array, made);
    }
    array->release(array);
    wg_gdal_release();
    if (status != WG_OK) {
        wg_layer_free(made);
        made = NULL;
    }
    *batch = made;
    return status;
}

wg_status wg_reader_pull(wg_context *ctx, wg_reader *reader, struct ArrowArray *array) {
    *array = (struct ArrowArray){0};
    if (reader->ended) {
        return WG_OK;
    }
    wg_gdal_catch(ctx, &reader->errors);
    wg_status status = WG_OK;
    do { /* an array without rows is not the end */
        if (array->release != NULL) {
            array->release(array);
        }
        status = wg_arrow_pull(ctx, reader, array);
    } while (status == WG_OK && array->release != NULL && array->length == 0);
    reader->ended = status != WG_OK || array->release == NULL;
    wg_gdal_release();
    return status;
}

wg_status wg_reader_batch(wg_context *ctx, wg_reader *reader, wg_layer **batch) {
    wg_layer *made = NULL;
    wg_status status = WG_OK;
    *batch = NULL;
    if (reader->ended) {
        return WG_OK;
    }
    wg_gdal_catch(ctx, &reader->errors);
    WG_TRY(new_batch(ctx, reader->schema, &made));
    bool more = true;
    if (reader->fgb != NULL) {
        WG_TRY(wg_fgb_next(ctx, reader, made, &more));
    }
    if (reader->fgb == NULL && more && made->n < reader->batch_rows) {
        WG_TRY(reader->arrow ? wg_arrow_next(ctx, reader, made, &more) : read_features(ctx, reader, made, &more));
    }
    reader->ended = !more;
    if (reader->join != NULL) {
        WG_TRY(wg_join_batch(ctx, reader->join, made));
        WG_TRY(reader->ended ? wg_join_report(ctx, reader->join) : WG_OK);
    }
    if (made->n > 0) {
        *batch = made;
        made = NULL;
    }
done:
    wg_gdal_release();
    wg_layer_free(made);
    return status;
}

wg_status wg_reader_next(wg_context *ctx, wg_reader *reader, wg_layer **batch) {
    return reader->ahead ? wg_ahead_next(ctx, reader, batch) : wg_reader_batch(ctx, reader, batch);
}

wg_status wg_reader_rewind(wg_context *ctx, wg_reader *reader) {
    wg_ahead_stop(reader);
    wg_gdal_catch(ctx, &reader->errors);
    wg_arrow_close(reader);
    wg_fgb_rewind(reader);
    OGR_L_ResetReading(reader->ogr);
    reader->ended = false;
    wg_gdal_release();
    return WG_OK;
}

/* ---------------------------------------------------------------- whole layers */

/** The role is said where the layer's own name does not say it. */
static wg_status no_rows(wg_context *ctx, const wg_layer *layer, const char *role) {
    const bool said = role == NULL || strcmp(role, layer->name) == 0;
    return wg_fail(ctx, WG_EDATA, "%s: %s%sthe layer has no features", wg_layer_source(layer), said ? "" : role,
                   said ? "" : ": ");
}

wg_status wg_read_source(wg_context *ctx, const char *source, const char *role, const wg_read_options *options,
                         bool empty_ok, wg_layer **layer) {
    wg_read_options whole = options == NULL ? (wg_read_options){0} : *options;
    whole.batch_rows = SIZE_MAX;
    wg_reader *reader = NULL;
    wg_layer *made = NULL;
    wg_status status = wg_reader_open(ctx, source, role, &whole, &reader);
    if (status != WG_OK) {
        return status;
    }
    WG_TRY(wg_reader_next(ctx, reader, &made));
    if (made == NULL) {
        WG_TRY(new_batch(ctx, reader->schema, &made));
        if (!empty_ok) {
            status = no_rows(ctx, made, role);
            goto done;
        }
    }
    *layer = made;
    made = NULL;
done:
    wg_layer_free(made);
    wg_reader_close(reader);
    return status;
}

wg_status wg_read(wg_context *ctx, const wg_input *input, const char *role, wg_layer **layer) {
    if (!wg_input_given(input)) {
        return wg_fail(ctx, WG_EINVAL, "no %s were given", role == NULL ? "features" : role);
    }
    if (input->layer == NULL) {
        const wg_read_options options = {.crs = input->crs, .encoding = input->encoding};
        return wg_read_source(ctx, input->source, role, &options, false, layer);
    }
    wg_layer *copy = NULL;
    wg_status status = wg_layer_copy(ctx, input->layer, NULL, &copy);
    if (status == WG_OK && copy->n == 0) {
        status = no_rows(ctx, copy, role);
    }
    if (status == WG_OK && input->crs != NULL) {
        status = wg_layer_set_crs(ctx, copy, input->crs);
    }
    if (status != WG_OK) {
        wg_layer_free(copy);
        return status;
    }
    *layer = copy;
    return WG_OK;
}
