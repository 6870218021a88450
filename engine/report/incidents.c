#include "report/incidents.h"

#include <math.h>
#include <string.h>

#include "core/random.h"
#include "model/number.h"

/* ------------------------------------------------------------------ words */

static bool grow_slots(wg_words *words) {
    const size_t slots = words->slots == 0 ? 64 : words->slots * 2;
    uint32_t *slot = wg_calloc(slots, sizeof *slot);
    if (slot == NULL) {
        return false;
    }
    for (size_t i = 0; i < words->n; i++) {
        size_t at = wg_hash_bytes(WG_HASH_START, words->word[i], strlen(words->word[i])) & (slots - 1);
        while (slot[at] != 0) {
            at = (at + 1) & (slots - 1);
        }
        slot[at] = (uint32_t)i + 1;
    }
    free(words->slot);
    words->slot = slot;
    words->slots = slots;
    return true;
}

wg_status wg_words_number(wg_context *ctx, wg_words *words, const char *text, uint16_t *number) {
    const char *word = text == NULL ? "" : text;
    if (words->n * 2 >= words->slots && !grow_slots(words)) {
        return wg_fail_memory(ctx);
    }
    size_t at = wg_hash_bytes(WG_HASH_START, word, strlen(word)) & (words->slots - 1);
    while (words->slot[at] != 0) {
        if (strcmp(words->word[words->slot[at] - 1], word) == 0) {
            *number = (uint16_t)(words->slot[at] - 1);
            return WG_OK;
        }
        at = (at + 1) & (words->slots - 1);
    }
    if (words->n >= WG_WORDS_MOST) {
        return wg_fail(ctx, WG_EDATA, "incidents: more than %d different categories (is the right field recognised?)",
                       WG_WORDS_MOST);
    }
    const char *copy = wg_arena_strdup(&words->text, word, strlen(word));
    if (copy == NULL || !WG_RESERVE(words->word, words->capacity, words->n + 1)) {
        return wg_fail_memory(ctx);
    }
    words->word[words->n] = copy;
    *number = (uint16_t)words->n;
    words->slot[at] = (uint32_t)++words->n;
    return WG_OK;
}

void wg_words_release(wg_words *words) {
    free(words->word);
    free(words->slot);
    wg_arena_release(&words->text);
    *words = (wg_words){0};
}

/* ------------------------------------------------------------------ rows */

/** Digits at `at`; -1 where there is something else. */
static int digits(const char *at, int n) {
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return -1;
        }
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

/** Days since 1970-01-01 of the Gregorian calendar. */
static int64_t days_of(int year, int month, int day) {
    const wg_date date = {.year = year, .month = month, .day = day};
    return wg_date_days(&date);
}

/**
 * "YYYY-MM-DD[ T]hh:mm[:ss]" without zone, what exports nearly always have: read without the general parser, which
 * costs twenty times as much. @return whether the text is of that form
 */
static bool plain_time(const char *text, int64_t *local) {
    const size_t length = strlen(text);
    if ((length != 16 && length != 19) || text[4] != text[7] || (text[4] != '-' && text[4] != '/') ||
        (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || (length == 19 && text[16] != ':')) {
        return false;
    }
    const int year = digits(text, 4);
    const int month = digits(text + 5, 2);
    const int day = digits(text + 8, 2);
    const int hour = digits(text + 11, 2);
    const int minute = digits(text + 14, 2);
    const int second = length == 19 ? digits(text + 17, 2) : 0;
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 59) {
        return false;
    }
    if (day > month_days[month - 1]) {
        return false; /* 29 February too: the general parser knows leap years */
    }
    *local = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/** A time field as seconds since 1970; WG_NO_TIME for none. `bad` counts what cannot be read. */
static wg_status read_time(wg_context *ctx, const wg_layer *layer, size_t row, uint32_t column,
                           const wg_time_zone *zone, int64_t *time, size_t *bad) {
    *time = WG_NO_TIME;
    if (column == UINT32_MAX || wg_layer_is_null(layer, row, column)) {
        return WG_OK;
    }
    wg_date date;
    int64_t local;
    wg_date_kind kind;
    if (wg_layer_column_type(layer, column) != WG_TEXT) {
        kind = wg_date_from_serial(wg_layer_real(layer, row, column), &date) ? WG_DATE_GOOD : WG_DATE_BAD;
    } else {
        const char *text = wg_layer_text(layer, row, column);
        if (zone != NULL && plain_time(text, &local)) {
            *time = wg_time_zone_utc(zone, local);
            return WG_OK;
        }
        kind = wg_date_parse(text, true, &date);
    }
    if (kind == WG_DATE_MISSING) {
        return WG_OK;
    }
    if (kind != WG_DATE_GOOD) {
        (*bad)++;
        return WG_OK;
    }
    if (date.has_zone) {
        *time = (int64_t)floor(wg_date_seconds(&date, 0));
        return WG_OK;
    }
    if (zone == NULL) {
        return wg_layer_fail(ctx, layer, row, WG_EINVAL,
                             "a time without zone (say --timezone, for example Europe/Zurich or +08:00)");
    }
    *time = wg_time_zone_utc(zone, (int64_t)floor(wg_date_seconds(&date, 0)));
    return WG_OK;
}

/** Whether a field says yes: a number above zero, or a word or a time that is not a no. */
static bool says_yes(const wg_layer *layer, size_t row, uint32_t column) {
    if (column == UINT32_MAX || wg_layer_is_null(layer, row, column)) {
        return false;
    }
    if (wg_layer_column_type(layer, column) != WG_TEXT) {
        return wg_layer_column_type(layer, column) == WG_INTEGER ? wg_layer_integer(layer, row, column) > 0
                                                                 : wg_layer_real(layer, row, column) > 0.0;
    }
    static const char *const no[] = {"",      "0", "no", "No", "NO", "n",  "N", "false", "False",
                                     "FALSE", "f", "F",  "否", "无", "未", "-", NULL};
    const char *text = wg_layer_text(layer, row, column);
    for (size_t i = 0; no[i] != NULL; i++) {
        if (strcmp(text, no[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool contains_any(const char *text, const char *const *words) {
    for (; *words != NULL; words++) {
        if (strstr(text, *words) != NULL) {
            return true;
        }
    }
    return false;
}

/** What the words of a status tell. */
static uint32_t facts_of_status(const char *status) {
    static const char *const open[] = {"未结",    "未办结",      "未处",        "未完", "待",   "处理中",
                                       "处置中",  "办理中",      "open",        "Open", "OPEN", "pending",
                                       "Pending", "in progress", "In Progress", NULL};
    static const char *const closed[] = {"结案",   "办结", "已结",     "完结",      "归档",      "closed", "Closed",
                                         "CLOSED", "done", "resolved", "Completed", "completed", NULL};
    static const char *const handled[] = {"已处置", "已处理", "处置完", "handled", "Handled", NULL};
    static const char *const invalid[] = {"无效", "作废", "invalid", "Invalid", NULL};
    static const char *const rework[] = {"返工", "重办", "rework", "reopened", NULL};
    if (status == NULL) {
        return 0;
    }
    uint32_t facts = contains_any(status, invalid) ? WG_INCIDENT_INVALID : 0;
    facts |= contains_any(status, rework) ? WG_INCIDENT_REWORKED : 0;
    if (!contains_any(status, open)) {
        facts |= contains_any(status, closed) ? WG_INCIDENT_CLOSED | WG_INCIDENT_HANDLED : 0;
        facts |= contains_any(status, handled) ? WG_INCIDENT_HANDLED : 0;
    }
    return facts;
}

static const char *text_at(const wg_layer *layer, size_t row, uint32_t column) {
    return column == UINT32_MAX ? NULL : wg_layer_text(layer, row, column);
}

static wg_status read_words(wg_context *ctx, wg_incidents *incidents, const wg_layer *layer, size_t row,
                            const wg_incident_columns *columns, wg_incident *item) {
    wg_status status =
        wg_words_number(ctx, &incidents->categories, text_at(layer, row, columns->category), &item->category);
    if (status == WG_OK) {
        status = wg_words_number(ctx, &incidents->routes, text_at(layer, row, columns->route), &item->route);
    }
    if (status == WG_OK) {
        const bool number = columns->severity != UINT32_MAX &&
                            wg_layer_column_type(layer, columns->severity) != WG_TEXT &&
                            !wg_layer_is_null(layer, row, columns->severity);
        char text[32] = "";
        if (number) {
            const double value = wg_layer_column_type(layer, columns->severity) == WG_INTEGER
                                     ? (double)wg_layer_integer(layer, row, columns->severity)
                                     : wg_layer_real(layer, row, columns->severity);
            wg_buffer shown = {0};
            wg_buffer_printf(&shown, "%.10g", value);
            memcpy(text, shown.data == NULL ? "" : shown.data, shown.length < sizeof text ? shown.length + 1 : 0);
            wg_buffer_release(&shown);
        }
        status = wg_words_number(ctx, &incidents->severities, number ? text : text_at(layer, row, columns->severity),
                                 &item->severity);
    }
    return status;
}

static wg_status read_row(wg_context *ctx, wg_incidents *incidents, const wg_layer *layer, size_t row,
                          const wg_incident_columns *columns, const wg_time_zone *zone, wg_incident *item) {
    wg_status status = WG_OK;
    size_t bad = 0;
    WG_TRY(read_time(ctx, layer, row, columns->opened, zone, &item->opened, &bad));
    WG_TRY(read_time(ctx, layer, row, columns->due, zone, &item->due, &bad));
    WG_TRY(read_time(ctx, layer, row, columns->closed, zone, &item->closed, &bad));
    WG_TRY(read_time(ctx, layer, row, columns->handled, zone, &item->handled, &bad));
    WG_TRY(read_words(ctx, incidents, layer, row, columns, item));
    incidents->bad_times += bad;
    incidents->undated += item->opened == WG_NO_TIME;
    incidents->disordered += item->opened != WG_NO_TIME && item->closed != WG_NO_TIME && item->closed < item->opened;
    item->facts = facts_of_status(text_at(layer, row, columns->status));
    item->facts |= says_yes(layer, row, columns->rework) ? WG_INCIDENT_REWORKED : 0;
    item->facts |= says_yes(layer, row, columns->extended) ? WG_INCIDENT_EXTENDED : 0;
    item->facts |= says_yes(layer, row, columns->dispatched) ? WG_INCIDENT_DISPATCHED : 0;
    item->facts |= says_yes(layer, row, columns->direct) ? WG_INCIDENT_DIRECT | WG_INCIDENT_DISPATCHED : 0;
    if (columns->direct != UINT32_MAX && columns->dispatched == UINT32_MAX &&
        !wg_layer_is_null(layer, row, columns->direct)) {
        item->facts |= WG_INCIDENT_DISPATCHED;
    }
    const bool stated = columns->valid != UINT32_MAX && !wg_layer_is_null(layer, row, columns->valid);
    item->facts |= stated && !says_yes(layer, row, columns->valid) ? WG_INCIDENT_INVALID : 0;
    if (columns->weight != UINT32_MAX && !wg_layer_is_null(layer, row, columns->weight)) {
        const double weight = wg_layer_real(layer, row, columns->weight);
        item->weight = weight > 0.0 && weight <= 1.0 ? weight : 1.0;
    }
done:
    return status;
}

wg_status wg_incidents_add(wg_context *ctx, wg_incidents *incidents, const wg_layer *layer,
                           const wg_incident_columns *columns, const uint32_t *place, const wg_time_zone *zone) {
    if (!WG_RESERVE(incidents->items, incidents->capacity, incidents->n + layer->n)) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < layer->n; row++) {
        wg_incident item = {.weight = 1.0, .place = place[row]};
        const wg_status status = read_row(ctx, incidents, layer, row, columns, zone, &item);
        if (status != WG_OK) {
            return status;
        }
        incidents->items[incidents->n++] = item;
    }
    return WG_OK;
}

void wg_incidents_release(wg_incidents *incidents) {
    free(incidents->items);
    wg_words_release(&incidents->categories);
    wg_words_release(&incidents->routes);
    wg_words_release(&incidents->severities);
    *incidents = (wg_incidents){0};
}

/* ------------------------------------------------------------------ deadlines and sets */

static bool fits(const char *rule, const wg_words *words, uint16_t number) {
    return rule == NULL || strcmp(rule, "*") == 0 || strcmp(rule, words->word[number]) == 0;
}

void wg_incidents_set_deadlines(wg_incidents *incidents, const wg_report_config *config, const wg_time_zone *zone) {
    if (config->n_deadlines == 0 || zone == NULL) {
        return;
    }
    for (size_t i = 0; i < incidents->n; i++) {
        wg_incident *item = &incidents->items[i];
        if (item->due != WG_NO_TIME || item->opened == WG_NO_TIME) {
            continue;
        }
        for (uint32_t r = 0; r < config->n_deadlines; r++) {
            const wg_deadline *rule = &config->deadline[r];
            if (fits(rule->category, &incidents->categories, item->category) &&
                fits(rule->route, &incidents->routes, item->route) &&
                fits(rule->severity, &incidents->severities, item->severity)) {
                item->due = isnan(rule->hours)
                                ? wg_calendar_add_days(&config->calendar, zone, item->opened, rule->days)
                                : wg_calendar_add_hours(&config->calendar, zone, item->opened, rule->hours);
                break;
            }
        }
    }
}

int64_t wg_incidents_newest(const wg_incidents *incidents) {
    int64_t newest = WG_NO_TIME;
    for (size_t i = 0; i < incidents->n; i++) {
        const wg_incident *item = &incidents->items[i];
        newest = item->opened > newest ? item->opened : newest;
        newest = item->handled > newest ? item->handled : newest;
        newest = item->closed > newest ? item->closed : newest;
    }
    return newest;
}

uint32_t wg_incident_set(const wg_incident *incident, wg_span span, int64_t end) {
    uint32_t set = wg_in_span(span, incident->opened) ? WG_IS_OPENED : 0;
    set |= (incident->facts & WG_INCIDENT_INVALID) == 0 ? WG_IS_VALID : 0;
    const bool known = incident->closed != WG_NO_TIME;
    const bool closed =
        known ? end == WG_NO_TIME || incident->closed < end : (incident->facts & WG_INCIDENT_CLOSED) != 0;
    const bool handled = incident->handled != WG_NO_TIME ? end == WG_NO_TIME || incident->handled < end
                                                         : !known && (incident->facts & WG_INCIDENT_HANDLED) != 0;
    set |= closed ? WG_IS_CLOSED : 0;
    set |= closed || handled ? WG_IS_HANDLED : 0;
    const bool timed = incident->due != WG_NO_TIME;
    set |= timed && wg_in_span(span, incident->due) ? WG_IS_DUE_IN : 0;
    const bool over = timed && end != WG_NO_TIME && incident->due < end;
    set |= closed || over || !timed ? WG_IS_DUE : 0;
    set |= timed && (!closed || known) ? WG_IS_TIMED : 0;
    set |= timed && closed && known && incident->closed <= incident->due ? WG_IS_ON_TIME : 0;
    set |= timed && ((closed && known && incident->closed > incident->due) || (!closed && over)) ? WG_IS_LATE : 0;
    set |= !closed && over ? WG_IS_WAITING : 0;
    set |= (incident->facts & WG_INCIDENT_REWORKED) != 0 ? WG_IS_REWORKED : 0;
    set |= (incident->facts & WG_INCIDENT_EXTENDED) != 0 ? WG_IS_EXTENDED : 0;
    set |= (incident->facts & WG_INCIDENT_DISPATCHED) != 0 ? WG_IS_DISPATCHED : 0;
    set |= (incident->facts & WG_INCIDENT_DIRECT) != 0 ? WG_IS_DIRECT : 0;
    return set;
}
