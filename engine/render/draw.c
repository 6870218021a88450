/* Layers onto the page: fills, hatches, lines with casings, points. */
#include <math.h>

#include "model/wkb.h"
#include "render/canvas.h"

#define TINY_MM 0.12 /* smaller footprints are drawn as a dot of this size, so that a settlement still shows */

/** Point, line or polygon (1..3); 0 for no geometry. A collection counts as polygons. */
static uint32_t row_kind(const wg_layer *layer, size_t row) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    const uint32_t type = wkb == NULL ? 0 : wg_wkb_type(wkb, bytes);
    return type == WG_WKB_COLLECTION ? WG_WKB_POLYGON : type > WG_WKB_POLYGON ? type - 3 : type;
}

uint32_t wg_layer_kind(const wg_layer *layer) {
    uint32_t kind = 0;
    for (size_t row = 0; row < layer->n && kind == 0; row++) {
        kind = row_kind(layer, row);
    }
    return kind;
}

/** A path in the making. */
typedef struct pen {
    const wg_canvas *canvas;
    double point_mm;
    wg_box box; /**< of what was put down */
} pen;

static void extend(wg_box *box, double x, double y) {
    box->x0 = fmin(box->x0, x);
    box->y0 = fmin(box->y0, y);
    box->x1 = fmax(box->x1, x);
    box->y1 = fmax(box->y1, y);
}

static void put_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)ring;
    pen *p = user;
    cairo_t *cr = p->canvas->cr;
    double xy[2];
    double last_x = 0;
    double last_y = 0;
    for (uint32_t i = 0; i < n; i++) {
        wg_wkb_get(pairs, i, xy);
        const double x = wg_page_x(p->canvas, xy[0]);
        const double y = wg_page_y(p->canvas, xy[1]);
        extend(&p->box, x, y);
        if (type == WG_WKB_POINT) {
            cairo_new_sub_path(cr);
            cairo_arc(cr, x, y, p->point_mm / 2.0, 0.0, 2.0 * M_PI);
            cairo_close_path(cr);
        } else if (i == 0) {
            cairo_move_to(cr, x, y);
        } else if (i + 1 < n && fabs(x - last_x) < p->canvas->step_mm && fabs(y - last_y) < p->canvas->step_mm) {
            continue;
        } else if (i + 1 == n && type == WG_WKB_POLYGON) {
            cairo_close_path(cr);
        } else {
            cairo_line_to(cr, x, y);
        }
        last_x = x;
        last_y = y;
    }
}

/** Put a row's geometry down as the current path. @return false where it is absent or outside the frame */
static bool put_path(const wg_canvas *canvas, const wg_layer *layer, size_t row, double point_mm, wg_box *box) {
    size_t bytes;
    double bounds[4];
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    if (wkb == NULL || !wg_wkb_bounds(wkb, bytes, bounds)) {
        return false;
    }
    const double reach = point_mm + 2.0;
    const wg_box place = {wg_page_x(canvas, bounds[0]), wg_page_y(canvas, bounds[3]), wg_page_x(canvas, bounds[2]),
                          wg_page_y(canvas, bounds[1])};
    if (place.x1 < canvas->frame.x0 - reach || place.x0 > canvas->frame.x1 + reach ||
        place.y1 < canvas->frame.y0 - reach || place.y0 > canvas->frame.y1 + reach) {
        return false;
    }
    cairo_new_path(canvas->cr);
    const uint32_t type = wg_wkb_type(wkb, bytes);
    if ((type == WG_WKB_POLYGON || type == WG_WKB_MULTIPOLYGON) && place.x1 - place.x0 < TINY_MM &&
        place.y1 - place.y0 < TINY_MM) {
        const double x = (place.x0 + place.x1) / 2.0;
        const double y = (place.y0 + place.y1) / 2.0;
        cairo_rectangle(canvas->cr, x - TINY_MM / 2.0, y - TINY_MM / 2.0, TINY_MM, TINY_MM);
        *box = (wg_box){x, y, x, y};
        return true;
    }
    pen p = {canvas, point_mm, {INFINITY, INFINITY, -INFINITY, -INFINITY}};
    /* The visitor may write, but this one does not. Malformed geometry ends the path early. */
    (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, put_run, &p);
    *box = p.box;
    return true;
}

void wg_draw_dash(const wg_canvas *canvas, wg_dash dash, double stroke_mm) {
    const double unit = fmax(stroke_mm, 0.2);
    const double dashed[] = {unit * 5.0, unit * 3.0};
    const double dash_dot[] = {unit * 8.0, unit * 2.5, unit * 1.2, unit * 2.5};
    const double dotted[] = {unit * 1.2, unit * 2.2};
    switch (dash) {
    case WG_DASH_DASHED:
        cairo_set_dash(canvas->cr, dashed, 2, 0.0);
        break;
    case WG_DASH_DASH_DOT:
        cairo_set_dash(canvas->cr, dash_dot, 4, 0.0);
        break;
    case WG_DASH_DOTTED:
        cairo_set_dash(canvas->cr, dotted, 2, 0.0);
        break;
    case WG_DASH_SOLID:
    default:
        cairo_set_dash(canvas->cr, NULL, 0, 0.0);
        break;
    }
}

void wg_draw_hatch(const wg_canvas *canvas, wg_hatch hatch, wg_rgba ink, wg_box box) {
    cairo_t *cr = canvas->cr;
    if (hatch == WG_HATCH_NONE) {
        return;
    }
    const wg_box frame = canvas->frame;
    box = (wg_box){fmax(box.x0, frame.x0), fmax(box.y0, frame.y0), fmin(box.x1, frame.x1), fmin(box.y1, frame.y1)};
    cairo_path_t *outline = cairo_copy_path(cr);
    cairo_save(cr);
    cairo_clip(cr);
    wg_canvas_colour(canvas, ink != 0 ? ink : 0x30303080u);
    cairo_set_line_width(cr, 0.22);
    cairo_set_dash(cr, NULL, 0, 0.0);
    const double gap = 1.7;
    const double height = box.y1 - box.y0;
    if (hatch == WG_HATCH_DOTS) {
        for (double y = floor(box.y0 / gap) * gap; y <= box.y1; y += gap) {
            for (double x = floor(box.x0 / gap) * gap; x <= box.x1; x += gap) {
                cairo_rectangle(cr, x, y, 0.35, 0.35);
            }
        }
        cairo_fill(cr);
    } else {
        /* Lines through multiples of the gap, so that the hatch runs on from one polygon to the next. */
        for (double x = floor((box.x0 - box.y1) / gap) * gap; x <= box.x1 - box.y0; x += gap) {
            cairo_move_to(cr, x + box.y0, box.y0);
            cairo_line_to(cr, x + box.y1, box.y1);
        }
        for (double x = floor((box.x0 + box.y0) / gap) * gap; hatch == WG_HATCH_CROSS && x <= box.x1 + box.y1 + height;
             x += gap) {
            cairo_move_to(cr, x - box.y0, box.y0);
            cairo_line_to(cr, x - box.y1, box.y1);
        }
        cairo_stroke(cr);
    }
    cairo_restore(cr);
    cairo_new_path(cr);
    cairo_append_path(cr, outline);
    cairo_path_destroy(outline);
}

static bool visible(wg_rgba colour) {
    return (colour & 0xffu) != 0;
}

static const wg_map_class *look_of(const wg_map_layer *layer, size_t row) {
    const uint32_t index = layer->class_of == NULL ? WG_UNASSIGNED : layer->class_of[row];
    return index < layer->n_classes ? &layer->classes[index] : NULL;
}

static void draw_polygon(const wg_canvas *canvas, const wg_map_layer *layer, size_t row) {
    wg_box box;
    const wg_map_class *look = look_of(layer, row);
    const wg_rgba fill = look != NULL ? look->fill : layer->fill;
    const wg_hatch hatch = look != NULL ? look->hatch : layer->hatch;
    if ((!visible(fill) && hatch == WG_HATCH_NONE) || !put_path(canvas, layer->layer, row, 0.0, &box)) {
        return;
    }
    if (visible(fill)) {
        wg_canvas_colour(canvas, fill);
        cairo_fill_preserve(canvas->cr);
    }
    wg_draw_hatch(canvas, hatch, look != NULL ? look->ink : 0, box);
    cairo_new_path(canvas->cr);
}

static void stroke_row(const wg_canvas *canvas, const wg_map_layer *layer, size_t row, bool casing, bool is_line) {
    wg_box box;
    const wg_map_class *look = is_line ? look_of(layer, row) : NULL;
    const double width = look != NULL && look->stroke_mm > 0.0 ? look->stroke_mm : layer->stroke_mm;
    const wg_rgba colour = casing ? layer->casing : look != NULL ? look->fill : layer->stroke;
    if (!visible(colour) || !put_path(canvas, layer->layer, row, 0.0, &box)) {
        return;
    }
    wg_canvas_colour(canvas, colour);
    cairo_set_line_width(canvas->cr, casing ? width + 2.0 * layer->casing_mm : width);
    cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(canvas->cr,
                       is_line && layer->dash == WG_DASH_SOLID ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
    wg_draw_dash(canvas, casing ? WG_DASH_SOLID : layer->dash, width);
    cairo_stroke(canvas->cr);
    cairo_set_dash(canvas->cr, NULL, 0, 0.0);
}

static void draw_point(const wg_canvas *canvas, const wg_map_layer *layer, size_t row) {
    wg_box box;
    const wg_map_class *look = look_of(layer, row);
    const wg_rgba fill = look != NULL ? look->fill : layer->fill;
    if (!put_path(canvas, layer->layer, row, layer->point_mm, &box)) {
        return;
    }
    if (visible(fill)) {
        wg_canvas_colour(canvas, fill);
        cairo_fill_preserve(canvas->cr);
    }
    if (visible(layer->stroke)) {
        wg_canvas_colour(canvas, layer->stroke);
        cairo_set_line_width(canvas->cr, layer->stroke_mm);
        cairo_stroke_preserve(canvas->cr);
    }
    cairo_new_path(canvas->cr);
}

static bool drawn(const wg_map_layer *layer, size_t row, uint32_t kind) {
    return (layer->only == NULL || layer->only[row]) && row_kind(layer->layer, row) == kind;
}

/** Lines: the first class is the most important and comes last, on top. */
static void draw_lines(const wg_canvas *canvas, const wg_map_layer *layer, bool casing) {
    const uint32_t passes = layer->class_of == NULL ? 1 : layer->n_classes + 1;
    for (uint32_t pass = 0; pass < passes; pass++) {
        const uint32_t wanted = pass == 0 ? WG_UNASSIGNED : layer->n_classes - pass;
        for (size_t row = 0; row < layer->layer->n; row++) {
            const uint32_t class = layer->class_of == NULL ? WG_UNASSIGNED : layer->class_of[row];
            const bool in_pass = wanted == WG_UNASSIGNED ? class >= layer->n_classes || passes == 1 : class == wanted;
            if (in_pass && drawn(layer, row, WG_WKB_LINESTRING)) {
                stroke_row(canvas, layer, row, casing, true);
            }
        }
    }
}

/** Polygons, then lines, then points: a layer may hold all of them. */
static wg_status draw_layer(wg_context *ctx, const wg_canvas *canvas, const wg_map_layer *layer) {
    const size_t n = layer->layer->n;
    for (size_t row = 0; row < n; row++) {
        if (drawn(layer, row, WG_WKB_POLYGON)) {
            draw_polygon(canvas, layer, row);
        }
    }
    for (uint32_t casing = 2; casing-- > 0;) {
        for (size_t row = 0; row < n; row++) {
            if (drawn(layer, row, WG_WKB_POLYGON)) {
                stroke_row(canvas, layer, row, casing == 1, false);
            }
        }
    }
    if (visible(layer->casing)) {
        draw_lines(canvas, layer, true);
    }
    draw_lines(canvas, layer, false);
    for (size_t row = 0; row < n; row++) {
        if (drawn(layer, row, WG_WKB_POINT)) {
            draw_point(canvas, layer, row);
        }
    }
    return wg_cancelled(ctx) ? wg_fail(ctx, WG_ECANCELLED, "cancelled") : WG_OK;
}

wg_status wg_draw_layers(wg_context *ctx, wg_canvas *canvas, const wg_map_layer *layers, uint32_t n_layers) {
    wg_status status = WG_OK;
    cairo_save(canvas->cr);
    cairo_rectangle(canvas->cr, canvas->frame.x0, canvas->frame.y0, canvas->frame.x1 - canvas->frame.x0,
                    canvas->frame.y1 - canvas->frame.y0);
    cairo_clip(canvas->cr);
    for (uint32_t i = 0; i < n_layers; i++) {
        WG_TRY(draw_layer(ctx, canvas, &layers[i]));
    }
    /* The topmost layer's labels have the first choice of places. */
    for (uint32_t i = n_layers; i-- > 0;) {
        if (layers[i].label != NULL) {
            WG_TRY(wg_draw_labels(ctx, canvas, &layers[i]));
        }
    }
done:
    cairo_restore(canvas->cr);
    return status;
}

void wg_draw_symbol(const wg_canvas *canvas, const wg_map_layer *layer, const wg_map_class *look, uint32_t type,
                    wg_box box) {
    cairo_t *cr = canvas->cr;
    wg_canvas page = *canvas;
    page.frame = box;
    const double middle = (box.y0 + box.y1) / 2.0;
    const wg_rgba fill = look != NULL ? look->fill : layer->fill;
    if (type == WG_WKB_LINESTRING) {
        const double width = look != NULL && look->stroke_mm > 0.0 ? look->stroke_mm : layer->stroke_mm;
        for (uint32_t pass = visible(layer->casing) ? 0 : 1; pass < 2; pass++) {
            cairo_move_to(cr, box.x0, middle);
            cairo_line_to(cr, box.x1, middle);
            wg_canvas_colour(canvas, pass == 0 ? layer->casing : look != NULL ? look->fill : layer->stroke);
            /* White on white paper would show nothing: a symbol's casing is wide enough to be seen. */
            cairo_set_line_width(cr, pass == 0 ? width + 2.0 * fmax(layer->casing_mm, 0.22) : width);
            wg_draw_dash(canvas, pass == 0 ? WG_DASH_SOLID : layer->dash, width);
            cairo_stroke(cr);
        }
        cairo_set_dash(cr, NULL, 0, 0.0);
        return;
    }
    cairo_new_path(cr);
    if (type == WG_WKB_POINT) {
        cairo_arc(cr, (box.x0 + box.x1) / 2.0, middle, fmax(layer->point_mm, 1.2) / 2.0, 0.0, 2.0 * M_PI);
    } else {
        cairo_rectangle(cr, box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0);
    }
    if (visible(fill)) {
        wg_canvas_colour(canvas, fill);
        cairo_fill_preserve(cr);
    }
    wg_draw_hatch(&page, look != NULL ? look->hatch : layer->hatch, look != NULL ? look->ink : 0, box);
    if (visible(layer->stroke)) {
        wg_canvas_colour(canvas, layer->stroke);
        cairo_set_line_width(cr, fmin(fmax(layer->stroke_mm, 0.1), 0.6));
        wg_draw_dash(canvas, layer->dash, layer->stroke_mm);
        cairo_stroke_preserve(cr);
        cairo_set_dash(cr, NULL, 0, 0.0);
    }
    cairo_new_path(cr);
}
