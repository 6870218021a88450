/*
 * Places for labels. Inside a polygon: the middle of the largest ellipse with the text's proportions that fits into it,
 * found by sampling and refining; a label that does not fit there gets smaller, then shorter, then is left out.
 */
#include <math.h>

#include "model/wkb.h"
#include "render/canvas.h"
#include "render/page_data.h"

enum { GRID = 14, REFINEMENTS = 7 };

/* fmin and fmax are calls that care for NaN; here there is none, and this is the innermost loop of a map sheet. */
static inline double least(double a, double b) {
    return a < b ? a : b;
}
static inline double most(double a, double b) {
    return a > b ? a : b;
}

/** Rings of one polygon on the page, x squeezed by `aspect`, so that a label is a square. */
typedef struct outline {
    const wg_canvas *canvas;
    double aspect;
    double *xy;    /**< pairs */
    uint32_t *end; /**< index behind the last pair of each ring */
    size_t n, n_capacity, rings, rings_capacity;
    bool failed;
} outline;

static void put_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)ring;
    outline *out = user;
    if (type != WG_WKB_POLYGON || out->failed) {
        return;
    }
    if (!WG_RESERVE(out->xy, out->n_capacity, 2 * (out->n + n)) ||
        !WG_RESERVE(out->end, out->rings_capacity, out->rings + 1)) {
        out->failed = true;
        return;
    }
    double last[2] = {INFINITY, INFINITY};
    for (uint32_t i = 0; i < n; i++) {
        double xy[2];
        wg_wkb_get(pairs, i, xy);
        const double x = wg_page_x(out->canvas, xy[0]) / out->aspect;
        const double y = wg_page_y(out->canvas, xy[1]);
        if (i + 1 < n && fabs(x - last[0]) < out->canvas->step_mm && fabs(y - last[1]) < out->canvas->step_mm) {
            continue;
        }
        out->xy[2 * out->n] = last[0] = x;
        out->xy[2 * out->n + 1] = last[1] = y;
        out->n++;
    }
    out->end[out->rings++] = (uint32_t)out->n;
}

/** Distance to the outline and the frame: positive inside, negative outside. */
static double room(const outline *shape, double x, double y) {
    const wg_box *frame = &shape->canvas->frame;
    double nearest = INFINITY;
    bool inside = false;
    size_t first = 0;
    for (size_t ring = 0; ring < shape->rings; ring++) {
        for (size_t i = first; i + 1 < shape->end[ring]; i++) {
            const double *a = &shape->xy[2 * i];
            const double dx = a[2] - a[0];
            const double dy = a[3] - a[1];
            if ((a[1] > y) != (a[3] > y) && x < a[0] + (y - a[1]) * dx / dy) {
                inside = !inside;
            }
            const double squared = dx * dx + dy * dy;
            const double at =
                squared > 0.0 ? least(1.0, most(0.0, ((x - a[0]) * dx + (y - a[1]) * dy) / squared)) : 0.0;
            const double ox = a[0] + at * dx - x;
            const double oy = a[1] + at * dy - y;
            nearest = least(nearest, ox * ox + oy * oy);
        }
        first = shape->end[ring];
    }
    const double border =
        least(least(x - frame->x0 / shape->aspect, frame->x1 / shape->aspect - x), least(y - frame->y0, frame->y1 - y));
    const double distance = sqrt(nearest);
    return least(inside ? distance : -distance, border);
}

/** @return room at the best place found (x, y on the page) */
static double best_place(const outline *shape, double *x, double *y) {
    wg_box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    const wg_box *frame = &shape->canvas->frame;
    for (size_t i = 0; i < shape->n; i++) {
        box.x0 = least(box.x0, shape->xy[2 * i]);
        box.x1 = most(box.x1, shape->xy[2 * i]);
        box.y0 = least(box.y0, shape->xy[2 * i + 1]);
        box.y1 = most(box.y1, shape->xy[2 * i + 1]);
    }
    box = (wg_box){most(box.x0, frame->x0 / shape->aspect), most(box.y0, frame->y0),
                   least(box.x1, frame->x1 / shape->aspect), least(box.y1, frame->y1)};
    double best = -INFINITY;
    for (uint32_t i = 0; i < GRID * GRID && box.x0 < box.x1 && box.y0 < box.y1; i++) {
        const double px = box.x0 + (box.x1 - box.x0) * (i % GRID + 0.5) / GRID;
        const double py = box.y0 + (box.y1 - box.y0) * (i / GRID + 0.5) / GRID;
        const double here = room(shape, px, py);
        if (here > best) {
            best = here;
            *x = px;
            *y = py;
        }
    }
    double step_x = (box.x1 - box.x0) / GRID / 2.0;
    double step_y = (box.y1 - box.y0) / GRID / 2.0;
    for (uint32_t round = 0; round < REFINEMENTS && isfinite(best); round++, step_x /= 2.0, step_y /= 2.0) {
        const double cx = *x;
        const double cy = *y;
        for (int k = 0; k < 9; k++) {
            const double px = cx + (k % 3 - 1) * step_x;
            const double py = cy + (k / 3 - 1) * step_y;
            const double here = room(shape, px, py);
            if (here > best) {
                best = here;
                *x = px;
                *y = py;
            }
        }
    }
    *x *= shape->aspect;
    return best;
}

static bool is_free(const wg_canvas *canvas, wg_box box) {
    for (size_t i = 0; i < canvas->n_taken; i++) {
        const wg_box *other = &canvas->taken[i];
        if (box.x0 < other->x1 && other->x0 < box.x1 && box.y0 < other->y1 && other->y0 < box.y1) {
            return false;
        }
    }
    return box.x0 >= canvas->frame.x0 && box.x1 <= canvas->frame.x1 && box.y0 >= canvas->frame.y0 &&
           box.y1 <= canvas->frame.y1;
}

static wg_status put_label(wg_context *ctx, wg_canvas *canvas, const char *text, const wg_text_style *style,
                           wg_box box) {
    if (!WG_RESERVE(canvas->taken, canvas->taken_capacity, canvas->n_taken + 1)) {
        return wg_fail_memory(ctx);
    }
    canvas->taken[canvas->n_taken++] = box;
    wg_text_draw(canvas, text, style, (box.x0 + box.x1) / 2.0, box.y0);
    return WG_OK;
}

static wg_text_style style_of(const wg_map_layer *layer, double share) {
    return (wg_text_style){.pt = (layer->label_pt > 0.0 ? layer->label_pt : 7.0) * share,
                           .colour = layer->label_colour != 0 ? layer->label_colour : WG_COLOUR_TEXT,
                           .halo = 0xffffffd8u,
                           .bold = layer->label_bold,
                           .align = WG_ALIGN_CENTRE};
}

/** Try one text, large to small, at its best place. `placed` says whether it stands. */
static wg_status try_label(wg_context *ctx, wg_canvas *canvas, const wg_map_layer *layer, size_t row, const char *text,
                           bool *placed) {
    static const double sizes[] = {1.0, 0.85, 0.7};
    wg_text_style style = style_of(layer, 1.0);
    double width;
    double height;
    wg_text_measure(canvas, text, &style, &width, &height);
    const double line = height * 0.72; /* what the letters fill of the line */
    outline shape = {.canvas = canvas, .aspect = fmax(1.0, width / line)};
    size_t bytes;
    const void *wkb = wg_layer_wkb(layer->layer, row, &bytes);
    (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, put_ring, &shape);
    wg_status status = shape.failed ? wg_fail_memory(ctx) : WG_OK;
    double x = 0;
    double y = 0;
    const double have = status == WG_OK && shape.rings > 0 ? best_place(&shape, &x, &y) : -INFINITY;
    for (uint32_t i = 0; i < 3 && status == WG_OK && !*placed; i++) {
        const double share = sizes[i];
        /* An ellipse around the text's box would need 0.71 of the line; letters do not reach into its corners. */
        if (have >= 0.62 * line * share || (layer->label_loose && have > -line)) {
            const wg_box box = {x - width * share / 2.0, y - height * share / 2.0, x + width * share / 2.0,
                                y + height * share / 2.0};
            *placed = is_free(canvas, box);
            style = style_of(layer, share);
            status = *placed ? put_label(ctx, canvas, text, &style, box) : WG_OK;
        }
    }
    free(shape.xy);
    free(shape.end);
    return status;
}

static wg_status label_polygon(wg_context *ctx, wg_canvas *canvas, const wg_map_layer *layer, size_t row) {
    const char *texts[] = {layer->label[row], layer->label_short != NULL ? layer->label_short[row] : NULL};
    bool placed = false;
    wg_status status = WG_OK;
    for (uint32_t t = 0; t < 2 && status == WG_OK && !placed; t++) {
        if (texts[t] != NULL && texts[t][0] != '\0') {
            status = try_label(ctx, canvas, layer, row, texts[t], &placed);
        }
    }
    return status;
}

static wg_status label_point(wg_context *ctx, wg_canvas *canvas, const wg_map_layer *layer, size_t row,
                             const double bounds[4]) {
    const char *text = layer->label[row];
    const wg_text_style style = style_of(layer, 1.0);
    if (text == NULL || text[0] == '\0') {
        return WG_OK;
    }
    double width;
    double height;
    wg_text_measure(canvas, text, &style, &width, &height);
    const double x = wg_page_x(canvas, (bounds[0] + bounds[2]) / 2.0);
    const double y = wg_page_y(canvas, (bounds[1] + bounds[3]) / 2.0);
    const double gap = layer->point_mm / 2.0 + 0.4;
    const wg_box places[] = {{x + gap, y - height / 2.0, x + gap + width, y + height / 2.0},
                             {x - gap - width, y - height / 2.0, x - gap, y + height / 2.0},
                             {x - width / 2.0, y - gap - height, x + width / 2.0, y - gap},
                             {x - width / 2.0, y + gap, x + width / 2.0, y + gap + height}};
    for (uint32_t i = 0; i < 4; i++) {
        if (is_free(canvas, places[i])) {
            return put_label(ctx, canvas, text, &style, places[i]);
        }
    }
    return WG_OK;
}

wg_status wg_draw_labels(wg_context *ctx, wg_canvas *canvas, const wg_map_layer *layer) {
    const uint32_t kind = wg_layer_kind(layer->layer);
    for (size_t row = 0; row < layer->layer->n; row++) {
        size_t bytes;
        double bounds[4];
        const void *wkb = wg_layer_wkb(layer->layer, row, &bytes);
        if ((layer->only != NULL && !layer->only[row]) || wkb == NULL || !wg_wkb_bounds(wkb, bytes, bounds)) {
            continue;
        }
        if (wg_page_x(canvas, bounds[2]) < canvas->frame.x0 || wg_page_x(canvas, bounds[0]) > canvas->frame.x1 ||
            wg_page_y(canvas, bounds[1]) < canvas->frame.y0 || wg_page_y(canvas, bounds[3]) > canvas->frame.y1) {
            continue;
        }
        const wg_status status = kind == WG_WKB_POLYGON ? label_polygon(ctx, canvas, layer, row)
                                                        : label_point(ctx, canvas, layer, row, bounds);
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

bool wg_label_place(const wg_layer *layer, size_t row, double aspect, double xy[2], double *room_there) {
    size_t bytes;
    double bounds[4];
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    if (wkb == NULL || !wg_wkb_bounds(wkb, bytes, bounds)) {
        return false;
    }
    /* The polygon's own box is the page, a metre a millimetre. */
    const wg_canvas page = {.frame = {0.0, 0.0, bounds[2] - bounds[0], bounds[3] - bounds[1]},
                            .west_m = bounds[0],
                            .north_m = bounds[3],
                            .mm_per_m = 1.0};
    outline shape = {.canvas = &page, .aspect = aspect};
    (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, put_ring, &shape);
    double x = 0;
    double y = 0;
    *room_there = shape.failed || shape.rings == 0 ? -INFINITY : best_place(&shape, &x, &y);
    xy[0] = bounds[0] + x;
    xy[1] = bounds[3] - y;
    free(shape.xy);
    free(shape.end);
    return *room_there > 0.0;
}
