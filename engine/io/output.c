#include "io/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"
#include "io/output_owner.h"
#include "io/output_set.h"

/** In every directory that wangge made: only such a one is replaced as a whole. */
static const char marker_name[] = ".wangge";
static const char marker_text[] = "Made by wangge; --overwrite replaces this directory as a whole.\n";

struct wg_output {
    char *target;
    char *work;  /**< hidden directory beside the target */
    char *built; /**< the target's base name in it */
    char *parent;
    wg_output_kind kind;
    bool overwrite;
    int lock; /**< says that the hidden directory has an owner; -1: none */
};

static char *join(const char *directory, const char *name) {
    wg_buffer path = {0};
    wg_buffer_printf(&path, "%s/%s", directory, name);
    return wg_buffer_steal(&path);
}

/** Target without trailing slashes. */
static char *trimmed(const char *path) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') {
        n--;
    }
    return wg_strndup(path, n);
}

static const char *base_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static char *parent_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return wg_strdup(".");
    }
    return slash == path ? wg_strdup("/") : wg_strndup(path, (size_t)(slash - path));
}

typedef enum contents { CONTENTS_NONE = 0, CONTENTS_OURS, CONTENTS_FOREIGN } contents;

/** What a directory holds: only an empty one, or one marked as wangge's, may be replaced as a whole. */
static contents directory_contents(const char *path) {
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return CONTENTS_FOREIGN;
    }
    contents found = CONTENTS_NONE;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strcmp(entry->d_name, marker_name) == 0) {
            found = CONTENTS_OURS;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            found = CONTENTS_FOREIGN;
        }
    }
    (void)closedir(directory);
    return found;
}

static wg_status exists_already(wg_context *ctx, const char *path) {
    return wg_fail(ctx, WG_EEXISTS, "%s: exists (use --overwrite to replace it)", path);
}

static wg_status check_directory(wg_context *ctx, const char *path, bool overwrite) {
    switch (directory_contents(path)) {
    case CONTENTS_NONE:
        return WG_OK;
    case CONTENTS_OURS:
        return overwrite ? WG_OK : exists_already(ctx, path);
    case CONTENTS_FOREIGN:
    default:
        return wg_fail(ctx, WG_EEXISTS, "%s: holds files that wangge did not write (name another directory)", path);
    }
}

static void sweep(wg_context *ctx, const char *path, const char *parent, const char *base) {
    unsigned finished = 0, stuck = 0;
    wg_owner_sweep(parent, base, &finished, &stuck);
    if (finished > 0) {
        wg_log(ctx, WG_LOG_WARNING,
               "%s: a run was interrupted while it put the file in its place; this is finished now", path);
    }
    if (stuck > 0) {
        wg_log(ctx, WG_LOG_WARNING,
               "%s: a run was interrupted while it put the file in its place, and this cannot be finished: %s (its "
               "parts are in %s/.wangge-*)",
               path, strerror(errno), parent);
    }
}

void wg_output_recover(wg_context *ctx, const char *path) {
    const char *name = base_of(path), *dot = strrchr(name, '.');
    const bool is_main = dot != NULL && strcasecmp(dot, ".shp") == 0;
    char *parent = parent_of(path);
    wg_buffer base = {0};
    wg_buffer_append(&base, name, dot == NULL || is_main ? strlen(name) : (size_t)(dot - name));
    wg_buffer_text(&base, is_main ? "" : ".shp");
    if (parent != NULL && !base.failed) {
        sweep(ctx, path, parent, base.data);
    }
    wg_buffer_release(&base);
    free(parent);
}

wg_status wg_output_check(wg_context *ctx, const char *path, wg_output_kind kind, bool overwrite) {
    if (path == NULL || path[0] == '\0') {
        return wg_fail(ctx, WG_EINVAL, "no output was named (use -o)");
    }
    if (kind == WG_OUTPUT_SHAPEFILE) {
        wg_output_recover(ctx, path);
    }
    struct stat info;
    const bool there = stat(path, &info) == 0;
    if (!there && errno != ENOENT) {
        return wg_fail(ctx, WG_EIO, "%s: %s", path, strerror(errno));
    }
    if (kind == WG_OUTPUT_DIRECTORY) {
        if (there && !S_ISDIR(info.st_mode)) {
            return wg_fail(ctx, WG_EEXISTS, "%s: exists and is not a directory (name another one)", path);
        }
        return there ? check_directory(ctx, path, overwrite) : WG_OK;
    }
    if (there && S_ISDIR(info.st_mode)) {
        return wg_fail(ctx, WG_EEXISTS, "%s: is a directory (name a file)", path);
    }
    if (overwrite) {
        return WG_OK;
    }
    const bool absent = !there && (kind != WG_OUTPUT_SHAPEFILE || wg_set_absent(path));
    return absent ? WG_OK : exists_already(ctx, path);
}

static void output_free(wg_output *output) {
    if (output != NULL) {
        free(output->target);
        free(output->work);
        free(output->built);
        free(output->parent);
        if (output->lock >= 0) {
            (void)close(output->lock);
        }
        free(output);
    }
}

static wg_status make_work(wg_context *ctx, wg_output *output) {
    wg_buffer name = {0};
    /* no extension in it: GDAL takes "x.xlsx" or "x.zip" within a path for an archive */
    wg_buffer_printf(&name, "%s/.wangge-XXXXXX", output->parent);
    output->work = wg_buffer_steal(&name);
    if (output->work == NULL) {
        return wg_fail_memory(ctx);
    }
    if (mkdtemp(output->work) == NULL) {
        const wg_status status =
            wg_fail(ctx, WG_EIO, "%s: cannot write in %s: %s", output->target, output->parent, strerror(errno));
        free(output->work);
        output->work = NULL;
        return status;
    }
    wg_owner_take(output->work, base_of(output->target), &output->lock);
    output->built = join(output->work, base_of(output->target));
    if (output->built == NULL) {
        return wg_fail_memory(ctx);
    }
    if (output->kind == WG_OUTPUT_DIRECTORY && mkdir(output->built, 0777) != 0) {
        return wg_fail(ctx, WG_EIO, "%s: %s", output->built, strerror(errno));
    }
    return WG_OK;
}

wg_status wg_output_begin(wg_context *ctx, const char *path, wg_output_kind kind, bool overwrite, wg_output **output) {
    wg_status status = wg_output_check(ctx, path, kind, overwrite);
    if (status != WG_OK) {
        return status;
    }
    wg_output *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    *made = (wg_output){.target = trimmed(path), .kind = kind, .overwrite = overwrite, .lock = -1};
    made->parent = made->target == NULL ? NULL : parent_of(made->target);
    if (made->parent != NULL) {
        sweep(ctx, made->target, made->parent, base_of(made->target)); /* what a killed run left */
    }
    status = made->parent == NULL ? wg_fail_memory(ctx) : make_work(ctx, made);
    if (status != WG_OK) {
        wg_output_abort(made);
        return status;
    }
    *output = made;
    return WG_OK;
}

const char *wg_output_path(const wg_output *output) {
    return output->built;
}

void wg_output_abort(wg_output *output) {
    if (output != NULL && output->work != NULL) {
        wg_owner_remove(output->work);
    }
    output_free(output);
}

static int sync_entry(const char *path, const struct stat *info, int flag, struct FTW *walk) {
    (void)info;
    (void)walk;
    return (flag == FTW_F || flag == FTW_DP || flag == FTW_D) && !wg_sync_path(path) ? -1 : 0;
}

static wg_status write_marker(wg_context *ctx, const char *directory) {
    char *path = join(directory, marker_name);
    if (path == NULL) {
        return wg_fail_memory(ctx);
    }
    FILE *file = fopen(path, "we");
    bool good = file != NULL && fputs(marker_text, file) >= 0;
    good = file != NULL && fclose(file) == 0 && good;
    const wg_status status = good ? WG_OK : wg_fail(ctx, WG_EIO, "%s: %s", path, strerror(errno));
    free(path);
    return status;
}

static wg_status place_failed(wg_context *ctx, const wg_output *output) {
    return wg_fail(ctx, errno == EEXIST || errno == ENOTEMPTY ? WG_EEXISTS : WG_EIO, "%s: cannot be put in place: %s",
                   output->target, strerror(errno));
}

/** One step each: nothing or all of the new file; without overwriting also where the target appeared meanwhile. */
static wg_status place_file(wg_context *ctx, const wg_output *output, const char *from, const char *to) {
    if (output->overwrite) {
        return rename(from, to) == 0 ? WG_OK : place_failed(ctx, output);
    }
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return WG_OK;
    }
    if (errno == EINVAL || errno == ENOSYS) { /* a filesystem without it: link() refuses an existing name too */
        if (link(from, to) == 0) {
            return WG_OK;
        }
    }
    return place_failed(ctx, output);
}

static wg_status place_directory(wg_context *ctx, const wg_output *output) {
    const char *from = output->built, *to = output->target;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return WG_OK;
    }
    if (errno != EEXIST && errno != ENOTEMPTY && errno != EINVAL && errno != ENOSYS) {
        return place_failed(ctx, output);
    }
    if (rename(from, to) == 0) { /* the target is absent or an empty directory */
        return WG_OK;
    }
    if (!output->overwrite || (errno != EEXIST && errno != ENOTEMPTY) || directory_contents(to) != CONTENTS_OURS ||
        renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) != 0) {
        return place_failed(ctx, output);
    }
    return WG_OK; /* the old one is in the hidden directory now, which is removed */
}

/** Where putting back failed as well, the hidden directory stays: it is finished by the next run. */
static wg_status place_shapefile(wg_context *ctx, wg_output *output) {
    bool keep = false;
    wg_status status = wg_set_place(output->work, output->parent, base_of(output->target), output->overwrite, &keep);
    if (status != WG_OK) {
        status = place_failed(ctx, output);
    }
    if (keep) {
        free(output->work);
        output->work = NULL;
    }
    return status;
}

wg_status wg_output_commit(wg_context *ctx, wg_output *output) {
    wg_status status = WG_OK;
    if (output->kind == WG_OUTPUT_DIRECTORY) {
        WG_TRY(write_marker(ctx, output->built));
    }
    if (nftw(output->work, sync_entry, 16, FTW_DEPTH | FTW_PHYS) != 0) {
        status = wg_fail(ctx, WG_EIO, "%s: cannot be made durable: %s", output->target, strerror(errno));
        goto done;
    }
    switch (output->kind) {
    case WG_OUTPUT_FILE:
        WG_TRY(place_file(ctx, output, output->built, output->target));
        break;
    case WG_OUTPUT_SHAPEFILE:
        WG_TRY(place_shapefile(ctx, output));
        break;
    case WG_OUTPUT_DIRECTORY:
        WG_TRY(place_directory(ctx, output));
        break;
    }
    (void)wg_sync_path(output->parent);
done:
    wg_output_abort(output); /* what is left in the hidden directory */
    return status;
}
