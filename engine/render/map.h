/**
 * Maps as pictures: layers in a working CRS, drawn with Cairo and Pango into a PNG or the pages of a PDF, with title,
 * legend, scale bar and north arrow. The caller says what to draw; nothing here knows about cells.
 */
#ifndef WG_RENDER_MAP_H
#define WG_RENDER_MAP_H

#include "core/memory.h"
#include "model/layer.h"
#include "render/colour.h"

typedef enum wg_hatch { WG_HATCH_NONE = 0, WG_HATCH_DIAGONAL, WG_HATCH_CROSS, WG_HATCH_DOTS } wg_hatch;
typedef enum wg_dash { WG_DASH_SOLID = 0, WG_DASH_DASHED, WG_DASH_DASH_DOT, WG_DASH_DOTTED } wg_dash;

/** One look among several of a layer. */
typedef struct wg_map_class {
    wg_rgba fill;      /**< polygons and points; lines: the stroke */
    wg_hatch hatch;    /**< over the fill, in the class's ink */
    wg_rgba ink;       /**< colour of the hatch; 0: dark */
    double stroke_mm;  /**< lines: width of the class; 0: the layer's */
    const char *label; /**< text in the legend; NULL: not in it */
} wg_map_class;

/** A layer as it is drawn. All pointers are borrowed. */
typedef struct wg_map_layer {
    const wg_layer *layer; /**< points, lines or polygons in metres */
    const bool *only;      /**< a row: draw it; NULL: all rows */
    const uint32_t
        *class_of; /**< a row: index in `classes`, or WG_UNASSIGNED for the plain look below; NULL: all plain */
    const wg_map_class *classes;
    uint32_t n_classes;
    wg_rgba fill; /**< plain look; 0: none */
    wg_hatch hatch;
    wg_rgba stroke; /**< 0: none */
    double stroke_mm;
    wg_dash dash;
    wg_rgba casing;                 /**< wider line under the stroke, drawn for the whole layer first; 0: none */
    double casing_mm;               /**< how far the casing shows on each side of the stroke */
    double point_mm;                /**< diameter of points */
    const char *const *label;       /**< a row: text inside the polygon, beside the point; NULL: none */
    const char *const *label_short; /**< a row: text used where `label` does not fit; NULL: none */
    double label_pt;                /**< 0: 7 */
    wg_rgba label_colour;           /**< 0: WG_COLOUR_TEXT */
    bool label_bold;
    bool label_loose;   /**< may reach over the outline of its polygon */
    const char *legend; /**< title of the classes, or text of the plain look; NULL: not in the legend */
    bool frame;         /**< its extent counts for the frame */
} wg_map_layer;

typedef struct wg_map {
    const char *title, *subtitle;
    const char *note;           /**< at the foot: source, attribution, CRS */
    const wg_map_layer *layers; /**< bottom first */
    uint32_t n_layers;
    double bounds[4];           /**< min x, min y, max x, max y, in metres; all 0: of the layers with `frame` */
    double width_mm, height_mm; /**< page; 0: 260 mm wide, as high as the extent asks for */
    double scale;               /**< 1:scale, the frame centred on the bounds; 0: as large as fits */
    bool round_scale;           /**< as large as fits at a round scale (1:1 000, 1:1 250, 1:1 500, 1:2 000 …) */
    bool bare;                  /**< the map alone: no title, legend, scale bar or margin */
    wg_lang lang;
} wg_map;
#define WG_MAP_INIT                                                                                                    \
    { 0 }

/** Draw to PNG bytes appended to `png`. @param dpi  0: 150. @return WG_OK, WG_EINVAL (no extent), WG_ENOMEM */
wg_status wg_map_png(wg_context *ctx, const wg_map *map, double dpi, wg_buffer *png);

/** Draw to a PNG file (replaced where it exists). */
wg_status wg_map_write_png(wg_context *ctx, const wg_map *map, double dpi, const char *path);

/** Draw `n` maps as the pages of one PDF file, fonts embedded, dates as wg_stamp_time says. */
wg_status wg_map_write_pdf(wg_context *ctx, const wg_map *maps, size_t n, const char *document_title, const char *path);

/** Size of the map's frame on its page, in mm. @return false where the map has no extent */
bool wg_map_frame(const wg_map *map, double *width_mm, double *height_mm);

/** @return the scale (1:x) at which `map` is drawn; 0 where it has no extent. */
double wg_map_scale(const wg_map *map);

/** A scale as maps say it, "1:25 000"; cut at `size` bytes. */
void wg_map_scale_text(double scale, char *text, size_t size);

#endif
