/* Atoms, labels and outlines of a city, a batch of communities at a time. */
#include <string.h>

#include "core/parallel.h"
#include "io/fields.h"
#include "plan/batches.h"

/** Where a community's atoms are in the spool. */
struct wg_kept {
    uint64_t at;
    size_t length;
};

static wg_status keep(wg_context *ctx, wg_batches *b, size_t community, const wg_atoms *atoms) {
    wg_buffer bytes = {0};
    struct wg_kept *kept = &b->kept[community];
    wg_atoms_pack(atoms, &bytes);
    kept->length = bytes.length;
    const wg_status status =
        bytes.failed ? wg_fail_memory(ctx) : wg_spool_put(ctx, b->spool, bytes.data, bytes.length, &kept->at);
    wg_buffer_release(&bytes);
    return status;
}

static wg_status fetch(wg_context *ctx, wg_batches *b, size_t community, wg_atoms **atoms) {
    const struct wg_kept *kept = &b->kept[community];
    char *bytes = wg_malloc(kept->length, 1);
    if (bytes == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_status status = wg_spool_get(ctx, b->spool, kept->at, bytes, kept->length);
    if (status == WG_OK) {
        status = wg_atoms_unpack(ctx, bytes, kept->length, atoms);
    }
    free(bytes);
    return status;
}

static wg_status take_atoms(wg_context *ctx, size_t community, wg_atoms **atoms, void *user) {
    return fetch(ctx, user, community, atoms);
}

static wg_status put_atoms(wg_context *ctx, size_t community, wg_atoms *atoms, bool changed, void *user) {
    const wg_status status = changed ? keep(ctx, user, community, atoms) : WG_OK;
    wg_atoms_free(atoms);
    return status;
}

/** One batch in work. */
typedef struct working {
    wg_batches *batches;
    size_t first;
} working;

static wg_status solve_one(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    const working *at = user;
    wg_batches *b = at->batches;
    const size_t community = at->first + index;
    wg_atoms *atoms = NULL;
    wg_status status = WG_OK;
    (void)worker;
    WG_TRY(wg_plan_community_atoms(ctx, b->city, (uint32_t)community, false, &atoms));
    WG_TRY(wg_plan_solve_community(ctx, b->city, &atoms, &b->districts[community]));
    b->found[community] = atoms->exceptions;
    atoms->exceptions = (wg_exceptions){0};
    b->districts[community]->atoms = NULL;
    status = keep(ctx, b, community, atoms);
done:
    wg_atoms_free(atoms);
    return status;
}

static wg_status solve_batch(wg_context *ctx, wg_batches *b, size_t batch) {
    wg_status status = WG_OK;
    working at = {b, b->first[batch]};
    WG_TRY(wg_batches_load(ctx, b, batch, WG_PASS_FIRST, NULL));
    WG_TRY(wg_batches_load_barriers(ctx, b, batch));
    if (batch == 0) { /* every input's fields are known now */
        const wg_partition_options *options = b->city->options;
        WG_TRY(wg_fields_check(ctx, options->fields, options->n_fields, b->city->field_used));
    }
    WG_TRY(wg_plan_land_new(ctx, b->city));
    WG_TRY(wg_parallel(ctx, b->first[batch + 1] - b->first[batch], NULL, solve_one, &at));
done:
    wg_plan_land_free(b->city->land);
    b->city->land = NULL;
    return status;
}

static wg_status outline_one(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    wg_batches *b = user;
    wg_district *district = b->districts[index];
    wg_atoms *atoms = NULL;
    (void)worker;
    wg_status status = fetch(ctx, b, index, &atoms);
    if (status == WG_OK) {
        district->atoms = atoms;
        status = wg_plan_outline_community(ctx, b->city, district);
        district->atoms = NULL;
    }
    wg_atoms_free(atoms);
    return status;
}

wg_status wg_batches_solve(wg_context *ctx, wg_batches *b) {
    wg_status status = WG_OK;
    wg_plan_city *city = b->city;
    const size_t n = city->communities->n;
    b->kept = wg_calloc(n, sizeof *b->kept);
    if (b->kept == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t batch = 0; batch < b->n; batch++) {
        WG_TRY(wg_progress(ctx, (double)b->first[batch] / (double)n, "cells"));
        WG_TRY(solve_batch(ctx, b, batch));
    }
    WG_TRY(wg_batches_load(ctx, b, b->n, WG_PASS_FIRST, NULL));
    wg_plan_release_buildings(city);
    WG_TRY(wg_plan_clear_barriers(ctx, city));
    WG_TRY(wg_plan_tell_unknown(ctx, city, b->buildings.source));
    WG_TRY(wg_plan_tell_placement(ctx, city, b->buildings.source));
    for (size_t c = 0; c < n; c++) {
        WG_TRY(wg_exceptions_merge(ctx, &city->exceptions, &b->found[c]));
        wg_exceptions_release(&b->found[c]);
    }
    const wg_shelf shelf = {take_atoms, put_atoms, b};
    WG_TRY(wg_atoms_weave_shelf(ctx, city->reference, &shelf));
    WG_TRY(wg_parallel(ctx, n, "outlines", outline_one, b));
done:
    return status;
}

wg_status wg_batches_take_atoms(wg_context *ctx, wg_batches *b, size_t batch) {
    wg_status status = WG_OK;
    for (size_t c = b->first[batch]; c < b->first[batch + 1]; c++) {
        wg_atoms *atoms = NULL;
        WG_TRY(fetch(ctx, b, c, &atoms));
        b->districts[c]->atoms = atoms;
    }
done:
    return status;
}

void wg_batches_drop_atoms(wg_batches *b, size_t batch) {
    for (size_t c = b->first[batch]; c < b->first[batch + 1]; c++) {
        wg_atoms_free((wg_atoms *)b->districts[c]->atoms); /* given by wg_batches_take_atoms */
        b->districts[c]->atoms = NULL;
    }
}
