#include "io/join.h"

#include <string.h>

#include "io/fields.h"
#include "io/read.h"
#include "io/write.h"
#include "model/text.h"

enum { LISTED = 10 };

struct wg_join {
    wg_layer *table;
    char *key, *table_key, *unmatched_path;
    uint32_t column, table_column; /**< that meet; UINT32_MAX: not chosen yet */
    wg_keys keys;
    uint32_t *target; /**< schema column of each table column; UINT32_MAX: the key itself */
    bool *used;       /**< a table row */
    char *layer_label;
    uint64_t rows, matched, ambiguous;
    wg_layer *unmatched; /**< side, row, key, reason */
};

/* ---------------------------------------------------------------- the words */

void wg_join_words_release(wg_join_words *words) {
    free(words->table);
    free(words->key);
    free(words->table_key);
    free(words->unmatched);
    *words = (wg_join_words){0};
}

/** Cut "|NAME=value" out of `text` in place. @return the value (free with free()), NULL where it is not there */
static char *cut_option(char *text, const char *name) {
    char *at = strstr(text, name);
    if (at == NULL) {
        return NULL;
    }
    const size_t key = strlen(name), n = strcspn(at + key, "|");
    char *value = wg_strndup(at + key, n);
    memmove(at, at + key + n, strlen(at + key + n) + 1);
    return value;
}

wg_status wg_join_words_parse(wg_context *ctx, const char *source, char **plain, wg_join_words *words) {
    const char *bar = strstr(source, "|join=");
    *words = (wg_join_words){0};
    *plain = bar == NULL ? wg_strdup(source) : wg_strndup(source, (size_t)(bar - source));
    if (*plain == NULL) {
        return wg_fail_memory(ctx);
    }
    if (bar == NULL) {
        return WG_OK;
    }
    words->table = wg_strdup(bar + strlen("|join="));
    if (words->table == NULL) {
        free(*plain);
        *plain = NULL;
        return wg_fail_memory(ctx);
    }
    words->unmatched = cut_option(words->table, "|unmatched=");
    words->key = cut_option(words->table, "|key=");
    char *colon = words->key == NULL ? NULL : strchr(words->key, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
    words->table_key = wg_strdup(colon == NULL ? words->key : colon + 1);
    return WG_OK;
}

/* ---------------------------------------------------------------- life */

static wg_status new_list(wg_context *ctx, wg_layer **list) {
    static const char *const columns[] = {"side", "row", "key", "reason"};
    wg_status status = wg_layer_new(ctx, "unmatched", NULL, list);
    for (size_t i = 0; i < 4 && status == WG_OK; i++) {
        status = wg_layer_add_column(ctx, *list, columns[i], i == 1 ? WG_INTEGER : WG_TEXT, NULL);
    }
    return status;
}

wg_status wg_join_open(wg_context *ctx, const wg_join_words *words, wg_join **join) {
    const wg_read_options options = {.no_geometry = true};
    wg_join *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    made->column = made->table_column = UINT32_MAX;
    made->key = wg_strdup(words->key);
    made->table_key = wg_strdup(words->table_key);
    made->unmatched_path = wg_strdup(words->unmatched);
    wg_status status = wg_read_source(ctx, words->table, "table", &options, false, &made->table);
    if (status == WG_OK) {
        made->used = wg_calloc(made->table->n, sizeof *made->used);
        made->target = wg_calloc(made->table->n_columns, sizeof *made->target);
        status = made->used == NULL || made->target == NULL ? wg_fail_memory(ctx) : new_list(ctx, &made->unmatched);
    }
    if (status != WG_OK) {
        wg_join_free(made);
        return status;
    }
    *join = made;
    return WG_OK;
}

void wg_join_free(wg_join *join) {
    if (join != NULL) {
        wg_layer_free(join->table);
        wg_layer_free(join->unmatched);
        wg_keys_release(&join->keys);
        free(join->key);
        free(join->table_key);
        free(join->unmatched_path);
        free(join->target);
        free(join->used);
        free(join->layer_label);
        free(join);
    }
}

/* ---------------------------------------------------------------- which columns meet */

static bool is_key_role(wg_role role) {
    return role == WG_ROLE_ID || role == WG_ROLE_CODE || role == WG_ROLE_BUILDING || role == WG_ROLE_NAME ||
           role == WG_ROLE_ADDRESS || role == WG_ROLE_COMMUNITY;
}

static wg_key_kind kind_of(wg_role a, wg_role b) {
    if (a == WG_ROLE_ADDRESS || b == WG_ROLE_ADDRESS) {
        return WG_KEY_ADDRESS;
    }
    const bool name = a == WG_ROLE_NAME || b == WG_ROLE_NAME || a == WG_ROLE_COMMUNITY || b == WG_ROLE_COMMUNITY;
    return name ? WG_KEY_NAME : WG_KEY_CODE;
}

static bool same_name(const char *a, const char *b) {
    char one[256], two[256];
    (void)wg_text_fold_into(a, one, sizeof one);
    (void)wg_text_fold_into(b, two, sizeof two);
    return strcmp(one, two) == 0;
}

/** Rows of the sample that find exactly one row of the table. */
static wg_status count_matches(wg_context *ctx, const wg_layer *sample, uint32_t column, const wg_keys *keys,
                               size_t *matches) {
    wg_status status = WG_OK;
    *matches = 0;
    for (size_t row = 0; row < sample->n && status == WG_OK; row++) {
        char buffer[32];
        size_t at = 0, found = 0;
        const char *text = wg_fields_text(sample, row, column, buffer);
        status = wg_keys_find(ctx, keys, text, &found, &at);
        *matches += found == 1 ? 1 : 0;
    }
    return status;
}

static wg_status try_pair(wg_context *ctx, wg_join *join, const wg_layer *sample, uint32_t a, uint32_t b,
                          size_t *best) {
    const wg_role role_a = wg_role_of(sample->columns[a].name, NULL),
                  role_b = wg_role_of(join->table->columns[b].name, NULL);
    wg_keys keys;
    wg_status status = wg_keys_build(ctx, join->table, b, kind_of(role_a, role_b), &keys);
    if (status != WG_OK) {
        return status;
    }
    size_t matches = 0;
    status = count_matches(ctx, sample, a, &keys, &matches);
    if (status != WG_OK) {
        wg_keys_release(&keys);
        return status;
    }
    if (matches > *best) {
        *best = matches;
        wg_keys_release(&join->keys);
        join->keys = keys;
        join->column = a;
        join->table_column = b;
    } else {
        wg_keys_release(&keys);
    }
    return WG_OK;
}

static wg_status named(wg_context *ctx, const wg_layer *layer, const char *name, uint32_t *column) {
    *column = UINT32_MAX;
    for (uint32_t c = 0; c < layer->n_columns && *column == UINT32_MAX; c++) {
        *column = same_name(layer->columns[c].name, name) ? c : UINT32_MAX;
    }
    return *column != UINT32_MAX ? WG_OK
                                 : wg_fail(ctx, WG_ENOTFOUND, "%s: no field named %s", wg_layer_source(layer), name);
}

wg_status wg_join_choose(wg_context *ctx, wg_join *join, const wg_layer *sample) {
    wg_status status = WG_OK;
    size_t best = 0;
    join->layer_label = wg_strdup(wg_layer_source(sample));
    if (join->key != NULL) {
        uint32_t a = UINT32_MAX, b = UINT32_MAX;
        WG_TRY(named(ctx, sample, join->key, &a));
        WG_TRY(named(ctx, join->table, join->table_key, &b));
        WG_TRY(try_pair(ctx, join, sample, a, b, &best));
    } else {
        for (uint32_t a = 0; a < sample->n_columns; a++) {
            for (uint32_t b = 0; b < join->table->n_columns; b++) {
                const bool keys = is_key_role(wg_role_of(sample->columns[a].name, NULL)) &&
                                  is_key_role(wg_role_of(join->table->columns[b].name, NULL));
                if (keys || same_name(sample->columns[a].name, join->table->columns[b].name)) {
                    WG_TRY(try_pair(ctx, join, sample, a, b, &best));
                }
            }
        }
    }
    if (best == 0) {
        status =
            wg_fail(ctx, WG_EDATA, "%s: no row meets one of %s (name the fields: |join=TABLE|key=FIELD:TABLEFIELD)",
                    wg_layer_source(sample), wg_layer_source(join->table));
    }
done:
    return status;
}

/* ---------------------------------------------------------------- joining */

wg_status wg_join_columns(wg_context *ctx, wg_join *join, wg_layer *schema) {
    for (uint32_t c = 0; c < join->table->n_columns; c++) {
        const wg_column *column = &join->table->columns[c];
        join->target[c] = UINT32_MAX;
        if (c == join->table_column) {
            continue;
        }
        const uint32_t there = wg_layer_column(schema, column->name);
        if (there != UINT32_MAX && schema->columns[there].type == column->type) {
            join->target[c] = there;
        } else if (there == UINT32_MAX) {
            const wg_status status = wg_layer_add_column(ctx, schema, column->name, column->type, &join->target[c]);
            if (status != WG_OK) {
                return status;
            }
        }
    }
    return WG_OK;
}

static wg_status copy_row(wg_context *ctx, const wg_join *join, size_t from, wg_layer *batch, size_t row) {
    wg_status status = WG_OK;
    for (uint32_t c = 0; c < join->table->n_columns && status == WG_OK; c++) {
        const uint32_t to = join->target[c];
        if (to == UINT32_MAX || wg_layer_is_null(join->table, from, c) || !wg_layer_is_null(batch, row, to)) {
            continue;
        }
        status = wg_layer_copy_value(ctx, join->table, from, c, batch, row, to);
    }
    return status;
}

static wg_status list(wg_context *ctx, wg_join *join, const char *side, int64_t number, const char *key,
                      const char *reason) {
    size_t row = 0;
    wg_status status = wg_layer_add_row(ctx, join->unmatched, NULL, 0, &row);
    if (status == WG_OK) {
        WG_TRY(wg_layer_set_text(ctx, join->unmatched, row, 0, side));
        WG_TRY(wg_layer_set_integer(ctx, join->unmatched, row, 1, number));
        WG_TRY(wg_layer_set_text(ctx, join->unmatched, row, 2, key));
        WG_TRY(wg_layer_set_text(ctx, join->unmatched, row, 3, reason));
    }
done:
    return status;
}

wg_status wg_join_batch(wg_context *ctx, wg_join *join, wg_layer *batch) {
    for (size_t row = 0; row < batch->n; row++) {
        char buffer[32];
        size_t at = 0, found = 0;
        const char *text = wg_fields_text(batch, row, join->column, buffer);
        wg_status status = wg_keys_find(ctx, &join->keys, text, &found, &at);
        if (status != WG_OK) {
            return status;
        }
        join->rows++;
        if (found == 1) {
            join->matched++;
            join->used[at] = true;
            status = copy_row(ctx, join, at, batch, row);
        } else {
            join->ambiguous += found > 1 ? 1 : 0;
            status = list(ctx, join, "layer", batch->fid[row], text,
                          text == NULL ? "no key"
                          : found == 0 ? "not in the table"
                                       : "stands twice in the table");
        }
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

/* ---------------------------------------------------------------- telling */

static wg_status list_unused(wg_context *ctx, wg_join *join, size_t *unused) {
    *unused = 0;
    for (size_t row = 0; row < join->table->n; row++) {
        char buffer[32];
        const char *text = wg_fields_text(join->table, row, join->table_column, buffer);
        if (join->used[row] || text == NULL) {
            continue;
        }
        (*unused)++;
        const wg_status status = list(ctx, join, "table", join->table->fid[row], text, "not in the layer");
        if (status != WG_OK) {
            return status;
        }
    }
    return WG_OK;
}

static void some_keys(const wg_join *join, const char *side, wg_buffer *out) {
    size_t n = 0;
    for (size_t row = 0; row < join->unmatched->n && n < LISTED; row++) {
        const char *key = wg_layer_text(join->unmatched, row, 2);
        if (key != NULL && strcmp(wg_layer_text(join->unmatched, row, 0), side) == 0) {
            wg_buffer_printf(out, "%s%s", n == 0 ? ": " : ", ", key);
            n++;
        }
    }
    wg_buffer_append(out, "", 0);
}

wg_status wg_join_report(wg_context *ctx, wg_join *join) {
    size_t unused = 0;
    wg_buffer layer_keys = {0}, table_keys = {0};
    wg_status status = list_unused(ctx, join, &unused);
    if (status != WG_OK) {
        return status;
    }
    const char *table = wg_layer_source(join->table);
    wg_log(ctx, WG_LOG_INFO, "%s: joined %s by %s: %llu of %llu rows matched (%.1f %%)",
           join->layer_label == NULL ? "" : join->layer_label, table, join->table->columns[join->table_column].name,
           (unsigned long long)join->matched, (unsigned long long)join->rows,
           join->rows == 0 ? 0.0 : 100.0 * (double)join->matched / (double)join->rows);
    some_keys(join, "layer", &layer_keys);
    some_keys(join, "table", &table_keys);
    if (join->matched < join->rows && !layer_keys.failed) {
        wg_log(ctx, WG_LOG_WARNING, "%s: %llu rows without a match, %llu of them because their key stands twice%s%s",
               join->layer_label == NULL ? "" : join->layer_label, (unsigned long long)(join->rows - join->matched),
               (unsigned long long)join->ambiguous, layer_keys.data, join->rows - join->matched > LISTED ? " …" : "");
    }
    if (unused > 0 && !table_keys.failed) {
        wg_log(ctx, WG_LOG_WARNING, "%s: %zu rows met nothing%s%s", table, unused, table_keys.data,
               unused > LISTED ? " …" : "");
    }
    if (join->unmatched_path != NULL) {
        const wg_write_options options = {.overwrite = true};
        status = wg_write(ctx, join->unmatched, join->unmatched_path, &options);
    }
    wg_buffer_release(&layer_keys);
    wg_buffer_release(&table_keys);
    join->rows = join->matched = join->ambiguous = 0;
    memset(join->used, 0, join->table->n * sizeof *join->used);
    wg_layer_free(join->unmatched);
    join->unmatched = NULL;
    return status == WG_OK ? new_list(ctx, &join->unmatched) : status;
}
