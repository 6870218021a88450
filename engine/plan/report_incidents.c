/* Incidents, batch by batch; the spans of time that the report is about. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/parallel.h"
#include "crs/crs.h"
#include "io/read.h"
#include "model/number.h"
#include "model/wkb.h"
#include "plan/report_job.h"

static const wg_role roles[] = {WG_ROLE_ID,     WG_ROLE_CATEGORY, WG_ROLE_STATUS,     WG_ROLE_OPENED,   WG_ROLE_DUE,
                                WG_ROLE_CLOSED, WG_ROLE_HANDLED,  WG_ROLE_ROUTE,      WG_ROLE_SEVERITY, WG_ROLE_REWORK,
                                WG_ROLE_CELL,   WG_ROLE_EXTENDED, WG_ROLE_DISPATCHED, WG_ROLE_DIRECT,   WG_ROLE_VALID};

/** Columns that an incident layer's fields were found in. */
typedef struct mapping {
    wg_incident_columns columns;
    uint32_t id, cell;
} mapping;

static wg_status map_columns(wg_context *ctx, wg_report_job *job, const wg_layer *schema, mapping *map) {
    wg_fields fields;
    const wg_status status = wg_fields_match(ctx, schema, "incidents", roles, sizeof roles / sizeof *roles,
                                             job->options->fields, job->options->n_fields, job->field_used, &fields);
    if (status != WG_OK) {
        return status;
    }
    wg_buffer_text(&job->understood, "incidents: ");
    wg_fields_list(schema, &fields, &job->understood);
    wg_buffer_text(&job->understood, "\n");
    /* A plain 类别 or "type" is the category here, a plain 等级 the severity. */
    const uint32_t kind =
        fields.column[WG_ROLE_CATEGORY] != UINT32_MAX ? fields.column[WG_ROLE_CATEGORY] : fields.column[WG_ROLE_KIND];
    const uint32_t class =
        fields.column[WG_ROLE_SEVERITY] != UINT32_MAX ? fields.column[WG_ROLE_SEVERITY] : fields.column[WG_ROLE_CLASS];
    *map = (mapping){.columns = {.category = kind,
                                 .status = fields.column[WG_ROLE_STATUS],
                                 .opened = fields.column[WG_ROLE_OPENED],
                                 .due = fields.column[WG_ROLE_DUE],
                                 .closed = fields.column[WG_ROLE_CLOSED],
                                 .handled = fields.column[WG_ROLE_HANDLED],
                                 .severity = class,
                                 .route = fields.column[WG_ROLE_ROUTE],
                                 .rework = fields.column[WG_ROLE_REWORK],
                                 .extended = fields.column[WG_ROLE_EXTENDED],
                                 .dispatched = fields.column[WG_ROLE_DISPATCHED],
                                 .direct = fields.column[WG_ROLE_DIRECT],
                                 .valid = fields.column[WG_ROLE_VALID],
                                 .weight = wg_layer_column(schema, "share")}, /* as assign writes it */
                     .id = fields.column[WG_ROLE_ID],
                     .cell = fields.column[WG_ROLE_CELL]};
    return WG_OK;
}

static wg_status reject_unplaced(wg_context *ctx, wg_report_job *job, const wg_layer *batch, const mapping *map,
                                 const uint32_t *place) {
    wg_status status = WG_OK;
    for (size_t row = 0; row < batch->n && status == WG_OK; row++) {
        if (place[row] < job->tree.n_cells) {
            job->incidents_placed++;
            continue;
        }
        char number[32];
        char text[32];
        const char *id = map->id == UINT32_MAX ? NULL : wg_fields_text(batch, row, map->id, text);
        if (id == NULL) {
            snprintf(number, sizeof number, "#%lld", (long long)batch->fid[row]);
            id = number;
        }
        const bool somewhere = place[row] + 1 < job->tree.n_places;
        double bounds[4];
        size_t bytes = 0;
        const void *wkb = wg_layer_wkb(batch, row, &bytes);
        const bool geometry = wkb != NULL;
        if (geometry && wg_wkb_bounds(wkb, bytes, bounds)) {
            wg_bounds_widen(job->incidents_off, bounds);
        }
        status = wg_report_reject_row(
            ctx, job, "incidents", id,
            somewhere  ? wg_report_say(job, "inside a community, but in no cell", "在社区内但不在任何网格")
            : geometry ? wg_report_say(job, "outside all communities", "在所有社区之外")
                       : wg_report_say(job, "no cell and no coordinate", "无网格且无坐标"));
    }
    return status;
}

static wg_status take_batch(wg_context *ctx, wg_report_job *job, wg_layer *batch, const mapping *map) {
    wg_status status = WG_OK;
    uint32_t *place = wg_malloc(batch->n, sizeof *place);
    if (place == NULL) {
        return wg_fail_memory(ctx);
    }
    if (batch->wkb_length > 0 && wg_layer_crs(batch) != NULL) {
        size_t lost;
        WG_TRY(wg_crs_transform_lossy(ctx, batch, wg_store_crs(job->store), &lost)); /* lost ones are rejects below */
    }
    WG_TRY(wg_report_find_places(ctx, job, batch, map->cell, place));
    WG_TRY(wg_report_note_filled(ctx, job, "incidents", batch));
    WG_TRY(reject_unplaced(ctx, job, batch, map, place));
    WG_TRY(wg_incidents_add(ctx, &job->incidents, batch, &map->columns, place, job->has_zone ? &job->zone : NULL));
    job->incidents_in += batch->n;
done:
    free(place);
    return status;
}

/** A batch being counted while the next one is read. */
typedef struct relay {
    wg_report_job *job;
    wg_reader *reader;
    const mapping *map;
    wg_layer *now;  /**< counted by task 0; NULL before the first */
    wg_layer *next; /**< read by task 1; NULL behind the last */
} relay;

static wg_status take_or_read(wg_context *ctx, size_t index, uint32_t worker, void *user) {
    (void)worker;
    relay *at = user;
    if (index == 1) {
        return wg_reader_next(ctx, at->reader, &at->next);
    }
    if (at->now == NULL) {
        return WG_OK;
    }
    if (at->now->wkb_length > 0 && wg_layer_crs(at->now) == NULL) {
        return wg_fail(ctx, WG_EDATA, "%s: the CRS is not known (say --crs-of incidents=EPSG:4326 or what it is)",
                       wg_layer_source(at->now));
    }
    return take_batch(ctx, at->job, at->now, at->map);
}

static wg_status read_source(wg_context *ctx, wg_report_job *job, const char *source) {
    wg_status status = WG_OK;
    mapping map;
    relay at = {.job = job, .map = &map};
    const wg_read_options options = {.crs = job->options->incidents.crs, .encoding = job->options->incidents.encoding};
    WG_TRY(wg_reader_open(ctx, source, "incidents", &options, &at.reader));
    WG_TRY(map_columns(ctx, job, wg_reader_schema(at.reader), &map));
    do {
        WG_TRY(wg_parallel(ctx, 2, NULL, take_or_read, &at));
        wg_layer_free(at.now);
        at.now = at.next;
        at.next = NULL;
    } while (at.now != NULL);
done:
    wg_layer_free(at.now);
    wg_layer_free(at.next);
    wg_reader_close(at.reader);
    return status;
}

static wg_status read_layer(wg_context *ctx, wg_report_job *job, const wg_layer *layer) {
    wg_status status = WG_OK;
    wg_layer *copy = NULL;
    mapping map;
    WG_TRY(wg_layer_copy(ctx, layer, NULL, &copy));
    WG_TRY(map_columns(ctx, job, copy, &map));
    WG_TRY(take_batch(ctx, job, copy, &map));
done:
    wg_layer_free(copy);
    return status;
}

/** Not one incident in a cell: not a finding about the rows, but a wrong file, place or CRS. */
static void warn_of_nowhere(wg_context *ctx, const wg_report_job *job) {
    const double *off = job->incidents_off;
    double cells[4];
    if (job->incidents_in == 0 || job->incidents_placed > 0) {
        return;
    }
    if (!(off[0] <= off[2])) {
        wg_log(
            ctx, WG_LOG_WARNING,
            "none of the %zu incidents is in a cell: none has a coordinate, and none names a cell of the plan (check "
            "the fields; --field incidents.cell=FIELD names one)",
            job->incidents_in);
        return;
    }
    wg_locator_bounds(job->locator, cells);
    wg_log(ctx, WG_LOG_WARNING,
           "none of the %zu incidents is in a cell; they span x %.10g to %.10g, y %.10g to %.10g, the cells x %.10g to "
           "%.10g, y %.10g to %.10g, both in %.40s (is it the right place, and the right --crs-of incidents=...?)",
           job->incidents_in, off[0], off[2], off[1], off[3], cells[0], cells[2], cells[1], cells[3],
           wg_store_crs(job->store));
}

wg_status wg_report_read_incidents(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    const double nothing[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    memcpy(job->incidents_off, nothing, sizeof nothing);
    wg_layer *stored = NULL;
    const wg_input *input = &job->options->incidents;
    if (input->layer != NULL) {
        WG_TRY(read_layer(ctx, job, input->layer));
    } else if (input->source != NULL) {
        WG_TRY(read_source(ctx, job, input->source));
    } else if (wg_store_rows(job->store, "incidents") > 0) {
        WG_TRY(wg_store_get(ctx, job->store, "incidents", &stored));
        WG_TRY(read_layer(ctx, job, stored));
    } else {
        return WG_OK;
    }
    job->has_incidents = true;
    warn_of_nowhere(ctx, job);
    wg_incidents_set_deadlines(&job->incidents, &job->config, job->has_zone ? &job->zone : NULL);
done:
    wg_layer_free(stored);
    return status;
}

/* ------------------------------------------------------------------ spans */

wg_status wg_report_parse_moment(wg_context *ctx, const wg_report_job *job, const char *option, const char *text,
                                 int64_t *time) {
    wg_date date;
    if (wg_date_parse(text, false, &date) != WG_DATE_GOOD) {
        return wg_fail(ctx, WG_EINVAL, "--%s %s: not a date (write 2025-01-31)", option, text);
    }
    const int64_t seconds = (int64_t)wg_date_seconds(&date, 0);
    *time = date.has_zone || !job->has_zone ? seconds : wg_time_zone_utc(&job->zone, seconds);
    return WG_OK;
}

/** The same moment a year earlier on the clock of the zone (29 February: the 28th). */
static int64_t year_before(const wg_report_job *job, int64_t time) {
    if (time == WG_NO_TIME) {
        return WG_NO_TIME;
    }
    const int64_t local = job->has_zone ? time + wg_time_zone_offset(&job->zone, time) : time;
    const int64_t day = local >= 0 ? local / 86400 : -((-local + 86399) / 86400);
    wg_date date;
    wg_date_from_days(day, &date);
    date.year--;
    date.day = date.month == 2 && date.day == 29 ? 28 : date.day;
    const int64_t moved = wg_date_days(&date) * 86400 + (local - day * 86400);
    return job->has_zone ? wg_time_zone_utc(&job->zone, moved) : moved;
}

wg_status wg_report_set_spans(wg_context *ctx, wg_report_job *job) {
    wg_status status = WG_OK;
    wg_span span = {WG_NO_TIME, WG_NO_TIME};
    if (job->options->from != NULL) {
        WG_TRY(wg_report_parse_moment(ctx, job, "from", job->options->from, &span.from));
    }
    if (job->options->to != NULL) {
        WG_TRY(wg_report_parse_moment(ctx, job, "to", job->options->to, &span.to));
    }
    if (span.from != WG_NO_TIME && span.to != WG_NO_TIME && span.from >= span.to) {
        WG_TRY(wg_fail(ctx, WG_EINVAL, "--from %s is not before --to %s", job->options->from, job->options->to));
    }
    job->input.span = span;
    job->input.before = job->input.year = (wg_span){WG_NO_TIME, WG_NO_TIME};
    if (span.from != WG_NO_TIME && span.to != WG_NO_TIME) {
        job->input.before = (wg_span){span.from - (span.to - span.from), span.from};
        job->input.year = (wg_span){year_before(job, span.from), year_before(job, span.to)};
    }
done:
    return status;
}
