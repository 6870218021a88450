#include "report/report.h"

#include <math.h>
#include <string.h>

static const char *text_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = layer == NULL ? UINT32_MAX : wg_layer_column(layer, column);
    return index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
}

static double number_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    if (index == UINT32_MAX || wg_layer_is_null(layer, row, index) || wg_layer_column_type(layer, index) == WG_TEXT) {
        return NAN;
    }
    return wg_layer_column_type(layer, index) == WG_INTEGER ? (double)wg_layer_integer(layer, row, index)
                                                            : wg_layer_real(layer, row, index);
}

static double known(double value) {
    return isnan(value) ? 0.0 : value;
}

/** Cells: area, status, registered and floating people; without a buildings layer their other figures too. */
static void gather_cells(wg_report_model *report) {
    const wg_layer *cells = report->input->cells;
    const bool alone = !report->has_buildings;
    for (size_t row = 0; row < cells->n; row++) {
        const char *state = text_of(cells, row, "status");
        report->place[WG_FIG_AREA][row] = known(number_of(cells, row, "area_m2"));
        report->place[WG_FIG_CELLS][row] = 1.0;
        report->place[WG_FIG_CELLS_OK][row] = state != NULL && strcmp(state, "ok") == 0 ? 1.0 : 0.0;
        report->place[WG_FIG_REGISTERED][row] = known(number_of(cells, row, "registered"));
        report->place[WG_FIG_FLOATING][row] = known(number_of(cells, row, "floating"));
        if (alone) {
            report->place[WG_FIG_BLD][row] = report->place[WG_FIG_BLD_IN][row] =
                known(number_of(cells, row, "buildings"));
            report->place[WG_FIG_HH][row] = report->place[WG_FIG_HH_IN][row] =
                known(number_of(cells, row, "households"));
            report->place[WG_FIG_POP][row] = report->place[WG_FIG_POP_IN][row] =
                known(number_of(cells, row, "population"));
        }
    }
}

/** Communities: the land that is left when their cells are taken off, with gaps and overlaps. */
static void gather_land(wg_report_model *report) {
    const wg_report_input *in = report->input;
    const wg_report_tree *tree = in->tree;
    for (uint32_t c = 0; c < tree->n_communities; c++) {
        report->place[WG_FIG_AREA][tree->n_cells + c] = known(number_of(in->communities, c, "area_m2"));
    }
    for (uint32_t cell = 0; cell < tree->n_cells; cell++) {
        const uint32_t community = wg_report_community(tree, text_of(in->cells, cell, "community"));
        if (community != WG_UNASSIGNED) {
            report->place[WG_FIG_AREA][tree->n_cells + community] -= report->place[WG_FIG_AREA][cell];
        }
    }
    const wg_layer *parts[] = {in->gaps, in->overlaps};
    for (uint32_t i = 0; i < 2; i++) {
        for (size_t row = 0; parts[i] != NULL && row < parts[i]->n; row++) {
            const uint32_t community = wg_report_community(tree, text_of(parts[i], row, "community"));
            const uint32_t place = wg_report_place(tree, WG_UNASSIGNED, community);
            report->place[i == 0 ? WG_FIG_GAP : WG_FIG_OVERLAP][place] += known(number_of(parts[i], row, "area_m2"));
        }
    }
}

static void gather_load(wg_report_model *report) {
    const wg_load_weights *w = &report->input->config->load;
    for (uint32_t place = 0; place < report->input->tree->n_cells; place++) {
        double *const *f = report->place;
        f[WG_FIG_LOAD][place] = w->household * f[WG_FIG_HH_IN][place] + w->person * f[WG_FIG_POP_IN][place] +
                                w->floating * f[WG_FIG_FLOATING][place] + w->building * f[WG_FIG_BLD_IN][place] +
                                w->km2 * f[WG_FIG_AREA][place] / 1e6 + w->incident * f[WG_FIG_INC][place] +
                                w->organisation * f[WG_FIG_ORG][place] + w->special * f[WG_FIG_SPECIAL][place];
    }
}

/* ------------------------------------------------------------------ areas */

static double share_of(double part, double whole) {
    return whole > 0.0 ? part / whole : NAN;
}

static void rate_area(const wg_report_model *report, uint32_t area) {
    wg_report_area *at = &report->areas[area];
    const wg_report_config *config = report->input->config;
    double points = 0.0;
    double weights = 0.0;
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        at->rate[r] = share_of(report->area[WG_FIG_RATE + r][area], report->area[WG_FIG_RATE + WG_N_RATES + r][area]);
        const wg_score_term *term = &config->score[r];
        if (term->weight > 0.0 && !isnan(at->rate[r])) {
            points += term->weight * (term->inverse ? 1.0 - at->rate[r] : at->rate[r]);
            weights += term->weight;
        }
    }
    at->score = weights > 0.0 ? 100.0 * points / weights : NAN;
    at->grade = isnan(at->score) ? -1 : WG_GRADES - 1;
    for (int g = WG_GRADES - 2; g >= 0 && !isnan(at->score) && !at->vetoed; g--) {
        at->grade = at->score >= config->grade[g] - 1e-9 ? g : at->grade;
    }
}

static void index_area(const wg_report_model *report, uint32_t area, uint32_t whole) {
    wg_report_area *at = &report->areas[area];
    const double load = report->area[WG_FIG_LOAD][area];
    if (report->has_workers) {
        const double mean = share_of(report->area[WG_FIG_LOAD][whole], report->area[WG_FIG_FTE][whole]);
        at->load_index = share_of(share_of(load, report->area[WG_FIG_FTE][area]), mean);
    } else {
        const uint32_t level = wg_report_level(report->input->tree, area);
        const uint32_t *first = report->input->tree->level_first;
        double sum = 0.0;
        for (uint32_t other = first[level]; other < first[level + 1]; other++) {
            sum += report->area[WG_FIG_LOAD][other];
        }
        at->load_index = share_of(load, sum / (double)(first[level + 1] - first[level]));
    }
}

/** Ranks within each level: by score where there are incidents, else by workload, the heaviest first. */
static wg_status rank_levels(wg_context *ctx, wg_report_model *report) {
    const wg_report_tree *tree = report->input->tree;
    double *value = wg_malloc(tree->n_areas, sizeof *value);
    uint32_t *rank = wg_malloc(tree->n_areas, sizeof *rank);
    wg_status status = value == NULL || rank == NULL ? wg_fail_memory(ctx) : WG_OK;
    for (uint32_t l = 0; l < tree->n_levels && status == WG_OK; l++) {
        const uint32_t first = tree->level_first[l];
        const uint32_t n = tree->level_first[l + 1] - first;
        for (uint32_t i = 0; i < n; i++) {
            const wg_report_area *at = &report->areas[first + i];
            /* Rounded as it is shown, so that equal figures have equal ranks. */
            value[i] =
                report->has_incidents ? round(at->score * 100.0) / 100.0 : round(at->load_index * 1000.0) / 1000.0;
            value[i] += at->vetoed ? -1000.0 : 0.0;
        }
        status = wg_ranks(ctx, value, n, true, rank);
        for (uint32_t i = 0; i < n && status == WG_OK; i++) {
            report->areas[first + i].rank = rank[i];
        }
    }
    free(value);
    free(rank);
    return status;
}

static wg_status finish_areas(wg_context *ctx, wg_report_model *report) {
    const uint32_t n = report->input->tree->n_areas;
    for (uint32_t area = 0; area < n; area++) {
        rate_area(report, area);
        index_area(report, area, n - 1);
    }
    return rank_levels(ctx, report);
}

/* ------------------------------------------------------------------ where */

static wg_status reserve_spots(wg_context *ctx, wg_report_model *report) {
    const uint32_t n = report->input->tree->n_cells;
    report->density = wg_malloc(n, sizeof *report->density);
    report->z = wg_malloc(n, sizeof *report->z);
    report->p = wg_malloc(n, sizeof *report->p);
    report->hot = wg_calloc(n, sizeof *report->hot);
    report->added = wg_calloc(n, sizeof *report->added);
    const bool good = report->density != NULL && report->z != NULL && report->p != NULL && report->hot != NULL &&
                      report->added != NULL;
    return good ? wg_neighbours_of(ctx, report->input->cells, &report->neighbours) : wg_fail_memory(ctx);
}

wg_status wg_report_find_hot_spots(wg_context *ctx, wg_report_model *report) {
    const uint32_t n = report->input->tree->n_cells;
    const wg_status status = wg_hot_spots(ctx, report->place[WG_FIG_INC], &report->neighbours, report->z);
    if (status != WG_OK) {
        return status;
    }
    for (uint32_t cell = 0; cell < n; cell++) {
        report->density[cell] = share_of(report->place[WG_FIG_INC][cell], report->place[WG_FIG_AREA][cell] / 1e6);
        report->p[cell] = wg_p_of_z(report->z[cell]);
    }
    return wg_false_discovery(ctx, report->p, n, report->input->config->false_discovery, report->hot);
}

/* ------------------------------------------------------------------ the whole */

static wg_status reserve(wg_context *ctx, wg_report_model *report) {
    const wg_report_tree *tree = report->input->tree;
    report->areas = wg_calloc(tree->n_areas, sizeof *report->areas);
    bool good = report->areas != NULL;
    for (uint32_t f = 0; f < WG_N_FIGURES; f++) {
        report->place[f] = wg_calloc(tree->n_places, sizeof *report->place[f]);
        report->area[f] = wg_calloc(tree->n_areas, sizeof *report->area[f]);
        good = good && report->place[f] != NULL && report->area[f] != NULL;
    }
    for (uint32_t area = 0; good && area < tree->n_areas; area++) {
        wg_report_area *at = &report->areas[area];
        at->workers = at->days_median = at->days_p90 = at->score = at->load_index = at->fresh_days = NAN;
        at->grade = -1;
    }
    return good ? WG_OK : wg_fail_memory(ctx);
}

wg_status wg_report_build(wg_context *ctx, const wg_report_input *input, wg_report_model *report) {
    wg_status status = WG_OK;
    *report = (wg_report_model){.input = input, .end = WG_NO_TIME};
    report->has_buildings = input->buildings != NULL && input->buildings->n > 0;
    report->has_workers = input->workers != NULL && input->workers->n > 0;
    report->has_incidents = input->incidents != NULL;
    report->has_visits = input->visits.building != NULL;
    report->has_service = input->service.facilities != NULL;
    report->has_organisations = input->organisations != NULL;
    WG_TRY(reserve(ctx, report));
    gather_cells(report);
    gather_land(report);
    WG_TRY(wg_report_gather_service(ctx, report));
    WG_TRY(wg_report_gather_buildings(ctx, report));
    if (input->organisations != NULL) {
        memcpy(report->place[WG_FIG_ORG], input->organisations, input->tree->n_places * sizeof(double));
    }
    WG_TRY(wg_report_gather_classes(ctx, report));
    WG_TRY(wg_report_gather_workers(ctx, report));
    WG_TRY(wg_report_gather_incidents(ctx, report));
    gather_load(report);
    for (uint32_t f = 0; f < WG_N_FIGURES; f++) {
        wg_report_sum(input->tree, report->place[f], report->area[f]);
    }
    WG_TRY(finish_areas(ctx, report));
    WG_TRY(reserve_spots(ctx, report));
    WG_TRY(wg_report_find_hot_spots(ctx, report));
    WG_TRY(wg_place_workers(ctx, report->place[WG_FIG_LOAD], report->place[WG_FIG_FTE], input->tree->n_cells,
                            input->add_workers, report->added));
done:
    if (status != WG_OK) {
        wg_report_model_release(report);
    }
    return status;
}

void wg_report_model_release(wg_report_model *report) {
    for (uint32_t f = 0; f < WG_N_FIGURES; f++) {
        free(report->place[f]);
        free(report->area[f]);
    }
    free(report->areas);
    free(report->density);
    free(report->z);
    free(report->p);
    free(report->hot);
    free(report->added);
    free(report->svc_nearest);
    free(report->svc_facility);
    free(report->building_place);
    free(report->classes);
    wg_neighbours_release(&report->neighbours);
    *report = (wg_report_model){.end = WG_NO_TIME};
}
