/* Sheet about roles: which ones a cell lacks, and cells whose people are all part-time. */
#include <stdio.h>
#include <string.h>

#include "plan/report_sheet.h"

enum { FULL_PERCENT = 100 }; /* of a full-time equivalent */

/** What the posts of a cell come to. */
typedef struct staff {
    uint32_t posts, full;
    uint32_t have[WG_REPORT_RULES]; /**< a needed role */
} staff;

static const char *text_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    return index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
}

/** Without a stated time a person is there full-time. */
static bool is_full(const wg_layer *workers, size_t row) {
    const uint32_t fte = wg_layer_column(workers, "fte");
    return fte == UINT32_MAX || wg_layer_is_null(workers, row, fte) ||
           100.0 * wg_layer_real(workers, row, fte) >= FULL_PERCENT - 1e-6;
}

static wg_status count_worker(wg_context *ctx, const wg_report_job *job, const wg_role_need *needs, uint32_t n_needs,
                              size_t row, staff *cells) {
    const char *role = text_of(job->workers, row, "role");
    const char *list = text_of(job->workers, row, "cell");
    char *codes = wg_strdup(list == NULL ? "" : list);
    char *rest = NULL;
    if (codes == NULL) {
        return wg_fail_memory(ctx);
    }
    for (char *code = strtok_r(codes, ";,| ", &rest); code != NULL; code = strtok_r(NULL, ";,| ", &rest)) {
        const uint32_t cell = wg_report_cell(&job->tree, code);
        if (cell == WG_UNASSIGNED) {
            continue;
        }
        cells[cell].posts++;
        cells[cell].full += is_full(job->workers, row) ? 1 : 0;
        for (uint32_t r = 0; r < n_needs; r++) {
            const bool fits = strcmp(needs[r].role, "*") == 0 || (role != NULL && strcmp(needs[r].role, role) == 0);
            cells[cell].have[r] += fits ? 1 : 0;
        }
    }
    free(codes);
    return WG_OK;
}

static void roles_row(wg_sheet_pen *pen, const wg_report_job *job, const wg_role_need *needs, uint32_t n_needs,
                      uint32_t cell, const staff *at) {
    wg_buffer missing = {0};
    double count = 0.0;
    for (uint32_t r = 0; r < n_needs; r++) {
        const uint32_t lack = at->have[r] < needs[r].least ? needs[r].least - at->have[r] : 0;
        const bool anybody = strcmp(needs[r].role, "*") == 0;
        if (lack > 0) {
            wg_buffer_printf(&missing, "%s%s %u", missing.length > 0 ? "; " : "",
                             anybody ? wg_report_say(job, "anybody", "任意岗位") : needs[r].role, lack);
            count += lack;
        }
    }
    wg_sheet_row(pen, false);
    wg_sheet_text(pen, job->tree.code[cell]);
    wg_sheet_text(pen, job->tree.name[cell]);
    wg_sheet_number(pen, at->posts);
    wg_sheet_number(pen, at->full);
    wg_sheet_number(pen, count);
    wg_sheet_text(pen, missing.length > 0 ? missing.data : NULL);
    wg_sheet_text(pen, at->posts > 0 && at->full == 0 ? wg_report_say(job, "yes", "是") : NULL);
    pen->status = pen->status == WG_OK && missing.failed ? wg_fail_memory(pen->ctx) : pen->status;
    wg_buffer_release(&missing);
}

wg_status wg_report_sheets_roles(wg_context *ctx, wg_report_job *job) {
    static const wg_sheet_field fields[] = {
        {"Code", "网格编码", WG_TEXT, 0, false},           {"Name", "网格名称", WG_TEXT, 0, false},
        {"People", "人员数", WG_INTEGER, 0, false},        {"Full-time", "专职人数", WG_INTEGER, 0, false},
        {"Roles missing", "缺岗数", WG_INTEGER, 0, false}, {"Which", "缺何岗位", WG_TEXT, 0, false},
        {"Part-time only", "仅有兼职", WG_TEXT, 0, false}};
    static const wg_role_need anybody = {"*", 1};
    const wg_role_need *needs = job->config.n_roles > 0 ? job->config.role : &anybody;
    const uint32_t n_needs = job->config.n_roles > 0 ? job->config.n_roles : 1;
    wg_status status = WG_OK;
    wg_sheet_pen pen;
    if (!job->model.has_workers) {
        return WG_OK;
    }
    staff *cells = wg_calloc(job->tree.n_cells, sizeof *cells);
    if (cells == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < job->workers->n; row++) {
        WG_TRY(count_worker(ctx, job, needs, n_needs, row, cells));
    }
    wg_sheet_begin(
        &pen, ctx, job, "roles", "Roles", "岗位配备表",
        "Needed roles are those of the rules (without any: one person). Full-time: one full-time equivalent.",
        "所需岗位见规则（缺省为至少一人）；专职指折合全时 1。", fields, sizeof fields / sizeof *fields);
    for (uint32_t cell = 0; cell < job->tree.n_cells; cell++) {
        roles_row(&pen, job, needs, n_needs, cell, &cells[cell]);
    }
    status = wg_sheet_end(&pen);
done:
    free(cells);
    return status;
}
