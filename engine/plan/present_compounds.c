/*
 * Compounds that today's cells divide. A compound is one unit as long as nothing asks for its parts; where people of
 * one are in several cells today, the lines of these cells divide it, or the redraw would move its people before it
 * began.
 */
#include <string.h>

#include "geo/overlay.h"
#include "plan/present.h"

/** Whether buildings with people of each compound are in different cells of the network. */
static void find_divided(const wg_plan_city *city, const wg_overlay_cut *compound, const wg_overlay_cut *cell,
                         uint32_t *first, bool *open) {
    memset(first, 0xff, city->compounds->n * sizeof *first);
    for (size_t row = 0; row < city->buildings->n; row++) {
        const uint32_t of = compound[row].first, in = cell[row].first;
        if (of == WG_UNASSIGNED || in == WG_UNASSIGNED || city->placement.community[row] == WG_UNASSIGNED) {
            continue;
        }
        open[of] |= first[of] != WG_UNASSIGNED && first[of] != in;
        first[of] = in;
    }
}

wg_status wg_revision_open_compounds(wg_context *ctx, wg_revision *revision) {
    wg_status status = WG_OK;
    wg_plan_city *city = &revision->city;
    wg_overlay_cut *compound = NULL, *cell = NULL;
    uint32_t *first = NULL;
    if (city->compounds == NULL || city->compounds->n == 0) {
        return WG_OK;
    }
    compound = wg_calloc(city->buildings->n, sizeof *compound);
    cell = wg_calloc(city->buildings->n, sizeof *cell);
    first = wg_malloc(city->compounds->n, sizeof *first);
    city->compound_open = wg_calloc(city->compounds->n, sizeof *city->compound_open);
    if (compound == NULL || cell == NULL || first == NULL || city->compound_open == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_overlay_cuts(ctx, city->buildings, city->compounds, 0, compound));
    for (uint32_t i = 0; i < revision->n_networks; i++) {
        WG_TRY(wg_overlay_cuts(ctx, city->buildings, revision->networks[i].layer, 0, cell));
        find_divided(city, compound, cell, first, city->compound_open);
    }
done:
    free(compound);
    free(cell);
    free(first);
    return status;
}
