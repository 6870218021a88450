/** Sort more records than memory should hold: sorted runs in a file without a name, merged when they are read. */
#ifndef WG_CORE_SORTER_H
#define WG_CORE_SORTER_H

#include "core/status.h"

typedef struct wg_sorter wg_sorter;

/** As for qsort(). Records that compare equal come out in any order: let no two be equal. */
typedef int (*wg_compare_fn)(const void *left, const void *right);

/**
 * @param record_bytes  size of a record, which is copied
 * @param run_records   records held in memory, at least 1; more go to the file
 * @param directory     where the file is made; NULL: $TMPDIR, or /var/tmp
 */
wg_status wg_sorter_new(wg_context *ctx, size_t record_bytes, size_t run_records, wg_compare_fn compare,
                        const char *directory, wg_sorter **sorter);
/** @return WG_ENOMEM, WG_EIO */
wg_status wg_sorter_add(wg_context *ctx, wg_sorter *sorter, const void *record);
/** Number of records that were added. */
uint64_t wg_sorter_count(const wg_sorter *sorter);
/** No more records: sort. O(n log n) */
wg_status wg_sorter_finish(wg_context *ctx, wg_sorter *sorter);
/** @param[out] record  the next one, good until the next call; NULL at the end. O(log runs) */
wg_status wg_sorter_next(wg_context *ctx, wg_sorter *sorter, const void **record);
void wg_sorter_free(wg_sorter *sorter);

#endif
