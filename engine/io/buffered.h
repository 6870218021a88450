/** Files for GDAL with a buffer of our own; private to this module. */
#ifndef WG_IO_BUFFERED_H
#define WG_IO_BUFFERED_H

#include <stddef.h>
#include <stdint.h>

/** pread() that goes on after a signal and a short read. @return bytes, fewer at the end or on an error */
size_t wg_read_at(int fd, void *to, size_t bytes, uint64_t at);

/** In front of the path of a regular file. What GDAL opens there is read in blocks, read-only. */
#define WG_BUFFERED_PREFIX "/vsiwangge/"

/** Make the prefix known to GDAL, once a process. */
void wg_buffered_start(void);

#endif
