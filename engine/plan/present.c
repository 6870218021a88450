#include "plan/present.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "io/fields.h"
#include "model/wkb.h"
#include "plan/match.h"
#include "store/store.h"

/** A line drawn by hand nearer than this to a street, a community line or a neighbour's line is meant to be that. */
static const double HAND_M = 10;

void wg_revision_release(wg_revision *revision) {
    for (size_t c = 0; revision->districts != NULL && c < revision->city.communities->n; c++) {
        free(revision->districts[c].row);
        free(revision->districts[c].unit);
        free(revision->districts[c].others);
        free(revision->districts[c].locked);
        free(revision->districts[c].ring);
        free(revision->districts[c].shut);
    }
    free(revision->districts);
    for (uint32_t i = 0; i < revision->n_networks && revision->networks != NULL; i++) {
        wg_layer_free(revision->networks[i].layer);
        wg_locator_free(revision->networks[i].locator);
    }
    free(revision->networks);
    wg_plan_city_release(&revision->city);
    *revision = (wg_revision){0};
}

const char *wg_network_code(const wg_network *network, size_t row, char text[32]) {
    const char *code = network->code == UINT32_MAX ? NULL : wg_fields_text(network->layer, row, network->code, text);
    if (code == NULL) {
        (void)snprintf(text, 32, "%lld", (long long)network->layer->fid[row]);
        code = text;
    }
    return code;
}

/* ---- reading ---- */

static wg_status read_network(wg_context *ctx, wg_plan_city *city, const wg_input *input, wg_network *network) {
    wg_status status = WG_OK;
    wg_buffer source = {0};
    wg_input actual = *input;
    if (input->layer == NULL && input->source != NULL && wg_store_is_plan(input->source)) {
        wg_buffer_printf(&source, "%s|layername=cells", input->source); /* a plan alone means its cells */
        actual.source = source.data;
    }
    WG_TRY(wg_plan_read_layer(ctx, city, &actual, "cells", &network->layer));
    const wg_role roles[] = {WG_ROLE_CODE, WG_ROLE_CELL, WG_ROLE_ID, WG_ROLE_NAME};
    wg_fields fields;
    WG_TRY(wg_fields_match(ctx, network->layer, "cells", roles, 4, city->options->fields, city->options->n_fields,
                           city->field_used, &fields));
    network->code = fields.column[WG_ROLE_CODE] != UINT32_MAX   ? fields.column[WG_ROLE_CODE]
                    : fields.column[WG_ROLE_CELL] != UINT32_MAX ? fields.column[WG_ROLE_CELL]
                                                                : fields.column[WG_ROLE_ID];
    network->name = fields.column[WG_ROLE_NAME];
    network->weight = input->weight > 0 ? input->weight : 1;
    wg_buffer_printf(&city->understood, "cells: %zu rows, ", network->layer->n);
    wg_fields_list(network->layer, &fields, &city->understood);
    wg_buffer_text(&city->understood, "\n");
done:
    wg_buffer_release(&source);
    return status;
}

wg_status wg_revision_read(wg_context *ctx, wg_revision *revision) {
    wg_status status = WG_OK;
    const wg_partition_options *options = revision->city.options;
    revision->networks = wg_calloc(options->n_cells, sizeof *revision->networks);
    revision->districts = wg_calloc(revision->city.communities->n, sizeof *revision->districts);
    if (revision->networks == NULL || revision->districts == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < options->n_cells; i++) {
        revision->n_networks = i + 1;
        WG_TRY(read_network(ctx, &revision->city, &options->cells[i], &revision->networks[i]));
        const wg_locator_options tree = {.tree = true};
        WG_TRY(wg_locator_build(ctx, revision->networks[i].layer, &tree, &revision->networks[i].locator));
        wg_layer *const meant[] = {revision->city.barriers, revision->city.compounds, revision->city.dedicated,
                                   revision->city.given};
        WG_TRY(wg_network_weave(ctx, revision->networks[i].layer, revision->city.grid_m, meant, 4));
        WG_TRY(wg_network_add_lines(ctx, &revision->city, &revision->networks[i], HAND_M));
    }
done:
    return status;
}

/* ---- labels ---- */

static bool is_listed(const char *text, const char *const *list, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(text, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** Does a cell of today stay as it is because the user says so? */
static bool is_locked(const wg_revision *revision, size_t row) {
    const wg_partition_options *options = revision->city.options;
    char text[32];
    const char *code = wg_network_code(&revision->networks[0], row, text);
    return is_listed(code, options->lock, options->n_lock) ||
           (options->n_only > 0 && !is_listed(code, options->only, options->n_only));
}

/** Dense labels, in the order of the network's rows, of the cells that units of the community lie in. */
static wg_status number_labels(wg_context *ctx, const wg_revision *revision, const wg_atoms *atoms,
                               wg_present_district *own) {
    const size_t n_rows = revision->networks[0].layer->n;
    uint32_t *label = wg_malloc(n_rows, sizeof *label);
    own->row = wg_calloc(n_rows, sizeof *own->row);
    if (label == NULL || own->row == NULL) {
        free(label);
        return wg_fail_memory(ctx);
    }
    memset(label, 0xff, n_rows * sizeof *label);
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        if (own->unit[u] != WG_UNASSIGNED) {
            label[own->unit[u]] = 0;
        }
    }
    own->n_labels = 0;
    for (size_t row = 0; row < n_rows; row++) {
        if (label[row] != WG_UNASSIGNED) {
            label[row] = own->n_labels;
            own->row[own->n_labels++] = (uint32_t)row;
        }
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        own->unit[u] = own->unit[u] == WG_UNASSIGNED ? WG_UNASSIGNED : label[own->unit[u]];
    }
    free(label);
    return WG_OK;
}

/** What of a unit lies in a present cell. */
typedef struct vote {
    uint32_t unit, row; /**< row WG_UNASSIGNED: in no cell of today */
    double people, area;
} vote;

typedef struct ballot {
    vote *items;
    size_t n, capacity;
} ballot;

static int compare_votes(const void *a, const void *b) {
    const vote *x = a, *y = b;
    if (x->unit != y->unit) {
        return x->unit < y->unit ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row ? 1 : 0;
}

static wg_status cast(wg_context *ctx, ballot *votes, vote item) {
    if (!WG_RESERVE(votes->items, votes->capacity, votes->n + 1)) {
        return wg_fail_memory(ctx);
    }
    votes->items[votes->n++] = item;
    return WG_OK;
}

/** What counts as people: households, else persons, else buildings. */
static double people_of(const wg_plan_city *city, size_t row) {
    return city->figures.has_households   ? city->figures.households[row]
           : city->figures.has_population ? city->figures.population[row]
                                          : 1;
}

/** Shares of land of every unit, and every building's people with the cell that has most of it. */
static wg_status collect_votes(wg_context *ctx, const wg_plan_city *city, const wg_network *network,
                               const wg_atoms *atoms, ballot *votes) {
    wg_status status = WG_OK;
    wg_shares shares = {0};
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(atoms->units, u, &bytes);
        WG_TRY(wg_locator_shares(ctx, network->locator, wkb, bytes, &shares));
        for (size_t i = 0; i < shares.n; i++) {
            WG_TRY(cast(ctx, votes, (vote){u, shares.items[i].cell, 0, shares.items[i].measure}));
        }
    }
    for (size_t b = 0; b < atoms->n_buildings; b++) {
        const size_t row = city->placement.order[city->placement.first[atoms->community] + b];
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(city->buildings, row, &bytes);
        if (atoms->building_unit[b] == WG_UNASSIGNED || bytes == 0 || !(people_of(city, row) > 0)) {
            continue;
        }
        WG_TRY(wg_locator_shares(ctx, network->locator, wkb, bytes, &shares));
        if (shares.n > 0) {
            WG_TRY(cast(ctx, votes, (vote){atoms->building_unit[b], shares.items[0].cell, people_of(city, row), 0}));
        }
    }
done:
    wg_shares_release(&shares);
    return status;
}

static bool has_more(const vote *a, const vote *b) {
    return b->unit == WG_UNASSIGNED || a->people > b->people || (a->people >= b->people && a->area > b->area);
}

/**
 * Each unit to the cell with most of its people; without people, with most of its land; the lower row on a tie. A
 * locked cell gets no unit that lies in no cell of today for the greater part.
 *
 * @param revision  whose locks count; NULL: a network without locks
 */
static void count_votes(const wg_revision *revision, const ballot *votes, uint32_t *unit) {
    for (size_t i = 0; i < votes->n;) {
        const uint32_t u = votes->items[i].unit;
        vote best = {.unit = WG_UNASSIGNED, .row = WG_UNASSIGNED}, open = best, nobody = {.unit = u};
        while (i < votes->n && votes->items[i].unit == u) {
            vote sum = votes->items[i++];
            for (; i < votes->n && compare_votes(&votes->items[i], &sum) == 0; i++) {
                sum.people += votes->items[i].people;
                sum.area += votes->items[i].area;
            }
            if (sum.row == WG_UNASSIGNED) {
                nobody = sum;
                continue;
            }
            best = has_more(&sum, &best) ? sum : best;
            open = revision != NULL && !is_locked(revision, sum.row) && has_more(&sum, &open) ? sum : open;
        }
        unit[u] = revision != NULL && has_more(&nobody, &best) ? open.row : best.row;
    }
}

/**
 * Drop the votes for cells that only reach into the community by a line that was not drawn exactly: less than a
 * hundredth of their land lies in it, or a strip no wider than a hand is unsteady along a quarter of the outline.
 */
static wg_status drop_foreign(wg_context *ctx, const wg_layer *layer, ballot *votes) {
    double *held = wg_calloc(layer->n, sizeof *held);
    size_t kept = 0;
    if (held == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < votes->n; i++) {
        if (votes->items[i].row != WG_UNASSIGNED) {
            held[votes->items[i].row] += votes->items[i].area;
        }
    }
    for (size_t i = 0; i < votes->n; i++) {
        size_t bytes = 0;
        if (votes->items[i].row == WG_UNASSIGNED) {
            votes->items[kept++] = votes->items[i];
            continue;
        }
        double area, length;
        const void *wkb = wg_layer_wkb(layer, votes->items[i].row, &bytes);
        wg_wkb_measure(wkb, bytes, &area, &length);
        const double within = held[votes->items[i].row];
        if (!(within < 0.01 * area || within < fmin(HAND_M * length / 4, area / 2))) {
            votes->items[kept++] = votes->items[i];
        }
    }
    votes->n = kept;
    free(held);
    return WG_OK;
}

/**
 * Units in a gap go with the neighbour that they share most line with, from the edge of the gap inwards. A locked cell
 * takes none: it stays as it is drawn, gaps beside it go to others.
 *
 * @param revision  whose locks count; NULL: a network without locks
 * @return true where a unit was given out: there may be more behind it
 */
static bool fill_edge_of_gaps(const wg_revision *revision, const wg_atoms *atoms, double *longest, uint32_t *found,
                              uint32_t *unit) {
    bool more = false;
    memset(longest, 0, atoms->n_units * sizeof *longest);
    memset(found, 0xff, atoms->n_units * sizeof *found);
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        const wg_edge *edge = &atoms->edges[e];
        if ((unit[edge->u] == WG_UNASSIGNED) == (unit[edge->v] == WG_UNASSIGNED)) {
            continue;
        }
        const uint32_t empty = unit[edge->u] == WG_UNASSIGNED ? edge->u : edge->v;
        const uint32_t row = unit[empty == edge->u ? edge->v : edge->u];
        if (edge->length > longest[empty] && (revision == NULL || !is_locked(revision, row))) {
            longest[empty] = edge->length;
            found[empty] = row;
        }
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        if (unit[u] == WG_UNASSIGNED && found[u] != WG_UNASSIGNED) {
            unit[u] = found[u];
            more = true;
        }
    }
    return more;
}

/** Every gap; those that only locked cells surround are theirs after all. */
static wg_status fill_gaps(wg_context *ctx, const wg_revision *revision, const wg_atoms *atoms, uint32_t *unit) {
    double *longest = wg_calloc(atoms->n_units, sizeof *longest);
    uint32_t *found = wg_malloc(atoms->n_units, sizeof *found);
    const bool made = longest != NULL && found != NULL;
    while (made && revision != NULL && fill_edge_of_gaps(revision, atoms, longest, found, unit)) {
    }
    while (made && fill_edge_of_gaps(NULL, atoms, longest, found, unit)) {
    }
    free(longest);
    free(found);
    return made ? WG_OK : wg_fail_memory(ctx);
}

/** Row of each unit's cell in a network; in a gap, a neighbour's, else the nearest, where the community has any. */
static wg_status find_rows(wg_context *ctx, const wg_revision *revision, uint32_t which, const wg_atoms *atoms,
                           uint32_t *unit) {
    wg_status status = WG_OK;
    const wg_plan_city *city = &revision->city;
    const wg_network *network = &revision->networks[which];
    const wg_revision *locks = which == 0 && city->options->n_lock + city->options->n_only > 0 ? revision : NULL;
    ballot votes = {0};
    memset(unit, 0xff, atoms->n_units * sizeof *unit);
    WG_TRY(collect_votes(ctx, city, network, atoms, &votes));
    WG_TRY(drop_foreign(ctx, network->layer, &votes));
    if (votes.n > 1) {
        qsort(votes.items, votes.n, sizeof *votes.items, compare_votes);
    }
    count_votes(locks, &votes, unit);
    WG_TRY(fill_gaps(ctx, locks, atoms, unit));
    bool any = false;
    for (size_t i = 0; i < votes.n; i++) {
        any = any || votes.items[i].row != WG_UNASSIGNED;
    }
    for (uint32_t u = 0; u < atoms->n_units && any; u++) {
        if (unit[u] == WG_UNASSIGNED) {
            unit[u] = wg_locator_nearest(network->locator, atoms->x[u], atoms->y[u], INFINITY, NULL);
        }
    }
done:
    free(votes.items);
    return status;
}

static wg_status locate_units(wg_context *ctx, const wg_revision *revision, const wg_atoms *atoms,
                              wg_present_district *own) {
    wg_status status = WG_OK;
    const uint32_t others = revision->n_networks - 1;
    own->unit = wg_malloc(atoms->n_units, sizeof *own->unit);
    own->others = wg_malloc((size_t)others * atoms->n_units, sizeof *own->others);
    if (own->unit == NULL || own->others == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(find_rows(ctx, revision, 0, atoms, own->unit));
    for (uint32_t i = 0; i < others; i++) {
        WG_TRY(find_rows(ctx, revision, i + 1, atoms, own->others + (size_t)i * atoms->n_units));
    }
    WG_TRY(number_labels(ctx, revision, atoms, own));
done:
    return status;
}

static wg_status label_community(wg_context *ctx, wg_revision *revision, const wg_atoms *atoms, double stability) {
    wg_status status = WG_OK;
    const wg_partition_options *options = revision->city.options;
    wg_present_district *own = &revision->districts[atoms->community];
    char text[32];
    free(own->unit);
    free(own->others);
    free(own->row);
    free(own->locked);
    free(own->ring);
    free(own->shut);
    *own = (wg_present_district){.reach = 1};
    own->free = is_listed(wg_plan_community_code(&revision->city, atoms->community, text), options->free_communities,
                          options->n_free);
    WG_TRY(locate_units(ctx, revision, atoms, own));
    own->locked = wg_calloc(own->n_labels, sizeof *own->locked);
    if (own->locked == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t l = 0; l < own->n_labels; l++) {
        own->locked[l] = is_locked(revision, own->row[l]);
    }
    own->fenced = stability >= 1 && !own->free && own->n_labels > 0;
    WG_TRY(wg_revision_find_rings(ctx, revision, atoms, own));
done:
    return status;
}

typedef struct labelling {
    wg_revision *revision;
    wg_atoms *const *atoms;
    double stability;
} labelling;

static wg_status label_one(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    const labelling *state = user;
    return label_community(ctx, state->revision, state->atoms[index], state->stability);
}

/** A code in --lock or --only that no cell has is a mistake that would silently protect nothing. */
static wg_status check_listed(wg_context *ctx, const wg_revision *revision, const char *flag, const char *const *list,
                              uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t row = 0; row < revision->networks[0].layer->n && !found; row++) {
            char text[32];
            found = strcmp(wg_network_code(&revision->networks[0], row, text), list[i]) == 0;
        }
        if (!found) {
            return wg_fail(ctx, WG_ENOTFOUND, "%s %s: there is no cell of this code in %s", flag, list[i],
                           wg_layer_source(revision->networks[0].layer));
        }
    }
    return WG_OK;
}

static wg_status check_free(wg_context *ctx, const wg_plan_city *city) {
    for (uint32_t i = 0; i < city->options->n_free; i++) {
        size_t row = 0;
        char text[32];
        const char *code = city->options->free_communities[i];
        while (row < city->communities->n && strcmp(wg_plan_community_code(city, row, text), code) != 0) {
            row++;
        }
        if (row == city->communities->n) {
            return wg_fail(ctx, WG_ENOTFOUND, "--free %s: there is no community of this code in %s", code,
                           wg_layer_source(city->communities));
        }
    }
    return WG_OK;
}

wg_status wg_revision_label(wg_context *ctx, wg_revision *revision, wg_atoms *const *atoms, double stability) {
    wg_status status = WG_OK;
    const wg_partition_options *options = revision->city.options;
    WG_TRY(check_listed(ctx, revision, "--lock", options->lock, options->n_lock));
    WG_TRY(check_listed(ctx, revision, "--only", options->only, options->n_only));
    WG_TRY(check_free(ctx, &revision->city));
    labelling state = {.revision = revision, .atoms = atoms, .stability = stability};
    WG_TRY(wg_parallel(ctx, revision->city.communities->n, "present cells", label_one, &state));
done:
    return status;
}

/* ---- old and new ---- */

wg_status wg_revision_overlap(wg_context *ctx, const wg_revision *revision, const wg_district *district,
                              double **weight) {
    const wg_plan_city *city = &revision->city;
    const wg_atoms *atoms = district->atoms;
    const wg_present_district *own = &revision->districts[atoms->community];
    double *sum = wg_calloc((size_t)district->n_cells * own->n_labels, sizeof *sum);
    if (sum == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t b = 0; b < atoms->n_buildings; b++) {
        const size_t row = city->placement.order[city->placement.first[atoms->community] + b];
        const uint32_t unit = atoms->building_unit[b];
        if (unit != WG_UNASSIGNED && own->unit[unit] != WG_UNASSIGNED) {
            sum[(size_t)district->label[unit] * own->n_labels + own->unit[unit]] += people_of(city, row);
        }
    }
    /* Land decides only where people do not: a millionth of its share of the community. */
    double area = 0;
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        area += atoms->area_m2[u];
    }
    for (uint32_t u = 0; u < atoms->n_units && area > 0; u++) {
        if (own->unit[u] != WG_UNASSIGNED) {
            sum[(size_t)district->label[u] * own->n_labels + own->unit[u]] += 1e-6 * atoms->area_m2[u] / area;
        }
    }
    *weight = sum;
    return WG_OK;
}

wg_status wg_revision_pair(wg_context *ctx, const wg_revision *revision, const wg_district *district, uint32_t *label,
                           double *moved, double *total) {
    const uint32_t n_labels = revision->districts[district->atoms->community].n_labels;
    double *weight = NULL;
    wg_status status = wg_revision_overlap(ctx, revision, district, &weight);
    if (status != WG_OK) {
        return status;
    }
    status = wg_match(ctx, district->n_cells, n_labels, weight, label);
    *moved = *total = 0;
    for (uint32_t c = 0; c < district->n_cells && status == WG_OK; c++) {
        for (uint32_t l = 0; l < n_labels; l++) {
            const double shared = weight[(size_t)c * n_labels + l];
            *total += shared;
            *moved += label[c] == l ? 0 : shared;
        }
    }
    free(weight);
    return status;
}
