/** The solution as one JSON object. */
#include <math.h>

#include "zoning/problem.h"

static void put_string(wg_buffer *out, const char *text) {
    wg_buffer_text(out, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            wg_buffer_printf(out, "\\%c", *c);
        } else if (*c < 0x20) {
            wg_buffer_printf(out, "\\u%04x", *c);
        } else {
            wg_buffer_append(out, c, 1);
        }
    }
    wg_buffer_text(out, "\"");
}

/** A number, or null for one that JSON cannot hold. */
static void put_number(wg_buffer *out, double value) {
    if (isfinite(value)) {
        wg_buffer_printf(out, "%.15g", value);
    } else {
        wg_buffer_text(out, "null");
    }
}

static void put_member(wg_buffer *out, const char *name, double value) {
    wg_buffer_printf(out, ", \"%s\": ", name);
    put_number(out, value);
}

static void put_unit(wg_buffer *out, const char *name, uint32_t value) {
    if (value != WG_UNASSIGNED) {
        wg_buffer_printf(out, ", \"%s\": %u", name, value);
    }
}

static const char *field_of(const wg_problem *problem, uint32_t attribute) {
    return attribute < problem->n_attributes ? problem->attributes[attribute].name : "";
}

static void put_terms(wg_buffer *out, const wg_solution *s) {
    wg_buffer_text(out, ", \"terms\": [");
    for (uint32_t i = 0; i < s->n_terms; i++) {
        wg_buffer_printf(out, "%s{\"name\": \"%s\"", i > 0 ? ", " : "", s->term[i].name);
        put_member(out, "value", s->term[i].value);
        put_member(out, "weight", s->term[i].weight);
        put_member(out, "score", s->term[i].score);
        wg_buffer_text(out, "}");
    }
    wg_buffer_text(out, "]");
}

static void put_limits(wg_buffer *out, const wg_problem *problem) {
    wg_buffer_text(out, ", \"limits\": [");
    for (size_t a = 0; a < problem->n_attributes; a++) {
        const wg_attribute *attribute = &problem->attributes[a];
        wg_buffer_text(out, a > 0 ? ", {\"field\": " : "{\"field\": ");
        put_string(out, attribute->name);
        put_member(out, "min", attribute->limit.min);
        put_member(out, "target", wg_limit_resolve(&attribute->limit, 0).target);
        put_member(out, "max", attribute->limit.max);
        put_member(out, "soft", attribute->soft);
        wg_buffer_text(out, "}");
    }
    wg_buffer_text(out, "]");
}

static void put_certificates(wg_buffer *out, const wg_problem *problem, const char *const *unit_name,
                             const wg_solution *s) {
    wg_buffer_text(out, ", \"bounds\": [");
    for (size_t i = 0; i < s->n_certificates; i++) {
        const wg_certificate *c = &s->certificates[i];
        wg_buffer_printf(out, "%s{\"code\": \"%s\"", i > 0 ? ", " : "", wg_certificate_name(c->code));
        put_unit(out, "unit", c->unit);
        const double numbers[4] = {c->value, c->limit, c->low, c->high};
        const char *const names[4] = {"value", "limit", "low", "high"};
        for (int j = 0; j < 4; j++) {
            if (isfinite(numbers[j])) {
                put_member(out, names[j], numbers[j]);
            }
        }
        wg_buffer text = {0};
        const char *unit = unit_name != NULL && c->unit < s->n ? unit_name[c->unit] : NULL;
        wg_certificate_sentence(c, unit, field_of(problem, c->attribute), field_of(problem, c->other), WG_LANG_EN,
                                &text);
        wg_buffer_text(out, ", \"text\": ");
        put_string(out, text.data != NULL ? text.data : "");
        out->failed = out->failed || text.failed;
        wg_buffer_release(&text);
        wg_buffer_text(out, "}");
    }
    wg_buffer_text(out, "]");
}

static void put_cell(wg_buffer *out, const wg_problem *problem, const wg_solution *s, uint32_t c) {
    const wg_zone_cell *cell = &s->cells[c];
    wg_buffer_printf(out, "%s{\"cell\": %u, \"units\": %u", c > 0 ? ", " : "", c, cell->units);
    put_unit(out, "origin", cell->origin);
    wg_buffer_text(out, ", \"sums\": [");
    for (uint32_t a = 0; a < s->n_attributes; a++) {
        wg_buffer_text(out, a > 0 ? ", " : "");
        put_number(out, s->sum[(size_t)c * s->n_attributes + a]);
    }
    wg_buffer_text(out, "]");
    if (isfinite(cell->compact)) {
        put_member(out, "compact", cell->compact);
    }
    if (cell->out) {
        put_member(out, "excess", cell->excess);
    }
    if (cell->reason.code != WG_REASON_NONE) {
        wg_buffer text = {0};
        const wg_reason *r = &cell->reason;
        wg_reason_sentence(r, field_of(problem, r->attribute), field_of(problem, r->other), WG_LANG_EN, &text);
        wg_buffer_printf(out, ", \"reason\": \"%s\", \"reason_txt\": ", wg_reason_name(r->code));
        put_string(out, text.data != NULL ? text.data : "");
        out->failed = out->failed || text.failed;
        wg_buffer_release(&text);
    }
    wg_buffer_text(out, "}");
}

wg_status wg_write_json(wg_context *ctx, const wg_problem *problem, const wg_zoning_options *options, wg_solution *s) {
    static const char *const objectives[] = {"plan", "cut", "length", "inertia", "maxp"};
    wg_buffer out = {0};
    wg_buffer_printf(&out, "{\"objective\": \"%s\", \"units\": %u, \"cells\": %u, \"out\": %u",
                     objectives[options->solve.objective], s->n, s->n_cells, s->out);
    put_member(&out, "excess", s->excess);
    put_member(&out, "score", s->score);
    put_member(&out, "bound", s->bound);
    wg_buffer_printf(&out, ", \"proven\": %s, \"steps\": %llu", s->proven ? "true" : "false",
                     (unsigned long long)s->steps);
    wg_buffer_printf(&out, ", \"effort\": %u, \"seed\": %llu, \"capped\": %s",
                     options->solve.effort > 0 ? options->solve.effort : 5, (unsigned long long)options->solve.seed,
                     s->capped ? "true" : "false");
    wg_buffer_printf(&out, ", \"seconds\": %.6f", s->seconds);
    put_terms(&out, s);
    put_limits(&out, problem);
    put_certificates(&out, problem, options->unit_name, s);
    wg_buffer_text(&out, ", \"cells_detail\": [");
    for (uint32_t c = 0; c < s->n_cells; c++) {
        put_cell(&out, problem, s, c);
    }
    wg_buffer_text(&out, "]}");
    s->json = wg_buffer_steal(&out);
    wg_buffer_release(&out);
    return s->json != NULL ? WG_OK : wg_fail_memory(ctx);
}
