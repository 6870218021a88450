/** Scratch directories, exact bytes in files, and a context that keeps its log, for tests that read and write. */
#ifndef WG_TESTS_FILES_H
#define WG_TESTS_FILES_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/status.h"

typedef struct scratch {
    wg_context *ctx;
    char dir[64];
    char log[8192]; /**< all lines of the run, one after the other */
    char path[4][256];
    unsigned next;
} scratch;

static inline void scratch_log(wg_log_level level, const char *message, void *user) {
    scratch *s = user;
    if (level <= WG_LOG_INFO) {
        const size_t n = strlen(s->log);
        (void)snprintf(s->log + n, sizeof s->log - n, "%s\n", message);
    }
}

static inline int scratch_setup(void **state) {
    scratch *s = calloc(1, sizeof *s);
    (void)snprintf(s->dir, sizeof s->dir, "/tmp/wangge-test-XXXXXX");
    s->ctx = wg_context_new();
    wg_context_set_log(s->ctx, WG_LOG_INFO, scratch_log, s);
    *state = s;
    return mkdtemp(s->dir) == NULL ? -1 : 0;
}

static inline int scratch_remove(const char *path, const struct stat *info, int flag, struct FTW *walk) {
    (void)info;
    (void)flag;
    (void)walk;
    return remove(path);
}

static inline int scratch_teardown(void **state) {
    scratch *s = *state;
    (void)nftw(s->dir, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
    wg_context_free(s->ctx);
    free(s);
    return 0;
}

/** A path in the scratch directory; good for the next three calls. */
static inline const char *scratch_path(scratch *s, const char *name) {
    char *path = s->path[s->next++ % 4];
    (void)snprintf(path, sizeof s->path[0], "%s/%s", s->dir, name);
    return path;
}

/** Write bytes to a file of the scratch directory. @return its path */
static inline const char *scratch_bytes(scratch *s, const char *name, const void *bytes, size_t length) {
    const char *path = scratch_path(s, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
        abort();
    }
    return path;
}

static inline const char *scratch_text(scratch *s, const char *name, const char *text) {
    return scratch_bytes(s, name, text, strlen(text));
}

/** Whole content of a file, NUL-terminated; free with free(). NULL where it is absent. */
static inline char *scratch_read(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    wg_buffer out = {0};
    char chunk[4096];
    size_t n;
    if (file == NULL) {
        return NULL;
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        wg_buffer_append(&out, chunk, n);
    }
    (void)fclose(file);
    if (length != NULL) {
        *length = out.length;
    }
    return wg_buffer_steal(&out);
}

/** Number of entries of a directory, hidden ones too, without . and .. */
static inline size_t scratch_count(const char *dir) {
    char command[128];
    unsigned count = 0;
    (void)snprintf(command, sizeof command, "ls -A '%s' | wc -l", dir);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL || fscanf(pipe, "%u", &count) != 1) {
        abort();
    }
    (void)pclose(pipe);
    return count;
}

#endif
