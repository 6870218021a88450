/** From labels of contracted units to the solution: every raw unit, figures of cells, terms of the objective. */
#include <math.h>
#include <string.h>

#include "zoning/problem.h"

static const double FOUR_PI = 12.566370614359172;

/** Cells that were closed keep their units; they are numbered behind those that were searched. */
static wg_status add_closed(wg_context *ctx, const wg_problem *problem, wg_solution *s, uint32_t *origin) {
    if (problem->closed == NULL || problem->present == NULL) {
        return WG_OK;
    }
    uint32_t *number = wg_malloc(problem->n_closed, sizeof *number);
    if (number == NULL) {
        return wg_fail_memory(ctx);
    }
    memset(number, 0xff, problem->n_closed * sizeof *number);
    for (uint32_t v = 0; v < s->n; v++) {
        const uint32_t home = problem->present[v];
        if (home < problem->n_closed && problem->closed[home]) {
            if (number[home] == WG_UNASSIGNED) {
                origin[s->n_cells] = home;
                number[home] = s->n_cells++;
            }
            s->label[v] = number[home];
        }
    }
    free(number);
    return WG_OK;
}

/** Land that connects nothing goes to the cell with which it shares most line, where need be by way of other such land.
 */
static wg_status give_out_late(wg_context *ctx, const wg_problem *problem, wg_solution *s) {
    const wg_graph *graph = problem->graph;
    double *shared = wg_calloc(s->n_cells, sizeof *shared);
    if (shared == NULL) {
        return wg_fail_memory(ctx);
    }
    for (bool more = true; more;) {
        uint32_t unit = WG_UNASSIGNED, cell = 0;
        double most = -1;
        for (uint32_t v = 0; v < s->n; v++) {
            if (s->label[v] != WG_UNASSIGNED) {
                continue;
            }
            for (uint32_t h = graph->start[v]; h < graph->start[v + 1]; h++) {
                const uint32_t c = s->label[graph->to[h]];
                if (c != WG_UNASSIGNED) {
                    shared[c] += graph->length[graph->edge[h]];
                    if (shared[c] > most) {
                        most = shared[c];
                        unit = v;
                        cell = c;
                    }
                }
            }
            for (uint32_t h = graph->start[v]; h < graph->start[v + 1]; h++) {
                if (s->label[graph->to[h]] != WG_UNASSIGNED) {
                    shared[s->label[graph->to[h]]] = 0;
                }
            }
        }
        more = unit != WG_UNASSIGNED;
        if (more) {
            s->label[unit] = cell;
        }
    }
    for (uint32_t v = 0; v < s->n; v++) {
        s->label[v] = s->label[v] == WG_UNASSIGNED ? 0 : s->label[v]; /* touches nothing at all */
    }
    free(shared);
    return WG_OK;
}

/** Present cells keep their numbers where these are below the number of cells; the rest go by their lowest unit. */
static wg_status number_cells(wg_context *ctx, wg_solution *s, uint32_t *origin, uint32_t *part_of) {
    const uint32_t k = s->n_cells;
    uint32_t *number = wg_malloc(k, 4 * sizeof *number);
    if (number == NULL) {
        return wg_fail_memory(ctx);
    }
    uint32_t *taken = number + k, *origins = number + 2 * (size_t)k, *parts = number + 3 * (size_t)k, next = 0;
    memset(number, 0xff, 2 * (size_t)k * sizeof *number);
    for (uint32_t c = 0; c < k; c++) {
        if (origin[c] < k && taken[origin[c]] == WG_UNASSIGNED) {
            number[c] = origin[c];
            taken[origin[c]] = c;
        }
    }
    for (uint32_t v = 0; v < s->n; v++) {
        if (number[s->label[v]] == WG_UNASSIGNED) {
            while (taken[next] != WG_UNASSIGNED) {
                next++;
            }
            taken[next] = s->label[v];
            number[s->label[v]] = next;
        }
    }
    for (uint32_t v = 0; v < s->n; v++) {
        s->label[v] = number[s->label[v]];
    }
    for (uint32_t c = 0; c < k; c++) {
        origins[number[c]] = origin[c];
        parts[number[c]] = part_of[c];
    }
    memcpy(origin, origins, k * sizeof *origin);
    memcpy(part_of, parts, k * sizeof *part_of);
    free(number);
    return WG_OK;
}

static void measure_cells(const wg_problem *problem, wg_solution *s) {
    const wg_graph *graph = problem->graph;
    for (uint32_t v = 0; v < s->n; v++) {
        const uint32_t c = s->label[v];
        wg_zone_cell *cell = &s->cells[c];
        cell->units++;
        for (uint32_t a = 0; a < s->n_attributes; a++) {
            s->sum[(size_t)c * s->n_attributes + a] += problem->attributes[a].values[v];
        }
        if (problem->area == NULL || s->attached[v]) {
            continue;
        }
        cell->area += problem->area[v];
        cell->perimeter += problem->outer[v];
        for (uint32_t h = graph->start[v]; h < graph->start[v + 1]; h++) {
            const uint32_t w = graph->to[h];
            cell->perimeter += s->label[w] != c || s->attached[w] ? graph->length[graph->edge[h]] : 0;
        }
    }
    s->out = 0;
    s->excess = 0;
    for (uint32_t c = 0; c < s->n_cells; c++) {
        wg_zone_cell *cell = &s->cells[c];
        for (uint32_t a = 0; a < s->n_attributes; a++) {
            const wg_zi_limit limit = wg_limit_resolve(&problem->attributes[a].limit, problem->attributes[a].soft);
            const double sum = s->sum[(size_t)c * s->n_attributes + a];
            const wg_instance one = {.n_limits = 1, .limit = (wg_zi_limit *)&limit};
            cell->excess += wg_cell_excess(&one, &sum);
        }
        cell->out = cell->excess > 0;
        cell->compact = problem->area != NULL && cell->perimeter > 0
                            ? FOUR_PI * cell->area / (cell->perimeter * cell->perimeter)
                            : NAN;
        s->out += cell->out;
        s->excess += cell->excess;
    }
}

static void add_term(wg_solution *s, const char *name, double value, double weight, double score) {
    s->term[s->n_terms++] = (wg_zone_term){name, value, weight, score};
}

static void cut_terms(const wg_problem *problem, wg_objective objective, wg_solution *s) {
    const wg_graph *graph = problem->graph;
    double edges = 0, length = 0;
    for (uint32_t v = 0; v < s->n; v++) {
        for (uint32_t h = graph->start[v]; h < graph->start[v + 1]; h++) {
            if (graph->to[h] > v && s->label[v] != s->label[graph->to[h]]) {
                edges++;
                length += graph->length[graph->edge[h]];
            }
        }
    }
    const double by_edges = objective == WG_OBJECTIVE_CUT || objective == WG_OBJECTIVE_MAXP ? 1 : 0;
    const double by_length = objective == WG_OBJECTIVE_LENGTH ? 1 : 0;
    add_term(s, "cut_edges", edges, by_edges, by_edges * edges);
    add_term(s, "cut_length", length, by_length, by_length * length);
    if (objective == WG_OBJECTIVE_INERTIA) {
        add_term(s, "inertia", s->score, 1, s->score);
    }
}

/** Share of households (else area, else units) with a present cell that are in another one now. */
static double moved_share(const wg_problem *problem, const wg_solution *s) {
    double all[3] = {0}, moved[3] = {0};
    for (uint32_t v = 0; v < s->n; v++) {
        const double weight[3] = {s->n_attributes > 0 ? problem->attributes[0].values[v] : 0,
                                  problem->area != NULL ? problem->area[v] : 0, 1};
        for (int i = 0; i < 3 && problem->present[v] != WG_UNASSIGNED; i++) {
            all[i] += weight[i];
            moved[i] += s->cells[s->label[v]].origin != problem->present[v] ? weight[i] : 0;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (all[i] > 0) {
            return moved[i] / all[i];
        }
    }
    return 0;
}

/** Sums of the plan's terms over the searched cells. */
typedef struct plan_sums {
    double whole, streets, crossing, compact, spread, even;    /**< as the search minimises them, without weights */
    double cut, off_street, major, round, roundness, distance; /**< what people read */
    uint32_t cells, limits;
} plan_sums;

static void add_cell(const wg_instance *in, const wg_zi_shape *shape, const double *sum, plan_sums *t) {
    const double per_outline = shape->perimeter > 0 ? 1 / shape->perimeter : 0;
    t->cells++;
    t->streets += shape->street * per_outline;
    t->crossing += shape->major * per_outline;
    t->major += shape->major;
    t->off_street += shape->street / 2;
    if (!in->has_area) {
        t->compact += shape->perimeter * in->per_outline;
    } else if (shape->mass > 0) {
        const double round = FOUR_PI * shape->mass * per_outline * per_outline;
        const double inertia = shape->mm - (shape->mx * shape->mx + shape->my * shape->my) / shape->mass;
        const double wide = sqrt(fmax(0, FOUR_PI / 2 * inertia)) / shape->mass;
        const double over = fmax(0, 1 / sqrt(round) - 1);
        t->compact += over * over;
        t->round += round;
        t->spread += fmax(0, wide - 1);
        t->roundness += wide > 1 ? 1 / (wide * wide) : 1;
    }
    for (uint32_t a = 0; a < in->n_limits; a++) {
        if (in->limit[a].per_target > 0) {
            const double off = sum[a] * in->limit[a].per_target - 1;
            t->even += off * off;
            t->limits++;
        }
    }
}

static wg_status sum_plan(wg_context *ctx, const wg_found *found, plan_sums *t) {
    const wg_instance *base = found->prepared.base;
    wg_state state;
    const wg_status status = wg_state_init(ctx, &state, base, found->n_cells);
    if (status != WG_OK) {
        return status;
    }
    wg_state_set(&state, found->label);
    for (uint32_t c = 0; c < found->n_cells; c++) {
        add_cell(base, &state.shape[c], state.sum + (size_t)c * base->n_limits, t);
    }
    for (uint32_t h = 0; h < 2 * base->m; h++) {
        const uint32_t u = base->ends[2 * (size_t)base->edge[h]], v = base->ends[2 * (size_t)base->edge[h] + 1];
        t->cut += found->label[u] != found->label[v] ? base->line[h].length / 2 : 0;
    }
    for (size_t i = 0; i < (size_t)base->n_groups * found->n_cells; i++) {
        t->whole += state.splits[i] > 0;
    }
    t->whole -= base->n_groups; /* one cell each is what is needed */
    wg_state_release(&state);
    return WG_OK;
}

static wg_status plan_terms(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                            const wg_found *found, wg_solution *s) {
    const wg_zoning_weights *w = &found->prepared.base->weights;
    plan_sums t = {0};
    const wg_status status = sum_plan(ctx, found, &t);
    if (status != WG_OK) {
        return status;
    }
    const double cells = t.cells > 0 ? t.cells : 1;
    const bool area = problem->area != NULL;
    add_term(s, "whole", t.whole, w->whole, w->whole * t.whole);
    add_term(s, "streets", t.cut > 0 ? 1 - t.off_street / t.cut : 1, w->streets, w->streets * t.streets);
    add_term(s, "crossing", t.major, w->crossing, w->crossing * t.crossing);
    add_term(s, "compact", area ? t.round / cells : t.compact / cells, w->compact, w->compact * t.compact);
    add_term(s, "spread", area ? t.roundness / cells : 0, w->spread, area ? w->spread * t.spread : 0);
    add_term(s, "even", t.limits > 0 ? sqrt(t.even / t.limits) : 0, w->even, w->even * t.even);
    if (problem->present != NULL) {
        const double moved = moved_share(problem, s);
        add_term(s, "change", moved, w->change * options->solve.stability, moved);
    }
    return WG_OK;
}

static wg_status label_units(wg_context *ctx, const wg_problem *problem, const wg_found *found, wg_solution *s,
                             uint32_t *origin, uint32_t *part_of) {
    wg_status status = WG_OK;
    for (uint32_t v = 0; v < s->n; v++) {
        const uint32_t unit = found->prepared.unit[v];
        s->label[v] = unit == WG_UNASSIGNED ? WG_UNASSIGNED : found->label[unit];
    }
    memset(origin, 0xff, ((size_t)s->n + 1) * sizeof *origin);
    memset(part_of, 0xff, ((size_t)s->n + 1) * sizeof *part_of);
    if (found->n_cells > 0) { /* none: every unit is closed or late */
        memcpy(origin, found->origin, found->n_cells * sizeof *origin);
        memcpy(part_of, found->part_of, found->n_cells * sizeof *part_of);
    }
    s->n_cells = found->n_cells;
    WG_TRY(add_closed(ctx, problem, s, origin));
    s->n_cells = s->n_cells > 0 ? s->n_cells : 1; /* nothing but late land: one cell */
    WG_TRY(give_out_late(ctx, problem, s));
    WG_TRY(number_cells(ctx, s, origin, part_of));
done:
    return status;
}

wg_status wg_write_solution(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                            const wg_found *found, wg_solution *s) {
    wg_status status = WG_OK;
    s->n = problem->n;
    s->n_attributes = (uint32_t)problem->n_attributes;
    uint32_t *origin = wg_malloc((size_t)s->n + 1, sizeof *origin),
             *part_of = wg_malloc((size_t)s->n + 1, sizeof *part_of);
    s->label = wg_malloc(s->n, sizeof *s->label);
    s->attached = wg_malloc(s->n, sizeof *s->attached);
    if (origin == NULL || part_of == NULL || s->label == NULL || s->attached == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    memcpy(s->attached, found->prepared.attached, s->n * sizeof *s->attached);
    WG_TRY(label_units(ctx, problem, found, s, origin, part_of));
    s->cells = wg_calloc(s->n_cells, sizeof *s->cells);
    s->sum = wg_calloc((size_t)s->n_cells * s->n_attributes, sizeof *s->sum);
    if (s->cells == NULL || s->sum == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t c = 0; c < s->n_cells; c++) {
        s->cells[c].origin = origin[c];
        s->cells[c].component = part_of[c];
    }
    measure_cells(problem, s);
    s->score = options->solve.objective == WG_OBJECTIVE_MAXP ? s->n_cells : found->key.score;
    s->bound = found->bound;
    s->proven = found->all_proven;
    cut_terms(problem, options->solve.objective, s);
    if (options->solve.objective == WG_OBJECTIVE_PLAN) {
        WG_TRY(plan_terms(ctx, problem, options, found, s));
    }
done:
    free(origin);
    free(part_of);
    return status;
}
