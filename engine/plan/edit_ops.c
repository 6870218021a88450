/* Moving, merging and renaming on a plan in memory. What breaks contiguity is refused, and the way that works is named.
 */
#include <string.h>

#include "plan/edit.h"

enum { NAMES_MAX = 8 };

/** Pieces of a set of units that no arrangement of its land needs. */
static wg_status excess_of(wg_context *ctx, const wg_edit_job *job, const uint32_t *members, uint32_t n,
                           uint32_t *excess) {
    wg_unit_pieces found;
    const wg_status status = wg_unit_graph_pieces(ctx, &job->graph, members, n, NULL, &found);
    *excess = status == WG_OK ? found.pieces - found.components : 0;
    return status;
}

/** Codes of the living cells that units of `members` touch over edges that link (any edge for surfaces), except `own`.
 */
static void list_neighbours(const wg_edit_job *job, const uint32_t *members, uint32_t n, uint32_t own, wg_buffer *out) {
    uint32_t seen[NAMES_MAX];
    uint32_t n_seen = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t v = members[i];
        for (uint32_t k = job->graph.first[v]; k < job->graph.first[v + 1]; k++) {
            const uint32_t cell = job->label[job->graph.to[k]];
            bool known = cell == own || !(job->graph.links[k] || job->graph.surface[v]) || n_seen == NAMES_MAX;
            for (uint32_t s = 0; s < n_seen && !known; s++) {
                known = seen[s] == cell;
            }
            if (!known) {
                wg_buffer_printf(out, "%s%s", n_seen > 0 ? ", " : "", job->cell[cell].code);
                seen[n_seen++] = cell;
            }
        }
    }
    if (n_seen == 0) {
        wg_buffer_text(out, "none");
    }
}

static bool touches(const wg_edit_job *job, uint32_t unit, uint32_t cell) {
    for (uint32_t k = job->graph.first[unit]; k < job->graph.first[unit + 1]; k++) {
        if (job->label[job->graph.to[k]] == cell) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ move */

/** The unit does not hang together with the cell: name the cells that it could go to. */
static wg_status refuse_far(wg_context *ctx, const wg_edit_job *job, uint32_t unit, uint32_t to) {
    wg_buffer names = {0};
    list_neighbours(job, &unit, 1, job->label[unit], &names);
    const wg_status status = wg_fail(ctx, WG_EINVAL, "unit %s does not touch cell %s (it can go to: %s)",
                                     job->graph.id[unit], job->cell[to].code, names.data != NULL ? names.data : "none");
    wg_buffer_release(&names);
    return status;
}

/** Without the unit its cell falls apart: name the units that would have to go with it. */
static wg_status refuse_cut(wg_context *ctx, const wg_edit_job *job, uint32_t unit, uint32_t to, const uint32_t *rest,
                            uint32_t n) {
    const uint32_t from = job->label[unit];
    wg_unit_pieces found;
    wg_buffer names = {0};
    uint32_t *piece = wg_malloc(n, sizeof *piece);
    uint32_t *size = wg_calloc(n, sizeof *size);
    wg_status status = WG_OK;
    if (piece == NULL || size == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_unit_graph_pieces(ctx, &job->graph, rest, n, piece, &found));
    uint32_t largest = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (piece[i] != WG_UNASSIGNED) {
            size[piece[i]]++;
        }
    }
    for (uint32_t p = 1; p < found.pieces; p++) {
        largest = size[p] > size[largest] ? p : largest;
    }
    uint32_t listed = 0;
    uint32_t others = 0;
    for (uint32_t i = 0; i < n; i++) {
        const bool loose =
            piece[i] != WG_UNASSIGNED && piece[i] != largest && job->graph.land[rest[i]] == job->graph.land[unit];
        others += loose;
        if (loose && listed < NAMES_MAX) {
            wg_buffer_printf(&names, "%s%s", listed++ > 0 ? ", " : "", job->graph.id[rest[i]]);
        }
    }
    status = wg_fail(ctx, WG_EINVAL, "moving unit %s would cut cell %s in pieces (move with it to %s: %s%s)",
                     job->graph.id[unit], job->cell[from].code, job->cell[to].code,
                     names.data != NULL ? names.data : "", others > listed ? " …" : "");
done:
    wg_buffer_release(&names);
    free(piece);
    free(size);
    return status;
}

static wg_status try_move(wg_context *ctx, const wg_edit_job *job, uint32_t unit, uint32_t to, uint32_t *members) {
    const uint32_t from = job->label[unit];
    uint32_t before, after;
    wg_status status = WG_OK;
    uint32_t n = wg_edit_members(job, to, members);
    WG_TRY(excess_of(ctx, job, members, n, &before));
    members[n++] = unit;
    WG_TRY(excess_of(ctx, job, members, n, &after));
    if (after > before || (job->graph.surface[unit] && !touches(job, unit, to))) {
        return refuse_far(ctx, job, unit, to);
    }
    n = wg_edit_members(job, from, members);
    WG_TRY(excess_of(ctx, job, members, n, &before));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (members[i] != unit) {
            members[kept++] = members[i];
        }
    }
    WG_TRY(excess_of(ctx, job, members, kept, &after));
    if (after > before) {
        return refuse_cut(ctx, job, unit, to, members, kept);
    }
done:
    return status;
}

wg_status wg_edit_move(wg_context *ctx, wg_edit_job *job, const char *unit_id, const char *code) {
    uint32_t to;
    wg_status status = WG_OK;
    uint32_t *members = NULL;
    const uint32_t unit = wg_unit_graph_find(&job->graph, unit_id);
    if (unit == WG_UNASSIGNED) {
        return wg_fail(ctx, WG_ENOTFOUND, "%s: there is no unit %s", job->options->plan, unit_id);
    }
    WG_TRY(wg_edit_find_cell(ctx, job, code, &to));
    const uint32_t from = job->label[unit];
    wg_edit_cell *source = &job->cell[from];
    if (from == to) {
        return wg_fail(ctx, WG_EINVAL, "unit %s is in cell %s already", unit_id, code);
    }
    if (strcmp(source->community, job->cell[to].community) != 0) {
        return wg_fail(ctx, WG_EINVAL,
                       "unit %s is in community %s, cell %s in %s (a cell never crosses a community line)", unit_id,
                       source->community, code, job->cell[to].community);
    }
    members = wg_malloc((size_t)job->graph.n + 1, sizeof *members);
    if (members == NULL) {
        return wg_fail_memory(ctx);
    }
    if (wg_edit_members(job, from, members) == 1) {
        status = wg_fail(ctx, WG_EINVAL, "unit %s is all of cell %s (merge the cells: --merge %s,%s)", unit_id,
                         source->code, code, source->code);
        goto done;
    }
    WG_TRY(try_move(ctx, job, unit, to, members));
    job->label[unit] = to;
    source->touched = job->cell[to].touched = true;
    wg_buffer_printf(&job->said, job->zh ? "单元 %s：网格 %s → %s\n" : "unit %s: cell %s -> %s\n", unit_id,
                     source->code, code);
done:
    free(members);
    return status;
}

/* ------------------------------------------------------------------ merge and rename */

wg_status wg_edit_merge(wg_context *ctx, wg_edit_job *job, const char *kept_code, const char *gone_code) {
    uint32_t kept, gone, excess, excess_kept, excess_gone;
    wg_buffer names = {0};
    wg_status status = WG_OK;
    uint32_t *members = wg_malloc((size_t)job->graph.n + 1, sizeof *members);
    if (members == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_edit_find_cell(ctx, job, kept_code, &kept));
    WG_TRY(wg_edit_find_cell(ctx, job, gone_code, &gone));
    if (kept == gone) {
        status = wg_fail(ctx, WG_EINVAL, "cell %s cannot be merged with itself", kept_code);
        goto done;
    }
    if (strcmp(job->cell[kept].community, job->cell[gone].community) != 0) {
        status = wg_fail(ctx, WG_EINVAL,
                         "cells %s and %s are in communities %s and %s (a cell never crosses a community line)",
                         kept_code, gone_code, job->cell[kept].community, job->cell[gone].community);
        goto done;
    }
    const uint32_t n = wg_edit_members(job, kept, members);
    WG_TRY(excess_of(ctx, job, members, n, &excess_kept));
    const uint32_t more = wg_edit_members(job, gone, members + n);
    WG_TRY(excess_of(ctx, job, members + n, more, &excess_gone));
    WG_TRY(excess_of(ctx, job, members, n + more, &excess));
    if (excess > excess_kept + excess_gone) {
        list_neighbours(job, members + n, more, gone, &names);
        status = wg_fail(ctx, WG_EINVAL, "cells %s and %s do not touch (%s can be merged with: %s)", kept_code,
                         gone_code, gone_code, names.data != NULL ? names.data : "none");
        goto done;
    }
    for (uint32_t i = 0; i < more; i++) {
        job->label[members[n + i]] = kept;
    }
    job->cell[kept].touched = job->cell[gone].touched = true;
    job->cell[gone].alive = false;
    job->cell[gone].successor = kept;
    wg_buffer_printf(&job->said, job->zh ? "网格 %s 并入 %s，编码 %s 停用\n" : "cell %s joins %s; code %s is retired\n",
                     gone_code, kept_code, gone_code);
done:
    wg_buffer_release(&names);
    free(members);
    return status;
}

wg_status wg_edit_rename(wg_context *ctx, wg_edit_job *job, const char *code, const char *name) {
    uint32_t cell;
    const wg_status status = wg_edit_find_cell(ctx, job, code, &cell);
    if (status != WG_OK) {
        return status;
    }
    if (name[0] == '\0') {
        return wg_fail(ctx, WG_EINVAL, "cell %s needs a name", code);
    }
    const char *kept = wg_arena_strdup(&job->text, name, strlen(name));
    if (kept == NULL) {
        return wg_fail_memory(ctx);
    }
    wg_buffer_printf(&job->said, job->zh ? "网格 %s：“%s”改名为“%s”\n" : "cell %s: \"%s\" is now \"%s\"\n", code,
                     job->cell[cell].name, name);
    job->cell[cell].name = kept;
    job->cell[cell].renamed = true;
    return WG_OK;
}
