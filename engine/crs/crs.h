/**
 * Coordinate reference systems. A CRS is text: anything PROJ understands, or "gcj02" / "bd09", the offset systems of
 * Chinese web maps. x is easting or longitude everywhere, whatever axis order the authority prescribes.
 */
#ifndef WG_CRS_CRS_H
#define WG_CRS_CRS_H

#include "model/layer.h"

#define WG_CRS_WGS84 "EPSG:4326"

typedef enum wg_crs_kind {
    WG_CRS_UNKNOWN = 0, /**< PROJ does not understand it */
    WG_CRS_GEOGRAPHIC,  /**< degrees */
    WG_CRS_PROJECTED,
    WG_CRS_GCJ02, /**< degrees, offset (AMap, Tencent) */
    WG_CRS_BD09,  /**< degrees, offset again (Baidu) */
    WG_CRS_LOCAL  /**< engineering CRS: cannot be transformed */
} wg_crs_kind;

typedef struct wg_crs_info {
    wg_crs_kind kind;
    char id[64]; /**< "EPSG:4526" where the CRS is one of an authority's, else "" */
    char name[160];
    double metre;                    /**< metres a unit of a projected CRS; 1 otherwise */
    double west, south, east, north; /**< area of use, degrees; NAN where unknown */
    double false_easting;            /**< of a transverse Mercator, in its units; NAN otherwise */
    double central_meridian;         /**< degrees; NAN where there is none */
    uint32_t zone; /**< number in front of the easting of a Gauss–Krüger zone (25..45 for 3°, 13..23 for 6°); 0: none */
} wg_crs_info;

/** What a CRS is. @return WG_EINVAL with advice where PROJ does not understand it */
wg_status wg_crs_describe(wg_context *ctx, const char *crs, wg_crs_info *info);

/** @return whether two CRS give the same coordinates (the authority's axis order aside) */
bool wg_crs_same(wg_context *ctx, const char *a, const char *b);

/** WKT of a CRS (free with free()): "WKT1_GDAL", "WKT1_ESRI" or "WKT2". gcj02, bd09: WG_EINVAL. */
wg_status wg_crs_wkt(wg_context *ctx, const char *crs, const char *form, char **wkt);

/** A prepared transformation. One thread at a time uses it. */
typedef struct wg_crs_op wg_crs_op;
/** @return WG_EINVAL where one of both is not understood, is local, or no way leads from one to the other */
wg_status wg_crs_op_new(wg_context *ctx, const char *from, const char *to, wg_crs_op **op);
void wg_crs_op_free(wg_crs_op *op);
/** @return whether coordinates stay exactly as they are */
bool wg_crs_op_is_identity(const wg_crs_op *op);
/**
 * Transform `n` xy pairs in place. A point that has no image becomes NAN, NAN.
 * @return number of such points
 */
size_t wg_crs_op_points(wg_crs_op *op, double *xy, size_t n);

/**
 * Transform all geometries of a layer in place and set its CRS. Parallel over rows where it is worth it; the bytes do
 * not depend on the number of threads.
 * @return WG_EDATA where the layer's CRS is unknown (with the advice to state it) or a coordinate has no image (feature
 * named)
 */
wg_status wg_crs_transform(wg_context *ctx, wg_layer *layer, const char *to);

/**
 * Like wg_crs_transform, for rows that people typed: a coordinate without image (latitude and longitude swapped)
 * becomes NAN, NAN and is no error. @param[out] lost  number of such coordinates
 */
wg_status wg_crs_transform_lossy(wg_context *ctx, wg_layer *layer, const char *to, size_t *lost);

/**
 * Like wg_crs_transform, but straight edges stay straight to within `tolerance_m` on the ground: vertices are put on
 * long edges before. Where they go depends on the edge's two ends alone, not on its direction, so that neighbours stay
 * seamless.
 */
wg_status wg_crs_transform_dense(wg_context *ctx, wg_layer *layer, const char *to, double tolerance_m);

/** Transform `n` xy pairs. */
wg_status wg_crs_points(wg_context *ctx, const char *from, const char *to, double *xy, size_t n);

/**
 * The working CRS: `override` where given (it must be projected, in metres), else from the centroid of all communities:
 * WGS 84 / UTM, or the CGCS2000 3° Gauss–Krüger zone without prefix.
 * @param[out] crs  "EPSG:32650" (free with free())
 */
wg_status wg_crs_working(wg_context *ctx, const wg_layer *communities, wg_datum datum, const char *override,
                         char **crs);

/** GCJ-02 and BD-09 from WGS 84 degrees and back (inverse iterated below 1e-9°). Outside China's rectangle nothing
 * moves. */
void wg_gcj02_from_wgs84(double lonlat[2]);
void wg_wgs84_from_gcj02(double lonlat[2]);
void wg_bd09_from_wgs84(double lonlat[2]);
void wg_wgs84_from_bd09(double lonlat[2]);

/** Something about a layer's coordinates that does not fit. */
typedef struct wg_doubt {
    char code[32];      /**< stable: no_crs, zone_prefix, wrong_zone, swapped_axes, degrees_in_projected, outside_area,
                           offset_gcj02 … */
    char detail[320];   /**< what was seen */
    char advice[200];   /**< e.g. "state --crs-of buildings=EPSG:4526" */
    char suggested[64]; /**< a CRS that would fit, or "" */
} wg_doubt;

enum { WG_DOUBTS = 8, WG_CRS_SAMPLES = 400 };

/**
 * Look at the coordinates of a layer by its stated CRS.
 * @param role  name of the input for the advice ("buildings"); NULL: "NAME"
 * @param[out] doubts  caller's array of WG_DOUBTS
 * @param[out] n       how many were found
 */
wg_status wg_crs_doubts(wg_context *ctx, const wg_layer *layer, const char *role, wg_doubt *doubts, uint32_t *n);

/** What was seen of a layer's coordinates, batch by batch; all zero is nothing yet. */
typedef struct wg_crs_seen {
    double b[4];                  /**< min x, min y, max x, max y */
    double sum_x, sum_y;          /**< over the features' middles: one outlier does not move their mean far */
    size_t n;                     /**< features with coordinates */
    size_t zeros;                 /**< features at 0, 0 */
    size_t not_finite;            /**< features whose coordinates are no numbers */
    size_t rows, step, n_samples; /**< every step-th row is a sample */
    double sample[2 * WG_CRS_SAMPLES];
} wg_crs_seen;

/** Look at more rows, before they are transformed. What is seen does not depend on how rows are divided into batches.
 */
void wg_crs_see(wg_crs_seen *seen, const wg_layer *layer);
/** wg_crs_doubts for what was seen in the CRS `crs` (NULL: unknown). */
wg_status wg_crs_seen_doubts(wg_context *ctx, const wg_crs_seen *seen, const char *crs, const char *role,
                             wg_doubt *doubts, uint32_t *n);
/** wg_crs_offset_doubt for what was seen. O(samples * vertices of the reference). */
wg_status wg_crs_seen_offset(wg_context *ctx, const wg_crs_seen *seen, const char *crs, const wg_layer *reference,
                             const char *role, wg_doubt *doubt, uint32_t *n);

/**
 * Look for a constant offset of `layer` from `reference` (buildings from communities or from roads), as GCJ-02 or BD-09
 * read as WGS 84 have it: shifts are tried, and the one that puts clearly more of the layer inside the reference's
 * polygons than none is told. Both layers carry a known CRS. @param[out] n 0 or 1
 */
wg_status wg_crs_offset_doubt(wg_context *ctx, const wg_layer *layer, const wg_layer *reference, const char *role,
                              wg_doubt *doubt, uint32_t *n);

#endif
