/* wangge partition: communities and buildings in, a plan out. */
#include <string.h>

#include "crs/crs.h"
#include "io/output.h"
#include "plan/batches.h"
#include "plan/city.h"
#include "plan/nesting.h"
#include "plan/osm.h"
#include "plan/styles.h"
#include "store/store.h"

static wg_status put_and_free(wg_context *ctx, wg_store *store, wg_layer *layer, bool append) {
    const wg_status status = wg_store_put(ctx, store, layer, append);
    wg_layer_free(layer);
    return status;
}

typedef wg_status (*district_table_fn)(wg_context *ctx, const wg_plan_city *city, const wg_district *district,
                                       wg_layer **layer);

/** Community by community, so that only one community's rows are in memory twice. */
static wg_status put_districts(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                               district_table_fn table, wg_store *store) {
    for (size_t row = 0; row < city->communities->n; row++) {
        wg_layer *layer = NULL;
        wg_status status = table(ctx, city, districts[row], &layer);
        if (status != WG_OK) {
            wg_layer_free(layer);
            return status;
        }
        status = put_and_free(ctx, store, layer, row > 0);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

wg_status wg_plan_write_cells(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                              wg_store *store) {
    wg_status status = WG_OK;
    wg_layer *layer = NULL;
    WG_TRY(put_districts(ctx, city, districts, wg_plan_table_cells, store));
    WG_TRY(wg_plan_table_communities(ctx, city, districts, &layer));
    WG_TRY(wg_store_put(ctx, store, layer, false));
    wg_layer_free(layer);
    layer = NULL;
    WG_TRY(wg_plan_table_levels(ctx, city, &layer));
    WG_TRY(wg_plan_group_levels(ctx, city, districts, layer));
    WG_TRY(wg_store_put(ctx, store, layer, false));
done:
    wg_layer_free(layer);
    return status;
}

wg_status wg_plan_write_run(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                            const char *command, wg_store *store) {
    wg_status status = WG_OK;
    wg_layer *layer = NULL;
    WG_TRY(wg_plan_table_exceptions(ctx, city, &layer));
    WG_TRY(wg_store_put(ctx, store, layer, false));
    wg_layer_free(layer);
    layer = NULL;
    for (size_t i = 0; i < sizeof city->extra / sizeof city->extra[0]; i++) {
        if (city->extra[i] != NULL) {
            WG_TRY(wg_store_put(ctx, store, city->extra[i], false));
        }
    }
    WG_TRY(wg_plan_table_run(ctx, city, districts, command, &layer));
    WG_TRY(wg_store_put(ctx, store, layer, false));
done:
    wg_layer_free(layer);
    return status;
}

static wg_status put_tables(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                            const char *command, wg_store *store) {
    wg_status status = WG_OK;
    wg_layer *layer = NULL, *shares = NULL;
    WG_TRY(wg_plan_write_cells(ctx, city, districts, store));
    WG_TRY(wg_plan_micro(ctx, city, districts, &layer));
    if (layer != NULL) {
        WG_TRY(wg_store_put(ctx, store, layer, false));
        wg_layer_free(layer);
        layer = NULL;
    }
    WG_TRY(wg_plan_table_buildings(ctx, city, districts, &layer, &shares));
    WG_TRY(wg_store_put(ctx, store, layer, false));
    WG_TRY(wg_store_put(ctx, store, shares, false));
    WG_TRY(wg_progress(ctx, 0.4, "writing"));
    WG_TRY(put_districts(ctx, city, districts, wg_plan_table_units, store));
    WG_TRY(put_districts(ctx, city, districts, wg_plan_table_edges, store));
    WG_TRY(wg_store_put(ctx, store, city->barriers, false));
    WG_TRY(wg_plan_write_run(ctx, city, districts, command, store));
done:
    wg_layer_free(layer);
    wg_layer_free(shares);
    return status;
}

wg_status wg_plan_write_begin(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                              wg_plan_writing *writing) {
    wg_status status = WG_OK;
    char *wkt = NULL;
    *writing = (wg_plan_writing){0};
    WG_TRY(wg_plan_groups(ctx, city, districts));
    WG_TRY(wg_progress(ctx, 0, "writing"));
    WG_TRY(wg_output_begin(ctx, city->options->output, WG_OUTPUT_FILE, city->options->overwrite, &writing->output));
    WG_TRY(wg_crs_wkt(ctx, city->crs, "WKT1_GDAL", &wkt));
    const wg_store_srs srs = {.name = city->crs, .wkt = wkt};
    WG_TRY(wg_store_create(ctx, wg_output_path(writing->output), &srs, &writing->store));
    WG_TRY(wg_store_begin(ctx, writing->store));
done:
    free(wkt);
    return status;
}

wg_status wg_plan_write_end(wg_context *ctx, wg_plan_city *city, wg_district *const *districts,
                            wg_plan_writing *writing, wg_result **result) {
    wg_status status = WG_OK;
    char hash[WG_STORE_HASH_BYTES] = "";
    WG_TRY(wg_plan_put_styles(ctx, writing->store, city->options->lang));
    WG_TRY(wg_store_commit(ctx, writing->store));
    WG_TRY(wg_store_hash(ctx, writing->store, hash));
    wg_store *closing = writing->store;
    writing->store = NULL;
    WG_TRY(wg_store_close(ctx, closing));
    WG_TRY(wg_plan_summary(ctx, city, districts, hash, result));
    WG_TRY(wg_progress(ctx, 1, "writing"));
    wg_output *placing = writing->output;
    writing->output = NULL;
    status = wg_output_commit(ctx, placing);
    if (status != WG_OK) {
        wg_result_free(*result);
        *result = NULL;
    }
done:
    return status;
}

void wg_plan_write_abort(wg_plan_writing *writing) {
    wg_store_free(writing->store);
    wg_output_abort(writing->output);
    *writing = (wg_plan_writing){0};
}

wg_status wg_plan_write(wg_context *ctx, wg_plan_city *city, wg_district *const *districts, const char *command,
                        wg_result **result) {
    wg_plan_writing writing = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_plan_write_begin(ctx, city, districts, &writing));
    WG_TRY(put_tables(ctx, city, districts, command, writing.store));
    WG_TRY(wg_plan_write_end(ctx, city, districts, &writing, result));
done:
    wg_plan_write_abort(&writing);
    return status;
}

wg_status wg_partition(wg_context *ctx, const wg_partition_options *options, wg_result **result) {
    wg_status status = WG_OK;
    wg_plan_city city = {0};
    wg_osm osm = {0};
    wg_osm_inputs with_osm;
    wg_atoms **atoms = NULL;
    wg_district **districts = NULL;
    bool batches = false;
    double budget = 0;
    size_t n = 0;
    wg_clear_error(ctx);
    *result = NULL;
    if (options->output == NULL) {
        return wg_fail(ctx, WG_EINVAL, "-o is missing (name the plan file, for example -o plan.sqlite)");
    }
    WG_TRY(wg_output_check(ctx, options->output, WG_OUTPUT_FILE, options->overwrite));
    if (options->osm != NULL) {
        WG_TRY(wg_osm_fill(ctx, options, &osm, &with_osm));
        options = &with_osm.options;
    }
    WG_TRY(wg_batches_needed(ctx, options, &batches, &budget));
    if (batches) {
        status = wg_plan_partition_batches(ctx, options, budget, result);
        goto done;
    }
    WG_TRY(wg_plan_read(ctx, options, &city));
    n = city.communities->n;
    WG_TRY(wg_plan_atoms(ctx, &city, false, &atoms));
    WG_TRY(wg_plan_zone(ctx, &city, atoms, NULL, &districts));
    WG_TRY(wg_plan_finish(ctx, &city, atoms, districts));
    WG_TRY(wg_plan_codes(ctx, &city, districts));
    WG_TRY(wg_plan_write(ctx, &city, districts, "partition", result));
done:
    wg_plan_districts_free(districts, n);
    wg_plan_atoms_free(atoms, n);
    wg_plan_city_release(&city);
    wg_osm_release(&osm);
    return status;
}
