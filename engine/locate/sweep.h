/**
 * Area of a polygon in each face of the cells, by slabs: between two neighbouring heights of vertices and crossings all
 * edges are ordered from left to right, and the land between two of them is a trapezoid of one face. Coincident and
 * nearly coincident edges leave trapezoids of no width, so that no case is special and no error is larger than the
 * rounding of a crossing.
 */
#ifndef WG_LOCATE_SWEEP_H
#define WG_LOCATE_SWEEP_H

#include "locate/internal.h"

/** An edge of the polygon or of a cell, y0 < y1. */
typedef struct sweep_segment {
    double x0, y0, x1, y1;
    uint32_t left, right;
    bool own; /**< of the polygon */
} sweep_segment;

typedef struct sweep_active {
    uint32_t segment;
    double low, high; /**< x at the slab's ends */
} sweep_active;

/** Scratch; all zero is a new one. */
typedef struct wg_sweep {
    sweep_segment *segments;
    size_t n_segments, segments_capacity;
    double *events;
    size_t n_events, events_capacity;
    sweep_active *active;
    size_t n_active, active_capacity;
    edge_list window;
    tree_box box; /**< of the polygon */
    bool failed;  /**< memory */
} wg_sweep;

void wg_sweep_clear(wg_sweep *sweep);
void wg_sweep_release(wg_sweep *sweep);
/** Add a ring of the polygon; inside is even-odd over all rings. */
void wg_sweep_ring(wg_sweep *sweep, const uint8_t *pairs, uint32_t n);

/** @param face  cells over this piece of the polygon, none to many */
typedef void (*wg_sweep_fn)(const cell_set *face, double area, void *user);

/** @return false: no memory. O((k + s) a) for k edges, s crossings and a edges at one height */
bool wg_sweep_run(const wg_locator *locator, wg_sweep *sweep, wg_sweep_fn take, void *user);

#endif
