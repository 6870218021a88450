/**
 * An output of several files (a Shapefile) that is put in its place as if in one step: a journal in the work directory
 * says what is to be moved, nothing is deleted before all is in place, and what a killed run began is finished by the
 * next run that writes or reads the set. While files are moved the .shp is absent, so that no program reads a mixture.
 */
#ifndef WG_IO_OUTPUT_SET_H
#define WG_IO_OUTPUT_SET_H

#include "core/status.h"

/** Whether no file of the set that `path` (its .shp) names is there. */
bool wg_set_absent(const char *path);
/**
 * Put all files of `work` into `parent`. Where that fails everything is put back as it was.
 * @param base     name of the .shp, also where the set has none (a table without geometry)
 * @param replace  files of the set that are there are replaced; else they are an error
 * @param[out] keep  the work directory holds the only copy of something, because putting back failed too
 * @return WG_EIO or WG_EEXISTS, without a message and with errno set
 */
wg_status wg_set_place(const char *work, const char *parent, const char *base, bool replace, bool *keep);
/** Finish, or take back, what a run began that is gone. @return whether `work` holds nothing of value any more */
bool wg_set_recover(const char *work, const char *parent, const char *base);
/** Whether a run was moving files, or putting them back. */
bool wg_set_is_moving(const char *work);
/** Force a file or the names in a directory to the disk; filesystems that cannot are no error. */
bool wg_sync_path(const char *path);

#endif
