#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/memory.h"
#include "graph/graph.h"

static wg_context *ctx;

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

/** `rows` x `columns` units, 4-neighbour. */
static wg_graph *lattice(uint32_t rows, uint32_t columns) {
    wg_edge edges[200];
    size_t m = 0;
    for (uint32_t v = 0; v < rows * columns; v++) {
        if (v % columns + 1 < columns) {
            edges[m++] = (wg_edge){.u = v + 1, .v = v, .length = 1};
        }
        if (v + columns < rows * columns) {
            edges[m++] = (wg_edge){.u = v, .v = v + columns, .length = 2};
        }
    }
    wg_graph *graph = NULL;
    assert_int_equal(WG_OK, wg_graph_new(ctx, rows * columns, edges, m, &graph));
    return graph;
}

static void neighbours_ascend_and_keep_their_edges(void **state) {
    (void)state;
    wg_graph *g = lattice(3, 3);
    assert_int_equal(12, g->m);
    const uint32_t around_the_middle[] = {1, 3, 5, 7};
    assert_int_equal(4, g->start[5] - g->start[4]);
    assert_memory_equal(around_the_middle, g->to + g->start[4], sizeof around_the_middle);
    assert_true(g->length[g->edge[g->start[4]]] == 2 && g->length[g->edge[g->start[4] + 1]] == 1);
    wg_graph_free(g);
}

static void hard_edges_come_last_and_do_not_connect(void **state) {
    (void)state;
    const wg_edge edges[] = {{.u = 0, .v = 1, .length = 1, .hard = true}, {.u = 2, .v = 0, .length = 1}};
    wg_graph *g = NULL;
    assert_int_equal(WG_OK, wg_graph_new(ctx, 3, edges, 2, &g));
    assert_int_equal(2, g->to[g->start[0]]);
    assert_int_equal(g->start[0] + 1, g->link_end[0]);
    assert_int_equal(1, g->to[g->link_end[0]]);
    uint32_t component[3], count;
    assert_int_equal(WG_OK, wg_graph_components(ctx, g, component, &count));
    const uint32_t expected[] = {0, 1, 0};
    assert_int_equal(2, count);
    assert_memory_equal(expected, component, sizeof expected);
    wg_graph_free(g);
}

static void wrong_edges_are_refused_by_name(void **state) {
    (void)state;
    const struct {
        wg_edge edges[2];
        const char *message;
    } cases[] = {
        {{{.u = 0, .v = 1}, {.u = 1, .v = 3}}, "edge 1: unit 3 is out of range (there are 3 units)"},
        {{{.u = 0, .v = 1}, {.u = 2, .v = 2}}, "edge 1: unit 2 is joined to itself"},
        {{{.u = 0, .v = 1}, {.u = 1, .v = 0}}, "edge 1: units 0 and 1 are joined twice (add the lengths up)"},
        {{{.u = 0, .v = 1}, {.u = 1, .v = 2, .length = -1}}, "edge 1: the length is negative or not finite"},
        {{{.u = 0, .v = 1}, {.u = 1, .v = 2, .rank = 10}}, "edge 1: rank 10 is not among 0..9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wg_graph *g = (wg_graph *)cases;
        wg_clear_error(ctx);
        assert_int_equal(WG_EINVAL, wg_graph_new(ctx, 3, cases[i].edges, 2, &g));
        assert_null(g);
        assert_string_equal(cases[i].message, wg_context_error(ctx));
    }
}

static void pieces_counts_a_split_cell(void **state) {
    (void)state;
    wg_graph *g = lattice(2, 3);
    const uint32_t label[] = {0, 1, 0, /* */
                              0, 1, 0};
    uint32_t pieces[3];
    assert_int_equal(WG_OK, wg_graph_pieces(ctx, g, label, 3, pieces));
    assert_int_equal(2, pieces[0]); /* left and right columns do not touch */
    assert_int_equal(1, pieces[1]);
    assert_int_equal(0, pieces[2]);
    const uint32_t unknown[] = {0, 0, 0, 0, 7, 0};
    assert_int_equal(WG_EINVAL, wg_graph_pieces(ctx, g, unknown, 3, pieces));
    const uint32_t some[] = {0, WG_UNASSIGNED, 0, WG_UNASSIGNED, 1, 1};
    assert_int_equal(WG_OK, wg_graph_pieces(ctx, g, some, 2, pieces));
    assert_int_equal(2, pieces[0]);
    assert_int_equal(1, pieces[1]);
    wg_graph_free(g);
}

static void the_middle_of_a_path_is_an_articulation(void **state) {
    (void)state;
    const wg_edge edges[] = {{.u = 0, .v = 1}, {.u = 1, .v = 2}, {.u = 2, .v = 3}, {.u = 3, .v = 1}};
    wg_graph *g = NULL; /* 0 - 1, and the triangle 1 2 3 */
    assert_int_equal(WG_OK, wg_graph_new(ctx, 4, edges, 4, &g));
    bool articulation[4];
    const bool expected[] = {false, true, false, false};
    assert_int_equal(WG_OK, wg_graph_articulation(ctx, g, NULL, articulation));
    assert_memory_equal(expected, articulation, sizeof expected);
    const uint32_t label[] = {0, 0, 1, 0};
    const bool within[] = {false, true, false, false}; /* 0 - 1 - 3 */
    assert_int_equal(WG_OK, wg_graph_articulation(ctx, g, label, articulation));
    assert_memory_equal(within, articulation, sizeof within);
    wg_graph_free(g);
}

static bool without(const wg_graph *g, wg_contiguity *scratch, const uint32_t *label, uint32_t v) {
    return wg_contiguity_without(scratch, g->start, g->link_end, g->to, label, v);
}

static void contiguity_without_a_unit(void **state) {
    (void)state;
    wg_graph *g = lattice(3, 3);
    wg_contiguity scratch;
    assert_int_equal(WG_OK, wg_contiguity_init(ctx, &scratch, g->n));
    const uint32_t ring[] = {0, 0, 0, /* */
                             0, 1, 0, /* */
                             0, 0, 0};
    assert_true(without(g, &scratch, ring, 1)); /* the long way round */
    assert_true(without(g, &scratch, ring, 4)); /* alone in its cell */
    const uint32_t bridge[] = {0, 1, 0,         /* */
                               0, 0, 0,         /* */
                               1, 1, 0};
    assert_false(without(g, &scratch, bridge, 4));
    assert_true(without(g, &scratch, bridge, 0));
    assert_false(without(g, &scratch, bridge, 5));
    wg_contiguity_release(&scratch);
    wg_graph_free(g);
}

static void a_star_with_many_arms(void **state) {
    (void)state;
    enum { ARMS = 100 }; /* more than the table of searches holds */
    wg_edge edges[2 * ARMS];
    uint32_t label[ARMS + 1] = {0};
    for (uint32_t i = 0; i < ARMS; i++) {
        edges[i] = (wg_edge){.u = 0, .v = i + 1};
        edges[ARMS + i] = (wg_edge){.u = i + 1, .v = (i + 1) % ARMS + 1};
    }
    wg_graph *g = NULL;
    wg_contiguity scratch;
    assert_int_equal(WG_OK, wg_contiguity_init(ctx, &scratch, ARMS + 1));
    assert_int_equal(WG_OK, wg_graph_new(ctx, ARMS + 1, edges, ARMS, &g));
    assert_false(without(g, &scratch, label, 0));
    assert_true(without(g, &scratch, label, 1));
    wg_graph_free(g);
    assert_int_equal(WG_OK, wg_graph_new(ctx, ARMS + 1, edges, 2 * ARMS, &g)); /* a wheel */
    assert_true(without(g, &scratch, label, 0));
    label[5] = 1;
    assert_true(without(g, &scratch, label, 0)); /* the rim is a path now */
    label[50] = 1;
    assert_false(without(g, &scratch, label, 0));
    wg_graph_free(g);
    wg_contiguity_release(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_ascend_and_keep_their_edges),
        cmocka_unit_test(hard_edges_come_last_and_do_not_connect),
        cmocka_unit_test(wrong_edges_are_refused_by_name),
        cmocka_unit_test(pieces_counts_a_split_cell),
        cmocka_unit_test(the_middle_of_a_path_is_an_articulation),
        cmocka_unit_test(contiguity_without_a_unit),
        cmocka_unit_test(a_star_with_many_arms),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
