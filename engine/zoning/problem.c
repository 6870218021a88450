/** Building a problem from arrays (public interface). */
#include "zoning/problem.h"

#include <math.h>
#include <string.h>

wg_status wg_problem_new(wg_context *ctx, uint32_t n_units, const wg_edge *edges, size_t n_edges,
                         wg_problem **problem) {
    wg_clear_error(ctx);
    *problem = NULL;
    if (n_units == 0) {
        return wg_fail(ctx, WG_EINVAL, "a problem needs at least one unit");
    }
    wg_problem *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->n = n_units;
    const wg_status status = wg_graph_new(ctx, n_units, edges, n_edges, &made->graph);
    if (status != WG_OK) {
        free(made);
        return status;
    }
    *problem = made;
    return WG_OK;
}

void wg_problem_free(wg_problem *problem) {
    if (problem == NULL) {
        return;
    }
    wg_graph_free(problem->graph);
    for (size_t a = 0; a < problem->n_attributes; a++) {
        free(problem->attributes[a].name);
        free(problem->attributes[a].values);
    }
    free(problem->attributes);
    free(problem->area);
    free(problem->outer);
    free(problem->x);
    free(problem->y);
    free(problem->line_cost);
    free(problem->group);
    free(problem->apart);
    free(problem->present);
    free(problem->locked);
    free(problem->role);
    free(problem->anchor);
    free(problem->anchor_m);
    free(problem->closed);
    free(problem);
}

/** Replace *slot by a copy of `count` items, or NULL. */
static wg_status replace(wg_context *ctx, void **slot, const void *items, size_t count, size_t size) {
    void *copy = NULL;
    if (items != NULL) {
        copy = wg_malloc(count, size);
        if (copy == NULL) {
            return wg_fail_memory(ctx);
        }
        memcpy(copy, items, count * size);
    }
    free(*slot);
    *slot = copy;
    return WG_OK;
}
#define REPLACE(ctx, slot, items, count) replace((ctx), (void **)&(slot), (items), (count), sizeof *(items))

static wg_status check_values(wg_context *ctx, const double *values, uint32_t n, const char *what, bool negative) {
    for (uint32_t v = 0; v < n; v++) {
        if (!isfinite(values[v]) || (!negative && values[v] < 0)) {
            return wg_fail(ctx, WG_EINVAL, "%s of unit %u is %g (must be finite%s)", what, v, values[v],
                           negative ? "" : " and not negative");
        }
    }
    return WG_OK;
}

static wg_status check_limit(wg_context *ctx, const wg_limit *limit) {
    const char *field = limit->field != NULL ? limit->field : "";
    if (limit->min < 0 || limit->max < 0 || limit->target < 0) {
        return wg_fail(ctx, WG_EINVAL, "limit on %s: an end is negative", field);
    }
    if (limit->min > limit->max) {
        return wg_fail(ctx, WG_EINVAL, "limit on %s: the minimum %g is over the maximum %g", field, limit->min,
                       limit->max);
    }
    if (limit->target < limit->min || limit->target > limit->max) {
        return wg_fail(ctx, WG_EINVAL, "limit on %s: the target %g is not between its ends", field, limit->target);
    }
    return WG_OK;
}

wg_status wg_problem_add_attribute(wg_context *ctx, wg_problem *problem, const double *values, const wg_limit *limit,
                                   double soft_weight) {
    wg_clear_error(ctx);
    wg_status status = WG_OK;
    wg_attribute made = {.limit = *limit, .soft = soft_weight};
    WG_TRY(check_values(ctx, values, problem->n, limit->field != NULL ? limit->field : "the attribute", false));
    WG_TRY(check_limit(ctx, limit));
    if (!isfinite(soft_weight) || soft_weight < 0) {
        status = wg_fail(ctx, WG_EINVAL, "the weight of a soft limit is negative or not finite");
        goto done;
    }
    made.name = wg_strdup(limit->field != NULL ? limit->field : "");
    if (made.name == NULL ||
        !WG_RESERVE(problem->attributes, problem->attributes_capacity, problem->n_attributes + 1)) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(REPLACE(ctx, made.values, values, problem->n));
    made.limit.field = made.name;
    problem->attributes[problem->n_attributes++] = made;
    made = (wg_attribute){0};
done:
    free(made.name);
    free(made.values);
    return status;
}

wg_status wg_problem_set_shape(wg_context *ctx, wg_problem *problem, const double *area, const double *outer,
                               const double *x, const double *y) {
    wg_clear_error(ctx);
    wg_status status = WG_OK;
    WG_TRY(check_values(ctx, area, problem->n, "the area", false));
    WG_TRY(check_values(ctx, outer, problem->n, "the outer line", false));
    WG_TRY(check_values(ctx, x, problem->n, "x", true));
    WG_TRY(check_values(ctx, y, problem->n, "y", true));
    WG_TRY(REPLACE(ctx, problem->area, area, problem->n));
    WG_TRY(REPLACE(ctx, problem->outer, outer, problem->n));
    WG_TRY(REPLACE(ctx, problem->x, x, problem->n));
    WG_TRY(REPLACE(ctx, problem->y, y, problem->n));
done:
    return status;
}

wg_status wg_problem_set_groups(wg_context *ctx, wg_problem *problem, const uint32_t *group) {
    wg_clear_error(ctx);
    return REPLACE(ctx, problem->group, group, problem->n);
}

wg_status wg_problem_set_apart(wg_context *ctx, wg_problem *problem, const uint32_t *apart) {
    wg_clear_error(ctx);
    return REPLACE(ctx, problem->apart, apart, problem->n);
}

wg_status wg_problem_set_present(wg_context *ctx, wg_problem *problem, const uint32_t *label, const bool *locked) {
    wg_clear_error(ctx);
    wg_status status = WG_OK;
    for (uint32_t v = 0; label != NULL && v < problem->n; v++) {
        if (label[v] != WG_UNASSIGNED && label[v] >= problem->n) {
            return wg_fail(ctx, WG_EINVAL,
                           "unit %u has the present label %u (labels are below the number of units, %u)", v, label[v],
                           problem->n);
        }
        if (label[v] == WG_UNASSIGNED && locked != NULL && locked[v]) {
            return wg_fail(ctx, WG_EINVAL, "unit %u is locked but has no present label", v);
        }
    }
    WG_TRY(REPLACE(ctx, problem->present, label, problem->n));
    WG_TRY(REPLACE(ctx, problem->locked, label != NULL ? locked : NULL, problem->n));
done:
    return status;
}

wg_status wg_problem_set_line_costs(wg_context *ctx, wg_problem *problem, const double *cost) {
    wg_clear_error(ctx);
    for (uint32_t e = 0; cost != NULL && e < problem->graph->m; e++) {
        if (!(cost[e] >= 0 && cost[e] <= 1)) {
            return wg_fail(ctx, WG_EINVAL, "edge %u: the cost %g is not between 0 and 1", e, cost[e]);
        }
    }
    return REPLACE(ctx, problem->line_cost, cost, problem->graph->m);
}

wg_status wg_problem_set_roles(wg_context *ctx, wg_problem *problem, const uint8_t *role) {
    wg_clear_error(ctx);
    for (uint32_t v = 0; role != NULL && v < problem->n; v++) {
        if (role[v] > WG_UNIT_NARROW) {
            return wg_fail(ctx, WG_EINVAL, "unit %u has the unknown role %u", v, role[v]);
        }
    }
    return REPLACE(ctx, problem->role, role, problem->n);
}

wg_status wg_problem_set_anchors(wg_context *ctx, wg_problem *problem, const uint32_t *unit, const double *distance) {
    wg_clear_error(ctx);
    wg_status status = WG_OK;
    for (uint32_t v = 0; unit != NULL && v < problem->n; v++) {
        if (unit[v] != WG_UNASSIGNED && unit[v] >= problem->n) {
            return wg_fail(ctx, WG_EINVAL, "unit %u has the anchor %u, which does not exist", v, unit[v]);
        }
    }
    WG_TRY(REPLACE(ctx, problem->anchor, unit, problem->n));
    WG_TRY(REPLACE(ctx, problem->anchor_m, unit != NULL ? distance : NULL, problem->n));
done:
    return status;
}

wg_status wg_problem_set_closed(wg_context *ctx, wg_problem *problem, const bool *closed, uint32_t n_labels) {
    wg_clear_error(ctx);
    const wg_status status = REPLACE(ctx, problem->closed, closed, n_labels);
    if (status == WG_OK) {
        problem->n_closed = closed != NULL ? n_labels : 0;
    }
    return status;
}
