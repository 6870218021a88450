/* YAML with line numbers; checksums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "files.h"
#include "io/checksum.h"
#include "io/yaml.h"

static const char plan[] = "# a plan\n"
                           "partition:\n"
                           "  households: 150:300\n"
                           "  barriers: [roads.gpkg, 'river.gpkg']\n"
                           "  seed: 7\n"
                           "  strict: yes\n"
                           "  grid: 0.001\n"
                           "report: {lang: zh}\n";

static void a_document_is_a_tree(void **state) {
    scratch *s = *state;
    wg_yaml yaml;
    assert_int_equal(wg_yaml_parse(s->ctx, "plan.yaml", plan, sizeof plan - 1, &yaml), WG_OK);
    const wg_yaml_node *partition = wg_yaml_get(yaml.root, "partition");
    const wg_yaml_node *barriers = wg_yaml_get(partition, "barriers");
    assert_int_equal(barriers->kind, WG_YAML_LIST);
    assert_int_equal(barriers->n, 2);
    assert_int_equal(barriers->line, 4);
    assert_string_equal(barriers->item[1]->text, "river.gpkg");
    assert_true(barriers->item[1]->quoted && !barriers->item[0]->quoted);
    const char *text = NULL;
    int64_t seed = 0;
    bool strict = false;
    double grid = 0;
    assert_int_equal(wg_yaml_text(s->ctx, wg_yaml_get(partition, "households"), "households", &text), WG_OK);
    assert_string_equal(text, "150:300");
    assert_int_equal(wg_yaml_integer(s->ctx, wg_yaml_get(partition, "seed"), "seed", &seed), WG_OK);
    assert_int_equal(seed, 7);
    assert_int_equal(wg_yaml_bool(s->ctx, wg_yaml_get(partition, "strict"), "strict", &strict), WG_OK);
    assert_true(strict);
    assert_int_equal(wg_yaml_number(s->ctx, wg_yaml_get(partition, "grid"), "grid", &grid), WG_OK);
    assert_true(grid == 0.001);
    assert_int_equal(wg_yaml_number(s->ctx, wg_yaml_get(partition, "households"), "households", &grid), WG_EDATA);
    assert_string_equal(wg_context_error(s->ctx), "plan.yaml:3: households: must be a number");
    wg_clear_error(s->ctx);
    static const char *const known[] = {"households", "barriers", "seed", "grid", NULL};
    assert_int_equal(wg_yaml_keys(s->ctx, partition, known), WG_EDATA);
    assert_string_equal(wg_context_error(s->ctx),
                        "plan.yaml:6: unknown key strict (known: households, barriers, seed, grid)");
    wg_yaml_release(&yaml);
}

static void fails_with(scratch *s, const char *text, const char *message) {
    wg_yaml yaml;
    wg_clear_error(s->ctx);
    assert_int_equal(wg_yaml_parse(s->ctx, "p.yaml", text, strlen(text), &yaml), WG_EDATA);
    assert_string_equal(wg_context_error(s->ctx), message);
}

static void faults_have_lines(void **state) {
    scratch *s = *state;
    fails_with(s, "a: 1\nb: 2\na: 3\n", "p.yaml:3: key a stands twice (first in line 1)");
    fails_with(s, "a: [1, 2\nb: 3\n", "p.yaml:2: did not find expected ',' or ']'");
    fails_with(s, "a: 1\n---\nb: 2\n", "p.yaml:3: a second document (one a file)");
    fails_with(s, "? [x]\n: 1\n", "p.yaml:1: a key must be plain text");
    fails_with(s, "a: &x\n  b: *x\n", "p.yaml:1: nested too deep (an alias that contains itself?)");
    wg_yaml yaml;
    wg_clear_error(s->ctx);
    assert_int_equal(wg_yaml_parse(s->ctx, "p.yaml", "", 0, &yaml), WG_OK);
    assert_int_equal(yaml.root->n, 0);
    wg_yaml_release(&yaml);
    assert_int_equal(wg_yaml_read(s->ctx, "/no/such.yaml", &yaml), WG_EIO);
    assert_string_equal(wg_context_error(s->ctx), "/no/such.yaml: cannot be read: No such file or directory");
}

static void checksums(void **state) {
    scratch *s = *state;
    char hex[WG_CHECKSUM_BYTES];
    uint64_t bytes = 0;
    wg_checksum_bytes("abc", 3, hex); /* FIPS 180-2 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *path = scratch_text(s, "a.csv", "abc");
    assert_int_equal(wg_checksum_source(s->ctx, path, hex, &bytes), WG_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(bytes, 3);
    (void)scratch_text(s, "s.dbf", "b");
    (void)scratch_text(s, "s.prj", "c");
    assert_int_equal(wg_checksum_source(s->ctx, scratch_text(s, "s.shp", "a"), hex, &bytes), WG_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(wg_checksum_source(s->ctx, "PG:dbname=x", hex, &bytes), WG_OK);
    assert_string_equal(hex, "");
    assert_int_equal(bytes, 0);
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {SCRATCH_TEST(a_document_is_a_tree), SCRATCH_TEST(faults_have_lines),
                                       SCRATCH_TEST(checksums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
