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

/**
 * Remove the work directories in `parent` that build `base` and whose owner is gone, after wg_set_recover.
 * @param[out] finished  how many of them were moving files, which is finished now
 * @param[out] stuck     how many are left because that could not be finished
 */
void wg_owner_sweep(const char *parent, const char *base, unsigned *finished, unsigned *stuck);

/** Remove a work directory with all that is in it. */
void wg_owner_remove(const char *work);

#endif
