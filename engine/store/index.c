/*
 * The spatial index as SQLite's R*Tree module stores it, built bottom-up: sort-tile-recursive packing (Leutenegger,
 * Lopez and Edgington 1997) writes each node once. Inserting row by row splits and reinserts instead, and takes ten
 * times as long.
 *
 * A node is a blob: depth[2] (of the tree, in the root only), number of entries[2], then per entry a 64-bit row id or
 * child number and four 32-bit floats, min and max of x, then of y; everything big endian, zeros to the node size. The
 * root is node 1.
 */
#include <math.h>
#include <string.h>

#include "store/internal.h"

enum { ENTRY_BYTES = 24, NODE_HEADER_BYTES = 4, ROOT = 1 };

static float round_down(double value) {
    const float nearest = (float)value;
    return (double)nearest > value ? nextafterf(nearest, -INFINITY) : nearest;
}

static float round_up(double value) {
    const float nearest = (float)value;
    return (double)nearest < value ? nextafterf(nearest, INFINITY) : nearest;
}

store_box store_box_of(int64_t fid, const double bounds[4]) {
    return (store_box){.fid = fid,
                       .low_x = round_down(bounds[0]),
                       .high_x = round_up(bounds[2]),
                       .low_y = round_down(bounds[1]),
                       .high_y = round_up(bounds[3])};
}

static double middle_x(const store_box *box) {
    return (double)box->low_x + (double)box->high_x;
}

static double middle_y(const store_box *box) {
    return (double)box->low_y + (double)box->high_y;
}

static int compare_fid(const void *left, const void *right) {
    const store_box *a = left;
    const store_box *b = right;
    return a->fid < b->fid ? -1 : a->fid > b->fid;
}

/** A row and the leaf that holds it. */
typedef struct row_leaf {
    int64_t fid, leaf;
} row_leaf;

static int compare_row(const void *left, const void *right) {
    const row_leaf *a = left;
    const row_leaf *b = right;
    return a->fid < b->fid ? -1 : a->fid > b->fid;
}

static int compare_x(const void *left, const void *right) {
    const double a = middle_x(left);
    const double b = middle_x(right);
    return a < b ? -1 : a > b ? 1 : compare_fid(left, right);
}

static int compare_y(const void *left, const void *right) {
    const double a = middle_y(left);
    const double b = middle_y(right);
    return a < b ? -1 : a > b ? 1 : compare_fid(left, right);
}

static void put_be(uint8_t *at, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    }
}

static void put_float(uint8_t *at, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_be(at, bits, 4);
}

static void put_entry(uint8_t *at, const store_box *box) {
    put_be(at, (uint64_t)box->fid, 8);
    put_float(at + 8, box->low_x);
    put_float(at + 12, box->high_x);
    put_float(at + 16, box->low_y);
    put_float(at + 20, box->high_y);
}

static void grow_box(store_box *box, const store_box *by) {
    box->low_x = fminf(box->low_x, by->low_x);
    box->high_x = fmaxf(box->high_x, by->high_x);
    box->low_y = fminf(box->low_y, by->low_y);
    box->high_y = fmaxf(box->high_y, by->high_y);
}

/** The shadow tables of one index, open for writing. */
typedef struct packer {
    wg_context *ctx;
    wg_store *store;
    sqlite3_stmt *node, *parent, *rowid;
    uint8_t *blob;
    size_t node_bytes, fanout;
    int64_t next_node;
} packer;

/** Size of a node as the module chose it when it made the empty root. */
static wg_status open_packer(packer *pack, const char *index) {
    wg_context *ctx = pack->ctx;
    wg_store *store = pack->store;
    wg_status status = WG_OK;
    int64_t bytes = 0;
    WG_TRY(store_number(ctx, store, 0, &bytes, "SELECT length(data) FROM \"%w_node\" WHERE nodeno = 1", index));
    if (bytes < NODE_HEADER_BYTES + 2 * ENTRY_BYTES) {
        status =
            wg_fail(ctx, WG_EDATA, "%s: the spatial index %s is damaged (make the plan again)", store->path, index);
        goto done;
    }
    pack->node_bytes = (size_t)bytes;
    pack->fanout = (pack->node_bytes - NODE_HEADER_BYTES) / ENTRY_BYTES;
    pack->blob = wg_calloc(pack->node_bytes, 1);
    if (pack->blob == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(store_exec(ctx, store, "DELETE FROM \"%w_node\"; DELETE FROM \"%w_parent\"; DELETE FROM \"%w_rowid\"", index,
                      index, index));
    WG_TRY(store_prepare(ctx, store, &pack->node, "INSERT INTO \"%w_node\"(nodeno, data) VALUES(?, ?)", index));
    WG_TRY(
        store_prepare(ctx, store, &pack->parent, "INSERT INTO \"%w_parent\"(nodeno, parentnode) VALUES(?, ?)", index));
    WG_TRY(store_prepare(ctx, store, &pack->rowid, "INSERT INTO \"%w_rowid\"(rowid, nodeno) VALUES(?, ?)", index));
done:
    return status;
}

static void close_packer(packer *pack) {
    sqlite3_finalize(pack->node);
    sqlite3_finalize(pack->parent);
    sqlite3_finalize(pack->rowid);
    free(pack->blob);
}

static wg_status insert_pair(const packer *pack, sqlite3_stmt *statement, int64_t key, int64_t value) {
    sqlite3_bind_int64(statement, 1, key);
    sqlite3_bind_int64(statement, 2, value);
    return store_step(pack->ctx, pack->store, statement);
}

/** Write one node of `n` entries and describe it in `up`. */
static wg_status write_node(packer *pack, int64_t number, int depth, const store_box *entries, size_t n,
                            store_box *up) {
    memset(pack->blob, 0, pack->node_bytes);
    put_be(pack->blob, number == ROOT ? (uint64_t)depth : 0, 2);
    put_be(pack->blob + 2, n, 2);
    for (size_t i = 0; i < n; i++) {
        put_entry(pack->blob + NODE_HEADER_BYTES + i * ENTRY_BYTES, &entries[i]);
        if (i == 0) {
            *up = entries[0];
        } else {
            grow_box(up, &entries[i]);
        }
    }
    up->fid = number;
    sqlite3_bind_int64(pack->node, 1, number);
    sqlite3_bind_blob(pack->node, 2, pack->blob, (int)pack->node_bytes, SQLITE_STATIC);
    return store_step(pack->ctx, pack->store, pack->node);
}

/**
 * Write one level: entries in groups of equal size, each a node; the nodes become the entries of the next level in
 * place. Nodes are filled evenly, so that none has fewer than half of the entries, as the module expects.
 */
static wg_status write_level(packer *pack, int depth, store_box *entries, size_t *n, row_leaf *rows) {
    const size_t nodes = (*n + pack->fanout - 1) / pack->fanout;
    size_t begin = 0;
    wg_status status = WG_OK;
    for (size_t k = 0; k < nodes; k++) {
        const size_t end = *n * (k + 1) / nodes;
        const int64_t number = nodes == 1 ? ROOT : pack->next_node++;
        store_box up = {0};
        WG_TRY(write_node(pack, number, depth, entries + begin, end - begin, &up));
        for (size_t i = begin; i < end; i++) {
            if (depth > 0) {
                WG_TRY(insert_pair(pack, pack->parent, entries[i].fid, number));
            } else {
                rows[i] = (row_leaf){.fid = entries[i].fid, .leaf = number};
            }
        }
        entries[k] = up;
        begin = end;
    }
    *n = nodes;
done:
    return status;
}

/** Rows with their leaf, in the order of row ids, so that the B-tree grows at its end. */
static wg_status write_rows(const packer *pack, row_leaf *rows, size_t n) {
    wg_status status = WG_OK;
    qsort(rows, n, sizeof *rows, compare_row);
    for (size_t i = 0; i < n; i++) {
        WG_TRY(insert_pair(pack, pack->rowid, rows[i].fid, rows[i].leaf));
    }
done:
    return status;
}

/** Order boxes so that runs of `fanout` are compact: vertical slices by x, within a slice by y. */
static void tile(store_box *boxes, size_t n, size_t fanout) {
    const double leaves = ceil((double)n / (double)fanout);
    const size_t slices = (size_t)ceil(sqrt(leaves));
    qsort(boxes, n, sizeof *boxes, compare_x);
    for (size_t s = 0; s < slices; s++) {
        const size_t begin = n * s / slices;
        const size_t end = n * (s + 1) / slices;
        qsort(boxes + begin, end - begin, sizeof *boxes, compare_y);
    }
}

wg_status store_index_pack(wg_context *ctx, wg_store *store, const char *table, store_box *boxes, size_t n) {
    packer pack = {.ctx = ctx, .store = store, .next_node = ROOT + 1};
    row_leaf *rows = NULL;
    wg_status status = WG_OK;
    char *index = sqlite3_mprintf("idx_%s_" STORE_GEOMETRY, table);
    if (index == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(open_packer(&pack, index));
    if (n == 0) {
        store_box none;
        status = write_node(&pack, ROOT, 0, boxes, 0, &none);
        goto done;
    }
    rows = wg_malloc(n, sizeof *rows);
    if (rows == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    tile(boxes, n, pack.fanout);
    size_t level = n;
    int depth = 0;
    do {
        WG_TRY(write_level(&pack, depth++, boxes, &level, rows));
    } while (level > 1);
    WG_TRY(write_rows(&pack, rows, n));
done:
    close_packer(&pack);
    free(rows);
    sqlite3_free(index);
    return status;
}

wg_status store_index_read(wg_context *ctx, wg_store *store, const char *table, store_box **boxes, size_t *n,
                           size_t *capacity) {
    sqlite3_stmt *statement = NULL;
    wg_status status = WG_OK;
    WG_TRY(store_prepare(ctx, store, &statement,
                         "SELECT pkid, xmin, xmax, ymin, ymax FROM \"idx_%w_" STORE_GEOMETRY "\"", table));
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!WG_RESERVE(*boxes, *capacity, *n + 1)) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        (*boxes)[(*n)++] = (store_box){.fid = sqlite3_column_int64(statement, 0),
                                       .low_x = (float)sqlite3_column_double(statement, 1),
                                       .high_x = (float)sqlite3_column_double(statement, 2),
                                       .low_y = (float)sqlite3_column_double(statement, 3),
                                       .high_y = (float)sqlite3_column_double(statement, 4)};
    }
    status = code == SQLITE_DONE ? WG_OK : store_fail(ctx, store, "reading the spatial index");
done:
    sqlite3_finalize(statement);
    return status;
}
