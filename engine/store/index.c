/* The spatial index of a table: three shadow tables of SQLite's R*Tree module, written as model/rtree.h packs them. */
#include "store/internal.h"

/** The shadow tables of one index, open for writing. */
typedef struct shadow_tables {
    wg_store *store;
    sqlite3_stmt *node, *parent, *row;
} shadow_tables;

static wg_status put_node(wg_context *ctx, int64_t number, const void *blob, size_t bytes, void *user) {
    const shadow_tables *tables = user;
    sqlite3_bind_int64(tables->node, 1, number);
    sqlite3_bind_blob64(tables->node, 2, blob, bytes, SQLITE_STATIC);
    return store_step(ctx, tables->store, tables->node);
}

static wg_status put_pair(wg_context *ctx, wg_store *store, sqlite3_stmt *statement, int64_t key, int64_t value) {
    sqlite3_bind_int64(statement, 1, key);
    sqlite3_bind_int64(statement, 2, value);
    return store_step(ctx, store, statement);
}

static wg_status put_parent(wg_context *ctx, int64_t number, int64_t parent, void *user) {
    const shadow_tables *tables = user;
    return put_pair(ctx, tables->store, tables->parent, number, parent);
}

static wg_status put_row(wg_context *ctx, int64_t id, int64_t leaf, void *user) {
    const shadow_tables *tables = user;
    return put_pair(ctx, tables->store, tables->row, id, leaf);
}

/** Empty the tables. @param[out] node_bytes  size of a node as the module chose it when it made the empty root */
static wg_status open_tables(wg_context *ctx, wg_store *store, const char *index, shadow_tables *tables,
                             int64_t *node_bytes) {
    wg_status status = WG_OK;
    WG_TRY(store_number(ctx, store, 0, node_bytes, "SELECT length(data) FROM \"%w_node\" WHERE nodeno = 1", index));
    WG_TRY(store_exec(ctx, store, "DELETE FROM \"%w_node\"; DELETE FROM \"%w_parent\"; DELETE FROM \"%w_rowid\"", index,
                      index, index));
    WG_TRY(store_prepare(ctx, store, &tables->node, "INSERT INTO \"%w_node\"(nodeno, data) VALUES(?, ?)", index));
    WG_TRY(store_prepare(ctx, store, &tables->parent, "INSERT INTO \"%w_parent\"(nodeno, parentnode) VALUES(?, ?)",
                         index));
    WG_TRY(store_prepare(ctx, store, &tables->row, "INSERT INTO \"%w_rowid\"(rowid, nodeno) VALUES(?, ?)", index));
done:
    return status;
}

wg_status store_index_pack(wg_context *ctx, wg_store *store, const char *table, wg_rtree *boxes) {
    shadow_tables tables = {.store = store};
    const wg_rtree_sink sink = {.node = put_node, .parent = put_parent, .row = put_row, .user = &tables};
    int64_t node_bytes = 0;
    wg_status status = WG_OK;
    char *index = sqlite3_mprintf("idx_%s_" STORE_GEOMETRY, table);
    if (index == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(open_tables(ctx, store, index, &tables, &node_bytes));
    status = wg_rtree_pack(ctx, boxes, (size_t)node_bytes, &sink);
    if (status == WG_EINVAL) {
        wg_clear_error(ctx);
        status =
            wg_fail(ctx, WG_EDATA, "%s: the spatial index %s is damaged (make the plan again)", store->path, index);
    }
done:
    sqlite3_finalize(tables.node);
    sqlite3_finalize(tables.parent);
    sqlite3_finalize(tables.row);
    sqlite3_free(index);
    return status;
}

wg_status store_index_read(wg_context *ctx, wg_store *store, const char *table, wg_rtree *boxes) {
    sqlite3_stmt *statement = NULL;
    wg_status status = WG_OK;
    WG_TRY(store_prepare(ctx, store, &statement,
                         "SELECT pkid, xmin, xmax, ymin, ymax FROM \"idx_%w_" STORE_GEOMETRY "\"", table));
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const wg_rtree_box box = {.id = sqlite3_column_int64(statement, 0),
                                  .low_x = (float)sqlite3_column_double(statement, 1),
                                  .high_x = (float)sqlite3_column_double(statement, 2),
                                  .low_y = (float)sqlite3_column_double(statement, 3),
                                  .high_y = (float)sqlite3_column_double(statement, 4)};
        WG_TRY(wg_rtree_add(ctx, boxes, &box));
    }
    status = code == SQLITE_DONE ? WG_OK : store_fail(ctx, store, "reading the spatial index");
done:
    sqlite3_finalize(statement);
    return status;
}
