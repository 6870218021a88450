#include "store/journal.h"

#include <string.h>

#include "store/blob.h"
#include "store/internal.h"

/* Acts: what happened to a row in a step. A row that was inserted has no before. */
#define ACT_KEPT "kept"
#define ACT_INSERTED "inserted"

static wg_status current_step(wg_context *ctx, wg_store *store, int64_t *step) {
    return store_number(ctx, store, 0, step, "SELECT max(step) FROM wg_history");
}

wg_status wg_store_edit_begin(wg_context *ctx, wg_store *store, const char *label) {
    wg_status status = wg_store_begin(ctx, store);
    if (status != WG_OK) {
        return status;
    }
    WG_TRY(store_exec(ctx, store, "CREATE TABLE IF NOT EXISTS wg_history(step INTEGER PRIMARY KEY, label TEXT)"));
    WG_TRY(store_exec(ctx, store, "INSERT INTO wg_history(label) VALUES(%Q)", label));
    return WG_OK;
done:
    wg_store_rollback(store);
    return status;
}

/** Names of a table's columns as a list for SQL, with fid and geometry: `fid, "a", "b", geom`. Free with sqlite3_free.
 */
static char *column_list(const store_columns *columns) {
    char *list = sqlite3_mprintf(STORE_FID);
    for (size_t i = 0; list != NULL && i < columns->n; i++) {
        list = sqlite3_mprintf("%z, \"%w\"", list, columns->items[i].name);
    }
    if (list != NULL && columns->geometry != STORE_NO_GEOMETRY) {
        list = sqlite3_mprintf("%z, " STORE_GEOMETRY, list);
    }
    return list;
}

static bool knows(const store_columns *columns, const char *name) {
    for (size_t i = 0; i < columns->n; i++) {
        if (strcmp(columns->items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/** The table of before-images of a layer, with all columns that the layer has now. */
static wg_status open_before(wg_context *ctx, wg_store *store, const char *layer, const store_columns *columns) {
    store_columns known = {.geometry = STORE_NO_GEOMETRY};
    wg_status status = WG_OK;
    char *name = sqlite3_mprintf("wg_was_%s", layer);
    if (name == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(store_exec(ctx, store,
                      "CREATE TABLE IF NOT EXISTS \"%w\"(wg_step INTEGER, wg_act TEXT, " STORE_FID
                      " INTEGER, " STORE_GEOMETRY " BLOB, PRIMARY KEY(wg_step, " STORE_FID "))",
                      name));
    WG_TRY(store_columns_of_table(ctx, store, name, &known));
    for (size_t i = 0; i < columns->n; i++) {
        if (!knows(&known, columns->items[i].name)) {
            const wg_type type = columns->items[i].type;
            WG_TRY(store_exec(ctx, store, "ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s", name, columns->items[i].name,
                              type == WG_INTEGER ? "INTEGER"
                              : type == WG_REAL  ? "DOUBLE"
                                                 : "TEXT"));
        }
    }
done:
    store_columns_release(&known);
    sqlite3_free(name);
    return status;
}

/** What one edit of a layer needs. */
typedef struct edit {
    wg_store *store;
    const char *layer;
    store_columns columns;
    int64_t step;
    sqlite3_stmt *keep; /**< copies the row ?1 to the before-images, unless the step has it already */
} edit;

static wg_status open_edit(wg_context *ctx, wg_store *store, const char *layer, edit *own) {
    char *list = NULL;
    wg_status status = WG_OK;
    *own = (edit){.store = store, .layer = layer, .columns = {.geometry = STORE_NO_GEOMETRY}};
    if (sqlite3_get_autocommit(store->db) != 0) {
        return wg_fail(ctx, WG_EINTERNAL, "an edit was not begun");
    }
    WG_TRY(store_flush(ctx, store));
    WG_TRY(store_columns_of_table(ctx, store, layer, &own->columns));
    WG_TRY(current_step(ctx, store, &own->step));
    WG_TRY(open_before(ctx, store, layer, &own->columns));
    list = column_list(&own->columns);
    if (list == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(store_prepare(ctx, store, &own->keep,
                         "INSERT OR IGNORE INTO \"wg_was_%w\"(wg_step, wg_act, %s) SELECT %lld, '" ACT_KEPT
                         "', %s FROM \"%w\" WHERE " STORE_FID " = ?",
                         layer, list, (long long)own->step, list, layer));
done:
    sqlite3_free(list);
    return status;
}

static void close_edit(edit *own) {
    sqlite3_finalize(own->keep);
    store_columns_release(&own->columns);
}

static wg_status keep_row(wg_context *ctx, const edit *own, int64_t fid) {
    sqlite3_bind_int64(own->keep, 1, fid);
    return store_step(ctx, own->store, own->keep);
}

static bool any_geometry(const wg_layer *rows) {
    return rows->wkb_length > 0;
}

static wg_status prepare_update(wg_context *ctx, const edit *own, const wg_layer *rows, sqlite3_stmt **statement) {
    char *list = sqlite3_mprintf("");
    for (uint32_t c = 0; c < rows->n_columns && list != NULL; c++) {
        if (!knows(&own->columns, rows->columns[c].name)) {
            sqlite3_free(list);
            return wg_fail(ctx, WG_ENOTFOUND, "%s: layer %s has no field %s", own->store->path, own->layer,
                           rows->columns[c].name);
        }
        list = sqlite3_mprintf("%z%s\"%w\" = ?", list, c > 0 ? ", " : "", rows->columns[c].name);
    }
    if (list != NULL && any_geometry(rows)) {
        list = sqlite3_mprintf("%z%s" STORE_GEOMETRY " = ?", list, rows->n_columns > 0 ? ", " : "");
    }
    if (list == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status =
        store_prepare(ctx, own->store, statement, "UPDATE \"%w\" SET %s WHERE " STORE_FID " = ?", own->layer, list);
    sqlite3_free(list);
    return status;
}

/** Bind the blob of a row's geometry; `blob` must live until the statement was run. */
static wg_status bind_shape(wg_context *ctx, const edit *own, const wg_layer *rows, size_t row, sqlite3_stmt *statement,
                            int at, wg_buffer *blob) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(rows, row, &bytes);
    wg_buffer_clear(blob);
    if (bytes == 0) {
        sqlite3_bind_null(statement, at);
        return WG_OK;
    }
    const wg_status status = wg_blob_from_wkb(wkb, bytes, own->store->srid, own->columns.geometry, blob);
    if (status != WG_OK) {
        return status == WG_ENOMEM
                   ? wg_fail_memory(ctx)
                   : wg_layer_fail(ctx, rows, row, WG_EDATA, "its geometry does not fit into the plan's layer");
    }
    sqlite3_bind_blob64(statement, at, blob->data, blob->length, SQLITE_STATIC);
    return WG_OK;
}

wg_status wg_store_edit_update(wg_context *ctx, wg_store *store, const wg_layer *rows) {
    edit own;
    sqlite3_stmt *update = NULL;
    wg_buffer blob = {0};
    wg_status status = open_edit(ctx, store, rows->name, &own);
    if (status != WG_OK) {
        goto done;
    }
    WG_TRY(prepare_update(ctx, &own, rows, &update));
    for (size_t row = 0; row < rows->n; row++) {
        int at = 1;
        WG_TRY(keep_row(ctx, &own, rows->fid[row]));
        for (uint32_t c = 0; c < rows->n_columns; c++) {
            WG_TRY(store_bind_value(ctx, store, update, at++, rows, row, c));
        }
        if (any_geometry(rows)) {
            WG_TRY(bind_shape(ctx, &own, rows, row, update, at++, &blob));
        }
        sqlite3_bind_int64(update, at, rows->fid[row]);
        WG_TRY(store_step(ctx, store, update));
        if (sqlite3_changes(store->db) != 1) {
            status = wg_fail(ctx, WG_ENOTFOUND, "%s: layer %s has no row %lld", store->path, rows->name,
                             (long long)rows->fid[row]);
            goto done;
        }
    }
done:
    sqlite3_finalize(update);
    wg_buffer_release(&blob);
    close_edit(&own);
    return status;
}

wg_status wg_store_edit_insert(wg_context *ctx, wg_store *store, const wg_layer *rows) {
    edit own;
    sqlite3_stmt *note = NULL;
    int64_t last = 0;
    wg_status status = WG_OK;
    const bool there = wg_store_has(store, rows->name);
    if (there) {
        WG_TRY(store_number(ctx, store, 0, &last, "SELECT max(" STORE_FID ") FROM \"%w\"", rows->name));
    }
    WG_TRY(wg_store_put(ctx, store, rows, true));
    status = open_edit(ctx, store, rows->name, &own);
    if (status == WG_OK) {
        status =
            store_prepare(ctx, store, &note,
                          "INSERT OR IGNORE INTO \"wg_was_%w\"(wg_step, wg_act, " STORE_FID
                          ") SELECT %lld, '" ACT_INSERTED "', " STORE_FID " FROM \"%w\" WHERE " STORE_FID " > %lld",
                          rows->name, (long long)own.step, rows->name, (long long)last);
    }
    if (status == WG_OK) {
        status = store_step(ctx, store, note);
    }
    sqlite3_finalize(note);
    close_edit(&own);
done:
    return status;
}

wg_status wg_store_edit_delete(wg_context *ctx, wg_store *store, const char *layer, const int64_t *fids, size_t n) {
    edit own;
    sqlite3_stmt *remove = NULL;
    wg_status status = open_edit(ctx, store, layer, &own);
    if (status != WG_OK) {
        goto done;
    }
    WG_TRY(store_prepare(ctx, store, &remove, "DELETE FROM \"%w\" WHERE " STORE_FID " = ?", layer));
    for (size_t i = 0; i < n; i++) {
        WG_TRY(keep_row(ctx, &own, fids[i]));
        sqlite3_bind_int64(remove, 1, fids[i]);
        WG_TRY(store_step(ctx, store, remove));
    }
done:
    sqlite3_finalize(remove);
    close_edit(&own);
    return status;
}

wg_status wg_store_edit_commit(wg_context *ctx, wg_store *store) {
    return wg_store_commit(ctx, store);
}

/* ------------------------------------------------------------------ taking back */

/** Restore the rows of one layer as they were before `step`. */
static wg_status restore_layer(wg_context *ctx, wg_store *store, const char *before, int64_t step) {
    const char *layer = before + strlen("wg_was_");
    store_columns columns = {.geometry = STORE_NO_GEOMETRY};
    char *list = NULL;
    wg_status status = WG_OK;
    WG_TRY(store_columns_of_table(ctx, store, layer, &columns));
    list = column_list(&columns);
    if (list == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(open_before(ctx, store, layer, &columns));
    WG_TRY(store_exec(
        ctx, store,
        "DELETE FROM \"%w\" WHERE " STORE_FID " IN (SELECT " STORE_FID " FROM \"%w\" WHERE wg_step = %lld);"
        "INSERT INTO \"%w\"(%s) SELECT %s FROM \"%w\" WHERE wg_step = %lld AND wg_act = '" ACT_KEPT
        "' ORDER BY " STORE_FID ";"
        "DELETE FROM \"%w\" WHERE wg_step = %lld",
        layer, before, (long long)step, layer, list, list, before, (long long)step, before, (long long)step));
done:
    sqlite3_free(list);
    store_columns_release(&columns);
    return status;
}

static wg_status restore_step(wg_context *ctx, wg_store *store, int64_t step) {
    wg_layer *tables = NULL;
    wg_status status = WG_OK;
    WG_TRY(wg_store_sql(ctx, store,
                        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) = 'wg_was_' "
                        "ORDER BY name",
                        NULL, 0, &tables));
    for (size_t i = 0; i < wg_layer_rows(tables); i++) {
        WG_TRY(restore_layer(ctx, store, wg_layer_text(tables, i, 0), step));
    }
    WG_TRY(store_exec(ctx, store, "DELETE FROM wg_history WHERE step = %lld", (long long)step));
done:
    wg_layer_free(tables);
    return status;
}

wg_status wg_store_undo(wg_context *ctx, wg_store *store, char **label) {
    wg_layer *last = NULL;
    bool own = false;
    *label = NULL;
    wg_status status = store_enter(ctx, store, &own);
    if (status != WG_OK) {
        return status;
    }
    if (!wg_store_has(store, "wg_history")) {
        status = wg_fail(ctx, WG_ENOTFOUND, "%s: there is no edit to take back", store->path);
        goto done;
    }
    WG_TRY(wg_store_sql(ctx, store, "SELECT step, label FROM wg_history ORDER BY step DESC LIMIT 1", NULL, 0, &last));
    if (wg_layer_rows(last) == 0) {
        status = wg_fail(ctx, WG_ENOTFOUND, "%s: there is no edit to take back", store->path);
        goto done;
    }
    *label = wg_strdup(wg_layer_text(last, 0, 1));
    WG_TRY(*label == NULL ? wg_fail_memory(ctx) : WG_OK);
    WG_TRY(restore_step(ctx, store, wg_layer_integer(last, 0, 0)));
done:
    wg_layer_free(last);
    status = store_leave(ctx, store, own, status);
    if (status != WG_OK) {
        free(*label);
        *label = NULL;
    }
    return status;
}
