#include "store/blob.h"

#include <sqlite3.h>
#include <string.h>

#include <spatialite/gaiageo.h> /* needs sqlite3.h before it */

#include "model/wkb.h"

/*
 * Layout: 00 01 srid[4] box[32] 7C type[4] body FE. The body of a simple geometry is that of WKB. A collection has a
 * count, then for each member 69 type[4] body, where WKB has a byte order and a type. So WKB becomes a blob by copying
 * runs.
 */
enum { BLOB_START = 0x00, BLOB_LITTLE = 0x01, BLOB_MARK = 0x7c, BLOB_MEMBER = 0x69, BLOB_END = 0xfe };
enum { WKB_HEADER = 5 };

static uint32_t get_u32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static void put_byte(wg_buffer *out, uint8_t value) {
    wg_buffer_append(out, &value, 1);
}

/** Length of the body (what follows the type) of a simple geometry, or 0 where it does not fit into `bytes`. */
static size_t simple_body(uint32_t type, const uint8_t *body, size_t bytes) {
    if (type == WG_WKB_POINT) {
        return bytes >= 16 ? 16 : 0;
    }
    if (bytes < 4) {
        return 0;
    }
    const uint64_t count = get_u32(body);
    if (type == WG_WKB_LINESTRING) {
        const uint64_t length = 4 + 16 * count;
        return length <= bytes ? (size_t)length : 0;
    }
    uint64_t at = 4;
    for (uint64_t ring = 0; ring < count; ring++) {
        if (at + 4 > bytes) {
            return 0;
        }
        at += 4 + 16 * (uint64_t)get_u32(body + at);
        if (at > bytes) {
            return 0;
        }
    }
    return (size_t)at;
}

static bool is_simple(uint32_t type) {
    return type >= WG_WKB_POINT && type <= WG_WKB_POLYGON;
}

enum { MAX_DEPTH = 16 };

/**
 * Members of a collection: 01 type[4] body -> 69 type[4] body. A blob knows no collections in collections: their
 * members are put in the place of theirs.
 * @param[in,out] count  members written @param[out] used  bytes of `body`
 */
static wg_status put_members(const uint8_t *body, size_t bytes, int depth, wg_buffer *out, uint32_t *count,
                             size_t *used) {
    if (bytes < 4 || depth > MAX_DEPTH) {
        return WG_EDATA;
    }
    const uint32_t n = get_u32(body);
    size_t at = 4;
    for (uint32_t i = 0; i < n; i++) {
        if (bytes - at < WKB_HEADER || body[at] != 1) {
            return WG_EDATA;
        }
        const uint32_t type = get_u32(body + at + 1);
        const uint8_t *own = body + at + WKB_HEADER;
        const size_t left = bytes - at - WKB_HEADER;
        size_t length = is_simple(type) ? simple_body(type, own, left) : 0;
        if (length > 0) {
            put_byte(out, BLOB_MEMBER);
            wg_buffer_append(out, body + at + 1, 4 + length);
            (*count)++;
        } else if (is_simple(type) || type > WG_WKB_COLLECTION ||
                   put_members(own, left, depth + 1, out, count, &length) != WG_OK) {
            return WG_EDATA;
        }
        at += WKB_HEADER + length;
    }
    *used = at;
    return WG_OK;
}

static wg_status put_collection(const uint8_t *body, size_t bytes, wg_buffer *out) {
    const size_t head = out->length;
    uint32_t count = 0;
    size_t used = 0;
    wg_wkb_put_u32(out, 0);
    const wg_status status = put_members(body, bytes, 0, out, &count, &used);
    if (status == WG_OK && !out->failed) {
        memcpy(out->data + head, &count, sizeof count);
    }
    return status == WG_OK && used != bytes ? WG_EDATA : status;
}

wg_status wg_blob_from_wkb(const void *wkb, size_t bytes, int srid, int type, wg_buffer *out) {
    const uint8_t *in = wkb;
    const uint32_t own = wg_wkb_type(wkb, bytes);
    double box[4];
    if (own == 0 || bytes < WKB_HEADER || in[0] != 1 || !wg_wkb_bounds(wkb, bytes, box)) {
        return WG_EDATA;
    }
    const bool wrap = is_simple(own) && type == (int)own + 3;
    if (type != 0 && !wrap && type != (int)own) {
        return WG_EDATA;
    }
    put_byte(out, BLOB_START);
    put_byte(out, BLOB_LITTLE);
    wg_wkb_put_u32(out, (uint32_t)srid);
    wg_wkb_put_pairs(out, box, 2);
    put_byte(out, BLOB_MARK);
    wg_wkb_put_u32(out, wrap ? own + 3 : own);
    if (wrap) {
        wg_wkb_put_u32(out, 1);
        put_byte(out, BLOB_MEMBER);
        wg_wkb_put_u32(out, own);
    }
    if (is_simple(own)) {
        if (simple_body(own, in + WKB_HEADER, bytes - WKB_HEADER) != bytes - WKB_HEADER) {
            return WG_EDATA;
        }
        wg_buffer_append(out, in + WKB_HEADER, bytes - WKB_HEADER);
    } else {
        const wg_status status = put_collection(in + WKB_HEADER, bytes - WKB_HEADER, out);
        if (status != WG_OK) {
            return status;
        }
    }
    put_byte(out, BLOB_END);
    return out->failed ? WG_ENOMEM : WG_OK;
}

bool wg_blob_is_geometry(const void *blob, size_t bytes) {
    const uint8_t *in = blob;
    return bytes >= WG_BLOB_HEADER_BYTES + WG_BLOB_TYPE_BYTES + 1 && in[0] == BLOB_START && in[1] <= BLOB_LITTLE &&
           in[WG_BLOB_HEADER_BYTES - 1] == BLOB_MARK && in[bytes - 1] == BLOB_END;
}

bool wg_blob_bounds(const void *blob, size_t bytes, double bounds[4]) {
    const uint8_t *in = blob;
    if (!wg_blob_is_geometry(blob, bytes) || in[1] != BLOB_LITTLE) {
        return false;
    }
    memcpy(bounds, in + 6, 4 * sizeof(double));
    return true;
}

/** Members back to WKB. */
static wg_status get_members(const uint8_t *body, size_t bytes, uint32_t type, wg_buffer *out) {
    if (bytes < 4) {
        return WG_EDATA;
    }
    const uint32_t count = get_u32(body);
    const bool unwrap = count == 1 && type != WG_WKB_COLLECTION;
    if (!unwrap) {
        wg_wkb_put_header(out, type, count);
    }
    size_t at = 4;
    for (uint32_t i = 0; i < count; i++) {
        if (bytes - at < WKB_HEADER || body[at] != BLOB_MEMBER) {
            return WG_EDATA;
        }
        const uint32_t own = get_u32(body + at + 1);
        const size_t length = is_simple(own) ? simple_body(own, body + at + WKB_HEADER, bytes - at - WKB_HEADER) : 0;
        if (length == 0) {
            return WG_EDATA;
        }
        put_byte(out, 1);
        wg_buffer_append(out, body + at + 1, 4 + length);
        at += WKB_HEADER + length;
    }
    return at == bytes ? WG_OK : WG_EDATA;
}

/** Blobs of other programs (Z, M, compressed, big endian) through SpatiaLite itself. */
static wg_status through_spatialite(const uint8_t *blob, size_t bytes, wg_buffer *out) {
    gaiaGeomCollPtr geometry = gaiaFromSpatiaLiteBlobWkb(blob, (unsigned int)bytes);
    if (geometry == NULL) {
        return WG_EDATA;
    }
    unsigned char *wkb = NULL;
    int length = 0;
    gaiaToWkb(geometry, &wkb, &length);
    gaiaFreeGeomColl(geometry);
    wg_status status = WG_EDATA;
    if (wkb != NULL && length > 0) {
        status = wg_wkb_normalise(NULL, wkb, (size_t)length, out);
    }
    gaiaFree(wkb);
    return status;
}

wg_status wg_blob_to_wkb(const void *blob, size_t bytes, wg_buffer *out) {
    const uint8_t *in = blob;
    if (!wg_blob_is_geometry(blob, bytes)) {
        return WG_EDATA;
    }
    const uint32_t type = in[1] == BLOB_LITTLE ? get_u32(in + WG_BLOB_HEADER_BYTES) : 0;
    const uint8_t *body = in + WG_BLOB_HEADER_BYTES + WG_BLOB_TYPE_BYTES;
    const size_t length = bytes - WG_BLOB_HEADER_BYTES - WG_BLOB_TYPE_BYTES - 1;
    if (is_simple(type)) {
        if (simple_body(type, body, length) != length) {
            return WG_EDATA;
        }
        put_byte(out, 1);
        wg_buffer_append(out, body - 4, 4 + length);
        return out->failed ? WG_ENOMEM : WG_OK;
    }
    if (type >= WG_WKB_MULTIPOINT && type <= WG_WKB_COLLECTION) {
        const wg_status status = get_members(body, length, type, out);
        return status == WG_OK && out->failed ? WG_ENOMEM : status;
    }
    return through_spatialite(in, bytes, out);
}
