/**
 * What does not fit into memory, on disk for as long as a job runs: a file without a name (it is gone when the program
 * ends, however it ends), and rows of a layer in it, sorted into groups.
 */
#ifndef WG_IO_SPOOL_H
#define WG_IO_SPOOL_H

#include "core/memory.h"
#include "model/layer.h"

typedef struct wg_spool wg_spool;

/**
 * @param beside  the file is made in the directory of this path, where there is room for the output too
 * @return WG_EIO where no file can be made there
 */
wg_status wg_spool_open(wg_context *ctx, const char *beside, wg_spool **spool);
void wg_spool_close(wg_spool *spool);
/** Append bytes. Any thread. @param[out] at  where they are @return WG_EIO (the disk is full) */
wg_status wg_spool_put(wg_context *ctx, wg_spool *spool, const void *bytes, size_t length, uint64_t *at);
/** Read bytes that were put. Any thread. */
wg_status wg_spool_get(wg_context *ctx, wg_spool *spool, uint64_t at, void *bytes, size_t length);
/** Bytes that were put in all. */
uint64_t wg_spool_bytes(wg_spool *spool);

/** Rows of one layer in groups. One thread; several may share a spool. */
typedef struct wg_rows wg_rows;

/** @param like  names, types, CRS and source of the layers that come back; its rows do not matter */
wg_status wg_rows_new(wg_context *ctx, wg_spool *spool, const wg_layer *like, size_t n_groups, wg_rows **rows);
void wg_rows_free(wg_rows *rows);
/**
 * Put a row of `layer` (columns as those of `like`) into a group. It may be in several.
 * @param number  says which row it is: rows come back in the order of numbers, each once
 * @param fid     feature number of the row when it comes back
 */
wg_status wg_rows_add(wg_context *ctx, wg_rows *rows, const wg_layer *layer, size_t row, uint64_t number, int64_t fid,
                      size_t group);
/** Rows and bytes in a group so far. */
size_t wg_rows_count(const wg_rows *rows, size_t group);
size_t wg_rows_bytes(const wg_rows *rows, size_t group);
/**
 * The rows of groups first..end - 1 as a layer, bit for bit as they were put. May be asked again.
 * @param[out] numbers  the number of each row (free with free()); NULL: not wanted
 */
wg_status wg_rows_load(wg_context *ctx, wg_rows *rows, size_t first, size_t end, wg_layer **layer, uint64_t **numbers);

#endif
