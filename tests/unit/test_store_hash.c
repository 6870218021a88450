/* The content hash of a plan, and that the same content makes the same file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "store_plan.h"

static void hash_of(wg_store *store, char hex[WG_STORE_HASH_BYTES]) {
    must(wg_store_hash(ctx, store, hex));
}

static wg_layer *run_of(const char *when) {
    wg_layer *runs = NULL;
    must(wg_contract_new_layer(ctx, "runs", NULL, &runs));
    must(wg_layer_add_row(ctx, runs, NULL, 0, NULL));
    must(wg_layer_set_text(ctx, runs, 0, wg_layer_column(runs, "when"), when));
    must(wg_layer_set_text(ctx, runs, 0, wg_layer_column(runs, "seed"), "1"));
    return runs;
}

static void the_hash_is_of_the_content_alone(void **state) {
    (void)state;
    char first[WG_STORE_HASH_BYTES], second[WG_STORE_HASH_BYTES];
    wg_layer *cells = boxes("cells", 20, 0);
    wg_layer *units = boxes("units", 20, 5);
    wg_layer *early = run_of("2026-01-01T00:00:00Z");
    wg_layer *late = run_of("2026-02-02T00:00:00Z");
    wg_store *store = create();
    must(wg_store_put(ctx, store, cells, false));
    must(wg_store_put(ctx, store, units, false));
    must(wg_store_put(ctx, store, early, false));
    hash_of(store, first);
    must(wg_store_close(ctx, store));

    (void)unlink(plan);
    store = create();
    wg_layer *tail = boxes("cells", 10, 10);
    wg_layer *head = boxes("cells", 10, 0);
    wg_layer *other = boxes("my own table", 3, 0);
    must(wg_store_put(ctx, store, late, false));
    must(wg_store_put(ctx, store, other, false));
    must(wg_store_put(ctx, store, tail, true)); /* rows and tables in another order */
    must(wg_store_put(ctx, store, units, false));
    must(wg_store_put(ctx, store, head, true));
    hash_of(store, second);
    assert_string_equal(first, second);

    must(wg_layer_set_integer(ctx, head, 3, 2, 4));
    must(wg_store_put(ctx, store, head, true));
    hash_of(store, second);
    assert_string_not_equal(first, second);
    must(wg_store_close(ctx, store));
    wg_layer *const layers[] = {cells, units, early, late, tail, head, other};
    for (size_t i = 0; i < sizeof layers / sizeof layers[0]; i++) {
        wg_layer_free(layers[i]);
    }
}

static void the_hash_sees_every_kind_of_change(void **state) {
    (void)state;
    char first[WG_STORE_HASH_BYTES], second[WG_STORE_HASH_BYTES];
    static const char *const changes[] = {
        "UPDATE cells SET code = 'x' WHERE fid = 2",
        "UPDATE cells SET buildings = 1 WHERE fid = 2",
        "UPDATE cells SET area_m2 = NULL WHERE fid = 2",
        "UPDATE cells SET geom = NULL WHERE fid = 2",
        "UPDATE cells SET area_m2 = area_m2 + 1e-9",
        "DELETE FROM cells WHERE fid = 3",
        "INSERT INTO cells(code) VALUES('new')",
        "UPDATE cells SET name = code, code = name WHERE fid = 2",
        "UPDATE cells SET geom = (SELECT geom FROM cells WHERE fid = 4) WHERE fid = 2"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        (void)unlink(plan);
        wg_store *store = create();
        wg_layer *cells = boxes("cells", 9, 0);
        must(wg_store_put(ctx, store, cells, false));
        hash_of(store, first);
        assert_int_equal(SQLITE_OK, sqlite3_exec(wg_store_sqlite(store), changes[i], NULL, NULL, NULL));
        hash_of(store, second);
        assert_string_not_equal(first, second);
        wg_layer_free(cells);
        must(wg_store_close(ctx, store));
    }
}

static void files_of_the_same_content_have_the_same_bytes(void **state) {
    (void)state;
    char *bytes[2] = {NULL, NULL};
    long length[2];
    for (int k = 0; k < 2; k++) {
        (void)unlink(plan);
        wg_store *store = create();
        wg_layer *cells = boxes("cells", 500, 0);
        must(wg_store_put(ctx, store, cells, false));
        must(wg_store_close(ctx, store));
        wg_layer_free(cells);
        FILE *file = fopen(plan, "rb");
        assert_non_null(file);
        (void)fseek(file, 0, SEEK_END);
        length[k] = ftell(file);
        rewind(file);
        bytes[k] = malloc((size_t)length[k]);
        assert_int_equal(length[k], fread(bytes[k], 1, (size_t)length[k], file));
        (void)fclose(file);
    }
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(bytes[0], bytes[1], (size_t)length[0]);
    free(bytes[0]);
    free(bytes[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(the_hash_is_of_the_content_alone),
        STORE_TEST(the_hash_sees_every_kind_of_change),
        STORE_TEST(files_of_the_same_content_have_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
