/* Special classes of people: summed up, and hidden where counts are small. */
#include <math.h>
#include <string.h>

#include "report/suppress.h"

wg_status wg_report_gather_classes(wg_context *ctx, wg_report_model *report) {
    const wg_report_input *in = report->input;
    const wg_report_tree *tree = in->tree;
    if (in->n_classes == 0) {
        return WG_OK;
    }
    report->classes = wg_calloc((size_t)in->n_classes * tree->n_areas, sizeof *report->classes);
    if (report->classes == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t k = 0; k < in->n_classes; k++) {
        const double *own = in->classes + (size_t)k * tree->n_places;
        wg_report_sum(tree, own, report->classes + (size_t)k * tree->n_areas);
        for (uint32_t place = 0; place < tree->n_places; place++) {
            report->place[WG_FIG_SPECIAL][place] += own[place];
        }
    }
    return WG_OK;
}

/** Sums of every class up the tree, and of all classes to the total of each area. Items: class by class, then totals.
 */
static wg_status class_rules(wg_context *ctx, const wg_report_model *report, uint32_t *next, wg_sum_rules *rules) {
    const uint32_t n_areas = report->input->tree->n_areas;
    const uint32_t n_classes = report->input->n_classes;
    wg_status status = WG_OK;
    uint32_t *parts = wg_malloc(n_classes, sizeof *parts);
    if (parts == NULL) {
        return wg_fail_memory(ctx);
    }
    *next = (n_classes + 1) * n_areas;
    for (uint32_t k = 0; k <= n_classes; k++) {
        WG_TRY(wg_sum_rules_of_tree(ctx, report->input->tree, k * n_areas, next, rules));
    }
    for (uint32_t area = 0; area < n_areas; area++) {
        for (uint32_t k = 0; k < n_classes; k++) {
            parts[k] = k * n_areas + area;
        }
        WG_TRY(wg_sum_rules_add(ctx, rules, n_classes * n_areas + area, parts, n_classes));
    }
done:
    free(parts);
    return status;
}

wg_status wg_report_suppress_classes(wg_context *ctx, const wg_report_model *report, double least, bool *mask) {
    const wg_report_tree *tree = report->input->tree;
    const uint32_t n_classes = report->input->n_classes;
    const uint32_t n_free = (n_classes + 1) * tree->n_areas;
    wg_status status = WG_OK;
    wg_sum_rules rules = {.n = 0};
    double *values = NULL;
    bool *hidden = NULL;
    uint32_t n = 0;
    if (n_classes == 0) {
        return WG_OK;
    }
    WG_TRY(class_rules(ctx, report, &n, &rules));
    values = wg_calloc(n, sizeof *values);
    hidden = wg_calloc(n, sizeof *hidden);
    if (values == NULL || hidden == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    memcpy(values, report->classes, (size_t)n_classes * tree->n_areas * sizeof *values);
    memcpy(values + (size_t)n_classes * tree->n_areas, report->area[WG_FIG_SPECIAL], tree->n_areas * sizeof *values);
    wg_sum_rules_rests(&rules, n_free, values);
    const double *const figures[] = {values};
    const wg_suppression what = {.values = figures, .n_figures = 1, .n = n, .n_free = n_free, .least = least};
    WG_TRY(wg_suppress(ctx, &what, &rules, hidden));
    for (size_t i = 0; i < (size_t)n_classes * tree->n_areas; i++) {
        report->classes[i] = hidden[i] ? NAN : report->classes[i];
    }
    memcpy(mask, hidden + (size_t)n_classes * tree->n_areas, tree->n_areas * sizeof *mask);
done:
    wg_sum_rules_release(&rules);
    free(values);
    free(hidden);
    return status;
}
