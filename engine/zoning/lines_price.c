/** What a region's sides would be worth as cells: told before a unit is moved, so that most redraws cost no more. */
#include <string.h>

#include "zoning/lines.h"

static inline void add_line(wg_zi_line *sum, const wg_zi_line *line) {
    sum->length += line->length;
    sum->street += line->street;
    sum->major += line->major;
}

/** The lines that are inside a side, each told twice, once from each end. */
static inline void take_inner(wg_zi_shape *side, const wg_zi_line *inner) {
    side->perimeter -= inner->length;
    side->street -= inner->street;
    side->major += inner->major / 2;
}

/** Loads of the sides. @return n * n_limits sums, which lie in lines->along: free by now, and long enough */
static const double *sum_loads(wg_lines *lines, uint32_t n) {
    const wg_instance *in = lines->in;
    double *sum = lines->along;
    memset(sum, 0, (size_t)n * in->n_limits * sizeof *sum);
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t v = lines->unit[i];
        double *of = sum + (size_t)lines->part[v] * in->n_limits;
        for (uint32_t a = 0; a < in->n_limits; a++) {
            of[a] += in->value[(size_t)v * in->n_limits + a];
        }
    }
    return sum;
}

/* ------------------------------------------------------------------ any instance */

/** The lines between v and its own side. */
static wg_zi_line inner_lines(const wg_lines *lines, uint32_t v) {
    const wg_instance *in = lines->in;
    wg_zi_line inner = {0};
    for (uint32_t h = in->start[v]; h < in->start[v + 1]; h++) {
        const double inside = lines->part[in->to[h]] == lines->part[v];
        inner.length += inside * in->line[h].length;
        inner.street += inside * in->line[h].street;
        inner.major += inside * in->line[h].major;
    }
    return inner;
}

/** Their price. */
static double inner_price(const wg_lines *lines, uint32_t v) {
    const wg_instance *in = lines->in;
    const uint32_t *to = in->to, *part = lines->part, side = part[v], end = in->start[v + 1];
    double price = 0;
    if (in->uniform) {
        uint32_t count = 0;
        for (uint32_t h = in->start[v]; h < end; h++) {
            count += part[to[h]] == side;
        }
        return count;
    }
    for (uint32_t h = in->start[v]; h < end; h++) {
        price += part[to[h]] == side ? in->cost[h] : 0;
    }
    return price;
}

/** Shapes of the sides from all of their edges. @return by how much cuts become dearer */
static double price_edges(const wg_state *state, const wg_lines *lines, wg_zi_shape *shape) {
    const wg_instance *in = lines->in;
    double twice = 0;
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t v = lines->unit[i];
        if (in->shape != NULL) {
            const wg_zi_line inner = inner_lines(lines, v);
            wg_shape_add(&shape[lines->part[v]], &in->shape[v]);
            take_inner(&shape[lines->part[v]], &inner);
        }
        twice += in->cost != NULL ? wg_state_tie(state, v, state->label[v]) - inner_price(lines, v) : 0;
    }
    return twice / 2;
}

/* ------------------------------------------------------------------ instances with masks, and so with tables */

/** Lines between units of different sides. */
typedef struct between {
    double price;                   /**< of all */
    wg_zi_line line[WG_LINE_CELLS]; /**< of those at each side */
} between;

static void fill_masks(wg_lines *lines) {
    memset(lines->side, 0, sizeof lines->side);
    for (uint32_t i = 0; i < lines->n; i++) {
        wg_mask *side = &lines->side[lines->part[lines->unit[i]]];
        *side = wg_mask_or(*side, wg_mask_of(lines->unit[i]));
    }
}

/** Each line from its end in the side that comes first. */
static void sum_between(const wg_lines *lines, uint32_t n, between *sum) {
    const wg_instance *in = lines->in;
    const uint32_t *to = in->to, *part = lines->part;
    wg_mask later[WG_LINE_CELLS] = {{0}};
    for (uint32_t s = n - 1; s > 0; s--) {
        later[s - 1] = wg_mask_or(later[s], lines->side[s]);
    }
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t v = lines->unit[i], side = part[v], end = in->start[v + 1];
        if (!wg_mask_any(wg_mask_and(in->beside[v], later[side]))) {
            continue;
        }
        for (uint32_t h = in->start[v]; in->cost != NULL && h < end; h++) {
            sum->price += part[to[h]] - side - 1 < n - side - 1 ? in->cost[h] : 0; /* no branch: side < part < n */
        }
        for (uint32_t h = in->start[v]; in->shape != NULL && h < end; h++) {
            const uint32_t other = part[to[h]];
            if (other > side && other < n) {
                add_line(&sum->line[side], &in->line[h]);
                add_line(&sum->line[other], &in->line[h]);
            }
        }
    }
}

/** Shapes of the sides as if no line ran between them: the table of contacts tells what is inside the region. */
static void sum_shapes(const wg_state *state, const wg_lines *lines, const uint32_t *cell, uint32_t n,
                       wg_zi_shape *shape) {
    const wg_instance *in = lines->in;
    for (uint32_t i = 0; i < lines->n; i++) {
        const uint32_t v = lines->unit[i];
        const wg_zi_line *contact = state->contact + (size_t)v * state->k;
        wg_zi_shape *side = &shape[lines->part[v]];
        if (lines->x != NULL) {
            wg_shape_add(side, &in->shape[v]);
        } else { /* lines are all that there is */
            side->perimeter += in->shape[v].perimeter;
            side->street += in->shape[v].street;
            side->major += in->shape[v].major;
        }
        for (uint32_t c = 0; c < n; c++) {
            take_inner(side, &contact[cell[c]]);
        }
    }
}

/** Price of the lines between the cells as they are. */
static double price_now(const wg_state *state, const wg_lines *lines, const uint32_t *cell, uint32_t n) {
    double twice = 0;
    for (uint32_t i = 0; i < lines->n; i++) {
        const double *tie = state->tie + (size_t)lines->unit[i] * state->k;
        twice -= tie[state->label[lines->unit[i]]];
        for (uint32_t c = 0; c < n; c++) {
            twice += tie[cell[c]];
        }
    }
    return twice / 2;
}

/** As price_edges. */
static double price_masks(const wg_state *state, wg_lines *lines, const uint32_t *cell, uint32_t n,
                          wg_zi_shape *shape) {
    between cut = {0};
    fill_masks(lines);
    sum_between(lines, n, &cut);
    if (lines->in->shape != NULL) {
        sum_shapes(state, lines, cell, n, shape);
        for (uint32_t s = 0; s < n; s++) {
            const wg_zi_line outer = {-cut.line[s].length, -cut.line[s].street, -cut.line[s].major};
            take_inner(&shape[s], &outer);
        }
    }
    return lines->in->cost != NULL ? cut.price - price_now(state, lines, cell, n) : 0;
}

double wg_lines_change(const wg_state *state, wg_lines *lines, const uint32_t *cell, uint32_t n, double penalty) {
    const wg_instance *in = lines->in;
    wg_zi_shape shape[WG_LINE_CELLS] = {{0}};
    double change = in->near != NULL ? price_masks(state, lines, cell, n, shape) : price_edges(state, lines, shape);
    const double *sum = sum_loads(lines, n);
    for (uint32_t s = 0; s < n; s++) {
        const double *of = sum + (size_t)s * in->n_limits;
        change += wg_cell_score(in, in->shape != NULL ? &shape[s] : NULL, of) + penalty * wg_cell_excess(in, of);
        change -= state->cell[cell[s]] + penalty * state->excess[cell[s]];
    }
    return change;
}
