/** Write layers: GeoJSON, Shapefile, GeoPackage, FlatGeobuf, CSV, PostGIS and any other OGR format; all or nothing. */
#ifndef WG_IO_WRITE_H
#define WG_IO_WRITE_H

#include "model/layer.h"

typedef enum wg_format {
    WG_FORMAT_AUTO = 0, /**< from the file name: .geojson .json .shp .gpkg .fgb .csv .xlsx .kml …, "PG:…" */
    WG_FORMAT_GEOJSON,
    WG_FORMAT_SHAPEFILE,
    WG_FORMAT_GEOPACKAGE,
    WG_FORMAT_FLATGEOBUF,
    WG_FORMAT_CSV,
    WG_FORMAT_POSTGIS,
    WG_FORMAT_OTHER /**< any OGR driver that the extension names */
} wg_format;

/** @return format by name ("geojson", "shp", "gpkg", "fgb", "csv") or by a path's extension; AUTO where unknown */
wg_format wg_format_parse(const char *name_or_path);
const char *wg_format_extension(wg_format format); /**< ".geojson" …; "" for databases */

typedef enum wg_csv_geometry {
    WG_CSV_AUTO = 0 /**< x, y for points, WKT otherwise */,
    WG_CSV_XY,
    WG_CSV_WKT,
    WG_CSV_NONE
} wg_csv_geometry;

/** What a field is called for people, beside its short name. */
typedef struct wg_alias {
    const char *field;
    const char *alias;
} wg_alias;

typedef struct wg_write_options {
    wg_format format;
    const char *layer_name; /**< NULL: the layer's name (Shapefile: the file's) */
    const char *crs_wkt;    /**< WKT that is written as the CRS; NULL: from the layer's CRS text */
    const char *encoding;   /**< Shapefile and CSV: "UTF-8" (default), "GB18030" … */
    bool overwrite;
    int decimals; /**< of GeoJSON and CSV coordinates; 0: 9 for degrees, 4 for metres; more where polygons need it */
    bool bom;     /**< CSV: a byte order mark, for spreadsheets */
    bool guard;   /**< CSV: a leading = + - @ of a text gets an apostrophe, so that no spreadsheet runs it */
    wg_csv_geometry csv_geometry;
    const wg_alias *aliases; /**< also written as a table beside a Shapefile where names were cut */
    uint32_t n_aliases;
    bool no_spatial_index;
    const char *attribution; /**< recorded where the format has a place for it */
} wg_write_options;
#define WG_WRITE_OPTIONS_INIT                                                                                          \
    { 0 }

/**
 * Write one layer. GeoJSON needs degrees (WGS 84, or "gcj02" / "bd09" when the caller says so by the layer's CRS):
 * transform before. Dates inside files come from SOURCE_DATE_EPOCH, else a constant: same layer, same bytes.
 * @return WG_EEXISTS where the output exists without `overwrite`; nothing half-written is left behind
 */
wg_status wg_write(wg_context *ctx, const wg_layer *layer, const char *path, const wg_write_options *options);

/** Several layers or batches into one data set; appears as a whole on wg_writer_commit. */
typedef struct wg_writer wg_writer;
wg_status wg_writer_open(wg_context *ctx, const char *path, const wg_write_options *options, wg_writer **writer);
/** Start a layer with the columns, CRS and name of `schema` (rows are not written). One-layer formats accept one. */
wg_status wg_writer_layer(wg_context *ctx, wg_writer *writer, const wg_layer *schema, const char *geometry_type);
/** Append rows to the layer that was started last; columns as in its schema. */
wg_status wg_writer_rows(wg_context *ctx, wg_writer *writer, const wg_layer *rows);
/** Finish and put in place; the writer is freed, also on failure. */
wg_status wg_writer_commit(wg_context *ctx, wg_writer *writer);
/** Remove what was written; NULL is fine. */
void wg_writer_abort(wg_writer *writer);

/** Date for files, "YYYY-MM-DDTHH:MM:SSZ", from SOURCE_DATE_EPOCH, else 2000-01-01T00:00:00Z. @param text at least 32
 * bytes */
void wg_file_date(char *text, size_t bytes);

#endif
