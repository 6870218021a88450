/* Every allocation of the way from layers to dissolved cells fails once. */
#include "fault.h"

#include "geo_city.h"

/** A small town with all that atoms can be made of. */
static void make_town(geo_city *g) {
    *g = (geo_city){0};
    g->communities = geo_layer("communities");
    g->buildings = geo_layer("buildings");
    g->barriers = geo_layer("barriers");
    g->compounds = geo_layer("compounds");
    g->bridges = geo_layer("bridges");
    geo_must(wg_layer_add_column(NULL, g->communities, "code", WG_TEXT, NULL) == WG_OK, "code");
    (void)shape_box_row(g->communities, 0, 0, 150, 100);
    (void)shape_box_row(g->communities, 149.5, 0, 300, 100);
    const double streets[][4] = {{-10, 52, 310, 52}, {75, -10, 75, 110}, {20, 20, 40, 40}, {200, 0, 200, 99}};
    for (int k = 0; k < 4; k++) {
        geo_line_row(g->barriers, streets[k], 2);
    }
    (void)shape_box_row(g->barriers, 240, -5, 250, 105);
    const double bridge[] = {235, 70, 255, 70};
    geo_line_row(g->bridges, bridge, 2);
    (void)shape_box_row(g->compounds, 80, 60, 140, 95);
    for (int k = 0; k < 14; k++) {
        (void)shape_box_row(g->buildings, 5 + 20 * k, k % 3 == 0 ? 45 : 10 + 5 * k, 15 + 20 * k,
                            k % 3 == 0 ? 60 : 20 + 5 * k);
    }
    (void)shape_box_row(g->buildings, 5, 45, 15, 60);
    g->rank = calloc(8, sizeof *g->rank);
    g->hard = calloc(8, sizeof *g->hard);
    g->weight = calloc(32, sizeof *g->weight);
    geo_must(g->rank != NULL && g->hard != NULL && g->weight != NULL, "memory");
    for (int k = 0; k < 15; k++) {
        g->weight[k] = 10;
        g->rank[k % 8] = 5;
    }
    g->weights[0] = g->weight;
    g->heavy[0] = g->compound_heavy[0] = 15;
    g->options.bridge_gap_m = 3;
}

static wg_status build_all(wg_context *ctx, void *user) {
    geo_city *g = user;
    wg_layer *cells = NULL;
    uint32_t *label = NULL;
    wg_status status = WG_OK;
    wg_reference *second = NULL;
    static const bool keep[] = {false, true};
    WG_TRY(geo_city_build(ctx, g));
    WG_TRY(wg_reference_choose(ctx, g->reference, keep, &second));
    for (size_t c = 0; c < g->communities->n; c++) {
        label = wg_calloc(g->atoms[c]->n_units, sizeof *label);
        if (label == NULL) {
            WG_TRY(wg_fail_memory(ctx));
        }
        WG_TRY(wg_atoms_dissolve(ctx, g->atoms[c], label, 1, &cells));
        wg_layer_free(cells);
        free(label);
        cells = NULL;
        label = NULL;
    }
done:
    wg_reference_free(second);
    wg_layer_free(cells);
    free(label);
    geo_city_clear(g);
    return status;
}

static void test_atoms(void **state) {
    (void)state;
    geo_city g;
    make_town(&g);
    fault_each(build_all, &g);
    geo_city_free(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_atoms)};
    return cmocka_run_group_tests_name("geo faults", tests, NULL, NULL);
}
