/** A plan file of a test's own, and layers to put into it. Include after cmocka.h. */
#ifndef WG_TEST_STORE_PLAN_H
#define WG_TEST_STORE_PLAN_H

#include <stdio.h>
#include <unistd.h>

#include "shapes.h"
#include "store/store.h"

#define STORE_TEST(name) cmocka_unit_test_setup(name, fresh)

static wg_context *ctx;
static char directory[] = "/tmp/wangge-store-XXXXXX";
static char plan[64];
static const wg_store_srs zone38 = {.name = "EPSG:4526"};

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    if (ctx == NULL || mkdtemp(directory) == NULL) {
        return 1;
    }
    (void)snprintf(plan, sizeof plan, "%s/plan.sqlite", directory);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    (void)unlink(plan);
    (void)rmdir(directory);
    wg_context_free(ctx);
    return 0;
}

static int fresh(void **state) {
    (void)state;
    (void)unlink(plan);
    wg_clear_error(ctx);
    return 0;
}

static void must(wg_status status) {
    if (status != WG_OK) {
        fail_msg("%s: %s", wg_status_text(status), wg_context_error(ctx));
    }
}

static wg_store *create(void) {
    wg_store *store = NULL;
    must(wg_store_create(ctx, plan, &zone38, &store));
    return store;
}

/** A layer of `n` boxes with a code, a name, a count and a real; some values are unknown. */
static wg_layer *boxes(const char *name, size_t n, size_t from) {
    wg_layer *layer = NULL;
    uint32_t code, text, count, real;
    must(wg_layer_new(ctx, name, "EPSG:4526", &layer));
    must(wg_layer_add_column(ctx, layer, "code", WG_TEXT, &code));
    must(wg_layer_add_column(ctx, layer, "name", WG_TEXT, &text));
    must(wg_layer_add_column(ctx, layer, "buildings", WG_INTEGER, &count));
    must(wg_layer_add_column(ctx, layer, "area_m2", WG_REAL, &real));
    for (size_t i = from; i < from + n; i++) {
        const double x = 38500000.0 + 10.0 * (double)(i % 300);
        const double y = 4400000.001 + 10.0 * (double)(i / 300);
        const size_t row = shape_box_row(layer, x, y, x + 10, y + 10);
        char label[32];
        (void)snprintf(label, sizeof label, "c%03zu", i);
        must(wg_layer_set_text(ctx, layer, row, code, label));
        if (i % 7 != 0) {
            must(wg_layer_set_text(ctx, layer, row, text, "第一网格"));
            must(wg_layer_set_integer(ctx, layer, row, count, (int64_t)i << 33));
            must(wg_layer_set_real(ctx, layer, row, real, 100.0 / 3.0 + (double)i));
        }
    }
    return layer;
}

#endif
