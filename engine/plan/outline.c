#include "plan/outline.h"

#include <math.h>

#include "model/wkb.h"

typedef struct part_state {
    wg_outline *shape;
    double area, perimeter; /**< of the part being walked */
    double largest;
    uint32_t part;
    bool open;
} part_state;

static const double pi = 3.14159265358979323846;

static void close_part(part_state *state) {
    if (!state->open) {
        return;
    }
    state->shape->parts++;
    state->shape->area_m2 += state->area;
    state->shape->perimeter_m += state->perimeter;
    if (state->area > state->largest) {
        state->largest = state->area;
        state->shape->compact = fmin(1, 4 * pi * state->area / (state->perimeter * state->perimeter));
    }
    state->open = false;
}

static void walk_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    part_state *state = user;
    if (type != WG_WKB_POLYGON || n == 0) {
        return;
    }
    if (!state->open || part != state->part) {
        close_part(state);
        state->open = true;
        state->part = part;
        state->area = state->perimeter = 0;
    }
    double origin[2], a[2], b[2], twice = 0;
    wg_wkb_get(pairs, 0, origin);
    for (uint32_t i = 1; i < n; i++) {
        wg_wkb_get(pairs, i - 1, a);
        wg_wkb_get(pairs, i, b);
        state->perimeter += hypot(b[0] - a[0], b[1] - a[1]);
        twice += (a[0] - origin[0]) * (b[1] - origin[1]) - (b[0] - origin[0]) * (a[1] - origin[1]);
    }
    state->area += (ring == 0 ? 0.5 : -0.5) * fabs(twice);
}

void wg_outline_measure(const void *wkb, size_t bytes, wg_outline *shape) {
    *shape = (wg_outline){.compact = NAN};
    part_state state = {.shape = shape, .largest = -1};
    (void)wg_wkb_visit((void *)wkb, bytes, walk_ring, &state); /* only reads */
    close_part(&state);
}
