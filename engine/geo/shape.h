/** Geometries read from WKB onto the precision grid, and plain measures of them. */
#ifndef WG_GEO_SHAPE_H
#define WG_GEO_SHAPE_H

#include <stddef.h>

#include "core/memory.h"
#include "core/status.h"
#include "geo/bins.h"

/** A point, a line, or a ring (without its closing vertex). Vertices that fall together on the grid are one. */
typedef struct wg_run {
    size_t first;
    uint32_t n;
    uint32_t part; /**< simple geometry that it belongs to, counted within the geometry */
    uint8_t kind;  /**< wg_wkb_type of that simple geometry: point, linestring or polygon */
    bool hole;
} wg_run;

/** Any number of runs; all zero is empty. */
typedef struct wg_shape {
    wg_ipt *point;
    size_t n_points, point_capacity;
    wg_run *run;
    size_t n_runs, run_capacity;
} wg_shape;

void wg_shape_clear(wg_shape *shape);
void wg_shape_release(wg_shape *shape);

/**
 * Append a geometry. Rings that have fewer than three different vertices on the grid, and lines with fewer than two,
 * vanish.
 * @return WG_EDATA for malformed WKB or a coordinate that is not finite or beyond the grid's range; WG_ENOMEM
 */
wg_status wg_shape_read(wg_context *ctx, wg_lattice lattice, const void *wkb, size_t bytes, wg_shape *shape);

wg_box wg_shape_box(const wg_shape *shape);
/** Area of the polygons by their rings' orientation-free areas: outer rings minus holes, grid steps squared. */
double wg_shape_area(const wg_shape *shape);
/** Twice the signed area of one ring. Exact. */
wg_int128 wg_ring_twice_area(const wg_ipt *point, uint32_t n);
/** 1 inside (odd number of rings around), 0 on a ring, -1 outside. */
int wg_shape_contains(const wg_shape *shape, wg_ipt p);
/**
 * A point well inside the polygons: the middle of the widest stretch of a scan line through the middle of the shape's
 * height (as GEOS's InteriorPoint does). Falls back to the first vertex; for points and lines, a vertex. In grid steps.
 * @return false for an empty shape or without memory
 */
bool wg_shape_inner_point(const wg_shape *shape, double *x, double *y);
/** Whether no ring crosses or touches itself or another one, except that rings may touch in points. */
bool wg_shape_is_simple(const wg_shape *shape);

#endif
