/** Large tidy towns for benchmarks: communities of streets, lanes and houses, of any size. */
#ifndef WG_TESTS_GEO_TOWN_H
#define WG_TESTS_GEO_TOWN_H

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/parallel.h"
#include "core/random.h"
#include "geo/atoms.h"
#include "shapes.h"

typedef struct town {
    wg_layer *communities, *buildings, *barriers;
    uint8_t *rank;
    double *weight, size;
    const double *weights[1];
    double heavy[1];
    wg_reference *reference;
    wg_placement placement;
    wg_city city;
    wg_city_index *index;
    wg_atoms **atoms;
    wg_exceptions exceptions;
    double seconds[3]; /**< reference and placing, index and atoms, weaving */
} town;

static inline double town_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/** A turned rectangle of 8 to 14 m around (x, y). */
static inline void town_footprint(wg_random *random, double x, double y, double xy[8]) {
    const double w = 8 + 6 * wg_random_unit(random), h = 8 + 6 * wg_random_unit(random);
    const double angle = wg_random_unit(random), c = cos(angle), s = sin(angle);
    x += 2 * wg_random_unit(random);
    y += 2 * wg_random_unit(random);
    const double corner[8] = {-w / 2, -h / 2, w / 2, -h / 2, w / 2, h / 2, -w / 2, h / 2};
    for (int i = 0; i < 4; i++) {
        xy[2 * i] = x + c * corner[2 * i] - s * corner[2 * i + 1];
        xy[2 * i + 1] = y + s * corner[2 * i] + c * corner[2 * i + 1];
    }
}

static inline void town_must(bool fine) {
    if (!fine) {
        (void)fprintf(stderr, "the town could not be made\n");
        abort();
    }
}

static inline void town_layers(town *t) {
    *t = (town){0};
    town_must(wg_layer_new(NULL, "communities", "EPSG:32650", &t->communities) == WG_OK &&
              wg_layer_new(NULL, "buildings", "EPSG:32650", &t->buildings) == WG_OK &&
              wg_layer_new(NULL, "barriers", "EPSG:32650", &t->barriers) == WG_OK);
}

static inline void town_polygon(wg_layer *layer, const double *xy, uint32_t n) {
    wg_buffer out = {0};
    wg_wkb_put_header(&out, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(&out, n + 1);
    wg_wkb_put_pairs(&out, xy, n);
    wg_wkb_put_pairs(&out, xy, 1);
    (void)shape_row(layer, &out);
    wg_buffer_release(&out);
}

static inline void town_street(town *t, double ax, double ay, double bx, double by) {
    wg_buffer out = {0};
    const double xy[4] = {ax, ay, bx, by};
    wg_wkb_put_header(&out, WG_WKB_LINESTRING, 2);
    wg_wkb_put_pairs(&out, xy, 2);
    (void)shape_row(t->barriers, &out);
    wg_buffer_release(&out);
}

/** A place of the lattice, moved a little: the same for all who ask. */
static inline double town_wave(double along, double across) {
    return 5 * sin(along / 170 + across / 90) + 3 * sin(along / 61 - across / 130);
}

static inline void town_finish(town *t) {
    t->rank = calloc(t->barriers->n + 1, sizeof *t->rank);
    t->weight = calloc(t->buildings->n + 1, sizeof *t->weight);
    town_must(t->rank != NULL && t->weight != NULL);
    wg_random random;
    wg_random_seed(&random, 3, "weights");
    for (size_t i = 0; i < t->buildings->n; i++) {
        t->weight[i] = wg_random_below(&random, 8);
    }
    t->weights[0] = t->weight;
}

/** `communities` squares, each with about `houses` houses on a lattice of 24 m, streets every 6 houses, lanes between.
 */
static inline void town_make(town *t, uint32_t communities, uint32_t houses) {
    const uint32_t columns = (uint32_t)ceil(sqrt((double)communities)), side = (uint32_t)ceil(sqrt((double)houses));
    const double cell = 24.0 * side;
    wg_random random;
    wg_random_seed(&random, 11, "town");
    town_layers(t);
    for (uint32_t c = 0; c < communities; c++) {
        const double x = c % columns * cell, y = c / columns * cell;
        enum { PIECES = 8 };
        double ring[8 * PIECES];
        for (uint32_t i = 0; i < 4 * PIECES; i++) {
            const double s = cell * (i % PIECES) / PIECES;
            const double px = i < PIECES ? x + s : i < 2 * PIECES ? x + cell : i < 3 * PIECES ? x + cell - s : x;
            const double py = i < PIECES ? y : i < 2 * PIECES ? y + s : i < 3 * PIECES ? y + cell : y + cell - s;
            ring[2 * i] = px + town_wave(py, px) * 0.5;
            ring[2 * i + 1] = py + town_wave(px, py) * 0.5;
        }
        town_polygon(t->communities, ring, 4 * PIECES);
        for (uint32_t k = 0; k < houses; k++) {
            double xy[8];
            town_footprint(&random, x + 12 + 24.0 * (k % side), y + 12 + 24.0 * (k / side), xy);
            town_polygon(t->buildings, xy, 4);
        }
        for (uint32_t i = 0; i < side; i += 6) {
            for (int across = 0; across < 2; across++) {
                for (uint32_t k = 0; k < side; k += 6) {
                    const double from = 24.0 * k, to = 24.0 * (k + 6 < side ? k + 6 : side), at = 24.0 * i;
                    town_street(t, x + (across ? at : from), y + (across ? from : at), x + (across ? at : to),
                                y + (across ? to : at));
                }
            }
        }
    }
    town_finish(t);
    for (size_t i = 0; i < t->barriers->n; i++) {
        t->rank[i] = i % 3 == 0 ? 8 : 6;
    }
    t->heavy[0] = 40;
    t->size = cell * columns;
}

/** One community with side * side blocks without houses. */
static inline void town_lattice(town *t, uint32_t side) {
    town_layers(t);
    t->size = 60.0 * side;
    const double ring[8] = {0, 0, t->size, 0, t->size, t->size, 0, t->size};
    town_polygon(t->communities, ring, 4);
    for (uint32_t i = 1; i < side; i++) {
        for (uint32_t k = 0; k < side; k++) {
            const double a = 60.0 * k, b = 60.0 * (k + 1), at = 60.0 * i;
            town_street(t, a, at + (k == 0 ? 0 : town_wave(a, at)), b, at + town_wave(b, at));
            town_street(t, at + (k == 0 ? 0 : town_wave(a, at)), a, at + town_wave(b, at), b);
        }
    }
    town_finish(t);
    for (size_t i = 0; i < t->barriers->n; i++) {
        t->rank[i] = 5;
    }
    t->heavy[0] = 40;
}

static inline wg_status town_task(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    town *t = user;
    (void)worker;
    return wg_atoms_build(ctx, &t->city, t->index, (uint32_t)index, &t->atoms[index]);
}

static inline wg_status town_build(wg_context *ctx, town *t) {
    const wg_reference_options options = {0};
    wg_status status = WG_OK;
    const double start = town_now();
    WG_TRY(wg_reference_build(ctx, t->communities, UINT32_MAX, &options, &t->exceptions, &t->reference));
    WG_TRY(wg_buildings_place(ctx, t->reference, t->buildings, UINT32_MAX, &t->exceptions, &t->placement));
    const double placed = town_now();
    t->city = (wg_city){.reference = t->reference,
                        .buildings = t->buildings,
                        .placement = &t->placement,
                        .building_id = UINT32_MAX,
                        .barriers = {t->barriers, t->rank, NULL},
                        .weight = t->weights,
                        .heavy = t->heavy,
                        .n_weights = 1};
    WG_TRY(wg_city_index_new(ctx, &t->city, &t->index));
    t->atoms = wg_calloc(t->communities->n, sizeof *t->atoms);
    WG_TRY(wg_parallel(ctx, t->communities->n, NULL, town_task, t));
    const double built = town_now();
    WG_TRY(wg_atoms_weave(ctx, t->reference, t->atoms));
    t->seconds[0] = placed - start;
    t->seconds[1] = built - placed;
    t->seconds[2] = town_now() - built;
done:
    return status;
}

static inline void town_free(town *t) {
    for (size_t c = 0; t->atoms != NULL && c < t->communities->n; c++) {
        wg_atoms_free(t->atoms[c]);
    }
    free(t->atoms);
    wg_city_index_free(t->index);
    wg_placement_release(&t->placement);
    wg_reference_free(t->reference);
    wg_exceptions_release(&t->exceptions);
    wg_layer_free(t->communities);
    wg_layer_free(t->buildings);
    wg_layer_free(t->barriers);
    free(t->rank);
    free(t->weight);
}

#endif
