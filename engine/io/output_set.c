/*
 * States of a work directory, each entered by one rename:
 *   no journal            the set is still being built: of no value;
 *   .commit               all is built: old files go to "old", the .shp first; then new ones come, the .shp last;
 *   .undo                 that failed: new files go back, then "old" becomes "back";
 *   "back"                the old files come back, the .shp last;
 *   .done                 all is in place: of no value.
 * Every step of a state may be done again, so a run that is killed anywhere is continued by reading the state.
 */
#include "io/output_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

/** All files that belong to a Shapefile, the .shp first. */
static const char *const sidecars[] = {".shp", ".shx", ".dbf", ".prj", ".cpg",        ".qix",
                                       ".sbn", ".sbx", ".qpj", ".cst", ".fields.csv", NULL};
static const char replacing[] = "replace\n", adding[] = "new\n";

typedef struct file_set {
    const char *work, *parent, *base;
    wg_buffer journal; /**< first line: whether files are replaced; then the new files' names, a line each */
    bool replace;
} file_set;

static bool path_of(wg_buffer *path, const char *directory, const char *name) {
    wg_buffer_clear(path);
    wg_buffer_printf(path, "%s/%s", directory, name);
    if (path->failed) {
        errno = ENOMEM;
    }
    return !path->failed;
}

static bool is_there(const char *directory, const char *name) {
    wg_buffer path = {0};
    const bool there = path_of(&path, directory, name) && access(path.data, F_OK) == 0;
    wg_buffer_release(&path);
    return there;
}

static bool rename_free(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return true;
    }
    /* a filesystem without it: link() refuses an existing name too */
    return (errno == EINVAL || errno == ENOSYS) && link(from, to) == 0 && unlink(from) == 0;
}

/** Move directory/name to another directory, where nothing has this name. */
static bool move(const char *from, const char *to, const char *name) {
    wg_buffer a = {0}, b = {0};
    const bool moved = path_of(&a, from, name) && path_of(&b, to, name) && rename_free(a.data, b.data);
    wg_buffer_release(&a);
    wg_buffer_release(&b);
    return moved;
}

static bool move_within(const char *directory, const char *from, const char *to) {
    wg_buffer a = {0}, b = {0};
    const bool moved = path_of(&a, directory, from) && path_of(&b, directory, to) && rename(a.data, b.data) == 0;
    wg_buffer_release(&a);
    wg_buffer_release(&b);
    return moved;
}

bool wg_sync_path(const char *path) {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const bool done = fsync(file) == 0 || errno == EINVAL || errno == EROFS;
    (void)close(file);
    return done;
}

/* ---------------------------------------------------------------- names */

static bool put_sidecar(wg_buffer *name, const char *base, size_t i) {
    const char *dot = strrchr(base, '.');
    wg_buffer_clear(name);
    wg_buffer_append(name, base, dot == NULL ? strlen(base) : (size_t)(dot - base));
    wg_buffer_text(name, sidecars[i]);
    if (name->failed) {
        errno = ENOMEM;
    }
    return !name->failed;
}

bool wg_set_absent(const char *path) {
    wg_buffer name = {0};
    bool absent = true;
    for (size_t i = 0; absent && sidecars[i] != NULL; i++) {
        absent = put_sidecar(&name, path, i) && access(name.data, F_OK) != 0;
    }
    wg_buffer_release(&name);
    return absent;
}

static bool is_listed(const file_set *set, const char *name) {
    const size_t length = strlen(name);
    const char *line = strchr(set->journal.data, '\n') + 1;
    for (const char *end = strchr(line, '\n'); end != NULL; line = end + 1, end = strchr(line, '\n')) {
        if ((size_t)(end - line) == length && memcmp(line, name, length) == 0) {
            return true;
        }
    }
    return false;
}

typedef bool (*step_fn)(const file_set *set, const char *name);

/** Do a step for every listed file but the .shp. */
static bool each_listed(const file_set *set, step_fn step) {
    wg_buffer name = {0};
    bool good = true;
    const char *line = strchr(set->journal.data, '\n') + 1;
    for (const char *end = strchr(line, '\n'); end != NULL && good; line = end + 1, end = strchr(line, '\n')) {
        wg_buffer_clear(&name);
        wg_buffer_append(&name, line, (size_t)(end - line));
        good = !name.failed && (strcmp(name.data, set->base) == 0 || step(set, name.data));
    }
    wg_buffer_release(&name);
    return good;
}

/** Do a step for every file that a set may have, the .shp first. */
static bool each_sidecar(const file_set *set, step_fn step) {
    wg_buffer name = {0};
    bool good = true;
    for (size_t i = 0; good && sidecars[i] != NULL; i++) {
        good = put_sidecar(&name, set->base, i) && step(set, name.data);
    }
    wg_buffer_release(&name);
    return good;
}

/* ---------------------------------------------------------------- the journal */

static bool write_journal(file_set *set) {
    wg_buffer path = {0};
    DIR *directory = opendir(set->work);
    wg_buffer_text(&set->journal, set->replace ? replacing : adding);
    for (struct dirent *entry = directory == NULL ? NULL : readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            wg_buffer_printf(&set->journal, "%s\n", entry->d_name);
        }
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    bool good = directory != NULL && !set->journal.failed && path_of(&path, set->work, ".commit.new");
    const int file = good ? open(path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    good = file >= 0 && write(file, set->journal.data, set->journal.length) == (ssize_t)set->journal.length &&
           fsync(file) == 0;
    good = (file < 0 || close(file) == 0) && good;
    good = good && path_of(&path, set->work, "old") && mkdir(path.data, 0700) == 0;
    wg_buffer_release(&path);
    return good && move_within(set->work, ".commit.new", ".commit") && wg_sync_path(set->work);
}

static bool read_journal(file_set *set, const char *name) {
    wg_buffer path = {0};
    char chunk[4096];
    FILE *file = path_of(&path, set->work, name) ? fopen(path.data, "re") : NULL;
    for (size_t n = 1; file != NULL && n > 0;) {
        n = fread(chunk, 1, sizeof chunk, file);
        wg_buffer_append(&set->journal, chunk, n);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    wg_buffer_release(&path);
    const wg_buffer *text = &set->journal;
    set->replace = text->length >= sizeof replacing - 1 && memcmp(text->data, replacing, sizeof replacing - 1) == 0;
    return file != NULL && !text->failed && text->length > 0 && text->data[text->length - 1] == '\n';
}

bool wg_set_is_moving(const char *work) {
    return is_there(work, ".commit") || is_there(work, ".undo") || is_there(work, "back");
}

/* ---------------------------------------------------------------- moving */

static bool take_old(const file_set *set, const char *name) {
    wg_buffer old = {0};
    /* A listed file that is not in the work directory any more is in its place: it is new. */
    const bool is_old = is_there(set->parent, name) && (!is_listed(set, name) || is_there(set->work, name));
    const bool good = !is_old || (path_of(&old, set->work, "old") && move(set->parent, old.data, name));
    wg_buffer_release(&old);
    return good;
}

static bool bring_new(const file_set *set, const char *name) {
    return !is_there(set->work, name) || move(set->work, set->parent, name);
}

static bool forward(const file_set *set) {
    return (!set->replace || each_sidecar(set, take_old)) && each_listed(set, bring_new) &&
           (!is_listed(set, set->base) || bring_new(set, set->base)) && wg_sync_path(set->parent) &&
           move_within(set->work, ".commit", ".done"); /* files that come from now on are not taken for old ones */
}

static bool take_new(const file_set *set, const char *name) {
    return is_there(set->work, name) || !is_there(set->parent, name) || move(set->parent, set->work, name);
}

static bool bring_back(const file_set *set, const char *name) {
    wg_buffer back = {0};
    const bool good =
        path_of(&back, set->work, "back") && (!is_there(back.data, name) || move(back.data, set->parent, name));
    wg_buffer_release(&back);
    return good;
}

static bool bring_back_sidecar(const file_set *set, const char *name) {
    return strcmp(name, set->base) == 0 || bring_back(set, name);
}

static bool restore(const file_set *set) {
    return each_sidecar(set, bring_back_sidecar) && bring_back(set, set->base) && wg_sync_path(set->parent) &&
           (!is_there(set->work, ".undo") || move_within(set->work, ".undo", ".done"));
}

static bool take_back(const file_set *set) {
    return (!is_listed(set, set->base) || take_new(set, set->base)) && each_listed(set, take_new) &&
           wg_sync_path(set->parent) && move_within(set->work, "old", "back") && restore(set);
}

wg_status wg_set_place(const char *work, const char *parent, const char *base, bool replace, bool *keep) {
    file_set set = {.work = work, .parent = parent, .base = base, .replace = replace};
    wg_status status = WG_OK;
    *keep = false;
    if (!write_journal(&set)) {
        status = WG_EIO;
    } else if (!forward(&set)) {
        const int why = errno;
        status = why == EEXIST ? WG_EEXISTS : WG_EIO;
        *keep = !move_within(work, ".commit", ".undo") || !take_back(&set);
        errno = why;
    }
    wg_buffer_release(&set.journal);
    return status;
}

bool wg_set_recover(const char *work, const char *parent, const char *base) {
    file_set set = {.work = work, .parent = parent, .base = base};
    bool done = true;
    if (is_there(work, "back")) {
        done = restore(&set);
    } else if (is_there(work, ".undo")) {
        done = read_journal(&set, ".undo") && take_back(&set);
    } else if (is_there(work, ".commit")) {
        done = read_journal(&set, ".commit") && forward(&set);
    }
    wg_buffer_release(&set.journal);
    return done;
}
