/* CSV text: records, quoting, numbers, encodings, pieces. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/csv_fast.h"

/* Records as "a|b|c" lines, for reading in a test: fields unquoted, "!" where a quote never closes. */
static char *drawn(const char *text, size_t length, char delimiter, char newline) {
    wg_buffer out = {0};
    wg_csv_field fields[16];
    wg_csv_record record;
    const char *at = text;
    while (wg_csv_scan(delimiter, newline, &at, text + length, fields, 16, &record)) {
        for (uint32_t f = 0; f < record.n_fields; f++) {
            wg_buffer_text(&out, f == 0 ? "" : "|");
            wg_csv_unquote(&fields[f], &out);
        }
        wg_buffer_text(&out, record.open_quote ? "!\n" : "\n");
    }
    return wg_buffer_steal(&out);
}

static void expect(const char *text, const char *records) {
    /* The text ends where its allocation ends, so that a sanitizer sees any look beyond. */
    const size_t length = strlen(text);
    char *exact = malloc(length > 0 ? length : 1);
    assert_non_null(exact);
    memcpy(exact, text, length);
    char *got = drawn(exact, length, ',', '\n');
    assert_string_equal(got, records);
    free(got);
    free(exact);
}

static void quoting(void **state) {
    (void)state;
    expect("a,b,c\n1,2,3\n", "a|b|c\n1|2|3\n");
    expect("a,b,c\n1,2,3", "a|b|c\n1|2|3\n");
    expect("a,b\r\n1,2\r\n", "a|b\n1|2\n");
    expect("\"a,b\",c\n", "a,b|c\n");
    expect("\"say \"\"hi\"\"\",x\n", "say \"hi\"|x\n");
    expect("\"two\nlines\",x\ny,z\n", "two\nlines|x\ny|z\n");
    expect("\"two\r\nlines\",x\r\ny,z\r\n", "two\r\nlines|x\ny|z\n");
    expect("5\" pipe,x\n", "5\" pipe|x\n");
    expect("a\"b\"c,\"d\"e,f\n", "a\"b\"c|de|f\n");
    expect("\"\",\"\"\n", "|\n");
    expect(",,\n", "||\n");
    expect("a\n\n\nb\n", "a\nb\n");
    expect("", "");
    expect("\n\n", "");
    expect("\"never closed,x\nnext,row\n", "never closed,x!\nnext|row\n");
    expect("1,\"never closed\nnext,row", "1|never closed!\nnext|row\n");
    expect("a long field that is more than sixteen bytes,\"and another, quoted\",z\n",
           "a long field that is more than sixteen bytes|and another, quoted|z\n");
}

static void line_numbers_and_counts(void **state) {
    (void)state;
    const char text[] = "a,b\n\n\"x\ny\nz\",2,3\nlast\n";
    const char *at = text, *end = text + sizeof text - 1;
    wg_csv_field fields[2];
    wg_csv_record record;
    assert_true(wg_csv_scan(',', '\n', &at, end, fields, 2, &record));
    assert_int_equal(record.lines, 1);
    assert_true(wg_csv_scan(',', '\n', &at, end, fields, 2, &record));
    assert_int_equal(record.lines, 4);    /* the empty one, and three of the quoted field */
    assert_int_equal(record.n_fields, 3); /* more than were kept */
    assert_true(wg_csv_scan(',', '\n', &at, end, fields, 2, &record));
    assert_int_equal(record.n_fields, 1);
    assert_false(wg_csv_scan(',', '\n', &at, end, fields, 2, &record));
}

static void written_values_read_back(void **state) {
    (void)state;
    static const char *const values[] = {"plain", "with,comma", "with \"quotes\"", "two\nlines", "", "网格", "end\r"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        wg_buffer text = {0};
        wg_csv_quote(',', values[i], strlen(values[i]), &text);
        wg_buffer_text(&text, ",x\n");
        wg_csv_field fields[4];
        wg_csv_record record;
        const char *at = text.data;
        wg_buffer back = {0};
        assert_true(wg_csv_scan(',', '\n', &at, text.data + text.length, fields, 4, &record));
        assert_int_equal(record.n_fields, 2);
        wg_csv_unquote(&fields[0], &back);
        assert_string_equal(back.data == NULL ? "" : back.data, values[i]);
        wg_buffer_release(&back);
        wg_buffer_release(&text);
    }
}

static double number(const char *text, bool comma) {
    const wg_csv_field field = {text, (uint32_t)strlen(text)};
    double value;
    return wg_csv_number(&field, comma, &value) ? value : NAN;
}

static void numbers(void **state) {
    (void)state;
    assert_true(number("116.3664615", false) == 116.3664615);
    assert_true(number("-0.5", false) == -0.5);
    assert_true(number("+7", false) == 7);
    assert_true(number(" 12.25 ", false) == 12.25);
    assert_true(number("\"12.25\"", false) == 12.25);
    assert_true(number("4.4e6", false) == 4.4e6);
    assert_true(number("39512345.678", false) == 39512345.678);
    assert_true(number("13,5", true) == 13.5);
    assert_true(number("１１６.３", false) == 116.3);
    assert_true(isnan(number("13,5", false)));
    assert_true(isnan(number("", false)));
    assert_true(isnan(number("abc", false)));
    assert_true(isnan(number("12.3.4", false)));
    assert_true(isnan(number("nan", false)));
}

/* Against the C library, for numbers as programs print them: 15 to 19 digits. */
static void numbers_round_correctly(void **state) {
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 200000; i++) {
        char text[40];
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const double value = (double)(int64_t)(seed >> 11) / (double)(UINT64_C(1) << (20 + seed % 30));
        (void)snprintf(text, sizeof text, i % 3 == 0 ? "%.17g" : i % 3 == 1 ? "%.9f" : "%.12f", value);
        assert_true(number(text, false) == strtod(text, NULL));
    }
}

/* ---- files ---- */

static char path[64];

static int make_file(void **state) {
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/wg_test_csv_XXXXXX");
    const int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_file(void **state) {
    (void)state;
    return unlink(path);
}

static void put(const void *bytes, size_t length) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static wg_csv *opened(const char *encoding) {
    wg_csv *csv = NULL;
    wg_context *ctx = wg_context_new();
    const wg_status status = wg_csv_open(ctx, path, encoding, &csv);
    if (status != WG_OK) {
        print_error("%s\n", wg_context_error(ctx));
    }
    assert_int_equal(status, WG_OK);
    wg_context_free(ctx);
    return csv;
}

/* The whole file behind its header, decoded. */
static char *content(wg_csv *csv) {
    wg_context *ctx = wg_context_new();
    wg_csv_piece piece = {0};
    wg_buffer all = {0};
    for (;;) {
        assert_int_equal(wg_csv_next(ctx, csv, &piece), WG_OK);
        if (piece.raw.length == 0) {
            break;
        }
        assert_int_equal(wg_csv_decode(ctx, &piece), WG_OK);
        wg_buffer_append(&all, piece.text, piece.length);
    }
    wg_csv_piece_release(&piece);
    wg_context_free(ctx);
    return wg_buffer_steal(&all);
}

static void check_file(const void *bytes, size_t length, const char *stated, wg_encoding encoding,
                       const char *first_field, const char *expected) {
    put(bytes, length);
    wg_csv *csv = opened(stated);
    char *text = content(csv);
    assert_int_equal(wg_csv_info_of(csv)->encoding, encoding);
    assert_string_equal(wg_csv_info_of(csv)->field[0], first_field);
    assert_string_equal(text, expected);
    free(text);
    wg_csv_close(csv);
}

/* Bytes as other programs write them: made by hand (编号,地址 = b1e0 bac5 2c b5d8 d6b7 in GBK), not by the code under
 * test. */
static void encodings(void **state) {
    (void)state;
    static const char utf8[] = "编号,地址\n1,幸福路12号\n";
    static const char mark[] = "\xef\xbb\xbf编号,地址\n1,幸福路12号\n";
    static const char gbk[] = "\xb1\xe0\xba\xc5,\xb5\xd8\xd6\xb7\n1,\xd0\xd2\xb8\xa3\xc2\xb7"
                              "12\xba\xc5\n";
    static const char wide[] = "\xff\xfe\x16\x7f\xf7\x53,\0\x30\x57\x40\x57\n\0"
                               "1\0,\0\x78\x5e\x8f\x79\n\0";
    static const char wide_big[] = "\0a\0,\0b\0\n\0"
                                   "1\0,\x5e\x78\0\n";
    static const char ascii_first[] = "id,address\n1,x\n2,\xd0\xd2\xb8\xa3\xc2\xb7\n";
    check_file(utf8, sizeof utf8 - 1, NULL, WG_ENCODING_UTF8, "编号", "1,幸福路12号\n");
    check_file(mark, sizeof mark - 1, NULL, WG_ENCODING_UTF8, "编号", "1,幸福路12号\n");
    check_file(gbk, sizeof gbk - 1, NULL, WG_ENCODING_GB18030, "编号", "1,幸福路12号\n");
    check_file(gbk, sizeof gbk - 1, "GBK", WG_ENCODING_GB18030, "编号", "1,幸福路12号\n");
    check_file(wide, sizeof wide - 1, NULL, WG_ENCODING_UTF16LE, "编号", "1,幸福\n");
    check_file(wide_big, sizeof wide_big - 1, NULL, WG_ENCODING_UTF16BE, "a", "1,幸\n");
    check_file(ascii_first, sizeof ascii_first - 1, NULL, WG_ENCODING_GB18030, "id", "1,x\n2,幸福路\n");
}

static void malformed_bytes_are_marked(void **state) {
    (void)state;
    static const char bad[] = "id,a\n1,\xff\xfe\n2,网格\n3,网格\n4,网格网格\n";
    put(bad, sizeof bad - 1);
    wg_csv *csv = opened("UTF-8");
    char *text = content(csv);
    assert_non_null(strstr(text, "\xef\xbf\xbd"));
    assert_non_null(strstr(text, "4,网格网格\n"));
    free(text);
    wg_csv_close(csv);
}

static void delimiters_and_lines(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char delimiter, newline;
        uint32_t fields;
        bool crlf;
    } files[] = {{"a,b,c\n", ',', '\n', 3, false},        {"a;b;c\r\n1;2;3\r\n", ';', '\n', 3, true},
                 {"a\tb\n", '\t', '\n', 2, false},        {"a|b|c|d\n", '|', '\n', 4, false},
                 {"a,b\r1,2\r", ',', '\r', 2, false},     {"only\n1\n", ',', '\n', 1, false},
                 {"\"x;y\",b;c,d\n", ',', '\n', 3, false}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        put(files[i].text, strlen(files[i].text));
        wg_csv *csv = opened(NULL);
        const wg_csv_info *info = wg_csv_info_of(csv);
        assert_int_equal(info->delimiter, files[i].delimiter);
        assert_int_equal(info->newline, files[i].newline);
        assert_int_equal(info->n_fields, files[i].fields);
        assert_int_equal(info->crlf, files[i].crlf);
        wg_csv_close(csv);
    }
}

static void an_empty_file_is_refused(void **state) {
    (void)state;
    wg_csv *csv = NULL;
    wg_context *ctx = wg_context_new();
    put("", 0);
    assert_int_equal(wg_csv_open(ctx, path, NULL, &csv), WG_EDATA);
    assert_non_null(strstr(wg_context_error(ctx), "empty"));
    wg_clear_error(ctx);
    assert_int_equal(wg_csv_open(ctx, "/nowhere/none.csv", NULL, &csv), WG_EIO);
    assert_null(csv);
    wg_context_free(ctx);
}

/* Several pieces, records that end at a piece's end, quoted line breaks across it: all rows come, once, in order. */
static void pieces_keep_records_whole(void **state) {
    (void)state;
    for (int quoted = 0; quoted < 2; quoted++) {
        FILE *file = fopen(path, "wb");
        const int rows = 120000;
        assert_non_null(file);
        (void)fputs("id,text\n", file);
        for (int i = 0; i < rows; i++) {
            (void)fprintf(file, quoted ? "%d,\"line one\nline, two of \"\"%d\"\"\"\n" : "%d,plain text of the row %d\n",
                          i, i);
        }
        assert_int_equal(fclose(file), 0);
        wg_csv *csv = opened(NULL);
        wg_context *ctx = wg_context_new();
        wg_csv_piece piece = {0};
        int next = 0, n_pieces = 0;
        for (; wg_csv_next(ctx, csv, &piece) == WG_OK && piece.raw.length > 0; n_pieces++) {
            wg_csv_field fields[2];
            wg_csv_record record;
            assert_int_equal(wg_csv_decode(ctx, &piece), WG_OK);
            assert_int_equal(piece.first_line, 2 + (uint64_t)next * (quoted ? 2 : 1));
            const char *at = piece.text;
            while (wg_csv_scan(',', '\n', &at, piece.text + piece.length, fields, 2, &record)) {
                assert_int_equal(record.n_fields, 2);
                assert_int_equal(atoi(fields[0].text), next);
                next++;
            }
        }
        assert_int_equal(next, rows);
        assert_true(n_pieces > 2);
        wg_csv_piece_release(&piece);
        wg_context_free(ctx);
        wg_csv_close(csv);
    }
}

/* One bad quote at the beginning must not swallow the file. */
static void an_unclosed_quote_costs_one_row(void **state) {
    (void)state;
    FILE *file = fopen(path, "wb");
    const int rows = 50000;
    assert_non_null(file);
    (void)fputs("id,text\n0,\"never closed\n", file);
    for (int i = 1; i < rows; i++) {
        (void)fprintf(file, "%d,row\n", i);
    }
    assert_int_equal(fclose(file), 0);
    wg_csv *csv = opened(NULL);
    char *text = content(csv);
    const char *at = text;
    int n = 0, open = 0;
    wg_csv_field fields[2];
    wg_csv_record record;
    while (wg_csv_scan(',', '\n', &at, text + strlen(text), fields, 2, &record)) {
        n++;
        open += record.open_quote ? 1 : 0;
    }
    assert_int_equal(n, rows);
    assert_int_equal(open, 1);
    free(text);
    wg_csv_close(csv);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quoting),
        cmocka_unit_test(line_numbers_and_counts),
        cmocka_unit_test(written_values_read_back),
        cmocka_unit_test(numbers),
        cmocka_unit_test(numbers_round_correctly),
        cmocka_unit_test_setup_teardown(encodings, make_file, remove_file),
        cmocka_unit_test_setup_teardown(malformed_bytes_are_marked, make_file, remove_file),
        cmocka_unit_test_setup_teardown(delimiters_and_lines, make_file, remove_file),
        cmocka_unit_test_setup_teardown(an_empty_file_is_refused, make_file, remove_file),
        cmocka_unit_test_setup_teardown(pieces_keep_records_whole, make_file, remove_file),
        cmocka_unit_test_setup_teardown(an_unclosed_quote_costs_one_row, make_file, remove_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
