/** What every user of GDAL in this module needs; private to it. */
#ifndef WG_IO_GDAL_H
#define WG_IO_GDAL_H

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "core/memory.h"
#include "core/status.h"

/** Register GDAL's drivers, once a process. */
void wg_gdal_start(void);

/** GDAL's messages of the calling thread, kept instead of printed. */
typedef struct wg_gdal_errors {
    wg_context *ctx;
    bool failed;       /**< a message of class failure came since the last reset */
    char message[512]; /**< the first one; without passwords */
} wg_gdal_errors;

/** Catch from now on; `errors` must live until the matching release. Nests. */
void wg_gdal_catch(wg_context *ctx, wg_gdal_errors *errors);
void wg_gdal_release(void);

/** "EPSG:n" where the authority is known or found, else WKT (free with free()); NULL for unknown, undefined and local
 * ones. */
char *wg_srs_text(OGRSpatialReferenceH srs);
/** From a layer's CRS text, longitude first. NULL where it is NULL, gcj02 or bd09, or not understood. */
OGRSpatialReferenceH wg_srs_from_text(const char *crs);

#endif
