#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/code.h"

static wg_context *ctx;

static int setup(void **state) {
    (void)state;
    ctx = wg_context_new();
    return ctx == NULL;
}

static int teardown(void **state) {
    (void)state;
    wg_context_free(ctx);
    return 0;
}

/* Four cells of a 2 x 2 lattice, numbered as they are read: north-west, north-east, south-west, south-east. */
static const double lattice_x[] = {0, 100, 0, 100};
static const double lattice_y[] = {100, 100, 0, 0};

static wg_code_request lattice(wg_code_scheme scheme, const char *community) {
    return (wg_code_request){.scheme = scheme, .community = community, .n = 4, .x = lattice_x, .y = lattice_y};
}

static void numbers_run_west_to_east_then_north_to_south(void **state) {
    (void)state;
    const wg_code_request request = lattice(WG_CODE_SUFFIX3, "110101001001");
    char **codes = NULL;
    assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
    assert_string_equal("110101001001001", codes[0]);
    assert_string_equal("110101001001003", codes[1]);
    assert_string_equal("110101001001002", codes[2]);
    assert_string_equal("110101001001004", codes[3]);
    free(codes);
}

static void noise_below_a_millimetre_does_not_order(void **state) {
    (void)state;
    const double x[] = {10.0000001, 10.0, 9.9999999};
    const double y[] = {1, 3, 2};
    const wg_code_request request = {.community = "c", .n = 3, .x = x, .y = y};
    char **codes = NULL;
    assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
    assert_string_equal("c003", codes[0]);
    assert_string_equal("c001", codes[1]);
    assert_string_equal("c002", codes[2]);
    free(codes);
}

static void twenty_digit_codes_have_the_object_in_front(void **state) {
    (void)state;
    wg_code_request request = lattice(WG_CODE_CJT349, "110101001001");
    request.object = "010100";
    char **codes = NULL;
    assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
    assert_string_equal("01010011010100100101", codes[0]);
    free(codes);
    request = lattice(WG_CODE_CJT349, "010100110101001601");
    assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
    assert_string_equal("01010011010100160104", codes[3]);
    free(codes);
}

static void an_undivided_community_has_00(void **state) {
    (void)state;
    wg_code_request request = lattice(WG_CODE_CJT349, "110101001001");
    request.n = 1;
    char **codes = NULL;
    assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
    assert_string_equal("00000011010100100100", codes[0]);
    free(codes);
}

static void community_codes_that_do_not_fit_are_refused(void **state) {
    (void)state;
    const char *const bad[] = {"", "11010100100", "11010100100x"};
    for (size_t i = 0; i < 3; i++) {
        const wg_code_request request = lattice(i == 0 ? WG_CODE_SUFFIX3 : WG_CODE_CJT349, bad[i]);
        char **codes = NULL;
        wg_clear_error(ctx);
        assert_int_equal(WG_EDATA, wg_codes_assign(ctx, &request, &codes));
        assert_null(codes);
    }
    assert_string_equal("community code \"11010100100x\" does not fit CJ/T 349 (it needs 12 digits: county, street, "
                        "community; or 18 with the object class in front)",
                        wg_context_error(ctx));
}

static void kept_codes_stay_and_retired_ones_are_never_used(void **state) {
    (void)state;
    const char *const kept[] = {NULL, "c005", NULL, "old code"};
    const char *const retired[] = {"c007", "d009"};
    wg_code_request request = lattice(WG_CODE_SUFFIX3, "c");
    request.kept = kept;
    request.retired = retired;
    request.n_retired = 2;
    char **codes = NULL;
    assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
    assert_string_equal("c008", codes[0]);
    assert_string_equal("c005", codes[1]);
    assert_string_equal("c009", codes[2]);
    assert_string_equal("old code", codes[3]);
    free(codes);
}

static void skipped_numbers_are_used_only_at_the_end(void **state) {
    (void)state;
    const char *const kept[] = {NULL, "c999", NULL, "c002"};
    wg_code_request request = lattice(WG_CODE_SUFFIX3, "c");
    request.kept = kept;
    char **codes = NULL;
    assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
    assert_string_equal("c001", codes[0]);
    assert_string_equal("c003", codes[2]);
    free(codes);
}

static void a_code_given_twice_is_refused(void **state) {
    (void)state;
    const char *const twice[][4] = {{"c001", NULL, NULL, "c001"}, {"A", "A", NULL, NULL}, {"r", NULL, NULL, NULL}};
    const char *const retired[] = {"r"};
    for (size_t i = 0; i < 3; i++) {
        wg_code_request request = lattice(WG_CODE_SUFFIX3, "c");
        request.kept = twice[i];
        request.retired = retired;
        request.n_retired = 1;
        char **codes = NULL;
        wg_clear_error(ctx);
        assert_int_equal(WG_EDATA, wg_codes_assign(ctx, &request, &codes));
    }
}

static void the_thousandth_cell_does_not_fit(void **state) {
    (void)state;
    static double x[1000];
    for (int i = 0; i < 1000; i++) {
        x[i] = i;
    }
    for (int scheme = WG_CODE_SUFFIX3; scheme <= WG_CODE_CJT349; scheme++) {
        const uint32_t full = (uint32_t)wg_code_capacity((wg_code_scheme)scheme);
        wg_code_request request = {
            .scheme = (wg_code_scheme)scheme, .community = "110101001001", .n = full, .x = x, .y = x};
        char **codes = NULL;
        assert_int_equal(WG_OK, wg_codes_assign(ctx, &request, &codes));
        assert_int_equal(full, wg_code_sequence(request.scheme, request.community, codes[full - 1]));
        free(codes);
        request.n = full + 1;
        wg_clear_error(ctx);
        assert_int_equal(WG_EDATA, wg_codes_assign(ctx, &request, &codes));
    }
    assert_string_equal("community 110101001001: 100 cells do not fit into 99 codes, retired ones included (fewer, "
                        "larger cells, or another code scheme)",
                        wg_context_error(ctx));
}

static void sequences_are_read_back(void **state) {
    (void)state;
    assert_int_equal(7, wg_code_sequence(WG_CODE_SUFFIX3, "c", "c007"));
    assert_int_equal(-1, wg_code_sequence(WG_CODE_SUFFIX3, "c", "c07"));
    assert_int_equal(-1, wg_code_sequence(WG_CODE_SUFFIX3, "c", "d007"));
    assert_int_equal(-1, wg_code_sequence(WG_CODE_SUFFIX3, "c", "c0a7"));
    assert_int_equal(-1, wg_code_sequence(WG_CODE_SUFFIX3, "c", ""));
    assert_int_equal(12, wg_code_sequence(WG_CODE_CJT349, "110101001001", "01010011010100100112"));
    assert_int_equal(12, wg_code_sequence(WG_CODE_CJT349, "010100110101001001", "01010011010100100112"));
}

static void numerals_are_chinese(void **state) {
    (void)state;
    static const struct {
        uint32_t value;
        const char *text;
    } expected[] = {{0, "零"},
                    {1, "一"},
                    {9, "九"},
                    {10, "十"},
                    {11, "十一"},
                    {20, "二十"},
                    {21, "二十一"},
                    {100, "一百"},
                    {101, "一百零一"},
                    {110, "一百一十"},
                    {112, "一百一十二"},
                    {999, "九百九十九"},
                    {1000, "一千"},
                    {1001, "一千零一"},
                    {1010, "一千零一十"},
                    {10000, "一万"},
                    {10001, "一万零一"},
                    {100010, "十万零一十"},
                    {12345, "一万二千三百四十五"}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        char text[WG_NUMERAL_BYTES];
        wg_chinese_numeral(expected[i].value, text);
        assert_string_equal(expected[i].text, text);
    }
}

static void expect_name(const char *template_text, wg_lang lang, const char *expected) {
    const wg_name_parts parts = {.number = 12, .community = "西街", .code = "c012"};
    char *name = NULL;
    assert_int_equal(WG_OK, wg_cell_name(ctx, template_text, lang, &parts, &name));
    assert_string_equal(expected, name);
    free(name);
}

static void names_follow_language_and_template(void **state) {
    (void)state;
    expect_name(NULL, WG_LANG_ZH, "第十二网格");
    expect_name(NULL, WG_LANG_EN, "Cell 12");
    expect_name("{community}第{zh}网格({n}) {code} {{x}}", WG_LANG_EN, "西街第十二网格(12) c012 {x}");
    expect_name("", WG_LANG_EN, "");
}

static void unknown_placeholders_are_refused(void **state) {
    (void)state;
    const char *const bad[] = {"{x}", "a{", "}", "{n"};
    for (size_t i = 0; i < 4; i++) {
        wg_clear_error(ctx);
        assert_int_equal(WG_EINVAL, wg_name_template_check(ctx, bad[i]));
    }
    assert_string_equal("name template \"{n\": unknown placeholder at \"{n\" (known: {n}, {zh}, {community}, {code})",
                        wg_context_error(ctx));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_run_west_to_east_then_north_to_south),
        cmocka_unit_test(noise_below_a_millimetre_does_not_order),
        cmocka_unit_test(twenty_digit_codes_have_the_object_in_front),
        cmocka_unit_test(an_undivided_community_has_00),
        cmocka_unit_test(community_codes_that_do_not_fit_are_refused),
        cmocka_unit_test(kept_codes_stay_and_retired_ones_are_never_used),
        cmocka_unit_test(skipped_numbers_are_used_only_at_the_end),
        cmocka_unit_test(a_code_given_twice_is_refused),
        cmocka_unit_test(the_thousandth_cell_does_not_fit),
        cmocka_unit_test(sequences_are_read_back),
        cmocka_unit_test(numerals_are_chinese),
        cmocka_unit_test(names_follow_language_and_template),
        cmocka_unit_test(unknown_placeholders_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
