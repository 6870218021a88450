/* The page itself: what the reader sees before the script runs, and the block of data that it works on. */
#include "render/page.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "model/wkb.h"
#include "render/page_data.h"

extern const unsigned char wg_page_js[];
extern const unsigned char wg_page_css[];

static const char *say(const wg_page *page, const char *en, const char *zh) {
    return page->lang == WG_LANG_ZH ? zh : en;
}

/* ------------------------------------------------------------------ look-ups */

typedef struct coded {
    const char *code;
    uint32_t row;
} coded;

static int by_code(const void *a, const void *b) {
    const coded *left = a;
    const coded *right = b;
    const int order = strcmp(left->code, right->code);
    return order != 0 ? order : left->row < right->row ? -1 : left->row > right->row;
}

wg_status wg_code_index_build(wg_context *ctx, const wg_layer *layer, wg_code_index *index) {
    const uint32_t column = wg_layer_column(layer, "code");
    coded *items = wg_malloc(layer->n, sizeof *items);
    *index = (wg_code_index){.code = wg_malloc(layer->n, sizeof *index->code),
                             .row = wg_malloc(layer->n, sizeof *index->row)};
    if (items == NULL || index->code == NULL || index->row == NULL) {
        free(items);
        wg_code_index_release(index);
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < layer->n; row++) {
        const char *code = column == UINT32_MAX ? NULL : wg_layer_text(layer, row, column);
        items[row] = (coded){code == NULL ? "" : code, (uint32_t)row};
    }
    qsort(items, layer->n, sizeof *items, by_code);
    for (size_t i = 0; i < layer->n; i++) {
        index->code[i] = items[i].code;
        index->row[i] = items[i].row;
    }
    index->n = layer->n;
    free(items);
    return WG_OK;
}

uint32_t wg_code_index_find(const wg_code_index *index, const char *code) {
    size_t low = 0;
    size_t high = code == NULL ? 0 : index->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(index->code[middle], code) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return code != NULL && low < index->n && strcmp(index->code[low], code) == 0 ? index->row[low] : WG_UNASSIGNED;
}

void wg_code_index_release(wg_code_index *index) {
    free(index->code);
    free(index->row);
    *index = (wg_code_index){0};
}

/* ------------------------------------------------------------------ data */

static void put_colour(wg_buffer *out, wg_rgba colour) {
    wg_buffer_printf(out, "\"#%06x\"", colour >> 8);
}

static void put_classes(wg_buffer *out, const wg_page_measure *m, size_t n) {
    wg_buffer_text(out, ",\"v\":[");
    for (size_t row = 0; row < n; row++) {
        const uint32_t class = m->class_of[row];
        wg_buffer_text(out, row > 0 ? "," : "");
        if (class < m->n_classes) {
            wg_buffer_printf(out, "%u", class);
        } else {
            wg_buffer_text(out, "null");
        }
    }
    wg_buffer_text(out, "],\"l\":[");
    for (uint32_t i = 0; i < m->n_classes; i++) {
        wg_buffer_text(out, i > 0 ? "," : "");
        wg_json_text(out, m->classes == NULL || m->classes[i] == NULL ? "" : m->classes[i]);
    }
    wg_buffer_text(out, "],\"c\":[");
    for (uint32_t i = 0; i < m->n_classes; i++) {
        wg_buffer_text(out, i > 0 ? "," : "");
        put_colour(out, m->colours[i]);
    }
    wg_buffer_text(out, m->plain ? "],\"plain\":true,\"hide\":true" : "]");
}

static void put_values(wg_buffer *out, const wg_page_measure *m, size_t n) {
    double upper[WG_PALETTE_STEPS_MAX];
    const uint32_t steps = wg_classes_quantile(m->values, n, 5, upper);
    wg_buffer_text(out, ",\"v\":[");
    for (size_t row = 0; row < n; row++) {
        wg_buffer_text(out, row > 0 ? "," : "");
        wg_json_number(out, m->values[row], m->decimals < 3 ? 3 : m->decimals);
    }
    wg_buffer_text(out, "],\"b\":[");
    for (uint32_t i = 0; i < steps; i++) {
        wg_buffer_text(out, i > 0 ? "," : "");
        wg_json_number(out, upper[i], 6);
    }
    wg_buffer_text(out, "],\"c\":[");
    for (uint32_t i = 0; i < steps; i++) {
        wg_buffer_text(out, i > 0 ? "," : "");
        put_colour(out, m->diverging ? wg_palette_diverging(i, steps) : wg_palette_sequential(i, steps));
    }
    wg_buffer_text(out, "]");
}

static void put_measures(wg_buffer *out, const wg_page *page, const wg_page_measure *measures, uint32_t n) {
    wg_buffer_text(out, "\"measures\":[");
    for (uint32_t i = 0; i < n; i++) {
        const wg_page_measure *m = &measures[i];
        wg_buffer_text(out, i > 0 ? ",\n{\"t\":" : "\n{\"t\":");
        wg_json_text(out, m->title);
        wg_buffer_printf(out, ",\"d\":%u,\"p\":%s", m->decimals, m->percent ? "true" : "false");
        if (m->class_of != NULL) {
            put_classes(out, m, page->layers.cells->n);
        } else {
            put_values(out, m, page->layers.cells->n);
        }
        wg_buffer_text(out, "}");
    }
    wg_buffer_text(out, "]");
}

/** Cells in quiet colours, for a page without measures. */
static wg_status put_plain_measure(wg_context *ctx, wg_buffer *out, const wg_page *page) {
    wg_rgba colours[WG_PALETTE_PASTELS];
    uint32_t *class_of = wg_malloc(page->layers.cells->n, sizeof *class_of);
    wg_status status =
        class_of == NULL ? wg_fail_memory(ctx) : wg_palette_neighbours(ctx, page->layers.cells, class_of);
    if (status == WG_OK) {
        for (uint32_t i = 0; i < WG_PALETTE_PASTELS; i++) {
            colours[i] = wg_palette_pastel(i);
        }
        const wg_page_measure plain = {.title = say(page, "Cells", "网格"),
                                       .class_of = class_of,
                                       .colours = colours,
                                       .n_classes = WG_PALETTE_PASTELS,
                                       .plain = true};
        put_measures(out, page, &plain, 1);
    }
    free(class_of);
    return status;
}

static void put_chart(wg_buffer *out, const wg_page_chart *chart) {
    wg_buffer_text(out, "{\"t\":");
    wg_json_text(out, chart->title);
    wg_buffer_text(out, ",\"n\":");
    wg_json_text(out, chart->note);
    wg_buffer_printf(out, ",\"k\":\"%s\",\"d\":%u,\"x\":[", chart->bars ? "bar" : "line", chart->decimals);
    size_t longest = 0;
    for (uint32_t i = 0; i < chart->n_x; i++) {
        wg_buffer_text(out, i > 0 ? "," : "");
        wg_json_text(out, chart->x[i]);
        longest = strlen(chart->x[i]) > longest ? strlen(chart->x[i]) : longest;
    }
    wg_buffer_printf(out, "],\"long\":%s,\"s\":[", longest > 5 ? "true" : "false");
    for (uint32_t s = 0; s < chart->n_series; s++) {
        wg_buffer_text(out, s > 0 ? ",{\"n\":" : "{\"n\":");
        wg_json_text(out, chart->series[s].name == NULL ? "" : chart->series[s].name);
        wg_buffer_printf(out, ",\"dash\":%s,\"v\":[", chart->series[s].dashed ? "true" : "false");
        for (uint32_t i = 0; i < chart->n_x; i++) {
            wg_buffer_text(out, i > 0 ? "," : "");
            wg_json_number(out, chart->series[s].values[i], 6);
        }
        wg_buffer_text(out, "]}");
    }
    wg_buffer_text(out, "]}");
}

static void put_value(wg_buffer *out, const wg_sheet *sheet, size_t row, const wg_sheet_column *column) {
    if (wg_layer_is_null(sheet->rows, row, column->column)) {
        wg_buffer_text(out, "null");
    } else if (wg_layer_column_type(sheet->rows, column->column) == WG_TEXT) {
        wg_json_text(out, wg_layer_text(sheet->rows, row, column->column));
    } else if (wg_layer_column_type(sheet->rows, column->column) == WG_INTEGER) {
        wg_buffer_printf(out, "%lld", (long long)wg_layer_integer(sheet->rows, row, column->column));
    } else {
        wg_json_number(out, wg_layer_real(sheet->rows, row, column->column),
                       column->decimals < 2 ? 2 : column->decimals);
    }
}

/** The column whose values are codes of cells, or -1: where most of the first rows' values are. */
static int key_column(const wg_sheet *sheet, const wg_code_index *index) {
    const size_t look = sheet->rows->n < 50 ? sheet->rows->n : 50;
    for (uint32_t c = 0; c < sheet->n_columns; c++) {
        size_t hits = 0;
        if (wg_layer_column_type(sheet->rows, sheet->columns[c].column) != WG_TEXT) {
            continue;
        }
        for (size_t row = 0; row < look; row++) {
            const char *code = wg_layer_text(sheet->rows, row, sheet->columns[c].column);
            hits += wg_code_index_find(index, code) != WG_UNASSIGNED ? 1 : 0;
        }
        if (hits > 0 && hits * 2 >= look) {
            return (int)c;
        }
    }
    return -1;
}

static void put_table(wg_buffer *out, const wg_sheet *sheet, const wg_code_index *index) {
    wg_buffer_text(out, "{\"id\":");
    wg_json_text(out, sheet->id != NULL ? sheet->id : sheet->name);
    wg_buffer_text(out, ",\"t\":");
    wg_json_text(out, sheet->title != NULL ? sheet->title : sheet->name);
    wg_buffer_text(out, ",\"n\":");
    wg_json_text(out, sheet->note);
    wg_buffer_printf(out, ",\"k\":%d,\"c\":[", key_column(sheet, index));
    for (uint32_t c = 0; c < sheet->n_columns; c++) {
        const bool number = wg_layer_column_type(sheet->rows, sheet->columns[c].column) != WG_TEXT;
        wg_buffer_text(out, c > 0 ? ",{\"t\":" : "{\"t\":");
        wg_json_text(out, sheet->columns[c].title);
        wg_buffer_printf(out, ",\"d\":%u,\"p\":%s,\"num\":%s}", sheet->columns[c].decimals,
                         sheet->columns[c].percent ? "true" : "false", number ? "true" : "false");
    }
    wg_buffer_text(out, "],\"s\":[");
    bool first = true;
    for (size_t row = 0; sheet->strong != NULL && row < sheet->rows->n; row++) {
        if (sheet->strong[row]) {
            wg_buffer_printf(out, first ? "%zu" : ",%zu", row);
            first = false;
        }
    }
    wg_buffer_text(out, "],\"r\":[");
    for (size_t row = 0; row < sheet->rows->n; row++) {
        wg_buffer_text(out, row > 0 ? ",\n[" : "\n[");
        for (uint32_t c = 0; c < sheet->n_columns; c++) {
            wg_buffer_text(out, c > 0 ? "," : "");
            put_value(out, sheet, row, &sheet->columns[c]);
        }
        wg_buffer_text(out, "]");
    }
    wg_buffer_text(out, "]}");
}

/** Extent of communities and cells, the frame of whole numbers, and `bounds` in its units. */
static bool put_frame(wg_buffer *out, const wg_page *page, wg_page_frame *frame) {
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    const wg_layer *layers[] = {page->layers.cells, page->layers.communities};
    for (uint32_t i = 0; i < 2; i++) {
        for (size_t row = 0; layers[i] != NULL && row < layers[i]->n; row++) {
            size_t bytes;
            double here[4];
            const void *wkb = wg_layer_wkb(layers[i], row, &bytes);
            if (wkb != NULL && wg_wkb_bounds(wkb, bytes, here)) {
                box[0] = fmin(box[0], here[0]);
                box[1] = fmin(box[1], here[1]);
                box[2] = fmax(box[2], here[2]);
                box[3] = fmax(box[3], here[3]);
            }
        }
    }
    if (!(box[0] <= box[2])) {
        return false;
    }
    const double extent = fmax(box[2] - box[0], box[3] - box[1]);
    *frame = (wg_page_frame){floor(box[0]), floor(box[1]), extent > 20000.0 ? 0.5 : extent > 2000.0 ? 0.25 : 0.05};
    wg_buffer_printf(out, "\"q\":%g,\"bounds\":[%.0f,%.0f,%.0f,%.0f]", frame->quantum,
                     (box[0] - frame->x0) / frame->quantum, (box[1] - frame->y0) / frame->quantum,
                     (box[2] - frame->x0) / frame->quantum, (box[3] - frame->y0) / frame->quantum);
    return true;
}

static wg_status put_data(wg_context *ctx, wg_buffer *out, const wg_page *page) {
    wg_status status = WG_OK;
    wg_page_frame frame;
    wg_code_index index;
    WG_TRY(wg_code_index_build(ctx, page->layers.cells, &index));
    wg_buffer_printf(out, "{\"lang\":\"%s\",\n", page->lang == WG_LANG_ZH ? "zh" : "en");
    if (!put_frame(out, page, &frame)) {
        wg_code_index_release(&index);
        return wg_fail(ctx, WG_EINVAL, "a page without extent: the cells have no geometry");
    }
    wg_buffer_text(out, ",\n");
    if (page->n_measures > 0) {
        put_measures(out, page, page->measures, page->n_measures);
    } else {
        status = put_plain_measure(ctx, out, page);
    }
    wg_buffer_text(out, ",\n\"charts\":[");
    for (uint32_t i = 0; i < page->n_charts; i++) {
        wg_buffer_text(out, i > 0 ? ",\n" : "\n");
        put_chart(out, &page->charts[i]);
    }
    wg_buffer_text(out, "],\n\"tables\":[");
    for (uint32_t i = 0; i < page->n_tables; i++) {
        wg_buffer_text(out, i > 0 ? ",\n" : "\n");
        put_table(out, &page->tables[i], &index);
    }
    wg_buffer_text(out, "],\n");
    wg_code_index_release(&index);
    wg_page_put_areas(out, &frame, page->layers.cells);
    wg_buffer_text(out, ",\n");
    wg_page_put_outlines(out, &frame, page->layers.communities);
    wg_buffer_text(out, ",\n");
    wg_page_put_base(out, &frame, &page->layers);
    wg_buffer_text(out, ",\n");
    if (status == WG_OK) {
        status = wg_page_put_buildings(ctx, out, &frame, page->layers.buildings, page->layers.cells);
    }
    wg_buffer_text(out, "}");
done:
    return status;
}

/* ------------------------------------------------------------------ markup */

static void put_base64(wg_buffer *out, const wg_buffer *bytes) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *data = (const unsigned char *)bytes->data;
    for (size_t i = 0; i < bytes->length; i += 3) {
        const size_t left = bytes->length - i;
        const uint32_t three =
            (uint32_t)data[i] << 16 | (uint32_t)(left > 1 ? data[i + 1] : 0) << 8 | (left > 2 ? data[i + 2] : 0);
        const char four[4] = {letters[three >> 18], letters[three >> 12 & 63],
                              left > 1 ? letters[three >> 6 & 63] : '=', left > 2 ? letters[three & 63] : '='};
        wg_buffer_append(out, four, 4);
    }
}

static void put_head(wg_buffer *out, const wg_page *page) {
    wg_buffer_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                     say(page, "en", "zh-CN"));
    wg_buffer_text(
        out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
             "style-src 'unsafe-inline'; img-src data:\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<link rel=\"icon\" href=\"data:,\">\n<title>");
    wg_html_text(out, page->title);
    wg_buffer_text(out, "</title>\n<style>\n");
    wg_buffer_text(out, (const char *)wg_page_css);
    wg_buffer_text(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
    wg_html_text(out, page->title);
    wg_buffer_text(out, "</h1>\n");
    if (page->subtitle != NULL) {
        wg_buffer_text(out, "<p class=\"sub\">");
        wg_html_text(out, page->subtitle);
        wg_buffer_text(out, "</p>\n");
    }
    wg_buffer_text(out, "</header>\n<main>\n");
}

static void put_cards(wg_buffer *out, const wg_page *page) {
    if (page->n_cards == 0) {
        return;
    }
    wg_buffer_text(out, "<ul class=\"cards\">\n");
    for (uint32_t i = 0; i < page->n_cards; i++) {
        const wg_page_card *card = &page->cards[i];
        wg_buffer_printf(out, "<li class=\"card%s\"><b>", card->tone < 0 ? " bad" : card->tone > 0 ? " good" : "");
        wg_html_text(out, card->value);
        wg_buffer_text(out, "</b><span>");
        wg_html_text(out, card->label);
        wg_buffer_text(out, "</span></li>\n");
    }
    wg_buffer_text(out, "</ul>\n");
}

static void put_body(wg_buffer *out, const wg_page *page) {
    if (page->picture != NULL) {
        wg_buffer_text(out, "<noscript><img class=\"still\" alt=\"");
        wg_html_text(out, page->title);
        wg_buffer_text(out, "\" src=\"data:image/png;base64,");
        put_base64(out, page->picture);
        wg_buffer_text(out, "\"></noscript>\n");
    }
    wg_buffer_printf(out,
                     "<div id=\"live\" hidden>\n<section class=\"panel mapbox\">\n<div class=\"stage\" id=\"stage\">"
                     "<canvas id=\"map\" tabindex=\"0\" role=\"application\" aria-label=\"%s\"></canvas>"
                     "<div class=\"zoom\"><button type=\"button\" id=\"in\" aria-label=\"%s\">+</button>"
                     "<button type=\"button\" id=\"out\" aria-label=\"%s\">−</button>"
                     "<button type=\"button\" id=\"home\" aria-label=\"%s\">⌂</button></div>"
                     "<div class=\"scale\" id=\"scale\"><i></i><span></span></div><div class=\"tip\" id=\"tip\" "
                     "hidden></div></div>\n",
                     say(page, "Map of the cells: arrow keys move, + and - zoom", "网格地图：方向键平移，+ 和 - 缩放"),
                     say(page, "zoom in", "放大"), say(page, "zoom out", "缩小"), say(page, "whole map", "全图"));
    wg_buffer_printf(
        out,
        "<div class=\"side\">\n<label>%s<select id=\"measure\"></select></label>\n<ul class=\"legend\" "
        "id=\"legend\"></ul>\n"
        "<label>%s<input type=\"search\" id=\"search\"></label>\n<p class=\"note\" id=\"found\" role=\"status\"></p>\n"
        "<div class=\"info\" id=\"info\" aria-live=\"polite\"></div>\n</div>\n</section>\n"
        "<div class=\"charts\" id=\"charts\"></div>\n<p></p>\n"
        "<section class=\"panel\" id=\"tables\">\n<div class=\"tabs\" id=\"tabs\" role=\"tablist\"></div>\n"
        "<div id=\"table\"></div>\n</section>\n</div>\n</main>\n<footer>\n<p>",
        say(page, "Colour by", "着色指标"), say(page, "Find a code, name or building", "查找编码、名称或楼栋"));
    wg_html_text(out, page->note);
    wg_buffer_text(out, "</p>\n</footer>\n");
}

wg_status wg_page_write(wg_context *ctx, const wg_page *page, const char *path) {
    wg_buffer out = {0};
    if (page->layers.cells == NULL || page->layers.cells->n == 0) {
        return wg_fail(ctx, WG_EINVAL, "a page without cells");
    }
    put_head(&out, page);
    put_cards(&out, page);
    put_body(&out, page);
    wg_buffer_text(&out, "<script type=\"application/json\" id=\"data\">");
    wg_status status = put_data(ctx, &out, page);
    wg_buffer_text(&out, "</script>\n<script>\n");
    wg_buffer_text(&out, (const char *)wg_page_js);
    wg_buffer_text(&out, "</script>\n</body>\n</html>\n");
    if (status == WG_OK && out.failed) {
        status = wg_fail_memory(ctx);
    }
    if (status == WG_OK) {
        FILE *file = fopen(path, "wb");
        bool good = file != NULL && fwrite(out.data, 1, out.length, file) == out.length;
        good = file != NULL && fclose(file) == 0 && good;
        status = good ? WG_OK : wg_fail(ctx, WG_EIO, "%s: cannot write: %s", path, strerror(errno));
    }
    wg_buffer_release(&out);
    return status;
}
