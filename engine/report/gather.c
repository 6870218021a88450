/* Buildings, workers and incidents into the figures of places. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"

static uint32_t column_of(const wg_layer *layer, const char *name) {
    return layer == NULL ? UINT32_MAX : wg_layer_column(layer, name);
}

static const char *text_at(const wg_layer *layer, size_t row, uint32_t column) {
    return column == UINT32_MAX ? NULL : wg_layer_text(layer, row, column);
}

/** A number, 0 where it is unknown. */
static double number_at(const wg_layer *layer, size_t row, uint32_t column) {
    if (column == UINT32_MAX || wg_layer_is_null(layer, row, column) ||
        wg_layer_column_type(layer, column) == WG_TEXT) {
        return 0.0;
    }
    const double value = wg_layer_column_type(layer, column) == WG_INTEGER
                             ? (double)wg_layer_integer(layer, row, column)
                             : wg_layer_real(layer, row, column);
    return isfinite(value) ? value : 0.0;
}

/* ------------------------------------------------------------------ buildings */

/** A row of the shares layer, for look-ups by building. */
typedef struct share_key {
    const char *building;
    size_t row;
} share_key;

static int by_building(const void *a, const void *b) {
    const share_key *left = a;
    const share_key *right = b;
    const int order = strcmp(left->building, right->building);
    return order != 0 ? order : left->row < right->row ? -1 : left->row > right->row;
}

static share_key *sort_shares(const wg_layer *shares, size_t *n) {
    const uint32_t column = column_of(shares, "building");
    *n = shares == NULL || column == UINT32_MAX ? 0 : shares->n;
    share_key *keys = wg_malloc(*n, sizeof *keys);
    for (size_t row = 0; keys != NULL && row < *n; row++) {
        const char *building = wg_layer_text(shares, row, column);
        keys[row] = (share_key){building == NULL ? "" : building, row};
    }
    if (keys != NULL) {
        qsort(keys, *n, sizeof *keys, by_building);
    }
    return keys;
}

static size_t first_share(const share_key *keys, size_t n, const char *building) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(keys[middle].building, building) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/** What is true of a building, and so of everybody in it. */
typedef struct building_facts {
    bool visited, served;
} building_facts;

static void put_people(wg_report_model *report, uint32_t place, building_facts facts, double households,
                       double population) {
    const bool in = place < report->input->tree->n_cells;
    report->place[WG_FIG_VISIT_HH][place] += facts.visited ? households : 0.0;
    report->place[WG_FIG_SVC_HH][place] += facts.served ? households : 0.0;
    report->place[WG_FIG_HH][place] += households;
    report->place[WG_FIG_POP][place] += population;
    report->place[WG_FIG_HH_IN][place] += in ? households : 0.0;
    report->place[WG_FIG_POP_IN][place] += in ? population : 0.0;
}

/** Households of a building that shares its people among cells; what the shares leave over goes to its own place. */
static void put_shared(wg_report_model *report, const share_key *keys, size_t n_keys, size_t first, const char *id,
                       uint32_t community, uint32_t own, building_facts facts, double households, double population) {
    const wg_layer *shares = report->input->shares;
    const uint32_t cell = column_of(shares, "cell");
    const uint32_t hh = column_of(shares, "households");
    const uint32_t pop = column_of(shares, "population");
    for (size_t i = first; i < n_keys && strcmp(keys[i].building, id) == 0; i++) {
        const uint32_t row = wg_report_cell(report->input->tree, text_at(shares, keys[i].row, cell));
        const double part_hh = number_at(shares, keys[i].row, hh);
        const double part_pop = number_at(shares, keys[i].row, pop);
        put_people(report, wg_report_place(report->input->tree, row, community), facts, part_hh, part_pop);
        households -= part_hh;
        population -= part_pop;
    }
    put_people(report, own, facts, households, population);
}

wg_status wg_report_gather_buildings(wg_context *ctx, wg_report_model *report) {
    const wg_report_input *in = report->input;
    const wg_layer *buildings = in->buildings;
    if (!report->has_buildings) {
        return WG_OK;
    }
    size_t n_keys;
    share_key *keys = sort_shares(in->shares, &n_keys);
    report->building_place = wg_malloc(buildings->n, sizeof *report->building_place);
    if (keys == NULL || report->building_place == NULL) {
        free(keys);
        return wg_fail_memory(ctx);
    }
    const uint32_t id = column_of(buildings, "id");
    const uint32_t cell = column_of(buildings, "cell");
    const uint32_t community = column_of(buildings, "community");
    const uint32_t hh = column_of(buildings, "households");
    const uint32_t pop = column_of(buildings, "population");
    for (size_t row = 0; row < buildings->n; row++) {
        const uint32_t cell_row = wg_report_cell(in->tree, text_at(buildings, row, cell));
        const uint32_t community_row = wg_report_community(in->tree, text_at(buildings, row, community));
        const uint32_t place = wg_report_place(in->tree, cell_row, community_row);
        report->building_place[row] = place;
        if (in->building_skip != NULL && in->building_skip[row]) {
            continue;
        }
        const building_facts facts = {.visited = in->visits.building != NULL && in->visits.building[row],
                                      .served = report->svc_nearest != NULL &&
                                                report->svc_nearest[row] <= in->service.within_m};
        const double households = number_at(buildings, row, hh);
        report->place[WG_FIG_BLD][place] += 1.0;
        report->place[WG_FIG_BLD_IN][place] += place < in->tree->n_cells ? 1.0 : 0.0;
        report->place[WG_FIG_VISIT_BLD][place] += facts.visited ? 1.0 : 0.0;
        const char *name = text_at(buildings, row, id);
        const size_t first = name == NULL ? n_keys : first_share(keys, n_keys, name);
        if (first < n_keys && strcmp(keys[first].building, name) == 0) {
            put_shared(report, keys, n_keys, first, name, community_row, place, facts, households,
                       number_at(buildings, row, pop));
        } else {
            put_people(report, place, facts, households, number_at(buildings, row, pop));
        }
    }
    free(keys);
    return WG_OK;
}

/* ------------------------------------------------------------------ workers */

/** One assignment of a person to a place. */
typedef struct post {
    const char *worker;
    uint32_t place;
    double fte; /**< NAN: not stated */
    const char *role;
} post;

static int by_worker(const void *a, const void *b) {
    const post *left = a;
    const post *right = b;
    const int order = strcmp(left->worker, right->worker);
    return order != 0 ? order : left->place < right->place ? -1 : left->place > right->place;
}

typedef struct posts {
    post *items;
    size_t n, capacity;
    wg_arena text;
} posts;

static wg_status add_post(wg_context *ctx, posts *out, const char *worker, uint32_t place, double fte,
                          const char *role) {
    if (!WG_RESERVE(out->items, out->capacity, out->n + 1)) {
        return wg_fail_memory(ctx);
    }
    out->items[out->n++] = (post){worker, place, fte, role};
    return WG_OK;
}

/** A worker row: its cell field may name several cells ("A;B"), which then share its FTE equally. */
static wg_status read_worker(wg_context *ctx, const wg_report_model *report, size_t row, posts *out) {
    const wg_layer *workers = report->input->workers;
    const wg_report_tree *tree = report->input->tree;
    const char *id = text_at(workers, row, column_of(workers, "id"));
    const char *role = text_at(workers, row, column_of(workers, "role"));
    const char *cells = text_at(workers, row, column_of(workers, "cell"));
    const uint32_t fte_column = column_of(workers, "fte");
    const bool stated = fte_column != UINT32_MAX && !wg_layer_is_null(workers, row, fte_column);
    const double fte = stated ? number_at(workers, row, fte_column) : NAN;
    char number[32];
    snprintf(number, sizeof number, "#%zu", row); /* nobody else's */
    const char *worker = id != NULL && id[0] != '\0' ? id : wg_arena_strdup(&out->text, number, strlen(number));
    char *list = wg_arena_strdup(&out->text, cells == NULL ? "" : cells, cells == NULL ? 0 : strlen(cells));
    if (worker == NULL || list == NULL) {
        return wg_fail_memory(ctx);
    }
    size_t n = 1;
    for (const char *at = list; *at != '\0'; at++) {
        n += strchr(";,| ", *at) != NULL && at[1] != '\0' && strchr(";,| ", at[1]) == NULL;
    }
    char *rest = NULL;
    bool any = false;
    for (char *code = strtok_r(list, ";,| ", &rest); code != NULL; code = strtok_r(NULL, ";,| ", &rest)) {
        const uint32_t cell = wg_report_cell(tree, code);
        const uint32_t community = cell == WG_UNASSIGNED ? wg_report_community(tree, code) : WG_UNASSIGNED;
        const wg_status status =
            add_post(ctx, out, worker, wg_report_place(tree, cell, community), fte / (double)n, role);
        if (status != WG_OK) {
            return status;
        }
        any = true;
    }
    return any ? WG_OK : add_post(ctx, out, worker, tree->n_places - 1, fte, role);
}

/** A person without a stated FTE is one in all, spread evenly over the places. */
static void spread_fte(posts *all) {
    for (size_t first = 0; first < all->n;) {
        size_t last = first;
        size_t silent = 0;
        double stated = 0.0;
        for (; last < all->n && strcmp(all->items[last].worker, all->items[first].worker) == 0; last++) {
            silent += isnan(all->items[last].fte) ? 1 : 0;
            stated += isnan(all->items[last].fte) ? 0.0 : all->items[last].fte;
        }
        for (size_t i = first; i < last; i++) {
            if (isnan(all->items[i].fte)) {
                all->items[i].fte = fmax(0.0, 1.0 - stated) / (double)silent;
            }
        }
        first = last;
    }
}

/** Different people of each area. */
static wg_status count_people(wg_context *ctx, wg_report_model *report, const posts *all) {
    const wg_report_tree *tree = report->input->tree;
    size_t *seen = wg_calloc(tree->n_areas, sizeof *seen); /* number of the person that was counted last, from 1 */
    if (seen == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t area = 0; area < tree->n_areas; area++) {
        report->areas[area].workers = 0.0;
    }
    size_t person = 0;
    for (size_t i = 0; i < all->n; i++) {
        person += i == 0 || strcmp(all->items[i].worker, all->items[i - 1].worker) != 0;
        for (uint32_t l = 0; l < tree->n_levels; l++) {
            const uint32_t area = tree->up[(size_t)all->items[i].place * tree->n_levels + l];
            if (area != WG_UNASSIGNED && seen[area] != person) {
                seen[area] = person;
                report->areas[area].workers += 1.0;
            }
        }
    }
    free(seen);
    return WG_OK;
}

static int by_place(const void *a, const void *b) {
    const post *left = a;
    const post *right = b;
    return left->place < right->place ? -1 : left->place > right->place;
}

/** Workers that each cell lacks, role by role. Sorts the posts by place. */
static void count_missing(wg_report_model *report, posts *all) {
    static const wg_role_need anybody = {"*", 1};
    const wg_report_config *config = report->input->config;
    const wg_role_need *needs = config->n_roles > 0 ? config->role : &anybody;
    const uint32_t n_needs = config->n_roles > 0 ? config->n_roles : 1;
    qsort(all->items, all->n, sizeof *all->items, by_place);
    size_t first = 0;
    for (uint32_t cell = 0; cell < report->input->tree->n_cells; cell++) {
        while (first < all->n && all->items[first].place < cell) {
            first++;
        }
        for (uint32_t r = 0; r < n_needs; r++) {
            uint32_t have = 0;
            for (size_t i = first; i < all->n && all->items[i].place == cell; i++) {
                have += strcmp(needs[r].role, "*") == 0 ||
                        (all->items[i].role != NULL && strcmp(needs[r].role, all->items[i].role) == 0);
            }
            report->place[WG_FIG_ROLES_MISS][cell] += have < needs[r].least ? needs[r].least - have : 0;
        }
    }
}

wg_status wg_report_gather_workers(wg_context *ctx, wg_report_model *report) {
    wg_status status = WG_OK;
    posts all = {0};
    if (!report->has_workers) {
        return WG_OK;
    }
    for (size_t row = 0; row < report->input->workers->n; row++) {
        WG_TRY(read_worker(ctx, report, row, &all));
    }
    qsort(all.items, all.n, sizeof *all.items, by_worker);
    spread_fte(&all);
    WG_TRY(count_people(ctx, report, &all));
    for (size_t i = 0; i < all.n; i++) {
        report->place[WG_FIG_FTE][all.items[i].place] += all.items[i].fte;
    }
    count_missing(report, &all);
done:
    free(all.items);
    wg_arena_release(&all.text);
    return status;
}

/* ------------------------------------------------------------------ incidents */

static void count_incident(wg_report_model *report, const wg_incident *item) {
    const wg_report_input *in = report->input;
    const uint32_t set = wg_incident_set(item, in->span, report->end);
    double *const *f = report->place;
    const uint32_t at = item->place;
    const double w = item->weight;
    const bool opened = (set & WG_IS_OPENED) != 0;
    const bool closed = (set & WG_IS_CLOSED) != 0;
    f[WG_FIG_INC][at] += opened ? w : 0.0;
    f[WG_FIG_INC_OPEN][at] += opened && !closed ? w : 0.0;
    f[WG_FIG_INC_CLOSED][at] += opened && closed ? w : 0.0;
    f[WG_FIG_INC_LATE][at] += opened && (set & WG_IS_LATE) != 0 ? w : 0.0;
    const bool begun = item->opened == WG_NO_TIME || report->end == WG_NO_TIME || item->opened < report->end;
    f[WG_FIG_BACKLOG][at] += begun && !closed ? w : 0.0;
    const bool before = in->before.from != WG_NO_TIME || in->before.to != WG_NO_TIME;
    const bool year = in->year.from != WG_NO_TIME || in->year.to != WG_NO_TIME;
    f[WG_FIG_INC_BEFORE][at] += before && wg_in_span(in->before, item->opened) ? w : 0.0;
    f[WG_FIG_INC_YEAR][at] += year && wg_in_span(in->year, item->opened) ? w : 0.0;
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        const wg_rate_rule *rule = &in->config->rate[r];
        const bool below = (set & rule->denominator) == rule->denominator;
        f[WG_FIG_RATE + WG_N_RATES + r][at] += below ? w : 0.0;
        f[WG_FIG_RATE + r][at] += below && (set & rule->numerator) == rule->numerator ? w : 0.0;
    }
}

/** Days from opening to closing of the incidents of the span that are closed in order; NAN for the others. */
static double days_of(const wg_report_model *report, const wg_incident *item) {
    const uint32_t set = wg_incident_set(item, report->input->span, report->end);
    const bool counts = (set & WG_IS_OPENED) != 0 && (set & WG_IS_CLOSED) != 0 && (set & WG_IS_VALID) != 0;
    const bool timed = item->opened != WG_NO_TIME && item->closed != WG_NO_TIME && item->closed >= item->opened;
    return counts && timed ? (double)(item->closed - item->opened) / 86400.0 : NAN;
}

/** Median and ninth decile of the days to close, and the newest time, of each area of one level. */
static wg_status measure_level(wg_context *ctx, wg_report_model *report, uint32_t level) {
    const wg_report_tree *tree = report->input->tree;
    const wg_incidents *all = report->input->incidents;
    const uint32_t first = tree->level_first[level];
    const uint32_t n = tree->level_first[level + 1] - first;
    wg_status status = WG_OK;
    size_t *start = wg_calloc((size_t)n + 1, sizeof *start);
    size_t *fill = wg_calloc((size_t)n + 1, sizeof *fill);
    int64_t *newest = wg_malloc(n, sizeof *newest);
    double *days = wg_malloc(all->n, sizeof *days);
    if (start == NULL || fill == NULL || newest == NULL || days == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t i = 0; i < n; i++) {
        newest[i] = WG_NO_TIME;
    }
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < all->n; i++) {
            const wg_incident *item = &all->items[i];
            const uint32_t area = tree->up[(size_t)item->place * tree->n_levels + level];
            if (area == WG_UNASSIGNED) {
                continue;
            }
            const double value = days_of(report, item);
            const int64_t latest = item->closed > item->opened ? item->closed : item->opened;
            const bool seen = report->end == WG_NO_TIME || latest <= report->end;
            newest[area - first] = seen && latest > newest[area - first] ? latest : newest[area - first];
            if (!isnan(value) && pass == 0) {
                start[area - first + 1]++;
            } else if (!isnan(value)) {
                days[start[area - first] + fill[area - first]++] = value;
            }
        }
        for (uint32_t i = 0; i < n && pass == 0; i++) {
            start[i + 1] += start[i];
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        const size_t count = start[i + 1] - start[i];
        wg_report_area *at = &report->areas[first + i];
        wg_sort_doubles(days + start[i], count);
        at->days_median = wg_quantile_sorted(days + start[i], count, 0.5);
        at->days_p90 = wg_quantile_sorted(days + start[i], count, 0.9);
        at->fresh_days =
            newest[i] == WG_NO_TIME || report->end == WG_NO_TIME ? NAN : (double)(report->end - newest[i]) / 86400.0;
    }
done:
    free(start);
    free(fill);
    free(newest);
    free(days);
    return status;
}

static bool is_word(const char *rule, const wg_words *words, uint16_t number) {
    return rule == NULL || strcmp(rule, words->word[number]) == 0;
}

/** Vetoes: areas of any level where a rule's count is reached fail; marked by a figure that does not add up. */
static void find_vetoes(const wg_report_model *report, double *vetoed) {
    const wg_incidents *all = report->input->incidents;
    const wg_report_config *config = report->input->config;
    for (size_t i = 0; i < all->n; i++) {
        const wg_incident *item = &all->items[i];
        const uint32_t set = wg_incident_set(item, report->input->span, report->end);
        for (uint32_t v = 0; v < config->n_vetoes && (set & WG_IS_OPENED) != 0 && (set & WG_IS_VALID) != 0; v++) {
            if (is_word(config->veto[v].category, &all->categories, item->category) &&
                is_word(config->veto[v].severity, &all->severities, item->severity)) {
                vetoed[(size_t)v * report->input->tree->n_places + item->place] += item->weight;
            }
        }
    }
}

static wg_status apply_vetoes(wg_context *ctx, wg_report_model *report) {
    const wg_report_tree *tree = report->input->tree;
    const wg_report_config *config = report->input->config;
    if (config->n_vetoes == 0) {
        return WG_OK;
    }
    double *counts = wg_calloc((size_t)config->n_vetoes * tree->n_places, sizeof *counts);
    double *sums = wg_calloc(tree->n_areas, sizeof *sums);
    if (counts == NULL || sums == NULL) {
        free(counts);
        free(sums);
        return wg_fail_memory(ctx);
    }
    find_vetoes(report, counts);
    for (uint32_t v = 0; v < config->n_vetoes; v++) {
        wg_report_sum(tree, counts + (size_t)v * tree->n_places, sums);
        for (uint32_t area = 0; area < tree->n_areas; area++) {
            report->areas[area].vetoed = report->areas[area].vetoed || sums[area] >= config->veto[v].at_least;
        }
    }
    free(counts);
    free(sums);
    return WG_OK;
}

wg_status wg_report_gather_incidents(wg_context *ctx, wg_report_model *report) {
    wg_status status = WG_OK;
    if (!report->has_incidents) {
        return WG_OK;
    }
    const wg_incidents *all = report->input->incidents;
    const int64_t newest = wg_incidents_newest(all);
    /* Without a stated end the newest record is the last moment that is known; the clock of this machine is not asked.
     */
    report->end = report->input->span.to != WG_NO_TIME ? report->input->span.to
                  : newest == WG_NO_TIME               ? WG_NO_TIME
                                                       : newest + 1;
    for (size_t i = 0; i < all->n; i++) {
        count_incident(report, &all->items[i]);
    }
    for (uint32_t l = 0; l < report->input->tree->n_levels; l++) {
        WG_TRY(measure_level(ctx, report, l));
    }
    WG_TRY(apply_vetoes(ctx, report));
done:
    return status;
}
