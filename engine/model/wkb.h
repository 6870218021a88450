/** Walk WKB without a geometry library: counting, coordinates in place, writing. */
#ifndef WG_MODEL_WKB_H
#define WG_MODEL_WKB_H

#include "core/memory.h"
#include "core/status.h"

enum wg_wkb_type {
    WG_WKB_POINT = 1,
    WG_WKB_LINESTRING,
    WG_WKB_POLYGON,
    WG_WKB_MULTIPOINT,
    WG_WKB_MULTILINESTRING,
    WG_WKB_MULTIPOLYGON,
    WG_WKB_COLLECTION
};

/** @return base type (1..7) of a geometry, 0 where it is absent or not one of them */
uint32_t wg_wkb_type(const void *wkb, size_t bytes);

/**
 * Call `visit` for every run of coordinates: a point, a line or a ring. The coordinates are `n` xy pairs, writable
 * through `wg_wkb_get` / `wg_wkb_set` since WKB is unaligned. 2D little-endian only (what layers hold).
 * @param part  number of the simple geometry within a collection, from 0; ring: number of the ring within its polygon
 * @return WG_EDATA for malformed WKB
 */
typedef void (*wg_wkb_visit_fn)(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user);
wg_status wg_wkb_visit(void *wkb, size_t bytes, wg_wkb_visit_fn visit, void *user);

void wg_wkb_get(const uint8_t *pairs, uint32_t index, double xy[2]);
void wg_wkb_set(uint8_t *pairs, uint32_t index, const double xy[2]);

/** Rewrite any WKB (big endian, EWKB flags, Z, M) as 2D little-endian ISO, appended to `out`. */
wg_status wg_wkb_normalise(wg_context *ctx, const void *wkb, size_t bytes, wg_buffer *out);

/**
 * The same, and what it leaves out: `heights` gets doubles, of each vertex its Z, its M or both.
 * @param[out] z, m  whether the geometry has them
 */
wg_status wg_wkb_normalise_heights(wg_context *ctx, const void *wkb, size_t bytes, wg_buffer *out, wg_buffer *heights,
                                   bool *z, bool *m);
/** The way back: 2D little-endian WKB with the Z and M of its vertices, appended to `out` as ISO WKB. */
void wg_wkb_put_with_heights(wg_buffer *out, const void *wkb, size_t bytes, bool z, bool m, const double *heights);

/** min x, min y, max x, max y of all coordinates; false (and NANs) where there are none. */
bool wg_wkb_bounds(const void *wkb, size_t bytes, double bounds[4]);
/** Widen the box `to` by the box `by`. */
void wg_bounds_widen(double to[4], const double by[4]);
/** Planar area (holes subtracted, always >= 0) and boundary length of polygons; length of lines. */
void wg_wkb_measure(const void *wkb, size_t bytes, double *area, double *length);
/** Area-weighted centroid of polygons, length-weighted of lines, mean of points; false for empty. */
bool wg_wkb_centroid(const void *wkb, size_t bytes, double xy[2]);

/* Writers: append to a buffer. */
void wg_wkb_put_point(wg_buffer *out, double x, double y);
void wg_wkb_put_header(wg_buffer *out, uint32_t type, uint32_t count); /**< count of points, rings or parts */
void wg_wkb_put_u32(wg_buffer *out, uint32_t value);
void wg_wkb_put_pairs(wg_buffer *out, const double *xy, uint32_t n); /**< n xy pairs, no count */

#endif
