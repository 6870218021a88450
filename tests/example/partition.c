/*
 * Divide a community into grid cells of 150 to 300 households and list them.
 *
 *     partition COMMUNITIES BUILDINGS ROADS PLAN
 *     cc partition.c $(pkg-config --cflags --libs wangge) -o partition
 */
#include <inttypes.h>
#include <stdio.h>

#include <wangge.h>

/** The cells are a layer of the plan, like any other. */
static wg_status list_cells(wg_context *ctx, const char *plan) {
    char source[4096];
    wg_layer *cells;
    snprintf(source, sizeof source, "%s|layername=cells", plan);
    const wg_status status = wg_layer_read(ctx, source, &cells);
    if (status != WG_OK) {
        return status;
    }
    const uint32_t code = wg_layer_column(cells, "code"), households = wg_layer_column(cells, "households");
    for (size_t row = 0; row < wg_layer_rows(cells); row++) {
        printf("%s %" PRId64 "\n", wg_layer_text(cells, row, code), wg_layer_integer(cells, row, households));
    }
    wg_layer_free(cells);
    return WG_OK;
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: partition COMMUNITIES BUILDINGS ROADS PLAN\n");
        return 2;
    }
    wg_context *ctx = wg_context_new();
    if (ctx == NULL) {
        return 1;
    }
    const wg_input roads = {.source = argv[3]};
    const wg_limit limit = {.field = "households", .min = 150, .target = 225, .max = 300};
    wg_partition_options options = WG_PARTITION_OPTIONS_INIT;
    options.communities.source = argv[1];
    options.buildings.source = argv[2];
    options.barriers = &roads;
    options.n_barriers = 1;
    options.limits = &limit;
    options.n_limits = 1;
    options.output = argv[4];

    wg_result *result = NULL;
    if (wg_partition(ctx, &options, &result) != WG_OK || list_cells(ctx, options.output) != WG_OK) {
        fprintf(stderr, "%s\n", wg_context_error(ctx));
        wg_context_free(ctx);
        return 1;
    }
    fputs(wg_result_text(result), stderr);
    wg_result_free(result);
    wg_context_free(ctx);
    return 0;
}
