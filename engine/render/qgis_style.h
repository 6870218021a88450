/** QGIS styles (QML) for the plan's layers: symbols, classes, labels, and the fields' aliases in the reader's language.
 */
#ifndef WG_RENDER_QGIS_STYLE_H
#define WG_RENDER_QGIS_STYLE_H

#include "model/contract.h"

/**
 * Append a QML document for a layer. Cells, coverage and workload are graduated by quantiles of their own values, kinds
 * and states have a colour each, cells and communities are labelled by name. Read by QGIS 3.16 and later; the same
 * layer gives the same bytes.
 *
 * @param contract_layer  which of the contract's layers it is; NULL: by its own name. Others get plain symbols
 * @param geometry        what it is drawn as; WG_GEOMETRY_NONE: aliases only, WG_GEOMETRY_ANY: by the first geometry
 */
wg_status wg_qgis_qml(wg_context *ctx, const wg_layer *layer, const char *contract_layer, wg_geometry geometry,
                      wg_lang lang, wg_buffer *qml);

/** The geometry of most rows, for the above. */
wg_geometry wg_qgis_geometry(const wg_layer *layer);

#endif
