#include <string.h>

#include "geo/work.h"

/** A small sorted set of numbers that are switched on and off. */
typedef struct active_set {
    uint32_t *item;
    size_t n, capacity;
} active_set;

static bool toggle(active_set *set, uint32_t number) {
    size_t at = 0;
    while (at < set->n && set->item[at] < number) {
        at++;
    }
    if (at < set->n && set->item[at] == number) {
        memmove(set->item + at, set->item + at + 1, (set->n - at - 1) * sizeof *set->item);
        set->n--;
        return true;
    }
    if (!WG_RESERVE(set->item, set->capacity, set->n + 1)) {
        return false;
    }
    memmove(set->item + at + 1, set->item + at, (set->n - at) * sizeof *set->item);
    set->item[at] = number;
    set->n++;
    return true;
}

static uint32_t lowest(const active_set *set) {
    return set->n > 0 ? set->item[0] : WG_NONE;
}

typedef struct cover_walk {
    const wg_plane *plane;
    wg_over *over;
    bool inside, failed;
    active_set compound, dedicated, surface, given, footprint;
} cover_walk;

static active_set *set_of(cover_walk *walk, uint32_t kind) {
    switch (kind) {
    case WG_LINE_SURFACE:
        return &walk->surface;
    case WG_LINE_COMPOUND:
        return &walk->compound;
    case WG_LINE_DEDICATED:
        return &walk->dedicated;
    case WG_LINE_GIVEN:
        return &walk->given;
    case WG_LINE_FOOTPRINT:
        return &walk->footprint;
    default:
        return NULL;
    }
}

static void step_cover(uint32_t face, uint32_t edge, bool back, void *user) {
    cover_walk *walk = user;
    const wg_plane *plane = walk->plane;
    for (uint32_t t = edge != WG_NONE ? plane->tag_first[edge] : 0; edge != WG_NONE && t < plane->tag_first[edge + 1];
         t++) {
        const uint32_t kind = wg_line_kind(plane->tag[t]);
        active_set *set = set_of(walk, kind);
        if (set != NULL && !toggle(set, wg_line_number(plane->tag[t]))) {
            walk->failed = true;
        }
        walk->inside ^= kind == WG_LINE_REFERENCE;
    }
    if (!back) {
        walk->over[face] = (wg_over){walk->inside,           lowest(&walk->compound), lowest(&walk->dedicated),
                                     lowest(&walk->surface), lowest(&walk->given),    lowest(&walk->footprint)};
    }
}

wg_status wg_work_cover(wg_work *w, wg_over **over) {
    cover_walk walk = {.plane = &w->plane};
    wg_status status = WG_OK;
    walk.over = wg_malloc(w->plane.n_faces, sizeof *walk.over);
    if (walk.over == NULL) {
        return wg_fail_memory(w->ctx);
    }
    WG_TRY(wg_plane_walk(w->ctx, &w->plane, step_cover, &walk));
    if (walk.failed) {
        WG_TRY(wg_fail_memory(w->ctx));
    }
    *over = walk.over;
    walk.over = NULL;
done:
    free(walk.over);
    free(walk.compound.item);
    free(walk.dedicated.item);
    free(walk.surface.item);
    free(walk.given.item);
    free(walk.footprint.item);
    return status;
}

void wg_work_rank(const wg_work *w, uint32_t edge, uint8_t *rank, bool *hard) {
    *rank = 0;
    *hard = false;
    for (uint32_t t = w->plane.tag_first[edge]; t < w->plane.tag_first[edge + 1]; t++) {
        const uint32_t kind = wg_line_kind(w->plane.tag[t]), row = wg_line_number(w->plane.tag[t]);
        if (kind != WG_LINE_BARRIER && kind != WG_LINE_SURFACE) {
            continue;
        }
        const uint8_t given = w->city->barriers.rank[row];
        const uint8_t own = given >= 1 && given <= 9 ? given : 5;
        *rank = *rank == 0 || own < *rank ? own : *rank;
        *hard |= w->city->barriers.hard != NULL && w->city->barriers.hard[row];
    }
}
