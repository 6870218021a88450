/**
 * Contests: many short plans on contracted units, of which fewer and fewer are brought down to the units themselves.
 *
 * What the plans of a large instance differ in is how many cells each part of the map gets. It shows early, but
 * contraction hides many good borders. So the plans that are left mix: contracted once more, within the pieces that all
 * of them keep together, the units have the borders of every one of them, and plans from nothing find their best
 * arrangement (more than two parents at once; with two: Sanders and Schulz 2012).
 */
#include <string.h>

#include "zoning/chains.h"
#include "zoning/levels.h"

enum { STARTS = 24 };

/** Plans that are left, and steps a unit for each. */
typedef struct stage {
    uint32_t plans;
    double steps;
} stage;

typedef struct rules {
    stage coarsest, between, semifinal, final;
} rules;

static const rules FRESH = {{STARTS, 180}, {12, 60}, {6, 120}, {4, 200}}; /**< from nothing */
static const rules MIXED = {{STARTS, 180}, {8, 60}, {4, 100}, {3, 200}};  /**< of plans that are good already */
static const double LEAST_SCALE = 0.4; /**< of these steps: below, one long plan is better than many short ones */

static const stage *stage_on(const rules *by, const wg_levels *l, uint32_t level) {
    return level == l->n ? &by->coarsest : level == 0 ? &by->final : level == 1 ? &by->semifinal : &by->between;
}

static double cost(const rules *by, const wg_levels *l) {
    double steps = 0;
    for (uint32_t i = 0; i <= l->n; i++) {
        const stage *s = stage_on(by, l, i);
        steps += s->steps * s->plans * l->fine[i]->n;
    }
    return steps;
}

/** The best `count` to the front, in order; ties keep theirs. */
static void rank(wg_contestant *plans, uint32_t n, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t best = i;
        for (uint32_t j = i + 1; j < n; j++) {
            best = wg_key_better(&plans[j].key, &plans[best].key) ? j : best;
        }
        const wg_contestant first = plans[best];
        memmove(&plans[i + 1], &plans[i], (best - i) * sizeof *plans);
        plans[i] = first;
    }
}

void wg_best_release(wg_best *best) {
    for (uint32_t i = 0; i < best->n; i++) {
        free(best->plan[i].label);
    }
}

void wg_best_take(wg_best *best, wg_contestant *plan) {
    uint32_t at = best->n;
    while (at > 0 && wg_key_better(&plan->key, &best->plan[at - 1].key)) {
        at--;
    }
    if (at == WG_BEST_PLANS) {
        return;
    }
    if (best->n == WG_BEST_PLANS) {
        free(best->plan[--best->n].label);
    }
    memmove(&best->plan[at + 1], &best->plan[at], (best->n - at) * sizeof *plan);
    best->plan[at] = *plan;
    best->n++;
    plan->label = NULL;
}

static bool together(const wg_best *best, uint32_t u, uint32_t v) {
    for (uint32_t i = 0; i < best->n; i++) {
        if (best->plan[i].label[u] != best->plan[i].label[v]) {
            return false;
        }
    }
    return true;
}

/** Number the connected pieces that every plan keeps together. O(m plans). */
static wg_status common_pieces(wg_search *search, const wg_instance *in, const wg_best *best, uint32_t *piece) {
    uint32_t *stack = wg_malloc(in->n, sizeof *stack), count = 0;
    if (stack == NULL) {
        return wg_fail_memory(search->ctx);
    }
    memset(piece, 0xff, in->n * sizeof *piece);
    for (uint32_t root = 0; root < in->n; root++) {
        if (piece[root] != WG_UNASSIGNED) {
            continue;
        }
        uint32_t top = 0;
        piece[root] = count;
        stack[top++] = root;
        while (top > 0) {
            const uint32_t v = stack[--top];
            for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
                const uint32_t w = in->to[h];
                if (piece[w] == WG_UNASSIGNED && together(best, v, w)) {
                    piece[w] = count;
                    stack[top++] = w;
                }
            }
        }
        count++;
    }
    free(stack);
    return WG_OK;
}

/** Plans from nothing on the coarsest level. */
static wg_status begin_plans(wg_search *search, const wg_levels *l, uint32_t k, const stage *s, double scale,
                             wg_contestant *plans) {
    wg_status status = WG_OK;
    const wg_instance *coarse = l->fine[l->n];
    const wg_anneal_plan plan = {.steps = (uint64_t)(scale * s->steps * coarse->n),
                                 .hot = 0.6,
                                 .cold = 0.2,
                                 .penalty = 0.3,
                                 .rarer = WG_LARGE_RARER};
    for (uint32_t p = 0; p < s->plans; p++) {
        plans[p].label = wg_malloc(l->fine[0]->n, sizeof *plans[p].label);
        if (plans[p].label == NULL) {
            status = wg_fail_memory(search->ctx);
            goto done;
        }
        WG_TRY(wg_construct(search, coarse, k, p, plans[p].label));
        WG_TRY(wg_improve(search, coarse, k, &plan, plans[p].label, &plans[p].key));
    }
done:
    return status;
}

/** The contest by these rules; `scale`: of their steps. */
static wg_status compete(wg_search *search, const wg_levels *l, uint32_t k, const rules *by, double scale,
                         wg_best *best) {
    wg_status status = WG_OK;
    wg_contestant plans[STARTS] = {{0}};
    uint32_t n = by->coarsest.plans;
    WG_TRY(begin_plans(search, l, k, &by->coarsest, scale, plans));
    for (uint32_t i = l->n; i-- > 0;) {
        const stage *s = stage_on(by, l, i);
        const wg_anneal_plan plan = {.steps = (uint64_t)(scale * s->steps * l->fine[i]->n),
                                     .hot = i == 0 ? 0.6 : 0.5,
                                     .cold = 0.12,
                                     .penalty = 1,
                                     .rarer = WG_LARGE_RARER};
        rank(plans, n, s->plans);
        n = s->plans;
        for (uint32_t p = 0; p < n; p++) {
            wg_levels_bring_down(l, i, plans[p].label);
            WG_TRY(wg_improve(search, l->fine[i], k, &plan, plans[p].label, &plans[p].key));
        }
    }
    for (uint32_t p = 0; p < n; p++) {
        wg_best_take(best, &plans[p]);
    }
done:
    for (uint32_t p = 0; p < STARTS; p++) {
        free(plans[p].label);
    }
    return status;
}

wg_status wg_hold_contest(wg_search *search, const wg_instance *in, uint32_t k, bool mix, double budget, wg_best *best,
                          bool *enough) {
    wg_status status = WG_OK;
    const rules *by = mix ? &MIXED : &FRESH;
    wg_levels l = {.n = 0};
    uint32_t *piece = mix ? wg_malloc(in->n, sizeof *piece) : NULL;
    if (mix && piece == NULL) {
        return wg_fail_memory(search->ctx);
    }
    if (mix) {
        WG_TRY(common_pieces(search, in, best, piece));
    }
    WG_TRY(wg_levels_make(search, in, k, piece, &l));
    const double scale = budget / cost(by, &l);
    *enough = scale > LEAST_SCALE && l.n > 0;
    if (*enough) {
        WG_TRY(compete(search, &l, k, by, scale, best));
    }
done:
    wg_levels_release(&l);
    free(piece);
    return status;
}
