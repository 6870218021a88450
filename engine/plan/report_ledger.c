/* The ledger (台账): organisations and classes of people, counted by cell and category. */
#include <math.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "plan/report_sheet.h"
#include "report/suppress.h"

/** Column with the number that a row stands for, or UINT32_MAX: each row is one. */
static uint32_t count_column(const wg_layer *layer) {
    static const char *const names[] = {"count", "number", "n", "数量", "个数", "人数", "数目", NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        const uint32_t column = wg_layer_column(layer, names[i]);
        if (column != UINT32_MAX && wg_layer_column_type(layer, column) != WG_TEXT) {
            return column;
        }
    }
    return UINT32_MAX;
}

static double count_of(const wg_layer *layer, size_t row, uint32_t column) {
    if (column == UINT32_MAX || wg_layer_is_null(layer, row, column)) {
        return 1.0;
    }
    const double value = wg_layer_column_type(layer, column) == WG_INTEGER
                             ? (double)wg_layer_integer(layer, row, column)
                             : wg_layer_real(layer, row, column);
    return isfinite(value) && value > 0.0 ? value : 0.0;
}

static wg_status sheet_ledger(wg_context *ctx, wg_report_job *job, const wg_words *words, const double *sums) {
    static const wg_sheet_field fields[] = {{"Category", "类别", WG_TEXT, 0, false},
                                            {"Number", "数量", WG_REAL, 0, false}};
    wg_status status = WG_OK;
    wg_sum_rules rules = {.n = 0};
    bool *hidden = wg_calloc(words->n, sizeof *hidden);
    uint32_t *parts = wg_malloc(words->n, sizeof *parts);
    double total = 0.0;
    wg_sheet_pen pen;
    if (hidden == NULL || parts == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t w = 0; w < words->n; w++) {
        parts[w] = (uint32_t)w;
        total += sums[w];
    }
    if (job->options->suppress > 0) {
        WG_TRY(wg_sum_rules_add(ctx, &rules, WG_UNASSIGNED, parts, words->n));
        const wg_suppression what = {.values = &sums,
                                     .n_figures = 1,
                                     .n = words->n,
                                     .n_free = words->n,
                                     .least = (double)job->options->suppress};
        WG_TRY(wg_suppress(ctx, &what, &rules, hidden));
    }
    wg_sheet_begin(&pen, ctx, job, "ledger", "Ledger", "台账统计", NULL, NULL, fields, sizeof fields / sizeof *fields);
    for (size_t w = 0; w < words->n; w++) {
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen,
                      words->word[w][0] != '\0' ? words->word[w] : wg_report_say(job, "(not stated)", "（未填）"));
        wg_sheet_number(&pen, hidden[w] ? NAN : sums[w]);
    }
    wg_sheet_row(&pen, true);
    wg_sheet_text(&pen, wg_report_say(job, "Total", "合计"));
    wg_sheet_number(&pen, total);
    status = wg_sheet_end(&pen);
done:
    free(hidden);
    free(parts);
    wg_sum_rules_release(&rules);
    return status;
}

static wg_status count_rows(wg_context *ctx, wg_report_job *job, const wg_layer *layer, const wg_fields *fields) {
    wg_status status = WG_OK;
    wg_words words = {.n = 0};
    double *sums = NULL;
    size_t capacity = 0;
    const uint32_t count = count_column(layer);
    const uint32_t category = fields->column[WG_ROLE_CATEGORY] != UINT32_MAX ? fields->column[WG_ROLE_CATEGORY]
                                                                             : fields->column[WG_ROLE_KIND];
    uint32_t *place = wg_malloc(layer->n, sizeof *place);
    if (place == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(wg_report_find_places(ctx, job, layer, fields->column[WG_ROLE_CELL], place));
    for (size_t row = 0; row < layer->n; row++) {
        char text[32];
        uint16_t word;
        const size_t before = words.n;
        WG_TRY(wg_words_number(ctx, &words, category == UINT32_MAX ? NULL : wg_fields_text(layer, row, category, text),
                               &word));
        if (!WG_RESERVE(sums, capacity, words.n)) {
            WG_TRY(wg_fail_memory(ctx));
        }
        if (words.n > before) {
            sums[word] = 0.0;
        }
        sums[word] += count_of(layer, row, count);
        job->organisations[place[row]] += count_of(layer, row, count);
        if (place[row] >= job->tree.n_cells) {
            WG_TRY(wg_report_reject_row(ctx, job, "ledger",
                                        fields->column[WG_ROLE_NAME] == UINT32_MAX
                                            ? ""
                                            : wg_fields_text(layer, row, fields->column[WG_ROLE_NAME], text),
                                        wg_report_say(job, "in no cell", "不在任何网格")));
        }
    }
    WG_TRY(sheet_ledger(ctx, job, &words, sums));
done:
    free(place);
    free(sums);
    wg_words_release(&words);
    return status;
}

wg_status wg_report_read_ledger(wg_context *ctx, wg_report_job *job) {
    static const wg_role roles[] = {WG_ROLE_CELL, WG_ROLE_CATEGORY, WG_ROLE_KIND, WG_ROLE_NAME};
    wg_status status = WG_OK;
    wg_layer *layer = NULL;
    wg_fields fields;
    if (!wg_input_given(&job->options->ledger)) {
        return WG_OK;
    }
    WG_TRY(wg_read(ctx, &job->options->ledger, "ledger", &layer));
    if (layer->wkb_length > 0) {
        WG_TRY(wg_crs_transform(ctx, layer, wg_store_crs(job->store)));
    }
    WG_TRY(wg_fields_match(ctx, layer, "ledger", roles, 4, job->options->fields, job->options->n_fields,
                           job->field_used, &fields));
    WG_TRY(wg_report_note_filled(ctx, job, "ledger", layer));
    job->organisations = wg_calloc(job->tree.n_places, sizeof *job->organisations);
    if (job->organisations == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(count_rows(ctx, job, layer, &fields));
done:
    wg_layer_free(layer);
    return status;
}
