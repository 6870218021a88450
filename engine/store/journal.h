/**
 * Edits of a plan that can be taken back. The rows that an edit changes are kept as they were, in tables beside
 * (wg_was_LAYER), one step an edit; taking a step back restores them bit for bit. Everything happens in one
 * transaction.
 */
#ifndef WG_STORE_JOURNAL_H
#define WG_STORE_JOURNAL_H

#include "store/store.h"

/** Begin a transaction and a step. @param label  what people call it ("merge A,B") */
wg_status wg_store_edit_begin(wg_context *ctx, wg_store *store, const char *label);
/**
 * Change rows: each row of `rows` says its fid, and the columns that `rows` has replace the plan's. Geometry is
 * replaced where any row of `rows` has one. @return WG_ENOTFOUND where the plan has no such row or column
 */
wg_status wg_store_edit_update(wg_context *ctx, wg_store *store, const wg_layer *rows);
/** Add rows behind the others (the layer is made where the plan does not have it). */
wg_status wg_store_edit_insert(wg_context *ctx, wg_store *store, const wg_layer *rows);
/** Remove rows by fid. */
wg_status wg_store_edit_delete(wg_context *ctx, wg_store *store, const char *layer, const int64_t *fids, size_t n);
/** Make it last (or wg_store_rollback). */
wg_status wg_store_edit_commit(wg_context *ctx, wg_store *store);

/**
 * Take the last step back, in a transaction of its own or the caller's.
 * @param[out] label  of that step; free with free(). @return WG_ENOTFOUND where there is none
 */
wg_status wg_store_undo(wg_context *ctx, wg_store *store, char **label);

#endif
