/* Any bytes as CSV: records cover the text in order, fields lie inside their record, quoting undoes unquoting. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "io/csv_fast.h"

enum { FIELDS = 8 };

static void check_field(const wg_csv_field *field, const wg_csv_record *record) {
    if (field->text < record->text || field->text + field->length > record->text + record->length) {
        abort();
    }
    wg_buffer value = {0}, quoted = {0}, again = {0};
    double number;
    wg_csv_unquote(field, &value);
    wg_csv_quote(',', value.length > 0 ? value.data : "", value.length, &quoted);
    const wg_csv_field back = {.text = quoted.length > 0 ? quoted.data : "", .length = (uint32_t)quoted.length};
    wg_csv_unquote(&back, &again);
    if (again.length != value.length || (value.length > 0 && memcmp(again.data, value.data, value.length) != 0)) {
        abort();
    }
    (void)wg_csv_number(field, true, &number);
    wg_buffer_release(&value);
    wg_buffer_release(&quoted);
    wg_buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *at = (const char *)data, *end = at + size, *before = at;
    wg_csv_field fields[FIELDS];
    wg_csv_record record;
    while (size > 0 && wg_csv_scan(',', '\n', &at, end, fields, FIELDS, &record)) {
        if (at <= before || at > end || record.text < before || record.text + record.length > at) {
            abort();
        }
        for (uint32_t i = 0; i < record.n_fields && i < FIELDS; i++) {
            check_field(&fields[i], &record);
        }
        before = at;
    }
    return 0;
}
