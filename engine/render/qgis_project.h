/** A QGIS project (.qgs) that opens layers with their styles, in groups. Read by QGIS 3.16 and later. */
#ifndef WG_RENDER_QGIS_PROJECT_H
#define WG_RENDER_QGIS_PROJECT_H

#include "render/qgis_style.h"

/** A layer of the project. All pointers are borrowed. */
typedef struct wg_qgis_layer {
    const char *id; /**< unique; letters, digits and _ */
    const char *title;
    const char *group; /**< NULL: at the top */
    const char
        *source; /**< as QGIS's OGR provider takes it, relative to the project: "./report.gpkg|layername=cells" */
    const wg_layer *layer; /**< its rows, for the style and the extent */
    const char *contract;  /**< contract layer for the style; NULL: by the layer's name */
    bool visible;
} wg_qgis_layer;

typedef struct wg_qgis_project_options {
    const char *title;
    const char *crs;     /**< "EPSG:4526" … */
    const char *crs_wkt; /**< for a CRS without authority code; NULL: none */
    wg_lang lang;
} wg_qgis_project_options;

/** Write the project; the first layer lies on top. Layers of a group must follow each other. */
wg_status wg_qgis_project_write(wg_context *ctx, const wg_qgis_layer *layers, size_t n,
                                const wg_qgis_project_options *options, const char *path);

#endif
