/** Cells and points for tests and benchmarks of the locator, and GEOS as its oracle. */
#ifndef WG_TEST_LOCATE_CELLS_H
#define WG_TEST_LOCATE_CELLS_H

#include <geos_c.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "model/layer.h"
#include "model/wkb.h"

/** A coverage of nx × ny cells of about `size`, each side a wavering line of `pieces` edges that both neighbours share.
 */
typedef struct wavy {
    uint32_t nx, ny, pieces;
    double x0, y0, size, wave;
} wavy;

static void wavy_corner(const wavy *w, uint32_t i, uint32_t j, double xy[2]) {
    const uint64_t h = wg_hash_u64((uint64_t)j * 1000003u + i);
    const double jx = (double)(h & 0xffff) / 65535.0 - 0.5, jy = (double)((h >> 16) & 0xffff) / 65535.0 - 0.5;
    xy[0] = w->x0 + w->size * ((double)i + 0.5 * jx);
    xy[1] = w->y0 + w->size * ((double)j + 0.5 * jy);
}

/* Vertex k of 0..pieces on the line from one corner to another, whose name seeds the wavering. */
static void wavy_point(const wavy *w, const double a[2], const double b[2], uint64_t name, uint32_t k, double xy[2]) {
    const double t = (double)k / w->pieces;
    if (k == 0 || k == w->pieces) {
        memcpy(xy, k == 0 ? a : b, 2 * sizeof *xy);
        return;
    }
    const uint64_t h = wg_hash_u64(name * 4099u + k);
    const double off = w->wave * w->size / w->pieces * ((double)(h & 0xffff) / 65535.0 - 0.5);
    const double dx = b[0] - a[0], dy = b[1] - a[1], length = sqrt(dx * dx + dy * dy);
    xy[0] = a[0] + t * dx - off * dy / length;
    xy[1] = a[1] + t * dy + off * dx / length;
}

static void wavy_side(const wavy *w, uint32_t i, uint32_t j, bool upward, bool backward, wg_buffer *out) {
    double a[2], b[2], xy[2];
    wavy_corner(w, i, j, a);
    wavy_corner(w, upward ? i : i + 1, upward ? j + 1 : j, b);
    const uint64_t name = ((uint64_t)j * 65537u + i) * 2 + (upward ? 1 : 0);
    for (uint32_t k = 0; k < w->pieces; k++) {
        wavy_point(w, a, b, name, backward ? w->pieces - k : k, xy);
        wg_wkb_put_pairs(out, xy, 1);
    }
}

WG_UNUSED static wg_status wavy_layer(wg_context *ctx, const wavy *w, wg_layer **layer) {
    uint32_t code;
    wg_buffer wkb = {0};
    wg_status status = wg_layer_new(ctx, "cells", NULL, layer);
    if (status == WG_OK) {
        status = wg_layer_add_column(ctx, *layer, "code", WG_TEXT, &code);
    }
    for (uint32_t j = 0; status == WG_OK && j < w->ny; j++) {
        for (uint32_t i = 0; status == WG_OK && i < w->nx; i++) {
            char name[16];
            double first[2];
            size_t row;
            wg_buffer_clear(&wkb);
            wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
            wg_wkb_put_u32(&wkb, 4 * w->pieces + 1);
            wavy_side(w, i, j, false, false, &wkb);
            wavy_side(w, i + 1, j, true, false, &wkb);
            wavy_side(w, i, j + 1, false, true, &wkb);
            wavy_side(w, i, j, true, true, &wkb);
            wavy_corner(w, i, j, first);
            wg_wkb_put_pairs(&wkb, first, 1);
            (void)snprintf(name, sizeof name, "C%06u", j * w->nx + i);
            status = wkb.failed ? WG_ENOMEM : wg_layer_add_row(ctx, *layer, wkb.data, wkb.length, &row);
            if (status == WG_OK) {
                status = wg_layer_set_text(ctx, *layer, row, code, name);
            }
        }
    }
    wg_buffer_release(&wkb);
    return status;
}

/** `n` points about `clusters` centres within the coverage; one in twenty anywhere in and around it. */
WG_UNUSED static void wavy_points(const wavy *w, uint64_t seed, uint32_t clusters, size_t n, double *xy) {
    wg_random random;
    wg_random_seed(&random, seed, "points");
    const double width = w->nx * w->size, height = w->ny * w->size;
    for (size_t p = 0; p < n; p++) {
        if (wg_random_below(&random, 20) == 0) {
            xy[2 * p] = w->x0 + width * (1.1 * wg_random_unit(&random) - 0.05);
            xy[2 * p + 1] = w->y0 + height * (1.1 * wg_random_unit(&random) - 0.05);
            continue;
        }
        const uint64_t h = wg_hash_u64(seed + wg_random_below(&random, clusters));
        const double cx = (double)(h & 0xffffff) / 0xffffff, cy = (double)((h >> 24) & 0xffffff) / 0xffffff;
        const double r = -log(1 - wg_random_unit(&random)) * 0.03, angle = 6.283185307179586 * wg_random_unit(&random);
        xy[2 * p] = w->x0 + width * (cx + r * cos(angle));
        xy[2 * p + 1] = w->y0 + height * (cy + r * sin(angle));
    }
}

/** GEOS the fast way: a tree of the cells' boxes, each cell prepared. */
typedef struct geos_oracle {
    GEOSContextHandle_t geos;
    size_t n;
    GEOSGeometry **cell;
    const GEOSPreparedGeometry **prepared;
    GEOSSTRtree *tree;
    size_t *row;
} geos_oracle;

WG_UNUSED static void geos_oracle_init(geos_oracle *own, const wg_layer *cells) {
    own->geos = GEOS_init_r();
    own->n = wg_layer_rows(cells);
    own->cell = wg_calloc(own->n, sizeof *own->cell);
    own->prepared = wg_calloc(own->n, sizeof *own->prepared);
    own->row = wg_calloc(own->n, sizeof *own->row);
    own->tree = GEOSSTRtree_create_r(own->geos, 10);
    for (size_t i = 0; i < own->n; i++) {
        size_t bytes;
        const unsigned char *wkb = wg_layer_wkb(cells, i, &bytes);
        if (wkb == NULL) {
            continue;
        }
        own->row[i] = i;
        own->cell[i] = GEOSGeomFromWKB_buf_r(own->geos, wkb, bytes);
        own->prepared[i] = GEOSPrepare_r(own->geos, own->cell[i]);
        GEOSSTRtree_insert_r(own->geos, own->tree, own->cell[i], &own->row[i]);
    }
}

WG_UNUSED static void geos_oracle_release(geos_oracle *own) {
    GEOSSTRtree_destroy_r(own->geos, own->tree);
    for (size_t i = 0; i < own->n; i++) {
        GEOSPreparedGeom_destroy_r(own->geos, own->prepared[i]);
        GEOSGeom_destroy_r(own->geos, own->cell[i]);
    }
    free(own->cell);
    free(own->prepared);
    free(own->row);
    GEOS_finish_r(own->geos);
}

typedef struct geos_hits {
    geos_oracle *oracle;
    GEOSGeometry *point;
    uint32_t lowest;
    size_t n, inside;
} geos_hits;

WG_UNUSED static void geos_hit(void *item, void *user) {
    geos_hits *hits = user;
    const size_t row = *(size_t *)item;
    geos_oracle *own = hits->oracle;
    if (GEOSPreparedIntersects_r(own->geos, own->prepared[row], hits->point) == 1) {
        hits->n++;
        hits->lowest = row < hits->lowest ? (uint32_t)row : hits->lowest;
    }
}

/** Lowest cell that has the point, or WG_UNASSIGNED. `hits` says more; may be NULL. */
WG_UNUSED static uint32_t geos_oracle_find(geos_oracle *own, double x, double y, geos_hits *hits) {
    geos_hits found = {.oracle = own, .lowest = WG_UNASSIGNED};
    found.point = GEOSGeom_createPointFromXY_r(own->geos, x, y);
    GEOSSTRtree_query_r(own->geos, own->tree, found.point, geos_hit, &found);
    GEOSGeom_destroy_r(own->geos, found.point);
    found.point = NULL;
    if (hits != NULL) {
        *hits = found;
    }
    return found.lowest;
}

#endif
