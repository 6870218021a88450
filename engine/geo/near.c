#include "geo/near.h"

#include "geo/border.h"
#include "model/wkb.h"

struct wg_near {
    wg_lattice lattice;
    wg_box *box; /**< a community's, grown */
    wg_bins bins;
    bool *found; /**< a community */
    uint32_t *list;
    size_t n, n_communities;
};

wg_status wg_near_new(wg_context *ctx, const wg_reference *reference, double margin_m, wg_near **out) {
    const size_t n = reference->layer->n;
    wg_near *near = wg_calloc(1, sizeof *near);
    wg_status status = WG_OK;
    if (near == NULL) {
        return wg_fail_memory(ctx);
    }
    near->lattice = reference->lattice;
    near->n_communities = n;
    near->box = wg_malloc(n, sizeof *near->box);
    near->found = wg_calloc(n, sizeof *near->found);
    near->list = wg_malloc(n, sizeof *near->list);
    if (near->box == NULL || near->found == NULL || near->list == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t c = 0; c < n; c++) { /* two steps more: coordinates are rounded to the grid later */
        near->box[c] = wg_box_grown(reference->box[c], (int64_t)(margin_m / reference->lattice.step) + 2);
    }
    WG_TRY(wg_bins_of_boxes(ctx, near->box, n, 1.0, &near->bins));
    *out = near;
    near = NULL;
done:
    wg_near_free(near);
    return status;
}

void wg_near_free(wg_near *near) {
    if (near != NULL) {
        wg_bins_release(&near->bins);
        free(near->box);
        free(near->found);
        free(near->list);
        free(near);
    }
}

static void add_box(wg_near *near, wg_box box) {
    if (wg_box_empty(box) || near->bins.first == NULL || !wg_box_meets(box, near->bins.box)) {
        return;
    }
    const wg_bin_range range = wg_bins_range(&near->bins, box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * near->bins.nx + range.x0; bin <= (size_t)y * near->bins.nx + range.x1; bin++) {
            for (uint32_t i = near->bins.first[bin]; i < near->bins.first[bin + 1]; i++) {
                const uint32_t c = near->bins.item[i];
                if (!near->found[c] && wg_box_meets(box, near->box[c])) {
                    near->found[c] = true;
                    near->list[near->n++] = c;
                }
            }
        }
    }
}

static void add_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    wg_near *near = user;
    wg_box box = WG_BOX_EMPTY;
    wg_ipt last = {0, 0};
    (void)part, (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_ipt p;
        wg_wkb_get(pairs, i, xy);
        if (!wg_lattice_point(near->lattice, xy[0], xy[1], &p)) {
            continue; /* told where the layer is put on the grid */
        }
        wg_box_add(&box, p);
        if (type == WG_WKB_LINESTRING && i > 0) {
            add_box(near, wg_segment_box(last, p));
        }
        last = p;
    }
    if (type != WG_WKB_LINESTRING) {
        add_box(near, box);
    }
}

static int compare_numbers(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

wg_status wg_near_find(wg_context *ctx, wg_near *near, const void *wkb, size_t bytes, const uint32_t **list,
                       size_t *n) {
    near->n = 0;
    if (wkb != NULL && wg_wkb_visit((void *)wkb, bytes, add_run, near) != WG_OK) { /* reading changes nothing */
        return wg_fail(ctx, WG_EDATA, "a geometry cannot be read");
    }
    for (size_t i = 0; i < near->n; i++) {
        near->found[near->list[i]] = false;
    }
    if (near->n > 1) {
        qsort(near->list, near->n, sizeof *near->list, compare_numbers);
    }
    *list = near->list;
    *n = near->n;
    return WG_OK;
}
