/**
 * A spatial index as SQLite's R*Tree module stores it, built bottom-up: sort-tile-recursive packing (Leutenegger, Lopez
 * and Edgington 1997) writes each node once, where inserting row by row splits and reinserts and takes ten times as
 * long. SpatiaLite and GeoPackage both use that module. Nothing of SQLite is needed here: nodes are handed out as
 * bytes.
 *
 * A node is a blob: depth[2] (of the tree, in the root only), number of entries[2], then per entry a 64-bit row id or
 * child number and four 32-bit floats, min and max of x, then of y; everything big endian, zeros to the node size. The
 * root is node 1.
 */
#ifndef WG_MODEL_RTREE_H
#define WG_MODEL_RTREE_H

#include "core/status.h"

typedef struct wg_rtree_box {
    int64_t id;
    float low_x, high_x, low_y, high_y;
} wg_rtree_box;

/** Box of an exact one (min x, min y, max x, max y), rounded outwards as SQLite's R*Tree does. */
wg_rtree_box wg_rtree_box_of(int64_t id, const double bounds[4]);

/** Where the parts of the tree go: the three tables of the module. */
typedef struct wg_rtree_sink {
    wg_status (*node)(wg_context *ctx, int64_t number, const void *blob, size_t bytes, void *user);
    wg_status (*parent)(wg_context *ctx, int64_t number, int64_t parent, void *user);
    wg_status (*row)(wg_context *ctx, int64_t id, int64_t leaf, void *user); /**< in the order of ids */
    void *user;
} wg_rtree_sink;

typedef struct wg_rtree wg_rtree;

/** @param directory  for temporary files where boxes are many (see core/sorter.h); NULL: the system's */
wg_status wg_rtree_new(wg_context *ctx, const char *directory, wg_rtree **tree);
/** Add a row, whose id is no other's. */
wg_status wg_rtree_add(wg_context *ctx, wg_rtree *tree, const wg_rtree_box *box);
/** Leave out what was or will be added under this id; one that never was is fine. */
wg_status wg_rtree_remove(wg_context *ctx, wg_rtree *tree, int64_t id);
/**
 * Hand out the whole tree. Once for a tree.
 * @param node_bytes  size of a node, as the module chose it for its empty root
 * @return WG_EINVAL where that holds less than two entries; O(n log n), memory does not grow with the rows but for a
 * 1/50th of them
 */
wg_status wg_rtree_pack(wg_context *ctx, wg_rtree *tree, size_t node_bytes, const wg_rtree_sink *sink);
void wg_rtree_free(wg_rtree *tree);

#endif
