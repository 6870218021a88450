/* Sheets to a workbook through libxlsxwriter. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xlsxwriter.h>

#include "render/sheet.h"
#include "render/stamp.h"

enum {
    TAB_CHARS = 31,
    CELL_CHARS = 32767,
    MOST_ROWS = 1048576,
    MOST_COLUMNS = 16384,
    MOST_DECIMALS = 6,
    WIDTH_ROWS = 400
};

typedef struct formats {
    lxw_format *title, *note, *head;
    lxw_format *text[2]; /**< plain, strong */
    lxw_format *number[2][MOST_DECIMALS + 1];
    lxw_format *percent[2][MOST_DECIMALS + 1];
} formats;

static lxw_format *base_format(lxw_workbook *book, wg_lang lang, double size) {
    lxw_format *format = workbook_add_format(book);
    format_set_font_name(format, lang == WG_LANG_ZH ? "Microsoft YaHei" : "Calibri");
    format_set_font_size(format, size);
    format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    return format;
}

static lxw_format *body_format(lxw_workbook *book, wg_lang lang, bool strong) {
    lxw_format *format = base_format(book, lang, 10.5);
    format_set_border(format, LXW_BORDER_THIN);
    format_set_border_color(format, 0xBFC3CA);
    if (strong) {
        format_set_bold(format);
        format_set_bg_color(format, 0xF1F0EC);
    }
    return format;
}

static void make_formats(lxw_workbook *book, wg_lang lang, formats *f) {
    f->title = base_format(book, lang, 15);
    format_set_bold(f->title);
    f->note = base_format(book, lang, 9.5);
    format_set_font_color(f->note, 0x5F636B);
    f->head = body_format(book, lang, true);
    format_set_bg_color(f->head, 0x2F4B7C);
    format_set_font_color(f->head, 0xFFFFFF);
    format_set_align(f->head, LXW_ALIGN_CENTER);
    format_set_text_wrap(f->head);
    for (int strong = 0; strong < 2; strong++) {
        f->text[strong] = body_format(book, lang, strong == 1);
        format_set_indent(f->text[strong], 1); /* else text touches the number on its left */
        for (int decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
            char pattern[40];
            const char *zeros = "000000";
            snprintf(pattern, sizeof pattern, "#,##0%s%.*s", decimals > 0 ? "." : "", decimals, zeros);
            f->number[strong][decimals] = body_format(book, lang, strong == 1);
            format_set_num_format(f->number[strong][decimals], pattern);
            snprintf(pattern, sizeof pattern, "0%s%.*s\"%%\"", decimals > 0 ? "." : "", decimals, zeros);
            f->percent[strong][decimals] = body_format(book, lang, strong == 1);
            format_set_num_format(f->percent[strong][decimals], pattern);
        }
    }
}

/** Width of text in columns of a spreadsheet: East Asian characters take two. */
static double text_columns(const char *text) {
    double columns = 0.0;
    double widest = 0.0;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '\n') {
            widest = fmax(widest, columns);
            columns = 0.0;
        } else if (*at < 0x80) {
            columns += 1.0;
        } else if ((*at & 0xc0u) != 0x80u) {
            columns += *at >= 0xe3 ? 2.0 : 1.0;
        }
    }
    return fmax(widest, columns);
}

/** Text as the format can hold it: valid UTF-8, no control characters but tab and newline, at most `most` characters.
 */
static char *clean_text(const char *text, size_t most) {
    char *clean = wg_malloc(strlen(text) + 1, 1);
    size_t length = 0;
    size_t characters = 0;
    for (const unsigned char *at = (const unsigned char *)text; clean != NULL && *at != '\0' && characters < most;) {
        const size_t want = *at < 0x80                  ? 1
                            : *at >= 0xc2 && *at < 0xe0 ? 2
                            : *at >= 0xe0 && *at < 0xf0 ? 3
                            : *at >= 0xf0 && *at < 0xf5 ? 4
                                                        : 0;
        size_t have = want > 0 ? 1 : 0;
        while (have > 0 && have < want && (at[have] & 0xc0u) == 0x80u) {
            have++;
        }
        const bool control = *at < 0x20 && *at != '\n' && *at != '\t';
        if (want == 0 || have < want || control) {
            at++; /* a byte that no reader could show */
            continue;
        }
        memcpy(clean + length, at, want);
        length += want;
        at += want;
        characters += want == 4 ? 2 : 1; /* the format counts UTF-16 units */
    }
    if (clean != NULL) {
        clean[length] = '\0';
    }
    return clean;
}

static double value_columns(const wg_layer *rows, size_t row, const wg_sheet_column *column) {
    if (wg_layer_is_null(rows, row, column->column)) {
        return 0.0;
    }
    if (wg_layer_column_type(rows, column->column) == WG_TEXT) {
        return text_columns(wg_layer_text(rows, row, column->column));
    }
    const double value = wg_layer_column_type(rows, column->column) == WG_INTEGER
                             ? (double)wg_layer_integer(rows, row, column->column)
                             : wg_layer_real(rows, row, column->column);
    char text[64];
    const int length = snprintf(text, sizeof text, "%.*f", (int)column->decimals, value);
    return length * 1.25 + (column->percent ? 1.0 : 0.0);
}

static void set_widths(lxw_worksheet *sheet, const wg_sheet *from) {
    for (uint32_t i = 0; i < from->n_columns; i++) {
        double width = fmin(text_columns(from->columns[i].title), 16.0);
        for (size_t row = 0; row < from->rows->n && row < WIDTH_ROWS; row++) {
            width = fmax(width, value_columns(from->rows, row, &from->columns[i]));
        }
        worksheet_set_column(sheet, (lxw_col_t)i, (lxw_col_t)i, fmin(fmax(width + 2.5, 8.0), 48.0), NULL);
    }
}

static bool write_value(lxw_worksheet *sheet, lxw_row_t y, lxw_col_t x, const wg_sheet *from, size_t row,
                        const wg_sheet_column *column, const formats *f) {
    const int strong = from->strong != NULL && from->strong[row] ? 1 : 0;
    const uint32_t decimals = column->decimals > MOST_DECIMALS ? MOST_DECIMALS : column->decimals;
    lxw_format *format = column->percent ? f->percent[strong][decimals] : f->number[strong][decimals];
    const wg_type type = wg_layer_column_type(from->rows, column->column);
    if (wg_layer_is_null(from->rows, row, column->column)) {
        return worksheet_write_blank(sheet, y, x, f->text[strong]) == LXW_NO_ERROR;
    }
    if (type != WG_TEXT) {
        const double value = type == WG_INTEGER ? (double)wg_layer_integer(from->rows, row, column->column)
                                                : wg_layer_real(from->rows, row, column->column);
        return isfinite(value) ? worksheet_write_number(sheet, y, x, value, format) == LXW_NO_ERROR
                               : worksheet_write_blank(sheet, y, x, f->text[strong]) == LXW_NO_ERROR;
    }
    char *text = clean_text(wg_layer_text(from->rows, row, column->column), CELL_CHARS);
    const bool good = text != NULL && worksheet_write_string(sheet, y, x, text, f->text[strong]) == LXW_NO_ERROR;
    free(text);
    return good;
}

static void set_up_print(lxw_worksheet *sheet, lxw_row_t head, bool wide) {
    worksheet_set_paper(sheet, 9); /* A4 */
    if (wide) {
        worksheet_set_landscape(sheet);
    }
    worksheet_fit_to_pages(sheet, 1, 0);
    worksheet_repeat_rows(sheet, head, head);
    worksheet_set_margins(sheet, 0.5, 0.5, 0.6, 0.6);
    worksheet_set_footer(sheet, "&C&P / &N");
}

/** At most `most` characters of a name, without those that Excel refuses. */
static void plain_tab(const char *wanted, size_t most, char name[4 * TAB_CHARS + 1]) {
    char *clean = clean_text(wanted, most);
    snprintf(name, 4 * TAB_CHARS + 1, "%s", clean == NULL || *clean == '\0' ? "Sheet" : clean);
    free(clean);
    for (char *at = name; *at != '\0'; at++) {
        *at = strchr("[]:*?/\\'\n\t", *at) != NULL ? '_' : *at;
    }
}

/** A name that Excel takes: at most 31 characters, none of []:*?/\, not used by an earlier tab. */
static void tab_name(lxw_workbook *book, const char *wanted, char name[4 * TAB_CHARS + 1]) {
    plain_tab(wanted, TAB_CHARS, name);
    for (int n = 2; workbook_validate_sheet_name(book, name) != LXW_NO_ERROR && n < 1000; n++) {
        plain_tab(wanted, TAB_CHARS - 5, name);
        const size_t length = strlen(name);
        snprintf(name + length, 4 * TAB_CHARS + 1 - length, "_%d", n);
    }
}

static wg_status write_sheet(wg_context *ctx, lxw_workbook *book, const wg_sheet *from, const formats *f) {
    if (from->rows->n + 4 > MOST_ROWS || from->n_columns > MOST_COLUMNS) {
        return wg_fail(ctx, WG_EINVAL, "%s: %zu rows do not fit into a workbook (write CSV or GeoPackage)", from->name,
                       from->rows->n);
    }
    char name[4 * TAB_CHARS + 1];
    tab_name(book, from->name, name);
    lxw_worksheet *sheet = workbook_add_worksheet(book, name);
    bool good = sheet != NULL;
    lxw_row_t y = 0;
    if (good && from->title != NULL) {
        char *text = clean_text(from->title, CELL_CHARS);
        worksheet_set_row(sheet, y, 26, NULL);
        good = text != NULL && worksheet_write_string(sheet, y++, 0, text, f->title) == LXW_NO_ERROR;
        free(text);
    }
    if (good && from->note != NULL) {
        char *text = clean_text(from->note, CELL_CHARS);
        good = text != NULL && worksheet_write_string(sheet, y++, 0, text, f->note) == LXW_NO_ERROR;
        free(text);
    }
    const lxw_row_t head = y;
    for (uint32_t i = 0; good && i < from->n_columns; i++) {
        char *text = clean_text(from->columns[i].title, CELL_CHARS);
        good = text != NULL && worksheet_write_string(sheet, head, (lxw_col_t)i, text, f->head) == LXW_NO_ERROR;
        free(text);
    }
    for (size_t row = 0; good && row < from->rows->n; row++) {
        for (uint32_t i = 0; good && i < from->n_columns; i++) {
            good = write_value(sheet, head + 1 + (lxw_row_t)row, (lxw_col_t)i, from, row, &from->columns[i], f);
        }
    }
    if (!good) {
        return wg_fail_memory(ctx);
    }
    worksheet_set_row(sheet, head, 34, NULL);
    set_widths(sheet, from);
    worksheet_freeze_panes(sheet, head + 1, 1);
    if (from->n_columns > 0 && from->rows->n > 0) {
        worksheet_autofilter(sheet, head, 0, head + (lxw_row_t)from->rows->n, (lxw_col_t)(from->n_columns - 1));
    }
    set_up_print(sheet, head, from->n_columns > 7);
    return WG_OK;
}

wg_status wg_xlsx_write(wg_context *ctx, const wg_sheet *sheets, size_t n, const wg_workbook_options *options,
                        const char *path) {
    static const wg_workbook_options none = WG_WORKBOOK_OPTIONS_INIT;
    const wg_workbook_options *set = options == NULL ? &none : options;
    lxw_workbook *book = workbook_new(path);
    if (book == NULL) {
        return wg_fail_memory(ctx);
    }
    lxw_doc_properties properties = {.title = (char *)(uintptr_t)set->title,
                                     .author = (char *)(uintptr_t)set->author,
                                     .comments = (char *)(uintptr_t)set->comments,
                                     .created = (time_t)wg_stamp_time()};
    workbook_set_properties(book, &properties);
    formats f = {0};
    make_formats(book, set->lang, &f);
    wg_status status = WG_OK;
    for (size_t i = 0; i < n && status == WG_OK; i++) {
        status = write_sheet(ctx, book, &sheets[i], &f);
    }
    if (status != WG_OK) {
        lxw_workbook_free(book);
        return status;
    }
    const lxw_error error = workbook_close(book);
    return error == LXW_NO_ERROR ? WG_OK : wg_fail(ctx, WG_EIO, "%s: cannot write: %s", path, lxw_strerror(error));
}
