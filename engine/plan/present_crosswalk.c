/* The crosswalk of every department: which new cells took over each of its cells, by land, households and people. */
#include "plan/compare.h"
#include "plan/present.h"
#include "plan/row.h"

static wg_status all_cells(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts, wg_compared *of) {
    wg_status status = WG_OK;
    WG_TRY(wg_layer_new(ctx, "cells", city->crs, &of->layer));
    WG_TRY(wg_layer_add_column(ctx, of->layer, "code", WG_TEXT, NULL));
    of->code = 0;
    of->name = UINT32_MAX;
    for (size_t c = 0; c < city->communities->n; c++) {
        for (uint32_t k = 0; k < districts[c]->n_cells; k++) {
            size_t bytes = 0, row = 0;
            const void *wkb = wg_layer_wkb(districts[c]->cells, k, &bytes);
            WG_TRY(wg_layer_add_row(ctx, of->layer, wkb, bytes, &row));
            WG_TRY(wg_layer_set_text(ctx, of->layer, row, 0, districts[c]->code[k]));
        }
    }
done:
    return status;
}

wg_status wg_revision_crosswalk(wg_context *ctx, const wg_revision *revision, wg_district *const *districts,
                                wg_layer **layer) {
    static const char *const texts[] = {"network", "old", "new", "continues"};
    static const char *const reals[] = {"area_m2", "area_pct", "households", "hh_pct", "population", "pop_pct"};
    wg_status status = WG_OK;
    const wg_plan_city *city = &revision->city;
    wg_compared now = {0};
    wg_compared old = {0};
    wg_comparison comparison = {0};
    wg_compared_buildings buildings = {.layer = city->buildings,
                                       .id = city->row_id,
                                       .households = city->figures.households,
                                       .population = city->figures.population};
    WG_TRY(wg_layer_new(ctx, "crosswalk", city->crs, layer));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        WG_TRY(wg_layer_add_column(ctx, *layer, texts[i], WG_TEXT, NULL));
    }
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        WG_TRY(wg_layer_add_column(ctx, *layer, reals[i], WG_REAL, NULL));
    }
    WG_TRY(all_cells(ctx, city, districts, &now));
    WG_TRY(wg_compared_measure(ctx, &buildings, &now));
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (uint32_t i = 0; i < revision->n_networks; i++) {
        const wg_network *network = &revision->networks[i];
        old = (wg_compared){.layer = network->layer, .code = network->code, .name = network->name};
        WG_TRY(wg_compared_measure(ctx, &buildings, &old));
        WG_TRY(wg_comparison_make(ctx, &old, &now, &buildings, &comparison));
        WG_TRY(wg_comparison_put_crosswalk(&comparison, wg_layer_source(network->layer), &at));
        wg_comparison_release(&comparison);
        old.layer = NULL; /* the network's own */
        wg_compared_release(&old);
    }
done:
    wg_comparison_release(&comparison);
    old.layer = NULL;
    wg_compared_release(&old);
    wg_compared_release(&now);
    return status;
}
