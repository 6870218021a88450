#include "render/qgis_project.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/wkb.h"
#include "render/page.h"

static void put_crs(wg_buffer *out, const wg_qgis_project_options *options) {
    wg_buffer_text(out, "<spatialrefsys>");
    if (options->crs_wkt != NULL) {
        wg_buffer_text(out, "<wkt>");
        wg_html_text(out, options->crs_wkt);
        wg_buffer_text(out, "</wkt>");
    }
    /* QGIS looks at the authority's code only where an identifier of its own list stands beside it; which one does not
     * matter. */
    wg_buffer_text(out, "<srsid>1</srsid><authid>");
    wg_html_text(out, options->crs != NULL && strchr(options->crs, ':') != NULL ? options->crs : "");
    wg_buffer_text(out, "</authid></spatialrefsys>");
}

static void extend(double box[4], const wg_layer *layer) {
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes;
        double here[4];
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, here)) {
            box[0] = fmin(box[0], here[0]);
            box[1] = fmin(box[1], here[1]);
            box[2] = fmax(box[2], here[2]);
            box[3] = fmax(box[3], here[3]);
        }
    }
}

static void put_extent(wg_buffer *out, const char *tag, const double box[4]) {
    wg_buffer_printf(out, "<%s><xmin>%.3f</xmin><ymin>%.3f</ymin><xmax>%.3f</xmax><ymax>%.3f</ymax></%s>\n", tag,
                     box[0], box[1], box[2], box[3], tag);
}

/** QGIS replaces identifiers of fewer than 10 characters by its own, and then its tree of layers knows them no more. */
static void put_id(wg_buffer *out, const wg_qgis_layer *layer) {
    wg_buffer_text(out, "wangge_layer_");
    wg_html_text(out, layer->id);
}

static void put_tree_layer(wg_buffer *out, const wg_qgis_layer *layer) {
    wg_buffer_text(out, "<layer-tree-layer providerKey=\"ogr\" expanded=\"0\" checked=\"");
    wg_buffer_text(out, layer->visible ? "Qt::Checked" : "Qt::Unchecked");
    wg_buffer_text(out, "\" id=\"");
    put_id(out, layer);
    wg_buffer_text(out, "\" name=\"");
    wg_html_text(out, layer->title);
    wg_buffer_text(out, "\" source=\"");
    wg_html_text(out, layer->source);
    wg_buffer_text(out, "\"/>\n");
}

static void put_tree(wg_buffer *out, const wg_qgis_layer *layers, size_t n) {
    const char *open = NULL;
    wg_buffer_text(out, "<layer-tree-group>\n");
    for (size_t i = 0; i < n; i++) {
        const char *group = layers[i].group;
        const bool same = open != NULL && group != NULL && strcmp(open, group) == 0;
        if (open != NULL && !same) {
            wg_buffer_text(out, "</layer-tree-group>\n");
        }
        if (group != NULL && !same) {
            wg_buffer_text(out, "<layer-tree-group checked=\"Qt::Checked\" expanded=\"1\" name=\"");
            wg_html_text(out, group);
            wg_buffer_text(out, "\">\n");
        }
        open = group;
        put_tree_layer(out, &layers[i]);
    }
    wg_buffer_text(out, open != NULL ? "</layer-tree-group>\n</layer-tree-group>\n" : "</layer-tree-group>\n");
}

/** What a style document holds between its root element's tags. */
static void put_style_body(wg_buffer *out, const char *qml) {
    const char *root = strstr(qml, "<qgis");
    const char *begin = root == NULL ? NULL : strchr(root, '>');
    const char *end = begin == NULL ? NULL : strstr(begin, "</qgis>");
    if (end != NULL) {
        wg_buffer_append(out, begin + 1, (size_t)(end - begin - 1));
    }
}

static wg_status put_layer(wg_context *ctx, wg_buffer *out, const wg_qgis_layer *layer,
                           const wg_qgis_project_options *options) {
    static const char *const names[] = {"No geometry", "Point", "Line", "Polygon", "Polygon"};
    wg_buffer qml = {0};
    const wg_geometry geometry = wg_qgis_geometry(layer->layer);
    const wg_status status = wg_qgis_qml(ctx, layer->layer, layer->contract, geometry, options->lang, &qml);
    if (status == WG_OK) {
        wg_buffer_printf(
            out, "<maplayer type=\"vector\" geometry=\"%s\" hasScaleBasedVisibilityFlag=\"0\" readOnly=\"0\">\n<id>",
            names[geometry]);
        put_id(out, layer);
        wg_buffer_text(out, "</id>\n<datasource>");
        wg_html_text(out, layer->source);
        wg_buffer_text(out, "</datasource>\n<layername>");
        wg_html_text(out, layer->title);
        wg_buffer_text(out, "</layername>\n");
        if (geometry != WG_GEOMETRY_NONE) {
            wg_buffer_text(out, "<srs>");
            put_crs(out, options);
            wg_buffer_text(out, "</srs>\n");
        }
        wg_buffer_text(out, "<provider encoding=\"UTF-8\">ogr</provider>\n");
        put_style_body(out, qml.data == NULL ? "" : qml.data);
        wg_buffer_text(out, "</maplayer>\n");
    }
    wg_buffer_release(&qml);
    return status;
}

static wg_status write_file(wg_context *ctx, const char *path, const wg_buffer *out) {
    if (out->failed) {
        return wg_fail_memory(ctx);
    }
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(out->data, 1, out->length, file) == out->length;
    good = file != NULL && fclose(file) == 0 && good;
    return good ? WG_OK : wg_fail(ctx, WG_EIO, "%s: cannot write: %s", path, strerror(errno));
}

wg_status wg_qgis_project_write(wg_context *ctx, const wg_qgis_layer *layers, size_t n,
                                const wg_qgis_project_options *options, const char *path) {
    wg_status status = WG_OK;
    wg_buffer out = {0};
    double box[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < n; i++) {
        extend(box, layers[i].layer);
    }
    wg_buffer_text(
        &out, "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\" projectname=\"");
    wg_html_text(&out, options->title);
    wg_buffer_text(&out, "\">\n<title>");
    wg_html_text(&out, options->title);
    wg_buffer_text(&out, "</title>\n<projectCrs>");
    put_crs(&out, options);
    wg_buffer_text(&out, "</projectCrs>\n");
    put_tree(&out, layers, n);
    wg_buffer_text(&out, "<mapcanvas name=\"theMapCanvas\">\n<units>meters</units>\n");
    if (box[0] <= box[2]) {
        put_extent(&out, "extent", box);
    }
    wg_buffer_text(&out, "<rotation>0</rotation>\n<destinationsrs>");
    put_crs(&out, options);
    wg_buffer_text(&out, "</destinationsrs>\n</mapcanvas>\n<projectlayers>\n");
    for (size_t i = 0; i < n; i++) {
        WG_TRY(put_layer(ctx, &out, &layers[i], options));
    }
    wg_buffer_text(&out, "</projectlayers>\n<layerorder>\n");
    for (size_t i = 0; i < n; i++) {
        wg_buffer_text(&out, "<layer id=\"");
        put_id(&out, &layers[i]);
        wg_buffer_text(&out, "\"/>\n");
    }
    wg_buffer_text(&out, "</layerorder>\n<properties><Paths><Absolute type=\"bool\">false</Absolute></Paths>"
                         "<SpatialRefSys><ProjectionsEnabled "
                         "type=\"int\">1</ProjectionsEnabled></SpatialRefSys></properties>\n</qgis>\n");
    WG_TRY(write_file(ctx, path, &out));
done:
    wg_buffer_release(&out);
    return status;
}
