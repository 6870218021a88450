/** A temporary file without a name: it is gone when the program ends, however it ends. */
#ifndef WG_CORE_SCRATCH_H
#define WG_CORE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @return a file descriptor that the caller closes; -1 with errno where no file can be made in the directory */
int wg_scratch_open(const char *directory);
/** Write all `length` bytes at byte `at`. Any thread. @return false with errno */
bool wg_scratch_write(int file, const void *bytes, size_t length, uint64_t at);
/** Read all `length` bytes at byte `at`. Any thread. @return false with errno; ENODATA: the file ends before */
bool wg_scratch_read(int file, void *bytes, size_t length, uint64_t at);

#endif
