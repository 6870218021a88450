/** The time that goes into files whose formats ask for one, so that the same input gives the same bytes. */
#ifndef WG_RENDER_STAMP_H
#define WG_RENDER_STAMP_H

#include <stdint.h>

/** @return seconds since 1970 from SOURCE_DATE_EPOCH, or 2000-01-01T00:00:00Z where it is not set or not a number */
int64_t wg_stamp_time(void);

/** ISO 8601 in UTC, "2000-01-01T00:00:00Z". @param[out] text  at least 21 bytes */
void wg_stamp_iso(int64_t time, char text[21]);

#endif
