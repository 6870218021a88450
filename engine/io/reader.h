/** The inside of a reader; private to this module. */
#ifndef WG_IO_READER_H
#define WG_IO_READER_H

#include <ogr_recordbatch.h>

#include "io/join.h"
#include "io/source.h"

enum { WG_BATCH_ROWS = 65536 };

struct wg_reader {
    wg_name name;
    GDALDatasetH dataset;
    OGRLayerH ogr;
    bool from_sql; /**< `ogr` is a result set of `dataset` */
    wg_layer *schema;
    wg_join *join; /**< NULL: none */
    int *field_of; /**< OGR field of each column of the schema; -1: joined */
    wg_source info;
    char *path, *layer_name, *crs, *x_field, *y_field, *wkt_field; /**< what `info` points to */
    bool raw_text;   /**< strings come as the file's bytes, in info.encoding */
    bool may_be_cut; /**< fixed-width text */
    bool no_geometry, heights;
    uint32_t x, y, wkt; /**< columns with coordinates, UINT32_MAX: none */
    int64_t skip_rows;  /**< rows before a spreadsheet's data: title and header */
    size_t batch_rows;
    bool ended;
    bool arrow; /**< read through the Arrow stream */
    struct wg_arrow *stream;
    struct wg_fgb *fgb; /**< read without OGR; NULL: not */
    bool ahead;         /**< read the next batch while the caller works on the last one */
    struct wg_ahead *reading;
    wg_buffer scratch;
    wg_gdal_errors errors;
};

/** Append text of the source to `out` as UTF-8, by the reader's encoding. */
void wg_reader_decode(const wg_reader *reader, const char *bytes, size_t length, wg_buffer *out);
/** Find out the encoding of a DBF or CSV: stated, LDID, .cpg, byte order mark, detection. */
wg_status wg_reader_encoding(wg_context *ctx, wg_reader *reader, const char *stated);
/** Columns and coordinates of a table; `header` holds the cells of a spreadsheet's header row or is NULL. */
wg_status wg_reader_coordinates(wg_context *ctx, wg_reader *reader, const wg_read_options *options);
/** Geometry of a table's row that was just read. */
wg_status wg_reader_point(wg_context *ctx, const wg_reader *reader, wg_layer *batch, size_t row);
/** Find the header row of a spreadsheet among its first rows. */
wg_status wg_reader_sheet(wg_context *ctx, wg_reader *reader);
bool wg_driver_is_sheet(const char *driver);

/** Append one feature to a batch. */
wg_status wg_reader_feature(wg_context *ctx, wg_reader *reader, OGRFeatureH feature, wg_layer *batch);
/** Put a geometry's WKB behind those of the rows before `row`, which has none yet. Consumes nothing. */
wg_status wg_reader_geometry(wg_context *ctx, const wg_reader *reader, OGRGeometryH geometry, wg_layer *batch,
                             size_t row);

/** The next batch, on the calling thread. */
wg_status wg_reader_batch(wg_context *ctx, wg_reader *reader, wg_layer **batch);
/** The two halves of that for an Arrow stream, which two threads may do at once: pulling an array with rows (release ==
 * NULL at the end) … */
wg_status wg_reader_pull(wg_context *ctx, wg_reader *reader, struct ArrowArray *array);
/** … and making a batch of it. Releases the array. */
wg_status wg_reader_take(wg_context *ctx, wg_reader *reader, struct ArrowArray *array, wg_layer **batch);
/** The next batch, from the thread that reads ahead. */
wg_status wg_ahead_next(wg_context *ctx, wg_reader *reader, wg_layer **batch);
/** End that thread, wherever it is; what it has read is lost. */
void wg_ahead_stop(wg_reader *reader);

/** Set reader->fgb where the source is a FlatGeobuf file of plain columns and 2D geometries of one type. */
void wg_fgb_open(wg_reader *reader);
/** Rows of the next batch. Where reader->fgb is NULL afterwards, OGR's next feature is the one behind them. */
wg_status wg_fgb_next(wg_context *ctx, wg_reader *reader, wg_layer *batch, bool *more);
void wg_fgb_rewind(wg_reader *reader);
void wg_fgb_close(wg_reader *reader);

/** Whether the Arrow stream of this source is fast and right in this GDAL. */
bool wg_arrow_usable(const wg_reader *reader);
/** The stream's next array, which the caller releases; release == NULL at the end. */
wg_status wg_arrow_pull(wg_context *ctx, wg_reader *reader, struct ArrowArray *array);
/** Append an array's rows to a batch. Touches nothing that pulling the next one does. */
wg_status wg_arrow_take(wg_context *ctx, wg_reader *reader, const struct ArrowArray *array, wg_layer *batch);
/** Rows of the next batch (all that are left where batch_rows is SIZE_MAX). @param[out] more  false at the end */
wg_status wg_arrow_next(wg_context *ctx, wg_reader *reader, wg_layer *batch, bool *more);
void wg_arrow_close(wg_reader *reader);

#endif
