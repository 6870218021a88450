/* The crosswalk of every department: which new cells took over each of its cells, by land, households and people. */
#include <string.h>

#include "model/wkb.h"
#include "plan/compare.h"
#include "plan/present.h"
#include "plan/row.h"

static const double AGREED_M = 0.001; /**< a millimetre along the outline is rounding */

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

static bool is_listed(const wg_exceptions *list, const char *code) {
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->items[i].problem, "line_snapped") == 0 && strcmp(list->items[i].feature, code) == 0) {
            return true;
        }
    }
    return false;
}

/** The largest piece of land that an old cell gave to others or its new cell got from others; WG_UNASSIGNED: none. */
static uint32_t largest_exchange(const wg_comparison *comparison, uint32_t old, uint32_t now, double *area) {
    uint32_t found = WG_UNASSIGNED;
    double most = 0;
    *area = 0;
    for (size_t i = 0; i < comparison->n_cross; i++) {
        const wg_crosswalk *cross = &comparison->cross[i];
        if (cross->piece == WG_UNASSIGNED || (cross->a == old) == (cross->b == now)) {
            continue;
        }
        *area += cross->area;
        if (cross->area > most) {
            most = cross->area;
            found = cross->piece;
        }
    }
    return found;
}

/** Cells that keep all that they had: their lines move only where a repair moved them, and then this is listed. */
static wg_status list_moved(wg_context *ctx, wg_exceptions *list, const wg_network *network,
                            const wg_comparison *comparison, size_t n_buildings) {
    wg_status status = WG_OK;
    const wg_compared *old = comparison->a, *now = comparison->b;
    char text[32];
    bool *same = wg_malloc(old->layer->n, sizeof *same);
    if (same == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t r = 0; r < old->layer->n; r++) {
        same[r] = comparison->partner_a[r] != WG_UNASSIGNED && !is_listed(list, wg_network_code(network, r, text));
    }
    for (size_t b = 0; b < n_buildings; b++) {
        const uint32_t was = old->cell_of[b], is = now->cell_of[b];
        const uint32_t before = is == WG_UNASSIGNED ? WG_UNASSIGNED : comparison->partner_b[is];
        if (was != WG_UNASSIGNED && before != was) {
            same[was] = false;
        }
        if (before != WG_UNASSIGNED && before != was) {
            same[before] = false;
        }
    }
    for (uint32_t r = 0; r < old->layer->n; r++) {
        double area = 0, box[4];
        size_t bytes = 0;
        const uint32_t piece =
            same[r] ? largest_exchange(comparison, r, comparison->partner_a[r], &area) : WG_UNASSIGNED;
        if (piece == WG_UNASSIGNED || !(area > AGREED_M * old->perimeter[r])) {
            continue;
        }
        const void *wkb = wg_layer_wkb(comparison->pieces, piece, &bytes);
        if (wg_wkb_bounds(wkb, bytes, box)) {
            WG_TRY(wg_exceptions_add(ctx, list, "cells", wg_network_code(network, r, text), "line_moved",
                                     (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, "",
                                     "%.0f m2 changed sides, and nobody's building with them: a piece of land between "
                                     "two lines was too small to stand alone",
                                     area));
        }
    }
done:
    free(same);
    return status;
}

/** A figure of the buildings without those that are there twice: these count once, as everywhere in a plan. */
static double *counted(const wg_plan_city *city, const double *figures) {
    double *values = wg_calloc(city->buildings->n, sizeof *values);
    for (size_t row = 0; values != NULL && row < city->buildings->n; row++) {
        values[row] = city->placement.placed[row] == WG_PLACED_DUPLICATE ? 0 : figures[row];
    }
    return values;
}

wg_status wg_revision_crosswalk(wg_context *ctx, wg_revision *revision, wg_district *const *districts,
                                wg_layer **layer) {
    static const char *const texts[] = {"network", "old", "new", "continues"};
    static const char *const reals[] = {"area_m2", "area_pct", "households", "hh_pct", "population", "pop_pct"};
    wg_status status = WG_OK;
    wg_plan_city *city = &revision->city;
    wg_compared now = {0};
    wg_compared old = {0};
    wg_comparison comparison = {0};
    wg_compared_buildings buildings = {.layer = city->buildings,
                                       .id = city->row_id,
                                       .households = counted(city, city->figures.households),
                                       .population = counted(city, city->figures.population)};
    if (buildings.households == NULL || buildings.population == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
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
        if (i == 0) {
            WG_TRY(list_moved(ctx, &city->exceptions, network, &comparison, city->buildings->n));
        }
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
    free(buildings.households);
    free(buildings.population);
    return status;
}
