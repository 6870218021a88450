/** Where assigned rows go: a data set, or a layer of a plan. */
#ifndef WG_PLAN_ASSIGN_SINK_H
#define WG_PLAN_ASSIGN_SINK_H

#include "plan/assign.h"

/** Pieces of the features of one task that lie in several cells. All zero is empty. */
typedef struct wg_assign_part {
    size_t row;    /**< of the batch */
    uint32_t cell; /**< WG_UNASSIGNED: the piece in no cell */
    double share;
    size_t at, bytes; /**< of `wkb`, features' CRS */
} wg_assign_part;

typedef struct wg_assign_parts {
    wg_assign_part *items; /**< by row, then largest share first */
    size_t n, capacity;
    wg_buffer wkb;
    struct wg_clipper *clipper;
} wg_assign_parts;

/** Cut the feature that wg_assign_shape just decided (rules->shares) into its parts. */
wg_status wg_assign_parts_add(wg_context *ctx, wg_assign_parts *parts, wg_assign_rules *rules, size_t row,
                              const void *wkb, size_t bytes);
void wg_assign_parts_release(wg_assign_parts *parts);

typedef struct wg_assign_sink wg_assign_sink;

typedef struct wg_assign_sink_options {
    wg_assign_job *job;
    const wg_layer *schema; /**< of the source */
    const uint32_t *keep;   /**< its columns that are written */
    uint32_t n_keep;
    const char *geometry;   /**< "point" …; NULL: not known */
    bool table_coordinates; /**< the source has its coordinates in columns */
} wg_assign_sink_options;

/** @param path  a file, or a plan (possibly with |layername=) that is appended to  @param rejects  the rejects' columns
 */
wg_status wg_assign_sink_open(wg_context *ctx, const wg_assign_sink_options *options, const char *path, bool rejects,
                              wg_assign_sink **sink);
/**
 * Write a batch with its answers. Takes *batch apart; it is freed and set to NULL on success, and stays the caller's
 * on failure.
 * @param details  of each row what is said behind its reason, NULL: nothing; the whole may be NULL
 */
wg_status wg_assign_sink_rows(wg_context *ctx, wg_assign_sink *sink, const wg_assign_cells *cells, wg_layer **batch,
                              const wg_answer *answers, const char *const *details, const wg_assign_parts *parts,
                              size_t n_parts, wg_assign_counts *counts);
/** Write those rows of a batch that have no cell. */
wg_status wg_assign_sink_rejects(wg_context *ctx, wg_assign_sink *sink, const wg_assign_cells *cells,
                                 const wg_layer *batch, const wg_answer *answers, const char *const *details);
/** Put in place; the sink is freed, also on failure. */
wg_status wg_assign_sink_commit(wg_context *ctx, wg_assign_sink *sink);
void wg_assign_sink_abort(wg_assign_sink *sink);

/** @return whether the output is a plan to append to */
bool wg_assign_is_plan_output(const char *path);

#endif
