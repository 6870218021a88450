/**
 * Outputs that appear whole or not at all: built in a hidden directory beside the target, then renamed.
 * After a crash the old output or the new one is there, never a mixture; the hidden directory that a killed run left is
 * removed by the next run of the same output. A Shapefile's files that it was moving are then moved on.
 */
#ifndef WG_IO_OUTPUT_H
#define WG_IO_OUTPUT_H

#include "core/status.h"

typedef enum wg_output_kind {
    WG_OUTPUT_FILE = 0,
    WG_OUTPUT_SHAPEFILE, /**< a .shp and its sidecars, by a journal; while they are exchanged the .shp is absent */
    WG_OUTPUT_DIRECTORY  /**< exchanged in one step; replaced as a whole only where an earlier run made it */
} wg_output_kind;

typedef struct wg_output wg_output;

/**
 * @param path  the target; its directory must exist
 * @return WG_EEXISTS where the target exists and `overwrite` is not set, or a directory to be replaced is not wangge's
 * own (neither empty nor marked); WG_EIO where nothing can be written there
 */
wg_status wg_output_begin(wg_context *ctx, const char *path, wg_output_kind kind, bool overwrite, wg_output **output);
/** Where to write: a file name or an existing empty directory, with the target's own base name. */
const char *wg_output_path(const wg_output *output);
/** Make durable (fsync) and put in place; frees the output, also on failure. */
wg_status wg_output_commit(wg_context *ctx, wg_output *output);
/** Remove what was written; NULL is fine. */
void wg_output_abort(wg_output *output);

/** Move on what a killed run was moving when it wrote the Shapefile that `path` (.shp, .dbf) belongs to; logs it. */
void wg_output_recover(wg_context *ctx, const char *path);

/** WG_EEXISTS early, before any work is done: "PATH: exists (use --overwrite)". */
wg_status wg_output_check(wg_context *ctx, const char *path, wg_output_kind kind, bool overwrite);

#endif
