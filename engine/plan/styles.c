#include "plan/styles.h"

#include <string.h>

#include "io/write.h"
#include "render/qgis_style.h"

/** Layers with more rows are styled without looking at them: their rules do not depend on values. */
enum { ROWS_READ = 100000 };

static const char *const columns[] = {"id",
                                      "f_table_catalog",
                                      "f_table_schema",
                                      "f_table_name",
                                      "f_geometry_column",
                                      "styleName",
                                      "styleQML",
                                      "styleSLD",
                                      "useAsDefault",
                                      "description",
                                      "owner",
                                      "ui",
                                      "update_time"};

wg_status wg_styles_new(wg_context *ctx, wg_layer **styles) {
    wg_status status = wg_layer_new(ctx, "layer_styles", NULL, styles);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0] && status == WG_OK; i++) {
        const bool number = strcmp(columns[i], "useAsDefault") == 0 || strcmp(columns[i], "id") == 0;
        const wg_type type = number ? WG_INTEGER : WG_TEXT;
        status = wg_layer_add_column(ctx, *styles, columns[i], type, NULL);
    }
    return status;
}

wg_status wg_styles_add(wg_context *ctx, wg_layer *styles, const char *schema, const char *layer,
                        const char *geometry_column, const char *qml) {
    char date[40];
    size_t row;
    wg_status status = WG_OK;
    wg_file_date(date, sizeof date);
    const struct {
        const char *column, *value;
    } texts[] = {{"f_table_catalog", schema},
                 {"f_table_schema", schema},
                 {"f_table_name", layer},
                 {"f_geometry_column", geometry_column},
                 {"styleName", "wangge"},
                 {"styleQML", qml},
                 {"styleSLD", ""},
                 {"description", ""},
                 {"owner", ""},
                 {"ui", ""},
                 {"update_time", date}};
    WG_TRY(wg_layer_add_row(ctx, styles, NULL, 0, &row));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        WG_TRY(wg_layer_set_text(ctx, styles, row, wg_layer_column(styles, texts[i].column), texts[i].value));
    }
    WG_TRY(wg_layer_set_integer(ctx, styles, row, wg_layer_column(styles, "id"), (int64_t)row + 1));
    WG_TRY(wg_layer_set_integer(ctx, styles, row, wg_layer_column(styles, "useAsDefault"), 1));
done:
    return status;
}

/** What a layer is drawn as, from SpatiaLite's own table: 1, 2, 3 and their multi forms. */
static wg_status declared_geometry(wg_context *ctx, wg_store *store, const char *layer, wg_geometry *geometry) {
    wg_layer *answer = NULL;
    const wg_store_value name = {.type = WG_TEXT, .text = layer};
    const wg_status status = wg_store_sql(
        ctx, store, "SELECT geometry_type FROM geometry_columns WHERE f_table_name = Lower(?)", &name, 1, &answer);
    *geometry = WG_GEOMETRY_NONE;
    if (status == WG_OK && wg_layer_rows(answer) > 0) {
        const int64_t type = wg_layer_integer(answer, 0, 0);
        *geometry = type >= 1 && type <= 6 ? (wg_geometry)((type - 1) % 3 + 1) : WG_GEOMETRY_ANY;
    }
    wg_layer_free(answer);
    return status;
}

static wg_status add_layer(wg_context *ctx, wg_store *store, const char *name, wg_lang lang, wg_layer *styles) {
    wg_layer *layer = NULL;
    wg_geometry geometry;
    wg_buffer qml = {0};
    wg_status status = WG_OK;
    WG_TRY(declared_geometry(ctx, store, name, &geometry));
    if (wg_store_rows(store, name) <= ROWS_READ) {
        WG_TRY(wg_store_get(ctx, store, name, &layer));
    } else {
        WG_TRY(wg_contract_new_layer(ctx, name, NULL, &layer));
    }
    WG_TRY(wg_qgis_qml(ctx, layer, name, geometry, lang, &qml));
    /* QGIS's SpatiaLite provider looks for a schema that is null, its OGR provider for an empty one. */
    const char *column = geometry == WG_GEOMETRY_NONE ? "" : "geom";
    WG_TRY(wg_styles_add(ctx, styles, NULL, name, column, qml.data));
    WG_TRY(wg_styles_add(ctx, styles, "", name, column, qml.data));
done:
    wg_buffer_release(&qml);
    wg_layer_free(layer);
    return status;
}

wg_status wg_plan_put_styles(wg_context *ctx, wg_store *store, wg_lang lang) {
    wg_layer *styles = NULL;
    char **names = NULL;
    size_t n = 0;
    wg_status status = WG_OK;
    WG_TRY(wg_styles_new(ctx, &styles));
    WG_TRY(wg_store_layers(ctx, store, &names, &n));
    for (size_t i = 0; i < n; i++) {
        if (wg_contract_layer(names[i]) != NULL) {
            WG_TRY(add_layer(ctx, store, names[i], lang, styles));
        }
    }
    WG_TRY(wg_store_put(ctx, store, styles, false));
done:
    free(names);
    wg_layer_free(styles);
    return status;
}
