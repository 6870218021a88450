/* The page's block of data: geometry in whole units of a quantum with differences, values, tables. */
#include <math.h>
#include <string.h>

#include "model/text.h"
#include "model/wkb.h"
#include "render/canvas.h"
#include "render/page_data.h"

enum { BASE_VERTICES_MOST = 1500000, BUILDING_IDS_MOST = 200000 };

void wg_html_text(wg_buffer *out, const char *text) {
    for (const char *at = text == NULL ? "" : text; *at != '\0'; at++) {
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
        case '\'':
            wg_buffer_text(out, "&#39;");
            break;
        default:
            wg_buffer_append(out, at, 1);
        }
    }
}

void wg_json_text(wg_buffer *out, const char *text) {
    if (text == NULL) {
        wg_buffer_text(out, "null");
        return;
    }
    const size_t length = strlen(text);
    wg_buffer_text(out, "\"");
    for (size_t at = 0; at < length;) {
        uint32_t c;
        const size_t bytes = wg_utf8_next(text + at, length - at, &c);
        at += bytes > 0 ? bytes : 1;
        if (c == '"' || c == '\\') {
            wg_buffer_printf(out, "\\%c", (char)c);
        } else if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029 || c == 0x7f) {
            wg_buffer_printf(out, "\\u%04x", c);
        } else {
            wg_utf8_put(out, c);
        }
    }
    wg_buffer_text(out, "\"");
}

void wg_json_number(wg_buffer *out, double value, uint32_t decimals) {
    if (!isfinite(value)) {
        wg_buffer_text(out, "null");
        return;
    }
    char text[64];
    int length = snprintf(text, sizeof text, "%.*f", (int)decimals, value);
    while (decimals > 0 && length > 1 && text[length - 1] == '0') {
        length--;
    }
    length -= decimals > 0 && text[length - 1] == '.' ? 1 : 0;
    const bool minus_zero = length == 2 && text[0] == '-' && text[1] == '0';
    wg_buffer_append(out, minus_zero ? "0" : text, minus_zero ? 1 : (size_t)length);
}

/* ------------------------------------------------------------------ geometry */

typedef struct runs {
    wg_buffer *out;
    const wg_page_frame *frame;
    bool first;
    bool closed; /**< rings: the last vertex, equal to the first, is left out */
} runs;

static void put_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)ring;
    runs *r = user;
    int64_t last[2] = {0, 0};
    const uint32_t end = type == WG_WKB_POLYGON && n > 1 ? n - 1 : n;
    wg_buffer_text(r->out, r->first ? "[" : ",[");
    r->first = false;
    for (uint32_t i = 0; i < end; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        const int64_t x = llround((xy[0] - r->frame->x0) / r->frame->quantum);
        const int64_t y = llround((xy[1] - r->frame->y0) / r->frame->quantum);
        if (i > 0 && i + 1 < end && x == last[0] && y == last[1]) {
            continue;
        }
        wg_buffer_printf(r->out, i == 0 ? "%lld,%lld" : ",%lld,%lld", (long long)(x - last[0]),
                         (long long)(y - last[1]));
        last[0] = x;
        last[1] = y;
    }
    wg_buffer_text(r->out, "]");
}

static void put_feature(wg_buffer *out, const wg_page_frame *frame, const wg_layer *layer, size_t row) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    runs r = {.out = out, .frame = frame, .first = true};
    wg_buffer_text(out, "[");
    if (wkb != NULL) {
        /* The visitor may write, but this one does not. */
        (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, put_run, &r);
    }
    wg_buffer_text(out, "]");
}

static void put_label_place(wg_buffer *out, const wg_page_frame *frame, const wg_layer *layer, size_t row) {
    double xy[2];
    double room;
    if (!wg_label_place(layer, row, 2.5, xy, &room)) {
        wg_buffer_text(out, "null");
        return;
    }
    wg_buffer_printf(out, "[%lld,%lld,%lld]", (long long)llround((xy[0] - frame->x0) / frame->quantum),
                     (long long)llround((xy[1] - frame->y0) / frame->quantum),
                     (long long)llround(room * 2.5 / frame->quantum));
}

static const char *text_of(const wg_layer *layer, size_t row, const char *column) {
    const uint32_t index = wg_layer_column(layer, column);
    const char *text = index == UINT32_MAX ? NULL : wg_layer_text(layer, row, index);
    return text == NULL ? "" : text;
}

void wg_page_put_areas(wg_buffer *out, const wg_page_frame *frame, const wg_layer *cells) {
    wg_buffer_text(out, "\"areas\":{\"code\":[");
    for (size_t row = 0; row < cells->n; row++) {
        wg_buffer_text(out, row > 0 ? "," : "");
        wg_json_text(out, text_of(cells, row, "code"));
    }
    wg_buffer_text(out, "],\"name\":[");
    for (size_t row = 0; row < cells->n; row++) {
        wg_buffer_text(out, row > 0 ? "," : "");
        wg_json_text(out, text_of(cells, row, "name"));
    }
    wg_buffer_text(out, "],\"at\":[");
    for (size_t row = 0; row < cells->n; row++) {
        wg_buffer_text(out, row > 0 ? "," : "");
        put_label_place(out, frame, cells, row);
    }
    wg_buffer_text(out, "],\"geom\":[");
    for (size_t row = 0; row < cells->n; row++) {
        wg_buffer_text(out, row > 0 ? ",\n" : "\n");
        put_feature(out, frame, cells, row);
    }
    wg_buffer_text(out, "]}");
}

void wg_page_put_outlines(wg_buffer *out, const wg_page_frame *frame, const wg_layer *communities) {
    wg_buffer_text(out, "\"outlines\":[");
    for (size_t row = 0; communities != NULL && row < communities->n; row++) {
        const char *name = text_of(communities, row, "name");
        wg_buffer_text(out, row > 0 ? ",\n{\"name\":" : "\n{\"name\":");
        wg_json_text(out, name[0] != '\0' ? name : text_of(communities, row, "code"));
        wg_buffer_text(out, ",\"at\":");
        put_label_place(out, frame, communities, row);
        wg_buffer_text(out, ",\"g\":");
        put_feature(out, frame, communities, row);
        wg_buffer_text(out, "}");
    }
    wg_buffer_text(out, "]");
}

/* ------------------------------------------------------------------ what lies underneath */

/** How a part of the background is drawn: w is its width on the ground in metres, px the least width on the screen. */
typedef struct base_look {
    const char *head;
    bool fill;
    wg_barrier_look kind;
    uint32_t rank_from, rank_to;
} base_look;

static bool belongs(const wg_layer *barriers, size_t row, const base_look *look) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(barriers, row, &bytes);
    const uint32_t type = wkb == NULL ? 0 : wg_wkb_type(wkb, bytes);
    const bool polygon = type == WG_WKB_POLYGON || type == WG_WKB_MULTIPOLYGON;
    if (type == 0 || polygon != look->fill || wg_barrier_look_of(text_of(barriers, row, "kind")) != look->kind) {
        return false;
    }
    const uint32_t rank = wg_map_barrier_rank(barriers, row);
    return look->kind != WG_LOOK_STREET || look->fill || (rank >= look->rank_from && rank <= look->rank_to);
}

static void put_barriers(wg_buffer *out, const wg_page_frame *frame, const wg_layer *barriers, bool *first) {
    static const base_look looks[] = {
        {"{\"k\":\"fill\",\"c\":\"#a9c9e4\",\"g\":[", true, WG_LOOK_WATER, 0, 99},
        {"{\"k\":\"line\",\"c\":\"#a9c9e4\",\"w\":6,\"px\":0.8,\"g\":[", false, WG_LOOK_WATER, 0, 99},
        {"{\"k\":\"line\",\"c\":\"#ffffff\",\"w\":2.5,\"px\":0.5,\"min\":0.15,\"g\":[", false, WG_LOOK_STREET, 8, 99},
        {"{\"k\":\"line\",\"c\":\"#ffffff\",\"e\":\"#c3bfb8\",\"w\":5,\"px\":0.6,\"g\":[", false, WG_LOOK_STREET, 5, 7},
        {"{\"k\":\"line\",\"c\":\"#ffffff\",\"e\":\"#c3bfb8\",\"w\":9,\"px\":1.1,\"g\":[", false, WG_LOOK_STREET, 3, 4},
        {"{\"k\":\"line\",\"c\":\"#fdf0c0\",\"e\":\"#b9b19a\",\"w\":14,\"px\":1.6,\"g\":[", false, WG_LOOK_STREET, 0,
         2},
        {"{\"k\":\"line\",\"c\":\"#8c8780\",\"w\":4,\"px\":1,\"g\":[", false, WG_LOOK_RAIL, 0, 99},
    };
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        bool any = false;
        for (size_t row = 0; row < barriers->n; row++) {
            if (!belongs(barriers, row, &looks[i])) {
                continue;
            }
            if (!any) {
                wg_buffer_text(out, *first ? "\n" : ",\n");
                wg_buffer_text(out, looks[i].head);
                *first = false;
            }
            wg_buffer_text(out, any ? "," : "");
            put_feature(out, frame, barriers, row);
            any = true;
        }
        wg_buffer_text(out, any ? "]}" : "");
    }
}

void wg_page_put_base(wg_buffer *out, const wg_page_frame *frame, const wg_plan_layers *layers) {
    bool first = true;
    wg_buffer_text(out, "\"base\":[");
    if (layers->barriers != NULL && layers->barriers->wkb_length / 16 < BASE_VERTICES_MOST) {
        put_barriers(out, frame, layers->barriers, &first);
    }
    const wg_layer *buildings = layers->buildings;
    if (buildings != NULL && buildings->n > 0 && wg_layer_kind(buildings) == WG_WKB_POLYGON &&
        buildings->wkb_length / 16 < BASE_VERTICES_MOST) {
        wg_buffer_text(out, first ? "\n" : ",\n");
        wg_buffer_text(out, "{\"k\":\"fill\",\"c\":\"#50505060\",\"min\":0.02,\"g\":[");
        for (size_t row = 0; row < buildings->n; row++) {
            wg_buffer_text(out, row > 0 ? "," : "");
            put_feature(out, frame, buildings, row);
        }
        wg_buffer_text(out, "]}");
    }
    wg_buffer_text(out, "],\"overlay\":[");
    for (size_t row = 0; layers->overlay != NULL && row < layers->overlay->n; row++) {
        wg_buffer_text(out, row > 0 ? "," : "");
        put_feature(out, frame, layers->overlay, row);
    }
    wg_buffer_text(out, "]");
}

/** Buildings for the search: id, centre, number of the cell. Nothing about who lives there. */
wg_status wg_page_put_buildings(wg_context *ctx, wg_buffer *out, const wg_page_frame *frame, const wg_layer *buildings,
                                const wg_layer *cells) {
    const uint32_t id = buildings == NULL ? UINT32_MAX : wg_layer_column(buildings, "id");
    const uint32_t cell = buildings == NULL ? UINT32_MAX : wg_layer_column(buildings, "cell");
    if (id == UINT32_MAX || buildings->n > BUILDING_IDS_MOST) {
        wg_buffer_text(out, "\"buildings\":null");
        return WG_OK;
    }
    wg_code_index index;
    const wg_status status = wg_code_index_build(ctx, cells, &index);
    if (status != WG_OK) {
        return status;
    }
    wg_buffer x = {0};
    wg_buffer y = {0};
    wg_buffer c = {0};
    wg_buffer_text(out, "\"buildings\":{\"id\":[");
    bool first = true;
    for (size_t row = 0; row < buildings->n; row++) {
        size_t bytes;
        double xy[2];
        const void *wkb = wg_layer_wkb(buildings, row, &bytes);
        const char *name = wg_layer_text(buildings, row, id);
        if (name == NULL || wkb == NULL || !wg_wkb_centroid(wkb, bytes, xy)) {
            continue;
        }
        wg_buffer_text(out, first ? "" : ",");
        wg_json_text(out, name);
        const char *comma = first ? "" : ",";
        wg_buffer_printf(&x, "%s%lld", comma, (long long)llround((xy[0] - frame->x0) / frame->quantum));
        wg_buffer_printf(&y, "%s%lld", comma, (long long)llround((xy[1] - frame->y0) / frame->quantum));
        const uint32_t at =
            cell == UINT32_MAX ? WG_UNASSIGNED : wg_code_index_find(&index, wg_layer_text(buildings, row, cell));
        wg_buffer_printf(&c, "%s%d", comma, at == WG_UNASSIGNED ? -1 : (int)at);
        first = false;
    }
    wg_buffer_printf(out, "],\"x\":[%s],\"y\":[%s],\"c\":[%s]}", x.data == NULL ? "" : x.data,
                     y.data == NULL ? "" : y.data, c.data == NULL ? "" : c.data);
    out->failed = out->failed || x.failed || y.failed || c.failed;
    wg_buffer_release(&x);
    wg_buffer_release(&y);
    wg_buffer_release(&c);
    wg_code_index_release(&index);
    return WG_OK;
}
