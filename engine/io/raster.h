/** A window of a raster of counts (GeoTIFF and whatever else GDAL reads). */
#ifndef WG_IO_RASTER_H
#define WG_IO_RASTER_H

#include "core/memory.h"
#include "core/status.h"

typedef struct wg_raster {
    char *label;        /**< file name for messages */
    char *crs;          /**< NULL when unknown */
    double to_pixel[6]; /**< column = t0 + t1 x + t2 y, row = t3 + t4 x + t5 y, of the whole raster */
    int64_t columns, rows;
    int64_t first_column, first_row, window_columns, window_rows; /**< what `value` holds, after wg_raster_read */
    double *value;                                                /**< row by row; no data and negative counts are 0 */
} wg_raster;

/** @return whether a source is a raster (and not a vector data set as well) */
bool wg_is_raster(wg_context *ctx, const char *source);
/** Open and describe; nothing is read. */
wg_status wg_raster_open(wg_context *ctx, const char *source, wg_raster *raster);
/**
 * Read the pixels that the bounds (min x, min y, max x, max y, in the raster's CRS) touch.
 * @return WG_EDATA where they do not meet the raster, or the window is larger than 200 million pixels
 */
wg_status wg_raster_read(wg_context *ctx, const char *source, const double bounds[4], wg_raster *raster);
void wg_raster_release(wg_raster *raster);

#endif
