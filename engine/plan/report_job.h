/** Inside of wg_report: one run from the plan file to the directory of results. */
#ifndef WG_PLAN_REPORT_JOB_H
#define WG_PLAN_REPORT_JOB_H

#include "io/fields.h"
#include "locate/locate.h"
#include "render/page.h"
#include "report/report.h"
#include "report/territory.h"
#include "store/store.h"

/** A check of sums: what should be equal. */
typedef struct wg_report_check {
    char *what; /**< in the job's language */
    double expected, found;
    bool good;
} wg_report_check;

/** A row of an input that could not be used. */
typedef struct wg_report_reject {
    char *input, *feature, *reason;
    size_t count; /**< rows that an entry stands for, where they are folded */
} wg_report_reject;

/** How full a field of an input is, and how old what is in it. */
typedef struct wg_report_filled {
    char *layer, *field;
    size_t rows, filled;
    bool hidden;                 /**< the counts are too small to be told */
    char oldest[20], newest[20]; /**< of a field with dates, as they stand; "" without any */
} wg_report_filled;

enum { WG_REPORT_REJECTS_MOST = 10000, WG_REPORT_CLASSES_MOST = 40 };

/** A sheet with what it owns. */
typedef struct wg_report_sheet {
    wg_sheet sheet;
    wg_layer *rows;
    wg_sheet_column *columns;
    bool *strong;
} wg_report_sheet;

typedef struct wg_report_job {
    const wg_report_options *options;
    wg_store *store;
    wg_layer *cells, *communities, *levels, *buildings, *shares, *barriers, *exceptions, *runs;
    wg_layer *workers, *facilities;
    wg_layer *crosswalk; /**< from the cells as they were to those that are; NULL: nothing is known of before */
    bool *building_skip;
    wg_territory territory;
    wg_report_tree tree;
    wg_report_config config;
    wg_time_zone zone;
    bool has_zone;
    wg_locator *locator, *community_locator; /**< made when first needed */
    wg_incidents incidents;
    bool has_incidents;
    size_t incidents_in, incidents_placed; /**< rows read; rows with a cell */
    double incidents_off[4];               /**< extent of the rows that have a place but no cell */
    bool *visited;
    int64_t *visit_newest;
    size_t visits_in, visits_used;
    double *organisations; /**< a place; NULL: none given */
    double *classes;       /**< a class and place */
    wg_words class_names;
    size_t classes_capacity;
    bool classes_full;         /**< the last class stands for all further ones */
    struct wg_report_ids *ids; /**< buildings by id; made when first needed */
    wg_report_input input;
    wg_report_model model;
    wg_report_check *checks;
    size_t n_checks, checks_capacity;
    wg_report_reject *rejects;
    size_t n_rejects, rejects_capacity, rejects_all;
    wg_report_filled *filled;
    size_t n_filled, filled_capacity;
    wg_report_sheet *sheets;
    size_t n_sheets, sheets_capacity;
    wg_layer **results; /**< layers to write: coverage, workload and their levels, gaps … */
    size_t n_results, results_capacity;
    char *attribution;
    wg_arena text; /**< titles that are made at run time */
    bool *field_used;
    wg_buffer understood; /**< lines for a person: what was recognised */
} wg_report_job;

/** Text in the job's language. */
const char *wg_report_say(const wg_report_job *job, const char *en, const char *zh);

/* One file each. */
wg_status wg_report_read_plan(wg_context *ctx, wg_report_job *job);
wg_status wg_report_read_config(wg_context *ctx, const char *path, wg_report_config *config);
wg_status wg_report_read_workers(wg_context *ctx, wg_report_job *job);
wg_status wg_report_read_incidents(wg_context *ctx, wg_report_job *job);
wg_status wg_report_read_facilities(wg_context *ctx, wg_report_job *job);
wg_status wg_report_read_visits(wg_context *ctx, wg_report_job *job);
wg_status wg_report_read_ledger(wg_context *ctx, wg_report_job *job);
wg_status wg_report_read_before(wg_context *ctx, wg_report_job *job);
wg_status wg_report_set_spans(wg_context *ctx, wg_report_job *job);
wg_status wg_report_check_all(wg_context *ctx, wg_report_job *job);
/** Leave single buildings' figures out and, where asked for, hide small counts everywhere. After the checks. */
wg_status wg_report_protect(wg_context *ctx, wg_report_job *job);
wg_status wg_report_make_results(wg_context *ctx, wg_report_job *job);
wg_status wg_report_make_sheets(wg_context *ctx, wg_report_job *job);
/** The writers run side by side: from here on the job is only read. */
wg_status wg_report_write_files(wg_context *ctx, const wg_report_job *job, const char *directory);
wg_status wg_report_write_page(wg_context *ctx, const wg_report_job *job, const char *path);
/** @param project  path of a QGIS project beside the GeoPackage; NULL: none */
wg_status wg_report_write_gis(wg_context *ctx, const wg_report_job *job, const char *gpkg, const char *project);
wg_status wg_report_write_maps(wg_context *ctx, const wg_report_job *job, const char *path);
wg_status wg_report_summary(wg_context *ctx, wg_report_job *job, wg_result **result);

/** Remember a row that could not be used (the first WG_REPORT_REJECTS_MOST are kept, all are counted). */
wg_status wg_report_reject_row(wg_context *ctx, wg_report_job *job, const char *input, const char *feature,
                               const char *reason);
/** Remember how full the recognised fields of a batch are (batches of one layer add up). */
wg_status wg_report_note_filled(wg_context *ctx, wg_report_job *job, const char *input, const wg_layer *layer);
/**
 * Places of the rows of a layer in the working CRS: by its `cell` column where it has one, else by where its points
 * are.
 * @param cell    column with cell codes, or UINT32_MAX
 * @param[out] place  caller's array of layer->n places of the tree
 */
wg_status wg_report_find_places(wg_context *ctx, wg_report_job *job, const wg_layer *layer, uint32_t cell,
                                uint32_t *place);
/** Row of the building with an id, or WG_UNASSIGNED. @return WG_ENOMEM alone. O(log n) */
wg_status wg_report_building(wg_context *ctx, wg_report_job *job, const char *id, uint32_t *row);
/** Place of a building as the plan has it. */
uint32_t wg_report_building_place(const wg_report_job *job, uint32_t row);
/** A date or time of an option as seconds since 1970. */
wg_status wg_report_parse_moment(wg_context *ctx, const wg_report_job *job, const char *option, const char *text,
                                 int64_t *time);

#endif
