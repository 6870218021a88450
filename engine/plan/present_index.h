/** Segments in a growing uniform grid, asked for the nearest one. Internal to redraw. */
#ifndef WG_PLAN_PRESENT_INDEX_H
#define WG_PLAN_PRESENT_INDEX_H

#include "model/layer.h"

typedef struct wg_line_index wg_line_index;

/** An index over `bounds` (min x, min y, max x, max y) whose squares suit about `expected` segments. */
wg_status wg_line_index_new(wg_context *ctx, const double bounds[4], size_t expected, wg_line_index **index);
void wg_line_index_free(wg_line_index *index);

/** Add a segment of `owner`. O(squares that its box meets) */
wg_status wg_line_index_add(wg_context *ctx, wg_line_index *index, const double a[2], const double b[2],
                            uint32_t owner);
/** Add all lines and rings of a layer (NULL: none), each row its own owner where `owner` is WG_UNASSIGNED. */
wg_status wg_line_index_add_layer(wg_context *ctx, wg_line_index *index, const wg_layer *layer, uint32_t owner);

/**
 * The nearest point on a segment, other than those of owner `except`, within `reach` metres; the segment that was added
 * first on a tie.
 * @return its distance, INFINITY where there is none; O(segments within reach) expected
 */
double wg_line_index_nearest(const wg_line_index *index, const double at[2], double reach, uint32_t except,
                             double point[2]);

#endif
