/** Allocation, contraction and extraction of instances. */
#include "zoning/instance.h"

#include <math.h>
#include <string.h>

void wg_instance_free(wg_instance *in) {
    if (in == NULL) {
        return;
    }
    free(in->start);
    free(in->link_end);
    free(in->to);
    free(in->edge);
    free(in->ends);
    free(in->cost);
    free(in->line);
    free(in->value);
    free(in->shape);
    free(in->home);
    free(in->stay);
    free(in->locked);
    free(in->group);
    free(in->apart);
    free(in->members);
    free(in->near);
    free(in->beside);
    free(in->hops);
    free(in->member_start);
    free(in->limit);
    free(in->total);
    free(in);
}

/** An optional array: made where the model has it. @return false where memory is out */
#define LIKE(in, like, field, count)                                                                                   \
    ((like)->field == NULL || ((in)->field = wg_calloc((count), sizeof *(in)->field)) != NULL)

wg_status wg_instance_alloc(wg_context *ctx, const wg_instance *like, uint32_t n, uint32_t m, wg_instance **out) {
    wg_instance *in = wg_calloc(1, sizeof *in);
    *out = NULL;
    if (in == NULL) {
        return wg_fail_memory(ctx);
    }
    in->n = n;
    in->m = m;
    in->n_limits = like->n_limits;
    in->n_groups = like->n_groups;
    in->n_aparts = like->n_aparts;
    in->objective = like->objective;
    in->has_area = like->has_area;
    in->weights = like->weights;
    in->per_outline = like->per_outline;
    const size_t half = 2 * (size_t)m;
    in->start = wg_calloc((size_t)n + 1, sizeof *in->start);
    in->link_end = wg_calloc(n, sizeof *in->link_end);
    in->to = wg_calloc(half, sizeof *in->to);
    in->edge = wg_calloc(half, sizeof *in->edge);
    in->ends = wg_calloc(half, sizeof *in->ends);
    in->value = wg_calloc((size_t)n * in->n_limits, sizeof *in->value);
    in->limit = wg_calloc(in->n_limits, sizeof *in->limit);
    in->total = wg_calloc(in->n_limits, sizeof *in->total);
    const bool made = in->start != NULL && in->link_end != NULL && in->to != NULL && in->edge != NULL &&
                      in->ends != NULL && in->value != NULL && in->limit != NULL && in->total != NULL &&
                      LIKE(in, like, cost, half) && LIKE(in, like, line, half) && LIKE(in, like, shape, n) &&
                      LIKE(in, like, home, n) && LIKE(in, like, stay, n) && LIKE(in, like, locked, n) &&
                      LIKE(in, like, group, n) && LIKE(in, like, apart, n);
    if (!made) {
        wg_instance_free(in);
        return wg_fail_memory(ctx);
    }
    if (in->n_limits > 0) {
        memcpy(in->limit, like->limit, in->n_limits * sizeof *in->limit);
    }
    *out = in;
    return WG_OK;
}

/** Units of each apart number, one list after the other. */
static wg_status index_aparts(wg_context *ctx, wg_instance *in) {
    in->member_start = wg_calloc((size_t)in->n_aparts + 1, sizeof *in->member_start);
    in->members = wg_calloc(in->n, sizeof *in->members);
    if (in->member_start == NULL || in->members == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t v = 0; v < in->n; v++) {
        if (in->apart[v] != WG_UNASSIGNED) {
            in->member_start[in->apart[v]]++;
        }
    }
    uint32_t at = 0;
    for (uint32_t a = 0; a <= in->n_aparts; a++) {
        const uint32_t count = a < in->n_aparts ? in->member_start[a] : 0;
        in->member_start[a] = at;
        at += count;
    }
    for (uint32_t v = in->n; v-- > 0;) { /* backwards, so that the ends become the starts */
        if (in->apart[v] != WG_UNASSIGNED) {
            uint32_t *slot = &in->member_start[in->apart[v]];
            in->members[(*slot)++] = v;
        }
    }
    for (uint32_t a = in->n_aparts; a > 0; a--) {
        in->member_start[a] = in->member_start[a - 1];
    }
    in->member_start[0] = 0;
    return WG_OK;
}

/** Neighbours as bits, of a small instance. */
static wg_status make_masks(wg_context *ctx, wg_instance *in) {
    if (in->n > WG_MASK_UNITS) {
        return WG_OK;
    }
    in->near = wg_calloc(in->n, sizeof *in->near);
    in->beside = wg_calloc(in->n, sizeof *in->beside);
    if (in->near == NULL || in->beside == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t v = 0; v < in->n; v++) {
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            const wg_mask to = wg_mask_of(in->to[h]);
            in->near[v] = h < in->link_end[v] ? wg_mask_or(in->near[v], to) : in->near[v];
            in->beside[v] = wg_mask_or(in->beside[v], to);
        }
    }
    return WG_OK;
}

/** The share of outlines inside blocks, where it is the same whatever the cells are: a table that has no ranks. */
static double even_share(const wg_instance *in) {
    const double share = in->shape != NULL && in->m > 0 ? in->line[0].street / in->line[0].length : NAN;
    for (uint32_t h = 0; h < 2 * in->m && isfinite(share); h++) {
        if (in->line[h].street != share * in->line[h].length || in->line[h].major != 0) {
            return NAN;
        }
    }
    for (uint32_t v = 0; v < in->n && isfinite(share); v++) {
        if (in->shape[v].street != share * in->shape[v].perimeter || in->shape[v].major != 0) {
            return NAN; /* rounding, or an outer line */
        }
    }
    return share;
}

wg_status wg_instance_finish(wg_context *ctx, wg_instance *in) {
    for (uint32_t a = 0; a < in->n_limits; a++) {
        in->total[a] = 0;
        for (uint32_t v = 0; v < in->n; v++) {
            in->total[a] += in->value[(size_t)v * in->n_limits + a];
        }
    }
    for (uint32_t v = 0; v < in->n; v++) {
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            in->ends[2 * (size_t)in->edge[h] + (in->to[h] < v)] = v;
        }
    }
    in->uniform = in->cost != NULL;
    for (uint32_t h = 0; in->uniform && h < 2 * in->m; h++) {
        in->uniform = in->cost[h] == 1;
    }
    in->simple = in->n_limits == 1 && in->limit[0].soft == 0 && in->shape == NULL && in->group == NULL &&
                 in->apart == NULL && in->home == NULL && in->objective != WG_OBJECTIVE_PLAN;
    in->inside_share = even_share(in);
    const wg_status status = make_masks(ctx, in);
    return status != WG_OK || in->apart == NULL ? status : index_aparts(ctx, in);
}

/** A coarse unit's home is the one that weighs most among its members (a running majority), the rest moves anyway. */
static void merge_home(const wg_instance *in, uint32_t v, wg_instance *out, uint32_t c) {
    const bool locked = in->locked != NULL && in->locked[v], held = out->locked != NULL && out->locked[c];
    if (out->home[c] == in->home[v]) {
        out->stay[c] += in->stay[v];
    } else if (!held && (locked || in->stay[v] > out->stay[c] || out->stay[c] <= 0)) {
        out->home[c] = in->home[v];
        out->stay[c] = in->stay[v];
    }
}

/** Attributes of the members add up; flags of a coarse unit are those of its members (contraction never mixes them). */
static void merge_units(const wg_instance *in, const uint32_t *map, wg_instance *out) {
    for (uint32_t v = 0; v < in->n; v++) {
        const uint32_t c = map[v];
        for (uint32_t a = 0; a < in->n_limits; a++) {
            out->value[(size_t)c * in->n_limits + a] += in->value[(size_t)v * in->n_limits + a];
        }
        if (in->shape != NULL) {
            const wg_zi_shape *from = &in->shape[v];
            wg_zi_shape *to = &out->shape[c];
            to->mass += from->mass;
            to->mx += from->mx;
            to->my += from->my;
            to->mm += from->mm;
            to->perimeter += from->perimeter; /* inner lines are taken off again by merge_edges */
            to->street += from->street;
            to->major += from->major;
        }
        if (in->home != NULL) {
            merge_home(in, v, out, c);
        }
        if (in->locked != NULL) {
            out->locked[c] |= in->locked[v];
        }
        if (in->group != NULL) {
            out->group[c] = in->group[v];
        }
        if (in->apart != NULL) {
            out->apart[c] = in->apart[v];
        }
    }
}

typedef struct merged_edge {
    uint32_t u, v;
    bool link;
    double cost;
    wg_zi_line line;
} merged_edge;

static void add_line(wg_zi_line *to, const wg_zi_line *from) {
    to->length += from->length;
    to->street += from->street;
    to->major += from->major;
}

static void take_off_inner(wg_zi_shape *shape, const wg_zi_line *line) {
    shape->perimeter -= 2 * line->length;
    shape->street -= 2 * line->street;
    shape->major += line->major; /* what was a line between units lies inside one now */
}

/**
 * Add up parallel edges: the members of every coarse unit are gone through in turn, and a coarse neighbour met again is
 * found by its slot. @return number of merged edges
 */
static uint32_t merge_edges(const wg_instance *in, const uint32_t *map, const uint32_t *member, const uint32_t *first,
                            uint32_t n_coarse, uint32_t *slot, merged_edge *edges, wg_instance *shapes) {
    uint32_t count = 0;
    for (uint32_t c = 0; c < n_coarse; c++) {
        const uint32_t own = count;
        for (uint32_t i = first[c]; i < first[c + 1]; i++) {
            const uint32_t v = member[i];
            for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
                const uint32_t d = map[in->to[h]];
                if (d == c && v < in->to[h] && shapes->shape != NULL) {
                    take_off_inner(&shapes->shape[c], &in->line[h]);
                }
                if (d <= c) {
                    continue;
                }
                if (slot[d] < own || slot[d] >= count || edges[slot[d]].v != d) {
                    slot[d] = count;
                    edges[count++] = (merged_edge){.u = c, .v = d};
                }
                edges[slot[d]].link = edges[slot[d]].link || h < in->link_end[v];
                if (in->cost != NULL) {
                    edges[slot[d]].cost += in->cost[h];
                }
                if (in->line != NULL) {
                    add_line(&edges[slot[d]].line, &in->line[h]);
                }
            }
        }
    }
    return count;
}

/** Half-edges from merged edges: first those that connect, then the others. Edges come ordered by their lower end. */
static void fill_rows(wg_instance *out, const merged_edge *edges, uint32_t m, uint32_t *fill) {
    for (uint32_t e = 0; e < m; e++) {
        out->start[edges[e].u + 1]++;
        out->start[edges[e].v + 1]++;
    }
    for (uint32_t v = 0; v < out->n; v++) {
        out->start[v + 1] += out->start[v];
    }
    memcpy(fill, out->start, out->n * sizeof *fill);
    for (int run = 0; run < 2; run++) {
        for (uint32_t e = 0; e < m; e++) {
            if (edges[e].link == (run == 0)) {
                const uint32_t a = fill[edges[e].u]++, b = fill[edges[e].v]++;
                out->to[a] = edges[e].v;
                out->to[b] = edges[e].u;
                out->edge[a] = out->edge[b] = e;
                if (out->cost != NULL) {
                    out->cost[a] = out->cost[b] = edges[e].cost;
                }
                if (out->line != NULL) {
                    out->line[a] = out->line[b] = edges[e].line;
                }
            }
        }
        if (run == 0) {
            memcpy(out->link_end, fill, out->n * sizeof *fill);
        }
    }
}

wg_status wg_instance_contract(wg_context *ctx, const wg_instance *in, const uint32_t *map, uint32_t n_coarse,
                               wg_instance **out) {
    wg_status status = WG_OK;
    wg_instance *shapes = NULL; /* the units, before the number of edges is known */
    uint32_t *first = wg_calloc((size_t)n_coarse + 2, sizeof *first);
    uint32_t *member = wg_calloc(in->n, sizeof *member);
    uint32_t *slot = wg_calloc(n_coarse, sizeof *slot);
    merged_edge *edges = wg_calloc(in->m, sizeof *edges);
    *out = NULL;
    if (first == NULL || member == NULL || slot == NULL || edges == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        first[map[v] + 2]++;
    }
    for (uint32_t c = 0; c < n_coarse; c++) {
        first[c + 2] += first[c + 1];
    }
    for (uint32_t v = 0; v < in->n; v++) {
        member[first[map[v] + 1]++] = v;
    }
    memset(slot, 0xff, n_coarse * sizeof *slot);
    WG_TRY(wg_instance_alloc(ctx, in, n_coarse, in->m, &shapes));
    merge_units(in, map, shapes);
    const uint32_t m = merge_edges(in, map, member, first, n_coarse, slot, edges, shapes);
    fill_rows(shapes, edges, m, slot);
    shapes->m = m;
    WG_TRY(wg_instance_finish(ctx, shapes));
    *out = shapes;
    shapes = NULL;
done:
    wg_instance_free(shapes);
    free(first);
    free(member);
    free(slot);
    free(edges);
    return status;
}

static void copy_unit(const wg_instance *in, uint32_t v, wg_instance *out, uint32_t i) {
    memcpy(out->value + (size_t)i * in->n_limits, in->value + (size_t)v * in->n_limits,
           in->n_limits * sizeof *in->value);
    if (in->shape != NULL) {
        out->shape[i] = in->shape[v];
    }
    if (in->home != NULL) {
        out->home[i] = in->home[v];
        out->stay[i] = in->stay[v];
    }
    if (in->locked != NULL) {
        out->locked[i] = in->locked[v];
    }
    if (in->group != NULL) {
        out->group[i] = in->group[v];
    }
    if (in->apart != NULL) {
        out->apart[i] = in->apart[v];
    }
}

/** Steps from root to all units. @param queue  n units of scratch */
static void search_hops(const wg_instance *in, uint32_t root, uint32_t *queue, uint8_t *hops) {
    uint32_t tail = 0;
    memset(hops, UINT8_MAX, in->n * sizeof *hops);
    hops[root] = 0;
    queue[tail++] = root;
    for (uint32_t head = 0; head < tail; head++) {
        const uint32_t v = queue[head];
        const uint8_t next = hops[v] < UINT8_MAX - 1 ? hops[v] + 1 : UINT8_MAX - 1;
        for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
            if (hops[in->to[h]] == UINT8_MAX) {
                hops[in->to[h]] = next;
                queue[tail++] = in->to[h];
            }
        }
    }
}

/** The same, a ring at a time. */
static void flood_hops(const wg_instance *in, uint32_t root, uint8_t *hops) {
    wg_mask ring = wg_mask_of(root), reached = {0};
    memset(hops, UINT8_MAX, in->n * sizeof *hops);
    for (uint8_t away = 0; wg_mask_any(ring); away++) { /* 127 at most */
        wg_mask next = {0};
        reached = wg_mask_or(reached, ring);
        while (wg_mask_any(ring)) {
            const uint32_t v = wg_mask_pop(&ring);
            hops[v] = away;
            next = wg_mask_or(next, in->near[v]);
        }
        ring = wg_mask_less(next, reached);
    }
}

wg_status wg_instance_measure_hops(wg_context *ctx, wg_instance *in) {
    if (in->n > WG_HOPS_UNITS || in->home != NULL || in->objective == WG_OBJECTIVE_MAXP || wg_has_points(in)) {
        return WG_OK;
    }
    uint32_t *queue = wg_malloc(in->n, sizeof *queue);
    in->hops = wg_malloc((size_t)in->n * in->n, sizeof *in->hops);
    if (queue == NULL || in->hops == NULL) {
        free(queue);
        return wg_fail_memory(ctx);
    }
    for (uint32_t root = 0; root < in->n; root++) {
        uint8_t *hops = in->hops + (size_t)root * in->n;
        if (in->near != NULL) {
            flood_hops(in, root, hops);
        } else {
            search_hops(in, root, queue, hops);
        }
    }
    free(queue);
    return WG_OK;
}

wg_status wg_instance_extract(wg_context *ctx, const wg_instance *in, const uint32_t *part, uint32_t which,
                              uint32_t *unit, wg_instance **result) {
    wg_status status = WG_OK;
    wg_instance *out = NULL;
    uint32_t n = 0, half = 0, edges = 0;
    *result = NULL;
    uint32_t *local = wg_malloc(in->n, sizeof *local);
    uint32_t *number = wg_malloc(in->m, sizeof *number);
    if (local == NULL || number == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t v = 0; v < in->n; v++) {
        local[v] = WG_UNASSIGNED;
        if (part[v] == which) {
            local[v] = n;
            unit[n++] = v;
            for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
                half += part[in->to[h]] == which;
            }
        }
    }
    WG_TRY(wg_instance_alloc(ctx, in, n, half / 2, &out));
    half = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t v = unit[i];
        copy_unit(in, v, out, i);
        out->link_end[i] = half;
        for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
            const uint32_t j = local[in->to[h]];
            if (j == WG_UNASSIGNED) {
                continue;
            }
            out->to[half] = j;
            if (in->cost != NULL) {
                out->cost[half] = in->cost[h];
            }
            if (in->line != NULL) {
                out->line[half] = in->line[h];
            }
            if (j > i) {
                out->edge[half] = number[in->edge[h]] = edges++;
            } else { /* the same edge as seen from j, which was numbered before */
                out->edge[half] = number[in->edge[h]];
            }
            half++;
            if (h < in->link_end[v]) {
                out->link_end[i] = half;
            }
        }
        out->start[i + 1] = half;
    }
    WG_TRY(wg_instance_finish(ctx, out));
    *result = out;
    out = NULL;
done:
    wg_instance_free(out);
    free(local);
    free(number);
    return status;
}
