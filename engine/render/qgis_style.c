#include "render/qgis_style.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/wkb.h"
#include "render/colour.h"

/* ------------------------------------------------------------------ what is drawn how */

typedef enum style_kind { STYLE_SINGLE = 0, STYLE_CLASSES, STYLE_CATEGORIES } style_kind;

typedef struct style_rule {
    const char *layer;
    style_kind kind;
    const char *field;  /**< classes or categories of it */
    const char *label;  /**< field that names features on the map; NULL: none */
    wg_rgba fill, line; /**< fill of single symbols, lines of all */
    double width_mm;
} style_rule;

static const style_rule rules[] = {
    {"cells", STYLE_CLASSES, "households", "name", 0, WG_COLOUR_CELL_LINE, 0.5},
    {"communities", STYLE_SINGLE, NULL, "name", 0, WG_COLOUR_COMMUNITY_LINE, 0.9},
    {"levels", STYLE_CATEGORIES, "level", "name", 0, WG_COLOUR_COMMUNITY_LINE, 1.1},
    {"buildings", STYLE_SINGLE, NULL, NULL, WG_COLOUR_BUILDING, WG_COLOUR_QUIET_TEXT, 0.1},
    {"units", STYLE_CATEGORIES, "kind", NULL, 0, WG_COLOUR_QUIET_TEXT, 0.15},
    {"edges", STYLE_CATEGORIES, "rank", NULL, 0, WG_COLOUR_STREET_EDGE, 0.4},
    {"barriers", STYLE_CATEGORIES, "rank", NULL, WG_COLOUR_WATER, WG_COLOUR_RAIL, 0.4},
    {"incidents", STYLE_CATEGORIES, "status", NULL, 0, WG_COLOUR_TEXT, 0.1},
    {"workers", STYLE_CATEGORIES, "role", NULL, 0, WG_COLOUR_TEXT, 0.1},
    {"exceptions", STYLE_CATEGORIES, "problem", NULL, 0, WG_COLOUR_TEXT, 0.1},
    {"coverage", STYLE_CLASSES, "cover_pct", "code", 0, WG_COLOUR_CELL_LINE, 0.4},
    {"workload", STYLE_CLASSES, "load_idx", "code", 0, WG_COLOUR_CELL_LINE, 0.4},
};

static const style_rule plain = {NULL, STYLE_SINGLE, NULL, NULL, WG_COLOUR_BUILDING, WG_COLOUR_TEXT, 0.3};

enum { CLASSES = 5, CATEGORIES_MAX = 24 };

static const style_rule *rule_of(const char *contract_layer) {
    const wg_contract_table *table = wg_contract_layer(contract_layer);
    for (size_t i = 0; table != NULL && i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i].layer, table->name) == 0) {
            return &rules[i];
        }
    }
    return &plain;
}

wg_geometry wg_qgis_geometry(const wg_layer *layer) {
    size_t count[4] = {0};
    for (size_t row = 0; row < wg_layer_rows(layer); row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        const uint32_t type = wg_wkb_type(wkb, bytes);
        if (type >= WG_WKB_POINT && type <= WG_WKB_MULTIPOLYGON) {
            count[(type - 1) % 3 + 1]++;
        }
    }
    wg_geometry most = WG_GEOMETRY_NONE;
    for (int k = WG_GEOMETRY_POINT; k <= WG_GEOMETRY_POLYGON; k++) {
        most = count[k] > (most == WG_GEOMETRY_NONE ? 0 : count[most]) ? (wg_geometry)k : most;
    }
    return most;
}

/* ------------------------------------------------------------------ XML */

static void put_escaped(wg_buffer *out, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            wg_buffer_text(out, "&amp;");
            break;
        case '<':
            wg_buffer_text(out, "&lt;");
            break;
        case '>':
            wg_buffer_text(out, "&gt;");
            break;
        case '"':
            wg_buffer_text(out, "&quot;");
            break;
        default:
            /* Control characters are not allowed in XML 1.0, not even escaped. */
            wg_buffer_append(out, (unsigned char)*at < 0x20 ? " " : at, 1);
            break;
        }
    }
}

static void put_attribute(wg_buffer *out, const char *name, const char *value) {
    wg_buffer_printf(out, " %s=\"", name);
    put_escaped(out, value);
    wg_buffer_text(out, "\"");
}

/** A property of a symbol layer, in the form of QGIS 3.22 and the one before it. */
static void put_property(wg_buffer *options, wg_buffer *old, const char *name, const char *value) {
    wg_buffer_printf(options, "<Option type=\"QString\" name=\"%s\" value=\"%s\"/>", name, value);
    wg_buffer_printf(old, "<prop k=\"%s\" v=\"%s\"/>", name, value);
}

static const char *colour_text(wg_rgba colour, char text[32]) {
    (void)snprintf(text, 32, "%u,%u,%u,%u", colour >> 24, colour >> 16 & 255, colour >> 8 & 255, colour & 255);
    return text;
}

/* ------------------------------------------------------------------ symbols */

typedef struct symbol {
    wg_geometry geometry;
    wg_rgba fill, line;
    double width_mm, size_mm;
} symbol;

static void put_symbol(wg_buffer *out, const symbol *own, uint32_t name) {
    static const char *const type[] = {"", "marker", "line", "fill"};
    static const char *const class[] = {"", "SimpleMarker", "SimpleLine", "SimpleFill"};
    wg_buffer options = {0};
    wg_buffer old = {0};
    char colour[32], width[32], size[32];
    (void)snprintf(width, sizeof width, "%g", own->width_mm);
    (void)snprintf(size, sizeof size, "%g", own->size_mm);
    switch (own->geometry) {
    case WG_GEOMETRY_POINT:
        put_property(&options, &old, "color", colour_text(own->fill, colour));
        put_property(&options, &old, "name", "circle");
        put_property(&options, &old, "outline_color", colour_text(own->line, colour));
        put_property(&options, &old, "outline_width", width);
        put_property(&options, &old, "outline_width_unit", "MM");
        put_property(&options, &old, "size", size);
        put_property(&options, &old, "size_unit", "MM");
        break;
    case WG_GEOMETRY_LINE:
        put_property(&options, &old, "line_color", colour_text(own->fill, colour));
        put_property(&options, &old, "line_style", "solid");
        put_property(&options, &old, "line_width", width);
        put_property(&options, &old, "line_width_unit", "MM");
        put_property(&options, &old, "capstyle", "round");
        put_property(&options, &old, "joinstyle", "round");
        break;
    default:
        put_property(&options, &old, "color", colour_text(own->fill, colour));
        put_property(&options, &old, "style", (own->fill & 255) == 0 ? "no" : "solid");
        put_property(&options, &old, "outline_color", colour_text(own->line, colour));
        put_property(&options, &old, "outline_style", "solid");
        put_property(&options, &old, "outline_width", width);
        put_property(&options, &old, "outline_width_unit", "MM");
        put_property(&options, &old, "joinstyle", "round");
        break;
    }
    wg_buffer_printf(out,
                     "<symbol type=\"%s\" name=\"%u\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\"><layer "
                     "class=\"%s\" enabled=\"1\" locked=\"0\" pass=\"0\"><Option type=\"Map\">%s</Option>%s</layer>"
                     "</symbol>\n",
                     type[own->geometry], name, class[own->geometry], options.data != NULL ? options.data : "",
                     old.data != NULL ? old.data : "");
    out->failed = out->failed || options.failed || old.failed;
    wg_buffer_release(&options);
    wg_buffer_release(&old);
}

static symbol base_symbol(const style_rule *rule, wg_geometry geometry) {
    const symbol own = {.geometry = geometry,
                        .fill = geometry == WG_GEOMETRY_LINE ? rule->line : rule->fill,
                        .line = rule->line,
                        .width_mm = rule->width_mm,
                        .size_mm = 2};
    return own;
}

/* ------------------------------------------------------------------ renderers */

static void put_single(wg_buffer *out, const style_rule *rule, wg_geometry geometry) {
    const symbol own = base_symbol(rule, geometry);
    wg_buffer_text(out, "<renderer-v2 type=\"singleSymbol\" enableorderby=\"0\" forceraster=\"0\" "
                        "symbollevels=\"0\">\n<symbols>\n");
    put_symbol(out, &own, 0);
    wg_buffer_text(out, "</symbols>\n</renderer-v2>\n");
}

static double number_at(const wg_layer *layer, size_t row, uint32_t column) {
    if (wg_layer_is_null(layer, row, column)) {
        return NAN;
    }
    return wg_layer_column_type(layer, column) == WG_INTEGER ? (double)wg_layer_integer(layer, row, column)
                                                             : wg_layer_real(layer, row, column);
}

/** Classes by quantiles. @return WG_ENOTFOUND without a message where the field has no values */
/** A graduated style draws no feature without a value, not even its outline: such ones get a number that none has. */
static const double no_value = -1e9;

static void put_ranges(wg_buffer *out, const double *upper, uint32_t classes, double lowest, bool unknown,
                       wg_lang lang) {
    wg_buffer_text(out, "<ranges>\n");
    for (uint32_t k = 0; k < classes; k++) {
        const double from = k == 0 ? lowest : upper[k - 1];
        /* All digits: the largest value must not lie above its class. */
        wg_buffer_printf(
            out, "<range lower=\"%.17g\" upper=\"%.17g\" symbol=\"%u\" label=\"%.10g – %.10g\" render=\"true\"/>\n",
            from, upper[k], k, from, upper[k]);
    }
    if (unknown) {
        wg_buffer_printf(out, "<range lower=\"%.17g\" upper=\"%.17g\" symbol=\"%u\" label=\"%s\" render=\"true\"/>\n",
                         no_value, no_value, classes, lang == WG_LANG_ZH ? "无数据" : "no data");
    }
    wg_buffer_text(out, "</ranges>\n");
}

static wg_status put_classes(wg_buffer *out, const wg_layer *layer, const style_rule *rule, uint32_t column,
                             wg_geometry geometry, wg_lang lang) {
    const size_t n = wg_layer_rows(layer);
    double upper[CLASSES];
    double lowest = INFINITY;
    bool unknown = false;
    double *values = wg_malloc(n, sizeof *values);
    if (values == NULL) {
        return WG_ENOMEM;
    }
    for (size_t row = 0; row < n; row++) {
        values[row] = number_at(layer, row, column);
        lowest = values[row] < lowest ? values[row] : lowest;
        unknown = unknown || isnan(values[row]);
    }
    const uint32_t classes = wg_classes_quantile(values, n, CLASSES, upper);
    free(values);
    if (classes == 0) {
        return WG_ENOTFOUND;
    }
    wg_buffer_text(out, "<renderer-v2 type=\"graduatedSymbol\"");
    char attribute[96];
    snprintf(attribute, sizeof attribute, unknown ? "coalesce(\"%.40s\", %.0f)" : "%.40s", rule->field, no_value);
    put_attribute(out, "attr", attribute);
    wg_buffer_text(out,
                   " graduatedMethod=\"GraduatedColor\" enableorderby=\"0\" forceraster=\"0\" symbollevels=\"0\">\n");
    put_ranges(out, upper, classes, lowest, unknown, lang);
    wg_buffer_text(out, "<symbols>\n");
    for (uint32_t k = 0; k < classes; k++) {
        symbol own = base_symbol(rule, geometry);
        /* Half transparent, so that a base map below stays readable. */
        own.fill = (wg_palette_sequential(k, classes) & 0xffffff00u) | 0xb0u;
        put_symbol(out, &own, k);
    }
    if (unknown) {
        symbol own = base_symbol(rule, geometry);
        own.fill = WG_COLOUR_NO_DATA;
        put_symbol(out, &own, classes);
    }
    wg_buffer_text(out, "</symbols>\n<classificationMethod id=\"Custom\"><symmetricMode enabled=\"0\" "
                        "symmetrypoint=\"0\" astride=\"0\"/><labelFormat format=\"%1 – %2\" labelprecision=\"2\" "
                        "trimtrailingzeroes=\"1\"/></classificationMethod>\n</renderer-v2>\n");
    return WG_OK;
}

typedef struct category {
    char text[128]; /**< values are short: kinds, states, ranks; longer ones are in the rest */
} category;

static bool category_text(const wg_layer *layer, size_t row, uint32_t column, category *out) {
    if (wg_layer_is_null(layer, row, column)) {
        return false;
    }
    int length;
    switch (wg_layer_column_type(layer, column)) {
    case WG_INTEGER:
        length = snprintf(out->text, sizeof out->text, "%lld", (long long)wg_layer_integer(layer, row, column));
        break;
    case WG_REAL:
        length = snprintf(out->text, sizeof out->text, "%.15g", wg_layer_real(layer, row, column));
        break;
    case WG_TEXT:
    default:
        length = snprintf(out->text, sizeof out->text, "%s", wg_layer_text(layer, row, column));
        break;
    }
    return length > 0 && (size_t)length < sizeof out->text;
}

static int compare_categories(const void *left, const void *right) {
    return strcmp(((const category *)left)->text, ((const category *)right)->text);
}

/** Different values of a column, sorted; at most CATEGORIES_MAX of them. */
static uint32_t find_categories(const wg_layer *layer, uint32_t column, category found[CATEGORIES_MAX]) {
    uint32_t n = 0;
    for (size_t row = 0; row < wg_layer_rows(layer); row++) {
        category own;
        bool known = !category_text(layer, row, column, &own);
        for (uint32_t k = 0; k < n && !known; k++) {
            known = strcmp(found[k].text, own.text) == 0;
        }
        if (!known && n < CATEGORIES_MAX) {
            found[n++] = own;
        }
    }
    qsort(found, n, sizeof *found, compare_categories);
    return n;
}

/** Colour of category k: lines get wider by rank instead where the rule is about ranks. */
static symbol category_symbol(const style_rule *rule, wg_geometry geometry, const char *value, uint32_t k) {
    symbol own = base_symbol(rule, geometry);
    if (strcmp(rule->field, "rank") == 0) {
        const int rank = value[0] >= '1' && value[0] <= '9' && value[1] == '\0' ? value[0] - '0' : 9;
        own.width_mm = 1.3 - 0.12 * rank;
    } else if (strcmp(rule->field, "level") == 0) {
        own.width_mm = rule->width_mm + 0.3 * k;
    } else {
        own.fill = geometry == WG_GEOMETRY_POLYGON ? wg_palette_pastel(k) : wg_palette_strong(k);
    }
    return own;
}

static wg_status put_categories(wg_buffer *out, const wg_layer *layer, const style_rule *rule, uint32_t column,
                                wg_geometry geometry, wg_lang lang) {
    category *found = wg_calloc(CATEGORIES_MAX, sizeof *found);
    if (found == NULL) {
        return WG_ENOMEM;
    }
    const uint32_t n = find_categories(layer, column, found);
    const char *type = wg_layer_column_type(layer, column) == WG_TEXT ? "string" : "long";
    wg_buffer_text(out, "<renderer-v2 type=\"categorizedSymbol\"");
    put_attribute(out, "attr", rule->field);
    wg_buffer_text(out, " enableorderby=\"0\" forceraster=\"0\" symbollevels=\"0\">\n<categories>\n");
    for (uint32_t k = 0; k < n; k++) {
        wg_buffer_printf(out, "<category symbol=\"%u\" type=\"%s\"", k, type);
        put_attribute(out, "value", found[k].text);
        put_attribute(out, "label", found[k].text);
        wg_buffer_text(out, " render=\"true\"/>\n");
    }
    wg_buffer_printf(out, "<category symbol=\"%u\" type=\"string\" value=\"\" label=\"%s\" render=\"true\"/>\n", n,
                     lang == WG_LANG_ZH ? "其他" : "other");
    wg_buffer_text(out, "</categories>\n<symbols>\n");
    for (uint32_t k = 0; k <= n; k++) {
        symbol own = category_symbol(rule, geometry, k < n ? found[k].text : "", k);
        if (k == n && strcmp(rule->field, "rank") != 0 && strcmp(rule->field, "level") != 0) {
            own.fill = WG_COLOUR_NO_DATA;
        }
        put_symbol(out, &own, k);
    }
    wg_buffer_text(out, "</symbols>\n</renderer-v2>\n");
    free(found);
    return WG_OK;
}

/* ------------------------------------------------------------------ labels and fields */

static void put_labels(wg_buffer *out, const char *field) {
    wg_buffer_text(out, "<labeling type=\"simple\"><settings calloutType=\"simple\"><text-style isExpression=\"0\" "
                        "fontSize=\"8\" fontSizeUnit=\"Point\" fontFamily=\"Noto Sans CJK SC\" namedStyle=\"Regular\" "
                        "textColor=\"34,36,43,255\" textOpacity=\"1\"");
    put_attribute(out, "fieldName", field);
    wg_buffer_text(out, "><text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" bufferSizeUnits=\"MM\" "
                        "bufferColor=\"255,255,255,255\" bufferOpacity=\"0.85\" bufferNoFill=\"1\" "
                        "bufferJoinStyle=\"128\"/></text-style><placement placement=\"1\" centroidInside=\"1\" "
                        "centroidWhole=\"0\" fitInPolygonOnly=\"0\" priority=\"5\" polygonPlacementFlags=\"2\"/>"
                        "<rendering drawLabels=\"1\" obstacle=\"1\" displayAll=\"0\" scaleVisibility=\"0\"/>"
                        "</settings></labeling>\n");
}

static void put_aliases(wg_buffer *out, const wg_layer *layer, const wg_contract_table *table, wg_lang lang) {
    wg_buffer_text(out, "<aliases>\n");
    for (uint32_t c = 0; c < wg_layer_columns(layer); c++) {
        const char *name = wg_layer_column_name(layer, c);
        const wg_contract_field *field = table != NULL ? wg_contract_field_of(table, name) : NULL;
        wg_buffer_printf(out, "<alias index=\"%u\"", c);
        put_attribute(out, "field", name);
        put_attribute(out, "name", field == NULL ? "" : lang == WG_LANG_ZH ? field->zh : field->en);
        wg_buffer_text(out, "/>\n");
    }
    wg_buffer_text(out, "</aliases>\n");
}

static wg_status put_renderer(wg_buffer *out, const wg_layer *layer, const style_rule *rule, wg_geometry geometry,
                              wg_lang lang) {
    const uint32_t column = rule->field == NULL ? UINT32_MAX : wg_layer_column(layer, rule->field);
    if (column != UINT32_MAX && rule->kind == STYLE_CLASSES && wg_layer_column_type(layer, column) != WG_TEXT) {
        const wg_status status = put_classes(out, layer, rule, column, geometry, lang);
        if (status != WG_ENOTFOUND) {
            return status;
        }
    } else if (column != UINT32_MAX && rule->kind == STYLE_CATEGORIES) {
        return put_categories(out, layer, rule, column, geometry, lang);
    }
    put_single(out, rule, geometry);
    return WG_OK;
}

wg_status wg_qgis_qml(wg_context *ctx, const wg_layer *layer, const char *contract_layer, wg_geometry geometry,
                      wg_lang lang, wg_buffer *qml) {
    const char *name = contract_layer != NULL ? contract_layer : wg_layer_name(layer);
    const wg_contract_table *table = wg_contract_layer(name);
    const style_rule *rule = rule_of(name);
    const wg_geometry drawn = geometry == WG_GEOMETRY_ANY ? wg_qgis_geometry(layer) : geometry;
    wg_buffer_text(qml, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.16\" "
                        "styleCategories=\"Symbology|Labeling|Fields\" labelsEnabled=\"");
    const bool labelled =
        drawn != WG_GEOMETRY_NONE && rule->label != NULL && wg_layer_column(layer, rule->label) != UINT32_MAX;
    wg_buffer_text(qml, labelled ? "1\">\n" : "0\">\n");
    wg_status status = WG_OK;
    if (drawn != WG_GEOMETRY_NONE) {
        status = put_renderer(qml, layer, rule, drawn, lang);
    }
    if (labelled) {
        put_labels(qml, rule->label);
    }
    put_aliases(qml, layer, table, lang);
    if (drawn != WG_GEOMETRY_NONE) {
        wg_buffer_printf(qml, "<layerGeometryType>%d</layerGeometryType>\n", (int)drawn - 1);
    }
    wg_buffer_text(qml, "</qgis>\n");
    return status != WG_OK || qml->failed ? wg_fail_memory(ctx) : WG_OK;
}
