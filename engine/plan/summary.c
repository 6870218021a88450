/* What a run says at its end, and what the plan's `runs` layer keeps of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/fields.h"
#include "model/contract.h"
#include "model/result.h"
#include "plan/city.h"
#include "plan/outline.h"
#include "plan/row.h"

/** Figures of the whole plan. */
typedef struct totals {
    size_t cells, dedicated, out, parts, led_around;
    double excess, households, population, households_cv, compact_mean, compact_p10, inner_m, street_m, score;
    bool capped;
} totals;

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

static wg_status sum_all(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts, totals *all) {
    wg_status status = WG_OK;
    *all = (totals){0};
    size_t n = 0, at = 0;
    for (size_t c = 0; c < city->communities->n; c++) {
        n += districts[c]->n_ordinary;
    }
    double *compact = wg_calloc(n, sizeof *compact);
    if (compact == NULL) {
        return wg_fail_memory(ctx);
    }
    double sum = 0, squares = 0;
    for (size_t c = 0; c < city->communities->n; c++) {
        const wg_district *district = districts[c];
        all->cells += district->n_cells;
        all->dedicated += district->n_cells - district->n_ordinary;
        all->out += district->out;
        all->excess += district->excess;
        all->score += district->score;
        all->capped = all->capped || district->capped;
        all->led_around += district->led_around;
        all->inner_m += district->inner_m;
        all->street_m += district->street_m;
        for (uint32_t k = 0; k < district->n_cells; k++) {
            wg_outline shape;
            size_t bytes = 0;
            const void *wkb = wg_layer_wkb(district->cells, k, &bytes);
            all->households += district->households[k];
            all->population += district->population[k];
            if (k < district->n_ordinary) {
                wg_outline_measure(wkb, bytes, &shape);
                compact[at++] = shape.compact;
                all->compact_mean += shape.compact / (double)n;
                sum += district->households[k];
                squares += district->households[k] * district->households[k];
            }
        }
    }
    qsort(compact, n, sizeof *compact, compare_numbers);
    all->compact_p10 = n > 0 ? compact[(n - 1) / 10] : NAN;
    const double mean = n > 0 ? sum / (double)n : 0;
    all->households_cv = mean > 0 ? sqrt(fmax(0, squares / (double)n - mean * mean)) / mean : NAN;
    free(compact);
    return status;
}

/* jansson knows no NaN: an unknown figure is null. */
static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

/** A figure rounded to what can be compared between machines. */
static json_t *rounded(double value, double step) {
    return number(isfinite(value) ? round(value / step) * step : NAN);
}

static json_t *limits_json(const wg_plan_city *city) {
    json_t *list = json_array();
    for (uint32_t m = 0; m < city->n_measures; m++) {
        const wg_limit *limit = &city->measures[m].limit;
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "field", limit->field, "min", number(limit->min),
                                              "target", number(limit->target), "max", number(limit->max)));
    }
    if (city->options->count_min > 0 || city->options->count_max > 0) {
        json_array_append_new(list, json_pack("{s:s, s:i, s:i}", "field", "count", "min", (int)city->options->count_min,
                                              "max", (int)city->options->count_max));
    }
    return list;
}

static json_t *score_json(const wg_plan_city *city, wg_district *const *districts, const totals *all) {
    json_t *terms = json_object();
    for (size_t c = 0; c < city->communities->n; c++) {
        for (uint32_t t = 0; t < districts[c]->n_terms; t++) {
            const wg_zone_term *term = &districts[c]->term[t];
            const json_t *before = json_object_get(terms, term->name);
            json_object_set_new(terms, term->name,
                                number((before == NULL ? 0 : json_number_value(before)) + term->score));
        }
    }
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "cells", (json_int_t)all->cells, "out",
                     (json_int_t)all->out, "excess", number(all->excess), "score", number(all->score), "terms", terms,
                     "households_cv", rounded(all->households_cv, 1e-6), "compact_mean",
                     rounded(all->compact_mean, 1e-6), "compact_p10", rounded(all->compact_p10, 1e-6), "on_streets",
                     rounded(all->inner_m > 0 ? all->street_m / all->inner_m : NAN, 1e-6));
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** How many of each problem, by name. */
static json_t *exceptions_json(const wg_plan_city *city) {
    const size_t n = city->exceptions.n;
    json_t *counts = json_object();
    const char **name = wg_malloc(n, sizeof *name);
    for (size_t i = 0; i < n && name != NULL; i++) {
        name[i] = city->exceptions.items[i].problem;
    }
    if (name != NULL && n > 1) {
        qsort(name, n, sizeof *name, compare_names);
    }
    for (size_t i = 0, next = 0; i < n && name != NULL; i = next) {
        while (next < n && strcmp(name[next], name[i]) == 0) {
            next++;
        }
        json_object_set_new(counts, name[i], json_integer((json_int_t)(next - i)));
    }
    if (name == NULL) { /* no memory: the whole document fails */
        json_decref(counts);
        counts = NULL;
    }
    free(name);
    return counts;
}

static void set_json(wg_row *at, const char *column, json_t *value) {
    char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    if (text == NULL) {
        at->status = at->status != WG_OK ? at->status : wg_fail_memory(at->ctx);
    } else {
        wg_row_text(at, column, text);
    }
    free(text);
    json_decref(value);
}

wg_status wg_plan_table_run(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                            const char *command, wg_layer **layer) {
    wg_status status = WG_OK;
    totals all;
    WG_TRY(sum_all(ctx, city, districts, &all));
    WG_TRY(wg_contract_new_layer(ctx, "runs", city->crs, layer));
    wg_row at = {.ctx = ctx, .layer = *layer};
    char when[40], seed[24];
    const time_t now = time(NULL);
    struct tm utc;
    (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)city->options->seed);
    wg_row_begin(&at, NULL, 0);
    wg_row_text(&at, "when", when);
    wg_row_text(&at, "version", WANGGE_VERSION);
    wg_row_text(&at, "command", command);
    set_json(&at, "inputs", json_incref(city->inputs));
    set_json(&at, "limits", limits_json(city));
    wg_row_text(&at, "seed", seed);
    wg_row_text(&at, "crs", city->crs);
    wg_row_real(&at, "grid", city->grid_m);
    wg_row_text(&at, "origin", "0 0"); /* grid lines go through the CRS's own origin */
    set_json(&at, "score", score_json(city, districts, &all));
    wg_row_text(&at, "attrib", city->options->attribution);
    status = at.status;
done:
    return status;
}

static json_t *community_json(const wg_plan_city *city, size_t row, const wg_district *district) {
    char code[32];
    double households = 0, population = 0, area = 0;
    size_t out = 0;
    for (uint32_t c = 0; c < district->n_cells; c++) {
        households += district->households[c];
        population += district->population[c];
        area += district->area[c];
        out += strcmp(wg_plan_cell_status(city, district, c), "ok") != 0 ? 1 : 0;
    }
    return json_pack("{s:s, s:i, s:I, s:f, s:f, s:f, s:b}", "code", wg_plan_community_code(city, row, code), "cells",
                     (int)district->n_cells, "out", (json_int_t)out, "households", households, "population", population,
                     "area_m2", area, "proven", district->proven ? 1 : 0);
}

static json_t *cell_out_json(const wg_plan_city *city, const wg_district *district, uint32_t c) {
    wg_buffer reason = {0};
    wg_plan_cell_reason(city, district, c, &reason);
    json_t *item = json_pack(
        "{s:s, s:s, s:s, s:s}", "cell", district->code[c], "status", wg_plan_cell_status(city, district, c), "reason",
        wg_reason_name(district->info[c].reason.code), "text", reason.length > 0 && !reason.failed ? reason.data : "");
    wg_buffer_release(&reason);
    return item;
}

static json_t *summary_json(const wg_plan_city *city, wg_district *const *districts, const totals *all,
                            const char *hash) {
    json_t *communities = json_array(), *out = json_array();
    for (size_t row = 0; row < city->communities->n; row++) {
        json_array_append_new(communities, community_json(city, row, districts[row]));
        for (uint32_t i = 0; i < districts[row]->n_cells; i++) {
            const uint32_t c = districts[row]->order[i];
            if (strcmp(wg_plan_cell_status(city, districts[row], c), "ok") != 0) {
                json_array_append_new(out, cell_out_json(city, districts[row], c));
            }
        }
    }
    json_t *buildings =
        json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:I}", "inside", (json_int_t)city->tally.placed, "outside",
                  (json_int_t)city->tally.outside, "duplicates", (json_int_t)city->tally.duplicates, "across_lines",
                  (json_int_t)city->tally.shared, "outside_households", city->tally.outside_households,
                  "outside_population", city->tally.outside_population, "led_around", (json_int_t)all->led_around);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "plan",
                     city->options->output == NULL ? "" : city->options->output, "crs", city->crs, "hash", hash,
                     "cells", (json_int_t)all->cells, "out", (json_int_t)all->out, "households", all->households,
                     "population", all->population, "buildings", buildings, "limits", limits_json(city), "score",
                     score_json(city, districts, all), "exceptions", exceptions_json(city), "communities", communities,
                     "out_of_limits", out, "inputs", json_incref(city->inputs));
}

static void summary_text(const wg_plan_city *city, wg_district *const *districts, const totals *all, wg_buffer *text) {
    const bool zh = city->options->lang == WG_LANG_ZH;
    if (city->understood.length > 0) {
        wg_buffer_text(text, city->understood.data);
    }
    wg_buffer_printf(
        text,
        zh ? "工作坐标系 %s；%zu 个社区，%zu 个网格（专属 %zu 个），%.10g 户，%.10g 人\n"
           : "working CRS %s; %zu communities, %zu cells (%zu dedicated), %.10g households, %.10g people\n",
        city->crs, city->communities->n, all->cells, all->dedicated, all->households, all->population);
    wg_buffer_printf(text,
                     zh ? "楼栋：%zu 栋在社区内（%zu 栋跨社区界），%zu 栋在外，%zu 栋重复\n"
                        : "buildings: %zu inside (%zu of them across a community line), %zu outside, %zu duplicates\n",
                     city->tally.placed, city->tally.shared, city->tally.outside, city->tally.duplicates);
    wg_buffer_printf(text,
                     zh ? "超限网格 %zu 个；户数变异系数 %.3f；紧凑度均值 %.3f（第10百分位 %.3f）"
                        : "out of limits: %zu; households CV %.3f; compactness mean %.3f (10th percentile %.3f)",
                     all->out, all->households_cv, all->compact_mean, all->compact_p10);
    if (all->inner_m > 0) {
        wg_buffer_printf(text, zh ? "；内部边界沿街比例 %.3f" : "; inner boundary on streets %.3f",
                         all->street_m / all->inner_m);
    }
    wg_buffer_text(text, "\n");
    for (size_t row = 0; row < city->communities->n; row++) {
        const wg_district *district = districts[row];
        for (uint32_t i = 0; i < district->n_cells; i++) {
            const uint32_t c = district->order[i];
            const char *status = wg_plan_cell_status(city, district, c);
            if (strcmp(status, "ok") != 0) {
                wg_buffer_printf(text, "  %s %s: ", district->code[c], status);
                wg_plan_cell_reason(city, district, c, text);
                wg_buffer_text(text, "\n");
            }
        }
    }
    wg_buffer_printf(text, zh ? "异常清单 %zu 条（图层 exceptions）\n" : "exceptions: %zu listed (layer exceptions)\n",
                     city->exceptions.n);
}

wg_status wg_plan_summary(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts, const char *hash,
                          wg_result **result) {
    wg_status status = WG_OK;
    totals all;
    wg_buffer text = {0};
    WG_TRY(sum_all(ctx, city, districts, &all));
    summary_text(city, districts, &all, &text);
    json_t *json = summary_json(city, districts, &all, hash);
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_decref(json);
    status = wg_result_new(ctx, dumped, wg_buffer_steal(&text), all.out, result);
done:
    wg_buffer_release(&text);
    return status;
}
