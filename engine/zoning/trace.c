/** Milestones of a search: what the plan was worth, term by term, and which units moved, so that it can be replayed. */
#include <string.h>

#include "zoning/trace.h"

wg_status wg_trace_init(wg_context *ctx, wg_trace *trace, uint32_t n) {
    *trace = (wg_trace){.n = n};
    trace->cell = wg_malloc(n, sizeof *trace->cell);
    if (trace->cell == NULL) {
        return wg_fail_memory(ctx);
    }
    memset(trace->cell, 0xff, n * sizeof *trace->cell);
    wg_buffer_text(&trace->text, "step,event,component,cells,out,excess,score,terms,moved\n");
    return WG_OK;
}

void wg_trace_release(wg_trace *trace) {
    wg_buffer_release(&trace->text);
    free(trace->cell);
    *trace = (wg_trace){0};
}

static void put_term(wg_buffer *text, const char **gap, const char *name, double score) {
    wg_buffer_printf(text, "%s%s=%.9g", *gap, name, score);
    *gap = " ";
}

/** What one weight contributes: the sum over cells of their own score with every other weight at nothing. */
static double cells_term(const wg_state *state, wg_zoning_weights only) {
    wg_instance one = *state->in;
    double sum = 0;
    one.weights = only;
    for (uint32_t c = 0; c < state->k; c++) {
        sum += wg_cell_score(&one, &state->shape[c], state->sum + (size_t)c * one.n_limits);
    }
    return sum;
}

/** Soft limits are scored by no weight of their own. */
static double soft_term(const wg_state *state) {
    double sum = 0;
    for (uint32_t c = 0; c < state->k; c++) {
        sum += wg_cell_score(&(wg_instance){.n_limits = state->in->n_limits, .limit = state->in->limit}, NULL,
                             state->sum + (size_t)c * state->in->n_limits);
    }
    return sum;
}

static double change_term(const wg_state *state) {
    double sum = 0;
    for (uint32_t v = 0; v < state->in->n; v++) {
        sum += state->in->home[v] != state->label[v] ? state->in->stay[v] : 0;
    }
    return sum;
}

static double whole_term(const wg_state *state) {
    double sum = 0;
    for (size_t i = 0; i < (size_t)state->in->n_groups * state->k; i++) {
        sum += state->splits[i] > 0 ? state->in->weights.whole : 0;
    }
    return sum;
}

static void put_plan_terms(wg_buffer *text, const char **gap, const wg_state *state) {
    const wg_zoning_weights *w = &state->in->weights;
    const struct {
        const char *name;
        wg_zoning_weights only;
    } terms[] = {{"streets", {.streets = w->streets}},
                 {"crossing", {.crossing = w->crossing}},
                 {"compact", {.compact = w->compact}},
                 {"spread", {.spread = w->spread}},
                 {"even", {.even = w->even}}};
    const double soft = soft_term(state);
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        put_term(text, gap, terms[i].name, cells_term(state, terms[i].only) - soft);
    }
}

static void put_terms(wg_buffer *text, const wg_state *state) {
    const wg_instance *in = state->in;
    const double soft = soft_term(state);
    const char *gap = "";
    if (in->objective == WG_OBJECTIVE_PLAN) {
        put_plan_terms(text, &gap, state);
    } else if (in->objective == WG_OBJECTIVE_INERTIA) {
        put_term(text, &gap, "inertia", cells_term(state, (wg_zoning_weights){0}) - soft);
    } else {
        double cut = 0;
        for (uint32_t v = 0; v < in->n; v++) {
            for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
                cut += state->label[in->to[h]] != state->label[v] ? in->cost[h] / 2 : 0;
            }
        }
        put_term(text, &gap, in->objective == WG_OBJECTIVE_LENGTH ? "cut_length" : "cut_edges", cut);
    }
    if (state->splits != NULL) {
        put_term(text, &gap, "whole", whole_term(state));
    }
    if (in->home != NULL) {
        put_term(text, &gap, "change", change_term(state));
    }
    if (soft > 0) {
        put_term(text, &gap, "soft", soft);
    }
}

/** "unit:cell" for every raw unit whose cell is another than when it was last written. */
static void put_moved(wg_trace *trace, const uint32_t *label) {
    const char *gap = "";
    for (uint32_t v = 0; v < trace->n; v++) {
        const uint32_t unit = trace->unit[v] == WG_UNASSIGNED ? WG_UNASSIGNED : trace->local[trace->unit[v]];
        const uint32_t cell = unit == WG_UNASSIGNED ? trace->cell[v] : trace->first_cell + label[unit];
        if (trace->cell[v] != cell) {
            trace->cell[v] = cell;
            wg_buffer_printf(&trace->text, "%s%u:%u", gap, v, cell);
            gap = " ";
        }
    }
}

void wg_search_trace(wg_search *search, const char *event, const wg_instance *in, uint32_t k, const uint32_t *label) {
    wg_trace *trace = search->trace;
    wg_state state;
    if (trace == NULL || in != trace->in) {
        return;
    }
    if (wg_state_init(search->ctx, &state, in, k) != WG_OK) {
        trace->text.failed = true;
        return;
    }
    wg_state_set(&state, label);
    wg_buffer_printf(&trace->text, "%llu,%s,%u,%u,%u,%.9g,%.9g,", (unsigned long long)search->steps, event, trace->part,
                     k, state.key.out + state.key.conflicts, state.key.excess, state.key.score);
    put_terms(&trace->text, &state);
    wg_buffer_text(&trace->text, ",");
    put_moved(trace, label);
    wg_buffer_text(&trace->text, "\n");
    wg_state_release(&state);
}

void wg_trace_end(wg_search *search, const wg_solution *s) {
    wg_buffer *text = &search->trace->text;
    const char *gap = "";
    wg_buffer_printf(text, "%llu,end,,%u,%u,%.9g,%.9g,", (unsigned long long)s->steps, s->n_cells, s->out, s->excess,
                     s->score);
    for (uint32_t i = 0; i < s->n_terms; i++) {
        if (s->term[i].weight > 0) {
            put_term(text, &gap, s->term[i].name, s->term[i].score);
        }
    }
    for (uint32_t v = 0; v < s->n; v++) { /* all of them: cells are numbered anew, late land and closed cells come in */
        wg_buffer_printf(text, "%s%u:%u", v > 0 ? " " : ",", v, s->label[v]);
    }
    wg_buffer_text(text, "\n");
}
