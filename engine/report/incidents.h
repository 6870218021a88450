/**
 * Incidents of a report: gathered batch by batch into 64 bytes each, then counted. Times are seconds since 1970, UTC.
 */
#ifndef WG_REPORT_INCIDENTS_H
#define WG_REPORT_INCIDENTS_H

#include "report/config.h"
#include "report/tree.h"

#define WG_NO_TIME INT64_MIN

/** Facts that are not times. */
enum {
    WG_INCIDENT_CLOSED = 1u << 0, /**< its status says so (the time may be unknown) */
    WG_INCIDENT_HANDLED = 1u << 1,
    WG_INCIDENT_INVALID = 1u << 2,
    WG_INCIDENT_REWORKED = 1u << 3,
    WG_INCIDENT_EXTENDED = 1u << 4,
    WG_INCIDENT_DISPATCHED = 1u << 5,
    WG_INCIDENT_DIRECT = 1u << 6
};

typedef struct wg_incident {
    int64_t opened, due, closed, handled; /**< WG_NO_TIME: unknown */
    double weight;                        /**< 1, or the share of one that is divided over cells */
    uint32_t place;                       /**< of the tree */
    uint32_t facts;
    uint16_t category, route, severity; /**< numbers of the word lists */
} wg_incident;

/** Words in the order of their first appearance. */
typedef struct wg_words {
    const char **word;
    size_t n, capacity;
    uint32_t *slot; /**< hash table of numbers + 1 */
    size_t slots;
    wg_arena text;
} wg_words;

enum { WG_WORDS_MOST = 65535 };
/** Number of a word, added where it is new; NULL is "". @return WG_EDATA for more than 65 535 different ones */
wg_status wg_words_number(wg_context *ctx, wg_words *words, const char *text, uint16_t *number);
void wg_words_release(wg_words *words);

typedef struct wg_incidents {
    wg_incident *items;
    size_t n, capacity;
    wg_words categories, routes, severities;
    size_t undated;    /**< without a time of opening */
    size_t disordered; /**< closed before they were opened: counted as closed, without duration */
    size_t bad_times;  /**< a time that could not be read */
} wg_incidents;

/** Columns of an incident layer; UINT32_MAX: not there. */
typedef struct wg_incident_columns {
    uint32_t category, status, opened, due, closed, handled, severity, route, rework, extended, dispatched, direct,
        valid, weight;
} wg_incident_columns;

/**
 * Append the rows of a layer.
 * @param place  a place of the tree a row
 * @param zone   reads times without a zone; NULL: such a time is WG_EINVAL, with advice
 * @return WG_EDATA for a layer of the wrong kind; unreadable times are counted
 */
wg_status wg_incidents_add(wg_context *ctx, wg_incidents *incidents, const wg_layer *layer,
                           const wg_incident_columns *columns, const uint32_t *place, const wg_time_zone *zone);
void wg_incidents_release(wg_incidents *incidents);

/** Give a deadline to incidents without one, by the rules of the configuration. */
void wg_incidents_set_deadlines(wg_incidents *incidents, const wg_report_config *config, const wg_time_zone *zone);

/** Newest time of all (opened, handled, closed); WG_NO_TIME without any. Deadlines do not count. */
int64_t wg_incidents_newest(const wg_incidents *incidents);

/** A span of time: from <= t < to; WG_NO_TIME: open. */
typedef struct wg_span {
    int64_t from, to;
} wg_span;
static inline bool wg_in_span(wg_span span, int64_t time) {
    return (span.from == WG_NO_TIME || (time != WG_NO_TIME && time >= span.from)) &&
           (span.to == WG_NO_TIME || (time != WG_NO_TIME && time < span.to));
}

/**
 * What is true of an incident at the end of a span (bits WG_IS_…). `end` is the moment at which things are looked at;
 * it is span.to where that is given.
 */
uint32_t wg_incident_set(const wg_incident *incident, wg_span span, int64_t end);

#endif
