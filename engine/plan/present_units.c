/*
 * A plan of our own has its units with it. Where the buildings of today still fit them, they are the atoms again, so
 * that every line, kept or new, has the vertices that it had; elsewhere the land is divided anew.
 */
#include <string.h>

#include "geo/overlay.h"
#include "io/fields.h"
#include "plan/present.h"
#include "store/store.h"

/** The plan behind an input: its path where it is a plan's cells, else NULL. Free with free(). */
static char *plan_path(const wg_input *input) {
    const char *bar = input->source == NULL || input->layer != NULL ? NULL : strchr(input->source, '|');
    if (input->source == NULL || input->layer != NULL || (bar != NULL && strcmp(bar, "|layername=cells") != 0)) {
        return NULL;
    }
    char *path = wg_strndup(input->source, strcspn(input->source, "|"));
    if (path != NULL && !wg_store_is_plan(path)) {
        free(path);
        path = NULL;
    }
    return path;
}

static wg_status read_units(wg_context *ctx, const wg_plan_city *city, const char *path, wg_layer **units) {
    wg_status status = WG_OK;
    wg_store *store = NULL;
    WG_TRY(wg_store_open(ctx, path, WG_STORE_READ, &store));
    WG_TRY(wg_store_get_or_empty(ctx, store, "units", units));
    if ((*units)->crs == NULL || strcmp((*units)->crs, city->crs) != 0) { /* the vertices would not be the same */
        wg_layer_free(*units);
        *units = NULL;
    }
done:
    wg_store_free(store);
    return status;
}

typedef struct fitting {
    wg_overlay_cut *cut; /**< a building: its unit */
    double *sum;         /**< units * measures */
    uint32_t *buildings; /**< a unit */
    bool *fits;          /**< a community */
} fitting;

static void fitting_release(fitting *of) {
    free(of->cut);
    free(of->sum);
    free(of->buildings);
    free(of->fits);
}

/** A community's units fit where they cut no building and none has become too heavy for a cell that could be divided.
 */
static wg_status find_fitting(wg_context *ctx, const wg_plan_city *city, const wg_layer *units, fitting *of) {
    wg_status status = WG_OK;
    const size_t m = city->n_measures;
    of->cut = wg_calloc(city->buildings->n, sizeof *of->cut);
    of->sum = wg_calloc(units->n * m, sizeof *of->sum);
    of->buildings = wg_calloc(units->n, sizeof *of->buildings);
    of->fits = wg_malloc(city->communities->n, sizeof *of->fits);
    if (of->cut == NULL || of->sum == NULL || of->buildings == NULL || of->fits == NULL) {
        return wg_fail_memory(ctx);
    }
    memset(of->fits, true, city->communities->n * sizeof *of->fits);
    WG_TRY(wg_overlay_cuts(ctx, city->buildings, units, 0, of->cut));
    for (size_t row = 0; row < city->buildings->n; row++) {
        const uint32_t community = city->placement.community[row], unit = of->cut[row].first;
        if (community == WG_UNASSIGNED) {
            continue;
        }
        of->fits[community] &=
            unit != WG_UNASSIGNED && (of->cut[row].n_cells <= 1 || city->placement.placed[row] == WG_PLACED_SHARE);
        if (unit != WG_UNASSIGNED) {
            of->buildings[unit]++;
            for (size_t k = 0; k < m; k++) {
                of->sum[unit * m + k] += city->measures[k].is_area ? 0 : city->measures[k].value[row];
            }
        }
    }
    for (size_t row = 0; row < city->buildings->n; row++) {
        const uint32_t community = city->placement.community[row], unit = of->cut[row].first;
        for (size_t k = 0; k < m && community != WG_UNASSIGNED && unit != WG_UNASSIGNED; k++) {
            of->fits[community] &= of->buildings[unit] < 2 || !(of->sum[unit * m + k] > city->measures[k].limit.max);
        }
    }
done:
    return status;
}

/** Row of the community with this code, or n. */
static size_t community_of(const wg_plan_city *city, const char *code) {
    size_t row = 0;
    char text[32];
    while (row < city->communities->n && strcmp(wg_plan_community_code(city, row, text), code) != 0) {
        row++;
    }
    return row;
}

static wg_status keep_fitting(wg_context *ctx, wg_plan_city *city, const wg_layer *units, const bool *fits,
                              bool *every) {
    wg_status status = WG_OK;
    const uint32_t code = wg_layer_column(units, "community");
    bool *keep = wg_calloc(units->n, sizeof *keep);
    bool *seen = wg_calloc(city->communities->n, sizeof *seen);
    if (keep == NULL || seen == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    size_t community = city->communities->n;
    const char *last = NULL;
    for (size_t row = 0; row < units->n; row++) {
        const char *text = wg_layer_text(units, row, code);
        if (text != NULL && (last == NULL || strcmp(last, text) != 0)) { /* rows come community by community */
            community = community_of(city, text);
            last = text;
        }
        keep[row] = text != NULL && community < city->communities->n && fits[community];
        if (keep[row]) {
            seen[community] = true;
        }
    }
    *every = true;
    for (size_t row = 0; row < city->communities->n; row++) {
        *every = *every && seen[row];
    }
    WG_TRY(wg_layer_copy(ctx, units, keep, &city->given));
done:
    free(keep);
    free(seen);
    return status;
}

wg_status wg_revision_take_units(wg_context *ctx, wg_revision *revision) {
    wg_status status = WG_OK;
    wg_plan_city *city = &revision->city;
    wg_layer *units = NULL;
    fitting of = {0};
    char *path = plan_path(&city->options->cells[0]);
    if (path == NULL || city->given != NULL || city->options->micro_max > 0 || city->options->n_cells > 1) {
        goto done;
    }
    WG_TRY(read_units(ctx, city, path, &units));
    if (units != NULL && units->n > 0) {
        WG_TRY(find_fitting(ctx, city, units, &of));
        WG_TRY(keep_fitting(ctx, city, units, of.fits, &revision->same_units));
    }
done:
    free(path);
    wg_layer_free(units);
    fitting_release(&of);
    return status;
}

wg_status wg_revision_name_kinds(wg_context *ctx, const wg_revision *revision, wg_atoms *const *atoms) {
    static const char *const names[] = {"block", "tile", "compound", "land"}; /* as wg_unit_kind */
    wg_status status = WG_OK;
    const wg_layer *given = revision->city.given;
    wg_locator *locator = NULL;
    if (given == NULL || given->n == 0 || revision->city.options->units.source != NULL ||
        revision->city.options->units.layer != NULL) {
        return WG_OK;
    }
    const uint32_t kind = wg_layer_column(given, "kind");
    const wg_locator_options options = {0};
    WG_TRY(wg_locator_build(ctx, given, &options, &locator));
    for (size_t c = 0; c < revision->city.communities->n; c++) {
        for (uint32_t u = 0; u < atoms[c]->n_units; u++) {
            const double xy[2] = {atoms[c]->x[u], atoms[c]->y[u]};
            uint32_t row = WG_UNASSIGNED;
            WG_TRY(wg_locator_find(ctx, locator, xy, 1, &row));
            const char *name =
                row == WG_UNASSIGNED || atoms[c]->kind[u] != WG_UNIT_GIVEN ? NULL : wg_layer_text(given, row, kind);
            for (uint8_t k = 0; k < sizeof names / sizeof names[0] && name != NULL; k++) {
                atoms[c]->kind[u] = strcmp(name, names[k]) == 0 ? k : atoms[c]->kind[u];
            }
        }
    }
done:
    wg_locator_free(locator);
    return status;
}
