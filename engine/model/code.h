/**
 * Codes and names of cells. A code is text: the community's code and a sequence number inside the community, counted
 * from west to east, then from north to south. A code that was ever given out is never given to another cell.
 */
#ifndef WG_MODEL_CODE_H
#define WG_MODEL_CODE_H

#include "core/memory.h"
#include "core/status.h"

/** What the codes of one community are made from. */
typedef struct wg_code_request {
    wg_code_scheme scheme;
    /**
     * WG_CODE_SUFFIX3: any text (12 digits give the 15 of DB11/T 2157). WG_CODE_CJT349: 18 digits (object, county,
     * street, community), or 12 digits (county, street, community), which get `object` in front.
     */
    const char *community;
    const char *object;      /**< 6 digits for WG_CODE_CJT349 with a 12-digit community; NULL: WG_CODE_CJT349_OBJECT */
    uint32_t n;              /**< cells of the community */
    const double *x, *y;     /**< n centroids, working CRS (m) */
    const char *const *kept; /**< n codes of today (NULL: none; an entry NULL: a new cell) */
    const char *const *retired; /**< codes that may not be used again, of any community */
    size_t n_retired;
} wg_code_request;

/** Object class 000000 where none is stated. */
#define WG_CODE_CJT349_OBJECT "000000"

/**
 * Give every cell its code. Kept codes stay. New cells follow after the highest number ever used (kept or retired), in
 * the order west to east, then north to south (coordinates compared in whole millimetres); numbers that were skipped
 * are used only when the sequence is at its end. With WG_CODE_CJT349 a community with one cell and no history has
 * sequence 00.
 *
 * @param[out] codes  n strings in one block: free(codes) frees all; NULL on failure
 * @return WG_EDATA for a community code that does not fit the scheme, a kept code given twice or retired, or more cells
 *         than numbers (999 or 99); O(n log n)
 */
wg_status wg_codes_assign(wg_context *ctx, const wg_code_request *request, char ***codes);

/** @return the sequence number of `code` in `community`, or -1 where it is not of that form */
int wg_code_sequence(wg_code_scheme scheme, const char *community, const char *code);

/** Highest number a community can hold: 999 or 99. */
int wg_code_capacity(wg_code_scheme scheme);

/**
 * Chinese numeral of 0..99999999: 1 一, 10 十, 21 二十一, 101 一百零一.
 * @param out  caller's buffer of WG_NUMERAL_BYTES
 */
enum { WG_NUMERAL_BYTES = 64 };
void wg_chinese_numeral(uint32_t value, char out[WG_NUMERAL_BYTES]);

/** What a name is made from. */
typedef struct wg_name_parts {
    uint32_t number;       /**< {n} and {zh} */
    const char *community; /**< {community}: its name, or its code where it has none; NULL: "" */
    const char *code;      /**< {code}; NULL: "" */
} wg_name_parts;

/**
 * Name of a cell.
 * @param template_text  {n}, {zh}, {community}, {code}; {{ and }} are braces. NULL: "第{zh}网格" or "Cell {n}" by
 * language
 * @param[out] name      free with free()
 * @return WG_EINVAL for an unknown or unclosed placeholder, with the message set
 */
wg_status wg_cell_name(wg_context *ctx, const char *template_text, wg_lang lang, const wg_name_parts *parts,
                       char **name);

/** Check a template once before it is used many times. NULL is fine. */
wg_status wg_name_template_check(wg_context *ctx, const char *template_text);

#endif
