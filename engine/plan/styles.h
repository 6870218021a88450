/** QGIS styles inside a plan. */
#ifndef WG_PLAN_STYLES_H
#define WG_PLAN_STYLES_H

#include "store/store.h"

/**
 * Write (or write anew) the table `layer_styles`, where QGIS finds a style for each layer of the plan when it opens it.
 * Not part of the content hash. Within the caller's transaction, or in one of its own.
 */
wg_status wg_plan_put_styles(wg_context *ctx, wg_store *store, wg_lang lang);

/** An empty table of styles with QGIS's columns. */
wg_status wg_styles_new(wg_context *ctx, wg_layer **styles);
/** A row of it. @param schema  "" in a GeoPackage, NULL in SpatiaLite; @param geometry_column  "" for tables */
wg_status wg_styles_add(wg_context *ctx, wg_layer *styles, const char *schema, const char *layer,
                        const char *geometry_column, const char *qml);

#endif
