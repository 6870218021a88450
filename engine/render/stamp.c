#include "render/stamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STAMP_DEFAULT = 1577836800 };    /* 2020-01-01T00:00:00Z */
#define STAMP_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

int64_t wg_stamp_time(void) {
    const char *text = getenv("SOURCE_DATE_EPOCH");
    if (text == NULL || *text < '0' || *text > '9') {
        return STAMP_DEFAULT;
    }
    char *end;
    errno = 0;
    const long long value = strtoll(text, &end, 10);
    return errno != 0 || *end != '\0' || value > STAMP_MAX ? STAMP_DEFAULT : (int64_t)value;
}

void wg_stamp_iso(int64_t time, char text[21]) {
    struct tm parts;
    const time_t seconds = (time_t)time;
    gmtime_r(&seconds, &parts);
    strftime(text, 21, "%Y-%m-%dT%H:%M:%SZ", &parts);
}
