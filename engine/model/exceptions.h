/** Everything that was repaired, doubted or left out, one row each: the plan's `exceptions` layer. */
#ifndef WG_MODEL_EXCEPTIONS_H
#define WG_MODEL_EXCEPTIONS_H

#include "core/memory.h"
#include "core/status.h"

typedef struct wg_exception {
    const char *layer;   /**< communities, buildings, barriers, units, cells … */
    const char *feature; /**< its id, code or feature number; "" for none */
    const char *problem; /**< stable code, e.g. invalid_geometry, duplicate_building, community_overlap */
    const char *detail;  /**< English sentence with the figures */
    const char *advice;  /**< what the planner can do; "" for nothing */
    double x, y;         /**< working CRS; NAN for none */
} wg_exception;

/** A list that owns its strings; all zero is empty. One list a thread, merged in the order of communities. */
typedef struct wg_exceptions {
    wg_exception *items;
    size_t n, capacity;
    wg_arena text;
} wg_exceptions;

/** Append. `detail_format` is printf-like. @return WG_OK or WG_ENOMEM */
wg_status wg_exceptions_add(wg_context *ctx, wg_exceptions *list, const char *layer, const char *feature,
                            const char *problem, double x, double y, const char *advice, const char *detail_format, ...)
    WG_PRINTF(9, 10);
/** Append copies of all items of `from`. */
wg_status wg_exceptions_merge(wg_context *ctx, wg_exceptions *list, const wg_exceptions *from);
/** Number of items with this problem code. */
size_t wg_exceptions_count(const wg_exceptions *list, const char *problem);
void wg_exceptions_release(wg_exceptions *list);

#endif
