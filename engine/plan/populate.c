/* wangge populate: households and people for buildings, where only totals are known. */
#include "plan/populate.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/read.h"
#include "io/write.h"
#include "model/result.h"
#include "plan/osm.h"

static const double default_people_per_household = 2.62; /* Seventh national census of China, 2020 */

/* ---------------------------------------------------------------- writing */

static bool is_figure_column(const wg_spread *p, uint32_t column) {
    for (int f = 0; f < WG_FIGURES; f++) {
        if (p->figure[f] != NULL && p->fields.column[wg_figure_role[f]] == column) {
            return true;
        }
    }
    const char *name = p->source->columns[column].name;
    for (int f = 0; f < WG_FIGURES; f++) {
        if (p->figure[f] != NULL && strcmp(name, wg_role_name(wg_figure_role[f])) == 0) {
            return true;
        }
    }
    return strcmp(name, "fig_from") == 0;
}

static void from_text(const wg_spread *p, size_t row, const char *const *zone_name, char *text, size_t bytes) {
    static const char *const words[] = {"none", "given", "zone", "raster", "excluded", "fallback"};
    const uint8_t from = p->from[row];
    const char *zone = zone_name == NULL || p->zone[row] == WG_UNASSIGNED ? NULL : zone_name[p->zone[row]];
    if ((from == WG_FROM_ZONE || from == WG_FROM_FALLBACK) && zone != NULL) {
        (void)snprintf(text, bytes, "%s:%s", words[from], zone);
    } else {
        (void)snprintf(text, bytes, "%s", words[from]);
    }
}

/** The source's columns without the figures, then the figures under their contract names, then where they come from. */
static wg_status make_output(wg_context *ctx, const wg_spread *p, const char *const *zone_name, wg_layer **made) {
    const wg_layer *source = p->source;
    wg_layer *layer = NULL;
    uint32_t column[WG_FIGURES] = {0}, from = 0;
    wg_status status = wg_layer_new(ctx, source->name, source->crs, &layer);
    if (status != WG_OK) {
        return status;
    }
    for (uint32_t c = 0; c < source->n_columns; c++) {
        if (!is_figure_column(p, c)) {
            WG_TRY(wg_layer_add_column(ctx, layer, source->columns[c].name, source->columns[c].type, NULL));
        }
    }
    for (int f = 0; f < WG_FIGURES; f++) {
        if (p->figure[f] != NULL) {
            WG_TRY(wg_layer_add_column(ctx, layer, wg_role_name(wg_figure_role[f]), WG_INTEGER, &column[f]));
        }
    }
    WG_TRY(wg_layer_add_column(ctx, layer, "fig_from", WG_TEXT, &from));
    for (size_t row = 0; row < source->n; row++) {
        size_t bytes = 0;
        char text[128];
        const void *wkb = wg_layer_wkb(source, row, &bytes);
        WG_TRY(wg_layer_add_row(ctx, layer, wkb, bytes, NULL));
        layer->fid[row] = source->fid[row];
        for (uint32_t c = 0, at = 0; c < source->n_columns; c++) {
            if (!is_figure_column(p, c)) {
                WG_TRY(wg_layer_copy_value(ctx, source, row, c, layer, row, at++));
            }
        }
        for (int f = 0; f < WG_FIGURES; f++) {
            if (p->figure[f] != NULL && p->figure[f][row] >= 0) {
                WG_TRY(wg_layer_set_integer(ctx, layer, row, column[f], p->figure[f][row]));
            }
        }
        from_text(p, row, zone_name, text, sizeof text);
        WG_TRY(wg_layer_set_text(ctx, layer, row, from, text));
    }
    *made = layer;
    return WG_OK;
done:
    wg_layer_free(layer);
    return status;
}

wg_status wg_populate_write(wg_context *ctx, const wg_spread *p, const char *const *zone_name) {
    wg_layer *layer = NULL;
    wg_status status = make_output(ctx, p, zone_name, &layer);
    if (status == WG_OK) {
        wg_write_options options = WG_WRITE_OPTIONS_INIT;
        options.overwrite = p->options->overwrite;
        status = wg_write(ctx, layer, p->options->output, &options);
    }
    wg_layer_free(layer);
    return status;
}

/* ---------------------------------------------------------------- saying */

static void say_text(const wg_spread *p, wg_buffer *out) {
    const bool zh = p->options->lang == WG_LANG_ZH;
    wg_buffer_printf(out, zh ? "楼栋 %zu（%s）\n" : "%zu buildings (%s)\n", p->source->n, wg_layer_source(p->source));
    wg_buffer_text(out, zh ? "识别字段：" : "understood: ");
    wg_fields_list(p->source, &p->fields, out);
    wg_buffer_text(out, "\n");
    for (int f = 0; f < WG_FIGURES; f++) {
        if (p->figure[f] != NULL) {
            wg_buffer_printf(out, zh ? "%s：合计 %.0f，已分配 %.0f\n" : "%s: total %.0f, on buildings %.0f\n",
                             wg_role_name(wg_figure_role[f]), p->total[f], p->placed[f]);
        }
    }
    wg_buffer_printf(
        out, zh ? "非住宅 %llu 栋，不在任何分区 %llu 栋\n" : "%llu buildings that nobody lives in, %llu in no zone\n",
        (unsigned long long)p->excluded, (unsigned long long)p->outside);
    if (p->compared > 0 && p->compare_sum > 0.0) {
        wg_buffer_printf(
            out,
            zh ? "与 %llu 栋已知数据比较：绝对误差合计为已知合计的 %.0f %%\n"
               : "compared with the own figures of %llu buildings: the model is off by %.0f %% of their sum\n",
            (unsigned long long)p->compared, 100.0 * p->compare_abs / p->compare_sum);
    }
    for (size_t i = 0; i < p->exceptions.n; i++) {
        wg_buffer_printf(out, "%s: %s (%s)\n", p->exceptions.items[i].problem, p->exceptions.items[i].detail,
                         p->exceptions.items[i].advice);
    }
}

static char *say_json(const wg_spread *p) {
    json_t *figures = json_object(), *exceptions = json_array();
    for (int f = 0; f < WG_FIGURES; f++) {
        if (p->figure[f] != NULL) {
            (void)json_object_set_new(figures, wg_role_name(wg_figure_role[f]),
                                      json_pack("{s:f, s:f}", "total", p->total[f], "placed", p->placed[f]));
        }
    }
    for (size_t i = 0; i < p->exceptions.n; i++) {
        const wg_exception *e = &p->exceptions.items[i];
        (void)json_array_append_new(exceptions, json_pack("{s:s, s:s, s:s, s:s}", "feature", e->feature, "problem",
                                                          e->problem, "detail", e->detail, "advice", e->advice));
    }
    json_t *root = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o}", "buildings", (json_int_t)p->source->n, "zones",
        (json_int_t)p->zones, "excluded", (json_int_t)p->excluded, "outside", (json_int_t)p->outside, "fallback_zones",
        (json_int_t)p->fallback_zones, "compared", (json_int_t)p->compared, "error_share",
        p->compare_sum > 0.0 ? p->compare_abs / p->compare_sum : 0.0, "figures", figures, "exceptions", exceptions);
    char *json = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    json_decref(root);
    return json;
}

static wg_status check_options(wg_context *ctx, const wg_populate_options *options) {
    if (!(options->people_per_household >= 0.0 && options->people_per_household <= 20.0)) {
        return wg_fail(ctx, WG_EINVAL, "people per household: %g is not between 0 and 20",
                       options->people_per_household);
    }
    if (options->totals.source == NULL && options->totals.layer == NULL) {
        return wg_fail(ctx, WG_EINVAL, "no totals were given (use --totals)");
    }
    return wg_format_parse(options->output == NULL ? "" : options->output) == WG_FORMAT_AUTO
               ? wg_fail(ctx, WG_EINVAL,
                         "%s: the output's format is not known (use .gpkg, .geojson, .shp, .fgb or .csv)",
                         options->output == NULL ? "" : options->output)
               : WG_OK;
}

/** Households that were only estimated are what this command is for: they are unknown again. */
static void forget_estimates(wg_layer *buildings) {
    const uint32_t households = wg_layer_column(buildings, "households"), from = wg_layer_column(buildings, "hh_from");
    for (size_t row = 0; row < buildings->n; row++) {
        const char *how = wg_layer_text(buildings, row, from);
        if (how == NULL || strcmp(how, "flats") != 0) {
            wg_layer_set_null(buildings, row, households);
        }
    }
}

/** Inputs that are not given, from the extract. */
static wg_status fill_from_osm(wg_context *ctx, wg_populate_options *options, wg_osm *osm) {
    const wg_status status = wg_osm_read(ctx, options->osm, options->osm_level, osm);
    if (status != WG_OK) {
        return status;
    }
    if (!wg_input_given(&options->buildings)) {
        forget_estimates(osm->buildings);
        options->buildings = (wg_input){.layer = osm->buildings};
    }
    if (!wg_input_given(&options->totals)) {
        options->totals = (wg_input){.layer = osm->communities};
    }
    return WG_OK;
}

wg_status wg_populate(wg_context *ctx, const wg_populate_options *given, wg_result **result) {
    wg_populate_options filled = *given;
    const wg_populate_options *options = &filled;
    wg_osm osm = {0};
    wg_spread p = {.options = options};
    wg_buffer text = {0};
    wg_status status = WG_OK;
    wg_clear_error(ctx);
    *result = NULL;
    WG_TRY(options->osm == NULL ? WG_OK : fill_from_osm(ctx, &filled, &osm));
    WG_TRY(check_options(ctx, options));
    p.people_per_household =
        options->people_per_household > 0.0 ? options->people_per_household : default_people_per_household;
    WG_TRY(wg_populate_read(ctx, &p));
    const bool raster = options->totals.layer == NULL && wg_is_raster(ctx, options->totals.source);
    WG_TRY(raster ? wg_populate_raster(ctx, &p) : wg_populate_zones(ctx, &p));
    say_text(&p, &text);
    if (options->osm != NULL) {
        wg_buffer_text(&text, WG_OSM_ATTRIBUTION "\n");
    }
    status = wg_result_new(ctx, say_json(&p), wg_buffer_steal(&text), p.unmet, result);
done:
    wg_buffer_release(&text);
    wg_populate_release(&p);
    wg_osm_release(&osm);
    return status;
}
