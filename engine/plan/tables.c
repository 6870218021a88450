/* The layers of a plan from the solved communities. */
#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "model/contract.h"
#include "model/text.h"
#include "model/wkb.h"
#include "plan/canonical.h"
#include "plan/city.h"
#include "plan/outline.h"
#include "plan/row.h"

enum { REASON_BYTES = 254 };

static void geometry_of(const wg_layer *layer, size_t row, wg_row *at) {
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    wg_row_begin(at, wkb, bytes);
}

/** "mixed" where cells are out on both sides. */
static const char *district_status(const wg_plan_city *city, const wg_district *district) {
    bool under = false, over = false;
    for (uint32_t c = 0; c < district->n_ordinary; c++) {
        const char *status = wg_plan_cell_status(city, district, c);
        under = under || strcmp(status, "under") == 0 || strcmp(status, "mixed") == 0;
        over = over || strcmp(status, "over") == 0 || strcmp(status, "mixed") == 0;
    }
    return under && over ? "mixed" : under ? "under" : over ? "over" : "ok";
}

/** Codes of what is wrong in a community: its certificates first, then its cells' reasons, each once. */
static void district_reasons(const wg_plan_city *city, const wg_district *district, wg_buffer *out) {
    const char *seen[16];
    uint32_t n = 0;
    for (size_t i = 0; i < district->n_certificates + district->n_ordinary; i++) {
        const char *name = NULL;
        if (i < district->n_certificates) {
            if (district->certificates[i].code != WG_CERT_COUNT_RANGE) {
                name = wg_certificate_name(district->certificates[i].code);
            }
        } else {
            const uint32_t c = (uint32_t)(i - district->n_certificates);
            if (strcmp(wg_plan_cell_status(city, district, c), "ok") != 0) {
                name = wg_reason_name(district->info[c].reason.code);
            }
        }
        bool known = name == NULL || name[0] == '\0' || n == sizeof seen / sizeof seen[0];
        for (uint32_t s = 0; s < n && !known; s++) {
            known = strcmp(seen[s], name) == 0;
        }
        if (!known) {
            wg_buffer_printf(out, "%s%s", n > 0 ? "," : "", name);
            seen[n++] = name;
        }
    }
}

wg_status wg_plan_table_communities(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                                    wg_layer **layer) {
    const wg_layer *reference = wg_reference_layer(city->reference);
    wg_buffer reasons = {0};
    wg_status status = wg_contract_new_layer(ctx, "communities", city->crs, layer);
    if (status != WG_OK) {
        return status;
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (size_t row = 0; row < reference->n; row++) {
        const wg_district *district = districts[row];
        double households = 0, population = 0, area = 0;
        char code[32], name[32];
        for (uint32_t c = 0; c < district->n_cells; c++) {
            households += district->households[c];
            population += district->population[c];
            area += district->area[c];
        }
        wg_buffer_clear(&reasons);
        district_reasons(city, district, &reasons);
        geometry_of(reference, row, &at);
        wg_row_text(&at, "code", wg_plan_community_code(city, row, code));
        wg_row_text(
            &at, "name",
            city->columns.name == UINT32_MAX ? NULL : wg_fields_text(city->communities, row, city->columns.name, name));
        wg_row_integer(&at, "cells", district->n_cells);
        wg_row_real(&at, "households", households);
        wg_row_real(&at, "population", population);
        wg_row_real(&at, "area_m2", area);
        wg_row_text(&at, "status", district_status(city, district));
        wg_row_text(&at, "reason", reasons.length > 0 ? reasons.data : NULL);
    }
    if (at.status == WG_OK && reasons.failed) {
        at.status = wg_fail_memory(ctx);
    }
    wg_buffer_release(&reasons);
    return at.status;
}

/** One cell: figures, shape, and how it stands to the limits. */
static void cell_row(const wg_plan_city *city, const wg_district *district, uint32_t c, wg_buffer *reason, wg_row *at) {
    char code[32];
    wg_outline shape;
    size_t bytes = 0;
    const void *wkb = wg_layer_wkb(district->cells, c, &bytes);
    const bool ordinary = c < district->n_ordinary;
    wg_outline_measure(wkb, bytes, &shape);
    wg_row_begin(at, wkb, bytes);
    wg_row_text(at, "code", district->code[c]);
    wg_row_text(at, "name", district->name[c]);
    wg_row_text(at, "community", wg_plan_community_code(city, district->community, code));
    wg_row_text(at, "grp", district->group[c]);
    wg_row_text(at, "kind", ordinary ? "basic" : "dedicated");
    wg_row_real(at, "households", district->households[c]);
    wg_row_real(at, "population", district->population[c]);
    wg_row_real(at, "registered", city->figures.has_registered ? district->registered[c] : NAN);
    wg_row_real(at, "floating", city->figures.has_floating ? district->floating[c] : NAN);
    wg_row_integer(at, "buildings", district->buildings[c]);
    wg_row_real(at, "area_m2", shape.area_m2);
    wg_row_real(at, "perim_m", shape.perimeter_m);
    wg_row_real(at, "compact", shape.compact);
    wg_row_integer(at, "parts", shape.parts);
    wg_row_text(at, "status", wg_plan_cell_status(city, district, c));
    wg_buffer_clear(reason);
    wg_plan_cell_reason(city, district, c, reason);
    if (reason->length > 0 && !reason->failed) {
        reason->data[wg_utf8_cut(reason->data, REASON_BYTES)] = '\0';
        wg_row_text(at, "reason", ordinary ? wg_reason_name(district->info[c].reason.code) : "dedicated");
        wg_row_text(at, "reason_txt", reason->data);
    }
}

wg_status wg_plan_table_cells(wg_context *ctx, const wg_plan_city *city, const wg_district *district,
                              wg_layer **layer) {
    wg_buffer reason = {0};
    wg_status status = wg_contract_new_layer(ctx, "cells", city->crs, layer);
    if (status != WG_OK) {
        return status;
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (uint32_t i = 0; i < district->n_cells; i++) {
        cell_row(city, district, district->order[i], &reason, &at);
    }
    if (at.status == WG_OK && reason.failed) {
        at.status = wg_fail_memory(ctx);
    }
    wg_buffer_release(&reason);
    return at.status;
}

/** Unit ids are the community's code and a number: "440106001001-17". */
static const char *unit_id(const wg_plan_city *city, const wg_atoms *atoms, uint32_t unit, wg_buffer *text) {
    char code[32];
    wg_buffer_clear(text);
    wg_buffer_printf(text, "%s-%u", wg_plan_community_code(city, atoms->community, code), unit + 1);
    return text->failed ? "" : text->data;
}

wg_status wg_plan_table_units(wg_context *ctx, const wg_plan_city *city, const wg_district *district,
                              wg_layer **layer) {
    static const char *const kinds[] = {"block", "tile", "compound", "land", "given"};
    const wg_atoms *atoms = district->atoms;
    wg_status status = WG_OK;
    wg_buffer text = {0};
    wg_row at = {.ctx = ctx};
    double *households = wg_calloc(atoms->n_units, sizeof *households);
    double *population = wg_calloc(atoms->n_units, sizeof *population);
    double *registered = wg_calloc(atoms->n_units, sizeof *registered);
    double *floating = wg_calloc(atoms->n_units, sizeof *floating);
    if (households == NULL || population == NULL || registered == NULL || floating == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_contract_new_layer(ctx, "units", city->crs, layer));
    at.layer = *layer;
    for (size_t b = 0; b < atoms->n_buildings; b++) {
        const size_t row = city->placement.order[city->placement.first[atoms->community] + b];
        const uint32_t unit = atoms->building_unit[b];
        if (unit != WG_UNASSIGNED) {
            households[unit] += city->figures.households[row];
            population[unit] += city->figures.population[row];
            registered[unit] += city->figures.registered[row];
            floating[unit] += city->figures.floating[row];
        }
    }
    for (uint32_t u = 0; u < atoms->n_units; u++) {
        char code[32];
        geometry_of(atoms->units, u, &at);
        wg_row_text(&at, "id", unit_id(city, atoms, u, &text));
        wg_row_text(&at, "community", wg_plan_community_code(city, atoms->community, code));
        wg_row_text(&at, "cell", district->code[district->label[u]]);
        wg_row_text(&at, "kind", kinds[atoms->kind[u]]);
        wg_row_real(&at, "households", households[u]);
        wg_row_real(&at, "population", population[u]);
        wg_row_real(&at, "area_m2", atoms->area_m2[u]);
        wg_row_real(&at, "registered", city->figures.has_registered ? registered[u] : NAN);
        wg_row_real(&at, "floating", city->figures.has_floating ? floating[u] : NAN);
    }
    status = at.status != WG_OK ? at.status : text.failed ? wg_fail_memory(ctx) : WG_OK;
done:
    wg_buffer_release(&text);
    free(households);
    free(population);
    free(registered);
    free(floating);
    return status;
}

wg_status wg_plan_table_edges(wg_context *ctx, const wg_plan_city *city, const wg_district *district,
                              wg_layer **layer) {
    const wg_atoms *atoms = district->atoms;
    wg_buffer u = {0}, v = {0};
    wg_status status = wg_contract_new_layer(ctx, "edges", city->crs, layer);
    if (status != WG_OK) {
        return status;
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (uint32_t e = 0; e < atoms->n_edges; e++) {
        geometry_of(atoms->edge_lines, e, &at);
        wg_row_text(&at, "u", unit_id(city, atoms, atoms->edges[e].u, &u));
        wg_row_text(&at, "v", unit_id(city, atoms, atoms->edges[e].v, &v));
        wg_row_real(&at, "shared_m", atoms->edges[e].length);
        wg_row_integer(&at, "rank", atoms->edges[e].rank);
        wg_row_integer(&at, "hard", atoms->edges[e].hard ? 1 : 0);
    }
    if (at.status == WG_OK && (u.failed || v.failed)) {
        at.status = wg_fail_memory(ctx);
    }
    wg_buffer_release(&u);
    wg_buffer_release(&v);
    return at.status;
}

/* ---- buildings and shares ---- */

typedef struct seat {
    uint32_t community, cell; /**< WG_UNASSIGNED: in none */
} seat;

/** The cell of every row of `buildings`. */
static void seat_rows(const wg_plan_city *city, wg_district *const *districts, seat *seats) {
    for (size_t row = 0; row < city->buildings->n; row++) {
        seats[row] = (seat){WG_UNASSIGNED, WG_UNASSIGNED};
    }
    for (uint32_t c = 0; c < city->communities->n; c++) {
        const wg_district *district = districts[c];
        for (size_t b = 0; district->atoms != NULL && b < district->atoms->n_buildings; b++) {
            const size_t row = city->placement.order[city->placement.first[c] + b];
            const uint32_t unit = district->atoms->building_unit[b];
            seats[row] = (seat){c, unit == WG_UNASSIGNED ? WG_UNASSIGNED : district->label[unit]};
        }
    }
}

static double sum_rows(const double *value, size_t first, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += value[first + i];
    }
    return sum;
}

/** Share of the stairs `first`..`first + count` that are in one cell: by households, people, or number, whichever is
 * known. */
static double share_of(const wg_figures *figures, size_t first, size_t count, double households, double population,
                       size_t rows) {
    const double all_households = sum_rows(figures->households, first, count);
    const double all_population = sum_rows(figures->population, first, count);
    return all_households > 0   ? households / all_households
           : all_population > 0 ? population / all_population
                                : (double)rows / (double)count;
}

/** One row of `shares` for each cell that has stairs of the tower. @return the cell with the largest share */
static seat share_rows(const wg_plan_city *city, wg_district *const *districts, const seat *seats, size_t first,
                       size_t count, const char *building, wg_row *at) {
    const wg_figures *figures = &city->figures;
    seat best = {WG_UNASSIGNED, WG_UNASSIGNED};
    double most = -1;
    for (size_t i = 0; i < count; i++) {
        const seat own = seats[first + i];
        double households = 0, population = 0;
        size_t rows = 0;
        bool earlier = own.cell == WG_UNASSIGNED;
        for (size_t k = 0; k < count; k++) {
            if (seats[first + k].community == own.community && seats[first + k].cell == own.cell) {
                earlier = earlier || k < i;
                households += figures->households[first + k];
                population += figures->population[first + k];
                rows++;
            }
        }
        if (earlier) {
            continue;
        }
        const double share = share_of(figures, first, count, households, population, rows);
        wg_row_begin(at, NULL, 0);
        wg_row_text(at, "building", building);
        wg_row_text(at, "cell", districts[own.community]->code[own.cell]);
        wg_row_real(at, "share", share);
        wg_row_real(at, "households", households);
        wg_row_real(at, "population", population);
        if (share > most) {
            most = share;
            best = own;
        }
    }
    return best;
}

static const char *how_text(const wg_plan_city *city, size_t row, seat own, size_t count) {
    if (own.cell == WG_UNASSIGNED) {
        return "none";
    }
    if (count > 1) {
        return "split";
    }
    return city->placement.placed[row] == WG_PLACED_SHARE ? "nearest" : "inside";
}

wg_status wg_plan_table_buildings(wg_context *ctx, const wg_plan_city *city, wg_district *const *districts,
                                  wg_layer **buildings, wg_layer **shares) {
    wg_status status = WG_OK;
    const size_t n = city->buildings->n;
    seat *seats = wg_calloc(n, sizeof *seats);
    if (seats == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_contract_new_layer(ctx, "buildings", city->crs, buildings));
    WG_TRY(wg_contract_new_layer(ctx, "shares", city->crs, shares));
    wg_row at = {.ctx = ctx, .layer = *buildings}, share = {.ctx = ctx, .layer = *shares};
    seat_rows(city, districts, seats);
    for (size_t row = 0; row < n;) {
        const size_t source = city->parent == NULL ? row : city->parent[row];
        size_t count = 1;
        while (city->parent != NULL && row + count < n && city->parent[row + count] == source) {
            count++;
        }
        char id[32], code[32];
        const char *building = wg_plan_building_id(city, row, id);
        const seat own = count == 1 ? seats[row] : share_rows(city, districts, seats, row, count, building, &share);
        geometry_of(city->source, source, &at);
        wg_row_text(&at, "id", building);
        if (own.community != WG_UNASSIGNED) {
            wg_row_text(&at, "community", wg_plan_community_code(city, own.community, code));
        }
        if (own.cell != WG_UNASSIGNED) {
            wg_row_text(&at, "cell", districts[own.community]->code[own.cell]);
        }
        wg_row_real(&at, "households",
                    city->figures.has_households ? sum_rows(city->figures.households, row, count) : NAN);
        wg_row_real(&at, "population",
                    city->figures.has_population ? sum_rows(city->figures.population, row, count) : NAN);
        wg_row_text(&at, "how", how_text(city, row, own, count));
        row += count;
    }
    WG_TRY(at.status);
    WG_TRY(share.status);
    status = wg_plan_canonical(ctx, *shares, wg_layer_column(*shares, "building"));
done:
    free(seats);
    return status;
}

static int compare_known(double a, double b) {
    if (isnan(a) || isnan(b)) {
        return isnan(a) == isnan(b) ? 0 : isnan(a) ? 1 : -1;
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

static int compare_exceptions(const void *first, const void *second) {
    const wg_exception *a = *(const wg_exception *const *)first, *b = *(const wg_exception *const *)second;
    int order = strcmp(a->layer, b->layer);
    order = order != 0 ? order : strcmp(a->problem, b->problem);
    order = order != 0 ? order : strcmp(a->feature, b->feature);
    order = order != 0 ? order : compare_known(a->x, b->x);
    order = order != 0 ? order : compare_known(a->y, b->y);
    return order != 0 ? order : strcmp(a->detail, b->detail);
}

/** By layer and problem, whatever was found first. */
wg_status wg_plan_table_exceptions(wg_context *ctx, const wg_plan_city *city, wg_layer **layer) {
    wg_status status = wg_contract_new_layer(ctx, "exceptions", city->crs, layer);
    if (status != WG_OK) {
        return status;
    }
    const size_t n = city->exceptions.n;
    const wg_exception **sorted = wg_malloc(n, sizeof *sorted);
    if (sorted == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        sorted[i] = &city->exceptions.items[i];
    }
    if (n > 1) {
        qsort(sorted, n, sizeof *sorted, compare_exceptions);
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    wg_buffer point = {0};
    for (size_t i = 0; i < n; i++) {
        const wg_exception *item = sorted[i];
        wg_buffer_clear(&point);
        if (isfinite(item->x) && isfinite(item->y)) {
            wg_wkb_put_point(&point, item->x, item->y);
        }
        wg_row_begin(&at, point.length > 0 ? point.data : NULL, point.length);
        wg_row_text(&at, "layer", item->layer);
        wg_row_text(&at, "feature", item->feature);
        wg_row_text(&at, "problem", item->problem);
        wg_row_text(&at, "detail", item->detail);
        wg_row_text(&at, "advice", item->advice[0] == '\0' ? NULL : item->advice);
    }
    if (at.status == WG_OK && point.failed) {
        at.status = wg_fail_memory(ctx);
    }
    free(sorted);
    wg_buffer_release(&point);
    return at.status;
}
