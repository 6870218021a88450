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

/** One area above for each area below (`above`); WG_UNASSIGNED where there is none or it lies in several. */
static void find_above(const wg_report_tree *tree, uint32_t low, uint32_t high, uint32_t *above) {
    const uint32_t several = WG_UNASSIGNED - 1;
    const uint32_t first = tree->level_first[low];
    for (uint32_t area = first; area < tree->level_first[low + 1]; area++) {
        above[area - first] = WG_UNASSIGNED;
    }
    for (uint32_t place = 0; place < tree->n_places; place++) {
        const uint32_t *up = &tree->up[(size_t)place * tree->n_levels];
        if (up[low] == WG_UNASSIGNED) {
            continue;
        }
        uint32_t *at = &above[up[low] - first];
        const uint32_t wanted = up[high] == WG_UNASSIGNED ? several : up[high];
        *at = *at == WG_UNASSIGNED || *at == wanted ? wanted : several;
    }
    for (uint32_t area = first; area < tree->level_first[low + 1]; area++) {
        above[area - first] = above[area - first] == several ? WG_UNASSIGNED : above[area - first];
    }
}

/** Areas whose cells are not all in parts of theirs: what the parts leave is no rest then, but cells with figures of
 * their own, which other sums are about. */
static void find_broken(const wg_report_tree *tree, uint32_t low, uint32_t high, const uint32_t *above, bool *broken) {
    memset(broken, 0, tree->n_areas * sizeof *broken);
    for (uint32_t cell = 0; cell < tree->n_cells; cell++) {
        const uint32_t *up = &tree->up[(size_t)cell * tree->n_levels];
        const uint32_t part = up[low] == WG_UNASSIGNED ? WG_UNASSIGNED : above[up[low] - tree->level_first[low]];
        if (up[high] != WG_UNASSIGNED && part != up[high]) {
            broken[up[high]] = true;
        }
    }
}

static wg_status add_pairs(wg_context *ctx, uint64_t *pairs, size_t n, uint32_t first_item, uint32_t *next,
                           uint32_t *parts, wg_sum_rules *rules) {
    qsort(pairs, n, sizeof *pairs, by_number);
    for (size_t first = 0; first < n;) {
        const uint32_t whole = (uint32_t)(pairs[first] >> 32);
        size_t count = 0;
        size_t last = first;
        for (; last < n && pairs[last] >> 32 == whole; last++) {
            parts[count++] = first_item + (uint32_t)(pairs[last] & UINT32_MAX);
        }
        parts[count++] = (*next)++; /* what the parts leave */
        const wg_status status = wg_sum_rules_add(ctx, rules, first_item + whole, parts, count);
        if (status != WG_OK) {
            return status;
        }
        first = last;
    }
    return WG_OK;
}

wg_status wg_sum_rules_of_tree(wg_context *ctx, const wg_report_tree *tree, uint32_t first, uint32_t *next,
                               wg_sum_rules *rules) {
    wg_status status = WG_OK;
    uint64_t *pairs = wg_malloc(tree->n_areas, sizeof *pairs);
    uint32_t *parts = wg_malloc((size_t)tree->n_areas + 1, sizeof *parts);
    uint32_t *above = wg_malloc(tree->n_areas, sizeof *above);
    bool *broken = wg_malloc(tree->n_areas, sizeof *broken);
    if (pairs == NULL || parts == NULL || above == NULL || broken == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t low = 0; low + 1 < tree->n_levels; low++) {
        for (uint32_t high = low + 1; high < tree->n_levels; high++) {
            size_t n = 0;
            find_above(tree, low, high, above);
            find_broken(tree, low, high, above, broken);
            for (uint32_t area = tree->level_first[low]; area < tree->level_first[low + 1]; area++) {
                const uint32_t whole = above[area - tree->level_first[low]];
                if (whole != WG_UNASSIGNED && !broken[whole]) {
                    pairs[n++] = (uint64_t)whole << 32 | area;
                }
            }
            WG_TRY(add_pairs(ctx, pairs, n, first, next, parts, rules));
        }
    }
done:
    free(pairs);
    free(parts);
    free(above);
    free(broken);
    return status;
}

void wg_sum_rules_rests(const wg_sum_rules *rules, uint32_t first_rest, double *values) {
    for (size_t r = 0; r < rules->n; r++) {
        const wg_sum_rule *rule = &rules->rules[r];
        const uint32_t rest = rule->n == 0 ? 0 : rules->parts[rule->first + rule->n - 1];
        if (rule->n == 0 || rest < first_rest || rule->whole == WG_UNASSIGNED) {
            continue;
        }
        double left = values[rule->whole];
        for (size_t i = rule->first; i + 1 < rule->first + rule->n; i++) {
            left -= values[rules->parts[i]];
        }
        /* Sums of fractions leave dust. */
        values[rest] = fabs(left) > 1e-6 * fmax(1.0, fabs(values[rule->whole])) ? fabs(left) : 0.0;
    }
}

/* ------------------------------------------------------------------ hiding */

typedef struct hider {
    const wg_suppression *what;
    const wg_sum_rules *rules;
    bool *hidden;
    bool *found; /**< n */
} hider;

static uint32_t part_at(const hider *h, size_t i) {
    return h->rules->parts[i] & ~WG_SUM_MINUS;
}

/** The size by which complements are chosen: the largest of the figures that go together. */
static double weight_of(const hider *h, uint32_t at) {
    double most = 0.0;
    for (size_t f = 0; f < h->what->n_figures; f++) {
        most = h->what->values[f][at] > most ? h->what->values[f][at] : most;
    }
    return most;
}

/** The member of a sum that is hidden next: the smallest above zero, else a zero, else the whole. */
static uint32_t next_member(const hider *h, const wg_sum_rule *rule) {
    uint32_t best = WG_UNASSIGNED;
    double best_weight = INFINITY;
    for (size_t i = rule->first; i < rule->first + rule->n; i++) {
        const uint32_t part = part_at(h, i);
        const double weight = weight_of(h, part);
        const double cost = weight > 0.0 ? weight : 1e300;
        if (part < h->what->n_free && !h->hidden[part] && cost < best_weight) {
            best = part;
            best_weight = cost;
        }
    }
    const bool whole = rule->whole != WG_UNASSIGNED && rule->whole < h->what->n_free && !h->hidden[rule->whole];
    return best != WG_UNASSIGNED ? best : whole ? rule->whole : WG_UNASSIGNED;
}

/** Whether a sum gives something away as things are. */
static bool leaks(const hider *h, const wg_sum_rule *rule) {
    size_t hidden = 0;
    bool signs = false;
    const bool whole_hidden = rule->whole != WG_UNASSIGNED && h->hidden[rule->whole];
    for (size_t i = rule->first; i < rule->first + rule->n; i++) {
        hidden += h->hidden[part_at(h, i)] ? 1 : 0;
        signs = signs || (h->rules->parts[i] & WG_SUM_MINUS) != 0;
    }
    if (hidden + (whole_hidden ? 1 : 0) == 1) {
        return true;
    }
    for (size_t f = 0; hidden > 0 && !whole_hidden && !signs && f < h->what->n_figures; f++) {
        double sum = 0.0;
        for (size_t i = rule->first; i < rule->first + rule->n; i++) {
            const uint32_t part = part_at(h, i);
            const double value = h->what->values[f][part];
            sum += h->hidden[part] && value > 0.0 ? value : 0.0;
        }
        if (sum > 0.0 && sum < h->what->least) {
            return true;
        }
    }
    return false;
}

/** Mend sum by sum until none gives anything away alone. */
static void hide_sums(const hider *h) {
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t r = 0; r < h->rules->n; r++) {
            while (leaks(h, &h->rules->rules[r])) {
                const uint32_t next = next_member(h, &h->rules->rules[r]);
                if (next == WG_UNASSIGNED) {
                    break;
                }
                h->hidden[next] = true;
                changed = true;
            }
        }
    }
}

/** Whether a sum has a member that is marked. */
static bool has_marked(const hider *h, const wg_sum_rule *rule, const bool *marked) {
    bool any = rule->whole != WG_UNASSIGNED && marked[rule->whole];
    for (size_t i = rule->first; i < rule->first + rule->n && !any; i++) {
        any = marked[part_at(h, i)];
    }
    return any;
}

/** Mark the hidden members of a sum. @return whether any is new */
static bool mark_members(const hider *h, const wg_sum_rule *rule, bool *marked) {
    bool any = rule->whole != WG_UNASSIGNED && h->hidden[rule->whole] && !marked[rule->whole];
    if (any) {
        marked[rule->whole] = true;
    }
    for (size_t i = rule->first; i < rule->first + rule->n; i++) {
        const uint32_t part = part_at(h, i);
        any = any || (h->hidden[part] && !marked[part]);
        marked[part] = marked[part] || h->hidden[part];
    }
    return any;
}

/**
 * A further complement in each sum that has a value which was found out; where none is left there, in the sums around
 * it. @return whether anything was hidden
 */
static bool hide_around(const hider *h) {
    for (;;) {
        bool changed = false;
        bool spread = false;
        for (size_t r = 0; r < h->rules->n; r++) {
            const wg_sum_rule *rule = &h->rules->rules[r];
            const uint32_t next = has_marked(h, rule, h->found) ? next_member(h, rule) : WG_UNASSIGNED;
            if (next != WG_UNASSIGNED) {
                h->hidden[next] = true;
                changed = true;
            }
        }
        for (size_t r = 0; r < h->rules->n && !changed; r++) {
            const wg_sum_rule *rule = &h->rules->rules[r];
            spread = (has_marked(h, rule, h->found) && mark_members(h, rule, h->found)) || spread;
        }
        if (changed || !spread) {
            return changed;
        }
    }
}

wg_status wg_suppress(wg_context *ctx, const wg_suppression *what, const wg_sum_rules *rules, bool *hidden) {
    wg_status status = WG_OK;
    bool *found = wg_calloc(what->n, sizeof *found);
    const hider h = {what, rules, hidden, found};
    if (found == NULL) {
        return wg_fail_memory(ctx);
    }
    bool any = false;
    for (size_t at = 0; at < what->n; at++) {
        for (size_t f = 0; f < what->n_figures; f++) {
            hidden[at] = hidden[at] || (what->values[f][at] > 0.0 && what->values[f][at] < what->least);
        }
        any = any || hidden[at];
    }
    while (any) {
        hide_sums(&h);
        WG_TRY(wg_sum_rules_found(ctx, rules, hidden, what->n, found));
        any = false;
        for (size_t at = 0; at < what->n && !any; at++) {
            any = found[at];
        }
        any = any && hide_around(&h);
    }
done:
    free(found);
    return status;
}
