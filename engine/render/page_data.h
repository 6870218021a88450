/** Parts of the page's data; inside of render. */
#ifndef WG_RENDER_PAGE_DATA_H
#define WG_RENDER_PAGE_DATA_H

#include <stdio.h>

#include "render/page.h"

/** Coordinates of the page: whole numbers of `quantum` metres from (x0, y0). */
typedef struct wg_page_frame {
    double x0, y0, quantum;
} wg_page_frame;

/** @param decimals  at most so many; trailing zeros are left out. Not finite: null */
void wg_json_number(wg_buffer *out, double value, uint32_t decimals);
void wg_page_put_areas(wg_buffer *out, const wg_page_frame *frame, const wg_layer *cells);
void wg_page_put_outlines(wg_buffer *out, const wg_page_frame *frame, const wg_layer *communities);
void wg_page_put_base(wg_buffer *out, const wg_page_frame *frame, const wg_plan_layers *layers);
wg_status wg_page_put_buildings(wg_context *ctx, wg_buffer *out, const wg_page_frame *frame, const wg_layer *buildings,
                                const wg_layer *cells);

/** Rows of a layer by their `code`. */
typedef struct wg_code_index {
    const char **code;
    uint32_t *row;
    size_t n;
} wg_code_index;
wg_status wg_code_index_build(wg_context *ctx, const wg_layer *layer, wg_code_index *index);
/** @return row, or WG_UNASSIGNED; NULL is in none. O(log n) */
uint32_t wg_code_index_find(const wg_code_index *index, const char *code);
void wg_code_index_release(wg_code_index *index);

/** Where a label stands best in a row's polygon, in map units, and the room there (the half-height of its largest
 * ellipse). */
bool wg_label_place(const wg_layer *layer, size_t row, double aspect, double xy[2], double *room);

#endif
