/* wangge compare: what changed between two cell layers, or how several networks over the same land agree. */
#include "plan/compare.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/fields.h"
#include "io/output.h"
#include "io/read.h"
#include "io/write.h"
#include "model/result.h"
#include "plan/outline.h"
#include "plan/row.h"
#include "render/plan_map.h"
#include "store/store.h"

typedef struct compare_job {
    const wg_compare_options *options;
    char *crs;
    wg_compared *networks;
    uint32_t n;
    wg_compared_buildings buildings;
    bool *field_used;
} compare_job;

static void job_release(compare_job *job) {
    for (uint32_t i = 0; i < job->n && job->networks != NULL; i++) {
        wg_compared_release(&job->networks[i]);
    }
    free(job->networks);
    wg_layer_free(job->buildings.layer);
    free(job->buildings.households);
    free(job->buildings.population);
    free(job->field_used);
    free(job->crs);
}

/* ---- reading ---- */

/** A plan given by its path alone means its cells. */
static wg_status cells_source(wg_context *ctx, const wg_input *input, const char *layer, char **source) {
    *source = NULL;
    if (input->source == NULL) {
        return WG_OK;
    }
    wg_buffer text = {0};
    wg_buffer_text(&text, input->source);
    if (strchr(input->source, '|') == NULL && wg_store_is_plan(input->source)) {
        wg_buffer_printf(&text, "|layername=%s", layer);
    }
    *source = wg_buffer_steal(&text);
    return *source == NULL ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status read_network(wg_context *ctx, compare_job *job, const wg_input *input, wg_compared *of) {
    wg_status status = WG_OK;
    char *source = NULL;
    wg_input actual = *input;
    WG_TRY(cells_source(ctx, input, "cells", &source));
    actual.source = source;
    WG_TRY(wg_read(ctx, &actual, "cells", &of->layer));
    of->label = wg_strdup(wg_layer_source(of->layer));
    if (job->crs == NULL) {
        wg_crs_info info;
        const bool metric = of->layer->crs != NULL && wg_crs_describe(ctx, of->layer->crs, &info) == WG_OK &&
                            info.kind == WG_CRS_PROJECTED && info.metre == 1;
        WG_TRY(wg_crs_working(ctx, of->layer, WG_DATUM_WGS84, metric ? of->layer->crs : NULL, &job->crs));
    }
    WG_TRY(wg_crs_transform(ctx, of->layer, job->crs));
    const wg_role roles[] = {WG_ROLE_CODE, WG_ROLE_CELL, WG_ROLE_ID, WG_ROLE_NAME};
    wg_fields fields;
    WG_TRY(wg_fields_match(ctx, of->layer, "cells", roles, 4, job->options->fields, job->options->n_fields,
                           job->field_used, &fields));
    of->code = fields.column[WG_ROLE_CODE] != UINT32_MAX   ? fields.column[WG_ROLE_CODE]
               : fields.column[WG_ROLE_CELL] != UINT32_MAX ? fields.column[WG_ROLE_CELL]
                                                           : fields.column[WG_ROLE_ID];
    of->name = fields.column[WG_ROLE_NAME];
done:
    free(source);
    return status;
}

static wg_status read_figure(wg_context *ctx, const wg_layer *layer, uint32_t column, double **values) {
    if (column == UINT32_MAX) {
        *values = wg_calloc(layer->n, sizeof **values);
        return *values == NULL ? wg_fail_memory(ctx) : WG_OK;
    }
    const wg_status status = wg_fields_numbers(ctx, layer, column, true, NULL, NULL, values);
    for (size_t row = 0; row < layer->n && status == WG_OK; row++) {
        (*values)[row] = isnan((*values)[row]) ? 0 : (*values)[row];
    }
    return status;
}

/** The buildings given, else those of the first input that is a plan. */
static wg_status read_buildings(wg_context *ctx, compare_job *job) {
    wg_status status = WG_OK;
    char *source = NULL;
    wg_input input = job->options->buildings;
    if (!wg_input_given(&input)) {
        for (uint32_t i = 0; i < job->n && source == NULL; i++) {
            const char *given = job->options->cells[i].source;
            if (given != NULL && strchr(given, '|') == NULL && wg_store_is_plan(given)) {
                WG_TRY(cells_source(ctx, &job->options->cells[i], "buildings", &source));
            }
        }
        input.source = source;
    }
    if (!wg_input_given(&input)) {
        wg_log(ctx, WG_LOG_WARNING, "no buildings were given: the comparison is by area alone (give --buildings)");
        return WG_OK;
    }
    wg_compared_buildings *b = &job->buildings;
    WG_TRY(wg_read(ctx, &input, "buildings", &b->layer));
    WG_TRY(wg_crs_transform(ctx, b->layer, job->crs));
    const wg_role roles[] = {WG_ROLE_ID, WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION, WG_ROLE_REGISTERED, WG_ROLE_FLOATING};
    wg_fields fields;
    WG_TRY(wg_fields_match(ctx, b->layer, "buildings", roles, 5, job->options->fields, job->options->n_fields,
                           job->field_used, &fields));
    b->id = fields.column[WG_ROLE_ID];
    WG_TRY(read_figure(ctx, b->layer, fields.column[WG_ROLE_HOUSEHOLDS], &b->households));
    WG_TRY(read_figure(ctx, b->layer, fields.column[WG_ROLE_POPULATION], &b->population));
    b->has_households = fields.column[WG_ROLE_HOUSEHOLDS] != UINT32_MAX;
    b->has_population = fields.column[WG_ROLE_POPULATION] != UINT32_MAX;
    if (!b->has_population && fields.column[WG_ROLE_REGISTERED] != UINT32_MAX) {
        double *registered = NULL, *floating = NULL;
        status = read_figure(ctx, b->layer, fields.column[WG_ROLE_REGISTERED], &registered);
        if (status == WG_OK) {
            status = read_figure(ctx, b->layer, fields.column[WG_ROLE_FLOATING], &floating);
        }
        for (size_t row = 0; row < b->layer->n && status == WG_OK; row++) {
            b->population[row] = registered[row] + floating[row];
        }
        b->has_population = true;
        free(registered);
        free(floating);
    }
done:
    free(source);
    return status;
}

/* ---- writing ---- */

/** "crosswalk.csv", or "crosswalk_1_3.csv" between further networks. */
static void file_name(wg_buffer *path, const wg_output *output, const char *stem, uint32_t a, uint32_t b,
                      const char *extension) {
    wg_buffer_clear(path);
    if (a == 0 && b == 1) {
        wg_buffer_printf(path, "%s/%s%s", wg_output_path(output), stem, extension);
    } else {
        wg_buffer_printf(path, "%s/%s_%u_%u%s", wg_output_path(output), stem, a + 1, b + 1, extension);
    }
}

static wg_status write_table(wg_context *ctx, wg_layer *table, const char *path, wg_format format) {
    const wg_write_options options = {.format = format, .bom = true, .guard = true, .csv_geometry = WG_CSV_NONE};
    const wg_status status = wg_write(ctx, table, path, &options);
    wg_layer_free(table);
    return status;
}

static wg_status write_pair(wg_context *ctx, const compare_job *job, const wg_comparison *c, uint32_t a, uint32_t b,
                            const wg_output *output) {
    wg_status status = WG_OK;
    wg_buffer path = {0};
    wg_layer *table = NULL;
    WG_TRY(wg_comparison_ledger(ctx, c, job->options->lang, &table));
    file_name(&path, output, "ledger", a, b, ".csv");
    WG_TRY(write_table(ctx, table, path.data, WG_FORMAT_CSV));
    table = NULL;
    WG_TRY(wg_comparison_crosswalk(ctx, c, &table));
    file_name(&path, output, "crosswalk", a, b, ".csv");
    WG_TRY(write_table(ctx, table, path.data, WG_FORMAT_CSV));
    table = NULL;
    if (job->buildings.layer != NULL) {
        WG_TRY(wg_comparison_letters(ctx, c, &job->buildings, &table));
        file_name(&path, output, "letters", a, b, ".csv");
        WG_TRY(write_table(ctx, table, path.data, WG_FORMAT_CSV));
        table = NULL;
    }
    WG_TRY(wg_comparison_pieces(ctx, c, &table));
    WG_TRY(wg_crs_transform_dense(ctx, table, WG_CRS_WGS84, 0.01));
    file_name(&path, output, "changes", a, b, ".geojson");
    WG_TRY(write_table(ctx, table, path.data, WG_FORMAT_GEOJSON));
done:
    wg_buffer_release(&path);
    return status;
}

/** One map a network, cells filled by what became of them, codes as labels. */
static wg_status write_map(wg_context *ctx, const compare_job *job, const wg_compared *of, const uint8_t *change,
                           const char *title, const char *path) {
    static const wg_rgba fill[WG_N_CHANGES] = {0xF2EFE6FFu, 0xBFD7EAFFu, 0x7FB2D6FFu,
                                               0xF3C98BFFu, 0xA8D5A2FFu, 0xE39C9CFFu};
    wg_map_class classes[WG_N_CHANGES];
    wg_status status = WG_OK;
    uint32_t *class_of = wg_calloc(of->layer->n, sizeof *class_of);
    const char **label = wg_calloc(of->layer->n, sizeof *label);
    if (class_of == NULL || label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 0; i < WG_N_CHANGES; i++) {
        classes[i] = (wg_map_class){.fill = fill[i], .label = wg_change_name((wg_change)i, job->options->lang)};
    }
    for (size_t row = 0; row < of->layer->n; row++) {
        class_of[row] = change[row];
        label[row] = of->code == UINT32_MAX ? NULL : wg_layer_text(of->layer, row, of->code);
    }
    const wg_plan_layers layers = {.cells = of->layer, .buildings = job->buildings.layer};
    const wg_plan_map_options look = {.title = title,
                                      .subtitle = of->label,
                                      .fill = WG_PLAN_FILL_CLASSES,
                                      .class_of = class_of,
                                      .classes = classes,
                                      .n_classes = WG_N_CHANGES,
                                      .values_title = job->options->lang == WG_LANG_ZH ? "变动" : "Change",
                                      .cell_label = label,
                                      .lang = job->options->lang};
    WG_TRY(wg_plan_map_write_png(ctx, &layers, &look, 0, path));
done:
    free(class_of);
    free(label);
    return status;
}

static wg_status write_maps(wg_context *ctx, const compare_job *job, const wg_comparison *c, const wg_output *output) {
    wg_status status = WG_OK;
    wg_buffer path = {0};
    const bool zh = job->options->lang == WG_LANG_ZH;
    wg_buffer_printf(&path, "%s/before.png", wg_output_path(output));
    WG_TRY(write_map(ctx, job, c->a, c->change_a, zh ? "调整前" : "Before", path.data));
    wg_buffer_clear(&path);
    wg_buffer_printf(&path, "%s/after.png", wg_output_path(output));
    WG_TRY(write_map(ctx, job, c->b, c->change_b, zh ? "调整后" : "After", path.data));
done:
    wg_buffer_release(&path);
    return status;
}

/* ---- what is said ---- */

static json_t *pair_json(const wg_comparison *c, const double not_nested[2], const wg_overlay *gaps_a,
                         const wg_overlay *gaps_b, wg_lang lang, wg_buffer *text) {
    size_t counts[WG_N_CHANGES] = {0};
    wg_crosswalk agree = {0}; /* what lies in cells that are the same in both */
    for (size_t row = 0; row < c->a->layer->n; row++) {
        const bool kept = c->change_a[row] == WG_CHANGE_KEPT;
        counts[c->change_a[row]]++;
        agree.households += kept ? c->a->households[row] : 0;
        agree.area += kept ? c->a->area[row] : 0;
    }
    size_t added = 0;
    for (size_t row = 0; row < c->b->layer->n; row++) {
        added += c->partner_b[row] == WG_UNASSIGNED ? 1 : 0;
    }
    const bool zh = lang == WG_LANG_ZH;
    json_t *changes = json_object();
    wg_buffer_printf(text, zh ? "%s（%zu 个）→ %s（%zu 个）\n" : "%s (%zu cells) -> %s (%zu cells)\n", c->a->label,
                     c->a->layer->n, c->b->label, c->b->layer->n);
    for (uint32_t i = 0; i < WG_N_CHANGES; i++) {
        if (i != WG_CHANGE_NEW) {
            json_object_set_new(changes, wg_change_name((wg_change)i, WG_LANG_EN), json_integer((json_int_t)counts[i]));
            wg_buffer_printf(text, "  %s %zu", wg_change_name((wg_change)i, lang), counts[i]);
        }
    }
    json_object_set_new(changes, "added", json_integer((json_int_t)added));
    wg_buffer_printf(text, zh ? "  新编码 %zu\n" : "  new codes %zu\n", added);
    wg_buffer_printf(
        text,
        zh ? "  变动 %.10g 户（共 %.10g 户）、%.10g 人；一致网格内 %.10g 户；不嵌套户数比例 %.3f / %.3f；空白 %.1f / "
             "%.1f 平方米，重叠 %.1f / %.1f 平方米\n"
           : "  moved: %.10g of %.10g households, %.10g people; in cells that agree: %.10g households; households not "
             "nested %.3f / %.3f; gaps %.1f / %.1f m2, overlaps %.1f / %.1f m2\n",
        c->moved_households, c->households, c->moved_population, agree.households, not_nested[0], not_nested[1],
        gaps_a->gap_m2, gaps_b->gap_m2, gaps_a->overlap_m2, gaps_b->overlap_m2);
    return json_pack("{s:s, s:s, s:I, s:I, s:o, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "old",
                     c->a->label, "new", c->b->label, "cells_old", (json_int_t)c->a->layer->n, "cells_new",
                     (json_int_t)c->b->layer->n, "changes", changes, "households", c->households, "moved_households",
                     c->moved_households, "moved_population", c->moved_population, "moved_area_m2", c->moved_area,
                     "not_nested", not_nested[0], "not_nested_back", not_nested[1], "gap_m2", gaps_b->gap_m2,
                     "overlap_m2", gaps_b->overlap_m2, "gap_m2_old", gaps_a->gap_m2, "overlap_m2_old",
                     gaps_a->overlap_m2, "agree_households", agree.households, "agree_m2", agree.area);
}

/** What all pairs fill together. */
typedef struct gathered {
    json_t *pairs;
    wg_buffer text;
    wg_layer *nesting, *gaps;
    wg_overlay **overlay; /**< a network */
} gathered;

static void gathered_release(gathered *all, uint32_t n) {
    json_decref(all->pairs);
    wg_buffer_release(&all->text);
    wg_layer_free(all->nesting);
    wg_layer_free(all->gaps);
    for (uint32_t i = 0; i < n && all->overlay != NULL; i++) {
        wg_overlay_free(all->overlay[i]);
    }
    free(all->overlay);
}

static wg_status compare_pair(wg_context *ctx, const compare_job *job, uint32_t a, uint32_t b, const wg_output *output,
                              gathered *all) {
    wg_status status = WG_OK;
    wg_comparison c = {0}, reverse = {0};
    double not_nested[2];
    WG_TRY(wg_comparison_make(ctx, &job->networks[a], &job->networks[b], &job->buildings, &c));
    WG_TRY(wg_comparison_make(ctx, &job->networks[b], &job->networks[a], &job->buildings, &reverse));
    WG_TRY(wg_comparison_not_nested(ctx, &c, &not_nested[0]));
    WG_TRY(wg_comparison_not_nested(ctx, &reverse, &not_nested[1]));
    WG_TRY(wg_comparison_nesting(ctx, &c, all->nesting));
    WG_TRY(wg_comparison_nesting(ctx, &reverse, all->nesting));
    WG_TRY(write_pair(ctx, job, &c, a, b, output));
    if (a == 0 && b == 1) {
        WG_TRY(write_maps(ctx, job, &c, output));
    }
    json_array_append_new(all->pairs,
                          pair_json(&c, not_nested, all->overlay[a], all->overlay[b], job->options->lang, &all->text));
done:
    wg_comparison_release(&c);
    wg_comparison_release(&reverse);
    return status;
}

static wg_status find_gaps(wg_context *ctx, const compare_job *job, gathered *all) {
    wg_status status = WG_OK;
    all->overlay = wg_calloc(job->n, sizeof *all->overlay);
    if (all->overlay == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_gaps_new(ctx, job->crs, &all->gaps));
    for (uint32_t i = 0; i < job->n; i++) {
        WG_TRY(wg_overlay_build(ctx, job->networks[i].layer, NULL, 0.01, &all->overlay[i]));
        WG_TRY(wg_compared_gaps(ctx, &job->networks[i], all->overlay[i], all->gaps));
    }
done:
    return status;
}

/** Tables about all networks together. Takes them. */
static wg_status write_gathered(wg_context *ctx, const wg_output *output, gathered *all) {
    wg_status status = WG_OK;
    wg_buffer path = {0};
    wg_layer *table = all->nesting;
    wg_buffer_printf(&path, "%s/nesting.csv", wg_output_path(output));
    all->nesting = NULL;
    WG_TRY(write_table(ctx, table, path.data, WG_FORMAT_CSV));
    wg_buffer_clear(&path);
    wg_buffer_printf(&path, "%s/gaps.geojson", wg_output_path(output));
    WG_TRY(wg_crs_transform_dense(ctx, all->gaps, WG_CRS_WGS84, 0.01));
    table = all->gaps;
    all->gaps = NULL;
    WG_TRY(write_table(ctx, table, path.data, WG_FORMAT_GEOJSON));
done:
    wg_buffer_release(&path);
    return status;
}

static wg_status read_all(wg_context *ctx, compare_job *job) {
    wg_status status = WG_OK;
    job->networks = wg_calloc(job->options->n_cells, sizeof *job->networks);
    job->field_used = wg_calloc(job->options->n_fields, sizeof *job->field_used);
    if (job->networks == NULL || job->field_used == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < job->options->n_cells; i++) {
        job->n = i + 1;
        WG_TRY(read_network(ctx, job, &job->options->cells[i], &job->networks[i]));
    }
    WG_TRY(read_buildings(ctx, job));
    WG_TRY(wg_fields_check(ctx, job->options->fields, job->options->n_fields, job->field_used));
    for (uint32_t i = 0; i < job->n; i++) {
        WG_TRY(wg_compared_measure(ctx, &job->buildings, &job->networks[i]));
    }
done:
    return status;
}

wg_status wg_compare(wg_context *ctx, const wg_compare_options *options, wg_result **result) {
    wg_status status = WG_OK;
    compare_job job = {.options = options};
    wg_output *output = NULL;
    gathered all = {.pairs = json_array()};
    wg_clear_error(ctx);
    *result = NULL;
    if (options->n_cells < 2) {
        status = wg_fail(ctx, WG_EINVAL, "two cell layers or more are needed (wangge compare OLD NEW -o DIR)");
        goto done;
    }
    if (options->output == NULL) {
        status = wg_fail(ctx, WG_EINVAL, "-o is missing (name the directory for the tables and maps)");
        goto done;
    }
    WG_TRY(wg_output_check(ctx, options->output, WG_OUTPUT_DIRECTORY, options->overwrite));
    WG_TRY(read_all(ctx, &job));
    WG_TRY(wg_output_begin(ctx, options->output, WG_OUTPUT_DIRECTORY, options->overwrite, &output));
    WG_TRY(wg_nesting_new(ctx, &all.nesting));
    WG_TRY(find_gaps(ctx, &job, &all));
    for (uint32_t a = 0; a < job.n; a++) {
        for (uint32_t b = a + 1; b < job.n; b++) {
            WG_TRY(compare_pair(ctx, &job, a, b, output, &all));
        }
    }
    WG_TRY(write_gathered(ctx, output, &all));
    wg_buffer_printf(&all.text, options->lang == WG_LANG_ZH ? "写入 %s\n" : "written to %s\n", options->output);
    json_t *json = json_pack("{s:s, s:s, s:O}", "output", options->output, "crs", job.crs, "pairs", all.pairs);
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    json_decref(json);
    WG_TRY(wg_result_new(ctx, dumped, wg_buffer_steal(&all.text), 0, result));
    wg_output *placing = output;
    output = NULL;
    status = wg_output_commit(ctx, placing);
    if (status != WG_OK) {
        wg_result_free(*result);
        *result = NULL;
    }
done:
    wg_output_abort(output);
    gathered_release(&all, job.n);
    job_release(&job);
    return status;
}
