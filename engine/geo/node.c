#include <string.h>

#include "core/random.h"
#include "geo/plane.h"

/** Open-addressing table from points to their numbers. */
typedef struct point_table {
    uint32_t *slot; /**< point number + 1; 0 is free */
    size_t mask;
    wg_ipt *point;
    size_t n, capacity;
} point_table;

static size_t hash_point(wg_ipt p) {
    return (size_t)wg_hash_u64((uint64_t)p.x * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)p.y);
}

static bool table_grow(point_table *table, size_t slots) {
    uint32_t *slot = wg_calloc(slots, sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    free(table->slot);
    table->slot = slot;
    table->mask = slots - 1;
    for (size_t i = 0; i < table->n; i++) {
        size_t at = hash_point(table->point[i]) & table->mask;
        while (slot[at] != 0) {
            at = (at + 1) & table->mask;
        }
        slot[at] = (uint32_t)i + 1;
    }
    return true;
}

static bool table_init(point_table *table, size_t expected) {
    size_t slots = 64;
    while (slots < 2 * expected) {
        slots *= 2;
    }
    *table = (point_table){0};
    return table_grow(table, slots);
}

/** @return number of the point, added where it is new; WG_NONE without memory */
static uint32_t table_add(point_table *table, wg_ipt p) {
    size_t at = hash_point(p) & table->mask;
    while (table->slot[at] != 0) {
        const uint32_t number = table->slot[at] - 1;
        if (wg_ipt_equal(table->point[number], p)) {
            return number;
        }
        at = (at + 1) & table->mask;
    }
    if (table->n >= WG_NONE - 1 || !WG_RESERVE(table->point, table->capacity, table->n + 1)) {
        return WG_NONE;
    }
    table->point[table->n++] = p;
    table->slot[at] = (uint32_t)table->n;
    if (2 * table->n > table->mask && !table_grow(table, 2 * (table->mask + 1))) {
        return WG_NONE;
    }
    return (uint32_t)table->n - 1;
}

static wg_status add_crossings(wg_context *ctx, const wg_segment *segments, const wg_bins *bins, point_table *table) {
    const size_t n_bins = (size_t)bins->nx * bins->ny;
    for (size_t bin = 0; bin < n_bins; bin++) {
        const uint32_t end = bins->first[bin + 1];
        for (uint32_t i = bins->first[bin]; i < end; i++) {
            const wg_segment *s = &segments[bins->item[i]];
            for (uint32_t j = i + 1; j < end; j++) {
                const wg_segment *t = &segments[bins->item[j]];
                wg_ipt at;
                if (wg_segments_cross(s->a, s->b, t->a, t->b, &at) && table_add(table, at) == WG_NONE) {
                    return wg_fail_memory(ctx);
                }
            }
        }
    }
    return WG_OK;
}

/** Points by bin. */
static wg_status bin_points(wg_context *ctx, const point_table *table, const wg_bins *bins, wg_lists *lists) {
    uint32_t *bin = wg_malloc(table->n, sizeof *bin);
    if (bin == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < table->n; i++) {
        bin[i] = wg_bins_row(bins, table->point[i].y) * bins->nx + wg_bins_column(bins, table->point[i].x);
    }
    const wg_status status = wg_lists_of(ctx, bin, table->n, (size_t)bins->nx * bins->ny, lists);
    free(bin);
    return status;
}

typedef struct hit {
    int64_t key;
    uint32_t point;
} hit;

typedef struct hit_list {
    hit *item;
    size_t n, capacity;
} hit_list;

/** Keep the hits sorted along the segment: the pixels of a segment are monotone in x and in y. */
static bool add_hit(hit_list *hits, hit new_hit) {
    if (!WG_RESERVE(hits->item, hits->capacity, hits->n + 1)) {
        return false;
    }
    size_t at = hits->n++;
    while (at > 0 && hits->item[at - 1].key > new_hit.key) {
        hits->item[at] = hits->item[at - 1];
        at--;
    }
    hits->item[at] = new_hit;
    return true;
}

static bool collect_hits(const wg_segment *s, const wg_bins *bins, const wg_lists *points, const point_table *table,
                         hit_list *hits) {
    hits->n = 0;
    const wg_bin_range range = wg_bins_segment_range(bins, s->a, s->b);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        uint32_t x0 = range.x0, x1 = range.x1;
        if (x0 != x1 && range.y0 != range.y1) {
            wg_bins_row_span(bins, s->a, s->b, y, &x0, &x1);
        }
        for (size_t bin = (size_t)y * bins->nx + x0; bin <= (size_t)y * bins->nx + x1; bin++) {
            for (uint32_t i = points->first[bin]; i < points->first[bin + 1]; i++) {
                const wg_ipt p = table->point[points->item[i]];
                if (wg_segment_hits_pixel(s->a, s->b, p)) {
                    const int64_t key = llabs(p.x - s->a.x) + llabs(p.y - s->a.y);
                    if (!add_hit(hits, (hit){key, points->item[i]})) {
                        return false;
                    }
                }
            }
        }
    }
    return true;
}

/** Edges by their two ends, with the tags of all segments that run along them. */
typedef struct edge_table {
    uint32_t *slot; /**< edge number + 1 */
    size_t mask;
    uint32_t *end;
    size_t n, end_capacity;
    uint32_t *piece_edge, *piece_tag; /**< a piece of a segment */
    size_t n_pieces, edge_capacity, tag_capacity;
} edge_table;

static size_t hash_edge(uint32_t u, uint32_t v) {
    return (size_t)wg_hash_u64((uint64_t)u << 32 | v);
}

static bool edges_grow(edge_table *table, size_t slots) {
    uint32_t *slot = wg_calloc(slots, sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    free(table->slot);
    table->slot = slot;
    table->mask = slots - 1;
    for (size_t e = 0; e < table->n; e++) {
        size_t at = hash_edge(table->end[2 * e], table->end[2 * e + 1]) & table->mask;
        while (slot[at] != 0) {
            at = (at + 1) & table->mask;
        }
        slot[at] = (uint32_t)e + 1;
    }
    return true;
}

static uint32_t edge_add(edge_table *table, uint32_t u, uint32_t v) {
    size_t at = hash_edge(u, v) & table->mask;
    while (table->slot[at] != 0) {
        const uint32_t e = table->slot[at] - 1;
        if (table->end[2 * e] == u && table->end[2 * e + 1] == v) {
            return e;
        }
        at = (at + 1) & table->mask;
    }
    if (table->n >= WG_NONE / 2 - 1 || !WG_RESERVE(table->end, table->end_capacity, 2 * table->n + 2)) {
        return WG_NONE;
    }
    table->end[2 * table->n] = u;
    table->end[2 * table->n + 1] = v;
    table->slot[at] = (uint32_t)++table->n;
    if (2 * table->n > table->mask && !edges_grow(table, 2 * (table->mask + 1))) {
        return WG_NONE;
    }
    return (uint32_t)table->n - 1;
}

static bool add_piece(edge_table *table, uint32_t u, uint32_t v, uint32_t tag) {
    const uint32_t e = u < v ? edge_add(table, u, v) : edge_add(table, v, u);
    if (e == WG_NONE || !WG_RESERVE(table->piece_edge, table->edge_capacity, table->n_pieces + 1) ||
        !WG_RESERVE(table->piece_tag, table->tag_capacity, table->n_pieces + 1)) {
        return false;
    }
    table->piece_edge[table->n_pieces] = e;
    table->piece_tag[table->n_pieces++] = tag;
    return true;
}

/** Move edges and the tags of their pieces to the plane. */
static wg_status close_edges(wg_context *ctx, edge_table *edges, wg_plane *plane) {
    wg_lists pieces = {0};
    wg_status status = wg_lists_of(ctx, edges->piece_edge, edges->n_pieces, edges->n, &pieces);
    if (status != WG_OK) {
        return status;
    }
    for (size_t i = 0; i < edges->n_pieces; i++) {
        pieces.item[i] = edges->piece_tag[pieces.item[i]];
    }
    plane->tag_first = pieces.first;
    plane->tag = pieces.item;
    plane->n_edges = (uint32_t)edges->n;
    plane->end = edges->end;
    edges->end = NULL;
    return WG_OK;
}

static wg_status lead_through_pixels(wg_context *ctx, const wg_segment *segments, size_t n, const wg_bins *bins,
                                     const point_table *table, edge_table *edges) {
    wg_lists points = {0};
    hit_list hits = {0};
    wg_status status = WG_OK;
    WG_TRY(bin_points(ctx, table, bins, &points));
    for (size_t i = 0; i < n; i++) {
        if (!collect_hits(&segments[i], bins, &points, table, &hits)) {
            WG_TRY(wg_fail_memory(ctx));
        }
        for (size_t h = 1; h < hits.n; h++) {
            if (!add_piece(edges, hits.item[h - 1].point, hits.item[h].point, segments[i].tag)) {
                WG_TRY(wg_fail_memory(ctx));
            }
        }
    }
done:
    free(hits.item);
    wg_lists_release(&points);
    return status;
}

wg_status wg_plane_node(wg_context *ctx, const wg_segment *segments, size_t n, wg_plane *plane) {
    point_table table = {0};
    edge_table edges = {0};
    wg_bins bins = {0};
    wg_status status = WG_OK;
    *plane = (wg_plane){0};
    if (!table_init(&table, n) || !edges_grow(&edges, table.mask + 1)) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t i = 0; i < n; i++) {
        if (table_add(&table, segments[i].a) == WG_NONE || table_add(&table, segments[i].b) == WG_NONE) {
            WG_TRY(wg_fail_memory(ctx));
        }
    }
    WG_TRY(wg_bins_of_segments(ctx, segments, n, 1.0, &bins));
    WG_TRY(add_crossings(ctx, segments, &bins, &table));
    WG_TRY(lead_through_pixels(ctx, segments, n, &bins, &table, &edges));
    WG_TRY(close_edges(ctx, &edges, plane));
    plane->n_points = (uint32_t)table.n;
    plane->point = table.point;
    table.point = NULL;
done:
    wg_bins_release(&bins);
    free(table.slot);
    free(table.point);
    free(edges.slot);
    free(edges.end);
    free(edges.piece_edge);
    free(edges.piece_tag);
    if (status != WG_OK) {
        wg_plane_release(plane);
    }
    return status;
}
