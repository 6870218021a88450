/**
 * One HTML page for a plan or a report that needs nothing but itself: an interactive map, key figures, charts and
 * sortable tables. No network; the page's content security policy forbids it. Whatever the data say, it is shown as
 * text.
 */
#ifndef WG_RENDER_PAGE_H
#define WG_RENDER_PAGE_H

#include "render/plan_map.h"
#include "render/sheet.h"

/** What the map can show: one value an area. All pointers of this header are borrowed. */
typedef struct wg_page_measure {
    const char *title;
    const double *values; /**< a row of the cells; NAN: unknown. Not used with `class_of` */
    uint32_t decimals;
    bool percent;
    bool diverging;             /**< blue-white-orange rather than light to dark */
    const uint32_t *class_of;   /**< a row: a class, or WG_UNASSIGNED */
    const char *const *classes; /**< names of the classes */
    const wg_rgba *colours;     /**< of the classes */
    uint32_t n_classes;
    bool plain; /**< classes that only tell neighbours apart: no legend, not among the figures */
} wg_page_measure;

/** A number that is worth a glance. */
typedef struct wg_page_card {
    const char *value, *label;
    int tone; /**< -1 bad, 0 plain, 1 good */
} wg_page_card;

typedef struct wg_page_series {
    const char *name;
    const double *values; /**< one a place of the x axis; NAN: none */
    bool dashed;
} wg_page_series;

typedef struct wg_page_chart {
    const char *title, *note; /**< note may be NULL */
    bool bars;                /**< bars rather than lines */
    const char *const *x;     /**< n_x words below the axis */
    uint32_t n_x;
    const wg_page_series *series;
    uint32_t n_series;
    uint32_t decimals;
} wg_page_chart;

typedef struct wg_page {
    const char *title, *subtitle, *note;
    wg_lang lang;
    wg_plan_layers layers; /**< cells are required; all in one metric CRS */
    const wg_page_measure *measures;
    uint32_t n_measures; /**< 0: cells in quiet colours */
    const wg_page_card *cards;
    uint32_t n_cards;
    const wg_page_chart *charts;
    uint32_t n_charts;
    const wg_sheet *tables; /**< a column whose values are the cells' codes links its rows to the map */
    uint32_t n_tables;
    const wg_buffer *picture; /**< PNG for readers without scripts; NULL: none */
} wg_page;
#define WG_PAGE_INIT                                                                                                   \
    { 0 }

/** Write the page. O(vertices + table cells). @return WG_EINVAL without cells, WG_EIO, WG_ENOMEM */
wg_status wg_page_write(wg_context *ctx, const wg_page *page, const char *path);

/** Append text with & < > " ' escaped, for HTML. */
void wg_html_text(wg_buffer *out, const char *text);
/** Append a JSON string that may stand inside <script>: < > & and line separators escaped, malformed UTF-8 replaced.
 * NULL: null */
void wg_json_text(wg_buffer *out, const char *text);

#endif
