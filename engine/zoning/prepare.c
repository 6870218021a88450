/** From a problem to instances: what takes part, what holds together, what is attached where. */
#include <math.h>
#include <string.h>

#include "zoning/prepare.h"

uint32_t wg_find_root(uint32_t *find, uint32_t v) {
    while (find[v] != v) {
        find[v] = find[find[v]];
        v = find[v];
    }
    return v;
}

void wg_find_unite(uint32_t *find, uint32_t a, uint32_t b) {
    a = wg_find_root(find, a);
    b = wg_find_root(find, b);
    find[a > b ? a : b] = a > b ? b : a; /* the lower number stays: the order of units decides, not that of calls */
}

bool wg_unit_role_is(const wg_problem *problem, uint32_t v, wg_unit_role role) {
    return problem->role != NULL && problem->role[v] == role;
}

static bool is_closed(const wg_problem *problem, uint32_t v) {
    return problem->closed != NULL && problem->present != NULL && problem->present[v] < problem->n_closed &&
           problem->closed[problem->present[v]];
}

static wg_status choose_active(wg_preparing *p) {
    const wg_problem *problem = p->problem;
    p->raw = wg_malloc(problem->n, sizeof *p->raw);
    p->active = wg_malloc(problem->n, sizeof *p->active);
    p->weak = wg_calloc(problem->graph->m, sizeof *p->weak);
    if (p->raw == NULL || p->active == NULL || p->weak == NULL) {
        return wg_fail_memory(p->ctx);
    }
    for (uint32_t v = 0; v < problem->n; v++) {
        const bool out = wg_unit_role_is(problem, v, WG_UNIT_LATE) || is_closed(problem, v);
        p->active[v] = out ? WG_UNASSIGNED : p->n;
        if (!out) {
            p->raw[p->n++] = v;
        }
    }
    p->find = wg_malloc(p->n, sizeof *p->find);
    p->component = wg_malloc(p->n, sizeof *p->component);
    return p->find == NULL || p->component == NULL ? wg_fail_memory(p->ctx) : WG_OK;
}

/** Components of the active units over all connecting edges, in the order of their lowest unit. */
static wg_status find_components(wg_preparing *p) {
    const wg_graph *graph = p->problem->graph;
    for (uint32_t i = 0; i < p->n; i++) {
        p->find[i] = i;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t v = p->raw[i];
        for (uint32_t h = graph->start[v]; h < graph->link_end[v]; h++) {
            if (p->active[graph->to[h]] != WG_UNASSIGNED) {
                wg_find_unite(p->find, i, p->active[graph->to[h]]);
            }
        }
    }
    p->n_components = 0;
    for (uint32_t i = 0; i < p->n; i++) { /* roots are the lowest of their component */
        const uint32_t root = wg_find_root(p->find, i);
        p->component[i] = root == i ? p->n_components++ : p->component[root];
    }
    return WG_OK;
}

/* ------------------------------------------------------------------ edges too short to hold a cell together */

typedef struct ranked_edge {
    double length;
    uint32_t edge, u, v;
} ranked_edge;

static int longer_first(const void *a, const void *b) {
    const ranked_edge *x = a, *y = b;
    if (x->length > y->length || x->length < y->length) {
        return x->length > y->length ? -1 : 1;
    }
    return x->edge < y->edge ? -1 : x->edge > y->edge;
}

/**
 * Mark edges shorter than neck_m, and those of narrow units, as weak; where the strong ones alone do not connect a
 * component, the longest weak ones that do are kept (a maximum spanning forest).
 */
static wg_status mark_weak(wg_preparing *p) {
    const wg_graph *graph = p->problem->graph;
    const double neck = p->weights->neck_m;
    size_t count = 0;
    if (p->options->solve.objective != WG_OBJECTIVE_PLAN || p->problem->area == NULL || !(neck > 0)) {
        return WG_OK;
    }
    ranked_edge *weak = wg_malloc(graph->m, sizeof *weak);
    if (weak == NULL) {
        return wg_fail_memory(p->ctx);
    }
    for (uint32_t i = 0; i < p->n; i++) {
        p->find[i] = i;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t v = p->raw[i];
        for (uint32_t h = graph->start[v]; h < graph->link_end[v]; h++) {
            const uint32_t w = graph->to[h], j = p->active[w];
            if (j == WG_UNASSIGNED || j < i) {
                continue;
            }
            const bool narrow =
                wg_unit_role_is(p->problem, v, WG_UNIT_NARROW) || wg_unit_role_is(p->problem, w, WG_UNIT_NARROW);
            const bool together = p->options->solve.stability > 0 && p->problem->present != NULL &&
                                  p->problem->present[v] == p->problem->present[w]; /* today's cells stay connected */
            if (!together && (narrow || graph->length[graph->edge[h]] < neck)) {
                p->weak[graph->edge[h]] = 1;
                weak[count++] = (ranked_edge){graph->length[graph->edge[h]], graph->edge[h], i, j};
            } else {
                wg_find_unite(p->find, i, j);
            }
        }
    }
    qsort(weak, count, sizeof *weak, longer_first);
    for (size_t e = 0; e < count; e++) {
        if (wg_find_root(p->find, weak[e].u) != wg_find_root(p->find, weak[e].v)) {
            wg_find_unite(p->find, weak[e].u, weak[e].v);
            p->weak[weak[e].edge] = 0;
        }
    }
    free(weak);
    return WG_OK;
}

/* ------------------------------------------------------------------ the raw instance */

static wg_zi_line line_of(const wg_preparing *p, uint32_t edge) {
    const wg_graph *graph = p->problem->graph;
    const double length = graph->length[edge];
    const uint8_t rank = graph->rank[edge];
    return (wg_zi_line){
        .length = length,
        .street = length * (p->problem->line_cost != NULL ? p->problem->line_cost[edge] : p->weights->rank_cost[rank]),
        .major = rank > 0 && rank <= p->weights->major_rank ? length : 0};
}

static void fill_edges(const wg_preparing *p, wg_instance *in) {
    const wg_graph *graph = p->problem->graph;
    uint32_t half = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t v = p->raw[i];
        in->link_end[i] = half;
        for (int run = 0; run < 2; run++) { /* connecting half-edges first */
            for (uint32_t h = graph->start[v]; h < graph->start[v + 1]; h++) {
                const uint32_t e = graph->edge[h];
                const bool link = h < graph->link_end[v] && !p->weak[e];
                if (p->active[graph->to[h]] == WG_UNASSIGNED || link != (run == 0)) {
                    continue;
                }
                in->to[half] = p->active[graph->to[h]];
                in->edge[half] = e;
                if (in->cost != NULL) {
                    in->cost[half] = in->objective == WG_OBJECTIVE_LENGTH ? graph->length[e] : 1;
                }
                if (in->line != NULL) {
                    in->line[half] = line_of(p, e);
                }
                half++;
            }
            in->link_end[i] = run == 0 ? half : in->link_end[i];
        }
        in->start[i + 1] = half;
    }
}

static void fill_shapes(const wg_preparing *p, wg_instance *in) {
    const wg_problem *problem = p->problem;
    const bool by_area = in->objective == WG_OBJECTIVE_PLAN;
    double cx = 0, cy = 0;
    for (uint32_t i = 0; i < p->n && problem->x != NULL; i++) { /* about the middle: second moments keep their digits */
        cx += problem->x[p->raw[i]] / p->n;
        cy += problem->y[p->raw[i]] / p->n;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t v = p->raw[i];
        wg_zi_shape *s = &in->shape[i];
        if (problem->x != NULL) {
            const double x = problem->x[v] - cx, y = problem->y[v] - cy, area = problem->area[v];
            s->mass = by_area ? area : in->n_limits > 0 ? in->value[(size_t)i * in->n_limits] : 1;
            s->mx = s->mass * x;
            s->my = s->mass * y;
            s->mm = s->mass * (x * x + y * y) + (by_area ? area * area / 6 : 0); /* its own: a square's */
            s->perimeter = by_area ? problem->outer[v] : 0;
        }
        for (uint32_t h = problem->graph->start[v]; by_area && h < problem->graph->start[v + 1]; h++) {
            const wg_zi_line line = line_of(p, problem->graph->edge[h]);
            s->perimeter += line.length;
            if (p->active[problem->graph->to[h]] != WG_UNASSIGNED) {
                s->street += line.street;
            }
        }
    }
}

double wg_zoning_price_of_change(double stability) {
    const double most = 1e4;
    return stability >= 1 ? most : fmin(most, pow(stability / (1 - stability), 3));
}

/** Score of leaving the present cell: the unit's share of all households (else area, else units). */
static void fill_stay(const wg_preparing *p, wg_instance *in) {
    const wg_problem *problem = p->problem;
    const double weight = p->weights->change * wg_zoning_price_of_change(p->options->solve.stability);
    double total = 0;
    for (int pass = 0; pass < 3 && !(total > 0); pass++) {
        for (uint32_t i = 0; i < p->n; i++) {
            in->stay[i] = pass == 0   ? (in->n_limits > 0 ? in->value[(size_t)i * in->n_limits] : 0)
                          : pass == 1 ? (problem->area != NULL ? problem->area[p->raw[i]] : 0)
                                      : 1;
            total += in->stay[i];
        }
    }
    uint32_t cells = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        in->home[i] = problem->present[p->raw[i]];
        cells = in->home[i] != WG_UNASSIGNED && in->home[i] >= cells ? in->home[i] + 1 : cells;
    }
    for (uint32_t i = 0; i < p->n; i++) { /* a little a unit, so that land without households stays where it is too */
        in->stay[i] = in->home[i] == WG_UNASSIGNED ? 0 : weight * cells * (in->stay[i] / total + 0.01 / p->n);
    }
}

static wg_status make_raw_instance(wg_preparing *p) {
    const wg_problem *problem = p->problem;
    const wg_objective objective = p->options->solve.objective;
    wg_status status = WG_OK;
    double mark; /* "this array exists" in the model */
    uint32_t mark32;
    uint8_t mark8;
    wg_zi_line mark_line;
    wg_zi_shape mark_shape;
    wg_instance like = {.n_limits = (uint32_t)problem->n_attributes, .objective = objective, .weights = *p->weights};
    const bool plan = objective == WG_OBJECTIVE_PLAN;
    like.has_area = plan && problem->area != NULL;
    like.cost = plan || objective == WG_OBJECTIVE_INERTIA ? NULL : &mark;
    like.line = plan || objective == WG_OBJECTIVE_INERTIA ? &mark_line : NULL;
    like.shape = like.line != NULL ? &mark_shape : NULL;
    if (problem->present != NULL && objective != WG_OBJECTIVE_MAXP) {
        like.home = &mark32;
        like.stay = &mark;
    }
    like.locked = like.home != NULL && problem->locked != NULL ? &mark8 : NULL;
    like.group = problem->group != NULL ? &mark32 : NULL;
    like.apart = problem->apart != NULL ? &mark32 : NULL;
    like.limit = wg_calloc(like.n_limits, sizeof *like.limit);
    if (like.limit == NULL) {
        return wg_fail_memory(p->ctx);
    }
    for (uint32_t a = 0; a < like.n_limits; a++) {
        like.limit[a] = wg_limit_resolve(&problem->attributes[a].limit, problem->attributes[a].soft);
    }
    WG_TRY(wg_instance_alloc(p->ctx, &like, p->n, problem->graph->m, &p->raw_instance));
    wg_instance *in = p->raw_instance;
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t v = p->raw[i];
        for (uint32_t a = 0; a < in->n_limits; a++) {
            in->value[(size_t)i * in->n_limits + a] = problem->attributes[a].values[v];
        }
        if (in->locked != NULL) {
            in->locked[i] = problem->locked[v];
        }
        if (in->group != NULL) {
            in->group[i] = problem->group[v];
        }
        if (in->apart != NULL) {
            in->apart[i] = problem->apart[v];
        }
    }
    fill_edges(p, in);
    if (in->shape != NULL) {
        fill_shapes(p, in);
    }
    if (in->home != NULL) {
        fill_stay(p, in);
    }
done:
    free(like.limit);
    return status;
}

/* ------------------------------------------------------------------ all of it */

/** Units with the same root become one, numbered in the order of their lowest unit. */
static uint32_t number_sets(wg_preparing *p, uint32_t *map) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        const uint32_t root = wg_find_root(p->find, i);
        map[i] = root == i ? count++ : map[root];
    }
    return count;
}

static wg_status number_parts(wg_context *ctx, wg_prepared *out) {
    const wg_instance *base = out->base;
    const wg_graph graph = {.n = base->n, .start = base->start, .link_end = base->link_end, .to = base->to};
    out->part = wg_malloc(base->n, sizeof *out->part);
    return out->part == NULL ? wg_fail_memory(ctx) : wg_graph_components(ctx, &graph, out->part, &out->n_parts);
}

static wg_status finish(wg_preparing *p, wg_prepared *out) {
    wg_status status = WG_OK;
    uint32_t *map = wg_malloc(p->n, sizeof *map);
    if (map == NULL) {
        return wg_fail_memory(p->ctx);
    }
    const uint32_t count = number_sets(p, map);
    if (p->raw_instance->apart != NULL) {
        WG_TRY(wg_dense_numbers(p->ctx, p->raw_instance->apart, p->n, &p->raw_instance->n_aparts));
    }
    WG_TRY(wg_instance_contract(p->ctx, p->raw_instance, map, count, &out->base));
    if (out->base->group != NULL) {
        WG_TRY(wg_dense_numbers(p->ctx, out->base->group, count, &out->base->n_groups));
    }
    out->unit = wg_malloc(p->problem->n, sizeof *out->unit);
    out->whole = wg_calloc(count, sizeof *out->whole);
    if (out->unit == NULL || out->whole == NULL) {
        status = wg_fail_memory(p->ctx);
        goto done;
    }
    for (uint32_t v = 0; v < p->problem->n; v++) {
        const uint32_t i = p->active[v];
        out->unit[v] = i == WG_UNASSIGNED ? WG_UNASSIGNED : map[i];
        if (i != WG_UNASSIGNED && wg_find_root(p->find, i) != i) {
            out->whole[map[i]] = true;
        }
    }
    WG_TRY(number_parts(p->ctx, out));
done:
    free(map);
    return status;
}

/** A plan without areas measures outlines in edges or metres: an even cell's share of all lines scores 1. */
static void set_outline_unit(wg_instance *base) {
    double length = 0;
    for (uint32_t h = 0; base->line != NULL && h < 2 * base->m; h++) {
        length += base->line[h].length;
    }
    base->per_outline = base->m > 0 && length > 0 ? base->m / (3 * length) : 1;
}

wg_status wg_prepare(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                     const wg_zoning_weights *weights, bool keep_compounds, wg_prepared *out) {
    wg_status status = WG_OK;
    wg_preparing p = {.ctx = ctx, .problem = problem, .options = options, .weights = weights};
    *out = (wg_prepared){0};
    out->attached = wg_calloc(problem->n, sizeof *out->attached);
    if (out->attached == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(choose_active(&p));
    WG_TRY(mark_weak(&p));
    WG_TRY(find_components(&p));
    WG_TRY(make_raw_instance(&p));
    for (uint32_t i = 0; i < p.n; i++) {
        p.find[i] = i;
    }
    WG_TRY(wg_contract_all(&p, keep_compounds, out->attached));
    WG_TRY(finish(&p, out));
    set_outline_unit(out->base);
done:
    free(p.raw);
    free(p.active);
    free(p.weak);
    free(p.find);
    free(p.component);
    wg_instance_free(p.raw_instance);
    if (status != WG_OK) {
        wg_prepared_release(out);
    }
    return status;
}

void wg_prepared_release(wg_prepared *prepared) {
    wg_instance_free(prepared->base);
    free(prepared->unit);
    free(prepared->part);
    free(prepared->attached);
    free(prepared->whole);
    *prepared = (wg_prepared){0};
}
