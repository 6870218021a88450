/*
 * The lines of today become lines of the atoms. Where both sides of a line agree to the millimetre (or it runs on the
 * community's own line) it is taken as it is. Where it was drawn by hand, a few metres off a street, a community line
 * or the neighbour's idea of the same line, that other line is the one that is meant: only stretches farther away than
 * that are lines of their own, and begin and end on what they come from.
 */
#include <math.h>
#include <string.h>

#include "model/wkb.h"
#include "plan/present.h"
#include "plan/present_index.h"

enum { NETWORK_RANK = 4 }; /* like a secondary street: always a line of the atoms, yields to major ones */

static const double AGREED_M = 0.002; /* the precision grid, both ways: what two programs write for one line */
static const double STEP_M = 4;       /* between places where a line is looked at */

/** Owner of lines that are nobody's outline: streets, community lines, stretches that were accepted. */
#define KNOWN (UINT32_MAX - 1)
#define NOBODY (UINT32_MAX - 2)

typedef struct point {
    double at[2];
} point;

typedef struct conflation {
    wg_context *ctx;
    wg_status status;
    const wg_network *network;
    double reach;         /**< lines nearer than this are the same line */
    wg_line_index *cells; /**< outlines of this network, by row, and community lines */
    wg_line_index *known; /**< what a line may be meant to be */
    uint32_t row;
    bool adopt; /**< second pass: stretches that do not agree */
    wg_buffer lines;
    uint32_t n_lines; /**< of the row so far */
    point *line;
    size_t n, capacity;                 /**< the stretch in hand */
    double moved_m, farthest, where[2]; /**< what the row's outline lost to other lines */
} conflation;

static void push(conflation *c, const double at[2]) {
    if (c->status != WG_OK) {
        return;
    }
    if (!WG_RESERVE(c->line, c->capacity, c->n + 1)) {
        c->status = wg_fail_memory(c->ctx);
    } else if (c->n == 0 || c->line[c->n - 1].at[0] != at[0] || c->line[c->n - 1].at[1] != at[1]) {
        c->line[c->n++] = (point){{at[0], at[1]}};
    }
}

/** The stretch in hand becomes a line of the atoms. */
static void close_line(conflation *c) {
    for (size_t i = 1; i < c->n && c->status == WG_OK; i++) {
        c->status = wg_line_index_add(c->ctx, c->known, c->line[i - 1].at, c->line[i].at, KNOWN);
    }
    if (c->n >= 2) {
        wg_wkb_put_header(&c->lines, WG_WKB_LINESTRING, (uint32_t)c->n);
        wg_wkb_put_pairs(&c->lines, c->line[0].at, (uint32_t)c->n);
        c->n_lines++;
    }
    c->n = 0;
}

static uint32_t steps_of(const double a[2], const double b[2]) {
    const double steps = ceil(hypot(b[0] - a[0], b[1] - a[1]) / STEP_M);
    return steps < 1 ? 1 : steps > 1e6 ? 1000000 : (uint32_t)steps;
}

static void step_at(const double a[2], const double b[2], uint32_t i, uint32_t n, double at[2]) {
    at[0] = i == n ? b[0] : a[0] + (b[0] - a[0]) * i / n;
    at[1] = i == n ? b[1] : a[1] + (b[1] - a[1]) * i / n;
}

/** Whether the neighbour has drawn the same segment. */
static bool agrees(const conflation *c, const double a[2], const double b[2]) {
    const uint32_t n = steps_of(a, b);
    for (uint32_t i = 0; i <= n; i++) {
        double at[2], near[2];
        step_at(a, b, i, n, at);
        if (!isfinite(wg_line_index_nearest(c->cells, at, AGREED_M, c->row, near))) {
            return false;
        }
    }
    return true;
}

/** One place of a line that nobody agrees with: meant to be another line, or a line of its own. */
static void look(conflation *c, const double at[2], double step_m, bool corner, bool *open, double last[2]) {
    double near[2] = {at[0], at[1]};
    const double distance = wg_line_index_nearest(c->known, at, c->reach, NOBODY, near);
    if (isfinite(distance)) {
        if (*open) {
            push(c, near);
            close_line(c);
        }
        *open = false;
        c->moved_m += distance > AGREED_M ? step_m : 0;
        if (distance > c->farthest) {
            c->farthest = distance;
            memcpy(c->where, at, sizeof c->where);
        }
        memcpy(last, near, sizeof near);
        return;
    }
    if (!*open) {
        c->n = 0;
        if (isfinite(last[0])) {
            push(c, last);
        }
        push(c, at);
    } else if (corner) {
        push(c, at);
    }
    *open = true;
}

/** A run of segments that nobody agrees with, pairs[from .. to]. */
static void adopt_run(conflation *c, const uint8_t *pairs, uint32_t from, uint32_t to) {
    bool open = false;
    double last[2] = {NAN, NAN};
    for (uint32_t i = from; i < to && c->status == WG_OK; i++) {
        double a[2], b[2];
        wg_wkb_get(pairs, i, a);
        wg_wkb_get(pairs, i + 1, b);
        const uint32_t n = steps_of(a, b);
        const double step_m = hypot(b[0] - a[0], b[1] - a[1]) / n;
        for (uint32_t s = i == from ? 0 : 1; s <= n && c->status == WG_OK; s++) {
            double at[2];
            step_at(a, b, s, n, at);
            look(c, at, step_m, s == n || s == 0, &open, last);
        }
    }
    if (open) {
        close_line(c);
    }
    c->n = 0;
}

/** Runs of agreeing and other segments in turn; each kind in its own pass. */
static void visit_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part, (void)ring;
    conflation *c = user;
    if (type != WG_WKB_POLYGON || n < 2) {
        return;
    }
    for (uint32_t i = 0; i + 1 < n && c->status == WG_OK;) {
        double a[2], b[2];
        uint32_t end = i;
        bool same = false;
        for (; end + 1 < n; end++) {
            wg_wkb_get(pairs, end, a);
            wg_wkb_get(pairs, end + 1, b);
            const bool agreed = agrees(c, a, b);
            if (end == i) {
                same = agreed;
            } else if (agreed != same) {
                break;
            }
            if (same && !c->adopt) {
                push(c, a);
                push(c, b);
            }
        }
        if (same && !c->adopt) {
            close_line(c);
        } else if (!same && c->adopt) {
            adopt_run(c, pairs, i, end);
        }
        c->n = 0;
        i = end;
    }
}

static wg_status add_barrier(conflation *c, wg_plan_city *city, size_t row) {
    wg_status status = WG_OK;
    wg_layer *all = city->barriers;
    wg_buffer wkb = {0};
    size_t at = 0;
    char text[32];
    wg_wkb_put_header(&wkb, WG_WKB_MULTILINESTRING, c->n_lines);
    wg_buffer_append(&wkb, c->lines.data, c->lines.length);
    uint8_t *rank = wg_realloc(city->rank, all->n + 1, sizeof *rank);
    city->rank = rank != NULL ? rank : city->rank;
    bool *hard = wg_realloc(city->hard, all->n + 1, sizeof *hard);
    city->hard = hard != NULL ? hard : city->hard;
    if (rank == NULL || hard == NULL || wkb.failed) {
        status = wg_fail_memory(c->ctx);
        goto done;
    }
    WG_TRY(wg_layer_add_row(c->ctx, all, wkb.data, wkb.length, &at));
    city->rank[at] = NETWORK_RANK;
    city->hard[at] = false;
    WG_TRY(wg_layer_set_text(c->ctx, all, at, wg_layer_column(all, "id"), wg_network_code(c->network, row, text)));
    WG_TRY(wg_layer_set_text(c->ctx, all, at, wg_layer_column(all, "kind"), "cell"));
    WG_TRY(wg_layer_set_integer(c->ctx, all, at, wg_layer_column(all, "rank"), NETWORK_RANK));
    WG_TRY(wg_layer_set_integer(c->ctx, all, at, wg_layer_column(all, "hard"), 0));
done:
    wg_buffer_release(&wkb);
    return status;
}

static wg_status list_move(conflation *c, wg_plan_city *city, size_t row) {
    char text[32];
    if (!(c->farthest > AGREED_M)) {
        return WG_OK;
    }
    return wg_exceptions_add(c->ctx, &city->exceptions, "cells", wg_network_code(c->network, row, text), "line_snapped",
                             c->where[0], c->where[1], "",
                             "about %.0f m of the outline lie up to %.2f m off a street, a community line or a "
                             "neighbour's line, which was taken instead",
                             c->moved_m, c->farthest);
}

static wg_status pass(conflation *c, wg_plan_city *city, bool adopt) {
    const wg_layer *layer = c->network->layer;
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        void *wkb = (void *)wg_layer_wkb(layer, row, &bytes);
        wg_buffer_clear(&c->lines);
        c->row = (uint32_t)row;
        c->adopt = adopt;
        c->n_lines = 0;
        c->moved_m = c->farthest = 0;
        if (bytes > 0) {
            (void)wg_wkb_visit(wkb, bytes, visit_ring, c);
        }
        wg_status status = c->status == WG_OK && c->lines.failed ? wg_fail_memory(c->ctx) : c->status;
        if (status == WG_OK && c->n_lines > 0) {
            status = add_barrier(c, city, row);
        }
        if (status == WG_OK && adopt) {
            status = list_move(c, city, row);
        }
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

static void stretch_bounds(const wg_layer *layer, double bounds[4], size_t *vertices) {
    for (size_t row = 0; layer != NULL && row < layer->n; row++) {
        size_t bytes = 0;
        double box[4];
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        *vertices += bytes / 16;
        if (bytes > 0 && wg_wkb_bounds(wkb, bytes, box)) {
            bounds[0] = fmin(bounds[0], box[0]);
            bounds[1] = fmin(bounds[1], box[1]);
            bounds[2] = fmax(bounds[2], box[2]);
            bounds[3] = fmax(bounds[3], box[3]);
        }
    }
}

wg_status wg_network_add_lines(wg_context *ctx, wg_plan_city *city, const wg_network *network, double reach_m) {
    wg_status status = WG_OK;
    conflation c = {.ctx = ctx, .network = network, .reach = reach_m};
    const wg_layer *land = wg_reference_layer(city->reference);
    double bounds[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    size_t vertices = 0, others = 0;
    stretch_bounds(network->layer, bounds, &vertices);
    stretch_bounds(land, bounds, &others);
    if (!(bounds[0] <= bounds[2])) {
        return WG_OK;
    }
    WG_TRY(wg_line_index_new(ctx, bounds, vertices + others, &c.cells));
    WG_TRY(wg_line_index_add_layer(ctx, c.cells, network->layer, WG_UNASSIGNED));
    WG_TRY(wg_line_index_add_layer(ctx, c.cells, land, KNOWN));
    const wg_layer *const meant[] = {land, city->barriers, city->compounds, city->dedicated, city->given};
    for (size_t i = 1; i < sizeof meant / sizeof meant[0]; i++) {
        stretch_bounds(meant[i], bounds, &others);
    }
    WG_TRY(wg_line_index_new(ctx, bounds, vertices + others, &c.known));
    for (size_t i = 0; i < sizeof meant / sizeof meant[0]; i++) {
        WG_TRY(wg_line_index_add_layer(ctx, c.known, meant[i], KNOWN));
    }
    WG_TRY(pass(&c, city, false));
    WG_TRY(pass(&c, city, true));
done:
    wg_line_index_free(c.cells);
    wg_line_index_free(c.known);
    wg_buffer_release(&c.lines);
    free(c.line);
    return status;
}
