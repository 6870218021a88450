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
#include "io/output_set.h"

static const char owner_name[] = ".owner", work_prefix[] = ".wangge-";

static int remove_entry(const char *path, const struct stat *info, int flag, struct FTW *walk) {
    (void)info;
    (void)flag;
    return walk->level == 0 || (walk->level == 1 && strcmp(path + walk->base, owner_name) == 0) ? 0 : remove(path);
}

/** The owner's file goes last: until then what is left is known to be left. */
void wg_owner_remove(const char *work) {
    wg_buffer owner = {0};
    wg_buffer_printf(&owner, "%s/%s", work, owner_name);
    if (!owner.failed && nftw(work, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0) {
        (void)remove(owner.data);
        (void)remove(work);
    }
    wg_buffer_release(&owner);
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

/** Lock of an owner's file that names `base`, which nobody holds; -1: somebody does, or it names another. */
static int lock_stale(const char *owner, const char *base) {
    const size_t length = strlen(base);
    char *text = wg_calloc(length + 2, 1);
    const int file = open(owner, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool stale = text != NULL && file >= 0 && read(file, text, length + 1) == (ssize_t)length &&
                       strcmp(text, base) == 0 && flock(file, LOCK_EX | LOCK_NB) == 0;
    free(text);
    if (file >= 0 && !stale) {
        (void)close(file);
    }
    return stale ? file : -1;
}

static void sweep_one(const char *parent, const char *name, const char *base, unsigned *finished, unsigned *stuck) {
    wg_buffer work = {0}, owner = {0};
    wg_buffer_printf(&work, "%s/%s", parent, name);
    wg_buffer_printf(&owner, "%s/%s/%s", parent, name, owner_name);
    const int lock = work.failed || owner.failed ? -1 : lock_stale(owner.data, base);
    if (lock >= 0) {
        const bool moving = wg_set_is_moving(work.data);
        if (wg_set_recover(work.data, parent, base)) {
            wg_owner_remove(work.data);
            *finished += moving ? 1 : 0;
        } else {
            (*stuck)++;
        }
        (void)close(lock);
    }
    wg_buffer_release(&work);
    wg_buffer_release(&owner);
}

void wg_owner_sweep(const char *parent, const char *base, unsigned *finished, unsigned *stuck) {
    DIR *directory = opendir(parent);
    *finished = *stuck = 0;
    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strncmp(entry->d_name, work_prefix, sizeof work_prefix - 1) == 0) {
            sweep_one(parent, entry->d_name, base, finished, stuck);
        }
    }
    (void)closedir(directory);
}
