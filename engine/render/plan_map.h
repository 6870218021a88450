/** The map of a plan: its layers in the look that the unit-grid standards and a reader's eye ask for. */
#ifndef WG_RENDER_PLAN_MAP_H
#define WG_RENDER_PLAN_MAP_H

#include "render/map.h"

/** A plan's layers with the contract's fields, in the working CRS. Any may be NULL; all are borrowed. */
typedef struct wg_plan_layers {
    const wg_layer *communities, *cells, *buildings, *barriers;
    const wg_layer *overlay; /**< polygons to show on top (gaps, overlaps), hatched in red; NULL: none */
    const char *overlay_legend;
} wg_plan_layers;

typedef enum wg_plan_fill {
    WG_PLAN_FILL_CELLS = 0, /**< quiet colours, different for neighbours */
    WG_PLAN_FILL_VALUES,    /**< `values` in steps, light to dark */
    WG_PLAN_FILL_CLASSES,   /**< `classes`, given by row */
    WG_PLAN_FILL_NONE
} wg_plan_fill;

typedef struct wg_plan_map_options {
    const char *title, *subtitle, *note;
    wg_plan_fill fill;
    const double *values;     /**< a cell's value a row; NAN: unknown (grey) */
    const char *values_title; /**< legend title of values or classes */
    uint32_t decimals;        /**< of the legend's numbers */
    uint32_t steps;           /**< 0: 5 */
    const uint32_t *class_of; /**< WG_PLAN_FILL_CLASSES: as in wg_map_layer */
    const wg_map_class *classes;
    uint32_t n_classes;
    const uint32_t
        *cell_colour; /**< WG_PLAN_FILL_CELLS: numbers of wg_palette_neighbours that several maps share; NULL: made */
    const wg_layer *sheets; /**< polygons of map sheets with `name`, outlined on top; NULL: none */
    bool status;            /**< hatch the cells whose `status` is not ok, with a legend */
    const char *const
        *cell_label; /**< a cell's label; NULL: the code, or its last three characters where space is short */
    bool no_labels;
    double bounds[4];
    double width_mm, height_mm, scale;
    bool round_scale;
    wg_lang lang;
} wg_plan_map_options;
#define WG_PLAN_MAP_OPTIONS_INIT                                                                                       \
    { 0 }

typedef struct wg_plan_map wg_plan_map;

/** Compose the map. O(rows + boundary of the cells). @param[out] made  free with wg_plan_map_free */
wg_status wg_plan_map_new(wg_context *ctx, const wg_plan_layers *layers, const wg_plan_map_options *options,
                          wg_plan_map **made);
void wg_plan_map_free(wg_plan_map *made);
/** The map for wg_map_png and its sisters; valid as long as `made` and the layers are. */
const wg_map *wg_plan_map_get(const wg_plan_map *made);

/** Compose and write in one call. @param dpi  0: 150 */
wg_status wg_plan_map_write_png(wg_context *ctx, const wg_plan_layers *layers, const wg_plan_map_options *options,
                                double dpi, const char *path);

/** What a barrier is to a reader of the map. */
typedef enum wg_barrier_look { WG_LOOK_WATER = 0, WG_LOOK_RAIL, WG_LOOK_STREET } wg_barrier_look;
/** @param kind  the barrier's kind in English or Chinese ("waterway", "河流", "railway", "highway" …); NULL: a street
 */
wg_barrier_look wg_barrier_look_of(const char *kind);

/** Rank 1 (highest) to 9 of a row of the barriers layer; without a `rank`, by its `kind` and `class`. */
uint32_t wg_map_barrier_rank(const wg_layer *barriers, size_t row);

#endif
