/** Union of polygons that share their vertices along common lines. */
#ifndef WG_GEO_UNION_H
#define WG_GEO_UNION_H

#include "model/layer.h"

/**
 * Union of rows by label, where the rows are a coverage (communities of a reference, cells of a plan): edges that two
 * rows of a label share vanish, all others stay as they are. Rows that are no coverage are united by noding instead.
 *
 * @param label  a row: label < n_labels
 * @param[out] united  layer of n_labels rows named as `layer`, no columns; a label without rows has no geometry. O(E
 * log E)
 */
wg_status wg_polygons_union(wg_context *ctx, const wg_layer *layer, const uint32_t *label, uint32_t n_labels,
                            wg_layer **united);

#endif
