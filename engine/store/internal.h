/** What the files of this module share. */
#ifndef WG_STORE_INTERNAL_H
#define WG_STORE_INTERNAL_H

#include <sqlite3.h>

#include "model/rtree.h"
#include "store/store.h"

#define STORE_FID "fid"
#define STORE_GEOMETRY "geom"

/** Types of geometry_columns: OGC numbers, 0 for a mixture, -1 for a table without geometry. */
enum { STORE_NO_GEOMETRY = -1, STORE_MIXED = 0 };

/** Boxes of a table's rows while rows are added; the index is packed once, when the transaction ends. */
typedef struct store_pending {
    char *table;
    wg_rtree *boxes;
    int64_t next_fid; /**< a number is not used again where its row was removed in the same transaction */
    bool shrunk;      /**< rows were removed: the extent must be read again */
    double extent[4]; /**< exact, where boxes are rounded outwards; min x > max x: none */
} store_pending;

struct wg_store {
    sqlite3 *db;
    void *spatialite; /**< SpatiaLite's cache of this connection */
    char *path, *crs;
    int srid;
    bool created, writable;
    store_pending *pending;
    size_t n_pending, pending_capacity;
};

/** Message of the last SQLite error with the file in front. */
wg_status store_fail(wg_context *ctx, wg_store *store, const char *doing);
/** Run statements; `format` is sqlite3_mprintf's (%Q a string, "%w" a name). */
wg_status store_exec(wg_context *ctx, wg_store *store, const char *format, ...);
/** Prepare one statement; `format` as above. */
wg_status store_prepare(wg_context *ctx, wg_store *store, sqlite3_stmt **statement, const char *format, ...);
/** First column of the first row as a number; `missing` where there is none. */
wg_status store_number(wg_context *ctx, wg_store *store, int64_t missing, int64_t *value, const char *format, ...);
/** Step a statement that returns no rows and reset it. */
wg_status store_step(wg_context *ctx, wg_store *store, sqlite3_stmt *statement);
wg_status store_need_writable(wg_context *ctx, const wg_store *store);

/** Begin where no transaction is open. @param[out] own  whether this call began one */
wg_status store_enter(wg_context *ctx, wg_store *store, bool *own);
/** End what store_enter began: commit on WG_OK, else roll back. @return the first failure */
wg_status store_leave(wg_context *ctx, wg_store *store, bool own, wg_status status);

/** A column of a table: its name in the database, type, and where it comes from in a layer. */
typedef struct store_column {
    char *name;
    wg_type type;
    uint32_t source; /**< column of the layer, UINT32_MAX: the layer does not have it */
    bool fresh;      /**< not yet in the table */
} store_column;

typedef struct store_columns {
    store_column *items;
    size_t n, capacity;
    int geometry; /**< declared type, or STORE_NO_GEOMETRY */
} store_columns;

void store_columns_release(store_columns *columns);
/** Read the columns of an existing table (without fid and geometry). */
wg_status store_columns_of_table(wg_context *ctx, wg_store *store, const char *table, store_columns *columns);
wg_type store_declared_type(const char *declared);

/** Rebuild the packed index of a table. */
wg_status store_index_pack(wg_context *ctx, wg_store *store, const char *table, wg_rtree *boxes);
/** Add the boxes that the table's index holds now. */
wg_status store_index_read(wg_context *ctx, wg_store *store, const char *table, wg_rtree *boxes);

/** The pending boxes of a table; those that its index holds now are read when it becomes pending. */
wg_status store_pending_of(wg_context *ctx, wg_store *store, const char *table, store_pending **pending);
/** Forget what is pending for a table (NULL: for all). */
void store_pending_drop(wg_store *store, const char *table);
/** Pack indexes, write statistics and make the contract's indexes of everything that is pending. */
wg_status store_flush(wg_context *ctx, wg_store *store);

/** Bind a value of a layer to a parameter. */
wg_status store_bind_value(wg_context *ctx, wg_store *store, sqlite3_stmt *statement, int at, const wg_layer *layer,
                           size_t row, uint32_t column);

#endif
