/* The cells that features are assigned to: read, ordered by code, indexed, checked. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/fields.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/assign.h"
#include "store/store.h"

enum { LEVEL_STEPS = 16 };

/* Codes of digits compare as numbers (9 before 10), others by their bytes. */
static int compare_codes(const char *a, const char *b) {
    const size_t na = strspn(a, "0123456789"), nb = strspn(b, "0123456789");
    if (a[na] == '\0' && b[nb] == '\0' && na > 0 && nb > 0) {
        const char *p = a + strspn(a, "0"), *q = b + strspn(b, "0");
        const size_t lp = strlen(p), lq = strlen(q);
        if (lp != lq) {
            return lp < lq ? -1 : 1;
        }
        const int order = strcmp(p, q);
        if (order != 0) {
            return order;
        }
    }
    return strcmp(a, b);
}

typedef struct coded_row {
    const char *code;
    size_t row;
} coded_row;

static int compare_rows(const void *a, const void *b) {
    const coded_row *p = a, *q = b;
    const int order = compare_codes(p->code, q->code);
    return order != 0 ? order : p->row < q->row ? -1 : p->row > q->row ? 1 : 0;
}

static bool is_plan(const wg_input *input) {
    return input->layer == NULL && input->source != NULL && strchr(input->source, '|') == NULL &&
           wg_store_is_plan(input->source);
}

static wg_status read_cells(wg_context *ctx, const wg_input *input, wg_layer **source, wg_layer **levels) {
    wg_status status = WG_OK;
    wg_store *store = NULL;
    if (!is_plan(input)) {
        return wg_read(ctx, input, "cells", source);
    }
    WG_TRY(wg_store_open(ctx, input->source, WG_STORE_READ, &store));
    WG_TRY(wg_store_get(ctx, store, "cells", source));
    if (wg_store_has(store, "levels")) {
        WG_TRY(wg_store_get(ctx, store, "levels", levels));
    }
    if (input->crs != NULL) {
        WG_TRY(wg_layer_set_crs(ctx, *source, input->crs));
    }
done:
    wg_store_free(store);
    return status;
}

static const char *keep_text(wg_assign_cells *cells, const wg_layer *source, size_t row, uint32_t column) {
    char number[32];
    const char *text = column == UINT32_MAX ? NULL : wg_fields_text(source, row, column, number);
    return wg_arena_strdup(&cells->text, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

/* Micro cells lie inside other cells; where both are in one layer, the others are the cells. */
static bool *rows_without_micro(const wg_layer *source, uint32_t kind, size_t *n) {
    bool *keep = wg_malloc(source->n, sizeof *keep);
    size_t kept = 0;
    for (size_t row = 0; keep != NULL && row < source->n; row++) {
        const char *text = kind == UINT32_MAX ? NULL : wg_layer_text(source, row, kind);
        keep[row] = text == NULL || strcmp(text, "micro") != 0;
        kept += keep[row] ? 1 : 0;
    }
    if (keep != NULL && kept == 0) {
        memset(keep, true, source->n * sizeof *keep);
        kept = source->n;
    }
    *n = kept;
    return keep;
}

/* ---- levels ---- */

static bool all_digits(const char *text, size_t length) {
    return strlen(text) == length && strspn(text, "0123456789") == length;
}

/* Community in a cell's code: 12 + 3 digits, or object + 12 + 2 digits. */
static const char *community_of_code(wg_arena *arena, const char *code) {
    return all_digits(code, 15)   ? wg_arena_strdup(arena, code, 12)
           : all_digits(code, 20) ? wg_arena_strdup(arena, code + 6, 12)
                                  : "";
}

/* Street in a community's code: county and street are its first nine digits, behind the object class where there is
 * one. */
static const char *street_of_community(wg_arena *arena, const char *community) {
    return all_digits(community, 12)   ? wg_arena_strdup(arena, community, 9)
           : all_digits(community, 18) ? wg_arena_strdup(arena, community + 6, 9)
                                       : "";
}

static int compare_levels(const void *a, const void *b) {
    const coded_row *p = a, *q = b;
    return strcmp(p->code, q->code);
}

/** The plan's tree of levels, by code. */
typedef struct level_tree {
    coded_row *rows;
    size_t n;
    const wg_layer *layer;
    uint32_t parent, level;
} level_tree;

static wg_status level_tree_init(wg_context *ctx, const wg_layer *levels, level_tree *tree) {
    const uint32_t code = levels == NULL ? UINT32_MAX : wg_layer_column(levels, "code");
    *tree = (level_tree){.layer = levels};
    if (code == UINT32_MAX) {
        return WG_OK;
    }
    tree->parent = wg_layer_column(levels, "parent");
    tree->level = wg_layer_column(levels, "level");
    if (tree->parent == UINT32_MAX || tree->level == UINT32_MAX) {
        return WG_OK;
    }
    tree->rows = wg_malloc(levels->n, sizeof *tree->rows);
    if (tree->rows == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < levels->n; row++) {
        const char *text = wg_layer_text(levels, row, code);
        if (text != NULL) {
            tree->rows[tree->n++] = (coded_row){text, row};
        }
    }
    qsort(tree->rows, tree->n, sizeof *tree->rows, compare_levels);
    return WG_OK;
}

/* Walk up from a code to the level of this name. @return its code, or NULL */
static const char *level_above(const level_tree *tree, const char *code, const char *level) {
    for (int step = 0; tree->n > 0 && code != NULL && step < LEVEL_STEPS; step++) {
        const coded_row key = {.code = code};
        const coded_row *found = bsearch(&key, tree->rows, tree->n, sizeof *tree->rows, compare_levels);
        if (found == NULL) {
            return NULL;
        }
        const char *own = wg_layer_text(tree->layer, found->row, tree->level);
        if (own != NULL && strcmp(own, level) == 0) {
            return found->code;
        }
        code = wg_layer_text(tree->layer, found->row, tree->parent);
    }
    return NULL;
}

static wg_status fill_levels(wg_context *ctx, wg_assign_cells *cells, const wg_layer *levels) {
    level_tree tree;
    wg_status status = level_tree_init(ctx, levels, &tree);
    for (uint32_t i = 0; status == WG_OK && i < cells->n; i++) {
        if (cells->community[i][0] == '\0') {
            cells->community[i] = community_of_code(&cells->text, cells->code[i]);
        }
        const char *from =
            cells->community[i] == NULL || cells->community[i][0] == '\0' ? cells->code[i] : cells->community[i];
        if (cells->street[i][0] == '\0' && cells->community[i] != NULL) {
            const char *found = level_above(&tree, from, "street");
            cells->street[i] = found == NULL ? street_of_community(&cells->text, cells->community[i])
                                             : wg_arena_strdup(&cells->text, found, strlen(found));
        }
        if (cells->group[i][0] == '\0') {
            const char *found = level_above(&tree, from, "group");
            cells->group[i] = found == NULL ? "" : wg_arena_strdup(&cells->text, found, strlen(found));
        }
        if (cells->community[i] == NULL || cells->street[i] == NULL || cells->group[i] == NULL) {
            status = wg_fail_memory(ctx);
            break;
        }
        cells->has_group = cells->has_group || cells->group[i][0] != '\0';
        cells->has_street = cells->has_street || cells->street[i][0] != '\0';
    }
    free(tree.rows);
    return status;
}

/* ---- order ---- */

static wg_status allocate(wg_context *ctx, wg_assign_cells *cells) {
    cells->code = wg_calloc(cells->n, sizeof *cells->code);
    cells->community = wg_calloc(cells->n, sizeof *cells->community);
    cells->group = wg_calloc(cells->n, sizeof *cells->group);
    cells->street = wg_calloc(cells->n, sizeof *cells->street);
    return cells->code == NULL || cells->community == NULL || cells->group == NULL || cells->street == NULL
               ? wg_fail_memory(ctx)
               : WG_OK;
}

static wg_status take_row(wg_context *ctx, wg_assign_cells *cells, const wg_layer *source, const wg_fields *fields,
                          size_t row, const char *code) {
    size_t bytes, made;
    const void *wkb = wg_layer_wkb(source, row, &bytes);
    wg_status status = wg_layer_add_row(ctx, cells->layer, wkb, bytes, &made);
    if (status != WG_OK) {
        return status;
    }
    cells->layer->fid[made] = source->fid[row];
    cells->code[made] = code;
    cells->community[made] = keep_text(cells, source, row, fields->column[WG_ROLE_COMMUNITY]);
    cells->group[made] = keep_text(cells, source, row, fields->column[WG_ROLE_GROUP]);
    cells->street[made] = keep_text(cells, source, row, fields->column[WG_ROLE_STREET]);
    if (cells->community[made] == NULL || cells->group[made] == NULL || cells->street[made] == NULL) {
        return wg_fail_memory(ctx);
    }
    return wg_layer_set_text(ctx, cells->layer, made, 0, code);
}

static void warn_of_codes(wg_context *ctx, const wg_assign_cells *cells, bool numbered) {
    size_t twice = 0;
    const char *first = "";
    for (uint32_t i = 1; i < cells->n; i++) {
        if (strcmp(cells->code[i], cells->code[i - 1]) == 0) {
            first = twice == 0 ? cells->code[i] : first;
            twice++;
        }
    }
    if (numbered) {
        wg_log(ctx, WG_LOG_WARNING,
               "%s: no field with codes; feature numbers are used (name it with --field cells.code=FIELD)",
               cells->source);
    }
    if (twice > 0) {
        wg_log(ctx, WG_LOG_WARNING, "%s: %zu features repeat the code of another, first %s; they count as one cell",
               cells->source, twice, first);
    }
}

/* What names a cell: its code, else what stands for one. */
static uint32_t naming_column(const wg_fields *fields) {
    static const wg_role roles[] = {WG_ROLE_CODE, WG_ROLE_CELL, WG_ROLE_ID, WG_ROLE_NAME};
    uint32_t column = UINT32_MAX;
    for (size_t i = 0; column == UINT32_MAX && i < sizeof roles / sizeof roles[0]; i++) {
        column = fields->column[roles[i]];
    }
    return column;
}

static wg_status order_cells(wg_context *ctx, const wg_assign_options *options, const wg_layer *source, bool *used,
                             wg_assign_cells *cells) {
    static const wg_role roles[] = {WG_ROLE_CODE,      WG_ROLE_ID,    WG_ROLE_CELL,  WG_ROLE_NAME,
                                    WG_ROLE_COMMUNITY, WG_ROLE_GROUP, WG_ROLE_STREET};
    wg_status status = WG_OK;
    wg_fields fields;
    coded_row *rows = NULL;
    bool *keep = NULL;
    size_t n = 0, taken = 0;
    WG_TRY(wg_fields_match(ctx, source, "cells", roles, sizeof roles / sizeof roles[0], options->fields,
                           options->n_fields, used, &fields));
    const uint32_t code = naming_column(&fields);
    keep = rows_without_micro(source, wg_layer_column(source, "kind"), &n);
    rows = wg_malloc(n, sizeof *rows);
    if (keep == NULL || rows == NULL || n >= WG_UNASSIGNED) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    cells->n = (uint32_t)n;
    WG_TRY(allocate(ctx, cells));
    for (size_t row = 0; row < source->n; row++) {
        char number[32];
        if (!keep[row]) {
            continue;
        }
        const char *text = code == UINT32_MAX ? NULL : wg_fields_text(source, row, code, number);
        if (text == NULL) {
            (void)snprintf(number, sizeof number, "%lld", (long long)source->fid[row]);
            text = number;
        }
        rows[taken] = (coded_row){wg_arena_strdup(&cells->text, text, strlen(text)), row};
        if (rows[taken++].code == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
    }
    qsort(rows, n, sizeof *rows, compare_rows);
    WG_TRY(wg_layer_new(ctx, "cells", source->crs, &cells->layer));
    WG_TRY(wg_layer_set_source(ctx, cells->layer, wg_layer_source(source)));
    WG_TRY(wg_layer_add_column(ctx, cells->layer, "code", WG_TEXT, NULL));
    for (size_t i = 0; i < n; i++) {
        WG_TRY(take_row(ctx, cells, source, &fields, rows[i].row, rows[i].code));
    }
    warn_of_codes(ctx, cells, code == UINT32_MAX);
done:
    free(rows);
    free(keep);
    return status;
}

/* ---- where distances are metres ---- */

/* One in the CRS is one on the ground, to half a percent, both ways: distances may be measured in it. */
static bool is_metric(wg_context *ctx, const wg_assign_cells *cells, const char *working) {
    double b[4];
    wg_locator_bounds(cells->locator, b);
    const double x = b[0] + (b[2] - b[0]) / 2, y = b[1] + (b[3] - b[1]) / 2;
    double xy[6] = {x, y, x + 100, y, x, y + 100};
    if (wg_crs_points(ctx, cells->crs, working, xy, 3) != WG_OK) {
        return false;
    }
    const double east = hypot(xy[2] - xy[0], xy[3] - xy[1]), north = hypot(xy[4] - xy[0], xy[5] - xy[1]);
    return fabs(east - 100) < 0.5 && fabs(north - 100) < 0.5;
}

static wg_status prepare_metric(wg_context *ctx, wg_assign_cells *cells, bool distances) {
    wg_status status = WG_OK;
    const wg_locator_options tree = {.tree = true};
    char *working = NULL;
    wg_crs_info info;
    if (cells->crs == NULL) {
        cells->metric = cells->locator;
        return WG_OK; /* taken as metres */
    }
    WG_TRY(wg_crs_describe(ctx, cells->crs, &info));
    cells->degrees = info.kind == WG_CRS_GEOGRAPHIC || info.kind == WG_CRS_GCJ02 || info.kind == WG_CRS_BD09;
    if (info.kind == WG_CRS_LOCAL || info.kind == WG_CRS_UNKNOWN || !distances) {
        cells->metric = cells->locator;
        return WG_OK;
    }
    WG_TRY(wg_crs_working(ctx, cells->layer, WG_DATUM_WGS84, NULL, &working));
    if (info.kind == WG_CRS_PROJECTED && is_metric(ctx, cells, working)) {
        cells->metric = cells->locator;
        goto done;
    }
    WG_TRY(wg_layer_copy(ctx, cells->layer, NULL, &cells->metric_layer));
    WG_TRY(wg_crs_transform_dense(ctx, cells->metric_layer, working, 0.01));
    WG_TRY(wg_locator_build(ctx, cells->metric_layer, &tree, &cells->metric));
    cells->metric_crs = working;
    working = NULL;
done:
    free(working);
    return status;
}

/* ---- coverage ---- */

enum { LISTED = 10 };

static wg_status check_cells(wg_context *ctx, const wg_assign_options *options, wg_assign_cells *cells) {
    wg_status status = WG_OK;
    double b[4];
    wg_locator_bounds(cells->locator, b);
    /* What rounding leaves along a seam: a thousand-millionth of the extent wide. */
    const double reach = fmax(b[2] - b[0], b[3] - b[1]), tolerance = reach * reach * 1e-12;
    WG_TRY(wg_locator_check(ctx, cells->locator, cells->layer, 0, tolerance, &cells->exceptions, &cells->check));
    const wg_coverage_check *found = &cells->check;
    for (size_t i = 0; i < cells->exceptions.n && i < LISTED; i++) {
        wg_log(ctx, WG_LOG_WARNING, "%s: %s (%s)", cells->source, cells->exceptions.items[i].detail,
               cells->exceptions.items[i].advice);
    }
    if (cells->exceptions.n > LISTED) {
        wg_log(ctx, WG_LOG_WARNING, "%s: and %zu more: %zu invalid cells, %zu overlaps, %zu gaps in all", cells->source,
               cells->exceptions.n - LISTED, found->invalid, found->overlaps, found->gaps);
    }
    if (options->strict && cells->exceptions.n > 0) {
        return wg_fail(ctx, WG_EDATA,
                       "%s: the cells are not a clean coverage: %zu invalid, %zu overlaps, %zu gaps; first: %s "
                       "(repair them, or leave out --strict)",
                       cells->source, found->invalid, found->overlaps, found->gaps, cells->exceptions.items[0].detail);
    }
    if (found->gap_polygons != NULL) {
        WG_TRY(wg_locator_build(ctx, found->gap_polygons, NULL, &cells->gaps));
    }
done:
    return status;
}

uint32_t wg_assign_cells_row(const wg_assign_cells *cells, const char *code) {
    uint32_t low = 0, high = cells->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (compare_codes(cells->code[middle], code) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < cells->n && strcmp(cells->code[low], code) == 0 ? low : WG_UNASSIGNED;
}

wg_status wg_assign_cells_load(wg_context *ctx, const wg_assign_options *options, bool distances, bool *used,
                               wg_assign_cells *cells) {
    wg_status status = WG_OK;
    const wg_locator_options tree = {.tree = true};
    wg_layer *source = NULL, *levels = NULL;
    *cells = (wg_assign_cells){0};
    WG_TRY(read_cells(ctx, &options->cells, &source, &levels));
    cells->source = wg_strdup(wg_layer_source(source));
    cells->crs = wg_strdup(source->crs);
    if (cells->source == NULL || (source->crs != NULL && cells->crs == NULL)) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(order_cells(ctx, options, source, used, cells));
    WG_TRY(fill_levels(ctx, cells, levels));
    WG_TRY(wg_locator_build(ctx, cells->layer, &tree, &cells->locator));
    WG_TRY(prepare_metric(ctx, cells, distances));
    WG_TRY(check_cells(ctx, options, cells));
done:
    wg_layer_free(source);
    wg_layer_free(levels);
    return status;
}

void wg_assign_cells_release(wg_assign_cells *cells) {
    if (cells->metric != cells->locator) {
        wg_locator_free(cells->metric);
    }
    wg_locator_free(cells->locator);
    wg_locator_free(cells->gaps);
    wg_layer_free(cells->metric_layer);
    wg_layer_free(cells->layer);
    wg_coverage_check_release(&cells->check);
    wg_exceptions_release(&cells->exceptions);
    wg_arena_release(&cells->text);
    free(cells->code);
    free(cells->community);
    free(cells->group);
    free(cells->street);
    free(cells->crs);
    free(cells->metric_crs);
    free(cells->source);
    *cells = (wg_assign_cells){0};
}
