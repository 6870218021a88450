/** Inside of wg_zone: a problem from CSV or METIS files. */
#ifndef WG_PLAN_ZONE_H
#define WG_PLAN_ZONE_H

#include "core/memory.h"
#include "model/layer.h"
#include "zoning/zoning.h"

/** Units with names and columns, and the edges between them. All arrays are owned. */
typedef struct wg_zone_input {
    const char *source; /**< the units' file, for messages; borrowed */
    uint32_t n;
    const char **id; /**< n, in `text` */
    uint32_t *by_id; /**< n: units in the order of their ids */
    wg_layer *units; /**< the CSV; NULL for a METIS graph */
    double **weight; /**< METIS: n_weights arrays of n, called weight, weight2 … */
    uint32_t n_weights;
    wg_edge *edges;
    size_t n_edges;
    wg_arena text;
} wg_zone_input;

/** Read --units and --edges, or a .graph file. */
wg_status wg_zone_input_read(wg_context *ctx, const wg_zone_options *options, wg_zone_input *input);
void wg_zone_input_release(wg_zone_input *input);
/** METIS graph file: "n m [fmt [ncon]]", then a line a unit; % begins a comment. */
wg_status wg_zone_read_metis(wg_context *ctx, const char *path, wg_zone_input *input);
/** @return unit with this id, or WG_UNASSIGNED; O(log n) */
uint32_t wg_zone_find(const wg_zone_input *input, const char *id);
/** Values of a column as n numbers (free with free()). @return WG_ENOTFOUND where there is no such column */
wg_status wg_zone_column(wg_context *ctx, const wg_zone_input *input, const char *name, double **values);
/** Number of a layer's cell, strict: @return false where it is neither a number nor text that is one */
bool wg_zone_number(const wg_layer *layer, size_t row, uint32_t column, double *value);
/** Weights from a YAML mapping of names to numbers; a NULL path gives the defaults. */
wg_status wg_zone_weights(wg_context *ctx, const char *path, wg_zoning_weights *weights);

#endif
