#include "plan/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/fields.h"
#include "plan/match.h"
#include "plan/outline.h"
#include "plan/row.h"

enum { EXACT_MATCH_CELLS = 1500 }; /* beyond, the pairing is greedy: the largest common share first */

/** A line that moved less than this on average is the same line (m). */
static const double same_line_m = 1.0;
/** A cell that got at least this share of another one's people or land is a part of it, not an edge correction. */
static const double part_share = 0.1;

const char *wg_change_name(wg_change change, wg_lang lang) {
    static const char *const names[WG_N_CHANGES][2] = {{"kept", "保持"},   {"adjusted", "微调"}, {"split", "拆分"},
                                                       {"merged", "合并"}, {"new", "新增"},      {"retired", "撤销"}};
    return names[change][lang == WG_LANG_ZH ? 1 : 0];
}

const char *wg_compared_code(const wg_compared *cells, uint32_t row, char text[32]) {
    const char *code = cells->code == UINT32_MAX ? NULL : wg_fields_text(cells->layer, row, cells->code, text);
    if (code == NULL) {
        (void)snprintf(text, 32, "%lld", (long long)cells->layer->fid[row]);
        code = text;
    }
    return code;
}

void wg_compared_release(wg_compared *of) {
    wg_layer_free(of->layer);
    free(of->label);
    free(of->area);
    free(of->perimeter);
    free(of->households);
    free(of->population);
    free(of->cell_of);
    *of = (wg_compared){0};
}

wg_status wg_compared_measure(wg_context *ctx, const wg_compared_buildings *buildings, wg_compared *of) {
    wg_status status = WG_OK;
    wg_overlay_cut *cuts = NULL;
    const size_t n = of->layer->n, n_buildings = buildings->layer == NULL ? 0 : buildings->layer->n;
    of->area = wg_calloc(n, sizeof(double));
    of->perimeter = wg_calloc(n, sizeof(double));
    of->households = wg_calloc(n, sizeof(double));
    of->population = wg_calloc(n, sizeof(double));
    of->cell_of = wg_calloc(n_buildings, sizeof *of->cell_of);
    cuts = wg_calloc(n_buildings, sizeof *cuts);
    if (of->area == NULL || of->perimeter == NULL || of->households == NULL || of->population == NULL ||
        of->cell_of == NULL || cuts == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t row = 0; row < n; row++) {
        wg_outline outline;
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(of->layer, row, &bytes);
        wg_outline_measure(wkb, bytes, &outline);
        of->area[row] = outline.area_m2;
        of->perimeter[row] = outline.perimeter_m;
    }
    if (n_buildings > 0) {
        WG_TRY(wg_overlay_cuts(ctx, buildings->layer, of->layer, 0, cuts));
    }
    for (size_t row = 0; row < n_buildings; row++) {
        of->cell_of[row] = cuts[row].first;
        if (cuts[row].first != WG_UNASSIGNED) {
            of->households[cuts[row].first] += buildings->households[row];
            of->population[cuts[row].first] += buildings->population[row];
        }
    }
done:
    free(cuts);
    return status;
}

void wg_comparison_release(wg_comparison *comparison) {
    free(comparison->cross);
    wg_layer_free(comparison->pieces);
    free(comparison->partner_a);
    free(comparison->partner_b);
    free(comparison->change_a);
    free(comparison->change_b);
    free(comparison->main_a);
    free(comparison->main_b);
    *comparison = (wg_comparison){0};
}

/** Row of the crosswalk of a pair (sorted by a, then b), or NULL. */
static wg_crosswalk *find_cross(wg_comparison *c, uint32_t a, uint32_t b) {
    size_t low = 0, high = c->n_cross;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const wg_crosswalk *at = &c->cross[middle];
        if (at->a < a || (at->a == a && at->b < b)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < c->n_cross && c->cross[low].a == a && c->cross[low].b == b ? &c->cross[low] : NULL;
}

static int compare_cross(const void *x, const void *y) {
    const wg_crosswalk *p = x, *q = y;
    if (p->a != q->a) {
        return p->a < q->a ? -1 : 1;
    }
    return p->b < q->b ? -1 : p->b > q->b ? 1 : 0;
}

/** Pairs that share land. */
static wg_status fill_areas(wg_context *ctx, wg_comparison *c) {
    wg_overlay_pairs_result pairs = {0};
    wg_status status = wg_overlay_pairs(ctx, c->a->layer, c->b->layer, 1e-3, true, &pairs);
    if (status != WG_OK) {
        return status;
    }
    c->cross = wg_calloc(pairs.n, sizeof *c->cross);
    if (c->cross == NULL) {
        status = wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < pairs.n && status == WG_OK; i++) {
        c->cross[c->n_cross++] = (wg_crosswalk){
            .a = pairs.pairs[i].a, .b = pairs.pairs[i].b, .piece = (uint32_t)i, .area = pairs.pairs[i].area_m2};
    }
    c->pieces = pairs.shapes;
    pairs.shapes = NULL;
    wg_overlay_pairs_release(&pairs);
    return status;
}

/** Pairs that share nothing but a building, which lies in each with its largest share: no household may be lost. */
static wg_status add_bare_pairs(wg_context *ctx, wg_comparison *c, const wg_compared_buildings *buildings) {
    const size_t areas = c->n_cross;
    size_t capacity = c->n_cross;
    for (size_t row = 0; row < buildings->layer->n; row++) {
        const wg_crosswalk pair = {.a = c->a->cell_of[row], .b = c->b->cell_of[row], .piece = WG_UNASSIGNED};
        if (pair.a == WG_UNASSIGNED || pair.b == WG_UNASSIGNED ||
            bsearch(&pair, c->cross, areas, sizeof pair, compare_cross) != NULL) {
            continue;
        }
        bool known = false;
        for (size_t i = areas; i < c->n_cross && !known; i++) {
            known = compare_cross(&pair, &c->cross[i]) == 0;
        }
        if (!known) {
            if (!WG_RESERVE(c->cross, capacity, c->n_cross + 1)) {
                return wg_fail_memory(ctx);
            }
            c->cross[c->n_cross++] = pair;
        }
    }
    qsort(c->cross, c->n_cross, sizeof *c->cross, compare_cross);
    return WG_OK;
}

static wg_status fill_cross(wg_context *ctx, wg_comparison *c, const wg_compared_buildings *buildings) {
    wg_status status = fill_areas(ctx, c);
    if (status == WG_OK && buildings->layer != NULL) {
        status = add_bare_pairs(ctx, c, buildings);
    }
    for (size_t row = 0; status == WG_OK && buildings->layer != NULL && row < buildings->layer->n; row++) {
        const uint32_t a = c->a->cell_of[row], b = c->b->cell_of[row];
        c->households += a != WG_UNASSIGNED ? buildings->households[row] : 0;
        c->population += a != WG_UNASSIGNED ? buildings->population[row] : 0;
        wg_crosswalk *at = a == WG_UNASSIGNED || b == WG_UNASSIGNED ? NULL : find_cross(c, a, b);
        if (at != NULL) {
            at->households += buildings->households[row];
            at->population += buildings->population[row];
        }
    }
    return status;
}

/** What a pair is worth: people first, land where there are none. */
static double worth(const wg_comparison *c, const wg_crosswalk *cross) {
    return cross->households + 1e-3 * cross->population + 1e-6 * cross->area / (c->a->area[cross->a] + 1);
}

typedef struct ranked {
    double worth;
    size_t index;
} ranked;

static int compare_ranked(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    return x->worth > y->worth ? -1 : x->worth < y->worth ? 1 : x->index < y->index ? -1 : 1;
}

static wg_status pair_greedily(wg_context *ctx, wg_comparison *c) {
    ranked *order = wg_calloc(c->n_cross, sizeof *order);
    if (order == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < c->n_cross; i++) {
        order[i] = (ranked){.worth = worth(c, &c->cross[i]), .index = i};
    }
    qsort(order, c->n_cross, sizeof *order, compare_ranked);
    for (size_t i = 0; i < c->n_cross; i++) {
        const wg_crosswalk *at = &c->cross[order[i].index];
        if (c->partner_a[at->a] == WG_UNASSIGNED && c->partner_b[at->b] == WG_UNASSIGNED) {
            c->partner_a[at->a] = at->b;
            c->partner_b[at->b] = at->a;
        }
    }
    free(order);
    return WG_OK;
}

static wg_status pair_exactly(wg_context *ctx, wg_comparison *c, uint32_t na, uint32_t nb) {
    double *weight = wg_calloc((size_t)na * nb, sizeof *weight);
    if (weight == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < c->n_cross; i++) {
        weight[(size_t)c->cross[i].a * nb + c->cross[i].b] = worth(c, &c->cross[i]);
    }
    const wg_status status = wg_match(ctx, na, nb, weight, c->partner_a);
    for (uint32_t a = 0; a < na && status == WG_OK; a++) {
        if (c->partner_a[a] != WG_UNASSIGNED) {
            c->partner_b[c->partner_a[a]] = a;
        }
    }
    free(weight);
    return status;
}

static void find_mains(wg_comparison *c) {
    double *most_a = wg_calloc(c->a->layer->n, sizeof(double)), *most_b = wg_calloc(c->b->layer->n, sizeof(double));
    for (size_t i = 0; i < c->n_cross && most_a != NULL && most_b != NULL; i++) {
        const wg_crosswalk *at = &c->cross[i];
        const double value = worth(c, at);
        if (value > most_a[at->a]) {
            most_a[at->a] = value;
            c->main_a[at->a] = at->b;
        }
        if (value > most_b[at->b]) {
            most_b[at->b] = value;
            c->main_b[at->b] = at->a;
        }
    }
    free(most_a);
    free(most_b);
}

/** Whether a part of cell `a` of some weight became a cell of its own, with a new code. */
static bool has_offspring(const wg_comparison *c, uint32_t a) {
    for (size_t i = 0; i < c->n_cross; i++) {
        const wg_crosswalk *at = &c->cross[i];
        if (at->a == a && c->partner_b[at->b] == WG_UNASSIGNED && c->main_b[at->b] == a &&
            (at->area >= part_share * c->a->area[a] ||
             (c->a->households[a] > 0 && at->households >= part_share * c->a->households[a]))) {
            return true;
        }
    }
    return false;
}

static bool is_same(const wg_comparison *c, uint32_t a, uint32_t b, double common, double households) {
    const double difference = c->a->area[a] + c->b->area[b] - 2 * common;
    return difference <= same_line_m * fmax(c->a->perimeter[a], c->b->perimeter[b]) &&
           fabs(households - c->a->households[a]) < 0.5 && fabs(households - c->b->households[b]) < 0.5;
}

static void classify(wg_comparison *c) {
    for (uint32_t a = 0; a < c->a->layer->n; a++) {
        const uint32_t b = c->partner_a[a];
        if (b == WG_UNASSIGNED) {
            c->change_a[a] = c->main_a[a] == WG_UNASSIGNED ? WG_CHANGE_RETIRED : WG_CHANGE_MERGED;
            continue;
        }
        const wg_crosswalk *cross = find_cross(c, a, b);
        const bool same = is_same(c, a, b, cross->area, cross->households);
        c->change_a[a] = same ? WG_CHANGE_KEPT : has_offspring(c, a) ? WG_CHANGE_SPLIT : WG_CHANGE_ADJUSTED;
        c->change_b[b] = c->change_a[a];
    }
    for (uint32_t b = 0; b < c->b->layer->n; b++) {
        if (c->partner_b[b] == WG_UNASSIGNED) {
            c->change_b[b] = c->main_b[b] == WG_UNASSIGNED ? WG_CHANGE_NEW : WG_CHANGE_SPLIT;
        }
    }
    for (size_t i = 0; i < c->n_cross; i++) {
        if (c->partner_a[c->cross[i].a] != c->cross[i].b) {
            c->moved_area += c->cross[i].area;
        }
    }
}

static void sum_moved(wg_comparison *c, const wg_compared_buildings *buildings) {
    for (size_t row = 0; buildings->layer != NULL && row < buildings->layer->n; row++) {
        const uint32_t a = c->a->cell_of[row];
        if (a != WG_UNASSIGNED && (c->b->cell_of[row] == WG_UNASSIGNED || c->partner_a[a] != c->b->cell_of[row])) {
            c->moved_households += buildings->households[row];
            c->moved_population += buildings->population[row];
        }
    }
}

static uint32_t *unassigned(size_t n) {
    uint32_t *array = wg_malloc(n, sizeof *array);
    if (array != NULL) {
        memset(array, 0xff, n * sizeof *array);
    }
    return array;
}

wg_status wg_comparison_make(wg_context *ctx, const wg_compared *a, const wg_compared *b,
                             const wg_compared_buildings *buildings, wg_comparison *comparison) {
    wg_status status = WG_OK;
    wg_comparison c = {.a = a, .b = b};
    const size_t na = a->layer->n, nb = b->layer->n;
    c.partner_a = unassigned(na);
    c.partner_b = unassigned(nb);
    c.main_a = unassigned(na);
    c.main_b = unassigned(nb);
    c.change_a = wg_calloc(na, 1);
    c.change_b = wg_calloc(nb, 1);
    if (c.partner_a == NULL || c.partner_b == NULL || c.main_a == NULL || c.main_b == NULL || c.change_a == NULL ||
        c.change_b == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(fill_cross(ctx, &c, buildings));
    if (na <= EXACT_MATCH_CELLS && nb <= EXACT_MATCH_CELLS) {
        WG_TRY(pair_exactly(ctx, &c, (uint32_t)na, (uint32_t)nb));
    } else {
        WG_TRY(pair_greedily(ctx, &c));
    }
    find_mains(&c);
    classify(&c);
    sum_moved(&c, buildings);
    *comparison = c;
    return WG_OK;
done:
    wg_comparison_release(&c);
    return status;
}

/* ---- tables ---- */

static wg_status new_table(wg_context *ctx, const char *name, const char *crs, const char *const *texts,
                           const char *const *reals, wg_layer **layer) {
    wg_status status = wg_layer_new(ctx, name, crs, layer);
    for (; status == WG_OK && *texts != NULL; texts++) {
        status = wg_layer_add_column(ctx, *layer, *texts, WG_TEXT, NULL);
    }
    for (; status == WG_OK && *reals != NULL; reals++) {
        status = wg_layer_add_column(ctx, *layer, *reals, WG_REAL, NULL);
    }
    return status;
}

static void ledger_row(const wg_comparison *c, uint32_t a, uint32_t b, wg_change change, wg_lang lang, wg_row *at) {
    char old[32], new[32];
    const wg_crosswalk *cross =
        a == WG_UNASSIGNED || b == WG_UNASSIGNED ? NULL : find_cross((wg_comparison *)c, a, b); /* only looks */
    const bool joined = a != WG_UNASSIGNED && c->partner_a[a] == b;
    const bool has_a = a != WG_UNASSIGNED && (joined || c->partner_a[a] == WG_UNASSIGNED);
    const bool has_b = b != WG_UNASSIGNED && (joined || c->partner_b[b] == WG_UNASSIGNED);
    wg_row_begin(at, NULL, 0);
    wg_row_text(at, "change", wg_change_name(change, WG_LANG_EN));
    wg_row_text(at, "change_txt", wg_change_name(change, lang));
    wg_row_text(at, "old", a == WG_UNASSIGNED ? NULL : wg_compared_code(c->a, a, old));
    wg_row_text(at, "new", b == WG_UNASSIGNED ? NULL : wg_compared_code(c->b, b, new));
    wg_row_real(at, "area_old", has_a ? c->a->area[a] : NAN);
    wg_row_real(at, "area_new", has_b ? c->b->area[b] : NAN);
    wg_row_real(at, "hh_old", has_a ? c->a->households[a] : NAN);
    wg_row_real(at, "hh_new", has_b ? c->b->households[b] : NAN);
    wg_row_real(at, "hh_stay", joined && cross != NULL ? cross->households : 0);
    wg_row_real(at, "hh_out", has_a ? c->a->households[a] - (joined && cross != NULL ? cross->households : 0) : NAN);
    wg_row_real(at, "hh_in", has_b ? c->b->households[b] - (joined && cross != NULL ? cross->households : 0) : NAN);
    wg_row_real(at, "pop_old", has_a ? c->a->population[a] : NAN);
    wg_row_real(at, "pop_new", has_b ? c->b->population[b] : NAN);
    const double people = joined && cross != NULL ? cross->population : 0;
    wg_row_real(at, "pop_stay", people);
    wg_row_real(at, "pop_out", has_a ? c->a->population[a] - people : NAN);
    wg_row_real(at, "pop_in", has_b ? c->b->population[b] - people : NAN);
    wg_row_real(at, "area_stay", joined && cross != NULL ? cross->area : 0);
}

wg_status wg_comparison_ledger(wg_context *ctx, const wg_comparison *c, wg_lang lang, wg_layer **layer) {
    static const char *const texts[] = {"change", "change_txt", "old", "new", NULL};
    static const char *const reals[] = {"area_old", "area_new", "hh_old",   "hh_new",  "hh_stay", "hh_out",    "hh_in",
                                        "pop_old",  "pop_new",  "pop_stay", "pop_out", "pop_in",  "area_stay", NULL};
    wg_status status = new_table(ctx, "ledger", NULL, texts, reals, layer);
    if (status != WG_OK) {
        return status;
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (uint32_t a = 0; a < c->a->layer->n; a++) {
        /* A merged cell names the cell that took most of it. */
        const uint32_t b = c->partner_a[a] != WG_UNASSIGNED ? c->partner_a[a] : c->main_a[a];
        ledger_row(c, a, b, (wg_change)c->change_a[a], lang, &at);
    }
    for (uint32_t b = 0; b < c->b->layer->n; b++) {
        if (c->partner_b[b] == WG_UNASSIGNED) {
            ledger_row(c, c->main_b[b], b, (wg_change)c->change_b[b], lang, &at);
        }
    }
    return at.status;
}

/** What of every cell lies in no cell of the other layer: those of a, then those of b. Free with free(). */
static wg_crosswalk *find_rests(const wg_comparison *c) {
    const size_t na = c->a->layer->n, nb = c->b->layer->n;
    wg_crosswalk *rest = wg_calloc(na + nb, sizeof *rest);
    for (size_t i = 0; i < na + nb && rest != NULL; i++) {
        const wg_compared *of = i < na ? c->a : c->b;
        const size_t row = i < na ? i : i - na;
        rest[i] = (wg_crosswalk){.a = i < na ? (uint32_t)row : WG_UNASSIGNED,
                                 .b = i < na ? WG_UNASSIGNED : (uint32_t)row,
                                 .piece = WG_UNASSIGNED,
                                 .area = of->area[row],
                                 .households = of->households[row],
                                 .population = of->population[row]};
    }
    for (size_t i = 0; i < c->n_cross && rest != NULL; i++) {
        wg_crosswalk *const both[2] = {&rest[c->cross[i].a], &rest[na + c->cross[i].b]};
        for (int side = 0; side < 2; side++) {
            both[side]->area -= c->cross[i].area;
            both[side]->households -= c->cross[i].households;
            both[side]->population -= c->cross[i].population;
        }
    }
    return rest;
}

static void crosswalk_row(const wg_comparison *c, const wg_crosswalk *cross, const char *network, wg_row *at) {
    char old[32], new[32];
    const bool has_old = cross->a != WG_UNASSIGNED, has_new = cross->b != WG_UNASSIGNED;
    wg_row_begin(at, NULL, 0);
    if (network != NULL) {
        wg_row_text(at, "network", network);
    }
    wg_row_text(at, "old", has_old ? wg_compared_code(c->a, cross->a, old) : NULL);
    wg_row_text(at, "new", has_new ? wg_compared_code(c->b, cross->b, new) : NULL);
    wg_row_text(at, "continues", has_old && has_new && c->partner_a[cross->a] == cross->b ? "yes" : "no");
    wg_row_real(at, "area_m2", cross->area);
    wg_row_real(at, "area_pct", has_old ? 100 * cross->area / c->a->area[cross->a] : NAN);
    wg_row_real(at, "households", cross->households);
    wg_row_real(at, "hh_pct", has_old ? 100 * cross->households / c->a->households[cross->a] : NAN);
    wg_row_real(at, "population", cross->population);
    wg_row_real(at, "pop_pct", has_old ? 100 * cross->population / c->a->population[cross->a] : NAN);
}

/** Land that two programs round differently is no rest; a household always is. */
static bool is_rest(const wg_compared *of, uint32_t row, const wg_crosswalk *rest) {
    return rest->households > 1e-6 || rest->population > 1e-6 || rest->area > 0.01 * of->perimeter[row];
}

wg_status wg_comparison_put_crosswalk(const wg_comparison *c, const char *network, wg_row *at) {
    const size_t na = c->a->layer->n, nb = c->b->layer->n;
    size_t i = 0;
    wg_crosswalk *rest = find_rests(c);
    if (rest == NULL) {
        return wg_fail_memory(at->ctx);
    }
    for (uint32_t a = 0; a < na; a++) {
        for (; i < c->n_cross && c->cross[i].a == a; i++) {
            crosswalk_row(c, &c->cross[i], network, at);
        }
        if (is_rest(c->a, a, &rest[a])) {
            crosswalk_row(c, &rest[a], network, at);
        }
    }
    for (uint32_t b = 0; b < nb; b++) {
        if (is_rest(c->b, b, &rest[na + b])) {
            crosswalk_row(c, &rest[na + b], network, at);
        }
    }
    free(rest);
    return at->status;
}

wg_status wg_comparison_crosswalk(wg_context *ctx, const wg_comparison *c, wg_layer **layer) {
    static const char *const texts[] = {"old", "new", "continues", NULL};
    static const char *const reals[] = {"area_m2", "area_pct", "households", "hh_pct", "population", "pop_pct", NULL};
    const wg_status status = new_table(ctx, "crosswalk", NULL, texts, reals, layer);
    if (status != WG_OK) {
        return status;
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    return wg_comparison_put_crosswalk(c, NULL, &at);
}

wg_status wg_comparison_letters(wg_context *ctx, const wg_comparison *c, const wg_compared_buildings *buildings,
                                wg_layer **layer) {
    static const char *const texts[] = {"building", "old", "old_name", "new", "new_name", "changed", NULL};
    static const char *const reals[] = {"households", "population", NULL};
    wg_status status = new_table(ctx, "letters", NULL, texts, reals, layer);
    if (status != WG_OK) {
        return status;
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (size_t row = 0; row < buildings->layer->n; row++) {
        const uint32_t a = c->a->cell_of[row], b = c->b->cell_of[row];
        char id[32], old[32], new[32];
        const char *building =
            buildings->id == UINT32_MAX ? NULL : wg_fields_text(buildings->layer, row, buildings->id, id);
        if (building == NULL) {
            (void)snprintf(id, sizeof id, "%lld", (long long)buildings->layer->fid[row]);
            building = id;
        }
        wg_row_begin(&at, NULL, 0);
        wg_row_text(&at, "building", building);
        if (a != WG_UNASSIGNED) {
            wg_row_text(&at, "old", wg_compared_code(c->a, a, old));
            wg_row_text(&at, "old_name", c->a->name == UINT32_MAX ? NULL : wg_layer_text(c->a->layer, a, c->a->name));
        }
        if (b != WG_UNASSIGNED) {
            wg_row_text(&at, "new", wg_compared_code(c->b, b, new));
            wg_row_text(&at, "new_name", c->b->name == UINT32_MAX ? NULL : wg_layer_text(c->b->layer, b, c->b->name));
        }
        const bool stays =
            a == b ? a == WG_UNASSIGNED || c->partner_a[a] == b : a != WG_UNASSIGNED && c->partner_a[a] == b;
        wg_row_text(&at, "changed", stays ? "no" : "yes");
        wg_row_real(&at, "households", buildings->households[row]);
        wg_row_real(&at, "population", buildings->population[row]);
    }
    return at.status;
}

wg_status wg_comparison_pieces(wg_context *ctx, const wg_comparison *c, wg_layer **layer) {
    static const char *const texts[] = {"old", "new", NULL};
    static const char *const reals[] = {"area_m2", "households", "population", NULL};
    wg_status status = new_table(ctx, "changes", c->a->layer->crs, texts, reals, layer);
    if (status != WG_OK) {
        return status;
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (size_t i = 0; i < c->n_cross; i++) {
        const wg_crosswalk *cross = &c->cross[i];
        size_t bytes = 0;
        char old[32], new[32];
        const void *wkb = cross->piece == WG_UNASSIGNED ? NULL : wg_layer_wkb(c->pieces, cross->piece, &bytes);
        if (c->partner_a[cross->a] == cross->b) {
            continue;
        }
        wg_row_begin(&at, wkb, bytes);
        wg_row_text(&at, "old", wg_compared_code(c->a, cross->a, old));
        wg_row_text(&at, "new", wg_compared_code(c->b, cross->b, new));
        wg_row_real(&at, "area_m2", cross->area);
        wg_row_real(&at, "households", cross->households);
        wg_row_real(&at, "population", cross->population);
    }
    return at.status;
}
