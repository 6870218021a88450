/** The inside of a writer; private to this module. */
#ifndef WG_IO_WRITER_H
#define WG_IO_WRITER_H

#include <stdio.h>

#include "io/gdal.h"
#include "io/output.h"
#include "io/write.h"
#include "model/text.h"

/**
 * How one format is written. `rows` is called after `layer`; `settle` (NULL where a format holds one layer) before the
 * next `layer`, with the schema of the one that ends; `finish` closes, `release` frees, both once.
 */
typedef struct wg_backend {
    wg_status (*layer)(wg_context *ctx, wg_writer *writer, const wg_layer *schema, const char *geometry_type);
    wg_status (*rows)(wg_context *ctx, wg_writer *writer, const wg_layer *rows);
    wg_status (*settle)(wg_context *ctx, wg_writer *writer);
    wg_status (*finish)(wg_context *ctx, wg_writer *writer);
    void (*release)(wg_writer *writer);
} wg_backend;

struct wg_writer {
    wg_write_options options; /**< strings are the caller's */
    wg_format format;
    wg_encoding encoding;
    char *target; /**< what the user named, for messages */
    char *label;
    wg_output *output; /**< NULL for databases */
    const wg_backend *backend;
    uint32_t n_layers;
    wg_layer *schema; /**< of the layer that is being written */
    int decimals;     /**< of coordinates */
    /* text formats */
    FILE *file;
    wg_buffer buffer, encoded;
    wg_buffer whole; /**< a geometry with its Z and M */
    size_t rows_written;
    bool points; /**< CSV: x and y columns */
    bool wkt;    /**< CSV: a WKT column */
    uint64_t unencodable;
    /* OGR */
    GDALDatasetH dataset;
    OGRLayerH ogr;
    const char *driver;
    char *layer_name;
    char *geometry_type; /**< as the caller said; NULL: from the first rows */
    OGRwkbGeometryType ogr_type;
    bool layer_open, in_transaction;
    uint64_t left_out;  /**< features that the format cannot hold */
    size_t *text_bytes; /**< longest text a column, known before; NULL: not known */
    struct wg_gpkg *gpkg;
    wg_gdal_errors errors;
};

extern const wg_backend wg_json_backend, wg_csv_backend, wg_gpkg_backend, wg_ogr_backend;

/** GDAL options of this thread while it writes, on and off. */
void wg_ogr_options(bool on);
/** Make the data set, or connect to the database. */
wg_status wg_ogr_create(wg_context *ctx, wg_writer *writer);
/** Make a layer with the schema's fields in writer->dataset; sets ogr, ogr_type and layer_open. */
wg_status wg_ogr_open_layer(wg_context *ctx, wg_writer *writer, const char *geometry_type);

/** Hand the buffer to the file where it is large, or always with `all`. */
wg_status wg_writer_flush(wg_context *ctx, wg_writer *writer, bool all);
wg_status wg_writer_open_file(wg_context *ctx, wg_writer *writer);
wg_status wg_writer_close_file(wg_context *ctx, wg_writer *writer);

/** UTF-8 bytes of a short name: up to five characters of GB18030, and the NUL. */
enum { WG_SHORT_NAME = 24 };

/** Name of a DBF field: at most 10 bytes in `encoding`, not among the `n` that are taken. */
void wg_short_name(const char *name, wg_encoding encoding, char (*taken)[WG_SHORT_NAME], uint32_t n,
                   char out[WG_SHORT_NAME]);

/** Geometry of a row as ISO WKB, with its Z and M where it has any; NULL: none. Valid until the next call; memory that
 * is out shows in writer->whole.failed. */
const uint8_t *wg_writer_wkb(wg_writer *writer, const wg_layer *rows, size_t row, size_t *bytes);
/** "point", "line", "polygon", "multipoint" … "mixed" or "none": what fits all rows. */
const char *wg_rows_geometry_type(const wg_layer *rows);

#endif
