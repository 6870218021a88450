/* Visits: lists that name buildings, points, tracks; by week, and how long each worker was in the own cell. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "crs/crs.h"
#include "io/read.h"
#include "model/number.h"
#include "model/wkb.h"
#include "plan/report_visits.h"

#define STRIDE_M 200.0 /* consecutive points farther apart are no way on foot that buildings lie along */

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
                          const wg_fields *fields, uint32_t place, step *last) {
    wg_report_job *job = round->job;
    size_t bytes;
    char text[32];
    char name[32];
    uint32_t found = WG_UNASSIGNED;
    wg_status status = read_moment(ctx, job, layer, row,
                                   fields->column[WG_ROLE_TIME] != UINT32_MAX ? fields->column[WG_ROLE_TIME]
                                                                              : fields->column[WG_ROLE_OPENED],
                                   &round->time);
    if (status != WG_OK || !wg_in_span(job->input.span, round->time)) {
        return status;
    }
    const char *building = fields->column[WG_ROLE_BUILDING] == UINT32_MAX
                               ? NULL
                               : wg_fields_text(layer, row, fields->column[WG_ROLE_BUILDING], text);
    status = wg_report_building(ctx, job, building, &found);
    if (status != WG_OK || found != WG_UNASSIGNED) {
        job->visits_used += found != WG_UNASSIGNED ? 1 : 0;
        if (found != WG_UNASSIGNED) {
            note_visit(found, round);
        }
        return status;
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

/* ------------------------------------------------------------------ the input */

static bool is_gpx(const wg_input *input) {
    const size_t length = input->source == NULL ? 0 : strlen(input->source);
    return input->layer == NULL && length > 4 && strcmp(input->source + length - 4, ".gpx") == 0;
}

/** One of the five layers of a GPX file. */
static wg_status read_gpx(wg_context *ctx, const wg_input *file, const char *name, wg_layer **layer) {
    wg_input input = *file;
    wg_buffer text = {0};
    wg_buffer_printf(&text, "%s|layername=%s", file->source, name);
    input.source = text.data;
    const wg_status status = text.failed ? wg_fail_memory(ctx) : wg_read(ctx, &input, "visits", layer);
    wg_buffer_release(&text);
    return status;
}

/** The points of a GPX file know their track by its number; its name is the worker. */
static wg_status name_tracks(wg_context *ctx, const wg_input *file, wg_layer *points) {
    wg_status status = WG_OK;
    wg_layer *tracks = NULL;
    uint32_t worker = 0;
    const uint32_t of = wg_layer_column(points, "track_fid");
    if (of == UINT32_MAX || wg_layer_column(points, "worker") != UINT32_MAX) {
        return WG_OK;
    }
    WG_TRY(read_gpx(ctx, file, "tracks", &tracks));
    WG_TRY(wg_layer_add_column(ctx, points, "worker", WG_TEXT, &worker));
    const uint32_t name = wg_layer_column(tracks, "name");
    for (size_t row = 0; row < points->n; row++) {
        const int64_t track = wg_layer_is_null(points, row, of) ? -1 : wg_layer_integer(points, row, of);
        const char *text = name == UINT32_MAX || track < 0 || (size_t)track >= tracks->n
                               ? NULL
                               : wg_layer_text(tracks, (size_t)track, name);
        WG_TRY(text == NULL ? WG_OK : wg_layer_set_text(ctx, points, row, worker, text));
    }
done:
    wg_layer_free(tracks);
    return status;
}

static wg_status read_visits(wg_context *ctx, wg_report_job *job, wg_layer **layer) {
    wg_status status = WG_OK;
    const wg_input *input = &job->options->visits;
    if (is_gpx(input)) {
        WG_TRY(read_gpx(ctx, input, "track_points", layer));
        WG_TRY(name_tracks(ctx, input, *layer));
    } else {
        WG_TRY(wg_read(ctx, input, "visits", layer));
    }
    if ((*layer)->wkb_length > 0) {
        size_t lost;
        WG_TRY(wg_crs_transform_lossy(ctx, *layer, wg_store_crs(job->store), &lost));
    }
done:
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
    place = wg_malloc(layer->n, sizeof *place);
    if (job->visited == NULL || job->visit_newest == NULL || place == NULL) {
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
        WG_TRY(take_row(ctx, &round, layer, row, &fields, place[row], &last));
    }
    if (round.failed) {
        WG_TRY(wg_fail_memory(ctx));
    }
    WG_TRY(wg_report_sheets_visits(ctx, &round));
done:
    wg_layer_free(layer);
    free(place);
    release_round(&round);
    return status;
}
