/**
 * Large instances: the search on levels of contracted units, contests of plans, and regions redrawn.
 *
 * What the plans of a large instance differ in is how many cells each part of the map gets, and no move changes that
 * once they are warm no more: two runs of the same length end a tenth apart. It shows early, though, on contracted
 * units. So many short plans are begun there, and only the best of them are brought down to the units themselves.
 * Afterwards a few neighbouring cells at a time are redrawn as problems of their own.
 */
#include <math.h>
#include <string.h>

#include "zoning/chains.h"

enum {
    LEVELS_MAX = 24,
    COARSE_UNITS = 300,   /**< the coarsest level has about as many units, or more where */
    COARSE_PER_CELL = 24, /**< units a cell on the coarsest level */
    CONTEST_UNITS = 8000, /**< larger instances get one long beginning: the steps do not reach for more */
    BEGINNINGS = 2        /**< plans from nothing, each the best of many */
};

static const double BEGINNING = 0.355, LONG_BEGINNING = 0.85; /**< of all steps, for each */
static const double REGION_STEPS = 300;                       /**< a unit */

/* ------------------------------------------------------------------ levels */

/** Instances from fine to coarse: level 0 is what is to be solved. */
typedef struct levels {
    const wg_instance *fine[LEVELS_MAX + 1];
    wg_instance *made[LEVELS_MAX]; /**< fine[i + 1], owned */
    uint32_t *map[LEVELS_MAX];     /**< units of fine[i] to those of fine[i + 1] */
    uint32_t n;                    /**< coarser levels */
} levels;

static void levels_release(levels *l) {
    for (uint32_t i = 0; i < LEVELS_MAX; i++) {
        wg_instance_free(l->made[i]);
        free(l->map[i]);
    }
}

/** Coarsen until few units a cell are left. With `label` (of level 0) no coarse unit lies in two cells. */
static wg_status levels_make(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *label, levels *l) {
    wg_status status = WG_OK;
    const double most = 1.0 / k / 8;
    uint32_t *own = label != NULL ? wg_malloc(in->n, sizeof *own) : NULL;
    *l = (levels){.fine = {in}};
    if (label != NULL && own == NULL) {
        return wg_fail_memory(search->ctx);
    }
    if (own != NULL) {
        memcpy(own, label, in->n * sizeof *own);
    }
    for (const wg_instance *fine = in; l->n < LEVELS_MAX && fine->n > COARSE_PER_CELL * k && fine->n > COARSE_UNITS;) {
        uint32_t *map = l->map[l->n] = wg_malloc(fine->n, sizeof *map);
        if (map == NULL) {
            status = wg_fail_memory(search->ctx);
            goto done;
        }
        WG_TRY(wg_coarsen(search, fine, own, most, map, &l->made[l->n]));
        const uint32_t before = fine->n;
        for (uint32_t v = 0; own != NULL && v < before; v++) {
            own[map[v]] = own[v]; /* map[v] <= v by numbering: in place */
        }
        fine = l->made[l->n];
        l->fine[++l->n] = fine;
        if (fine->n > before * 0.95) {
            break;
        }
    }
done:
    free(own);
    return status;
}

/** Labels of level i + 1 become labels of level i, in place. */
static void bring_down(const levels *l, uint32_t i, uint32_t *label) {
    for (uint32_t v = l->fine[i]->n; v-- > 0;) {
        label[v] = label[l->map[i][v]]; /* from the back: map[v] <= v */
    }
}

/** Bring coarse labels down level by level, annealing on each. `label` has room for level 0. */
static wg_status levels_refine(wg_search *search, const levels *l, uint32_t k, double each, double hot, uint32_t *label,
                               wg_zi_key *key) {
    wg_status status = WG_OK;
    for (uint32_t i = l->n; i-- > 0;) {
        const wg_instance *fine = l->fine[i];
        bring_down(l, i, label);
        const wg_anneal_plan plan = {
            .steps = (uint64_t)(each * fine->n), .hot = hot, .cold = 0.12, .penalty = 1, .rarer = WG_LARGE_RARER};
        WG_TRY(wg_improve(search, fine, k, &plan, label, key));
    }
done:
    return status;
}

/** A plan from nothing: one long run on the coarsest level, then refined. */
static wg_status fresh_cycle(wg_search *search, const levels *l, uint32_t k, double budget, uint32_t *label,
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
    levels l;
    WG_TRY(levels_make(search, in, k, label, &l));
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
    levels_release(&l);
    return status;
}

/* ------------------------------------------------------------------ contests */

enum { CONTESTANTS = 24, SEMIFINALISTS = 6, FINALISTS = 3 };

/** Steps a unit: on the coarsest level, on those between, on the one before the finest, on the finest. */
static const double COARSEST = 180, BETWEEN = 60, SEMIFINAL = 150, FINAL = 500;

typedef struct contestant {
    uint32_t *label; /**< room for the finest level */
    wg_zi_key key;
} contestant;

static uint32_t contestants_on(uint32_t level) {
    return level == 0 ? FINALISTS : level == 1 ? SEMIFINALISTS : CONTESTANTS;
}

static double contest_steps(uint32_t level) {
    return level == 0 ? FINAL : level == 1 ? SEMIFINAL : BETWEEN;
}

/** What a contest costs, in steps. */
static double contest_cost(const levels *l) {
    double steps = COARSEST * CONTESTANTS * l->fine[l->n]->n;
    for (uint32_t i = 0; i < l->n; i++) {
        steps += contest_steps(i) * contestants_on(i) * l->fine[i]->n;
    }
    return steps;
}

/** The best `count` to the front, in order; ties keep theirs. */
static void rank(contestant *plans, uint32_t n, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t best = i;
        for (uint32_t j = i + 1; j < n; j++) {
            best = wg_key_better(&plans[j].key, &plans[best].key) ? j : best;
        }
        const contestant first = plans[best];
        memmove(&plans[i + 1], &plans[i], (best - i) * sizeof *plans);
        plans[i] = first;
    }
}

/** Many short plans on the coarsest level; on the finer ones fewer and fewer. `scale`: of all steps. */
static wg_status hold_contest(wg_search *search, const levels *l, uint32_t k, double scale, uint32_t *label,
                              wg_zi_key *key) {
    wg_status status = WG_OK;
    contestant plans[CONTESTANTS] = {{0}};
    for (uint32_t p = 0; p < CONTESTANTS; p++) {
        const wg_instance *coarse = l->fine[l->n];
        const uint64_t steps = (uint64_t)(scale * COARSEST * coarse->n);
        const wg_anneal_plan plan = {.steps = steps, .hot = 0.6, .cold = 0.2, .penalty = 0.3, .rarer = WG_LARGE_RARER};
        plans[p].label = wg_malloc(l->fine[0]->n, sizeof *label);
        if (plans[p].label == NULL) {
            status = wg_fail_memory(search->ctx);
            goto done;
        }
        WG_TRY(wg_construct(search, coarse, k, p, plans[p].label));
        WG_TRY(wg_improve(search, coarse, k, &plan, plans[p].label, &plans[p].key));
    }
    for (uint32_t i = l->n, n = CONTESTANTS; i-- > 0;) {
        const uint32_t left = contestants_on(i);
        const uint64_t steps = (uint64_t)(scale * contest_steps(i) * l->fine[i]->n);
        const wg_anneal_plan plan = {
            .steps = steps, .hot = i == 0 ? 0.6 : 0.5, .cold = 0.12, .penalty = 1, .rarer = WG_LARGE_RARER};
        rank(plans, n, left);
        n = left;
        for (uint32_t p = 0; p < n; p++) {
            bring_down(l, i, plans[p].label);
            WG_TRY(wg_improve(search, l->fine[i], k, &plan, plans[p].label, &plans[p].key));
        }
    }
    rank(plans, FINALISTS, 1);
    *key = plans[0].key;
    memcpy(label, plans[0].label, l->fine[0]->n * sizeof *label);
done:
    for (uint32_t p = 0; p < CONTESTANTS; p++) {
        free(plans[p].label);
    }
    return status;
}

/** The best plan from nothing for so many steps: by a contest where they suffice for one. */
static wg_status begin(wg_search *search, const wg_instance *in, uint32_t k, double budget, uint32_t *label,
                       wg_zi_key *key) {
    wg_status status = WG_OK;
    levels l;
    WG_TRY(levels_make(search, in, k, NULL, &l));
    const double scale = budget / contest_cost(&l);
    if (scale > 0.4 && l.n > 0) {
        WG_TRY(hold_contest(search, &l, k, scale, label, key));
    } else {
        WG_TRY(fresh_cycle(search, &l, k, budget, label, key));
    }
done:
    levels_release(&l);
    return status;
}

/* ------------------------------------------------------------------ all together */

/** One more plan from nothing; the better of it and the best so far, combined with the other. */
static wg_status begin_another(wg_search *search, const wg_instance *in, uint32_t k, double budget, wg_outcome *out) {
    wg_status status = WG_OK;
    wg_zi_key key;
    const bool first = out->key.out == WG_WORST_KEY.out;
    uint32_t *label = wg_malloc(in->n, sizeof *label);
    if (label == NULL) {
        return wg_fail_memory(search->ctx);
    }
    WG_TRY(begin(search, in, k, budget, label, &key));
    if (first) {
        memcpy(out->label, label, in->n * sizeof *label);
        out->key = key;
        goto done;
    }
    if (wg_key_better(&key, &out->key)) {
        for (uint32_t v = 0; v < in->n; v++) {
            const uint32_t c = label[v];
            label[v] = out->label[v];
            out->label[v] = c;
        }
        out->key = key;
    }
    WG_TRY(wg_combine(search, in, k, label, out->label, &out->key));
done:
    free(label);
    return status;
}

wg_status wg_run_levels(wg_search *search, const wg_instance *in, uint32_t k, wg_outcome *out) {
    wg_status status = WG_OK;
    const double n = in->n, all = fmin(8800 * n, 2.6e7 + 150 * n) * wg_effort_factor(search);
    const uint64_t end = search->steps + (uint64_t)all;
    const bool small = in->n < CONTEST_UNITS;
    for (uint32_t i = 0; i < (small ? BEGINNINGS : 1) && !search->capped; i++) {
        WG_TRY(begin_another(search, in, k, all * (small ? BEGINNING : LONG_BEGINNING), out));
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
