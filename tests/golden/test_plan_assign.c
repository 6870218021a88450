/* wg_assign: bytes in, bytes out. Cells are drawn in UTM 50N:
 *
 *      | C | D |      each a square of 100 m; x from 500000, y from 4400000
 *      | A | B |      A 110101001001001, B …002, C …003, D 110101001002001 (another community)
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "io/read.h"
#include "io/write.h"
#include "model/layer.h"
#include "model/wkb.h"

#define A "110101001001001"
#define B "110101001001002"
#define C "110101001001003"
#define D "110101001002001"

enum { X0 = 500000, Y0 = 4400000 };

static void add_box(scratch *s, wg_layer *layer, const char *code, double x0, double y0, double x1, double y1) {
    const double xy[10] = {X0 + x0, Y0 + y0, X0 + x1, Y0 + y0, X0 + x1, Y0 + y1, X0 + x0, Y0 + y1, X0 + x0, Y0 + y0};
    wg_buffer wkb = {0};
    size_t row;
    wg_wkb_put_header(&wkb, WG_WKB_POLYGON, 1);
    wg_wkb_put_u32(&wkb, 5);
    wg_wkb_put_pairs(&wkb, xy, 5);
    assert_int_equal(wg_layer_add_row(s->ctx, layer, wkb.data, wkb.length, &row), WG_OK);
    assert_int_equal(wg_layer_set_text(s->ctx, layer, row, 0, code), WG_OK);
    wg_buffer_release(&wkb);
}

static wg_layer *empty_cells(scratch *s) {
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(s->ctx, "cells", "EPSG:32650", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "code", WG_TEXT, NULL), WG_OK);
    return layer;
}

static wg_layer *four_cells(scratch *s) {
    wg_layer *layer = empty_cells(s);
    add_box(s, layer, D, 100, 100, 200, 200); /* not in the order of their codes */
    add_box(s, layer, B, 100, 0, 200, 100);
    add_box(s, layer, A, 0, 0, 100, 100);
    add_box(s, layer, C, 0, 100, 100, 200);
    return layer;
}

static void write_bytes(scratch *s, const char *name, const char *bytes, size_t length) {
    FILE *file = fopen(scratch_path(s, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static char *read_bytes(scratch *s, const char *name) {
    FILE *file = fopen(scratch_path(s, name), "rb");
    wg_buffer all = {0};
    char part[4096];
    size_t n;
    assert_non_null(file);
    while ((n = fread(part, 1, sizeof part, file)) > 0) {
        wg_buffer_append(&all, part, n);
    }
    (void)fclose(file);
    return wg_buffer_steal(&all);
}

static void file_is(scratch *s, const char *name, const char *expected) {
    char *got = read_bytes(s, name);
    assert_string_equal(got, expected);
    free(got);
}

static bool exists(scratch *s, const char *name) {
    return access(scratch_path(s, name), F_OK) == 0;
}

/** Run with in.csv and out.csv where the options do not say otherwise. */
static wg_status run(scratch *s, wg_assign_options options, wg_layer *cells, wg_result **result) {
    char in[256], out[256];
    (void)snprintf(in, sizeof in, "%s/in.csv", s->dir);
    (void)snprintf(out, sizeof out, "%s/out.csv", s->dir);
    options.cells.layer = cells;
    if (options.features.source == NULL && options.features.layer == NULL) {
        options.features.source = in;
    }
    if (options.output == NULL) {
        options.output = out;
    }
    options.overwrite = true;
    wg_result *own = NULL;
    const wg_status status = wg_assign(s->ctx, &options, &own);
    if (status != WG_OK) {
        (void)snprintf(s->log + strlen(s->log), sizeof s->log - strlen(s->log), "%s\n", wg_context_error(s->ctx));
    }
    if (result == NULL) {
        wg_result_free(own);
    } else {
        *result = own;
    }
    return status;
}

static void check(scratch *s, wg_assign_options options, wg_layer *cells, const char *in, const char *expected) {
    write_bytes(s, "in.csv", in, strlen(in));
    const wg_status status = run(s, options, cells, NULL);
    if (status != WG_OK) {
        print_error("%s\n", s->log);
    }
    assert_int_equal(status, WG_OK);
    file_is(s, "out.csv", expected);
    wg_layer_free(cells);
}

/* ---- rules ---- */

static void inside_edge_and_corner(void **state) {
    const wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    check(*state, options, four_cells(*state),
          "id,x,y\n"
          "in A,500050,4400050\n"
          "in D,500150,4400150\n"
          "between A and B,500100,4400050\n"
          "between B and D,500150,4400100\n"
          "the corner of all,500100,4400100\n"
          "outer line,500000,4400050\n"
          "outer corner,500200,4400200\n"
          "one step out,500200.0000001,4400150\n",
          "id,x,y,cell,community,street,how,share,reason\n"
          "in A,500050,4400050," A ",110101001001,110101001,inside,1,\n"
          "in D,500150,4400150," D ",110101001002,110101001,inside,1,\n"
          "between A and B,500100,4400050," A ",110101001001,110101001,edge,1,\n"
          "between B and D,500150,4400100," B ",110101001001,110101001,edge,1,\n"
          "the corner of all,500100,4400100," A ",110101001001,110101001,edge,1,\n"
          "outer line,500000,4400050," A ",110101001001,110101001,edge,1,\n"
          "outer corner,500200,4400200," D ",110101001002,110101001,edge,1,\n"
          "one step out,500200.0000001,4400150,,,,none,0,outside\n");
}

static void nearest_within(void **state) {
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    options.within_m = 10;
    check(*state, options, four_cells(*state),
          "id,x,y\n"
          "near B,500209.9,4400050\n"
          "too far,500210.1,4400050\n"
          "as near to B as to D,500205,4400100\n",
          "id,x,y,cell,community,street,how,share,reason\n"
          "near B,500209.9,4400050," B ",110101001001,110101001,nearest,1,\n"
          "too far,500210.1,4400050,,,,none,0,outside\n"
          "as near to B as to D,500205,4400100," B ",110101001001,110101001,nearest,1,\n");
}

static void no_coordinate_and_what_looks_like_one(void **state) {
    const wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    check(*state, options, four_cells(*state),
          "id,x,y\n"
          "empty,,\n"
          "half,500050,\n"
          "missing columns\n"
          "text,somewhere,4400050\n"
          "zero,0,0\n"
          "swapped,4400050,500050\n"
          "not finite,nan,inf\n",
          "id,x,y,cell,community,street,how,share,reason\n"
          "empty,,,,,,none,0,no_coordinate\n"
          "half,500050,,,,,none,0,no_coordinate\n"
          "missing columns,,,,,,none,0,no_coordinate\n"
          "text,somewhere,4400050,,,,none,0,bad_coordinate\n"
          "zero,0,0,,,,none,0,zero_coordinate\n"
          "swapped,4400050,500050,,,,none,0,swapped: would be in " A "\n"
          "not finite,nan,inf,,,,none,0,bad_coordinate\n");
}

/* 500050, 4400050 is 117.0005836 E, 39.7503580 N. */
static void degrees_are_recognised(void **state) {
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    options.within_m = 5;
    check(*state, options, four_cells(*state),
          "id,经度,纬度\n"
          "in A,117.0005836,39.7503580\n"
          "swapped,39.7503580,117.0005836\n"
          "zero,0,0\n",
          "id,经度,纬度,cell,community,street,how,share,reason\n"
          "in A,117.0005836,39.7503580," A ",110101001001,110101001,inside,1,\n"
          "swapped,39.7503580,117.0005836,,,,none,0,swapped: would be in " A "\n"
          "zero,0,0,,,,none,0,zero_coordinate\n");
}

static void dirty_cells_still_work(void **state) {
    scratch *s = *state;
    const wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_layer *cells = empty_cells(s);
    /* A frame about a gap of 100 m, and a cell over half of the frame's left side. */
    add_box(s, cells, "1", 0, 0, 200, 100);
    add_box(s, cells, "2", 200, 0, 300, 200);
    add_box(s, cells, "3", 100, 200, 300, 300);
    add_box(s, cells, "4", 0, 100, 100, 300);
    add_box(s, cells, "10", 0, 250, 50, 300);
    check(s, options, cells,
          "id,x,y\n"
          "gap,500150,4400150\n"
          "overlap,500025,4400275\n"
          "numbers compare as numbers,500050,4400275\n"
          "sound,500150,4400050\n",
          "id,x,y,cell,community,how,share,reason\n"
          "gap,500150,4400150,,,none,0,gap\n"
          "overlap,500025,4400275,,,none,0,overlap: 4; 10\n"
          "numbers compare as numbers,500050,4400275,4,,edge,1,\n"
          "sound,500150,4400050,1,,inside,1,\n");
    assert_non_null(strstr(s->log, "cells 4 and 10 overlap by 2500"));
    assert_non_null(strstr(s->log, "a gap of 10000"));
}

static void strict_refuses_dirty_cells(void **state) {
    scratch *s = *state;
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    options.strict = true;
    wg_layer *cells = four_cells(s);
    add_box(s, cells, "X", 50, 50, 60, 60);
    write_bytes(s, "in.csv", "x,y\n500050,4400050\n", 19);
    assert_int_equal(run(s, options, cells, NULL), WG_EDATA);
    assert_non_null(strstr(s->log, "not a clean coverage: 0 invalid, 1 overlaps, 0 gaps"));
    assert_false(exists(s, "out.csv"));
    wg_layer_free(cells);
}

/* ---- text ---- */

static void quoting_survives(void **state) {
    const wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    check(*state, options, four_cells(*state),
          "note;x;y\r\n"
          "\"two\r\nlines; and \"\"quotes\"\"\";500050,25;\"4400050\"\r\n"
          "\r\n"
          "plain;500050.5;4400050",
          "note;x;y;cell;community;street;how;share;reason\r\n"
          "\"two\r\nlines; and \"\"quotes\"\"\";500050,25;\"4400050\";" A ";110101001001;110101001;inside;1;\r\n"
          "plain;500050.5;4400050;" A ";110101001001;110101001;inside;1;\r\n");
}

static void unreadable_rows_are_rejects(void **state) {
    scratch *s = *state;
    char rejects[256];
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    (void)snprintf(rejects, sizeof rejects, "%s/rejects.csv", s->dir);
    options.rejects = rejects;
    check(s, options, four_cells(s),
          "id,x,y\n"
          "1,500050,4400050\n"
          "2,an address, with a comma,500050,4400050\n"
          "3,500150,4400050,,\n"
          "4,\"open,500050,4400050\n"
          "5,500150,4400150\n"
          "6,500250,4400150\n",
          "id,x,y,cell,community,street,how,share,reason\n"
          "1,500050,4400050," A ",110101001001,110101001,inside,1,\n"
          "2,an address, with a comma,,,,none,0,unreadable: line 3: 5 fields where the header has 3\n"
          "3,500150,4400050," B ",110101001001,110101001,inside,1,\n"
          "4,\"open,500050,4400050\",,,,,none,0,unreadable: line 5: a quote is not closed\n"
          "5,500150,4400150," D ",110101001002,110101001,inside,1,\n"
          "6,500250,4400150,,,,none,0,outside\n");
    file_is(s, "rejects.csv",
            "id,x,y,reason,nearest,dist_m\n"
            "2,an address, with a comma,unreadable: line 3: 5 fields where the header has 3,,\n"
            "4,\"open,500050,4400050\",,unreadable: line 5: a quote is not closed,,\n"
            "6,500250,4400150,outside," D ",50.00\n");
}

static void gbk_in_and_utf8_out(void **state) {
    scratch *s = *state;
    const wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    /* 地址,x,y / 幸福路 in GBK, by hand */
    static const char in[] = "\xb5\xd8\xd6\xb7,x,y\n\xd0\xd2\xb8\xa3\xc2\xb7,500050,4400050\n";
    wg_layer *cells = four_cells(s);
    write_bytes(s, "in.csv", in, sizeof in - 1);
    assert_int_equal(run(s, options, cells, NULL), WG_OK);
    file_is(s, "out.csv",
            "地址,x,y,cell,community,street,how,share,reason\n幸福路,500050,4400050," A
            ",110101001001,110101001,inside,1,\n");
    wg_layer_free(cells);
}

static void a_mark_stays_and_own_names_move(void **state) {
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    static const char *const keep[] = {"cell", "id"};
    options.keep = keep;
    options.n_keep = 2;
    check(*state, options, four_cells(*state), "\xef\xbb\xbfid,x,y,cell\n1,500050,4400050,old\n",
          "\xef\xbb\xbf"
          "cell_1,id,cell,community,street,how,share,reason\nold,1," A ",110101001001,110101001,inside,1,\n");
}

static void missing_fields_are_told(void **state) {
    scratch *s = *state;
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_layer *cells = four_cells(s);
    write_bytes(s, "in.csv", "id,address\n1,here\n", 18);
    assert_int_equal(run(s, options, cells, NULL), WG_EDATA);
    assert_non_null(strstr(s->log, "no coordinates (name their fields with --x and --y; fields: id, address)"));
    options.x_field = "easting";
    assert_int_equal(run(s, options, cells, NULL), WG_ENOTFOUND);
    assert_non_null(strstr(s->log, "no field named easting (fields: id, address)"));
    assert_false(exists(s, "out.csv"));
    wg_layer_free(cells);
}

/* ---- keys ---- */

static wg_layer *two_buildings(scratch *s) {
    wg_layer *layer = NULL;
    assert_int_equal(wg_layer_new(s->ctx, "buildings", "EPSG:32650", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "id", WG_TEXT, NULL), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "address", WG_TEXT, NULL), WG_OK);
    add_box(s, layer, "B7", 10, 10, 20, 20);
    add_box(s, layer, "B8", 110, 110, 120, 120);
    assert_int_equal(wg_layer_set_text(s->ctx, layer, 1, 1, "幸福路12号3栋"), WG_OK);
    return layer;
}

static void the_key_wins(void **state) {
    scratch *s = *state;
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_layer *buildings = two_buildings(s);
    const wg_input input = {.layer = buildings};
    options.buildings = &input;
    options.key_field = "at";
    options.conflict_m = 150;
    check(s, options, four_cells(s),
          "id,at,x,y\n"
          "agrees,B7,500015,4400015\n"
          "a little off,B7,500115,4400015\n"
          "contradicts,B7,500195,4400015\n"
          "no coordinate,B8,,\n"
          "by address,\"幸福路 12号 ３幢\",0,0\n"
          "unknown,B9,500150,4400050\n"
          "unknown and nowhere,B9,,\n"
          "none,,500150,4400050\n",
          "id,at,x,y,cell,community,street,how,share,reason\n"
          "agrees,B7,500015,4400015," A ",110101001001,110101001,key,1,\n"
          "a little off,B7,500115,4400015," A ",110101001001,110101001,key,1,\n"
          "contradicts,B7,500195,4400015," A ",110101001001,110101001,key,1,conflict: 180 m from the coordinate\n"
          "no coordinate,B8,,," D ",110101001002,110101001,key,1,\n"
          "by address,\"幸福路 12号 ３幢\",0,0," D ",110101001002,110101001,key,1,\n"
          "unknown,B9,500150,4400050," B ",110101001001,110101001,inside,1,unknown_key\n"
          "unknown and nowhere,B9,,,,,,none,0,no_coordinate\n"
          "none,,500150,4400050," B ",110101001001,110101001,inside,1,\n");
    wg_layer_free(buildings);
}

/* ---- layers ---- */

static wg_layer *shapes(scratch *s) {
    wg_layer *layer = NULL;
    wg_buffer wkb = {0};
    const double line[6] = {X0 + 50, Y0 + 50, X0 + 150, Y0 + 50, X0 + 150, Y0 + 70};
    assert_int_equal(wg_layer_new(s->ctx, "shapes", "EPSG:32650", &layer), WG_OK);
    assert_int_equal(wg_layer_add_column(s->ctx, layer, "id", WG_TEXT, NULL), WG_OK);
    add_box(s, layer, "whole", 10, 10, 20, 20);
    add_box(s, layer, "three to one", 70, 10, 110, 20);
    add_box(s, layer, "equal halves", 90, 130, 110, 140);
    add_box(s, layer, "half outside", 190, 130, 210, 140);
    add_box(s, layer, "outside", 300, 0, 310, 10);
    wg_wkb_put_header(&wkb, WG_WKB_LINESTRING, 3);
    wg_wkb_put_pairs(&wkb, line, 3);
    size_t row;
    assert_int_equal(wg_layer_add_row(s->ctx, layer, wkb.data, wkb.length, &row), WG_OK);
    assert_int_equal(wg_layer_set_text(s->ctx, layer, row, 0, "line"), WG_OK);
    assert_int_equal(wg_layer_add_row(s->ctx, layer, NULL, 0, &row), WG_OK);
    assert_int_equal(wg_layer_set_text(s->ctx, layer, row, 0, "no geometry"), WG_OK);
    wg_buffer_release(&wkb);
    return layer;
}

/* "id cell how share reason" a row, for reading in a test. */
static char *rows_of(scratch *s, const char *name) {
    wg_layer *layer = NULL;
    wg_buffer out = {0};
    assert_int_equal(wg_read_source(s->ctx, scratch_path(s, name), NULL, &(wg_read_options){0}, true, &layer), WG_OK);
    for (size_t row = 0; row < wg_layer_rows(layer); row++) {
        const char *cell = wg_layer_text(layer, row, wg_layer_column(layer, "cell"));
        const char *reason = wg_layer_text(layer, row, wg_layer_column(layer, "reason"));
        wg_buffer_printf(&out, "%s|%s|%s|%.4f|%s\n", wg_layer_text(layer, row, wg_layer_column(layer, "id")),
                         cell == NULL ? "" : cell + strlen(cell) - 4,
                         wg_layer_text(layer, row, wg_layer_column(layer, "how")),
                         wg_layer_real(layer, row, wg_layer_column(layer, "share")), reason == NULL ? "" : reason);
    }
    wg_layer_free(layer);
    return wg_buffer_steal(&out);
}

static void run_shapes(scratch *s, bool split, const char *name, const char *expected) {
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_layer *cells = four_cells(s), *features = shapes(s);
    char out[256];
    (void)snprintf(out, sizeof out, "%s/%s", s->dir, name);
    options.features.layer = features;
    options.output = out;
    options.split = split;
    const wg_status status = run(s, options, cells, NULL);
    if (status != WG_OK) {
        print_error("%s\n", s->log);
    }
    assert_int_equal(status, WG_OK);
    char *rows = rows_of(s, name);
    assert_string_equal(rows, expected);
    free(rows);
    wg_layer_free(cells);
    wg_layer_free(features);
}

static void the_largest_share_wins(void **state) {
    static const char expected[] = "whole|1001|inside|1.0000|\n"
                                   "three to one|1001|split|0.7500|\n"
                                   "equal halves|1003|split|0.5000|\n"
                                   "half outside|2001|split|0.5000|\n"
                                   "outside||none|0.0000|outside\n"
                                   "line|1002|split|0.5833|\n"
                                   "no geometry||none|0.0000|no_coordinate\n";
    run_shapes(*state, false, "out.gpkg", expected);
    run_shapes(*state, false, "out.geojson", expected); /* and in degrees */
}

static void split_gives_a_row_a_part(void **state) {
    run_shapes(*state, true, "out.gpkg",
               "whole|1001|inside|1.0000|\n"
               "three to one|1001|split|0.7500|\n"
               "three to one|1002|split|0.2500|\n"
               "equal halves|1003|split|0.5000|\n"
               "equal halves|2001|split|0.5000|\n"
               "half outside|2001|split|0.5000|\n"
               "half outside||none|0.5000|outside\n"
               "outside||none|0.0000|outside\n"
               "line|1002|split|0.5833|\n"
               "line|1001|split|0.4167|\n"
               "no geometry||none|0.0000|no_coordinate\n");
}

/* ---- sums ---- */

static void counts_add_up(void **state) {
    scratch *s = *state;
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_layer *cells = four_cells(s);
    wg_result *result = NULL;
    static const char in[] = "x,y\n500050,4400050\n500100,4400050\n500205,4400050\n900000,1\n,\n";
    options.within_m = 10;
    write_bytes(s, "in.csv", in, sizeof in - 1);
    assert_int_equal(run(s, options, cells, &result), WG_OK);
    assert_non_null(strstr(wg_result_text(result), "in 5 = assigned 3 + rejected 2\n"));
    assert_non_null(strstr(wg_result_json(result), "\"in\": 5"));
    assert_non_null(strstr(wg_result_json(result), "\"assigned\": 3"));
    assert_non_null(strstr(wg_result_json(result), "\"rejected\": 2"));
    assert_int_equal(wg_result_findings(result), 2);
    wg_result_free(result);
    wg_layer_free(cells);
}

/* Many pieces on one thread and on three: the same bytes, rows in the order of the file. */
static void threads_do_not_show(void **state) {
    scratch *s = *state;
    const wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_layer *cells = four_cells(s);
    FILE *file = fopen(scratch_path(s, "in.csv"), "wb");
    assert_non_null(file);
    (void)fputs("id,x,y,note\n", file);
    for (int i = 0; i < 150000; i++) {
        (void)fprintf(file, "%d,%d,%d,%s\n", i, X0 + (i * 79) % 220 - 10, Y0 + (i * 1047) % 220 - 10,
                      i % 1000 == 0 ? "\"a\nb\"" : "");
    }
    assert_int_equal(fclose(file), 0);
    wg_context_set_threads(s->ctx, 1);
    assert_int_equal(run(s, options, cells, NULL), WG_OK);
    char *one = read_bytes(s, "out.csv");
    wg_context_set_threads(s->ctx, 3);
    assert_int_equal(run(s, options, cells, NULL), WG_OK);
    char *three = read_bytes(s, "out.csv");
    assert_true(strlen(one) > 3 << 20);
    assert_string_equal(one, three);
    free(one);
    free(three);
    wg_layer_free(cells);
}

static bool refuse(double fraction, const char *stage, void *user) {
    (void)fraction;
    (void)stage;
    (void)user;
    return false;
}

static void interrupted_leaves_the_old_output(void **state) {
    scratch *s = *state;
    const wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_layer *cells = four_cells(s);
    write_bytes(s, "out.csv", "last month\n", 11);
    write_bytes(s, "in.csv", "x,y\n500050,4400050\n", 19);
    wg_context_set_progress(s->ctx, refuse, NULL);
    assert_int_equal(run(s, options, cells, NULL), WG_ECANCELLED);
    file_is(s, "out.csv", "last month\n");
    wg_layer_free(cells);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(inside_edge_and_corner),
        TEST(nearest_within),
        TEST(no_coordinate_and_what_looks_like_one),
        TEST(degrees_are_recognised),
        TEST(dirty_cells_still_work),
        TEST(strict_refuses_dirty_cells),
        TEST(quoting_survives),
        TEST(unreadable_rows_are_rejects),
        TEST(gbk_in_and_utf8_out),
        TEST(a_mark_stays_and_own_names_move),
        TEST(missing_fields_are_told),
        TEST(the_key_wins),
        TEST(the_largest_share_wins),
        TEST(split_gives_a_row_a_part),
        TEST(counts_add_up),
        TEST(threads_do_not_show),
        TEST(interrupted_leaves_the_old_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
