/** Assigned rows into a layer of a plan, in one transaction: last month's rows stay, a row that was there is replaced.
 */
#ifndef WG_PLAN_ASSIGN_APPEND_H
#define WG_PLAN_ASSIGN_APPEND_H

#include "plan/assign.h"

typedef struct wg_assign_append wg_assign_append;

/** @param path  plan.sqlite (its layer "incidents") or plan.sqlite|layername=NAME */
wg_status wg_assign_append_open(wg_context *ctx, const wg_assign_options *options, const char *path,
                                wg_assign_append **append);
/** The plan's CRS, in which rows must come. */
const char *wg_assign_append_crs(const wg_assign_append *append);
/** With an id field: rows of the same id that the layer has, and earlier ones of this batch, give way. */
wg_status wg_assign_append_rows(wg_context *ctx, wg_assign_append *append, wg_layer *rows, wg_assign_counts *counts);
wg_status wg_assign_append_commit(wg_context *ctx, wg_assign_append *append);
void wg_assign_append_abort(wg_assign_append *append);

#endif
