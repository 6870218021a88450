#include "plan/row.h"

#include <math.h>

static bool find(wg_row *at, const char *column, uint32_t *index) {
    if (at->status != WG_OK) {
        return false;
    }
    *index = wg_layer_column(at->layer, column);
    if (*index == UINT32_MAX) {
        at->status = wg_fail(at->ctx, WG_EINTERNAL, "%s: there is no column %s", wg_layer_source(at->layer), column);
    }
    return at->status == WG_OK;
}

void wg_row_begin(wg_row *at, const void *wkb, size_t bytes) {
    if (at->status == WG_OK) {
        at->status = wg_layer_add_row(at->ctx, at->layer, wkb, bytes, &at->row);
    }
}

void wg_row_text(wg_row *at, const char *column, const char *value) {
    uint32_t index;
    if (find(at, column, &index)) {
        at->status = wg_layer_set_text(at->ctx, at->layer, at->row, index, value);
    }
}

void wg_row_integer(wg_row *at, const char *column, int64_t value) {
    uint32_t index;
    if (find(at, column, &index)) {
        at->status = wg_layer_set_integer(at->ctx, at->layer, at->row, index, value);
    }
}

void wg_row_real(wg_row *at, const char *column, double value) {
    uint32_t index;
    if (find(at, column, &index) && isfinite(value)) {
        at->status = wg_layer_set_real(at->ctx, at->layer, at->row, index, value);
    }
}
