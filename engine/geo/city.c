#include "geo/city.h"

#include <string.h>

#include "model/wkb.h"

static void carpet_release(wg_carpet *carpet) {
    wg_shape_release(&carpet->shape);
    free(carpet->first_run);
    free(carpet->row);
    free(carpet->box);
    free(carpet->segment);
    free(carpet->loose);
    free(carpet->simple);
    wg_bins_release(&carpet->rows);
    wg_bins_release(&carpet->segments);
    *carpet = (wg_carpet){0};
}

static wg_status read_rows(wg_context *ctx, wg_lattice lattice, wg_carpet *carpet) {
    for (uint32_t row = 0; row < carpet->n_rows; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(carpet->layer, row, &bytes);
        carpet->first_run[row] = carpet->shape.n_runs;
        const size_t n_points = carpet->shape.n_points;
        const wg_status status = wg_shape_read(ctx, lattice, wkb, bytes, &carpet->shape);
        if (status == WG_EDATA) {
            /* One broken line must not stop a city. */
            wg_log(ctx, WG_LOG_WARNING, "%s: feature %lld: %s; it was left out", wg_layer_source(carpet->layer),
                   (long long)carpet->layer->fid[row], wg_context_error(ctx));
            wg_clear_error(ctx);
            carpet->shape.n_runs = carpet->first_run[row];
            carpet->shape.n_points = n_points;
        } else if (status != WG_OK) {
            return status;
        }
        carpet->box[row] = WG_BOX_EMPTY;
        for (size_t i = n_points; i < carpet->shape.n_points; i++) {
            wg_box_add(&carpet->box[row], carpet->shape.point[i]);
        }
    }
    carpet->first_run[carpet->n_rows] = carpet->shape.n_runs;
    return WG_OK;
}

static wg_status index_lines(wg_context *ctx, wg_carpet *carpet) {
    const wg_shape *shape = &carpet->shape;
    carpet->row = wg_malloc(shape->n_runs, sizeof *carpet->row);
    carpet->segment = wg_malloc(shape->n_points, sizeof *carpet->segment);
    carpet->simple = wg_malloc(carpet->n_rows, sizeof *carpet->simple);
    carpet->loose = wg_malloc(shape->n_points, sizeof *carpet->loose);
    if (carpet->row == NULL || carpet->segment == NULL || carpet->simple == NULL || carpet->loose == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t row = 0; row < carpet->n_rows; row++) {
        const size_t first = carpet->first_run[row], end = carpet->first_run[row + 1];
        bool rings = end > first;
        for (size_t r = first; r < end; r++) {
            const wg_run run = shape->run[r];
            carpet->row[r] = row;
            rings &= run.kind == WG_WKB_POLYGON;
            for (uint32_t i = 0; run.kind == WG_WKB_LINESTRING && i + 1 < run.n; i++) {
                carpet->loose[carpet->n_segments] = (uint8_t)((i == 0 ? 1 : 0) | (i + 2 == run.n ? 2 : 0));
                carpet->segment[carpet->n_segments++] =
                    (wg_segment){shape->point[run.first + i], shape->point[run.first + i + 1], row};
            }
        }
        const wg_shape part = {shape->point, shape->n_points, 0, shape->run + first, end - first, 0};
        carpet->simple[row] = !rings || wg_shape_is_simple(&part);
    }
    const wg_status status = wg_bins_of_boxes(ctx, carpet->box, carpet->n_rows, 1.0, &carpet->rows);
    return status == WG_OK ? wg_bins_of_segments(ctx, carpet->segment, carpet->n_segments, 2.0, &carpet->segments)
                           : status;
}

static wg_status carpet_init(wg_context *ctx, wg_lattice lattice, const wg_layer *layer, wg_carpet *carpet) {
    if (layer == NULL || layer->n == 0) {
        return WG_OK;
    }
    if (layer->n >= 1u << 28) {
        return wg_fail(ctx, WG_EDATA, "%s: too many features (divide the input)", wg_layer_source(layer));
    }
    carpet->layer = layer;
    carpet->n_rows = (uint32_t)layer->n;
    carpet->first_run = wg_malloc(layer->n + 1, sizeof *carpet->first_run);
    carpet->box = wg_malloc(layer->n, sizeof *carpet->box);
    if (carpet->first_run == NULL || carpet->box == NULL) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = read_rows(ctx, lattice, carpet);
    return status == WG_OK ? index_lines(ctx, carpet) : status;
}

static double or_default(double value, double otherwise) {
    return value > 0 ? value : otherwise;
}

wg_status wg_city_index_new(wg_context *ctx, const wg_city *city, wg_city_index **out) {
    wg_city_index *index = wg_calloc(1, sizeof *index);
    wg_status status = WG_OK;
    if (index == NULL) {
        return wg_fail_memory(ctx);
    }
    index->lattice = city->reference->lattice;
    index->options = city->options;
    index->options.grid_m = index->lattice.step;
    index->options.snap_m = or_default(city->options.snap_m, 2);
    index->options.sliver_m2 = or_default(city->options.sliver_m2, 50);
    index->options.spacing_m = or_default(city->options.spacing_m, 1);
    WG_TRY(carpet_init(ctx, index->lattice, city->barriers.layer, &index->barriers));
    WG_TRY(carpet_init(ctx, index->lattice, city->compounds, &index->compounds));
    WG_TRY(carpet_init(ctx, index->lattice, city->dedicated, &index->dedicated));
    WG_TRY(carpet_init(ctx, index->lattice, city->given, &index->given));
    WG_TRY(carpet_init(ctx, index->lattice, city->bridges, &index->bridges));
    *out = index;
    index = NULL;
done:
    wg_city_index_free(index);
    return status;
}

void wg_city_index_free(wg_city_index *index) {
    if (index == NULL) {
        return;
    }
    carpet_release(&index->barriers);
    carpet_release(&index->compounds);
    carpet_release(&index->dedicated);
    carpet_release(&index->given);
    carpet_release(&index->bridges);
    free(index);
}

static int compare_numbers(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

wg_status wg_carpet_query(wg_context *ctx, const wg_carpet *carpet, bool segments, wg_box box, uint32_t **list,
                          size_t *n) {
    const wg_bins *bins = segments ? &carpet->segments : &carpet->rows;
    size_t capacity = 0;
    *list = NULL;
    *n = 0;
    if (carpet->n_rows == 0 || bins->first == NULL || !wg_box_meets(box, bins->box)) {
        return WG_OK;
    }
    const wg_bin_range range = wg_bins_range(bins, box);
    for (uint32_t y = range.y0; y <= range.y1; y++) {
        for (size_t bin = (size_t)y * bins->nx + range.x0; bin <= (size_t)y * bins->nx + range.x1; bin++) {
            for (uint32_t i = bins->first[bin]; i < bins->first[bin + 1]; i++) {
                const uint32_t item = bins->item[i];
                const wg_box own =
                    segments ? wg_segment_box(carpet->segment[item].a, carpet->segment[item].b) : carpet->box[item];
                if (!wg_box_meets(box, own)) {
                    continue;
                }
                if (!WG_RESERVE(*list, capacity, *n + 1)) {
                    free(*list);
                    *list = NULL;
                    return wg_fail_memory(ctx);
                }
                (*list)[(*n)++] = item;
            }
        }
    }
    if (*n > 1) {
        qsort(*list, *n, sizeof **list, compare_numbers);
    }
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++) {
        if (kept == 0 || (*list)[kept - 1] != (*list)[i]) {
            (*list)[kept++] = (*list)[i];
        }
    }
    *n = kept;
    return WG_OK;
}
