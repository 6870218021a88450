#include "report/tree.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    const char *text = index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
    return text == NULL ? "" : text;
}

/* ------------------------------------------------------------------ look-ups by code */

typedef struct keyed {
    const char *code;
    uint32_t row;
} keyed;

static int by_code(const void *a, const void *b) {
    const keyed *left = a;
    const keyed *right = b;
    const int order = strcmp(left->code, right->code);
    return order != 0 ? order : left->row < right->row ? -1 : left->row > right->row;
}

/** Rows of a layer in the order of their codes; NULL when memory is out. */
static uint32_t *order_by_code(const wg_layer *layer) {
    uint32_t *order = wg_malloc(layer->n, sizeof *order);
    keyed *keys = wg_malloc(layer->n, sizeof *keys);
    if (order != NULL && keys != NULL) {
        for (size_t row = 0; row < layer->n; row++) {
            keys[row] = (keyed){text_of(layer, row, "code"), (uint32_t)row};
        }
        qsort(keys, layer->n, sizeof *keys, by_code);
        for (size_t i = 0; i < layer->n; i++) {
            order[i] = keys[i].row;
        }
    } else {
        free(order);
        order = NULL;
    }
    free(keys);
    return order;
}

/** First row with this code, or WG_UNASSIGNED. */
static uint32_t find_code(const wg_layer *layer, const uint32_t *order, const char *code) {
    if (code == NULL || code[0] == '\0') {
        return WG_UNASSIGNED;
    }
    const uint32_t column = wg_layer_column(layer, "code");
    size_t low = 0;
    size_t high = layer->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const char *here = column == UINT32_MAX ? NULL : wg_layer_text(layer, order[middle], column);
        if (strcmp(here == NULL ? "" : here, code) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < layer->n && strcmp(text_of(layer, order[low], "code"), code) == 0 ? order[low] : WG_UNASSIGNED;
}

uint32_t wg_report_cell(const wg_report_tree *tree, const char *code) {
    return find_code(tree->cells, tree->cell_order, code);
}

uint32_t wg_report_community(const wg_report_tree *tree, const char *code) {
    return find_code(tree->communities, tree->community_order, code);
}

uint32_t wg_report_place(const wg_report_tree *tree, uint32_t cell, uint32_t community) {
    return cell != WG_UNASSIGNED ? cell : community != WG_UNASSIGNED ? tree->n_cells + community : tree->n_places - 1;
}

/* ------------------------------------------------------------------ building */

/** Levels in between: what is needed while the tree is made. */
typedef struct shape {
    uint32_t *order;          /**< rows of the levels layer by code; NULL without one */
    uint32_t *height;         /**< rows of the levels layer: steps above the lowest */
    uint32_t *area_of;        /**< rows of the levels layer: its area */
    uint32_t *community_area; /**< rows of communities */
} shape;

static bool is_level(const wg_layer *levels, size_t row, const char *name) {
    return strcmp(text_of(levels, row, "level"), name) == 0;
}

static wg_status check_codes(wg_context *ctx, const wg_report_tree *tree) {
    for (uint32_t i = 1; i < tree->n_cells; i++) {
        const char *code = text_of(tree->cells, tree->cell_order[i], "code");
        if (strcmp(code, text_of(tree->cells, tree->cell_order[i - 1], "code")) == 0) {
            return wg_layer_fail(ctx, tree->cells, tree->cell_order[i], WG_EDATA,
                                 "cell code '%s' is used twice (give each cell its own)", code);
        }
    }
    return WG_OK;
}

/** Number of ancestors of each row of the levels layer. */
static wg_status find_heights(wg_context *ctx, const wg_layer *levels, shape *s) {
    for (size_t row = 0; row < levels->n; row++) {
        uint32_t height = 0;
        uint32_t at = find_code(levels, s->order, text_of(levels, row, "parent"));
        while (at != WG_UNASSIGNED) {
            if (++height > levels->n) {
                return wg_layer_fail(ctx, levels, row, WG_EDATA, "level '%s' lies above itself (mend its parent)",
                                     text_of(levels, row, "code"));
            }
            at = find_code(levels, s->order, text_of(levels, at, "parent"));
        }
        s->height[row] = height;
    }
    return WG_OK;
}

static bool level_known(const wg_report_tree *tree, const char *name) {
    for (uint32_t l = 0; l < tree->n_levels; l++) {
        if (strcmp(tree->level_name[l], name) == 0) {
            return true;
        }
    }
    return false;
}

/** Names of the levels from cell to all, deepest first; communities right above the cells where the levels layer is
 * silent. */
static wg_status name_levels(wg_context *ctx, wg_report_tree *tree, const shape *s) {
    const size_t n = tree->levels == NULL ? 0 : tree->levels->n;
    uint32_t deepest = 0;
    bool community = false;
    for (size_t row = 0; row < n; row++) {
        deepest = s->height[row] > deepest ? s->height[row] : deepest;
        community = community || is_level(tree->levels, row, "community");
    }
    tree->level_name[tree->n_levels++] = "cell";
    if (!community) {
        tree->level_name[tree->n_levels++] = "community";
    }
    for (uint32_t height = deepest + 1; height-- > 0;) {
        for (size_t row = 0; row < n; row++) {
            const char *name = text_of(tree->levels, row, "level");
            if (s->height[row] != height || name[0] == '\0' || level_known(tree, name)) {
                continue;
            }
            if (tree->n_levels + 2 > WG_REPORT_LEVELS) {
                return wg_fail(ctx, WG_EDATA, "levels: more than %d levels", WG_REPORT_LEVELS - 3);
            }
            tree->level_name[tree->n_levels++] = name;
        }
    }
    tree->level_name[tree->n_levels++] = "all";
    return WG_OK;
}

static uint32_t count_areas(const wg_report_tree *tree, uint32_t level) {
    if (level == 0) {
        return tree->n_cells;
    }
    if (level + 1 == tree->n_levels) {
        return 1;
    }
    if (strcmp(tree->level_name[level], "community") == 0) {
        return tree->n_communities;
    }
    uint32_t n = 0;
    for (size_t row = 0; tree->levels != NULL && row < tree->levels->n; row++) {
        n += is_level(tree->levels, row, tree->level_name[level]);
    }
    return n;
}

static void set_area(wg_report_tree *tree, uint32_t area, const wg_layer *layer, uint32_t row) {
    tree->code[area] = text_of(layer, row, "code");
    tree->name[area] = text_of(layer, row, "name");
    tree->geometry_row[area] = row;
    tree->parent[area] = WG_UNASSIGNED;
}

static void fill_areas(wg_report_tree *tree, shape *s) {
    for (uint32_t l = 0; l < tree->n_levels; l++) {
        uint32_t area = tree->level_first[l];
        if (l == 0) {
            for (uint32_t row = 0; row < tree->n_cells; row++) {
                set_area(tree, area++, tree->cells, row);
            }
        } else if (l + 1 == tree->n_levels) {
            tree->code[area] = "ALL";
            tree->name[area] = "";
            tree->geometry_row[area] = WG_UNASSIGNED;
            tree->parent[area] = WG_UNASSIGNED;
        } else if (strcmp(tree->level_name[l], "community") == 0) {
            for (uint32_t row = 0; row < tree->n_communities; row++) {
                s->community_area[row] = area;
                set_area(tree, area++, tree->communities, row);
            }
        } else {
            for (uint32_t row = 0; row < tree->levels->n; row++) {
                if (is_level(tree->levels, row, tree->level_name[l])) {
                    s->area_of[row] = area;
                    set_area(tree, area++, tree->levels, row);
                }
            }
        }
    }
    for (uint32_t row = 0; tree->levels != NULL && row < tree->levels->n; row++) {
        if (is_level(tree->levels, row, "community")) {
            const uint32_t community = wg_report_community(tree, text_of(tree->levels, row, "code"));
            s->area_of[row] = community == WG_UNASSIGNED ? WG_UNASSIGNED : s->community_area[community];
        }
    }
}

/** Fill `up` from an area of the levels layer upwards. */
static void climb(const wg_report_tree *tree, const shape *s, uint32_t row, uint32_t *up) {
    while (row != WG_UNASSIGNED) {
        const uint32_t area = s->area_of[row];
        if (area != WG_UNASSIGNED) {
            uint32_t *slot = &up[wg_report_level(tree, area)];
            *slot = *slot == WG_UNASSIGNED ? area : *slot;
        }
        row = find_code(tree->levels, s->order, text_of(tree->levels, row, "parent"));
    }
}

static void fill_up(wg_report_tree *tree, const shape *s) {
    const uint32_t whole = tree->n_areas - 1;
    for (uint32_t place = 0; place < tree->n_places; place++) {
        uint32_t *up = &tree->up[(size_t)place * tree->n_levels];
        for (uint32_t l = 0; l < tree->n_levels; l++) {
            up[l] = WG_UNASSIGNED;
        }
        up[tree->n_levels - 1] = whole;
        const bool is_cell = place < tree->n_cells;
        uint32_t community = is_cell ? wg_report_community(tree, text_of(tree->cells, place, "community"))
                             : place + 1 < tree->n_places ? place - tree->n_cells
                                                          : WG_UNASSIGNED;
        if (is_cell) {
            up[0] = place;
        }
        if (community != WG_UNASSIGNED) {
            const uint32_t area = s->community_area[community];
            up[wg_report_level(tree, area)] = area;
        }
        if (tree->levels != NULL && is_cell) {
            climb(tree, s, find_code(tree->levels, s->order, text_of(tree->cells, place, "grp")), up);
        }
        if (tree->levels != NULL && community != WG_UNASSIGNED) {
            climb(tree, s, find_code(tree->levels, s->order, text_of(tree->communities, community, "code")), up);
        }
    }
}

/** The area above: of the first place that has both. */
static void fill_parents(wg_report_tree *tree) {
    for (uint32_t place = 0; place < tree->n_places; place++) {
        const uint32_t *up = &tree->up[(size_t)place * tree->n_levels];
        uint32_t below = WG_UNASSIGNED;
        for (uint32_t l = 0; l < tree->n_levels; l++) {
            if (up[l] == WG_UNASSIGNED) {
                continue;
            }
            if (below != WG_UNASSIGNED && tree->parent[below] == WG_UNASSIGNED) {
                tree->parent[below] = up[l];
            }
            below = up[l];
        }
    }
}

static wg_status reserve(wg_context *ctx, wg_report_tree *tree) {
    for (uint32_t l = 0; l < tree->n_levels; l++) {
        tree->level_first[l + 1] = tree->level_first[l] + count_areas(tree, l);
    }
    tree->n_areas = tree->level_first[tree->n_levels];
    tree->n_places = tree->n_cells + tree->n_communities + 1;
    tree->code = wg_calloc(tree->n_areas, sizeof *tree->code);
    tree->name = wg_calloc(tree->n_areas, sizeof *tree->name);
    tree->parent = wg_calloc(tree->n_areas, sizeof *tree->parent);
    tree->geometry_row = wg_calloc(tree->n_areas, sizeof *tree->geometry_row);
    tree->up = wg_calloc((size_t)tree->n_places * tree->n_levels, sizeof *tree->up);
    const bool good = tree->code != NULL && tree->name != NULL && tree->parent != NULL && tree->geometry_row != NULL &&
                      tree->up != NULL;
    return good ? WG_OK : wg_fail_memory(ctx);
}

wg_status wg_report_tree_build(wg_context *ctx, const wg_layer *cells, const wg_layer *communities,
                               const wg_layer *levels, wg_report_tree *tree) {
    wg_status status = WG_OK;
    shape s = {0};
    *tree = (wg_report_tree){.n_cells = (uint32_t)cells->n,
                             .n_communities = (uint32_t)communities->n,
                             .cells = cells,
                             .communities = communities,
                             .levels = levels};
    const size_t n_levels = levels == NULL ? 0 : levels->n;
    tree->cell_order = order_by_code(cells);
    tree->community_order = order_by_code(communities);
    s.order = levels == NULL ? NULL : order_by_code(levels);
    s.height = wg_calloc(n_levels, sizeof *s.height);
    s.area_of = wg_malloc(n_levels, sizeof *s.area_of);
    s.community_area = wg_calloc(communities->n, sizeof *s.community_area);
    if (tree->cell_order == NULL || tree->community_order == NULL || (levels != NULL && s.order == NULL) ||
        s.height == NULL || s.area_of == NULL || s.community_area == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t row = 0; row < n_levels; row++) {
        s.area_of[row] = WG_UNASSIGNED;
    }
    WG_TRY(check_codes(ctx, tree));
    if (levels != NULL) {
        WG_TRY(find_heights(ctx, levels, &s));
    }
    WG_TRY(name_levels(ctx, tree, &s));
    WG_TRY(reserve(ctx, tree));
    fill_areas(tree, &s);
    fill_up(tree, &s);
    fill_parents(tree);
done:
    free(s.order);
    free(s.height);
    free(s.area_of);
    free(s.community_area);
    if (status != WG_OK) {
        wg_report_tree_release(tree);
    }
    return status;
}

void wg_report_tree_release(wg_report_tree *tree) {
    free(tree->code);
    free(tree->name);
    free(tree->parent);
    free(tree->geometry_row);
    free(tree->up);
    free(tree->cell_order);
    free(tree->community_order);
    wg_arena_release(&tree->text);
    *tree = (wg_report_tree){0};
}

/* ------------------------------------------------------------------ use */

void wg_report_sum(const wg_report_tree *tree, const double *values, double *sums) {
    for (uint32_t area = 0; area < tree->n_areas; area++) {
        sums[area] = 0.0;
    }
    for (uint32_t place = 0; place < tree->n_places; place++) {
        for (uint32_t l = 0; l < tree->n_levels; l++) {
            const uint32_t area = tree->up[(size_t)place * tree->n_levels + l];
            if (area != WG_UNASSIGNED) {
                sums[area] += values[place];
            }
        }
    }
}

uint32_t wg_report_level(const wg_report_tree *tree, uint32_t area) {
    uint32_t level = 0;
    while (area >= tree->level_first[level + 1]) {
        level++;
    }
    return level;
}

const void *wg_report_geometry(const wg_report_tree *tree, uint32_t area, size_t *bytes) {
    const uint32_t level = wg_report_level(tree, area);
    const bool whole = level + 1 == tree->n_levels;
    const wg_layer *layer = level == 0                                          ? tree->cells
                            : whole                                             ? NULL
                            : strcmp(tree->level_name[level], "community") == 0 ? tree->communities
                                                                                : tree->levels;
    *bytes = 0;
    return layer == NULL ? NULL : wg_layer_wkb(layer, tree->geometry_row[area], bytes);
}
