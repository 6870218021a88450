/** What wangge info finds out about one layer. Internal to engine/plan. */
#ifndef WG_PLAN_INFO_H
#define WG_PLAN_INFO_H

#include <jansson.h>

#include "crs/crs.h"
#include "geo/geos.h"
#include "io/fields.h"
#include "io/read.h"

enum { WG_INFO_SAMPLES = 3, WG_INFO_PROBLEMS = 12, WG_INFO_DOUBTS = 32, WG_INFO_KEPT_ROWS = 50000 };

typedef struct wg_info_column {
    char *name;
    wg_type type;
    wg_role role;                         /**< WG_N_ROLES: none */
    bool is_figure;                       /**< a number by its type or its role */
    uint64_t missing;                     /**< null, empty or a word for it */
    uint64_t about, unreadable, negative; /**< of columns whose role is a number, or that hold numbers */
    double min, max, sum;                 /**< of values that read as numbers; NAN where there is none */
    uint64_t numbers, texts;              /**< values that read as numbers; that do not */
    char *sample[WG_INFO_SAMPLES];
} wg_info_column;

typedef struct wg_info_problem {
    char kind[96]; /**< "without geometry", "Self-intersection" … */
    uint64_t count;
    int64_t first; /**< feature number */
} wg_info_problem;

typedef struct wg_info_layer {
    wg_source source; /**< text borrowed from `reader` */
    wg_reader *reader;
    char *label;      /**< "FILE: LAYER" */
    char *input_name; /**< what --crs-of calls it */
    uint64_t rows, with_geometry, points, lines, polygons, others;
    double bounds[4];
    wg_crs_info crs;
    wg_info_column *columns;
    uint32_t n_columns;
    wg_info_problem problems[WG_INFO_PROBLEMS];
    uint32_t n_problems;
    wg_doubt doubts[WG_INFO_DOUBTS];
    uint32_t n_doubts;
    wg_layer *kept; /**< the first rows, for what needs them together */
} wg_info_layer;

wg_status wg_info_scan(wg_context *ctx, const wg_input *input, const char *layer_name, const char *input_name,
                       wg_info_layer *info);
void wg_info_layer_release(wg_info_layer *info);
/** Append a doubt; beyond WG_INFO_DOUBTS it is dropped. */
void wg_info_doubt(wg_info_layer *info, const wg_doubt *doubt);

json_t *wg_info_json(const wg_info_layer *info);
void wg_info_text(const wg_info_layer *info, wg_lang lang, wg_buffer *out);

#endif
