/* Units, edges and weights of wg_zone from files. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/read.h"
#include "io/yaml.h"
#include "plan/zone.h"

void wg_zone_input_release(wg_zone_input *input) {
    wg_layer_free(input->units);
    for (uint32_t w = 0; w < input->n_weights; w++) {
        free(input->weight[w]);
    }
    free(input->weight);
    free((void *)input->id);
    free(input->by_id);
    free(input->edges);
    wg_arena_release(&input->text);
    *input = (wg_zone_input){0};
}

bool wg_zone_number(const wg_layer *layer, size_t row, uint32_t column, double *value) {
    if (wg_layer_is_null(layer, row, column)) {
        return false;
    }
    const wg_type type = wg_layer_column_type(layer, column);
    if (type != WG_TEXT) {
        *value = type == WG_INTEGER ? (double)wg_layer_integer(layer, row, column) : wg_layer_real(layer, row, column);
        return true;
    }
    const char *text = wg_layer_text(layer, row, column);
    char *end = NULL;
    *value = strtod(text, &end);
    while (end != text && (*end == ' ' || *end == '\t' || *end == '\r')) {
        end++;
    }
    return end != text && *end == '\0';
}

/** An id as text, whatever the reader made of it. */
static const char *id_text(const wg_layer *layer, size_t row, uint32_t column, char number[40]) {
    if (wg_layer_is_null(layer, row, column)) {
        return "";
    }
    switch (wg_layer_column_type(layer, column)) {
    case WG_INTEGER:
        (void)snprintf(number, 40, "%lld", (long long)wg_layer_integer(layer, row, column));
        return number;
    case WG_REAL:
        (void)snprintf(number, 40, "%.17g", wg_layer_real(layer, row, column));
        return number;
    case WG_TEXT:
        break;
    }
    return wg_layer_text(layer, row, column);
}

/** First column that has one of the names. */
static uint32_t column_of(const wg_layer *layer, const char *const *names) {
    for (; *names != NULL; names++) {
        const uint32_t column = wg_layer_column(layer, *names);
        if (column != UINT32_MAX) {
            return column;
        }
    }
    return UINT32_MAX;
}

static wg_status read_table(wg_context *ctx, const char *path, const char *role, wg_layer **layer) {
    const wg_read_options options = {.no_geometry = true};
    return wg_read_source(ctx, path, role, &options, false, layer);
}

static int compare_ids(const void *a, const void *b, void *ids) {
    const char *const *id = ids;
    return strcmp(id[*(const uint32_t *)a], id[*(const uint32_t *)b]);
}

/** Sort the units by id; two of the same name are an error. */
static wg_status index_ids(wg_context *ctx, wg_zone_input *input) {
    input->by_id = wg_malloc(input->n, sizeof *input->by_id);
    if (input->by_id == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t v = 0; v < input->n; v++) {
        input->by_id[v] = v;
    }
    qsort_r(input->by_id, input->n, sizeof *input->by_id, compare_ids, (void *)input->id);
    for (uint32_t i = 1; i < input->n; i++) {
        if (strcmp(input->id[input->by_id[i]], input->id[input->by_id[i - 1]]) == 0) {
            return wg_fail(ctx, WG_EDATA, "%s: two units have the id \"%s\" (ids must differ)", input->source,
                           input->id[input->by_id[i]]);
        }
    }
    return WG_OK;
}

uint32_t wg_zone_find(const wg_zone_input *input, const char *id) {
    uint32_t low = 0, high = input->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        const int order = strcmp(input->id[input->by_id[middle]], id);
        if (order == 0) {
            return input->by_id[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return WG_UNASSIGNED;
}

static wg_status read_units(wg_context *ctx, const char *path, wg_zone_input *input) {
    wg_status status = WG_OK;
    static const char *const names[] = {"id", NULL};
    WG_TRY(read_table(ctx, path, "units", &input->units));
    const uint32_t column = column_of(input->units, names);
    if (column == UINT32_MAX) {
        status = wg_fail(ctx, WG_EDATA, "%s: there is no column \"id\"", path);
        goto done;
    }
    if (wg_layer_rows(input->units) >= WG_UNASSIGNED) {
        status = wg_fail(ctx, WG_EDATA, "%s: too many units", path);
        goto done;
    }
    input->n = (uint32_t)wg_layer_rows(input->units);
    input->id = wg_calloc(input->n, sizeof *input->id);
    if (input->id == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (uint32_t v = 0; v < input->n; v++) {
        char number[40];
        const char *id = id_text(input->units, v, column, number);
        input->id[v] = wg_arena_strdup(&input->text, id, strlen(id));
        if (input->id[v] == NULL) {
            status = wg_fail_memory(ctx);
            goto done;
        }
    }
    WG_TRY(index_ids(ctx, input));
done:
    return status;
}

/** Columns of the edges' table; UINT32_MAX: not there. */
typedef struct edge_columns {
    uint32_t u, v, length, rank, hard;
} edge_columns;

static wg_status read_edge(wg_context *ctx, const wg_zone_input *input, const wg_layer *table, size_t row,
                           const edge_columns *at, wg_edge *edge) {
    char u[40], v[40];
    const char *from = id_text(table, row, at->u, u), *to = id_text(table, row, at->v, v);
    double number = 1;
    *edge = (wg_edge){.u = wg_zone_find(input, from), .v = wg_zone_find(input, to), .length = 1};
    if (edge->u == WG_UNASSIGNED || edge->v == WG_UNASSIGNED) {
        return wg_layer_fail(ctx, table, row, WG_EDATA, "unit \"%s\" is not among the units",
                             edge->u == WG_UNASSIGNED ? from : to);
    }
    if (edge->u == edge->v) {
        return wg_layer_fail(ctx, table, row, WG_EDATA, "unit \"%s\" is joined to itself", from);
    }
    if (at->length != UINT32_MAX && !wg_layer_is_null(table, row, at->length)) {
        const char *text = wg_layer_text(table, row, at->length);
        const bool empty = text != NULL && text[0] == '\0';
        if (!empty && (!wg_zone_number(table, row, at->length, &number) || !isfinite(number) || number < 0)) {
            return wg_layer_fail(ctx, table, row, WG_EDATA, "the shared length is not a number of 0 or more");
        }
        edge->length = empty ? 1 : number;
    }
    if (at->rank != UINT32_MAX && wg_zone_number(table, row, at->rank, &number)) {
        if (!(number >= 0 && number <= 9) || floor(number) != number) {
            return wg_layer_fail(ctx, table, row, WG_EDATA, "rank %g is not among 0..9", number);
        }
        edge->rank = (uint8_t)number;
    }
    if (at->hard != UINT32_MAX && wg_zone_number(table, row, at->hard, &number)) {
        edge->hard = number != 0;
    }
    return WG_OK;
}

static wg_status read_edges(wg_context *ctx, const char *path, wg_zone_input *input) {
    wg_status status = WG_OK;
    wg_layer *table = NULL;
    static const char *const us[] = {"u", NULL}, *const vs[] = {"v", NULL},
                             *const lengths[] = {"shared_len", "shared_m", "length", NULL},
                             *const ranks[] = {"rank", NULL}, *const hards[] = {"hard", NULL};
    WG_TRY(read_table(ctx, path, "edges", &table));
    const edge_columns at = {column_of(table, us), column_of(table, vs), column_of(table, lengths),
                             column_of(table, ranks), column_of(table, hards)};
    if (at.u == UINT32_MAX || at.v == UINT32_MAX) {
        status = wg_fail(ctx, WG_EDATA, "%s: there is no column \"%s\"", path, at.u == UINT32_MAX ? "u" : "v");
        goto done;
    }
    input->n_edges = wg_layer_rows(table);
    input->edges = wg_calloc(input->n_edges, sizeof *input->edges);
    if (input->edges == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t row = 0; row < input->n_edges; row++) {
        WG_TRY(read_edge(ctx, input, table, row, &at, &input->edges[row]));
    }
done:
    wg_layer_free(table);
    return status;
}

wg_status wg_zone_input_read(wg_context *ctx, const wg_zone_options *options, wg_zone_input *input) {
    wg_status status = WG_OK;
    *input = (wg_zone_input){.source = options->units};
    const char *dot = strrchr(options->units, '.');
    if (dot != NULL && strcmp(dot, ".graph") == 0) {
        if (options->edges != NULL) {
            return wg_fail(ctx, WG_EINVAL, "%s has its own edges: leave out %s", options->units, options->edges);
        }
        WG_TRY(wg_zone_read_metis(ctx, options->units, input));
        WG_TRY(index_ids(ctx, input));
        return WG_OK;
    }
    if (options->edges == NULL) {
        return wg_fail(ctx, WG_EINVAL, "units without edges (only a .graph file has its own)");
    }
    WG_TRY(read_units(ctx, options->units, input));
    WG_TRY(read_edges(ctx, options->edges, input));
done:
    return status;
}

/** Columns of a METIS graph are called weight, weight2, weight3 … */
static wg_status metis_column(wg_context *ctx, const wg_zone_input *input, const char *name, double *values) {
    for (uint32_t w = 0; w < input->n_weights; w++) {
        char own[24];
        (void)snprintf(own, sizeof own, w == 0 ? "weight" : "weight%u", w + 1);
        if (strcmp(own, name) == 0) {
            memcpy(values, input->weight[w], input->n * sizeof *values);
            return WG_OK;
        }
    }
    return wg_fail(ctx, WG_ENOTFOUND, "%s: there is no attribute \"%s\" (a METIS graph has weight, weight2 …)",
                   input->source, name);
}

wg_status wg_zone_column(wg_context *ctx, const wg_zone_input *input, const char *name, double **values) {
    wg_status status = WG_OK;
    double *made = wg_calloc(input->n, sizeof *made);
    *values = NULL;
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    if (input->units == NULL) {
        WG_TRY(metis_column(ctx, input, name, made));
    } else {
        const uint32_t column = wg_layer_column(input->units, name);
        if (column == UINT32_MAX) {
            status = wg_fail(ctx, WG_ENOTFOUND, "%s: there is no column \"%s\"", input->source, name);
            goto done;
        }
        for (uint32_t v = 0; v < input->n; v++) {
            if (!wg_layer_is_null(input->units, v, column) && !wg_zone_number(input->units, v, column, &made[v])) {
                status = wg_layer_fail(ctx, input->units, v, WG_EDATA, "%s is not a number", name);
                goto done;
            }
        }
    }
    *values = made;
    made = NULL;
done:
    free(made);
    return status;
}

wg_status wg_zone_weights(wg_context *ctx, const char *path, wg_zoning_weights *weights) {
    wg_status status = WG_OK;
    wg_yaml yaml = {0};
    wg_zoning_weights_init(weights);
    if (path == NULL) {
        return WG_OK;
    }
    WG_TRY(wg_yaml_read(ctx, path, &yaml));
    WG_TRY(wg_yaml_map(ctx, yaml.root, "weights"));
    for (size_t i = 0; i < yaml.root->n; i++) {
        double value = 0;
        wg_context reason;
        wg_context_child(&reason, NULL);
        WG_TRY(wg_yaml_number(ctx, yaml.root->item[i], yaml.root->key[i], &value));
        if (wg_zoning_weights_set(&reason, weights, yaml.root->key[i], value) != WG_OK) {
            status = wg_fail(ctx, WG_EDATA, "%s:%u: %s", path, yaml.root->key_line[i], wg_context_error(&reason));
            goto done;
        }
    }
done:
    wg_yaml_release(&yaml);
    return status;
}
