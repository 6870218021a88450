/** Colours that everyone can tell apart, classes for graduated maps, and colours under which no two neighbours look
 * alike. */
#ifndef WG_RENDER_COLOUR_H
#define WG_RENDER_COLOUR_H

#include "core/status.h"

typedef uint32_t wg_rgba; /**< 0xRRGGBBAA; alpha 0 is "nothing" */

/** Quiet tones and the strong line of the maps. The cell boundary is magenta, as the unit-grid standards draw it. */
#define WG_COLOUR_PAPER 0xffffffffu
#define WG_COLOUR_LAND 0xf6f4efffu
#define WG_COLOUR_WATER 0xa9c9e4ffu
#define WG_COLOUR_STREET 0xffffffffu
#define WG_COLOUR_STREET_EDGE 0xc3bfb8ffu
#define WG_COLOUR_RAIL 0x8c8780ffu
#define WG_COLOUR_BUILDING 0xa39c93ffu
#define WG_COLOUR_CELL_LINE 0xd6008fffu
#define WG_COLOUR_COMMUNITY_LINE 0x3b2a4dffu
#define WG_COLOUR_TEXT 0x22242bffu
#define WG_COLOUR_QUIET_TEXT 0x6a6d76ffu
#define WG_COLOUR_BAD 0xb3261effu
#define WG_COLOUR_NO_DATA 0xe4e2deffu

enum { WG_PALETTE_PASTELS = 7, WG_PALETTE_STEPS_MAX = 7 };

/** Soft fill no. `index` (modulo WG_PALETTE_PASTELS) for areas without a rank. */
wg_rgba wg_palette_pastel(uint32_t index);

/** Step `index` of `steps` (1..7) of a light-to-dark ramp (single hue shift, monotone lightness, safe for colour-blind
 * readers). */
wg_rgba wg_palette_sequential(uint32_t index, uint32_t steps);

/** Step `index` of `steps` of a blue-white-orange ramp for values around a middle. */
wg_rgba wg_palette_diverging(uint32_t index, uint32_t steps);

/** Colours that differ strongly (Okabe and Ito 2008), for charts. */
wg_rgba wg_palette_strong(uint32_t index);

/**
 * Give each polygon of a layer a number below WG_PALETTE_PASTELS so that polygons nearer than about 1/600 of the extent
 * differ (greedy by saturation, Brélaz 1979; where more numbers would be needed, the one least used nearby repeats).
 * Deterministic. O(boundary length / tolerance).
 * @param[out] colour  caller's array of a number a row
 */
wg_status wg_palette_neighbours(wg_context *ctx, const wg_layer *polygons, uint32_t *colour);

/**
 * Upper ends of at most `steps` classes with about equal counts, rounded to two significant digits where that keeps
 * them apart; NaN values are left out.
 * @param[out] upper  caller's array of `steps`; the last one is the maximum
 * @return number of classes (0 when there is no value)
 */
uint32_t wg_classes_quantile(const double *values, size_t n, uint32_t steps, double *upper);

/** @return class of `value` by its upper ends (NaN: WG_UNASSIGNED). */
uint32_t wg_class_of(double value, const double *upper, uint32_t n_classes);

#endif
