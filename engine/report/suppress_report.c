/* Which figures of a report are hidden together, and what is computed from them. */
#include <math.h>
#include <string.h>

#include "report/suppress.h"

enum { FIGURES_MOST = 6 };

/**
 * Items of one kind of figure: its areas, then the same figure within cells where that is another one, then the rests
 * of the sums.
 */
typedef struct space {
    wg_sum_rules rules;
    uint32_t n_areas, n_free, n;
    double *values[FIGURES_MOST]; /**< n each */
    size_t n_figures;
    bool *hidden; /**< n */
} space;

static void space_release(space *s) {
    wg_sum_rules_release(&s->rules);
    for (size_t f = 0; f < FIGURES_MOST; f++) {
        free(s->values[f]);
    }
    free(s->hidden);
}

/** A figure within cells is the figure itself in a cell; elsewhere the two differ by what lies in no cell. */
static wg_status tie_inside(wg_context *ctx, const wg_report_tree *tree, uint32_t *next, wg_sum_rules *rules) {
    wg_status status = WG_OK;
    for (uint32_t area = 0; area < tree->n_areas && status == WG_OK; area++) {
        const bool cell = area < tree->n_cells;
        const uint32_t parts[] = {tree->n_areas + area, *next};
        *next += cell ? 0 : 1;
        status = wg_sum_rules_add(ctx, rules, area, parts, cell ? 1 : 2);
    }
    return status;
}

static wg_status space_build(wg_context *ctx, const wg_report_tree *tree, bool inside, size_t n_figures, space *s) {
    wg_status status = WG_OK;
    *s =
        (space){.n_areas = tree->n_areas, .n_free = inside ? 2 * tree->n_areas : tree->n_areas, .n_figures = n_figures};
    uint32_t next = s->n_free;
    WG_TRY(wg_sum_rules_of_tree(ctx, tree, 0, &next, &s->rules));
    if (inside) {
        WG_TRY(wg_sum_rules_of_tree(ctx, tree, tree->n_areas, &next, &s->rules));
        WG_TRY(tie_inside(ctx, tree, &next, &s->rules));
    }
    s->n = next;
    s->hidden = wg_calloc(next, sizeof *s->hidden);
    bool good = s->hidden != NULL;
    for (size_t f = 0; f < n_figures; f++) {
        s->values[f] = wg_calloc(next, sizeof *s->values[f]);
        good = good && s->values[f] != NULL;
    }
    WG_TRY(good ? WG_OK : wg_fail_memory(ctx));
done:
    return status;
}

static wg_status space_hide(wg_context *ctx, space *s, double least) {
    for (size_t f = 0; f < s->n_figures; f++) {
        wg_sum_rules_rests(&s->rules, s->n_free, s->values[f]);
    }
    const wg_suppression what = {.values = (const double *const *)s->values,
                                 .n_figures = s->n_figures,
                                 .n = s->n,
                                 .n_free = s->n_free,
                                 .least = least};
    return wg_suppress(ctx, &what, &s->rules, s->hidden);
}

/** Masks by area. */
enum {
    MASK_HH,
    MASK_HH_IN,
    MASK_POP,
    MASK_POP_IN,
    MASK_INC,
    MASK_INC_IN,
    MASK_STATE,
    MASK_OTHER,
    MASK_OTHER_IN,
    MASK_SPECIAL,
    MASK_RATE,
    N_MASKS = MASK_RATE + WG_N_RATES
};

typedef struct masks {
    bool *of[N_MASKS];
} masks;

static void copy_values(double *to, const double *from, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        to[i] = isnan(from[i]) ? 0.0 : from[i];
    }
}

/** What the cells of every area have of a figure. */
static void sum_cells(const wg_report_tree *tree, const double *figure, double *inside) {
    for (uint32_t cell = 0; cell < tree->n_cells; cell++) {
        for (uint32_t l = 0; l < tree->n_levels; l++) {
            const uint32_t area = tree->up[(size_t)cell * tree->n_levels + l];
            if (area != WG_UNASSIGNED && !isnan(figure[cell])) {
                inside[area] += figure[cell];
            }
        }
    }
}

/**
 * Figures that vanish together, and with everything in `given` (NULL: nothing).
 * @param mask_in  of the same figures within cells; NULL: nothing tells these
 */
static wg_status hide_together(wg_context *ctx, const wg_report_model *report, const double *const *figures, size_t n,
                               const bool *given, double least, bool *mask, bool *mask_in) {
    wg_status status = WG_OK;
    const wg_report_tree *tree = report->input->tree;
    space s;
    WG_TRY(space_build(ctx, tree, mask_in != NULL, n, &s));
    for (size_t f = 0; f < n; f++) {
        copy_values(s.values[f], figures[f], tree->n_areas);
        if (mask_in != NULL) {
            sum_cells(tree, figures[f], s.values[f] + tree->n_areas);
        }
    }
    if (given != NULL) {
        memcpy(s.hidden, given, tree->n_areas * sizeof *given);
    }
    WG_TRY(space_hide(ctx, &s, least));
    memcpy(mask, s.hidden, tree->n_areas * sizeof *mask);
    if (mask_in != NULL) {
        memcpy(mask_in, s.hidden + tree->n_areas, tree->n_areas * sizeof *mask_in);
    }
done:
    space_release(&s);
    return status;
}

/** The incidents that a rate counts, those that it is of, and those that it leaves: a share tells all three. */
static wg_status hide_rate(wg_context *ctx, const wg_report_model *report, uint32_t rate, const bool *given,
                           double least, bool *mask) {
    const uint32_t n = report->input->tree->n_areas;
    const double *numerator = report->area[WG_FIG_RATE + rate];
    const double *denominator = report->area[WG_FIG_RATE + WG_N_RATES + rate];
    double *left = wg_malloc(n, sizeof *left);
    if (left == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t area = 0; area < n; area++) {
        left[area] = denominator[area] - numerator[area];
    }
    const double *const figures[] = {numerator, denominator, left};
    const wg_status status = hide_together(ctx, report, figures, 3, given, least, mask, NULL);
    free(left);
    return status;
}

/** Households served and visited, those that are not, and organisations. */
static wg_status hide_others(wg_context *ctx, const wg_report_model *report, const masks *m, double least) {
    const uint32_t n = report->input->tree->n_areas;
    double *const *f = report->area;
    double *left = wg_calloc(2 * (size_t)n, sizeof *left);
    if (left == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t area = 0; area < n; area++) {
        left[area] = report->has_service ? f[WG_FIG_HH][area] - f[WG_FIG_SVC_HH][area] : 0.0;
        left[n + area] = report->has_visits ? f[WG_FIG_HH][area] - f[WG_FIG_VISIT_HH][area] : 0.0;
    }
    const double *const figures[] = {f[WG_FIG_SVC_HH], f[WG_FIG_VISIT_HH], f[WG_FIG_ORG], left, left + n};
    const wg_status status =
        hide_together(ctx, report, figures, 5, m->of[MASK_HH], least, m->of[MASK_OTHER], m->of[MASK_OTHER_IN]);
    free(left);
    return status;
}

static wg_status find_masks(wg_context *ctx, const wg_report_model *report, double least, const masks *m) {
    double *const *f = report->area;
    const double *const households[] = {f[WG_FIG_HH]};
    const double *const people[] = {f[WG_FIG_POP], f[WG_FIG_REGISTERED], f[WG_FIG_FLOATING]};
    const double *const opened[] = {f[WG_FIG_INC]};
    const double *const states[] = {f[WG_FIG_INC_OPEN], f[WG_FIG_INC_CLOSED], f[WG_FIG_INC_LATE],
                                    f[WG_FIG_BACKLOG],  f[WG_FIG_INC_BEFORE], f[WG_FIG_INC_YEAR]};
    wg_status status = WG_OK;
    WG_TRY(hide_together(ctx, report, households, 1, NULL, least, m->of[MASK_HH], m->of[MASK_HH_IN]));
    WG_TRY(hide_together(ctx, report, people, 3, NULL, least, m->of[MASK_POP], m->of[MASK_POP_IN]));
    WG_TRY(hide_together(ctx, report, opened, 1, NULL, least, m->of[MASK_INC], m->of[MASK_INC_IN]));
    WG_TRY(hide_together(ctx, report, states, 6, m->of[MASK_INC], least, m->of[MASK_STATE], NULL));
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        WG_TRY(hide_rate(ctx, report, r, m->of[MASK_STATE], least, m->of[MASK_RATE + r]));
    }
    WG_TRY(hide_others(ctx, report, m, least));
    WG_TRY(wg_report_suppress_classes(ctx, report, least, m->of[MASK_SPECIAL]));
done:
    return status;
}

/* ------------------------------------------------------------------ blanking */

static void blank(wg_report_model *report, wg_figure figure, const bool *hidden) {
    for (uint32_t area = 0; area < report->input->tree->n_areas; area++) {
        if (hidden[area]) {
            report->area[figure][area] = NAN;
            if (area < report->input->tree->n_cells) {
                report->place[figure][area] = NAN;
            }
        }
    }
}

/** Whether the workload of an area tells a hidden figure: it is their weighted sum. */
static bool load_tells(const masks *m, uint32_t area) {
    return m->of[MASK_HH_IN][area] || m->of[MASK_POP][area] || m->of[MASK_POP_IN][area] || m->of[MASK_INC_IN][area] ||
           m->of[MASK_OTHER_IN][area];
}

/** Special classes are no part of the sums above: where they weigh, a hidden one hides the load of all areas above. */
static void spread_special(const wg_report_model *report, const masks *m) {
    const wg_report_tree *tree = report->input->tree;
    for (uint32_t cell = 0; cell < tree->n_cells && report->input->config->load.special > 0.0; cell++) {
        for (uint32_t l = 0; l < tree->n_levels && m->of[MASK_SPECIAL][cell]; l++) {
            const uint32_t area = tree->up[(size_t)cell * tree->n_levels + l];
            if (area != WG_UNASSIGNED) {
                m->of[MASK_OTHER_IN][area] = true;
            }
        }
    }
}

/** Rates, and the score that is made of them. */
static void blank_rates(wg_report_model *report, const masks *m, uint32_t area) {
    wg_report_area *at = &report->areas[area];
    bool scored = m->of[MASK_STATE][area];
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        if (m->of[MASK_RATE + r][area]) {
            scored = scored || (report->input->config->score[r].weight > 0.0 && !isnan(at->rate[r]));
            at->rate[r] = NAN;
        }
    }
    if (m->of[MASK_STATE][area]) {
        at->days_median = at->days_p90 = NAN;
    }
    if (scored) {
        at->score = NAN;
        at->rank = 0;
        at->grade = -1;
        at->vetoed = false;
    }
}

static void blank_derived(wg_report_model *report, const masks *m) {
    const uint32_t n = report->input->tree->n_areas;
    const bool whole = load_tells(m, n - 1); /* every index is a share of it */
    for (uint32_t area = 0; area < n; area++) {
        const bool load = load_tells(m, area);
        blank_rates(report, m, area);
        if (load) {
            report->area[WG_FIG_LOAD][area] = NAN;
            if (area < report->input->tree->n_cells) {
                report->place[WG_FIG_LOAD][area] = NAN;
            }
        }
        if (load || whole) {
            report->areas[area].load_index = NAN;
            report->areas[area].rank = report->has_incidents ? report->areas[area].rank : 0;
        }
    }
}

static void blank_figures(wg_report_model *report, const masks *m) {
    static const struct {
        wg_figure figure;
        int mask;
    } blanks[] = {{WG_FIG_HH, MASK_HH},          {WG_FIG_HH_IN, MASK_HH_IN},    {WG_FIG_POP, MASK_POP},
                  {WG_FIG_POP_IN, MASK_POP_IN},  {WG_FIG_REGISTERED, MASK_POP}, {WG_FIG_FLOATING, MASK_POP},
                  {WG_FIG_INC, MASK_INC},        {WG_FIG_INC_OPEN, MASK_STATE}, {WG_FIG_INC_CLOSED, MASK_STATE},
                  {WG_FIG_INC_LATE, MASK_STATE}, {WG_FIG_BACKLOG, MASK_STATE},  {WG_FIG_INC_BEFORE, MASK_STATE},
                  {WG_FIG_INC_YEAR, MASK_STATE}, {WG_FIG_SVC_HH, MASK_OTHER},   {WG_FIG_VISIT_HH, MASK_OTHER},
                  {WG_FIG_ORG, MASK_OTHER},      {WG_FIG_SPECIAL, MASK_SPECIAL}};
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        blank(report, blanks[i].figure, m->of[blanks[i].mask]);
    }
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        blank(report, (wg_figure)(WG_FIG_RATE + r), m->of[MASK_RATE + r]);
        blank(report, (wg_figure)(WG_FIG_RATE + WG_N_RATES + r), m->of[MASK_RATE + r]);
    }
}

wg_status wg_report_suppress(wg_context *ctx, wg_report_model *report, uint32_t least) {
    wg_status status = WG_OK;
    masks m = {{NULL}};
    for (int i = 0; i < N_MASKS; i++) {
        m.of[i] = wg_calloc(report->input->tree->n_areas, sizeof(bool));
        status = m.of[i] == NULL ? wg_fail_memory(ctx) : status;
    }
    WG_TRY(status);
    WG_TRY(find_masks(ctx, report, (double)least, &m));
    spread_special(report, &m);
    blank_figures(report, &m);
    blank_derived(report, &m);
    /* A score of a cell tells of its neighbours' incidents: only what is shown may speak. */
    WG_TRY(wg_report_find_hot_spots(ctx, report));
done:
    for (int i = 0; i < N_MASKS; i++) {
        free(m.of[i]);
    }
    return status;
}
