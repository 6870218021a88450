/**
 * Points, lines and polygons to cells.
 *
 * A uniform grid lies over the cells. A square that no cell line passes holds the code of the face it lies in; a square
 * that lines pass holds the face of its lower left corner and the edges that change it: the face of a point is that of
 * the corner, changed by each edge that the way from the corner to the point crosses. A square with too many edges is a
 * grid again. All decisions are exact. Inside is even-odd, a cell (all its rings) for itself, as GEOS has it: holes,
 * exclaves, overlaps, gaps and invalid polygons need no repair.
 *
 * Rows of the cells layer are the cells. "The lower row" is the tie rule everywhere: order the layer by code for "the
 * lower code". Coordinates are planar, in the CRS of the cells. A finished locator is immutable; any number of threads
 * may read it.
 */
#ifndef WG_LOCATE_LOCATE_H
#define WG_LOCATE_LOCATE_H

#include "core/memory.h"
#include "model/exceptions.h"
#include "model/layer.h"

typedef struct wg_locator_options {
    bool tree; /**< also index the edges for wg_locator_nearest, _shares and _check: O(E log E) more */
} wg_locator_options;

/**
 * wg_locator_new with options. Rings with coordinates that are not finite are left out and logged as warnings.
 * The layer is not needed afterwards. O(E) expected time and memory for E edges, on all threads of `ctx`.
 * @return WG_EDATA for malformed WKB or no polygon at all
 */
wg_status wg_locator_build(wg_context *ctx, const wg_layer *cells, const wg_locator_options *options,
                           wg_locator **locator);

uint32_t wg_locator_cells(const wg_locator *locator);                /**< number of rows */
size_t wg_locator_bytes(const wg_locator *locator);                  /**< memory held */
void wg_locator_bounds(const wg_locator *locator, double bounds[4]); /**< min x, min y, max x, max y of all cells */

typedef enum wg_found {
    WG_FOUND_NONE = 0,
    WG_FOUND_INSIDE, /**< in the interior of the cell, and in no other */
    WG_FOUND_EDGE, /**< on a boundary, in the interior of none but possibly one cell; the cell is the lowest that has it
                    */
    WG_FOUND_OVERLAP /**< in the interior of two cells or more; the cell is the lowest */
} wg_found;

/**
 * wg_locator_find that also says how.
 * @param[out] found  caller's array of n_points wg_found, or NULL
 */
wg_status wg_locator_find_how(wg_context *ctx, const wg_locator *locator, const double *xy, size_t n_points,
                              uint32_t *cell, uint8_t *found);

/** What wg_locator_all returns where memory is out: only points in more than 32 cells need any. */
#define WG_LOCATOR_NO_MEMORY SIZE_MAX

/**
 * All cells that have the point, in their interior or on their boundary, ascending.
 * @param[out] cells  caller's array; at most `capacity` are written
 * @return their number, which may be larger than `capacity`; WG_LOCATOR_NO_MEMORY: not known
 */
size_t wg_locator_all(const wg_locator *locator, double x, double y, uint32_t *cells, size_t capacity);

/**
 * The cell nearest to a point, the lower row of two at the same distance. Needs the tree. O(log E) expected.
 * @param within         search no farther (INFINITY: anywhere)
 * @param[out] distance  0 where a cell has the point; NAN where none is within; -1 where memory is out; may be NULL
 * @return row, or WG_UNASSIGNED where none is within or memory is out
 */
uint32_t wg_locator_nearest(const wg_locator *locator, double x, double y, double within, double *distance);

typedef struct wg_share {
    uint32_t cell;  /**< WG_UNASSIGNED: in no cell (always the last item) */
    double measure; /**< m² of a polygon, m of a line, number of points, in units of the CRS */
    double share;   /**< of the feature's whole measure, 0..1 */
} wg_share;

/** Result and scratch of wg_locator_shares; all zero is a new one. One a thread, reused. */
typedef struct wg_shares {
    wg_share *items; /**< largest first, the lower row first where two are equal to 1e-9; only measures above zero */
    size_t n, capacity;
    double measure; /**< of the whole feature */
    int dimension;  /**< 0 points, 1 lines, 2 polygons; of a collection its highest; -1 for empty */
    double aspect; /**< set by the caller: factor on x for lengths of lines (cosine of the latitude in degrees); 0: 1 */
    bool overlap;  /**< part of it lies in two cells: the shares sum to more than 1 */
    struct wg_shares_scratch *scratch;
} wg_shares;

/**
 * How a feature lies in the cells, by area, length or count. Polygons are measured by slabs between the events of a
 * sweep, so that invalid ones and lines that coincide with cell boundaries are no special case (areas agree to 1e-9
 * relative). A line along a shared boundary belongs to the lower row. A polygon without area is measured as its lines,
 * a line without length as its points. Needs the tree. O(k log k) for k edges of the feature and of the cells around
 * it.
 */
wg_status wg_locator_shares(wg_context *ctx, const wg_locator *locator, const void *wkb, size_t bytes,
                            wg_shares *shares);
void wg_shares_release(wg_shares *shares);

/** What is wrong with the cells as a coverage. */
typedef struct wg_coverage_check {
    size_t invalid, overlaps, gaps; /**< cells that are not valid; pairs that overlap; holes between cells */
    double overlap_area, gap_area;
    wg_layer *gap_polygons; /**< the holes, one POLYGON a row; NULL where there is none */
} wg_coverage_check;

/**
 * Find invalid cells, overlaps and gaps; each becomes an exception ("invalid_geometry", "cell_overlap", "cell_gap")
 * that names the cells. Needs the tree. Cells whose every edge is shared with exactly one neighbour cost nothing more
 * than a look at the edges.
 * @param cells  the layer that the locator was built from
 * @param code   column that names a cell, or UINT32_MAX for feature numbers
 * @param tolerance_area  overlaps and gaps up to this area (CRS units squared) are not listed
 */
wg_status wg_locator_check(wg_context *ctx, const wg_locator *locator, const wg_layer *cells, uint32_t code,
                           double tolerance_area, wg_exceptions *exceptions, wg_coverage_check *check);
void wg_coverage_check_release(wg_coverage_check *check);

#endif
