/* Reading for partition and redraw: communities, the working CRS, the reference, and the other layers on it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/checksum.h"
#include "io/fields.h"
#include "io/read.h"
#include "io/yaml.h"
#include "plan/canonical.h"
#include "plan/city.h"

void wg_plan_city_release(wg_plan_city *city) {
    wg_plan_land_free(city->land);
    free(city->crs);
    wg_layer_free(city->communities);
    wg_reference_free(city->reference);
    wg_plan_chosen_free(city->chosen);
    wg_plan_release_buildings(city);
    wg_layer_free(city->stairs);
    free(city->unknown);
    wg_layer_free(city->barriers);
    free(city->rank);
    free(city->hard);
    wg_layer_free(city->compounds);
    free(city->compound_open);
    wg_layer_free(city->dedicated);
    wg_layer_free(city->given);
    wg_layer_free(city->bridges);
    free(city->measures);
    for (size_t i = 0; i < sizeof city->extra / sizeof city->extra[0]; i++) {
        wg_layer_free(city->extra[i]);
    }
    for (size_t r = 0; r < city->n_retired && city->retired != NULL; r++) {
        free(city->retired[r]);
    }
    free(city->retired);
    wg_exceptions_release(&city->exceptions);
    json_decref(city->inputs);
    wg_buffer_release(&city->understood);
    free(city->field_used);
    *city = (wg_plan_city){0};
}

static const char *row_text(const wg_layer *layer, uint32_t column, size_t row, char text[32]) {
    const char *found = column == UINT32_MAX ? NULL : wg_fields_text(layer, row, column, text);
    if (found == NULL) {
        (void)snprintf(text, 32, "%lld", row < layer->n ? (long long)layer->fid[row] : (long long)row);
        found = text;
    }
    return found;
}

const char *wg_plan_community_code(const wg_plan_city *city, size_t row, char text[32]) {
    return row_text(city->communities, city->columns.code, row, text);
}

const char *wg_plan_building_id(const wg_plan_city *city, size_t row, char text[32]) {
    return row_text(city->source, city->building_id, city->parent == NULL ? row : city->parent[row], text);
}

/** Whether a layer in memory was read from the OpenStreetMap extract (wg_osm_fill names it so). */
static bool is_extract(const wg_plan_city *city, const wg_layer *layer) {
    const char *osm = city->options->osm;
    char *label = osm == NULL ? NULL : wg_source_label(osm);
    const size_t length = label == NULL ? 0 : strlen(label);
    const bool found = length > 0 && strncmp(wg_layer_source(layer), label, length) == 0 &&
                       strncmp(wg_layer_source(layer) + length, ": ", 2) == 0;
    free(label);
    return found;
}

wg_status wg_plan_record_input(wg_context *ctx, wg_plan_city *city, const wg_input *input, const char *role,
                               size_t rows, const char *crs) {
    char hex[WG_CHECKSUM_BYTES] = "";
    uint64_t bytes = 0;
    const char *file = input->layer == NULL             ? input->source
                       : is_extract(city, input->layer) ? city->options->osm
                                                        : NULL;
    if (file != NULL) {
        const wg_status status = wg_checksum_source(ctx, file, hex, &bytes);
        if (status != WG_OK) {
            return status;
        }
    }
    char *source = file == NULL ? wg_strdup("memory") : wg_source_public(file);
    json_t *entry = source == NULL ? NULL
                                   : json_pack("{s:s, s:s, s:I, s:I, s:s, s:s}", "role", role, "source", source, "rows",
                                               (json_int_t)rows, "bytes", (json_int_t)bytes, "sha256", hex, "crs",
                                               crs == NULL ? "" : crs);
    free(source);
    if (entry == NULL || json_array_append_new(city->inputs, entry) != 0) {
        return wg_fail_memory(ctx);
    }
    return WG_OK;
}

wg_status wg_plan_tell_doubts(wg_context *ctx, wg_plan_city *city, const wg_crs_seen *seen, const char *source,
                              const char *crs, const char *role) {
    wg_doubt doubts[WG_DOUBTS + 1];
    uint32_t n = 0, offset = 0;
    wg_status status = wg_crs_seen_doubts(ctx, seen, crs, role, doubts, &n);
    if (status == WG_OK && n == 0 && city->communities != NULL && strcmp(role, "buildings") == 0) {
        const wg_layer *all = city->chosen != NULL ? city->chosen->communities : city->communities;
        status = wg_crs_seen_offset(ctx, seen, crs, all, role, &doubts[n], &offset);
        n += offset;
    }
    for (uint32_t i = 0; i < n && status == WG_OK; i++) {
        wg_log(ctx, WG_LOG_WARNING, "%s: %s (%s)", source, doubts[i].detail, doubts[i].advice);
        status = wg_exceptions_add(ctx, &city->exceptions, role, "", doubts[i].code, NAN, NAN, doubts[i].advice, "%s",
                                   doubts[i].detail);
    }
    return status;
}

wg_status wg_plan_read_layer(wg_context *ctx, wg_plan_city *city, const wg_input *input, const char *role,
                             wg_layer **layer) {
    wg_status status = WG_OK;
    wg_layer *read = NULL;
    char *crs = NULL;
    wg_crs_seen seen = {0};
    WG_TRY(wg_plan_read_rows(ctx, city, input, role, &read));
    crs = read->crs == NULL ? NULL : wg_strdup(read->crs);
    if (crs == NULL && read->crs != NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    wg_crs_see(&seen, read);
    WG_TRY(wg_plan_tell_doubts(ctx, city, &seen, wg_layer_source(read), crs, role));
    if (city->crs != NULL) {
        const bool buildings = strcmp(role, "buildings") == 0;
        WG_TRY(buildings ? wg_plan_transform_buildings(ctx, city, read) : wg_crs_transform(ctx, read, city->crs));
        if (buildings) {
            WG_TRY(wg_plan_keep_chosen(ctx, city, &read));
            WG_TRY(wg_plan_check_chosen(ctx, city, read->n, wg_layer_source(read)));
        }
        WG_TRY(strcmp(role, "cells") == 0 ? WG_OK
                                          : wg_plan_canonical(ctx, read, UINT32_MAX)); /* old lines stay as drawn */
    }
    WG_TRY(wg_plan_record_input(ctx, city, input, role, read->n, crs));
    *layer = read;
    read = NULL;
done:
    free(crs);
    wg_layer_free(read);
    return status;
}

static wg_status read_optional(wg_context *ctx, wg_plan_city *city, const wg_input *input, const char *role,
                               uint32_t *name, wg_layer **layer) {
    if (!wg_input_given(input)) {
        return WG_OK;
    }
    wg_status status = wg_plan_read_layer(ctx, city, input, role, layer);
    if (status == WG_OK && name != NULL) {
        const wg_role roles[] = {WG_ROLE_NAME, WG_ROLE_ID, WG_ROLE_KIND};
        wg_fields fields;
        status = wg_fields_match(ctx, *layer, role, roles, 3, city->options->fields, city->options->n_fields,
                                 city->field_used, &fields);
        if (status == WG_OK) {
            *name = fields.column[WG_ROLE_NAME] != UINT32_MAX ? fields.column[WG_ROLE_NAME] : fields.column[WG_ROLE_ID];
        }
    }
    return status;
}

static wg_status read_communities(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    const wg_partition_options *options = city->options;
    WG_TRY(wg_plan_read_layer(ctx, city, &options->communities, "communities", &city->communities));
    const wg_role roles[] = {WG_ROLE_CODE, WG_ROLE_NAME, WG_ROLE_GROUP, WG_ROLE_STREET, WG_ROLE_ID};
    wg_fields fields;
    WG_TRY(wg_fields_match(ctx, city->communities, "communities", roles, sizeof roles / sizeof roles[0],
                           options->fields, options->n_fields, city->field_used, &fields));
    wg_buffer_printf(&city->understood, "communities: %zu rows, ", city->communities->n);
    wg_fields_list(city->communities, &fields, &city->understood);
    wg_buffer_text(&city->understood, "\n");
    const uint32_t code = fields.column[WG_ROLE_CODE];
    city->columns = (wg_community_columns){.code = code != UINT32_MAX ? code : fields.column[WG_ROLE_ID],
                                           .name = fields.column[WG_ROLE_NAME],
                                           .group = fields.column[WG_ROLE_GROUP],
                                           .street = fields.column[WG_ROLE_STREET]};
    WG_TRY(wg_crs_working(ctx, city->communities, options->datum, options->crs, &city->crs));
    WG_TRY(wg_crs_transform(ctx, city->communities, city->crs));
    WG_TRY(wg_plan_canonical(ctx, city->communities, city->columns.code));
done:
    return status;
}

/** Two communities with one code would give two cells one code. */
static int compare_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static wg_status check_codes(wg_context *ctx, const wg_plan_city *city) {
    const wg_layer *layer = city->communities;
    wg_status status = WG_OK;
    char **codes = wg_calloc(layer->n, sizeof *codes);
    if (codes == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < layer->n; row++) {
        char number[32];
        const bool missing = city->columns.code != UINT32_MAX && wg_layer_is_null(layer, row, city->columns.code);
        if (missing) {
            status = wg_layer_fail(ctx, layer, row, WG_EDATA, "has no code (give every community a code)");
            goto done;
        }
        codes[row] = wg_strdup(wg_plan_community_code(city, row, number));
        if (codes[row] == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
    }
    qsort(codes, layer->n, sizeof *codes, compare_text);
    for (size_t i = 1; i < layer->n; i++) {
        if (strcmp(codes[i - 1], codes[i]) == 0) {
            status =
                wg_fail(ctx, WG_EDATA,
                        "%s: two communities have the code %s (dissolve a community's parts into one feature, or name "
                        "another field with --field communities.code=FIELD)",
                        wg_layer_source(layer), codes[i]);
            break;
        }
    }
done:
    for (size_t row = 0; row < layer->n; row++) {
        free(codes[row]);
    }
    free(codes);
    return status;
}

static wg_status read_weights(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    wg_yaml yaml = {0};
    wg_zoning_weights_init(&city->weights);
    if (city->options->weights == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_yaml_read(ctx, city->options->weights, &yaml));
    WG_TRY(wg_yaml_map(ctx, yaml.root, "weights"));
    const wg_yaml_node *map = yaml.root;
    for (size_t i = 0; i < map->n; i++) {
        double value = 0;
        WG_TRY(wg_yaml_number(ctx, map->item[i], map->key[i], &value));
        if (wg_zoning_weights_set(NULL, &city->weights, map->key[i], value) != WG_OK) {
            wg_context reason;
            wg_context_child(&reason, NULL);
            (void)wg_zoning_weights_set(&reason, &city->weights, map->key[i], value);
            status = wg_fail(ctx, WG_EDATA, "%s:%u: %s", city->options->weights, map->key_line[i],
                             wg_context_error(&reason));
            goto done;
        }
    }
done:
    wg_yaml_release(&yaml);
    return status;
}

static wg_status check_options(wg_context *ctx, const wg_partition_options *options) {
    const struct {
        const char *name;
        double value, low, high;
    } range[] = {
        {"--grid", options->grid_m, 0, 10},
        {"--snap", options->snap_m, 0, 100},
        {"--sliver", options->sliver_m2, 0, 1e6},
        {"--split-share", options->split_share, 0, 1},
        {"--bridge-gap", options->bridge_gap_m, 0, 1e5},
        {"--stability", options->stability, 0, 1},
        {"--time", options->time_s, 0, 1e9},
        {"--effort", options->effort, 0, 10},
    };
    for (size_t i = 0; i < sizeof range / sizeof range[0]; i++) {
        if (!(range[i].value >= range[i].low && range[i].value <= range[i].high)) {
            return wg_fail(ctx, WG_EINVAL, "%s %g is out of range (%g to %g)", range[i].name, range[i].value,
                           range[i].low, range[i].high);
        }
    }
    if (options->count_max != 0 && options->count_min > options->count_max) {
        return wg_fail(ctx, WG_EINVAL, "--count %u:%u has its ends the wrong way round (give MIN:MAX)",
                       options->count_min, options->count_max);
    }
    if (options->n_only_communities > 0 && options->n_cells > 0) {
        return wg_fail(ctx, WG_EINVAL, "--only-communities is for partition (redraw keeps cells with --lock, --only)");
    }
    if (!wg_input_given(&options->communities)) {
        return wg_fail(ctx, WG_EINVAL, "--communities is missing");
    }
    if (!wg_input_given(&options->buildings) && !wg_input_given(&options->units)) {
        return wg_fail(ctx, WG_EINVAL, "--buildings is missing (or give --units with the figures)");
    }
    if (options->n_limits == 0 && options->count_min == 0 && options->count_max == 0) {
        return wg_fail(
            ctx, WG_EINVAL,
            "no limit says how large a cell is (give --households MIN:MAX, --population, --area, --limit or --count)");
    }
    return WG_OK;
}

void wg_plan_tally_rows(const wg_plan_city *city, wg_tally *tally) {
    for (size_t row = 0; row < city->placement.n; row++) {
        const uint8_t placed = city->placement.placed[row];
        tally->rows++;
        tally->rows_outside += placed == WG_PLACED_NONE ? 1 : 0;
        /* The stairs of a tower follow each other and are one building. */
        if (city->parent == NULL || row == 0 || city->parent[row] != city->parent[row - 1]) {
            tally->placed += placed == WG_PLACED_INSIDE || placed == WG_PLACED_SHARE ? 1 : 0;
            tally->shared += placed == WG_PLACED_SHARE ? 1 : 0;
            tally->outside += placed == WG_PLACED_NONE ? 1 : 0;
            tally->duplicates += placed == WG_PLACED_DUPLICATE ? 1 : 0;
        }
        if (placed == WG_PLACED_NONE) {
            tally->outside_households += city->figures.households[row];
            tally->outside_population += city->figures.population[row];
        }
    }
}

wg_status wg_plan_tell_placement(wg_context *ctx, const wg_plan_city *city, const char *source) {
    const wg_tally *tally = &city->tally;
    if (tally->rows_outside == tally->rows && tally->rows > 0) {
        return wg_fail(ctx, WG_EDATA,
                       "%s: no building lies in any community of %s (compare the coordinates of both: wangge info)",
                       source, wg_layer_source(city->communities));
    }
    if (tally->rows_outside > 0) {
        wg_log(ctx, WG_LOG_WARNING, "%s: %zu of %zu buildings lie outside all communities (listed in exceptions)",
               source, tally->rows_outside, tally->rows);
    }
    return WG_OK;
}

wg_status wg_plan_read_ground(wg_context *ctx, const wg_partition_options *options, wg_plan_city *city) {
    wg_status status = WG_OK;
    *city = (wg_plan_city){.options = options,
                           .building_id = UINT32_MAX,
                           .row_id = UINT32_MAX,
                           .compound_name = UINT32_MAX,
                           .dedicated_name = UINT32_MAX,
                           .grid_m = options->grid_m > 0 ? options->grid_m : 0.001};
    WG_TRY(check_options(ctx, options));
    city->inputs = json_array();
    city->field_used = wg_calloc(options->n_fields, sizeof *city->field_used);
    if (city->inputs == NULL || city->field_used == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(read_weights(ctx, city));
    WG_TRY(wg_progress(ctx, 0, "reading"));
    WG_TRY(read_communities(ctx, city));
    WG_TRY(check_codes(ctx, city));
    WG_TRY(wg_plan_weave_communities(ctx, city));
    const wg_reference_options reference = {
        .grid_m = city->grid_m, .snap_m = options->snap_m, .repair = options->repair};
    WG_TRY(wg_reference_build(ctx, city->communities, city->columns.code, &reference, &city->exceptions,
                              &city->reference));
    WG_TRY(wg_plan_choose(ctx, city));
    WG_TRY(wg_progress(ctx, 0.2, "reading"));
    WG_TRY(read_optional(ctx, city, &options->units, "units", NULL, &city->given));
done:
    return status;
}

wg_status wg_plan_read_areas(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    const wg_partition_options *options = city->options;
    WG_TRY(read_optional(ctx, city, &options->compounds, "compounds", &city->compound_name, &city->compounds));
    WG_TRY(read_optional(ctx, city, &options->dedicated, "dedicated", &city->dedicated_name, &city->dedicated));
    WG_TRY(read_optional(ctx, city, &options->bridges, "bridges", NULL, &city->bridges));
done:
    return status;
}

wg_status wg_plan_read(wg_context *ctx, const wg_partition_options *options, wg_plan_city *city) {
    wg_status status = WG_OK;
    WG_TRY(wg_plan_read_ground(ctx, options, city));
    WG_TRY(wg_plan_read_buildings(ctx, city));
    wg_plan_tally_rows(city, &city->tally);
    WG_TRY(wg_plan_tell_placement(ctx, city, wg_layer_source(city->source)));
    WG_TRY(wg_progress(ctx, 0.7, "reading"));
    WG_TRY(wg_plan_read_barriers(ctx, city));
    WG_TRY(wg_plan_read_areas(ctx, city));
    WG_TRY(wg_fields_check(ctx, options->fields, options->n_fields, city->field_used));
    WG_TRY(wg_progress(ctx, 1, "reading"));
done:
    return status;
}
