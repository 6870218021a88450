/** The contiguity test of one move: local first, then several searches at once with an early end. */
#include <string.h>

#include "core/memory.h"
#include "graph/graph.h"

enum { GROUPS_MAX = 64 };

wg_status wg_contiguity_init(wg_context *ctx, wg_contiguity *scratch, uint32_t n) {
    *scratch = (wg_contiguity){.n = n};
    scratch->mark = wg_calloc(n, sizeof *scratch->mark);
    scratch->group = wg_malloc(n, sizeof *scratch->group);
    scratch->next = wg_malloc(n, sizeof *scratch->next);
    if (scratch->mark == NULL || scratch->group == NULL || scratch->next == NULL) {
        wg_contiguity_release(scratch);
        return wg_fail_memory(ctx);
    }
    return WG_OK;
}

void wg_contiguity_release(wg_contiguity *scratch) {
    free(scratch->mark);
    free(scratch->group);
    free(scratch->next);
    *scratch = (wg_contiguity){0};
}

/** The running searches: a queue each (linked through scratch->next) and a union-find over the groups. */
typedef struct fronts {
    uint32_t head[GROUPS_MAX], tail[GROUPS_MAX], parent[GROUPS_MAX];
    uint32_t count, alive;
} fronts;

static uint32_t find(fronts *f, uint32_t g) {
    while (f->parent[g] != g) {
        f->parent[g] = f->parent[f->parent[g]];
        g = f->parent[g];
    }
    return g;
}

static void push(wg_contiguity *s, fronts *f, uint32_t g, uint32_t v) {
    s->next[v] = WG_UNASSIGNED;
    if (f->head[g] == WG_UNASSIGNED) {
        f->head[g] = v;
    } else {
        s->next[f->tail[g]] = v;
    }
    f->tail[g] = v;
}

/** Join two searches that met: their queues become one. */
static void unite(wg_contiguity *s, fronts *f, uint32_t a, uint32_t b) {
    f->parent[b] = a;
    f->alive--;
    if (f->head[b] == WG_UNASSIGNED) {
        return;
    }
    if (f->head[a] == WG_UNASSIGNED) {
        f->head[a] = f->head[b];
    } else {
        s->next[f->tail[a]] = f->head[b];
    }
    f->tail[a] = f->tail[b];
}

/**
 * Groups of v's neighbours in its cell, joined where two are adjacent. Fails (false) where there are too many
 * neighbours for the fixed table.
 */
static bool group_neighbours(wg_contiguity *s, fronts *f, const uint32_t *start, const uint32_t *link_end,
                             const uint32_t *to, const uint32_t *label, uint32_t v) {
    f->count = 0;
    for (uint32_t i = start[v]; i < link_end[v]; i++) {
        const uint32_t u = to[i];
        if (label[u] != label[v]) {
            continue;
        }
        if (f->count == GROUPS_MAX) {
            return false;
        }
        const uint32_t g = f->count++;
        s->mark[u] = s->stamp;
        s->group[u] = g;
        f->parent[g] = g;
        f->head[g] = WG_UNASSIGNED;
        push(s, f, g, u);
    }
    f->alive = f->count;
    return true;
}

/** Every neighbour looks at its own neighbours once; those in the table are joined. */
static void join_adjacent(wg_contiguity *s, fronts *f, const uint32_t *start, const uint32_t *link_end,
                          const uint32_t *to, uint32_t v) {
    for (uint32_t i = start[v]; i < link_end[v] && f->alive > 1; i++) {
        const uint32_t u = to[i];
        if (s->mark[u] != s->stamp) {
            continue;
        }
        for (uint32_t j = start[u]; j < link_end[u] && f->alive > 1; j++) {
            const uint32_t w = to[j];
            if (s->mark[w] == s->stamp) {
                const uint32_t a = find(f, s->group[u]), b = find(f, s->group[w]);
                if (a != b) {
                    unite(s, f, a, b);
                }
            }
        }
    }
}

/** One unit of search g. @return false where its queue was empty: the search is exhausted. */
static bool advance(wg_contiguity *s, fronts *f, uint32_t g, const uint32_t *start, const uint32_t *link_end,
                    const uint32_t *to, const uint32_t *label, uint32_t v) {
    const uint32_t u = f->head[g];
    if (u == WG_UNASSIGNED) {
        return false;
    }
    f->head[g] = s->next[u];
    for (uint32_t j = start[u]; j < link_end[u]; j++) {
        const uint32_t w = to[j];
        if (label[w] != label[v] || w == v) {
            continue;
        }
        if (s->mark[w] != s->stamp) {
            s->mark[w] = s->stamp;
            s->group[w] = g;
            push(s, f, find(f, g), w);
            continue;
        }
        const uint32_t a = find(f, g), b = find(f, s->group[w]);
        if (a != b) {
            unite(s, f, a, b);
            if (f->alive == 1) {
                return true;
            }
        }
    }
    return true;
}

/** A plain search of the cell without v, for units with more neighbours than the table holds. */
static bool search_all(wg_contiguity *s, const uint32_t *start, const uint32_t *link_end, const uint32_t *to,
                       const uint32_t *label, uint32_t v) {
    uint32_t wanted = 0, first = WG_UNASSIGNED;
    s->stamp++;
    for (uint32_t i = start[v]; i < link_end[v]; i++) {
        if (label[to[i]] == label[v]) {
            wanted++;
            first = to[i];
        }
    }
    s->mark[v] = s->stamp;
    if (first == WG_UNASSIGNED) {
        return true;
    }
    uint32_t top = first; /* a stack through next[] */
    s->mark[first] = s->stamp;
    s->next[first] = WG_UNASSIGNED;
    while (top != WG_UNASSIGNED) {
        const uint32_t u = top;
        top = s->next[u];
        for (uint32_t j = start[u]; j < link_end[u]; j++) {
            const uint32_t w = to[j];
            wanted -= w == v;
            if (label[w] == label[v] && s->mark[w] != s->stamp) {
                s->mark[w] = s->stamp;
                s->next[w] = top;
                top = w;
            }
        }
        if (wanted == 0) {
            return true;
        }
    }
    return false;
}

bool wg_contiguity_without(wg_contiguity *s, const uint32_t *start, const uint32_t *link_end, const uint32_t *to,
                           const uint32_t *label, uint32_t v) {
    fronts f;
    if (s->stamp >= UINT32_MAX - 2) { /* marks are cleared once in four billion tests */
        memset(s->mark, 0, s->n * sizeof *s->mark);
        s->stamp = 0;
    }
    s->stamp++;
    if (!group_neighbours(s, &f, start, link_end, to, label, v)) {
        return search_all(s, start, link_end, to, label, v);
    }
    if (f.count < 2) {
        return true;
    }
    join_adjacent(s, &f, start, link_end, to, v);
    while (f.alive > 1) {
        for (uint32_t g = 0; g < f.count; g++) {
            if (f.parent[g] == g && !advance(s, &f, g, start, link_end, to, label, v)) {
                return false;
            }
            if (f.alive == 1) {
                return true;
            }
        }
    }
    return true;
}
