/* Every allocation of overlays fails once. */
#include "fault.h"

#include <string.h>

#include "geo/overlay.h"
#include "shapes.h"

static wg_layer *cells, *reference;

static int setup(void **state) {
    (void)state;
    assert_int_equal(WG_OK, wg_layer_new(NULL, "cells", NULL, &cells));
    assert_int_equal(WG_OK, wg_layer_new(NULL, "communities", NULL, &reference));
    for (int i = 0; i < 5; i++) {
        (void)shape_box_row(cells, 10 * i, 0, 10 * i + 11, 10); /* overlaps, a gap above, land outside */
    }
    (void)shape_box_row(reference, 0, 0, 50, 12);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wg_layer_free(cells);
    wg_layer_free(reference);
    return 0;
}

static wg_status build(wg_context *ctx, void *user) {
    wg_overlay *overlay = NULL;
    (void)user;
    wg_context_set_threads(ctx, 1);
    const wg_status status = wg_overlay_build(ctx, cells, reference, 0, &overlay);
    wg_overlay_free(overlay);
    return status;
}

static wg_status pairs(wg_context *ctx, void *user) {
    wg_overlay_pairs_result result;
    (void)user;
    wg_context_set_threads(ctx, 1);
    const wg_status status = wg_overlay_pairs(ctx, cells, reference, 0, true, &result);
    wg_overlay_pairs_release(&result);
    return status;
}

static wg_status links(wg_context *ctx, void *user) {
    wg_overlay_links found[5];
    wg_overlay_cut cuts[5];
    const uint32_t community[5] = {0};
    (void)user;
    wg_context_set_threads(ctx, 1);
    const wg_status status = wg_overlay_connect(ctx, cells, community, reference, NULL, 0, found);
    return status != WG_OK ? status : wg_overlay_cuts(ctx, cells, reference, 0, cuts);
}

static void overlays_survive(void **state) {
    (void)state;
    assert_true(fault_each(build, NULL) > 20);
}

static void pairs_survive(void **state) {
    (void)state;
    assert_true(fault_each(pairs, NULL) > 10);
}

static void links_survive(void **state) {
    (void)state;
    assert_true(fault_each(links, NULL) > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlays_survive),
        cmocka_unit_test(pairs_survive),
        cmocka_unit_test(links_survive),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
