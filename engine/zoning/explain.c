/** Certificates of the problem and the smallest true reason of every cell out of limits. */
#include <math.h>
#include <string.h>

#include "zoning/problem.h"

/** What the explanation of one cell looks at. */
typedef struct explaining {
    const wg_problem *problem;
    const wg_zoning_options *options;
    const wg_found *found;
    wg_solution *s;
} explaining;

static wg_status certify(wg_context *ctx, wg_solution *s, size_t *capacity, const wg_certificate *certificate) {
    if (!WG_RESERVE(s->certificates, *capacity, s->n_certificates + 1)) {
        return wg_fail_memory(ctx);
    }
    s->certificates[s->n_certificates++] = *certificate;
    return WG_OK;
}

static bool is_hard(const wg_problem *problem, uint32_t a) {
    return problem->attributes[a].soft <= 0;
}

/** Lowest raw unit of a part. */
static uint32_t part_unit(const explaining *e, uint32_t part) {
    for (uint32_t v = 0; v < e->s->n; v++) {
        const uint32_t unit = e->found->prepared.unit[v];
        if (unit != WG_UNASSIGNED && e->found->prepared.part[unit] == part) {
            return v;
        }
    }
    return WG_UNASSIGNED;
}

/** Do two limits contradict each other for a part: each allows numbers of cells, but none in common? */
static bool limits_conflict(const wg_count_range *range) {
    return range->low > range->high && range->low_limit != range->high_limit && range->high >= 1;
}

static wg_status certify_units(wg_context *ctx, const explaining *e, size_t *capacity) {
    wg_status status = WG_OK;
    for (uint32_t a = 0; a < e->s->n_attributes; a++) {
        const double max = e->problem->attributes[a].limit.max;
        for (uint32_t v = 0; v < e->s->n && is_hard(e->problem, a) && !isnan(max); v++) {
            const double value = e->problem->attributes[a].values[v];
            if (value > max) {
                const wg_certificate c = {WG_CERT_UNIT_OVER, a, WG_UNASSIGNED, v, value, max, NAN, NAN};
                WG_TRY(certify(ctx, e->s, capacity, &c));
            }
        }
    }
done:
    return status;
}

static wg_status certify_part(wg_context *ctx, const explaining *e, uint32_t i, size_t *capacity) {
    wg_status status = WG_OK;
    const wg_part_count *part = &e->found->parts[i];
    const wg_count_range *range = &part->range;
    const uint32_t unit = part_unit(e, i);
    for (uint32_t a = 0; a < e->s->n_attributes; a++) {
        const double min = e->problem->attributes[a].limit.min;
        if (is_hard(e->problem, a) && part->totals[a] < min) {
            const wg_certificate c = {WG_CERT_COMPONENT_UNDER, a, WG_UNASSIGNED, unit, part->totals[a], min, NAN, NAN};
            WG_TRY(certify(ctx, e->s, capacity, &c));
        }
    }
    if (limits_conflict(range)) {
        const wg_certificate c = {
            WG_CERT_LIMITS_CONFLICT, range->low_limit, range->high_limit, unit, NAN, NAN, range->low, range->high};
        WG_TRY(certify(ctx, e->s, capacity, &c));
    } else if (range->low > range->high && range->high >= 1) {
        const wg_certificate c = {
            WG_CERT_INDIVISIBLE, range->low_limit, WG_UNASSIGNED, unit, part->totals[range->low_limit], NAN,
            range->low,          range->high};
        WG_TRY(certify(ctx, e->s, capacity, &c));
    }
done:
    return status;
}

static wg_status certify_all(wg_context *ctx, const explaining *e) {
    wg_status status = WG_OK;
    size_t capacity = 0;
    double low = 0, high = 0;
    const wg_solve_options *o = &e->options->solve;
    for (uint32_t i = 0; i < e->found->prepared.n_parts; i++) {
        low += (double)e->found->parts[i].range.low;
        high += e->found->parts[i].range.high == UINT32_MAX ? INFINITY : (double)e->found->parts[i].range.high;
    }
    const wg_certificate range = {
        WG_CERT_COUNT_RANGE, WG_UNASSIGNED, WG_UNASSIGNED, WG_UNASSIGNED, NAN, NAN, low, high};
    WG_TRY(certify(ctx, e->s, &capacity, &range));
    const double asked = o->count_max > 0 && o->count_max < low ? o->count_max : o->count_min > high ? o->count_min : 0;
    if (asked > 0 && o->objective != WG_OBJECTIVE_MAXP) {
        const wg_certificate c = {
            WG_CERT_COUNT_IMPOSSIBLE, WG_UNASSIGNED, WG_UNASSIGNED, WG_UNASSIGNED, asked, NAN, low, high};
        WG_TRY(certify(ctx, e->s, &capacity, &c));
    }
    WG_TRY(certify_units(ctx, e, &capacity));
    for (uint32_t i = 0; i < e->found->prepared.n_parts; i++) {
        WG_TRY(certify_part(ctx, e, i, &capacity));
    }
    if (e->s->out > 0 && e->s->proven) {
        const wg_certificate c = {WG_CERT_NO_PLAN, WG_UNASSIGNED, WG_UNASSIGNED, WG_UNASSIGNED,
                                  e->s->out,       NAN,           NAN,           NAN};
        WG_TRY(certify(ctx, e->s, &capacity, &c));
    }
done:
    return status;
}

/* ------------------------------------------------------------------ reasons */

/** The limit that a cell breaks most. @return false where it breaks none */
static bool broken_limit(const explaining *e, uint32_t c, wg_reason *reason) {
    double worst = 0;
    for (uint32_t a = 0; a < e->s->n_attributes; a++) {
        const wg_attribute *attribute = &e->problem->attributes[a];
        const wg_zi_limit limit = wg_limit_resolve(&attribute->limit, attribute->soft);
        const wg_instance one = {.n_limits = 1, .limit = (wg_zi_limit *)&limit};
        const double sum = e->s->sum[(size_t)c * e->s->n_attributes + a], excess = wg_cell_excess(&one, &sum);
        if (excess > worst) {
            worst = excess;
            reason->attribute = a;
            reason->over = sum > limit.max;
            reason->value = sum;
            reason->limit = reason->over ? limit.max : limit.min;
        }
    }
    return worst > 0;
}

/** One unit, or units held together, that are over the maximum by themselves. */
static bool single_over(const explaining *e, uint32_t c, wg_reason *reason) {
    const wg_prepared *prepared = &e->found->prepared;
    for (uint32_t v = 0; reason->over && v < e->s->n; v++) {
        const uint32_t unit = prepared->unit[v];
        if (e->s->label[v] != c) {
            continue;
        }
        if (e->problem->attributes[reason->attribute].values[v] > reason->limit) {
            reason->code = WG_REASON_UNIT_OVER;
            reason->value = e->problem->attributes[reason->attribute].values[v];
            reason->unit = v;
            return true;
        }
        if (unit != WG_UNASSIGNED && prepared->whole[unit] &&
            prepared->base->value[(size_t)unit * e->s->n_attributes + reason->attribute] > reason->limit) {
            reason->code = WG_REASON_COMPOUND_OVER;
            reason->value = prepared->base->value[(size_t)unit * e->s->n_attributes + reason->attribute];
            reason->unit = v;
            return true;
        }
    }
    return false;
}

/** Units locked into the cell that are over the maximum, or a closed cell. */
static bool locked_reason(const explaining *e, uint32_t c, wg_reason *reason) {
    double held = 0;
    bool closed = false;
    for (uint32_t v = 0; v < e->s->n; v++) {
        if (e->s->label[v] == c) {
            const bool late = e->problem->role != NULL && e->problem->role[v] == WG_UNIT_LATE;
            closed = closed || (e->found->prepared.unit[v] == WG_UNASSIGNED && !late);
            held += e->problem->locked != NULL && e->problem->locked[v]
                        ? e->problem->attributes[reason->attribute].values[v]
                        : 0;
        }
    }
    if (!closed && !(reason->over && held > reason->limit)) {
        return false;
    }
    reason->code = WG_REASON_LOCKED;
    return true;
}

/** What the totals of the cell's component say. */
static bool component_reason(const explaining *e, uint32_t c, wg_reason *reason) {
    const uint32_t p = e->s->cells[c].component;
    if (p == WG_UNASSIGNED) {
        return false;
    }
    const wg_part_count *part = &e->found->parts[p];
    const double total = part->totals[reason->attribute];
    if (!reason->over && total < reason->limit) {
        reason->code = e->found->prepared.n_parts > 1 ? WG_REASON_ISLAND_UNDER : WG_REASON_TOTAL_UNDER;
        reason->value = total;
        return true;
    }
    if (limits_conflict(&part->range)) {
        reason->code = WG_REASON_LIMITS_CONFLICT;
        reason->other = part->range.low_limit == reason->attribute ? part->range.high_limit : part->range.low_limit;
        return true;
    }
    if (part->range.low > part->range.high) {
        reason->code = WG_REASON_INDIVISIBLE;
        reason->value = total;
        return true;
    }
    /* Only where somebody asked for that number, and the average itself breaks this very limit. */
    const bool asked = e->options->solve.count_min > 0 || e->options->solve.count_max > 0;
    const double mean = part->k > 0 ? total / part->k : total;
    if (asked && (reason->over ? mean > reason->limit : mean < reason->limit)) {
        reason->code = WG_REASON_COUNT_IMPOSSIBLE;
        reason->value = part->k;
        return true;
    }
    return false;
}

/** Is all that surrounds an under-filled cell unable to give: single units over the maximum, or locked? */
static bool enclosed(const explaining *e, uint32_t c, const wg_reason *reason) {
    const wg_graph *graph = e->problem->graph;
    if (reason->over) {
        return false;
    }
    for (uint32_t v = 0; v < e->s->n; v++) {
        for (uint32_t h = graph->start[v]; e->s->label[v] == c && h < graph->link_end[v]; h++) {
            const uint32_t w = graph->to[h], unit = e->found->prepared.unit[w];
            const bool held = unit == WG_UNASSIGNED || (e->problem->locked != NULL && e->problem->locked[w]);
            if (e->s->label[w] != c && !held &&
                !(e->problem->attributes[reason->attribute].values[w] >
                  e->problem->attributes[reason->attribute].limit.max)) {
                return false;
            }
        }
    }
    return true;
}

static void explain_cell(const explaining *e, uint32_t c) {
    wg_zone_cell *cell = &e->s->cells[c];
    wg_reason *reason = &cell->reason;
    *reason = (wg_reason){.attribute = WG_UNASSIGNED, .other = WG_UNASSIGNED, .unit = WG_UNASSIGNED};
    if (!broken_limit(e, c, reason)) {
        for (uint32_t v = 0; v < e->s->n; v++) {
            if (e->s->label[v] == c && e->s->attached[v]) {
                reason->code = WG_REASON_ATTACHED;
                reason->unit = v;
                return;
            }
        }
        return;
    }
    if (single_over(e, c, reason) || locked_reason(e, c, reason)) {
        return;
    }
    if (e->options->exclaves == WG_EXCLAVES_SEPARATE && e->found->prepared.n_parts > 1 &&
        cell->component != WG_UNASSIGNED && !reason->over &&
        e->found->parts[cell->component].totals[reason->attribute] < reason->limit) {
        reason->code = WG_REASON_SEPARATE;
    } else if (component_reason(e, c, reason)) {
        return;
    } else if (cell->component != WG_UNASSIGNED && e->found->proven[cell->component]) {
        reason->code = WG_REASON_PROVEN;
    } else {
        reason->code = enclosed(e, c, reason) ? WG_REASON_ENCLOSED : WG_REASON_NOT_FOUND;
    }
}

wg_status wg_explain(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options,
                     const wg_found *found, wg_solution *solution) {
    const explaining e = {problem, options, found, solution};
    const wg_status status = certify_all(ctx, &e);
    for (uint32_t c = 0; status == WG_OK && c < solution->n_cells; c++) {
        explain_cell(&e, c);
    }
    return status;
}
