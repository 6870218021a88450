/* Small counts out of everything that is published; single buildings' figures in any case. */
#include <math.h>
#include <string.h>

#include "plan/report_job.h"
#include "report/suppress.h"

static void blank_column(wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    if (index != UINT32_MAX) {
        wg_layer_set_null(layer, row, index);
    }
}

/** The plan's own cells and communities travel with the report: they say no more than its figures. */
static void blank_plan(wg_report_job *job) {
    static const struct {
        const char *column;
        wg_figure figure;
    } fields[] = {
        {"households", WG_FIG_HH}, {"population", WG_FIG_POP}, {"registered", WG_FIG_POP}, {"floating", WG_FIG_POP}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
            if (isnan(job->model.area[fields[i].figure][cell])) {
                blank_column(job->cells, cell, fields[i].column);
                blank_column(job->cells, cell, "reason_txt"); /* the sentence may name the figure */
            }
        }
        for (uint32_t l = 1; l < job->tree.n_levels; l++) {
            for (uint32_t area = job->tree.level_first[l]; area < job->tree.level_first[l + 1]; area++) {
                if (strcmp(job->tree.level_name[l], "community") == 0 &&
                    isnan(job->model.area[fields[i].figure][area])) {
                    blank_column(job->communities, job->tree.geometry_row[area], fields[i].column);
                }
            }
        }
    }
}

/**
 * Households and people of gaps and overlaps. What lies in the gaps of a community follows from its other figures, so
 * the pieces of one community are a sum that everybody knows.
 */
static wg_status blank_pieces(wg_context *ctx, const wg_report_job *job, wg_layer *pieces) {
    static const char *const counts[] = {"hh", "pop"};
    wg_status status = WG_OK;
    wg_sum_rules rules = {.n = 0};
    double *values = wg_malloc(pieces->n, sizeof *values);
    bool *hidden = wg_calloc(pieces->n, sizeof *hidden);
    uint32_t *parts = wg_malloc(pieces->n, sizeof *parts);
    if (values == NULL || hidden == NULL || parts == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    const uint32_t community = wg_layer_column(pieces, "community");
    for (uint32_t c = 0; c < job->tree.n_communities; c++) {
        size_t n = 0;
        for (size_t row = 0; row < pieces->n; row++) {
            if (wg_report_community(&job->tree, wg_layer_text(pieces, row, community)) == c) {
                parts[n++] = (uint32_t)row;
            }
        }
        WG_TRY(n == 0 ? WG_OK : wg_sum_rules_add(ctx, &rules, WG_UNASSIGNED, parts, n));
    }
    for (size_t i = 0; i < 2; i++) {
        const uint32_t column = wg_layer_column(pieces, counts[i]);
        for (size_t row = 0; row < pieces->n; row++) {
            values[row] = wg_layer_is_null(pieces, row, column) ? 0.0 : wg_layer_real(pieces, row, column);
            hidden[row] = false;
        }
        const double *const figures[] = {values};
        const wg_suppression what = {.values = figures,
                                     .n_figures = 1,
                                     .n = pieces->n,
                                     .n_free = pieces->n,
                                     .least = (double)job->options->suppress};
        WG_TRY(wg_suppress(ctx, &what, &rules, hidden));
        for (size_t row = 0; row < pieces->n; row++) {
            if (hidden[row]) {
                wg_layer_set_null(pieces, row, column);
            }
        }
    }
done:
    wg_sum_rules_release(&rules);
    free(values);
    free(hidden);
    free(parts);
    return status;
}

/** Rows that were not matched, one by one, are counts too: only how many there are of a kind is told, or that there
 * are some. */
static wg_status fold_rejects(wg_context *ctx, wg_report_job *job) {
    size_t kept = 0;
    for (size_t i = 0; i < job->n_rejects; i++) {
        wg_report_reject *item = &job->rejects[i];
        size_t k = 0;
        while (k < kept &&
               (strcmp(job->rejects[k].input, item->input) != 0 || strcmp(job->rejects[k].reason, item->reason) != 0)) {
            k++;
        }
        if (k == kept) {
            const wg_report_reject swap = job->rejects[kept];
            job->rejects[kept] = *item;
            *item = swap;
            job->rejects[kept++].count = 1;
        } else {
            job->rejects[k].count++;
        }
    }
    for (size_t i = 0; i < job->n_rejects; i++) {
        wg_report_reject *item = &job->rejects[i];
        free(item->feature);
        item->feature = NULL;
        if (i >= kept) {
            free(item->input);
            free(item->reason);
            continue;
        }
        wg_buffer text = {0};
        if (item->count < job->options->suppress) {
            wg_buffer_text(&text, wg_report_say(job, "(few)", "（少量）"));
        } else {
            wg_buffer_printf(&text, wg_report_say(job, "(%zu rows)", "（%zu 条）"), item->count);
        }
        item->feature = wg_buffer_steal(&text);
    }
    job->n_rejects = kept;
    for (size_t i = 0; i < kept; i++) {
        if (job->rejects[i].feature == NULL) {
            return wg_fail_memory(ctx);
        }
    }
    return WG_OK;
}

/** How full a field is counts rows too. */
static void blank_filled(wg_report_job *job) {
    for (size_t i = 0; i < job->n_filled; i++) {
        wg_report_filled *item = &job->filled[i];
        const size_t empty = item->rows - item->filled;
        const size_t least = job->options->suppress;
        item->hidden = (item->filled > 0 && item->filled < least) || (empty > 0 && empty < least);
    }
}

wg_status wg_report_protect(wg_context *ctx, wg_report_job *job) {
    for (size_t row = 0; row < job->buildings->n; row++) {
        blank_column(job->buildings, row, "households");
        blank_column(job->buildings, row, "population");
    }
    if (job->options->suppress == 0) {
        return WG_OK;
    }
    wg_status status = WG_OK;
    WG_TRY(wg_report_suppress(ctx, &job->model, job->options->suppress));
    blank_plan(job);
    WG_TRY(blank_pieces(ctx, job, job->territory.gaps));
    WG_TRY(blank_pieces(ctx, job, job->territory.overlaps));
    WG_TRY(fold_rejects(ctx, job));
    blank_filled(job);
    /* The sums themselves would give hidden totals away: that they reconcile is enough. */
    for (size_t i = 0; i < job->n_checks; i++) {
        if (job->checks[i].good) {
            job->checks[i].expected = job->checks[i].found = NAN;
        }
    }
done:
    return status;
}
