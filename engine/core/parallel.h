/** Run independent tasks on several threads. */
#ifndef WG_CORE_PARALLEL_H
#define WG_CORE_PARALLEL_H

#include "core/status.h"

/**
 * One task. `ctx` is the worker thread's own context; `worker` < number of threads (for per-thread scratch).
 * Results must go to slots of `index`, so that they do not depend on the order of execution.
 */
typedef wg_status (*wg_task_fn)(wg_context *ctx, size_t index, uint32_t worker, void *user);

/**
 * Run tasks 0..count-1, in that order of starting, on wg_context_threads(ctx) threads (the caller's thread is one of
 * them). After a failure no new task starts. Progress is reported from the calling thread as finished / count.
 *
 * @param stage  name for progress, or NULL for none
 * @return WG_OK, or the status and message of the failed task with the lowest index
 */
wg_status wg_parallel(wg_context *ctx, size_t count, const char *stage, wg_task_fn task, void *user);

#endif
