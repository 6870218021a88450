/* wg_report: read the plan and what was reported, compute, write a directory. */
#include <math.h>
#include <string.h>

#include "crs/crs.h"
#include "io/output.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/report_job.h"

const char *wg_report_say(const wg_report_job *job, const char *en, const char *zh) {
    return job->options->lang == WG_LANG_ZH ? zh : en;
}

static void release(wg_report_job *job) {
    wg_report_model_release(&job->model);
    wg_report_tree_release(&job->tree);
    wg_report_config_release(&job->config);
    wg_time_zone_release(&job->zone);
    wg_incidents_release(&job->incidents);
    wg_territory_release(&job->territory);
    wg_locator_free(job->locator);
    wg_locator_free(job->community_locator);
    wg_layer *layers[] = {job->cells,   job->communities, job->levels,     job->buildings,
                          job->shares,  job->barriers,    job->exceptions, job->runs,
                          job->workers, job->facilities,  job->crosswalk};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        wg_layer_free(layers[i]);
    }
    for (size_t i = 0; i < job->n_checks; i++) {
        free(job->checks[i].what);
    }
    for (size_t i = 0; i < job->n_rejects; i++) {
        free(job->rejects[i].input);
        free(job->rejects[i].feature);
        free(job->rejects[i].reason);
    }
    for (size_t i = 0; i < job->n_filled; i++) {
        free(job->filled[i].layer);
        free(job->filled[i].field);
    }
    for (size_t i = 0; i < job->n_sheets; i++) {
        wg_layer_free(job->sheets[i].rows);
        free(job->sheets[i].columns);
        free(job->sheets[i].strong);
    }
    for (size_t i = 0; i < job->n_results; i++) {
        wg_layer_free(job->results[i]);
    }
    free(job->checks);
    free(job->rejects);
    free(job->filled);
    free(job->sheets);
    free(job->results);
    free(job->building_skip);
    free(job->visited);
    free(job->visit_newest);
    free(job->organisations);
    free(job->classes);
    free(job->ids);
    wg_words_release(&job->class_names);
    free(job->attribution);
    wg_arena_release(&job->text);
    free(job->field_used);
    wg_buffer_release(&job->understood);
    wg_store_free(job->store);
}

/** A zone for times without one: stated, or that of China for a plan that lies there. */
static wg_status choose_zone(wg_context *ctx, wg_report_job *job) {
    const char *name = job->options->timezone;
    if (name == NULL) {
        double xy[2];
        size_t bytes;
        const void *wkb = job->communities->n == 0 ? NULL : wg_layer_wkb(job->communities, 0, &bytes);
        const char *crs = wg_layer_crs(job->communities);
        if (wkb == NULL || crs == NULL || !wg_wkb_centroid(wkb, bytes, xy) ||
            wg_crs_points(ctx, crs, WG_CRS_WGS84, xy, 1) != WG_OK) {
            wg_clear_error(ctx);
            return WG_OK;
        }
        /* Where the offset systems move a point there is China, for them and for the clock. */
        double moved[2] = {xy[0], xy[1]};
        wg_gcj02_from_wgs84(moved);
        if (moved[0] == xy[0] && moved[1] == xy[1]) {
            return WG_OK;
        }
        name = "Asia/Shanghai";
    }
    job->has_zone = true;
    return wg_time_zone_open(ctx, name, &job->zone);
}

static wg_status check_options(wg_context *ctx, const wg_report_options *options) {
    static const char *const formats[] = {"geojson", "shp", "csv", "html", "xlsx", "gpkg", "pdf", "qgs", NULL};
    if (options->plan == NULL || options->output == NULL) {
        return wg_fail(ctx, WG_EINVAL, "a report needs a plan and an output directory");
    }
    for (uint32_t i = 0; i < options->n_formats; i++) {
        size_t k = 0;
        while (formats[k] != NULL && strcmp(formats[k], options->formats[i]) != 0) {
            k++;
        }
        if (formats[k] == NULL) {
            return wg_fail(ctx, WG_EINVAL, "format '%s': unknown (geojson, shp, csv, html, xlsx, gpkg, pdf, qgs)",
                           options->formats[i]);
        }
    }
    static const char *const periods[] = {"week", "month", "quarter", "year"};
    bool known = options->period == NULL;
    for (size_t i = 0; i < 4 && !known; i++) {
        known = strcmp(periods[i], options->period) == 0;
    }
    if (!known) {
        return wg_fail(ctx, WG_EINVAL, "period '%s': unknown (week, month, quarter, year)", options->period);
    }
    if (options->within_m < 0.0 || options->visit_m < 0.0) {
        return wg_fail(ctx, WG_EINVAL, "a distance is negative");
    }
    return WG_OK;
}

static void fill_input(wg_report_job *job) {
    job->input = (wg_report_input){
        .cells = job->cells,
        .communities = job->communities,
        .levels = job->levels,
        .buildings = job->buildings,
        .shares = job->shares,
        .workers = job->workers,
        .building_skip = job->building_skip,
        .gaps = job->territory.gaps,
        .overlaps = job->territory.overlaps,
        .service = {.facilities = job->facilities,
                    .within_m = job->options->within_m > 0.0 ? job->options->within_m : 500.0},
        .visits = {.building = job->visited, .newest = job->visit_newest},
        .organisations = job->organisations,
        .classes = job->classes,
        .n_classes = (uint32_t)job->class_names.n,
        .incidents = job->has_incidents ? &job->incidents : NULL,
        .tree = &job->tree,
        .config = &job->config,
        .zone = job->has_zone ? &job->zone : NULL,
        .span = job->input.span,
        .before = job->input.before,
        .year = job->input.year,
        .add_workers = job->options->add_workers,
        .lang = job->options->lang,
    };
}

static wg_status read_all(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    WG_TRY(wg_progress(ctx, 0.0, "reading the plan"));
    WG_TRY(wg_report_read_plan(ctx, job));
    WG_TRY(wg_report_read_config(ctx, job->options->config, &job->config));
    WG_TRY(choose_zone(ctx, job));
    WG_TRY(wg_report_tree_build(ctx, job->cells, job->communities, job->levels, &job->tree));
    WG_TRY(wg_progress(ctx, 0.1, "land in no cell or in two"));
    WG_TRY(wg_territory_find(ctx, job->store, wg_store_crs(job->store), 0.01, &job->territory));
    WG_TRY(wg_territory_count(ctx, &job->territory, job->buildings));
    WG_TRY(wg_progress(ctx, 0.2, "reading what was reported"));
    WG_TRY(wg_report_read_workers(ctx, job));
    WG_TRY(wg_report_read_facilities(ctx, job));
    WG_TRY(wg_report_read_incidents(ctx, job));
    WG_TRY(wg_report_set_spans(ctx, job));
    WG_TRY(wg_report_read_visits(ctx, job));
    WG_TRY(wg_report_read_ledger(ctx, job));
    WG_TRY(wg_report_read_before(ctx, job));
    WG_TRY(wg_fields_check(ctx, job->options->fields, job->options->n_fields, job->field_used));
done:
    return status;
}

wg_status wg_report(wg_context *ctx, const wg_report_options *options, wg_result **result) {
    wg_status status = WG_OK;
    wg_output *output = NULL;
    wg_report_job job = {.options = options};
    wg_clear_error(ctx);
    *result = NULL;
    wg_report_config_init(&job.config);
    WG_TRY(check_options(ctx, options));
    WG_TRY(wg_output_check(ctx, options->output, WG_OUTPUT_DIRECTORY, options->overwrite));
    WG_TRY(read_all(ctx, &job));
    fill_input(&job);
    WG_TRY(wg_progress(ctx, 0.5, "counting"));
    WG_TRY(wg_report_build(ctx, &job.input, &job.model));
    WG_TRY(wg_report_check_all(ctx, &job));
    WG_TRY(wg_report_protect(ctx, &job));
    WG_TRY(wg_report_make_results(ctx, &job));
    WG_TRY(wg_report_make_sheets(ctx, &job));
    WG_TRY(wg_output_begin(ctx, options->output, WG_OUTPUT_DIRECTORY, options->overwrite, &output));
    WG_TRY(wg_report_write_files(ctx, &job, wg_output_path(output)));
    WG_TRY(wg_report_summary(ctx, &job, result));
    status = wg_output_commit(ctx, output);
    output = NULL;
done:
    wg_output_abort(output);
    release(&job);
    if (status != WG_OK) {
        wg_result_free(*result);
        *result = NULL;
    }
    return status;
}
