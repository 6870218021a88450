#include "store/internal.h"

/** One statement's rows: their numbers go, their boxes with them. */
static wg_status remove_rows(wg_context *ctx, wg_store *store, sqlite3_stmt *statement, store_pending *pending,
                             uint64_t *removed) {
    wg_status status = WG_OK;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        WG_TRY(wg_rtree_remove(ctx, pending->boxes, sqlite3_column_int64(statement, 0)));
        pending->shrunk = true;
        (*removed)++;
    }
    status = code == SQLITE_DONE ? WG_OK : store_fail(ctx, store, "removing rows");
done:
    sqlite3_reset(statement);
    return status;
}

/**
 * With triggers off, as rows are written: the index is packed anew when the transaction ends, and boxes of rows that
 * were put in the same transaction are in no index yet.
 */
wg_status wg_store_remove(wg_context *ctx, wg_store *store, const char *name, const char *column,
                          const char *const *values, size_t n, uint64_t *removed) {
    wg_status status = WG_OK;
    sqlite3_stmt *statement = NULL;
    store_pending *pending = NULL;
    int enabled = 1;
    bool own = false;
    *removed = 0;
    if (n == 0 || !wg_store_has(store, name)) {
        return WG_OK;
    }
    status = store_need_writable(ctx, store);
    if (status == WG_OK) {
        status = store_enter(ctx, store, &own);
    }
    if (status != WG_OK) {
        return status;
    }
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, &enabled);
    WG_TRY(store_exec(ctx, store, "CREATE INDEX IF NOT EXISTS \"by_%w_%w\" ON \"%w\" (\"%w\")", name, column, name,
                      column));
    WG_TRY(store_pending_of(ctx, store, name, &pending));
    WG_TRY(store_prepare(ctx, store, &statement, "DELETE FROM \"%w\" WHERE \"%w\" = ? RETURNING " STORE_FID, name,
                         column));
    for (size_t i = 0; i < n; i++) {
        if (sqlite3_bind_text(statement, 1, values[i], -1, SQLITE_STATIC) != SQLITE_OK) {
            status = store_fail(ctx, store, "removing rows");
            goto done;
        }
        WG_TRY(remove_rows(ctx, store, statement, pending, removed));
    }
done:
    sqlite3_finalize(statement);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, &enabled);
    return store_leave(ctx, store, own, status);
}
