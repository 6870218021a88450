/* Sheet about service points: what each cell has, which one is near, and how far. */
#include <math.h>
#include <string.h>

#include "plan/report_sheet.h"

/** What is known of the way from a cell's buildings to their facilities. */
typedef struct way {
    double sum, most; /**< metres */
    size_t n;
    uint32_t facility; /**< row: the nearest one of most of its buildings; WG_UNASSIGNED: none */
    size_t votes;
    size_t inside; /**< facilities in the cell */
} way;

static int by_number(const void *a, const void *b) {
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/** Add up distances, and gather (cell, facility) of every building. @return how many */
static size_t walk(const wg_report_job *job, way *ways, uint64_t *pairs) {
    const wg_report_model *m = &job->model;
    size_t n = 0;
    for (size_t row = 0; row < job->buildings->n; row++) {
        const uint32_t cell = m->building_place[row];
        if (cell >= job->tree.n_cells || job->building_skip[row] || isnan(m->svc_nearest[row])) {
            continue;
        }
        ways[cell].sum += m->svc_nearest[row];
        ways[cell].most = fmax(ways[cell].most, m->svc_nearest[row]);
        ways[cell].n++;
        pairs[n++] = (uint64_t)cell << 32 | m->svc_facility[row];
    }
    return n;
}

static wg_status find_ways(wg_context *ctx, wg_report_job *job, way *ways) {
    wg_status status = WG_OK;
    uint64_t *pairs = wg_malloc(job->buildings->n, sizeof *pairs);
    uint32_t *place = wg_malloc(job->facilities->n, sizeof *place);
    if (pairs == NULL || place == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    const size_t n = walk(job, ways, pairs);
    qsort(pairs, n, sizeof *pairs, by_number);
    for (size_t first = 0; first < n;) {
        size_t last = first;
        while (last < n && pairs[last] == pairs[first]) {
            last++;
        }
        way *at = &ways[pairs[first] >> 32];
        if (last - first > at->votes) { /* of equals the first facility */
            at->votes = last - first;
            at->facility = (uint32_t)(pairs[first] & UINT32_MAX);
        }
        first = last;
    }
    WG_TRY(wg_report_find_places(ctx, job, job->facilities, UINT32_MAX, place));
    for (size_t row = 0; row < job->facilities->n; row++) {
        if (place[row] < job->tree.n_cells) {
            ways[place[row]].inside++;
        }
    }
done:
    free(pairs);
    free(place);
    return status;
}

/** The column that names facilities, else the one that numbers them. */
static uint32_t name_column(const wg_layer *layer) {
    uint32_t found = UINT32_MAX;
    for (uint32_t c = 0; c < wg_layer_columns(layer); c++) {
        const wg_role role = wg_role_of(wg_layer_column_name(layer, c), NULL);
        if (role == WG_ROLE_NAME) {
            return c;
        }
        found = role == WG_ROLE_ID && found == UINT32_MAX ? c : found;
    }
    return found;
}

static void service_row(wg_sheet_pen *pen, const wg_report_job *job, uint32_t cell, const way *at, uint32_t name) {
    char text[32];
    const double served = job->model.area[WG_FIG_SVC_HH][cell];
    const double households = job->model.area[WG_FIG_HH][cell];
    wg_sheet_row(pen, false);
    wg_sheet_text(pen, job->tree.code[cell]);
    wg_sheet_text(pen, job->tree.name[cell]);
    wg_sheet_number(pen, (double)at->inside);
    wg_sheet_text(
        pen, at->votes == 0 || name == UINT32_MAX ? NULL : wg_fields_text(job->facilities, at->facility, name, text));
    wg_sheet_number(pen, at->n > 0 ? at->sum / (double)at->n : NAN);
    wg_sheet_number(pen, at->n > 0 ? at->most : NAN);
    wg_sheet_number(pen, households);
    wg_sheet_number(pen, served);
    wg_sheet_number(pen, households > 0.0 ? 100.0 * served / households : NAN);
    wg_sheet_text(pen, served == 0.0 && households > 0.0 ? wg_report_say(job, "yes", "是") : NULL);
}

wg_status wg_report_sheets_service(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {{"Code", "网格编码", WG_TEXT, 0, false},
                                            {"Name", "网格名称", WG_TEXT, 0, false},
                                            {"Facilities in the cell", "网格内设施数", WG_INTEGER, 0, false},
                                            {"Nearest facility", "最近设施", WG_TEXT, 0, false},
                                            {"Mean way (m)", "平均距离(米)", WG_REAL, 0, false},
                                            {"Longest way (m)", "最远距离(米)", WG_REAL, 0, false},
                                            {"Households", "户数", WG_REAL, 0, false},
                                            {"Households served", "服务覆盖户数", WG_REAL, 0, false},
                                            {"Served", "服务覆盖率", WG_REAL, 1, true},
                                            {"Nobody served", "无设施覆盖", WG_TEXT, 0, false}};
    wg_status status = WG_OK;
    wg_sheet_pen pen;
    if (!job->model.has_service || job->model.svc_nearest == NULL) {
        return WG_OK;
    }
    way *ways = wg_calloc(job->tree.n_cells, sizeof *ways);
    if (ways == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(find_ways(ctx, job, ways));
    wg_sheet_begin(&pen, ctx, job, "service", "Service points", "服务设施表",
                   "Ways are straight, from the middle of each building to its nearest facility; the facility named is "
                   "the nearest one of most buildings of the cell.",
                   "距离为楼栋中心到最近设施的直线距离；所列设施为该网格多数楼栋的最近设施。", fields,
                   sizeof fields / sizeof *fields);
    const uint32_t name = name_column(job->facilities);
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        service_row(&pen, job, cell, &ways[cell], name);
    }
    status = wg_sheet_end(&pen);
done:
    free(ways);
    return status;
}
