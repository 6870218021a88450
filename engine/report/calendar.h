/** Working time: hours of the day, days of the week, holidays and the working days that make up for them. */
#ifndef WG_REPORT_CALENDAR_H
#define WG_REPORT_CALENDAR_H

#include "report/zone.h"

enum { WG_CALENDAR_SHIFTS = 8 };

/** A stretch of a working day, in minutes since midnight; from < to <= 1440. */
typedef struct wg_shift {
    int from, to;
} wg_shift;

/** An exception from the weekly rule. Days are counted from 1970-01-01. */
typedef struct wg_special_day {
    int64_t day;
    bool working;
} wg_special_day;

typedef struct wg_calendar {
    wg_shift shift[WG_CALENDAR_SHIFTS]; /**< ascending, without overlap; n_shifts 0: 09:00–12:00, 13:00–18:00 */
    uint32_t n_shifts;
    bool weekday[7];         /**< Monday first; all false: Monday to Friday */
    wg_special_day *special; /**< sorted by day (wg_calendar_prepare) */
    size_t n_special;
} wg_calendar;

/** Fill in the defaults and sort. @return WG_EINVAL for shifts that overlap or end before they start, or a day named
 * twice */
wg_status wg_calendar_prepare(wg_context *ctx, wg_calendar *calendar);
void wg_calendar_release(wg_calendar *calendar);

bool wg_calendar_works(const wg_calendar *calendar, int64_t day);
/** Moment at which `hours` of working time have passed since `utc`. O(days) */
int64_t wg_calendar_add_hours(const wg_calendar *calendar, const wg_time_zone *zone, int64_t utc, double hours);
/** End of the `days`-th working day after the day of `utc`; 0: end of that day, or of the next working day. O(days) */
int64_t wg_calendar_add_days(const wg_calendar *calendar, const wg_time_zone *zone, int64_t utc, uint32_t days);
/** Working hours between two moments; negative where `to` is before `from`. O(days) */
double wg_calendar_hours(const wg_calendar *calendar, const wg_time_zone *zone, int64_t from, int64_t to);

#endif
