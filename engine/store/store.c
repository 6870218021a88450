#include "store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <spatialite.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** "WGPL" in the file's header says that it is a plan; the user version is that of the schema. */
enum { PLAN_APPLICATION_ID = 0x5747504c, PLAN_SCHEMA = 1 };
/** Number of a CRS that has no EPSG code; SpatiaLite leaves these to users. */
enum { CUSTOM_SRID = 900914 };

/* ------------------------------------------------------------------ statements */

wg_status store_fail(wg_context *ctx, wg_store *store, const char *doing) {
    const int code = sqlite3_extended_errcode(store->db);
    if (code == SQLITE_NOMEM) {
        return wg_fail_memory(ctx);
    }
    const int base = code & 0xff;
    const char *advice = base == SQLITE_BUSY || base == SQLITE_LOCKED ? " (close the program that uses the plan)"
                         : base == SQLITE_FULL                        ? " (the disk is full)"
                                                                      : "";
    return wg_fail(ctx, WG_EIO, "%s: %s: %s%s", store->path, doing, sqlite3_errmsg(store->db), advice);
}

wg_status store_exec(wg_context *ctx, wg_store *store, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    if (sql == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_status status = WG_OK;
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        status = store_fail(ctx, store, "writing");
    }
    sqlite3_free(sql);
    return status;
}

static wg_status prepare_v(wg_context *ctx, wg_store *store, sqlite3_stmt **statement, const char *format,
                           va_list args) {
    char *sql = sqlite3_vmprintf(format, args);
    if (sql == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_status status = WG_OK;
    if (sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) != SQLITE_OK) {
        status = store_fail(ctx, store, "preparing a statement");
    }
    sqlite3_free(sql);
    return status;
}

wg_status store_prepare(wg_context *ctx, wg_store *store, sqlite3_stmt **statement, const char *format, ...) {
    va_list args;
    va_start(args, format);
    const wg_status status = prepare_v(ctx, store, statement, format, args);
    va_end(args);
    return status;
}

wg_status store_number(wg_context *ctx, wg_store *store, int64_t missing, int64_t *value, const char *format, ...) {
    sqlite3_stmt *statement = NULL;
    va_list args;
    va_start(args, format);
    wg_status status = prepare_v(ctx, store, &statement, format, args);
    va_end(args);
    if (status == WG_OK) {
        const int code = sqlite3_step(statement);
        *value = code == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL
                     ? sqlite3_column_int64(statement, 0)
                     : missing;
        if (code != SQLITE_ROW && code != SQLITE_DONE) {
            status = store_fail(ctx, store, "reading");
        }
    }
    sqlite3_finalize(statement);
    return status;
}

wg_status store_step(wg_context *ctx, wg_store *store, sqlite3_stmt *statement) {
    const int code = sqlite3_step(statement);
    wg_status status = WG_OK;
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        status = store_fail(ctx, store, "writing");
    }
    sqlite3_reset(statement);
    return status;
}

wg_status store_need_writable(wg_context *ctx, const wg_store *store) {
    return store->writable ? WG_OK : wg_fail(ctx, WG_EINVAL, "%s: the plan is open for reading only", store->path);
}

/* ------------------------------------------------------------------ life */

void wg_store_free(wg_store *store) {
    if (store == NULL) {
        return;
    }
    store_pending_drop(store, NULL);
    free(store->pending);
    sqlite3_close_v2(store->db);
    if (store->spatialite != NULL) {
        spatialite_cleanup_ex(store->spatialite);
    }
    free(store->path);
    free(store->crs);
    free(store);
}

/** A connection with SpatiaLite on it. `flags` as for sqlite3_open_v2. */
static wg_status connect(wg_context *ctx, const char *path, int flags, wg_store **store) {
    wg_store *made = wg_calloc(1, sizeof *made);
    wg_status status = WG_OK;
    if (made == NULL || (made->path = wg_strdup(path)) == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    if (sqlite3_open_v2(path, &made->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        status = made->db == NULL ? wg_fail_memory(ctx) : store_fail(ctx, made, "cannot be opened");
        goto done;
    }
    made->spatialite = spatialite_alloc_connection();
    if (made->spatialite == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    spatialite_init_ex(made->db, made->spatialite, 0);
    sqlite3_busy_timeout(made->db, 2000);
    *store = made;
    made = NULL;
done:
    wg_store_free(made);
    return status;
}

static int epsg_code(const char *name) {
    int code = 0;
    char rest = '\0';
    const bool epsg = strncmp(name, "EPSG:", 5) == 0 || strncmp(name, "epsg:", 5) == 0;
    return epsg && sscanf(name + 5, "%d%c", &code, &rest) == 1 && code > 0 ? code : 0;
}

/** The row of spatial_ref_sys: SpatiaLite's own where it knows the EPSG code, else from the texts given. */
static wg_status register_srs(wg_context *ctx, wg_store *store, const wg_store_srs *srs) {
    const int epsg = epsg_code(srs->name);
    int64_t known = 0;
    wg_status status = WG_OK;
    if (epsg > 0) {
        WG_TRY(store_number(ctx, store, 0, &known, "SELECT InsertEpsgSrid(%d)", epsg));
    }
    store->srid = epsg > 0 ? epsg : CUSTOM_SRID;
    if (known != 1) {
        if (srs->wkt == NULL) {
            status = wg_fail(ctx, WG_EINVAL, "CRS %s is not known to SpatiaLite and has no WKT", srs->name);
            goto done;
        }
        WG_TRY(store_exec(ctx, store,
                          "INSERT INTO spatial_ref_sys(srid, auth_name, auth_srid, ref_sys_name, proj4text, srtext) "
                          "VALUES(%d, %Q, %d, %Q, %Q, %Q)",
                          store->srid, epsg > 0 ? "epsg" : "wangge", store->srid, srs->name,
                          srs->proj != NULL ? srs->proj : "", srs->wkt));
    }
    store->crs = wg_strdup(srs->name);
    if (store->crs == NULL) {
        status = wg_fail_memory(ctx);
    }
done:
    return status;
}

wg_status wg_store_create(wg_context *ctx, const char *path, const wg_store_srs *srs, wg_store **store) {
    *store = NULL;
    if (access(path, F_OK) == 0) {
        return wg_fail(ctx, WG_EEXISTS, "%s: exists", path);
    }
    wg_store *made = NULL;
    wg_status status = connect(ctx, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &made);
    if (status != WG_OK) {
        goto done;
    }
    made->created = made->writable = true;
    /* Nobody sees the file before it is renamed, so a crash needs no journal; wg_store_close makes it durable. */
    WG_TRY(store_exec(ctx, made,
                      "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; "
                      "PRAGMA application_id = %d; PRAGMA user_version = %d",
                      PLAN_APPLICATION_ID, PLAN_SCHEMA));
    int64_t done_metadata = 0;
    WG_TRY(store_number(ctx, made, 0, &done_metadata, "SELECT InitSpatialMetaDataFull(1, 'NONE')"));
    if (done_metadata != 1) {
        status = wg_fail(ctx, WG_EIO, "%s: SpatiaLite could not set up its tables (is the disk full?)", path);
        goto done;
    }
    WG_TRY(register_srs(ctx, made, srs));
    *store = made;
    made = NULL;
done:
    if (made != NULL) {
        wg_store_free(made);
        (void)unlink(path);
    }
    return status;
}

/** Bytes of the SQLite header that say what the file is. @return false where it is no SQLite file */
static bool read_header(const char *path, uint32_t *application) {
    uint8_t head[72] = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    const size_t got = fread(head, 1, sizeof head, file);
    (void)fclose(file);
    *application = (uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 | (uint32_t)head[70] << 8 | head[71];
    return got == sizeof head && memcmp(head, "SQLite format 3", 16) == 0;
}

bool wg_store_is_plan(const char *path) {
    uint32_t application = 0;
    return read_header(path, &application) && application == PLAN_APPLICATION_ID;
}

static wg_status check_is_plan(wg_context *ctx, const char *path) {
    uint32_t application = 0;
    if (access(path, R_OK) != 0) {
        return wg_fail(ctx, WG_EIO, "%s: %s", path, strerror(errno));
    }
    if (!read_header(path, &application)) {
        return wg_fail(ctx, WG_EIO, "%s: is not a SQLite file (a plan is made by wangge partition)", path);
    }
    if (application != PLAN_APPLICATION_ID) {
        return wg_fail(ctx, WG_EDATA, "%s: is a database, but not a plan (a plan is made by wangge partition)", path);
    }
    return WG_OK;
}

/** Working CRS: that of the geometry tables' row in spatial_ref_sys; a plan has one. */
static wg_status read_srs(wg_context *ctx, wg_store *store) {
    sqlite3_stmt *statement = NULL;
    wg_status status = store_prepare(ctx, store, &statement,
                                     "SELECT srid, auth_name, auth_srid, ref_sys_name FROM spatial_ref_sys "
                                     "WHERE srid > 0 ORDER BY srid IN (SELECT srid FROM geometry_columns) DESC, srid");
    if (status != WG_OK) {
        goto done;
    }
    if (sqlite3_step(statement) != SQLITE_ROW) {
        status = wg_fail(ctx, WG_EDATA, "%s: the plan has no CRS (make it again)", store->path);
        goto done;
    }
    store->srid = sqlite3_column_int(statement, 0);
    const char *authority = (const char *)sqlite3_column_text(statement, 1);
    wg_buffer name = {0};
    if (authority != NULL && strcmp(authority, "epsg") == 0) {
        wg_buffer_printf(&name, "EPSG:%d", sqlite3_column_int(statement, 2));
    } else {
        const char *text = (const char *)sqlite3_column_text(statement, 3);
        wg_buffer_text(&name, text != NULL ? text : "");
    }
    store->crs = wg_buffer_steal(&name);
    if (store->crs == NULL) {
        status = wg_fail_memory(ctx);
    }
done:
    sqlite3_finalize(statement);
    return status;
}

wg_status wg_store_open(wg_context *ctx, const char *path, wg_store_mode mode, wg_store **store) {
    *store = NULL;
    wg_store *made = NULL;
    wg_status status = WG_OK;
    WG_TRY(check_is_plan(ctx, path));
    WG_TRY(connect(ctx, path, mode == WG_STORE_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, &made));
    made->writable = mode == WG_STORE_WRITE;
    if (made->writable && sqlite3_db_readonly(made->db, "main") == 1) {
        status = wg_fail(ctx, WG_EIO, "%s: cannot be written (permission denied)", path);
        goto done;
    }
    int64_t schema = 0;
    WG_TRY(store_number(ctx, made, 0, &schema, "PRAGMA user_version"));
    if (schema > PLAN_SCHEMA) {
        status = wg_fail(ctx, WG_EDATA, "%s: was made by a newer version of wangge (schema %d, this one knows %d)",
                         path, (int)schema, PLAN_SCHEMA);
        goto done;
    }
    WG_TRY(read_srs(ctx, made));
    *store = made;
    made = NULL;
done:
    wg_store_free(made);
    return status;
}

static wg_status flush_file(wg_context *ctx, const char *path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    wg_status status = WG_OK;
    if (file < 0 || fsync(file) != 0) {
        status = wg_fail(ctx, WG_EIO, "%s: %s", path, strerror(errno));
    }
    if (file >= 0) {
        (void)close(file);
    }
    return status;
}

wg_status wg_store_close(wg_context *ctx, wg_store *store) {
    wg_status status = WG_OK;
    wg_store_rollback(store);
    if (store->created) {
        /* SpatiaLite's log of events holds the time of day; a plan's bytes should not. */
        status = store_exec(ctx, store, "UPDATE spatialite_history SET timestamp = '0000-01-01T00:00:00.000Z'");
    }
    char *path = store->created ? wg_strdup(store->path) : NULL;
    wg_store_free(store);
    if (status == WG_OK && path != NULL) {
        status = flush_file(ctx, path);
    }
    free(path);
    return status;
}

/* ------------------------------------------------------------------ transactions */

wg_status wg_store_begin(wg_context *ctx, wg_store *store) {
    const wg_status status = store_need_writable(ctx, store);
    return status != WG_OK ? status : store_exec(ctx, store, "BEGIN IMMEDIATE");
}

wg_status wg_store_commit(wg_context *ctx, wg_store *store) {
    const wg_status status = store_flush(ctx, store);
    return status != WG_OK ? status : store_exec(ctx, store, "COMMIT");
}

void wg_store_rollback(wg_store *store) {
    store_pending_drop(store, NULL);
    if (sqlite3_get_autocommit(store->db) == 0) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

wg_status store_enter(wg_context *ctx, wg_store *store, bool *own) {
    *own = sqlite3_get_autocommit(store->db) != 0;
    return *own ? wg_store_begin(ctx, store) : store_need_writable(ctx, store);
}

wg_status store_leave(wg_context *ctx, wg_store *store, bool own, wg_status status) {
    if (own && status == WG_OK) {
        status = wg_store_commit(ctx, store);
    }
    if (own && status != WG_OK) {
        wg_store_rollback(store);
    }
    return status;
}

/* ------------------------------------------------------------------ what is there */

const char *wg_store_crs(const wg_store *store) {
    return store->crs;
}

const char *wg_store_path(const wg_store *store) {
    return store->path;
}

sqlite3 *wg_store_sqlite(wg_store *store) {
    return store->db;
}

bool wg_store_has(wg_store *store, const char *name) {
    int64_t count = 0;
    const wg_status status =
        store_number(NULL, store, 0, &count,
                     "SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'view') AND name = %Q", name);
    return status == WG_OK && count > 0;
}

size_t wg_store_rows(wg_store *store, const char *name) {
    int64_t count = 0;
    if (wg_store_has(store, name)) {
        (void)store_number(NULL, store, 0, &count, "SELECT count(*) FROM \"%w\"", name);
    }
    return (size_t)count;
}

/** Names in the database that are layers: everything with an integer key `fid`; SpatiaLite's own tables have none. */
static wg_status list_tables(wg_context *ctx, wg_store *store, wg_buffer *names, size_t *n) {
    sqlite3_stmt *statement = NULL;
    wg_status status = store_prepare(
        ctx, store, &statement,
        "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'wg\\_%%' ESCAPE '\\' AND "
        "(SELECT c.name FROM pragma_table_info(m.name) c WHERE c.pk = 1) = '" STORE_FID "' ORDER BY m.name");
    int code = SQLITE_DONE;
    while (status == WG_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        wg_buffer_append(names, name, strlen(name) + 1);
        (*n)++;
    }
    if (status == WG_OK && code != SQLITE_DONE) {
        status = store_fail(ctx, store, "listing layers");
    }
    if (status == WG_OK && names->failed) {
        status = wg_fail_memory(ctx);
    }
    sqlite3_finalize(statement);
    return status;
}

/** Place of a layer among the contract's; other tables come last. */
static size_t contract_place(const char *name) {
    size_t n;
    const wg_contract_table *tables = wg_contract_tables(&n);
    const wg_contract_table *own = wg_contract_layer(name);
    return own == NULL ? n : (size_t)(own - tables);
}

static int compare_layers(const void *left, const void *right) {
    const char *a = *(const char *const *)left;
    const char *b = *(const char *const *)right;
    const size_t place_a = contract_place(a);
    const size_t place_b = contract_place(b);
    return place_a != place_b ? (place_a < place_b ? -1 : 1) : strcmp(a, b);
}

wg_status wg_store_layers(wg_context *ctx, wg_store *store, char ***names, size_t *n) {
    wg_buffer text = {0};
    *names = NULL;
    *n = 0;
    wg_status status = list_tables(ctx, store, &text, n);
    if (status == WG_OK) {
        char **made = wg_calloc(*n * sizeof *made + text.length, 1);
        if (made == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        char *at = (char *)(made + *n);
        if (text.length > 0) {
            memcpy(at, text.data, text.length);
        }
        for (size_t i = 0; i < *n; i++) {
            made[i] = at;
            at += strlen(at) + 1;
        }
        qsort(made, *n, sizeof *made, compare_layers);
        *names = made;
    }
done:
    wg_buffer_release(&text);
    return status;
}
