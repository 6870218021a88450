/* Zone files as RFC 8536 describes them (TZif): the 64-bit block of transitions. */
#include "report/zone.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { HEADER_BYTES = 44, FILE_MOST = 1 << 20, TRANSITIONS_MOST = 4096 };

static uint32_t big32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t big64(const uint8_t *at) {
    return (int64_t)((uint64_t)big32(at) << 32 | big32(at + 4));
}

/** Counts of one block of a zone file. */
typedef struct block {
    uint32_t isut, isstd, leap, times, types, chars;
} block;

static block read_counts(const uint8_t *header) {
    return (block){big32(header + 20), big32(header + 24), big32(header + 28),
                   big32(header + 32), big32(header + 36), big32(header + 40)};
}

static size_t block_bytes(const block *b, size_t time_bytes) {
    return (size_t)b->times * (time_bytes + 1) + (size_t)b->types * 6 + b->chars + (size_t)b->leap * (time_bytes + 4) +
           b->isstd + b->isut;
}

static bool sane(const block *b) {
    return b->times <= TRANSITIONS_MOST && b->types >= 1 && b->types <= 256 && b->chars <= 4096 && b->leap <= 1024 &&
           b->isstd <= 256 && b->isut <= 256;
}

static wg_status parse(wg_context *ctx, const uint8_t *data, size_t length, wg_time_zone *zone) {
    if (length < HEADER_BYTES || memcmp(data, "TZif", 4) != 0 || data[4] < '2') {
        return wg_fail(ctx, WG_EDATA, "time zone %s: not a zone file of version 2 or later", zone->name);
    }
    const block old = read_counts(data);
    const size_t second = sane(&old) ? HEADER_BYTES + block_bytes(&old, 4) : length;
    if (second + HEADER_BYTES > length || memcmp(data + second, "TZif", 4) != 0) {
        return wg_fail(ctx, WG_EDATA, "time zone %s: damaged zone file", zone->name);
    }
    const block b = read_counts(data + second);
    const uint8_t *times = data + second + HEADER_BYTES;
    if (!sane(&b) || second + HEADER_BYTES + block_bytes(&b, 8) > length) {
        return wg_fail(ctx, WG_EDATA, "time zone %s: damaged zone file", zone->name);
    }
    const uint8_t *type_of = times + (size_t)b.times * 8;
    const uint8_t *types = type_of + b.times;
    zone->spans = wg_malloc((size_t)b.times + 1, sizeof *zone->spans);
    if (zone->spans == NULL) {
        return wg_fail_memory(ctx);
    }
    zone->spans[zone->n++] = (wg_time_zone_span){INT64_MIN, (int32_t)big32(types)};
    for (uint32_t i = 0; i < b.times; i++) {
        const uint8_t type = type_of[i] < b.types ? type_of[i] : 0;
        zone->spans[zone->n++] =
            (wg_time_zone_span){big64(times + (size_t)i * 8), (int32_t)big32(types + (size_t)type * 6)};
    }
    return WG_OK;
}

/** "+08:00", "UTC+8", "-0330", "Z", "UTC". @return whether `name` is of that kind */
static bool fixed_offset(const char *name, int32_t *offset) {
    if (strncmp(name, "UTC", 3) == 0 || strncmp(name, "GMT", 3) == 0) {
        name += 3;
    }
    if (*name == '\0' || strcmp(name, "Z") == 0) {
        *offset = 0;
        return true;
    }
    if (*name != '+' && *name != '-') {
        return false;
    }
    const int32_t sign = *name == '-' ? -1 : 1;
    int digits[4];
    int n = 0;
    bool colon = false;
    for (const char *at = name + 1; *at != '\0'; at++) {
        if (*at == ':' && !colon && n > 0 && n <= 2) {
            colon = true;
        } else if (isdigit((unsigned char)*at) && n < 4) {
            digits[n++] = *at - '0';
        } else {
            return false;
        }
    }
    const int hours = n == 1 || n == 3 ? digits[0] : n >= 2 ? digits[0] * 10 + digits[1] : -1;
    const int minutes = n == 4 ? digits[2] * 10 + digits[3] : n == 3 ? digits[1] * 10 + digits[2] : 0;
    *offset = sign * (hours * 3600 + minutes * 60);
    return hours >= 0 && hours <= 14 && minutes < 60;
}

static bool plain_name(const char *name) {
    for (const char *at = name; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at) && strchr("/_+-", *at) == NULL) {
            return false;
        }
    }
    return name[0] != '\0' && name[0] != '/' && strlen(name) < 60;
}

wg_status wg_time_zone_open(wg_context *ctx, const char *name, wg_time_zone *zone) {
    *zone = (wg_time_zone){.n = 0};
    int32_t offset;
    if (fixed_offset(name, &offset)) {
        snprintf(zone->name, sizeof zone->name, "%s", name);
        zone->spans = wg_malloc(1, sizeof *zone->spans);
        if (zone->spans == NULL) {
            return wg_fail_memory(ctx);
        }
        zone->spans[zone->n++] = (wg_time_zone_span){INT64_MIN, offset};
        return WG_OK;
    }
    char path[128];
    if (!plain_name(name)) {
        return wg_fail(ctx, WG_EINVAL,
                       "time zone '%s': not a zone (use a name like Asia/Shanghai, or an offset like +08:00)", name);
    }
    snprintf(zone->name, sizeof zone->name, "%s", name);
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return wg_fail(ctx, WG_EINVAL,
                       "time zone '%s': unknown (use a name like Asia/Shanghai, or an offset like +08:00)", name);
    }
    uint8_t *data = wg_malloc(FILE_MOST, 1);
    const size_t length = data == NULL ? 0 : fread(data, 1, FILE_MOST, file);
    fclose(file);
    const wg_status status = data == NULL ? wg_fail_memory(ctx) : parse(ctx, data, length, zone);
    free(data);
    if (status != WG_OK) {
        wg_time_zone_release(zone);
    }
    return status;
}

void wg_time_zone_release(wg_time_zone *zone) {
    free(zone->spans);
    zone->spans = NULL;
    zone->n = 0;
}

/** Index of the span that holds at a moment. */
static size_t span_at(const wg_time_zone *zone, int64_t utc) {
    size_t low = 0;
    size_t high = zone->n;
    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;
        if (zone->spans[middle].from <= utc) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

int32_t wg_time_zone_offset(const wg_time_zone *zone, int64_t utc) {
    return zone->n == 0 ? 0 : zone->spans[span_at(zone, utc)].offset;
}

int64_t wg_time_zone_utc(const wg_time_zone *zone, int64_t local) {
    if (zone->n == 0) {
        return local;
    }
    /* Offsets stay within a day, so the span is one of those around the moment. */
    const size_t first = span_at(zone, local - 86400);
    const size_t last = span_at(zone, local + 86400);
    for (size_t i = first; i <= last; i++) {
        const int64_t utc = local - zone->spans[i].offset;
        if (span_at(zone, utc) == i) {
            return utc;
        }
    }
    for (size_t i = first; i < last; i++) {
        if (local - zone->spans[i].offset >= zone->spans[i + 1].from &&
            local - zone->spans[i + 1].offset < zone->spans[i + 1].from) {
            return local - zone->spans[i].offset;
        }
    }
    return local - zone->spans[first].offset;
}
