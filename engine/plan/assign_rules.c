/* The rules for one feature: inside, edge, nearest, key, or none with the reason. */
#include <math.h>
#include <string.h>

#include "model/wkb.h"
#include "plan/assign.h"

enum { OVERLAP_CELLS = 16 };

static const double DEGREE = 0.017453292519943295;

const char *wg_how_text(wg_how how) {
    static const char *const text[WG_N_HOW] = {"none", "inside", "edge", "nearest", "key", "split"};
    return text[how];
}

const char *wg_why_text(wg_why why) {
    static const char *const text[WG_N_WHY] = {
        "",        "outside",    "gap",         "overlap", "no_coordinate", "bad_coordinate", "zero_coordinate",
        "swapped", "unreadable", "unknown_key", "conflict"};
    return text[why];
}

void wg_assign_counts_add(wg_assign_counts *to, const wg_assign_counts *from) {
    to->in += from->in;
    to->rows += from->rows;
    to->replaced += from->replaced;
    to->recoded += from->recoded;
    for (int i = 0; i < WG_N_HOW; i++) {
        to->how[i] += from->how[i];
    }
    for (int i = 0; i < WG_N_WHY; i++) {
        to->why[i] += from->why[i];
    }
}

void wg_assign_reason(const wg_assign_cells *cells, const wg_answer *answer, wg_buffer *out) {
    if (answer->why == WG_WHY_NOTHING) {
        return;
    }
    wg_buffer_text(out, wg_why_text(answer->why));
    if (answer->why == WG_WHY_OVERLAP && answer->near != WG_UNASSIGNED && answer->other != WG_UNASSIGNED) {
        wg_buffer_printf(out, ": %s; %s", cells->code[answer->near], cells->code[answer->other]);
    } else if (answer->why == WG_WHY_SWAPPED && answer->other != WG_UNASSIGNED) {
        wg_buffer_printf(out, ": would be in %s", cells->code[answer->other]);
    } else if (answer->why == WG_WHY_CONFLICT) {
        wg_buffer_printf(out, ": %.0f m from the coordinate", answer->metres);
    }
}

/* ---- setting up ---- */

wg_status wg_assign_rules_init(wg_context *ctx, const wg_assign_options *options, const wg_assign_cells *cells,
                               const wg_assign_keys *keys, const char *features_crs, bool want_near,
                               wg_assign_rules *rules) {
    wg_status status = WG_OK;
    *rules = (wg_assign_rules){.options = options,
                               .cells = cells,
                               .keys = keys,
                               .want_near = want_near,
                               .off = {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    rules->features_in_degrees = cells->degrees;
    if (features_crs != NULL && cells->crs != NULL && !wg_crs_same(ctx, features_crs, cells->crs)) {
        wg_crs_info info;
        WG_TRY(wg_crs_describe(ctx, features_crs, &info));
        rules->features_in_degrees =
            info.kind == WG_CRS_GEOGRAPHIC || info.kind == WG_CRS_GCJ02 || info.kind == WG_CRS_BD09;
        WG_TRY(wg_crs_op_new(ctx, features_crs, cells->crs, &rules->to_cells));
        if (wg_crs_op_is_identity(rules->to_cells)) {
            wg_crs_op_free(rules->to_cells);
            rules->to_cells = NULL;
        } else if (options->split) {
            WG_TRY(wg_crs_op_new(ctx, cells->crs, features_crs, &rules->from_cells));
        }
    }
    if (cells->metric_crs != NULL) {
        WG_TRY(wg_crs_op_new(ctx, cells->crs, cells->metric_crs, &rules->to_metric));
    }
done:
    return status;
}

void wg_assign_rules_release(wg_assign_rules *rules) {
    wg_crs_op_free(rules->to_cells);
    wg_crs_op_free(rules->from_cells);
    wg_crs_op_free(rules->to_metric);
    wg_shares_release(&rules->shares);
    wg_buffer_release(&rules->text);
    free(rules->xy);
    free(rules->found_cell);
    free(rules->found);
    *rules = (wg_assign_rules){0};
}

static bool reserve(wg_assign_rules *rules, size_t n) {
    if (n <= rules->capacity) {
        return true;
    }
    double *xy = wg_realloc(rules->xy, n * 2, sizeof *xy);
    rules->xy = xy == NULL ? rules->xy : xy;
    uint32_t *cell = wg_realloc(rules->found_cell, n, sizeof *cell);
    rules->found_cell = cell == NULL ? rules->found_cell : cell;
    uint8_t *found = wg_realloc(rules->found, n, sizeof *found);
    rules->found = found == NULL ? rules->found : found;
    if (xy == NULL || cell == NULL || found == NULL) {
        return false;
    }
    rules->capacity = n;
    return true;
}

/* ---- a point that no cell simply has ---- */

/* A place in the cells' CRS becomes one where distances are metres. */
static void to_metric(wg_assign_rules *rules, double xy[2]) {
    if (rules->to_metric != NULL) {
        (void)wg_crs_op_points(rules->to_metric, xy, 1); /* without image: NANs, which are near nothing */
    }
}

static uint32_t nearest(wg_assign_rules *rules, const double at[2], double within, double *metres) {
    double xy[2] = {at[0], at[1]};
    to_metric(rules, xy);
    const uint32_t cell = wg_locator_nearest(rules->cells->metric, xy[0], xy[1], within, metres);
    rules->out_of_memory = rules->out_of_memory || *metres < 0;
    return cell;
}

/* wg_locator_all that remembers a failure, for the end of the batch. */
static size_t all_cells(wg_assign_rules *rules, const wg_locator *locator, double x, double y, uint32_t *cells,
                        size_t capacity) {
    const size_t n = wg_locator_all(locator, x, y, cells, capacity);
    rules->out_of_memory = rules->out_of_memory || n == WG_LOCATOR_NO_MEMORY;
    return n == WG_LOCATOR_NO_MEMORY ? 0 : n;
}

/* The first two cells of an overlap that are really two, not two features of one code. */
static bool two_cells(wg_assign_rules *rules, double x, double y, uint32_t pair[2]) {
    const wg_assign_cells *cells = rules->cells;
    uint32_t all[OVERLAP_CELLS];
    const size_t found = all_cells(rules, cells->locator, x, y, all, OVERLAP_CELLS),
                 n = found < OVERLAP_CELLS ? found : OVERLAP_CELLS;
    for (size_t i = 1; i < n; i++) {
        if (strcmp(cells->code[all[0]], cells->code[all[i]]) != 0) {
            pair[0] = all[0];
            pair[1] = all[i];
            return true;
        }
    }
    return false;
}

/* Would the features' coordinate with its two numbers exchanged lie in a cell? */
static uint32_t swapped_cell(wg_assign_rules *rules, const double source[2]) {
    double xy[2] = {source[1], source[0]};
    uint32_t cell;
    if (rules->features_in_degrees && !(fabs(source[0]) <= 90 && fabs(source[1]) <= 180)) {
        return WG_UNASSIGNED;
    }
    if (rules->to_cells != NULL) {
        (void)wg_crs_op_points(rules->to_cells, xy, 1);
    }
    return all_cells(rules, rules->cells->locator, xy[0], xy[1], &cell, 1) > 0 ? cell : WG_UNASSIGNED;
}

static bool in_gap(wg_assign_rules *rules, const double at[2]) {
    const wg_locator *gaps = rules->cells->gaps;
    uint32_t gap;
    return gaps != NULL && all_cells(rules, gaps, at[0], at[1], &gap, 1) > 0;
}

/*
 * A point outside all cells: nearest within the tolerance, else why it is outside.
 * @param at      in the cells' CRS  @param source  as the features have it
 */
static void outside(wg_assign_rules *rules, const double at[2], const double source[2], wg_answer *answer) {
    const double within = rules->options->within_m;
    wg_bounds_widen(rules->off, (const double[4]){at[0], at[1], at[0], at[1]});
    if (within > 0) {
        answer->cell = nearest(rules, at, within, &answer->metres);
        if (answer->cell != WG_UNASSIGNED) {
            answer->how = WG_HOW_NEAREST;
            answer->share = 1;
            return;
        }
    }
    answer->other = swapped_cell(rules, source);
    answer->why = answer->other != WG_UNASSIGNED     ? WG_WHY_SWAPPED
                  : source[0] == 0 && source[1] == 0 ? WG_WHY_ZERO
                  : in_gap(rules, at)                ? WG_WHY_GAP
                                                     : WG_WHY_OUTSIDE;
    if (rules->want_near && answer->why != WG_WHY_ZERO) {
        answer->near = nearest(rules, at, INFINITY, &answer->metres);
    }
}

static void decide_point(wg_assign_rules *rules, const double source[2], const double at[2], uint32_t cell,
                         wg_found found, wg_answer *answer) {
    if (answer->why != WG_WHY_NOTHING) {
        return; /* the caller knows already */
    }
    if (!isfinite(source[0]) || !isfinite(source[1])) {
        answer->why = isnan(source[0]) && isnan(source[1]) ? WG_WHY_NO_COORDINATE : WG_WHY_BAD_COORDINATE;
        return;
    }
    if (source[0] == 0 && source[1] == 0 && rules->features_in_degrees) {
        answer->why = WG_WHY_ZERO; /* nobody lives there: an empty field that became a number */
        return;
    }
    if (!isfinite(at[0]) || !isfinite(at[1])) {
        answer->other = swapped_cell(rules, source);
        answer->why = answer->other != WG_UNASSIGNED ? WG_WHY_SWAPPED : WG_WHY_BAD_COORDINATE;
        return;
    }
    if (found == WG_FOUND_NONE) {
        outside(rules, at, source, answer);
        return;
    }
    uint32_t pair[2];
    if (found == WG_FOUND_OVERLAP && two_cells(rules, at[0], at[1], pair)) {
        answer->why = WG_WHY_OVERLAP;
        answer->near = pair[0];
        answer->other = pair[1];
        answer->metres = 0;
        return;
    }
    answer->cell = cell;
    answer->how = found == WG_FOUND_EDGE ? WG_HOW_EDGE : WG_HOW_INSIDE;
    answer->share = 1;
}

/* ---- the key wins ---- */

/*
 * @param at  the coordinate in the cells' CRS; NANs: none
 */
static void apply_key(wg_assign_rules *rules, const char *key, size_t length, const double at[2], wg_answer *answer) {
    const wg_assign_options *options = rules->options;
    uint32_t cell;
    double place[2];
    if (rules->keys == NULL || key == NULL || length == 0) {
        return;
    }
    if (!wg_assign_keys_find(rules->keys, key, length, &rules->text, &cell, place) || cell == WG_UNASSIGNED) {
        if (answer->why == WG_WHY_NOTHING) {
            answer->why = WG_WHY_UNKNOWN_KEY;
        }
        return;
    }
    double xy[2] = {at[0], at[1]};
    to_metric(rules, xy);
    const double apart = hypot(xy[0] - place[0], xy[1] - place[1]);
    const double limit = options->conflict_m > 0 ? options->conflict_m : 100;
    const bool conflict = isfinite(apart) && apart > limit && answer->why != WG_WHY_ZERO; /* 0,0 contradicts nothing */
    *answer = (wg_answer){.cell = cell,
                          .other = WG_UNASSIGNED,
                          .near = WG_UNASSIGNED,
                          .how = WG_HOW_KEY,
                          .why = conflict ? WG_WHY_CONFLICT : WG_WHY_NOTHING,
                          .share = 1,
                          .metres = conflict ? apart : NAN};
}

static void blank(wg_answer *answer) {
    const uint8_t why = answer->why;
    *answer =
        (wg_answer){.cell = WG_UNASSIGNED, .other = WG_UNASSIGNED, .near = WG_UNASSIGNED, .why = why, .metres = NAN};
}

wg_status wg_assign_points(wg_context *ctx, wg_assign_rules *rules, const double *xy, size_t n, const char *const *key,
                           const size_t *key_length, wg_answer *answers) {
    if (!reserve(rules, n)) {
        return wg_fail_memory(ctx);
    }
    const double *at = xy;
    if (rules->to_cells != NULL) {
        memcpy(rules->xy, xy, 2 * n * sizeof *xy);
        (void)wg_crs_op_points(rules->to_cells, rules->xy, n);
        at = rules->xy;
    }
    const wg_status status = wg_locator_find_how(ctx, rules->cells->locator, at, n, rules->found_cell, rules->found);
    if (status != WG_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        blank(&answers[i]);
        decide_point(rules, xy + 2 * i, at + 2 * i, rules->found_cell[i], (wg_found)rules->found[i], &answers[i]);
        if (key != NULL) {
            apply_key(rules, key[i], key_length[i], at + 2 * i, &answers[i]);
        }
    }
    return rules->out_of_memory || rules->text.failed ? wg_fail_memory(ctx) : WG_OK;
}

/* ---- lines and polygons ---- */

typedef struct transform_walk {
    wg_crs_op *op;
    size_t lost;
} transform_walk;

static void transform_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    transform_walk *walk = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        walk->lost += wg_crs_op_points(walk->op, xy, 1);
        wg_wkb_set(pairs, i, xy);
    }
}

/** The vertex of a shape that is nearest to a cell. */
typedef struct nearest_walk {
    wg_assign_rules *rules;
    double within, best;
    uint32_t cell;
    bool finite;
} nearest_walk;

static void nearest_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    nearest_walk *walk = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2], metres;
        wg_wkb_get(pairs, i, xy);
        const uint32_t cell = nearest(walk->rules, xy, fmin(walk->within, walk->best), &metres);
        if (cell != WG_UNASSIGNED && (metres < walk->best || (metres == walk->best && cell < walk->cell))) {
            walk->best = metres;
            walk->cell = cell;
        }
    }
}

static void shape_outside(wg_assign_rules *rules, uint8_t *wkb, size_t bytes, const double middle[2],
                          const double source[2], wg_answer *answer) {
    const double within = rules->options->within_m;
    double bounds[4];
    if (wg_wkb_bounds(wkb, bytes, bounds)) {
        wg_bounds_widen(rules->off, bounds);
    }
    nearest_walk walk = {
        .rules = rules, .within = within > 0 ? within : INFINITY, .best = INFINITY, .cell = WG_UNASSIGNED};
    if (within > 0 || rules->want_near) {
        (void)wg_wkb_visit(wkb, bytes, nearest_run, &walk);
    }
    if (within > 0 && walk.cell != WG_UNASSIGNED) {
        answer->cell = walk.cell;
        answer->how = WG_HOW_NEAREST;
        answer->metres = walk.best;
        answer->share = 1;
        return;
    }
    if (rules->want_near && within > 0) {
        walk.within = INFINITY;
        (void)wg_wkb_visit(wkb, bytes, nearest_run, &walk);
    }
    answer->other = swapped_cell(rules, source);
    answer->why = answer->other != WG_UNASSIGNED ? WG_WHY_SWAPPED : in_gap(rules, middle) ? WG_WHY_GAP : WG_WHY_OUTSIDE;
    answer->near = walk.cell;
    answer->metres = walk.cell == WG_UNASSIGNED ? NAN : walk.best;
}

static void decide_shares(wg_assign_rules *rules, wg_answer *answer) {
    const wg_shares *shares = &rules->shares;
    const wg_share *first = &shares->items[0];
    answer->cell = first->cell;
    answer->share = first->share;
    answer->how = first->share < 1 - 1e-9 ||
                          (shares->n > 1 && shares->items[1].cell != WG_UNASSIGNED && shares->items[1].share > 1e-9)
                      ? WG_HOW_SPLIT
                      : WG_HOW_INSIDE;
    answer->share = answer->how == WG_HOW_INSIDE ? 1 : answer->share;
    if (shares->overlap && shares->n > 1 && shares->items[1].cell != WG_UNASSIGNED && shares->items[1].share > 1e-9 &&
        first->share + shares->items[1].share > 1 + 1e-9) {
        answer->why = WG_WHY_OVERLAP;
        answer->near = first->cell;
        answer->other = shares->items[1].cell;
    }
}

wg_status wg_assign_shape(wg_context *ctx, wg_assign_rules *rules, const void *wkb, size_t bytes, const char *key,
                          size_t key_length, wg_answer *answer) {
    wg_status status = WG_OK;
    wg_buffer own = {0};
    double middle[2] = {NAN, NAN}, source[2] = {NAN, NAN};
    uint8_t *shape = (uint8_t *)(uintptr_t)wkb; /* only read where it is not transformed */
    transform_walk walk = {.op = rules->to_cells};
    answer->why = WG_WHY_NOTHING;
    blank(answer);
    if (!wg_wkb_centroid(wkb, bytes, source)) {
        answer->why = WG_WHY_NO_COORDINATE;
        goto key;
    }
    if (rules->to_cells != NULL) {
        wg_buffer_append(&own, wkb, bytes);
        if (own.failed) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        shape = (uint8_t *)own.data;
        WG_TRY(wg_wkb_visit(shape, bytes, transform_run, &walk));
    }
    if (walk.lost > 0 || !wg_wkb_centroid(shape, bytes, middle) || !isfinite(middle[0]) || !isfinite(middle[1])) {
        answer->why = WG_WHY_BAD_COORDINATE;
        goto key;
    }
    rules->shares.aspect = rules->cells->degrees ? cos(middle[1] * DEGREE) : 1;
    WG_TRY(wg_locator_shares(ctx, rules->cells->locator, shape, bytes, &rules->shares));
    if (rules->shares.n > 0 && rules->shares.items[0].cell != WG_UNASSIGNED) {
        decide_shares(rules, answer);
    } else {
        shape_outside(rules, shape, bytes, middle, source, answer);
    }
key:
    apply_key(rules, key, key_length, middle, answer);
    if (rules->out_of_memory || rules->text.failed) {
        status = wg_fail_memory(ctx);
    }
done:
    wg_buffer_release(&own);
    return status;
}
