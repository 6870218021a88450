/**
 * wangge (网格): grid cells for community grid management.
 *
 * The whole public interface of libwangge. Conventions:
 *   - every call that can fail returns a wg_status; the message is wg_context_error(ctx);
 *   - text is UTF-8; lengths are metres, areas m², planar in the working CRS; x is easting or longitude, everywhere;
 *   - geometry crosses as WKB (ISO, 2D or with Z/M, which are dropped);
 *   - objects are freed with their _free function, which accepts NULL; strings that a call hands over are freed with
 * wg_free;
 *   - an options structure starts as its _INIT macro; zero means the documented default;
 *   - no globals: use one wg_context a thread. Finished objects are immutable and may be read from several threads.
 */
#ifndef WANGGE_H
#define WANGGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define WG_API __attribute__((visibility("default")))
#else
#define WG_API
#endif

#define WANGGE_VERSION "0.1.0"

/** All fields zero, in C and in C++. */
#ifdef __cplusplus
#define WG_ZERO                                                                                                        \
    {}
#else
#define WG_ZERO                                                                                                        \
    { 0 }
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ status and context */

typedef enum wg_status {
    WG_OK = 0,
    WG_ENOMEM,      /**< memory is out */
    WG_EINVAL,      /**< an option or argument is wrong: the caller's mistake */
    WG_EIO,         /**< a file or database cannot be read or written */
    WG_EDATA,       /**< the input's content is wrong; the message names file, layer, feature and what to do */
    WG_EEXISTS,     /**< an output exists and overwriting was not asked for */
    WG_ENOTFOUND,   /**< a code, field or layer that was named does not exist */
    WG_EINFEASIBLE, /**< proven: no plan exists */
    WG_ECANCELLED,  /**< the progress callback or wg_context_cancel stopped the run */
    WG_EINTERNAL    /**< a defect of the program */
} wg_status;

typedef enum wg_log_level { WG_LOG_ERROR = 0, WG_LOG_WARNING, WG_LOG_INFO, WG_LOG_DEBUG } wg_log_level;

typedef struct wg_context wg_context;

/** One line without a newline. Called from worker threads too, never at the same time for one context. */
typedef void (*wg_log_fn)(wg_log_level level, const char *message, void *user);
/** `fraction` in 0..1 of the named stage; return false to cancel. Called on the thread that made the call. */
typedef bool (*wg_progress_fn)(double fraction, const char *stage, void *user);

WG_API const char *wg_version(void);
WG_API const char *wg_status_text(wg_status status);
WG_API wg_context *wg_context_new(void); /**< NULL when memory is out */
WG_API void wg_context_free(wg_context *ctx);
WG_API void wg_context_set_log(wg_context *ctx, wg_log_level level, wg_log_fn log, void *user);
WG_API void wg_context_set_progress(wg_context *ctx, wg_progress_fn progress, void *user);
/** For the progress callback: rows that the stage has done so far; 0 where it counts none. */
WG_API uint64_t wg_context_rows_done(const wg_context *ctx);
WG_API void wg_context_set_threads(wg_context *ctx, uint32_t threads); /**< 0 (default): all cores */
WG_API void wg_context_cancel(wg_context *ctx);             /**< async-signal-safe; every job ends soon after */
WG_API const char *wg_context_error(const wg_context *ctx); /**< message of the last failed call; never NULL */
WG_API void wg_free(void *pointer);

/* ------------------------------------------------------------------ layers in memory */

/** A table of features: named columns and one WKB geometry (or none) a row. */
typedef struct wg_layer wg_layer;

typedef enum wg_type { WG_TEXT = 0, WG_INTEGER, WG_REAL } wg_type;

/** @param crs  anything PROJ understands ("EPSG:4490", WKT …), "gcj02", "bd09", or NULL when unknown */
WG_API wg_status wg_layer_new(wg_context *ctx, const char *name, const char *crs, wg_layer **layer);
WG_API void wg_layer_free(wg_layer *layer);
/** Add a column, before or after rows were added (existing rows get NULL). @param[out] column its index; may be NULL */
WG_API wg_status wg_layer_add_column(wg_context *ctx, wg_layer *layer, const char *name, wg_type type,
                                     uint32_t *column);
/** Append a row of NULLs. @param wkb  copied; NULL for a feature without geometry. @param[out] row  its index; may be
 * NULL */
WG_API wg_status wg_layer_add_row(wg_context *ctx, wg_layer *layer, const void *wkb, size_t wkb_bytes, size_t *row);
WG_API wg_status wg_layer_set_text(wg_context *ctx, wg_layer *layer, size_t row, uint32_t column, const char *value);
WG_API wg_status wg_layer_set_integer(wg_context *ctx, wg_layer *layer, size_t row, uint32_t column, int64_t value);
WG_API wg_status wg_layer_set_real(wg_context *ctx, wg_layer *layer, size_t row, uint32_t column, double value);
WG_API size_t wg_layer_rows(const wg_layer *layer);
WG_API uint32_t wg_layer_columns(const wg_layer *layer);
WG_API const char *wg_layer_name(const wg_layer *layer);
WG_API const char *wg_layer_crs(const wg_layer *layer); /**< NULL when unknown */
WG_API const char *wg_layer_column_name(const wg_layer *layer, uint32_t column);
WG_API wg_type wg_layer_column_type(const wg_layer *layer, uint32_t column);
/** @return index of a column by its exact name, or UINT32_MAX */
WG_API uint32_t wg_layer_column(const wg_layer *layer, const char *name);
WG_API bool wg_layer_is_null(const wg_layer *layer, size_t row, uint32_t column);
WG_API const char *wg_layer_text(const wg_layer *layer, size_t row, uint32_t column); /**< NULL when null or not text */
WG_API int64_t wg_layer_integer(const wg_layer *layer, size_t row, uint32_t column);  /**< 0 when null or text */
WG_API double wg_layer_real(const wg_layer *layer, size_t row, uint32_t column);      /**< NaN when null or text */
/** @return the row's WKB, owned by the layer, and its length; NULL and 0 for a row without geometry */
WG_API const void *wg_layer_wkb(const wg_layer *layer, size_t row, size_t *bytes);

/** Read one layer of any OGR dataset: a path, a connection string, or path|layername=name. */
WG_API wg_status wg_layer_read(wg_context *ctx, const char *source, wg_layer **layer);
/** Write a layer; the format follows the file name's extension (GeoJSON in WGS 84). An existing file is refused without
 * `overwrite`. */
WG_API wg_status wg_layer_write(wg_context *ctx, const wg_layer *layer, const char *path, bool overwrite);

/* ------------------------------------------------------------------ what jobs take and give */

/** An input: a data source or a layer in memory (the layer wins where both are given). All zero: not given. */
typedef struct wg_input {
    const char *source;    /**< path, connection string, or path|layername=name */
    const char *crs;       /**< states or overrides the CRS ("EPSG:4490", "gcj02", "bd09" …); NULL: as the data say */
    const wg_layer *layer; /**< borrowed for the duration of the call */
    double weight;         /**< weight of a network in redraw and compare; 0 means 1 */
    const char
        *encoding; /**< states or overrides the text encoding ("GB18030" …); NULL: as the data say, else detected */
} wg_input;

/** Field `name` of an input plays `role` (households, population, registered, floating, floors, code, name …). */
typedef struct wg_field {
    const char *role;
    const char *name;
} wg_field;

/** A threshold on a summed building field, a cell. NAN marks an open end or a target that is not given. */
typedef struct wg_limit {
    const char *field; /**< households, population, area (m²), or any numeric building field */
    double min, target, max;
} wg_limit;

/**
 * Read MIN:MAX or MIN:TARGET:MAX with open ends. For field "area" numbers take a unit (m2, ha, km2; m2 without one).
 * @param field  kept by reference in `limit`
 * @return WG_EINVAL for anything else ("150300" is refused with the advice "150:300"), with the message set
 */
WG_API wg_status wg_limit_parse(wg_context *ctx, const char *field, const char *text, wg_limit *limit);

/** What a job has to say. */
typedef struct wg_result wg_result;
WG_API void wg_result_free(wg_result *result);
WG_API const char *wg_result_json(const wg_result *result); /**< one JSON object; stable keys */
WG_API const char *wg_result_text(const wg_result *result); /**< for a person, in the job's language; several lines */
WG_API uint64_t
wg_result_findings(const wg_result *result); /**< cells out of limits, rejects, figures that do not reconcile */

typedef enum wg_lang { WG_LANG_EN = 0, WG_LANG_ZH } wg_lang;
typedef enum wg_exclaves { WG_EXCLAVES_ATTACH = 0, WG_EXCLAVES_SEPARATE } wg_exclaves;
typedef enum wg_datum { WG_DATUM_WGS84 = 0, WG_DATUM_CGCS2000 } wg_datum;
typedef enum wg_code_scheme {
    WG_CODE_SUFFIX3 = 0, /**< community code + 3-digit sequence (DB11/T 2157 15 digits; census 12 + 3) */
    WG_CODE_CJT349       /**< 20 digits: object + county + street + community + 2-digit sequence */
} wg_code_scheme;

/* ------------------------------------------------------------------ jobs */

/** wangge partition and wangge redraw. */
typedef struct wg_partition_options {
    wg_input communities, buildings;
    const wg_input *barriers;
    uint32_t n_barriers;
    wg_input compounds, dedicated, units, stairs, bridges;
    const wg_field *fields;
    uint32_t n_fields;
    const wg_limit *limits;
    uint32_t n_limits;
    uint32_t count_min, count_max; /**< cells a community; 0 = open */
    const char *output;            /**< plan file */
    bool overwrite, strict, repair;
    uint64_t seed;
    const char *crs; /**< working CRS; NULL: from the communities' centroid */
    wg_datum datum;
    double grid_m;       /**< precision grid; 0: 0.001 */
    double snap_m;       /**< roads that nearly meet, community slivers; 0: 2 */
    double sliver_m2;    /**< smallest atom; 0: 50 */
    double split_share;  /**< a block heavier than this share of a maximum is tessellated; 0: 0.1 */
    double bridge_gap_m; /**< components nearer than this are connected; 0: none */
    wg_exclaves exclaves;
    const char *const *hard_classes; /**< barrier classes that no cell crosses */
    uint32_t n_hard_classes;
    const char *rank_field; /**< barrier field with rank 1 (highest) … 9; NULL: from class */
    const char *weights;    /**< YAML file with objective weights; NULL: defaults */
    uint32_t effort;        /**< 1..10; 0: default (5) */
    double time_s; /**< cap on the solver's clock time; 0: none. Recorded: the result then depends on the machine */
    uint32_t groups_min, groups_max;           /**< cells a group; 0, 0: no groups */
    double micro_min, micro_max;               /**< households a micro cell; 0, 0: none */
    double group_people_min, group_people_max; /**< people a group; 0: open. Groups are made where any end is given */
    wg_code_scheme code_scheme;
    const char *object_class;  /**< WG_CODE_CJT349: 6 digits in front of 12-digit community codes; NULL: "000000" */
    const char *name_template; /**< "{n}" sequence, "{zh}" Chinese numeral, "{community}" name; NULL: by language */
    wg_lang lang;
    /* redraw only */
    const wg_input *cells;
    uint32_t n_cells;
    const char *const *lock;
    uint32_t n_lock;
    const char *const *only;
    uint32_t n_only;
    const char *const *free_communities;
    uint32_t n_free;
    double stability;                    /**< 0..1; 0 (without a sweep): the default 0.9. A tiny number keeps nothing */
    double stability_to, stability_step; /**< step > 0: a sweep from `stability` to this; the result
                                            tabulates the trade-off, and no plan is written */
    const char *attribution;             /**< recorded in the plan's runs layer; NULL: none */
    const char *osm;    /**< OpenStreetMap extract that gives the inputs that are not given; NULL: none */
    uint32_t osm_level; /**< admin_level of its boundaries that are communities; 0: 8 */
    double memory_mb;   /**< partition: megabytes for the buildings and barriers of the communities in work; 0: half of
                           what is free. What does not fit waits on disk beside the output; the plan is the same */
    const char *const *only_communities; /**< partition: codes or names of the communities to divide, as they would be
                                            in a plan of all of them; n_only_communities 0: all */
    uint32_t n_only_communities;
} wg_partition_options;
#define WG_PARTITION_OPTIONS_INIT WG_ZERO

WG_API wg_status wg_partition(wg_context *ctx, const wg_partition_options *options, wg_result **result);
WG_API wg_status wg_redraw(wg_context *ctx, const wg_partition_options *options, wg_result **result);

/** wangge assign. */
typedef struct wg_assign_options {
    wg_input cells, features;
    const wg_input *buildings; /**< for --key: where keys live; NULL: the plan's buildings */
    double within_m;           /**< nearest cell within; 0: off */
    const char *key_field;     /**< field of the features that names a building or address; NULL: none */
    double conflict_m;         /**< list contradictions between key and coordinate beyond this; 0: 100 */
    bool split;                /**< polygons and lines: one row a part, with its share */
    const char *const *keep;   /**< source fields to keep; n_keep 0: all */
    uint32_t n_keep;
    const char *x_field, *y_field; /**< CSV coordinates; NULL: found by name */
    const char *id_field;          /**< identity when appending to a plan */
    const wg_field *fields;
    uint32_t n_fields;
    const char *output;  /**< file, or plan.sqlite to append to */
    const char *rejects; /**< NULL: none */
    const char *to_crs;
    bool overwrite, strict;
    wg_lang lang;
} wg_assign_options;
#define WG_ASSIGN_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_assign(wg_context *ctx, const wg_assign_options *options, wg_result **result);

/** wangge report. */
typedef struct wg_report_options {
    const char *plan;
    wg_input incidents, workers, visits, facilities;
    /** Classes of people (elderly, disabled …): a cell, a place or a building, and a category with an optional count,
     * or the columns named by `classes`. Categories that name organisations count as those. */
    wg_input ledger;
    wg_input organisations;     /**< organisations: a cell, a place or a building; optionally a count */
    const char *const *classes; /**< columns of the ledger that count one class each; n_classes 0: by category */
    uint32_t n_classes;
    wg_input before; /**< the cells as they were, for the table before and after; none: those that a redraw recorded */
    const char *from, *to; /**< ISO 8601 dates, inclusive start and exclusive end; NULL: open */
    const char *period;    /**< "month", "week", "quarter", "year"; NULL: whole span */
    const char *timezone;  /**< IANA name for times without a zone; NULL: Asia/Shanghai for data in China, else an error
                              where needed */
    const char *config;    /**< YAML: weights, denominators, calendar, grades; NULL: defaults */
    double within_m;       /**< service distance; 0: 500 */
    double visit_m;        /**< a building counts as passed within; 0: 30 */
    uint32_t suppress;     /**< hide counts below this; 0: off */
    uint32_t add_workers;  /**< what-if */
    const char *paper;     /**< of map sheets: "A3" (NULL) or "A4" */
    double scale;          /**< of map sheets, 1:scale; 0: the largest usual one that needs at most 24 sheets */
    const wg_field *fields;
    uint32_t n_fields;
    const char *output;         /**< directory */
    const char *const *formats; /**< geojson, shp, csv, html, xlsx, gpkg, pdf, qgs; n_formats 0: all */
    uint32_t n_formats;
    bool overwrite, strict;
    wg_lang lang;
} wg_report_options;
#define WG_REPORT_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_report(wg_context *ctx, const wg_report_options *options, wg_result **result);

/** wangge export. */
typedef struct wg_export_options {
    const char *plan;
    const char *const *formats; /**< geojson, shp, gpkg, fgb, csv, xlsx; n_formats 0: geojson */
    uint32_t n_formats;
    const char *const *layers; /**< n_layers 0: all of the contract */
    uint32_t n_layers;
    const char *to_crs;   /**< NULL: GeoJSON WGS 84, others the working CRS; also "gcj02", "bd09" */
    const char *encoding; /**< Shapefile and CSV text; NULL: UTF-8 */
    const char *output;   /**< directory */
    bool overwrite;
    wg_lang lang;
} wg_export_options;
#define WG_EXPORT_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_export(wg_context *ctx, const wg_export_options *options, wg_result **result);

/** wangge check: is a cell layer sound, whole, connected, within limits? */
typedef struct wg_check_options {
    wg_input cells, communities, buildings, barriers;
    const wg_field *fields;
    uint32_t n_fields;
    const wg_limit *limits;
    uint32_t n_limits;
    uint32_t count_min, count_max;
    double tolerance_m; /**< gaps and overlaps thinner than this are not counted; 0: exact */
    wg_lang lang;
} wg_check_options;
#define WG_CHECK_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_check(wg_context *ctx, const wg_check_options *options, wg_result **result);

/** wangge compare: two or more cell layers over the same land. */
typedef struct wg_compare_options {
    const wg_input *cells; /**< old, new, further networks */
    uint32_t n_cells;
    wg_input buildings;
    const wg_field *fields;
    uint32_t n_fields;
    const char *output; /**< directory */
    bool overwrite;
    wg_lang lang;
} wg_compare_options;
#define WG_COMPARE_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_compare(wg_context *ctx, const wg_compare_options *options, wg_result **result);

/** wangge populate: households and people where only totals are known. */
typedef struct wg_populate_options {
    wg_input buildings, totals; /**< totals: polygons with totals, or a raster of counts (source only) */
    const wg_field *fields;
    uint32_t n_fields;
    double people_per_household; /**< where only one of the two is known; 0: 2.62 */
    const char *output;
    bool overwrite;
    wg_lang lang;
    const char *osm;    /**< OpenStreetMap extract that gives buildings or totals that are not given; NULL: none */
    uint32_t osm_level; /**< admin_level of its boundaries, whose population tags are totals; 0: 8 */
} wg_populate_options;
#define WG_POPULATE_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_populate(wg_context *ctx, const wg_populate_options *options, wg_result **result);

/** One hand edit. */
typedef enum wg_edit_kind { WG_EDIT_MOVE = 0, WG_EDIT_MERGE, WG_EDIT_SPLIT, WG_EDIT_RENAME, WG_EDIT_UNDO } wg_edit_kind;
typedef struct wg_edit {
    wg_edit_kind kind;
    const char *a; /**< unit (move), first cell (merge), cell (split, rename); NULL for undo */
    const char *b; /**< cell (move), second cell (merge), new name (rename); NULL otherwise */
} wg_edit;
typedef struct wg_edit_options {
    const char *plan;
    const wg_edit *edits; /**< all or none are applied, in one transaction */
    uint32_t n_edits;
    wg_lang lang;
} wg_edit_options;
#define WG_EDIT_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_edit_plan(wg_context *ctx, const wg_edit_options *options, wg_result **result);

/** wangge zone: the solver on files of units and edges. */
typedef enum wg_objective {
    WG_OBJECTIVE_PLAN = 0,
    WG_OBJECTIVE_CUT,
    WG_OBJECTIVE_LENGTH,
    WG_OBJECTIVE_INERTIA,
    WG_OBJECTIVE_MAXP
} wg_objective;
typedef struct wg_zone_options {
    const char *units; /**< CSV: id and attributes; or a METIS graph file (.graph), edges then NULL */
    const char *edges; /**< CSV: u, v (ids) and optionally shared_len, rank, hard */
    const char *start; /**< CSV: id, cell; NULL: none */
    const wg_limit *limits;
    uint32_t n_limits;
    const wg_limit *floors; /**< for maxp: only min is used */
    uint32_t n_floors;
    uint32_t count_min, count_max; /**< cells in all; 0 = open */
    wg_objective objective;
    uint64_t seed;
    uint32_t effort; /**< 1..10; 0: 5 */
    double time_s;
    const char *weights; /**< YAML; NULL: defaults */
    const char *trace;   /**< CSV of milestones; NULL: none */
    const char *output;  /**< CSV id, cell */
    bool overwrite;
    wg_lang lang;
} wg_zone_options;
#define WG_ZONE_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_zone(wg_context *ctx, const wg_zone_options *options, wg_result **result);

/** wangge info: what is in a file, as wangge understands it. */
typedef struct wg_info_options {
    const wg_input *inputs;
    uint32_t n_inputs;
    wg_lang lang;
} wg_info_options;
#define WG_INFO_OPTIONS_INIT WG_ZERO
WG_API wg_status wg_info(wg_context *ctx, const wg_info_options *options, wg_result **result);

/* ------------------------------------------------------------------ the solver on arrays */

typedef struct wg_problem wg_problem;   /**< units, graph and limits; immutable once solved */
typedef struct wg_solution wg_solution; /**< labels, objective terms, reasons */

/** An edge of the unit graph: units u and v share `length` metres of line. */
typedef struct wg_edge {
    uint32_t u, v;
    double length;
    uint8_t rank; /**< barrier rank along it: 0 none, 1 highest class … 9 lowest */
    bool hard;    /**< never connects (it still counts as boundary) */
} wg_edge;

#define WG_UNASSIGNED UINT32_MAX

typedef struct wg_solve_options {
    wg_objective objective;
    uint32_t count_min, count_max; /**< number of cells; 0 = open; equal = fixed */
    uint64_t seed;
    const char *stream; /**< name mixed into the seed (a community's code); NULL: none */
    uint32_t effort;    /**< 1..10; 0: 5 */
    double time_s;      /**< 0: no cap */
    double stability;   /**< weight 0..1 of the present labels */
    const char *trace;  /**< CSV of milestones; NULL: none */
} wg_solve_options;
#define WG_SOLVE_OPTIONS_INIT WG_ZERO

/** @param edges  caller's array, copied; each pair once, u != v, both < n_units */
WG_API wg_status wg_problem_new(wg_context *ctx, uint32_t n_units, const wg_edge *edges, size_t n_edges,
                                wg_problem **problem);
WG_API void wg_problem_free(wg_problem *problem);
/** Add an attribute with its limit. @param values  array of n_units, copied; >= 0 and finite. NAN ends of `limit` are
 * open.
 *  @param soft_weight  0: hard; otherwise the weight of one unit of relative excess */
WG_API wg_status wg_problem_add_attribute(wg_context *ctx, wg_problem *problem, const double *values,
                                          const wg_limit *limit, double soft_weight);
/** Area (m²), outer boundary length of the unit that no edge covers (m), representative point. Needed for compactness
 * and inertia. */
WG_API wg_status wg_problem_set_shape(wg_context *ctx, wg_problem *problem, const double *area, const double *outer,
                                      const double *x, const double *y);
/** Units with the same group number (not WG_UNASSIGNED) stay together where the limits allow. */
WG_API wg_status wg_problem_set_groups(wg_context *ctx, wg_problem *problem, const uint32_t *group);
/** Units of the same number never share a cell. */
WG_API wg_status wg_problem_set_apart(wg_context *ctx, wg_problem *problem, const uint32_t *apart);
/** Present labels; `locked` (may be NULL) marks units whose label is fixed. */
WG_API wg_status wg_problem_set_present(wg_context *ctx, wg_problem *problem, const uint32_t *label,
                                        const bool *locked);
/** @return WG_OK also where limits are broken (see wg_solution_text); WG_EINFEASIBLE only where proven and asked for a
 * fixed count */
WG_API wg_status wg_problem_solve(wg_context *ctx, const wg_problem *problem, const wg_solve_options *options,
                                  wg_solution **solution);
WG_API void wg_solution_free(wg_solution *solution);
WG_API const uint32_t *wg_solution_labels(const wg_solution *solution); /**< n_units, 0..cells-1 */
WG_API uint32_t wg_solution_cells(const wg_solution *solution);
WG_API uint32_t wg_solution_out_of_limits(const wg_solution *solution);
WG_API bool wg_solution_proven(const wg_solution *solution); /**< optimal, by enumeration or a bound that is met */
WG_API const char *
wg_solution_json(const wg_solution *solution); /**< objective terms, bounds, steps, seconds, reasons */

/* ------------------------------------------------------------------ the locator on arrays */

typedef struct wg_locator wg_locator;

/** Index of polygons for point queries, built from a layer whose rows are cells. O(edges) time and memory. */
WG_API wg_status wg_locator_new(wg_context *ctx, const wg_layer *cells, wg_locator **locator);
WG_API void wg_locator_free(wg_locator *locator);
/**
 * Cell of each point: row index, or WG_UNASSIGNED outside all. A point on a shared boundary belongs to the lower row;
 * in an overlap to the lower row too. Thread-safe; expected O(1) a point.
 * @param xy  n_points pairs, in the CRS of the cells
 */
WG_API wg_status wg_locator_find(wg_context *ctx, const wg_locator *locator, const double *xy, size_t n_points,
                                 uint32_t *cell);

#ifdef __cplusplus
}
#endif

#endif
