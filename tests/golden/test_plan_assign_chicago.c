/*
 * 148 636 reported incidents against 25 police districts, both as published. The column `district` was written by the
 * police at the time of the report: it is right where the report was taken inside the district, and the boundaries here
 * are those of one day. Skipped without ../shared/real/chicago.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"
#include "io/csv_fast.h"

#define REAL WG_SOURCE_DIR "/../shared/real/chicago/"

static void agrees_with_the_district_column(void **state) {
    scratch *s = *state;
    char command[512], in[256], out[256];
    if (access(REAL "chicago_police_districts.kml", R_OK) != 0) {
        print_message("skipped: " REAL " is not there\n");
        skip();
    }
    (void)snprintf(in, sizeof in, "%s/in.csv", s->dir);
    (void)snprintf(out, sizeof out, "%s/out.csv", s->dir);
    (void)snprintf(command, sizeof command, "gzip -dc " REAL "chicago_aggravated_assaults.csv.gz > %s", in);
    assert_int_equal(system(command), 0);
    wg_assign_options options = WG_ASSIGN_OPTIONS_INIT;
    wg_result *result = NULL;
    options.cells.source = REAL "chicago_police_districts.kml";
    options.features.source = in;
    options.output = out;
    assert_int_equal(wg_assign(s->ctx, &options, &result), WG_OK);
    wg_result_free(result);
    char *text = scratch_read(out, NULL);
    const char *at = text, *end = text + strlen(text);
    wg_csv_field field[10];
    wg_csv_record record;
    size_t rows = 0, same = 0, none = 0, without = 0;
    assert_true(wg_csv_scan(',', '\n', &at, end, field, 10, &record));
    assert_int_equal(record.n_fields,
                     10); /* date loc_cat longitude latitude district cell community how share reason */
    while (wg_csv_scan(',', '\n', &at, end, field, 10, &record)) {
        rows++;
        without += field[4].length == 0 ? 1 : 0;
        none += field[5].length == 0 ? 1 : 0;
        same += field[4].length > 0 && field[4].length == field[5].length &&
                memcmp(field[4].text, field[5].text, field[4].length) == 0;
    }
    print_message("%zu incidents, %zu without a district, %zu outside all, %zu agree (%.3f %%)\n", rows, without, none,
                  same, 100.0 * (double)same / (double)(rows - without));
    assert_int_equal(rows, 148636);
    assert_int_equal(none, 91);
    assert_true((double)same >= 0.97 * (double)(rows - without));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agrees_with_the_district_column, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
