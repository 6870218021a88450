/**
 * Coverage and workload of a plan: figures gathered by place, summed up every level, and the layers and tables made
 * from them. Pure computation on layers in the working CRS; reading, locating and writing are done by the caller.
 */
#ifndef WG_REPORT_REPORT_H
#define WG_REPORT_REPORT_H

#include "report/incidents.h"
#include "report/statistics.h"
#include "report/tree.h"

/** Figures that add up from places to areas. */
typedef enum wg_figure {
    WG_FIG_BLD = 0, /**< buildings */
    WG_FIG_BLD_IN,  /**< of them in a cell */
    WG_FIG_HH,
    WG_FIG_HH_IN,
    WG_FIG_POP,
    WG_FIG_POP_IN,
    WG_FIG_REGISTERED,
    WG_FIG_FLOATING,
    WG_FIG_AREA,    /**< m² */
    WG_FIG_GAP,     /**< m² in no cell */
    WG_FIG_OVERLAP, /**< m² in two cells or more */
    WG_FIG_CELLS,
    WG_FIG_CELLS_OK,
    WG_FIG_ROLES_MISS, /**< workers of needed roles that are missing, summed over roles */
    WG_FIG_SVC_HH,     /**< households within reach of a facility */
    WG_FIG_VISIT_BLD,  /**< buildings that were visited */
    WG_FIG_VISIT_HH,
    WG_FIG_FTE,
    WG_FIG_ORG,      /**< organisations */
    WG_FIG_SPECIAL,  /**< people of special classes, all classes together */
    WG_FIG_INC,      /**< incidents opened in the span */
    WG_FIG_INC_OPEN, /**< of them not closed at the end */
    WG_FIG_INC_CLOSED,
    WG_FIG_INC_LATE,
    WG_FIG_BACKLOG,    /**< all incidents that are open at the end, whenever they were opened */
    WG_FIG_INC_BEFORE, /**< opened in the span before */
    WG_FIG_INC_YEAR,   /**< opened in the same span a year earlier */
    WG_FIG_LOAD,
    WG_FIG_RATE, /**< numerators of the rates, then their denominators */
    WG_N_FIGURES = WG_FIG_RATE + 2 * WG_N_RATES
} wg_figure;

/** Facilities and the distance that serves. */
typedef struct wg_report_service {
    const wg_layer *facilities; /**< NULL: none; any geometry, taken at its centroid */
    uint32_t id, name;          /**< columns, or UINT32_MAX */
    double within_m;
} wg_report_service;

/** Visits: buildings that were passed or named. */
typedef struct wg_report_visits {
    const bool *building;  /**< a row of buildings: visited within the span; NULL: no visits given */
    const int64_t *newest; /**< a row of buildings: last visit; may be NULL */
} wg_report_visits;

/** Everything that a report is made from. Layers have the contract's fields; all pointers are borrowed until the report
 * is freed. */
typedef struct wg_report_input {
    const wg_layer *cells, *communities;                   /**< required */
    const wg_layer *levels, *buildings, *shares, *workers; /**< may be NULL */
    const bool *building_skip;                             /**< a row: doubles that do not count; NULL: none */
    const wg_layer *gaps;                                  /**< polygons: community, area_m2; NULL: none known */
    const wg_layer *overlaps;                              /**< polygons: community, a, b (cell codes), area_m2; NULL */
    wg_report_service service;
    wg_report_visits visits;
    const double *organisations; /**< n_places of the tree; NULL: none given */
    const double *classes;       /**< n_classes times n_places: people of special classes */
    uint32_t n_classes;
    wg_incidents *incidents;    /**< placed on `tree`; NULL: none */
    const wg_report_tree *tree; /**< of the same layers */
    const wg_report_config *config;
    const wg_time_zone *zone; /**< NULL: no times */
    wg_span span;             /**< of the report */
    wg_span before, year;     /**< the span before, and the same span a year earlier; both ends WG_NO_TIME: none */
    uint32_t add_workers;
    wg_lang lang;
} wg_report_input;

/** Person figures that do not add up, one an area. NAN: unknown. */
typedef struct wg_report_area {
    double workers; /**< different people */
    double days_median, days_p90;
    double rate[WG_N_RATES]; /**< 0..1 */
    double score;            /**< 0..100 */
    double load_index;       /**< load a worker (without workers: load) / that of the whole */
    double fresh_days;
    uint32_t rank; /**< 0: none */
    int grade;     /**< 0 excellent … 3 failing, -1 none */
    bool vetoed;
} wg_report_area;

typedef struct wg_report_model {
    const wg_report_input *input;
    double *place[WG_N_FIGURES]; /**< n_places each */
    double *area[WG_N_FIGURES];  /**< n_areas each */
    wg_report_area *areas;       /**< n_areas */
    int64_t end;                 /**< the moment at which things are looked at; WG_NO_TIME: no time at all */
    /* of cells */
    double *density;          /**< incidents a km² */
    double *z, *p;            /**< Gi* of incidents */
    bool *hot;                /**< significant under false-discovery control */
    uint32_t *added;          /**< what-if: workers put there */
    double *svc_nearest;      /**< buildings: metres to the nearest facility; NAN without */
    uint32_t *svc_facility;   /**< buildings: its row */
    uint32_t *building_place; /**< buildings: place of the tree */
    double *classes;          /**< n_classes times n_areas */
    wg_neighbours neighbours;
    bool has_buildings, has_workers, has_incidents, has_visits, has_service, has_organisations;
} wg_report_model;

/** Gather everything. O(incidents + buildings + boundary of the cells). @param[out] report  release with
 * wg_report_release */
wg_status wg_report_build(wg_context *ctx, const wg_report_input *input, wg_report_model *report);
void wg_report_model_release(wg_report_model *report);

/* Parts of wg_report_build, one file each. */
/** After the service: a building that is served or visited is so for all cells that share it. */
wg_status wg_report_gather_buildings(wg_context *ctx, wg_report_model *report);
wg_status wg_report_gather_workers(wg_context *ctx, wg_report_model *report);
wg_status wg_report_gather_incidents(wg_context *ctx, wg_report_model *report);
wg_status wg_report_gather_service(wg_context *ctx, wg_report_model *report);
wg_status wg_report_gather_classes(wg_context *ctx, wg_report_model *report);
/** Density and Gi* of the cells' incidents; a cell without a figure takes no part. */
wg_status wg_report_find_hot_spots(wg_context *ctx, wg_report_model *report);

/** Layers of the contract. `level` is a level of the tree. @param[out] layer  "coverage" or "coverage_LEVEL" */
wg_status wg_report_coverage(wg_context *ctx, const wg_report_model *report, uint32_t level, wg_layer **layer);
wg_status wg_report_workload(wg_context *ctx, const wg_report_model *report, uint32_t level, wg_layer **layer);

/** Number of a worker's roles that a cell lacks by the configuration; also for the roles table. */
const char *wg_report_grade_text(int grade, wg_lang lang);

#endif
