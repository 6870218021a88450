/* Groups of cells (片组). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/union.h"
#include "io/fields.h"
#include "model/code.h"
#include "model/wkb.h"
#include "plan/nesting.h"
#include "plan/row.h"

/** A segment of a cell's outline, ends in a fixed order. */
typedef struct segment {
    double a[2], b[2];
    uint32_t cell;
} segment;

typedef struct outline_list {
    segment *items;
    size_t n, capacity;
    uint32_t cell;
    bool failed;
} outline_list;

static void add_segments(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type, (void)part, (void)ring;
    outline_list *list = user;
    for (uint32_t i = 1; i < n && !list->failed; i++) {
        segment s = {.cell = list->cell};
        wg_wkb_get(pairs, i - 1, s.a);
        wg_wkb_get(pairs, i, s.b);
        if (s.a[0] > s.b[0] || (s.a[0] == s.b[0] && s.a[1] > s.b[1])) {
            const double x = s.a[0], y = s.a[1];
            memcpy(s.a, s.b, sizeof s.a);
            s.b[0] = x;
            s.b[1] = y;
        }
        list->failed = !WG_RESERVE(list->items, list->capacity, list->n + 1);
        if (!list->failed) {
            list->items[list->n++] = s;
        }
    }
}

static int compare_place(const segment *x, const segment *y) {
    const double p[4] = {x->a[0], x->a[1], x->b[0], x->b[1]}, q[4] = {y->a[0], y->a[1], y->b[0], y->b[1]};
    for (int i = 0; i < 4; i++) {
        if (p[i] != q[i]) {
            return p[i] < q[i] ? -1 : 1;
        }
    }
    return 0;
}

static int compare_segments(const void *a, const void *b) {
    const segment *x = a, *y = b;
    const int place = compare_place(x, y);
    return place != 0 ? place : x->cell < y->cell ? -1 : x->cell > y->cell ? 1 : 0;
}

static int compare_edges(const void *a, const void *b) {
    const wg_edge *x = a, *y = b;
    if (x->u != y->u) {
        return x->u < y->u ? -1 : 1;
    }
    return x->v < y->v ? -1 : x->v > y->v ? 1 : 0;
}

/** Neighbours share the same segments: pairs of equal ones, summed a pair of cells. */
static wg_status pair_segments(wg_context *ctx, outline_list *list, wg_edge **edges, size_t *n_edges) {
    wg_edge *found = wg_calloc(list->n, sizeof *found);
    size_t n = 0, merged = 0;
    if (list->failed || found == NULL) {
        free(found);
        return wg_fail_memory(ctx);
    }
    qsort(list->items, list->n, sizeof *list->items, compare_segments);
    for (size_t i = 1; i < list->n; i++) {
        const segment *s = &list->items[i - 1], *t = &list->items[i];
        if (compare_place(s, t) == 0 && s->cell != t->cell) {
            found[n++] = (wg_edge){.u = s->cell, .v = t->cell, .length = hypot(s->b[0] - s->a[0], s->b[1] - s->a[1])};
        }
    }
    qsort(found, n, sizeof *found, compare_edges);
    for (size_t i = 0; i < n; i++) {
        if (merged > 0 && compare_edges(&found[merged - 1], &found[i]) == 0) {
            found[merged - 1].length += found[i].length;
        } else {
            found[merged++] = found[i];
        }
    }
    *edges = found;
    *n_edges = merged;
    return WG_OK;
}

/** The cells of one street as units of a problem of their own. */
typedef struct street {
    uint32_t *community, *cell;
    uint32_t n;
} street;

/** What dividing a street needs of its cells, and which of them share a line. */
typedef struct street_cells {
    double *one, *people, *area, *outer, *x, *y; /**< a cell; outer: metres of its outline that no other cell has */
    wg_edge *edges;
    size_t n_edges;
} street_cells;

static void release_cells(street_cells *cells) {
    free(cells->one);
    free(cells->people);
    free(cells->area);
    free(cells->outer);
    free(cells->x);
    free(cells->y);
    free(cells->edges);
}

static wg_status measure_cells(wg_context *ctx, wg_district *const *districts, const street *of, street_cells *cells) {
    wg_status status = WG_OK;
    outline_list list = {0};
    *cells = (street_cells){.one = wg_calloc(of->n, sizeof(double)),
                            .people = wg_calloc(of->n, sizeof(double)),
                            .area = wg_calloc(of->n, sizeof(double)),
                            .outer = wg_calloc(of->n, sizeof(double)),
                            .x = wg_calloc(of->n, sizeof(double)),
                            .y = wg_calloc(of->n, sizeof(double))};
    if (cells->one == NULL || cells->people == NULL || cells->area == NULL || cells->outer == NULL ||
        cells->x == NULL || cells->y == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < of->n; i++) {
        size_t bytes = 0;
        double xy[2] = {0, 0};
        void *wkb = (void *)wg_layer_wkb(districts[of->community[i]]->cells, of->cell[i], &bytes);
        cells->one[i] = 1;
        cells->people[i] = districts[of->community[i]]->population[of->cell[i]];
        list.cell = i;
        (void)wg_wkb_visit(wkb, bytes, add_segments, &list);
        (void)wg_wkb_centroid(wkb, bytes, xy);
        wg_wkb_measure(wkb, bytes, &cells->area[i], &cells->outer[i]);
        cells->x[i] = xy[0];
        cells->y[i] = xy[1];
    }
    WG_TRY(pair_segments(ctx, &list, &cells->edges, &cells->n_edges));
    for (size_t e = 0; e < cells->n_edges; e++) {
        cells->outer[cells->edges[e].u] -= cells->edges[e].length;
        cells->outer[cells->edges[e].v] -= cells->edges[e].length;
    }
    for (uint32_t i = 0; i < of->n; i++) {
        cells->outer[i] = fmax(0, cells->outer[i]);
    }
done:
    free(list.items);
    return status;
}

static double end_of(double end) {
    return end > 0 ? end : (double)NAN;
}

static wg_status group_street(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                              const street *of, const char *code) {
    const wg_partition_options *wanted = city->options;
    wg_status status = WG_OK;
    street_cells cells;
    wg_problem *problem = NULL;
    wg_solution *solution = NULL;
    const wg_limit number = {.field = "cells",
                             .min = end_of((double)wanted->groups_min),
                             .target = NAN,
                             .max = end_of((double)wanted->groups_max)};
    const wg_limit crowd = {.field = "population",
                            .min = end_of(wanted->group_people_min),
                            .target = NAN,
                            .max = end_of(wanted->group_people_max)};
    WG_TRY(measure_cells(ctx, districts, of, &cells));
    WG_TRY(wg_problem_new(ctx, of->n, cells.edges, cells.n_edges, &problem));
    if (isfinite(number.min) || isfinite(number.max)) {
        WG_TRY(wg_problem_add_attribute(ctx, problem, cells.one, &number, 0));
    }
    if (isfinite(crowd.min) || isfinite(crowd.max)) {
        WG_TRY(wg_problem_add_attribute(ctx, problem, cells.people, &crowd, 0));
    }
    WG_TRY(wg_problem_set_shape(ctx, problem, cells.area, cells.outer, cells.x, cells.y));
    wg_zoning_options options = WG_ZONING_OPTIONS_INIT;
    options.solve.seed = wanted->seed;
    options.solve.stream = code;
    options.solve.effort = wanted->effort;
    WG_TRY(wg_zoning_solve(ctx, problem, &options, &solution));
    for (uint32_t i = 0; i < of->n; i++) {
        char **group = &districts[of->community[i]]->group[of->cell[i]];
        wg_buffer text = {0};
        wg_buffer_printf(&text, "%s%s%02u", code, code[0] == '\0' ? "" : "-", solution->label[i] + 1);
        *group = wg_buffer_steal(&text);
        if (*group == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
    }
done:
    release_cells(&cells);
    wg_problem_free(problem);
    wg_solution_free(solution);
    return status;
}

/** Street of a community: its field, or the first nine digits of a 12-digit code, or "" for one street in all. */
static void street_of(const wg_plan_city *city, size_t row, char key[64]) {
    char text[32];
    const char *value =
        city->columns.street == UINT32_MAX ? NULL : wg_fields_text(city->communities, row, city->columns.street, text);
    const char *code = wg_plan_community_code(city, row, text);
    if (value != NULL) {
        (void)snprintf(key, 64, "%s", value);
    } else if (strlen(code) == 12 && strspn(code, "0123456789") == 12) {
        (void)snprintf(key, 64, "%.9s", code);
    } else {
        key[0] = '\0';
    }
}

static wg_status copy_groups(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts) {
    for (size_t row = 0; row < city->communities->n; row++) {
        char text[32];
        const char *value = wg_fields_text(city->communities, row, city->columns.group, text);
        for (uint32_t c = 0; c < districts[row]->n_cells && value != NULL; c++) {
            districts[row]->group[c] = wg_strdup(value);
            if (districts[row]->group[c] == NULL) {
                return wg_fail_memory(ctx);
            }
        }
    }
    return WG_OK;
}

wg_status wg_plan_groups(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts) {
    wg_status status = WG_OK;
    const size_t n = city->communities->n;
    street of = {0};
    bool *done_rows = wg_calloc(n, sizeof *done_rows);
    if (done_rows == NULL) {
        return wg_fail_memory(ctx);
    }
    if (!wg_plan_wants_groups(city->options)) {
        status = city->columns.group == UINT32_MAX ? WG_OK : copy_groups(ctx, city, districts);
        goto done;
    }
    for (size_t first = 0; first < n; first++) {
        char key[64], other[64];
        size_t capacity = 0, capacity_cells = 0;
        if (done_rows[first]) {
            continue;
        }
        street_of(city, first, key);
        of.n = 0;
        for (size_t row = first; row < n; row++) {
            street_of(city, row, other);
            if (strcmp(key, other) != 0) {
                continue;
            }
            done_rows[row] = true;
            for (uint32_t c = 0; c < districts[row]->n_cells; c++) {
                if (!WG_RESERVE(of.community, capacity, (size_t)of.n + 1) ||
                    !WG_RESERVE(of.cell, capacity_cells, (size_t)of.n + 1)) {
                    status = wg_fail_memory(ctx);
                    goto done;
                }
                of.community[of.n] = (uint32_t)row;
                of.cell[of.n++] = c;
            }
        }
        WG_TRY(group_street(ctx, city, districts, &of, key));
        free(of.community);
        free(of.cell);
        of = (street){0};
    }
done:
    free(of.community);
    free(of.cell);
    free(done_rows);
    return status;
}

/** A cell and its group, sorted by group. */
typedef struct member {
    const char *group;
    uint32_t community, cell;
} member;

static int compare_members(const void *a, const void *b) {
    const member *x = a, *y = b;
    const int order = strcmp(x->group, y->group);
    if (order != 0) {
        return order;
    }
    if (x->community != y->community) {
        return x->community < y->community ? -1 : 1;
    }
    return x->cell < y->cell ? -1 : x->cell > y->cell ? 1 : 0;
}

/** "street-07": the seventh group of the street. */
static void group_name(const char *group, wg_lang lang, char name[96]) {
    const char *dash = strrchr(group, '-');
    const uint32_t number = (uint32_t)strtoul(dash == NULL ? group : dash + 1, NULL, 10);
    if (lang == WG_LANG_ZH) {
        char numeral[WG_NUMERAL_BYTES];
        wg_chinese_numeral(number, numeral);
        (void)snprintf(name, 96, "第%s片组", numeral);
    } else {
        (void)snprintf(name, 96, "Group %u", number);
    }
}

static wg_status group_rows(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                            const member *members, size_t n, wg_layer *levels) {
    wg_status status = WG_OK;
    wg_layer *cells = NULL, *shapes = NULL;
    uint32_t n_groups = 0;
    uint32_t *label = wg_calloc(n, sizeof *label);
    if (label == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_layer_new(ctx, "groups", city->crs, &cells));
    for (size_t i = 0; i < n; i++) {
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(districts[members[i].community]->cells, members[i].cell, &bytes);
        n_groups += i == 0 || strcmp(members[i - 1].group, members[i].group) != 0 ? 1 : 0;
        label[i] = n_groups - 1;
        WG_TRY(wg_layer_add_row(ctx, cells, wkb, bytes, NULL));
    }
    WG_TRY(wg_polygons_union(ctx, cells, label, n_groups, &shapes));
    wg_row at = {.ctx = ctx, .layer = levels};
    for (size_t i = 0; i < n; i++) {
        size_t bytes = 0;
        char key[64], name[96];
        if (i > 0 && label[i - 1] == label[i]) {
            continue;
        }
        const void *wkb = wg_layer_wkb(shapes, label[i], &bytes);
        street_of(city, members[i].community, key);
        group_name(members[i].group, city->options->lang, name);
        wg_row_begin(&at, wkb, bytes);
        wg_row_text(&at, "code", members[i].group);
        wg_row_text(&at, "parent", key[0] == '\0' ? NULL : key);
        wg_row_text(&at, "level", "group");
        wg_row_text(&at, "name", name);
    }
    status = at.status;
done:
    free(label);
    wg_layer_free(cells);
    wg_layer_free(shapes);
    return status;
}

wg_status wg_plan_group_levels(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                               wg_layer *levels) {
    size_t n = 0;
    if (!wg_plan_wants_groups(city->options)) {
        return WG_OK;
    }
    for (size_t row = 0; row < city->communities->n; row++) {
        n += districts[row]->n_cells;
    }
    member *members = wg_calloc(n, sizeof *members);
    if (members == NULL) {
        return wg_fail_memory(ctx);
    }
    n = 0;
    for (uint32_t row = 0; row < city->communities->n; row++) {
        for (uint32_t c = 0; c < districts[row]->n_cells; c++) {
            if (districts[row]->group[c] != NULL) {
                members[n++] = (member){districts[row]->group[c], row, c};
            }
        }
    }
    if (n > 1) {
        qsort(members, n, sizeof *members, compare_members);
    }
    const wg_status status = group_rows(ctx, city, districts, members, n, levels);
    free(members);
    return status;
}
