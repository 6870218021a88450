/* wg_assign: which cell every feature belongs to. */
#include "plan/assign.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "io/output.h"
#include "io/read.h"
#include "io/write.h"
#include "model/result.h"
#include "model/text.h"
#include "plan/assign_sink.h"

/* ---- names of fields ---- */

uint32_t wg_assign_fields(const wg_assign_cells *cells, const char *names[WG_ASSIGN_FIELDS]) {
    uint32_t n = 0;
    names[n++] = "cell";
    names[n++] = "community";
    if (cells->has_group) {
        names[n++] = "grp";
    }
    if (cells->has_street) {
        names[n++] = "street";
    }
    names[n++] = "how";
    names[n++] = "share";
    names[n++] = "reason";
    return n;
}

static bool is_added(const char *name) {
    static const char *const added[] = {"cell",  "community", "grp",     "street", "how",
                                        "share", "reason",    "nearest", "dist_m", NULL};
    for (size_t i = 0; added[i] != NULL; i++) {
        if (strcasecmp(name, added[i]) == 0) {
            return true;
        }
    }
    return false;
}

void wg_assign_source_name(const char *const *names, uint32_t n, uint32_t index, wg_buffer *out) {
    wg_buffer_text(out, names[index]);
    if (!is_added(names[index])) {
        return;
    }
    const size_t length = out->length;
    for (uint32_t number = 1, taken = 1; taken > 0 && !out->failed; number++) {
        out->length = length;
        wg_buffer_printf(out, "_%u", number);
        taken = 0;
        for (uint32_t i = 0; i < n && !out->failed; i++) {
            taken += strcasecmp(names[i], out->data) == 0 ? 1 : 0;
        }
    }
}

const char *wg_assign_stated_field(const wg_assign_job *job, const char *direct, const char *role) {
    for (uint32_t i = 0; direct == NULL && i < job->options->n_fields; i++) {
        const wg_field *field = &job->options->fields[i];
        const char *dot = strchr(field->role, '.');
        const bool ours = dot == NULL || strncmp(field->role, "features.", 9) == 0;
        if (ours && strcmp(dot == NULL ? field->role : dot + 1, role) == 0) {
            job->field_used[i] = true;
            direct = field->name;
        }
    }
    return direct;
}

/* ---- CRS of features that do not say theirs ---- */

static bool speaks_of_degrees(const char *name) {
    static const char *const parts[] = {"lon", "lng", "经", NULL};
    char *folded = wg_text_folded(name);
    bool found = false;
    for (size_t i = 0; folded != NULL && parts[i] != NULL; i++) {
        found = found || strstr(folded, parts[i]) != NULL;
    }
    free(folded);
    return found;
}

/* ±180 both ways: swapped degrees are still degrees. */
static bool could_be_degrees(const double b[4]) {
    return b[0] >= -180 && b[2] <= 180 && b[1] >= -180 && b[3] <= 180;
}

wg_status wg_assign_guess_crs(wg_context *ctx, wg_assign_job *job, const char *x_name, const double bounds[4]) {
    const wg_assign_cells *cells = &job->cells;
    const char *stated = job->options->features.crs, *chosen = cells->crs;
    double extent[4];
    wg_locator_bounds(cells->locator, extent);
    job->crs_how = "assumed";
    if (stated != NULL) {
        chosen = stated;
        job->crs_how = "stated";
    } else if (cells->crs != NULL && !cells->degrees && could_be_degrees(bounds) && bounds[0] <= bounds[2] &&
               (speaks_of_degrees(x_name) || !could_be_degrees(extent))) {
        chosen = WG_CRS_WGS84;
        job->crs_how = "detected";
    } else if (cells->degrees && could_be_degrees(bounds) && bounds[0] <= bounds[2]) {
        job->crs_how = "detected";
    } else if (cells->crs == NULL) {
        wg_log(ctx, WG_LOG_WARNING, "%s: the CRS of cells and features is unknown; distances are taken as metres",
               cells->source);
    }
    if (stated == NULL && chosen != NULL) {
        wg_log(ctx, WG_LOG_INFO, "the features do not say their CRS; %s is %s (state it with --crs-of features=...)",
               chosen, job->crs_how);
    }
    free(job->features_crs);
    job->features_crs = wg_strdup(chosen);
    return chosen != NULL && job->features_crs == NULL ? wg_fail_memory(ctx) : WG_OK;
}

/* ---- what is said at the end ---- */

static uint64_t assigned(const wg_assign_counts *counts) {
    return counts->in - counts->how[WG_HOW_NONE];
}

static const char *label(wg_lang lang, const char *en, const char *zh) {
    return lang == WG_LANG_ZH ? zh : en;
}

static const char *how_label(wg_lang lang, int how) {
    static const char *const zh[WG_N_HOW] = {"未匹配", "在网格内", "在网格边上", "最近网格", "按楼栋或地址", "跨网格"};
    return lang == WG_LANG_ZH ? zh[how] : wg_how_text((wg_how)how);
}

static const char *why_label(wg_lang lang, int why) {
    static const char *const zh[WG_N_WHY] = {"",           "在所有网格之外", "在网格缝隙中",  "在网格重叠处",
                                             "没有坐标",   "坐标无法识别",   "坐标为 0,0",    "经纬度颠倒",
                                             "行无法读取", "楼栋未知",       "坐标与楼栋矛盾"};
    return lang == WG_LANG_ZH ? zh[why] : wg_why_text((wg_why)why);
}

static char *result_text(const wg_assign_job *job) {
    const wg_assign_counts *counts = &job->counts;
    const wg_lang lang = job->options->lang;
    wg_buffer out = {0};
    wg_buffer_append(&out, job->understood.data == NULL ? "" : job->understood.data, job->understood.length);
    wg_buffer_printf(&out, label(lang, "cells: %u\n", "网格：%u 个\n"), job->cells.n);
    if (job->cells.exceptions.n > 0) {
        wg_buffer_printf(&out,
                         label(lang, "cells are not a clean coverage: %zu invalid, %zu overlaps, %zu gaps\n",
                               "网格不是完整覆盖：无效 %zu 个，重叠 %zu 处，缝隙 %zu 处\n"),
                         job->cells.check.invalid, job->cells.check.overlaps, job->cells.check.gaps);
    }
    if (job->features_crs != NULL) {
        wg_buffer_printf(&out, label(lang, "CRS of the features: %.80s (%s)\n", "要素坐标系：%.80s（%s）\n"),
                         job->features_crs, job->crs_how);
    }
    wg_buffer_printf(&out,
                     label(lang, "in %llu = assigned %llu + rejected %llu\n", "输入 %llu = 归属 %llu + 未匹配 %llu\n"),
                     (unsigned long long)counts->in, (unsigned long long)assigned(counts),
                     (unsigned long long)counts->how[WG_HOW_NONE]);
    for (int how = 1; how < WG_N_HOW; how++) {
        if (counts->how[how] > 0) {
            wg_buffer_printf(&out, "  %s: %llu\n", how_label(lang, how), (unsigned long long)counts->how[how]);
        }
    }
    for (int why = 1; why < WG_N_WHY; why++) {
        if (counts->why[why] > 0) {
            wg_buffer_printf(&out, "  %s%s: %llu\n", why < WG_WHY_UNKNOWN_KEY ? label(lang, "none, ", "未匹配，") : "",
                             why_label(lang, why), (unsigned long long)counts->why[why]);
        }
    }
    if (counts->replaced > 0) {
        wg_buffer_printf(&out,
                         label(lang, "rows that were there and were replaced: %llu\n", "已有并被替换的行：%llu\n"),
                         (unsigned long long)counts->replaced);
    }
    return wg_buffer_steal(&out);
}

static bool set_count(json_t *object, const char *key, uint64_t value) {
    return json_object_set_new(object, key, json_integer((json_int_t)value)) == 0;
}

static char *result_json(const wg_assign_job *job) {
    const wg_assign_counts *counts = &job->counts;
    json_t *root = json_object(), *how = json_object(), *why = json_object();
    bool kept = root != NULL && how != NULL && why != NULL;
    for (int i = 0; kept && i < WG_N_HOW; i++) {
        kept = set_count(how, wg_how_text((wg_how)i), counts->how[i]);
    }
    for (int i = 1; kept && i < WG_N_WHY; i++) {
        kept = set_count(why, wg_why_text((wg_why)i), counts->why[i]);
    }
    kept = kept && set_count(root, "in", counts->in) && set_count(root, "assigned", assigned(counts)) &&
           set_count(root, "rejected", counts->how[WG_HOW_NONE]) && set_count(root, "rows", counts->rows) &&
           set_count(root, "replaced", counts->replaced) && set_count(root, "cells", job->cells.n) &&
           set_count(root, "cells_invalid", job->cells.check.invalid) &&
           set_count(root, "cells_overlap", job->cells.check.overlaps) &&
           set_count(root, "cells_gap", job->cells.check.gaps);
    if (kept && job->features_crs != NULL) {
        kept = json_object_set_new(root, "features_crs", json_string(job->features_crs)) == 0 &&
               json_object_set_new(root, "features_crs_known", json_string(job->crs_how)) == 0;
    }
    kept = json_object_set(root, "how", how) == 0 && json_object_set(root, "reasons", why) == 0 && kept;
    char *text = kept ? json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
    json_decref(how);
    json_decref(why);
    json_decref(root);
    char *copy = wg_strdup(text);
    free(text);
    return copy;
}

/** What most likely keeps a whole file out of all cells. */
static const char *advice(const wg_assign_job *job) {
    const wg_assign_counts *counts = &job->counts;
    const uint64_t *why = counts->why;
    if (why[WG_WHY_SWAPPED] == counts->in) {
        return "exchange longitude and latitude: --x and --y name the fields";
    }
    if (why[WG_WHY_NO_COORDINATE] + why[WG_WHY_BAD_COORDINATE] + why[WG_WHY_ZERO] + why[WG_WHY_UNREADABLE] ==
        counts->in) {
        return "check which fields hold the coordinates: --x and --y name them";
    }
    return job->options->features.crs == NULL ? "is it the right place? state the CRS with --crs-of features=..."
                                              : "is it the right place, and the right --crs-of?";
}

static void put_extent(wg_buffer *out, const double b[4]) {
    wg_buffer_printf(out, "x %.10g to %.10g, y %.10g to %.10g", b[0], b[2], b[1], b[3]);
}

/** A file of which nothing falls into a cell is not a finding about its rows, but a wrong place or a wrong CRS. */
static void warn_of_nowhere(wg_context *ctx, const wg_assign_job *job) {
    const wg_assign_counts *counts = &job->counts;
    wg_buffer text = {0};
    double extent[4];
    if (counts->in == 0 || assigned(counts) > 0) {
        return;
    }
    const char *source = job->options->features.source;
    char *label = source == NULL ? NULL : wg_source_label(source);
    wg_buffer_printf(&text, "%s: none of the %llu features is in a cell", label == NULL ? "features" : label,
                     (unsigned long long)counts->in);
    if (job->off[0] <= job->off[2]) {
        wg_locator_bounds(job->cells.locator, extent);
        wg_buffer_text(&text, "; they span ");
        put_extent(&text, job->off);
        wg_buffer_text(&text, ", the cells ");
        put_extent(&text, extent);
        if (job->cells.crs != NULL) {
            wg_buffer_printf(&text, ", both in %.40s", job->cells.crs);
        }
    }
    wg_buffer_printf(&text, " (%s)", advice(job));
    if (!text.failed) {
        wg_log(ctx, WG_LOG_WARNING, "%s", text.data);
    }
    wg_buffer_release(&text);
    free(label);
}

static wg_status make_result(wg_context *ctx, const wg_assign_job *job, wg_result **result) {
    const wg_assign_counts *counts = &job->counts;
    const uint64_t findings = counts->how[WG_HOW_NONE] + counts->why[WG_WHY_CONFLICT] + job->cells.exceptions.n;
    return wg_result_new(ctx, result_json(job), result_text(job), findings, result);
}

/* ---- the job ---- */

static wg_status check_options(wg_context *ctx, const wg_assign_options *options) {
    if (!wg_input_given(&options->cells) || !wg_input_given(&options->features) || options->output == NULL) {
        return wg_fail(ctx, WG_EINVAL, "assign needs cells, features and an output");
    }
    if (!(options->within_m >= 0) || !(options->conflict_m >= 0) || isinf(options->within_m)) {
        return wg_fail(ctx, WG_EINVAL, "distances must be metres from 0 up");
    }
    if (options->rejects != NULL && strcmp(options->rejects, options->output) == 0) {
        return wg_fail(ctx, WG_EINVAL, "%s: output and rejects are the same file", options->output);
    }
    wg_status status = WG_OK;
    if (!wg_assign_is_plan_output(options->output)) {
        const bool shapefile = wg_format_parse(options->output) == WG_FORMAT_SHAPEFILE;
        if (wg_format_parse(options->output) != WG_FORMAT_POSTGIS) {
            status = wg_output_check(ctx, options->output, shapefile ? WG_OUTPUT_SHAPEFILE : WG_OUTPUT_FILE,
                                     options->overwrite);
        }
    }
    if (status == WG_OK && options->rejects != NULL && wg_format_parse(options->rejects) != WG_FORMAT_POSTGIS) {
        const bool shapefile = wg_format_parse(options->rejects) == WG_FORMAT_SHAPEFILE;
        status = wg_output_check(ctx, options->rejects, shapefile ? WG_OUTPUT_SHAPEFILE : WG_OUTPUT_FILE,
                                 options->overwrite);
    }
    return status;
}

wg_status wg_assign(wg_context *ctx, const wg_assign_options *options, wg_result **result) {
    wg_status status = WG_OK;
    wg_assign_job job = {.options = options, .crs_how = "", .off = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    bool done = false;
    wg_clear_error(ctx);
    *result = NULL;
    WG_TRY(check_options(ctx, options));
    job.field_used = wg_calloc(options->n_fields, sizeof *job.field_used);
    if (job.field_used == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_assign_cells_load(ctx, options,
                                options->within_m > 0 || options->rejects != NULL || options->key_field != NULL,
                                job.field_used, &job.cells));
    if (options->key_field != NULL) {
        WG_TRY(wg_assign_keys_load(ctx, options, &job.cells, job.field_used, &job.keys));
    }
    if (wg_assign_csv_suits(options)) {
        WG_TRY(wg_assign_csv(ctx, &job, &done));
    }
    if (!done) {
        WG_TRY(wg_assign_layers(ctx, &job));
    }
    if (job.counts.how[WG_HOW_NONE] + assigned(&job.counts) != job.counts.in) {
        status = wg_fail(ctx, WG_EINTERNAL, "the counts of assigned and rejected features do not add up");
        goto done;
    }
    warn_of_nowhere(ctx, &job);
    WG_TRY(make_result(ctx, &job, result));
done:
    wg_assign_cells_release(&job.cells);
    wg_assign_keys_free(job.keys);
    wg_buffer_release(&job.understood);
    free(job.features_crs);
    free(job.field_used);
    return status;
}
