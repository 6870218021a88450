/*
 * GeoPackage. OGR makes the file, its tables and all that the standard asks for, with an empty spatial index; the rows
 * and the index are then written as what they are, SQLite tables. Feature by feature through OGR, 2 million points take
 * 40 seconds, most of them for the index, which is packed here (model/rtree.h).
 */
#include <math.h>
#include <sqlite3.h>
#include <string.h>

#include "io/writer.h"
#include "model/rtree.h"
#include "model/wkb.h"

enum { HEADER_BYTES = 8, ENVELOPE_BYTES = 32, MULTI_BYTES = 9 };

/** The table that is being filled. */
struct wg_gpkg {
    sqlite3 *db;
    sqlite3_stmt *insert;
    char *table, *geometry, *fid; /**< names; geometry NULL: none */
    char *index;                  /**< name of the index, by the standard */
    int srs;
    bool indexed; /**< it is there */
    int64_t rows;
    wg_rtree *boxes;
    double extent[4];
    wg_buffer blob;
};

/* ---- statements ---- */

static wg_status gpkg_fail(wg_context *ctx, const wg_writer *writer) {
    sqlite3 *db = writer->gpkg->db;
    return db == NULL || sqlite3_errcode(db) == SQLITE_NOMEM
               ? wg_fail_memory(ctx)
               : wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, sqlite3_errmsg(db));
}

static wg_status gpkg_exec(wg_context *ctx, const wg_writer *writer, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    const wg_status status = sql == NULL ? wg_fail_memory(ctx)
                             : sqlite3_exec(writer->gpkg->db, sql, NULL, NULL, NULL) == SQLITE_OK
                                 ? WG_OK
                                 : gpkg_fail(ctx, writer);
    sqlite3_free(sql);
    return status;
}

static wg_status gpkg_prepare(wg_context *ctx, const wg_writer *writer, sqlite3_stmt **statement, const char *format,
                              ...) {
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    const wg_status status = sql == NULL ? wg_fail_memory(ctx)
                             : sqlite3_prepare_v2(writer->gpkg->db, sql, -1, statement, NULL) == SQLITE_OK
                                 ? WG_OK
                                 : gpkg_fail(ctx, writer);
    sqlite3_free(sql);
    return status;
}

/** First column of the first row as a number; `missing` where there is none. */
static wg_status gpkg_number(wg_context *ctx, const wg_writer *writer, const char *format, const char *name,
                             int64_t missing, int64_t *value) {
    sqlite3_stmt *statement = NULL;
    const wg_status status = gpkg_prepare(ctx, writer, &statement, format, name);
    *value = status == WG_OK && sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : missing;
    sqlite3_finalize(statement);
    return status;
}

static wg_status step(wg_context *ctx, const wg_writer *writer, sqlite3_stmt *statement) {
    const int code = sqlite3_step(statement);
    const wg_status status = code == SQLITE_DONE ? WG_OK : gpkg_fail(ctx, writer);
    sqlite3_reset(statement);
    return status;
}

/* ---- the spatial index ---- */

/** The shadow tables of one index. */
typedef struct gpkg_index {
    const wg_writer *writer;
    sqlite3_stmt *node, *parent, *row;
} gpkg_index;

static wg_status put_node(wg_context *ctx, int64_t number, const void *blob, size_t bytes, void *user) {
    const gpkg_index *index = user;
    sqlite3_bind_int64(index->node, 1, number);
    sqlite3_bind_blob64(index->node, 2, blob, bytes, SQLITE_STATIC);
    return step(ctx, index->writer, index->node);
}

static wg_status put_parent(wg_context *ctx, int64_t number, int64_t parent, void *user) {
    const gpkg_index *index = user;
    sqlite3_bind_int64(index->parent, 1, number);
    sqlite3_bind_int64(index->parent, 2, parent);
    return step(ctx, index->writer, index->parent);
}

static wg_status put_row(wg_context *ctx, int64_t id, int64_t leaf, void *user) {
    const gpkg_index *index = user;
    sqlite3_bind_int64(index->row, 1, id);
    sqlite3_bind_int64(index->row, 2, leaf);
    return step(ctx, index->writer, index->row);
}

static wg_status write_index(wg_context *ctx, const wg_writer *writer) {
    const struct wg_gpkg *own = writer->gpkg;
    gpkg_index index = {.writer = writer};
    const wg_rtree_sink sink = {.node = put_node, .parent = put_parent, .row = put_row, .user = &index};
    int64_t node_bytes = 0;
    wg_status status = WG_OK;
    const char *name = own->index;
    WG_TRY(gpkg_number(ctx, writer, "SELECT length(data) FROM \"%w_node\" WHERE nodeno = 1", name, 0, &node_bytes));
    WG_TRY(gpkg_exec(ctx, writer, "DELETE FROM \"%w_node\"", name));
    WG_TRY(gpkg_prepare(ctx, writer, &index.node, "INSERT INTO \"%w_node\"(nodeno, data) VALUES(?, ?)", name));
    WG_TRY(
        gpkg_prepare(ctx, writer, &index.parent, "INSERT INTO \"%w_parent\"(nodeno, parentnode) VALUES(?, ?)", name));
    WG_TRY(gpkg_prepare(ctx, writer, &index.row, "INSERT INTO \"%w_rowid\"(rowid, nodeno) VALUES(?, ?)", name));
    WG_TRY(wg_rtree_pack(ctx, own->boxes, (size_t)node_bytes, &sink));
done:
    sqlite3_finalize(index.node);
    sqlite3_finalize(index.parent);
    sqlite3_finalize(index.row);
    return status;
}

/* ---- tables ---- */

static void table_release(struct wg_gpkg *own) {
    sqlite3_finalize(own->insert);
    sqlite3_close_v2(own->db);
    wg_rtree_free(own->boxes);
    free(own->table);
    free(own->geometry);
    free(own->fid);
    free(own->index);
    wg_buffer_release(&own->blob);
    *own = (struct wg_gpkg){0};
}

/** Index, extent and number of rows; the file is closed behind it. */
static wg_status finish_table(wg_context *ctx, wg_writer *writer) {
    struct wg_gpkg *own = writer->gpkg;
    const double *e = own->extent;
    wg_status status = WG_OK;
    if (own->db == NULL) {
        return WG_OK;
    }
    if (own->indexed) {
        WG_TRY(write_index(ctx, writer));
    }
    if (e[0] <= e[2]) {
        WG_TRY(gpkg_exec(ctx, writer,
                         "UPDATE gpkg_contents SET min_x = %!.17g, min_y = %!.17g, max_x = %!.17g, max_y = %!.17g "
                         "WHERE table_name = %Q",
                         e[0], e[1], e[2], e[3], own->table));
    }
    WG_TRY(gpkg_exec(ctx, writer, "UPDATE gpkg_ogr_contents SET feature_count = %lld WHERE table_name = %Q; COMMIT",
                     (long long)own->rows, own->table));
    sqlite3_finalize(own->insert);
    own->insert = NULL;
    if (sqlite3_close(own->db) != SQLITE_OK) {
        return gpkg_fail(ctx, writer);
    }
    own->db = NULL;
done:
    table_release(own);
    return status;
}

/** The file is not yet anybody's: what is lost in a crash is removed anyway, so that nothing needs to be undone. */
static wg_status open_table(wg_context *ctx, wg_writer *writer) {
    struct wg_gpkg *own = writer->gpkg;
    const wg_layer *schema = writer->schema;
    int enabled = 0;
    int64_t number = 0;
    wg_status status = WG_OK;
    wg_buffer names = {0}, marks = {0};
    if (sqlite3_open_v2(wg_output_path(writer->output), &own->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        return gpkg_fail(ctx, writer);
    }
    (void)sqlite3_db_config(own->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, &enabled);
    WG_TRY(gpkg_exec(ctx, writer,
                     "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; "
                     "PRAGMA cache_size = -16384; BEGIN"));
    if (own->geometry != NULL) {
        WG_TRY(gpkg_number(ctx, writer, "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = %Q", own->table, 0,
                           &number));
        own->srs = (int)number;
        WG_TRY(gpkg_number(ctx, writer, "SELECT count(*) FROM sqlite_master WHERE name = '%q_node'", own->index, 0,
                           &number));
        own->indexed = number > 0;
    }
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        char *quoted = sqlite3_mprintf(", \"%w\"", schema->columns[c].name);
        wg_buffer_text(&names, quoted == NULL ? "" : quoted);
        wg_buffer_text(&marks, ", ?");
        names.failed = names.failed || quoted == NULL;
        sqlite3_free(quoted);
    }
    if (names.failed || marks.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    const char *columns = schema->n_columns == 0 ? "" : names.data, *values = schema->n_columns == 0 ? "" : marks.data;
    WG_TRY(own->geometry != NULL
               ? gpkg_prepare(ctx, writer, &own->insert, "INSERT INTO \"%w\"(\"%w\"%s, \"%w\") VALUES(?%s, ?)",
                              own->table, own->fid, columns, own->geometry, values)
               : gpkg_prepare(ctx, writer, &own->insert, "INSERT INTO \"%w\"(\"%w\"%s) VALUES(?%s)", own->table,
                              own->fid, columns, values));
done:
    wg_buffer_release(&names);
    wg_buffer_release(&marks);
    return status;
}

/** Directory of the file that is being built, for what sorting needs. */
static char *work_directory(const wg_writer *writer) {
    const char *path = wg_output_path(writer->output), *slash = strrchr(path, '/');
    return slash == NULL ? wg_strdup(".") : wg_strndup(path, (size_t)(slash - path));
}

static wg_status remember_names(wg_context *ctx, wg_writer *writer) {
    struct wg_gpkg *own = writer->gpkg;
    const char *geometry = OGR_L_GetGeometryColumn(writer->ogr);
    char *directory = work_directory(writer);
    wg_status status = WG_OK;
    *own = (struct wg_gpkg){.table = wg_strdup(OGR_L_GetName(writer->ogr)),
                            .fid = wg_strdup(OGR_L_GetFIDColumn(writer->ogr)),
                            .extent = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    if (writer->ogr_type != wkbNone && geometry[0] != '\0') {
        wg_buffer index = {0};
        wg_buffer_printf(&index, "rtree_%s_%s", own->table == NULL ? "" : own->table, geometry);
        own->index = wg_buffer_steal(&index);
        own->geometry = wg_strdup(geometry);
        status = own->geometry == NULL || own->index == NULL ? wg_fail_memory(ctx) : WG_OK;
    }
    if (directory == NULL || own->table == NULL || own->fid == NULL) {
        status = wg_fail_memory(ctx);
    }
    if (status == WG_OK) {
        status = wg_rtree_new(ctx, directory, &own->boxes);
    }
    free(directory);
    return status;
}

/** OGR makes the table, then leaves the file to SQLite. */
static wg_status make_table(wg_context *ctx, wg_writer *writer, const char *geometry_type) {
    wg_status status = WG_OK;
    const bool first = writer->driver == NULL;
    wg_ogr_options(true);
    if (first) {
        WG_TRY(wg_ogr_create(ctx, writer));
    } else {
        writer->dataset = GDALOpenEx(wg_output_path(writer->output), GDAL_OF_VECTOR | GDAL_OF_UPDATE, NULL, NULL, NULL);
        if (writer->dataset == NULL) {
            status = wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, writer->errors.message);
            goto done;
        }
    }
    WG_TRY(wg_ogr_open_layer(ctx, writer, geometry_type));
    WG_TRY(remember_names(ctx, writer));
    writer->errors.failed = false;
    GDALClose(writer->dataset);
    writer->dataset = NULL;
    writer->ogr = NULL;
    if (writer->errors.failed) {
        status = wg_fail(ctx, WG_EIO, "%s: cannot be written: %s", writer->label, writer->errors.message);
        goto done;
    }
    WG_TRY(open_table(ctx, writer));
done:
    wg_ogr_options(false);
    return status;
}

/* ---- rows ---- */

static void put_u32(uint8_t *at, uint32_t value) {
    memcpy(at, &value, sizeof value);
}

/** Header, box (not of points), WKB; a single geometry in a layer of multi ones becomes one of them. */
static bool make_blob(const wg_writer *writer, const uint8_t *wkb, size_t bytes, const double bounds[4]) {
    struct wg_gpkg *own = writer->gpkg;
    const uint32_t type = wg_wkb_type(wkb, bytes);
    const bool point = type == WG_WKB_POINT,
               wrap = type <= WG_WKB_POLYGON && (uint32_t)wkbFlatten(writer->ogr_type) == type + 3;
    uint32_t code; /* with Z and M: thousands more */
    memcpy(&code, wkb + 1, sizeof code);
    uint8_t header[HEADER_BYTES + ENVELOPE_BYTES + MULTI_BYTES] = {'G', 'P', 0, point ? 0x01 : 0x03};
    size_t n = HEADER_BYTES;
    put_u32(header + 4, (uint32_t)own->srs);
    if (!point) {
        const double box[4] = {bounds[0], bounds[2], bounds[1], bounds[3]};
        memcpy(header + n, box, sizeof box);
        n += ENVELOPE_BYTES;
    }
    if (wrap) {
        header[n] = 1;
        put_u32(header + n + 1, code + 3);
        put_u32(header + n + 5, 1);
        n += MULTI_BYTES;
    }
    wg_buffer_clear(&own->blob);
    wg_buffer_append(&own->blob, header, n);
    wg_buffer_append(&own->blob, wkb, bytes);
    return !own->blob.failed;
}

/** @param wkb  NULL: none  @param bounds  of it */
static wg_status bind_geometry(wg_context *ctx, const wg_writer *writer, int at, const uint8_t *wkb, size_t bytes,
                               const double bounds[4]) {
    struct wg_gpkg *own = writer->gpkg;
    double *extent = own->extent;
    if (writer->whole.failed) {
        return wg_fail_memory(ctx);
    }
    if (wkb == NULL) {
        sqlite3_bind_null(own->insert, at);
        return WG_OK;
    }
    if (!make_blob(writer, wkb, bytes, bounds)) {
        return wg_fail_memory(ctx);
    }
    sqlite3_bind_blob64(own->insert, at, own->blob.data, own->blob.length, SQLITE_STATIC);
    for (int axis = 0; axis < 2; axis++) {
        extent[axis] = fmin(extent[axis], bounds[axis]);
        extent[axis + 2] = fmax(extent[axis + 2], bounds[axis + 2]);
    }
    const wg_rtree_box box = wg_rtree_box_of(own->rows, bounds);
    return own->indexed ? wg_rtree_add(ctx, own->boxes, &box) : WG_OK;
}

static void bind_value(sqlite3_stmt *insert, int at, const wg_column *column, size_t row) {
    if (column->null[row] || (column->type == WG_REAL && !isfinite(column->value.real[row]))) {
        sqlite3_bind_null(insert, at);
    } else if (column->type == WG_INTEGER) {
        sqlite3_bind_int64(insert, at, column->value.integer[row]);
    } else if (column->type == WG_REAL) {
        sqlite3_bind_double(insert, at, column->value.real[row]);
    } else {
        sqlite3_bind_text(insert, at, column->value.text[row], -1, SQLITE_STATIC);
    }
}

static wg_status gpkg_layer(wg_context *ctx, wg_writer *writer, const wg_layer *schema, const char *geometry_type) {
    (void)schema;
    if (writer->gpkg == NULL) {
        writer->gpkg = wg_calloc(1, sizeof *writer->gpkg);
        if (writer->gpkg == NULL) {
            return wg_fail_memory(ctx);
        }
    }
    writer->layer_open = false;
    return geometry_type != NULL ? make_table(ctx, writer, geometry_type) : WG_OK;
}

/** A layer of unknown type that stayed empty has a table too. */
static wg_status gpkg_settle(wg_context *ctx, wg_writer *writer) {
    wg_status status = WG_OK;
    if (!writer->layer_open) {
        WG_TRY(make_table(ctx, writer, "none"));
    }
    WG_TRY(finish_table(ctx, writer));
done:
    return status;
}

static wg_status gpkg_rows(wg_context *ctx, wg_writer *writer, const wg_layer *rows) {
    wg_status status = WG_OK;
    if (!writer->layer_open && rows->n > 0) { /* a layer of unknown type waited for its first rows */
        WG_TRY(make_table(ctx, writer, wg_rows_geometry_type(rows)));
    }
    struct wg_gpkg *own = writer->gpkg;
    for (size_t row = 0; row < rows->n; row++) {
        int at = 1;
        sqlite3_bind_int64(own->insert, at++, ++own->rows);
        for (uint32_t c = 0; c < rows->n_columns; c++) {
            bind_value(own->insert, at++, &rows->columns[c], row);
        }
        if (own->geometry != NULL) {
            size_t bytes = 0;
            const uint8_t *flat = wg_layer_wkb(rows, row, &bytes);
            double bounds[4];
            const bool some = flat != NULL && wg_wkb_bounds(flat, bytes, bounds);
            const uint8_t *wkb = some ? wg_writer_wkb(writer, rows, row, &bytes) : NULL;
            WG_TRY(bind_geometry(ctx, writer, at, wkb, bytes, bounds));
        }
        WG_TRY(step(ctx, writer, own->insert));
        if (row % 4096 == 0 && wg_cancelled(ctx)) {
            status = wg_fail(ctx, WG_ECANCELLED, "interrupted");
            goto done;
        }
    }
done:
    return status;
}

static void gpkg_release(wg_writer *writer) {
    if (writer->dataset != NULL) {
        GDALClose(writer->dataset);
        writer->dataset = NULL;
    }
    if (writer->gpkg != NULL) {
        table_release(writer->gpkg);
        free(writer->gpkg);
        writer->gpkg = NULL;
    }
}

const wg_backend wg_gpkg_backend = {gpkg_layer, gpkg_rows, gpkg_settle, gpkg_settle, gpkg_release};
