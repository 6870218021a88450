/* Time to write and read a plan's layer: bench_store [ROWS]. Prints seconds of each step; polygons of 20 vertices. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "model/wkb.h"
#include "store/store.h"

static double now(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static wg_layer *make_rows(wg_context *ctx, size_t n) {
    wg_layer *layer = NULL;
    if (wg_contract_new_layer(ctx, "buildings", "EPSG:32650", &layer) != WG_OK) {
        return NULL;
    }
    wg_buffer shape = {0};
    for (size_t i = 0; i < n; i++) {
        const double x = 500000 + 15 * (double)(i % 1000);
        const double y = 4400000 + 15 * (double)(i / 1000);
        wg_wkb_put_header(&shape, WG_WKB_POLYGON, 1);
        wg_wkb_put_u32(&shape, 21);
        for (int k = 0; k <= 20; k++) {
            const double xy[2] = {x + 5 * cos(k % 20 * 0.314159), y + 5 * sin(k % 20 * 0.314159)};
            wg_wkb_put_pairs(&shape, xy, 1);
        }
        size_t row = 0;
        char id[32];
        (void)snprintf(id, sizeof id, "b%zu", i);
        if (wg_layer_add_row(ctx, layer, shape.data, shape.length, &row) != WG_OK ||
            wg_layer_set_text(ctx, layer, row, 0, id) != WG_OK ||
            wg_layer_set_text(ctx, layer, row, 2, "110101001001001") != WG_OK ||
            wg_layer_set_real(ctx, layer, row, 3, 12) != WG_OK) {
            return NULL;
        }
        wg_buffer_clear(&shape);
    }
    wg_buffer_release(&shape);
    return layer;
}

int main(int argc, char **argv) {
    const size_t n = argc > 1 ? (size_t)strtoull(argv[1], NULL, 10) : 200000;
    const char *path = "bench_store.sqlite";
    const wg_store_srs srs = {.name = "EPSG:32650"};
    char hash[WG_STORE_HASH_BYTES] = "";
    wg_context *ctx = wg_context_new();
    wg_store *store = NULL;
    wg_layer *got = NULL;
    wg_layer *layer = make_rows(ctx, n);
    (void)unlink(path);
    double t = now();
    wg_status status = layer == NULL ? WG_ENOMEM : wg_store_create(ctx, path, &srs, &store);
    (void)printf("create %.3f s\n", now() - t);
    t = now();
    if (status == WG_OK && (status = wg_store_put(ctx, store, layer, false)) == WG_OK) {
        (void)printf("put %zu rows %.3f s\n", n, now() - t);
        t = now();
        status = wg_store_get(ctx, store, "buildings", &got);
        (void)printf("get %.3f s\n", now() - t);
        t = now();
    }
    if (status == WG_OK && (status = wg_store_hash(ctx, store, hash)) == WG_OK) {
        (void)printf("hash %.3f s\n", now() - t);
        t = now();
        status = wg_store_close(ctx, store);
        store = NULL;
        (void)printf("close %.3f s\n", now() - t);
    }
    if (status != WG_OK) {
        (void)fprintf(stderr, "bench_store: %s\n", wg_context_error(ctx));
    }
    wg_store_free(store);
    wg_layer_free(layer);
    wg_layer_free(got);
    wg_context_free(ctx);
    (void)unlink(path);
    return status == WG_OK ? 0 : 1;
}
