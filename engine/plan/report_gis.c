/* A GeoPackage with styles inside, and a QGIS project that opens it. */
#include <stdio.h>
#include <string.h>

#include "io/write.h"
#include "plan/report_sheet.h"
#include "render/qgis_project.h"

enum { STYLE_COLUMNS = 12, LAYERS_MOST = 64, TEXT_BYTES = 96 };

/** The layers that travel with the report, results first, what lies underneath last. */
typedef struct bundle {
    wg_qgis_layer items[LAYERS_MOST];
    char title[LAYERS_MOST][TEXT_BYTES], source[LAYERS_MOST][TEXT_BYTES];
    size_t n;
} bundle;

static void add_layer(bundle *all, const wg_layer *layer, const char *title, const char *suffix, const char *group,
                      bool visible) {
    if (layer == NULL || layer->n == 0 || all->n >= LAYERS_MOST) {
        return;
    }
    const char *name = wg_layer_name(layer);
    snprintf(all->title[all->n], TEXT_BYTES, suffix == NULL ? "%.40s" : "%.40s · %.40s", title, suffix);
    snprintf(all->source[all->n], TEXT_BYTES, "./report.gpkg|layername=%.60s", name);
    all->items[all->n] = (wg_qgis_layer){.id = name,
                                         .title = all->title[all->n],
                                         .group = group,
                                         .source = all->source[all->n],
                                         .layer = layer,
                                         .visible = visible};
    all->n++;
}

static void fill_bundle(const wg_report_job *job, bundle *all) {
    const bool zh = job->options->lang == WG_LANG_ZH;
    add_layer(all, job->cells, zh ? "网格" : "Cells", NULL, wg_report_say(job, "Plan", "方案"), true);
    add_layer(all, job->communities, zh ? "社区" : "Communities", NULL, wg_report_say(job, "Plan", "方案"), true);
    for (uint32_t pass = 0; pass < 2; pass++) { /* gaps and overlaps stand with the coverage, which comes first */
        for (size_t i = 0; i < job->n_results; i++) {
            const wg_layer *layer = job->results[i];
            const wg_contract_table *table = wg_contract_layer(wg_layer_name(layer));
            const char *underscore = strchr(wg_layer_name(layer), '_');
            if ((table == NULL) != (pass == 0) || layer->wkb_length == 0) {
                continue;
            }
            if (table == NULL) {
                const bool gaps = strcmp(wg_layer_name(layer), "gaps") == 0;
                add_layer(all, layer,
                          gaps ? wg_report_say(job, "Gaps", "空白") : wg_report_say(job, "Overlaps", "重叠"), NULL,
                          wg_report_say(job, "Coverage", "覆盖情况"), true);
            } else {
                const char *title = zh ? table->zh : table->en;
                add_layer(all, layer, title, wg_report_level_title(job, underscore == NULL ? "cell" : underscore + 1),
                          title, false);
            }
        }
    }
    add_layer(all, job->barriers, zh ? "道路水系铁路" : "Streets, water, railways", NULL,
              wg_report_say(job, "Base", "底图"), true);
    add_layer(all, job->buildings, zh ? "楼栋" : "Buildings", NULL, wg_report_say(job, "Base", "底图"), true);
}

static const char *geometry_name(const wg_layer *layer) {
    switch (wg_qgis_geometry(layer)) {
    case WG_GEOMETRY_POINT:
        return "point";
    case WG_GEOMETRY_LINE:
        return "multiline";
    case WG_GEOMETRY_POLYGON:
        return "multipolygon";
    case WG_GEOMETRY_NONE:
    case WG_GEOMETRY_ANY:
    default:
        return layer->wkb_length == 0 ? "none" : "mixed";
    }
}

static wg_status new_styles(wg_context *ctx, wg_layer **styles) {
    static const char *const columns[STYLE_COLUMNS] = {
        "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column",
        "styleName",       "styleQML",       "styleSLD",     "useAsDefault",
        "description",     "owner",          "ui",           "update_time"};
    wg_status status = wg_layer_new(ctx, "layer_styles", NULL, styles);
    for (uint32_t i = 0; i < STYLE_COLUMNS && status == WG_OK; i++) {
        status = wg_layer_add_column(ctx, *styles, columns[i], i == 7 ? WG_INTEGER : WG_TEXT, NULL);
    }
    return status;
}

static wg_status add_style(wg_context *ctx, const wg_report_job *job, const wg_layer *layer, wg_layer *styles) {
    wg_status status = WG_OK;
    wg_buffer qml = {0};
    char date[40];
    size_t row;
    wg_file_date(date, sizeof date);
    WG_TRY(wg_qgis_qml(ctx, layer, NULL, wg_qgis_geometry(layer), job->options->lang, &qml));
    const char *values[STYLE_COLUMNS] = {
        "", "",  wg_layer_name(layer), layer->wkb_length > 0 ? "geom" : "", "wangge", qml.data, "", NULL, "", "",
        "", date};
    WG_TRY(wg_layer_add_row(ctx, styles, NULL, 0, &row));
    for (uint32_t i = 0; i < STYLE_COLUMNS; i++) {
        WG_TRY(values[i] == NULL ? wg_layer_set_integer(ctx, styles, row, i, 1)
                                 : wg_layer_set_text(ctx, styles, row, i, values[i]));
    }
done:
    wg_buffer_release(&qml);
    return status;
}

static wg_status write_gpkg(wg_context *ctx, const wg_report_job *job, const bundle *all, const char *path) {
    wg_status status = WG_OK;
    wg_writer *writer = NULL;
    wg_layer *styles = NULL;
    const wg_write_options options = {
        .format = WG_FORMAT_GEOPACKAGE, .overwrite = true, .attribution = job->attribution};
    WG_TRY(new_styles(ctx, &styles));
    WG_TRY(wg_writer_open(ctx, path, &options, &writer));
    for (size_t i = 0; i < all->n; i++) {
        const wg_layer *layer = all->items[i].layer;
        WG_TRY(wg_writer_layer(ctx, writer, layer, geometry_name(layer)));
        WG_TRY(wg_writer_rows(ctx, writer, layer));
        WG_TRY(add_style(ctx, job, layer, styles));
    }
    WG_TRY(wg_writer_layer(ctx, writer, styles, "none"));
    WG_TRY(wg_writer_rows(ctx, writer, styles));
    wg_writer *finished = writer;
    writer = NULL;
    status = wg_writer_commit(ctx, finished);
done:
    wg_writer_abort(writer);
    wg_layer_free(styles);
    return status;
}

wg_status wg_report_write_gis(wg_context *ctx, const wg_report_job *job, const char *gpkg, const char *project) {
    wg_status status = WG_OK;
    bundle *all = wg_calloc(1, sizeof *all);
    if (all == NULL) {
        return wg_fail_memory(ctx);
    }
    fill_bundle(job, all);
    WG_TRY(write_gpkg(ctx, job, all, gpkg));
    if (project != NULL) {
        const wg_qgis_project_options options = {.title = wg_report_say(job, "Grid report", "网格化管理报表"),
                                                 .crs = wg_store_crs(job->store),
                                                 .lang = job->options->lang};
        WG_TRY(wg_qgis_project_write(ctx, all->items, all->n, &options, project));
    }
done:
    free(all);
    return status;
}
