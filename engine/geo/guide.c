#include "geo/guide.h"

#include <math.h>

/* A line is followed where it leaves this share of the gap on either side; a path along a wall is kept off the wall. */
static const double NEAREST = 0.05;

/** Where line pq crosses ab, as a share of ab. @return false if it does not */
static bool crossing(wg_ipt a, wg_ipt b, wg_ipt p, wg_ipt q, double *at) {
    const double ux = (double)(b.x - a.x), uy = (double)(b.y - a.y);
    const double vx = (double)(q.x - p.x), vy = (double)(q.y - p.y);
    const double wx = (double)(p.x - a.x), wy = (double)(p.y - a.y);
    const double det = ux * vy - uy * vx;
    if (det == 0) { /* parallel: no crossing, as for a line that only touches */
        return false;
    }
    const double s = (wx * vy - wy * vx) / det, r = (wx * uy - wy * ux) / det;
    *at = s;
    return s > 0 && s < 1 && r >= 0 && r <= 1;
}

/** The line that crosses ab nearest to its middle; of several in one place the first. */
static wg_guide guide_of(wg_ipt a, wg_ipt b, const wg_segments *lines, const wg_bins *bins, double width) {
    wg_guide best = {0.5, 0, WG_NONE};
    const wg_box box = wg_segment_box(a, b);
    if (!wg_box_meets(box, bins->box)) {
        return best;
    }
    const wg_bin_range range = wg_bins_range(bins, box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * bins->nx + range.x0; bin <= (size_t)y * bins->nx + range.x1; bin++) {
            for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
                const wg_segment *line = &lines->item[bins->item[i]];
                double at;
                if (wg_box_meets(box, wg_segment_box(line->a, line->b)) && crossing(a, b, line->a, line->b, &at) &&
                    (best.tag == WG_NONE || fabs(at - 0.5) < fabs((double)best.at - 0.5))) {
                    best = (wg_guide){(float)at, 0, line->tag};
                }
            }
        }
    }
    if (best.tag != WG_NONE) {
        const double length = hypot((double)(b.x - a.x), (double)(b.y - a.y));
        best.at = (float)fmin(fmax((double)best.at, NEAREST), 1 - NEAREST);
        best.free = (float)fmin(width / length, fmin((double)best.at, 1 - (double)best.at) - NEAREST / 2);
    }
    return best;
}

wg_status wg_tiling_guide(wg_tiling *t, const wg_segments *lines, const wg_bins *bins, double width) {
    const wg_delaunay *d = &t->delaunay;
    for (uint32_t e = 0; e < d->n_half; e += 2) {
        if (d->org[e] == WG_SITE_NONE) {
            continue;
        }
        const wg_site *a = &t->site[d->org[e]], *b = &t->site[d->org[e ^ 1]];
        if (a->label == b->label || a->label == t->n_labels || b->label == t->n_labels) {
            continue;
        }
        const wg_guide guide = guide_of(a->at, b->at, lines, bins, width);
        if (guide.tag == WG_NONE) {
            continue;
        }
        if (t->guide == NULL) {
            t->guide = wg_malloc(d->n_half / 2, sizeof *t->guide);
            if (t->guide == NULL) {
                return wg_fail_memory(t->ctx);
            }
            for (uint32_t i = 0; i < d->n_half / 2; i++) {
                t->guide[i] = (wg_guide){0.5, 0, WG_NONE};
            }
        }
        t->guide[e / 2] = guide;
    }
    return WG_OK;
}
