#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/memory.h"
#include "core/random.h"
#include "model/rtree.h"

enum { NODE_BYTES = 1228, FANOUT = 51, MOST_NODES = 20000 };

/** The three tables of SQLite's module. */
typedef struct tables {
    uint8_t *node[MOST_NODES];
    int64_t parent[MOST_NODES], *leaf, last_row;
    size_t n_rows;
} tables;

static wg_status put_node(wg_context *ctx, int64_t number, const void *blob, size_t bytes, void *user) {
    (void)ctx;
    tables *t = user;
    assert_int_equal(bytes, NODE_BYTES);
    assert_in_range(number, 1, MOST_NODES - 1);
    assert_null(t->node[number]);
    t->node[number] = wg_malloc(bytes, 1);
    assert_non_null(t->node[number]);
    memcpy(t->node[number], blob, bytes);
    return WG_OK;
}

static wg_status put_parent(wg_context *ctx, int64_t number, int64_t parent, void *user) {
    (void)ctx;
    tables *t = user;
    assert_int_equal(t->parent[number], 0);
    t->parent[number] = parent;
    return WG_OK;
}

static wg_status put_row(wg_context *ctx, int64_t id, int64_t leaf, void *user) {
    (void)ctx;
    tables *t = user;
    assert_true(id > t->last_row);
    t->last_row = id;
    t->leaf[id] = leaf;
    t->n_rows++;
    return WG_OK;
}

static uint64_t be(const uint8_t *at, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

static float be_float(const uint8_t *at) {
    const uint32_t bits = (uint32_t)be(at, 4);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Walk down: every entry lies in its parent's box, every row is found once, nodes are at least half full. */
static void walk(const tables *t, int64_t number, int depth, const float around[4], const double (*bounds)[4],
                 size_t *rows) {
    const uint8_t *node = t->node[number];
    assert_non_null(node);
    const size_t n = (size_t)be(node + 2, 2);
    assert_true(n <= FANOUT && (number == 1 || n >= FANOUT / 2));
    for (size_t i = 0; i < n; i++) {
        const uint8_t *entry = node + 4 + 24 * i;
        const int64_t id = (int64_t)be(entry, 8);
        const float box[4] = {be_float(entry + 8), be_float(entry + 12), be_float(entry + 16), be_float(entry + 20)};
        assert_true(box[0] >= around[0] && box[1] <= around[1] && box[2] >= around[2] && box[3] <= around[3]);
        if (depth == 0) {
            assert_int_equal(t->leaf[id], number);
            assert_true((double)box[0] <= bounds[id][0] && (double)box[2] <= bounds[id][1] &&
                        (double)box[1] >= bounds[id][2] && (double)box[3] >= bounds[id][3]);
            (*rows)++;
        } else {
            assert_int_equal(t->parent[id], number);
            walk(t, id, depth - 1, box, bounds, rows);
        }
    }
}

/* `n` boxes, every `gone`-th of which is removed (0: none). */
static void packs(size_t n, size_t gone) {
    static const float all[4] = {-3e38F, 3e38F, -3e38F, 3e38F};
    wg_context *ctx = wg_context_new();
    wg_rtree *tree = NULL;
    wg_random random;
    tables *t = wg_calloc(1, sizeof *t);
    double(*bounds)[4] = wg_calloc(n + 1, sizeof *bounds);
    t->leaf = wg_calloc(n + 1, sizeof *t->leaf);
    wg_random_seed(&random, n, "rtree");
    assert_int_equal(wg_rtree_new(ctx, NULL, &tree), WG_OK);
    size_t left = 0;
    for (size_t id = 1; id <= n; id++) {
        double *b = bounds[id];
        b[0] = 4.4e6 + wg_random_unit(&random) * 1e4;
        b[1] = 5e5 + wg_random_unit(&random) * 1e4;
        b[2] = b[0] + wg_random_unit(&random);
        b[3] = b[1] + wg_random_unit(&random);
        const wg_rtree_box box = wg_rtree_box_of((int64_t)id, b);
        const bool removed = gone > 0 && id % gone == 0;
        assert_int_equal(wg_rtree_add(ctx, tree, &box), WG_OK);
        assert_int_equal(removed ? wg_rtree_remove(ctx, tree, (int64_t)id) : WG_OK, WG_OK);
        left += removed ? 0 : 1;
    }
    assert_int_equal(wg_rtree_remove(ctx, tree, (int64_t)n + 17), WG_OK); /* was never there */
    const wg_rtree_sink sink = {put_node, put_parent, put_row, t};
    assert_int_equal(wg_rtree_pack(ctx, tree, NODE_BYTES, &sink), WG_OK);
    size_t rows = 0;
    walk(t, 1, (int)be(t->node[1], 2), all, (const double(*)[4])bounds, &rows);
    assert_int_equal(rows, left);
    assert_int_equal(t->n_rows, left);
    for (int i = 0; i < MOST_NODES; i++) {
        free(t->node[i]);
    }
    wg_rtree_free(tree);
    wg_context_free(ctx);
    free(t->leaf);
    free(t);
    free(bounds);
}

static void every_row_is_in_a_sound_tree(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 2, 51, 52, 103, 2601, 2602, 30000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        packs(sizes[i], 0);
    }
}

static void removed_rows_are_not_in_it(void **state) {
    (void)state;
    packs(1, 1);
    packs(30000, 1);
    packs(30000, 2);
    packs(30000, 1000);
}

static void a_node_that_is_too_small_is_refused(void **state) {
    (void)state;
    wg_context *ctx = wg_context_new();
    wg_rtree *tree = NULL;
    const wg_rtree_sink sink = {put_node, put_parent, put_row, NULL};
    assert_int_equal(wg_rtree_new(ctx, NULL, &tree), WG_OK);
    assert_int_equal(wg_rtree_pack(ctx, tree, 51, &sink), WG_EINVAL);
    wg_rtree_free(tree);
    wg_context_free(ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_in_a_sound_tree),
        cmocka_unit_test(removed_rows_are_not_in_it),
        cmocka_unit_test(a_node_that_is_too_small_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
