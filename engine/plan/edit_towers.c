/*
 * Towers whose stairs lie in several cells. The plan says what part of such a building is in which cell, not in which
 * unit: units that it stands on stay together with their shares, and go into another cell only by merging.
 */
#include "locate/locate.h"
#include "plan/edit.h"

/** A unit that a building only touches, by rounding, holds none of its stairs. */
static const double TOUCHED = 0.01;

/** Divided buildings with a share in a cell that changed. */
static wg_status read_towers(wg_context *ctx, const wg_edit_job *job, wg_layer **towers) {
    wg_buffer codes = {0};
    wg_edit_put_codes(job, &codes);
    const wg_store_value value = {.type = WG_TEXT, .text = codes.data};
    const wg_status status =
        codes.failed ? wg_fail_memory(ctx)
                     : wg_store_sql(ctx, job->store,
                                    "SELECT id, geom FROM buildings WHERE how = 'split' AND id IN (SELECT building "
                                    "FROM shares WHERE cell IN (SELECT value FROM json_each(?))) ORDER BY fid",
                                    &value, 1, towers);
    wg_buffer_release(&codes);
    return status;
}

static wg_status refuse(wg_context *ctx, const wg_edit_job *job, uint32_t unit, const char *building) {
    return wg_fail(ctx, WG_EINVAL,
                   "unit %s of cell %s holds stairs of building %s, which is divided over cells (merge the cells, or "
                   "redraw the community: wangge redraw --free %s)",
                   job->graph.id[unit], job->cell[job->origin[unit]].code, building == NULL ? "" : building,
                   job->cell[job->origin[unit]].community);
}

wg_status wg_edit_check_towers(wg_context *ctx, const wg_edit_job *job) {
    wg_status status = WG_OK;
    wg_layer *towers = NULL;
    wg_locator *locator = NULL;
    wg_shares shares = {0};
    if (!wg_store_has(job->store, "buildings") || wg_store_rows(job->store, "shares") == 0) {
        return WG_OK;
    }
    WG_TRY(read_towers(ctx, job, &towers));
    if (wg_layer_rows(towers) == 0) {
        goto done;
    }
    const wg_locator_options tree = {.tree = true};
    WG_TRY(wg_locator_build(ctx, job->units, &tree, &locator));
    for (size_t row = 0; row < wg_layer_rows(towers); row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(towers, row, &bytes);
        WG_TRY(wg_locator_shares(ctx, locator, wkb, bytes, &shares));
        for (size_t i = 0; i < shares.n; i++) {
            const uint32_t unit = shares.items[i].cell;
            if (unit != WG_UNASSIGNED && shares.items[i].share > TOUCHED &&
                wg_edit_living(job, job->label[unit]) != wg_edit_living(job, job->origin[unit])) {
                status = refuse(ctx, job, unit, wg_layer_text(towers, row, 0));
                goto done;
            }
        }
    }
done:
    wg_layer_free(towers);
    wg_locator_free(locator);
    wg_shares_release(&shares);
    return status;
}
