#include "plan/canonical.h"

#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "model/wkb.h"

typedef struct wg_place {
    const char *key; /**< NULL sorts first */
    double b[4];     /**< rounded to the millimetre; NAN without geometry */
    size_t row;
} wg_place;

static int compare_number(double a, double b) {
    if (isnan(a) || isnan(b)) {
        return isnan(a) == isnan(b) ? 0 : isnan(a) ? 1 : -1;
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

static int compare_places(const void *first, const void *second) {
    const wg_place *a = first, *b = second;
    int order = a->key == NULL || b->key == NULL ? (a->key != NULL) - (b->key != NULL) : strcmp(a->key, b->key);
    for (int k = 0; k < 4 && order == 0; k++) {
        order = compare_number(a->b[k], b->b[k]);
    }
    return order != 0 ? order : a->row < b->row ? -1 : a->row > b->row ? 1 : 0;
}

static double signed_area(const uint8_t *pairs, uint32_t n) {
    double origin[2], a[2], b[2], sum = 0.0;
    wg_wkb_get(pairs, 0, origin);
    memcpy(a, origin, sizeof a);
    for (uint32_t i = 1; i < n; i++) {
        wg_wkb_get(pairs, i, b);
        sum += (a[0] - origin[0]) * (b[1] - origin[1]) - (b[0] - origin[0]) * (a[1] - origin[1]);
        memcpy(a, b, sizeof a);
    }
    return sum;
}

static void turn_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)user;
    if (type != WG_WKB_POLYGON || n < 4 || (signed_area(pairs, n) < 0.0) == (ring > 0)) {
        return;
    }
    for (uint32_t i = 0, j = n - 1; i < j; i++, j--) {
        double a[2], b[2];
        wg_wkb_get(pairs, i, a);
        wg_wkb_get(pairs, j, b);
        wg_wkb_set(pairs, i, b);
        wg_wkb_set(pairs, j, a);
    }
}

/** Rows in the order of `places`; the layer keeps its address. */
static wg_status permute(wg_context *ctx, wg_layer *layer, const wg_place *places) {
    wg_layer *made = NULL;
    wg_status status = wg_layer_new_like(ctx, layer, &made);
    if (status != WG_OK) {
        return status;
    }
    for (size_t i = 0; i < layer->n; i++) {
        WG_TRY(wg_layer_copy_row(ctx, layer, places[i].row, made));
    }
    const wg_layer swap = *layer;
    *layer = *made;
    *made = swap;
done:
    wg_layer_free(made);
    return status;
}

wg_status wg_plan_canonical(wg_context *ctx, wg_layer *layer, uint32_t key) {
    wg_place *places = wg_calloc(layer->n, sizeof *places);
    bool sorted = true;
    if (places == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < layer->n; row++) {
        const size_t bytes = layer->wkb_offset[row + 1] - layer->wkb_offset[row];
        uint8_t *wkb = bytes == 0 ? NULL : layer->wkb + layer->wkb_offset[row];
        wg_place *place = &places[row];
        char number[32];
        place->row = row;
        place->key = key == UINT32_MAX ? NULL : wg_fields_text(layer, row, key, number);
        if (place->key == number) { /* a number's text must stay while places move */
            place->key = wg_arena_strdup(&layer->text, number, strlen(number));
            if (place->key == NULL) {
                free(places);
                return wg_fail_memory(ctx);
            }
        }
        if (wkb != NULL) {
            (void)wg_wkb_visit(wkb, bytes, turn_ring, NULL);
            (void)wg_wkb_bounds(wkb, bytes, place->b);
        }
        for (int k = 0; k < 4; k++) {
            place->b[k] = wkb == NULL ? NAN : round(place->b[k] * 1000.0);
        }
    }
    for (size_t row = 1; row < layer->n; row++) {
        sorted = sorted && compare_places(&places[row - 1], &places[row]) < 0;
    }
    wg_status status = WG_OK;
    if (!sorted) {
        qsort(places, layer->n, sizeof *places, compare_places);
        status = permute(ctx, layer, places);
    }
    free(places);
    return status;
}
