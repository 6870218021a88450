/* Visits: lists that name buildings, points, tracks; by week, and how long each worker was in the own cell. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "model/number.h"
#include "model/wkb.h"
#include "plan/report_sheet.h"
#include "report/passing.h"

#define STRIDE_M 200.0 /* consecutive points farther apart are no way on foot that buildings lie along */

/** A building visited on a day; WG_NO_TIME: nobody says when. */
typedef struct visit {
    uint32_t building;
    int64_t week; /**< Monday's day number; INT64_MIN unknown */
} visit;

/** A worker's time on tracks. */
typedef struct walker {
    const char *worker;
    double seconds, own;
} walker;

/** The reading of one visits input. */
typedef struct round {
    wg_report_job *job;
    wg_passing *passing;
    visit *visits;
    size_t n, capacity;
    walker *walkers;
    size_t n_walkers, walkers_capacity;
    wg_arena text;
    int64_t time; /**< of the row that is being read */
    bool failed;
} visit_round;

static int64_t week_of(const wg_report_job *job, int64_t time) {
    if (time == WG_NO_TIME) {
        return INT64_MIN;
    }
    const int64_t local = job->has_zone ? time + wg_time_zone_offset(&job->zone, time) : time;
    const int64_t day = local >= 0 ? local / 86400 : -((-local + 86399) / 86400);
    return day - ((day + 3) % 7 + 7) % 7;
}

static void note_visit(uint32_t building, void *user) {
    visit_round *at = user;
    wg_report_job *job = at->job;
    job->visited[building] = true;
    if (at->time != WG_NO_TIME && at->time > job->visit_newest[building]) {
        job->visit_newest[building] = at->time;
    }
    const visit item = {building, week_of(job, at->time)};
    if (at->n > 0 && at->visits[at->n - 1].building == item.building && at->visits[at->n - 1].week == item.week) {
        return;
    }
    if (!WG_RESERVE(at->visits, at->capacity, at->n + 1)) {
        at->failed = true;
        return;
    }
    at->visits[at->n++] = item;
}

/* ------------------------------------------------------------------ rows */

static wg_status read_moment(wg_context *ctx, const wg_report_job *job, const wg_layer *layer, size_t row,
                             uint32_t column, int64_t *time) {
    wg_date date;
    char text[32];
    const char *value = column == UINT32_MAX ? NULL : wg_fields_text(layer, row, column, text);
    *time = WG_NO_TIME;
    if (value == NULL || wg_date_parse(value, true, &date) != WG_DATE_GOOD) {
        return WG_OK;
    }
    const int64_t seconds = (int64_t)floor(wg_date_seconds(&date, 0));
    if (!date.has_zone && !job->has_zone) {
        return wg_layer_fail(ctx, layer, row, WG_EINVAL,
                             "a time without zone (say --timezone, for example Europe/Zurich or +08:00)");
    }
    *time = date.has_zone ? seconds : wg_time_zone_utc(&job->zone, seconds);
    return WG_OK;
}

typedef struct line_walk {
    visit_round *round;
    wg_context *ctx;
    wg_status status;
} line_walk;

static void walk_run(uint8_t *pairs, uint32_t n, uint32_t type, uint32_t part, uint32_t ring, void *user) {
    (void)type;
    (void)part;
    (void)ring;
    line_walk *walk = user;
    double from[2];
    double to[2];
    for (uint32_t i = 0; i < n && walk->status == WG_OK; i++) {
        wg_wkb_get(pairs, i, to);
        if (i == 0) {
            memcpy(from, to, sizeof from);
        }
        if (i > 0 || n == 1) {
            walk->status = wg_passing_along(walk->ctx, walk->round->passing, from, to, note_visit, walk->round);
        }
        memcpy(from, to, sizeof from);
    }
}

/** Rows of buildings by id. */
typedef struct id_key {
    const char *id;
    uint32_t row;
} id_key;

static int by_id(const void *a, const void *b) {
    return strcmp(((const id_key *)a)->id, ((const id_key *)b)->id);
}

static id_key *sort_ids(const wg_layer *buildings) {
    const uint32_t column = wg_layer_column(buildings, "id");
    id_key *keys = wg_malloc(buildings->n, sizeof *keys);
    for (size_t row = 0; keys != NULL && row < buildings->n; row++) {
        const char *id = column == UINT32_MAX ? NULL : wg_layer_text(buildings, row, column);
        keys[row] = (id_key){id == NULL ? "" : id, (uint32_t)row};
    }
    if (keys != NULL) {
        qsort(keys, buildings->n, sizeof *keys, by_id);
    }
    return keys;
}

/** What is known of the track point before, of the same worker. */
typedef struct step {
    char worker[64];
    double xy[2];
    int64_t time;
    uint32_t place;
    bool valid;
} step;

static bool is_own(const wg_report_job *job, const char *worker, uint32_t cell) {
    const wg_layer *workers = job->workers;
    const uint32_t id = workers == NULL ? UINT32_MAX : wg_layer_column(workers, "id");
    const uint32_t cells = workers == NULL ? UINT32_MAX : wg_layer_column(workers, "cell");
    for (size_t row = 0; id != UINT32_MAX && cells != UINT32_MAX && row < workers->n; row++) {
        const char *name = wg_layer_text(workers, row, id);
        const char *list = wg_layer_text(workers, row, cells);
        const char *found =
            name == NULL || list == NULL || strcmp(name, worker) != 0 ? NULL : strstr(list, job->tree.code[cell]);
        const size_t length = strlen(job->tree.code[cell]);
        if (found != NULL && (found == list || strchr(";,| ", found[-1]) != NULL) &&
            (found[length] == '\0' || strchr(";,| ", found[length]) != NULL)) {
            return true;
        }
    }
    return false;
}

static walker *walker_of(visit_round *round, const char *worker) {
    for (size_t i = 0; i < round->n_walkers; i++) {
        if (strcmp(round->walkers[i].worker, worker) == 0) {
            return &round->walkers[i];
        }
    }
    const char *name = wg_arena_strdup(&round->text, worker, strlen(worker));
    if (name == NULL || !WG_RESERVE(round->walkers, round->walkers_capacity, round->n_walkers + 1)) {
        round->failed = true;
        return NULL;
    }
    round->walkers[round->n_walkers] = (walker){.worker = name};
    return &round->walkers[round->n_walkers++];
}

/** From the point before to this one: the way between them, and the time spent where it began. */
static wg_status take_step(wg_context *ctx, visit_round *round, step *last, const step *now) {
    const wg_report_job *job = round->job;
    const bool same = last->valid && strcmp(last->worker, now->worker) == 0;
    const double gap =
        same && last->time != WG_NO_TIME && now->time != WG_NO_TIME ? (double)(now->time - last->time) : NAN;
    const bool joined = same && (isnan(gap) || (gap >= 0.0 && gap <= job->config.track_pause_s)) &&
                        hypot(now->xy[0] - last->xy[0], now->xy[1] - last->xy[1]) <= STRIDE_M;
    const wg_status status =
        wg_passing_along(ctx, round->passing, joined ? last->xy : now->xy, now->xy, note_visit, round);
    if (same && gap >= 0.0 && gap <= job->config.track_pause_s && now->worker[0] != '\0') {
        walker *who = walker_of(round, now->worker);
        if (who != NULL) {
            who->seconds += gap;
            who->own += last->place < job->tree.n_cells && is_own(job, now->worker, last->place) ? gap : 0.0;
        }
    }
    *last = *now;
    return status;
}

static wg_status take_row(wg_context *ctx, visit_round *round, const wg_layer *layer, size_t row,
                          const wg_fields *fields, const id_key *keys, uint32_t place, step *last) {
    wg_report_job *job = round->job;
    size_t bytes;
    char text[32];
    char name[32];
    const wg_status status = read_moment(ctx, job, layer, row,
                                         fields->column[WG_ROLE_TIME] != UINT32_MAX ? fields->column[WG_ROLE_TIME]
                                                                                    : fields->column[WG_ROLE_OPENED],
                                         &round->time);
    if (status != WG_OK || !wg_in_span(job->input.span, round->time)) {
        return status;
    }
    const char *building = fields->column[WG_ROLE_BUILDING] == UINT32_MAX
                               ? NULL
                               : wg_fields_text(layer, row, fields->column[WG_ROLE_BUILDING], text);
    const id_key wanted = {building == NULL ? "" : building, 0};
    const id_key *found = building == NULL ? NULL : bsearch(&wanted, keys, job->buildings->n, sizeof *keys, by_id);
    if (found != NULL) {
        job->visits_used++;
        note_visit(found->row, round);
        return WG_OK;
    }
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    if (wkb == NULL) {
        char number[32];
        snprintf(number, sizeof number, "#%lld", (long long)layer->fid[row]);
        return wg_report_reject_row(ctx, job, "visits", building != NULL ? building : number,
                                    wg_report_say(job, "no such building and no coordinate", "无此楼栋且无坐标"));
    }
    job->visits_used++;
    if (wg_wkb_type(wkb, bytes) == WG_WKB_POINT) {
        const char *worker = fields->column[WG_ROLE_WORKER] == UINT32_MAX
                                 ? NULL
                                 : wg_fields_text(layer, row, fields->column[WG_ROLE_WORKER], name);
        step now = {.time = round->time, .place = place, .valid = true};
        snprintf(now.worker, sizeof now.worker, "%s", worker == NULL ? "" : worker);
        (void)wg_wkb_centroid(wkb, bytes, now.xy);
        return take_step(ctx, round, last, &now);
    }
    line_walk walk = {round, ctx, WG_OK};
    (void)wg_wkb_visit((void *)(uintptr_t)wkb, bytes, walk_run, &walk);
    return walk.status;
}

/* ------------------------------------------------------------------ sheets */

static int by_week(const void *a, const void *b) {
    const visit *left = a;
    const visit *right = b;
    if (left->week != right->week) {
        return left->week < right->week ? -1 : 1;
    }
    return left->building < right->building ? -1 : left->building > right->building;
}

static double households_of(const wg_layer *buildings, size_t row) {
    const uint32_t column = wg_layer_column(buildings, "households");
    return column == UINT32_MAX || wg_layer_is_null(buildings, row, column) ? 0.0
                                                                            : wg_layer_real(buildings, row, column);
}

static wg_status sheet_weeks(wg_context *ctx, visit_round *round) {
    static const wg_sheet_field fields[] = {{"Week from", "周起始日", WG_TEXT, 0, false},
                                            {"Buildings visited", "走访楼栋数", WG_INTEGER, 0, false},
                                            {"Buildings (%)", "楼栋走访率", WG_REAL, 1, true},
                                            {"Households visited", "走访户数", WG_REAL, 0, false},
                                            {"Households (%)", "户走访率", WG_REAL, 1, true}};
    wg_report_job *job = round->job;
    wg_sheet_pen pen;
    double all = 0.0;
    for (size_t row = 0; row < job->buildings->n; row++) {
        all += households_of(job->buildings, row);
    }
    qsort(round->visits, round->n, sizeof *round->visits, by_week);
    wg_sheet_begin(&pen, ctx, job, "visits", "Visits by week", "按周走访", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (size_t first = 0; first < round->n;) {
        size_t last = first;
        double buildings = 0.0;
        double households = 0.0;
        for (; last < round->n && round->visits[last].week == round->visits[first].week; last++) {
            if (last == first || round->visits[last].building != round->visits[last - 1].building) {
                buildings += 1.0;
                households += households_of(job->buildings, round->visits[last].building);
            }
        }
        wg_date monday;
        char text[40];
        wg_date_from_days(round->visits[first].week == INT64_MIN ? 0 : round->visits[first].week, &monday);
        wg_date_format(&monday, text, sizeof text);
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen,
                      round->visits[first].week == INT64_MIN ? wg_report_say(job, "(no time)", "（无时间）") : text);
        wg_sheet_number(&pen, buildings);
        wg_sheet_number(&pen, 100.0 * buildings / (double)job->buildings->n);
        wg_sheet_number(&pen, households);
        wg_sheet_number(&pen, all > 0.0 ? 100.0 * households / all : NAN);
        first = last;
    }
    return wg_sheet_end(&pen);
}

static wg_status sheet_walkers(wg_context *ctx, visit_round *round) {
    static const wg_sheet_field fields[] = {{"Worker", "网格员", WG_TEXT, 0, false},
                                            {"Hours on tracks", "轨迹时长(小时)", WG_REAL, 2, false},
                                            {"Hours in the own cell", "本网格时长(小时)", WG_REAL, 2, false},
                                            {"In the own cell (%)", "本网格时间占比", WG_REAL, 1, true}};
    wg_sheet_pen pen;
    if (round->n_walkers == 0) {
        return WG_OK;
    }
    wg_sheet_begin(&pen, ctx, round->job, "tracks", "Time in the own cell", "轨迹时间", NULL, NULL, fields,
                   sizeof fields / sizeof *fields);
    for (size_t i = 0; i < round->n_walkers; i++) {
        const walker *who = &round->walkers[i];
        wg_sheet_row(&pen, false);
        wg_sheet_text(&pen, who->worker);
        wg_sheet_number(&pen, who->seconds / 3600.0);
        wg_sheet_number(&pen, who->own / 3600.0);
        wg_sheet_number(&pen, who->seconds > 0.0 ? 100.0 * who->own / who->seconds : NAN);
    }
    return wg_sheet_end(&pen);
}

/* ------------------------------------------------------------------ the input */

/** A GPX file has five layers; the points of its tracks are what is wanted here. */
static wg_status read_visits(wg_context *ctx, wg_report_job *job, wg_layer **layer) {
    wg_input input = job->options->visits;
    char *source = NULL;
    const size_t length = input.source == NULL ? 0 : strlen(input.source);
    if (input.layer == NULL && length > 4 && strcmp(input.source + length - 4, ".gpx") == 0) {
        wg_buffer text = {0};
        wg_buffer_printf(&text, "%s|layername=track_points", input.source);
        source = wg_buffer_steal(&text);
        if (source == NULL) {
            return wg_fail_memory(ctx);
        }
        input.source = source;
    }
    wg_status status = wg_read(ctx, &input, "visits", layer);
    free(source);
    if (status == WG_OK && (*layer)->wkb_length > 0) {
        size_t lost;
        status = wg_crs_transform_lossy(ctx, *layer, wg_store_crs(job->store), &lost);
    }
    return status;
}

static void release_round(visit_round *round) {
    wg_passing_free(round->passing);
    free(round->visits);
    free(round->walkers);
    wg_arena_release(&round->text);
}

wg_status wg_report_read_visits(wg_context *ctx, wg_report_job *job) {
    static const wg_role roles[] = {WG_ROLE_BUILDING, WG_ROLE_TIME, WG_ROLE_OPENED, WG_ROLE_WORKER};
    wg_status status = WG_OK;
    wg_layer *layer = NULL;
    wg_fields fields;
    id_key *keys = NULL;
    uint32_t *place = NULL;
    visit_round round = {.job = job};
    if (!wg_input_given(&job->options->visits)) {
        return WG_OK;
    }
    WG_TRY(read_visits(ctx, job, &layer));
    WG_TRY(wg_fields_match(ctx, layer, "visits", roles, 4, job->options->fields, job->options->n_fields,
                           job->field_used, &fields));
    WG_TRY(wg_report_note_filled(ctx, job, "visits", layer));
    job->visited = wg_calloc(job->buildings->n, sizeof *job->visited);
    job->visit_newest = wg_malloc(job->buildings->n, sizeof *job->visit_newest);
    keys = sort_ids(job->buildings);
    place = wg_malloc(layer->n, sizeof *place);
    if (job->visited == NULL || job->visit_newest == NULL || keys == NULL || place == NULL) {
        WG_TRY(wg_fail_memory(ctx));
    }
    for (size_t row = 0; row < job->buildings->n; row++) {
        job->visit_newest[row] = WG_NO_TIME;
    }
    WG_TRY(wg_passing_new(ctx, job->buildings, job->options->visit_m > 0.0 ? job->options->visit_m : 30.0,
                          &round.passing));
    WG_TRY(wg_report_find_places(ctx, job, layer, UINT32_MAX, place));
    job->visits_in = layer->n;
    step last = {.valid = false};
    for (size_t row = 0; row < layer->n; row++) {
        WG_TRY(take_row(ctx, &round, layer, row, &fields, keys, place[row], &last));
    }
    if (round.failed) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(sheet_weeks(ctx, &round));
    WG_TRY(sheet_walkers(ctx, &round));
done:
    wg_layer_free(layer);
    free(keys);
    free(place);
    release_round(&round);
    return status;
}
