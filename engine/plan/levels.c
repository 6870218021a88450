/* The level tree above communities: groups, streets and districts, from fields of the communities or from 12-digit
 * codes. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "geo/union.h"
#include "io/fields.h"
#include "model/contract.h"
#include "plan/nesting.h"
#include "plan/row.h"

enum { LEVELS = 3 };

/** One level: a key a community ("" for none). */
typedef struct level {
    const char *name; /**< "group", "street", "district" */
    char **key;       /**< n communities, owned */
} level;

static bool has_census_codes(const wg_plan_city *city) {
    for (size_t row = 0; row < city->communities->n; row++) {
        char text[32];
        const char *code = wg_plan_community_code(city, row, text);
        for (size_t i = 0; i < 12; i++) {
            if (!isdigit((unsigned char)code[i])) { /* also the end of a short code */
                return false;
            }
        }
        if (code[12] != '\0') {
            return false;
        }
    }
    return city->columns.code != UINT32_MAX;
}

static char *key_of(const wg_plan_city *city, size_t row, uint32_t column, size_t prefix) {
    char text[32];
    if (column != UINT32_MAX) {
        const char *value = wg_fields_text(city->communities, row, column, text);
        return wg_strdup(value == NULL ? "" : value);
    }
    return wg_strndup(wg_plan_community_code(city, row, text), prefix);
}

static wg_status fill_keys(wg_context *ctx, const wg_plan_city *city, level *of, uint32_t column, size_t prefix) {
    of->key = wg_calloc(city->communities->n, sizeof *of->key);
    for (size_t row = 0; of->key != NULL && row < city->communities->n; row++) {
        of->key[row] = key_of(city, row, column, prefix);
        if (of->key[row] == NULL) {
            return wg_fail_memory(ctx);
        }
    }
    return of->key == NULL ? wg_fail_memory(ctx) : WG_OK;
}

/** Groups called alike in two streets are two groups: "street/group". */
static wg_status tell_apart(wg_context *ctx, size_t n, level *group, const level *street) {
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            const char *slash = strrchr(group->key[b], '/');
            const char *plain = slash == NULL ? group->key[b] : slash + 1;
            if (group->key[a][0] == '\0' || strcmp(group->key[a], plain) != 0 ||
                strcmp(street->key[a], street->key[b]) == 0) {
                continue;
            }
            char *longer = wg_malloc(strlen(street->key[a]) + strlen(group->key[a]) + 2, 1);
            if (longer == NULL) {
                return wg_fail_memory(ctx);
            }
            (void)sprintf(longer, "%s/%s", street->key[a], group->key[a]);
            free(group->key[a]);
            group->key[a] = longer;
            break;
        }
    }
    return WG_OK;
}

static int compare_keys(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Rows of one level, in the order of their keys. */
static wg_status level_rows(wg_context *ctx, const wg_plan_city *city, const level *of, const level *parent,
                            wg_row *at) {
    wg_status status = WG_OK;
    const size_t n = city->communities->n;
    const wg_layer *reference = wg_reference_layer(city->reference);
    wg_layer *polygons = NULL;
    uint32_t n_keys = 0;
    const char **keys = wg_calloc(n, sizeof *keys);
    uint32_t *label = wg_calloc(n, sizeof *label);
    if (keys == NULL || label == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    for (size_t row = 0; row < n; row++) {
        keys[row] = of->key[row];
    }
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 0; i < n; i++) {
        if (n_keys == 0 || strcmp(keys[n_keys - 1], keys[i]) != 0) {
            keys[n_keys++] = keys[i];
        }
    }
    for (size_t row = 0; row < n; row++) {
        const char **found = bsearch(&of->key[row], keys, n_keys, sizeof *keys, compare_keys);
        label[row] = (uint32_t)(found - keys);
    }
    WG_TRY(wg_polygons_union(ctx, reference, label, n_keys, &polygons));
    for (uint32_t k = 0; k < n_keys; k++) {
        size_t bytes = 0, member = 0;
        const void *wkb = wg_layer_wkb(polygons, k, &bytes);
        while (label[member] != k) {
            member++;
        }
        if (keys[k][0] == '\0') {
            continue;
        }
        const char *slash = strrchr(keys[k], '/');
        wg_row_begin(at, wkb, bytes);
        wg_row_text(at, "code", keys[k]);
        wg_row_text(at, "parent", parent == NULL || parent->key[member][0] == '\0' ? NULL : parent->key[member]);
        wg_row_text(at, "level", of->name);
        wg_row_text(at, "name", slash == NULL ? keys[k] : slash + 1);
    }
    status = at->status;
done:
    free(keys);
    free(label);
    wg_layer_free(polygons);
    return status;
}

static void community_rows(const wg_plan_city *city, const level *parent, wg_row *at) {
    const wg_layer *reference = wg_reference_layer(city->reference);
    for (size_t row = 0; row < reference->n; row++) {
        size_t bytes = 0;
        char code[32], name[32];
        const void *wkb = wg_layer_wkb(reference, row, &bytes);
        wg_row_begin(at, wkb, bytes);
        wg_row_text(at, "code", wg_plan_community_code(city, row, code));
        wg_row_text(at, "parent", parent == NULL || parent->key[row][0] == '\0' ? NULL : parent->key[row]);
        wg_row_text(at, "level", "community");
        wg_row_text(
            at, "name",
            city->columns.name == UINT32_MAX ? NULL : wg_fields_text(city->communities, row, city->columns.name, name));
    }
}

wg_status wg_plan_table_levels(wg_context *ctx, const wg_plan_city *city, wg_layer **layer) {
    wg_status status = WG_OK;
    const size_t n = city->communities->n;
    level levels[LEVELS];
    uint32_t n_levels = 0;
    const bool census = has_census_codes(city);
    WG_TRY(wg_contract_new_layer(ctx, "levels", city->crs, layer));
    const bool own_groups = wg_plan_wants_groups(city->options); /* of cells: appended later */
    if (city->columns.group != UINT32_MAX && !own_groups) {
        levels[n_levels] = (level){.name = "group"};
        WG_TRY(fill_keys(ctx, city, &levels[n_levels++], city->columns.group, 0));
    }
    if (city->columns.street != UINT32_MAX || census) {
        levels[n_levels] = (level){.name = "street"};
        WG_TRY(fill_keys(ctx, city, &levels[n_levels++], city->columns.street, 9));
        if (n_levels == 2) {
            WG_TRY(tell_apart(ctx, n, &levels[0], &levels[1]));
        }
    }
    if (census) {
        levels[n_levels] = (level){.name = "district"};
        WG_TRY(fill_keys(ctx, city, &levels[n_levels++], UINT32_MAX, 6));
    }
    wg_row at = {.ctx = ctx, .layer = *layer};
    for (uint32_t l = n_levels; l-- > 0;) {
        WG_TRY(level_rows(ctx, city, &levels[l], l + 1 < n_levels ? &levels[l + 1] : NULL, &at));
    }
    community_rows(city, n_levels > 0 ? &levels[0] : NULL, &at);
    status = at.status;
done:
    for (uint32_t l = 0; l < n_levels; l++) {
        for (size_t row = 0; row < n && levels[l].key != NULL; row++) {
            free(levels[l].key[row]);
        }
        free(levels[l].key);
    }
    return status;
}
