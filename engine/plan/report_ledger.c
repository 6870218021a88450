/*
 * The ledger (台账): special classes of people, a row each or counted, by category or a column a class; organisations.
 * Rows are placed by their cell, by the building that they name, or by where they are.
 */
#include <math.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "plan/report_job.h"

/** Column with the number that a row stands for, or UINT32_MAX: each row is one. */
static uint32_t count_column(const wg_layer *layer) {
    static const char *const names[] = {"count", "number", "n", "数量", "个数", "人数", "数目", NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        const uint32_t column = wg_layer_column(layer, names[i]);
        if (column != UINT32_MAX && wg_layer_column_type(layer, column) != WG_TEXT) {
            return column;
        }
    }
    return UINT32_MAX;
}

/** What a row counts; `one` where the column does not say. Negative and unreadable values count nothing. */
static double count_of(const wg_layer *layer, size_t row, uint32_t column, double one) {
    if (column == UINT32_MAX || wg_layer_is_null(layer, row, column)) {
        return one;
    }
    double value;
    if (wg_layer_column_type(layer, column) == WG_TEXT) {
        char *end;
        const char *text = wg_layer_text(layer, row, column);
        value = strtod(text, &end);
        value = end == text ? 0.0 : value;
    } else {
        value = wg_layer_column_type(layer, column) == WG_INTEGER ? (double)wg_layer_integer(layer, row, column)
                                                                  : wg_layer_real(layer, row, column);
    }
    return isfinite(value) && value > 0.0 ? value : 0.0;
}

/** Whether a category is one of organisations rather than of people. */
static bool names_organisation(const char *category) {
    static const char *const words[] = {"单位",   "企业", "公司",         "商户",         "商铺",    "门店",    "机构",
                                        "学校",   "医院", "organisation", "organization", "company", "compani", "shop",
                                        "school", NULL};
    for (size_t i = 0; category != NULL && words[i] != NULL; i++) {
        if (strstr(category, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ places */

/** Places of all rows: by cell or geometry first, then by the building that a row names. */
static wg_status place_rows(wg_context *ctx, wg_report_job *job, const wg_layer *layer, const wg_fields *fields,
                            bool ids_are_buildings, uint32_t *place) {
    wg_status status = WG_OK;
    const uint32_t named = fields->column[WG_ROLE_BUILDING] != UINT32_MAX ? fields->column[WG_ROLE_BUILDING]
                           : ids_are_buildings                            ? fields->column[WG_ROLE_ID]
                                                                          : UINT32_MAX;
    WG_TRY(wg_report_find_places(ctx, job, layer, fields->column[WG_ROLE_CELL], place));
    for (size_t row = 0; row < layer->n && named != UINT32_MAX; row++) {
        char text[32];
        uint32_t building;
        const bool has_cell = fields->column[WG_ROLE_CELL] != UINT32_MAX && place[row] < job->tree.n_cells;
        WG_TRY(wg_report_building(ctx, job, wg_fields_text(layer, row, named, text), &building));
        if (building != WG_UNASSIGNED && !has_cell) { /* the plan knows better than a centroid */
            place[row] = wg_report_building_place(job, building);
        }
    }
done:
    return status;
}

static wg_status reject_rows(wg_context *ctx, wg_report_job *job, const char *role, const wg_layer *layer,
                             const wg_fields *fields, const uint32_t *place) {
    wg_status status = WG_OK;
    const uint32_t name =
        fields->column[WG_ROLE_NAME] != UINT32_MAX ? fields->column[WG_ROLE_NAME] : fields->column[WG_ROLE_ID];
    for (size_t row = 0; row < layer->n && status == WG_OK; row++) {
        char text[32];
        const char *shown = name == UINT32_MAX ? NULL : wg_fields_text(layer, row, name, text);
        if (place[row] >= job->tree.n_cells) {
            status = wg_report_reject_row(ctx, job, role, shown == NULL ? "" : shown,
                                          wg_report_say(job, "in no cell", "不在任何网格"));
        }
    }
    return status;
}

static wg_status ready_organisations(wg_context *ctx, wg_report_job *job) {
    if (job->organisations == NULL) {
        job->organisations = wg_calloc(job->tree.n_places, sizeof *job->organisations);
    }
    return job->organisations == NULL ? wg_fail_memory(ctx) : WG_OK;
}

/* ------------------------------------------------------------------ classes */

/** Add people to a class, which is made where it is new; beyond the most there are, to the last one. */
static wg_status add_people(wg_context *ctx, wg_report_job *job, const char *name, uint32_t place, double people) {
    const size_t n_places = job->tree.n_places;
    const size_t before = job->class_names.n;
    uint16_t class;
    if (job->classes_full || (before + 1 == WG_REPORT_CLASSES_MOST)) {
        bool known = false;
        for (size_t i = 0; i < before && !known; i++) {
            known = strcmp(job->class_names.word[i], name) == 0;
        }
        if (!known) {
            job->classes_full = true;
            name = wg_report_say(job, "(further classes)", "（其他类别）");
        }
    }
    wg_status status = wg_words_number(ctx, &job->class_names, name, &class);
    if (status == WG_OK && !WG_RESERVE(job->classes, job->classes_capacity, job->class_names.n * n_places)) {
        status = wg_fail_memory(ctx);
    }
    if (status == WG_OK) {
        double *own = job->classes + (size_t) class * n_places;
        if (job->class_names.n > before) {
            memset(own, 0, n_places * sizeof *own);
        }
        own[place] += people;
    }
    return status;
}

/** A row a person, or a number of them, of the class that its category names. */
static wg_status count_categories(wg_context *ctx, wg_report_job *job, const wg_layer *layer, const wg_fields *fields,
                                  const uint32_t *place) {
    wg_status status = WG_OK;
    const uint32_t count = count_column(layer);
    const uint32_t category = fields->column[WG_ROLE_CATEGORY] != UINT32_MAX ? fields->column[WG_ROLE_CATEGORY]
                                                                             : fields->column[WG_ROLE_KIND];
    for (size_t row = 0; row < layer->n; row++) {
        char text[32];
        const char *name = category == UINT32_MAX ? NULL : wg_fields_text(layer, row, category, text);
        const double people = count_of(layer, row, count, 1.0);
        if (names_organisation(name)) {
            WG_TRY(ready_organisations(ctx, job));
            job->organisations[place[row]] += people;
        } else {
            WG_TRY(add_people(ctx, job,
                              name == NULL || name[0] == '\0' ? wg_report_say(job, "(not stated)", "（未填）") : name,
                              place[row], people));
        }
    }
done:
    return status;
}

/** A column a class. */
static wg_status count_columns(wg_context *ctx, wg_report_job *job, const wg_layer *layer, const uint32_t *place) {
    const wg_report_options *options = job->options;
    for (uint32_t k = 0; k < options->n_classes; k++) {
        const uint32_t column = wg_layer_column(layer, options->classes[k]);
        if (column == UINT32_MAX) {
            return wg_fail(ctx, WG_ENOTFOUND, "%s: no field %s (--class names fields of the ledger)",
                           wg_layer_source(layer), options->classes[k]);
        }
        for (size_t row = 0; row < layer->n; row++) {
            const wg_status status =
                add_people(ctx, job, options->classes[k], place[row], count_of(layer, row, column, 0.0));
            if (status != WG_OK) {
                return status;
            }
        }
    }
    return WG_OK;
}

static wg_status count_organisations(wg_context *ctx, wg_report_job *job, const wg_layer *layer,
                                     const uint32_t *place) {
    const uint32_t count = count_column(layer);
    const wg_status status = ready_organisations(ctx, job);
    for (size_t row = 0; row < layer->n && status == WG_OK; row++) {
        job->organisations[place[row]] += count_of(layer, row, count, 1.0);
    }
    return status;
}

/* ------------------------------------------------------------------ inputs */

static wg_status read_table(wg_context *ctx, wg_report_job *job, const wg_input *input, const char *role) {
    static const wg_role roles[] = {WG_ROLE_CELL, WG_ROLE_CATEGORY, WG_ROLE_KIND,
                                    WG_ROLE_NAME, WG_ROLE_BUILDING, WG_ROLE_ID};
    const bool organisations = input == &job->options->organisations;
    const bool columns = !organisations && job->options->n_classes > 0;
    wg_status status = WG_OK;
    wg_layer *layer = NULL;
    uint32_t *place = NULL;
    wg_fields fields;
    WG_TRY(wg_read(ctx, input, role, &layer));
    if (layer->wkb_length > 0) {
        WG_TRY(wg_crs_transform(ctx, layer, wg_store_crs(job->store)));
    }
    WG_TRY(wg_fields_match(ctx, layer, role, roles, sizeof roles / sizeof *roles, job->options->fields,
                           job->options->n_fields, job->field_used, &fields));
    wg_buffer_printf(&job->understood, "%s: ", role);
    wg_fields_list(layer, &fields, &job->understood);
    wg_buffer_text(&job->understood, "\n");
    WG_TRY(wg_report_note_filled(ctx, job, role, layer));
    place = wg_malloc(layer->n, sizeof *place);
    if (place == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(place_rows(ctx, job, layer, &fields, columns, place));
    WG_TRY(organisations ? count_organisations(ctx, job, layer, place)
           : columns     ? count_columns(ctx, job, layer, place)
                         : count_categories(ctx, job, layer, &fields, place));
    WG_TRY(reject_rows(ctx, job, role, layer, &fields, place));
done:
    free(place);
    wg_layer_free(layer);
    return status;
}

wg_status wg_report_read_ledger(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    if (job->options->n_classes > 0 && !wg_input_given(&job->options->ledger)) {
        return wg_fail(ctx, WG_EINVAL, "--class names fields of a ledger: --ledger is missing");
    }
    if (wg_input_given(&job->options->ledger)) {
        WG_TRY(read_table(ctx, job, &job->options->ledger, "ledger"));
    }
    if (wg_input_given(&job->options->organisations)) {
        WG_TRY(read_table(ctx, job, &job->options->organisations, "organisations"));
    }
done:
    return status;
}
