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

static void blank_pieces(wg_layer *pieces, double least) {
    static const char *const counts[] = {"hh", "pop"};
    for (size_t row = 0; pieces != NULL && row < pieces->n; row++) {
        for (size_t i = 0; i < 2; i++) {
            const uint32_t column = wg_layer_column(pieces, counts[i]);
            const double value = wg_layer_real(pieces, row, column);
            if (value > 0.0 && value < least) {
                wg_layer_set_null(pieces, row, column);
            }
        }
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
    const wg_status status = wg_report_suppress(ctx, &job->model, job->options->suppress);
    if (status == WG_OK) {
        blank_plan(job);
        blank_pieces(job->territory.gaps, (double)job->options->suppress);
        blank_pieces(job->territory.overlaps, (double)job->options->suppress);
        /* The sums themselves would give hidden totals away: that they reconcile is enough. */
        for (size_t i = 0; i < job->n_checks; i++) {
            if (job->checks[i].good) {
                job->checks[i].expected = job->checks[i].found = NAN;
            }
        }
    }
    return status;
}
