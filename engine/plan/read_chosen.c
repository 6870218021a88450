/*
 * Some communities of a city (--only-communities): their plan is the part that they have in a plan of all of them, and
 * what is far from them is left out where it is read. The working CRS, the repair of common lines and whose a building
 * is are still decided by all communities; atoms, labels and codes depend on nothing but the community's own.
 */
#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/city.h"

/** Room around the chosen communities: buildings that cross their line, lines and areas that begin outside. */
static const double MARGIN_M = 100.0;

void wg_plan_chosen_free(wg_chosen *chosen) {
    if (chosen != NULL) {
        wg_reference_free(chosen->reference);
        wg_layer_free(chosen->communities);
        free(chosen->keep);
        free(chosen);
    }
}

/** Mark the community that a code, or else a name, says. */
static wg_status mark(wg_context *ctx, const wg_plan_city *city, const char *wanted, bool *keep) {
    const size_t n = city->communities->n;
    const uint32_t name = city->columns.name;
    char text[32];
    size_t found = 0;
    for (size_t row = 0; row < n; row++) {
        if (strcmp(wg_plan_community_code(city, row, text), wanted) == 0) {
            keep[row] = true;
            return WG_OK;
        }
    }
    for (size_t row = 0; row < n && name != UINT32_MAX; row++) {
        const char *own = wg_fields_text(city->communities, row, name, text);
        if (own != NULL && strcmp(own, wanted) == 0) {
            keep[row] = true;
            found++;
        }
    }
    return found == 1  ? WG_OK
           : found > 1 ? wg_fail(ctx, WG_EINVAL, "--only-communities: %zu communities are called %s (give their codes)",
                                 found, wanted)
                       : wg_fail(ctx, WG_ENOTFOUND, "--only-communities: %s: no community has the code or the name %s",
                                 wg_layer_source(city->communities), wanted);
}

/** Whether an exception says anything of a community that is chosen, or of none in particular. */
static bool concerns(const wg_plan_city *city, const wg_chosen *chosen, const wg_exception *item) {
    if (strcmp(item->layer, "communities") != 0 || item->feature[0] == '\0') {
        return true;
    }
    for (size_t row = 0; row < city->communities->n; row++) {
        char text[32];
        const char *code = wg_plan_community_code(city, row, text);
        if (chosen->keep[row] && (strcmp(item->feature, code) == 0 || strstr(item->detail, code) != NULL)) {
            return true;
        }
    }
    return false;
}

static wg_status choose_exceptions(wg_context *ctx, wg_plan_city *city, const wg_chosen *chosen) {
    wg_exceptions left = {0};
    wg_status status = WG_OK;
    for (size_t i = 0; i < city->exceptions.n; i++) {
        const wg_exception *item = &city->exceptions.items[i];
        if (concerns(city, chosen, item)) {
            WG_TRY(wg_exceptions_add(ctx, &left, item->layer, item->feature, item->problem, item->x, item->y,
                                     item->advice, "%s", item->detail));
        }
    }
    wg_exceptions_release(&city->exceptions);
    city->exceptions = left;
    return WG_OK;
done:
    wg_exceptions_release(&left);
    return status;
}

/** Box around the polygons, with the margin; false: there is nothing in it. */
static bool measure_box(const wg_layer *polygons, double margin, double box[4]) {
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (size_t row = 0; row < polygons->n; row++) {
        size_t bytes = 0;
        double own[4];
        const void *wkb = wg_layer_wkb(polygons, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, own)) {
            box[0] = fmin(box[0], own[0] - margin);
            box[1] = fmin(box[1], own[1] - margin);
            box[2] = fmax(box[2], own[2] + margin);
            box[3] = fmax(box[3], own[3] + margin);
        }
    }
    return box[0] <= box[2];
}

/** The communities entry of the inputs says which of its rows were worked. */
static wg_status record(wg_context *ctx, wg_plan_city *city) {
    json_t *codes = json_array();
    bool good = codes != NULL;
    for (size_t row = 0; row < city->communities->n && good; row++) {
        char text[32];
        good = json_array_append_new(codes, json_string(wg_plan_community_code(city, row, text))) == 0;
    }
    good = good && json_object_set(json_array_get(city->inputs, 0), "only", codes) == 0;
    json_decref(codes);
    return good ? WG_OK : wg_fail_memory(ctx);
}

wg_status wg_plan_choose(wg_context *ctx, wg_plan_city *city) {
    const wg_partition_options *options = city->options;
    wg_status status = WG_OK;
    wg_layer *own = NULL;
    if (options->n_only_communities == 0) {
        return WG_OK;
    }
    wg_chosen *chosen = city->chosen = wg_calloc(1, sizeof *chosen);
    if (chosen == NULL) {
        return wg_fail_memory(ctx);
    }
    chosen->keep = wg_calloc(city->communities->n, sizeof *chosen->keep);
    if (chosen->keep == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < options->n_only_communities; i++) {
        WG_TRY(mark(ctx, city, options->only_communities[i], chosen->keep));
    }
    WG_TRY(choose_exceptions(ctx, city, chosen));
    WG_TRY(wg_layer_copy(ctx, city->communities, chosen->keep, &own));
    chosen->reference = city->reference;
    chosen->communities = city->communities;
    city->communities = own;
    own = NULL;
    city->reference = NULL;
    WG_TRY(wg_reference_choose(ctx, chosen->reference, chosen->keep, &city->reference));
    if (!measure_box(wg_reference_layer(city->reference), MARGIN_M + options->snap_m, chosen->box)) {
        status = wg_fail(ctx, WG_EDATA, "the communities have no extent");
        goto done;
    }
    wg_buffer_printf(&city->understood, "communities to divide: %zu of %zu\n", city->communities->n,
                     chosen->communities->n);
    status = record(ctx, city);
done:
    wg_layer_free(own);
    return status;
}

/* ---------------------------------------------------------------- reading */

enum { SIDE_POINTS = 32 };

/** The box in another CRS: of points along its sides, so that sides that become curves are covered. */
static bool box_in(wg_context *ctx, const wg_plan_city *city, const char *crs, double out[4]) {
    const double *box = city->chosen->box;
    double xy[2 * 4 * SIDE_POINTS];
    for (size_t i = 0; i < SIDE_POINTS; i++) {
        const double t = (double)i / (SIDE_POINTS - 1), x = box[0] + t * (box[2] - box[0]),
                     y = box[1] + t * (box[3] - box[1]);
        const double at[4][2] = {{x, box[1]}, {x, box[3]}, {box[0], y}, {box[2], y}};
        memcpy(xy + 8 * i, at, sizeof at);
    }
    wg_context quiet;
    wg_context_child(&quiet, ctx);
    if (wg_crs_points(&quiet, city->crs, crs, xy, sizeof xy / sizeof xy[0] / 2) != WG_OK) {
        return false; /* told when the layer is transformed */
    }
    out[0] = out[1] = INFINITY;
    out[2] = out[3] = -INFINITY;
    for (size_t i = 0; i < 4 * SIDE_POINTS; i++) {
        if (isnan(xy[2 * i])) {
            return false;
        }
        for (size_t k = 0; k < 2; k++) {
            out[k] = fmin(out[k], xy[2 * i + k]);
            out[k + 2] = fmax(out[k + 2], xy[2 * i + k]);
        }
    }
    return true;
}

bool wg_plan_read_near(wg_context *ctx, const wg_plan_city *city, wg_reader *reader) {
    const char *crs = wg_reader_source(reader)->crs;
    double bounds[4];
    return city->chosen != NULL && crs != NULL && box_in(ctx, city, crs, bounds) && wg_reader_near(reader, bounds);
}

static wg_status read_near(wg_context *ctx, const wg_plan_city *city, const wg_input *input, const char *role,
                           bool *near, wg_layer **layer) {
    wg_reader *reader = NULL;
    const wg_read_options options = {.crs = input->crs, .encoding = input->encoding, .batch_rows = SIZE_MAX};
    wg_status status = wg_reader_open(ctx, input->source, role, &options, &reader);
    if (status != WG_OK) {
        return status;
    }
    *near = wg_plan_read_near(ctx, city, reader);
    if (*near) {
        WG_TRY(wg_reader_next(ctx, reader, layer));
        WG_TRY(*layer != NULL ? WG_OK : wg_layer_copy(ctx, wg_reader_schema(reader), NULL, layer));
        wg_log(ctx, WG_LOG_INFO, "%s: %zu rows near the chosen communities were read", wg_layer_source(*layer),
               (*layer)->n);
    }
done:
    wg_reader_close(reader);
    return status;
}

wg_status wg_plan_read_rows(wg_context *ctx, const wg_plan_city *city, const wg_input *input, const char *role,
                            wg_layer **layer) {
    if (city->chosen != NULL && input->layer == NULL && wg_input_given(input)) {
        bool near = false;
        const wg_status status = read_near(ctx, city, input, role, &near, layer);
        /* Where no building is near, all of them tell what is wrong: another CRS, swapped axes. */
        if (status != WG_OK || (near && ((*layer)->n > 0 || strcmp(role, "buildings") != 0))) {
            return status;
        }
        wg_layer_free(*layer);
        *layer = NULL;
    }
    return wg_read(ctx, input, role, layer);
}

wg_status wg_plan_keep_chosen(wg_context *ctx, const wg_plan_city *city, wg_layer **buildings) {
    wg_placement placement = {0};
    wg_layer *layer = *buildings, *left = NULL;
    wg_status status = WG_OK;
    bool *keep = NULL;
    if (city->chosen == NULL) {
        return WG_OK;
    }
    keep = wg_calloc(layer->n, sizeof *keep);
    if (keep == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_buildings_locate(ctx, city->chosen->reference, layer, &placement));
    for (size_t row = 0; row < layer->n; row++) {
        const uint32_t community = placement.community[row];
        keep[row] = community != WG_UNASSIGNED && city->chosen->keep[community];
    }
    WG_TRY(wg_layer_copy(ctx, layer, keep, &left));
    wg_layer_free(layer);
    *buildings = left;
done:
    wg_placement_release(&placement);
    free(keep);
    return status;
}

wg_status wg_plan_check_chosen(wg_context *ctx, const wg_plan_city *city, size_t rows, const char *source) {
    return city->chosen == NULL || rows > 0
               ? WG_OK
               : wg_fail(ctx, WG_EDATA,
                         "%s: no building lies in the communities of --only-communities (compare the coordinates of "
                         "both: wangge info)",
                         source);
}
