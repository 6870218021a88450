/* Every allocation of the store fails once: a plan is made, written, read, asked, hashed, edited and put back. */
#include "fault.h"

#include <stdio.h>
#include <unistd.h>

#include "shapes.h"
#include "store/journal.h"

static char path[] = "/tmp/wangge-fault-XXXXXX";

static wg_layer *sample(void) {
    wg_layer *layer = NULL;
    assert_int_equal(WG_OK, wg_contract_new_layer(NULL, "cells", NULL, &layer));
    for (int i = 0; i < 60; i++) {
        const size_t row = shape_box_row(layer, 10 * i, 0, 10 * i + 10, 10);
        char code[8];
        (void)snprintf(code, sizeof code, "c%03d", i);
        assert_int_equal(WG_OK, wg_layer_set_text(NULL, layer, row, 0, code));
        assert_int_equal(WG_OK, wg_layer_set_real(NULL, layer, row, 5, i));
    }
    return layer;
}

static wg_status write_plan(wg_context *ctx, void *user) {
    const wg_store_srs srs = {.name = "EPSG:32650"};
    wg_store *store = NULL;
    (void)unlink(path);
    wg_status status = wg_store_create(ctx, path, &srs, &store);
    WG_TRY(status);
    WG_TRY(wg_store_begin(ctx, store));
    WG_TRY(wg_store_put(ctx, store, user, false));
    WG_TRY(wg_store_put(ctx, store, user, true));
    WG_TRY(wg_store_commit(ctx, store));
    wg_store *closing = store;
    store = NULL;
    status = wg_store_close(ctx, closing);
done:
    wg_store_free(store);
    return status;
}

static wg_status read_plan(wg_context *ctx, void *user) {
    wg_store *store = NULL;
    wg_layer *layer = NULL;
    wg_layer *answer = NULL;
    char **names = NULL;
    size_t n;
    char hash[WG_STORE_HASH_BYTES];
    wg_status status = WG_OK;
    (void)user;
    WG_TRY(wg_store_open(ctx, path, WG_STORE_READ, &store));
    WG_TRY(wg_store_layers(ctx, store, &names, &n));
    WG_TRY(wg_store_get(ctx, store, "cells", &layer));
    WG_TRY(wg_store_sql(ctx, store, "SELECT code, geom FROM cells WHERE fid < 9", NULL, 0, &answer));
    WG_TRY(wg_store_hash(ctx, store, hash));
done:
    free(names);
    wg_layer_free(layer);
    wg_layer_free(answer);
    wg_store_free(store);
    return status;
}

static wg_status edit_plan(wg_context *ctx, void *user) {
    wg_store *store = NULL;
    char *label = NULL;
    const int64_t gone[] = {3, 5};
    wg_status status = WG_OK;
    WG_TRY(wg_store_open(ctx, path, WG_STORE_WRITE, &store));
    WG_TRY(wg_store_edit_begin(ctx, store, "a test"));
    WG_TRY(wg_store_edit_delete(ctx, store, "cells", gone, 2));
    WG_TRY(wg_store_edit_insert(ctx, store, user));
    WG_TRY(wg_store_edit_commit(ctx, store));
    WG_TRY(wg_store_undo(ctx, store, &label));
done:
    free(label);
    wg_store_free(store);
    return status;
}

static void writing_survives(void **state) {
    (void)state;
    wg_layer *layer = sample();
    assert_true(fault_each(write_plan, layer) > 20);
    wg_layer_free(layer);
}

static void reading_survives(void **state) {
    (void)state;
    assert_true(fault_each(read_plan, NULL) > 20);
}

static void editing_survives(void **state) {
    (void)state;
    wg_layer *layer = sample();
    assert_true(fault_each(edit_plan, layer) > 20);
    wg_layer_free(layer);
}

int main(void) {
    const int file = mkstemp(path);
    if (file < 0 || close(file) != 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_survives),
        cmocka_unit_test(reading_survives),
        cmocka_unit_test(editing_survives),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
