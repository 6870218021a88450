/* The directory of a report: layers in the formats that were asked for, tables, maps, page. */
#include <string.h>

#include "core/parallel.h"
#include "crs/crs.h"
#include "io/write.h"
#include "plan/report_job.h"

static bool wants(const wg_report_job *job, const char *format) {
    for (uint32_t i = 0; i < job->options->n_formats; i++) {
        if (strcmp(job->options->formats[i], format) == 0) {
            return true;
        }
    }
    return job->options->n_formats == 0;
}

static wg_status join_path(wg_context *ctx, const char *directory, const char *name, const char *extension,
                           char **path) {
    wg_buffer out = {0};
    wg_buffer_printf(&out, "%s/%s%s", directory, name, extension);
    *path = wg_buffer_steal(&out);
    return *path == NULL ? wg_fail_memory(ctx) : WG_OK;
}

/** Aliases of a result layer's fields, for formats that carry them. @param[out] aliases  caller frees */
static wg_status aliases_of(wg_context *ctx, const wg_report_job *job, const wg_layer *layer, wg_alias **aliases,
                            uint32_t *n) {
    const wg_contract_table *table = wg_contract_layer(wg_layer_name(layer));
    *n = 0;
    *aliases = wg_calloc(wg_layer_columns(layer), sizeof **aliases);
    if (*aliases == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t c = 0; c < wg_layer_columns(layer); c++) {
        const char *name = wg_layer_column_name(layer, c);
        const wg_contract_field *field = table == NULL ? NULL : wg_contract_field_of(table, name);
        if (field != NULL) {
            (*aliases)[(*n)++] = (wg_alias){name, job->options->lang == WG_LANG_ZH ? field->zh : field->en};
        }
    }
    return WG_OK;
}

static wg_status write_one(wg_context *ctx, const wg_report_job *job, const wg_layer *layer, const char *directory,
                           wg_format format) {
    wg_status status = WG_OK;
    wg_layer *copy = NULL;
    wg_alias *aliases = NULL;
    char *path = NULL;
    wg_write_options options = {.format = format,
                                .bom = true,
                                .guard = true,
                                .csv_geometry = WG_CSV_NONE,
                                .attribution = job->attribution,
                                .overwrite = true};
    WG_TRY(join_path(ctx, directory, wg_layer_name(layer), wg_format_extension(format), &path));
    WG_TRY(aliases_of(ctx, job, layer, &aliases, &options.n_aliases));
    options.aliases = aliases;
    if (format == WG_FORMAT_GEOJSON) {
        WG_TRY(wg_layer_copy(ctx, layer, NULL, &copy));
        WG_TRY(wg_crs_transform_dense(ctx, copy, WG_CRS_WGS84, 0.05));
    }
    WG_TRY(wg_write(ctx, copy != NULL ? copy : layer, path, &options));
done:
    wg_layer_free(copy);
    free(aliases);
    free(path);
    return status;
}

/** Every layer that a format can hold. */
static wg_status write_layers(wg_context *ctx, const wg_report_job *job, const char *directory, wg_format format) {
    wg_status status = WG_OK;
    for (size_t i = 0; i < job->n_results && status == WG_OK; i++) {
        if (format == WG_FORMAT_CSV || job->results[i]->wkb_length > 0) {
            status = write_one(ctx, job, job->results[i], directory, format);
        }
    }
    return status;
}

static wg_status write_geojson(wg_context *ctx, const wg_report_job *job, const char *directory) {
    return write_layers(ctx, job, directory, WG_FORMAT_GEOJSON);
}

static wg_status write_shapefiles(wg_context *ctx, const wg_report_job *job, const char *directory) {
    return write_layers(ctx, job, directory, WG_FORMAT_SHAPEFILE);
}

static wg_status write_csv(wg_context *ctx, const wg_report_job *job, const char *directory) {
    return write_layers(ctx, job, directory, WG_FORMAT_CSV);
}

static wg_status write_workbook(wg_context *ctx, const wg_report_job *job, const char *directory) {
    wg_status status = WG_OK;
    char *path = NULL;
    wg_sheet *sheets = wg_calloc(job->n_sheets, sizeof *sheets);
    if (sheets == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < job->n_sheets; i++) {
        sheets[i] = job->sheets[i].sheet;
    }
    const wg_workbook_options options = {.title = wg_report_say(job, "Grid report", "网格化管理报表"),
                                         .author = "wangge",
                                         .comments = job->attribution,
                                         .lang = job->options->lang};
    WG_TRY(join_path(ctx, directory, "report", ".xlsx", &path));
    WG_TRY(wg_xlsx_write(ctx, sheets, job->n_sheets, &options, path));
done:
    free(sheets);
    free(path);
    return status;
}

/** The GeoPackage, and the project that opens it; the project alone would open nothing, so it brings the GeoPackage
 * along. */
static wg_status write_gis(wg_context *ctx, const wg_report_job *job, const char *directory) {
    wg_status status = WG_OK;
    char *gpkg = NULL;
    char *project = NULL;
    WG_TRY(join_path(ctx, directory, "report", ".gpkg", &gpkg));
    if (wants(job, "qgs")) {
        WG_TRY(join_path(ctx, directory, "report", ".qgs", &project));
    }
    WG_TRY(wg_report_write_gis(ctx, job, gpkg, project));
done:
    free(gpkg);
    free(project);
    return status;
}

static wg_status write_maps(wg_context *ctx, const wg_report_job *job, const char *directory) {
    char *path = NULL;
    wg_status status = join_path(ctx, directory, "maps", ".pdf", &path);
    if (status == WG_OK) {
        status = wg_report_write_maps(ctx, job, path);
    }
    free(path);
    return status;
}

static wg_status write_page(wg_context *ctx, const wg_report_job *job, const char *directory) {
    char *path = NULL;
    wg_status status = join_path(ctx, directory, "index", ".html", &path);
    if (status == WG_OK) {
        status = wg_report_write_page(ctx, job, path);
    }
    free(path);
    return status;
}

/** What a report is made of. Each product is files of its own, so that they can be written side by side. */
typedef struct product {
    const char *format, *other; /**< asked for by either; `other` may be NULL */
    wg_status (*write)(wg_context *ctx, const wg_report_job *job, const char *directory);
} product;

/* The longest first, so that the threads end together. */
static const product products[] = {
    {"pdf", NULL, write_maps},        {"html", NULL, write_page},     {"gpkg", "qgs", write_gis},
    {"geojson", NULL, write_geojson}, {"xlsx", NULL, write_workbook}, {"shp", NULL, write_shapefiles},
    {"csv", NULL, write_csv},
};

typedef struct production {
    const wg_report_job *job;
    const char *directory;
    const product *wanted[sizeof products / sizeof *products];
} production;

static wg_status write_product(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    const production *all = user;
    return all->wanted[index]->write(ctx, all->job, all->directory);
}

wg_status wg_report_write_files(wg_context *ctx, const wg_report_job *job, const char *directory) {
    production all = {.job = job, .directory = directory};
    size_t n = 0;
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        if (wants(job, products[i].format) || (products[i].other != NULL && wants(job, products[i].other))) {
            all.wanted[n++] = &products[i];
        }
    }
    return wg_parallel(ctx, n, "writing", write_product, &all);
}
