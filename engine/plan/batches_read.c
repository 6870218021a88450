/* Rows of buildings and barriers on disk, by community. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crs/crs.h"
#include "io/read.h"
#include "model/wkb.h"
#include "plan/batches.h"
#include "plan/canonical.h"
#include "plan/towers.h"

enum { CHUNK_ROWS = 16384 };

/* ---------------------------------------------------------------- whether, and how large */

/** What a program may take without others being pushed out; 0 where the system does not say. */
static double free_bytes(void) {
    FILE *file = fopen("/proc/meminfo", "r");
    char line[128];
    double kb = 0;
    while (file != NULL && kb <= 0 && fgets(line, sizeof line, file) != NULL) {
        kb = strncmp(line, "MemAvailable:", 13) == 0 ? strtod(line + 13, NULL) : 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return kb > 0 ? kb * 1024.0 : pages > 0 && size > 0 ? (double)pages * (double)size / 2 : 0;
}

static wg_status count_rows(wg_context *ctx, const wg_input *input, const char *role, double *rows) {
    wg_reader *reader = NULL;
    const wg_read_options options = {.crs = input->crs, .encoding = input->encoding};
    const wg_status status = wg_reader_open(ctx, input->source, role, &options, &reader);
    if (status == WG_OK) {
        *rows += (double)wg_reader_source(reader)->rows;
        wg_reader_close(reader);
    }
    return status;
}

wg_status wg_batches_needed(wg_context *ctx, const wg_partition_options *options, bool *needed, double *budget) {
    double rows = 0, communities = 0;
    wg_status status = WG_OK;
    bool files = options->communities.source != NULL && options->communities.layer == NULL &&
                 options->buildings.source != NULL && options->buildings.layer == NULL;
    for (uint32_t i = 0; i < options->n_barriers; i++) {
        files = files && options->barriers[i].layer == NULL;
    }
    *budget = options->memory_mb > 0 ? options->memory_mb * 1e6 : free_bytes() / 2;
    *needed = false;
    if (!files || !(*budget > 0) || wg_input_given(&options->units)) {
        return WG_OK;
    }
    WG_TRY(count_rows(ctx, &options->communities, "communities", &communities)); /* whose errors come first */
    WG_TRY(count_rows(ctx, &options->buildings, "buildings", &rows));
    for (uint32_t i = 0; i < options->n_barriers; i++) {
        WG_TRY(count_rows(ctx, &options->barriers[i], "barriers", &rows));
    }
    *needed = rows * WG_ROW_BYTES > *budget;
done:
    return status;
}

/* ---------------------------------------------------------------- rows to disk */

size_t wg_batches_strip(const wg_batches *b, const wg_layer *layer, size_t row) {
    size_t bytes = 0;
    double bounds[4];
    const void *wkb = wg_layer_wkb(layer, row, &bytes);
    if (wkb == NULL || !wg_wkb_bounds(wkb, bytes, bounds) || isnan(bounds[0])) {
        return WG_STRIPS - 1; /* rows without geometry are the last ones */
    }
    const double at = floor((round(bounds[0] * 1000.0) / 1000.0 - b->west) / b->width * (WG_STRIPS - 2));
    return at < 0 ? 0 : at > WG_STRIPS - 2 ? WG_STRIPS - 2 : (size_t)at;
}

wg_status wg_batches_sample(wg_context *ctx, wg_layer *sample, const void *wkb, size_t bytes) {
    const uint32_t type = wkb == NULL ? 0 : wg_wkb_type(wkb, bytes);
    for (size_t row = 0; row < sample->n; row++) {
        size_t own_bytes = 0;
        const void *own = wg_layer_wkb(sample, row, &own_bytes);
        if (wg_wkb_type(own, own_bytes) == type) {
            return WG_OK;
        }
    }
    return type == 0 ? WG_OK : wg_layer_add_row(ctx, sample, wkb, bytes, NULL);
}

/** A piece of an input in the order of its file: rows are numbered before they are sorted. */
typedef struct chunk {
    wg_layer *layer; /**< working CRS, canonical */
    uint64_t *number;
    int64_t *fid;
} chunk;

static void chunk_release(chunk *c) {
    wg_layer_free(c->layer);
    free(c->number);
    free(c->fid);
}

/** Sort a layer canonically, and take along the number of each row. `number` is ascending before. */
static wg_status sort_numbered(wg_context *ctx, wg_layer *layer, uint64_t *number) {
    wg_status status = WG_OK;
    int64_t *fid = wg_malloc(layer->n, sizeof *fid);
    uint64_t *sorted = wg_malloc(layer->n, sizeof *sorted);
    if (fid == NULL || sorted == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t row = 0; row < layer->n; row++) { /* the feature number carries the row through the sort */
        fid[row] = layer->fid[row];
        layer->fid[row] = (int64_t)row;
    }
    WG_TRY(wg_plan_canonical(ctx, layer, UINT32_MAX));
    for (size_t row = 0; row < layer->n; row++) {
        const size_t before = (size_t)layer->fid[row];
        sorted[row] = number[before];
        layer->fid[row] = fid[before];
    }
    memcpy(number, sorted, layer->n * sizeof *number);
done:
    free(fid);
    free(sorted);
    return status;
}

static wg_status add_buildings(wg_context *ctx, wg_batches *b, wg_feed *feed, const chunk *c) {
    wg_placement placement = {0};
    const size_t nowhere = b->city->communities->n;
    wg_status status = wg_buildings_locate(ctx, b->city->reference, c->layer, &placement);
    for (size_t row = 0; row < c->layer->n && status == WG_OK; row++) {
        const uint32_t community = placement.community[row];
        status = wg_rows_add(ctx, feed->rows, c->layer, row, c->number[row], c->layer->fid[row],
                             community == WG_UNASSIGNED ? nowhere : community);
    }
    wg_placement_release(&placement);
    return status;
}

static wg_status add_barriers(wg_context *ctx, wg_batches *b, wg_feed *feed, wg_near *near, const chunk *c) {
    wg_status status = WG_OK;
    for (size_t row = 0; row < c->layer->n; row++) {
        const uint32_t *list = NULL;
        size_t bytes = 0, n = 0;
        const void *wkb = wg_layer_wkb(c->layer, row, &bytes);
        const int64_t fid = c->layer->fid[row];
        WG_TRY(wg_batches_sample(ctx, b->sample, wkb, bytes));
        WG_TRY(wg_near_find(ctx, near, wkb, bytes, &list, &n));
        for (size_t i = 0; i < n; i++) {
            WG_TRY(wg_rows_add(ctx, feed->rows, c->layer, row, c->number[row], fid, list[i]));
        }
        const size_t strip = wg_batches_strip(b, c->layer, row);
        WG_TRY(wg_rows_add(ctx, feed->sorted, c->layer, row, c->number[row], fid, strip));
    }
done:
    return status;
}

static wg_status add_chunk(wg_context *ctx, wg_batches *b, wg_feed *feed, wg_near *near, chunk *c) {
    wg_status status = WG_OK;
    WG_TRY(near == NULL ? wg_plan_transform_buildings(ctx, b->city, c->layer)
                        : wg_crs_transform(ctx, c->layer, b->city->crs));
    WG_TRY(near == NULL ? wg_plan_keep_chosen(ctx, b->city, &c->layer) : WG_OK);
    const size_t n = c->layer->n;
    c->number = wg_malloc(n, sizeof *c->number);
    if (c->number == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t row = 0; row < n; row++) {
        c->number[row] = feed->n + row;
    }
    WG_TRY(sort_numbered(ctx, c->layer, c->number));
    if (feed->rows == NULL) {
        WG_TRY(wg_rows_new(ctx, b->spool, c->layer, b->city->communities->n + 1, &feed->rows));
        WG_TRY(near == NULL ? WG_OK : wg_rows_new(ctx, b->spool, c->layer, WG_STRIPS, &feed->sorted));
    }
    WG_TRY(near == NULL ? add_buildings(ctx, b, feed, c) : add_barriers(ctx, b, feed, near, c));
    feed->n += n;
done:
    return status;
}

/** All rows of an input. @param near  for barriers; NULL: buildings */
static wg_status fill(wg_context *ctx, wg_batches *b, wg_feed *feed, wg_near *near) {
    wg_status status = WG_OK;
    wg_reader *reader = NULL;
    wg_layer *whole = NULL;
    wg_crs_seen seen = {0};
    chunk piece = {0};
    const wg_read_options options = {
        .crs = feed->input->crs, .encoding = feed->input->encoding, .batch_rows = CHUNK_ROWS};
    WG_TRY(wg_reader_open(ctx, feed->input->source, feed->role, &options, &reader));
    feed->source = wg_strdup(wg_layer_source(wg_reader_schema(reader)));
    const char *crs = wg_layer_crs(wg_reader_schema(reader));
    (void)wg_plan_read_near(ctx, b->city, reader);
    if (feed->source == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (;;) {
        WG_TRY(wg_reader_next(ctx, reader, &piece.layer));
        if (piece.layer == NULL) {
            break;
        }
        wg_crs_see(&seen, piece.layer);
        WG_TRY(add_chunk(ctx, b, feed, near, &piece));
        chunk_release(&piece);
        piece = (chunk){0};
    }
    if (feed->n == 0) { /* says what is wrong with an empty layer, or has the columns of what is not near */
        WG_TRY(wg_plan_read_layer(ctx, b->city, feed->input, feed->role, &whole));
        piece.layer = whole;
        whole = NULL;
        status = feed->rows != NULL ? WG_OK : add_chunk(ctx, b, feed, near, &piece);
        goto done;
    }
    WG_TRY(wg_plan_record_input(ctx, b->city, feed->input, feed->role, feed->n, crs));
    WG_TRY(wg_plan_tell_doubts(ctx, b->city, &seen, feed->source, crs, feed->role));
done:
    wg_layer_free(whole);
    chunk_release(&piece);
    wg_reader_close(reader);
    return status;
}

/* ---------------------------------------------------------------- batches */

/** Communities one after the other until their rows fill the budget; at least one. */
static wg_status divide(wg_context *ctx, wg_batches *b, double budget) {
    const size_t n = b->city->communities->n;
    double bytes = 0;
    b->first = wg_calloc(n + 1, sizeof *b->first);
    if (b->first == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t c = 0; c < n; c++) {
        double own = (double)wg_rows_count(b->buildings.rows, c) * WG_ROW_BYTES;
        for (uint32_t i = 0; i < b->n_barriers; i++) {
            own += (double)wg_rows_bytes(b->barriers[i].rows, c) * WG_BARRIER_FACTOR;
        }
        if (c == 0 || bytes + own > budget) {
            b->first[b->n++] = c;
            bytes = 0;
        }
        bytes += own;
    }
    b->first[b->n] = n;
    return WG_OK;
}

static wg_status measure_strips(wg_context *ctx, wg_batches *b) {
    double low = INFINITY, high = -INFINITY;
    const wg_layer *layer = wg_reference_layer(b->city->reference);
    for (size_t row = 0; row < layer->n; row++) {
        size_t bytes = 0;
        double bounds[4];
        const void *wkb = wg_layer_wkb(layer, row, &bytes);
        if (wkb != NULL && wg_wkb_bounds(wkb, bytes, bounds)) {
            low = fmin(low, bounds[0]);
            high = fmax(high, bounds[2]);
        }
    }
    b->west = low;
    b->width = high - low;
    return b->width > 0 ? WG_OK : wg_fail(ctx, WG_EDATA, "the communities have no extent");
}

wg_status wg_batches_open(wg_context *ctx, wg_plan_city *city, const char *output, double budget, wg_batches *b) {
    wg_status status = WG_OK;
    wg_near *near = NULL;
    const wg_partition_options *options = city->options;
    const size_t n = city->communities->n;
    *b = (wg_batches){.city = city, .buildings = {.input = &options->buildings, .role = "buildings"}};
    WG_TRY(measure_strips(ctx, b));
    WG_TRY(wg_layer_new(ctx, "sample", NULL, &b->sample));
    WG_TRY(wg_spool_open(ctx, output, &b->spool));
    WG_TRY(wg_near_new(ctx, city->reference, options->snap_m > 0 ? options->snap_m : 2, &near));
    b->barriers = wg_calloc(options->n_barriers, sizeof *b->barriers);
    b->districts = wg_calloc(n, sizeof *b->districts);
    b->found = wg_calloc(n, sizeof *b->found);
    if (b->barriers == NULL || b->districts == NULL || b->found == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(fill(ctx, b, &b->buildings, NULL));
    WG_TRY(wg_plan_read_stairs(ctx, city)); /* in this order they are recorded */
    WG_TRY(wg_progress(ctx, 0.7, "reading"));
    for (; b->n_barriers < options->n_barriers; b->n_barriers++) {
        b->barriers[b->n_barriers] = (wg_feed){.input = &options->barriers[b->n_barriers], .role = "barriers"};
        WG_TRY(fill(ctx, b, &b->barriers[b->n_barriers], near));
    }
    WG_TRY(divide(ctx, b, budget));
done:
    wg_near_free(near);
    return status;
}

static void feed_release(wg_feed *feed) {
    wg_rows_free(feed->rows);
    wg_rows_free(feed->sorted);
    free(feed->source);
}

void wg_batches_release(wg_batches *b) {
    const size_t n = b->city == NULL || b->city->communities == NULL ? 0 : b->city->communities->n;
    feed_release(&b->buildings);
    for (uint32_t i = 0; b->barriers != NULL && i < b->city->options->n_barriers; i++) {
        feed_release(&b->barriers[i]);
    }
    free(b->barriers);
    for (size_t c = 0; b->found != NULL && c < n; c++) {
        wg_exceptions_release(&b->found[c]);
    }
    free(b->found);
    wg_plan_districts_free(b->districts, n);
    wg_layer_free(b->sample);
    free(b->first);
    free(b->kept);
    wg_spool_close(b->spool);
    *b = (wg_batches){0};
}

wg_status wg_batches_load(wg_context *ctx, wg_batches *b, size_t batch, wg_pass pass, uint64_t **numbers) {
    wg_status status = WG_OK;
    wg_plan_city *city = b->city;
    const size_t nowhere = city->communities->n;
    const size_t first = batch == b->n ? nowhere : b->first[batch];
    const size_t end = batch == b->n ? nowhere + 1 : b->first[batch + 1];
    uint64_t *number = NULL;
    wg_exceptions listed = city->exceptions;
    wg_plan_release_buildings(city);
    city->pass = pass;
    WG_TRY(wg_rows_load(ctx, b->buildings.rows, first, end, &city->source, &number));
    WG_TRY(sort_numbered(ctx, city->source, number));
    if (pass == WG_PASS_AGAIN) {
        city->exceptions = (wg_exceptions){0};
    }
    status = wg_plan_take_buildings(ctx, city, b->buildings.n);
    if (pass == WG_PASS_AGAIN) { /* all but what is missing was listed the first time */
        wg_exceptions again = city->exceptions;
        city->exceptions = listed;
        for (size_t i = 0; i < again.n && status == WG_OK; i++) {
            const wg_exception *item = &again.items[i];
            if (strcmp(item->problem, "missing_value") == 0) {
                status = wg_exceptions_add(ctx, &city->exceptions, item->layer, item->feature, item->problem, item->x,
                                           item->y, item->advice, "%s", item->detail);
            }
        }
        wg_exceptions_release(&again);
    }
    if (status == WG_OK && pass == WG_PASS_FIRST) {
        wg_plan_tally_rows(city, &city->tally);
    }
    if (status == WG_OK && numbers != NULL) {
        *numbers = number;
        number = NULL;
    }
done:
    free(number);
    return status;
}

wg_status wg_batches_load_barriers(wg_context *ctx, wg_batches *b, size_t batch) {
    wg_status status = WG_OK;
    WG_TRY(wg_plan_clear_barriers(ctx, b->city));
    for (uint32_t i = 0; i < b->n_barriers && status == WG_OK; i++) {
        wg_layer *layer = NULL;
        uint64_t *number = NULL;
        status = wg_rows_load(ctx, b->barriers[i].rows, b->first[batch], b->first[batch + 1], &layer, &number);
        if (status == WG_OK) {
            status = sort_numbered(ctx, layer, number);
        }
        if (status == WG_OK) {
            status = wg_plan_take_barriers(ctx, b->city, layer, batch == 0 ? b->barriers[i].n : 0, false);
        }
        wg_layer_free(layer);
        free(number);
    }
done:
    return status;
}
