#include "plan/towers.h"

#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "io/read.h"
#include "model/wkb.h"

enum { MAX_STAIRS = 99, N_WEIGHTS = 4 /* as the figures: households, population, registered, floating */ };

typedef struct stair {
    size_t tower; /**< source row */
    double x, y;
    double weight[N_WEIGHTS]; /**< share of each of the tower's figures, relative to its other stairs */
} stair;

typedef struct stairs {
    stair *items;
    size_t n, capacity;
} stairs;

static wg_status add_stair(wg_context *ctx, stairs *list, stair item) {
    if (!WG_RESERVE(list->items, list->capacity, list->n + 1)) {
        return wg_fail_memory(ctx);
    }
    list->items[list->n++] = item;
    return WG_OK;
}

/** One building over a maximum on its own. */
static bool is_over(const wg_plan_city *city, size_t row) {
    for (uint32_t m = 0; m < city->n_measures; m++) {
        const wg_measure *measure = &city->measures[m];
        if (!measure->is_area && measure->value[row] > measure->limit.max) { /* NAN: never */
            return true;
        }
    }
    return false;
}

/* ---- stairs as points ---- */

typedef struct ray {
    double x, y;
    bool inside;
} ray;

static void cross_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part, (void)ring;
    ray *probe = user;
    double a[2], b[2];
    for (uint32_t i = 1; i < n && type == WG_WKB_POLYGON; i++) {
        wg_wkb_get(pairs, i - 1, a);
        wg_wkb_get(pairs, i, b);
        if ((a[1] > probe->y) != (b[1] > probe->y) &&
            probe->x < a[0] + (probe->y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) {
            probe->inside = !probe->inside;
        }
    }
}

static bool contains(const wg_layer *layer, size_t row, const double xy[2]) {
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    double bounds[4];
    ray probe = {.x = xy[0], .y = xy[1]};
    if (!wg_wkb_bounds(wkb, bytes, bounds) || xy[0] < bounds[0] || xy[0] > bounds[2] || xy[1] < bounds[1] ||
        xy[1] > bounds[3]) {
        return false;
    }
    (void)wg_wkb_visit((void *)wkb, bytes, cross_ring, &probe);
    return probe.inside;
}

/** The stairs' own figures; what they do not have is divided as their households, else equally. */
static wg_status read_weights(wg_context *ctx, wg_exceptions *exceptions, const wg_layer *points,
                              const wg_fields *fields, double *weight[N_WEIGHTS]) {
    static const wg_role role[N_WEIGHTS] = {WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION, WG_ROLE_REGISTERED,
                                            WG_ROLE_FLOATING};
    for (uint32_t w = 0; w < N_WEIGHTS; w++) {
        if (fields->column[role[w]] != UINT32_MAX) {
            const wg_status status =
                wg_fields_numbers(ctx, points, fields->column[role[w]], true, exceptions, NULL, &weight[w]);
            if (status != WG_OK) {
                return status;
            }
        }
    }
    return WG_OK;
}

static stair stair_of(size_t tower, const double xy[2], double *const weight[N_WEIGHTS], size_t point) {
    stair made = {.tower = tower, .x = xy[0], .y = xy[1]};
    const double base = weight[0] != NULL && !isnan(weight[0][point]) ? weight[0][point] : 1;
    for (uint32_t w = 0; w < N_WEIGHTS; w++) {
        made.weight[w] = weight[w] != NULL && !isnan(weight[w][point]) ? weight[w][point] : base;
    }
    if (weight[1] == NULL && weight[2] != NULL && weight[3] != NULL) {
        made.weight[1] = made.weight[2] + made.weight[3];
    }
    return made;
}

wg_status wg_plan_read_stairs(wg_context *ctx, wg_plan_city *city) {
    return city->stairs != NULL || !wg_input_given(&city->options->stairs)
               ? WG_OK
               : wg_plan_read_layer(ctx, city, &city->options->stairs, "stairs", &city->stairs);
}

static wg_status stairs_from_points(wg_context *ctx, wg_plan_city *city, const bool *tower, stairs *list) {
    wg_status status = WG_OK;
    double *weight[N_WEIGHTS] = {NULL};
    WG_TRY(wg_plan_read_stairs(ctx, city));
    const wg_layer *points = city->stairs;
    const wg_role roles[] = {WG_ROLE_BUILDING, WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION, WG_ROLE_REGISTERED,
                             WG_ROLE_FLOATING};
    wg_fields fields;
    WG_TRY(wg_fields_match(ctx, points, "stairs", roles, sizeof roles / sizeof roles[0], city->options->fields,
                           city->options->n_fields, city->field_used, &fields));
    WG_TRY(read_weights(ctx, city->stairs_listed ? NULL : &city->exceptions, points, &fields, weight));
    city->stairs_listed = true;
    for (size_t row = 0; row < city->source->n; row++) {
        for (size_t p = 0; p < points->n && tower[row]; p++) {
            char id[32], key[32];
            double xy[2];
            size_t bytes = 0;
            const void *wkb = wg_layer_wkb(points, p, &bytes);
            const char *named = fields.column[WG_ROLE_BUILDING] == UINT32_MAX
                                    ? NULL
                                    : wg_fields_text(points, p, fields.column[WG_ROLE_BUILDING], key);
            if (wg_wkb_centroid(wkb, bytes, xy) &&
                (named != NULL ? strcmp(named, wg_plan_building_id(city, row, id)) == 0
                               : contains(city->source, row, xy))) {
                WG_TRY(add_stair(ctx, list, stair_of(row, xy, weight, p)));
            }
        }
    }
done:
    for (uint32_t w = 0; w < N_WEIGHTS; w++) {
        free(weight[w]);
    }
    return status;
}

/* ---- stairs as a number ---- */

typedef struct axis {
    double cx, cy;        /**< centroid */
    double dx, dy;        /**< unit vector of the long axis */
    double sxx, sxy, syy; /**< second moments of the vertices */
    double low, high;     /**< extent along the axis, from the centroid */
    bool extent;          /**< second pass */
} axis;

static void gather_axis(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type, (void)part;
    axis *a = user;
    for (uint32_t i = 0; i + 1 < n && ring == 0; i++) {
        double p[2];
        wg_wkb_get(pairs, i, p);
        const double x = p[0] - a->cx, y = p[1] - a->cy;
        if (a->extent) {
            a->low = fmin(a->low, x * a->dx + y * a->dy);
            a->high = fmax(a->high, x * a->dx + y * a->dy);
        } else {
            a->sxx += x * x;
            a->sxy += x * y;
            a->syy += y * y;
        }
    }
}

/** Points at equal distances along the long axis of the footprint: stairs of a slab stand in a row. */
static wg_status stairs_from_count(wg_context *ctx, const wg_plan_city *city, size_t row, uint32_t count,
                                   stairs *list) {
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(city->source, row, &bytes);
    double centre[2];
    if (!wg_wkb_centroid(wkb, bytes, centre)) {
        return WG_OK;
    }
    axis a = {.cx = centre[0], .cy = centre[1]};
    (void)wg_wkb_visit((void *)wkb, bytes, gather_axis, &a);
    const double angle = 0.5 * atan2(2 * a.sxy, a.sxx - a.syy);
    a.dx = cos(angle);
    a.dy = sin(angle);
    a.extent = true;
    (void)wg_wkb_visit((void *)wkb, bytes, gather_axis, &a);
    for (uint32_t i = 0; i < count; i++) {
        const double along = a.low + (a.high - a.low) * (i + 0.5) / count;
        const stair item = {.tower = row, .x = a.cx + along * a.dx, .y = a.cy + along * a.dy, .weight = {1, 1, 1, 1}};
        const wg_status status = add_stair(ctx, list, item);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

/* ---- putting it together ---- */

/** Divide `total` over `n` weights; whole numbers stay whole (largest remainder, earlier stairs first on a tie). */
static void apportion(double total, const stair *items, size_t n, uint32_t w, double *out) {
    double weights = 0, given = 0;
    for (size_t i = 0; i < n; i++) {
        weights += items[i].weight[w];
    }
    const bool whole = total == floor(total);
    for (size_t i = 0; i < n; i++) {
        const double share = weights > 0 ? total * items[i].weight[w] / weights : total / (double)n;
        out[i] = whole ? floor(share) : share;
        given += out[i];
    }
    for (double left = whole ? total - given : 0; left > 0.5; left--) {
        size_t best = 0;
        double most = -1;
        for (size_t i = 0; i < n; i++) {
            const double share = weights > 0 ? total * items[i].weight[w] / weights : total / (double)n;
            if (share - out[i] > most + 1e-9) {
                most = share - out[i];
                best = i;
            }
        }
        out[best] += 1;
    }
}

/** Lengthen one array of values from source rows to rows with stairs. */
static wg_status spread_values(wg_context *ctx, const wg_plan_city *city, const stairs *list, uint32_t weight,
                               double **values) {
    const size_t n = city->buildings->n;
    double *spread = wg_calloc(n, sizeof *spread);
    if (spread == NULL) {
        return wg_fail_memory(ctx);
    }
    size_t at = 0;
    for (size_t row = 0; row < n;) {
        const size_t source = city->parent[row];
        if (at < list->n && list->items[at].tower == source) {
            size_t count = 1;
            while (at + count < list->n && list->items[at + count].tower == source) {
                count++;
            }
            apportion((*values)[source], &list->items[at], count, weight, &spread[row]);
            at += count;
            row += count;
        } else {
            spread[row++] = (*values)[source];
        }
    }
    free(*values);
    *values = spread;
    return WG_OK;
}

static wg_status spread_figures(wg_context *ctx, wg_plan_city *city, const stairs *list) {
    wg_status status = WG_OK;
    double **figure[N_WEIGHTS] = {&city->figures.households, &city->figures.population, &city->figures.registered,
                                  &city->figures.floating};
    for (uint32_t f = 0; f < N_WEIGHTS; f++) {
        const double *before = *figure[f];
        WG_TRY(spread_values(ctx, city, list, f, figure[f]));
        for (uint32_t m = 0; m < city->n_measures; m++) {
            if (city->measures[m].value == before) { /* compared, never followed: the old array is gone */
                city->measures[m].value = *figure[f];
            }
        }
    }
    for (uint32_t m = 0; m < city->n_measures; m++) {
        if (city->measures[m].owned != NULL) {
            WG_TRY(spread_values(ctx, city, list, 0, &city->measures[m].owned));
            city->measures[m].value = city->measures[m].owned;
        }
    }
done:
    return status;
}

static wg_status make_rows(wg_context *ctx, wg_plan_city *city, const stairs *list) {
    wg_status status = WG_OK;
    wg_layer *rows = NULL;
    wg_buffer point = {0};
    size_t at = 0;
    city->parent = wg_calloc(city->source->n + list->n, sizeof *city->parent);
    if (city->parent == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_layer_new(ctx, city->source->name, city->source->crs, &rows));
    WG_TRY(wg_layer_set_source(ctx, rows, wg_layer_source(city->source)));
    uint32_t id = 0;
    WG_TRY(wg_layer_add_column(ctx, rows, "id", WG_TEXT, &id));
    for (size_t row = 0; row < city->source->n; row++) {
        size_t bytes = 0, made = 0;
        char text[32];
        const void *wkb = wg_layer_wkb(city->source, row, &bytes);
        const char *name =
            city->building_id == UINT32_MAX ? NULL : wg_fields_text(city->source, row, city->building_id, text);
        bool is_tower = false;
        while (at < list->n && list->items[at].tower == row) {
            is_tower = true;
            wg_buffer_clear(&point);
            wg_wkb_put_point(&point, list->items[at].x, list->items[at].y);
            if (point.failed) {
                status = wg_fail_memory(ctx);
                goto done;
            }
            WG_TRY(wg_layer_add_row(ctx, rows, point.data, point.length, &made));
            WG_TRY(wg_layer_set_text(ctx, rows, made, id, name));
            rows->fid[made] = city->source->fid[row];
            city->parent[made] = row;
            at++;
        }
        if (!is_tower) {
            WG_TRY(wg_layer_add_row(ctx, rows, wkb, bytes, &made));
            WG_TRY(wg_layer_set_text(ctx, rows, made, id, name));
            rows->fid[made] = city->source->fid[row];
            city->parent[made] = row;
        }
    }
    city->buildings = rows;
    city->row_id = id;
    rows = NULL;
done:
    wg_layer_free(rows);
    wg_buffer_release(&point);
    return status;
}

static wg_status list_towers(wg_context *ctx, wg_plan_city *city, const stairs *list) {
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0 && list->items[i - 1].tower == list->items[i].tower) {
            continue;
        }
        size_t count = 1;
        while (i + count < list->n && list->items[i + count].tower == list->items[i].tower) {
            count++;
        }
        char id[32];
        const char *name = city->building_id == UINT32_MAX
                               ? NULL
                               : wg_fields_text(city->source, list->items[i].tower, city->building_id, id);
        const wg_status status = wg_exceptions_add(
            ctx, &city->exceptions, "buildings", name == NULL ? "" : name, "tower_divided", list->items[i].x,
            list->items[i].y, "see the layer shares", "over a maximum alone: divided by its %zu stairs", count);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

/** A tower with a single stair point stays whole. */
static void drop_single(stairs *list) {
    size_t kept = 0;
    for (size_t i = 0; i < list->n;) {
        size_t count = 1;
        while (i + count < list->n && list->items[i + count].tower == list->items[i].tower) {
            count++;
        }
        if (count > 1) {
            memmove(&list->items[kept], &list->items[i], count * sizeof list->items[0]);
            kept += count;
        }
        i += count;
    }
    list->n = kept;
}

wg_status wg_plan_divide_towers(wg_context *ctx, wg_plan_city *city, uint32_t stairs_column) {
    wg_status status = WG_OK;
    stairs list = {0};
    double *counts = NULL;
    bool *tower = wg_calloc(city->source->n, sizeof *tower);
    if (tower == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < city->source->n; row++) {
        tower[row] = is_over(city, row);
    }
    if (wg_input_given(&city->options->stairs)) {
        WG_TRY(stairs_from_points(ctx, city, tower, &list));
    } else if (stairs_column != UINT32_MAX) {
        WG_TRY(wg_fields_numbers(ctx, city->source, stairs_column, true, &city->exceptions, NULL, &counts));
        for (size_t row = 0; row < city->source->n; row++) {
            if (tower[row] && counts[row] >= 2) {
                WG_TRY(stairs_from_count(ctx, city, row, (uint32_t)fmin(counts[row], MAX_STAIRS), &list));
            }
        }
    }
    drop_single(&list);
    if (list.n > 0) {
        WG_TRY(list_towers(ctx, city, &list));
        WG_TRY(make_rows(ctx, city, &list));
        WG_TRY(spread_figures(ctx, city, &list));
    }
done:
    free(list.items);
    free(counts);
    free(tower);
    return status;
}
