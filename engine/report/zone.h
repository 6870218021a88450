/** Time zones: civil time to UTC and back, from the system's zone files; no global state. */
#ifndef WG_REPORT_ZONE_H
#define WG_REPORT_ZONE_H

#include "core/memory.h"
#include "core/status.h"

typedef struct wg_time_zone_span {
    int64_t from;   /**< seconds since 1970, UTC */
    int32_t offset; /**< seconds east of UTC from then on */
} wg_time_zone_span;

typedef struct wg_time_zone {
    char name[64];
    wg_time_zone_span *spans; /**< ascending; the first one holds before its own start too */
    size_t n;
} wg_time_zone;

/**
 * @param name  IANA name ("Asia/Shanghai"), "UTC", or a fixed offset ("+08:00", "UTC+8", "-0330")
 * @return WG_EINVAL for an unknown name, or one that is no zone name at all
 */
wg_status wg_time_zone_open(wg_context *ctx, const char *name, wg_time_zone *zone);
void wg_time_zone_release(wg_time_zone *zone);

/** Seconds east of UTC at a moment. O(log n) */
int32_t wg_time_zone_offset(const wg_time_zone *zone, int64_t utc);
/**
 * The moment at which a clock of the zone shows `local` (seconds since 1970-01-01 00:00 local). Of two such moments the
 * earlier one; inside a gap the clock is read as if the jump had not happened yet.
 */
int64_t wg_time_zone_utc(const wg_time_zone *zone, int64_t local);

#endif
