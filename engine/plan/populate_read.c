/* The buildings: where they are, how much people live in them, what is known already. */
#include <math.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/populate.h"
#include "plan/residence.h"

const wg_role wg_figure_role[WG_FIGURES] = {WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION, WG_ROLE_REGISTERED,
                                            WG_ROLE_FLOATING};

static const wg_role roles[] = {WG_ROLE_ID,       WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION, WG_ROLE_REGISTERED,
                                WG_ROLE_FLOATING, WG_ROLE_FLOORS,     WG_ROLE_HEIGHT,     WG_ROLE_AREA,
                                WG_ROLE_USE,      WG_ROLE_COMMUNITY};
static const double usual_floors = 1.0, point_m2 = 100.0;

static wg_status numbers(wg_context *ctx, wg_spread *p, wg_role role, double **values) {
    const uint32_t column = p->fields.column[role];
    *values = NULL;
    return column == UINT32_MAX ? WG_OK : wg_fields_numbers(ctx, p->source, column, true, &p->exceptions, NULL, values);
}

/** Floor area of a building and the part of it that is lived in. */
static void weigh(wg_spread *p, size_t row, const double *floors, const double *height, const double *area) {
    char buffer[32];
    double ground = 0.0, length = 0.0;
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(p->metric, row, &bytes);
    p->xy[2 * row] = p->xy[2 * row + 1] = NAN;
    if (wkb != NULL) {
        (void)wg_wkb_centroid(wkb, bytes, p->xy + 2 * row);
        wg_wkb_measure(wkb, bytes, &ground, &length);
    }
    const double stated = area == NULL || isnan(area[row]) ? 0.0 : area[row];
    if (!(ground > 0.0)) {
        ground = stated > 0.0 ? stated : point_m2; /* points: by their area field, else all alike */
    }
    const double storeys =
        wg_residence_floors(floors == NULL ? NAN : floors[row], height == NULL ? NAN : height[row], usual_floors);
    const uint32_t use = p->fields.column[WG_ROLE_USE];
    p->floor_area[row] = ground * storeys;
    p->weight[row] =
        p->floor_area[row] * wg_residence_share(use == UINT32_MAX ? NULL : wg_fields_text(p->source, row, use, buffer));
}

static wg_status allocate(wg_context *ctx, wg_spread *p) {
    const size_t n = p->source->n;
    p->xy = wg_calloc(n, 2 * sizeof *p->xy);
    p->weight = wg_calloc(n, sizeof *p->weight);
    p->floor_area = wg_calloc(n, sizeof *p->floor_area);
    p->zone = wg_calloc(n, sizeof *p->zone);
    p->from = wg_calloc(n, sizeof *p->from);
    const bool failed =
        p->xy == NULL || p->weight == NULL || p->floor_area == NULL || p->zone == NULL || p->from == NULL;
    return failed ? wg_fail_memory(ctx) : WG_OK;
}

wg_status wg_populate_read(wg_context *ctx, wg_spread *p) {
    const wg_populate_options *options = p->options;
    double *floors = NULL, *height = NULL, *area = NULL;
    wg_status status = WG_OK;
    WG_TRY(wg_read(ctx, &options->buildings, "buildings", &p->source));
    WG_TRY(wg_fields_match(ctx, p->source, "buildings", roles, sizeof roles / sizeof roles[0], options->fields,
                           options->n_fields, NULL, &p->fields));
    WG_TRY(wg_crs_working(ctx, p->source, WG_DATUM_WGS84, NULL, &p->crs));
    WG_TRY(wg_layer_copy(ctx, p->source, NULL, &p->metric));
    WG_TRY(wg_crs_transform(ctx, p->metric, p->crs));
    WG_TRY(allocate(ctx, p));
    WG_TRY(numbers(ctx, p, WG_ROLE_FLOORS, &floors));
    WG_TRY(numbers(ctx, p, WG_ROLE_HEIGHT, &height));
    WG_TRY(numbers(ctx, p, WG_ROLE_AREA, &area));
    for (int f = 0; f < WG_FIGURES; f++) {
        WG_TRY(numbers(ctx, p, wg_figure_role[f], &p->known[f]));
    }
    for (size_t row = 0; row < p->source->n; row++) {
        weigh(p, row, floors, height, area);
        p->zone[row] = WG_UNASSIGNED;
        p->excluded += p->weight[row] > 0.0 ? 0 : 1;
    }
done:
    free(floors);
    free(height);
    free(area);
    return status;
}

wg_status wg_populate_make(wg_context *ctx, wg_spread *p, int figure) {
    if (p->figure[figure] != NULL) {
        return WG_OK;
    }
    p->figure[figure] = wg_malloc(p->source->n, sizeof **p->figure);
    if (p->figure[figure] == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < p->source->n; row++) {
        const double own = p->known[figure] == NULL ? NAN : p->known[figure][row];
        p->figure[figure][row] = isnan(own) ? -1 : (int64_t)llround(own);
        p->from[row] = isnan(own) ? p->from[row] : WG_FROM_GIVEN;
    }
    return WG_OK;
}

void wg_populate_release(wg_spread *p) {
    wg_layer_free(p->source);
    wg_layer_free(p->metric);
    free(p->crs);
    free(p->xy);
    free(p->weight);
    free(p->floor_area);
    free(p->zone);
    free(p->from);
    free(p->totals_label);
    for (int f = 0; f < WG_FIGURES; f++) {
        free(p->known[f]);
        free(p->figure[f]);
    }
    wg_exceptions_release(&p->exceptions);
}
