/* wg_zone: the solver alone, on a graph from files. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/output.h"
#include "io/read.h"
#include "model/result.h"
#include "plan/zone.h"

/* ------------------------------------------------------------------ the problem */

/** First of the names that is a column, as numbers times `scale`; *values stays NULL where there is none. */
static wg_status optional_column(wg_context *ctx, const wg_zone_input *input, const char *const *names,
                                 const double *scales, double **values) {
    for (size_t i = 0; names[i] != NULL; i++) {
        if (input->units != NULL && wg_layer_column(input->units, names[i]) != UINT32_MAX) {
            const wg_status status = wg_zone_column(ctx, input, names[i], values);
            for (uint32_t v = 0; status == WG_OK && v < input->n; v++) {
                (*values)[v] *= scales[i];
            }
            return status;
        }
    }
    return WG_OK;
}

/** The outer line is what of a unit's outline no edge covers. */
static void outer_from_perimeter(const wg_zone_input *input, double *outer) {
    for (size_t e = 0; e < input->n_edges; e++) {
        outer[input->edges[e].u] -= input->edges[e].length;
        outer[input->edges[e].v] -= input->edges[e].length;
    }
    for (uint32_t v = 0; v < input->n; v++) {
        outer[v] = outer[v] > 0 ? outer[v] : 0;
    }
}

/** Area, outline and place, where the table has them: compactness and inertia need them. */
static wg_status add_shape(wg_context *ctx, const wg_zone_options *options, const wg_zone_input *input,
                           wg_problem *problem) {
    static const char *const areas[] = {"area_m2", "area_km2", "area", NULL};
    static const char *const xs[] = {"x", "x_km", "x_m", NULL}, *const ys[] = {"y", "y_km", "y_m", NULL};
    static const char *const outers[] = {"outer_m", "outer", NULL};
    static const char *const outlines[] = {"perim_m", "perim_km", "perim", "perimeter", NULL};
    static const double ones[] = {1, 1, 1, 1}, kilometres[] = {1, 1000, 1, 1}, squares[] = {1, 1e6, 1};
    wg_status status = WG_OK;
    double *area = NULL, *x = NULL, *y = NULL, *outer = NULL;
    WG_TRY(optional_column(ctx, input, xs, kilometres, &x));
    WG_TRY(optional_column(ctx, input, ys, kilometres, &y));
    if (x == NULL || y == NULL) {
        goto done;
    }
    WG_TRY(optional_column(ctx, input, areas, squares, &area));
    WG_TRY(optional_column(ctx, input, outers, ones, &outer));
    if (outer == NULL) {
        WG_TRY(optional_column(ctx, input, outlines, kilometres, &outer));
        if (outer != NULL) {
            outer_from_perimeter(input, outer);
        }
    }
    if (options->objective == WG_OBJECTIVE_PLAN && (area == NULL || outer == NULL)) {
        goto done; /* no compactness: lines alone */
    }
    if (area == NULL || outer == NULL) { /* inertia needs places only */
        double *nothing = wg_calloc(input->n, sizeof *nothing);
        status = nothing == NULL ? wg_fail_memory(ctx) : wg_problem_set_shape(ctx, problem, nothing, nothing, x, y);
        free(nothing);
    } else {
        status = wg_problem_set_shape(ctx, problem, area, outer, x, y);
    }
done:
    free(area);
    free(x);
    free(y);
    free(outer);
    return status;
}

/** Whole numbers of a column; empty means none. */
static wg_status number_column(wg_context *ctx, const wg_zone_input *input, const char *name, uint32_t **numbers) {
    const uint32_t column = input->units != NULL ? wg_layer_column(input->units, name) : UINT32_MAX;
    *numbers = NULL;
    if (column == UINT32_MAX) {
        return WG_OK;
    }
    uint32_t *made = wg_malloc(input->n, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t v = 0; v < input->n; v++) {
        double value = -1;
        const char *text = wg_layer_text(input->units, v, column);
        const bool none = wg_layer_is_null(input->units, v, column) || (text != NULL && text[0] == '\0');
        if (!none && (!wg_zone_number(input->units, v, column, &value) || value < 0 || value >= WG_UNASSIGNED ||
                      floor(value) != value)) {
            free(made);
            return wg_layer_fail(ctx, input->units, v, WG_EDATA, "%s is not a whole number of 0 or more", name);
        }
        made[v] = none ? WG_UNASSIGNED : (uint32_t)value;
    }
    *numbers = made;
    return WG_OK;
}

static wg_status add_groups(wg_context *ctx, const wg_zone_input *input, wg_problem *problem) {
    wg_status status = WG_OK;
    uint32_t *group = NULL, *apart = NULL;
    WG_TRY(number_column(ctx, input, "group", &group));
    WG_TRY(number_column(ctx, input, "apart", &apart));
    if (group != NULL) {
        WG_TRY(wg_problem_set_groups(ctx, problem, group));
    }
    if (apart != NULL) {
        WG_TRY(wg_problem_set_apart(ctx, problem, apart));
    }
done:
    free(group);
    free(apart);
    return status;
}

static wg_status add_limit(wg_context *ctx, const wg_zone_input *input, const wg_limit *limit, wg_problem *problem) {
    double *values = NULL;
    wg_status status = wg_zone_column(ctx, input, limit->field, &values);
    if (status == WG_OK) {
        status = wg_problem_add_attribute(ctx, problem, values, limit, 0);
    }
    free(values);
    return status;
}

/* ------------------------------------------------------------------ the start */

/** Present cells: their names, and the number of each unit's. */
typedef struct start_cells {
    const char **name; /**< n_cells, in the order of first appearance; in `text` */
    size_t n_cells, capacity;
    uint32_t *label; /**< n */
    wg_arena text;
} start_cells;

static void start_release(start_cells *start) {
    free((void *)start->name);
    free(start->label);
    wg_arena_release(&start->text);
}

static wg_status number_of_cell(wg_context *ctx, start_cells *start, const char *name, uint32_t *number) {
    for (size_t c = 0; c < start->n_cells; c++) {
        if (strcmp(start->name[c], name) == 0) {
            *number = (uint32_t)c;
            return WG_OK;
        }
    }
    const char *copy = wg_arena_strdup(&start->text, name, strlen(name));
    if (copy == NULL || !WG_RESERVE(start->name, start->capacity, start->n_cells + 1)) {
        return wg_fail_memory(ctx);
    }
    start->name[start->n_cells] = copy;
    *number = (uint32_t)start->n_cells++;
    return WG_OK;
}

static wg_status cell_text(wg_context *ctx, const wg_layer *table, size_t row, uint32_t column, char number[40],
                           const char **text) {
    double value = 0;
    *text = wg_layer_text(table, row, column);
    if (*text == NULL && wg_zone_number(table, row, column, &value)) {
        (void)snprintf(number, 40, "%.17g", value);
        *text = number;
    }
    return *text != NULL && (*text)[0] != '\0' ? WG_OK : wg_layer_fail(ctx, table, row, WG_EDATA, "a value is missing");
}

static wg_status read_start(wg_context *ctx, const char *path, const wg_zone_input *input, start_cells *start) {
    wg_status status = WG_OK;
    wg_layer *table = NULL;
    const wg_read_options options = {.no_geometry = true};
    WG_TRY(wg_read_source(ctx, path, "start", &options, false, &table));
    const uint32_t id = wg_layer_column(table, "id"), cell = wg_layer_column(table, "cell");
    if (id == UINT32_MAX || cell == UINT32_MAX) {
        status = wg_fail(ctx, WG_EDATA, "%s: there is no column \"%s\"", path, id == UINT32_MAX ? "id" : "cell");
        goto done;
    }
    start->label = wg_malloc(input->n, sizeof *start->label);
    if (start->label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    memset(start->label, 0xff, input->n * sizeof *start->label);
    for (size_t row = 0; row < wg_layer_rows(table); row++) {
        char id_number[40], cell_number[40];
        const char *unit_name = NULL, *cell_name = NULL;
        WG_TRY(cell_text(ctx, table, row, id, id_number, &unit_name));
        WG_TRY(cell_text(ctx, table, row, cell, cell_number, &cell_name));
        const uint32_t unit = wg_zone_find(input, unit_name);
        if (unit == WG_UNASSIGNED) {
            status = wg_layer_fail(ctx, table, row, WG_EDATA, "unit \"%s\" is not among the units", unit_name);
            goto done;
        }
        WG_TRY(number_of_cell(ctx, start, cell_name, &start->label[unit]));
    }
done:
    wg_layer_free(table);
    return status;
}

/* ------------------------------------------------------------------ the result */

/** Name of a cell: that of the cell it continues, else its number, behind the names that are numbers. */
static void put_cell(wg_buffer *out, const wg_solution *solution, const start_cells *start, uint32_t c) {
    const uint32_t origin = solution->cells[c].origin;
    if (origin < start->n_cells) {
        wg_buffer_text(out, start->name[origin]);
        return;
    }
    uint64_t next = 0;
    for (size_t i = 0; i < start->n_cells; i++) {
        char *end = NULL;
        const unsigned long long number = strtoull(start->name[i], &end, 10);
        next = *end == '\0' && number >= next ? number + 1 : next;
    }
    wg_buffer_printf(out, "%llu", (unsigned long long)(next + c));
}

/** An id as a CSV field. */
static void put_field(wg_buffer *out, const char *text) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        wg_buffer_text(out, text);
        return;
    }
    wg_buffer_text(out, "\"");
    for (; *text != '\0'; text++) {
        wg_buffer_append(out, text, 1);
        if (*text == '"') {
            wg_buffer_text(out, "\"");
        }
    }
    wg_buffer_text(out, "\"");
}

static wg_status write_labels(wg_context *ctx, const wg_zone_options *options, const wg_zone_input *input,
                              const start_cells *start, const wg_solution *solution) {
    wg_status status = WG_OK;
    wg_output *output = NULL;
    FILE *file = NULL;
    wg_buffer text = {0}, name = {0};
    wg_buffer_text(&text, "id,cell\n");
    for (uint32_t v = 0; v < input->n; v++) {
        put_field(&text, input->id[v]);
        wg_buffer_text(&text, ",");
        wg_buffer_clear(&name);
        put_cell(&name, solution, start, solution->label[v]);
        put_field(&text, name.data != NULL ? name.data : "");
        wg_buffer_text(&text, "\n");
    }
    if (text.failed || name.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_output_begin(ctx, options->output, WG_OUTPUT_FILE, options->overwrite, &output));
    file = fopen(wg_output_path(output), "wb");
    const bool opened = file != NULL;
    const bool written = opened && fwrite(text.data, text.length, 1, file) == 1;
    if (!opened || fclose(file) != 0 || !written) {
        status = wg_fail(ctx, WG_EIO, "%s: writing failed", options->output);
        goto done;
    }
    wg_output *finished = output;
    output = NULL;
    WG_TRY(wg_output_commit(ctx, finished));
done:
    wg_output_abort(output);
    wg_buffer_release(&text);
    wg_buffer_release(&name);
    return status;
}

static void put_summary(wg_buffer *out, const wg_solution *s, wg_lang lang) {
    const bool zh = lang == WG_LANG_ZH;
    wg_buffer_printf(out, zh ? "单元 %u，网格 %u，超限 %u\n" : "units %u, cells %u, out of limits %u\n", s->n,
                     s->n_cells, s->out);
    wg_buffer_printf(out, zh ? "得分 %.10g%s\n" : "score %.10g%s\n", s->score,
                     !s->proven ? ""
                     : zh       ? "（已证明最优）"
                                : " (proven optimal)");
    for (uint32_t i = 0; i < s->n_terms; i++) {
        wg_buffer_printf(out, "  %s %.10g\n", s->term[i].name, s->term[i].value);
    }
}

static wg_status make_result(wg_context *ctx, const wg_zone_options *options, const wg_zone_input *input,
                             const wg_solution *solution, wg_result **result) {
    wg_status status = WG_OK;
    wg_buffer text = {0};
    put_summary(&text, solution, options->lang);
    for (size_t i = 0; i < solution->n_certificates; i++) {
        const wg_certificate *c = &solution->certificates[i];
        const char *field = c->attribute < options->n_limits ? options->limits[c->attribute].field : "";
        const char *other = c->other < options->n_limits ? options->limits[c->other].field : "";
        const char *unit = c->unit < input->n ? input->id[c->unit] : NULL;
        wg_certificate_sentence(c, unit, field, other, options->lang, &text);
        wg_buffer_text(&text, "\n");
    }
    for (uint32_t c = 0; c < solution->n_cells; c++) {
        const wg_reason *reason = &solution->cells[c].reason;
        if (solution->cells[c].out) {
            const char *field = reason->attribute < options->n_limits ? options->limits[reason->attribute].field : "";
            const char *other = reason->other < options->n_limits ? options->limits[reason->other].field : "";
            wg_buffer_printf(&text, options->lang == WG_LANG_ZH ? "网格%u：" : "cell %u: ", c);
            wg_reason_sentence(reason, field, other, options->lang, &text);
            wg_buffer_text(&text, "\n");
        }
    }
    char *json = wg_strdup(solution->json), *lines = wg_buffer_steal(&text);
    if (json == NULL || lines == NULL) {
        free(json);
        free(lines);
        status = wg_fail_memory(ctx);
    } else {
        status = wg_result_new(ctx, json, lines, solution->out, result);
    }
    wg_buffer_release(&text);
    return status;
}

/* ------------------------------------------------------------------ the job */

static wg_status make_problem(wg_context *ctx, const wg_zone_options *options, const wg_zone_input *input,
                              const start_cells *start, wg_problem **problem) {
    wg_status status = WG_OK;
    WG_TRY(wg_problem_new(ctx, input->n, input->edges, input->n_edges, problem));
    for (uint32_t i = 0; i < options->n_limits; i++) {
        WG_TRY(add_limit(ctx, input, &options->limits[i], *problem));
    }
    for (uint32_t i = 0; i < options->n_floors; i++) {
        const wg_limit floor_limit = {options->floors[i].field, options->floors[i].min, NAN, NAN};
        WG_TRY(add_limit(ctx, input, &floor_limit, *problem));
    }
    WG_TRY(add_shape(ctx, options, input, *problem));
    WG_TRY(add_groups(ctx, input, *problem));
    if (start->label != NULL) {
        WG_TRY(wg_problem_set_present(ctx, *problem, start->label, NULL));
    }
done:
    return status;
}

static wg_status solve(wg_context *ctx, const wg_zone_options *options, const wg_zone_input *input,
                       const wg_problem *problem, const char *trace, wg_solution **solution) {
    wg_zoning_weights weights;
    wg_zoning_options inner = WG_ZONING_OPTIONS_INIT;
    inner.solve = (wg_solve_options){.objective = options->objective,
                                     .count_min = options->count_min,
                                     .count_max = options->count_max,
                                     .seed = options->seed,
                                     .effort = options->effort,
                                     .time_s = options->time_s,
                                     .trace = trace};
    inner.exclaves = options->objective == WG_OBJECTIVE_PLAN ? WG_EXCLAVES_ATTACH : WG_EXCLAVES_SEPARATE;
    inner.weights = &weights;
    inner.unit_name = input->id;
    const wg_status status = wg_zone_weights(ctx, options->weights, &weights);
    return status != WG_OK ? status : wg_zoning_solve(ctx, problem, &inner, solution);
}

static wg_status check_outputs(wg_context *ctx, const wg_zone_options *options) {
    wg_status status = WG_OK;
    if (options->units == NULL || options->output == NULL) {
        return wg_fail(ctx, WG_EINVAL, "units and an output are needed");
    }
    WG_TRY(wg_output_check(ctx, options->output, WG_OUTPUT_FILE, options->overwrite));
    if (options->trace != NULL) {
        WG_TRY(wg_output_check(ctx, options->trace, WG_OUTPUT_FILE, options->overwrite));
    }
done:
    return status;
}

wg_status wg_zone(wg_context *ctx, const wg_zone_options *options, wg_result **result) {
    wg_clear_error(ctx);
    wg_status status = WG_OK;
    wg_zone_input input = {0};
    start_cells start = {0};
    wg_problem *problem = NULL;
    wg_solution *solution = NULL;
    wg_output *trace = NULL;
    *result = NULL;
    WG_TRY(check_outputs(ctx, options));
    WG_TRY(wg_zone_input_read(ctx, options, &input));
    if (options->start != NULL) {
        WG_TRY(read_start(ctx, options->start, &input, &start));
    }
    WG_TRY(make_problem(ctx, options, &input, &start, &problem));
    if (options->trace != NULL) {
        WG_TRY(wg_output_begin(ctx, options->trace, WG_OUTPUT_FILE, options->overwrite, &trace));
    }
    WG_TRY(solve(ctx, options, &input, problem, trace != NULL ? wg_output_path(trace) : NULL, &solution));
    WG_TRY(write_labels(ctx, options, &input, &start, solution));
    if (trace != NULL) {
        wg_output *finished = trace;
        trace = NULL;
        WG_TRY(wg_output_commit(ctx, finished));
    }
    WG_TRY(make_result(ctx, options, &input, solution, result));
done:
    wg_output_abort(trace);
    wg_solution_free(solution);
    wg_problem_free(problem);
    start_release(&start);
    wg_zone_input_release(&input);
    return status;
}
