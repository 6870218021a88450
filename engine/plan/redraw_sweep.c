/*
 * wangge redraw --stability FROM:TO:STEP: the trade-off between change and quality.
 *
 * A search is no oracle: at one stability it may miss a plan that it finds at the next. So the plans of all steps are
 * candidates at each of them. Where the same candidates are compared by quality plus a price times change, a higher
 * price never chooses more change (of two plans the one that a higher price prefers has less of it), community by
 * community and so in all.
 */
#include <math.h>
#include <string.h>

#include "model/result.h"
#include "plan/present.h"
#include "zoning/zoning.h"

/** A community's plan at one step. */
typedef struct candidate {
    uint32_t cells, out;
    double excess, moved, total;
    double quality; /**< score without the price of change, of a cell */
    bool allowed;   /**< at stability 1: every change is bound to a cell that breaks a limit */
} candidate;

static wg_status describe(wg_context *ctx, const wg_revision *revision, const wg_district *district, candidate *plan) {
    uint32_t *label = wg_calloc(district->n_cells, sizeof *label);
    if (label == NULL) {
        return wg_fail_memory(ctx);
    }
    *plan = (candidate){.cells = district->n_cells, .out = district->out, .excess = district->excess};
    for (uint32_t i = 0; i < district->n_terms; i++) {
        plan->quality += strcmp(district->term[i].name, "change") == 0 ? 0 : district->term[i].score;
    }
    plan->quality /= fmax(1, district->n_ordinary);
    wg_status status = wg_revision_pair(ctx, revision, district, label, &plan->moved, &plan->total);
    if (status == WG_OK) {
        status =
            wg_revision_find_needless(ctx, &revision->districts[district->community], district, NULL, &plan->allowed);
    }
    free(label);
    return status;
}

/** Is `a` better than `b` at this price of change? At an infinite one the least change is. */
static bool is_better_at(double price, const candidate *a, const candidate *b) {
    if (a->out != b->out) {
        return a->out < b->out;
    }
    if (fabs(a->excess - b->excess) > 1e-9) {
        return a->excess < b->excess;
    }
    if (isinf(price)) {
        return a->moved < b->moved || (!(a->moved > b->moved) && a->quality < b->quality);
    }
    const double total = fmax(a->total, 1e-9);
    return a->quality + price * a->moved / total < b->quality + price * b->moved / total;
}

typedef struct sweeping {
    double from, step;
    size_t n_steps, n; /**< communities */
    candidate *plans;  /**< n_steps * n */
} sweeping;

static double stability_at(const sweeping *sweep, size_t step) {
    return fmin(1, sweep->from + (double)step * sweep->step);
}

static wg_status solve_step(wg_context *ctx, wg_revision *revision, wg_atoms **atoms, const sweeping *sweep,
                            size_t step) {
    wg_status status = WG_OK;
    wg_district **districts = NULL;
    const wg_partition_options *given = revision->city.options;
    wg_partition_options options = *given;
    const wg_redrawing redrawing = wg_revision_redrawing(revision);
    options.stability = stability_at(sweep, step);
    revision->city.options = &options;
    WG_TRY(wg_revision_label(ctx, revision, atoms, options.stability));
    WG_TRY(wg_plan_zone(ctx, &revision->city, atoms, &redrawing, &districts));
    for (size_t c = 0; c < sweep->n; c++) {
        WG_TRY(describe(ctx, revision, districts[c], &sweep->plans[step * sweep->n + c]));
    }
done:
    wg_plan_districts_free(districts, sweep->n);
    revision->city.options = given;
    return status;
}

/** A community's best plan at a step. What a fence held back has no score of all its cells: it stands for change alone.
 */
static const candidate *choose(const wg_revision *revision, const sweeping *sweep, size_t step, size_t community) {
    const double stability = stability_at(sweep, step);
    const double price = stability < 1 ? revision->city.weights.change *
                                             wg_zoning_price_of_change(wg_revision_stability(revision, stability))
                                       : INFINITY;
    const candidate *best = &sweep->plans[step * sweep->n + community];
    for (size_t other = 0; other < sweep->n_steps; other++) {
        const candidate *plan = &sweep->plans[other * sweep->n + community];
        const bool comparable = stability < 1 ? stability_at(sweep, other) < 1 : plan->allowed;
        if (comparable && is_better_at(price, plan, best)) {
            best = plan;
        }
    }
    return best;
}

static wg_status tabulate(wg_context *ctx, const wg_revision *revision, const sweeping *sweep, wg_result **result) {
    wg_buffer text = {0};
    json_t *rows = json_array();
    wg_buffer_text(&text, revision->city.options->lang == WG_LANG_ZH
                              ? "稳定度\t网格\t超限网格\t变动户数\t变动比例\t评分\n"
                              : "stability\tcells\tout of limits\thouseholds moved\tshare moved\tscore\n");
    for (size_t step = 0; step < sweep->n_steps; step++) {
        candidate all = {0};
        for (size_t c = 0; c < sweep->n; c++) {
            const candidate *plan = choose(revision, sweep, step, c);
            all.cells += plan->cells;
            all.out += plan->out;
            all.moved += plan->moved;
            all.total += plan->total;
            all.quality += plan->quality * plan->cells;
        }
        all.quality /= all.cells > 0 ? all.cells : 1;
        wg_buffer_printf(&text, "%.3g\t%u\t%u\t%.0f\t%.3f\t%.4f\n", stability_at(sweep, step), all.cells, all.out,
                         all.moved, all.total > 0 ? all.moved / all.total : 0, all.quality);
        json_array_append_new(rows, json_pack("{s:f, s:i, s:i, s:f, s:f, s:f}", "stability", stability_at(sweep, step),
                                              "cells", (int)all.cells, "out", (int)all.out, "moved", all.moved, "total",
                                              all.total, "score", all.quality));
    }
    json_t *whole = json_pack("{s:o}", "sweep", rows);
    char *dumped = whole == NULL ? NULL : json_dumps(whole, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
    json_decref(whole);
    return wg_result_new(ctx, dumped, wg_buffer_steal(&text), 0, result);
}

wg_status wg_revision_sweep(wg_context *ctx, wg_revision *revision, wg_atoms **atoms, wg_result **result) {
    wg_status status = WG_OK;
    const wg_partition_options *options = revision->city.options;
    sweeping sweep = {.from = options->stability, .step = options->stability_step, .n = revision->city.communities->n};
    sweep.n_steps = (size_t)floor((options->stability_to - sweep.from) / sweep.step + 1e-9) + 1;
    sweep.plans = wg_calloc(sweep.n_steps * sweep.n, sizeof *sweep.plans);
    if (sweep.plans == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t step = 0; step < sweep.n_steps; step++) {
        WG_TRY(solve_step(ctx, revision, atoms, &sweep, step));
    }
    status = tabulate(ctx, revision, &sweep, result);
done:
    free(sweep.plans);
    return status;
}
