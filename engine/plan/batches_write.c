/* A plan written from batches: rows come back from the disk, in the order that they have in a plan made at once. */
#include <string.h>

#include "io/output.h"
#include "model/contract.h"
#include "model/wkb.h"
#include "plan/batches.h"
#include "plan/canonical.h"
#include "plan/nesting.h"
#include "store/store.h"

typedef wg_status (*district_table_fn)(wg_context *ctx, const wg_plan_city *city, const wg_district *district,
                                       wg_layer **layer);

/** What is written once all batches have passed. */
typedef struct writing {
    wg_batches *batches;
    wg_store *store;
    wg_rows *buildings; /**< rows of the plan's buildings by strips, numbered as the source's rows */
    wg_layer *sample;   /**< a row of each type of geometry among them */
    wg_layer *shares;
} writing;

static wg_status put_districts(wg_context *ctx, const writing *w, size_t batch, district_table_fn table) {
    const wg_batches *b = w->batches;
    for (size_t c = b->first[batch]; c < b->first[batch + 1]; c++) {
        wg_layer *layer = NULL;
        wg_status status = table(ctx, b->city, b->districts[c], &layer);
        if (status == WG_OK) {
            status = wg_store_put(ctx, w->store, layer, c > 0);
        }
        wg_layer_free(layer);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

/** Append all rows of one layer to another with the same columns. */
static wg_status append(wg_context *ctx, const wg_layer *from, wg_layer *to) {
    wg_status status = WG_OK;
    for (size_t row = 0; row < from->n; row++) {
        WG_TRY(wg_layer_copy_row(ctx, from, row, to));
    }
done:
    return status;
}

/** The batch's rows of the plan's buildings, one for each source row, onto the disk by strips. */
static wg_status keep_buildings(wg_context *ctx, writing *w, const uint64_t *numbers) {
    wg_status status = WG_OK;
    wg_batches *b = w->batches;
    wg_layer *rows = NULL, *shares = NULL;
    WG_TRY(wg_plan_table_buildings(ctx, b->city, b->districts, &rows, &shares));
    if (w->buildings == NULL) {
        WG_TRY(wg_rows_new(ctx, b->spool, rows, WG_STRIPS, &w->buildings));
    }
    for (size_t row = 0; row < rows->n; row++) {
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(rows, row, &bytes);
        WG_TRY(wg_batches_sample(ctx, w->sample, wkb, bytes));
        WG_TRY(wg_rows_add(ctx, w->buildings, rows, row, numbers[row], 0, wg_batches_strip(b, rows, row)));
    }
    WG_TRY(append(ctx, shares, w->shares));
done:
    wg_layer_free(rows);
    wg_layer_free(shares);
    return status;
}

static wg_status write_batch(wg_context *ctx, writing *w, size_t batch) {
    wg_status status = WG_OK;
    wg_batches *b = w->batches;
    wg_layer *micro = NULL;
    uint64_t *numbers = NULL;
    WG_TRY(wg_batches_load(ctx, b, batch, WG_PASS_AGAIN, &numbers));
    if (batch < b->n) {
        WG_TRY(wg_batches_take_atoms(ctx, b, batch));
        WG_TRY(put_districts(ctx, w, batch, wg_plan_table_units));
        WG_TRY(put_districts(ctx, w, batch, wg_plan_table_edges));
        WG_TRY(wg_plan_micro(ctx, b->city, b->districts, &micro));
        WG_TRY(micro == NULL ? WG_OK : wg_store_put(ctx, w->store, micro, batch > 0));
    }
    WG_TRY(keep_buildings(ctx, w, numbers));
done:
    if (batch < b->n) {
        wg_batches_drop_atoms(b, batch);
    }
    wg_layer_free(micro);
    free(numbers);
    return status;
}

static wg_status write_buildings(wg_context *ctx, writing *w) {
    for (size_t strip = 0; strip < WG_STRIPS; strip++) {
        wg_layer *rows = NULL;
        wg_status status = wg_rows_load(ctx, w->buildings, strip, strip + 1, &rows, NULL);
        if (status == WG_OK && strip == 0) {
            status = wg_store_declare(ctx, w->store, rows, w->sample);
        }
        if (status == WG_OK && rows->n > 0) {
            status = wg_plan_canonical(ctx, rows, UINT32_MAX);
            status = status == WG_OK ? wg_store_put(ctx, w->store, rows, true) : status;
        }
        wg_layer_free(rows);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

/** Every barrier once, input by input. */
static wg_status write_barriers(wg_context *ctx, writing *w) {
    wg_status status = WG_OK;
    wg_batches *b = w->batches;
    WG_TRY(wg_plan_clear_barriers(ctx, b->city));
    WG_TRY(wg_store_declare(ctx, w->store, b->city->barriers, b->sample));
    for (uint32_t i = 0; i < b->n_barriers; i++) {
        for (size_t strip = 0; strip < WG_STRIPS && status == WG_OK; strip++) {
            wg_layer *rows = NULL;
            WG_TRY(wg_plan_clear_barriers(ctx, b->city));
            status = wg_rows_load(ctx, b->barriers[i].sorted, strip, strip + 1, &rows, NULL);
            status = status == WG_OK ? wg_plan_canonical(ctx, rows, UINT32_MAX) : status;
            status = status == WG_OK ? wg_plan_take_barriers(ctx, b->city, rows, 0, true) : status;
            wg_layer_free(rows);
            if (status == WG_OK && b->city->barriers->n > 0) {
                status = wg_store_put(ctx, w->store, b->city->barriers, true);
            }
        }
    }
done:
    return status;
}

static wg_status write_plan(wg_context *ctx, wg_batches *b, wg_result **result) {
    wg_status status = WG_OK;
    wg_plan_city *city = b->city;
    wg_plan_writing plan = {0};
    writing w = {.batches = b};
    WG_TRY(wg_plan_write_begin(ctx, city, b->districts, &plan));
    w.store = plan.store;
    WG_TRY(wg_layer_new(ctx, "sample", NULL, &w.sample));
    WG_TRY(wg_contract_new_layer(ctx, "shares", city->crs, &w.shares));
    WG_TRY(wg_plan_write_cells(ctx, city, b->districts, plan.store));
    for (size_t batch = 0; batch <= b->n; batch++) {
        WG_TRY(write_batch(ctx, &w, batch));
        WG_TRY(wg_progress(ctx, 0.7 * (double)(batch + 1) / (double)(b->n + 1), "writing"));
    }
    WG_TRY(write_buildings(ctx, &w));
    WG_TRY(wg_plan_canonical(ctx, w.shares, wg_layer_column(w.shares, "building")));
    WG_TRY(wg_store_put(ctx, plan.store, w.shares, false));
    WG_TRY(write_barriers(ctx, &w));
    WG_TRY(wg_plan_write_run(ctx, city, b->districts, "partition", plan.store));
    WG_TRY(wg_plan_write_end(ctx, city, b->districts, &plan, result));
done:
    wg_plan_write_abort(&plan);
    wg_rows_free(w.buildings);
    wg_layer_free(w.sample);
    wg_layer_free(w.shares);
    return status;
}

wg_status wg_plan_partition_batches(wg_context *ctx, const wg_partition_options *options, double budget,
                                    wg_result **result) {
    wg_status status = WG_OK;
    wg_plan_city city = {0};
    wg_batches batches = {0};
    WG_TRY(wg_plan_read_ground(ctx, options, &city));
    WG_TRY(wg_batches_open(ctx, &city, options->output, budget, &batches));
    WG_TRY(wg_plan_read_areas(ctx, &city));
    WG_TRY(wg_progress(ctx, 1, "reading"));
    wg_log(ctx, WG_LOG_INFO, "%zu communities are worked in %zu batches; rows wait on disk beside %s",
           city.communities->n, batches.n, options->output);
    WG_TRY(wg_batches_solve(ctx, &batches));
    WG_TRY(wg_plan_codes(ctx, &city, batches.districts));
    WG_TRY(write_plan(ctx, &batches, result));
done:
    wg_batches_release(&batches);
    wg_plan_city_release(&city);
    return status;
}
