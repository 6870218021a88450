#include "geo/finder.h"

void wg_finder_release(wg_finder *finder) {
    free(finder->segment);
    free(finder->bin_half);
    wg_bins_release(&finder->bins);
    *finder = (wg_finder){0};
}

/** Whether s lies east of t at a height that both span (half-open, the lower end belongs to the span). */
static bool east_of(const wg_segment *s, const wg_segment *t) {
    if (s->a.y > t->a.y || (s->a.y == t->a.y && s->a.x != t->a.x)) {
        return wg_turn(t->a, t->b, s->a) < 0;
    }
    const int side = wg_turn(s->a, s->b, t->a);
    return side != 0 ? side > 0 : wg_turn(s->a, s->b, t->b) > 0;
}

uint32_t wg_finder_find(const wg_finder *finder, wg_ipt p) {
    const wg_bins *bins = &finder->bins;
    if (p.x < bins->box.low.x || p.x > bins->box.high.x || p.y < bins->box.low.y || p.y > bins->box.high.y) {
        return WG_NONE;
    }
    const wg_segment *best = NULL;
    const uint32_t row = wg_bins_row(bins, p.y);
    for (uint32_t column = wg_bins_column(bins, p.x) + 1; column-- > 0;) {
        const size_t bin = (size_t)row * bins->nx + column;
        if (bins->first[bin] == bins->first[bin + 1]) {
            return best != NULL ? best->tag ^ 1 : finder->bin_half[bin];
        }
        for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
            const wg_segment *s = &finder->segment[bins->item[i]];
            if (s->a.y <= p.y && p.y < s->b.y && wg_turn(s->a, s->b, p) <= 0 && (best == NULL || east_of(s, best))) {
                best = s;
            }
        }
        /* Edges that pass this row east of the bin's west side are in this bin. */
        const wg_ipt west = {bins->box.low.x + (int64_t)column * bins->side, p.y};
        if (best != NULL && wg_turn(best->a, best->b, west) >= 0) {
            break;
        }
    }
    return best != NULL ? best->tag ^ 1 : WG_NONE;
}

/** From west to east, so that a search that runs west from an empty bin ends in the next one. */
static void fill_bins(wg_finder *finder) {
    const wg_bins *bins = &finder->bins;
    for (uint32_t y = 0; y < bins->ny; y++) {
        for (uint32_t x = 0; x < bins->nx; x++) {
            const size_t bin = (size_t)y * bins->nx + x;
            const wg_ipt west = {bins->box.low.x + (int64_t)x * bins->side - 1,
                                 bins->box.low.y + (int64_t)y * bins->side + bins->side / 2};
            const bool empty = bins->first[bin] == bins->first[bin + 1];
            finder->bin_half[bin] = empty && x > 0 ? wg_finder_find(finder, west) : WG_NONE;
        }
    }
}

wg_status wg_finder_init(wg_context *ctx, const wg_plane *plane, wg_finder *finder) {
    wg_status status = WG_OK;
    *finder = (wg_finder){0};
    finder->segment = wg_malloc(plane->n_edges, sizeof *finder->segment);
    if (finder->segment == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (uint32_t h = 0; h < 2 * plane->n_edges; h++) {
        const wg_ipt a = plane->point[plane->end[h]], b = plane->point[plane->end[h ^ 1]];
        if (a.y < b.y || (a.y == b.y && a.x < b.x)) {
            finder->segment[h / 2] = (wg_segment){a, b, h};
        }
    }
    WG_TRY(wg_bins_of_segments(ctx, finder->segment, plane->n_edges, 0.5, &finder->bins));
    finder->bin_half = wg_malloc((size_t)finder->bins.nx * finder->bins.ny, sizeof *finder->bin_half);
    if (finder->bin_half == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    fill_bins(finder);
done:
    if (status != WG_OK) {
        wg_finder_release(finder);
    }
    return status;
}
