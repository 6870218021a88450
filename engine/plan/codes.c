/* Codes and names of the cells of a plan. */
#include <string.h>

#include "io/fields.h"
#include "model/code.h"
#include "model/wkb.h"
#include "plan/city.h"

typedef struct code_order {
    const char *code;
    uint32_t cell;
} code_order;

static int compare_codes(const void *a, const void *b) {
    return strcmp(((const code_order *)a)->code, ((const code_order *)b)->code);
}

static wg_status sort_cells(wg_context *ctx, wg_district *district) {
    code_order *order = wg_calloc(district->n_cells, sizeof *order);
    if (order == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t c = 0; c < district->n_cells; c++) {
        order[c] = (code_order){.code = district->code[c], .cell = c};
    }
    qsort(order, district->n_cells, sizeof *order, compare_codes);
    for (uint32_t c = 0; c < district->n_cells; c++) {
        district->order[c] = order[c].cell;
    }
    free(order);
    return WG_OK;
}

static wg_status name_cells(wg_context *ctx, const wg_plan_city *city, size_t row, const char *community_code,
                            wg_district *district) {
    wg_status status = WG_OK;
    const wg_partition_options *options = city->options;
    char text[32];
    const char *community =
        city->columns.name == UINT32_MAX ? NULL : wg_fields_text(city->communities, row, city->columns.name, text);
    for (uint32_t i = 0; i < district->n_cells; i++) {
        const uint32_t c = district->order[i];
        const int sequence = wg_code_sequence(options->code_scheme, community_code, district->code[c]);
        const wg_name_parts parts = {.number = sequence > 0 ? (uint32_t)sequence : i + 1,
                                     .community = community == NULL ? community_code : community,
                                     .code = district->code[c]};
        if (district->name[c] == NULL) {
            WG_TRY(wg_cell_name(ctx, options->name_template, options->lang, &parts, &district->name[c]));
        }
    }
done:
    return status;
}

static wg_status code_community(wg_context *ctx, const wg_plan_city *city, size_t row, wg_district *district) {
    wg_status status = WG_OK;
    char **codes = NULL;
    char text[32];
    const char *community = wg_plan_community_code(city, row, text);
    double *x = wg_calloc(district->n_cells, sizeof *x);
    double *y = wg_calloc(district->n_cells, sizeof *y);
    if (x == NULL || y == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t c = 0; c < district->n_cells; c++) {
        size_t bytes = 0;
        double xy[2] = {0, 0};
        const void *wkb = wg_layer_wkb(district->cells, c, &bytes);
        (void)wg_wkb_centroid(wkb, bytes, xy);
        x[c] = xy[0];
        y[c] = xy[1];
    }
    const wg_code_request request = {.scheme = city->options->code_scheme,
                                     .community = community,
                                     .object = city->options->object_class,
                                     .n = district->n_cells,
                                     .x = x,
                                     .y = y,
                                     .kept = (const char *const *)district->code,
                                     .retired = (const char *const *)city->retired,
                                     .n_retired = city->n_retired};
    WG_TRY(wg_codes_assign(ctx, &request, &codes));
    for (uint32_t c = 0; c < district->n_cells; c++) {
        char *copy = wg_strdup(codes[c]);
        if (copy == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        free(district->code[c]);
        district->code[c] = copy;
    }
    WG_TRY(sort_cells(ctx, district));
    WG_TRY(name_cells(ctx, city, row, community, district));
done:
    free(codes);
    free(x);
    free(y);
    return status;
}

wg_status wg_plan_codes(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts) {
    wg_status status = WG_OK;
    WG_TRY(wg_name_template_check(ctx, city->options->name_template));
    for (size_t row = 0; row < city->communities->n; row++) {
        WG_TRY(code_community(ctx, city, row, districts[row]));
    }
done:
    return status;
}
