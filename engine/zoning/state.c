/** The state of a plan: running sums a cell, what a move would change, and the move. */
#include "zoning/simple.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double ROUNDING = 1e-9; /**< differences of score below this are noise of the running sums */
enum { CONTACTS_MOST = 1 << 15 };    /**< beyond, a table of contacts is slower to reach than a unit's neighbours */
static_assert((uint64_t)WG_MASK_UNITS * WG_MASK_UNITS <= CONTACTS_MOST, "an instance with masks has its tables");
static const double TWO_PI = 6.283185307179586;

bool wg_key_better(const wg_zi_key *a, const wg_zi_key *b) {
    if (a->conflicts != b->conflicts) {
        return a->conflicts < b->conflicts;
    }
    if (a->out != b->out) {
        return a->out < b->out;
    }
    if (a->excess < b->excess - ROUNDING || a->excess > b->excess + ROUNDING) {
        return a->excess < b->excess;
    }
    return a->score < b->score - ROUNDING * (1 + fabs(b->score));
}

/** What a sum adds to a cell's excess (hard limits) and to its score (soft ones, and the distance from the target). */
static inline void add_limit(const wg_instance *in, uint32_t a, double sum, double *excess, double *score) {
    const wg_zi_limit *limit = &in->limit[a];
    const double over = wg_limit_excess(limit, sum);
    if (limit->soft > 0) {
        *score += limit->soft * over;
    } else {
        *excess += over;
    }
    if (in->objective == WG_OBJECTIVE_PLAN) {
        const double off = limit->per_target > 0 ? sum * limit->per_target - 1 : 0;
        *score += in->weights.even * off * off;
    }
}

double wg_cell_excess(const wg_instance *in, const double *sum) {
    double excess = 0, score = 0;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        add_limit(in, a, sum[a], &excess, &score);
    }
    return excess;
}

/** Lines of an outline: what of it runs beside streets, and majors inside. */
static inline double line_score(const wg_instance *in, const wg_zi_shape *shape) {
    const wg_zoning_weights *w = &in->weights;
    if (in->inside_share >= 0) { /* without a division */
        return shape->perimeter > 0 ? w->streets * in->inside_share : 0;
    }
    return shape->perimeter > 0 ? (w->streets * shape->street + w->crossing * shape->major) / shape->perimeter : 0;
}

static inline double shape_score(const wg_instance *in, const wg_zi_shape *shape) {
    const wg_zoning_weights *w = &in->weights;
    if (in->objective == WG_OBJECTIVE_INERTIA) {
        return shape->mass > 0 ? shape->mm - (shape->mx * shape->mx + shape->my * shape->my) / shape->mass : 0;
    }
    if (!in->has_area) {
        return line_score(in, shape) + w->compact * in->per_outline * shape->perimeter;
    }
    if (shape->mass <= 0) {
        return line_score(in, shape);
    }
    const double per_mass = 1 / shape->mass;
    const double inertia = shape->mm - (shape->mx * shape->mx + shape->my * shape->my) * per_mass;
    const double circle = sqrt(2 * TWO_PI * shape->mass); /* 1 / circle is circle / circle^2, without a division */
    const double over = wg_positive(shape->perimeter * circle * per_mass * (0.5 / TWO_PI) - 1);
    const double spread = wg_positive(sqrt(wg_positive(TWO_PI * inertia)) * per_mass - 1);
    return line_score(in, shape) + w->compact * over * over + w->spread * spread;
}

double wg_cell_score(const wg_instance *in, const wg_zi_shape *shape, const double *sum) {
    double excess = 0, score = 0;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        add_limit(in, a, sum[a], &excess, &score);
    }
    return score + (shape != NULL ? shape_score(in, shape) : 0);
}

wg_status wg_state_init(wg_context *ctx, wg_state *state, const wg_instance *in, uint32_t k) {
    *state = (wg_state){.in = in, .k = k};
    state->label = wg_calloc(in->n, sizeof *state->label);
    state->count = wg_calloc(k, sizeof *state->count);
    state->sum = wg_calloc((size_t)k * in->n_limits, sizeof *state->sum);
    state->excess = wg_calloc(k, sizeof *state->excess);
    state->cell = wg_calloc(k, sizeof *state->cell);
    state->cut = wg_calloc(in->m, sizeof *state->cut);
    state->cut_at = wg_calloc(in->m, sizeof *state->cut_at);
    state->journal = wg_calloc(in->n, sizeof *state->journal);
    state->moved = wg_calloc(k, sizeof *state->moved);
    bool made = state->moved != NULL && state->journal != NULL && state->label != NULL && state->count != NULL &&
                state->sum != NULL && state->excess != NULL && state->cell != NULL && state->cut != NULL &&
                state->cut_at != NULL;
    if (in->near != NULL) {
        state->units = wg_calloc(k, sizeof *state->units);
        made = made && state->units != NULL;
    }
    if (in->shape != NULL) {
        state->shape = wg_calloc(k, sizeof *state->shape);
        made = made && state->shape != NULL;
    }
    if (in->line != NULL && (uint64_t)in->n * k <= CONTACTS_MOST) {
        state->contact = wg_calloc((size_t)in->n * k, sizeof *state->contact);
        made = made && state->contact != NULL;
    }
    if (in->cost != NULL && (uint64_t)in->n * k <= CONTACTS_MOST) {
        state->tie = wg_calloc((size_t)in->n * k, sizeof *state->tie);
        made = made && state->tie != NULL;
    }
    if (in->group != NULL) {
        state->splits = wg_calloc((size_t)in->n_groups * k, sizeof *state->splits);
        made = made && state->splits != NULL;
    }
    const wg_status status = made ? wg_contiguity_init(ctx, &state->contiguity, in->n) : wg_fail_memory(ctx);
    if (status != WG_OK) {
        wg_state_release(state);
    }
    return status;
}

void wg_state_release(wg_state *state) {
    free(state->label);
    free(state->count);
    free(state->units);
    free(state->sum);
    free(state->excess);
    free(state->cell);
    free(state->shape);
    free(state->splits);
    free(state->cut);
    free(state->cut_at);
    free(state->journal);
    free(state->moved);
    free(state->contact);
    free(state->tie);
    wg_contiguity_release(&state->contiguity);
    *state = (wg_state){0};
}

/** Units of v's apart number in cell c, v itself left out. */
static uint32_t conflicts_in(const wg_state *state, uint32_t v, uint32_t c) {
    const wg_instance *in = state->in;
    if (in->apart == NULL || in->apart[v] == WG_UNASSIGNED) {
        return 0;
    }
    uint32_t found = 0;
    for (uint32_t i = in->member_start[in->apart[v]]; i < in->member_start[in->apart[v] + 1]; i++) {
        found += in->members[i] != v && state->label[in->members[i]] == c;
    }
    return found;
}

static void cut_insert(wg_state *state, uint32_t e) {
    state->cut_at[e] = state->n_cut;
    state->cut[state->n_cut++] = e;
}

static void add_unit(wg_state *state, uint32_t v) {
    const wg_instance *in = state->in;
    const uint32_t c = state->label[v];
    state->count[c]++;
    if (state->units != NULL) {
        state->units[c] = wg_mask_or(state->units[c], wg_mask_of(v));
    }
    for (uint32_t a = 0; a < in->n_limits; a++) {
        state->sum[(size_t)c * in->n_limits + a] += in->value[(size_t)v * in->n_limits + a];
    }
    if (in->shape != NULL) {
        wg_shape_add(&state->shape[c], &in->shape[v]);
    }
    if (in->group != NULL && in->group[v] != WG_UNASSIGNED) {
        uint32_t *split = &state->splits[(size_t)in->group[v] * state->k + c];
        state->key.score += *split == 0 ? in->weights.whole : 0;
        (*split)++;
    }
    if (in->home != NULL && in->home[v] != c) {
        state->key.score += in->stay[v];
    }
}

static inline void add_line(wg_zi_line *sum, const wg_zi_line *line, double sign) {
    sum->length += sign * line->length;
    sum->street += sign * line->street;
    sum->major += sign * line->major;
}

static void add_lines(wg_state *state, uint32_t v) {
    const wg_instance *in = state->in;
    const uint32_t c = state->label[v];
    for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
        const uint32_t u = in->to[h];
        const bool cut = state->label[u] != c;
        if (state->contact != NULL) {
            add_line(&state->contact[(size_t)v * state->k + state->label[u]], &in->line[h], 1);
        }
        if (state->tie != NULL) {
            state->tie[(size_t)v * state->k + state->label[u]] += in->cost[h];
        }
        if (!cut && in->shape != NULL) { /* each inner line is met twice, once from each end */
            state->shape[c].perimeter -= in->line[h].length;
            state->shape[c].street -= in->line[h].street;
            state->shape[c].major += in->line[h].major / 2;
        }
        if (u < v || !cut) {
            continue;
        }
        state->key.score += in->cost != NULL ? in->cost[h] : 0;
        if (h < in->link_end[v]) {
            cut_insert(state, in->edge[h]);
        }
    }
}

void wg_state_set(wg_state *state, const uint32_t *label) {
    const wg_instance *in = state->in;
    const uint32_t k = state->k;
    if (label != state->label) {
        memcpy(state->label, label, in->n * sizeof *label);
    }
    memset(state->count, 0, k * sizeof *state->count);
    memset(state->sum, 0, (size_t)k * in->n_limits * sizeof *state->sum);
    memset(state->cut_at, 0xff, in->m * sizeof *state->cut_at);
    if (state->units != NULL) {
        memset(state->units, 0, k * sizeof *state->units);
    }
    if (state->shape != NULL) {
        memset(state->shape, 0, k * sizeof *state->shape);
    }
    if (state->contact != NULL) {
        memset(state->contact, 0, (size_t)in->n * k * sizeof *state->contact);
    }
    if (state->tie != NULL) {
        memset(state->tie, 0, (size_t)in->n * k * sizeof *state->tie);
    }
    if (state->splits != NULL) {
        memset(state->splits, 0, (size_t)in->n_groups * k * sizeof *state->splits);
    }
    state->key = (wg_zi_key){0};
    state->n_cut = 0;
    state->n_journal = UINT32_MAX;
    state->clock++;
    uint32_t conflicts = 0;
    for (uint32_t v = 0; v < in->n; v++) {
        assert(state->label[v] < k);
        add_unit(state, v);
        add_lines(state, v);
        conflicts += conflicts_in(state, v, state->label[v]);
    }
    state->key.conflicts = conflicts / 2;
    for (uint32_t c = 0; c < k; c++) {
        state->moved[c] = state->clock;
        const double *sum = state->sum + (size_t)c * in->n_limits;
        state->excess[c] = wg_cell_excess(in, sum);
        state->cell[c] = wg_cell_score(in, state->shape != NULL ? &state->shape[c] : NULL, sum);
        state->key.out += state->excess[c] > 0;
        state->key.excess += state->excess[c];
        state->key.score += state->cell[c];
    }
}

/** What a move makes of one of the two cells. */
typedef struct after {
    wg_zi_shape shape;
    double cost; /**< of the lines between the unit and the rest of the cell */
    double excess, score;
} after;

/** The lines between unit v and the other units of cell c, summed. */
static inline wg_zi_line lines_to(const wg_state *state, uint32_t v, uint32_t c) {
    const wg_instance *in = state->in;
    wg_zi_line sum = {0};
    if (state->contact != NULL) {
        return state->contact[(size_t)v * state->k + c];
    }
    for (uint32_t h = in->start[v]; h < in->start[v + 1];
         h++) { /* no branch: where a neighbour lies is anybody's guess */
        add_line(&sum, &in->line[h], state->label[in->to[h]] == c);
    }
    return sum;
}

/** Shape of a cell when a unit comes (sign +1) or goes (-1), `inner` being the lines between it and the rest. */
static inline wg_zi_shape shape_with(const wg_zi_shape *cell, const wg_zi_shape *unit, const wg_zi_line *inner,
                                     double sign) {
    return (wg_zi_shape){.mass = cell->mass + sign * unit->mass,
                         .mx = cell->mx + sign * unit->mx,
                         .my = cell->my + sign * unit->my,
                         .mm = cell->mm + sign * unit->mm,
                         .perimeter = cell->perimeter + sign * (unit->perimeter - 2 * inner->length),
                         .street = cell->street + sign * (unit->street - 2 * inner->street),
                         .major = cell->major + sign * (unit->major + inner->major)};
}

/** Cell c when unit v comes (sign +1) or goes (-1). */
static inline after cell_after(const wg_state *state, uint32_t v, uint32_t c, double sign) {
    const wg_instance *in = state->in;
    const double *sum = state->sum + (size_t)c * in->n_limits, *value = in->value + (size_t)v * in->n_limits;
    const bool empties = sign < 0 && state->count[c] == 1; /* exactly nothing is left, not a rounding error of it */
    after out = {.cost = in->cost != NULL ? wg_state_tie(state, v, c) : 0};
    for (uint32_t a = 0; a < in->n_limits; a++) {
        add_limit(in, a, empties ? 0 : sum[a] + sign * value[a], &out.excess, &out.score);
    }
    if (in->shape != NULL) {
        const wg_zi_line inner = lines_to(state, v, c);
        out.shape = empties ? (wg_zi_shape){0} : shape_with(&state->shape[c], &in->shape[v], &inner, sign);
        out.score += shape_score(in, &out.shape);
    }
    return out;
}

/** What of groups and of the present plan changes when v comes to cell c (sign +1) or goes from it. */
static double label_score(const wg_state *state, uint32_t v, uint32_t c, int sign) {
    const wg_instance *in = state->in;
    double score = 0;
    if (in->group != NULL && in->group[v] != WG_UNASSIGNED) {
        const uint32_t others = state->splits[(size_t)in->group[v] * state->k + c] - (sign < 0);
        score += others == 0 ? sign * in->weights.whole : 0;
    }
    if (in->home != NULL) {
        score -= in->home[v] == c ? sign * in->stay[v] : 0;
    }
    return score;
}

/** As cell_after, but for what only a move needs: this is the inner loop. */
static inline void part_of(const wg_state *state, uint32_t v, uint32_t c, int sign, wg_zi_delta *delta) {
    const wg_instance *in = state->in;
    const double *sum = state->sum + (size_t)c * in->n_limits, *value = in->value + (size_t)v * in->n_limits;
    const bool empties = sign < 0 && state->count[c] == 1;
    double excess = 0, score = 0;
    for (uint32_t a = 0; a < in->n_limits; a++) {
        add_limit(in, a, empties ? 0 : sum[a] + sign * value[a], &excess, &score);
    }
    if (in->shape != NULL && !empties) {
        const wg_zi_line inner = lines_to(state, v, c);
        const wg_zi_shape shape = shape_with(&state->shape[c], &in->shape[v], &inner, sign);
        score += shape_score(in, &shape);
    }
    delta->score = score - state->cell[c] + label_score(state, v, c, sign);
    if (in->cost != NULL) {
        delta->score -= sign * wg_state_tie(state, v, c);
    }
    delta->excess = excess - state->excess[c];
    delta->out = (excess > 0) - (state->excess[c] > 0);
    if (in->apart != NULL) {
        delta->excess += sign * (double)conflicts_in(state, v, c);
    }
}

void wg_state_leave(const wg_state *state, uint32_t v, wg_zi_delta *delta) {
    part_of(state, v, state->label[v], -1, delta);
}

void wg_state_join(const wg_state *state, uint32_t v, uint32_t b, wg_zi_delta *delta) {
    part_of(state, v, b, +1, delta);
}

void wg_state_delta(const wg_state *state, uint32_t v, uint32_t b, wg_zi_delta *delta) {
    if (state->in->simple) {
        wg_simple_delta(state, v, state->label[v], b, delta);
        return;
    }
    wg_zi_delta to;
    wg_state_leave(state, v, delta);
    wg_state_join(state, v, b, &to);
    delta->score += to.score;
    delta->excess += to.excess;
    delta->out += to.out;
}

static void settle(wg_state *state, uint32_t c, const after *now) {
    state->key.score += now->score - state->cell[c];
    state->key.out += (uint32_t)(now->excess > 0) - (uint32_t)(state->excess[c] > 0);
    state->key.excess = state->key.out == 0 ? 0 : state->key.excess + now->excess - state->excess[c];
    state->cell[c] = now->score;
    state->excess[c] = now->excess;
    if (state->shape != NULL) {
        state->shape[c] = now->shape;
    }
}

static void update_cut(wg_state *state, uint32_t v, uint32_t a, uint32_t b) {
    const wg_instance *in = state->in;
    const uint32_t *to = in->to, *edge = in->edge, *label = state->label, end = in->link_end[v];
    uint32_t *cut = state->cut, *cut_at = state->cut_at, n = state->n_cut;
    for (uint32_t h = in->start[v]; h < end; h++) {
        const uint32_t c = label[to[h]], e = edge[h];
        if (c == a) {
            cut_at[e] = n;
            cut[n++] = e;
        } else if (c == b) {
            const uint32_t at = cut_at[e], last = cut[--n];
            cut[at] = last;
            cut_at[last] = at;
            cut_at[e] = WG_UNASSIGNED;
        }
    }
    state->n_cut = n;
}

static void update_contact(wg_state *state, uint32_t v, uint32_t a, uint32_t b) {
    const wg_instance *in = state->in;
    for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
        wg_zi_line *of = state->contact + (size_t)in->to[h] * state->k;
        add_line(&of[a], &in->line[h], -1);
        add_line(&of[b], &in->line[h], +1);
    }
}

static void update_tie(wg_state *state, uint32_t v, uint32_t a, uint32_t b) {
    const wg_instance *in = state->in;
    for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
        double *of = state->tie + (size_t)in->to[h] * state->k;
        of[a] -= in->cost[h];
        of[b] += in->cost[h];
    }
}

static void note_move(wg_state *state, uint32_t v, uint32_t a, uint32_t b) {
    update_cut(state, v, a, b);
    if (state->contact != NULL) {
        update_contact(state, v, a, b);
    }
    if (state->tie != NULL) {
        update_tie(state, v, a, b);
    }
    if (state->units != NULL) {
        const wg_mask unit = wg_mask_of(v);
        state->units[a] = wg_mask_less(state->units[a], unit);
        state->units[b] = wg_mask_or(state->units[b], unit);
    }
    state->count[a]--;
    state->count[b]++;
    state->label[v] = b;
    state->moved[a] = state->moved[b] = ++state->clock;
    if (state->n_journal < state->in->n) {
        state->journal[state->n_journal++] = v;
    } else {
        state->n_journal = UINT32_MAX;
    }
}

/** The short way, for one hard limit and prices of cuts only. */
static void simple_move(wg_state *state, uint32_t v, uint32_t a, uint32_t b) {
    const wg_instance *in = state->in;
    const double value = in->value[v];
    state->key.score += wg_cut_change(state, v, a, b);
    state->sum[a] = state->count[a] == 1 ? 0 : state->sum[a] - value;
    state->sum[b] += value;
    const double from = wg_limit_excess(&in->limit[0], state->sum[a]);
    const double to = wg_limit_excess(&in->limit[0], state->sum[b]);
    state->key.out +=
        (uint32_t)(from > 0) + (uint32_t)(to > 0) - (uint32_t)(state->excess[a] > 0) - (uint32_t)(state->excess[b] > 0);
    state->key.excess = state->key.out == 0 ? 0 : state->key.excess + from + to - state->excess[a] - state->excess[b];
    state->excess[a] = from;
    state->excess[b] = to;
    note_move(state, v, a, b);
}

void wg_state_move(wg_state *state, uint32_t v, uint32_t b) {
    const wg_instance *in = state->in;
    const uint32_t a = state->label[v];
    if (in->simple) {
        simple_move(state, v, a, b);
        return;
    }
    const after from = cell_after(state, v, a, -1), to = cell_after(state, v, b, +1);
    state->key.score += from.cost - to.cost + label_score(state, v, a, -1) + label_score(state, v, b, +1);
    state->key.conflicts += conflicts_in(state, v, b) - conflicts_in(state, v, a);
    settle(state, a, &from);
    settle(state, b, &to);
    double *sum_a = state->sum + (size_t)a * in->n_limits, *sum_b = state->sum + (size_t)b * in->n_limits;
    for (uint32_t i = 0; i < in->n_limits; i++) {
        sum_a[i] = state->count[a] == 1 ? 0 : sum_a[i] - in->value[(size_t)v * in->n_limits + i];
        sum_b[i] += in->value[(size_t)v * in->n_limits + i];
    }
    if (in->group != NULL && in->group[v] != WG_UNASSIGNED) {
        state->splits[(size_t)in->group[v] * state->k + a]--;
        state->splits[(size_t)in->group[v] * state->k + b]++;
    }
    note_move(state, v, a, b);
}

void wg_state_copy(wg_state *state, uint32_t *labels) {
    if (state->n_journal > state->in->n) {
        memcpy(labels, state->label, state->in->n * sizeof *labels);
    } else {
        for (uint32_t i = 0; i < state->n_journal; i++) {
            labels[state->journal[i]] = state->label[state->journal[i]];
        }
    }
    state->n_journal = 0;
}

bool wg_state_may_leave(wg_state *state, uint32_t v) {
    const wg_instance *in = state->in;
    if ((in->locked != NULL && in->locked[v]) || state->count[state->label[v]] < 2) {
        return false;
    }
    if (in->near != NULL) {
        return wg_mask_without(in->near, state->units[state->label[v]], v);
    }
    return wg_contiguity_without(&state->contiguity, in->start, in->link_end, in->to, state->label, v);
}

static bool near(double a, double b) {
    return fabs(a - b) <= 1e-7 * (1 + fabs(a) + fabs(b));
}

bool wg_state_verify(wg_context *ctx, const wg_state *state) {
    wg_state fresh;
    if (wg_state_init(ctx, &fresh, state->in, state->k) != WG_OK) {
        return false;
    }
    wg_state_set(&fresh, state->label);
    bool same = fresh.key.out == state->key.out && fresh.key.conflicts == state->key.conflicts &&
                near(fresh.key.excess, state->key.excess) && near(fresh.key.score, state->key.score) &&
                fresh.n_cut == state->n_cut;
    for (uint32_t c = 0; c < state->k; c++) {
        same = same && fresh.count[c] == state->count[c] && near(fresh.cell[c], state->cell[c]) &&
               near(fresh.excess[c], state->excess[c]);
    }
    for (size_t i = 0; state->contact != NULL && i < (size_t)state->in->n * state->k; i++) {
        same = same && near(fresh.contact[i].length, state->contact[i].length) &&
               near(fresh.contact[i].street, state->contact[i].street) &&
               near(fresh.contact[i].major, state->contact[i].major);
    }
    for (size_t i = 0; state->tie != NULL && i < (size_t)state->in->n * state->k; i++) {
        same = same && near(fresh.tie[i], state->tie[i]);
    }
    for (uint32_t i = 0; i < fresh.n_cut; i++) {
        same = same && state->cut_at[fresh.cut[i]] != WG_UNASSIGNED;
    }
    wg_state_release(&fresh);
    return same;
}
