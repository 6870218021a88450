/* Buildings: their figures, the measures that limits are about, and towers divided by their stairs. */
#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/city.h"
#include "plan/towers.h"

/** Sum of registered and floating where population is absent; an exception where all three are given and disagree. */
static wg_status reconcile_population(wg_context *ctx, wg_plan_city *city) {
    wg_figures *figures = &city->figures;
    if (!figures->has_registered && !figures->has_floating) {
        return WG_OK;
    }
    for (size_t row = 0; row < city->source->n; row++) {
        const double registered = figures->registered[row], floating = figures->floating[row];
        const double sum = (isnan(registered) ? 0 : registered) + (isnan(floating) ? 0 : floating);
        if (isnan(figures->population[row])) {
            if (!isnan(registered) || !isnan(floating)) {
                figures->population[row] = sum;
            }
            continue;
        }
        if (!isnan(registered) && !isnan(floating) && fabs(figures->population[row] - sum) > 0.5) {
            char id[32];
            const wg_status status =
                wg_exceptions_add(ctx, &city->exceptions, "buildings", wg_plan_building_id(city, row, id),
                                  "population_disagrees", NAN, NAN, "correct one of the three; population was used",
                                  "population %.10g is not registered %.10g + floating %.10g", figures->population[row],
                                  registered, floating);
            if (status != WG_OK) {
                return status;
            }
        }
    }
    figures->has_population = true;
    return WG_OK;
}

/** A field that no building has is told once. */
static wg_status tell_unknown(wg_context *ctx, wg_plan_city *city, const wg_unknown *unknown, const char *source) {
    wg_status status = WG_OK;
    if (!unknown->present || unknown->missing == 0) {
        return WG_OK;
    }
    if (unknown->missing == unknown->rows) {
        status =
            wg_exceptions_add(ctx, &city->exceptions, "buildings", "", "missing_value", NAN, NAN, "fill the field in",
                              "%s is unknown for every building and counts 0", unknown->field);
    }
    wg_log(ctx, WG_LOG_INFO, "%s: %s is unknown for %zu of %zu buildings and counts 0 there (listed in exceptions)",
           source, unknown->field, unknown->missing, unknown->rows);
    return status;
}

wg_status wg_plan_tell_unknown(wg_context *ctx, wg_plan_city *city, const char *source) {
    wg_status status = WG_OK;
    for (uint32_t i = 0; i < city->n_unknown && status == WG_OK; i++) {
        status = tell_unknown(ctx, city, &city->unknown[i], source);
    }
    return status;
}

static wg_status list_row(wg_context *ctx, wg_plan_city *city, const char *field, size_t row) {
    char id[32];
    double xy[2] = {NAN, NAN};
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(city->source, row, &bytes);
    (void)wg_wkb_centroid(wkb, bytes, xy);
    return wg_exceptions_add(ctx, &city->exceptions, "buildings", wg_plan_building_id(city, row, id), "missing_value",
                             xy[0], xy[1], "fill the field in", "%s is unknown and counts 0", field);
}

/** Unknown values count 0; each is listed, or the field once where no row has it: where rows come in batches, when
 * they come again. */
static wg_status list_missing(wg_context *ctx, wg_plan_city *city, const char *field, bool present, double *value) {
    size_t missing = 0;
    wg_status status = WG_OK;
    for (size_t row = 0; row < city->source->n; row++) {
        missing += isnan(value[row]) ? 1 : 0;
    }
    if (city->next_unknown == city->n_unknown) {
        if (!WG_RESERVE(city->unknown, city->unknown_capacity, (size_t)city->n_unknown + 1)) {
            return wg_fail_memory(ctx);
        }
        city->unknown[city->n_unknown++] = (wg_unknown){.field = field, .present = present};
    }
    wg_unknown *unknown = &city->unknown[city->next_unknown++];
    if (city->pass != WG_PASS_AGAIN) {
        unknown->missing += missing;
        unknown->rows += city->source->n;
    }
    if (city->pass == WG_PASS_WHOLE) {
        WG_TRY(tell_unknown(ctx, city, unknown, wg_layer_source(city->source)));
    }
    const bool list = present && city->pass != WG_PASS_FIRST && unknown->missing < unknown->rows;
    for (size_t row = 0; row < city->source->n && missing > 0; row++) {
        if (isnan(value[row])) {
            value[row] = 0;
            WG_TRY(list ? list_row(ctx, city, field, row) : WG_OK);
        }
    }
done:
    return status;
}

static wg_status read_figure(wg_context *ctx, wg_plan_city *city, uint32_t column, bool *has, double **value) {
    *has = column != UINT32_MAX;
    if (*has) {
        return wg_fields_numbers(ctx, city->source, column, true, &city->exceptions, NULL, value);
    }
    *value = wg_malloc(city->source->n, sizeof **value);
    if (*value == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < city->source->n; row++) {
        (*value)[row] = NAN;
    }
    return WG_OK;
}

static wg_status read_figures(wg_context *ctx, wg_plan_city *city, const wg_fields *fields) {
    wg_status status = WG_OK;
    wg_figures *f = &city->figures;
    WG_TRY(read_figure(ctx, city, fields->column[WG_ROLE_HOUSEHOLDS], &f->has_households, &f->households));
    WG_TRY(read_figure(ctx, city, fields->column[WG_ROLE_POPULATION], &f->has_population, &f->population));
    WG_TRY(read_figure(ctx, city, fields->column[WG_ROLE_REGISTERED], &f->has_registered, &f->registered));
    WG_TRY(read_figure(ctx, city, fields->column[WG_ROLE_FLOATING], &f->has_floating, &f->floating));
    WG_TRY(reconcile_population(ctx, city));
    WG_TRY(list_missing(ctx, city, "households", f->has_households, f->households));
    WG_TRY(list_missing(ctx, city, "population", f->has_population, f->population));
    WG_TRY(list_missing(ctx, city, "registered", f->has_registered, f->registered));
    WG_TRY(list_missing(ctx, city, "floating", f->has_floating, f->floating));
done:
    return status;
}

/** Where the values of a limit's field come from: the figures, the area, or any numeric field of the buildings. */
static wg_status make_measure(wg_context *ctx, wg_plan_city *city, const wg_fields *fields, const wg_limit *limit,
                              wg_measure *measure) {
    *measure = (wg_measure){.limit = *limit, .is_area = strcmp(limit->field, "area") == 0};
    if (measure->is_area) {
        return WG_OK;
    }
    const struct {
        const char *name;
        wg_role role;
        bool has;
        const double *value;
    } known[] = {
        {"households", WG_ROLE_HOUSEHOLDS, city->figures.has_households, city->figures.households},
        {"population", WG_ROLE_POPULATION, city->figures.has_population, city->figures.population},
        {"registered", WG_ROLE_REGISTERED, city->figures.has_registered, city->figures.registered},
        {"floating", WG_ROLE_FLOATING, city->figures.has_floating, city->figures.floating},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(limit->field, known[i].name) == 0) {
            measure->value = known[i].value;
            return known[i].has ? WG_OK : wg_fields_need(ctx, city->source, fields, known[i].role);
        }
    }
    const uint32_t column = wg_layer_column(city->source, limit->field);
    if (column == UINT32_MAX) {
        return wg_fail(ctx, WG_EDATA,
                       "%s: there is no field %s, which --limit %s=… is about (fields can be seen with wangge info)",
                       wg_layer_source(city->source), limit->field, limit->field);
    }
    wg_status status = wg_fields_numbers(ctx, city->source, column, true, &city->exceptions, NULL, &measure->owned);
    if (status == WG_OK) {
        status = list_missing(ctx, city, limit->field, true, measure->owned);
        measure->value = measure->owned;
    }
    return status;
}

static wg_status make_measures(wg_context *ctx, wg_plan_city *city, const wg_fields *fields) {
    const wg_partition_options *options = city->options;
    free(city->measures); /* of the rows before; what they owned went with them */
    city->n_measures = 0;
    city->measures = wg_calloc(options->n_limits, sizeof *city->measures);
    if (city->measures == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t m = 0; m < options->n_limits; m++) {
        city->n_measures = m + 1;
        const wg_status status = make_measure(ctx, city, fields, &options->limits[m], &city->measures[m]);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

/** Figures on given units: each unit is one "building", a point inside it, so that it falls into that unit alone. */
static wg_status points_of_units(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    wg_placement inside = {0};
    wg_exceptions ignored = {0}; /* units' own repairs are listed where they become atoms */
    wg_buffer wkb = {0};
    size_t *offset = wg_calloc(city->given->n + 1, sizeof *offset);
    WG_TRY(wg_layer_copy(ctx, city->given, NULL, &city->source));
    if (offset == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_buildings_place(ctx, city->reference, city->given, UINT32_MAX, &ignored, &inside));
    for (size_t row = 0; row < city->given->n; row++) {
        if (!isnan(inside.x[row])) {
            wg_wkb_put_point(&wkb, inside.x[row], inside.y[row]);
        }
        offset[row + 1] = wkb.length;
    }
    if (wkb.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    const size_t length = wkb.length;
    wg_layer_take_wkb(city->source, (uint8_t *)wg_buffer_steal(&wkb), length, offset);
    offset = NULL;
done:
    free(offset);
    wg_buffer_release(&wkb);
    wg_placement_release(&inside);
    wg_exceptions_release(&ignored);
    return status;
}

/** A building that is not a polygon or a point cannot be placed: say so before anything is computed. */
static wg_status check_geometry(wg_context *ctx, const wg_layer *layer) {
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        const uint32_t type = wg_wkb_type(wkb, bytes);
        if (type == WG_WKB_LINESTRING || type == WG_WKB_MULTILINESTRING) {
            return wg_layer_fail(ctx, layer, row, WG_EDATA,
                                 "is a line, not a footprint or a point (was the layer of roads given?)");
        }
    }
    return WG_OK;
}

void wg_plan_release_buildings(wg_plan_city *city) {
    if (city->buildings != city->source) {
        wg_layer_free(city->buildings);
    }
    wg_layer_free(city->source);
    city->source = city->buildings = NULL;
    free(city->parent);
    city->parent = NULL;
    wg_figures *figures = &city->figures;
    double **const values[] = {&figures->households, &figures->population, &figures->registered, &figures->floating};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        free(*values[i]);
        *values[i] = NULL;
    }
    for (uint32_t m = 0; m < city->n_measures && city->measures != NULL; m++) {
        free(city->measures[m].owned);
        city->measures[m].owned = NULL;
        city->measures[m].value = NULL;
    }
    wg_placement_release(&city->placement);
}

wg_status wg_plan_take_buildings(wg_context *ctx, wg_plan_city *city, size_t rows) {
    wg_status status = WG_OK;
    const wg_partition_options *options = city->options;
    city->buildings = city->source;
    city->next_unknown = 0;
    WG_TRY(check_geometry(ctx, city->source));
    const wg_role roles[] = {WG_ROLE_ID,       WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION, WG_ROLE_REGISTERED,
                             WG_ROLE_FLOATING, WG_ROLE_STAIRS,     WG_ROLE_NAME};
    wg_fields fields;
    WG_TRY(wg_fields_match(ctx, city->source, "buildings", roles, sizeof roles / sizeof roles[0], options->fields,
                           options->n_fields, city->field_used, &fields));
    if (!city->buildings_understood) {
        wg_buffer_printf(&city->understood, "buildings: %zu rows, ", rows);
        wg_fields_list(city->source, &fields, &city->understood);
        wg_buffer_text(&city->understood, "\n");
        city->buildings_understood = true;
    }
    city->building_id = fields.column[WG_ROLE_ID];
    WG_TRY(read_figures(ctx, city, &fields));
    WG_TRY(make_measures(ctx, city, &fields));
    city->row_id = city->building_id;
    WG_TRY(wg_plan_divide_towers(ctx, city, fields.column[WG_ROLE_STAIRS]));
    WG_TRY(
        wg_buildings_place(ctx, city->reference, city->buildings, city->row_id, &city->exceptions, &city->placement));
done:
    return status;
}

wg_status wg_plan_read_buildings(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    if (wg_input_given(&city->options->buildings)) {
        WG_TRY(wg_plan_read_layer(ctx, city, &city->options->buildings, "buildings", &city->source));
    } else {
        WG_TRY(points_of_units(ctx, city));
        WG_TRY(wg_plan_keep_chosen(ctx, city, &city->source));
        WG_TRY(wg_plan_check_chosen(ctx, city, city->source->n, wg_layer_source(city->source)));
    }
    status = wg_plan_take_buildings(ctx, city, city->source->n);
done:
    return status;
}
