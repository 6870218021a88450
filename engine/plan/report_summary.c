/* What a report says at its end, to a program and to a person. */
#include <jansson.h>
#include <math.h>

#include "model/result.h"
#include "plan/report_job.h"

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

/** Cells out of limits, rejects, sums that do not reconcile. */
static uint64_t findings(const wg_report_job *job) {
    const uint32_t whole = job->tree.n_areas - 1;
    uint64_t bad = (uint64_t)(job->model.area[WG_FIG_CELLS][whole] - job->model.area[WG_FIG_CELLS_OK][whole]);
    for (size_t i = 0; i < job->n_checks; i++) {
        bad += job->checks[i].good ? 0 : 1;
    }
    return bad + job->rejects_all;
}

static json_t *checks_json(const wg_report_job *job) {
    json_t *list = json_array();
    for (size_t i = 0; i < job->n_checks; i++) {
        const wg_report_check *check = &job->checks[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o, s:b}", "what", check->what, "expected",
                                        number(check->expected), "found", number(check->found), "good", check->good));
    }
    return list;
}

static json_t *totals_json(const wg_report_job *job) {
    static const struct {
        const char *name;
        wg_figure figure;
    } figures[] = {{"cells", WG_FIG_CELLS},
                   {"cells_ok", WG_FIG_CELLS_OK},
                   {"buildings", WG_FIG_BLD},
                   {"buildings_in", WG_FIG_BLD_IN},
                   {"households", WG_FIG_HH},
                   {"households_in", WG_FIG_HH_IN},
                   {"population", WG_FIG_POP},
                   {"population_in", WG_FIG_POP_IN},
                   {"area_m2", WG_FIG_AREA},
                   {"gap_m2", WG_FIG_GAP},
                   {"overlap_m2", WG_FIG_OVERLAP},
                   {"fte", WG_FIG_FTE},
                   {"incidents", WG_FIG_INC},
                   {"incidents_open", WG_FIG_INC_OPEN},
                   {"incidents_closed", WG_FIG_INC_CLOSED},
                   {"incidents_late", WG_FIG_INC_LATE}};
    const uint32_t whole = job->tree.n_areas - 1;
    json_t *totals = json_object();
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        json_object_set_new(totals, figures[i].name, number(job->model.area[figures[i].figure][whole]));
    }
    json_object_set_new(totals, "workers", number(job->model.areas[whole].workers));
    return totals;
}

static void write_text(const wg_report_job *job, wg_buffer *out) {
    const uint32_t whole = job->tree.n_areas - 1;
    double *const *f = job->model.area;
    if (job->understood.data != NULL) {
        wg_buffer_text(out, job->understood.data);
    }
    wg_buffer_printf(
        out,
        wg_report_say(
            job,
            "%.0f of %.0f cells within limits; %.0f of %.0f households in a cell; gaps %.1f m², overlaps %.1f m²\n",
            "网格达标 %.0f/%.0f 个；覆盖户数 %.0f/%.0f；空白 %.1f 平方米，重叠 %.1f 平方米\n"),
        f[WG_FIG_CELLS_OK][whole], f[WG_FIG_CELLS][whole], f[WG_FIG_HH_IN][whole], f[WG_FIG_HH][whole],
        f[WG_FIG_GAP][whole], f[WG_FIG_OVERLAP][whole]);
    if (job->has_incidents) {
        wg_buffer_printf(
            out,
            wg_report_say(
                job, "%zu incidents read, %zu in a cell, %zu not; %.0f in the span, %.0f closed, %.0f overdue\n",
                "读入事件 %zu 起，落入网格 %zu 起，未落入 %zu 起；时段内 %.0f 起，结案 %.0f 起，超期 %.0f 起\n"),
            job->incidents_in, job->incidents_placed, job->incidents_in - job->incidents_placed, f[WG_FIG_INC][whole],
            f[WG_FIG_INC_CLOSED][whole], f[WG_FIG_INC_LATE][whole]);
        if (job->incidents.disordered + job->incidents.undated + job->incidents.bad_times > 0) {
            wg_buffer_printf(
                out,
                wg_report_say(job, "times: %zu without opening, %zu closed before they were opened, %zu unreadable\n",
                              "时间：无上报时间 %zu，结案早于上报 %zu，无法识别 %zu\n"),
                job->incidents.undated, job->incidents.disordered, job->incidents.bad_times);
        }
    }
    size_t bad = 0;
    for (size_t i = 0; i < job->n_checks; i++) {
        if (!job->checks[i].good) {
            bad++;
            wg_buffer_printf(out,
                             wg_report_say(job, "DOES NOT RECONCILE: %s: expected %.10g, found %.10g\n",
                                           "不一致：%s：应为 %.10g，实为 %.10g\n"),
                             job->checks[i].what, job->checks[i].expected, job->checks[i].found);
        }
    }
    wg_buffer_printf(out, wg_report_say(job, "%zu of %zu sums reconcile\n", "核对一致 %zu 项，共 %zu 项\n"),
                     job->n_checks - bad, job->n_checks);
}

wg_status wg_report_summary(wg_context *ctx, wg_report_job *job, wg_result **result) {
    wg_buffer text = {0};
    write_text(job, &text);
    json_t *json = json_pack("{s:s, s:o, s:o, s:I, s:I, s:{s:I, s:I, s:I}}", "output", job->options->output, "totals",
                             totals_json(job), "checks", checks_json(job), "rejects", (json_int_t)job->rejects_all,
                             "incidents_read", (json_int_t)job->incidents_in, "times", "undated",
                             (json_int_t)job->incidents.undated, "disordered", (json_int_t)job->incidents.disordered,
                             "unreadable", (json_int_t)job->incidents.bad_times);
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    json_decref(json);
    return wg_result_new(ctx, dumped, wg_buffer_steal(&text), findings(job), result);
}
