/** Numbers and dates as people type them. */
#ifndef WG_MODEL_NUMBER_H
#define WG_MODEL_NUMBER_H

#include "core/status.h"

typedef enum wg_number_kind {
    WG_NUMBER_BAD = 0, /**< not a number, or ambiguous ("150-300", "12,5") */
    WG_NUMBER_MISSING, /**< empty, or a word for it: "-", "无", "不详", "N/A", "NULL" … */
    WG_NUMBER_EXACT,
    WG_NUMBER_ABOUT /**< "约300", "300左右", "300多" */
} wg_number_kind;

/**
 * Read a number: `2 132`, `1,785`, `１５０`, `约300`, `1.2万`, `三百二十`, `85户`, `1.5e3`, full-width digits and
 * signs. A comma groups thousands only where every group has three digits; a unit of people, households, floors or area
 * may follow.
 * @param[out] value  set for EXACT and ABOUT
 */
wg_number_kind wg_number_parse(const char *text, double *value);

/** A length or area with a unit as `m2`, `ha`, `km2`, `亩`, `公顷`, `平方公里`; none: m². Same rules as
 * wg_number_parse. */
wg_number_kind wg_area_parse(const char *text, double *area_m2);

/** A point in time of the proleptic Gregorian calendar. */
typedef struct wg_date {
    int year, month, day; /**< month, day 1.. */
    int hour, minute;
    double second;
    bool has_time;
    bool has_zone;
    int zone_minutes; /**< east of UTC, where has_zone */
} wg_date;

typedef enum wg_date_kind {
    WG_DATE_BAD = 0, /**< not a date, or one that does not exist */
    WG_DATE_MISSING,
    WG_DATE_AMBIGUOUS, /**< 03/04/2020: day and month cannot be told apart */
    WG_DATE_GOOD
} wg_date_kind;

/**
 * Read a date: ISO 8601, `2020/2/20`, `2020.2.20 14:30`, `20200220`, `2020年2月20日 下午2点30分`, `20/2/2020` where one
 * number is above 12, `2/20/2020 2:30:00 PM`, and, with `serial`, a spreadsheet's day number (43881.5; days since
 * 1899-12-30).
 */
wg_date_kind wg_date_parse(const char *text, bool serial, wg_date *date);
/** A spreadsheet's day number. @return false outside 1900-03-01 … 9999 */
bool wg_date_from_serial(double serial, wg_date *date);
/** Days since 1970-01-01 of a date. */
int64_t wg_date_days(const wg_date *date);
/** Inverse of wg_date_days; the time fields become zero. */
void wg_date_from_days(int64_t days, wg_date *date);
/** Seconds since 1970-01-01T00:00:00Z, reading a date without a zone as one of `zone_minutes`. */
double wg_date_seconds(const wg_date *date, int zone_minutes);
/** ISO 8601 text: "2020-02-20", "2020-02-20T14:30:00", with zone "+08:00" or "Z" where known. @param text  at least 40
 * bytes */
void wg_date_format(const wg_date *date, char *text, size_t bytes);

#endif
