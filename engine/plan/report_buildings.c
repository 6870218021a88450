/* Buildings of the plan by their ids, for inputs that name one instead of a cell or a place. */
#include <string.h>

#include "plan/report_job.h"

typedef struct id_key {
    const char *id;
    uint32_t row;
} id_key;

struct wg_report_ids {
    size_t n;
    id_key keys[];
};

static int by_id(const void *a, const void *b) {
    const id_key *left = a;
    const id_key *right = b;
    const int order = strcmp(left->id, right->id);
    return order != 0 ? order : left->row < right->row ? -1 : left->row > right->row;
}

static wg_status make_ids(wg_context *ctx, wg_report_job *job) {
    const wg_layer *buildings = job->buildings;
    const uint32_t column = wg_layer_column(buildings, "id");
    struct wg_report_ids *ids = wg_malloc(sizeof *ids + buildings->n * sizeof *ids->keys, 1);
    if (ids == NULL) {
        return wg_fail_memory(ctx);
    }
    ids->n = 0;
    for (size_t row = 0; row < buildings->n; row++) {
        const char *id = column == UINT32_MAX ? NULL : wg_layer_text(buildings, row, column);
        if (id != NULL && id[0] != '\0') {
            ids->keys[ids->n++] = (id_key){id, (uint32_t)row};
        }
    }
    qsort(ids->keys, ids->n, sizeof *ids->keys, by_id);
    job->ids = ids;
    return WG_OK;
}

wg_status wg_report_building(wg_context *ctx, wg_report_job *job, const char *id, uint32_t *row) {
    *row = WG_UNASSIGNED;
    if (id == NULL || id[0] == '\0') {
        return WG_OK;
    }
    const wg_status status = job->ids == NULL ? make_ids(ctx, job) : WG_OK;
    if (status != WG_OK) {
        return status;
    }
    size_t low = 0;
    size_t high = job->ids->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(job->ids->keys[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < job->ids->n && strcmp(job->ids->keys[low].id, id) == 0) {
        *row = job->ids->keys[low].row;
    }
    return WG_OK;
}

uint32_t wg_report_building_place(const wg_report_job *job, uint32_t row) {
    const uint32_t cell = wg_layer_column(job->buildings, "cell");
    const uint32_t community = wg_layer_column(job->buildings, "community");
    return wg_report_place(
        &job->tree,
        cell == UINT32_MAX ? WG_UNASSIGNED : wg_report_cell(&job->tree, wg_layer_text(job->buildings, row, cell)),
        community == UINT32_MAX ? WG_UNASSIGNED
                                : wg_report_community(&job->tree, wg_layer_text(job->buildings, row, community)));
}
