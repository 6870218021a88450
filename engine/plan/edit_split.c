/* Dividing a cell in two with the solver: balanced, within the plan's limits where that is possible, along streets. */
#include <math.h>
#include <string.h>

#include "geo/overlay.h"
#include "model/code.h"
#include "plan/edit.h"
#include "zoning/zoning.h"

/** The piece of a cell that is divided, as a problem. */
typedef struct part {
    uint32_t n;
    uint32_t *unit;   /**< n */
    uint32_t *number; /**< a unit of the plan: number in the part, or WG_UNASSIGNED */
} part;

/** The largest piece of the cell by households, then people, then area. Other pieces stay with the cell. */
static wg_status largest_piece(wg_context *ctx, const wg_edit_job *job, uint32_t cell, part *own) {
    wg_unit_pieces found;
    wg_status status = WG_OK;
    uint32_t *members = wg_malloc(job->graph.n, sizeof *members);
    uint32_t *piece = wg_malloc(job->graph.n, sizeof *piece);
    double *weight = NULL;
    own->unit = wg_malloc(job->graph.n, sizeof *own->unit);
    own->number = wg_malloc(job->graph.n, sizeof *own->number);
    if (members == NULL || piece == NULL || own->unit == NULL || own->number == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    const uint32_t n = wg_edit_members(job, cell, members);
    WG_TRY(wg_unit_graph_pieces(ctx, &job->graph, members, n, piece, &found));
    weight = wg_calloc(found.pieces, sizeof *weight);
    if (weight == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    uint32_t best = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (piece[i] != WG_UNASSIGNED) {
            const wg_edit_figures *figures = &job->figures[members[i]];
            weight[piece[i]] += 1e6 * figures->households + figures->population + 1e-6 * figures->area_m2;
        }
    }
    for (uint32_t p = 1; p < found.pieces; p++) {
        best = weight[p] > weight[best] ? p : best;
    }
    for (uint32_t v = 0; v < job->graph.n; v++) {
        own->number[v] = WG_UNASSIGNED;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (piece[i] == best) {
            own->number[members[i]] = own->n;
            own->unit[own->n++] = members[i];
        }
    }
done:
    free(members);
    free(piece);
    free(weight);
    return status;
}

/** Area, outer line and inner point of the part's units. `shape`: 4 n numbers, one array after the other. */
static wg_status measure_part(wg_context *ctx, const wg_edit_job *job, const part *own, double *shape) {
    wg_layer *units = NULL;
    wg_overlay_cell *cells = wg_calloc(own->n, sizeof *cells);
    wg_status status = WG_OK;
    if (cells == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_layer_new(ctx, "units", NULL, &units));
    for (uint32_t i = 0; i < own->n; i++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(job->units, own->unit[i], &bytes);
        WG_TRY(wg_layer_add_row(ctx, units, wkb, bytes, NULL));
    }
    WG_TRY(wg_overlay_validate(ctx, units, cells));
    for (uint32_t i = 0; i < own->n; i++) {
        double shared = 0;
        for (uint32_t k = job->graph.first[own->unit[i]]; k < job->graph.first[own->unit[i] + 1]; k++) {
            shared += own->number[job->graph.to[k]] != WG_UNASSIGNED ? job->graph.length_m[k] : 0;
        }
        shape[i] = cells[i].area_m2;
        shape[own->n + i] = fmax(0, cells[i].perim_m - shared);
        shape[2 * (size_t)own->n + i] = isfinite(cells[i].x) ? cells[i].x : 0;
        shape[3 * (size_t)own->n + i] = isfinite(cells[i].y) ? cells[i].y : 0;
    }
done:
    wg_layer_free(units);
    free(cells);
    return status;
}

/** The plan's limits on the figures that units have, with half of the part as target; at least one attribute. */
static wg_status add_attributes(wg_context *ctx, const wg_edit_job *job, const part *own, wg_problem *problem) {
    static const char *const fields[] = {"households", "population", "registered", "floating", "area"};
    bool any = false;
    wg_status status = WG_OK;
    double *value = wg_malloc(own->n, sizeof *value);
    if (value == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
        wg_limit limit = {.field = fields[f], .min = NAN, .target = NAN, .max = NAN};
        bool limited = false;
        double sum = 0;
        for (uint32_t i = 0; i < job->n_limits; i++) {
            limited = limited || strcmp(job->limits[i].field, fields[f]) == 0;
            limit = strcmp(job->limits[i].field, fields[f]) == 0 ? job->limits[i] : limit;
        }
        for (uint32_t i = 0; i < own->n; i++) {
            value[i] = wg_edit_figure(&job->figures[own->unit[i]], fields[f]);
            sum += value[i];
        }
        /* Without limits the first figure that is known is balanced: between a third and two thirds each. */
        if (sum > 0 && (limited || !any)) {
            limit.min = limited ? limit.min : sum / 3;
            limit.max = limited ? limit.max : 2 * sum / 3;
            const double half = sum / 2;
            limit.target = half >= limit.min && half <= limit.max ? half : NAN;
            WG_TRY(wg_problem_add_attribute(ctx, problem, value, &limit, 0));
            any = true;
        }
    }
done:
    free(value);
    return status;
}

static wg_status solve_part(wg_context *ctx, const wg_edit_job *job, const part *own, const char *code,
                            wg_solution **solution) {
    wg_problem *problem = NULL;
    size_t n_edges = 0;
    wg_status status = WG_OK;
    double *shape = wg_calloc(4 * (size_t)own->n, sizeof *shape);
    wg_edge *edges = wg_malloc(job->graph.first[job->graph.n] / 2 + 1, sizeof *edges);
    if (shape == NULL || edges == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t i = 0; i < own->n; i++) {
        const uint32_t v = own->unit[i];
        for (uint32_t k = job->graph.first[v]; k < job->graph.first[v + 1]; k++) {
            const uint32_t other = own->number[job->graph.to[k]];
            if (other != WG_UNASSIGNED && other > i) {
                edges[n_edges++] = (wg_edge){.u = i,
                                             .v = other,
                                             .length = job->graph.length_m[k],
                                             .rank = job->graph.rank[k],
                                             .hard = !job->graph.links[k]};
            }
        }
    }
    WG_TRY(measure_part(ctx, job, own, shape));
    WG_TRY(wg_problem_new(ctx, own->n, edges, n_edges, &problem));
    WG_TRY(add_attributes(ctx, job, own, problem));
    WG_TRY(wg_problem_set_shape(ctx, problem, shape, shape + own->n, shape + 2 * (size_t)own->n,
                                shape + 3 * (size_t)own->n));
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.count_min = options.solve.count_max = 2;
    options.solve.stream = code;
    WG_TRY(wg_zoning_solve(ctx, problem, &options, solution));
done:
    free(shape);
    free(edges);
    wg_problem_free(problem);
    return status;
}

/* ------------------------------------------------------------------ the new cell */

/** The next code of the community: in the scheme of its own codes, behind all that were ever given out. */
static wg_status next_code(wg_context *ctx, wg_edit_job *job, const wg_edit_cell *parent, wg_buffer *code,
                           int *number) {
    const char *community = parent->community;
    const bool cjt = wg_code_sequence(WG_CODE_SUFFIX3, community, parent->code) < 0 &&
                     wg_code_sequence(WG_CODE_CJT349, community, parent->code) >= 0;
    wg_code_request request = {.scheme = cjt ? WG_CODE_CJT349 : WG_CODE_SUFFIX3, .community = community};
    char object[7] = {0};
    const char **kept = wg_calloc(job->n_cells + 1, sizeof(const char *));
    const char **retired = wg_calloc(job->n_cells + wg_layer_rows(job->retired) + 1, sizeof(const char *));
    double *zero = wg_calloc(job->n_cells + 1, sizeof *zero);
    char **codes = NULL;
    wg_status status = WG_OK;
    if (kept == NULL || retired == NULL || zero == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < job->n_cells; i++) {
        if (!job->cell[i].alive) {
            retired[request.n_retired++] = job->cell[i].code;
        } else if (strcmp(job->cell[i].community, community) == 0) {
            kept[request.n++] = job->cell[i].code;
        }
    }
    const uint32_t column = wg_layer_column(job->retired, "code");
    for (size_t row = 0; row < wg_layer_rows(job->retired); row++) {
        const char *text = wg_layer_text(job->retired, row, column);
        if (text != NULL) {
            retired[request.n_retired++] = text;
        }
    }
    if (cjt && strlen(community) == 12) {
        memcpy(object, parent->code, 6);
        request.object = object;
    }
    request.n++; /* the new one, whose entry in `kept` is NULL */
    request.x = request.y = zero;
    request.kept = kept;
    request.retired = retired;
    WG_TRY(wg_codes_assign(ctx, &request, &codes));
    wg_buffer_text(code, codes[request.n - 1]);
    *number = wg_code_sequence(request.scheme, community, codes[request.n - 1]);
    status = code->failed ? wg_fail_memory(ctx) : WG_OK;
done:
    free(codes);
    free(kept);
    free(retired);
    free(zero);
    return status;
}

/** Barrier surfaces of the cell go where most of their line is. */
static void place_surfaces(wg_edit_job *job, uint32_t cell, uint32_t fresh) {
    for (uint32_t v = 0; v < job->graph.n; v++) {
        double length[2] = {0, 0};
        if (!job->graph.surface[v] || job->label[v] != cell) {
            continue;
        }
        for (uint32_t k = job->graph.first[v]; k < job->graph.first[v + 1]; k++) {
            const uint32_t other = job->label[job->graph.to[k]];
            if (!job->graph.surface[job->graph.to[k]] && (other == cell || other == fresh)) {
                length[other == fresh] += job->graph.length_m[k];
            }
        }
        job->label[v] = length[1] > length[0] ? fresh : cell;
    }
}

static wg_status add_fresh(wg_context *ctx, wg_edit_job *job, uint32_t parent, uint32_t *fresh) {
    wg_buffer code = {0};
    char *name = NULL;
    int number = 0;
    wg_status status = WG_OK;
    WG_TRY(next_code(ctx, job, &job->cell[parent], &code, &number));
    const wg_name_parts parts = {.number = number > 0 ? (uint32_t)number : 1, .code = code.data};
    WG_TRY(wg_cell_name(ctx, NULL, job->options->lang, &parts, &name));
    const wg_edit_cell cell = {.code = code.data,
                               .name = name,
                               .community = job->cell[parent].community,
                               .group = job->cell[parent].group,
                               .kind = job->cell[parent].kind,
                               .alive = true,
                               .touched = true,
                               .successor = WG_UNASSIGNED};
    status = wg_edit_add_cell(ctx, job, &cell, fresh);
done:
    free(name);
    wg_buffer_release(&code);
    return status;
}

wg_status wg_edit_split(wg_context *ctx, wg_edit_job *job, const char *code) {
    part own = {0};
    wg_solution *solution = NULL;
    uint32_t cell, fresh;
    wg_edit_figures sum[2] = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_edit_find_cell(ctx, job, code, &cell));
    WG_TRY(largest_piece(ctx, job, cell, &own));
    if (own.n < 2) {
        status = wg_fail(ctx, WG_EINVAL, "cell %s has one unit only and cannot be divided (see the layer units)", code);
        goto done;
    }
    WG_TRY(solve_part(ctx, job, &own, code, &solution));
    const uint32_t *label = wg_solution_labels(solution);
    if (wg_solution_cells(solution) != 2) {
        status = wg_fail(ctx, WG_EINVAL, "cell %s cannot be divided in two connected parts", code);
        goto done;
    }
    for (uint32_t i = 0; i < own.n; i++) {
        sum[label[i]].households += job->figures[own.unit[i]].households;
        sum[label[i]].area_m2 += job->figures[own.unit[i]].area_m2;
    }
    /* The larger part keeps the code. */
    const bool second = sum[1].households != sum[0].households ? sum[1].households > sum[0].households
                                                               : sum[1].area_m2 > sum[0].area_m2;
    WG_TRY(add_fresh(ctx, job, cell, &fresh));
    for (uint32_t i = 0; i < own.n; i++) {
        if (label[i] != (second ? 1u : 0u)) {
            job->label[own.unit[i]] = fresh;
        }
    }
    place_surfaces(job, cell, fresh);
    job->cell[cell].touched = true;
    wg_buffer_printf(&job->said, job->zh ? "网格 %s 分出 %s\n" : "cell %s is divided: %s is new\n", code,
                     job->cell[fresh].code);
done:
    free(own.unit);
    free(own.number);
    wg_solution_free(solution);
    return status;
}
