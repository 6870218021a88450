/**
 * A city that does not fit into memory: its rows go to disk by community, and communities are worked in batches.
 * Internal to engine/plan.
 */
#ifndef WG_PLAN_BATCHES_H
#define WG_PLAN_BATCHES_H

#include "geo/near.h"
#include "geo/shelf.h"
#include "io/spool.h"
#include "plan/city.h"

/** Bytes that a row of buildings, and a byte of barriers, take while their community is worked (measured). */
#define WG_ROW_BYTES 1500.0
#define WG_BARRIER_FACTOR 8.0

/** One input whose rows are on disk: a group a community, and one more for rows that are in none. */
typedef struct wg_feed {
    const wg_input *input;
    const char *role;
    wg_rows *rows;
    wg_rows *sorted; /**< barriers: every row once, by strips from west to east; NULL: none */
    size_t n;
    char *source; /**< for messages */
} wg_feed;

typedef struct wg_batches {
    wg_plan_city *city;
    wg_spool *spool;
    wg_feed buildings;
    wg_feed *barriers;
    uint32_t n_barriers;
    wg_layer *sample;   /**< a barrier of each type of geometry: the plan's table is made before they are seen again */
    double west, width; /**< of the strips, metres */
    size_t *first;      /**< batch b: communities first[b]..first[b + 1] - 1 */
    size_t n;
    wg_district **districts;
    struct wg_kept *kept; /**< a community: where its atoms are */
    wg_exceptions *found; /**< a community: what its atoms listed */
} wg_batches;

enum { WG_STRIPS = 256 };

/** Strip of a row: those of a strip come before those of the next in the canonical order. */
size_t wg_batches_strip(const wg_batches *batches, const wg_layer *layer, size_t row);

/** Append a row to `sample` where no row of its type of geometry is there yet. */
wg_status wg_batches_sample(wg_context *ctx, wg_layer *sample, const void *wkb, size_t bytes);

/**
 * Whether the rows of `options` need batches in `memory_mb` megabytes (0: half of what the machine has free). Only
 * files and databases are read in batches. @param[out] budget  bytes for the rows of a batch
 */
wg_status wg_batches_needed(wg_context *ctx, const wg_partition_options *options, bool *needed, double *budget);

/** Put the rows of buildings and barriers on disk, beside `output`, and divide the communities into batches. */
wg_status wg_batches_open(wg_context *ctx, wg_plan_city *city, const char *output, double budget, wg_batches *batches);
void wg_batches_release(wg_batches *batches);

/**
 * Bring the rows of a batch into city->source, figures, placement; those of batch n are in no community.
 * @param[out] numbers  of the source rows (free with free()); NULL: not wanted
 */
wg_status wg_batches_load(wg_context *ctx, wg_batches *batches, size_t batch, wg_pass pass, uint64_t **numbers);
/** Barriers near the communities of a batch into city->barriers. */
wg_status wg_batches_load_barriers(wg_context *ctx, wg_batches *batches, size_t batch);

/** Atoms, labels and sums of every community; then outlines, with woven lines. As wg_plan_atoms to wg_plan_finish. */
wg_status wg_batches_solve(wg_context *ctx, wg_batches *batches);
/** Bring the atoms of a batch into its districts, and take them out again. */
wg_status wg_batches_take_atoms(wg_context *ctx, wg_batches *batches, size_t batch);
void wg_batches_drop_atoms(wg_batches *batches, size_t batch);

/** wg_partition in batches: the same plan, whatever the budget. */
wg_status wg_plan_partition_batches(wg_context *ctx, const wg_partition_options *options, double budget,
                                    wg_result **result);

#endif
