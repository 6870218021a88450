/* Status and reasons of cells in words. */
#include <stdio.h>
#include <string.h>

#include "plan/city.h"

const char *wg_plan_field_label(const char *field, wg_lang lang) {
    static const char *const zh[][2] = {{"households", "户数"},
                                        {"population", "人口"},
                                        {"registered", "户籍人口"},
                                        {"floating", "流动人口"},
                                        {"area", "面积（平方米）"}};
    for (size_t i = 0; i < sizeof zh / sizeof zh[0] && lang == WG_LANG_ZH; i++) {
        if (strcmp(field, zh[i][0]) == 0) {
            return zh[i][1];
        }
    }
    return field;
}

/** Sums of thousands of figures: a relative 1e-9 is rounding, not a finding. */
static bool is_beyond(double value, double limit) {
    const double scale = limit < 0 ? -limit : limit;
    return value > limit + 1e-9 * scale;
}

const char *wg_plan_cell_status(const wg_plan_city *city, const wg_district *district, uint32_t cell) {
    bool under = false, over = false;
    for (uint32_t m = 0; m < city->n_measures && cell < district->n_ordinary; m++) {
        const wg_limit *limit = &city->measures[m].limit;
        const double value = district->measure[(size_t)cell * city->n_measures + m];
        over = over || is_beyond(value, limit->max); /* an open end is NAN: never beyond */
        under = under || is_beyond(limit->min, value + 1e-9 * value);
    }
    return under && over ? "mixed" : under ? "under" : over ? "over" : "ok";
}

void wg_plan_cell_reason(const wg_plan_city *city, const wg_district *district, uint32_t cell, wg_buffer *out) {
    const wg_lang lang = city->options->lang;
    if (cell >= district->n_ordinary) {
        wg_buffer_text(out,
                       lang == WG_LANG_ZH ? "专属网格，按给定范围单独划定。" : "A dedicated cell, carved as given.");
        return;
    }
    const wg_reason *reason = &district->info[cell].reason;
    if (reason->code == WG_REASON_NONE) {
        return;
    }
    const char *field = reason->attribute < city->n_measures ? city->measures[reason->attribute].limit.field : "";
    const char *other = reason->other < city->n_measures ? city->measures[reason->other].limit.field : "";
    wg_reason_sentence(reason, wg_plan_field_label(field, lang), wg_plan_field_label(other, lang), lang, out);
    if (district->reason_building[cell] != NULL) {
        wg_buffer_printf(out, lang == WG_LANG_ZH ? "（楼栋 %s）" : " (building %s)", district->reason_building[cell]);
    }
}
