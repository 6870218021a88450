/** Shape of a cell: parts, and compactness of the largest one. */
#ifndef WG_PLAN_OUTLINE_H
#define WG_PLAN_OUTLINE_H

#include "core/status.h"

typedef struct wg_outline {
    double area_m2, perimeter_m; /**< of all parts, holes included in the perimeter */
    double compact; /**< Polsby–Popper (4 pi A / P²) of the largest part, 0..1; NAN for an empty polygon */
    uint32_t parts;
} wg_outline;

/** Measure a polygon or multipolygon (2D little-endian WKB). O(vertices) */
void wg_outline_measure(const void *wkb, size_t bytes, wg_outline *shape);

#endif
