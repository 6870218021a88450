/* Several networks over the same land: how cells of one nest in cells of another, what a network leaves out or covers
 * twice. */
#include <math.h>

#include "plan/compare.h"

/** A thousandth is a line drawn by hand. */
static const double NESTED_SHARE = 1 - 1e-3;

static double worth_of(const wg_comparison *c, const wg_crosswalk *cross) {
    return c->households > 0 ? cross->households : cross->area;
}

/** The cell of b that has most of each cell of a: index into the crosswalk, or SIZE_MAX. Free with free(). */
static size_t *find_hosts(const wg_comparison *c) {
    size_t *host = wg_malloc(c->a->layer->n, sizeof *host);
    for (size_t a = 0; host != NULL && a < c->a->layer->n; a++) {
        host[a] = SIZE_MAX;
    }
    for (size_t i = 0; host != NULL && i < c->n_cross; i++) {
        size_t *best = &host[c->cross[i].a];
        const double value = worth_of(c, &c->cross[i]);
        if (*best == SIZE_MAX || value > worth_of(c, &c->cross[*best]) ||
            (value >= worth_of(c, &c->cross[*best]) && c->cross[i].area > c->cross[*best].area)) {
            *best = i;
        }
    }
    return host;
}

/** Households of the cell, land where the layers have no households. */
static double whole_of(const wg_comparison *c, size_t a) {
    return c->households > 0 ? c->a->households[a] : c->a->area[a];
}

wg_status wg_comparison_not_nested(wg_context *ctx, const wg_comparison *c, double *share) {
    double all = 0, outside = 0;
    size_t *host = find_hosts(c);
    if (host == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t a = 0; a < c->a->layer->n; a++) {
        const double whole = whole_of(c, a), most = host[a] == SIZE_MAX ? 0 : worth_of(c, &c->cross[host[a]]);
        all += whole;
        outside += most < whole * NESTED_SHARE ? whole : 0;
    }
    *share = all > 0 ? outside / all : 0;
    free(host);
    return WG_OK;
}

static wg_status add_columns(wg_context *ctx, wg_layer *layer, const char *const *names, wg_type type) {
    wg_status status = WG_OK;
    for (; status == WG_OK && *names != NULL; names++) {
        status = wg_layer_add_column(ctx, layer, *names, type, NULL);
    }
    return status;
}

wg_status wg_nesting_new(wg_context *ctx, wg_layer **layer) {
    static const char *const texts[] = {"network", "other", "cell", "inside", "nested", NULL};
    static const char *const reals[] = {"area_m2", "area_pct", "households", "hh_pct", NULL};
    wg_status status = wg_layer_new(ctx, "nesting", NULL, layer);
    if (status == WG_OK) {
        status = add_columns(ctx, *layer, texts, WG_TEXT);
    }
    return status == WG_OK ? add_columns(ctx, *layer, reals, WG_REAL) : status;
}

wg_status wg_comparison_nesting(wg_context *ctx, const wg_comparison *c, wg_layer *layer) {
    wg_row at = {.ctx = ctx, .layer = layer};
    size_t *host = find_hosts(c);
    if (host == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t a = 0; a < c->a->layer->n; a++) {
        const wg_crosswalk *cross = host[a] == SIZE_MAX ? NULL : &c->cross[host[a]];
        const double whole = whole_of(c, a);
        char code[32], inside[32];
        wg_row_begin(&at, NULL, 0);
        wg_row_text(&at, "network", c->a->label);
        wg_row_text(&at, "other", c->b->label);
        wg_row_text(&at, "cell", wg_compared_code(c->a, a, code));
        wg_row_text(&at, "inside", cross == NULL ? NULL : wg_compared_code(c->b, cross->b, inside));
        wg_row_text(&at, "nested", cross != NULL && worth_of(c, cross) >= whole * NESTED_SHARE ? "yes" : "no");
        wg_row_real(&at, "area_m2", c->a->area[a]);
        wg_row_real(&at, "area_pct", cross == NULL ? 0 : 100 * cross->area / c->a->area[a]);
        wg_row_real(&at, "households", c->a->households[a]);
        wg_row_real(&at, "hh_pct", cross == NULL ? 0 : 100 * cross->households / c->a->households[a]);
    }
    free(host);
    return at.status;
}

wg_status wg_gaps_new(wg_context *ctx, const char *crs, wg_layer **layer) {
    static const char *const texts[] = {"network", "kind", "cell", "other", NULL};
    static const char *const reals[] = {"area_m2", "width_m", NULL};
    wg_status status = wg_layer_new(ctx, "gaps", crs, layer);
    if (status == WG_OK) {
        status = add_columns(ctx, *layer, texts, WG_TEXT);
    }
    return status == WG_OK ? add_columns(ctx, *layer, reals, WG_REAL) : status;
}

wg_status wg_compared_gaps(wg_context *ctx, const wg_compared *of, const wg_overlay *overlay, wg_layer *layer) {
    static const char *const kinds[] = {"gap", "overlap", "outside"};
    wg_row at = {.ctx = ctx, .layer = layer};
    for (size_t i = 0; i < overlay->n_faces; i++) {
        const wg_overlay_face *face = &overlay->faces[i];
        size_t bytes = 0;
        char cell[32], other[32];
        const void *wkb = wg_layer_wkb(overlay->shapes, i, &bytes);
        wg_row_begin(&at, wkb, bytes);
        wg_row_text(&at, "network", of->label);
        wg_row_text(&at, "kind", kinds[face->kind]);
        wg_row_text(&at, "cell", face->cell == WG_UNASSIGNED ? NULL : wg_compared_code(of, face->cell, cell));
        wg_row_text(&at, "other", face->other == WG_UNASSIGNED ? NULL : wg_compared_code(of, face->other, other));
        wg_row_real(&at, "area_m2", face->area_m2);
        wg_row_real(&at, "width_m", face->width_m);
    }
    return at.status;
}
