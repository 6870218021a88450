/* Any bytes as WKB: normalised or refused; what was normalised can be walked, measured and normalised to itself. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "model/wkb.h"

static void touch(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type, (void)part, (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        wg_wkb_set(pairs, i, xy);
        *(size_t *)user += 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wg_buffer first = {0}, second = {0};
    if (wg_wkb_normalise(NULL, data, size, &first) == WG_OK) {
        double bounds[4], xy[2], area, length;
        size_t points = 0;
        if (wg_wkb_visit(first.data, first.length, touch, &points) == WG_OK) {
            (void)wg_wkb_bounds(first.data, first.length, bounds);
            (void)wg_wkb_centroid(first.data, first.length, xy);
            wg_wkb_measure(first.data, first.length, &area, &length);
        }
        if (wg_wkb_normalise(NULL, first.data, first.length, &second) != WG_OK || second.length != first.length ||
            memcmp(first.data, second.data, first.length) != 0) {
            abort();
        }
    }
    wg_buffer heights = {0}, lifted = {0}, again = {0};
    bool z, m, z2, m2;
    wg_buffer_clear(&first);
    wg_buffer_clear(&second);
    if (wg_wkb_normalise_heights(NULL, data, size, &first, &heights, &z, &m) == WG_OK && (z || m)) {
        wg_wkb_put_with_heights(&lifted, first.data, first.length, z, m, (const double *)(const void *)heights.data);
        if (wg_wkb_normalise_heights(NULL, lifted.data, lifted.length, &second, &again, &z2, &m2) != WG_OK || z != z2 ||
            m != m2 || first.length != second.length || memcmp(first.data, second.data, first.length) != 0 ||
            again.length != heights.length ||
            (again.length > 0 && memcmp(again.data, heights.data, again.length) != 0)) {
            abort();
        }
    }
    (void)wg_wkb_type(data, size);
    wg_buffer_release(&heights);
    wg_buffer_release(&lifted);
    wg_buffer_release(&again);
    wg_buffer_release(&first);
    wg_buffer_release(&second);
    return 0;
}
