#include "report/suppress.h"

#include <math.h>
#include <string.h>

wg_status wg_sum_rules_add(wg_context *ctx, wg_sum_rules *rules, uint32_t whole, const uint32_t *parts, size_t n) {
    if (!WG_RESERVE(rules->rules, rules->capacity, rules->n + 1) ||
        !WG_RESERVE(rules->parts, rules->parts_capacity, rules->n_parts + n)) {
        return wg_fail_memory(ctx);
    }
    if (n > 0) {
        memcpy(rules->parts + rules->n_parts, parts, n * sizeof *parts);
    }
    rules->rules[rules->n++] = (wg_sum_rule){whole, rules->n_parts, n};
    rules->n_parts += n;
    return WG_OK;
}

void wg_sum_rules_release(wg_sum_rules *rules) {
    free(rules->rules);
    free(rules->parts);
    *rules = (wg_sum_rules){.n = 0};
}

/** Pairs (area above, area below) of two levels, both packed into one number. */
static int by_number(const void *a, const void *b) {
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static wg_status add_pairs(wg_context *ctx, uint64_t *pairs, size_t n, uint32_t *parts, wg_sum_rules *rules) {
    qsort(pairs, n, sizeof *pairs, by_number);
    for (size_t first = 0; first < n;) {
        const uint32_t whole = (uint32_t)(pairs[first] >> 32);
        size_t count = 0;
        size_t last = first;
        for (; last < n && pairs[last] >> 32 == whole; last++) {
            const uint32_t part = (uint32_t)(pairs[last] & UINT32_MAX);
            if (count == 0 || parts[count - 1] != part) {
                parts[count++] = part;
            }
        }
        const wg_status status = wg_sum_rules_add(ctx, rules, whole, parts, count);
        if (status != WG_OK) {
            return status;
        }
        first = last;
    }
    return WG_OK;
}

wg_status wg_sum_rules_of_tree(wg_context *ctx, const wg_report_tree *tree, wg_sum_rules *rules) {
    wg_status status = WG_OK;
    uint64_t *pairs = wg_malloc(tree->n_places, sizeof *pairs);
    uint32_t *parts = wg_malloc(tree->n_places, sizeof *parts);
    if (pairs == NULL || parts == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t low = 0; low + 1 < tree->n_levels; low++) {
        for (uint32_t high = low + 1; high < tree->n_levels; high++) {
            size_t n = 0;
            for (uint32_t place = 0; place < tree->n_places; place++) {
                const uint32_t *up = &tree->up[(size_t)place * tree->n_levels];
                if (up[low] != WG_UNASSIGNED && up[high] != WG_UNASSIGNED) {
                    pairs[n++] = (uint64_t)up[high] << 32 | up[low];
                }
            }
            WG_TRY(add_pairs(ctx, pairs, n, parts, rules));
        }
    }
done:
    free(pairs);
    free(parts);
    return status;
}

/* ------------------------------------------------------------------ hiding */

typedef struct hider {
    const double *const *values;
    size_t n_figures;
    double least;
    bool *hidden;
} hider;

/** The size by which complements are chosen: the largest of the figures that go together. */
static double weight_of(const hider *h, uint32_t at) {
    double most = 0.0;
    for (size_t f = 0; f < h->n_figures; f++) {
        most = h->values[f][at] > most ? h->values[f][at] : most;
    }
    return most;
}

/** The member of a sum that is hidden next: the smallest above zero, else a zero, else the whole. */
static uint32_t next_member(const hider *h, const wg_sum_rules *rules, const wg_sum_rule *rule) {
    uint32_t best = WG_UNASSIGNED;
    double best_weight = INFINITY;
    for (size_t i = rule->first; i < rule->first + rule->n; i++) {
        const uint32_t part = rules->parts[i];
        const double weight = weight_of(h, part);
        const double cost = weight > 0.0 ? weight : 1e300;
        if (!h->hidden[part] && cost < best_weight) {
            best = part;
            best_weight = cost;
        }
    }
    const bool whole = rule->whole != WG_UNASSIGNED && !h->hidden[rule->whole];
    return best != WG_UNASSIGNED ? best : whole ? rule->whole : WG_UNASSIGNED;
}

/** Whether a sum gives something away as things are. */
static bool leaks(const hider *h, const wg_sum_rules *rules, const wg_sum_rule *rule) {
    size_t hidden = 0;
    const bool whole_hidden = rule->whole != WG_UNASSIGNED && h->hidden[rule->whole];
    for (size_t i = rule->first; i < rule->first + rule->n; i++) {
        hidden += h->hidden[rules->parts[i]] ? 1 : 0;
    }
    if (hidden + (whole_hidden ? 1 : 0) == 1) {
        return true;
    }
    for (size_t f = 0; hidden > 0 && !whole_hidden && f < h->n_figures; f++) {
        double sum = 0.0;
        for (size_t i = rule->first; i < rule->first + rule->n; i++) {
            const uint32_t part = rules->parts[i];
            sum += h->hidden[part] && h->values[f][part] > 0.0 ? h->values[f][part] : 0.0;
        }
        if (sum > 0.0 && sum < h->least) {
            return true;
        }
    }
    return false;
}

wg_status wg_suppress(wg_context *ctx, const double *const *values, size_t n_figures, size_t n,
                      const wg_sum_rules *rules, double least, bool *hidden) {
    (void)ctx;
    const hider h = {values, n_figures, least, hidden};
    for (size_t at = 0; at < n; at++) {
        for (size_t f = 0; f < n_figures; f++) {
            hidden[at] = hidden[at] || (values[f][at] > 0.0 && values[f][at] < least);
        }
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t r = 0; r < rules->n; r++) {
            while (leaks(&h, rules, &rules->rules[r])) {
                const uint32_t next = next_member(&h, rules, &rules->rules[r]);
                if (next == WG_UNASSIGNED) {
                    break;
                }
                hidden[next] = true;
                changed = true;
            }
        }
    }
    return WG_OK;
}

/* ------------------------------------------------------------------ a report */

/** Figures that appear and vanish together; `in` marks those that follow from the others at cells. */
typedef struct family {
    wg_figure figures[6];
    size_t n;
} family;

static wg_status hide_family(wg_context *ctx, const wg_report_model *report, const wg_sum_rules *rules,
                             const family *which, double least, bool *hidden) {
    const double *values[6];
    for (size_t i = 0; i < which->n; i++) {
        values[i] = report->area[which->figures[i]];
    }
    return wg_suppress(ctx, values, which->n, report->input->tree->n_areas, rules, least, hidden);
}

/**
 * A count, the part of it that lies in cells, and what is left between them: all three are protected. In a cell the
 * count is its part, so both masks agree there.
 */
static wg_status hide_covered(wg_context *ctx, const wg_report_model *report, const wg_sum_rules *rules,
                              const family *count, wg_figure whole, wg_figure inside, double least, bool *hidden,
                              bool *hidden_in) {
    wg_status status = WG_OK;
    const wg_report_tree *tree = report->input->tree;
    const double *in[] = {report->area[inside]};
    for (uint32_t area = tree->n_cells; area < tree->n_areas; area++) {
        const double rest = report->area[whole][area] - report->area[inside][area];
        hidden_in[area] = hidden_in[area] || (rest > 0.0 && rest < least);
    }
    for (bool changed = true; changed;) {
        WG_TRY(hide_family(ctx, report, rules, count, least, hidden));
        for (uint32_t area = 0; area < tree->n_areas; area++) {
            hidden_in[area] = hidden_in[area] || hidden[area];
        }
        WG_TRY(wg_suppress(ctx, in, 1, tree->n_areas, rules, least, hidden_in));
        changed = false;
        for (uint32_t cell = 0; cell < tree->n_cells; cell++) {
            changed = changed || (hidden_in[cell] && !hidden[cell]);
            hidden[cell] = hidden_in[cell];
        }
    }
done:
    return status;
}

static void blank(wg_report_model *report, wg_figure figure, const bool *hidden) {
    for (uint32_t area = 0; area < report->input->tree->n_areas; area++) {
        if (hidden[area]) {
            report->area[figure][area] = NAN;
            if (area < report->input->tree->n_cells) {
                report->place[figure][area] = NAN;
            }
        }
    }
}

/** What is computed from hidden incidents or people goes with them. */
static void blank_derived(wg_report_model *report, const bool *people, const bool *opened, const bool *states) {
    for (uint32_t area = 0; area < report->input->tree->n_areas; area++) {
        wg_report_area *at = &report->areas[area];
        const bool cell = area < report->input->tree->n_cells;
        if (people[area] || opened[area]) {
            at->load_index = NAN;
        }
        if (opened[area] || states[area]) {
            for (uint32_t r = 0; r < WG_N_RATES; r++) {
                at->rate[r] = NAN;
            }
            at->score = at->days_median = at->days_p90 = NAN;
            at->rank = 0;
            at->grade = -1;
            at->vetoed = false;
        }
        if (cell && opened[area] && report->density != NULL) {
            report->density[area] = report->z[area] = report->p[area] = NAN;
            report->hot[area] = false;
        }
    }
}

enum { MASK_HH, MASK_HH_IN, MASK_POP, MASK_POP_IN, MASK_INC, MASK_STATE, MASK_OTHER, MASK_ANY, N_MASKS };

static wg_status find_masks(wg_context *ctx, const wg_report_model *report, const wg_sum_rules *rules, double least,
                            bool *mask[N_MASKS]) {
    static const family households = {{WG_FIG_HH}, 1};
    static const family people = {{WG_FIG_POP, WG_FIG_REGISTERED, WG_FIG_FLOATING}, 3};
    static const family incidents = {{WG_FIG_INC}, 1};
    static const family states = {
        {WG_FIG_INC_OPEN, WG_FIG_INC_CLOSED, WG_FIG_INC_LATE, WG_FIG_BACKLOG, WG_FIG_INC_BEFORE, WG_FIG_INC_YEAR}, 6};
    static const family others = {{WG_FIG_SVC_HH, WG_FIG_VISIT_HH, WG_FIG_ORG}, 3};
    const uint32_t n = report->input->tree->n_areas;
    wg_status status = WG_OK;
    WG_TRY(
        hide_covered(ctx, report, rules, &households, WG_FIG_HH, WG_FIG_HH_IN, least, mask[MASK_HH], mask[MASK_HH_IN]));
    WG_TRY(
        hide_covered(ctx, report, rules, &people, WG_FIG_POP, WG_FIG_POP_IN, least, mask[MASK_POP], mask[MASK_POP_IN]));
    WG_TRY(hide_family(ctx, report, rules, &incidents, least, mask[MASK_INC]));
    memcpy(mask[MASK_STATE], mask[MASK_INC], n * sizeof(bool));
    WG_TRY(hide_family(ctx, report, rules, &states, least, mask[MASK_STATE]));
    memcpy(mask[MASK_OTHER], mask[MASK_HH], n * sizeof(bool));
    WG_TRY(hide_family(ctx, report, rules, &others, least, mask[MASK_OTHER]));
    for (uint32_t area = 0; area < n; area++) {
        mask[MASK_ANY][area] =
            mask[MASK_HH][area] || mask[MASK_POP][area] || mask[MASK_INC][area] || mask[MASK_OTHER][area];
    }
done:
    return status;
}

wg_status wg_report_suppress(wg_context *ctx, wg_report_model *report, uint32_t least) {
    static const struct {
        wg_figure figure;
        int mask;
    } blanks[] = {{WG_FIG_HH, MASK_HH},          {WG_FIG_HH_IN, MASK_HH_IN},    {WG_FIG_POP, MASK_POP},
                  {WG_FIG_POP_IN, MASK_POP_IN},  {WG_FIG_REGISTERED, MASK_POP}, {WG_FIG_FLOATING, MASK_POP},
                  {WG_FIG_INC, MASK_INC},        {WG_FIG_INC_OPEN, MASK_STATE}, {WG_FIG_INC_CLOSED, MASK_STATE},
                  {WG_FIG_INC_LATE, MASK_STATE}, {WG_FIG_BACKLOG, MASK_STATE},  {WG_FIG_INC_BEFORE, MASK_STATE},
                  {WG_FIG_INC_YEAR, MASK_STATE}, {WG_FIG_SVC_HH, MASK_OTHER},   {WG_FIG_VISIT_HH, MASK_OTHER},
                  {WG_FIG_ORG, MASK_OTHER},      {WG_FIG_LOAD, MASK_ANY}};
    const wg_report_tree *tree = report->input->tree;
    wg_status status = WG_OK;
    wg_sum_rules rules = {.n = 0};
    bool *mask[N_MASKS] = {NULL};
    for (int m = 0; m < N_MASKS; m++) {
        mask[m] = wg_calloc(tree->n_areas, sizeof(bool));
        status = mask[m] == NULL ? wg_fail_memory(ctx) : status;
    }
    WG_TRY(status);
    WG_TRY(wg_sum_rules_of_tree(ctx, tree, &rules));
    WG_TRY(find_masks(ctx, report, &rules, (double)least, mask));
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        blank(report, blanks[i].figure, mask[blanks[i].mask]);
    }
    for (uint32_t r = 0; r < 2 * WG_N_RATES; r++) {
        blank(report, (wg_figure)(WG_FIG_RATE + r), mask[MASK_STATE]);
    }
    blank_derived(report, mask[MASK_ANY], mask[MASK_INC], mask[MASK_STATE]);
done:
    for (int m = 0; m < N_MASKS; m++) {
        free(mask[m]);
    }
    wg_sum_rules_release(&rules);
    return status;
}
