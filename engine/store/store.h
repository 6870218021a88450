/**
 * A plan: one SpatiaLite file whose tables are the layers of model/contract.h (and any other layer that was put into
 * it). Valid for QGIS, OGR and the spatialite shell: spatial_ref_sys, geometry_columns, triggers and spatial indexes
 * are there.
 *
 * Tables have an integer primary key `fid` in the order of rows, the layer's columns, and the geometry in `geom`
 * (MULTIPOLYGON and MULTILINESTRING for polygons and lines, so that QGIS and SpatiaLite see one type; a layer read back
 * has the simple type where a row has one part). Coordinates are stored as they are, bit for bit. One store is used by
 * one thread at a time.
 */
#ifndef WG_STORE_STORE_H
#define WG_STORE_STORE_H

#include "model/contract.h"

typedef struct wg_store wg_store;

/** The CRS of a plan. `name` alone is enough for an EPSG code that SpatiaLite knows. */
typedef struct wg_store_srs {
    const char *name; /**< what layers call it: "EPSG:4526", or any text that PROJ understands */
    const char *wkt;  /**< WKT 1 for spatial_ref_sys; NULL: SpatiaLite's own text for the EPSG code */
    const char *proj; /**< PROJ string; NULL: as wkt */
} wg_store_srs;

typedef enum wg_store_mode { WG_STORE_READ = 0, WG_STORE_WRITE } wg_store_mode;

/**
 * Make an empty plan at `path`, which must not exist (the caller chooses a name beside the final one and renames after
 * wg_store_close, which makes the bytes durable). Nothing is visible to other processes before that.
 */
wg_status wg_store_create(wg_context *ctx, const char *path, const wg_store_srs *srs, wg_store **store);

/**
 * Open a plan. Writing happens in SQLite transactions of the file itself: a crash leaves the last committed state.
 * @return WG_EIO: no such file, not a SQLite file; WG_EDATA: a database that is not a plan, or of a newer version
 */
wg_status wg_store_open(wg_context *ctx, const char *path, wg_store_mode mode, wg_store **store);

/** Close; an open transaction is rolled back. A created plan is flushed to the disk. @return WG_EIO where that fails */
wg_status wg_store_close(wg_context *ctx, wg_store *store);
/** Close without a word (cleanup after a failure); NULL is fine. */
void wg_store_free(wg_store *store);

/** @return true where the file looks like a plan; no message */
bool wg_store_is_plan(const char *path);

wg_status wg_store_begin(wg_context *ctx, wg_store *store);
wg_status wg_store_commit(wg_context *ctx, wg_store *store);
void wg_store_rollback(wg_store *store);

/**
 * Write a layer as the table `layer->name`. Within a transaction of the caller's, or in one of its own.
 *
 * Column names that differ only in case, or that the store needs itself (fid, geom), get a number behind them. A layer
 * CRS other than the plan's is refused. The spatial index is packed (sort-tile-recursive) rather than inserted row by
 * row.
 *
 * @param append  false: the table is replaced; true: rows are added behind, new columns are added to the table
 * @return WG_EDATA where an appended column has another type, or a geometry does not fit the table's; O(bytes + n log
 * n)
 */
wg_status wg_store_put(wg_context *ctx, wg_store *store, const wg_layer *layer, bool append);

/**
 * Make (or replace) an empty table for rows that will be appended in parts.
 * @param layer   its name and columns
 * @param sample  its geometry type holds these rows
 */
wg_status wg_store_declare(wg_context *ctx, wg_store *store, const wg_layer *layer, const wg_layer *sample);

/** Drop a table and all that SpatiaLite knows of it; a missing one is fine. */
wg_status wg_store_drop(wg_context *ctx, wg_store *store, const char *name);

/**
 * Remove the rows whose `column` equals one of `n` texts (a number column compares by its value). Makes an index on the
 * column.
 * @param[out] removed  their number; 0 where there is no such table
 */
wg_status wg_store_remove(wg_context *ctx, wg_store *store, const char *name, const char *column,
                          const char *const *values, size_t n, uint64_t *removed);

/** Read a table as a layer, rows in the order of fid. @return WG_ENOTFOUND where there is no such layer */
wg_status wg_store_get(wg_context *ctx, wg_store *store, const char *name, wg_layer **layer);

/** As wg_store_get, and an empty layer of the contract where the plan does not have it. */
wg_status wg_store_get_or_empty(wg_context *ctx, wg_store *store, const char *name, wg_layer **layer);

bool wg_store_has(wg_store *store, const char *name);
/** Rows of a table; 0 where there is none. */
size_t wg_store_rows(wg_store *store, const char *name);
/** The CRS as layers call it. */
const char *wg_store_crs(const wg_store *store);
const char *wg_store_path(const wg_store *store);

/**
 * Names of all layers: those of the contract in its order, each followed by its level layers by name, then others by
 * name.
 * @param[out] names  n strings in one block: free(names) frees all
 */
wg_status wg_store_layers(wg_context *ctx, wg_store *store, char ***names, size_t *n);

/** A value bound to a `?` of a query, from the first. */
typedef struct wg_store_value {
    wg_type type;
    const char *text; /**< NULL: SQL NULL */
    int64_t integer;
    double real;
} wg_store_value;

/**
 * A query (SELECT only) as a layer named "query". Columns that hold SpatiaLite geometry become the row's geometry (the
 * first one; others are left out); a column's type is its declared one, else that of its first value that is not null.
 */
wg_status wg_store_sql(wg_context *ctx, wg_store *store, const char *sql, const wg_store_value *values,
                       uint32_t n_values, wg_layer **layer);

/** The SQLite connection with SpatiaLite loaded, for modules that speak SQL themselves; owned by the store. */
struct sqlite3 *wg_store_sqlite(wg_store *store);

/**
 * Content hash: SHA-256 over the layers of the contract, whatever the order of tables, columns and rows. Left out:
 * runs.when, null values, SpatiaLite's bookkeeping, the history of edits, tables that are not of the contract.
 * @param hex  caller's buffer of WG_STORE_HASH_BYTES
 */
enum { WG_STORE_HASH_BYTES = 65 };
wg_status wg_store_hash(wg_context *ctx, wg_store *store, char hex[WG_STORE_HASH_BYTES]);

#endif
