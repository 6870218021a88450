/** Everything that bounds land in a city, on the grid and indexed; shared by all communities. */
#ifndef WG_GEO_CITY_H
#define WG_GEO_CITY_H

#include "geo/atoms.h"
#include "geo/bins.h"
#include "geo/border.h"
#include "geo/shape.h"

/** A layer's lines and rings. */
typedef struct wg_carpet {
    const wg_layer *layer;
    wg_shape shape;
    uint32_t n_rows;
    size_t *first_run;   /**< n_rows + 1: runs of each row */
    uint32_t *row;       /**< of each run */
    wg_box *box;         /**< a row */
    wg_bins rows;        /**< bins over the rows' boxes */
    wg_segment *segment; /**< of lines only (rings belong together and are taken whole); tag: row */
    uint8_t *loose;      /**< a segment: 1: its a is the start of a line, 2: its b the end of one */
    size_t n_segments;
    wg_bins segments;
    bool *simple; /**< a row: its rings do not cross themselves */
} wg_carpet;

struct wg_city_index {
    wg_lattice lattice;
    wg_atoms_options options; /**< with the defaults filled in */
    wg_carpet barriers, compounds, dedicated, given, bridges;
};

/** Numbers of the rows (of segments, with `segments`) whose boxes meet `box`: ascending, each once; free with free().
 */
wg_status wg_carpet_query(wg_context *ctx, const wg_carpet *carpet, bool segments, wg_box box, uint32_t **list,
                          size_t *n);

#endif
