#include "io/raster.h"

#include <math.h>
#include <string.h>

#include "io/gdal.h"
#include "io/read.h"

static const double most_pixels = 2e8;

bool wg_is_raster(wg_context *ctx, const char *source) {
    wg_gdal_errors errors;
    wg_gdal_catch(ctx, &errors);
    const bool raster = GDALIdentifyDriverEx(source, GDAL_OF_RASTER, NULL, NULL) != NULL &&
                        GDALIdentifyDriverEx(source, GDAL_OF_VECTOR, NULL, NULL) == NULL;
    wg_gdal_release();
    return raster;
}

static wg_status describe(wg_context *ctx, GDALDatasetH dataset, wg_raster *raster) {
    double transform[6];
    if (GDALGetRasterCount(dataset) < 1 || GDALGetGeoTransform(dataset, transform) != CE_None ||
        !GDALInvGeoTransform(transform, raster->to_pixel)) {
        return wg_fail(ctx, WG_EDATA, "%s: the raster says not where it lies (no geotransform)", raster->label);
    }
    raster->columns = GDALGetRasterXSize(dataset);
    raster->rows = GDALGetRasterYSize(dataset);
    raster->crs = wg_srs_text(GDALGetSpatialRef(dataset));
    return WG_OK;
}

/** @return the open data set, with `raster` described; NULL on failure */
static GDALDatasetH open_raster(wg_context *ctx, const char *source, wg_gdal_errors *errors, wg_raster *raster,
                                wg_status *status) {
    *raster = (wg_raster){.label = wg_source_label(source)};
    if (raster->label == NULL) {
        *status = wg_fail_memory(ctx);
        return NULL;
    }
    GDALDatasetH dataset = GDALOpenEx(source, GDAL_OF_RASTER | GDAL_OF_VERBOSE_ERROR, NULL, NULL, NULL);
    *status = dataset == NULL ? wg_fail(ctx, WG_EIO, "%s: %s", raster->label, errors->message)
                              : describe(ctx, dataset, raster);
    if (*status != WG_OK && dataset != NULL) {
        GDALClose(dataset);
        dataset = NULL;
    }
    return dataset;
}

wg_status wg_raster_open(wg_context *ctx, const char *source, wg_raster *raster) {
    wg_gdal_errors errors;
    wg_status status = WG_OK;
    wg_gdal_catch(ctx, &errors);
    GDALDatasetH dataset = open_raster(ctx, source, &errors, raster, &status);
    if (dataset != NULL) {
        GDALClose(dataset);
    }
    wg_gdal_release();
    if (status != WG_OK) {
        wg_raster_release(raster);
    }
    return status;
}

/** Columns and rows that the bounds touch. */
static wg_status set_window(wg_context *ctx, const double b[4], wg_raster *raster) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    const double *t = raster->to_pixel;
    for (int corner = 0; corner < 4; corner++) {
        const double x = b[corner & 1 ? 2 : 0], y = b[corner & 2 ? 3 : 1];
        const double at[2] = {t[0] + t[1] * x + t[2] * y, t[3] + t[4] * x + t[5] * y};
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], floor(at[k]));
            high[k] = fmax(high[k], floor(at[k]) + 1.0);
        }
    }
    const double size[2] = {(double)raster->columns, (double)raster->rows};
    for (int k = 0; k < 2; k++) {
        low[k] = fmax(low[k], 0.0);
        high[k] = fmin(high[k], size[k]);
        if (!(low[k] < high[k])) {
            return wg_fail(ctx, WG_EDATA, "%s: the raster does not cover the buildings (is the CRS right?)",
                           raster->label);
        }
    }
    if ((high[0] - low[0]) * (high[1] - low[1]) > most_pixels) {
        return wg_fail(ctx, WG_EDATA,
                       "%s: %.0f pixels are needed, more than 200 million (cut the buildings into parts)",
                       raster->label, (high[0] - low[0]) * (high[1] - low[1]));
    }
    raster->first_column = (int64_t)low[0];
    raster->first_row = (int64_t)low[1];
    raster->window_columns = (int64_t)(high[0] - low[0]);
    raster->window_rows = (int64_t)(high[1] - low[1]);
    return WG_OK;
}

static wg_status read_window(wg_context *ctx, GDALDatasetH dataset, const wg_gdal_errors *errors, wg_raster *raster) {
    GDALRasterBandH band = GDALGetRasterBand(dataset, 1);
    const size_t n = (size_t)(raster->window_columns * raster->window_rows);
    int has_no_data = 0;
    const double no_data = GDALGetRasterNoDataValue(band, &has_no_data);
    raster->value = wg_malloc(n, sizeof *raster->value);
    if (raster->value == NULL) {
        return wg_fail_memory(ctx);
    }
    const int width = (int)raster->window_columns, height = (int)raster->window_rows;
    if (GDALRasterIO(band, GF_Read, (int)raster->first_column, (int)raster->first_row, width, height, raster->value,
                     width, height, GDT_Float64, 0, 0) != CE_None) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", raster->label, errors->message);
    }
    for (size_t i = 0; i < n; i++) {
        const double value = raster->value[i];
        /* a float raster's no-data value may differ in its last bits once it is a double: such values are huge and
         * negative */
        const bool nothing = !isfinite(value) || value < 0.0 || (has_no_data && value == no_data);
        raster->value[i] = nothing ? 0.0 : value;
    }
    return WG_OK;
}

wg_status wg_raster_read(wg_context *ctx, const char *source, const double bounds[4], wg_raster *raster) {
    wg_gdal_errors errors;
    wg_status status = WG_OK;
    wg_gdal_catch(ctx, &errors);
    GDALDatasetH dataset = open_raster(ctx, source, &errors, raster, &status);
    if (dataset != NULL) {
        status = set_window(ctx, bounds, raster);
        status = status == WG_OK ? read_window(ctx, dataset, &errors, raster) : status;
        GDALClose(dataset);
    }
    wg_gdal_release();
    if (status != WG_OK) {
        wg_raster_release(raster);
    }
    return status;
}

void wg_raster_release(wg_raster *raster) {
    free(raster->label);
    free(raster->crs);
    free(raster->value);
    *raster = (wg_raster){0};
}
