/** A few neighbouring cells of a plan, drawn anew as a problem of their own. */
#include <string.h>

#include "zoning/chains.h"

enum { LEAST_CELLS = 2, MOST_CELLS = 8 };

/** A few cells as an instance of their own. */
typedef struct region {
    wg_instance *in;
    uint32_t n, *cell; /**< cells; which ones */
    uint32_t *unit;    /**< of the whole, by unit of the region */
    uint32_t *local;   /**< by cell of the whole; WG_UNASSIGNED: not in it */
    uint32_t *part;    /**< by unit of the whole: 0 in it, 1 not; later the whole's labels, changed */
    uint32_t *label;   /**< by unit of the region: cells of the region */
    uint32_t *cut;     /**< 2 m: the units at both ends of connecting edges of the whole that are cut */
} region;

static void region_release(region *r) {
    wg_instance_free(r->in);
    free(r->cell);
    free(r->unit);
    free(r->local);
    free(r->part);
    free(r->label);
    free(r->cut);
}

/** Up to r->n cells that lie together, drawn along random connecting edges. */
static void choose_cells(wg_search *search, const wg_instance *in, const uint32_t *label, region *r) {
    const uint32_t wanted = r->n;
    uint32_t n_cut = 0;
    for (uint32_t v = 0; v < in->n; v++) {
        for (uint32_t h = in->start[v]; h < in->link_end[v]; h++) {
            if (in->to[h] > v && label[in->to[h]] != label[v]) {
                r->cut[2 * (size_t)n_cut] = v;
                r->cut[2 * (size_t)n_cut++ + 1] = in->to[h];
            }
        }
    }
    r->n = 0;
    for (uint32_t tries = 0; r->n < wanted && tries < 200 * wanted && n_cut > 0; tries++) {
        const uint32_t *ends = &r->cut[2 * (size_t)wg_random_below(&search->random, n_cut)];
        const bool has_u = r->local[label[ends[0]]] != WG_UNASSIGNED, has_v = r->local[label[ends[1]]] != WG_UNASSIGNED;
        if (r->n == 0 || has_u != has_v) {
            const uint32_t c = label[ends[has_u ? 1 : 0]];
            r->local[c] = r->n;
            r->cell[r->n++] = c;
        }
    }
}

static wg_status region_make(wg_search *search, const wg_instance *in, uint32_t k, const uint32_t *label, uint32_t n,
                             region *r) {
    wg_status status = WG_OK;
    *r = (region){.n = n < k ? n : k};
    r->cell = wg_malloc(r->n, sizeof *r->cell);
    r->local = wg_malloc(k, sizeof *r->local);
    r->unit = wg_malloc(in->n, sizeof *r->unit);
    r->part = wg_malloc(in->n, sizeof *r->part);
    r->label = wg_malloc(in->n, sizeof *r->label);
    r->cut = wg_malloc(in->m, 2 * sizeof *r->cut);
    if (r->cell == NULL || r->local == NULL || r->unit == NULL || r->part == NULL || r->label == NULL ||
        r->cut == NULL) {
        status = wg_fail_memory(search->ctx);
        goto done;
    }
    memset(r->local, 0xff, k * sizeof *r->local);
    choose_cells(search, in, label, r);
    for (uint32_t v = 0; v < in->n; v++) {
        r->part[v] = r->local[label[v]] == WG_UNASSIGNED;
    }
    WG_TRY(wg_instance_extract(search->ctx, in, r->part, 0, r->unit, &r->in));
    for (uint32_t i = 0; i < r->in->n; i++) {
        r->label[i] = r->local[label[r->unit[i]]];
    }
done:
    return status;
}

/** How many cells: 2 to 8, never all. */
static uint32_t draw_count(wg_search *search, uint32_t k) {
    const uint32_t most = k - 1 < MOST_CELLS ? k - 1 : MOST_CELLS;
    return LEAST_CELLS + wg_random_below(&search->random, most - LEAST_CELLS + 1);
}

wg_status wg_redraw_region(wg_search *search, const wg_instance *in, uint32_t k, double steps, uint32_t *label,
                           wg_zi_key *key) {
    wg_status status = WG_OK;
    region r;
    wg_zi_key before, after;
    WG_TRY(region_make(search, in, k, label, draw_count(search, k), &r));
    const bool fresh = wg_random_below(&search->random, 2) == 0;
    const wg_anneal_plan plan = {.steps = (uint64_t)(steps * r.in->n),
                                 .hot = fresh ? 0.6 : 1,
                                 .cold = 0.12,
                                 .penalty = 0.3,
                                 .rarer = WG_LARGE_RARER,
                                 .narrow = wg_is_narrow(r.in)};
    WG_TRY(wg_judge(search, r.in, r.n, r.label, &before));
    if (fresh) {
        WG_TRY(wg_construct(search, r.in, r.n, wg_random_below(&search->random, 4), r.label));
    }
    WG_TRY(wg_improve(search, r.in, r.n, &plan, r.label, &after));
    if (!wg_key_better(&before, &after)) {
        memcpy(r.part, label, in->n * sizeof *label);
        for (uint32_t i = 0; i < r.in->n; i++) {
            r.part[r.unit[i]] = r.cell[r.label[i]];
        }
        WG_TRY(wg_judge(search, in, k, r.part, &after));
        if (!wg_key_better(key, &after)) {
            *key = after;
            memcpy(label, r.part, in->n * sizeof *label);
        }
    }
done:
    region_release(&r);
    return status;
}
