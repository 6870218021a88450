/** The page that a map is drawn on: inside of render, one user unit of Cairo is a millimetre. */
#ifndef WG_RENDER_CANVAS_H
#define WG_RENDER_CANVAS_H

#include <cairo.h>

#include "render/map.h"

#define WG_MM_PER_PT (25.4 / 72.0)

/** A rectangle on the page, in mm, y downwards. */
typedef struct wg_box {
    double x0, y0, x1, y1;
} wg_box;

typedef struct wg_canvas {
    cairo_t *cr;    /**< borrowed; NULL while only measuring is not possible: a canvas always has one */
    wg_box frame;   /**< where the map is */
    double west_m;  /**< easting of the frame's left edge */
    double north_m; /**< northing of its upper edge */
    double mm_per_m;
    double step_mm; /**< detail below this is not drawn */
    wg_box *taken;  /**< places of labels */
    size_t n_taken, taken_capacity;
} wg_canvas;

typedef enum wg_align { WG_ALIGN_LEFT = 0, WG_ALIGN_CENTRE, WG_ALIGN_RIGHT } wg_align;

/** How a piece of text looks. */
typedef struct wg_text_style {
    double pt;
    wg_rgba colour;
    wg_rgba halo; /**< 0: none */
    bool bold;
    wg_align align;
    double wrap_mm; /**< break lines at this width; 0: never */
} wg_text_style;

void wg_canvas_colour(const wg_canvas *canvas, wg_rgba colour);
/** Size of text on the page. */
void wg_text_measure(const wg_canvas *canvas, const char *text, const wg_text_style *style, double *width_mm,
                     double *height_mm);
/** Draw text whose upper edge is at `y` and whose left edge, middle or right edge (style.align) is at `x`. @return
 * height */
double wg_text_draw(const wg_canvas *canvas, const char *text, const wg_text_style *style, double x, double y);

/** Draw the layers into the frame, then their labels. */
wg_status wg_draw_layers(wg_context *ctx, wg_canvas *canvas, const wg_map_layer *layers, uint32_t n_layers);
/** Place and draw the labels of one layer; those that collide or do not fit are left out. */
wg_status wg_draw_labels(wg_context *ctx, wg_canvas *canvas, const wg_map_layer *layer);
/** A symbol as the legend shows it. `type` is a WG_WKB_ base type. */
void wg_draw_symbol(const wg_canvas *canvas, const wg_map_layer *layer, const wg_map_class *look, uint32_t type,
                    wg_box box);
/** Fill the current path (kept) with a hatch within `box`. */
void wg_draw_hatch(const wg_canvas *canvas, wg_hatch hatch, wg_rgba ink, wg_box box);
void wg_draw_dash(const wg_canvas *canvas, wg_dash dash, double stroke_mm);

static inline double wg_page_x(const wg_canvas *canvas, double x) {
    return canvas->frame.x0 + (x - canvas->west_m) * canvas->mm_per_m;
}
static inline double wg_page_y(const wg_canvas *canvas, double y) {
    return canvas->frame.y0 + (canvas->north_m - y) * canvas->mm_per_m;
}

/** Base type of the first geometry of a layer: point, line or polygon (1..3); 0 where there is none. */
uint32_t wg_layer_kind(const wg_layer *layer);

#endif
