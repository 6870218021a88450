/* wangge check: is a cell layer sound, whole, connected, within limits? */
#include "plan/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/result.h"

#include <jansson.h>

wg_status wg_check_found(wg_context *ctx, wg_check_job *job, const wg_finding *finding, const char *detail, ...) {
    char text[1024];
    va_list args;
    va_start(args, detail);
    (void)vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    wg_finding made = *finding;
    made.detail = wg_arena_strdup(&job->text, text, strlen(text));
    made.feature = wg_arena_strdup(&job->text, finding->feature, strlen(finding->feature));
    if (made.detail == NULL || made.feature == NULL ||
        !WG_RESERVE(job->findings, job->findings_capacity, job->n_findings + 1)) {
        return wg_fail_memory(ctx);
    }
    job->findings[job->n_findings++] = made;
    return WG_OK;
}

void wg_check_release(wg_check_job *job) {
    wg_layer *const layers[] = {job->cells, job->communities, job->buildings, job->barriers,
                                job->units, job->edges,       job->shares};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        wg_layer_free(layers[i]);
    }
    for (uint32_t m = 0; m < job->n_measures && job->measures != NULL; m++) {
        free(job->measures[m].value);
    }
    free(job->measures);
    free(job->crs);
    free(job->hard);
    free(job->code);
    free(job->community);
    free(job->exempt);
    free(job->community_code);
    free(job->findings);
    wg_overlay_free(job->overlay);
    wg_arena_release(&job->text);
    wg_buffer_release(&job->notes);
}

/* ------------------------------------------------------------------ result */

static size_t count_found(const wg_check_job *job, const char *const *codes, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < job->n_findings; i++) {
        for (size_t k = 0; k < n; k++) {
            count += strcmp(job->findings[i].code, codes[k]) == 0;
        }
    }
    return count;
}

/** The four questions, each with the findings that answer it with no. */
typedef struct question {
    const char *key, *en, *zh;
    const char *codes[8];
    size_t n;
} question;

static const question questions[] = {
    {"coded", "codes", "编码", {"missing_code", "duplicate_code", "wrong_community"}, 3},
    {"sound",
     "sound",
     "无缝无叠",
     {"invalid", "no_polygon", "gap", "overlap", "outside", "unshared_vertices", "area_balance"},
     7},
    {"whole", "whole", "楼栋完整", {"building_cut", "building_outside", "building_elsewhere"}, 3},
    {"connected", "connected", "连通", {"not_connected"}, 1},
    {"reconciled", "totals", "合计一致", {"totals_differ"}, 1},
    {"within", "within limits", "达标", {"limit", "count"}, 2},
};

enum { N_QUESTIONS = sizeof questions / sizeof questions[0] };

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *findings_json(const wg_check_job *job) {
    json_t *list = json_array();
    for (size_t i = 0; i < job->n_findings; i++) {
        const wg_finding *own = &job->findings[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "code", own->code, "layer",
                                              own->layer, "feature", own->feature, "detail", own->detail, "value",
                                              number(own->value), "x", number(own->x), "y", number(own->y)));
    }
    return list;
}

static json_t *result_json(const wg_check_job *job) {
    json_t *answers = json_object();
    for (size_t i = 0; i < N_QUESTIONS; i++) {
        json_object_set_new(answers, questions[i].key,
                            json_boolean(count_found(job, questions[i].codes, questions[i].n) == 0));
    }
    const wg_overlay *overlay = job->overlay;
    json_t *areas = json_pack("{s:o, s:o, s:o, s:o, s:o, s:b}", "cells_m2", number(overlay->cells_m2), "reference_m2",
                              job->communities != NULL ? number(overlay->reference_m2) : json_null(), "gap_m2",
                              number(overlay->gap_m2), "overlap_m2", number(overlay->overlap_m2), "outside_m2",
                              number(overlay->outside_m2), "exact", overlay->exact ? 1 : 0);
    return json_pack(
        "{s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:o}", "crs", job->crs, "cells", (json_int_t)job->n, "communities",
        job->communities != NULL ? json_integer((json_int_t)wg_layer_rows(job->communities)) : json_null(), "buildings",
        job->buildings != NULL ? json_integer((json_int_t)wg_layer_rows(job->buildings)) : json_null(), "areas", areas,
        "answers", answers, "findings", (json_int_t)job->n_findings, "list", findings_json(job));
}

static void result_text(const wg_check_job *job, wg_buffer *text) {
    if (job->notes.length > 0) {
        wg_buffer_text(text, job->notes.data);
    }
    wg_buffer_printf(text, job->zh ? "工作坐标系 %s；%u 个网格\n" : "working CRS %s; %u cells\n", job->crs, job->n);
    for (size_t i = 0; i < N_QUESTIONS; i++) {
        const size_t count = count_found(job, questions[i].codes, questions[i].n);
        if (count == 0) {
            wg_buffer_printf(text, job->zh ? "%s：是\n" : "%s: yes\n", job->zh ? questions[i].zh : questions[i].en);
        } else {
            wg_buffer_printf(text, job->zh ? "%s：否，%zu 项\n" : "%s: no, %zu found\n",
                             job->zh ? questions[i].zh : questions[i].en, count);
        }
    }
    for (size_t i = 0; i < job->n_findings; i++) {
        const wg_finding *own = &job->findings[i];
        wg_buffer_printf(text, "  %s %s: %s", own->layer, own->feature, own->detail);
        if (isfinite(own->x)) {
            wg_buffer_printf(text, " [%.2f %.2f]", own->x, own->y);
        }
        wg_buffer_text(text, "\n");
    }
}

wg_status wg_check_result(wg_context *ctx, const wg_check_job *job, wg_result **result) {
    wg_buffer text = {0};
    result_text(job, &text);
    json_t *json = result_json(job);
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_decref(json);
    return wg_result_new(ctx, dumped, wg_buffer_steal(&text), job->n_findings, result);
}

wg_status wg_check(wg_context *ctx, const wg_check_options *options, wg_result **result) {
    wg_check_job job = {.options = options, .zh = options->lang == WG_LANG_ZH};
    wg_status status = WG_OK;
    *result = NULL;
    wg_clear_error(ctx);
    if (!(options->tolerance_m >= 0)) {
        return wg_fail(ctx, WG_EINVAL, "tolerance %g is not a length in metres (0 is exact)", options->tolerance_m);
    }
    WG_TRY(wg_check_read(ctx, &job));
    WG_TRY(wg_progress(ctx, 0.2, "checking"));
    WG_TRY(wg_check_codes(ctx, &job));
    WG_TRY(wg_check_sound(ctx, &job));
    WG_TRY(wg_progress(ctx, 0.5, "checking"));
    WG_TRY(wg_check_connected(ctx, &job));
    WG_TRY(wg_progress(ctx, 0.7, "checking"));
    WG_TRY(wg_check_buildings(ctx, &job));
    WG_TRY(wg_check_totals(ctx, &job));
    WG_TRY(wg_check_limits(ctx, &job));
    WG_TRY(wg_check_result(ctx, &job, result));
    status = wg_progress(ctx, 1, "checking");
done:
    if (status != WG_OK) {
        wg_result_free(*result);
        *result = NULL;
    }
    wg_check_release(&job);
    return status;
}
