#include "plan/assign_append.h"

#include <stdio.h>
#include <string.h>

#include "io/fields.h"
#include "store/store.h"

struct wg_assign_append {
    wg_store *store;
    char *layer;
    const char *id_field; /**< NULL: rows have no identity */
};

void wg_assign_append_abort(wg_assign_append *append) {
    if (append != NULL) {
        wg_store_free(append->store); /* rolls back */
        free(append->layer);
        free(append);
    }
}

const char *wg_assign_append_crs(const wg_assign_append *append) {
    return wg_store_crs(append->store);
}

wg_status wg_assign_append_open(wg_context *ctx, const wg_assign_options *options, const char *path,
                                wg_assign_append **append) {
    static const char key[] = "|layername=";
    wg_status status = WG_OK;
    const char *named = strstr(path, key);
    char *file = wg_strndup(path, strcspn(path, "|"));
    wg_assign_append *made = wg_calloc(1, sizeof *made);
    if (file == NULL || made == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    made->layer = wg_strdup(named == NULL ? "incidents" : named + sizeof key - 1);
    made->id_field = options->id_field;
    if (made->layer == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    static const char *const kept[] = {"cells", "communities", "levels", "units",
                                       "edges", "buildings",   "runs",   "retired"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strcmp(made->layer, kept[i]) == 0) {
            status =
                wg_fail(ctx, WG_EINVAL, "%s: the plan's own layer %s is not appended to (choose another |layername=)",
                        path, kept[i]);
            goto done;
        }
    }
    WG_TRY(wg_store_open(ctx, file, WG_STORE_WRITE, &made->store));
    WG_TRY(wg_store_begin(ctx, made->store));
    *append = made;
    made = NULL;
done:
    free(file);
    wg_assign_append_abort(made);
    return status;
}

/** The id of a row of a batch. */
typedef struct batch_id {
    const char *text;
    size_t row;
} batch_id;

static int compare_ids(const void *a, const void *b) {
    const batch_id *p = a, *q = b;
    const int order = strcmp(p->text, q->text);
    return order != 0 ? order : p->row < q->row ? -1 : p->row > q->row ? 1 : 0;
}

/* Ids of the rows that have one, sorted; of a split feature all rows share it. */
static wg_status collect_ids(wg_context *ctx, const wg_layer *rows, uint32_t column, wg_arena *text, batch_id *ids,
                             size_t *n) {
    *n = 0;
    for (size_t row = 0; row < rows->n; row++) {
        char number[32];
        const char *id = wg_fields_text(rows, row, column, number);
        if (id == NULL || id[0] == '\0') {
            continue;
        }
        ids[*n] = (batch_id){id == number ? wg_arena_strdup(text, number, strlen(number)) : id, row};
        if (ids[(*n)++].text == NULL) {
            return wg_fail_memory(ctx);
        }
    }
    qsort(ids, *n, sizeof *ids, compare_ids);
    return WG_OK;
}

/* Parts of one feature stay together: they have the same feature number. */
static void drop_earlier(const wg_layer *rows, const batch_id *ids, size_t n, bool *keep, uint64_t *dropped) {
    for (size_t first = 0; first < n;) {
        size_t end = first + 1;
        while (end < n && strcmp(ids[end].text, ids[first].text) == 0) {
            end++;
        }
        const int64_t last = rows->fid[ids[end - 1].row];
        int64_t counted = last;
        for (size_t i = first; i < end; i++) {
            const int64_t fid = rows->fid[ids[i].row];
            if (fid != last) {
                keep[ids[i].row] = false;
                *dropped += fid != counted ? 1 : 0;
                counted = fid;
            }
        }
        first = end;
    }
}

static wg_status remove_old(wg_context *ctx, wg_assign_append *append, const batch_id *ids, size_t n,
                            const char *column, uint64_t *removed) {
    const char **values = wg_malloc(n, sizeof *values);
    size_t distinct = 0;
    if (values == NULL) {
        return wg_fail_memory(ctx);
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(ids[i].text, ids[i - 1].text) != 0) {
            values[distinct++] = ids[i].text;
        }
    }
    const wg_status status = wg_store_remove(ctx, append->store, append->layer, column, values, distinct, removed);
    free(values);
    return status;
}

static wg_status rename_layer(wg_context *ctx, wg_layer *rows, const char *name) {
    char *copy = wg_strdup(name);
    if (copy == NULL) {
        return wg_fail_memory(ctx);
    }
    free(rows->name);
    rows->name = copy;
    return WG_OK;
}

wg_status wg_assign_append_rows(wg_context *ctx, wg_assign_append *append, wg_layer *rows, wg_assign_counts *counts) {
    wg_status status = WG_OK;
    wg_arena text = {0};
    batch_id *ids = NULL;
    bool *keep = NULL;
    wg_layer *last = NULL;
    uint64_t dropped = 0, removed = 0;
    WG_TRY(rename_layer(ctx, rows, append->layer));
    if (append->id_field == NULL) {
        return wg_store_put(ctx, append->store, rows, true);
    }
    const uint32_t column = wg_layer_column(rows, append->id_field);
    if (column == UINT32_MAX) {
        status = wg_fail(ctx, WG_ENOTFOUND, "%s: no field named %s to tell rows apart by (--id; with --fields keep it)",
                         wg_layer_source(rows), append->id_field);
        goto done;
    }
    size_t n = 0;
    ids = wg_malloc(rows->n, sizeof *ids);
    keep = wg_malloc(rows->n, sizeof *keep);
    if (ids == NULL || keep == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    memset(keep, true, rows->n * sizeof *keep);
    WG_TRY(collect_ids(ctx, rows, column, &text, ids, &n));
    drop_earlier(rows, ids, n, keep, &dropped);
    WG_TRY(remove_old(ctx, append, ids, n, append->id_field, &removed));
    counts->replaced += dropped + removed;
    if (dropped == 0) {
        WG_TRY(wg_store_put(ctx, append->store, rows, true));
    } else {
        WG_TRY(wg_layer_copy(ctx, rows, keep, &last));
        WG_TRY(wg_store_put(ctx, append->store, last, true));
    }
done:
    wg_arena_release(&text);
    wg_layer_free(last);
    free(ids);
    free(keep);
    return status;
}

wg_status wg_assign_append_commit(wg_context *ctx, wg_assign_append *append) {
    wg_status status = WG_OK;
    WG_TRY(wg_store_commit(ctx, append->store));
    wg_store *store = append->store;
    append->store = NULL;
    WG_TRY(wg_store_close(ctx, store));
done:
    wg_assign_append_abort(append);
    return status;
}
