/** What the overlay files share: GEOS of one thread, polygons made valid, and a box index over them. */
#ifndef WG_GEO_OVERLAY_SET_H
#define WG_GEO_OVERLAY_SET_H

#include <geos_c.h>

#include "geo/overlay.h"

/** Faces thinner than this are noise of the arithmetic: doubles near 1e7 m are 2e-9 m apart. */
#define OVERLAY_NOISE_M 1e-6

/** GEOS of one thread; `message` is the last error. */
typedef struct overlay_kit {
    GEOSContextHandle_t handle;
    GEOSWKBReader *reader;
    GEOSWKBWriter *writer;
    char message[200];
} overlay_kit;

/** One kit a thread. */
wg_status overlay_kits_open(wg_context *ctx, uint32_t n, overlay_kit **kits);
void overlay_kits_close(overlay_kit *kits, uint32_t n);

/** A geometry operation failed where it must not: says what and where, with GEOS's message. */
wg_status overlay_fail(wg_context *ctx, const overlay_kit *kit, const char *what);
/** Append a geometry as WKB. */
wg_status overlay_put(wg_context *ctx, overlay_kit *kit, const GEOSGeometry *geometry, wg_buffer *out);
/** Polygons of any geometry as one; lines and points are dropped. Takes `geometry`; NULL where memory is out. */
GEOSGeometry *overlay_polygonal(overlay_kit *kit, GEOSGeometry *geometry);
double overlay_area(overlay_kit *kit, const GEOSGeometry *geometry);
/** Diameter of the largest circle inside; 0 where it cannot be computed. */
double overlay_width(overlay_kit *kit, const GEOSGeometry *geometry);
/** Is every polygon of a geometry thinner than `width_m`? Decided by area over length where that is enough. */
bool overlay_is_thin(overlay_kit *kit, const GEOSGeometry *geometry, double width_m);
/** A point inside. @return false where there is none */
bool overlay_inner_point(overlay_kit *kit, const GEOSGeometry *geometry, double xy[2]);

/** The polygons of a layer, valid, with a grid of bins over their boxes. */
typedef struct overlay_set {
    uint32_t n;
    const wg_layer *layer; /**< borrowed */
    wg_buffer *repaired;   /**< a row: WKB of a repaired polygon, or empty: as in the layer */
    double (*box)[4];      /**< a row: min x, min y, max x, max y; NAN without polygon */
    double low[2], side[2];
    uint32_t nx, ny, *first, *item; /**< rows in each bin, ascending */
} overlay_set;

/** @param[out] cells  array of rows, filled where not NULL */
wg_status overlay_set_build(wg_context *ctx, const wg_layer *layer, overlay_set *set, wg_overlay_cell *cells);
void overlay_set_release(overlay_set *set);
/** WKB of the valid polygon of a row; 0 bytes: none. */
const void *overlay_set_wkb(const overlay_set *set, uint32_t row, size_t *bytes);

/** A thread's view of a set: polygons are parsed and prepared when they are first used. */
typedef struct overlay_view {
    overlay_kit *kit;
    const overlay_set *set;
    GEOSGeometry **geometry;
    const GEOSPreparedGeometry **prepared;
    uint32_t *seen, stamp; /**< a row: stamp of the last query that gave it */
    uint32_t *found;       /**< rows of the last query, ascending */
    uint32_t n_found;
} overlay_view;

wg_status overlay_views_open(wg_context *ctx, const overlay_set *set, overlay_kit *kits, uint32_t n,
                             overlay_view **views);
void overlay_views_close(overlay_view *views, uint32_t n);
/** Polygon of a row; NULL where memory is out (rows found by a query have one). */
const GEOSGeometry *overlay_view_geometry(overlay_view *view, uint32_t row);
const GEOSPreparedGeometry *overlay_view_prepared(overlay_view *view, uint32_t row);
/** Rows whose box meets `box`, into found. */
void overlay_view_query(overlay_view *view, const double box[4]);
/** Polygons that contain a point. */
typedef struct overlay_cover {
    uint32_t count, first; /**< the lowest row, or WG_UNASSIGNED */
    bool on_line;          /**< the point is on a boundary, so the count says nothing */
} overlay_cover;
overlay_cover overlay_view_cover(overlay_view *view, const double xy[2]);
/**
 * A point inside `polygon` that is on no boundary of the sets, and what covers it there. `other` may be NULL.
 * @return false where none was found (a sliver): the counts are then those at the last point tried
 */
bool overlay_probe(overlay_view *view, overlay_view *other, const GEOSGeometry *polygon, double xy[2],
                   overlay_cover *cover, overlay_cover *other_cover);

/**
 * Edges that are left over: those of the cells (interior to the left) that neither another cell nor the reference
 * (NULL: none) meets. @param[out] xy  4 numbers an edge; free with free()
 */
wg_status overlay_leftover(wg_context *ctx, const overlay_set *cells, const overlay_set *reference, double **xy,
                           size_t *n);

#endif
