/** Inside of the way from CSV to CSV: assign_csv.c sets up, assign_csv_run.c has the threads, assign_csv_piece.c one
 * piece. */
#ifndef WG_PLAN_ASSIGN_CSV_H
#define WG_PLAN_ASSIGN_CSV_H

#include <pthread.h>
#include <sys/types.h>

#include "io/csv_fast.h"
#include "plan/assign.h"
#include "plan/assign_sink.h"

/** What all threads know. */
typedef struct csv_job {
    wg_assign_job *job;
    const wg_context *parent;
    wg_csv *csv;
    const wg_csv_info *info;
    uint32_t x, y, key; /**< columns; UINT32_MAX: none */
    uint32_t *keep;     /**< source columns that are written, in their order; NULL: all, as they stand */
    uint32_t n_keep;
    const char *line_end;
    char **cell_text; /**< ",code,community…" of each cell; at the end that of no cell */
    uint32_t *cell_length;
    int output, rejects; /**< files; rejects -1: none */
    wg_layer *schema;    /**< where the output is not CSV: the columns of the source */
    wg_assign_sink *sink, *reject_sink;
    bool want_rejects;

    pthread_mutex_t read_lock;
    wg_csv_piece first; /**< read ahead to learn the CRS */
    bool first_waits;
    uint64_t next_piece;

    pthread_mutex_t write_lock; /**< guards all below */
    pthread_cond_t written;
    uint64_t next_to_write;
    off_t output_at, rejects_at;
    wg_assign_counts counts;
    size_t replaced;
    bool failed;
    wg_status status;
    char error[WG_ERROR_BYTES];
} csv_job;

/** A row of a piece between reading and writing. */
typedef struct csv_row {
    const char *text;
    uint32_t length, n_fields;
    uint64_t line;
    bool open_quote;
} csv_row;

/** What one thread works with. */
typedef struct csv_worker {
    csv_job *shared;
    wg_context *report_to; /**< the caller's context on its own thread; NULL on others */
    wg_csv_piece piece;
    wg_assign_rules rules;
    csv_row *rows;
    double *xy;
    wg_answer *answers;
    const char **key;
    size_t *key_length;
    wg_buffer keys; /**< unquoted keys of a piece */
    size_t n, capacity;
    wg_csv_field *fields; /**< of one record */
    wg_buffer out, rejects, scratch;
    wg_layer *layer; /**< the rows of a piece for a sink, in place of `out` */
    const char **details;
    wg_assign_counts counts;
} csv_worker;

/** Scan the decoded piece: rows, coordinates, keys. */
wg_status wg_csv_piece_scan(wg_context *ctx, csv_worker *own);
/** Write the decided rows into own->out and own->rejects, and count them. */
wg_status wg_csv_piece_format(wg_context *ctx, csv_worker *own);
/** A layer without rows that has the file's fields as columns. */
wg_status wg_csv_schema(wg_context *ctx, const csv_job *shared, wg_layer **schema);
/** Make the decided rows a layer, own->layer, and count them. */
wg_status wg_csv_piece_layer(wg_context *ctx, csv_worker *own);
/** Send that layer to the sinks; one thread at a time, in the order of the file. */
wg_status wg_csv_piece_send(wg_context *ctx, csv_worker *own);
/** What is said of an unreadable row. */
void wg_csv_unreadable(const csv_job *shared, const csv_row *row, wg_buffer *out);
/** The coordinate of a record; where there is none, why. */
wg_why wg_csv_coordinate(const csv_job *shared, const wg_csv_record *record, const wg_csv_field *fields, double xy[2]);

/** Take pieces, decide and write them on all threads of `ctx`, until the end or a failure. */
wg_status wg_csv_run(wg_context *ctx, csv_job *shared);
/** Write all of it at a place. */
wg_status wg_csv_write_at(wg_context *ctx, int file, const char *data, size_t length, off_t at);

#endif
