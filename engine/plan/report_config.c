/* The rules of a report from YAML. What is not given keeps its default; unknown keys are errors with their line. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/yaml.h"
#include "model/number.h"
#include "plan/report_job.h"

static wg_status copy_text(wg_context *ctx, wg_report_config *config, const wg_yaml_node *map, const char *key,
                           const char **text) {
    const wg_yaml_node *node = wg_yaml_get(map, key);
    const char *found;
    *text = NULL;
    if (node == NULL) {
        return WG_OK;
    }
    const wg_status status = wg_yaml_text(ctx, node, key, &found);
    if (status == WG_OK) {
        *text = wg_arena_strdup(&config->text, found, strlen(found));
    }
    return status != WG_OK ? status : *text == NULL ? wg_fail_memory(ctx) : WG_OK;
}

/** A number that may be missing; negative ones are refused. */
static wg_status read_number(wg_context *ctx, const wg_yaml_node *map, const char *key, double *value) {
    const wg_yaml_node *node = wg_yaml_get(map, key);
    if (node == NULL) {
        return WG_OK;
    }
    const wg_status status = wg_yaml_number(ctx, node, key, value);
    return status == WG_OK && !(*value >= 0.0) ? wg_yaml_fail(ctx, node, "%s: must not be negative", key) : status;
}

/* ------------------------------------------------------------------ rates and score */

/** "closed", or a list of conditions that all must hold. */
static wg_status read_set(wg_context *ctx, const wg_yaml_node *node, const char *key, uint32_t *set) {
    *set = 0;
    const size_t n = node->kind == WG_YAML_LIST ? node->n : 1;
    for (size_t i = 0; i < n; i++) {
        const wg_yaml_node *item = node->kind == WG_YAML_LIST ? node->item[i] : node;
        const char *name;
        const wg_status status = wg_yaml_text(ctx, item, key, &name);
        if (status != WG_OK) {
            return status;
        }
        const uint32_t bit = wg_report_set(name);
        if (bit == 0) {
            return wg_yaml_fail(ctx, item, "%s: unknown condition '%s' (known: %s)", key, name, wg_report_set_names());
        }
        *set |= bit;
    }
    return WG_OK;
}

static wg_status read_rates(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config) {
    static const char *const known[] = {"handle", "close",    "ontime", "rework", "wait",
                                        "extend", "dispatch", "valid",  NULL};
    static const char *const parts[] = {"numerator", "denominator", NULL};
    wg_status status = WG_OK;
    if (map == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_yaml_map(ctx, map, "rates"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        const wg_yaml_node *rule = wg_yaml_get(map, wg_rate_name((wg_rate)r));
        if (rule == NULL) {
            continue;
        }
        WG_TRY(wg_yaml_map(ctx, rule, wg_rate_name((wg_rate)r)));
        WG_TRY(wg_yaml_keys(ctx, rule, parts));
        const wg_yaml_node *numerator = wg_yaml_get(rule, "numerator");
        const wg_yaml_node *denominator = wg_yaml_get(rule, "denominator");
        if (numerator != NULL) {
            WG_TRY(read_set(ctx, numerator, "numerator", &config->rate[r].numerator));
        }
        if (denominator != NULL) {
            WG_TRY(read_set(ctx, denominator, "denominator", &config->rate[r].denominator));
        }
    }
done:
    return status;
}

static wg_status read_score(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config) {
    static const char *const known[] = {"handle", "close",    "ontime", "rework", "wait",
                                        "extend", "dispatch", "valid",  NULL};
    wg_status status = WG_OK;
    if (map == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_yaml_map(ctx, map, "score"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    for (uint32_t r = 0; r < WG_N_RATES; r++) {
        config->score[r].weight = 0.0; /* a stated score is the whole score */
        WG_TRY(read_number(ctx, map, wg_rate_name((wg_rate)r), &config->score[r].weight));
    }
done:
    return status;
}

static wg_status read_grades(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config) {
    static const char *const known[] = {"excellent", "good", "basic", NULL};
    wg_status status = WG_OK;
    if (map == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_yaml_map(ctx, map, "grades"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    for (uint32_t g = 0; g < WG_GRADES - 1; g++) {
        WG_TRY(read_number(ctx, map, known[g], &config->grade[g]));
    }
    if (!(config->grade[0] >= config->grade[1] && config->grade[1] >= config->grade[2])) {
        WG_TRY(wg_yaml_fail(ctx, map, "grades: excellent must not be below good, nor good below basic"));
    }
done:
    return status;
}

static wg_status read_load(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config) {
    static const char *const known[] = {"household", "person",       "floating", "building", "km2",
                                        "incident",  "organisation", "special",  NULL};
    double *const weights[] = {&config->load.household,    &config->load.person, &config->load.floating,
                               &config->load.building,     &config->load.km2,    &config->load.incident,
                               &config->load.organisation, &config->load.special};
    wg_status status = WG_OK;
    if (map == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_yaml_map(ctx, map, "load"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    for (size_t i = 0; known[i] != NULL; i++) {
        *weights[i] = 0.0;
        WG_TRY(read_number(ctx, map, known[i], weights[i]));
    }
done:
    return status;
}

/* ------------------------------------------------------------------ lists of rules */

static wg_status open_list(wg_context *ctx, const wg_yaml_node *list, const char *key) {
    const wg_status status = wg_yaml_list(ctx, list, key);
    if (status == WG_OK && list->kind == WG_YAML_LIST && list->n > WG_REPORT_RULES) {
        return wg_yaml_fail(ctx, list, "%s: more than %d rules", key, WG_REPORT_RULES);
    }
    return status;
}

static wg_status read_deadline(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config) {
    static const char *const known[] = {"category", "route", "severity", "hours", "days", NULL};
    wg_deadline *rule = &config->deadline[config->n_deadlines];
    double days = NAN;
    wg_status status = WG_OK;
    *rule = (wg_deadline){.hours = NAN};
    WG_TRY(wg_yaml_map(ctx, map, "deadlines"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    WG_TRY(copy_text(ctx, config, map, "category", &rule->category));
    WG_TRY(copy_text(ctx, config, map, "route", &rule->route));
    WG_TRY(copy_text(ctx, config, map, "severity", &rule->severity));
    WG_TRY(read_number(ctx, map, "hours", &rule->hours));
    WG_TRY(read_number(ctx, map, "days", &days));
    if (isnan(rule->hours) == isnan(days) || (!isnan(days) && (days != floor(days) || days > 3650.0))) {
        WG_TRY(wg_yaml_fail(ctx, map, "deadlines: give either hours (of working time) or days (whole working days)"));
    }
    rule->days = isnan(days) ? 0 : (uint32_t)days;
    config->n_deadlines++;
done:
    return status;
}

static wg_status read_veto(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config) {
    static const char *const known[] = {"category", "severity", "at_least", NULL};
    wg_veto *rule = &config->veto[config->n_vetoes];
    wg_status status = WG_OK;
    *rule = (wg_veto){.at_least = 1.0};
    WG_TRY(wg_yaml_map(ctx, map, "veto"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    WG_TRY(copy_text(ctx, config, map, "category", &rule->category));
    WG_TRY(copy_text(ctx, config, map, "severity", &rule->severity));
    WG_TRY(read_number(ctx, map, "at_least", &rule->at_least));
    config->n_vetoes++;
done:
    return status;
}

static wg_status read_role(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config) {
    static const char *const known[] = {"role", "least", NULL};
    wg_role_need *rule = &config->role[config->n_roles];
    double least = 1.0;
    wg_status status = WG_OK;
    WG_TRY(wg_yaml_map(ctx, map, "roles"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    WG_TRY(copy_text(ctx, config, map, "role", &rule->role));
    WG_TRY(read_number(ctx, map, "least", &least));
    if (rule->role == NULL || least != floor(least) || least > 1000.0) {
        WG_TRY(wg_yaml_fail(ctx, map, "roles: give role (a name, or * for anybody) and least (a whole number)"));
    }
    rule->least = (uint32_t)least;
    config->n_roles++;
done:
    return status;
}

typedef wg_status (*rule_fn)(wg_context *ctx, const wg_yaml_node *map, wg_report_config *config);

static wg_status read_rules(wg_context *ctx, const wg_yaml_node *list, const char *key, rule_fn read,
                            wg_report_config *config) {
    wg_status status = list == NULL ? WG_OK : open_list(ctx, list, key);
    for (size_t i = 0; list != NULL && status == WG_OK && i < list->n; i++) {
        status = read(ctx, list->item[i], config);
    }
    return status;
}

/* ------------------------------------------------------------------ calendar */

static wg_status read_shift(wg_context *ctx, const wg_yaml_node *node, wg_calendar *calendar) {
    const char *text;
    int a = 0;
    int b = 0;
    int c = 0;
    int d = 0;
    char rest;
    const wg_status status = wg_yaml_text(ctx, node, "hours", &text);
    if (status != WG_OK) {
        return status;
    }
    const bool good = sscanf(text, "%d:%d-%d:%d%c", &a, &b, &c, &d, &rest) == 4 && b >= 0 && b < 60 && d >= 0 && d < 60;
    if (!good || calendar->n_shifts >= WG_CALENDAR_SHIFTS) {
        return wg_yaml_fail(ctx, node, "hours: '%s' is not like 09:00-12:00, or there are more than %d", text,
                            WG_CALENDAR_SHIFTS);
    }
    calendar->shift[calendar->n_shifts++] = (wg_shift){a * 60 + b, c * 60 + d};
    return WG_OK;
}

static wg_status add_day(wg_context *ctx, wg_calendar *calendar, size_t *capacity, int64_t day, bool working) {
    if (!WG_RESERVE(calendar->special, *capacity, calendar->n_special + 1)) {
        return wg_fail_memory(ctx);
    }
    calendar->special[calendar->n_special++] = (wg_special_day){day, working};
    return WG_OK;
}

/** "2026-10-01", or "2026-10-01..2026-10-08" with both ends. */
static wg_status read_days(wg_context *ctx, const wg_yaml_node *node, const char *key, bool working,
                           wg_calendar *calendar, size_t *capacity) {
    const char *text;
    wg_date first;
    wg_date last;
    char start[40];
    wg_status status = wg_yaml_text(ctx, node, key, &text);
    if (status != WG_OK) {
        return status;
    }
    const char *dots = strstr(text, "..");
    snprintf(start, sizeof start, "%.*s", dots == NULL ? 39 : (int)(dots - text), text);
    if (wg_date_parse(start, false, &first) != WG_DATE_GOOD ||
        wg_date_parse(dots == NULL ? start : dots + 2, false, &last) != WG_DATE_GOOD ||
        wg_date_days(&last) < wg_date_days(&first) || wg_date_days(&last) - wg_date_days(&first) > 400) {
        return wg_yaml_fail(ctx, node, "%s: '%s' is not a day like 2026-10-01 or a range like 2026-10-01..2026-10-08",
                            key, text);
    }
    for (int64_t day = wg_date_days(&first); day <= wg_date_days(&last) && status == WG_OK; day++) {
        status = add_day(ctx, calendar, capacity, day, working);
    }
    return status;
}

static wg_status read_weekdays(wg_context *ctx, const wg_yaml_node *list, wg_calendar *calendar) {
    wg_status status = wg_yaml_list(ctx, list, "weekdays");
    for (size_t i = 0; status == WG_OK && i < list->n; i++) {
        int64_t day;
        status = wg_yaml_integer(ctx, list->item[i], "weekdays", &day);
        if (status == WG_OK && (day < 1 || day > 7)) {
            return wg_yaml_fail(ctx, list->item[i], "weekdays: 1 (Monday) to 7 (Sunday)");
        }
        if (status == WG_OK) {
            calendar->weekday[day - 1] = true;
        }
    }
    return status;
}

static wg_status read_calendar(wg_context *ctx, const wg_yaml_node *map, wg_calendar *calendar) {
    static const char *const known[] = {"hours", "weekdays", "holidays", "workdays", NULL};
    wg_status status = WG_OK;
    size_t capacity = 0;
    if (map == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_yaml_map(ctx, map, "calendar"));
    WG_TRY(wg_yaml_keys(ctx, map, known));
    const wg_yaml_node *hours = wg_yaml_get(map, "hours");
    for (size_t i = 0; hours != NULL && i < (hours->kind == WG_YAML_LIST ? hours->n : 1); i++) {
        WG_TRY(read_shift(ctx, hours->kind == WG_YAML_LIST ? hours->item[i] : hours, calendar));
    }
    if (wg_yaml_get(map, "weekdays") != NULL) {
        WG_TRY(read_weekdays(ctx, wg_yaml_get(map, "weekdays"), calendar));
    }
    for (uint32_t working = 0; working < 2; working++) {
        const char *key = working ? "workdays" : "holidays";
        const wg_yaml_node *days = wg_yaml_get(map, key);
        for (size_t i = 0; days != NULL && i < (days->kind == WG_YAML_LIST ? days->n : 1); i++) {
            WG_TRY(read_days(ctx, days->kind == WG_YAML_LIST ? days->item[i] : days, key, working == 1, calendar,
                             &capacity));
        }
    }
done:
    return status;
}

/* ------------------------------------------------------------------ the file */

wg_status wg_report_read_config(wg_context *ctx, const char *path, wg_report_config *config) {
    static const char *const known[] = {"rates",        "score",      "grades",
                                        "load",         "deadlines",  "veto",
                                        "roles",        "calendar",   "people_per_worker",
                                        "visit_target", "visit_week", "false_discovery",
                                        "track_pause",  NULL};
    wg_status status = WG_OK;
    wg_yaml yaml = {0};
    if (path != NULL) {
        WG_TRY(wg_yaml_read(ctx, path, &yaml));
        const wg_yaml_node *root = yaml.root;
        WG_TRY(wg_yaml_map(ctx, root, "rules"));
        WG_TRY(wg_yaml_keys(ctx, root, known));
        WG_TRY(read_rates(ctx, wg_yaml_get(root, "rates"), config));
        WG_TRY(read_score(ctx, wg_yaml_get(root, "score"), config));
        WG_TRY(read_grades(ctx, wg_yaml_get(root, "grades"), config));
        WG_TRY(read_load(ctx, wg_yaml_get(root, "load"), config));
        WG_TRY(read_rules(ctx, wg_yaml_get(root, "deadlines"), "deadlines", read_deadline, config));
        WG_TRY(read_rules(ctx, wg_yaml_get(root, "veto"), "veto", read_veto, config));
        WG_TRY(read_rules(ctx, wg_yaml_get(root, "roles"), "roles", read_role, config));
        WG_TRY(read_calendar(ctx, wg_yaml_get(root, "calendar"), &config->calendar));
        WG_TRY(read_number(ctx, root, "people_per_worker", &config->people_per_worker));
        WG_TRY(read_number(ctx, root, "visit_target", &config->visit_target_pct));
        WG_TRY(read_number(ctx, root, "visit_week", &config->visit_week_pct));
        WG_TRY(read_number(ctx, root, "false_discovery", &config->false_discovery));
        WG_TRY(read_number(ctx, root, "track_pause", &config->track_pause_s));
        if (!(config->people_per_worker > 0.0) || config->false_discovery > 1.0) {
            WG_TRY(wg_yaml_fail(ctx, root, "people_per_worker must be above 0, false_discovery at most 1"));
        }
    }
    WG_TRY(wg_calendar_prepare(ctx, &config->calendar));
done:
    wg_yaml_release(&yaml);
    return status;
}
