/** What the files of `wangge edit` share: a plan in memory, edits tried on it, and what is written at the end. */
#ifndef WG_PLAN_EDIT_H
#define WG_PLAN_EDIT_H

#include "plan/unit_graph.h"
#include "store/journal.h"

/** Sums over a cell's units. */
typedef struct wg_edit_figures {
    double households, population, registered, floating, area_m2;
    uint32_t units;
} wg_edit_figures;

typedef struct wg_edit_cell {
    const char *code, *name, *community, *group, *kind;
    int64_t fid;  /**< of the plan's row; 0: a new cell */
    bool alive;   /**< merged ones are not */
    bool touched; /**< its units changed */
    bool renamed;
    uint32_t successor; /**< of a merged cell */
    wg_edit_figures before;
} wg_edit_cell;

typedef struct wg_edit_job {
    const wg_edit_options *options;
    bool zh;
    wg_store *store;
    wg_layer *cells, *units, *edges, *barriers, *retired;
    wg_unit_graph graph;
    wg_edit_cell *cell;
    size_t n_cells, cells_capacity;
    uint32_t *label, *origin; /**< a unit: its cell now, and in the plan */
    wg_edit_figures *figures; /**< a unit; unknown figures are 0 */
    wg_limit *limits;         /**< of the plan's last run */
    uint32_t n_limits;
    wg_arena text;
    wg_buffer said; /**< a line an edit */
} wg_edit_job;

wg_status wg_edit_load(wg_context *ctx, wg_edit_job *job);
void wg_edit_release(wg_edit_job *job);

/** @return number of the living cell with this code; WG_ENOTFOUND names the ones of its community */
wg_status wg_edit_find_cell(wg_context *ctx, const wg_edit_job *job, const char *code, uint32_t *cell);
/** Units of a cell now. @param[out] members  caller's array of graph.n. @return their number */
uint32_t wg_edit_members(const wg_edit_job *job, uint32_t cell, uint32_t *members);
/** Sums over units as they are labelled now. */
void wg_edit_sum(const wg_edit_job *job, uint32_t cell, wg_edit_figures *figures);
/** One of the figures by a limit's field; NAN where there is none of that name. */
double wg_edit_figure(const wg_edit_figures *figures, const char *field);
/** Add a cell; the strings are copied. */
wg_status wg_edit_add_cell(wg_context *ctx, wg_edit_job *job, const wg_edit_cell *cell, uint32_t *number);

/* The edits. Each changes labels in memory, or is refused (WG_EINVAL) with the alternative named. */
wg_status wg_edit_move(wg_context *ctx, wg_edit_job *job, const char *unit, const char *cell);
wg_status wg_edit_merge(wg_context *ctx, wg_edit_job *job, const char *kept, const char *gone);
wg_status wg_edit_split(wg_context *ctx, wg_edit_job *job, const char *cell);
wg_status wg_edit_rename(wg_context *ctx, wg_edit_job *job, const char *cell, const char *name);

/** Write what changed into the plan, in the open step. */
wg_status wg_edit_write(wg_context *ctx, wg_edit_job *job);

/** What lies in cells goes with them: buildings and assigned layers by place, tables and shares by code. */
wg_status wg_edit_follow(wg_context *ctx, wg_edit_job *job);

/** The living cell that took over from a merged one; the cell itself where it lives. */
uint32_t wg_edit_living(const wg_edit_job *job, uint32_t cell);
/** Codes of the plan's cells that changed as a JSON array, for SQL. */
void wg_edit_put_codes(const wg_edit_job *job, wg_buffer *out);
/** A tower whose stairs lie in several cells: its units stay in the cells of their shares. @return WG_EINVAL */
wg_status wg_edit_check_towers(wg_context *ctx, const wg_edit_job *job);

/** Outlines of the groups whose cells changed, once the cells are written. */
wg_status wg_edit_groups(wg_context *ctx, wg_edit_job *job);

/** "ok", "under", "over" or "mixed" by the plan's limits; what is out is appended to `why`. */
const char *wg_edit_status(const wg_edit_job *job, const wg_edit_figures *figures, wg_buffer *why);

#endif
