/**
 * Large instances: the search on levels of contracted units, contests of plans, and regions redrawn.
 *
 * Three contests of plans from nothing, independent of each other because a whole contest may miss what the best plans
 * have; three that mix what they leave; then a few neighbouring cells at a time are redrawn as problems of their own.
 * Where the steps do not suffice for contests, one long plan takes their place.
 */
#include <math.h>
#include <string.h>

#include "zoning/chains.h"
#include "zoning/levels.h"

enum {
    CONTEST_UNITS = 8000, /**< larger instances get one long beginning: the steps do not reach for more */
    MANY_CELLS = 30       /**< with more, what plans differ in is local, and redrawn regions mend it: one contest */
};

/** Of all steps: for contests from nothing, for those that mix; for the only one; for one plan where there is none. */
static const double FRESH = 0.525, MIXED = 0.405, ONLY = 0.24, LONG_BEGINNING = 0.85;
static const double REGION_STEPS = 300; /**< a unit */

/* ------------------------------------------------------------------ one plan */

/** Bring coarse labels down level by level, annealing on each. `label` has room for level 0. */
static wg_status levels_refine(wg_search *search, const wg_levels *l, uint32_t k, double each, double hot,
                               uint32_t *label, wg_zi_key *key) {
    wg_status status = WG_OK;
    for (uint32_t i = l->n; i-- > 0;) {
        const wg_instance *fine = l->fine[i];
        wg_levels_bring_down(l, i, label);
        const wg_anneal_plan plan = {
            .steps = (uint64_t)(each * fine->n), .hot = hot, .cold = 0.12, .penalty = 1, .rarer = WG_LARGE_RARER};
        WG_TRY(wg_improve(search, fine, k, &plan, label, key));
    }
done:
    return status;
}

/** A plan from nothing: one long run on the coarsest level, then refined. */
static wg_status fresh_cycle(wg_search *search, const wg_levels *l, uint32_t k, double budget, uint32_t *label,
                             wg_zi_key *key) {
    wg_status status = WG_OK;
    enum { POWER = 0, BISECT = 3 }; /* growth leaves cells far over their limits, and with many cells they stay so */
    const wg_instance *coarse = l->fine[l->n];
    const wg_anneal_plan plan = {
        .steps = (uint64_t)(budget / 3), .hot = 0.6, .cold = 0.2, .penalty = 0.3, .rarer = WG_LARGE_RARER};
    WG_TRY(wg_construct(search, coarse, k, coarse->shape != NULL ? POWER : BISECT, label));
    WG_TRY(wg_improve(search, coarse, k, &plan, label, key));
    WG_TRY(levels_refine(search, l, k, budget / 3 / l->fine[0]->n, 0.5, label, key));
done:
    return status;
}

/** A plan made better: coarsen within its cells, anneal on every level from cool temperatures. */
static wg_status repeat_cycle(wg_search *search, const wg_instance *in, uint32_t k, double budget, uint32_t *label,
                              wg_zi_key *key) {
    wg_status status = WG_OK;
    wg_levels l;
    WG_TRY(wg_levels_make(search, in, k, label, &l));
    for (uint32_t i = 0; i < l.n; i++) {
        for (uint32_t v = 0; v < l.fine[i]->n; v++) {
            label[l.map[i][v]] = label[v];
        }
    }
    const wg_anneal_plan plan = {
        .steps = (uint64_t)(budget / 4), .hot = 0.4, .cold = 0.15, .penalty = 1, .rarer = WG_LARGE_RARER};
    WG_TRY(wg_improve(search, l.fine[l.n], k, &plan, label, key));
    WG_TRY(levels_refine(search, &l, k, budget / 3 / in->n, 0.3, label, key));
done:
    wg_levels_release(&l);
    return status;
}

/* ------------------------------------------------------------------ all together */

/** One long plan from nothing. */
static wg_status begin_long(wg_search *search, const wg_instance *in, uint32_t k, double budget, wg_outcome *out) {
    wg_status status = WG_OK;
    wg_levels l;
    WG_TRY(wg_levels_make(search, in, k, NULL, &l));
    WG_TRY(fresh_cycle(search, &l, k, budget, out->label, &out->key));
done:
    wg_levels_release(&l);
    return status;
}

/** Contests of plans from nothing, and as many that mix what they leave: 3 and 3, with more steps more of them too. */
static uint32_t rounds_of(const wg_search *search) {
    return (uint32_t)fmax(1, 3 * sqrt(wg_effort_factor(search)));
}

/** @param[out] held  false: the steps do not suffice for contests */
static wg_status begin_contests(wg_search *search, const wg_instance *in, uint32_t k, double all, wg_outcome *out,
                                bool *held) {
    wg_status status = WG_OK;
    wg_best best = {.n = 0};
    const bool only = k > MANY_CELLS && in->home == NULL;
    const uint32_t rounds = only ? 1 : rounds_of(search), contests = only ? 1 : 2 * rounds;
    *held = true;
    for (uint32_t i = 0; i < contests && *held && (best.n == 0 || !search->capped); i++) {
        const bool mix = i >= rounds;
        const double share = only ? ONLY : (mix ? MIXED : FRESH) / rounds;
        WG_TRY(wg_hold_contest(search, in, k, mix, all * share, &best, held));
        if (best.n > 0) {
            wg_search_trace(search, mix ? "mix" : "contest", in, k, best.plan[0].label);
        }
    }
    *held = best.n > 0;
    if (*held) {
        out->key = best.plan[0].key;
        memcpy(out->label, best.plan[0].label, in->n * sizeof *out->label);
    }
done:
    wg_best_release(&best);
    return status;
}

wg_status wg_run_levels(wg_search *search, const wg_instance *in, uint32_t k, wg_outcome *out) {
    wg_status status = WG_OK;
    const double n = in->n, all = fmin(10000 * n, 3e7 + 150 * n) * wg_effort_factor(search);
    const uint64_t end = search->steps + (uint64_t)all;
    bool held = false;
    if (in->n < CONTEST_UNITS) {
        WG_TRY(begin_contests(search, in, k, all, out, &held));
    }
    if (!held) {
        WG_TRY(begin_long(search, in, k, all * LONG_BEGINNING, out));
        wg_search_trace(search, "levels", in, k, out->label);
    }
    for (uint64_t last = 0; search->steps < end && search->steps > last && !search->capped;) {
        const wg_zi_key before = out->key;
        last = search->steps;
        if (in->home == NULL && k > 2) {
            WG_TRY(wg_redraw_region(search, in, k, REGION_STEPS, out->label, &out->key));
        } else {
            WG_TRY(repeat_cycle(search, in, k, all / 8, out->label, &out->key));
        }
        if (wg_key_better(&out->key, &before)) {
            wg_search_trace(search, in->home == NULL ? "region" : "again", in, k, out->label);
        }
    }
done:
    return status;
}
