/* The layers that a report writes: coverage and workload, a layer a level, gaps and overlaps. */
#include <stdio.h>
#include <string.h>

#include "plan/report_job.h"

static wg_status keep(wg_context *ctx, wg_report_job *job, wg_layer *layer) {
    if (!WG_RESERVE(job->results, job->results_capacity, job->n_results + 1)) {
        wg_layer_free(layer);
        return wg_fail_memory(ctx);
    }
    job->results[job->n_results++] = layer;
    return WG_OK;
}

wg_status wg_report_make_results(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    wg_layer *layer = NULL;
    for (uint32_t l = 0; l < job->tree.n_levels; l++) {
        WG_TRY(wg_report_coverage(ctx, &job->model, l, &layer));
        WG_TRY(keep(ctx, job, layer));
    }
    for (uint32_t l = 0; l < job->tree.n_levels; l++) {
        WG_TRY(wg_report_workload(ctx, &job->model, l, &layer));
        WG_TRY(keep(ctx, job, layer));
    }
    const wg_layer *pieces[] = {job->territory.gaps, job->territory.overlaps};
    for (uint32_t i = 0; i < 2; i++) {
        if (pieces[i]->n > 0) {
            WG_TRY(wg_layer_copy(ctx, pieces[i], NULL, &layer));
            WG_TRY(keep(ctx, job, layer));
        }
    }
done:
    return status;
}
