#include <pango/pangocairo.h>

#include "render/canvas.h"

/* Chinese faces first: a Latin face in front would take Chinese punctuation. Names that a system lacks are passed over.
 */
static const char families[] = "Noto Sans CJK SC,Noto Sans SC,WenQuanYi Zen Hei,WenQuanYi Micro Hei,sans-serif";

void wg_canvas_colour(const wg_canvas *canvas, wg_rgba colour) {
    cairo_set_source_rgba(canvas->cr, (colour >> 24) / 255.0, (colour >> 16 & 0xffu) / 255.0,
                          (colour >> 8 & 0xffu) / 255.0, (colour & 0xffu) / 255.0);
}

static PangoLayout *layout_new(const wg_canvas *canvas, const char *text, const wg_text_style *style) {
    PangoLayout *layout = pango_cairo_create_layout(canvas->cr);
    PangoContext *context = pango_layout_get_context(layout);
    cairo_font_options_t *options = cairo_font_options_create();
    /* Places in fractions of a millimetre: rounding to whole units would push letters together. */
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(context, options);
    pango_context_set_round_glyph_positions(context, FALSE);
    cairo_font_options_destroy(options);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, families);
    pango_font_description_set_absolute_size(font, style->pt * WG_MM_PER_PT * PANGO_SCALE);
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    if (style->wrap_mm > 0.0) {
        pango_layout_set_width(layout, (int)(style->wrap_mm * PANGO_SCALE));
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    }
    pango_layout_set_alignment(layout, style->align == WG_ALIGN_CENTRE  ? PANGO_ALIGN_CENTER
                                       : style->align == WG_ALIGN_RIGHT ? PANGO_ALIGN_RIGHT
                                                                        : PANGO_ALIGN_LEFT);
    /* Pango replaces bytes that are not UTF-8 and warns on stderr; a library must not, so they are replaced here. */
    char *valid = g_utf8_make_valid(text, -1);
    pango_layout_set_text(layout, valid, -1);
    g_free(valid);
    return layout;
}

void wg_text_measure(const wg_canvas *canvas, const char *text, const wg_text_style *style, double *width_mm,
                     double *height_mm) {
    PangoLayout *layout = layout_new(canvas, text, style);
    int width;
    int height;
    pango_layout_get_size(layout, &width, &height);
    g_object_unref(layout);
    *width_mm = (double)width / PANGO_SCALE;
    *height_mm = (double)height / PANGO_SCALE;
}

double wg_text_draw(const wg_canvas *canvas, const char *text, const wg_text_style *style, double x, double y) {
    PangoLayout *layout = layout_new(canvas, text, style);
    int width;
    int height;
    pango_layout_get_size(layout, &width, &height);
    const double span = style->wrap_mm > 0.0 ? style->wrap_mm : (double)width / PANGO_SCALE;
    const double left = style->align == WG_ALIGN_CENTRE  ? x - span / 2.0
                        : style->align == WG_ALIGN_RIGHT ? x - span
                                                         : x;
    if ((style->halo & 0xffu) != 0) {
        cairo_move_to(canvas->cr, left, y);
        pango_cairo_layout_path(canvas->cr, layout);
        wg_canvas_colour(canvas, style->halo);
        cairo_set_line_width(canvas->cr, style->pt * WG_MM_PER_PT * 0.28);
        cairo_set_line_join(canvas->cr, CAIRO_LINE_JOIN_ROUND);
        cairo_stroke(canvas->cr);
    }
    wg_canvas_colour(canvas, style->colour);
    cairo_move_to(canvas->cr, left, y);
    pango_cairo_show_layout(canvas->cr, layout);
    g_object_unref(layout);
    return (double)height / PANGO_SCALE;
}
