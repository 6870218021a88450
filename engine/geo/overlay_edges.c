#include <string.h>

#include "core/random.h"
#include "geo/overlay_set.h"
#include "model/wkb.h"

/*
 * Sum of boundaries. Every polygon puts its edges, interior to the left, into a table that does not tell the two
 * directions of an edge apart: +1 for one, -1 for the other. Neighbours that share vertices cancel; the reference goes
 * in with the other sign. If nothing is left, the sum of the cells' indicator functions is that of the reference,
 * everywhere: no gap, no overlap. What is left bounds the places where the two differ.
 */
typedef struct counted_edge {
    double low[2], high[2]; /**< ends, low before high by x, then y */
    int32_t net;            /**< times from low to high minus times back */
} counted_edge;

typedef struct edge_table {
    counted_edge *edges;
    size_t n;
    uint32_t *slot; /**< edge + 1, or 0 */
    size_t mask;
    int sign;
    bool flip; /**< the ring runs with its interior to the right */
} edge_table;

static void count_pairs(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)pairs;
    (void)type;
    (void)part;
    (void)ring;
    *(size_t *)user += n;
}

static size_t count_edges(const overlay_set *set) {
    size_t total = 0;
    for (uint32_t row = 0; set != NULL && row < set->n; row++) {
        size_t bytes;
        const void *wkb = overlay_set_wkb(set, row, &bytes);
        if (bytes > 0) {
            (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, count_pairs, &total);
        }
    }
    return total;
}

static bool before(const double a[2], const double b[2]) {
    return a[0] != b[0] ? a[0] < b[0] : a[1] < b[1];
}

static void add_edge(edge_table *table, const double from[2], const double to[2]) {
    const bool forward = before(from, to);
    counted_edge edge;
    if (from[0] == to[0] && from[1] == to[1]) {
        return;
    }
    for (int k = 0; k < 2; k++) {
        /* Adding 0 makes -0 and 0 the same bytes. */
        edge.low[k] = (forward ? from[k] : to[k]) + 0.0;
        edge.high[k] = (forward ? to[k] : from[k]) + 0.0;
    }
    edge.net = (forward != table->flip) ? table->sign : -table->sign;
    size_t at = (size_t)wg_hash_bytes(WG_HASH_START, &edge, 4 * sizeof(double)) & table->mask;
    while (table->slot[at] != 0) {
        counted_edge *known = &table->edges[table->slot[at] - 1];
        if (memcmp(known, &edge, 4 * sizeof(double)) == 0) {
            known->net += edge.net;
            return;
        }
        at = (at + 1) & table->mask;
    }
    table->edges[table->n] = edge;
    table->slot[at] = (uint32_t)++table->n;
}

/** Twice the signed area of a ring, from its first vertex, which keeps the numbers small. */
static double twice_area(const uint8_t *pairs, uint32_t n) {
    double origin[2], a[2], b[2], sum = 0;
    wg_wkb_get(pairs, 0, origin);
    wg_wkb_get(pairs, 0, a);
    for (uint32_t i = 1; i < n; i++) {
        wg_wkb_get(pairs, i, b);
        sum += (a[0] - origin[0]) * (b[1] - origin[1]) - (b[0] - origin[0]) * (a[1] - origin[1]);
        memcpy(a, b, sizeof a);
    }
    return sum;
}

static void add_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    edge_table *table = user;
    double from[2], to[2];
    (void)part;
    if (type != WG_WKB_POLYGON || n < 4) {
        return;
    }
    table->flip = (twice_area(pairs, n) > 0) != (ring == 0);
    wg_wkb_get(pairs, 0, from);
    for (uint32_t i = 1; i < n; i++) {
        wg_wkb_get(pairs, i, to);
        add_edge(table, from, to);
        memcpy(from, to, sizeof from);
    }
}

static void add_set(edge_table *table, const overlay_set *set, int sign) {
    table->sign = sign;
    for (uint32_t row = 0; set != NULL && row < set->n; row++) {
        size_t bytes;
        const void *wkb = overlay_set_wkb(set, row, &bytes);
        if (bytes > 0) {
            (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, add_ring, table);
        }
    }
}

wg_status overlay_leftover(wg_context *ctx, const overlay_set *cells, const overlay_set *reference, double **xy,
                           size_t *n) {
    edge_table table = {0};
    wg_status status = WG_OK;
    *xy = NULL;
    *n = 0;
    const size_t total = count_edges(cells) + count_edges(reference);
    size_t slots = 16;
    while (slots < 2 * total) {
        slots *= 2;
    }
    if (total >= UINT32_MAX) {
        return wg_fail(ctx, WG_EDATA, "%s: too many vertices", wg_layer_source(cells->layer));
    }
    table.mask = slots - 1;
    table.slot = wg_calloc(slots, sizeof *table.slot);
    table.edges = wg_malloc(total, sizeof *table.edges);
    if (table.slot == NULL || table.edges == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    add_set(&table, cells, 1);
    add_set(&table, reference, -1);
    for (size_t i = 0; i < table.n; i++) {
        *n += table.edges[i].net != 0;
    }
    *xy = wg_malloc(4 * *n, sizeof **xy);
    if (*xy == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    double *next = *xy;
    for (size_t i = 0; i < table.n; i++) {
        if (table.edges[i].net != 0) {
            memcpy(next, table.edges[i].low, 2 * sizeof(double));
            memcpy(next + 2, table.edges[i].high, 2 * sizeof(double));
            next += 4;
        }
    }
done:
    free(table.slot);
    free(table.edges);
    return status;
}
