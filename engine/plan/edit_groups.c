/* Groups of cells after hand edits: their outlines in `levels` are those of their cells again. */
#include <string.h>

#include "geo/union.h"
#include "model/wkb.h"
#include "plan/edit.h"

/** Number of a group's row in `levels`, WG_UNASSIGNED where it is none. */
static uint32_t row_of(const wg_layer *levels, const char *group) {
    const uint32_t code = wg_layer_column(levels, "code"), level = wg_layer_column(levels, "level");
    for (uint32_t row = 0; row < wg_layer_rows(levels); row++) {
        const char *of = wg_layer_text(levels, row, code), *kind = wg_layer_text(levels, row, level);
        if (of != NULL && kind != NULL && strcmp(kind, "group") == 0 && strcmp(of, group) == 0) {
            return row;
        }
    }
    return WG_UNASSIGNED;
}

/** Groups of cells that changed, by their rows of `levels`. */
static bool mark_changed(const wg_edit_job *job, const wg_layer *levels, bool *changed) {
    bool any = false;
    for (size_t i = 0; i < job->n_cells; i++) {
        const wg_edit_cell *cell = &job->cell[i];
        const uint32_t row = cell->touched && cell->group[0] != '\0' ? row_of(levels, cell->group) : WG_UNASSIGNED;
        if (row != WG_UNASSIGNED) {
            changed[row] = any = true;
        }
    }
    return any;
}

/** Outlines of the groups that changed, from the cells as they are in the store now: a row a row of `levels`. */
static wg_status unite(wg_context *ctx, const wg_edit_job *job, const wg_layer *levels, const bool *changed,
                       wg_layer **shapes) {
    wg_status status = WG_OK;
    wg_layer *cells = NULL, *own = NULL;
    uint32_t *label = NULL;
    WG_TRY(wg_store_get(ctx, job->store, "cells", &cells));
    WG_TRY(wg_layer_new(ctx, "groups", wg_layer_crs(cells), &own));
    label = wg_malloc(wg_layer_rows(cells), sizeof *label);
    if (label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t row = 0; row < wg_layer_rows(cells); row++) {
        const char *group = wg_layer_text(cells, row, wg_layer_column(cells, "grp"));
        const uint32_t of = group == NULL ? WG_UNASSIGNED : row_of(levels, group);
        if (of != WG_UNASSIGNED && changed[of]) {
            size_t bytes;
            const void *wkb = wg_layer_wkb(cells, row, &bytes);
            label[wg_layer_rows(own)] = of;
            WG_TRY(wg_layer_add_row(ctx, own, wkb, bytes, NULL));
        }
    }
    status = wg_polygons_union(ctx, own, label, (uint32_t)wg_layer_rows(levels), shapes);
done:
    wg_layer_free(cells);
    wg_layer_free(own);
    free(label);
    return status;
}

static void count_part(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)pairs, (void)n, (void)type, (void)ring;
    *(uint32_t *)user = part + 1;
}

static uint32_t parts_of(const wg_layer *layer, size_t row) {
    size_t bytes;
    uint32_t parts = 0;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    if (wkb != NULL) {
        (void)wg_wkb_visit((void *)wkb, bytes, count_part, &parts); /* changes nothing */
    }
    return parts;
}

wg_status wg_edit_groups(wg_context *ctx, wg_edit_job *job) {
    wg_status status = WG_OK;
    wg_layer *levels = NULL, *shapes = NULL, *changes = NULL;
    bool *changed = NULL;
    int64_t *gone = NULL;
    size_t n_gone = 0;
    WG_TRY(wg_store_get_or_empty(ctx, job->store, "levels", &levels));
    if (wg_layer_rows(levels) == 0) {
        goto done;
    }
    changed = wg_calloc(wg_layer_rows(levels), sizeof *changed);
    gone = wg_malloc(wg_layer_rows(levels), sizeof *gone);
    if (changed == NULL || gone == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    if (!mark_changed(job, levels, changed)) {
        goto done;
    }
    WG_TRY(unite(ctx, job, levels, changed, &shapes));
    WG_TRY(wg_layer_new(ctx, "levels", NULL, &changes));
    for (size_t row = 0; row < wg_layer_rows(levels); row++) {
        size_t bytes, at;
        const void *wkb = wg_layer_wkb(shapes, row, &bytes);
        const char *code = wg_layer_text(levels, row, wg_layer_column(levels, "code"));
        if (!changed[row]) {
            continue;
        }
        if (wkb == NULL) { /* its last cell was merged away */
            gone[n_gone++] = levels->fid[row];
            wg_buffer_printf(&job->said, job->zh ? "片组 %s 已无网格\n" : "group %s has no cells any more\n", code);
            continue;
        }
        WG_TRY(wg_layer_add_row(ctx, changes, wkb, bytes, &at));
        changes->fid[at] = levels->fid[row];
        if (parts_of(shapes, row) > parts_of(levels, row)) {
            wg_buffer_printf(&job->said, job->zh ? "片组 %s 不再相连（%u 块）\n" : "group %s is in %u pieces now\n",
                             code, parts_of(shapes, row));
        }
    }
    if (wg_layer_rows(changes) > 0) {
        WG_TRY(wg_store_edit_update(ctx, job->store, changes));
    }
    status = wg_store_edit_delete(ctx, job->store, "levels", gone, n_gone);
done:
    wg_layer_free(levels);
    wg_layer_free(shapes);
    wg_layer_free(changes);
    free(changed);
    free(gone);
    return status;
}
