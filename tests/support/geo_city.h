/**
 * Random dirty cities: communities that share lines or nearly do, with holes and exclaves; roads that cross, dangle,
 * run twice or almost together; buildings that overlap, nest, touch, repeat, cross lines, are tiny, points or in parts.
 */
#ifndef WG_TESTS_GEO_CITY_H
#define WG_TESTS_GEO_CITY_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "core/random.h"
#include "geo/atoms.h"
#include "shapes.h"

typedef struct geo_city {
    wg_layer *communities, *buildings, *barriers, *compounds, *dedicated, *given, *bridges;
    uint8_t *rank;
    bool *hard;
    double *weight;
    const double *weights[1];
    double heavy[1], compound_heavy[1];
    /* what is made of it */
    wg_reference_options reference_options;
    wg_atoms_options options;
    wg_reference *reference;
    wg_placement placement;
    wg_city city;
    wg_city_index *index;
    wg_atoms **atoms;
    wg_exceptions exceptions;
    wg_random random;
    double size;
} geo_city;

static inline double geo_uniform(geo_city *g, double low, double high) {
    return low + (high - low) * wg_random_unit(&g->random);
}

static inline bool geo_chance(geo_city *g, double p) {
    return wg_random_unit(&g->random) < p;
}

static inline void geo_must(bool fine, const char *what) {
    if (!fine) {
        (void)fprintf(stderr, "a test's city could not be made: %s\n", what);
        abort();
    }
}

static inline void geo_ring(wg_buffer *out, const double *xy, uint32_t n) {
    wg_wkb_put_u32(out, n + 1);
    wg_wkb_put_pairs(out, xy, n);
    wg_wkb_put_pairs(out, xy, 1);
}

static inline void geo_line_row(wg_layer *layer, const double *xy, uint32_t n) {
    wg_buffer out = {0};
    wg_wkb_put_header(&out, WG_WKB_LINESTRING, n);
    wg_wkb_put_pairs(&out, xy, n);
    (void)shape_row(layer, &out);
    wg_buffer_release(&out);
}

enum { GEO_SIDE = 3 };

/** A lattice of quadrilaterals with moved corners. Some corners are moved for one polygon only: gaps and overlaps below
 * the tolerance. One may have a hole that another one owns as an exclave. */
static inline void geo_communities(geo_city *g, bool dirty) {
    double corner[GEO_SIDE + 1][GEO_SIDE + 1][2];
    const double cell = g->size / GEO_SIDE;
    wg_buffer out = {0};
    for (int i = 0; i <= GEO_SIDE; i++) {
        for (int j = 0; j <= GEO_SIDE; j++) {
            corner[i][j][0] = j * cell + geo_uniform(g, -0.2, 0.2) * cell;
            corner[i][j][1] = i * cell + geo_uniform(g, -0.2, 0.2) * cell;
        }
    }
    const int holed = geo_chance(g, 0.5) ? (int)wg_random_below(&g->random, GEO_SIDE * GEO_SIDE) : -1;
    const int owner = (holed + 4) % (GEO_SIDE * GEO_SIDE);
    double hole[8] = {0};
    for (int k = 0; k < GEO_SIDE * GEO_SIDE; k++) {
        const int i = k / GEO_SIDE, j = k % GEO_SIDE;
        double xy[8] = {corner[i][j][0],         corner[i][j][1],         corner[i][j + 1][0], corner[i][j + 1][1],
                        corner[i + 1][j + 1][0], corner[i + 1][j + 1][1], corner[i + 1][j][0], corner[i + 1][j][1]};
        for (int v = 0; v < 8; v++) {
            xy[v] += dirty && geo_chance(g, 0.2) ? geo_uniform(g, -0.4, 0.4) : 0;
        }
        if (holed >= 0 && (k == holed || k == owner)) {
            const int p = holed / GEO_SIDE, q = holed % GEO_SIDE;
            const double x = (corner[p][q][0] + corner[p + 1][q + 1][0]) / 2,
                         y = (corner[p][q][1] + corner[p + 1][q + 1][1]) / 2;
            const double r = 0.1 * cell;
            const double ring[8] = {x - r, y, x, y - 1.5 * r, x + r, y, x, y + 1.2 * r};
            memcpy(hole, ring, sizeof hole);
        }
        if (k == owner && holed >= 0) {
            wg_wkb_put_header(&out, WG_WKB_MULTIPOLYGON, 2);
            wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
            geo_ring(&out, hole, 4);
        }
        wg_wkb_put_header(&out, WG_WKB_POLYGON, k == holed ? 2 : 1);
        geo_ring(&out, xy, 4);
        if (k == holed) {
            geo_ring(&out, hole, 4);
        }
        const size_t row = shape_row(g->communities, &out);
        char code[16];
        (void)snprintf(code, sizeof code, "C%d", k);
        geo_must(wg_layer_set_text(NULL, g->communities, row, 0, code) == WG_OK, "code");
    }
    wg_buffer_release(&out);
}

static inline void geo_roads(geo_city *g, uint32_t n) {
    double previous[8] = {0};
    for (uint32_t k = 0; k < n; k++) {
        double xy[8];
        uint32_t count = 2 + wg_random_below(&g->random, 3);
        const double kind = wg_random_unit(&g->random);
        xy[0] = geo_uniform(g, -0.1, 1.1) * g->size;
        xy[1] = geo_uniform(g, -0.1, 1.1) * g->size;
        if (kind < 0.35) { /* straight through, along an axis */
            const bool across = geo_chance(g, 0.5);
            count = 2;
            xy[2] = across ? xy[0] : 1.1 * g->size;
            xy[3] = across ? 1.1 * g->size : xy[1];
            xy[across ? 1 : 0] = -0.1 * g->size;
        } else if (kind < 0.5 && k > 0) { /* the one before, again or almost */
            const double off = geo_chance(g, 0.3) ? 0 : geo_uniform(g, -1.5, 1.5) * (geo_chance(g, 0.5) ? 1 : 0.001);
            count = 2;
            for (int v = 0; v < 4; v++) {
                xy[v] = previous[v] + off;
            }
        } else {
            for (uint32_t v = 1; v < count; v++) {
                xy[2 * v] = xy[2 * v - 2] + geo_uniform(g, -0.4, 0.4) * g->size;
                xy[2 * v + 1] = xy[2 * v - 1] + geo_uniform(g, -0.4, 0.4) * g->size;
            }
            if (geo_chance(g, 0.1)) { /* a turning circle: the end on the way back */
                xy[2 * count - 2] = xy[0];
                xy[2 * count - 1] = xy[1];
            }
        }
        memcpy(previous, xy, 4 * sizeof *xy);
        geo_line_row(g->barriers, xy, count);
    }
}

static inline void geo_rectangle(double x, double y, double w, double h, double angle, double xy[8]) {
    const double c = cos(angle), s = sin(angle);
    const double corner[8] = {0, 0, w, 0, w, h, 0, h};
    for (int i = 0; i < 4; i++) {
        xy[2 * i] = x + c * corner[2 * i] - s * corner[2 * i + 1];
        xy[2 * i + 1] = y + s * corner[2 * i] + c * corner[2 * i + 1];
    }
}

static inline void geo_buildings(geo_city *g, uint32_t n) {
    double last[8] = {0};
    wg_buffer out = {0};
    for (uint32_t k = 0; k < n; k++) {
        const double kind = wg_random_unit(&g->random);
        double xy[8], angle = geo_chance(g, 0.5) ? 0 : geo_uniform(g, 0, 3);
        double w = geo_uniform(g, 4, 20), h = geo_uniform(g, 4, 15);
        double x = geo_uniform(g, 0.02, 0.98) * g->size, y = geo_uniform(g, 0.02, 0.98) * g->size;
        geo_rectangle(x, y, w, h, angle, xy);
        if (kind < 0.1 && k > 0) { /* touches the one before along a wall */
            const double dx = last[2] - last[0], dy = last[3] - last[1];
            for (int i = 0; i < 4; i++) {
                xy[2 * i] = last[2 * i] + dx;
                xy[2 * i + 1] = last[2 * i + 1] + dy;
            }
        } else if (kind < 0.15 && k > 0) { /* the same again */
            memcpy(xy, last, sizeof xy);
        } else if (kind < 0.25 && k > 0) { /* overlaps or nests */
            geo_rectangle(last[0] + geo_uniform(g, -3, 3), last[1] + geo_uniform(g, -3, 3), w / 2, h / 2, angle, xy);
        } else if (kind < 0.29) { /* tiny */
            geo_rectangle(x, y, geo_uniform(g, 0.0005, 0.1), geo_uniform(g, 0.0005, 0.1), angle, xy);
        } else if (kind < 0.34) { /* folded */
            const double a = xy[2], b = xy[3];
            xy[2] = xy[4];
            xy[3] = xy[5];
            xy[4] = a;
            xy[5] = b;
        }
        memcpy(last, xy, sizeof last);
        if (kind > 0.93) {
            wg_wkb_put_point(&out, x, y);
        } else if (kind > 0.9) {
            wg_wkb_put_header(&out, WG_WKB_MULTIPOLYGON, 2);
            wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
            geo_ring(&out, xy, 4);
            geo_rectangle(x + 25, y + 5, w / 2, h / 2, angle, xy);
            wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
            geo_ring(&out, xy, 4);
        } else {
            wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
            geo_ring(&out, xy, 4);
        }
        (void)shape_row(g->buildings, &out);
    }
    wg_buffer_release(&out);
}

static inline wg_layer *geo_layer(const char *name) {
    wg_layer *layer = NULL;
    geo_must(wg_layer_new(NULL, name, "EPSG:32650", &layer) == WG_OK, name);
    return layer;
}

/** Fill the layers from a seed. */
static inline void geo_city_make(geo_city *g, uint64_t seed) {
    *g = (geo_city){.size = 600};
    wg_random_seed(&g->random, seed, "city");
    g->communities = geo_layer("communities");
    g->buildings = geo_layer("buildings");
    g->barriers = geo_layer("barriers");
    geo_must(wg_layer_add_column(NULL, g->communities, "code", WG_TEXT, NULL) == WG_OK, "code");
    const double grids[] = {0.001, 0.001, 0.01, 0.1};
    g->reference_options = (wg_reference_options){.grid_m = grids[wg_random_below(&g->random, 4)], .repair = true};
    geo_communities(g, geo_chance(g, 0.5));
    geo_roads(g, 4 + wg_random_below(&g->random, 30));
    geo_buildings(g, 20 + wg_random_below(&g->random, 120));
    if (geo_chance(g, 0.4)) {
        g->compounds = geo_layer("compounds");
        for (uint32_t k = 0; k < 4; k++) {
            const double x = geo_uniform(g, 0, 0.9) * g->size, y = geo_uniform(g, 0, 0.9) * g->size;
            (void)shape_box_row(g->compounds, x, y, x + geo_uniform(g, 20, 150), y + geo_uniform(g, 20, 150));
        }
    }
    if (geo_chance(g, 0.2)) {
        g->dedicated = geo_layer("dedicated");
        (void)shape_box_row(g->dedicated, 100, 120, 260, 230);
    }
    if (geo_chance(g, 0.3)) { /* a river */
        const double y = geo_uniform(g, 0.2, 0.8) * g->size;
        (void)shape_box_row(g->barriers, -30, y, g->size + 30, y + geo_uniform(g, 2, 40));
    }
    if (geo_chance(g, 0.15)) {
        g->given = geo_layer("given");
        for (uint32_t k = 0; k < 30; k++) {
            const double x = (k % 6) * g->size / 6 + geo_uniform(g, -1, 1), y = (k / 6) * g->size / 6;
            (void)shape_box_row(g->given, x, y, x + g->size / 6, y + g->size / 6 + geo_uniform(g, -1, 1));
        }
    }
    g->rank = calloc(g->barriers->n, sizeof *g->rank);
    g->hard = calloc(g->barriers->n, sizeof *g->hard);
    g->weight = calloc(g->buildings->n, sizeof *g->weight);
    geo_must(g->rank != NULL && g->hard != NULL && g->weight != NULL, "memory");
    for (size_t i = 0; i < g->barriers->n; i++) {
        g->rank[i] = (uint8_t)(1 + wg_random_below(&g->random, 9));
        g->hard[i] = geo_chance(g, 0.05);
    }
    for (size_t i = 0; i < g->buildings->n; i++) {
        g->weight[i] = wg_random_below(&g->random, 30);
    }
    g->weights[0] = g->weight;
    g->heavy[0] = geo_chance(g, 0.1) ? (double)NAN : geo_uniform(g, 10, 120);
    g->compound_heavy[0] = 4 * g->heavy[0];
}

static inline wg_status geo_city_task(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    geo_city *g = user;
    (void)worker;
    return wg_atoms_build(ctx, &g->city, g->index, (uint32_t)index, &g->atoms[index]);
}

/** From layers to woven atoms. */
static inline wg_status geo_city_build(wg_context *ctx, geo_city *g) {
    wg_status status = WG_OK;
    WG_TRY(wg_reference_build(ctx, g->communities, 0, &g->reference_options, &g->exceptions, &g->reference));
    WG_TRY(wg_buildings_place(ctx, g->reference, g->buildings, UINT32_MAX, &g->exceptions, &g->placement));
    g->city = (wg_city){.reference = g->reference,
                        .buildings = g->buildings,
                        .placement = &g->placement,
                        .building_id = UINT32_MAX,
                        .barriers = {g->barriers, g->rank, g->hard},
                        .compounds = g->compounds,
                        .dedicated = g->dedicated,
                        .given = g->given,
                        .bridges = g->bridges,
                        .options = g->options,
                        .weight = g->weights,
                        .heavy = g->heavy,
                        .n_weights = 1,
                        .compound_heavy = g->compound_heavy};
    WG_TRY(wg_city_index_new(ctx, &g->city, &g->index));
    g->atoms = wg_calloc(g->communities->n, sizeof *g->atoms);
    if (g->atoms == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(wg_parallel(ctx, g->communities->n, NULL, geo_city_task, g));
    WG_TRY(wg_atoms_weave(ctx, g->reference, g->atoms));
done:
    return status;
}

/** Drop what was made, keep the layers. */
static inline void geo_city_clear(geo_city *g) {
    for (size_t c = 0; g->atoms != NULL && c < g->communities->n; c++) {
        wg_atoms_free(g->atoms[c]);
    }
    free(g->atoms);
    g->atoms = NULL;
    wg_city_index_free(g->index);
    g->index = NULL;
    wg_placement_release(&g->placement);
    wg_reference_free(g->reference);
    g->reference = NULL;
    wg_exceptions_release(&g->exceptions);
    g->exceptions = (wg_exceptions){0};
}

static inline void geo_city_free(geo_city *g) {
    geo_city_clear(g);
    wg_layer_free(g->communities);
    wg_layer_free(g->buildings);
    wg_layer_free(g->barriers);
    wg_layer_free(g->compounds);
    wg_layer_free(g->dedicated);
    wg_layer_free(g->given);
    wg_layer_free(g->bridges);
    free(g->rank);
    free(g->hard);
    free(g->weight);
}

#endif
