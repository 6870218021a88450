#include "io/output_owner.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/memory.h"

static const char owner_name[] = ".owner", work_prefix[] = ".wangge-";

static int remove_entry(const char *path, const struct stat *info, int flag, struct FTW *walk) {
    (void)info;
    (void)flag;
    (void)walk;
    return remove(path);
}

void wg_remove_tree(const char *path) {
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/** The file gets its name only when it is locked: under that name it is never seen without its owner's lock. */
static bool name_locked(int file, const char *work, const char *base, const char *before) {
    wg_buffer after = {0};
    const size_t length = strlen(base);
    wg_buffer_printf(&after, "%s/%s", work, owner_name);
    const bool named = !after.failed && flock(file, LOCK_EX | LOCK_NB) == 0 &&
                       write(file, base, length) == (ssize_t)length && rename(before, after.data) == 0;
    wg_buffer_release(&after);
    return named;
}

void wg_owner_take(const char *work, const char *base, int *lock) {
    wg_buffer before = {0};
    wg_buffer_printf(&before, "%s/%s.new", work, owner_name);
    *lock = before.failed ? -1 : open(before.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*lock >= 0 && !name_locked(*lock, work, base, before.data)) {
        (void)unlink(before.data);
        (void)close(*lock);
        *lock = -1;
    }
    wg_buffer_release(&before);
}

/** Whether the owner's file names `base` and nobody holds its lock. */
static bool is_stale(const char *owner, const char *base) {
    const size_t length = strlen(base);
    char *text = wg_calloc(length + 2, 1);
    const int file = open(owner, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool stale = text != NULL && file >= 0 && read(file, text, length + 1) == (ssize_t)length &&
                       strcmp(text, base) == 0 && flock(file, LOCK_EX | LOCK_NB) == 0;
    if (file >= 0) {
        (void)close(file);
    }
    free(text);
    return stale;
}

void wg_owner_sweep(const char *parent, const char *base) {
    DIR *directory = opendir(parent);
    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strncmp(entry->d_name, work_prefix, sizeof work_prefix - 1) != 0) {
            continue;
        }
        wg_buffer work = {0}, owner = {0};
        wg_buffer_printf(&work, "%s/%s", parent, entry->d_name);
        wg_buffer_printf(&owner, "%s/%s/%s", parent, entry->d_name, owner_name);
        if (!work.failed && !owner.failed && is_stale(owner.data, base)) {
            wg_remove_tree(work.data);
        }
        wg_buffer_release(&work);
        wg_buffer_release(&owner);
    }
    (void)closedir(directory);
}
