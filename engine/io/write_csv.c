/* CSV (RFC 4180 with LF line ends), optionally with a byte order mark, in any encoding. */
#include <math.h>
#include <string.h>

#include "io/fields.h"
#include "io/format.h"
#include "io/writer.h"
#include "model/wkb.h"

static void put_text(wg_buffer *out, const char *text, bool guard) {
    const bool dangerous = guard && text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    const bool quoted = dangerous || text[0] == '\0' || strpbrk(text, ",\"\n\r") != NULL || text[0] == ' ' ||
                        text[strlen(text) - 1] == ' ';
    if (!quoted) {
        wg_buffer_append(out, text, strlen(text));
        return;
    }
    wg_buffer_append(out, "\"", 1);
    if (dangerous) {
        wg_buffer_append(out, "'", 1);
    }
    for (const char *at = text; *at != '\0';) {
        const size_t run = strcspn(at, "\"");
        wg_buffer_append(out, at, run);
        at += run;
        if (*at == '"') {
            wg_buffer_append(out, "\"\"", 2);
            at++;
        }
    }
    wg_buffer_append(out, "\"", 1);
}

static void put_value(wg_buffer *out, const wg_layer *rows, size_t row, uint32_t c, bool guard) {
    char text[WG_NUMBER_BYTES];
    if (wg_layer_is_null(rows, row, c)) {
        return;
    }
    switch (rows->columns[c].type) {
    case WG_TEXT:
        put_text(out, rows->columns[c].value.text[row], guard);
        return;
    case WG_INTEGER:
        wg_buffer_append(out, text, wg_format_integer(rows->columns[c].value.integer[row], text));
        return;
    case WG_REAL:
    default:
        if (isfinite(rows->columns[c].value.real[row])) {
            wg_buffer_append(out, text, wg_format_real(rows->columns[c].value.real[row], text));
        }
        return;
    }
}

/* ---------------------------------------------------------------- WKT */

static uint32_t read_u32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/** What of a geometry's Z and M is not yet written. */
typedef struct wkt_heights {
    const double *next;
    uint32_t each; /**< of a vertex */
    const char *name;
} wkt_heights;

static void put_pair(wg_buffer *out, const uint8_t *pairs, uint32_t i, int decimals, char between) {
    char text[2 * WG_NUMBER_BYTES + 1];
    double xy[2];
    wg_wkb_get(pairs, i, xy);
    size_t n = wg_format_fixed(xy[0], decimals, text);
    text[n++] = between;
    n += wg_format_fixed(xy[1], decimals, text + n);
    wg_buffer_append(out, text, n);
}

static void put_vertex(wg_buffer *out, const uint8_t *pairs, uint32_t i, int decimals, wkt_heights *heights) {
    char text[WG_NUMBER_BYTES];
    put_pair(out, pairs, i, decimals, ' ');
    for (uint32_t k = 0; k < heights->each; k++) {
        wg_buffer_append(out, " ", 1);
        wg_buffer_append(out, text, wg_format_real(*heights->next++, text));
    }
}

static size_t put_run(wg_buffer *out, const uint8_t *at, int decimals, wkt_heights *heights) {
    const uint32_t n = read_u32(at);
    for (uint32_t i = 0; i < n; i++) {
        wg_buffer_append(out, i == 0 ? "(" : ",", 1);
        put_vertex(out, at + 4, i, decimals, heights);
    }
    wg_buffer_append(out, ")", 1);
    return 4 + (size_t)n * 16;
}

/** Body of a geometry in brackets; parts of a collection carry their names. @return bytes read */
static size_t put_wkt(wg_buffer *out, const uint8_t *wkb, int decimals, bool named, wkt_heights *heights) {
    static const char *const names[] = {"",
                                        "POINT ",
                                        "LINESTRING ",
                                        "POLYGON ",
                                        "MULTIPOINT ",
                                        "MULTILINESTRING ",
                                        "MULTIPOLYGON ",
                                        "GEOMETRYCOLLECTION "};
    const uint32_t type = read_u32(wkb + 1);
    if (named) {
        wg_buffer_text(out, names[type]);
        wg_buffer_text(out, heights->name);
    }
    if (type == WG_WKB_POINT) {
        wg_buffer_append(out, "(", 1);
        put_vertex(out, wkb + 5, 0, decimals, heights);
        wg_buffer_append(out, ")", 1);
        return 5 + 16;
    }
    if (type == WG_WKB_LINESTRING) {
        return 5 + put_run(out, wkb + 5, decimals, heights);
    }
    const uint32_t n = read_u32(wkb + 5);
    size_t at = 9;
    for (uint32_t i = 0; i < n; i++) {
        wg_buffer_append(out, i == 0 ? "(" : ",", 1);
        at += type == WG_WKB_POLYGON ? put_run(out, wkb + at, decimals, heights)
                                     : put_wkt(out, wkb + at, decimals, type == WG_WKB_COLLECTION, heights);
    }
    wg_buffer_append(out, n == 0 ? "EMPTY" : ")", n == 0 ? 5 : 1);
    return at;
}

/* ---------------------------------------------------------------- backend */

static bool has_coordinate_columns(const wg_layer *schema) {
    bool x = false, y = false;
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        const wg_role role = wg_role_of(schema->columns[c].name, NULL);
        x = x || role == WG_ROLE_X;
        y = y || role == WG_ROLE_Y;
    }
    return x && y;
}

static void choose_geometry(wg_writer *writer, const wg_layer *schema, const char *geometry_type) {
    const bool none = geometry_type != NULL && strcmp(geometry_type, "none") == 0;
    const bool points = geometry_type != NULL && strcmp(geometry_type, "point") == 0;
    switch (writer->options.csv_geometry) {
    case WG_CSV_XY:
        writer->points = true;
        break;
    case WG_CSV_WKT:
        writer->wkt = true;
        break;
    case WG_CSV_NONE:
        break;
    case WG_CSV_AUTO:
    default:
        writer->points = points && !has_coordinate_columns(schema);
        writer->wkt = !points && !none;
        break;
    }
}

static wg_status csv_layer(wg_context *ctx, wg_writer *writer, const wg_layer *schema, const char *geometry_type) {
    const wg_status status = wg_writer_open_file(ctx, writer);
    if (status != WG_OK) {
        return status;
    }
    choose_geometry(writer, schema, geometry_type);
    wg_buffer *out = &writer->buffer;
    if (writer->options.bom && writer->encoding == WG_ENCODING_UTF8) {
        wg_buffer_text(out, "\xEF\xBB\xBF");
    }
    if (writer->points) {
        wg_buffer_text(out, schema->has_z ? "x,y,z" : "x,y");
        wg_buffer_text(out, schema->n_columns > 0 ? "," : "");
    } else if (writer->wkt) {
        wg_buffer_text(out, schema->n_columns > 0 ? "WKT," : "WKT");
    }
    for (uint32_t c = 0; c < schema->n_columns; c++) {
        if (c > 0) {
            wg_buffer_append(out, ",", 1);
        }
        put_text(out, schema->columns[c].name, writer->options.guard);
    }
    wg_buffer_append(out, "\n", 1);
    return WG_OK;
}

static void put_row_geometry(wg_writer *writer, const wg_layer *rows, size_t row) {
    wg_buffer *out = &writer->buffer;
    size_t bytes = 0;
    const uint8_t *wkb = wg_layer_wkb(rows, row, &bytes);
    const wg_heights *has = wg_layer_heights(rows, row);
    if (writer->wkt) {
        if (wkb != NULL) {
            wkt_heights heights = {.name = ""};
            if (has != NULL) {
                heights = (wkt_heights){.next = has->value,
                                        .each = (has->z ? 1u : 0u) + (has->m ? 1u : 0u),
                                        .name = has->z && has->m ? "ZM "
                                                : has->z         ? "Z "
                                                                 : "M "};
            }
            wg_buffer_append(out, "\"", 1);
            (void)put_wkt(out, wkb, writer->decimals, true, &heights);
            wg_buffer_append(out, "\"", 1);
        }
    } else if (wkb != NULL && wg_wkb_type(wkb, bytes) == WG_WKB_POINT) {
        put_pair(out, wkb + 5, 0, writer->decimals, ',');
        if (writer->schema->has_z) {
            char text[WG_NUMBER_BYTES];
            wg_buffer_append(out, ",", 1);
            wg_buffer_append(out, text, has != NULL && has->z ? wg_format_real(has->value[0], text) : 0);
        }
    } else {
        wg_buffer_text(out, writer->schema->has_z ? ",," : ",");
    }
    if (rows->n_columns > 0) {
        wg_buffer_append(out, ",", 1);
    }
}

static wg_status csv_rows(wg_context *ctx, wg_writer *writer, const wg_layer *rows) {
    wg_buffer *out = &writer->buffer;
    for (size_t row = 0; row < rows->n; row++) {
        if (writer->points || writer->wkt) {
            put_row_geometry(writer, rows, row);
        }
        for (uint32_t c = 0; c < rows->n_columns; c++) {
            if (c > 0) {
                wg_buffer_append(out, ",", 1);
            }
            put_value(out, rows, row, c, writer->options.guard);
        }
        wg_buffer_append(out, "\n", 1);
        writer->rows_written++;
        const wg_status status = wg_writer_flush(ctx, writer, false);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

static wg_status csv_finish(wg_context *ctx, wg_writer *writer) {
    return wg_writer_close_file(ctx, writer);
}

static void csv_release(wg_writer *writer) {
    (void)writer;
}

const wg_backend wg_csv_backend = {csv_layer, csv_rows, NULL, csv_finish, csv_release};
