/** What the files of `wangge export` share. */
#ifndef WG_PLAN_EXPORT_H
#define WG_PLAN_EXPORT_H

#include <jansson.h>

#include "io/output.h"
#include "io/write.h"
#include "model/contract.h"
#include "store/store.h"

typedef enum wg_export_format {
    WG_EXPORT_GEOJSON = 1 << 0,
    WG_EXPORT_SHP = 1 << 1,
    WG_EXPORT_GPKG = 1 << 2,
    WG_EXPORT_FGB = 1 << 3,
    WG_EXPORT_CSV = 1 << 4,
    WG_EXPORT_XLSX = 1 << 5
} wg_export_format;

typedef struct wg_export_job {
    const wg_export_options *options;
    bool zh;
    uint32_t formats; /**< of wg_export_format */
    wg_store *store;
    char **names; /**< layers of the plan in its order (one block) */
    bool *wanted; /**< a name */
    size_t n_names;
    const char *crs;     /**< of all formats but GeoJSON */
    const char *degrees; /**< of GeoJSON: WGS 84, or an offset system */
    int decimals;        /**< of GeoJSON's degrees: the fewest that leave every polygon valid and every edge met */
    bool exact;          /**< cells meet each other and their communities in the plan, and after export */
    wg_output *output;
    wg_writer *gpkg;
    wg_layer *styles, *fields;
    wg_layer **sheets; /**< for the workbook, with column aliases made later */
    size_t n_sheets, sheets_capacity;
    json_t *files;
} wg_export_job;

/**
 * A layer of the plan in another CRS: long edges get vertices first, then every vertex is moved and rounded by itself,
 * so that neighbours stay seamless. @param decimals  0: not rounded
 */
wg_status wg_export_layer(wg_context *ctx, wg_export_job *job, const char *name, const char *crs, int decimals,
                          wg_layer **layer);

/** WG_EDATA where a polygon that was valid in the plan no longer is. */
wg_status wg_export_validate(wg_context *ctx, wg_export_job *job, const wg_layer *layer);

/** Find the decimals for degrees, and say whether cells cover their communities exactly, in the plan and as exported.
 */
wg_status wg_export_settle(wg_context *ctx, wg_export_job *job);

/** Rows of one family of geometries (tables: all rows). */
typedef struct wg_export_piece {
    wg_layer *layer; /**< NULL: none */
    wg_geometry geometry;
} wg_export_piece;
/** Split a layer for formats with one geometry type a layer; "_point", "_line", "_polygon" where there are several. */
wg_status wg_export_split(wg_context *ctx, const wg_layer *layer, wg_export_piece pieces[3]);

#endif
