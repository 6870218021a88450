/* What lies in cells follows them: buildings and everything that was assigned, by place; workers and the like, by code.
 */
#include <math.h>
#include <string.h>

#include "geo/overlay.h"
#include "plan/edit.h"
#include "plan/row.h"

/** Units of the cells that changed, to find where things lie. */
typedef struct ground {
    wg_layer *units;
    uint32_t *unit; /**< a row of `units` */
} ground;

static wg_status make_ground(wg_context *ctx, const wg_edit_job *job, ground *own) {
    wg_status status = wg_layer_new(ctx, "units", wg_layer_crs(job->units), &own->units);
    own->unit = wg_malloc(job->graph.n, sizeof *own->unit);
    if (status == WG_OK && own->unit == NULL) {
        status = wg_fail_memory(ctx);
    }
    for (uint32_t v = 0; v < job->graph.n && status == WG_OK; v++) {
        if (job->cell[job->origin[v]].touched || job->cell[job->label[v]].touched) {
            size_t bytes;
            const void *wkb = wg_layer_wkb(job->units, v, &bytes);
            own->unit[wg_layer_rows(own->units)] = v;
            status = wg_layer_add_row(ctx, own->units, wkb, bytes, NULL);
        }
    }
    return status;
}

uint32_t wg_edit_living(const wg_edit_job *job, uint32_t cell) {
    while (!job->cell[cell].alive) {
        cell = job->cell[cell].successor;
    }
    return cell;
}

/** Cell of the plan with this code, alive or merged away in this step; WG_UNASSIGNED for one that did not change. */
static uint32_t touched_cell(const wg_edit_job *job, const char *code) {
    for (uint32_t i = 0; i < job->n_cells; i++) {
        if (job->cell[i].touched && job->cell[i].fid != 0 && strcmp(job->cell[i].code, code) == 0) {
            return i;
        }
    }
    return WG_UNASSIGNED;
}

void wg_edit_put_codes(const wg_edit_job *job, wg_buffer *out) {
    bool any = false;
    wg_buffer_text(out, "[");
    for (size_t i = 0; i < job->n_cells; i++) {
        if (job->cell[i].touched && job->cell[i].fid != 0) {
            wg_buffer_text(out, any ? ",\"" : "\"");
            for (const char *c = job->cell[i].code; *c != '\0'; c++) {
                if (*c == '"' || *c == '\\') {
                    wg_buffer_append(out, "\\", 1);
                }
                wg_buffer_append(out, c, 1);
            }
            wg_buffer_text(out, "\"");
            any = true;
        }
    }
    wg_buffer_text(out, "]");
}

/* ------------------------------------------------------------------ rows of one layer */

static bool has_geometry(wg_store *store, const char *name) {
    wg_layer *answer = NULL;
    const wg_store_value value = {.type = WG_TEXT, .text = name};
    const bool found = wg_store_sql(NULL, store, "SELECT count(*) FROM geometry_columns WHERE f_table_name = Lower(?)",
                                    &value, 1, &answer) == WG_OK &&
                       wg_layer_integer(answer, 0, 0) > 0;
    wg_layer_free(answer);
    return found;
}

/** Rows of a layer that name a cell that changed: fid, cell, how (empty where the layer has none), geometry. */
static wg_status read_rows(wg_context *ctx, wg_edit_job *job, const char *name, bool how, wg_layer **rows) {
    wg_buffer sql = {0};
    wg_buffer codes = {0};
    wg_edit_put_codes(job, &codes);
    wg_buffer_printf(&sql, "SELECT fid, cell, %s AS how%s FROM \"", how ? "how" : "''",
                     has_geometry(job->store, name) ? ", geom" : "");
    for (const char *c = name; *c != '\0'; c++) {
        wg_buffer_append(&sql, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    }
    wg_buffer_text(&sql, "\" WHERE cell IN (SELECT value FROM json_each(?)) ORDER BY fid");
    const wg_store_value value = {.type = WG_TEXT, .text = codes.data};
    const wg_status status =
        sql.failed || codes.failed ? wg_fail_memory(ctx) : wg_store_sql(ctx, job->store, sql.data, &value, 1, rows);
    wg_buffer_release(&sql);
    wg_buffer_release(&codes);
    return status;
}

static wg_status follow_rows(wg_edit_job *job, const ground *land, const wg_layer *rows, const wg_overlay_cut *cuts,
                             wg_row *at) {
    for (size_t row = 0; row < wg_layer_rows(rows) && at->status == WG_OK; row++) {
        const uint32_t from = touched_cell(job, wg_layer_text(rows, row, 1));
        const char *how = wg_layer_text(rows, row, 2);
        if (from == WG_UNASSIGNED) {
            continue;
        }
        uint32_t to = wg_edit_living(job, from);
        if (cuts[row].first != WG_UNASSIGNED && cuts[row].share > 0) {
            const uint32_t unit = land->unit[cuts[row].first];
            const bool moved = job->origin[unit] == from && job->label[unit] != from;
            const bool divided = how != NULL && strcmp(how, "split") == 0; /* with its largest share */
            to = moved && !divided ? wg_edit_living(job, job->label[unit]) : to;
        }
        if (to != from) {
            wg_row_begin(at, NULL, 0);
            if (at->status == WG_OK) {
                at->layer->fid[at->row] = wg_layer_integer(rows, row, 0);
            }
            wg_row_text(at, "cell", job->cell[to].code);
        }
    }
    return at->status;
}

static wg_status follow_layer(wg_context *ctx, wg_edit_job *job, const ground *land, const char *name, bool how) {
    wg_layer *rows = NULL;
    wg_layer *changes = NULL;
    wg_overlay_cut *cuts = NULL;
    wg_status status = WG_OK;
    WG_TRY(read_rows(ctx, job, name, how, &rows));
    if (wg_layer_rows(rows) == 0) {
        goto done;
    }
    cuts = wg_calloc(wg_layer_rows(rows), sizeof *cuts);
    if (cuts == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_overlay_cuts(ctx, rows, land->units, 0, cuts));
    WG_TRY(wg_layer_new(ctx, name, NULL, &changes));
    WG_TRY(wg_layer_add_column(ctx, changes, "cell", WG_TEXT, NULL));
    wg_row at = {.ctx = ctx, .layer = changes};
    WG_TRY(follow_rows(job, land, rows, cuts, &at));
    if (wg_layer_rows(changes) > 0) {
        WG_TRY(wg_store_edit_update(ctx, job->store, changes));
    }
done:
    free(cuts);
    wg_layer_free(rows);
    wg_layer_free(changes);
    return status;
}

/* ------------------------------------------------------------------ shares */

static const char *const share_columns[] = {"cell", "share", "households", "population"};

/** The share of the same building in cell `heir`; `row` itself where there is none. */
static size_t share_of(const wg_layer *shares, size_t row, const char *heir) {
    const uint32_t building = wg_layer_column(shares, "building"), cell = wg_layer_column(shares, "cell");
    size_t into = row;
    for (size_t k = 0; k < wg_layer_rows(shares); k++) {
        const char *other = wg_layer_text(shares, k, cell);
        if (k != row && other != NULL && strcmp(other, heir) == 0 &&
            strcmp(wg_layer_text(shares, k, building), wg_layer_text(shares, row, building)) == 0) {
            into = k;
        }
    }
    return into;
}

/** Share `row` goes to cell `heir`. @param[out] into  the row that it is in now: itself, or one that it was added to */
static wg_status pass_share(wg_context *ctx, wg_layer *shares, size_t row, const char *heir, wg_row *at, size_t *into) {
    wg_status status = WG_OK;
    *into = share_of(shares, row, heir);
    WG_TRY(wg_layer_set_text(ctx, shares, row, wg_layer_column(shares, "cell"), *into == row ? heir : ""));
    wg_row_begin(at, NULL, 0);
    WG_TRY(at->status);
    at->layer->fid[at->row] = shares->fid[*into];
    wg_row_text(at, "cell", heir);
    for (uint32_t c = 1; c < 4; c++) {
        const uint32_t own = wg_layer_column(shares, share_columns[c]);
        if (*into != row) {
            WG_TRY(wg_layer_set_real(ctx, shares, *into, own,
                                     wg_layer_real(shares, *into, own) + wg_layer_real(shares, row, own)));
        }
        wg_row_real(at, share_columns[c], wg_layer_real(shares, *into, own));
    }
    status = at->status;
done:
    return status;
}

/** Shares in merged cells go to their successors; two shares of one building in one cell become one. */
static wg_status follow_shares(wg_context *ctx, wg_edit_job *job) {
    wg_layer *shares = NULL;
    wg_layer *changes = NULL;
    int64_t *gone = NULL;
    size_t n_gone = 0;
    wg_status status = WG_OK;
    if (wg_store_rows(job->store, "shares") == 0) {
        return WG_OK;
    }
    WG_TRY(wg_store_get(ctx, job->store, "shares", &shares));
    gone = wg_malloc(wg_layer_rows(shares), sizeof *gone);
    if (gone == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_layer_new(ctx, "shares", NULL, &changes));
    for (uint32_t c = 0; c < 4; c++) {
        WG_TRY(wg_layer_add_column(ctx, changes, share_columns[c], c == 0 ? WG_TEXT : WG_REAL, NULL));
    }
    wg_row at = {.ctx = ctx, .layer = changes};
    for (size_t row = 0; row < wg_layer_rows(shares); row++) {
        const char *code = wg_layer_text(shares, row, wg_layer_column(shares, "cell"));
        const uint32_t from = code == NULL ? WG_UNASSIGNED : touched_cell(job, code);
        if (from != WG_UNASSIGNED && !job->cell[from].alive) {
            size_t into = row;
            WG_TRY(pass_share(ctx, shares, row, job->cell[wg_edit_living(job, from)].code, &at, &into));
            if (into != row) {
                gone[n_gone++] = shares->fid[row];
            }
        }
    }
    if (wg_layer_rows(changes) > 0) {
        WG_TRY(wg_store_edit_update(ctx, job->store, changes));
        WG_TRY(wg_store_edit_delete(ctx, job->store, "shares", gone, n_gone));
    }
done:
    free(gone);
    wg_layer_free(shares);
    wg_layer_free(changes);
    return status;
}

/* ------------------------------------------------------------------ all layers */

static bool is_structure(const char *name) {
    static const char *const own[] = {"cells",    "units",    "edges",     "communities", "levels",
                                      "barriers", "coverage", "workload",  "retired",     "runs",
                                      "shares",   "micro",    "crosswalk", "exceptions"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        const size_t length = strlen(own[i]);
        if (strncmp(name, own[i], length) == 0 && (name[length] == '\0' || name[length] == '_')) {
            return true;
        }
    }
    return false;
}

static wg_status has_column(wg_context *ctx, wg_store *store, const char *layer, const char *column, bool *has) {
    const wg_store_value values[] = {{.type = WG_TEXT, .text = layer}, {.type = WG_TEXT, .text = column}};
    wg_layer *answer = NULL;
    const wg_status status =
        wg_store_sql(ctx, store, "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?", values, 2, &answer);
    *has = status == WG_OK && wg_layer_integer(answer, 0, 0) > 0;
    wg_layer_free(answer);
    return status;
}

wg_status wg_edit_follow(wg_context *ctx, wg_edit_job *job) {
    ground land = {0};
    char **names = NULL;
    size_t n = 0;
    wg_status status = WG_OK;
    WG_TRY(wg_edit_check_towers(ctx, job));
    WG_TRY(make_ground(ctx, job, &land));
    WG_TRY(wg_store_layers(ctx, job->store, &names, &n));
    for (size_t i = 0; i < n; i++) {
        bool cell = false, how = false;
        if (!is_structure(names[i])) {
            WG_TRY(has_column(ctx, job->store, names[i], "cell", &cell));
            WG_TRY(has_column(ctx, job->store, names[i], "how", &how));
        }
        if (cell) {
            WG_TRY(follow_layer(ctx, job, &land, names[i], how));
        }
    }
    WG_TRY(follow_shares(ctx, job));
done:
    wg_layer_free(land.units);
    free(land.unit);
    free(names);
    return status;
}
