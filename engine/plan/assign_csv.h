/** Inside of the way from CSV to CSV: assign_csv.c sets up, assign_csv_run.c has the threads, assign_csv_piece.c one
 * piece. */
#ifndef WG_PLAN_ASSIGN_CSV_H
#define WG_PLAN_ASSIGN_CSV_H

#include <pthread.h>
#include <sys/types.h>

#include "io/csv_fast.h"
#include "plan/assign.h"

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
    wg_assign_counts counts;
} csv_worker;

/** Scan the decoded piece: rows, coordinates, keys. */
wg_status wg_csv_piece_scan(wg_context *ctx, csv_worker *own);
/** Write the decided rows into own->out and own->rejects, and count them. */
wg_status wg_csv_piece_format(wg_context *ctx, csv_worker *own);
/** The coordinate of a record; where there is none, why. */
wg_why wg_csv_coordinate(const csv_job *shared, const wg_csv_record *record, const wg_csv_field *fields, double xy[2]);

/** Take pieces, decide and write them on all threads of `ctx`, until the end or a failure. */
wg_status wg_csv_run(wg_context *ctx, csv_job *shared);
/** Write all of it at a place. */
wg_status wg_csv_write_at(wg_context *ctx, int file, const char *data, size_t length, off_t at);

#endif
