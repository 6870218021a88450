/* Every allocation of the unit graph fails once. */
#include "fault.h"

#include "graph/graph.h"

enum { ROWS = 4, COLUMNS = 5, UNITS = ROWS * COLUMNS };

static wg_status whole_graph(wg_context *ctx, void *user) {
    (void)user;
    wg_edge edges[2 * UNITS];
    size_t m = 0;
    for (uint32_t v = 0; v < UNITS; v++) {
        if (v % COLUMNS + 1 < COLUMNS) {
            edges[m++] = (wg_edge){.u = v, .v = v + 1, .length = 1, .hard = v == 0};
        }
        if (v + COLUMNS < UNITS) {
            edges[m++] = (wg_edge){.u = v, .v = v + COLUMNS, .length = 1};
        }
    }
    wg_graph *graph = NULL;
    wg_contiguity scratch = {0};
    uint32_t component[UNITS], pieces[1], count = 0;
    const uint32_t label[UNITS] = {0};
    bool articulation[UNITS];
    wg_status status = WG_OK;
    WG_TRY(wg_graph_new(ctx, UNITS, edges, m, &graph));
    WG_TRY(wg_graph_components(ctx, graph, component, &count));
    assert_int_equal(count, 1);
    WG_TRY(wg_graph_articulation(ctx, graph, NULL, articulation));
    WG_TRY(wg_graph_pieces(ctx, graph, label, 1, pieces));
    assert_int_equal(pieces[0], 1);
    WG_TRY(wg_contiguity_init(ctx, &scratch, UNITS));
    assert_true(wg_contiguity_without(&scratch, graph->start, graph->link_end, graph->to, label, 7));
done:
    wg_contiguity_release(&scratch);
    wg_graph_free(graph);
    return status;
}

static void the_graph_survives(void **state) {
    (void)state;
    assert_true(fault_each(whole_graph, NULL) > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_graph_survives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
