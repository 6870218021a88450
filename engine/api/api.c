/* The public functions that no module owns: thin, they compute nothing. */
#include <stdlib.h>

#include "core/status.h"
#include "crs/crs.h"
#include "io/read.h"
#include "io/write.h"

const char *wg_version(void) {
    return WANGGE_VERSION;
}

void wg_free(void *pointer) {
    free(pointer);
}

wg_status wg_layer_read(wg_context *ctx, const char *source, wg_layer **layer) {
    wg_clear_error(ctx);
    *layer = NULL;
    if (source == NULL || source[0] == '\0') {
        return wg_fail(ctx, WG_EINVAL, "a layer to read has no name (give a path or a connection string)");
    }
    const wg_read_options options = {0};
    return wg_read_source(ctx, source, NULL, &options, true, layer);
}

wg_status wg_layer_write(wg_context *ctx, const wg_layer *layer, const char *path, bool overwrite) {
    wg_clear_error(ctx);
    if (path == NULL || path[0] == '\0') {
        return wg_fail(ctx, WG_EINVAL, "a layer to write has no file name");
    }
    wg_status status = WG_OK;
    wg_layer *degrees = NULL;
    wg_write_options options = WG_WRITE_OPTIONS_INIT;
    options.overwrite = overwrite;
    if (wg_format_parse(path) == WG_FORMAT_GEOJSON && layer->crs != NULL) { /* GeoJSON is WGS 84 */
        WG_TRY(wg_layer_copy(ctx, layer, NULL, &degrees));
        WG_TRY(wg_crs_transform_dense(ctx, degrees, WG_CRS_WGS84, 0.001));
    }
    status = wg_write(ctx, degrees != NULL ? degrees : layer, path, &options);
done:
    wg_layer_free(degrees);
    return status;
}
