#include <math.h>
#include <string.h>
#include <strings.h>

#include "model/wkb.h"
#include "store/blob.h"
#include "store/internal.h"

/* ------------------------------------------------------------------ columns */

static const char *declared_name(wg_type type) {
    return type == WG_INTEGER ? "INTEGER" : type == WG_REAL ? "DOUBLE" : "TEXT";
}

wg_type store_declared_type(const char *declared) {
    if (declared == NULL) {
        return WG_TEXT;
    }
    if (strncasecmp(declared, "INT", 3) == 0 || strcasecmp(declared, "BIGINT") == 0 ||
        strcasecmp(declared, "BOOLEAN") == 0) {
        return WG_INTEGER;
    }
    const bool real = strncasecmp(declared, "DOUBLE", 6) == 0 || strncasecmp(declared, "REAL", 4) == 0 ||
                      strncasecmp(declared, "FLOAT", 5) == 0 || strncasecmp(declared, "NUM", 3) == 0;
    return real ? WG_REAL : WG_TEXT;
}

void store_columns_release(store_columns *columns) {
    for (size_t i = 0; i < columns->n; i++) {
        free(columns->items[i].name);
    }
    free(columns->items);
    *columns = (store_columns){.geometry = STORE_NO_GEOMETRY};
}

static bool has_column(const store_columns *columns, const char *name, size_t *at) {
    for (size_t i = 0; i < columns->n; i++) {
        if (strcasecmp(columns->items[i].name, name) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

static wg_status add_column(wg_context *ctx, store_columns *columns, const char *name, wg_type type, uint32_t source,
                            bool fresh) {
    char *copy = wg_strdup(name);
    if (copy == NULL || !WG_RESERVE(columns->items, columns->capacity, columns->n + 1)) {
        free(copy);
        return wg_fail_memory(ctx);
    }
    columns->items[columns->n++] = (store_column){.name = copy, .type = type, .source = source, .fresh = fresh};
    return WG_OK;
}

wg_status store_columns_of_table(wg_context *ctx, wg_store *store, const char *table, store_columns *columns) {
    sqlite3_stmt *statement = NULL;
    int64_t geometry = STORE_NO_GEOMETRY;
    wg_status status = WG_OK;
    columns->geometry = STORE_NO_GEOMETRY;
    WG_TRY(store_prepare(ctx, store, &statement, "SELECT name, type FROM pragma_table_info(%Q) ORDER BY cid", table));
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (strcasecmp(name, STORE_FID) != 0 && strcasecmp(name, STORE_GEOMETRY) != 0) {
            const wg_type type = store_declared_type((const char *)sqlite3_column_text(statement, 1));
            WG_TRY(add_column(ctx, columns, name, type, UINT32_MAX, false));
        }
    }
    if (code != SQLITE_DONE) {
        status = store_fail(ctx, store, "reading a table's columns");
        goto done;
    }
    WG_TRY(store_number(ctx, store, STORE_NO_GEOMETRY, &geometry,
                        "SELECT geometry_type FROM geometry_columns WHERE f_table_name = Lower(%Q)", table));
    columns->geometry = (int)geometry;
done:
    sqlite3_finalize(statement);
    return status;
}

static bool is_reserved(const char *name) {
    return strcasecmp(name, STORE_FID) == 0 || strcasecmp(name, STORE_GEOMETRY) == 0;
}

/** Use a column that the table has. A whole number fits into a column of reals. */
static wg_status use_column(wg_context *ctx, const wg_store *store, const wg_layer *layer, uint32_t from,
                            store_column *to) {
    const wg_type type = layer->columns[from].type;
    if (to->type != type && !(to->type == WG_REAL && type == WG_INTEGER)) {
        return wg_fail(ctx, WG_EDATA, "%s: %s: field %s is %s in the plan and %s in the rows to be added", store->path,
                       layer->name, to->name, declared_name(to->type), declared_name(type));
    }
    to->source = from;
    return WG_OK;
}

/**
 * Match the layer's columns with the table's (none for a new table), whose first `known` are there already. SQLite does
 * not tell letters' cases apart: the second of a name is NAME_2, also when rows are added later.
 */
static wg_status match_columns(wg_context *ctx, const wg_store *store, const wg_layer *layer, store_columns *columns) {
    wg_buffer name = {0};
    wg_status status = WG_OK;
    const size_t known = columns->n;
    for (uint32_t c = 0; c < layer->n_columns; c++) {
        const char *wanted = layer->columns[c].name;
        size_t at = 0;
        bool found = false;
        int k = is_reserved(wanted) ? 2 : 1;
        do {
            wg_buffer_clear(&name);
            wg_buffer_text(&name, wanted);
            if (k > 1) {
                wg_buffer_printf(&name, "_%d", k);
            }
            if (name.failed) {
                status = wg_fail_memory(ctx);
                goto done;
            }
            found = has_column(columns, name.data, &at);
            k++;
        } while (found && (at >= known || columns->items[at].source != UINT32_MAX));
        if (found) {
            WG_TRY(use_column(ctx, store, layer, c, &columns->items[at]));
        } else {
            WG_TRY(add_column(ctx, columns, name.data, layer->columns[c].type, c, true));
        }
    }
done:
    wg_buffer_release(&name);
    return status;
}

/* ------------------------------------------------------------------ geometry type */

/** The one multi type that holds all geometries of a layer, STORE_MIXED, or STORE_NO_GEOMETRY. */
static int type_of_rows(const wg_layer *layer) {
    int type = STORE_NO_GEOMETRY;
    bool multipoint = false;
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        const uint32_t own = wg_wkb_type(wkb, bytes);
        if (own == 0) {
            continue;
        }
        multipoint = multipoint || own == WG_WKB_MULTIPOINT;
        const int multi = own >= WG_WKB_POINT && own <= WG_WKB_POLYGON ? (int)own + 3 : (int)own;
        if (type != STORE_NO_GEOMETRY && type != multi) {
            return STORE_MIXED;
        }
        type = multi;
    }
    return type == WG_WKB_MULTIPOINT && !multipoint ? WG_WKB_POINT : type;
}

static int choose_geometry(const char *name, const wg_layer *layer) {
    const wg_contract_table *table = wg_contract_layer(name);
    switch (table != NULL ? table->geometry : WG_GEOMETRY_ANY) {
    case WG_GEOMETRY_POINT:
        return WG_WKB_POINT;
    case WG_GEOMETRY_LINE:
        return WG_WKB_MULTILINESTRING;
    case WG_GEOMETRY_POLYGON:
        return WG_WKB_MULTIPOLYGON;
    case WG_GEOMETRY_NONE:
    case WG_GEOMETRY_ANY:
    default:
        return type_of_rows(layer);
    }
}

static const char *geometry_name(int type) {
    static const char *const name[] = {"GEOMETRY",   "POINT",           "LINESTRING",   "POLYGON",
                                       "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
    return name[type];
}

/* ------------------------------------------------------------------ tables */

wg_status wg_store_drop(wg_context *ctx, wg_store *store, const char *name) {
    bool own;
    wg_status status = store_enter(ctx, store, &own);
    if (status != WG_OK) {
        return status;
    }
    store_pending_drop(store, name);
    if (wg_store_has(store, name)) {
        int64_t geometry = 0;
        WG_TRY(store_number(ctx, store, 0, &geometry,
                            "SELECT count(*) FROM geometry_columns WHERE f_table_name = Lower(%Q)", name));
        if (geometry > 0) {
            /* By hand rather than with SpatiaLite's DropTable, which commits on its own. */
            WG_TRY(store_exec(ctx, store,
                              "DROP TABLE IF EXISTS \"idx_%w_" STORE_GEOMETRY "\";"
                              "DELETE FROM geometry_columns_statistics WHERE f_table_name = Lower(%Q);"
                              "DELETE FROM geometry_columns_time WHERE f_table_name = Lower(%Q);"
                              "DELETE FROM geometry_columns_auth WHERE f_table_name = Lower(%Q);"
                              "DELETE FROM geometry_columns_field_infos WHERE f_table_name = Lower(%Q);"
                              "DELETE FROM geometry_columns WHERE f_table_name = Lower(%Q);",
                              name, name, name, name, name, name));
        }
        WG_TRY(store_exec(ctx, store, "DROP TABLE \"%w\"", name));
    }
done:
    return store_leave(ctx, store, own, status);
}

static wg_status add_geometry(wg_context *ctx, wg_store *store, const char *table, int type) {
    int64_t done_column = 0;
    int64_t done_index = 0;
    wg_status status = WG_OK;
    WG_TRY(store_number(ctx, store, 0, &done_column, "SELECT AddGeometryColumn(%Q, '" STORE_GEOMETRY "', %d, %Q, 'XY')",
                        table, store->srid, geometry_name(type)));
    if (done_column == 1) {
        WG_TRY(store_number(ctx, store, 0, &done_index, "SELECT CreateSpatialIndex(%Q, '" STORE_GEOMETRY "')", table));
    }
    if (done_column != 1 || done_index != 1) {
        status = wg_fail(ctx, WG_EIO, "%s: %s: SpatiaLite refused the geometry column", store->path, table);
    }
done:
    return status;
}

static wg_status create_table(wg_context *ctx, wg_store *store, const char *table, const store_columns *columns) {
    wg_status status = WG_OK;
    char *sql = sqlite3_mprintf("CREATE TABLE \"%w\"(" STORE_FID " INTEGER PRIMARY KEY", table);
    for (size_t i = 0; sql != NULL && i < columns->n; i++) {
        char *longer =
            sqlite3_mprintf("%z, \"%w\" %s", sql, columns->items[i].name, declared_name(columns->items[i].type));
        sql = longer;
    }
    if (sql == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(store_exec(ctx, store, "%s)", sql));
    if (columns->geometry != STORE_NO_GEOMETRY) {
        WG_TRY(add_geometry(ctx, store, table, columns->geometry));
    }
done:
    sqlite3_free(sql);
    return status;
}

static wg_status extend_table(wg_context *ctx, wg_store *store, const char *table, const store_columns *columns) {
    wg_status status = WG_OK;
    for (size_t i = 0; i < columns->n; i++) {
        if (columns->items[i].fresh) {
            WG_TRY(store_exec(ctx, store, "ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s", table, columns->items[i].name,
                              declared_name(columns->items[i].type)));
        }
    }
done:
    return status;
}

/* ------------------------------------------------------------------ rows */

wg_status store_bind_value(wg_context *ctx, wg_store *store, sqlite3_stmt *statement, int at, const wg_layer *layer,
                           size_t row, uint32_t column) {
    const wg_column *from = &layer->columns[column];
    int code;
    if (from->null[row]) {
        code = sqlite3_bind_null(statement, at);
    } else if (from->type == WG_INTEGER) {
        code = sqlite3_bind_int64(statement, at, from->value.integer[row]);
    } else if (from->type == WG_REAL) {
        code = sqlite3_bind_double(statement, at, from->value.real[row]);
    } else {
        code = sqlite3_bind_text(statement, at, from->value.text[row], -1, SQLITE_STATIC);
    }
    return code == SQLITE_OK ? WG_OK : store_fail(ctx, store, "writing");
}

static sqlite3_stmt *prepare_insert(wg_context *ctx, wg_store *store, const char *table, const store_columns *columns,
                                    wg_status *status) {
    sqlite3_stmt *statement = NULL;
    char *names = sqlite3_mprintf("INSERT INTO \"%w\"(" STORE_FID, table);
    char *marks = sqlite3_mprintf("?");
    for (size_t i = 0; names != NULL && marks != NULL && i < columns->n; i++) {
        if (columns->items[i].source != UINT32_MAX) {
            names = sqlite3_mprintf("%z, \"%w\"", names, columns->items[i].name);
            marks = sqlite3_mprintf("%z, ?", marks);
        }
    }
    if (names == NULL || marks == NULL) {
        *status = wg_fail_memory(ctx);
    } else {
        const bool geometry = columns->geometry != STORE_NO_GEOMETRY;
        *status = store_prepare(ctx, store, &statement, "%s%s) VALUES(%s%s)", names,
                                geometry ? ", " STORE_GEOMETRY : "", marks, geometry ? ", ?" : "");
    }
    sqlite3_free(names);
    sqlite3_free(marks);
    return statement;
}

/** Where rows go, and the boxes for the index. */
typedef struct row_writer {
    wg_store *store;
    const wg_layer *layer;
    const store_columns *columns;
    sqlite3_stmt *insert;
    wg_buffer blob;
    store_pending *pending;
} row_writer;

/** Bind the blob of a row's geometry and keep its box. */
static wg_status bind_geometry(wg_context *ctx, row_writer *out, int at, size_t row) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(out->layer, row, &bytes);
    double bounds[4];
    if (bytes == 0 || !wg_wkb_bounds(wkb, bytes, bounds)) {
        sqlite3_bind_null(out->insert, at);
        return WG_OK;
    }
    wg_buffer_clear(&out->blob);
    const wg_status status = wg_blob_from_wkb(wkb, bytes, out->store->srid, out->columns->geometry, &out->blob);
    if (status == WG_ENOMEM) {
        return wg_fail_memory(ctx);
    }
    if (status != WG_OK) {
        return wg_layer_fail(ctx, out->layer, row, WG_EDATA, "its geometry does not fit into a layer of %s",
                             geometry_name(out->columns->geometry));
    }
    if (sqlite3_bind_blob64(out->insert, at, out->blob.data, out->blob.length, SQLITE_STATIC) != SQLITE_OK) {
        return store_fail(ctx, out->store, "writing");
    }
    for (int axis = 0; axis < 2; axis++) {
        double *extent = out->pending->extent;
        extent[axis] = fmin(extent[axis], bounds[axis]);
        extent[axis + 2] = fmax(extent[axis + 2], bounds[axis + 2]);
    }
    const wg_rtree_box box = wg_rtree_box_of(out->pending->next_fid, bounds);
    return wg_rtree_add(ctx, out->pending->boxes, &box);
}

static wg_status write_rows(wg_context *ctx, row_writer *out) {
    wg_status status = WG_OK;
    for (size_t row = 0; row < out->layer->n; row++) {
        if (row % 4096 == 0 && wg_cancelled(ctx)) {
            status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
            goto done;
        }
        int at = 1;
        sqlite3_bind_int64(out->insert, at++, out->pending->next_fid);
        for (size_t c = 0; c < out->columns->n; c++) {
            if (out->columns->items[c].source != UINT32_MAX) {
                WG_TRY(store_bind_value(ctx, out->store, out->insert, at++, out->layer, row,
                                        out->columns->items[c].source));
            }
        }
        if (out->columns->geometry != STORE_NO_GEOMETRY) {
            WG_TRY(bind_geometry(ctx, out, at, row));
        }
        WG_TRY(store_step(ctx, out->store, out->insert));
        out->pending->next_fid++;
    }
done:
    return status;
}

/** Count and extent as QGIS and OGR read them, so that neither scans the table. */
static wg_status write_statistics(wg_context *ctx, wg_store *store, const store_pending *own) {
    wg_status status = WG_OK;
    int64_t rows = 0;
    WG_TRY(store_number(ctx, store, 0, &rows, "SELECT count(*) FROM \"%w\"", own->table));
    if (!(own->extent[0] <= own->extent[2])) {
        return store_exec(ctx, store,
                          "UPDATE geometry_columns_statistics SET row_count = %lld, last_verified = "
                          "'0000-01-01T00:00:01.000Z' WHERE f_table_name = Lower(%Q)",
                          (long long)rows, own->table);
    }
    status = store_exec(ctx, store,
                        "UPDATE geometry_columns_statistics SET last_verified = '0000-01-01T00:00:01.000Z', "
                        "row_count = %lld, extent_min_x = %!.17g, extent_min_y = %!.17g, extent_max_x = %!.17g, "
                        "extent_max_y = %!.17g WHERE f_table_name = Lower(%Q)",
                        (long long)rows, own->extent[0], own->extent[1], own->extent[2], own->extent[3], own->table);
done:
    return status;
}

/** Indexes of the fields that the contract says rows are looked up by; made after the rows. */
static wg_status index_fields(wg_context *ctx, wg_store *store, const char *name) {
    const wg_contract_table *table = wg_contract_layer(name);
    store_columns columns = {.geometry = STORE_NO_GEOMETRY};
    size_t at;
    wg_status status = WG_OK;
    if (table == NULL) {
        return WG_OK;
    }
    WG_TRY(store_columns_of_table(ctx, store, name, &columns));
    for (uint32_t i = 0; i < table->n_fields; i++) {
        const wg_contract_field *field = &table->fields[i];
        if (field->indexed && has_column(&columns, field->name, &at)) {
            WG_TRY(store_exec(ctx, store, "CREATE INDEX IF NOT EXISTS \"wg_%w_%w\" ON \"%w\"(\"%w\")", name,
                              field->name, name, field->name));
        }
    }
done:
    store_columns_release(&columns);
    return status;
}

void store_pending_drop(wg_store *store, const char *table) {
    size_t kept = 0;
    for (size_t i = 0; i < store->n_pending; i++) {
        store_pending *own = &store->pending[i];
        if (table == NULL || strcasecmp(own->table, table) == 0) {
            free(own->table);
            wg_rtree_free(own->boxes);
        } else {
            store->pending[kept++] = *own;
        }
    }
    store->n_pending = kept;
}

static bool has_spatial_index(wg_store *store, const char *table) {
    int64_t count = 0;
    return store_number(NULL, store, 0, &count,
                        "SELECT count(*) FROM geometry_columns WHERE f_table_name = Lower(%Q) AND "
                        "spatial_index_enabled = 1",
                        table) == WG_OK &&
           count > 0;
}

/** The exact extent of the rows that are there. */
static wg_status read_extent(wg_context *ctx, wg_store *store, const char *table, double extent[4]) {
    sqlite3_stmt *statement = NULL;
    wg_status status =
        store_prepare(ctx, store, &statement,
                      "SELECT min(MbrMinX(" STORE_GEOMETRY ")), min(MbrMinY(" STORE_GEOMETRY
                      ")), max(MbrMaxX(" STORE_GEOMETRY ")), max(MbrMaxY(" STORE_GEOMETRY ")) FROM \"%w\"",
                      table);
    if (status == WG_OK && sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL) {
        for (int k = 0; k < 4; k++) {
            extent[k] = sqlite3_column_double(statement, k);
        }
    }
    sqlite3_finalize(statement);
    return status;
}

/** Where the plan lies: temporary files go beside it. */
static char *store_directory(const wg_store *store) {
    const char *slash = strrchr(store->path, '/');
    return slash == NULL ? wg_strdup(".")
                         : wg_strndup(store->path, slash == store->path ? 1 : (size_t)(slash - store->path));
}

wg_status store_pending_of(wg_context *ctx, wg_store *store, const char *table, store_pending **pending) {
    for (size_t i = 0; i < store->n_pending; i++) {
        if (strcasecmp(store->pending[i].table, table) == 0) {
            *pending = &store->pending[i];
            return WG_OK;
        }
    }
    store_pending made = {.table = wg_strdup(table), .extent = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    int64_t last = 0;
    wg_status status = WG_OK;
    char *directory = store_directory(store);
    if (made.table == NULL || directory == NULL ||
        !WG_RESERVE(store->pending, store->pending_capacity, store->n_pending + 1)) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(store_number(ctx, store, 0, &last, "SELECT max(" STORE_FID ") FROM \"%w\"", table));
    made.next_fid = last + 1;
    WG_TRY(wg_rtree_new(ctx, directory, &made.boxes));
    if (has_spatial_index(store, table)) {
        WG_TRY(store_index_read(ctx, store, table, made.boxes));
        WG_TRY(read_extent(ctx, store, table, made.extent));
    }
    store->pending[store->n_pending] = made;
    *pending = &store->pending[store->n_pending++];
    made = (store_pending){0};
done:
    free(directory);
    free(made.table);
    wg_rtree_free(made.boxes);
    return status;
}

wg_status store_flush(wg_context *ctx, wg_store *store) {
    wg_status status = WG_OK;
    for (size_t i = 0; i < store->n_pending; i++) {
        store_pending *own = &store->pending[i];
        if (has_spatial_index(store, own->table)) {
            if (own->shrunk) {
                own->extent[0] = own->extent[1] = INFINITY;
                own->extent[2] = own->extent[3] = -INFINITY;
                WG_TRY(read_extent(ctx, store, own->table, own->extent));
            }
            WG_TRY(write_statistics(ctx, store, own));
            WG_TRY(store_index_pack(ctx, store, own->table, own->boxes));
        }
        WG_TRY(index_fields(ctx, store, own->table));
    }
    store_pending_drop(store, NULL);
done:
    return status;
}

/**
 * Insert rows with triggers switched off: the blobs are made for the declared type, and the index is packed behind.
 * This is what makes writing fast; SpatiaLite's triggers check and index every row on its own.
 */
static wg_status fill_table(wg_context *ctx, row_writer *out, const char *table) {
    wg_status status = WG_OK;
    int enabled = 1;
    (void)sqlite3_db_config(out->store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, &enabled);
    WG_TRY(store_pending_of(ctx, out->store, table, &out->pending));
    out->insert = prepare_insert(ctx, out->store, table, out->columns, &status);
    if (status != WG_OK) {
        goto done;
    }
    WG_TRY(write_rows(ctx, out));
done:
    (void)sqlite3_db_config(out->store->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, &enabled);
    return status;
}

static wg_status check_crs(wg_context *ctx, const wg_store *store, const wg_layer *layer) {
    if (layer->crs == NULL || strcasecmp(layer->crs, store->crs) == 0) {
        return WG_OK;
    }
    return wg_fail(ctx, WG_EINVAL, "%s: the layer's CRS is %s, the plan's is %s (transform it before)",
                   wg_layer_source(layer), layer->crs, store->crs);
}

/** @param sample  NULL: rows are written; else they are not, and the table's geometry type holds the sample's */
static wg_status put(wg_context *ctx, wg_store *store, const wg_layer *layer, bool append, const wg_layer *sample) {
    store_columns columns = {.geometry = STORE_NO_GEOMETRY};
    row_writer out = {.store = store, .layer = layer, .columns = &columns};
    bool own = false;
    wg_status status = check_crs(ctx, store, layer);
    if (status == WG_OK) {
        status = store_enter(ctx, store, &own);
    }
    if (status != WG_OK) {
        return status;
    }
    const bool extend = append && wg_store_has(store, layer->name);
    if (extend) {
        WG_TRY(store_columns_of_table(ctx, store, layer->name, &columns));
        WG_TRY(match_columns(ctx, store, layer, &columns));
        WG_TRY(extend_table(ctx, store, layer->name, &columns));
    } else {
        WG_TRY(wg_store_drop(ctx, store, layer->name));
        WG_TRY(match_columns(ctx, store, layer, &columns));
        columns.geometry = choose_geometry(layer->name, sample == NULL ? layer : sample);
        WG_TRY(create_table(ctx, store, layer->name, &columns));
    }
    WG_TRY(sample == NULL ? fill_table(ctx, &out, layer->name) : WG_OK);
done:
    sqlite3_finalize(out.insert);
    wg_buffer_release(&out.blob);
    store_columns_release(&columns);
    return store_leave(ctx, store, own, status);
}

wg_status wg_store_put(wg_context *ctx, wg_store *store, const wg_layer *layer, bool append) {
    return put(ctx, store, layer, append, NULL);
}

wg_status wg_store_declare(wg_context *ctx, wg_store *store, const wg_layer *layer, const wg_layer *sample) {
    return put(ctx, store, layer, false, sample);
}
