#include "report/config.h"

#include <math.h>
#include <string.h>

static const char *const set_names[] = {"opened", "valid",   "handled",  "closed",   "due",        "timed",  "on_time",
                                        "late",   "waiting", "reworked", "extended", "dispatched", "direct", "due_in"};

uint32_t wg_report_set(const char *name) {
    for (uint32_t i = 0; i < sizeof set_names / sizeof *set_names; i++) {
        if (strcmp(name, set_names[i]) == 0) {
            return 1u << i;
        }
    }
    return 0;
}

const char *wg_report_set_names(void) {
    return "opened, valid, handled, closed, due, timed, on_time, late, waiting, reworked, extended, dispatched, "
           "direct, due_in";
}

const char *wg_rate_name(wg_rate rate) {
    static const char *const names[WG_N_RATES] = {"handle", "close",  "ontime",   "rework",
                                                  "wait",   "extend", "dispatch", "valid"};
    return names[rate];
}

void wg_report_config_init(wg_report_config *config) {
    *config = (wg_report_config){
        .rate = {[WG_RATE_HANDLE] = {WG_IS_HANDLED, WG_IS_OPENED | WG_IS_VALID},
                 [WG_RATE_CLOSE] = {WG_IS_CLOSED, WG_IS_OPENED | WG_IS_VALID | WG_IS_DUE},
                 [WG_RATE_ONTIME] = {WG_IS_ON_TIME, WG_IS_OPENED | WG_IS_VALID | WG_IS_DUE | WG_IS_TIMED},
                 [WG_RATE_REWORK] = {WG_IS_REWORKED, WG_IS_OPENED | WG_IS_VALID | WG_IS_DUE},
                 [WG_RATE_WAIT] = {WG_IS_WAITING, WG_IS_OPENED | WG_IS_VALID},
                 [WG_RATE_EXTEND] = {WG_IS_EXTENDED, WG_IS_OPENED | WG_IS_VALID},
                 [WG_RATE_DISPATCH] = {WG_IS_DIRECT, WG_IS_OPENED | WG_IS_VALID | WG_IS_DISPATCHED},
                 [WG_RATE_VALID] = {WG_IS_VALID, WG_IS_OPENED}},
        .score = {[WG_RATE_HANDLE] = {30.0, false},
                  [WG_RATE_ONTIME] = {20.0, false},
                  [WG_RATE_REWORK] = {20.0, true},
                  [WG_RATE_WAIT] = {20.0, true},
                  [WG_RATE_EXTEND] = {10.0, true}},
        .load = {.household = 1.0, .floating = 0.5, .incident = 2.0},
        .grade = {90.0, 80.0, 60.0},
        .people_per_worker = 350.0,
        .visit_target_pct = 100.0,
        .visit_week_pct = 20.0,
        .false_discovery = 0.05,
        .track_pause_s = 300.0,
    };
}

void wg_report_config_release(wg_report_config *config) {
    wg_calendar_release(&config->calendar);
    wg_arena_release(&config->text);
}
