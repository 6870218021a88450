#include "render/sheet.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/contract.h"

static uint32_t decimals_of(const wg_layer *layer, uint32_t column, const char *name) {
    if (wg_layer_column_type(layer, column) != WG_REAL) {
        return 0;
    }
    const size_t length = strlen(name);
    if (strcmp(name, "compact") == 0 || strcmp(name, "share") == 0 || strstr(name, "idx") != NULL) {
        return 3;
    }
    if (length > 4 && strcmp(name + length - 4, "_pct") == 0) {
        return 1;
    }
    for (size_t row = 0; row < layer->n; row++) {
        const double value = wg_layer_real(layer, row, column);
        if (!wg_layer_is_null(layer, row, column) && fabs(value - nearbyint(value)) > 1e-9) {
            return 2;
        }
    }
    return 0;
}

wg_status wg_sheet_columns(wg_context *ctx, const wg_layer *layer, const char *contract_layer, wg_lang lang,
                           wg_sheet_column **columns, uint32_t *n_columns) {
    const wg_contract_table *table = wg_contract_layer(contract_layer != NULL ? contract_layer : wg_layer_name(layer));
    const uint32_t n = wg_layer_columns(layer);
    wg_sheet_column *made = wg_calloc(n, sizeof *made);
    if (made == NULL) {
        return wg_fail_memory(ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        const char *name = wg_layer_column_name(layer, i);
        const wg_contract_field *field = table == NULL ? NULL : wg_contract_field_of(table, name);
        const size_t length = strlen(name);
        made[i] = (wg_sheet_column){.column = i,
                                    .title = field == NULL        ? name
                                             : lang == WG_LANG_ZH ? field->zh
                                                                  : field->en,
                                    .decimals = decimals_of(layer, i, name),
                                    .percent = length > 4 && strcmp(name + length - 4, "_pct") == 0};
    }
    *columns = made;
    *n_columns = n;
    return WG_OK;
}

/* ------------------------------------------------------------------ CSV */

static bool is_number(const char *text) {
    char *end;
    (void)strtod(text, &end);
    return end != text && *end == '\0';
}

static void put_csv_text(wg_buffer *out, const char *text) {
    const bool formula = strchr("=+-@\t\r", text[0]) != NULL && text[0] != '\0' && !is_number(text);
    const bool quoted = formula || strpbrk(text, ",\"\r\n\t") != NULL || text[0] == ' ';
    if (!quoted) {
        wg_buffer_text(out, text);
        return;
    }
    wg_buffer_text(out, formula ? "\"'" : "\"");
    for (const char *at = text; *at != '\0'; at++) {
        wg_buffer_append(out, at, 1);
        if (*at == '"') {
            wg_buffer_append(out, at, 1);
        }
    }
    wg_buffer_text(out, "\"");
}

static void put_csv_value(wg_buffer *out, const wg_layer *layer, size_t row, const wg_sheet_column *column) {
    if (wg_layer_is_null(layer, row, column->column)) {
        return;
    }
    switch (wg_layer_column_type(layer, column->column)) {
    case WG_TEXT:
        put_csv_text(out, wg_layer_text(layer, row, column->column));
        break;
    case WG_INTEGER:
        wg_buffer_printf(out, "%lld", (long long)wg_layer_integer(layer, row, column->column));
        break;
    case WG_REAL:
    default: {
        const double value = wg_layer_real(layer, row, column->column);
        if (isfinite(value)) {
            wg_buffer_printf(out, "%.*f", (int)column->decimals, value == 0.0 ? 0.0 : value);
        }
        break;
    }
    }
}

wg_status wg_csv_write(wg_context *ctx, const wg_sheet *sheet, const char *path) {
    wg_buffer out = {0};
    wg_buffer_text(&out, "\xEF\xBB\xBF");
    for (uint32_t i = 0; i < sheet->n_columns; i++) {
        wg_buffer_text(&out, i > 0 ? "," : "");
        put_csv_text(&out, sheet->columns[i].title);
    }
    wg_buffer_text(&out, "\r\n");
    for (size_t row = 0; row < sheet->rows->n; row++) {
        for (uint32_t i = 0; i < sheet->n_columns; i++) {
            wg_buffer_text(&out, i > 0 ? "," : "");
            put_csv_value(&out, sheet->rows, row, &sheet->columns[i]);
        }
        wg_buffer_text(&out, "\r\n");
    }
    wg_status status = out.failed ? wg_fail_memory(ctx) : WG_OK;
    if (status == WG_OK) {
        FILE *file = fopen(path, "wb");
        bool good = file != NULL && fwrite(out.data, 1, out.length, file) == out.length;
        good = file != NULL && fclose(file) == 0 && good;
        status = good ? WG_OK : wg_fail(ctx, WG_EIO, "%s: cannot write: %s", path, strerror(errno));
    }
    wg_buffer_release(&out);
    return status;
}
