/**
 * Delaunay triangulation of labelled points by divide and conquer (Guibas & Stolfi 1985) with exact predicates.
 *
 * Half-edges e and e ^ 1 are the two directions of an edge. A triangle lies to the left of each of its half-edges.
 */
#ifndef WG_GEO_DELAUNAY_H
#define WG_GEO_DELAUNAY_H

#include "core/status.h"
#include "geo/bins.h"

typedef struct wg_site {
    wg_ipt at;
    uint32_t label;
} wg_site;

typedef struct wg_delaunay {
    uint32_t n;            /**< different sites; the first n of the caller's array, sorted */
    double *x, *y;         /**< whole numbers below 2^25 in size, relative to the middle */
    uint32_t *org;         /**< origin of each half-edge; WG_SITE_NONE: not in use */
    uint32_t *next, *prev; /**< half-edges around the origin, counter-clockwise and clockwise */
    uint32_t n_half;
    uint32_t free_edge; /**< list of edges to use again, linked through next */
} wg_delaunay;

#define WG_SITE_NONE UINT32_MAX

/**
 * @param sites  sorted in place by x, then y; of sites in one place the one with the lowest label stays
 * @return WG_OK or WG_ENOMEM; O(n log n). Sites of a set wider than 2^25 grid steps move to a coarser grid
 */
wg_status wg_delaunay_build(wg_context *ctx, wg_site *sites, size_t n, wg_delaunay *delaunay);
void wg_delaunay_release(wg_delaunay *delaunay);

/** Next half-edge around the face to the left of e. */
static inline uint32_t wg_delaunay_left(const wg_delaunay *d, uint32_t e) {
    return d->prev[e ^ 1];
}

/** Whether a triangle (not the outside) lies to the left of e. */
bool wg_delaunay_is_triangle(const wg_delaunay *d, uint32_t e);

#endif
