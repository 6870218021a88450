/**
 * Input for scripts/bench-assign: 2 000 cells of 88 vertices (cells.fgb, WGS 84) and clustered points in a CSV of about
 * 56 bytes a row (points.csv), and the same rows as FlatGeobuf and GeoPackage, with these fields (points.*) and with
 * twelve (wide.*). Usage: bench_plan_assign_data DIRECTORY [POINTS (2000000)]. The same bytes on every machine.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../support/locate_cells.h"
#include "io/read.h"
#include "io/write.h"

enum { FIELDS = 12, OWN_FIELDS = 5 };

/** Seven more fields, as a platform exports them: texts, whole and decimal numbers, some of them unknown. */
static wg_status widen(wg_context *ctx, wg_layer *rows) {
    static const struct {
        const char *name;
        wg_type type;
    } more[FIELDS - OWN_FIELDS] = {{"status", WG_TEXT},    {"address", WG_TEXT},  {"closed", WG_TEXT},
                                   {"worker", WG_INTEGER}, {"level", WG_INTEGER}, {"hours", WG_REAL},
                                   {"cost", WG_REAL}};
    wg_status status = WG_OK;
    char text[64];
    for (uint32_t m = 0; m < FIELDS - OWN_FIELDS; m++) {
        WG_TRY(wg_layer_add_column(ctx, rows, more[m].name, more[m].type, NULL));
    }
    for (size_t row = 0; row < rows->n; row++) {
        const int64_t number = rows->fid[row];
        uint32_t c = OWN_FIELDS;
        WG_TRY(wg_layer_set_text(ctx, rows, row, c++, number % 3 == 0 ? "open" : "closed"));
        (void)snprintf(text, sizeof text, "Street %d, building %d", (int)(number % 977), (int)(number % 83));
        WG_TRY(wg_layer_set_text(ctx, rows, row, c++, text));
        if (number % 3 != 0) {
            WG_TRY(wg_layer_set_text(ctx, rows, row, c, wg_layer_text(rows, row, 1)));
        }
        c++;
        WG_TRY(wg_layer_set_integer(ctx, rows, row, c++, number % 451));
        WG_TRY(wg_layer_set_integer(ctx, rows, row, c++, number % 4));
        WG_TRY(wg_layer_set_real(ctx, rows, row, c++, (double)(number % 700) / 8));
        WG_TRY(wg_layer_set_real(ctx, rows, row, c++, (double)(number % 10000) / 100));
    }
done:
    return status;
}

/** The CSV's rows in another format, in its order. */
static wg_status convert(wg_context *ctx, const char *csv, const char *path, bool wide) {
    const wg_read_options read = {.crs = "EPSG:4326", .ahead = true};
    const wg_write_options write = {.overwrite = true, .no_spatial_index = true};
    wg_reader *reader = NULL;
    wg_writer *writer = NULL;
    wg_layer *batch = NULL;
    wg_status status = WG_OK;
    bool first = true;
    WG_TRY(wg_reader_open(ctx, csv, NULL, &read, &reader));
    WG_TRY(wg_writer_open(ctx, path, &write, &writer));
    for (;;) {
        WG_TRY(wg_reader_next(ctx, reader, &batch));
        if (batch == NULL) {
            break;
        }
        WG_TRY(wide ? widen(ctx, batch) : WG_OK);
        WG_TRY(first ? wg_writer_layer(ctx, writer, batch, "point") : WG_OK);
        first = false;
        WG_TRY(wg_writer_rows(ctx, writer, batch));
        wg_layer_free(batch);
        batch = NULL;
    }
    wg_writer *ready = writer;
    writer = NULL;
    WG_TRY(wg_writer_commit(ctx, ready));
done:
    wg_layer_free(batch);
    wg_writer_abort(writer);
    wg_reader_close(reader);
    return status;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_plan_assign_data DIRECTORY [POINTS]\n");
        return 2;
    }
    static const char *const categories[] = {"noise",    "parking", "waste", "water",
                                             "lighting", "road",    "tree",  "dispute"};
    const size_t n = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 2000000;
    const wg_write_options write = {.overwrite = true};
    const wavy w = {.nx = 50, .ny = 40, .pieces = 22, .x0 = 116.2, .y0 = 39.75, .size = 0.005, .wave = 0.8};
    wg_context *ctx = wg_context_new();
    wg_layer *cells = NULL;
    char path[4096];
    wg_random random;
    double *xy = wg_malloc(2 * n, sizeof *xy);
    (void)snprintf(path, sizeof path, "%s/cells.fgb", argv[1]);
    if (ctx == NULL || xy == NULL || wavy_layer(ctx, &w, &cells) != WG_OK ||
        wg_layer_set_crs(ctx, cells, "EPSG:4326") != WG_OK || wg_write(ctx, cells, path, &write) != WG_OK) {
        (void)fprintf(stderr, "%s\n", ctx == NULL ? "no memory" : wg_context_error(ctx));
        return 1;
    }
    wavy_points(&w, 1, 60, n, xy);
    wg_random_seed(&random, 2, "rows");
    (void)snprintf(path, sizeof path, "%s/points.csv", argv[1]);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return 1;
    }
    (void)fputs("id,reported,category,lon,lat\n", file);
    for (size_t p = 0; p < n; p++) {
        const uint32_t day = 1 + wg_random_below(&random, 28), month = 1 + wg_random_below(&random, 12),
                       minute = wg_random_below(&random, 1440);
        (void)fprintf(file, "%zu,2026-%02u-%02uT%02u:%02u,%s,%.7f,%.7f\n", 10000000 + p, month, day, minute / 60,
                      minute % 60, categories[wg_random_below(&random, 8)], xy[2 * p], xy[2 * p + 1]);
    }
    bool good = fclose(file) == 0;
    for (int f = 0; good && f < 4; f++) {
        char other[4096];
        (void)snprintf(other, sizeof other, "%s/%s.%s", argv[1], f < 2 ? "points" : "wide",
                       f % 2 == 0 ? "fgb" : "gpkg");
        good = convert(ctx, path, other, f >= 2) == WG_OK;
    }
    if (!good) {
        (void)fprintf(stderr, "%s\n", wg_context_error(ctx));
    }
    wg_layer_free(cells);
    wg_context_free(ctx);
    free(xy);
    return good ? 0 : 1;
}
