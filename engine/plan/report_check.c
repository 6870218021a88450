/* Sums that must agree: with the plan's own tables (by SQL), between levels, and with the inputs. */
#include <math.h>
#include <string.h>

#include "plan/report_job.h"
#include "plan/report_sheet.h"

static wg_status add_check(wg_context *ctx, wg_report_job *job, double expected, double found, double tolerance,
                           const char *what, const char *where) {
    wg_buffer text = {0};
    wg_buffer_printf(&text, where == NULL ? "%s" : "%s: %s", what, where);
    if (!WG_RESERVE(job->checks, job->checks_capacity, job->n_checks + 1)) {
        wg_buffer_release(&text);
        return wg_fail_memory(ctx);
    }
    char *stolen = wg_buffer_steal(&text);
    if (stolen == NULL) {
        return wg_fail_memory(ctx);
    }
    const double least = fmax(tolerance, 1e-9 * fmax(fabs(expected), fabs(found)));
    job->checks[job->n_checks++] = (wg_report_check){
        .what = stolen, .expected = expected, .found = found, .good = fabs(expected - found) <= least};
    return WG_OK;
}

/** First value of a query; 0 where it is null. */
static wg_status ask(wg_context *ctx, wg_report_job *job, const char *sql, double *value) {
    wg_layer *rows = NULL;
    const wg_status status = wg_store_sql(ctx, job->store, sql, NULL, 0, &rows);
    *value = 0.0;
    if (status == WG_OK && rows->n > 0 && wg_layer_columns(rows) > 0 && !wg_layer_is_null(rows, 0, 0)) {
        *value = wg_layer_column_type(rows, 0) == WG_INTEGER ? (double)wg_layer_integer(rows, 0, 0)
                                                             : wg_layer_real(rows, 0, 0);
    }
    wg_layer_free(rows);
    return status;
}

static double skipped(const wg_report_job *job, const char *column) {
    const uint32_t index = wg_layer_column(job->buildings, column);
    double sum = 0.0;
    for (size_t row = 0; row < job->buildings->n; row++) {
        if (job->building_skip[row]) {
            const bool known = index != UINT32_MAX && !wg_layer_is_null(job->buildings, row, index);
            sum += index == UINT32_MAX ? 1.0 : known ? wg_layer_real(job->buildings, row, index) : 0.0;
        }
    }
    return sum;
}

static wg_status check_buildings(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    const uint32_t whole = job->tree.n_areas - 1;
    double *const *f = job->model.area;
    double expected;
    if (!job->model.has_buildings) {
        return WG_OK;
    }
    WG_TRY(ask(ctx, job, "SELECT COUNT(*) FROM buildings", &expected));
    WG_TRY(add_check(ctx, job, expected - skipped(job, "*"), f[WG_FIG_BLD][whole], 0.0,
                     wg_report_say(job, "Buildings of the plan", "方案楼栋数"), NULL));
    WG_TRY(ask(ctx, job, "SELECT SUM(households) FROM buildings", &expected));
    WG_TRY(add_check(ctx, job, expected - skipped(job, "households"), f[WG_FIG_HH][whole], 1e-6,
                     wg_report_say(job, "Households of the plan's buildings", "方案楼栋户数"), NULL));
    WG_TRY(ask(ctx, job, "SELECT SUM(population) FROM buildings", &expected));
    WG_TRY(add_check(ctx, job, expected - skipped(job, "population"), f[WG_FIG_POP][whole], 1e-6,
                     wg_report_say(job, "People of the plan's buildings", "方案楼栋人口"), NULL));
    WG_TRY(ask(ctx, job, "SELECT SUM(households) FROM cells", &expected));
    WG_TRY(add_check(ctx, job, expected, f[WG_FIG_HH_IN][whole], 1e-6,
                     wg_report_say(job, "Households of the cells, as the plan has them", "网格户数（方案记录）"),
                     NULL));
    WG_TRY(ask(ctx, job, "SELECT SUM(population) FROM cells", &expected));
    WG_TRY(add_check(ctx, job, expected, f[WG_FIG_POP_IN][whole], 1e-6,
                     wg_report_say(job, "People of the cells, as the plan has them", "网格人口（方案记录）"), NULL));
done:
    return status;
}

/** Whole = areas of a level + what belongs to none of them. */
static wg_status check_level(wg_context *ctx, wg_report_job *job, uint32_t level, wg_figure figure, const char *what) {
    const wg_report_tree *tree = &job->tree;
    double sum = 0.0;
    for (uint32_t area = tree->level_first[level]; area < tree->level_first[level + 1]; area++) {
        sum += job->model.area[figure][area];
    }
    for (uint32_t place = 0; place < tree->n_places; place++) {
        if (tree->up[(size_t)place * tree->n_levels + level] == WG_UNASSIGNED) {
            sum += job->model.place[figure][place];
        }
    }
    return add_check(ctx, job, job->model.area[figure][tree->n_areas - 1], sum, 1e-6, what,
                     wg_report_level_title(job, tree->level_name[level]));
}

static wg_status check_levels(wg_context *ctx, wg_report_job *job) {
    const struct {
        wg_figure figure;
        const char *what;
        bool wanted;
    } sums[] = {{WG_FIG_HH, wg_report_say(job, "Total = parts + the rest, households", "合计=分项+其余，户数"), true},
                {WG_FIG_POP, wg_report_say(job, "Total = parts + the rest, people", "合计=分项+其余，人口"), true},
                {WG_FIG_FTE, wg_report_say(job, "Total = parts + the rest, FTE", "合计=分项+其余，全职当量"),
                 job->model.has_workers},
                {WG_FIG_INC, wg_report_say(job, "Total = parts + the rest, incidents", "合计=分项+其余，事件数"),
                 job->has_incidents}};
    for (uint32_t l = 0; l + 1 < job->tree.n_levels; l++) {
        for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
            const wg_status status = sums[i].wanted ? check_level(ctx, job, l, sums[i].figure, sums[i].what) : WG_OK;
            if (status != WG_OK) {
                return status;
            }
        }
    }
    return WG_OK;
}

static wg_status check_incidents(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    if (!job->has_incidents) {
        return WG_OK;
    }
    double inside = 0.0;
    double beside = 0.0;
    double rejected = 0.0;
    for (size_t i = 0; i < job->incidents.n; i++) {
        const wg_incident *item = &job->incidents.items[i];
        (wg_in_span(job->input.span, item->opened) ? &inside : &beside)[0] += item->weight;
    }
    for (size_t i = 0; i < job->n_rejects; i++) {
        rejected += strcmp(job->rejects[i].input, "incidents") == 0 ? 1.0 : 0.0;
    }
    WG_TRY(add_check(ctx, job, (double)job->incidents_in, (double)job->incidents.n, 0.0,
                     wg_report_say(job, "Incident rows read and kept", "读入事件与保留事件"), NULL));
    WG_TRY(add_check(ctx, job, inside, job->model.area[WG_FIG_INC][job->tree.n_areas - 1], 1e-6,
                     wg_report_say(job, "Incidents of the span", "时段内事件数"), NULL));
    if (job->rejects_all == job->n_rejects) {
        WG_TRY(add_check(
            ctx, job, (double)job->incidents_in, (double)job->incidents_placed + rejected, 0.0,
            wg_report_say(job, "Incidents = in a cell + listed as not matched", "事件=落入网格+未匹配清单"), NULL));
    }
    double *const *f = job->model.area;
    const uint32_t whole = job->tree.n_areas - 1;
    WG_TRY(add_check(ctx, job, f[WG_FIG_INC][whole], f[WG_FIG_INC_OPEN][whole] + f[WG_FIG_INC_CLOSED][whole], 1e-6,
                     wg_report_say(job, "Incidents = open + closed", "事件=未结+已结"), NULL));
done:
    return status;
}

static wg_status check_land(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    double communities;
    double cells;
    double gaps = 0.0;
    double overlaps = 0.0;
    WG_TRY(ask(ctx, job, "SELECT SUM(ST_Area(geom)) FROM communities", &communities));
    WG_TRY(ask(ctx, job, "SELECT SUM(ST_Area(geom)) FROM cells", &cells));
    for (size_t row = 0; row < job->territory.gaps->n; row++) {
        gaps += wg_layer_real(job->territory.gaps, row, wg_layer_column(job->territory.gaps, "area_m2"));
    }
    for (size_t row = 0; row < job->territory.overlaps->n; row++) {
        overlaps += wg_layer_real(job->territory.overlaps, row, wg_layer_column(job->territory.overlaps, "area_m2"));
    }
    WG_TRY(add_check(
        ctx, job, communities, cells + gaps - overlaps, fmax(1.0, 1e-8 * communities),
        wg_report_say(job, "Land of the communities = cells + gaps - overlaps (m²)", "社区面积=网格+空白-重叠(平方米)"),
        NULL));
    WG_TRY(add_check(
        ctx, job, communities, job->model.area[WG_FIG_AREA][job->tree.n_areas - 1], fmax(1.0, 1e-6 * communities),
        wg_report_say(job, "Land of the communities, as the plan records it (m²)", "社区面积（方案记录，平方米）"),
        NULL));
done:
    return status;
}

wg_status wg_report_check_all(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    WG_TRY(check_buildings(ctx, job));
    WG_TRY(check_land(ctx, job));
    WG_TRY(check_incidents(ctx, job));
    WG_TRY(check_levels(ctx, job));
    for (size_t i = 0; i < job->n_checks; i++) {
        if (!job->checks[i].good) {
            wg_log(ctx, WG_LOG_WARNING, "does not reconcile: %s: expected %.15g, found %.15g", job->checks[i].what,
                   job->checks[i].expected, job->checks[i].found);
        }
    }
done:
    return status;
}
