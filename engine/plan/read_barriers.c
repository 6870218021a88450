/* Roads, rivers, railways of all inputs as one layer with the plan's columns, a rank and hardness a row. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/fields.h"
#include "io/read.h"
#include "model/barrier.h"
#include "model/contract.h"
#include "plan/city.h"

static const char *text_of(const wg_layer *layer, const wg_fields *fields, wg_role role, size_t row, char text[32]) {
    const uint32_t column = fields->column[role];
    const char *found = column == UINT32_MAX ? NULL : wg_fields_text(layer, row, column, text);
    return found == NULL ? "" : found;
}

static bool is_hard_class(const wg_partition_options *options, const char *kind, const char *class) {
    for (uint32_t i = 0; i < options->n_hard_classes; i++) {
        if (strcmp(options->hard_classes[i], kind) == 0 || strcmp(options->hard_classes[i], class) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_true(const char *text) {
    return strcmp(text, "1") == 0 || strcmp(text, "true") == 0 || strcmp(text, "yes") == 0 || strcmp(text, "是") == 0;
}

/** Rank from the field that the user names or the data have, else from kind and class. */
static wg_status rank_row(wg_context *ctx, const wg_layer *layer, size_t row, double stated, const char *kind,
                          const char *class, uint8_t *rank) {
    if (!isnan(stated)) {
        if (stated < 1 || stated > 9 || stated != floor(stated)) {
            return wg_layer_fail(ctx, layer, row, WG_EDATA, "rank %g is not a whole number from 1 (highest) to 9",
                                 stated);
        }
        *rank = (uint8_t)stated;
        return WG_OK;
    }
    *rank = wg_barrier_rank(kind, class);
    return WG_OK;
}

static wg_status append_rows(wg_context *ctx, wg_plan_city *city, const wg_layer *layer, const wg_fields *fields,
                             const double *stated) {
    wg_layer *all = city->barriers;
    const uint32_t c_id = wg_layer_column(all, "id"), c_kind = wg_layer_column(all, "kind"),
                   c_class = wg_layer_column(all, "class");
    const uint32_t c_rank = wg_layer_column(all, "rank"), c_hard = wg_layer_column(all, "hard");
    wg_status status = WG_OK;
    const size_t capacity = all->n + layer->n;
    uint8_t *ranks = wg_realloc(city->rank, capacity, sizeof *ranks);
    city->rank = ranks != NULL ? ranks : city->rank;
    bool *hards = wg_realloc(city->hard, capacity, sizeof *hards);
    city->hard = hards != NULL ? hards : city->hard;
    if (ranks == NULL || hards == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < layer->n; row++) {
        char kind_text[32], class_text[32], hard_text[32], id_text[32], number[32];
        const char *kind = text_of(layer, fields, WG_ROLE_KIND, row, kind_text);
        const char *class = text_of(layer, fields, WG_ROLE_CLASS, row, class_text);
        const char *id = text_of(layer, fields, WG_ROLE_ID, row, id_text);
        size_t bytes = 0, at = 0;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        if (wkb == NULL) {
            continue;
        }
        uint8_t rank = 0;
        WG_TRY(rank_row(ctx, layer, row, stated == NULL ? NAN : stated[row], kind, class, &rank));
        WG_TRY(wg_layer_add_row(ctx, all, wkb, bytes, &at));
        all->fid[at] = layer->fid[row];
        const bool hard =
            is_hard_class(city->options, kind, class) || is_true(text_of(layer, fields, WG_ROLE_HARD, row, hard_text));
        city->rank[at] = rank;
        city->hard[at] = hard;
        if (id[0] == '\0') {
            (void)snprintf(number, sizeof number, "%lld", (long long)layer->fid[row]);
            id = number;
        }
        WG_TRY(wg_layer_set_text(ctx, all, at, c_id, id));
        WG_TRY(wg_layer_set_text(ctx, all, at, c_kind, kind[0] == '\0' ? NULL : kind));
        WG_TRY(wg_layer_set_text(ctx, all, at, c_class, class[0] == '\0' ? NULL : class));
        WG_TRY(wg_layer_set_integer(ctx, all, at, c_rank, rank));
        WG_TRY(wg_layer_set_integer(ctx, all, at, c_hard, hard ? 1 : 0));
    }
done:
    return status;
}

wg_status wg_plan_take_barriers(wg_context *ctx, wg_plan_city *city, const wg_layer *layer, size_t rows, bool list) {
    wg_status status = WG_OK;
    double *stated = NULL;
    const wg_partition_options *options = city->options;
    const wg_role roles[] = {WG_ROLE_ID, WG_ROLE_KIND, WG_ROLE_CLASS, WG_ROLE_RANK, WG_ROLE_HARD, WG_ROLE_NAME};
    wg_fields fields;
    WG_TRY(wg_fields_match(ctx, layer, "barriers", roles, sizeof roles / sizeof roles[0], options->fields,
                           options->n_fields, city->field_used, &fields));
    if (options->rank_field != NULL) {
        fields.column[WG_ROLE_RANK] = wg_layer_column(layer, options->rank_field);
        if (fields.column[WG_ROLE_RANK] == UINT32_MAX) {
            status = wg_fail(ctx, WG_EDATA, "%s: there is no field %s, which --rank names (see wangge info)",
                             wg_layer_source(layer), options->rank_field);
            goto done;
        }
    }
    if (rows > 0) {
        wg_buffer_printf(&city->understood, "barriers: %zu rows, ", rows);
        wg_fields_list(layer, &fields, &city->understood);
        wg_buffer_text(&city->understood, "\n");
    }
    if (fields.column[WG_ROLE_RANK] != UINT32_MAX) {
        WG_TRY(wg_fields_numbers(ctx, layer, fields.column[WG_ROLE_RANK], true, list ? &city->exceptions : NULL, NULL,
                                 &stated));
    }
    WG_TRY(append_rows(ctx, city, layer, &fields, stated));
done:
    free(stated);
    return status;
}

wg_status wg_plan_clear_barriers(wg_context *ctx, wg_plan_city *city) {
    wg_layer_free(city->barriers);
    city->barriers = NULL;
    return wg_contract_new_layer(ctx, "barriers", city->crs, &city->barriers);
}

wg_status wg_plan_read_barriers(wg_context *ctx, wg_plan_city *city) {
    wg_status status = WG_OK;
    WG_TRY(wg_plan_clear_barriers(ctx, city));
    for (uint32_t i = 0; i < city->options->n_barriers && status == WG_OK; i++) {
        wg_layer *layer = NULL;
        WG_TRY(wg_plan_read_layer(ctx, city, &city->options->barriers[i], "barriers", &layer));
        status = wg_plan_take_barriers(ctx, city, layer, layer->n, true);
        wg_layer_free(layer);
    }
done:
    return status;
}
