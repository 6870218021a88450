/* Everything that OGR writes: Shapefile, GeoPackage, FlatGeobuf, PostGIS and whatever else an extension names. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "io/fields.h"
#include "io/source.h"
#include "io/writer.h"
#include "model/wkb.h"

enum { DBF_TEXT_BYTES = 254, DBF_NAME_BYTES = 10, LDID_GBK = 0x4D };

/* ---------------------------------------------------------------- data sets */

/** The driver that creates files of this extension. */
static const char *driver_of_extension(const char *path) {
    const char *dot = strrchr(path, '.');
    const int n = GDALGetDriverCount();
    for (int i = 0; dot != NULL && i < n; i++) {
        GDALDriverH driver = GDALGetDriver(i);
        const char *extensions = GDALGetMetadataItem(driver, GDAL_DMD_EXTENSIONS, NULL);
        if (extensions == NULL || GDALGetMetadataItem(driver, GDAL_DCAP_VECTOR, NULL) == NULL ||
            GDALGetMetadataItem(driver, GDAL_DCAP_CREATE, NULL) == NULL) {
            continue;
        }
        char **list = CSLTokenizeString2(extensions, " ", 0);
        const bool found = CSLFindString(list, dot + 1) >= 0;
        CSLDestroy(list);
        if (found) {
            return GDALGetDriverShortName(driver);
        }
    }
    return NULL;
}

static const char *driver_name(const wg_writer *writer) {
    switch (writer->format) {
    case WG_FORMAT_SHAPEFILE:
        return "ESRI Shapefile";
    case WG_FORMAT_GEOPACKAGE:
        return "GPKG";
    case WG_FORMAT_FLATGEOBUF:
        return "FlatGeobuf";
    case WG_FORMAT_POSTGIS:
        return "PostgreSQL";
    default:
        return driver_of_extension(writer->target);
    }
}

/** Dates inside files do not depend on the clock; the file is made durable by its output, not by SQLite. */
void wg_ogr_options(bool on) {
    char date[32];
    wg_file_date(date, sizeof date);
    char millis[40];
    (void)snprintf(millis, sizeof millis, "%.19s.000Z", date);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", on ? millis : NULL);
    CPLSetThreadLocalConfigOption("OGR_SQLITE_SYNCHRONOUS", on ? "OFF" : NULL);
    CPLSetThreadLocalConfigOption("PG_USE_COPY", on ? "YES" : NULL);
}

static wg_status open_database(wg_context *ctx, wg_writer *writer) {
    static const char *const options[] = {"LIST_ALL_TABLES=NO", NULL};
    const char *bar = strchr(writer->target, '|');
    char *connection =
        bar == NULL ? wg_strdup(writer->target) : wg_strndup(writer->target, (size_t)(bar - writer->target));
    if (connection == NULL) {
        return wg_fail_memory(ctx);
    }
    writer->dataset = GDALOpenEx(connection, GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, options, NULL);
    free(connection);
    if (writer->dataset == NULL) {
        return wg_fail(ctx, WG_EIO, "%s: %s", writer->label, writer->errors.message);
    }
    return WG_OK;
}

wg_status wg_ogr_create(wg_context *ctx, wg_writer *writer) {
    writer->driver = driver_name(writer);
    if (writer->driver == NULL) {
        return wg_fail(ctx, WG_EINVAL,
                       "%s: no format that GDAL writes has this extension (use .geojson, .shp, .gpkg, .fgb or .csv)",
                       writer->label);
    }
    if (writer->format == WG_FORMAT_POSTGIS) {
        return open_database(ctx, writer);
    }
    GDALDriverH driver = GDALGetDriverByName(writer->driver);
    writer->dataset =
        driver == NULL ? NULL : GDALCreate(driver, wg_output_path(writer->output), 0, 0, 0, GDT_Unknown, NULL);
    return writer->dataset != NULL
               ? WG_OK
               : wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, writer->errors.message);
}

static wg_status begin(wg_context *ctx, wg_writer *writer) {
    if (writer->in_transaction || !GDALDatasetTestCapability(writer->dataset, ODsCTransactions)) {
        return WG_OK;
    }
    writer->in_transaction = GDALDatasetStartTransaction(writer->dataset, FALSE) == OGRERR_NONE;
    if (!writer->in_transaction && writer->format == WG_FORMAT_POSTGIS) {
        return wg_fail(ctx, WG_EIO, "%s: no transaction: %s", writer->label, writer->errors.message);
    }
    return WG_OK;
}

/* ---------------------------------------------------------------- layers */

static OGRwkbGeometryType ogr_type(const char *name) {
    static const struct {
        const char *name;
        OGRwkbGeometryType type;
    } types[] = {{"none", wkbNone},
                 {"point", wkbPoint},
                 {"line", wkbLineString},
                 {"polygon", wkbPolygon},
                 {"multipoint", wkbMultiPoint},
                 {"multiline", wkbMultiLineString},
                 {"multipolygon", wkbMultiPolygon}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(name, types[i].name) == 0) {
            return types[i].type;
        }
    }
    return wkbUnknown;
}

/** A Shapefile's polygons and lines are multi by nature; a stream's later rows may be multi in any format. */
static OGRwkbGeometryType layer_type(const wg_writer *writer, const char *geometry_type) {
    const OGRwkbGeometryType type = ogr_type(geometry_type);
    const bool whole = writer->text_bytes != NULL;
    if (writer->format == WG_FORMAT_SHAPEFILE) {
        return type == wkbMultiPolygon ? wkbPolygon : type == wkbMultiLineString ? wkbLineString : type;
    }
    if (!whole && (type == wkbPolygon || type == wkbLineString)) {
        return type == wkbPolygon ? wkbMultiPolygon : wkbMultiLineString;
    }
    return type;
}

/** The first of some names that no field has. */
static const char *free_name(const wg_writer *writer, const char *const *names) {
    const wg_layer *schema = writer->schema;
    bool taken = true;
    while (taken && names[1] != NULL) {
        taken = false;
        for (uint32_t c = 0; c < schema->n_columns; c++) {
            taken = taken || strcasecmp(schema->columns[c].name, names[0]) == 0;
        }
        names += taken ? 1 : 0;
    }
    return names[0];
}

static char **layer_options(const wg_writer *writer, OGRwkbGeometryType type) {
    static const char *const fid_names[] = {"fid", "ogc_fid", "row_fid", NULL};
    static const char *const geometry_names[] = {"geom", "geometry", "the_geom", NULL};
    char **options = NULL;
    char date[32];
    const bool index = !writer->options.no_spatial_index && type != wkbNone;
    switch (writer->format) {
    case WG_FORMAT_SHAPEFILE:
        wg_file_date(date, sizeof date);
        date[10] = '\0';
        options = CSLSetNameValue(options, "DBF_DATE_LAST_UPDATE", date);
        options = CSLSetNameValue(options, "ENCODING",
                                  writer->encoding == WG_ENCODING_UTF8 ? "UTF-8" : wg_encoding_name(writer->encoding));
        break;
    case WG_FORMAT_GEOPACKAGE:
        options = CSLSetNameValue(options, "GEOMETRY_NAME", free_name(writer, geometry_names));
        options = CSLSetNameValue(options, "FID", free_name(writer, fid_names));
        options = CSLSetNameValue(options, "SPATIAL_INDEX", index ? "YES" : "NO");
        break;
    case WG_FORMAT_FLATGEOBUF:
        options = CSLSetNameValue(options, "SPATIAL_INDEX", index ? "YES" : "NO");
        break;
    case WG_FORMAT_POSTGIS:
        options = CSLSetNameValue(options, "LAUNDER", "NO");
        options = CSLSetNameValue(options, "GEOMETRY_NAME", free_name(writer, geometry_names));
        options = CSLSetNameValue(options, "FID", free_name(writer, fid_names));
        options = CSLSetNameValue(options, "SPATIAL_INDEX", index ? "GIST" : "NONE");
        options = CSLSetNameValue(options, "OVERWRITE", writer->options.overwrite ? "YES" : "NO");
        break;
    default:
        break;
    }
    return options;
}

static const char *alias_of(const wg_writer *writer, const char *field) {
    for (uint32_t i = 0; i < writer->options.n_aliases; i++) {
        if (strcmp(writer->options.aliases[i].field, field) == 0) {
            return writer->options.aliases[i].alias;
        }
    }
    return NULL;
}

static int dbf_width(const wg_writer *writer, uint32_t column) {
    const size_t bytes = writer->text_bytes == NULL ? DBF_TEXT_BYTES : writer->text_bytes[column];
    /* GB18030 needs four bytes where UTF-8 needs two to four: never more than twice as many */
    const size_t room = writer->encoding == WG_ENCODING_UTF8 ? bytes : bytes * 2;
    return (int)(room < 1 ? 1 : room > DBF_TEXT_BYTES ? DBF_TEXT_BYTES : room);
}

static OGRFieldDefnH make_field(const wg_writer *writer, uint32_t c, const char *name) {
    const bool dbf = writer->format == WG_FORMAT_SHAPEFILE;
    const wg_type type = writer->schema->columns[c].type;
    OGRFieldDefnH field = OGR_Fld_Create(name, type == WG_TEXT      ? OFTString
                                               : type == WG_INTEGER ? OFTInteger64
                                                                    : OFTReal);
    if (dbf && type == WG_TEXT) {
        OGR_Fld_SetWidth(field, dbf_width(writer, c));
    } else if (dbf && type == WG_INTEGER) {
        OGR_Fld_SetWidth(field, 18);
    } else if (dbf) {
        OGR_Fld_SetWidth(field, 24);
        OGR_Fld_SetPrecision(field, 9);
    }
    const char *alias = alias_of(writer, writer->schema->columns[c].name);
    if (alias != NULL) {
        OGR_Fld_SetAlternativeName(field, alias);
    }
    return field;
}

static wg_status write_alias_table(wg_context *ctx, wg_writer *writer, char (*names)[WG_SHORT_NAME]);

static wg_status create_fields(wg_context *ctx, wg_writer *writer) {
    const wg_layer *schema = writer->schema;
    char(*names)[WG_SHORT_NAME] = wg_calloc(schema->n_columns, sizeof *names);
    wg_status status = names == NULL ? wg_fail_memory(ctx) : WG_OK;
    bool cut = false;
    for (uint32_t c = 0; c < schema->n_columns && status == WG_OK; c++) {
        const char *name = schema->columns[c].name;
        if (writer->format == WG_FORMAT_SHAPEFILE) {
            wg_short_name(name, writer->encoding, names, c, names[c]);
            cut = cut || strcmp(name, names[c]) != 0;
            name = names[c];
        }
        OGRFieldDefnH field = make_field(writer, c, name);
        if (OGR_L_CreateField(writer->ogr, field, FALSE) != OGRERR_NONE) {
            status = wg_fail(ctx, WG_EIO, "%s: field %s: %s", writer->label, name, writer->errors.message);
        }
        OGR_Fld_Destroy(field);
    }
    if (status == WG_OK && writer->format == WG_FORMAT_SHAPEFILE && (cut || writer->options.n_aliases > 0)) {
        status = write_alias_table(ctx, writer, names);
    }
    free(names);
    return status;
}

/** "cells.fields.csv" beside "cells.shp": what each short name stands for. */
static wg_status write_alias_table(wg_context *ctx, wg_writer *writer, char (*names)[WG_SHORT_NAME]) {
    wg_buffer path = {0};
    const char *built = wg_output_path(writer->output);
    wg_buffer_append(&path, built, strlen(built) - 4);
    wg_buffer_text(&path, ".fields.csv");
    FILE *file = path.failed ? NULL : fopen(path.data, "we");
    bool good = file != NULL && fputs("\xEF\xBB\xBF"
                                      "field,name,alias\n",
                                      file) >= 0;
    for (uint32_t c = 0; good && c < writer->schema->n_columns; c++) {
        const char *alias = alias_of(writer, writer->schema->columns[c].name);
        good = fprintf(file, "\"%s\",\"%s\",\"%s\"\n", names[c], writer->schema->columns[c].name,
                       alias == NULL ? "" : alias) > 0;
    }
    good = file != NULL && fclose(file) == 0 && good;
    wg_buffer_release(&path);
    return good ? WG_OK : wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, strerror(errno));
}

static const char *ogr_layer_name(const wg_writer *writer, char **owned) {
    const char *bar = strstr(writer->target, "|layername=");
    *owned = NULL;
    if (writer->format == WG_FORMAT_POSTGIS && bar != NULL) {
        return bar + strlen("|layername=");
    }
    if (writer->format == WG_FORMAT_SHAPEFILE) {
        const char *built = wg_output_path(writer->output);
        const char *base = strrchr(built, '/') == NULL ? built : strrchr(built, '/') + 1;
        *owned = wg_strndup(base, strlen(base) - 4);
        return *owned;
    }
    return writer->layer_name;
}

static OGRSpatialReferenceH writer_srs(const wg_writer *writer) {
    return wg_srs_from_text(writer->options.crs_wkt != NULL ? writer->options.crs_wkt : writer->schema->crs);
}

wg_status wg_ogr_open_layer(wg_context *ctx, wg_writer *writer, const char *geometry_type) {
    char *owned = NULL;
    const char *name = ogr_layer_name(writer, &owned);
    writer->ogr_type = layer_type(writer, geometry_type);
    if (writer->ogr_type != wkbNone) {
        writer->ogr_type = OGR_GT_SetModifier(writer->ogr_type, writer->schema->has_z, writer->schema->has_m);
    }
    wg_status status = name == NULL ? wg_fail_memory(ctx) : WG_OK;
    if (status == WG_OK && writer->format == WG_FORMAT_SHAPEFILE && wkbFlatten(writer->ogr_type) == wkbUnknown) {
        status = wg_fail(ctx, WG_EINVAL, "%s: a Shapefile holds points, lines or polygons, not a mixture (use .gpkg)",
                         writer->label);
    }
    if (status == WG_OK && writer->format == WG_FORMAT_POSTGIS && !writer->options.overwrite &&
        GDALDatasetGetLayerByName(writer->dataset, name) != NULL) {
        status = wg_fail(ctx, WG_EEXISTS, "%s: table %s exists (use --overwrite to replace it)", writer->label, name);
    }
    if (status == WG_OK) {
        OGRSpatialReferenceH srs = writer_srs(writer);
        char **options = layer_options(writer, writer->ogr_type);
        writer->errors.failed = false;
        writer->ogr = GDALDatasetCreateLayer(writer->dataset, name, srs, writer->ogr_type, options);
        CSLDestroy(options);
        OSRDestroySpatialReference(srs);
        if (writer->ogr == NULL) {
            status =
                wg_fail(ctx, WG_EIO, "%s: layer %s cannot be made: %s", writer->label, name, writer->errors.message);
        }
    }
    free(owned);
    if (status == WG_OK) {
        status = create_fields(ctx, writer);
    }
    writer->layer_open = status == WG_OK;
    return status;
}

/** Layers of unknown type wait for their first rows. */
static wg_status settle_layer(wg_context *ctx, wg_writer *writer, const wg_layer *rows) {
    if (writer->layer_open) {
        return WG_OK;
    }
    return wg_ogr_open_layer(ctx, writer, rows == NULL ? "none" : wg_rows_geometry_type(rows));
}

/** A layer of unknown type that stayed empty. */
static wg_status ogr_settle(wg_context *ctx, wg_writer *writer) {
    wg_ogr_options(true);
    const wg_status status = settle_layer(ctx, writer, NULL);
    wg_ogr_options(false);
    return status;
}

static wg_status ogr_layer(wg_context *ctx, wg_writer *writer, const wg_layer *schema, const char *geometry_type) {
    (void)schema;
    wg_ogr_options(true);
    wg_status status = WG_OK;
    if (writer->dataset == NULL) {
        WG_TRY(wg_ogr_create(ctx, writer));
    }
    WG_TRY(begin(ctx, writer));
    writer->layer_open = false;
    if (geometry_type != NULL) {
        WG_TRY(wg_ogr_open_layer(ctx, writer, geometry_type));
    }
done:
    wg_ogr_options(false);
    return status;
}

/* ---------------------------------------------------------------- rows */

static OGRGeometryH make_geometry(const wg_writer *writer, const void *wkb, size_t bytes) {
    OGRGeometryH geometry = NULL;
    if (OGR_G_CreateFromWkbEx(wkb, NULL, &geometry, bytes) != OGRERR_NONE) {
        return NULL;
    }
    const OGRwkbGeometryType type = wkbFlatten(OGR_G_GetGeometryType(geometry));
    if (type + 3 == wkbFlatten(writer->ogr_type) && type <= wkbPolygon) {
        return OGR_G_ForceTo(geometry, writer->ogr_type, NULL);
    }
    return geometry;
}

/** Cut where a DBF field ends, at a character. */
static const char *fitting_text(wg_writer *writer, uint32_t c, const char *text) {
    const size_t width = (size_t)dbf_width(writer, c);
    size_t length = wg_utf8_cut(text, width);
    if (writer->encoding != WG_ENCODING_UTF8) {
        length = strlen(text);
        for (;;) {
            wg_buffer_clear(&writer->encoded);
            (void)wg_text_encode(writer->encoding, text, length, &writer->encoded);
            if (writer->encoded.length <= width || length == 0) {
                break;
            }
            length = wg_utf8_cut(text, length - 1);
        }
    }
    if (text[length] == '\0') {
        return text;
    }
    wg_buffer_clear(&writer->buffer);
    wg_buffer_append(&writer->buffer, text, length);
    return writer->buffer.failed ? "" : writer->buffer.data;
}

static void set_field(wg_writer *writer, OGRFeatureH feature, const wg_layer *rows, size_t row, uint32_t c) {
    const int field = (int)c;
    if (wg_layer_is_null(rows, row, c)) {
        OGR_F_SetFieldNull(feature, field);
        return;
    }
    switch (rows->columns[c].type) {
    case WG_TEXT: {
        const char *text = rows->columns[c].value.text[row];
        OGR_F_SetFieldString(feature, field,
                             writer->format == WG_FORMAT_SHAPEFILE ? fitting_text(writer, c, text) : text);
        break;
    }
    case WG_INTEGER:
        OGR_F_SetFieldInteger64(feature, field, rows->columns[c].value.integer[row]);
        break;
    case WG_REAL:
    default:
        if (isfinite(rows->columns[c].value.real[row])) {
            OGR_F_SetFieldDouble(feature, field, rows->columns[c].value.real[row]);
        } else {
            OGR_F_SetFieldNull(feature, field);
        }
        break;
    }
}

static wg_status write_row(wg_context *ctx, wg_writer *writer, const wg_layer *rows, size_t row) {
    size_t bytes = 0;
    const void *wkb = wg_writer_wkb(writer, rows, row, &bytes);
    if (writer->whole.failed) {
        return wg_fail_memory(ctx);
    }
    if (wkb == NULL && writer->format == WG_FORMAT_FLATGEOBUF && writer->ogr_type != wkbNone) {
        writer->left_out++; /* the driver would drop it without a word */
        return WG_OK;
    }
    OGRFeatureH feature = OGR_F_Create(OGR_L_GetLayerDefn(writer->ogr));
    if (feature == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t c = 0; c < rows->n_columns; c++) {
        set_field(writer, feature, rows, row, c);
    }
    if (wkb != NULL && writer->ogr_type != wkbNone) {
        (void)OGR_F_SetGeometryDirectly(feature, make_geometry(writer, wkb, bytes));
    }
    writer->errors.failed = false;
    const bool good = OGR_L_CreateFeature(writer->ogr, feature) == OGRERR_NONE;
    OGR_F_Destroy(feature);
    return good ? WG_OK
                : wg_layer_fail(ctx, rows, row, WG_EIO, "cannot be written to %s: %s", writer->label,
                                writer->errors.message);
}

static wg_status ogr_rows(wg_context *ctx, wg_writer *writer, const wg_layer *rows) {
    wg_ogr_options(true);
    wg_status status = rows->n == 0 ? WG_OK : settle_layer(ctx, writer, rows);
    for (size_t row = 0; row < rows->n && status == WG_OK; row++) {
        status = write_row(ctx, writer, rows, row);
        if (row % 4096 == 0 && wg_cancelled(ctx)) {
            status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
        }
    }
    wg_ogr_options(false);
    return status;
}

/* ---------------------------------------------------------------- the end */

/** Old desktops read the language byte, not the .cpg. */
static wg_status patch_ldid(wg_context *ctx, const wg_writer *writer) {
    if (writer->format != WG_FORMAT_SHAPEFILE || writer->encoding != WG_ENCODING_GB18030) {
        return WG_OK;
    }
    wg_buffer path = {0};
    const char *built = wg_output_path(writer->output);
    wg_buffer_append(&path, built, strlen(built) - 4);
    wg_buffer_text(&path, ".dbf");
    FILE *file = path.failed ? NULL : fopen(path.data, "r+be");
    bool good = file != NULL && fseek(file, 29, SEEK_SET) == 0 && fputc(LDID_GBK, file) == LDID_GBK;
    good = file != NULL && fclose(file) == 0 && good;
    wg_buffer_release(&path);
    return good ? WG_OK : wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, strerror(errno));
}

static wg_status ogr_finish(wg_context *ctx, wg_writer *writer) {
    wg_status status = WG_OK;
    wg_ogr_options(true);
    WG_TRY(settle_layer(ctx, writer, NULL));
    writer->errors.failed = false;
    if (writer->in_transaction) {
        writer->in_transaction = false;
        if (GDALDatasetCommitTransaction(writer->dataset) != OGRERR_NONE) {
            status = wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, writer->errors.message);
            goto done;
        }
    }
    GDALClose(writer->dataset);
    writer->dataset = NULL;
    if (writer->errors.failed) {
        status = wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, writer->errors.message);
        goto done;
    }
    if (writer->left_out > 0) {
        wg_log(ctx, WG_LOG_WARNING,
               "%s: %llu features without geometry are left out, since FlatGeobuf cannot hold them (use .gpkg)",
               writer->label, (unsigned long long)writer->left_out);
    }
    status = patch_ldid(ctx, writer);
done:
    wg_ogr_options(false);
    return status;
}

static void ogr_release(wg_writer *writer) {
    if (writer->dataset != NULL) {
        if (writer->in_transaction) {
            (void)GDALDatasetRollbackTransaction(writer->dataset);
        }
        GDALClose(writer->dataset);
        writer->dataset = NULL;
    }
}

const wg_backend wg_ogr_backend = {ogr_layer, ogr_rows, ogr_settle, ogr_finish, ogr_release};
