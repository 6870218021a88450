#include <sha2.h>
#include <string.h>

#include "store/blob.h"
#include "store/internal.h"

/*
 * A table is a set of rows, so its hash must not depend on their order: the SHA-256 of each row is added as a 256-bit
 * number, modulo 2^256, together with the count. (An adversary could collide sums; a plan is compared with itself.) One
 * pass, no sort.
 */
enum { DIGEST_WORDS = SHA256_DIGEST_LENGTH / 4 };

typedef struct row_sum {
    uint32_t word[DIGEST_WORDS]; /**< least significant first */
    uint64_t rows;
} row_sum;

static void add_digest(row_sum *sum, const uint8_t digest[SHA256_DIGEST_LENGTH]) {
    uint64_t carry = 0;
    for (int i = 0; i < DIGEST_WORDS; i++) {
        uint32_t word;
        memcpy(&word, digest + 4 * i, sizeof word);
        carry += (uint64_t)sum->word[i] + word;
        sum->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
    sum->rows++;
}

static void hash_u64(SHA2_CTX *hash, uint64_t value) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    SHA256Update(hash, bytes, sizeof bytes);
}

static void hash_text(SHA2_CTX *hash, const void *text, size_t length) {
    hash_u64(hash, length);
    SHA256Update(hash, text, length);
}

/** One value with its column's name; nothing for null. A whole number hashes alike in integer and real columns. */
static void hash_value(SHA2_CTX *hash, sqlite3_stmt *statement, int at, wg_type type) {
    const int stored = sqlite3_column_type(statement, at);
    const char *name = sqlite3_column_name(statement, at);
    if (stored == SQLITE_NULL) {
        return;
    }
    hash_text(hash, name, strlen(name));
    if (type == WG_TEXT) {
        const void *text = sqlite3_column_text(statement, at);
        hash_text(hash, text, (size_t)sqlite3_column_bytes(statement, at));
        return;
    }
    const double value = sqlite3_column_double(statement, at) + 0.0; /* -0 becomes 0 */
    if (stored == SQLITE_INTEGER && (int64_t)value != sqlite3_column_int64(statement, at)) {
        hash_u64(hash, (uint64_t)sqlite3_column_int64(statement, at));
        return;
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash_u64(hash, bits);
}

static int compare_columns(const void *left, const void *right) {
    return strcmp(((const store_column *)left)->name, ((const store_column *)right)->name);
}

static bool left_out(const char *table, const char *column) {
    return strcmp(table, "runs") == 0 && strcmp(column, "when") == 0;
}

static wg_status prepare_sorted(wg_context *ctx, wg_store *store, const char *table, store_columns *columns,
                                sqlite3_stmt **statement) {
    if (columns->n > 0) {
        qsort(columns->items, columns->n, sizeof *columns->items, compare_columns);
    }
    char *list = sqlite3_mprintf("%s", columns->geometry != STORE_NO_GEOMETRY ? STORE_GEOMETRY : "NULL");
    for (size_t i = 0; list != NULL && i < columns->n; i++) {
        const char *name = columns->items[i].name;
        list = left_out(table, name) ? sqlite3_mprintf("%z, NULL", list) : sqlite3_mprintf("%z, \"%w\"", list, name);
    }
    if (list == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = store_prepare(ctx, store, statement, "SELECT %s FROM \"%w\"", list, table);
    sqlite3_free(list);
    return status;
}

static wg_status hash_row(wg_context *ctx, wg_store *store, sqlite3_stmt *statement, const store_columns *columns,
                          wg_buffer *wkb, row_sum *sum) {
    SHA2_CTX hash;
    SHA256Init(&hash);
    for (size_t i = 0; i < columns->n; i++) {
        hash_value(&hash, statement, (int)i + 1, columns->items[i].type);
    }
    if (sqlite3_column_type(statement, 0) == SQLITE_BLOB) {
        wg_buffer_clear(wkb);
        const wg_status status =
            wg_blob_to_wkb(sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0), wkb);
        if (status != WG_OK) {
            return status == WG_EDATA ? wg_fail(ctx, WG_EDATA, "%s: a geometry of the plan cannot be read", store->path)
                                      : wg_fail_memory(ctx);
        }
        hash_text(&hash, wkb->data, wkb->length);
    }
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Final(digest, &hash);
    add_digest(sum, digest);
    return WG_OK;
}

/** Add a table without rows as nothing, so that a layer that is empty and one that is absent are the same content. */
static wg_status hash_table(wg_context *ctx, wg_store *store, const char *table, SHA2_CTX *total) {
    store_columns columns = {.geometry = STORE_NO_GEOMETRY};
    sqlite3_stmt *statement = NULL;
    wg_buffer wkb = {0};
    row_sum sum = {0};
    wg_status status = WG_OK;
    WG_TRY(store_columns_of_table(ctx, store, table, &columns));
    WG_TRY(prepare_sorted(ctx, store, table, &columns, &statement));
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        WG_TRY(hash_row(ctx, store, statement, &columns, &wkb, &sum));
    }
    if (code != SQLITE_DONE) {
        status = store_fail(ctx, store, "reading");
        goto done;
    }
    if (sum.rows > 0) {
        hash_text(total, table, strlen(table));
        hash_u64(total, sum.rows);
        for (int i = 0; i < DIGEST_WORDS; i++) {
            hash_u64(total, sum.word[i]);
        }
    }
done:
    sqlite3_finalize(statement);
    wg_buffer_release(&wkb);
    store_columns_release(&columns);
    return status;
}

wg_status wg_store_hash(wg_context *ctx, wg_store *store, char hex[WG_STORE_HASH_BYTES]) {
    char **names = NULL;
    size_t n = 0;
    SHA2_CTX total;
    wg_status status = WG_OK;
    SHA256Init(&total);
    hash_text(&total, store->crs, strlen(store->crs));
    WG_TRY(wg_store_layers(ctx, store, &names, &n));
    for (size_t i = 0; i < n; i++) {
        if (wg_contract_layer(names[i]) != NULL) {
            WG_TRY(hash_table(ctx, store, names[i], &total));
        }
    }
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Final(digest, &total);
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * sizeof digest] = '\0';
done:
    free(names);
    return status;
}
