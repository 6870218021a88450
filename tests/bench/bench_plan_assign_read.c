/**
 * Reading in batches and locating, without writing: rows a second from a point file of any OGR format, as wg_assign
 * reads it; and OGR's own Arrow stream alone, which is the most that can be had through OGR.
 * Usage: bench_plan_assign_read CELLS FEATURES [rounds (3)]
 */
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_recordbatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "io/read.h"
#include "locate/locate.h"
#include "model/wkb.h"

enum { BATCH_ROWS = 16384 }; /* as wg_assign */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static wg_status run(wg_context *ctx, const wg_locator *locator, const char *source, size_t *rows, size_t *inside) {
    wg_status status = WG_OK;
    wg_reader *reader = NULL;
    wg_layer *batch = NULL;
    double *xy = NULL;
    uint32_t *cell = NULL;
    size_t capacity = 0, cell_capacity = 0;
    WG_TRY(
        wg_reader_open(ctx, source, "features", &(wg_read_options){.ahead = true, .batch_rows = BATCH_ROWS}, &reader));
    for (;;) {
        WG_TRY(wg_reader_next(ctx, reader, &batch));
        if (batch == NULL) {
            break;
        }
        if (!WG_RESERVE(xy, capacity, 2 * batch->n) || !WG_RESERVE(cell, cell_capacity, batch->n)) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        for (size_t row = 0; row < batch->n; row++) {
            size_t bytes;
            const uint8_t *wkb = wg_layer_wkb(batch, row, &bytes);
            if (wkb == NULL || bytes != 21) {
                status = wg_layer_fail(ctx, batch, row, WG_EDATA, "not a point");
                goto done;
            }
            wg_wkb_get(wkb + 5, 0, xy + 2 * row);
        }
        WG_TRY(wg_locator_find(ctx, locator, xy, batch->n, cell));
        for (size_t row = 0; row < batch->n; row++) {
            *inside += cell[row] != WG_UNASSIGNED ? 1 : 0;
        }
        *rows += batch->n;
        wg_layer_free(batch);
        batch = NULL;
    }
done:
    wg_layer_free(batch);
    wg_reader_close(reader);
    free(xy);
    free(cell);
    return status;
}

/** Take OGR's batches and throw them away. @return rows, 0 on failure */
static size_t run_ogr(const char *path) {
    char *options[] = {"MAX_FEATURES_IN_BATCH=16384", NULL};
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    size_t rows = 0;
    GDALDatasetH dataset = GDALOpenEx(path, GDAL_OF_VECTOR, NULL, NULL, NULL);
    OGRLayerH layer = dataset == NULL ? NULL : GDALDatasetGetLayer(dataset, 0);
    if (layer != NULL && OGR_L_GetArrowStream(layer, &stream, options)) {
        if (stream.get_schema(&stream, &schema) == 0) {
            for (;;) {
                struct ArrowArray array = {0};
                if (stream.get_next(&stream, &array) != 0 || array.release == NULL) {
                    break;
                }
                rows += (size_t)array.length;
                array.release(&array);
            }
            schema.release(&schema);
        }
        stream.release(&stream);
    }
    if (dataset != NULL) {
        GDALClose(dataset);
    }
    return rows;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        (void)fprintf(stderr, "usage: bench_plan_assign_read CELLS FEATURES [rounds]\n");
        return 2;
    }
    const int rounds = argc > 3 ? atoi(argv[3]) : 3;
    wg_context *ctx = wg_context_new();
    wg_layer *cells = NULL;
    wg_locator *locator = NULL;
    const wg_input input = {.source = argv[1]};
    double best = 1e9, ogr = 1e9;
    size_t rows = 0, inside = 0;
    wg_status status = wg_read(ctx, &input, "cells", &cells);
    if (status == WG_OK) {
        status = wg_locator_new(ctx, cells, &locator);
    }
    for (int r = 0; status == WG_OK && r < rounds; r++) {
        const double start = now();
        rows = inside = 0;
        status = run(ctx, locator, argv[2], &rows, &inside);
        const double took = now() - start;
        best = took < best ? took : best;
        const double again = now();
        const size_t read = run_ogr(argv[2]);
        const double alone = now() - again;
        ogr = read == rows && alone < ogr ? alone : ogr;
    }
    if (status != WG_OK) {
        (void)fprintf(stderr, "%s\n", wg_context_error(ctx));
        return 1;
    }
    printf("%s: %zu rows, %zu inside, %.3f s, %.2f million rows/s; OGR's stream alone %.3f s, %.2f million rows/s\n",
           argv[2], rows, inside, best, (double)rows / best / 1e6, ogr, (double)rows / ogr / 1e6);
    wg_locator_free(locator);
    wg_layer_free(cells);
    wg_context_free(ctx);
    return 0;
}
