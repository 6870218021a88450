/** What GEOS does for one town: insets, cuts, unions, faces. Areas cross as plain rings. */
#include "citygen.h"

#include <geos_c.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

#define GRID_M 0.001

static GEOSContextHandle_t handle(const town_map *t) {
    return t->geos;
}

static GEOSCoordSequence *sequence(const town_map *t, const path *line, bool close) {
    const uint32_t n = line->n + (close ? 1 : 0);
    double *xy = need(wg_malloc((size_t)n * 2, sizeof *xy));
    for (uint32_t i = 0; i < n; i++) {
        xy[2 * i] = line->at[i % line->n].x;
        xy[2 * i + 1] = line->at[i % line->n].y;
    }
    GEOSCoordSequence *made = need(GEOSCoordSeq_copyFromBuffer_r(handle(t), xy, n, 0, 0));
    free(xy);
    return made;
}

static GEOSGeometry *to_geos(const town_map *t, const area *shape) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry *outer = need(GEOSGeom_createLinearRing_r(g, sequence(t, &shape->rings[0], true)));
    GEOSGeometry **holes = need(wg_malloc(shape->n, sizeof(GEOSGeometry *)));
    for (uint32_t i = 1; i < shape->n; i++) {
        holes[i - 1] = need(GEOSGeom_createLinearRing_r(g, sequence(t, &shape->rings[i], true)));
    }
    GEOSGeometry *made = need(GEOSGeom_createPolygon_r(g, outer, holes, shape->n - 1));
    free(holes);
    return made;
}

static path ring_of(const town_map *t, const GEOSGeometry *ring) {
    GEOSContextHandle_t g = handle(t);
    const GEOSCoordSequence *points = GEOSGeom_getCoordSeq_r(g, ring);
    unsigned n = 0;
    GEOSCoordSeq_getSize_r(g, points, &n);
    const bool closed = GEOSGeomTypeId_r(g, ring) == GEOS_LINEARRING;
    path line = {0};
    for (unsigned i = 0; i + (closed ? 1 : 0) < n; i++) {
        vec p;
        GEOSCoordSeq_getXY_r(g, points, i, &p.x, &p.y);
        path_push(&line, p);
    }
    return line;
}

static area from_polygon(const town_map *t, const GEOSGeometry *polygon) {
    GEOSContextHandle_t g = handle(t);
    area shape = {0};
    shape.n = 1 + (uint32_t)GEOSGetNumInteriorRings_r(g, polygon);
    shape.rings = need(wg_calloc(shape.n, sizeof *shape.rings));
    for (uint32_t i = 0; i < shape.n; i++) {
        shape.rings[i] =
            ring_of(t, i == 0 ? GEOSGetExteriorRing_r(g, polygon) : GEOSGetInteriorRingN_r(g, polygon, (int)i - 1));
        if ((ring_area(shape.rings[i].at, shape.rings[i].n) > 0) != (i == 0)) {
            path_reverse(&shape.rings[i]);
        }
    }
    return shape;
}

/** The polygons of a geometry, which is destroyed; other parts are left out. */
static area *take(const town_map *t, GEOSGeometry *geometry, uint32_t *n) {
    GEOSContextHandle_t g = handle(t);
    *n = 0;
    if (geometry == NULL) {
        die("a geometry operation failed in town %u", t->number + 1);
    }
    const int parts = GEOSGetNumGeometries_r(g, geometry);
    area *shapes = need(wg_calloc((size_t)(parts > 0 ? parts : 1), sizeof *shapes));
    for (int i = 0; i < parts; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(g, geometry, i);
        if (GEOSGeomTypeId_r(g, part) == GEOS_POLYGON && !GEOSisEmpty_r(g, part)) {
            shapes[(*n)++] = from_polygon(t, part);
        }
    }
    GEOSGeom_destroy_r(g, geometry);
    return shapes;
}

void areas_free(area *shapes, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        area_free(&shapes[i]);
    }
    free(shapes);
}

area *shape_inset(const town_map *t, const area *shape, double metres, uint32_t *n) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry *whole = to_geos(t, shape);
    GEOSGeometry *inner = GEOSBufferWithStyle_r(g, whole, -metres, 4, GEOSBUF_CAP_FLAT, GEOSBUF_JOIN_MITRE, 2.0);
    GEOSGeom_destroy_r(g, whole);
    return take(t, inner, n);
}

area *shape_clip(const town_map *t, const area *shape, const area *by, uint32_t *n) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry *a = to_geos(t, shape), *b = to_geos(t, by);
    GEOSGeometry *common = GEOSIntersection_r(g, a, b);
    GEOSGeom_destroy_r(g, a);
    GEOSGeom_destroy_r(g, b);
    return take(t, common, n);
}

area *shape_split(const town_map *t, const area *shape, vec at, double angle, uint32_t *n) {
    GEOSContextHandle_t g = handle(t);
    const vec axis = vec_of_angle(angle);
    const double far = 20000;
    GEOSGeometry *whole = to_geos(t, shape);
    area *all = NULL;
    *n = 0;
    for (int side = -1; side <= 1; side += 2) {
        vec corners[4] = {vec_place(at, axis, -far, 0), vec_place(at, axis, far, 0),
                          vec_place(at, axis, far, side * far), vec_place(at, axis, -far, side * far)};
        path ring = {.at = corners, .n = 4};
        GEOSGeometry *half = to_geos(t, &(area){.rings = &ring, .n = 1});
        uint32_t more;
        area *parts = take(t, GEOSIntersection_r(g, whole, half), &more);
        GEOSGeom_destroy_r(g, half);
        all = need(wg_realloc(all, *n + more + 1, sizeof *all));
        for (uint32_t i = 0; i < more; i++) {
            all[(*n)++] = parts[i];
        }
        free(parts);
    }
    GEOSGeom_destroy_r(g, whole);
    return all;
}

static GEOSGeometry *lines_to_geos(const town_map *t, const path *lines, uint32_t n_lines) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry **parts = need(wg_malloc(n_lines, sizeof(GEOSGeometry *)));
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_lines; i++) {
        if (lines[i].n >= 2) {
            parts[n++] = need(GEOSGeom_createLineString_r(g, sequence(t, &lines[i], false)));
        }
    }
    GEOSGeometry *made = need(GEOSGeom_createCollection_r(g, GEOS_MULTILINESTRING, parts, n));
    free(parts);
    return made;
}

area *shape_polygonize(const town_map *t, const path *lines, uint32_t n_lines, uint32_t *n) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry *loose = lines_to_geos(t, lines, n_lines);
    GEOSGeometry *noded = GEOSUnaryUnionPrec_r(g, loose, GRID_M);
    GEOSGeom_destroy_r(g, loose);
    if (noded == NULL) {
        die("the streets of town %u cannot be noded", t->number + 1);
    }
    const GEOSGeometry *one[1] = {noded};
    GEOSGeometry *faces = GEOSPolygonize_r(g, one, 1);
    GEOSGeom_destroy_r(g, noded);
    return take(t, faces, n);
}

path *shape_clip_line(const town_map *t, const path *line, const area *by, uint32_t *n) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry *whole = lines_to_geos(t, line, 1), *limit = to_geos(t, by);
    GEOSGeometry *inside = need(GEOSIntersection_r(g, whole, limit));
    GEOSGeom_destroy_r(g, whole);
    GEOSGeom_destroy_r(g, limit);
    const int parts = GEOSGetNumGeometries_r(g, inside);
    path *lines = need(wg_calloc((size_t)(parts > 0 ? parts : 1), sizeof *lines));
    *n = 0;
    for (int i = 0; i < parts; i++) {
        const GEOSGeometry *part = GEOSGetGeometryN_r(g, inside, i);
        if (GEOSGeomTypeId_r(g, part) == GEOS_LINESTRING && !GEOSisEmpty_r(g, part)) {
            lines[(*n)++] = ring_of(t, part);
        }
    }
    GEOSGeom_destroy_r(g, inside);
    return lines;
}

area *shape_union(const town_map *t, const area *const *shapes, uint32_t n_shapes, uint32_t *n) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry **parts = need(wg_malloc(n_shapes, sizeof(GEOSGeometry *)));
    for (uint32_t i = 0; i < n_shapes; i++) {
        parts[i] = to_geos(t, shapes[i]);
    }
    GEOSGeometry *all = need(GEOSGeom_createCollection_r(g, GEOS_MULTIPOLYGON, parts, n_shapes));
    free(parts);
    GEOSGeometry *whole = GEOSCoverageUnion_r(g, all);
    if (whole == NULL) { /* a vertex that only one of two neighbours has */
        whole = GEOSUnaryUnionPrec_r(g, all, GRID_M);
    }
    GEOSGeom_destroy_r(g, all);
    return take(t, whole, n);
}

bool shape_valid(const town_map *t, const area *shapes, uint32_t n) {
    GEOSContextHandle_t g = handle(t);
    GEOSGeometry **parts = need(wg_malloc(n, sizeof(GEOSGeometry *)));
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = to_geos(t, &shapes[i]);
    }
    GEOSGeometry *all = need(GEOSGeom_createCollection_r(g, GEOS_MULTIPOLYGON, parts, n));
    free(parts);
    const bool valid = GEOSisValid_r(g, all) == 1;
    GEOSGeom_destroy_r(g, all);
    return valid;
}
