/** Files for GDAL with a buffer of our own; private to this module. */
#ifndef WG_IO_BUFFERED_H
#define WG_IO_BUFFERED_H

/** In front of the path of a regular file. What GDAL opens there is read in blocks, read-only. */
#define WG_BUFFERED_PREFIX "/vsiwangge/"

/** Make the prefix known to GDAL, once a process. */
void wg_buffered_start(void);

#endif
