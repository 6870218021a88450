/* Reading for wangge check. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/fields.h"
#include "io/read.h"
#include "plan/check.h"
#include "store/store.h"

#include <jansson.h>

static bool is_plan(const wg_input *input) {
    return input->layer == NULL && input->source != NULL && strchr(input->source, '|') == NULL &&
           wg_store_is_plan(input->source);
}

const char *wg_check_text(wg_check_job *job, const wg_layer *layer, size_t row, uint32_t column) {
    char number[32];
    const char *text = column == UINT32_MAX ? NULL : wg_fields_text(layer, row, column, number);
    const char *kept = text == NULL ? "" : wg_arena_strdup(&job->text, text, strlen(text));
    return kept == NULL ? "" : kept;
}

/* ------------------------------------------------------------------ layers */

static wg_status take_layer(wg_context *ctx, wg_store *store, const char *name, wg_layer **layer) {
    if (*layer != NULL || !wg_store_has(store, name)) {
        return WG_OK;
    }
    wg_status status = wg_store_get(ctx, store, name, layer);
    if (status == WG_OK && wg_layer_rows(*layer) == 0) {
        wg_layer_free(*layer);
        *layer = NULL;
    }
    return status;
}

static void take_number(const json_t *entry, const char *key, double *value) {
    const json_t *number = json_object_get(entry, key);
    *value = json_is_number(number) ? json_number_value(number) : NAN;
}

/** Keep one limit; its values come later. */
static wg_status add_measure(wg_context *ctx, wg_check_job *job, const wg_limit *limit) {
    wg_check_measure *grown = wg_realloc(job->measures, job->n_measures + 1, sizeof *grown);
    const char *field = wg_arena_strdup(&job->text, limit->field, strlen(limit->field));
    if (grown != NULL) {
        job->measures = grown;
    }
    if (grown == NULL || field == NULL) {
        return wg_fail_memory(ctx);
    }
    job->measures[job->n_measures] = (wg_check_measure){.limit = *limit};
    job->measures[job->n_measures++].limit.field = field;
    return WG_OK;
}

/** The limits that the plan was made with: of its last run. */
static wg_status recorded_limits(wg_context *ctx, wg_check_job *job, wg_store *store) {
    wg_layer *runs = NULL;
    json_t *list = NULL;
    wg_status status = WG_OK;
    if (job->options->n_limits > 0 || job->options->count_min > 0 || job->options->count_max > 0 ||
        !wg_store_has(store, "runs")) {
        return WG_OK;
    }
    WG_TRY(wg_store_get(ctx, store, "runs", &runs));
    for (size_t row = wg_layer_rows(runs); row > 0 && list == NULL; row--) {
        const char *text = wg_layer_text(runs, row - 1, wg_layer_column(runs, "limits"));
        list = text == NULL ? NULL : json_loads(text, 0, NULL);
    }
    size_t index;
    json_t *entry;
    json_array_foreach(list, index, entry) {
        wg_limit limit = {.field = json_string_value(json_object_get(entry, "field"))};
        take_number(entry, "min", &limit.min);
        take_number(entry, "target", &limit.target);
        take_number(entry, "max", &limit.max);
        if (limit.field != NULL && strcmp(limit.field, "count") == 0) {
            job->count_min = limit.min > 0 ? (uint32_t)limit.min : 0;
            job->count_max = limit.max > 0 ? (uint32_t)limit.max : 0;
        } else if (limit.field != NULL) {
            WG_TRY(add_measure(ctx, job, &limit));
        }
    }
done:
    json_decref(list);
    wg_layer_free(runs);
    return status;
}

static wg_status read_plan(wg_context *ctx, wg_check_job *job) {
    wg_store *store = NULL;
    wg_status status = WG_OK;
    const wg_check_options *options = job->options;
    WG_TRY(wg_store_open(ctx, options->cells.source, WG_STORE_READ, &store));
    WG_TRY(wg_store_get(ctx, store, "cells", &job->cells));
    job->crs = wg_strdup(wg_store_crs(store));
    if (job->crs == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    if (!wg_input_given(&options->communities)) {
        WG_TRY(take_layer(ctx, store, "communities", &job->communities));
    }
    if (!wg_input_given(&options->buildings)) {
        WG_TRY(take_layer(ctx, store, "buildings", &job->buildings));
        job->own_buildings = job->buildings != NULL && wg_layer_column(job->buildings, "cell") != UINT32_MAX;
    }
    if (!wg_input_given(&options->barriers)) {
        WG_TRY(take_layer(ctx, store, "barriers", &job->barriers));
    }
    WG_TRY(take_layer(ctx, store, "units", &job->units));
    WG_TRY(take_layer(ctx, store, "edges", &job->edges));
    WG_TRY(take_layer(ctx, store, "shares", &job->shares));
    WG_TRY(recorded_limits(ctx, job, store));
    job->from_plan = true;
done:
    wg_store_free(store);
    return status;
}

static bool is_metric(wg_context *ctx, const char *crs) {
    wg_crs_info info;
    return crs != NULL && wg_crs_describe(ctx, crs, &info) == WG_OK && info.kind == WG_CRS_PROJECTED && info.metre == 1;
}

/** The CRS to measure in: the cells' own where it is metric, else the communities', else a UTM zone. */
static wg_status choose_crs(wg_context *ctx, wg_check_job *job) {
    const char *own = wg_layer_crs(job->cells);
    const char *theirs = job->communities != NULL ? wg_layer_crs(job->communities) : NULL;
    if (job->crs != NULL) {
        return WG_OK;
    }
    if (own == NULL) {
        return wg_fail(ctx, WG_EDATA, "%s: its CRS is not known (state it with --crs-of cells=EPSG:…)",
                       wg_layer_source(job->cells));
    }
    const char *metric = is_metric(ctx, own) ? own : is_metric(ctx, theirs) ? theirs : NULL;
    wg_clear_error(ctx);
    if (metric == NULL) {
        return wg_crs_working(ctx, job->cells, WG_DATUM_WGS84, NULL, &job->crs);
    }
    job->crs = wg_strdup(metric);
    return job->crs != NULL ? WG_OK : wg_fail_memory(ctx);
}

static wg_status to_working(wg_context *ctx, const wg_check_job *job, wg_layer *layer) {
    return layer == NULL ? WG_OK : wg_crs_transform(ctx, layer, job->crs);
}

static wg_status read_layers(wg_context *ctx, wg_check_job *job) {
    const wg_check_options *options = job->options;
    wg_status status = WG_OK;
    if (is_plan(&options->cells)) {
        WG_TRY(read_plan(ctx, job));
    } else {
        WG_TRY(wg_read(ctx, &options->cells, "cells", &job->cells));
    }
    if (wg_input_given(&options->communities)) {
        WG_TRY(wg_read(ctx, &options->communities, "communities", &job->communities));
    }
    if (wg_input_given(&options->buildings)) {
        WG_TRY(wg_read(ctx, &options->buildings, "buildings", &job->buildings));
    }
    if (wg_input_given(&options->barriers)) {
        WG_TRY(wg_read(ctx, &options->barriers, "barriers", &job->barriers));
    }
    WG_TRY(choose_crs(ctx, job));
    WG_TRY(to_working(ctx, job, job->cells));
    WG_TRY(to_working(ctx, job, job->communities));
    WG_TRY(to_working(ctx, job, job->buildings));
    WG_TRY(to_working(ctx, job, job->barriers));
done:
    return status;
}

/* ------------------------------------------------------------------ columns */

/** Columns by role; what was recognised goes into the notes. */
static wg_status match(wg_context *ctx, wg_check_job *job, const wg_layer *layer, const char *input, bool *used,
                       wg_fields *fields) {
    static const wg_role roles[] = {WG_ROLE_CODE, WG_ROLE_ID,         WG_ROLE_COMMUNITY,  WG_ROLE_KIND,
                                    WG_ROLE_CELL, WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION, WG_ROLE_REGISTERED,
                                    WG_ROLE_HARD, WG_ROLE_FLOATING};
    const wg_status status = wg_fields_match(ctx, layer, input, roles, sizeof roles / sizeof roles[0],
                                             job->options->fields, job->options->n_fields, used, fields);
    if (status == WG_OK && !job->from_plan) {
        wg_buffer_printf(&job->notes, "%s: ", input);
        wg_fields_list(layer, fields, &job->notes);
        wg_buffer_text(&job->notes, "\n");
    }
    return status;
}

static uint32_t code_column(const wg_fields *fields) {
    return fields->column[WG_ROLE_CODE] != UINT32_MAX ? fields->column[WG_ROLE_CODE] : fields->column[WG_ROLE_ID];
}

static wg_status name_cells(wg_context *ctx, wg_check_job *job, const wg_fields *fields) {
    uint32_t column = code_column(fields);
    if (column == UINT32_MAX) {
        column = fields->column[WG_ROLE_CELL];
    }
    job->n = (uint32_t)wg_layer_rows(job->cells);
    job->code = wg_calloc(job->n, sizeof(const char *));
    job->exempt = wg_calloc(job->n, sizeof *job->exempt);
    if (job->code == NULL || job->exempt == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < job->n; i++) {
        job->code[i] = wg_check_text(job, job->cells, i, column);
        const char *kind = wg_check_text(job, job->cells, i, fields->column[WG_ROLE_KIND]);
        job->exempt[i] = strcmp(kind, "dedicated") == 0;
    }
    return WG_OK;
}

/** Where each cell's community is: the one that holds most of it. */
static wg_status place_cells(wg_context *ctx, wg_check_job *job, const wg_fields *fields) {
    wg_overlay_pairs_result pairs = {0};
    double *best = wg_calloc(job->n, sizeof *best);
    wg_status status = WG_OK;
    job->community = wg_malloc(job->n, sizeof *job->community);
    if (best == NULL || job->community == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 0; i < job->n; i++) {
        job->community[i] = WG_UNASSIGNED;
    }
    if (job->communities == NULL) {
        goto done;
    }
    const size_t n = wg_layer_rows(job->communities);
    job->community_code = wg_calloc(n, sizeof(const char *));
    if (job->community_code == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        job->community_code[i] = wg_check_text(job, job->communities, i, code_column(fields));
    }
    WG_TRY(wg_overlay_pairs(ctx, job->cells, job->communities, 0, false, &pairs));
    for (size_t i = 0; i < pairs.n; i++) {
        if (pairs.pairs[i].area_m2 > best[pairs.pairs[i].a]) {
            best[pairs.pairs[i].a] = pairs.pairs[i].area_m2;
            job->community[pairs.pairs[i].a] = pairs.pairs[i].b;
        }
    }
done:
    wg_overlay_pairs_release(&pairs);
    free(best);
    return status;
}

static wg_status read_hardness(wg_context *ctx, wg_check_job *job, bool *used) {
    wg_fields fields;
    if (job->barriers == NULL) {
        return WG_OK;
    }
    const wg_status status = match(ctx, job, job->barriers, "barriers", used, &fields);
    if (status != WG_OK) {
        return status;
    }
    const size_t n = wg_layer_rows(job->barriers);
    job->hard = wg_calloc(n, sizeof *job->hard);
    if (job->hard == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        const char *text = wg_check_text(job, job->barriers, i, fields.column[WG_ROLE_HARD]);
        job->hard[i] =
            strcmp(text, "1") == 0 || strcmp(text, "true") == 0 || strcmp(text, "yes") == 0 || strcmp(text, "是") == 0;
    }
    return WG_OK;
}

/* ------------------------------------------------------------------ measures */

/** Column of a limit's field: by role for the known names, else by its own name. */
static uint32_t limit_column(const wg_layer *layer, const wg_fields *fields, const char *field) {
    wg_role role;
    const uint32_t own = wg_layer_column(layer, field);
    if (wg_role_parse(field, &role) && fields->column[role] != UINT32_MAX) {
        return fields->column[role];
    }
    return own;
}

static int compare_coded(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

typedef struct coded {
    const char *code;
    uint32_t cell;
} coded;

/** Add the value of each row to the cell whose code it names. */
static wg_status sum_by_code(wg_context *ctx, wg_check_job *job, const wg_layer *layer, const char *cell_column,
                             const double *value, double *sum) {
    const uint32_t column = wg_layer_column(layer, cell_column);
    coded *sorted = wg_malloc(job->n, sizeof *sorted);
    if (sorted == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < job->n; i++) {
        sorted[i] = (coded){.code = job->code[i], .cell = i};
    }
    qsort(sorted, job->n, sizeof *sorted, compare_coded);
    for (size_t row = 0; row < wg_layer_rows(layer); row++) {
        const char *code = column == UINT32_MAX ? NULL : wg_layer_text(layer, row, column);
        const coded *found = code == NULL ? NULL : bsearch(&code, sorted, job->n, sizeof *sorted, compare_coded);
        if (found != NULL && isfinite(value[row])) {
            sum[found->cell] += value[row];
        }
    }
    free(sorted);
    return WG_OK;
}

/** The plan's buildings: each is in the cell it names, divided ones by their shares. */
static wg_status sum_plan_buildings(wg_context *ctx, wg_check_job *job, const char *field, const double *value,
                                    double *sum) {
    wg_status status = WG_OK;
    double *rest = NULL;
    double *shared = NULL;
    const size_t n = wg_layer_rows(job->buildings);
    const uint32_t how = wg_layer_column(job->buildings, "how");
    const uint32_t column = job->shares == NULL ? UINT32_MAX : wg_layer_column(job->shares, field);
    rest = wg_malloc(n, sizeof *rest);
    if (rest == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < n; row++) {
        const char *text = how == UINT32_MAX ? NULL : wg_layer_text(job->buildings, row, how);
        const bool split = column != UINT32_MAX && text != NULL && strcmp(text, "split") == 0;
        rest[row] = split ? 0 : value[row];
    }
    WG_TRY(sum_by_code(ctx, job, job->buildings, "cell", rest, sum));
    if (column != UINT32_MAX) {
        WG_TRY(wg_fields_numbers(ctx, job->shares, column, false, NULL, NULL, &shared));
        WG_TRY(sum_by_code(ctx, job, job->shares, "cell", shared, sum));
    }
done:
    free(rest);
    free(shared);
    return status;
}

/** Sum a figure of given buildings: each counts where most of its footprint is. */
static wg_status sum_given_buildings(wg_context *ctx, wg_check_job *job, const double *value, double *sum) {
    const size_t n = wg_layer_rows(job->buildings);
    wg_overlay_cut *cuts = wg_malloc(n, sizeof *cuts);
    if (cuts == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = wg_overlay_cuts(ctx, job->buildings, job->cells, job->options->tolerance_m, cuts);
    for (size_t row = 0; status == WG_OK && row < n; row++) {
        if (cuts[row].first != WG_UNASSIGNED && isfinite(value[row])) {
            sum[cuts[row].first] += value[row];
        }
    }
    free(cuts);
    return status;
}

static wg_status fill_measure(wg_context *ctx, wg_check_job *job, const wg_fields *cell_fields,
                              const wg_fields *building_fields, wg_check_measure *measure) {
    wg_status status = WG_OK;
    double *value = NULL;
    const char *field = measure->limit.field;
    measure->value = wg_calloc(job->n, sizeof *measure->value);
    if (measure->value == NULL) {
        return wg_fail_memory(ctx);
    }
    const uint32_t in_buildings =
        job->buildings == NULL ? UINT32_MAX : limit_column(job->buildings, building_fields, field);
    const uint32_t in_cells = limit_column(job->cells, cell_fields, field);
    if (strcmp(field, "area") == 0) {
        return WG_OK; /* the overlay measures it */
    }
    if (in_buildings != UINT32_MAX) {
        WG_TRY(wg_fields_numbers(ctx, job->buildings, in_buildings, false, NULL, NULL, &value));
        status = job->own_buildings ? sum_plan_buildings(ctx, job, field, value, measure->value)
                                    : sum_given_buildings(ctx, job, value, measure->value);
    } else if (in_cells != UINT32_MAX) {
        WG_TRY(wg_fields_numbers(ctx, job->cells, in_cells, false, NULL, NULL, &value));
        free(measure->value);
        measure->value = value;
        value = NULL;
    } else if (job->options->n_limits > 0) {
        status = wg_fail(ctx, WG_ENOTFOUND,
                         "no field for %s in buildings or cells (give --buildings, or name it with --field %s=FIELD)",
                         field, field);
    } else {
        wg_buffer_printf(&job->notes,
                         job->zh ? "限值 %s 未检查：没有该字段\n" : "limit on %s not checked: no such field\n", field);
        for (uint32_t i = 0; i < job->n; i++) {
            measure->value[i] = NAN;
        }
    }
done:
    free(value);
    return status;
}

static wg_status read_measures(wg_context *ctx, wg_check_job *job, const wg_fields *cell_fields, bool *used) {
    wg_fields building_fields;
    wg_status status = WG_OK;
    const wg_check_options *options = job->options;
    if (options->count_min > 0 || options->count_max > 0) {
        job->count_min = options->count_min;
        job->count_max = options->count_max;
    }
    for (uint32_t i = 0; i < options->n_limits; i++) {
        WG_TRY(add_measure(ctx, job, &options->limits[i]));
    }
    if (job->buildings != NULL) {
        WG_TRY(match(ctx, job, job->buildings, "buildings", used, &building_fields));
    }
    for (uint32_t m = 0; m < job->n_measures; m++) {
        WG_TRY(fill_measure(ctx, job, cell_fields, &building_fields, &job->measures[m]));
    }
done:
    return status;
}

wg_status wg_check_read(wg_context *ctx, wg_check_job *job) {
    wg_fields cell_fields;
    wg_fields community_fields = {0};
    wg_status status = WG_OK;
    bool *used = wg_calloc(job->options->n_fields, sizeof *used);
    if (used == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(read_layers(ctx, job));
    WG_TRY(match(ctx, job, job->cells, "cells", used, &cell_fields));
    WG_TRY(name_cells(ctx, job, &cell_fields));
    if (job->communities != NULL) {
        WG_TRY(match(ctx, job, job->communities, "communities", used, &community_fields));
    }
    WG_TRY(place_cells(ctx, job, &community_fields));
    WG_TRY(read_hardness(ctx, job, used));
    WG_TRY(read_measures(ctx, job, &cell_fields, used));
    WG_TRY(wg_fields_check(ctx, job->options->fields, job->options->n_fields, used));
done:
    free(used);
    return status;
}
