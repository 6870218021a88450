#include "report/territory.h"

#include <math.h>

#include "model/wkb.h"
#include "store/store.h"

/* What the cells around leave of each community. */
static const char gaps_sql[] =
    "SELECT code AS community, CASE WHEN covered IS NULL THEN land ELSE ST_Difference(land, covered) END AS piece FROM "
    "("
    "SELECT c.code AS code, c.geom AS land, (SELECT ST_Union(k.geom) FROM cells AS k WHERE k.ROWID IN ("
    "SELECT ROWID FROM SpatialIndex WHERE f_table_name = 'cells' AND search_frame = c.geom)) AS covered "
    "FROM communities AS c ORDER BY c.fid)";

/* What two cells have in common, by the community in which it lies. */
static const char overlaps_sql[] =
    "SELECT c.code AS community, a.code AS a, b.code AS b, ST_Intersection(ST_Intersection(a.geom, b.geom), c.geom) AS "
    "piece "
    "FROM cells AS a JOIN cells AS b ON b.fid > a.fid AND b.ROWID IN ("
    "SELECT ROWID FROM SpatialIndex WHERE f_table_name = 'cells' AND search_frame = a.geom) "
    "JOIN communities AS c ON MbrIntersects(c.geom, a.geom) AND MbrIntersects(c.geom, b.geom) "
    "WHERE ST_Relate(a.geom, b.geom, 'T********') AND ST_Relate(c.geom, a.geom, 'T********') "
    "ORDER BY a.fid, b.fid, c.fid";

static wg_status new_pieces(wg_context *ctx, const char *name, const char *crs, bool pairs, wg_layer **layer) {
    wg_status status = WG_OK;
    WG_TRY(wg_layer_new(ctx, name, crs, layer));
    WG_TRY(wg_layer_add_column(ctx, *layer, "community", WG_TEXT, NULL));
    if (pairs) {
        WG_TRY(wg_layer_add_column(ctx, *layer, "a", WG_TEXT, NULL));
        WG_TRY(wg_layer_add_column(ctx, *layer, "b", WG_TEXT, NULL));
    }
    WG_TRY(wg_layer_add_column(ctx, *layer, "area_m2", WG_REAL, NULL));
    WG_TRY(wg_layer_add_column(ctx, *layer, "bld", WG_INTEGER, NULL));
    WG_TRY(wg_layer_add_column(ctx, *layer, "hh", WG_REAL, NULL));
    WG_TRY(wg_layer_add_column(ctx, *layer, "pop", WG_REAL, NULL));
done:
    return status;
}

/** The polygons of a collection; lines and points, where pieces merely touch, have no area and are no loss. */
static wg_status copy_pieces(wg_context *ctx, const wg_layer *found, double least_m2, bool pairs, wg_layer *out) {
    static const char *const texts[] = {"community", "a", "b"};
    for (size_t row = 0; row < found->n; row++) {
        size_t bytes;
        double area = 0.0;
        double length = 0.0;
        size_t at;
        const void *wkb = wg_layer_wkb(found, row, &bytes);
        if (wkb == NULL) {
            continue;
        }
        wg_wkb_measure(wkb, bytes, &area, &length);
        const uint32_t type = wg_wkb_type(wkb, bytes);
        if ((type != WG_WKB_POLYGON && type != WG_WKB_MULTIPOLYGON && type != WG_WKB_COLLECTION) ||
            !(area >= least_m2)) {
            continue;
        }
        wg_status status = wg_layer_add_row(ctx, out, wkb, bytes, &at);
        for (uint32_t i = 0; i < (pairs ? 3u : 1u) && status == WG_OK; i++) {
            const uint32_t column = wg_layer_column(found, texts[i]);
            const char *text = column == UINT32_MAX ? NULL : wg_layer_text(found, row, column);
            status = text == NULL ? WG_OK : wg_layer_set_text(ctx, out, at, wg_layer_column(out, texts[i]), text);
        }
        if (status == WG_OK) {
            status = wg_layer_set_real(ctx, out, at, wg_layer_column(out, "area_m2"), area);
        }
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

static wg_status find_pieces(wg_context *ctx, wg_store *store, const char *sql, const char *name, const char *crs,
                             double least_m2, bool pairs, wg_layer **layer) {
    wg_status status = WG_OK;
    wg_layer *found = NULL;
    WG_TRY(wg_store_sql(ctx, store, sql, NULL, 0, &found));
    WG_TRY(new_pieces(ctx, name, crs, pairs, layer));
    WG_TRY(copy_pieces(ctx, found, least_m2, pairs, *layer));
done:
    wg_layer_free(found);
    return status;
}

wg_status wg_territory_find(wg_context *ctx, struct wg_store *store, const char *crs, double least_m2,
                            wg_territory *territory) {
    wg_status status = WG_OK;
    *territory = (wg_territory){.gaps = NULL};
    WG_TRY(find_pieces(ctx, store, gaps_sql, "gaps", crs, least_m2, false, &territory->gaps));
    WG_TRY(find_pieces(ctx, store, overlaps_sql, "overlaps", crs, least_m2, true, &territory->overlaps));
done:
    if (status != WG_OK) {
        wg_territory_release(territory);
    }
    return status;
}

void wg_territory_release(wg_territory *territory) {
    wg_layer_free(territory->gaps);
    wg_layer_free(territory->overlaps);
    *territory = (wg_territory){.gaps = NULL};
}

/* ------------------------------------------------------------------ what lies there */

typedef struct probe {
    double x, y;
    bool inside;
} probe;

static void cross_ring(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)part;
    (void)ring;
    probe *p = user;
    double a[2];
    double b[2];
    for (uint32_t i = 0; type == WG_WKB_POLYGON && i + 1 < n; i++) {
        wg_wkb_get(pairs, i, a);
        wg_wkb_get(pairs, i + 1, b);
        if ((a[1] > p->y) != (b[1] > p->y) && p->x < a[0] + (p->y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])) {
            p->inside = !p->inside;
        }
    }
}

static double number_at(const wg_layer *layer, size_t row, uint32_t column) {
    if (column == UINT32_MAX || wg_layer_is_null(layer, row, column) ||
        wg_layer_column_type(layer, column) == WG_TEXT) {
        return 0.0;
    }
    return wg_layer_column_type(layer, column) == WG_INTEGER ? (double)wg_layer_integer(layer, row, column)
                                                             : wg_layer_real(layer, row, column);
}

static wg_status count_piece(wg_context *ctx, wg_layer *pieces, size_t row, const wg_layer *buildings,
                             const double *xy) {
    size_t bytes;
    double box[4];
    const void *wkb = wg_layer_wkb(pieces, row, &bytes);
    const uint32_t hh = wg_layer_column(buildings, "households");
    const uint32_t pop = wg_layer_column(buildings, "population");
    int64_t count = 0;
    double households = 0.0;
    double people = 0.0;
    if (wkb == NULL || !wg_wkb_bounds(wkb, bytes, box)) {
        return WG_OK;
    }
    for (size_t b = 0; b < buildings->n; b++) {
        probe p = {xy[2 * b], xy[2 * b + 1], false};
        if (!(p.x >= box[0] && p.x <= box[2] && p.y >= box[1] && p.y <= box[3])) {
            continue;
        }
        /* The visitor may write, but this one does not. */
        (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, cross_ring, &p);
        if (p.inside) {
            count++;
            households += number_at(buildings, b, hh);
            people += number_at(buildings, b, pop);
        }
    }
    wg_status status = wg_layer_set_integer(ctx, pieces, row, wg_layer_column(pieces, "bld"), count);
    if (status == WG_OK) {
        status = wg_layer_set_real(ctx, pieces, row, wg_layer_column(pieces, "hh"), households);
    }
    return status != WG_OK ? status : wg_layer_set_real(ctx, pieces, row, wg_layer_column(pieces, "pop"), people);
}

wg_status wg_territory_count(wg_context *ctx, wg_territory *territory, const wg_layer *buildings) {
    wg_status status = WG_OK;
    wg_layer *layers[] = {territory->gaps, territory->overlaps};
    double *xy = wg_malloc(2 * buildings->n, sizeof *xy);
    if (xy == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < buildings->n; row++) {
        size_t bytes;
        const void *wkb = wg_layer_wkb(buildings, row, &bytes);
        if (wkb == NULL || !wg_wkb_centroid(wkb, bytes, &xy[2 * row])) {
            xy[2 * row] = xy[2 * row + 1] = NAN;
        }
    }
    for (uint32_t i = 0; i < 2; i++) {
        for (size_t row = 0; layers[i] != NULL && row < layers[i]->n; row++) {
            WG_TRY(count_piece(ctx, layers[i], row, buildings, xy));
        }
    }
done:
    free(xy);
    return status;
}
