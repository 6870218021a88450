/* Writing hand edits: units, cells, what lies in them, their communities. Every row that changes is kept for the way
 * back. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "geo/overlay.h"
#include "geo/union.h"
#include "plan/edit.h"
#include "plan/row.h"

/** A layer of changes: the columns that change, rows found by fid. */
static wg_status new_changes(wg_context *ctx, const char *name, const char *const *columns, const wg_type *types,
                             uint32_t n, wg_layer **layer) {
    wg_status status = wg_layer_new(ctx, name, NULL, layer);
    for (uint32_t i = 0; i < n && status == WG_OK; i++) {
        status = wg_layer_add_column(ctx, *layer, columns[i], types[i], NULL);
    }
    return status;
}

static void change_row(wg_row *at, int64_t fid, const void *wkb, size_t bytes) {
    wg_row_begin(at, wkb, bytes);
    if (at->status == WG_OK) {
        at->layer->fid[at->row] = fid;
    }
}

static wg_status write_changes(wg_context *ctx, wg_edit_job *job, const wg_row *at) {
    if (at->status != WG_OK || wg_layer_rows(at->layer) == 0) {
        return at->status;
    }
    return wg_store_edit_update(ctx, job->store, at->layer);
}

/* ------------------------------------------------------------------ units */

static wg_status write_units(wg_context *ctx, wg_edit_job *job) {
    static const char *const columns[] = {"cell"};
    static const wg_type types[] = {WG_TEXT};
    wg_layer *changes = NULL;
    wg_status status = WG_OK;
    WG_TRY(new_changes(ctx, "units", columns, types, 1, &changes));
    wg_row at = {.ctx = ctx, .layer = changes};
    for (uint32_t v = 0; v < job->graph.n; v++) {
        if (job->label[v] != job->origin[v]) {
            change_row(&at, job->units->fid[v], NULL, 0);
            wg_row_text(&at, "cell", job->cell[job->label[v]].code);
        }
    }
    status = write_changes(ctx, job, &at);
done:
    wg_layer_free(changes);
    return status;
}

/* ------------------------------------------------------------------ cells */

static bool changed(const wg_edit_job *job, size_t cell) {
    return job->cell[cell].alive && job->cell[cell].touched;
}

/** Outlines of the cells whose units changed: `number[i]` is cell i's row in `shapes`. */
static wg_status unite(wg_context *ctx, const wg_edit_job *job, uint32_t *number, wg_layer **shapes) {
    wg_layer *units = NULL;
    uint32_t *label = wg_malloc(job->graph.n, sizeof *label);
    uint32_t n_labels = 0;
    wg_status status = WG_OK;
    if (label == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < job->n_cells; i++) {
        number[i] = changed(job, i) ? n_labels++ : WG_UNASSIGNED;
    }
    WG_TRY(wg_layer_new(ctx, "units", wg_layer_crs(job->units), &units));
    for (uint32_t v = 0; v < job->graph.n; v++) {
        if (number[job->label[v]] != WG_UNASSIGNED) {
            size_t bytes;
            const void *wkb = wg_layer_wkb(job->units, v, &bytes);
            label[wg_layer_rows(units)] = number[job->label[v]];
            WG_TRY(wg_layer_add_row(ctx, units, wkb, bytes, NULL));
        }
    }
    WG_TRY(wg_polygons_union(ctx, units, label, n_labels, shapes));
done:
    wg_layer_free(units);
    free(label);
    return status;
}

/** Figures of a cell that are sums over units or follow from its outline; unknown sums stay unknown. */
static void put_figures(const wg_edit_job *job, const wg_edit_cell *cell, const wg_edit_figures *figures,
                        const wg_overlay_cell *shape, bool has_registered, bool has_floating, wg_row *at) {
    wg_buffer why = {0};
    const bool dedicated = strcmp(cell->kind, "dedicated") == 0;
    const char *status = dedicated ? "ok" : wg_edit_status(job, figures, &why);
    wg_row_real(at, "households", figures->households);
    wg_row_real(at, "population", figures->population);
    wg_row_real(at, "registered", has_registered ? figures->registered : NAN);
    wg_row_real(at, "floating", has_floating ? figures->floating : NAN);
    wg_row_real(at, "area_m2", shape->area_m2);
    wg_row_real(at, "perim_m", shape->perim_m);
    wg_row_real(at, "compact", shape->compact);
    wg_row_integer(at, "parts", shape->parts);
    wg_row_text(at, "status", status);
    wg_row_text(at, "reason", dedicated ? "dedicated" : strcmp(status, "ok") == 0 ? NULL : "edited");
    if (why.length > 0) {
        char text[255];
        (void)snprintf(text, sizeof text, job->zh ? "手工修改后：%.200s" : "Changed by hand: %.200s", why.data);
        wg_row_text(at, "reason_txt", text);
    }
    wg_buffer_release(&why);
}

static bool known_somewhere(const wg_layer *layer, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    for (size_t row = 0; index != UINT32_MAX && row < wg_layer_rows(layer); row++) {
        if (!wg_layer_is_null(layer, row, index)) {
            return true;
        }
    }
    return false;
}

static wg_status fill_cells(wg_context *ctx, wg_edit_job *job, wg_row *old, wg_row *fresh) {
    wg_layer *shapes = NULL;
    wg_overlay_cell *outline = NULL;
    wg_status status = WG_OK;
    const bool registered = known_somewhere(job->units, "registered");
    const bool floating = known_somewhere(job->units, "floating");
    uint32_t *number = wg_malloc(job->n_cells, sizeof *number);
    if (number == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(unite(ctx, job, number, &shapes));
    outline = wg_calloc(wg_layer_rows(shapes), sizeof *outline);
    if (outline == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_overlay_validate(ctx, shapes, outline));
    for (size_t i = 0; i < job->n_cells; i++) {
        const wg_edit_cell *cell = &job->cell[i];
        wg_edit_figures figures;
        size_t bytes;
        if (number[i] == WG_UNASSIGNED) {
            continue;
        }
        const void *wkb = wg_layer_wkb(shapes, number[i], &bytes);
        wg_row *at = cell->fid != 0 ? old : fresh;
        wg_edit_sum(job, (uint32_t)i, &figures);
        change_row(at, cell->fid, wkb, bytes);
        if (at == fresh) {
            wg_row_text(at, "code", cell->code);
            wg_row_text(at, "name", cell->name);
            wg_row_text(at, "community", cell->community);
            wg_row_text(at, "grp", cell->group[0] != '\0' ? cell->group : NULL);
            wg_row_text(at, "kind", cell->kind[0] != '\0' ? cell->kind : NULL);
        }
        put_figures(job, cell, &figures, &outline[number[i]], registered, floating, at);
    }
done:
    free(number);
    free(outline);
    wg_layer_free(shapes);
    return status;
}

static wg_status write_names(wg_context *ctx, wg_edit_job *job) {
    static const char *const columns[] = {"name"};
    static const wg_type types[] = {WG_TEXT};
    wg_layer *changes = NULL;
    wg_status status = WG_OK;
    WG_TRY(new_changes(ctx, "cells", columns, types, 1, &changes));
    wg_row at = {.ctx = ctx, .layer = changes};
    for (size_t i = 0; i < job->n_cells; i++) {
        if (job->cell[i].renamed && job->cell[i].alive && job->cell[i].fid != 0) {
            change_row(&at, job->cell[i].fid, NULL, 0);
            wg_row_text(&at, "name", job->cell[i].name);
        }
    }
    status = write_changes(ctx, job, &at);
done:
    wg_layer_free(changes);
    return status;
}

/** Merged cells leave the plan; their codes are never used again. */
static wg_status write_retired(wg_context *ctx, wg_edit_job *job) {
    wg_layer *retired = NULL;
    wg_status status = WG_OK;
    int64_t *fids = wg_malloc(job->n_cells, sizeof *fids);
    size_t n = 0;
    if (fids == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_contract_new_layer(ctx, "retired", NULL, &retired));
    wg_row at = {.ctx = ctx, .layer = retired};
    for (size_t i = 0; i < job->n_cells; i++) {
        const wg_edit_cell *cell = &job->cell[i];
        if (cell->alive) {
            continue;
        }
        uint32_t last = cell->successor;
        while (!job->cell[last].alive) {
            last = job->cell[last].successor;
        }
        if (cell->fid != 0) {
            fids[n++] = cell->fid;
        }
        wg_row_begin(&at, NULL, 0);
        wg_row_text(&at, "code", cell->code);
        wg_row_text(&at, "name", cell->name);
        wg_row_text(&at, "community", cell->community);
        wg_row_text(&at, "successor", job->cell[last].code);
        wg_row_text(&at, "reason", "merged");
    }
    WG_TRY(at.status);
    if (wg_layer_rows(retired) > 0) {
        WG_TRY(wg_store_edit_insert(ctx, job->store, retired));
    }
    WG_TRY(wg_store_edit_delete(ctx, job->store, "cells", fids, n));
done:
    wg_layer_free(retired);
    free(fids);
    return status;
}

static wg_status write_cells(wg_context *ctx, wg_edit_job *job) {
    static const char *const columns[] = {"households", "population", "registered", "floating", "area_m2",   "perim_m",
                                          "compact",    "parts",      "status",     "reason",   "reason_txt"};
    static const wg_type types[] = {WG_REAL, WG_REAL,    WG_REAL, WG_REAL, WG_REAL, WG_REAL,
                                    WG_REAL, WG_INTEGER, WG_TEXT, WG_TEXT, WG_TEXT};
    wg_layer *changes = NULL;
    wg_layer *fresh_cells = NULL;
    wg_status status = WG_OK;
    WG_TRY(new_changes(ctx, "cells", columns, types, sizeof columns / sizeof columns[0], &changes));
    WG_TRY(wg_contract_new_layer(ctx, "cells", NULL, &fresh_cells));
    wg_row old = {.ctx = ctx, .layer = changes};
    wg_row fresh = {.ctx = ctx, .layer = fresh_cells};
    WG_TRY(fill_cells(ctx, job, &old, &fresh));
    WG_TRY(write_changes(ctx, job, &old));
    WG_TRY(fresh.status);
    WG_TRY(write_names(ctx, job));
    WG_TRY(write_retired(ctx, job));
    if (wg_layer_rows(fresh_cells) > 0) {
        WG_TRY(wg_store_edit_insert(ctx, job->store, fresh_cells));
    }
done:
    wg_layer_free(changes);
    wg_layer_free(fresh_cells);
    return status;
}

/* ------------------------------------------------------------------ counts that need the final layers */

/** Buildings a cell: those that name it, and divided ones that have a share in it. */
static wg_status write_counts(wg_context *ctx, wg_edit_job *job) {
    static const char *const columns[] = {"buildings"};
    static const wg_type types[] = {WG_INTEGER};
    wg_layer *changes = NULL;
    wg_layer *answer = NULL;
    wg_status status = WG_OK;
    if (!wg_store_has(job->store, "buildings")) {
        return WG_OK;
    }
    const bool shares = wg_store_has(job->store, "shares");
    WG_TRY(wg_store_sql(ctx, job->store,
                        shares
                            ? "SELECT c.fid, c.code, (SELECT count(*) FROM buildings b WHERE b.cell = c.code AND "
                              "coalesce(b.how, '') <> 'split') + (SELECT count(*) FROM shares s WHERE s.cell = c.code) "
                              "AS n FROM cells c"
                            : "SELECT c.fid, c.code, (SELECT count(*) FROM buildings b WHERE b.cell = c.code) AS n "
                              "FROM cells c",
                        NULL, 0, &answer));
    WG_TRY(new_changes(ctx, "cells", columns, types, 1, &changes));
    wg_row at = {.ctx = ctx, .layer = changes};
    for (size_t row = 0; row < wg_layer_rows(answer); row++) {
        for (size_t i = 0; i < job->n_cells; i++) {
            if (changed(job, i) && strcmp(job->cell[i].code, wg_layer_text(answer, row, 1)) == 0) {
                change_row(&at, wg_layer_integer(answer, row, 0), NULL, 0);
                wg_row_integer(&at, "buildings", wg_layer_integer(answer, row, 2));
            }
        }
    }
    status = write_changes(ctx, job, &at);
done:
    wg_layer_free(answer);
    wg_layer_free(changes);
    return status;
}

/** Number of cells and worst status of the communities whose cells changed. */
static wg_status write_communities(wg_context *ctx, wg_edit_job *job) {
    static const char *const columns[] = {"cells", "status", "reason"};
    static const wg_type types[] = {WG_INTEGER, WG_TEXT, WG_TEXT};
    wg_layer *communities = NULL;
    wg_layer *changes = NULL;
    wg_status status = WG_OK;
    if (!wg_store_has(job->store, "communities")) {
        return WG_OK;
    }
    WG_TRY(wg_store_get(ctx, job->store, "communities", &communities));
    WG_TRY(new_changes(ctx, "communities", columns, types, 3, &changes));
    wg_row at = {.ctx = ctx, .layer = changes};
    const uint32_t code = wg_layer_column(communities, "code");
    const uint32_t old_status = wg_layer_column(communities, "status");
    const uint32_t old_reason = wg_layer_column(communities, "reason");
    for (size_t row = 0; code != UINT32_MAX && row < wg_layer_rows(communities); row++) {
        const char *own = wg_layer_text(communities, row, code);
        uint32_t count = 0;
        bool any = false, under = false, over = false;
        for (size_t i = 0; own != NULL && i < job->n_cells; i++) {
            const wg_edit_cell *cell = &job->cell[i];
            wg_edit_figures figures = cell->before;
            if (strcmp(cell->community, own) != 0) {
                continue;
            }
            any = any || cell->touched;
            if (!cell->alive) {
                continue;
            }
            if (cell->touched) {
                wg_edit_sum(job, (uint32_t)i, &figures);
            }
            const char *text = strcmp(cell->kind, "dedicated") == 0 ? "ok" : wg_edit_status(job, &figures, NULL);
            under = under || strcmp(text, "under") == 0 || strcmp(text, "mixed") == 0;
            over = over || strcmp(text, "over") == 0 || strcmp(text, "mixed") == 0;
            count++;
        }
        if (any) {
            const char *now = under && over ? "mixed" : under ? "under" : over ? "over" : "ok";
            const char *then = old_status == UINT32_MAX ? NULL : wg_layer_text(communities, row, old_status);
            const char *reason = old_reason == UINT32_MAX ? NULL : wg_layer_text(communities, row, old_reason);
            const bool same = then != NULL && strcmp(now, then) == 0;
            change_row(&at, communities->fid[row], NULL, 0);
            wg_row_integer(&at, "cells", count);
            wg_row_text(&at, "status", now);
            wg_row_text(&at, "reason", same ? reason : strcmp(now, "ok") == 0 ? NULL : "edited");
        }
    }
    status = write_changes(ctx, job, &at);
done:
    wg_layer_free(communities);
    wg_layer_free(changes);
    return status;
}

/** Micro cells and reports of cells that changed no longer hold. */
static wg_status drop_stale(wg_context *ctx, wg_edit_job *job) {
    wg_layer *micro = NULL;
    wg_status status = WG_OK;
    int64_t *fids = NULL;
    size_t n = 0;
    if (!wg_store_has(job->store, "micro")) {
        return WG_OK;
    }
    WG_TRY(wg_store_get(ctx, job->store, "micro", &micro));
    fids = wg_malloc(wg_layer_rows(micro), sizeof *fids);
    if (fids == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    const uint32_t parent = wg_layer_column(micro, "grp");
    for (size_t row = 0; parent != UINT32_MAX && row < wg_layer_rows(micro); row++) {
        const char *code = wg_layer_text(micro, row, parent);
        for (size_t i = 0; code != NULL && i < job->n_cells; i++) {
            if (job->cell[i].touched && strcmp(job->cell[i].code, code) == 0) {
                fids[n++] = micro->fid[row];
            }
        }
    }
    if (n > 0) {
        WG_TRY(wg_store_edit_delete(ctx, job->store, "micro", fids, n));
        wg_buffer_printf(
            &job->said,
            job->zh ? "删去 %zu 个微网格（所属网格已变）\n" : "%zu micro cells of changed cells are dropped\n", n);
    }
done:
    wg_layer_free(micro);
    free(fids);
    return status;
}

wg_status wg_edit_write(wg_context *ctx, wg_edit_job *job) {
    bool any = false;
    wg_status status = WG_OK;
    for (size_t i = 0; i < job->n_cells; i++) {
        any = any || job->cell[i].touched;
    }
    if (!any) {
        return write_names(ctx, job);
    }
    WG_TRY(wg_edit_follow(ctx, job)); /* while cells and units are as they were */
    WG_TRY(write_units(ctx, job));
    WG_TRY(write_cells(ctx, job));
    WG_TRY(write_counts(ctx, job));
    WG_TRY(write_communities(ctx, job));
    WG_TRY(wg_edit_groups(ctx, job));
    WG_TRY(drop_stale(ctx, job));
done:
    return status;
}
