/** Opening what a user named; private to this module. */
#ifndef WG_IO_SOURCE_H
#define WG_IO_SOURCE_H

#include "io/gdal.h"
#include "io/read.h"

/** A source's name, taken apart. */
typedef struct wg_name {
    char *path;   /**< what GDAL opens */
    char *layer;  /**< NULL: not named */
    int layer_id; /**< -1: not named */
    char *label;  /**< base name for messages */
    bool is_file; /**< something on a local disk */
} wg_name;

/** @return WG_EINVAL for an unknown |option=, WG_EIO for a file that is missing or cannot be read */
wg_status wg_name_parse(wg_context *ctx, const char *source, wg_name *name);
void wg_name_release(wg_name *name);
/** Whether a path ends with the extension (".csv"), in any case. */
bool wg_has_extension(const char *path, const char *extension);

/** Open the data set read-only. @param options  GDAL open options, NULL: none */
wg_status wg_source_open(wg_context *ctx, const wg_name *name, const char *const *options, wg_gdal_errors *errors,
                         GDALDatasetH *dataset);
/** The layer that was named, or the only one, or the one called like `role`, or the only one with features. */
wg_status wg_source_layer(wg_context *ctx, const wg_name *name, const char *role, GDALDatasetH dataset,
                          OGRLayerH *layer);

#endif
