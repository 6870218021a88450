/* GeoJSON (RFC 7946): WGS 84, right-hand rule, one feature a line. */
#include <math.h>
#include <string.h>

#include "io/format.h"
#include "io/writer.h"
#include "model/wkb.h"

static void put(wg_buffer *out, const char *text) {
    wg_buffer_append(out, text, strlen(text));
}

static void put_string(wg_buffer *out, const char *text) {
    static const char hex[] = "0123456789abcdef";
    const char *run = text;
    wg_buffer_append(out, "\"", 1);
    for (const char *at = text;; at++) {
        const unsigned char c = (unsigned char)*at;
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        wg_buffer_append(out, run, (size_t)(at - run));
        if (c == '\0') {
            break;
        }
        if (c == '"' || c == '\\') {
            const char escaped[2] = {'\\', (char)c};
            wg_buffer_append(out, escaped, 2);
        } else {
            const char escaped[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            wg_buffer_append(out, escaped, 6);
        }
        run = at + 1;
    }
    wg_buffer_append(out, "\"", 1);
}

static void put_value(wg_buffer *out, const wg_layer *rows, size_t row, uint32_t c) {
    char text[WG_NUMBER_BYTES];
    if (wg_layer_is_null(rows, row, c)) {
        put(out, "null");
        return;
    }
    switch (rows->columns[c].type) {
    case WG_TEXT:
        put_string(out, rows->columns[c].value.text[row]);
        return;
    case WG_INTEGER:
        wg_buffer_append(out, text, wg_format_integer(rows->columns[c].value.integer[row], text));
        return;
    case WG_REAL:
    default:
        if (isfinite(rows->columns[c].value.real[row])) {
            wg_buffer_append(out, text, wg_format_real(rows->columns[c].value.real[row], text));
        } else {
            put(out, "null");
        }
        return;
    }
}

/* ---------------------------------------------------------------- geometry */

static uint32_t read_u32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/** Z of the vertices that are not yet written; RFC 7946 has no place for M. */
typedef struct json_heights {
    const double *next; /**< NULL: the geometry has no Z */
    uint32_t each;      /**< values of a vertex */
} json_heights;

/** @param vertex  number behind heights->next */
static void put_pair(wg_buffer *out, const uint8_t *pairs, uint32_t i, int decimals, const json_heights *heights,
                     uint32_t vertex) {
    char text[3 * WG_NUMBER_BYTES + 5];
    double xy[2];
    size_t n = 0;
    wg_wkb_get(pairs, i, xy);
    text[n++] = '[';
    n += wg_format_fixed(xy[0], decimals, text + n);
    text[n++] = ',';
    n += wg_format_fixed(xy[1], decimals, text + n);
    const double z = heights->next == NULL ? NAN : heights->next[(size_t)vertex * heights->each];
    if (isfinite(z)) {
        text[n++] = ',';
        n += wg_format_real(z, text + n);
    }
    text[n++] = ']';
    wg_buffer_append(out, text, n);
}

/** Twice the signed area, relative to the first vertex so that large coordinates cancel nothing. */
static double signed_area(const uint8_t *pairs, uint32_t n) {
    double origin[2], a[2], b[2], sum = 0.0;
    if (n == 0) {
        return 0.0;
    }
    wg_wkb_get(pairs, 0, origin);
    wg_wkb_get(pairs, 0, a);
    for (uint32_t i = 1; i < n; i++) {
        wg_wkb_get(pairs, i, b);
        sum += (a[0] - origin[0]) * (b[1] - origin[1]) - (b[0] - origin[0]) * (a[1] - origin[1]);
        memcpy(a, b, sizeof a);
    }
    return sum;
}

static void pass(json_heights *heights, uint32_t n) {
    heights->next += heights->next == NULL ? 0 : (size_t)n * heights->each;
}

static size_t put_run(wg_buffer *out, const uint8_t *at, int decimals, bool reverse, json_heights *heights) {
    const uint32_t n = read_u32(at);
    wg_buffer_append(out, "[", 1);
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0) {
            wg_buffer_append(out, ",", 1);
        }
        const uint32_t vertex = reverse ? n - 1 - i : i;
        put_pair(out, at + 4, vertex, decimals, heights, vertex);
    }
    pass(heights, n);
    wg_buffer_append(out, "]", 1);
    return 4 + (size_t)n * 16;
}

/** Outer rings counterclockwise, holes clockwise. */
static size_t put_rings(wg_buffer *out, const uint8_t *at, int decimals, json_heights *heights) {
    const uint32_t n = read_u32(at);
    size_t read = 4;
    wg_buffer_append(out, "[", 1);
    for (uint32_t ring = 0; ring < n; ring++) {
        const double area = signed_area(at + read + 4, read_u32(at + read));
        if (ring > 0) {
            wg_buffer_append(out, ",", 1);
        }
        read += put_run(out, at + read, decimals, ring == 0 ? area < 0.0 : area > 0.0, heights);
    }
    wg_buffer_append(out, "]", 1);
    return read;
}

static size_t put_coordinates(wg_buffer *out, const uint8_t *wkb, int decimals, json_heights *heights) {
    const uint32_t type = read_u32(wkb + 1);
    switch (type) {
    case WG_WKB_POINT:
        put_pair(out, wkb + 5, 0, decimals, heights, 0);
        pass(heights, 1);
        return 5 + 16;
    case WG_WKB_LINESTRING:
        return 5 + put_run(out, wkb + 5, decimals, false, heights);
    case WG_WKB_POLYGON:
        return 5 + put_rings(out, wkb + 5, decimals, heights);
    default: {
        const uint32_t n = read_u32(wkb + 5);
        size_t at = 9;
        wg_buffer_append(out, "[", 1);
        for (uint32_t i = 0; i < n; i++) {
            if (i > 0) {
                wg_buffer_append(out, ",", 1);
            }
            at += put_coordinates(out, wkb + at, decimals, heights);
        }
        wg_buffer_append(out, "]", 1);
        return at;
    }
    }
}

/** @return bytes read */
static size_t put_geometry(wg_buffer *out, const uint8_t *wkb, int decimals, json_heights *heights) {
    static const char *const names[] = {"",           "Point",           "LineString",   "Polygon",
                                        "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"};
    const uint32_t type = read_u32(wkb + 1);
    wg_buffer_printf(out, "{\"type\":\"%s\",", names[type]);
    size_t at = 0;
    if (type != WG_WKB_COLLECTION) {
        put(out, "\"coordinates\":");
        at = put_coordinates(out, wkb, decimals, heights);
    } else {
        const uint32_t n = read_u32(wkb + 5);
        put(out, "\"geometries\":[");
        at = 9;
        for (uint32_t i = 0; i < n; i++) {
            if (i > 0) {
                wg_buffer_append(out, ",", 1);
            }
            at += put_geometry(out, wkb + at, decimals, heights);
        }
        wg_buffer_append(out, "]", 1);
    }
    wg_buffer_append(out, "}", 1);
    return at;
}

/* ---------------------------------------------------------------- backend */

static bool crs_fits(const char *crs) {
    return crs != NULL && (strcmp(crs, "EPSG:4326") == 0 || strcmp(crs, "OGC:CRS84") == 0 ||
                           strcmp(crs, "gcj02") == 0 || strcmp(crs, "bd09") == 0);
}

static wg_status json_layer(wg_context *ctx, wg_writer *writer, const wg_layer *schema, const char *geometry_type) {
    (void)geometry_type;
    if (!crs_fits(schema->crs)) {
        return wg_fail(ctx, WG_EINVAL, "%s: GeoJSON is WGS 84, the layer is %s (transform it before)", writer->label,
                       schema->crs == NULL ? "of unknown CRS" : schema->crs);
    }
    const wg_status status = wg_writer_open_file(ctx, writer);
    if (status != WG_OK) {
        return status;
    }
    put(&writer->buffer, "{\"type\":\"FeatureCollection\",\"name\":");
    put_string(&writer->buffer, writer->layer_name);
    if (writer->options.attribution != NULL) {
        put(&writer->buffer, ",\"attribution\":");
        put_string(&writer->buffer, writer->options.attribution);
    }
    put(&writer->buffer, ",\"features\":[");
    return WG_OK;
}

static wg_status json_rows(wg_context *ctx, wg_writer *writer, const wg_layer *rows) {
    wg_buffer *out = &writer->buffer;
    for (size_t row = 0; row < rows->n; row++) {
        size_t bytes = 0;
        const uint8_t *wkb = wg_layer_wkb(rows, row, &bytes);
        put(out, writer->rows_written++ == 0 ? "\n{\"type\":\"Feature\",\"properties\":{"
                                             : ",\n{\"type\":\"Feature\",\"properties\":{");
        for (uint32_t c = 0; c < rows->n_columns; c++) {
            if (c > 0) {
                wg_buffer_append(out, ",", 1);
            }
            put_string(out, rows->columns[c].name);
            wg_buffer_append(out, ":", 1);
            put_value(out, rows, row, c);
        }
        put(out, "},\"geometry\":");
        if (wkb == NULL) {
            put(out, "null");
        } else {
            const wg_heights *has = wg_layer_heights(rows, row);
            json_heights heights = {.next = has != NULL && has->z ? has->value : NULL,
                                    .each = has != NULL && has->m ? 2 : 1};
            (void)put_geometry(out, wkb, writer->decimals, &heights);
        }
        wg_buffer_append(out, "}", 1);
        const wg_status status = wg_writer_flush(ctx, writer, false);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

static wg_status json_finish(wg_context *ctx, wg_writer *writer) {
    put(&writer->buffer, "\n]}\n");
    return wg_writer_close_file(ctx, writer);
}

static void json_release(wg_writer *writer) {
    (void)writer;
}

const wg_backend wg_json_backend = {json_layer, json_rows, NULL, json_finish, json_release};
