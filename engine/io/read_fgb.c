/*
 * FlatGeobuf of plain columns and 2D geometries, without OGR: it takes 200 ns a row of five fields and 400 of twelve,
 * most of them for objects that live as long as the row. Here each feature's bytes become a row at once. A feature is a
 * flatbuffer behind its size (flatgeobuf.org; tables and vectors: flatbuffers.dev/internals); every place that it names
 * is looked at only where it lies within the feature. What is not understood is left to OGR, from that feature on,
 * which knows it or says what is wrong with it.
 */
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/buffered.h"
#include "io/flatbuffer.h"
#include "io/reader.h"
#include "model/wkb.h"

enum {
    BLOCK_BYTES = 1 << 20,
    TEXT_BYTES = 1 << 16,
    MAGIC_BYTES = 8,
    NODE_BYTES = 40, /* of the packed R-tree between header and features */
    HEADER_MOST = 64 << 20
};

/* Slots of the tables' fields. */
enum { HEADER_GEOMETRY = 2, HEADER_Z, HEADER_M, HEADER_T, HEADER_TM, HEADER_COLUMNS, HEADER_COUNT, HEADER_NODE_SIZE };
enum { COLUMN_TYPE = 1 };
enum { FEATURE_GEOMETRY, FEATURE_PROPERTIES, FEATURE_COLUMNS };
enum { GEOMETRY_ENDS, GEOMETRY_XY, GEOMETRY_Z, GEOMETRY_M, GEOMETRY_T, GEOMETRY_TM, GEOMETRY_TYPE, GEOMETRY_PARTS };

enum fgb_type {
    FGB_BYTE,
    FGB_UBYTE,
    FGB_BOOL,
    FGB_SHORT,
    FGB_USHORT,
    FGB_INT,
    FGB_UINT,
    FGB_LONG,
    FGB_ULONG,
    FGB_FLOAT,
    FGB_DOUBLE,
    FGB_STRING,
    FGB_JSON,
    FGB_TYPES
};

struct wg_fgb {
    int fd;
    uint64_t file_bytes, features_at;
    uint64_t count; /**< of features; 0: not said */
    uint64_t done;
    uint64_t read_at; /**< in the file, of the first byte that is not in the block */
    uint8_t *block;
    size_t capacity, filled, at; /**< `at`: of the next feature in the block */
    uint32_t geometry;           /**< WKB type of every feature */
    uint32_t n_columns;
    uint8_t *type;         /**< of each column of the file */
    uint32_t *column_of;   /**< of the layer; UINT32_MAX: not wanted */
    char *text, *text_end; /**< free part of the last piece of the batch's arena */
};

/* ---------------------------------------------------------------- header */

/** What the engine makes of a column, as OGR has it. */
static wg_type layer_type(uint8_t type) {
    return type == FGB_STRING || type == FGB_JSON ? WG_TEXT : type >= FGB_ULONG ? WG_REAL : WG_INTEGER;
}

static bool take_columns(const wg_reader *reader, struct wg_fgb *own, const flat *in, const table *header) {
    size_t at = 0, n = 0;
    if (!vector_field(in, header, HEADER_COLUMNS, 4, &at, &n) ||
        n != (size_t)OGR_FD_GetFieldCount(OGR_L_GetLayerDefn(reader->ogr)) || n > UINT16_MAX) {
        return false;
    }
    own->n_columns = (uint32_t)n;
    own->type = wg_calloc(n, sizeof *own->type);
    own->column_of = wg_calloc(n, sizeof *own->column_of);
    bool good = own->type != NULL && own->column_of != NULL;
    for (uint32_t i = 0; good && i < n; i++) {
        table column;
        good = open_table(in, at + 4 * (size_t)i + u32_at(in->bytes + at + 4 * (size_t)i), &column);
        own->type[i] = good ? byte_field(in, &column, COLUMN_TYPE) : 0;
        own->column_of[i] = UINT32_MAX;
        good = good && own->type[i] < FGB_TYPES;
        for (uint32_t c = 0; good && c < reader->schema->n_columns; c++) {
            if (reader->field_of[c] == (int)i) {
                own->column_of[i] = c;
                good = reader->schema->columns[c].type == layer_type(own->type[i]);
            }
        }
    }
    return good;
}

/** Bytes of the index between header and features. */
static uint64_t index_bytes(uint64_t items, uint64_t node_size) {
    uint64_t nodes = items, level = items;
    while (level > 1) {
        level = (level + node_size - 1) / node_size;
        nodes += level;
    }
    return (items == 1 ? 2 : nodes) * NODE_BYTES;
}

static bool take_header(const wg_reader *reader, struct wg_fgb *own, const flat *in) {
    table header;
    if (!open_root(in, &header)) {
        return false;
    }
    for (unsigned slot = HEADER_Z; slot <= HEADER_TM; slot++) {
        if (byte_field(in, &header, slot) != 0) {
            return false;
        }
    }
    const size_t count_at = field_at(in, &header, HEADER_COUNT, 8);
    const size_t node_at = field_at(in, &header, HEADER_NODE_SIZE, 2);
    const uint16_t node_size = node_at == 0 ? 16 : u16_at(in->bytes + node_at);
    if (count_at != 0) {
        memcpy(&own->count, in->bytes + count_at, sizeof own->count);
    }
    own->geometry = byte_field(in, &header, HEADER_GEOMETRY);
    own->features_at = MAGIC_BYTES + 4 + in->size;
    if (own->geometry < WG_WKB_POINT || own->geometry > WG_WKB_MULTIPOLYGON || node_size == 1 ||
        own->count > own->file_bytes) {
        return false;
    }
    if (node_size > 0 && own->count > 0) {
        own->features_at += index_bytes(own->count, node_size);
    }
    return own->features_at <= own->file_bytes && take_columns(reader, own, in, &header);
}

static bool read_header(const wg_reader *reader, struct wg_fgb *own) {
    static const uint8_t magic[7] = {'f', 'g', 'b', 3, 'f', 'g', 'b'};
    uint8_t start[MAGIC_BYTES + 4];
    struct stat info;
    bool good = false;
    if (fstat(own->fd, &info) != 0 || !S_ISREG(info.st_mode) ||
        wg_read_at(own->fd, start, sizeof start, 0) != sizeof start || memcmp(start, magic, sizeof magic) != 0) {
        return false;
    }
    own->file_bytes = (uint64_t)info.st_size;
    const size_t bytes = u32_at(start + MAGIC_BYTES);
    uint8_t *header = bytes > HEADER_MOST ? NULL : wg_malloc(bytes, 1);
    if (header != NULL && wg_read_at(own->fd, header, bytes, sizeof start) == bytes) {
        good = take_header(reader, own, &(flat){header, bytes});
    }
    free(header);
    return good;
}

void wg_fgb_close(wg_reader *reader) {
    struct wg_fgb *own = reader->fgb;
    if (own != NULL) {
        if (own->fd >= 0) {
            (void)close(own->fd);
        }
        free(own->block);
        free(own->type);
        free(own->column_of);
        free(own);
        reader->fgb = NULL;
    }
}

void wg_fgb_rewind(wg_reader *reader) {
    struct wg_fgb *own = reader->fgb;
    if (own != NULL) {
        own->done = 0;
        own->filled = own->at = 0;
        own->read_at = own->features_at;
    }
}

void wg_fgb_open(wg_reader *reader) {
    if (strcmp(reader->info.driver, "FlatGeobuf") != 0 || !reader->name.is_file || reader->no_geometry) {
        return;
    }
    struct wg_fgb *own = wg_calloc(1, sizeof *own);
    if (own == NULL) {
        return; /* OGR reads it too */
    }
    reader->fgb = own;
    own->fd = open(reader->name.path, O_RDONLY | O_CLOEXEC);
    own->capacity = BLOCK_BYTES;
    own->block = wg_malloc(own->capacity, 1);
    if (own->fd < 0 || own->block == NULL || !read_header(reader, own)) {
        wg_fgb_close(reader);
        return;
    }
    wg_fgb_rewind(reader);
}

/* ---------------------------------------------------------------- geometries */

/** Room for `bytes` more of WKB. */
static uint8_t *wkb_room(wg_layer *batch, size_t bytes) {
    return WG_RESERVE(batch->wkb, batch->wkb_capacity, batch->wkb_length + bytes) ? batch->wkb + batch->wkb_length
                                                                                  : NULL;
}

static bool put_u32(wg_layer *batch, uint32_t value) {
    uint8_t *to = wkb_room(batch, sizeof value);
    if (to != NULL) {
        memcpy(to, &value, sizeof value);
        batch->wkb_length += sizeof value;
    }
    return to != NULL;
}

static bool put_head(wg_layer *batch, uint32_t type) {
    uint8_t *to = wkb_room(batch, 1);
    if (to != NULL) {
        *to = 1;
        batch->wkb_length++;
    }
    return to != NULL && put_u32(batch, type);
}

static bool put_pairs(wg_layer *batch, const uint8_t *xy, size_t pairs) {
    uint8_t *to = wkb_room(batch, pairs * 16);
    if (to != NULL) {
        memcpy(to, xy, pairs * 16);
        batch->wkb_length += pairs * 16;
    }
    return to != NULL;
}

typedef enum taken { TAKEN, NOT_UNDERSTOOD, NO_MEMORY } taken;

/** Coordinates of a geometry and where its rings or lines end, in pairs. */
typedef struct shape {
    const uint8_t *xy, *ends;
    size_t pairs, n_ends; /**< n_ends 0: all is one */
} shape;

static bool open_shape(const flat *in, const table *of, shape *out) {
    size_t xy = 0, n = 0, ends = 0, n_ends = 0;
    if (!vector_field(in, of, GEOMETRY_XY, 8, &xy, &n) || !vector_field(in, of, GEOMETRY_ENDS, 4, &ends, &n_ends) ||
        n % 2 != 0 || n / 2 > UINT32_MAX) {
        return false;
    }
    *out = (shape){.xy = in->bytes + xy, .ends = in->bytes + ends, .pairs = n / 2, .n_ends = n_ends};
    uint32_t last = 0;
    for (size_t i = 0; i < n_ends; i++) {
        const uint32_t end = u32_at(out->ends + 4 * i);
        if (end <= last) {
            return false; /* a ring without points */
        }
        last = end;
    }
    return n_ends == 0 || last == out->pairs;
}

/** Rings of a polygon (their number and coordinates), or lines with a head of their own. */
static taken put_runs(wg_layer *batch, const shape *in, bool with_heads) {
    const uint32_t n = in->n_ends == 0 ? 1 : (uint32_t)in->n_ends;
    uint32_t from = 0;
    bool kept = put_u32(batch, n);
    for (uint32_t i = 0; kept && i < n; i++) {
        const uint32_t end = in->n_ends == 0 ? (uint32_t)in->pairs : u32_at(in->ends + 4 * (size_t)i);
        kept = (!with_heads || put_head(batch, WG_WKB_LINESTRING)) && put_u32(batch, end - from) &&
               put_pairs(batch, in->xy + 16 * (size_t)from, end - from);
        from = end;
    }
    return kept ? TAKEN : NO_MEMORY;
}

static taken put_point(wg_layer *batch, const shape *in) {
    double xy[2];
    memcpy(xy, in->xy, sizeof xy);
    if (in->pairs != 1) {
        return NOT_UNDERSTOOD;
    }
    if (isnan(xy[0]) && isnan(xy[1])) {
        return TAKEN; /* an empty one */
    }
    return put_head(batch, WG_WKB_POINT) && put_pairs(batch, in->xy, 1) ? TAKEN : NO_MEMORY;
}

static taken put_multipoint(wg_layer *batch, const shape *in) {
    bool kept = put_head(batch, WG_WKB_MULTIPOINT) && put_u32(batch, (uint32_t)in->pairs);
    for (size_t i = 0; kept && i < in->pairs; i++) {
        kept = put_head(batch, WG_WKB_POINT) && put_pairs(batch, in->xy + 16 * i, 1);
    }
    return kept ? TAKEN : NO_MEMORY;
}

static taken put_polygons(wg_layer *batch, const flat *in, const table *geometry) {
    size_t at = 0, n = 0;
    if (!vector_field(in, geometry, GEOMETRY_PARTS, 4, &at, &n) || n == 0) {
        return NOT_UNDERSTOOD;
    }
    taken all = put_head(batch, WG_WKB_MULTIPOLYGON) && put_u32(batch, (uint32_t)n) ? TAKEN : NO_MEMORY;
    for (size_t i = 0; all == TAKEN && i < n; i++) {
        table part;
        shape rings;
        if (!open_table(in, at + 4 * i + u32_at(in->bytes + at + 4 * i), &part) || !open_shape(in, &part, &rings) ||
            rings.pairs == 0) {
            return NOT_UNDERSTOOD;
        }
        all = put_head(batch, WG_WKB_POLYGON) ? put_runs(batch, &rings, false) : NO_MEMORY;
    }
    return all;
}

static taken take_geometry(const struct wg_fgb *own, const flat *in, size_t at, wg_layer *batch) {
    table geometry;
    shape own_shape;
    if (!open_table(in, at, &geometry)) {
        return NOT_UNDERSTOOD;
    }
    if (own->geometry == WG_WKB_MULTIPOLYGON) {
        return put_polygons(batch, in, &geometry);
    }
    if (!open_shape(in, &geometry, &own_shape) || own_shape.pairs == 0) {
        return NOT_UNDERSTOOD;
    }
    switch (own->geometry) {
    case WG_WKB_POINT:
        return put_point(batch, &own_shape);
    case WG_WKB_MULTIPOINT:
        return put_multipoint(batch, &own_shape);
    case WG_WKB_LINESTRING:
        own_shape.n_ends = 0;
        return put_head(batch, WG_WKB_LINESTRING) && put_u32(batch, (uint32_t)own_shape.pairs) &&
                       put_pairs(batch, own_shape.xy, own_shape.pairs)
                   ? TAKEN
                   : NO_MEMORY;
    default:
        return put_head(batch, own->geometry) ? put_runs(batch, &own_shape, own->geometry == WG_WKB_MULTILINESTRING)
                                              : NO_MEMORY;
    }
}

/* ---------------------------------------------------------------- values */

/** `length` + 1 bytes of the batch's arena. */
static char *text_room(struct wg_fgb *own, wg_layer *batch, size_t length) {
    if ((size_t)(own->text_end - own->text) <= length) {
        if (length >= TEXT_BYTES / 4) {
            return wg_arena_alloc(&batch->text, length + 1);
        }
        own->text = wg_arena_alloc(&batch->text, TEXT_BYTES);
        own->text_end = own->text == NULL ? NULL : own->text + TEXT_BYTES;
        if (own->text == NULL) {
            return NULL;
        }
    }
    char *room = own->text;
    own->text += length + 1;
    return room;
}

static bool take_text(wg_reader *reader, const char *bytes, size_t length, wg_layer *batch, wg_column *to, size_t row) {
    if (!wg_utf8_valid(bytes, length)) {
        wg_buffer_clear(&reader->scratch);
        wg_reader_decode(reader, bytes, length, &reader->scratch);
        if (reader->scratch.failed) {
            return false;
        }
        bytes = reader->scratch.data;
        length = reader->scratch.length;
    }
    char *copy = text_room(reader->fgb, batch, length);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    to->value.text[row] = copy;
    return true;
}

static int64_t integer_of(uint8_t type, const uint8_t *at) {
    int32_t wide;
    int64_t widest;
    switch (type) {
    case FGB_BYTE:
        return (int8_t)at[0];
    case FGB_UBYTE:
        return at[0];
    case FGB_BOOL:
        return at[0] != 0;
    case FGB_SHORT:
        return (int16_t)u16_at(at);
    case FGB_USHORT:
        return u16_at(at);
    case FGB_UINT:
        return u32_at(at);
    case FGB_INT:
        memcpy(&wide, at, sizeof wide);
        return wide;
    default:
        memcpy(&widest, at, sizeof widest);
        return widest;
    }
}

static double real_of(uint8_t type, const uint8_t *at) {
    float narrow;
    double wide;
    uint64_t whole;
    if (type == FGB_FLOAT) {
        memcpy(&narrow, at, sizeof narrow);
        return (double)narrow;
    }
    if (type == FGB_ULONG) {
        memcpy(&whole, at, sizeof whole);
        return (double)whole;
    }
    memcpy(&wide, at, sizeof wide);
    return wide;
}

/** Properties: number of the column and value, one after the other. */
static taken take_values(wg_reader *reader, const uint8_t *at, const uint8_t *end, wg_layer *batch, size_t row) {
    static const uint8_t width[FGB_TYPES] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4, 4};
    const struct wg_fgb *own = reader->fgb;
    while (at < end) {
        if (end - at < 2 || u16_at(at) >= own->n_columns) {
            return NOT_UNDERSTOOD;
        }
        const uint32_t field = u16_at(at), column = own->column_of[field];
        const uint8_t type = own->type[field];
        at += 2;
        if ((size_t)(end - at) < width[type]) {
            return NOT_UNDERSTOOD;
        }
        const uint8_t *value = at;
        at += width[type];
        const bool text = layer_type(type) == WG_TEXT;
        const size_t length = text ? u32_at(value) : 0;
        if (length > (size_t)(end - at)) {
            return NOT_UNDERSTOOD;
        }
        at += length;
        if (column == UINT32_MAX) {
            continue;
        }
        wg_column *to = &batch->columns[column];
        if (to->null[row] == 0) {
            return NOT_UNDERSTOOD; /* said twice */
        }
        to->null[row] = 0;
        if (text) {
            if (!take_text(reader, (const char *)at - length, length, batch, to, row)) {
                return NO_MEMORY;
            }
        } else if (to->type == WG_INTEGER) {
            to->value.integer[row] = integer_of(type, value);
        } else {
            to->value.real[row] = real_of(type, value);
            to->null[row] = (uint8_t)(isnan(to->value.real[row]) ? 1 : 0);
        }
    }
    return TAKEN;
}

/* ---------------------------------------------------------------- rows */

static taken take_feature(wg_reader *reader, const flat *in, wg_layer *batch, size_t row) {
    table feature;
    size_t at = 0, n = 0;
    if (!open_root(in, &feature) || field_at(in, &feature, FEATURE_COLUMNS, 4) != 0 ||
        !vector_field(in, &feature, FEATURE_PROPERTIES, 1, &at, &n)) {
        return NOT_UNDERSTOOD;
    }
    const size_t geometry = field_at(in, &feature, FEATURE_GEOMETRY, 4);
    taken status = TAKEN;
    if (geometry != 0) {
        status = take_geometry(reader->fgb, in, geometry + u32_at(in->bytes + geometry), batch);
    }
    batch->wkb_offset[row + 1] = batch->wkb_length;
    batch->fid[row] = (int64_t)reader->fgb->done;
    return status == TAKEN ? take_values(reader, in->bytes + at, in->bytes + at + n, batch, row) : status;
}

/** Have `bytes` in the block from `at` on. @return WG_OK also at the end of the file, with fewer */
static wg_status have(wg_context *ctx, struct wg_fgb *own, size_t bytes) {
    if (own->filled - own->at >= bytes) {
        return WG_OK;
    }
    memmove(own->block, own->block + own->at, own->filled - own->at);
    own->filled -= own->at;
    own->at = 0;
    if (!WG_RESERVE(own->block, own->capacity, bytes)) {
        return wg_fail_memory(ctx);
    }
    const size_t got = wg_read_at(own->fd, own->block + own->filled, own->capacity - own->filled, own->read_at);
    own->filled += got;
    own->read_at += got;
    return WG_OK;
}

/** The next feature's bytes. @param[out] feature  NULL at the end */
static wg_status next_feature(wg_context *ctx, wg_reader *reader, flat *feature) {
    struct wg_fgb *own = reader->fgb;
    *feature = (flat){0};
    wg_status status = have(ctx, own, 4);
    const size_t left = own->filled - own->at;
    if (status != WG_OK || (left == 0 && own->count == 0)) {
        return status;
    }
    const size_t bytes = left < 4 ? 0 : u32_at(own->block + own->at);
    const uint64_t here = own->read_at - left;
    if (left >= 4 && bytes <= own->file_bytes - here - 4) {
        status = have(ctx, own, 4 + bytes);
    }
    if (status == WG_OK && (left < 4 || own->filled - own->at < 4 + bytes)) {
        return wg_fail(ctx, WG_EIO, "%s: the file is cut off in feature %llu (get it again)",
                       wg_layer_source(reader->schema), (unsigned long long)own->done);
    }
    *feature = (flat){own->block + own->at + 4, bytes};
    return status;
}

/** OGR goes on with the feature that was not understood. */
static wg_status leave_to_ogr(wg_context *ctx, wg_reader *reader) {
    const int64_t next = (int64_t)reader->fgb->done;
    wg_log(ctx, WG_LOG_DEBUG, "%s: from feature %lld on through OGR", wg_layer_source(reader->schema), (long long)next);
    wg_fgb_close(reader);
    reader->arrow = false;
    OGR_L_ResetReading(reader->ogr);
    reader->errors.failed = false;
    return next == 0 || OGR_L_SetNextByIndex(reader->ogr, next) == OGRERR_NONE || !reader->errors.failed
               ? WG_OK
               : wg_fail(ctx, WG_EIO, "%s: cannot be read: %s", wg_layer_source(reader->schema),
                         reader->errors.message);
}

/** Up to `most` rows behind those of the batch. */
static wg_status take_rows(wg_context *ctx, wg_reader *reader, wg_layer *batch, size_t most, bool *more) {
    struct wg_fgb *own = reader->fgb;
    size_t first = 0, row = 0;
    taken last = TAKEN;
    wg_status status = wg_layer_add_rows(ctx, batch, most, &first);
    own->text = own->text_end = NULL;
    for (row = first; status == WG_OK && row < first + most; row++) {
        flat feature;
        const size_t length = batch->wkb_length;
        status = next_feature(ctx, reader, &feature);
        *more = feature.bytes != NULL;
        if (status != WG_OK || !*more) {
            break;
        }
        last = take_feature(reader, &feature, batch, row);
        if (last != TAKEN) {
            batch->wkb_length = length;
            break;
        }
        own->at += 4 + feature.size;
        own->done++;
    }
    batch->n = row;
    if (status == WG_OK && last == NO_MEMORY) {
        status = wg_fail_memory(ctx);
    }
    return status == WG_OK && last == NOT_UNDERSTOOD ? leave_to_ogr(ctx, reader) : status;
}

wg_status wg_fgb_next(wg_context *ctx, wg_reader *reader, wg_layer *batch, bool *more) {
    wg_status status = WG_OK;
    *more = true;
    while (status == WG_OK && *more && reader->fgb != NULL && batch->n < reader->batch_rows) {
        const struct wg_fgb *own = reader->fgb;
        const size_t room = reader->batch_rows - batch->n;
        size_t most = room < WG_BATCH_ROWS ? room : WG_BATCH_ROWS;
        if (own->count > 0 && own->count - own->done <= most) {
            most = (size_t)(own->count - own->done);
        }
        if (wg_cancelled(ctx)) {
            return wg_fail(ctx, WG_ECANCELLED, "interrupted");
        }
        if (most > 0) {
            status = take_rows(ctx, reader, batch, most, more);
        }
        if (status == WG_OK && reader->fgb != NULL && own->count > 0 && own->done == own->count) {
            *more = false;
        }
    }
    return status;
}
