#include "model/rtree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/sorter.h"

enum { ENTRY_BYTES = 24, NODE_HEADER_BYTES = 4, ROOT = 1, RUN_BOXES = 1 << 20 };

/** A row and the leaf that holds it. */
typedef struct row_leaf {
    int64_t id, leaf;
} row_leaf;

struct wg_rtree {
    char *directory;
    wg_sorter *by_x;
    int64_t *removed;
    size_t n_removed, removed_capacity;
};

/* ---- boxes ---- */

static float round_down(double value) {
    const float nearest = (float)value;
    return (double)nearest > value ? nextafterf(nearest, -INFINITY) : nearest;
}

static float round_up(double value) {
    const float nearest = (float)value;
    return (double)nearest < value ? nextafterf(nearest, INFINITY) : nearest;
}

wg_rtree_box wg_rtree_box_of(int64_t id, const double bounds[4]) {
    return (wg_rtree_box){.id = id,
                          .low_x = round_down(bounds[0]),
                          .high_x = round_up(bounds[2]),
                          .low_y = round_down(bounds[1]),
                          .high_y = round_up(bounds[3])};
}

static int order_of_ids(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

static int compare_middle(double a, double b) {
    return a < b ? -1 : a > b;
}

static int compare_x(const void *left, const void *right) {
    const wg_rtree_box *a = left, *b = right;
    const int order = compare_middle((double)a->low_x + (double)a->high_x, (double)b->low_x + (double)b->high_x);
    return order != 0 ? order : order_of_ids(a->id, b->id);
}

static int compare_y(const void *left, const void *right) {
    const wg_rtree_box *a = left, *b = right;
    const int order = compare_middle((double)a->low_y + (double)a->high_y, (double)b->low_y + (double)b->high_y);
    return order != 0 ? order : order_of_ids(a->id, b->id);
}

static int compare_row(const void *left, const void *right) {
    return order_of_ids(((const row_leaf *)left)->id, ((const row_leaf *)right)->id);
}

static int compare_id(const void *left, const void *right) {
    return order_of_ids(*(const int64_t *)left, *(const int64_t *)right);
}

/* ---- life ---- */

wg_status wg_rtree_new(wg_context *ctx, const char *directory, wg_rtree **tree) {
    wg_rtree *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->directory = wg_strdup(directory);
    const wg_status status =
        directory != NULL && made->directory == NULL
            ? wg_fail_memory(ctx)
            : wg_sorter_new(ctx, sizeof(wg_rtree_box), RUN_BOXES, compare_x, directory, &made->by_x);
    if (status != WG_OK) {
        wg_rtree_free(made);
        return status;
    }
    *tree = made;
    return WG_OK;
}

void wg_rtree_free(wg_rtree *tree) {
    if (tree != NULL) {
        wg_sorter_free(tree->by_x);
        free(tree->removed);
        free(tree->directory);
        free(tree);
    }
}

wg_status wg_rtree_add(wg_context *ctx, wg_rtree *tree, const wg_rtree_box *box) {
    return wg_sorter_add(ctx, tree->by_x, box);
}

wg_status wg_rtree_remove(wg_context *ctx, wg_rtree *tree, int64_t id) {
    if (!WG_RESERVE(tree->removed, tree->removed_capacity, tree->n_removed + 1)) {
        return wg_fail_memory(ctx);
    }
    tree->removed[tree->n_removed++] = id;
    return WG_OK;
}

/* ---- packing ---- */

/** What is being packed. */
typedef struct packer {
    wg_context *ctx;
    wg_rtree *tree;
    const wg_rtree_sink *sink;
    uint8_t *blob;
    size_t node_bytes, fanout;
    int64_t next_node;
    wg_sorter *rows;     /**< row_leaf, by id */
    wg_rtree_box *slice; /**< boxes of one vertical slice, then what of it no leaf has yet */
    size_t n_slice, slice_capacity;
    wg_rtree_box *level; /**< the nodes of the level that was written last */
    size_t n_level, level_capacity;
} packer;

static void put_be(uint8_t *at, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    }
}

static void put_float(uint8_t *at, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_be(at, bits, 4);
}

static void put_entry(uint8_t *at, const wg_rtree_box *box) {
    put_be(at, (uint64_t)box->id, 8);
    put_float(at + 8, box->low_x);
    put_float(at + 12, box->high_x);
    put_float(at + 16, box->low_y);
    put_float(at + 20, box->high_y);
}

static void grow_box(wg_rtree_box *box, const wg_rtree_box *by) {
    box->low_x = fminf(box->low_x, by->low_x);
    box->high_x = fmaxf(box->high_x, by->high_x);
    box->low_y = fminf(box->low_y, by->low_y);
    box->high_y = fmaxf(box->high_y, by->high_y);
}

/* Write one node of `n` entries and describe it in `up`. */
static wg_status write_node(packer *pack, int64_t number, int depth, const wg_rtree_box *entries, size_t n,
                            wg_rtree_box *up) {
    memset(pack->blob, 0, pack->node_bytes);
    put_be(pack->blob, number == ROOT ? (uint64_t)depth : 0, 2);
    put_be(pack->blob + 2, n, 2);
    for (size_t i = 0; i < n; i++) {
        put_entry(pack->blob + NODE_HEADER_BYTES + i * ENTRY_BYTES, &entries[i]);
        if (i == 0) {
            *up = entries[0];
        } else {
            grow_box(up, &entries[i]);
        }
    }
    up->id = number;
    return pack->sink->node(pack->ctx, number, pack->blob, pack->node_bytes, pack->sink->user);
}

/* A leaf of the first `n` boxes of `entries`. */
static wg_status write_leaf(packer *pack, const wg_rtree_box *entries, size_t n, int64_t number) {
    wg_status status = WG_OK;
    if (!WG_RESERVE(pack->level, pack->level_capacity, pack->n_level + 1)) {
        return wg_fail_memory(pack->ctx);
    }
    WG_TRY(write_node(pack, number, 0, entries, n, &pack->level[pack->n_level++]));
    for (size_t i = 0; i < n; i++) {
        const row_leaf row = {.id = entries[i].id, .leaf = number};
        WG_TRY(wg_sorter_add(pack->ctx, pack->rows, &row));
    }
done:
    return status;
}

/* Take the removed boxes out before anything is counted. */
static wg_status drop_removed(wg_context *ctx, wg_rtree *tree) {
    wg_status status = WG_OK;
    wg_sorter *kept = NULL;
    const void *record = NULL;
    if (tree->n_removed == 0) {
        return WG_OK;
    }
    qsort(tree->removed, tree->n_removed, sizeof *tree->removed, compare_id);
    WG_TRY(wg_sorter_finish(ctx, tree->by_x));
    WG_TRY(wg_sorter_new(ctx, sizeof(wg_rtree_box), RUN_BOXES, compare_x, tree->directory, &kept));
    for (;;) {
        WG_TRY(wg_sorter_next(ctx, tree->by_x, &record));
        if (record == NULL) {
            break;
        }
        const wg_rtree_box *box = record;
        if (bsearch(&box->id, tree->removed, tree->n_removed, sizeof *tree->removed, compare_id) == NULL) {
            WG_TRY(wg_sorter_add(ctx, kept, box));
        }
    }
    wg_sorter_free(tree->by_x);
    tree->by_x = kept;
    kept = NULL;
done:
    wg_sorter_free(kept);
    return status;
}

/*
 * The leaves: vertical slices by x, within a slice by y, so that runs of `fanout` are compact. Leaves are filled
 * evenly, so that none has fewer than half of the entries, as the module expects; one may end in the next slice.
 */
static wg_status write_leaves(packer *pack, size_t n) {
    wg_status status = WG_OK;
    const size_t leaves = (n + pack->fanout - 1) / pack->fanout;
    const size_t slices = (size_t)ceil(sqrt((double)leaves));
    size_t leaf = 0, read = 0;
    for (size_t s = 0; s < slices; s++) {
        const size_t end = n * (s + 1) / slices, kept = pack->n_slice;
        if (!WG_RESERVE(pack->slice, pack->slice_capacity, kept + end - read)) {
            return wg_fail_memory(pack->ctx);
        }
        for (; read < end; read++) {
            const void *box;
            WG_TRY(wg_sorter_next(pack->ctx, pack->tree->by_x, &box));
            memcpy(&pack->slice[pack->n_slice++], box, sizeof *pack->slice); /* there are as many as were counted */
        }
        qsort(pack->slice + kept, pack->n_slice - kept, sizeof *pack->slice, compare_y);
        size_t at = 0;
        for (; leaf < leaves; leaf++) {
            const size_t size = n * (leaf + 1) / leaves - n * leaf / leaves;
            if (at + size > pack->n_slice) {
                break;
            }
            WG_TRY(write_leaf(pack, pack->slice + at, size, leaves == 1 ? ROOT : pack->next_node++));
            at += size;
        }
        pack->n_slice -= at;
        memmove(pack->slice, pack->slice + at, pack->n_slice * sizeof *pack->slice);
    }
done:
    return status;
}

/* One level above: groups of equal size, in place. */
static wg_status write_level(packer *pack, int depth) {
    const size_t n = pack->n_level, nodes = (n + pack->fanout - 1) / pack->fanout;
    wg_rtree_box *entries = pack->level;
    size_t begin = 0;
    wg_status status = WG_OK;
    for (size_t k = 0; k < nodes; k++) {
        const size_t end = n * (k + 1) / nodes;
        const int64_t number = nodes == 1 ? ROOT : pack->next_node++;
        wg_rtree_box up = {0};
        WG_TRY(write_node(pack, number, depth, entries + begin, end - begin, &up));
        for (size_t i = begin; i < end; i++) {
            WG_TRY(pack->sink->parent(pack->ctx, entries[i].id, number, pack->sink->user));
        }
        entries[k] = up;
        begin = end;
    }
    pack->n_level = nodes;
done:
    return status;
}

/* Rows with their leaf, in the order of ids, so that the B-tree that takes them grows at its end. */
static wg_status write_rows(packer *pack) {
    const void *record = NULL;
    wg_status status = WG_OK;
    WG_TRY(wg_sorter_finish(pack->ctx, pack->rows));
    for (;;) {
        WG_TRY(wg_sorter_next(pack->ctx, pack->rows, &record));
        if (record == NULL) {
            break;
        }
        const row_leaf *row = record;
        WG_TRY(pack->sink->row(pack->ctx, row->id, row->leaf, pack->sink->user));
    }
done:
    return status;
}

static wg_status pack_all(packer *pack, size_t n) {
    wg_status status = WG_OK;
    int depth = 1;
    WG_TRY(write_leaves(pack, n));
    while (pack->n_level > 1) {
        WG_TRY(write_level(pack, depth++));
    }
    WG_TRY(write_rows(pack));
done:
    return status;
}

wg_status wg_rtree_pack(wg_context *ctx, wg_rtree *tree, size_t node_bytes, const wg_rtree_sink *sink) {
    packer pack = {.ctx = ctx, .tree = tree, .sink = sink, .node_bytes = node_bytes, .next_node = ROOT + 1};
    wg_status status = WG_OK;
    if (node_bytes < NODE_HEADER_BYTES + 2 * ENTRY_BYTES) {
        return wg_fail(ctx, WG_EINVAL, "nodes of %zu bytes hold no tree", node_bytes);
    }
    pack.fanout = (node_bytes - NODE_HEADER_BYTES) / ENTRY_BYTES;
    pack.blob = wg_calloc(node_bytes, 1);
    if (pack.blob == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(drop_removed(ctx, tree));
    WG_TRY(wg_sorter_finish(ctx, tree->by_x));
    const size_t n = (size_t)wg_sorter_count(tree->by_x);
    if (n == 0) {
        wg_rtree_box none;
        status = write_node(&pack, ROOT, 0, &none, 0, &none);
        goto done;
    }
    WG_TRY(wg_sorter_new(ctx, sizeof(row_leaf), RUN_BOXES, compare_row, tree->directory, &pack.rows));
    WG_TRY(pack_all(&pack, n));
done:
    wg_sorter_free(pack.rows);
    free(pack.slice);
    free(pack.level);
    free(pack.blob);
    return status;
}
