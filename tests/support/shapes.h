/** Small geometries as WKB for tests. */
#ifndef WG_TESTS_SHAPES_H
#define WG_TESTS_SHAPES_H

#include <stdio.h>

#include "model/layer.h"
#include "model/wkb.h"

/** Append a polygon: `n_rings` rings, ring r has `count[r]` xy pairs (first = last), one after the other in `xy`. */
static inline void shape_polygon(wg_buffer *out, const double *xy, const uint32_t *count, uint32_t n_rings) {
    wg_wkb_put_header(out, WG_WKB_POLYGON, n_rings);
    for (uint32_t r = 0; r < n_rings; r++) {
        wg_wkb_put_u32(out, count[r]);
        wg_wkb_put_pairs(out, xy, count[r]);
        xy += 2 * (size_t)count[r];
    }
}

/** Append a counter-clockwise rectangle. */
static inline void shape_box(wg_buffer *out, double x0, double y0, double x1, double y1) {
    const double xy[] = {x0, y0, x1, y0, x1, y1, x0, y1, x0, y0};
    const uint32_t count = 5;
    shape_polygon(out, xy, &count, 1);
}

/** Add a row with this geometry (none where the buffer is empty) and clear the buffer. @return the row */
static inline size_t shape_row(wg_layer *layer, wg_buffer *shape) {
    size_t row = 0;
    if (shape->failed || wg_layer_add_row(NULL, layer, shape->data, shape->length, &row) != WG_OK) {
        (void)fprintf(stderr, "a test's shape could not be added\n");
        abort();
    }
    wg_buffer_clear(shape);
    return row;
}

/** Add a rectangle as a row. */
static inline size_t shape_box_row(wg_layer *layer, double x0, double y0, double x1, double y1) {
    wg_buffer shape = {0};
    shape_box(&shape, x0, y0, x1, y1);
    const size_t row = shape_row(layer, &shape);
    wg_buffer_release(&shape);
    return row;
}

#endif
