#include <string.h>

#include "store/blob.h"
#include "store/internal.h"

/** Append the row that the statement stands on: value columns start at `first`; the geometry is at `geometry` or -1. */
typedef struct row_reader {
    sqlite3_stmt *statement;
    wg_layer *layer;
    const int *column; /**< statement column of each layer column */
    int geometry;      /**< statement column, -1: none */
    int fid;           /**< statement column, -1: none */
    wg_buffer wkb;
} row_reader;

static wg_status read_value(wg_context *ctx, const row_reader *in, size_t row, uint32_t column) {
    const int at = in->column[column];
    const int stored = sqlite3_column_type(in->statement, at);
    if (stored == SQLITE_NULL) {
        return WG_OK;
    }
    switch (in->layer->columns[column].type) {
    case WG_INTEGER:
        return wg_layer_set_integer(ctx, in->layer, row, column, sqlite3_column_int64(in->statement, at));
    case WG_REAL:
        return wg_layer_set_real(ctx, in->layer, row, column, sqlite3_column_double(in->statement, at));
    case WG_TEXT:
    default: {
        const char *text = (const char *)sqlite3_column_text(in->statement, at);
        return text != NULL ? wg_layer_set_text(ctx, in->layer, row, column, text) : wg_fail_memory(ctx);
    }
    }
}

static wg_status read_row(wg_context *ctx, wg_store *store, row_reader *in) {
    wg_status status = WG_OK;
    wg_buffer_clear(&in->wkb);
    if (in->geometry >= 0 && sqlite3_column_type(in->statement, in->geometry) == SQLITE_BLOB) {
        const void *blob = sqlite3_column_blob(in->statement, in->geometry);
        const int bytes = sqlite3_column_bytes(in->statement, in->geometry);
        status = wg_blob_to_wkb(blob, (size_t)bytes, &in->wkb);
        if (status == WG_EDATA) {
            return wg_fail(ctx, WG_EDATA, "%s: %s: row %zu: its geometry cannot be read", store->path, in->layer->name,
                           in->layer->n + 1);
        }
        if (status != WG_OK) {
            return wg_fail_memory(ctx);
        }
    }
    size_t row;
    WG_TRY(wg_layer_add_row(ctx, in->layer, in->wkb.length > 0 ? in->wkb.data : NULL, in->wkb.length, &row));
    if (in->fid >= 0) {
        in->layer->fid[row] = sqlite3_column_int64(in->statement, in->fid);
    }
    for (uint32_t c = 0; c < in->layer->n_columns; c++) {
        WG_TRY(read_value(ctx, in, row, c));
    }
done:
    return status;
}

static wg_status read_rows(wg_context *ctx, wg_store *store, row_reader *in, int code) {
    wg_status status = WG_OK;
    while (status == WG_OK && code == SQLITE_ROW) {
        if (in->layer->n % 4096 == 0 && wg_cancelled(ctx)) {
            return wg_fail(ctx, WG_ECANCELLED, "interrupted");
        }
        status = read_row(ctx, store, in);
        code = status == WG_OK ? sqlite3_step(in->statement) : SQLITE_DONE;
    }
    if (status == WG_OK && code != SQLITE_DONE) {
        status = store_fail(ctx, store, "reading");
    }
    return status;
}

static wg_status name_source(wg_context *ctx, const wg_store *store, wg_layer *layer) {
    const char *slash = strrchr(store->path, '/');
    wg_buffer text = {0};
    wg_buffer_printf(&text, "%s: %s", slash != NULL ? slash + 1 : store->path, layer->name);
    const wg_status status = text.failed ? wg_fail_memory(ctx) : wg_layer_set_source(ctx, layer, text.data);
    wg_buffer_release(&text);
    return status;
}

static wg_status prepare_table(wg_context *ctx, wg_store *store, const char *name, const store_columns *columns,
                               sqlite3_stmt **statement) {
    char *list = sqlite3_mprintf(STORE_FID ", %s", columns->geometry != STORE_NO_GEOMETRY ? STORE_GEOMETRY : "NULL");
    for (size_t i = 0; list != NULL && i < columns->n; i++) {
        list = sqlite3_mprintf("%z, \"%w\"", list, columns->items[i].name);
    }
    if (list == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status =
        store_prepare(ctx, store, statement, "SELECT %s FROM \"%w\" ORDER BY " STORE_FID, list, name);
    sqlite3_free(list);
    return status;
}

wg_status wg_store_get(wg_context *ctx, wg_store *store, const char *name, wg_layer **layer) {
    *layer = NULL;
    if (!wg_store_has(store, name)) {
        return wg_fail(ctx, WG_ENOTFOUND, "%s: the plan has no layer %s", store->path, name);
    }
    store_columns columns = {.geometry = STORE_NO_GEOMETRY};
    row_reader in = {.geometry = 1, .fid = 0};
    int *places = NULL;
    wg_status status = WG_OK;
    WG_TRY(store_columns_of_table(ctx, store, name, &columns));
    WG_TRY(wg_layer_new(ctx, name, store->crs, &in.layer));
    WG_TRY(name_source(ctx, store, in.layer));
    places = wg_malloc(columns.n, sizeof *places);
    if (places == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < columns.n; i++) {
        places[i] = (int)i + 2;
        WG_TRY(wg_layer_add_column(ctx, in.layer, columns.items[i].name, columns.items[i].type, NULL));
    }
    in.column = places;
    WG_TRY(prepare_table(ctx, store, name, &columns, &in.statement));
    WG_TRY(read_rows(ctx, store, &in, sqlite3_step(in.statement)));
    *layer = in.layer;
    in.layer = NULL;
done:
    sqlite3_finalize(in.statement);
    wg_layer_free(in.layer);
    wg_buffer_release(&in.wkb);
    store_columns_release(&columns);
    free(places);
    return status;
}

wg_status wg_store_get_or_empty(wg_context *ctx, wg_store *store, const char *name, wg_layer **layer) {
    if (wg_store_has(store, name)) {
        return wg_store_get(ctx, store, name, layer);
    }
    return wg_contract_new_layer(ctx, name, store->crs, layer);
}

/* ------------------------------------------------------------------ queries */

static wg_status bind_values(wg_context *ctx, wg_store *store, sqlite3_stmt *statement, const wg_store_value *values,
                             uint32_t n) {
    if ((int)n != sqlite3_bind_parameter_count(statement)) {
        return wg_fail(ctx, WG_EINVAL, "the query has %d parameters, %u values are given",
                       sqlite3_bind_parameter_count(statement), n);
    }
    for (uint32_t i = 0; i < n; i++) {
        int code;
        switch (values[i].type) {
        case WG_INTEGER:
            code = sqlite3_bind_int64(statement, (int)i + 1, values[i].integer);
            break;
        case WG_REAL:
            code = sqlite3_bind_double(statement, (int)i + 1, values[i].real);
            break;
        case WG_TEXT:
        default:
            code = sqlite3_bind_text(statement, (int)i + 1, values[i].text, -1, SQLITE_TRANSIENT);
            break;
        }
        if (code != SQLITE_OK) {
            return store_fail(ctx, store, "binding a value");
        }
    }
    return WG_OK;
}

/** Type of a result column: as declared, else as SQLite holds the first value that is not null. */
static wg_type result_type(sqlite3_stmt *statement, int column, const int *seen) {
    const char *declared = sqlite3_column_decltype(statement, column);
    if (declared != NULL) {
        return store_declared_type(declared);
    }
    return seen[column] == SQLITE_INTEGER ? WG_INTEGER : seen[column] == SQLITE_FLOAT ? WG_REAL : WG_TEXT;
}

/**
 * Look through the result once for the kinds of values in columns that no table declares. A whole and a real number in
 * one column make it real; text makes it text.
 */
static wg_status survey(wg_context *ctx, wg_store *store, sqlite3_stmt *statement, int n, int *seen, int *geometry) {
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int c = 0; c < n; c++) {
            const int type = sqlite3_column_type(statement, c);
            if (type == SQLITE_BLOB) {
                const bool shape =
                    wg_blob_is_geometry(sqlite3_column_blob(statement, c), (size_t)sqlite3_column_bytes(statement, c));
                *geometry = shape && *geometry < 0 ? c : *geometry;
                seen[c] = SQLITE_BLOB;
            } else if (type != SQLITE_NULL && seen[c] != SQLITE_TEXT && seen[c] != SQLITE_BLOB) {
                const bool wider = type == SQLITE_TEXT || (type == SQLITE_FLOAT && seen[c] == SQLITE_INTEGER);
                seen[c] = seen[c] == 0 || wider ? type : seen[c];
            }
        }
    }
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? WG_OK : store_fail(ctx, store, "running a query");
}

wg_status wg_store_sql(wg_context *ctx, wg_store *store, const char *sql, const wg_store_value *values,
                       uint32_t n_values, wg_layer **layer) {
    *layer = NULL;
    row_reader in = {.geometry = -1, .fid = -1};
    int *seen = NULL;
    int *places = NULL;
    wg_status status = store_flush(ctx, store);
    if (status != WG_OK) {
        return status;
    }
    if (sqlite3_prepare_v2(store->db, sql, -1, &in.statement, NULL) != SQLITE_OK || in.statement == NULL) {
        status = store_fail(ctx, store, "reading a query");
        goto done;
    }
    if (!sqlite3_stmt_readonly(in.statement)) {
        status = wg_fail(ctx, WG_EINVAL, "%s: a query may only read", store->path);
        goto done;
    }
    WG_TRY(bind_values(ctx, store, in.statement, values, n_values));
    const int n = sqlite3_column_count(in.statement);
    seen = wg_calloc((size_t)n, sizeof *seen);
    places = wg_calloc((size_t)n, sizeof *places);
    if (seen == NULL || places == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(survey(ctx, store, in.statement, n, seen, &in.geometry));
    WG_TRY(wg_layer_new(ctx, "query", store->crs, &in.layer));
    for (int c = 0; c < n; c++) {
        if (seen[c] != SQLITE_BLOB) {
            places[in.layer->n_columns] = c;
            WG_TRY(wg_layer_add_column(ctx, in.layer, sqlite3_column_name(in.statement, c),
                                       result_type(in.statement, c, seen), NULL));
        }
    }
    in.column = places;
    WG_TRY(read_rows(ctx, store, &in, sqlite3_step(in.statement)));
    *layer = in.layer;
    in.layer = NULL;
done:
    sqlite3_finalize(in.statement);
    wg_layer_free(in.layer);
    wg_buffer_release(&in.wkb);
    free(seen);
    free(places);
    return status;
}
