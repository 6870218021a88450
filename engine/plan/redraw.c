/* wangge redraw: from the cells of today to cells that meet the limits, with as little change as is asked for. */
#include <math.h>
#include <string.h>

#include "io/output.h"
#include "io/read.h"
#include "model/contract.h"
#include "model/result.h"
#include "model/wkb.h"
#include "plan/osm.h"
#include "plan/present.h"
#include "plan/row.h"
#include "store/store.h"

/* ---- codes ---- */

/** The community that keeps an old cell which reaches into several: where most of what it holds lies. */
typedef struct keeper {
    uint32_t community, cell; /**< WG_UNASSIGNED: none yet */
    double held;
} keeper;

static wg_status pair_all(wg_context *ctx, const wg_revision *revision, wg_district *const *districts,
                          keeper *keepers) {
    wg_status status = WG_OK;
    double *weight = NULL;
    uint32_t *label = NULL;
    for (size_t c = 0; c < revision->city.communities->n; c++) {
        const wg_present_district *own = &revision->districts[c];
        double moved = 0, total = 0;
        label = wg_calloc(districts[c]->n_cells, sizeof *label);
        if (label == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        WG_TRY(wg_revision_pair(ctx, revision, districts[c], label, &moved, &total));
        WG_TRY(wg_revision_overlap(ctx, revision, districts[c], &weight));
        for (uint32_t k = 0; k < districts[c]->n_cells; k++) {
            if (label[k] == WG_UNASSIGNED) {
                continue;
            }
            const double held = weight[(size_t)k * own->n_labels + label[k]];
            keeper *of = &keepers[own->row[label[k]]];
            if (of->cell == WG_UNASSIGNED || held > of->held) {
                *of = (keeper){.community = (uint32_t)c, .cell = k, .held = held};
            }
        }
        free(label);
        free(weight);
        label = NULL;
        weight = NULL;
    }
done:
    free(label);
    free(weight);
    return status;
}

static wg_status retire(wg_context *ctx, wg_plan_city *city, const char *code) {
    char **grown = wg_realloc(city->retired, city->n_retired + 1, sizeof *grown);
    if (grown == NULL) {
        return wg_fail_memory(ctx);
    }
    city->retired = grown;
    city->retired[city->n_retired] = wg_strdup(code);
    return city->retired[city->n_retired++] == NULL ? wg_fail_memory(ctx) : WG_OK;
}

/** Codes that an earlier revision retired stay retired: a plan remembers them. */
static wg_status read_retired(wg_context *ctx, wg_plan_city *city, const wg_input *input, wg_layer **before) {
    wg_status status = WG_OK;
    wg_store *store = NULL;
    char *path = input->source == NULL ? NULL : wg_strndup(input->source, strcspn(input->source, "|"));
    if (path == NULL || !wg_store_is_plan(path)) {
        goto done;
    }
    WG_TRY(wg_store_open(ctx, path, WG_STORE_READ, &store));
    WG_TRY(wg_store_get_or_empty(ctx, store, "retired", before));
    const uint32_t code = wg_layer_column(*before, "code");
    for (size_t row = 0; row < (*before)->n; row++) {
        const char *text = wg_layer_text(*before, row, code);
        if (text != NULL) {
            WG_TRY(retire(ctx, city, text));
        }
    }
done:
    wg_store_free(store);
    free(path);
    return status;
}

/** Kept cells take their code and name along; every other old code is retired. */
static wg_status keep_codes(wg_context *ctx, wg_revision *revision, wg_district *const *districts,
                            const keeper *keepers) {
    const wg_network *network = &revision->networks[0];
    for (size_t row = 0; row < network->layer->n; row++) {
        char text[32];
        const char *code = wg_network_code(network, row, text);
        wg_status status = WG_OK;
        if (keepers[row].cell == WG_UNASSIGNED) {
            status = retire(ctx, &revision->city, code);
        } else {
            wg_district *district = districts[keepers[row].community];
            const char *name = network->name == UINT32_MAX ? NULL : wg_layer_text(network->layer, row, network->name);
            district->code[keepers[row].cell] = wg_strdup(code);
            district->name[keepers[row].cell] = wg_strdup(name);
            if (district->code[keepers[row].cell] == NULL ||
                (name != NULL && district->name[keepers[row].cell] == NULL)) {
                status = wg_fail_memory(ctx);
            }
        }
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

/** The new cell that holds most of a retired one. */
static const char *successor_of(const wg_revision *revision, wg_district *const *districts,
                                const double *const *weights, uint32_t row, uint32_t *community) {
    const char *code = NULL;
    double most = 0;
    for (size_t c = 0; c < revision->city.communities->n; c++) {
        const wg_present_district *own = &revision->districts[c];
        for (uint32_t l = 0; l < own->n_labels; l++) {
            for (uint32_t k = 0; own->row[l] == row && k < districts[c]->n_cells; k++) {
                const double held = weights[c][(size_t)k * own->n_labels + l];
                if (held > most) {
                    most = held;
                    code = districts[c]->code[k];
                    *community = (uint32_t)c;
                }
            }
        }
    }
    return code;
}

static wg_status table_retired(wg_context *ctx, const wg_revision *revision, wg_district *const *districts,
                               const keeper *keepers, const wg_layer *before, wg_layer **layer) {
    wg_status status = WG_OK;
    const size_t n = revision->city.communities->n;
    double **weights = wg_calloc(n, sizeof *weights);
    if (weights == NULL) {
        return wg_fail_memory(ctx);
    }
    if (before != NULL) {
        WG_TRY(wg_layer_copy(ctx, before, NULL, layer));
        WG_TRY(wg_layer_set_crs(ctx, *layer, revision->city.crs));
    } else {
        WG_TRY(wg_contract_new_layer(ctx, "retired", revision->city.crs, layer));
    }
    for (size_t c = 0; c < n; c++) {
        WG_TRY(wg_revision_overlap(ctx, revision, districts[c], &weights[c]));
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (uint32_t row = 0; row < revision->networks[0].layer->n; row++) {
        char text[32], code[32];
        uint32_t community = 0;
        if (keepers[row].cell != WG_UNASSIGNED) {
            continue;
        }
        const char *successor = successor_of(revision, districts, (const double *const *)weights, row, &community);
        wg_row_begin(&at, NULL, 0);
        wg_row_text(&at, "code", wg_network_code(&revision->networks[0], row, text));
        wg_row_text(&at, "community",
                    successor == NULL ? NULL : wg_plan_community_code(&revision->city, community, code));
        wg_row_text(&at, "successor", successor);
        wg_row_text(&at, "reason", successor == NULL ? "outside" : "merged");
    }
    status = at.status;
done:
    for (size_t c = 0; c < n; c++) {
        free(weights[c]);
    }
    free(weights);
    return status;
}

/* ---- unchanged plans ---- */

/** Every cell of every community is one present cell, all of it. */
static bool is_unchanged(const wg_revision *revision, wg_district *const *districts, const keeper *keepers) {
    for (size_t c = 0; c < revision->city.communities->n; c++) {
        const wg_present_district *own = &revision->districts[c];
        const wg_atoms *atoms = districts[c]->atoms;
        for (uint32_t u = 0; u < atoms->n_units; u++) {
            if (own->unit[u] == WG_UNASSIGNED) {
                return false;
            }
            const keeper *of = &keepers[own->row[own->unit[u]]];
            if (of->community != c || of->cell != districts[c]->label[u]) {
                return false;
            }
        }
    }
    return true;
}

/** Area of what is drawn today equals what is drawn now: today's outlines are a clean coverage of the reference. */
static bool is_clean(const wg_revision *revision, wg_district *const *districts, const keeper *keepers) {
    for (size_t row = 0; row < revision->networks[0].layer->n; row++) {
        size_t bytes = 0;
        double area, length;
        const void *wkb = wg_layer_wkb(revision->networks[0].layer, row, &bytes);
        wg_wkb_measure(wkb, bytes, &area, &length);
        if (keepers[row].cell == WG_UNASSIGNED) {
            return false;
        }
        const double now = districts[keepers[row].community]->area[keepers[row].cell];
        /* a millimetre along the outline */
        if (fabs(now - area) > 0.001 * length) {
            return false;
        }
    }
    return true;
}

/** Put today's outlines, byte for byte, in the place of the dissolved ones. */
static wg_status take_outlines(wg_context *ctx, const wg_revision *revision, wg_district *const *districts,
                               const keeper *keepers) {
    wg_status status = WG_OK;
    const wg_layer *old = revision->networks[0].layer;
    for (size_t c = 0; c < revision->city.communities->n; c++) {
        wg_layer *cells = NULL;
        WG_TRY(wg_layer_new(ctx, "cells", revision->city.crs, &cells));
        for (uint32_t k = 0; k < districts[c]->n_cells && status == WG_OK; k++) {
            for (size_t row = 0; row < old->n && status == WG_OK; row++) {
                if (keepers[row].community == c && keepers[row].cell == k) {
                    size_t bytes = 0;
                    const void *wkb = wg_layer_wkb(old, row, &bytes);
                    status = wg_layer_add_row(ctx, cells, wkb, bytes, NULL);
                }
            }
        }
        if (status != WG_OK) {
            wg_layer_free(cells);
            return status;
        }
        wg_layer_free(districts[c]->cells);
        districts[c]->cells = cells;
    }
done:
    return status;
}

/* ---- the job ---- */

static wg_status check_redraw(wg_context *ctx, const wg_partition_options *options) {
    if (options->n_cells == 0) {
        return wg_fail(ctx, WG_EINVAL, "--cells is missing (name the layer of present cells)");
    }
    if (options->stability_step < 0 || options->stability_to > 1 ||
        (options->stability_step > 0 && options->stability_to < options->stability)) {
        return wg_fail(ctx, WG_EINVAL, "--stability %g:%g:%g is no sweep (FROM:TO:STEP within 0..1)",
                       options->stability, options->stability_to, options->stability_step);
    }
    if (options->stability_step > 0) {
        return WG_OK;
    }
    if (options->output == NULL) {
        return wg_fail(ctx, WG_EINVAL, "-o is missing (name the plan file, for example -o plan.sqlite)");
    }
    return wg_output_check(ctx, options->output, WG_OUTPUT_FILE, options->overwrite);
}

static wg_status write_revision(wg_context *ctx, wg_revision *revision, wg_district *const *districts,
                                wg_result **result) {
    wg_status status = WG_OK;
    wg_layer *before = NULL;
    const size_t n = revision->networks[0].layer->n;
    keeper *keepers = wg_calloc(n, sizeof *keepers);
    if (keepers == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < n; row++) {
        keepers[row] = (keeper){WG_UNASSIGNED, WG_UNASSIGNED, 0};
    }
    WG_TRY(read_retired(ctx, &revision->city, &revision->city.options->cells[0], &before));
    WG_TRY(pair_all(ctx, revision, districts, keepers));
    WG_TRY(keep_codes(ctx, revision, districts, keepers));
    WG_TRY(wg_plan_codes(ctx, &revision->city, districts));
    if (revision->same_units && is_unchanged(revision, districts, keepers) && is_clean(revision, districts, keepers)) {
        WG_TRY(take_outlines(ctx, revision, districts, keepers));
    }
    WG_TRY(table_retired(ctx, revision, districts, keepers, before, &revision->city.extra[0]));
    WG_TRY(wg_revision_crosswalk(ctx, revision, districts, &revision->city.extra[1]));
    WG_TRY(wg_plan_write(ctx, &revision->city, districts, "redraw", result));
done:
    wg_layer_free(before);
    free(keepers);
    return status;
}

/** The default for zero; what is too small to keep anything is zero. */
static double stability_of(const wg_partition_options *options) {
    if (options->stability_step > 0 || options->stability >= 1e-6) {
        return options->stability;
    }
    return options->stability > 0 ? 0 : WG_REDRAW_STABILITY;
}

static wg_status redraw_city(wg_context *ctx, wg_revision *revision, wg_atoms **atoms, wg_result **result) {
    wg_status status = WG_OK;
    wg_district **districts = NULL;
    const wg_redrawing redrawing = wg_revision_redrawing(revision);
    WG_TRY(wg_revision_label(ctx, revision, atoms, revision->city.options->stability));
    WG_TRY(wg_plan_zone(ctx, &revision->city, atoms, &redrawing, &districts));
    WG_TRY(wg_plan_finish(ctx, &revision->city, atoms, districts));
    WG_TRY(write_revision(ctx, revision, districts, result));
done:
    wg_plan_districts_free(districts, revision->city.communities->n);
    return status;
}

wg_status wg_redraw(wg_context *ctx, const wg_partition_options *options, wg_result **result) {
    wg_status status = WG_OK;
    wg_revision revision = {0};
    wg_osm osm = {0};
    wg_osm_inputs with_osm = {.options = *options};
    wg_atoms **atoms = NULL;
    size_t n = 0;
    wg_clear_error(ctx);
    *result = NULL;
    WG_TRY(check_redraw(ctx, options));
    if (options->osm != NULL) {
        WG_TRY(wg_osm_fill(ctx, options, &osm, &with_osm));
    }
    with_osm.options.stability = stability_of(options);
    WG_TRY(wg_plan_read(ctx, &with_osm.options, &revision.city));
    n = revision.city.communities->n;
    WG_TRY(wg_revision_take_units(ctx, &revision));
    WG_TRY(wg_revision_read(ctx, &revision));
    WG_TRY(wg_revision_open_compounds(ctx, &revision));
    WG_TRY(wg_plan_atoms(ctx, &revision.city, true, &atoms));
    WG_TRY(wg_revision_name_kinds(ctx, &revision, atoms));
    status = options->stability_step > 0 ? wg_revision_sweep(ctx, &revision, atoms, result)
                                         : redraw_city(ctx, &revision, atoms, result);
done:
    wg_plan_atoms_free(atoms, n);
    wg_revision_release(&revision);
    wg_osm_release(&osm);
    return status;
}
