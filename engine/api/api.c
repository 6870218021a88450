/* The public functions that no module owns: thin, they compute nothing. */
#include <stdlib.h>

#include "core/status.h"
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
    wg_write_options options = WG_WRITE_OPTIONS_INIT;
    options.overwrite = overwrite;
    return wg_write(ctx, layer, path, &options);
}
