/* Buildings into the working CRS, where a few coordinates may be no numbers or lie beyond the world. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "model/wkb.h"
#include "plan/city.h"

/** More buildings than this cannot be placed: the CRS is wrong, not the buildings. */
enum { MOST_LOST = 20 };

static void find_lost(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type, (void)part, (void)ring;
    bool *lost = user;
    for (uint32_t i = 0; i < n && !*lost; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        *lost = isnan(xy[0]) || isnan(xy[1]);
    }
}

/** Take the geometry from the rows that have lost a coordinate, and list them. */
static wg_status list_lost(wg_context *ctx, wg_plan_city *city, wg_layer *layer, const char *from) {
    wg_status status = WG_OK;
    size_t length = 0;
    size_t *offset = wg_calloc(layer->n + 1, sizeof *offset);
    uint8_t *wkb = wg_malloc(layer->wkb_length, 1);
    if (offset == NULL || wkb == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t row = 0; row < layer->n; row++) {
        const size_t bytes = layer->wkb_offset[row + 1] - layer->wkb_offset[row];
        uint8_t *own = layer->wkb + layer->wkb_offset[row];
        bool lost = false;
        if (bytes > 0) {
            (void)wg_wkb_visit(own, bytes, find_lost, &lost);
        }
        if (lost && ++city->lost > MOST_LOST) {
            WG_TRY(wg_layer_fail(ctx, layer, row, WG_EDATA,
                                 "a coordinate cannot be transformed from %s to %s, nor can those of %d others (is the "
                                 "CRS right?)",
                                 from, city->crs, MOST_LOST));
        }
        if (lost) {
            char feature[32];
            (void)snprintf(feature, sizeof feature, "%lld", (long long)layer->fid[row]);
            WG_TRY(wg_exceptions_add(ctx, &city->exceptions, "buildings", feature, "lost_coordinate", NAN, NAN,
                                     "draw the footprint again",
                                     "%s: feature %s: a coordinate is no number, or cannot be transformed from %s; the "
                                     "building has no place",
                                     wg_layer_source(layer), feature, from));
        } else {
            memcpy(wkb + length, own, bytes);
            length += bytes;
        }
        offset[row + 1] = length;
    }
    wg_layer_take_wkb(layer, wkb, length, offset);
    return WG_OK;
done:
    free(offset);
    free(wkb);
    return status;
}

wg_status wg_plan_transform_buildings(wg_context *ctx, wg_plan_city *city, wg_layer *layer) {
    size_t lost = 0;
    char *from = layer->crs == NULL ? NULL : wg_strdup(layer->crs);
    if (from == NULL && layer->crs != NULL) {
        return wg_fail_memory(ctx);
    }
    wg_status status = wg_crs_transform_lossy(ctx, layer, city->crs, &lost);
    if (status == WG_OK && lost > 0) {
        status = list_lost(ctx, city, layer, from == NULL ? "" : from);
    }
    free(from);
    return status;
}
