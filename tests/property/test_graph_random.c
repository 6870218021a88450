/* Contiguity, pieces and articulation against naive searches on random graphs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/memory.h"
#include "core/random.h"
#include "graph/graph.h"
#include "graph/mask.h"

enum { MOST = 40, APART = 3 /* between the bits of units: both words are used, and the gap between them */ };

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

typedef struct sample {
    uint32_t n;
    bool joined[MOST][MOST];
    uint32_t label[MOST];
    wg_graph *graph;
} sample;

static void draw(wg_random *random, sample *s) {
    wg_edge edges[MOST * MOST];
    size_t m = 0;
    memset(s, 0, sizeof *s);
    s->n = 1 + wg_random_below(random, MOST);
    const uint32_t density = 2 + wg_random_below(random, 4), cells = 1 + wg_random_below(random, 2);
    for (uint32_t u = 0; u < s->n; u++) {
        s->label[u] = wg_random_below(random, cells);
        for (uint32_t v = u + 1; v < s->n; v++) {
            const bool near = v - u <= 2 || wg_random_below(random, 10) == 0;
            if (near && wg_random_below(random, density) < 2) {
                const bool hard = wg_random_below(random, 8) == 0;
                edges[m++] = (wg_edge){.u = u, .v = v, .length = 1, .hard = hard};
                s->joined[u][v] = s->joined[v][u] = !hard;
            }
        }
    }
    assert_int_equal(WG_OK, wg_graph_new(ctx, s->n, edges, m, &s->graph));
}

/** Pieces of label `c`, `skip` left out, by repeated union of all pairs. */
static uint32_t naive_pieces(const sample *s, uint32_t c, uint32_t skip) {
    uint32_t set[MOST], count = 0;
    for (uint32_t v = 0; v < s->n; v++) {
        set[v] = v;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t u = 0; u < s->n; u++) {
            for (uint32_t v = 0; v < s->n; v++) {
                if (u != skip && v != skip && s->joined[u][v] && s->label[u] == c && s->label[v] == c &&
                    set[u] < set[v]) {
                    set[v] = set[u];
                    changed = true;
                }
            }
        }
    }
    for (uint32_t v = 0; v < s->n; v++) {
        count += v != skip && s->label[v] == c && set[v] == v;
    }
    return count;
}

static void contiguity_agrees_with_a_naive_search(void **state) {
    (void)state;
    wg_random random;
    uint32_t yes = 0, no = 0;
    wg_random_seed(&random, 7, "contiguity");
    for (int round = 0; round < 3000; round++) {
        sample s;
        wg_contiguity scratch;
        uint32_t pieces[4];
        bool articulation[MOST];
        draw(&random, &s);
        assert_int_equal(WG_OK, wg_contiguity_init(ctx, &scratch, s.n));
        assert_int_equal(WG_OK, wg_graph_pieces(ctx, s.graph, s.label, 4, pieces));
        assert_int_equal(WG_OK, wg_graph_articulation(ctx, s.graph, s.label, articulation));
        for (uint32_t c = 0; c < 4; c++) {
            assert_int_equal(naive_pieces(&s, c, WG_UNASSIGNED), pieces[c]);
        }
        for (uint32_t v = 0; v < s.n; v++) {
            const uint32_t left = naive_pieces(&s, s.label[v], v);
            assert_int_equal(left > pieces[s.label[v]], articulation[v]);
            if (pieces[s.label[v]] == 1) { /* the test is for connected cells */
                const bool connected =
                    wg_contiguity_without(&scratch, s.graph->start, s.graph->link_end, s.graph->to, s.label, v);
                assert_int_equal(left <= 1, connected);
                yes += connected;
                no += !connected;
            }
        }
        wg_contiguity_release(&scratch);
        wg_graph_free(s.graph);
    }
    assert_true(yes > 1000 && no > 1000); /* both answers were met often */
}

/** The same questions, asked of sets of bits. */
static void masks_agree_with_a_naive_search(void **state) {
    (void)state;
    wg_random random;
    uint32_t yes = 0, no = 0;
    wg_random_seed(&random, 8, "masks");
    for (int round = 0; round < 3000; round++) {
        sample s;
        wg_mask near[MOST * APART] = {{0}}, cell[2] = {{0}};
        uint32_t units[2] = {0};
        draw(&random, &s);
        for (uint32_t v = 0; v < s.n; v++) {
            cell[s.label[v]] = wg_mask_or(cell[s.label[v]], wg_mask_of(APART * v));
            units[s.label[v]]++;
            for (uint32_t u = 0; u < s.n; u++) {
                near[APART * v] = s.joined[v][u] ? wg_mask_or(near[APART * v], wg_mask_of(APART * u)) : near[APART * v];
            }
        }
        for (uint32_t c = 0; c < 2; c++) {
            uint32_t pieces = 0, last = 0, seen = 0;
            assert_int_equal(units[c], wg_mask_count(cell[c]));
            for (wg_mask left = cell[c]; wg_mask_any(left); pieces++) {
                left = wg_mask_less(left, wg_mask_flood(near, left, wg_mask_least(left), left));
            }
            assert_int_equal(naive_pieces(&s, c, WG_UNASSIGNED), pieces);
            for (wg_mask left = cell[c]; wg_mask_any(left); seen++) {
                const uint32_t v = wg_mask_pop(&left) / APART;
                assert_true(s.label[v] == c && (seen == 0 || v > last));
                last = v;
                if (pieces == 1) {
                    const bool connected = wg_mask_without(near, cell[c], APART * v);
                    assert_int_equal(naive_pieces(&s, c, v) <= 1, connected);
                    yes += connected;
                    no += !connected;
                }
            }
            assert_int_equal(units[c], seen);
        }
        wg_graph_free(s.graph);
    }
    assert_true(yes > 1000 && no > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(contiguity_agrees_with_a_naive_search),
                                       cmocka_unit_test(masks_agree_with_a_naive_search)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
