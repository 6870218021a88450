/**
 * Looking into a flatbuffer (flatbuffers.dev/internals) that nobody vouches for: tables, their fields and vectors, each
 * only where it lies within the bytes. Inline, for it is done some ten times a row. Private to this module.
 */
#ifndef WG_IO_FLATBUFFER_H
#define WG_IO_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** A flatbuffer, or the part of it that starts at `at`. */
typedef struct flat {
    const uint8_t *bytes;
    size_t size;
} flat;

static inline uint16_t u16_at(const uint8_t *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint32_t u32_at(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline bool fits(const flat *in, size_t at, size_t bytes) {
    return at <= in->size && bytes <= in->size - at;
}

/** A table: where its fields lie. */
typedef struct table {
    size_t at, vtable;
    uint16_t vtable_bytes, bytes;
} table;

static inline bool open_table(const flat *in, size_t at, table *out) {
    int32_t back;
    if (!fits(in, at, sizeof back)) {
        return false;
    }
    memcpy(&back, in->bytes + at, sizeof back);
    const int64_t vtable = (int64_t)at - back;
    if (vtable < 0 || !fits(in, (size_t)vtable, 4)) {
        return false;
    }
    *out = (table){.at = at,
                   .vtable = (size_t)vtable,
                   .vtable_bytes = u16_at(in->bytes + vtable),
                   .bytes = u16_at(in->bytes + vtable + 2)};
    return out->vtable_bytes >= 4 && fits(in, out->vtable, out->vtable_bytes) && fits(in, at, out->bytes);
}

static inline bool open_root(const flat *in, table *out) {
    return fits(in, 0, 4) && open_table(in, u32_at(in->bytes), out);
}

/** Place of a field of `bytes`. @return 0 where the table does not have it */
static inline size_t field_at(const flat *in, const table *of, unsigned slot, size_t bytes) {
    const size_t entry = 4 + 2 * (size_t)slot;
    const size_t offset = entry + 2 <= of->vtable_bytes ? u16_at(in->bytes + of->vtable + entry) : 0;
    return offset != 0 && offset + bytes <= of->bytes ? of->at + offset : 0;
}

static inline uint8_t byte_field(const flat *in, const table *of, unsigned slot) {
    const size_t at = field_at(in, of, slot, 1);
    return at == 0 ? 0 : in->bytes[at];
}

/** A vector: `n` items from `at` on. An absent one has none. @return false where it leaves the buffer */
static inline bool vector_field(const flat *in, const table *of, unsigned slot, size_t item_bytes, size_t *at,
                                size_t *n) {
    const size_t field = field_at(in, of, slot, 4);
    *n = 0;
    *at = 0;
    if (field == 0) {
        return true;
    }
    const size_t vector = field + u32_at(in->bytes + field);
    if (!fits(in, vector, 4)) {
        return false;
    }
    *at = vector + 4;
    *n = u32_at(in->bytes + vector);
    return *n <= (in->size - *at) / item_bytes;
}

#endif
