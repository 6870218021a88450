/** How many cells: what the limits allow, which of it is nearest to the target, and who gets how many. */
#include <math.h>
#include <string.h>

#include "zoning/problem.h"

static const double SLACK = 1e-9; /**< relative; a quotient that should be a whole number */

wg_zi_limit wg_limit_resolve(const wg_limit *limit, double soft) {
    wg_zi_limit out = {.min = isnan(limit->min) ? -INFINITY : limit->min,
                       .max = isnan(limit->max) ? INFINITY : limit->max,
                       .target = limit->target,
                       .soft = soft};
    if (isnan(out.target) && isfinite(out.min) && isfinite(out.max)) {
        out.target = (out.min + out.max) / 2;
    }
    out.per_min = isfinite(out.min) && out.min > 0 ? 1 / out.min : 1;
    out.per_max = isfinite(out.max) && out.max > 0 ? 1 / out.max : 1;
    out.per_target = out.target > 0 ? 1 / out.target : 0;
    return out;
}

wg_count_range wg_count_allowed(const wg_zi_limit *limits, const double *totals, uint32_t n_limits) {
    wg_count_range range = {1, UINT32_MAX, WG_UNASSIGNED, WG_UNASSIGNED};
    for (uint32_t a = 0; a < n_limits; a++) {
        if (limits[a].soft > 0) {
            continue;
        }
        if (isfinite(limits[a].max) && totals[a] > 0) {
            const double cells = limits[a].max > 0 ? ceil(totals[a] / limits[a].max * (1 - SLACK)) : UINT32_MAX;
            const uint32_t low = cells < UINT32_MAX ? (uint32_t)cells : UINT32_MAX;
            if (low > range.low) {
                range.low = low;
                range.low_limit = a;
            }
        }
        if (isfinite(limits[a].min) && limits[a].min > 0) {
            const double cells = floor(totals[a] / limits[a].min * (1 + SLACK));
            const uint32_t high = cells < UINT32_MAX ? (uint32_t)cells : UINT32_MAX;
            if (high < range.high) {
                range.high = high;
                range.high_limit = a;
            }
        }
    }
    return range;
}

double wg_count_excess(const wg_zi_limit *limits, const double *totals, uint32_t n_limits, uint32_t k) {
    double excess = 0;
    for (uint32_t a = 0; a < n_limits; a++) {
        const double each = totals[a] / k;
        if (limits[a].soft > 0) {
            continue;
        }
        if (each > limits[a].max * (1 + SLACK)) {
            excess += k * (each - limits[a].max) * limits[a].per_max;
        } else if (each < limits[a].min * (1 - SLACK)) {
            excess += k * (limits[a].min - each) * limits[a].per_min;
        }
    }
    return excess;
}

double wg_count_distance(const wg_zi_limit *limits, const double *totals, uint32_t n_limits, uint32_t k) {
    double distance = 0;
    bool target = false, maximum = false, minimum = false;
    for (uint32_t a = 0; a < n_limits; a++) {
        if (limits[a].per_target > 0) {
            distance += fabs(totals[a] / k * limits[a].per_target - 1);
            target = true;
        }
        maximum = maximum || isfinite(limits[a].max);
        minimum = minimum || (isfinite(limits[a].min) && limits[a].min > 0);
    }
    if (target) {
        return distance;
    }
    return minimum && !maximum ? -(double)k : k;
}

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high) {
    return value < low ? low : value > high ? high : value;
}

/** The number in low..high with the least excess, then the least distance, then the least number. */
static uint32_t best_count(const wg_zi_limit *limits, const double *totals, uint32_t n_limits, uint32_t low,
                           uint32_t high) {
    uint32_t best = low;
    double best_excess = INFINITY, best_distance = INFINITY;
    for (uint32_t k = low;; k++) {
        const double excess = wg_count_excess(limits, totals, n_limits, k);
        const double distance = wg_count_distance(limits, totals, n_limits, k);
        if (excess < best_excess - SLACK || (excess <= best_excess + SLACK && distance < best_distance - SLACK)) {
            best = k;
            best_excess = excess;
            best_distance = distance;
        }
        if (k == high) {
            return best;
        }
    }
}

/** Where to look for a number that nothing fixes: the ends that the limits set and the numbers around the targets. */
static void search_span(const wg_zi_limit *limits, const double *totals, uint32_t n_limits, uint32_t *low,
                        uint32_t *high) {
    double least = INFINITY, most = 1;
    for (uint32_t a = 0; a < n_limits; a++) {
        const double marks[3] = {limits[a].min, limits[a].target, limits[a].max};
        for (int i = 0; i < 3; i++) {
            if (isfinite(marks[i]) && marks[i] > 0) {
                const double cells = totals[a] / marks[i];
                least = fmin(least, floor(cells));
                most = fmax(most, ceil(cells) + 1);
            }
        }
    }
    *low = clamp(least < UINT32_MAX ? (uint32_t)least : 1, 1, UINT32_MAX);
    *high = clamp(most < UINT32_MAX ? (uint32_t)most : UINT32_MAX, *low, UINT32_MAX);
}

bool wg_zoning_count(const wg_limit *limits, const double *totals, uint32_t n_limits, uint32_t count_min,
                     uint32_t count_max, uint32_t *count) {
    wg_zi_limit *resolved = wg_malloc(n_limits, sizeof *resolved);
    *count = count_min > 0 ? count_min : 1;
    if (resolved == NULL) {
        return false;
    }
    for (uint32_t a = 0; a < n_limits; a++) {
        resolved[a] = wg_limit_resolve(&limits[a], 0);
    }
    uint32_t low, high;
    search_span(resolved, totals, n_limits, &low, &high);
    low = clamp(low, count_min > 0 ? count_min : 1, count_max > 0 ? count_max : UINT32_MAX);
    high = clamp(high, low, count_max > 0 ? count_max : UINT32_MAX);
    *count = best_count(resolved, totals, n_limits, low, high);
    const wg_count_range range = wg_count_allowed(resolved, totals, n_limits);
    free(resolved);
    return *count >= range.low && *count <= range.high;
}

/* ------------------------------------------------------------------ several components */

/** Squared distance of a part's mean from the targets, times its cells: what one cell more or less changes. */
static double part_cost(const wg_zi_limit *limits, uint32_t n_limits, const wg_part_count *part, uint32_t k) {
    double cost = 1e6 * wg_count_excess(limits, part->totals, n_limits, k);
    for (uint32_t a = 0; a < n_limits; a++) {
        const double mean = limits[a].per_target > 0 ? part->totals[a] / k * limits[a].per_target - 1 : 0;
        cost += k * mean * mean;
    }
    if (n_limits == 0) { /* nothing to go by: even numbers of units */
        cost += (double)part->n_units / k * part->n_units;
    }
    return cost;
}

/** Add (+1) or remove (-1) cells one at a time where it costs least until the sum is `k`. */
static void distribute(const wg_zi_limit *limits, uint32_t n_limits, wg_part_count *parts, uint32_t n_parts,
                       uint64_t sum, uint32_t k) {
    while (sum != k) {
        const int step = sum < k ? 1 : -1;
        uint32_t best = WG_UNASSIGNED;
        double best_cost = INFINITY;
        for (uint32_t i = 0; i < n_parts; i++) {
            if (step > 0 ? parts[i].k >= parts[i].n_units : parts[i].k <= 1) {
                continue;
            }
            const uint32_t next = step > 0 ? parts[i].k + 1 : parts[i].k - 1;
            const double cost =
                part_cost(limits, n_limits, &parts[i], next) - part_cost(limits, n_limits, &parts[i], parts[i].k);
            if (cost < best_cost) {
                best_cost = cost;
                best = i;
            }
        }
        if (best == WG_UNASSIGNED) {
            return;
        }
        parts[best].k += step > 0 ? 1u : UINT32_MAX; /* unsigned -1 */
        sum = step > 0 ? sum + 1 : sum - 1;
    }
}

/** Each part's own best numbers; @return their sums in low and high */
static void part_ranges(const wg_zi_limit *limits, uint32_t n_limits, wg_part_count *parts, uint32_t n_parts,
                        uint64_t *low, uint64_t *high) {
    *low = *high = 0;
    for (uint32_t i = 0; i < n_parts; i++) {
        wg_part_count *part = &parts[i];
        part->range = wg_count_allowed(limits, part->totals, n_limits);
        uint32_t span_low, span_high;
        search_span(limits, part->totals, n_limits, &span_low, &span_high);
        uint32_t first = part->range.low, last = part->range.high;
        if (first > last) { /* indivisible: the number with the least excess */
            span_low = clamp(span_low, 1, part->n_units);
            span_high = clamp(span_high, span_low, part->n_units);
            first = last = best_count(limits, part->totals, n_limits, span_low, span_high);
        } else if (last == UINT32_MAX) {
            last = clamp(span_high, first, UINT32_MAX);
        }
        first = clamp(first, 1, part->n_units);
        last = clamp(last, first, part->n_units);
        part->k = first;
        *low += first;
        *high += last;
    }
}

wg_status wg_count_parts(wg_context *ctx, const wg_zi_limit *limits, uint32_t n_limits, uint32_t count_min,
                         uint32_t count_max, wg_part_count *parts, uint32_t n_parts) {
    uint64_t low, high, units = 0;
    double *totals = wg_calloc(n_limits, sizeof *totals);
    if (totals == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < n_parts; i++) {
        units += parts[i].n_units;
        for (uint32_t a = 0; a < n_limits; a++) {
            totals[a] += parts[i].totals[a];
        }
    }
    if (count_max > 0 && count_max < n_parts) {
        free(totals);
        return wg_fail(ctx, WG_EINFEASIBLE,
                       "%u cell%s cannot cover %u parts that do not touch (each needs a cell of its own)", count_max,
                       count_max == 1 ? "" : "s", n_parts);
    }
    if (count_min > units) {
        free(totals);
        return wg_fail(ctx, WG_EINFEASIBLE, "%u cells cannot be made of %llu units", count_min,
                       (unsigned long long)units);
    }
    part_ranges(limits, n_limits, parts, n_parts, &low, &high);
    uint32_t from = (uint32_t)low, to = (uint32_t)high;
    if (count_min > 0) {
        from = from < count_min ? count_min : from;
        to = to < count_min ? count_min : to;
    }
    if (count_max > 0) {
        from = from > count_max ? count_max : from;
        to = to > count_max ? count_max : to;
    }
    /* The parts' excess counts before the distance of the community's mean: the totals alone may allow what no part
     * does. */
    uint32_t k = best_count(limits, totals, n_limits, from, to);
    distribute(limits, n_limits, parts, n_parts, low, k);
    free(totals);
    return WG_OK;
}
