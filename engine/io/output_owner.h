/** Whose a hidden work directory is: what a killed run left behind is removed by the next run of the same output. */
#ifndef WG_IO_OUTPUT_OWNER_H
#define WG_IO_OUTPUT_OWNER_H

#include "core/status.h"

/**
 * Say in the work directory that it builds `base`, and hold a lock on that for as long as the process lives or until
 * the lock is closed. Where the filesystem has no locks nothing is said, and the directory is never taken for stale.
 * @param[out] lock  file to close() when the directory is gone; -1: none
 */
void wg_owner_take(const char *work, const char *base, int *lock);

/** Remove the work directories in `parent` that build `base` and whose owner is gone. */
void wg_owner_sweep(const char *parent, const char *base);

/** Remove a directory with all that is in it. */
void wg_remove_tree(const char *path);

#endif
