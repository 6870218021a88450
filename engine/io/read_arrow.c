/* Batches through OGR's Arrow stream. */
#include "io/reader.h"

bool wg_arrow_usable(const wg_reader *reader) {
    (void)reader;
    return false;
}

wg_status wg_arrow_next(wg_context *ctx, wg_reader *reader, wg_layer *batch) {
    (void)batch;
    return wg_fail(ctx, WG_EINTERNAL, "%s: no Arrow stream", wg_layer_source(reader->schema));
}

void wg_arrow_close(wg_reader *reader) {
    (void)reader;
}
