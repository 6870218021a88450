#include "report/calendar.h"

#include <math.h>

enum { DAY_SECONDS = 86400, LOOK_AHEAD = 3660 }; /* a calendar without any working day in ten years ends the search */

static int by_day(const void *a, const void *b) {
    const int64_t left = ((const wg_special_day *)a)->day;
    const int64_t right = ((const wg_special_day *)b)->day;
    return left < right ? -1 : left > right;
}

wg_status wg_calendar_prepare(wg_context *ctx, wg_calendar *calendar) {
    if (calendar->n_shifts == 0) {
        calendar->shift[0] = (wg_shift){9 * 60, 12 * 60};
        calendar->shift[1] = (wg_shift){13 * 60, 18 * 60};
        calendar->n_shifts = 2;
    }
    for (uint32_t i = 0; i < calendar->n_shifts; i++) {
        const wg_shift *shift = &calendar->shift[i];
        if (shift->from < 0 || shift->to > 1440 || shift->from >= shift->to || (i > 0 && shift->from < shift[-1].to)) {
            return wg_fail(ctx, WG_EINVAL,
                           "calendar: working hours %02d:%02d-%02d:%02d overlap others or end before they start",
                           shift->from / 60, shift->from % 60, shift->to / 60, shift->to % 60);
        }
    }
    bool any = false;
    for (uint32_t i = 0; i < 7; i++) {
        any = any || calendar->weekday[i];
    }
    for (uint32_t i = 0; i < 5 && !any; i++) {
        calendar->weekday[i] = true;
    }
    if (calendar->n_special > 1) { /* qsort takes no NULL */
        qsort(calendar->special, calendar->n_special, sizeof *calendar->special, by_day);
    }
    for (size_t i = 1; i < calendar->n_special; i++) {
        if (calendar->special[i].day == calendar->special[i - 1].day) {
            return wg_fail(ctx, WG_EINVAL, "calendar: a day is named twice among holidays and workdays");
        }
    }
    return WG_OK;
}

void wg_calendar_release(wg_calendar *calendar) {
    free(calendar->special);
    calendar->special = NULL;
    calendar->n_special = 0;
}

bool wg_calendar_works(const wg_calendar *calendar, int64_t day) {
    const wg_special_day key = {.day = day};
    const wg_special_day *special =
        calendar->n_special == 0 ? NULL : bsearch(&key, calendar->special, calendar->n_special, sizeof key, by_day);
    if (special != NULL) {
        return special->working;
    }
    /* 1970-01-01 was a Thursday. */
    return calendar->weekday[((day + 3) % 7 + 7) % 7];
}

/** Local time of a moment as a day and the seconds since its midnight. */
static int64_t local_day(const wg_time_zone *zone, int64_t utc, int64_t *second) {
    const int64_t local = utc + wg_time_zone_offset(zone, utc);
    const int64_t day = local >= 0 ? local / DAY_SECONDS : -((-local + DAY_SECONDS - 1) / DAY_SECONDS);
    *second = local - day * DAY_SECONDS;
    return day;
}

int64_t wg_calendar_add_hours(const wg_calendar *calendar, const wg_time_zone *zone, int64_t utc, double hours) {
    int64_t second;
    int64_t day = local_day(zone, utc, &second);
    int64_t left = (int64_t)llround(hours * 3600.0);
    int idle = 0;
    for (; idle < LOOK_AHEAD; day++, second = 0) {
        if (!wg_calendar_works(calendar, day)) {
            idle++;
            continue;
        }
        idle = 0;
        for (uint32_t i = 0; i < calendar->n_shifts; i++) {
            const int64_t from = calendar->shift[i].from * 60 > second ? calendar->shift[i].from * 60 : second;
            const int64_t span = calendar->shift[i].to * 60 - from;
            if (span <= 0) {
                continue;
            }
            if (left <= span) {
                return wg_time_zone_utc(zone, day * DAY_SECONDS + from + left);
            }
            left -= span;
        }
    }
    return INT64_MAX;
}

int64_t wg_calendar_add_days(const wg_calendar *calendar, const wg_time_zone *zone, int64_t utc, uint32_t days) {
    int64_t second;
    int64_t day = local_day(zone, utc, &second);
    int idle = 0;
    if (days == 0 && wg_calendar_works(calendar, day)) {
        return wg_time_zone_utc(zone, day * DAY_SECONDS + calendar->shift[calendar->n_shifts - 1].to * 60);
    }
    for (uint32_t left = days == 0 ? 1 : days; idle < LOOK_AHEAD;) {
        day++;
        if (!wg_calendar_works(calendar, day)) {
            idle++;
            continue;
        }
        idle = 0;
        if (--left == 0) {
            return wg_time_zone_utc(zone, day * DAY_SECONDS + calendar->shift[calendar->n_shifts - 1].to * 60);
        }
    }
    return INT64_MAX;
}

double wg_calendar_hours(const wg_calendar *calendar, const wg_time_zone *zone, int64_t from, int64_t to) {
    if (to < from) {
        return -wg_calendar_hours(calendar, zone, to, from);
    }
    int64_t from_second;
    int64_t to_second;
    const int64_t first = local_day(zone, from, &from_second);
    const int64_t last = local_day(zone, to, &to_second);
    int64_t seconds = 0;
    for (int64_t day = first; day <= last; day++) {
        if (!wg_calendar_works(calendar, day)) {
            continue;
        }
        const int64_t begin = day == first ? from_second : 0;
        const int64_t end = day == last ? to_second : DAY_SECONDS;
        for (uint32_t i = 0; i < calendar->n_shifts; i++) {
            const int64_t a = calendar->shift[i].from * 60 > begin ? calendar->shift[i].from * 60 : begin;
            const int64_t b = calendar->shift[i].to * 60 < end ? calendar->shift[i].to * 60 : end;
            seconds += b > a ? b - a : 0;
        }
    }
    return (double)seconds / 3600.0;
}
