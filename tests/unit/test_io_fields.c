/* Which column is what: names in two languages, cut names, the user's mapping; values as numbers and text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "files.h"
#include "io/fields.h"
#include "io/read.h"
#include "io/write.h"

static void names_are_recognised(void **state) {
    (void)state;
    static const struct {
        const char *name;
        wg_role role;
    } cases[] = {{"households", WG_ROLE_HOUSEHOLDS},
                 {"HH_CNT", WG_ROLE_HOUSEHOLDS},
                 {"户数", WG_ROLE_HOUSEHOLDS},
                 {"户　数", WG_ROLE_HOUSEHOLDS},
                 {"总户数(户)", WG_ROLE_HOUSEHOLDS},
                 {"户数（户）", WG_ROLE_HOUSEHOLDS},
                 {"Population", WG_ROLE_POPULATION},
                 {"人口", WG_ROLE_POPULATION},
                 {"常住人口", WG_ROLE_POPULATION},
                 {"户籍人口", WG_ROLE_REGISTERED},
                 {"流动人口", WG_ROLE_FLOATING},
                 {"层数", WG_ROLE_FLOORS},
                 {"building:levels", WG_ROLE_FLOORS},
                 {"编码", WG_ROLE_CODE},
                 {"社区代码", WG_ROLE_CODE},
                 {"名称", WG_ROLE_NAME},
                 {"NAME", WG_ROLE_NAME},
                 {"用途", WG_ROLE_USE},
                 {"所属社区", WG_ROLE_COMMUNITY},
                 {"网格", WG_ROLE_CELL},
                 {"上报时间", WG_ROLE_OPENED},
                 {"办结时间", WG_ROLE_CLOSED},
                 {"截止时间", WG_ROLE_DUE},
                 {"状态", WG_ROLE_STATUS},
                 {"事件类型", WG_ROLE_CATEGORY},
                 {"岗位", WG_ROLE_ROLE},
                 {"FTE", WG_ROLE_FTE},
                 {"经度", WG_ROLE_X},
                 {"Lng", WG_ROLE_X},
                 {"纬度", WG_ROLE_Y},
                 {"地址", WG_ROLE_ADDRESS},
                 {"道路等级", WG_ROLE_CLASS},
                 /* cut at ten bytes: three characters of UTF-8, five of GB18030, ten letters */
                 {"户籍人", WG_ROLE_REGISTERED},
                 {"流动人", WG_ROLE_FLOATING},
                 {"行政区划代", WG_ROLE_CODE},
                 {"householdc", WG_ROLE_HOUSEHOLDS},
                 {"floatingpo", WG_ROLE_FLOATING},
                 /* and what is none of them */
                 {"", WG_N_ROLES},
                 {"备注", WG_N_ROLES},
                 {"h", WG_N_ROLES},
                 {"人", WG_N_ROLES},
                 {"house", WG_N_ROLES}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const wg_role role = wg_role_of(cases[i].name, NULL);
        if (role != cases[i].role) {
            fail_msg("%s is %s, expected %s", cases[i].name, wg_role_name(role), wg_role_name(cases[i].role));
        }
    }
}

/** No word of one role hides in another's list, except where the roles asked for tell them apart. */
static void roles_have_their_own_names(void **state) {
    (void)state;
    for (uint32_t r = 0; r < WG_N_ROLES; r++) {
        wg_role back = WG_N_ROLES;
        assert_true(wg_role_parse(wg_role_name((wg_role)r), &back));
        assert_int_equal(back, r);
    }
    wg_role role;
    assert_false(wg_role_parse("housholds", &role));
}

static wg_layer *table(const char *const *names, const wg_type *types, uint32_t n) {
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(NULL, "buildings", NULL, &layer), WG_OK);
    for (uint32_t c = 0; c < n; c++) {
        assert_int_equal(wg_layer_add_column(NULL, layer, names[c], types == NULL ? WG_TEXT : types[c], NULL), WG_OK);
    }
    return layer;
}

static void the_user_has_the_last_word(void **state) {
    scratch *s = *state;
    static const char *const names[] = {"gid", "户数", "HH", "人口", "编号"};
    wg_layer *layer = table(names, NULL, 5);
    const wg_role roles[] = {WG_ROLE_ID, WG_ROLE_HOUSEHOLDS, WG_ROLE_POPULATION};
    wg_fields fields;
    assert_int_equal(wg_fields_match(s->ctx, layer, "buildings", roles, 3, NULL, 0, NULL, &fields), WG_OK);
    assert_int_equal(fields.column[WG_ROLE_HOUSEHOLDS], 1); /* the surer word, not the first column */
    assert_int_equal(fields.column[WG_ROLE_ID], 4);
    assert_int_equal(fields.column[WG_ROLE_CODE], UINT32_MAX);
    const wg_field mapping[] = {
        {"households", "hh"}, {"cells.population", "人口"}, {"buildings.id", "gid"}, {"floors", "FLOOR_NO"}};
    bool used[4] = {false};
    assert_int_equal(wg_fields_match(s->ctx, layer, "buildings", roles, 3, mapping, 4, used, &fields), WG_OK);
    assert_int_equal(fields.column[WG_ROLE_HOUSEHOLDS], 2);
    assert_true(fields.stated[WG_ROLE_HOUSEHOLDS]);
    assert_int_equal(fields.column[WG_ROLE_ID], 0);
    assert_true(used[0] && !used[1] && used[2] && !used[3]);
    assert_int_equal(wg_fields_check(s->ctx, mapping, 4, used), WG_ENOTFOUND);
    assert_string_equal(
        wg_context_error(s->ctx),
        "--field cells.population=人口: no input has a field named 人口 (wangge info lists the fields)");
    wg_buffer list = {0};
    wg_fields_list(layer, &fields, &list);
    assert_string_equal(list.data, "id = gid, households = HH, population = 人口");
    wg_buffer_release(&list);
    wg_clear_error(s->ctx);
    const wg_field wrong[] = {{"housholds", "户数"}};
    assert_int_equal(wg_fields_match(s->ctx, layer, "buildings", roles, 3, wrong, 1, NULL, &fields), WG_EINVAL);
    assert_non_null(strstr(wg_context_error(s->ctx),
                           "--field housholds=户数: there is no role housholds (roles: id, code, name, households,"));
    wg_clear_error(s->ctx);
    assert_int_equal(wg_fields_need(s->ctx, layer, &fields, WG_ROLE_FLOORS), WG_EDATA);
    assert_string_equal(
        wg_context_error(s->ctx),
        "buildings: no field for floors (name it with --field floors=FIELD; fields: gid, 户数, HH, 人口, 编号)");
    wg_layer_free(layer);
}

static void numbers_from_text(void **state) {
    scratch *s = *state;
    static const char *const names[] = {"户数"};
    static const char *const values[] = {"2 132", "约300", "", "3栋5户", NULL, "１５０"};
    wg_layer *layer = table(names, NULL, 1);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(wg_layer_add_row(NULL, layer, NULL, 0, NULL), WG_OK);
        assert_int_equal(wg_layer_set_text(NULL, layer, i, 0, values[i]), WG_OK);
    }
    wg_exceptions exceptions = {0};
    wg_number_stats stats;
    double *numbers = NULL;
    assert_int_equal(wg_fields_numbers(s->ctx, layer, 0, true, &exceptions, &stats, &numbers), WG_OK);
    assert_true(numbers[0] == 2132 && numbers[1] == 300 && isnan(numbers[2]) && isnan(numbers[3]) &&
                isnan(numbers[4]) && numbers[5] == 150);
    assert_true(stats.missing == 2 && stats.about == 1 && stats.unreadable == 1 && stats.sum == 2582 &&
                stats.min == 150);
    assert_int_equal(exceptions.n, 1);
    assert_string_equal(exceptions.items[0].problem, "unreadable_number");
    assert_string_equal(exceptions.items[0].detail, "buildings: feature 3: field 户数: \"3栋5户\" is not a number");
    free(numbers);
    wg_exceptions_release(&exceptions);
    assert_int_equal(wg_layer_set_text(NULL, layer, 4, 0, "-7"), WG_OK);
    assert_int_equal(wg_fields_numbers(s->ctx, layer, 0, true, NULL, NULL, &numbers), WG_EDATA);
    assert_string_equal(
        wg_context_error(s->ctx),
        "buildings: feature 4: field 户数: -7 is negative (correct it, or clear it where it is unknown)");
    assert_int_equal(wg_fields_numbers(s->ctx, layer, 0, false, NULL, NULL, &numbers), WG_OK);
    assert_true(numbers[4] == -7);
    free(numbers);
    wg_layer_free(layer);
}

static void codes_are_text(void **state) {
    (void)state;
    static const char *const names[] = {"a", "b"};
    static const wg_type types[] = {WG_INTEGER, WG_REAL};
    wg_layer *layer = table(names, types, 2);
    char buffer[32];
    assert_int_equal(wg_layer_add_row(NULL, layer, NULL, 0, NULL), WG_OK);
    assert_null(wg_fields_text(layer, 0, 0, buffer));
    assert_int_equal(wg_layer_set_integer(NULL, layer, 0, 0, 110101001001), WG_OK);
    assert_int_equal(wg_layer_set_real(NULL, layer, 0, 1, 110101001001.0), WG_OK);
    assert_string_equal(wg_fields_text(layer, 0, 0, buffer), "110101001001");
    assert_string_equal(wg_fields_text(layer, 0, 1, buffer), "110101001001");
    wg_layer_free(layer);
}

/* ---------------------------------------------------------------- tables and joins */

/** A sheet as officials make them: a title above the header, codes with leading zeros. */
static const char *make_sheet(scratch *s, const char *name) {
    static const char *const title[] = {"幸福街道楼栋人口统计表", "列2", "列3", "列4"};
    static const char *const rows[][4] = {
        {"楼栋编号", "地址", "户数", "流动人口"}, {"001", "幸福路12号3号楼", "1 020", "12"},
        {"002", "幸福路14号1栋", "85", NULL},     {"003", "光明路1号", "60", "4"},
        {"004", "光明路2号", "10", "0"},          {"005", "光明路2号", "11", "0"}};
    wg_layer *sheet = table(title, NULL, 4);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        assert_int_equal(wg_layer_add_row(NULL, sheet, NULL, 0, NULL), WG_OK);
        for (uint32_t c = 0; c < 4; c++) {
            assert_int_equal(wg_layer_set_text(NULL, sheet, r, c, rows[r][c]), WG_OK);
        }
    }
    const char *path = scratch_path(s, name);
    const wg_write_options options = {.overwrite = true};
    if (wg_write(s->ctx, sheet, path, &options) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    wg_layer_free(sheet);
    return path;
}

static void spreadsheets_have_their_header_found(void **state) {
    scratch *s = *state;
    static const char *const names[] = {"t.xlsx", "t.ods"};
    for (size_t i = 0; i < 2; i++) {
        const wg_input input = {.source = make_sheet(s, names[i])};
        wg_layer *layer = NULL;
        if (wg_read(s->ctx, &input, NULL, &layer) != WG_OK) {
            fail_msg("%s", wg_context_error(s->ctx));
        }
        assert_int_equal(layer->n, 5);
        assert_int_equal(layer->n_columns, 4);
        assert_string_equal(layer->columns[0].name, "楼栋编号");
        assert_string_equal(wg_layer_text(layer, 0, 0), "001");
        assert_true(wg_layer_is_null(layer, 1, 3));
        wg_layer_free(layer);
    }
}

static const char buildings_csv[] =
    "id,x,y,位置,人口\nA,1,1,幸福路１２号三栋,5\nB,2,2,幸福路14号 1幢,\nC,3,3,长江路9号,7\nD,4,4,光明路2号,\nE,5,5,,\n";

static void tables_are_joined_by_what_matches(void **state) {
    scratch *s = *state;
    char source[900];
    const char *csv = scratch_text(s, "b.csv", buildings_csv);
    (void)snprintf(source, sizeof source, "%s|join=%s|unmatched=%s/u.csv", csv, make_sheet(s, "t.xlsx"), s->dir);
    const wg_input input = {.source = source};
    wg_layer *layer = NULL;
    if (wg_read(s->ctx, &input, "buildings", &layer) != WG_OK) {
        fail_msg("%s", wg_context_error(s->ctx));
    }
    assert_int_equal(layer->n, 5);
    const uint32_t households = wg_layer_column(layer, "户数");
    assert_string_equal(wg_layer_text(layer, 0, households), "1 020");
    assert_string_equal(wg_layer_text(layer, 1, households), "85");
    assert_true(wg_layer_is_null(layer, 2, households) && wg_layer_is_null(layer, 3, households));
    assert_string_equal(wg_layer_text(layer, 0, wg_layer_column(layer, "楼栋编号")), "001");
    assert_string_equal(layer->source, "b.csv: b");
    assert_non_null(strstr(s->log, "b.csv: b: joined t.xlsx: buildings by 地址: 2 of 5 rows matched (40.0 %)\n"));
    assert_non_null(strstr(
        s->log, "b.csv: b: 3 rows without a match, 1 of them because their key stands twice: 长江路9号, 光明路2号\n"));
    assert_non_null(strstr(s->log, "t.xlsx: buildings: 3 rows met nothing: 光明路1号, 光明路2号, 光明路2号\n"));
    char *unmatched = scratch_read(scratch_path(s, "u.csv"), NULL);
    assert_non_null(strstr(unmatched, "side,row,key,reason\nlayer,3,长江路9号,not in the "
                                      "table\nlayer,4,光明路2号,stands twice in the table\nlayer,5,,no key\n"));
    free(unmatched);
    wg_layer_free(layer);
}

static void joins_that_cannot_be(void **state) {
    scratch *s = *state;
    char source[900];
    wg_layer *layer = NULL;
    const char *csv = scratch_text(s, "b.csv", buildings_csv);
    const char *other = scratch_text(s, "o.csv", "编码,户数\n77,1\n");
    (void)snprintf(source, sizeof source, "%s|join=%s", csv, other);
    wg_input input = {.source = source};
    assert_int_equal(wg_read(s->ctx, &input, NULL, &layer), WG_EDATA);
    assert_string_equal(wg_context_error(s->ctx),
                        "b.csv: b: no row meets one of o.csv: o (name the fields: |join=TABLE|key=FIELD:TABLEFIELD)");
    wg_clear_error(s->ctx);
    (void)snprintf(source, sizeof source, "%s|join=%s|key=id:nope", csv, other);
    assert_int_equal(wg_read(s->ctx, &input, NULL, &layer), WG_ENOTFOUND);
    assert_string_equal(wg_context_error(s->ctx), "o.csv: o: no field named nope");
    wg_clear_error(s->ctx);
    (void)snprintf(source, sizeof source, "%s|join=/no/such.xlsx", csv);
    assert_int_equal(wg_read(s->ctx, &input, NULL, &layer), WG_EIO);
    assert_string_equal(wg_context_error(s->ctx), "/no/such.xlsx: no such file (check the path)");
}

int main(void) {
#define SCRATCH_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_recognised),
        cmocka_unit_test(roles_have_their_own_names),
        SCRATCH_TEST(the_user_has_the_last_word),
        SCRATCH_TEST(numbers_from_text),
        cmocka_unit_test(codes_are_text),
        SCRATCH_TEST(spreadsheets_have_their_header_found),
        SCRATCH_TEST(tables_are_joined_by_what_matches),
        SCRATCH_TEST(joins_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
