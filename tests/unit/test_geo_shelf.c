/* Atoms as bytes: what comes back is what was kept, in dirty cities of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "geo/shelf.h"
#include "geo_city.h"

static void same_layers(const wg_layer *a, const wg_layer *b) {
    assert_int_equal(wg_layer_rows(a), wg_layer_rows(b));
    assert_int_equal(a->wkb_length, b->wkb_length);
    assert_true(a->wkb_length == 0 || memcmp(a->wkb, b->wkb, a->wkb_length) == 0);
}

/** Both dissolve alike, into two cells. */
static void same_cells(wg_context *ctx, const wg_atoms *a, const wg_atoms *b) {
    wg_layer *cells_a = NULL, *cells_b = NULL;
    uint32_t *label = wg_calloc(a->n_units, sizeof *label);
    label[a->n_units - 1] = a->n_units > 1 ? 1 : 0;
    assert_int_equal(wg_atoms_dissolve(ctx, a, label, a->n_units > 1 ? 2 : 1, &cells_a), WG_OK);
    assert_int_equal(wg_atoms_dissolve(ctx, b, label, a->n_units > 1 ? 2 : 1, &cells_b), WG_OK);
    same_layers(cells_a, cells_b);
    wg_layer_free(cells_a);
    wg_layer_free(cells_b);
    free(label);
}

static void check(wg_context *ctx, const wg_atoms *atoms) {
    wg_buffer first = {0}, second = {0};
    wg_atoms *copy = NULL;
    wg_atoms_pack(atoms, &first);
    assert_false(first.failed);
    assert_int_equal(wg_atoms_unpack(ctx, first.data, first.length, &copy), WG_OK);
    assert_int_equal(copy->n_units, atoms->n_units);
    assert_int_equal(copy->n_edges, atoms->n_edges);
    assert_int_equal(copy->n_buildings, atoms->n_buildings);
    assert_int_equal(copy->exceptions.n, 0);
    assert_memory_equal(copy->edges, atoms->edges, atoms->n_edges * sizeof *atoms->edges);
    assert_memory_equal(copy->area_m2, atoms->area_m2, atoms->n_units * sizeof *atoms->area_m2);
    same_layers(copy->units, atoms->units);
    same_layers(copy->edge_lines, atoms->edge_lines);
    wg_atoms_pack(copy, &second);
    assert_int_equal(second.length, first.length);
    assert_memory_equal(second.data, first.data, first.length);
    if (atoms->n_units > 0) {
        same_cells(ctx, atoms, copy);
    }
    wg_atoms_free(copy);
    assert_int_equal(wg_atoms_unpack(ctx, first.data, first.length - 1, &copy), WG_EIO);
    wg_buffer_release(&first);
    wg_buffer_release(&second);
}

static void what_was_kept_comes_back(void **state) {
    wg_context *ctx = wg_context_new();
    (void)state;
    size_t checked = 0;
    for (uint64_t seed = 1; seed <= 25; seed++) {
        geo_city g;
        geo_city_make(&g, seed);
        if (geo_city_build(ctx, &g) == WG_OK) {
            for (size_t c = 0; c < g.communities->n; c++) {
                check(ctx, g.atoms[c]);
                checked++;
            }
        }
        geo_city_free(&g);
    }
    assert_true(checked > 100);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_kept_comes_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
