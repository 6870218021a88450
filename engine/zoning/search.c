/** Interruption, the optional clock and the trace. */
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

void wg_search_trace(wg_search *search, const char *event, const wg_zi_key *key, uint32_t cells,
                     const uint32_t *label) {
    wg_trace *trace = search->trace;
    if (trace == NULL) {
        return;
    }
    wg_buffer_printf(&trace->text, "%llu,%s,%u,%u,%u,%.9g,%.9g,", (unsigned long long)search->steps, event, trace->part,
                     cells, key->out + key->conflicts, key->excess, key->score);
    const char *gap = "";
    for (uint32_t v = 0; v < trace->n; v++) {
        const uint32_t unit = trace->unit[v] == WG_UNASSIGNED ? WG_UNASSIGNED : trace->local[trace->unit[v]];
        if (unit == WG_UNASSIGNED) {
            continue;
        }
        const uint32_t cell = trace->first_cell + label[unit];
        if (trace->cell[v] != cell) {
            trace->cell[v] = cell;
            wg_buffer_printf(&trace->text, "%s%u:%u", gap, v, cell);
            gap = " ";
        }
    }
    wg_buffer_text(&trace->text, "\n");
}
