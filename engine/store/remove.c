#include "store/internal.h"

wg_status wg_store_remove(wg_context *ctx, wg_store *store, const char *name, const char *column,
                          const char *const *values, size_t n, uint64_t *removed) {
    wg_status status = WG_OK;
    sqlite3_stmt *statement = NULL;
    bool own = false;
    *removed = 0;
    if (n == 0 || !wg_store_has(store, name)) {
        return WG_OK;
    }
    WG_TRY(store_need_writable(ctx, store));
    WG_TRY(store_enter(ctx, store, &own));
    WG_TRY(store_exec(ctx, store, "CREATE INDEX IF NOT EXISTS \"by_%w_%w\" ON \"%w\" (\"%w\")", name, column, name,
                      column));
    WG_TRY(store_prepare(ctx, store, &statement, "DELETE FROM \"%w\" WHERE \"%w\" = ?", name, column));
    for (size_t i = 0; i < n; i++) {
        if (sqlite3_bind_text(statement, 1, values[i], -1, SQLITE_STATIC) != SQLITE_OK) {
            status = store_fail(ctx, store, "removing rows");
            goto done;
        }
        WG_TRY(store_step(ctx, store, statement));
        *removed += (uint64_t)sqlite3_changes(store->db);
    }
done:
    sqlite3_finalize(statement);
    return store_leave(ctx, store, own, status);
}
