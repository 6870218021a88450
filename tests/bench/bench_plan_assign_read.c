/**
 * Reading in batches and locating, without writing: rows a second from a point file of any OGR format.
 * Usage: bench_plan_assign_read CELLS FEATURES [rounds (3)]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "io/read.h"
#include "locate/locate.h"
#include "model/wkb.h"

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
    WG_TRY(wg_reader_open(
        ctx, source, "features",
        &(wg_read_options){.ahead = true, .batch_rows = getenv("BR") ? (size_t)atoi(getenv("BR")) : 0}, &reader));
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
    double best = 1e9;
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
    }
    if (status != WG_OK) {
        (void)fprintf(stderr, "%s\n", wg_context_error(ctx));
        return 1;
    }
    printf("%s: %zu rows, %zu inside, %.3f s, %.2f million rows/s\n", argv[2], rows, inside, best,
           (double)rows / best / 1e6);
    wg_locator_free(locator);
    wg_layer_free(cells);
    wg_context_free(ctx);
    return 0;
}
