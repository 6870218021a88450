/* Keys: the building or address that a row names, and the cell that it lies in. */
#include <math.h>
#include <string.h>

#include "core/random.h"
#include "io/fields.h"
#include "io/read.h"
#include "model/text.h"
#include "model/wkb.h"
#include "plan/assign.h"
#include "store/store.h"

/** A form under which a building is known: its code, or its address. */
typedef struct key_entry {
    const char *text;
    uint32_t building, length;
} key_entry;

struct wg_assign_keys {
    wg_arena text;
    key_entry *table; /**< open addressing; text NULL: empty */
    size_t slots, used;
    uint32_t *cell; /**< of each building */
    double *xy;     /**< in the metric CRS of the cells */
    size_t n;
};

void wg_assign_keys_free(wg_assign_keys *keys) {
    if (keys != NULL) {
        wg_arena_release(&keys->text);
        free(keys->table);
        free(keys->cell);
        free(keys->xy);
        free(keys);
    }
}

static key_entry *slot_of(const wg_assign_keys *keys, const char *text, size_t length) {
    size_t at = (size_t)wg_hash_bytes(WG_HASH_START, text, length) & (keys->slots - 1);
    while (keys->table[at].text != NULL &&
           (keys->table[at].length != length || memcmp(keys->table[at].text, text, length) != 0)) {
        at = (at + 1) & (keys->slots - 1);
    }
    return &keys->table[at];
}

/* The first building of a name keeps it. */
static bool put(wg_assign_keys *keys, const char *text, uint32_t building) {
    const size_t length = text == NULL ? 0 : strlen(text);
    if (length == 0 || length > UINT32_MAX) {
        return true;
    }
    key_entry *slot = slot_of(keys, text, length);
    if (slot->text == NULL) {
        slot->text = wg_arena_strdup(&keys->text, text, length);
        slot->length = (uint32_t)length;
        slot->building = building;
        keys->used++;
    }
    return slot->text != NULL;
}

bool wg_assign_keys_find(const wg_assign_keys *keys, const char *key, size_t length, wg_buffer *scratch, uint32_t *cell,
                         double at[2]) {
    wg_buffer_clear(scratch);
    wg_buffer_append(scratch, key, length);
    if (scratch->failed) {
        return false;
    }
    /* Codes first: cheap, and what most rows carry. Then addresses. */
    for (int form = 0; form < 2; form++) {
        char *text = form == 0 ? wg_text_code_key(scratch->data) : wg_text_address_key(scratch->data);
        const key_entry *slot = text == NULL || text[0] == '\0' ? NULL : slot_of(keys, text, strlen(text));
        if (text == NULL) {
            scratch->failed = true; /* not "unknown": the caller asks at the end */
            return false;
        }
        free(text);
        if (slot != NULL && slot->text != NULL) {
            *cell = keys->cell[slot->building];
            at[0] = keys->xy[2 * (size_t)slot->building];
            at[1] = keys->xy[2 * (size_t)slot->building + 1];
            return true;
        }
    }
    return false;
}

/* ---- loading ---- */

static wg_status read_buildings(wg_context *ctx, const wg_assign_options *options, wg_layer **buildings) {
    wg_status status = WG_OK;
    wg_store *store = NULL;
    if (options->buildings != NULL && wg_input_given(options->buildings)) {
        return wg_read(ctx, options->buildings, "buildings", buildings);
    }
    if (options->cells.source == NULL || !wg_store_is_plan(options->cells.source)) {
        return wg_fail(ctx, WG_EINVAL,
                       "--key needs buildings: the cells are not a plan that holds some (name them with --buildings)");
    }
    WG_TRY(wg_store_open(ctx, options->cells.source, WG_STORE_READ, &store));
    WG_TRY(wg_store_get(ctx, store, "buildings", buildings));
done:
    wg_store_free(store);
    return status;
}

/* The cell that the buildings layer states, where that is one of the cells; else the largest share. */
static wg_status locate_building(wg_context *ctx, const wg_layer *buildings, size_t row, uint32_t cell_column,
                                 wg_assign_rules *rules, wg_assign_keys *keys) {
    size_t bytes;
    const void *wkb = wg_layer_wkb(buildings, row, &bytes);
    double *xy = keys->xy + 2 * row;
    wg_answer answer = {.why = WG_WHY_NOTHING};
    char number[32];
    xy[0] = xy[1] = NAN;
    const char *stated = cell_column == UINT32_MAX ? NULL : wg_fields_text(buildings, row, cell_column, number);
    keys->cell[row] = stated == NULL ? WG_UNASSIGNED : wg_assign_cells_row(rules->cells, stated);
    if (wkb == NULL || !wg_wkb_centroid(wkb, bytes, xy)) {
        return WG_OK;
    }
    if (keys->cell[row] == WG_UNASSIGNED) {
        const wg_status status = wg_assign_shape(ctx, rules, wkb, bytes, NULL, 0, &answer);
        if (status != WG_OK) {
            return status;
        }
        keys->cell[row] = answer.cell;
    }
    if (rules->to_cells != NULL) {
        (void)wg_crs_op_points(rules->to_cells, xy, 1);
    }
    if (rules->to_metric != NULL) {
        (void)wg_crs_op_points(rules->to_metric, xy, 1);
    }
    return WG_OK;
}

static wg_status put_names(wg_context *ctx, const wg_layer *buildings, const wg_fields *fields, wg_assign_keys *keys) {
    static const wg_role code_roles[] = {WG_ROLE_ID, WG_ROLE_CODE, WG_ROLE_BUILDING};
    static const wg_role address_roles[] = {WG_ROLE_ADDRESS, WG_ROLE_NAME};
    for (size_t r = 0; r < 5; r++) {
        const bool is_code = r < 3;
        const uint32_t column = fields->column[is_code ? code_roles[r] : address_roles[r - 3]];
        for (size_t row = 0; column != UINT32_MAX && row < buildings->n; row++) {
            char number[32];
            const char *text = wg_fields_text(buildings, row, column, number);
            char *key = text == NULL ? NULL : is_code ? wg_text_code_key(text) : wg_text_address_key(text);
            const bool kept = (text == NULL || key != NULL) && put(keys, key, (uint32_t)row);
            free(key);
            if (!kept) {
                return wg_fail_memory(ctx);
            }
        }
    }
    return WG_OK;
}

static wg_status fill(wg_context *ctx, const wg_assign_options *options, const wg_assign_cells *cells,
                      const wg_layer *buildings, bool *used, wg_assign_keys *keys) {
    wg_status status = WG_OK;
    wg_fields fields;
    wg_assign_rules rules = {0};
    wg_assign_options plain = *options;
    plain.within_m = 0;
    plain.split = false;
    keys->n = buildings->n;
    keys->slots = 64;
    while (keys->slots < buildings->n * 12) { /* at most five names a building: never more than half full */
        keys->slots *= 2;
    }
    keys->table = wg_calloc(keys->slots, sizeof *keys->table);
    keys->cell = wg_malloc(keys->n, sizeof *keys->cell);
    keys->xy = wg_malloc(keys->n * 2, sizeof *keys->xy);
    if (keys->table == NULL || keys->cell == NULL || keys->xy == NULL) {
        status = wg_fail_memory(ctx);
        goto done;
    }
    WG_TRY(wg_fields_match(ctx, buildings, "buildings", NULL, 0, options->fields, options->n_fields, used, &fields));
    WG_TRY(put_names(ctx, buildings, &fields, keys));
    WG_TRY(wg_assign_rules_init(ctx, &plain, cells, NULL, buildings->crs, false, &rules));
    for (size_t row = 0; row < buildings->n; row++) {
        WG_TRY(locate_building(ctx, buildings, row, fields.column[WG_ROLE_CELL], &rules, keys));
    }
    if (keys->used == 0) {
        status = wg_fail(ctx, WG_EDATA,
                         "%s: no field that --key could name a building by (map one with --field buildings.id=FIELD)",
                         wg_layer_source(buildings));
    }
done:
    wg_assign_rules_release(&rules);
    return status;
}

wg_status wg_assign_keys_load(wg_context *ctx, const wg_assign_options *options, const wg_assign_cells *cells,
                              bool *used, wg_assign_keys **keys) {
    wg_status status = WG_OK;
    wg_layer *buildings = NULL;
    wg_assign_keys *made = wg_calloc(1, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    WG_TRY(read_buildings(ctx, options, &buildings));
    if (buildings->n >= WG_UNASSIGNED) {
        status = wg_fail(ctx, WG_EINVAL, "%s: too many buildings", wg_layer_source(buildings));
        goto done;
    }
    WG_TRY(fill(ctx, options, cells, buildings, used, made));
    *keys = made;
    made = NULL;
done:
    wg_layer_free(buildings);
    wg_assign_keys_free(made);
    return status;
}
