/**
 * Layers drawn as text, for tests that read as drawings: every character is a square of `size` metres, the first line
 * is the north. Letters are polygons (all squares of one letter are one feature), digits are buildings in the middle of
 * their square.
 */
#ifndef WG_TEST_DRAWING_H
#define WG_TEST_DRAWING_H

#include <geos_c.h>
#include <stdio.h>
#include <string.h>

#include "model/layer.h"
#include "model/wkb.h"

#define DRAWING_CRS "EPSG:32650"

/** Where drawings lie: in the middle of a UTM zone. */
enum { DRAWING_X = 500000, DRAWING_Y = 4000000 };

static inline size_t drawing_rows(const char *text) {
    size_t rows = 1;
    for (const char *c = text; *c != '\0'; c++) {
        rows += *c == '\n' && c[1] != '\0' ? 1 : 0;
    }
    return rows;
}

static inline void drawing_put_square(wg_buffer *out, double x, double y, double side) {
    const double xy[] = {x, y, x + side, y, x + side, y + side, x, y + side, x, y};
    wg_wkb_put_header(out, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(out, 5);
    wg_wkb_put_pairs(out, xy, 5);
}

/** Squares of one letter as one WKB (polygon or multipolygon), in `out`. @return number of squares */
static inline size_t drawing_letter(const char *text, char letter, double size, wg_buffer *out) {
    GEOSContextHandle_t geos = GEOS_init_r();
    GEOSGeometry *squares[4096];
    size_t n = 0, column = 0, row = 0;
    const size_t rows = drawing_rows(text);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n') {
            row++;
            column = 0;
            continue;
        }
        if (*c == letter) {
            wg_buffer square = {0};
            drawing_put_square(&square, DRAWING_X + size * (double)column, DRAWING_Y + size * (double)(rows - 1 - row),
                               size);
            squares[n++] = GEOSGeomFromWKB_buf_r(geos, (const unsigned char *)square.data, square.length);
            wg_buffer_release(&square);
        }
        column++;
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(geos, GEOS_GEOMETRYCOLLECTION, squares, (unsigned)n);
    GEOSGeometry *merged = GEOSUnaryUnion_r(geos, all);
    size_t bytes = 0;
    unsigned char *wkb = GEOSGeomToWKB_buf_r(geos, merged, &bytes);
    wg_buffer_append(out, wkb, bytes);
    GEOSFree_r(geos, wkb);
    GEOSGeom_destroy_r(geos, merged);
    GEOSGeom_destroy_r(geos, all);
    GEOS_finish_r(geos);
    return n;
}

/** One polygon a letter, in the order of the alphabet, with a column `code`. */
static inline wg_layer *drawing_polygons(const char *name, const char *text, double size) {
    wg_layer *layer = NULL;
    if (wg_layer_new(NULL, name, DRAWING_CRS, &layer) != WG_OK ||
        wg_layer_add_column(NULL, layer, "code", WG_TEXT, NULL) != WG_OK) {
        return NULL;
    }
    for (char letter = 'A'; letter <= 'Z'; letter++) {
        wg_buffer wkb = {0};
        const char code[2] = {letter, '\0'};
        size_t row = 0;
        if (strchr(text, letter) != NULL && drawing_letter(text, letter, size, &wkb) > 0) {
            (void)wg_layer_add_row(NULL, layer, wkb.data, wkb.length, &row);
            (void)wg_layer_set_text(NULL, layer, row, 0, code);
        }
        wg_buffer_release(&wkb);
    }
    return layer;
}

/** One building a digit: 10 households times the digit, three people a household; ids "r-c" from the upper left,
 * from 1. */
static inline wg_layer *drawing_buildings(const char *text, double size, double footprint) {
    wg_layer *layer = NULL;
    size_t column = 0, row = 0;
    const size_t rows = drawing_rows(text);
    if (wg_layer_new(NULL, "buildings", DRAWING_CRS, &layer) != WG_OK) {
        return NULL;
    }
    (void)wg_layer_add_column(NULL, layer, "id", WG_TEXT, NULL);
    (void)wg_layer_add_column(NULL, layer, "households", WG_INTEGER, NULL);
    (void)wg_layer_add_column(NULL, layer, "population", WG_INTEGER, NULL);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n') {
            row++;
            column = 0;
            continue;
        }
        if (*c >= '0' && *c <= '9') {
            wg_buffer square = {0};
            char id[32];
            size_t at = 0;
            const double x = DRAWING_X + size * ((double)column + 0.5) - footprint / 2;
            const double y = DRAWING_Y + size * ((double)(rows - 1 - row) + 0.5) - footprint / 2;
            drawing_put_square(&square, x, y, footprint);
            (void)snprintf(id, sizeof id, "%zu-%zu", row + 1, column + 1);
            (void)wg_layer_add_row(NULL, layer, square.data, square.length, &at);
            (void)wg_layer_set_text(NULL, layer, at, 0, id);
            (void)wg_layer_set_integer(NULL, layer, at, 1, 10 * (*c - '0'));
            (void)wg_layer_set_integer(NULL, layer, at, 2, 30 * (*c - '0'));
            wg_buffer_release(&square);
        }
        column++;
    }
    return layer;
}

/** Add a straight line between two grid corners, counted in squares from the upper left, to a layer of barriers. */
static inline void drawing_line(wg_layer *layer, const char *text, double size, double column0, double row0,
                                double column1, double row1, const char *kind, const char *class) {
    const double top = DRAWING_Y + size * (double)drawing_rows(text);
    const double xy[] = {DRAWING_X + size * column0, top - size * row0, DRAWING_X + size * column1, top - size * row1};
    wg_buffer line = {0};
    size_t row = 0;
    wg_wkb_put_header(&line, WG_WKB_LINESTRING, 2);
    wg_wkb_put_pairs(&line, xy, 2);
    (void)wg_layer_add_row(NULL, layer, line.data, line.length, &row);
    (void)wg_layer_set_text(NULL, layer, row, wg_layer_column(layer, "kind"), kind);
    (void)wg_layer_set_text(NULL, layer, row, wg_layer_column(layer, "class"), class);
    wg_buffer_release(&line);
}

static inline wg_layer *drawing_barriers(void) {
    wg_layer *layer = NULL;
    if (wg_layer_new(NULL, "barriers", DRAWING_CRS, &layer) == WG_OK) {
        (void)wg_layer_add_column(NULL, layer, "kind", WG_TEXT, NULL);
        (void)wg_layer_add_column(NULL, layer, "class", WG_TEXT, NULL);
    }
    return layer;
}

#endif
