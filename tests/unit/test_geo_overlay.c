#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drawing.h"
#include "geo/overlay.h"
#include "shapes.h"

static wg_context *ctx;

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    wg_context_set_threads(ctx, 2);
    return ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

static void must(wg_status status) {
    if (status != WG_OK) {
        fail_msg("%s: %s", wg_status_text(status), wg_context_error(ctx));
    }
}

static wg_overlay *overlay_of(const wg_layer *cells, const wg_layer *reference, double tolerance) {
    wg_overlay *overlay = NULL;
    must(wg_overlay_build(ctx, cells, reference, tolerance, &overlay));
    return overlay;
}

static void neighbours_that_share_vertices_are_exact(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells",
                                       "AABBB\n"
                                       "ACCCB\n"
                                       "ACDCB\n"
                                       "AACBB",
                                       10);
    wg_layer *all = drawing_polygons("communities", "EEEEE\nEEEEE\nEEEEE\nEEEEE", 10);
    wg_overlay *overlay = overlay_of(cells, all, 0);
    assert_true(overlay->exact);
    assert_int_equal(0, overlay->unpaired);
    assert_int_equal(0, overlay->n_faces);
    assert_true(overlay->cells_m2 == 2000 && overlay->reference_m2 == 2000);
    assert_int_equal(2, overlay->cells[2].parts); /* a corner does not join */
    assert_true(overlay->cells[3].area_m2 == 100 && overlay->cells[3].perim_m == 40);
    assert_true(fabs(overlay->cells[3].compact - 0.785398) < 1e-6);
    wg_overlay_free(overlay);
    wg_layer_free(cells);
    wg_layer_free(all);
}

/* Gaps in the middle and at the rim, an overlap, land outside: each with its cells, in order. */
static void what_is_wrong_is_listed_with_its_cells(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells",
                                       "AA.BB\n"
                                       "AACBB\n"
                                       "CCCBB",
                                       10);
    wg_layer *reference = drawing_polygons("communities",
                                           "EEEE.\n"
                                           "EEEEE\n"
                                           "EEEEE",
                                           10);
    wg_buffer shape = {0};
    shape_box(&shape, DRAWING_X + 15, DRAWING_Y + 5, DRAWING_X + 25, DRAWING_Y + 15); /* over A and C */
    shape_row(cells, &shape);
    wg_overlay *overlay = overlay_of(cells, reference, 0);
    assert_false(overlay->exact);
    assert_int_equal(4, overlay->n_faces);
    const wg_overlay_face *face = overlay->faces;
    assert_int_equal(WG_FACE_GAP, face[0].kind);
    assert_int_equal(0, face[0].reference);
    assert_true(fabs(face[0].area_m2 - 100) < 1e-9);
    assert_true(fabs(face[0].width_m - 10) < 0.1);
    assert_int_equal(WG_FACE_OVERLAP, face[1].kind);
    assert_int_equal(0, face[1].cell);
    assert_int_equal(3, face[1].other);
    assert_true(fabs(face[1].area_m2 - 25) < 1e-9);
    assert_int_equal(2, face[2].cell);
    assert_int_equal(3, face[2].other);
    assert_true(fabs(face[2].area_m2 - 75) < 1e-9);
    assert_int_equal(2, face[2].n_cells);
    assert_int_equal(WG_FACE_OUTSIDE, face[3].kind);
    assert_int_equal(1, face[3].cell);
    assert_true(fabs(face[3].area_m2 - 100) < 1e-9);
    assert_true(fabs(overlay->gap_m2 - 100) < 1e-9 && fabs(overlay->overlap_m2 - 100) < 1e-9 &&
                fabs(overlay->outside_m2 - 100) < 1e-9);
    assert_int_equal(4, wg_layer_rows(overlay->shapes));
    wg_overlay_free(overlay);
    wg_layer_free(cells);
    wg_layer_free(reference);
    wg_buffer_release(&shape);
}

static void land_in_three_cells_is_counted_once(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    must(wg_layer_new(ctx, "cells", DRAWING_CRS, &cells));
    shape_box_row(cells, 0, 0, 20, 20);
    shape_box_row(cells, 10, 0, 30, 20);
    shape_box_row(cells, 5, 5, 15, 15);
    wg_overlay *overlay = overlay_of(cells, NULL, 0);
    assert_int_equal(3, overlay->n_faces); /* one a pair */
    assert_int_equal(3, overlay->faces[2].n_cells);
    assert_true(fabs(overlay->overlap_m2 - (200 + 100 - 50)) < 1e-9);
    wg_overlay_free(overlay);
    wg_layer_free(cells);
}

static void without_a_reference_a_gap_is_land_that_cells_enclose(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AAB\nA.B\nAAB", 10);
    wg_overlay *overlay = overlay_of(cells, NULL, 0);
    assert_int_equal(1, overlay->n_faces);
    assert_int_equal(WG_FACE_GAP, overlay->faces[0].kind);
    assert_true(fabs(overlay->gap_m2 - 100) < 1e-9);
    wg_overlay_free(overlay);
    wg_layer_free(cells);
}

static void a_gap_over_two_communities_is_divided(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AAAA\nA..A", 10);
    wg_layer *reference = drawing_polygons("communities", "EEFF\nEEFF", 10);
    wg_overlay *overlay = overlay_of(cells, reference, 0);
    assert_int_equal(2, overlay->n_faces);
    assert_int_equal(0, overlay->faces[0].reference);
    assert_int_equal(1, overlay->faces[1].reference);
    wg_overlay_free(overlay);
    wg_layer_free(cells);
    wg_layer_free(reference);
}

static void thin_slivers_are_left_out_by_tolerance(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    must(wg_layer_new(ctx, "cells", DRAWING_CRS, &cells));
    shape_box_row(cells, 0, 0, 100, 100);
    shape_box_row(cells, 99.7, 0, 200, 100);
    shape_box_row(cells, 200, 0, 300, 50);
    shape_box_row(cells, 200, 50.2, 300, 100);
    wg_layer *reference = NULL;
    must(wg_layer_new(ctx, "communities", DRAWING_CRS, &reference));
    shape_box_row(reference, 0, 0, 300, 100);
    wg_overlay *strict = overlay_of(cells, reference, 0);
    wg_overlay *middle = overlay_of(cells, reference, 0.25);
    wg_overlay *loose = overlay_of(cells, reference, 0.5);
    assert_int_equal(2, strict->n_faces);
    assert_int_equal(1, middle->n_faces);
    assert_int_equal(WG_FACE_OVERLAP, middle->faces[0].kind);
    assert_int_equal(0, loose->n_faces);
    assert_false(loose->exact);
    wg_overlay_free(strict);
    wg_overlay_free(middle);
    wg_overlay_free(loose);
    wg_layer_free(cells);
    wg_layer_free(reference);
}

static void invalid_polygons_are_named_and_repaired_for_the_rest(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    wg_buffer shape = {0};
    const double bow_tie[] = {0, 0, 10, 10, 10, 0, 0, 10, 0, 0};
    const uint32_t count = 5;
    must(wg_layer_new(ctx, "cells", DRAWING_CRS, &cells));
    shape_polygon(&shape, bow_tie, &count, 1);
    shape_row(cells, &shape);
    wg_wkb_put_point(&shape, 1, 1);
    shape_row(cells, &shape);
    shape_row(cells, &shape); /* no geometry */
    wg_overlay *overlay = overlay_of(cells, NULL, 0);
    assert_false(overlay->exact);
    assert_false(overlay->cells[0].valid);
    assert_string_equal("Self-intersection", overlay->cells[0].reason);
    assert_true(overlay->cells[0].x == 5 && overlay->cells[0].y == 5);
    assert_int_equal(2, overlay->cells[0].parts);
    assert_true(fabs(overlay->cells[0].area_m2 - 50) < 1e-9);
    assert_int_equal(0, overlay->cells[1].parts);
    assert_int_equal(0, overlay->cells[2].parts);
    wg_overlay_free(overlay);
    wg_layer_free(cells);
    wg_buffer_release(&shape);
}

static void a_vertex_that_only_one_side_has_is_unpaired_but_no_face(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    wg_layer *reference = NULL;
    wg_buffer shape = {0};
    const double left[] = {0, 0, 10, 0, 10, 5, 10, 10, 0, 10, 0, 0};
    const uint32_t count = 6;
    must(wg_layer_new(ctx, "cells", DRAWING_CRS, &cells));
    must(wg_layer_new(ctx, "communities", DRAWING_CRS, &reference));
    shape_polygon(&shape, left, &count, 1);
    shape_row(cells, &shape);
    shape_box_row(cells, 10, 0, 20, 10);
    const double both[] = {0, 0, 10, 0, 20, 0, 20, 10, 10, 10, 0, 10, 0, 0};
    const uint32_t count_both = 7;
    shape_polygon(&shape, both, &count_both, 1);
    shape_row(reference, &shape);
    wg_overlay *overlay = overlay_of(cells, reference, 0);
    assert_int_equal(0, overlay->n_faces);
    assert_int_equal(3, overlay->unpaired);
    assert_false(overlay->exact);
    wg_overlay_free(overlay);
    wg_layer_free(cells);
    wg_layer_free(reference);
    wg_buffer_release(&shape);
}

static void pairs_have_their_common_area(void **state) {
    (void)state;
    wg_layer *old = drawing_polygons("old", "AAB\nAAB\nCCB", 10);
    wg_layer *new = drawing_polygons("new", "DDD\nDEE\nFFE", 10);
    wg_overlay_pairs_result result;
    must(wg_overlay_pairs(ctx, old, new, 0, true, &result));
    const wg_overlay_pair expected[] = {{0, 0, 300}, {0, 1, 100}, {1, 0, 100}, {1, 1, 200}, {2, 2, 200}};
    assert_int_equal(5, result.n);
    assert_int_equal(5, wg_layer_rows(result.shapes));
    for (size_t i = 0; i < 5; i++) {
        size_t bytes;
        double area, length;
        const void *wkb = wg_layer_wkb(result.shapes, i, &bytes);
        wg_wkb_measure(wkb, bytes, &area, &length);
        assert_int_equal(expected[i].a, result.pairs[i].a);
        assert_int_equal(expected[i].b, result.pairs[i].b);
        assert_true(fabs(result.pairs[i].area_m2 - expected[i].area_m2) < 1e-9);
        assert_true(fabs(area - expected[i].area_m2) < 1e-9);
    }
    wg_overlay_pairs_release(&result);
    must(wg_overlay_pairs(ctx, old, new, 150, false, &result));
    assert_int_equal(3, result.n);
    assert_null(result.shapes);
    wg_overlay_pairs_release(&result);
    wg_layer_free(old);
    wg_layer_free(new);
}

static void buildings_on_a_boundary_are_cut(void **state) {
    (void)state;
    wg_layer *cells = drawing_polygons("cells", "AB", 100);
    wg_layer *buildings = NULL;
    const double x = DRAWING_X, y = DRAWING_Y;
    must(wg_layer_new(ctx, "buildings", DRAWING_CRS, &buildings));
    shape_box_row(buildings, x + 10, y + 10, x + 20, y + 20);       /* inside A */
    shape_box_row(buildings, x + 96, y + 10, x + 106, y + 20);      /* 4 of 10 m in A */
    shape_box_row(buildings, x + 90, y + 30, x + 100.0009, y + 40); /* within the grid of 1 mm */
    shape_box_row(buildings, x + 195, y + 10, x + 205, y + 20);     /* half outside everything */
    shape_box_row(buildings, x + 300, y + 10, x + 310, y + 20);     /* outside */
    wg_buffer shape = {0};
    wg_wkb_put_point(&shape, x + 150, y + 50);
    shape_row(buildings, &shape);
    shape_row(buildings, &shape); /* none */
    wg_overlay_cut cuts[7];
    must(wg_overlay_cuts(ctx, buildings, cells, 0, cuts));
    const uint32_t first[] = {0, 1, 0, 1, WG_UNASSIGNED, 1, WG_UNASSIGNED};
    const uint32_t n_cells[] = {1, 2, 1, 1, 0, 1, 0};
    const double share[] = {1, 0.6, 0.9999, 0.5, 0, 1, 0};
    for (int i = 0; i < 7; i++) {
        assert_int_equal(first[i], cuts[i].first);
        assert_int_equal(n_cells[i], cuts[i].n_cells);
        assert_true(fabs(cuts[i].share - share[i]) < 1e-4);
    }
    wg_layer_free(cells);
    wg_layer_free(buildings);
    wg_buffer_release(&shape);
}

static void expect_links(const wg_layer *cells, const wg_layer *communities, const wg_overlay_barriers *barriers,
                         uint32_t cell, uint32_t pieces, uint32_t components, bool crossed) {
    wg_overlay_links links[26];
    uint32_t community[26] = {0};
    must(wg_overlay_connect(ctx, cells, community, communities, barriers, 0.5, links));
    assert_int_equal(pieces, links[cell].pieces);
    assert_int_equal(components, links[cell].components);
    assert_int_equal(crossed, links[cell].crossed);
}

static void corners_do_not_connect_but_exclaves_are_no_fault(void **state) {
    (void)state;
    /* A's squares touch at a corner; B has land in the exclave. */
    wg_layer *cells = drawing_polygons("cells",
                                       "AB.B\n"
                                       "BA..",
                                       10);
    wg_layer *community = drawing_polygons("communities",
                                           "EE.E\n"
                                           "EE..",
                                           10);
    expect_links(cells, community, NULL, 0, 2, 1, false);
    expect_links(cells, community, NULL, 1, 3, 2, false);
    expect_links(cells, NULL, NULL, 0, 2, 1, false); /* the union of all cells */
    wg_layer_free(cells);
    wg_layer_free(community);
}

static void hard_lines_and_rivers_divide(void **state) {
    (void)state;
    static const char *const land = "AAAA\nAAAA\nBBBB";
    wg_layer *cells = drawing_polygons("cells", land, 10);
    wg_layer *community = drawing_polygons("communities", "EEEE\nEEEE\nEEEE", 10);
    wg_layer *barriers = drawing_barriers();
    drawing_line(barriers, land, 10, 2, -1, 2, 2, "railway", "rail"); /* through A, ends at B */
    const bool soft[] = {false, false};
    const bool hard[] = {true, true};
    expect_links(cells, community, &(wg_overlay_barriers){.layer = barriers, .hard = soft}, 0, 1, 1, false);
    expect_links(cells, community, &(wg_overlay_barriers){.layer = barriers, .hard = hard}, 0, 2, 1, true);
    drawing_line(barriers, land, 10, 2, 2, 2, 4, "railway", "rail"); /* on through B: two components */
    expect_links(cells, community, &(wg_overlay_barriers){.layer = barriers, .hard = hard}, 0, 2, 2, false);
    wg_layer_free(barriers);
    barriers = drawing_barriers();
    shape_box_row(barriers, DRAWING_X - 5, DRAWING_Y + 14, DRAWING_X + 35,
                  DRAWING_Y + 16); /* a river, not quite through */
    expect_links(cells, community, &(wg_overlay_barriers){.layer = barriers, .hard = soft}, 0, 1, 1, false);
    shape_box_row(barriers, DRAWING_X + 30, DRAWING_Y + 14, DRAWING_X + 45, DRAWING_Y + 16);
    expect_links(cells, community, &(wg_overlay_barriers){.layer = barriers, .hard = soft}, 0, 2, 2, false);
    wg_layer_free(barriers);
    wg_layer_free(cells);
    wg_layer_free(community);
}

static void empty_layers_are_fine(void **state) {
    (void)state;
    wg_layer *cells = NULL;
    must(wg_layer_new(ctx, "cells", DRAWING_CRS, &cells));
    wg_layer *reference = drawing_polygons("communities", "E", 10);
    wg_overlay *overlay = overlay_of(cells, reference, 0);
    assert_int_equal(1, overlay->n_faces);
    assert_true(fabs(overlay->gap_m2 - 100) < 1e-9);
    wg_overlay_pairs_result pairs;
    must(wg_overlay_pairs(ctx, cells, reference, 0, true, &pairs));
    assert_int_equal(0, pairs.n);
    wg_overlay_pairs_release(&pairs);
    wg_overlay_free(overlay);
    wg_layer_free(cells);
    wg_layer_free(reference);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_that_share_vertices_are_exact),
        cmocka_unit_test(what_is_wrong_is_listed_with_its_cells),
        cmocka_unit_test(land_in_three_cells_is_counted_once),
        cmocka_unit_test(without_a_reference_a_gap_is_land_that_cells_enclose),
        cmocka_unit_test(a_gap_over_two_communities_is_divided),
        cmocka_unit_test(thin_slivers_are_left_out_by_tolerance),
        cmocka_unit_test(invalid_polygons_are_named_and_repaired_for_the_rest),
        cmocka_unit_test(a_vertex_that_only_one_side_has_is_unpaired_but_no_face),
        cmocka_unit_test(pairs_have_their_common_area),
        cmocka_unit_test(buildings_on_a_boundary_are_cut),
        cmocka_unit_test(corners_do_not_connect_but_exclaves_are_no_fault),
        cmocka_unit_test(hard_lines_and_rivers_divide),
        cmocka_unit_test(empty_layers_are_fine),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
