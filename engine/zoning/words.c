/** Codes of reasons and certificates, and one sentence each in English and Chinese. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "zoning/zoning.h"

static const char *const REASONS[] = {"",
                                      "unit_over",
                                      "compound_over",
                                      "island_under",
                                      "total_under",
                                      "count_impossible",
                                      "indivisible",
                                      "limits_conflict",
                                      "locked",
                                      "enclosed",
                                      "proven",
                                      "not_found",
                                      "attached",
                                      "separate"};

static const char *const CERTIFICATES[] = {"count_range", "count_impossible", "unit_over", "component_under",
                                           "indivisible", "limits_conflict",  "no_plan"};

const char *wg_reason_name(wg_reason_code code) {
    return (size_t)code < sizeof REASONS / sizeof REASONS[0] ? REASONS[code] : "";
}

const char *wg_certificate_name(wg_certificate_code code) {
    return (size_t)code < sizeof CERTIFICATES / sizeof CERTIFICATES[0] ? CERTIFICATES[code] : "";
}

/** "400 households"; "an area of 5000". */
static void put_amount(wg_buffer *out, const char *before, const char *field, double value) {
    if (strcmp(field, "area") == 0) {
        wg_buffer_printf(out, "%s an area of %.10g", before, value);
    } else {
        wg_buffer_printf(out, "%s %.10g %s", before, value, field);
    }
}

/** Who is beyond a limit, by how much, and what follows from it. */
static void put_beyond(wg_buffer *out, const char *before, const wg_reason *r, const char *field, const char *after) {
    put_amount(out, before, field, r->value);
    wg_buffer_printf(out, ", %s of %.10g%s", r->over ? "over the maximum" : "under the minimum", r->limit, after);
}

static void sentence_en(const wg_reason *r, const char *field, const char *other, wg_buffer *out) {
    switch (r->code) {
    case WG_REASON_UNIT_OVER:
        put_beyond(out, "One unit alone has", r, field, ".");
        break;
    case WG_REASON_COMPOUND_OVER:
        put_beyond(out, "Units that stay together have", r, field, ".");
        break;
    case WG_REASON_ISLAND_UNDER:
        put_beyond(out, "This separate part has in all", r, field, ".");
        break;
    case WG_REASON_TOTAL_UNDER:
        put_beyond(out, "The whole community has", r, field, ".");
        break;
    case WG_REASON_COUNT_IMPOSSIBLE:
        wg_buffer_printf(out, "%.10g cells cannot keep the limit on %s even on average.", r->value, field);
        break;
    case WG_REASON_INDIVISIBLE:
        put_amount(out, "No number of cells divides", field, r->value);
        wg_buffer_text(out, " within the limits.");
        break;
    case WG_REASON_LIMITS_CONFLICT:
        wg_buffer_printf(out, "The limits on %s and %s contradict each other here.", field, other);
        break;
    case WG_REASON_LOCKED:
        put_beyond(out, "The cell is locked with", r, field, ".");
        break;
    case WG_REASON_ENCLOSED:
        put_beyond(out, "The cell has", r, field, ": no neighbour can give a unit.");
        break;
    case WG_REASON_PROVEN:
        put_beyond(out, "The cell has", r, field, ": every plan was examined and none is better.");
        break;
    case WG_REASON_NOT_FOUND:
        put_beyond(out, "The cell has", r, field, ": the search found no better plan.");
        break;
    case WG_REASON_ATTACHED:
        wg_buffer_text(out, "A part too small for a cell of its own is attached to this cell.");
        break;
    case WG_REASON_SEPARATE:
        put_beyond(out, "A part with", r, field, " stays a cell as asked for.");
        break;
    case WG_REASON_NONE:
        break;
    }
}

static void sentence_zh(const wg_reason *r, const char *field, const char *other, wg_buffer *out) {
    const char *side = r->over ? "超过上限" : "低于下限";
    switch (r->code) {
    case WG_REASON_UNIT_OVER:
        wg_buffer_printf(out, "单个单元的%s为%.10g，已超过上限%.10g。", field, r->value, r->limit);
        break;
    case WG_REASON_COMPOUND_OVER:
        wg_buffer_printf(out, "不可拆分的单元合计%s为%.10g，已超过上限%.10g。", field, r->value, r->limit);
        break;
    case WG_REASON_ISLAND_UNDER:
        wg_buffer_printf(out, "该独立地块%s合计%.10g，低于下限%.10g。", field, r->value, r->limit);
        break;
    case WG_REASON_TOTAL_UNDER:
        wg_buffer_printf(out, "整个社区%s合计%.10g，低于下限%.10g。", field, r->value, r->limit);
        break;
    case WG_REASON_COUNT_IMPOSSIBLE:
        wg_buffer_printf(out, "划分为%.10g个网格时，%s平均值已不在限值之内。", r->value, field);
        break;
    case WG_REASON_INDIVISIBLE:
        wg_buffer_printf(out, "%s合计%.10g，任何网格数都无法使其落在限值之内。", field, r->value);
        break;
    case WG_REASON_LIMITS_CONFLICT:
        wg_buffer_printf(out, "此处%s与%s的限值相互矛盾。", field, other);
        break;
    case WG_REASON_LOCKED:
        wg_buffer_printf(out, "网格已锁定，%s为%.10g，%s%.10g。", field, r->value, side, r->limit);
        break;
    case WG_REASON_ENCLOSED:
        wg_buffer_printf(out, "%s为%.10g，%s%.10g：相邻网格没有可调入的单元。", field, r->value, side, r->limit);
        break;
    case WG_REASON_PROVEN:
        wg_buffer_printf(out, "%s为%.10g，%s%.10g：已穷举所有方案，没有更好的。", field, r->value, side, r->limit);
        break;
    case WG_REASON_NOT_FOUND:
        wg_buffer_printf(out, "%s为%.10g，%s%.10g：搜索未找到更好的方案。", field, r->value, side, r->limit);
        break;
    case WG_REASON_ATTACHED:
        wg_buffer_text(out, "有一块过小的飞地并入本网格。");
        break;
    case WG_REASON_SEPARATE:
        wg_buffer_printf(out, "飞地%s为%.10g，低于下限%.10g，按要求单独成格。", field, r->value, r->limit);
        break;
    case WG_REASON_NONE:
        break;
    }
}

void wg_reason_sentence(const wg_reason *reason, const char *field, const char *other_field, wg_lang lang,
                        wg_buffer *out) {
    field = field != NULL ? field : "";
    other_field = other_field != NULL ? other_field : "";
    if (lang == WG_LANG_ZH) {
        sentence_zh(reason, field, other_field, out);
    } else {
        sentence_en(reason, field, other_field, out);
    }
}

static void certificate_en(const wg_certificate *c, const char *unit, const char *field, const char *other,
                           wg_buffer *out) {
    switch (c->code) {
    case WG_CERT_COUNT_RANGE:
        if (isfinite(c->high)) {
            wg_buffer_printf(out, "The limits allow %.10g to %.10g cells.", c->low, c->high);
        } else {
            wg_buffer_printf(out, "The limits allow %.10g cells or more.", c->low);
        }
        break;
    case WG_CERT_COUNT_IMPOSSIBLE:
        wg_buffer_printf(out, "%.10g cells were asked for; the limits allow %.10g to %.10g.", c->value, c->low,
                         c->high);
        break;
    case WG_CERT_UNIT_OVER:
        wg_buffer_printf(out, "Unit %s alone", unit);
        put_amount(out, " has", field, c->value);
        wg_buffer_printf(out, ", over the maximum of %.10g.", c->limit);
        break;
    case WG_CERT_COMPONENT_UNDER:
        wg_buffer_printf(out, "The part around unit %s", unit);
        put_amount(out, " has in all", field, c->value);
        wg_buffer_printf(out, ", under the minimum of %.10g.", c->limit);
        break;
    case WG_CERT_INDIVISIBLE:
        put_amount(out, "No number of cells divides", field, c->value);
        wg_buffer_printf(out, " of the part around unit %s within the limits.", unit);
        break;
    case WG_CERT_LIMITS_CONFLICT:
        wg_buffer_printf(out, "%s needs at least %.10g cells and %s allows at most %.10g in the part around unit %s.",
                         field, c->low, other, c->high, unit);
        break;
    case WG_CERT_NO_PLAN:
        wg_buffer_printf(out, "It is proven that no plan keeps all limits: at least %.10g cells break one.", c->value);
        break;
    }
}

static void certificate_zh(const wg_certificate *c, const char *unit, const char *field, const char *other,
                           wg_buffer *out) {
    switch (c->code) {
    case WG_CERT_COUNT_RANGE:
        if (isfinite(c->high)) {
            wg_buffer_printf(out, "按限值可划分%.10g至%.10g个网格。", c->low, c->high);
        } else {
            wg_buffer_printf(out, "按限值至少划分%.10g个网格。", c->low);
        }
        break;
    case WG_CERT_COUNT_IMPOSSIBLE:
        wg_buffer_printf(out, "要求%.10g个网格，而限值只允许%.10g至%.10g个。", c->value, c->low, c->high);
        break;
    case WG_CERT_UNIT_OVER:
        wg_buffer_printf(out, "单元%s的%s为%.10g，单独已超过上限%.10g。", unit, field, c->value, c->limit);
        break;
    case WG_CERT_COMPONENT_UNDER:
        wg_buffer_printf(out, "单元%s所在地块%s合计%.10g，低于下限%.10g。", unit, field, c->value, c->limit);
        break;
    case WG_CERT_INDIVISIBLE:
        wg_buffer_printf(out, "单元%s所在地块%s合计%.10g，任何网格数都无法满足限值。", unit, field, c->value);
        break;
    case WG_CERT_LIMITS_CONFLICT:
        wg_buffer_printf(out, "单元%s所在地块：%s至少需要%.10g个网格，而%s至多允许%.10g个。", unit, field, c->low,
                         other, c->high);
        break;
    case WG_CERT_NO_PLAN:
        wg_buffer_printf(out, "已证明没有满足全部限值的方案：至少有%.10g个网格超限。", c->value);
        break;
    }
}

void wg_certificate_sentence(const wg_certificate *certificate, const char *unit, const char *field,
                             const char *other_field, wg_lang lang, wg_buffer *out) {
    char number[16];
    (void)snprintf(number, sizeof number, "%u", certificate->unit);
    unit = unit != NULL ? unit : number;
    field = field != NULL ? field : "";
    other_field = other_field != NULL ? other_field : "";
    if (lang == WG_LANG_ZH) {
        certificate_zh(certificate, unit, field, other_field, out);
    } else {
        certificate_en(certificate, unit, field, other_field, out);
    }
}
