/** Tables for people: a layer's rows with titles, number formats and notes; the workbook and CSV writers that take
 * them. */
#ifndef WG_RENDER_SHEET_H
#define WG_RENDER_SHEET_H

#include "model/layer.h"

/** A column as it is shown. */
typedef struct wg_sheet_column {
    uint32_t column; /**< of the layer */
    const char *title;
    uint32_t decimals; /**< of numbers */
    bool percent;      /**< the value is in per cent already; shown with the sign */
} wg_sheet_column;

/** All pointers are borrowed. */
typedef struct wg_sheet {
    const char *name;  /**< of the tab (cut and made unique where the format demands it) */
    const char *title; /**< above the table; NULL: none */
    const char *note;  /**< below the title; NULL: none */
    const wg_layer *rows;
    const wg_sheet_column *columns;
    uint32_t n_columns;
    const bool *strong; /**< a row: shown bold (totals); NULL: none */
    const char *id;     /**< stable English name, for file names and page anchors */
} wg_sheet;

/**
 * All columns of a layer, titled by the contract's aliases where it knows them, else by their names.
 * @param contract_layer  the contract's layer that the columns are of ("cells", "coverage" …); NULL: the layer's own
 * name
 * @param[out] columns  caller frees with free(); titles are borrowed from the contract or the layer
 */
wg_status wg_sheet_columns(wg_context *ctx, const wg_layer *layer, const char *contract_layer, wg_lang lang,
                           wg_sheet_column **columns, uint32_t *n_columns);

typedef struct wg_workbook_options {
    const char *title, *author, *comments;
    wg_lang lang;
} wg_workbook_options;
#define WG_WORKBOOK_OPTIONS_INIT                                                                                       \
    { 0 }

/**
 * Write sheets to an XLSX file: frozen and filtered header, number formats, print set-up. Text is never a formula. Same
 * input, same bytes (dates as wg_stamp_time says).
 * @return WG_EINVAL where a sheet has more rows or columns than the format can hold, WG_EIO
 */
wg_status wg_xlsx_write(wg_context *ctx, const wg_sheet *sheets, size_t n, const wg_workbook_options *options,
                        const char *path);

/**
 * Write one sheet as CSV: UTF-8 with BOM, CRLF, a header of titles, no title or note. Text that a spreadsheet would
 * take for a formula (starting with = + - @ TAB CR) gets an apostrophe in front unless it is a number.
 */
wg_status wg_csv_write(wg_context *ctx, const wg_sheet *sheet, const char *path);

#endif
