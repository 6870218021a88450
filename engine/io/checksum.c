#include "io/checksum.h"

#include <dirent.h>
#include <errno.h>
#include <sha256.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/memory.h"
#include "io/join.h"
#include "io/source.h"

enum { READ_BYTES = 1 << 16 };

static wg_status add_file(wg_context *ctx, const char *path, SHA2_CTX *hash, uint64_t *bytes) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", path, strerror(errno));
    }
    uint8_t *chunk = wg_malloc(READ_BYTES, 1);
    wg_status status = chunk == NULL ? wg_fail_memory(ctx) : WG_OK;
    for (size_t n = 1; status == WG_OK && n > 0;) {
        n = fread(chunk, 1, READ_BYTES, file);
        SHA256Update(hash, chunk, n);
        *bytes += n;
    }
    if (status == WG_OK && ferror(file)) {
        status = wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", path, strerror(errno));
    }
    free(chunk);
    (void)fclose(file);
    return status;
}

static void finish(SHA2_CTX *hash, char hex[WG_CHECKSUM_BYTES]) {
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Final(digest, hash);
    for (size_t i = 0; i < sizeof digest; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
}

void wg_checksum_bytes(const void *data, size_t length, char hex[WG_CHECKSUM_BYTES]) {
    SHA2_CTX hash;
    SHA256Init(&hash);
    SHA256Update(&hash, data, length);
    finish(&hash, hex);
}

wg_status wg_checksum_file(wg_context *ctx, const char *path, char hex[WG_CHECKSUM_BYTES], uint64_t *bytes) {
    SHA2_CTX hash;
    SHA256Init(&hash);
    *bytes = 0;
    const wg_status status = add_file(ctx, path, &hash, bytes);
    if (status == WG_OK) {
        finish(&hash, hex);
    }
    return status;
}

/** The .shp and the sidecars that mean something. */
static wg_status add_shapefile(wg_context *ctx, const char *path, SHA2_CTX *hash, uint64_t *bytes) {
    static const char *const extensions[] = {".shp", ".shx", ".dbf", ".prj", ".cpg"};
    wg_status status = WG_OK;
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0] && status == WG_OK; i++) {
        struct stat info;
        wg_buffer name = {0};
        wg_buffer_append(&name, path, strlen(path) - 4);
        wg_buffer_text(&name, extensions[i]);
        if (name.failed) {
            status = wg_fail_memory(ctx);
        } else if (stat(name.data, &info) == 0) {
            status = add_file(ctx, name.data, hash, bytes);
        }
        wg_buffer_release(&name);
    }
    return status;
}

static wg_status add_directory(wg_context *ctx, const char *path, SHA2_CTX *hash, uint64_t *bytes) {
    struct dirent **entries = NULL;
    const int n = scandir(path, &entries, NULL, alphasort);
    wg_status status = n < 0 ? wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", path, strerror(errno)) : WG_OK;
    for (int i = 0; i < n; i++) {
        wg_buffer name = {0};
        struct stat info;
        wg_buffer_printf(&name, "%s/%s", path, entries[i]->d_name);
        if (status == WG_OK && name.failed) {
            status = wg_fail_memory(ctx);
        } else if (status == WG_OK && entries[i]->d_name[0] != '.' && stat(name.data, &info) == 0 &&
                   S_ISREG(info.st_mode)) {
            status = add_file(ctx, name.data, hash, bytes);
        }
        wg_buffer_release(&name);
        free(entries[i]);
    }
    free(entries);
    return status;
}

/** Add what one name stands for. @param[out] any  whether there was something to add */
static wg_status add_source(wg_context *ctx, const char *source, SHA2_CTX *hash, uint64_t *bytes, bool *any) {
    wg_name name;
    struct stat info;
    wg_status status = wg_name_parse(ctx, source, &name);
    if (status != WG_OK) {
        return status;
    }
    if (name.is_file && stat(name.path, &info) == 0) {
        status = S_ISDIR(info.st_mode)                 ? add_directory(ctx, name.path, hash, bytes)
                 : wg_has_extension(name.path, ".shp") ? add_shapefile(ctx, name.path, hash, bytes)
                                                       : add_file(ctx, name.path, hash, bytes);
        *any = true;
    }
    wg_name_release(&name);
    return status;
}

wg_status wg_checksum_source(wg_context *ctx, const char *source, char hex[WG_CHECKSUM_BYTES], uint64_t *bytes) {
    SHA2_CTX hash;
    wg_join_words words;
    char *plain = NULL;
    bool any = false;
    hex[0] = '\0';
    *bytes = 0;
    wg_status status = wg_join_words_parse(ctx, source, &plain, &words);
    if (status != WG_OK) {
        return status;
    }
    SHA256Init(&hash);
    WG_TRY(add_source(ctx, plain, &hash, bytes, &any));
    if (words.table != NULL) {
        WG_TRY(add_source(ctx, words.table, &hash, bytes, &any));
    }
    if (any) {
        finish(&hash, hex);
    }
done:
    wg_join_words_release(&words);
    free(plain);
    return status;
}
