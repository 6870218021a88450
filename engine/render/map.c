/* The page around a map: what goes where, title, legend, scale bar, north arrow; and the PNG and PDF surfaces. */
#include "render/map.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/wkb.h"
#include "render/canvas.h"
#include "render/stamp.h"

#define MARGIN_MM 8.0
#define LEGEND_MIN_MM 34.0
#define LEGEND_MAX_MM 64.0
#define SYMBOL_MM 7.0
#define DEFAULT_WIDTH_MM 260.0

/** Where the parts of a page are, in mm. */
typedef struct page {
    double width, height;
    wg_box frame;
    double head_y, note_y;
    double legend_x, legend_width; /**< 0 wide: none */
} page;

/* ------------------------------------------------------------------ extent and scale */

static bool map_bounds(const wg_map *map, double bounds[4]) {
    memcpy(bounds, map->bounds, 4 * sizeof *bounds);
    if (bounds[2] > bounds[0] && bounds[3] > bounds[1]) {
        return true;
    }
    bounds[0] = bounds[1] = INFINITY;
    bounds[2] = bounds[3] = -INFINITY;
    for (uint32_t i = 0; i < map->n_layers; i++) {
        const wg_map_layer *layer = &map->layers[i];
        for (size_t row = 0; layer->frame && row < layer->layer->n; row++) {
            size_t bytes;
            double box[4];
            const void *wkb = wg_layer_wkb(layer->layer, row, &bytes);
            if ((layer->only == NULL || layer->only[row]) && wkb != NULL && wg_wkb_bounds(wkb, bytes, box)) {
                bounds[0] = fmin(bounds[0], box[0]);
                bounds[1] = fmin(bounds[1], box[1]);
                bounds[2] = fmax(bounds[2], box[2]);
                bounds[3] = fmax(bounds[3], box[3]);
            }
        }
    }
    if (!(bounds[0] <= bounds[2]) || !(bounds[1] <= bounds[3])) {
        return false;
    }
    const double least = 1.0; /* a single point still gets a map */
    const double pad_x = fmax((bounds[2] - bounds[0]) * 0.02, least);
    const double pad_y = fmax((bounds[3] - bounds[1]) * 0.02, least);
    bounds[0] -= pad_x;
    bounds[2] += pad_x;
    bounds[1] -= pad_y;
    bounds[3] += pad_y;
    return true;
}

/** The next round scale denominator at or above `least`. */
static double round_scale(double least) {
    static const double steps[] = {1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 10.0};
    const double decade = pow(10.0, floor(log10(fmax(least, 1.0))));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i] * decade >= least * (1.0 - 1e-9)) {
            return steps[i] * decade;
        }
    }
    return 10.0 * decade;
}

/** A length for the scale bar: 1, 2 or 5 times a power of ten, at most `most`. */
static double round_length(double most) {
    const double decade = pow(10.0, floor(log10(most)));
    const double factor = most / decade;
    return decade * (factor >= 5.0 ? 5.0 : factor >= 2.0 ? 2.0 : 1.0);
}

/* ------------------------------------------------------------------ legend */

static const wg_text_style legend_text = {.pt = 7.5, .colour = WG_COLOUR_TEXT};
static const wg_text_style legend_title = {.pt = 7.5, .colour = WG_COLOUR_TEXT, .bold = true};

static bool has_classes(const wg_map_layer *layer) {
    for (uint32_t i = 0; i < layer->n_classes && layer->class_of != NULL; i++) {
        if (layer->classes[i].label != NULL) {
            return true;
        }
    }
    return false;
}

static double legend_width(const wg_canvas *canvas, const wg_map *map) {
    double widest = 0.0;
    double width;
    double height;
    for (uint32_t i = 0; i < map->n_layers; i++) {
        const wg_map_layer *layer = &map->layers[i];
        if (layer->legend == NULL) {
            continue;
        }
        const bool classes = has_classes(layer);
        wg_text_measure(canvas, layer->legend, classes ? &legend_title : &legend_text, &width, &height);
        widest = fmax(widest, classes ? width : width + SYMBOL_MM + 2.0);
        for (uint32_t k = 0; classes && k < layer->n_classes; k++) {
            if (layer->classes[k].label != NULL) {
                wg_text_measure(canvas, layer->classes[k].label, &legend_text, &width, &height);
                widest = fmax(widest, width + SYMBOL_MM + 2.0);
            }
        }
    }
    return fmin(fmax(widest, LEGEND_MIN_MM), LEGEND_MAX_MM);
}

static double legend_item(const wg_canvas *canvas, const wg_map_layer *layer, const wg_map_class *look,
                          const char *text, double x, double y, double width) {
    wg_text_style style = legend_text;
    style.wrap_mm = width - SYMBOL_MM - 2.0;
    const double height = wg_text_draw(canvas, text, &style, x + SYMBOL_MM + 2.0, y);
    const wg_box box = {x, y + 0.4, x + SYMBOL_MM, y + 3.9};
    wg_draw_symbol(canvas, layer, look, wg_layer_kind(layer->layer), box);
    return y + fmax(height, 4.3) + 0.5;
}

/** @return y below the legend */
static double draw_legend(const wg_canvas *canvas, const wg_map *map, double x, double y, double width) {
    for (uint32_t i = map->n_layers; i-- > 0;) { /* as on the map: what lies on top comes first */
        const wg_map_layer *layer = &map->layers[i];
        if (layer->legend == NULL) {
            continue;
        }
        if (!has_classes(layer)) {
            y = legend_item(canvas, layer, NULL, layer->legend, x, y, width);
            continue;
        }
        wg_text_style style = legend_title;
        style.wrap_mm = width;
        y += 1.2;
        y += wg_text_draw(canvas, layer->legend, &style, x, y) + 0.8;
        for (uint32_t k = 0; k < layer->n_classes; k++) {
            if (layer->classes[k].label != NULL) {
                y = legend_item(canvas, layer, &layer->classes[k], layer->classes[k].label, x, y, width);
            }
        }
        y += 1.2;
    }
    return y;
}

static void distance_text(double metres, char *text, size_t size) {
    if (metres >= 1000.0) {
        snprintf(text, size, "%g km", metres / 1000.0);
    } else {
        snprintf(text, size, "%g m", metres);
    }
}

/** Scale bar of four fields with its lower edge at `y`. */
static void draw_scale_bar(const wg_canvas *canvas, double x, double y, double width) {
    cairo_t *cr = canvas->cr;
    const double length = round_length(width / canvas->mm_per_m);
    const double bar = length * canvas->mm_per_m;
    cairo_set_line_width(cr, 0.2);
    for (int i = 0; i < 4; i++) {
        cairo_rectangle(cr, x + bar * i / 4.0, y - 1.6, bar / 4.0, 1.6);
        wg_canvas_colour(canvas, i % 2 == 0 ? WG_COLOUR_TEXT : WG_COLOUR_PAPER);
        cairo_fill_preserve(cr);
        wg_canvas_colour(canvas, WG_COLOUR_TEXT);
        cairo_stroke(cr);
    }
    char text[48];
    const wg_text_style left = {.pt = 6.5, .colour = WG_COLOUR_TEXT};
    const wg_text_style right = {.pt = 6.5, .colour = WG_COLOUR_TEXT, .align = WG_ALIGN_RIGHT};
    wg_text_draw(canvas, "0", &left, x, y - 5.6);
    distance_text(length, text, sizeof text);
    wg_text_draw(canvas, text, &right, x + fmax(bar, 8.0), y - 5.6);
}

void wg_map_scale_text(double scale, char *text, size_t size) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.0f", scale);
    size_t at = (size_t)snprintf(text, size, "1:");
    const size_t n = strlen(digits);
    for (size_t i = 0; i < n && at + 2 < size; i++) {
        if (i > 0 && (n - i) % 3 == 0) {
            text[at++] = ' ';
        }
        text[at++] = digits[i];
    }
    text[at] = '\0';
}

static void draw_north(const wg_canvas *canvas, double x, double y) {
    cairo_t *cr = canvas->cr;
    wg_canvas_colour(canvas, WG_COLOUR_TEXT);
    cairo_set_line_width(cr, 0.25);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_MITER);
    for (int side = 0; side < 2; side++) {
        cairo_move_to(cr, x, y);
        cairo_line_to(cr, x + (side == 0 ? -2.6 : 2.6), y + 9.0);
        cairo_line_to(cr, x, y + 7.0);
        cairo_close_path(cr);
        if (side == 0) {
            cairo_fill_preserve(cr);
        }
        cairo_stroke(cr);
    }
    const wg_text_style style = {.pt = 8.0, .colour = WG_COLOUR_TEXT, .bold = true, .align = WG_ALIGN_CENTRE};
    wg_text_draw(canvas, "N", &style, x, y - 4.6);
}

/* ------------------------------------------------------------------ the page */

/** Heights of title and note, then the frame: of the page that was asked for, or one that fits the extent. */
static page lay_out(const wg_canvas *canvas, const wg_map *map, const double bounds[4]) {
    page p = {.width = map->width_mm, .height = map->height_mm};
    const bool fixed = map->width_mm > 0.0 && map->height_mm > 0.0;
    const double margin = map->bare ? 0.0 : MARGIN_MM;
    double head = 0.0;
    double foot = 0.0;
    if (!map->bare) {
        head = (map->title != NULL ? 7.6 : 0.0) + (map->subtitle != NULL ? 5.0 : 0.0);
        head += head > 0.0 ? 1.6 : 0.0;
        foot = map->note != NULL ? 5.0 : 0.0;
        p.legend_width = legend_width(canvas, map);
    }
    const double side = p.legend_width > 0.0 ? p.legend_width + 5.0 : 0.0;
    const double aspect = (bounds[2] - bounds[0]) / (bounds[3] - bounds[1]);
    if (!fixed) {
        const double most_w = DEFAULT_WIDTH_MM - 2.0 * margin - side;
        const double most_h = 230.0;
        double frame_w = fmin(most_w, fmax(most_h * aspect, 110.0));
        double frame_h = fmin(most_h, fmax(frame_w / aspect, 95.0));
        p.width = frame_w + 2.0 * margin + side;
        p.height = frame_h + 2.0 * margin + head + foot;
    }
    p.head_y = margin;
    p.frame = (wg_box){margin, margin + head, p.width - margin - side, p.height - margin - foot};
    p.note_y = p.frame.y1 + 1.6;
    p.legend_x = p.frame.x1 + 5.0;
    return p;
}

static void place_frame(wg_canvas *canvas, const wg_map *map, const page *p, const double bounds[4]) {
    canvas->frame = p->frame;
    const double width = p->frame.x1 - p->frame.x0;
    const double height = p->frame.y1 - p->frame.y0;
    double scale = 1000.0 * fmax((bounds[2] - bounds[0]) / width, (bounds[3] - bounds[1]) / height);
    if (map->scale > 0.0) {
        scale = map->scale;
    } else if (map->round_scale) {
        scale = round_scale(scale);
    }
    canvas->mm_per_m = 1000.0 / scale;
    canvas->west_m = (bounds[0] + bounds[2]) / 2.0 - width / 2.0 / canvas->mm_per_m;
    canvas->north_m = (bounds[1] + bounds[3]) / 2.0 + height / 2.0 / canvas->mm_per_m;
}

static void draw_margin(const wg_canvas *canvas, const wg_map *map, const page *p) {
    cairo_t *cr = canvas->cr;
    wg_text_style title = {.pt = 15.0, .colour = WG_COLOUR_TEXT, .bold = true};
    wg_text_style quiet = {.pt = 9.0, .colour = WG_COLOUR_QUIET_TEXT};
    double y = p->head_y - 1.0;
    if (map->title != NULL) {
        wg_text_draw(canvas, map->title, &title, p->frame.x0, y);
        y += 7.6;
    }
    if (map->subtitle != NULL) {
        wg_text_draw(canvas, map->subtitle, &quiet, p->frame.x0, y);
    }
    if (map->note != NULL) {
        quiet.pt = 6.5;
        quiet.wrap_mm = p->width - 2.0 * p->frame.x0;
        wg_text_draw(canvas, map->note, &quiet, p->frame.x0, p->note_y);
    }
    cairo_rectangle(cr, p->frame.x0, p->frame.y0, p->frame.x1 - p->frame.x0, p->frame.y1 - p->frame.y0);
    wg_canvas_colour(canvas, 0x55575fffu);
    cairo_set_line_width(cr, 0.25);
    cairo_stroke(cr);
    draw_north(canvas, p->legend_x + p->legend_width - 4.0, p->frame.y0 + 4.4);
    draw_legend(canvas, map, p->legend_x, p->frame.y0 + 16.0, p->legend_width);
    char text[48];
    wg_map_scale_text(1000.0 / canvas->mm_per_m, text, sizeof text);
    const wg_text_style scale = {.pt = 8.0, .colour = WG_COLOUR_TEXT};
    if (map->scale > 0.0 || map->round_scale) {
        wg_text_draw(canvas, text, &scale, p->legend_x, p->frame.y1 - 12.0);
    }
    draw_scale_bar(canvas, p->legend_x, p->frame.y1, p->legend_width - 4.0);
}

/** Draw the whole page; `cr` has mm as its unit. */
static wg_status draw_page(wg_context *ctx, wg_canvas *canvas, const wg_map *map, const page *p,
                           const double bounds[4]) {
    wg_canvas_colour(canvas, WG_COLOUR_PAPER);
    cairo_paint(canvas->cr);
    place_frame(canvas, map, p, bounds);
    cairo_rectangle(canvas->cr, p->frame.x0, p->frame.y0, p->frame.x1 - p->frame.x0, p->frame.y1 - p->frame.y0);
    wg_canvas_colour(canvas, WG_COLOUR_LAND);
    cairo_fill(canvas->cr);
    const wg_status status = wg_draw_layers(ctx, canvas, map->layers, map->n_layers);
    if (status == WG_OK && !map->bare) {
        draw_margin(canvas, map, p);
    }
    free(canvas->taken);
    canvas->taken = NULL;
    canvas->n_taken = canvas->taken_capacity = 0;
    return status;
}

/** Lay out on a surface that records nothing but knows the fonts. */
static wg_status measure_page(wg_context *ctx, const wg_map *map, double bounds[4], page *p) {
    if (!map_bounds(map, bounds)) {
        return wg_fail(ctx, WG_EINVAL, "a map without extent: no layer of the frame has a geometry");
    }
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    const wg_canvas canvas = {.cr = cr};
    *p = lay_out(&canvas, map, bounds);
    const bool good = cairo_status(cr) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    if (!good) {
        return wg_fail_memory(ctx);
    }
    return p->frame.x1 - p->frame.x0 < 10.0 || p->frame.y1 - p->frame.y0 < 10.0
               ? wg_fail(ctx, WG_EINVAL, "a page of %g x %g mm is too small for a map", p->width, p->height)
               : WG_OK;
}

bool wg_map_frame(const wg_map *map, double *width_mm, double *height_mm) {
    double bounds[4];
    page p;
    if (measure_page(NULL, map, bounds, &p) != WG_OK) {
        return false;
    }
    *width_mm = p.frame.x1 - p.frame.x0;
    *height_mm = p.frame.y1 - p.frame.y0;
    return true;
}

double wg_map_scale(const wg_map *map) {
    double bounds[4];
    page p;
    if (measure_page(NULL, map, bounds, &p) != WG_OK) {
        return 0.0;
    }
    wg_canvas canvas = {0};
    place_frame(&canvas, map, &p, bounds);
    return 1000.0 / canvas.mm_per_m;
}

/* ------------------------------------------------------------------ files */

static cairo_status_t append_bytes(void *closure, const unsigned char *data, unsigned int length) {
    wg_buffer *buffer = closure;
    wg_buffer_append(buffer, data, length);
    return buffer->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

wg_status wg_map_png(wg_context *ctx, const wg_map *map, double dpi, wg_buffer *png) {
    double bounds[4];
    page p;
    wg_status status = measure_page(ctx, map, bounds, &p);
    if (status != WG_OK) {
        return status;
    }
    const double per_mm = (dpi > 0.0 ? dpi : 150.0) / 25.4;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(p.width * per_mm), (int)lround(p.height * per_mm));
    cairo_t *cr = cairo_create(surface);
    cairo_scale(cr, per_mm, per_mm);
    wg_canvas canvas = {.cr = cr, .step_mm = 0.35 / per_mm};
    status = draw_page(ctx, &canvas, map, &p, bounds);
    if (status == WG_OK && (cairo_status(cr) != CAIRO_STATUS_SUCCESS ||
                            cairo_surface_write_to_png_stream(surface, append_bytes, png) != CAIRO_STATUS_SUCCESS)) {
        status = wg_fail_memory(ctx); /* the only thing that fails on a picture in memory */
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return status;
}

static wg_status write_file(wg_context *ctx, const char *path, const wg_buffer *bytes) {
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(bytes->data, 1, bytes->length, file) == bytes->length;
    good = file != NULL && fclose(file) == 0 && good;
    return good ? WG_OK : wg_fail(ctx, WG_EIO, "%s: cannot write: %s", path, strerror(errno));
}

wg_status wg_map_write_png(wg_context *ctx, const wg_map *map, double dpi, const char *path) {
    wg_buffer png = {0};
    wg_status status = wg_map_png(ctx, map, dpi, &png);
    if (status == WG_OK) {
        status = write_file(ctx, path, &png);
    }
    wg_buffer_release(&png);
    return status;
}

static wg_status draw_pdf_page(wg_context *ctx, cairo_surface_t *surface, cairo_t *cr, const wg_map *map) {
    double bounds[4];
    page p;
    const wg_status status = measure_page(ctx, map, bounds, &p);
    if (status != WG_OK) {
        return status;
    }
    cairo_pdf_surface_set_size(surface, p.width / WG_MM_PER_PT, p.height / WG_MM_PER_PT);
    cairo_identity_matrix(cr);
    cairo_scale(cr, 1.0 / WG_MM_PER_PT, 1.0 / WG_MM_PER_PT);
    wg_canvas canvas = {.cr = cr, .step_mm = 0.03};
    return draw_page(ctx, &canvas, map, &p, bounds);
}

wg_status wg_map_write_pdf(wg_context *ctx, const wg_map *maps, size_t n, const char *document_title,
                           const char *path) {
    wg_status status = WG_OK;
    wg_buffer pdf = {0};
    char date[21];
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(append_bytes, &pdf, 595.0, 842.0);
    cairo_t *cr = cairo_create(surface);
    wg_stamp_iso(wg_stamp_time(), date);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, document_title != NULL ? document_title : "");
    for (size_t i = 0; i < n; i++) {
        WG_TRY(wg_progress(ctx, (double)i / (double)n, "map sheets"));
        WG_TRY(draw_pdf_page(ctx, surface, cr, &maps[i]));
        cairo_show_page(cr);
    }
    cairo_surface_finish(surface);
    if (pdf.failed) {
        WG_TRY(wg_fail_memory(ctx));
    }
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS || cairo_status(cr) != CAIRO_STATUS_SUCCESS) {
        WG_TRY(
            wg_fail(ctx, WG_EIO, "%s: cannot draw: %s", path, cairo_status_to_string(cairo_surface_status(surface))));
    }
    WG_TRY(write_file(ctx, path, &pdf));
done:
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    wg_buffer_release(&pdf);
    return status;
}
