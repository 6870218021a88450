/** A layer: named columns and one geometry (2D little-endian ISO WKB) a row. The public type's inside. */
#ifndef WG_MODEL_LAYER_H
#define WG_MODEL_LAYER_H

#include "core/memory.h"
#include "core/status.h"

typedef struct wg_column {
    char *name;
    wg_type type;
    uint8_t *null; /**< 1 where the row's value is unknown */
    union {
        const char **text; /**< strings in the layer's arena */
        int64_t *integer;
        double *real;
    } value;
} wg_column;

/** Z and M of the vertices of one geometry, which itself is 2D, in the order of its vertices. */
typedef struct wg_heights {
    bool z, m;
    size_t n;       /**< vertices */
    double value[]; /**< a vertex: z, m, or z and m */
} wg_heights;

struct wg_layer {
    char *name;
    char *crs;    /**< NULL when unknown */
    char *source; /**< what messages call it, e.g. "map.gpkg: buildings"; NULL: the name */
    size_t n, capacity;
    uint32_t n_columns;
    wg_column *columns;
    size_t columns_capacity;
    int64_t *fid; /**< feature number for messages, as the source counts */
    uint8_t *wkb; /**< all geometries, one after the other */
    size_t wkb_length, wkb_capacity;
    size_t *wkb_offset;         /**< n + 1 (allocated capacity + 1); equal neighbours: no geometry */
    bool has_z, has_m;          /**< the source's layer, or one of the rows */
    const wg_heights **heights; /**< of each row, in the arena, NULL where it has none; NULL: no row has any */
    wg_arena text;
};

/** Set the name that messages use ("FILE: LAYER"). */
wg_status wg_layer_set_source(wg_context *ctx, wg_layer *layer, const char *source);
/** @return "FILE: LAYER", for messages */
const char *wg_layer_source(const wg_layer *layer);
/** Replace the CRS text; NULL: unknown. */
wg_status wg_layer_set_crs(wg_context *ctx, wg_layer *layer, const char *crs);
/** Give a row's geometry the `values` of its `n` vertices; z and m say which. Kept by wg_layer_copy, and where
 * coordinates are transformed in place. */
wg_status wg_layer_set_heights(wg_context *ctx, wg_layer *layer, size_t row, bool z, bool m, const double *values,
                               size_t n);
/** @return Z and M of a row, NULL where it is 2D */
const wg_heights *wg_layer_heights(const wg_layer *layer, size_t row);
/** Replace all geometries at once, which are 2D then. Takes ownership of both arrays (offset has n + 1 entries). */
void wg_layer_take_wkb(wg_layer *layer, uint8_t *wkb, size_t wkb_length, size_t *offset);
/**
 * Add `n` rows without geometry, values unknown, for whoever fills the arrays itself: faster than row by row.
 * @param[out] first  the first of them
 */
wg_status wg_layer_add_rows(wg_context *ctx, wg_layer *layer, size_t n, size_t *first);
/** Set to NULL. */
void wg_layer_set_null(wg_layer *layer, size_t row, uint32_t column);
/** An empty layer with the name, CRS, source and columns of `like`. */
wg_status wg_layer_new_like(wg_context *ctx, const wg_layer *like, wg_layer **made);
/** Value `column` of a row into column `to_column`, of the same type, of a row of another layer; unknown stays unknown.
 */
wg_status wg_layer_copy_value(wg_context *ctx, const wg_layer *from, size_t row, uint32_t column, wg_layer *to,
                              size_t to_row, uint32_t to_column);
/** Add a row with its geometry, values and number to a layer with the same columns. */
wg_status wg_layer_copy_row(wg_context *ctx, const wg_layer *from, size_t row, wg_layer *to);
/** A copy with only the rows that `keep` marks (NULL: all rows). */
wg_status wg_layer_copy(wg_context *ctx, const wg_layer *layer, const bool *keep, wg_layer **copy);
/**
 * Error or warning text of one feature: "FILE: LAYER: feature 17: ..." as wg_fail does.
 * @param row  index in the layer; the feature number printed is its fid
 */
wg_status wg_layer_fail(wg_context *ctx, const wg_layer *layer, size_t row, wg_status status, const char *format, ...)
    WG_PRINTF(5, 6);

#endif
