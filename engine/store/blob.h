/** SpatiaLite's geometry blobs from and to WKB, without building geometry objects. */
#ifndef WG_STORE_BLOB_H
#define WG_STORE_BLOB_H

#include "core/memory.h"
#include "core/status.h"

/** Bytes of a blob before the geometry type: start, byte order, srid, box, mark. */
enum { WG_BLOB_HEADER_BYTES = 39, WG_BLOB_TYPE_BYTES = 4 };

/**
 * Append a blob for 2D little-endian WKB.
 * @param type  declared OGC type: 4, 5, 6 wrap a simple geometry into a collection of one; 0: as it is
 * @return WG_EDATA where the geometry cannot be of this type, or is malformed (no message is set)
 */
wg_status wg_blob_from_wkb(const void *wkb, size_t bytes, int srid, int type, wg_buffer *out);

/** @return whether the bytes look like a SpatiaLite geometry */
bool wg_blob_is_geometry(const void *blob, size_t bytes);

/**
 * Append 2D little-endian WKB for a blob. A collection of one becomes the simple geometry. Blobs with Z or M,
 * compressed or big endian ones are read too.
 * @return WG_EDATA for anything that is not a SpatiaLite geometry (no message is set)
 */
wg_status wg_blob_to_wkb(const void *blob, size_t bytes, wg_buffer *out);

/** min x, min y, max x, max y as the blob's header says; false where it is no little-endian geometry. */
bool wg_blob_bounds(const void *blob, size_t bytes, double bounds[4]);

#endif
