/* wangge export: the plan's layers for other programs. */
#include "plan/export.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "crs/crs.h"
#include "model/result.h"
#include "plan/styles.h"
#include "render/qgis_style.h"
#include "render/sheet.h"

/* ------------------------------------------------------------------ what is wanted */

static const struct {
    const char *name;
    wg_export_format format;
} format_names[] = {{"geojson", WG_EXPORT_GEOJSON}, {"shp", WG_EXPORT_SHP}, {"gpkg", WG_EXPORT_GPKG},
                    {"fgb", WG_EXPORT_FGB},         {"csv", WG_EXPORT_CSV}, {"xlsx", WG_EXPORT_XLSX}};

enum { N_FORMATS = sizeof format_names / sizeof format_names[0] };

static wg_status choose_formats(wg_context *ctx, wg_export_job *job) {
    const wg_export_options *options = job->options;
    if (options->n_formats == 0) {
        job->formats = WG_EXPORT_GEOJSON;
    }
    for (uint32_t i = 0; i < options->n_formats; i++) {
        uint32_t found = 0;
        for (size_t k = 0; k < N_FORMATS; k++) {
            found |= strcasecmp(options->formats[i], format_names[k].name) == 0 ? format_names[k].format : 0u;
        }
        if (found == 0) {
            return wg_fail(ctx, WG_EINVAL, "format \"%s\" is not known (geojson, shp, gpkg, fgb, csv, xlsx)",
                           options->formats[i]);
        }
        job->formats |= found;
    }
    return WG_OK;
}

/** Layers that were named, or all of the contract that have rows. */
static wg_status choose_layers(wg_context *ctx, wg_export_job *job) {
    const wg_export_options *options = job->options;
    wg_status status = WG_OK;
    WG_TRY(wg_store_layers(ctx, job->store, &job->names, &job->n_names));
    job->wanted = wg_calloc(job->n_names, sizeof *job->wanted);
    if (job->wanted == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < job->n_names && options->n_layers == 0; i++) {
        job->wanted[i] = wg_contract_layer(job->names[i]) != NULL && wg_store_rows(job->store, job->names[i]) > 0;
    }
    for (uint32_t k = 0; k < options->n_layers; k++) {
        bool found = false;
        for (size_t i = 0; i < job->n_names; i++) {
            if (strcmp(options->layers[k], job->names[i]) == 0) {
                job->wanted[i] = found = true;
            }
        }
        if (!found) {
            wg_buffer list = {0};
            for (size_t i = 0; i < job->n_names; i++) {
                wg_buffer_printf(&list, "%s%s", i > 0 ? ", " : "", job->names[i]);
            }
            status = wg_fail(ctx, WG_ENOTFOUND, "%s: the plan has no layer %s (it has %s)", options->plan,
                             options->layers[k], list.data != NULL ? list.data : "none");
            wg_buffer_release(&list);
            goto done;
        }
    }
done:
    return status;
}

/** GeoJSON is in degrees whatever else is asked for: WGS 84, or an offset system for web maps. */
static wg_status choose_crs(wg_context *ctx, wg_export_job *job) {
    const char *to = job->options->to_crs;
    wg_crs_info info;
    job->crs = to != NULL ? to : wg_store_crs(job->store);
    job->degrees = WG_CRS_WGS84;
    if (to == NULL) {
        return WG_OK;
    }
    const wg_status status = wg_crs_describe(ctx, to, &info);
    if (status == WG_OK && (info.kind == WG_CRS_GCJ02 || info.kind == WG_CRS_BD09)) {
        job->degrees = to;
    } else if (status == WG_OK && (job->formats & WG_EXPORT_GEOJSON) != 0 && strcmp(info.id, WG_CRS_WGS84) != 0) {
        wg_log(ctx, WG_LOG_WARNING, "GeoJSON is written in WGS 84, not in %s (RFC 7946)", to);
    }
    return status;
}

/* ------------------------------------------------------------------ writing */

static wg_status file_path(wg_context *ctx, const wg_export_job *job, const char *name, const char *extension,
                           wg_buffer *path) {
    wg_buffer_clear(path);
    wg_buffer_printf(path, "%s/%s%s", wg_output_path(job->output), name, extension);
    return path->failed ? wg_fail_memory(ctx) : WG_OK;
}

static wg_status note_file(wg_context *ctx, wg_export_job *job, const char *format, const char *stem,
                           const char *extension, const char *layer, size_t rows) {
    char file[256];
    (void)snprintf(file, sizeof file, "%s%s", stem, extension);
    json_t *entry =
        json_pack("{s:s, s:s, s:s, s:I}", "file", file, "format", format, "layer", layer, "rows", (json_int_t)rows);
    return entry != NULL && json_array_append_new(job->files, entry) == 0 ? WG_OK : wg_fail_memory(ctx);
}

/** Aliases of a layer's fields in the reader's language. Free with free(). */
static wg_alias *aliases_of(const wg_export_job *job, const wg_layer *layer, const char *contract, uint32_t *n) {
    const wg_contract_table *table = wg_contract_layer(contract);
    wg_alias *aliases = wg_calloc(wg_layer_columns(layer), sizeof *aliases);
    *n = 0;
    for (uint32_t c = 0; aliases != NULL && table != NULL && c < wg_layer_columns(layer); c++) {
        const wg_contract_field *field = wg_contract_field_of(table, wg_layer_column_name(layer, c));
        if (field != NULL) {
            aliases[(*n)++] = (wg_alias){.field = field->name, .alias = job->zh ? field->zh : field->en};
        }
    }
    return aliases;
}

/** One file of one layer. */
static wg_status write_file(wg_context *ctx, wg_export_job *job, const wg_layer *layer, const char *contract,
                            wg_format format, const char *format_name) {
    wg_buffer path = {0};
    uint32_t n_aliases;
    wg_alias *aliases = aliases_of(job, layer, contract, &n_aliases);
    wg_status status = WG_OK;
    if (aliases == NULL) {
        return wg_fail_memory(ctx);
    }
    const bool utf8 = job->options->encoding == NULL || strcasecmp(job->options->encoding, "UTF-8") == 0;
    const wg_write_options options = {.format = format,
                                      .encoding = job->options->encoding,
                                      .decimals = format == WG_FORMAT_GEOJSON ? job->decimals : 0,
                                      .bom = format == WG_FORMAT_CSV && utf8,
                                      .guard = format == WG_FORMAT_CSV,
                                      .aliases = aliases,
                                      .n_aliases = n_aliases};
    WG_TRY(file_path(ctx, job, wg_layer_name(layer), wg_format_extension(format), &path));
    WG_TRY(wg_write(ctx, layer, path.data, &options));
    WG_TRY(note_file(ctx, job, format_name, wg_layer_name(layer), wg_format_extension(format), wg_layer_name(layer),
                     wg_layer_rows(layer)));
done:
    free(aliases);
    wg_buffer_release(&path);
    return status;
}

/** A style beside the files of a layer: QGIS takes NAME.qml for NAME.shp, NAME.geojson and NAME.fgb. */
static wg_status write_style(wg_context *ctx, wg_export_job *job, const wg_layer *layer, const char *contract,
                             wg_geometry geometry) {
    wg_buffer qml = {0};
    wg_buffer path = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_qgis_qml(ctx, layer, contract, geometry, job->options->lang, &qml));
    WG_TRY(file_path(ctx, job, wg_layer_name(layer), ".qml", &path));
    FILE *file = fopen(path.data, "wb");
    const bool written = file != NULL && fwrite(qml.data, 1, qml.length, file) == qml.length;
    if (file == NULL || fclose(file) != 0 || !written) {
        status = wg_fail(ctx, WG_EIO, "%s: cannot be written", path.data);
    }
done:
    wg_buffer_release(&qml);
    wg_buffer_release(&path);
    return status;
}

/** A row of QGIS's own style table, which travels inside the GeoPackage. */
static wg_status add_style(wg_context *ctx, wg_export_job *job, const wg_export_piece *piece, const char *contract) {
    wg_buffer qml = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_qgis_qml(ctx, piece->layer, contract, piece->geometry, job->options->lang, &qml));
    status = wg_styles_add(ctx, job->styles, "", wg_layer_name(piece->layer),
                           piece->geometry != WG_GEOMETRY_NONE ? "geom" : "", qml.data);
done:
    wg_buffer_release(&qml);
    return status;
}

static const char *multi_name(wg_geometry geometry) {
    static const char *const names[] = {"none", "point", "multiline", "multipolygon"};
    return names[geometry];
}

static wg_status write_pieces(wg_context *ctx, wg_export_job *job, const wg_layer *layer) {
    wg_export_piece pieces[3] = {{NULL, WG_GEOMETRY_NONE}, {NULL, WG_GEOMETRY_NONE}, {NULL, WG_GEOMETRY_NONE}};
    const char *contract = wg_layer_name(layer);
    wg_status status = WG_OK;
    WG_TRY(wg_export_split(ctx, layer, pieces));
    for (size_t i = 0; i < 3; i++) {
        const wg_export_piece *piece = &pieces[i];
        if (piece->layer == NULL) {
            continue;
        }
        if ((job->formats & WG_EXPORT_SHP) != 0) {
            WG_TRY(write_file(ctx, job, piece->layer, contract, WG_FORMAT_SHAPEFILE, "shp"));
        }
        /* FlatGeobuf holds features with geometry only. */
        if ((job->formats & WG_EXPORT_FGB) != 0 && piece->geometry != WG_GEOMETRY_NONE) {
            WG_TRY(write_file(ctx, job, piece->layer, contract, WG_FORMAT_FLATGEOBUF, "fgb"));
        }
        if ((job->formats & (WG_EXPORT_SHP | WG_EXPORT_FGB)) != 0) {
            WG_TRY(write_style(ctx, job, piece->layer, contract, piece->geometry));
        }
        if (job->gpkg != NULL) {
            WG_TRY(wg_writer_layer(ctx, job->gpkg, piece->layer, multi_name(piece->geometry)));
            WG_TRY(wg_writer_rows(ctx, job->gpkg, piece->layer));
            WG_TRY(add_style(ctx, job, piece, contract));
            WG_TRY(
                note_file(ctx, job, "gpkg", "plan", ".gpkg", wg_layer_name(piece->layer), wg_layer_rows(piece->layer)));
        }
    }
done:
    for (size_t i = 0; i < 3; i++) {
        wg_layer_free(pieces[i].layer);
    }
    return status;
}

/** The names of fields in words, for people whose program reads no styles. */
static wg_status note_fields(wg_context *ctx, wg_export_job *job, const wg_layer *layer) {
    const wg_contract_table *table = wg_contract_layer(wg_layer_name(layer));
    static const char *const types[] = {"text", "integer", "real"};
    wg_status status = WG_OK;
    for (uint32_t c = 0; c < wg_layer_columns(layer); c++) {
        const char *name = wg_layer_column_name(layer, c);
        const wg_contract_field *field = table == NULL ? NULL : wg_contract_field_of(table, name);
        const char *const values[] = {wg_layer_name(layer), name, types[wg_layer_column_type(layer, c)],
                                      field == NULL ? "" : field->en, field == NULL ? "" : field->zh};
        size_t row;
        WG_TRY(wg_layer_add_row(ctx, job->fields, NULL, 0, &row));
        for (uint32_t k = 0; k < 5; k++) {
            WG_TRY(wg_layer_set_text(ctx, job->fields, row, k, values[k]));
        }
    }
done:
    return status;
}

static wg_status keep_sheet(wg_context *ctx, wg_export_job *job, const wg_layer *layer) {
    if (!WG_RESERVE(job->sheets, job->sheets_capacity, job->n_sheets + 1)) {
        return wg_fail_memory(ctx);
    }
    const wg_status status = wg_layer_copy(ctx, layer, NULL, &job->sheets[job->n_sheets]);
    job->n_sheets += status == WG_OK ? 1 : 0;
    return status;
}

static wg_status write_layer(wg_context *ctx, wg_export_job *job, const char *name) {
    wg_layer *layer = NULL;
    wg_status status = WG_OK;
    if ((job->formats & WG_EXPORT_GEOJSON) != 0) {
        WG_TRY(wg_export_layer(ctx, job, name, job->degrees, job->decimals, &layer));
        WG_TRY(write_file(ctx, job, layer, name, WG_FORMAT_GEOJSON, "geojson"));
        if ((job->formats & (WG_EXPORT_SHP | WG_EXPORT_FGB)) == 0) {
            WG_TRY(write_style(ctx, job, layer, name, WG_GEOMETRY_ANY));
        }
        wg_layer_free(layer);
        layer = NULL;
    }
    WG_TRY(wg_export_layer(ctx, job, name, job->crs, 0, &layer));
    if (strcmp(job->crs, wg_store_crs(job->store)) != 0 && (job->formats & ~(uint32_t)WG_EXPORT_GEOJSON) != 0) {
        WG_TRY(wg_export_validate(ctx, job, layer));
    }
    WG_TRY(note_fields(ctx, job, layer));
    if ((job->formats & (WG_EXPORT_SHP | WG_EXPORT_FGB | WG_EXPORT_GPKG)) != 0) {
        WG_TRY(write_pieces(ctx, job, layer));
    }
    if ((job->formats & WG_EXPORT_CSV) != 0) {
        WG_TRY(write_file(ctx, job, layer, name, WG_FORMAT_CSV, "csv"));
    }
    if ((job->formats & WG_EXPORT_XLSX) != 0) {
        WG_TRY(keep_sheet(ctx, job, layer));
    }
done:
    wg_layer_free(layer);
    return status;
}

/* ------------------------------------------------------------------ files of all layers */

static wg_status open_shared(wg_context *ctx, wg_export_job *job) {
    static const char *const field_columns[] = {"layer", "field", "type", "en", "zh"};
    wg_buffer path = {0};
    wg_status status = WG_OK;
    WG_TRY(wg_layer_new(ctx, "fields", NULL, &job->fields));
    for (size_t i = 0; i < 5; i++) {
        WG_TRY(wg_layer_add_column(ctx, job->fields, field_columns[i], WG_TEXT, NULL));
    }
    if ((job->formats & WG_EXPORT_GPKG) != 0) {
        WG_TRY(wg_styles_new(ctx, &job->styles));
        WG_TRY(file_path(ctx, job, "plan", ".gpkg", &path));
        const wg_write_options options = {.format = WG_FORMAT_GEOPACKAGE};
        WG_TRY(wg_writer_open(ctx, path.data, &options, &job->gpkg));
    }
done:
    wg_buffer_release(&path);
    return status;
}

static wg_status finish_gpkg(wg_context *ctx, wg_export_job *job) {
    wg_status status = WG_OK;
    if (job->gpkg == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_writer_layer(ctx, job->gpkg, job->styles, "none"));
    WG_TRY(wg_writer_rows(ctx, job->gpkg, job->styles));
    wg_writer *finished = job->gpkg;
    job->gpkg = NULL;
    status = wg_writer_commit(ctx, finished);
done:
    return status;
}

static wg_status finish_xlsx(wg_context *ctx, wg_export_job *job) {
    wg_buffer path = {0};
    wg_sheet *sheets = NULL;
    wg_sheet_column **columns = NULL;
    wg_status status = WG_OK;
    if ((job->formats & WG_EXPORT_XLSX) == 0) {
        return WG_OK;
    }
    sheets = wg_calloc(job->n_sheets, sizeof *sheets);
    columns = wg_calloc(job->n_sheets, sizeof(wg_sheet_column *));
    if (sheets == NULL || columns == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t i = 0; i < job->n_sheets; i++) {
        const wg_contract_table *table = wg_contract_layer(wg_layer_name(job->sheets[i]));
        sheets[i] = (wg_sheet){.name = table == NULL ? wg_layer_name(job->sheets[i])
                                       : job->zh     ? table->zh
                                                     : table->en,
                               .rows = job->sheets[i],
                               .id = wg_layer_name(job->sheets[i])};
        WG_TRY(wg_sheet_columns(ctx, job->sheets[i], NULL, job->options->lang, &columns[i], &sheets[i].n_columns));
        sheets[i].columns = columns[i];
    }
    WG_TRY(file_path(ctx, job, "plan", ".xlsx", &path));
    const wg_workbook_options options = {.title = "wangge", .lang = job->options->lang};
    WG_TRY(wg_xlsx_write(ctx, sheets, job->n_sheets, &options, path.data));
    for (size_t i = 0; i < job->n_sheets; i++) {
        WG_TRY(note_file(ctx, job, "xlsx", "plan", ".xlsx", sheets[i].id, wg_layer_rows(job->sheets[i])));
    }
done:
    for (size_t i = 0; columns != NULL && i < job->n_sheets; i++) {
        free(columns[i]);
    }
    free(columns);
    free(sheets);
    wg_buffer_release(&path);
    return status;
}

static wg_status finish_fields(wg_context *ctx, wg_export_job *job) {
    wg_buffer path = {0};
    wg_status status = WG_OK;
    const wg_write_options options = {.format = WG_FORMAT_CSV, .bom = true, .csv_geometry = WG_CSV_NONE};
    WG_TRY(file_path(ctx, job, "fields", ".csv", &path));
    status = wg_write(ctx, job->fields, path.data, &options);
done:
    wg_buffer_release(&path);
    return status;
}

/* ------------------------------------------------------------------ the job */

static wg_status make_result(wg_context *ctx, const wg_export_job *job, wg_result **result) {
    wg_buffer text = {0};
    size_t index;
    json_t *entry;
    json_array_foreach(job->files, index, entry) {
        wg_buffer_printf(&text, job->zh ? "%s：%s %lld 行\n" : "%s: %s, %lld rows\n",
                         json_string_value(json_object_get(entry, "file")),
                         json_string_value(json_object_get(entry, "layer")),
                         (long long)json_integer_value(json_object_get(entry, "rows")));
    }
    wg_buffer_printf(&text, job->zh ? "写入 %s\n" : "written to %s\n", job->options->output);
    json_t *json = json_pack("{s:s, s:s, s:b, s:O}", "output", job->options->output, "crs", job->crs, "exact",
                             job->exact ? 1 : 0, "files", job->files);
    if (json != NULL && (job->formats & WG_EXPORT_GEOJSON) != 0) {
        json_object_set_new(json, "geojson_crs", json_string(job->degrees));
        json_object_set_new(json, "geojson_decimals", json_integer(job->decimals));
    }
    char *dumped = json == NULL ? NULL : json_dumps(json, JSON_INDENT(1));
    json_decref(json);
    return wg_result_new(ctx, dumped, wg_buffer_steal(&text), 0, result);
}

static void release_job(wg_export_job *job) {
    wg_writer_abort(job->gpkg);
    wg_output_abort(job->output);
    wg_store_free(job->store);
    for (size_t i = 0; i < job->n_sheets; i++) {
        wg_layer_free(job->sheets[i]);
    }
    free(job->sheets);
    wg_layer_free(job->styles);
    wg_layer_free(job->fields);
    free(job->names);
    free(job->wanted);
    json_decref(job->files);
}

static wg_status prepare(wg_context *ctx, wg_export_job *job) {
    const wg_export_options *options = job->options;
    wg_status status = WG_OK;
    job->files = json_array();
    if (job->files == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(choose_formats(ctx, job));
    WG_TRY(wg_output_check(ctx, options->output, WG_OUTPUT_DIRECTORY, options->overwrite));
    WG_TRY(wg_store_open(ctx, options->plan, WG_STORE_READ, &job->store));
    WG_TRY(choose_layers(ctx, job));
    WG_TRY(choose_crs(ctx, job));
    WG_TRY(wg_export_settle(ctx, job));
done:
    return status;
}

wg_status wg_export(wg_context *ctx, const wg_export_options *options, wg_result **result) {
    wg_export_job job = {.options = options, .zh = options->lang == WG_LANG_ZH};
    wg_status status = WG_OK;
    *result = NULL;
    wg_clear_error(ctx);
    WG_TRY(prepare(ctx, &job));
    WG_TRY(wg_output_begin(ctx, options->output, WG_OUTPUT_DIRECTORY, options->overwrite, &job.output));
    WG_TRY(open_shared(ctx, &job));
    for (size_t i = 0; i < job.n_names; i++) {
        if (job.wanted[i]) {
            WG_TRY(write_layer(ctx, &job, job.names[i]));
        }
        WG_TRY(wg_progress(ctx, (double)(i + 1) / (double)job.n_names, "exporting"));
    }
    WG_TRY(finish_gpkg(ctx, &job));
    WG_TRY(finish_xlsx(ctx, &job));
    WG_TRY(finish_fields(ctx, &job));
    WG_TRY(make_result(ctx, &job, result));
    wg_output *placing = job.output;
    job.output = NULL;
    status = wg_output_commit(ctx, placing);
done:
    if (status != WG_OK) {
        wg_result_free(*result);
        *result = NULL;
    }
    release_job(&job);
    return status;
}
