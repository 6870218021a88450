/* What was found out, for programs and for people. */
#include <math.h>
#include <string.h>

#include "plan/info.h"

static const char *type_name(wg_type type) {
    return type == WG_INTEGER ? "integer" : type == WG_REAL ? "real" : "text";
}

static json_t *number_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static double missing_share(const wg_info_layer *info, const wg_info_column *column) {
    return info->rows == 0 ? 0.0 : (double)column->missing / (double)info->rows;
}

/* ---------------------------------------------------------------- JSON */

static json_t *column_json(const wg_info_layer *info, const wg_info_column *column) {
    json_t *samples = json_array();
    for (int i = 0; i < WG_INFO_SAMPLES && column->sample[i] != NULL; i++) {
        (void)json_array_append_new(samples, json_string(column->sample[i]));
    }
    json_t *made = json_pack("{s:s, s:s, s:o, s:f, s:o}", "name", column->name, "type", type_name(column->type), "role",
                             column->role == WG_N_ROLES ? json_null() : json_string(wg_role_name(column->role)),
                             "missing", missing_share(info, column), "samples", samples);
    if (column->is_figure && column->numbers > 0 && column->texts == 0) {
        (void)json_object_set_new(made, "min", number_or_null(column->min));
        (void)json_object_set_new(made, "max", number_or_null(column->max));
        (void)json_object_set_new(made, "sum", number_or_null(column->sum));
    }
    return made;
}

static json_t *doubts_json(const wg_info_layer *info) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < info->n_doubts; i++) {
        const wg_doubt *d = &info->doubts[i];
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "code", d->code, "detail", d->detail,
                                                    "advice", d->advice, "suggested",
                                                    d->suggested[0] == '\0' ? json_null() : json_string(d->suggested)));
    }
    return list;
}

static json_t *crs_json(const wg_info_layer *info) {
    if (info->source.crs == NULL) {
        return json_null();
    }
    return json_pack("{s:s, s:s, s:s}", "id", info->crs.id[0] == '\0' ? info->source.crs : info->crs.id, "name",
                     info->crs.name, "known", wg_known_text(info->source.crs_known));
}

json_t *wg_info_json(const wg_info_layer *info) {
    json_t *columns = json_array(), *problems = json_array();
    for (uint32_t c = 0; c < info->n_columns; c++) {
        (void)json_array_append_new(columns, column_json(info, &info->columns[c]));
    }
    for (uint32_t i = 0; i < info->n_problems; i++) {
        const wg_info_problem *p = &info->problems[i];
        (void)json_array_append_new(problems, json_pack("{s:s, s:I, s:I}", "kind", p->kind, "count",
                                                        (json_int_t)p->count, "first", (json_int_t)p->first));
    }
    json_t *extent = info->with_geometry == 0 ? json_null()
                                              : json_pack("[f, f, f, f]", info->bounds[0], info->bounds[1],
                                                          info->bounds[2], info->bounds[3]);
    json_t *made = json_pack("{s:s, s:s, s:s, s:s, s:I}", "input", info->input_name, "path", info->source.path, "layer",
                             info->source.layer, "format", info->source.driver, "features", (json_int_t)info->rows);
    (void)json_object_set_new(made, "geometry",
                              json_pack("{s:I, s:I, s:I, s:I, s:I}", "points", (json_int_t)info->points, "lines",
                                        (json_int_t)info->lines, "polygons", (json_int_t)info->polygons, "others",
                                        (json_int_t)info->others, "none",
                                        (json_int_t)(info->rows - info->with_geometry)));
    (void)json_object_set_new(made, "extent", extent);
    (void)json_object_set_new(made, "crs", crs_json(info));
    (void)json_object_set_new(made, "encoding",
                              json_pack("{s:s, s:s}", "name", wg_encoding_name(info->source.encoding), "known",
                                        wg_known_text(info->source.encoding_known)));
    (void)json_object_set_new(made, "fields", columns);
    (void)json_object_set_new(made, "problems", problems);
    (void)json_object_set_new(made, "doubts", doubts_json(info));
    return made;
}

/* ---------------------------------------------------------------- text */

enum {
    FORMAT = 0,
    FEATURES,
    POINTS,
    LINES,
    POLYGONS,
    OTHERS,
    NONE,
    CRS,
    UNKNOWN,
    EXTENT,
    TEXT,
    FIELDS,
    MISSING,
    DOUBT,
    EASTING_FROM
};

static const char *const words[2][EASTING_FROM + 1] = {
    {"format", "features", "points", "lines", "polygons", "other geometries", "without geometry", "CRS", "not known",
     "extent", "text", "fields", "missing", "doubt", "coordinates from"},
    {"格式", "要素", "点", "线", "面", "其他几何", "无几何", "坐标系", "未知", "范围", "编码", "字段", "缺失", "疑点",
     "坐标取自"}};

static const char *known_word(wg_known known, wg_lang lang) {
    static const char *const zh[] = {"未知",         "由用户指定", "文件自带",  "附属文件",
                                     "DBF 语言字节", "格式规定",   "由内容判断"};
    static const char *const en[] = {"not known",
                                     "stated",
                                     "from the file",
                                     "from a sidecar file",
                                     "from the DBF language byte",
                                     "by the format",
                                     "detected from the content"};
    return (lang == WG_LANG_ZH ? zh : en)[known];
}

/** A label and the column where its value begins, the same for wide characters. */
static void label(wg_buffer *out, const char *text) {
    size_t width = 0;
    const size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t c = 0;
        at += wg_utf8_next(text + at, length - at, &c);
        width += c >= 0x1100 ? 2 : 1;
    }
    wg_buffer_printf(out, "  %s%*s", text, (int)(width < 10 ? 10 - width : 1), "");
}

static void count_of(wg_buffer *out, uint64_t count, const char *what, bool *first) {
    if (count > 0) {
        wg_buffer_printf(out, "%s%llu %s", *first ? "" : ", ", (unsigned long long)count, what);
        *first = false;
    }
}

static void head_text(const wg_info_layer *info, wg_lang lang, wg_buffer *out) {
    const char *const *w = words[lang == WG_LANG_ZH ? 1 : 0];
    bool first = true;
    wg_buffer_printf(out, "%s\n", info->label);
    label(out, w[FORMAT]);
    wg_buffer_printf(out, "%s\n", info->source.driver);
    label(out, w[FEATURES]);
    wg_buffer_printf(out, "%llu%s", (unsigned long long)info->rows, info->rows > 0 ? ": " : "");
    count_of(out, info->points, w[POINTS], &first);
    count_of(out, info->lines, w[LINES], &first);
    count_of(out, info->polygons, w[POLYGONS], &first);
    count_of(out, info->others, w[OTHERS], &first);
    count_of(out, info->rows - info->with_geometry, w[NONE], &first);
    wg_buffer_text(out, "\n");
    label(out, w[CRS]);
    if (info->source.crs == NULL) {
        wg_buffer_printf(out, "%s\n", w[UNKNOWN]);
    } else {
        wg_buffer_printf(out, "%s%s%s (%s)\n", info->crs.id, info->crs.id[0] == '\0' ? "" : " ", info->crs.name,
                         known_word(info->source.crs_known, lang));
    }
    if (info->with_geometry > 0) {
        label(out, w[EXTENT]);
        wg_buffer_printf(out, "%.10g, %.10g – %.10g, %.10g\n", info->bounds[0], info->bounds[1], info->bounds[2],
                         info->bounds[3]);
    }
    if (info->source.x_field != NULL) {
        label(out, "");
        wg_buffer_printf(out, "%s %s, %s\n", w[EASTING_FROM], info->source.x_field, info->source.y_field);
    }
    label(out, w[TEXT]);
    wg_buffer_printf(out, "%s (%s)\n", wg_encoding_name(info->source.encoding),
                     known_word(info->source.encoding_known, lang));
}

static void column_text(const wg_info_layer *info, const wg_info_column *column, wg_lang lang, wg_buffer *out) {
    const double missing = missing_share(info, column);
    wg_buffer_printf(out, "    %s%s%s (%s", column->name, column->role == WG_N_ROLES ? "" : " → ",
                     column->role == WG_N_ROLES ? "" : wg_role_name(column->role), type_name(column->type));
    if (missing > 0.0) {
        wg_buffer_printf(out, ", %.1f %% %s", 100.0 * missing, words[lang == WG_LANG_ZH ? 1 : 0][MISSING]);
    }
    wg_buffer_text(out, ")");
    if (column->is_figure && column->numbers > 0 && column->texts == 0) {
        wg_buffer_printf(out, " %.10g – %.10g, Σ %.10g", column->min, column->max, column->sum);
    } else {
        for (int i = 0; i < WG_INFO_SAMPLES && column->sample[i] != NULL; i++) {
            wg_buffer_printf(out, "%s%s", i == 0 ? " " : " | ", column->sample[i]);
        }
    }
    wg_buffer_text(out, "\n");
}

void wg_info_text(const wg_info_layer *info, wg_lang lang, wg_buffer *out) {
    const char *const *w = words[lang == WG_LANG_ZH ? 1 : 0];
    head_text(info, lang, out);
    wg_buffer_printf(out, "  %s\n", w[FIELDS]);
    for (uint32_t c = 0; c < info->n_columns; c++) {
        column_text(info, &info->columns[c], lang, out);
    }
    for (uint32_t i = 0; i < info->n_doubts; i++) {
        label(out, w[DOUBT]);
        wg_buffer_printf(out, "%s: %s (%s)\n", info->doubts[i].code, info->doubts[i].detail, info->doubts[i].advice);
    }
}
