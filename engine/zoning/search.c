/** Interruption and the optional clock. */
#include <math.h>
#include <time.h>

#include "zoning/instance.h"

double wg_zoning_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

wg_status wg_search_poll(wg_search *search) {
    if (wg_cancelled(search->ctx)) {
        return wg_fail(search->ctx, WG_ECANCELLED, "interrupted");
    }
    if (isfinite(search->deadline) && wg_zoning_clock() > search->deadline) {
        search->capped = true;
    }
    return WG_OK;
}
