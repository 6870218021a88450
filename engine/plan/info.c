/* wangge info: every layer of every input, and how they fit together. */
#include "plan/info.h"

#include <stdio.h>
#include <string.h>

#include "model/result.h"

typedef struct wg_info_list {
    wg_info_layer *items;
    size_t n, capacity;
} wg_info_list;

static wg_status scan_one(wg_context *ctx, const wg_input *input, const char *layer, uint32_t number,
                          wg_info_list *list) {
    char name[24];
    if (!WG_RESERVE(list->items, list->capacity, list->n + 1)) {
        return wg_fail_memory(ctx);
    }
    (void)snprintf(name, sizeof name, number == 0 ? "input" : "input:%u", number + 1);
    wg_info_layer *info = &list->items[list->n++];
    return wg_info_scan(ctx, input, layer, name, info);
}

/** All layers, unless one was named. */
static wg_status scan_input(wg_context *ctx, const wg_input *input, uint32_t number, wg_info_list *list) {
    if (input->source == NULL) {
        return wg_fail(ctx, WG_EINVAL, "info reads files and databases, not layers in memory");
    }
    if (strstr(input->source, "|layer") != NULL || strstr(input->source, "|join=") != NULL) {
        return scan_one(ctx, input, NULL, number, list);
    }
    wg_layer_names names;
    wg_status status = wg_list_layers(ctx, input->source, &names);
    for (uint32_t i = 0; i < names.n && status == WG_OK; i++) {
        status = scan_one(ctx, input, names.n == 1 ? NULL : names.name[i], number, list);
    }
    wg_layer_names_release(&names);
    return status;
}

/** What other layers are compared with: the polygons with the largest extent, else the longest set of lines. */
static const wg_info_layer *reference_for(const wg_info_list *list, const wg_info_layer *layer) {
    const wg_info_layer *best = NULL;
    double best_area = 0.0;
    for (size_t i = 0; i < list->n; i++) {
        const wg_info_layer *other = &list->items[i];
        const bool lines = other->lines > 0 && other->polygons == 0;
        const bool fewer_polygons = other->polygons > 0 && other->polygons * 4 < layer->rows;
        if (other == layer || other->kept == NULL || other->rows > WG_INFO_KEPT_ROWS || (!lines && !fewer_polygons)) {
            continue;
        }
        const double area = (other->bounds[2] - other->bounds[0]) * (other->bounds[3] - other->bounds[1]);
        if (best == NULL || (best->polygons == 0 && other->polygons > 0) ||
            ((best->polygons > 0) == (other->polygons > 0) && area > best_area)) {
            best = other;
            best_area = area;
        }
    }
    return best;
}

static wg_status compare_layers(wg_context *ctx, wg_info_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        wg_info_layer *info = &list->items[i];
        const wg_info_layer *reference = info->kept == NULL ? NULL : reference_for(list, info);
        wg_doubt doubt;
        uint32_t n = 0;
        if (reference == NULL || info->with_geometry == 0) {
            continue;
        }
        const wg_status status = wg_crs_offset_doubt(ctx, info->kept, reference->kept, info->input_name, &doubt, &n);
        if (status != WG_OK) {
            return status;
        }
        if (n > 0) {
            wg_info_doubt(info, &doubt);
        }
    }
    return WG_OK;
}

static wg_status say(wg_context *ctx, const wg_info_list *list, wg_lang lang, wg_result **result) {
    wg_buffer text = {0};
    json_t *layers = json_array();
    uint64_t doubts = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0) {
            wg_buffer_text(&text, "\n");
        }
        wg_info_text(&list->items[i], lang, &text);
        (void)json_array_append_new(layers, wg_info_json(&list->items[i]));
        doubts += list->items[i].n_doubts;
    }
    json_t *root = json_pack("{s:o, s:I}", "layers", layers, "doubts", (json_int_t)doubts);
    char *json = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    json_decref(root);
    return wg_result_new(ctx, json, wg_buffer_steal(&text), doubts, result);
}

wg_status wg_info(wg_context *ctx, const wg_info_options *options, wg_result **result) {
    wg_info_list list = {0};
    wg_status status = WG_OK;
    wg_clear_error(ctx);
    *result = NULL;
    if (options->n_inputs == 0) {
        return wg_fail(ctx, WG_EINVAL, "no input was named");
    }
    for (uint32_t i = 0; i < options->n_inputs; i++) {
        WG_TRY(scan_input(ctx, &options->inputs[i], i, &list));
    }
    WG_TRY(compare_layers(ctx, &list));
    status = say(ctx, &list, options->lang, result);
done:
    for (size_t i = 0; i < list.n; i++) {
        wg_info_layer_release(&list.items[i]);
    }
    free(list.items);
    return status;
}
