/* placeholder until the visits are written below */
#include "plan/report_job.h"

wg_status wg_report_read_visits(wg_context *ctx, wg_report_job *job) {
    (void)ctx;
    (void)job;
    return WG_OK;
}
