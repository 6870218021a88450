/*
 * Before and after (调整前后对照表): what became of every cell, and the households, people and land that moved. From
 * the crosswalk that a redraw leaves in its plan, or from the cells as they were (--before).
 */
#include <math.h>
#include <string.h>

#include "crs/crs.h"
#include "io/fields.h"
#include "io/read.h"
#include "plan/compare.h"
#include "plan/report_sheet.h"

/* As compare has them: a line that moved less on average is the same; a smaller part is an edge correction. */
#define SAME_LINE_M 1.0
#define PART_SHARE 0.1

/** Households, people or land. */
enum { HH, POP, AREA, N_AMOUNTS };

/** An old or a new cell. */
typedef struct side {
    const char *code;
    double amount[N_AMOUNTS];
    uint32_t partner; /**< the cell that continues it, or that it continues */
    uint32_t main;    /**< the cell of the other side that shares most */
    double most;      /**< what that share is worth */
    double land_part; /**< per cent of its land that the largest share is */
} side;

/** What an old and a new cell share. */
typedef struct pair {
    uint32_t a, b; /**< WG_UNASSIGNED: in no cell of that side */
    double amount[N_AMOUNTS];
    bool continues;
} pair;

typedef struct changes {
    side *a, *b;
    pair *pairs;
    size_t n_a, n_b, n;
} changes;

static void changes_release(changes *c) {
    free(c->a);
    free(c->b);
    free(c->pairs);
}

/* ------------------------------------------------------------------ the crosswalk */

static const char *text_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    return index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
}

static double number_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    return index == UINT32_MAX || wg_layer_is_null(layer, row, index) ? 0.0 : wg_layer_real(layer, row, index);
}

static int by_text(const void *a, const void *b) {
    return strcmp(((const side *)a)->code, ((const side *)b)->code);
}

/** The different codes of a column, sorted. */
static wg_status find_sides(wg_context *ctx, const wg_layer *rows, const bool *skip, const char *column, side **sides,
                            size_t *n) {
    side *made = wg_calloc(rows->n, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    size_t all = 0;
    for (size_t row = 0; row < rows->n; row++) {
        const char *code = skip[row] ? NULL : text_of(rows, row, column);
        if (code != NULL) {
            made[all++] = (side){.code = code, .partner = WG_UNASSIGNED, .main = WG_UNASSIGNED};
        }
    }
    qsort(made, all, sizeof *made, by_text);
    *n = 0;
    for (size_t i = 0; i < all; i++) {
        if (*n == 0 || strcmp(made[*n - 1].code, made[i].code) != 0) {
            made[(*n)++] = made[i];
        }
    }
    *sides = made;
    return WG_OK;
}

static uint32_t find_side(const side *sides, size_t n, const char *code) {
    const side key = {.code = code};
    const side *found = code == NULL ? NULL : bsearch(&key, sides, n, sizeof key, by_text);
    return found == NULL ? WG_UNASSIGNED : (uint32_t)(found - sides);
}

/** People first, land where there are none: as cells are paired by compare. */
static double worth(const changes *c, const pair *at) {
    return at->amount[HH] + 1e-3 * at->amount[POP] + 1e-6 * at->amount[AREA] / (c->a[at->a].amount[AREA] + 1.0);
}

/** Land of whole cells: what they share adds up to more where cells overlap, and to less where they leave gaps. */
static void take_land(const wg_report_job *job, changes *c, const wg_layer *rows, size_t row, const pair *at) {
    const double part = number_of(rows, row, "area_pct");
    const uint32_t cell = at->b == WG_UNASSIGNED ? WG_UNASSIGNED : wg_report_cell(&job->tree, c->b[at->b].code);
    if (at->a != WG_UNASSIGNED && part > c->a[at->a].land_part) {
        c->a[at->a].land_part = part; /* the largest share tells the whole best */
        c->a[at->a].amount[AREA] = 100.0 * at->amount[AREA] / part;
    }
    if (cell != WG_UNASSIGNED) {
        c->b[at->b].amount[AREA] = number_of(job->cells, cell, "area_m2");
    }
}

static void add_pair(const wg_report_job *job, changes *c, const wg_layer *rows, size_t row) {
    pair *at = &c->pairs[c->n++];
    const char *continues = text_of(rows, row, "continues");
    *at = (pair){.a = find_side(c->a, c->n_a, text_of(rows, row, "old")),
                 .b = find_side(c->b, c->n_b, text_of(rows, row, "new")),
                 .amount = {number_of(rows, row, "households"), number_of(rows, row, "population"),
                            number_of(rows, row, "area_m2")},
                 .continues = continues != NULL && strcmp(continues, "yes") == 0};
    take_land(job, c, rows, row, at);
    for (uint32_t k = 0; k < AREA; k++) {
        if (at->a != WG_UNASSIGNED) {
            c->a[at->a].amount[k] += at->amount[k];
        }
        if (at->b != WG_UNASSIGNED) {
            c->b[at->b].amount[k] += at->amount[k];
        }
    }
    if (at->continues && at->a != WG_UNASSIGNED && at->b != WG_UNASSIGNED) {
        c->a[at->a].partner = at->b;
        c->b[at->b].partner = at->a;
    }
}

static void find_mains(changes *c) {
    for (size_t i = 0; i < c->n; i++) {
        const pair *at = &c->pairs[i];
        if (at->a == WG_UNASSIGNED || at->b == WG_UNASSIGNED) {
            continue;
        }
        const double value = worth(c, at);
        side *const both[] = {&c->a[at->a], &c->b[at->b]};
        for (uint32_t k = 0; k < 2; k++) {
            if (value > both[k]->most) {
                both[k]->most = value;
                both[k]->main = k == 0 ? at->b : at->a;
            }
        }
    }
}

/** Rows of one network, the first: the others are other departments'. */
static wg_status read_crosswalk(wg_context *ctx, const wg_report_job *job, changes *c) {
    wg_status status = WG_OK;
    const wg_layer *rows = job->crosswalk;
    const char *network = rows->n == 0 ? NULL : text_of(rows, 0, "network");
    bool *skip = wg_calloc(rows->n, sizeof *skip);
    c->pairs = wg_calloc(rows->n, sizeof *c->pairs);
    if (skip == NULL || c->pairs == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t row = 0; row < rows->n; row++) {
        const char *own = text_of(rows, row, "network");
        skip[row] = network != NULL && (own == NULL || strcmp(own, network) != 0);
    }
    WG_TRY(find_sides(ctx, rows, skip, "old", &c->a, &c->n_a));
    WG_TRY(find_sides(ctx, rows, skip, "new", &c->b, &c->n_b));
    for (size_t row = 0; row < rows->n; row++) {
        if (!skip[row]) {
            add_pair(job, c, rows, row);
        }
    }
    find_mains(c);
done:
    free(skip);
    return status;
}

/* ------------------------------------------------------------------ what became of them */

static const pair *shared(const changes *c, uint32_t a, uint32_t b) {
    for (size_t i = 0; i < c->n; i++) {
        if (c->pairs[i].a == a && c->pairs[i].b == b) {
            return &c->pairs[i];
        }
    }
    return NULL;
}

static double perimeter_of(const wg_report_job *job, const char *code, double area) {
    const uint32_t cell = wg_report_cell(&job->tree, code);
    const double known = cell == WG_UNASSIGNED ? 0.0 : number_of(job->cells, cell, "perim_m");
    return known > 0.0 ? known : 4.0 * sqrt(area);
}

static bool is_same(const wg_report_job *job, const changes *c, uint32_t a, uint32_t b) {
    const pair *common = shared(c, a, b);
    const double *old = c->a[a].amount;
    const double *new = c->b[b].amount;
    const double moved = old[AREA] + new[AREA] - 2.0 * common->amount[AREA];
    return moved <= SAME_LINE_M * perimeter_of(job, c->b[b].code, new[AREA]) &&
           fabs(common->amount[HH] - old[HH]) < 0.5 && fabs(common->amount[HH] - new[HH]) < 0.5;
}

/** Whether a part of some weight became a cell of its own. */
static bool has_offspring(const changes *c, uint32_t a) {
    for (size_t i = 0; i < c->n; i++) {
        const pair *at = &c->pairs[i];
        if (at->a == a && at->b != WG_UNASSIGNED && c->b[at->b].partner == WG_UNASSIGNED && c->b[at->b].main == a &&
            (at->amount[AREA] >= PART_SHARE * c->a[a].amount[AREA] ||
             (c->a[a].amount[HH] > 0.0 && at->amount[HH] >= PART_SHARE * c->a[a].amount[HH]))) {
            return true;
        }
    }
    return false;
}

static wg_change change_of(const wg_report_job *job, const changes *c, uint32_t a) {
    const side *old = &c->a[a];
    if (old->partner == WG_UNASSIGNED) {
        return old->main == WG_UNASSIGNED ? WG_CHANGE_RETIRED : WG_CHANGE_MERGED;
    }
    return is_same(job, c, a, old->partner) ? WG_CHANGE_KEPT
           : has_offspring(c, a)            ? WG_CHANGE_SPLIT
                                            : WG_CHANGE_ADJUSTED;
}

/* ------------------------------------------------------------------ the sheet */

/** The amounts of a row: before, after, out, in; NAN: none. */
typedef struct moved {
    double before, after, out, in;
} moved;

static moved moved_of(const changes *c, uint32_t a, uint32_t b, uint32_t amount) {
    const bool joined = a != WG_UNASSIGNED && b != WG_UNASSIGNED && c->a[a].partner == b;
    const double stay = joined ? shared(c, a, b)->amount[amount] : 0.0;
    const bool has_a = a != WG_UNASSIGNED && (joined || c->a[a].partner == WG_UNASSIGNED);
    const bool has_b = b != WG_UNASSIGNED && (joined || c->b[b].partner == WG_UNASSIGNED);
    const double before = has_a ? c->a[a].amount[amount] : NAN;
    const double after = has_b ? c->b[b].amount[amount] : NAN;
    return (moved){before, after, before - stay, after - stay};
}

/**
 * Small counts go, and what tells them: what stays is before - out and after - in. What is shown of the new cell is
 * what the other tables show.
 */
static void hide_moved(moved *m, double least, bool after_hidden) {
    const double told[] = {m->before, m->out, m->in, m->before - m->out, after_hidden ? 1.0 : 0.0};
    bool hide = false;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        hide = hide || (told[i] > 1e-6 && told[i] < least);
    }
    if (hide) {
        m->before = m->out = m->in = NAN;
    }
    m->after = after_hidden || (m->after > 0.0 && m->after < least) ? NAN : m->after;
}

static void put_moved(wg_sheet_pen *pen, const wg_report_job *job, const changes *c, uint32_t a, uint32_t b) {
    const uint32_t cell = b == WG_UNASSIGNED ? WG_UNASSIGNED : wg_report_cell(&job->tree, c->b[b].code);
    for (uint32_t k = 0; k < N_AMOUNTS; k++) {
        moved m = moved_of(c, a, b, k);
        if (job->options->suppress > 0 && k != AREA) {
            const wg_figure figure = k == HH ? WG_FIG_HH : WG_FIG_POP;
            hide_moved(&m, (double)job->options->suppress,
                       cell != WG_UNASSIGNED && isnan(job->model.area[figure][cell]));
        }
        const double unit = k == AREA ? 10000.0 : 1.0;
        wg_sheet_number(pen, m.before / unit);
        wg_sheet_number(pen, m.after / unit);
        wg_sheet_number(pen, m.out / unit);
        wg_sheet_number(pen, m.in / unit);
    }
}

static void change_row(wg_sheet_pen *pen, const wg_report_job *job, const changes *c, uint32_t a, uint32_t b,
                       wg_change change, const wg_layer *retired) {
    const uint32_t cell = b == WG_UNASSIGNED ? WG_UNASSIGNED : wg_report_cell(&job->tree, c->b[b].code);
    const char *reason = NULL;
    for (size_t row = 0; retired != NULL && a != WG_UNASSIGNED && row < retired->n && reason == NULL; row++) {
        const char *code = text_of(retired, row, "code");
        reason = code != NULL && strcmp(code, c->a[a].code) == 0 ? text_of(retired, row, "reason") : NULL;
    }
    wg_sheet_row(pen, false);
    wg_sheet_text(pen, wg_change_name(change, job->options->lang));
    wg_sheet_text(pen, a == WG_UNASSIGNED ? NULL : c->a[a].code);
    wg_sheet_text(pen, b == WG_UNASSIGNED ? NULL : c->b[b].code);
    wg_sheet_text(pen, cell == WG_UNASSIGNED ? NULL : text_of(job->cells, cell, "name"));
    put_moved(pen, job, c, a, b);
    wg_sheet_text(pen, reason);
}

static wg_status sheet_changes(wg_context *ctx, wg_report_job *job, const changes *c, const wg_layer *retired) {
    static const wg_sheet_field fields[] = {{"Change", "变动", WG_TEXT, 0, false},
                                            {"Cell before", "调整前网格", WG_TEXT, 0, false},
                                            {"Cell after", "调整后网格", WG_TEXT, 0, false},
                                            {"Name", "网格名称", WG_TEXT, 0, false},
                                            {"Households before", "调整前户数", WG_REAL, 0, false},
                                            {"Households after", "调整后户数", WG_REAL, 0, false},
                                            {"Households moved out", "划出户数", WG_REAL, 0, false},
                                            {"Households moved in", "划入户数", WG_REAL, 0, false},
                                            {"People before", "调整前人口", WG_REAL, 0, false},
                                            {"People after", "调整后人口", WG_REAL, 0, false},
                                            {"People moved out", "划出人口", WG_REAL, 0, false},
                                            {"People moved in", "划入人口", WG_REAL, 0, false},
                                            {"Area before (ha)", "调整前面积(公顷)", WG_REAL, 2, false},
                                            {"Area after (ha)", "调整后面积(公顷)", WG_REAL, 2, false},
                                            {"Area moved out (ha)", "划出面积(公顷)", WG_REAL, 2, false},
                                            {"Area moved in (ha)", "划入面积(公顷)", WG_REAL, 2, false},
                                            {"Reason", "原因", WG_TEXT, 0, false}};
    wg_sheet_pen pen;
    wg_sheet_begin(&pen, ctx, job, "changes", "Before and after", "调整前后对照表",
                   "A building counts where most of it lies. A merged cell names the cell that took over most of it.",
                   "楼栋按主要所在网格计；被合并的网格列出承接其主要部分的网格。", fields,
                   sizeof fields / sizeof *fields);
    for (uint32_t a = 0; a < c->n_a; a++) {
        const uint32_t b = c->a[a].partner != WG_UNASSIGNED ? c->a[a].partner : c->a[a].main;
        change_row(&pen, job, c, a, b, change_of(job, c, a), retired);
    }
    for (uint32_t b = 0; b < c->n_b; b++) {
        if (c->b[b].partner == WG_UNASSIGNED) {
            change_row(&pen, job, c, c->b[b].main, b, c->b[b].main == WG_UNASSIGNED ? WG_CHANGE_NEW : WG_CHANGE_SPLIT,
                       NULL);
        }
    }
    return wg_sheet_end(&pen);
}

/* ------------------------------------------------------------------ inputs */

/** Of the buildings that count: one that stands there twice counts once. */
static double *figures_of(const wg_report_job *job, const char *column) {
    const wg_layer *buildings = job->buildings;
    double *values = wg_calloc(buildings->n, sizeof *values);
    for (size_t row = 0; values != NULL && row < buildings->n; row++) {
        values[row] = job->building_skip[row] ? 0.0 : number_of(buildings, row, column);
    }
    return values;
}

wg_status wg_report_read_before(wg_context *ctx, wg_report_job *job) {
    static const wg_role roles[] = {WG_ROLE_CODE, WG_ROLE_CELL, WG_ROLE_ID, WG_ROLE_NAME};
    wg_status status = WG_OK;
    wg_fields fields;
    wg_compared old = {0};
    wg_compared now = {.code = wg_layer_column(job->cells, "code"), .name = UINT32_MAX};
    wg_compared_buildings buildings = {.layer = job->buildings->n > 0 ? job->buildings : NULL, .id = UINT32_MAX};
    wg_comparison comparison = {0};
    if (!wg_input_given(&job->options->before)) {
        return wg_store_rows(job->store, "crosswalk") > 0 ? wg_store_get(ctx, job->store, "crosswalk", &job->crosswalk)
                                                          : WG_OK;
    }
    WG_TRY(wg_read(ctx, &job->options->before, "before", &old.layer));
    WG_TRY(wg_crs_transform(ctx, old.layer, wg_store_crs(job->store)));
    WG_TRY(wg_fields_match(ctx, old.layer, "before", roles, 4, job->options->fields, job->options->n_fields,
                           job->field_used, &fields));
    old.code = fields.column[WG_ROLE_CODE] != UINT32_MAX   ? fields.column[WG_ROLE_CODE]
               : fields.column[WG_ROLE_CELL] != UINT32_MAX ? fields.column[WG_ROLE_CELL]
                                                           : fields.column[WG_ROLE_ID];
    old.name = fields.column[WG_ROLE_NAME];
    buildings.households = figures_of(job, "households");
    buildings.population = figures_of(job, "population");
    if (buildings.households == NULL || buildings.population == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(wg_layer_copy(ctx, job->cells, NULL, &now.layer));
    WG_TRY(wg_compared_measure(ctx, &buildings, &old));
    WG_TRY(wg_compared_measure(ctx, &buildings, &now));
    WG_TRY(wg_comparison_make(ctx, &old, &now, &buildings, &comparison));
    WG_TRY(wg_comparison_crosswalk(ctx, &comparison, &job->crosswalk));
done:
    wg_comparison_release(&comparison);
    wg_compared_release(&old);
    wg_compared_release(&now);
    free(buildings.households);
    free(buildings.population);
    return status;
}

wg_status wg_report_sheets_changes(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    wg_layer *retired = NULL;
    changes c = {.n = 0};
    if (job->crosswalk == NULL || job->crosswalk->n == 0) {
        return WG_OK;
    }
    if (!wg_input_given(&job->options->before) && wg_store_rows(job->store, "retired") > 0) {
        WG_TRY(wg_store_get(ctx, job->store, "retired", &retired));
    }
    WG_TRY(read_crosswalk(ctx, job, &c));
    WG_TRY(sheet_changes(ctx, job, &c, retired));
done:
    wg_layer_free(retired);
    changes_release(&c);
    return status;
}
