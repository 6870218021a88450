#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "drawing.h"
#include "plan/row.h"
#include "store/store.h"

/*
 * Units and cells, each letter a unit of one square; lower part: which cell a unit is in.
 *
 *     A B C . F      1 1 1 . 4
 *     . D E . G      . 2 3 . 4
 *
 * F and G are in community Y, the others in X. Between C and E runs a hard barrier.
 */
static const char *const land = "ABC.F\n.DE.G";
static const char *const cell_of = "1112344"; /* units A, B, C, D, E, F, G */

static wg_context *ctx;
static char path[] = "/tmp/wangge-edits-XXXXXX";

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    const int file = mkstemp(path);
    return ctx == NULL || file < 0 || close(file) != 0;
}

static int teardown(void **state) {
    (void)state;
    (void)unlink(path);
    wg_context_free(ctx);
    return 0;
}

static void must(wg_status status) {
    if (status != WG_OK) {
        fail_msg("%s: %s", wg_status_text(status), wg_context_error(ctx));
    }
}

static const char *community_of(char unit) {
    return unit >= 'F' ? "Y" : "X";
}

static wg_row begin(const char *name) {
    wg_layer *layer = NULL;
    must(wg_contract_new_layer(ctx, name, NULL, &layer));
    return (wg_row){.ctx = ctx, .layer = layer};
}

static void finish(wg_store *store, wg_row *at) {
    must(at->status);
    must(wg_store_put(ctx, store, at->layer, false));
    wg_layer_free(at->layer);
}

static void put_polygon(wg_row *at, const char *text, char letter) {
    wg_buffer wkb = {0};
    assert_true(drawing_letter(text, letter, 100, &wkb) > 0);
    wg_row_begin(at, wkb.data, wkb.length);
    wg_buffer_release(&wkb);
}

static int write_plan(void **state) {
    (void)state;
    static const char *const edges[] = {"AB", "BC", "BD", "CE", "DE", "FG"};
    const wg_store_srs srs = {.name = DRAWING_CRS};
    wg_store *store = NULL;
    (void)unlink(path);
    must(wg_store_create(ctx, path, &srs, &store));
    wg_row units = begin("units");
    for (char c = 'A'; c <= 'G'; c++) {
        const char id[2] = {c, '\0'};
        const char code[6] = {community_of(c)[0], '0', '0', cell_of[c - 'A'], '\0', '\0'};
        put_polygon(&units, land, c);
        wg_row_text(&units, "id", id);
        wg_row_text(&units, "community", community_of(c));
        wg_row_text(&units, "cell", code);
        wg_row_real(&units, "households", 10);
        wg_row_real(&units, "population", 20);
        wg_row_real(&units, "area_m2", 10000);
    }
    finish(store, &units);
    wg_row graph = begin("edges");
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        const char u[2] = {edges[i][0], '\0'};
        const char v[2] = {edges[i][1], '\0'};
        wg_row_begin(&graph, NULL, 0);
        wg_row_text(&graph, "u", u);
        wg_row_text(&graph, "v", v);
        wg_row_real(&graph, "shared_m", 100);
        wg_row_integer(&graph, "hard", strcmp(edges[i], "CE") == 0);
    }
    finish(store, &graph);
    wg_row cells = begin("cells");
    static const char *const outlines[] = {"AAA..\n.....", ".....\n.B...", ".....\n..C..", "....D\n....D"};
    for (int i = 0; i < 4; i++) {
        char code[8];
        (void)snprintf(code, sizeof code, "%s00%d", i < 3 ? "X" : "Y", i + 1);
        put_polygon(&cells, outlines[i], (char)('A' + i));
        wg_row_text(&cells, "code", code);
        wg_row_text(&cells, "name", code);
        wg_row_text(&cells, "community", i < 3 ? "X" : "Y");
    }
    finish(store, &cells);
    must(wg_store_close(ctx, store));
    wg_clear_error(ctx);
    return 0;
}

static wg_status edit(wg_edit_kind kind, const char *a, const char *b, wg_result **result) {
    const wg_edit edits = {kind, a, b};
    const wg_edit_options options = {.plan = path, .edits = &edits, .n_edits = 1};
    return wg_edit_plan(ctx, &options, result);
}

static void expect_refused(wg_edit_kind kind, const char *a, const char *b, wg_status status, const char *message) {
    wg_result *result = NULL;
    assert_int_equal(status, edit(kind, a, b, &result));
    assert_null(result);
    if (strstr(wg_context_error(ctx), message) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", message, wg_context_error(ctx));
    }
}

static void refusals_name_the_alternative(void **state) {
    (void)state;
    expect_refused(WG_EDIT_MOVE, "A", "X002", WG_EINVAL, "unit A does not touch cell X002 (it can go to: none)");
    expect_refused(WG_EDIT_MOVE, "C", "X003", WG_EINVAL, "unit C does not touch cell X003"); /* a hard barrier */
    expect_refused(WG_EDIT_MOVE, "B", "X002", WG_EINVAL,
                   "moving unit B would cut cell X001 in pieces (move with it to X002: C)");
    expect_refused(WG_EDIT_MOVE, "D", "X001", WG_EINVAL,
                   "unit D is all of cell X002 (merge the cells: --merge X001,X002)");
    expect_refused(WG_EDIT_MOVE, "D", "X002", WG_EINVAL, "unit D is in cell X002 already");
    expect_refused(WG_EDIT_MOVE, "F", "X001", WG_EINVAL,
                   "unit F is in community Y, cell X001 in X (a cell never crosses a community line)");
    expect_refused(WG_EDIT_MERGE, "X001", "X003", WG_EINVAL,
                   "cells X001 and X003 do not touch (X003 can be merged with: X002)");
    expect_refused(WG_EDIT_MERGE, "X001", "Y004", WG_EINVAL, "are in communities X and Y");
    expect_refused(WG_EDIT_MERGE, "X001", "X001", WG_EINVAL, "cannot be merged with itself");
    expect_refused(WG_EDIT_SPLIT, "X002", NULL, WG_EINVAL, "cell X002 has one unit only and cannot be divided");
    expect_refused(WG_EDIT_RENAME, "X002", "", WG_EINVAL, "cell X002 needs a name");
    expect_refused(WG_EDIT_MOVE, "Z", "X001", WG_ENOTFOUND, "there is no unit Z");
    expect_refused(WG_EDIT_MERGE, "X001", "X009", WG_ENOTFOUND, "there is no cell X009");
    expect_refused(WG_EDIT_UNDO, NULL, NULL, WG_ENOTFOUND, "there is no edit to take back");
    expect_refused(WG_EDIT_MOVE, "A", NULL, WG_EINVAL, "edit 1 does not say what to change");
}

static json_t *after_of(const wg_result *result, const char *code) {
    json_t *json = json_loads(wg_result_json(result), 0, NULL);
    json_t *found = NULL;
    size_t index;
    json_t *cell;
    json_array_foreach(json_object_get(json, "cells"), index, cell) {
        if (strcmp(json_string_value(json_object_get(cell, "code")), code) == 0) {
            found = json_deep_copy(json_object_get(cell, "after"));
        }
    }
    json_decref(json);
    return found;
}

static void several_edits_are_one_step(void **state) {
    (void)state;
    const wg_edit edits[] = {
        {WG_EDIT_MERGE, "X001", "X002"}, {WG_EDIT_MERGE, "X001", "X003"}, {WG_EDIT_RENAME, "X001", "一"}};
    const wg_edit_options options = {.plan = path, .edits = edits, .n_edits = 3};
    wg_result *result = NULL;
    must(wg_edit_plan(ctx, &options, &result));
    json_t *after = after_of(result, "X001");
    assert_int_equal(5, json_integer_value(json_object_get(after, "units")));
    assert_true(json_real_value(json_object_get(after, "households")) == 50);
    json_decref(after);
    wg_result_free(result);
    must(edit(WG_EDIT_UNDO, NULL, NULL, &result));
    assert_string_equal("taken back: merge X001,X002; merge X001,X003; rename X001:一\n", wg_result_text(result));
    wg_result_free(result);
    expect_refused(WG_EDIT_UNDO, NULL, NULL, WG_ENOTFOUND, "there is no edit to take back");
    const wg_edit mixed[] = {{WG_EDIT_UNDO, NULL, NULL}, {WG_EDIT_RENAME, "X001", "一"}};
    const wg_edit_options both = {.plan = path, .edits = mixed, .n_edits = 2};
    assert_int_equal(WG_EINVAL, wg_edit_plan(ctx, &both, &result));
}

static void one_bad_edit_undoes_the_good_ones(void **state) {
    (void)state;
    const wg_edit edits[] = {{WG_EDIT_MERGE, "X001", "X002"}, {WG_EDIT_MOVE, "D", "X002"}};
    const wg_edit_options options = {.plan = path, .edits = edits, .n_edits = 2};
    wg_result *result = NULL;
    assert_int_equal(WG_ENOTFOUND, wg_edit_plan(ctx, &options, &result));
    wg_store *store = NULL;
    must(wg_store_open(ctx, path, WG_STORE_READ, &store));
    assert_int_equal(4, wg_store_rows(store, "cells"));
    assert_false(wg_store_has(store, "retired"));
    must(wg_store_close(ctx, store));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(refusals_name_the_alternative, write_plan),
        cmocka_unit_test_setup(several_edits_are_one_step, write_plan),
        cmocka_unit_test_setup(one_bad_edit_undoes_the_good_ones, write_plan),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
