/** What a report's figures are defined by: weights, denominators, deadlines, grades. Data, with defaults that cities
 * use. */
#ifndef WG_REPORT_CONFIG_H
#define WG_REPORT_CONFIG_H

#include "report/calendar.h"

/** What is true of an incident at the end of the span; bits of a set. */
enum {
    WG_IS_OPENED = 1u << 0,  /**< opened within the span */
    WG_IS_VALID = 1u << 1,   /**< not marked invalid */
    WG_IS_HANDLED = 1u << 2, /**< handled or closed by the end */
    WG_IS_CLOSED = 1u << 3,  /**< closed by the end */
    WG_IS_DUE = 1u << 4,     /**< its deadline is over, or it is closed, or it has no deadline */
    WG_IS_TIMED = 1u << 5,   /**< has a deadline, and where it is closed the time is known */
    WG_IS_ON_TIME = 1u << 6, /**< closed not after its deadline */
    WG_IS_LATE = 1u << 7,    /**< closed after its deadline, or open after it */
    WG_IS_WAITING = 1u << 8, /**< open after its deadline */
    WG_IS_REWORKED = 1u << 9,
    WG_IS_EXTENDED = 1u << 10,
    WG_IS_DISPATCHED = 1u << 11,
    WG_IS_DIRECT = 1u << 12, /**< dispatched to the right place at once */
    WG_IS_DUE_IN = 1u << 13  /**< its deadline lies within the span */
};
/** @return the bit of a name ("opened", "valid", "handled", "closed", "due", "timed", "on_time", "late", "waiting",
 * "reworked", "extended", "dispatched", "direct", "due_in"), or 0 */
uint32_t wg_report_set(const char *name);
/** All names, separated by ", ", for messages. */
const char *wg_report_set_names(void);

typedef enum wg_rate {
    WG_RATE_HANDLE = 0,
    WG_RATE_CLOSE,
    WG_RATE_ONTIME,
    WG_RATE_REWORK,
    WG_RATE_WAIT, /**< overdue and still open */
    WG_RATE_EXTEND,
    WG_RATE_DISPATCH,
    WG_RATE_VALID,
    WG_N_RATES
} wg_rate;
const char *
wg_rate_name(wg_rate rate); /**< "handle", "close", "ontime", "rework", "wait", "extend", "dispatch", "valid" */

/** Share of the incidents in all of `denominator` that are in all of `numerator` too. */
typedef struct wg_rate_rule {
    uint32_t numerator, denominator;
} wg_rate_rule;

/** Points that a rate brings to the score: weight * rate, or weight * (1 - rate). */
typedef struct wg_score_term {
    double weight;
    bool inverse;
} wg_score_term;

/** A deadline for incidents that bring none. The first rule that fits holds. NULL: any. */
typedef struct wg_deadline {
    const char *category, *route, *severity;
    double hours;  /**< working hours; NAN: days count */
    uint32_t days; /**< working days */
} wg_deadline;

/** So many incidents of a kind make an area fail, whatever its score. */
typedef struct wg_veto {
    const char *category, *severity; /**< NULL: any */
    double at_least;
} wg_veto;

/** Workers of a role that every cell needs. */
typedef struct wg_role_need {
    const char *role; /**< "*": anybody */
    uint32_t least;
} wg_role_need;

/** Weight of one of each in the workload. */
typedef struct wg_load_weights {
    double household, person, floating, building, km2, incident, organisation, special;
} wg_load_weights;

enum { WG_REPORT_RULES = 64, WG_GRADES = 4 };

typedef struct wg_report_config {
    wg_rate_rule rate[WG_N_RATES];
    wg_score_term score[WG_N_RATES];
    wg_load_weights load;
    double grade[WG_GRADES - 1]; /**< least score of excellent, good, basic */
    double people_per_worker;
    double visit_target_pct; /**< cells below it are listed */
    double visit_week_pct;   /**< the same for each week */
    double false_discovery;  /**< of hot spots */
    double track_pause_s;    /**< a longer silence of a track counts no time */
    wg_deadline deadline[WG_REPORT_RULES];
    uint32_t n_deadlines;
    wg_veto veto[WG_REPORT_RULES];
    uint32_t n_vetoes;
    wg_role_need role[WG_REPORT_RULES];
    uint32_t n_roles; /**< 0: anybody, at least 1 */
    wg_calendar calendar;
    wg_arena text; /**< owns the strings above */
} wg_report_config;

/** Defaults; release with wg_report_config_release. */
void wg_report_config_init(wg_report_config *config);
void wg_report_config_release(wg_report_config *config);

#endif
