/** Fill a layer row by row, by column names, with one check at the end. */
#ifndef WG_PLAN_ROW_H
#define WG_PLAN_ROW_H

#include "model/layer.h"

/** Start one as {.ctx = ctx, .layer = layer}. After a failure every call does nothing; `status` tells. */
typedef struct wg_row {
    wg_context *ctx;
    wg_layer *layer;
    size_t row;
    wg_status status;
} wg_row;

void wg_row_begin(wg_row *at, const void *wkb, size_t bytes);
/** Unknown (not finite) numbers and NULL texts stay NULL. The column must exist. */
void wg_row_text(wg_row *at, const char *column, const char *value);
void wg_row_integer(wg_row *at, const char *column, int64_t value);
void wg_row_real(wg_row *at, const char *column, double value);

#endif
