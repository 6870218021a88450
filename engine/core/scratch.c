#include "core/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/memory.h"

int wg_scratch_open(const char *directory) {
    int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) { /* a filesystem without that: named for a moment */
        wg_buffer name = {0};
        wg_buffer_printf(&name, "%s/.wangge-XXXXXX", directory);
        errno = ENOMEM;
        if (!name.failed && (file = mkostemp(name.data, O_CLOEXEC)) >= 0) {
            (void)unlink(name.data);
        }
        const int why = errno;
        wg_buffer_release(&name);
        errno = why;
    }
    return file;
}

bool wg_scratch_write(int file, const void *bytes, size_t length, uint64_t at) {
    for (size_t done = 0; done < length;) {
        const ssize_t n = pwrite(file, (const char *)bytes + done, length - done, (off_t)(at + done));
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool wg_scratch_read(int file, void *bytes, size_t length, uint64_t at) {
    for (size_t done = 0; done < length;) {
        const ssize_t n = pread(file, (char *)bytes + done, length - done, (off_t)(at + done));
        if (n == 0) {
            errno = ENODATA;
        }
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}
