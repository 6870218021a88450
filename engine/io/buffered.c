/*
 * GDAL reads a local file through stdio, and its FlatGeobuf driver asks twice a feature: for 4 bytes of length and for
 * the feature. The locks and the system calls of 4 KiB buffers then cost a quarter of reading. This handler reads
 * blocks and copies from them. Not a memory map: a file that is cut while it is read must be an error, not a signal.
 */
#include "io/buffered.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/gdal.h"

enum { BLOCK_BYTES = 256 << 10 };

typedef struct buffered_file {
    int fd;
    bool ended;         /**< a read met the end */
    vsi_l_offset at;    /**< where the next read begins */
    vsi_l_offset first; /**< place of the block in the file */
    size_t filled;
    uint8_t block[BLOCK_BYTES];
} buffered_file;

size_t wg_read_at(int fd, void *to, size_t bytes, uint64_t at) {
    size_t done = 0;
    while (done < bytes) {
        const ssize_t got = pread(fd, (uint8_t *)to + done, bytes - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        done += (size_t)got;
    }
    return done;
}

static int stat_file(void *user, const char *path, VSIStatBufL *out, int flags) {
    (void)user;
    return VSIStatExL(path, out, flags);
}

static void *open_file(void *user, const char *path, const char *access) {
    (void)user;
    if (strpbrk(access, "wa+") != NULL) {
        errno = EROFS;
        return NULL;
    }
    buffered_file *file = VSI_MALLOC_VERBOSE(sizeof *file);
    if (file == NULL) {
        return NULL;
    }
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    file->ended = false;
    file->at = file->first = 0;
    file->filled = 0;
    if (file->fd < 0) {
        VSIFree(file);
        return NULL;
    }
    return file;
}

static int close_file(void *handle) {
    buffered_file *file = handle;
    const int result = close(file->fd);
    VSIFree(file);
    return result;
}

static vsi_l_offset tell_file(void *handle) {
    return ((const buffered_file *)handle)->at;
}

static int seek_file(void *handle, vsi_l_offset offset, int whence) {
    buffered_file *file = handle;
    file->ended = false;
    if (whence == SEEK_SET) {
        file->at = offset;
        return 0;
    }
    struct stat info;
    if (whence == SEEK_END && fstat(file->fd, &info) != 0) {
        return -1;
    }
    file->at = offset + (whence == SEEK_END ? (vsi_l_offset)info.st_size : file->at);
    return 0;
}

static size_t read_file(void *handle, void *to, size_t size, size_t count) {
    buffered_file *file = handle;
    if (size == 0 || count == 0 || count > SIZE_MAX / size) {
        return 0;
    }
    const size_t wanted = size * count;
    size_t done = 0;
    while (done < wanted) {
        const bool here = file->at >= file->first && file->at < file->first + file->filled;
        if (here) {
            const size_t from = (size_t)(file->at - file->first), left = file->filled - from;
            const size_t n = wanted - done < left ? wanted - done : left;
            memcpy((uint8_t *)to + done, file->block + from, n);
            done += n;
            file->at += n;
        } else if (wanted - done >= BLOCK_BYTES) {
            const size_t n = wg_read_at(file->fd, (uint8_t *)to + done, wanted - done, file->at);
            file->ended = n < wanted - done;
            file->at += n;
            done += n;
            break;
        } else {
            file->first = file->at;
            file->filled = wg_read_at(file->fd, file->block, BLOCK_BYTES, file->at);
            if (file->filled == 0) {
                file->ended = true;
                break;
            }
        }
    }
    return done / size;
}

static int file_ended(void *handle) {
    return ((const buffered_file *)handle)->ended ? 1 : 0;
}

static char **no_siblings(void *user, const char *path) {
    (void)user;
    (void)path;
    return CPLCalloc(1, sizeof(char *));
}

static void install(void) {
    VSIFilesystemPluginCallbacksStruct *calls = VSIAllocFilesystemPluginCallbacksStruct();
    calls->stat = stat_file;
    calls->open = open_file;
    calls->close = close_file;
    calls->tell = tell_file;
    calls->seek = seek_file;
    calls->read = read_file;
    calls->eof = file_ended;
    calls->sibling_files = no_siblings;
    (void)VSIInstallPluginHandler(WG_BUFFERED_PREFIX, calls);
    VSIFreeFilesystemPluginCallbacksStruct(calls);
}

void wg_buffered_start(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, install);
}
