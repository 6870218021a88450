#include "core/sorter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/scratch.h"

enum { READ_RECORDS = 2048 };

/** A sorted run of the file, and the part of it that is in memory. */
typedef struct sorted_run {
    uint64_t next, end; /**< records of the file that are not in memory yet */
    char *records;
    size_t at, n;
} sorted_run;

struct wg_sorter {
    size_t record_bytes, run_records;
    wg_compare_fn compare;
    char *directory;
    uint64_t count;
    char *records; /**< the run that is being filled; all of them where there is no file */
    size_t n, capacity, at;
    int file; /**< -1: none yet */
    sorted_run *runs;
    size_t n_runs, runs_capacity;
    uint32_t *heap; /**< runs that are not at their end, the least record first */
    size_t n_heap;
    bool started; /**< the record of the first run of the heap was handed out */
};

wg_status wg_sorter_new(wg_context *ctx, size_t record_bytes, size_t run_records, wg_compare_fn compare,
                        const char *directory, wg_sorter **sorter) {
    wg_sorter *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    const char *temporary = getenv("TMPDIR");
    const char *chosen = directory != NULL                           ? directory
                         : temporary != NULL && temporary[0] != '\0' ? temporary
                                                                     : "/var/tmp";
    *made = (wg_sorter){.record_bytes = record_bytes,
                        .run_records = run_records > 0 ? run_records : 1,
                        .compare = compare,
                        .directory = wg_strdup(chosen),
                        .file = -1};
    if (made->directory == NULL) {
        wg_sorter_free(made);
        return wg_fail_memory(ctx);
    }
    *sorter = made;
    return WG_OK;
}

void wg_sorter_free(wg_sorter *sorter) {
    if (sorter == NULL) {
        return;
    }
    for (size_t i = 0; i < sorter->n_runs; i++) {
        free(sorter->runs[i].records);
    }
    if (sorter->file >= 0) {
        (void)close(sorter->file);
    }
    free(sorter->runs);
    free(sorter->heap);
    free(sorter->records);
    free(sorter->directory);
    free(sorter);
}

uint64_t wg_sorter_count(const wg_sorter *sorter) {
    return sorter->count;
}

/* ---- the file ---- */

static wg_status file_fails(wg_context *ctx, const wg_sorter *sorter) {
    return wg_fail(ctx, WG_EIO, "%s: a temporary file for sorting: %s", sorter->directory, strerror(errno));
}

/* ---- filling ---- */

static wg_status spill(wg_context *ctx, wg_sorter *sorter) {
    if (sorter->n == 0) {
        return WG_OK;
    }
    if (sorter->file < 0 && (sorter->file = wg_scratch_open(sorter->directory)) < 0) {
        return file_fails(ctx, sorter);
    }
    if (!WG_RESERVE(sorter->runs, sorter->runs_capacity, sorter->n_runs + 1)) {
        return wg_fail_memory(ctx);
    }
    qsort(sorter->records, sorter->n, sorter->record_bytes, sorter->compare);
    const uint64_t first = sorter->n_runs == 0 ? 0 : sorter->runs[sorter->n_runs - 1].end;
    if (!wg_scratch_write(sorter->file, sorter->records, sorter->n * sorter->record_bytes,
                          first * sorter->record_bytes)) {
        return file_fails(ctx, sorter);
    }
    sorter->runs[sorter->n_runs++] = (sorted_run){.next = first, .end = first + sorter->n};
    sorter->n = 0;
    return WG_OK;
}

/* Doubling up to a whole run: a few records need little memory. */
static bool grow(wg_sorter *sorter) {
    size_t wanted = sorter->capacity == 0 ? 1024 : sorter->capacity * 2;
    wanted = wanted > sorter->run_records ? sorter->run_records : wanted;
    char *grown = wg_realloc(sorter->records, wanted, sorter->record_bytes);
    if (grown == NULL) {
        return false;
    }
    sorter->records = grown;
    sorter->capacity = wanted;
    return true;
}

wg_status wg_sorter_add(wg_context *ctx, wg_sorter *sorter, const void *record) {
    if (sorter->n == sorter->run_records) {
        const wg_status status = spill(ctx, sorter);
        if (status != WG_OK) {
            return status;
        }
    }
    if (sorter->n == sorter->capacity && !grow(sorter)) {
        return wg_fail_memory(ctx);
    }
    memcpy(sorter->records + sorter->n * sorter->record_bytes, record, sorter->record_bytes);
    sorter->n++;
    sorter->count++;
    return WG_OK;
}

/* ---- merging ---- */

static const char *head_of(const wg_sorter *sorter, uint32_t run) {
    return sorter->runs[run].records + sorter->runs[run].at * sorter->record_bytes;
}

static void sift_down(wg_sorter *sorter, size_t at) {
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < sorter->n_heap; child++) {
            if (sorter->compare(head_of(sorter, sorter->heap[child]), head_of(sorter, sorter->heap[least])) < 0) {
                least = child;
            }
        }
        if (least == at) {
            return;
        }
        const uint32_t swap = sorter->heap[at];
        sorter->heap[at] = sorter->heap[least];
        sorter->heap[least] = swap;
        at = least;
    }
}

/* Bring the next records of a run into memory; n is 0 at its end. */
static wg_status refill(wg_context *ctx, const wg_sorter *sorter, sorted_run *run) {
    const uint64_t left = run->end - run->next;
    const size_t n = left < READ_RECORDS ? (size_t)left : READ_RECORDS;
    if (run->records == NULL) {
        run->records = wg_malloc(READ_RECORDS, sorter->record_bytes);
        if (run->records == NULL) {
            return wg_fail_memory(ctx);
        }
    }
    if (!wg_scratch_read(sorter->file, run->records, n * sorter->record_bytes, run->next * sorter->record_bytes)) {
        return file_fails(ctx, sorter);
    }
    run->next += n;
    run->at = 0;
    run->n = n;
    return WG_OK;
}

wg_status wg_sorter_finish(wg_context *ctx, wg_sorter *sorter) {
    wg_status status = WG_OK;
    sorter->at = 0;
    if (sorter->n_runs == 0) {
        if (sorter->n > 0) {
            qsort(sorter->records, sorter->n, sorter->record_bytes, sorter->compare);
        }
        return WG_OK;
    }
    WG_TRY(spill(ctx, sorter));
    free(sorter->records);
    sorter->records = NULL;
    sorter->capacity = 0;
    sorter->heap = wg_malloc(sorter->n_runs, sizeof *sorter->heap);
    if (sorter->heap == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < sorter->n_runs; i++) {
        WG_TRY(refill(ctx, sorter, &sorter->runs[i]));
        sorter->heap[i] = (uint32_t)i;
    }
    sorter->n_heap = sorter->n_runs;
    for (size_t i = sorter->n_heap; i-- > 0;) {
        sift_down(sorter, i);
    }
done:
    return status;
}

/* Leave the record that was handed out behind. */
static wg_status advance(wg_context *ctx, wg_sorter *sorter) {
    sorted_run *run = &sorter->runs[sorter->heap[0]];
    run->at++;
    if (run->at == run->n) {
        const wg_status status = refill(ctx, sorter, run);
        if (status != WG_OK) {
            return status;
        }
        if (run->n == 0) {
            sorter->heap[0] = sorter->heap[--sorter->n_heap];
        }
    }
    sift_down(sorter, 0);
    return WG_OK;
}

wg_status wg_sorter_next(wg_context *ctx, wg_sorter *sorter, const void **record) {
    *record = NULL;
    if (sorter->n_runs == 0) {
        if (sorter->at < sorter->n) {
            *record = sorter->records + sorter->at++ * sorter->record_bytes;
        }
        return WG_OK;
    }
    if (sorter->started) {
        const wg_status status = advance(ctx, sorter);
        if (status != WG_OK) {
            return status;
        }
    }
    sorter->started = sorter->n_heap > 0;
    if (sorter->n_heap > 0) {
        *record = head_of(sorter, sorter->heap[0]);
    }
    return WG_OK;
}
