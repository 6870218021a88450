/* --split: a feature in several cells becomes a row a part. */
#include <math.h>
#include <string.h>

#include "locate/clip.h"
#include "model/wkb.h"
#include "plan/assign_sink.h"

void wg_assign_parts_release(wg_assign_parts *parts) {
    free(parts->items);
    wg_buffer_release(&parts->wkb);
    wg_clipper_free(parts->clipper);
    *parts = (wg_assign_parts){0};
}

static void move_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    wg_crs_op *op = user;
    (void)type;
    (void)part;
    (void)ring;
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        (void)wg_crs_op_points(op, xy, 1);
        wg_wkb_set(pairs, i, xy);
    }
}

static wg_status move(wg_crs_op *op, char *wkb, size_t bytes) {
    return op == NULL ? WG_OK : wg_wkb_visit(wkb, bytes, move_run, op);
}

/* Cut one share out; where rounding left nothing of a sliver there is no row. */
static wg_status add_share(wg_context *ctx, wg_assign_parts *parts, const wg_assign_rules *rules, size_t row,
                           const wg_share *share) {
    const wg_shares *shares = &rules->shares;
    wg_status status = WG_OK;
    uint32_t *all = NULL;
    const size_t at = parts->wkb.length;
    if (share->cell != WG_UNASSIGNED) {
        WG_TRY(wg_clipper_inside(ctx, parts->clipper, share->cell, &parts->wkb));
    } else {
        size_t n = 0;
        all = wg_malloc(shares->n, sizeof *all);
        if (all == NULL) {
            return wg_fail_memory(ctx);
        }
        for (size_t i = 0; i < shares->n; i++) {
            if (shares->items[i].cell != WG_UNASSIGNED) {
                all[n++] = shares->items[i].cell;
            }
        }
        WG_TRY(wg_clipper_outside(ctx, parts->clipper, all, n, &parts->wkb));
    }
    const size_t bytes = parts->wkb.length - at;
    if (bytes > 0) {
        WG_TRY(move(rules->from_cells, parts->wkb.data + at, bytes));
        if (!WG_RESERVE(parts->items, parts->capacity, parts->n + 1)) {
            status = wg_fail_memory(ctx);
            goto done;
        }
        parts->items[parts->n++] =
            (wg_assign_part){.row = row, .cell = share->cell, .share = share->share, .at = at, .bytes = bytes};
    }
done:
    free(all);
    return status;
}

wg_status wg_assign_parts_add(wg_context *ctx, wg_assign_parts *parts, wg_assign_rules *rules, size_t row,
                              const void *wkb, size_t bytes) {
    wg_status status = WG_OK;
    wg_buffer own = {0};
    if (parts->clipper == NULL) {
        WG_TRY(wg_clipper_new(ctx, rules->cells->layer, &parts->clipper));
    }
    wg_buffer_append(&own, wkb, bytes);
    if (own.failed) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(move(rules->to_cells, own.data, bytes));
    WG_TRY(wg_clipper_feature(ctx, parts->clipper, own.data, bytes));
    for (size_t i = 0; i < rules->shares.n; i++) {
        if (rules->shares.items[i].share > 1e-9) {
            WG_TRY(add_share(ctx, parts, rules, row, &rules->shares.items[i]));
        }
    }
done:
    wg_buffer_release(&own);
    return status;
}
